/* cli.h: the commands of lstm97, one file each.
   Does: what all commands share: options, printing of an error, exit codes.
   Only cli/ prints and exits. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "run/plan.h"

enum { EXIT_USAGE = 2 }; /* EXIT_SUCCESS 0, EXIT_FAILURE 1: see design section 4 */

struct command {
	const char *name, *arguments, *summary;
	int (*main)(int argc, char **argv); /* argv[0] is "lstm97 NAME" */
};

extern const struct command command_list, command_show, command_run, command_ledger, command_trace, command_sample, command_bench,
    command_merge, command_compare, command_growth, command_errorflow;

/* What several commands take. */
struct common {
	const char *db;          /* --db, default results/results.db */
	const char *experiments; /* --experiments, default: experiments/ here or beside the program */
	const char *seeds, *seed, *budget, *sequence, *count, *jobs, *rounds;
	const char *sets[64]; /* --set */
	int sets_n;
	const char *words[256]; /* arguments that are no options */
	int words_n;
	bool tsv, table10, list, report, pairs;
};

/* Which of them a command takes: bits. */
enum {
	TAKES_DB = 1,
	TAKES_SEEDS = 2,
	TAKES_SET = 4,
	TAKES_BUDGET = 8,
	TAKES_JOBS = 16,
	TAKES_TSV = 32,
	TAKES_TABLE10 = 64,
	TAKES_SEED = 128,
	TAKES_SEQUENCE = 256,
	TAKES_COUNT = 512,
	TAKES_BENCH = 1024, /* --rounds, --list, --report, --pairs */
};

/* Parses with argp; a wrong option ends the program with 2. At least min_words and at most max_words words. */
void common_parse(const struct command *command, int takes, int min_words, int max_words, int argc, char **argv, struct common *c);

/* A whole number from an option's text (NULL: otherwise); false and one line in e. */
bool common_number(const char *option, const char *text, long otherwise, long min, long max, long *value, struct error *e);

/* Loads the experiments that --experiments names. */
bool common_experiments(const struct common *c, struct experiments *x, struct error *e);

/* The rows that the words name, one word after the other; all rows if there are no words. The caller frees *rows (also after false). */
bool common_rows(const struct common *c, const struct experiments *x, const struct experiment ***rows, int *n, struct error *e);

/* One row's conditions with --set (no sweeps). */
bool common_resolve(const struct common *c, const struct experiment *row, struct conditions *out, struct error *e);

/* Resolves what the database's names mean by the experiments at hand; then, unless quiet, one line on stderr for every kind of trials of
   these rows that count no more. */
bool common_identity(const struct experiments *x, const struct experiment *const *rows, int n, bool quiet, struct store *store,
		     struct error *e);
void common_unused(void *to, const char *text);

/* Prints the error's line and gives the exit code for it. */
int common_failed(const struct error *e);

#endif
