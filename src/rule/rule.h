/* rule.h: how an error at the outputs becomes a change of the weights.
   Does: describe a gradient (struct rule_type); hold one group's traces or history (struct rule).
   Does not: know tasks, stopping rules, or the inside of a network: a rule states what it needs, a network what it offers. */
#ifndef RULE_RULE_H
#define RULE_RULE_H

#include "net/net.h"
#include "rule/change.h"

enum rule_update {
	UPDATE_STEP,
	UPDATE_SEQUENCE,
	UPDATE_LATE, /* the changes of step t are made after the hidden units of step t + 1, before its outputs */
};

struct rule_options {
	int rule;            /* index into rule_types */
	double rate;         /* learning rate a */
	double rate_decay;   /* streams: a is multiplied by this after every step, and starts anew with each stream */
	int update;          /* weights change: at every step with a target, after the sequence, or one step late */
	double slope_offset; /* constant added to f' of the output units (not the paper's) */
	int errors;          /* 1: nothing is learned from targets before the last step (not the paper's) */
	int cell_errors;     /* 1: hidden units learn from the error of the last step only (not the paper's) */
	long depth;          /* bptt-window: h, the steps that errors go back */
	long stride;         /* bptt-window: h', the steps between two ways back */
	struct optimizer_options optimizer;
	int forcing; /* rtrl: 1: in training, targets take the place of the outputs that the units see (teacher forcing) */
};

extern const struct parameter rule_option_table[];

struct rule {
	const struct rule_type *type;
	struct rule_options o;
	struct net *net; /* not owned */
	long run;        /* the most steps that are observed at once */
	ilane rests;     /* rtrl: lanes that do not take the next step, as far as observe goes */
	struct changes changes;
};

struct rule_type {
	const char *name, *summary;
	unsigned needs; /* enum net_offer bits */
	bool together;  /* lanes must start their sequences at the same time; those that end first wait, frozen */
	bool forces;    /* knows teacher forcing */
	bool guesses;   /* weights are drawn anew once a draw has as many wrong sequences as the first stop does not allow */
	size_t size;    /* bytes of its struct, which starts with a struct rule */
	/* Do its options go with this net and task? NULL: always. */
	bool (*check)(const struct rule_options *o, const struct net *net, const struct task_shape *shape, struct error *e);
	void (*prepare)(struct rule *rule);
	void (*release)(struct rule *rule);
	/* Before every sequence of a lane; length: its steps. Of a stream (never with `together`) only before the first part, with the
	   length of that. */
	void (*reset)(struct rule *rule, int l, long length);
	/* After the net has run n steps, from step `at` of frames on; their rows are the last of its past. With `together` the frames stay
	   valid until the sequences end. */
	void (*observe)(struct rule *rule, const struct frames *frames, long at, long n);
	/* After net_answer of the same x, e: (out) errors of the outputs (eq. 19; those that are hidden units: target - y) times
	   the learning rate, 0 where a lane does not learn; NULL: those of y_out (changes_error). */
	void (*teach)(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson);
	/* After the last step of the sequences, or streams, of some lanes; with `together`, of all that have one. */
	void (*finish)(struct rule *rule, ilane lanes);
};

extern const struct rule_type *const rule_types[];

struct rule_options rule_defaults(void);

/* NULL and one line in e where the network lacks what the rule needs or its options do not fit. net must outlive the rule. */
struct rule *rule_create(const struct rule_options *o, struct net *net, const struct task_shape *shape, struct error *e);
void rule_free(struct rule *rule);

/* A trial starts in lane l, with new weights. */
static inline void rule_start(struct rule *rule, int l)
{
	changes_start(&rule->changes, l);
}

/* What type->teach says. */
static inline void rule_teach(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson)
{
	rule->changes.learned |= lesson->learns;
	rule->type->teach(rule, x, e, lesson);
}

#endif
