/* cmd_merge.c: lstm97 merge: results files of several machines into one. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

static int merge_main(int argc, char **argv)
{
	struct common c;
	struct error e = {0};
	common_parse(&command_merge, 0, 2, 256, argc, argv, &c);
	struct store *store = store_open(c.words[0], STORE_WRITE, &e);
	if (!store)
		return common_failed(&e);
	int code = EXIT_SUCCESS;
	for (int i = 1; i < c.words_n && code == EXIT_SUCCESS; i++) {
		long trials;
		if (store_merge(store, c.words[i], &trials, &e))
			printf("%s: %ld trials copied\n", c.words[i], trials);
		else
			code = common_failed(&e);
	}
	store_close(store);
	return code;
}

const struct command command_merge = {"merge", "DEST SRC...", "copy results files into one", merge_main};
