/* two_sequence.c: tasks 3a, 3b and 3c, the two-sequence problem (paper, section 5.3; after Bengio et al. 1994).
   Does: draw N elements that carry the class, then noise, and the target of the class.
   Does not: know the stopping rules ST1 and ST2.

   Class 1: the first N elements are 1, class 2: -1 (3b: plus Gaussian noise). 3c: Gaussian noise on the target too.
   The lag runs from the last of the N elements to the last step: T - N in the shortest sequence. */
#include "task/task.h"

#include <gsl/gsl_randist.h>
#include <math.h>

static bool check(const struct task_options *o, struct error *e)
{
	if (o->N >= o->T)
		return error_input(e, "N: %ld is too large for the two-sequence task with T = %ld, expected at most %ld", o->N, o->T,
				   o->T - 1);
	if (o->targets.n != 2)
		return error_input(e, "targets: expected 2 values, of class 1 and of class 2, as in 1:0");
	return true;
}

static struct task_shape shape(const struct task_options *o)
{
	return (struct task_shape){
	    .coding = INPUT_REAL,
	    .in = 1,
	    .out = 1,
	    .lag = o->T - o->N,
	    .length = o->T,
	};
}

static void draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)data;
	(void)test;
	sequence_reserve(out, o->T + rng_below(r, (int)(o->T / 10) + 1), 1);
	const int class = rng_below(r, 2);
	const double sign = class ? -1.0 : 1.0, deviation = sqrt(o->input_variance);
	const gsl_rng g = rng_gsl(r);
	double *const x = out->value;
	for (long t = 0; t < o->N; t++)
		x[t] = sign;
	if (o->signal_variance > 0)
		for (long t = 0; t < o->N; t++)
			x[t] += gsl_ran_gaussian_ziggurat(&g, sqrt(o->signal_variance));
	for (long t = o->N; t < out->length; t++)
		x[t] = gsl_ran_gaussian_ziggurat(&g, deviation);
	out->target[out->length - 1] = 0;
	out->target_value = out->ideal = o->targets.v[class];
	if (o->target_variance > 0)
		out->target_value += gsl_ran_gaussian_ziggurat(&g, sqrt(o->target_variance));
}

const struct task_type task_two_sequence = {
    .name = "two-sequence",
    .summary = "3a, 3b, 3c: two classes told apart by the first N elements (5.3)",
    .check = check,
    .shape = shape,
    .draw = draw,
};
