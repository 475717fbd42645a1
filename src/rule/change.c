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
