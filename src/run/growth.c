/* growth.c: see growth.h. */
#include "run/growth.h"

#include "base/memory.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_double.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const growth_verdicts[] = {"too few lags", "power law", "exponential", "neither clearly"};

/* ---- fits ---- */

/* Squared deviations from the means of equal x; *groups: how many different x there are. */
static double pure_error(const double *x, const double *y, int n, int *groups)
{
	double sum = 0.0;
	*groups = 0;
	for (int i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && x[next] == x[i];)
			next++;
		sum += gsl_stats_tss(y + i, 1, (size_t)(next - i));
		++*groups;
	}
	return sum;
}

/* F = (RSS - PE) / (groups - 2) / (PE / (n - groups)) */
static double misfit(double squares, double pure, int groups, int n)
{
	if (groups < 3 || n == groups || !(pure > 0.0))
		return GSL_NAN;
	return gsl_cdf_fdist_Q(GSL_MAX_DBL(squares - pure, 0.0) / (groups - 2) / (pure / (n - groups)), groups - 2, n - groups);
}

void growth_line(struct growth_fit *f, const double *x, const double *y, int n)
{
	double cov00, cov01, cov11;
	int groups;
	gsl_fit_linear(x, 1, y, 1, (size_t)n, &f->a, &f->b, &cov00, &cov01, &cov11, &f->squares);
	const double half = gsl_cdf_tdist_Pinv(0.975, n - 2) * sqrt(cov11), total = gsl_stats_tss(y, 1, (size_t)n);
	const double pure = pure_error(x, y, n, &groups);
	f->low = f->b - half;
	f->high = f->b + half;
	f->residual_sd = sqrt(f->squares / (n - 2));
	f->r2 = total > 0.0 ? 1.0 - f->squares / total : GSL_NAN;
	f->misfit = misfit(f->squares, pure, groups, n);
}

/* ---- trials of one experiment ---- */

struct tried {
	char group[CANONICAL_MAX]; /* canonical text, T aside */
	char conditions[CANONICAL_MAX];
	uint64_t seed;
	long lag;
	bool solved;
	long budget;
	double log_n;
};

struct sample {
	const struct experiment *experiment;
	const struct growth_filter *filter;
	int n;
	size_t capacity;
	struct tried *all; /* (n) */
};

static bool is_wanted(const struct sample *s, const char *conditions, const char *group)
{
	const struct plan *plan = s->filter->plan;
	struct error ignored = {0};
	for (int i = 0; plan && i < plan->n; i++) {
		const struct job *job = &plan->jobs[i];
		char rest[CANONICAL_MAX];
		if (job->experiment != s->experiment)
			continue;
		if (s->filter->own_T ? !strcmp(job->canonical, conditions)
				     : experiment_without(s->experiment, job->canonical, "T", rest, &ignored) && !strcmp(rest, group))
			return true;
	}
	return !plan;
}

static void take_row(void *to, const struct store_row *r)
{
	struct sample *s = to;
	char group[CANONICAL_MAX];
	struct error ignored = {0};
	const struct tried *last = s->n ? &s->all[s->n - 1] : NULL;
	const bool same = last && !strcmp(last->conditions, r->conditions);
	if (same && last->seed == r->seed)
		return; /* another stop of the same trial */
	if (same)
		snprintf(group, sizeof group, "%s", last->group);
	else if (!experiment_without(s->experiment, r->conditions, "T", group, &ignored) || !is_wanted(s, r->conditions, group))
		return;
	s->all = memory_grown(s->all, &s->capacity, (size_t)s->n + 1, sizeof *s->all);
	struct tried *t = &s->all[s->n++];
	snprintf(t->group, sizeof t->group, "%s", group);
	snprintf(t->conditions, sizeof t->conditions, "%s", r->conditions);
	t->seed = r->seed;
	t->lag = r->lag;
	t->solved = r->outcome == OUTCOME_SOLVED;
	t->budget = r->budget;
	t->log_n = log(GSL_MAX_DBL(1.0, (double)r->trial_sequences));
}

/* Groups apart, in them by lag, at a lag the solved trials first. */
static int by_group(const void *a, const void *b)
{
	const struct tried *x = a, *y = b;
	const int group = strcmp(x->group, y->group);
	if (group)
		return group;
	if (x->lag != y->lag)
		return x->lag < y->lag ? -1 : 1;
	return y->solved - x->solved;
}

/* ---- one group ---- */

/* y: (solved) log n of the solved trials. */
static struct growth_lag one_lag(long lag, int trials, int solved, const double *y)
{
	struct growth_lag l = {.lag = lag, .trials = trials, .solved = solved, .mean = GSL_NAN, .low = GSL_NAN, .high = GSL_NAN};
	l.fitted = lag > 0 && 2 * solved >= trials;
	if (solved) {
		const double mean = gsl_stats_mean(y, 1, (size_t)solved);
		l.mean = exp(mean);
		if (solved > 1) {
			const double half =
			    gsl_cdf_tdist_Pinv(0.975, solved - 1) * gsl_stats_sd_m(y, 1, (size_t)solved, mean) / sqrt(solved);
			l.low = exp(mean - half);
			l.high = exp(mean + half);
		}
	}
	return l;
}

/* AIC = n log(RSS / n) + 2 * 3 for either law */
static void judge(struct growth *g, const double *lag, const double *log_lag, const double *y, int n)
{
	growth_line(&g->power, log_lag, y, n);
	growth_line(&g->exponential, lag, y, n);
	g->delta_aic = n * log(GSL_MAX_DBL(g->exponential.squares, DBL_MIN) / GSL_MAX_DBL(g->power.squares, DBL_MIN));
	g->verdict = fabs(g->delta_aic) < GROWTH_CLEARLY ? GROWTH_NEITHER : g->delta_aic > 0.0 ? GROWTH_POWER : GROWTH_EXPONENTIAL;
}

/* t: (n) trials of one group, by lag. */
static void add_group(struct growths *to, const struct experiment *x, const struct tried *t, int n)
{
	struct growth g = {.experiment = x};
	double *y = memory_zeroed((size_t)n, sizeof *y), *lag = memory_zeroed((size_t)n, sizeof *lag);
	double *log_lag = memory_zeroed((size_t)n, sizeof *log_lag);
	size_t capacity = 0;
	snprintf(g.conditions, sizeof g.conditions, "%s", t->group);
	for (int i = 0, next; i < n; i = next) {
		int solved = 0;
		long budget = 0;
		for (next = i; next < n && t[next].lag == t[i].lag; next++)
			if (t[next].solved) {
				y[g.solved + solved] = t[next].log_n;
				lag[g.solved + solved] = (double)t[i].lag;
				log_lag[g.solved + solved++] = log((double)t[i].lag);
			} else if (t[next].budget > budget) {
				budget = t[next].budget;
			}
		struct growth_lag l = one_lag(t[i].lag, next - i, solved, y + g.solved);
		l.budget = budget;
		g.lags = memory_grown(g.lags, &capacity, (size_t)g.lags_n + 1, sizeof *g.lags);
		g.lags[g.lags_n++] = l;
		if (!l.fitted)
			continue; /* its y are overwritten */
		g.first = g.fitted++ ? g.first : l.lag;
		g.last = l.lag;
		g.trials += l.trials;
		g.solved += l.solved;
	}
	if (g.fitted >= GROWTH_LAGS)
		judge(&g, lag, log_lag, y, g.solved);
	free(y);
	free(lag);
	free(log_lag);
	to->all = memory_grown(to->all, &to->capacity, (size_t)to->n + 1, sizeof *to->all);
	to->all[to->n++] = g;
}

bool growth_row(struct growths *to, const struct experiment *x, const struct growth_filter *filter, struct store *store, struct error *e)
{
	struct sample s = {.experiment = x, .filter = filter};
	const bool good = store_rows(store, x->id, take_row, &s, e);
	if (s.n)
		qsort(s.all, (size_t)s.n, sizeof *s.all, by_group);
	for (int i = 0, next; good && i < s.n; i = next) {
		for (next = i + 1; next < s.n && !strcmp(s.all[next].group, s.all[i].group);)
			next++;
		if (s.all[next - 1].lag > s.all[i].lag)
			add_group(to, x, s.all + i, next - i);
	}
	free(s.all);
	return good;
}

void growths_free(struct growths *g)
{
	for (int i = 0; i < g->n; i++)
		free(g->all[i].lags);
	free(g->all);
	*g = (struct growths){0};
}
