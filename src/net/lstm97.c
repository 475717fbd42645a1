/* lstm97.c: the network of 1997 (sections 4, 5, appendix A.1).
   Does: memory cell blocks with input and output gates, connectivities F and B, with and without output gates.
   Does not: forget gates, peepholes; conventional hidden units (no experiment of the paper uses one).

   Hidden units in order: input gates in_j (j < b), output gates out_j (where there are any), cells c_v, block by
   block. Pairs: input gate of cell v's block -> s_v, for all v; then cell input c_v -> s_v, for all v. */
#include "base/memory.h"
#include "net/connect.h"
#include "net/net.h"

#include <stdlib.h>

struct lstm97 {
	struct net base;
	int *block;   /* (cells) block of each cell */
	lane *net_in; /* (hidden) net inputs */
};

/* What a step leaves behind, in net.now: y, factor, then h(s_c) and h'(s_c) of every cell. */
static lane *h_of(const struct net *net, const lane *now)
{
	return (lane *)now + net->hidden + net->pairs;
}

/* x -> scale f(x) + offset for each enum squash; the identity is apart. */
static const struct {
	double scale, offset;
} squash[] = {
    [SQUASH_LOGISTIC] = {1.0, 0.0},
    [SQUASH_H1] = {2.0, -1.0},
    [SQUASH_G2] = {4.0, -2.0},
};

/* Value and derivative of a squashing function at x, given f = f(x), the logistic. */
LANE_INLINE lane squash_value(int kind, lane x, lane f, lane *slope)
{
	if (kind == SQUASH_ID) {
		*slope = lane_set(1.0);
		return x;
	}
	const lane scale = lane_set(squash[kind].scale);
	*slope = scale * (f * (1.0 - f));
	return lane_fma(scale, f, lane_set(squash[kind].offset));
}

static long cells_of(const struct net_options *o, long block)
{
	return (long)o->cells.v[o->cells.n == 1 ? 0 : block];
}

static int gates_of(const struct net_options *o)
{
	return (int)o->blocks * (o->output_gates ? 2 : 1);
}

static bool check_gate_bias(const char *key, const struct list *list, const struct net_options *o, struct error *e)
{
	if (list->n == BIAS_ABSENT ? o->bias != BIAS_NONE : o->bias == BIAS_NONE)
		return error_input(e, "%s: %s", key,
				   o->bias == BIAS_NONE ? "given, but bias = none; expected none"
							: "none, but the gates have a bias; expected r or one value per block");
	if (list->n > 0 && list->n != o->blocks)
		return error_input(e, "%s: %d values for %ld blocks, expected one per block", key, list->n, o->blocks);
	return true;
}

static bool lstm97_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	(void)shape;
	if (o->connectivity == CONNECT_FULL)
		return error_input(e, "connectivity: full, but the outputs of an lstm97 are never hidden units");
	if (o->cells.n != 1 && o->cells.n != o->blocks)
		return error_input(e, "cells: %d values for %ld blocks, expected one, or one per block", o->cells.n, o->blocks);
	for (int i = 0; i < o->cells.n; i++)
		if (o->cells.v[i] != (double)(long)o->cells.v[i])
			return error_input(e, "cells: %g is not a whole number", o->cells.v[i]);
	if (!check_gate_bias("igb", &o->igb, o, e))
		return false;
	if (!o->output_gates)
		return o->ogb.n == BIAS_ABSENT || error_input(e, "ogb: given, but output_gates = no; expected none");
	return check_gate_bias("ogb", &o->ogb, o, e);
}

static void lstm97_layout(struct net *net, const struct task_shape *shape)
{
	const struct net_options *o = &net->o;
	const int gates = gates_of(o), out = shape->out;
	const bool local = shape->coding == INPUT_LOCAL;
	net->cells = 0;
	for (long j = 0; j < o->blocks; j++)
		net->cells += (int)cells_of(o, j);
	net->hidden = gates + net->cells;
	net->gates = net->seen_first = gates;
	net->seen_n = net->cells;
	net->pairs = 2 * net->cells;
	net->now_n = (size_t)(net->hidden + net->pairs + 2 * net->cells);

	struct connection *c = net->to_hidden;
	if (o->bias != BIAS_NONE)
		*c++ = (struct connection){
		    .name = "hidden<-bias", .rows = 1, .cols = o->bias == BIAS_GATES ? gates : net->hidden, .source = SOURCE_BIAS};
	*c++ = (struct connection){.name = "hidden<-input", .rows = shape->in, .cols = net->hidden, .local = local, .source = SOURCE_INPUT};
	/* last, so that the processor can be done with the rest before y(t-1) is known */
	if (o->connectivity == CONNECT_F || o->connectivity == CONNECT_F_SHORTCUTS)
		*c++ = (struct connection){.name = "hidden<-hidden", .rows = net->hidden, .cols = net->hidden, .source = SOURCE_RECURRENT};
	net->to_hidden_n = (int)(c - net->to_hidden);

	c = net->to_output;
	*c++ = (struct connection){.name = "output<-cell", .rows = net->cells, .cols = out, .source = SOURCE_SEEN};
	if (o->bias == BIAS_ALL)
		*c++ = (struct connection){.name = "output<-bias", .rows = 1, .cols = out, .source = SOURCE_BIAS};
	if (o->connectivity == CONNECT_B || o->connectivity == CONNECT_F_SHORTCUTS)
		*c++ = (struct connection){.name = "output<-input", .rows = shape->in, .cols = out, .local = local, .source = SOURCE_INPUT};
	net->to_output_n = (int)(c - net->to_output);
}

static double lstm97_bias(const struct net *net, int j, double drawn)
{
	const struct net_options *o = &net->o;
	const int b = (int)o->blocks;
	const struct list *list = j < b ? &o->igb : &o->ogb;
	if (j >= gates_of(o) || list->n < 0)
		return drawn; /* a cell, or r */
	return list->v[j % b] + (o->bias_init ? drawn : 0.0);
}

static void lstm97_prepare(struct net *net)
{
	struct lstm97 *n = (struct lstm97 *)net;
	const size_t cells = (size_t)net->cells;
	n->block = memory_zeroed(cells, sizeof *n->block);
	n->net_in = memory_zeroed((size_t)net->hidden, sizeof *n->net_in);
	for (int j = 0, v = 0; j < net->o.blocks; j++)
		for (long i = 0; i < cells_of(&net->o, j); i++)
			n->block[v++] = j;

	const int gates = net->gates;
	net->pair_unit = memory_zeroed((size_t)net->pairs, sizeof *net->pair_unit);
	net->pair_cell = memory_zeroed((size_t)net->pairs, sizeof *net->pair_cell);
	net->factor = net->now + net->hidden;
	for (int v = 0; v < net->cells; v++) {
		net->pair_unit[v] = n->block[v];
		net->pair_unit[net->cells + v] = gates + v;
		net->pair_cell[v] = net->pair_cell[net->cells + v] = v;
	}
	net->direct_first = (int)net->o.blocks;
	net->direct_n = gates - (int)net->o.blocks;
}

static void lstm97_release(struct net *net)
{
	struct lstm97 *n = (struct lstm97 *)net;
	free(n->block);
	free(n->net_in);
	free(net->pair_unit);
	free(net->pair_cell);
}

LANE_INLINE void step_sized(struct net *net, const struct frame *x, const int cells, const int gates)
{
	struct lstm97 *n = (struct lstm97 *)net;
	const int b = (int)net->o.blocks, hidden = gates + cells;
	lane *const h = h_of(net, net->now), *const h_slope = h + cells;
	for (int j = 0; j < hidden; j++) {
		net->y_before[j] = net->y[j];
		n->net_in[j] = lane_set(0.0);
	}
	/* net_j(t) = sum_m w_jm y_m, over x(t), y(t-1) and the bias */
	for (int i = 0; i < net->to_hidden_n; i++)
		connect_net(&net->to_hidden[i], net->w, x, n->net_in);
	/* y_in = f(net_in), y_out = f(net_out); f of net_c goes into g below. Apart from what follows, so that the
	   processor can work on many at once. */
	lane_logistic(n->net_in, net->y, hidden);
	for (int v = 0; v < cells; v++) {
		const lane y_in = net->y[n->block[v]];
		lane g_slope;
		const lane g = squash_value(net->o.g, n->net_in[gates + v], net->y[gates + v], &g_slope);
		/* s_c(t) = s_c(t-1) + y_in g(net_c) */
		net->s[v] = lane_fma(y_in, g, net->s[v]);
		/* ds_c/dnet_in = g f'(net_in) (eq. 25), ds_c/dnet_c = g' y_in (eq. 27) */
		net->factor[v] = g * (y_in * (1.0 - y_in));
		net->factor[cells + v] = g_slope * y_in;
	}
	if (net->o.h != SQUASH_ID)
		lane_logistic(net->s, h, cells);
	for (int v = 0; v < cells; v++)
		h[v] = squash_value(net->o.h, net->s[v], h[v], &h_slope[v]);
	/* y_c = y_out h(s_c) */
	for (int v = 0; v < cells; v++) {
		const lane y_out = net->o.output_gates ? net->y[b + n->block[v]] : lane_set(1.0);
		net->y[gates + v] = net->grown * (y_out * h[v]);
	}
}

/* The sizes of experiments 4, 5 and 6a as constants, so that the compiler can unroll the loops over units. */
static void lstm97_step(struct net *net, const struct frame *x)
{
	if (net->cells == 4 && net->gates == 4)
		step_sized(net, x, 4, 4);
	else
		step_sized(net, x, net->cells, net->gates);
}

static void lstm97_errors(const struct net *net, const lane *e_seen, lane *e_out, lane *e_s)
{
	const struct lstm97 *n = (const struct lstm97 *)net;
	const lane *const h = h_of(net, net->now), *const h_slope = h + net->cells;
	const int b = (int)net->o.blocks;
	for (int j = 0; j < net->direct_n; j++)
		e_out[j] = lane_set(0.0);
	for (int v = 0; v < net->cells; v++) {
		const lane back = e_seen[v] * net->grown; /* sum_k w_kc e_k */
		const int j = n->block[v];
		const lane y_out = net->o.output_gates ? net->y[b + j] : lane_set(1.0);
		/* e_s = y_out h'(s_c) sum_k w_kc e_k (eq. 23) */
		e_s[v] = y_out * h_slope[v] * back;
		/* e_out = f'(net_out) sum_v h(s_cv) sum_k w_k,cv e_k (eq. 21); f' comes below */
		if (net->o.output_gates)
			e_out[j] = lane_fma(h[v], back, e_out[j]);
	}
	for (int j = 0; j < net->direct_n; j++) {
		const lane y_out = net->y[b + j];
		e_out[j] *= y_out * (1.0 - y_out);
	}
}

/* The full gradient, section 3.1 without the truncation of A.1: gates and cells also get the errors that come back over the
   recurrent connections (in e_y). */
static void lstm97_back(const struct net *net, const lane *now, const lane *e_y, lane *e_s, lane *e_net)
{
	const struct lstm97 *n = (const struct lstm97 *)net;
	const lane *const y = now, *const factor = now + net->hidden, *const h = h_of(net, now), *const h_slope = h + net->cells;
	const int cells = net->cells, gates = net->gates, b = (int)net->o.blocks;
	for (int j = 0; j < gates; j++)
		e_net[j] = e_y[j];
	for (int v = 0; v < cells; v++) { /* y_c = y_out h(s_c) */
		const lane e = e_y[gates + v] * net->grown;
		const int out = b + n->block[v];
		e_s[v] = lane_fma((net->o.output_gates ? y[out] : lane_set(1.0)) * h_slope[v], e, e_s[v]);
		if (net->o.output_gates)
			e_net[out] = lane_fma(h[v], e, e_net[out]);
	}
	for (int j = 0; j < gates; j++)
		e_net[j] *= y[j] * (1.0 - y[j]);
	for (int v = 0; v < cells; v++) { /* s_c(t) = s_c(t-1) + y_in g(net_c); the error at s_c goes on to t - 1 as it is */
		e_net[n->block[v]] = lane_fma(factor[v], e_s[v], e_net[n->block[v]]);
		e_net[gates + v] = factor[cells + v] * e_s[v];
	}
}

static void lstm97_push(const struct net *net, int directions, const lane *d_net, lane *d)
{
	const struct lstm97 *n = (const struct lstm97 *)net;
	const lane *const y = net->y, *const h = h_of(net, net->now), *const h_slope = h + net->cells;
	const int cells = net->cells, gates = net->gates, b = (int)net->o.blocks;
	for (; directions > 0; directions--, d_net += net->hidden, d += net->hidden + cells) {
		lane *const d_s = d + net->hidden;
		for (int j = 0; j < gates; j++)
			d[j] = y[j] * (1.0 - y[j]) * d_net[j];
		for (int v = 0; v < cells; v++) {
			const int j = n->block[v];
			d_s[v] = lane_fma(net->factor[v], d_net[j], lane_fma(net->factor[cells + v], d_net[gates + v], d_s[v]));
			lane d_c = h_slope[v] * d_s[v];
			if (net->o.output_gates)
				d_c = lane_fma(h[v], d[b + j], y[b + j] * d_c);
			d[gates + v] = net->grown * d_c;
		}
	}
}

const struct net_type net_lstm97 = {
    .name = "lstm97",
    .summary = "memory cell blocks with input and output gates (1997, sections 4, 5, A.1)",
    .offers = NET_TRACES | NET_BACK | NET_JACOBIAN,
    .size = sizeof(struct lstm97),
    .check = lstm97_check,
    .layout = lstm97_layout,
    .prepare = lstm97_prepare,
    .release = lstm97_release,
    .bias = lstm97_bias,
    .step = lstm97_step,
    .errors = lstm97_errors,
    .back = lstm97_back,
    .push = lstm97_push,
};
