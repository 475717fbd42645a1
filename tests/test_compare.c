/* test_compare.c: the tests that compare learning rules.
   Does: known values: Fisher's exact test (R: fisher.test), the log-rank test on Freireich's leukaemia data (1963; R:
   survdiff gives chi-square 16.79), medians of Kaplan and Meier on them (survfit: 8 and 23 weeks).
   Does not: read databases (cli.sh does). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_near(double is, double expected, double relative)
{
	if (!(fabs(is - expected) <= relative * expected))
		fail_msg("%.10g, expected %.10g", is, expected);
}

static void test_fisher(void **state)
{
	(void)state;
	assert_near(compare_fisher(3, 4, 1, 4), 0.4857142857, 1e-9); /* the lady tasting tea */
	assert_near(compare_fisher(8, 10, 1, 6), 0.03496503497, 1e-9);
	assert_near(compare_fisher(1, 6, 8, 10), 0.03496503497, 1e-9);
	assert_near(compare_fisher(10, 10, 0, 10), 1.082508823e-05, 1e-9);
	assert_near(compare_fisher(0, 20, 0, 20), 1.0, 1e-12);
	assert_near(compare_fisher(20, 20, 18, 18), 1.0, 1e-12);
	assert_near(compare_fisher(7, 12, 7, 12), 1.0, 1e-12);
}

static int leukaemia(struct survival *s)
{
	static const double placebo[] = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23};
	static const double treated[] = {6, 6, 6, 7, 10, 13, 16, 22, 23}, censored[] = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
	int n = 0;
	for (int i = 0; i < 21; i++)
		s[n++] = (struct survival){placebo[i], true, 0};
	for (int i = 0; i < 9; i++)
		s[n++] = (struct survival){treated[i], true, 1};
	for (int i = 0; i < 12; i++)
		s[n++] = (struct survival){censored[i], false, 1};
	return n;
}

static void test_logrank(void **state)
{
	(void)state;
	struct survival s[42];
	int n = leukaemia(s);
	assert_near(compare_logrank(s, n), 4.17e-5, 2e-3);
	n = leukaemia(s);
	for (int i = 0; i < n; i++)
		s[i].group = !s[i].group; /* it does not matter which is which */
	assert_near(compare_logrank(s, n), 4.17e-5, 2e-3);
	/* nothing happened, or all at once, or the same in both */
	for (int i = 0; i < n; i++)
		s[i] = (struct survival){100.0, false, i % 2};
	assert_near(compare_logrank(s, n), 1.0, 1e-12);
	for (int i = 0; i < n; i++)
		s[i].event = true;
	assert_near(compare_logrank(s, n), 1.0, 1e-12);
	for (int i = 0; i < n; i++)
		s[i] = (struct survival){1.0 + i / 2, i % 4 < 2, i % 2};
	assert_near(compare_logrank(s, n), 1.0, 1e-12);
}

/* "5 5+ 9": + is censored; in the order given and in the other one. */
static double median_of(const char *times, bool backwards)
{
	struct survival s[16];
	char copy[80], *rest = copy;
	int n = 0;
	snprintf(copy, sizeof copy, "%s", times);
	for (char *time; (time = strtok_r(rest, " ", &rest)); n++)
		s[n] = (struct survival){atof(time), !strchr(time, '+'), 0};
	for (int i = 0; backwards && i < n / 2; i++) {
		const struct survival first = s[i];
		s[i] = s[n - 1 - i];
		s[n - 1 - i] = first;
	}
	return compare_median(s, n);
}

static void test_median(void **state)
{
	static const struct {
		const char *times;
		double median;
	} known[] = {
	    {"1 2 3", 2},        {"1 2 3 4", 2},   {"7", 7},  {"1 2+ 3+ 4+", NAN}, /* a quarter */
	    {"1 2+ 3", 3},                                                         /* 2/3, then the only one left */
	    {"1+ 2+ 3", 3},                                                        /* those that left say nothing of later */
	    {"1+ 1+ 1+ 2 3", 2}, {"4 4+ 4+ 9", 9}, /* at 4 one of 4, then 2 leave; were they to leave first, one of 2 */
	    {"4 4 4+ 4+ 9", 9},  {"1+ 2+", NAN},   {"", NAN},
	};
	struct survival s[42];
	(void)state;
	for (size_t i = 0; i < 2 * sizeof known / sizeof *known; i++) {
		const double is = median_of(known[i / 2].times, i % 2), expected = known[i / 2].median;
		if (!(is == expected || (isnan(is) && isnan(expected))))
			fail_msg("%s: %g, expected %g", known[i / 2].times, is, expected);
	}
	leukaemia(s);
	assert_true(compare_median(s, 21) == 8.0);
	leukaemia(s);
	assert_true(compare_median(s + 21, 21) == 23.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fisher),
	    cmocka_unit_test(test_logrank),
	    cmocka_unit_test(test_median),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
