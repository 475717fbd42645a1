/* store.h: the results file, for the parts above store/ (file.c, names.c, trial.c, claim.c and merge.c have it; sql.c calls SQLite).
   Does: open or create the database, keep the experiments' description, take in trials, claim trials for one of
   several processes, merge files, read rows for the ledger; know which trials count: those whose set of conditions is what the name that
   asks for them (an experiment and what --set changed) is now.
   Does not: train, plan, print, or resolve names (run/identity does). A struct store is used by one thread at a time (run/
   holds a lock). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"
#include "trial/group.h"

enum { STORE_VERSION = 2 }; /* PRAGMA user_version */

struct store;

enum store_mode {
	STORE_WRITE, /* created with its folder if missing */
	STORE_READ,  /* must exist */
};

/* NULL and one line in e (ERROR_INPUT: not a database, of a newer or older version; ERROR_ENVIRONMENT: cannot be opened, read-only,
   disk full; each with the next action). Free with store_close. */
struct store *store_open(const char *path, enum store_mode mode, struct error *e);
void store_close(struct store *store);

/* What the database says of an experiment, whatever its trials' conditions. Replaces what is there. */
struct store_experiment {
	const char *id, *title, *paper_table, *task, *net, *rule;
	long weights, lag, length; /* of the literal reading */
	const struct store_published {
		const char *milestone; /* name of the stop, "" for the whole row */
		const char *quantity;  /* "success" (percent), "sequences", "wrong" (of 2560), "fraction", "error", "range_low",
		                          "range_high", "trials" */
		double value;
	} * published;
	int published_n;
};
bool store_experiment(struct store *store, const struct store_experiment *x, struct error *e);

/* One set of conditions of an experiment, as every trial of it is stored. */
struct store_conditions {
	const char *experiment;
	const char *conditions; /* canonical text of what --set changed, "" for none */
	const char *reading;    /* "literal" or "closest" */
	const char *set;        /* conditions_text of all of them: with the seed and NUMERICS, what the trial is */
	const char *task, *net, *rule;
	long lag, length, weights;
	double rate;
	const char *const *milestone_names; /* (result.milestones) at least */
};

/* What a name, an experiment with changes, means now. */
struct store_name {
	const char *experiment, *conditions, *reading;
	const char *set; /* conditions_text */
};

/* Every name that has been resolved or has trials: visit is not told its reading and set. */
bool store_names(struct store *store, void (*visit)(void *to, const struct store_name *name), void *to, struct error *e);

/* From now on these names, and no others of their experiments, are what counts; other experiments' names stay. defaults: all conditions'
   program defaults, "key=value ...". *changed says whether the file knew otherwise. One that was opened to be read is not written to: it
   counts for this struct store only, but for the views, which are as the file has them. */
bool store_resolve(struct store *store, const struct store_name *names, int n, const char *defaults, bool *changed, struct error *e);

/* Calls visit for every kind of trials that no name asks for now. */
struct store_unused {
	const char *experiment, *conditions; /* when they were computed */
	const char *set;
	long numerics, trials;
};
bool store_unused(struct store *store, void (*visit)(void *to, const struct store_unused *u), void *to, struct error *e);

/* Is this trial missing for this budget? (No row; or unsolved within a smaller budget.) */
bool store_is_missing(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *missing, struct error *e);

/* Takes a trial for this process; *claimed false: another live process has it, or it is no longer missing. A claim whose
   process has not called store_heartbeat for STORE_CLAIM_SECONDS is void. */
enum { STORE_CLAIM_SECONDS = 60 };
bool store_claim(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *claimed, struct error *e);
bool store_heartbeat(struct store *store, struct error *e);
/* Gives back all claims of this process. */
bool store_release(struct store *store, struct error *e);

/* Writes a finished trial with its milestones and curve, in one transaction; an older row of the same trial is replaced;
   its claim ends. */
bool store_trial(struct store *store, const struct store_conditions *c, const struct result *result, struct error *e);

/* Copies every experiment, name and trial of the file src that is missing here (or unsolved here with a smaller budget). */
bool store_merge(struct store *store, const char *src, long *trials, struct error *e);

/* Calls row for every (conditions, trial, milestone) of an experiment that counts, ordered by reading, conditions, seed. A
   trial without milestones gives one row with milestone NULL. Rows with conditions other than a bare reading are included. */
struct store_row {
	const char *conditions;
	uint64_t seed;
	long lag;
	enum outcome outcome;
	long budget, trial_sequences;
	const char *milestone; /* NULL: none reached */
	long sequences, test_wrong, test_sequences;
	double test_mean_error, test_mean_square;
	double cpu_s;
	const char *rule;
};
bool store_rows(struct store *store, const char *experiment, void (*row)(void *to, const struct store_row *r), void *to, struct error *e);

#endif
