/* compare.h: learning rules against each other on the same conditions.
   Does: find trials of one experiment whose conditions differ in the rule only, and test whether the rules differ: success
   by Fisher's exact test (within the smallest budget that cut a trial of either), sequences to success by the log-rank
   test, in which unsolved trials are censored at their budget.
   Does not: print. */
#ifndef RUN_COMPARE_H
#define RUN_COMPARE_H

#include "paper/reading.h"
#include "store/store.h"

struct arm {
	char rule[40];
	int trials, solved;
	double low, high; /* Wilson's 95 % interval of the share that solved it */
	double mean;      /* sequences of those that did; not a number: none */
	double median;    /* Kaplan-Meier: sequences by which half of the trials have solved it; not a number: less than half have */
};

/* One rule beside the first one: the row's own rule, or, where that has no trials, the first in the database. */
struct comparison {
	const struct experiment *experiment;
	char conditions[CANONICAL_MAX]; /* canonical text without the rule */
	struct arm first, other;
	double fisher, logrank; /* p values, two-sided */
};

struct comparisons {
	int n;
	size_t capacity;
	struct comparison *all; /* (n) */
};

/* Adds those of one experiment. */
bool compare_row(struct comparisons *to, const struct experiment *x, struct store *store, struct error *e);
void comparisons_free(struct comparisons *c);

/* Two-sided p value of Fisher's exact test: a of n against b of m. */
double compare_fisher(int a, int n, int b, int m);

/* A trial as the log-rank test and the estimate of Kaplan and Meier see it. */
struct survival {
	double time;
	bool event; /* false: censored at that time */
	int group;  /* 0 or 1 */
};

/* p value of the log-rank test of two groups; 1 where nothing can be compared. s is sorted. */
double compare_logrank(struct survival *s, int n);

/* Time by which, as Kaplan and Meier estimate it, half of the trials have solved it; not a number: fewer have. s is sorted. */
double compare_median(struct survival *s, int n);

#endif
