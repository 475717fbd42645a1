/* ledger.h: the paper's numbers beside ours.
   Does: one entry per published number and reading, with an interval and a verdict; the rule for verdicts stands in
   ledger_verdict and nowhere else.
   Does not: print. */
#ifndef RUN_LEDGER_H
#define RUN_LEDGER_H

#include "paper/row.h"
#include "store/store.h"

enum verdict {
	VERDICT_NOT_RUN,
	VERDICT_REPLICATED,
	VERDICT_FASTER,
	VERDICT_SLOWER,
	VERDICT_BETTER,
	VERDICT_WORSE,
	VERDICT_NOT_REPLICATED,
	VERDICT_BUDGET
};

extern const char *const verdict_names[];

enum quantity { QUANTITY_SUCCESS, QUANTITY_SEQUENCES, QUANTITY_WRONG, QUANTITY_FRACTION, QUANTITY_ERROR };

extern const char *const quantity_names[];

struct ledger_entry {
	const struct experiment *experiment;
	const char *reading; /* "literal" or "closest" */
	char milestone[MILESTONE_MAX];
	enum quantity quantity;
	double paper;
	double ours;         /* not a number: none */
	double low, high;    /* 95 % interval of ours */
	int trials, reached; /* ours; reached this milestone */
	int cut;             /* trials that the budget ended */
	long budget;         /* largest budget that cut a trial; 0: none was cut */
	double cpu_s;        /* of all trials of this reading */
	double bound;        /* sequences: mean with the trials that the budget cut counted at it, a lower bound of the mean */
	enum verdict verdict;
};

struct ledger {
	int n;
	struct ledger_entry *entries; /* (n) */
};

/* The entries of one row, both readings (the closest only where there is one), from the bare readings' trials. */
bool ledger_row(struct ledger *ledger, const struct experiment *x, struct store *store, struct error *e);
void ledger_free(struct ledger *ledger);

/* Wilson's 95 % interval for k of n. */
void ledger_wilson(double k, double n, double *low, double *high);

#endif
