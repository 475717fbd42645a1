/* store.c: see store.h.

   Every write is a transaction that starts with BEGIN IMMEDIATE, so that several processes take turns; readers see the
   state before or after. What the tables and views mean is said in schema.c. */
#include "store/store.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
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

enum { BUSY_SECONDS = 30, BUSY_STEP_MS = 20 }; /* to wait for another process's transaction */

struct store {
	sqlite3 *db;
	char *path; /* as the user wrote it, for messages */
	char host[65];
	char owner[128]; /* of claims: host:pid:random */
};

extern const char *const store_schema[]; /* schema.c */

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
enum content { CONTENT_OURS, CONTENT_NONE, CONTENT_NEWER, CONTENT_FOREIGN };

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
		 " AND name IN ('experiment', 'published', 'trial', 'milestone', 'curve', 'claim')",
		 ""))
		return false;
	if (seen->version > STORE_VERSION)
		seen->content = CONTENT_NEWER;
	else if (seen->version == STORE_VERSION && ours == 6)
		seen->content = CONTENT_OURS;
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
		for (int i = 0; store_schema[i] && good; i++)
			good = run(s, e, store_schema[i], "");
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
	if (mode == STORE_READ) {
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

/* ---- missing trials and claims ---- */

#define THIS_TRIAL " experiment = ? AND conditions = ? AND seed = ?"

bool store_is_missing(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *missing, struct error *e)
{
	int64_t enough;
	assert(c->conditions);
	if (!get(store, e, &enough, "SELECT count(*) FROM trial WHERE" THIS_TRIAL " AND NOT (outcome = 'unsolved' AND budget < ?)", "ttii",
		 c->experiment, c->conditions, (int64_t)seed, (int64_t)budget))
		return false;
	*missing = !enough;
	return true;
}

static int64_t seconds_now(void)
{
	return (int64_t)time(NULL);
}

/* A heartbeat from the future is void, too: some clock has been set. */
static bool claim(struct store *s, const struct store_conditions *c, uint64_t seed, long budget, bool *claimed, struct error *e)
{
	bool missing;
	if (!store_is_missing(s, c, seed, budget, &missing, e))
		return false;
	if (!missing)
		return true;
	if (!run(s, e,
		 "INSERT INTO claim(experiment, conditions, seed, owner, heartbeat) VALUES (?, ?, ?, ?, ?)"
		 " ON CONFLICT (experiment, conditions, seed) DO UPDATE"
		 " SET owner = excluded.owner, heartbeat = excluded.heartbeat"
		 " WHERE claim.owner = excluded.owner OR abs(excluded.heartbeat - claim.heartbeat) > ?",
		 "ttitii", c->experiment, c->conditions, (int64_t)seed, s->owner, seconds_now(), (int64_t)STORE_CLAIM_SECONDS))
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

static bool write_row(struct store *s, const struct store_conditions *c, const struct result *r, struct error *e)
{
	char now[32];
	const struct milestone none = {0}, *last = r->milestones ? &r->milestone[r->milestones - 1] : &none;
	utc_now(now);
	return run(s, e,
		   "INSERT INTO trial(experiment, conditions, reading, seed, task, net, rule, lag, length, weights, rate, outcome,"
		   " sequences, steps, test_wrong, test_sequences, test_mean_error, test_mean_square, budget, cpu_s, build, host,"
		   " finished_at)"
		   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " TEST_SQL ", ?, ?, ?, ?, ?)",
		   "tttitttiiirtii" TEST_TYPES "irttt", c->experiment, c->conditions, c->reading, (int64_t)r->seed, c->task, c->net,
		   c->rule, (int64_t)c->lag, (int64_t)c->length, (int64_t)c->weights, c->rate, outcome_names[r->outcome],
		   (int64_t)r->sequences, (int64_t)r->steps, TEST_ARGS(*last), (int64_t)r->budget, r->cpu_s, LSTM97_BUILD, s->host, now);
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
	int64_t better;
	if (!run(s, e, "DELETE FROM claim WHERE" THIS_TRIAL " AND owner = ?", "ttit", c->experiment, c->conditions, (int64_t)r->seed,
		 s->owner) ||
	    !get(s, e, &better, "SELECT count(*) FROM trial WHERE" THIS_TRIAL " AND ? = 'unsolved' AND budget > ?", "ttiti", c->experiment,
		 c->conditions, (int64_t)r->seed, outcome_names[r->outcome], (int64_t)r->budget))
		return false;
	if (better)
		return true;
	return run(s, e, "DELETE FROM trial WHERE" THIS_TRIAL, "tti", c->experiment, c->conditions, (int64_t)r->seed) &&
	       write_row(s, c, r, e) && write_parts(s, c, r, e);
}

bool store_trial(struct store *store, const struct store_conditions *c, const struct result *result, struct error *e)
{
	assert(c->conditions);
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

#define SAME_TRIAL "h.experiment = s.experiment AND h.conditions = s.conditions AND h.seed = s.seed"
#define TRIAL_COLUMNS                                                                                                                      \
	"experiment, conditions, reading, seed, task, net, rule, lag, length, weights, rate, outcome, sequences, steps,"                   \
	" test_wrong, test_sequences, test_mean_error, test_mean_square, budget, cpu_s, build, host, finished_at"
#define NEW_TRIALS " JOIN src.trial s ON s.id = p.trial JOIN main.trial h ON " SAME_TRIAL " WHERE h.id > ?"

/* New trials get ids above all others. */
static bool copy_all(struct store *s, long *trials, struct error *e)
{
	int64_t highest;
	if (!run(s, e,
		 "INSERT OR IGNORE INTO main.experiment(id, title, paper_table, task, net, rule, weights, lag, length)"
		 " SELECT id, title, paper_table, task, net, rule, weights, lag, length FROM src.experiment",
		 "") ||
	    !run(s, e,
		 "INSERT INTO main.published(experiment, milestone, quantity, value)"
		 " SELECT experiment, milestone, quantity, value FROM src.published"
		 " WHERE experiment NOT IN (SELECT experiment FROM main.published)",
		 "") ||
	    !run(s, e,
		 "DELETE FROM main.trial AS h WHERE outcome = 'unsolved'"
		 " AND EXISTS (SELECT 1 FROM src.trial s WHERE " SAME_TRIAL " AND h.budget < s.budget)",
		 "") ||
	    !get(s, e, &highest, "SELECT coalesce(max(id), 0) FROM main.trial", "") ||
	    !run(s, e,
		 "INSERT INTO main.trial(" TRIAL_COLUMNS ") SELECT " TRIAL_COLUMNS " FROM src.trial s"
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

static struct store_row read_row(sqlite3_stmt *row)
{
	struct store_row r = {
	    .conditions = (const char *)sqlite3_column_text(row, 0),
	    .seed = (uint64_t)sqlite3_column_int64(row, 1),
	    .budget = (long)sqlite3_column_int64(row, 3),
	    .trial_sequences = (long)sqlite3_column_int64(row, 4),
	    .cpu_s = sqlite3_column_double(row, 5),
	    .milestone = (const char *)sqlite3_column_text(row, 6),
	    .sequences = (long)sqlite3_column_int64(row, 7),
	    .test_wrong = (long)sqlite3_column_int64(row, 8),
	    .test_sequences = (long)sqlite3_column_int64(row, 9),
	    .test_mean_error = real_or_nan(row, 10),
	    .test_mean_square = real_or_nan(row, 11),
	    .lag = (long)sqlite3_column_int64(row, 12),
	};
	const char *outcome = (const char *)sqlite3_column_text(row, 2);
	while (strcmp(outcome_names[r.outcome], outcome))
		r.outcome++;
	return r;
}

static sqlite3_stmt *prepare_rows(struct store *s, struct error *e, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(s, e, sql, types, args);
	va_end(args);
	return statement;
}

bool store_rows(struct store *store, const char *experiment, void (*row)(void *to, const struct store_row *r), void *to, struct error *e)
{
	sqlite3_stmt *statement =
	    prepare_rows(store, e,
			 "SELECT t.conditions, t.seed, t.outcome, t.budget, t.sequences, t.cpu_s, m.name, m.sequences, m.test_wrong,"
			 " m.test_sequences, m.test_mean_error, m.test_mean_square, t.lag"
			 " FROM trial t LEFT JOIN milestone m ON m.trial = t.id WHERE t.experiment = ?"
			 " ORDER BY t.reading <> 'literal', t.reading, t.conditions, t.seed, m.sequences, m.rowid",
			 "t", experiment);
	if (!statement)
		return false;
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		const struct store_row r = read_row(statement);
		row(to, &r);
	}
	const bool good = code == SQLITE_DONE || failed(store, e);
	sqlite3_finalize(statement);
	return good;
}
