/* main.c: finds the command and hands over.
   Does: the list of commands, --help, what commands share (cli.h).
   Does not: any work of a command. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/number.h"
#include "run/identity.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef LSTM97_BUILD
#define LSTM97_BUILD "unknown"
#endif

static const struct command *const commands[] = {&command_list,    &command_show,   &command_run,   &command_ledger,
						 &command_compare, &command_growth, &command_trace, &command_errorflow,
						 &command_sample,  &command_bench,  &command_merge, NULL};

static void usage(FILE *to)
{
	fputs("lstm97: the experiments of \"Long Short-Term Memory\" (1997), at the paper's own scale\n\n", to);
	for (int i = 0; commands[i]; i++)
		fprintf(to, "  lstm97 %-9s %-42s %s\n", commands[i]->name, commands[i]->arguments, commands[i]->summary);
	fputs("\nlstm97 COMMAND --help tells a command's options.\n", to);
}

/* At every end of the program: results that did not reach their reader or the disk are a failure. A reader that has gone does not
   want to be told. */
static void check_output(void)
{
	errno = 0;
	const bool lost = fflush(stdout) || ferror(stdout);
	if (!lost && (close(STDOUT_FILENO) == 0 || errno == EBADF))
		return;
	if (errno != EPIPE)
		fprintf(stderr, "lstm97: the output cannot be written (%s); make room, or send it elsewhere\n",
			errno ? strerror(errno) : "a part of it is lost");
	_exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	atexit(check_output);
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : EXIT_SUCCESS;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("lstm97 " LSTM97_BUILD);
		return EXIT_SUCCESS;
	}
	for (int i = 0; commands[i]; i++)
		if (!strcmp(argv[1], commands[i]->name)) {
			char name[64];
			snprintf(name, sizeof name, "lstm97 %s", argv[1]);
			argv[1] = name;
			return commands[i]->main(argc - 1, argv + 1);
		}
	fprintf(stderr, "lstm97: '%s' is no command; lstm97 --help lists them\n", argv[1]);
	return EXIT_USAGE;
}

/* ---- what commands share ---- */

enum {
	KEY_EXPERIMENTS = 256,
	KEY_DB,
	KEY_SEEDS,
	KEY_SET,
	KEY_BUDGET,
	KEY_JOBS,
	KEY_TSV,
	KEY_TABLE10,
	KEY_SEED,
	KEY_SEQUENCE,
	KEY_COUNT,
	KEY_ROUNDS,
	KEY_LIST,
	KEY_REPORT,
	KEY_PAIRS
};

static const struct {
	int takes;
	struct argp_option option;
} options[] = {
    {0, {"experiments", KEY_EXPERIMENTS, "DIR", 0, "folder of the experiment files (default: experiments)", 0}},
    {TAKES_DB, {"db", KEY_DB, "FILE", 0, "results file (default: results/results.db)", 0}},
    {TAKES_SEEDS, {"seeds", KEY_SEEDS, "LIST", 0, "seeds, such as 1-10 or 1,4,7-9 (default: 1 to the paper's number of trials)", 0}},
    {TAKES_SET,
     {"set", KEY_SET, "KEY=VALUE[,VALUE...]", 0,
      "change a condition, or sweep over values; list values are written with colons; reading=closest: of several rows, the literal where "
      "there is none",
      0}},
    {TAKES_BUDGET,
     {"budget", KEY_BUDGET, "N|Nx", 0,
      "training sequences per trial, or a multiple of the paper's mean (default: the paper's own limit, else 4x)", 0}},
    {TAKES_JOBS, {"jobs", KEY_JOBS, "N", 0, "threads (default: number of cores)", 0}},
    {TAKES_TSV, {"tsv", KEY_TSV, NULL, 0, "tab-separated values, every column", 0}},
    {TAKES_TABLE10, {"table10", KEY_TABLE10, NULL, 0, "the conditions as the paper's Table 10 prints them", 0}},
    {TAKES_SEED, {"seed", KEY_SEED, "S", 0, "seed of the trial (default: 1)", 0}},
    {TAKES_SEQUENCE, {"sequence", KEY_SEQUENCE, "K", 0, "number of the first sequence (default: 1)", 0}},
    {TAKES_COUNT, {"count", KEY_COUNT, "N", 0, "number of sequences (default: 1)", 0}},
    {TAKES_BENCH, {"rounds", KEY_ROUNDS, "N", 0, "times each row is timed (default: 5)", 0}},
    {TAKES_BENCH, {"list", KEY_LIST, NULL, 0, "only name the rows: id with changes, sequences per trial", 0}},
    {TAKES_BENCH, {"report", KEY_REPORT, NULL, 0, "the arguments are files of measured rows of several builds: print their medians", 0}},
    {TAKES_BENCH, {"pairs", KEY_PAIRS, NULL, 0, "the arguments are files of pairs: print the medians of their ratios", 0}},
};
enum { OPTIONS = sizeof options / sizeof *options };

struct parsing {
	struct common *c;
	int min_words, max_words;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct parsing *p = state->input;
	struct common *c = p->c;
	switch (key) {
	case KEY_EXPERIMENTS: c->experiments = text; break;
	case KEY_DB: c->db = text; break;
	case KEY_SEEDS: c->seeds = text; break;
	case KEY_BUDGET: c->budget = text; break;
	case KEY_JOBS: c->jobs = text; break;
	case KEY_TSV: c->tsv = true; break;
	case KEY_TABLE10: c->table10 = true; break;
	case KEY_ROUNDS: c->rounds = text; break;
	case KEY_LIST: c->list = true; break;
	case KEY_REPORT: c->report = true; break;
	case KEY_PAIRS: c->pairs = true; break;
	case KEY_SEED: c->seed = text; break;
	case KEY_SEQUENCE: c->sequence = text; break;
	case KEY_COUNT: c->count = text; break;
	case KEY_SET:
		if (c->sets_n == (int)(sizeof c->sets / sizeof *c->sets))
			argp_error(state, "--set: given too often");
		c->sets[c->sets_n++] = text;
		break;
	case ARGP_KEY_ARG:
		if (c->words_n == p->max_words || c->words_n == (int)(sizeof c->words / sizeof *c->words))
			argp_error(state, "'%s' is one argument too many", text);
		c->words[c->words_n++] = text;
		break;
	case ARGP_KEY_END:
		if (c->words_n < p->min_words)
			argp_error(state, "an argument is missing");
		break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void common_parse(const struct command *command, int takes, int min_words, int max_words, int argc, char **argv, struct common *c)
{
	struct argp_option taken[OPTIONS + 1] = {0};
	int n = 0;
	for (int i = 0; i < OPTIONS; i++)
		if (!options[i].takes || (options[i].takes & takes))
			taken[n++] = options[i].option;
	*c = (struct common){.db = "results/results.db"};
	struct parsing p = {c, min_words, max_words};
	const char *arguments = command->arguments;
	const struct argp argp = {
	    .options = taken, .parser = parse_option, .args_doc = arguments[0] ? arguments : NULL, .doc = command->summary};
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &p); /* options behind words also where POSIXLY_CORRECT is set */
}

bool common_number(const char *option, const char *text, long otherwise, long min, long max, long *value, struct error *e)
{
	*value = otherwise;
	if (!text)
		return true;
	if (number_whole(text, value) != NUMBER_GOOD || *value < min || *value > max)
		return error_input(e, "%s: '%.60s', expected a whole number from %ld to %ld", option, text, min, max);
	return true;
}

/* experiments/ beside the program into path; false: there is none. */
static bool own_experiments(char *path, size_t size)
{
	const ssize_t n = readlink("/proc/self/exe", path, size - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	char *name = strrchr(path, '/') + 1;
	return (size_t)snprintf(name, size - (size_t)(name - path), "experiments") < size - (size_t)(name - path) && !access(path, R_OK);
}

static bool same_folder(const char *a, const char *b)
{
	struct stat x, y;
	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool common_experiments(const struct common *c, struct experiments *x, struct error *e)
{
	static const char here[] = "experiments";
	char own[4096];
	if (c->experiments)
		return experiments_load(x, c->experiments, e);
	const bool has_own = own_experiments(own, sizeof own);
	if (access(here, R_OK) && has_own)
		return experiments_load(x, own, e);
	if (has_own && !same_folder(here, own))
		fprintf(stderr, "lstm97: rows are those of %s/ in this folder, not of %s (--experiments chooses)\n", here, own);
	return experiments_load(x, here, e);
}

bool common_rows(const struct common *c, const struct experiments *x, const struct experiment ***rows, int *n, struct error *e)
{
	const int words = c->words_n ? c->words_n : 1;
	bool good = true;
	*rows = memory_zeroed((size_t)words * (size_t)x->n, sizeof **rows);
	*n = 0;
	for (int i = 0; good && i < words; i++) {
		int more = 0;
		good = plan_rows(x, c->words_n ? c->words[i] : "all", *rows + *n, &more, e);
		*n += more;
	}
	return good;
}

bool common_resolve(const struct common *c, const struct experiment *row, struct conditions *out, struct error *e)
{
	struct setting settings[64];
	char *texts[64];
	char canonical[CANONICAL_MAX];
	bool good = true;
	int n = 0;
	for (; n < c->sets_n && good; n++) {
		texts[n] = strdup(c->sets[n]);
		char *value = strchr(texts[n], '=');
		good = value && value > texts[n] && value[1];
		if (!good) {
			error_input(e, "--set: '%.60s', expected key=value", texts[n]);
			continue;
		}
		*value++ = '\0';
		settings[n] = (struct setting){texts[n], value};
	}
	good = good && experiment_resolve(row, settings, n, out, canonical, e);
	for (int i = 0; i < n; i++)
		free(texts[i]);
	return good;
}

void common_unused(void *to, const char *text)
{
	(void)to;
	fprintf(stderr, "lstm97: %s\n", text);
}

bool common_identity(const struct experiments *x, const struct experiment *const *rows, int n, bool quiet, struct store *store,
		     struct error *e)
{
	return identity_resolve(x, NULL, store, NULL, e) && (quiet || identity_unused(rows, n, store, common_unused, NULL, e));
}

int common_failed(const struct error *e)
{
	fprintf(stderr, "lstm97: %s\n", e->text);
	return e->kind == ERROR_INPUT ? EXIT_USAGE : EXIT_FAILURE;
}
