/* errorflow.c: see errorflow.h. */
#include "run/errorflow.h"

#include "base/memory.h"
#include "net/connect.h"

#include <assert.h>
#include <gsl/gsl_math.h>
#include <stdlib.h>

/* A net's run over one sequence, in lane 0. */
struct past {
	struct net *net;
	const struct connection *recurrent; /* NULL: none, or not followed */
	const struct presented *shown;
	long length;
	lane *e_y, *e_s, *e_net;
};

struct sum {
	double total, largest;
	long n;
};

static const struct connection *recurrent_of(const struct net *net)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_RECURRENT)
			return &net->to_hidden[i];
	return NULL;
}

static void past_begin(struct past *past, const struct learner *learner, bool truncated)
{
	struct net *net = learner->net;
	assert(net && (net->type->offers & NET_BACK));
	*past = (struct past){.net = net, .recurrent = truncated ? NULL : recurrent_of(net)};
	past->e_y = memory_zeroed((size_t)net->hidden, sizeof(lane));
	past->e_net = memory_zeroed((size_t)net->hidden, sizeof(lane));
	past->e_s = memory_zeroed((size_t)net->cells, sizeof(lane));
}

static void past_end(struct past *past)
{
	free(past->e_y);
	free(past->e_net);
	free(past->e_s);
}

static void run_forward(struct past *past, struct learner *learner, const struct presented *p)
{
	struct net *net = past->net;
	past->shown = p;
	past->length = p->sequence.length;
	net_forget(net);
	net_reserve(net, past->length);
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, past->length);
	net_run(net, &p->frames, 0, past->length);
}

static double largest(const lane *x, int n)
{
	double most = 0.0;
	for (int i = 0; i < n; i++)
		most = GSL_MAX_DBL(most, fabs(x[i][0]));
	return most;
}

static void add(struct sum *s, double x)
{
	s->total += x;
	s->largest = GSL_MAX_DBL(s->largest, x);
	s->n++;
}

/* One step back from t: e_net at t into e_y of t - 1, then through the net at t - 1. */
static void step_back(const struct past *past, long t)
{
	const struct net *net = past->net;
	for (int j = 0; j < net->hidden; j++)
		past->e_y[j] = lane_set(0.0);
	if (past->recurrent)
		connect_back(past->recurrent, net->w, past->e_net, past->e_y + past->recurrent->first);
	net->type->back(net, net_row(net, t), past->e_y, past->e_s, past->e_net);
}

/* Error 1 at the net input of unit u at the last step. */
static void flow_from_unit(const struct past *past, int u, int steps, struct sum *sum)
{
	const struct net *net = past->net;
	for (int j = 0; j < net->hidden; j++)
		past->e_net[j] = lane_set(j == u);
	for (int v = 0; v < net->cells; v++)
		past->e_s[v] = lane_set(0.0);
	for (long q = 1; q <= steps && q < past->length; q++) {
		step_back(past, past->length - q);
		add(&sum[q], largest(past->e_net, net->hidden));
	}
}

/* Error 1 at the state of cell u at the last step, after that step's own error has left it. */
static void flow_from_state(const struct past *past, int u, int steps, struct sum *sum)
{
	const struct net *net = past->net;
	for (int j = 0; j < net->hidden; j++)
		past->e_y[j] = lane_set(0.0);
	for (int v = 0; v < net->cells; v++)
		past->e_s[v] = lane_set(v == u);
	net->type->back(net, net_row(net, past->length), past->e_y, past->e_s, past->e_net);
	for (long q = 1; q <= steps && q < past->length; q++) {
		step_back(past, past->length - q);
		add(&sum[q], largest(past->e_s, net->cells));
	}
}

/* n (n w_max g)^q (section 3.1): no product of f' w over q steps is larger. */
static double bound(const struct net *net, const struct connection *recurrent, long q)
{
	const double slope = net->o.activation == ACTIVATION_TANH ? 1.0 : 0.25, n = net->hidden;
	double w_max = 0.0;
	for (int m = 0; recurrent && m < recurrent->rows; m++)
		for (int j = 0; j < recurrent->cols; j++)
			w_max = GSL_MAX_DBL(w_max, fabs(*net_weight(net, recurrent, m, j, 0)));
	return net->cells ? GSL_NAN : n * gsl_pow_int(n * w_max * slope, (int)q);
}

static double mean(const struct sum *s)
{
	return s->n ? s->total / (double)s->n : GSL_NAN;
}

void errorflow_measure(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, bool truncated, int steps,
		       struct flow *flow)
{
	struct past past;
	past_begin(&past, learner, truncated);
	const struct net *net = past.net;
	struct sum *unit = memory_zeroed((size_t)steps + 1, sizeof *unit), *state = memory_zeroed((size_t)steps + 1, sizeof *state);
	for (int k = 1; k <= sequences; k++) {
		struct presented p;
		presented_draw(&p, c, seed, k);
		run_forward(&past, learner, &p);
		for (int u = 0; u < net->hidden; u++)
			flow_from_unit(&past, u, steps, unit);
		for (int u = 0; u < net->cells; u++)
			flow_from_state(&past, u, steps, state);
		presented_free(&p);
	}
	for (int q = 0; q <= steps; q++)
		flow[q] = (struct flow){mean(&unit[q]), unit[q].n ? unit[q].largest : GSL_NAN, mean(&state[q]),
					state[q].n ? state[q].largest : GSL_NAN, bound(net, recurrent_of(net), q)};
	free(unit);
	free(state);
	past_end(&past);
}

/* ---- share of the gradient ---- */

/* Errors at the net inputs of the last step, from those of the outputs: e_k = f'(net_k) (target_k - y_k) (eq. 19). */
static void start_back(struct past *past, struct learner *learner)
{
	const struct net *net = past->net;
	const struct sequence *s = &past->shown->sequence;
	const bool logistic = net->o.output == OUTPUT_LOGISTIC && !net->outputs_inside;
	lane *e = memory_zeroed((size_t)net->out, sizeof *e), *e_seen = memory_zeroed((size_t)net->seen_n, sizeof *e_seen);
	learner_answer(learner, &past->shown->frames, past->length - 1);
	for (int k = 0; k < net->out; k++) {
		const lane y = net->y_out[k], target = lane_set(k == s->target[past->length - 1] ? s->target_value : 0.0);
		e[k] = (target - y) * (logistic ? y * (1.0 - y) : lane_set(1.0));
	}
	net_seen_errors(net, e, e_seen);
	for (int j = 0; j < net->hidden; j++)
		past->e_y[j] = lane_set(0.0);
	for (int v = 0; v < net->seen_n; v++)
		past->e_y[net->seen_first + v] = e_seen[v];
	for (int v = 0; v < net->cells; v++)
		past->e_s[v] = lane_set(0.0);
	net->type->back(net, net_row(net, past->length), past->e_y, past->e_s, past->e_net);
	free(e);
	free(e_seen);
}

/* What the source m of c had to say in step t. */
static double source_at(const struct past *past, const struct connection *c, long t, int m)
{
	const struct net *net = past->net;
	const struct frame x = frames_at(&past->shown->frames, t);
	if (c->source == SOURCE_BIAS)
		return 1.0;
	if (c->source == SOURCE_RECURRENT) /* y(t-1) comes first in what a step leaves behind */
		return net_row(net, t)[m][0];
	return c->local ? x.index[0] == m : x.value[m][0];
}

/* g_jm += e_j z_m over all connections to the hidden layer in step t; the squared norm of g. e: (hidden) */
static double add_step(const struct past *past, double *g, long t, const double *e)
{
	double squares = 0.0;
	for (int i = 0; i < past->net->to_hidden_n; i++) {
		const struct connection *c = &past->net->to_hidden[i];
		for (int m = 0; m < c->rows; m++) {
			const double z = source_at(past, c, t, m);
			for (int j = 0; j < c->cols; j++, g++) {
				*g += z != 0.0 ? e[j] * z : 0.0;
				squares += *g * *g;
			}
		}
	}
	return squares;
}

/* Of one sequence: norm[q] of the sum over the steps that lie q or more back, summed from the far end. (length) */
static void norms(struct past *past, struct learner *learner, double *norm)
{
	const struct net *net = past->net;
	const size_t hidden = (size_t)net->hidden, length = (size_t)past->length;
	double *e = memory_zeroed(length * hidden, sizeof *e), *g = memory_zeroed((size_t)net->weights, sizeof *g);
	start_back(past, learner);
	for (size_t q = 0; q < length; q++) {
		if (q)
			step_back(past, past->length - (long)q);
		for (size_t j = 0; j < hidden; j++)
			e[q * hidden + j] = past->e_net[j][0];
	}
	for (size_t q = length; q-- > 0;)
		norm[q] = sqrt(add_step(past, g, past->length - 1 - (long)q, e + q * hidden));
	free(e);
	free(g);
}

void errorflow_share(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, bool truncated, int steps,
		     double *share)
{
	struct past past;
	struct sum *sum = memory_zeroed((size_t)steps + 1, sizeof *sum);
	long shortest = steps + 1;
	past_begin(&past, learner, truncated);
	for (int k = 1; k <= sequences; k++) {
		struct presented p;
		presented_draw(&p, c, seed, k);
		run_forward(&past, learner, &p);
		double *norm = memory_zeroed((size_t)past.length + 1, sizeof *norm);
		norms(&past, learner, norm);
		shortest = past.length < shortest ? past.length : shortest;
		for (long q = 0; q <= steps && q < past.length && norm[0] > 0.0; q++)
			add(&sum[q], norm[q + 1] / norm[0]);
		free(norm);
		presented_free(&p);
	}
	for (int q = 0; q <= steps; q++)
		share[q] = q < shortest ? mean(&sum[q]) : GSL_NAN;
	free(sum);
	past_end(&past);
}

/* ---- drift ---- */

void errorflow_drift(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, struct drift *drift)
{
	struct past past;
	struct sum state = {0}, entry = {0};
	past_begin(&past, learner, true);
	const struct net *net = past.net;
	assert(net->cells);
	for (int k = 1; k <= sequences; k++) {
		struct presented p;
		presented_draw(&p, c, seed, k);
		run_forward(&past, learner, &p);
		for (int j = 0; j < net->hidden; j++)
			past.e_y[j] = lane_set(j >= net->seen_first && j < net->seen_first + net->seen_n);
		for (int v = 0; v < net->cells; v++) {
			add(&state, fabs(net->s[v][0]));
			past.e_s[v] = lane_set(0.0);
		}
		/* e_s = y_out h'(s_c) e_y (eq. 23) */
		net->type->back(net, net_row(net, past.length), past.e_y, past.e_s, past.e_net);
		for (int v = 0; v < net->cells; v++)
			add(&entry, fabs(past.e_s[v][0]));
		presented_free(&p);
	}
	*drift = (struct drift){mean(&state), state.largest, mean(&entry)};
	past_end(&past);
}

/* ---- one unit, one weight ---- */

double errorflow_slope(enum activation activation, double net, double w)
{
	/* f' = 1 / (4 cosh^2(net / 2)), or for tanh 1 / cosh^2(net) */
	const double c = activation == ACTIVATION_TANH ? cosh(net) : 2.0 * cosh(net / 2.0);
	return fabs(w) / (c * c);
}

double errorflow_fixed_net(enum activation activation, double w)
{
	/* tanh(k u) = u in (0, 1] for k > 1, else u = 0; y = u for tanh and (1 + u) / 2 for the logistic function */
	const double k = activation == ACTIVATION_TANH ? w : w / 4.0;
	double low = 0.0, high = 1.0;
	if (k > 1.0)
		for (int i = 0; i < 200; i++) {
			const double u = (low + high) / 2.0;
			*(tanh(k * u) > u ? &low : &high) = u;
		}
	return (activation == ACTIVATION_TANH ? k : 2.0 * k) * low;
}
