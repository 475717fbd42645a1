/* lstm97.c: the paper's memory cell blocks (1997, sections 4 and 5, appendix A.1), many steps at once.
   Does: one time step in the paper's order, below, for blocks of one size; numbers of blocks and cells that the paper's experiments have
   are constants to the compiler, which then keeps net inputs in registers. All else (other sizes, h or g the identity, no output
   gates, a hidden layer that is still missing) steps as lstm.c says, which gives the same bits where both can.
   Does not: what came later (lstm.c); learn (rule/truncated.c has equations 25 to 28).

   Hidden units in order: input gates in_j (j < b), output gates out_j, cells c_v, block by block. A row of the past: y(t) of these, then,
   each (cells): ds_c/dnet_in, ds_c/dnet_c, f(s_c). */
#include "net/connect.h"
#include "net/lstm.h"
#include "net/past.h"

enum { UNITS_AT_ONCE = 16 }; /* units of the largest net that steps here */

/* f(x[i]), i < n, in blocks whose steps fit the registers */
LANE_INLINE void logistic_of(const lane *x, lane *f, const int n)
{
	const int twos = n == 1 ? 0 : (3 - n % 3) % 3, threes = (n - 2 * twos) / 3;
	LANE_UNROLL
	for (int i = 0; i < threes; i++)
		lane_logistic_block(x + 3 * i, f + 3 * i, 3);
	LANE_UNROLL
	for (int i = 0; i < twos; i++)
		lane_logistic_block(x + 3 * threes + 2 * i, f + 3 * threes + 2 * i, 2);
	if (n == 1)
		lane_logistic_block(x, f, 1);
}

/* What net inputs are made of, apart from y(t-1): weights (rows, units) of bias, inputs and recurrence. */
struct sources {
	lane bias[UNITS_AT_ONCE]; /* w_j,bias, 0 for units without */
	const double *w_in, *w_y;
	bool local;
	int in, recurrent, first; /* rows; where y(t-1) of the recurrence begins */
};

LANE_INLINE struct sources sources_of(const struct net *net, const int units)
{
	const struct connection *c = net->to_hidden, *const end = c + net->to_hidden_n;
	struct sources of = {0};
	if (c->source == SOURCE_BIAS) {
		for (int j = 0; j < c->cols && j < units; j++)
			of.bias[j] = ((const lane *)(net->w + c->offset))[j] + 0.0; /* -0 becomes 0, as in a sum that begins with 0 */
		c++;
	}
	of.w_in = net->w + c->offset;
	of.in = c->rows;
	of.local = c->local;
	if (++c < end) {
		of.w_y = net->w + c->offset;
		of.recurrent = c->rows;
		of.first = c->first;
	}
	return of;
}

/* sum[j] += w_jm z_m over `rows` sources m */
LANE_INLINE void add_sources(lane *sum, const lane *w, const lane *z, int rows, const int units)
{
	for (int m = 0; m < rows; m++, w += units) {
		const lane z_m = lane_kept(z[m]);
		LANE_UNROLL_16
		for (int j = 0; j < units; j++)
			sum[j] = lane_fma(w[j], z_m, sum[j]);
	}
}

/* sum[j] += w_jm for each lane's active input m */
LANE_INLINE void add_active(lane *sum, const double *w, int rows, ilane index, const int units)
{
	const ilane row = connect_rows(rows, units, index);
	LANE_UNROLL
	for (int j = 0; j < units; j += LANES) {
		lane w_j[LANES];
		const int some = units - j < LANES ? units - j : LANES;
		lane_load_rows(w + j, row, w_j, some);
		LANE_UNROLL_16
		for (int i = 0; i < some; i++)
			sum[j + i] += w_j[i];
	}
}

/* n steps of b blocks of `size` cells. */
LANE_INLINE void steps(struct net *net, const struct frames *frames, long at, long n, const int b, const int size)
{
	const int cells = b * size, units = 2 * b + cells, row_n = units + 3 * cells;
	const struct sources from = sources_of(net, units);
	const lane g_scale = lane_set(squash[net->o.g].scale), g_offset = lane_set(squash[net->o.g].offset),
		   h_scale = lane_set(squash[net->o.h].scale), h_offset = lane_set(squash[net->o.h].offset);
	const lane *w_in = (const lane *)from.w_in, *w_y = (const lane *)from.w_y;
	lane *s = net->s, *y = net->y;
	LANE_BASE(w_in);
	LANE_BASE(w_y);
	LANE_BASE(s);
	LANE_BASE(y);
	for (const long end = at + n; at < end; at++, y += row_n) {
		LANE_STEP;
		/* net_j(t) = sum_m w_jm y_m, over the bias, x(t) and y(t-1) */
		lane net_j[UNITS_AT_ONCE];
		LANE_UNROLL_16
		for (int j = 0; j < units; j++)
			net_j[j] = from.bias[j];
		if (from.local)
			add_active(net_j, (const double *)w_in, from.in, frames->index[at], units);
		else
			add_sources(net_j, w_in, frames->value + at * from.in, from.in, units);
		add_sources(net_j, w_y, y + from.first, from.recurrent, units);

		/* y_in = f(net_in), and f of net_c, that goes into g; output gates come last, beside h(s_c) */
		lane first[UNITS_AT_ONCE], f[UNITS_AT_ONCE];
		LANE_UNROLL_16
		for (int j = 0; j < b + cells; j++)
			first[j] = net_j[j < b ? j : j + b];
		logistic_of(first, f, b + cells);

		lane *const y_in = y + row_n, *const y_out = y_in + b, *const y_c = y_out + b;
		lane *const ds_in = y_c + cells, *const ds_c = ds_in + cells, *const f_s = ds_c + cells;
		lane last[UNITS_AT_ONCE], f_last[UNITS_AT_ONCE]; /* net_out, s_c */
		LANE_UNROLL_16
		for (int j = 0; j < b; j++) {
			y_in[j] = f[j];
			last[j] = net_j[b + j];
		}
		LANE_UNROLL_16
		for (int v = 0; v < cells; v++) {
			const lane in = f[v / size], f_c = f[b + v];
			const lane g = lane_fma(g_scale, f_c, g_offset), g_slope = g_scale * (f_c * (1.0 - f_c));
			/* s_c(t) = s_c(t-1) + y_in g(net_c) */
			s[v] = last[b + v] = lane_fma(in, g, s[v]);
			/* ds_c/dnet_in = g f'(net_in) (eq. 25), ds_c/dnet_c = g' y_in (eq. 27) */
			ds_in[v] = g * (in * (1.0 - in));
			ds_c[v] = g_slope * in;
		}

		/* y_out = f(net_out); y_c = y_out h(s_c) */
		logistic_of(last, f_last, b + cells);
		LANE_UNROLL_16
		for (int j = 0; j < b; j++)
			y_out[j] = f_last[j];
		LANE_UNROLL_16
		for (int v = 0; v < cells; v++) {
			f_s[v] = f_last[b + v];
			y_c[v] = f_last[v / size] * lane_fma(h_scale, f_last[b + v], h_offset);
		}
	}
}

/* One step of the full gradient for b blocks of `size` cells: gates and cells also get the errors that come back over the recurrent
   connections (section 3.1 without the truncation of A.1). */
LANE_INLINE void step_back(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net, const int b, const int size)
{
	const int cells = b * size;
	const lane *const y_in = row, *const y_out = y_in + b, *const ds_in = y_out + b + cells, *const ds_c = ds_in + cells,
			 *const f_s = ds_c + cells;
	lane e_in[UNITS_AT_ONCE], e_out[UNITS_AT_ONCE];
	LANE_UNROLL_16
	for (int j = 0; j < b; j++) {
		e_in[j] = e_y[j] * (y_in[j] * (1.0 - y_in[j]));
		e_out[j] = e_y[b + j];
	}
	LANE_UNROLL_16
	for (int v = 0; v < cells; v++) { /* y_c = y_out h(s_c) */
		lane h_slope;
		const lane h = squash_value(net->o.h, f_s[v], &h_slope);
		e_s[v] = lane_fma(y_out[v / size] * h_slope, e_y[2 * b + v], e_s[v]);
		e_out[v / size] = lane_fma(h, e_y[2 * b + v], e_out[v / size]);
		/* s_c(t) = s_c(t-1) + y_in g(net_c): the error at s_c goes on to t - 1 as it is */
		e_in[v / size] = lane_fma(ds_in[v], e_s[v], e_in[v / size]);
		e_net[2 * b + v] = ds_c[v] * e_s[v];
	}
	LANE_UNROLL_16
	for (int j = 0; j < b; j++) {
		e_net[j] = e_in[j];
		e_net[b + j] = e_out[j] * (y_out[j] * (1.0 - y_out[j]));
	}
}

/* Which of the sizes below a net has; 0: none of them. */
static int size_of(const struct net *net)
{
	const struct net_options *o = &net->o;
	const bool alike = o->output_gates && o->cells.n == 1 && o->cells.v[0] < 10;
	return alike && o->g != SQUASH_ID && o->h != SQUASH_ID && !lane_any(net->grown != 1.0) ? 10 * (int)o->blocks + (int)o->cells.v[0] : 0;
}

/* Blocks and cells of each in experiments 2c; 3; 1; 4, 5, 6a; 1, 6b */
#define SIZES(_) _(2, 1) _(3, 1) _(4, 1) _(2, 2) _(3, 2)

static void lstm97_run(struct net *net, const struct frames *frames, long at, long n)
{
	switch (size_of(net)) {
#define CASE(b, size) \
	case 10 * (b) + (size): steps(net, frames, at, n, b, size); return;
		SIZES(CASE)
#undef CASE
	default: lstm_run(net, frames, at, n);
	}
}

#define BACK(b, size)                                                                                                                      \
	LANE_INLINE void step_back_##b##_##size(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net)           \
	{                                                                                                                                  \
		step_back(net, row, e_y, e_s, e_net, b, size);                                                                             \
	}
SIZES(BACK)
#undef BACK

static void lstm97_walk(const struct net *net, struct walk *w, long t, long n)
{
	switch (size_of(net)) {
#define CASE(b, size) \
	case 10 * (b) + (size): walk_steps(net, w, t, n, step_back_##b##_##size); return;
		SIZES(CASE)
#undef CASE
	default: lstm_walk(net, w, t, n);
	}
}

static bool lstm97_check(const struct net_options *o, const struct task_shape *shape, struct error *e)
{
	const char *const has = !o->input_gates    ? "input gates"
				: lstm_decays(o) ? "no forget gates or decay"
				: o->peepholes   ? "no peepholes"
				: o->layers > 1  ? "one layer"
						 : NULL;
	if (has)
		return error_input(e, "net: an lstm97 has %s; expected net = lstm", has);
	return lstm_check(o, shape, e);
}

const struct net_type net_lstm97 = {
    .name = "lstm97",
    .summary = "memory cell blocks with input and output gates (1997, sections 4, 5, A.1)",
    .offers = NET_TRACES | NET_BACK | NET_JACOBIAN,
    .size = sizeof(struct lstm),
    .check = lstm97_check,
    .layout = lstm_layout,
    .prepare = lstm_prepare,
    .release = lstm_release,
    .initial = lstm_initial,
    .run = lstm97_run,
    .errors = lstm_errors,
    .back = lstm_back,
    .walk = lstm97_walk,
    .push = lstm_push,
};
