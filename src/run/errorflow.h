/* errorflow.h: how error shrinks or grows on its way back in time (paper, sections 3.1 and A.2).
   Does: measure, in a network at work, the factor by which an error at the net input of a unit, or at the internal state of
   a cell, is scaled while it flows back over q steps: with the full gradient, and with the truncated one.
   Does not: train, print. */
#ifndef RUN_ERRORFLOW_H
#define RUN_ERRORFLOW_H

#include "run/trained.h"

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

#endif
