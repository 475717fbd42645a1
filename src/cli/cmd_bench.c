/* cmd_bench.c: lstm97 bench: nanoseconds per trial-step of each net and rule and the floor of each, as TSV.
   Does: time whole training (sequences drawn, judged and learned from) of one full lane group per row, in turn with what the operations
   cost that its equations ask for (bench_floor.c), and print each row as soon as it has its rounds.
   Does not: compare builds (scripts/bench runs this program of several builds in turn, bench_report.c has the medians). */
#include "cli/bench_floor.h"
#include "cli/bench_report.h"
#include "cli/cli.h"
#include "run/run.h"

#include <gsl/gsl_statistics_double.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One group of trials. */
struct bench {
	uint64_t seed;
	long sequences, steps; /* of training */
};

static bool take(void *to, int l, uint64_t *seed, double *rate)
{
	struct bench *b = to;
	(void)l;
	(void)rate;
	*seed = ++b->seed;
	return b->seed <= LANES;
}

static void done(void *to, const struct result *r)
{
	struct bench *b = to;
	b->sequences += r->sequences;
	b->steps += r->steps;
}

/* ns per trial-step of LANES trials of `budget` sequences. */
static double time_group(const struct conditions *c, long budget, struct course *course)
{
	struct bench b = {0};
	atomic_long steps = 0;
	const struct group_calls calls = {.to = &b, .take = take, .done = done, .steps = &steps};
	const double t = bench_now();
	group_run(c, budget, &calls);
	const double ns = bench_now() - t, all = (double)atomic_load(&steps);
	*course = (struct course){.length = (double)b.steps / (double)b.sequences, .taught = (double)b.steps / all};
	return ns / all;
}

/* A row of the experiments, with changes, and sequences per trial: 0.1 to 0.3 s a round, and so many that what a trial costs once
   (weights drawn, memory touched for the first time, a chunker's first surprises) is not seen. */
static const struct {
	const char *id, *changes;
	long budget;
} timed[] = {
    {"1-4", "", 6000},
    {"2a", "", 1000},
    {"2c-1", "", 4000},
    {"2c-5", "", 1000},
    {"2c-6", "", 1000},
    {"2c-7", "", 1000},
    {"2c-8", "", 600},
    {"2c-9", "", 600},
    {"3a-2", "", 1600},
    {"4-1", "", 4000},
    {"4-3", "", 400},
    {"6a", "", 4000},
    {"6b", "", 3200},
    /* every rule, with each of its nets */
    {"4-1", "rule=bptt", 4000},
    {"4-1", "rule=bptt-truncated", 4000},
    {"4-1", "rule=bptt-window depth=20", 4000},
    {"4-1", "rule=elman", 4000},
    {"4-1", "rule=rtrl", 400},
    {"lag-4", "rule=bptt", 4000},
    {"lag-4", "rule=bptt-window depth=20", 4000},
    {"lag-4", "rule=rtrl", 800},
    /* later nets, with about as many weights as that of experiment 4, some at rates where states neither grow nor vanish:
       where they do there are soon no errors to go back, and steps cost less */
    {"4-1", "net=lstm", 4000},
    {"4-1", "net=lstm forget=gate cells=1", 4000},
    {"4-1", "net=lstm forget=gate cells=1 rule=bptt", 4000},
    {"4-1", "net=lstm forget=gate peepholes=yes cells=1", 4000},
    {"4-1", "net=lstm forget=gate peepholes=yes cells=1 rule=bptt", 4000},
    {"4-1", "net=lstm forget=gate peepholes=yes layers=2 blocks=1 cells=2 igb=r rule=bptt", 4000},
    {"4-1", "net=cec blocks=8 cells=1 init=0.001 rate=0.01", 4000},
    {"4-1", "net=cec blocks=8 cells=1 init=0.001 rate=0.01 rule=bptt", 4000},
    {"4-1", "net=gru units=4 rule=bptt", 4000},
    {"lag-4", "net=irnn rate=0.001 rule=bptt", 4000},
    {"lag-4", "net=window units=4 taps=11 rule=bptt", 4000},
    {"1-rtrl-3", "", 1200},
    {"1-rtrl-12", "", 240},
    {"1-elman", "", 6000},
    {"2a-rtrl-10-1", "", 20000},
    {"2a-rtrl-100-1", "", 400},
    {"2a-bptt-100-1", "", 400},
    {"3a-1-a1", "", 12000},
    {"3a-1-a2", "", 12000},
    {"2a-chunker", "grow=start", 400},
    /* soon with all its units, so that one floor is that of most steps */
    {"1-cc", "max_units=4 epochs=1", 20000},
    {"4-1", "learner=bidirectional rule=bptt", 2000},
    /* cost against the number of units */
    {"4-1", "blocks=1 igb=r T=20", 20000},
    {"4-1", "blocks=4 igb=r T=20", 8000},
    {"4-1", "blocks=8 igb=r T=20", 2400},
    {"lag-4", "rule=bptt units=4 T=20", 32000},
    {"lag-4", "rule=bptt units=16 T=20", 8000},
    {"lag-4", "rule=bptt units=32 T=20", 2400},
    {"lag-4", "rule=rtrl units=4 T=20", 20000},
    {"lag-4", "rule=rtrl units=16 T=20", 400},
    {"lag-4", "rule=rtrl units=32 T=20", 20},
};
enum { TIMED = sizeof timed / sizeof *timed };

/* "key=value key=value" to conditions of a row. */
static bool resolve(const struct experiment *row, const char *changes, struct conditions *c, struct error *e)
{
	struct setting settings[8];
	char copy[200], canonical[CANONICAL_MAX], *rest = copy;
	int n = 0;
	snprintf(copy, sizeof copy, "%s", changes);
	for (char *pair; n < 8 && (pair = strtok_r(rest, " ", &rest)); n++) {
		char *value = strchr(pair, '=');
		*value++ = '\0';
		settings[n] = (struct setting){pair, value};
	}
	return experiment_resolve(row, settings, n, c, canonical, e);
}

/* What one row was measured as. */
enum { ROUNDS = 5, ROUNDS_MAX = 100 };

struct measured {
	double ns[ROUNDS_MAX], floor[ROUNDS_MAX], ratio[ROUNDS_MAX];
	struct operations counts;
};

static void measure(const struct conditions *c, long budget, int round, struct measured *m)
{
	struct course course;
	const struct operations costs = bench_costs(bench_logistics(c));
	m->ns[round] = time_group(c, budget, &course);
	m->counts = bench_counts(c, &course, &costs);
	m->floor[round] = bench_ns(&m->counts, &costs);
	m->ratio[round] = m->ns[round] / m->floor[round];
}

static void measure_kernel(int round, struct measured *m)
{
	const struct operations costs = bench_costs(0);
	m->counts = bench_kernel_counts();
	m->ns[round] = bench_kernel();
	m->floor[round] = bench_ns(&m->counts, &costs);
	m->ratio[round] = m->ns[round] / m->floor[round];
}

static void print_measured(const char *name, const char *rule, const char *net, long weights, struct measured *m, size_t rounds)
{
	printf("%s\t%s\t%s\t%ld\t%.2f\t%.2f\t%.2f\t%.1f\t%.1f\t%.1f\n", name, rule, net, weights, gsl_stats_median(m->ns, 1, rounds),
	       gsl_stats_median(m->floor, 1, rounds), gsl_stats_median(m->ratio, 1, rounds), m->counts.multiply_adds + m->counts.changes,
	       m->counts.logistics + m->counts.outputs, m->counts.rows_read + m->counts.rows_changed);
	fflush(stdout);
}

enum { KERNEL = -1 };
static const char kernel_name[] = "floor kernel";

/* "4-1 rule=bptt" */
static const char *name_of(int i, char name[240])
{
	snprintf(name, 240, "%s%s%s", timed[i].id, timed[i].changes[0] ? " " : "", timed[i].changes);
	return name;
}

/* Does a word name this row: by all of its name, or, where no row has just that name, by its id? */
static bool names(const char *word, int i)
{
	char name[240];
	if (!strcmp(word, name_of(i, name)))
		return true;
	bool id = !strcmp(word, timed[i].id);
	for (int k = 0; id && k < TIMED; k++)
		id = strcmp(word, name_of(k, name)) != 0;
	return id;
}

/* No words: all rows are asked for. */
static bool is_chosen(const struct common *c, int i)
{
	bool chosen = !c->words_n;
	for (int w = 0; w < c->words_n; w++)
		chosen |= i == KERNEL ? !strcmp(c->words[w], kernel_name) : names(c->words[w], i);
	return chosen;
}

static bool check_words(const struct common *c, struct error *e)
{
	for (int w = 0; w < c->words_n; w++) {
		bool known = !strcmp(c->words[w], kernel_name);
		for (int i = 0; i < TIMED; i++)
			known |= names(c->words[w], i);
		if (!known)
			return error_input(e, "bench has no row '%.80s'; lstm97 bench --list names them", c->words[w]);
	}
	return true;
}

/* Times one row and prints it, or, `list`, says only what would be timed. */
static bool bench_row(const struct experiments *x, int i, long rounds, bool list, struct error *e)
{
	struct conditions conditions;
	struct measured m;
	char name[240];
	long weights = 0;
	const struct experiment *row = experiments_find(x, timed[i].id, e);
	if (!row || !resolve(row, timed[i].changes, &conditions, e) || !conditions_check(&conditions, &weights, e))
		return false;
	if (list) {
		printf("%s\t%ld\n", name_of(i, name), timed[i].budget);
		return true;
	}
	for (int r = 0; r < rounds; r++)
		measure(&conditions, timed[i].budget, r, &m);
	print_measured(name_of(i, name), conditions_rule_name(&conditions), conditions_net_name(&conditions), weights, &m, (size_t)rounds);
	return true;
}

static void bench_floor_kernel(long rounds)
{
	struct measured m;
	for (int r = 0; r < rounds; r++)
		measure_kernel(r, &m);
	print_measured(kernel_name, "-", "-", 0, &m, (size_t)rounds);
}

/* What the chosen row is, on a terminal, until its line is there. */
static void announce(const char *name)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s", name);
}

static bool bench_all(const struct common *c, const struct experiments *x, struct error *e)
{
	char name[240];
	long rounds;
	bool good = check_words(c, e) && common_number("--rounds", c->rounds, ROUNDS, 1, ROUNDS_MAX, &rounds, e);
	if (good && !c->list)
		printf("# LANES=%d; medians of %ld rounds; ns per trial-step\n# %s\n", LANES, rounds, bench_columns);
	if (good && !c->list && is_chosen(c, KERNEL))
		bench_floor_kernel(rounds);
	for (int i = 0; good && i < TIMED; i++)
		if (is_chosen(c, i)) {
			announce(c->list ? "" : name_of(i, name));
			good = bench_row(x, i, rounds, c->list, e);
			announce("");
		}
	return good;
}

static int bench_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	common_parse(&command_bench, TAKES_BENCH, 0, 256, argc, argv, &c);
	if (c.report || c.pairs) {
		bool slower = false;
		const bool good = c.report ? bench_report(c.words, c.words_n, &e) : bench_pairs(c.words, c.words_n, &slower, &e);
		return !good ? common_failed(&e) : slower ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	const bool good = common_experiments(&c, &x, &e) && bench_all(&c, &x, &e);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_bench = {"bench", "[ROW...]", "nanoseconds per trial-step, and the floor of each row", bench_main};
