/* cmd_sample.c: lstm97 sample: training sequences of a trial as a person reads them.
   One line each: a word for symbol tasks, value:marker columns otherwise; then -> and the target. */
#include "base/memory.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

static void print_symbols(const struct task_type *task, const struct task_options *o, const struct task_shape *shape,
			  const struct sequence *s)
{
	char name[16];
	for (long t = 0; t < s->length; t++)
		printf("%s%s", t && shape->in > 8 ? " " : "", task->symbol(o, s->index[t], name));
	if (shape->every_step && shape->in == shape->out) /* the target is the next symbol */
		printf(" -> %s\n", task->symbol(o, s->target[s->length - 1], name));
	else
		printf(" -> class %d\n", s->target[s->length - 1]);
}

static void print_values(const struct task_shape *shape, const struct sequence *s)
{
	for (long t = 0; t < s->length; t++) {
		printf("%s%.3f", t ? " " : "", s->value[t * shape->in]);
		for (int i = 1; i < shape->in; i++)
			printf(":%g", s->value[t * shape->in + i]);
	}
	printf(" -> %.4f\n", s->target_value);
}

static void sample(const struct conditions *c, uint64_t seed, long first, long count)
{
	const struct task_type *task = task_types[c->task.task];
	const struct task_shape shape = task->shape(&c->task);
	struct sequence s = {0};
	struct rng r = conditions_stream(c, seed, "train");
	void *data = task->data_size ? memory_zeroed(1, task->data_size(&c->task)) : NULL;
	if (task->data_draw)
		task->data_draw(&c->task, conditions_data_seed(c, seed), data);
	for (long k = 1; k < first + count && !ferror(stdout); k++) { /* whoever reads may have gone */
		task->draw(&c->task, data, &r, -1, &s);
		if (k < first)
			continue;
		if (task->symbol)
			print_symbols(task, &c->task, &shape, &s);
		else
			print_values(&shape, &s);
	}
	free(data);
	sequence_free(&s);
}

static int sample_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	struct conditions conditions;
	long seed, first, count;
	common_parse(&command_sample, TAKES_SET | TAKES_SEED | TAKES_SEQUENCE | TAKES_COUNT, 1, 1, argc, argv, &c);
	const struct experiment *row = NULL;
	const bool good = common_number("--seed", c.seed, 1, 1, INT64_MAX, &seed, &e) &&
			  common_number("--sequence", c.sequence, 1, 1, 1000000000, &first, &e) &&
			  common_number("--count", c.count, 1, 1, 1000000000, &count, &e) && common_experiments(&c, &x, &e) &&
			  (row = experiments_find(&x, c.words[0], &e)) && common_resolve(&c, row, &conditions, &e);
	if (good)
		sample(&conditions, (uint64_t)seed, first, count);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_sample = {"sample", "ID [--seed S] [--sequence K] [--count N]", "training sequences, readable", sample_main};
