/* test_optimizer.c: momentum, Adam and clipping.
   Does: steps against a plain scalar implementation, weight by weight, lane by lane; the whole way from an error to a step; lanes that
   rest; trials alone and in a crowd; what is refused. */
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

enum { WEIGHTS_MAX = 400, STEPS = 40 };

/* One network's weights and moments, as the equations have them. */
struct plain {
	int n, t;
	double w[WEIGHTS_MAX], m[WEIGHTS_MAX], v[WEIGHTS_MAX];
};

enum mutant { CORRECT, NO_CORRECTION, CLIPS_EACH, EPSILON_INSIDE, MUTANTS };

static void plain_step(struct plain *p, const struct optimizer_options *o, double rate, const double *gradient, enum mutant mutant)
{
	double norm = 0.0, scale = 1.0;
	for (int i = 0; i < p->n; i++)
		norm += gradient[i] * gradient[i];
	norm = sqrt(norm);
	if (o->clip > 0.0 && norm > o->clip)
		scale = o->clip / norm;
	p->t++;
	for (int i = 0; i < p->n; i++) {
		double g = scale * gradient[i], step = g;
		if (mutant == CLIPS_EACH)
			g = step = fmax(-o->clip, fmin(o->clip, gradient[i]));
		if (o->kind == OPTIMIZER_MOMENTUM)
			step = p->m[i] = o->momentum * p->m[i] + g;
		if (o->kind == OPTIMIZER_ADAM) {
			p->m[i] = o->momentum * p->m[i] + (1.0 - o->momentum) * g;
			p->v[i] = o->beta2 * p->v[i] + (1.0 - o->beta2) * g * g;
			const bool corrected = mutant != NO_CORRECTION;
			const double m = corrected ? p->m[i] / (1.0 - pow(o->momentum, p->t)) : p->m[i];
			const double v = corrected ? p->v[i] / (1.0 - pow(o->beta2, p->t)) : p->v[i];
			step = mutant == EPSILON_INSIDE ? m / sqrt(v + o->epsilon) : m / (sqrt(v) + o->epsilon);
		}
		p->w[i] += rate * step;
	}
}

static const struct optimizer_options settings[] = {
    {.kind = OPTIMIZER_SGD, .clip = 2.0},
    {.kind = OPTIMIZER_MOMENTUM, .momentum = 0.9},
    {.kind = OPTIMIZER_MOMENTUM, .momentum = 0.5, .clip = 3.0},
    {.kind = OPTIMIZER_ADAM, .momentum = 0.9, .beta2 = 0.99, .epsilon = 1e-3},
    {.kind = OPTIMIZER_ADAM, .momentum = 0.8, .beta2 = 0.999, .epsilon = 1e-8, .clip = 1.0},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static struct net *net_of(enum input_coding coding)
{
	const struct task_shape shape = {.coding = coding, .in = 5, .out = 3};
	struct net_options o = net_defaults();
	struct error e = {0};
	o.connectivity = CONNECT_F_SHORTCUTS;
	struct net *net = net_create(&o, &shape, &e);
	assert_non_null(net);
	assert_true(net->weights <= WEIGHTS_MAX);
	return net;
}

/* Weight number i of lane l, or the same place of another array. */
static double *place(const struct net *net, double *array, int i, int l)
{
	for (int k = 0;; k++) {
		const struct connection *c = k < net->to_hidden_n ? &net->to_hidden[k] : &net->to_output[k - net->to_hidden_n];
		if (i < c->rows * c->cols)
			return array + (net_weight(net, c, i / c->cols, i % c->cols, l) - net->w);
		i -= c->rows * c->cols;
	}
}

/* The largest difference after some steps, in which lanes take part at random; lane 0 starts a new trial half way. */
static double compare(const struct optimizer_options *o, enum input_coding coding, enum mutant mutant)
{
	static struct plain plain[LANES];
	struct net *net = net_of(coding);
	struct optimizer opt;
	double *gradient = memory_zeroed(net->size, sizeof *gradient), worst = 0.0;
	struct rng r = rng_stream(1, "optimizer");
	optimizer_prepare(&opt, o, 0.1, net);
	memset(plain, 0, sizeof plain);
	for (int l = 0; l < LANES; l++) {
		plain[l].n = (int)net->weights;
		for (int i = 0; i < plain[l].n; i++)
			plain[l].w[i] = *place(net, net->w, i, l) = rng_between(&r, -1.0, 1.0);
	}
	for (int t = 0; t < STEPS; t++) {
		ilane mask;
		if (t == STEPS / 2) {
			optimizer_start(&opt, net, 0);
			memset(plain[0].m, 0, sizeof plain[0].m);
			memset(plain[0].v, 0, sizeof plain[0].v);
			plain[0].t = 0;
		}
		for (int l = 0; l < LANES; l++) {
			double g[WEIGHTS_MAX];
			const double size = rng_between(&r, 0.0, 0.5);
			mask[l] = rng_below(&r, 3) ? -1 : 0;
			for (int i = 0; i < plain[l].n; i++)
				g[i] = *place(net, gradient, i, l) = rng_between(&r, -size, size);
			if (mask[l])
				plain_step(&plain[l], o, 0.1, g, mutant);
		}
		optimizer_apply(&opt, net, gradient, mask);
		for (int l = 0; l < LANES; l++)
			for (int i = 0; i < plain[l].n; i++) {
				assert_true((*place(net, gradient, i, l) == 0.0) == (mask[l] != 0));
				worst = fmax(worst, fabs(*place(net, net->w, i, l) - plain[l].w[i]));
			}
	}
	optimizer_release(&opt);
	free(gradient);
	net_free(net);
	return worst;
}

static void test_plain(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS; i++)
		for (int coding = INPUT_REAL; coding <= INPUT_LOCAL; coding++) {
			const double d = compare(&settings[i], (enum input_coding)coding, CORRECT);
			if (!(d < 1e-12))
				fail_msg("setting %d: weights differ by %g", i, d);
		}
	assert_true(compare(&settings[0], INPUT_REAL, CLIPS_EACH) > 1e-3);
	assert_true(compare(&settings[3], INPUT_LOCAL, NO_CORRECTION) > 1e-3);
	assert_true(compare(&settings[3], INPUT_LOCAL, EPSILON_INSIDE) > 1e-4);
}

/* === Whole trials === */

#define ADDING                                                                                                                             \
	"task=adding T=10 blocks=2 cells=1 bias=all igb=r ogb=r output=identity init=0.5 measure=recent window=50 tolerance=0.3 "          \
	"update=sequence test_sequences=5 "
#define REBER                                                                                                                              \
	"task=reber strings=16 blocks=2 cells=1 bias=gates igb=r ogb=r init=0.5 judge=legal test_every=20 test_sequences=0 "               \
	"update=sequence "

enum { SEEDS = 13 };

/* Alone or in a crowd, in a lane that another trial has used before or not; with tests in between. */
static void test_same_alone(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    ADDING "rule=bptt rate=0.01 optimizer=adam", ADDING "rule=truncated rate=0.05 optimizer=momentum momentum=0.8 clip=0.5",
	    ADDING "rule=rtrl rate=0.1 clip=0.2",        ADDING "rule=bptt-window depth=5 rate=0.01 optimizer=adam",
	    REBER "rule=bptt rate=0.01 optimizer=adam",  REBER "rule=truncated rate=0.05 optimizer=momentum",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct conditions c = conditions_of(texts[i]);
		int outcomes[3] = {0};
		assert_neighbours_do_not_matter(texts[i], &c, 150, up, SEEDS, outcomes);
	}
}

static struct crowd *crowd_of(const char *text)
{
	const struct conditions c = conditions_of(text);
	return crowd_run(&c, 100, up, SEEDS, 0);
}

/* A clip that is never reached leaves plain descent, momentum 0 too; one that is makes it something else. */
static void test_plain_descent(void **state)
{
	(void)state;
	static const char *const texts[] = {ADDING "rule=bptt rate=0.2 ", REBER "rule=truncated rate=0.5 "};
	for (int i = 0; i < 2; i++) {
		char text[3][400];
		struct crowd *crowd[4];
		snprintf(text[0], sizeof text[0], "%sclip=1e50", texts[i]);
		snprintf(text[1], sizeof text[1], "%soptimizer=momentum momentum=0", texts[i]);
		snprintf(text[2], sizeof text[2], "%sclip=0.01", texts[i]);
		crowd[0] = crowd_of(texts[i]);
		for (int k = 0; k < 3; k++)
			crowd[k + 1] = crowd_of(text[k]);
		for (int k = 0; k < SEEDS; k++) {
			double d[4] = {0};
			for (int n = 1; n < 4; n++)
				for (int w = 0; w < crowd[0]->record[k].weights; w++)
					d[n] = fmax(d[n], fabs(crowd[n]->record[k].w[w] - crowd[0]->record[k].w[w]));
			assert_true(d[1] < 1e-9 && d[2] < 1e-9 && d[3] > 1e-4);
		}
		for (int k = 0; k < 4; k++)
			free(crowd[k]);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} bad[] = {
	    {"task=adding optimizer=adam", "update: with optimizer = adam"},
	    {"task=adding clip=1 rule=bptt", "update: with optimizer = sgd, clip = 1"},
	    {"task=adding optimizer=momentum update=late", "update: with optimizer = momentum"},
	    {"task=two-sequence net=rnn connectivity=full rule=guess measure=recent clip=1", "optimizer, clip: given, but guessed"},
	    {"task=reber judge=legal order=epoch learner=cascade-correlation optimizer=adam", "optimizer, clip: given, but cascade"},
	    {"task=long-lag learner=chunker optimizer=adam update=sequence", "update: a chunker"},
	    {"task=long-lag learner=chunker optimizer=adam", "update: with optimizer"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_refused(bad[i].text, bad[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_same_alone),
	    cmocka_unit_test(test_plain_descent),
	    cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
