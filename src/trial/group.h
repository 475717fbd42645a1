/* group.h: a group of LANES trials, from initial weights to outcome.
   Does: keep every lane busy with a trial of its own: draw sequences, train, test, judge, stop; refill a lane that
   has finished. Trials may differ in seed and learning rate. A trial's numbers depend on conditions, seed and budget only.
   Does not: know SQLite, threads or the command line. */
#ifndef TRIAL_GROUP_H
#define TRIAL_GROUP_H

#include "trial/conditions.h"

#include <stdatomic.h>

enum outcome { OUTCOME_SOLVED, OUTCOME_UNSOLVED, OUTCOME_DIVERGED };

struct milestone {
	long sequences;      /* training sequences when it was reached */
	long test_sequences; /* of the test that followed */
	long test_wrong;
	double test_mean_error, test_mean_square; /* over outputs and sequences; of the judged steps */
};

struct curve_point {
	long sequences; /* training sequences so far */
	double error;   /* mean absolute training error of the judged steps since the point before */
};

/* What became of one trial. */
struct result {
	uint64_t seed;
	enum outcome outcome;
	long sequences, steps; /* training sequences and their steps; at success, or in all */
	long budget;
	int milestones; /* reached */
	struct milestone milestone[LIST_MAX];
	int points;
	struct curve_point *curve; /* (points); owned by the group, valid during the call of done */
	double cpu_s;
	uint64_t weights_hash;         /* of the final weights, see weights_hash.h */
	const struct learner *learner; /* the trained one is that of lane `lane` */
	int lane;
};

/* The group's window to its user; all pointers outlive the call. */
struct group_calls {
	void *to;
	bool (*take)(void *to, int l, uint64_t *seed, double *rate); /* the next trial for lane l; false: none left. *rate: its
									   learning rate, as in the conditions where take leaves it */
	void (*done)(void *to, const struct result *result);         /* a trial has ended */
	atomic_long *steps;                                          /* counts trial-steps, for the rate; may be NULL */
	const atomic_bool *stop;                                     /* set: return soon, trials in flight are dropped; may be NULL */
};

/* Runs trials until take has no more and all lanes are done, or stop is set. budget: training sequences per trial.
   The conditions must have passed conditions_check. */
void group_run(const struct conditions *c, long budget, const struct group_calls *calls);

#endif
