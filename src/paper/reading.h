/* reading.h: a row's conditions under a reading, with changes.
   Does: the literal and the closest reading, what --set changes in them, and the canonical text of such changes.
   Does not: read files, know what has been run. */
#ifndef PAPER_READING_H
#define PAPER_READING_H

#include "paper/row.h"

struct setting {
	const char *key, *value;
};

enum { CANONICAL_MAX = 1024 };

/* The conditions of a row with changes ("reading" = literal or closest is one; it is applied first), checked. canonical gets the canonical
   text: "reading=closest" if so, then every key in table order whose value differs from that reading's, separated by
   spaces; "" for none. A change to the value it already has changes nothing. A change of net alone sets units too, so that the
   number of weights is as near to the reading's as it can be. */
bool experiment_resolve(const struct experiment *x, const struct setting *settings, int n, struct conditions *out,
			char canonical[CANONICAL_MAX], struct error *e);

/* What a canonical text that was stored means by the row's file of today. Not checked: the text may combine what no longer does. False
   and one line in e where a reading, a key or a value in it is unknown now. */
bool experiment_read(const struct experiment *x, const char *canonical, struct conditions *out, bool *closest, struct error *e);

/* Such a text in today's canonical form, with `key` (NULL: nothing) put back to what it is in the reading. */
bool experiment_without(const struct experiment *x, const char *canonical, const char *key, char rest[CANONICAL_MAX], struct error *e);

/* conditions_set, with values that can stand in a canonical text. */
bool reading_set(struct conditions *c, const char *key, const char *value, struct error *e);

/* The conditions of the closest reading, whose deviations are known to be possible one by one. */
struct conditions reading_closest(const struct experiment *x);

#endif
