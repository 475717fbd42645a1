/* distractors.c: task 2c, very long lags and many distractor symbols (paper, section 5.2).
   Does: draw b, then x or y, then q = T or more of p = `symbols` distractors, then e; at e the second symbol is asked for.
   Does not: 2a and 2b (long_lag.c).

   Lines: 0 ... p-1 are a_1 ... a_p, then e, b, x, y; outputs: x, y. After q distractors there is one more with
   probability 9/10, as often as that happens, else e. The shortest sequence has q+3 steps and lag q+1, the mean length
   is q+12 steps, or q+13 with the symbol to be predicted, where the paper has q+14: its sum over k gives q+9, not q+10.
   The paper prints distractor indices up to q; p is meant. */
#include "task/task.h"

#include <assert.h>
#include <stdio.h>

/* Lines after those of the p distractors. */
enum { LINE_E, LINE_B, LINE_X, LINE_Y, LINES };

static struct task_shape shape(const struct task_options *o)
{
	return (struct task_shape){
	    .coding = INPUT_LOCAL,
	    .in = (int)o->symbols + LINES,
	    .out = 2,
	    .classes = true,
	    .lag = o->T + 1,
	    .length = o->T + 3,
	};
}

static void draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	const int p = (int)o->symbols;
	long end = o->T + 2;
	while (rng_below(r, 10) < 9)
		end++;
	sequence_reserve(out, end + 1, 0);
	int *const input = out->index;
	const int class = rng_below(r, 2);
	input[0] = p + LINE_B;
	input[1] = p + LINE_X + class;
	for (long t = 2; t < end; t++)
		input[t] = rng_below(r, p);
	input[end] = p + LINE_E;
	out->target[end] = class;
	out->target_value = out->ideal = 1.0;
}

static const char *symbol(const struct task_options *o, int i, char buffer[16])
{
	static const char *const names[LINES] = {"e", "b", "x", "y"};
	assert(i >= 0 && i < o->symbols + LINES);
	if (i >= o->symbols)
		return names[i - o->symbols];
	snprintf(buffer, 16, "a%d", i + 1);
	return buffer;
}

const struct task_type task_distractors = {
    .name = "distractors",
    .summary = "2c: the second symbol, after q or more random distractors (5.2)",
    .shape = shape,
    .draw = draw,
    .symbol = symbol,
};
