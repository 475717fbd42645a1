/* learner.h: what can be taught a sequence and asked for an answer: a network and a rule, composed.
   Does: run a group of LANES trials step by step; errors of the outputs (eq. 19).
   Does not: know sequences, stopping rules or lanes' progress (trial/ does). */
#ifndef LEARNER_LEARNER_H
#define LEARNER_LEARNER_H

#include "rule/rule.h"

/* Inputs of many steps, for all lanes. */
struct frames {
	enum input_coding coding;
	int in;
	lane *value;  /* (steps, in) REAL */
	ilane *index; /* (steps) LOCAL */
};

struct learner {
	struct net *net;
	struct rule *rule;
	lane *e; /* (out) */
};

/* NULL and one line in e where the options do not combine. */
struct learner *learner_create(const struct net_options *n, const struct rule_options *r, const struct task_shape *shape, struct error *e);
void learner_free(struct learner *learner);

/* Initial weights of a lane; state before a sequence; end of a sequence. */
void learner_start(struct learner *learner, int l, struct rng *weights);
void learner_reset(struct learner *learner, int l);
void learner_finish(struct learner *learner, int l);

/* n steps, from step `at` of frames on. */
void learner_advance(struct learner *learner, const struct frames *frames, long at, long n);

/* Answer to the step before; in learner->net->y_out: (out). */
void learner_answer(struct learner *learner, const struct frames *frames, long at);

/* Learns from the targets of step `at`, after its answer. */
void learner_teach(struct learner *learner, const struct frames *frames, long at, const struct lesson *lesson);

#endif
