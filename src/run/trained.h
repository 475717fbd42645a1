/* trained.h: one trial computed again, for a look inside.
   Does: train a trial from its seed (it is a pure function of it) and keep the trained learner; draw its test sequences.
   Does not: store or print. */
#ifndef RUN_TRAINED_H
#define RUN_TRAINED_H

#include "trial/group.h"

struct trained {
	struct learner *learner; /* lane 0 has the trained weights; owned */
	enum outcome outcome;
	long sequences; /* training sequences at success, or in all */
};

/* budget 0: initial weights, no training. False and one line in e where the learner is not a network. Free with trained_free. */
bool trained_make(struct trained *t, const struct conditions *c, uint64_t seed, long budget, struct error *e);
void trained_free(struct trained *t);

/* As above, n trials t of the n different seeds, trained side by side: up to LANES cost as much as one. False: nothing to free. */
bool trained_make_all(struct trained *t, const struct conditions *c, const uint64_t *seeds, int n, long budget, struct error *e);

/* A test sequence and its inputs for lane 0. */
struct presented {
	struct task_shape shape;
	struct sequence sequence;
	struct frames frames;
};

/* Test sequence `number` (1, 2, ...) of the trial; where that is part of a stream without reset, with all parts before it in front.
   Free with presented_free. */
void presented_draw(struct presented *p, const struct conditions *c, uint64_t seed, long number);
void presented_free(struct presented *p);

#endif
