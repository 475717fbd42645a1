/* names.c: see names.h. Experiments, sets of conditions, and what counts.
   Does: keep what the experiments' files say, hold every set of conditions once, keep which set each name means now, find the trials
   that no name asks for.
   Does not: resolve a name (run/identity does), take in trials. */
#include "store/names.h"

#include "base/hash.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* ---- experiments ---- */

static bool write_experiment(struct store *s, const struct store_experiment *x, struct error *e)
{
	if (!sql_run(s, e,
		     "INSERT INTO experiment(id, title, paper_table, task, net, rule, weights, lag, length)"
		     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		     " ON CONFLICT (id) DO UPDATE SET title = excluded.title, paper_table = excluded.paper_table,"
		     " task = excluded.task, net = excluded.net, rule = excluded.rule, weights = excluded.weights,"
		     " lag = excluded.lag, length = excluded.length",
		     "ttttttiii", x->id, x->title, x->paper_table, x->task, x->net, x->rule, (int64_t)x->weights, (int64_t)x->lag,
		     (int64_t)x->length) ||
	    !sql_run(s, e, "DELETE FROM published WHERE experiment = ?", "t", x->id))
		return false;
	for (int i = 0; i < x->published_n; i++)
		if (!sql_run(s, e, "INSERT OR REPLACE INTO published(experiment, milestone, quantity, value) VALUES (?, ?, ?, ?)", "tttr",
			     x->id, x->published[i].milestone, x->published[i].quantity, x->published[i].value))
			return false;
	return true;
}

bool store_experiment(struct store *store, const struct store_experiment *x, struct error *e)
{
	return sql_begin(store, e) && sql_finish(store, write_experiment(store, x, e), e);
}

/* ---- sets of conditions ---- */

static bool write_set(struct store *s, const char *text, int64_t *id, struct error *e)
{
	char fingerprint[20];
	struct word word = {0};
	snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, hash_text(text));
	if (!sql_run(s, e, "INSERT INTO condition_set(text, fingerprint) VALUES (?, ?)", "tt", text, fingerprint))
		return false;
	*id = sqlite3_last_insert_rowid(s->db);
	while (option_next_word(&text, &word))
		if (!sql_run(s, e, "INSERT INTO condition(set_id, key, value) VALUES (?, ?, ?)", "itt", *id, word.key, word.value))
			return false;
	return true;
}

bool set_known(struct store *s, const char *text, int64_t *id, struct error *e)
{
	assert(text);
	return sql_get(s, e, id, "SELECT coalesce(max(id), 0) FROM condition_set WHERE text = ?", "t", text);
}

bool set_find(struct store *s, const char *text, int64_t *id, struct error *e)
{
	return set_known(s, text, id, e) && (*id || write_set(s, text, id, e));
}

bool name_write(struct store *s, const struct store_name *name, struct error *e)
{
	int64_t set;
	return set_find(s, name->set, &set, e) &&
	       sql_run(s, e, "INSERT OR IGNORE INTO resolved(experiment, conditions, reading, set_id, numerics) VALUES (?, ?, ?, ?, ?)",
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
	const struct store_name name = {.experiment = sql_text(row, 0), .conditions = sql_text(row, 1)};
	call->visit(call->to, &name);
}

bool store_names(struct store *store, void (*visit)(void *to, const struct store_name *name), void *to, struct error *e)
{
	struct names_call call = {visit, to};
	return sql_each(store, e, name_row, &call,
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
	bool good = sql_run(s, e, "CREATE TEMP TABLE now(experiment, conditions, reading, text)", "") &&
		    sql_run(s, e, "CREATE TEMP TABLE now_default(key, value, place INTEGER PRIMARY KEY)", "");
	for (int i = 0; good && i < n; i++)
		good = sql_run(s, e, "INSERT INTO now VALUES (?, ?, ?, ?)", "tttt", names[i].experiment, names[i].conditions,
			       names[i].reading, names[i].set);
	while (good && option_next_word(&defaults, &word))
		good = sql_run(s, e, "INSERT INTO now_default(key, value) VALUES (?, ?)", "tt", word.key, word.value);
	return good;
}

static bool now_differs(struct store *s, bool *differs, struct error *e)
{
	int64_t found;
	if (!sql_get(
		s, e, &found,
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
	return sql_run(s, e,
		       "CREATE TEMP TABLE resolved AS SELECT n.experiment, n.conditions, n.reading, s.id AS set_id, ? AS numerics"
		       " FROM now n LEFT JOIN condition_set s USING (text)"
		       " UNION ALL SELECT experiment, conditions, reading, set_id, numerics FROM main.resolved"
		       " WHERE experiment NOT IN (SELECT experiment FROM now)",
		       "i", (int64_t)NUMERICS);
}

static bool write_names(struct store *s, const struct store_name *names, int n, struct error *e)
{
	if (!sql_run(s, e, "DELETE FROM resolved WHERE experiment IN (SELECT experiment FROM now)", "") ||
	    !sql_run(s, e, "DELETE FROM program_default", "") ||
	    !sql_run(s, e, "INSERT INTO program_default(key, value, place) SELECT key, value, place FROM now_default", ""))
		return false;
	for (int i = 0; i < n; i++)
		if (!name_write(s, &names[i], e))
			return false;
	return true;
}

static bool resolve(struct store *s, const struct store_name *names, int n, const char *defaults, bool *changed, struct error *e)
{
	if (!fill_now(s, names, n, defaults, e) || !now_differs(s, changed, e))
		return false;
	if (!*changed)
		return true;
	return s->reads_only ? shadow_names(s, e) : sql_begin(s, e) && sql_finish(s, write_names(s, names, n, e), e);
}

bool store_resolve(struct store *store, const struct store_name *names, int n, const char *defaults, bool *changed, struct error *e)
{
	struct error ignored = {0};
	bool good = sql_run(store, e, "PRAGMA temp_store = MEMORY", "") && sql_run(store, e, "PRAGMA query_only = OFF", "") &&
		    sql_run(store, e, "DROP TABLE IF EXISTS temp.resolved", "") && resolve(store, names, n, defaults, changed, e);
	sql_run(store, &ignored, "DROP TABLE IF EXISTS temp.now", "");
	sql_run(store, &ignored, "DROP TABLE IF EXISTS temp.now_default", "");
	return good && (!store->reads_only || sql_run(store, e, "PRAGMA query_only = ON", ""));
}

struct unused_call {
	void (*visit)(void *to, const struct store_unused *u);
	void *to;
};

static void unused_row(void *to, sqlite3_stmt *row)
{
	const struct unused_call *call = to;
	const struct store_unused u = {.experiment = sql_text(row, 0),
				       .conditions = sql_text(row, 1),
				       .set = sql_text(row, 2),
				       .numerics = (long)sqlite3_column_int64(row, 3),
				       .trials = (long)sqlite3_column_int64(row, 4)};
	call->visit(call->to, &u);
}

bool store_unused(struct store *store, void (*visit)(void *to, const struct store_unused *u), void *to, struct error *e)
{
	struct unused_call call = {visit, to};
	return sql_each(
	    store, e, unused_row, &call,
	    "SELECT t.experiment, t.conditions, s.text, t.numerics, count(*) FROM trial t JOIN condition_set s ON s.id = t.set_id"
	    " WHERE NOT EXISTS (SELECT * FROM resolved r WHERE r.set_id = t.set_id AND r.numerics = t.numerics)"
	    " GROUP BY t.experiment, t.conditions, t.set_id, t.numerics",
	    "");
}
