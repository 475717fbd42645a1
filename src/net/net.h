/* net.h: what a network is to those who train it.
   Does: describe an architecture (struct net_type) and hold one group of LANES networks of it (struct net): a list of
   connections, each a weight matrix between two layers, drives initialisation, the forward step, traces, changes,
   printing and gradient checks, so that no weight matrix is ever listed twice.
   Does not: know how it is trained, or on what.

   Letters are the paper's: y activations, s_c internal states, net_j net inputs, w weights, e errors (-dE/d...). */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/error.h"
#include "base/lane.h"
#include "base/options.h"
#include "base/rng.h"
#include "task/task.h"

enum squash { SQUASH_LOGISTIC, SQUASH_H1, SQUASH_G2, SQUASH_ID }; /* [0,1], [-1,1], [-2,2], identity */

enum connectivity {
	CONNECT_F,           /* all inputs, gates and cells to every gate and cell; cells to outputs */
	CONNECT_B,           /* every layer to all layers above; no recurrence but the CEC */
	CONNECT_F_SHORTCUTS, /* F and input-output connections (not the paper's) */
	CONNECT_F_FORWARD,   /* F without recurrent connections (not the paper's) */
	CONNECT_FULL,        /* the outputs are hidden units too: all inputs and all units to every unit */
	CONNECT_C,           /* F, but gates feed nothing: recurrence from cells only (not the paper's) */
	CONNECT_C_SHORTCUTS, /* C and input-output connections (Gers, Schmidhuber and Cummins 2000) */
};
enum activation { ACTIVATION_LOGISTIC, ACTIVATION_TANH, ACTIVATION_RELU };
enum { OUTPUT_LOGISTIC, OUTPUT_IDENTITY };
enum bias_kind { BIAS_NONE, BIAS_GATES, BIAS_HIDDEN, BIAS_ALL, BIAS_GATES_OUTPUTS };
enum { BIAS_RANDOM = -1, BIAS_ABSENT = -2 };              /* igb, ogb, fgb, output_init: list.n of the words r, none */
enum forget { FORGET_NONE, FORGET_GATE, FORGET_COUPLED }; /* s_c(t) = s_c(t-1) + ...; y_f s_c(t-1) + ...; (1 - y_in) s_c(t-1) + ... */
enum { UNITS_MAX = 1000, LAYERS_MAX = 3, TO_HIDDEN_MAX = 4 * LAYERS_MAX };
enum { RUN_STEPS = 16 }; /* steps that are made at once, where a rule does not ask for more */

struct net_options {
	int net;                 /* index into net_types */
	long units;              /* nets without cells: hidden units (without the outputs, where these are hidden units too) */
	int activation;          /* enum activation, of such hidden units */
	long blocks;             /* b */
	struct list cells;       /* s, one value for all blocks or one per block */
	int output_gates;        /* 0: y_c = h(s_c) */
	int input_gates;         /* lstm: 0: none, y_in = 1 */
	int forget;              /* lstm: enum forget */
	double state_decay;      /* lstm: without forget gates: s_c(t) = state_decay s_c(t-1) + ... */
	int peepholes;           /* lstm: 1: gates see the states of their block's cells */
	long layers;             /* hidden layers, one above the other */
	long taps;               /* window: k, the inputs x(t), ..., x(t-k+1) that are seen at once */
	int connectivity;        /* enum connectivity */
	int bias;                /* enum bias_kind */
	struct list igb, ogb;    /* initial input, output gate biases, block by block */
	struct list fgb;         /* lstm: initial forget gate biases */
	int bias_init;           /* given value: 0 as it is, 1 plus a draw from the interval */
	int g, h;                /* enum squash */
	int output;              /* squashing of the outputs: OUTPUT_LOGISTIC or OUTPUT_IDENTITY */
	double init;             /* weights are drawn from [-init, init] */
	struct list output_init; /* initial weights from hidden units to outputs: one value, or from the interval */
	double gate_shift;       /* added to the initial weights from inputs to gates (not the paper's) */
	double reset;            /* activations at sequence start */
};

extern const struct parameter net_option_table[];

/* What a rule may need and a network offer. */
enum net_offer {
	NET_TRACES = 1,   /* eq. 25, 27: ds_c/dnet_j of the same step, and errors at s_c (eq. 23) */
	NET_BACK = 2,     /* one step back: errors at the net inputs and the states before, from those at activations and states */
	NET_JACOBIAN = 4, /* one step forward: how y(t) and s(t) move with net inputs and s(t-1); the transpose of the above */
};

/* The inputs x(t) of one step. */
struct frame {
	const lane *value; /* (in) INPUT_REAL */
	ilane index;       /* INPUT_LOCAL: the active line of each lane */
};

/* Inputs of many steps, for all lanes: a ring. What is left of a lane's sequence (or part of a stream) stands there from the moment of its
   reset, the next step first; of lanes that start together the whole sequence, until finish. */
struct frames {
	enum input_coding coding;
	int in;
	long steps;   /* that the ring holds: the next one after steps - 1 is 0 */
	lane *value;  /* (steps, in) REAL */
	ilane *index; /* (steps) LOCAL */
};

/* The inputs of one step. */
static inline struct frame frames_at(const struct frames *frames, long at)
{
	struct frame x = {0};
	if (frames->coding == INPUT_LOCAL)
		x.index = frames->index[at];
	else
		x.value = frames->value + at * frames->in;
	return x;
}

enum source {
	SOURCE_INPUT,
	SOURCE_BIAS,
	SOURCE_RECURRENT, /* y(t-1), from unit `first` on */
	SOURCE_NOW,       /* what this step left behind, from `first` on */
	SOURCE_SEEN,
};

/* A weight matrix (rows, cols): w_jm stands in row m (source), column j (receiving unit `to` + j). */
struct connection {
	const char *name;
	int rows, cols;
	bool local; /* source is an input in local coding: every lane has its own matrix, row after row, so that
	                     a step touches one row of each; otherwise the lanes of a weight lie side by side */
	enum source source;
	int first;        /* see enum source */
	int to;           /* the first receiving unit */
	bool own;         /* each unit has `rows` sources of its own, that is (rows, cols) */
	size_t offset;    /* of the first weight in net.w */
};

/* Gates of one kind: their name for people, and how many of each layer. */
struct gate_kind {
	const char *name;
	int n;
};

struct net {
	const struct net_type *type;
	struct net_options o;
	int in, out, hidden, cells;
	int layers;               /* hidden layers, all alike: hidden / layers units each */
	int gates;                /* units in front of each layer that are gates */
	struct gate_kind gate[3]; /* these, kind by kind */
	int seen_first, seen_n;   /* hidden units that the outputs see, or are */
	bool outputs_inside;      /* the outputs are the seen units themselves; otherwise they are a layer of their own */
	int to_hidden_n, to_output_n;
	struct connection to_hidden[TO_HIDDEN_MAX], to_output[3]; /* layer by layer, in the order in which a step needs them */
	size_t size;                                              /* doubles in w */
	long weights;                                             /* trainable weights of one network */
	double *w;

	/* What steps leave behind for the next one and for those who learn from them: a row each, y (hidden) first. Row 0 is that of the
	   step before the first that is kept. */
	lane *past;         /* (capacity + 1, row_n) */
	size_t row_n;       /* at least hidden */
	long capacity, row; /* steps that there is room for; the row of this step */
	lane *y, *y_before; /* rows of this step and of the one before */
	lane *y_out;        /* (out) answer of the last call of net_answer */
	lane *s;            /* (cells) internal states */
	bool cut;           /* errors do not flow back from gates to states (the truncated gradient with peepholes) */
	lane one;           /* the activation of a bias */
	/* Weights of local inputs to the outputs. A row that all lanes used at once stands in `woven`, the lanes of a weight side by side,
	   until they do not. NULL: never, or at this step. */
	lane *woven, *woven_row; /* (in, out), (out) */
	unsigned char *is_woven; /* (in) */
	int alike;               /* answers since one in which lanes used different rows */
	lane grown;         /* 1, or 0 while the hidden layer is still missing (2a, 2b: sequential construction) */

	/* NET_TRACES: pair k says that net_(pair_unit[k]) moves s_(pair_cell[k]) by factor[k] in the same step; pairs are
	   sorted by unit. direct: units whose weights change by e_j y_m without a trace (output gates). */
	int pairs;
	int *pair_unit, *pair_cell;
	int factor_at; /* (pairs) where a row has these factors */
	int decay_at;  /* (cells) where it has ds_c(t)/ds_c(t-1), with which traces shrink; 0: these are 1 */
	int direct_first, direct_n;
};

struct walk;

struct net_type {
	const char *name, *summary;
	unsigned offers;
	size_t size; /* bytes of its struct, which starts with a struct net */
	/* Options and shape possible together? */
	bool (*check)(const struct net_options *o, const struct task_shape *shape, struct error *e);
	/* Sets hidden, cells, gates, seen_..., row_n and the connections' rows, cols, names. */
	void (*layout)(struct net *net, const struct task_shape *shape);
	/* Workspace beyond what net_create allocates; pairs. */
	void (*prepare)(struct net *net);
	void (*release)(struct net *net);
	/* Initial weight of row m, column j of a connection to the hidden layer, given a draw from the interval. */
	double (*initial)(const struct net *net, const struct connection *c, int m, int j, double drawn);
	/* Is there no weight from source m to unit j of this connection to the hidden layer? NULL: all are there. Such a weight
	   stays 0, is neither drawn nor counted; a net with absent weights offers nothing to rules that change weights. */
	bool (*absent)(const struct net *net, const struct connection *c, int m, int j);
	/* n steps, from step `at` of frames on (in one piece, and there is room for their rows): rows and s from x(t) and y(t-1). */
	void (*run)(struct net *net, const struct frames *frames, long at, long n);
	/* NET_TRACES: errors at the direct units (eq. 21) and at the states (eq. 23) from those at the seen units' activations.
	   e_seen: (seen_n), e_direct: (direct_n), e_s: (cells). */
	void (*errors)(const struct net *net, const lane *e_seen, lane *e_direct, lane *e_s);
	/* NET_BACK: row: of step t, e_y: (hidden) errors at y(t), e_s: (cells) errors that come back to s(t) from
	   step t + 1, changed into those that go on to s(t-1); e_net: (hidden) errors at the net inputs of step t. */
	void (*back)(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net);
	/* The same for n <= RUN_STEPS steps, from step t of the past (0: its first) back; see net/past.h. */
	void (*walk)(const struct net *net, struct walk *w, long t, long n);
	/* NET_JACOBIAN: n directions at once. row: of step t; d_net: (n, hidden) changes of its net inputs; d: (n, hidden
	   + cells) the states' part: changes of s(t-1), becomes those of y(t) and s(t), without what vanishes (lane_flushed). */
	void (*push)(const struct net *net, const lane *row, int n, const lane *d_net, lane *d);
	/* What of `offers` is not there with these options. NULL: nothing. */
	unsigned (*lacks)(const struct net_options *o);
};

extern const struct net_type *const net_types[];

struct net_options net_defaults(void);

/* Networks for LANES trials, weights zero; NULL and one line in e where options and shape do not combine. Free with net_free. */
struct net *net_create(const struct net_options *o, const struct task_shape *shape, struct error *e);
void net_free(struct net *net);

/* Initial weights of one lane. Draws one number per weight, whatever the options say of it. */
void net_start(struct net *net, int l, struct rng *r);

/* Activations and states of one lane as before every sequence. */
void net_reset(struct net *net, int l);

/* Row r of the past. */
static inline lane *net_row(const struct net *net, long r)
{
	return net->past + (size_t)r * net->row_n;
}

/* This step's row becomes row 0: what came before is forgotten. */
void net_forget(struct net *net);

/* Room for that many steps in all; what is there stays. */
void net_reserve(struct net *net, long steps);

/* Up to n steps of the net, from step `at` of frames on (in one piece), as many as there is room for without forgetting what has just
   been made; returns how many. */
long net_run(struct net *net, const struct frames *frames, long at, long n);

/* The step's errors at the activations below a layer, from those at its net inputs: e_y += w e_net over its connections from the
   layer below. Nothing for the lowest. e_net, e_y: (hidden). */
void net_errors_below(const struct net *net, int layer, const lane *e_net, lane *e_y);

/* What rules may use of a net with these options. */
unsigned net_offers(const struct net *net);

/* From now on rows may be woven. Not for weights that are used but by net_weight, net_answer and woven_row. */
void net_weave(struct net *net);

/* y_out = f_k(sum of w_km y_m + bias) from the current activations and inputs, for all lanes. */
void net_answer(struct net *net, const struct frame *x);

/* Errors at the activations of the seen units, from those of the output units: e_seen[v] = sum_k w_kv e_k, or e_v itself where
   the outputs are the seen units. e: (out), e_seen: (seen_n). */
void net_seen_errors(const struct net *net, const lane *e, lane *e_seen);

/* Weight of row m, column j, lane l of a connection; its place, until the net's next answer. */
double *net_weight(const struct net *net, const struct connection *c, int m, int j, int l);

#endif
