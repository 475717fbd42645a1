/* test_course.c: what a trial does next.
   Does: the phase after each verdict, given by hand: milestones, tests, hopeless tests, budget, divergence; which sequence is next.
   Does not: train (test_group.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"
#include "trial/course.h"

static const struct verdict right = {.error = 0.125, .square = 0.25}, wrong = {.wrong = true, .error = 0.5, .square = 0.75};

/* A trial in lane 0. */
struct one {
	struct conditions c;
	struct task_shape shape;
	struct learner *learner;
	struct course course;
};

static void start(struct one *one, const char *settings, long budget)
{
	struct error e = {0};
	one->c = conditions_of(settings);
	if (!conditions_check(&one->c, NULL, &e))
		fail_msg("%s", e.text);
	one->shape = task_types[one->c.task.task]->shape(&one->c.task);
	one->learner = conditions_learner(&one->c, &one->shape, &e);
	course_prepare(&one->course, &one->c, &one->shape, one->learner, 0);
	course_start(&one->course, 7, 0.5, budget);
	assert_int_equal(one->course.phase, PHASE_TRAIN);
}

static void stop(struct one *one)
{
	course_release(&one->course);
	learner_free(one->learner);
}

/* After n such sequences of 10 steps the phase is `next`; after fewer it is as before. */
static void expect(struct one *one, int n, const struct verdict *v, enum phase next)
{
	const enum phase before = one->course.phase;
	for (int i = 1; i <= n; i++)
		assert_int_equal(course_next(&one->course, v, 10), i < n ? before : next);
	assert_int_equal(one->course.phase, next);
}

#define ADDING "task=adding blocks=2 cells=2 bias=gates igb=r ogb=r "
#define RECENT ADDING "measure=recent window=4 wrong_below=2 error_below=0.3 "
#define TEST   ADDING "measure=test test_every=3 window=2 wrong_below=1 error_below=any "
#define REBER  "task=reber blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 judge=legal strings=5 trials_per_set=1 "

static void test_recent(void **state)
{
	(void)state;
	struct one one;
	start(&one, RECENT "test_sequences=2", 100);
	expect(&one, 4, &wrong, PHASE_TRAIN);
	expect(&one, 3, &right, PHASE_FINAL); /* one wrong sequence is left in the window, and its error counts: (3 * 0.125 + 0.5) / 4 */
	expect(&one, 1, &right, PHASE_FINAL);
	expect(&one, 1, &wrong, PHASE_END);
	const struct result *r = &one.course.result;
	assert_int_equal(r->outcome, OUTCOME_SOLVED);
	assert_int_equal(r->sequences, 7);
	assert_int_equal(r->steps, 70);
	assert_int_equal(r->milestone[0].sequences, 7);
	assert_int_equal(r->milestone[0].test_sequences, 2);
	assert_int_equal(r->milestone[0].test_wrong, 1);
	assert_true(r->milestone[0].test_mean_error == 0.3125);
	assert_true(r->milestone[0].test_mean_square == 0.5);
	stop(&one);
}

static void test_no_final_test(void **state)
{
	(void)state;
	struct one one;
	start(&one, RECENT "test_sequences=0", 100);
	expect(&one, 4, &right, PHASE_END);
	assert_int_equal(one.course.result.outcome, OUTCOME_SOLVED);
	assert_int_equal(one.course.result.milestone[0].test_sequences, 0);
	stop(&one);
}

static void test_budget(void **state)
{
	(void)state;
	struct one one;
	start(&one, RECENT, 9);
	expect(&one, 9, &wrong, PHASE_END);
	assert_int_equal(one.course.result.outcome, OUTCOME_UNSOLVED);
	assert_int_equal(one.course.result.sequences, 9);
	stop(&one);
}

static void test_diverged(void **state)
{
	(void)state;
	const struct verdict none = {.error = NAN};
	for (int after = 0; after < 3; after++) {
		struct one one;
		start(&one, TEST "test_sequences=2", 100);
		if (after > 0)
			expect(&one, 3, &right, PHASE_TEST);
		if (after > 1)
			expect(&one, 2, &right, PHASE_FINAL);
		expect(&one, 1, &none, PHASE_END);
		assert_int_equal(one.course.result.outcome, OUTCOME_DIVERGED);
		stop(&one);
	}
}

/* A test that cannot succeed any more ends at its first wrong sequence. */
static void test_hopeless(void **state)
{
	(void)state;
	struct one one;
	start(&one, TEST "test_sequences=2", 6);
	expect(&one, 3, &right, PHASE_TEST);
	expect(&one, 1, &wrong, PHASE_TRAIN);
	expect(&one, 3, &right, PHASE_TEST); /* the one after the last sequence of the budget too */
	expect(&one, 1, &right, PHASE_TEST);
	expect(&one, 1, &wrong, PHASE_END);
	assert_int_equal(one.course.result.outcome, OUTCOME_UNSOLVED);
	stop(&one);
}

/* One milestone after the other, or both at once; the test after them serves all that have none yet. */
static void test_milestones(void **state)
{
	(void)state;
	struct one one;
	start(&one, ADDING "measure=recent window=4 milestones=a:b wrong_below=3:1 error_below=any test_sequences=1", 100);
	expect(&one, 2, &wrong, PHASE_TRAIN);
	expect(&one, 2, &right, PHASE_FINAL);
	expect(&one, 1, &wrong, PHASE_TRAIN);
	expect(&one, 2, &right, PHASE_FINAL);
	expect(&one, 1, &right, PHASE_END);
	const struct milestone *m = one.course.result.milestone;
	assert_int_equal(m[0].sequences, 4);
	assert_int_equal(m[0].test_wrong, 1);
	assert_int_equal(m[1].sequences, 6);
	assert_int_equal(m[1].test_wrong, 0);
	course_start(&one.course, 8, 0.5, 100); /* nothing is left of the trial before */
	expect(&one, 4, &right, PHASE_FINAL);
	expect(&one, 1, &wrong, PHASE_END);
	assert_int_equal(m[0].sequences, 4);
	assert_int_equal(m[0].test_wrong, 1);
	assert_int_equal(m[1].test_wrong, 1);
	stop(&one);
}

static void test_next_sequence(void **state)
{
	(void)state;
	struct one one;
	start(&one, REBER "order=epoch test_every=7 test_set=fixed wrong_below=1 error_below=any", 100);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(course_number(&one.course), i % 5);
		assert_ptr_equal(course_stream(&one.course), &one.course.train);
		course_next(&one.course, &right, 10);
	}
	const struct rng first = one.course.test;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(one.course.phase, PHASE_TEST);
		assert_int_equal(course_number(&one.course), i);
		rng_uniform(course_stream(&one.course));
		course_next(&one.course, i < 2 ? &right : &wrong, 10);
	}
	expect(&one, 7, &right, PHASE_TEST);
	assert_memory_equal(&one.course.test, &first, sizeof first); /* fixed: the same sequences once more */
	assert_int_equal(course_number(&one.course), 0);
	stop(&one);
}

static void test_drawn_afresh(void **state)
{
	(void)state;
	struct one one;
	start(&one, ADDING, 100);
	assert_int_equal(course_number(&one.course), -1);
	stop(&one);
}

/* The layer comes after a window that is not better than the one before. */
static void test_plateau(void **state)
{
	(void)state;
	struct one one;
	const struct verdict better = {.wrong = true, .error = 1.0, .step_error = 0.5},
			     worse = {.wrong = true, .error = 0.1, .step_error = 1.0};
	start(&one,
	      "task=long-lag T=10 blocks=1 cells=1 connectivity=B output_gates=no measure=recent window=100 grow=plateau grow_window=2 "
	      "grow_ratio=0.9",
	      100);
	expect(&one, 2, &worse, PHASE_TRAIN);
	expect(&one, 2, &better, PHASE_TRAIN);
	assert_true(one.learner->net->grown[0] == 0.0);
	expect(&one, 1, &better, PHASE_TRAIN);
	assert_true(one.learner->net->grown[0] == 0.0);
	expect(&one, 1, &better, PHASE_TRAIN);
	assert_true(one.learner->net->grown[0] == 1.0);
	stop(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recent),        cmocka_unit_test(test_no_final_test), cmocka_unit_test(test_budget),
	    cmocka_unit_test(test_diverged),      cmocka_unit_test(test_hopeless),      cmocka_unit_test(test_milestones),
	    cmocka_unit_test(test_next_sequence), cmocka_unit_test(test_drawn_afresh),  cmocka_unit_test(test_plateau),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
