/* identity.h: which trials of a database belong to the experiments of today.
   Does: tell the store what every name (an experiment, and what --set changed) means by the experiments' files now, so that trials of
   other conditions count nowhere; say in words what those are.
   Does not: print, or delete a trial. */
#ifndef RUN_IDENTITY_H
#define RUN_IDENTITY_H

#include "run/plan.h"

/* Resolves the bare readings of all rows, every name of theirs in the database, and the plan's (NULL: none). A store that was opened to
   be read is not written to. *changed (may be NULL): the database knew otherwise. */
bool identity_resolve(const struct experiments *x, const struct plan *plan, struct store *store, bool *changed, struct error *e);

/* Calls line for every kind of trials of these rows that count no more, as in "12 trials of 6a were computed with rate = 0.5, now 0.3:
   kept, not used". After identity_resolve. */
bool identity_unused(const struct experiment *const *rows, int n, struct store *store, void (*line)(void *to, const char *text), void *to,
		     struct error *e);

#endif
