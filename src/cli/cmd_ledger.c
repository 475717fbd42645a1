/* cmd_ledger.c: lstm97 ledger: the paper's numbers beside ours, as text or TSV. */
#include "cli/cli.h"
#include "run/ledger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Where the row's published numbers come from. */
static const char *source(const struct published *p)
{
	return p->source[0] ? p->source : p->quoted ? "quoted" : "paper";
}

/* A number as a table shows it: three significant digits, whole where large. */
static const char *shown(double x, char text[32])
{
	if (!isfinite(x))
		return "-";
	if (fabs(x) >= 1000.0)
		snprintf(text, 32, "%.0f", x);
	else
		snprintf(text, 32, "%.3g", x);
	return text;
}

static void print_tsv(const struct ledger *ledger)
{
	puts("experiment\ttable\treading\tmilestone\tquantity\tpaper\tours\tlow\thigh\ttrials\treached\tcut\tbudget\tcpu_"
	     "s\tverdict\tsource\tnet\trule");
	for (int i = 0; i < ledger->n; i++) {
		const struct ledger_entry *x = &ledger->entries[i];
		printf("%s\t%s\t%s\t%s\t%s\t%g\t%g\t%g\t%g\t%d\t%d\t%d\t%ld\t%.1f\t%s\t%s\t%s\t%s\n", x->experiment->id,
		       x->experiment->paper.table, x->reading, x->milestone, quantity_names[x->quantity], x->paper, x->ours, x->low,
		       x->high, x->trials, x->reached, x->cut, x->budget, x->cpu_s, verdict_names[x->verdict],
		       source(&x->experiment->paper), conditions_net_name(&x->experiment->literal),
		       conditions_rule_name(&x->experiment->literal));
	}
}

static void print_text(const struct ledger *ledger)
{
	printf("%-14s %-8s %-8s %-14s %10s %10s  %-19s %9s %-14s %s\n", "row", "reading", "stop", "quantity", "paper", "ours",
	       "95 % interval", "reached", "verdict", "budget that cut trials");
	for (int i = 0; i < ledger->n; i++) {
		const struct ledger_entry *x = &ledger->entries[i];
		const struct published *p = &x->experiment->paper;
		const char *from = p->source[0] ? p->source : p->quoted ? "paper quotes" : NULL;
		char paper[32], ours[32], low[32], high[32], interval[72], reached[32], cut[64] = "";
		snprintf(interval, sizeof interval, "%s ... %s", shown(x->low, low), shown(x->high, high));
		snprintf(reached, sizeof reached, "%d/%d", x->reached, x->trials);
		if (x->cut)
			snprintf(cut, sizeof cut, "%ld (%d trials)", x->budget, x->cut);
		printf("%-14s %-8s %-8s %-14s %10s %10s  %-19s %9s %-14s %s%s%s\n", x->experiment->id, x->reading, x->milestone,
		       quantity_names[x->quantity], shown(x->paper, paper), shown(x->ours, ours), interval, reached,
		       verdict_names[x->verdict], from ? from : "", from ? "; " : "", cut);
	}
}

static bool collect(const struct common *c, const struct experiments *x, struct store *store, struct ledger *ledger, struct error *e)
{
	const struct experiment **rows;
	int n;
	bool good = common_rows(c, x, &rows, &n, e) && common_identity(x, rows, n, false, store, e);
	for (int i = 0; good && i < n; i++)
		good = ledger_row(ledger, rows[i], store, e);
	free(rows);
	return good;
}

static int ledger_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct ledger ledger = {0};
	struct error e = {0};
	common_parse(&command_ledger, TAKES_DB | TAKES_TSV, 0, 256, argc, argv, &c);
	struct store *store = NULL;
	const bool good =
	    common_experiments(&c, &x, &e) && (store = store_open(c.db, STORE_READ, &e)) && collect(&c, &x, store, &ledger, &e);
	if (good && c.tsv)
		print_tsv(&ledger);
	else if (good)
		print_text(&ledger);
	store_close(store);
	ledger_free(&ledger);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_ledger = {"ledger", "[ID...] [--tsv]", "the paper's numbers beside ours, with verdicts", ledger_main};
