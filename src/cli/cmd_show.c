/* cmd_show.c: lstm97 show: every resolved condition of a row, with the paper's numbers. */
#include "cli/cli.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_option(void *to, const struct parameter *o, const void *base)
{
	(void)to;
	char text[OPTION_TEXT_MAX];
	option_print(o, base, text, sizeof text);
	printf("%-16s = %-18s # %s\n", o->key, text, o->help);
}

static void print_row(const struct experiment *row, const struct conditions *c, long weights)
{
	char *set = conditions_text(c);
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	printf("# %s: %s (%s:%d)\n", row->id, row->title, row->file, row->line);
	conditions_each(c, print_option, NULL);
	printf("\n# computed\n%-16s = %016" PRIx64
	       " # of all conditions, as databases have it\n%-16s = %ld\n%-16s = %d\n%-16s = %d\n%-16s = %ld\n%-16s = %ld\n",
	       "fingerprint", hash_text(set), "weights", weights, "in", shape.in, "out", shape.out, "lag", shape.lag, "length",
	       shape.length);
	free(set);
	printf("\n# the paper's numbers\n");
	for (const struct parameter *o = published_option_table; o->key; o++)
		print_option(NULL, o, &row->paper);
	if (!row->deviations)
		return;
	printf("\n# reading=closest changes (%s)\n", row->why);
	for (int i = 0; i < row->deviations; i++)
		printf("%-16s = %s\n", row->deviation[i].key, row->deviation[i].value);
}

static int show_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	struct conditions conditions;
	long weights = 0;
	common_parse(&command_show, TAKES_SET, 1, 1, argc, argv, &c);
	if (!common_experiments(&c, &x, &e))
		return common_failed(&e);
	const struct experiment *row = experiments_find(&x, c.words[0], &e);
	const bool good = row && common_resolve(&c, row, &conditions, &e) && conditions_check(&conditions, &weights, &e);
	if (good)
		print_row(row, &conditions, weights);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_show = {"show", "ID [--set key=value]", "every condition of a row, and the paper's numbers", show_main};
