/* result.h: what became of one trial.
   Does: name it, field by field, for those who write, count or compare it.
   Does not: compute any of it (course.c and group.c do). */
#ifndef TRIAL_RESULT_H
#define TRIAL_RESULT_H

#include "base/options.h"

#include <stdint.h>

struct learner;

enum outcome { OUTCOME_SOLVED, OUTCOME_UNSOLVED, OUTCOME_DIVERGED };

struct milestone {
	long sequences;      /* training sequences when it was reached */
	long test_sequences; /* of the test that followed */
	long test_wrong;
	double test_mean_error, test_mean_square; /* over outputs and sequences; of the judged steps */
};

struct curve_point {
	long sequences; /* training sequences so far */
	double error;   /* mean absolute training error of the judged steps since the point before */
};

/* What became of one trial. */
struct result {
	uint64_t seed;
	enum outcome outcome;
	long sequences, steps; /* training sequences and their steps; at success, or in all */
	long budget;
	int milestones; /* reached */
	struct milestone milestone[LIST_MAX];
	int points;
	struct curve_point *curve; /* (points); owned by the course, valid during the call of done */
	double cpu_s;
	uint64_t weights_hash;         /* of the final weights, see weights_hash.h */
	const struct learner *learner; /* the trained one is that of lane `lane` */
	int lane;
};

#endif
