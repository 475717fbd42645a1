/* trained.c: see trained.h. */
#include "run/trained.h"

#include "base/memory.h"

#include <stdlib.h>

struct run {
	struct trained *to; /* (n) */
	const uint64_t *seeds;
	int n, taken;
};

static bool take(void *to, int l, uint64_t *seed, double *rate)
{
	struct run *run = to;
	(void)l;
	(void)rate;
	if (run->taken == run->n)
		return false;
	*seed = run->seeds[run->taken++];
	return true;
}

static void copy_weights(const struct net *from, const struct connection *c, int l, const struct net *to)
{
	for (int m = 0; m < c->rows; m++)
		for (int j = 0; j < c->cols; j++)
			*net_weight(to, c, m, j, 0) = *net_weight(from, c, m, j, l);
}

static void copy_net(const struct net *from, int l, struct net *to)
{
	for (int i = 0; i < from->to_hidden_n; i++)
		copy_weights(from, &from->to_hidden[i], l, to);
	for (int i = 0; i < from->to_output_n; i++)
		copy_weights(from, &from->to_output[i], l, to);
	to->grown[0] = from->grown[l];
}

static void done(void *to, const struct result *r)
{
	const struct run *run = to;
	int i = 0;
	while (run->seeds[i] != r->seed)
		i++;
	struct trained *t = &run->to[i];
	t->outcome = r->outcome;
	t->sequences = r->sequences;
	copy_net(r->learner->net, r->lane, t->learner->net);
	if (r->learner->other)
		copy_net(r->learner->other, r->lane, t->learner->other);
}

static bool initial(struct trained *t, const struct conditions *c, uint64_t seed, struct error *e)
{
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	*t = (struct trained){.learner = conditions_learner(c, &shape, e), .outcome = OUTCOME_UNSOLVED};
	if (!t->learner)
		return false;
	if (!t->learner->net) {
		error_input(e, "%s: not a network of units that could be shown", t->learner->type->name);
		trained_free(t);
		return false;
	}
	struct rng weights = conditions_stream(c, seed, "weights");
	learner_start(t->learner, 0, &weights);
	return true;
}

bool trained_make_all(struct trained *t, const struct conditions *c, const uint64_t *seeds, int n, long budget, struct error *e)
{
	for (int i = 0; i < n; i++)
		if (!initial(&t[i], c, seeds[i], e)) {
			while (i-- > 0)
				trained_free(&t[i]);
			return false;
		}
	if (!budget)
		return true;
	struct run run = {.to = t, .seeds = seeds, .n = n};
	const struct group_calls calls = {.to = &run, .take = take, .done = done};
	group_run(c, budget, &calls);
	return true;
}

bool trained_make(struct trained *t, const struct conditions *c, uint64_t seed, long budget, struct error *e)
{
	return trained_make_all(t, c, &seed, 1, budget, e);
}

void trained_free(struct trained *t)
{
	learner_free(t->learner);
	*t = (struct trained){0};
}

/* Steps `from` on of `to`: those of a sequence of symbols. */
static void copy_symbols(struct sequence *to, long from, const struct sequence *s)
{
	for (long t = 0; t < s->length; t++) {
		to->index[from + t] = s->index[t];
		to->target[from + t] = s->target[t];
		to->legal[from + t] = s->legal[t];
	}
	to->target_value = s->target_value;
	to->ideal = s->ideal;
}

/* Puts `part` behind what is in s. */
static void append(struct sequence *s, const struct sequence *part)
{
	const long before = s->length, length = before + part->length;
	if ((size_t)length > s->capacity) {
		struct sequence longer = {0};
		sequence_reserve(&longer, 2 * length, 0);
		copy_symbols(&longer, 0, s);
		sequence_free(s);
		*s = longer;
	}
	copy_symbols(s, before, part);
	s->length = length;
}

void presented_draw(struct presented *p, const struct conditions *c, uint64_t seed, long number)
{
	const struct task_type *task = task_types[c->task.task];
	*p = (struct presented){.shape = task->shape(&c->task)};
	struct sequence *s = &p->sequence, part = {0};
	const bool joins = p->shape.stream && !c->trial.external_reset;
	struct rng r = conditions_stream(c, seed, "test");
	void *data = task->data_size ? memory_zeroed(1, task->data_size(&c->task)) : NULL;
	if (task->data_draw)
		task->data_draw(&c->task, conditions_data_seed(c, seed), data);
	for (long k = 0; k < number; k++) {
		task->draw(&c->task, data, &r, k, joins ? &part : s);
		if (joins)
			append(s, &part);
	}
	sequence_free(&part);
	free(data);
	const int in = p->shape.in;
	p->frames = (struct frames){.coding = p->shape.coding, .in = in, .steps = s->length};
	p->frames.value = memory_zeroed((size_t)(s->length * in), sizeof *p->frames.value);
	p->frames.index = memory_zeroed((size_t)s->length, sizeof *p->frames.index);
	for (long t = 0; t < s->length; t++)
		if (p->shape.coding == INPUT_LOCAL)
			p->frames.index[t][0] = s->index[t];
		else
			for (int i = 0; i < in; i++)
				p->frames.value[t * in + i][0] = s->value[t * in + i];
}

void presented_free(struct presented *p)
{
	sequence_free(&p->sequence);
	free(p->frames.value);
	free(p->frames.index);
}
