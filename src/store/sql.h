/* sql.h: calls of SQLite, for the files of store/.
   Does: what a struct store is; statements with their arguments, transactions; what SQLite says as a message with the next action, in one
   place.
   Does not: know tables. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/store.h"

#include <sqlite3.h>

struct store {
	sqlite3 *db;
	char *path; /* as the user wrote it, for messages */
	char host[65];
	char owner[128]; /* of claims: host:pid:random */
	bool reads_only; /* STORE_READ */
};

/* A macro's value as a text. */
#define TEXT_OF(x)   #x
#define NUMBER_OF(x) TEXT_OF(x)

#define SQL_PATH         "%.200s" /* a path in a message */
#define SQL_BUSY_SECONDS 30       /* to wait for another process's transaction */

/* Puts what the last call on the database said into e, with the next action. Always returns false. */
bool sql_failed(struct store *s, struct error *e);
/* The same for a result code that is known without a call. */
bool sql_refused(struct store *s, int code, struct error *e);

/* Arguments of a statement by types: t const char *, i int64_t, r double (NULL if not finite). False: sql_failed. */

/* Runs a statement without regard to its rows. */
bool sql_run(struct store *s, struct error *e, const char *sql, const char *types, ...);
/* The number in the first column of a query's first row. */
bool sql_get(struct store *s, struct error *e, int64_t *value, const char *sql, const char *types, ...);
/* Calls visit for every row of a query. */
bool sql_each(struct store *s, struct error *e, void (*visit)(void *to, sqlite3_stmt *row), void *to, const char *sql, const char *types,
	      ...);
const char *sql_text(sqlite3_stmt *row, int column);

/* Every write is a transaction that starts with BEGIN IMMEDIATE, so that several processes take turns; readers see the state before or
   after. */
bool sql_begin(struct store *s, struct error *e);
/* Ends a transaction; where something has failed, nothing of it remains. */
bool sql_finish(struct store *s, bool good, struct error *e);

/* path as SQLite takes it: never one of its special names (":memory:", "file:..."). The caller frees. */
char *sql_path(const char *path);

#endif
