/* test_ledger.c: the paper's numbers beside ours.
   Does: Wilson's intervals against printed ones; made-up trials in a results file, for every line of the rule for verdicts and at
   its limits; intervals of means against the binomial distribution.
   Does not: print (cli.sh looks at the command). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results_file.h"
#include "run/ledger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_wilson(void **state)
{
	(void)state;
	/* Newcombe 1998 (Statistics in Medicine 17:857), Table I, method 3; and exactly 0 and 1 at the ends */
	static const struct {
		double k, n, low, high;
	} printed[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0, 0.1611}, {1, 29, 0.0061, 0.1718}};
	for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
		double low, high;
		ledger_wilson(printed[i].k, printed[i].n, &low, &high);
		assert_true(fabs(low - printed[i].low) < 5e-5 && fabs(high - printed[i].high) < 5e-5);
		double mirrored_low, mirrored_high;
		ledger_wilson(printed[i].n - printed[i].k, printed[i].n, &mirrored_low, &mirrored_high);
		assert_true(fabs(mirrored_low - (1.0 - high)) < 1e-15 && fabs(mirrored_high - (1.0 - low)) < 1e-15);
	}
	double low, high;
	ledger_wilson(0, 20, &low, &high);
	assert_true(low == 0.0);
	ledger_wilson(20, 20, &low, &high);
	assert_true(high == 1.0);
}

/* Made-up trials of the literal reading: so many solved after n sequences with so many wrong of 2560 test sequences, the others cut; the
   first `slow` of those that solved it after 2 n. */
struct trials {
	int solved;
	long n, wrong;
	int cut;
	long budget;
	int slow;
};

static void add_trials(struct store *s, const char *id, const struct trials *t)
{
	static const char *const names[] = {"success", "perfect"};
	const int stops = !strncmp(id, "continual", 9) ? 2 : 1;
	struct error e = {0};
	const struct store_experiment x = {.id = id, .title = "t", .paper_table = "7", .task = "t", .net = "n", .rule = "r"};
	const struct store_conditions c = {.experiment = id,
					   .conditions = "",
					   .reading = "literal",
					   .set = "made=up",
					   .task = "t",
					   .net = "n",
					   .rule = "r",
					   .lag = 10,
					   .milestone_names = names};
	assert_true(store_experiment(s, &x, &e));
	for (int k = 0; k < t->solved + t->cut; k++) {
		struct result r = {.seed = (uint64_t)k + 1, .outcome = OUTCOME_UNSOLVED, .sequences = t->budget, .budget = t->budget};
		if (k < t->solved) {
			const long n = k < t->slow ? 2 * t->n : t->n;
			r = (struct result){.seed = (uint64_t)k + 1, .outcome = OUTCOME_SOLVED, .sequences = n, .budget = n};
			r.milestones = stops;
			for (int i = 0; i < stops; i++)
				r.milestone[i] = (struct milestone){.sequences = n, .test_wrong = t->wrong, .test_sequences = 2560};
		}
		if (!store_trial(s, &c, &r, &e))
			fail_msg("%s", e.text);
	}
}

static struct ledger ledger_of(const char *id, const struct trials *t)
{
	struct error e = {0};
	struct ledger ledger = {0};
	struct store *s = store_open(path, STORE_WRITE, &e);
	if (!s)
		fail_msg("%s", e.text);
	add_trials(s, id, t);
	const struct experiment *row = experiments_find(&rows, id, &e);
	if (!row || !ledger_row(&ledger, row, s, &e))
		fail_msg("%s", e.text);
	store_close(s);
	assert_int_equal(unlink(path), 0);
	return ledger;
}

/* The last entry of the literal reading for this quantity. */
static const struct ledger_entry *entry_of(const struct ledger *ledger, enum quantity quantity)
{
	const struct ledger_entry *found = NULL;
	for (int i = 0; i < ledger->n; i++)
		if (ledger->entries[i].quantity == quantity && !strcmp(ledger->entries[i].reading, "literal"))
			found = &ledger->entries[i];
	assert_non_null(found);
	return found;
}

static void test_verdicts(void **state)
{
	(void)state;
	static const struct {
		const char *row;
		struct trials trials;
		enum verdict success, sequences;
	} cases[] = {
	    /* 4-1: 10 of 10, 74,000 sequences, no limit */
	    {"4-1", {0, 0, 0, 0, 0, 0}, VERDICT_NOT_RUN, VERDICT_NOT_RUN},
	    {"4-1", {10, 74000, 1, 0, 0, 0}, VERDICT_REPLICATED, VERDICT_REPLICATED},
	    {"4-1", {10, 37000, 1, 0, 0, 0}, VERDICT_REPLICATED, VERDICT_REPLICATED},
	    {"4-1", {10, 36999, 1, 0, 0, 0}, VERDICT_REPLICATED, VERDICT_FASTER},
	    {"4-1", {10, 148000, 1, 0, 0, 0}, VERDICT_REPLICATED, VERDICT_REPLICATED},
	    {"4-1", {10, 148001, 1, 0, 0, 0}, VERDICT_REPLICATED, VERDICT_SLOWER},
	    /* cut trials count at their budget: means of 115,200 and of 176,000 */
	    {"4-1", {8, 70000, 1, 2, 296000, 0}, VERDICT_REPLICATED, VERDICT_REPLICATED},
	    {"4-1", {8, 70000, 1, 2, 600000, 0}, VERDICT_REPLICATED, VERDICT_SLOWER},
	    /* the intervals of 4 and of 5 of 10 end at 69 and at 76 %, that of the paper's 10 of 10 starts at 72 % */
	    {"4-1", {5, 70000, 1, 5, 148000, 0}, VERDICT_REPLICATED, VERDICT_REPLICATED},
	    {"4-1", {4, 70000, 1, 6, 148000, 0}, VERDICT_NOT_REPLICATED, VERDICT_NOT_REPLICATED},
	    {"4-1", {4, 70000, 1, 6, 147999, 0}, VERDICT_BUDGET, VERDICT_BUDGET},
	    {"4-1", {0, 0, 0, 10, 296000, 0}, VERDICT_NOT_REPLICATED, VERDICT_NOT_REPLICATED},
	    {"4-1", {0, 0, 0, 1, 296000, 0}, VERDICT_REPLICATED, VERDICT_NOT_REPLICATED}, /* one trial says little of rates */
	    /* 2c-1: 20 of 20, 30,000 sequences, a limit of 5,000,000 */
	    {"2c-1", {19, 30000, 1, 1, 60000, 0}, VERDICT_BUDGET, VERDICT_REPLICATED},
	    {"2c-1", {19, 30000, 1, 1, 5000000, 0}, VERDICT_REPLICATED, VERDICT_SLOWER},
	    {"2c-1", {0, 0, 0, 20, 60000, 0}, VERDICT_NOT_REPLICATED, VERDICT_NOT_REPLICATED},
	    {"2c-1", {0, 0, 0, 20, 59999, 0}, VERDICT_BUDGET, VERDICT_BUDGET},
	    /* 18 of 100, 18,889 sequences, a limit of 30,000: less than twice the mean */
	    {"continual-forget", {15, 14000, 1, 5, 30000, 0}, VERDICT_NOT_REPLICATED, VERDICT_NOT_REPLICATED},
	    {"continual-forget", {15, 14000, 1, 5, 29999, 0}, VERDICT_BUDGET, VERDICT_BUDGET},
	    {"continual-forget", {4, 14000, 1, 16, 30000, 0}, VERDICT_REPLICATED, VERDICT_REPLICATED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct trials *t = &cases[i].trials;
		struct ledger ledger = ledger_of(cases[i].row, t);
		const struct ledger_entry *success = entry_of(&ledger, QUANTITY_SUCCESS),
					  *sequences = entry_of(&ledger, QUANTITY_SEQUENCES);
		if (success->verdict != cases[i].success || sequences->verdict != cases[i].sequences)
			fail_msg("%s, %d solved, %d cut at %ld: %s, %s", cases[i].row, t->solved, t->cut, t->budget,
				 verdict_names[success->verdict], verdict_names[sequences->verdict]);
		assert_true(success->trials == t->solved + t->cut && success->reached == t->solved && success->cut == t->cut);
		assert_int_equal(success->budget, t->cut ? t->budget : 0);
		if (t->solved)
			assert_true(sequences->ours == (double)t->n && sequences->low == sequences->ours &&
				    sequences->high == sequences->ours);
		ledger_free(&ledger);
	}
}

/* Test errors: within a factor of two of the paper's 1 of 2560, or worse, or better. */
static void test_wrong(void **state)
{
	(void)state;
	static const enum verdict expected[] = {VERDICT_BETTER, VERDICT_REPLICATED, VERDICT_REPLICATED, VERDICT_WORSE};
	for (long wrong = 0; wrong < 4; wrong++) {
		const struct trials t = {.solved = 10, .n = 74000, .wrong = wrong};
		struct ledger ledger = ledger_of("4-1", &t);
		assert_int_equal(entry_of(&ledger, QUANTITY_WRONG)->verdict, expected[wrong]);
		assert_true(entry_of(&ledger, QUANTITY_WRONG)->ours == (double)wrong);
		ledger_free(&ledger);
	}
}

/* A resample of n trials, k of them slow, has B slow ones, B binomial(n, k / n): the percentiles of the mean are those of B, as in any
   table of binomial distributions. */
static void test_mean_interval(void **state)
{
	static const struct {
		int n, slow, low, high;
	} known[] = {
	    {10, 2, 0, 5},  /* P(B <= 4) = 0.967, P(B <= 5) = 0.994 */
	    {10, 8, 5, 10}, /* the same from the other side */
	    {10, 5, 2, 8},  /* P(B <= 1) = 0.011, P(B <= 2) = 0.055 */
	    {20, 10, 6, 14} /* P(B <= 5) = 0.021, P(B <= 6) = 0.058 */
	};
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const int n = known[i].n;
		const struct trials t = {.solved = n, .n = 10000, .slow = known[i].slow};
		struct ledger ledger = ledger_of("4-1", &t);
		const struct ledger_entry *x = entry_of(&ledger, QUANTITY_SEQUENCES);
		assert_true(fabs(x->ours - 1e4 * (n + known[i].slow) / n) < 1e-6);
		if (fabs(x->low - 1e4 * (n + known[i].low) / n) > 1e-6 || fabs(x->high - 1e4 * (n + known[i].high) / n) > 1e-6)
			fail_msg("%d of %d: %g to %g", known[i].slow, n, x->low, x->high);
		ledger_free(&ledger);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wilson),
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_mean_interval),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
