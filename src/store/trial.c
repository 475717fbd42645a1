/* trial.c: trials in and out.
   Does: write a finished trial with its milestones and curve, and how it was computed; read the rows of those that count.
   Does not: choose what is to be computed (claim.c), copy trials of other files (merge.c). */
#include "store/names.h"

#include "base/lane.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

static const char *const outcome_names[] = {"solved", "unsolved", "diverged"}; /* by enum outcome */

/* ---- in ---- */

/* How a trial was computed: version, compiler, lanes, flags. */
#define BUILD LSTM97_BUILD " (" COMPILER ", LANES=" NUMBER_OF(LANES) " " LSTM97_FLAGS ")"

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
	return sql_run(
	    s, e,
	    "INSERT INTO trial(experiment, conditions, reading, set_id, seed, task, net, rule, lag, length, weights, rate, outcome,"
	    " sequences, steps, test_wrong, test_sequences, test_mean_error, test_mean_square, budget, cpu_s, build, numerics,"
	    " weights_hash, host, finished_at)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " TEST_SQL ", ?, ?, ?, ?, ?, ?, ?)",
	    "tttiitttiiirtii" TEST_TYPES "irtittt", c->experiment, c->conditions, c->reading, set, (int64_t)r->seed, c->task, c->net,
	    c->rule, (int64_t)c->lag, (int64_t)c->length, (int64_t)c->weights, c->rate, outcome_names[r->outcome], (int64_t)r->sequences,
	    (int64_t)r->steps, TEST_ARGS(*last), (int64_t)r->budget, r->cpu_s, BUILD, (int64_t)NUMERICS, hash, s->host, now);
}

static bool write_parts(struct store *s, const struct store_conditions *c, const struct result *r, struct error *e)
{
	const int64_t id = sqlite3_last_insert_rowid(s->db);
	for (int i = 0; i < r->milestones; i++)
		if (!sql_run(s, e,
			     "INSERT INTO milestone(trial, name, sequences, test_wrong, test_sequences, test_mean_error, test_mean_square)"
			     " VALUES (?, ?, ?, " TEST_SQL ")",
			     "iti" TEST_TYPES, id, c->milestone_names[i], (int64_t)r->milestone[i].sequences, TEST_ARGS(r->milestone[i])))
			return false;
	for (int i = 0; i < r->points; i++)
		if (!sql_run(s, e, "INSERT INTO curve(trial, sequences, error) VALUES (?, ?, ?)", "iir", id, (int64_t)r->curve[i].sequences,
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
	if (!name_write(s, &name, e) || !set_find(s, c->set, &set, e) ||
	    !sql_run(s, e, "DELETE FROM claim WHERE" THIS_TRIAL " AND owner = ?", "iiit", set, seed, numerics, s->owner) ||
	    !sql_get(s, e, &better, "SELECT count(*) FROM trial WHERE" THIS_TRIAL " AND ? = 'unsolved' AND budget > ?", "iiiti", set, seed,
		     numerics, outcome_names[r->outcome], (int64_t)r->budget))
		return false;
	if (better)
		return true;
	return sql_run(s, e, "DELETE FROM trial WHERE" THIS_TRIAL, "iii", set, seed, numerics) && write_row(s, c, set, r, e) &&
	       write_parts(s, c, r, e);
}

bool store_trial(struct store *store, const struct store_conditions *c, const struct result *result, struct error *e)
{
	assert(c->conditions && c->set);
	return sql_begin(store, e) && sql_finish(store, write_trial(store, c, result, e), e);
}

/* ---- out ---- */

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
	    .conditions = sql_text(row, 0),
	    .seed = (uint64_t)sqlite3_column_int64(row, 1),
	    .budget = (long)sqlite3_column_int64(row, 3),
	    .trial_sequences = (long)sqlite3_column_int64(row, 4),
	    .cpu_s = sqlite3_column_double(row, 5),
	    .milestone = sql_text(row, 6),
	    .sequences = (long)sqlite3_column_int64(row, 7),
	    .test_wrong = (long)sqlite3_column_int64(row, 8),
	    .test_sequences = (long)sqlite3_column_int64(row, 9),
	    .test_mean_error = real_or_nan(row, 10),
	    .test_mean_square = real_or_nan(row, 11),
	    .lag = (long)sqlite3_column_int64(row, 12),
	    .rule = sql_text(row, 13),
	};
	while (strcmp(outcome_names[r.outcome], sql_text(row, 2)))
		r.outcome++;
	call->visit(call->to, &r);
}

bool store_rows(struct store *store, const char *experiment, void (*row)(void *to, const struct store_row *r), void *to, struct error *e)
{
	struct rows_call call = {row, to};
	return sql_each(store, e, trial_row, &call,
			"SELECT n.conditions, t.seed, t.outcome, t.budget, t.sequences, t.cpu_s, m.name, m.sequences, m.test_wrong,"
			" m.test_sequences, m.test_mean_error, m.test_mean_square, t.lag, t.rule"
			" FROM resolved n JOIN trial t ON t.set_id = n.set_id AND t.numerics = n.numerics"
			" LEFT JOIN milestone m ON m.trial = t.id WHERE n.experiment = ?"
			" ORDER BY n.reading <> 'literal', n.reading, n.conditions, t.seed, m.sequences, m.rowid",
			"t", experiment);
}
