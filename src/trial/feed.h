/* feed.h: sequences into lanes.
   Does: draw sequences, say where in its own each lane is, and lay the inputs of all lanes side by side in a ring of frames.
   Does not: choose which sequence comes next (course.h), judge answers (judge.h) or run a learner (group.c).

   Lanes are not in step with each other: each is somewhere in a sequence of its own. Inputs are written to the ring just before they
   are needed. Where all lanes start at once, and their sequences are of nearly equal length, the shorter ones may start later, so that
   all end together and weights change once for all. Of a stream a lane holds one part at a time. */
#ifndef TRIAL_FEED_H
#define TRIAL_FEED_H

#include "net/net.h"
#include "task/task.h"

/* Where one lane is. */
struct place {
	bool runs;                /* steps of the sequence are left; if not, it has ended or the lane is idle */
	long t;                   /* steps of the sequence that are done; negative: steps until it starts */
	long before;              /* streams: steps of the parts before it */
	struct sequence sequence; /* of a stream: its present part */
	void *data;               /* of the task, for one trial */
};

struct feed {
	const struct task_type *task;
	const struct task_options *o; /* not owned */
	struct task_shape shape;
	bool dense; /* inputs in local coding are so few that the learner gets all of them, as real ones */
	struct frames frames;
	long at;     /* current step in the ring */
	long filled; /* steps from there on that stand in it */
	struct place place[LANES];
};

/* takes_dense: the learner runs as well on real inputs as on the same ones in local coding. o must outlive the feed. */
void feed_prepare(struct feed *f, const struct task_options *o, bool takes_dense);
void feed_release(struct feed *f);

/* The shape of the task as its learner sees it. */
struct task_shape feed_shape(const struct feed *f);

/* A trial starts in lane l: the task's data of it. */
void feed_start(struct feed *f, int l, uint64_t data_seed);

/* A sequence for lane l, from the next step on; number: as `test` of struct task_type. */
void feed_sequence(struct feed *f, int l, struct rng *r, long number);

/* The same where it goes on with the lane's stream. */
void feed_part(struct feed *f, int l, struct rng *r, long number);

/* Where all lanes that run start a sequence now, of nearly equal lengths: the shorter ones later. */
void feed_end_together(struct feed *f);

/* At least the next n steps of all lanes to the ring, up to where a lane's sequence ends; all: all that are left of them. */
void feed_fill(struct feed *f, long n, bool all);

/* Steps to the next one at which some lane has a target (1: the next step has) or after which one starts, 0: no lane runs. */
long feed_steps_to_event(const struct feed *f);

/* Is the next step of a lane one with a target? */
static inline bool feed_has_target(const struct feed *f, const struct place *p)
{
	return f->shape.every_step || p->t == p->sequence.length - 1;
}

/* Steps of the lane's sequence or stream that are done. */
static inline long feed_steps(const struct feed *f, int l)
{
	return f->place[l].before + f->place[l].t;
}

/* The ring goes on by one step. */
static inline void feed_next(struct feed *f)
{
	f->at = f->at + 1 == f->frames.steps ? 0 : f->at + 1;
}

#endif
