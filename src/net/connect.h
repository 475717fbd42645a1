/* connect.h: the inner loops over a weight matrix, for all lanes.
   Does: net inputs over all connections to a layer; the transpose and outer products of one connection.
   Does not: allocate, know architectures or rules.

   Columns are taken in blocks of eight, so that a block's sums stay in registers. */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include "net/net.h"

#define CONNECT_BLOCKS(call, cols)                                                                                                         \
	do {                                                                                                                               \
		int first_ = 0;                                                                                                            \
		for (; first_ + 8 <= (cols); first_ += 8)                                                                                  \
			call(first_, 8);                                                                                                   \
		switch ((cols)-first_) {                                                                                                   \
		case 7: call(first_, 7); break;                                                                                            \
		case 6: call(first_, 6); break;                                                                                            \
		case 5: call(first_, 5); break;                                                                                            \
		case 4: call(first_, 4); break;                                                                                            \
		case 3: call(first_, 3); break;                                                                                            \
		case 2: call(first_, 2); break;                                                                                            \
		case 1: call(first_, 1); break;                                                                                            \
		default: break;                                                                                                            \
		}                                                                                                                          \
	} while (0)

/* The same in fours. */
#define CONNECT_FOURS(call, cols)                                                                                                          \
	do {                                                                                                                               \
		int fours_ = 0;                                                                                                            \
		for (; fours_ + 4 <= (cols); fours_ += 4)                                                                                  \
			call(fours_, 4);                                                                                                   \
		switch ((cols)-fours_) {                                                                                                   \
		case 3: call(fours_, 3); break;                                                                                            \
		case 2: call(fours_, 2); break;                                                                                            \
		case 1: call(fours_, 1); break;                                                                                            \
		default: break;                                                                                                            \
		}                                                                                                                          \
	} while (0)

/* e_y[m] += sum_j w[m][j] e[j] for n rows */
LANE_INLINE void connect_back_block(const lane *w, int cols, const lane *e, lane *e_y, const int n)
{
	lane sum[8];
	LANE_UNROLL
	for (int m = 0; m < n; m++)
		sum[m] = e_y[m];
	for (int j = 0; j < cols; j++) {
		const lane e_j = e[j];
		LANE_UNROLL
		for (int m = 0; m < n; m++)
			sum[m] = lane_fma(w[m * cols + j], e_j, sum[m]);
	}
	LANE_UNROLL
	for (int m = 0; m < n; m++)
		e_y[m] = sum[m];
}

/* Where each lane's active row of a local matrix (rows, cols) starts. */
LANE_INLINE ilane connect_rows(int rows, int cols, ilane index)
{
	return (ilane_number() * rows + index) * cols;
}

/* The activations y_m of c's sources (rows) in the step whose row is y, after that of y_before; NULL for local inputs. */
LANE_INLINE const lane *connect_source(const struct net *net, const struct connection *c, const struct frame *x, const lane *y,
				       const lane *y_before)
{
	switch (c->source) {
	case SOURCE_INPUT: return x->value;
	case SOURCE_BIAS: return &net->one;
	case SOURCE_RECURRENT: return y_before + c->first;
	case SOURCE_NOW: return y + c->first;
	default: return y + net->seen_first;
	}
}

/* The same of the first of some steps, whose rows come after y_before; *step: how far on that of the next stands. */
LANE_INLINE const lane *connect_sources(const struct net *net, const struct connection *c, const struct frames *frames, long at,
					const lane *y_before, long *step)
{
	const struct frame x = {.value = frames->value + (frames->value ? at * net->in : 0)};
	*step = c->source == SOURCE_INPUT ? net->in : c->source == SOURCE_BIAS ? 0 : (long)net->row_n;
	return connect_source(net, c, &x, y_before + net->row_n, y_before);
}

/* sum[j] += sum_m w_jm z_m over the sources m of c, for n columns from `first` on; all: c has these columns, else it ends before */
LANE_INLINE void connect_net_columns(const struct net *net, const struct connection *c, const struct frame *x, int first, lane *sum,
				     const int n, const bool all)
{
	const double *w = net->w + c->offset;
	if (c->local && net->woven_row && c->source == SOURCE_INPUT && c >= net->to_output) {
		LANE_UNROLL
		for (int j = 0; j < n; j++)
			sum[j] += net->woven_row[first + j];
		return;
	}
	if (c->local) {
		const ilane at = connect_rows(c->rows, c->cols, x->index) + first;
		if (n < 4 || n > LANES) { /* few columns are sooner gathered one by one */
			LANE_UNROLL
			for (int j = 0; j < n; j++)
				sum[j] += lane_gather(w + j, at);
			return;
		}
		lane row[LANES];
		lane_load_rows(w, at, row, n);
		LANE_UNROLL
		for (int j = 0; j < n; j++)
			sum[j] += row[j];
		return;
	}
	const lane *wl = (const lane *)w + first, *z = connect_source(net, c, x, net->y, net->y_before);
	for (int m = 0; m < c->rows; m++) {
		const lane z_m = z[m];
		LANE_UNROLL
		for (int j = 0; j < n; j++)
			if (all || first + j < c->cols)
				sum[j] = lane_fma(wl[m * c->cols + j], z_m, sum[j]);
	}
}

/* The sums of units first ... first + n - 1 over all `connections`, kept in registers; some reach the first units only (biases of
   gates). */
LANE_INLINE void connect_net_block(const struct net *net, const struct connection *c, int connections, const struct frame *x, lane *net_in,
				   int first, bool more, const int n)
{
	lane sum[8];
	LANE_UNROLL
	for (int j = 0; j < n; j++)
		sum[j] = more ? net_in[first + j] : lane_set(0.0);
	for (int i = 0; i < connections; i++, c++) {
		if (c->own)
			continue;
		if (first + n <= c->cols)
			connect_net_columns(net, c, x, first, sum, n, true);
		else
			connect_net_columns(net, c, x, first, sum, n, false);
	}
	LANE_UNROLL
	for (int j = 0; j < n; j++)
		net_in[first + j] = sum[j];
}

/* net_in[j] = sum_m w_jm z_m (more: net_in[j] += ...) over all sources m of `connections` connections c that lead to the same `units`
   units, but for those with own sources; net_in: (hidden), or (out) for connections to the outputs. */
LANE_INLINE void connect_net(const struct net *net, const struct connection *c, int connections, int units, const struct frame *x,
			     bool more, lane *net_in)
{
	net_in += c->to;
#define CALL(first, n) connect_net_block(net, c, connections, x, net_in, first, more, n)
	CONNECT_BLOCKS(CALL, units);
#undef CALL
}

/* e_y[m] += sum_j w_jm e_j over the units j of c, for all its sources m; e: as net_in above; not for local inputs or own sources. */
LANE_INLINE void connect_back(const struct connection *c, const double *weights, const lane *e, lane *e_y)
{
	const lane *w = (const lane *)(weights + c->offset);
	e += c->to;
#define CALL(first, n) connect_back_block(w + (long)(first)*c->cols, c->cols, e, e_y + (first), n)
	CONNECT_BLOCKS(CALL, c->rows);
#undef CALL
}

/* to[at[l] + k] += x[k][l] for k < n, in the lanes of mask. */
LANE_INLINE void connect_add_rows(double *to, ilane at, int n, const lane *x, ilane mask)
{
	int k = 0;
	lane row[LANES];
	for (; k + LANES <= n; k += LANES) {
		for (int i = 0; i < LANES; i++)
			row[i] = x[k + i];
		lane_add_rows(to + k, at, row, LANES, mask);
	}
	if (k == n)
		return;
	for (int i = 0; i < LANES; i++)
		row[i] = k + i < n ? x[k + i] : lane_set(0.0);
	lane_add_rows(to + k, at, row, n - k, mask);
}

/* Outer products of n steps. */
struct outer_steps {
	const lane *z, *factor; /* of the first step; those of the next come so much later: */
	long z_step, factor_step, n;
	const ilane *fresh; /* NULL, or lanes that start from 0 */
	const lane *decay;  /* (cells) of the first step, the next as with factor: what there is shrinks before a step adds to it, */
	const int *cell;    /* (columns) column k by decay[cell[k]] */
	const ilane *where; /* (n) the lanes in which each step counts */
};

/* t[m][k] = t[m][k] decay_k + z_m factor_k, step after step, for rows and columns that stay in registers */
LANE_INLINE void connect_outer_tile(lane *t, int all, const struct outer_steps *o, int row, int col, const bool decays, const bool masked,
				    const int rows, const int cols)
{
	lane sum[4][4];
	const lane *z = o->z + row, *factor = o->factor + col, *decay = o->decay;
	t += row * all + col;
#define EACH_M LANE_UNROLL for (int m = 0; m < rows; m++)
#define EACH_K LANE_UNROLL for (int k = 0; k < cols; k++)
	EACH_M EACH_K sum[m][k] = t[m * all + k];
	if (o->fresh)
		EACH_M EACH_K sum[m][k] = lane_masked(~*o->fresh, sum[m][k]);
	for (long i = 0; i < o->n; i++, z += o->z_step, factor += o->factor_step) {
		lane f[4];
		const ilane where = masked ? o->where[i] : ilane_set(-1);
		EACH_K f[k] = lane_kept(factor[k]);
		if (decays)
			EACH_K
			{
				const lane d = decay[o->cell[col + k]];
				EACH_M sum[m][k] = lane_flushed(sum[m][k] * d);
			}
		decay = decays ? decay + o->factor_step : decay;
		EACH_M
		{
			const lane z_m = lane_kept(z[m]);
			EACH_K sum[m][k] = masked ? lane_fma_where(where, f[k], z_m, sum[m][k]) : lane_fma(f[k], z_m, sum[m][k]);
		}
	}
	EACH_M EACH_K t[m * all + k] = sum[m][k];
#undef EACH_M
#undef EACH_K
}

LANE_INLINE void connect_outer_rows(lane *t, int cols, const struct outer_steps *o, int row, const bool decays, const bool masked,
				    const int rows)
{
#define CALL(k, n) connect_outer_tile(t, cols, o, row, k, decays, masked, rows, n)
	CONNECT_FOURS(CALL, cols);
#undef CALL
}

/* The same for all of t: (rows, cols). */
LANE_INLINE void connect_outer_steps(lane *t, int rows, int cols, const struct outer_steps *o, const bool decays, const bool masked)
{
#define CALL(m, n) connect_outer_rows(t, cols, o, m, decays, masked, n)
	CONNECT_FOURS(CALL, rows);
#undef CALL
}

/* What struct net_type says of run, by a step of the net: y, s from x(t) and y(t-1). */
LANE_INLINE void connect_run(struct net *net, const struct frames *frames, long at, long n,
			     void (*step)(struct net *net, const struct frame *x))
{
	for (const long end = at + n; at < end; at++) {
		const struct frame x = frames_at(frames, at);
		net->y_before = net->y;
		net->y += net->row_n;
		step(net, &x);
	}
}

#endif
