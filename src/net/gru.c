/* gru.c: gated recurrent units (Cho et al. 2014).
   Does: update gates z, reset gates r and units h, in up to three layers:
     z = f(net_z), r = f(net_r), net over x(t), h(t-1) and bias;
     c = tanh(net_c), net_c over x(t), r h(t-1) and bias;  h(t) = z h(t-1) + (1 - z) c.
   Does not: connectivities other than this: F and C are the same here; the variant that multiplies with r after the matrix; given biases
   of gates (igb and others) or a shift of their weights.

   Hidden units of a layer in order: z, r, h (units each). The states are h, so that errors go from step to step in them, as in cells. */
#include "base/memory.h"
#include "net/connect.h"
#include "net/past.h"

#include <stdlib.h>

struct gru {
	struct net base;
	int inner;    /* connections to a layer */
	lane *net_in; /* (hidden) net inputs */
	lane *e_y;    /* (hidden) errors at activations */
	lane *e_rh;   /* (units) errors at r h(t-1) */
};

/* What a step leaves behind: y (hidden); then, each (cells): c, h(t-1), r h(t-1). */
static int place_of(const struct net *net, int i)
{
	return net->hidden + i * net->cells;
}

static bool gru_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	(void)shape;
	if (!o->units)
		return error_input(e, "units: 0, expected at least 1");
	if (o->connectivity == CONNECT_FULL || o->connectivity == CONNECT_B || o->connectivity == CONNECT_F_FORWARD)
		return error_input(e, "connectivity: a gru's units always see each other, its outputs never are units; expected F or C");
	if (o->reset != 0.0)
		return error_input(e, "reset: %g, but a gru's activations are its states, which start at 0", o->reset);
	return true;
}

static void gru_layout(struct net *net, const struct task_shape *shape)
{
	struct gru *n = (struct gru *)net;
	const struct net_options *o = &net->o;
	const int units = (int)o->units, layers = (int)o->layers, out = shape->out;
	const bool local = shape->coding == INPUT_LOCAL;
	net->layers = layers;
	net->hidden = 3 * units * layers;
	net->cells = units * layers;
	net->gates = 2 * units;
	net->gate[0] = (struct gate_kind){"update", units};
	net->gate[1] = (struct gate_kind){"reset", units};
	net->seen_first = net->hidden - units;
	net->seen_n = units;
	net->row_n = (size_t)(net->hidden + 3 * net->cells);

	struct connection *c = net->to_hidden;
	for (int layer = 0; layer < layers; layer++) {
		const int to = 3 * units * layer, h = to + 2 * units;
		if (o->bias != BIAS_NONE)
			*c++ = (struct connection){.name = "hidden<-bias",
						   .rows = 1,
						   .cols = o->bias == BIAS_HIDDEN || o->bias == BIAS_ALL ? 3 * units : 2 * units,
						   .to = to,
						   .source = SOURCE_BIAS};
		if (layer)
			*c++ = (struct connection){
			    .name = "hidden<-below", .rows = units, .cols = 3 * units, .to = to, .source = SOURCE_NOW, .first = to - units};
		else
			*c++ = (struct connection){
			    .name = "hidden<-input", .rows = shape->in, .cols = 3 * units, .local = local, .source = SOURCE_INPUT};
		*c++ = (struct connection){
		    .name = "gate<-hidden", .rows = units, .cols = 2 * units, .to = to, .source = SOURCE_RECURRENT, .first = h};
		*c++ = (struct connection){.name = "hidden<-reset",
					   .rows = units,
					   .cols = units,
					   .to = h,
					   .source = SOURCE_NOW,
					   .first = place_of(net, 2) + layer * units};
	}
	net->to_hidden_n = (int)(c - net->to_hidden);
	n->inner = net->to_hidden_n / layers;

	c = net->to_output;
	*c++ = (struct connection){.name = "output<-hidden", .rows = units, .cols = out, .source = SOURCE_SEEN};
	if (o->bias == BIAS_ALL || o->bias == BIAS_GATES_OUTPUTS)
		*c++ = (struct connection){.name = "output<-bias", .rows = 1, .cols = out, .source = SOURCE_BIAS};
	if (o->connectivity == CONNECT_F_SHORTCUTS || o->connectivity == CONNECT_C_SHORTCUTS)
		*c++ = (struct connection){.name = "output<-input", .rows = shape->in, .cols = out, .local = local, .source = SOURCE_INPUT};
	net->to_output_n = (int)(c - net->to_output);
}

static double gru_initial(const struct net *net, const struct connection *c, int m, int j, double drawn)
{
	(void)net;
	(void)c;
	(void)m;
	(void)j;
	return drawn;
}

static void gru_prepare(struct net *net)
{
	struct gru *n = (struct gru *)net;
	n->net_in = memory_zeroed((size_t)net->hidden, sizeof(lane));
	n->e_y = memory_zeroed((size_t)net->hidden, sizeof(lane));
	n->e_rh = memory_zeroed((size_t)net->o.units, sizeof(lane));
}

static void gru_release(struct net *net)
{
	struct gru *n = (struct gru *)net;
	free(n->net_in);
	free(n->e_y);
	free(n->e_rh);
}

LANE_INLINE void step_layer(struct net *net, const struct frame *x, int layer)
{
	struct gru *n = (struct gru *)net;
	const int units = (int)net->o.units, first = layer * units;
	const struct connection *const to = &net->to_hidden[layer * n->inner], *const gated = &to[n->inner - 1];
	lane *const z = net->y + 3 * first, *const r = z + units, *const h = r + units, *const net_c = n->net_in + 3 * first + 2 * units;
	lane *const c = net->y + place_of(net, 0) + first, *const before = net->y + place_of(net, 1) + first;
	lane *const rh = net->y + place_of(net, 2) + first, *const s = net->s + first;
	connect_net(net, to, n->inner - 1, 3 * units, x, false, n->net_in);
	/* z = f(net_z), r = f(net_r) */
	lane_logistic(n->net_in + 3 * first, z, 2 * units);
	for (int i = 0; i < units; i++) {
		before[i] = s[i];
		rh[i] = r[i] * s[i];
	}
	connect_net(net, gated, 1, units, x, true, n->net_in);
	/* c = tanh(net_c) = 2 f(2 net_c) - 1; h(t) = z h(t-1) + (1 - z) c */
	for (int i = 0; i < units; i++)
		net_c[i] *= 2.0;
	lane_logistic(net_c, c, units);
	for (int i = 0; i < units; i++) {
		c[i] = lane_fma(lane_set(2.0), c[i], lane_set(-1.0));
		s[i] = lane_fma(z[i], before[i] - c[i], c[i]);
		h[i] = net->grown * s[i];
	}
}

LANE_INLINE void gru_step(struct net *net, const struct frame *x)
{
	for (int layer = 0; layer < net->layers; layer++)
		step_layer(net, x, layer);
}

static void gru_run(struct net *net, const struct frames *frames, long at, long n)
{
	connect_run(net, frames, at, n, gru_step);
}

static void back_layer(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net, int layer)
{
	const struct gru *n = (const struct gru *)net;
	const int units = (int)net->o.units, first = layer * units, unit = 3 * first;
	const struct connection *const gated = &net->to_hidden[(layer + 1) * n->inner - 1];
	const lane *const z = row + unit, *const r = z + units, *const c = row + place_of(net, 0) + first;
	const lane *const before = row + place_of(net, 1) + first, *const e_h = e_y + unit + 2 * units;
	lane *const e_z = e_net + unit, *const e_r = e_z + units, *const e_c = e_r + units;
	e_s += first;
	for (int i = 0; i < units; i++) {
		e_s[i] = lane_fma(net->grown, e_h[i], e_s[i]);
		e_c[i] = (1.0 - z[i]) * lane_fnma(c[i], c[i], lane_set(1.0)) * e_s[i];
		e_z[i] = z[i] * (1.0 - z[i]) * lane_fma(before[i] - c[i], e_s[i], e_y[unit + i]);
		n->e_rh[i] = lane_set(0.0);
	}
	connect_back(gated, net->w, e_net, n->e_rh);
	for (int i = 0; i < units; i++) {
		e_r[i] = r[i] * (1.0 - r[i]) * lane_fma(before[i], n->e_rh[i], e_y[unit + units + i]);
		e_s[i] = lane_fma(r[i], n->e_rh[i], z[i] * e_s[i]); /* goes on to h(t-1) */
	}
}

static void gru_back(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net)
{
	const struct gru *n = (const struct gru *)net;
	for (int j = 0; j < net->hidden; j++)
		n->e_y[j] = e_y[j];
	for (int layer = net->layers - 1; layer >= 0; layer--) {
		back_layer(net, row, n->e_y, e_s, e_net, layer);
		net_errors_below(net, layer, e_net, n->e_y);
	}
}

static void gru_walk(const struct net *net, struct walk *w, long t, long n)
{
	walk_steps(net, w, t, n, gru_back);
}

const struct net_type net_gru = {
    .name = "gru",
    .summary = "gated recurrent units (Cho et al. 2014)",
    .offers = NET_BACK,
    .size = sizeof(struct gru),
    .check = gru_check,
    .layout = gru_layout,
    .prepare = gru_prepare,
    .release = gru_release,
    .initial = gru_initial,
    .run = gru_run,
    .back = gru_back,
    .walk = gru_walk,
};
