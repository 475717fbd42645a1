/* test_group.c: whole trials.
   Does: the same trial alone, in a crowd, in another order, with another budget, next to diverging neighbours: the same
   bits; stopping rules and what is counted; a plain loop over one lane gives what the group gives.
   Does not: compare builds (digest.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 128 };

/* --- families of trials --- */

#define THREE_BLOCKS "blocks=3 cells=1 bias=hidden igb=-1:-3:-5 ogb=-2:-4:-6 "
#define STREAM       "task=continual-reber net=lstm cells=2 connectivity=C+shortcuts bias=gates+outputs igb=-0.5 ogb=-0.5 init=0.2 rate=0.5 "
#define REBER        "task=reber blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 init=0.2 rate=0.5 "

static const struct family {
	const char *name;
	long budget;
	bool solves;  /* all trials within this budget */
	long longest; /* sequence in steps, 0: no bound */
	const char *settings;
} families[] = {
    {"reber", 220, false, 0, REBER "strings=32 trials_per_set=3 judge=legal test_every=50 test_sequences=40"},
    {"reber, weak", 2000, true, 0, REBER "strings=4 judge=legal wrong_below=9 test_every=30 test_sequences=40"},
    {"reber, sequence", 120, false, 0,
     REBER "strings=8 judge=top update=sequence connectivity=F+shortcuts slope_offset=0.05 test_every=40"},
    {"2a", 2000, true, 4,
     "task=long-lag T=4 blocks=1 cells=1 connectivity=B output_gates=no h=id g=id rate=1 init=0.2 gate_shift=-3 cell_errors=last "
     "measure=recent window=100 tolerance=0.25 test_sequences=20"},
    {"2a, plateau", 2500, true, 4,
     "task=long-lag T=4 connectivity=F+shortcuts rate=1 init=0.2 measure=recent window=100 tolerance=0.25 test_sequences=20 grow=plateau"},
    {"2a, plateau, C", 2500, true, 4,
     "task=long-lag T=4 connectivity=C+shortcuts rate=1 init=0.2 measure=recent window=100 tolerance=0.25 test_sequences=20 grow=plateau"},
    {"2b, sequence", 200, false, 9,
     "task=long-lag T=9 distractors=random blocks=1 cells=1 connectivity=B output_gates=no h=id g=g1 rate=1 init=0.2 measure=recent "
     "window=50 tolerance=0.25 judged=last update=sequence"},
    {"2c", 2500, true, 0,
     "task=distractors T=1 symbols=3 connectivity=F-recurrence init=0.2 rate=0.5 tolerance=0.2 window=50 test_every=100 test_sequences=50"},
    {"2c, late", 300, false, 0, "task=distractors T=10 symbols=12 cells=1:2 rate=0.5 update=late tolerance=0.2 measure=recent window=50"},
    {"3a", 6000, true, 5,
     "task=two-sequence T=5 N=1 " THREE_BLOCKS
     "rate=1 tolerance=0.2 window=50 test_every=50 milestones=ST1:ST2 wrong_below=1:1 error_below=100:0.05 test_sequences=100"},
    {"3a, recent", 6000, true, 5,
     "task=two-sequence T=5 N=1 " THREE_BLOCKS
     "rate=1 tolerance=0.2 window=50 measure=recent milestones=ST1:ST2 wrong_below=5:1 error_below=100:0.05 test_sequences=100"},
    {"3c", 300, false, 22,
     "task=two-sequence T=20 N=1 signal_variance=0.2 target_variance=0.1 targets=0.2:0.8 " THREE_BLOCKS
     "rate=0.1 update=sequence tolerance=0.1 window=50 test_every=100"},
    {"4", 2500, true, 24,
     "task=adding T=22 cells=2 bias=all igb=-3:-6 ogb=r output=identity init=0.3 rate=0.3 tolerance=0.2 measure=recent window=100 "
     "wrong_below=30 error_below=0.2 test_sequences=100"},
    {"4, late", 200, false, 33,
     "task=adding T=30 first_pair=marker cells=2 bias=all igb=-3:-6 ogb=r rate=0.5 update=late measure=recent window=100 reset=0.5"},
    {"5", 1000, true, 24,
     "task=multiplication T=22 cells=2 bias=all igb=r ogb=r rate=0.5 measure=recent window=100 tolerance=0.3 milestones=140:13 "
     "wrong_below=40:35 test_sequences=100"},
    {"6a", 9000, true, 22,
     "task=temporal-order T=20 cells=2 bias=all igb=-2:-4 ogb=r rate=1 tolerance=0.3 measure=recent window=100 wrong_below=30 "
     "error_below=0.3 test_sequences=100"},
    {"6b, late", 150, false, 44,
     "task=temporal-order T=40 relevant=3 blocks=3 cells=2 bias=all igb=-2:-4:-6 ogb=r rate=0.1 measure=recent window=100 update=late "
     "test_set=fixed"},
    {"reber, last but one", 100, false, 0,
     REBER "strings=8 judge=next-to-last wrong_below=5:3 milestones=a:b test_every=20 test_sequences=30"},
    {"2c, fixed", 700, false, 0,
     "task=distractors T=1 symbols=3 connectivity=F-recurrence init=0.2 rate=0.5 tolerance=0.2 window=50 test_every=25 test_set=fixed "
     "milestones=a:b:c:d wrong_below=33:20:7:1 error_below=100:100:100:0.0001 test_sequences=10"},
    {"stream", 4000, true, 60,
     STREAM "predict=possible forget=gate fgb=1 tolerance=0.49 stream_length=60 test_stream_length=12 window=4 test_every=3 "
	    "milestones=good:perfect wrong_below=5:3 length_above=6:0 test_sequences=5"},
    {"stream, decay", 300, false, 40,
     STREAM "forget=gate fgb=1 rate_decay=0.95 tolerance=0.7 stream_length=40 test_stream_length=10 window=3 test_every=7 update=late"},
    {"stream, external reset", 300, false, 500,
     STREAM "tolerance=0.8 external_reset=yes stream_length=500 test_stream_length=300 window=3 test_every=50 test_set=fixed"},
    {"stream, at its end", 300, false, 70, STREAM "judge=legal predict=possible update=sequence stream_length=70 window=3 test_every=20"},
    {"stream, both", 120, false, 300,
     STREAM "judge=top external_reset=yes update=sequence stream_length=300 window=3 test_every=20 test_stream_length=200"},
    {"stream, rtrl", 60, false, 200,
     "task=continual-reber net=rnn units=3 bias=all rule=rtrl init=0.3 rate=0.2 tolerance=0.9 stream_length=200 measure=recent window=50 "
     "test_sequences=0"},
};
enum { FAMILIES = sizeof families / sizeof *families, SEEDS = 20 };

static const uint64_t down[SEEDS] = {20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

/* The crowd of every family, run once. */
static struct crowd *crowd_of_family[FAMILIES];

static const struct crowd *crowd_of(int i)
{
	if (!crowd_of_family[i]) {
		const struct conditions c = conditions_of(families[i].settings);
		crowd_of_family[i] = crowd_run(&c, families[i].budget, up, SEEDS, 0);
	}
	return crowd_of_family[i];
}

static int free_crowds(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++)
		free(crowd_of_family[i]);
	return 0;
}

/* --- a trial's numbers are its own --- */

static void test_same_alone(void **state)
{
	(void)state;
	static const int alone[] = {0, 3, 11, SEEDS - 1};
	for (int i = 0; i < FAMILIES; i++) {
		const struct conditions c = conditions_of(families[i].settings);
		const struct crowd *crowd = crowd_of(i);
		for (size_t k = 0; k < sizeof alone / sizeof *alone; k++) {
			struct crowd *one = crowd_run(&c, families[i].budget, &up[alone[k]], 1, 0);
			assert_same(families[i].name, "alone", &crowd->record[alone[k]], &one->record[0]);
			free(one);
		}
		/* and not all the same */
		assert_non_null(record_difference(&crowd->record[0], &crowd->record[1]));
		int different = 0;
		for (long w = 0; w < crowd->record[0].weights; w++)
			different += crowd->record[0].w[w] != crowd->record[1].w[w];
		assert_true(different > crowd->record[0].weights / 2);
	}
}

static void test_same_in_reversed_order(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		const struct conditions c = conditions_of(families[i].settings);
		const struct crowd *crowd = crowd_of(i);
		struct crowd *other = crowd_run(&c, families[i].budget, down, SEEDS, 0);
		for (int k = 0; k < SEEDS; k++)
			assert_same(families[i].name, "reversed", &crowd->record[k], &other->record[SEEDS - 1 - k]);
		free(other);
	}
}

static void test_same_twice_and_with_a_larger_budget(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		const struct conditions c = conditions_of(families[i].settings);
		const struct crowd *crowd = crowd_of(i);
		const long budget = families[i].solves ? 3 * families[i].budget + 7 : families[i].budget;
		struct crowd *other = crowd_run(&c, budget, up, SEEDS, 0);
		for (int k = 0; k < SEEDS; k++) {
			assert_same(families[i].name, "again", &crowd->record[k], &other->record[k]);
			assert_int_equal(other->record[k].r.budget, budget);
		}
		free(other);
	}
}

/* A budget of exactly the sequences it took, and one less. */
static void test_tight_budget(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		if (!families[i].solves)
			continue;
		const struct conditions c = conditions_of(families[i].settings);
		const struct record *record = &crowd_of(i)->record[4];
		struct crowd *tight = crowd_run(&c, record->r.sequences, &up[4], 1, 0);
		assert_same(families[i].name, "tight budget", record, &tight->record[0]);
		struct crowd *less = crowd_run(&c, record->r.sequences - 1, &up[4], 1, 0);
		assert_int_equal(less->record[0].r.outcome, OUTCOME_UNSOLVED);
		assert_int_equal(less->record[0].r.sequences, record->r.sequences - 1);
		assert_true(less->record[0].r.milestones < record->r.milestones);
		free(tight);
		free(less);
	}
}

/* An unsolved trial with a larger budget goes the same way at first. */
static void test_longer_goes_the_same_way(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		if (families[i].solves)
			continue;
		const struct conditions c = conditions_of(families[i].settings);
		struct crowd *longer = crowd_run(&c, families[i].budget + 60, up, 3, 0);
		for (int k = 0; k < 3; k++) {
			const struct record *a = &crowd_of(i)->record[k], *b = &longer->record[k];
			assert_true(b->r.points >= a->r.points && b->r.steps > a->r.steps);
			for (int p = 0; p < a->r.points - 1; p++) /* its last point is where it ended */
				assert_true(a->curve[p].sequences == b->curve[p].sequences && same(a->curve[p].error, b->curve[p].error));
		}
		free(longer);
	}
}

static void test_diverging_neighbours(void **state)
{
	(void)state;
	for (int update = 0; update < 3; update++) {
		struct conditions c = conditions_of("task=adding T=22 output=identity init=0.5 rate=0.7 g=id h=id measure=recent window=50 "
						    "wrong_below=30 tolerance=0.1 test_sequences=20");
		c.rule.update = update;
		int outcomes[3] = {0};
		assert_neighbours_do_not_matter("diverging", &c, 600, up, SEEDS, outcomes);
		assert_true(outcomes[OUTCOME_DIVERGED] >= 3);         /* some do, */
		assert_true(outcomes[OUTCOME_DIVERGED] <= SEEDS - 3); /* some do not */
		/* a rate at which nothing is learned: diverged at once, or all the budget spent */
		c.rule.rate = 1000.0;
		struct crowd *crowd = crowd_run(&c, 600, up, SEEDS, 0);
		int diverged = 0;
		for (int i = 0; i < SEEDS; i++) {
			const struct result *r = &crowd->record[i].r;
			diverged += r->outcome == OUTCOME_DIVERGED;
			assert_true(r->milestones == 0 && (r->outcome == OUTCOME_DIVERGED ? r->sequences < 600 : r->sequences == 600));
		}
		assert_true(diverged > SEEDS / 2);
		free(crowd);
	}
}

/* States that overflow while weights are frozen, behind output units that are bounded: the neighbours' learning must not
   carry 0 * infinity into this trial's weights. */
static void test_overflowing_neighbours(void **state)
{
	(void)state;
	for (int update = 0; update < 3; update++) {
		struct conditions c =
		    conditions_of("task=two-sequence T=300 N=1 blocks=1 g=id h=id init=16 rate=0.01 window=30 test_every=3 "
				  "tolerance=100 error_below=0.0001");
		c.rule.update = update;
		int outcomes[3] = {0};
		assert_neighbours_do_not_matter("overflowing", &c, 30, up, SEEDS, outcomes);
	}
	static const char *const backwards[] = {"bptt", "bptt-truncated", "bptt-window", "elman"};
	for (int i = 0; i < 4; i++) { /* a tolerance at which some lanes are tested while others learn */
		struct conditions c =
		    conditions_of("task=two-sequence T=300 N=1 blocks=1 g=id h=id init=16.5 rate=0.001 window=200 test_every=3 "
				  "tolerance=0.9 error_below=0.0001");
		struct error e = {0};
		assert_true(conditions_set(&c, "rule", backwards[i], &e));
		int outcomes[3] = {0};
		assert_neighbours_do_not_matter(backwards[i], &c, 30, up, SEEDS, outcomes);
	}
}

/* --- what is counted --- */

/* Milestones in order, at possible places; the budget; the curve; steps; tests. */
static void assert_sound(const char *name, const struct conditions *c, long budget, long longest, const struct record *record)
{
	const struct result *r = &record->r;
	const struct trial_options *o = &c->trial;
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	const int milestones = conditions_milestones(c);
	if (r->outcome == OUTCOME_DIVERGED)
		fail_msg("%s: diverged", name);
	assert_int_equal(r->budget, budget);
	assert_in_range(r->sequences, 1, budget);
	assert_in_range(r->milestones, 0, milestones);
	assert_int_equal(r->outcome == OUTCOME_SOLVED, r->milestones == milestones);
	assert_true(r->cpu_s > 0.0 && r->cpu_s < 60.0);
	if (r->outcome == OUTCOME_UNSOLVED)
		assert_int_equal(r->sequences, budget);
	else
		assert_int_equal(r->sequences, r->milestone[milestones - 1].sequences);

	const long shortest = shape.stream ? 1 : c->task.task == 0 || c->task.task == 1 ? shape.length - 1 : shape.length;
	assert_true(r->steps >= r->sequences * shortest);
	if (longest)
		assert_true(r->steps <= r->sequences * longest);

	long before = 1;
	for (int i = 0; i < r->milestones; i++) {
		const struct milestone *m = &r->milestone[i];
		assert_true(m->sequences >= before && m->sequences <= r->sequences);
		before = m->sequences;
		if (o->measure == MEASURE_RECENT)
			assert_true(m->sequences >= o->window);
		else
			assert_int_equal(m->sequences % o->test_every, 0);
		assert_int_equal(m->test_sequences, o->test_sequences);
		assert_in_range(m->test_wrong, 0, o->test_sequences);
		assert_true(m->test_mean_error >= 0.0);
		if (o->test_sequences) {
			assert_true(m->test_mean_error > 0.0);
			/* mean of squares between square of mean and mean */
			assert_true(m->test_mean_square >= m->test_mean_error * m->test_mean_error * (1.0 - 1e-12));
		}
	}

	/* the curve: 1, 2, 3, ... 8, then by one eighth more, and the end */
	assert_true(r->points >= 1 && record->curve[0].sequences == 1);
	for (int i = 0; i < r->points; i++) {
		const long n = record->curve[i].sequences, next = n + (n + 7) / 8;
		assert_true(isfinite(record->curve[i].error) && record->curve[i].error >= 0.0);
		if (i + 1 == r->points)
			assert_int_equal(n, r->sequences);
		else if (i + 2 == r->points)
			assert_in_range(r->sequences, n + 1, next);
		else
			assert_int_equal(record->curve[i + 1].sequences, next);
	}
}

static void test_sound(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		const struct conditions c = conditions_of(families[i].settings);
		const struct crowd *crowd = crowd_of(i);
		long steps = 0, solved = 0, reached = 0;
		for (int k = 0; k < SEEDS; k++) {
			const struct record *record = &crowd->record[k];
			assert_sound(families[i].name, &c, families[i].budget, families[i].longest, record);
			steps += record->r.steps;
			solved += record->r.outcome == OUTCOME_SOLVED;
			reached += record->r.milestones;
		}
		if (solved != (families[i].solves ? SEEDS : 0))
			fail_msg("%s: %ld of %d solved", families[i].name, solved, SEEDS);
		/* all steps: those of training and of tests */
		assert_true(atomic_load(&crowd->steps) >= steps);
		if (c.trial.measure == MEASURE_RECENT && !(reached && c.trial.test_sequences))
			assert_int_equal(atomic_load(&crowd->steps), steps);
		else
			assert_true(atomic_load(&crowd->steps) > steps);
	}
}

/* A trial that meets a strict rule does well in the test after it. */
static void test_solved_is_solved(void **state)
{
	(void)state;
	static const char *const names[] = {"2a", "2a, plateau", "2c", "3a"};
	for (size_t n = 0; n < sizeof names / sizeof *names; n++)
		for (int i = 0; i < FAMILIES; i++) {
			if (strcmp(families[i].name, names[n]))
				continue;
			const struct crowd *crowd = crowd_of(i);
			long wrong = 0, of = 0;
			for (int k = 0; k < SEEDS; k++) {
				const struct result *r = &crowd->record[k].r;
				wrong += r->milestone[r->milestones - 1].test_wrong;
				of += r->milestone[r->milestones - 1].test_sequences;
				/* training got better */
				assert_true(crowd->record[k].curve[r->points - 1].error < crowd->record[k].curve[0].error);
			}
			if (wrong * 20 > of)
				fail_msg("%s: %ld of %ld wrong", families[i].name, wrong, of);
		}
}

/* Rules that the first chance meets, and rules that nothing meets. */
static void test_first_chance(void **state)
{
	(void)state;
	static const struct {
		const char *settings;
		long budget, sequences;
		int milestones;
		enum outcome outcome;
		long wrong; /* in the test afterwards, -1: any */
	} cases[] = {
	    /* any answer is right */
	    {"measure=recent window=37 tolerance=100", 1000, 37, 1, OUTCOME_SOLVED, 0},
	    {"measure=recent window=37 tolerance=100", 37, 37, 1, OUTCOME_SOLVED, 0},
	    {"measure=recent window=37 tolerance=100", 36, 36, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=recent window=1 tolerance=100", 1, 1, 1, OUTCOME_SOLVED, 0},
	    {"measure=test window=5 test_every=13 tolerance=100", 1000, 13, 1, OUTCOME_SOLVED, 0},
	    {"measure=test window=5 test_every=13 tolerance=100", 12, 12, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=1 tolerance=100 test_set=fixed", 1, 1, 1, OUTCOME_SOLVED, 0},
	    {"measure=test window=5 test_every=13 tolerance=100 milestones=a:b:c wrong_below=1:1:1", 100, 13, 3, OUTCOME_SOLVED, 0},
	    {"measure=recent window=9 tolerance=100 milestones=a:b:c wrong_below=3:2:1", 100, 9, 3, OUTCOME_SOLVED, 0},
	    /* none is */
	    {"measure=recent window=37 tolerance=0", 100, 100, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=13 tolerance=0", 100, 100, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=13 tolerance=0", 1, 1, 0, OUTCOME_UNSOLVED, -1},
	    /* all wrong, and that is allowed: wrong_below counts wrong ones strictly */
	    {"measure=recent window=37 tolerance=0 wrong_below=38", 100, 37, 1, OUTCOME_SOLVED, 20},
	    {"measure=recent window=37 tolerance=0 wrong_below=37", 100, 100, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=13 tolerance=0 wrong_below=6", 100, 13, 1, OUTCOME_SOLVED, 20},
	    {"measure=test window=5 test_every=13 tolerance=0 wrong_below=5", 100, 100, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=10 tolerance=0 milestones=a:b wrong_below=6:1", 100, 100, 1, OUTCOME_UNSOLVED, 20},
	    /* right, but the mean error is too large */
	    {"measure=recent window=37 tolerance=100 error_below=0", 100, 100, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=13 tolerance=100 error_below=0", 100, 100, 0, OUTCOME_UNSOLVED, -1},
	    {"measure=test window=5 test_every=13 tolerance=100 milestones=a:b wrong_below=1:1 error_below=50:0", 100, 100, 1,
	     OUTCOME_UNSOLVED, 0},
	    {"measure=recent window=37 tolerance=100 error_below=50", 100, 37, 1, OUTCOME_SOLVED, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char settings[500];
		snprintf(settings, sizeof settings, "task=two-sequence T=5 N=1 test_sequences=20 %s", cases[i].settings);
		const struct conditions c = conditions_of(settings);
		struct crowd *crowd = crowd_run(&c, cases[i].budget, up, 11, 0);
		for (int k = 0; k < 11; k++) {
			const struct result *r = &crowd->record[k].r;
			if (r->outcome != cases[i].outcome || r->sequences != cases[i].sequences || r->milestones != cases[i].milestones)
				fail_msg("%s: outcome %d, %ld sequences, %d milestones", cases[i].settings, (int)r->outcome, r->sequences,
					 r->milestones);
			assert_sound(cases[i].settings, &c, cases[i].budget, 5, &crowd->record[k]);
			for (int m = 0; m < r->milestones; m++)
				assert_int_equal(r->milestone[m].test_wrong, cases[i].wrong);
		}
		free(crowd);
	}
}

/* A budget of one sequence, everywhere. */
static void test_budget_one(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		const struct conditions c = conditions_of(families[i].settings);
		struct crowd *crowd = crowd_run(&c, 1, up, SEEDS, 0);
		for (int k = 0; k < SEEDS; k++) {
			const struct record *record = &crowd->record[k];
			assert_true(record->r.sequences == 1 && record->r.outcome == OUTCOME_UNSOLVED && record->r.points == 1);
			assert_true(!families[i].longest || record->r.steps <= families[i].longest);
		}
		free(crowd);
	}
}

/* Numbers of trials around LANES, and none. */
static void test_crowd_sizes(void **state)
{
	(void)state;
	const struct family *family = &families[9];
	const struct conditions c = conditions_of(family->settings);
	for (int n = 0; n <= SEEDS; n++) {
		struct crowd *crowd = crowd_run(&c, family->budget, up, n, 0);
		assert_true(crowd->taken == n && crowd->done == n);
		for (int k = 0; k < n; k++)
			assert_same(family->name, "smaller crowd", &crowd->record[k], &crowd_of(9)->record[k]);
		free(crowd);
	}
}

/* Trials at several learning rates in one group come out as among their like. */
static void assert_rates_share(const char *name, const char *settings, long budget)
{
	enum { RATES = 3 };
	const struct conditions c = conditions_of(settings);
	struct conditions at[RATES];
	double rates[SEEDS];
	for (int i = 0; i < RATES; i++) {
		at[i] = c;
		at[i].rule.rate = c.rule.rate / (1 << i);
		assert_true(conditions_share_group(&at[i], &at[0]));
	}
	for (int k = 0; k < SEEDS; k++)
		rates[k] = at[k % RATES].rule.rate;
	struct crowd *mixed = crowd_run_at(rates, &c, budget, up, SEEDS, 0);
	int differ = 0;
	for (int i = 0; i < RATES; i++) {
		struct crowd *crowd = crowd_run(&at[i], budget, up, SEEDS, 0);
		for (int k = 0; k < SEEDS; k++) {
			if (k % RATES == i)
				assert_same(name, "among other rates", &mixed->record[k], &crowd->record[k]);
			else
				differ += record_difference(&mixed->record[k], &crowd->record[k]) != NULL;
		}
		free(crowd);
	}
	assert_true(differ >= (RATES - 1) * SEEDS - 2); /* the rate matters */
	free(mixed);
}

static void test_rates(void **state)
{
	(void)state;
	static const char *const rules[] = {"rule=bptt", "rule=bptt-window depth=3", "rule=rtrl", "rule=elman",
					    "net=rnn units=3 rule=bptt"};
	for (int i = 0; i < FAMILIES; i++)
		assert_rates_share(families[i].name, families[i].settings, families[i].budget < 300 ? families[i].budget : 300);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		char settings[300];
		snprintf(settings, sizeof settings, "task=two-sequence T=9 N=1 rate=1 window=50 measure=recent test_sequences=10 %s",
			 rules[i]);
		assert_rates_share(rules[i], settings, 60);
	}
	assert_rates_share("chunker", "task=long-lag T=9 learner=chunker rate=1 window=50 measure=recent test_sequences=10", 60);
}

/* Only what differs in the rate alone shares a group, and that only without an optimizer. */
static void test_share(void **state)
{
	static const struct {
		const char *a, *b;
		bool share;
	} pairs[] = {
	    {"rate=1", "rate=1", true},
	    {"rate=1", "rate=0.1", true},
	    {"rate=1", "rate=1 T=7", false},
	    {"rate=1", "rate=0.1 init=0.3", false},
	    {"igb=-1:-2", "igb=-1:-3 rate=2", false},
	    {"igb=-1:-2", "igb=-1:-2 rate=2", true},
	    {"igb=-1:-2", "igb=-1:-2:-3 rate=2", false},
	    {"milestones=a:b", "milestones=a:c", false},
	    {"error_below=any", "error_below=1", false},
	    {"rule=bptt", "rule=rtrl", false},
	    {"optimizer=adam rate=1", "optimizer=adam rate=1", true},
	    {"optimizer=adam rate=1", "optimizer=adam rate=2", false},
	    {"optimizer=momentum rate=1", "optimizer=momentum rate=2", false},
	    {"clip=1 rate=1", "clip=1 rate=2", false},
	    {"clip=1 rate=1", "rate=1", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const struct conditions a = conditions_of(pairs[i].a), b = conditions_of(pairs[i].b);
		if (conditions_share_group(&a, &b) != pairs[i].share || conditions_share_group(&b, &a) != pairs[i].share)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
	}
}

/* Without counters and stop flag. */
static void test_optional_calls(void **state)
{
	(void)state;
	const struct conditions c = conditions_of(families[9].settings);
	struct crowd *crowd = memory_zeroed(1, sizeof *crowd);
	crowd->seeds = up;
	crowd->n = 3;
	const struct group_calls calls = {.to = crowd, .take = take, .done = done};
	group_run(&c, families[9].budget, &calls);
	for (int k = 0; k < 3; k++)
		assert_same("no counters", "", &crowd->record[k], &crowd_of(9)->record[k]);
	free(crowd);
}

static void test_stop(void **state)
{
	(void)state;
	const struct family *family = &families[9];
	const struct conditions c = conditions_of(family->settings);
	for (int after = 1; after <= 5; after++) {
		struct crowd *crowd = crowd_run(&c, family->budget, up, SEEDS, after);
		/* others may end in the very same step, no later */
		assert_in_range(crowd->done, after, after + LANES - 1);
		assert_true(crowd->taken < SEEDS || LANES + after >= SEEDS);
		assert_true(crowd->taken > crowd->done || crowd->taken == SEEDS);
		for (int k = 0; k < SEEDS; k++)
			if (crowd->record[k].times)
				assert_same(family->name, "stopped", &crowd->record[k], &crowd_of(9)->record[k]);
		free(crowd);
	}
	/* set from the start: nothing is reported */
	struct crowd *crowd = memory_zeroed(1, sizeof *crowd);
	crowd->seeds = up;
	crowd->n = SEEDS;
	atomic_store(&crowd->stop, true);
	const struct group_calls calls = {.to = crowd, .take = take, .done = done, .steps = &crowd->steps, .stop = &crowd->stop};
	group_run(&c, family->budget, &calls);
	assert_int_equal(crowd->done, 0);
	assert_true(atomic_load(&crowd->steps) <= 5 * LANES);
	free(crowd);
}

/* --- sequences that are longer than expected --- */

static void test_longer_than_the_ring(void **state)
{
	(void)state;
	static const char *const settings[] = {
	    "task=distractors T=1 symbols=1 connectivity=F rate=0.1 tolerance=0 measure=recent window=50",
	    "task=distractors T=2 symbols=4 connectivity=F+shortcuts rate=0.1 tolerance=0 window=30 test_every=100 update=late "
	    "wrong_below=31 milestones=a:b:c wrong_below=31:31:1",
	};
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const struct conditions c = conditions_of(settings[i]);
		const long budget = 3000;
		/* the lengths themselves, from the stream of training: independent of net and group */
		long longest = 0;
		struct crowd *crowd = crowd_run(&c, budget, up, SEEDS, 0);
		for (int k = 0; k < SEEDS; k++) {
			struct rng r = rng_stream(up[k], "train");
			struct sequence sequence = {0};
			long steps = 0;
			for (long n = 0; n < budget; n++) {
				task_types[c.task.task]->draw(&c.task, NULL, &r, -1, &sequence);
				steps += sequence.length;
				longest = sequence.length > longest ? sequence.length : longest;
			}
			sequence_free(&sequence);
			assert_int_equal(crowd->record[k].r.sequences, budget);
			assert_int_equal(crowd->record[k].r.steps, steps);
		}
		assert_true(longest > 100); /* the ring starts with about 70 steps */
		struct crowd *other = crowd_run(&c, budget, down, SEEDS, 0);
		for (int k = 0; k < SEEDS; k++)
			assert_same("long", "reversed", &crowd->record[k], &other->record[SEEDS - 1 - k]);
		for (int k = 0; k < SEEDS; k += 5) {
			struct crowd *one = crowd_run(&c, budget, &up[k], 1, 0);
			assert_same("long", "alone", &crowd->record[k], &one->record[0]);
			free(one);
		}
		free(other);
		free(crowd);
	}
}

/* --- a trial again, by a plain loop: lane 0, step by step, no ring, no running sums --- */

struct replay {
	const struct conditions *c;
	const struct task_type *task;
	struct task_shape shape;
	struct learner *learner;
	struct sequence sequence;
	struct frames frames;
	long capacity;
	void *data;
	bool wrong;
	long steps;
	double error, square, all_steps_error; /* means of the sequence, or stream */
};

static void replay_draw(struct replay *p, struct rng *r, long test)
{
	const struct conditions *c = p->c;
	const struct sequence *s = &p->sequence;
	const int in = p->shape.in;
	p->task->draw(&c->task, p->data, r, test, &p->sequence);
	if (s->length > p->capacity) {
		p->capacity = 2 * s->length;
		free(p->frames.value);
		free(p->frames.index);
		p->frames = (struct frames){.coding = p->shape.coding, .in = in};
		p->frames.value = memory_zeroed((size_t)(p->capacity * in), sizeof *p->frames.value);
		p->frames.index = memory_zeroed((size_t)p->capacity, sizeof *p->frames.index);
	}
	for (long t = 0; t < s->length; t++)
		if (p->shape.coding == INPUT_LOCAL)
			p->frames.index[t][0] = s->index[t];
		else
			for (int i = 0; i < in; i++)
				p->frames.value[t * in + i][0] = s->value[t * in + i];
}

/* Is 1 what output k should be at step t? */
static bool replay_is_target(const struct replay *p, long t, int k)
{
	return k == p->sequence.target[t] || (p->shape.possible && p->sequence.legal[t] >> k & 1);
}

/* Its parts one after the other, where it is a stream. */
static void replay_sequence(struct replay *p, struct rng *r, long test)
{
	const struct conditions *c = p->c;
	struct net *net = p->learner->net;
	const struct sequence *s = &p->sequence;
	const int out = p->shape.out;
	double error = 0.0, square = 0.0, largest = 0.0, all = 0.0, rate = c->rule.rate;
	long judged = 0, answers = 0, steps = 0;
	bool illegal = false, wrong = false;
	const long most = !p->shape.stream ? 1L << 40 : test < 0 ? c->trial.stream_length : c->trial.test_stream_length;
	for (long t = 0; !steps || (p->shape.stream ? !wrong && steps < most : t < s->length); t++, steps++) {
		if (!steps || t == s->length) {
			if (steps && c->trial.external_reset)
				learner_finish(p->learner, ilane_set(-1));
			replay_draw(p, r, test);
			t = 0;
			if (!steps || c->trial.external_reset)
				learner_reset(p->learner, 0, s->length);
		}
		const bool last = t == s->length - 1;
		learner_advance(p->learner, &p->frames, t, 1);
		if (!last && !p->shape.every_step)
			continue;
		learner_answer(p->learner, &p->frames, t);
		double step_error = 0.0, step_square = 0.0, lowest_legal = INFINITY, highest_legal = -INFINITY, highest_illegal = -INFINITY;
		const bool counts = last || c->trial.judged == JUDGED_EVERY;
		for (int k = 0; k < out; k++) {
			const double y = net->y_out[k][0], d = fabs((replay_is_target(p, t, k) ? s->ideal : 0.0) - y);
			step_error += d;
			step_square = fma(d, d, step_square);
			if (counts)
				largest = fmax(largest, d);
			if (p->shape.grammar && s->legal[t] >> k & 1) {
				lowest_legal = fmin(lowest_legal, y);
				highest_legal = fmax(highest_legal, y);
			} else {
				highest_illegal = fmax(highest_illegal, y);
			}
		}
		const bool legal = (c->trial.judge == JUDGE_TOP ? highest_legal : lowest_legal) > highest_illegal;
		if (c->trial.judge != JUDGE_NEXT_TO_LAST || t == s->length - 2)
			illegal = illegal || !legal;
		all += step_error;
		answers++;
		if (counts) {
			error += step_error;
			square += step_square;
			judged++;
		}
		wrong = c->trial.judge == JUDGE_TOLERANCE ? !(largest < c->trial.tolerance) : illegal;
		if (test >= 0)
			continue;
		lane target[LINES] = {{0}};
		struct lesson lesson = {.line = ilane_set(-1), .target = target};
		lesson.line[0] = s->target[t];
		for (int k = 0; k < out; k++)
			target[k][0] = replay_is_target(p, t, k) ? s->target_value : 0.0;
		lesson.rate[0] = rate;
		rate *= c->rule.rate_decay;
		lesson.learns[0] = -1;
		lesson.last[0] = last ? -1 : 0;
		learner_teach(p->learner, &p->frames, t, &lesson);
	}
	learner_finish(p->learner, ilane_set(-1));
	p->error = error / (double)(judged * out);
	p->square = square / (double)(judged * out);
	p->all_steps_error = all / (double)(answers * out);
	p->wrong = wrong;
	p->steps = steps;
}

/* Has this and that many wrong ones, this mean error and this mean length of streams reached milestone i? */
static bool replay_reached(const struct trial_options *o, int i, long wrong, double mean, double length)
{
	return (double)wrong < o->wrong_below.v[i] && (o->error_below.n < 0 || mean < o->error_below.v[i]) &&
	       (o->length_above.n < 0 || length > o->length_above.v[i]);
}

/* A point of the curve at `end`; errors: of all sequences, start: the point before. */
static long replay_point(struct record *record, const double *errors, long start, long end)
{
	double sum = 0.0;
	for (long i = start; i < end; i++)
		sum += errors[i];
	if (end > start)
		record->curve[record->r.points++] = (struct curve_point){end, sum / (double)(end - start)};
	return end;
}

static void replay_trial(const struct conditions *c, long budget, uint64_t seed, struct record *record)
{
	struct error e = {0};
	const struct trial_options *o = &c->trial;
	struct replay p = {.c = c, .task = task_types[c->task.task]};
	p.shape = p.task->shape(&c->task);
	p.learner = conditions_learner(c, &p.shape, &e);
	if (p.task->data_size) {
		p.data = memory_zeroed(1, p.task->data_size(&c->task));
		p.task->data_draw(&c->task, seed, p.data);
	}
	struct rng weights = rng_stream(seed, "weights"), train = rng_stream(seed, "train"), test = rng_stream(seed, "test");
	learner_start(p.learner, 0, &weights);
	p.learner->net->grown[0] = o->grow == GROW_START;
	const int milestones = conditions_milestones(c);
	bool *wrongs = memory_zeroed((size_t)budget + 1, sizeof *wrongs);
	double *errors = memory_zeroed((size_t)budget + 1, sizeof *errors), *all = memory_zeroed((size_t)budget + 1, sizeof *all);
	memset(record, 0, sizeof *record);
	struct result *r = &record->r;
	r->seed = seed;
	r->outcome = OUTCOME_UNSOLVED;
	long point = 0;
	while (r->sequences < budget && r->milestones < milestones) {
		replay_sequence(&p, &train, -1);
		const long n = r->sequences++;
		r->steps += p.steps;
		wrongs[n] = p.wrong;
		errors[n] = p.error;
		all[n] = p.all_steps_error;
		if (n + 1 >= (point ? point + (point + 7) / 8 : 1))
			point = replay_point(record, errors, point, n + 1);
		if (o->grow == GROW_PLATEAU && p.learner->net->grown[0] == 0.0 && (n + 1) % o->grow_window == 0 &&
		    n + 1 >= 2 * o->grow_window) {
			double now = 0.0, before = 0.0;
			for (long i = 0; i < o->grow_window; i++) {
				now += all[n + 1 - o->grow_window + i];
				before += all[n + 1 - 2 * o->grow_window + i];
			}
			if (!(now / (double)o->grow_window < o->grow_ratio * (before / (double)o->grow_window)))
				p.learner->net->grown[0] = 1.0;
		}
		long wrong = 0;
		double sum = 0.0;
		const int first = r->milestones;
		if (o->measure == MEASURE_RECENT) {
			if (n + 1 < o->window)
				continue;
			for (long i = n + 1 - o->window; i <= n; i++) {
				wrong += wrongs[i];
				sum += errors[i];
			}
			while (r->milestones < milestones && replay_reached(o, r->milestones, wrong, sum / (double)o->window, 0.0))
				r->milestone[r->milestones++].sequences = n + 1;
		} else {
			if ((n + 1) % o->test_every)
				continue;
			if (o->test_set == TEST_FIXED)
				test = rng_stream(seed, "test");
			const long window = p.shape.test_set ? p.shape.test_set : o->window;
			long i = 0, right = 0;
			for (; i < window && (double)wrong < o->wrong_below.v[first]; i++) { /* no more once it has failed */
				replay_sequence(&p, &test, i);
				wrong += p.wrong;
				sum += p.error;
				right += p.wrong ? p.steps - 1 : p.steps;
			}
			while (i == window && r->milestones < milestones &&
			       replay_reached(o, r->milestones, wrong, sum / (double)window, (double)right / (double)window))
				r->milestone[r->milestones++].sequences = n + 1;
		}
		if (r->milestones == first || !o->test_sequences)
			continue;
		struct milestone *m = &r->milestone[first];
		double error = 0.0, square = 0.0;
		for (long i = 0; i < o->test_sequences; i++) {
			replay_sequence(&p, &test, i);
			m->test_wrong += p.wrong;
			error += p.error;
			square += p.square;
		}
		m->test_sequences = o->test_sequences;
		m->test_mean_error = error / (double)o->test_sequences;
		m->test_mean_square = square / (double)o->test_sequences;
		for (int i = first + 1; i < r->milestones; i++)
			r->milestone[i] = *m;
	}
	replay_point(record, errors, point, r->sequences);
	if (r->milestones == milestones)
		r->outcome = OUTCOME_SOLVED;
	record->weights = copy_weights(p.learner, 0, record->w);
	free(wrongs);
	free(errors);
	free(all);
	free(p.data);
	free(p.frames.value);
	free(p.frames.index);
	sequence_free(&p.sequence);
	learner_free(p.learner);
}

/* Bit for bit. (The window's mean error comes from a running sum in the group; a milestone that hangs on the last bit of
   it could differ, but none does here.) */
static void test_replay(void **state)
{
	(void)state;
	static struct record record;
	static const int seeds[] = {1, 12};
	for (int i = 0; i < FAMILIES; i++) {
		const struct conditions c = conditions_of(families[i].settings);
		for (size_t k = 0; k < sizeof seeds / sizeof *seeds; k++) {
			replay_trial(&c, families[i].budget, up[seeds[k]], &record);
			assert_same(families[i].name, "replayed", &crowd_of(i)->record[seeds[k]], &record);
		}
	}
}

/* --- streams --- */

enum { RUN = 700 };

/* One training stream of RUN symbols in which nothing is wrong, as one run of lane 0 from the first symbol to the last: strings are
   only told apart for an external reset, by the symbols themselves (E, then B). */
static void run_by_hand(const struct conditions *c, uint64_t seed, double *w)
{
	static int symbol[RUN + 100], target[RUN + 100];
	static uint32_t legal[RUN + 100];
	const struct task_type *task = task_types[c->task.task];
	const struct task_shape shape = task->shape(&c->task);
	struct error e = {0};
	struct learner *learner = conditions_learner(c, &shape, &e);
	struct rng weights = rng_stream(seed, "weights"), train = rng_stream(seed, "train");
	struct sequence part = {0};
	for (long n = 0; n < RUN;) {
		task->draw(&c->task, NULL, &train, -1, &part);
		for (long t = 0; t < part.length; t++, n++) {
			symbol[n] = part.index[t];
			target[n] = part.target[t];
			legal[n] = part.legal[t];
		}
	}
	sequence_free(&part);
	struct frames frames = {.coding = INPUT_LOCAL, .in = shape.in, .index = memory_zeroed(RUN, sizeof(ilane))};
	learner_start(learner, 0, &weights);
	learner_reset(learner, 0, RUN);
	double rate = c->rule.rate;
	for (long t = 0; t < RUN; t++) {
		frames.index[t][0] = symbol[t];
		if (c->trial.external_reset && t && symbol[t - 1] == 6 && symbol[t] == 0) {
			learner_finish(learner, ilane_set(-1));
			learner_reset(learner, 0, RUN);
		}
		learner_advance(learner, &frames, t, 1);
		learner_answer(learner, &frames, t);
		lane targets[LINES] = {{0}};
		struct lesson lesson = {.line = ilane_set(-1), .target = targets};
		lesson.line[0] = target[t];
		for (int k = 0; k < shape.out; k++)
			targets[k][0] = k == target[t] || (c->task.predict == PREDICT_POSSIBLE && legal[t] >> k & 1);
		lesson.rate[0] = rate;
		lesson.learns[0] = -1;
		rate *= c->rule.rate_decay;
		learner_teach(learner, &frames, t, &lesson);
	}
	learner_finish(learner, ilane_set(-1));
	copy_weights(learner, 0, w);
	free(frames.index);
	learner_free(learner);
}

static void test_stream_is_one_run(void **state)
{
	(void)state;
	static const char *const settings[] = {
	    STREAM,
	    STREAM "forget=gate fgb=1 predict=possible",
	    STREAM "forget=gate fgb=1 predict=possible rate_decay=0.99",
	    STREAM "update=late state_decay=0.9",
	    STREAM "update=sequence rate=0.001",
	    STREAM "external_reset=yes predict=possible",
	    STREAM "external_reset=yes rate_decay=0.999 update=sequence",
	    STREAM "external_reset=yes update=late",
	    STREAM "rule=rtrl rate_decay=0.999 forget=gate",
	    "task=continual-reber net=rnn units=3 connectivity=full rule=rtrl forcing=yes predict=possible init=0.3 rate=0.2",
	};
	enum { SETTINGS = sizeof settings / sizeof *settings };
	static double w[SETTINGS][WEIGHTS];
	for (int i = 0; i < SETTINGS; i++) {
		char all[500];
		snprintf(all, sizeof all, "%s tolerance=100 stream_length=%d window=1 test_every=1 test_stream_length=1 test_sequences=0",
			 settings[i], RUN);
		const struct conditions c = conditions_of(all);
		struct crowd *crowd = crowd_run(&c, 1, up, 11, 0);
		for (int k = 0; k < 11; k++) {
			const struct record *record = &crowd->record[k];
			assert_true(record->r.outcome == OUTCOME_SOLVED && record->r.sequences == 1 && record->r.steps == RUN);
			run_by_hand(&c, up[k], w[i]);
			for (long n = 0; n < record->weights; n++)
				if (record->w[n] != w[i][n])
					fail_msg("%s, seed %lu: another weight %ld", settings[i], (unsigned long)up[k], n);
		}
		assert_int_equal(atomic_load(&crowd->steps), 11 * (RUN + 1));
		free(crowd);
		for (int other = 0; other < i; other++) /* and every option matters */
			assert_memory_not_equal(w[i], w[other], sizeof *w / 10);
	}
}

/* At the end of a stream all is reset: of streams that end at once, at the first answer, an external reset changes nothing; and where
   strings have one symbol more than the stream it does not either, in the next stream. */
static void test_streams_start_anew(void **state)
{
	(void)state;
	static const struct {
		const char *settings;
		bool same;
	} cases[] = {
	    {STREAM "tolerance=0 stream_length=50 rate_decay=0.5", true}, /* all wrong */
	    {STREAM "tolerance=100 stream_length=1", true},
	    {STREAM "tolerance=100 stream_length=9", true}, /* no string is shorter */
	    {STREAM "tolerance=100 stream_length=9 update=sequence", true},
	    {STREAM "tolerance=100 stream_length=10", false},
	    {STREAM "tolerance=0.7 stream_length=100", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct crowd *crowd[2];
		for (int reset = 0; reset < 2; reset++) {
			char all[500];
			snprintf(all, sizeof all, "%s external_reset=%s window=1 test_every=1000", cases[i].settings, reset ? "yes" : "no");
			const struct conditions c = conditions_of(all);
			crowd[reset] = crowd_run(&c, 100, up, 10, 0);
		}
		int same = 0;
		for (int k = 0; k < 10; k++)
			same += !record_difference(&crowd[0]->record[k], &crowd[1]->record[k]);
		if (cases[i].same ? same != 10 : same == 10)
			fail_msg("%s: %d of 10 the same", cases[i].settings, same);
		free(crowd[0]);
		free(crowd[1]);
	}
}

/* Lengths, and the stops that they reach. */
static void test_stream_lengths(void **state)
{
	(void)state;
	static const struct {
		const char *settings;
		long budget, sequences, steps, test_steps; /* negative: any */
		int milestones;
	} cases[] = {
	    /* nothing is wrong */
	    {"tolerance=100 stream_length=1000 test_stream_length=77 window=5 test_every=1", 100, 1, 1000, 5 * 77, 1},
	    {"tolerance=100 stream_length=100 test_stream_length=30 window=5 test_every=4", 100, 4, 400, 5 * 30, 1},
	    {"tolerance=100 stream_length=100 test_stream_length=30 window=5 test_every=1 length_above=29", 100, 1, 100, 5 * 30, 1},
	    {"tolerance=100 stream_length=100 test_stream_length=30 window=5 test_every=1 length_above=30", 3, 3, 300, 3 * 5 * 30, 0},
	    /* the limit is reached in the third stream */
	    {"tolerance=100 stream_length=100 test_stream_length=30 window=5 test_every=1 length_above=30 step_limit=201", 9, 3, 300,
	     3 * 5 * 30, 0},
	    {"tolerance=100 stream_length=100 test_stream_length=30 window=5 test_every=1 length_above=30 step_limit=200", 9, 2, 200,
	     2 * 5 * 30, 0},
	    {"tolerance=100 stream_length=100 test_stream_length=30 window=5 test_every=2 length_above=29 step_limit=101", 9, 2, 200,
	     5 * 30, 1},
	    {"tolerance=100 stream_length=3 window=10 measure=recent test_stream_length=9 test_sequences=2", 100, 10, 30, 2 * 9, 1},
	    /* all is: streams of one step; a failed test ends with its first wrong stream, unless more of them are allowed */
	    {"tolerance=0 stream_length=1000 window=5 test_every=1", 7, 7, 7, 7, 0},
	    {"tolerance=0 stream_length=1000 window=5 test_every=1 wrong_below=6", 7, 1, 1, 5, 1},
	    {"tolerance=0 stream_length=1000 window=5 test_every=1 wrong_below=6 length_above=0", 7, 7, 7, 7 * 5, 0},
	    {"tolerance=0 window=5 test_every=1 wrong_below=6:1 milestones=good:perfect length_above=0:0", 7, 7, 7, 7 * 5, 0},
	    {"tolerance=0 window=5 test_every=1 wrong_below=6:1 milestones=a:b", 7, 7, 7, 5 + 6, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char all[500];
		snprintf(all, sizeof all, "test_sequences=0 " STREAM "%s", cases[i].settings);
		const struct conditions c = conditions_of(all);
		struct crowd *crowd = crowd_run(&c, cases[i].budget, up, 11, 0);
		for (int k = 0; k < 11; k++) {
			const struct result *r = &crowd->record[k].r;
			if (r->sequences != cases[i].sequences || r->steps != cases[i].steps || r->milestones != cases[i].milestones)
				fail_msg("%s: %ld sequences, %ld steps, %d milestones", cases[i].settings, r->sequences, r->steps,
					 r->milestones);
		}
		assert_int_equal(atomic_load(&crowd->steps), 11 * (cases[i].steps + cases[i].test_steps));
		free(crowd);
	}
}

/* With targets for both symbols of a fork all errors can be small; with one they cannot: half of the first answers are wrong. */
static void test_fork(void **state)
{
	(void)state;
	for (int predict = 0; predict < 2; predict++) {
		struct conditions c = conditions_of(STREAM "tolerance=0.49 stream_length=2 measure=recent window=20 test_sequences=0");
		c.task.predict = predict;
		struct crowd *crowd = crowd_run(&c, 3000, up, 10, 0);
		for (int k = 0; k < 10; k++)
			assert_int_equal(crowd->record[k].r.outcome, predict == PREDICT_POSSIBLE ? OUTCOME_SOLVED : OUTCOME_UNSOLVED);
		free(crowd);
	}
}

static void test_stream_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *key, *value, *text;
	} cases[] = {
	    {STREAM, "rule", "bptt-truncated", "update: going back over the whole sequence is possible at its end only; expected sequence"},
	    {STREAM "update=sequence", "rule", "bptt",
	     "rule: bptt goes back over whole sequences, but a stream has no end; expected a rule that goes forwards"},
	    {STREAM "external_reset=yes", "rule", "bptt-window",
	     "rule: bptt-window goes back over whole sequences, but a stream has no end; expected a rule that goes forwards"},
	    {STREAM, "rule", "elman",
	     "rule: elman goes back over whole sequences, but a stream has no end; expected a rule that goes forwards"},
	    {STREAM, "judged", "last", "judged: a stream ends at its first wrong answer, so that each is judged; expected every"},
	    {STREAM, "judge", "next-to-last", "judge: a stream has no symbol before its last; expected tolerance, legal or top"},
	    {STREAM, "order", "epoch", "order: epoch, but the task draws every training sequence afresh; expected random"},
	    {STREAM "measure=recent", "length_above", "5",
	     "length_above: only test streams are asked for it (measure = test); expected any"},
	    {STREAM, "length_above", "5:6", "length_above: 2 values for 1 milestones, expected one each, or any"},
	    {STREAM "rate_decay=0.99 update=sequence", "clip", "1", "rate_decay: not known to optimizers and clip; expected 1"},
	    {REBER, "length_above", "5", "length_above: given, but the task has no streams; expected any"},
	    {REBER, "rate_decay", "0.99", "rate_decay: given, but the task has no streams; expected 1"},
	    {REBER, "step_limit", "9", "step_limit: given, but the task has no streams; expected 0"},
	    {REBER, "external_reset", "yes", "external_reset: given, but the task has no streams; expected no"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct conditions c = conditions_of(cases[i].settings);
		struct error e = {0};
		assert_true(conditions_set(&c, cases[i].key, cases[i].value, &e));
		assert_false(conditions_check(&c, NULL, &e));
		assert_string_equal(e.text, cases[i].text);
	}
}

/* Growing matters: before, the network is another one. */
static void test_growing(void **state)
{
	(void)state;
	struct conditions c = conditions_of("task=long-lag T=4 connectivity=F+shortcuts rate=1 init=0.2 measure=recent window=50 "
					    "tolerance=0.25 grow=plateau grow_window=40 grow_ratio=0 test_sequences=0");
	struct crowd *at_once = crowd_run(&c, 80, up, 4, 0); /* ratio 0: after two windows, come what may */
	c.trial.grow_ratio = 1e-12;
	struct crowd *alike = crowd_run(&c, 80, up, 4, 0);
	struct crowd *longer = crowd_run(&c, 120, up, 4, 0);
	c.trial.grow_window = 1000;
	struct crowd *never = crowd_run(&c, 120, up, 4, 0), *start = NULL;
	c.trial.grow = GROW_START;
	start = crowd_run(&c, 120, up, 4, 0);
	static double initial[WEIGHTS];
	const struct task_shape shape = task_types[c.task.task]->shape(&c.task);
	for (int k = 0; k < 4; k++) {
		struct error e = {0};
		struct learner *learner = conditions_learner(&c, &shape, &e);
		struct rng r = rng_stream(up[k], "weights");
		learner_start(learner, 0, &r);
		const long n = copy_weights(learner, 0, initial);
		const long hidden = learner->net->to_hidden[0].rows * (long)learner->net->to_hidden[0].cols; /* inputs come first */
		long moved_before = 0, moved_after = 0, moved_never = 0, moved_start = 0, moved_output = 0;
		for (long i = 0; i < n; i++) {
			moved_before += i < hidden && at_once->record[k].w[i] != initial[i];
			moved_after += i < hidden && longer->record[k].w[i] != initial[i];
			moved_never += i < hidden && never->record[k].w[i] != initial[i];
			moved_start += i < hidden && start->record[k].w[i] != initial[i];
			moved_output += i >= hidden && never->record[k].w[i] != initial[i];
		}
		assert_int_equal(moved_before, 0);
		assert_int_equal(moved_never, 0);
		assert_true(moved_after > hidden / 2 && moved_start > hidden / 2 && moved_output > 0);
		assert_null(record_difference(&at_once->record[k], &alike->record[k]));
		learner_free(learner);
	}
	free(at_once);
	free(alike);
	free(longer);
	free(never);
	free(start);
}

/* With data_seed all trials see the same, with weight_seed all start alike; with both they are one trial. */
static void test_seeds_apart(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "data_seed=7", "weight_seed=7", "data_seed=5 weight_seed=5"};
	static const char *const task = "task=temporal-order T=20 blocks=2 cells=1 bias=all igb=r ogb=r rate=0.5 measure=recent window=50";
	for (int i = 0; i < 4; i++) {
		struct error e = {0};
		struct conditions c = conditions_defaults();
		char copy[300], *rest = copy;
		snprintf(copy, sizeof copy, "%s %s", task, texts[i]);
		for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
			char *value = strchr(pair, '=');
			*value++ = '\0';
			assert_true(conditions_set(&c, pair, value, &e));
		}
		struct rng train[2], weights[2];
		for (int k = 0; k < 2; k++) {
			train[k] = conditions_stream(&c, (uint64_t)k + 5, "train");
			weights[k] = conditions_stream(&c, (uint64_t)k + 5, "weights");
		}
		assert_int_equal(rng_bits(&train[0]) == rng_bits(&train[1]), i == 1 || i == 3);
		assert_int_equal(rng_bits(&weights[0]) == rng_bits(&weights[1]), i == 2 || i == 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_alone),
	    cmocka_unit_test(test_same_in_reversed_order),
	    cmocka_unit_test(test_same_twice_and_with_a_larger_budget),
	    cmocka_unit_test(test_tight_budget),
	    cmocka_unit_test(test_longer_goes_the_same_way),
	    cmocka_unit_test(test_diverging_neighbours),
	    cmocka_unit_test(test_overflowing_neighbours),
	    cmocka_unit_test(test_sound),
	    cmocka_unit_test(test_solved_is_solved),
	    cmocka_unit_test(test_first_chance),
	    cmocka_unit_test(test_budget_one),
	    cmocka_unit_test(test_crowd_sizes),
	    cmocka_unit_test(test_rates),
	    cmocka_unit_test(test_share),
	    cmocka_unit_test(test_optional_calls),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_longer_than_the_ring),
	    cmocka_unit_test(test_replay),
	    cmocka_unit_test(test_seeds_apart),
	    cmocka_unit_test(test_stream_is_one_run),
	    cmocka_unit_test(test_streams_start_anew),
	    cmocka_unit_test(test_stream_lengths),
	    cmocka_unit_test(test_fork),
	    cmocka_unit_test(test_stream_refusals),
	    cmocka_unit_test(test_growing),
	};
	return cmocka_run_group_tests(tests, NULL, free_crowds);
}
