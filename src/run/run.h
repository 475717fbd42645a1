/* run.h: computes what a plan asks for and the database lacks.
   Does: worker threads, each with one lane group at a time; claims, so that several processes share one database; one
   writer (a lock around the store); progress; a clean stop.
   Does not: know the command line, or print (progress goes to a callback). */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "run/plan.h"

struct progress {
	long trials, done, solved; /* missing at the start; done and solved since */
	long elsewhere;            /* waiting for another process */
	long groups;               /* begun: up to LANES trials at a time on one thread */
	double steps_per_second;   /* trial-steps, over the last second or so */
	double seconds_left;       /* rough, 0 where trials take longer than expected; negative: not known yet */
	double seconds_most;       /* if every trial uses up its budget */
	const char *experiment;    /* of the trial that ended last, or NULL */
	bool last;                 /* the final call */
};

struct run_calls {
	void *to;
	void (*progress)(void *to, const struct progress *p); /* about twice a second, from the calling thread */
	const atomic_bool *stop;                              /* set by a signal handler: return soon */
	void (*unused)(void *to, const char *text);           /* a line on trials of the plan's rows that count no more; may be NULL */
};

/* Runs the plan on `threads` threads. False and one line in e if the store failed; *stopped says whether it was stopped before
   all trials were there. */
bool run_plan(struct plan *plan, const struct experiments *x, struct store *store, int threads, const struct run_calls *calls,
	      bool *stopped, struct error *e);

/* Trial-steps that are left of the plan's pending and running trials, of which `running` are done. */
struct left {
	double expected, most; /* by the published means; if all use up their budgets */
};
struct left run_left(const struct plan *plan, double running);

/* Puts the description of all experiments into the store, and what they and the plan's (NULL: none) names mean now. */
bool run_describe(const struct experiments *x, const struct plan *plan, struct store *store, struct error *e);

#endif
