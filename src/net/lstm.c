/* lstm.c: memory cell blocks of any kind and size: those of 1997 (lstm97.c), and what was added to them later.
   Does: lstm: input and output gates, connectivities F, B and others, forget gates (Gers, Schmidhuber and Cummins 2000), peepholes (Gers
   and Schmidhuber 2000), coupled gates, without input gates (Greff et al. 2017), in up to three layers; with all that came later off it
   is lstm97, bit for bit. cec: cells alone, the naive unit of section 3.2.
   Does not: conventional hidden units (no experiment of the paper uses one).

   Hidden units of a layer in order: input gates in_j (j < b), output gates out_j, forget gates f_j (each where there are any), cells c_v,
   block by block. Pairs: input gate of cell v's block -> s_v, for all v; then forget gate -> s_v; then cell input c_v -> s_v. */
#include "net/lstm.h"

#include "base/memory.h"
#include "net/connect.h"
#include "net/past.h"

#include <stdlib.h>

/* ---- options ---- */

static long cells_of(const struct net_options *o, long block)
{
	return (long)o->cells.v[o->cells.n == 1 ? 0 : block];
}

static bool check_gate_bias(const char *key, const struct list *list, const struct net_options *o, struct error *e)
{
	if (list->n == BIAS_ABSENT ? o->bias != BIAS_NONE : o->bias == BIAS_NONE)
		return error_input(e, "%s: %s", key,
				   o->bias == BIAS_NONE ? "given, but bias = none; expected none"
							: "none, but the gates have a bias; expected r or one value per block");
	if (list->n > 1 && list->n != o->blocks)
		return error_input(e, "%s: %d values for %ld blocks, expected one, or one per block", key, list->n, o->blocks);
	return true;
}

static bool check_cells(const struct net_options *o, struct error *e)
{
	if (o->connectivity == CONNECT_FULL)
		return error_input(e, "connectivity: full, but the outputs of net %s are never hidden units", net_types[o->net]->name);
	if (o->cells.n != 1 && o->cells.n != o->blocks)
		return error_input(e, "cells: %d values for %ld blocks, expected one, or one per block", o->cells.n, o->blocks);
	for (int i = 0; i < o->cells.n; i++)
		if (o->cells.v[i] != (double)(long)o->cells.v[i])
			return error_input(e, "cells: %g is not a whole number", o->cells.v[i]);
	return true;
}

bool lstm_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	(void)shape;
	if (!check_cells(o, e) || (o->input_gates && !check_gate_bias("igb", &o->igb, o, e)))
		return false;
	if (o->forget == FORGET_COUPLED && !o->input_gates)
		return error_input(e, "forget: coupled to input gates, but input_gates = no");
	if (o->forget != FORGET_NONE && o->state_decay < 1.0)
		return error_input(e, "state_decay: %g, but forget gates say what states keep; expected 1", o->state_decay);
	if (o->forget == FORGET_GATE && o->fgb.n != BIAS_RANDOM && !check_gate_bias("fgb", &o->fgb, o, e)) /* r: also without any bias */
		return false;
	for (int i = 1; o->peepholes && i < o->cells.n; i++)
		if (o->cells.v[i] != o->cells.v[0])
			return error_input(e, "peepholes: yes needs blocks of equal size");
	if (o->peepholes && !o->input_gates && !o->output_gates && o->forget != FORGET_GATE)
		return error_input(e, "peepholes: yes, but there are no gates to see the states");
	if (!o->output_gates)
		return o->ogb.n == BIAS_ABSENT || error_input(e, "ogb: given, but output_gates = no; expected none");
	return check_gate_bias("ogb", &o->ogb, o, e);
}

static bool cec_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	(void)shape;
	return check_cells(o, e);
}

static unsigned lstm_lacks(const struct net_options *o)
{
	return o->layers > 1 ? NET_TRACES | NET_JACOBIAN : 0;
}

/* ---- layout ---- */

/* Adds the connections to one layer; those of the recurrence last, so that the processor can be done with the rest before y(t-1) is
   known. */
static struct connection *layout_layer(const struct lstm *n, int layer, const struct task_shape *shape, struct connection *c)
{
	const struct net_options *o = &n->base.o;
	const int to = layer * n->layer_units, gates = n->layer_gates, cells = n->layer_cells;
	const int biased = o->bias == BIAS_NONE ? 0 : o->bias == BIAS_HIDDEN || o->bias == BIAS_ALL ? n->layer_units : gates;
	if (biased)
		*c++ = (struct connection){.name = "hidden<-bias", .rows = 1, .cols = biased, .to = to, .source = SOURCE_BIAS};
	if (layer == 0)
		*c++ = (struct connection){.name = "hidden<-input",
					   .rows = shape->in,
					   .cols = n->layer_units,
					   .local = shape->coding == INPUT_LOCAL,
					   .source = SOURCE_INPUT};
	else
		*c++ = (struct connection){
		    .name = "hidden<-below", .rows = cells, .cols = n->layer_units, .to = to, .source = SOURCE_NOW, .first = to - cells};
	if (o->peepholes)
		*c++ = (struct connection){.name = "gate<-state",
					   .rows = n->block_cells,
					   .cols = gates,
					   .to = to,
					   .own = true,
					   .source = SOURCE_NOW,
					   .first = n->at_peep + layer * n->block_cells * gates};
	if (o->connectivity == CONNECT_F || o->connectivity == CONNECT_F_SHORTCUTS)
		*c++ = (struct connection){.name = "hidden<-hidden",
					   .rows = n->layer_units,
					   .cols = n->layer_units,
					   .to = to,
					   .source = SOURCE_RECURRENT,
					   .first = to};
	else if (o->connectivity == CONNECT_C || o->connectivity == CONNECT_C_SHORTCUTS)
		*c++ = (struct connection){.name = "hidden<-cell",
					   .rows = cells,
					   .cols = n->layer_units,
					   .to = to,
					   .source = SOURCE_RECURRENT,
					   .first = to + gates};
	return c;
}

/* Gives every value of a row its place. */
static void layout_row(struct lstm *n)
{
	struct net *net = &n->base;
	const struct net_options *o = &net->o;
	const int cells = net->cells;
	int at = net->hidden;
	n->at_in = at;
	at += o->input_gates ? cells : 0;
	n->at_forget = at;
	at += o->forget == FORGET_GATE ? cells : 0;
	n->at_cell = at;
	net->pairs = at + cells - net->hidden;
	n->at_h = at += cells;
	at += cells;
	net->decay_at = lstm_decays(o) ? at : 0;
	at += lstm_decays(o) ? cells : 0;
	n->at_peep = at;
	at += o->peepholes ? (int)o->layers * n->block_cells * n->layer_gates : 0;
	net->row_n = (size_t)at;
	net->factor_at = n->at_in;
}

void lstm_layout(struct net *net, const struct task_shape *shape)
{
	struct lstm *n = (struct lstm *)net;
	const struct net_options *o = &net->o;
	const int out = shape->out, b = (int)o->blocks, layers = (int)o->layers;
	const bool local = shape->coding == INPUT_LOCAL;
	for (long j = 0; j < b; j++)
		n->layer_cells += (int)cells_of(o, j);
	net->gate[0] = (struct gate_kind){"in", o->input_gates ? b : 0};
	net->gate[1] = (struct gate_kind){"out", o->output_gates ? b : 0};
	net->gate[2] = (struct gate_kind){"forget", o->forget == FORGET_GATE ? b : 0};
	for (int i = 0; i < 3; i++)
		n->layer_gates += net->gate[i].n;
	n->layer_units = n->layer_gates + n->layer_cells;
	n->block_cells = (int)cells_of(o, 0);
	net->cells = layers * n->layer_cells;
	net->hidden = layers * n->layer_units;
	net->layers = layers;
	net->gates = n->layer_gates;
	net->seen_first = net->hidden - n->layer_cells;
	net->seen_n = n->layer_cells;
	layout_row(n);

	struct connection *c = net->to_hidden;
	for (int layer = 0; layer < layers; layer++)
		c = layout_layer(n, layer, shape, c);
	net->to_hidden_n = (int)(c - net->to_hidden);
	n->layer_inner = net->to_hidden_n / layers;

	c = net->to_output;
	*c++ = (struct connection){.name = "output<-cell", .rows = net->seen_n, .cols = out, .source = SOURCE_SEEN};
	if (o->bias == BIAS_ALL || o->bias == BIAS_GATES_OUTPUTS)
		*c++ = (struct connection){.name = "output<-bias", .rows = 1, .cols = out, .source = SOURCE_BIAS};
	if (o->connectivity == CONNECT_B || o->connectivity == CONNECT_F_SHORTCUTS || o->connectivity == CONNECT_C_SHORTCUTS)
		*c++ = (struct connection){.name = "output<-input", .rows = shape->in, .cols = out, .local = local, .source = SOURCE_INPUT};
	net->to_output_n = (int)(c - net->to_output);
}

/* Section 3.2: s_c(t) = s_c(t-1) + net_c(t), y_c = s_c: what is said of gates and squashing counts nothing. */
static void cec_layout(struct net *net, const struct task_shape *shape)
{
	struct net_options *o = &net->o;
	o->input_gates = o->output_gates = o->peepholes = 0;
	o->forget = FORGET_NONE;
	o->state_decay = 1.0;
	o->g = o->h = SQUASH_ID;
	lstm_layout(net, shape);
}

double lstm_initial(const struct net *net, const struct connection *c, int m, int j, double drawn)
{
	const struct net_options *o = &net->o;
	const struct list *const lists[] = {&o->igb, &o->ogb, &o->fgb};
	(void)m;
	if (c->source == SOURCE_INPUT && j < net->gates)
		return drawn + o->gate_shift;
	for (int i = 0; c->source == SOURCE_BIAS && i < 3; j -= net->gate[i++].n)
		if (j < net->gate[i].n)
			return lists[i]->n < 0 ? drawn : lists[i]->v[lists[i]->n == 1 ? 0 : j] + (o->bias_init ? drawn : 0.0);
	return drawn;
}

void lstm_prepare(struct net *net)
{
	struct lstm *n = (struct lstm *)net;
	const size_t cells = (size_t)net->cells;
	n->in = memory_zeroed(cells, sizeof *n->in);
	n->out = memory_zeroed(cells, sizeof *n->out);
	n->forget = memory_zeroed(cells, sizeof *n->forget);
	n->net_in = memory_zeroed((size_t)net->hidden, sizeof *n->net_in);
	n->e_y = memory_zeroed((size_t)net->hidden, sizeof *n->e_y);
	for (int layer = 0, v = 0; layer < net->o.layers; layer++)
		for (int j = 0; j < net->o.blocks; j++)
			for (long i = 0; i < cells_of(&net->o, j); i++, v++) {
				n->in[v] = layer * n->layer_units + j;
				n->out[v] = n->in[v] + net->gate[0].n;
				n->forget[v] = n->out[v] + net->gate[1].n;
			}

	net->pair_unit = memory_zeroed((size_t)net->pairs, sizeof *net->pair_unit);
	net->pair_cell = memory_zeroed((size_t)net->pairs, sizeof *net->pair_cell);
	for (int v = 0; v < net->cells; v++) {
		const int in = n->at_in - net->hidden + v, forget = n->at_forget - net->hidden + v, cell = n->at_cell - net->hidden + v;
		if (net->o.input_gates)
			net->pair_unit[in] = n->in[v], net->pair_cell[in] = v;
		if (net->o.forget == FORGET_GATE)
			net->pair_unit[forget] = n->forget[v], net->pair_cell[forget] = v;
		net->pair_unit[cell] = n->layer_gates + v;
		net->pair_cell[cell] = v;
	}
	net->direct_first = net->gate[0].n;
	net->direct_n = net->gate[1].n;
}

void lstm_release(struct net *net)
{
	struct lstm *n = (struct lstm *)net;
	free(n->in);
	free(n->out);
	free(n->forget);
	free(n->net_in);
	free(n->e_y);
	free(net->pair_unit);
	free(net->pair_cell);
}

/* ---- a step ---- */

/* The connections of peepholes to a layer; they come after those of the bias and of the inputs. */
static const struct connection *peepholes(const struct net *net, int layer)
{
	const struct lstm *n = (const struct lstm *)net;
	const struct connection *c = &net->to_hidden[layer * n->layer_inner];
	while (!c->own)
		c++;
	return c;
}

/* Gates first ... last - 1 of a layer see the states as they are now: net_j += sum_v w_jv s_v over the cells of its block. */
static void peep(struct net *net, int layer, int first, int last)
{
	struct lstm *n = (struct lstm *)net;
	const struct connection *c = peepholes(net, layer);
	const lane *const w = (const lane *)(net->w + c->offset), *const s = net->s + layer * n->layer_cells;
	lane *const z = net->y + c->first;
	for (int m = 0; m < c->rows; m++)
		for (int j = first; j < last; j++) {
			z[m * c->cols + j] = s[j % (int)net->o.blocks * c->rows + m];
			n->net_in[c->to + j] = lane_fma(w[m * c->cols + j], z[m * c->cols + j], n->net_in[c->to + j]);
		}
}

/* The states of a layer, and how they move. */
static void states(struct net *net, int layer)
{
	struct lstm *n = (struct lstm *)net;
	const struct net_options *o = &net->o;
	const bool coupled = o->forget == FORGET_COUPLED;
	lane *const row = net->y;
	for (int i = 0; i < n->layer_cells; i++) {
		const int v = layer * n->layer_cells + i, c = layer * n->layer_units + n->layer_gates + i;
		const lane y_in = o->input_gates ? net->y[n->in[v]] : lane_set(1.0), before = net->s[v];
		lane g_slope;
		const lane g = squash_value(o->g, o->g == SQUASH_ID ? n->net_in[c] : net->y[c], &g_slope);
		/* s_c(t) = f s_c(t-1) + y_in g(net_c); f = y_f, or 1 - y_in, or the same at all times */
		const lane f = o->forget == FORGET_GATE ? net->y[n->forget[v]] : coupled ? 1.0 - y_in : lane_set(o->state_decay);
		net->s[v] = lane_fma(y_in, g, net->decay_at ? lane_flushed(f * before) : before);
		/* ds_c/dnet_in = g f'(net_in) (eq. 25), ds_c/dnet_c = g' y_in (eq. 27), ds_c/dnet_f = s_c(t-1) f'(net_f) */
		if (o->input_gates)
			row[n->at_in + v] = (coupled ? g - before : g) * (y_in * (1.0 - y_in));
		if (o->forget == FORGET_GATE)
			row[n->at_forget + v] = before * (f * (1.0 - f));
		row[n->at_cell + v] = g_slope * y_in;
		if (net->decay_at)
			row[net->decay_at + v] = f;
	}
}

static void step_layer(struct net *net, const struct frame *x, int layer)
{
	struct lstm *n = (struct lstm *)net;
	const struct net_options *o = &net->o;
	const int cells = n->layer_cells, gates = n->layer_gates, units = n->layer_units, first = layer * cells, unit = layer * units;
	const int out = net->gate[0].n, forget = out + net->gate[1].n;
	lane *const h = net->y + n->at_h + first, *const net_in = n->net_in + unit;
	/* net_j(t) = sum_m w_jm y_m, over x(t), y(t-1) and the bias */
	connect_net(net, &net->to_hidden[layer * n->layer_inner], n->layer_inner, units, x, false, n->net_in);
	if (o->peepholes) {
		peep(net, layer, 0, out);
		peep(net, layer, forget, gates);
	}
	/* y_in = f(net_in), y_out = f(net_out); f of net_c goes into g below. Apart from what follows, so that the
	   processor can work on many at once. */
	lane_logistic(net_in, net->y + unit, units);
	states(net, layer);
	if (o->peepholes && forget > out) {
		peep(net, layer, out, forget);
		lane_logistic(net_in + out, net->y + unit + out, forget - out);
	}
	if (o->h != SQUASH_ID)
		lane_logistic(net->s + first, h, cells);
	/* y_c = y_out h(s_c) */
	for (int v = 0; v < cells; v++) {
		const lane y_out = o->output_gates ? net->y[n->out[first + v]] : lane_set(1.0);
		lane slope;
		if (o->h == SQUASH_ID)
			h[v] = net->s[first + v];
		net->y[unit + gates + v] = net->grown * (y_out * squash_value(o->h, h[v], &slope));
	}
}

LANE_INLINE void lstm_step(struct net *net, const struct frame *x)
{
	for (int layer = 0; layer < net->o.layers; layer++)
		step_layer(net, x, layer);
}

void lstm_run(struct net *net, const struct frames *frames, long at, long n)
{
	connect_run(net, frames, at, n, lstm_step);
}

/* ---- errors ---- */

void lstm_errors(const struct net *net, const lane *e_seen, lane *e_out, lane *e_s)
{
	const struct lstm *n = (const struct lstm *)net;
	for (int j = 0; j < net->direct_n; j++)
		e_out[j] = lane_set(0.0);
	for (int v = 0; v < net->cells; v++) {
		const lane back = e_seen[v] * net->grown; /* sum_k w_kc e_k */
		const lane y_out = net->o.output_gates ? net->y[n->out[v]] : lane_set(1.0);
		lane h_slope;
		const lane h = squash_value(net->o.h, net->y[n->at_h + v], &h_slope);
		/* e_s = y_out h'(s_c) sum_k w_kc e_k (eq. 23) */
		e_s[v] = y_out * h_slope * back;
		/* e_out = f'(net_out) sum_v h(s_cv) sum_k w_k,cv e_k (eq. 21); f' comes below */
		if (net->o.output_gates) {
			lane *const e = &e_out[n->out[v] - net->direct_first];
			*e = lane_fma(h, back, *e);
		}
	}
	for (int j = 0; j < net->direct_n; j++) {
		const lane y_out = net->y[net->direct_first + j];
		e_out[j] *= y_out * (1.0 - y_out);
	}
}

/* What gates first ... last - 1 of a layer saw of the states: e_s += w e_net. */
static void peep_back(const struct net *net, int layer, int first, int last, const lane *e_net, lane *e_s)
{
	const struct connection *c = peepholes(net, layer);
	const lane *const w = (const lane *)(net->w + c->offset);
	e_s += layer * ((const struct lstm *)net)->layer_cells;
	for (int m = 0; m < c->rows; m++)
		for (int j = first; j < last; j++) {
			lane *const e = &e_s[j % (int)net->o.blocks * c->rows + m];
			*e = lane_fma(w[m * c->cols + j], e_net[c->to + j], *e);
		}
}

static void back_layer(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net, int layer)
{
	const struct lstm *n = (const struct lstm *)net;
	const struct net_options *o = &net->o;
	const lane *const y = row;
	const int gates = n->layer_gates, unit = layer * n->layer_units, first = layer * n->layer_cells, last = first + n->layer_cells;
	const int out = net->gate[0].n, forget = out + net->gate[1].n;
	const lane *const e_c = e_y + unit + gates - first;
	for (int j = unit; j < unit + gates; j++)
		e_net[j] = e_y[j];
	for (int v = first; v < last; v++) { /* y_c = y_out h(s_c) */
		const lane e = e_c[v] * net->grown;
		lane h_slope;
		const lane h = squash_value(o->h, row[n->at_h + v], &h_slope);
		e_s[v] = lane_fma((o->output_gates ? y[n->out[v]] : lane_set(1.0)) * h_slope, e, e_s[v]);
		if (o->output_gates)
			e_net[n->out[v]] = lane_fma(h, e, e_net[n->out[v]]);
	}
	for (int j = unit; j < unit + gates; j++)
		e_net[j] *= y[j] * (1.0 - y[j]);
	if (o->peepholes && !net->cut)
		peep_back(net, layer, out, forget, e_net, e_s);
	for (int v = first; v < last; v++) { /* s_c(t) = f s_c(t-1) + y_in g(net_c); in 1997 the error at s_c goes on to t - 1 as it is */
		if (o->input_gates)
			e_net[n->in[v]] = lane_fma(row[n->at_in + v], e_s[v], e_net[n->in[v]]);
		if (o->forget == FORGET_GATE)
			e_net[n->forget[v]] = lane_fma(row[n->at_forget + v], e_s[v], e_net[n->forget[v]]);
		e_net[unit + gates + v - first] = row[n->at_cell + v] * e_s[v];
		if (net->decay_at)
			e_s[v] *= row[net->decay_at + v];
	}
	if (o->peepholes && !net->cut) {
		peep_back(net, layer, 0, out, e_net, e_s);
		peep_back(net, layer, forget, gates, e_net, e_s);
	}
}

/* The full gradient, section 3.1 without the truncation of A.1: gates and cells also get the errors that come back over the
   recurrent connections (in e_y). */
void lstm_back(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net)
{
	const struct lstm *n = (const struct lstm *)net;
	const int layers = (int)net->o.layers;
	if (layers > 1) {
		for (int j = 0; j < net->hidden; j++)
			n->e_y[j] = e_y[j];
		e_y = n->e_y;
	}
	for (int layer = layers - 1; layer >= 0; layer--) {
		back_layer(net, row, e_y, e_s, e_net, layer);
		net_errors_below(net, layer, e_net, n->e_y);
	}
}

void lstm_walk(const struct net *net, struct walk *w, long t, long n)
{
	walk_steps(net, w, t, n, lstm_back);
}

void lstm_push(const struct net *net, const lane *row, int directions, const lane *d_net, lane *d)
{
	const struct lstm *n = (const struct lstm *)net;
	const struct net_options *o = &net->o;
	const lane *const y = row;
	const int cells = net->cells, gates = net->gates, out = net->gate[0].n, forget = out + net->gate[1].n;
	const struct connection *const c = o->peepholes ? peepholes(net, 0) : NULL;
	const lane *const w = c ? (const lane *)(net->w + c->offset) : NULL;
	for (; directions > 0; directions--, d_net += net->hidden, d += net->hidden + cells) {
		lane *const d_s = d + net->hidden, *const own = n->net_in; /* net inputs are not needed any more */
		for (int j = 0; j < gates; j++)
			own[j] = d_net[j];
		for (int m = 0; c && m < c->rows; m++)
			for (int j = 0; j < gates; j++)
				if (j < out || j >= forget)
					own[j] = lane_fma(w[m * gates + j], d_s[j % (int)o->blocks * c->rows + m], own[j]);
		for (int v = 0; v < cells; v++) {
			if (net->decay_at)
				d_s[v] *= row[net->decay_at + v];
			d_s[v] = lane_fma(row[n->at_cell + v], d_net[gates + v], d_s[v]);
			if (o->forget == FORGET_GATE)
				d_s[v] = lane_fma(row[n->at_forget + v], own[n->forget[v]], d_s[v]);
			if (o->input_gates)
				d_s[v] = lane_fma(row[n->at_in + v], own[n->in[v]], d_s[v]);
		}
		for (int m = 0; c && m < c->rows; m++)
			for (int j = out; j < forget; j++)
				own[j] = lane_fma(w[m * gates + j], d_s[j % (int)o->blocks * c->rows + m], own[j]);
		for (int j = 0; j < gates; j++)
			d[j] = lane_flushed(y[j] * (1.0 - y[j]) * own[j]);
		for (int v = 0; v < cells; v++) {
			lane h_slope;
			const lane h = squash_value(o->h, row[n->at_h + v], &h_slope);
			lane d_c = h_slope * d_s[v];
			if (o->output_gates)
				d_c = lane_fma(h, d[n->out[v]], y[n->out[v]] * d_c);
			d[gates + v] = lane_flushed(net->grown * d_c);
			d_s[v] = lane_flushed(d_s[v]);
		}
	}
}

#define LSTM(check_, layout_)                                                                                                              \
	.offers = NET_TRACES | NET_BACK | NET_JACOBIAN, .lacks = lstm_lacks, .size = sizeof(struct lstm), .check = (check_),               \
	.layout = (layout_), .prepare = lstm_prepare, .release = lstm_release, .initial = lstm_initial, .run = lstm_run,                   \
	.errors = lstm_errors, .back = lstm_back, .walk = lstm_walk, .push = lstm_push

const struct net_type net_lstm = {
    .name = "lstm",
    .summary = "lstm97 with forget gates, peepholes, coupled gates, without input gates, in layers (2000 and later)",
    LSTM(lstm_check, lstm_layout),
};

const struct net_type net_cec = {
    .name = "cec",
    .summary = "linear self-connected units without gates, the naive constant error carrousel (section 3.2)",
    LSTM(cec_check, cec_layout),
};
