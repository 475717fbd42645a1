/* test_rules.c: every rule on every net that it can train.
   Does: compare the weight changes of all rules with differences of the error, which know of a net no more than its step;
   with each other; with plain scalar nets of recurrent units; back and push as transposes of each other; lanes that do
   not see each other; mutated nets and rules, which must fail; pairs that are refused. A net that is added later is
   covered by what it offers; a rule must be entered in `ways`.
   Does not: steps, initial weights, numbers of weights (test_nets.c); repeat test_gradient.c (rule truncated on net
   lstm97); tasks, stopping rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MAX_IN = 70, MAX_OUT = 9, MAX_HIDDEN = 64, MAX_STEPS = 64, MAX_WEIGHTS = 3000 };

#include "net/past.h"
#include "random_nets.h"

#include <float.h>

/* === Random settings === */

static struct setting setting_draw_sized(int type, bool large, struct rng *r)
{
	static const struct sizes small = {0, 4, 3, 2, 3, 3, 6, 5, true}, larger = {5, 18, 4, 3, 1, 3, 9, MAX_OUT, false};
	struct setting s;
	if (!setting_try(&s, type, large ? &larger : &small, "", r))
		fail_msg("no options for net %s", net_types[type]->name);
	s.teaching = (enum teaching)rng_below(r, TEACHINGS);
	s.rule.rate = 1.0;
	s.rule.update = UPDATE_SEQUENCE;
	s.rule.cell_errors = rng_below(r, 6) == 0;
	return s;
}

static struct setting setting_draw(int type, struct rng *r)
{
	return setting_draw_sized(type, false, r);
}

static bool is_recurrent(const struct net *net)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_RECURRENT)
			return true;
	return false;
}

static void weights_clear_recurrent(const struct net *net, struct weights *w)
{
	const struct connection *c;
	int row, col;
	for (int i = 0; weight_at(net, i, 0, &c, &row, &col); i++)
		for (int l = 0; l < LANES && c->source == SOURCE_RECURRENT; l++)
			w->w[l][i] = 0.0;
}

/* === Gradients === */

/* -dE/dw by the setting's rule: the changes after one sequence per lane. The rate is so large that the old weight does not
   round the change. */
static void changes_of(struct learner *learner, const struct setting *s, const struct crowd *c, const struct weights *w,
		       enum garbage garbage, struct weights *d)
{
	struct setting large = *s;
	large.rule.rate = 0x1p30;
	weights_write(learner->net, w);
	play(learner, &large, c, garbage);
	weights_read(learner->net, d);
	for (int l = 0; l < LANES; l++)
		for (int i = 0; i < d->n; i++)
			d->w[l][i] = (d->w[l][i] - w->w[l][i]) / large.rule.rate;
}

static void gradient(const struct setting *s, const struct crowd *c, const struct weights *w, const lane *grown, struct weights *d)
{
	struct learner *learner = learner_of(s);
	learner->net->grown = *grown;
	changes_of(learner, s, c, w, GARBAGE_WILD, d);
	learner_free(learner);
}

/* === Comparing === */

/* A change that is not known and compared with nothing. */
static const double UNKNOWN = 1e99;

static double lane_largest(const struct weights *w, int l)
{
	double largest = 0.0;
	for (int i = 0; i < w->n; i++)
		largest = fmax(largest, w->w[l][i] == UNKNOWN ? 0.0 : fabs(w->w[l][i]));
	return largest;
}

/* Tolerance, relative to the largest change of a lane, of rules with each other and with differences. Gradients below NIL are as good as
   zero; for differences, which know them to some 1e-12, below SLIGHT. */
static const double EXACT = 1e-10, NIL = 1e-9, SLIGHT = 1e-2;

/* The largest |a - b| of a lane, relative to the largest |b| there (and never to less than `least`); infinite if not a number. */
static double lane_distance_from(const struct weights *a, const struct weights *b, int l, double least)
{
	double d = 0.0;
	assert_int_equal(a->n, b->n);
	for (int i = 0; i < a->n; i++)
		if (a->w[l][i] != UNKNOWN && b->w[l][i] != UNKNOWN)
			d = fabs(a->w[l][i] - b->w[l][i]) <= d ? d : fabs(a->w[l][i] - b->w[l][i]);
	return isnan(d) ? INFINITY : d / fmax(lane_largest(b, l), least);
}

static double lane_distance(const struct weights *a, const struct weights *b, int l)
{
	return lane_distance_from(a, b, l, NIL);
}

static double distance_from(const struct weights *a, const struct weights *b, double least)
{
	double d = 0.0;
	for (int l = 0; l < LANES; l++)
		d = fmax(d, lane_distance_from(a, b, l, least));
	return d;
}

static double distance(const struct weights *a, const struct weights *b)
{
	return distance_from(a, b, NIL);
}

static void assert_near_from(const struct weights *a, const struct weights *b, double tolerance, double least, const struct setting *s,
			     const char *what)
{
	for (int l = 0; l < LANES; l++) {
		const double off = lane_distance_from(a, b, l, least);
		if (off <= tolerance)
			continue;
		char text[600];
		describe(s, text, sizeof text);
		for (int i = 0; i < a->n; i++)
			if (b->w[l][i] != UNKNOWN && !(fabs(a->w[l][i] - b->w[l][i]) <= tolerance * fmax(lane_largest(b, l), least)))
				fail_msg("%s: lane %d, weight %d: %.17g, expected %.17g, largest %g; %s", what, l, i, a->w[l][i],
					 b->w[l][i], lane_largest(b, l), text);
		fail_msg("%s: lane %d, off by %g; %s", what, l, off, text);
	}
}

static void assert_near(const struct weights *a, const struct weights *b, double tolerance, const struct setting *s, const char *what)
{
	assert_near_from(a, b, tolerance, NIL, s, what);
}

/* Bit for bit. */
static void assert_same(const struct weights *a, const struct weights *b, const struct setting *s, const char *what)
{
	assert_int_equal(a->n, b->n);
	for (int l = 0; l < LANES; l++)
		if (memcmp(a->w[l], b->w[l], (size_t)a->n * sizeof a->w[0][0])) {
			char text[600];
			describe(s, text, sizeof text);
			fail_msg("%s, lane %d: %s", what, l, text);
		}
}

/* === Differences of the error ===

   E = 1/2 sum (target - y)^2. What counts as moving with the weights tells the rules apart:
   FULL: all of the sequence;
   WINDOW: BPTT(h; h'): the errors since the last way back, and for each of these sums only the last h steps: the hidden layer
           makes the steps before with the old weights;
   STATES: errors pass from step to step in states only: every step starts from the old net's activations, but from its own
           states. */
enum kind { FULL, WINDOW, STATES, NOTHING };

/* Errors of the steps from ... to go back to step stop. */
struct window {
	int from, to, stop;
};

struct differ {
	const struct setting *s;
	const struct crowd *c; /* one round */
	enum kind kind;
	struct net *net;
	struct frames f;
	lane before[MAX_STEPS][MAX_HIDDEN]; /* STATES: the old net's activations before each step */
	bool rectified;                     /* units have a kink, on whose other side a difference says nothing */
	ilane bent[MAX_STEPS][MAX_HIDDEN];  /* on which side of it they are */
	ilane crossed;                      /* lanes where some difference has crossed one */
	struct window window[LANES][MAX_STEPS];
	int windows[LANES], most;
};

static void windows_of(struct differ *d, int l)
{
	const long depth = d->s->rule.depth, stride = d->s->rule.stride;
	d->windows[l] = 0;
	if (d->kind != WINDOW) {
		d->window[l][d->windows[l]++] = (struct window){0, d->c->n[l] - 1, 0};
		return;
	}
	for (int t = 0, from = 0; t < d->c->n[l]; t++) {
		const struct step *step = &d->c->step[l][t];
		if (!step->taught || !(step->last || t + 1 - from >= stride))
			continue;
		d->window[l][d->windows[l]++] = (struct window){from, t, t + 1 > depth ? t + 1 - (int)depth : 0};
		from = t + 1;
	}
}

/* E of window number k of every lane, with weight i moved by delta. */
static lane differ_error(struct differ *d, int i, bool hidden, int k, double delta)
{
	struct net *net = d->net;
	lane sum = {0}, centre = {0};
	double *place[LANES];
	for (int l = 0; l < LANES; l++) {
		place[l] = weight_in(net, i, l);
		centre[l] = *place[l];
		net_reset(net, l);
	}
	for (int t = 0; t < d->c->longest; t++) {
		for (int l = 0; l < LANES; l++)
			*place[l] = centre[l] + (k < d->windows[l] && (!hidden || t >= d->window[l][k].stop) ? delta : 0.0);
		for (int j = 0; d->kind == STATES && j < net->hidden; j++)
			net->y[j] = d->before[t][j];
		const struct frame x = frames_at(&d->f, t);
		net_run(net, &d->f, t, 1);
		for (int j = 0; d->rectified && j < net->hidden; j++)
			for (int l = 0; l < LANES; l++)
				d->crossed[l] |= t < d->c->n[l] && (net->y[j][l] > 0.0) != (d->bent[t][j][l] != 0) ? -1 : 0;
		net_answer(net, &x);
		for (int l = 0; l < LANES; l++) {
			const struct step *step = &d->c->step[l][t];
			if (k >= d->windows[l] || t < d->window[l][k].from || t > d->window[l][k].to || !step->taught)
				continue;
			if (hidden && d->s->rule.cell_errors && !step->last)
				continue;
			for (int o = 0; o < net->out; o++) {
				const double miss = (o == step->line ? step->target : 0.0) - net->y_out[o][l];
				sum[l] += 0.5 * miss * miss;
			}
		}
	}
	for (int l = 0; l < LANES; l++)
		*place[l] = centre[l];
	return sum;
}

/* (E(w - delta) - E(w + delta)) / (2 delta) for smaller and smaller delta, extrapolated to 0 (Ridders 1982): of the table
   a[level][order], of error delta^(2 order + 2), every lane takes the entry that differs least from those it comes from, rounding
   included, and that much is added to its error. */
static lane differ_weight(struct differ *d, int i, bool hidden, int k, lane *error)
{
	enum { LEVELS = 9 };
	lane a[LEVELS][LEVELS], best = {0}, least = lane_set(INFINITY);
	double delta = 0x1p-5;
	bool better = true; /* is still possible */
	for (int n = 0; n < LEVELS && better; n++, delta /= 2.0) {
		const lane below = differ_error(d, i, hidden, k, -delta), above = differ_error(d, i, hidden, k, delta);
		const lane rounding = 2.0 * DBL_EPSILON * (below + above) / delta;
		double power = 4.0;
		a[n][0] = (below - above) / (2.0 * delta);
		for (int order = 1; order <= n; order++, power *= 4.0) {
			a[n][order] = (power * a[n][order - 1] - a[n - 1][order - 1]) / (power - 1.0);
			for (int l = 0; l < LANES; l++) {
				const double right = fabs(a[n][order][l] - a[n][order - 1][l]),
					     up = fabs(a[n][order][l] - a[n - 1][order - 1][l]);
				if (fmax(right, up) + rounding[l] < least[l]) {
					least[l] = fmax(right, up) + rounding[l];
					best[l] = a[n][order][l];
				}
			}
		}
		better = false;
		for (int l = 0; l < LANES; l++)
			better = better || (least[l] > 0.1 * EXACT * fmax(fabs(best[l]), SLIGHT) && least[l] > rounding[l]);
	}
	*error += least;
	return best;
}

static void differ_prepare(struct differ *d, const struct weights *w, const lane *grown)
{
	assert_int_equal(d->c->rounds, 1);
	d->net = net_of(d->s);
	d->net->grown = *grown;
	d->rectified = is_rectified(&d->s->net);
	d->crossed = ilane_set(0);
	d->f = frames_create(d->s, d->c->longest);
	weights_write(d->net, w);
	d->most = 0;
	for (int l = 0; l < LANES; l++) {
		for (int t = 0; t < d->c->n[l]; t++)
			frames_write(&d->f, t, l, &d->c->step[l][t]);
		windows_of(d, l);
		d->most = d->windows[l] > d->most ? d->windows[l] : d->most;
		net_reset(d->net, l);
	}
	for (int t = 0; t < d->c->longest; t++) {
		memcpy(d->before[t], d->net->y, (size_t)d->net->hidden * sizeof(lane));
		net_run(d->net, &d->f, t, 1);
		for (int j = 0; j < d->net->hidden; j++)
			d->bent[t][j] = d->net->y[j] > 0.0;
	}
}

/* -dE/dw in every lane; UNKNOWN where it cannot be said. */
static void differences(const struct setting *s, enum kind kind, const struct crowd *c, const struct weights *w, const lane *grown,
			struct weights *numeric)
{
	static struct differ d;
	static struct weights unsure;
	const struct connection *of;
	int row, col;
	d.s = s;
	d.c = c;
	d.kind = kind;
	differ_prepare(&d, w, grown);
	memset(numeric, 0, sizeof *numeric);
	for (numeric->n = 0; weight_at(d.net, numeric->n, 0, &of, &row, &col); numeric->n++) {
		const bool hidden = of >= d.net->to_hidden && of < d.net->to_hidden + d.net->to_hidden_n;
		lane error = {0};
		d.crossed = ilane_set(0);
		for (int k = 0; k < d.most; k++) {
			const lane e = differ_weight(&d, numeric->n, hidden, k, &error);
			for (int l = 0; l < LANES; l++)
				numeric->w[l][numeric->n] += e[l];
		}
		for (int l = 0; l < LANES; l++)
			unsure.w[l][numeric->n] = d.crossed[l] ? INFINITY : error[l];
	}
	for (int l = 0; l < LANES; l++) {
		const double known = EXACT * fmax(lane_largest(numeric, l), SLIGHT);
		for (int i = 0; i < numeric->n; i++)
			if (!(unsure.w[l][i] <= known))
				numeric->w[l][i] = UNKNOWN;
	}
	frames_free(&d.f);
	net_free(d.net);
}

/* === Every rule on every net === */

/* What each rule computes, when weights change after the sequence; depth 0: drawn. */
static const struct way {
	const char *rule;
	enum kind kind;
	long depth, stride;
} ways[] = {
    {"bptt", FULL, 1, 1},
    {"rtrl", FULL, 1, 1},
    {"bptt-window", FULL, MAX_STEPS, MAX_STEPS},
    {"bptt-window", WINDOW, 0, 0},
    {"bptt-window", WINDOW, 1, 1},
    {"elman", WINDOW, 1, 1},
    {"truncated", STATES, 1, 1},
    {"bptt-truncated", STATES, 1, 1},
    {"guess", NOTHING, 1, 1},
};
enum { WAYS = sizeof ways / sizeof *ways };

static bool fits(int net, int rule)
{
	return !(rule_types[rule]->needs & ~net_types[net]->offers);
}

static bool fits_net(const struct net *net, int rule)
{
	return !(rule_types[rule]->needs & ~net_offers(net));
}

/* The truncated gradient does not go back through peepholes, which the differences of STATES do. */
static bool can_differ(const struct net *net, enum kind kind)
{
	return kind != STATES || !is_net(&net->o, "lstm") || !net->o.peepholes;
}

/* Some rule can train it. */
static bool can_be_trained(int net)
{
	for (int i = 0; i < WAYS; i++)
		if (ways[i].kind != NOTHING && fits(net, rule_named(ways[i].rule)))
			return true;
	return false;
}

/* Depth and stride as the way says, or drawn. */
static struct setting setting_of_way(const struct setting *s, const struct way *way, struct rng *r)
{
	struct setting result = *s;
	result.rule.rule = rule_named(way->rule);
	result.rule.depth = way->depth;
	result.rule.stride = way->stride;
	if (!way->depth) {
		result.rule.stride = 1 + rng_below(r, 4);
		result.rule.depth = result.rule.stride + rng_below(r, 4);
	}
	return result;
}

static void test_ways_are_complete(void **state)
{
	(void)state;
	for (int rule = 0; rule_types[rule]; rule++) {
		int found = 0;
		for (int i = 0; i < WAYS; i++)
			found += rule_named(ways[i].rule) == rule;
		if (!found)
			fail_msg("rule %s: enter in `ways` what it computes", rule_types[rule]->name);
	}
	int pairs = 0;
	for (int net = 0; net_types[net]; net++)
		for (int rule = 0; rule_types[rule]; rule++)
			pairs += fits(net, rule) && !rule_types[rule]->guesses;
	assert_true(pairs >= 6 + 5); /* lstm97, rnn */
}

/* Options with which the rule can train the net. */
static struct setting setting_draw_for(int type, int rule, struct rng *r)
{
	for (;;) {
		const struct setting s = setting_draw(type, r);
		struct net *net = net_of(&s);
		const bool fit = fits_net(net, rule);
		net_free(net);
		if (fit)
			return s;
	}
}

struct tally {
	int compared, strong; /* lanes; with gradients that are not near zero */
	int weights, unknown; /* of the numeric gradient */
	int recurrent, apart; /* lanes with recurrence and several steps; where FULL, WINDOW (1; 1) and STATES all differ */
};

/* Lanes where what the rules leave out should be seen. */
static void tally_lanes(struct tally *tally, const struct crowd *c, const struct weights *full, const struct weights *window,
			const struct weights *states, bool recurrent)
{
	for (int l = 0; l < LANES; l++) {
		tally->compared++;
		tally->strong += lane_largest(full, l) > 1e-3;
		tally->weights += full->n;
		for (int i = 0; i < full->n; i++)
			tally->unknown += full->w[l][i] == UNKNOWN;
		if (!recurrent || c->n[l] < 3)
			continue;
		tally->recurrent++;
		tally->apart += lane_distance(window, full, l) > 1e-5 && lane_distance(states, full, l) > 1e-5;
	}
}

/* All rules on one random net. */
static void check_net(int type, int number, struct tally *tally)
{
	static struct crowd c;
	static struct weights w, numeric[NOTHING], d, first[NOTHING];
	struct rng r = rng_stream((uint64_t)number, net_types[type]->name);
	struct setting s = setting_draw_sized(type, number % 40 == 0, &r);
	struct net *net = net_of(&s);
	const bool cleared = number % 5 == 0;
	bool seen[NOTHING] = {false};
	lane grown = lane_set(1.0);
	weights_draw(net, &w, &r);
	if (cleared)
		weights_clear_recurrent(net, &w);
	if (number % 16 == 0)
		grown[number / 16 % LANES] = 0.0;
	if (number % 9 == 0)
		s.teaching = TAUGHT_ANY;
	crowd_draw(&s, &c, 1, 1, 9, &r);
	differences(&s, FULL, &c, &w, &grown, &numeric[FULL]);
	differences(&s, STATES, &c, &w, &grown, &numeric[STATES]);
	for (int i = 0; i < WAYS; i++) {
		const enum kind kind = ways[i].kind;
		/* a window's last way back is at the last step, which must have a target */
		if (kind == NOTHING || !fits_net(net, rule_named(ways[i].rule)) || (s.teaching == TAUGHT_ANY && ways[i].depth != 1))
			continue;
		const struct setting one = setting_of_way(&s, &ways[i], &r);
		gradient(&one, &c, &w, &grown, &d);
		if (kind == WINDOW)
			differences(&one, kind, &c, &w, &grown, &numeric[kind]);
		if (can_differ(net, kind))
			assert_near_from(&d, &numeric[kind], EXACT, SLIGHT, &one, "differences");
		if (kind != WINDOW && seen[kind])
			assert_near(&d, &first[kind], EXACT, &one, "another rule");
		else
			first[kind] = d;
		seen[kind] = true;
	}
	if (cleared && seen[FULL] && seen[STATES] && can_differ(net, STATES))
		assert_near(&first[STATES], &first[FULL], EXACT, &s, "recurrent weights are zero");
	tally_lanes(tally, &c, &numeric[FULL], &first[WINDOW], &numeric[STATES],
		    !cleared && s.teaching != TAUGHT_ANY && seen[WINDOW] && is_recurrent(net));
	net_free(net);
}

static void test_every_pair(void **state)
{
	(void)state;
	for (int type = 0; net_types[type]; type++) {
		struct tally tally = {0};
		if (!can_be_trained(type))
			continue;
		for (int number = 1; number <= 200; number++)
			check_net(type, number, &tally);
		assert_true(tally.strong > tally.compared * (type == net_named("irnn") ? 6 : 9) / 10); /* rectified units may be silent */
		assert_true(tally.unknown <= tally.weights / 10);
		assert_true(tally.apart >= tally.recurrent * (type == net_named("irnn") ? 3 : 8) / 10);
		assert_true(tally.recurrent > 20 || type == net_named("window"));
	}
}

/* One step at a time is bptt-window(1; 1), bit for bit; a window that holds all of the sequence is bptt, also if the
   weights are to change at every step. */
static void test_windows(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w, window, elman, step, full;
	const lane grown = lane_set(1.0);
	for (int type = 0; net_types[type]; type++)
		for (int number = 1; number <= 30 && fits(type, rule_named("bptt")); number++) {
			struct rng r = rng_stream((uint64_t)number, "windows");
			struct setting s = setting_draw(type, &r);
			struct net *net = net_of(&s);
			weights_draw(net, &w, &r);
			crowd_draw(&s, &c, 1, 1, 9, &r);
			s.rule.rule = rule_named("elman");
			gradient(&s, &c, &w, &grown, &elman);
			s.rule.rule = rule_named("bptt");
			gradient(&s, &c, &w, &grown, &full);
			s.rule.rule = rule_named("bptt-window");
			s.rule.depth = s.rule.stride = 1;
			gradient(&s, &c, &w, &grown, &window);
			assert_same(&elman, &window, &s, "elman and window (1; 1)");
			s.rule.depth = s.rule.stride = c.longest;
			gradient(&s, &c, &w, &grown, &window);
			assert_near(&window, &full, 1e-14, &s, "a window as long as the sequence");
			s.rule.update = UPDATE_STEP;
			gradient(&s, &c, &w, &grown, &step);
			assert_same(&step, &window, &s, "a window as long as the sequence, update = step");
			net_free(net);
		}
}

/* With one target, at the end, all updates are the same. */
static void test_updates_at_the_end(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w, sequence, other;
	const lane grown = lane_set(1.0);
	int compared = 0;
	for (int type = 0; net_types[type]; type++)
		for (int i = 0; i < WAYS; i++)
			for (int number = 1; number <= 10 && fits(type, rule_named(ways[i].rule)); number++) {
				struct rng r = rng_stream((uint64_t)number, "end");
				struct setting s = setting_draw_for(type, rule_named(ways[i].rule), &r);
				s.teaching = TAUGHT_LAST;
				struct net *net = net_of(&s);
				weights_draw(net, &w, &r);
				crowd_draw(&s, &c, 1, 1, 9, &r);
				s = setting_of_way(&s, &ways[i], &r);
				gradient(&s, &c, &w, &grown, &sequence);
				for (s.rule.update = 0; s.rule.update <= UPDATE_LATE; s.rule.update++) {
					struct error e = {0};
					struct learner *learner = learner_try(&s, &e);
					if (learner) {
						changes_of(learner, &s, &c, &w, GARBAGE_WILD, &other);
						assert_near(&other, &sequence, 1e-14, &s, "one target at the end");
						compared++;
					} else
						assert_int_equal(s.rule.update, UPDATE_LATE);
					learner_free(learner);
				}
				net_free(net);
			}
	assert_true(compared > 200);
}

/* What a lane sees after the end of its sequence, while it waits for the others, changes nothing, to the bit. */
static void test_waiting_lanes(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w, quiet, wild;
	for (int type = 0; net_types[type]; type++)
		for (int i = 0; i < WAYS; i++)
			for (int number = 1; number <= 20 && fits(type, rule_named(ways[i].rule)); number++) {
				struct rng r = rng_stream((uint64_t)number, "waiting");
				struct setting s = setting_draw_for(type, rule_named(ways[i].rule), &r);
				struct net *net = net_of(&s);
				weights_draw(net, &w, &r);
				crowd_draw(&s, &c, 2, 1, 9, &r);
				s = setting_of_way(&s, &ways[i], &r);
				s.rule.rate = 0.3;
				struct learner *learner = learner_of(&s);
				for (int garbage = GARBAGE_NONE; garbage <= GARBAGE_WILD; garbage++) {
					weights_write(learner->net, &w);
					play(learner, &s, &c, (enum garbage)garbage);
					weights_read(learner->net, garbage == GARBAGE_NONE ? &quiet : &wild);
				}
				assert_same(&quiet, &wild, &s, "garbage after the end is seen");
				for (int l = 0; l < LANES; l++)
					assert_true(isfinite(lane_largest(&wild, l)));
				learner_free(learner);
				net_free(net);
			}
}

/* Several sequences with the same learner, the weights moving from one to the next; for rules whose lanes do not wait, each
   lane at its own pace: rules that compute the same end at the same weights. */
static void test_many_sequences(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w, after, first[NOTHING];
	int moved = 0, compared = 0;
	for (int type = 0; net_types[type]; type++)
		for (int number = 1; number <= 60 && can_be_trained(type); number++) {
			struct rng r = rng_stream((uint64_t)number, "many");
			struct setting s = setting_draw(type, &r);
			bool seen[NOTHING] = {false};
			struct net *net = net_of(&s);
			s.rule.rate = weight_size(&s.net) == 1.2 ? 0.2 : s.net.output == OUTPUT_IDENTITY ? 0.003 : 0.01;
			s.rule.slope_offset = number % 4 || net->outputs_inside ? 0.0 : 0.1;
			weights_draw(net, &w, &r);
			crowd_draw(&s, &c, 6, 1, 8, &r);
			for (int i = 0; i < WAYS; i++) {
				const enum kind kind = ways[i].kind;
				if (kind == NOTHING || kind == WINDOW || !fits_net(net, rule_named(ways[i].rule)))
					continue;
				const struct setting one = setting_of_way(&s, &ways[i], &r);
				struct learner *learner = learner_of(&one);
				weights_write(learner->net, &w);
				play(learner, &one, &c, GARBAGE_WILD);
				weights_read(learner->net, &after);
				if (seen[kind])
					assert_near(&after, &first[kind], EXACT, &one, "several sequences");
				first[kind] = after;
				seen[kind] = true;
				moved += distance(&after, &w) > 1e-2;
				compared++;
				learner_free(learner);
			}
			net_free(net);
		}
	assert_true(moved > compared * 9 / 10);
}

/* === Lanes do not see each other === */

static void weights_copy_lane(struct weights *to, int l, const struct weights *from, int k)
{
	to->n = from->n;
	memcpy(to->w[l], from->w[k], sizeof to->w[l]);
}

static void crowd_copy_lane(struct crowd *to, int l, const struct crowd *from, int k)
{
	to->n[l] = from->n[k];
	memcpy(to->step[l], from->step[k], sizeof to->step[l]);
}

static void crowd_silence(struct crowd *c, int l)
{
	for (int t = 0; t < c->n[l]; t++)
		c->step[l][t].taught = false;
}

static void played(const struct setting *s, const struct weights *w, const struct crowd *c, struct weights *after)
{
	struct learner *learner = learner_of(s);
	weights_write(learner->net, w);
	play(learner, s, c, GARBAGE_NONE);
	weights_read(learner->net, after);
	learner_free(learner);
}

static void assert_same_lane(const struct weights *a, int l, const struct weights *b, int k, const struct setting *s, const char *what)
{
	if (a->n == b->n && !memcmp(a->w[l], b->w[k], (size_t)a->n * sizeof a->w[0][0]))
		return;
	char text[600];
	describe(s, text, sizeof text);
	fail_msg("lane %d, as %d: %s: %s", l, k, what, text);
}

/* The lane's weights after a few sequences are the same whatever the others hold: other data; nothing to learn; networks that
   are not numbers any more; and the same in another lane's place. Returns whether they moved. */
static bool check_lane(const struct setting *s, int l, struct rng *r)
{
	static struct crowd c, other;
	static struct weights w, others, after, again;
	struct net *net = net_of(s);
	weights_draw(net, &w, r);
	weights_draw(net, &others, r);
	crowd_draw(s, &c, 3, 1, 7, r);
	crowd_draw(s, &other, 3, 1, 7, r);
	played(s, &w, &c, &after);

	crowd_copy_lane(&other, l, &c, l);
	weights_copy_lane(&others, l, &w, l);
	played(s, &others, &other, &again);
	assert_same_lane(&again, l, &after, l, s, "others hold other data");

	for (int k = 0; k < LANES; k++)
		if (k != l)
			crowd_silence(&other, k);
	played(s, &others, &other, &again);
	assert_same_lane(&again, l, &after, l, s, "others are not taught");
	for (int k = 0; k < LANES; k++)
		assert_same_lane(&again, k, k == l ? &after : &others, k, s, "not taught, but changed");

	for (int k = 0; k < LANES; k++)
		for (int i = 0; i < others.n && k != l; i++)
			others.w[k][i] = NAN;
	for (int k = 0; k < LANES; k++)
		if (k != l)
			crowd_copy_lane(&other, k, &c, k);
	played(s, &others, &other, &again);
	assert_same_lane(&again, l, &after, l, s, "others are not numbers");

	const int place = rng_below(r, LANES);
	crowd_copy_lane(&other, place, &c, l);
	weights_copy_lane(&others, place, &w, l);
	played(s, &others, &other, &again);
	assert_same_lane(&again, place, &after, l, s, "in another place");
	net_free(net);
	return memcmp(after.w[l], w.w[l], (size_t)w.n * sizeof w.w[0][0]) != 0;
}

/* Many steps at once give the bits of the same steps one by one, for every net and rule. */
static void test_runs_are_steps(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w, by_step, in_runs;
	int runs = 0;
	for (int type = 0; net_types[type]; type++)
		for (int i = 0; i < WAYS; i++)
			for (int number = 1; number <= 24 && fits(type, rule_named(ways[i].rule)); number++) {
				struct rng r = rng_stream((uint64_t)number, "runs");
				const struct setting drawn = setting_draw_for(type, rule_named(ways[i].rule), &r);
				struct setting s = setting_of_way(&drawn, &ways[i], &r);
				struct error e = {0};
				s.rule.update = number % 3;
				s.rule.rate = 0.2;
				s.teaching = rng_below(&r, 3) ? TAUGHT_LAST : s.teaching;
				struct learner *steps = learner_try(&s, &e), *once = learner_try(&s, &e);
				if (steps) {
					crowd_draw(&s, &c, 3, 1, MAX_STEPS / 3, &r);
					weights_draw(steps->net, &w, &r);
					weights_write(steps->net, &w);
					weights_write(once->net, &w);
					play(steps, &s, &c, GARBAGE_WILD);
					play_at_once(once, &s, &c, GARBAGE_WILD, 2 + rng_below(&r, 19));
					weights_read(steps->net, &by_step);
					weights_read(once->net, &in_runs);
					for (int l = 0; l < LANES; l++)
						if (memcmp(by_step.w[l], in_runs.w[l], (size_t)w.n * sizeof(double)))
							fail_msg("lane %d of net %s, rule %s, number %d: other bits in runs", l,
								 net_types[type]->name, ways[i].rule, number);
					runs++;
				}
				learner_free(steps);
				learner_free(once);
			}
	assert_true(runs > 500);
}

static void test_lanes(void **state)
{
	(void)state;
	for (int type = 0; net_types[type]; type++)
		for (int i = 0; i < WAYS; i++)
			for (int number = 1; number <= 24 && fits(type, rule_named(ways[i].rule)); number++) {
				struct rng r = rng_stream((uint64_t)number, "lanes");
				const struct setting drawn = setting_draw_for(type, rule_named(ways[i].rule), &r);
				struct setting s = setting_of_way(&drawn, &ways[i], &r);
				struct error e = {0};
				s.rule.update = number % 3;
				s.rule.rate = 0.2;
				struct learner *learner = learner_try(&s, &e);
				const bool allowed = learner;
				learner_free(learner);
				if (!allowed) {
					assert_int_not_equal(s.rule.update, UPDATE_SEQUENCE);
					continue;
				}
				const bool moved = check_lane(&s, rng_below(&r, LANES), &r);
				assert_true(is_rectified(&s.net) || moved == (ways[i].kind != NOTHING));
			}
}

/* === back and push are transposes of each other === */

static lane lane_draw_numbers(struct rng *r)
{
	lane x = {0};
	for (int l = 0; l < LANES; l++)
		x[l] = rng_between(r, -1.0, 1.0);
	return x;
}

/* A few random steps from the start. */
static void walk(struct net *net, const struct setting *s, struct rng *r)
{
	struct frames f = frames_create(s, 1);
	for (int l = 0; l < LANES; l++)
		net_reset(net, l);
	for (int t = 1 + rng_below(r, 6); t > 0; t--) {
		for (int l = 0; l < LANES; l++) {
			struct step step;
			step_draw(s, &step, r);
			frames_write(&f, 0, l, &step);
		}
		net_run(net, &f, 0, 1);
	}
	frames_free(&f);
}

/* <e_y, d_y> + <e_s(t), d_s(t)> = <e_net, d_net> + <e_s(t-1), d_s(t-1)>: the largest difference, relative to the sum of the
   parts' sizes; `directions` at once. */
static double transpose_distance(const struct net *net, int directions, struct rng *r)
{
	static lane e_y[MAX_HIDDEN], e_s[MAX_HIDDEN], e_s_before[MAX_HIDDEN], e_net[MAX_HIDDEN];
	static lane d_net[4 * MAX_HIDDEN], d[8 * MAX_HIDDEN], d_before[8 * MAX_HIDDEN];
	const int hidden = net->hidden, n = hidden + net->cells;
	double worst = 0.0;
	for (int j = 0; j < hidden; j++)
		e_y[j] = lane_draw_numbers(r);
	for (int v = 0; v < net->cells; v++)
		e_s[v] = e_s_before[v] = lane_draw_numbers(r);
	for (int at = 0; at < directions * hidden; at++)
		d_net[at] = lane_draw_numbers(r);
	for (int at = 0; at < directions * n; at++)
		d[at] = d_before[at] = lane_draw_numbers(r); /* the part of the activations is not read */
	net->type->back(net, net->y, e_y, e_s_before, e_net);
	net->type->push(net, net->y, directions, d_net, d);
	for (int i = 0; i < directions; i++) {
		lane sum = {0}, size = {0};
#define ADD(x) (sum += (x), size += lane_abs(x))
		for (int j = 0; j < hidden; j++) {
			ADD(e_y[j] * d[i * n + j]);
			ADD(-e_net[j] * d_net[i * hidden + j]);
		}
		for (int v = 0; v < net->cells; v++) {
			ADD(e_s[v] * d[i * n + hidden + v]);
			ADD(-e_s_before[v] * d_before[i * n + hidden + v]);
		}
#undef ADD
		for (int l = 0; l < LANES; l++) {
			assert_true(size[l] > 0.0 || net->grown[l] == 0.0 || net->o.activation == ACTIVATION_RELU ||
				    is_net(&net->o, "irnn"));
			const double off = fabs(sum[l]) / fmax(size[l], NIL);
			worst = off <= worst ? worst : off;
		}
	}
	return isnan(worst) ? INFINITY : worst;
}

static void test_transposes(void **state)
{
	(void)state;
	static struct weights w;
	int nets = 0;
	for (int type = 0; net_types[type]; type++) {
		if (!(net_types[type]->offers & NET_BACK) || !(net_types[type]->offers & NET_JACOBIAN))
			continue;
		nets++;
		for (int number = 1; number <= 300; number++) {
			struct rng r = rng_stream((uint64_t)number, "transposes");
			const struct setting s = setting_draw(type, &r);
			struct net *net = net_of(&s);
			if (!(net_offers(net) & NET_JACOBIAN)) {
				net_free(net);
				continue;
			}
			weights_draw(net, &w, &r);
			weights_write(net, &w);
			if (number % 4 == 0)
				net->grown[rng_below(&r, LANES)] = 0.0;
			walk(net, &s, &r);
			const double d = transpose_distance(net, 1 + number % 4, &r);
			if (d > 1e-14) {
				char text[600];
				describe(&s, text, sizeof text);
				fail_msg("back and push differ by %g: %s", d, text);
			}
			net_free(net);
		}
	}
	assert_true(nets >= 2);
}

/* === Mutated nets and rules === */

enum mutation { SOUND, BACK_UNIT, BACK_STATE, PUSH_UNIT, PUSH_STATE, TEACH_OUTPUT, TEACH_ONCE, FORGETFUL, MUTATIONS };

static struct {
	enum mutation mutation;
	int unit; /* or state */
	const struct net_type *net;
	const struct rule_type *rule;
	int taught, runs; /* calls */
	struct rule *of;
} mutant;

static void mutant_back(const struct net *net, const lane *now, const lane *e_y, lane *e_s, lane *e_net)
{
	mutant.net->back(net, now, e_y, e_s, e_net);
	if (mutant.mutation == BACK_UNIT)
		e_net[mutant.unit] *= 1.001;
	if (mutant.mutation == BACK_STATE)
		e_s[mutant.unit] *= 1.001;
}

static void mutant_walk(const struct net *net, struct walk *w, long t, long n)
{
	walk_steps(net, w, t, n, mutant_back);
}

static void mutant_push(const struct net *net, const lane *row, int directions, const lane *d_net, lane *d)
{
	mutant.net->push(net, row, directions, d_net, d);
	for (int i = 0; i < directions; i++) {
		if (mutant.mutation == PUSH_UNIT)
			d[i * (net->hidden + net->cells) + mutant.unit] *= 1.001;
		if (mutant.mutation == PUSH_STATE)
			d[i * (net->hidden + net->cells) + net->hidden + mutant.unit] *= 1.001;
	}
}

/* Without the last output's error; without the first lesson. */
static void mutant_teach(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson)
{
	const int last = rule->net->out - 1;
	lane target[MAX_OUT];
	struct lesson fewer = *lesson;
	memcpy(target, lesson->target, (size_t)rule->net->out * sizeof *target);
	if (mutant.mutation == TEACH_OUTPUT)
		target[last] = rule->net->y_out[last];
	fewer.target = target;
	if (mutant.mutation != TEACH_ONCE || mutant.taught++)
		mutant.rule->teach(rule, x, e, &fewer);
}

/* As if the sequence began with its third step. */
static void mutant_run(struct net *net, const struct frames *frames, long at, long n)
{
	if (mutant.mutation == FORGETFUL && mutant.runs++ == 2)
		for (int l = 0; l < LANES; l++)
			mutant.rule->reset(mutant.of, l, MAX_STEPS);
	mutant.net->run(net, frames, at, n);
}

static void mutant_gradient(const struct setting *s, const struct crowd *c, const struct weights *w, enum mutation mutation, int unit,
			    struct weights *d)
{
	struct learner *learner = learner_of(s);
	struct net_type net = *learner->net->type;
	struct rule_type rule = *learner->rule->type;
	mutant.mutation = mutation;
	mutant.unit = unit;
	mutant.net = learner->net->type;
	mutant.rule = learner->rule->type;
	mutant.of = learner->rule;
	mutant.taught = mutant.runs = 0;
	net.walk = mutant_walk;
	net.push = mutant_push;
	net.run = mutant_run;
	rule.teach = mutant_teach;
	learner->net->type = &net;
	learner->rule->type = &rule;
	changes_of(learner, s, c, w, GARBAGE_NONE, d);
	learner->net->type = mutant.net;
	learner->rule->type = mutant.rule;
	learner_free(learner);
}

/* How many places has the mutation, with which this way of computing the gradient must come out wrong? */
static int mutation_places(enum mutation mutation, const struct setting *s, enum kind kind, const struct net *net)
{
	const unsigned needs = rule_types[s->rule.rule]->needs;
	switch (mutation) {
	case BACK_UNIT: return needs & NET_BACK ? net->hidden : 0;
	case BACK_STATE: return needs & NET_BACK && !(kind == WINDOW && s->rule.depth == 1) ? net->cells : 0;
	case PUSH_UNIT: return needs & NET_JACOBIAN ? net->hidden : 0;
	case PUSH_STATE: return needs & NET_JACOBIAN ? net->cells : 0;
	case FORGETFUL: return (kind == FULL && !is_net(&net->o, "window")) || (kind == STATES && net->cells);
	default: return 1;
	}
}

/* The first of them: units that are no outputs get no error within a step where the outputs are units. */
static int mutation_first(enum mutation mutation, const struct setting *s, enum kind kind, const struct net *net)
{
	if (mutation == PUSH_UNIT && net->cells) { /* gates that feed nothing */
		const int of = s->net.connectivity;
		return of == CONNECT_F || of == CONNECT_F_SHORTCUTS ? 0 : net->gates;
	}
	const bool one_step = kind == STATES || (kind == WINDOW && s->rule.depth == 1);
	return mutation == BACK_UNIT && net->outputs_inside && one_step ? net->seen_first : 0;
}

/* A net with recurrent connections, where the type has any, and lanes with enough steps to go back. */
static struct setting mutant_setting(int type, struct crowd *c, struct rng *r)
{
	for (;;) {
		struct setting s = setting_draw(type, r);
		struct net *net = net_of(&s);
		const bool recurrent = is_recurrent(net);
		net_free(net);
		s.rule.cell_errors = 0;
		if ((!recurrent && type != net_named("window")) || s.net.layers > 1 || is_rectified(&s.net))
			continue;
		crowd_draw(&s, c, 1, 5, 8, r);
		return s;
	}
}

/* Every gradient of the test above with a small fault: the comparisons fail. */
static void test_mutants(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w, d, numeric;
	const lane grown = lane_set(1.0);
	int seen[MUTATIONS] = {0};
	for (int type = 0; net_types[type]; type++)
		for (int i = 0; i < WAYS && type != net_named("irnn"); i++)
			for (int number = 1; number <= 6 && ways[i].kind != NOTHING && fits(type, rule_named(ways[i].rule)); number++) {
				struct rng r = rng_stream((uint64_t)number, "mutants");
				const struct setting drawn = mutant_setting(type, &c, &r), s = setting_of_way(&drawn, &ways[i], &r);
				struct net *net = net_of(&s);
				if (!fits_net(net, s.rule.rule) || !can_differ(net, ways[i].kind)) {
					net_free(net);
					continue;
				}
				weights_draw(net, &w, &r);
				differences(&s, ways[i].kind, &c, &w, &grown, &numeric);
				for (int m = SOUND; m < MUTATIONS; m++)
					for (int unit = mutation_first((enum mutation)m, &s, ways[i].kind, net);
					     unit < mutation_places((enum mutation)m, &s, ways[i].kind, net); unit++) {
						mutant_gradient(&s, &c, &w, (enum mutation)m, unit, &d);
						const double away = distance_from(&d, &numeric, SLIGHT);
						if ((away <= EXACT) != (m == SOUND)) {
							char text[600];
							describe(&s, text, sizeof text);
							fail_msg("mutation %d at %d: off by %g: %s", m, unit, away, text);
						}
						seen[m]++;
					}
				net_free(net);
			}
	for (int m = SOUND; m < MUTATIONS; m++)
		assert_true(seen[m] >= 10);
}

/* The same faults of back and push, seen by the products. */
static void test_mutant_transposes(void **state)
{
	(void)state;
	static struct weights w;
	for (int type = 0; net_types[type]; type++)
		for (int number = 1; number <= 10; number++) {
			if (!(net_types[type]->offers & NET_BACK) || !(net_types[type]->offers & NET_JACOBIAN))
				continue;
			struct rng r = rng_stream((uint64_t)number, "mutant transposes");
			const struct setting s = setting_draw(type, &r);
			struct net *net = net_of(&s);
			struct net_type mutated = *net->type;
			if (!(net_offers(net) & NET_JACOBIAN)) {
				net_free(net);
				continue;
			}
			weights_draw(net, &w, &r);
			weights_write(net, &w);
			walk(net, &s, &r);
			mutant.net = net->type;
			mutated.back = mutant_back;
			mutated.push = mutant_push;
			net->type = &mutated;
			for (int m = SOUND; m <= PUSH_STATE; m++)
				for (int unit = 0; unit < (m == BACK_STATE || m == PUSH_STATE ? net->cells : net->hidden); unit++) {
					mutant.mutation = (enum mutation)m;
					mutant.unit = unit;
					assert_true(is_rectified(&s.net) || (transpose_distance(net, 2, &r) <= 1e-12) == (m == SOUND));
				}
			net->type = mutant.net;
			net_free(net);
		}
}

/* === A plain scalar net of recurrent units === */

enum { FROM_BIAS, FROM_INPUT, FROM_HIDDEN, OUT_HIDDEN, OUT_BIAS, OUT_INPUT, MATRICES };
static const char *const matrix_names[MATRICES] = {
    "hidden<-bias", "hidden<-input", "hidden<-hidden", "output<-hidden", "output<-bias", "output<-input",
};
enum { P_MAX = 10 };

/* All that happens in one step. */
struct moment {
	double x[MAX_IN], y_before[P_MAX], y[P_MAX], slope[P_MAX], answer[P_MAX];
	double e[P_MAX], e_y[P_MAX]; /* at outputs and at activations, from this step's targets; zero without */
};

struct plain {
	struct setting s;
	int hidden, seen_first, seen_n;
	bool inside;                        /* the outputs are units */
	int rows[MATRICES], cols[MATRICES]; /* rows 0: there is no such matrix */
	double w[MATRICES][MAX_IN][P_MAX];  /* [matrix][source][receiver] */
	double pending[MATRICES][MAX_IN][P_MAX];
	double p[3][MAX_IN][P_MAX][P_MAX]; /* [matrix][source][receiver][unit]: dy_unit / dw */
	bool careless;                     /* mutated: forgets that forced outputs do not move with weights */
	struct moment past[MAX_STEPS];     /* of this sequence */
};

static struct plain *plain_create(const struct setting *s)
{
	struct plain *p = memory_zeroed(1, sizeof *p);
	const struct net_options *o = &s->net;
	const int units = (int)o->units;
	p->s = *s;
	p->inside = o->connectivity == CONNECT_FULL;
	p->hidden = p->inside ? units + s->out : units;
	p->seen_first = p->inside ? units : 0;
	p->seen_n = p->inside ? s->out : units;
	assert_true(p->hidden <= P_MAX && s->in <= MAX_IN && s->out <= P_MAX);
	const bool shortcuts = o->connectivity == CONNECT_F_SHORTCUTS;
	const bool above = o->bias == BIAS_ALL && !p->inside;
	const int rows[MATRICES] = {o->bias != BIAS_NONE,  s->in, o->connectivity == CONNECT_F_FORWARD ? 0 : p->hidden,
				    p->inside ? 0 : units, above, shortcuts ? s->in : 0};
	for (int i = 0; i < MATRICES; i++) {
		p->rows[i] = rows[i];
		p->cols[i] = i >= OUT_HIDDEN ? s->out : p->hidden;
	}
	if (o->bias == BIAS_HIDDEN)
		p->cols[FROM_BIAS] = units;
	return p;
}

/* The weights of lane l: copied from the net, or the largest difference to them. The matrices must be those expected. */
static double plain_compare(struct plain *p, const struct net *net, int l, bool copy)
{
	double worst = 0.0;
	long weights = 0;
	for (int i = 0; i < net->to_hidden_n + net->to_output_n; i++) {
		const struct connection *c = i < net->to_hidden_n ? &net->to_hidden[i] : &net->to_output[i - net->to_hidden_n];
		int k = 0;
		while (k < MATRICES && strcmp(c->name, matrix_names[k]))
			k++;
		assert_true(k < MATRICES);
		assert_int_equal(c->rows, p->rows[k]);
		assert_int_equal(c->cols, p->cols[k]);
		weights += c->rows * c->cols;
		for (int m = 0; m < c->rows; m++)
			for (int j = 0; j < c->cols; j++) {
				const double w = *net_weight(net, c, m, j, l);
				if (copy)
					p->w[k][m][j] = w;
				worst = fabs(w - p->w[k][m][j]) <= worst ? worst : fabs(w - p->w[k][m][j]);
			}
	}
	for (int k = 0; k < MATRICES; k++)
		weights -= p->rows[k] * p->cols[k];
	assert_int_equal(weights, 0);
	return isnan(worst) ? INFINITY : worst;
}

static double plain_source(const struct plain *p, const struct moment *now, int matrix, int m)
{
	switch (matrix) {
	case FROM_INPUT:
	case OUT_INPUT: return now->x[m];
	case FROM_HIDDEN: return now->y_before[m];
	case OUT_HIDDEN: return now->y[p->seen_first + m];
	default: return 1.0;
	}
}

static double plain_net(const struct plain *p, const struct moment *now, int first, int last, int j)
{
	double sum = 0.0;
	for (int i = first; i <= last; i++)
		for (int m = 0; j < p->cols[i] && m < p->rows[i]; m++)
			sum += p->w[i][m][j] * plain_source(p, now, i, m);
	return sum;
}

/* before: NULL at sequence start */
static void plain_forward(const struct plain *p, const struct moment *before, const struct step *step, struct moment *now)
{
	memset(now, 0, sizeof *now);
	memcpy(now->x, step->x, (size_t)p->s.in * sizeof *now->x);
	for (int j = 0; j < p->hidden; j++)
		now->y_before[j] = before ? before->y[j] : p->s.net.reset;
	for (int j = 0; j < p->hidden; j++) {
		const double net = plain_net(p, now, FROM_BIAS, FROM_HIDDEN, j);
		const bool is_tanh = p->s.net.activation == ACTIVATION_TANH;
		now->y[j] = is_tanh ? tanh(net) : 1.0 / (1.0 + exp(-net));
		now->slope[j] = is_tanh ? 1.0 - now->y[j] * now->y[j] : now->y[j] * (1.0 - now->y[j]);
	}
}

static void plain_answer(const struct plain *p, struct moment *now)
{
	for (int k = 0; k < p->s.out; k++) {
		const double net = plain_net(p, now, OUT_HIDDEN, OUT_INPUT, k);
		now->answer[k] = p->inside ? now->y[p->seen_first + k] : p->s.net.output == OUTPUT_IDENTITY ? net : 1.0 / (1.0 + exp(-net));
	}
}

/* Errors of this step, and the changes of the output layer. */
static void plain_errors(struct plain *p, struct moment *now, const struct step *step)
{
	for (int k = 0; k < p->s.out; k++) {
		const double y = now->answer[k];
		const double slope = p->inside || p->s.net.output == OUTPUT_IDENTITY ? 1.0 : y * (1.0 - y) + p->s.rule.slope_offset;
		now->e[k] = p->s.rule.rate * slope * ((k == step->line ? step->target : 0.0) - y);
	}
	for (int v = 0; v < p->seen_n && !(p->s.rule.cell_errors && !step->last); v++) {
		double back = p->inside ? now->e[v] : 0.0;
		for (int k = 0; k < p->s.out && !p->inside; k++)
			back += p->w[OUT_HIDDEN][v][k] * now->e[k];
		now->e_y[p->seen_first + v] = back;
	}
	for (int i = OUT_HIDDEN; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int k = 0; k < p->cols[i]; k++)
				p->pending[i][m][k] += now->e[k] * plain_source(p, now, i, m);
}

static void plain_apply(struct plain *p)
{
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++)
				p->w[i][m][j] += p->pending[i][m][j];
	memset(p->pending, 0, sizeof p->pending);
}

/* p^k_ij(t) = f'(net_k) (sum_l w_kl p^l_ij(t-1) + [k = i] z_j(t)) (Williams and Zipser 1989, eq. 9) */
static void plain_carry(struct plain *p, const struct moment *now)
{
	for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++) {
				double next[P_MAX];
				for (int k = 0; k < p->hidden; k++) {
					double sum = k == j ? plain_source(p, now, i, m) : 0.0;
					for (int l = 0; l < p->rows[FROM_HIDDEN]; l++)
						sum += p->w[FROM_HIDDEN][l][k] * p->p[i][m][j][l];
					next[k] = now->slope[k] * sum;
				}
				memcpy(p->p[i][m][j], next, sizeof next);
			}
}

/* Targets in place of outputs. */
static void plain_force(struct plain *p, struct moment *now, const struct step *step)
{
	for (int k = 0; k < p->s.out; k++) {
		now->y[p->seen_first + k] = k == step->line ? step->target : 0.0;
		for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
			for (int m = 0; m < p->rows[i] && !p->careless; m++)
				for (int j = 0; j < p->cols[i]; j++)
					p->p[i][m][j][p->seen_first + k] = 0.0;
	}
}

/* Real-time recurrent learning, n steps of a script. */
static void plain_rtrl(struct plain *p, const struct step *steps, int n)
{
	struct moment *now = &p->past[0], before;
	bool fresh = true;
	for (int t = 0; t < n; t++) {
		if (fresh)
			memset(p->p, 0, sizeof p->p);
		plain_forward(p, fresh ? NULL : &before, &steps[t], now);
		plain_carry(p, now);
		if (p->s.rule.update == UPDATE_LATE)
			plain_apply(p);
		plain_answer(p, now);
		if (steps[t].taught) {
			plain_errors(p, now, &steps[t]);
			for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
				for (int m = 0; m < p->rows[i]; m++)
					for (int j = 0; j < p->cols[i]; j++)
						for (int k = 0; k < p->hidden; k++)
							p->pending[i][m][j] += now->e_y[k] * p->p[i][m][j][k];
			if (p->s.rule.forcing)
				plain_force(p, now, &steps[t]);
		}
		if (p->s.rule.update == UPDATE_STEP || steps[t].last)
			plain_apply(p);
		before = *now;
		fresh = steps[t].last;
	}
}

/* From step `last` of the sequence down to `stop`; errors enter at steps `from` and later. */
static void plain_back(struct plain *p, int last, int from, int stop)
{
	double e_net[P_MAX] = {0};
	for (int t = last; t >= stop; t--) {
		const struct moment *now = &p->past[t];
		double e_y[P_MAX];
		for (int m = 0; m < p->hidden; m++) {
			e_y[m] = t >= from ? now->e_y[m] : 0.0;
			for (int j = 0; j < p->hidden && m < p->rows[FROM_HIDDEN]; j++)
				e_y[m] += p->w[FROM_HIDDEN][m][j] * e_net[j];
		}
		for (int j = 0; j < p->hidden; j++)
			e_net[j] = now->slope[j] * e_y[j];
		for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
			for (int m = 0; m < p->rows[i]; m++)
				for (int j = 0; j < p->cols[i]; j++)
					p->pending[i][m][j] += e_net[j] * plain_source(p, now, i, m);
	}
}

/* BPTT(h; h'), n steps of a script. With update = step the weights change at every way back. */
static void plain_window(struct plain *p, const struct step *steps, int n)
{
	const int depth = (int)p->s.rule.depth, stride = (int)p->s.rule.stride;
	for (int i = 0, t = 0, from = 0; i < n; i++, t++) {
		plain_forward(p, t ? &p->past[t - 1] : NULL, &steps[i], &p->past[t]);
		plain_answer(p, &p->past[t]);
		if (steps[i].taught) {
			plain_errors(p, &p->past[t], &steps[i]);
			if (steps[i].last || t + 1 - from >= stride) {
				plain_back(p, t, from, t + 1 > depth ? t + 1 - depth : 0);
				from = t + 1;
				if (p->s.rule.update == UPDATE_STEP)
					plain_apply(p);
			}
		}
		if (!steps[i].last)
			continue;
		plain_apply(p);
		t = -1;
		from = 0;
	}
}

static const double PLAIN = 1e-11;

/* Some sequences with a rule: the largest difference of the weights (of size 1) to the plain net's, and the largest change. */
static double plain_distance(const struct setting *s, const struct crowd *c, const struct weights *w, bool careless, double *moved)
{
	struct learner *learner = learner_of(s);
	const bool forwards = !strcmp(rule_types[s->rule.rule]->name, "rtrl");
	double worst = 0.0;
	weights_write(learner->net, w);
	struct plain *plain[LANES];
	for (int l = 0; l < LANES; l++) {
		plain[l] = plain_create(s);
		plain[l]->careless = careless;
		plain_compare(plain[l], learner->net, l, true);
	}
	play(learner, s, c, GARBAGE_WILD);
	for (int l = 0; l < LANES; l++) {
		*moved = fmax(*moved, plain_compare(plain[l], learner->net, l, false));
		(forwards ? plain_rtrl : plain_window)(plain[l], c->step[l], c->n[l]);
		worst = fmax(worst, plain_compare(plain[l], learner->net, l, false));
		free(plain[l]);
	}
	learner_free(learner);
	return worst;
}

static void check_plain(const struct setting *s, const struct crowd *c, const struct weights *w)
{
	double moved = 0.0;
	const double d = plain_distance(s, c, w, false, &moved);
	if (d <= PLAIN && moved > 1e-4)
		return;
	char text[600];
	describe(s, text, sizeof text);
	fail_msg("weights moved by %g, off by %g: %s", moved, d, text);
}

static void plain_draw(struct setting *s, struct crowd *c, struct weights *w, bool full, struct rng *r)
{
	do
		*s = setting_draw(net_named("rnn"), r);
	while ((s->net.connectivity == CONNECT_FULL) != full || s->net.activation == ACTIVATION_RELU || s->net.layers > 1 ||
	       s->net.connectivity > CONNECT_FULL);
	struct net *net = net_of(s);
	s->rule.rate = s->net.output == OUTPUT_IDENTITY ? 0.05 : s->net.activation == ACTIVATION_TANH ? 0.1 : 0.3;
	s->rule.slope_offset = rng_below(r, 4) || net->outputs_inside ? 0.0 : 0.1;
	weights_draw(net, w, r);
	crowd_draw(s, c, 5, 1, 9, r);
	net_free(net);
}

static void test_rtrl_plain(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w;
	int forced = 0;
	for (int number = 1; number <= 60; number++) {
		struct rng r = rng_stream((uint64_t)number, "plain rtrl");
		struct setting s;
		plain_draw(&s, &c, &w, number % 2, &r);
		s.rule.rule = rule_named("rtrl");
		for (s.rule.update = 0; s.rule.update <= UPDATE_LATE; s.rule.update++) {
			s.rule.forcing = 0;
			check_plain(&s, &c, &w);
			if (s.net.connectivity != CONNECT_FULL || s.teaching == TAUGHT_LAST)
				continue;
			s.rule.forcing = 1;
			check_plain(&s, &c, &w);
			forced++;
		}
	}
	assert_true(forced >= 15);
}

/* Of more than 32 local inputs, derivatives are kept in batches that a sequence touches or leaves alone: every size of a batch, numbers
   of weights that no batch divides, lanes whose sequences begin at different steps and see some symbols again. */
static void test_rtrl_many_inputs(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w;
	bool sizes[P_MAX + 1] = {false};
	int forced = 0;
	for (int number = 1; number <= 60; number++) {
		struct rng r = rng_stream((uint64_t)number, "plain rtrl, many inputs");
		struct setting s;
		plain_draw(&s, &c, &w, number % 2, &r);
		s.rule.rule = rule_named("rtrl");
		s.coding = number % 6 ? INPUT_LOCAL : INPUT_REAL;
		s.in = 33 + rng_below(&r, MAX_IN - 32);
		struct net *net = net_of(&s);
		sizes[net->hidden] |= s.coding == INPUT_LOCAL;
		weights_draw(net, &w, &r);
		crowd_draw(&s, &c, 5, 1, 9, &r);
		net_free(net);
		for (s.rule.update = 0; s.rule.update <= UPDATE_LATE; s.rule.update++)
			for (s.rule.forcing = 0; s.rule.forcing <= (s.net.connectivity == CONNECT_FULL && s.teaching != TAUGHT_LAST);
			     s.rule.forcing++) {
				check_plain(&s, &c, &w);
				forced += s.rule.forcing;
			}
	}
	for (int hidden = 1; hidden < 8; hidden++)
		assert_true(sizes[hidden]);
	assert_true(forced >= 15);
}

static void test_window_plain(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w;
	static const struct way window = {"bptt-window", WINDOW, 0, 0};
	for (int number = 1; number <= 60; number++) {
		struct rng r = rng_stream((uint64_t)number, "plain window");
		struct setting s;
		plain_draw(&s, &c, &w, number % 2, &r);
		for (int update = UPDATE_STEP; update <= UPDATE_SEQUENCE; update++) {
			s = setting_of_way(&s, &window, &r);
			s.rule.update = update;
			check_plain(&s, &c, &w);
			s.rule.depth = 1 + rng_below(&r, 6); /* BPTT(h; 1) */
			s.rule.stride = 1;
			check_plain(&s, &c, &w);
		}
	}
}

/* The comparison sees: another depth, another stride, no forcing, forced outputs that still move with weights, another update. */
static void test_plain_sees(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w;
	struct rng r = rng_stream(1, "plain sees");
	struct setting s = setting_defaults("rnn", "rtrl");
	double moved = 0.0;
	s.net.connectivity = CONNECT_FULL;
	s.net.units = 3;
	s.rule.rate = 0.3;
	s.rule.forcing = 1;
	struct net *net = net_of(&s);
	weights_draw(net, &w, &r);
	net_free(net);
	crowd_draw(&s, &c, 5, 1, 9, &r);
	assert_true(plain_distance(&s, &c, &w, false, &moved) <= PLAIN);
	assert_true(plain_distance(&s, &c, &w, true, &moved) > 1e-6);

	struct weights *after = memory_zeroed(9, sizeof *after);
	for (int i = 0; i < 9; i++) {
		struct setting one = s;
		one.rule.forcing = i == 1;
		one.rule.update = i == 2 ? UPDATE_LATE : i == 3 || i == 8 ? UPDATE_SEQUENCE : UPDATE_STEP;
		one.rule.rule = rule_named(i < 4 ? "rtrl" : "bptt-window");
		one.rule.depth = i == 5 || i == 6 ? 4 : 3;
		one.rule.stride = i == 6 || i == 7 ? 2 : 1;
		played(&one, &w, &c, &after[i]);
		for (int k = 0; k < i; k++)
			assert_true(distance(&after[i], &after[k]) > 1e-6);
	}
	free(after);
}

/* In lanes that do not learn, the units see what the net answers. */
static void test_forcing_leaves_tests_alone(void **state)
{
	(void)state;
	static struct crowd c;
	static struct weights w;
	struct rng r = rng_stream(1, "tests alone");
	struct setting s = setting_defaults("rnn", "rtrl");
	s.net.connectivity = CONNECT_FULL;
	s.net.units = 2;
	s.rule.forcing = 1;
	s.rule.update = UPDATE_SEQUENCE;
	s.teaching = TAUGHT_SOMETIMES;
	struct net *net = net_of(&s);
	weights_draw(net, &w, &r);
	net_free(net);
	for (int silent = 0; silent < 2; silent++) {
		crowd_draw(&s, &c, 1, 8, 8, &r);
		for (int l = silent; l < LANES; l += 2)
			crowd_silence(&c, l);
		struct learner *learner = learner_of(&s);
		weights_write(learner->net, &w);
		struct plain *p = plain_create(&s);
		struct setting free_running = s;
		free_running.rule.forcing = 0;
		for (int l = 0; l < LANES; l++)
			plain_compare(p, learner->net, l, true);
		play(learner, &s, &c, GARBAGE_NONE);
		weights_write(learner->net, &w);
		for (int l = 0; l < LANES; l++) {
			p->s = l % 2 == silent ? free_running : s;
			plain_compare(p, learner->net, l, true);
			plain_rtrl(p, c.step[l], c.n[l]);
			for (int k = 0; k < s.out; k++)
				assert_true(fabs(learner->y_out[k][l] - p->past[0].answer[k]) < 1e-13);
		}
		free(p);
		learner_free(learner);
	}
}

/* === Pairs that are refused === */

static void assert_refused(const struct setting *s, const char *why)
{
	struct error e = {0};
	struct learner *learner = learner_try(s, &e);
	char text[600];
	describe(s, text, sizeof text);
	if (learner)
		fail_msg("not refused: %s", text);
	if (e.kind != ERROR_INPUT || !strstr(e.text, why))
		fail_msg("refused with \"%s\", not \"%s\": %s", e.text, why, text);
}

static void assert_accepted(const struct setting *s)
{
	learner_free(learner_of(s));
}

static void test_refused_forcing(void **state)
{
	(void)state;
	struct setting s = setting_defaults("rnn", "rtrl");
	s.rule.forcing = 1;
	assert_refused(&s, "forcing: yes, but no unit sees the outputs");
	s.net.connectivity = CONNECT_FULL;
	assert_accepted(&s);
	s.teaching = TAUGHT_LAST;
	assert_refused(&s, "forcing: yes, but the task has a target at the last step only");
	s.teaching = TAUGHT_ALWAYS;
	s.rule.update = UPDATE_SEQUENCE;
	for (int rule = 0; rule_types[rule]; rule++) {
		s.rule.rule = rule;
		if (!rule_types[rule]->forces && fits(s.net.net, rule))
			assert_refused(&s, "does not know teacher forcing");
	}
	s = setting_defaults("lstm97", "rtrl");
	s.rule.forcing = 1;
	assert_refused(&s, "forcing: yes, but no unit sees the outputs");
}

static void test_refused_updates(void **state)
{
	(void)state;
	static const char *const backwards[] = {"bptt", "bptt-truncated", "bptt-window", "elman"};
	for (int i = 0; i < 4; i++) {
		struct setting s = setting_defaults("rnn", backwards[i]);
		s.rule.update = UPDATE_SEQUENCE;
		assert_accepted(&s);
		s.rule.update = UPDATE_STEP;
		if (i < 2)
			assert_refused(&s, "update: going back over the whole sequence is possible at its end only");
		else
			assert_accepted(&s);
		s.teaching = TAUGHT_LAST;
		assert_accepted(&s);
		s.rule.update = UPDATE_LATE;
		assert_refused(&s, "update: late is for forward rules");
	}
	struct setting s = setting_defaults("rnn", "bptt-window");
	s.rule.depth = 2;
	s.rule.stride = 3;
	assert_refused(&s, "depth: h = 2 is less than h' = 3 (stride)");
	s.rule.depth = 3;
	assert_accepted(&s);
}

static void test_refused_nets(void **state)
{
	(void)state;
	struct setting s = setting_defaults("rnn", "truncated");
	assert_refused(&s, "truncated cannot train this rnn");
	int refused = 0;
	for (int rule = 0; rule_types[rule]; rule++) {
		s = setting_defaults("sparse", rule_types[rule]->name);
		s.net.connectivity = CONNECT_FULL;
		s.rule.update = UPDATE_SEQUENCE;
		if (rule_types[rule]->guesses) {
			assert_accepted(&s);
			continue;
		}
		assert_refused(&s, "cannot train this sparse");
		refused++;
	}
	assert_true(refused >= 6);
	/* every pair of which the net lacks something is refused, every other one is accepted */
	for (int net = 0; net_types[net]; net++)
		for (int rule = 0; rule_types[rule]; rule++) {
			struct rng r = rng_stream(1, "pairs");
			s = setting_draw(net, &r);
			s.net.layers = 1;
			s.rule.rule = rule;
			if (fits(net, rule))
				assert_accepted(&s);
			else
				assert_refused(&s, "cannot train this");
		}

	s = setting_defaults("rnn", "rtrl");
	s.rule.slope_offset = 0.1;
	assert_accepted(&s);
	s.net.connectivity = CONNECT_FULL;
	assert_refused(&s, "slope_offset: given, but with connectivity = full");
	s.rule.slope_offset = 0.0;
	s.net.output = OUTPUT_IDENTITY;
	assert_refused(&s, "output: with connectivity = full");
	s = setting_defaults("rnn", "rtrl");
	s.net.bias = BIAS_GATES;
	assert_refused(&s, "bias: gates");
	s.net.bias = BIAS_NONE;
	s.net.units = 0;
	assert_refused(&s, "units: 0");
	s = setting_defaults("lstm97", "bptt");
	s.net.connectivity = CONNECT_FULL;
	assert_refused(&s, "connectivity: full");
	s = setting_defaults("sparse", "guess");
	assert_refused(&s, "connectivity: expected full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ways_are_complete), cmocka_unit_test(test_every_pair),
	    cmocka_unit_test(test_windows),           cmocka_unit_test(test_updates_at_the_end),
	    cmocka_unit_test(test_waiting_lanes),     cmocka_unit_test(test_many_sequences),
	    cmocka_unit_test(test_runs_are_steps),    cmocka_unit_test(test_lanes),
	    cmocka_unit_test(test_transposes),        cmocka_unit_test(test_mutants),
	    cmocka_unit_test(test_mutant_transposes), cmocka_unit_test(test_rtrl_plain),
	    cmocka_unit_test(test_rtrl_many_inputs),  cmocka_unit_test(test_window_plain),
	    cmocka_unit_test(test_plain_sees),        cmocka_unit_test(test_forcing_leaves_tests_alone),
	    cmocka_unit_test(test_refused_forcing),   cmocka_unit_test(test_refused_updates),
	    cmocka_unit_test(test_refused_nets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
