/* course.c: see course.h. */
#include "trial/course.h"

#include "base/memory.h"
#include "trial/weights_hash.h"

#include <math.h>
#include <stdlib.h>

/* ---- the next sequence ---- */

struct rng *course_stream(struct course *course)
{
	return course->phase == PHASE_TRAIN ? &course->train : &course->test;
}

long course_number(const struct course *course)
{
	if (course->phase != PHASE_TRAIN)
		return course->tally.sequences;
	return course->c->trial.order == ORDER_EPOCH ? course->result.sequences % course->shape->train_set : -1;
}

/* ---- what training leaves behind ---- */

/* A point of the learning curve when one is due, and at the end of the trial. */
static void curve_add(struct course *course, bool at_end)
{
	struct result *r = &course->result;
	const struct tally *since = &course->since_point;
	if (!since->sequences || (r->sequences < course->next_point && !at_end))
		return;
	r->curve = memory_grown(r->curve, &course->curve_capacity, (size_t)r->points + 1, sizeof *r->curve);
	r->curve[r->points++] = (struct curve_point){r->sequences, since->error / (double)since->sequences};
	course->since_point = (struct tally){0};
	course->next_point = r->sequences + (r->sequences + 7) / 8; /* about 20 points per decade */
}

/* Adds the hidden layer when the error has stopped decreasing (2a, 2b; the rule is ours, the paper leaves it open). */
static void add_layer_on_plateau(struct course *course, double error)
{
	const struct trial_options *o = &course->c->trial;
	lane *grown = &course->learner->net->grown;
	const int l = course->result.lane;
	course->plateau.sequences++;
	course->plateau.error += error;
	if ((*grown)[l] > 0.0 || course->plateau.sequences < o->grow_window)
		return;
	const double mean = course->plateau.error / (double)course->plateau.sequences;
	if (course->plateau_before >= 0.0 && !(mean < o->grow_ratio * course->plateau_before))
		(*grown)[l] = 1.0;
	course->plateau_before = mean;
	course->plateau = (struct tally){0};
}

/* ---- milestones ---- */

/* Is milestone i reached by these sequences? */
static bool reached(const struct trial_options *o, int i, const struct tally *of)
{
	const double n = (double)of->sequences;
	return (double)of->wrong < o->wrong_below.v[i] && (o->error_below.n == LIMIT_ANY || of->error / n < o->error_below.v[i]) &&
	       (o->length_above.n == LIMIT_ANY || (double)of->right / n > o->length_above.v[i]);
}

/* Milestones that these sequences reach, one after the other; the test after them serves them all. */
static int milestones_reached(struct course *course, const struct tally *of)
{
	struct result *r = &course->result;
	const int n = conditions_milestones(course->c), before = r->milestones;
	while (r->milestones < n && reached(&course->c->trial, r->milestones, of))
		r->milestone[r->milestones++] = (struct milestone){.sequences = r->sequences};
	return r->milestones - before;
}

/* ---- the next phase ---- */

static enum phase end_with(struct course *course, enum outcome outcome)
{
	course->result.outcome = outcome;
	return PHASE_END;
}

static enum phase train_or_end(struct course *course)
{
	const struct result *r = &course->result;
	const long step_limit = course->c->trial.step_limit;
	if (r->milestones == conditions_milestones(course->c))
		return end_with(course, OUTCOME_SOLVED);
	if (r->sequences >= r->budget || (step_limit && r->steps >= step_limit))
		return end_with(course, OUTCOME_UNSOLVED);
	return PHASE_TRAIN;
}

static enum phase after_milestone(struct course *course)
{
	return course->c->trial.test_sequences ? PHASE_FINAL : train_or_end(course);
}

/* Guessing: new weights for those that cannot reach the first milestone with this window. */
static void guess_again(struct course *course)
{
	learner_start(course->learner, course->result.lane, &course->weights);
	recent_clear(&course->recent);
}

static enum phase after_recent(struct course *course, const struct verdict *v)
{
	const struct trial_options *o = &course->c->trial;
	const struct tally *sum = &course->recent.sum;
	recent_add(&course->recent, o->window, v);
	if (course->learner->guesses && (double)sum->wrong >= o->wrong_below.v[0])
		guess_again(course);
	return sum->sequences == o->window && milestones_reached(course, sum) ? after_milestone(course) : train_or_end(course);
}

static enum phase after_training(struct course *course, const struct verdict *v, long steps)
{
	const struct trial_options *o = &course->c->trial;
	struct result *r = &course->result;
	r->sequences++;
	r->steps += steps;
	tally_add(&course->since_point, v);
	curve_add(course, false);
	if (o->grow == GROW_PLATEAU)
		add_layer_on_plateau(course, v->step_error);
	if (o->measure == MEASURE_RECENT)
		return after_recent(course, v);
	return r->sequences % o->test_every == 0 ? PHASE_TEST : train_or_end(course);
}

static enum phase after_test(struct course *course, const struct verdict *v, long steps)
{
	const struct trial_options *o = &course->c->trial;
	struct tally *tally = &course->tally;
	tally_add(tally, v);
	tally->right += steps - v->wrong;
	if ((double)tally->wrong >= o->wrong_below.v[course->result.milestones]) /* hopeless */
		return train_or_end(course);
	if (tally->sequences < (course->shape->test_set ? course->shape->test_set : o->window))
		return PHASE_TEST;
	return milestones_reached(course, tally) ? after_milestone(course) : train_or_end(course);
}

static enum phase after_final(struct course *course, const struct verdict *v)
{
	struct result *r = &course->result;
	const struct tally *tally = &course->tally;
	tally_add(&course->tally, v);
	if (tally->sequences < course->c->trial.test_sequences)
		return PHASE_FINAL;
	const double n = (double)tally->sequences;
	for (int i = r->milestones - 1; i >= 0 && !r->milestone[i].test_sequences; i--) {
		r->milestone[i].test_sequences = tally->sequences;
		r->milestone[i].test_wrong = tally->wrong;
		r->milestone[i].test_mean_error = tally->error / n;
		r->milestone[i].test_mean_square = tally->square / n;
	}
	return train_or_end(course);
}

static enum phase after(struct course *course, const struct verdict *v, long steps)
{
	if (!isfinite(v->error)) /* not gsl_finite: a call out of vector code costs as much as a step */
		return end_with(course, OUTCOME_DIVERGED);
	if (course->phase == PHASE_TRAIN)
		return after_training(course, v, steps);
	return course->phase == PHASE_TEST ? after_test(course, v, steps) : after_final(course, v);
}

static void enter(struct course *course, enum phase phase)
{
	course->phase = phase;
	course->tally = (struct tally){0};
	if (phase == PHASE_TEST && course->c->trial.test_set == TEST_FIXED)
		course->test = conditions_stream(course->c, course->result.seed, "test");
	if (phase == PHASE_END) {
		curve_add(course, true);
		course->result.weights_hash = weights_hash(&course->result);
	}
}

enum phase course_next(struct course *course, const struct verdict *v, long steps)
{
	const enum phase next = after(course, v, steps);
	if (next != course->phase)
		enter(course, next);
	return next;
}

/* ---- a trial, and the next ---- */

static void start_weights(struct course *course)
{
	struct learner *learner = course->learner;
	learner_start(learner, course->result.lane, &course->weights);
	if (learner->net)
		learner->net->grown[course->result.lane] = course->c->trial.grow == GROW_START;
}

void course_start(struct course *course, uint64_t seed, double rate, long budget)
{
	struct result *r = &course->result;
	*r = (struct result){.seed = seed, .budget = budget, .curve = r->curve, .learner = r->learner, .lane = r->lane};
	course->first_rate = rate;
	course->train = conditions_stream(course->c, seed, "train");
	course->test = conditions_stream(course->c, seed, "test");
	course->weights = conditions_stream(course->c, seed, "weights");
	course->next_point = 1;
	course->since_point = course->plateau = (struct tally){0};
	course->plateau_before = -1.0;
	recent_clear(&course->recent);
	start_weights(course);
	enter(course, PHASE_TRAIN);
}

void course_prepare(struct course *course, const struct conditions *c, const struct task_shape *shape, struct learner *learner, int l)
{
	*course = (struct course){.c = c, .shape = shape, .learner = learner, .result = {.learner = learner, .lane = l}};
	if (c->trial.measure == MEASURE_RECENT)
		course->recent = recent_of(c->trial.window);
}

void course_release(struct course *course)
{
	recent_free(&course->recent);
	free(course->result.curve);
}
