/* test_store.c: the results file: what goes in comes out, claims exclude each other, bad files are refused unharmed.
   Does: look at the file through store.h and, independently, with SQL.
   Does not: train; all trials here are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "store/store.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[120]; /* of this test program; every test takes new names in it */

/* ---- helpers ---- */

static const char *path_of(const char *name)
{
	static char paths[8][200];
	static int next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

#define assert_good(condition, e)                                                                                                          \
	do {                                                                                                                               \
		if (!(condition))                                                                                                          \
			fail_msg("%s: %s", #condition, (e).text);                                                                          \
	} while (0)

static struct store *opened(const char *name)
{
	struct error e = {0};
	struct store *s = store_open(path_of(name), STORE_WRITE, &e);
	assert_good(s, e);
	return s;
}

/* Any statement; the first value of its first row, NULL: no row or NULL. Valid until the next call. */
static const char *sql(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *sql(const char *name, const char *format, ...)
{
	static char value[400];
	char text[1000];
	sqlite3 *db;
	sqlite3_stmt *statement;
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	const char *result = NULL;
	if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0)) {
		snprintf(value, sizeof value, "%s", (const char *)sqlite3_column_text(statement, 0));
		result = value;
	}
	if (sqlite3_finalize(statement) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
	return result;
}

#define number(...) number_of(sql(__VA_ARGS__))
static double number_of(const char *text)
{
	return text ? strtod(text, NULL) : NAN;
}

static void assert_near(double x, double expected, double tolerance)
{
	if (!(fabs(x - expected) <= tolerance))
		fail_msg("%.10g, expected %.10g", x, expected);
}

static const char *const st_names[] = {"ST1", "ST2"};

/* The made-up set of an experiment's name, with values of its own. */
static const char *set_of(const char *experiment, const char *conditions)
{
	static char sets[16][100];
	static int next;
	char *set = sets[next++ % 16];
	snprintf(set, sizeof sets[0], "experiment=%s%s%s", experiment, conditions[0] ? " " : "", conditions);
	return set;
}

static struct store_conditions conditions_of(const char *experiment, const char *conditions)
{
	return (struct store_conditions){
	    .experiment = experiment,
	    .conditions = conditions,
	    .reading = strncmp(conditions, "reading=closest", 15) ? "literal" : "closest",
	    .set = set_of(experiment, conditions),
	    .task = "two-sequence",
	    .net = "lstm97",
	    .rule = "truncated",
	    .lag = 97,
	    .length = 100,
	    .weights = 102,
	    .rate = 0.5,
	    .milestone_names = st_names,
	};
}

static struct result unsolved(uint64_t seed, long budget)
{
	return (struct result){
	    .seed = seed, .outcome = OUTCOME_UNSOLVED, .sequences = budget, .steps = 100 * budget, .budget = budget, .cpu_s = 0.25};
}

/* Both stops reached, the last one at `sequences`. */
static struct result solved(uint64_t seed, long sequences)
{
	return (struct result){
	    .seed = seed,
	    .outcome = OUTCOME_SOLVED,
	    .sequences = sequences,
	    .steps = 105 * sequences,
	    .budget = 1000000,
	    .milestones = 2,
	    .milestone =
		{{.sequences = sequences / 2},
		 {.sequences = sequences, .test_sequences = 2560, .test_wrong = 5, .test_mean_error = 0.125, .test_mean_square = 0.0625}},
	    .cpu_s = 1.5};
}

static void add_experiment(struct store *s, const char *id, const char *paper_table, const char *task,
			   const struct store_published *published, int n)
{
	struct error e = {0};
	const struct store_experiment x = {.id = id,
					   .title = "A title",
					   .paper_table = paper_table,
					   .task = task,
					   .net = "lstm97",
					   .rule = "truncated",
					   .weights = 102,
					   .lag = 97,
					   .length = 100,
					   .published = published,
					   .published_n = n};
	assert_good(store_experiment(s, &x, &e), e);
}

static void add(struct store *s, const struct store_conditions *c, struct result r)
{
	struct error e = {0};
	assert_good(store_trial(s, c, &r, &e), e);
}

static bool is_missing(struct store *s, const struct store_conditions *c, uint64_t seed, long budget)
{
	struct error e = {0};
	bool missing;
	assert_good(store_is_missing(s, c, seed, budget, &missing, &e), e);
	return missing;
}

static bool claims(struct store *s, const struct store_conditions *c, uint64_t seed, long budget)
{
	struct error e = {0};
	bool claimed;
	assert_good(store_claim(s, c, seed, budget, &claimed, &e), e);
	return claimed;
}

/* ---- trials in and out ---- */

struct rows {
	int n;
	struct store_row row[20];
	char conditions[20][40], milestone[20][20];
};

static void collect(void *to, const struct store_row *r)
{
	struct rows *all = to;
	assert_true(all->n < 20);
	snprintf(all->conditions[all->n], sizeof all->conditions[0], "%s", r->conditions);
	snprintf(all->milestone[all->n], sizeof all->milestone[0], "%s", r->milestone ? r->milestone : "NULL");
	all->row[all->n++] = *r;
}

static void test_round_trip(void **state)
{
	(void)state;
	struct error e = {0};
	struct store *s = opened("deep/er/round.db"); /* with its folders */
	add_experiment(s, "3a-1", "4", "two-sequence", NULL, 0);
	add_experiment(s, "other", "4", "two-sequence", NULL, 0);
	const struct store_conditions literal = conditions_of("3a-1", ""), closest = conditions_of("3a-1", "reading=closest"),
				      changed = conditions_of("3a-1", "T=50"), other = conditions_of("other", "");
	struct curve_point curve[] = {{1, 0.5}, {2, NAN}, {4, INFINITY}};
	struct result r = solved(7, 2000);
	r.points = 3;
	r.curve = curve;
	add(s, &closest, solved(1, 10));
	add(s, &changed, solved(2, 10));
	add(s, &other, solved(3, 10));
	add(s, &literal, r);
	add(s, &literal, unsolved(3, 500));
	struct result diverged = unsolved(UINT64_MAX, 500);
	diverged.outcome = OUTCOME_DIVERGED;
	diverged.milestones = 1;
	diverged.milestone[0] = (struct milestone){
	    .sequences = 3, .test_sequences = 10, .test_wrong = 10, .test_mean_error = INFINITY, .test_mean_square = NAN};
	add(s, &literal, diverged);

	struct rows rows = {0};
	assert_good(store_rows(s, "3a-1", collect, &rows, &e), e);
	assert_int_equal(rows.n, 8);
	const struct {
		const char *conditions, *milestone;
		uint64_t seed;
		enum outcome outcome;
		long sequences;
	} expected[] = {{"", "ST1", UINT64_MAX, OUTCOME_DIVERGED, 3},
			{"", "NULL", 3, OUTCOME_UNSOLVED, 0},
			{"", "ST1", 7, OUTCOME_SOLVED, 1000},
			{"", "ST2", 7, OUTCOME_SOLVED, 2000},
			{"T=50", "ST1", 2, OUTCOME_SOLVED, 5},
			{"T=50", "ST2", 2, OUTCOME_SOLVED, 10},
			{"reading=closest", "ST1", 1, OUTCOME_SOLVED, 5},
			{"reading=closest", "ST2", 1, OUTCOME_SOLVED, 10}};
	for (int i = 0; i < 8; i++) {
		assert_string_equal(rows.conditions[i], expected[i].conditions);
		assert_string_equal(rows.milestone[i], expected[i].milestone);
		assert_true(rows.row[i].seed == expected[i].seed && rows.row[i].outcome == expected[i].outcome);
		assert_int_equal(rows.row[i].sequences, expected[i].sequences);
	}
	assert_true(isnan(rows.row[0].test_mean_error) && isnan(rows.row[2].test_mean_error) && rows.row[0].test_wrong == 10);
	const struct store_row *last = &rows.row[3];
	assert_true(last->budget == 1000000 && last->trial_sequences == 2000 && last->test_wrong == 5);
	assert_true(last->test_sequences == 2560 && last->test_mean_error == 0.125 && last->test_mean_square == 0.0625);
	assert_true(last->cpu_s == 1.5);
	rows.n = 0;
	assert_good(store_rows(s, "no such", collect, &rows, &e), e);
	assert_int_equal(rows.n, 0);
	store_close(s);

	/* the same, by SQL */
	const char *name = "deep/er/round.db", *which = "conditions = '' AND seed = 7";
	assert_string_equal(sql(name,
				"SELECT group_concat(iif(error IS NULL, 'NULL', error)) FROM (SELECT c.* FROM curve c JOIN trial ON"
				" id = trial WHERE %s ORDER BY c.sequences)",
				which),
			    "0.5,NULL,NULL");
	assert_string_equal(sql(name,
				"SELECT concat FROM (SELECT reading || task || net || rule || lag || '/' || length || '/' || weights"
				" || '/' || rate || outcome || sequences || '/' || steps || '/' || test_wrong || '/' ||"
				" test_sequences || '/' || test_mean_error || '/' || test_mean_square || '/' || budget || '/' ||"
				" cpu_s AS concat FROM trial WHERE %s AND experiment = '3a-1')",
				which),
			    "literaltwo-sequencelstm97truncated97/100/102/0.5solved2000/210000/5/2560/0.125/0.0625/1000000/1.5");
	assert_string_equal(sql(name, "SELECT test_wrong IS NULL AND test_sequences IS NULL AND test_mean_error IS NULL FROM trial"
				      " WHERE experiment = '3a-1' AND conditions = '' AND seed = 3"),
			    "1");
	assert_string_equal(
	    sql(name,
		"SELECT text || ' ' || length(fingerprint) FROM condition_set JOIN trial ON set_id = condition_set.id WHERE seed = 2"),
	    "experiment=3a-1 T=50 16");
	assert_string_equal(sql(name, "SELECT group_concat(key || ':' || value) FROM condition JOIN trial USING (set_id) WHERE seed = 2"),
			    "T:50,experiment:3a-1");
	assert_string_equal(sql(name, "SELECT weights_hash || numerics FROM trial WHERE seed = 2"), "00000000000000001");
	assert_string_equal(sql(name, "SELECT build LIKE '%%LANES=%%-ffp-contract=off%%' FROM trial"), "1");
	assert_string_equal(sql(name, "SELECT finished_at LIKE '____-__-__T__:__:__Z' AND julianday(finished_at) >"
				      " julianday('now') - 1 AND host <> '' AND build <> '' FROM trial"),
			    "1");
	assert_string_equal(sql(name, "PRAGMA user_version"), "2");
	assert_string_equal(sql(name, "PRAGMA journal_mode"), "wal");
	assert_string_equal(sql(name, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT"
				      " LIKE 'sqlite%%' AND strict"),
			    "10");
}

/* Replaced trials leave nothing behind; one that says less replaces nothing. */
static void test_replaced(void **state)
{
	(void)state;
	struct store *s = opened("replaced.db");
	add_experiment(s, "3a-1", "4", "two-sequence", NULL, 0);
	const struct store_conditions c = conditions_of("3a-1", "");
	struct curve_point curve[] = {{1, 0.5}, {2, 0.25}};
	struct result first = unsolved(1, 100);
	first.milestones = 1;
	first.milestone[0].sequences = 50;
	first.points = 2;
	first.curve = curve;
	struct result second = solved(1, 300);
	second.points = 1;
	second.curve = curve;
	add(s, &c, first);
	add(s, &c, second);
	assert_string_equal(sql("replaced.db", "SELECT count(*) || group_concat(outcome) FROM trial"), "1solved");
	assert_string_equal(sql("replaced.db", "SELECT count(*) || ' ' || sum(trial IN (SELECT id FROM trial)) FROM milestone"), "2 2");
	assert_string_equal(sql("replaced.db", "SELECT count(*) || ' ' || sum(trial IN (SELECT id FROM trial)) FROM curve"), "1 1");
	add(s, &c, first);
	assert_string_equal(sql("replaced.db", "SELECT outcome FROM trial"), "solved");
	store_close(s);
}

static void test_experiment_replaced(void **state)
{
	(void)state;
	const struct store_published before[] = {{"ST1", "sequences", 1.0}, {"", "success", 100.0}}, after[] = {{"", "trials", 10.0}};
	struct store *s = opened("experiment.db");
	const struct store_conditions c = conditions_of("3a-1", "");
	add_experiment(s, "3a-1", "4", "two-sequence", before, 2);
	add(s, &c, solved(1, 100));
	add_experiment(s, "3a-1", "5", "two-sequence", after, 1);
	assert_string_equal(sql("experiment.db", "SELECT paper_table FROM experiment"), "5");
	assert_string_equal(sql("experiment.db", "SELECT group_concat(milestone || quantity || value) FROM published"), "trials10.0");
	assert_string_equal(sql("experiment.db", "SELECT count(*) FROM milestone"), "2");

	/* a trial of an experiment that is not described is refused, whole */
	struct error e = {0};
	const struct store_conditions stranger = conditions_of("9z", "");
	const struct result r = solved(1, 100);
	assert_false(store_trial(s, &stranger, &r, &e));
	assert_int_equal(e.kind, ERROR_INPUT);
	assert_string_equal(sql("experiment.db", "SELECT count(*) FROM trial"), "1");
	add(s, &c, solved(2, 100)); /* and the store goes on */
	store_close(s);
}

/* ---- missing trials and claims ---- */

static void test_missing(void **state)
{
	(void)state;
	struct store *s = opened("missing.db");
	add_experiment(s, "3a-1", "4", "two-sequence", NULL, 0);
	const struct store_conditions c = conditions_of("3a-1", ""), other = conditions_of("3a-1", "T=50");
	assert_true(is_missing(s, &c, 1, 100));
	add(s, &c, unsolved(1, 100));
	assert_false(is_missing(s, &c, 1, 100));
	assert_false(is_missing(s, &c, 1, 99));
	assert_true(is_missing(s, &c, 1, 101));
	assert_true(is_missing(s, &c, 2, 100));
	assert_true(is_missing(s, &other, 1, 100));
	struct result diverged = unsolved(2, 100);
	diverged.outcome = OUTCOME_DIVERGED;
	add(s, &c, diverged);
	add(s, &c, solved(3, 100));
	assert_false(is_missing(s, &c, 2, 1000000));
	assert_false(is_missing(s, &c, 3, 1000000000));
	store_close(s);
}

static void test_claims(void **state)
{
	(void)state;
	struct error e = {0};
	struct store *a = opened("claims.db"), *b = opened("claims.db");
	add_experiment(a, "3a-1", "4", "two-sequence", NULL, 0);
	const struct store_conditions c = conditions_of("3a-1", "");
	assert_true(claims(a, &c, 1, 100));
	assert_false(claims(b, &c, 1, 100));
	assert_true(claims(a, &c, 1, 100)); /* its own */
	assert_true(claims(b, &c, 2, 100));

	/* a finished trial is no longer missing, but for a larger budget */
	add(a, &c, unsolved(1, 100));
	assert_string_equal(sql("claims.db", "SELECT count(*) FROM claim WHERE seed = 1"), "0");
	assert_false(claims(b, &c, 1, 100));
	assert_true(claims(b, &c, 1, 200));
	assert_false(claims(a, &c, 1, 200));

	/* b stops its heart: its claims hold for 60 s, no longer */
	assert_true(claims(a, &c, 3, 100));
	sql("claims.db", "UPDATE claim SET heartbeat = heartbeat - %d WHERE seed = 1", STORE_CLAIM_SECONDS - 5);
	assert_false(claims(a, &c, 1, 200));
	sql("claims.db", "UPDATE claim SET heartbeat = heartbeat - 10 WHERE seed = 1");
	assert_true(claims(a, &c, 1, 200));
	assert_false(claims(b, &c, 1, 200));
	sql("claims.db", "UPDATE claim SET heartbeat = heartbeat - 1000");
	assert_good(store_heartbeat(a, &e), e);
	assert_false(claims(b, &c, 1, 200));
	assert_false(claims(b, &c, 3, 100));
	sql("claims.db", "UPDATE claim SET heartbeat = heartbeat + 100000 WHERE seed = 3"); /* its clock was wrong */
	assert_true(claims(b, &c, 3, 100));

	assert_good(store_release(a, &e), e);
	assert_true(claims(b, &c, 1, 200));
	assert_string_equal(sql("claims.db", "SELECT count(DISTINCT owner) FROM claim"), "1");
	assert_string_equal(sql("claims.db", "SELECT owner LIKE '_%%:%ld:________________' FROM claim", (long)getpid()), "1");
	store_close(a);
	store_close(b);
}

enum { CLAIMERS = 4, SEEDS = 60 };

struct claimer {
	pthread_t thread;
	struct store *store;
	bool took[SEEDS], failed;
};

static void *claimer(void *to)
{
	struct claimer *c = to;
	struct error e = {0};
	const struct store_conditions conditions = conditions_of("3a-1", "");
	for (uint64_t seed = 0; seed < SEEDS && !c->failed; seed++) {
		c->failed = !store_claim(c->store, &conditions, seed, 10, &c->took[seed], &e);
		const struct result r = unsolved(seed, 10);
		if (!c->failed && c->took[seed] && seed % 2)
			c->failed = !store_trial(c->store, &conditions, &r, &e);
	}
	return NULL;
}

static void test_claimed_once(void **state)
{
	(void)state;
	struct claimer all[CLAIMERS] = {0};
	for (int i = 0; i < CLAIMERS; i++)
		all[i].store = opened("race.db");
	add_experiment(all[0].store, "3a-1", "4", "two-sequence", NULL, 0);
	for (int i = 0; i < CLAIMERS; i++)
		assert_int_equal(pthread_create(&all[i].thread, NULL, claimer, &all[i]), 0);
	for (int i = 0; i < CLAIMERS; i++) {
		pthread_join(all[i].thread, NULL);
		assert_false(all[i].failed);
		store_close(all[i].store);
	}
	for (int seed = 0; seed < SEEDS; seed++) {
		int owners = 0;
		for (int i = 0; i < CLAIMERS; i++)
			owners += all[i].took[seed];
		assert_int_equal(owners, 1);
	}
	assert_string_equal(sql("race.db", "SELECT (SELECT count(*) FROM trial) || ' ' || (SELECT count(*) FROM claim)"), "30 30");
}

/* Processes that create the same file at the same time. */
static void test_opened_together(void **state)
{
	(void)state;
	enum { ROUNDS = 10, PROCESSES = 6 };
	for (int round = 0; round < ROUNDS; round++) {
		char name[40];
		int start[2], bad = 0;
		snprintf(name, sizeof name, "together/%d/new.db", round);
		assert_int_equal(pipe(start), 0);
		pid_t children[PROCESSES];
		for (int i = 0; i < PROCESSES; i++) {
			children[i] = fork();
			assert_true(children[i] >= 0);
			if (children[i] == 0) {
				char c;
				struct error e = {0};
				close(start[1]);
				if (read(start[0], &c, 1) != 0) /* all go when the pipe closes */
					_exit(2);
				struct store *s = store_open(path_of(name), STORE_WRITE, &e);
				if (!s)
					dprintf(2, "%s\n", e.text);
				store_close(s);
				_exit(s ? 0 : 1);
			}
		}
		close(start[0]);
		close(start[1]);
		for (int i = 0; i < PROCESSES; i++) {
			int status;
			waitpid(children[i], &status, 0);
			bad += status != 0;
		}
		assert_int_equal(bad, 0);
		assert_string_equal(sql(name, "PRAGMA integrity_check"), "ok");
	}
}

/* ---- merging ---- */

static long merged(const char *to, const char *from)
{
	struct error e = {0};
	long trials = -1;
	struct store *s = opened(to);
	assert_good(store_merge(s, path_of(from), &trials, &e), e);
	store_close(s);
	return trials;
}

/* What a file says, whatever the ids. */
static void dump(const char *name, char *text, size_t size)
{
	snprintf(text, size, "%s",
		 sql(name, "SELECT group_concat(line, ';') FROM (SELECT t.experiment || t.conditions || ':' || seed || t.outcome ||"
			   " t.budget || (SELECT coalesce(group_concat(name || sequences), '') FROM milestone WHERE trial = id) ||"
			   " (SELECT coalesce(group_concat(sequences || '=' || error), '') FROM curve WHERE trial = id) AS line"
			   " FROM trial t ORDER BY experiment, conditions, seed)"));
}

static void test_merge(void **state)
{
	(void)state;
	const struct store_published published[] = {{"ST1", "sequences", 1.0}};
	struct store *a = opened("merge a.db"), *b = opened("merge%b?#.db"); /* a name that a URI must quote */
	const struct store_conditions c = conditions_of("3a-1", ""), d = conditions_of("3a-2", "");
	struct curve_point curve[] = {{1, 0.5}};
	struct result r = solved(3, 100);
	r.points = 1;
	r.curve = curve;
	add_experiment(a, "3a-1", "4", "two-sequence", NULL, 0);
	add(a, &c, unsolved(1, 100)); /* b's is better */
	add(a, &c, unsolved(2, 100)); /* a's is better */
	add(a, &c, r);                /* only here */
	add(a, &c, solved(4, 444));   /* the same in both */
	r.seed = 5;
	add_experiment(b, "3a-1", "5", "two-sequence", published, 1);
	add_experiment(b, "3a-2", "4", "two-sequence", published, 1);
	add(b, &d, r); /* an experiment that a has not */
	add(b, &c, solved(4, 445));
	add(b, &c, unsolved(2, 50));
	add(b, &c, solved(1, 110));
	assert_true(claims(b, &c, 77, 10));
	store_close(a);
	store_close(b);

	sql("merge a.db", "VACUUM INTO '%s'", path_of("merge c.db"));
	sql("merge c.db", "PRAGMA journal_mode = WAL");
	assert_int_equal(merged("merge%b?#.db", "merge c.db"), 2); /* c into b: 2 again, 3 */
	assert_int_equal(merged("merge a.db", "merge%b?#.db"), 2); /* b into a: 1, 3a-2 */
	char of_a[400], of_b[400];
	dump("merge a.db", of_a, sizeof of_a);
	assert_string_equal(of_a, "3a-1:1solved1000000ST155,ST2110;3a-1:2unsolved100;3a-1:3solved1000000ST150,ST21001=0.5;"
				  "3a-1:4solved1000000ST1222,ST2444;3a-2:5solved1000000ST150,ST21001=0.5");
	dump("merge%b?#.db", of_b, sizeof of_b);
	assert_string_equal(of_b, "3a-1:1solved1000000ST155,ST2110;3a-1:2unsolved100;3a-1:3solved1000000ST150,ST21001=0.5;"
				  "3a-1:4solved1000000ST1222,ST2445;3a-2:5solved1000000ST150,ST21001=0.5");
	assert_int_equal(merged("merge a.db", "merge%b?#.db"), 0); /* again: nothing */
	assert_int_equal(merged("merge a.db", "merge a.db"), 0);
	assert_int_equal(merged("merge new.db", "merge a.db"), 5);
	dump("merge new.db", of_b, sizeof of_b);
	assert_string_equal(of_a, of_b);
	assert_string_equal(sql("merge a.db", "SELECT group_concat(id || paper_table) FROM experiment"), "3a-14,3a-24");
	assert_string_equal(sql("merge a.db", "SELECT count(*) FROM published"), "2");
	assert_string_equal(sql("merge a.db", "SELECT count(*) FROM claim"), "0");
	assert_string_equal(sql("merge a.db", "SELECT count(*) FROM milestone WHERE trial NOT IN (SELECT id FROM trial)"), "0");
	assert_int_not_equal(access(path_of("merge c.db-wal"), F_OK), 0); /* the source is left tidy */
}

/* ---- bad files ---- */

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A checksum of a file, to see that nothing has changed in it. */
static unsigned long checksum(const char *name)
{
	FILE *f = fopen(path_of(name), "rb");
	assert_non_null(f);
	unsigned long sum = 5381;
	for (int c; (c = getc(f)) != EOF;)
		sum = sum * 33 + (unsigned long)c;
	fclose(f);
	return sum;
}

static void assert_refused_path(const char *path, enum store_mode mode, enum error_kind kind, const char *expected)
{
	struct error e = {0};
	struct store *s = store_open(path, mode, &e);
	assert_null(s);
	if (e.kind != kind || !strstr(e.text, expected) || strchr(e.text, '\n') || strncmp(e.text, path, strlen(path)))
		fail_msg("'%s', expected '%s' (kind %d)", e.text, expected, (int)kind);
}

static void assert_refused(const char *name, enum store_mode mode, enum error_kind kind, const char *expected)
{
	assert_refused_path(path_of(name), mode, kind, expected);
}

/* Refused in both modes and as a source of a merge; not a byte of it changed. */
static void assert_refused_unharmed(const char *name, const char *expected)
{
	const unsigned long before = checksum(name);
	assert_refused(name, STORE_WRITE, ERROR_INPUT, expected);
	assert_refused(name, STORE_READ, ERROR_INPUT, expected);
	struct error e = {0};
	long trials;
	struct store *s = opened("target.db");
	assert_false(store_merge(s, path_of(name), &trials, &e));
	assert_true(e.kind == ERROR_INPUT && strstr(e.text, expected) && trials == 0);
	store_close(s);
	assert_true(checksum(name) == before);
}

static void test_not_a_database(void **state)
{
	(void)state;
	write_file("text.db", "This is no database.\n");
	assert_refused_unharmed("text.db", ": not a results database (file is not a database); give another file with --db");
	char longer[5000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	write_file("long.db", longer);
	assert_refused_unharmed("long.db", ": not a results database (file is not a database)");
}

static void test_foreign(void **state)
{
	(void)state;
	sql("foreign.db", "CREATE TABLE bookmarks(url)");
	assert_refused_unharmed("foreign.db", ": not a results database (its tables are of another program)");
	sql("foreign1.db", "CREATE TABLE bookmarks(url)");
	sql("foreign1.db", "PRAGMA user_version = 1");
	assert_refused_unharmed("foreign1.db", ": not a results database (its tables are of another program)");

	/* one with a log that another program has left behind: it stays as it is */
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path_of("log.db"), &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(access(path_of("log.db-wal"), F_OK), 0);
	const unsigned long before = checksum("log.db-wal");
	assert_refused_unharmed("log.db", ": not a results database");
	assert_true(checksum("log.db-wal") == before);
	assert_string_equal(sql("log.db", "SELECT x FROM t"), "1");
}

static void test_newer(void **state)
{
	(void)state;
	store_close(opened("newer.db"));
	sql("newer.db", "PRAGMA user_version = 7");
	assert_refused_unharmed("newer.db", " was written by a newer lstm97 (version 7, this one reads 2)");
	sql("newer.db", "PRAGMA user_version = 2");
	store_close(opened("newer.db"));
}

/* Its trials' conditions are not known in full. */
static void test_older(void **state)
{
	(void)state;
	static const char *const tables[] = {"experiment", "published", "trial", "milestone", "curve", "claim"};
	for (int i = 0; i < 6; i++)
		sql("older.db", "CREATE TABLE %s(x)", tables[i]);
	sql("older.db", "PRAGMA user_version = 1");
	assert_refused_unharmed("older.db", " was written by an older lstm97, which did not keep its trials' conditions in full; make a new"
					    " one: lstm97 run all --db NEW.db, or make reproduce DB=NEW.db");
	sql("older.db", "DROP TABLE claim");
	assert_refused_unharmed("older.db", ": not a results database (its tables are of another program)");
}

static void test_missing_file(void **state)
{
	(void)state;
	assert_refused("none.db", STORE_READ, ERROR_INPUT, ": no such results database; run lstm97 run first, or give --db");
	assert_int_not_equal(access(path_of("none.db"), F_OK), 0);
	assert_refused("none/none.db", STORE_READ, ERROR_INPUT, ": no such results database");
	assert_int_not_equal(access(path_of("none"), F_OK), 0);
	struct error e = {0};
	long trials;
	struct store *s = opened("target.db");
	assert_false(store_merge(s, path_of("none.db"), &trials, &e));
	assert_true(e.kind == ERROR_INPUT && strstr(e.text, "none.db: no such results database; give existing files to merge"));
	assert_int_not_equal(access(path_of("none.db"), F_OK), 0);
	store_close(s);
}

/* A file without bytes, and a database without tables, are new. */
static void test_empty_file(void **state)
{
	(void)state;
	write_file("empty.db", "");
	assert_refused("empty.db", STORE_READ, ERROR_INPUT, ": an empty file; run lstm97 run first, or give --db");
	store_close(opened("empty.db"));
	assert_string_equal(sql("empty.db", "PRAGMA user_version"), "2");
	sql("bare.db", "VACUUM");
	store_close(opened("bare.db"));
	assert_string_equal(sql("bare.db", "PRAGMA user_version"), "2");
}

/* Names that SQLite would take for something else. */
static void test_special_names(void **state)
{
	(void)state;
	char before[400];
	struct error e = {0};
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(folder), 0);
	const char *const names[] = {":memory:", "file:x.db?mode=memory", "plain.db"};
	for (int i = 0; i < 3; i++) {
		struct store *s = store_open(names[i], STORE_WRITE, &e);
		assert_good(s, e);
		store_close(s);
		assert_int_equal(access(names[i], F_OK), 0);
	}
	assert_refused_path("", STORE_WRITE, ERROR_ENVIRONMENT, "");
	assert_int_equal(chdir(before), 0);
}

static void test_cannot_open(void **state)
{
	(void)state;
	write_file("file", "x");
	assert_refused("file/x.db", STORE_WRITE, ERROR_ENVIRONMENT, ": cannot be opened (Not a directory); make the file");
	assert_refused("file/deeper/x.db", STORE_WRITE, ERROR_ENVIRONMENT, ": cannot create the folder ");
	assert_refused_path("/proc/lstm97/x.db", STORE_WRITE, ERROR_ENVIRONMENT, "give another file with --db");
	assert_int_equal(mkdir(path_of("folder"), 0777), 0);
	assert_refused("folder", STORE_WRITE, ERROR_ENVIRONMENT, ": cannot be opened (Is a directory)");
	assert_refused("folder", STORE_READ, ERROR_ENVIRONMENT, ": cannot be opened (Is a directory)");
}

/* As a user whom permissions bind, also where the tests run as root. */
static void test_read_only(void **state)
{
	(void)state;
	struct store *s = opened("locked/old.db");
	add_experiment(s, "3a-1", "4", "two-sequence", NULL, 0);
	store_close(s);
	s = opened("open/read-only.db");
	store_close(s);
	write_file("open/empty.db", "");
	assert_int_equal(chmod(path_of("open"), 0777), 0);
	assert_int_equal(chmod(path_of("open/read-only.db"), 0444), 0);
	assert_int_equal(chmod(path_of("open/empty.db"), 0444), 0);
	assert_int_equal(chmod(path_of("locked"), 0555), 0);
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(77);
		const struct {
			const char *name;
			enum store_mode mode;
		} cases[] = {{"locked/new.db", STORE_WRITE}, {"locked/sub/new.db", STORE_WRITE}, {"locked/old.db", STORE_WRITE},
			     {"locked/old.db", STORE_READ},  {"open/read-only.db", STORE_WRITE}, {"open/empty.db", STORE_WRITE}};
		for (int i = 0; i < 6; i++) {
			struct error e = {0};
			if (store_open(path_of(cases[i].name), cases[i].mode, &e) || e.kind != ERROR_ENVIRONMENT ||
			    !strstr(e.text, "give another file with --db") || strchr(e.text, '\n')) {
				dprintf(2, "%s: '%s'\n", cases[i].name, e.text);
				_exit(1);
			}
		}
		struct error e = {0};
		if (!(s = store_open(path_of("open/read-only.db"), STORE_READ, &e))) {
			dprintf(2, "%s\n", e.text);
			_exit(1);
		}
		store_close(s);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(chmod(path_of("locked"), 0755), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* A limit on the size of files stands in for a full disk. */
static void test_disk_full(void **state)
{
	(void)state;
	struct rlimit before, small;
	struct error e = {0};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 10000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	struct store *s = store_open(path_of("full.db"), STORE_WRITE, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_null(s);
	assert_int_equal(e.kind, ERROR_ENVIRONMENT);
	if (!strstr(e.text, "full.db: cannot be written, the disk or a quota is full; make room and run the same command again"))
		fail_msg("%s", e.text);
	assert_null(strchr(e.text, '\n'));

	/* room again: the same file works; then the disk fills up during a run */
	s = opened("full.db");
	add_experiment(s, "3a-1", "4", "two-sequence", NULL, 0);
	const struct store_conditions c = conditions_of("3a-1", "");
	add(s, &c, unsolved(1, 100));
	enum { POINTS = 20000 };
	struct curve_point *curve = memory_zeroed(POINTS, sizeof *curve);
	for (int i = 0; i < POINTS; i++)
		curve[i] = (struct curve_point){i, 0.1 * i};
	struct result r = solved(2, 100);
	r.points = POINTS;
	r.curve = curve;
	small.rlim_cur = 200000;
	e = (struct error){0};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	const bool good = store_trial(s, &c, &r, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(good);
	assert_int_equal(e.kind, ERROR_ENVIRONMENT);
	assert_non_null(strstr(e.text, "full; make room"));
	assert_string_equal(sql("full.db", "SELECT group_concat(seed) FROM trial"), "1");
	assert_string_equal(sql("full.db", "SELECT count(*) FROM curve"), "0");
	add(s, &c, r);
	assert_string_equal(sql("full.db", "SELECT group_concat(seed) FROM trial"), "1,2");
	free(curve);
	store_close(s);
	assert_string_equal(sql("full.db", "PRAGMA integrity_check"), "ok");
}

/* A source that turns out damaged in the middle of a merge. */
static void test_half_merge(void **state)
{
	(void)state;
	struct error e = {0};
	long trials;
	struct store *a = opened("half a.db"), *b = opened("half b.db");
	add_experiment(a, "3a-1", "4", "two-sequence", NULL, 0);
	add_experiment(b, "3a-1", "4", "two-sequence", NULL, 0);
	const struct store_conditions c = conditions_of("3a-1", "");
	add(b, &c, solved(1, 100));
	add(b, &c, solved(2, 100));
	store_close(b);
	sql("half b.db", "DROP TABLE curve");
	sql("half b.db", "CREATE TABLE curve(nonsense)");
	assert_false(store_merge(a, path_of("half b.db"), &trials, &e));
	assert_true(e.kind == ERROR_INPUT && !strchr(e.text, '\n') && trials == 0);
	assert_string_equal(sql("half a.db", "SELECT (SELECT count(*) FROM trial) + (SELECT count(*) FROM milestone)"), "0");
	add(a, &c, solved(1, 100)); /* and the store goes on */
	store_close(a);
}

/* ---- views ---- */

static void test_lag_ablation(void **state)
{
	(void)state;
	struct store *s = opened("ablation.db");
	add_experiment(s, "3a-1", "4", "two-sequence", NULL, 0);
	struct store_conditions c = conditions_of("3a-1", "");
	for (uint64_t seed = 1; seed <= 8; seed++) /* 8 of 10, at 100 ... 800, and one far out */
		add(s, &c, solved(seed, seed == 8 ? 10000 : 100 * (long)seed));
	struct result diverged = unsolved(9, 500);
	diverged.outcome = OUTCOME_DIVERGED;
	add(s, &c, diverged);
	add(s, &c, unsolved(10, 500));
	c.lag = 200;
	c.conditions = "T=200";
	c.set = set_of("3a-1", c.conditions);
	for (uint64_t seed = 1; seed <= 3; seed++)
		add(s, &c, unsolved(seed, 500));
	c.lag = 300;
	c.conditions = "T=300";
	c.set = set_of("3a-1", c.conditions);
	for (uint64_t seed = 1; seed <= 3; seed++)
		add(s, &c, solved(seed, 2L << (4 * seed)));
	store_close(s);
	const char *name = "ablation.db";
	assert_string_equal(sql(name, "SELECT group_concat(name) FROM pragma_table_info('lag_ablation')"),
			    "task,net,rule,lag,trials,solved,success_rate,ci_low,ci_high,mean_sequences,median_sequences,experiment,"
			    "reading,conditions");
	assert_string_equal(
	    sql(name, "SELECT group_concat(lag || ' ' || trials || ' ' || solved || ' ' || success_rate) FROM lag_ablation"),
	    "97 10 8 0.8,200 3 0 0.0,300 3 3 1.0");
	assert_near(number(name, "SELECT ci_low FROM lag_ablation WHERE lag = 97"), 0.4901625, 5e-7); /* R: binom::binom.wilson(8, 10) */
	assert_near(number(name, "SELECT ci_high FROM lag_ablation WHERE lag = 97"), 0.9433178, 5e-7);
	assert_near(number(name, "SELECT mean_sequences FROM lag_ablation WHERE lag = 97"), 12800.0 / 8, 1e-9);
	assert_near(number(name, "SELECT median_sequences FROM lag_ablation WHERE lag = 97"), 450.0, 0.0);
	/* none of 3, all of 3: z^2 / (3 + z^2) = 0.561497 */
	assert_near(number(name, "SELECT ci_low FROM lag_ablation WHERE lag = 200"), 0.0, 0.0);
	assert_near(number(name, "SELECT ci_high FROM lag_ablation WHERE lag = 200"), 0.5614970, 5e-7);
	assert_null(sql(name, "SELECT mean_sequences FROM lag_ablation WHERE lag = 200"));
	assert_null(sql(name, "SELECT median_sequences FROM lag_ablation WHERE lag = 200"));
	assert_near(number(name, "SELECT ci_low FROM lag_ablation WHERE lag = 300"), 0.4385030, 5e-7);
	assert_near(number(name, "SELECT ci_high FROM lag_ablation WHERE lag = 300"), 1.0, 0.0);
	assert_near(number(name, "SELECT median_sequences FROM lag_ablation WHERE lag = 300"), 512.0, 0.0);
}

/* An experiment of every table, none of them run: they are there, with the paper's numbers. */
static void test_tables_not_run(void **state)
{
	(void)state;
	const struct store_published paper[] = {{"", "success", 97.0}, {"ST1", "sequences", 1000.0}, {"", "trials", 10.0}};
	struct store *s = opened("not run.db");
	for (int table = 1; table <= 9; table++) {
		char id[16], paper_table[16];
		snprintf(id, sizeof id, "row%d", table);
		snprintf(paper_table, sizeof paper_table, "%d", table);
		add_experiment(s, id, paper_table, "some", paper, 3);
	}
	add_experiment(s, "2b", "text", "long-lag", paper, 3);
	add_experiment(s, "other", "text", "delayed-xor", paper, 3);
	store_close(s);
	for (int table = 1; table <= 9; table++) {
		assert_near(number("not run.db", "SELECT count(*) FROM table%d", table), table == 2 ? 2 : 1, 0);
		assert_near(number("not run.db", "SELECT sum(trials) FROM table%d", table), 0, 0);
		assert_near(number("not run.db", "SELECT paper_trials FROM table%d", table), 10, 0);
		const char *sequences = table == 4 || table == 5 ? "st1" : "sequences";
		assert_near(number("not run.db", "SELECT paper_%s FROM table%d", sequences, table), 1000, 0);
		assert_null(sql("not run.db", "SELECT %s FROM table%d", sequences, table));
		assert_near(number("not run.db", "SELECT weights FROM table%d", table), 102, 0);
	}
	assert_near(number("not run.db", "SELECT paper_success FROM table1"), 97, 0);
}

/* Both readings of a row with one stop, named "success" as in the experiments' files. */
static void test_table_one_stop(void **state)
{
	(void)state;
	const struct store_published paper[] = {{"success", "sequences", 74000.0}, {"success", "wrong", 1.0}, {"", "range_low", 1.0},
						{"", "range_high", 2.0},           {"", "success", 100.0},    {"success", "fraction", 0.5},
						{"success", "error", 0.014}};
	const char *const names[] = {"success"};
	struct store *s = opened("one.db");
	const char *const tables[] = {"1", "2", "3", "6", "7", "9"};
	for (int k = 0; k < 6; k++) {
		char id[8];
		snprintf(id, sizeof id, "row%s", tables[k]);
		add_experiment(s, id, tables[k], "adding", paper, 7);
		struct store_conditions c = conditions_of(id, "");
		c.milestone_names = names;
		for (uint64_t seed = 1; seed <= 3; seed++) { /* 100, 200, 600 sequences; 5, 0, 1 wrong of 2560 */
			struct result r = solved(seed, seed == 3 ? 600 : 100 * (long)seed);
			r.milestones = 1;
			r.milestone[0] = (struct milestone){.sequences = r.sequences,
							    .test_sequences = 2560,
							    .test_wrong = (long[]){5, 0, 1}[seed - 1],
							    .test_mean_error = 0.01 * (double)seed};
			add(s, &c, r);
		}
		add(s, &c, unsolved(4, 1000));
		c.conditions = "reading=closest";
		c.reading = "closest";
		c.set = set_of(id, c.conditions);
		c.weights = 111;
		struct result r = solved(1, 50);
		r.milestones = 1;
		r.milestone[0] = (struct milestone){.sequences = 50};
		add(s, &c, r);
		c.conditions = "reading=closest T=3"; /* not a row of the paper */
		c.set = set_of(id, c.conditions);
		add(s, &c, r);
	}
	store_close(s);
	for (int k = 0; k < 6; k++) {
		const char *t = tables[k];
		assert_string_equal(
		    sql("one.db", "SELECT group_concat(reading || trials || ' ' || solved || ' ' || weights) FROM table%s", t),
		    "literal4 3 102,closest1 1 111");
		assert_near(number("one.db", "SELECT paper_sequences FROM table%s", t), 74000, 0);
		assert_near(number("one.db", "SELECT sequences FROM table%s", t), 300, 1e-9);
		assert_near(number("one.db", "SELECT median_sequences FROM table%s", t), 200, 0);
		assert_near(number("one.db", "SELECT sequences FROM table%s WHERE reading = 'closest'", t), 50, 0);
		assert_near(number("one.db", "SELECT paper_sequences FROM table%s WHERE reading = 'closest'", t), 74000, 0);
	}
	assert_near(number("one.db", "SELECT success FROM table1"), 75, 0);
	assert_near(number("one.db", "SELECT paper_success FROM table2"), 100, 0);
	assert_near(number("one.db", "SELECT rate FROM table1"), 0.5, 0);
	assert_near(number("one.db", "SELECT high FROM table1"), 600, 0);
	assert_near(number("one.db", "SELECT paper_low FROM table7"), 1, 0);
	assert_near(number("one.db", "SELECT low FROM table7"), 100, 0);
	assert_near(number("one.db", "SELECT wrong FROM table7"), 2, 1e-9);
	assert_near(number("one.db", "SELECT paper_wrong FROM table9"), 1, 0);
	assert_near(number("one.db", "SELECT wrong FROM table9"), 2, 1e-9);
	assert_null(sql("one.db", "SELECT wrong FROM table9 WHERE reading = 'closest'"));
	assert_near(number("one.db", "SELECT fraction FROM table6"), 2.0 / 2560, 1e-12);
	assert_near(number("one.db", "SELECT paper_fraction FROM table6"), 0.5, 0);
	assert_near(number("one.db", "SELECT paper_error FROM table6"), 0.014, 0);
	assert_near(number("one.db", "SELECT error FROM table6"), 0.02, 1e-12);
}

static void test_table_two_stops(void **state)
{
	(void)state;
	const struct store_published paper[] = {
	    {"ST1", "sequences", 27380.0}, {"ST2", "sequences", 39850.0}, {"ST2", "fraction", 0.000195}};
	struct store *s = opened("two.db");
	for (int table = 4; table <= 5; table++) {
		const char *id = table == 4 ? "3a-1" : "3b-1";
		add_experiment(s, id, table == 4 ? "4" : "5", "two-sequence", paper, 3);
		const struct store_conditions c = conditions_of(id, "");
		add(s, &c, solved(1, 1000));
		add(s, &c, solved(2, 3000));
		struct result r = unsolved(3, 5000);
		r.milestones = 1;
		r.milestone[0] = (struct milestone){.sequences = 4000, .test_sequences = 2560, .test_wrong = 2560};
		add(s, &c, r);
		add(s, &c, unsolved(4, 5000));
		assert_string_equal(sql("two.db",
					"SELECT paper_st1 || ' ' || paper_st2 || ' ' || trials || ' ' || st1_reached || ' ' || solved"
					" FROM table%d",
					table),
				    "27380.0 39850.0 4 3 2");
		assert_near(number("two.db", "SELECT st1 FROM table%d", table), 2000, 1e-9); /* 500, 1500, 4000 */
		assert_near(number("two.db", "SELECT st2 FROM table%d", table), 2000, 1e-9); /* 1000, 3000 */
		assert_near(number("two.db", "SELECT paper_fraction FROM table%d", table), 0.000195, 0);
		assert_near(number("two.db", "SELECT fraction FROM table%d", table), 5.0 / 2560, 1e-12);
	}
	store_close(s);
	/* the helper view: ST1 was tested once, at the trial that went no further */
	assert_string_equal(sql("two.db", "SELECT group_concat(milestone || ':' || trials || ' ' || reached || ' ' || mean_sequences || ' '"
					  " || median_sequences || ' ' || min_sequences || ' ' || max_sequences || ' ' || test_wrong || ' '"
					  " || test_sequences, ';') FROM result WHERE experiment = '3a-1'"),
			    ":4 2 2000.0 2000.0 1000 3000 10 5120;ST1:4 3 2000.0 1500.0 500 4000 2560 2560;"
			    "ST2:4 2 2000.0 2000.0 1000 3000 10 5120");
}

static void test_table8(void **state)
{
	(void)state;
	static const char *const names[] = {"n140", "n13"};
	const struct store_published paper[] = {{"n140", "sequences", 482000.0}, {"n13", "sequences", 1273000.0}, {"n140", "wrong", 139.0},
						{"n13", "wrong", 14.0},          {"n140", "error", 0.0223},       {"n13", "error", 0.0139}};
	struct store *s = opened("eight.db");
	add_experiment(s, "5", "8", "multiplication", paper, 6);
	struct store_conditions c = conditions_of("5", "");
	c.milestone_names = names;
	for (uint64_t seed = 1; seed <= 2; seed++) {
		struct result r = unsolved(seed, 900);
		r.milestones = 1;
		r.milestone[0] = (struct milestone){.sequences = 100 * (long)seed,
						    .test_sequences = 2560,
						    .test_wrong = 100 + (long)seed,
						    .test_mean_error = 0.02,
						    .test_mean_square = seed == 1 ? 0.0009 : 0.0007};
		add(s, &c, r);
	}
	store_close(s);
	assert_string_equal(sql("eight.db", "SELECT group_concat(milestone || ' ' || paper_wrong || ' ' || paper_error || ' ' ||"
					    " paper_sequences || ' ' || trials || ' ' || reached, ';') FROM table8"),
			    "n140 139.0 0.0223 482000.0 2 2;n13 14.0 0.0139 1273000.0 2 0");
	const struct {
		const char *column;
		double value;
	} expected[] = {{"wrong", 101.5}, {"mse", 0.0008}, {"rmse", 0.02828427125}, {"mean_abs_error", 0.02}, {"sequences", 150}};
	for (int i = 0; i < 5; i++) {
		assert_near(number("eight.db", "SELECT %s FROM table8 WHERE milestone = 'n140'", expected[i].column), expected[i].value,
			    1e-9);
		assert_null(sql("eight.db", "SELECT %s FROM table8 WHERE milestone = 'n13'", expected[i].column));
	}
}

/* ---- */

static int make_folder(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%.90s/test_storeXXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(folder) && !chmod(folder, 0755) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[160];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_replaced),        cmocka_unit_test(test_experiment_replaced),
	    cmocka_unit_test(test_missing),         cmocka_unit_test(test_claims),          cmocka_unit_test(test_claimed_once),
	    cmocka_unit_test(test_opened_together), cmocka_unit_test(test_merge),           cmocka_unit_test(test_not_a_database),
	    cmocka_unit_test(test_foreign),         cmocka_unit_test(test_newer),           cmocka_unit_test(test_older),
	    cmocka_unit_test(test_missing_file),    cmocka_unit_test(test_empty_file),      cmocka_unit_test(test_special_names),
	    cmocka_unit_test(test_cannot_open),     cmocka_unit_test(test_read_only),       cmocka_unit_test(test_disk_full),
	    cmocka_unit_test(test_half_merge),      cmocka_unit_test(test_lag_ablation),    cmocka_unit_test(test_tables_not_run),
	    cmocka_unit_test(test_table_one_stop),  cmocka_unit_test(test_table_two_stops), cmocka_unit_test(test_table8),
	};
	return cmocka_run_group_tests_name("store", tests, make_folder, remove_folder);
}
