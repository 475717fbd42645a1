/* conditions.h: everything that a trial depends on besides its seed.
   Does: gather the options of task, network, rule and trial under their keys; check what combines.
   Does not: read files or know the paper's rows (paper/ does). */
#ifndef TRIAL_CONDITIONS_H
#define TRIAL_CONDITIONS_H

#include "learner/learner.h"
#include "net/net.h"
#include "rule/rule.h"
#include "task/task.h"

enum measure { MEASURE_TEST, MEASURE_RECENT };
enum judge { JUDGE_TOLERANCE, JUDGE_LEGAL, JUDGE_TOP, JUDGE_NEXT_TO_LAST };
enum { JUDGED_EVERY, JUDGED_LAST };
enum { GROW_START, GROW_PLATEAU };
enum { ORDER_RANDOM, ORDER_EPOCH };
enum { TEST_FRESH, TEST_FIXED };
enum { MILESTONE_MAX = 64 }; /* a milestone's name has fewer characters */
enum { LIMIT_ANY = -1 };     /* error_below, length_above: list.n of the word any */

/* When a trial stops. A milestone i is reached when, among `window` sequences, fewer than wrong_below[i] are wrong and
   their mean error is below error_below[i]; the sequences are test sequences (weights frozen), presented every
   test_every training sequences, or the most recent training sequences.
   Where a task has streams, a sequence is a whole stream. It ends right after stream_length steps (in tests test_stream_length), or
   wrong at its first wrong answer, which is learned from; nothing is reset within it. Then a milestone also asks that the mean
   number of right answers of a stream is above length_above[i]. */
struct trial_options {
	int measure; /* enum measure */
	long window;
	long test_every;                  /* training sequences between two tests */
	int test_set;                     /* fresh test sequences for every test, or the same ones */
	int judge;                        /* enum judge: what makes a sequence wrong */
	double tolerance;                 /* JUDGE_TOLERANCE: wrong if an absolute error is not below it */
	int judged;                       /* every step with a target, or the last */
	char milestones[OPTION_TEXT_MAX]; /* names, separated by ':' */
	struct list wrong_below, error_below;
	struct list length_above;
	long test_sequences;         /* presented with frozen weights after each milestone, 0: none */
	long limit;                  /* the paper's own limit of training sequences, 0: it names none */
	int grow;                    /* 2a, 2b: hidden layer there from the start, or added on a plateau */
	long grow_window;            /* sequences of one plateau window */
	int order;                   /* training sequences of a fixed set: drawn at random, or the whole set over and over */
	double grow_ratio;           /* plateau: mean error of a window not below grow_ratio times that of the window before */
	long data_seed, weight_seed; /* of sequences and of initial weights, the same in all trials; 0: the trial's own seed */
	long stream_length, test_stream_length;
	long step_limit;    /* streams: no training after the stream in which a trial's steps become so many; 0: any number */
	int external_reset; /* streams: 1: activations, states and traces are reset after each part */
};

struct conditions {
	struct task_options task;
	struct learner_options learner;
	struct net_options net;
	struct rule_options rule;
	struct trial_options trial;
};

extern const struct parameter trial_option_table[];

struct conditions conditions_defaults(void);

/* Sets one key; false and one line in e where the key is unknown or the value impossible. */
bool conditions_set(struct conditions *c, const char *key, const char *value, struct error *e);

/* The same for every "key=value" of a text. */
bool conditions_set_all(struct conditions *c, const char *text, struct error *e);

/* What a trial depends on besides its seed, as the database names it: "key=value" of every condition that is not the program's default,
   in the order of the keys, separated by blanks; numbers read back exactly. The caller frees. */
char *conditions_text(const struct conditions *c);

/* The entry of a key in any of the five tables (NULL if unknown) and the struct its offset counts from. */
const struct parameter *conditions_option(struct conditions *c, const char *key, void **base);

/* Calls visit for every key in order. */
void conditions_each(const struct conditions *c, void (*visit)(void *to, const struct parameter *o, const void *base), void *to);

/* The same for every condition of a trial whose value differs from that in `before`: not for limit, which is a budget. */
void conditions_each_changed(const struct conditions *c, const struct conditions *before,
			     void (*visit)(void *to, const struct parameter *o, const void *base), void *to);

/* Can trials of both be lanes of one group? At most their learning rates differ, and no optimizer has that in its own state. */
bool conditions_share_group(const struct conditions *a, const struct conditions *b);

/* The same number for conditions that can, most likely another one for others. */
uint64_t conditions_group_hash(const struct conditions *c);

/* Do all parts combine? Also builds the network once, for its weight count (*weights, may be NULL). */
bool conditions_check(const struct conditions *c, long *weights, struct error *e);

/* The learner of these conditions; NULL and one line in e where its parts do not combine. */
struct learner *conditions_learner(const struct conditions *c, const struct task_shape *shape, struct error *e);

/* What trains in these conditions, as the database has it: a net and a rule, or the learner's own name and "-". */
const char *conditions_net_name(const struct conditions *c);
const char *conditions_rule_name(const struct conditions *c);

/* The random stream of trial `seed` for "train" and "test" sequences or initial "weights"; its data_draw gets conditions_data_seed. */
struct rng conditions_stream(const struct conditions *c, uint64_t seed, const char *name);
uint64_t conditions_data_seed(const struct conditions *c, uint64_t seed);

/* Number of milestones and the name of one. */
int conditions_milestones(const struct conditions *c);
void conditions_milestone_name(const struct conditions *c, int i, char *name, size_t size);

#endif
