/* learner.h: what can be taught a sequence and asked for an answer.
   Does: describe a kind of learner (struct learner_type): a network and a rule, composed (composed.c), and those that are
   something else; hold one group of LANES of them, run step by step.
   Does not: know sequences, stopping rules or lanes' progress (trial/ does). */
#ifndef LEARNER_LEARNER_H
#define LEARNER_LEARNER_H

#include "rule/rule.h"

/* Chunker: the state that the automatizer is taught: before or after an unexpected symbol was taken in. */
enum { CHUNK_BEFORE, CHUNK_AFTER };
enum { CHUNK_A, CHUNK_EITHER };         /* whose answers are judged */
enum { CHUNK_SHORTCUTS, CHUNK_HIDDEN }; /* what the chunker's outputs see: inputs and hidden units, or these alone */

struct learner_options {
	int learner;      /* index into learner_types */
	double surprise;  /* chunker: theta, a prediction that is off by more has failed */
	int chunk_state;  /* CHUNK_... */
	int chunk_links;  /* CHUNK_... */
	int chunk_answer; /* CHUNK_... */
	/* Cascade-correlation; outputs and candidates have each their quickprop: */
	long candidates, max_units;                 /* units of the pool; hidden units in the end */
	double candidate_init;                      /* weights at the start are uniform in +- this */
	double output_mu, output_eps, output_decay; /* longest step in last steps, linear rate, weight decay */
	double candidate_mu, candidate_eps, candidate_decay;
	long patience;                          /* epochs without a significant change that end a phase */
	double output_change, candidate_change; /* a significant change of error or score, as a fraction */
	long epochs;                            /* the most of one phase */
};

extern const struct parameter learner_option_table[];

/* All that a learner may be made from. */
struct learner_parts {
	const struct learner_options *learner;
	const struct net_options *net;
	const struct rule_options *rule;
	const struct task_shape *shape;
};

struct learner {
	const struct learner_type *type;
	struct learner_options o;
	int out;
	lane *y_out;       /* (out) the last answer; owned by the learner's parts */
	lane *y_other;     /* (out) a second answer: the one that is nearer to the target is judged; NULL: none. If there is one, lanes that
	                      are tested are told their targets too (teach, with a rate of 0) */
	long weights;      /* trainable weights of one learner */
	bool together;     /* lanes must start their sequences at the same time (see struct rule_type) */
	bool guesses;      /* see struct rule_type */
	bool judges;       /* teach fills in what is judged of a lesson */
	bool epochs;       /* learns from the whole training set, over and over */
	struct net *net;   /* the network that answers; NULL: it is not one of net/ */
	struct net *other; /* a second network; NULL: none */
	struct rule *rule; /* NULL: none of rule/ */
};

struct learner_type {
	const char *name, *summary;
	size_t size; /* bytes of its struct, which starts with a struct learner */
	/* Builds all parts and sets the fields above. False and one line in e where they do not combine; release follows. */
	bool (*create)(struct learner *learner, const struct learner_parts *parts, struct error *e);
	void (*release)(struct learner *learner);
	/* Initial weights of a lane. */
	void (*start)(struct learner *learner, int l, struct rng *weights);
	/* State of a lane before a sequence of `length` steps, or before a stream (never with `together`). */
	void (*reset)(struct learner *learner, int l, long length);
	/* n steps, from step `at` of frames on. */
	void (*advance)(struct learner *learner, const struct frames *frames, long at, long n);
	/* y_out: the answer to the step before. */
	void (*answer)(struct learner *learner, const struct frames *frames, long at);
	/* Learns from the targets of step `at`, after its answer. Called only if some lane learns or there is y_other. */
	void (*teach)(struct learner *learner, const struct frames *frames, long at, struct lesson *lesson);
	/* After the last step of the sequences, or streams, of some lanes. */
	void (*finish)(struct learner *learner, ilane lanes);
};

extern const struct learner_type *const learner_types[];
extern const struct learner_type learner_composed; /* the one that is a net and a rule */

struct learner_options learner_defaults(void);

/* NULL and one line in e where the parts do not combine. Free with learner_free. */
struct learner *learner_create(const struct learner_parts *parts, struct error *e);
void learner_free(struct learner *learner);

/* What struct learner_type says of each. */
static inline void learner_start(struct learner *learner, int l, struct rng *weights)
{
	learner->type->start(learner, l, weights);
}

static inline void learner_reset(struct learner *learner, int l, long length)
{
	learner->type->reset(learner, l, length);
}

static inline void learner_advance(struct learner *learner, const struct frames *frames, long at, long n)
{
	learner->type->advance(learner, frames, at, n);
}

static inline void learner_answer(struct learner *learner, const struct frames *frames, long at)
{
	learner->type->answer(learner, frames, at);
}

static inline void learner_teach(struct learner *learner, const struct frames *frames, long at, struct lesson *lesson)
{
	learner->type->teach(learner, frames, at, lesson);
}

static inline void learner_finish(struct learner *learner, ilane lanes)
{
	learner->type->finish(learner, lanes);
}

#endif
