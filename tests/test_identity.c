/* test_identity.c: what a trial is, and which trials count.
   Does: the text of conditions for every option and row; rows edited in memory, between runs into the same file, and what then counts,
   is computed, is said; a hash of weights alone, in a crowd and on several threads.
   Does not: look at the command's words on a terminal or at figures (cli.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "results_file.h"
#include "run/compare.h"
#include "run/growth.h"
#include "run/identity.h"
#include "run/ledger.h"
#include "run/run.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- texts ---- */

/* Values from published test vectors of FNV-1a, 64 bits. */
static void test_hash(void **state)
{
	(void)state;
	assert_true(hash_text("") == UINT64_C(0xcbf29ce484222325));
	assert_true(hash_text("a") == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(hash_text("foobar") == UINT64_C(0x85944171f73967e8));
}

static void assert_text(const struct conditions *c, const char *expected)
{
	char *text = conditions_text(c);
	assert_string_equal(text, expected);
	free(text);
}

static void set(struct conditions *c, const char *text)
{
	struct error e = {0};
	if (!conditions_set_all(c, text, &e))
		fail_msg("%s", e.text);
}

static void test_text(void **state)
{
	struct conditions c = conditions_defaults();
	(void)state;
	assert_text(&c, "");
	set(&c, "window=10 T=20 rate=0.2 igb=-1:-2.5 error_below=0.1 blocks=3");
	assert_text(&c, "T=20 blocks=3 error_below=0.1 igb=-1:-2.5 rate=0.2 window=10");
	c.rule.rate = 0.1 + 0.2; /* not 0.3 */
	set(&c, "error_below=any igb=0 window=2000");
	struct conditions same = c;
	same.trial.limit = 12345; /* a budget */
	char *text = conditions_text(&c), *other = conditions_text(&same);
	assert_non_null(strstr(text, "rate=0.30000000000000004"));
	assert_string_equal(text, other);
	free(text);
	free(other);
}

/* Another value of the option, which fits into its table entry alone; false: it has but one. */
static bool another(const struct parameter *o, void *base, char *value, size_t size)
{
	struct error ignored = {0};
	char before[2 * OPTION_TEXT_MAX];
	option_print(o, base, before, sizeof before);
	const char *word = "other";
	for (int i = 0; i < 9; i++) {
		if (o->type == OPTION_TYPE)
			word = o->name_of(i);
		else if (o->type == OPTION_ENUM)
			word = o->names[i];
		else if (o->type != OPTION_TEXT)
			word = NULL;
		if (!word && (o->type == OPTION_TYPE || o->type == OPTION_ENUM))
			return false;
		if (word)
			snprintf(value, size, "%s", word);
		else
			option_print_real(o->min + i * (o->max - o->min) / 8.0, value, size);
		if (o->type == OPTION_INT)
			snprintf(value, size, "%.0f", floor(o->min + i * (o->max - o->min) / 8.0));
		if (strcmp(value, before) && option_parse(o, base, value, &ignored)) {
			option_print(o, base, value, size);
			if (strcmp(value, before))
				return true;
		}
	}
	return false;
}

struct counted {
	int options, others;
};

/* Changed alone, each option is the one word of the text, which says all of it. */
static void change_one(void *to, const struct parameter *o, const void *base)
{
	struct counted *n = to;
	struct conditions c = conditions_defaults(), again = c;
	char value[2 * OPTION_TEXT_MAX], expected[3 * OPTION_TEXT_MAX];
	void *at;
	(void)base;
	conditions_option(&c, o->key, &at);
	n->options++;
	if (!another(o, at, value, sizeof value))
		return;
	n->others++;
	snprintf(expected, sizeof expected, "%s=%s", o->key, value);
	assert_text(&c, strcmp(o->key, "limit") ? expected : "");
	set(&again, expected);
	conditions_option(&again, o->key, &at);
	option_print(o, at, expected, sizeof expected);
	assert_string_equal(expected, value);
}

static void test_every_option(void **state)
{
	const struct conditions c = conditions_defaults();
	struct counted n = {0};
	(void)state;
	conditions_each(&c, change_one, &n);
	assert_true(n.options > 70 && n.others == n.options);
}

/* Every row, read back from its text, is the row; nothing in it is at the program's default, so that an option that is added, with a
   default that changes nothing, changes no text. */
static void test_every_row(void **state)
{
	(void)state;
	for (int i = 0; i < rows.n; i++) {
		struct conditions c = conditions_defaults();
		char *text = conditions_text(&rows.all[i].literal);
		struct word word, before = {0};
		const char *p = text;
		set(&c, text);
		assert_text(&c, text);
		while (option_next_word(&p, &word)) {
			struct conditions defaults = conditions_defaults();
			char value[2 * OPTION_TEXT_MAX];
			void *base;
			const struct parameter *o = conditions_option(&defaults, word.key, &base);
			option_print(o, base, value, sizeof value);
			assert_string_not_equal(value, word.value);
			assert_true(strcmp(before.key, word.key) < 0);
			before = word;
		}
		free(text);
	}
}

/* ---- an edited row ---- */

static struct experiments edited; /* a copy of the rows */

static struct experiment *edit(const char *id)
{
	struct error e = {0};
	return &edited.all[experiments_find(&rows, id, &e) - rows.all];
}

static int begin_edits(void **state)
{
	(void)state;
	edited.n = rows.n;
	edited.all = memory_zeroed((size_t)rows.n, sizeof *edited.all);
	memcpy(edited.all, rows.all, (size_t)rows.n * sizeof *rows.all);
	return 0;
}

static int end_edits(void **state)
{
	(void)state;
	experiments_free(&edited);
	unlink(path);
	return 0;
}

struct said {
	int lines;
	char text[4000];
	struct progress last;
};

static void say(void *to, const char *text)
{
	struct said *said = to;
	const size_t used = strlen(said->text);
	said->lines++;
	snprintf(said->text + used, sizeof said->text - used, "%s\n", text);
}

static void keep(void *to, const struct progress *p)
{
	((struct said *)to)->last = *p;
}

/* `lstm97 run` into the file; how many trials it computed. */
static long run_into(const char *file, const char *id, const char *const *sets, int sets_n, const char *seeds, int threads,
		     struct said *said)
{
	const struct request r = {.ids = &id, .ids_n = 1, .seeds = seeds, .sets = sets, .sets_n = sets_n, .budget = "3"};
	struct error e = {0};
	struct plan plan;
	atomic_bool stop = false;
	bool stopped = true;
	*said = (struct said){0};
	const struct run_calls calls = {.to = said, .progress = keep, .stop = &stop, .unused = say};
	if (!plan_make(&plan, &edited, &r, &e))
		fail_msg("%s", e.text);
	struct store *store = store_open(file, STORE_WRITE, &e);
	if (!store || !run_plan(&plan, &edited, store, threads, &calls, &stopped, &e))
		fail_msg("%s", e.text);
	store_close(store);
	plan_free(&plan);
	return said->last.done;
}

static long run(const char *id, const char *set, struct said *said)
{
	return run_into(path, id, &set, set != NULL, "1-3", 1, said);
}

/* A query's first value. */
static const char *sql(const char *file, const char *query)
{
	static char value[2000];
	sqlite3 *db;
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", query, sqlite3_errmsg(db));
	value[0] = '\0';
	if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
		snprintf(value, sizeof value, "%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

#define LAGS   "SELECT group_concat(experiment || ' ' || conditions || ' ' || trials, ';') FROM lag_ablation"
#define TABLES "SELECT group_concat(rate || ' ' || trials) FROM (SELECT r.rate, r.trials FROM paper_row r WHERE r.trials > 0)"

/* Trials of a row that the file, opened to be read, has for today's experiments: in the ledger, and in all. */
static void assert_read(const char *id, int ledger_trials, int all_rows, struct said *said)
{
	struct error e = {0};
	struct store *store = store_open(path, STORE_READ, &e);
	struct ledger ledger = {0};
	struct growths growths = {0};
	const struct growth_filter none = {0};
	const struct experiment *x = edit(id);
	int lags = 0;
	*said = (struct said){0};
	if (!store || !identity_resolve(&edited, NULL, store, NULL, &e) || !identity_unused(&x, 1, store, say, said, &e) ||
	    !ledger_row(&ledger, x, store, &e) || !growth_row(&growths, x, &none, store, &e))
		fail_msg("%s", e.text);
	assert_int_equal(ledger.entries[0].trials, ledger_trials);
	for (int i = 0; i < growths.n; i++)
		for (int k = 0; k < growths.all[i].lags_n; k++)
			lags += growths.all[i].lags[k].trials;
	assert_int_equal(lags, all_rows);
	ledger_free(&ledger);
	growths_free(&growths);
	store_close(store);
}

static void test_edited(void **state)
{
	struct said said;
	char dumped[2000];
	(void)state;
	assert_int_equal(run("6a", "T=20,100", &said), 6);
	assert_int_equal(run("6a", "T=20,100", &said), 0);
	assert_int_equal(said.lines, 0);
	assert_string_equal(sql(path, LAGS), "6a T=20 3;6a  3");
	assert_read("6a", 3, 6, &said);
	snprintf(dumped, sizeof dumped, "%s", sql(path, "SELECT group_concat(weights_hash) FROM trial"));

	edit("6a")->literal.rule.rate = 0.3;
	const char *both = "3 trials of 6a were computed with rate = 0.5, now 0.3: kept, not used\n"
			   "3 trials of 6a T=20 were computed with rate = 0.5, now 0.3: kept, not used\n";
	assert_read("6a", 0, 0, &said);
	assert_string_equal(said.text, both);
	assert_string_equal(sql(path, LAGS), "6a T=20 3;6a  3"); /* nothing was written */

	assert_int_equal(run("6a", "T=20,100", &said), 6);
	assert_string_equal(said.text, both);
	assert_string_equal(sql(path, LAGS), "6a T=20 3;6a  3");
	assert_string_equal(sql(path, TABLES), "0.3 3");
	assert_string_equal(sql(path, "SELECT count(*) || ' ' || count(DISTINCT set_id) FROM trial"), "12 4");
	assert_string_equal(sql(path, "SELECT count(*) FROM present WHERE rate <> 0.3"), "0");
	assert_read("6a", 3, 6, &said);
	assert_string_equal(said.text, both);

	edit("6a")->literal.net.init = 0.25; /* two ways off */
	assert_int_equal(run("6a", NULL, &said), 3);
	assert_non_null(strstr(said.text, "3 trials of 6a were computed with init = 0.1, now 0.25; rate = 0.5, now 0.3: kept"));
	assert_non_null(strstr(said.text, "3 trials of 6a were computed with init = 0.1, now 0.25: kept"));
	assert_int_equal(said.lines, 4);

	edit("6a")->literal = rows.all[edit("6a") - edited.all].literal;
	assert_int_equal(run("6a", "T=20,100", &said), 0);
	assert_string_equal(sql(path, LAGS), "6a T=20 3;6a  3");
	assert_string_equal(sql(path, TABLES), "0.5 3");
	assert_string_equal(
	    sql(path, "SELECT group_concat(weights_hash) FROM (SELECT t.* FROM trial t JOIN present USING (id) ORDER BY id)"), dumped);
	assert_int_equal(run("4-1", NULL, &said), 3); /* which is not asked of 6a */
	assert_int_equal(said.lines, 0);
}

/* A change of budgets changes nothing; one of the closest reading leaves the literal one alone, and the other way round. */
static void test_readings(void **state)
{
	struct said said;
	(void)state;
	assert_int_equal(run("4-1", "reading=literal,closest", &said), 6);
	struct experiment *x = edit("4-1");
	x->literal.trial.limit = 77;
	x->paper.sequences.v[0] = 1.0;
	assert_int_equal(run("4-1", "reading=literal,closest", &said), 0);
	for (int i = 0; i < x->deviations; i++)
		if (!strcmp(x->deviation[i].key, "init"))
			strcpy(x->deviation[i].value, "0.3");
	assert_int_equal(x->deviations, 1); /* output: the row has no other */
	strcpy(x->deviation[x->deviations].key, "init");
	strcpy(x->deviation[x->deviations++].value, "0.3");
	assert_int_equal(run("4-1", "reading=literal,closest", &said), 3);
	assert_string_equal(said.text, "3 trials of 4-1 reading=closest were computed with init = 0.1, now 0.3: kept, not used\n");
	assert_string_equal(sql(path, "SELECT group_concat(reading || trials) FROM lag_ablation"), "literal3,closest3");
	x->deviations = 0; /* and none at all */
	assert_int_equal(run("4-1", NULL, &said), 0);
	assert_int_equal(said.lines, 2);
	assert_non_null(strstr(said.text, "conditions that there are no more (row 4-1 has no closest reading)"));
	assert_string_equal(sql(path, "SELECT group_concat(reading || trials) FROM lag_ablation"), "literal3");
}

/* What --set once changed is what the row has now. */
static void test_renamed(void **state)
{
	struct said said;
	(void)state;
	assert_int_equal(run("6a", "T=20", &said), 3);
	edit("6a")->literal.task.T = 20;
	assert_int_equal(run("6a", NULL, &said), 0);
	assert_int_equal(said.lines, 0);
	assert_string_equal(sql(path, LAGS), "6a  3");
	assert_read("6a", 3, 0, &said);
}

/* The same conditions by two names are one set and one trial, which counts under both. */
static void test_shared(void **state)
{
	struct said said;
	(void)state;
	assert_int_equal(run("4-1", "reading=closest", &said), 3);
	assert_int_equal(run("4-1", "output=identity", &said), 0);
	assert_string_equal(sql(path, LAGS), "4-1 output=identity 3;4-1 reading=closest 3");
	unlink(path);
	static const char *const sets[] = {"reading=literal,closest", "output=identity"};
	assert_int_equal(run_into(path, "4-1", sets, 2, "1-3", 2, &said), 3); /* in one go */
	assert_int_equal(said.last.trials, 3);
	assert_string_equal(sql(path, LAGS), "4-1 output=identity 3;4-1 reading=closest 3");
	assert_string_equal(sql(path, "SELECT count(DISTINCT set_id) || ' ' || count(*) FROM trial"), "1 3");
	assert_string_equal(sql(path, "SELECT count(*) - count(DISTINCT text) FROM condition_set"), "0");
	assert_string_equal(sql(path, "SELECT reading || T || others FROM variation WHERE conditions = 'output=identity'"), "");
	assert_string_equal(sql(path, "SELECT reading || ' ' || others FROM variation WHERE conditions = 'output=identity'"),
			    "literal output=identity");
}

/* In one plan the job with the larger budget computes them: 4-3 is 4-2 with T = 1000, and takes longer. */
static void test_shared_budgets(void **state)
{
	static const char *const ids[] = {"4-2", "4-3"}, *const sets[] = {"reading=closest", "T=1000,500"};
	const struct request r = {.ids = ids, .ids_n = 2, .seeds = "1-4", .sets = sets, .sets_n = 2, .budget = "2x"};
	struct error e = {0};
	struct plan plan;
	int seeds = 0;
	(void)state;
	if (!plan_make(&plan, &rows, &r, &e))
		fail_msg("%s", e.text);
	assert_int_equal(plan.n, 4);
	for (int i = 0; i < plan.n; i++) {
		assert_int_equal(plan.jobs[i].seeds_n, strcmp(plan.jobs[i].experiment->id, "4-2") ? 4 : 0);
		seeds += plan.jobs[i].seeds_n;
	}
	assert_int_equal(seeds, 8);
	plan_free(&plan);
}

/* The sets in the file are the texts taken apart, by their fingerprints. */
static void test_sets(void **state)
{
	struct said said;
	(void)state;
	assert_int_equal(run("xor", "function=and", &said), 3);
	assert_string_equal(sql(path, "SELECT count(*) FROM condition_set s WHERE text <> (SELECT group_concat(word, ' ') FROM"
				      " (SELECT key || '=' || value AS word FROM condition WHERE set_id = s.id ORDER BY key))"),
			    "0");
	char query[300], *text = conditions_text(&edit("xor")->literal);
	snprintf(query, sizeof query, "SELECT text FROM condition_set WHERE fingerprint = '%016llx'", (unsigned long long)hash_text(text));
	assert_string_equal(sql(path, query), text);
	free(text);
	assert_string_equal(sql(path, "SELECT group_concat(key || '=' || value) FROM change WHERE conditions <> '' AND experiment = 'xor'"),
			    "function=and");
	assert_string_equal(sql(path, "SELECT value FROM program_default WHERE key = 'function'"), "xor");
	assert_true(atoi(sql(path, "SELECT count(*) FROM program_default")) > 70);
}

/* Trials of other NUMERICS are of another program. */
static void test_numerics(void **state)
{
	struct said said;
	(void)state;
	assert_int_equal(run("6a", NULL, &said), 3);
	assert_string_equal(sql(path, "SELECT group_concat(DISTINCT numerics) FROM trial"), "1");
	sql(path, "UPDATE trial SET numerics = 0 WHERE seed < 3");
	assert_int_equal(run("6a", NULL, &said), 2);
	assert_string_equal(said.text, "2 trials of 6a were computed with NUMERICS = 0, now 1: kept, not used\n");
	assert_string_equal(sql(path, LAGS), "6a  3");
	sql(path, "UPDATE trial SET numerics = 0 WHERE seed = 3");
	assert_read("6a", 2, 0, &said);
	sql(path, "DELETE FROM trial WHERE seed < 3 AND numerics = 0");
	assert_read("6a", 2, 0, &said);
	assert_string_equal(said.text, "1 trial of 6a was computed with NUMERICS = 0, now 1: kept, not used\n");
}

/* Two files of different edits. */
static void test_merged(void **state)
{
	struct said said = {0};
	struct error e = {0};
	char other[140];
	long trials;
	(void)state;
	snprintf(other, sizeof other, "%s.other", path);
	assert_int_equal(run_into(path, "6a", NULL, 0, "1-3", 1, &said), 3);
	edit("6a")->literal.rule.rate = 0.3;
	assert_int_equal(run_into(other, "6a", NULL, 0, "2-5", 1, &said), 4);
	struct store *store = store_open(path, STORE_WRITE, &e);
	if (!store || !store_merge(store, other, &trials, &e) || !run_describe(&edited, NULL, store, &e))
		fail_msg("%s", e.text);
	assert_int_equal(trials, 4);
	store_close(store);
	assert_read("6a", 4, 0, &said);
	assert_string_equal(said.text, "3 trials of 6a were computed with rate = 0.5, now 0.3: kept, not used\n");
	assert_string_equal(sql(path, LAGS), "6a  4");
	assert_string_equal(sql(path, "SELECT count(*) || ' ' || sum(c.value = t.rate) FROM trial t JOIN condition c USING (set_id)"
				      " WHERE key = 'rate'"),
			    "7 7");
	unlink(other);
}

/* compare tells rules apart, whatever else is in the file. */
static void test_compared(void **state)
{
	static const char *const sets[] = {"rule=truncated,bptt", "T=10,20"};
	struct said said;
	struct error e = {0};
	struct comparisons all = {0};
	(void)state;
	assert_int_equal(run_into(path, "xor", sets, 2, "1-2", 1, &said), 8);
	edit("xor")->literal.rule.rate = 0.25;
	assert_int_equal(run_into(path, "xor", sets, 2, "1-3", 1, &said), 12);
	struct store *store = store_open(path, STORE_WRITE, &e);
	if (!store || !compare_row(&all, edit("xor"), store, &e))
		fail_msg("%s", e.text);
	assert_int_equal(all.n, 2);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(all.all[i].conditions, i ? "T=20" : "T=10");
		assert_true(all.all[i].first.trials == 3 && all.all[i].other.trials == 3);
		assert_string_equal(all.all[i].first.rule, "truncated");
	}
	comparisons_free(&all);
	store_close(store);
}

/* The same final weights alone, beside others, and on two threads; others for other seeds. */
static void test_weights_hash(void **state)
{
	static const char *const seeds[] = {"1-20", "1-20", "7", "3-9"};
	static const char query[] =
	    "SELECT group_concat(weights_hash) FROM (SELECT weights_hash FROM trial WHERE seed = 7 ORDER BY set_id)";
	static const char *const set[] = {"rate=0.2,0.5"};
	char first[400];
	struct said said;
	(void)state;
	for (int i = 0; i < 4; i++) {
		run_into(path, "3a-2", set, 1, seeds[i], i == 1 ? 2 : 1, &said);
		if (i == 0)
			snprintf(first, sizeof first, "%s", sql(path, query));
		assert_string_equal(sql(path, query), first);
		assert_int_equal(strlen(first), 33);
		assert_string_equal(sql(path, "SELECT count(*) - count(DISTINCT weights_hash) FROM trial"), "0");
		unlink(path);
	}
}

int main(void)
{
#define EDITS(test) cmocka_unit_test_setup_teardown(test, begin_edits, end_edits)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hash),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_every_option),
	    cmocka_unit_test(test_every_row),
	    EDITS(test_edited),
	    EDITS(test_readings),
	    EDITS(test_renamed),
	    EDITS(test_shared),
	    cmocka_unit_test(test_shared_budgets),
	    EDITS(test_sets),
	    EDITS(test_numerics),
	    EDITS(test_merged),
	    EDITS(test_compared),
	    EDITS(test_weights_hash),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
