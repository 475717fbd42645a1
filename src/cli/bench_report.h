/* bench_report.h: what many rounds of lstm97 bench come to.
   Does: medians over rounds, builds side by side; paired ratios of two builds, and which rows became slower.
   Does not: time anything. */
#ifndef CLI_BENCH_REPORT_H
#define CLI_BENCH_REPORT_H

#include "base/error.h"

#include <stdbool.h>

/* The columns of a row as lstm97 bench prints it. */
extern const char bench_columns[];

/* Files of lines "build TAB row as bench prints it": a line per row to stdout, with ns and over_floor of each build. */
bool bench_report(const char *const *files, int n, struct error *e);

/* Files of lines "name TAB before TAB after": per name the median of after / before over its lines, with least and largest, to stdout.
   *slower: some median is over 1.02 and all of that name's ratios are over 1. */
bool bench_pairs(const char *const *files, int n, bool *slower, struct error *e);

#endif
