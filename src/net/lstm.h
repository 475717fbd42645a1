/* lstm.h: what lstm97.c and lstm.c share: memory cell blocks, their units' places and squashing functions.
   Does not: steps. */
#ifndef NET_LSTM_H
#define NET_LSTM_H

#include "net/net.h"

struct lstm {
	struct net base;
	int layer_units, layer_gates, layer_cells; /* of one layer; all are alike */
	int layer_inner;                           /* connections to one */
	int block_cells;                           /* with peepholes: cells of each block */
	int *in, *out, *forget;                    /* (cells) the gates of each cell, as hidden units */
	lane *net_in;                              /* (hidden) net inputs */
	lane *e_y;                                 /* (hidden) with layers: errors at activations */
	/* What a step leaves behind: y (hidden); then, each (cells): ds_c/dnet of input gate, forget gate, cell; f(s_c), or s_c where h is
	   the identity; ds_c(t)/ds_c(t-1); then what peepholes see. Where they stand: */
	int at_in, at_forget, at_cell, at_h, at_peep;
};

/* x -> scale f(x) + offset for each enum squash; the identity is apart. */
static const struct {
	double scale, offset;
} squash[] = {
    [SQUASH_LOGISTIC] = {1.0, 0.0},
    [SQUASH_H1] = {2.0, -1.0},
    [SQUASH_G2] = {4.0, -2.0},
};

/* Value and derivative of a squashing function at x, given f = f(x), the logistic; of the identity: given f = x. */
LANE_INLINE lane squash_value(int kind, lane f, lane *slope)
{
	if (kind == SQUASH_ID) {
		*slope = lane_set(1.0);
		return f;
	}
	const lane scale = lane_set(squash[kind].scale);
	*slope = scale * (f * (1.0 - f));
	return lane_fma(scale, f, lane_set(squash[kind].offset));
}

/* What struct net_type says of each; lstm_run: of any net with memory cell blocks. */
bool lstm_check(const struct net_options *o, const struct task_shape *shape, struct error *e);
void lstm_layout(struct net *net, const struct task_shape *shape);
void lstm_prepare(struct net *net);
void lstm_release(struct net *net);
double lstm_initial(const struct net *net, const struct connection *c, int m, int j, double drawn);
void lstm_run(struct net *net, const struct frames *frames, long at, long n);
void lstm_errors(const struct net *net, const lane *e_seen, lane *e_out, lane *e_s);
void lstm_back(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net);
void lstm_walk(const struct net *net, struct walk *w, long t, long n);
void lstm_push(const struct net *net, const lane *row, int directions, const lane *d_net, lane *d);

/* Do its states decay? */
static inline bool lstm_decays(const struct net_options *o)
{
	return o->forget != FORGET_NONE || o->state_decay < 1.0;
}

#endif
