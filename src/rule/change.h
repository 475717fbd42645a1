/* change.h: what all rules do to the weights.
   Does: add e_j y_m to weights, at once or later (pending changes, also by way of an optimizer); know which rows of local inputs a
   lane's sequence has touched, so that nothing costs more than that.
   Does not: compute errors. */
#ifndef RULE_CHANGE_H
#define RULE_CHANGE_H

#include "net/net.h"
#include "rule/optimizer.h"

/* What the teacher says at one step, lane by lane. */
struct lesson {
	ilane line;         /* output line with a target that is not 0: of two the one that comes next; -1: no target at this step */
	const lane *target; /* (out) targets of the output lines; owned by the teacher */
	lane rate;          /* learning rate; 0 where the lane has no target at this step or is being tested */
	ilane learns;       /* -1 where rate is not 0 */
	ilane last;         /* -1 at the last step of a lane's sequence */
	bool judges;        /* who computes the outputs' errors fills in what follows */
	lane sum, largest;  /* of |target_k - y_k| over the outputs */
};

struct changes {
	struct net *net;             /* not owned */
	double *pending;             /* changes that are not made yet, laid out as net.w; NULL: all are made at once */
	bool local;                  /* some inputs are local */
	struct optimizer *optimizer; /* pending changes are a gradient for it; NULL: they are the changes */
	ilane learned;               /* lanes that were taught since their last change */
	lane slope_offset;           /* added to f' of the outputs */
	/* Rows of local inputs that were active in a lane's sequence so far: */
	int *touched; /* (LANES, in + 1): the last place is for one that is not counted */
	int touched_n[LANES];
	unsigned char *is_touched; /* (LANES, in) */
};

/* o, rate: of the optimizer. */
void changes_prepare(struct changes *c, struct net *net, bool pending, const struct optimizer_options *o, double rate, double slope_offset);
void changes_release(struct changes *c);

/* A trial starts in lane l. */
void changes_start(struct changes *c, int l);

/* No rows are touched, nothing is learned: the start of lane l's sequence. */
void changes_reset(struct changes *c, int l);

/* Each lane's active input rows of n steps are touched, from step `at` of frames on. */
void changes_touch(struct changes *c, const struct frames *frames, long at, long n);

/* The rows that are, of lane l: (touched_n[l]). */
static inline int *changes_touched(const struct changes *c, int l)
{
	return c->touched + (long)l * (c->net->in + 1);
}

/* The weights where changes go: net.w or pending. */
static inline double *changes_to(const struct changes *c)
{
	return c->pending ? c->pending : c->net->w;
}

/* w += pending (or the optimizer's step, in lanes that have learned), pending = 0, in the lanes of mask. */
void changes_apply(struct changes *c, ilane mask);

/* w_jm += e_j z_m (eq. 22) for columns first ... first + n - 1 of c, in the lanes of mask. w: changes_to; z: the sources, (rows), or
   (rows, cols) where units have their own, unused for local inputs; e: (n). */
void changes_outer(const struct connection *c, double *w, const struct frame *x, const lane *z, int first, int n, const lane *e,
		   ilane mask);

/* a e_k = a f'(net_k) (target_k - y_k) (eq. 19, 22) of an output; without a where an optimizer is used, which multiplies its step with
   it; f' is that of the logistic function, plus slope_offset, or 1. */
LANE_INLINE lane changes_error(const struct changes *c, bool logistic, lane y, lane target, lane rate)
{
	const lane slope = logistic ? lane_fma(y, 1.0 - y, c->slope_offset) : lane_set(1.0);
	return (c->optimizer ? lane_set(1.0) : rate) * (slope * (target - y));
}

/* All weights to the outputs, in one pass: the errors at the activations of the units that the outputs see, as net_seen_errors, and
   with them w_km += e_k y_m (eq. 22) in the lanes that learn. w: changes_to; e: (out) errors of the outputs, 0 in the other lanes;
   NULL: as changes_error says of y_out; e_seen: (seen_n). */
void changes_outputs(const struct changes *c, const struct frame *x, const lane *e, struct lesson *lesson, lane *e_seen);

/* Row m of lane l of a matrix of local inputs with `cols` columns. */
static inline double *changes_row(double *matrix, const struct connection *c, int cols, int l, int m)
{
	return matrix + ((long)l * c->rows + m) * cols;
}

#endif
