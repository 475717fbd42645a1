/* past.h: going back over what the steps of a net left behind.
   Does: errors from step to step, e_j(t) = f'_j eps_j(t), eps_m(t-1) = sum_j w_jm e_j(t) (section 3.1), and along states; one walk for all
   nets, of which each gives its own step.
   Does not: change weights. */
#ifndef NET_PAST_H
#define NET_PAST_H

#include "net/connect.h"

struct walk {
	bool recurrent;              /* errors go from step to step over recurrent connections too, not in states only */
	ilane lanes;                 /* in the others there are none */
	const lane *e;               /* (steps of the past, seen_n) errors that enter at the activations of the seen units at each step */
	const unsigned char *enters; /* (steps of the past) some do */
	lane *e_y;                   /* (hidden) errors at activations, of one step */
	lane *e_s;                   /* (cells) errors that go on to the states of the step before */
	lane *e_net;                 /* (n + 1, hidden) at net inputs: of the step after, then of each step, going back */
	ilane left[RUN_STEPS];       /* lanes that have any, of each of these steps */
};

/* Memory of a walk; free with walk_release. */
void walk_prepare(struct walk *w, const struct net *net);
void walk_release(struct walk *w);

/* No errors have come back yet. */
void walk_start(struct walk *w, const struct net *net);

/* Errors at the activations of step t: what comes back from the step after, and what enters. */
LANE_INLINE void walk_into(const struct net *net, const struct walk *w, const lane *e_net, long t)
{
	lane *const e_y = w->e_y;
	for (int j = 0; j < net->hidden; j++)
		e_y[j] = lane_set(0.0);
	for (int i = 0; w->recurrent && i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_RECURRENT)
			connect_back(&net->to_hidden[i], net->w, e_net, e_y + net->to_hidden[i].first);
	if (w->enters[t])
		for (int v = 0; v < net->seen_n; v++)
			e_y[net->seen_first + v] += lane_masked(w->lanes, w->e[t * net->seen_n + v]);
}

/* What vanishes is 0, and so are the errors of the other lanes; the lanes that have any left. */
LANE_INLINE ilane walk_settle(const struct walk *w, lane *e_net, const int hidden, const int cells)
{
	ilane left = {0};
	for (int j = 0; j < hidden; j++) {
		e_net[j] = lane_flushed(lane_masked(w->lanes, e_net[j]));
		left |= e_net[j] != 0.0;
	}
	for (int v = 0; v < cells; v++)
		w->e_s[v] = lane_flushed(lane_masked(w->lanes, w->e_s[v]));
	return left;
}

/* What struct net_type says of walk, by the step back of the net. */
LANE_INLINE void walk_steps(const struct net *net, struct walk *w, long t, long n,
			    void (*back)(const struct net *net, const lane *row, const lane *e_y, lane *e_s, lane *e_net))
{
	lane *e_net = w->e_net;
	for (long i = 0; i < n; i++, t--) {
		walk_into(net, w, e_net, t);
		e_net += net->hidden;
		back(net, net_row(net, t + 1), w->e_y, w->e_s, e_net);
		w->left[i] = walk_settle(w, e_net, net->hidden, net->cells);
	}
}

/* The last step's errors become those of the step after the next walk; does any go on? */
bool walk_goes_on(struct walk *w, const struct net *net, long n);

#endif
