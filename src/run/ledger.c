/* ledger.c: see ledger.h.

   The rule for verdicts. A row's success rates agree if the Wilson 95 % intervals of the paper's trials and ours overlap.
   - they do not agree, or nothing reached the stop: not replicated; but budget too small where trials were cut by a
     budget below twice the paper's mean and below the limit that it names;
   - success: replicated; but budget too small where the paper names a limit and ours cut trials below it;
   - sequences: the mean, with trials that the budget cut counted at the budget (a lower bound), is within a factor 2 of
     the paper's: replicated; else faster or slower;
   - test numbers (wrong of 2560, fraction, error; mean over the trials that got there): replicated if within a factor 2
     or if the paper's number lies in our interval; else better or worse. */
#include "run/ledger.h"

#include "base/memory.h"
#include "base/rng.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_names[] = {"not run", "replicated", "faster", "slower", "better", "worse", "not replicated", "budget too small"};
const char *const quantity_names[] = {"success %", "sequences", "wrong of 2560", "fraction wrong", "error"};

enum { RESAMPLES = 4000 };

/* One trial: what it needed for each of its row's milestones. */
struct trial_row {
	uint64_t seed;
	enum outcome outcome;
	long budget;
	double cpu_s;
	int reached; /* milestones */
	struct milestone milestone[LIST_MAX];
};

/* All trials of one reading. */
struct sample {
	const char *conditions;
	int n;
	size_t capacity;
	struct trial_row *trials; /* (n) */
};

void ledger_wilson(double k, double n, double *low, double *high)
{
	const double z = gsl_cdf_ugaussian_Pinv(0.975), p = k / n, d = 1.0 + z * z / n;
	const double middle = (p + z * z / (2.0 * n)) / d, half = z * sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n)) / d;
	*low = k > 0.0 ? middle - half : 0.0; /* exactly, which rounding would miss */
	*high = k < n ? middle + half : 1.0;
}

/* 95 % interval of the mean: percentiles of bootstrap resamples, always the same ones. */
static void mean_interval(const double *x, int n, double *low, double *high)
{
	*low = *high = GSL_NAN;
	if (n < 2)
		return;
	double *means = memory_zeroed(RESAMPLES, sizeof *means);
	struct rng r = rng_stream((uint64_t)n, "bootstrap");
	for (int i = 0; i < RESAMPLES; i++) {
		double sum = 0.0;
		for (int k = 0; k < n; k++)
			sum += x[rng_below(&r, n)];
		means[i] = sum / n;
	}
	gsl_sort(means, 1, RESAMPLES);
	*low = gsl_stats_quantile_from_sorted_data(means, 1, RESAMPLES, 0.025);
	*high = gsl_stats_quantile_from_sorted_data(means, 1, RESAMPLES, 0.975);
	free(means);
}

/* Rows come trial by trial, milestone by milestone. */
static void sample_row(void *to, const struct store_row *r)
{
	struct sample *s = to;
	if (strcmp(r->conditions, s->conditions))
		return;
	if (!s->n || s->trials[s->n - 1].seed != r->seed) {
		s->trials = memory_grown(s->trials, &s->capacity, (size_t)s->n + 1, sizeof *s->trials);
		s->trials[s->n++] = (struct trial_row){.seed = r->seed, .outcome = r->outcome, .budget = r->budget, .cpu_s = r->cpu_s};
	}
	struct trial_row *t = &s->trials[s->n - 1];
	if (r->milestone && t->reached < LIST_MAX)
		t->milestone[t->reached++] = (struct milestone){.sequences = r->sequences,
								.test_wrong = r->test_wrong,
								.test_sequences = r->test_sequences,
								.test_mean_error = r->test_mean_error,
								.test_mean_square = r->test_mean_square};
}

static enum verdict factor_two(double ours, double paper, enum verdict below, enum verdict above)
{
	if (ours < paper / 2.0)
		return below;
	return ours > paper * 2.0 ? above : VERDICT_REPLICATED;
}

/* The rule at the top of this file. */
static enum verdict ledger_verdict(const struct ledger_entry *x, bool rates_agree)
{
	const struct list *means = &x->experiment->paper.sequences;
	const long limit = x->experiment->literal.trial.limit; /* 0: none */
	if (!x->trials)
		return VERDICT_NOT_RUN;
	if (!rates_agree || (x->quantity != QUANTITY_SUCCESS && gsl_isnan(x->ours))) {
		const bool limited = limit && x->budget >= limit;
		const bool small = x->cut && !limited && means->n && (double)x->budget < 2.0 * means->v[means->n - 1];
		return small ? VERDICT_BUDGET : VERDICT_NOT_REPLICATED;
	}
	if (x->quantity == QUANTITY_SUCCESS)
		return x->cut && x->budget < limit ? VERDICT_BUDGET : VERDICT_REPLICATED;
	if (x->quantity == QUANTITY_SEQUENCES)
		return factor_two(x->bound, x->paper, VERDICT_FASTER, VERDICT_SLOWER);
	if (x->low <= x->paper && x->paper <= x->high)
		return VERDICT_REPLICATED;
	return factor_two(x->ours, x->paper, VERDICT_BETTER, VERDICT_WORSE);
}

/* A trial's number at a milestone that it reached. */
static double number(const struct milestone *m, enum quantity quantity, bool root)
{
	const double n = (double)m->test_sequences;
	if (quantity == QUANTITY_SEQUENCES)
		return (double)m->sequences;
	if (!m->test_sequences)
		return GSL_NAN;
	if (quantity == QUANTITY_WRONG)
		return (double)m->test_wrong * 2560.0 / n;
	if (quantity == QUANTITY_FRACTION)
		return (double)m->test_wrong / n;
	return root ? sqrt(m->test_mean_square) : m->test_mean_error;
}

/* Mean and interval over the trials that reached milestone i. */
static void fill_mean(struct ledger_entry *x, const struct sample *s, int i)
{
	double *values = memory_zeroed((size_t)s->n + 1, sizeof *values);
	const bool root = !strcmp(x->experiment->paper.table, "8"); /* "MSE" of Table 8 is possible only as a root */
	double sum = 0.0;
	int n = 0;
	for (int k = 0; k < s->n; k++) {
		const struct trial_row *t = &s->trials[k];
		if (t->reached > i)
			values[n++] = number(&t->milestone[i], x->quantity, root);
		sum += t->reached > i ? (double)t->milestone[i].sequences : (double)t->budget;
	}
	x->bound = s->n ? sum / s->n : GSL_NAN;
	x->reached = n;
	x->ours = n ? gsl_stats_mean(values, 1, (size_t)n) : GSL_NAN;
	mean_interval(values, n, &x->low, &x->high);
	free(values);
}

static void fill_trials(struct ledger_entry *x, const struct sample *s)
{
	x->trials = s->n;
	for (int k = 0; k < s->n; k++) {
		const struct trial_row *t = &s->trials[k];
		x->cpu_s += t->cpu_s;
		if (t->outcome == OUTCOME_UNSOLVED) {
			x->cut++;
			x->budget = t->budget > x->budget ? t->budget : x->budget;
		}
	}
}

/* Do the rates of the paper's trials and ours that reached so many milestones agree? Fills *x for the entry; paper: percent, negative:
   not published. */
static bool rates(struct ledger_entry *x, const struct sample *s, int milestones, double paper)
{
	const struct published *p = &x->experiment->paper;
	x->paper = paper;
	x->ours = x->low = x->high = GSL_NAN;
	for (int k = 0; k < s->n; k++)
		x->reached += s->trials[k].reached >= milestones;
	if (!s->n)
		return false;
	double low = 0.0, high = 1.0; /* where the paper names no rate, any goes with it */
	const double n = p->trials ? (double)p->trials : 1.0;
	if (paper >= 0.0)
		ledger_wilson(paper / 100.0 * n, n, &low, &high);
	ledger_wilson(x->reached, s->n, &x->low, &x->high);
	x->ours = 100.0 * x->reached / s->n;
	const bool agree = x->low <= high && low <= x->high;
	x->low *= 100.0;
	x->high *= 100.0;
	return agree;
}

static struct ledger_entry *add_entry(struct ledger *ledger, size_t *capacity)
{
	ledger->entries = memory_grown(ledger->entries, capacity, (size_t)ledger->n + 1, sizeof *ledger->entries);
	return &ledger->entries[ledger->n++];
}

static void add_reading(struct ledger *ledger, const struct experiment *x, const struct sample *s, const char *reading)
{
	const struct {
		enum quantity quantity;
		const struct list *list;
	} published[] = {
	    {QUANTITY_SEQUENCES, &x->paper.sequences},
	    {QUANTITY_WRONG, &x->paper.wrong},
	    {QUANTITY_FRACTION, &x->paper.fraction},
	    {QUANTITY_ERROR, &x->paper.error},
	};
	const int milestones = conditions_milestones(&x->literal);
	size_t capacity = (size_t)ledger->n;
	const struct list *early = &x->paper.reached;
	bool agree = false;
	for (int i = 0; i <= early->n; i++) { /* the last is success */
		struct ledger_entry rate = {.experiment = x, .reading = reading, .quantity = QUANTITY_SUCCESS};
		const int m = published_milestone(i, early->n + 1, milestones);
		const double paper = i < early->n ? early->v[i] : x->paper.success;
		conditions_milestone_name(&x->literal, m, rate.milestone, sizeof rate.milestone);
		fill_trials(&rate, s);
		agree = rates(&rate, s, m + 1, paper);
		rate.verdict = ledger_verdict(&rate, agree);
		if (paper >= 0.0)
			*add_entry(ledger, &capacity) = rate;
	}
	for (size_t q = 0; q < sizeof published / sizeof *published; q++)
		for (int i = 0; i < published[q].list->n; i++) {
			struct ledger_entry entry = {.experiment = x, .reading = reading, .quantity = published[q].quantity};
			const int m = published_milestone(i, published[q].list->n, milestones);
			conditions_milestone_name(&x->literal, m, entry.milestone, sizeof entry.milestone);
			entry.paper = published[q].list->v[i];
			fill_trials(&entry, s);
			fill_mean(&entry, s, m);
			entry.verdict = ledger_verdict(&entry, agree);
			*add_entry(ledger, &capacity) = entry;
		}
}

bool ledger_row(struct ledger *ledger, const struct experiment *x, struct store *store, struct error *e)
{
	static const char *const readings[][2] = {{"literal", ""}, {"closest", "reading=closest"}};
	for (int i = 0; i < (x->deviations ? 2 : 1); i++) {
		struct sample s = {.conditions = readings[i][1]};
		const bool good = store_rows(store, x->id, sample_row, &s, e);
		if (good)
			add_reading(ledger, x, &s, readings[i][0]);
		free(s.trials);
		if (!good)
			return false;
	}
	return true;
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->entries);
	*ledger = (struct ledger){0};
}
