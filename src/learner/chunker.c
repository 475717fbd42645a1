/* chunker.c: the neural sequence chunker (Schmidhuber 1992), as the 1997 paper had it in experiment 2a.
   Does: two nets that predict the next symbol. The automatizer A sees every symbol; its extra outputs predict the hidden
   units of the chunker C. C sees the symbols that A failed to predict, and no others: of what A knows it is free, so that its
   lags are short, and what it keeps in mind A is made to keep in mind too. A alone answers (chunk_answer = A), or success is judged by
   the better one of A's and C's answers (A-or-C; C's is the one of its last step).
   Does not: nets other than the paper's (rnn with input-output connections, no biases, no time as input; of the net's options
   units, init and reset count), nor rules other than the full gradient on-line (rate, slope_offset).

   Step t, which shows symbol t and asks for symbol t + 1, in a lane that learns:
   1. A: one step, its answer. C: the first symbol of a sequence always, one step.
   2. A is surprised if one of its predictions is off by more than theta (option surprise).
   3. A learns: symbol t + 1, and C's hidden units as they are now, after the surprises up to symbol t (chunk_state = before)
      or after step 4, with symbol t + 1 if that was one (after).
   4. Where A was surprised: C learns to predict symbol t + 1 from its last input and its hidden units, then takes it in. Else
      C rests: activations, gradient and weights stay.
   In a lane that is tested nothing is learned, and C rests from the second symbol on (A), as nothing would come of it, or takes in what
   surprises A (A-or-C).

   With input-output connections in C as well (chunk_links = shortcuts, the paper's words) these alone can predict the last
   symbol of 2a from the first, so that C's hidden unit need not tell them apart and has nothing to teach; with chunk_links =
   hidden C's outputs see its hidden units only.

   Both gradients are exact but for the weights' own motion: rtrl, in C with the lanes at rest held back. weights counts A alone,
   as the paper's 10506 for p = 100 does: one net of p + 1 inputs, 1 hidden unit and p + 2 outputs, (p + 2) (p + 3). */
#include "base/memory.h"
#include "learner/learner.h"

#include <stdlib.h>

extern const struct net_type net_rnn;
extern const struct rule_type rule_rtrl;

/* A is base.net and base.rule, C is base.other and rule. */
struct chunker {
	struct learner base;
	struct rule *rule;
	ilane symbol; /* C's last input */
	lane *e_a;    /* (out + units) A's errors */
	lane *e_c;    /* (out) C's errors */
	ilane fresh;  /* lanes that have seen nothing of their sequence */
};

static struct chunker *self(struct learner *learner)
{
	return (struct chunker *)learner;
}

/* ---- making ---- */

static bool check(const struct rule_options *o, const struct task_shape *shape, struct error *e)
{
	if (shape->coding != INPUT_LOCAL || !shape->every_step || shape->in != shape->out)
		return error_input(e, "learner: a chunker predicts the next symbol at every step, which is not what this task asks; "
				      "expected another learner or the task long-lag or reber");
	if (o->update != UPDATE_STEP)
		return error_input(e, "update: a chunker learns on-line; expected step");
	if (o->errors || o->cell_errors)
		return error_input(e, "errors, cell_errors: a chunker learns at every step; expected every");
	if (o->forcing)
		return error_input(e, "forcing: yes, but no unit of a chunker sees outputs; expected no");
	return true;
}

/* The paper's nets, with the options that it leaves open. */
static struct net_options net_of(const struct net_options *given)
{
	struct net_options o = *given;
	for (o.net = 0; net_types[o.net] != &net_rnn; o.net++)
		;
	o.connectivity = CONNECT_F_SHORTCUTS;
	o.activation = ACTIVATION_LOGISTIC;
	o.bias = BIAS_NONE;
	o.output = OUTPUT_LOGISTIC;
	return o;
}

static bool chunker_create(struct learner *learner, const struct learner_parts *parts, struct error *e)
{
	struct chunker *c = self(learner);
	if (!check(parts->rule, parts->shape, e))
		return false;
	struct net_options net = net_of(parts->net);
	struct rule_options rule = *parts->rule;
	for (rule.rule = 0; rule_types[rule.rule] != &rule_rtrl; rule.rule++)
		;
	struct task_shape shape = *parts->shape;
	shape.out += (int)net.units;
	learner->net = learner_net(parts, &net, &shape, e);
	if (learner->o.chunk_links == CHUNK_HIDDEN)
		net.connectivity = CONNECT_F;
	learner->other = learner_net(parts, &net, parts->shape, e);
	if (!learner->net || !learner->other)
		return false;
	learner->rule = rule_create(&rule, learner->net, &shape, e);
	c->rule = rule_create(&rule, learner->other, parts->shape, e);
	if (!learner->rule || !c->rule)
		return false;
	learner->y_out = learner->net->y_out;
	learner->answers_twice = learner->o.chunk_answer == CHUNK_EITHER;
	if (learner->answers_twice)
		learner->y_other = learner->other->y_out;
	learner->judges = !learner->answers_twice;
	learner->weights = learner->net->weights;
	c->e_a = memory_zeroed((size_t)shape.out, sizeof *c->e_a);
	c->e_c = memory_zeroed((size_t)learner->out, sizeof *c->e_c);
	return true;
}

static void chunker_release(struct learner *learner)
{
	struct chunker *c = self(learner);
	free(c->e_a);
	free(c->e_c);
	rule_free(learner->rule);
	rule_free(c->rule);
	net_free(learner->net);
	net_free(learner->other);
}

static void chunker_start(struct learner *learner, int l, struct rng *weights)
{
	net_start(learner->net, l, weights);
	net_start(learner->other, l, weights);
}

/* ---- the two nets ---- */

/* C takes in a symbol in some lanes and rests in the others. */
static void take_in(struct chunker *c, ilane lanes, ilane symbol)
{
	struct net *net = c->base.other;
	if (!lane_any(lanes))
		return;
	c->symbol = (symbol & lanes) | (c->symbol & ~lanes);
	c->rule->rests = ~lanes;
	const struct frames heard = {.coding = INPUT_LOCAL, .in = net->in, .steps = 1, .index = &c->symbol};
	net_run(net, &heard, 0, 1);
	c->rule->type->observe(c->rule, &heard, 0, 1);
	for (int j = 0; j < net->hidden; j++)
		net->y[j] = lane_select(lanes, net->y[j], net->y_before[j]);
}

/* C learns to predict the symbol of the lesson in some lanes. */
static void study(struct chunker *c, ilane lanes, const struct lesson *lesson)
{
	struct net *net = c->base.other;
	const struct frame x = {.index = c->symbol};
	struct lesson part = *lesson;
	if (!lane_any(lanes))
		return;
	part.learns = lanes;
	net_answer(net, &x);
	for (int k = 0; k < net->out; k++)
		c->e_c[k] = lane_masked(lanes, changes_error(&c->rule->changes, true, net->y_out[k], lesson->target[k], lesson->rate));
	rule_teach(c->rule, &x, c->e_c, &part);
}

/* Lanes in which A's prediction is off by more than theta; what there is to judge about it. */
static ilane surprised(const struct learner *learner, struct lesson *lesson)
{
	lesson->sum = lesson->largest = lane_set(0.0);
	for (int k = 0; k < learner->out; k++) {
		const lane error = lane_abs(lesson->target[k] - learner->y_out[k]);
		lesson->sum += error;
		lesson->largest = lane_max(error, lesson->largest);
	}
	return lesson->largest > learner->o.surprise;
}

/* A learns the symbol of the lesson and C's hidden units. */
static void teach_automatizer(struct chunker *c, const struct frame *x, struct lesson *lesson)
{
	struct learner *learner = &c->base;
	const struct net *net = learner->net;
	for (int k = 0; k < net->out; k++) {
		const lane target = k < learner->out ? lesson->target[k] : learner->other->y[k - learner->out];
		c->e_a[k] = lane_masked(lesson->learns, changes_error(&learner->rule->changes, true, net->y_out[k], target, lesson->rate));
	}
	learner->rule->type->teach(learner->rule, x, c->e_a, lesson);
}

/* ---- what struct learner_type says ---- */

static void chunker_reset(struct learner *learner, int l, long length)
{
	struct chunker *c = self(learner);
	net_reset(learner->net, l);
	net_reset(learner->other, l);
	learner->rule->type->reset(learner->rule, l, length);
	c->rule->type->reset(c->rule, l, length);
	c->fresh[l] = -1;
}

static void chunker_advance(struct learner *learner, const struct frames *frames, long at, long n)
{
	struct chunker *c = self(learner);
	learner->other->grown = learner->net->grown;
	for (const long end = at + n; at < end; at++) {
		net_run(learner->net, frames, at, 1);
		learner->rule->type->observe(learner->rule, frames, at, 1);
		take_in(c, c->fresh, frames->index[at]);
		c->fresh = ilane_set(0);
	}
}

static void chunker_answer(struct learner *learner, const struct frames *frames, long at)
{
	const struct frame x = frames_at(frames, at);
	net_answer(learner->net, &x);
	const struct frame heard = {.index = self(learner)->symbol};
	if (learner->y_other)
		net_answer(learner->other, &heard);
}

static void chunker_teach(struct learner *learner, const struct frames *frames, long at, struct lesson *lesson)
{
	struct chunker *c = self(learner);
	const struct frame x = frames_at(frames, at);
	const ilane surprise = surprised(learner, lesson), lanes = surprise & lesson->learns;
	if (learner->o.chunk_state == CHUNK_BEFORE)
		teach_automatizer(c, &x, lesson);
	study(c, lanes, lesson);
	take_in(c, learner->y_other ? surprise & (lesson->line >= 0) : lanes, lesson->line);
	if (learner->o.chunk_state == CHUNK_AFTER)
		teach_automatizer(c, &x, lesson);
}

static void chunker_finish(struct learner *learner, ilane lanes)
{
	learner->rule->type->finish(learner->rule, lanes);
	self(learner)->rule->type->finish(self(learner)->rule, lanes);
}

const struct learner_type learner_chunker = {
    .name = "chunker",
    .summary = "neural sequence chunker: a net is taught what a second one makes of its surprises (Schmidhuber 1992)",
    .size = sizeof(struct chunker),
    .create = chunker_create,
    .release = chunker_release,
    .start = chunker_start,
    .reset = chunker_reset,
    .advance = chunker_advance,
    .answer = chunker_answer,
    .teach = chunker_teach,
    .finish = chunker_finish,
};
