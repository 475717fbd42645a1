/* rtrl.c: real-time recurrent learning (Robinson and Fallside 1987; Williams and Zipser 1989), the full gradient forwards.
   Does: keep how every activation y_k and state s_v moves with every weight to the hidden layer, p^k_jm = dy_k/dw_jm; on-line
   (weights change at every step) or off-line (after the sequence, then it is exactly bptt); teacher forcing. O(W n^2) per
   step for n recurrent units, O(W n) in memory, independent of sequence length. Rows of local inputs that no lane's sequence
   has touched cost nothing.
   Does not: keep a history.

   dnet_k = sum_l w_kl p^l_jm(t-1) + [k = j] z_m, then the net's Jacobian: p^k = f'(net_k) dnet_k for conventional units. */
#include "base/memory.h"
#include "net/connect.h"
#include "rule/change.h"
#include "rule/rule.h"

#include <stdlib.h>

struct rtrl {
	struct rule base;
	struct changes changes;
	const struct connection *recurrent; /* hidden<-hidden; NULL: none */
	int n;                              /* hidden + cells */
	lane *p[3];                         /* per connection to the hidden layer: (rows, cols, n) */
	lane *d_net;                        /* (cols, hidden) of one row */
	lane *e_y;                          /* (seen_n) */
	/* Rows of local inputs that the running sequence of some lane has touched: */
	int *rows; /* (in) */
	int rows_n;
	int *users; /* (in): lanes that have touched it */
};

static struct rtrl *self(struct rule *rule)
{
	return (struct rtrl *)rule;
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
	r->n = net->hidden + net->cells;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		if (c->source == SOURCE_RECURRENT)
			r->recurrent = c;
		r->p[i] = memory_zeroed((size_t)(c->rows * c->cols) * (size_t)r->n, sizeof(lane));
	}
	r->d_net = memory_zeroed((size_t)(net->hidden * net->hidden), sizeof(lane));
	r->e_y = memory_zeroed((size_t)net->seen_n, sizeof(lane));
	r->rows = memory_zeroed((size_t)net->in, sizeof *r->rows);
	r->users = memory_zeroed((size_t)net->in, sizeof *r->users);
	changes_prepare(&r->changes, rule->net, rule->o.update != UPDATE_STEP);
}

static void rtrl_release(struct rule *rule)
{
	struct rtrl *r = self(rule);
	for (int i = 0; i < rule->net->to_hidden_n; i++)
		free(r->p[i]);
	free(r->d_net);
	free(r->e_y);
	free(r->rows);
	free(r->users);
	changes_release(&r->changes);
}

/* Rows of a connection whose p are not all zero: row number i of *n. */
static int row_of(const struct rtrl *r, const struct connection *c, int i)
{
	return c->local ? r->rows[i] : i;
}

static int rows_of(const struct rtrl *r, const struct connection *c)
{
	return c->local ? r->rows_n : c->rows;
}

static void zero(struct rtrl *r, int i, int m, int l)
{
	const int n = r->base.net->to_hidden[i].cols * r->n;
	double *p = (double *)(r->p[i] + (long)m * n) + l;
	for (int at = 0; at < n; at++)
		p[(long)at * LANES] = 0.0;
}

/* p(0) = 0. The rows of local inputs follow when they are touched. */
static void rtrl_reset(struct rule *rule, int l, long length)
{
	struct rtrl *r = self(rule);
	const struct net *net = rule->net;
	(void)length;
	for (int i = 0; i < net->to_hidden_n; i++)
		for (int m = 0; !net->to_hidden[i].local && m < net->to_hidden[i].rows; m++)
			zero(r, i, m, l);
	const int *touched = r->changes.touched + (long)l * net->in;
	for (int k = 0; k < r->changes.touched_n[l]; k++)
		r->users[touched[k]]--;
	changes_reset(&r->changes, l);
	int kept = 0;
	for (int k = 0; k < r->rows_n; k++)
		if (r->users[r->rows[k]])
			r->rows[kept++] = r->rows[k];
	r->rows_n = kept;
}

static void touch(struct rtrl *r, const struct frame *x)
{
	const struct net *net = r->base.net;
	int before[LANES];
	if (!r->changes.local)
		return;
	for (int l = 0; l < LANES; l++)
		before[l] = r->changes.touched_n[l];
	changes_touch(&r->changes, x);
	for (int l = 0; l < LANES; l++) {
		const int m = (int)x->index[l];
		if (r->changes.touched_n[l] == before[l])
			continue;
		if (r->users[m]++ == 0)
			r->rows[r->rows_n++] = m;
		for (int i = 0; i < net->to_hidden_n; i++)
			if (net->to_hidden[i].local)
				zero(r, i, m, l);
	}
}

static void rtrl_observe(struct rule *rule, const struct frame *x)
{
	struct rtrl *r = self(rule);
	const struct net *net = rule->net;
	const lane *const w = r->recurrent ? (const lane *)(net->w + r->recurrent->offset) : NULL;
	touch(r, x);
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const lane *z = connect_source(c, x);
		for (int k = 0; k < rows_of(r, c); k++) {
			const int m = row_of(r, c, k);
			lane *const p = r->p[i] + (long)m * c->cols * r->n;
			const lane z_m = c->local ? lane_masked(x->index == (int64_t)m, lane_set(1.0)) : z[m];
			for (int j = 0; j < c->cols; j++) {
				lane *const d_net = r->d_net + (long)j * net->hidden;
				for (int h = 0; h < net->hidden; h++)
					d_net[h] = lane_set(0.0);
				if (r->recurrent)
					connect_net_from(r->recurrent, w, p + (long)j * r->n, d_net);
				d_net[j] += z_m;
			}
			net->type->push(net, c->cols, r->d_net, p);
			for (int at = 0; at < c->cols * r->n; at++)
				p[at] = lane_flushed(p[at]);
		}
	}
	if (rule->o.update == UPDATE_LATE)
		changes_apply(&r->changes, ilane_set(-1));
}

/* Dw_jm += sum_k e_k p^k_jm */
static void change(const struct rtrl *r, int i, double *w, ilane learns)
{
	const struct net *net = r->base.net;
	const struct connection *c = &net->to_hidden[i];
	for (int k = 0; k < rows_of(r, c); k++) {
		const int m = row_of(r, c, k);
		for (int j = 0; j < c->cols; j++) {
			const lane *const p = r->p[i] + ((long)m * c->cols + j) * r->n + net->seen_first;
			lane d = lane_set(0.0);
			for (int v = 0; v < net->seen_n; v++)
				d = lane_fma(r->e_y[v], p[v], d);
			if (c->local) {
				for (int l = 0; l < LANES; l++)
					if (learns[l] && r->changes.is_touched[(long)l * net->in + m])
						changes_row(w + c->offset, c, c->cols, l, m)[j] += d[l];
			} else {
				lane *const to = (lane *)(w + c->offset) + (long)m * c->cols + j;
				*to = lane_select(learns, *to + d, *to);
			}
		}
	}
}

/* The targets take the outputs' place for the units that see them at the next step; what they are no longer moves with weights. */
static void force(struct rtrl *r, const struct lesson *lesson)
{
	struct net *net = r->base.net;
	for (int k = 0; k < net->out; k++) {
		lane *const y = &net->y[net->seen_first + k];
		*y = lane_select(lesson->learns, lane_masked(lesson->line == (int64_t)k, lesson->target), *y);
	}
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		for (int k = 0; k < rows_of(r, c); k++)
			for (int j = 0; j < c->cols; j++) {
				lane *const p = r->p[i] + ((long)row_of(r, c, k) * c->cols + j) * r->n + net->seen_first;
				for (int v = 0; v < net->seen_n; v++)
					p[v] = lane_masked(~lesson->learns, p[v]);
			}
	}
}

static void rtrl_teach(struct rule *rule, const struct frame *x, const lane *e, const struct lesson *lesson)
{
	struct rtrl *r = self(rule);
	struct net *net = rule->net;
	double *const w = changes_to(&r->changes);
	net_seen_errors(net, e, r->e_y);
	if (rule->o.cell_errors)
		for (int v = 0; v < net->seen_n; v++)
			r->e_y[v] = lane_masked(lesson->last, r->e_y[v]);
	for (int i = 0; i < net->to_output_n; i++) {
		const struct connection *c = &net->to_output[i];
		changes_outer(c, w, x, connect_source(c, x), 0, net->out, e, lesson->learns);
	}
	for (int i = 0; i < net->to_hidden_n; i++)
		change(r, i, w, lesson->learns);
	if (rule->o.forcing)
		force(r, lesson);
}

static void rtrl_finish(struct rule *rule, ilane lanes)
{
	struct rtrl *r = self(rule);
	if (r->changes.pending)
		changes_apply(&r->changes, lanes);
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
