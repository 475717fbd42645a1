/* test_run.c: how a run shares its trials among threads.
   Does: whole runs into a results file of their own; groups are filled before another one begins, whatever the threads do; what is left
   of a plan, in steps; what counts as interrupted.
   Does not: judge trials (test_group.c), the results file (test_store.c) or two processes at a time (cli.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results_file.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void keep(void *to, const struct progress *p)
{
	*(struct progress *)to = *p;
}

/* The last progress of a run of row 4-1, these seeds, on so many threads. */
static struct progress run(const char *seeds, const char *const *sets, int sets_n, int threads)
{
	static const char *const ids[] = {"4-1"};
	const struct request r = {.ids = ids, .ids_n = 1, .seeds = seeds, .sets = sets, .sets_n = sets_n, .budget = "3"};
	struct error e = {0};
	struct plan plan;
	struct progress last = {0};
	atomic_bool stop = false;
	bool stopped = true;
	const struct run_calls calls = {.to = &last, .progress = keep, .stop = &stop};
	if (!plan_make(&plan, &rows, &r, &e))
		fail_msg("%s", e.text);
	struct store *store = store_open(path, STORE_WRITE, &e);
	if (!store || !run_plan(&plan, &rows, store, threads, &calls, &stopped, &e))
		fail_msg("%s", e.text);
	assert_false(stopped);
	store_close(store);
	plan_free(&plan);
	assert_int_equal(unlink(path), 0);
	return last;
}

/* Two half-filled groups cost as much as two full ones. */
static void test_filled(void **state)
{
	(void)state;
	const int full = LANES, more = (20 + LANES - 1) / LANES;
	char seeds[20];
	snprintf(seeds, sizeof seeds, "1-%d", full);
	for (int i = 0; i < 20; i++) {
		const struct progress one = run(seeds, NULL, 0, 4);
		assert_int_equal(one.done, full);
		assert_int_equal(one.groups, 1);
		const struct progress some = run("1-20", NULL, 0, 4);
		assert_int_equal(some.done, 20);
		assert_true(some.groups <= more); /* a lane that is done goes on with the next trial */
		const char *const sets[] = {"T=10,20,30"};
		const struct progress three = run(seeds, sets, 1, 4);
		assert_int_equal(three.done, 3 * full);
		assert_int_equal(three.groups, 3);
	}
}

/* Trials at different rates share groups; with an optimizer they cannot. (What is stored of them: threads.sh.) */
static void test_rates(void **state)
{
	(void)state;
	const char *const rates[] = {"rate=0.1,0.2,0.3"}, *const ranges[] = {"init=0.1,0.2,0.3"};
	const char *const adam[] = {rates[0], "update=sequence", "optimizer=adam"};
	const int packed = (3 * 2 + LANES - 1) / LANES, apart = 3 * ((2 + LANES - 1) / LANES);
	for (int threads = 1; threads <= 4; threads++) {
		const struct progress shared = run("1-2", rates, 1, threads), separate = run("1-2", ranges, 1, threads);
		assert_int_equal(shared.done, 6);
		assert_int_equal(separate.done, 6);
		assert_true(shared.groups <= packed);
		const long with_adam = run("1-2", adam, 3, threads).groups;
		if (LANES > 1) { /* else a thread may take two trials into one group, one after the other */
			assert_int_equal(with_adam, separate.groups);
			assert_int_equal(separate.groups, apart);
		}
	}
}

/* Trials that never solve their task take far longer than the published mean says. */
static void test_left(void **state)
{
	static const char *const ids[] = {"2c-8"}; /* published mean: 135,000 sequences */
	const struct request r = {.ids = ids, .ids_n = 1, .seeds = "1-10", .budget = "1000000"};
	struct error e = {0};
	struct plan plan;
	(void)state;
	if (!plan_make(&plan, &rows, &r, &e))
		fail_msg("%s", e.text);
	const double length = (double)plan.jobs[0].length, mean = plan.jobs[0].experiment->paper.sequences.v[0];
	const struct left start = run_left(&plan, 0.0), late = run_left(&plan, 5e6 * length), end = run_left(&plan, 2e7 * length);
	assert_true(mean > 0.0 && start.expected == 10.0 * mean * length);
	assert_true(start.most == 1e7 * length);
	assert_true(late.expected == 0.0); /* over the published mean: no more to be told from that */
	assert_true(late.most == 5e6 * length);
	assert_true(end.expected == 0.0 && end.most == 0.0);
	plan_free(&plan);
}

static void no_progress(void *to, const struct progress *p)
{
	(void)to;
	(void)p;
}

/* Was the run of a trial of 4-1 stopped before it was there? */
static bool is_stopped(const char *budget, atomic_bool *stop, void (*progress)(void *to, const struct progress *p))
{
	static const char *const ids[] = {"4-1"};
	const struct request r = {.ids = ids, .ids_n = 1, .seeds = "1", .budget = budget};
	const struct run_calls calls = {.to = stop, .progress = progress, .stop = stop};
	struct error e = {0};
	struct plan plan;
	bool stopped = false;
	if (!plan_make(&plan, &rows, &r, &e))
		fail_msg("%s", e.text);
	struct store *store = store_open(path, STORE_WRITE, &e);
	if (!store || !run_plan(&plan, &rows, store, 1, &calls, &stopped, &e))
		fail_msg("%s", e.text);
	store_close(store);
	plan_free(&plan);
	assert_int_equal(unlink(path), 0);
	return stopped;
}

/* A run is interrupted if a trial is missing, be it that nothing had begun. */
static void test_interrupted(void **state)
{
	(void)state;
	atomic_bool early = true, never = false;
	assert_true(is_stopped("1", &early, no_progress));
	assert_false(is_stopped("1", &never, no_progress));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_filled),
	    cmocka_unit_test(test_rates),
	    cmocka_unit_test(test_left),
	    cmocka_unit_test(test_interrupted),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
