/* errorflow.h: how error shrinks or grows on its way back in time (paper, sections 3.1, 3.2, 4 and A.2).
   Does: measure, in a network at work, the factor by which an error at the net input of a unit, or at the internal state of
   a cell, is scaled while it flows back over q steps, and how much of the gradient comes from errors that have gone back
   more than q steps: with the full gradient, and with the truncated one; how far the states of cells have drifted by the
   end of a sequence; |f'(net) w|, the factor of one step through one weight.
   Does not: train, print. */
#ifndef RUN_ERRORFLOW_H
#define RUN_ERRORFLOW_H

#include "run/trained.h"

enum errorflow { ERRORFLOW_FACTORS, ERRORFLOW_SHARE, ERRORFLOW_DRIFT };

/* Can that be measured in such a learner? False and one line in e: not in a learner that is more than one net and its rule, nor in
   a net without NET_BACK; no factors where units see what others left behind in the same step (layers, peepholes, gru, window) or
   states are scaled (forget gates, coupled gates, state_decay); drift needs cells, all with NET_TRACES. What follows is for those
   of which this is true. */
bool errorflow_check(const struct learner *learner, enum errorflow what, struct error *e);

/* Absolute factors after q steps; over all units (states) u that the error starts from, all v that it reaches, and all end points
   in the sequences. Not a number: no sequence is that long, or there are no states. */
struct flow {
	double unit_mean, unit_largest;   /* of |de_v(t-q) / de_u(t)|, v: the unit that gets most */
	double state_mean, state_largest; /* of |de_s(t-q) / de_s(t)|, v likewise */
	double bound;                     /* n (n w_max g)^q for n conventional units, g = max f'; not a number for cells */
};

/* flow[1 ... steps] of the learner's lane 0 over `sequences` test sequences of a trial. flow has steps + 1 elements. Errors start
   from the last step of each sequence. */
void errorflow_measure(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, bool truncated, int steps,
		       struct flow *flow);

/* share[0 ... steps] of the learner's lane 0: the norm of the part of dE/dw that comes from errors that have gone back more than
   q steps, over the norm of the whole; w: the weights of the hidden layer, E: the error at the last step. Mean over
   `sequences` test sequences. Not a number: a sequence is not that long, or there is no gradient. share has steps + 1 elements. */
void errorflow_share(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, bool truncated, int steps,
		     double *share);

/* At the last step of a sequence, over all cells and sequences. */
struct drift {
	double mean, largest; /* of |s_c| */
	double entry;         /* mean of |y_out h'(s_c)|: what is left of an error at the cell's output when it enters the state (eq. 23) */
};

/* Of the learner's lane 0, in `sequences` test sequences under the conditions c; they may be longer or shorter than those that it was
   trained with, but must have as many inputs. */
void errorflow_drift(struct learner *learner, const struct conditions *c, uint64_t seed, int sequences, struct drift *drift);

/* |f'(net) w| of a unit with this activation (section 3.1); a rectified unit's f' is 1 above 0, else 0. */
double errorflow_slope(enum activation activation, double net, double w);

/* The net input at the upper stable fixed point of a unit that sees only itself, y = f(w y + b), w >= 0; the bias b puts the steepest
   part of f in the middle of its range (logistic: -w / 2, tanh: 0). Not a number for a rectified
   unit: nothing holds it. */
double errorflow_fixed_net(enum activation activation, double w);

#endif
