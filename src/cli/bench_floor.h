/* bench_floor.h: the time that a trial-step cannot go below.
   Does: count what the equations of a net and a rule ask for per trial-step, from the connections of the built net; time what
   each kind of operation costs on this processor, in this build; and so the floor of a row of lstm97 bench.
   Does not: count what is of the order of the number of units alone (states, slopes, squashing but for its exponential), drawing of
   sequences, feeding, judging, the course of a trial, what is stored for going back. Of operations that wait for each other it knows what
   every step has: the logistic functions of gates before those of states, both before the next step. */
#ifndef CLI_BENCH_FLOOR_H
#define CLI_BENCH_FLOOR_H

#include "trial/conditions.h"

/* Operations of one trial: how many per trial-step, or what one costs in ns (of a lane, divided by LANES). */
struct operations {
	double multiply_adds; /* sums in registers, weights from the nearest cache */
	double changes;       /* multiply-adds to numbers that are loaded and stored again: weights that change */
	double logistics;    /* of hidden units, which wait for the step before: two thirds of them, then, from their results, the others */
	double outputs;      /* logistic functions of outputs, which nothing waits for */
	double rows_read;    /* up to LANES columns of a row of local inputs: loaded and brought into lanes */
	double rows_changed; /* the same, brought back and added */
};

/* How the steps of a timed run were spent. */
struct course {
	double length; /* mean steps of a training sequence */
	double taught; /* share of the steps that were training */
};

/* Costs here and now, in a few ms, for steps of so many logistic functions of hidden units; of fewer than 12 the costs are those of 12,
   as in experiment 4: a floor is no better where there is less to do at once. */
struct operations bench_costs(int logistics);

/* ns per trial-step of experiment 4's multiply-adds and logistic functions, hand-written: the check of the counted floor. */
double bench_kernel(void);
struct operations bench_kernel_counts(void);

/* Logistic functions of hidden units in a step. */
int bench_logistics(const struct conditions *c);

/* What these conditions, which have passed conditions_check, ask for. */
struct operations bench_counts(const struct conditions *c, const struct course *course, const struct operations *costs);

/* counts times costs */
double bench_ns(const struct operations *counts, const struct operations *costs);

/* Thread time in ns. */
double bench_now(void);

#endif
