/* published.h: the paper's own numbers.
   Does: what a row of the paper's tables says, as the keys paper_... of a row.
   Does not: compare them with anything. */
#ifndef PAPER_PUBLISHED_H
#define PAPER_PUBLISHED_H

#include "base/options.h"

/* The paper's own numbers of one row; lists follow the row's milestones (a single value belongs to the last one);
   n = 0: not published. Table: published_option_table (keys paper_...). */
struct published {
	char table[OPTION_TEXT_MAX];  /* paper_table: "1" ... "9", "text" */
	char source[OPTION_TEXT_MAX]; /* paper_source: the paper, where it is not that of 1997 */
	long trials;                  /* paper_trials */
	double success;               /* paper_success: percent; -1: not published */
	struct list reached;          /* paper_reached: percent of the trials, for stops before the last */
	struct list sequences;        /* paper_sequences: mean training sequences to success */
	struct list range;            /* paper_range: lowest, highest of them */
	struct list wrong;            /* paper_wrong: of 2560 test sequences */
	struct list fraction;         /* paper_fraction: misclassified test sequences */
	struct list error;            /* paper_error: as printed ("MSE" of Table 8, average difference of Table 6) */
	long weights, lag, length;    /* paper_weights, paper_lag, paper_length: Table 10; 0: not published */
	int quoted;                   /* paper_quoted: 1: the paper quotes the numbers from the literature */
	long unit;                    /* budget_unit: what --budget 1x is where no mean is published; 0: not given */
};

extern const struct parameter published_option_table[];

/* Index of the milestone that value i of a published list with n values belongs to, for a row with m milestones. (reached: of one with
   m - 1.) */
int published_milestone(int i, int n, int m);

#endif
