/* rtrl.c: real-time recurrent learning (Robinson and Fallside 1987; Williams and Zipser 1989), the full gradient forwards.
   Does: keep how every activation y_k and state s_v moves with every weight to the hidden layer, p^k_jm = dy_k/dw_jm; on-line
   (weights change at every step) or off-line (after the sequence, then it is exactly bptt); teacher forcing. O(W n^2) per
   step for n recurrent units, O(W n) in memory, independent of sequence length. Local inputs that a sequence has not had cost nothing.
   Does not: keep a history.

   dnet_k = sum_l w_kl p^l_jm(t-1) + [k = j] z_m, then the net's Jacobian: p^k = f'(net_k) dnet_k for conventional units. */
#include "base/memory.h"
#include "net/connect.h"
#include "rule/rule.h"

#include <stdlib.h>
#include <string.h>

struct rtrl {
	struct rule base;
	const struct connection *recurrent; /* hidden<-hidden; NULL: none */
	int n;                              /* hidden + cells */
	lane *p[TO_HIDDEN_MAX];             /* per connection to the hidden layer: (rows, cols, n) */
	int batch[TO_HIDDEN_MAX];           /* directions (weights) that are taken at once; of many inputs: whole rows */
	unsigned *touched[TO_HIDDEN_MAX];   /* per batch: bits of the lanes whose sequence has had a source of it; elsewhere p = 0;
	                                       NULL: not local, or so few inputs that all are soon touched */
	ilane fresh;  /* lanes whose sequence begins: where `touched` is not kept, their p is 0 from the next step on */
	lane *d_net;  /* (batch, hidden) */
	lane *before; /* (batch, n) p before a step that some lanes do not take */
	lane *e_y;    /* (seen_n) */
};

static struct rtrl *self(struct rule *rule)
{
	return (struct rtrl *)rule;
}

static int directions(const struct connection *c)
{
	return c->rows * c->cols;
}

static bool rtrl_check(const struct rule_options *o, const struct net *net, const struct task_shape *shape, struct error *e)
{
	if (o->forcing && !net->outputs_inside)
		return error_input(e, "forcing: yes, but no unit sees the outputs; expected connectivity = full, or no forcing");
	if (o->forcing && !shape->every_step)
		return error_input(e, "forcing: yes, but the task has a target at the last step only; expected no");
	return true;
}

static void rtrl_prepare(struct rule *rule)
{
	struct rtrl *r = self(rule);
	const struct net *net = rule->net;
	int batch = 0;
	r->n = net->hidden + net->cells;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const int n = directions(c);
		if (c->source == SOURCE_RECURRENT)
			r->recurrent = c;
		r->p[i] = memory_zeroed((size_t)n * (size_t)r->n, sizeof(lane));
		const bool many = c->local && c->rows > 32;
		/* few enough for the nearest cache beside the recurrent weights, threes for recur; or to be left out */
		r->batch[i] = many ? (1 + 15 / c->cols) * c->cols : 3 + 3 * (40 / (net->hidden + r->n));
		if (many)
			r->touched[i] = memory_zeroed((size_t)(n / r->batch[i]) + 1, sizeof *r->touched[i]);
		batch = r->batch[i] > batch ? r->batch[i] : batch;
	}
	r->d_net = memory_zeroed((size_t)(batch * net->hidden), sizeof(lane));
	r->before = memory_zeroed((size_t)(batch * r->n), sizeof(lane));
	r->e_y = memory_zeroed((size_t)net->seen_n, sizeof(lane));
	changes_prepare(&r->base.changes, rule->net, rule->o.update != UPDATE_STEP, &rule->o.optimizer, rule->o.rate,
			rule->o.slope_offset);
}

static void rtrl_release(struct rule *rule)
{
	struct rtrl *r = self(rule);
	for (int i = 0; i < rule->net->to_hidden_n; i++) {
		free(r->p[i]);
		free(r->touched[i]);
	}
	free(r->d_net);
	free(r->before);
	free(r->e_y);
	changes_release(&r->base.changes);
}

/* The first batch of connection i, from direction *at on, that some lane has or may have touched: *at becomes its first; how many
   they are, 0: there is none. */
static int batch_from(const struct rtrl *r, int i, int *at, int batch)
{
	const int all = directions(&r->base.net->to_hidden[i]);
	while (r->touched[i] && *at < all && !r->touched[i][*at / batch])
		*at += batch;
	return *at >= all ? 0 : *at + batch < all ? batch : all - *at;
}

/* p(0) = 0, in batches that this lane has touched at once, elsewhere with the step that reads them. */
static void rtrl_reset(struct rule *rule, int l, long length)
{
	struct rtrl *r = self(rule);
	(void)length;
	r->fresh[l] = -1;
	for (int i = 0; i < rule->net->to_hidden_n; i++)
		for (int at = 0, n; r->touched[i] && (n = batch_from(r, i, &at, r->batch[i])); at += n) {
			unsigned *const touched = &r->touched[i][at / r->batch[i]];
			for (long k = (long)at * r->n; *touched >> l & 1 && k < (long)(at + n) * r->n; k++)
				r->p[i][k][l] = 0.0;
			*touched &= ~(1u << l);
		}
	changes_reset(&r->base.changes, l);
}

/* d[i][k] = sum_l w_kl p[i][l] for q directions i and n units k; w: (rows, hidden), p: rows of `stride`, d: rows of `hidden`; fresh:
   NULL, or lanes in which p counts as 0. */
LANE_INLINE void recur_block(const lane *w, int rows, const lane *p, int stride, const ilane *fresh, lane *d, int hidden, const int q,
			     const int n)
{
	lane sum[3][8];
	for (int i = 0; i < q; i++)
		LANE_UNROLL
	for (int k = 0; k < n; k++)
		sum[i][k] = lane_set(0.0);
	for (int l = 0; l < rows; l++) {
		lane p_l[3];
		for (int i = 0; i < q; i++)
			p_l[i] = fresh ? lane_masked(~*fresh, p[i * stride + l]) : p[i * stride + l];
		LANE_UNROLL
		for (int k = 0; k < n; k++) {
			const lane w_kl = lane_kept(w[l * hidden + k]);
			LANE_UNROLL
			for (int i = 0; i < q; i++)
				sum[i][k] = lane_fma(w_kl, p_l[i], sum[i][k]);
		}
	}
	for (int i = 0; i < q; i++)
		LANE_UNROLL
	for (int k = 0; k < n; k++)
		d[i * hidden + k] = sum[i][k];
}

/* The same for all units and any number of directions: three at a time share the loads of w. */
LANE_INLINE void recur(const lane *w, int rows, const lane *p, int stride, const ilane *fresh, lane *d, int hidden, int directions)
{
	int i = 0;
	for (; i + 3 <= directions; i += 3) {
#define CALL(first, n) recur_block(w + (first), rows, p + (long)i * stride, stride, fresh, d + (long)i * hidden + (first), hidden, 3, n)
		CONNECT_BLOCKS(CALL, hidden);
#undef CALL
	}
	for (; i < directions; i++) {
#define CALL(first, n) recur_block(w + (first), rows, p + (long)i * stride, stride, fresh, d + (long)i * hidden + (first), hidden, 1, n)
		CONNECT_BLOCKS(CALL, hidden);
#undef CALL
	}
}

static void recur_fresh(const lane *w, int rows, const lane *p, int stride, const ilane *fresh, lane *d, int hidden, int directions)
{
	recur(w, rows, p, stride, fresh, d, hidden, directions);
}

static void recur_all(const lane *w, int rows, const lane *p, int stride, lane *d, int hidden, int directions)
{
	if (rows == 1 && hidden == 1) /* experiment 2a: a hundred directions of a single unit */
		for (int i = 0; i < directions; i++)
			d[i] = lane_fma(w[0], p[i * stride], lane_set(0.0));
	else
		recur(w, rows, p, stride, NULL, d, hidden, directions);
}

/* [k = j] z_m for directions at ... at + n - 1 of c; d: (n, hidden). */
static void add_sources(const struct net *net, const struct connection *c, const struct frame *x, const lane *row, lane *d, int at, int n)
{
	const lane *z = connect_source(net, c, x, row, row - net->row_n);
	const int hidden = net->hidden;
	d += c->to;
	for (int k = 0, m = at / c->cols, j = at % c->cols; k < n; k++) {
		d[k * hidden + j] += c->local ? lane_masked(x->index == (int64_t)m, lane_set(1.0)) : c->own ? z[at + k] : z[m];
		if (++j == c->cols) {
			j = 0;
			m++;
		}
	}
}

/* The net's Jacobian; p stays as it is in lanes at rest. */
static void push(struct rtrl *r, const lane *row, int n, lane *p)
{
	const struct net *net = r->base.net;
	const ilane rests = r->base.rests;
	const long kept = lane_any(rests) ? (long)n * r->n : 0;
	memcpy(r->before, p, (size_t)kept * sizeof *p);
	net->type->push(net, row, n, r->d_net, p);
	for (long at = 0; at < kept; at++)
		p[at] = lane_select(rests, r->before[at], p[at]);
}

/* p(0) = 0 in n directions of the fresh lanes, for units and states from number `first` on. */
static void clear(const struct rtrl *r, lane *p, int n, int first, ilane fresh)
{
	for (; n > 0; n--, p += r->n)
		for (int k = first; k < r->n; k++)
			p[k] = lane_masked(~fresh, p[k]);
}

/* p of directions at ... at + n - 1 of connection i, one step on, to that of x and row; fresh: lanes in which p is 0 before, whatever
   stands there. */
static void step_batch(struct rtrl *r, int i, int at, int n, const struct frame *x, const lane *row, ilane fresh)
{
	const struct net *net = r->base.net;
	lane *const p = r->p[i] + (long)at * r->n;
	const bool any = lane_any(fresh);
	if (any) /* the activations' part is read by recur only, unless lanes rest */
		clear(r, p, n, lane_any(r->base.rests) ? 0 : net->hidden, fresh);
	if (r->recurrent) {
		const struct connection *c = r->recurrent;
		const lane *const w = (const lane *)(net->w + c->offset);
		if (any)
			recur_fresh(w, c->rows, p + c->first, r->n, &fresh, r->d_net, net->hidden, n);
		else
			recur_all(w, c->rows, p + c->first, r->n, r->d_net, net->hidden, n);
	} else {
		memset(r->d_net, 0, (size_t)(n * net->hidden) * sizeof *r->d_net);
	}
	add_sources(net, &net->to_hidden[i], x, row, r->d_net, at, n);
	push(r, row, n, p);
}

static void touch(struct rtrl *r, int i, const struct frame *x)
{
	for (int l = 0; l < LANES; l++)
		r->touched[i][(int)x->index[l] * r->base.net->to_hidden[i].cols / r->batch[i]] |= 1u << l;
}

/* n steps of all that connection i has touched; what a step touches moves with it. */
static void observe_touched(struct rtrl *r, int i, const struct frames *frames, long from, long n)
{
	const struct net *net = r->base.net;
	for (long k = 0; k < n; k++) {
		const struct frame x = frames_at(frames, from + k);
		touch(r, i, &x);
		for (int at = 0, some; (some = batch_from(r, i, &at, r->batch[i])); at += some)
			step_batch(r, i, at, some, &x, net_row(net, net->row - n + 1 + k), ilane_set(0));
	}
}

/* n steps, batch by batch, whose p stay in the nearest cache. */
static void observe_all(struct rtrl *r, int i, const struct frames *frames, long from, long n)
{
	const struct net *net = r->base.net;
	for (int at = 0, some; (some = batch_from(r, i, &at, r->batch[i])); at += some) {
		for (long k = 0; k < n; k++) {
			const struct frame x = frames_at(frames, from + k);
			step_batch(r, i, at, some, &x, net_row(net, net->row - n + 1 + k), k ? ilane_set(0) : r->fresh);
		}
	}
}

static void rtrl_observe(struct rule *rule, const struct frames *frames, long at, long n)
{
	struct rtrl *r = self(rule);
	changes_touch(&r->base.changes, frames, at, n);
	for (int i = 0; i < rule->net->to_hidden_n; i++)
		(r->touched[i] ? observe_touched : observe_all)(r, i, frames, at, n);
	r->fresh = ilane_set(0);
	if (rule->o.update == UPDATE_LATE)
		changes_apply(&r->base.changes, ilane_set(-1));
}

/* Dw_jm += sum_k e_k p^k_jm for n weights of c, number `at` and on; w: the first of c, all: how many c has */
LANE_INLINE void change_block(const struct rtrl *r, const struct connection *c, const lane *p, double *w, int all, ilane learns, int at,
			      const int n)
{
	const struct net *net = r->base.net;
	lane d[8];
	LANE_UNROLL
	for (int i = 0; i < n; i++)
		d[i] = lane_set(0.0);
	p += (long)at * r->n + net->seen_first;
	for (int v = 0; v < net->seen_n; v++)
		LANE_UNROLL
	for (int i = 0; i < n; i++)
		d[i] = lane_fma(r->e_y[v], p[i * r->n + v], d[i]);
	if (c->local) {
		connect_add_rows(w + at, ilane_number() * all, n, d, learns);
		return;
	}
	lane *const to = (lane *)w + at;
	LANE_UNROLL
	for (int i = 0; i < n; i++)
		to[i] = lane_select(learns, to[i] + d[i], to[i]);
}

/* The same for all weights of connection i. */
static void change(struct rtrl *r, int i, double *w, ilane learns)
{
	const struct connection *c = &r->base.net->to_hidden[i];
	const int all = directions(c);
	for (int at = 0, n; (n = batch_from(r, i, &at, r->touched[i] ? r->batch[i] : all)); at += n) {
#define CALL(first, some) change_block(r, c, r->p[i], w + c->offset, all, learns, at + (first), some)
		CONNECT_BLOCKS(CALL, n);
#undef CALL
	}
}

/* The targets take the outputs' place for the units that see them at the next step; what they are no longer moves with weights. */
static void force(struct rtrl *r, const struct lesson *lesson)
{
	struct net *net = r->base.net;
	for (int k = 0; k < net->out; k++) {
		lane *const y = &net->y[net->seen_first + k];
		*y = lane_select(lesson->learns, lesson->target[k], *y);
	}
	for (int i = 0; i < net->to_hidden_n; i++) {
		lane *p = r->p[i] + net->seen_first;
		for (int at = 0; at < directions(&net->to_hidden[i]); at++, p += r->n)
			for (int v = 0; v < net->seen_n; v++)
				p[v] = lane_masked(~lesson->learns, p[v]);
	}
}

static void rtrl_teach(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson)
{
	struct rtrl *r = self(rule);
	struct net *net = rule->net;
	double *const w = changes_to(&r->base.changes);
	changes_outputs(&r->base.changes, x, e, lesson, r->e_y);
	if (rule->o.cell_errors)
		for (int v = 0; v < net->seen_n; v++)
			r->e_y[v] = lane_masked(lesson->last, r->e_y[v]);
	for (int i = 0; i < net->to_hidden_n; i++)
		change(r, i, w, lesson->learns);
	if (rule->o.forcing)
		force(r, lesson);
}

static void rtrl_finish(struct rule *rule, ilane lanes)
{
	struct rtrl *r = self(rule);
	if (r->base.changes.pending)
		changes_apply(&r->base.changes, lanes);
}

const struct rule_type rule_rtrl = {
    .name = "rtrl",
    .summary = "full gradient, forwards: how all units move with all weights (Williams and Zipser 1989)",
    .needs = NET_JACOBIAN,
    .forces = true,
    .size = sizeof(struct rtrl),
    .check = rtrl_check,
    .prepare = rtrl_prepare,
    .release = rtrl_release,
    .reset = rtrl_reset,
    .observe = rtrl_observe,
    .teach = rtrl_teach,
    .finish = rtrl_finish,
};
