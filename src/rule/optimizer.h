/* optimizer.h: how a gradient becomes a step, beside the paper's plain one.
   Does: momentum, Adam (Kingma and Ba 2015, algorithm 1), clipping by the norm of one network's gradient (Pascanu et al. 2013), lane by
   lane: the state of a lane belongs to its trial.
   Does not: plain stochastic gradient descent, which needs no state (change.c); anything of the paper's track. */
#ifndef RULE_OPTIMIZER_H
#define RULE_OPTIMIZER_H

#include "net/net.h"

enum optimizer_kind { OPTIMIZER_SGD, OPTIMIZER_MOMENTUM, OPTIMIZER_ADAM };

struct optimizer_options {
	int kind;        /* enum optimizer_kind */
	double momentum; /* mu; Adam's beta_1 */
	double beta2, epsilon;
	double clip; /* the longest gradient; 0: any length */
};

struct optimizer {
	struct optimizer_options o;
	double rate;
	double *m, *v;            /* moments, laid out as net.w; NULL where not needed */
	lane momentum_t, beta2_t; /* powers for Adam's correction of the bias towards 0 */
};

/* Is there anything to do but w += rate gradient? Then errors come without the learning rate, once per sequence. */
static inline bool optimizer_used(const struct optimizer_options *o)
{
	return o->kind != OPTIMIZER_SGD || o->clip > 0.0;
}

void optimizer_prepare(struct optimizer *opt, const struct optimizer_options *o, double rate, const struct net *net);
void optimizer_release(struct optimizer *opt);

/* A trial starts in lane l. */
void optimizer_start(struct optimizer *opt, const struct net *net, int l);

/* One step in the lanes of mask, from gradient (laid out as net.w, pointing down), which is 0 there afterwards. All weights move,
   also those of inputs that were not active: so momentum and Adam are defined. O(W). */
void optimizer_apply(struct optimizer *opt, struct net *net, double *gradient, ilane mask);

#endif
