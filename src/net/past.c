/* past.c: see past.h. */
#include "net/past.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void walk_prepare(struct walk *w, const struct net *net)
{
	*w = (struct walk){.recurrent = true};
	w->e_y = memory_zeroed((size_t)net->hidden, sizeof *w->e_y);
	w->e_s = memory_zeroed((size_t)net->cells, sizeof *w->e_s);
	w->e_net = memory_zeroed((size_t)net->hidden * (RUN_STEPS + 1), sizeof *w->e_net);
}

void walk_release(struct walk *w)
{
	free(w->e_y);
	free(w->e_s);
	free(w->e_net);
}

void walk_start(struct walk *w, const struct net *net)
{
	memset(w->e_net, 0, (size_t)net->hidden * sizeof *w->e_net);
	memset(w->e_s, 0, (size_t)net->cells * sizeof *w->e_s);
}

bool walk_goes_on(struct walk *w, const struct net *net, long n)
{
	ilane left = w->left[n - 1];
	memcpy(w->e_net, w->e_net + n * net->hidden, (size_t)net->hidden * sizeof *w->e_net);
	for (int v = 0; v < net->cells; v++)
		left |= w->e_s[v] != 0.0;
	return lane_any(left);
}
