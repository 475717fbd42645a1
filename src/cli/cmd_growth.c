/* cmd_growth.c: lstm97 growth: how sequences to success grow with the lag, as text or TSV. */
#include "cli/cli.h"
#include "run/growth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With its tab; nothing where it is not a number. */
static void print_value(double x)
{
	if (isnan(x))
		putchar('\t');
	else
		printf("\t%.6g", x);
}

static void print_law(const struct growth *g, const char *part, const struct growth_fit *f)
{
	printf("%s\t%s\t%s\t%ld\t%ld\t%d\t%d\t%d\t%d", g->experiment->id, g->conditions, part, g->first, g->last, g->fitted,
	       g->lags_n - g->fitted, g->trials, g->solved);
	const double values[] = {f->b, f->low, f->high, f->a, f->residual_sd, f->r2, f->misfit, g->delta_aic};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		print_value(g->verdict == GROWTH_TOO_FEW ? NAN : values[i]);
	printf("\t%s\t\n", growth_verdicts[g->verdict]);
}

/* A line for every lag (value: geometric mean of the solved trials' sequences; lags: 1 if it is in the fit; budget: the largest that
   cut a trial), and for either law (value: b). */
static void print_tsv(const struct growths *all)
{
	puts("experiment\tconditions\tpart\tlag_first\tlag_last\tlags\tleft_out\ttrials\tsolved\tvalue\tlow\thigh\ta\tresidual_sd\tr2\t"
	     "misfit_p\tdelta_aic\tverdict\tbudget");
	for (int i = 0; i < all->n; i++) {
		const struct growth *g = &all->all[i];
		for (int k = 0; k < g->lags_n; k++) {
			const struct growth_lag *l = &g->lags[k];
			printf("%s\t%s\tlag\t%ld\t%ld\t%d\t%d\t%d\t%d", g->experiment->id, g->conditions, l->lag, l->lag, l->fitted,
			       !l->fitted, l->trials, l->solved);
			print_value(l->mean);
			print_value(l->low);
			print_value(l->high);
			printf("\t\t\t\t\t\t");
			if (l->budget)
				printf("\t%ld\n", l->budget);
			else
				puts("\t");
		}
		print_law(g, "power", &g->power);
		print_law(g, "exponential", &g->exponential);
	}
}

static const char *number_text(double x, int digits, char text[24])
{
	if (isnan(x))
		return "-";
	snprintf(text, 24, "%.*g", digits, x);
	return text;
}

static const char *law_text(const struct growth_fit *f, char text[120])
{
	char r2[24], misfit[24];
	snprintf(text, 120, "%.3g (%.3g to %.3g), %s, %s", f->b, f->low, f->high, number_text(f->r2, 3, r2),
		 number_text(f->misfit, 2, misfit));
	return text;
}

static void print_text(const struct growths *all)
{
	puts("n: sequences to success of the solved trials. Misfit p: the chance of means that lie off the law as far as these do.");
	printf("%-8s %-28s %-14s %-9s %-7s %-42s %-42s %7s  %s\n", "row", "conditions", "lags", "solved", "lag",
	       "n ~ lag^b: b (95 %), R2, misfit p", "n ~ exp(b lag): b (95 %), R2, misfit p", "dAIC", "better");
	for (int i = 0; i < all->n; i++) {
		const struct growth *g = &all->all[i];
		char lags[40], solved[24], range[40], power[120], exponential[120];
		snprintf(lags, sizeof lags, g->lags_n > g->fitted ? "%d, without %d" : "%d", g->fitted, g->lags_n - g->fitted);
		if (g->verdict == GROWTH_TOO_FEW) {
			printf("%-8s %-28s %-14s too few lags: a fit needs %d at which at least half of the trials solved\n",
			       g->experiment->id, g->conditions, lags, GROWTH_LAGS);
			continue;
		}
		snprintf(solved, sizeof solved, "%d/%d", g->solved, g->trials);
		snprintf(range, sizeof range, "%ld-%ld", g->first, g->last);
		printf("%-8s %-28s %-14s %-9s %-7s %-42s %-42s %7.1f  %s\n", g->experiment->id, g->conditions, lags, solved, range,
		       law_text(&g->power, power), law_text(&g->exponential, exponential), g->delta_aic, growth_verdicts[g->verdict]);
	}
}

/* A row that was asked for by name must have something to fit. */
static bool check_fits(const struct common *c, const struct growths *all, struct error *e)
{
	int most = 0;
	for (int i = 0; i < all->n; i++)
		most = all->all[i].fitted > most ? all->all[i].fitted : most;
	if (!c->words_n || most >= GROWTH_LAGS)
		return true;
	if (!all->n)
		return error_input(e, "growth: no trials differ in T only; run some with --set T=...");
	return error_input(
	    e,
	    "growth: too few lags: a fit needs %d at which at least half of the trials solved, the most are %d; run more with --set T=...",
	    GROWTH_LAGS, most);
}

static bool collect(const struct common *c, const struct experiments *x, struct store *store, struct growths *all, struct error *e)
{
	static const char *const everything[] = {"all"};
	const struct request request = {
	    .ids = c->words_n ? c->words : everything,
	    .ids_n = c->words_n ? c->words_n : 1,
	    .seeds = "1",
	    .sets = c->sets,
	    .sets_n = c->sets_n,
	    .budget = "1",
	    .skipping = true,
	};
	const struct experiment **rows;
	struct plan plan = {0};
	struct growth_filter filter = {.plan = c->sets_n ? &plan : NULL};
	int n;
	for (int i = 0; i < c->sets_n; i++)
		filter.own_T |= !strncmp(c->sets[i], "T=", 2);
	bool good = common_rows(c, x, &rows, &n, e) && (!c->sets_n || plan_make(&plan, x, &request, e)) &&
		    common_identity(x, rows, n, c->tsv, store, e);
	if (plan.skipped)
		fprintf(stderr, "lstm97: %d of the rows' conditions do not combine and are left out; the first: %s\n", plan.skipped,
			plan.first_skipped.text);
	for (int i = 0; good && i < n; i++)
		good = growth_row(all, rows[i], &filter, store, e);
	plan_free(&plan);
	free(rows);
	return good && check_fits(c, all, e);
}

static int growth_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct growths all = {0};
	struct error e = {0};
	common_parse(&command_growth, TAKES_DB | TAKES_TSV | TAKES_SET, 0, 256, argc, argv, &c);
	struct store *store = NULL;
	const bool good = common_experiments(&c, &x, &e) && (store = store_open(c.db, STORE_READ, &e)) && collect(&c, &x, store, &all, &e);
	if (good && c.tsv)
		print_tsv(&all);
	else if (good)
		print_text(&all);
	store_close(store);
	growths_free(&all);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_growth = {"growth", "[ID...] [--set key=value] [--tsv]", "how sequences to success grow with the lag",
				       growth_main};
