/* sql.c: see sql.h. */
#include "store/sql.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- errors ---- */

#define WRITABLE   "make the file and its folder writable"
#define MAKE_ROOM  "make room and run the same command again"
#define OTHER_FILE "give another file with --db"

/* What a result code means and what to do: "PATH: meaning (detail); action". */
struct failure {
	int code;
	bool input; /* whose error it is: the file's that was given, or the machine's */
	enum detail { DETAIL_NONE, DETAIL_SQLITE, DETAIL_SYSTEM } detail;
	const char *meaning, *action;
};

/* Extended codes before those they belong to. */
static const struct failure failures[] = {
    /* a quota or a limit on the size of files */
    {SQLITE_IOERR_WRITE, false, DETAIL_NONE, "cannot be written, the disk or a quota is full", MAKE_ROOM},
    {SQLITE_IOERR_SHMSIZE, false, DETAIL_NONE, "cannot be written, the disk or a quota is full", MAKE_ROOM},
    {SQLITE_IOERR, false, DETAIL_SYSTEM, "cannot be read or written", "check the disk, or " OTHER_FILE},
    {SQLITE_FULL, false, DETAIL_NONE, "cannot be written, the disk is full", MAKE_ROOM},
    {SQLITE_READONLY, false, DETAIL_NONE, "cannot be written, read-only", WRITABLE ", or " OTHER_FILE},
    {SQLITE_PERM, false, DETAIL_NONE, "cannot be written, read-only", WRITABLE ", or " OTHER_FILE},
    {SQLITE_CANTOPEN, false, DETAIL_SYSTEM, "cannot be opened", WRITABLE ", or " OTHER_FILE},
    {SQLITE_BUSY, false, DETAIL_NONE, "locked by another program for " NUMBER_OF(SQL_BUSY_SECONDS) " s",
     "end it and run the same command again"},
    {SQLITE_LOCKED, false, DETAIL_NONE, "locked by another program for " NUMBER_OF(SQL_BUSY_SECONDS) " s",
     "end it and run the same command again"},
    {SQLITE_NOTADB, true, DETAIL_NONE, "not a results database (file is not a database)", OTHER_FILE},
    {SQLITE_CORRUPT, true, DETAIL_SQLITE, "damaged", "put a copy in its place, or " OTHER_FILE},
    /* our statements are right: the file's tables are not */
    {SQLITE_ERROR, true, DETAIL_SQLITE, "not a results database any more", OTHER_FILE},
    {SQLITE_CONSTRAINT, true, DETAIL_SQLITE, "not a results database any more", OTHER_FILE},
    {SQLITE_MISMATCH, true, DETAIL_SQLITE, "not a results database any more", OTHER_FILE},
};
static const struct failure other = {0, false, DETAIL_SQLITE, "the database refused", OTHER_FILE};

static const struct failure *failure_of(int code)
{
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
		if (failures[i].code == code || failures[i].code == (code & 0xff))
			return &failures[i];
	return &other;
}

static const char *detail_text(struct store *s, const struct failure *f)
{
	const int system = f->detail == DETAIL_SYSTEM ? sqlite3_system_errno(s->db) : 0;
	if (f->code == SQLITE_CANTOPEN && system == ENOENT)
		return "it cannot be created";
	return system ? strerror(system) : sqlite3_errmsg(s->db);
}

bool sql_refused(struct store *s, int code, struct error *e)
{
	const struct failure *f = failure_of(code);
	char detail[176] = "";
	if (f->detail != DETAIL_NONE)
		snprintf(detail, sizeof detail, " (%.160s)", detail_text(s, f));
	return (f->input ? error_input : error_environment)(e, SQL_PATH ": %s%s; %s", s->path, f->meaning, detail, f->action);
}

bool sql_failed(struct store *s, struct error *e)
{
	return sql_refused(s, sqlite3_extended_errcode(s->db), e);
}

/* ---- statements ---- */

/* Arguments by types; they must stay valid until the statement is finalized. */
static void bind(sqlite3_stmt *statement, const char *types, va_list args)
{
	assert(sqlite3_bind_parameter_count(statement) == (int)strlen(types));
	for (int i = 1; *types; types++, i++) {
		if (*types == 't') {
			sqlite3_bind_text(statement, i, va_arg(args, const char *), -1, SQLITE_STATIC);
		} else if (*types == 'i') {
			sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
		} else {
			const double x = va_arg(args, double);
			if (isfinite(x))
				sqlite3_bind_double(statement, i, x);
		}
	}
}

/* sql ready to step. NULL: failed. */
static sqlite3_stmt *prepare(struct store *s, struct error *e, const char *sql, const char *types, va_list args)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK) {
		sql_failed(s, e);
		return NULL;
	}
	bind(statement, types, args);
	return statement;
}

static bool visit_rows(struct store *s, struct error *e, void (*visit)(void *to, sqlite3_stmt *row), void *to, const char *sql,
		       const char *types, va_list args)
{
	sqlite3_stmt *statement = prepare(s, e, sql, types, args);
	if (!statement)
		return false;
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		visit(to, statement);
	const bool good = code == SQLITE_DONE || sql_failed(s, e);
	sqlite3_finalize(statement);
	return good;
}

bool sql_each(struct store *s, struct error *e, void (*visit)(void *to, sqlite3_stmt *row), void *to, const char *sql, const char *types,
	      ...)
{
	va_list args;
	va_start(args, types);
	const bool good = visit_rows(s, e, visit, to, sql, types, args);
	va_end(args);
	return good;
}

static void pass_over(void *to, sqlite3_stmt *row)
{
	(void)to, (void)row;
}

bool sql_run(struct store *s, struct error *e, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	const bool good = visit_rows(s, e, pass_over, NULL, sql, types, args);
	va_end(args);
	return good;
}

bool sql_get(struct store *s, struct error *e, int64_t *value, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(s, e, sql, types, args);
	va_end(args);
	if (!statement)
		return false;
	const bool good = sqlite3_step(statement) == SQLITE_ROW || sql_failed(s, e);
	if (good)
		*value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return good;
}

const char *sql_text(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

bool sql_begin(struct store *s, struct error *e)
{
	return sql_run(s, e, "BEGIN IMMEDIATE", "");
}

bool sql_finish(struct store *s, bool good, struct error *e)
{
	struct error ignored = {0};
	if (good && sql_run(s, e, "COMMIT", ""))
		return true;
	if (!sqlite3_get_autocommit(s->db))
		sql_run(s, &ignored, "ROLLBACK", "");
	return false;
}

char *sql_path(const char *path)
{
	const size_t size = strlen(path) + 3;
	char *plain = memory_zeroed(size, 1);
	snprintf(plain, size, "%s%s", *path == '/' ? "" : "./", path);
	return plain;
}
