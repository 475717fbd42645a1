/* truncated.c: the truncated gradient of 1997 (appendix A.1, eq. 19-28), by forward traces.
   Does: keep dS_v[m] = ds_v(t)/dw_jm for every pair (unit j, cell v) of the network; O(W) per step and in memory,
   independent of sequence length; only the rows of inputs that were active are touched.
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
	int pairs; /* pairs whose unit this connection reaches: the first ones */
	double *s;
};

struct truncated {
	struct rule base;
	struct trace trace[3];
	lane *e_direct, *e_s, *e_pair; /* (direct_n), (cells), (pairs) */
	double *pending;               /* changes not made yet, as net.w; NULL when weights change at every step */
	/* Rows of local inputs that were active in a lane's sequence so far: */
	int *touched; /* (LANES, in) */
	int touched_n[LANES];
	unsigned char *is_touched; /* (LANES, in) */
	bool local;
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
		while (t->trace[i].pairs < net->pairs && net->pair_unit[t->trace[i].pairs] < c->cols)
			t->trace[i].pairs++;
		t->trace[i].s = memory_zeroed((size_t)c->rows * (size_t)t->trace[i].pairs * LANES, sizeof(double));
		t->local |= c->local;
	}
	t->e_direct = memory_zeroed((size_t)net->direct_n, sizeof(lane));
	t->e_s = memory_zeroed((size_t)net->cells, sizeof(lane));
	t->e_pair = memory_zeroed((size_t)net->pairs, sizeof(lane));
	t->touched = memory_zeroed((size_t)net->in * LANES, sizeof *t->touched);
	t->is_touched = memory_zeroed((size_t)net->in * LANES, 1);
	if (rule->o.update != UPDATE_STEP)
		t->pending = memory_zeroed(net->size, sizeof *t->pending);
}

static void truncated_release(struct rule *rule)
{
	struct truncated *t = self(rule);
	for (int i = 0; i < rule->net->to_hidden_n; i++)
		free(t->trace[i].s);
	free(t->e_direct);
	free(t->e_s);
	free(t->e_pair);
	free(t->pending);
	free(t->touched);
	free(t->is_touched);
}

/* Row m of a lane's own matrix of `cols` columns. */
static double *local_row(double *base, const struct connection *c, int cols, int l, int m)
{
	return base + ((long)l * c->rows + m) * cols;
}

static void truncated_reset(struct rule *rule, int l)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	const int *touched = t->touched + (long)l * net->in;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const int pairs = t->trace[i].pairs;
		double *s = t->trace[i].s;
		if (c->local)
			for (int n = 0; n < t->touched_n[l]; n++)
				memset(local_row(s, c, pairs, l, touched[n]), 0, (size_t)pairs * sizeof *s);
		else
			for (int n = 0; n < c->rows * pairs; n++)
				s[(long)n * LANES + l] = 0.0;
	}
	for (int n = 0; n < t->touched_n[l]; n++)
		t->is_touched[(long)l * net->in + touched[n]] = 0;
	t->touched_n[l] = 0;
}

static void touch(struct truncated *t, int in, ilane index)
{
	for (int l = 0; l < LANES; l++) {
		const long at = (long)l * in + index[l];
		if (!t->is_touched[at]) {
			t->is_touched[at] = 1;
			t->touched[(long)l * in + t->touched_n[l]++] = (int)index[l];
		}
	}
}

/* w += pending and pending = 0 for the lanes in mask. */
static void apply_pending(struct truncated *t, const struct connection *c, int n, ilane mask)
{
	struct net *net = t->base.net;
	for (int i = 0; i < n; i++) {
		double *w = net->w + c[i].offset, *p = t->pending + c[i].offset;
		if (!c[i].local) {
			for (int at = 0; at < c[i].rows * c[i].cols; at++) {
				lane *wl = (lane *)w + at, *pl = (lane *)p + at;
				*wl += lane_masked(mask, *pl);
				*pl = lane_masked(~mask, *pl);
			}
			continue;
		}
		for (int l = 0; l < LANES; l++)
			for (int r = 0; mask[l] && r < t->touched_n[l]; r++) {
				const int m = t->touched[(long)l * net->in + r];
				double *wr = local_row(w, &c[i], c[i].cols, l, m), *pr = local_row(p, &c[i], c[i].cols, l, m);
				for (int j = 0; j < c[i].cols; j++) {
					wr[j] += pr[j];
					pr[j] = 0.0;
				}
			}
	}
}

static void apply_all_pending(struct truncated *t, ilane mask)
{
	const struct net *net = t->base.net;
	apply_pending(t, net->to_hidden, net->to_hidden_n, mask);
	apply_pending(t, net->to_output, net->to_output_n, mask);
}

static void truncated_observe(struct rule *rule, const struct frame *x)
{
	struct truncated *t = self(rule);
	const struct net *net = rule->net;
	if (t->local)
		touch(t, net->in, x->index);
	/* dS_in[m] += g f'(net_in) y_m (eq. 25), dS_c[m] += g' y_in y_m (eq. 27) */
	for (int i = 0; i < net->to_hidden_n; i++)
		connect_outer(&net->to_hidden[i], t->trace[i].s, t->trace[i].pairs, x, net->factor);
	if (rule->o.update == UPDATE_LATE)
		apply_all_pending(t, ilane_set(-1));
}

/* w_jm += e_j y_m for columns first ... first + n - 1 of c (eq. 22) */
static void change_direct(const struct connection *c, double *w, const struct frame *x, int first, int n, const lane *e, ilane learns)
{
	w += c->offset;
	if (!c->local) {
		const lane *z = c->source == SOURCE_INPUT ? x->value : c->from;
		for (int m = 0; m < c->rows; m++) {
			lane *row = (lane *)w + (long)m * c->cols + first;
			for (int j = 0; j < n; j++)
				row[j] = lane_select(learns, lane_fma(e[j], z[m], row[j]), row[j]);
		}
		return;
	}
	for (int l = 0; l < LANES; l++) {
		double *row = local_row(w, c, c->cols, l, (int)x->index[l]) + first;
		for (int j = 0; learns[l] && j < n; j++)
			row[j] += e[j][l];
	}
}

/* As below, for the touched rows of lane l. */
static void change_rows(const struct truncated *t, const struct connection *c, const struct trace *trace, double *w, int l)
{
	const struct net *net = t->base.net;
	const int pairs = trace->pairs, cols = c->cols, *touched = t->touched + (long)l * net->in;
	double *wl = local_row(w, c, cols, l, 0);
	const double *sl = local_row(trace->s, c, pairs, l, 0);
	for (int k = 0; k < pairs; k++) {
		const double e = t->e_pair[k][l];
		const int j = net->pair_unit[k];
		if (e != 0.0)
			for (int r = 0; r < t->touched_n[l]; r++)
				wl[touched[r] * cols + j] = __builtin_fma(e, sl[touched[r] * pairs + k], wl[touched[r] * cols + j]);
	}
}

/* w_jm += e_s dS_v[m] over all pairs (j, v) (eq. 26, 28) */
static void change_traced(const struct truncated *t, const struct connection *c, const struct trace *trace, double *w, ilane learns)
{
	const struct net *net = t->base.net;
	w += c->offset;
	if (!c->local) {
		for (int m = 0; m < c->rows; m++) {
			lane *row = (lane *)w + (long)m * c->cols;
			const lane *s = (const lane *)trace->s + (long)m * trace->pairs;
			for (int k = 0; k < trace->pairs; k++)
				row[net->pair_unit[k]] =
				    lane_select(learns, lane_fma(t->e_pair[k], s[k], row[net->pair_unit[k]]), row[net->pair_unit[k]]);
		}
		return;
	}
	for (int l = 0; l < LANES; l++)
		if (learns[l] && t->touched_n[l])
			change_rows(t, c, trace, w, l);
}

static void truncated_teach(struct rule *rule, const struct frame *x, const lane *e, const struct lesson *lesson)
{
	struct truncated *t = self(rule);
	struct net *net = rule->net;
	double *w = t->pending ? t->pending : net->w;

	net->type->errors(net, e, t->e_direct, t->e_s);
	if (rule->o.cell_errors) {
		for (int j = 0; j < net->direct_n; j++)
			t->e_direct[j] = lane_masked(lesson->last, t->e_direct[j]);
		for (int v = 0; v < net->cells; v++)
			t->e_s[v] = lane_masked(lesson->last, t->e_s[v]);
	}
	for (int k = 0; k < net->pairs; k++)
		t->e_pair[k] = t->e_s[net->pair_cell[k]];

	for (int i = 0; i < net->to_output_n; i++)
		change_direct(&net->to_output[i], w, x, 0, net->out, e, lesson->learns);
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		change_traced(t, c, &t->trace[i], w, lesson->learns);
		if (net->direct_n && net->direct_first < c->cols)
			change_direct(c, w, x, net->direct_first, net->direct_n, t->e_direct, lesson->learns);
	}
}

static void truncated_finish(struct rule *rule, int l)
{
	struct truncated *t = self(rule);
	ilane mask = {0};
	mask[l] = -1;
	if (t->pending)
		apply_all_pending(t, mask);
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
