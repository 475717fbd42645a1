/* group.h: a group of LANES trials, from initial weights to outcome.
   Does: keep every lane busy with a trial of its own: step by step let all of them answer and learn; refill a lane that has finished.
   Trials may differ in seed and learning rate. A trial's numbers depend on conditions, seed and budget only.
   Does not: lay out sequences (feed.h), judge answers (judge.h) or say what a trial does next (course.h); know SQLite, threads or the
   command line. */
#ifndef TRIAL_GROUP_H
#define TRIAL_GROUP_H

#include "trial/conditions.h"
#include "trial/result.h"

#include <stdatomic.h>

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
