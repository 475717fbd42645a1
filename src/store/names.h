/* names.h: sets of conditions and the names that mean them, for the files of store/.
   Does: find a set's id, put a set or a name in.
   Does not: begin or end a transaction. */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include "store/sql.h"

/* What a trial is, in SQL: "iii" its set's id, its seed, NUMERICS. */
#define THIS_TRIAL " set_id = ? AND seed = ? AND numerics = ?"

/* The id of a set by its text; 0: the file has none such. */
bool set_known(struct store *s, const char *text, int64_t *id, struct error *e);
/* The same of a set that is put in where it is new. */
bool set_find(struct store *s, const char *text, int64_t *id, struct error *e);

/* Puts a name in, unless it is there. */
bool name_write(struct store *s, const struct store_name *name, struct error *e);

#endif
