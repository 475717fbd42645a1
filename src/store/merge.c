/* merge.c: the trials of another results file.
   Does: copy experiments, names and trials of a file that is only read, the better trial of two.
   Does not: look at what counts; store_resolve does. */
#include "store/sql.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* path as a URI that SQLite attaches read-only. The caller frees. */
static char *read_only_uri(const char *path)
{
	char *plain = sql_path(path);
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
	return sql_run(s, e,
		       "INSERT OR IGNORE INTO main.experiment(id, title, paper_table, task, net, rule, weights, lag, length)"
		       " SELECT id, title, paper_table, task, net, rule, weights, lag, length FROM src.experiment",
		       "") &&
	       sql_run(s, e,
		       "INSERT INTO main.published(experiment, milestone, quantity, value)"
		       " SELECT experiment, milestone, quantity, value FROM src.published"
		       " WHERE experiment NOT IN (SELECT experiment FROM main.published)",
		       "");
}

/* Sets and names; temp.same_set says which set of src is which here. */
static bool copy_names(struct store *s, struct error *e)
{
	return sql_run(s, e, "DROP TABLE IF EXISTS temp.same_set", "") &&
	       sql_run(s, e, "INSERT OR IGNORE INTO main.condition_set(text, fingerprint) SELECT text, fingerprint FROM src.condition_set",
		       "") &&
	       sql_run(s, e, "CREATE TEMP TABLE same_set(there INTEGER PRIMARY KEY, here INTEGER)", "") &&
	       sql_run(s, e,
		       "INSERT INTO temp.same_set(there, here) SELECT s.id, h.id FROM src.condition_set s JOIN main.condition_set h USING "
		       "(text)",
		       "") &&
	       sql_run(s, e,
		       "INSERT OR IGNORE INTO main.condition(set_id, key, value)"
		       " SELECT here, key, value FROM src.condition JOIN temp.same_set ON there = set_id",
		       "") &&
	       sql_run(s, e,
		       "INSERT OR IGNORE INTO main.program_default(key, value, place) SELECT key, value, place FROM src.program_default",
		       "") &&
	       sql_run(s, e,
		       "INSERT OR IGNORE INTO main.resolved(experiment, conditions, reading, set_id, numerics)"
		       " SELECT experiment, conditions, reading, here, numerics FROM src.resolved JOIN temp.same_set ON there = set_id",
		       "");
}

/* New trials get ids above all others. */
static bool copy_trials(struct store *s, long *trials, struct error *e)
{
	int64_t highest;
	if (!sql_run(s, e,
		     "DELETE FROM main.trial AS h WHERE outcome = 'unsolved'"
		     " AND EXISTS (SELECT 1 FROM src.trial s WHERE " SAME_TRIAL " AND h.budget < s.budget)",
		     "") ||
	    !sql_get(s, e, &highest, "SELECT coalesce(max(id), 0) FROM main.trial", "") ||
	    !sql_run(s, e,
		     "INSERT INTO main.trial(experiment, conditions, reading, set_id," TRIAL_COLUMNS ")"
		     " SELECT experiment, conditions, reading, here," TRIAL_COLUMNS
		     " FROM src.trial s JOIN temp.same_set ON there = s.set_id"
		     " WHERE NOT EXISTS (SELECT 1 FROM main.trial h WHERE " SAME_TRIAL ") ORDER BY id",
		     ""))
		return false;
	*trials = sqlite3_changes(s->db);
	return sql_run(s, e,
		       "INSERT INTO main.milestone(trial, name, sequences, test_wrong, test_sequences, test_mean_error,"
		       " test_mean_square)"
		       " SELECT h.id, p.name, p.sequences, p.test_wrong, p.test_sequences, p.test_mean_error, p.test_mean_square"
		       " FROM src.milestone p" NEW_TRIALS " ORDER BY p.rowid",
		       "i", highest) &&
	       sql_run(s, e,
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
	bool good = sql_run(s, e, "ATTACH ? AS src", "t", uri);
	free(uri);
	if (good) {
		good = sql_begin(s, e) && sql_finish(s, copy_all(s, trials, e), e);
		sql_run(s, &ignored, "DETACH src", "");
	}
	return good || error_at(e, "merging %.120s", src);
}

bool store_merge(struct store *store, const char *src, long *trials, struct error *e)
{
	struct stat info;
	*trials = 0;
	if (stat(src, &info) && (errno == ENOENT || errno == ENOTDIR))
		return error_input(e, SQL_PATH ": no such results database; give existing files to merge", src);
	struct store *from = store_open(src, STORE_READ, e); /* checks it; open until the end, so that it cleans up behind us */
	if (!from)
		return false;
	const bool good = merge_file(store, src, trials, e);
	store_close(from);
	if (!good)
		*trials = 0;
	return good;
}
