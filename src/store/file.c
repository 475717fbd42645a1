/* file.c: the results file as a file.
   Does: open or create it with its folders, find out whether it is ours and of which version, put the schema into an empty one, choose
   the journal, name this process.
   Does not: know what the tables mean (schema.sql says it), but which there are.
   A file of version 1 had no sets of conditions, but the experiments' names and what --set changed. What its rows were when its trials
   were computed cannot be known for certain (that is why there is a version 2), nor can weights be hashed that are gone: it is refused. */
#include "store/sql.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_STEP_MS = 20 };

extern const char store_schema[]; /* schema.sql */

/* Creates the folders that path lies in. */
static bool create_folders(struct store *s, struct error *e)
{
	char *folder = memory_text(s->path);
	bool good = true;
	for (char *slash = *folder ? strchr(folder + 1, '/') : NULL; good && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		struct stat info;
		if (stat(folder, &info) && mkdir(folder, 0777) && errno != EEXIST)
			good = error_environment(e, SQL_PATH ": cannot create the folder " SQL_PATH " (%.60s); give another file with --db",
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
	if (!sql_get(s, e, &objects, "SELECT count(*) FROM sqlite_master", "") ||
	    !sql_get(s, e, &seen->version, "PRAGMA user_version", "") ||
	    !sql_get(s, e, &ours,
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
				   SQL_PATH ": was written by a newer lstm97 (version %lld, this one reads %d); update lstm97, or give "
					    "another file with --db",
				   s->path, (long long)seen->version, STORE_VERSION);
	if (seen->content == CONTENT_OLDER)
		return error_input(e,
				   SQL_PATH
				   ": was written by an older lstm97, which did not keep its trials' conditions in full; make a new one: "
				   "lstm97 run all --db NEW.db, or make reproduce DB=NEW.db",
				   s->path);
	if (seen->content == CONTENT_FOREIGN)
		return error_input(e, SQL_PATH ": not a results database (its tables are of another program); give another file with --db",
				   s->path);
	return true;
}

/* The schema into an empty file, unless another process is faster. */
static bool create_schema(struct store *s, struct error *e)
{
	struct seen seen;
	char version[64];
	if (sqlite3_db_readonly(s->db, "main"))
		return sql_refused(s, SQLITE_READONLY, e);
	if (!sql_begin(s, e))
		return false;
	bool good = look(s, &seen, e) && accept_content(s, &seen, e);
	if (good && seen.content == CONTENT_NONE) {
		good = sqlite3_exec(s->db, store_schema, NULL, NULL, NULL) == SQLITE_OK || sql_failed(s, e);
		snprintf(version, sizeof version, "PRAGMA user_version = %d", STORE_VERSION);
		good = good && sql_run(s, e, version, "");
	}
	return sql_finish(s, good, e);
}

/* Write-ahead log, if the file system can have one. SQLite does not wait by itself here. */
static bool use_wal(struct store *s, struct error *e)
{
	for (int waited = 0;; waited += BUSY_STEP_MS) {
		struct error tried = {0};
		if (sql_run(s, &tried, "PRAGMA journal_mode = WAL", ""))
			return true;
		if ((sqlite3_errcode(s->db) & 0xff) != SQLITE_BUSY || waited > SQL_BUSY_SECONDS * 1000) {
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
	if (!sql_run(s, e, "BEGIN", "") || !sql_finish(s, look(s, &seen, e), e) || !accept_content(s, &seen, e))
		return false;
	s->reads_only = mode == STORE_READ;
	if (s->reads_only) {
		if (seen.content == CONTENT_NONE)
			return error_input(e, SQL_PATH ": an empty file; run lstm97 run first, or give --db", s->path);
		return sql_run(s, e, "PRAGMA query_only = ON", "");
	}
	if (seen.content == CONTENT_NONE && !create_schema(s, e))
		return false;
	if (sqlite3_db_readonly(s->db, "main"))
		return error_environment(
		    e, SQL_PATH ": cannot be written, read-only; make the file writable, or give another file with --db", s->path);
	return use_wal(s, e) && sql_run(s, e, "PRAGMA synchronous = NORMAL", "") && sql_run(s, e, "PRAGMA foreign_keys = ON", "");
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
		return error_input(e, SQL_PATH ": no such results database; run lstm97 run first, or give --db", s->path);
	if (mode == STORE_WRITE && !create_folders(s, e))
		return false;
	char *plain = sql_path(s->path);
	const int code = sqlite3_open_v2(plain, &s->db, flags, NULL);
	free(plain);
	if (code != SQLITE_OK)
		return sql_failed(s, e);
	sqlite3_busy_timeout(s->db, SQL_BUSY_SECONDS * 1000);
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
