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
#include <string.h>

/* Traces of one connection to the hidden layer: (rows, pairs), laid out as the weights are. */
struct trace {
	int first, pairs; /* pairs whose unit this connection reaches: from `first` on */
	double *s;
};

struct truncated {
	struct rule base;
	struct trace trace[TO_HIDDEN_MAX];
	lane *e_seen, *e_direct, *e_s, *e_pair; /* (seen_n), (direct_n), (cells), (pairs) */
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
	changes_prepare(&t->base.changes, rule->net, rule->o.update != UPDATE_STEP, &rule->o.optimizer, rule->o.rate);
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
	changes_release(&t->base.changes);
}

static void truncated_reset(struct rule *rule, int l, long length)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	const int *touched = t->base.changes.touched + (long)l * net->in;
	(void)length;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const int pairs = t->trace[i].pairs;
		double *s = t->trace[i].s;
		if (c->local)
			for (int n = 0; n < t->base.changes.touched_n[l]; n++)
				memset(changes_row(s, c, pairs, l, touched[n]), 0, (size_t)pairs * sizeof *s);
		else
			for (int n = 0; n < c->rows * pairs; n++)
				s[(long)n * LANES + l] = 0.0;
	}
	changes_reset(&t->base.changes, l);
}

/* dS_v[m] *= ds_v(t)/ds_v(t-1), for the touched rows */
static void decay(const struct truncated *t, const struct connection *c, const struct trace *trace)
{
	const struct net *net = t->base.net;
	const int *cell = net->pair_cell + trace->first;
	if (!c->local) {
		lane *s = (lane *)trace->s;
		for (int m = 0; m < c->rows; m++, s += trace->pairs)
			for (int k = 0; k < trace->pairs; k++)
				s[k] = lane_flushed(s[k] * net->decay[cell[k]]);
		return;
	}
	for (int l = 0; l < LANES; l++)
		for (int r = 0; r < t->base.changes.touched_n[l]; r++) {
			double *s = changes_row(trace->s, c, trace->pairs, l, t->base.changes.touched[(long)l * net->in + r]);
			for (int k = 0; k < trace->pairs; k++) {
				const double d = s[k] * net->decay[cell[k]][l];
				s[k] = __builtin_fabs(d) < 1e-280 ? 0.0 : d; /* as lane_flushed */
			}
		}
}

/* dS_v[m] += ds_v/dnet_j y_m where each unit has sources of its own */
static void trace_own(const struct net *net, const struct connection *c, const struct trace *trace)
{
	lane *s = (lane *)trace->s;
	for (int m = 0; m < c->rows; m++, s += trace->pairs)
		for (int k = 0; k < trace->pairs; k++) {
			const int pair = trace->first + k, at = m * c->cols + net->pair_unit[pair] - c->to;
			s[k] = lane_fma(net->factor[pair], c->from[at], s[k]);
		}
}

static void truncated_observe(struct rule *rule, const struct frame *x)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	for (int i = 0; i < net->to_hidden_n && net->decay; i++)
		decay(t, &net->to_hidden[i], &t->trace[i]);
	changes_touch(&t->base.changes, x);
	/* dS_in[m] += g f'(net_in) y_m (eq. 25), dS_c[m] += g' y_in y_m (eq. 27) */
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const struct trace *trace = &t->trace[i];
		if (c->own)
			trace_own(net, c, trace);
		else
			connect_outer(c, trace->s, trace->pairs, x, connect_source(c, x), net->factor + trace->first);
	}
	if (rule->o.update == UPDATE_LATE)
		changes_apply(&t->base.changes, ilane_set(-1));
}

/* As below, for the touched rows of lane l. */
static void change_rows(const struct truncated *t, const struct connection *c, const struct trace *trace, double *w, int l)
{
	const struct net *net = t->base.net;
	const int pairs = trace->pairs, cols = c->cols, *touched = t->base.changes.touched + (long)l * net->in;
	double *wl = changes_row(w, c, cols, l, 0);
	const double *sl = changes_row(trace->s, c, pairs, l, 0);
	for (int k = 0; k < pairs; k++) {
		const double e = t->e_pair[trace->first + k][l];
		const int j = net->pair_unit[trace->first + k] - c->to;
		if (e != 0.0)
			for (int r = 0; r < t->base.changes.touched_n[l]; r++)
				wl[touched[r] * cols + j] = __builtin_fma(e, sl[touched[r] * pairs + k], wl[touched[r] * cols + j]);
	}
}

/* w_jm += e_s dS_v[m] over all pairs (j, v) (eq. 26, 28) */
static void change_traced(const struct truncated *t, const struct connection *c, const struct trace *trace, double *w, ilane learns)
{
	const int *unit = t->base.net->pair_unit + trace->first;
	const lane *e = t->e_pair + trace->first;
	w += c->offset;
	if (!c->local) {
		for (int m = 0; m < c->rows; m++) {
			lane *row = (lane *)w + (long)m * c->cols - c->to;
			const lane *s = (const lane *)trace->s + (long)m * trace->pairs;
			for (int k = 0; k < trace->pairs; k++)
				row[unit[k]] = lane_select(learns, lane_fma(e[k], s[k], row[unit[k]]), row[unit[k]]);
		}
		return;
	}
	for (int l = 0; l < LANES; l++)
		if (learns[l] && t->base.changes.touched_n[l])
			change_rows(t, c, trace, w, l);
}

static void truncated_teach(struct rule *rule, const struct frame *x, const lane *e, const struct lesson *lesson)
{
	struct truncated *t = self(rule);
	struct net *net = rule->net;
	double *w = changes_to(&t->base.changes);

	changes_outputs(&t->base.changes, x, e, t->e_seen, lesson->learns);
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
			changes_outer(c, w, x, connect_source(c, x), net->direct_first - c->to, net->direct_n, t->e_direct, lesson->learns);
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
