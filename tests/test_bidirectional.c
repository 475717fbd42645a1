/* test_bidirectional.c: two nets, one of which reads the sequence from its end.
   Does: compare answers with those of two plain nets that are stepped by hand, and changes of all weights of both with differences
   of the error of these; lanes of different lengths that wait in a ring full of garbage; a wrong order of reading must be seen.
   Refusals, weight counts, trials alone and in a crowd, a trained one computed again, a lag that is none from the other end.
   Does not: repeat what each rule does on each net (test_rules.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"
#include "run/trained.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN = 3, OUT = 2, LONGEST = 9, SEEDS = 11 };

/* === Answers and changes against two nets stepped by hand === */

struct script {
	int length[LANES];
	double x[LONGEST][IN][LANES];
	int index[LONGEST][LANES];
	int line[LANES];
	double target[LANES];
};

struct setting {
	struct conditions c;
	struct task_shape shape;
	bool some_grown; /* in every other lane the hidden layers are missing */
};

/* In what order the second net reads; but for the first all are wrong. */
enum order { FROM_THE_END, FROM_THE_START, FROM_THE_LAST_BUT_ONE, FROM_THE_LONGEST_END, ORDERS };

static struct setting setting_of(const char *settings, enum input_coding coding)
{
	struct setting s = {.c = conditions_of(settings), .shape = {.coding = coding, .in = IN, .out = OUT}};
	for (s.c.learner.learner = 0; strcmp(learner_types[s.c.learner.learner]->name, "bidirectional") != 0; s.c.learner.learner++)
		;
	return s;
}

/* NULL where the rule cannot train the net. */
static struct learner *learner_of(const struct setting *s, struct rng *r)
{
	struct error e = {0};
	struct learner *learner = conditions_learner(&s->c, &s->shape, &e);
	if (!learner)
		return NULL;
	for (int l = 0; l < LANES; l++) {
		double *w;
		for (int i = 0; (w = weight_at(learner, i, l)); i++)
			*w = rng_between(r, -0.8, 0.8);
		learner->net->grown[l] = !s->some_grown || l % 2;
	}
	return learner;
}

static void script_draw(struct script *script, bool same_lengths, struct rng *r)
{
	for (int l = 0; l < LANES; l++) {
		script->length[l] = same_lengths ? LONGEST : 1 + rng_below(r, LONGEST);
		for (int t = 0; t < LONGEST; t++) {
			script->index[t][l] = rng_below(r, IN);
			for (int i = 0; i < IN; i++)
				script->x[t][i][l] = rng_between(r, -1.0, 1.0);
		}
		script->line[l] = rng_below(r, OUT);
		script->target[l] = rng_between(r, -0.5, 1.5);
	}
}

static int place(const struct script *script, int l, int t, enum order order)
{
	switch (order) {
	case FROM_THE_END: return script->length[l] - 1 - t;
	case FROM_THE_LAST_BUT_ONE: return (2 * script->length[l] - 2 - t) % script->length[l];
	case FROM_THE_LONGEST_END: return LONGEST - 1 - t;
	default: return t;
	}
}

/* One step of a net: in every lane whose sequence has a step t that of the script's, read in this order. */
static void step_by_hand(struct net *net, const struct setting *s, const struct script *script, int t, enum order order)
{
	lane x[IN] = {{0}};
	struct frame frame = {.value = s->shape.coding == INPUT_REAL ? x : NULL};
	for (int l = 0; l < LANES; l++) {
		if (t >= script->length[l])
			continue;
		frame.index[l] = script->index[place(script, l, t, order)][l];
		for (int i = 0; i < IN; i++)
			x[i][l] = script->x[place(script, l, t, order)][i][l];
	}
	const struct frames f = {.coding = s->shape.coding, .in = IN, .steps = 1, .value = x, .index = &frame.index};
	net_run(net, &f, 0, 1);
	net_answer(net, &frame);
}

/* y (OUT, LANES) at the lanes' last steps, from the nets of `learner`, which are used for no more than their steps and weights. */
static void answer_by_hand(struct learner *learner, const struct setting *s, const struct script *script, enum order order, double *y)
{
	struct net *const nets[] = {learner->net, learner->other};
	nets[1]->grown = nets[0]->grown;
	for (int l = 0; l < LANES; l++)
		for (int side = 0; side < 2; side++)
			net_reset(nets[side], l);
	for (int t = 0; t < LONGEST; t++) {
		step_by_hand(nets[0], s, script, t, FROM_THE_START);
		step_by_hand(nets[1], s, script, t, order);
		for (int l = 0; l < LANES; l++)
			for (int k = 0; k < OUT && t == script->length[l] - 1; k++) {
				const double sum = nets[0]->y_out[k][l] + nets[1]->y_out[k][l];
				y[k * LANES + l] = s->c.net.output == OUTPUT_LOGISTIC ? 1.0 / (1.0 + exp(-sum)) : sum;
			}
	}
}

/* E = 1/2 sum_k (target_k - y_k)^2 in every lane */
static lane error_by_hand(struct learner *learner, const struct setting *s, const struct script *script)
{
	double y[OUT * LANES] = {0.0};
	lane e = {0};
	answer_by_hand(learner, s, script, FROM_THE_END, y);
	for (int l = 0; l < LANES; l++)
		for (int k = 0; k < OUT; k++) {
			const double miss = (k == script->line[l] ? script->target[l] : 0.0) - y[k * LANES + l];
			e[l] += 0.5 * miss * miss;
		}
	return e;
}

/* -dE/dw of weight i in every lane, the error being of order delta^6 */
static lane difference(struct learner *learner, const struct setting *s, const struct script *script, int i)
{
	lane slope[3];
	double delta = 0x1p-8;
	for (int n = 0; n < 3; n++, delta /= 2.0) {
		lane e[2];
		for (int side = 0; side < 2; side++) {
			double before[LANES];
			for (int l = 0; l < LANES; l++) {
				before[l] = *weight_at(learner, i, l);
				*weight_at(learner, i, l) += side ? delta : -delta;
			}
			e[side] = error_by_hand(learner, s, script);
			for (int l = 0; l < LANES; l++)
				*weight_at(learner, i, l) = before[l];
		}
		slope[n] = (e[0] - e[1]) / (2.0 * delta);
	}
	const lane a = (4.0 * slope[1] - slope[0]) / 3.0, b = (4.0 * slope[2] - slope[1]) / 3.0;
	return (16.0 * b - a) / 15.0;
}

/* The ring, `at` being the scripts' first step: all of them, and garbage everywhere else. */
static void ring_fill(struct frames *f, const struct script *script, long at)
{
	for (long t = 0; t < f->steps; t++) {
		const long step = (at + t) % f->steps;
		for (int l = 0; l < LANES; l++) {
			const bool there = t < script->length[l];
			f->index[step][l] = there ? script->index[t][l] : IN - 1;
			for (int i = 0; i < IN; i++)
				f->value[step * IN + i][l] = there ? script->x[t][i][l] : NAN;
		}
	}
}

/* As a group does it: all steps up to the next end of a lane at once, but not beyond the ring's end. Returns the step after the last. */
static long play(struct learner *learner, const struct script *script, struct frames *f, long at, double rate, double *y)
{
	ring_fill(f, script, at);
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, script->length[l]);
	for (int t = 0, end = 1; end <= LONGEST; end++) {
		lane target[OUT] = {{0}};
		struct lesson lesson = {.line = ilane_set(-1), .target = target};
		for (int l = 0; l < LANES; l++)
			if (script->length[l] == end) {
				lesson.line[l] = script->line[l];
				target[script->line[l]][l] = script->target[l];
				lesson.rate[l] = rate;
				lesson.last[l] = -1;
				lesson.learns[l] = rate > 0.0 ? -1 : 0;
			}
		if (!lane_any(lesson.last))
			continue;
		for (long n; t < end; t += (int)n) {
			n = end - t < f->steps - at ? end - t : f->steps - at;
			learner_advance(learner, f, at, n);
			at = (at + n) % f->steps;
		}
		const long last = (at + f->steps - 1) % f->steps;
		learner_answer(learner, f, last);
		for (int l = 0; l < LANES; l++)
			for (int k = 0; k < OUT && lesson.last[l]; k++)
				y[k * LANES + l] = learner->y_out[k][l];
		if (rate > 0.0)
			learner_teach(learner, f, last, &lesson);
	}
	learner_finish(learner, ilane_set(-1));
	return at;
}

/* Two sequences per lane, in a ring of so many steps: one without learning, whose answers are compared with those by hand, and one
   from which is learned: the changes of all weights, as -dE/dw. */
static void changes_of(const struct setting *s, struct learner *learner, const struct script *script, long steps, double *d)
{
	const double rate = 0x1p30; /* so large that the old weights do not round the changes */
	struct frames f = {.coding = s->shape.coding, .in = IN, .steps = steps};
	double y[OUT * LANES] = {0.0}, by_hand[OUT * LANES] = {0.0}, w;
	f.value = memory_zeroed((size_t)(steps * IN), sizeof *f.value);
	f.index = memory_zeroed((size_t)steps, sizeof *f.index);
	answer_by_hand(learner, s, script, FROM_THE_END, by_hand);
	learner->other->grown = lane_set(1.0); /* the learner's business, as a group knows of the first net's only */
	const long at = play(learner, script, &f, steps / 2, 0.0, y);
	for (int i = 0; i < OUT * LANES; i++)
		assert_true(fabs(y[i] - by_hand[i]) < 1e-13);
	double *before = memory_zeroed(LANES * WEIGHTS, sizeof *before);
	for (int i = 0; weight_at(learner, i, 0); i++)
		for (int l = 0; l < LANES; l++)
			before[i * LANES + l] = *weight_at(learner, i, l);
	play(learner, script, &f, at, rate, y);
	for (int i = 0; weight_at(learner, i, 0); i++)
		for (int l = 0; l < LANES; l++) {
			w = *weight_at(learner, i, l);
			*weight_at(learner, i, l) = before[i * LANES + l];
			d[i * LANES + l] = (w - before[i * LANES + l]) / rate;
		}
	free(before);
	free(f.value);
	free(f.index);
}

static const char *const nets[] = {
    "net=lstm97 blocks=2 cells=2 bias=all igb=r ogb=r",
    "net=lstm97 blocks=2 cells=1:2 connectivity=B bias=gates+outputs igb=r ogb=r output=identity",
    "net=lstm97 blocks=1 connectivity=F+shortcuts reset=0.3",
    "net=lstm blocks=1 cells=2 forget=gate peepholes=yes bias=all igb=r ogb=r layers=2",
    "net=gru units=3 bias=all output=identity",
    "net=rnn units=4 activation=tanh bias=all",
    "net=rnn units=3 layers=2 connectivity=F+shortcuts bias=hidden",
    "net=cec blocks=2 bias=all output=identity",
    "net=window units=3 taps=4 bias=all",
};
enum { NETS = sizeof nets / sizeof *nets };

static struct setting setting_with(int net, const char *rule, enum input_coding coding)
{
	char text[300];
	snprintf(text, sizeof text, "%s rule=%s", nets[net], rule);
	return setting_of(text, coding);
}

static void test_differences(void **state)
{
	(void)state;
	static const char *const rules[] = {"bptt", "rtrl"};
	int compared = 0;
	double *d = memory_zeroed(LANES * WEIGHTS, sizeof *d);
	for (int k = 0; k < NETS * 2 * 2; k++) {
		struct setting s = setting_with(k / 4, rules[k / 2 % 2], k % 2 ? INPUT_LOCAL : INPUT_REAL);
		struct script script;
		struct rng r = rng_stream((uint64_t)k + 1, "differences");
		s.some_grown = s.c.net.connectivity == CONNECT_F_SHORTCUTS;
		script_draw(&script, k / 4 == 0, &r);
		struct learner *learner = learner_of(&s, &r);
		if (!learner)
			continue;
		compared++;
		assert_true(learner->together);
		for (long steps = LONGEST; steps <= 2 * LONGEST; steps += 5) {
			double worst[LANES] = {0.0}, largest[2][LANES] = {{0.0}};
			int n = 0;
			changes_of(&s, learner, &script, steps, d);
			for (; weight_at(learner, n, 0); n++) {
				const int side = n >= learner->net->weights;
				const lane numeric = difference(learner, &s, &script, n);
				for (int l = 0; l < LANES; l++) {
					worst[l] = fmax(worst[l], fabs(d[n * LANES + l] - numeric[l]));
					largest[side][l] = fmax(largest[side][l], fabs(numeric[l]));
				}
			}
			assert_int_equal(n, learner->weights);
			for (int l = 0; l < LANES; l++) {
				if (!(fmin(largest[0][l], largest[1][l]) > 1e-4) || !(worst[l] < 1e-9 * fmax(largest[0][l], largest[1][l])))
					fail_msg("%s, %s, lane %d: off by %g of %g, %g", nets[k / 4], rules[k / 2 % 2], l, worst[l],
						 largest[0][l], largest[1][l]);
			}
		}
		learner_free(learner);
	}
	assert_int_equal(compared, 2 * (NETS + NETS - 3)); /* rtrl trains neither gru nor layers */
	free(d);
}

/* The truncated gradient by traces, and by going back. */
static void test_truncated(void **state)
{
	(void)state;
	double *d[2];
	for (int net = 0; net < 3; net++) {
		double worst = 0.0, largest = 0.0;
		for (int way = 0; way < 2; way++) {
			const struct setting s = setting_with(net, way ? "bptt-truncated" : "truncated", INPUT_REAL);
			struct script script;
			struct rng r = rng_stream((uint64_t)net + 1, "truncated");
			script_draw(&script, false, &r);
			struct learner *learner = learner_of(&s, &r);
			d[way] = memory_zeroed(LANES * WEIGHTS, sizeof *d[way]);
			changes_of(&s, learner, &script, LONGEST, d[way]);
			learner_free(learner);
		}
		for (int i = 0; i < LANES * WEIGHTS; i++) {
			worst = fmax(worst, fabs(d[0][i] - d[1][i]));
			largest = fmax(largest, fabs(d[0][i]));
		}
		assert_true(largest > 1e-3 && worst < 1e-12 * largest);
		free(d[0]);
		free(d[1]);
	}
}

/* Would the comparison by hand see another order of reading? */
static void test_orders_are_seen(void **state)
{
	(void)state;
	for (enum order order = FROM_THE_START; order < ORDERS; order++) {
		const struct setting s = setting_with(0, "bptt", INPUT_REAL);
		struct script script;
		struct rng r = rng_stream((uint64_t)order, "orders");
		double right[OUT * LANES] = {0.0}, wrong[OUT * LANES] = {0.0};
		script_draw(&script, false, &r);
		for (int l = 0; l < LANES; l++)
			script.length[l] = 2 + l % (LONGEST - 2);
		struct learner *learner = learner_of(&s, &r);
		answer_by_hand(learner, &s, &script, FROM_THE_END, right);
		answer_by_hand(learner, &s, &script, order, wrong);
		for (int i = 0; i < OUT * LANES; i++)
			assert_true(fabs(right[i] - wrong[i]) > 1e-6);
		learner_free(learner);
	}
}

/* === Conditions === */

#define TWICE "learner=bidirectional "

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *message;
	} cases[] = {
	    {TWICE "task=reber rule=bptt update=sequence", "learner:"},
	    {TWICE "task=long-lag rule=truncated", "learner:"},
	    {TWICE "task=adding net=rnn connectivity=full output=logistic rule=bptt", "connectivity:"},
	    {TWICE "task=adding net=sparse connectivity=full rule=guess", "connectivity:"},
	    {TWICE "task=adding net=rnn rule=truncated", "rule:"},
	    {TWICE "task=adding net=rnn units=0 rule=bptt", "units:"},
	    {TWICE "task=adding rule=bptt update=late", "update:"},
	    {TWICE "task=adding rule=rtrl forcing=yes", "forcing:"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i].settings, cases[i].message);
}

/* Two nets, and the outputs' biases once. */
static void test_weight_counts(void **state)
{
	(void)state;
	static const struct {
		const char *settings;
		long weights;
	} cases[] = {
	    {"task=temporal-order blocks=2 cells=2 bias=all igb=r ogb=r", 2 * 156 - 4},
	    {"task=temporal-order blocks=2 cells=2 bias=gates+outputs igb=r ogb=r", 2 * 152 - 4},
	    {"task=adding blocks=2 cells=2 bias=all igb=r ogb=r", 2 * 93 - 1},
	    {"task=two-sequence blocks=3 cells=1 bias=hidden igb=r ogb=r", 2 * 102},
	    {"task=temporal-order blocks=2 cells=2 bias=gates igb=r ogb=r", 2 * 148},
	    {"task=temporal-order blocks=2 cells=2", 2 * 144},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error e = {0};
		char text[300];
		long weights = 0;
		snprintf(text, sizeof text, TWICE "%s", cases[i].settings);
		const struct conditions c = conditions_of(text);
		if (!conditions_check(&c, &weights, &e))
			fail_msg("%s", e.text);
		assert_int_equal(weights, cases[i].weights);
	}
}

/* === Whole trials === */

#define ORDER_6A                                                                                                                           \
	TWICE "task=temporal-order T=20 blocks=2 cells=2 bias=all igb=-2:-4 ogb=r rate=0.5 measure=recent window=50 tolerance=0.3 "        \
	      "test_sequences=20 "

static void test_same_alone(void **state)
{
	(void)state;
	static const char *const settings[] = {
	    ORDER_6A "rule=bptt wrong_below=38",
	    ORDER_6A "rule=truncated update=late",
	    ORDER_6A "rule=rtrl connectivity=B",
	    TWICE "task=adding T=22 net=rnn units=4 activation=tanh bias=all init=0.5 rule=bptt-window depth=9 stride=3 "
		  "window=20 test_every=30",
	    TWICE "task=distractors T=1 symbols=1 connectivity=F+shortcuts rule=bptt rate=0.1 tolerance=0 measure=recent "
		  "window=50", /* long ones */
	    TWICE "task=distractors T=2 symbols=3 connectivity=F+shortcuts grow=plateau grow_window=10 rate=0.3 measure=recent "
		  "window=20",
	    TWICE "task=two-sequence T=20 N=3 net=rnn units=2 bias=hidden rule=guess init=20 tolerance=0.4 measure=recent window=20",
	    TWICE "task=adding T=22 output=identity init=0.5 rate=10 g=id h=id measure=recent window=50", /* diverges */
	};
	int outcomes[3] = {0};
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const struct conditions c = conditions_of(settings[i]);
		assert_neighbours_do_not_matter(settings[i], &c, 300, up, SEEDS, outcomes);
	}
	assert_true(outcomes[0] && outcomes[1] && outcomes[2]);
}

/* What trace shows: both nets of the trial. */
static void test_trained(void **state)
{
	(void)state;
	const struct conditions c = conditions_of(ORDER_6A "rule=bptt");
	struct error e = {0};
	struct trained t;
	struct crowd *crowd = crowd_run(&c, 200, &up[2], 1, 0);
	assert_true(trained_make(&t, &c, 3, 0, &e));
	int same = 0;
	for (int i = 0; i < t.learner->other->weights; i++)
		same += *weight_at(t.learner, i, 0) == *weight_at(t.learner, i + (int)t.learner->net->weights, 0);
	assert_int_equal(same, 2); /* igb */
	trained_free(&t);
	assert_true(trained_make(&t, &c, 3, 200, &e));
	for (int i = 0; weight_at(t.learner, i, 0); i++)
		assert_true(*weight_at(t.learner, i, 0) == crowd->record[0].w[i]);
	struct presented p;
	presented_draw(&p, &c, 3, 1);
	for (int l = 0; l < LANES; l++)
		learner_reset(t.learner, l, p.sequence.length);
	for (long step = 0; step < p.sequence.length; step++)
		learner_advance(t.learner, &p.frames, step, 1);
	learner_answer(t.learner, &p.frames, p.sequence.length - 1);
	assert_true(t.learner->y_out[0][0] > 0.0 && t.learner->y_out[0][0] < 1.0);
	presented_free(&p);
	trained_free(&t);
	free(crowd);
}

/* Row lag-3a: the class is in the first input of 51 or more. A single net of these does not learn it, one that reads it last does at
   once. */
static void test_lag_from_the_other_end(void **state)
{
	(void)state;
	static const char row[] = "task=two-sequence T=51 N=1 net=rnn units=9 activation=tanh bias=hidden rule=bptt rate=1 window=256 "
				  "test_every=500 tolerance=0.2 error_below=0.01 test_sequences=0";
	char twice[400];
	snprintf(twice, sizeof twice, TWICE "%s", row);
	assert_outcomes(twice, 3000, SEEDS, OUTCOME_SOLVED);
	long solved = 0;
	struct conditions c = conditions_of(row);
	struct error e = {0};
	for (int k = 0; k < 3; k++) {
		struct trained t;
		assert_true(trained_make(&t, &c, (uint64_t)k + 1, 3000, &e));
		solved += t.outcome == OUTCOME_SOLVED;
		trained_free(&t);
	}
	assert_int_equal(solved, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_differences),     cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_orders_are_seen), cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_weight_counts),   cmocka_unit_test(test_same_alone),
	    cmocka_unit_test(test_trained),         cmocka_unit_test(test_lag_from_the_other_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
