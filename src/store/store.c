/* store.c: see store.h.

   Every write is a transaction that starts with BEGIN IMMEDIATE, so that several processes take turns; readers see the
   state before or after. What the tables and views mean is said in schema.sql.
   A file of version 1 had no sets of conditions, but the experiments' names and what --set changed. What its rows were when its trials
   were computed cannot be known for certain (that is why there is a version 2), nor can weights be hashed that are gone: it is refused. */
#include "store/store.h"

#include "base/hash.h"
#include "base/lane.h"
#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef LSTM97_BUILD
#define LSTM97_BUILD "unknown"
#endif
#ifndef LSTM97_FLAGS
#define LSTM97_FLAGS "unknown flags"
#endif
#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { BUSY_SECONDS = 30, BUSY_STEP_MS = 20 }; /* to wait for another process's transaction */

struct store {
	sqlite3 *db;
	char *path; /* as the user wrote it, for messages */
	char host[65];
	char owner[128]; /* of claims: host:pid:random */
	bool reads_only; /* STORE_READ */
};

extern const char store_schema[]; /* schema.sql */

static const char *const outcome_names[] = {"solved", "unsolved", "diverged"}; /* by enum outcome */

/* ---- errors ---- */

#define PATH "%.200s"

/* Puts what the last call on the database said into e, with the next action. Always returns false. */
static bool failed(struct store *s, struct error *e)
{
	const int code = sqlite3_extended_errcode(s->db), system = sqlite3_system_errno(s->db);
	if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE) /* a quota or a limit on the size of files */
		return error_environment(e,
					 PATH ": cannot be written, the disk or a quota is full; make room and run the same command "
					      "again",
					 s->path);
	switch (code & 0xff) {
	case SQLITE_NOTADB:
		return error_input(e, PATH ": not a results database (file is not a database); give another file with --db", s->path);
	case SQLITE_FULL:
		return error_environment(e, PATH ": cannot be written, the disk is full; make room and run the same command again",
					 s->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return error_environment(e,
					 PATH ": cannot be written, read-only; make the file and its folder writable, or give "
					      "another file with --db",
					 s->path);
	case SQLITE_CANTOPEN:
		return error_environment(e,
					 PATH ": cannot be opened (%.80s); make the file and its folder writable, or give another "
					      "file with --db",
					 s->path,
					 system == ENOENT ? "it cannot be created"
					 : system         ? strerror(system)
							  : sqlite3_errmsg(s->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_environment(e, PATH ": locked by another program for %d s; end it and run the same command again", s->path,
					 BUSY_SECONDS);
	case SQLITE_IOERR:
		return error_environment(e, PATH ": cannot be read or written (%.80s); check the disk, or give another file with --db",
					 s->path, system ? strerror(system) : sqlite3_errmsg(s->db));
	case SQLITE_CORRUPT:
		return error_input(e, PATH ": damaged (%.80s); put a copy in its place, or give another file with --db", s->path,
				   sqlite3_errmsg(s->db));
	case SQLITE_ERROR: /* our statements are right: the file's tables are not */
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		return error_input(e, PATH ": not a results database any more (%.160s); give another file with --db", s->path,
				   sqlite3_errmsg(s->db));
	default:
		return error_environment(e, PATH ": the database refused (%.160s); give another file with --db", s->path,
					 sqlite3_errmsg(s->db));
	}
}

/* ---- statements ---- */

/* sql ready to step; arguments by types: t const char *, i int64_t, r double (NULL if not finite). They must stay valid
   until the statement is finalized. NULL: failed. */
static sqlite3_stmt *prepare(struct store *s, struct error *e, const char *sql, const char *types, va_list args)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK) {
		failed(s, e);
		return NULL;
	}
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
	return statement;
}

/* Runs a statement without regard to its rows. */
static bool run(struct store *s, struct error *e, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(s, e, sql, types, args);
	va_end(args);
	if (!statement)
		return false;
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		;
	const bool good = code == SQLITE_DONE || failed(s, e);
	sqlite3_finalize(statement);
	return good;
}

/* The number in the first column of a query's first row. */
static bool get(struct store *s, struct error *e, int64_t *value, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(s, e, sql, types, args);
	va_end(args);
	if (!statement)
		return false;
	const bool good = sqlite3_step(statement) == SQLITE_ROW || failed(s, e);
	if (good)
		*value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return good;
}

/* Calls visit for every row of a query. */
static bool each(struct store *s, struct error *e, void (*visit)(void *to, sqlite3_stmt *row), void *to, const char *sql, const char *types,
		 ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(s, e, sql, types, args);
	va_end(args);
	if (!statement)
		return false;
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		visit(to, statement);
	const bool good = code == SQLITE_DONE || failed(s, e);
	sqlite3_finalize(statement);
	return good;
}

static const char *column_text(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

static bool begin(struct store *s, struct error *e)
{
	return run(s, e, "BEGIN IMMEDIATE", "");
}

/* Ends a transaction; where something has failed, nothing of it remains. */
static bool finish(struct store *s, bool good, struct error *e)
{
	struct error ignored = {0};
	if (good && run(s, e, "COMMIT", ""))
		return true;
	if (!sqlite3_get_autocommit(s->db))
		run(s, &ignored, "ROLLBACK", "");
	return false;
}

/* ---- opening ---- */

/* path as SQLite takes it: never one of its special names (":memory:", "file:..."). The caller frees. */
static char *plain_path(const char *path)
{
	const size_t size = strlen(path) + 3;
	char *plain = memory_zeroed(size, 1);
	snprintf(plain, size, "%s%s", *path == '/' ? "" : "./", path);
	return plain;
}

/* Creates the folders that path lies in. */
static bool create_folders(struct store *s, struct error *e)
{
	char *folder = memory_text(s->path);
	bool good = true;
	for (char *slash = *folder ? strchr(folder + 1, '/') : NULL; good && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		struct stat info;
		if (stat(folder, &info) && mkdir(folder, 0777) && errno != EEXIST)
			good = error_environment(e, PATH ": cannot create the folder " PATH " (%.60s); give another file with --db",
						 s->path, folder, strerror(errno));
		*slash = '/';
	}
	free(folder);
	return good;
}

/* What a file is, seen in one transaction. */
enum content { CONTENT_OURS, CONTENT_NONE, CONTENT_NEWER, CONTENT_OLDER, CONTENT_FOREIGN };

struct seen {
	enum content content;
	int64_t version;
};

static bool look(struct store *s, struct seen *seen, struct error *e)
{
	int64_t objects, ours;
	if (!get(s, e, &objects, "SELECT count(*) FROM sqlite_master", "") || !get(s, e, &seen->version, "PRAGMA user_version", "") ||
	    !get(s, e, &ours,
		 "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
		 " AND name IN ('experiment', 'published', 'trial', 'milestone', 'curve', 'claim', 'condition_set', 'condition',"
		 " 'program_default', 'resolved')",
		 ""))
		return false;
	if (seen->version > STORE_VERSION)
		seen->content = CONTENT_NEWER;
	else if (seen->version == STORE_VERSION && ours == 10)
		seen->content = CONTENT_OURS;
	else if (seen->version == 1 && ours == 6)
		seen->content = CONTENT_OLDER;
	else
		seen->content = seen->version == 0 && objects == 0 ? CONTENT_NONE : CONTENT_FOREIGN;
	return true;
}

static bool accept_content(struct store *s, const struct seen *seen, struct error *e)
{
	if (seen->content == CONTENT_NEWER)
		return error_input(e,
				   PATH ": was written by a newer lstm97 (version %lld, this one reads %d); update lstm97, or give "
					"another file with --db",
				   s->path, (long long)seen->version, STORE_VERSION);
	if (seen->content == CONTENT_OLDER)
		return error_input(e,
				   PATH
				   ": was written by an older lstm97, which did not keep its trials' conditions in full; make a new one: "
				   "lstm97 run all --db NEW.db, or make reproduce DB=NEW.db",
				   s->path);
	if (seen->content == CONTENT_FOREIGN)
		return error_input(e, PATH ": not a results database (its tables are of another program); give another file with --db",
				   s->path);
	return true;
}

/* The schema into an empty file, unless another process is faster. */
static bool create_schema(struct store *s, struct error *e)
{
	struct seen seen;
	char version[64];
	if (sqlite3_db_readonly(s->db, "main"))
		return error_environment(e,
					 PATH ": cannot be written, read-only; make the file and its folder writable, or give "
					      "another file with --db",
					 s->path);
	if (!begin(s, e))
		return false;
	bool good = look(s, &seen, e) && accept_content(s, &seen, e);
	if (good && seen.content == CONTENT_NONE) {
		good = sqlite3_exec(s->db, store_schema, NULL, NULL, NULL) == SQLITE_OK || failed(s, e);
		snprintf(version, sizeof version, "PRAGMA user_version = %d", STORE_VERSION);
		good = good && run(s, e, version, "");
	}
	return finish(s, good, e);
}

/* Write-ahead log, if the file system can have one. SQLite does not wait by itself here. */
static bool use_wal(struct store *s, struct error *e)
{
	for (int waited = 0;; waited += BUSY_STEP_MS) {
		struct error tried = {0};
		if (run(s, &tried, "PRAGMA journal_mode = WAL", ""))
			return true;
		if ((sqlite3_errcode(s->db) & 0xff) != SQLITE_BUSY || waited > BUSY_SECONDS * 1000) {
			*e = tried;
			return false;
		}
		nanosleep(&(struct timespec){.tv_nsec = BUSY_STEP_MS * 1000000}, NULL);
	}
}

/* Nothing is written before the file is known to be ours or empty. */
static bool prepare_file(struct store *s, enum store_mode mode, struct error *e)
{
	struct seen seen;
	if (!run(s, e, "BEGIN", "") || !finish(s, look(s, &seen, e), e) || !accept_content(s, &seen, e))
		return false;
	s->reads_only = mode == STORE_READ;
	if (s->reads_only) {
		if (seen.content == CONTENT_NONE)
			return error_input(e, PATH ": an empty file; run lstm97 run first, or give --db", s->path);
		return run(s, e, "PRAGMA query_only = ON", "");
	}
	if (seen.content == CONTENT_NONE && !create_schema(s, e))
		return false;
	if (sqlite3_db_readonly(s->db, "main"))
		return error_environment(e, PATH ": cannot be written, read-only; make the file writable, or give another file with --db",
					 s->path);
	return use_wal(s, e) && run(s, e, "PRAGMA synchronous = NORMAL", "") && run(s, e, "PRAGMA foreign_keys = ON", "");
}

static void name_owner(struct store *s)
{
	uint64_t random;
	if (gethostname(s->host, sizeof s->host - 1) || !*s->host)
		strcpy(s->host, "unknown");
	sqlite3_randomness(sizeof random, &random);
	snprintf(s->owner, sizeof s->owner, "%s:%ld:%016llx", s->host, (long)getpid(), (unsigned long long)random);
}

static bool open_file(struct store *s, enum store_mode mode, struct error *e)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | (mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
	struct stat info;
	if (mode == STORE_READ && stat(s->path, &info) && (errno == ENOENT || errno == ENOTDIR))
		return error_input(e, PATH ": no such results database; run lstm97 run first, or give --db", s->path);
	if (mode == STORE_WRITE && !create_folders(s, e))
		return false;
	char *plain = plain_path(s->path);
	const int code = sqlite3_open_v2(plain, &s->db, flags, NULL);
	free(plain);
	if (code != SQLITE_OK)
		return failed(s, e);
	sqlite3_busy_timeout(s->db, BUSY_SECONDS * 1000);
	/* a foreign file's log must not move into the file when we close it */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!prepare_file(s, mode, e))
		return false;
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return true;
}

struct store *store_open(const char *path, enum store_mode mode, struct error *e)
{
	struct store *s = memory_zeroed(1, sizeof *s);
	s->path = memory_text(path);
	name_owner(s);
	if (open_file(s, mode, e))
		return s;
	store_close(s);
	return NULL;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

/* ---- experiments ---- */

static bool write_experiment(struct store *s, const struct store_experiment *x, struct error *e)
{
	if (!run(s, e,
		 "INSERT INTO experiment(id, title, paper_table, task, net, rule, weights, lag, length)"
		 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		 " ON CONFLICT (id) DO UPDATE SET title = excluded.title, paper_table = excluded.paper_table,"
		 " task = excluded.task, net = excluded.net, rule = excluded.rule, weights = excluded.weights,"
		 " lag = excluded.lag, length = excluded.length",
		 "ttttttiii", x->id, x->title, x->paper_table, x->task, x->net, x->rule, (int64_t)x->weights, (int64_t)x->lag,
		 (int64_t)x->length) ||
	    !run(s, e, "DELETE FROM published WHERE experiment = ?", "t", x->id))
		return false;
	for (int i = 0; i < x->published_n; i++)
		if (!run(s, e, "INSERT OR REPLACE INTO published(experiment, milestone, quantity, value) VALUES (?, ?, ?, ?)", "tttr",
			 x->id, x->published[i].milestone, x->published[i].quantity, x->published[i].value))
			return false;
	return true;
}

bool store_experiment(struct store *store, const struct store_experiment *x, struct error *e)
{
	return begin(store, e) && finish(store, write_experiment(store, x, e), e);
}

/* ---- sets of conditions ---- */

static bool write_set(struct store *s, const char *text, int64_t *id, struct error *e)
{
	char fingerprint[20];
	struct word word = {0};
	snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, hash_text(text));
	if (!run(s, e, "INSERT INTO condition_set(text, fingerprint) VALUES (?, ?)", "tt", text, fingerprint))
		return false;
	*id = sqlite3_last_insert_rowid(s->db);
	while (option_next_word(&text, &word))
		if (!run(s, e, "INSERT INTO condition(set_id, key, value) VALUES (?, ?, ?)", "itt", *id, word.key, word.value))
			return false;
	return true;
}

/* The id of a set, which is put in where it is new. */
static bool find_set(struct store *s, const char *text, int64_t *id, struct error *e)
{
	assert(text);
	if (!get(s, e, id, "SELECT coalesce(max(id), 0) FROM condition_set WHERE text = ?", "t", text))
		return false;
	return *id || write_set(s, text, id, e);
}

static bool write_name(struct store *s, const struct store_name *name, struct error *e)
{
	int64_t set;
	return find_set(s, name->set, &set, e) &&
	       run(s, e, "INSERT OR IGNORE INTO resolved(experiment, conditions, reading, set_id, numerics) VALUES (?, ?, ?, ?, ?)",
		   "tttii", name->experiment, name->conditions, name->reading, set, (int64_t)NUMERICS);
}

/* ---- names: what counts ---- */

struct names_call {
	void (*visit)(void *to, const struct store_name *name);
	void *to;
};

static void name_row(void *to, sqlite3_stmt *row)
{
	const struct names_call *call = to;
	const struct store_name name = {.experiment = column_text(row, 0), .conditions = column_text(row, 1)};
	call->visit(call->to, &name);
}

bool store_names(struct store *store, void (*visit)(void *to, const struct store_name *name), void *to, struct error *e)
{
	struct names_call call = {visit, to};
	return each(store, e, name_row, &call,
		    "SELECT experiment, conditions FROM main.resolved UNION SELECT DISTINCT experiment, conditions FROM trial", "");
}

/* What the file knows of the experiments of temp.now, and what temp.now says. */
#define KNOWN                                                                                                                              \
	"SELECT r.experiment, r.conditions, r.reading, s.text FROM main.resolved r JOIN condition_set s ON s.id = r.set_id"                \
	" WHERE numerics = ? AND experiment IN (SELECT experiment FROM now)"
#define NOW "SELECT experiment, conditions, reading, text FROM now"

static bool fill_now(struct store *s, const struct store_name *names, int n, const char *defaults, struct error *e)
{
	struct word word = {0};
	bool good = run(s, e, "CREATE TEMP TABLE now(experiment, conditions, reading, text)", "") &&
		    run(s, e, "CREATE TEMP TABLE now_default(key, value, place INTEGER PRIMARY KEY)", "");
	for (int i = 0; good && i < n; i++)
		good = run(s, e, "INSERT INTO now VALUES (?, ?, ?, ?)", "tttt", names[i].experiment, names[i].conditions, names[i].reading,
			   names[i].set);
	while (good && option_next_word(&defaults, &word))
		good = run(s, e, "INSERT INTO now_default(key, value) VALUES (?, ?)", "tt", word.key, word.value);
	return good;
}

static bool now_differs(struct store *s, bool *differs, struct error *e)
{
	int64_t found;
	if (!get(s, e, &found,
		 "SELECT EXISTS (SELECT * FROM (" NOW " EXCEPT " KNOWN ")) OR EXISTS (SELECT * FROM (" KNOWN " EXCEPT " NOW "))"
		 " OR (SELECT count(*) FROM main.resolved WHERE experiment IN (SELECT experiment FROM now)) <> (SELECT count(*) FROM now)"
		 " OR EXISTS (SELECT * FROM now_default EXCEPT SELECT key, value, place FROM program_default)",
		 "ii", (int64_t)NUMERICS, (int64_t)NUMERICS))
		return false;
	*differs = found;
	return true;
}

/* In front of the file's own table of that name, which is what all of this file's queries then see. */
static bool shadow_names(struct store *s, struct error *e)
{
	return run(s, e,
		   "CREATE TEMP TABLE resolved AS SELECT n.experiment, n.conditions, n.reading, s.id AS set_id, ? AS numerics"
		   " FROM now n LEFT JOIN condition_set s USING (text)"
		   " UNION ALL SELECT experiment, conditions, reading, set_id, numerics FROM main.resolved"
		   " WHERE experiment NOT IN (SELECT experiment FROM now)",
		   "i", (int64_t)NUMERICS);
}

static bool write_names(struct store *s, const struct store_name *names, int n, struct error *e)
{
	if (!run(s, e, "DELETE FROM resolved WHERE experiment IN (SELECT experiment FROM now)", "") ||
	    !run(s, e, "DELETE FROM program_default", "") ||
	    !run(s, e, "INSERT INTO program_default(key, value, place) SELECT key, value, place FROM now_default", ""))
		return false;
	for (int i = 0; i < n; i++)
		if (!write_name(s, &names[i], e))
			return false;
	return true;
}

static bool resolve(struct store *s, const struct store_name *names, int n, const char *defaults, bool *changed, struct error *e)
{
	if (!fill_now(s, names, n, defaults, e) || !now_differs(s, changed, e))
		return false;
	if (!*changed)
		return true;
	return s->reads_only ? shadow_names(s, e) : begin(s, e) && finish(s, write_names(s, names, n, e), e);
}

bool store_resolve(struct store *store, const struct store_name *names, int n, const char *defaults, bool *changed, struct error *e)
{
	struct error ignored = {0};
	bool good = run(store, e, "PRAGMA temp_store = MEMORY", "") && run(store, e, "PRAGMA query_only = OFF", "") &&
		    run(store, e, "DROP TABLE IF EXISTS temp.resolved", "") && resolve(store, names, n, defaults, changed, e);
	run(store, &ignored, "DROP TABLE IF EXISTS temp.now", "");
	run(store, &ignored, "DROP TABLE IF EXISTS temp.now_default", "");
	return good && (!store->reads_only || run(store, e, "PRAGMA query_only = ON", ""));
}

struct unused_call {
	void (*visit)(void *to, const struct store_unused *u);
	void *to;
};

static void unused_row(void *to, sqlite3_stmt *row)
{
	const struct unused_call *call = to;
	const struct store_unused u = {.experiment = column_text(row, 0),
				       .conditions = column_text(row, 1),
				       .set = column_text(row, 2),
				       .numerics = (long)sqlite3_column_int64(row, 3),
				       .trials = (long)sqlite3_column_int64(row, 4)};
	call->visit(call->to, &u);
}

bool store_unused(struct store *store, void (*visit)(void *to, const struct store_unused *u), void *to, struct error *e)
{
	struct unused_call call = {visit, to};
	return each(store, e, unused_row, &call,
		    "SELECT t.experiment, t.conditions, s.text, t.numerics, count(*) FROM trial t JOIN condition_set s ON s.id = t.set_id"
		    " WHERE NOT EXISTS (SELECT * FROM resolved r WHERE r.set_id = t.set_id AND r.numerics = t.numerics)"
		    " GROUP BY t.experiment, t.conditions, t.set_id, t.numerics",
		    "");
}

/* ---- missing trials and claims ---- */

#define THIS_TRIAL " set_id = ? AND seed = ? AND numerics = ?"

/* By the id of its set. */
static bool set_is_missing(struct store *s, int64_t set, uint64_t seed, long budget, bool *missing, struct error *e)
{
	int64_t enough;
	if (!get(s, e, &enough, "SELECT count(*) FROM trial WHERE" THIS_TRIAL " AND NOT (outcome = 'unsolved' AND budget < ?)", "iiii", set,
		 (int64_t)seed, (int64_t)NUMERICS, (int64_t)budget))
		return false;
	*missing = !enough;
	return true;
}

bool store_is_missing(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *missing, struct error *e)
{
	int64_t set;
	assert(c->conditions && c->set);
	return get(store, e, &set, "SELECT coalesce(max(id), 0) FROM condition_set WHERE text = ?", "t", c->set) &&
	       set_is_missing(store, set, seed, budget, missing, e);
}

static int64_t seconds_now(void)
{
	return (int64_t)time(NULL);
}

/* A heartbeat from the future is void, too: some clock has been set. */
static bool claim(struct store *s, const struct store_conditions *c, uint64_t seed, long budget, bool *claimed, struct error *e)
{
	bool missing;
	int64_t set;
	if (!find_set(s, c->set, &set, e) || !set_is_missing(s, set, seed, budget, &missing, e))
		return false;
	if (!missing)
		return true;
	if (!run(s, e,
		 "INSERT INTO claim(set_id, seed, numerics, owner, heartbeat) VALUES (?, ?, ?, ?, ?)"
		 " ON CONFLICT (set_id, seed, numerics) DO UPDATE"
		 " SET owner = excluded.owner, heartbeat = excluded.heartbeat"
		 " WHERE claim.owner = excluded.owner OR abs(excluded.heartbeat - claim.heartbeat) > ?",
		 "iiitii", set, (int64_t)seed, (int64_t)NUMERICS, s->owner, seconds_now(), (int64_t)STORE_CLAIM_SECONDS))
		return false;
	*claimed = sqlite3_changes(s->db) > 0;
	return true;
}

bool store_claim(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *claimed, struct error *e)
{
	*claimed = false;
	if (begin(store, e) && finish(store, claim(store, c, seed, budget, claimed, e), e))
		return true;
	return *claimed = false;
}

bool store_heartbeat(struct store *store, struct error *e)
{
	return begin(store, e) &&
	       finish(store, run(store, e, "UPDATE claim SET heartbeat = ? WHERE owner = ?", "it", seconds_now(), store->owner), e);
}

/* Void claims of others go with them. */
bool store_release(struct store *store, struct error *e)
{
	return begin(store, e) && finish(store,
					 run(store, e, "DELETE FROM claim WHERE owner = ? OR abs(? - heartbeat) > ?", "tii", store->owner,
					     seconds_now(), (int64_t)STORE_CLAIM_SECONDS),
					 e);
}

/* ---- trials in ---- */

/* How a trial was computed: version, compiler, lanes, flags. */
#define TEXT_OF(x)   #x
#define NUMBER_OF(x) TEXT_OF(x)
#define BUILD        LSTM97_BUILD " (" COMPILER ", LANES=" NUMBER_OF(LANES) " " LSTM97_FLAGS ")"

/* A test's numbers, for columns that are NULL without a test. */
#define TEST_SQL   "iif(?, ?, NULL), nullif(?, 0), ?, ?"
#define TEST_TYPES "iiirr"
#define TEST_ARGS(m)                                                                                                                       \
	(int64_t)(m).test_sequences, (int64_t)(m).test_wrong, (int64_t)(m).test_sequences, (m).test_sequences ? (m).test_mean_error : NAN, \
	    (m).test_sequences ? (m).test_mean_square : NAN

static void utc_now(char text[32])
{
	const time_t now = time(NULL);
	struct tm utc;
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

static bool write_row(struct store *s, const struct store_conditions *c, int64_t set, const struct result *r, struct error *e)
{
	char now[32], hash[20];
	const struct milestone none = {0}, *last = r->milestones ? &r->milestone[r->milestones - 1] : &none;
	utc_now(now);
	snprintf(hash, sizeof hash, "%016" PRIx64, r->weights_hash);
	return run(s, e,
		   "INSERT INTO trial(experiment, conditions, reading, set_id, seed, task, net, rule, lag, length, weights, rate, outcome,"
		   " sequences, steps, test_wrong, test_sequences, test_mean_error, test_mean_square, budget, cpu_s, build, numerics,"
		   " weights_hash, host, finished_at)"
		   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " TEST_SQL ", ?, ?, ?, ?, ?, ?, ?)",
		   "tttiitttiiirtii" TEST_TYPES "irtittt", c->experiment, c->conditions, c->reading, set, (int64_t)r->seed, c->task, c->net,
		   c->rule, (int64_t)c->lag, (int64_t)c->length, (int64_t)c->weights, c->rate, outcome_names[r->outcome],
		   (int64_t)r->sequences, (int64_t)r->steps, TEST_ARGS(*last), (int64_t)r->budget, r->cpu_s, BUILD, (int64_t)NUMERICS, hash,
		   s->host, now);
}

static bool write_parts(struct store *s, const struct store_conditions *c, const struct result *r, struct error *e)
{
	const int64_t id = sqlite3_last_insert_rowid(s->db);
	for (int i = 0; i < r->milestones; i++)
		if (!run(s, e,
			 "INSERT INTO milestone(trial, name, sequences, test_wrong, test_sequences, test_mean_error, test_mean_square)"
			 " VALUES (?, ?, ?, " TEST_SQL ")",
			 "iti" TEST_TYPES, id, c->milestone_names[i], (int64_t)r->milestone[i].sequences, TEST_ARGS(r->milestone[i])))
			return false;
	for (int i = 0; i < r->points; i++)
		if (!run(s, e, "INSERT INTO curve(trial, sequences, error) VALUES (?, ?, ?)", "iir", id, (int64_t)r->curve[i].sequences,
			 r->curve[i].error))
			return false;
	return true;
}

/* A row that says more stays: one of a larger budget, where this trial was unsolved within its own. */
static bool write_trial(struct store *s, const struct store_conditions *c, const struct result *r, struct error *e)
{
	const struct store_name name = {c->experiment, c->conditions, c->reading, c->set};
	const int64_t seed = (int64_t)r->seed, numerics = NUMERICS;
	int64_t better, set;
	if (!write_name(s, &name, e) || !find_set(s, c->set, &set, e) ||
	    !run(s, e, "DELETE FROM claim WHERE" THIS_TRIAL " AND owner = ?", "iiit", set, seed, numerics, s->owner) ||
	    !get(s, e, &better, "SELECT count(*) FROM trial WHERE" THIS_TRIAL " AND ? = 'unsolved' AND budget > ?", "iiiti", set, seed,
		 numerics, outcome_names[r->outcome], (int64_t)r->budget))
		return false;
	if (better)
		return true;
	return run(s, e, "DELETE FROM trial WHERE" THIS_TRIAL, "iii", set, seed, numerics) && write_row(s, c, set, r, e) &&
	       write_parts(s, c, r, e);
}

bool store_trial(struct store *store, const struct store_conditions *c, const struct result *result, struct error *e)
{
	assert(c->conditions && c->set);
	return begin(store, e) && finish(store, write_trial(store, c, result, e), e);
}

/* ---- merging ---- */

/* path as a URI that SQLite attaches read-only. The caller frees. */
static char *read_only_uri(const char *path)
{
	char *plain = plain_path(path);
	const size_t size = 3 * strlen(plain) + 32;
	char *uri = memory_zeroed(size, 1);
	size_t used = (size_t)snprintf(uri, size, "file:");
	for (const char *p = plain; *p; p++)
		used += (size_t)snprintf(uri + used, size - used, strchr("%?#", *p) ? "%%%02X" : "%c", (unsigned char)*p);
	snprintf(uri + used, size - used, "?mode=ro");
	free(plain);
	return uri;
}

/* Trial s of src and trial h here are the same one. */
#define SAME_TRIAL "h.seed = s.seed AND h.numerics = s.numerics AND h.set_id = (SELECT here FROM temp.same_set WHERE there = s.set_id)"
#define TRIAL_COLUMNS                                                                                                                      \
	" seed, task, net, rule, lag, length, weights, rate, outcome, sequences, steps, test_wrong, test_sequences, test_mean_error,"      \
	" test_mean_square, budget, cpu_s, build, numerics, weights_hash, host, finished_at"
#define NEW_TRIALS " JOIN src.trial s ON s.id = p.trial JOIN main.trial h ON " SAME_TRIAL " WHERE h.id > ?"

static bool copy_experiments(struct store *s, struct error *e)
{
	return run(s, e,
		   "INSERT OR IGNORE INTO main.experiment(id, title, paper_table, task, net, rule, weights, lag, length)"
		   " SELECT id, title, paper_table, task, net, rule, weights, lag, length FROM src.experiment",
		   "") &&
	       run(s, e,
		   "INSERT INTO main.published(experiment, milestone, quantity, value)"
		   " SELECT experiment, milestone, quantity, value FROM src.published"
		   " WHERE experiment NOT IN (SELECT experiment FROM main.published)",
		   "");
}

/* Sets and names; temp.same_set says which set of src is which here. */
static bool copy_names(struct store *s, struct error *e)
{
	return run(s, e, "DROP TABLE IF EXISTS temp.same_set", "") &&
	       run(s, e, "INSERT OR IGNORE INTO main.condition_set(text, fingerprint) SELECT text, fingerprint FROM src.condition_set",
		   "") &&
	       run(s, e, "CREATE TEMP TABLE same_set(there INTEGER PRIMARY KEY, here INTEGER)", "") &&
	       run(s, e,
		   "INSERT INTO temp.same_set(there, here) SELECT s.id, h.id FROM src.condition_set s JOIN main.condition_set h USING "
		   "(text)",
		   "") &&
	       run(s, e,
		   "INSERT OR IGNORE INTO main.condition(set_id, key, value)"
		   " SELECT here, key, value FROM src.condition JOIN temp.same_set ON there = set_id",
		   "") &&
	       run(s, e, "INSERT OR IGNORE INTO main.program_default(key, value, place) SELECT key, value, place FROM src.program_default",
		   "") &&
	       run(s, e,
		   "INSERT OR IGNORE INTO main.resolved(experiment, conditions, reading, set_id, numerics)"
		   " SELECT experiment, conditions, reading, here, numerics FROM src.resolved JOIN temp.same_set ON there = set_id",
		   "");
}

/* New trials get ids above all others. */
static bool copy_trials(struct store *s, long *trials, struct error *e)
{
	int64_t highest;
	if (!run(s, e,
		 "DELETE FROM main.trial AS h WHERE outcome = 'unsolved'"
		 " AND EXISTS (SELECT 1 FROM src.trial s WHERE " SAME_TRIAL " AND h.budget < s.budget)",
		 "") ||
	    !get(s, e, &highest, "SELECT coalesce(max(id), 0) FROM main.trial", "") ||
	    !run(s, e,
		 "INSERT INTO main.trial(experiment, conditions, reading, set_id," TRIAL_COLUMNS ")"
		 " SELECT experiment, conditions, reading, here," TRIAL_COLUMNS " FROM src.trial s JOIN temp.same_set ON there = s.set_id"
		 " WHERE NOT EXISTS (SELECT 1 FROM main.trial h WHERE " SAME_TRIAL ") ORDER BY id",
		 ""))
		return false;
	*trials = sqlite3_changes(s->db);
	return run(s, e,
		   "INSERT INTO main.milestone(trial, name, sequences, test_wrong, test_sequences, test_mean_error,"
		   " test_mean_square)"
		   " SELECT h.id, p.name, p.sequences, p.test_wrong, p.test_sequences, p.test_mean_error, p.test_mean_square"
		   " FROM src.milestone p" NEW_TRIALS " ORDER BY p.rowid",
		   "i", highest) &&
	       run(s, e,
		   "INSERT INTO main.curve(trial, sequences, error) SELECT h.id, p.sequences, p.error"
		   " FROM src.curve p" NEW_TRIALS,
		   "i", highest);
}

static bool copy_all(struct store *s, long *trials, struct error *e)
{
	return copy_experiments(s, e) && copy_names(s, e) && copy_trials(s, trials, e);
}

static bool merge_file(struct store *s, const char *src, long *trials, struct error *e)
{
	struct error ignored = {0};
	char *uri = read_only_uri(src);
	bool good = run(s, e, "ATTACH ? AS src", "t", uri);
	free(uri);
	if (good) {
		good = begin(s, e) && finish(s, copy_all(s, trials, e), e);
		run(s, &ignored, "DETACH src", "");
	}
	return good || error_at(e, "merging %.120s", src);
}

bool store_merge(struct store *store, const char *src, long *trials, struct error *e)
{
	struct stat info;
	*trials = 0;
	if (stat(src, &info) && (errno == ENOENT || errno == ENOTDIR))
		return error_input(e, PATH ": no such results database; give existing files to merge", src);
	struct store *from = store_open(src, STORE_READ, e); /* checks it; open until the end, so that it cleans up behind us */
	if (!from)
		return false;
	const bool good = merge_file(store, src, trials, e);
	store_close(from);
	if (!good)
		*trials = 0;
	return good;
}

/* ---- rows out ---- */

static double real_or_nan(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN : sqlite3_column_double(row, column);
}

struct rows_call {
	void (*visit)(void *to, const struct store_row *r);
	void *to;
};

static void trial_row(void *to, sqlite3_stmt *row)
{
	const struct rows_call *call = to;
	struct store_row r = {
	    .conditions = column_text(row, 0),
	    .seed = (uint64_t)sqlite3_column_int64(row, 1),
	    .budget = (long)sqlite3_column_int64(row, 3),
	    .trial_sequences = (long)sqlite3_column_int64(row, 4),
	    .cpu_s = sqlite3_column_double(row, 5),
	    .milestone = column_text(row, 6),
	    .sequences = (long)sqlite3_column_int64(row, 7),
	    .test_wrong = (long)sqlite3_column_int64(row, 8),
	    .test_sequences = (long)sqlite3_column_int64(row, 9),
	    .test_mean_error = real_or_nan(row, 10),
	    .test_mean_square = real_or_nan(row, 11),
	    .lag = (long)sqlite3_column_int64(row, 12),
	    .rule = column_text(row, 13),
	};
	while (strcmp(outcome_names[r.outcome], column_text(row, 2)))
		r.outcome++;
	call->visit(call->to, &r);
}

bool store_rows(struct store *store, const char *experiment, void (*row)(void *to, const struct store_row *r), void *to, struct error *e)
{
	struct rows_call call = {row, to};
	return each(store, e, trial_row, &call,
		    "SELECT n.conditions, t.seed, t.outcome, t.budget, t.sequences, t.cpu_s, m.name, m.sequences, m.test_wrong,"
		    " m.test_sequences, m.test_mean_error, m.test_mean_square, t.lag, t.rule"
		    " FROM resolved n JOIN trial t ON t.set_id = n.set_id AND t.numerics = n.numerics"
		    " LEFT JOIN milestone m ON m.trial = t.id WHERE n.experiment = ?"
		    " ORDER BY n.reading <> 'literal', n.reading, n.conditions, t.seed, m.sequences, m.rowid",
		    "t", experiment);
}
