/* row.h: a row of the paper's tables, as data.
   Does: say what a row is: its conditions by the literal reading, what the closest one changes and why, its published numbers.
   Does not: put one together (builder.h), resolve a reading (reading.h). */
#ifndef PAPER_ROW_H
#define PAPER_ROW_H

#include "paper/published.h"
#include "trial/conditions.h"

struct deviation {
	char key[40], value[OPTION_TEXT_MAX];
	int line;
};

enum { DEVIATIONS_MAX = 16, ROW_ID_SIZE = 24, WHY_SIZE = 4 * OPTION_TEXT_MAX };

struct experiment {
	char id[ROW_ID_SIZE]; /* 1-1 ... 6b */
	char title[OPTION_TEXT_MAX];
	char file[OPTION_TEXT_MAX];
	int line; /* of its [row ...] */
	struct conditions literal;
	long weights; /* of the literal reading, counted */
	struct published paper;
	int deviations; /* of the closest reading; 0: it has none */
	struct deviation deviation[DEVIATIONS_MAX];
	char why[WHY_SIZE];   /* why the closest reading changes what it changes */
	long closest_weights; /* the closest reading's own weight count if that is one of its deviations, else 0 */
};

#endif
