/* group.c: see group.h.

   Lanes are not in step with each other: each is somewhere in a sequence of its own. The inputs of all lanes stand
   side by side in a ring of frames, written just before they are needed. The loop runs all lanes up to the next
   step at which some lane has a target, takes the answers, and serves the lanes whose sequence has ended. Some learners
   need lanes that start together: there a lane whose sequence has ended waits for the last one. Where they need not, but do, and
   their sequences are of nearly equal length, the shorter ones start later, so that all end together and weights change once for all.
   A lane with a stream holds one part of it at a time and draws the next where that ends; all that is counted per sequence is counted
   per stream. */
#include "trial/group.h"

#include "base/memory.h"
#include "trial/weights_hash.h"

#include <gsl/gsl_math.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum phase { IDLE, TRAIN, TEST, FINAL };

/* The most recent training sequences (MEASURE_RECENT). */
struct recent {
	long n, next, wrong;
	double error;            /* sum over the window */
	unsigned char *is_wrong; /* (window) */
	double *errors;          /* (window) */
};

/* A sum of what sequences were judged. */
struct tally {
	long sequences, wrong;
	double error, square; /* sums over sequences of the mean over judged answers */
	long right;           /* streams: right answers in all */
};

/* One lane's trial. */
struct trial {
	enum phase phase;
	struct result result;
	struct rng train, test;
	void *data;               /* of the task */
	struct sequence sequence; /* of a stream: its present part */
	long t;                   /* steps of the sequence that are done; negative: steps until it starts */
	long before;              /* streams: steps of the parts before it */
	bool ended;               /* the sequence is done, but not served yet */
	double first_rate;        /* learning rate of a sequence's or stream's first step */
	double rate;              /* of the next step */
	struct rng weights;
	struct tally tally; /* of the running test */
	struct recent recent;
	struct tally window; /* training since the last curve point */
	size_t curve_capacity;
	long next_point;
	struct tally grow;  /* training in this plateau window */
	double grow_before; /* mean error of the window before; negative: none */
	/* the running sequence's judgement: */
	double error, square, largest;
	long answers;
	double step_error; /* as error, but of every step with a target */
	long step_answers;
	bool illegal;
};

struct group {
	const struct conditions *c;
	const struct task_type *task;
	struct task_shape shape;
	struct learner *learner;
	const struct group_calls *calls;
	long budget;
	struct frames frames;
	bool dense;  /* inputs in local coding are so few that the learner gets all of them, as real ones */
	long at;     /* current step in the ring */
	long filled; /* steps from there on that stand in it */
	struct trial trial[LANES];
	struct lesson lesson;
	lane *target;                                     /* (out) of the current step; 0 but where `aimed` says */
	int aimed[LANES][2];                              /* output lines with a target that is not 0; -1: none */
	lane judged_error, judged_square, judged_largest; /* of the current step */
	double cpu_before;
	long steps; /* not reported yet */
};

enum { STEPS_REPORTED = 10000 };
enum { DENSE_MAX = 8 };     /* inputs in local coding that cost less as real ones */
enum { LATER_START_MAX = 20 }; /* steps that a lane may wait to end together with others */

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
		busy += g->trial[l].phase != IDLE;
	for (int l = 0; l < LANES; l++)
		if (g->trial[l].phase != IDLE)
			g->trial[l].result.cpu_s += (now - g->cpu_before) / busy;
	g->cpu_before = now;
}

/* ---- the ring of frames ---- */

static void ring_allocate(struct group *g, long steps)
{
	free(g->frames.value);
	free(g->frames.index);
	g->frames.steps = steps;
	g->frames.coding = g->dense ? INPUT_REAL : g->shape.coding;
	g->frames.in = g->shape.in;
	g->frames.value = NULL;
	g->frames.index = NULL;
	if (g->frames.coding == INPUT_LOCAL)
		g->frames.index = memory_zeroed((size_t)steps, sizeof *g->frames.index);
	else
		g->frames.value = memory_zeroed((size_t)(steps * g->shape.in), sizeof *g->frames.value);
}

static long steps_left(const struct trial *t)
{
	return t->phase == IDLE || t->ended || t->t < 0 ? 0 : t->sequence.length - t->t;
}

/* Active lines of n steps to the ring, from step `at` of it on. */
static void ring_write_lines(struct group *g, const int *const index[LANES], long at, long n)
{
	const struct frames *f = &g->frames;
	for (long i = 0; i < n; i++) {
		ilane line = {0};
		for (int l = 0; l < LANES; l++)
			line[l] = index[l][i];
		if (!g->dense)
			f->index[at + i] = line;
		for (int m = 0; g->dense && m < f->in; m++)
			f->value[(at + i) * f->in + m] = lane_masked(line == (int64_t)m, lane_set(1.0));
	}
}

/* Steps done ... end - 1 from now of every lane to the ring; lanes that have fewer left are idle or wait, and get those of lane
   `longest`. */
static void ring_fill_part(struct group *g, long done, long end, const long left[LANES], int longest)
{
	const long from = g->at + done, at = from < g->frames.steps ? from : from - g->frames.steps, in = g->shape.in;
	const long n = end - done < g->frames.steps - at ? end - done : g->frames.steps - at;
	const int *index[LANES];
	const double *value[LANES];
	for (int l = 0; l < LANES; l++) {
		const struct trial *t = &g->trial[left[l] < end ? longest : l];
		index[l] = t->sequence.index + t->t + done;
		value[l] = g->shape.coding == INPUT_REAL ? t->sequence.value + (t->t + done) * in : NULL;
	}
	if (g->shape.coding == INPUT_REAL)
		lane_interleave(value, n * in, g->frames.value + at * in);
	else
		ring_write_lines(g, index, at, n);
	g->filled = done + n;
}

/* At least the next n steps of all lanes to the ring, up to where a lane's sequence ends; where lanes start together, all that are
   left of them: their learner may look ahead. */
static void ring_fill(struct group *g, long n)
{
	if (n <= g->filled)
		return;
	long left[LANES];
	int longest = 0;
	for (int l = 0; l < LANES; l++) {
		left[l] = steps_left(&g->trial[l]);
		longest = left[l] > left[longest] ? l : longest;
	}
	const long wanted = g->learner->together ? left[longest] : n;
	while (g->filled < wanted) {
		long end = left[longest];
		for (int l = 0; l < LANES; l++)
			end = left[l] > g->filled && left[l] < end ? left[l] : end;
		ring_fill_part(g, g->filled, end, left, longest);
	}
}

/* Room for a sequence that starts now. */
static void ring_reserve(struct group *g, long length)
{
	if (length <= g->frames.steps)
		return;
	ring_allocate(g, length + length / 2);
	g->at = 0;
}

static void recent_clear(struct recent *r)
{
	r->n = r->next = r->wrong = 0;
	r->error = 0.0;
}

/* ---- sequences ---- */

/* A sequence from the next step on. */
static void draw_sequence(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	const bool training = t->phase == TRAIN;
	long number = training ? -1 : t->tally.sequences;
	if (training && g->c->trial.order == ORDER_EPOCH)
		number = t->result.sequences % g->shape.train_set;
	g->task->draw(&g->c->task, t->data, training ? &t->train : &t->test, number, &t->sequence);
	t->t = 0;
	t->ended = false;
	g->filled = 0;
	ring_reserve(g, t->sequence.length);
}

static void next_sequence(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	draw_sequence(g, l);
	t->before = 0;
	t->rate = t->first_rate;
	t->error = t->square = t->largest = t->step_error = 0.0;
	t->answers = t->step_answers = 0;
	t->illegal = false;
	learner_reset(g->learner, l, t->sequence.length);
}

/* The stream goes on. */
static void next_part(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	t->before += t->t;
	draw_sequence(g, l);
	if (g->c->trial.external_reset)
		learner_reset(g->learner, l, t->sequence.length);
}

/* Is the sequence wrong, as far as it has been judged? */
static bool is_wrong(const struct group *g, const struct trial *t)
{
	const struct trial_options *o = &g->c->trial;
	return o->judge == JUDGE_TOLERANCE ? !(t->largest < o->tolerance) : t->illegal;
}

/* Where it is part of a stream: does that end here? */
static bool is_over(const struct group *g, const struct trial *t)
{
	const struct trial_options *o = &g->c->trial;
	return is_wrong(g, t) || t->before + t->t >= (t->phase == TRAIN ? o->stream_length : o->test_stream_length);
}

/* ---- one trial's course ---- */

static void begin(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	uint64_t seed;
	t->first_rate = g->c->rule.rate;
	if (!g->calls->take(g->calls->to, l, &seed, &t->first_rate)) {
		t->phase = IDLE;
		return;
	}
	t->phase = TRAIN;
	struct curve_point *curve = t->result.curve;
	t->result = (struct result){.seed = seed, .budget = g->budget, .curve = curve, .learner = g->learner, .lane = l};
	t->train = conditions_stream(g->c, seed, "train");
	t->test = conditions_stream(g->c, seed, "test");
	t->next_point = 1;
	t->window = t->grow = t->tally = (struct tally){0};
	t->grow_before = -1.0;
	recent_clear(&t->recent);
	if (g->task->data_draw)
		g->task->data_draw(&g->c->task, conditions_data_seed(g->c, seed), t->data);
	t->weights = conditions_stream(g->c, seed, "weights");
	learner_start(g->learner, l, &t->weights);
	if (g->learner->net)
		g->learner->net->grown[l] = g->c->trial.grow == GROW_START;
	next_sequence(g, l);
}

/* A point of the learning curve when one is due, and at the end of the trial. */
static void curve_add(struct trial *t, bool at_end)
{
	struct result *r = &t->result;
	if (!t->window.sequences || (r->sequences < t->next_point && !at_end))
		return;
	r->curve = memory_grown(r->curve, &t->curve_capacity, (size_t)r->points + 1, sizeof *r->curve);
	r->curve[r->points++] = (struct curve_point){r->sequences, t->window.error / (double)t->window.sequences};
	t->window = (struct tally){0};
	t->next_point = r->sequences + (r->sequences + 7) / 8; /* about 20 points per decade */
}

static void end(struct group *g, int l, enum outcome outcome)
{
	struct trial *t = &g->trial[l];
	share_cpu(g);
	curve_add(t, true);
	t->result.outcome = outcome;
	t->result.weights_hash = weights_hash(&t->result);
	g->calls->done(g->calls->to, &t->result);
	begin(g, l);
}

static void add(struct tally *sum, double error, double square, bool wrong)
{
	sum->sequences++;
	sum->wrong += wrong;
	sum->error += error;
	sum->square += square;
}

/* Adds the hidden layer when the error has stopped decreasing (2a, 2b; the rule is ours, the paper leaves it open). */
static void grow(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	const struct trial_options *o = &g->c->trial;
	if (g->learner->net->grown[l] > 0.0 || t->grow.sequences < o->grow_window)
		return;
	const double mean = t->grow.error / (double)t->grow.sequences;
	if (t->grow_before >= 0.0 && !(mean < o->grow_ratio * t->grow_before))
		g->learner->net->grown[l] = 1.0;
	t->grow_before = mean;
	t->grow = (struct tally){0};
}

static void recent_add(struct recent *r, long window, double error, bool wrong)
{
	if (r->n == window) {
		r->wrong -= r->is_wrong[r->next];
		r->error -= r->errors[r->next];
	} else {
		r->n++;
	}
	r->is_wrong[r->next] = wrong;
	r->errors[r->next] = error;
	r->wrong += wrong;
	r->error += error;
	r->next = r->next + 1 == window ? 0 : r->next + 1;
}

/* Is milestone i reached by these sequences? */
static bool reached(const struct trial_options *o, int i, const struct tally *of)
{
	const double n = (double)of->sequences;
	return (double)of->wrong < o->wrong_below.v[i] && (o->error_below.n == LIMIT_ANY || of->error / n < o->error_below.v[i]) &&
	       (o->length_above.n == LIMIT_ANY || (double)of->right / n > o->length_above.v[i]);
}

/* Milestones that these sequences reach, one after the other; the test after them serves them all. */
static int milestones_reached(const struct group *g, struct result *r, const struct tally *of)
{
	const int n = conditions_milestones(g->c), before = r->milestones;
	while (r->milestones < n && reached(&g->c->trial, r->milestones, of))
		r->milestone[r->milestones++] = (struct milestone){.sequences = r->sequences};
	return r->milestones - before;
}

/* Back to training after a test, or the end. */
static void go_on(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	if (t->result.milestones == conditions_milestones(g->c)) {
		end(g, l, OUTCOME_SOLVED);
	} else if (t->result.sequences >= g->budget || (g->c->trial.step_limit && t->result.steps >= g->c->trial.step_limit)) {
		end(g, l, OUTCOME_UNSOLVED);
	} else {
		t->phase = TRAIN;
		next_sequence(g, l);
	}
}

static void start_test(struct group *g, int l, enum phase phase)
{
	struct trial *t = &g->trial[l];
	if (phase == FINAL && !g->c->trial.test_sequences) {
		go_on(g, l);
		return;
	}
	t->phase = phase;
	t->tally = (struct tally){0};
	if (g->c->trial.test_set == TEST_FIXED && phase == TEST)
		t->test = conditions_stream(g->c, t->result.seed, "test");
	next_sequence(g, l);
}

static void trained(struct group *g, int l, bool wrong, double error, double square)
{
	struct trial *t = &g->trial[l];
	const struct trial_options *o = &g->c->trial;
	struct result *r = &t->result;
	r->sequences++;
	r->steps += t->before + t->t;
	add(&t->window, error, square, wrong);
	curve_add(t, false);
	if (o->grow == GROW_PLATEAU) {
		add(&t->grow, t->step_error / (double)(t->step_answers * g->shape.out), 0.0, wrong);
		grow(g, l);
	}
	if (o->measure == MEASURE_RECENT) {
		recent_add(&t->recent, o->window, error, wrong);
		if (g->learner->guesses && (double)t->recent.wrong >= o->wrong_below.v[0]) {
			learner_start(g->learner, l, &t->weights);
			recent_clear(&t->recent);
		}
		const struct tally recent = {.sequences = t->recent.n, .wrong = t->recent.wrong, .error = t->recent.error};
		if (t->recent.n == o->window && milestones_reached(g, r, &recent)) {
			start_test(g, l, FINAL);
			return;
		}
	} else if (r->sequences % o->test_every == 0) {
		start_test(g, l, TEST);
		return;
	}
	go_on(g, l);
}

static void tested(struct group *g, int l, bool wrong, double error, double square)
{
	struct trial *t = &g->trial[l];
	const struct trial_options *o = &g->c->trial;
	add(&t->tally, error, square, wrong);
	t->tally.right += t->before + t->t - wrong;
	const bool hopeless = (double)t->tally.wrong >= o->wrong_below.v[t->result.milestones];
	const long window = g->shape.test_set ? g->shape.test_set : o->window;
	if (!hopeless && t->tally.sequences < window) {
		next_sequence(g, l);
		return;
	}
	if (!hopeless && milestones_reached(g, &t->result, &t->tally))
		start_test(g, l, FINAL);
	else
		go_on(g, l);
}

static void finally_tested(struct group *g, int l, bool wrong, double error, double square)
{
	struct trial *t = &g->trial[l];
	struct result *r = &t->result;
	add(&t->tally, error, square, wrong);
	if (t->tally.sequences < g->c->trial.test_sequences) {
		next_sequence(g, l);
		return;
	}
	const double n = (double)t->tally.sequences;
	for (int i = r->milestones - 1; i >= 0 && !r->milestone[i].test_sequences; i--) {
		r->milestone[i].test_sequences = t->tally.sequences;
		r->milestone[i].test_wrong = t->tally.wrong;
		r->milestone[i].test_mean_error = t->tally.error / n;
		r->milestone[i].test_mean_square = t->tally.square / n;
	}
	go_on(g, l);
}

static void sequence_ended(struct group *g, int l)
{
	struct trial *t = &g->trial[l];
	const double n = (double)(t->answers * g->shape.out), error = t->error / n, square = t->square / n;
	if (!isfinite(error)) { /* not gsl_finite: a call out of vector code costs as much as a step */
		end(g, l, OUTCOME_DIVERGED);
		return;
	}
	const bool wrong = is_wrong(g, t);
	if (t->phase == TRAIN)
		trained(g, l, wrong, error, square);
	else if (t->phase == TEST)
		tested(g, l, wrong, error, square);
	else
		finally_tested(g, l, wrong, error, square);
}

/* ---- judging ---- */

/* Paper, section 5.1: are the possible next symbols (bits of legal) the most active outputs? TOP: is the most active
   output possible? */
static bool legal_answer(const struct learner *learner, int l, uint32_t legal, enum judge judge)
{
	double lowest_legal = GSL_POSINF, highest_legal = GSL_NEGINF, highest_illegal = GSL_NEGINF;
	for (int k = 0; k < learner->out; k++) {
		const double y = learner->y_out[k][l];
		if (legal >> k & 1) {
			lowest_legal = GSL_MIN_DBL(lowest_legal, y);
			highest_legal = GSL_MAX_DBL(highest_legal, y);
		} else {
			highest_illegal = GSL_MAX_DBL(highest_illegal, y);
		}
	}
	return (judge == JUDGE_TOP ? highest_legal : lowest_legal) > highest_illegal;
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
		squares |= g->trial[l].phase == FINAL;
	return squares;
}

/* Absolute and squared errors of answers y: (out) to this step against the noise-free targets. */
static void judge_errors(struct group *g, const lane *y)
{
	const struct learner *learner = g->learner;
	lane sum = {0}, square = {0}, largest = {0};
	const bool squares = squares_count(g);
	for (int k = 0; k < learner->out; k++) {
		const lane error = lane_abs(g->target[k] - y[k]);
		sum += error;
		largest = lane_max(error, largest);
	}
	for (int k = 0; squares && k < learner->out; k++) {
		const lane error = lane_abs(g->target[k] - y[k]);
		square = lane_fma(error, error, square);
	}
	const ilane better = y == learner->y_out ? ilane_set(-1) : largest < g->judged_largest;
	g->judged_error = lane_select(better, sum, g->judged_error);
	g->judged_square = lane_select(better, square, g->judged_square);
	g->judged_largest = lane_select(better, largest, g->judged_largest);
}

static void judge(struct group *g, int l, bool last)
{
	struct trial *t = &g->trial[l];
	const struct trial_options *o = &g->c->trial;
	if (o->judge != JUDGE_TOLERANCE && (t->phase != TRAIN || g->shape.stream)) {
		const bool here = o->judge == JUDGE_NEXT_TO_LAST ? t->t == t->sequence.length - 2 : true;
		if (here && !legal_answer(g->learner, l, t->sequence.legal[t->t], (enum judge)o->judge))
			t->illegal = true;
	}
	if (o->grow == GROW_PLATEAU) {
		t->step_answers++;
		t->step_error += g->judged_error[l];
	}
	if (o->judged == JUDGED_LAST && !last)
		return;
	t->answers++;
	t->error += g->judged_error[l];
	t->square += g->judged_square[l];
	t->largest = !(g->judged_largest[l] <= t->largest) ? g->judged_largest[l] : t->largest;
}

/* ---- the loop ---- */

/* Steps to the next one at which some lane has a target (1: the next step has) or after which one starts, 0: all lanes are idle. */
static long steps_to_event(const struct group *g)
{
	long n = LONG_MAX;
	bool busy = false;
	for (int l = 0; l < LANES; l++) {
		const struct trial *t = &g->trial[l];
		if (t->phase == IDLE || t->ended)
			continue;
		busy = true;
		const long left = t->t < 0 ? -t->t : g->shape.every_step ? 1 : t->sequence.length - t->t;
		n = left < n ? left : n;
	}
	return busy ? n : 0;
}

/* n steps, the last of which stays current. */
static void advance(struct group *g, long n)
{
	while (n > 0) {
		const long part = n < g->frames.steps - g->at ? n : g->frames.steps - g->at;
		learner_advance(g->learner, &g->frames, g->at, part);
		n -= part;
		if (n == 0) {
			g->at += part - 1;
			return;
		}
		g->at = 0;
	}
}

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

/* The lesson of the current step, its targets without noise; t counts steps before it. Returns whether some lane learns. */
static bool prepare_lesson(struct group *g)
{
	struct lesson *s = &g->lesson;
	*s = (struct lesson){.line = ilane_set(-1), .target = g->target};
	for (int l = 0; l < LANES; l++) {
		aim(g, l, 0.0);
		g->aimed[l][0] = -1;
		const struct trial *t = &g->trial[l];
		const bool last = t->t == t->sequence.length - 1;
		if (t->phase == IDLE || t->ended || !(last || g->shape.every_step))
			continue;
		const int line = t->sequence.target[t->t];
		s->line[l] = line;
		g->aimed[l][0] = line;
		g->aimed[l][1] = g->shape.possible ? other_symbol(t->sequence.legal[t->t], line) : -1;
		aim(g, l, t->sequence.ideal);
		s->last[l] = last ? -1 : 0;
		const bool decayed_away = t->rate <= 0.0 && g->c->rule.rate_decay < 1.0;
		if (t->phase == TRAIN && (last || !g->c->rule.errors) && !decayed_away) {
			s->rate[l] = t->rate;
			s->learns[l] = -1;
		}
	}
	return lane_any(s->learns);
}

/* Serves the lanes whose sequence has ended; where lanes start together, once all have. */
static void serve(struct group *g)
{
	ilane ended = {0}, over = {0};
	bool all = true;
	for (int l = 0; l < LANES; l++) {
		const struct trial *t = &g->trial[l];
		ended[l] = t->phase != IDLE && t->ended ? -1 : 0;
		over[l] = ended[l] && (!g->shape.stream || is_over(g, t)) ? -1 : 0;
		all &= t->phase == IDLE || t->ended;
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

/* The count that threads share is touched rarely. */
static void report_steps(struct group *g)
{
	if (g->calls->steps)
		atomic_fetch_add_explicit(g->calls->steps, g->steps, memory_order_relaxed);
	g->steps = 0;
}

/* As lane_flushed: no subnormal numbers. */
static double decayed(double rate)
{
	return rate < 1e-280 ? 0.0 : rate;
}

/* Where all lanes start a sequence now, of nearly equal lengths: the shorter ones later. */
static void end_together(struct group *g)
{
	long shortest = LONG_MAX, longest = 0;
	if (g->shape.every_step || g->learner->together)
		return;
	for (int l = 0; l < LANES; l++) {
		const struct trial *t = &g->trial[l];
		if (t->phase == IDLE)
			continue;
		if (t->t || t->ended)
			return;
		longest = t->sequence.length > longest ? t->sequence.length : longest;
		shortest = t->sequence.length < shortest ? t->sequence.length : shortest;
	}
	if (longest - shortest > LATER_START_MAX || longest - shortest > longest / 8)
		return;
	for (int l = 0; l < LANES; l++)
		if (g->trial[l].phase != IDLE)
			g->trial[l].t = g->trial[l].sequence.length - longest;
}

/* n - 1 of n steps are done in all lanes; does the last one have a target? */
static bool steps_done(struct group *g, long n)
{
	int busy = 0;
	bool target = false;
	for (int l = 0; l < LANES; l++) {
		struct trial *t = &g->trial[l];
		if (t->phase == IDLE || t->ended)
			continue;
		busy += t->t >= 0;
		t->t += n - 1;
		target |= g->shape.every_step || t->t == t->sequence.length - 1;
	}
	g->steps += n * busy;
	if (g->steps > STEPS_REPORTED)
		report_steps(g);
	return target;
}

/* Answers to the current step, and what is learned from its targets. */
static void answer_and_teach(struct group *g)
{
	const bool learns = prepare_lesson(g), counts = errors_count(g);
	bool noisy = false;
	for (int l = 0; l < LANES; l++)
		noisy |= g->trial[l].sequence.target_value != g->trial[l].sequence.ideal;
	g->lesson.judges = counts && learns && g->learner->judges && !noisy && !squares_count(g);
	learner_answer(g->learner, &g->frames, g->at);
	if (counts && !g->lesson.judges) {
		judge_errors(g, g->learner->y_out);
		if (g->learner->y_other)
			judge_errors(g, g->learner->y_other);
	}
	for (int l = 0; noisy && l < LANES; l++)
		aim(g, l, g->trial[l].sequence.target_value);
	if (learns || g->learner->y_other)
		learner_teach(g->learner, &g->frames, g->at, &g->lesson);
	if (g->lesson.judges) {
		g->judged_error = g->lesson.sum;
		g->judged_largest = g->lesson.largest;
	}
}

/* The current step is done in lane l; target: the lesson is that of this step. */
static void step_done(struct group *g, int l, bool target)
{
	struct trial *t = &g->trial[l];
	if (t->phase == IDLE || t->ended)
		return;
	const bool began = t->t >= 0;
	if (target && g->lesson.line[l] >= 0)
		judge(g, l, g->lesson.last[l]);
	t->t++;
	if (!began && !t->t) {
		learner_reset(g->learner, l, t->sequence.length);
		g->filled = 0;
	}
	if (!began || !target)
		return;
	t->ended = g->lesson.last[l] || (g->shape.stream && is_over(g, t));
	t->rate = decayed(t->rate * g->c->rule.rate_decay);
}

static bool group_step(struct group *g)
{
	const long n = steps_to_event(g);
	if (!n)
		return false;
	ring_fill(g, n);
	advance(g, n);
	g->filled -= n;
	const bool target = steps_done(g, n);
	if (target)
		answer_and_teach(g);
	g->at = g->at + 1 == g->frames.steps ? 0 : g->at + 1;
	for (int l = 0; l < LANES; l++)
		step_done(g, l, target);
	if (target) {
		serve(g);
		end_together(g);
	}
	return true;
}

void group_run(const struct conditions *c, long budget, const struct group_calls *calls)
{
	struct error e = {0};
	struct group *g = memory_zeroed(1, sizeof *g);
	g->c = c;
	g->task = task_types[c->task.task];
	g->shape = g->task->shape(&c->task);
	g->dense = g->shape.coding == INPUT_LOCAL && g->shape.in <= DENSE_MAX && learner_types[c->learner.learner] == &learner_composed;
	struct task_shape shape = g->shape;
	shape.coding = g->dense ? INPUT_REAL : shape.coding;
	g->learner = conditions_learner(c, &shape, &e);
	g->calls = calls;
	g->budget = budget;
	g->cpu_before = cpu_now();
	g->target = memory_zeroed((size_t)g->shape.out, sizeof *g->target);
	memset(g->aimed, -1, sizeof g->aimed);
	ring_allocate(g, g->shape.length + g->shape.length / 2 + 64);
	for (int l = 0; l < LANES; l++) {
		struct trial *t = &g->trial[l];
		t->data = g->task->data_size ? memory_zeroed(1, g->task->data_size(&c->task)) : NULL;
		if (c->trial.measure == MEASURE_RECENT) {
			t->recent.is_wrong = memory_zeroed((size_t)c->trial.window, 1);
			t->recent.errors = memory_zeroed((size_t)c->trial.window, sizeof *t->recent.errors);
		}
	}
	for (int l = 0; l < LANES; l++)
		begin(g, l);
	end_together(g);
	while (group_step(g))
		if (calls->stop && atomic_load_explicit(calls->stop, memory_order_relaxed))
			break;
	report_steps(g);
	for (int l = 0; l < LANES; l++) {
		struct trial *t = &g->trial[l];
		sequence_free(&t->sequence);
		free(t->data);
		free(t->recent.is_wrong);
		free(t->recent.errors);
		free(t->result.curve);
	}
	learner_free(g->learner);
	free(g->frames.value);
	free(g->frames.index);
	free(g->target);
	free(g);
}
