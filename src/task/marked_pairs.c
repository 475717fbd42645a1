/* marked_pairs.c: tasks 4 and 5, the adding and the multiplication problem (paper, sections 5.4 and 5.5), and delayed XOR
   (section 6).
   Does: draw pairs (value, marker), two of them marked, and the sum, product or a logical function of the two marked values.
   Does not: know what a correct answer is, or when training stops.

   Markers: 1 for the marked pairs, -1 for the first and last, 0 for the others. One of the first ten pairs is marked
   (X1), then one of the first T/2 - 1 that are still unmarked (X2), which may well come before X1. The latest is
   pair T/2, so that the lag is T - T/2 in the shortest sequence. For T below 22, which the paper does not use, X1 too is
   one of the first T/2 - 1.
   In delayed XOR the values are 1 or -1; the functions share their sequences.
   When the first pair is the marked one, its value counts as neutral (4: 0, 5: 1), see enum task_first_pair. The paper
   says so of X1; here it holds for X2 too, as the two markers look the same. In delayed XOR it keeps its value. */
#include "task/task.h"

#include <string.h>

enum {
	FIRST = 10, /* X1 is one of that many pairs */
	T_MIN = 4,  /* two marked pairs and the last one */
};

/* Pairs (0, 1, ...) that are marked. */
struct marks {
	long x1, x2;
};

static bool check_length(const struct task_options *o, const char *name, struct error *e)
{
	if (o->T < T_MIN)
		return error_input(e, "T: %ld is too small for the %s problem, expected at least %d", o->T, name, T_MIN);
	return true;
}

static struct task_shape shape(const struct task_options *o)
{
	return (struct task_shape){
	    .coding = INPUT_REAL,
	    .in = 2,
	    .out = 1,
	    .lag = o->T - o->T / 2,
	    .length = o->T,
	};
}

/* Draws the length and the two pairs, sets all markers. */
static struct marks draw_marks(const struct task_options *o, struct rng *r, struct sequence *out)
{
	sequence_reserve(out, o->T + rng_below(r, (int)(o->T / 10) + 1), 2);
	const int second = (int)(o->T / 2) - 1, first = second < FIRST ? second : FIRST;
	struct marks at = {.x1 = rng_below(r, first), .x2 = rng_below(r, second)};
	at.x2 += at.x2 >= at.x1;
	double *const marker = out->value + 1;
	memset(out->value, 0, (size_t)(2 * out->length) * sizeof *out->value);
	marker[0] = marker[2 * (out->length - 1)] = -1.0;
	marker[2 * at.x1] = marker[2 * at.x2] = 1.0;
	return at;
}

static void draw_values(struct rng *r, double low, double high, struct sequence *out)
{
	struct rng own = *r; /* a copy of its own stays in registers */
	double *const value = out->value;
	for (long t = 0; t < out->length; t++)
		value[2 * t] = rng_between(&own, low, high);
	*r = own;
}

/* What the marked pair at `at` contributes; changes the first pair as the options say. */
static double marked_value(const struct task_options *o, struct sequence *out, long at, double neutral)
{
	if (at > 0)
		return out->value[2 * at];
	if (o->first_pair == FIRST_PAIR_VALUE)
		out->value[0] = neutral;
	else
		out->value[1] = -1.0;
	return neutral;
}

static void set_target(struct sequence *out, double target)
{
	out->target[out->length - 1] = 0;
	out->target_value = out->ideal = target;
}

static void adding_draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	const struct marks at = draw_marks(o, r, out);
	draw_values(r, -1.0, 1.0, out);
	const double x1 = marked_value(o, out, at.x1, 0.0), x2 = marked_value(o, out, at.x2, 0.0);
	set_target(out, 0.5 + (x1 + x2) / 4.0);
}

static void multiplication_draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	const struct marks at = draw_marks(o, r, out);
	draw_values(r, 0.0, 1.0, out);
	const double x1 = marked_value(o, out, at.x1, 1.0), x2 = marked_value(o, out, at.x2, 1.0);
	set_target(out, x1 * x2);
}

static void xor_draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	const struct marks at = draw_marks(o, r, out);
	for (long t = 0; t < out->length; t++)
		out->value[2 * t] = rng_bits(r) >> 63 ? 1.0 : -1.0;
	if (o->first_pair == FIRST_PAIR_MARKER)
		out->value[1] = -1.0;
	const long first = at.x1 < at.x2 ? at.x1 : at.x2;
	const bool a = out->value[2 * at.x1] > 0.0, b = out->value[2 * at.x2] > 0.0;
	const bool answer[] = {
	    [FUNCTION_XOR] = a != b,
	    [FUNCTION_AND] = a && b,
	    [FUNCTION_OR] = a || b,
	    [FUNCTION_FIRST] = out->value[2 * first] > 0.0,
	};
	set_target(out, answer[o->function] ? 1.0 : 0.0);
}

static bool xor_check(const struct task_options *o, struct error *e)
{
	return check_length(o, "delayed-xor", e);
}

static bool adding_check(const struct task_options *o, struct error *e)
{
	return check_length(o, "adding", e);
}

static bool multiplication_check(const struct task_options *o, struct error *e)
{
	return check_length(o, "multiplication", e);
}

const struct task_type task_adding = {
    .name = "adding",
    .summary = "4: sum of the two marked values (5.4)",
    .check = adding_check,
    .shape = shape,
    .draw = adding_draw,
};

const struct task_type task_multiplication = {
    .name = "multiplication",
    .summary = "5: product of the two marked values (5.5)",
    .check = multiplication_check,
    .shape = shape,
    .draw = multiplication_draw,
};

const struct task_type task_delayed_xor = {
    .name = "delayed-xor",
    .summary = "XOR, AND, OR or the first of the two marked bits (6)",
    .check = xor_check,
    .shape = shape,
    .draw = xor_draw,
};
