/* cmd_bench.c: lstm97 bench: nanoseconds per trial-step, as TSV.
   Does: time whole training (sequences drawn, judged and learned from) of one full lane group per experiment, and the
   floor: the multiply-adds and logistic functions of a step of experiment 4 alone, with nothing around them.
   Does not: compare builds (make bench runs this program of several builds in turn). */
#include "cli/cli.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* A row of the experiments, with changes, and sequences per trial: about 0.1 s a round. */
static const struct {
	const char *id, *changes;
	long budget;
} timed[] = {
    {"1-4", "", 3000},
    {"2a", "", 20},
    {"2c-1", "", 1000},
    {"2c-5", "", 100},
    {"3a-2", "", 400},
    {"4-1", "", 1000},
    {"4-3", "", 100},
    {"6a", "", 1000},
    {"6b", "", 800},
    /* every rule, with each of its nets */
    {"4-1", "rule=bptt", 1000},
    {"4-1", "rule=bptt-truncated", 1000},
    {"4-1", "rule=bptt-window depth=20", 1000},
    {"4-1", "rule=elman", 1000},
    {"4-1", "rule=rtrl", 100},
    {"lag-4", "rule=bptt", 1000},
    {"lag-4", "rule=bptt-window depth=20", 1000},
    {"lag-4", "rule=rtrl", 200},
    /* later nets, with about as many weights as that of experiment 4, some at rates where states neither grow nor vanish:
       where they do there are soon no errors to go back, and steps cost less */
    {"4-1", "net=lstm", 1000},
    {"4-1", "net=lstm forget=gate cells=1", 1000},
    {"4-1", "net=lstm forget=gate cells=1 rule=bptt", 1000},
    {"4-1", "net=lstm forget=gate peepholes=yes cells=1", 1000},
    {"4-1", "net=lstm forget=gate peepholes=yes cells=1 rule=bptt", 1000},
    {"4-1", "net=lstm forget=gate peepholes=yes layers=2 blocks=1 cells=2 igb=r rule=bptt", 1000},
    {"4-1", "net=cec blocks=8 cells=1 init=0.001 rate=0.01", 1000},
    {"4-1", "net=cec blocks=8 cells=1 init=0.001 rate=0.01 rule=bptt", 1000},
    {"4-1", "net=gru units=4 rule=bptt", 1000},
    {"lag-4", "net=irnn rate=0.001 rule=bptt", 1000},
    {"lag-4", "net=window units=4 taps=11 rule=bptt", 1000},
    {"1-rtrl-3", "", 300},
    {"1-rtrl-12", "", 60},
    {"1-elman", "", 2000},
    {"2a-rtrl-10-1", "", 5000},
    {"2a-rtrl-100-1", "", 100},
    {"2a-bptt-100-1", "", 100},
    {"3a-1-a1", "", 3000},
    {"3a-1-a2", "", 3000},
    {"2a-chunker", "grow=start", 50},
    {"1-cc", "", 1000},
    {"4-1", "learner=bidirectional rule=bptt", 500},
    /* cost against the number of units */
    {"4-1", "blocks=1 igb=r T=20", 5000},
    {"4-1", "blocks=4 igb=r T=20", 2000},
    {"4-1", "blocks=8 igb=r T=20", 600},
    {"lag-4", "rule=bptt units=4 T=20", 8000},
    {"lag-4", "rule=bptt units=16 T=20", 2000},
    {"lag-4", "rule=bptt units=32 T=20", 600},
    {"lag-4", "rule=rtrl units=4 T=20", 5000},
    {"lag-4", "rule=rtrl units=16 T=20", 100},
    {"lag-4", "rule=rtrl units=32 T=20", 10},
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
	static struct conditions conditions[TIMED];
	static long weights[TIMED];
	double ns[TIMED + 1][ROUNDS];
	for (int i = 0; i < TIMED; i++) {
		const struct experiment *row = experiments_find(&x, timed[i].id, &e);
		if (!row || !resolve(row, timed[i].changes, &conditions[i], &e) || !conditions_check(&conditions[i], &weights[i], &e)) {
			experiments_free(&x);
			return common_failed(&e);
		}
	}
	for (int r = 0; r < ROUNDS; r++) { /* in turn, so that a slow moment of the machine hits all */
		ns[TIMED][r] = time_floor();
		for (int i = 0; i < TIMED; i++)
			ns[i][r] = time_group(&conditions[i], timed[i].budget);
	}
	printf("# LANES=%d; median of %d rounds\n# row\trule\tnet\tns_per_trial_step\tchanges\tweights\n", LANES, ROUNDS);
	for (int i = 0; i <= TIMED; i++) {
		qsort(ns[i], ROUNDS, sizeof ns[i][0], by_value);
		if (i == TIMED)
			printf("floor\t-\t-\t%.2f\t\t\n", ns[i][ROUNDS / 2]);
		else
			printf("%s\t%s\t%s\t%.2f\t%s\t%ld\n", timed[i].id, conditions_rule_name(&conditions[i]),
			       conditions_net_name(&conditions[i]), ns[i][ROUNDS / 2], timed[i].changes, weights[i]);
	}
	experiments_free(&x);
	return EXIT_SUCCESS;
}

const struct command command_bench = {"bench", "", "nanoseconds per trial-step", bench_main};
