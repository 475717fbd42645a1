/* plan.h: which trials a call of `lstm97 run` asks for.
   Does: turn ids, seeds, sweeps and budgets as a user types them into jobs (one set of conditions, its seeds).
   Does not: run, or know what is already in a database. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "paper/experiment.h"
#include "paper/reading.h"
#include "store/store.h"

/* What the user asks for; texts as typed, NULL for the default. Of several rows reading=closest takes the literal reading where there is
   no closer one; a single row without one is refused. */
struct request {
	const char *const *ids; /* (ids_n) rows, or the first part of their ids ("2c" for 2c-1 ...), or "all" */
	int ids_n;
	const char *seeds;       /* "1-10", "3", "1,4,7-9"; default: 1 to the paper's number of trials */
	const char *const *sets; /* (sets_n) "key=v1,v2,..." */
	int sets_n;
	const char *budget; /* training sequences, or "2x": times the paper's mean; default: the paper's limit, else 4x */
	bool skipping;      /* of several rows, those whose conditions do not combine are left out */
};

struct job {
	const struct experiment *experiment;
	struct conditions conditions;
	char canonical[CANONICAL_MAX];
	char *set; /* conditions_text */
	const char *reading;
	long budget;
	long weights, lag, length;
	char names[LIST_MAX][MILESTONE_MAX]; /* of the milestones */
	const char *name[LIST_MAX];
	int seeds_n;          /* 0: another job has the same conditions by another name, and these trials */
	uint64_t *seeds;      /* (seeds_n) ascending; often the plan's */
	unsigned char *state; /* (seeds_n) for run.c, with the next three */
	int next;             /* no seed before this one is pending */
	int pending, running; /* how many are */
	int filling;          /* likewise, of a family: groups that have begun, but not asked for their first LANES trials yet */
	int place;            /* in the order in which jobs are asked for */
	int family;           /* the first job whose trials share groups with this one's */
	struct job *follower; /* the next of them, or NULL */
	double expected;      /* trial-steps of one trial, roughly: for the order of jobs and the ETA */
};

struct plan {
	int n;
	struct job *jobs;           /* (n) longest first */
	int seeds_n;                /* those asked for; 0: none by name */
	uint64_t *seeds;            /* (seeds_n) or NULL */
	int skipped;                /* sets of conditions that are left out */
	struct error first_skipped; /* why the first of them is */
};

/* False and one line in e: nothing to run. */
bool plan_make(struct plan *plan, const struct experiments *x, const struct request *r, struct error *e);
void plan_free(struct plan *plan);

/* The rows that an id names, in order; false and one line for an unknown one. rows has room for x->n; *n is their number. */
bool plan_rows(const struct experiments *x, const char *id, const struct experiment **rows, int *n, struct error *e);

/* Seeds of "1-10,12", ascending, each once; the caller frees *seeds. */
bool plan_seeds(const char *text, uint64_t **seeds, int *n, struct error *e);

/* The place of one of the job's seeds. */
int job_seed(const struct job *job, uint64_t seed);

/* How a job's trials are described in the database. */
struct store_conditions job_store_conditions(const struct job *job);

#endif
