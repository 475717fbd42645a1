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
	long length;
	lane *now; /* (length, now_n) */
	lane *e_y, *e_s, *e_net;
};

struct sum {
	double total, largest;
	long n;
};

static void run_forward(struct past *past, struct learner *learner, const struct presented *p)
{
	struct net *net = past->net;
	past->length = p->sequence.length;
	past->now = memory_zeroed((size_t)past->length * net->now_n, sizeof *past->now);
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, past->length);
	for (long t = 0; t < past->length; t++) {
		const struct frame x = frames_at(&p->frames, t);
		net->type->step(net, &x);
		for (size_t i = 0; i < net->now_n; i++)
			past->now[(size_t)t * net->now_n + i] = net->now[i];
	}
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
	net->type->back(net, past->now + (size_t)(t - 1) * net->now_n, past->e_y, past->e_s, past->e_net);
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
	net->type->back(net, past->now + (size_t)(past->length - 1) * net->now_n, past->e_y, past->e_s, past->e_net);
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
	struct net *net = learner->net;
	assert(net && (net->type->offers & NET_BACK));
	struct past past = {.net = net};
	const struct connection *recurrent = NULL;
	struct sum *unit = memory_zeroed((size_t)steps + 1, sizeof *unit), *state = memory_zeroed((size_t)steps + 1, sizeof *state);
	for (int i = 0; i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_RECURRENT)
			recurrent = &net->to_hidden[i];
	past.recurrent = truncated ? NULL : recurrent;
	past.e_y = memory_zeroed((size_t)net->hidden, sizeof(lane));
	past.e_net = memory_zeroed((size_t)net->hidden, sizeof(lane));
	past.e_s = memory_zeroed((size_t)net->cells, sizeof(lane));
	for (int k = 1; k <= sequences; k++) {
		struct presented p;
		presented_draw(&p, c, seed, k);
		run_forward(&past, learner, &p);
		for (int u = 0; u < net->hidden; u++)
			flow_from_unit(&past, u, steps, unit);
		for (int u = 0; u < net->cells; u++)
			flow_from_state(&past, u, steps, state);
		free(past.now);
		presented_free(&p);
	}
	for (int q = 0; q <= steps; q++)
		flow[q] = (struct flow){mean(&unit[q]), unit[q].n ? unit[q].largest : GSL_NAN, mean(&state[q]),
					state[q].n ? state[q].largest : GSL_NAN, bound(net, recurrent, q)};
	free(unit);
	free(state);
	free(past.e_y);
	free(past.e_net);
	free(past.e_s);
}
