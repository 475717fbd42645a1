/* test_growth.c: how sequences grow with the lag.
   Does: the line against NIST's certified values; made-up trials in a results file, whose law is known: it is found, its
   interval covers the exponent as often as it says, what must not be in a fit is not.
   Does not: print (cli.sh looks at the command). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "results_file.h"
#include "run/growth.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a results file with made-up trials ---- */

static struct store *opened(void)
{
	struct error e = {0};
	struct store *s = store_open(path, STORE_WRITE, &e);
	if (!s)
		fail_msg("%s", e.text);
	static const char *const ids[] = {"4-1", "6a"};
	for (int i = 0; i < 2; i++) {
		const struct store_experiment x = {.id = ids[i], .title = "t", .paper_table = "7", .task = "t", .net = "n", .rule = "r"};
		assert_true(store_experiment(s, &x, &e));
	}
	return s;
}

static void closed(struct store *s)
{
	store_close(s);
	assert_int_equal(unlink(path), 0);
}

/* A trial at this lag; sequences 0: unsolved. Solved ones have two stops, as the rows of some experiments do. */
static void add(struct store *s, const char *id, const char *conditions, long lag, uint64_t seed, double sequences)
{
	static const char *const names[] = {"first", "last"};
	struct error e = {0};
	char set[120];
	snprintf(set, sizeof set, "experiment=%s %s", id, conditions);
	const struct store_conditions c = {.experiment = id,
					   .conditions = conditions,
					   .reading = "literal",
					   .set = set,
					   .task = "t",
					   .net = "n",
					   .rule = "r",
					   .lag = lag,
					   .milestone_names = names};
	const long n = lround(sequences);
	struct result r = {.seed = seed, .outcome = OUTCOME_UNSOLVED, .sequences = 1000000000, .budget = 1000000000};
	if (n) {
		r.outcome = OUTCOME_SOLVED;
		r.sequences = n;
		r.milestones = 2;
		r.milestone[0].sequences = n / 2;
		r.milestone[1].sequences = n;
	}
	if (!store_trial(s, &c, &r, &e))
		fail_msg("%s", e.text);
}

static double noise(struct rng *r, double sd)
{
	const gsl_rng g = rng_gsl(r);
	return exp(gsl_ran_gaussian(&g, sd));
}

/* 10 trials at lag T / 2 for every T; those of the row's own T = 100 do not name it. */
static void add_law(struct store *s, const char *rest, bool power, double b, double sd, uint64_t seed)
{
	static const long T[] = {10, 20, 40, 100, 200};
	struct rng r = rng_stream(seed, "test");
	for (size_t i = 0; i < sizeof T / sizeof *T; i++)
		for (uint64_t k = 1; k <= 10; k++) {
			char conditions[80], number[16] = "";
			const double lag = (double)T[i] / 2.0, law = power ? 20000.0 * pow(lag, b) : 100000.0 * exp(b * lag);
			if (T[i] != 100)
				snprintf(number, sizeof number, "T=%ld%s", T[i], rest[0] ? " " : "");
			snprintf(conditions, sizeof conditions, "%s%s", number, rest);
			add(s, "4-1", conditions, T[i] / 2, k, law * noise(&r, sd));
		}
}

static struct growths grown(struct store *s, const char *id, const struct growth_filter *filter)
{
	struct error e = {0};
	struct growths all = {0};
	const struct growth_filter none = {0};
	if (!growth_row(&all, experiments_find(&rows, id, &e), filter ? filter : &none, s, &e))
		fail_msg("%s", e.text);
	return all;
}

static void assert_near(double is, double expected, double tolerance)
{
	if (!(fabs(is - expected) <= tolerance))
		fail_msg("%.12g, expected %.12g", is, expected);
}

/* ---- tests ---- */

/* NIST StRD, linear regression, Norris: certified values. */
static void test_norris(void **state)
{
	static const double data[][2] = {
	    {0.1, 0.2},     {338.8, 337.4}, {118.1, 118.2}, {888.0, 884.6}, {9.2, 10.1},    {228.1, 226.5}, {668.5, 666.3}, {998.5, 996.3},
	    {449.1, 448.6}, {778.9, 777.0}, {559.2, 558.2}, {0.3, 0.4},     {0.1, 0.6},     {778.1, 775.5}, {668.8, 666.9}, {339.3, 338.0},
	    {448.9, 447.5}, {10.8, 11.6},   {557.7, 556.0}, {228.3, 228.1}, {998.0, 995.8}, {888.8, 887.6}, {119.6, 120.2}, {0.3, 0.3},
	    {0.6, 0.3},     {557.6, 556.8}, {339.3, 339.1}, {888.0, 887.2}, {998.5, 999.0}, {778.9, 779.0}, {10.2, 11.1},   {117.6, 118.3},
	    {228.9, 229.2}, {668.4, 669.1}, {449.2, 448.9}, {0.2, 0.5},
	};
	double x[36], y[36];
	struct growth_fit f;
	(void)state;
	for (int i = 0; i < 36; i++) {
		y[i] = data[i][0];
		x[i] = data[i][1];
	}
	growth_line(&f, x, y, 36);
	assert_near(f.a, -0.262323073774029, 1e-11);
	assert_near(f.b, 1.00211681802045, 1e-13);
	assert_near(f.residual_sd, 0.884796396144373, 1e-12);
	assert_near(f.r2, 0.999993745883712, 1e-14);
	/* standard deviation of b times the t quantile for 34 degrees of freedom (tables: 2.0322) */
	assert_near(f.high - f.b, 0.429796848199937e-3 * 2.03224451, 1e-11);
	assert_near(f.b - f.low, f.high - f.b, 1e-14);
}

/* Lack of fit by hand: means 1, 4, 2 off a line with slope 1/2, F = 25/3 / 2 with 1 and 3 degrees of freedom; the p value of
   Student's t with 3 in closed form. */
static void test_misfit(void **state)
{
	static const double x[] = {1, 1, 2, 2, 3, 3}, y[] = {0, 2, 3, 5, 1, 3};
	const double u = sqrt(25.0 / 6.0) / sqrt(3.0);
	struct growth_fit f;
	(void)state;
	growth_line(&f, x, y, 6);
	assert_near(f.b, 0.5, 1e-12);
	assert_near(f.squares, 6.0 + 25.0 / 3.0, 1e-12);
	assert_near(f.misfit, 1.0 - 2.0 / 3.14159265358979 * (atan(u) + u / (1.0 + u * u)), 1e-9);
	growth_line(&f, x + 1, y + 1, 3); /* two different x: any means lie on a line */
	assert_true(isnan(f.misfit));
}

/* The exponent is found, and the law. */
static void test_laws(void **state)
{
	(void)state;
	for (int power = 0; power < 2; power++) {
		struct store *s = opened();
		const double b = power ? 0.7 : 0.02;
		add_law(s, "", power, b, 0.2, 1);
		add_law(s, "rule=bptt", !power, power ? 0.02 : 0.7, 0.2, 2);
		struct growths all = grown(s, "4-1", NULL);
		assert_int_equal(all.n, 2);
		for (int k = 0; k < 2; k++) {
			const struct growth *g = &all.all[k];
			const bool is_power = k ? !power : power;
			const struct growth_fit *f = is_power ? &g->power : &g->exponential;
			const double true_b = is_power ? 0.7 : 0.02;
			assert_string_equal(g->conditions, k ? "rule=bptt" : "");
			assert_int_equal(g->verdict, is_power ? GROWTH_POWER : GROWTH_EXPONENTIAL);
			assert_true(is_power ? g->delta_aic >= 4.0 : g->delta_aic <= -4.0);
			assert_true(f->low < true_b && true_b < f->high && f->high - f->low < 0.4 * true_b);
			assert_true(f->misfit > 0.01 && (is_power ? g->exponential : g->power).misfit < 0.001);
			assert_near(f->residual_sd, 0.2, 0.06);
			assert_near(exp(f->a), is_power ? 20000 : 100000, is_power ? 4000 : 20000);
			assert_true(g->lags_n == 5 && g->fitted == 5 && g->trials == 50 && g->solved == 50);
			assert_true(g->first == 5 && g->last == 100);
			for (int i = 1; i < 5; i++)
				assert_true(g->lags[i].lag > g->lags[i - 1].lag && g->lags[i].trials == 10);
		}
		growths_free(&all);
		closed(s);
	}
}

/* By hand: geometric mean and its interval, difference of AIC. */
static void test_numbers(void **state)
{
	(void)state;
	struct store *s = opened();
	add(s, "4-1", "T=10", 5, 1, 1000);
	add(s, "4-1", "T=10", 5, 2, 4000);
	add(s, "4-1", "T=20", 10, 1, 8000);
	add(s, "4-1", "T=20", 10, 2, 0);
	add(s, "4-1", "T=40", 20, 1, 16000);
	struct growths all = grown(s, "4-1", NULL);
	assert_int_equal(all.n, 1);
	const struct growth *g = &all.all[0];
	assert_near(g->lags[0].mean, 2000.0, 1e-6);
	/* logarithms 2 ln 2 apart: sd of the mean ln 2, t quantile for 1 degree of freedom tan(0.475 pi) */
	assert_near(log(g->lags[0].high / g->lags[0].mean), 12.7062047361747 * log(2.0), 1e-8);
	assert_near(log(g->lags[0].mean / g->lags[0].low), 12.7062047361747 * log(2.0), 1e-8);
	assert_true(isnan(g->lags[1].low) && isnan(g->lags[1].high));
	assert_true(g->lags[0].budget == 0 && g->lags[1].budget == 1000000000);
	assert_near(g->delta_aic, 4.0 * log(g->exponential.squares / g->power.squares), 1e-12);
	growths_free(&all);
	closed(s);
}

/* 95 of 100 intervals cover the exponent. */
static void test_coverage(void **state)
{
	enum { SETS = 2000, POINTS = 15 };
	struct rng r = rng_stream(1, "test");
	int covered = 0;
	(void)state;
	for (int k = 0; k < SETS; k++) {
		double x[POINTS], y[POINTS];
		struct growth_fit f;
		for (int i = 0; i < POINTS; i++) {
			x[i] = log(2.0 + i / 3 * 10.0);
			y[i] = 3.0 + 0.5 * x[i] + log(noise(&r, 0.4));
		}
		growth_line(&f, x, y, POINTS);
		covered += f.low < 0.5 && 0.5 < f.high;
	}
	assert_near((double)covered / SETS, 0.95, 0.015);
}

/* A lag at which fewer than half of the trials solved is not in the fit: its survivors are the fast ones. */
static void test_left_out(void **state)
{
	(void)state;
	struct store *s = opened();
	add_law(s, "", true, 0.7, 0.2, 3);
	for (uint64_t k = 1; k <= 10; k++) {
		add(s, "4-1", "T=400", 200, k, k <= 4 ? 5000.0 : 0.0);
		add(s, "4-1", "T=60", 30, k, k <= 5 ? 20000.0 * pow(30.0, 0.7) : 0.0); /* just half of them */
	}
	struct growths all = grown(s, "4-1", NULL);
	assert_int_equal(all.n, 1);
	const struct growth *g = &all.all[0];
	assert_true(g->lags_n == 7 && g->fitted == 6 && g->trials == 60 && g->solved == 55);
	assert_true(g->lags[6].lag == 200 && !g->lags[6].fitted && g->lags[6].solved == 4 && g->lags[6].trials == 10);
	assert_near(g->lags[6].mean, 5000.0, 1e-6);
	assert_true(g->first == 5 && g->last == 100);
	assert_true(g->power.low < 0.7 && 0.7 < g->power.high);
	assert_int_equal(g->verdict, GROWTH_POWER);
	growths_free(&all);
	closed(s);
}

/* Fewer than three lags with enough solved trials: no fit; one lag: no group. */
static void test_too_few(void **state)
{
	(void)state;
	struct store *s = opened();
	for (uint64_t k = 1; k <= 10; k++) {
		add(s, "4-1", "T=10", 5, k, 1000.0 + (double)k);
		add(s, "4-1", "T=20", 10, k, 2000.0 + (double)k);
		add(s, "4-1", "T=40", 20, k, k <= 4 ? 4000.0 : 0.0);
		add(s, "4-1", "T=40 rule=bptt", 20, k, 4000.0);
		add(s, "6a", "T=40", 16, k, 4000.0);
	}
	struct growths all = grown(s, "4-1", NULL);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.all[0].verdict, GROWTH_TOO_FEW);
	assert_true(all.all[0].fitted == 2 && all.all[0].lags_n == 3);
	growths_free(&all);
	all = grown(s, "6a", NULL);
	assert_int_equal(all.n, 0);
	closed(s);
}

/* Lags so close to each other that nothing tells the laws apart; sequences that do not differ at all. */
static void test_neither(void **state)
{
	(void)state;
	struct store *s = opened();
	struct rng r = rng_stream(5, "test");
	for (uint64_t k = 1; k <= 10; k++)
		for (int lag = 50; lag <= 70; lag += 10) {
			char conditions[40];
			snprintf(conditions, sizeof conditions, "T=%d", 2 * lag);
			add(s, "4-1", conditions, lag, k, 1000.0 * pow(lag, 0.7) * noise(&r, 0.2));
			snprintf(conditions, sizeof conditions, "T=%d init=1", 2 * lag);
			add(s, "4-1", conditions, lag, k, 5000.0);
		}
	struct growths all = grown(s, "4-1", NULL);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.all[0].verdict, GROWTH_NEITHER);
	assert_int_equal(all.all[1].verdict, GROWTH_NEITHER);
	assert_near(all.all[1].power.b, 0.0, 1e-12);
	growths_free(&all);
	closed(s);
}

/* --set chooses conditions, and lags where it names T. */
static void test_filter(void **state)
{
	static const char *const ids[] = {"4-1"};
	static const char *const sets[][2] = {{"rule=bptt", NULL}, {"rule=bptt", "T=20,40,100"}};
	(void)state;
	struct store *s = opened();
	add_law(s, "", true, 0.7, 0.2, 1);
	add_law(s, "rule=bptt", true, 0.3, 0.2, 2);
	add_law(s, "init=1", true, 0.3, 0.2, 3);
	for (int k = 0; k < 2; k++) {
		const struct request request = {ids, 1, "1", sets[k], k + 1, "1", false};
		struct plan plan;
		struct error e = {0};
		if (!plan_make(&plan, &rows, &request, &e))
			fail_msg("%s", e.text);
		const struct growth_filter filter = {&plan, k == 1};
		struct growths all = grown(s, "4-1", &filter);
		assert_int_equal(all.n, 1);
		assert_string_equal(all.all[0].conditions, "rule=bptt");
		assert_int_equal(all.all[0].fitted, k ? 3 : 5);
		assert_int_equal(all.all[0].last, k ? 50 : 100);
		growths_free(&all);
		plan_free(&plan);
	}
	closed(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_norris),  cmocka_unit_test(test_misfit),   cmocka_unit_test(test_laws),
	    cmocka_unit_test(test_numbers), cmocka_unit_test(test_coverage), cmocka_unit_test(test_left_out),
	    cmocka_unit_test(test_too_few), cmocka_unit_test(test_neither),  cmocka_unit_test(test_filter),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
