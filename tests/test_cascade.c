/* test_cascade.c: recurrent cascade-correlation.
   Does: compare it, weight by weight, through several phases and units, with a plain scalar implementation that shares
   nothing with it (one trial at a time, gradients backwards through time), lanes out of step, tests in between; wrong
   variants of that implementation must differ. Quickprop step by step; slopes of the outputs and of the candidates' score
   against central differences. What it refuses, whole trials end to end, alone and in a crowd.
   Does not: tasks, stopping rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A second copy of the learner, for its inside: the names of types and static functions. */
#define learner_cascade learner_cascade_copy
#include "learner/cascade.c"
#undef learner_cascade

#include "trial/group.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* === A plain scalar implementation === */

enum { SYMBOLS = 4, UNITS = 4, POOL = 3, SET = 7, LONGEST = 8, SOURCES = 1 + SYMBOLS + UNITS };

enum mutant {
	CORRECT,
	NO_OFFSET,        /* nothing added to sigma' of the outputs */
	OTHER_OFFSET_TOO, /* added to that of the candidates also */
	SHORT_GRADIENT,   /* dV/dw does not reach back */
	SELF_FROZEN,      /* no slope of the self weight */
	NO_MEAN,          /* covariance without the mean error */
	ONE_MEAN,         /* one mean for all outputs */
	NO_SIGN,          /* sum of c_o in place of the sum of |c_o| */
	UPHILL,           /* S goes down */
	UNSCALED,         /* eps of candidates not divided by the units */
	NO_DECAY,
	NO_SHRINK,  /* parabolas are trusted up to s = p */
	NO_MEMORY,  /* quickprop of the outputs starts anew in every phase */
	IMPATIENT,  /* the candidate phase ends even if the score has never changed */
	UNPRIMED,   /* no epoch for the correlations */
	PLUS,       /* output weights of a new unit have the other sign */
	WORST,      /* the worst candidate is installed */
	NEVER_DONE, /* learns on without error bits */
	MUTANTS
};

struct plain_q {
	double w, d, p, s;
};

struct plain {
	struct learner_options o;
	enum mutant mutant;
	struct rng draws;
	int hidden, phase;
	long epoch, quit, stagnant, limited, perfect; /* the last three: how phases ended, and epochs without error bits */
	bool first;
	double last;
	struct plain_q out[SYMBOLS][SOURCES], pool[POOL][SOURCES + 1]; /* the self weight comes last */
	double w[UNITS][SOURCES + 1];
	double c[POOL][SYMBOLS];
};

/* A lane's training set; symbols 0 ... length of a string, the last one is only predicted. */
struct set {
	int length[SET], symbol[SET][LONGEST + 1];
};

/* What happens in an epoch, step by step. */
struct moments {
	int n;
	double x[SET * LONGEST][SOURCES], off[SET * LONGEST][SYMBOLS], e[SET * LONGEST][SYMBOLS];
	bool start[SET * LONGEST];
};

static double sigma(double x)
{
	return 1.0 / (1.0 + exp(-x)) - 0.5;
}

static void plain_forward(const struct plain *p, const struct set *set, struct moments *m)
{
	m->n = 0;
	for (int k = 0; k < SET; k++)
		for (int t = 0; t < set->length[k]; t++, m->n++) {
			double *const x = m->x[m->n];
			memset(x, 0, sizeof m->x[0]);
			x[0] = 1.0;
			x[1 + set->symbol[k][t]] = 1.0;
			for (int j = 0; j < p->hidden; j++) {
				double net = t ? p->w[j][SOURCES] * m->x[m->n - 1][1 + SYMBOLS + j] : 0.0;
				for (int i = 0; i < 1 + SYMBOLS + j; i++)
					net += p->w[j][i] * x[i];
				x[1 + SYMBOLS + j] = sigma(net);
			}
			m->start[m->n] = t == 0;
			for (int o = 0; o < SYMBOLS; o++) {
				double net = 0.0;
				for (int i = 0; i < SOURCES; i++)
					net += p->out[o][i].w * x[i];
				const double y = sigma(net);
				m->off[m->n][o] = y - (o == set->symbol[k][t + 1] ? 0.5 : -0.5);
				m->e[m->n][o] = m->off[m->n][o] * (0.25 - y * y + (p->mutant == NO_OFFSET ? 0.0 : 0.1));
			}
		}
}

static double plain_quickprop(const struct plain_q *q, double eps, double mu, double shrink, double s)
{
	double step = 0.0;
	if (q->d < 0.0) {
		if (s > 0.0)
			step -= eps * s;
		step += s >= shrink * q->p ? mu * q->d : q->d * (s / (q->p - s));
	} else if (q->d > 0.0) {
		if (s < 0.0)
			step -= eps * s;
		step += s <= shrink * q->p ? mu * q->d : q->d * (s / (q->p - s));
	} else {
		step = -eps * s;
	}
	return step;
}

static void plain_update(const struct plain *p, struct plain_q *q, double eps, double mu, double decay)
{
	const double s = q->s + (p->mutant == NO_DECAY ? 0.0 : decay * q->w);
	const double shrink = p->mutant == NO_SHRINK ? 1.0 : mu / (1.0 + mu);
	q->d = plain_quickprop(q, eps, mu, shrink, s);
	q->w += q->d;
	q->p = s;
	q->s = 0.0;
}

/* Is the phase over? */
static bool plain_over(struct plain *p, double value, double change)
{
	p->epoch++;
	bool stagnant = false;
	if (p->first)
		p->last = value;
	else if (fabs(value - p->last) > p->last * change)
		p->last = value, p->quit = p->epoch + p->o.patience;
	else
		stagnant = p->epoch >= p->quit;
	p->first = false;
	p->stagnant += stagnant;
	p->limited += !stagnant && p->epoch >= p->o.epochs;
	return stagnant || p->epoch >= p->o.epochs;
}

static double plain_draw(struct plain *p)
{
	return rng_between(&p->draws, -p->o.candidate_init, p->o.candidate_init);
}

static void plain_phase(struct plain *p, int phase)
{
	p->phase = phase;
	p->epoch = 0;
	p->first = true;
	p->quit = phase == OUTPUTS || p->mutant == IMPATIENT ? p->o.patience : LONG_MAX;
	if (phase != PRIMING)
		return;
	memset(p->pool, 0, sizeof p->pool);
	memset(p->c, 0, sizeof p->c);
	for (int u = 0; u < p->o.candidates; u++)
		for (int i = 0; i <= SOURCES; i++)
			if (i < 1 + SYMBOLS + p->hidden || i == SOURCES)
				p->pool[u][i].w = plain_draw(p);
	if (p->mutant == UNPRIMED)
		p->phase = CANDIDATES;
}

static void plain_outputs(struct plain *p, const struct moments *m)
{
	double error = 0.0;
	bool bits = p->mutant == NEVER_DONE;
	for (int t = 0; t < m->n; t++)
		for (int o = 0; o < SYMBOLS; o++) {
			error += m->off[t][o] * m->off[t][o];
			bits |= fabs(m->off[t][o]) > 0.4;
			for (int i = 0; i < SOURCES; i++)
				p->out[o][i].s += m->e[t][o] * m->x[t][i];
		}
	for (int o = 0; o < SYMBOLS; o++)
		for (int i = 0; i < SOURCES; i++) {
			if (bits)
				plain_update(p, &p->out[o][i], p->o.output_eps / m->n, p->o.output_mu, p->o.output_decay);
			p->out[o][i].s = 0.0;
		}
	p->perfect += !bits;
	if (bits && plain_over(p, error, p->o.output_change) && p->hidden < p->o.max_units)
		plain_phase(p, PRIMING);
}

static void plain_candidate(const struct plain *p, int u, const struct moments *m, double *v)
{
	for (int t = 0; t < m->n; t++) {
		double net = m->start[t] ? 0.0 : p->pool[u][SOURCES].w * v[t - 1];
		for (int i = 0; i < SOURCES; i++)
			net += p->pool[u][i].w * m->x[t][i];
		v[t] = sigma(net);
	}
}

/* Mean errors and SSE. */
static double plain_errors(const struct plain *p, const struct moments *m, double *mean)
{
	double sse = 0.0, all = 0.0;
	for (int o = 0; o < SYMBOLS; o++) {
		mean[o] = 0.0;
		for (int t = 0; t < m->n; t++) {
			sse += m->e[t][o] * m->e[t][o];
			mean[o] += m->e[t][o] / m->n;
		}
		all += mean[o] / SYMBOLS;
	}
	for (int o = 0; o < SYMBOLS; o++)
		mean[o] = p->mutant == NO_MEAN ? 0.0 : p->mutant == ONE_MEAN ? all : mean[o];
	return sse;
}

/* -dS/dw by going backwards through time, added to the slopes */
static void plain_slopes(struct plain *p, int u, const struct moments *m, const double *v)
{
	double mean[SYMBOLS], back = 0.0;
	const double sse = plain_errors(p, m, mean);
	for (int t = m->n - 1; t >= 0; t--) {
		double direct = 0.0;
		for (int o = 0; o < SYMBOLS; o++) {
			const double sign = p->c[u][o] < 0.0 && p->mutant != NO_SIGN ? -1.0 : 1.0;
			direct -= (p->mutant == UPHILL ? -sign : sign) * (m->e[t][o] - mean[o]) / sse;
		}
		const double at_net = (direct + back) * (0.25 - v[t] * v[t] + (p->mutant == OTHER_OFFSET_TOO ? 0.1 : 0.0));
		for (int i = 0; i < SOURCES; i++)
			p->pool[u][i].s += at_net * m->x[t][i];
		if (!m->start[t] && p->mutant != SELF_FROZEN)
			p->pool[u][SOURCES].s += at_net * v[t - 1];
		back = m->start[t] || p->mutant == SHORT_GRADIENT ? 0.0 : at_net * p->pool[u][SOURCES].w;
	}
}

static double plain_correlate(struct plain *p, int u, const struct moments *m, const double *v)
{
	double mean[SYMBOLS], score = 0.0;
	const double sse = plain_errors(p, m, mean);
	for (int o = 0; o < SYMBOLS; o++) {
		p->c[u][o] = 0.0;
		for (int t = 0; t < m->n; t++)
			p->c[u][o] += v[t] * (m->e[t][o] - mean[o]) / sse;
		score += fabs(p->c[u][o]);
	}
	return score;
}

static void plain_install(struct plain *p, int best)
{
	for (int i = 0; i <= SOURCES; i++)
		p->w[p->hidden][i] = p->pool[best][i].w;
	for (int o = 0; o < SYMBOLS; o++)
		p->out[o][1 + SYMBOLS + p->hidden].w = p->mutant == PLUS ? p->c[best][o] : -p->c[best][o];
	for (int o = 0; o < SYMBOLS && p->mutant == NO_MEMORY; o++)
		for (int i = 0; i < SOURCES; i++)
			p->out[o][i].d = 0.0;
	p->hidden++;
	plain_phase(p, OUTPUTS);
}

static void plain_candidates(struct plain *p, const struct moments *m)
{
	const double cases_units = m->n * (p->mutant == UNSCALED ? 1.0 : 1.0 + SYMBOLS + p->hidden);
	double best_score = 0.0, worst_score = INFINITY;
	int best = 0, worst = 0;
	for (int u = 0; u < p->o.candidates; u++) {
		double v[SET * LONGEST];
		plain_candidate(p, u, m, v);
		if (p->phase == CANDIDATES) {
			plain_slopes(p, u, m, v);
			for (int i = 0; i <= SOURCES; i++)
				plain_update(p, &p->pool[u][i], p->o.candidate_eps / cases_units, p->o.candidate_mu, p->o.candidate_decay);
		}
		const double score = plain_correlate(p, u, m, v);
		if (score > best_score)
			best_score = score, best = u;
		if (score < worst_score)
			worst_score = score, worst = u;
	}
	if (p->phase == PRIMING)
		p->phase = CANDIDATES;
	else if (plain_over(p, best_score, p->o.candidate_change))
		plain_install(p, p->mutant == WORST ? worst : best);
}

static void plain_epoch(struct plain *p, const struct set *set)
{
	static struct moments m;
	plain_forward(p, set, &m);
	if (p->phase == OUTPUTS)
		plain_outputs(p, &m);
	else
		plain_candidates(p, &m);
}

static void plain_start(struct plain *p, const struct learner_options *o, enum mutant mutant, struct rng draws)
{
	*p = (struct plain){.o = *o, .mutant = mutant, .draws = draws};
	plain_phase(p, OUTPUTS);
	for (int k = 0; k < SYMBOLS; k++)
		for (int i = 0; i < 1 + SYMBOLS; i++)
			p->out[k][i].w = plain_draw(p);
}

/* === The program's, driven step by step === */

static struct learner_options options(void)
{
	struct learner_options o = learner_defaults();
	while (strcmp(learner_types[o.learner]->name, "cascade-correlation") != 0)
		o.learner++;
	o.candidates = POOL;
	o.max_units = UNITS;
	o.candidate_decay = 0.001;
	o.output_decay = 0.01;
	o.patience = 4;
	o.epochs = 12;
	return o;
}

static struct learner *learner_of(const struct learner_options *o)
{
	const struct task_shape shape = {
	    .coding = INPUT_LOCAL, .in = SYMBOLS, .out = SYMBOLS, .every_step = true, .classes = true, .train_set = SET};
	const struct net_options net = net_defaults();
	const struct rule_options rule = rule_defaults();
	struct error e = {0};
	struct learner *learner = learner_create(&(struct learner_parts){o, &net, &rule, &shape, false}, &e);
	if (!learner)
		fail_msg("%s", e.text);
	for (int l = 0; l < LANES; l++) {
		struct rng r = rng_stream((uint64_t)l, "weights");
		learner_start(learner, l, &r);
	}
	return learner;
}

/* Strings of random symbols, or such that each symbol tells the next. */
static void set_draw(struct set *set, int l, bool easy)
{
	struct rng r = rng_stream((uint64_t)l, "strings");
	for (int k = 0; k < SET; k++) {
		set->length[k] = 1 + rng_below(&r, LONGEST);
		for (int t = 0; t <= set->length[k]; t++)
			set->symbol[k][t] = easy && t ? (set->symbol[k][t - 1] + 1) % SYMBOLS : rng_below(&r, SYMBOLS);
	}
}

/* One lane's presentations: its set over and over, and tests in between. */
struct stage {
	const struct set *set;
	struct rng draws;
	long trained, sequences; /* training sequences so far, and to be presented in all */
	int k, t;
	bool learns;
};

static void stage_next(struct stage *s)
{
	s->t = 0;
	s->learns = rng_below(&s->draws, 4) != 0;
	s->k = s->learns ? (int)(s->trained % SET) : rng_below(&s->draws, SET);
}

/* Presents the sets so many times; with_end: also ends the very last sequences. */
static void drive(struct learner *learner, const struct set *sets, long epochs, bool with_end)
{
	struct stage stage[LANES];
	ilane index = {0};
	const struct frames frames = {.coding = INPUT_LOCAL, .in = SYMBOLS, .index = &index};
	for (int l = 0; l < LANES; l++) {
		stage[l] = (struct stage){.set = &sets[l], .draws = rng_stream((uint64_t)l, "stage"), .sequences = epochs * SET};
		stage_next(&stage[l]);
		learner_reset(learner, l, 0);
	}
	for (bool busy = true; busy;) {
		lane target[SYMBOLS] = {{0}};
		struct lesson lesson = {.line = ilane_set(-1), .target = target};
		ilane ended = {0};
		busy = false;
		for (int l = 0; l < LANES; l++) {
			const struct stage *const s = &stage[l];
			if (s->trained == s->sequences)
				continue;
			busy = true;
			index[l] = s->set->symbol[s->k][s->t];
			lesson.line[l] = s->set->symbol[s->k][s->t + 1];
			target[lesson.line[l]][l] = 1.0;
			lesson.learns[l] = s->learns ? -1 : 0;
			lesson.rate[l] = s->learns ? 0.1 : 0.0;
			lesson.last[l] = s->t + 1 == s->set->length[s->k] ? -1 : 0;
		}
		learner_advance(learner, &frames, 0, 1);
		learner_answer(learner, &frames, 0);
		if (lane_any(lesson.learns))
			learner_teach(learner, &frames, 0, &lesson);
		for (int l = 0; l < LANES; l++) {
			struct stage *const s = &stage[l];
			s->t++;
			if (!lesson.last[l])
				continue;
			s->trained += s->learns;
			ended[l] = s->trained == s->sequences && !with_end ? 0 : -1;
		}
		if (lane_any(ended))
			learner_finish(learner, ended);
		for (int l = 0; l < LANES; l++)
			if (ended[l] && stage[l].trained < stage[l].sequences) {
				stage_next(&stage[l]);
				learner_reset(learner, l, 0);
			}
	}
}

/* Largest difference of the two, relative to the numbers' size; they must be in the same phase. */
static double difference(const struct cascade *c, int l, const struct plain *p)
{
	double largest = 0.0;
#define COMPARE(a, b) largest = fmax(largest, fabs((a)[l] - (b)) / (1.0 + fabs(b)))
	if (c->phase[l] != p->phase || c->hidden[l] != p->hidden)
		return INFINITY;
	for (int o = 0; o < SYMBOLS; o++)
		for (int i = 0; i < SOURCES; i++) {
			const int at = o * SOURCES + i;
			COMPARE(c->output.w[at], p->out[o][i].w);
			COMPARE(c->output.step[at], p->out[o][i].d);
			COMPARE(c->output.before[at], p->out[o][i].p);
			COMPARE(c->output.slope[at], 0.0);
		}
	for (int j = 0; j < UNITS; j++)
		for (int i = 0; i <= SOURCES; i++)
			COMPARE(c->w_hidden[j * (SOURCES + 1) + i], p->w[j][i]);
	for (int u = 0; u < POOL && p->phase != OUTPUTS; u++)
		for (int i = 0; i <= SOURCES; i++)
			COMPARE(c->pool.w[u * (SOURCES + 1) + i], p->pool[u][i].w);
#undef COMPARE
	return largest;
}

/* Counts over all lanes of what must have happened. */
struct course {
	long hidden, stagnant, limited, perfect;
};

/* Largest difference after so many epochs. Every second lane has an easy set. */
static double compare_lanes(long epochs, enum mutant mutant, int easy, struct course *course)
{
	const struct learner_options o = options();
	struct learner *learner = learner_of(&o);
	struct set sets[LANES];
	double largest = 0.0;
	for (int l = 0; l < LANES; l++)
		set_draw(&sets[l], l, l % 2 == easy);
	drive(learner, sets, epochs, true);
	for (int l = 0; l < LANES; l++) {
		struct plain p;
		plain_start(&p, &o, mutant, rng_stream((uint64_t)l, "weights"));
		for (long i = 0; i < epochs; i++)
			plain_epoch(&p, &sets[l]);
		largest = fmax(largest, difference(self(learner), l, &p));
		course->hidden += p.hidden;
		course->stagnant += p.stagnant;
		course->limited += p.limited;
		course->perfect += p.perfect;
	}
	learner_free(learner);
	return largest;
}

static double compare(long epochs, enum mutant mutant, struct course *course)
{
	*course = (struct course){0};
	return fmax(compare_lanes(epochs, mutant, 0, course), compare_lanes(epochs, mutant, 1, course));
}

static void test_plain(void **state)
{
	(void)state;
	struct course course;
	for (long epochs = 1; epochs <= 88; epochs += epochs < 20 ? 1 : 17) {
		const double d = compare(epochs, CORRECT, &course);
		if (!(d < 1e-6))
			fail_msg("after %ld epochs: a difference of %g", epochs, d);
	}
	if (course.hidden < LANES || !course.stagnant || !course.limited || !course.perfect)
		fail_msg("%ld units, %ld phases at an end, %ld cut short, %ld epochs without error bits", course.hidden, course.stagnant,
			 course.limited, course.perfect);
}

static void test_mutants(void **state)
{
	(void)state;
	struct course course;
	for (int m = CORRECT + 1; m < MUTANTS; m++) {
		const double d = compare(88, (enum mutant)m, &course);
		if (!(d > 1e-3))
			fail_msg("mutant %d: a difference of %g only", m, d);
	}
}

/* === Quickprop === */

static double random_part(struct rng *r)
{
	const int kind = rng_below(r, 5);
	return kind == 0 ? 0.0 : rng_between(r, -1.0, 1.0) * (kind == 1 ? 1e-3 : 1.0);
}

static void test_quickprop(void **state)
{
	(void)state;
	enum { N = 20000 };
	const struct quickprop_rates rates = {.mu = 1.75, .decay = 0.01, .eps = lane_set(0.3)};
	struct quickprop q = quickprop_create(N);
	struct rng r = rng_stream(1, "quickprop");
	struct plain_q(*before)[LANES] = memory_zeroed(N, sizeof *before);
	ilane mask = ilane_set(-1);
	for (int i = 0; i < N; i++)
		for (int l = 0; l < LANES; l++) {
			struct plain_q *b = &before[i][l];
			*b = (struct plain_q){random_part(&r), random_part(&r), random_part(&r), random_part(&r)};
			/* As the algorithm has it: the last step was downhill. */
			b->p = b->d > 0.0 ? -fabs(b->p) : fabs(b->p);
			q.w[i][l] = b->w;
			q.step[i][l] = b->d;
			q.before[i][l] = b->p;
			q.slope[i][l] = b->s;
		}
	mask[LANES - 1] = LANES > 1 ? 0 : -1;
	quickprop_update(&q, N, &rates, mask);
	for (int i = 0; i < N; i++)
		for (int l = 0; l < LANES; l++) {
			const struct plain_q *b = &before[i][l];
			const double s = fma(0.01, b->w, b->s), d = mask[l] ? plain_quickprop(b, 0.3, 1.75, 1.75 / 2.75, s) : b->d;
			assert_true(q.step[i][l] == d);
			assert_true(q.w[i][l] == (mask[l] ? b->w + d : b->w));
			assert_true(q.before[i][l] == (mask[l] ? s : b->p));
			assert_true(q.slope[i][l] == (mask[l] ? 0.0 : b->s));
		}
	quickprop_free(&q);
	free(before);
}

/* === Slopes against central differences === */

/* The plain twin of a lane, with its weights as they are. */
static void twin(struct plain *p, const struct cascade *c, int l)
{
	*p = (struct plain){.o = c->base.o, .hidden = (int)c->hidden[l], .phase = (int)c->phase[l]};
	for (int o = 0; o < SYMBOLS; o++)
		for (int i = 0; i < SOURCES; i++)
			p->out[o][i].w = c->output.w[o * SOURCES + i][l];
	for (int j = 0; j < UNITS; j++)
		for (int i = 0; i <= SOURCES; i++)
			p->w[j][i] = c->w_hidden[j * (SOURCES + 1) + i][l];
	for (int u = 0; u < POOL; u++)
		for (int i = 0; i <= SOURCES; i++)
			p->pool[u][i].w = c->pool.w[u * (SOURCES + 1) + i][l];
}

/* sum_t,o (o - target)^2 / 2, and the part of the program's slope of weight (o, i) that comes from the 0.1 */
static double half_squares(const struct plain *p, const struct set *set, int o, int i, double *offset)
{
	static struct moments m;
	double sum = 0.0;
	plain_forward(p, set, &m);
	*offset = 0.0;
	for (int t = 0; t < m.n; t++) {
		*offset += 0.1 * m.off[t][o] * m.x[t][i];
		for (int k = 0; k < SYMBOLS; k++)
			sum += 0.5 * m.off[t][k] * m.off[t][k];
	}
	return sum;
}

/* -sum_o sign(c_o) c_o' of candidate u, c_o' being those of the weights of p, the signs those that c has */
static double minus_score(struct plain *p, const struct set *set, const struct cascade *c, int l, int u)
{
	static struct moments m;
	double v[SET * LONGEST], sum = 0.0;
	plain_forward(p, set, &m);
	plain_candidate(p, u, &m, v);
	plain_correlate(p, u, &m, v);
	for (int o = 0; o < SYMBOLS; o++)
		sum -= c->c[u * SYMBOLS + o][l] < 0.0 ? -p->c[u][o] : p->c[u][o];
	return sum;
}

/* A learner whose lanes have just seen the last step of so many epochs, but not the end of the last one, and their sets. */
static struct learner *before_epoch_end(struct set *sets, long epochs)
{
	const struct learner_options o = options();
	struct learner *learner = learner_of(&o);
	for (int l = 0; l < LANES; l++)
		set_draw(&sets[l], l, false);
	drive(learner, sets, epochs, false);
	return learner;
}

static double central(double above, double below, double h)
{
	return (above - below) / (2.0 * h);
}

/* Largest distance between slope and difference, relative to the largest slope, which must not vanish. */
struct gap {
	double gap, largest, self; /* self: the largest slope of a self weight */
	long lanes;
};

static void gap_add(struct gap *g, double slope, double numeric)
{
	g->gap = fmax(g->gap, fabs(slope - numeric));
	g->largest = fmax(g->largest, fabs(slope));
}

static void output_gap(struct gap *g, const struct cascade *c, int l, const struct set *set)
{
	const double h = 1e-5;
	struct plain p;
	twin(&p, c, l);
	g->lanes++;
	for (int o = 0; o < SYMBOLS; o++)
		for (int i = 0; i < 1 + SYMBOLS + p.hidden; i++) {
			const double w = p.out[o][i].w;
			double offset, other;
			p.out[o][i].w = w + h;
			const double above = half_squares(&p, set, o, i, &other);
			p.out[o][i].w = w - h;
			const double below = half_squares(&p, set, o, i, &other);
			p.out[o][i].w = w;
			half_squares(&p, set, o, i, &offset);
			gap_add(g, c->output.slope[o * SOURCES + i][l] - offset, central(above, below, h));
		}
}

/* mutant: the slopes are not the program's but those of the plain implementation's mutant, to see that they are told apart */
static void candidate_gap(struct gap *g, const struct cascade *c, int l, const struct set *set, enum mutant mutant)
{
	static struct moments m;
	const double h = 1e-5;
	struct plain p, wrong;
	twin(&p, c, l);
	g->lanes++;
	for (int u = 0; u < POOL; u++) {
		double v[SET * LONGEST];
		wrong = p;
		wrong.mutant = mutant;
		for (int o = 0; o < SYMBOLS; o++)
			wrong.c[u][o] = c->c[u * SYMBOLS + o][l];
		plain_forward(&wrong, set, &m);
		plain_candidate(&wrong, u, &m, v);
		plain_slopes(&wrong, u, &m, v);
		for (int i = 0; i <= SOURCES; i++) {
			if (i >= 1 + SYMBOLS + p.hidden && i < SOURCES)
				continue;
			const double w = p.pool[u][i].w;
			p.pool[u][i].w = w + h;
			const double above = minus_score(&p, set, c, l, u);
			p.pool[u][i].w = w - h;
			const double below = minus_score(&p, set, c, l, u);
			p.pool[u][i].w = w;
			const double slope = mutant ? wrong.pool[u][i].s : c->pool.slope[u * (SOURCES + 1) + i][l];
			gap_add(g, slope, central(above, below, h));
			if (i == SOURCES)
				g->self = fmax(g->self, fabs(slope));
		}
	}
}

enum { COURSE = 60 }; /* epochs after each of which the slopes of some are looked at */

static void test_output_slopes(void **state)
{
	(void)state;
	struct gap g = {0};
	for (long epochs = 1; epochs <= COURSE; epochs += 4) {
		struct set sets[LANES];
		struct learner *learner = before_epoch_end(sets, epochs);
		for (int l = 0; l < LANES; l++)
			if (self(learner)->phase[l] == OUTPUTS)
				output_gap(&g, self(learner), l, &sets[l]);
		learner_free(learner);
	}
	if (g.lanes < 3 || g.largest < 0.1 || !(g.gap < 1e-8 * g.largest))
		fail_msg("%ld lanes: a gap of %g with slopes up to %g", g.lanes, g.gap, g.largest);
}

static struct gap candidates_gap(enum mutant mutant)
{
	struct gap g = {0};
	for (long epochs = 1; epochs <= COURSE; epochs += 4) {
		struct set sets[LANES];
		struct learner *learner = before_epoch_end(sets, epochs);
		const struct cascade *c = self(learner);
		for (int l = 0; l < LANES; l++)
			if (c->phase[l] == CANDIDATES)
				candidate_gap(&g, c, l, &sets[l], mutant);
		learner_free(learner);
	}
	return g;
}

static void test_candidate_slopes(void **state)
{
	(void)state;
	const struct gap g = candidates_gap(CORRECT);
	if (g.lanes < 3 || g.largest < 0.01 || g.self < 0.001 || !(g.gap < 1e-7 * g.largest))
		fail_msg("%ld lanes: a gap of %g with slopes up to %g, %g of self weights", g.lanes, g.gap, g.largest, g.self);
	const enum mutant mutants[] = {OTHER_OFFSET_TOO, SHORT_GRADIENT, SELF_FROZEN, NO_MEAN, ONE_MEAN, NO_SIGN, UPHILL};
	for (size_t i = 0; i < sizeof mutants / sizeof *mutants; i++) {
		const struct gap m = candidates_gap(mutants[i]);
		if (!(m.gap > 1e-3 * m.largest))
			fail_msg("mutant %d: a gap of %g only with slopes up to %g", (int)mutants[i], m.gap, m.largest);
	}
}

/* === Whole trials === */

enum { TRIALS = LANES + 3, POINTS = 100 };

struct record {
	int times;
	enum outcome outcome;
	long sequences, steps, points, hidden;
	struct curve_point curve[POINTS];
	double *weights; /* of outputs, then hidden units */
	size_t n;
};

struct crowd {
	uint64_t first;
	int n, taken;
	struct record record[TRIALS];
};

static bool take(void *to, int l, uint64_t *seed, double *rate)
{
	struct crowd *c = to;
	(void)l;
	(void)rate;
	*seed = c->first + (uint64_t)c->taken;
	return c->taken++ < c->n;
}

static void done(void *to, const struct result *r)
{
	struct crowd *crowd = to;
	const struct cascade *c = self((struct learner *)r->learner);
	const size_t out = (size_t)(c->base.out * c->sources), hidden = (size_t)(c->base.o.max_units * c->row);
	struct record *record = &crowd->record[r->seed - crowd->first];
	record->times++;
	record->outcome = r->outcome;
	record->sequences = r->sequences;
	record->steps = r->steps;
	record->points = r->points;
	record->hidden = c->hidden[r->lane];
	assert_in_range(r->points, 1, POINTS);
	memcpy(record->curve, r->curve, (size_t)r->points * sizeof *r->curve);
	record->n = out + hidden;
	record->weights = memory_zeroed(record->n, sizeof *record->weights);
	for (size_t i = 0; i < record->n; i++)
		record->weights[i] = i < out ? c->output.w[i][r->lane] : c->w_hidden[i - out][r->lane];
}

static void crowd_free(struct crowd *crowd)
{
	for (int i = 0; i < crowd->n; i++)
		free(crowd->record[i].weights);
	free(crowd);
}

static void set(struct conditions *c, const char *key, const char *value)
{
	struct error e = {0};
	if (!conditions_set(c, key, value, &e))
		fail_msg("%s", e.text);
}

static struct conditions reber(void)
{
	static const char *const given[][2] = {
	    {"task", "reber"},    {"strings", "32"},    {"trials_per_set", "1"}, {"learner", "cascade-correlation"},
	    {"order", "epoch"},   {"measure", "test"},  {"window", "64"},        {"judge", "legal"},
	    {"judged", "every"},  {"wrong_below", "1"}, {"error_below", "any"},  {"test_sequences", "0"},
	    {"test_every", "20"}, {"max_units", "6"}};
	struct conditions c = conditions_defaults();
	for (size_t i = 0; i < sizeof given / sizeof *given; i++)
		set(&c, given[i][0], given[i][1]);
	return c;
}

static struct crowd *crowd_run(uint64_t first, int n, long budget)
{
	const struct conditions c = reber();
	struct crowd *crowd = memory_zeroed(1, sizeof *crowd);
	struct error e = {0};
	crowd->first = first;
	crowd->n = n;
	if (!conditions_check(&c, NULL, &e))
		fail_msg("%s", e.text);
	group_run(&c, budget, &(struct group_calls){.to = crowd, .take = take, .done = done});
	for (int i = 0; i < n; i++)
		assert_int_equal(crowd->record[i].times, 1);
	return crowd;
}

static void assert_same(const struct record *a, const struct record *b)
{
	assert_int_equal(a->outcome, b->outcome);
	assert_int_equal(a->sequences, b->sequences);
	assert_int_equal(a->steps, b->steps);
	assert_int_equal(a->hidden, b->hidden);
	assert_int_equal(a->points, b->points);
	assert_int_equal(a->n, b->n);
	for (long i = 0; i < a->points; i++)
		assert_true(a->curve[i].sequences == b->curve[i].sequences && a->curve[i].error == b->curve[i].error);
	assert_memory_equal(a->weights, b->weights, a->n * sizeof *a->weights);
}

/* Bit for bit: in other lanes, with other neighbours, which are in other phases. */
static void test_crowd(void **state)
{
	(void)state;
	const long budget = 6000;
	struct crowd *crowd = crowd_run(1, TRIALS, budget);
	for (int i = 0; i < TRIALS; i += 2) {
		struct crowd *alone = crowd_run(crowd->first + (uint64_t)i, 1, budget);
		assert_same(&crowd->record[i], &alone->record[0]);
		crowd_free(alone);
	}
	crowd_free(crowd);
}

/* Units are installed, and the error falls with them. */
static void test_learns(void **state)
{
	(void)state;
	struct crowd *crowd = crowd_run(1, TRIALS, 20000);
	for (int i = 0; i < TRIALS; i++) {
		const struct record *r = &crowd->record[i];
		const double without = r->curve[r->points / 2].error, with = r->curve[r->points - 1].error;
		if (r->outcome != OUTCOME_SOLVED)
			assert_int_equal(r->hidden, 6);
		assert_true(r->hidden >= 2);
		if (!(with < 0.8 * without))
			fail_msg("trial %d: error %g, then %g", i, without, with);
	}
	crowd_free(crowd);
}

static void assert_refused(struct conditions c, const char *key, const char *value, const char *message)
{
	struct error e = {0};
	set(&c, key, value);
	assert_false(conditions_check(&c, NULL, &e));
	if (!strstr(e.text, message))
		fail_msg("'%s', expected '%s'", e.text, message);
}

static void test_refusals(void **state)
{
	(void)state;
	struct conditions c = reber();
	long weights;
	struct error e = {0};
	assert_true(conditions_check(&c, &weights, &e));
	/* 7 outputs with 1 + 7 + 6 sources; units with 8 ... 13 and themselves */
	assert_int_equal(weights, 7 * 14 + 8 + 9 + 10 + 11 + 12 + 13 + 6);
	assert_refused(c, "order", "random", "order: ");
	assert_refused(c, "errors", "last", "errors: ");
	set(&c, "judge", "tolerance");
	set(&c, "order", "random");
	assert_refused(c, "task", "temporal-order", "learner: ");
	assert_refused(c, "task", "two-sequence", "learner: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quickprop), cmocka_unit_test(test_output_slopes), cmocka_unit_test(test_candidate_slopes),
	    cmocka_unit_test(test_plain),     cmocka_unit_test(test_mutants),       cmocka_unit_test(test_crowd),
	    cmocka_unit_test(test_learns),    cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
