/* test_nets.c: what every net computes.
   Does: compare the step of each net with a plain scalar twin, written from the published equations alone; initial weights; lstm with
   all options off with lstm97, bit for bit; numbers of weights; the truncated rule where states decay with the traces of Gers,
   Schmidhuber and Cummins (2000), and with bptt-truncated. Mutated twins must be seen.
   Does not: repeat test_rules.c (every rule on every net, by differences), test_gradient.c (rule truncated on net lstm97).

   Papers: 1997: Hochreiter and Schmidhuber. 2000: Gers, Schmidhuber and Cummins (forget gates). Peepholes: Gers and Schmidhuber 2000.
   GRU: Cho et al. 2014. IRNN: Le, Jaitly and Hinton 2015. A2: Hochreiter and Schmidhuber's weight guessing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "learner/learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 32, MAX_IN = 6, MAX_OUT = 5, MAX_WEIGHTS = 4000 };

/* === Settings === */

struct setting {
	struct net_options net;
	struct rule_options rule;
	enum input_coding coding;
	int in, out;
};

static bool is_net(const struct net_options *o, const char *name)
{
	return !strcmp(net_types[o->net]->name, name);
}

static bool has_gates(const struct net_options *o)
{
	return is_net(o, "lstm97") || is_net(o, "lstm");
}

static bool has_cells(const struct net_options *o)
{
	return has_gates(o) || is_net(o, "cec");
}

static int net_named(const char *name)
{
	for (int i = 0; net_types[i]; i++)
		if (!strcmp(net_types[i]->name, name))
			return i;
	fail_msg("no net %s", name);
	return -1;
}

static int rule_named(const char *name)
{
	for (int i = 0; rule_types[i]; i++)
		if (!strcmp(rule_types[i]->name, name))
			return i;
	fail_msg("no rule %s", name);
	return -1;
}

/* "key=value key=value" into the options of a net. */
static void set_all(struct net_options *o, const char *settings)
{
	char copy[300], *rest = copy;
	struct error e = {0};
	snprintf(copy, sizeof copy, "%s", settings);
	for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
		char *value = strchr(pair, '=');
		*value++ = '\0';
		const struct parameter *parameter = option_find(net_option_table, pair);
		if (!parameter || !option_parse(parameter, o, value, &e))
			fail_msg("%s: %s", pair, e.text);
	}
}

static void describe(const struct setting *s, char *text, size_t size)
{
	const struct net_options usual = net_defaults();
	int at = snprintf(text, size, "rule=%s update=%d %s in=%d out=%d", rule_types[s->rule.rule]->name, s->rule.update,
			  s->coding == INPUT_LOCAL ? "local" : "real", s->in, s->out);
	for (const struct parameter *o = net_option_table; o->key; o++) {
		char value[100], other[100];
		option_print(o, &s->net, value, sizeof value);
		option_print(o, &usual, other, sizeof other);
		if (at < (int)size && (o->type == OPTION_TYPE || strcmp(value, other) != 0))
			at += snprintf(text + at, size - (size_t)at, " %s=%s", o->key, value);
	}
}

/* r, none, or one value per block. */
static void gate_bias_draw(struct list *list, bool there, long blocks, struct rng *r)
{
	list->n = !there ? BIAS_ABSENT : rng_below(r, 2) ? BIAS_RANDOM : (int)blocks;
	for (int i = 0; i < list->n; i++)
		list->v[i] = rng_between(r, -3.0, 3.0);
}

static void gate_biases_draw(struct net_options *o, struct rng *r)
{
	gate_bias_draw(&o->igb, o->bias != BIAS_NONE, o->blocks, r);
	gate_bias_draw(&o->ogb, o->bias != BIAS_NONE && o->output_gates, o->blocks, r);
	gate_bias_draw(&o->fgb, o->bias != BIAS_NONE, o->blocks, r);
}

/* Random options; many do not combine. */
static void options_draw(struct setting *s, int type, struct rng *r)
{
	struct net_options *o = &s->net;
	*s = (struct setting){.net = net_defaults(), .rule = rule_defaults()};
	o->net = type;
	o->units = rng_below(r, 5);
	o->activation = rng_below(r, ACTIVATION_RELU + 1);
	o->blocks = 1 + rng_below(r, 3);
	o->cells.n = rng_below(r, 2) ? 1 : (int)o->blocks;
	for (int i = 0; i < o->cells.n; i++)
		o->cells.v[i] = 1 + rng_below(r, 3);
	o->output_gates = rng_below(r, 4) > 0;
	o->connectivity = rng_below(r, CONNECT_C_SHORTCUTS + 1);
	o->bias = rng_below(r, BIAS_GATES_OUTPUTS + 1);
	o->layers = 1 + (rng_below(r, 2) ? rng_below(r, LAYERS_MAX) : 0);
	o->taps = 1 + rng_below(r, 4);
	o->input_gates = rng_below(r, 4) > 0;
	o->forget = rng_below(r, FORGET_COUPLED + 1);
	o->state_decay = o->forget || rng_below(r, 2) ? 1.0 : rng_between(r, 0.0, 1.0);
	o->peepholes = rng_below(r, 2);
	if (is_net(o, "lstm97")) {
		o->layers = o->input_gates = 1;
		o->forget = o->peepholes = 0;
		o->state_decay = 1.0;
	}
	o->g = rng_below(r, SQUASH_ID + 1);
	o->h = rng_below(r, SQUASH_ID + 1);
	o->output = rng_below(r, 3) ? OUTPUT_LOGISTIC : OUTPUT_IDENTITY;
	o->reset = rng_below(r, 2) ? 0.0 : rng_between(r, -0.5, 0.5);
	o->init = rng_between(r, 0.1, 0.5);
	o->gate_shift = rng_below(r, 2) ? 0.0 : rng_between(r, -2.0, 2.0);
	o->bias_init = rng_below(r, 2);
	s->coding = rng_below(r, 2) ? INPUT_LOCAL : INPUT_REAL;
	s->in = 1 + rng_below(r, MAX_IN);
	s->out = 1 + rng_below(r, MAX_OUT);
}

static struct task_shape shape_of(const struct setting *s)
{
	return (struct task_shape){.coding = s->coding, .in = s->in, .out = s->out, .every_step = true};
}

/* Random options that combine, with these settings among them; false: there are none. */
static bool setting_try(struct setting *s, int type, const char *settings, struct rng *r)
{
	for (int tries = 0; tries < 500; tries++) {
		struct error e = {0};
		options_draw(s, type, r);
		set_all(&s->net, settings);
		gate_biases_draw(&s->net, r);
		const struct task_shape shape = shape_of(s);
		if (net_types[type]->check(&s->net, &shape, &e))
			return true;
	}
	return false;
}

static struct setting setting_draw(const char *net, const char *settings, struct rng *r)
{
	struct setting s;
	if (!setting_try(&s, net_named(net), settings, r))
		fail_msg("net %s never goes with %s", net, settings);
	return s;
}

static struct net *net_of(const struct setting *s)
{
	const struct task_shape shape = shape_of(s);
	struct error e = {0};
	struct net *net = net_create(&s->net, &shape, &e);
	if (!net)
		fail_msg("%s", e.text);
	return net;
}

/* === The weights of a lane === */

static const struct connection *connection_at(const struct net *net, int i)
{
	const int hidden = net->to_hidden_n;
	return i < hidden ? &net->to_hidden[i] : i < hidden + net->to_output_n ? &net->to_output[i - hidden] : NULL;
}

struct weights {
	int n;
	double w[LANES][MAX_WEIGHTS];
};

static void weights_read(const struct net *net, struct weights *w)
{
	w->n = 0;
	const struct connection *c;
	for (int i = 0; (c = connection_at(net, i)); i++)
		for (int at = 0; at < c->rows * c->cols; at++, w->n++) {
			assert_true(w->n < MAX_WEIGHTS);
			for (int l = 0; l < LANES; l++)
				w->w[l][w->n] = *net_weight(net, c, at / c->cols, at % c->cols, l);
		}
}

/* States and activations without bounds grow from step to step, and rounding errors with them: smaller weights. */
static double weight_size(const struct net_options *o)
{
	const bool unbounded = has_gates(o)
				   ? o->h == SQUASH_ID
				   : is_net(o, "cec") || is_net(o, "irnn") || (!is_net(o, "gru") && o->activation == ACTIVATION_RELU);
	return unbounded ? 0.4 : 1.5;
}

/* All weights that there are, in all lanes. */
static void weights_draw(struct net *net, struct rng *r)
{
	const double size = weight_size(&net->o);
	const struct connection *c;
	for (int i = 0; (c = connection_at(net, i)); i++)
		for (int at = 0; at < c->rows * c->cols; at++)
			for (int l = 0; l < LANES; l++) {
				const int m = at / c->cols, j = at % c->cols;
				const bool absent = net->type->absent && net->type->absent(net, c, m, j);
				*net_weight(net, c, m, j, l) = absent ? 0.0 : rng_between(r, -size, size);
			}
}

/* === The twin === */

/* What a mutated twin does otherwise. */
enum mutant {
	MUTANT_NONE,
	FORGETS_NEXT_BLOCK,  /* forget gate of the next block */
	FORGETS_AFTER,       /* the new part of the state decays too */
	COUPLED_ALIKE,       /* f = y_in */
	OUT_SEES_BEFORE,     /* output gates see s_c(t-1) */
	IN_SEES_NOTHING,     /* input gates without peepholes */
	FORGET_SEES_NOTHING, /* forget gates without peepholes */
	PEEPS_NEXT_BLOCK,    /* gates see the states of the next block */
	GATES_UNSEEN,        /* gates feed nothing */
	SQUASHES_SWAPPED,    /* g for h, h for g */
	BELOW_BEFORE,        /* layers see the one below as it was one step before */
	OPEN_IN,             /* y_in = 1 */
	OPEN_OUT,            /* y_out = 1 */
	RESET_AFTER,         /* U h' is multiplied with r, not h' */
	RESET_NOTHING,       /* no r */
	UPDATE_SWAPPED,      /* h = (1 - z) h' + z c */
	GRU_SWAPPED,         /* r before z */
	LINEAR,              /* units are not squashed */
	TAPS_LATE,           /* the window ends one step before */
	TAPS_REVERSED,       /* the oldest input first */
	LEAKS,               /* the naive carrousel loses a tenth */
	REMEMBERS,           /* nothing is reset at the sequence start */
	RESETS_TO_ZERO,      /* activations start at 0, whatever `reset` says */
	NO_SHORTCUTS,
	NO_OUTPUT_BIAS,
	NO_BIAS,
	/* of traces */
	TRACES_KEEP,         /* they do not decay */
	TRACES_DECAY_AFTER,  /* what is new in them decays too */
	TRACES_NEXT_BLOCK,   /* they decay as those of the next block */
	TRACES_OF_NOW,       /* dS_f with s_c(t) */
	TRACES_THROUGH_PEEP, /* errors flow back through the peepholes of output gates */
};

enum { BIAS, BELOW, RECURRENT, PEEP, GATED, TO_LAYER };
enum { OUT_SEEN, OUT_BIAS, OUT_INPUT, TO_OUTPUT };
enum { PLACES_MAX = TO_LAYER * LAYERS_MAX + TO_OUTPUT };

struct matrix {
	int rows, cols; /* 0: there is none */
	const struct connection *c;
	double w[MAX][MAX]; /* [source][receiver] */
};

/* A layer at one step. */
struct layer {
	struct matrix m[TO_LAYER];
	double below[MAX];     /* what it sees of the layer below */
	double y[MAX], s[MAX]; /* activations, states */
	double y_before[MAX];  /* of the step before */
	double s_before[MAX];
	double net[MAX], f[MAX]; /* (cells) net_c, ds_c(t)/ds_c(t-1) */
};

struct twin {
	struct net_options o;
	enum mutant mutant;
	int in, out, layers;
	int gate[3], gates, cells;  /* input, output, forget gates of a layer; all; its cells or states */
	int block[MAX], first[MAX]; /* of each cell; first cell of each block */
	int units;                  /* of a layer */
	int seen, seen_n;           /* units that the layer above sees */
	int fed;                    /* units from here on are sources of the recurrence */
	long weights;
	struct layer layer[LAYERS_MAX];
	struct matrix output[TO_OUTPUT];
	double x[MAX], window[MAX], answer[MAX];
};

static double logistic(double x)
{
	return 1.0 / (1.0 + exp(-x));
}

/* g and h of the paper: f, 2 f - 1, 4 f - 2, and the identity; with their slopes. */
static double squashed(int kind, double x, double *slope)
{
	static const double scale[] = {[SQUASH_LOGISTIC] = 1.0, [SQUASH_H1] = 2.0, [SQUASH_G2] = 4.0};
	static const double offset[] = {[SQUASH_LOGISTIC] = 0.0, [SQUASH_H1] = 1.0, [SQUASH_G2] = 2.0};
	const double f = logistic(x);
	*slope = kind == SQUASH_ID ? 1.0 : scale[kind] * f * (1.0 - f);
	return kind == SQUASH_ID ? x : scale[kind] * f - offset[kind];
}

/* sum of w_jm z_m */
static double sum(const struct matrix *m, const double *z, int j)
{
	double total = 0.0;
	for (int i = 0; j < m->cols && i < m->rows; i++)
		total += m->w[i][j] * z[i];
	return total;
}

/* net_j over bias, what is below, and y(t-1) of the same layer */
static double net_input(const struct twin *p, const struct layer *y, int j)
{
	const double one = p->mutant == NO_BIAS ? 0.0 : 1.0;
	return sum(&y->m[BIAS], &one, j) + sum(&y->m[BELOW], y->below, j) + sum(&y->m[RECURRENT], y->y_before + p->fed, j);
}

/* A gate of a block whose cells have states s: with peepholes (2000) it sees these and those of no other block. */
static double gate(const struct twin *p, const struct layer *y, int j, int b, const double *s)
{
	if (p->mutant == PEEPS_NEXT_BLOCK)
		b = (b + 1) % (int)p->o.blocks;
	return logistic(net_input(p, y, j) + (s ? sum(&y->m[PEEP], s + p->first[b], j) : 0.0));
}

/* 1997, section 4; forget gates: 2000; s_c(t) = f s_c(t-1) + y_in g(net_c), y_c = y_out h(s_c). */
static void cells_step(const struct twin *p, struct layer *y)
{
	const struct net_options *o = &p->o;
	const int out = p->gate[0], forget = out + p->gate[1], blocks = (int)o->blocks;
	const int g = p->mutant == SQUASHES_SWAPPED ? o->h : o->g, h = p->mutant == SQUASHES_SWAPPED ? o->g : o->h;
	double slope;
	for (int b = 0; b < blocks; b++) {
		const int of = p->mutant == FORGETS_NEXT_BLOCK ? (b + 1) % blocks : b;
		if (o->input_gates)
			y->y[b] = gate(p, y, b, b, p->mutant == IN_SEES_NOTHING ? NULL : y->s_before);
		if (o->forget == FORGET_GATE)
			y->y[forget + b] = gate(p, y, forget + of, of, p->mutant == FORGET_SEES_NOTHING ? NULL : y->s_before);
	}
	for (int v = 0; v < p->cells; v++) {
		const int b = p->block[v], c = p->gates + v;
		const double y_in = o->input_gates && p->mutant != OPEN_IN ? y->y[b] : 1.0;
		y->f[v] = o->forget == FORGET_GATE      ? y->y[forget + b]
			  : o->forget == FORGET_COUPLED ? (p->mutant == COUPLED_ALIKE ? y_in : 1.0 - y_in)
							: o->state_decay;
		y->net[v] = net_input(p, y, c);
		const double fresh = y_in * squashed(g, y->net[v], &slope);
		y->s[v] = y->f[v] * y->s_before[v] + (p->mutant == FORGETS_AFTER ? y->f[v] : 1.0) * fresh;
	}
	for (int b = 0; b < blocks && o->output_gates; b++)
		y->y[out + b] = gate(p, y, out + b, b, p->mutant == OUT_SEES_BEFORE ? y->s_before : y->s);
	for (int v = 0; v < p->cells; v++) {
		const double y_out = o->output_gates && p->mutant != OPEN_OUT ? y->y[out + p->block[v]] : 1.0;
		y->y[p->gates + v] = y_out * squashed(h, y->s[v], &slope);
	}
}

/* Section 3.2: s(t) = s(t-1) + net, y = s. */
static void cec_step(const struct twin *p, struct layer *y)
{
	for (int v = 0; v < p->cells; v++) {
		y->s[v] = (p->mutant == LEAKS ? 0.9 : 1.0) * y->s_before[v] + net_input(p, y, v);
		y->y[v] = y->s[v];
	}
}

/* GRU: z, r = f(W x + U h'); c = tanh(W x + U (r h')); h = z h' + (1 - z) c. */
static void gru_step(const struct twin *p, struct layer *y)
{
	const int n = (int)p->o.units, at_z = p->mutant == GRU_SWAPPED ? n : 0, at_r = n - at_z;
	const double *const before = y->y_before + 2 * n;
	double rh[MAX];
	for (int i = 0; i < n; i++) {
		y->y[at_z + i] = logistic(net_input(p, y, i));
		y->y[at_r + i] = logistic(net_input(p, y, n + i));
	}
	for (int i = 0; i < n; i++)
		rh[i] = (p->mutant == RESET_AFTER || p->mutant == RESET_NOTHING ? 1.0 : y->y[n + i]) * before[i];
	for (int i = 0; i < n; i++) {
		const double z = p->mutant == UPDATE_SWAPPED ? 1.0 - y->y[i] : y->y[i];
		const double u = (p->mutant == RESET_AFTER ? y->y[n + i] : 1.0) * sum(&y->m[GATED], rh, i);
		y->s[i] = y->y[2 * n + i] = z * before[i] + (1.0 - z) * tanh(net_input(p, y, 2 * n + i) + u);
	}
}

/* y_j = f(net_j) */
static void units_step(const struct twin *p, struct layer *y)
{
	const int kind = is_net(&p->o, "irnn") ? ACTIVATION_RELU : p->o.activation;
	for (int j = 0; j < p->units; j++) {
		const double net = net_input(p, y, j);
		y->y[j] = kind == ACTIVATION_LOGISTIC ? logistic(net) : kind == ACTIVATION_TANH ? tanh(net) : net > 0.0 ? net : 0.0;
		y->y[j] = p->mutant == LINEAR ? net : y->y[j];
	}
}

/* x(t), x(t-1), ..., x(t-k+1), zero before the sequence. */
static void window_step(struct twin *p)
{
	const int in = p->in, taps = (int)p->o.taps;
	double *const below = p->layer[0].below;
	if (p->mutant == TAPS_LATE)
		memcpy(below, p->window, sizeof p->window);
	for (int i = taps * in - 1; i >= 0; i--)
		p->window[i] = i < in ? p->x[i] : p->window[i - in];
	for (int i = 0; i < taps * in && p->mutant != TAPS_LATE; i++)
		below[i] = p->window[p->mutant == TAPS_REVERSED ? (taps - 1 - i / in) * in + i % in : i];
}

static void layer_step(struct twin *p, int number)
{
	struct layer *const y = &p->layer[number], *const under = number ? y - 1 : NULL;
	memcpy(y->y_before, y->y, sizeof y->y);
	memcpy(y->s_before, y->s, sizeof y->s);
	for (int j = 0; p->mutant == GATES_UNSEEN && j < p->gates; j++)
		y->y_before[j] = 0.0;
	if (under)
		memcpy(y->below, (p->mutant == BELOW_BEFORE ? under->y_before : under->y) + p->seen, (size_t)p->seen_n * sizeof(double));
	else if (is_net(&p->o, "window"))
		window_step(p);
	else
		memcpy(y->below, p->x, (size_t)p->in * sizeof(double));
	if (has_gates(&p->o))
		cells_step(p, y);
	else
		(is_net(&p->o, "cec") ? cec_step : is_net(&p->o, "gru") ? gru_step : units_step)(p, y);
}

static void twin_answer(struct twin *p)
{
	const double *const y = p->layer[p->layers - 1].y, one = p->mutant == NO_OUTPUT_BIAS ? 0.0 : 1.0;
	for (int k = 0; k < p->out; k++) {
		if (p->o.connectivity == CONNECT_FULL) {
			p->answer[k] = y[p->units - p->out + k];
			continue;
		}
		const double net = sum(&p->output[OUT_SEEN], y + p->seen, k) + sum(&p->output[OUT_BIAS], &one, k) +
				   (p->mutant == NO_SHORTCUTS ? 0.0 : sum(&p->output[OUT_INPUT], p->x, k));
		p->answer[k] = p->o.output == OUTPUT_LOGISTIC ? logistic(net) : net;
	}
}

static void twin_step(struct twin *p, const double *x)
{
	memcpy(p->x, x, (size_t)p->in * sizeof *x);
	for (int layer = 0; layer < p->layers; layer++)
		layer_step(p, layer);
	twin_answer(p);
}

static void twin_reset(struct twin *p)
{
	if (p->mutant == REMEMBERS)
		return;
	memset(p->window, 0, sizeof p->window);
	for (int layer = 0; layer < p->layers; layer++)
		for (int j = 0; j < MAX; j++) {
			p->layer[layer].y[j] = p->mutant == RESETS_TO_ZERO ? 0.0 : p->o.reset;
			p->layer[layer].s[j] = 0.0;
		}
}

/* --- its weights --- */

/* A2: from unit m to unit j there is no weight where both are hidden and not the same, or both are outputs. */
static bool is_absent(const struct twin *p, const char *name, int m, int j)
{
	const int hidden = p->units - p->out;
	if (!is_net(&p->o, "sparse") || strcmp(name, "hidden<-hidden") != 0)
		return false;
	return (m < hidden && j < hidden && m != j) || (m >= hidden && j >= hidden);
}

/* Which connection of the net it is: by its name and the layer it leads to (-1: the outputs); the net must have it in just this
   shape, or not at all if there are no rows or columns. */
static void place(struct twin *p, const struct net *net, struct matrix *to, int layer, const char *name, int rows, int cols)
{
	to->c = NULL;
	for (int i = 0; i < net->to_output_n && layer < 0; i++)
		if (!strcmp(net->to_output[i].name, name))
			to->c = &net->to_output[i];
	for (int i = 0; i < net->to_hidden_n && layer >= 0; i++)
		if (!strcmp(net->to_hidden[i].name, name) && net->to_hidden[i].to / p->units == layer)
			to->c = &net->to_hidden[i];
	if (!rows || !cols) {
		assert_null(to->c);
		return;
	}
	assert_non_null(to->c);
	assert_int_equal(to->c->rows, rows);
	assert_int_equal(to->c->cols, cols);
	assert_true(rows <= MAX && cols <= MAX);
	to->rows = rows;
	to->cols = cols;
	for (int m = 0; m < rows; m++)
		for (int j = 0; j < cols; j++)
			p->weights += !is_absent(p, name, m, j);
}

/* Bias weights of a layer whose first units are gates; of the units of a net without gates: all but the outputs, or all. */
static int biased(const struct twin *p)
{
	switch (p->o.bias) {
	case BIAS_NONE: return 0;
	case BIAS_GATES:
	case BIAS_GATES_OUTPUTS: return p->gates;
	case BIAS_HIDDEN: return p->o.connectivity == CONNECT_FULL ? p->units - p->out : p->units;
	default: return p->units;
	}
}

static void place_all(struct twin *p, const struct net *net)
{
	const struct net_options *o = &p->o;
	const bool c = o->connectivity == CONNECT_C || o->connectivity == CONNECT_C_SHORTCUTS, full = o->connectivity == CONNECT_FULL;
	const bool cells = has_cells(o), gru = is_net(o, "gru"), window = is_net(o, "window");
	const bool recurrent = !window && o->connectivity != CONNECT_B && o->connectivity != CONNECT_F_FORWARD;
	for (int i = 0; i < p->layers; i++) {
		struct matrix *m = p->layer[i].m;
		place(p, net, &m[BIAS], i, "hidden<-bias", 1, biased(p));
		if (i)
			place(p, net, &m[BELOW], i, "hidden<-below", p->seen_n, p->units);
		else if (window)
			place(p, net, &m[BELOW], i, "hidden<-window", (int)o->taps * p->in, p->units);
		else
			place(p, net, &m[BELOW], i, "hidden<-input", p->in, p->units);
		if (gru) {
			place(p, net, &m[RECURRENT], i, "gate<-hidden", (int)o->units, p->gates);
			place(p, net, &m[GATED], i, "hidden<-reset", (int)o->units, (int)o->units);
		} else if (cells && c)
			place(p, net, &m[RECURRENT], i, "hidden<-cell", p->cells, p->units);
		else
			place(p, net, &m[RECURRENT], i, "hidden<-hidden", recurrent ? p->units : 0, p->units);
		place(p, net, &m[PEEP], i, "gate<-state", has_gates(o) && o->peepholes ? (int)o->cells.v[0] : 0, p->gates);
	}
	const bool shortcuts =
	    o->connectivity == CONNECT_F_SHORTCUTS || o->connectivity == CONNECT_C_SHORTCUTS || (cells && o->connectivity == CONNECT_B);
	place(p, net, &p->output[OUT_SEEN], -1, cells ? "output<-cell" : "output<-hidden", full ? 0 : p->seen_n, p->out);
	place(p, net, &p->output[OUT_BIAS], -1, "output<-bias", !full && (o->bias == BIAS_ALL || o->bias == BIAS_GATES_OUTPUTS), p->out);
	place(p, net, &p->output[OUT_INPUT], -1, "output<-input", shortcuts ? p->in : 0, p->out);
	assert_int_equal(p->weights, net->weights);
}

static struct matrix *matrix_at(struct twin *p, int i)
{
	return i < TO_OUTPUT ? &p->output[i] : &p->layer[(i - TO_OUTPUT) / TO_LAYER].m[(i - TO_OUTPUT) % TO_LAYER];
}

/* The net's weights of lane l, which are the twin's from now on. */
static void twin_take(struct twin *p, const struct net *net, int l)
{
	for (int i = 0; i < PLACES_MAX; i++) {
		struct matrix *m = matrix_at(p, i);
		for (int at = 0; at < m->rows * m->cols; at++) {
			const int row = at / m->cols, col = at % m->cols;
			m->w[row][col] = *net_weight(net, m->c, row, col, l);
			assert_true(!is_absent(p, m->c->name, row, col) || m->w[row][col] == 0.0);
		}
	}
}

/* The largest difference of a weight to the net's. */
static double twin_weights_off(struct twin *p, const struct net *net, int l)
{
	double off = 0.0;
	for (int i = 0; i < PLACES_MAX; i++) {
		struct matrix *m = matrix_at(p, i);
		for (int at = 0; at < m->rows * m->cols; at++) {
			const int row = at / m->cols, col = at % m->cols;
			const double d = fabs(m->w[row][col] - *net_weight(net, m->c, row, col, l));
			off = d <= off ? off : d;
		}
	}
	return isnan(off) ? INFINITY : off;
}

static void twin_init(struct twin *p, const struct setting *s, const struct net *net, enum mutant mutant)
{
	*p = (struct twin){.o = s->net, .mutant = mutant, .in = s->in, .out = s->out, .layers = (int)s->net.layers};
	const struct net_options *o = &p->o;
	if (has_cells(o)) {
		const int blocks = has_gates(o) ? (int)o->blocks : 0;
		p->gate[0] = o->input_gates ? blocks : 0;
		p->gate[1] = o->output_gates ? blocks : 0;
		p->gate[2] = o->forget == FORGET_GATE ? blocks : 0;
		p->gates = p->gate[0] + p->gate[1] + p->gate[2];
		for (int b = 0; b < (int)o->blocks; b++) {
			p->first[b] = p->cells;
			for (int i = 0; i < (int)o->cells.v[o->cells.n == 1 ? 0 : b]; i++)
				p->block[p->cells++] = b;
		}
		p->units = p->gates + p->cells;
		p->seen = p->gates;
		p->seen_n = p->cells;
		p->fed = o->connectivity == CONNECT_C || o->connectivity == CONNECT_C_SHORTCUTS ? p->gates : 0;
	} else if (is_net(o, "gru")) {
		p->cells = p->seen_n = (int)o->units;
		p->gates = p->seen = p->fed = 2 * p->cells;
		p->units = 3 * p->cells;
	} else
		p->units = p->seen_n = (int)o->units + (o->connectivity == CONNECT_FULL ? p->out : 0);
	assert_int_equal(net->hidden, p->layers * p->units);
	assert_int_equal(net->cells, p->layers * p->cells);
	assert_true(p->units <= MAX && p->out <= MAX && p->in <= MAX);
	place_all(p, net);
}

/* |a - b|, relative where the twin's b is larger than 1. */
static double off_by(double a, double b)
{
	const double d = fabs(a - b) / fmax(1.0, fabs(b));
	return isnan(d) ? INFINITY : d;
}

/* The largest difference of an activation, a state or an output to the net's. */
static double twin_off(const struct twin *p, const struct net *net, int l)
{
	double off = 0.0;
	for (int i = 0; i < p->layers; i++) {
		for (int j = 0; j < p->units; j++)
			off = fmax(off, off_by(net->y[i * p->units + j][l], p->layer[i].y[j]));
		for (int v = 0; v < p->cells; v++)
			off = fmax(off, off_by(net->s[i * p->cells + v][l], p->layer[i].s[v]));
	}
	for (int k = 0; k < p->out; k++)
		off = fmax(off, off_by(net->y_out[k][l], p->answer[k]));
	return off;
}

/* === Forward === */

enum { STEPS = 12 };
static const double SAME = 1e-12, OTHER = 1e-6;

/* Some steps of all lanes, each with its own weights, inputs and starts of sequences: the largest difference to the twin. */
static double forward_off(const struct setting *s, enum mutant mutant, struct rng *r)
{
	static struct twin twin[LANES];
	struct net *net = net_of(s);
	const bool as_started = rng_below(r, 4) == 0;
	double off = 0.0;
	weights_draw(net, r);
	for (int l = 0; l < LANES; l++) {
		if (as_started)
			net_start(net, l, r);
		twin_init(&twin[l], s, net, mutant);
		twin_take(&twin[l], net, l);
	}
	struct frame x = {.value = NULL};
	lane *const value = memory_zeroed((size_t)s->in, sizeof *value);
	for (int t = 0; t < STEPS; t++) {
		double own[LANES][MAX_IN];
		for (int l = 0; l < LANES; l++) {
			if (t == 0 || rng_below(r, STEPS) == 0) {
				net_reset(net, l);
				twin_reset(&twin[l]);
			}
			x.index[l] = rng_below(r, s->in);
			for (int i = 0; i < s->in; i++)
				value[i][l] = own[l][i] = s->coding == INPUT_LOCAL ? i == x.index[l] : rng_between(r, -1.0, 1.0);
		}
		x.value = s->coding == INPUT_LOCAL ? NULL : value;
		net->type->step(net, &x);
		net_answer(net, &x);
		for (int l = 0; l < LANES; l++) {
			twin_step(&twin[l], own[l]);
			off = fmax(off, twin_off(&twin[l], net, l));
		}
	}
	free(value);
	net_free(net);
	return off;
}

/* Which connectivities and biases there are for a net. */
static bool is_there(const char *net, int connectivity, int bias)
{
	const bool gates = bias == BIAS_GATES || bias == BIAS_GATES_OUTPUTS;
	if (!strcmp(net, "sparse"))
		return connectivity == CONNECT_FULL && !gates;
	if (!strcmp(net, "rnn") || !strcmp(net, "irnn"))
		return connectivity != CONNECT_B && !gates;
	if (!strcmp(net, "window"))
		return connectivity != CONNECT_B && connectivity != CONNECT_FULL && !gates;
	if (!strcmp(net, "gru"))
		return connectivity != CONNECT_B && connectivity != CONNECT_FULL && connectivity != CONNECT_F_FORWARD;
	return connectivity != CONNECT_FULL;
}

static void test_twins_are_complete(void **state)
{
	(void)state;
	static const char *const twins[] = {"lstm97", "lstm", "cec", "gru", "rnn", "irnn", "window", "sparse"};
	for (int type = 0; net_types[type]; type++) {
		bool found = false;
		for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
			found = found || !strcmp(twins[i], net_types[type]->name);
		if (!found)
			fail_msg("net %s: write its twin here", net_types[type]->name);
	}
}

static void test_forward(void **state)
{
	(void)state;
	for (int type = 0; net_types[type]; type++)
		for (int connectivity = 0; connectivity <= CONNECT_C_SHORTCUTS; connectivity++)
			for (int bias = 0; bias <= BIAS_GATES_OUTPUTS; bias++) {
				struct rng r = rng_stream((uint64_t)(10 * connectivity + bias), net_types[type]->name);
				char settings[100], word[2][30];
				const struct net_options o = {.connectivity = connectivity, .bias = bias};
				option_print(option_find(net_option_table, "connectivity"), &o, word[0], sizeof word[0]);
				option_print(option_find(net_option_table, "bias"), &o, word[1], sizeof word[1]);
				snprintf(settings, sizeof settings, "connectivity=%s bias=%s", word[0], word[1]);
				for (int number = 0; number < 24; number++) {
					struct setting s;
					char text[600];
					const bool possible = setting_try(&s, type, settings, &r);
					if (possible != is_there(net_types[type]->name, connectivity, bias))
						fail_msg("net %s: %s is %s", net_types[type]->name, settings,
							 possible ? "accepted" : "refused");
					if (!possible)
						break;
					const double off = forward_off(&s, MUTANT_NONE, &r);
					describe(&s, text, sizeof text);
					if (off > SAME)
						fail_msg("off by %g: %s", off, text);
				}
			}
}

/* Twins that compute something else are seen, all of them in every net where it counts. */
static void test_forward_sees(void **state)
{
	(void)state;
	static const struct {
		enum mutant mutant;
		const char *net, *settings;
	} mutants[] = {
	    {FORGETS_NEXT_BLOCK, "lstm", "forget=gate blocks=3"},
	    {FORGETS_AFTER, "lstm", "forget=gate"},
	    {FORGETS_AFTER, "lstm", "forget=coupled"},
	    {FORGETS_AFTER, "lstm", "forget=none state_decay=0.8"},
	    {COUPLED_ALIKE, "lstm", "forget=coupled"},
	    {OUT_SEES_BEFORE, "lstm", "peepholes=yes output_gates=yes"},
	    {IN_SEES_NOTHING, "lstm", "peepholes=yes input_gates=yes"},
	    {FORGET_SEES_NOTHING, "lstm", "peepholes=yes forget=gate"},
	    {PEEPS_NEXT_BLOCK, "lstm", "peepholes=yes blocks=3"},
	    {GATES_UNSEEN, "lstm97", "connectivity=F"},
	    {GATES_UNSEEN, "lstm", "connectivity=F+shortcuts output_gates=yes"},
	    {SQUASHES_SWAPPED, "lstm97", "g=g2 h=h1"},
	    {SQUASHES_SWAPPED, "lstm", "g=g1 h=id"},
	    {SQUASHES_SWAPPED, "lstm", "g=id h=g2"},
	    {BELOW_BEFORE, "lstm", "layers=2"},
	    {BELOW_BEFORE, "lstm", "layers=3"},
	    {BELOW_BEFORE, "cec", "layers=2"},
	    {BELOW_BEFORE, "gru", "layers=2 units=3"},
	    {BELOW_BEFORE, "rnn", "layers=3 units=3 activation=tanh"},
	    {BELOW_BEFORE, "window", "layers=2 units=3 activation=tanh"},
	    {OPEN_IN, "lstm97", ""},
	    {OPEN_IN, "lstm", "input_gates=yes"},
	    {OPEN_OUT, "lstm97", "output_gates=yes"},
	    {OPEN_OUT, "lstm", "output_gates=yes"},
	    {RESET_AFTER, "gru", "units=3"},
	    {RESET_NOTHING, "gru", ""},
	    {UPDATE_SWAPPED, "gru", ""},
	    {GRU_SWAPPED, "gru", ""},
	    {LINEAR, "irnn", "units=4"},
	    {LINEAR, "rnn", ""},
	    {LINEAR, "window", ""},
	    {LINEAR, "sparse", ""},
	    {TAPS_LATE, "window", "activation=tanh"},
	    {TAPS_REVERSED, "window", "activation=tanh taps=3"},
	    {LEAKS, "cec", ""},
	    {REMEMBERS, "lstm97", ""},
	    {REMEMBERS, "lstm", "forget=gate"},
	    {REMEMBERS, "cec", ""},
	    {REMEMBERS, "gru", ""},
	    {REMEMBERS, "rnn", "connectivity=F activation=tanh"},
	    {REMEMBERS, "irnn", "connectivity=F units=4"},
	    {REMEMBERS, "window", "activation=tanh taps=3"},
	    {REMEMBERS, "sparse", "activation=tanh units=3"},
	    {RESETS_TO_ZERO, "lstm", "connectivity=C reset=0.5"},
	    {RESETS_TO_ZERO, "cec", "connectivity=F reset=0.5"},
	    {RESETS_TO_ZERO, "rnn", "connectivity=F reset=0.5 activation=tanh"},
	    {NO_SHORTCUTS, "lstm97", "connectivity=F+shortcuts"},
	    {NO_SHORTCUTS, "lstm", "connectivity=B"},
	    {NO_SHORTCUTS, "lstm", "connectivity=C+shortcuts"},
	    {NO_SHORTCUTS, "gru", "connectivity=C+shortcuts"},
	    {NO_SHORTCUTS, "rnn", "connectivity=F+shortcuts"},
	    {NO_OUTPUT_BIAS, "lstm", "bias=gates+outputs"},
	    {NO_OUTPUT_BIAS, "gru", "bias=all"},
	    {NO_OUTPUT_BIAS, "irnn", "bias=all connectivity=F"},
	    {NO_BIAS, "lstm97", "bias=hidden"},
	    {NO_BIAS, "lstm", "bias=gates output_gates=yes"},
	    {NO_BIAS, "cec", "bias=hidden"},
	    {NO_BIAS, "gru", "bias=gates"},
	    {NO_BIAS, "rnn", "bias=hidden units=3 activation=logistic"},
	    {NO_BIAS, "sparse", "bias=all activation=logistic"},
	};
	for (size_t i = 0; i < sizeof mutants / sizeof *mutants; i++)
		for (int number = 1; number <= 10; number++) {
			struct rng r = rng_stream((uint64_t)number, mutants[i].settings);
			const struct setting s = setting_draw(mutants[i].net, mutants[i].settings, &r);
			const struct rng same = r;
			const double off = forward_off(&s, mutants[i].mutant, &r);
			r = same;
			assert_true(forward_off(&s, MUTANT_NONE, &r) <= SAME);
			char text[600];
			describe(&s, text, sizeof text);
			if (!(off > OTHER))
				fail_msg("mutant %d is off by %g only: %s", (int)mutants[i].mutant, off, text);
		}
}

/* === Initial weights === */

/* Given the number drawn for it: the gate biases of their block, the shift of what gates see of the inputs, IRNN's identity. */
static double initial(const struct setting *s, const struct net *net, const struct connection *c, int m, int j, double drawn)
{
	const struct net_options *o = &s->net;
	const struct list *const lists[] = {&o->igb, &o->ogb, &o->fgb};
	const int n[] = {o->input_gates, o->output_gates, o->forget == FORGET_GATE}, blocks = (int)o->blocks;
	const bool recurrent = !strcmp(c->name, "hidden<-hidden"), bias = !strcmp(c->name, "hidden<-bias");
	if (!strcmp(c->name, "output<-cell") || !strcmp(c->name, "output<-hidden"))
		return o->output_init.n == BIAS_RANDOM ? drawn : o->output_init.v[0];
	if (is_net(o, "irnn"))
		return recurrent ? m == j : bias ? 0.0 : drawn;
	if (!has_gates(o) || j >= net->gates)
		return drawn;
	if (!strcmp(c->name, "hidden<-input"))
		return drawn + o->gate_shift;
	for (int kind = 0; kind < 3 && bias; j -= blocks * n[kind++])
		if (n[kind] && j < blocks)
			return lists[kind]->n < 0 ? drawn : (o->bias_init ? drawn : 0.0) + lists[kind]->v[j];
	return drawn;
}

/* Absent weights are not drawn. */
static void test_initial(void **state)
{
	(void)state;
	int lists = 0, shifted = 0, ones = 0, outputs = 0;
	for (int type = 0; net_types[type]; type++)
		for (int number = 1; number <= 60; number++) {
			struct rng r = rng_stream((uint64_t)number, "initial");
			struct setting s;
			static struct twin twin;
			assert_true(setting_try(&s, type, "", &r));
			if (number % 3 == 0 && s.net.connectivity != CONNECT_FULL)
				s.net.output_init = (struct list){.n = 1, .v = {0.02 * number}};
			struct net *net = net_of(&s);
			twin_init(&twin, &s, net, MUTANT_NONE);
			for (int l = 0; l < LANES; l++) {
				struct rng a = rng_stream((uint64_t)l, "weights"), b = a;
				net_start(net, l, &a);
				const struct connection *c;
				for (int i = 0; (c = connection_at(net, i)); i++)
					for (int at = 0; at < c->rows * c->cols; at++) {
						const int m = at / c->cols, j = at % c->cols;
						const bool absent = is_absent(&twin, c->name, m, j);
						const double drawn = absent ? 0.0 : rng_between(&b, -s.net.init, s.net.init);
						const double expected = initial(&s, net, c, m, j, drawn);
						assert_true(*net_weight(net, c, m, j, l) == expected);
						lists += !strcmp(c->name, "hidden<-bias") && fabs(expected) > s.net.init;
						shifted += !strcmp(c->name, "hidden<-input") && fabs(expected) > s.net.init;
						ones += is_net(&s.net, "irnn") && expected == 1.0;
						outputs += !strncmp(c->name, "output<-", 8) && expected != drawn;
					}
			}
			net_free(net);
		}
	assert_true(lists > 1000 && shifted > 1000 && ones > 1000 && outputs > 1000);
}

/* === Teaching === */

enum { ROUNDS = 4, LONG = 200 };

struct step {
	double x[MAX_IN];
	int index;
	bool taught;
	int line;
	double target;
};

/* What all lanes are taught: some sequences each, of some length; the last step has a target. */
struct crowd {
	int rounds;
	int n[LANES][ROUNDS];
	struct step step[LANES][ROUNDS][LONG];
};

static void crowd_draw(const struct setting *s, struct crowd *c, int rounds, int shortest, int longest, struct rng *r)
{
	assert_true(rounds <= ROUNDS && longest <= LONG);
	c->rounds = rounds;
	for (int l = 0; l < LANES; l++)
		for (int round = 0; round < rounds; round++) {
			const int n = c->n[l][round] = shortest + rng_below(r, longest - shortest + 1);
			for (int t = 0; t < n; t++) {
				struct step *step = &c->step[l][round][t];
				*step = (struct step){.index = rng_below(r, s->in)};
				for (int i = 0; i < s->in; i++)
					step->x[i] = s->coding == INPUT_LOCAL ? i == step->index : rng_between(r, -1.0, 1.0);
				step->taught = t == n - 1 || rng_below(r, 3) == 0;
				step->line = rng_below(r, s->out);
				step->target = rng_between(r, -0.5, 1.5);
			}
		}
}

static struct learner *learner_try(const struct setting *s, struct error *e)
{
	const struct task_shape shape = shape_of(s);
	const struct learner_options of_net = learner_defaults();
	const struct learner_parts parts = {&of_net, &s->net, &s->rule, &shape};
	return learner_create(&parts, e);
}

/* One step of every lane that is still in its sequence; the others see zeros and learn nothing. */
static void play_step(struct learner *learner, const struct setting *s, const struct crowd *c, int round, int t, struct frames *f)
{
	lane target[MAX_OUT] = {{0}};
	struct lesson lesson = {.line = ilane_set(-1), .target = target};
	for (int l = 0; l < LANES; l++) {
		const struct step *step = &c->step[l][round][t];
		const int n = c->n[l][round];
		f->index[t][l] = t < n ? step->index : 0;
		for (int i = 0; i < s->in; i++)
			f->value[t * s->in + i][l] = t < n ? step->x[i] : 0.0;
		lesson.last[l] = t == n - 1 ? -1 : 0;
		if (t >= n || !step->taught)
			continue;
		lesson.line[l] = step->line;
		target[step->line][l] = step->target;
		lesson.rate[l] = s->rule.rate;
		lesson.learns[l] = -1;
	}
	learner_advance(learner, f, t, 1);
	learner_answer(learner, f, t);
	if (lane_any(lesson.learns))
		learner_teach(learner, f, t, &lesson);
}

static void play(struct learner *learner, const struct setting *s, const struct crowd *c)
{
	struct frames f = {.coding = s->coding, .in = s->in};
	f.value = memory_zeroed((size_t)(LONG * s->in), sizeof *f.value);
	f.index = memory_zeroed(LONG, sizeof *f.index);
	for (int round = 0; round < c->rounds; round++) {
		int longest = 0;
		for (int l = 0; l < LANES; l++) {
			longest = c->n[l][round] > longest ? c->n[l][round] : longest;
			learner_reset(learner, l, c->n[l][round]);
		}
		for (int t = 0; t < longest; t++)
			play_step(learner, s, c, round, t, &f);
		learner_finish(learner, ilane_set(-1));
	}
	free(f.value);
	free(f.index);
}

/* === lstm with all options off is lstm97 === */

/* The net after some sequences from the initial weights of seeds 1, 2, ...; NULL: the rule refuses the setting. */
static struct learner *taught(const struct setting *s, const struct crowd *c, bool teach)
{
	struct error e = {0};
	struct learner *learner = learner_try(s, &e);
	for (int l = 0; learner && l < LANES; l++) {
		struct rng r = rng_stream((uint64_t)l + 1, "weights");
		learner_start(learner, l, &r);
	}
	if (learner && teach)
		play(learner, s, c);
	return learner;
}

static bool same_weights(const struct learner *a, const struct learner *b)
{
	assert_int_equal(a->net->size, b->net->size);
	return !memcmp(a->net->w, b->net->w, a->net->size * sizeof *a->net->w);
}

static void test_lstm_is_lstm97(void **state)
{
	(void)state;
	static struct crowd c;
	int compared = 0, rules = 0;
	for (int rule = 0; rule_types[rule]; rule++) {
		int of_rule = 0;
		for (int number = 1; number <= 60 && !rule_types[rule]->guesses; number++) {
			struct rng r = rng_stream((uint64_t)number, "lstm is lstm97");
			/* every third has the sizes that lstm97's step knows at compile time */
			struct setting s = setting_draw("lstm97", number % 3 ? "" : "blocks=2 cells=2 output_gates=yes", &r);
			s.rule.rule = rule;
			s.rule.update = number % (UPDATE_LATE + 1);
			s.rule.rate = 0.3;
			s.rule.depth = 7;
			s.rule.stride = 3;
			crowd_draw(&s, &c, 3, 1, 15, &r);
			struct learner *old = taught(&s, &c, true), *start = taught(&s, &c, false);
			s.net.net = net_named("lstm");
			struct learner *new = taught(&s, &c, true);
			assert_int_equal(!old, !new);
			if (old) {
				char text[600];
				describe(&s, text, sizeof text);
				if (!same_weights(old, new))
					fail_msg("lstm is not lstm97: %s", text);
				assert_false(same_weights(old, start));
				/* this would see another net */
				s.net.state_decay = 0.999;
				struct learner *other = taught(&s, &c, true);
				assert_false(same_weights(old, other));
				learner_free(other);
				of_rule++;
			}
			learner_free(old);
			learner_free(start);
			learner_free(new);
		}
		assert_true(of_rule >= 20 || rule_types[rule]->guesses);
		compared += of_rule;
		rules += of_rule > 0;
	}
	assert_true(rules == 6 && compared >= 200);
}

/* === Numbers of weights === */

static long count(const char *net, const char *settings, int in, int out)
{
	struct setting s = {.net = net_defaults(), .rule = rule_defaults(), .in = in, .out = out};
	s.net.net = net_named(net);
	set_all(&s.net, settings);
	struct net *n = net_of(&s);
	const long weights = n->weights;
	net_free(n);
	return weights;
}

static void test_counts(void **state)
{
	(void)state;
	char text[200];
	/* Gers, Schmidhuber and Cummins 2000, continual embedded Reber strings: 20 units see 7 inputs and 8 cells; 12 gates and 7
	   outputs have a bias; outputs see 8 cells and 7 inputs */
	assert_int_equal(20 * (7 + 8) + 12 + 7 + 7 * (8 + 7), 424);
	assert_int_equal(count("lstm", "blocks=4 cells=2 forget=gate connectivity=C+shortcuts bias=gates+outputs igb=r ogb=r", 7, 7), 424);
	/* without forget gates 16 units, 8 of them gates: 16 (7 + 8) + 8 + 7 + 7 (8 + 7) */
	assert_int_equal(count("lstm97", "blocks=4 cells=2 connectivity=C+shortcuts bias=gates+outputs igb=r ogb=r", 7, 7), 360);
	for (int n = 1; n <= 5; n++)
		for (int i = 1; i <= 3; i++)
			for (int o = 1; o <= 3; o++) {
				/* z, r and h see the inputs, n units and a bias; outputs the units and a bias */
				snprintf(text, sizeof text, "units=%d bias=all", n);
				assert_int_equal(count("gru", text, i, o), 3 * n * (i + n + 1) + o * (n + 1));
				snprintf(text, sizeof text, "units=%d bias=gates connectivity=F+shortcuts", n);
				assert_int_equal(count("gru", text, i, o), 3 * n * (i + n) + 2 * n + o * (n + i));
				snprintf(text, sizeof text, "units=%d layers=2", n);
				assert_int_equal(count("gru", text, i, o), 3 * n * (i + n) + 3 * n * (n + n) + o * n);
				snprintf(text, sizeof text, "units=%d bias=all", n);
				assert_int_equal(count("irnn", text, i, o), n * (i + n + 1) + o * (n + 1));
				snprintf(text, sizeof text, "units=%d bias=all taps=4 layers=2", n);
				assert_int_equal(count("window", text, i, o), n * (4 * i + 1) + n * (n + 1) + o * (n + 1));
				snprintf(text, sizeof text, "blocks=%d cells=1 bias=all", n);
				assert_int_equal(count("cec", text, i, o), n * (i + n + 1) + o * (n + 1));
				/* n blocks of 2 cells: each of 3 n gates sees its 2 cells through peepholes */
				snprintf(text, sizeof text, "blocks=%d cells=2 forget=gate peepholes=yes bias=all igb=r ogb=r", n);
				assert_int_equal(count("lstm", text, i, o), 5 * n * (i + 5 * n + 1) + 3 * n * 2 + o * (2 * n + 1));
				/* without input gates; coupled, which has no forget gate of its own; 4 n or 3 n units */
				snprintf(text, sizeof text, "blocks=%d cells=2 forget=gate input_gates=no peepholes=yes connectivity=C", n);
				assert_int_equal(count("lstm", text, i, o), 4 * n * (i + 2 * n) + 2 * n * 2 + o * 2 * n);
				snprintf(text, sizeof text, "blocks=%d cells=1 forget=coupled output_gates=no peepholes=yes", n);
				assert_int_equal(count("lstm", text, i, o), 2 * n * (i + 2 * n) + n + o * n);
				/* two layers: the second sees the cells of the first */
				snprintf(text, sizeof text, "blocks=%d cells=2 forget=gate layers=2 bias=gates igb=r ogb=r", n);
				assert_int_equal(count("lstm", text, i, o),
						 5 * n * (i + 5 * n) + 3 * n + 5 * n * (2 * n + 5 * n) + 3 * n + o * 2 * n);
			}
}

/* === Options that do not combine === */

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *net, *settings, *why; /* why NULL: accepted */
	} cases[] = {
	    {"lstm97", "forget=gate", "no forget gates or decay; expected net = lstm"},
	    {"lstm97", "state_decay=0.9", "no forget gates or decay; expected net = lstm"},
	    {"lstm97", "input_gates=no", "has input gates; expected net = lstm"},
	    {"lstm97", "peepholes=yes", "no peepholes; expected net = lstm"},
	    {"lstm97", "layers=2", "one layer; expected net = lstm"},
	    {"lstm", "forget=coupled input_gates=no", "forget: coupled to input gates, but input_gates = no"},
	    {"lstm", "forget=gate state_decay=0.9", "state_decay: 0.9, but forget gates"},
	    {"lstm", "forget=coupled state_decay=0.9", "state_decay: 0.9, but forget gates"},
	    {"lstm", "peepholes=yes cells=1:2", "peepholes: yes needs blocks of equal size"},
	    {"lstm", "peepholes=yes cells=2:2", NULL},
	    {"lstm", "peepholes=yes input_gates=no output_gates=no", "peepholes: yes, but there are no gates"},
	    {"lstm", "peepholes=yes input_gates=no output_gates=no forget=gate", NULL},
	    {"lstm", "output_gates=no bias=gates igb=r ogb=r", "ogb: given, but output_gates = no"},
	    {"lstm", "input_gates=no bias=gates igb=none ogb=r", NULL},
	    {"lstm", "forget=gate fgb=1:2", "fgb: given, but bias = none"},
	    {"lstm", "forget=gate fgb=none", NULL},
	    {"lstm", "forget=gate fgb=r", NULL},
	    {"lstm", "forget=gate bias=gates igb=r ogb=r fgb=none", "fgb: none, but the gates have a bias"},
	    {"lstm", "forget=gate bias=gates igb=r ogb=r fgb=1:2:3", "fgb: 3 values for 2 blocks"},
	    {"lstm", "forget=gate bias=gates igb=r ogb=r fgb=1:2", NULL},
	    {"lstm", "forget=none fgb=1:2:3", NULL}, /* counts nothing */
	    {"cec", "cells=1:2:3", "cells: 3 values for 2 blocks"},
	    {"cec", "cells=1.5", "cells: 1.5 is not a whole number"},
	    {"cec", "connectivity=full", "the outputs of net cec are never hidden units"},
	    {"gru", "units=0", "units: 0"},
	    {"gru", "reset=0.5", "reset: 0.5, but a gru's activations are its states"},
	    {"gru", "connectivity=B", "connectivity: a gru's units"},
	    {"window", "connectivity=full", "connectivity: full, but a window net has no recurrence"},
	    {"rnn", "connectivity=full output_init=0", "output_init: given, but the outputs are hidden units"},
	    {"gru", "output_init=0:1", "output_init: 2 values, expected one"},
	    {"gru", "output_init=0", NULL},
	    {"rnn", "connectivity=full layers=2", "layers: 2, but with connectivity = full"},
	    {"irnn", "bias=gates", "bias: gates, but net irnn has none"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct setting s = {.net = net_defaults(), .rule = rule_defaults(), .in = 2, .out = 1};
		struct error e = {0};
		s.net.net = net_named(cases[i].net);
		set_all(&s.net, cases[i].settings);
		const struct task_shape shape = shape_of(&s);
		struct net *net = net_create(&s.net, &shape, &e);
		if (!net != !!cases[i].why || (!net && (e.kind != ERROR_INPUT || !strstr(e.text, cases[i].why))))
			fail_msg("%s %s: %s", cases[i].net, cases[i].settings, net ? "accepted" : e.text);
		net_free(net);
	}
}

/* === The truncated rule where states decay === */

/* dS of every weight to an input gate, a forget gate, a cell (2000): [matrix][source][cell] */
struct traces {
	double in[PEEP + 1][MAX][MAX], forget[PEEP + 1][MAX][MAX], cell[PEEP + 1][MAX][MAX];
};

/* y_m of a weight to a unit of block b; s: the states that its gates see. */
static double source(const struct twin *p, const struct layer *y, int matrix, int m, int b, const double *s)
{
	switch (matrix) {
	case BIAS: return 1.0;
	case BELOW: return y->below[m];
	case RECURRENT: return y->y_before[p->fed + m];
	default: return s[p->first[b] + m];
	}
}

/* dS(t) = f dS(t-1) + ds_c/dnet y_m */
static void trace(const struct twin *p, const struct layer *y, int v, double *d, double fresh)
{
	const int next = p->first[(p->block[v] + 1) % (int)p->o.blocks];
	const double f = y->f[p->mutant == TRACES_NEXT_BLOCK ? next : v];
	if (p->mutant == TRACES_KEEP)
		*d += fresh;
	else if (p->mutant == TRACES_DECAY_AFTER)
		*d = f * (*d + fresh);
	else
		*d = f * *d + fresh;
}

static void traces_step(const struct twin *p, struct traces *d)
{
	const struct net_options *o = &p->o;
	const struct layer *const y = &p->layer[0];
	const int forget = p->gate[0] + p->gate[1];
	for (int i = BIAS; i <= PEEP; i++)
		for (int m = 0; m < y->m[i].rows; m++)
			for (int v = 0; v < p->cells; v++) {
				const int b = p->block[v];
				const double z = source(p, y, i, m, b, y->s_before), y_in = o->input_gates ? y->y[b] : 1.0;
				const double before = (p->mutant == TRACES_OF_NOW ? y->s : y->s_before)[v];
				double slope;
				const double g = squashed(o->g, y->net[v], &slope);
				/* dS_in(t) = f dS_in(t-1) + g(net_c) f'(net_in) y_m; coupled, f = 1 - y_in: (g(net_c) - s_c(t-1)) f'(net_in) */
				trace(p, y, v, &d->in[i][m][v], (o->forget == FORGET_COUPLED ? g - before : g) * y_in * (1.0 - y_in) * z);
				/* dS_f(t) = f dS_f(t-1) + s_c(t-1) f'(net_f) y_m */
				if (o->forget == FORGET_GATE)
					trace(p, y, v, &d->forget[i][m][v], before * y->y[forget + b] * (1.0 - y->y[forget + b]) * z);
				/* dS_c(t) = f dS_c(t-1) + g'(net_c) y_in y_m */
				trace(p, y, v, &d->cell[i][m][v], slope * y_in * z);
			}
}

/* w_jm += a e_s dS, w_out,m += a e_out y_m, w_km += a e_k y_m (1997, eq. 19-28) */
static void traces_teach(struct twin *p, const struct traces *d, const struct step *step, double rate)
{
	const struct net_options *o = &p->o;
	struct layer *const y = &p->layer[0];
	const int out = p->gate[0], forget = out + p->gate[1];
	double e[MAX], e_s[MAX], e_out[MAX] = {0};
	for (int k = 0; k < p->out; k++)
		e[k] = rate * ((k == step->line ? step->target : 0.0) - p->answer[k]) *
		       (o->output == OUTPUT_LOGISTIC ? p->answer[k] * (1.0 - p->answer[k]) : 1.0);
	for (int v = 0; v < p->cells; v++) {
		const int b = p->block[v];
		double slope, back = 0.0;
		const double h = squashed(o->h, y->s[v], &slope), y_out = o->output_gates ? y->y[out + b] : 1.0;
		for (int k = 0; k < p->out; k++)
			back += p->output[OUT_SEEN].w[v][k] * e[k];
		e_s[v] = y_out * slope * back;
		e_out[b] += h * y_out * (1.0 - y_out) * back;
	}
	for (int v = 0; v < p->cells && p->mutant == TRACES_THROUGH_PEEP; v++)
		e_s[v] += e_out[p->block[v]] * y->m[PEEP].w[v - p->first[p->block[v]]][out + p->block[v]];
	const double *const from[] = {[OUT_SEEN] = y->y + p->seen, [OUT_BIAS] = (const double[]){1.0}, [OUT_INPUT] = p->x};
	for (int i = OUT_SEEN; i <= OUT_INPUT; i++)
		for (int m = 0; m < p->output[i].rows; m++)
			for (int k = 0; k < p->out; k++)
				p->output[i].w[m][k] += e[k] * from[i][m];
	for (int i = BIAS; i <= PEEP; i++)
		for (int m = 0; m < y->m[i].rows; m++) {
			double *const w = y->m[i].w[m];
			for (int b = 0; b < (int)o->blocks && o->output_gates; b++)
				w[out + b] += e_out[b] * source(p, y, i, m, b, y->s);
			for (int v = 0; v < p->cells; v++) {
				if (o->input_gates)
					w[p->block[v]] += e_s[v] * d->in[i][m][v];
				if (o->forget == FORGET_GATE)
					w[forget + p->block[v]] += e_s[v] * d->forget[i][m][v];
				if (p->gates + v < y->m[i].cols)
					w[p->gates + v] += e_s[v] * d->cell[i][m][v];
			}
		}
}

/* All sequences of a lane, weights moving at every step with a target. */
static void traces_play(struct twin *p, const struct crowd *c, int l, double rate)
{
	static struct traces d;
	for (int round = 0; round < c->rounds; round++) {
		memset(&d, 0, sizeof d);
		twin_reset(p);
		for (int t = 0; t < c->n[l][round]; t++) {
			const struct step *step = &c->step[l][round][t];
			twin_step(p, step->x);
			traces_step(p, &d);
			if (step->taught)
				traces_teach(p, &d, step, rate);
		}
	}
}

/* Decay of every kind; half of the nets forget slowly (where biases can say so), so that traces are long. */
static struct setting decaying_draw(int number, const char *settings, struct rng *r)
{
	static const char *const forgets[] = {"forget=gate", "forget=gate", "forget=coupled", "forget=none state_decay=0.98"};
	char all[200];
	snprintf(all, sizeof all, "%s %s init=0.8 layers=1 gate_shift=0 %s", forgets[number % 4], number % 3 ? "" : "bias=all", settings);
	struct setting s = setting_draw("lstm", all, r);
	for (int b = 0; b < (int)s.net.blocks && number % 2; b++) {
		s.net.fgb.v[b] = s.net.bias ? rng_between(r, 2.0, 5.0) : 0.0;
		s.net.fgb.n = s.net.bias ? b + 1 : BIAS_ABSENT;
	}
	if (s.net.h == SQUASH_ID) /* states that recurrence makes grow */
		s.net.init = 0.15;
	s.rule.rule = rule_named("truncated");
	return s;
}

/* The largest difference of a weight to the program's after some long sequences, and the largest change. */
static double traces_off(const struct setting *s, enum mutant mutant, struct rng *r, double *moved)
{
	static struct crowd c;
	static struct twin twin[LANES];
	double off = 0.0;
	crowd_draw(s, &c, 2, 100, LONG, r);
	struct learner *learner = taught(s, &c, false);
	assert_non_null(learner);
	for (int l = 0; l < LANES; l++) {
		twin_init(&twin[l], s, learner->net, mutant);
		twin_take(&twin[l], learner->net, l);
	}
	play(learner, s, &c);
	*moved = INFINITY;
	for (int l = 0; l < LANES; l++) {
		*moved = fmin(*moved, twin_weights_off(&twin[l], learner->net, l));
		traces_play(&twin[l], &c, l, s->rule.rate);
		off = fmax(off, twin_weights_off(&twin[l], learner->net, l));
	}
	learner_free(learner);
	return off;
}

static const double NEAR = 1e-11;

static void test_traces(void **state)
{
	(void)state;
	int local = 0, peepholes = 0;
	for (int number = 1; number <= 80; number++) {
		struct rng r = rng_stream((uint64_t)number, "traces");
		struct setting s = decaying_draw(number, number % 5 ? "" : "cells=1", &r);
		s.rule.rate = s.net.output == OUTPUT_IDENTITY ? 0.01 : 0.1;
		double moved;
		const double off = traces_off(&s, MUTANT_NONE, &r, &moved);
		char text[600];
		describe(&s, text, sizeof text);
		if (!(off <= NEAR && moved > 1e-3))
			fail_msg("weights moved by %g, off by %g: %s", moved, off, text);
		local += s.coding == INPUT_LOCAL;
		peepholes += s.net.peepholes;
	}
	assert_true(local >= 20 && local <= 60 && peepholes >= 20);
}

static void test_traces_see(void **state)
{
	(void)state;
	static const struct {
		enum mutant mutant;
		const char *settings;
	} mutants[] = {
	    {TRACES_KEEP, ""},
	    {TRACES_DECAY_AFTER, ""},
	    {TRACES_NEXT_BLOCK, "blocks=2 forget=gate state_decay=1"},
	    {TRACES_OF_NOW, "forget=gate state_decay=1"},
	    {TRACES_OF_NOW, "forget=coupled state_decay=1 input_gates=yes"},
	    {TRACES_THROUGH_PEEP, "peepholes=yes output_gates=yes"},
	};
	for (size_t i = 0; i < sizeof mutants / sizeof *mutants; i++)
		for (int number = 1; number <= 8; number++) {
			struct rng r = rng_stream((uint64_t)number, "traces see");
			struct setting s = decaying_draw(number, mutants[i].settings, &r);
			s.rule.rate = 0.01;
			double moved;
			const double off = traces_off(&s, mutants[i].mutant, &r, &moved);
			char text[600];
			describe(&s, text, sizeof text);
			if (!(off > OTHER))
				fail_msg("mutant %d is off by %g only: %s", (int)mutants[i].mutant, off, text);
		}
}

/* The largest |a - b| of a lane, relative to the largest change there. */
static double changes_off(const struct weights *a, const struct weights *b, const struct weights *start, int l)
{
	double off = 0.0, largest = 0.0;
	for (int i = 0; i < a->n; i++) {
		const double d = fabs(a->w[l][i] - b->w[l][i]);
		off = d <= off ? off : d;
		largest = fmax(largest, fabs(b->w[l][i] - start->w[l][i]));
	}
	return isnan(off) ? INFINITY : off / largest;
}

/* Forward traces that decay are the errors that go back in states, over sequences of up to 200 steps. */
static void test_traces_are_bptt(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights start, w[3];
	int apart = 0;
	for (int number = 1; number <= 60; number++) {
		static const char *const rules[] = {"truncated", "bptt-truncated", "bptt"};
		struct rng r = rng_stream((uint64_t)number, "traces are bptt");
		struct setting s = decaying_draw(number, "", &r);
		s.rule.update = UPDATE_SEQUENCE;
		s.rule.rate = 0x1p30; /* so large that the old weight does not round the change */
		crowd_draw(&s, &c, 1, 100, LONG, &r);
		struct learner *fresh = taught(&s, &c, false);
		weights_read(fresh->net, &start);
		learner_free(fresh);
		for (int i = 0; i < 3; i++) {
			s.rule.rule = rule_named(rules[i]);
			struct learner *learner = taught(&s, &c, true);
			weights_read(learner->net, &w[i]);
			learner_free(learner);
		}
		char text[600];
		describe(&s, text, sizeof text);
		for (int l = 0; l < LANES; l++) {
			const double off = changes_off(&w[0], &w[1], &start, l);
			if (!(off <= 1e-11))
				fail_msg("lane %d is off by %g: %s", l, off, text);
			apart += changes_off(&w[2], &w[1], &start, l) > 1e-4;
		}
	}
	assert_true(apart > 30 * LANES); /* it would see the full gradient */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_twins_are_complete),
	    cmocka_unit_test(test_forward),
	    cmocka_unit_test(test_forward_sees),
	    cmocka_unit_test(test_initial),
	    cmocka_unit_test(test_lstm_is_lstm97),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_traces),
	    cmocka_unit_test(test_traces_see),
	    cmocka_unit_test(test_traces_are_bptt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
