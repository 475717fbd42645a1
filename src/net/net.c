/* net.c: what all networks share.
   Does: registry, options, memory, initial weights, the output layer.
   Does not: know the hidden layer of any architecture. */
#include "net/net.h"

#include "base/memory.h"
#include "net/connect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_LIMIT = 1 << 28 }; /* doubles in w */
enum { ALIKE = 4 };            /* answers with one row in all lanes, after which rows are woven */

/* One line each. */
#define NETS(_)                                                                                                                            \
	_(net_lstm97)                                                                                                                      \
	_(net_lstm)                                                                                                                        \
	_(net_cec)                                                                                                                         \
	_(net_gru)                                                                                                                         \
	_(net_rnn)                                                                                                                         \
	_(net_irnn)                                                                                                                        \
	_(net_window)                                                                                                                      \
	_(net_sparse)

#define DECLARE(x) extern const struct net_type x;
NETS(DECLARE)
#define ENTRY(x) &x,
const struct net_type *const net_types[] = {NETS(ENTRY) NULL};

static const char *net_name(int i)
{
	return net_types[i] ? net_types[i]->name : NULL;
}

static const char *const connectivity_names[] = {"F", "B", "F+shortcuts", "F-recurrence", "full", "C", "C+shortcuts", NULL};
static const char *const activation_names[] = {"logistic", "tanh", "relu", NULL};
static const char *const bias_names[] = {"none", "gates", "hidden", "all", "gates+outputs", NULL};
static const char *const gate_bias_names[] = {"r", "none", NULL};
static const char *const random_names[] = {"r", NULL};
static const char *const forget_names[] = {"none", "gate", "coupled", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const squash_names[] = {"g1", "h1", "g2", "id", NULL};
static const char *const output_names[] = {"logistic", "identity", NULL};
static const char *const bias_init_names[] = {"given", "random+given", NULL};

#define AT(field) offsetof(struct net_options, field)
const struct parameter net_option_table[] = {
    /* key, type, place, min, max, words, help */
    {.key = "net", .type = OPTION_TYPE, .offset = AT(net), .help = "architecture", .name_of = net_name},
    {"units", OPTION_INT, AT(units), 0, UNITS_MAX, {NULL}, "nets without cells: hidden units, not counting outputs"},
    {"activation", OPTION_ENUM, AT(activation), 0, 0, {activation_names}, "nets without cells: squashing of the hidden units"},
    {"blocks", OPTION_INT, AT(blocks), 1, 64, {NULL}, "memory cell blocks b"},
    {"cells", OPTION_LIST, AT(cells), 1, 64, {NULL}, "memory cells s of each block"},
    {"output_gates", OPTION_ENUM, AT(output_gates), 0, 0, {no_yes}, "without: y_c = h(s_c)"},
    {"input_gates", OPTION_ENUM, AT(input_gates), 0, 0, {no_yes}, "lstm: without: y_in = 1"},
    {"forget", OPTION_ENUM, AT(forget), 0, 0, {forget_names}, "lstm: forget gates, or input gates that forget what they do not let in"},
    {"state_decay", OPTION_REAL, AT(state_decay), 0, 1, {NULL}, "lstm: without forget gates, states are multiplied by this at every step"},
    {"peepholes", OPTION_ENUM, AT(peepholes), 0, 0, {no_yes}, "lstm: gates see the states of their block's cells"},
    {"layers", OPTION_INT, AT(layers), 1, LAYERS_MAX, {NULL}, "hidden layers, one above the other"},
    {"taps", OPTION_INT, AT(taps), 1, 10000, {NULL}, "window: inputs that are seen at once"},
    {"connectivity",
     OPTION_ENUM,
     AT(connectivity),
     0,
     0,
     {connectivity_names},
     "Table 10's F or B, or F with input-output shortcuts, or F without recurrent connections, or with the outputs among the hidden units, "
     "or F with recurrence from cells only (C), or that with shortcuts"},
    {"bias", OPTION_ENUM, AT(bias), 0, 0, {bias_names}, "units with a bias weight: none, ga, b1 or all of Table 10, or gates and outputs"},
    {"igb", OPTION_LIST, AT(igb), -100, 100, {gate_bias_names}, "initial input gate biases, block by block; r: from the interval"},
    {"ogb", OPTION_LIST, AT(ogb), -100, 100, {gate_bias_names}, "initial output gate biases, block by block; r: from the interval"},
    {"fgb", OPTION_LIST, AT(fgb), -100, 100, {gate_bias_names}, "lstm: initial forget gate biases, block by block; r: from the interval"},
    {"bias_init", OPTION_ENUM, AT(bias_init), 0, 0, {bias_init_names}, "initial gate biases: the given value, or a random number plus it"},
    {"g", OPTION_ENUM, AT(g), 0, 0, {squash_names}, "cell input squashing: g1 [0,1], h1 [-1,1], g2 [-2,2], id"},
    {"h", OPTION_ENUM, AT(h), 0, 0, {squash_names}, "cell output squashing: g1 [0,1], h1 [-1,1], g2 [-2,2], id"},
    {"output", OPTION_ENUM, AT(output), 0, 0, {output_names}, "squashing of the output units"},
    {"init", OPTION_REAL, AT(init), 0, 100, {NULL}, "weights start uniform in [-init, init]"},
    {"output_init",
     OPTION_LIST,
     AT(output_init),
     -100,
     100,
     {random_names},
     "initial weights from hidden units to outputs; r: from the interval"},
    {"gate_shift", OPTION_REAL, AT(gate_shift), -100, 100, {NULL}, "added to the initial weights from inputs to gates"},
    {"reset", OPTION_REAL, AT(reset), -1, 1, {NULL}, "activations at sequence start"},
    {0}};
#undef AT

struct net_options net_defaults(void)
{
	return (struct net_options){
	    .units = 1,
	    .blocks = 2,
	    .cells = {.n = 1, .v = {1}},
	    .output_gates = 1,
	    .input_gates = 1,
	    .state_decay = 1.0,
	    .layers = 1,
	    .taps = 10,
	    .igb = {.n = BIAS_ABSENT},
	    .ogb = {.n = BIAS_ABSENT},
	    .fgb = {.n = BIAS_RANDOM},
	    .g = SQUASH_G2,
	    .h = SQUASH_H1,
	    .init = 0.1,
	    .output_init = {.n = BIAS_RANDOM},
	};
}

/* Gives each connection its place in w and counts weights. */
static void place(struct net *net, struct connection *c, int n)
{
	for (int i = 0; i < n; i++) {
		c[i].offset = net->size;
		net->size += (size_t)c[i].rows * (size_t)c[i].cols * LANES;
		net->weights += (long)c[i].rows * c[i].cols;
		for (int m = 0; net->type->absent && m < c[i].rows; m++)
			for (int j = 0; j < c[i].cols; j++)
				net->weights -= net->type->absent(net, &c[i], m, j);
	}
}

/* This step's row, and the one before; at row 0 there is none. */
static void set_row(struct net *net, long row)
{
	net->row = row;
	net->y = net_row(net, row);
	net->y_before = row ? net_row(net, row - 1) : net->y;
}

static bool check_output_init(const struct net *net, struct error *e)
{
	const int n = net->o.output_init.n;
	if (n == BIAS_RANDOM)
		return true;
	if (net->outputs_inside)
		return error_input(e, "output_init: given, but the outputs are hidden units; expected r");
	return n == 1 || error_input(e, "output_init: %d values, expected one, or r", n);
}

struct net *net_create(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	const struct net_type *type = net_types[o->net];
	if (!type->check(o, shape, e))
		return NULL;
	struct net *net = memory_zeroed(1, type->size);
	net->type = type;
	net->o = *o;
	net->in = shape->in;
	net->out = shape->out;
	net->grown = lane_set(1.0);
	net->layers = 1;
	type->layout(net, shape);
	if (!check_output_init(net, e)) {
		free(net);
		return NULL;
	}
	place(net, net->to_hidden, net->to_hidden_n);
	place(net, net->to_output, net->to_output_n);
	if (net->size > SIZE_LIMIT) {
		error_input(e, "the network would have %ld weights, over 2 GB for %d trials at once", net->weights, LANES);
		free(net);
		return NULL;
	}
	net->w = memory_zeroed(net->size, sizeof *net->w);
	net_reserve(net, RUN_STEPS);
	net->y_out = memory_zeroed((size_t)net->out, sizeof *net->y);
	net->s = memory_zeroed((size_t)net->cells, sizeof *net->s);
	net->one = lane_set(1.0);
	type->prepare(net);
	return net;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	net->type->release(net);
	free(net->w);
	free(net->past);
	free(net->woven);
	free(net->is_woven);
	free(net->y_out);
	free(net->s);
	free(net);
}

/* NULL: there is none. */
static const struct connection *local_to_output(const struct net *net)
{
	for (int i = 0; i < net->to_output_n; i++)
		if (net->to_output[i].local)
			return &net->to_output[i];
	return NULL;
}

double *net_weight(const struct net *net, const struct connection *c, int m, int j, int l)
{
	assert(m >= 0 && m < c->rows && j >= 0 && j < c->cols && l >= 0 && l < LANES);
	if (net->is_woven && c == local_to_output(net) && net->is_woven[m])
		return (double *)&net->woven[m * c->cols + j] + l;
	const long at = c->local ? ((long)l * c->rows + m) * c->cols + j : ((long)m * c->cols + j) * LANES + l;
	return net->w + c->offset + at;
}

static void start(struct net *net, const struct connection *c, bool to_hidden, int l, struct rng *r)
{
	const double init = net->o.init;
	const bool given = c->source == SOURCE_SEEN && net->o.output_init.n != BIAS_RANDOM;
	for (int m = 0; m < c->rows; m++)
		for (int j = 0; j < c->cols; j++) {
			if (net->type->absent && net->type->absent(net, c, m, j))
				continue;
			const double w = rng_between(r, -init, init);
			*net_weight(net, c, m, j, l) = to_hidden ? net->type->initial(net, c, m, j, w)
						       : given   ? net->o.output_init.v[0]
								 : w;
		}
}

void net_start(struct net *net, int l, struct rng *r)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		start(net, &net->to_hidden[i], true, l, r);
	for (int i = 0; i < net->to_output_n; i++)
		start(net, &net->to_output[i], false, l, r);
}

void net_reset(struct net *net, int l)
{
	for (int j = 0; j < net->hidden; j++)
		net->y[j][l] = net->o.reset;
	for (size_t i = (size_t)net->hidden; i < net->row_n; i++)
		net->y[i][l] = 0.0;
	for (int v = 0; v < net->cells; v++)
		net->s[v][l] = 0.0;
}

void net_forget(struct net *net)
{
	if (net->row)
		memcpy(net->past, net->y, net->row_n * sizeof *net->y);
	set_row(net, 0);
}

void net_reserve(struct net *net, long steps)
{
	size_t rows = (size_t)(net->past ? net->capacity + 1 : 0);
	if (net->past && steps <= net->capacity)
		return;
	net->past = memory_grown(net->past, &rows, (size_t)steps + 1, net->row_n * sizeof *net->past);
	net->capacity = (long)rows - 1;
	set_row(net, net->row);
}

long net_run(struct net *net, const struct frames *frames, long at, long n)
{
	n = n < net->capacity ? n : net->capacity;
	if (n > net->capacity - net->row)
		net_forget(net);
	net->type->run(net, frames, at, n);
	set_row(net, net->row + n);
	return n;
}

void net_weave(struct net *net)
{
	const struct connection *c = local_to_output(net);
	if (!c || c->cols < LANES || LANES == 1)
		return;
	net->woven = memory_zeroed((size_t)c->rows * (size_t)c->cols, sizeof *net->woven);
	net->is_woven = memory_zeroed((size_t)c->rows, 1);
}

/* Where row m of each lane stands when it is not woven. */
static void rows_of(const struct net *net, const struct connection *c, long m, double *row[LANES])
{
	for (int l = 0; l < LANES; l++)
		row[l] = net->w + c->offset + ((long)l * c->rows + m) * c->cols;
}

/* The row of the active input: woven if it is the same in all lanes, else those that are will be no more. */
static void weave(struct net *net, const struct connection *c, ilane active)
{
	double *row[LANES];
	const long m = active[0];
	const bool same = !lane_any(active != m);
	net->woven_row = NULL;
	net->alike = same ? net->alike + (net->alike < ALIKE) : 0;
	if (same && (net->is_woven[m] || net->alike == ALIKE)) {
		net->woven_row = net->woven + m * c->cols;
		rows_of(net, c, m, row);
		if (!net->is_woven[m])
			lane_interleave((const double *const *)row, c->cols, net->woven_row);
		net->is_woven[m] = 1;
		return;
	}
	for (int l = 0; l < LANES; l++)
		if (net->is_woven[active[l]]) {
			rows_of(net, c, active[l], row);
			lane_separate(net->woven + active[l] * c->cols, c->cols, row);
			net->is_woven[active[l]] = 0;
		}
}

void net_answer(struct net *net, const struct frame *x)
{
	if (net->woven)
		weave(net, local_to_output(net), x->index);
	if (net->outputs_inside) {
		for (int k = 0; k < net->out; k++)
			net->y_out[k] = net->y[net->seen_first + k];
		return;
	}
	connect_net(net, net->to_output, net->to_output_n, net->out, x, false, net->y_out);
	if (net->o.output == OUTPUT_LOGISTIC)
		lane_logistic(net->y_out, net->y_out, net->out);
}

void net_errors_below(const struct net *net, int layer, const lane *e_net, lane *e_y)
{
	const int n = net->to_hidden_n / net->layers;
	for (int i = layer * n; layer > 0 && i < (layer + 1) * n; i++) {
		const struct connection *c = &net->to_hidden[i];
		if (c->source == SOURCE_NOW && c->first < net->hidden)
			connect_back(c, net->w, e_net, e_y + c->first);
	}
}

unsigned net_offers(const struct net *net)
{
	return net->type->offers & ~(net->type->lacks ? net->type->lacks(&net->o) : 0);
}

void net_seen_errors(const struct net *net, const lane *e, lane *e_seen)
{
	for (int v = 0; v < net->seen_n; v++)
		e_seen[v] = net->outputs_inside ? e[v] : lane_set(0.0);
	if (!net->outputs_inside)
		connect_back(&net->to_output[0], net->w, e, e_seen);
}
