/* temporal_order.c: tasks 6a and 6b, the order of two or three relevant symbols (paper, section 5.6).
   Does: draw E, random fillers with two (6a) or three (6b) symbols X or Y among them, B; the class is their order.
   Does not: know what a correct answer is, or when training stops.

   The paper gives the places of the relevant symbols for T = 100; for other T they are the same percentage of T,
   rounded down. Places count from 1, the place of E. */
#include "task/task.h"

#include <assert.h>

enum { LINE_E, LINE_B, LINE_A, LINE_X = LINE_A + 4, LINE_Y, LINES };

enum { T_MIN = 20 }; /* the first relevant symbol then comes after E */

/* Places of the relevant symbols in percent of T, inclusive; rows: 2 and 3 relevant symbols. */
static const struct window {
	int low, high;
} windows[2][3] = {
    {{10, 20}, {50, 60}},
    {{10, 20}, {33, 43}, {66, 76}},
};

static const struct window *window(const struct task_options *o, long k)
{
	return &windows[o->relevant - 2][k];
}

static bool check(const struct task_options *o, struct error *e)
{
	if (o->relevant != 2 && o->relevant != 3)
		return error_input(e, "relevant: %ld is out of range for the temporal-order task, expected 2 or 3", o->relevant);
	if (o->T < T_MIN)
		return error_input(e, "T: %ld is too small for the temporal-order task, expected at least %d", o->T, T_MIN);
	return true;
}

static struct task_shape shape(const struct task_options *o)
{
	return (struct task_shape){
	    .coding = INPUT_LOCAL,
	    .in = LINES,
	    .out = 1 << o->relevant,
	    .classes = true,
	    .lag = o->T - o->T * window(o, o->relevant - 1)->high / 100,
	    .length = o->T,
	};
}

/* Puts X or Y at a random place of window k; gives 0 for X, 1 for Y. */
static int place_relevant(const struct task_options *o, long k, struct rng *r, int *input)
{
	const struct window *w = window(o, k);
	const long low = o->T * w->low / 100, high = o->T * w->high / 100;
	const long place = low + rng_below(r, (int)(high - low) + 1);
	const int y = rng_below(r, 2);
	input[place - 1] = LINE_X + y;
	return y;
}

static void draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	sequence_reserve(out, o->T + rng_below(r, (int)(o->T / 10) + 1), 0);
	const long last = out->length - 1;
	int *const input = out->index;
	input[0] = LINE_E;
	for (long t = 1; t < last; t++)
		input[t] = LINE_A + rng_below(r, LINE_X - LINE_A);
	input[last] = LINE_B;
	int class = 0; /* the first symbol counts most: 6a XX, XY, YX, YY */
	for (long k = 0; k < o->relevant; k++)
		class = 2 * class + place_relevant(o, k, r, input);
	out->target[last] = class;
	out->target_value = out->ideal = 1.0;
}

static const char *symbol(const struct task_options *o, int i, char buffer[16])
{
	(void)o;
	assert(i >= 0 && i < LINES);
	buffer[0] = "EBabcdXY"[i];
	buffer[1] = '\0';
	return buffer;
}

const struct task_type task_temporal_order = {
    .name = "temporal-order",
    .summary = "6a, 6b: the order of two or three relevant symbols (5.6)",
    .check = check,
    .shape = shape,
    .draw = draw,
    .symbol = symbol,
};
