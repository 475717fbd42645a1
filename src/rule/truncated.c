/* truncated.c: the truncated gradient of 1997 (appendix A.1, eq. 19-28), by forward traces.
   Does: keep dS_v[m] = ds_v(t)/dw_jm for every pair (unit j, cell v) of the network; O(W) per step and in memory,
   independent of sequence length; only the rows of inputs that were active are touched. Where states decay (forget gates,
   Gers, Schmidhuber and Cummins 2000) the traces decay with them.
   Does not: follow errors out of a cell into earlier activations; that is the truncation.

   Errors e come in with the learning rate a already multiplied in. Lanes that do not learn at a step are left alone by
   selection, not by a zero error: a zero times an overflown trace is not a number. */
#include "base/memory.h"
#include "net/connect.h"
#include "rule/rule.h"

#include <stdlib.h>

/* Traces of one connection to the hidden layer: (rows, pairs), laid out as the weights are. */
struct trace {
	int first, pairs; /* pairs whose unit this connection reaches: from `first` on */
	double *s;
};

/* A pair that has an error in a lane. */
struct taught_pair {
	double e;
	int k, j; /* its place in a row of traces, and that of its unit in a row of weights */
};

struct truncated {
	struct rule base;
	struct trace trace[TO_HIDDEN_MAX];
	ilane fresh; /* lanes whose sequence begins: their traces that are not of local inputs are 0, whatever stands there */
	lane *e_seen, *e_direct, *e_s, *e_pair; /* (seen_n), (direct_n), (cells), (pairs) */
	struct taught_pair *taught;             /* (pairs) of one lane */
};

static struct truncated *self(struct rule *rule)
{
	return (struct truncated *)rule;
}

static void truncated_prepare(struct rule *rule)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		struct trace *trace = &t->trace[i];
		while (trace->first < net->pairs && net->pair_unit[trace->first] < c->to)
			trace->first++;
		while (trace->first + trace->pairs < net->pairs && net->pair_unit[trace->first + trace->pairs] < c->to + c->cols)
			trace->pairs++;
		trace->s = memory_zeroed((size_t)c->rows * (size_t)trace->pairs * LANES, sizeof(double));
	}
	t->e_seen = memory_zeroed((size_t)net->seen_n, sizeof(lane));
	t->e_direct = memory_zeroed((size_t)net->direct_n, sizeof(lane));
	t->e_s = memory_zeroed((size_t)net->cells, sizeof(lane));
	t->e_pair = memory_zeroed((size_t)net->pairs, sizeof(lane));
	t->taught = memory_zeroed((size_t)net->pairs, sizeof *t->taught);
	changes_prepare(&t->base.changes, rule->net, rule->o.update != UPDATE_STEP, &rule->o.optimizer, rule->o.rate, rule->o.slope_offset);
}

static void truncated_release(struct rule *rule)
{
	struct truncated *t = self(rule);
	for (int i = 0; i < rule->net->to_hidden_n; i++)
		free(t->trace[i].s);
	free(t->e_seen);
	free(t->e_direct);
	free(t->e_s);
	free(t->e_pair);
	free(t->taught);
	changes_release(&t->base.changes);
}

/* The traces of local inputs become 0 now, the others with the step that reads them. */
static void truncated_reset(struct rule *rule, int l, long length)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	const int *touched = changes_touched(&t->base.changes, l);
	(void)length;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const int pairs = t->trace[i].pairs;
		for (int n = 0; c->local && n < t->base.changes.touched_n[l]; n++)
			row_clear(changes_row(t->trace[i].s, c, pairs, l, touched[n]), pairs);
	}
	t->fresh[l] = -1;
	changes_reset(&t->base.changes, l);
}

/* ---- traces of local inputs ---- */

/* dS_v[m] *= ds_v(t)/ds_v(t-1), for the touched rows; decay: (cells) */
static void decay_rows(const struct truncated *t, const struct connection *c, const struct trace *trace, const lane *decay)
{
	const int *cell = t->base.net->pair_cell + trace->first;
	for (int l = 0; l < LANES; l++)
		for (int r = 0; r < t->base.changes.touched_n[l]; r++) {
			double *s = changes_row(trace->s, c, trace->pairs, l, changes_touched(&t->base.changes, l)[r]);
			for (int k = 0; k < trace->pairs; k++) {
				const double d = s[k] * decay[cell[k]][l];
				s[k] = __builtin_fabs(d) < 1e-280 ? 0.0 : d; /* as lane_flushed */
			}
		}
}

/* What n steps do to traces of local inputs; row: of the first. */
static void observe_local(struct truncated *t, const struct connection *c, const struct trace *trace, const struct frames *frames, long at,
			  long n, const lane *row)
{
	const struct net *net = t->base.net;
	for (const long end = at + n; at < end; at++, row += net->row_n)
		connect_add_rows(trace->s, connect_rows(c->rows, trace->pairs, frames->index[at]), trace->pairs,
				 row + net->factor_at + trace->first, ilane_set(-1));
}

/* ---- traces of the others ---- */

/* dS_v[m] over n steps: step after step
     dS_v[m] = dS_v[m] ds_v(t)/ds_v(t-1) + ds_v/dnet_j y_m. */
static void trace_steps(lane *s, int rows, int pairs, const struct outer_steps *o)
{
	connect_outer_steps(s, rows, pairs, o, false, false);
}

static void trace_decaying_steps(lane *s, int rows, int pairs, const struct outer_steps *o)
{
	connect_outer_steps(s, rows, pairs, o, true, false);
}

/* The same where each unit has sources of its own: z of pair k is that of unit j = unit[k]. */
static void trace_own(const struct net *net, const struct connection *c, const struct trace *trace, const lane *row, long n, ilane fresh)
{
	lane *s = (lane *)trace->s;
	for (int m = 0; m < c->rows; m++)
		for (int k = 0; k < trace->pairs; k++, s++) {
			const int pair = trace->first + k, at = c->first + m * c->cols + net->pair_unit[pair] - c->to;
			const lane *y = row;
			lane sum = lane_masked(~fresh, *s);
			for (long i = 0; i < n; i++, y += net->row_n) {
				if (net->decay_at)
					sum = lane_flushed(sum * y[net->decay_at + net->pair_cell[pair]]);
				sum = lane_fma(y[net->factor_at + pair], y[at], sum);
			}
			*s = sum;
		}
}

/* What n steps do to the traces of connection i. */
static void observe_lanes(struct truncated *t, int i, const struct frames *frames, long at, long n, const ilane *fresh)
{
	const struct net *net = t->base.net;
	const struct connection *c = &net->to_hidden[i];
	const struct trace *trace = &t->trace[i];
	const lane *const before = net_row(net, net->row - n), *const row = before + net->row_n;
	if (c->own) {
		trace_own(net, c, trace, row, n, fresh ? *fresh : ilane_set(0));
		return;
	}
	struct outer_steps o = {.factor = row + net->factor_at + trace->first,
				.factor_step = (long)net->row_n,
				.n = n,
				.fresh = fresh,
				.decay = row + net->decay_at,
				.cell = net->pair_cell + trace->first};
	o.z = connect_sources(net, c, frames, at, before, &o.z_step);
	(net->decay_at ? trace_decaying_steps : trace_steps)((lane *)trace->s, c->rows, trace->pairs, &o);
}

/* dS_in[m] += g f'(net_in) y_m (eq. 25), dS_c[m] += g' y_in y_m (eq. 27) */
static void truncated_observe(struct rule *rule, const struct frames *frames, long at, long n)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	struct changes *changes = &t->base.changes;
	const ilane starts = t->fresh;
	t->fresh = ilane_set(0);
	const long at_once = net->decay_at ? 1 : n; /* what decays depends on what has been touched so far */
	for (long k = 0; changes->local && k < n; k += at_once) {
		const lane *const row = net_row(net, net->row - n + 1 + k);
		for (int i = 0; i < net->to_hidden_n && net->decay_at; i++)
			if (net->to_hidden[i].local)
				decay_rows(t, &net->to_hidden[i], &t->trace[i], row + net->decay_at);
		changes_touch(changes, frames, at + k, at_once);
		for (int i = 0; i < net->to_hidden_n; i++)
			if (net->to_hidden[i].local)
				observe_local(t, &net->to_hidden[i], &t->trace[i], frames, at + k, at_once, row);
	}
	for (int i = 0; i < net->to_hidden_n; i++)
		if (!net->to_hidden[i].local)
			observe_lanes(t, i, frames, at, n, lane_any(starts) ? &starts : NULL);
	if (rule->o.update == UPDATE_LATE)
		changes_apply(changes, ilane_set(-1));
}

/* ---- changes ---- */

/* w[m][j] += e s[m][k] for n pairs and the touched rows m of a lane */
LANE_INLINE void change_touched(double *w, long cols, const double *s, long pairs, const struct taught_pair *pair, const int *touched,
				int touched_n, const int n)
{
	double e[4];
	long k[4], j[4];
	LANE_UNROLL
	for (int i = 0; i < n; i++) {
		e[i] = pair[i].e;
		k[i] = pair[i].k;
		j[i] = pair[i].j;
	}
	for (int r = 0; r < touched_n; r++) {
		double *const to = w + touched[r] * cols;
		const double *const from = s + touched[r] * pairs;
		LANE_UNROLL
		for (int i = 0; i < n; i++)
			to[j[i]] = number_fma(e[i], from[k[i]], to[j[i]]);
	}
}

/* As below, for the touched rows of lane l. */
static void change_rows(const struct truncated *t, const struct connection *c, const struct trace *trace, double *w, int l)
{
	const struct changes *changes = &t->base.changes;
	double *const wl = changes_row(w, c, c->cols, l, 0);
	const double *const sl = changes_row(trace->s, c, trace->pairs, l, 0);
	struct taught_pair *const pair = t->taught;
	int n = 0;
	for (int k = 0; k < trace->pairs; k++) {
		const double e = t->e_pair[trace->first + k][l];
		if (e != 0.0)
			pair[n++] = (struct taught_pair){e, k, t->base.net->pair_unit[trace->first + k] - c->to};
	}
#define CALL(first, some)                                                                                                                  \
	change_touched(wl, changes_row_step(c->cols), sl, changes_row_step(trace->pairs), pair + (first), changes_touched(changes, l),     \
		       changes->touched_n[l], some)
	CONNECT_FOURS(CALL, n);
#undef CALL
}

/* w[m][unit[k]] += e[k] s[m][k] in the lanes of mask, for n pairs k */
LANE_INLINE void change_block(lane *w, int cols, const int *unit, const lane *s, int pairs, int rows, const lane *e, ilane mask,
			      const int n)
{
	lane e_k[8];
	long j[8];
	LANE_UNROLL
	for (int k = 0; k < n; k++) {
		e_k[k] = e[k];
		j[k] = unit[k];
	}
	for (; rows > 0; rows--, w += cols, s += pairs)
		LANE_UNROLL
	for (int k = 0; k < n; k++)
		w[j[k]] = lane_fma_where(mask, e_k[k], s[k], w[j[k]]);
}

/* w_jm += e_s dS_v[m] over all pairs (j, v) (eq. 26, 28) */
static void change_traced(const struct truncated *t, const struct connection *c, const struct trace *trace, double *w, ilane learns)
{
	const int *unit = t->base.net->pair_unit + trace->first;
	const lane *e = t->e_pair + trace->first;
	w += c->offset;
	if (!c->local) {
		lane *const to = (lane *)w - c->to;
		const lane *const from = (const lane *)trace->s;
#define CALL(first, n) change_block(to, c->cols, unit + (first), from + (first), trace->pairs, c->rows, e + (first), learns, n)
		CONNECT_BLOCKS(CALL, trace->pairs);
#undef CALL
		return;
	}
	for (int l = 0; l < LANES; l++)
		if (learns[l] && t->base.changes.touched_n[l])
			change_rows(t, c, trace, w, l);
}

static void truncated_teach(struct rule *rule, const struct frame *x, const lane *e, struct lesson *lesson)
{
	struct truncated *t = self(rule);
	struct net *net = rule->net;
	double *w = changes_to(&t->base.changes);

	changes_outputs(&t->base.changes, x, e, lesson, t->e_seen);
	net->type->errors(net, t->e_seen, t->e_direct, t->e_s);
	if (rule->o.cell_errors) {
		for (int j = 0; j < net->direct_n; j++)
			t->e_direct[j] = lane_masked(lesson->last, t->e_direct[j]);
		for (int v = 0; v < net->cells; v++)
			t->e_s[v] = lane_masked(lesson->last, t->e_s[v]);
	}
	for (int k = 0; k < net->pairs; k++)
		t->e_pair[k] = t->e_s[net->pair_cell[k]];

	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		change_traced(t, c, &t->trace[i], w, lesson->learns);
		if (net->direct_n && net->direct_first >= c->to && net->direct_first < c->to + c->cols)
			changes_outer(c, w, x, connect_source(net, c, x, net->y, net->y_before), net->direct_first - c->to, net->direct_n,
				      t->e_direct, lesson->learns);
	}
}

static void truncated_finish(struct rule *rule, ilane lanes)
{
	struct truncated *t = self(rule);
	if (t->base.changes.pending)
		changes_apply(&t->base.changes, lanes);
}

const struct rule_type rule_truncated = {
    .name = "truncated",
    .summary = "the paper's rule: errors stay in the cells (A.1, eq. 19-28); forward traces, O(W)",
    .needs = NET_TRACES,
    .size = sizeof(struct truncated),
    .prepare = truncated_prepare,
    .release = truncated_release,
    .reset = truncated_reset,
    .observe = truncated_observe,
    .teach = truncated_teach,
    .finish = truncated_finish,
};
