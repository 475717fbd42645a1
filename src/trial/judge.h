/* judge.h: how good answers are.
   Does: errors of a step's answers in all lanes, legal answers, the verdict on a lane's sequence; sums of verdicts: over a test
   (struct tally) and over the most recent sequences (struct recent).
   Does not: say what follows from a verdict (course.h) or learn from an error (rule/). */
#ifndef TRIAL_JUDGE_H
#define TRIAL_JUDGE_H

#include "trial/conditions.h"

/* What was judged of one lane's running sequence or stream. */
struct score {
	double error, square, largest; /* sums over judged answers of those over the outputs; the largest error */
	long answers;
	double step_error; /* as error, but of every step with a target */
	long step_answers;
	bool illegal;
};

/* On one sequence, or stream. */
struct verdict {
	bool wrong;
	double error, square; /* means over outputs and judged answers */
	double step_error;    /* as error, but of every step with a target; where a plateau asks for it */
};

/* A sum of verdicts. */
struct tally {
	long sequences, wrong;
	double error, square;
	long right; /* streams: right answers in all */
};

/* The most recent training sequences (MEASURE_RECENT). */
struct recent {
	struct tally sum; /* over the window; not its squares */
	long next;
	unsigned char *is_wrong; /* (window) */
	double *errors;          /* (window) */
};

struct judgement {
	const struct trial_options *o;
	const struct task_shape *shape;
	const struct learner *learner;
	lane error, square, largest; /* of the current step's answers, over the outputs; square: see judge_step */
	struct score score[LANES];
};

/* Absolute and, where asked for, squared errors of the learner's answers to this step. target: (out), without noise. Of two answers the
   one that is nearer counts. */
void judge_step(struct judgement *j, const lane *target, bool squares);

/* Is one of the possible next symbols' outputs, or are all of them, the most active ones in lane l? */
bool judge_is_legal(const struct judgement *j, int l, uint32_t legal);

/* Is lane l's sequence wrong, as far as it has been judged? */
static inline bool judge_is_wrong(const struct judgement *j, int l)
{
	const struct score *s = &j->score[l];
	return j->o->judge == JUDGE_TOLERANCE ? !(s->largest < j->o->tolerance) : s->illegal;
}

/* Does legality count at step t of a sequence? */
static inline bool judge_asks_legal(const struct judgement *j, const struct sequence *s, long t, bool training)
{
	if (j->o->judge == JUDGE_TOLERANCE || (training && !j->shape->stream))
		return false;
	return j->o->judge != JUDGE_NEXT_TO_LAST || t == s->length - 2;
}

/* Lane l's answer to step t of its sequence, which has a target, goes into its score. */
static inline void judge_answer(struct judgement *j, int l, const struct sequence *sequence, long t, bool training)
{
	struct score *s = &j->score[l];
	if (judge_asks_legal(j, sequence, t, training) && !judge_is_legal(j, l, sequence->legal[t]))
		s->illegal = true;
	if (j->o->grow == GROW_PLATEAU) {
		s->step_answers++;
		s->step_error += j->error[l];
	}
	if (j->o->judged == JUDGED_LAST && t != sequence->length - 1)
		return;
	s->answers++;
	s->error += j->error[l];
	s->square += j->square[l];
	s->largest = !(j->largest[l] <= s->largest) ? j->largest[l] : s->largest;
}

/* On lane l's sequence, which has ended. */
struct verdict judge_verdict(const struct judgement *j, int l);

static inline void tally_add(struct tally *sum, const struct verdict *v)
{
	sum->sequences++;
	sum->wrong += v->wrong;
	sum->error += v->error;
	sum->square += v->square;
}

/* An empty window of so many sequences; the caller frees its arrays with recent_free. */
struct recent recent_of(long window);
void recent_free(struct recent *r);
void recent_clear(struct recent *r);
void recent_add(struct recent *r, long window, const struct verdict *v);

#endif
