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

enum { MAX = 32, MAX_IN = 6, MAX_OUT = 5, MAX_HIDDEN = 100, MAX_STEPS = 400, MAX_WEIGHTS = 4000 };

#include "random_nets.h"

static const struct sizes sizes = {0, 4, 3, 3, LAYERS_MAX, 4, MAX_IN, MAX_OUT, false};

static struct setting setting_draw(const char *net, const char *settings, struct rng *r)
{
	struct setting s;
	if (!setting_try(&s, net_named(net), &sizes, settings, r))
		fail_msg("net %s never goes with %s", net, settings);
	return s;
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
	static struct weights w;
	struct net *net = net_of(s);
	const bool as_started = rng_below(r, 4) == 0;
	double off = 0.0;
	weights_draw(net, &w, r);
	weights_write(net, &w);
	for (int l = 0; l < LANES; l++) {
		if (as_started)
			net_start(net, l, r);
		twin_init(&twin[l], s, net, mutant);
		twin_take(&twin[l], net, l);
	}
	struct frames f = frames_create(s, 1);
	for (int t = 0; t < STEPS; t++) {
		double own[LANES][MAX_IN];
		for (int l = 0; l < LANES; l++) {
			if (t == 0 || t == STEPS / 2 || rng_below(r, STEPS) == 0) {
				net_reset(net, l);
				twin_reset(&twin[l]);
			}
			f.index[0][l] = rng_below(r, s->in);
			for (int i = 0; i < s->in; i++)
				f.value[i][l] = own[l][i] = s->coding == INPUT_LOCAL ? i == f.index[0][l] : rng_between(r, -1.0, 1.0);
		}
		const struct frame x = frames_at(&f, 0);
		net_run(net, &f, 0, 1);
		net_answer(net, &x);
		for (int l = 0; l < LANES; l++) {
			twin_step(&twin[l], own[l]);
			off = fmax(off, twin_off(&twin[l], net, l));
		}
	}
	frames_free(&f);
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
					const bool possible = setting_try(&s, type, &sizes, settings, &r);
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

/* One draw per weight, absent weights are zero and not drawn; the lanes that are not started stay as they were. */
static void test_initial(void **state)
{
	(void)state;
	int lists = 0, shifted = 0, ones = 0, outputs = 0, absent = 0;
	for (int type = 0; net_types[type]; type++)
		for (int number = 1; number <= 60; number++) {
			struct rng r = rng_stream((uint64_t)number, "initial");
			struct setting s;
			static struct twin twin;
			assert_true(setting_try(&s, type, &sizes, "", &r));
			if (number % 3 == 0 && s.net.connectivity != CONNECT_FULL)
				s.net.output_init = (struct list){.n = 1, .v = {0.02 * number}};
			struct net *net = net_of(&s);
			twin_init(&twin, &s, net, MUTANT_NONE);
			for (int l = 0; l < LANES; l++) {
				struct rng a = rng_stream((uint64_t)l, "weights"), b = a;
				net_start(net, l, &a);
				const struct connection *c;
				long present = 0;
				int m, j;
				for (int i = 0; weight_at(net, i, l, &c, &m, &j); i++) {
					const bool there = !is_absent(&twin, c->name, m, j);
					const double drawn = there ? rng_between(&b, -s.net.init, s.net.init) : 0.0;
					const double expected = there ? initial(&s, net, c, m, j, drawn) : 0.0;
					assert_true(*weight_in(net, i, l) == expected);
					for (int k = l + 1; k < LANES; k++)
						assert_true(*weight_in(net, i, k) == 0.0);
					present += there;
					absent += !there;
					lists += !strcmp(c->name, "hidden<-bias") && fabs(expected) > s.net.init;
					shifted += !strcmp(c->name, "hidden<-input") && fabs(expected) > s.net.init;
					ones += is_net(&s.net, "irnn") && expected == 1.0;
					outputs += !strncmp(c->name, "output<-", 8) && expected != drawn;
				}
				assert_int_equal(present, net->weights);
				assert_memory_equal(&a, &b, sizeof a);
			}
			net_free(net);
		}
	const int many = 100 * LANES;
	assert_true(lists > many && shifted > many && ones > many && outputs > many && absent > many);
}

/* === lstm with all options off is lstm97 === */

/* The net after some sequences from the initial weights of seeds 1, 2, ...; NULL: the rule refuses the setting. */
/* at_once: see play_at_once; 0: not taught */
static struct learner *taught(const struct setting *s, const struct crowd *c, int at_once)
{
	struct error e = {0};
	struct learner *learner = learner_try(s, &e);
	for (int l = 0; learner && l < LANES; l++) {
		struct rng r = rng_stream((uint64_t)l + 1, "weights");
		learner_start(learner, l, &r);
	}
	if (learner && at_once)
		play_at_once(learner, s, c, GARBAGE_WILD, at_once);
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
			/* every second has sizes that lstm97 knows at compile time */
			static const char *const of_sizes[] = {"blocks=2 cells=1", "blocks=3 cells=1", "blocks=4 cells=1",
							       "blocks=2 cells=2", "blocks=3 cells=2"};
			char known[80] = "";
			if (number % 2)
				snprintf(known, sizeof known, "%s output_gates=yes g=g2 h=h1", of_sizes[number / 2 % 5]);
			struct setting s = setting_draw("lstm97", known, &r);
			s.rule.rule = rule;
			s.rule.update = rng_below(&r, UPDATE_LATE + 1);
			s.teaching = rng_below(&r, 2) ? TAUGHT_LAST : s.teaching;
			s.rule.rate = 0.3;
			s.rule.depth = 7;
			s.rule.stride = 3;
			crowd_draw(&s, &c, 3, 1, 15, &r);
			struct learner *old = taught(&s, &c, 1 + rng_below(&r, 20)), *start = taught(&s, &c, 0);
			s.net.net = net_named("lstm");
			struct learner *new = taught(&s, &c, 1);
			assert_int_equal(!old, !new);
			if (old) {
				char text[600];
				describe(&s, text, sizeof text);
				if (!same_weights(old, new))
					fail_msg("lstm is not lstm97: %s", text);
				assert_false(same_weights(old, start));
				/* this would see another net */
				s.net.state_decay = 0.999;
				struct learner *other = taught(&s, &c, 1);
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

/* A2, unit by unit: 2 inputs, 2 hidden units, 2 outputs. */
static void test_sparse_by_hand(void **state)
{
	(void)state;
	static const bool there[4][4] = {
	    /* from h1, h2, o1, o2 (rows) to h1, h2, o1, o2 */
	    {true, false, true, true},
	    {false, true, true, true},
	    {true, true, false, false},
	    {true, true, false, false},
	};
	struct setting s = setting_defaults("sparse", "guess");
	set_all(&s.net, "connectivity=full units=2");
	s.in = 2;
	struct net *net = net_of(&s);
	struct rng r = rng_stream(1, "weights");
	net_start(net, 0, &r);
	const struct connection *c = &net->to_hidden[net->to_hidden_n - 1];
	assert_int_equal(c->source, SOURCE_RECURRENT);
	for (int m = 0; m < 4; m++)
		for (int j = 0; j < 4; j++)
			assert_int_equal(*net_weight(net, c, m, j, 0) != 0.0, there[m][j]);
	net_free(net);
}

/* === Numbers of weights === */

static long count(const char *net, const char *settings, int in, int out)
{
	struct setting s = setting_defaults(net, "guess");
	s.in = in;
	s.out = out;
	set_all(&s.net, settings);
	const struct task_shape shape = shape_of(&s);
	struct error e = {0};
	struct net *n = net_create(&s.net, &shape, &e);
	assert_non_null(n);
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

static void test_counts_of_units(void **state)
{
	(void)state;
	char text[100];
	/* Table 1: RTRL with 3 and 12 hidden units beside the 7 outputs, Elman's net with 15 */
	assert_int_equal(count("rnn", "connectivity=full units=3 bias=none", 7, 7), 170);
	assert_int_equal(count("rnn", "connectivity=full units=12 bias=none", 7, 7), 494);
	assert_int_equal(count("rnn", "connectivity=F units=15 bias=none", 7, 7), 435);
	/* Table 2: p + 1 inputs and outputs, one hidden unit, shortcuts */
	assert_int_equal(count("rnn", "connectivity=F+shortcuts units=1 bias=none", 5, 5), 36);
	assert_int_equal(count("rnn", "connectivity=F+shortcuts units=1 bias=none", 11, 11), 144);
	assert_int_equal(count("rnn", "connectivity=F+shortcuts units=1 bias=none", 101, 101), 10404);
	/* by hand, 3 inputs, 2 outputs, 4 hidden units: 12 + 16 + 8, with biases 4, 2; without recurrence 12 + 8 */
	assert_int_equal(count("rnn", "connectivity=F units=4 bias=none", 3, 2), 36);
	assert_int_equal(count("rnn", "connectivity=F units=4 bias=hidden", 3, 2), 40);
	assert_int_equal(count("rnn", "connectivity=F units=4 bias=all", 3, 2), 42);
	assert_int_equal(count("rnn", "connectivity=F-recurrence units=4 bias=none", 3, 2), 20);
	/* full: 6 units see 3 inputs and 6 units; biases of 4 or 6 */
	assert_int_equal(count("rnn", "connectivity=full units=4 bias=none", 3, 2), 54);
	assert_int_equal(count("rnn", "connectivity=full units=4 bias=hidden", 3, 2), 58);
	assert_int_equal(count("rnn", "connectivity=full units=4 bias=all", 3, 2), 60);
	/* Guessing: A1: k + 1 units see the input, k + 1 units and a bias. A2: k units see input, output, themselves and a bias;
	   the output sees input, k units and a bias */
	for (int k = 1; k <= 10; k++) {
		snprintf(text, sizeof text, "connectivity=full units=%d bias=all", k);
		assert_int_equal(count("rnn", text, 1, 1), (k + 1) * (k + 3));
		assert_int_equal(count("sparse", text, 1, 1), 4 * k + k + 2);
	}
	/* sparse, 3 inputs, 2 outputs, 4 hidden units: 4 (3 + 2 + 1) + 2 (3 + 4) */
	assert_int_equal(count("sparse", "connectivity=full units=4 bias=none", 3, 2), 38);
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
		struct setting s = setting_defaults(cases[i].net, "guess");
		struct error e = {0};
		s.in = 2;
		s.out = 1;
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
	bool fresh = true;
	for (int t = 0; t < c->n[l]; t++) {
		const struct step *step = &c->step[l][t];
		if (fresh) {
			memset(&d, 0, sizeof d);
			twin_reset(p);
		}
		twin_step(p, step->x);
		traces_step(p, &d);
		if (step->taught)
			traces_teach(p, &d, step, rate);
		fresh = step->last;
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
	crowd_draw(s, &c, 2, 100, 200, r);
	struct learner *learner = taught(s, &c, false);
	assert_non_null(learner);
	for (int l = 0; l < LANES; l++) {
		twin_init(&twin[l], s, learner->net, mutant);
		twin_take(&twin[l], learner->net, l);
	}
	play(learner, s, &c, GARBAGE_WILD);
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
		crowd_draw(&s, &c, 1, 100, 200, &r);
		struct learner *fresh = taught(&s, &c, false);
		weights_read(fresh->net, &start);
		learner_free(fresh);
		for (int i = 0; i < 3; i++) {
			s.rule.rule = rule_named(rules[i]);
			struct learner *learner = taught(&s, &c, 1);
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
	    cmocka_unit_test(test_sparse_by_hand),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_counts_of_units),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_traces),
	    cmocka_unit_test(test_traces_see),
	    cmocka_unit_test(test_traces_are_bptt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
