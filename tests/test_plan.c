/* test_plan.c: what a plan makes of the seeds, sweeps and budgets that a user types.
   Does: seeds in order and once; budgets, the default one included; numbers that cannot be meant; jobs asked for twice; families;
   conditions that do not combine.
   Does not: run (test_run.c), rows and their conditions (test_experiment.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results_file.h"
#include "run/plan.h"

#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static void test_seeds(void **state)
{
	static const struct {
		const char *text;
		int n;
		uint64_t seeds[5];
	} good[] = {
	    {"7", 1, {7}},
	    {"1-3", 3, {1, 2, 3}},
	    {"5,1-3", 4, {1, 2, 3, 5}},
	    {"3,1-3,2,3", 3, {1, 2, 3}},
	    {"9223372036854775806-9223372036854775807,1", 3, {1, INT64_MAX - 1, INT64_MAX}},
	};
	static const char *const bad[] = {
	    "",   "0",   "01",   "1,",        ",1",           "3-1", "-1",  "1-", "1--2", "1 ",
	    " 1", "1.5", "1,05", "1-1000001", "1-999999,1-2", "1e3", "0x1", "+1", "x",    "9223372036854775808"};
	(void)state;
	uint64_t *seeds;
	int n;
	for (int i = 0; i < COUNT(good); i++) {
		struct error e = {0};
		if (!plan_seeds(good[i].text, &seeds, &n, &e))
			fail_msg("%s", e.text);
		assert_int_equal(n, good[i].n);
		assert_memory_equal(seeds, good[i].seeds, (size_t)n * sizeof *seeds);
		free(seeds);
	}
	for (int i = 0; i < COUNT(bad); i++) {
		struct error e = {0};
		if (plan_seeds(bad[i], &seeds, &n, &e))
			fail_msg("'%s' is taken for seeds", bad[i]);
		assert_int_equal(e.kind, ERROR_INPUT);
	}
}

/* As of few seeds: of many, none stays twice. */
static void test_many_seeds(void **state)
{
	struct error e = {0};
	uint64_t *seeds;
	int n;
	(void)state;
	assert_true(plan_seeds("2001-4000,1-3000,17", &seeds, &n, &e));
	assert_int_equal(n, 4000);
	for (int i = 0; i < n; i++)
		assert_int_equal(seeds[i], i + 1);
	free(seeds);
}

static struct plan plan_of(const char *id, const char *budget, const char *const *sets, int sets_n, bool skipping)
{
	const char *const ids[] = {id};
	const struct request r = {ids, 1, "1-3", sets, sets_n, budget, skipping};
	struct error e = {0};
	struct plan plan;
	if (!plan_make(&plan, &rows, &r, &e))
		fail_msg("%s: %s", id, e.text);
	return plan;
}

static void assert_refused(const char *id, const char *budget, const char *const *sets, int sets_n, bool skipping, const char *why)
{
	const char *const ids[] = {id};
	const struct request r = {ids, 1, "1-3", sets, sets_n, budget, skipping};
	struct error e = {0};
	struct plan plan;
	if (plan_make(&plan, &rows, &r, &e))
		fail_msg("accepted: %s", why);
	if (!strstr(e.text, why))
		fail_msg("'%s', expected: %s", e.text, why);
	assert_int_equal(e.kind, ERROR_INPUT);
}

static void test_budgets(void **state)
{
	static const struct {
		const char *id, *budget;
		long expected;
	} good[] = {
	    {"4-1", NULL, 4 * 74000}, /* the paper's mean is 74,000; it names no limit */
	    {"4-1", "2x", 2 * 74000},
	    {"4-1", "0.5x", 37000},
	    {"4-1", "1e-9x", 1},
	    {"4-1", "12", 12},
	    {"4-1", "1e6", 1000000},
	    {"2c-1", NULL, 5000000}, /* its limit */
	    {"2c-1", "1x", 30000},
	    {"5", NULL, 4 * 1273000}, /* the mean to the last stop */
	    {"continual-forget", NULL, 30000},
	};
	static const char *const bad[] = {"0",   "-1",   "0x",    "x",    "1.5", "2,5x", "2.x5", "0x10", "0x1p3x", "1e-400x", "1e400x",
					  "nan", "infx", "1e15x", "1e16", "05",  "2xx",  "2 x",  " 2",   "",       "1e3y"};
	(void)state;
	for (int i = 0; i < COUNT(good); i++) {
		struct plan plan = plan_of(good[i].id, good[i].budget, NULL, 0, false);
		if (plan.jobs[0].budget != good[i].expected)
			fail_msg("%s --budget %s: %ld", good[i].id, good[i].budget, plan.jobs[0].budget);
		plan_free(&plan);
	}
	for (int i = 0; i < COUNT(bad); i++)
		assert_refused("4-1", bad[i], NULL, 0, false, "--budget: '");
}

static void test_decimal_commas(void **state)
{
	static const char *const bad[] = {"rate=0,5", "init=0,5", "igb=0,5", "igb=-3:-0,5", "igb=-0,5:-0,5", "rate=0,05", "T=10,000"};
	static const char *const good[] = {"init=5,0", "init=0,0.5", "output_init=0,1,-1", "data_seed=0,5", "igb=-3:-1,-5"};
	(void)state;
	for (int i = 0; i < COUNT(bad); i++)
		assert_refused("4-1", "1", &bad[i], 1, false, "decimals are written with a point");
	for (int i = 0; i < COUNT(good); i++) {
		struct plan plan = plan_of("4-1", "1", &good[i], 1, false);
		assert_true(plan.n >= 2);
		plan_free(&plan);
	}
}

/* The same conditions asked for twice are one job; of jobs that take equally long the first asked for comes first. */
static void test_order(void **state)
{
	static const char *const sets[] = {"init=0.3,0.1,0.2,0.30", "data_seed=0,1,0"}, *const lags[] = {"T=20,40,30"};
	(void)state;
	struct plan plan = plan_of("4-1", "9", sets, 2, false);
	assert_int_equal(plan.n, 6);
	assert_string_equal(plan.jobs[0].canonical, "init=0.3");
	assert_string_equal(plan.jobs[1].canonical, ""); /* 4-1 has init = 0.1 */
	assert_string_equal(plan.jobs[2].canonical, "init=0.2");
	assert_string_equal(plan.jobs[3].canonical, "init=0.3 data_seed=1");
	plan_free(&plan);
	plan = plan_of("4-1", "9", lags, 1, false);
	assert_int_equal(plan.n, 3);
	assert_string_equal(plan.jobs[0].canonical, "T=40");
	assert_string_equal(plan.jobs[2].canonical, "T=20");
	plan_free(&plan);
}

/* A family is a chain from its first job on, of all jobs that can share groups and of no other. */
static void test_families(void **state)
{
	static const char *const sets[] = {"rate=0.1,0.2,0.3,0.4", "T=20,30", "optimizer=sgd,adam", "update=sequence"};
	(void)state;
	struct plan plan = plan_of("4-1", "9", sets, 4, false);
	assert_int_equal(plan.n, 16);
	for (int i = 0; i < plan.n; i++) {
		const struct job *a = &plan.jobs[i];
		int sharing = 0, first = -1, chain = 0;
		for (int k = plan.n - 1; k >= 0; k--)
			if (conditions_share_group(&a->conditions, &plan.jobs[k].conditions)) {
				first = k;
				sharing++;
				assert_int_equal(a->family, plan.jobs[k].family);
			}
		assert_int_equal(a->family, first);
		for (const struct job *job = &plan.jobs[first]; job; job = job->follower)
			chain++;
		assert_int_equal(chain, sharing);
		assert_int_equal(sharing, optimizer_used(&a->conditions.rule.optimizer) ? 1 : 4);
	}
	plan_free(&plan);
}

static void test_skipping(void **state)
{
	static const char *const sets[] = {"net=gru"}, *const unknown[] = {"net=gruu"};
	(void)state;
	assert_refused("lag", "1", sets, 1, false, "cannot train this gru");
	struct plan plan = plan_of("all", "1", sets, 1, true);
	assert_in_range(plan.skipped, 1, rows.n - 1);
	assert_int_equal(plan.n + plan.skipped, rows.n);
	assert_non_null(strstr(plan.first_skipped.text, "1-1: rule: truncated cannot train this gru"));
	plan_free(&plan);
	assert_refused("4-1", "1", sets, 1, true, "cannot train this gru"); /* one row asked for by name */
	assert_refused("all", "1", unknown, 1, true, "'gruu' is unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_seeds),          cmocka_unit_test(test_many_seeds), cmocka_unit_test(test_budgets),
	    cmocka_unit_test(test_decimal_commas), cmocka_unit_test(test_order),      cmocka_unit_test(test_families),
	    cmocka_unit_test(test_skipping),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
