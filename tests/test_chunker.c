/* test_chunker.c: the neural sequence chunker.
   Does: compare both nets, weight by weight, with a plain scalar implementation that shares nothing with the program (dense
   inputs, dense gradients, one trial at a time), lanes out of step, tests in between; wrong variants of that implementation
   must differ. Weight counts, what it refuses, trials alone and in a crowd, a short lag end to end.
   Does not: tasks, stopping rules. */
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

/* === A plain scalar implementation === */

enum { IN = 6, UNITS = 3, OUT = IN + UNITS };

enum mutant {
	CORRECT,
	NEVER_FREEZES,  /* C takes in every symbol */
	LEARNS_LATE,    /* C takes the symbol in before it learns to predict it */
	LEARNS_ALWAYS,  /* C learns every symbol */
	NO_FIRST,       /* C does not get the first symbol */
	SHORT_GRADIENT, /* C's gradient does not reach back */
	CLOCKED,        /* C's gradient decays while C rests */
	NO_STATE,       /* A's extra outputs are not taught */
	OTHER_STATE,    /* A learns C's state of the other moment */
	OTHER_THETA,
	LEARNS_IN_TESTS,
	RESTS_IN_TESTS, /* A-or-C: C takes in nothing there */
	MUTANTS
};

struct plain_net {
	int in, n, out;
	bool hidden_only;                                                    /* there are no weights oi */
	double hi[UNITS][IN], hh[UNITS][UNITS], oi[OUT][IN], oh[OUT][UNITS]; /* [receiver][source] */
	double x[IN], h[UNITS], y[OUT];
	double phi[UNITS][UNITS][IN], phh[UNITS][UNITS][UNITS]; /* dh[k]/dw[j][m] */
};

static double logistic(double x)
{
	return 1.0 / (1.0 + exp(-x));
}

static void plain_reset(struct plain_net *net)
{
	memset(net->x, 0, sizeof net->x);
	memset(net->h, 0, sizeof net->h);
	memset(net->phi, 0, sizeof net->phi);
	memset(net->phh, 0, sizeof net->phh);
}

static void plain_step(struct plain_net *net, int symbol, bool short_gradient)
{
	const struct plain_net was = *net;
	for (int m = 0; m < net->in; m++)
		net->x[m] = m == symbol;
	for (int k = 0; k < net->n; k++) {
		double sum = 0.0;
		for (int m = 0; m < net->in; m++)
			sum += net->hi[k][m] * net->x[m];
		for (int m = 0; m < net->n; m++)
			sum += net->hh[k][m] * was.h[m];
		net->h[k] = logistic(sum);
	}
	for (int k = 0; k < net->n; k++) {
		const double slope = net->h[k] * (1.0 - net->h[k]);
		for (int j = 0; j < net->n; j++) {
			for (int m = 0; m < net->in; m++) {
				double d = k == j ? net->x[m] : 0.0;
				for (int v = 0; v < net->n && !short_gradient; v++)
					d += net->hh[k][v] * was.phi[v][j][m];
				net->phi[k][j][m] = slope * d;
			}
			for (int m = 0; m < net->n; m++) {
				double d = k == j ? was.h[m] : 0.0;
				for (int v = 0; v < net->n && !short_gradient; v++)
					d += net->hh[k][v] * was.phh[v][j][m];
				net->phh[k][j][m] = slope * d;
			}
		}
	}
}

static void plain_answer(struct plain_net *net)
{
	for (int k = 0; k < net->out; k++) {
		double sum = 0.0;
		for (int m = 0; m < net->in; m++)
			sum += net->oi[k][m] * net->x[m];
		for (int m = 0; m < net->n; m++)
			sum += net->oh[k][m] * net->h[m];
		net->y[k] = logistic(sum);
	}
}

static void plain_learn(struct plain_net *net, const double *target, double rate, double slope_offset)
{
	double e[OUT], e_h[UNITS] = {0};
	for (int k = 0; k < net->out; k++) {
		e[k] = rate * (net->y[k] * (1.0 - net->y[k]) + slope_offset) * (target[k] - net->y[k]);
		for (int v = 0; v < net->n; v++)
			e_h[v] += net->oh[k][v] * e[k];
	}
	for (int k = 0; k < net->out; k++) {
		for (int m = 0; m < net->in && !net->hidden_only; m++)
			net->oi[k][m] += e[k] * net->x[m];
		for (int m = 0; m < net->n; m++)
			net->oh[k][m] += e[k] * net->h[m];
	}
	for (int j = 0; j < net->n; j++)
		for (int k = 0; k < net->n; k++) {
			for (int m = 0; m < net->in; m++)
				net->hi[j][m] += e_h[k] * net->phi[k][j][m];
			for (int m = 0; m < net->n; m++)
				net->hh[j][m] += e_h[k] * net->phh[k][j][m];
		}
}

struct plain {
	struct plain_net a, c;
	double rate, slope_offset, theta;
	bool after;
	enum mutant mutant;
	bool either;            /* chunk_answer = A-or-C */
	double answers;         /* a sum over C's answers, see answers_sum */
	long surprises, others; /* steps taught */
};

/* Of answer k at a step where symbol `line` is asked for. */
static double answers_sum(int k, int line, double y)
{
	return (k + 1) * (line + 2) * y;
}

static void plain_teach_a(struct plain *p, int line)
{
	double target[OUT] = {0};
	target[line] = 1.0;
	for (int v = 0; v < p->c.n; v++)
		target[p->c.out + v] = p->mutant == NO_STATE ? p->a.y[p->c.out + v] : p->c.h[v];
	plain_learn(&p->a, target, p->rate, p->slope_offset);
}

static bool plain_surprised(const struct plain *p, int line)
{
	const double theta = p->mutant == OTHER_THETA ? p->theta + 0.1 : p->theta;
	for (int k = 0; k < p->c.out; k++)
		if (fabs((k == line) - p->a.y[k]) > theta)
			return true;
	return false;
}

static void plain_teach_c(struct plain *p, int line, bool surprise)
{
	double target[OUT] = {0};
	target[line] = 1.0;
	if (p->mutant == LEARNS_LATE && surprise)
		plain_step(&p->c, line, false);
	plain_answer(&p->c);
	if (surprise || p->mutant == LEARNS_ALWAYS)
		plain_learn(&p->c, target, p->rate, p->slope_offset);
	if ((surprise && p->mutant != LEARNS_LATE) || p->mutant == NEVER_FREEZES)
		plain_step(&p->c, line, p->mutant == SHORT_GRADIENT);
	for (int k = 0; !surprise && p->mutant == CLOCKED && k < p->c.n; k++)
		for (int j = 0; j < p->c.n; j++)
			for (int m = 0; m < p->c.in; m++)
				p->c.phi[k][j][m] *= 0.5;
}

/* A sequence of n steps: symbols 0 ... n. */
static void plain_sequence(struct plain *p, const int *symbol, int n, bool learns)
{
	const bool after = p->mutant == OTHER_STATE ? !p->after : p->after;
	plain_reset(&p->a);
	plain_reset(&p->c);
	for (int t = 0; t < n; t++) {
		const int line = symbol[t + 1];
		plain_step(&p->a, symbol[t], false);
		if (t == 0 && p->mutant != NO_FIRST)
			plain_step(&p->c, symbol[t], p->mutant == SHORT_GRADIENT);
		plain_answer(&p->a);
		plain_answer(&p->c);
		for (int k = 0; k < p->c.out; k++)
			p->answers += answers_sum(k, line, p->c.y[k]);
		if (!learns && p->mutant != LEARNS_IN_TESTS) {
			if (p->either && p->mutant != RESTS_IN_TESTS && plain_surprised(p, line))
				plain_step(&p->c, line, false);
			continue;
		}
		const bool surprise = plain_surprised(p, line);
		p->surprises += surprise;
		p->others += !surprise;
		if (!after)
			plain_teach_a(p, line);
		plain_teach_c(p, line, surprise);
		if (after)
			plain_teach_a(p, line);
	}
}

/* === The program's chunker, driven step by step === */

enum { SEQUENCES = 300, LONGEST = 7 };

struct setting {
	int in;
	long units;
	double rate, slope_offset, theta;
	bool after, hidden_only, either;
};

static const struct setting settings[] = {
    {.in = 6, .units = 1, .rate = 1.0, .theta = 0.25},
    {.in = 6, .units = 1, .rate = 1.0, .theta = 0.25, .after = true},
    {.in = 5, .units = 3, .rate = 0.5, .theta = 0.4},
    {.in = 4, .units = 2, .rate = 0.7, .theta = 0.3, .slope_offset = 0.1, .after = true},
    {.in = 6, .units = 1, .rate = 1.0, .theta = 0.25, .hidden_only = true},
    {.in = 5, .units = 2, .rate = 0.7, .theta = 0.3, .either = true},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* One lane's sequences. */
struct script {
	int symbol[SEQUENCES][LONGEST + 1], length[SEQUENCES];
	bool learns[SEQUENCES];
};

static int chunker_index(void)
{
	for (int i = 0; learner_types[i]; i++)
		if (!strcmp(learner_types[i]->name, "chunker"))
			return i;
	fail_msg("no chunker");
	return -1;
}

static struct learner *learner_of(const struct setting *s)
{
	const struct task_shape shape = {.coding = INPUT_LOCAL, .in = s->in, .out = s->in, .every_step = true, .classes = true};
	struct learner_options o = learner_defaults();
	struct net_options net = net_defaults();
	struct rule_options rule = rule_defaults();
	struct error e = {0};
	o.learner = chunker_index();
	o.surprise = s->theta;
	o.chunk_state = s->after ? CHUNK_AFTER : CHUNK_BEFORE;
	o.chunk_links = s->hidden_only ? CHUNK_HIDDEN : CHUNK_SHORTCUTS;
	o.chunk_answer = s->either ? CHUNK_EITHER : CHUNK_A;
	net.units = s->units;
	net.init = 1.0;
	rule.rate = s->rate;
	rule.slope_offset = s->slope_offset;
	struct learner *learner = learner_create(&(struct learner_parts){&o, &net, &rule, &shape, false}, &e);
	if (!learner)
		fail_msg("%s", e.text);
	return learner;
}

/* Two sequences that start differently and go on alike, or anything; of even lanes more of the former. */
static void script_draw(const struct setting *s, int l, struct script *script)
{
	struct rng r = rng_stream((uint64_t)l, "script");
	for (int i = 0; i < SEQUENCES; i++) {
		const bool regular = rng_below(&r, 10) < (l % 2 ? 5 : 9);
		int *const symbol = script->symbol[i], first = rng_below(&r, 2);
		script->length[i] = regular ? 5 : 1 + rng_below(&r, LONGEST);
		script->learns[i] = rng_below(&r, 5) != 0;
		for (int t = 0; t <= script->length[i]; t++)
			symbol[t] = regular ? 2 + t % (s->in - 2) : rng_below(&r, s->in);
		if (regular)
			symbol[0] = symbol[script->length[i]] = first;
	}
}

static void plain_read(struct plain_net *to, const struct net *net, int l)
{
	*to = (struct plain_net){.in = net->in, .n = net->hidden, .out = net->out};
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < (side ? net->to_output_n : net->to_hidden_n); i++) {
			const struct connection *c = side ? &net->to_output[i] : &net->to_hidden[i];
			assert_int_equal(c->rows, c->source == SOURCE_INPUT ? net->in : net->hidden);
			for (int m = 0; m < c->rows; m++)
				for (int j = 0; j < c->cols; j++) {
					double *const w = side ? (c->source == SOURCE_INPUT ? &to->oi[j][m] : &to->oh[j][m])
							       : (c->source == SOURCE_INPUT ? &to->hi[j][m] : &to->hh[j][m]);
					*w = *net_weight(net, c, m, j, l);
				}
		}
}

static void plain_start(struct plain *p, const struct setting *s, const struct learner *learner, int l)
{
	*p = (struct plain){.rate = s->rate, .slope_offset = s->slope_offset, .theta = s->theta, .after = s->after, .either = s->either};
	plain_read(&p->a, learner->net, l);
	plain_read(&p->c, learner->other, l);
	p->c.hidden_only = s->hidden_only;
}

/* Step t of a lane's sequence. */
static void lesson_write(struct lesson *lesson, lane *target, const struct setting *s, int l, const struct script *script, int sequence,
			 int t)
{
	const bool learns = script->learns[sequence];
	lesson->line[l] = script->symbol[sequence][t + 1];
	target[lesson->line[l]][l] = 1.0;
	lesson->last[l] = t == script->length[sequence] - 1 ? -1 : 0;
	lesson->learns[l] = learns ? -1 : 0;
	lesson->rate[l] = learns ? s->rate : 0.0;
}

/* All lanes' scripts, each at its own pace; a lane that is through idles. */
static void learner_run(struct learner *learner, const struct setting *s, const struct script *script, double answers[LANES])
{
	int t[LANES] = {0}, at[LANES] = {0};
	ilane index = {0};
	const struct frames frames = {.coding = INPUT_LOCAL, .in = s->in, .index = &index};
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, script[l].length[0]);
	for (int through = 0; through < LANES;) {
		lane target[IN] = {{0}};
		struct lesson lesson = {.line = ilane_set(-1), .target = target};
		for (int l = 0; l < LANES; l++)
			if (at[l] < SEQUENCES) {
				index[l] = script[l].symbol[at[l]][t[l]];
				lesson_write(&lesson, target, s, l, &script[l], at[l], t[l]);
			}
		learner_advance(learner, &frames, 0, 1);
		learner_answer(learner, &frames, 0);
		for (int l = 0; l < LANES; l++)
			for (int k = 0; k < s->in && at[l] < SEQUENCES && learner->y_other; k++)
				answers[l] += answers_sum(k, (int)lesson.line[l], learner->y_other[k][l]);
		if (lane_any(lesson.learns) || learner->y_other)
			learner_teach(learner, &frames, 0, &lesson);
		if (lane_any(lesson.last))
			learner_finish(learner, lesson.last);
		for (int l = 0; l < LANES; l++) {
			t[l]++;
			if (!lesson.last[l])
				continue;
			t[l] = 0;
			if (++at[l] == SEQUENCES)
				through++;
			else
				learner_reset(learner, l, script[l].length[at[l]]);
		}
	}
}

static double difference(const struct plain_net *a, const struct plain_net *b)
{
	double largest = 0.0;
	for (int m = 0; m < IN; m++) {
		for (int j = 0; j < UNITS; j++)
			largest = fmax(largest, fabs(a->hi[j][m] - b->hi[j][m]));
		for (int k = 0; k < OUT; k++)
			largest = fmax(largest, fabs(a->oi[k][m] - b->oi[k][m]));
	}
	for (int m = 0; m < UNITS; m++) {
		for (int j = 0; j < UNITS; j++)
			largest = fmax(largest, fabs(a->hh[j][m] - b->hh[j][m]));
		for (int k = 0; k < OUT; k++)
			largest = fmax(largest, fabs(a->oh[k][m] - b->oh[k][m]));
	}
	return largest;
}

/* Largest difference of a weight between the program and the plain implementation, or a mutant of it. */
static double compare(const struct setting *s, enum mutant mutant)
{
	struct learner *learner = learner_of(s);
	struct script *script = memory_zeroed(LANES, sizeof *script);
	struct plain *plain = memory_zeroed(LANES, sizeof *plain);
	double largest = 0.0, answers[LANES] = {0};
	for (int l = 0; l < LANES; l++) {
		struct rng r = rng_stream((uint64_t)l, "weights");
		learner_start(learner, l, &r);
		script_draw(s, l, &script[l]);
		plain_start(&plain[l], s, learner, l);
		plain[l].mutant = mutant;
	}
	learner_run(learner, s, script, answers);
	for (int l = 0; l < LANES; l++) {
		struct plain_net a, c;
		for (int i = 0; i < SEQUENCES; i++)
			plain_sequence(&plain[l], script[l].symbol[i], script[l].length[i], script[l].learns[i]);
		plain_read(&a, learner->net, l);
		plain_read(&c, learner->other, l);
		largest = fmax(largest, fmax(difference(&a, &plain[l].a), difference(&c, &plain[l].c)));
		if (s->either)
			largest = fmax(largest, fabs(answers[l] - plain[l].answers) / fabs(plain[l].answers));
		assert_true(plain[l].surprises > 100 && plain[l].others > 20);
	}
	learner_free(learner);
	free(script);
	free(plain);
	return largest;
}

static void test_plain(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS; i++) {
		const double d = compare(&settings[i], CORRECT);
		if (!(d < 1e-12))
			fail_msg("setting %d: weights differ by %g", i, d);
	}
}

static void test_mutants(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS; i++)
		for (int m = CORRECT + 1; m < (settings[i].either ? MUTANTS : RESTS_IN_TESTS); m++) {
			const double d = compare(&settings[i], (enum mutant)m);
			if (!(d > 1e-6))
				fail_msg("setting %d, mutant %d: weights differ by %g only", i, m, d);
		}
}

/* Without surprises C keeps its weights, to the bit, and A learns all the same. */
static void test_never_surprised(void **state)
{
	(void)state;
	struct setting s = settings[0];
	s.theta = 1.0;
	struct learner *learner = learner_of(&s);
	struct script *script = memory_zeroed(LANES, sizeof *script);
	struct plain_net a[LANES], c[LANES], now;
	double answers[LANES] = {0};
	for (int l = 0; l < LANES; l++) {
		struct rng r = rng_stream((uint64_t)l, "weights");
		learner_start(learner, l, &r);
		script_draw(&s, l, &script[l]);
		plain_read(&a[l], learner->net, l);
		plain_read(&c[l], learner->other, l);
	}
	learner_run(learner, &s, script, answers);
	for (int l = 0; l < LANES; l++) {
		plain_read(&now, learner->other, l);
		assert_true(difference(&now, &c[l]) == 0.0);
		plain_read(&now, learner->net, l);
		assert_true(difference(&now, &a[l]) > 0.1);
	}
	learner_free(learner);
	free(script);
}

/* === Whole trials === */

#define CHUNKER "learner=chunker task=long-lag rate=1 init=0.2 tolerance=0.25 test_sequences=0 "

static void test_weight_count(void **state)
{
	(void)state;
	struct error e = {0};
	long weights = 0;
	struct conditions c = conditions_of(CHUNKER "T=100");
	assert_true(conditions_check(&c, &weights, &e));
	assert_int_equal(weights, 10506);
	c = conditions_of(CHUNKER "T=100 net=rnn connectivity=full bias=all activation=tanh output=logistic rule=bptt");
	assert_true(conditions_check(&c, &weights, &e));
	assert_int_equal(weights, 10506);
	const struct task_shape shape = task_types[c.task.task]->shape(&c.task);
	struct learner *learner = conditions_learner(&c, &shape, &e);
	assert_int_equal(learner->other->weights, 102 * 102);
	assert_int_equal(learner->out, 101);
	assert_int_equal(learner->net->out, 102);
	learner_free(learner);
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *message;
	} cases[] = {
	    {"learner=chunker task=reber judge=legal chunk_answer=A-or-C", "chunk_answer:"},
	    {"learner=chunker task=distractors", "learner:"},
	    {"learner=chunker task=adding", "learner:"},
	    {CHUNKER "update=sequence", "update:"},
	    {CHUNKER "errors=last", "errors, cell_errors:"},
	    {CHUNKER "cell_errors=last", "errors,"},
	    {CHUNKER "forcing=yes", "forcing:"},
	    {CHUNKER "units=0", "units:"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i].settings, cases[i].message);
}

enum { SEEDS = 11 };

static void test_same_alone(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    CHUNKER "T=6 window=20 test_every=7",
	    CHUNKER "T=6 window=20 test_every=7 distractors=random units=2 chunk_state=after",
	    CHUNKER "T=6 window=20 test_every=7 chunk_links=hidden",
	    CHUNKER "T=6 window=20 test_every=7 chunk_answer=A-or-C",
	    CHUNKER "T=5 window=20 measure=recent grow=plateau connectivity=B",
	    "learner=chunker task=reber strings=8 judge=legal rate=0.5 test_every=20 test_sequences=10",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct conditions c = conditions_of(texts[i]);
		int outcomes[3] = {0};
		assert_neighbours_do_not_matter(texts[i], &c, 400, up, SEEDS, outcomes);
	}
}

/* What C makes of its surprises teaches A to keep the first symbol; without surprises A does not learn that. */
static void test_short_lag(void **state)
{
	(void)state;
	assert_outcomes(CHUNKER "T=5 window=200 test_every=50 chunk_links=hidden", 8000, SEEDS, OUTCOME_SOLVED);
	assert_outcomes(CHUNKER "T=5 window=200 test_every=50 chunk_links=hidden surprise=1", 8000, SEEDS, OUTCOME_UNSOLVED);
}

/* A or C together need the first symbol in C only, from where its output connections can reach it: the lag is gone. */
static void test_either(void **state)
{
	(void)state;
	assert_outcomes(CHUNKER "T=6 window=200 test_every=50 chunk_answer=A-or-C", 2000, SEEDS, OUTCOME_SOLVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),        cmocka_unit_test(test_mutants), cmocka_unit_test(test_never_surprised),
	    cmocka_unit_test(test_weight_count), cmocka_unit_test(test_refused), cmocka_unit_test(test_same_alone),
	    cmocka_unit_test(test_short_lag),    cmocka_unit_test(test_either),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
