/* cmd_trace.c: lstm97 trace: a trained net's gates, states and outputs, step by step, as TSV.
   The trial is computed again from its seed (it is a pure function of it); the sequences are test sequences. Of learners with a second net
   the first one's units are shown. */
#include "cli/cli.h"
#include "run/trained.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_header(const struct net *net, const struct task_type *task)
{
	printf("t");
	if (task->symbol)
		printf("\tsymbol");
	for (int i = 0; !task->symbol && i < net->in; i++)
		printf("\tx%d", i + 1);
	for (int layer = 0; layer < net->layers; layer++) {
		char of[24] = "";
		if (layer)
			snprintf(of, sizeof of, "layer%d.", layer + 1);
		for (int kind = 0; kind < 3; kind++)
			for (int j = 0; j < net->gate[kind].n; j++)
				printf("\t%s%s%d", of, net->gate[kind].name, j + 1);
		for (int j = net->gates + net->cells / net->layers; j < net->hidden / net->layers; j++)
			printf("\t%sh%d", of, j + 1);
		for (int v = 0; v < net->cells / net->layers; v++)
			printf("\t%ss%d\t%sc%d", of, v + 1, of, v + 1);
	}
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
	const int cells = net->cells / net->layers, hidden = net->hidden / net->layers;
	for (int layer = 0; layer < net->layers; layer++) {
		const lane *const y = net->y + layer * hidden, *const state = net->s + layer * cells;
		for (int j = 0; j < net->gates; j++)
			printf("\t%.6g", y[j][0]);
		for (int j = net->gates + cells; j < hidden; j++)
			printf("\t%.6g", y[j][0]);
		for (int v = 0; v < cells; v++)
			printf("\t%.6g\t%.6g", state[v][0], y[net->gates + v][0]);
	}
	for (int k = 0; k < net->out; k++)
		printf("\t%.6g", net->y_out[k][0]);
	if (has_target)
		printf("\t%d\t%.6g\n", s->target[t] + 1, s->target_value);
	else
		printf("\t\t\n");
}

static void trace(const struct conditions *c, struct learner *learner, uint64_t seed, long number)
{
	const struct task_type *task = task_types[c->task.task];
	struct presented p;
	presented_draw(&p, c, seed, number);
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, p.sequence.length);
	print_header(learner->net, task);
	for (long t = 0; t < p.sequence.length; t++) {
		learner_advance(learner, &p.frames, t, 1);
		learner_answer(learner, &p.frames, t);
		print_step(learner->net, task, &c->task, &p.sequence, t, p.shape.every_step || t == p.sequence.length - 1);
	}
	presented_free(&p);
}

static int run(const struct common *c, struct experiments *x, struct error *e)
{
	static const char *const outcomes[] = {"solved", "unsolved", "diverged"};
	long seed, number;
	if (!common_number("--seed", c->seed, 1, 1, INT64_MAX, &seed, e) ||
	    !common_number("--sequence", c->sequence, 1, 1, 1000000, &number, e) || !common_experiments(c, x, e))
		return common_failed(e);
	const struct request request = {c->words, 1, c->seed ? c->seed : "1", c->sets, c->sets_n, c->budget, false};
	struct plan plan;
	if (!plan_make(&plan, x, &request, e))
		return common_failed(e);
	if (plan.n != 1) {
		plan_free(&plan);
		error_input(e, "trace: %d sets of conditions, expected one row and one value for each --set", plan.n);
		return common_failed(e);
	}
	const struct job *job = &plan.jobs[0];
	struct trained t;
	fprintf(stderr, "lstm97: training %s, seed %ld, at most %ld sequences\n", job->experiment->id, seed, job->budget);
	const bool good = trained_make(&t, &job->conditions, (uint64_t)seed, job->budget, e);
	if (good) {
		fprintf(stderr, "lstm97: %s after %ld sequences\n", outcomes[t.outcome], t.sequences);
		trace(&job->conditions, t.learner, (uint64_t)seed, number);
		trained_free(&t);
	}
	plan_free(&plan);
	return good ? EXIT_SUCCESS : common_failed(e);
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
