/* long_lag.c: tasks 2a and 2b, the first symbol comes back as the last (paper, section 5.2).
   Does: draw (x, a_1 ... a_{p-1}, x) or (y, a_1 ... a_{p-1}, y), p = T; in 2b the symbols between are random.
   Does not: 2c (distractors.c).

   Lines: 0 ... p-2 are a_1 ... a_{p-1}, p-1 is x, p is y. The sequence has p+1 symbols and p steps: step t shows
   symbol t and asks for symbol t+1. The lag is p steps, from the first symbol to the one to be predicted last. */
#include "task/task.h"

#include <assert.h>
#include <stdio.h>

static bool check(const struct task_options *o, struct error *e)
{
	if (o->T < 2)
		return error_input(e, "T: %ld is too small for the long-lag task, expected at least 2", o->T);
	return true;
}

static struct task_shape shape(const struct task_options *o)
{
	const int symbols = (int)o->T + 1;
	return (struct task_shape){
	    .coding = INPUT_LOCAL,
	    .in = symbols,
	    .out = symbols,
	    .every_step = true,
	    .classes = true,
	    .lag = o->T,
	    .length = o->T + 1,
	};
}

static void draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	const int p = (int)o->T;
	sequence_reserve(out, p, 0);
	int *const input = out->index, *const target = out->target;
	input[0] = p - 1 + rng_below(r, 2);
	if (o->distractors == TASK_FIXED)
		for (int t = 1; t < p; t++)
			input[t] = target[t - 1] = t - 1;
	else
		for (int t = 1; t < p; t++)
			input[t] = target[t - 1] = rng_below(r, p - 1);
	target[p - 1] = input[0];
	out->target_value = out->ideal = 1.0;
}

static const char *symbol(const struct task_options *o, int i, char buffer[16])
{
	assert(i >= 0 && i <= o->T);
	if (i >= o->T - 1)
		return i == o->T ? "y" : "x";
	snprintf(buffer, 16, "a%d", i + 1);
	return buffer;
}

const struct task_type task_long_lag = {
    .name = "long-lag",
    .summary = "2a, 2b: the first symbol comes back after p - 1 others (5.2)",
    .check = check,
    .shape = shape,
    .draw = draw,
    .symbol = symbol,
};
