/* test_errorflow.c: the error's way back.
   Does: compare the factors with products of Jacobian matrices written out here and with differences; refusals; the bound of section
   3.1; the constant error carrousel, where the truncated factor is 1 to the bit; errors that the truncation stops; shares of the gradient
   against differences of the error when weights change in early steps only; drift and slope against closed forms.
   Does not: check weight changes (test_rules.c does). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"
#include "run/errorflow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 5, STEPS = 12 };

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

/* The last sources of recurrent connections and the last states, when the bias of unit v in step t, or the state v in it, is d more. */
static void moved(struct net *net, const struct presented *p, bool is_state, int v, long t, double d, double *y, double *s)
{
	const long last = p->sequence.length - 1;
	double *w = NULL;
	for (int i = 0; i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_BIAS)
			w = net_weight(net, &net->to_hidden[i], 0, v, 0);
	assert_non_null(w);
	const double own = *w;
	for (int l = 0; l < LANES; l++)
		net_reset(net, l);
	for (long k = 0; k <= last; k++) {
		*w = k == t && !is_state ? own + d : own;
		net_run(net, &p->frames, k, 1);
		if (k == t - 1 && is_state) /* s_c(t) = s_c(t-1) + ...: also what y_c(t) makes of it */
			net->s[v][0] += d;
	}
	*w = own;
	for (int m = 0; m < net->hidden; m++)
		y[m] = net->y_before[m][0];
	for (int u = 0; u < net->cells; u++)
		s[u] = net->s[u][0];
}

/* d net_u of the last step, from the change of y. */
static double net_change(const struct net *net, int u, const double *dy)
{
	double sum = 0.0;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		for (int m = 0; c->source == SOURCE_RECURRENT && u >= c->to && u < c->to + c->cols && m < c->rows; m++)
			sum += *net_weight(net, c, m, u - c->to, 0) * dy[c->first + m];
	}
	return sum;
}

/* The mean over u of the largest |d net_u(T) / d net_v(T-q)|, or |d s_u(T) / d s_v(T-q)|, over v; by differences. */
static double plain_mean(struct net *net, const struct presented *p, bool is_state, int q)
{
	const double d = 1e-5;
	const int n = is_state ? net->cells : net->hidden;
	double most[64] = {0}, y[2][64], s[2][64], sum = 0.0;
	assert_true(net->hidden <= 64);
	for (int v = 0; v < n; v++) {
		const long t = p->sequence.length - 1 - q;
		moved(net, p, is_state, v, t, d, y[0], s[0]);
		moved(net, p, is_state, v, t, -d, y[1], s[1]);
		for (int m = 0; m < net->hidden; m++)
			y[0][m] -= y[1][m];
		for (int u = 0; u < n; u++)
			most[u] = fmax(most[u], fabs(is_state ? s[0][u] - s[1][u] : net_change(net, u, y[0])) / (2.0 * d));
	}
	for (int u = 0; u < n; u++)
		sum += most[u] / n;
	return sum;
}

static void test_factors(void **state)
{
	static const char *const settings[] = {
	    "task=adding T=20 blocks=2 cells=2 bias=all igb=r ogb=r init=0.9",
	    "task=adding T=20 blocks=2 cells=2 bias=all igb=r ogb=r init=0.9 connectivity=C",
	    "task=adding T=20 blocks=2 cells=2 bias=all igb=r ogb=r init=0.9 connectivity=B",
	    "task=temporal-order relevant=2 T=20 blocks=2 cells=1 bias=all igb=r ogb=r init=0.9",
	    "task=adding T=20 net=lstm blocks=2 cells=2 bias=all igb=r ogb=r init=0.9",
	    "task=adding T=20 net=cec blocks=2 cells=1 bias=all rule=bptt init=0.1",
	    "task=adding T=20 net=rnn connectivity=full rule=bptt units=3 bias=all init=1",
	    "task=adding T=20 net=irnn rule=bptt units=3 bias=all init=0.3",
	};
	(void)state;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const struct conditions c = conditions_of(settings[i]);
		struct trained t = initial(&c, 2);
		struct net *net = t.learner->net;
		struct presented p;
		struct flow flow[STEPS + 1];
		presented_draw(&p, &c, 2, 1);
		errorflow_measure(t.learner, &c, 2, 1, false, STEPS, flow);
		for (int q = 1; q <= 7; q += 3)
			for (int is_state = 0; is_state <= (net->cells > 0); is_state++) {
				const double expected = plain_mean(net, &p, is_state, q);
				const double x = is_state ? flow[q].state_mean : flow[q].unit_mean;
				if (!(fabs(x - expected) <= 1e-8 + 1e-5 * expected))
					fail_msg("%s, %s %d: %.9g, expected %.9g", settings[i], is_state ? "state" : "unit", q, x,
						 expected);
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
		    "task=adding T=30 net=irnn rule=bptt units=1 bias=all",
		};
		const struct conditions c = conditions_of(settings[seed % 4]);
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

/* Side by side or alone: the same weights. */
static void test_trained_all(void **state)
{
	(void)state;
	static const uint64_t seeds[] = {3, 1, 20, 7, 8, 5, 2, 11, 4, 6};
	enum { N = sizeof seeds / sizeof *seeds };
	const struct conditions c = conditions_of("task=adding T=10 blocks=2 cells=2 bias=all igb=-3:-6 ogb=r measure=recent window=50");
	struct trained all[N];
	struct error e = {0};
	assert_true(trained_make_all(all, &c, seeds, N, 200, &e));
	for (int i = 0; i < N; i++) {
		struct trained one;
		assert_true(trained_make(&one, &c, seeds[i], 200, &e));
		for (int k = 0; k < one.learner->net->to_hidden_n; k++) {
			const struct connection *w = &one.learner->net->to_hidden[k];
			for (int m = 0; m < w->rows; m++)
				for (int j = 0; j < w->cols; j++)
					assert_true(*net_weight(one.learner->net, w, m, j, 0) ==
						    *net_weight(all[i].learner->net, &all[i].learner->net->to_hidden[k], m, j, 0));
		}
		trained_free(&one);
		trained_free(&all[i]);
	}
}

/* ---- share ---- */

/* E = 1/2 sum_k (target_k - y_k)^2 at the last step, with weight w_jm of c moved by d in the steps that lie more than q back. */
static double error_with(struct learner *learner, const struct presented *p, const struct connection *c, int m, int j, double d, long q)
{
	struct net *net = learner->net;
	double *w = net_weight(net, c, m, j, 0), sum = 0.0;
	const double own = *w;
	const long last = p->sequence.length - 1;
	for (int l = 0; l < LANES; l++)
		net_reset(net, l);
	for (long t = 0; t <= last; t++) {
		*w = last - t > q ? own + d : own;
		net_run(net, &p->frames, t, 1);
	}
	*w = own;
	const struct frame x = frames_at(&p->frames, last);
	net_answer(net, &x);
	for (int k = 0; k < net->out; k++) {
		const double e = (k == p->sequence.target[last] ? p->sequence.target_value : 0.0) - net->y_out[k][0];
		sum += 0.5 * e * e;
	}
	return sum;
}

static double plain_norm(struct learner *learner, const struct presented *p, long q)
{
	const struct net *net = learner->net;
	const double d = 1e-6;
	double squares = 0.0;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		for (int m = 0; m < c->rows; m++)
			for (int j = 0; j < c->cols; j++) {
				const double slope =
				    (error_with(learner, p, c, m, j, d, q) - error_with(learner, p, c, m, j, -d, q)) / (2.0 * d);
				squares += slope * slope;
			}
	}
	return sqrt(squares);
}

static void test_share(void **state)
{
	static const char *const settings[] = {
	    "task=adding T=20 net=rnn rule=bptt units=5 bias=all init=1 activation=tanh reset=0.3",
	    "task=adding T=20 blocks=2 cells=2 bias=all igb=-1:-2 ogb=r init=0.7 output=identity",
	    "task=distractors T=8 symbols=5 blocks=2 cells=1 bias=none igb=none ogb=none init=0.7",
	    "task=temporal-order relevant=2 T=20 net=rnn rule=bptt units=4 bias=all init=1.5",
	    "task=adding T=20 net=rnn connectivity=full rule=bptt units=3 bias=all init=1",
	    "task=adding T=20 blocks=2 cells=2 bias=all igb=r ogb=r connectivity=C init=0.7",
	    "task=adding T=20 blocks=2 cells=1 bias=all igb=r ogb=r connectivity=B init=0.7",
	    "task=adding T=20 blocks=2 cells=1 bias=all igb=r ogb=r connectivity=F+shortcuts init=0.7",
	    "task=adding T=20 net=lstm blocks=2 cells=2 bias=all igb=r ogb=r fgb=r forget=gate init=0.7",
	    "task=adding T=20 net=lstm blocks=2 cells=2 bias=all igb=r ogb=r forget=coupled init=0.7",
	    "task=adding T=20 net=lstm blocks=2 cells=2 bias=all igb=r ogb=r fgb=r forget=gate peepholes=yes init=0.7",
	    "task=adding T=20 net=lstm blocks=2 cells=1 bias=all igb=r ogb=r peepholes=yes rule=bptt-truncated init=0.7",
	    "task=adding T=20 net=lstm blocks=2 cells=1 bias=all igb=r ogb=r layers=2 rule=bptt init=0.9",
	    "task=adding T=20 net=cec blocks=2 cells=1 bias=all rule=bptt init=0.1",
	    "task=adding T=20 net=gru rule=bptt units=3 bias=all init=1",
	    "task=temporal-order relevant=2 T=20 net=gru rule=bptt units=3 bias=all init=1",
	    "task=adding T=20 net=gru rule=bptt units=2 bias=all layers=2 init=1",
	    "task=adding T=20 net=rnn rule=bptt units=3 bias=all layers=2 init=1 activation=tanh",
	    "task=adding T=20 net=irnn rule=bptt units=3 bias=all init=0.3",
	    "task=adding T=20 net=window taps=4 rule=bptt units=3 bias=all init=1",
	    "task=temporal-order relevant=2 T=20 net=window taps=4 rule=bptt units=3 bias=all init=1",
	};
	(void)state;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		for (uint64_t seed = 1; seed <= 3; seed++) {
			const struct conditions c = conditions_of(settings[i]);
			struct trained t = initial(&c, seed);
			struct presented p;
			double share[STEPS + 1];
			presented_draw(&p, &c, seed, 1);
			errorflow_share(t.learner, &c, seed, 1, false, STEPS, share);
			const double whole = plain_norm(t.learner, &p, -1);
			assert_true(whole > 1e-5);
			for (int q = 0; q <= 8; q += 4) {
				const double expected = plain_norm(t.learner, &p, q) / whole;
				if (!(fabs(share[q] - expected) <= 1e-5 + 1e-4 * expected))
					fail_msg("%s, %d: %.9g, expected %.9g", settings[i], q, share[q], expected);
			}
			presented_free(&p);
			trained_free(&t);
		}
}

/* Where no recurrent connection leads anywhere, truncated and full gradient are the same; otherwise they are not. */
static void test_share_truncated(void **state)
{
	(void)state;
	for (int zero = 0; zero < 2; zero++) {
		const struct conditions c = conditions_of("task=adding T=40 blocks=2 cells=2 bias=all igb=-1:-2 ogb=r init=0.7");
		struct trained t = initial(&c, 5);
		double full[STEPS + 1], truncated[STEPS + 1];
		for (int i = 0; zero && i < t.learner->net->to_hidden_n; i++) {
			const struct connection *w = &t.learner->net->to_hidden[i];
			for (int m = 0; w->source == SOURCE_RECURRENT && m < w->rows; m++)
				for (int j = 0; j < w->cols; j++)
					*net_weight(t.learner->net, w, m, j, 0) = 0.0;
		}
		errorflow_share(t.learner, &c, 5, 4, false, STEPS, full);
		errorflow_share(t.learner, &c, 5, 4, true, STEPS, truncated);
		for (int q = 0; q <= STEPS; q++) {
			assert_true(full[q] > 0.0 && truncated[q] > 0.0);
			assert_true(zero ? full[q] == truncated[q] : fabs(full[q] - truncated[q]) > 1e-5);
		}
		trained_free(&t);
	}
	/* errors of conventional units cannot go back but over recurrent connections */
	const struct conditions c = conditions_of("task=adding T=40 net=rnn rule=bptt units=4 bias=all init=1");
	struct trained t = initial(&c, 5);
	double truncated[STEPS + 1];
	errorflow_share(t.learner, &c, 5, 4, true, STEPS, truncated);
	for (int q = 0; q <= STEPS; q++)
		assert_true(truncated[q] == 0.0);
	trained_free(&t);
}

/* What cannot be measured is refused. */
static void test_refused(void **state)
{
	static const struct {
		const char *settings;
		bool can[3]; /* factors, share, drift */
	} kinds[] = {
	    {"task=adding T=20 blocks=2 bias=none igb=none ogb=none", {true, true, true}},
	    {"task=adding T=20 net=lstm forget=gate blocks=2 bias=none igb=none ogb=none", {false, true, true}},
	    {"task=adding T=20 net=lstm peepholes=yes blocks=2 bias=none igb=none ogb=none", {false, true, true}},
	    {"task=adding T=20 net=lstm layers=2 rule=bptt blocks=2 bias=none igb=none ogb=none", {false, true, false}},
	    {"task=adding T=20 net=gru units=3 rule=bptt", {false, true, false}},
	    {"task=adding T=20 net=window units=3 rule=bptt", {false, true, false}},
	    {"task=adding T=20 net=rnn units=3 rule=bptt", {true, true, false}},
	    {"task=adding T=20 net=sparse connectivity=full units=3 rule=guess", {false, false, false}},
	    {"task=adding T=20 learner=bidirectional rule=bptt blocks=2 bias=none igb=none ogb=none", {false, false, false}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct conditions c = conditions_of(kinds[i].settings);
		struct trained t = initial(&c, 1);
		for (int what = 0; what < 3; what++) {
			struct error e = {0};
			if (errorflow_check(t.learner, (enum errorflow)what, &e) != kinds[i].can[what])
				fail_msg("%s, %d: %s", kinds[i].settings, what, e.text);
		}
		trained_free(&t);
	}
}

/* ---- drift ---- */

static double logistic(double x)
{
	return 1.0 / (1.0 + exp(-x));
}

/* With biases alone s_c(n) = n f(b_in) g(b_c), and the factor on the way in is f(b_out) h'(s_c). */
static void test_drift(void **state)
{
	(void)state;
	static const double b[] = {-3.0, 0.7, 0.4}; /* input gate, output gate, cell */
	const struct conditions c = conditions_of("task=adding T=60 blocks=1 cells=1 bias=all igb=r ogb=r");
	struct trained t = initial(&c, 1);
	struct net *net = t.learner->net;
	for (int i = 0; i < net->to_hidden_n; i++)
		for (int m = 0; m < net->to_hidden[i].rows; m++)
			for (int j = 0; j < 3; j++)
				*net_weight(net, &net->to_hidden[i], m, j, 0) = net->to_hidden[i].source == SOURCE_BIAS ? b[j] : 0.0;
	for (long T = 20; T <= 500; T *= 5) {
		struct conditions longer = c;
		struct drift d;
		double mean = 0.0, largest = 0.0, entry = 0.0;
		longer.task.T = T;
		for (int k = 1; k <= 3; k++) {
			struct presented p;
			presented_draw(&p, &longer, 1, k);
			const double s = (double)p.sequence.length * logistic(b[0]) * (4.0 * logistic(b[2]) - 2.0);
			mean += s / 3.0;
			largest = fmax(largest, s);
			entry += logistic(b[1]) * 2.0 * logistic(s) * (1.0 - logistic(s)) / 3.0;
			presented_free(&p);
		}
		errorflow_drift(t.learner, &longer, 1, 3, &d);
		assert_true(fabs(d.mean - mean) < 1e-10 * mean && fabs(d.largest - largest) < 1e-10 * largest);
		assert_true(fabs(d.entry - entry) < 1e-9 * entry);
	}
	trained_free(&t);
}

/* ---- slope ---- */

/* What the paper says in section 3.1 of |f'(net) w| with net = w y. */
static void test_slope(void **state)
{
	(void)state;
	for (double y = 0.125; y <= 1.0; y *= 2.0) {
		double most = 0.0, at = 0.0;
		for (double w = 0.1; w < 60.0; w += 0.001) {
			const double slope = errorflow_slope(ACTIVATION_LOGISTIC, w * y, w);
			assert_true(slope == errorflow_slope(ACTIVATION_LOGISTIC, -w * y, -w));
			assert_true(slope <= errorflow_slope(ACTIVATION_LOGISTIC, 0.0, w) && (w >= 4.0 || slope < 1.0));
			if (slope > most) {
				most = slope;
				at = w;
			}
		}
		assert_true(fabs(at - 1.0 / (y * tanh(at * y / 2.0))) < 0.002); /* w = (1/y) coth(net/2) */
		assert_true(errorflow_slope(ACTIVATION_LOGISTIC, 1000.0 * y, 1000.0) < 1e-40);
	}
	assert_true(errorflow_slope(ACTIVATION_LOGISTIC, 0.0, 4.0) == 1.0 && errorflow_slope(ACTIVATION_TANH, 0.0, -1.0) == 1.0);
	assert_true(errorflow_slope(ACTIVATION_RELU, 0.8, -3.0) == 3.0 && errorflow_slope(ACTIVATION_RELU, -0.8, 3.0) == 0.0);
	assert_true(isnan(errorflow_fixed_net(ACTIVATION_RELU, 0.5)));
	assert_true(fabs(errorflow_slope(ACTIVATION_TANH, 0.8, 3.0) - 3.0 * (1.0 - tanh(0.8) * tanh(0.8))) < 1e-14);
}

/* The fixed point is that of a net of one unit, and its slope the factor of the error there. */
static void test_fixed_point(void **state)
{
	static const double weights[2][4] = {{0.5, 3.0, 5.0, 9.0}, {0.3, 0.8, 1.5, 3.0}};
	(void)state;
	for (int is_tanh = 0; is_tanh < 2; is_tanh++)
		for (int i = 0; i < 4; i++) {
			const struct conditions c =
			    conditions_of(is_tanh ? "task=adding T=400 net=rnn rule=bptt units=1 bias=all activation=tanh reset=0.9"
						  : "task=adding T=400 net=rnn rule=bptt units=1 bias=all activation=logistic reset=0.9");
			const enum activation kind = is_tanh ? ACTIVATION_TANH : ACTIVATION_LOGISTIC;
			const double w = weights[is_tanh][i];
			struct trained t = initial(&c, 1);
			struct net *net = t.learner->net;
			struct flow flow[3];
			for (int k = 0; k < net->to_hidden_n; k++)
				for (int m = 0; m < net->to_hidden[k].rows; m++)
					*net_weight(net, &net->to_hidden[k], m, 0, 0) =
					    net->to_hidden[k].source == SOURCE_RECURRENT          ? w
					    : net->to_hidden[k].source == SOURCE_BIAS && !is_tanh ? -w / 2.0
												  : 0.0;
			errorflow_measure(t.learner, &c, 1, 1, false, 2, flow);
			const double fixed = errorflow_fixed_net(kind, w), slope = errorflow_slope(kind, fixed, w);
			assert_true(fabs(flow[1].unit_largest - slope) < 1e-9);
			assert_true(fabs(flow[2].unit_largest - slope * slope) < 1e-9);
			assert_true(slope < 1.0);
			const double y = is_tanh ? tanh(fixed) : logistic(fixed);
			assert_true(fabs(w * y - (is_tanh ? 0.0 : w / 2.0) - fixed) < 1e-9);
			trained_free(&t);
		}
	assert_true(fabs(errorflow_slope(ACTIVATION_LOGISTIC, errorflow_fixed_net(ACTIVATION_LOGISTIC, 4.0), 4.0) - 1.0) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_jacobians),       cmocka_unit_test(test_bound),       cmocka_unit_test(test_carrousel),
	    cmocka_unit_test(test_trained),         cmocka_unit_test(test_trained_all), cmocka_unit_test(test_share),
	    cmocka_unit_test(test_share_truncated), cmocka_unit_test(test_drift),       cmocka_unit_test(test_slope),
	    cmocka_unit_test(test_fixed_point),     cmocka_unit_test(test_refused),     cmocka_unit_test(test_factors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
