/* experiment.h: the rows of the paper, as data.
   Does: read the files of experiments/ (INI, by inih), resolve a row's reading and --set changes into conditions, hold
   the published numbers.
   Does not: run anything, print. */
#ifndef RUN_EXPERIMENT_H
#define RUN_EXPERIMENT_H

#include "trial/conditions.h"

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

struct deviation {
	char key[40], value[OPTION_TEXT_MAX];
	int line;
};

enum { DEVIATIONS_MAX = 16 };

struct experiment {
	char id[24]; /* 1-1 ... 6b */
	char title[OPTION_TEXT_MAX];
	char file[OPTION_TEXT_MAX];
	int line; /* of its [row ...] */
	struct conditions literal;
	long weights; /* of the literal reading, counted */
	struct published paper;
	int deviations; /* of the closest reading; 0: it has none */
	struct deviation deviation[DEVIATIONS_MAX];
	char why[OPTION_TEXT_MAX * 4]; /* why the closest reading changes what it changes */
	long closest_weights;          /* the closest reading's own weight count if that is one of its deviations, else 0 */
};

struct experiments {
	int n;
	struct experiment *all; /* (n) in the order of the files' names and rows */
};

/* Reads every *.ini of a folder. False and one line "FILE:LINE: ..." in e; then nothing is loaded. Every row's literal and
   closest conditions have passed conditions_check and their weight counts are the published ones (or closest_weights). */
bool experiments_load(struct experiments *x, const char *folder, struct error *e);
void experiments_free(struct experiments *x);

/* NULL and one line in e (with what there is) for an unknown id. */
const struct experiment *experiments_find(const struct experiments *x, const char *id, struct error *e);

struct setting {
	const char *key, *value;
};

enum { CANONICAL_MAX = 1024 };

/* The conditions of a row with changes ("reading" = literal or closest is one; it is applied first), checked. canonical gets the canonical
   text: "reading=closest" if so, then every key in table order whose value differs from that reading's, separated by
   spaces; "" for none. A change to the value it already has changes nothing. A change of net alone sets units too, so that the
   number of weights is as near to the reading's as it can be. */
bool experiment_resolve(const struct experiment *x, const struct setting *settings, int n, struct conditions *out,
			char canonical[CANONICAL_MAX], struct error *e);

/* What a canonical text that was stored means by the row's file of today. Not checked: the text may combine what no longer does. False
   and one line in e where a reading, a key or a value in it is unknown now. */
bool experiment_read(const struct experiment *x, const char *canonical, struct conditions *out, bool *closest, struct error *e);

/* Such a text in today's canonical form, with `key` (NULL: nothing) put back to what it is in the reading. */
bool experiment_without(const struct experiment *x, const char *canonical, const char *key, char rest[CANONICAL_MAX], struct error *e);

/* Index of the milestone that value i of a published list with n values belongs to, for a row with m milestones. (reached: of one with
   m - 1.) */
int published_milestone(int i, int n, int m);

/* One line per row as the paper's Table 10 has it (tab-separated, with a header line), into a growing text that the caller
   frees: row, p, lag, b, s, in, out, w, conn, ogb, igb, bias, h, g, learning rate. */
char *experiments_table10(const struct experiments *x);

#endif
