/* bidirectional.c: two nets, one of which reads the sequence from its end (Schuster and Paliwal 1997; with memory cells Graves and
   Schmidhuber 2005).
   Does: for tasks with their target at the end of the sequence: y_k = f(sum_m w_km y_m(T) + sum_n w_kn y'_n(T) + bias) over the units m of
   a net that reads x(1), ..., x(T) and the units n of one that reads x(T), ..., x(1). Same options, weights of their own, each by the
   rule of the options: both are nets of net/ with identity outputs, the learner adds and squashes, and what the outputs have to learn is
   told to both. The bias of the outputs is the first net's; of input-output connections each net's see the input that it has read last.
   Does not: targets at every step; outputs that are hidden units.

   The second net reads an early signal last: of a lag that ends with the sequence it is free. Results are no answer to how well a net
   bridges time lags, and are to be reported apart from those of single nets; the database has them as net bidirectional, rule "-".

   Step t takes both nets one step on, the second with x(T - t + 1), T being the lane's own length: this reads ahead in the frames, but
   no answer is asked before the end. At its last step a lane has both nets' answers, whenever the other lanes end. Cost: two nets and
   two rules, and a copy of the inputs; measured 1.8 to 2.1 times a single net by bptt or rtrl, and up to 2.3 times by truncated, whose
   lanes would not have to wait. */
#include "base/memory.h"
#include "learner/learner.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST, SECOND, SIDES };

struct bidirectional {
	struct learner base;
	struct learner *side[SIDES]; /* each a net and a rule: base.net and base.rule, base.other */
	bool logistic;
	lane *e;            /* (out) */
	struct frames back; /* the lanes' sequences from their ends */
	size_t capacity;    /* steps that it holds */
	ilane length;       /* of the lanes' sequences */
	long n;             /* steps so far */
	long start;         /* where the first was in the frames */
};

static struct bidirectional *self(struct learner *learner)
{
	return (struct bidirectional *)learner;
}

static bool check(const struct learner_parts *parts, struct error *e)
{
	if (parts->shape->every_step)
		return error_input(e,
				   "learner: bidirectional nets answer once they have read the whole sequence, but this task has a target "
				   "at every step; expected another learner or a task with its target at the end");
	if (parts->net->connectivity == CONNECT_FULL)
		return error_input(e, "connectivity: full, but the outputs of bidirectional nets are units of neither; expected another");
	return true;
}

/* A net and a rule of these options, but for the outputs' squashing, and, in the second net, their bias. */
static struct learner *side_create(const struct learner_parts *parts, int side, struct error *e)
{
	static const int without_outputs[] = {[BIAS_NONE] = BIAS_NONE,
					      [BIAS_GATES] = BIAS_GATES,
					      [BIAS_HIDDEN] = BIAS_HIDDEN,
					      [BIAS_ALL] = BIAS_HIDDEN,
					      [BIAS_GATES_OUTPUTS] = BIAS_GATES};
	struct learner_options o = *parts->learner;
	for (o.learner = 0; learner_types[o.learner] != &learner_composed; o.learner++)
		;
	struct net_options net = *parts->net;
	net.output = OUTPUT_IDENTITY;
	if (side == SECOND)
		net.bias = without_outputs[net.bias];
	const struct learner_parts own = {&o, &net, parts->rule, parts->shape};
	return learner_create(&own, e);
}

static bool bidirectional_create(struct learner *learner, const struct learner_parts *parts, struct error *e)
{
	struct bidirectional *b = self(learner);
	if (!check(parts, e))
		return false;
	for (int i = 0; i < SIDES; i++) {
		b->side[i] = side_create(parts, i, e);
		if (!b->side[i])
			return false;
		learner->weights += b->side[i]->weights;
	}
	learner->net = b->side[FIRST]->net;
	learner->other = b->side[SECOND]->net;
	learner->rule = b->side[FIRST]->rule;
	learner->y_out = learner->net->y_out;
	learner->together = true;
	learner->guesses = b->side[FIRST]->guesses;
	b->logistic = parts->net->output == OUTPUT_LOGISTIC;
	b->e = memory_zeroed((size_t)learner->out, sizeof *b->e);
	b->back = (struct frames){.coding = parts->shape->coding, .in = parts->shape->in};
	return true;
}

static void bidirectional_release(struct learner *learner)
{
	struct bidirectional *b = self(learner);
	for (int i = 0; i < SIDES; i++)
		learner_free(b->side[i]);
	free(b->e);
	free(b->back.value);
	free(b->back.index);
}

static void bidirectional_start(struct learner *learner, int l, struct rng *weights)
{
	for (int i = 0; i < SIDES; i++)
		learner_start(self(learner)->side[i], l, weights);
}

static void bidirectional_reset(struct learner *learner, int l, long length)
{
	struct bidirectional *b = self(learner);
	struct frames *back = &b->back;
	for (int i = 0; i < SIDES; i++)
		learner_reset(b->side[i], l, length);
	b->length[l] = length;
	b->n = 0;
	if (back->coding == INPUT_LOCAL)
		back->index = memory_grown(back->index, &b->capacity, (size_t)length, sizeof *back->index);
	else
		back->value = memory_grown(back->value, &b->capacity, (size_t)length, (size_t)back->in * sizeof *back->value);
	back->steps = (long)b->capacity;
}

/* Step t from the end of each lane's sequence, t = 0 being the last; a lane that waits sees its first step again. */
static void turn(struct bidirectional *b, const struct frames *frames, long t)
{
	const int in = frames->in;
	ilane from = b->length - 1 - t;
	from = b->start + (from & (from > 0));
	from -= ilane_set(frames->steps) & (from >= frames->steps);
	if (frames->coding == INPUT_LOCAL) {
		for (int l = 0; l < LANES; l++)
			b->back.index[t][l] = frames->index[from[l]][l];
		return;
	}
	const ilane at = from * in * LANES + ilane_number();
	for (int i = 0; i < in; i++)
		b->back.value[t * in + i] = lane_gather((const double *)frames->value, at + (int64_t)i * LANES);
}

static void bidirectional_advance(struct learner *learner, const struct frames *frames, long at, long n)
{
	struct bidirectional *b = self(learner);
	learner->other->grown = learner->net->grown;
	if (!b->n)
		b->start = at;
	assert(b->n + n <= b->back.steps && !lane_any(b->length > frames->steps));
	for (long t = b->n; t < b->n + n; t++)
		turn(b, frames, t);
	learner_advance(b->side[FIRST], frames, at, n);
	learner_advance(b->side[SECOND], &b->back, b->n, n);
	b->n += n;
}

static void bidirectional_answer(struct learner *learner, const struct frames *frames, long at)
{
	struct bidirectional *b = self(learner);
	lane *const y = learner->y_out;
	learner_answer(b->side[FIRST], frames, at);
	learner_answer(b->side[SECOND], &b->back, b->n - 1);
	for (int k = 0; k < learner->out; k++)
		y[k] += learner->other->y_out[k];
	if (b->logistic)
		lane_logistic(y, y, learner->out);
}

static void bidirectional_teach(struct learner *learner, const struct frames *frames, long at, struct lesson *lesson)
{
	struct bidirectional *b = self(learner);
	const struct frame x[SIDES] = {frames_at(frames, at), frames_at(&b->back, b->n - 1)};
	for (int k = 0; k < learner->out; k++)
		b->e[k] = lane_masked(lesson->learns, changes_error(&learner->rule->changes, b->logistic, learner->y_out[k],
								    lesson->target[k], lesson->rate));
	for (int i = 0; i < SIDES; i++)
		rule_teach(b->side[i]->rule, &x[i], b->e, lesson);
}

static void bidirectional_finish(struct learner *learner, ilane lanes)
{
	for (int i = 0; i < SIDES; i++)
		learner_finish(self(learner)->side[i], lanes);
}

const struct learner_type learner_bidirectional = {
    .name = "bidirectional",
    .summary = "two nets, the second reads the sequence from its end; the outputs see both (Schuster and Paliwal 1997)",
    .size = sizeof(struct bidirectional),
    .create = bidirectional_create,
    .release = bidirectional_release,
    .start = bidirectional_start,
    .reset = bidirectional_reset,
    .advance = bidirectional_advance,
    .answer = bidirectional_answer,
    .teach = bidirectional_teach,
    .finish = bidirectional_finish,
};
