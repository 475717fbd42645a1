/* group.c: see group.h.

   The loop runs all lanes up to the next step at which some lane has a target, takes the answers, and serves the lanes whose sequence
   has ended. Some learners need lanes that start together: there a lane whose sequence has ended waits for the last one. All that is
   counted per sequence is counted per stream where a task has streams. */
#include "trial/group.h"

#include "base/memory.h"
#include "trial/course.h"
#include "trial/feed.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct group {
	const struct conditions *c;
	struct learner *learner;
	const struct group_calls *calls;
	long budget;
	struct feed feed;
	struct judgement judgement;
	struct course course[LANES];
	struct lesson lesson;
	lane *target;        /* (out) of the current step; 0 but where `aimed` says */
	int aimed[LANES][2]; /* output lines with a target that is not 0; -1: none */
	double cpu_before;
	long steps; /* not reported yet */
};

enum { STEPS_REPORTED = 10000 };

static double cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Shares the processor time since the last call among the busy lanes. */
static void share_cpu(struct group *g)
{
	const double now = cpu_now();
	int busy = 0;
	for (int l = 0; l < LANES; l++)
		busy += g->course[l].phase != PHASE_IDLE;
	for (int l = 0; l < LANES; l++)
		if (g->course[l].phase != PHASE_IDLE)
			g->course[l].result.cpu_s += (now - g->cpu_before) / busy;
	g->cpu_before = now;
}

/* ---- a lane's sequences and trials ---- */

static void next_sequence(struct group *g, int l)
{
	struct course *course = &g->course[l];
	feed_sequence(&g->feed, l, course_stream(course), course_number(course));
	course->rate = course->first_rate;
	g->judgement.score[l] = (struct score){0};
	learner_reset(g->learner, l, g->feed.place[l].sequence.length);
}

/* The stream goes on. */
static void next_part(struct group *g, int l)
{
	struct course *course = &g->course[l];
	feed_part(&g->feed, l, course_stream(course), course_number(course));
	if (g->c->trial.external_reset)
		learner_reset(g->learner, l, g->feed.place[l].sequence.length);
}

/* Where it is part of a stream: does that end here? */
static bool is_over(const struct group *g, int l)
{
	const struct trial_options *o = &g->c->trial;
	const long length = g->course[l].phase == PHASE_TRAIN ? o->stream_length : o->test_stream_length;
	return judge_is_wrong(&g->judgement, l) || feed_steps(&g->feed, l) >= length;
}

/* The next trial for lane l, if there is one. */
static void next_trial(struct group *g, int l)
{
	uint64_t seed;
	double rate = g->c->rule.rate;
	g->course[l].phase = PHASE_IDLE;
	if (!g->calls->take(g->calls->to, l, &seed, &rate))
		return;
	feed_start(&g->feed, l, conditions_data_seed(g->c, seed));
	course_start(&g->course[l], seed, rate, g->budget);
	next_sequence(g, l);
}

static void sequence_ended(struct group *g, int l)
{
	struct course *course = &g->course[l];
	const struct verdict verdict = judge_verdict(&g->judgement, l);
	if (course_next(course, &verdict, feed_steps(&g->feed, l)) != PHASE_END) {
		next_sequence(g, l);
		return;
	}
	share_cpu(g);
	g->calls->done(g->calls->to, &course->result);
	next_trial(g, l);
}

/* Serves the lanes whose sequence has ended; where lanes start together, once all have. */
static void serve(struct group *g)
{
	ilane ended = {0}, over = {0};
	bool all = true;
	for (int l = 0; l < LANES; l++) {
		const bool runs = g->feed.place[l].runs;
		ended[l] = !runs && g->course[l].phase != PHASE_IDLE ? -1 : 0;
		over[l] = ended[l] && (!g->feed.shape.stream || is_over(g, l)) ? -1 : 0;
		all &= !runs;
	}
	if (!lane_any(ended) || (g->learner->together && !all))
		return;
	learner_finish(g->learner, g->c->trial.external_reset ? ended : over);
	for (int l = 0; l < LANES; l++)
		if (over[l])
			sequence_ended(g, l);
		else if (ended[l])
			next_part(g, l);
}

/* Lanes that need not start together, but do, end together where they can. */
static void end_together(struct group *g)
{
	if (!g->feed.shape.every_step && !g->learner->together)
		feed_end_together(&g->feed);
}

/* ---- answers and lessons ---- */

/* The symbol besides `next` that is possible; -1: there is none. */
static int other_symbol(uint32_t legal, int next)
{
	return __builtin_ffs((int)(legal & ~(1u << next))) - 1;
}

/* Lane l's target at its output lines `aimed`. */
static void aim(struct group *g, int l, double target)
{
	for (int i = 0; i < 2 && g->aimed[l][i] >= 0; i++)
		g->target[g->aimed[l][i]][l] = target;
}

/* The current step, which has a target in lane l, as part of the lesson; place->t counts steps before it. */
static void prepare_lane(struct group *g, int l)
{
	struct lesson *s = &g->lesson;
	const struct place *p = &g->feed.place[l];
	const struct course *course = &g->course[l];
	const bool last = p->t == p->sequence.length - 1;
	const int line = p->sequence.target[p->t];
	s->line[l] = line;
	g->aimed[l][0] = line;
	g->aimed[l][1] = g->feed.shape.possible ? other_symbol(p->sequence.legal[p->t], line) : -1;
	aim(g, l, p->sequence.ideal);
	s->last[l] = last ? -1 : 0;
	const bool decayed_away = course->rate <= 0.0 && g->c->rule.rate_decay < 1.0;
	if (course->phase == PHASE_TRAIN && (last || !g->c->rule.errors) && !decayed_away) {
		s->rate[l] = course->rate;
		s->learns[l] = -1;
	}
}

/* The lesson of the current step, its targets without noise. Returns whether some lane learns. */
static bool prepare_lesson(struct group *g)
{
	g->lesson = (struct lesson){.line = ilane_set(-1), .target = g->target};
	for (int l = 0; l < LANES; l++) {
		const struct place *p = &g->feed.place[l];
		aim(g, l, 0.0);
		g->aimed[l][0] = -1;
		if (p->runs && feed_has_target(&g->feed, p))
			prepare_lane(g, l);
	}
	return lane_any(g->lesson.learns);
}

/* Does somebody ask for this step's errors? */
static bool errors_count(const struct group *g)
{
	const struct trial_options *o = &g->c->trial;
	return o->judged != JUDGED_LAST || o->grow == GROW_PLATEAU || lane_any(g->lesson.last);
}

/* Squares are asked for after milestones only. */
static bool squares_count(const struct group *g)
{
	bool squares = false;
	for (int l = 0; l < LANES; l++)
		squares |= g->course[l].phase == PHASE_FINAL;
	return squares;
}

/* Is some lane's target noisy? */
static bool targets_are_noisy(const struct group *g)
{
	bool noisy = false;
	for (int l = 0; l < LANES; l++)
		noisy |= g->feed.place[l].sequence.target_value != g->feed.place[l].sequence.ideal;
	return noisy;
}

/* Answers to the current step, and what is learned from its targets. */
static void answer_and_teach(struct group *g)
{
	struct lesson *s = &g->lesson;
	struct judgement *j = &g->judgement;
	const bool learns = prepare_lesson(g), counts = errors_count(g), noisy = targets_are_noisy(g), squares = squares_count(g);
	s->judges = counts && learns && g->learner->judges && !noisy && !squares;
	learner_answer(g->learner, &g->feed.frames, g->feed.at);
	if (counts && !s->judges)
		judge_step(j, g->target, squares);
	for (int l = 0; noisy && l < LANES; l++)
		aim(g, l, g->feed.place[l].sequence.target_value);
	if (learns || g->learner->y_other)
		learner_teach(g->learner, &g->feed.frames, g->feed.at, s);
	if (s->judges) {
		j->error = s->sum;
		j->largest = s->largest;
	}
}

/* ---- the loop ---- */

/* n steps, the last of which stays current. */
static void advance(struct group *g, long n)
{
	struct feed *f = &g->feed;
	while (n > 0) {
		const long part = n < f->frames.steps - f->at ? n : f->frames.steps - f->at;
		learner_advance(g->learner, &f->frames, f->at, part);
		n -= part;
		if (n == 0) {
			f->at += part - 1;
			return;
		}
		f->at = 0;
	}
}

/* The count that threads share is touched rarely. */
static void report_steps(struct group *g)
{
	if (g->calls->steps)
		atomic_fetch_add_explicit(g->calls->steps, g->steps, memory_order_relaxed);
	g->steps = 0;
}

/* n - 1 of n steps are done in all lanes; does the last one have a target? */
static bool steps_done(struct group *g, long n)
{
	int busy = 0;
	bool target = false;
	for (int l = 0; l < LANES; l++) {
		struct place *p = &g->feed.place[l];
		if (!p->runs)
			continue;
		busy += p->t >= 0;
		p->t += n - 1;
		target |= feed_has_target(&g->feed, p);
	}
	g->steps += n * busy;
	if (g->steps > STEPS_REPORTED)
		report_steps(g);
	return target;
}

/* As lane_flushed: no subnormal numbers. */
static double decayed(double rate)
{
	return rate < 1e-280 ? 0.0 : rate;
}

/* The current step is done in lane l; target: the lesson is that of this step. */
static void step_done(struct group *g, int l, bool target)
{
	struct place *p = &g->feed.place[l];
	struct course *course = &g->course[l];
	if (!p->runs)
		return;
	if (target && g->lesson.line[l] >= 0)
		judge_answer(&g->judgement, l, &p->sequence, p->t, course->phase == PHASE_TRAIN);
	const bool began = p->t >= 0;
	p->t++;
	if (!began && !p->t) {
		learner_reset(g->learner, l, p->sequence.length);
		g->feed.filled = 0;
	}
	if (!began || !target)
		return;
	p->runs = !g->lesson.last[l] && !(g->feed.shape.stream && is_over(g, l));
	course->rate = decayed(course->rate * g->c->rule.rate_decay);
}

static bool group_step(struct group *g)
{
	const long n = feed_steps_to_event(&g->feed);
	if (!n)
		return false;
	feed_fill(&g->feed, n, g->learner->together);
	advance(g, n);
	g->feed.filled -= n;
	const bool target = steps_done(g, n);
	if (target)
		answer_and_teach(g);
	feed_next(&g->feed);
	for (int l = 0; l < LANES; l++)
		step_done(g, l, target);
	if (target) {
		serve(g);
		end_together(g);
	}
	return true;
}

static struct group *group_create(const struct conditions *c, long budget, const struct group_calls *calls)
{
	struct error e = {0};
	struct group *g = memory_zeroed(1, sizeof *g);
	g->c = c;
	g->calls = calls;
	g->budget = budget;
	g->cpu_before = cpu_now();
	feed_prepare(&g->feed, &c->task, learner_types[c->learner.learner] == &learner_composed);
	const struct task_shape shape = feed_shape(&g->feed);
	g->learner = conditions_learner(c, &shape, &e);
	g->judgement = (struct judgement){.o = &c->trial, .shape = &g->feed.shape, .learner = g->learner};
	g->target = memory_zeroed((size_t)shape.out, sizeof *g->target);
	memset(g->aimed, -1, sizeof g->aimed);
	for (int l = 0; l < LANES; l++)
		course_prepare(&g->course[l], c, &g->feed.shape, g->learner, l);
	return g;
}

static void group_free(struct group *g)
{
	for (int l = 0; l < LANES; l++)
		course_release(&g->course[l]);
	feed_release(&g->feed);
	learner_free(g->learner);
	free(g->target);
	free(g);
}

void group_run(const struct conditions *c, long budget, const struct group_calls *calls)
{
	struct group *g = group_create(c, budget, calls);
	for (int l = 0; l < LANES; l++)
		next_trial(g, l);
	end_together(g);
	while (group_step(g))
		if (calls->stop && atomic_load_explicit(calls->stop, memory_order_relaxed))
			break;
	report_steps(g);
	group_free(g);
}
