/* rnn.c: nets of conventional units, the baselines of the paper (sections 5.1, 5.2, 3) and of others.
   Does: rnn: units with logistic, tanh or rectified squashing, y_j(t) = f(sum of w_jm over x(t), y(t-1) and bias), in up to three
   layers, with the outputs as a layer above them (Elman; connectivity F, F+shortcuts) or among them (Williams and Zipser's fully
   recurrent net; connectivity full). irnn: rectified units that start with y(t) = y(t-1) + ... (Le, Jaitly and Hinton 2015). window: no
   recurrence, the lowest layer sees the last k inputs; a step costs as much as k inputs in full, also if they are local.
   sparse: as full, but a hidden unit sees inputs, outputs and itself only, and an output inputs and hidden units (architecture A2 of
   Hochreiter and Schmidhuber's weight guessing); it can be guessed, not trained.
   Does not: gates or cells. */
#include "base/memory.h"
#include "net/connect.h"
#include "net/past.h"

#include <stdlib.h>

struct rnn {
	struct net base;
	lane *net_in; /* (hidden) net inputs */
	lane *e_y;    /* (hidden) with layers: errors at activations */
};

extern const struct net_type net_irnn, net_window;

/* What a step leaves behind: y, then f' of every unit, then x(t), x(t-1), ..., x(t-k+1) of a window. */
static lane *slope_of(const struct net *net, const lane *row)
{
	return (lane *)row + net->hidden;
}

static bool is_full(const struct net_options *o)
{
	return o->connectivity == CONNECT_FULL;
}

static bool rnn_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	(void)shape;
	if (o->bias == BIAS_GATES || o->bias == BIAS_GATES_OUTPUTS)
		return error_input(e, "bias: gates, but net %s has none; expected none, hidden or all", net_types[o->net]->name);
	if (o->connectivity == CONNECT_B)
		return error_input(e, "connectivity: B has no recurrence but that of cells, which net %s has not; expected F+shortcuts",
				   net_types[o->net]->name);
	if (!is_full(o) && !o->units)
		return error_input(e, "units: 0, expected at least 1 where the outputs are not units themselves (connectivity = full)");
	if (is_full(o) && o->output != OUTPUT_LOGISTIC)
		return error_input(e, "output: with connectivity = full the outputs are hidden units; set activation");
	if (is_full(o) && o->layers > 1)
		return error_input(e, "layers: %ld, but with connectivity = full the outputs are among the units of one layer", o->layers);
	return true;
}

static bool sparse_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	if (!is_full(o))
		return error_input(e, "connectivity: expected full for a sparse net, whose outputs are among its units");
	return rnn_check(o, shape, e);
}

static bool window_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	if (is_full(o))
		return error_input(e, "connectivity: full, but a window net has no recurrence");
	return rnn_check(o, shape, e);
}

static unsigned rnn_lacks(const struct net_options *o)
{
	return o->layers > 1 ? NET_JACOBIAN : 0;
}

static void rnn_layout(struct net *net, const struct task_shape *shape)
{
	const struct net_options *o = &net->o;
	const int out = shape->out, layers = (int)o->layers, units = (int)o->units + (is_full(o) ? out : 0);
	const bool local = shape->coding == INPUT_LOCAL, window = net->type == &net_window;
	net->outputs_inside = is_full(o);
	net->layers = layers;
	net->hidden = layers * units;
	net->seen_n = is_full(o) ? out : units;
	net->seen_first = net->hidden - net->seen_n;
	net->row_n = (size_t)(2 * net->hidden) + (window ? (size_t)(o->taps * shape->in) : 0);

	struct connection *c = net->to_hidden;
	const int biased = o->bias == BIAS_ALL ? units : o->bias == BIAS_HIDDEN ? (int)o->units : 0;
	for (int layer = 0; layer < layers; layer++) {
		const int to = layer * units;
		if (biased)
			*c++ = (struct connection){.name = "hidden<-bias", .rows = 1, .cols = biased, .to = to, .source = SOURCE_BIAS};
		if (layer > 0)
			*c++ = (struct connection){
			    .name = "hidden<-below", .rows = units, .cols = units, .to = to, .source = SOURCE_NOW, .first = to - units};
		else if (window)
			*c++ = (struct connection){.name = "hidden<-window",
						   .rows = (int)o->taps * shape->in,
						   .cols = units,
						   .source = SOURCE_NOW,
						   .first = 2 * net->hidden};
		else
			*c++ = (struct connection){
			    .name = "hidden<-input", .rows = shape->in, .cols = units, .local = local, .source = SOURCE_INPUT};
		if (o->connectivity != CONNECT_F_FORWARD && !window)
			*c++ = (struct connection){
			    .name = "hidden<-hidden", .rows = units, .cols = units, .to = to, .source = SOURCE_RECURRENT, .first = to};
	}
	net->to_hidden_n = (int)(c - net->to_hidden);
	if (is_full(o))
		return;
	c = net->to_output;
	*c++ = (struct connection){.name = "output<-hidden", .rows = units, .cols = out, .source = SOURCE_SEEN};
	if (o->bias == BIAS_ALL)
		*c++ = (struct connection){.name = "output<-bias", .rows = 1, .cols = out, .source = SOURCE_BIAS};
	if (o->connectivity == CONNECT_F_SHORTCUTS || o->connectivity == CONNECT_C_SHORTCUTS)
		*c++ = (struct connection){.name = "output<-input", .rows = shape->in, .cols = out, .local = local, .source = SOURCE_INPUT};
	net->to_output_n = (int)(c - net->to_output);
}

static void irnn_layout(struct net *net, const struct task_shape *shape)
{
	net->o.activation = ACTIVATION_RELU;
	rnn_layout(net, shape);
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
	struct rnn *n = (struct rnn *)net;
	n->net_in = memory_zeroed((size_t)net->hidden, sizeof(lane));
	n->e_y = memory_zeroed((size_t)net->hidden, sizeof(lane));
}

static void rnn_release(struct net *net)
{
	free(((struct rnn *)net)->net_in);
	free(((struct rnn *)net)->e_y);
}

static double rnn_initial(const struct net *net, const struct connection *c, int m, int j, double drawn)
{
	(void)net;
	(void)c;
	(void)m;
	(void)j;
	return drawn;
}

/* The recurrent matrix is the identity, biases are 0. */
static double irnn_initial(const struct net *net, const struct connection *c, int m, int j, double drawn)
{
	(void)net;
	return c->source == SOURCE_RECURRENT ? m == j : c->source == SOURCE_BIAS ? 0.0 : drawn;
}

/* f(net_j) and f'(net_j) for n units from unit `first` on */
LANE_INLINE void activate(struct net *net, int first, int n, const int kind)
{
	lane *const net_in = ((struct rnn *)net)->net_in + first, *const slope = slope_of(net, net->y) + first, *const y = net->y + first;
	if (kind == ACTIVATION_RELU) {
		for (int j = 0; j < n; j++) {
			const ilane on = net_in[j] > 0.0;
			slope[j] = net->grown * lane_masked(on, lane_set(1.0));
			y[j] = net->grown * lane_masked(on, net_in[j]);
		}
		return;
	}
	const bool tanh = kind == ACTIVATION_TANH;
	for (int j = 0; tanh && j < n; j++)
		net_in[j] *= 2.0;
	lane_logistic(net_in, y, n);
	/* f'(net_j): f (1 - f), or for tanh x = 2 f(2 x) - 1: 1 - tanh^2 */
	for (int j = 0; j < n; j++) {
		const lane f = y[j], z = tanh ? lane_fma(lane_set(2.0), f, lane_set(-1.0)) : f;
		slope[j] = net->grown * (tanh ? lane_fnma(z, z, lane_set(1.0)) : f * (1.0 - f));
		y[j] = net->grown * z;
	}
}

LANE_INLINE void step(struct net *net, const struct frame *x, int kind)
{
	lane *const net_in = ((struct rnn *)net)->net_in;
	const int units = net->hidden / net->layers, inner = net->to_hidden_n / net->layers;
	for (int layer = 0; layer < net->layers; layer++) {
		/* net_j(t) = sum_m w_jm y_m, over x(t), y(t-1) and the bias */
		connect_net(net, &net->to_hidden[layer * inner], inner, units, x, false, net_in);
		activate(net, layer * units, units, kind);
	}
}

LANE_INLINE void rnn_step(struct net *net, const struct frame *x)
{
	step(net, x, net->o.activation);
}

static void rnn_run(struct net *net, const struct frames *frames, long at, long n)
{
	connect_run(net, frames, at, n, rnn_step);
}

LANE_INLINE void irnn_step(struct net *net, const struct frame *x)
{
	step(net, x, ACTIVATION_RELU);
}

static void irnn_run(struct net *net, const struct frames *frames, long at, long n)
{
	connect_run(net, frames, at, n, irnn_step);
}

LANE_INLINE void window_step(struct net *net, const struct frame *x)
{
	lane *const seen = net->y + 2 * net->hidden, *const before = net->y_before + 2 * net->hidden;
	const int in = net->in;
	for (int i = (int)net->o.taps * in - 1; i >= in; i--)
		seen[i] = before[i - in];
	for (int i = 0; i < in; i++)
		seen[i] = x->value ? x->value[i] : lane_masked(x->index == (int64_t)i, lane_set(1.0));
	step(net, x, net->o.activation);
}

static void window_run(struct net *net, const struct frames *frames, long at, long n)
{
	connect_run(net, frames, at, n, window_step);
}

LANE_INLINE void rnn_step_back(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net)
{
	const lane *const slope = slope_of(net, row);
	lane *const own = ((const struct rnn *)net)->e_y;
	const int units = net->hidden / net->layers;
	(void)e_s;
	for (int j = 0; net->layers > 1 && j < net->hidden; j++)
		own[j] = e_y[j];
	for (int layer = net->layers - 1; layer >= 0; layer--) {
		for (int j = layer * units; j < (layer + 1) * units; j++)
			e_net[j] = slope[j] * (net->layers > 1 ? own : e_y)[j];
		net_errors_below(net, layer, e_net, own);
	}
}

static void rnn_back(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net)
{
	rnn_step_back(net, row, e_y, e_s, e_net);
}

static void rnn_walk(const struct net *net, struct walk *w, long t, long n)
{
	walk_steps(net, w, t, n, rnn_step_back);
}

/* d[i][j] = f'(net_j) d_net[i][j] for n units j; slope, d_net, d: from the first of them on */
LANE_INLINE void push_block(const lane *slope, int directions, const lane *d_net, lane *d, int hidden, const int n)
{
	for (int i = 0; i < directions; i++)
		LANE_UNROLL
	for (int j = 0; j < n; j++)
		d[i * hidden + j] = lane_flushed(slope[j] * d_net[i * hidden + j]);
}

static void rnn_push(const struct net *net, const lane *row, int directions, const lane *d_net, lane *d)
{
#define CALL(first, n) push_block(slope_of(net, row) + (first), directions, d_net + (first), d + (first), net->hidden, n)
	CONNECT_BLOCKS(CALL, net->hidden);
#undef CALL
}

#define RNN(check_, layout_, initial_, run_)                                                                                               \
	.size = sizeof(struct rnn), .check = (check_), .layout = (layout_), .prepare = rnn_prepare, .release = rnn_release,                \
	.initial = (initial_), .run = (run_)
#define TRAINED .offers = NET_BACK | NET_JACOBIAN, .lacks = rnn_lacks, .back = rnn_back, .walk = rnn_walk, .push = rnn_push

const struct net_type net_rnn = {
    .name = "rnn",
    .summary = "conventional recurrent units: Elman's net, or fully recurrent (the paper's baselines)",
    RNN(rnn_check, rnn_layout, rnn_initial, rnn_run),
    TRAINED,
};

const struct net_type net_irnn = {
    .name = "irnn",
    .summary = "rectified units whose recurrent matrix starts as the identity (Le, Jaitly and Hinton 2015)",
    RNN(rnn_check, irnn_layout, irnn_initial, irnn_run),
    TRAINED,
};

const struct net_type net_window = {
    .name = "window",
    .summary = "no recurrence: a feed-forward net on the last k inputs (taps)",
    RNN(window_check, rnn_layout, rnn_initial, window_run),
    TRAINED,
};

const struct net_type net_sparse = {
    .name = "sparse",
    .summary = "as rnn, hidden units see inputs, outputs and themselves only (A2 of weight guessing)",
    RNN(sparse_check, rnn_layout, rnn_initial, rnn_run),
    .absent = sparse_absent,
};
