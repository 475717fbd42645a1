/* judge.c: see judge.h. */
#include "trial/judge.h"

#include "base/memory.h"

#include <gsl/gsl_math.h>
#include <stdlib.h>

/* Errors of answers y: (out), where they are the first or better than those before. */
static void judge_outputs(struct judgement *j, const lane *target, const lane *y, bool squares)
{
	const int out = j->learner->out;
	lane sum = {0}, square = {0}, largest = {0};
	for (int k = 0; k < out; k++) {
		const lane error = lane_abs(target[k] - y[k]);
		sum += error;
		largest = lane_max(error, largest);
	}
	for (int k = 0; squares && k < out; k++) {
		const lane error = lane_abs(target[k] - y[k]);
		square = lane_fma(error, error, square);
	}
	const ilane better = y == j->learner->y_out ? ilane_set(-1) : largest < j->largest;
	j->error = lane_select(better, sum, j->error);
	j->square = lane_select(better, square, j->square);
	j->largest = lane_select(better, largest, j->largest);
}

void judge_step(struct judgement *j, const lane *target, bool squares)
{
	judge_outputs(j, target, j->learner->y_out, squares);
	if (j->learner->y_other)
		judge_outputs(j, target, j->learner->y_other, squares);
}

/* Paper, section 5.1: are the possible next symbols (bits of legal) the most active outputs? TOP: is the most active
   output possible? */
bool judge_is_legal(const struct judgement *j, int l, uint32_t legal)
{
	double lowest_legal = GSL_POSINF, highest_legal = GSL_NEGINF, highest_illegal = GSL_NEGINF;
	for (int k = 0; k < j->learner->out; k++) {
		const double y = j->learner->y_out[k][l];
		if (legal >> k & 1) {
			lowest_legal = GSL_MIN_DBL(lowest_legal, y);
			highest_legal = GSL_MAX_DBL(highest_legal, y);
		} else {
			highest_illegal = GSL_MAX_DBL(highest_illegal, y);
		}
	}
	return (j->o->judge == JUDGE_TOP ? highest_legal : lowest_legal) > highest_illegal;
}

struct verdict judge_verdict(const struct judgement *j, int l)
{
	const struct score *s = &j->score[l];
	const double n = (double)(s->answers * j->shape->out);
	struct verdict v = {.wrong = judge_is_wrong(j, l), .error = s->error / n, .square = s->square / n};
	if (s->step_answers)
		v.step_error = s->step_error / (double)(s->step_answers * j->shape->out);
	return v;
}

struct recent recent_of(long window)
{
	const size_t n = (size_t)window;
	return (struct recent){.is_wrong = memory_zeroed(n, 1), .errors = memory_zeroed(n, sizeof(double))};
}

void recent_free(struct recent *r)
{
	free(r->is_wrong);
	free(r->errors);
}

void recent_clear(struct recent *r)
{
	r->sum = (struct tally){0};
	r->next = 0;
}

void recent_add(struct recent *r, long window, const struct verdict *v)
{
	if (r->sum.sequences == window) {
		r->sum.sequences--;
		r->sum.wrong -= r->is_wrong[r->next];
		r->sum.error -= r->errors[r->next];
	}
	tally_add(&r->sum, v);
	r->is_wrong[r->next] = v->wrong;
	r->errors[r->next] = v->error;
	r->next = r->next + 1 == window ? 0 : r->next + 1;
}
