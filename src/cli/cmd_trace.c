/* cmd_trace.c: lstm97 trace: a trained net's gates, states and outputs, step by step, as TSV.
   The trial is computed again from its seed (it is a pure function of it); the sequences are test sequences. */
#include "base/memory.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trained {
	uint64_t seed;
	bool taken;
	struct result result;
	struct learner *learner; /* lane 0 gets the trained weights */
};

static bool take(void *to, uint64_t *seed)
{
	struct trained *t = to;
	*seed = t->seed;
	const bool first = !t->taken;
	t->taken = true;
	return first;
}

static void copy_weights(const struct net *from, const struct connection *c, int l, const struct net *to)
{
	for (int m = 0; m < c->rows; m++)
		for (int j = 0; j < c->cols; j++)
			*net_weight(to, c, m, j, 0) = *net_weight(from, c, m, j, l);
}

static void done(void *to, const struct result *r)
{
	struct trained *t = to;
	t->result = *r;
	for (int i = 0; i < r->learner->net->to_hidden_n; i++)
		copy_weights(r->learner->net, &r->learner->net->to_hidden[i], r->lane, t->learner->net);
	for (int i = 0; i < r->learner->net->to_output_n; i++)
		copy_weights(r->learner->net, &r->learner->net->to_output[i], r->lane, t->learner->net);
	t->learner->net->grown[0] = r->learner->net->grown[r->lane];
}

static void print_header(const struct net *net, const struct task_type *task)
{
	printf("t");
	if (task->symbol)
		printf("\tsymbol");
	for (int i = 0; !task->symbol && i < net->in; i++)
		printf("\tx%d", i + 1);
	for (int j = 0; j < net->gates - net->direct_n; j++)
		printf("\tin%d", j + 1);
	for (int j = 0; j < net->direct_n; j++)
		printf("\tout%d", j + 1);
	for (int j = net->gates + net->cells; j < net->hidden; j++)
		printf("\th%d", j + 1);
	for (int v = 0; v < net->cells; v++)
		printf("\ts%d\tc%d", v + 1, v + 1);
	for (int k = 0; k < net->out; k++)
		printf("\ty%d", k + 1);
	printf("\ttarget_line\ttarget\n");
}

static void print_step(const struct net *net, const struct task_type *task, const struct task_options *o, const struct sequence *s, long t,
		       bool has_target)
{
	char name[16];
	printf("%ld", t + 1);
	if (task->symbol)
		printf("\t%s", task->symbol(o, s->index[t], name));
	for (int i = 0; !task->symbol && i < net->in; i++)
		printf("\t%.6g", s->value[t * net->in + i]);
	for (int j = 0; j < net->gates; j++)
		printf("\t%.6g", net->y[j][0]);
	for (int v = 0; v < net->cells; v++)
		printf("\t%.6g\t%.6g", net->s[v][0], net->y[net->gates + v][0]);
	for (int j = net->gates + net->cells; j < net->hidden; j++)
		printf("\t%.6g", net->y[j][0]);
	for (int k = 0; k < net->out; k++)
		printf("\t%.6g", net->y_out[k][0]);
	if (has_target)
		printf("\t%d\t%.6g\n", s->target[t] + 1, s->target_value);
	else
		printf("\t\t\n");
}

static void trace(const struct conditions *c, struct trained *trained, long number)
{
	const struct task_type *task = task_types[c->task.task];
	const struct task_shape shape = task->shape(&c->task);
	struct learner *learner = trained->learner;
	struct sequence s = {0};
	struct rng r = rng_stream(trained->seed, "test");
	void *data = task->data_size ? memory_zeroed(1, task->data_size(&c->task)) : NULL;
	if (task->data_draw)
		task->data_draw(&c->task, trained->seed, data);
	for (long k = 0; k < number; k++)
		task->draw(&c->task, data, &r, k, &s);
	struct frames frames = {.coding = shape.coding, .in = shape.in};
	frames.value = memory_zeroed((size_t)(s.length * shape.in), sizeof *frames.value);
	frames.index = memory_zeroed((size_t)s.length, sizeof *frames.index);
	for (long t = 0; t < s.length; t++)
		if (shape.coding == INPUT_LOCAL)
			frames.index[t][0] = s.index[t];
		else
			for (int i = 0; i < shape.in; i++)
				frames.value[t * shape.in + i][0] = s.value[t * shape.in + i];
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, s.length);
	print_header(learner->net, task);
	for (long t = 0; t < s.length; t++) {
		learner_advance(learner, &frames, t, 1);
		learner_answer(learner, &frames, t);
		print_step(learner->net, task, &c->task, &s, t, shape.every_step || t == s.length - 1);
	}
	free(frames.value);
	free(frames.index);
	free(data);
	sequence_free(&s);
}

static int run(const struct common *c, struct experiments *x, struct error *e)
{
	static const char *const outcomes[] = {"solved", "unsolved", "diverged"};
	long seed, number;
	if (!common_number("--seed", c->seed, 1, 1, INT64_MAX, &seed, e) ||
	    !common_number("--sequence", c->sequence, 1, 1, 1000000, &number, e) || !common_experiments(c, x, e))
		return common_failed(e);
	const struct request request = {c->words, 1, c->seed ? c->seed : "1", c->sets, c->sets_n, c->budget};
	struct plan plan;
	if (!plan_make(&plan, x, &request, e))
		return common_failed(e);
	if (plan.n != 1) {
		plan_free(&plan);
		error_input(e, "trace: %d sets of conditions, expected one row and one value for each --set", plan.n);
		return common_failed(e);
	}
	const struct job *job = &plan.jobs[0];
	const struct task_shape shape = task_types[job->conditions.task.task]->shape(&job->conditions.task);
	struct trained t = {.seed = (uint64_t)seed, .learner = conditions_learner(&job->conditions, &shape, e)};
	if (!t.learner->net) {
		error_input(e, "trace: shows the units of a network, which a %s is not", t.learner->type->name);
		learner_free(t.learner);
		plan_free(&plan);
		return common_failed(e);
	}
	const struct group_calls calls = {.to = &t, .take = take, .done = done};
	fprintf(stderr, "lstm97: training %s, seed %ld, at most %ld sequences\n", job->experiment->id, seed, job->budget);
	group_run(&job->conditions, job->budget, &calls);
	fprintf(stderr, "lstm97: %s after %ld sequences\n", outcomes[t.result.outcome], t.result.sequences);
	trace(&job->conditions, &t, number);
	learner_free(t.learner);
	plan_free(&plan);
	return EXIT_SUCCESS;
}

static int trace_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	common_parse(&command_trace, TAKES_SET | TAKES_SEED | TAKES_SEQUENCE | TAKES_BUDGET, 1, 1, argc, argv, &c);
	const int code = run(&c, &x, &e);
	experiments_free(&x);
	return code;
}

const struct command command_trace = {"trace", "ID --seed S [--sequence K]", "a trained net, step by step, as TSV", trace_main};
