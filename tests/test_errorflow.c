/* test_errorflow.c: the error's way back.
   Does: compare the factors with products of Jacobian matrices written out here; the bound of section 3.1; the constant
   error carrousel, where the truncated factor is 1 to the bit; errors that the truncation stops.
   Does not: check weight changes (test_rules.c does). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/errorflow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 5, STEPS = 12 };

static struct conditions conditions_of(const char *settings)
{
	struct conditions c = conditions_defaults();
	char copy[400], *rest = copy;
	snprintf(copy, sizeof copy, "%s", settings);
	for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
		struct error e = {0};
		char *value = strchr(pair, '=');
		*value++ = '\0';
		if (!conditions_set(&c, pair, value, &e))
			fail_msg("%s", e.text);
	}
	return c;
}

static struct trained initial(const struct conditions *c, uint64_t seed)
{
	struct trained t;
	struct error e = {0};
	if (!trained_make(&t, c, seed, 0, &e))
		fail_msg("%s", e.text);
	return t;
}

static double weight(const struct net *net, const char *name, int m, int j)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		if (!strcmp(net->to_hidden[i].name, name))
			return *net_weight(net, &net->to_hidden[i], m, j, 0);
	fail_msg("no %s", name);
	return 0.0;
}

/* f' of every unit at every step, by a plain forward run. */
static void plain_slopes(const struct net *net, const struct sequence *s, bool is_tanh, double slope[][UNITS])
{
	double y[UNITS] = {0};
	for (long t = 0; t < s->length; t++) {
		double next[UNITS];
		for (int j = 0; j < UNITS; j++) {
			double x = weight(net, "hidden<-bias", 0, j);
			for (int i = 0; i < 2; i++)
				x += weight(net, "hidden<-input", i, j) * s->value[2 * t + i];
			for (int m = 0; m < UNITS; m++)
				x += weight(net, "hidden<-hidden", m, j) * y[m];
			next[j] = is_tanh ? tanh(x) : 1.0 / (1.0 + exp(-x));
			slope[t][j] = is_tanh ? 1.0 - next[j] * next[j] : next[j] * (1.0 - next[j]);
		}
		memcpy(y, next, sizeof y);
	}
}

/* Largest |de_v(T-q) / de_u(T)| over u and v: entries of the product of f'(t) W^T. */
static double plain_largest(const struct net *net, double slope[][UNITS], long length, int q)
{
	double most = 0.0;
	for (int u = 0; u < UNITS; u++) {
		double e[UNITS] = {0};
		e[u] = 1.0;
		for (int k = 1; k <= q; k++) {
			double before[UNITS] = {0};
			for (int m = 0; m < UNITS; m++) {
				for (int j = 0; j < UNITS; j++)
					before[m] += weight(net, "hidden<-hidden", m, j) * e[j];
				before[m] *= slope[length - 1 - k][m];
			}
			memcpy(e, before, sizeof e);
		}
		for (int v = 0; v < UNITS; v++)
			most = fmax(most, fabs(e[v]));
	}
	return most;
}

static void test_jacobians(void **state)
{
	(void)state;
	for (int is_tanh = 0; is_tanh < 2; is_tanh++)
		for (uint64_t seed = 1; seed <= 20; seed++) {
			const struct conditions c =
			    conditions_of(is_tanh ? "task=adding T=30 net=rnn rule=bptt units=5 bias=all init=1 activation=tanh"
						  : "task=adding T=30 net=rnn rule=bptt units=5 bias=all init=4");
			struct trained t = initial(&c, seed);
			struct presented p;
			struct flow flow[STEPS + 1];
			double slope[64][UNITS];
			presented_draw(&p, &c, seed, 1);
			assert_true(p.sequence.length <= 64);
			plain_slopes(t.learner->net, &p.sequence, is_tanh, slope);
			errorflow_measure(t.learner, &c, seed, 1, false, STEPS, flow);
			for (int q = 1; q <= STEPS; q++) {
				const double expected = plain_largest(t.learner->net, slope, p.sequence.length, q);
				assert_true(expected > 0.0);
				assert_true(fabs(flow[q].unit_largest - expected) <= 1e-11 * expected);
				assert_true(flow[q].unit_mean <= flow[q].unit_largest && isnan(flow[q].state_mean));
			}
			presented_free(&p);
			trained_free(&t);
		}
}

static void test_bound(void **state)
{
	(void)state;
	int close = 0;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		static const char *const settings[] = {
		    "task=adding T=30 net=rnn rule=bptt units=1 bias=none init=3",
		    "task=adding T=30 net=rnn rule=bptt units=8 bias=all init=0.3",
		    "task=adding T=30 net=rnn rule=bptt units=2 bias=all init=0.2 activation=tanh",
		};
		const struct conditions c = conditions_of(settings[seed % 3]);
		struct trained t = initial(&c, seed);
		struct flow flow[STEPS + 1];
		errorflow_measure(t.learner, &c, seed, 3, false, STEPS, flow);
		for (int q = 1; q <= STEPS; q++) {
			assert_true(flow[q].unit_largest <= flow[q].bound);
			close += flow[q].unit_largest > 0.5 * flow[q].bound;
		}
		errorflow_measure(t.learner, &c, seed, 3, true, STEPS, flow);
		for (int q = 1; q <= STEPS; q++)
			assert_true(flow[q].unit_largest == 0.0); /* all of it goes over recurrent connections */
		trained_free(&t);
	}
	assert_true(close > 0); /* it is not far above everything */
}

/* In a cell the truncated error neither shrinks nor grows; the full one does, by what leaves over the gates. */
static void test_carrousel(void **state)
{
	(void)state;
	const struct conditions c = conditions_of("task=adding T=900 blocks=2 cells=2 bias=all igb=-3:-6 ogb=r init=0.5");
	struct trained t = initial(&c, 3);
	static struct flow flow[1001];
	errorflow_measure(t.learner, &c, 3, 2, true, 1000, flow);
	for (int q = 1; q < 899; q++)
		assert_true(flow[q].state_mean == 1.0 && flow[q].state_largest == 1.0 && isnan(flow[q].bound));
	assert_true(isnan(flow[1000].state_mean)); /* no sequence is that long */
	errorflow_measure(t.learner, &c, 3, 2, false, 100, flow);
	assert_true(flow[50].state_mean != 1.0 && flow[50].state_mean > 0.1);
	trained_free(&t);
}

/* After training: the weights are those of the trial. */
static void test_trained(void **state)
{
	(void)state;
	const struct conditions c = conditions_of("task=adding T=22 blocks=2 cells=2 bias=all igb=-3:-6 ogb=r measure=recent window=50");
	struct trained before = initial(&c, 1), after;
	struct error e = {0};
	assert_true(trained_make(&after, &c, 1, 300, &e));
	assert_int_equal(after.outcome, OUTCOME_UNSOLVED);
	assert_int_equal(after.sequences, 300);
	const struct connection *out = &before.learner->net->to_output[0];
	assert_true(*net_weight(before.learner->net, out, 0, 0, 0) !=
		    *net_weight(after.learner->net, &after.learner->net->to_output[0], 0, 0, 0));
	trained_free(&before);
	trained_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_jacobians),
	    cmocka_unit_test(test_bound),
	    cmocka_unit_test(test_carrousel),
	    cmocka_unit_test(test_trained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
