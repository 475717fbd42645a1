/* cmd_merge.c: lstm97 merge: results files of several machines into one; of none, what one says of its experiments is renewed. */
#include "cli/cli.h"
#include "run/identity.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>

/* Does DEST know what the experiments' files say? Without writing to it. */
static bool is_current(const char *dest, const struct experiments *x, bool *current, struct error *e)
{
	bool changed = false;
	struct store *store = store_open(dest, STORE_READ, e);
	const bool good = store && identity_resolve(x, NULL, store, &changed, e);
	store_close(store);
	*current = !changed;
	return good;
}

static bool copy(const struct common *c, struct store *store, struct error *e)
{
	for (int i = 1; i < c->words_n; i++) {
		long trials;
		if (!store_merge(store, c->words[i], &trials, e))
			return false;
		printf("%s: %ld trials copied\n", c->words[i], trials);
	}
	return true;
}

static bool tell_unused(const struct experiments *x, struct store *store, struct error *e)
{
	const struct common all = {0};
	const struct experiment **rows;
	int n;
	const bool good = common_rows(&all, x, &rows, &n, e) && identity_unused(rows, n, store, common_unused, NULL, e);
	free(rows);
	return good;
}

static bool merge(const struct common *c, const struct experiments *x, struct error *e)
{
	struct store *store = store_open(c->words[0], STORE_WRITE, e);
	const bool good = store && copy(c, store, e) && run_describe(x, NULL, store, e) && (c->words_n == 1 || tell_unused(x, store, e));
	store_close(store);
	return good;
}

static int merge_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	bool current = false;
	common_parse(&command_merge, 0, 1, 256, argc, argv, &c);
	const bool good =
	    common_experiments(&c, &x, &e) && (c.words_n > 1 || is_current(c.words[0], &x, &current, &e)) && (current || merge(&c, &x, &e));
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_merge = {"merge", "DEST [SRC...]", "copy results files into one; DEST alone: renew its views", merge_main};
