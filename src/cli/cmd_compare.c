/* cmd_compare.c: lstm97 compare: learning rules against each other on the same conditions, as text or TSV. */
#include "cli/cli.h"
#include "run/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *sequences_text(double x, char text[24])
{
	if (isnan(x))
		return "-";
	snprintf(text, 24, "%.0f", x);
	return text;
}

static void print_tsv(const struct comparisons *all)
{
	puts("experiment\tconditions\trule\ttrials\tsolved\tmedian\tother_rule\tother_trials\tother_solved\tother_median\tfisher_p\t"
	     "logrank_p\tlow\thigh\tmean\tother_low\tother_high\tother_mean");
	for (int i = 0; i < all->n; i++) {
		const struct comparison *c = &all->all[i];
		const struct arm *a = &c->first, *b = &c->other;
		char medians[2][24], means[2][24];
		printf("%s\t%s\t%s\t%d\t%d\t%s\t%s\t%d\t%d\t%s\t%.4g\t%.4g\t%.4f\t%.4f\t%s\t%.4f\t%.4f\t%s\n", c->experiment->id,
		       c->conditions, a->rule, a->trials, a->solved, sequences_text(a->median, medians[0]), b->rule, b->trials, b->solved,
		       sequences_text(b->median, medians[1]), c->fisher, c->logrank, a->low, a->high, sequences_text(a->mean, means[0]),
		       b->low, b->high, sequences_text(b->mean, means[1]));
	}
}

static void print_text(const struct comparisons *all)
{
	printf("%-8s %-42s %-28s %-28s %9s %9s\n", "row", "conditions", "rule, solved, median", "other rule", "Fisher p", "log-rank");
	for (int i = 0; i < all->n; i++) {
		const struct comparison *c = &all->all[i];
		char median[24], first[80], other[80];
		snprintf(first, sizeof first, "%s %d/%d %s", c->first.rule, c->first.solved, c->first.trials,
			 sequences_text(c->first.median, median));
		snprintf(other, sizeof other, "%s %d/%d %s", c->other.rule, c->other.solved, c->other.trials,
			 sequences_text(c->other.median, median));
		printf("%-8s %-42s %-28s %-28s %9.3g %9.3g\n", c->experiment->id, c->conditions, first, other, c->fisher, c->logrank);
	}
}

static bool collect(const struct common *c, const struct experiments *x, struct store *store, struct comparisons *all, struct error *e)
{
	const struct experiment **rows;
	int n;
	bool good = common_rows(c, x, &rows, &n, e) && common_identity(x, rows, n, c->tsv, store, e);
	for (int i = 0; good && i < n; i++)
		good = compare_row(all, rows[i], store, e);
	free(rows);
	return good;
}

static int compare_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct comparisons all = {0};
	struct error e = {0};
	common_parse(&command_compare, TAKES_DB | TAKES_TSV, 0, 256, argc, argv, &c);
	struct store *store = NULL;
	const bool good = common_experiments(&c, &x, &e) && (store = store_open(c.db, STORE_READ, &e)) && collect(&c, &x, store, &all, &e);
	if (good && c.tsv)
		print_tsv(&all);
	else if (good)
		print_text(&all);
	store_close(store);
	comparisons_free(&all);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_compare = {"compare", "[ID...] [--tsv]", "rules against each other on the same conditions, with tests",
					compare_main};
