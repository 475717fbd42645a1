/* rnn.c: nets of conventional recurrent units, the baselines of the paper (sections 5.1, 5.2, 3).
   Does: rnn: units with logistic or tanh squashing, y_j(t) = f(sum of w_jm over x(t), y(t-1) and bias), with the outputs
   as a layer above them (Elman; connectivity F, F+shortcuts) or among them (Williams and Zipser's fully recurrent
   net; connectivity full). sparse: as full, but a hidden unit sees inputs, outputs and itself only, and an output inputs
   and hidden units (architecture A2 of Hochreiter and Schmidhuber's weight guessing); it can be guessed, not trained.
   Does not: gates or cells. */
#include "base/memory.h"
#include "net/connect.h"
#include "net/net.h"

#include <stdlib.h>

struct rnn {
	struct net base;
	lane *net_in; /* (hidden) net inputs */
};

/* What a step leaves behind, in net.now: y, then f' of every unit. */
static lane *slope_of(const struct net *net, const lane *now)
{
	return (lane *)now + net->hidden;
}

static bool rnn_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	(void)shape;
	if (o->bias == BIAS_GATES)
		return error_input(e, "bias: gates, but an rnn has none; expected none, hidden or all");
	if (o->connectivity == CONNECT_B)
		return error_input(e, "connectivity: B has no recurrence but that of cells, which an rnn has not; expected F+shortcuts");
	if (o->connectivity != CONNECT_FULL && !o->units)
		return error_input(e, "units: 0, expected at least 1 where the outputs are not units themselves (connectivity = full)");
	if (o->connectivity == CONNECT_FULL && o->output != OUTPUT_LOGISTIC)
		return error_input(e, "output: with connectivity = full the outputs are hidden units; set activation");
	return true;
}

static bool sparse_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	if (o->connectivity != CONNECT_FULL)
		return error_input(e, "connectivity: expected full for a sparse net, whose outputs are among its units");
	return rnn_check(o, shape, e);
}

static void rnn_layout(struct net *net, const struct task_shape *shape)
{
	const struct net_options *o = &net->o;
	const int units = (int)o->units, out = shape->out;
	const bool local = shape->coding == INPUT_LOCAL, full = o->connectivity == CONNECT_FULL;
	net->outputs_inside = full;
	net->hidden = full ? units + out : units;
	net->seen_first = full ? units : 0;
	net->seen_n = full ? out : units;
	net->now_n = (size_t)(2 * net->hidden);

	struct connection *c = net->to_hidden;
	const int biased = o->bias == BIAS_ALL ? net->hidden : o->bias == BIAS_HIDDEN ? units : 0;
	if (biased)
		*c++ = (struct connection){.name = "hidden<-bias", .rows = 1, .cols = biased, .source = SOURCE_BIAS};
	*c++ = (struct connection){.name = "hidden<-input", .rows = shape->in, .cols = net->hidden, .local = local, .source = SOURCE_INPUT};
	if (o->connectivity != CONNECT_F_FORWARD)
		*c++ = (struct connection){.name = "hidden<-hidden", .rows = net->hidden, .cols = net->hidden, .source = SOURCE_RECURRENT};
	net->to_hidden_n = (int)(c - net->to_hidden);
	if (full)
		return;
	c = net->to_output;
	*c++ = (struct connection){.name = "output<-hidden", .rows = units, .cols = out, .source = SOURCE_SEEN};
	if (o->bias == BIAS_ALL)
		*c++ = (struct connection){.name = "output<-bias", .rows = 1, .cols = out, .source = SOURCE_BIAS};
	if (o->connectivity == CONNECT_F_SHORTCUTS)
		*c++ = (struct connection){.name = "output<-input", .rows = shape->in, .cols = out, .local = local, .source = SOURCE_INPUT};
	net->to_output_n = (int)(c - net->to_output);
}

/* Architecture A2: from unit m to unit j there is no weight where both are hidden and not the same, or both are outputs. */
static bool sparse_absent(const struct net *net, const struct connection *c, int m, int j)
{
	const int units = net->seen_first;
	if (c->source != SOURCE_RECURRENT)
		return false;
	return j < units ? m < units && m != j : m >= units;
}

static void rnn_prepare(struct net *net)
{
	((struct rnn *)net)->net_in = memory_zeroed((size_t)net->hidden, sizeof(lane));
}

static void rnn_release(struct net *net)
{
	free(((struct rnn *)net)->net_in);
}

static double rnn_bias(const struct net *net, int j, double drawn)
{
	(void)net;
	(void)j;
	return drawn;
}

static void rnn_step(struct net *net, const struct frame *x)
{
	lane *const net_in = ((struct rnn *)net)->net_in, *const slope = slope_of(net, net->now);
	const bool tanh = net->o.activation == ACTIVATION_TANH;
	for (int j = 0; j < net->hidden; j++) {
		net->y_before[j] = net->y[j];
		net_in[j] = lane_set(0.0);
	}
	/* net_j(t) = sum_m w_jm y_m, over x(t), y(t-1) and the bias */
	for (int i = 0; i < net->to_hidden_n; i++)
		connect_net(&net->to_hidden[i], net->w, x, net_in);
	for (int j = 0; tanh && j < net->hidden; j++)
		net_in[j] *= 2.0;
	lane_logistic(net_in, net->y, net->hidden);
	/* f'(net_j): f (1 - f), or for tanh x = 2 f(2 x) - 1: 1 - tanh^2 */
	for (int j = 0; j < net->hidden; j++) {
		const lane f = net->y[j], y = tanh ? lane_fma(lane_set(2.0), f, lane_set(-1.0)) : f;
		slope[j] = net->grown * (tanh ? lane_fnma(y, y, lane_set(1.0)) : f * (1.0 - f));
		net->y[j] = net->grown * y;
	}
}

static void rnn_back(const struct net *net, const lane *now, const lane *e_y, lane *e_s, lane *e_net)
{
	const lane *const slope = slope_of(net, now);
	(void)e_s;
	for (int j = 0; j < net->hidden; j++)
		e_net[j] = slope[j] * e_y[j];
}

static void rnn_push(const struct net *net, int directions, const lane *d_net, lane *d)
{
	const lane *const slope = slope_of(net, net->now);
	for (; directions > 0; directions--, d_net += net->hidden, d += net->hidden)
		for (int j = 0; j < net->hidden; j++)
			d[j] = slope[j] * d_net[j];
}

const struct net_type net_rnn = {
    .name = "rnn",
    .summary = "conventional recurrent units: Elman's net, or fully recurrent (the paper's baselines)",
    .offers = NET_BACK | NET_JACOBIAN,
    .size = sizeof(struct rnn),
    .check = rnn_check,
    .layout = rnn_layout,
    .prepare = rnn_prepare,
    .release = rnn_release,
    .bias = rnn_bias,
    .step = rnn_step,
    .back = rnn_back,
    .push = rnn_push,
};

const struct net_type net_sparse = {
    .name = "sparse",
    .summary = "as rnn, hidden units see inputs, outputs and themselves only (A2 of weight guessing)",
    .size = sizeof(struct rnn),
    .check = sparse_check,
    .layout = rnn_layout,
    .prepare = rnn_prepare,
    .release = rnn_release,
    .bias = rnn_bias,
    .absent = sparse_absent,
    .step = rnn_step,
};
