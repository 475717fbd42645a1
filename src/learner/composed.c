/* composed.c: a network and a rule.
   Does: run the net under the rule's eyes, as many steps at once as the rule likes.
   Does not: anything that only one net or one rule needs. */
#include "learner/learner.h"

static bool composed_create(struct learner *learner, const struct learner_parts *parts, struct error *e)
{
	learner->net = net_create(parts->net, parts->shape, e);
	if (!learner->net)
		return false;
	learner->rule = rule_create(parts->rule, learner->net, parts->shape, e);
	if (!learner->rule)
		return false;
	learner->y_out = learner->net->y_out;
	learner->weights = learner->net->weights;
	learner->together = learner->rule->type->together;
	learner->guesses = learner->rule->type->guesses;
	learner->judges = !learner->guesses;
	return true;
}

static void composed_release(struct learner *learner)
{
	rule_free(learner->rule);
	net_free(learner->net);
}

static void composed_start(struct learner *learner, int l, struct rng *weights)
{
	net_start(learner->net, l, weights);
	rule_start(learner->rule, l);
}

static void composed_reset(struct learner *learner, int l, long length)
{
	learner->rule->type->reset(learner->rule, l, length);
	net_reset(learner->net, l);
}

static void composed_advance(struct learner *learner, const struct frames *frames, long at, long n)
{
	struct rule *rule = learner->rule;
	const long end = at + n;
	for (long some; at < end; at += some) {
		some = net_run(learner->net, frames, at, end - at < rule->run ? end - at : rule->run);
		rule->type->observe(rule, frames, at, some);
	}
}

static void composed_answer(struct learner *learner, const struct frames *frames, long at)
{
	const struct frame x = frames_at(frames, at);
	net_answer(learner->net, &x);
}

static void composed_teach(struct learner *learner, const struct frames *frames, long at, struct lesson *lesson)
{
	const struct frame x = frames_at(frames, at);
	rule_teach(learner->rule, &x, NULL, lesson);
}

static void composed_finish(struct learner *learner, ilane lanes)
{
	learner->rule->type->finish(learner->rule, lanes);
}

const struct learner_type learner_composed = {
    .name = "net",
    .summary = "a network of net/ that learns by a rule of rule/",
    .size = sizeof(struct learner),
    .create = composed_create,
    .release = composed_release,
    .start = composed_start,
    .reset = composed_reset,
    .advance = composed_advance,
    .answer = composed_answer,
    .teach = composed_teach,
    .finish = composed_finish,
};
