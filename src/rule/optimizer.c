/* optimizer.c: see optimizer.h. */
#include "rule/optimizer.h"

#include "base/memory.h"

#include <stdlib.h>

void optimizer_prepare(struct optimizer *opt, const struct optimizer_options *o, double rate, const struct net *net)
{
	*opt = (struct optimizer){.o = *o, .rate = rate, .momentum_t = lane_set(1.0), .beta2_t = lane_set(1.0)};
	if (o->kind != OPTIMIZER_SGD)
		opt->m = memory_zeroed(net->size, sizeof *opt->m);
	if (o->kind == OPTIMIZER_ADAM)
		opt->v = memory_zeroed(net->size, sizeof *opt->v);
}

void optimizer_release(struct optimizer *opt)
{
	free(opt->m);
	free(opt->v);
}

/* Every weight of a net, as a place per lane: where lane l's stands is first + at[l]. Local matrices stand side by side, of all others
   the lanes do. */
struct weights {
	const struct net *net;
	int connection, n; /* n: weights of this one done */
};

/* The next weight: its place in arrays laid out as net.w. False: all done. */
static bool next_weight(struct weights *weights, size_t *first, ilane *at)
{
	const struct net *net = weights->net;
	for (; weights->connection < net->to_hidden_n + net->to_output_n; weights->connection++, weights->n = 0) {
		const int i = weights->connection - net->to_hidden_n;
		const struct connection *c = i < 0 ? &net->to_hidden[weights->connection] : &net->to_output[i];
		const int size = c->rows * c->cols;
		if (weights->n == size)
			continue;
		const bool apart = c->local && c->cols > 1;
		*first = c->offset + (size_t)weights->n * (apart ? 1 : LANES);
		*at = ilane_number() * (apart ? size : 1);
		weights->n++;
		return true;
	}
	return false;
}

void optimizer_start(struct optimizer *opt, const struct net *net, int l)
{
	struct weights weights = {.net = net};
	size_t first;
	ilane at;
	opt->momentum_t[l] = opt->beta2_t[l] = 1.0;
	while (opt->m && next_weight(&weights, &first, &at)) {
		opt->m[first + (size_t)at[l]] = 0.0;
		if (opt->v)
			opt->v[first + (size_t)at[l]] = 0.0;
	}
}

/* clip / |g| where the gradient of a lane is longer than clip, else 1 */
static lane scale_of(const struct optimizer *opt, const struct net *net, const double *gradient)
{
	struct weights weights = {.net = net};
	size_t first;
	ilane at;
	lane square = {0};
	if (!(opt->o.clip > 0.0))
		return lane_set(1.0);
	while (next_weight(&weights, &first, &at)) {
		const lane g = lane_gather(gradient + first, at);
		square = lane_fma(g, g, square);
	}
	const lane norm = lane_sqrt(square);
	return lane_select(norm > opt->o.clip, opt->o.clip / norm, lane_set(1.0));
}

void optimizer_apply(struct optimizer *opt, struct net *net, double *gradient, ilane mask)
{
	const struct optimizer_options *o = &opt->o;
	struct weights weights = {.net = net};
	size_t first;
	ilane at;
	if (!lane_any(mask))
		return;
	const lane scale = scale_of(opt, net, gradient);
	opt->momentum_t = lane_select(mask, opt->momentum_t * o->momentum, opt->momentum_t);
	opt->beta2_t = lane_select(mask, opt->beta2_t * o->beta2, opt->beta2_t);
	while (next_weight(&weights, &first, &at)) {
		const lane all = lane_gather(gradient + first, at), w = lane_gather(net->w + first, at);
		const lane g = scale * lane_masked(mask, all);
		lane step = g;
		if (o->kind == OPTIMIZER_MOMENTUM) { /* m(t) = mu m(t-1) + g */
			const lane before = lane_gather(opt->m + first, at);
			step = lane_fma(lane_set(o->momentum), before, g);
			lane_scatter(opt->m + first, at, lane_select(mask, step, before));
		} else if (o->kind == OPTIMIZER_ADAM) {
			/* m(t) = beta_1 m(t-1) + (1 - beta_1) g, v(t) = beta_2 v(t-1) + (1 - beta_2) g^2 */
			const lane m_before = lane_gather(opt->m + first, at), v_before = lane_gather(opt->v + first, at);
			const lane m = o->momentum * m_before + (1.0 - o->momentum) * g,
				   v = o->beta2 * v_before + (1.0 - o->beta2) * (g * g);
			/* Dw = a (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + epsilon) */
			step = m / (1.0 - opt->momentum_t) / (lane_sqrt(v / (1.0 - opt->beta2_t)) + o->epsilon);
			lane_scatter(opt->m + first, at, lane_select(mask, m, m_before));
			lane_scatter(opt->v + first, at, lane_select(mask, v, v_before));
		}
		lane_scatter(net->w + first, at, lane_select(mask, w + opt->rate * step, w));
		lane_scatter(gradient + first, at, lane_masked(~mask, all));
	}
}
