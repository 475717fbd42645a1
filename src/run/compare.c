/* compare.c: see compare.h. */
#include "run/compare.h"

#include "base/memory.h"
#include "run/ledger.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double compare_fisher(int a, int n, int b, int m)
{
	const unsigned solved = (unsigned)(a + b), first = (unsigned)n, second = (unsigned)m;
	const double observed = gsl_ran_hypergeometric_pdf((unsigned)a, first, second, solved);
	double p = 0.0;
	for (unsigned k = 0; k <= first && k <= solved; k++) {
		const double pdf = gsl_ran_hypergeometric_pdf(k, first, second, solved);
		if (pdf <= observed * (1.0 + 1e-7)) /* all tables that are no more likely than this one */
			p += pdf;
	}
	return GSL_MIN_DBL(p, 1.0);
}

/* At a time at which both happens, censored trials leave after those that are solved. */
static int by_time(const void *a, const void *b)
{
	const struct survival *x = a, *y = b;
	return x->time == y->time ? y->event - x->event : x->time < y->time ? -1 : 1;
}

double compare_median(struct survival *s, int n)
{
	double unsolved = 1.0;
	qsort(s, (size_t)n, sizeof *s, by_time);
	for (int i = 0; i < n; i++) {
		unsolved *= s[i].event ? 1.0 - 1.0 / (n - i) : 1.0;
		if (unsolved <= 0.5 + 1e-12)
			return s[i].time;
	}
	return GSL_NAN;
}

double compare_logrank(struct survival *s, int n)
{
	double difference = 0.0, variance = 0.0;
	int at_risk[2] = {0, 0};
	qsort(s, (size_t)n, sizeof *s, by_time);
	for (int i = 0; i < n; i++)
		at_risk[s[i].group]++;
	for (int i = 0, next; i < n; i = next) {
		int events[2] = {0, 0}, gone[2] = {0, 0};
		for (next = i; next < n && s[next].time == s[i].time; next++) {
			gone[s[next].group]++;
			events[s[next].group] += s[next].event;
		}
		const double d = events[0] + events[1], all = at_risk[0] + at_risk[1], share = at_risk[0] / all;
		difference += events[0] - d * share;
		if (all > 1.0)
			variance += d * share * (1.0 - share) * (all - d) / (all - 1.0);
		at_risk[0] -= gone[0];
		at_risk[1] -= gone[1];
	}
	return variance > 0.0 ? gsl_cdf_chisq_Q(difference * difference / variance, 1.0) : 1.0;
}

/* ---- trials of one experiment ---- */

struct compared {
	char conditions[CANONICAL_MAX], rule[40];
	uint64_t seed;
	bool solved;
	double time;
};

struct sample {
	const struct experiment *experiment;
	const char *own_rule;
	int n;
	size_t capacity;
	struct compared *all;           /* (n) */
	char conditions[CANONICAL_MAX]; /* of the row before */
	char rest[CANONICAL_MAX];       /* the same without the rule */
};

static void take_row(void *to, const struct store_row *r)
{
	struct sample *s = to;
	struct error ignored = {0};
	const bool same = s->n && !strcmp(s->conditions, r->conditions);
	if (same && s->all[s->n - 1].seed == r->seed)
		return; /* another stop of the same trial */
	snprintf(s->conditions, sizeof s->conditions, "%s", r->conditions);
	if (!same && !experiment_without(s->experiment, r->conditions, "rule", s->rest, &ignored))
		snprintf(s->rest, sizeof s->rest, "%s", r->conditions);
	s->all = memory_grown(s->all, &s->capacity, (size_t)s->n + 1, sizeof *s->all);
	struct compared *c = &s->all[s->n++];
	snprintf(c->conditions, sizeof c->conditions, "%s", s->rest);
	snprintf(c->rule, sizeof c->rule, "%s", r->rule);
	c->seed = r->seed;
	c->solved = r->outcome == OUTCOME_SOLVED;
	c->time = (double)(c->solved ? r->trial_sequences : r->budget);
}

static bool is_of(const struct compared *c, const char *conditions, const char *rule)
{
	return !strcmp(c->conditions, conditions) && !strcmp(c->rule, rule);
}

/* The trials of one arm into s; its counts, mean and median. */
static int gather(const struct sample *from, const char *conditions, const char *rule, int group, struct survival *s, struct arm *arm)
{
	int n = 0;
	double sum = 0.0;
	for (int i = 0; i < from->n; i++)
		if (is_of(&from->all[i], conditions, rule)) {
			s[n++] = (struct survival){from->all[i].time, from->all[i].solved, group};
			arm->solved += from->all[i].solved;
			sum += from->all[i].solved ? from->all[i].time : 0.0;
		}
	snprintf(arm->rule, sizeof arm->rule, "%s", rule);
	arm->trials = n;
	arm->mean = arm->solved ? sum / arm->solved : GSL_NAN;
	arm->median = compare_median(s, n);
	ledger_wilson(arm->solved, n, &arm->low, &arm->high);
	return n;
}

/* Fisher's test of success within the smallest budget that cut a trial, so that no arm has had longer than the other. */
static double fisher_within(const struct survival *s, int n)
{
	double budget = GSL_POSINF;
	int trials[2] = {0, 0}, solved[2] = {0, 0};
	for (int i = 0; i < n; i++)
		budget = s[i].event ? budget : GSL_MIN_DBL(budget, s[i].time);
	for (int i = 0; i < n; i++) {
		trials[s[i].group]++;
		solved[s[i].group] += s[i].event && s[i].time <= budget;
	}
	return compare_fisher(solved[0], trials[0], solved[1], trials[1]);
}

static void add_comparison(struct comparisons *to, const struct experiment *x, const struct sample *from, const char *conditions,
			   const char *first, const char *other)
{
	struct survival *s = memory_zeroed((size_t)from->n, sizeof *s);
	struct comparison c = {.experiment = x};
	snprintf(c.conditions, sizeof c.conditions, "%s", conditions);
	int n = gather(from, conditions, first, 0, s, &c.first);
	n += gather(from, conditions, other, 1, s + n, &c.other);
	c.fisher = fisher_within(s, n);
	c.logrank = compare_logrank(s, n);
	free(s);
	to->all = memory_grown(to->all, &to->capacity, (size_t)to->n + 1, sizeof *to->all);
	to->all[to->n++] = c;
}

/* Is trial i the first one of its conditions, of its conditions and rule? */
static bool is_first(const struct sample *s, int i, bool with_rule)
{
	for (int k = 0; k < i; k++)
		if (!strcmp(s->all[k].conditions, s->all[i].conditions) && (!with_rule || !strcmp(s->all[k].rule, s->all[i].rule)))
			return false;
	return true;
}

static void add_conditions(struct comparisons *to, const struct experiment *x, const struct sample *s, int at)
{
	const char *conditions = s->all[at].conditions, *first = s->all[at].rule;
	for (int i = 0; i < s->n; i++)
		if (is_of(&s->all[i], conditions, s->own_rule))
			first = s->own_rule;
	for (int i = 0; i < s->n; i++)
		if (!strcmp(s->all[i].conditions, conditions) && strcmp(s->all[i].rule, first) && is_first(s, i, true))
			add_comparison(to, x, s, conditions, first, s->all[i].rule);
}

bool compare_row(struct comparisons *to, const struct experiment *x, struct store *store, struct error *e)
{
	struct sample s = {.experiment = x, .own_rule = conditions_rule_name(&x->literal)};
	const bool good = store_rows(store, x->id, take_row, &s, e);
	for (int i = 0; good && i < s.n; i++)
		if (is_first(&s, i, false))
			add_conditions(to, x, &s, i);
	free(s.all);
	return good;
}

void comparisons_free(struct comparisons *c)
{
	free(c->all);
	*c = (struct comparisons){0};
}
