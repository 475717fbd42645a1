/* errorflow.c: see errorflow.h. */
#include "run/errorflow.h"

#include "base/memory.h"
#include "net/past.h"

#include <assert.h>
#include <gsl/gsl_math.h>
#include <stdlib.h>

/* A net's run over one sequence, in lane 0, and a walk back over it. */
struct past {
	struct net *net;
	const struct presented *shown;
	long length;
	bool was_cut; /* the net, for its rule */
	struct walk walk;
	lane *e;               /* (length, seen_n) errors that enter at the seen units */
	unsigned char *enters; /* (length) some do */
};

struct sum {
	double total, largest;
	long n;
};

static void past_begin(struct past *past, const struct learner *learner, bool truncated)
{
	struct net *net = learner->net;
	assert(net && (net_offers(net) & NET_BACK));
	*past = (struct past){.net = net, .was_cut = net->cut};
	net->cut = truncated;
	walk_prepare(&past->walk, net);
	past->walk.recurrent = !truncated;
	past->walk.lanes = ilane_number() == 0;
}

static void past_end(struct past *past)
{
	past->net->cut = past->was_cut;
	walk_release(&past->walk);
	free(past->e);
	free(past->enters);
}

static void run_forward(struct past *past, struct learner *learner, const struct presented *p)
{
	struct net *net = past->net;
	past->shown = p;
	past->length = p->sequence.length;
	free(past->e);
	free(past->enters);
	past->walk.e = past->e = memory_zeroed((size_t)past->length * (size_t)net->seen_n, sizeof *past->e);
	past->walk.enters = past->enters = memory_zeroed((size_t)past->length, 1);
	net_forget(net);
	net_reserve(net, past->length);
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, past->length);
	net_run(net, &p->frames, 0, past->length);
}

/* One step of the walk, through step t. */
static void walk_through(struct past *past, long t)
{
	past->net->type->walk(past->net, &past->walk, t, 1);
	walk_goes_on(&past->walk, past->net, 1);
}

static bool passes_within_step(const struct net *net)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_NOW)
			return true;
	return false;
}

bool errorflow_check(const struct learner *learner, enum errorflow what, struct error *e)
{
	const struct net *net = learner->net;
	if (learner->type != &learner_composed)
		return error_input(e, "errorflow: a %s learner is more than one net and its rule", learner->type->name);
	if (!(net_offers(net) & NET_BACK))
		return error_input(e, "errorflow: a %s cannot be gone back through (see lstm97 list rules)", net->type->name);
	if (what == ERRORFLOW_FACTORS && passes_within_step(net))
		return error_input(e, "errorflow: in this %s errors at net inputs reach other units within a step; expected share",
				   net->type->name);
	if (what == ERRORFLOW_FACTORS && net->decay_at)
		return error_input(e, "errorflow: the states of this %s shrink within a step; expected share", net->type->name);
	if (what == ERRORFLOW_DRIFT && !net->cells)
		return error_input(e, "errorflow drift: a %s has no states", net->type->name);
	if (what == ERRORFLOW_DRIFT && !(net_offers(net) & NET_TRACES))
		return error_input(e, "errorflow drift: not all states of this %s are seen through an output of their own",
				   net->type->name);
	return true;
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

/* Error 1 at the net input of unit u at the last step. */
static void flow_from_unit(struct past *past, int u, int steps, struct sum *sum)
{
	struct walk *w = &past->walk;
	walk_start(w, past->net);
	w->e_net[u] = lane_set(1.0);
	for (long q = 1; q <= steps && q < past->length; q++) {
		walk_through(past, past->length - 1 - q);
		add(&sum[q], largest(w->e_net, past->net->hidden));
	}
}

/* Error 1 at the state of cell u at the last step, after that step's own error has left it. */
static void flow_from_state(struct past *past, int u, int steps, struct sum *sum)
{
	struct walk *w = &past->walk;
	walk_start(w, past->net);
	w->e_s[u] = lane_set(1.0);
	walk_through(past, past->length - 1);
	for (long q = 1; q <= steps && q < past->length; q++) {
		walk_through(past, past->length - 1 - q);
		add(&sum[q], largest(w->e_s, past->net->cells));
	}
}

static double largest_slope(enum activation activation)
{
	return activation == ACTIVATION_LOGISTIC ? 0.25 : 1.0;
}

static double largest_weight(const struct net *net)
{
	double most = 0.0;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		for (int m = 0; c->source == SOURCE_RECURRENT && m < c->rows; m++)
			for (int j = 0; j < c->cols; j++)
				most = GSL_MAX_DBL(most, fabs(*net_weight(net, c, m, j, 0)));
	}
	return most;
}

/* n (n w_max g)^q (section 3.1): no product of f' w over q steps is larger. */
static double bound(const struct net *net, long q)
{
	const double n = net->hidden;
	return net->cells ? GSL_NAN : n * gsl_pow_int(n * largest_weight(net) * largest_slope((enum activation)net->o.activation), (int)q);
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
					state[q].n ? state[q].largest : GSL_NAN, bound(net, q)};
	free(unit);
	free(state);
	past_end(&past);
}

/* ---- share of the gradient ---- */

/* Errors that enter at the last step, from those of the outputs: e_k = f'(net_k) (target_k - y_k) (eq. 19). */
static void errors_of_last(struct past *past, struct learner *learner)
{
	const struct net *net = past->net;
	const struct sequence *s = &past->shown->sequence;
	const bool logistic = net->o.output == OUTPUT_LOGISTIC && !net->outputs_inside;
	lane *e = memory_zeroed((size_t)net->out, sizeof *e);
	learner_answer(learner, &past->shown->frames, past->length - 1);
	for (int k = 0; k < net->out; k++) {
		const lane y = net->y_out[k], target = lane_set(k == s->target[past->length - 1] ? s->target_value : 0.0);
		e[k] = (target - y) * (logistic ? y * (1.0 - y) : lane_set(1.0));
	}
	net_seen_errors(net, e, past->e + (past->length - 1) * net->seen_n);
	past->enters[past->length - 1] = 1;
	free(e);
}

/* What the source m of c had to say to unit j in step t. */
static double source_at(const struct past *past, const struct connection *c, long t, int m, int j)
{
	const struct net *net = past->net;
	const struct frame x = frames_at(&past->shown->frames, t);
	if (c->local)
		return x.index[0] == m;
	return connect_source(net, c, &x, net_row(net, t + 1), net_row(net, t))[c->own ? m * c->cols + j : m][0];
}

/* g_jm += e_j z_m over all connections to the hidden layer in step t; the squared norm of g. e: (hidden) */
static double add_step(const struct past *past, double *g, long t, const double *e)
{
	double squares = 0.0;
	for (int i = 0; i < past->net->to_hidden_n; i++) {
		const struct connection *c = &past->net->to_hidden[i];
		for (int m = 0; m < c->rows; m++)
			for (int j = 0; j < c->cols; j++, g++) {
				const double z = source_at(past, c, t, m, j);
				*g += z != 0.0 ? e[c->to + j] * z : 0.0;
				squares += *g * *g;
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
	errors_of_last(past, learner);
	walk_start(&past->walk, net);
	for (size_t q = 0; q < length; q++) {
		walk_through(past, past->length - 1 - (long)q);
		for (size_t j = 0; j < hidden; j++)
			e[q * hidden + j] = past->walk.e_net[j][0];
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

/* Of one sequence that the net has been through. */
static void add_drift(const struct net *net, struct sum *state, struct sum *entry)
{
	lane *e_seen = memory_zeroed((size_t)net->seen_n, sizeof *e_seen), *e_s = memory_zeroed((size_t)net->cells, sizeof *e_s),
	     *e_direct = memory_zeroed((size_t)net->direct_n, sizeof *e_direct);
	for (int v = 0; v < net->seen_n; v++)
		e_seen[v] = lane_set(1.0);
	net->type->errors(net, e_seen, e_direct, e_s);
	for (int v = 0; v < net->cells; v++) {
		add(state, fabs(net->s[v][0]));
		add(entry, fabs(e_s[v][0]));
	}
	free(e_seen);
	free(e_s);
	free(e_direct);
}

void errorflow_drift(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, struct drift *drift)
{
	struct past past;
	struct sum state = {0}, entry = {0};
	past_begin(&past, learner, true);
	assert(net_offers(past.net) & NET_TRACES);
	for (int k = 1; k <= sequences; k++) {
		struct presented p;
		presented_draw(&p, c, seed, k);
		run_forward(&past, learner, &p);
		add_drift(past.net, &state, &entry);
		presented_free(&p);
	}
	*drift = (struct drift){mean(&state), state.largest, mean(&entry)};
	past_end(&past);
}

/* ---- one unit, one weight ---- */

double errorflow_slope(enum activation activation, double net, double w)
{
	if (activation == ACTIVATION_RELU)
		return net > 0.0 ? fabs(w) : 0.0;
	/* f' = 1 / (4 cosh^2(net / 2)), or for tanh 1 / cosh^2(net) */
	const double c = activation == ACTIVATION_TANH ? cosh(net) : 2.0 * cosh(net / 2.0);
	return fabs(w) / (c * c);
}

double errorflow_fixed_net(enum activation activation, double w)
{
	if (activation == ACTIVATION_RELU)
		return GSL_NAN;
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
