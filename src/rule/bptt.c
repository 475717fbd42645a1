/* bptt.c: back-propagation through time, the gradient of the error by going back over the steps of a sequence.
   Does: bptt: the full gradient, through everything and all steps; bptt-window: Williams and Peng's BPTT(h; h'), every h'
   steps the last h' errors go back h steps; elman: one step (h = h' = 1; Cleeremans et al. 1989); bptt-truncated: all
   steps, but along the states of cells only, which is the gradient of rule truncated by another way.
   Does not: change weights between two ways back. The way back is due at a lane's first target that comes h' or more steps
   after the last one, and at its last step, which must have a target (every task's has).

   e_j(t) = f'_j eps_j(t), eps_k(t-1) = e_k(t-1) + sum_j w_jk e_j(t) (section 3.1); Dw_jm = a sum_t e_j(t) y_m(t-1).
   The lanes' sequences start together; a lane whose sequence has ended waits, and its steps after the end count nothing. */
#include "base/memory.h"
#include "net/past.h"
#include "rule/rule.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct bptt {
	struct rule base;
	long depth, stride; /* h, h'; 0: the whole sequence */
	long length[LANES]; /* of the lanes' sequences */
	const struct frames *frames;
	long start;         /* where the first step is in them */
	ilane injected;     /* steps whose errors have gone back */
	bool any;           /* there are errors that have not */
	long first_taught;  /* the first step of which there are any */
	/* For `capacity` steps: */
	size_t capacity;
	lane *e;               /* (capacity, seen_n): errors that enter at each step and have not gone back */
	unsigned char *taught; /* (capacity): some do */
	struct walk walk;
};

static struct bptt *self(struct rule *rule)
{
	return (struct bptt *)rule;
}

static bool full_check(const struct rule_options *o, const struct net *net, const struct task_shape *shape, struct error *e)
{
	(void)net;
	if (shape->every_step && o->update != UPDATE_SEQUENCE)
		return error_input(e, "update: going back over the whole sequence is possible at its end only; expected sequence");
	return o->update != UPDATE_LATE || error_input(e, "update: late is for forward rules; expected step or sequence");
}

static bool window_check(const struct rule_options *o, const struct net *net, const struct task_shape *shape, struct error *e)
{
	(void)net;
	(void)shape;
	if (o->depth < o->stride)
		return error_input(e, "depth: h = %ld is less than h' = %ld (stride), some errors would be lost", o->depth, o->stride);
	return o->update != UPDATE_LATE || error_input(e, "update: late is for forward rules; expected step or sequence");
}

static bool elman_check(const struct rule_options *o, const struct net *net, const struct task_shape *shape, struct error *e)
{
	(void)net;
	(void)shape;
	return o->update != UPDATE_LATE || error_input(e, "update: late is for forward rules; expected step or sequence");
}

static void prepare(struct rule *rule, long depth, long stride)
{
	struct bptt *b = self(rule);
	const struct net *net = rule->net;
	b->depth = depth;
	b->stride = stride;
	b->base.run = LONG_MAX;
	walk_prepare(&b->walk, net);
	changes_prepare(&b->base.changes, rule->net, true, &rule->o.optimizer, rule->o.rate, rule->o.slope_offset);
}

static void full_prepare(struct rule *rule)
{
	prepare(rule, 0, 0);
}

static void window_prepare(struct rule *rule)
{
	prepare(rule, rule->o.depth, rule->o.stride);
}

static void truncated_prepare(struct rule *rule)
{
	prepare(rule, 0, 0);
	self(rule)->walk.recurrent = false;
	rule->net->cut = true;
}

static void elman_prepare(struct rule *rule)
{
	prepare(rule, 1, 1);
}

static void bptt_release(struct rule *rule)
{
	struct bptt *b = self(rule);
	changes_release(&b->base.changes);
	free(b->e);
	free(b->taught);
	walk_release(&b->walk);
}

/* Room for `steps` steps. */
static void reserve(struct bptt *b, long steps)
{
	net_reserve(b->base.net, steps);
	if ((size_t)steps <= b->capacity)
		return;
	b->capacity = (size_t)(steps + steps / 2);
	free(b->e);
	free(b->taught);
	b->e = memory_zeroed(b->capacity * (size_t)b->base.net->seen_n, sizeof *b->e);
	b->taught = memory_zeroed(b->capacity, 1);
}

static void bptt_reset(struct rule *rule, int l, long length)
{
	struct bptt *b = self(rule);
	b->length[l] = length;
	net_forget(rule->net);
	b->injected[l] = 0;
	b->any = false;
	reserve(b, length);
	changes_reset(&b->base.changes, l);
}

/* Those of `lanes` whose sequence has a step t; *n: at most as many steps back from there as they remain the same. */
static ilane active(const struct bptt *b, ilane lanes, long t, long *n)
{
	for (int l = 0; l < LANES; l++)
		if (lanes[l] && t >= b->length[l]) {
			lanes[l] = 0;
			*n = t - b->length[l] + 1 < *n ? t - b->length[l] + 1 : *n;
		}
	return lanes;
}

/* Where step t is in the frames. */
static long place_of(const struct bptt *b, long t)
{
	const long at = b->start + t;
	return at < b->frames->steps ? at : at - b->frames->steps;
}

/* Steps t, t - 1, ... of connection c one by one. */
static void add_step_by_step(struct bptt *b, const struct connection *c, long t, long n)
{
	const struct net *net = b->base.net;
	double *const to = b->base.changes.pending + c->offset;
	for (long i = 0; i < n; i++) {
		const lane *const e = b->walk.e_net + (i + 1) * net->hidden + c->to, *const row = net_row(net, t - i + 1);
		if (c->local) {
			const ilane index = b->frames->index[place_of(b, t - i)];
			connect_add_rows(to, connect_rows(c->rows, c->cols, index), c->cols, e, b->walk.left[i]);
			continue;
		}
		for (int k = 0; k < c->rows * c->cols; k++) /* sources of its own for each unit */
			((lane *)to)[k] = lane_fma_where(b->walk.left[i], e[k % c->cols], row[c->first + k], ((lane *)to)[k]);
	}
}

/* Dw_jm += e_j(t) z_m for connection c, from step t on n steps back, where inputs stand in one piece. */
static void add_steps(struct bptt *b, const struct connection *c, long t, long n)
{
	const struct net *net = b->base.net;
	if (c->local || c->own) {
		add_step_by_step(b, c, t, n);
		return;
	}
	const long first = place_of(b, t), wrapped = c->source == SOURCE_INPUT && first < n - 1 ? n - 1 - first : 0;
	struct outer_steps o = {
	    .factor = b->walk.e_net + net->hidden + c->to, .factor_step = net->hidden, .n = n - wrapped, .where = b->walk.left};
	o.z = connect_sources(net, c, b->frames, first, net_row(net, t), &o.z_step);
	o.z_step = -o.z_step;
	lane *const to = (lane *)(b->base.changes.pending + c->offset);
	connect_outer_steps(to, c->rows, c->cols, &o, false, true);
	if (!wrapped)
		return;
	o.factor += o.n * o.factor_step;
	o.where += o.n;
	o.z = b->frames->value + (b->frames->steps - 1) * net->in;
	o.n = wrapped;
	connect_outer_steps(to, c->rows, c->cols, &o, false, true);
}

/* In these lanes the errors of the steps since the last way back go back, at most h steps from here. */
static void go_back(struct bptt *b, ilane lanes)
{
	const struct net *net = b->base.net;
	const long end = net->row, stop = b->depth && end > b->depth ? end - b->depth : 0;
	struct walk *w = &b->walk;
	w->e = b->e;
	w->enters = b->taught;
	walk_start(w, net);
	for (long t = end - 1, n; t >= stop; t -= n) {
		n = t - stop + 1 < RUN_STEPS ? t - stop + 1 : RUN_STEPS;
		w->lanes = active(b, lanes, t, &n);
		net->type->walk(net, w, t, n);
		for (long i = 0; i < n; i++)
			if (lane_any(w->left[i]))
				changes_touch(&b->base.changes, b->frames, place_of(b, t - i), 1);
		for (int i = 0; i < net->to_hidden_n; i++)
			add_steps(b, &net->to_hidden[i], t, n);
		if (!walk_goes_on(w, net, n) && t - n < b->first_taught)
			break; /* all has vanished */
	}
	for (long i = b->stride ? stop * net->seen_n : end * net->seen_n; i < end * net->seen_n; i++)
		b->e[i] = lane_masked(~lanes, b->e[i]);
	b->injected = (b->injected & ~lanes) | (ilane_set(end) & lanes);
}

static void apply(struct bptt *b, ilane lanes)
{
	changes_apply(&b->base.changes, lanes);
	for (int l = 0; l < LANES; l++)
		if (lanes[l])
			changes_reset(&b->base.changes, l);
}

static void bptt_observe(struct rule *rule, const struct frames *frames, long at, long n)
{
	struct bptt *b = self(rule);
	const long before = rule->net->row - n;
	assert(before >= 0 && (size_t)(before + n) <= b->capacity);
	memset(b->taught + before, 0, (size_t)n);
	b->frames = frames;
	if (!before)
		b->start = at;
}

static void bptt_teach(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson)
{
	struct bptt *b = self(rule);
	const struct net *net = rule->net;
	const long t = net->row - 1;
	lane *const e_seen = b->e + t * net->seen_n;
	changes_touch(&b->base.changes, b->frames, place_of(b, t), 1);
	changes_outputs(&b->base.changes, x, e, lesson, e_seen);
	const ilane mask = rule->o.cell_errors ? lesson->learns & lesson->last : lesson->learns;
	for (int v = 0; v < net->seen_n; v++)
		e_seen[v] = lane_masked(mask, e_seen[v]);
	b->taught[t] = 1;
	if (!b->any)
		b->first_taught = t;
	b->any = true;
	if (!b->stride)
		return;
	const ilane due = lesson->learns & (lesson->last | (net->row - b->injected >= b->stride));
	if (!lane_any(due))
		return;
	go_back(b, due);
	if (rule->o.update == UPDATE_STEP)
		apply(b, due);
}

static void bptt_finish(struct rule *rule, ilane lanes)
{
	struct bptt *b = self(rule);
	lanes &= b->base.changes.learned; /* 0 times what has overflown in a lane that is tested is not a number */
	if (!lane_any(lanes))
		return;
	if (!b->stride)
		go_back(b, lanes);
	apply(b, lanes);
}

#define BPTT(check_, prepare_)                                                                                                             \
	.needs = NET_BACK, .together = true, .size = sizeof(struct bptt), .check = (check_), .prepare = (prepare_),                        \
	.release = bptt_release, .reset = bptt_reset, .observe = bptt_observe, .teach = bptt_teach, .finish = bptt_finish

const struct rule_type rule_bptt = {
    .name = "bptt",
    .summary = "full gradient, back through all steps of the sequence (section 3.1)",
    BPTT(full_check, full_prepare),
};

const struct rule_type rule_bptt_window = {
    .name = "bptt-window",
    .summary = "BPTT(h; h'): every h' steps (stride) the last h' errors go back h steps (depth)",
    BPTT(window_check, window_prepare),
};

const struct rule_type rule_bptt_truncated = {
    .name = "bptt-truncated",
    .summary = "the gradient of rule truncated by going back: errors pass from step to step in states only",
    BPTT(full_check, truncated_prepare),
};

const struct rule_type rule_elman = {
    .name = "elman",
    .summary = "one step: the activations before are inputs like others (Elman; Cleeremans et al. 1989)",
    BPTT(elman_check, elman_prepare),
};
