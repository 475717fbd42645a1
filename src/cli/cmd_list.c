/* cmd_list.c: lstm97 list: what there is. */
#include "cli/cli.h"

#include "paper/table10.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void list_experiments(const struct experiments *x)
{
	for (int i = 0; i < x->n; i++) {
		const struct experiment *row = &x->all[i];
		const struct task_type *task = task_types[row->literal.task.task];
		const struct task_shape shape = task->shape(&row->literal.task);
		printf("%-14s %-14s length %-5ld lag %-5ld %6ld weights  table %-5s %s%s\n", row->id, task->name, shape.length, shape.lag,
		       row->weights, row->paper.table, row->title, row->deviations ? "  [also: reading=closest]" : "");
	}
}

static void list_tasks(void)
{
	for (int i = 0; task_types[i]; i++)
		printf("%-16s %s\n", task_types[i]->name, task_types[i]->summary);
}

static void list_nets(void)
{
	for (int i = 0; net_types[i]; i++)
		printf("%-16s %s\n", net_types[i]->name, net_types[i]->summary);
}

/* Which rule can train which net: computed from what rules need and nets offer. */
static void list_rules(void)
{
	for (int r = 0; rule_types[r]; r++)
		printf("%-16s %s\n", rule_types[r]->name, rule_types[r]->summary);
	printf("\n%-16s", "rule x net");
	for (int n = 0; net_types[n]; n++)
		printf(" %-10s", net_types[n]->name);
	putchar('\n');
	for (int r = 0; rule_types[r]; r++) {
		printf("%-16s", rule_types[r]->name);
		for (int n = 0; net_types[n]; n++)
			printf(" %-10s", rule_types[r]->needs & ~net_types[n]->offers ? "-" : "yes");
		putchar('\n');
	}
	printf("\nlearners (learner = ...) that are not a net and a rule:\n");
	for (int i = 0; learner_types[i]; i++)
		if (learner_types[i] != &learner_composed)
			printf("%-20s %s\n", learner_types[i]->name, learner_types[i]->summary);
}

static int list_main(int argc, char **argv)
{
	struct common c;
	struct error e = {0};
	common_parse(&command_list, TAKES_TABLE10, 0, 1, argc, argv, &c);
	const char *what = c.words_n ? c.words[0] : "experiments";
	if (!strcmp(what, "tasks")) {
		list_tasks();
	} else if (!strcmp(what, "nets")) {
		list_nets();
	} else if (!strcmp(what, "rules")) {
		list_rules();
	} else if (!strcmp(what, "experiments")) {
		struct experiments x;
		if (!common_experiments(&c, &x, &e))
			return common_failed(&e);
		if (c.table10) {
			char *text = experiments_table10(&x);
			fputs(text, stdout);
			free(text);
		} else {
			list_experiments(&x);
		}
		experiments_free(&x);
	} else {
		error_input(&e, "list: '%.60s', expected experiments, tasks, nets or rules", what);
		return common_failed(&e);
	}
	return EXIT_SUCCESS;
}

const struct command command_list = {"list", "[experiments|tasks|nets|rules] [--table10]", "what there is; rules x nets", list_main};
