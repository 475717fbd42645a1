/* cmd_bench.c: lstm97 bench: nanoseconds per trial-step, as TSV: name, ns.
   Does: time whole training (sequences drawn, judged and learned from) of one full lane group per experiment, and the
   floor: the multiply-adds and logistic functions of a step of experiment 4 alone, with nothing around them.
   Does not: compare builds (make bench runs this program of several builds in turn). */
#include "cli/cli.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

struct bench {
	uint64_t seed;
};

static bool take(void *to, uint64_t *seed)
{
	struct bench *b = to;
	*seed = ++b->seed;
	return b->seed <= LANES;
}

static void done(void *to, const struct result *r)
{
	(void)to;
	(void)r;
}

/* ns per trial-step of LANES trials of `budget` sequences. */
static double time_group(const struct conditions *c, long budget)
{
	struct bench b = {0};
	atomic_long steps = 0;
	const struct group_calls calls = {.to = &b, .take = take, .done = done, .steps = &steps};
	const double t = now();
	group_run(c, budget, &calls);
	return (now() - t) / (double)atomic_load(&steps);
}

/* The net of experiment 4: 8 hidden units with 11 sources each forward, as many traces, 12 logistic functions, and as in
   a step each part waiting for the one before. */
enum { FLOOR_UNITS = 8, FLOOR_SOURCES = 11, FLOOR_CELLS = 4, FLOOR_STEPS = 200000 };

static double time_floor(void)
{
	static lane w[FLOOR_SOURCES * FLOOR_UNITS], s[FLOOR_SOURCES * FLOOR_UNITS], y[FLOOR_SOURCES], h[FLOOR_CELLS];
	for (int i = 0; i < FLOOR_SOURCES * FLOOR_UNITS; i++)
		w[i] = lane_set(0.001 * i - 0.04);
	for (int m = 0; m < FLOOR_SOURCES; m++)
		y[m] = lane_set(0.1 * m);
	const double t = now();
	for (int n = 0; n < FLOOR_STEPS; n++) {
		lane sum[FLOOR_UNITS] = {{0}};
		for (int m = 0; m < FLOOR_SOURCES; m++)
			LANE_UNROLL
		for (int j = 0; j < FLOOR_UNITS; j++)
			sum[j] = lane_fma(w[m * FLOOR_UNITS + j], y[m], sum[j]);
		for (int m = 0; m < FLOOR_SOURCES; m++)
			LANE_UNROLL
		for (int j = 0; j < FLOOR_UNITS; j++)
			s[m * FLOOR_UNITS + j] = lane_fma(sum[j], y[m], s[m * FLOOR_UNITS + j]);
		lane_logistic(sum, y, FLOOR_UNITS);
		for (int v = 0; v < FLOOR_CELLS; v++)
			h[v] = y[v] + y[v + FLOOR_CELLS];
		lane_logistic(h, y + FLOOR_CELLS, FLOOR_CELLS);
	}
	const double ns = (now() - t) / ((double)FLOOR_STEPS * LANES);
	volatile double keep = s[0][0] + y[0][0]; /* so that nothing above is dropped as unused */
	(void)keep;
	return ns;
}

enum { ROUNDS = 5 };

static const struct {
	const char *id;
	long budget; /* sequences per trial: about 0.1 s a round */
} timed[] = {{"1-4", 3000}, {"2a", 20},   {"2c-1", 1000}, {"2c-5", 100}, {"3a-2", 400},
	     {"4-1", 1000}, {"4-3", 100}, {"6a", 1000},   {"6b", 800}};

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int bench_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	common_parse(&command_bench, 0, 0, 0, argc, argv, &c);
	if (!common_experiments(&c, &x, &e))
		return common_failed(&e);
	enum { TIMED = sizeof timed / sizeof *timed };
	double ns[TIMED + 1][ROUNDS];
	for (int r = 0; r < ROUNDS; r++) { /* in turn, so that a slow moment of the machine hits all */
		ns[TIMED][r] = time_floor();
		for (int i = 0; i < TIMED; i++) {
			const struct experiment *row = experiments_find(&x, timed[i].id, &e);
			if (!row)
				return common_failed(&e);
			ns[i][r] = time_group(&row->literal, timed[i].budget);
		}
	}
	printf("# LANES=%d; median of %d rounds\n# row\trule\tnet\tns_per_trial_step\n", LANES, ROUNDS);
	for (int i = 0; i <= TIMED; i++) {
		qsort(ns[i], ROUNDS, sizeof ns[i][0], by_value);
		if (i == TIMED) {
			printf("floor\t-\t-\t%.2f\n", ns[i][ROUNDS / 2]);
			continue;
		}
		const struct experiment *row = experiments_find(&x, timed[i].id, &e);
		printf("%s\t%s\t%s\t%.2f\n", timed[i].id, rule_types[row->literal.rule.rule]->name, net_types[row->literal.net.net]->name,
		       ns[i][ROUNDS / 2]);
	}
	experiments_free(&x);
	return EXIT_SUCCESS;
}

const struct command command_bench = {"bench", "", "nanoseconds per trial-step", bench_main};
