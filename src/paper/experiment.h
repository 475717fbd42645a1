/* experiment.h: all rows.
   Does: load the files of experiments/ as rows, find a row.
   Does not: change a row's conditions (reading.h), run anything, print. */
#ifndef PAPER_EXPERIMENT_H
#define PAPER_EXPERIMENT_H

#include "paper/row.h"

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

#endif
