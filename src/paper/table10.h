/* table10.h: the rows' conditions as the paper's Table 10 has them.
   Does: one text of all rows.
   Does not: print, compare. */
#ifndef PAPER_TABLE10_H
#define PAPER_TABLE10_H

#include "paper/experiment.h"

/* One line per row as the paper's Table 10 has it (tab-separated, with a header line), into a growing text that the caller
   frees: row, p, lag, b, s, in, out, w, conn, ogb, igb, bias, h, g, learning rate. */
char *experiments_table10(const struct experiments *x);

#endif
