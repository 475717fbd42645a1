/* conditions.c: see conditions.h. */
#include "trial/conditions.h"

#include "base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const measure_names[] = {"test", "recent", NULL};
static const char *const test_set_names[] = {"fresh", "fixed", NULL};
static const char *const judge_names[] = {"tolerance", "legal", "top", "next-to-last", NULL};
static const char *const judged_names[] = {"every", "last", NULL};
static const char *const order_names[] = {"random", "epoch", NULL};
static const char *const any_names[] = {"any", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const grow_names[] = {"start", "plateau", NULL};

#define AT(field) offsetof(struct trial_options, field)
const struct parameter trial_option_table[] = {
    /* key, type, place, min, max, words, help */
    {"measure",
     OPTION_ENUM,
     AT(measure),
     0,
     0,
     {measure_names},
     "what the stopping rule looks at: test sequences with frozen weights, or the most recent training sequences"},
    {"window", OPTION_INT, AT(window), 1, 10000000, {NULL}, "number of sequences it looks at (for fixed string sets: all of them)"},
    {"test_every", OPTION_INT, AT(test_every), 1, 10000000, {NULL}, "training sequences between two tests"},
    {"test_set", OPTION_ENUM, AT(test_set), 0, 0, {test_set_names}, "test sequences drawn afresh for every test, or always the same"},
    {"judge",
     OPTION_ENUM,
     AT(judge),
     0,
     0,
     {judge_names},
     "a sequence is right if: all errors below tolerance; legal symbols the most active; the most active symbol legal; as legal, at the "
     "symbol before the last only"},
    {"tolerance", OPTION_REAL, AT(tolerance), 0, 100, {NULL}, "largest absolute error of a right answer"},
    {"judged", OPTION_ENUM, AT(judged), 0, 0, {judged_names}, "steps that are judged"},
    {"milestones",
     OPTION_TEXT,
     AT(milestones),
     0,
     0,
     {NULL},
     "names of the stops, in order, separated by ':'; the last one ends the trial"},
    {"wrong_below", OPTION_LIST, AT(wrong_below), 1, 10000000, {NULL}, "per stop: fewer wrong sequences than this"},
    {"error_below", OPTION_LIST, AT(error_below), 0, 100, {any_names}, "per stop: mean absolute error below this; any: no condition"},
    {"length_above",
     OPTION_LIST,
     AT(length_above),
     0,
     1e15,
     {any_names},
     "streams: per stop: mean right answers of a test stream above this"},
    {"test_sequences", OPTION_INT, AT(test_sequences), 0, 10000000, {NULL}, "sequences presented after each stop, weights frozen"},
    {"limit", OPTION_INT, AT(limit), 0, 1e15, {NULL}, "the paper's own limit of training sequences; 0: it names none"},
    {"order",
     OPTION_ENUM,
     AT(order),
     0,
     0,
     {order_names},
     "training sequences of a fixed set (1): drawn at random, or the whole set over and over"},
    {"grow", OPTION_ENUM, AT(grow), 0, 0, {grow_names}, "hidden layer there from the start, or added when the error stops decreasing"},
    {"grow_window", OPTION_INT, AT(grow_window), 1, 1000000, {NULL}, "sequences over which the error is averaged for that"},
    {"grow_ratio",
     OPTION_REAL,
     AT(grow_ratio),
     0,
     1,
     {NULL},
     "it has stopped when a window's mean error is not below this times the one before"},
    {"data_seed", OPTION_INT, AT(data_seed), 0, 1e15, {NULL}, "seed of all trials' sequences; 0: each trial's own"},
    {"weight_seed", OPTION_INT, AT(weight_seed), 0, 1e15, {NULL}, "seed of all trials' initial weights; 0: each trial's own"},
    {"stream_length", OPTION_INT, AT(stream_length), 1, 1e15, {NULL}, "streams: steps of a training stream without a wrong answer"},
    {"test_stream_length", OPTION_INT, AT(test_stream_length), 1, 1e15, {NULL}, "streams: steps of a test stream without a wrong answer"},
    {"step_limit", OPTION_INT, AT(step_limit), 0, 1e15, {NULL}, "streams: training steps after which a trial is given up; 0: any number"},
    {"external_reset",
     OPTION_ENUM,
     AT(external_reset),
     0,
     0,
     {no_yes},
     "streams: activations, states and traces are reset after each part (string), not only between streams"},
    {0}};
#undef AT

struct conditions conditions_defaults(void)
{
	return (struct conditions){
	    .task = task_defaults(),
	    .learner = learner_defaults(),
	    .net = net_defaults(),
	    .rule = rule_defaults(),
	    .trial =
		{
		    .window = 2000,
		    .test_every = 1000,
		    .tolerance = 0.04,
		    .milestones = "success",
		    .wrong_below = {.n = 1, .v = {1}},
		    .error_below = {.n = LIMIT_ANY},
		    .length_above = {.n = LIMIT_ANY},
		    .test_sequences = 2560,
		    .grow_window = 100,
		    .grow_ratio = 0.99,
		    .stream_length = 1000000,
		    .test_stream_length = 100000,
		},
	};
}

struct part {
	const struct parameter *table;
	size_t offset;
};

static const struct part parts[] = {
    {task_option_table, offsetof(struct conditions, task)},   {learner_option_table, offsetof(struct conditions, learner)},
    {net_option_table, offsetof(struct conditions, net)},     {rule_option_table, offsetof(struct conditions, rule)},
    {trial_option_table, offsetof(struct conditions, trial)},
};
enum { PARTS = sizeof parts / sizeof *parts, CONDITIONS_MAX = 256 /* keys of all parts */ };

const struct parameter *conditions_option(struct conditions *c, const char *key, void **base)
{
	for (int i = 0; i < PARTS; i++) {
		const struct parameter *o = option_find(parts[i].table, key);
		if (o) {
			*base = (char *)c + parts[i].offset;
			return o;
		}
	}
	return NULL;
}

bool conditions_set(struct conditions *c, const char *key, const char *value, struct error *e)
{
	void *base;
	const struct parameter *o = conditions_option(c, key, &base);
	if (!o)
		return error_input(e, "%.60s: unknown key, expected one of those that `lstm97 show ID` prints", key);
	return option_parse(o, base, value, e);
}

bool conditions_set_all(struct conditions *c, const char *text, struct error *e)
{
	struct word word = {0};
	while (option_next_word(&text, &word))
		if (!conditions_set(c, word.key, word.value, e))
			return false;
	return true;
}

void conditions_each(const struct conditions *c, void (*visit)(void *to, const struct parameter *o, const void *base), void *to)
{
	for (int i = 0; i < PARTS; i++)
		for (const struct parameter *o = parts[i].table; o->key; o++)
			visit(to, o, (const char *)c + parts[i].offset);
}

/* How long a trial may take at most does not change what it is. */
static bool is_budget(const struct parameter *o)
{
	return !strcmp(o->key, "limit");
}

void conditions_each_changed(const struct conditions *c, const struct conditions *before,
			     void (*visit)(void *to, const struct parameter *o, const void *base), void *to)
{
	for (int i = 0; i < PARTS; i++)
		for (const struct parameter *o = parts[i].table; o->key; o++)
			if (!is_budget(o) && !option_equal(o, (const char *)c + parts[i].offset, (const char *)before + parts[i].offset))
				visit(to, o, (const char *)c + parts[i].offset);
}

struct settings {
	const struct parameter *o[CONDITIONS_MAX];
	const void *base[CONDITIONS_MAX];
	int n;
};

static void add_setting(void *to, const struct parameter *o, const void *base)
{
	struct settings *all = to;
	int at = all->n++;
	assert(all->n <= CONDITIONS_MAX);
	for (; at > 0 && strcmp(all->o[at - 1]->key, o->key) > 0; at--) {
		all->o[at] = all->o[at - 1];
		all->base[at] = all->base[at - 1];
	}
	all->o[at] = o;
	all->base[at] = base;
}

char *conditions_text(const struct conditions *c)
{
	const struct conditions defaults = conditions_defaults();
	struct settings settings = {0};
	char *text = NULL;
	size_t capacity = 0, used = 0;
	conditions_each_changed(c, &defaults, add_setting, &settings);
	text = memory_grown(text, &capacity, 1, 1);
	*text = '\0';
	for (int i = 0; i < settings.n; i++) {
		char value[2 * OPTION_TEXT_MAX];
		option_print(settings.o[i], settings.base[i], value, sizeof value);
		const size_t more = strlen(settings.o[i]->key) + strlen(value) + 2;
		text = memory_grown(text, &capacity, used + more + 1, 1);
		used += (size_t)sprintf(text + used, "%s%s=%s", i ? " " : "", settings.o[i]->key, value);
	}
	return text;
}

static void count(void *n, const struct parameter *o, const void *base)
{
	(void)o;
	(void)base;
	++*(int *)n;
}

/* But for their learning rates, where the rate is nobody's state. */
static struct conditions at_rate(const struct conditions *c, double rate)
{
	struct conditions other = *c;
	if (!optimizer_used(&c->rule.optimizer))
		other.rule.rate = rate;
	return other;
}

bool conditions_share_group(const struct conditions *a, const struct conditions *b)
{
	const struct conditions c = at_rate(b, a->rule.rate);
	int changed = 0;
	conditions_each_changed(&c, a, count, &changed);
	return !changed;
}

/* FNV-1a over what `lstm97 show` prints */
static void hash_value(void *hash, const struct parameter *o, const void *base)
{
	char text[2 * OPTION_TEXT_MAX];
	uint64_t *h = hash;
	option_print(o, base, text, sizeof text);
	for (const char *p = text; *p; p++)
		*h = (*h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	*h *= UINT64_C(1099511628211);
}

uint64_t conditions_group_hash(const struct conditions *c)
{
	const struct conditions same = at_rate(c, 1.0);
	uint64_t hash = UINT64_C(14695981039346656037);
	conditions_each(&same, hash_value, &hash);
	return hash;
}

uint64_t conditions_data_seed(const struct conditions *c, uint64_t seed)
{
	return c->trial.data_seed ? (uint64_t)c->trial.data_seed : seed;
}

struct rng conditions_stream(const struct conditions *c, uint64_t seed, const char *name)
{
	if (strcmp(name, "weights"))
		return rng_stream(conditions_data_seed(c, seed), name);
	return rng_stream(c->trial.weight_seed ? (uint64_t)c->trial.weight_seed : seed, name);
}

int conditions_milestones(const struct conditions *c)
{
	int n = 1;
	for (const char *p = c->trial.milestones; *p; p++)
		n += *p == ':';
	return n;
}

void conditions_milestone_name(const struct conditions *c, int i, char *name, size_t size)
{
	const char *p = c->trial.milestones;
	for (; i > 0; i--)
		p = strchr(p, ':') + 1;
	snprintf(name, size, "%.*s", (int)strcspn(p, ":"), p);
}

static bool check_stream(const struct conditions *c, struct error *e)
{
	const struct trial_options *t = &c->trial;
	if (t->judged != JUDGED_EVERY)
		return error_input(e, "judged: a stream ends at its first wrong answer, so that each is judged; expected every");
	if (t->judge == JUDGE_NEXT_TO_LAST)
		return error_input(e, "judge: a stream has no symbol before its last; expected tolerance, legal or top");
	if (c->rule.rate_decay < 1.0 && optimizer_used(&c->rule.optimizer))
		return error_input(e, "rate_decay: not known to optimizers and clip; expected 1");
	if (t->length_above.n != LIMIT_ANY && t->measure != MEASURE_TEST)
		return error_input(e, "length_above: only test streams are asked for it (measure = test); expected any");
	return true;
}

/* What only streams have. */
static bool check_no_stream(const struct conditions *c, struct error *e)
{
	static const char given[] = "given, but the task has no streams; expected";
	if (c->rule.rate_decay < 1.0)
		return error_input(e, "rate_decay: %s 1", given);
	if (c->trial.length_above.n != LIMIT_ANY)
		return error_input(e, "length_above: %s any", given);
	if (c->trial.step_limit)
		return error_input(e, "step_limit: %s 0", given);
	return !c->trial.external_reset || error_input(e, "external_reset: %s no", given);
}

/* Is the name of milestone i one that results can be told apart by? */
static bool check_milestone(const struct conditions *c, int i, struct error *e)
{
	char name[OPTION_TEXT_MAX], before[OPTION_TEXT_MAX];
	conditions_milestone_name(c, i, name, sizeof name);
	if (!name[0])
		return error_input(e, "milestones: an empty name in '%.60s'", c->trial.milestones);
	if (strlen(name) >= MILESTONE_MAX)
		return error_input(e, "milestones: '%.60s...' is too long, expected at most %d characters", name, MILESTONE_MAX - 1);
	for (int k = 0; k < i; k++) {
		conditions_milestone_name(c, k, before, sizeof before);
		if (!strcmp(name, before))
			return error_input(e, "milestones: '%.60s' is the name of two stops, expected different ones", name);
	}
	return true;
}

static bool check_trial(const struct conditions *c, const struct task_shape *shape, struct error *e)
{
	const struct trial_options *t = &c->trial;
	const int n = conditions_milestones(c);
	if (n > LIST_MAX)
		return error_input(e, "milestones: %d names, expected at most %d", n, LIST_MAX);
	for (int i = 0; i < n; i++)
		if (!check_milestone(c, i, e))
			return false;
	if (t->wrong_below.n != n)
		return error_input(e, "wrong_below: %d values for %d milestones, expected one each", t->wrong_below.n, n);
	if (t->error_below.n != LIMIT_ANY && t->error_below.n != n)
		return error_input(e, "error_below: %d values for %d milestones, expected one each, or any", t->error_below.n, n);
	if (t->length_above.n != LIMIT_ANY && t->length_above.n != n)
		return error_input(e, "length_above: %d values for %d milestones, expected one each, or any", t->length_above.n, n);
	if (t->judge != JUDGE_TOLERANCE && !shape->grammar)
		return error_input(e, "judge: only the tolerance judge is possible here, the others need a grammar");
	if (t->measure == MEASURE_RECENT && t->judge != JUDGE_TOLERANCE)
		return error_input(e, "judge: with measure = recent only the tolerance judge is possible");
	if (t->order == ORDER_EPOCH && !shape->train_set)
		return error_input(e, "order: epoch, but the task draws every training sequence afresh; expected random");
	if (t->grow == GROW_PLATEAU && c->net.connectivity != CONNECT_B && c->net.connectivity != CONNECT_F_SHORTCUTS &&
	    c->net.connectivity != CONNECT_C_SHORTCUTS)
		return error_input(e, "grow: plateau needs input-output connections (connectivity B, F+shortcuts or C+shortcuts)");
	if (!(c->rule.rate > 0.0))
		return error_input(e, "rate: 0 would change no weight, expected more than 0; decimals are written with a point: 0.5");
	return shape->stream ? check_stream(c, e) : check_no_stream(c, e);
}

/* What a trial needs of its learner. */
static bool check_learner(const struct conditions *c, const struct task_shape *shape, const struct learner *learner, struct error *e)
{
	const struct trial_options *t = &c->trial;
	if (shape->stream && learner->together)
		return error_input(e,
				   "rule: %s goes back over whole sequences, but a stream has no end; expected a rule that goes forwards",
				   conditions_rule_name(c));
	if (t->grow == GROW_PLATEAU && !learner->net)
		return error_input(e, "grow: plateau needs a network whose hidden layer can be added, which a %s is not",
				   learner->type->name);
	if (learner->answers_twice && t->judge != JUDGE_TOLERANCE)
		return error_input(e, "chunk_answer: A-or-C is judged by how near it is to the target; expected judge = tolerance");
	if (learner->guesses && t->measure != MEASURE_RECENT)
		return error_input(e, "measure: weights are guessed until the most recent sequences are right; expected recent");
	if (learner->epochs && t->order != ORDER_EPOCH)
		return error_input(e, "order: a %s learns from whole epochs; expected epoch", learner->type->name);
	return true;
}

struct learner *conditions_learner(const struct conditions *c, const struct task_shape *shape, struct error *e)
{
	const struct learner_parts from = {&c->learner, &c->net, &c->rule, shape, false};
	return learner_create(&from, e);
}

static bool is_composed(const struct conditions *c)
{
	return learner_types[c->learner.learner] == &learner_composed;
}

const char *conditions_net_name(const struct conditions *c)
{
	return is_composed(c) ? net_types[c->net.net]->name : learner_types[c->learner.learner]->name;
}

const char *conditions_rule_name(const struct conditions *c)
{
	return is_composed(c) ? rule_types[c->rule.rule]->name : "-";
}

bool conditions_check(const struct conditions *c, long *weights, struct error *e)
{
	if (!task_check(&c->task, e))
		return false;
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	if (!check_trial(c, &shape, e))
		return false;
	const struct learner_parts outline = {&c->learner, &c->net, &c->rule, &shape, true};
	struct learner *learner = learner_create(&outline, e);
	const bool good = learner && check_learner(c, &shape, learner, e);
	if (good && weights)
		*weights = learner->weights;
	learner_free(learner);
	return good;
}
