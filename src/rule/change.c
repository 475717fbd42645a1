/* change.c: see change.h. */
#include "rule/change.h"

#include "base/memory.h"
#include "net/connect.h"

#include <stdlib.h>

void changes_prepare(struct changes *c, struct net *net, bool pending, const struct optimizer_options *o, double rate, double slope_offset)
{
	*c = (struct changes){.net = net, .slope_offset = lane_set(slope_offset)};
	for (int i = 0; i < net->to_hidden_n; i++)
		c->local |= net->to_hidden[i].local;
	for (int i = 0; i < net->to_output_n; i++)
		c->local |= net->to_output[i].local;
	c->touched = memory_zeroed((size_t)(net->in + 1) * LANES, sizeof *c->touched);
	c->is_touched = memory_zeroed((size_t)net->in * LANES, 1);
	if (!pending)
		net_weave(net);
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
	const int in = c->net->in, *touched = changes_touched(c, l);
	for (int n = 0; n < c->touched_n[l]; n++)
		c->is_touched[(long)l * in + touched[n]] = 0;
	c->touched_n[l] = 0;
	c->learned[l] = 0;
}

void changes_touch(struct changes *c, const struct frames *frames, long at, long n)
{
	if (!c->local)
		return;
	for (int l = 0; l < LANES; l++) {
		unsigned char *is_touched = c->is_touched + (long)l * c->net->in;
		int *touched = changes_touched(c, l), k = c->touched_n[l];
		for (long i = at; i < at + n; i++) { /* no branch: which rows are new cannot be foretold */
			const long row = frames->index[i][l];
			touched[k] = (int)row;
			k += !is_touched[row];
			is_touched[row] = 1;
		}
		c->touched_n[l] = k;
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
			const int m = changes_touched(c, l)[r];
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

/* w[m][k] += e[k] z_m in the lanes of mask, for n columns k */
LANE_INLINE void outer_block(lane *w, int cols, const lane *z, int rows, const lane *e, ilane mask, const int n)
{
	lane e_k[8];
	LANE_UNROLL
	for (int k = 0; k < n; k++)
		e_k[k] = lane_kept(e[k]);
	for (int m = 0; m < rows; m++, w += cols) {
		const lane z_m = lane_kept(z[m]);
		LANE_UNROLL
		for (int k = 0; k < n; k++)
			w[k] = lane_fma_where(mask, e_k[k], z_m, w[k]);
	}
}

void changes_outer(const struct connection *c, double *w, const struct frame *x, const lane *z, int first, int n, const lane *e, ilane mask)
{
	lane *const to = (lane *)(w + c->offset) + first;
	if (c->local) {
		connect_add_rows(w + c->offset + first, connect_rows(c->rows, c->cols, x->index), n, e, mask);
		return;
	}
	for (int m = 0; c->own && m < c->rows; m++)
		for (int j = 0; j < n; j++)
			to[m * c->cols + j] = lane_fma_where(mask, e[j], z[m * c->cols + first + j], to[m * c->cols + j]);
	if (c->own)
		return;
#define CALL(k, n_) outer_block(to + (k), c->cols, z, c->rows, e + (k), mask, n_)
	CONNECT_BLOCKS(CALL, n);
#undef CALL
}

enum { TO_OUTPUT_MAX = sizeof((struct net *)0)->to_output / sizeof(struct connection) };

/* Errors of n outputs from `first` on, by the lesson; what there is to judge about them goes on from block to block. */
LANE_INLINE void errors_block(const struct changes *c, struct lesson *lesson, int first, lane *e, const int n)
{
	const struct net *net = c->net;
	const bool logistic = net->o.output == OUTPUT_LOGISTIC && !net->outputs_inside;
	lane sum = lesson->sum, largest = lesson->largest;
	LANE_UNROLL
	for (int k = 0; k < n; k++) {
		const lane y = net->y_out[first + k], target = lesson->target[first + k], error = lane_abs(target - y);
		e[k] = lane_masked(lesson->learns, changes_error(c, logistic, y, target, lesson->rate));
		sum += error;
		largest = lane_max(error, largest);
	}
	if (lesson->judges) {
		lesson->sum = sum;
		lesson->largest = largest;
	}
}

/* The changes of all weights to n outputs from `first` on. Sums over outputs go on from block to block; while one waits for the next
   term, the processor changes weights. */
LANE_INLINE void output_block(const struct changes *changes, double *to, const struct frame *x, const ilane *active, const lane *given,
			      struct lesson *lesson, lane *e_seen, int first, const int n)
{
	const struct net *net = changes->net;
	const ilane mask = lesson->learns;
	lane e[8];
	if (given)
		LANE_UNROLL
	for (int k = 0; k < n; k++)
		e[k] = given[first + k];
	else errors_block(changes, lesson, first, e, n);
	for (int i = 0; i < net->to_output_n; i++) {
		const struct connection *c = &net->to_output[i];
		if (c->local && net->woven_row) {
			lane *const row = net->woven_row + first;
			LANE_UNROLL
			for (int k = 0; k < n; k++)
				row[k] = lane_select(mask, row[k] + e[k], row[k]);
			continue;
		}
		if (c->local) {
			connect_add_rows(to + c->offset + first, active[i], n, e, mask);
			continue;
		}
		const bool seen = c->source == SOURCE_SEEN;
		const lane *z = connect_source(net, c, x, net->y, net->y_before);
		for (int m = 0; m < c->rows; m++) {
			const lane *w = (const lane *)(net->w + c->offset) + (long)m * c->cols + first;
			lane *row = (lane *)(to + c->offset) + (long)m * c->cols + first;
			lane sum = seen ? e_seen[m] : lane_set(0.0);
			LANE_UNROLL
			for (int k = 0; k < n; k++) {
				sum = lane_fma(w[k], e[k], sum);
				row[k] = lane_fma_where(mask, e[k], z[m], row[k]);
			}
			if (seen)
				e_seen[m] = sum;
		}
	}
}

void changes_outputs(const struct changes *c, const struct frame *x, const lane *e, struct lesson *lesson, lane *e_seen)
{
	const struct net *net = c->net;
	double *const to = changes_to(c);
	ilane active[TO_OUTPUT_MAX] = {{0}};
	if (!e)
		lesson->sum = lesson->largest = lane_set(0.0);
	for (int v = 0; v < net->seen_n; v++) {
		e_seen[v] = lane_set(0.0);
		if (net->outputs_inside && e)
			e_seen[v] = e[v];
		else if (net->outputs_inside)
			errors_block(c, lesson, v, &e_seen[v], 1);
	}
	for (int i = 0; i < net->to_output_n; i++)
		if (net->to_output[i].local)
			active[i] = connect_rows(net->to_output[i].rows, net->to_output[i].cols, x->index);
	if (net->to_output_n) {
#define CALL(first, n) output_block(c, to, x, active, e, lesson, e_seen, first, n)
		CONNECT_BLOCKS(CALL, net->out);
#undef CALL
	}
}
