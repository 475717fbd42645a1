/* crowd.h: what tests of whole trials share.
   Does: conditions from text; run a crowd of trials in one group and keep what became of each, with all weights; compare trials bit
   for bit, in a crowd with alone.
   Does not: learners without nets (test_cascade.c). */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include "base/memory.h"
#include "trial/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t up[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

/* "key=value key=value", not checked. */
static inline struct conditions conditions_of(const char *settings)
{
	struct conditions c = conditions_defaults();
	struct error e = {0};
	char copy[600], *rest = copy;
	assert_true(strlen(settings) < sizeof copy);
	strcpy(copy, settings);
	for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
		char *value = strchr(pair, '=');
		assert_non_null(value);
		*value++ = '\0';
		if (!conditions_set(&c, pair, value, &e))
			fail_msg("%s", e.text);
	}
	return c;
}

/* Such conditions are refused, with a message that begins like this. */
static inline void assert_refused(const char *settings, const char *message)
{
	struct error e = {0};
	const struct conditions c = conditions_of(settings);
	assert_false(conditions_check(&c, NULL, &e));
	assert_int_equal(e.kind, ERROR_INPUT);
	if (strncmp(e.text, message, strlen(message)))
		fail_msg("%s: %s", settings, e.text);
}

enum { RECORDS = 64, POINTS = 200, WEIGHTS = 2000 };

struct record {
	struct result r; /* its pointers are not valid any more */
	struct curve_point curve[POINTS];
	long weights;
	double w[WEIGHTS];
	int times; /* that this trial was reported */
};

struct crowd {
	const uint64_t *seeds;
	const double *rates; /* NULL: that of the conditions */
	int n, taken, done;
	int stop_after; /* sets stop when that many are done; 0: never */
	atomic_bool stop;
	atomic_long steps;
	struct record record[RECORDS]; /* in the order of seeds */
};

static inline bool take(void *to, int l, uint64_t *seed, double *rate)
{
	struct crowd *c = to;
	assert_in_range(l, 0, LANES - 1);
	if (c->taken == c->n)
		return false;
	if (c->rates)
		*rate = c->rates[c->taken];
	*seed = c->seeds[c->taken++];
	return true;
}

/* Weight number i of the learner's nets, in lane l; NULL behind the last. */
static inline double *weight_at(const struct learner *learner, long i, int l)
{
	const struct net *const nets[] = {learner->net, learner->other};
	for (int side = 0; side < 4 && nets[side / 2]; side++) {
		const struct net *net = nets[side / 2];
		for (int k = 0; k < (side % 2 ? net->to_output_n : net->to_hidden_n); k++) {
			const struct connection *c = side % 2 ? &net->to_output[k] : &net->to_hidden[k];
			if (i < (long)c->rows * c->cols)
				return net_weight(net, c, (int)i / c->cols, (int)i % c->cols, l);
			i -= (long)c->rows * c->cols;
		}
	}
	return NULL;
}

/* All weights of lane l; how many there are. */
static inline long copy_weights(const struct learner *learner, int l, double *w)
{
	long n = 0;
	for (const double *from; (from = weight_at(learner, n, l)); n++) {
		assert_true(n < WEIGHTS);
		w[n] = *from;
	}
	assert_int_equal(n, learner->net->weights + (learner->other ? learner->other->weights : 0));
	return n;
}

static inline void done(void *to, const struct result *r)
{
	struct crowd *c = to;
	for (int i = 0; i < c->taken; i++)
		if (c->seeds[i] == r->seed) {
			struct record *record = &c->record[i];
			record->r = *r;
			record->times++;
			assert_in_range(r->points, r->sequences > 0, POINTS);
			if (r->points)
				memcpy(record->curve, r->curve, (size_t)r->points * sizeof *r->curve);
			record->weights = copy_weights(r->learner, r->lane, record->w);
			if (++c->done == c->stop_after)
				atomic_store(&c->stop, true);
			return;
		}
	fail_msg("a trial that was not given");
}

/* rates: (n), NULL: that of the conditions. The caller frees. */
static inline struct crowd *crowd_run_at(const double *rates, const struct conditions *c, long budget, const uint64_t *seeds, int n,
					 int stop_after)
{
	struct crowd *crowd = memory_zeroed(1, sizeof *crowd);
	struct error e = {0};
	assert_true(n <= RECORDS);
	if (!conditions_check(c, NULL, &e))
		fail_msg("%s", e.text);
	crowd->seeds = seeds;
	crowd->rates = rates;
	crowd->n = n;
	crowd->stop_after = stop_after;
	const struct group_calls calls = {.to = crowd, .take = take, .done = done, .steps = &crowd->steps, .stop = &crowd->stop};
	group_run(c, budget, &calls);
	for (int i = 0; i < n && !stop_after; i++)
		assert_int_equal(crowd->record[i].times, 1);
	return crowd;
}

static inline struct crowd *crowd_run(const struct conditions *c, long budget, const uint64_t *seeds, int n, int stop_after)
{
	return crowd_run_at(NULL, c, budget, seeds, n, stop_after);
}

/* The same number; 0 and -0 are, as are two that are none. */
static inline bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* NULL, or the first thing that differs, but for budget, cpu_s and lane. */
static inline const char *record_difference(const struct record *a, const struct record *b)
{
	const struct result *x = &a->r, *y = &b->r;
	if (x->seed != y->seed)
		return "seed";
	if (x->outcome != y->outcome)
		return "outcome";
	if (x->sequences != y->sequences)
		return "sequences";
	if (x->steps != y->steps)
		return "steps";
	if (x->milestones != y->milestones)
		return "milestones";
	for (int i = 0; i < x->milestones; i++) {
		const struct milestone *m = &x->milestone[i], *n = &y->milestone[i];
		if (m->sequences != n->sequences || m->test_sequences != n->test_sequences || m->test_wrong != n->test_wrong ||
		    !same(m->test_mean_error, n->test_mean_error) || !same(m->test_mean_square, n->test_mean_square))
			return "a milestone";
	}
	if (x->points != y->points)
		return "points";
	for (int i = 0; i < x->points; i++)
		if (a->curve[i].sequences != b->curve[i].sequences || !same(a->curve[i].error, b->curve[i].error))
			return "curve";
	if (a->weights != b->weights)
		return "number of weights";
	for (long i = 0; i < a->weights; i++) /* to the bit; of what is no number, only that it is none */
		if (memcmp(&a->w[i], &b->w[i], sizeof a->w[i]) && !(isnan(a->w[i]) && isnan(b->w[i])))
			return "weights";
	return NULL;
}

static inline void assert_same(const char *name, const char *where, const struct record *a, const struct record *b)
{
	const char *what = record_difference(a, b);
	if (what)
		fail_msg("%s, seed %lu, %s: another %s", name, (unsigned long)a->r.seed, where, what);
}

/* All trials of seeds 1 ... n come out like this. */
static inline void assert_outcomes(const char *settings, long budget, int n, enum outcome outcome)
{
	const struct conditions c = conditions_of(settings);
	struct crowd *crowd = crowd_run(&c, budget, up, n, 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(crowd->record[i].r.outcome, outcome);
	free(crowd);
}

/* outcomes: how often each comes out is added up there. */
static inline void assert_neighbours_do_not_matter(const char *name, const struct conditions *c, long budget, const uint64_t *seeds, int n,
						   int *outcomes)
{
	struct crowd *crowd = crowd_run(c, budget, seeds, n, 0);
	for (int i = 0; i < n; i++) {
		outcomes[crowd->record[i].r.outcome]++;
		struct crowd *one = crowd_run(c, budget, &seeds[i], 1, 0);
		assert_same(name, "alone", &crowd->record[i], &one->record[0]);
		free(one);
	}
	free(crowd);
}

#endif
