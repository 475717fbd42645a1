/* cascade.c: recurrent cascade-correlation (Fahlman 1991).
   Does: a net that grows. Its outputs see bias, inputs and all hidden units; a hidden unit sees bias, inputs, the units
   installed before it, all at the same step, and itself one step before. Two phases take turns, both by quickprop, with one
   change of the weights per epoch (the whole training set, once): the output weights are trained until the error stands
   still; then the weights of a pool of candidate units, until the best score stands still, and the best candidate is
   installed: its own weights are frozen, its output weights start at minus its correlations. With max_units installed the
   output phase goes on for ever; without error bits nothing changes any more.
   Does not: decide when the net is good enough (the trial's tests do), or see the order of the sequences: the trial must
   present the training set over and over (base.epochs).

   Unit:      V(t) = sigma(sum_i w_i x_i(t) + w_s V(t-1)), V = 0 before a sequence, sigma(x) = 1 / (1 + e^-x) - 1/2
   Output:    o = sigma(sum_i w_oi x_i); targets +-1/2; the answer given out is o + 1/2
   Error:     E_o = (o - target) (sigma' + 0.1), sigma' = 1/4 - o^2; an error bit: |o - target| > 0.4
   Score:     S = sum_o |c_o|, c_o = (sum_t V E_o - mean E_o sum_t V) / SSE, SSE = sum_t,o E_o^2
   Its slope: dV(t)/dw_i = sigma' [x_i(t) + w_s dV(t-1)/dw_i], dV(t)/dw_s = sigma' [V(t-1) + w_s dV(t-1)/dw_s],
              -dS/dw = sum_t dV/dw (-sum_o sign(c_o) (E_o - mean E_o) / SSE), c_o being those of the epoch before

   Fahlman's, from his own programs: all of the above; inputs 0 or 1, bias 1; both sorts of initial weights in
   +-candidate_init = 1; candidates = 8; output_mu = candidate_mu = 2; output_eps = 0.35 and candidate_eps = 1, the former
   divided by the number of cases (steps of an epoch), the latter by cases times the units that a candidate sees without
   itself; output_decay = 0.0001, candidate_decay = 0; patience = 8, output_change = 0.01, candidate_change = 0.03; an epoch
   for the correlations alone before a candidate phase; the candidate phase does not end before the score has changed once;
   the choice among candidates, and the output weights, by the correlations before the last change of their weights; the
   memory of quickprop for the output weights outlives the phases; epochs = 100, the most of one phase, as his examples have it.
   Ours: max_units = 20, which is just where to stop growing; mean E_o is that of output o (his first program has one mean for
   all), and it, SSE and sum V are those of the very weights and epoch, so that the slope is exact (his were one change of the
   weights older, sum V of the phase's first epoch).

   Lanes are in phases of their own and have numbers of hidden units of their own; all arrays have room for max_units, and
   weights and activations of units that are not there are 0. `weights` counts the net with max_units:
   out (1 + in + max_units) + sum over units j = 0 ... of (1 + in + j + 1). */
#include "base/memory.h"
#include "learner/learner.h"

#include <stdlib.h>

#define SLOPE_OFFSET 0.1 /* added to sigma' of the outputs, and of nothing else */
#define ERROR_BIT    0.4

enum phase { OUTPUTS, PRIMING, CANDIDATES };

/* Weights that quickprop trains; quickprop goes down their slope. */
struct quickprop {
	lane *w;
	lane *slope;  /* summed over this epoch */
	lane *before; /* slope of the epoch before, with decay */
	lane *step;   /* the last change */
};

struct quickprop_rates {
	double mu, decay;
	lane eps;
};

/* "Has not changed much for `patience` epochs" (Fahlman). */
struct standstill {
	lane value;  /* the last significant one */
	ilane quit;  /* the epoch of the phase at which it is over */
	ilane known; /* -1: there is a value */
};

struct cascade {
	struct learner base;
	long train_set;
	int in, sources; /* sources: bias, inputs, hidden units */
	int row;         /* weights of a unit or candidate: sources, then itself one step before */
	int most;        /* sources in use in any lane */
	struct rng draws[LANES];
	/* the net: */
	lane *x;                 /* (sources) */
	ilane hidden;            /* installed units */
	lane *w_hidden;          /* (max_units, row) */
	struct quickprop output; /* (out, sources) */
	lane *error;             /* (out) E_o */
	/* the pool: */
	struct quickprop pool; /* (candidates, row) */
	lane *net;             /* (candidates) net input, then V(t) + 1/2 */
	lane *v;               /* (candidates) V */
	lane *slope;           /* (candidates, row) dV/dw */
	lane *sum_v;           /* (candidates) */
	lane *sum_ve;          /* (candidates, out) sum V E_o */
	lane *c;               /* (candidates, out) c_o */
	lane *pull;            /* (out) (mean E_o - E_o) / SSE */
	lane *sum_e, *mean_e;  /* (out), from the priming epoch on */
	lane sse;
	lane best_score;
	ilane best;
	/* the course: */
	ilane phase;
	ilane taught;    /* lanes that learn from the running sequence */
	ilane sequences; /* of the running epoch */
	ilane epochs;    /* of the running phase */
	lane cases;      /* steps of the running epoch */
	lane squares;    /* sum of (o - target)^2 of the running epoch */
	lane bits;       /* its error bits */
	struct standstill still;
};

static struct cascade *self(struct learner *learner)
{
	return (struct cascade *)learner;
}

static ilane iselect(ilane mask, ilane a, ilane b)
{
	return (a & mask) | (b & ~mask);
}

/* *sum += a b where mask is -1 */
static inline void accumulate(ilane mask, lane *sum, lane a, lane b)
{
	*sum = lane_select(mask, lane_fma(a, b, *sum), *sum);
}

/* ---- making ---- */

static bool check(const struct learner_parts *parts, struct error *e)
{
	const struct task_shape *s = parts->shape;
	if (!s->every_step || s->coding != INPUT_LOCAL || !s->classes || !s->train_set)
		return error_input(e, "learner: cascade-correlation learns to predict each symbol of a fixed training set, which is not "
				      "what this task is; expected another learner or the task reber");
	if (optimizer_used(&parts->rule->optimizer))
		return error_input(e, "optimizer, clip: given, but cascade-correlation has its own, quickprop; expected sgd and 0");
	if (parts->rule->errors)
		return error_input(e, "errors: cascade-correlation learns at every step; expected every");
	return true;
}

static struct quickprop quickprop_create(int n)
{
	const size_t count = (size_t)n;
	return (struct quickprop){memory_zeroed(count, sizeof(lane)), memory_zeroed(count, sizeof(lane)),
				  memory_zeroed(count, sizeof(lane)), memory_zeroed(count, sizeof(lane))};
}

static void quickprop_free(struct quickprop *q)
{
	free(q->w);
	free(q->slope);
	free(q->before);
	free(q->step);
}

static lane *lanes(int n)
{
	return memory_zeroed((size_t)n, sizeof(lane));
}

static void allocate(struct cascade *c)
{
	const int out = c->base.out, candidates = (int)c->base.o.candidates, units = (int)c->base.o.max_units;
	c->x = lanes(c->sources);
	c->w_hidden = lanes(units * c->row);
	c->output = quickprop_create(out * c->sources);
	c->error = lanes(out);
	c->base.y_out = lanes(out);
	c->pool = quickprop_create(candidates * c->row);
	c->net = lanes(candidates);
	c->v = lanes(candidates);
	c->slope = lanes(candidates * c->row);
	c->sum_v = lanes(candidates);
	c->sum_ve = lanes(candidates * out);
	c->c = lanes(candidates * out);
	c->pull = lanes(out);
	c->sum_e = lanes(out);
	c->mean_e = lanes(out);
}

static bool cascade_create(struct learner *learner, const struct learner_parts *parts, struct error *e)
{
	struct cascade *c = self(learner);
	if (!check(parts, e))
		return false;
	const int units = (int)learner->o.max_units;
	c->train_set = parts->shape->train_set;
	c->in = parts->shape->in;
	c->sources = 1 + c->in + units;
	c->row = c->sources + 1;
	c->most = 1 + c->in;
	learner->epochs = true;
	learner->weights = (long)learner->out * c->sources;
	for (int j = 0; j < units; j++)
		learner->weights += 1 + c->in + j + 1;
	allocate(c);
	return true;
}

static void cascade_release(struct learner *learner)
{
	struct cascade *c = self(learner);
	lane *const all[] = {c->x,     c->w_hidden, c->error, learner->y_out, c->net,   c->v,     c->slope,
			     c->sum_v, c->sum_ve,   c->c,     c->pull,        c->sum_e, c->mean_e};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
	quickprop_free(&c->output);
	quickprop_free(&c->pool);
}

/* ---- phases of a lane ---- */

static void zero(lane *x, int n, int l)
{
	for (int i = 0; i < n; i++)
		x[i][l] = 0.0;
}

static void quickprop_zero(struct quickprop *q, int n, int l)
{
	zero(q->w, n, l);
	zero(q->slope, n, l);
	zero(q->before, n, l);
	zero(q->step, n, l);
}

static double draw(struct cascade *c, int l)
{
	return rng_between(&c->draws[l], -c->base.o.candidate_init, c->base.o.candidate_init);
}

/* The sources in use in any lane. */
static void count_sources(struct cascade *c)
{
	int64_t hidden = 0;
	for (int l = 0; l < LANES; l++)
		hidden = c->hidden[l] > hidden ? c->hidden[l] : hidden;
	c->most = 1 + c->in + (int)hidden;
}

static void epoch_begin(struct cascade *c, int l)
{
	c->sequences[l] = 0;
	c->cases[l] = c->squares[l] = c->bits[l] = 0.0;
}

/* patience: epochs before the first change */
static void phase_begin(struct cascade *c, int l, enum phase phase, int64_t patience)
{
	c->phase[l] = phase;
	c->epochs[l] = 0;
	c->still.value[l] = 0.0;
	c->still.known[l] = 0;
	c->still.quit[l] = patience;
}

/* No candidates, so that nothing of them can grow without bounds. */
static void pool_clear(struct cascade *c, int l)
{
	const int candidates = (int)c->base.o.candidates, out = c->base.out;
	quickprop_zero(&c->pool, candidates * c->row, l);
	zero(c->v, candidates, l);
	zero(c->slope, candidates * c->row, l);
	zero(c->sum_v, candidates, l);
	zero(c->sum_ve, candidates * out, l);
	zero(c->c, candidates * out, l);
	zero(c->sum_e, out, l);
	zero(c->mean_e, out, l);
	c->sse[l] = 0.0;
	c->best_score[l] = 0.0;
	c->best[l] = 0;
}

static void outputs_begin(struct cascade *c, int l)
{
	phase_begin(c, l, OUTPUTS, c->base.o.patience);
}

static void candidates_begin(struct cascade *c, int l)
{
	const int seen = 1 + c->in + (int)c->hidden[l];
	phase_begin(c, l, PRIMING, INT64_MAX);
	pool_clear(c, l);
	for (int u = 0; u < c->base.o.candidates; u++) {
		lane *const w = c->pool.w + u * c->row;
		for (int i = 0; i < seen; i++)
			w[i][l] = draw(c, l);
		w[c->sources][l] = draw(c, l);
	}
}

static void install(struct cascade *c, int l)
{
	const int unit = (int)c->hidden[l], best = (int)c->best[l];
	for (int i = 0; i < c->row; i++)
		c->w_hidden[unit * c->row + i][l] = c->pool.w[best * c->row + i][l];
	for (int o = 0; o < c->base.out; o++)
		c->output.w[o * c->sources + 1 + c->in + unit][l] = -c->c[best * c->base.out + o][l];
	c->hidden[l]++;
	pool_clear(c, l);
	count_sources(c);
	outputs_begin(c, l);
}

/* ---- epochs ---- */

/* One change of n weights where mask is -1; slopes are cleared for the next epoch. */
static void quickprop_update(struct quickprop *q, int n, const struct quickprop_rates *r, ilane mask)
{
	const lane mu = lane_set(r->mu), shrink = lane_set(r->mu / (1.0 + r->mu)), decay = lane_set(r->decay), none = lane_set(0.0);
	for (int i = 0; i < n; i++) {
		const lane w = q->w[i], d = q->step[i], p = q->before[i];
		/* s = slope + decay w */
		const lane s = lane_fma(decay, w, q->slope[i]);
		const ilane down = d<none, up = d> none, rests = ~(down | up);
		const ilane linear = rests | (down & (s > none)) | (up & (s < none));
		const ilane most = (down & (s >= shrink * p)) | (up & (s <= shrink * p));
		/* -eps s where that goes on in the direction of d; plus mu d, or d s / (p - s), the minimum of a parabola */
		const lane step = lane_masked(linear, -r->eps * s) + lane_masked(~rests, lane_select(most, mu * d, d * (s / (p - s))));
		q->w[i] = lane_select(mask, w + step, w);
		q->step[i] = lane_select(mask, step, d);
		q->before[i] = lane_select(mask, s, p);
		q->slope[i] = lane_masked(~mask, q->slope[i]);
	}
}

/* Lanes of mask whose value has not changed by more than a fraction of the last significant one for long enough. */
static ilane stands_still(struct cascade *c, ilane mask, lane value, double change)
{
	struct standstill *s = &c->still;
	const ilane changed = lane_abs(value - s->value) > s->value * change;
	const ilane over = mask & s->known & ~changed & (c->epochs >= s->quit);
	const ilane later = mask & s->known & changed, first = mask & ~s->known;
	s->quit = iselect(later, c->epochs + c->base.o.patience, s->quit);
	s->value = lane_select(later | first, value, s->value);
	s->known |= mask;
	return over | (mask & (c->epochs >= c->base.o.epochs));
}

/* Fahlman's "perfect" epoch, one without error bits, changes nothing and does not count. */
static void outputs_epoch(struct cascade *c, ilane mask)
{
	const ilane wrong = mask & (c->bits > 0.0);
	const int n = c->base.out * c->sources;
	for (int i = 0; i < n; i++)
		c->output.slope[i] = lane_masked(~(mask & ~wrong), c->output.slope[i]);
	const struct quickprop_rates r = {c->base.o.output_mu, c->base.o.output_decay, c->base.o.output_eps / c->cases};
	quickprop_update(&c->output, n, &r, wrong);
	c->epochs -= wrong;
	const ilane over = stands_still(c, wrong, c->squares, c->base.o.output_change);
	for (int l = 0; l < LANES; l++)
		if (over[l] && c->hidden[l] < c->base.o.max_units)
			candidates_begin(c, l);
}

/* c_o and S of all candidates, the best of them; sums are cleared for the next epoch. */
static void correlate(struct cascade *c, ilane mask)
{
	const int out = c->base.out;
	lane best_score = lane_set(0.0);
	ilane best = ilane_set(0);
	for (int u = 0; u < c->base.o.candidates; u++) {
		lane score = lane_set(0.0);
		for (int o = 0; o < out; o++) {
			lane *const sum = &c->sum_ve[u * out + o], *const c_o = &c->c[u * out + o];
			/* c_o = (sum V E_o - mean E_o sum V) / SSE */
			*c_o = lane_select(mask, lane_fnma(c->mean_e[o], c->sum_v[u], *sum) / c->sse, *c_o);
			*sum = lane_masked(~mask, *sum);
			score += lane_abs(*c_o);
		}
		c->sum_v[u] = lane_masked(~mask, c->sum_v[u]);
		const ilane better = score > best_score;
		best_score = lane_select(better, score, best_score);
		best = iselect(better, ilane_set(u), best);
	}
	c->best_score = lane_select(mask, best_score, c->best_score);
	c->best = iselect(mask, best, c->best);
}

static void priming_epoch(struct cascade *c, ilane mask)
{
	for (int o = 0; o < c->base.out; o++)
		c->mean_e[o] = lane_select(mask, c->sum_e[o] / c->cases, c->mean_e[o]);
	correlate(c, mask);
	c->phase = iselect(mask, ilane_set(CANDIDATES), c->phase);
}

static lane real(ilane n)
{
	lane x = {0};
	for (int l = 0; l < LANES; l++)
		x[l] = (double)n[l];
	return x;
}

static void candidates_epoch(struct cascade *c, ilane mask)
{
	const lane seen = real(1 + c->in + c->hidden);
	const struct quickprop_rates r = {c->base.o.candidate_mu, c->base.o.candidate_decay, c->base.o.candidate_eps / (c->cases * seen)};
	quickprop_update(&c->pool, (int)c->base.o.candidates * c->row, &r, mask);
	correlate(c, mask);
	c->epochs -= mask;
	const ilane over = stands_still(c, mask, c->best_score, c->base.o.candidate_change);
	for (int l = 0; l < LANES; l++)
		if (over[l])
			install(c, l);
}

static void epoch_end(struct cascade *c, ilane due)
{
	/* All masks first: a lane that changes its phase here has had its epoch. */
	const ilane outputs = due & (c->phase == OUTPUTS), priming = due & (c->phase == PRIMING),
		    candidates = due & (c->phase == CANDIDATES);
	if (lane_any(outputs))
		outputs_epoch(c, outputs);
	if (lane_any(priming))
		priming_epoch(c, priming);
	if (lane_any(candidates))
		candidates_epoch(c, candidates);
	for (int l = 0; l < LANES; l++)
		if (due[l])
			epoch_begin(c, l);
}

/* ---- steps ---- */

static void cascade_start(struct learner *learner, int l, struct rng *weights)
{
	struct cascade *c = self(learner);
	c->draws[l] = *weights;
	zero(c->x, c->sources, l);
	c->x[0][l] = 1.0;
	zero(c->w_hidden, (int)learner->o.max_units * c->row, l);
	quickprop_zero(&c->output, learner->out * c->sources, l);
	c->hidden[l] = 0;
	count_sources(c);
	pool_clear(c, l);
	outputs_begin(c, l);
	epoch_begin(c, l);
	c->taught[l] = 0;
	for (int o = 0; o < learner->out; o++)
		for (int i = 0; i < 1 + c->in; i++)
			c->output.w[o * c->sources + i][l] = draw(c, l);
}

static void cascade_reset(struct learner *learner, int l, long length)
{
	struct cascade *c = self(learner);
	(void)length;
	zero(c->x + 1 + c->in, (int)learner->o.max_units, l);
	zero(c->v, (int)learner->o.candidates, l);
	zero(c->slope, (int)learner->o.candidates * c->row, l);
	c->taught[l] = 0;
}

static void step(struct cascade *c, ilane index)
{
	for (int i = 0; i < c->in; i++)
		c->x[1 + i] = lane_masked(index == (int64_t)i, lane_set(1.0));
	for (int j = 1 + c->in; j < c->most; j++) {
		const lane *const w = c->w_hidden + (j - 1 - c->in) * c->row;
		/* V(t) = sigma(sum_i w_i x_i(t) + w_s V(t-1)) */
		lane net = w[c->sources] * c->x[j];
		for (int i = 0; i < j; i++)
			net = lane_fma(w[i], c->x[i], net);
		lane_logistic(&net, &net, 1);
		c->x[j] = lane_masked(c->hidden > (int64_t)(j - 1 - c->in), net - 0.5);
	}
}

static void cascade_advance(struct learner *learner, const struct frames *frames, long at, long n)
{
	for (const long end = at + n; at < end; at++)
		step(self(learner), frames->index[at]);
}

static void cascade_answer(struct learner *learner, const struct frames *frames, long at)
{
	const struct cascade *c = self(learner);
	(void)frames;
	(void)at;
	for (int o = 0; o < learner->out; o++) {
		const lane *const w = c->output.w + o * c->sources;
		lane net = w[0];
		for (int i = 1; i < c->most; i++)
			net = lane_fma(w[i], c->x[i], net);
		learner->y_out[o] = net;
	}
	lane_logistic(learner->y_out, learner->y_out, learner->out);
}

/* E_o and what is counted of the errors, in all phases. */
static void errors(struct cascade *c, const struct lesson *lesson)
{
	const ilane learns = lesson->learns, priming = learns & (c->phase == PRIMING);
	const lane one = lane_set(1.0);
	c->cases += lane_masked(learns, one);
	for (int o = 0; o < c->base.out; o++) {
		const lane value = c->base.y_out[o] - 0.5, target = lesson->target[o] - 0.5;
		const lane off = value - target;
		/* E_o = (o - target) (sigma' + 0.1), sigma' = 1/4 - o^2 */
		const lane error = off * (lane_fnma(value, value, lane_set(0.25)) + SLOPE_OFFSET);
		c->error[o] = error;
		c->bits += lane_masked(learns & (lane_abs(off) > ERROR_BIT), one);
		accumulate(learns, &c->squares, off, off);
		accumulate(priming, &c->sum_e[o], one, error);
		accumulate(priming, &c->sse, error, error);
	}
}

static void teach_outputs(struct cascade *c, ilane mask)
{
	for (int o = 0; o < c->base.out; o++) {
		lane *const slope = c->output.slope + o * c->sources;
		for (int i = 0; i < c->most; i++)
			accumulate(mask, &slope[i], c->error[o], c->x[i]);
	}
}

/* V(t) + 1/2 of all candidates, from V(t-1) */
static void candidates_net(struct cascade *c)
{
	for (int u = 0; u < c->base.o.candidates; u++) {
		const lane *const w = c->pool.w + u * c->row;
		/* sum_i w_i x_i(t) + w_s V(t-1) */
		lane net = w[c->sources] * c->v[u];
		for (int i = 0; i < c->most; i++)
			net = lane_fma(w[i], c->x[i], net);
		c->net[u] = net;
	}
	lane_logistic(c->net, c->net, (int)c->base.o.candidates);
}

/* dV(t)/dw of candidate u, and with it the slope of its score */
static void candidate_slope(struct cascade *c, int u, ilane mask, lane v, lane pull)
{
	lane *const slope = c->slope + u * c->row, *const sum = c->pool.slope + u * c->row;
	const lane w_s = c->pool.w[u * c->row + c->sources], sigma = lane_fnma(v, v, lane_set(0.25));
	/* dV(t)/dw_i = sigma' [x_i(t) + w_s dV(t-1)/dw_i] */
	for (int i = 0; i < c->most; i++) {
		slope[i] = sigma * lane_fma(w_s, slope[i], c->x[i]);
		accumulate(mask, &sum[i], slope[i], pull);
	}
	/* dV(t)/dw_s = sigma' [V(t-1) + w_s dV(t-1)/dw_s] */
	const int i = c->sources;
	slope[i] = sigma * lane_fma(w_s, slope[i], c->v[u]);
	accumulate(mask, &sum[i], slope[i], pull);
}

/* mask: lanes in the phases PRIMING and CANDIDATES. What the others' candidates do is cleared before it could be used. */
static void teach_candidates(struct cascade *c, ilane mask)
{
	const int out = c->base.out;
	const ilane sloped = mask & (c->phase == CANDIDATES);
	const lane one = lane_set(1.0);
	candidates_net(c);
	for (int o = 0; o < out; o++)
		c->pull[o] = (c->mean_e[o] - c->error[o]) / c->sse;
	for (int u = 0; u < c->base.o.candidates; u++) {
		const lane v = c->net[u] - 0.5;
		lane pull = lane_set(0.0);
		for (int o = 0; o < out; o++) {
			/* -sum_o sign(c_o) (E_o - mean E_o) / SSE */
			pull += lane_select(c->c[u * out + o] < 0.0, -c->pull[o], c->pull[o]);
			accumulate(mask, &c->sum_ve[u * out + o], v, c->error[o]);
		}
		candidate_slope(c, u, sloped, v, pull);
		accumulate(mask, &c->sum_v[u], one, v);
		c->v[u] = v;
	}
}

static void cascade_teach(struct learner *learner, const struct frames *frames, long at, struct lesson *lesson)
{
	struct cascade *c = self(learner);
	(void)frames;
	(void)at;
	const ilane outputs = lesson->learns & (c->phase == OUTPUTS), candidates = lesson->learns & ~outputs;
	c->taught |= lesson->learns;
	errors(c, lesson);
	if (lane_any(outputs))
		teach_outputs(c, outputs);
	if (lane_any(candidates))
		teach_candidates(c, candidates);
}

static void cascade_finish(struct learner *learner, ilane ended)
{
	struct cascade *c = self(learner);
	const ilane counted = ended & c->taught;
	c->taught &= ~ended;
	c->sequences -= counted;
	const ilane due = counted & (c->sequences == (int64_t)c->train_set);
	if (lane_any(due))
		epoch_end(c, due);
}

const struct learner_type learner_cascade = {
    .name = "cascade-correlation",
    .summary = "recurrent cascade-correlation (Fahlman 1991): a net that grows unit by unit",
    .size = sizeof(struct cascade),
    .create = cascade_create,
    .release = cascade_release,
    .start = cascade_start,
    .reset = cascade_reset,
    .advance = cascade_advance,
    .answer = cascade_answer,
    .teach = cascade_teach,
    .finish = cascade_finish,
};
