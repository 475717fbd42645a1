/* published.c: see published.h. */
#include "paper/published.h"

#include <stddef.h>

static const char *const no_yes[] = {"no", "yes", NULL};

#define AT(field) offsetof(struct published, field)
const struct parameter published_option_table[] = {
    /* key, type, place, min, max, words, help */
    {"paper_table", OPTION_TEXT, AT(table), 0, 0, {NULL}, "table of the paper that has the row's results, or text"},
    {"paper_trials", OPTION_INT, AT(trials), 1, 1000000, {NULL}, "number of trials"},
    {"paper_source", OPTION_TEXT, AT(source), 0, 0, {NULL}, "the paper that has the row's results, if not that of 1997"},
    {"paper_success", OPTION_REAL, AT(success), 0, 100, {NULL}, "percent of the trials that succeeded"},
    {"paper_reached", OPTION_LIST, AT(reached), 0, 100, {NULL}, "percent of the trials that reached each stop before the last"},
    {"paper_sequences", OPTION_LIST, AT(sequences), 1, 1e15, {NULL}, "mean training sequences to each stop"},
    {"paper_range", OPTION_LIST, AT(range), 1, 1e15, {NULL}, "lowest and highest of them, at the last stop"},
    {"paper_wrong", OPTION_LIST, AT(wrong), 0, 2560, {NULL}, "wrong ones of 2560 test sequences"},
    {"paper_fraction", OPTION_LIST, AT(fraction), 0, 1, {NULL}, "fraction of 2560 test sequences that is wrong"},
    {"paper_error", OPTION_LIST, AT(error), 0, 100, {NULL}, "error of the test sequences, as printed"},
    {"paper_weights", OPTION_INT, AT(weights), 1, 1000000000, {NULL}, "number of weights"},
    {"paper_lag", OPTION_INT, AT(lag), 1, 1000000, {NULL}, "lag of Table 10"},
    {"paper_length", OPTION_INT, AT(length), 1, 1000000, {NULL}, "minimal sequence length p of Table 10"},
    {"paper_quoted", OPTION_ENUM, AT(quoted), 0, 0, {no_yes}, "the paper quotes these numbers from the literature"},
    {"budget_unit", OPTION_INT, AT(unit), 1, 1e15, {NULL}, "sequences of --budget 1x where no mean is published"},
    {0}};
#undef AT

int published_milestone(int i, int n, int m)
{
	return m - n + i;
}
