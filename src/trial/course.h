/* course.h: the course of one trial.
   Does: say from the verdict on each sequence which phase the next one belongs to: train, test, test once more after a milestone, end;
   keep what decides it: milestones, the plateau after which the hidden layer is added, the learning curve, random streams.
   Does not: draw sequences (feed.h), judge them (judge.h) or run the learner. */
#ifndef TRIAL_COURSE_H
#define TRIAL_COURSE_H

#include "trial/judge.h"
#include "trial/result.h"

enum phase {
	PHASE_IDLE, /* there is no trial in the lane */
	PHASE_TRAIN,
	PHASE_TEST,  /* weights frozen: is a milestone reached? */
	PHASE_FINAL, /* weights frozen: test sequences after a milestone */
	PHASE_END,   /* the result is there */
};

struct course {
	enum phase phase;
	double first_rate; /* learning rate of a sequence's or stream's first step */
	double rate;       /* of the next step */
	struct result result;
	const struct conditions *c;
	const struct task_shape *shape;
	struct learner *learner; /* this trial is that of lane result.lane */
	struct rng train, test, weights;
	struct tally tally; /* of the running test */
	struct recent recent;
	struct tally since_point; /* training since the last curve point */
	size_t curve_capacity;
	long next_point;
	struct tally plateau;  /* training in this plateau window; errors of every step */
	double plateau_before; /* mean error of the window before; negative: none */
};

/* Of the trials of lane l, one after the other. All pointers outlive the course. */
void course_prepare(struct course *course, const struct conditions *c, const struct task_shape *shape, struct learner *learner, int l);
void course_release(struct course *course);

/* A trial starts, with initial weights, in PHASE_TRAIN. budget: training sequences. */
void course_start(struct course *course, uint64_t seed, double rate, long budget);

/* The trial's next phase, after a sequence or stream of so many steps. */
enum phase course_next(struct course *course, const struct verdict *v, long steps);

/* The random stream and the number (as `test` of struct task_type) of the next sequence. */
struct rng *course_stream(struct course *course);
long course_number(const struct course *course);

#endif
