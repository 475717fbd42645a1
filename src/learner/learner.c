/* learner.c: see learner.h. */
#include "learner/learner.h"

#include "base/memory.h"

#include <stdlib.h>

struct learner *learner_create(const struct net_options *n, const struct rule_options *r, const struct task_shape *shape, struct error *e)
{
	struct net *net = net_create(n, shape, e);
	if (!net)
		return NULL;
	struct rule *rule = rule_create(r, net, e);
	if (!rule) {
		net_free(net);
		return NULL;
	}
	struct learner *learner = memory_zeroed(1, sizeof *learner);
	learner->net = net;
	learner->rule = rule;
	learner->e = memory_zeroed((size_t)net->out, sizeof *learner->e);
	return learner;
}

void learner_free(struct learner *learner)
{
	if (!learner)
		return;
	rule_free(learner->rule);
	net_free(learner->net);
	free(learner->e);
	free(learner);
}

void learner_start(struct learner *learner, int l, struct rng *weights)
{
	net_start(learner->net, l, weights);
}

void learner_reset(struct learner *learner, int l)
{
	net_reset(learner->net, l);
	learner->rule->type->reset(learner->rule, l);
}

void learner_finish(struct learner *learner, int l)
{
	learner->rule->type->finish(learner->rule, l);
}

static struct frame frame_at(const struct frames *frames, long at)
{
	struct frame x = {0};
	if (frames->coding == INPUT_LOCAL)
		x.index = frames->index[at];
	else
		x.value = frames->value + at * frames->in;
	return x;
}

void learner_advance(struct learner *learner, const struct frames *frames, long at, long n)
{
	struct net *net = learner->net;
	struct rule *rule = learner->rule;
	void (*const step)(struct net *, const struct frame *) = net->type->step;
	void (*const observe)(struct rule *, const struct frame *) = rule->type->observe;
	for (const long end = at + n; at < end; at++) {
		const struct frame x = frame_at(frames, at);
		step(net, &x);
		observe(rule, &x);
	}
}

void learner_answer(struct learner *learner, const struct frames *frames, long at)
{
	const struct frame x = frame_at(frames, at);
	net_answer(learner->net, &x);
}

void learner_teach(struct learner *learner, const struct frames *frames, long at, const struct lesson *lesson)
{
	struct net *net = learner->net;
	const struct frame x = frame_at(frames, at);
	const lane offset = lane_set(learner->rule->o.slope_offset);
	for (int k = 0; k < net->out; k++) {
		const lane y = net->y_out[k];
		const lane slope = net->o.output == OUTPUT_LOGISTIC ? lane_fma(y, 1.0 - y, offset) : lane_set(1.0);
		const lane target = lane_masked(lesson->line == (int64_t)k, lesson->target);
		/* a e_k = a f'(net_k) (target_k - y_k) (eq. 19, 22) */
		learner->e[k] = lane_masked(lesson->learns, lesson->rate * (slope * (target - y)));
	}
	learner->rule->type->teach(learner->rule, &x, learner->e, lesson);
}
