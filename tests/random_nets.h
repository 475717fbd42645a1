/* random_nets.h: what tests of nets and rules share.
   Does: random settings that go together, for every net; their description for messages; the weights of all lanes in one order;
   random sequences, and playing them to a learner as a group of trials does.
   Does not: know any right answer: twins (test_nets.c), differences (test_rules.c).

   Before it is included: enum { MAX_IN, MAX_OUT, MAX_HIDDEN, MAX_STEPS, MAX_WEIGHTS }, the sizes of a test. A new option of a net
   is drawn in options_draw. */
#ifndef TESTS_RANDOM_NETS_H
#define TESTS_RANDOM_NETS_H

#include "base/memory.h"
#include "learner/learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* === Settings === */

/* At every step; at the last step; at the last and some others; at some steps, perhaps at none. */
enum teaching { TAUGHT_ALWAYS, TAUGHT_LAST, TAUGHT_SOMETIMES, TEACHINGS, TAUGHT_ANY = TEACHINGS };

struct setting {
	struct net_options net;
	struct rule_options rule;
	enum input_coding coding;
	int in, out;
	enum teaching teaching;
};

static inline bool is_net(const struct net_options *o, const char *name)
{
	return !strcmp(net_types[o->net]->name, name);
}

static inline bool has_gates(const struct net_options *o)
{
	return is_net(o, "lstm97") || is_net(o, "lstm");
}

static inline bool has_cells(const struct net_options *o)
{
	return has_gates(o) || is_net(o, "cec");
}

/* Its units may be silent, and a fault in them unseen. */
static inline bool is_rectified(const struct net_options *o)
{
	return is_net(o, "irnn") || (!has_cells(o) && !is_net(o, "gru") && o->activation == ACTIVATION_RELU);
}

static inline void set_option(const struct parameter *table, void *options, const char *key, const char *value)
{
	struct error e = {0};
	const struct parameter *parameter = option_find(table, key);
	if (!parameter || !option_parse(parameter, options, value, &e))
		fail_msg("%s: %s", key, e.text);
}

/* "key=value key=value" into the options of a net. */
static inline void set_all(struct net_options *o, const char *settings)
{
	char copy[300], *rest = copy;
	snprintf(copy, sizeof copy, "%s", settings);
	for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
		char *value = strchr(pair, '=');
		*value++ = '\0';
		set_option(net_option_table, o, pair, value);
	}
}

static inline int net_named(const char *name)
{
	struct net_options o = net_defaults();
	set_option(net_option_table, &o, "net", name);
	return o.net;
}

static inline int rule_named(const char *name)
{
	struct rule_options o = rule_defaults();
	set_option(rule_option_table, &o, "rule", name);
	return o.rule;
}

static inline struct setting setting_defaults(const char *net, const char *rule)
{
	struct setting s = {.net = net_defaults(), .rule = rule_defaults(), .coding = INPUT_REAL, .in = 3, .out = 2};
	s.net.net = net_named(net);
	s.rule.rule = rule_named(rule);
	return s;
}

static inline struct task_shape shape_of(const struct setting *s)
{
	return (struct task_shape){.coding = s->coding, .in = s->in, .out = s->out, .every_step = s->teaching != TAUGHT_LAST};
}

/* The options of a table that are not the usual ones, and its type. */
static inline int describe_options(const struct parameter *table, const void *options, const void *usual, char *text, size_t size)
{
	int at = 0;
	for (const struct parameter *o = table; o->key; o++) {
		char value[100], other[100];
		option_print(o, options, value, sizeof value);
		option_print(o, usual, other, sizeof other);
		if (at < (int)size && (o->type == OPTION_TYPE || strcmp(value, other) != 0))
			at += snprintf(text + at, size - (size_t)at, "%s=%s ", o->key, value);
	}
	return at < (int)size ? at : (int)size - 1;
}

static inline void describe(const struct setting *s, char *text, size_t size)
{
	const struct net_options net = net_defaults();
	const struct rule_options rule = rule_defaults();
	int at = describe_options(net_option_table, &s->net, &net, text, size);
	at += describe_options(rule_option_table, &s->rule, &rule, text + at, size - (size_t)at);
	snprintf(text + at, size - (size_t)at, "%s in=%d out=%d teaching=%d", s->coding == INPUT_LOCAL ? "local" : "real", s->in, s->out,
		 (int)s->teaching);
}

/* r, none, or one value per block. */
static inline void gate_bias_draw(struct list *list, bool there, long blocks, struct rng *r)
{
	list->n = !there ? BIAS_ABSENT : rng_below(r, 2) ? BIAS_RANDOM : (int)blocks;
	for (int i = 0; i < list->n; i++)
		list->v[i] = rng_between(r, -3.0, 3.0);
}

static inline void gate_biases_draw(struct net_options *o, struct rng *r)
{
	gate_bias_draw(&o->igb, o->bias != BIAS_NONE, o->blocks, r);
	gate_bias_draw(&o->ogb, o->bias != BIAS_NONE && o->output_gates, o->blocks, r);
	gate_bias_draw(&o->fgb, o->bias != BIAS_NONE, o->blocks, r);
}

/* The largest numbers that are drawn. */
struct sizes {
	int fewest_units, units, blocks, cells, layers, taps, in, out;
	bool thin; /* where there are several layers: of one cell or up to 3 units */
};

/* Random options; many do not combine. */
static inline void options_draw(struct setting *s, int type, const struct sizes *n, struct rng *r)
{
	struct net_options *o = &s->net;
	*s = (struct setting){.net = net_defaults(), .rule = rule_defaults()};
	o->net = type;
	o->units = n->fewest_units + rng_below(r, n->units - n->fewest_units + 1);
	o->activation = rng_below(r, ACTIVATION_RELU + 1);
	o->blocks = 1 + rng_below(r, n->blocks);
	o->cells.n = rng_below(r, 2) ? 1 : (int)o->blocks;
	for (int i = 0; i < o->cells.n; i++)
		o->cells.v[i] = 1 + rng_below(r, n->cells);
	o->output_gates = rng_below(r, 4) > 0;
	o->connectivity = rng_below(r, CONNECT_C_SHORTCUTS + 1);
	o->bias = rng_below(r, BIAS_GATES_OUTPUTS + 1);
	o->layers = rng_below(r, 2) ? 1 : 1 + rng_below(r, n->layers);
	if (o->layers > 1 && n->thin) {
		o->blocks = o->cells.n = 1;
		o->cells.v[0] = 1;
		o->units = o->units > 3 ? 3 : o->units;
	}
	o->taps = 1 + rng_below(r, n->taps);
	o->input_gates = rng_below(r, 4) > 0;
	o->forget = rng_below(r, FORGET_COUPLED + 1);
	o->state_decay = o->forget || rng_below(r, 2) ? 1.0 : rng_between(r, 0.0, 1.0);
	o->peepholes = rng_below(r, 2);
	if (is_net(o, "lstm97")) {
		o->layers = o->input_gates = 1;
		o->forget = o->peepholes = 0;
		o->state_decay = 1.0;
	}
	o->g = rng_below(r, SQUASH_ID + 1);
	o->h = rng_below(r, SQUASH_ID + 1);
	o->output = rng_below(r, 3) ? OUTPUT_LOGISTIC : OUTPUT_IDENTITY;
	o->reset = rng_below(r, 2) ? 0.0 : rng_between(r, -0.5, 0.5);
	o->init = rng_between(r, 0.1, 0.5);
	o->gate_shift = rng_below(r, 2) ? 0.0 : rng_between(r, -2.0, 2.0);
	o->bias_init = rng_below(r, 2);
	s->coding = rng_below(r, 2) ? INPUT_LOCAL : INPUT_REAL;
	s->in = 1 + rng_below(r, n->in);
	s->out = 1 + rng_below(r, n->out);
	s->teaching = TAUGHT_SOMETIMES;
}

/* Random options that combine, with these settings among them; false: there are none. */
static inline bool setting_try(struct setting *s, int type, const struct sizes *n, const char *settings, struct rng *r)
{
	for (int tries = 0; tries < 1000; tries++) {
		struct error e = {0};
		options_draw(s, type, n, r);
		set_all(&s->net, settings);
		gate_biases_draw(&s->net, r);
		const struct task_shape shape = shape_of(s);
		if (net_types[type]->check(&s->net, &shape, &e))
			return true;
	}
	return false;
}

static inline struct net *net_of(const struct setting *s)
{
	const struct task_shape shape = shape_of(s);
	struct error e = {0};
	struct net *net = net_create(&s->net, &shape, &e);
	if (!net)
		fail_msg("%s", e.text);
	assert_true(net->hidden <= MAX_HIDDEN && net->in <= MAX_IN && net->out <= MAX_OUT);
	return net;
}

/* NULL where net and rule are refused. */
static inline struct learner *learner_try(const struct setting *s, struct error *e)
{
	const struct task_shape shape = shape_of(s);
	const struct learner_options of_net = learner_defaults();
	const struct learner_parts parts = {&of_net, &s->net, &s->rule, &shape};
	return learner_create(&parts, e);
}

static inline struct learner *learner_of(const struct setting *s)
{
	struct error e = {0};
	struct learner *learner = learner_try(s, &e);
	if (!learner)
		fail_msg("%s", e.text);
	return learner;
}

/* === The weights of all lanes === */

/* All weights of all lanes, in the order of the net's connections. */
struct weights {
	int n;
	double w[LANES][MAX_WEIGHTS];
};

/* Weight number i (net_weight's place in lane l) and whether it leads to the hidden layer; NULL behind the last one. */
static inline double *weight_at(const struct net *net, int i, int l, const struct connection **of, int *row, int *col)
{
	for (int k = 0; k < net->to_hidden_n + net->to_output_n; k++) {
		const struct connection *c = k < net->to_hidden_n ? &net->to_hidden[k] : &net->to_output[k - net->to_hidden_n];
		if (i < c->rows * c->cols) {
			*of = c;
			*row = i / c->cols;
			*col = i % c->cols;
			return net_weight(net, c, *row, *col, l);
		}
		i -= c->rows * c->cols;
	}
	return NULL;
}

static inline double *weight_in(const struct net *net, int i, int l)
{
	const struct connection *c;
	int row, col;
	return weight_at(net, i, l, &c, &row, &col);
}

static inline void weights_read(const struct net *net, struct weights *w)
{
	w->n = 0;
	for (double *place; (place = weight_in(net, w->n, 0)); w->n++) {
		assert_true(w->n < MAX_WEIGHTS);
		for (int l = 0; l < LANES; l++)
			w->w[l][w->n] = *weight_in(net, w->n, l);
	}
}

static inline void weights_write(const struct net *net, const struct weights *w)
{
	for (int i = 0; i < w->n; i++)
		for (int l = 0; l < LANES; l++)
			*weight_in(net, i, l) = w->w[l][i];
}

/* All that there are, of one lane. */
static inline void weights_draw_lane(const struct net *net, struct weights *w, int l, double size, struct rng *r)
{
	const struct connection *c;
	int row, col;
	for (w->n = 0; weight_at(net, w->n, l, &c, &row, &col); w->n++) {
		const bool absent = net->type->absent && net->type->absent(net, c, row, col);
		w->w[l][w->n] = absent ? 0.0 : rng_between(r, -size, size);
	}
	assert_true(w->n < MAX_WEIGHTS);
}

/* States and activations without bounds grow from step to step and saturate what sees them, where rounding errors are no longer
   small: smaller weights. */
static inline double weight_size(const struct net_options *o)
{
	const bool unbounded = has_gates(o) ? o->h == SQUASH_ID : is_net(o, "cec") || is_rectified(o);
	return unbounded ? 0.4 : 1.2;
}

static inline void weights_draw(const struct net *net, struct weights *w, struct rng *r)
{
	for (int l = 0; l < LANES; l++)
		weights_draw_lane(net, w, l, weight_size(&net->o), r);
}

/* === Sequences === */

/* A step of a lane's script; inputs are given in both codings. */
struct step {
	double x[MAX_IN];
	int index;
	bool taught, last;
	int line;
	double target;
};

/* What all lanes are taught: so many sequences each, of up to `longest` steps. */
struct crowd {
	int rounds, longest;
	int n[LANES]; /* steps of all sequences together */
	struct step step[LANES][MAX_STEPS];
};

static inline void step_draw(const struct setting *s, struct step *step, struct rng *r)
{
	*step = (struct step){.index = rng_below(r, s->in)};
	for (int i = 0; i < s->in; i++)
		step->x[i] = s->coding == INPUT_LOCAL ? i == step->index : rng_between(r, -1.0, 1.0);
	step->line = rng_below(r, s->out);
	step->target = rng_between(r, -0.5, 1.5);
}

static inline void lane_draw(const struct setting *s, struct crowd *c, int l, int shortest, struct rng *r)
{
	assert_true(shortest >= 1 && c->rounds * c->longest <= MAX_STEPS);
	c->n[l] = 0;
	for (int round = 0; round < c->rounds; round++)
		for (int left = shortest + rng_below(r, c->longest - shortest + 1); left > 0; left--) {
			struct step *step = &c->step[l][c->n[l]++];
			step_draw(s, step, r);
			step->last = left == 1;
			switch (s->teaching) {
			case TAUGHT_ALWAYS: step->taught = true; break;
			case TAUGHT_LAST: step->taught = step->last; break;
			case TAUGHT_SOMETIMES: step->taught = step->last || rng_below(r, 2); break;
			default: step->taught = rng_below(r, 3) == 0; break;
			}
		}
}

static inline void crowd_draw(const struct setting *s, struct crowd *c, int rounds, int shortest, int longest, struct rng *r)
{
	c->rounds = rounds;
	c->longest = longest;
	for (int l = 0; l < LANES; l++)
		lane_draw(s, c, l, shortest, r);
}

/* === Playing them === */

static inline struct frames frames_create(const struct setting *s, int steps)
{
	struct frames f = {.coding = s->coding, .in = s->in};
	f.value = memory_zeroed((size_t)(steps * s->in), sizeof *f.value);
	f.index = memory_zeroed((size_t)steps, sizeof *f.index);
	return f;
}

static inline void frames_write(struct frames *f, int t, int l, const struct step *step)
{
	f->index[t][l] = step->index;
	for (int i = 0; i < f->in; i++)
		f->value[t * f->in + i][l] = step->x[i];
}

static inline void frames_free(struct frames *f)
{
	free(f->value);
	free(f->index);
}

/* What a lane that waits sees: nothing, or what makes every number overflow. */
enum garbage { GARBAGE_NONE, GARBAGE_WILD };

static inline struct step garbage_step(const struct setting *s, enum garbage garbage, int t)
{
	static const double wild[] = {1e300, -1e308, NAN, INFINITY, 3.0};
	struct step step = {0};
	if (garbage == GARBAGE_NONE)
		return step;
	step.index = t % s->in;
	for (int i = 0; i < s->in; i++)
		step.x[i] = wild[(t + i) % 5];
	return step;
}

struct player {
	int at[LANES];     /* next step of the lane's script */
	bool fresh[LANES]; /* it is the first of a sequence */
	ilane ended;       /* the sequence is over, its end not yet served */
	lane target[MAX_OUT];
};

static inline int sequence_length(const struct crowd *c, int l, int from)
{
	int n = 1;
	while (!c->step[l][from + n - 1].last)
		n++;
	return n;
}

/* The steps that lanes are at: into frame t and the lesson. False: all are done. */
static inline bool player_step(struct player *p, struct learner *learner, const struct setting *s, const struct crowd *c, struct frames *f,
			       int t, enum garbage garbage, ilane *plays, struct lesson *lesson)
{
	*lesson = (struct lesson){.line = ilane_set(-1), .target = p->target};
	for (int k = 0; k < learner->out; k++)
		p->target[k] = lane_set(0.0);
	for (int l = 0; l < LANES; l++) {
		const bool play = p->at[l] < c->n[l] && !p->ended[l];
		(*plays)[l] = play ? -1 : 0;
		const struct step step = play ? c->step[l][p->at[l]] : garbage_step(s, garbage, t);
		frames_write(f, t, l, &step);
		if (!play)
			continue;
		if (p->fresh[l])
			learner_reset(learner, l, sequence_length(c, l, p->at[l]));
		p->fresh[l] = false;
		lesson->last[l] = step.last ? -1 : 0;
		if (!step.taught)
			continue;
		lesson->line[l] = step.line;
		p->target[step.line][l] = step.target;
		lesson->rate[l] = s->rule.rate;
		lesson->learns[l] = -1;
	}
	return lane_any(*plays);
}

/* Lanes whose sequence has ended are finished; where lanes start together, once all have ended. */
static inline void player_serve(struct player *p, struct learner *learner, const struct crowd *c)
{
	bool all = true;
	for (int l = 0; l < LANES; l++)
		all = all && (p->ended[l] || p->at[l] == c->n[l]);
	if (!lane_any(p->ended) || (learner->together && !all))
		return;
	learner_finish(learner, p->ended);
	for (int l = 0; l < LANES; l++)
		p->fresh[l] = p->fresh[l] || p->ended[l];
	p->ended = ilane_set(0);
}

/* As a group does it: lanes go on to their next sequence at once, or, where the rule wants that, together; up to `at_once` steps at
   once, the last of which has a target, ends a sequence or is the last. */
static inline void play_at_once(struct learner *learner, const struct setting *s, const struct crowd *c, enum garbage garbage, int at_once)
{
	struct frames f = frames_create(s, c->rounds * c->longest + 1);
	struct player p = {.ended = {0}};
	struct lesson lesson;
	ilane plays = {0};
	for (int l = 0; l < LANES; l++)
		p.fresh[l] = true;
	for (int t = 0, done = 0; player_step(&p, learner, s, c, &f, t, garbage, &plays, &lesson); t++) {
		if (t + 1 - done == at_once || lane_any(lesson.learns | lesson.last)) {
			learner_advance(learner, &f, done, t + 1 - done);
			done = t + 1;
			learner_answer(learner, &f, t);
		}
		if (lane_any(lesson.learns))
			learner_teach(learner, &f, t, &lesson);
		for (int l = 0; l < LANES; l++)
			if (plays[l]) {
				p.at[l]++;
				p.ended[l] = lesson.last[l];
			}
		player_serve(&p, learner, c);
	}
	frames_free(&f);
}

static inline void play(struct learner *learner, const struct setting *s, const struct crowd *c, enum garbage garbage)
{
	play_at_once(learner, s, c, garbage, 1);
}

#endif
