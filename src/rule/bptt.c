/* bptt.c: back-propagation through time, the gradient of the error by going back over the steps of a sequence.
   Does: bptt: the full gradient, through everything and all steps; bptt-window: Williams and Peng's BPTT(h; h'), every h'
   steps the last h' errors go back h steps; elman: one step (h = h' = 1; Cleeremans et al. 1989); bptt-truncated: all
   steps, but along the states of cells only, which is the gradient of rule truncated by another way.
   Does not: change weights between two ways back. The way back is due at a lane's first target that comes h' or more steps
   after the last one, and at its last step, which must have a target (every task's has).

   e_j(t) = f'_j eps_j(t), eps_k(t-1) = e_k(t-1) + sum_j w_jk e_j(t) (section 3.1); Dw_jm = a sum_t e_j(t) y_m(t-1).
   The lanes' sequences start together; a lane whose sequence has ended waits, and its steps after the end count nothing. */
#include "base/memory.h"
#include "net/connect.h"
#include "rule/rule.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct bptt {
	struct rule base;
	bool recurrent;     /* errors go from step to step through hidden<-hidden too, not in states only */
	long depth, stride; /* h, h'; 0: the whole sequence */
	long length[LANES]; /* of the lanes' sequences */
	const struct frames *frames;
	long start;         /* where the first step is in them */
	ilane injected;     /* steps whose errors have gone back */
	bool any;           /* there are errors that have not */
	long first_taught;  /* the first step of which there are any */
	/* For `capacity` steps: */
	size_t capacity;
	lane *e;                     /* (capacity, seen_n): errors that enter at each step */
	unsigned char *taught;       /* (capacity): some do */
	lane *e_y, *e_s, *e_net, *z; /* (hidden), (cells), (hidden), (sources of a connection): at one step */
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
	int rows = net->in;
	b->depth = depth;
	b->stride = stride;
	b->recurrent = true;
	b->base.run = LONG_MAX;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const int n = c->rows * (c->own ? c->cols : 1);
		rows = n > rows ? n : rows;
	}
	changes_prepare(&b->base.changes, rule->net, true, &rule->o.optimizer, rule->o.rate);
	b->e_y = memory_zeroed((size_t)net->hidden, sizeof(lane));
	b->e_s = memory_zeroed((size_t)net->cells, sizeof(lane));
	b->e_net = memory_zeroed((size_t)net->hidden, sizeof(lane));
	b->z = memory_zeroed((size_t)rows, sizeof(lane));
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
	self(rule)->recurrent = false;
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
	free(b->e_y);
	free(b->e_s);
	free(b->e_net);
	free(b->z);
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

/* Those of `lanes` whose sequence has a step t. */
static ilane active(const struct bptt *b, ilane lanes, long t)
{
	for (int l = 0; l < LANES; l++)
		lanes[l] &= t < b->length[l] ? -1 : 0;
	return lanes;
}

/* Where step t is in the frames. */
static long place_of(const struct bptt *b, long t)
{
	const long at = b->start + t;
	return at < b->frames->steps ? at : at - b->frames->steps;
}

/* Dw_jm += e_j(t) z_m for all connections to the hidden layer. */
static void add_changes(struct bptt *b, long t, ilane mask, bool all)
{
	const struct net *net = b->base.net;
	const long at = place_of(b, t);
	const struct frame x = frames_at(b->frames, at);
	changes_touch(&b->base.changes, b->frames, at, 1);
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const lane *z = connect_source(net, c, &x, net_row(net, t + 1), net_row(net, t));
		if (!all && !c->local) { /* a lane's steps after its end may have overflown */
			for (int m = 0; m < c->rows * (c->own ? c->cols : 1); m++)
				b->z[m] = lane_masked(mask, z[m]);
			z = b->z;
		}
		connect_outer(c, b->base.changes.pending + c->offset, c->cols, &x, z, b->e_net + c->to);
	}
}

/* In these lanes the errors of the steps since the last way back go back, at most h steps from here. */
static void go_back(struct bptt *b, ilane lanes)
{
	const struct net *net = b->base.net;
	const long end = net->row, stop = b->depth && end > b->depth ? end - b->depth : 0;
	for (int j = 0; j < net->hidden; j++)
		b->e_net[j] = lane_set(0.0);
	for (int v = 0; v < net->cells; v++)
		b->e_s[v] = lane_set(0.0);
	for (long t = end - 1; t >= stop; t--) {
		const ilane mask = active(b, lanes, t), inject = mask & (b->injected <= (int64_t)t);
		const bool all = !lane_any(~mask);
		for (int j = 0; j < net->hidden; j++)
			b->e_y[j] = lane_set(0.0);
		for (int i = 0; i < net->to_hidden_n && b->recurrent && t < end - 1; i++)
			if (net->to_hidden[i].source == SOURCE_RECURRENT)
				connect_back(&net->to_hidden[i], net->w, b->e_net, b->e_y + net->to_hidden[i].first);
		if (b->taught[t])
			for (int v = 0; v < net->seen_n; v++)
				b->e_y[net->seen_first + v] += lane_masked(inject, b->e[t * net->seen_n + v]);
		net->type->back(net, net_row(net, t + 1), b->e_y, b->e_s, b->e_net);
		ilane left = {0};
		for (int j = 0; j < net->hidden; j++) {
			b->e_net[j] = lane_flushed(lane_masked(mask, b->e_net[j]));
			left |= b->e_net[j] != 0.0;
		}
		for (int v = 0; v < net->cells; v++) {
			b->e_s[v] = lane_flushed(lane_masked(mask, b->e_s[v]));
			left |= b->e_s[v] != 0.0;
		}
		if (lane_any(left))
			add_changes(b, t, mask, all);
		else if (t <= b->first_taught)
			break; /* all has vanished */
	}
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

static void bptt_teach(struct rule *rule, const struct frame *x, const lane *e, const struct lesson *lesson)
{
	struct bptt *b = self(rule);
	const struct net *net = rule->net;
	const long t = net->row - 1;
	lane *const e_seen = b->e + t * net->seen_n;
	changes_touch(&b->base.changes, b->frames, place_of(b, t), 1);
	changes_outputs(&b->base.changes, x, e, e_seen, lesson->learns);
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
