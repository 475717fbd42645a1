/* change.c: see change.h. */
#include "rule/change.h"

#include "base/memory.h"
#include "net/connect.h"

#include <stdlib.h>

void changes_prepare(struct changes *c, struct net *net, bool pending, const struct optimizer_options *o, double rate)
{
	*c = (struct changes){.net = net};
	for (int i = 0; i < net->to_hidden_n; i++)
		c->local |= net->to_hidden[i].local;
	for (int i = 0; i < net->to_output_n; i++)
		c->local |= net->to_output[i].local;
	c->touched = memory_zeroed((size_t)net->in * LANES, sizeof *c->touched);
	c->is_touched = memory_zeroed((size_t)net->in * LANES, 1);
	if (pending)
		c->pending = memory_zeroed(net->size, sizeof *c->pending);
	if (o && optimizer_used(o)) {
		c->optimizer = memory_zeroed(1, sizeof *c->optimizer);
		optimizer_prepare(c->optimizer, o, rate, net);
	}
}

void changes_release(struct changes *c)
{
	free(c->touched);
	free(c->is_touched);
	free(c->pending);
	if (c->optimizer)
		optimizer_release(c->optimizer);
	free(c->optimizer);
}

void changes_start(struct changes *c, int l)
{
	if (c->optimizer)
		optimizer_start(c->optimizer, c->net, l);
}

void changes_reset(struct changes *c, int l)
{
	const int in = c->net->in, *touched = c->touched + (long)l * in;
	for (int n = 0; n < c->touched_n[l]; n++)
		c->is_touched[(long)l * in + touched[n]] = 0;
	c->touched_n[l] = 0;
	c->learned[l] = 0;
}

void changes_touch(struct changes *c, const struct frame *x)
{
	if (!c->local)
		return;
	const int in = c->net->in;
	for (int l = 0; l < LANES; l++) {
		const long at = (long)l * in + x->index[l];
		if (!c->is_touched[at]) {
			c->is_touched[at] = 1;
			c->touched[(long)l * in + c->touched_n[l]++] = (int)x->index[l];
		}
	}
}

static void apply(const struct changes *c, const struct connection *to, ilane mask)
{
	double *w = c->net->w + to->offset, *p = c->pending + to->offset;
	if (!to->local) {
		for (int at = 0; at < to->rows * to->cols; at++) {
			lane *wl = (lane *)w + at, *pl = (lane *)p + at;
			*wl += lane_masked(mask, *pl);
			*pl = lane_masked(~mask, *pl);
		}
		return;
	}
	for (int l = 0; l < LANES; l++)
		for (int r = 0; mask[l] && r < c->touched_n[l]; r++) {
			const int m = c->touched[(long)l * c->net->in + r];
			double *wr = changes_row(w, to, to->cols, l, m), *pr = changes_row(p, to, to->cols, l, m);
			for (int j = 0; j < to->cols; j++) {
				wr[j] += pr[j];
				pr[j] = 0.0;
			}
		}
}

void changes_apply(struct changes *c, ilane mask)
{
	const struct net *net = c->net;
	const ilane learned = c->learned;
	c->learned &= ~mask;
	if (c->optimizer) {
		optimizer_apply(c->optimizer, c->net, c->pending, mask & learned);
		return;
	}
	for (int i = 0; i < net->to_hidden_n; i++)
		apply(c, &net->to_hidden[i], mask);
	for (int i = 0; i < net->to_output_n; i++)
		apply(c, &net->to_output[i], mask);
}

void changes_outer(const struct connection *c, double *w, const struct frame *x, const lane *z, int first, int n, const lane *e, ilane mask)
{
	w += c->offset;
	if (!c->local) {
		for (int m = 0; m < c->rows; m++) {
			lane *row = (lane *)w + (long)m * c->cols + first;
			const lane *own = z + (long)m * c->cols + first;
			for (int j = 0; j < n; j++)
				row[j] = lane_select(mask, lane_fma(e[j], c->own ? own[j] : z[m], row[j]), row[j]);
		}
		return;
	}
	connect_add_rows(w + first, connect_rows(c->rows, c->cols, x->index), n, e, mask);
}

enum { TO_OUTPUT_MAX = sizeof((struct net *)0)->to_output / sizeof(struct connection) };

/* The same for n outputs from `first` on. Sums over outputs go on from block to block; while one waits for the next term, the
   processor changes weights. */
LANE_INLINE void output_block(const struct net *net, double *to, const struct frame *x, const ilane *active, const lane *e, lane *e_seen,
			      ilane mask, int first, const int n)
{
	e += first;
	for (int i = 0; i < net->to_output_n; i++) {
		const struct connection *c = &net->to_output[i];
		if (c->local) {
			connect_add_rows(to + c->offset + first, active[i], n, e, mask);
			continue;
		}
		const bool seen = c->source == SOURCE_SEEN;
		const lane *z = connect_source(c, x);
		for (int m = 0; m < c->rows; m++) {
			const lane *w = (const lane *)(net->w + c->offset) + (long)m * c->cols + first;
			lane *row = (lane *)(to + c->offset) + (long)m * c->cols + first;
			lane sum = seen ? e_seen[m] : lane_set(0.0);
			LANE_UNROLL
			for (int k = 0; k < n; k++) {
				sum = lane_fma(w[k], e[k], sum);
				row[k] = lane_select(mask, lane_fma(e[k], z[m], row[k]), row[k]);
			}
			if (seen)
				e_seen[m] = sum;
		}
	}
}

void changes_outputs(const struct changes *c, const struct frame *x, const lane *e, lane *e_seen, ilane mask)
{
	const struct net *net = c->net;
	double *const to = changes_to(c);
	ilane active[TO_OUTPUT_MAX] = {{0}};
	for (int v = 0; v < net->seen_n; v++)
		e_seen[v] = net->outputs_inside ? e[v] : lane_set(0.0);
	for (int i = 0; i < net->to_output_n; i++)
		if (net->to_output[i].local)
			active[i] = connect_rows(net->to_output[i].rows, net->to_output[i].cols, x->index);
	if (net->to_output_n) {
#define CALL(first, n) output_block(net, to, x, active, e, e_seen, mask, first, n)
		CONNECT_BLOCKS(CALL, net->out);
#undef CALL
	}
}
