/* test_experiment.c: the rows of experiments/ against the paper, and what happens to files and settings that are wrong.
   Does: compare conditions and published numbers with tables typed from the paper; write bad files and read them.
   Does not: pin what the closest readings change (that is refined in the files), or run trials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/rng.h"
#include "paper/experiment.h"
#include "paper/reading.h"
#include "paper/table10.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- Files --- */

/* A folder for written files, and the path of the one that most tests write. */
static char folder[64], path[80];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/lstm97-experiment-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/a.ini", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	DIR *d = opendir(folder);
	if (!d)
		return -1;
	char name[400];
	for (const struct dirent *entry; (entry = readdir(d));)
		if (entry->d_name[0] != '.') {
			snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
			remove(name);
		}
	closedir(d);
	return rmdir(folder);
}

static void write_bytes(const char *to, const char *bytes, size_t n)
{
	FILE *f = fopen(to, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void write_text(const char *to, const char *text)
{
	write_bytes(to, text, strlen(text));
}

/* The caller frees. */
static char *read_text(const char *from, size_t *n)
{
	enum { MOST = 1 << 16 };
	FILE *f = fopen(from, "rb");
	assert_non_null(f);
	char *text = memory_zeroed(MOST + 1, 1);
	*n = fread(text, 1, MOST, f);
	assert_true(*n > 0 && *n < MOST);
	fclose(f);
	return text;
}

static struct experiments load(const char *from)
{
	struct experiments x;
	struct error e = {0};
	if (!experiments_load(&x, from, &e))
		fail_msg("%s", e.text);
	return x;
}

/* Loading the folder gives exactly this message. */
static void expect_error(const char *message)
{
	struct experiments x = {.n = 99};
	struct error e = {0};
	assert_false(experiments_load(&x, folder, &e));
	assert_string_equal(e.text, message);
	assert_int_equal(e.kind, ERROR_INPUT);
	assert_int_equal(x.n, 0);
	assert_null(x.all);
}

/* The same for path; at is ":LINE: message" or ": message". */
static void expect_error_at(const char *at)
{
	char message[480];
	snprintf(message, sizeof message, "%s%s", path, at);
	expect_error(message);
}

/* --- The paper --- */

static void test_table10(void **state)
{
	(void)state;
	size_t n;
	struct experiments x = load("experiments");
	char *expected = read_text("tests/data/table10.tsv", &n), *built = experiments_table10(&x);
	assert_string_equal(built, expected);
	free(built);
	free(expected);
	experiments_free(&x);
}

#define ONE(a)                                                                                                                             \
	{                                                                                                                                  \
		.n = 1, .v = { a }                                                                                                         \
	}
#define TWO(a, b)                                                                                                                          \
	{                                                                                                                                  \
		.n = 2, .v = { a, b }                                                                                                      \
	}
#define TABLE_1(w, percent, ...)                                                                                                           \
	{                                                                                                                                  \
		.table = "1", .trials = 30, .success = percent, .weights = w, .lag = 9, .length = 9, .sequences = ONE(__VA_ARGS__)         \
	}
#define TABLE_3(q, w, mean)                                                                                                                \
	{                                                                                                                                  \
		.table = "3", .trials = 20, .success = 100, .weights = w, .lag = q, .length = q, .sequences = ONE(mean)                    \
	}
#define TABLE_45(t, st1, st2, wrong)                                                                                                       \
	{                                                                                                                                  \
		.table = t, .trials = 10, .success = 100, .weights = 102, .lag = 100, .length = 100, .sequences = TWO(st1, st2),           \
		.fraction = ONE(wrong)                                                                                                     \
	}
#define TABLE_6(mean, wrong, off)                                                                                                          \
	{                                                                                                                                  \
		.table = "6", .trials = 10, .success = 100, .weights = 102, .lag = 100, .length = 100, .sequences = ONE(mean),             \
		.fraction = ONE(wrong), .error = ONE(off)                                                                                  \
	}
#define TABLE_7(t, of_2560, mean)                                                                                                          \
	.table = "7", .trials = 10, .success = 100, .weights = 93, .lag = t / 2, .length = t, .sequences = ONE(mean), .wrong = ONE(of_2560)
#define TABLE_2000(w, perfect, ...)                                                                                                        \
	{                                                                                                                                  \
		.table = "Gers-2", .source = "Gers et al. 2000", .trials = 100, .success = perfect, .weights = w, __VA_ARGS__              \
	}
#define TABLE_9(n, w, l, of_2560, mean)                                                                                                    \
	{                                                                                                                                  \
		.table = "9", .trials = n, .success = 100, .weights = w, .lag = l, .length = 100, .sequences = ONE(mean),                  \
		.wrong = ONE(of_2560)                                                                                                      \
	}

/* Tables 1-9 of the paper, and Table 10's weights; -1 or n = 0: not there. */
static const struct {
	const char *id;
	struct published p;
} paper[] = {
    {"1-1", TABLE_1(264, 100, 39740)},
    {"1-2", TABLE_1(276, 100, 21730)},
    {"1-3", TABLE_1(276, 97, 14060)},
    {"1-4", TABLE_1(264, 97, 9500)},
    {"1-5",
     {.table = "1",
      .trials = 30,
      .success = 100,
      .weights = 276,
      .lag = 9,
      .length = 9,
      .sequences = ONE(8440),
      .range = TWO(3800, 24100)}},
    {"2a", {.table = "2", .trials = 18, .success = 100, .weights = 10504, .lag = 100, .length = 100, .sequences = ONE(5040)}},
    {"2b", {.table = "text", .trials = 18, .success = 100, .weights = 10504, .lag = 100, .length = 100, .sequences = ONE(5680)}},
    {"2c-1", TABLE_3(50, 364, 30000)},
    {"2c-2", TABLE_3(100, 664, 31000)},
    {"2c-3", TABLE_3(200, 1264, 33000)},
    {"2c-4", TABLE_3(500, 3064, 38000)},
    {"2c-5", TABLE_3(1000, 6064, 49000)},
    {"2c-6", TABLE_3(1000, 3064, 49000)},
    {"2c-7", TABLE_3(1000, 1264, 75000)},
    {"2c-8", TABLE_3(1000, 664, 135000)},
    {"2c-9", TABLE_3(1000, 364, 203000)},
    {"3a-1", TABLE_45("4", 27380, 39850, 0.000195)},
    {"3a-2", TABLE_45("4", 58370, 64330, 0.000117)},
    {"3a-3", TABLE_45("4", 446850, 452460, 0.000078)},
    {"3b-1", TABLE_45("5", 41740, 43250, 0.00828)},
    {"3b-2", TABLE_45("5", 74950, 78430, 0.01500)},
    {"3b-3", TABLE_45("5", 481060, 485080, 0.01207)},
    {"3c-1", TABLE_6(269650, 0.00558, 0.014)},
    {"3c-2", TABLE_6(565640, 0.00441, 0.012)},
    {"4-1", {TABLE_7(100, 1, 74000)}},
    {"4-2", {TABLE_7(500, 0, 209000)}},
    {"4-3", {TABLE_7(1000, 1, 853000), .range = TWO(370000, 2020000)}},
    {"5",
     {.table = "8",
      .trials = 10,
      .success = 100,
      .weights = 93,
      .lag = 50,
      .length = 100,
      .sequences = TWO(482000, 1273000),
      .wrong = TWO(139, 14),
      .error = TWO(0.0223, 0.0139)}},
    {"6a", TABLE_9(20, 156, 40, 1, 31390)},
    {"6b", TABLE_9(10, 308, 24, 2, 571100)},
    /* the other methods */
    {"1-rtrl-3", {.table = "1", .trials = 30, .success = -1, .weights = 170, .sequences = ONE(173000), .quoted = 1}},
    {"1-rtrl-12", {.table = "1", .trials = 30, .success = -1, .weights = 494, .sequences = ONE(25000), .quoted = 1}},
    {"1-elman", {.table = "1", .trials = 30, .success = 0, .weights = 435, .quoted = 1}},
    {"1-cc", {.table = "1", .trials = 30, .success = 50, .sequences = ONE(182000), .quoted = 1}},
    {"2a-rtrl-4-1", {.table = "2", .trials = 18, .success = 78, .weights = 36, .sequences = ONE(1043000)}},
    {"2a-rtrl-4-4", {.table = "2", .trials = 18, .success = 56, .weights = 36, .sequences = ONE(892000)}},
    {"2a-rtrl-4-10", {.table = "2", .trials = 18, .success = 22, .weights = 36, .sequences = ONE(254000)}},
    {"2a-rtrl-10-1", {.table = "2", .trials = 18, .success = 0, .weights = 144}},
    {"2a-rtrl-10-4", {.table = "2", .trials = 18, .success = 0, .weights = 144}},
    {"2a-rtrl-10-10", {.table = "2", .trials = 18, .success = 0, .weights = 144}},
    {"2a-rtrl-100-1", {.table = "2", .trials = 18, .success = 0, .weights = 10404}},
    {"2a-rtrl-100-4", {.table = "2", .trials = 18, .success = 0, .weights = 10404}},
    {"2a-rtrl-100-10", {.table = "2", .trials = 18, .success = 0, .weights = 10404}},
    {"2a-bptt-100-1", {.table = "2", .trials = 18, .success = 0, .weights = 10404}},
    {"2a-bptt-100-4", {.table = "2", .trials = 18, .success = 0, .weights = 10404}},
    {"2a-bptt-100-10", {.table = "2", .trials = 18, .success = 0, .weights = 10404}},
    {"2a-chunker", {.table = "2", .trials = 18, .success = 33, .weights = 10506, .sequences = ONE(32400)}},
    {"2b-rtrl-1", {.table = "text", .trials = 18, .success = 0, .weights = 10404}},
    {"2b-rtrl-4", {.table = "text", .trials = 18, .success = 0, .weights = 10404}},
    {"2b-rtrl-10", {.table = "text", .trials = 18, .success = 0, .weights = 10404}},
    {"2b-bptt-1", {.table = "text", .trials = 18, .success = 0, .weights = 10404}},
    {"2b-bptt-4", {.table = "text", .trials = 18, .success = 0, .weights = 10404}},
    {"2b-bptt-10", {.table = "text", .trials = 18, .success = 0, .weights = 10404}},
    {"2b-chunker", {.table = "text", .trials = 18, .success = 0, .weights = 10506}},
    /* Gers, Schmidhuber and Cummins 2000, Table 2; reached: good, with the perfect ones */
    {"continual-reset", TABLE_2000(360, 74, .reached = ONE(74 + 0), .sequences = ONE(7441))},
    {"continual-standard", TABLE_2000(360, 0, .reached = ONE(0 + 1))},
    {"continual-decay", TABLE_2000(360, 0, .reached = ONE(0 + 0))},
    {"continual-forget", TABLE_2000(424, 18, .reached = ONE(18 + 29), .sequences = ONE(18889))},
    {"continual-forget-rate", TABLE_2000(424, 62, .reached = ONE(62 + 6), .sequences = ONE(14087))},
};

/* The row's numbers in the paper; NULL: it has none. */
static const struct published *paper_of(const char *id)
{
	for (size_t i = 0; i < COUNT(paper); i++)
		if (!strcmp(paper[i].id, id))
			return &paper[i].p;
	return NULL;
}

static void expect_list(const char *id, const char *what, const struct list *is, const struct list *expected)
{
	if (is->n != expected->n)
		fail_msg("%s: %s has %d values, the paper %d", id, what, is->n, expected->n);
	for (int i = 0; i < is->n; i++)
		if (is->v[i] != expected->v[i])
			fail_msg("%s: %s is %g, the paper says %g", id, what, is->v[i], expected->v[i]);
}

static void test_published(void **state)
{
	(void)state;
	struct experiments x = load("experiments");
	int found = 0;
	for (int i = 0; i < x.n; i++) {
		const struct published *is = &x.all[i].paper, *p = paper_of(x.all[i].id);
		const char *id = x.all[i].id;
		if (!p) { /* beyond the paper */
			assert_string_equal(is->table, "none");
			assert_true(is->success == -1 && !is->sequences.n && !is->weights && is->unit);
			continue;
		}
		found++;
		assert_int_equal(is->quoted, p->quoted);
		assert_string_equal(is->table, p->table);
		assert_int_equal(is->trials, p->trials);
		assert_true(is->success == p->success);
		assert_int_equal(is->weights, p->weights);
		assert_int_equal(is->lag, p->lag);
		assert_int_equal(is->length, p->length);
		assert_string_equal(is->source, p->source);
		expect_list(id, "reached", &is->reached, &p->reached);
		expect_list(id, "sequences", &is->sequences, &p->sequences);
		expect_list(id, "range", &is->range, &p->range);
		expect_list(id, "wrong", &is->wrong, &p->wrong);
		expect_list(id, "fraction", &is->fraction, &p->fraction);
		expect_list(id, "error", &is->error, &p->error);
	}
	assert_int_equal(found, COUNT(paper));
	experiments_free(&x);
}

/* Rows nets-TASK-NET: the nets of a task have within 10 % as many weights, one rule, and differ in nothing but the net. */
static void test_equal_terms(void **state)
{
	(void)state;
	struct experiments x = load("experiments");
	int compared = 0;
	for (int i = 0; i < x.n; i++) {
		const struct experiment *a = &x.all[i];
		const size_t prefix = (size_t)(strrchr(a->id, '-') ? strrchr(a->id, '-') - a->id : 0);
		for (int k = 0; k < x.n && !strncmp(a->id, "nets-", 5); k++) {
			const struct experiment *b = &x.all[k];
			if (strncmp(a->id, b->id, prefix + 1) || a == b)
				continue;
			compared++;
			assert_true((double)a->weights / (double)b->weights < 1.1 / 0.9);
			assert_int_equal(a->literal.rule.rule, b->literal.rule.rule);
			assert_memory_equal(&a->literal.task, &b->literal.task, sizeof a->literal.task);
			assert_memory_equal(&a->literal.trial, &b->literal.trial, sizeof a->literal.trial);
		}
	}
	assert_int_equal(compared, 5 * 9 * 8);
	experiments_free(&x);
}

static void test_weights(void **state)
{
	(void)state;
	struct experiments x = load("experiments");
	for (int i = 0; i < x.n; i++) {
		const struct experiment *row = &x.all[i];
		const struct setting closest = {"reading", "closest"};
		struct conditions c;
		struct error e = {0};
		char canonical[CANONICAL_MAX];
		long weights = 0;
		assert_true(conditions_check(&row->literal, &weights, &e));
		assert_int_equal(weights, row->weights);
		const struct published *p = paper_of(row->id);
		if (!p || !p->weights)
			continue;
		assert_int_equal(weights, p->weights);
		if (!row->deviations)
			continue;
		assert_true(experiment_resolve(row, &closest, 1, &c, canonical, &e));
		assert_true(conditions_check(&c, &weights, &e));
		assert_int_equal(weights, row->closest_weights ? row->closest_weights : p->weights);
		assert_true(row->why[0] != '\0');
	}
	experiments_free(&x);
}

/* Conditions of Table 11 and section 5 that Table 10 does not have, per group of rows (the beginning of their IDs). */
static const struct {
	const char *rows, *conditions;
} conditions_of[] = {
    {"1-", "task=reber strings=256 init=0.2 measure=test judge=legal judged=every window=512 test_sequences=0"},
    {"2a", "task=long-lag T=100 distractors=fixed init=0.2 grow=plateau judged=every tolerance=0.25 window=10000 limit=5000000"},
    {"2b", "task=long-lag T=100 distractors=random init=0.2 grow=plateau judged=last tolerance=0.25 window=10000 limit=5000000"},
    {"2c", "task=distractors init=0.2 tolerance=0.2 measure=test window=10000 limit=5000000"},
    {"2c-1", "T=50 symbols=50"},
    {"2c-2", "T=100 symbols=100"},
    {"2c-3", "T=200 symbols=200"},
    {"2c-4", "T=500 symbols=500"},
    {"2c-5", "T=1000 symbols=1000"},
    {"2c-6", "T=1000 symbols=500"},
    {"2c-7", "T=1000 symbols=200"},
    {"2c-8", "T=1000 symbols=100"},
    {"2c-9", "T=1000 symbols=50"},
    {"3", "task=two-sequence init=0.1 input_variance=0.2 measure=test window=256 test_sequences=2560"},
    {"3a", "signal_variance=0 target_variance=0 targets=1:0 tolerance=0.2 milestones=ST1:ST2 wrong_below=1:1 error_below=100:0.01"},
    {"3b", "signal_variance=0.2 target_variance=0 targets=1:0 tolerance=0.2 milestones=ST1:ST2 wrong_below=6:6 error_below=100:0.04"},
    {"3c", "target_variance=0.1 targets=0.2:0.8 tolerance=0.1 milestones=success wrong_below=1 error_below=0.015"},
    {"3a-1", "T=100 N=3"},
    {"3a-2", "T=100 N=1"},
    {"3a-3", "T=1000 N=3"},
    {"3b-1", "T=100 N=3"},
    {"3b-2", "T=100 N=1"},
    {"3b-3", "T=1000 N=1"},
    {"3c-1", "T=100 N=3"},
    {"3c-2", "T=100 N=1"},
    {"4-", "task=adding init=0.1 measure=recent window=2000 tolerance=0.04 wrong_below=1 error_below=0.01 test_sequences=2560"},
    {"4-1", "T=100"},
    {"4-2", "T=500"},
    {"4-3", "T=1000"},
    {"5", "task=multiplication T=100 init=0.1 measure=recent milestones=n140:n13 window=2000 tolerance=0.04 wrong_below=140:13 "
	  "error_below=any test_sequences=2560"},
    {"6", "task=temporal-order T=100 init=0.1 measure=recent window=2000 tolerance=0.3 wrong_below=1 error_below=0.1 test_sequences=2560"},
    {"6a", "relevant=2"},
    {"6b", "relevant=3"},
    {"continual-", "task=continual-reber stream_length=1000000 test_stream_length=100000 window=10 test_every=1 measure=test limit=30000 "
		   "step_limit=150000000 "
		   "init=0.2 rate=0.5 "
		   "tolerance=0.49 milestones=good:perfect wrong_below=11:1 length_above=1000:0 judged=every blocks=4 cells=2 g=g2 h=h1 "
		   "igb=-0.5:-1:-1.5:-2 ogb=-0.5:-1:-1.5:-2"},
    {"continual-reset", "external_reset=yes forget=none state_decay=1 rate_decay=1"},
    {"continual-standard", "external_reset=no forget=none state_decay=1 rate_decay=1"},
    {"continual-decay", "external_reset=no forget=none state_decay=0.9 rate_decay=1"},
    {"continual-forget", "external_reset=no forget=gate fgb=0.5:1:1.5:2"},
    {"continual-forget-rate", "rate_decay=0.99"},
    {"",
     "update=step reset=0 bias_init=given test_set=fresh cell_errors=every slope_offset=0 gate_shift=0 output=logistic first_pair=value"},
};

static void expect_condition(struct experiment *x, const char *pair)
{
	char key[40], expected[OPTION_TEXT_MAX], is[2 * OPTION_TEXT_MAX];
	assert_int_equal(sscanf(pair, "%39[^=]=%239s", key, expected), 2);
	void *base;
	const struct parameter *o = conditions_option(&x->literal, key, &base);
	assert_non_null(o);
	option_print(o, base, is, sizeof is);
	if (strcmp(is, expected))
		fail_msg("%s: %s is %s, expected %s", x->id, key, is, expected);
}

static void test_conditions(void **state)
{
	(void)state;
	struct experiments x = load("experiments");
	for (size_t k = 0; k < COUNT(conditions_of); k++) {
		int rows = 0;
		for (int i = 0; i < x.n; i++) {
			if ((!x.all[i].paper.length && !x.all[i].paper.source[0]) ||
			    strncmp(x.all[i].id, conditions_of[k].rows, strlen(conditions_of[k].rows)))
				continue; /* Table 10 has LSTM's rows of 1997 */
			rows++;
			for (const char *p = conditions_of[k].conditions; p; p = strchr(p + 1, ' '))
				expect_condition(&x.all[i], *p == ' ' ? p + 1 : p);
		}
		assert_true(rows > 0);
	}
	experiments_free(&x);
}

static void test_find(void **state)
{
	(void)state;
	struct experiments x = load("experiments");
	struct error e = {0};
	for (size_t i = 0; i < COUNT(paper); i++)
		assert_string_equal(experiments_find(&x, paper[i].id, &e)->id, paper[i].id);
	assert_null(experiments_find(&x, "3a", &e));
	assert_string_equal(e.text, "row '3a' is unknown, expected one of those that `lstm97 list` prints, or all");
	experiments_free(&x);
	assert_int_equal(published_milestone(0, 1, 1), 0);
	assert_int_equal(published_milestone(0, 1, 2), 1);
	assert_int_equal(published_milestone(0, 2, 2), 0);
	assert_int_equal(published_milestone(1, 2, 2), 1);
}

/* --- Bad files: one line of a good one replaced --- */

static const char *const good[] = {
    "[experiment]",            /* 1 */
    "title = Adding",          /* 2 */
    "task = adding",           /* 3 */
    "cells = 2",               /* 4 */
    "bias = all",              /* 5 */
    "igb = -3:-6",             /* 6 */
    "ogb = r",                 /* 7 */
    "",                        /* 8 */
    "[row x-1]",               /* 9 */
    "rate = 0.5 ; a comment",  /* 10 */
    "paper_weights = 93",      /* 11 */
    "paper_sequences = 74000", /* 12 */
    "[row x-2]",               /* 13 */
    "paper_weights = 93",      /* 14 */
    "# more",                  /* 15 */
    "[closest x-1]",           /* 16 */
    "output = identity",       /* 17 */
    "why = One reason,",       /* 18 */
    "  and another.",          /* 19 */
    "init = 0.5",              /* 20 */
};
enum { GOOD = COUNT(good) };

/* Writes the good file with line number `line` replaced, and with another end of lines. */
static void write_good(int line, const char *instead, const char *end)
{
	char text[4096] = "";
	size_t used = 0;
	for (int i = 0; i < GOOD; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i + 1 == line ? instead : good[i], end);
	assert_true(used < sizeof text);
	write_text(path, text);
}

/* message NULL: not bad at all, but close to it. */
static const struct {
	int line;
	const char *instead, *message;
} bad[] = {
    {10, "rate = x", ":10: rate: 'x' is not a number, expected 0 to 1000"},
    {10, "rate = 1001", ":10: rate: 1001 is out of range, expected 0 to 1000"},
    {10, "rate = nan", ":10: rate: 'nan' is not a number, expected 0 to 1000"},
    {10, "rate =", ":10: rate: '' is not a number, expected 0 to 1000"},
    {10, "rate = 0.5 # no comment", ":10: rate: a value with a blank or a character that is not ASCII, expected none"},
    {10, "rat = 0.5", ":10: rat: unknown key, expected one of those that `lstm97 show ID` prints"},
    {10, "reading = closest", ":10: reading: unknown key, expected one of those that `lstm97 show ID` prints"},
    {10, "rate = 0.5\nrate = 0.5", ":11: rate: already set in line 10"},
    {10, "rate", ":10: expected [section], key = value or a comment"},
    {10, "= 3", ":10: expected [section], key = value or a comment"},
    {10, "rate\nrate = x", ":10: expected [section], key = value or a comment"},
    {10, "rate = 0.5\n  igb = r", ":11: an indented line continues rate, expected for why only"},
    {10, "net = elman", ":10: net: 'elman' is unknown, expected one of lstm97, lstm, cec, gru, rnn, irnn, window, sparse"},
    {10, "paper_trials = 0", ":10: paper_trials: 0 is out of range, expected 1 to 1000000"},
    {10, "paper_trial = 10", ":10: paper_trial: unknown key, expected one of those that `lstm97 show ID` prints"},
    {10, "title = no", ":10: title: expected in [experiment] only"},
    {10, "why = no", ":10: why: expected in [closest] and [closest ID] only"},
    {10, "weights = 93", ":10: weights: expected in [closest] and [closest ID] only"},
    {10, "igb = -1:-2:-3", ":9: igb: 3 values for 2 blocks, expected one, or one per block"},
    {10, "igb = none", ":9: igb: none, but the gates have a bias; expected r or one value per block"},
    {10, "task = two-sequence\nN = 100", ":9: N: 100 is too large for the two-sequence task with T = 100, expected at most 99"},
    {10, "wrong_below = 1:1", ":9: wrong_below: 2 values for 1 milestones, expected one each"},
    {10, "bias = hidden", ":9: built network has 92 weights, the paper says 93"},
    {10, "paper_reached = 5", ":9: paper_reached: 1 values for 0 milestones"},
    {10, "paper_range = 5:4", ":9: paper_range: expected the lowest and the highest, as in 3800:24100"},
    {11, "paper_weights = 264", ":9: built network has 93 weights, the paper says 264"},
    {12, "paper_sequences = 1:2", ":9: paper_sequences: 2 values for 1 milestones"},
    {12, "paper_sequences = 1:2:3:4:5:6:7:8:9", ":12: paper_sequences: at most 8 values, separated by ':'"},
    {2, "", ":1: title: missing"},
    {2, "title =", ":2: title: empty"},
    {3, "", ":9: task: missing, expected in [experiment] or [row x-1]"},
    {3, "task = addition",
     ":3: task: 'addition' is unknown, expected one of reber, long-lag, distractors, two-sequence, adding, multiplication, temporal-order, "
     "delayed-xor, continual-reber"},
    {1, "", ":2: title: before any section, expected [experiment] first"},
    {1, "[Experiment]", ":1: [Experiment]: unknown section, expected [experiment], [row ID], [closest] or [closest ID]"},
    {1, "[experiment", ":1: a section without ']'"},
    {1, "[experiment] title = x", ":1: text after ']', expected a new line"},
    {1, " [experiment]", ":1: a section must start without blanks before '['"},
    {1, "[experiment]\n[experiment]", ":2: [experiment]: the same section as in line 1"},
    {1, "[row a]\n[row b]", ":3: title: expected in [experiment] only"},
    {13, "[row]", ":13: [row]: unknown section, expected [experiment], [row ID], [closest] or [closest ID]"},
    {13, "[row x 2]", ":13: [row x 2]: unknown section, expected [experiment], [row ID], [closest] or [closest ID]"},
    {13, "[row x/2]", ":13: [row x/2]: not an ID, expected at most 23 letters, digits, '-', '_' and '.'"},
    {13, "[row --jobs]", ":13: [row --jobs]: not an ID, expected at most 23 letters, digits, '-', '_' and '.'"},
    {13, "[row 123456789012345678901234]",
     ":13: [row 123456789012345678901234]: not an ID, expected at most 23 letters, digits, '-', '_' and '.'"},
    {13, "[row x-1]", ":13: [row x-1]: the same section as in line 9"},
    {16, "[closest x-3]", ":16: [closest x-3]: there is no [row x-3] in this file"},
    {16, "[closest]", NULL},
    {17, "output = linear", ":17: output: 'linear' is unknown, expected one of logistic, identity"},
    {17, "connectivity = F-recurrence",
     ":16: row x-1, closest reading: built network has 29 weights, no weights = N is given, and the paper says 93"},
    {17, "connectivity = F-recurrence\nweights = 30", ":16: row x-1, closest reading: built network has 29 weights, its section says 30"},
    {17, "connectivity = F-recurrence\nweights = 29", NULL},
    {17, "weights = none", ":17: weights: 'none' is not a whole number, expected 1 to 1000000000"},
    {17, "igb = 1:2:3", ":16: row x-1, closest reading: igb: 3 values for 2 blocks, expected one, or one per block"},
    {17, "paper_trials = 10", ":17: paper_trials: a published number, expected in [experiment] or [row ID]"},
    {16, "[closest]\nrate = 2\nwhy = For all.\n[closest x-1]", NULL},
    {18, "why =", ":18: why: empty"},
    {18, "why = a\nwhy = b", ":19: why: already set in line 18"},
    {18, "# none", ":19: an indented line continues output, expected for why only"},
    {19, "[closest]\n  rate = 2\n  init = 1", ":21: an indented line continues rate, expected for why only"},
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		write_good(bad[i].line, bad[i].instead, "\n");
		if (bad[i].message) {
			expect_error_at(bad[i].message);
		} else {
			struct experiments x = load(folder);
			experiments_free(&x);
		}
	}
}

/* Whole files. */
static void test_bad_files(void **state)
{
	(void)state;
	char line[400];
	write_text(path, "");
	expect_error_at(":1: no [row] in it");
	write_text(path, "# nothing\n\n");
	expect_error_at(":1: no [row] in it");
	write_text(path, "[experiment]\ntitle = a");
	expect_error_at(":1: no [row] in it");
	write_text(path, "[row a]\ntask = adding\n");
	expect_error_at(":1: no [experiment] in it");
	write_bytes(path, "[experiment]\n\0\0", 15);
	expect_error_at(":2: byte 0x00, expected plain ASCII text");
	write_bytes(path, "SQLite format 3\0\x10", 17);
	expect_error_at(":1: byte 0x00, expected plain ASCII text");
	write_text(path, "\xef\xbb\xbf[experiment]\n");
	expect_error_at(":1: byte 0xef, expected plain ASCII text");
	write_text(path, "[experiment]\ntitle = a\x1b[31m\n");
	expect_error_at(":2: byte 0x1b, expected plain ASCII text");
	write_text(path, "[experiment]\rtitle = a\r");
	expect_error_at(":1: byte 0x0d, expected plain ASCII text");

	snprintf(line, sizeof line, "title = %0182d", 0); /* 190 characters */
	write_good(2, line, "\n");
	struct experiments x = load(folder);
	assert_int_equal(strlen(x.all[0].title), 182);
	experiments_free(&x);
	snprintf(line, sizeof line, "title = %0183d", 0);
	write_good(2, line, "\r\n");
	expect_error_at(":2: line too long: 191 characters, expected at most 190");
}

static void test_no_changes(void **state)
{
	(void)state;
	char text[1200];
	write_good(0, "", "\n");
	struct experiments x = load(folder);
	experiments_free(&x);
	const char *rows = "[experiment]\ntitle = a\ntask = adding\ncells = 2\nbias = all\nigb = r\nogb = r\n"
			   "[row a]\npaper_weights = 93\n";
	snprintf(text, sizeof text, "%s[closest]\nwhy = none\n", rows);
	write_text(path, text);
	expect_error_at(":10: [closest]: changes nothing");
	snprintf(text, sizeof text, "%s[closest a]\nwhy = none\n", rows);
	write_text(path, text);
	expect_error_at(":10: [closest a]: changes nothing");
	snprintf(text, sizeof text, "%s[closest]\nrate = 2\n", rows);
	write_text(path, text);
	expect_error_at(":10: why: missing for row a");
}

static void test_long_why(void **state)
{
	(void)state;
	char text[4096];
	size_t used = (size_t)snprintf(text, sizeof text, "why = %0149d\n", 0);
	for (int i = 0; i < 6; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "\t%0149d\n", 0);
	text[used - 1] = '\0';
	write_good(18, text, "\n");
	expect_error_at(":24: why: longer than 959 characters");
}

/* Comment lines, CRLF, no end of line at the end: read as if they were not there. */
static void test_line_ends(void **state)
{
	(void)state;
	static const char *const ends[] = {"\n", "\r\n", "\n\n", "\n# x\n", "\n; y\n", " \t\n"};
	for (size_t i = 0; i < COUNT(ends); i++) {
		write_good(0, "", ends[i]);
		struct experiments x = load(folder);
		assert_int_equal(x.n, 2);
		assert_string_equal(x.all[0].title, "Adding");
		assert_string_equal(x.all[0].why, "One reason, and another.");
		assert_string_equal(x.all[0].file, path);
		assert_true(x.all[0].literal.rule.rate == 0.5);
		assert_int_equal(x.all[0].deviations, 2);
		assert_int_equal(x.all[1].deviations, 0);
		experiments_free(&x);
	}
	write_good(0, "", "\n");
	struct experiments x = load(folder);
	assert_int_equal(x.all[0].line, 9);
	assert_int_equal(x.all[1].line, 13);
	assert_string_equal(x.all[0].deviation[1].key, "init");
	assert_int_equal(x.all[0].deviation[1].line, 20);
	experiments_free(&x);
}

/* Own changes come after the common ones and replace them. */
static void test_closest_order(void **state)
{
	(void)state;
	write_good(20, "init = 0.5\n[closest]\ninit = 0.3\nrate = 2\nwhy = For all.", "\n");
	struct experiments x = load(folder);
	assert_int_equal(x.all[0].deviations, 3);
	assert_string_equal(x.all[0].why, "For all. One reason, and another.");
	assert_string_equal(x.all[1].why, "For all.");
	const struct setting closest = {"reading", "closest"};
	struct conditions c[2];
	struct error e = {0};
	char canonical[CANONICAL_MAX];
	for (int i = 0; i < 2; i++)
		assert_true(experiment_resolve(&x.all[i], &closest, 1, &c[i], canonical, &e));
	assert_true(c[0].net.init == 0.5 && c[0].rule.rate == 2 && c[0].net.output == OUTPUT_IDENTITY);
	assert_true(c[1].net.init == 0.3 && c[1].rule.rate == 2 && c[1].net.output == OUTPUT_LOGISTIC);
	experiments_free(&x);
}

/* The changes of both sections together are too many. */
static void test_many_changes(void **state)
{
	(void)state;
	write_good(17,
		   "T=101\nsymbols=101\nN=2\ninput_variance=1\nsignal_variance=1\ntarget_variance=1\nrelevant=3\nstrings=5\n"
		   "trials_per_set=5\nrate=2\nreset=1\nwindow=5\ntest_every=5\nlimit=5\ngrow_window=5\ngrow_ratio=0.5",
		   "\n");
	expect_error_at(":35: init: row x-1 already has 16 changes, the most there can be");
	write_good(20, "", "\n");
}

static void test_bad_folder(void **state)
{
	(void)state;
	char other[100], message[480];
	struct experiments x;
	struct error e = {0};
	assert_false(experiments_load(&x, "/nowhere/experiments", &e));
	assert_non_null(strstr(e.text, "/nowhere/experiments: "));
	assert_int_equal(e.kind, ERROR_INPUT);

	remove(path);
	snprintf(message, sizeof message, "%s: no *.ini file in it", folder);
	expect_error(message);
	snprintf(other, sizeof other, "%s/.hidden.ini", folder);
	write_text(other, "x");
	expect_error(message);
	remove(other);

	assert_int_equal(mkdir(path, 0700), 0);
	expect_error_at(": not a regular file");
	rmdir(path);
	assert_int_equal(symlink("nowhere", path), 0);
	snprintf(message, sizeof message, "%s: cannot be read: %s", path, strerror(ENOENT));
	expect_error(message);
	remove(path);

	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	for (int i = 0; i < (1 << 20) / 8; i++)
		fputs("# lines\n", f);
	assert_int_equal(fclose(f), 0);
	expect_error_at(":1: no [row] in it");
	f = fopen(path, "ab");
	assert_non_null(f);
	fputc('#', f);
	assert_int_equal(fclose(f), 0);
	expect_error_at(": larger than 1 MiB, expected an experiment file");

	write_good(0, "", "\n");
	snprintf(other, sizeof other, "%s/b.ini", folder);
	write_text(other,
		   "[experiment]\ntitle = b\ntask = adding\ncells = 2\nbias = all\nigb = r\nogb = r\n\n[row x-2]\npaper_weights = 93\n");
	snprintf(message, sizeof message, "%s:9: [row x-2]: there is one already, %s:13", other, path);
	expect_error(message);
	remove(other);
}

/* --- Files that were cut or changed by chance --- */

static void expect_one_line_or_success(void)
{
	struct experiments x;
	struct error e = {0};
	if (experiments_load(&x, folder, &e)) {
		char *table = experiments_table10(&x);
		free(table);
		experiments_free(&x);
		return;
	}
	assert_int_equal(e.kind, ERROR_INPUT);
	assert_true(!strncmp(e.text, path, strlen(path)));
	assert_true(strlen(e.text) > strlen(path) + 4);
	for (const char *p = e.text; *p; p++)
		assert_true((*p >= ' ' && *p <= '~') || *p == '\t');
}

static void fuzz(const char *text, size_t n, struct rng *r)
{
	enum { STEP = 37, CHANGED = 60 };
	for (size_t i = 0; i < n; i += STEP) {
		write_bytes(path, text, i);
		expect_one_line_or_success();
	}
	char *changed = memory_zeroed(n, 1);
	for (int k = 0; k < CHANGED; k++) {
		static const char likely[] = "[]=;#:\n \t0-9.";
		memcpy(changed, text, n);
		for (int i = rng_below(r, 4); i >= 0; i--)
			changed[rng_below(r, (int)n)] = k % 2 ? (char)rng_below(r, 256) : likely[rng_below(r, sizeof likely - 1)];
		write_bytes(path, changed, n);
		expect_one_line_or_success();
	}
	for (size_t i = 0; i < n; i++)
		changed[i] = (char)rng_below(r, 256);
	write_bytes(path, changed, n);
	expect_one_line_or_success();
	free(changed);
}

static void test_fuzz(void **state)
{
	(void)state;
	struct rng r = rng_stream(1, "test");
	struct experiments x = load("experiments");
	for (int i = 0; i < x.n; i++) {
		if (i && !strcmp(x.all[i].file, x.all[i - 1].file))
			continue;
		size_t n;
		char *text = read_text(x.all[i].file, &n);
		fuzz(text, n, &r);
		free(text);
	}
	experiments_free(&x);
}

/* --- Rows with changes --- */

enum { SETTINGS_MAX = 8 };

/* "a=1 b=2" into settings; text is changed. */
static int split(char *text, struct setting *settings)
{
	int n = 0;
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');
		assert_non_null(value);
		*value++ = '\0';
		settings[n++] = (struct setting){word, value};
	}
	assert_true(n <= SETTINGS_MAX);
	return n;
}

static bool resolve(const struct experiment *x, const char *changes, struct conditions *c, char *canonical, struct error *e)
{
	char text[400];
	struct setting settings[SETTINGS_MAX];
	snprintf(text, sizeof text, "%s", changes);
	const int n = split(text, settings);
	return experiment_resolve(x, settings, n, c, canonical, e);
}

#define NAME_60 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
#define NAME_63 NAME_60 "ggg"

static const struct {
	const char *changes, *canonical;
} canonical_texts[] = {
    {"", ""},
    {"reading=literal", ""},
    {"reading=closest", "reading=closest"},
    {"rate=0.5", ""},
    {"rate=0.50", ""},
    {"rate=5e-1", ""},
    {"rate=.25", "rate=0.25"},
    {"reset=-0", ""},
    {"igb=-3.0:-6", ""},
    {"igb=-3:-0", "igb=-3:0"},
    {"igb=-2:-4", "igb=-2:-4"},
    {"igb=r", "igb=r"},
    {"T=200 rate=0.1", "T=200 rate=0.1"},
    {"rate=0.1 T=200", "T=200 rate=0.1"},
    {"rate=0.1 T=200 h=h1", "T=200 rate=0.1"},
    {"error_below=0.01 window=500", "window=500 error_below=0.01"},
    {"milestones=a:b wrong_below=2:1 error_below=any", "milestones=a:b wrong_below=2:1"},
    {"milestones=" NAME_63, "milestones=" NAME_63},
    {"blocks=3 igb=r", "blocks=3 igb=r"}, /* other weights than the paper's are no error here */
    {"rate=0.1 reading=closest", "reading=closest rate=0.1"},
    {"reading=closest output=identity", "reading=closest"},
    {"output=logistic reading=closest", "reading=closest output=logistic"},
    {"reading=closest init=0.1", "reading=closest init=0.1"},
    {"init=0.5 output=identity", "output=identity init=0.5"}, /* the same as closest, but not called so */
    {"rule=bptt net=gru", "net=gru units=4 rule=bptt"},       /* 89 weights instead of 93; with 5 units 126 */
    {"units=3 rule=bptt net=gru", "net=gru units=3 rule=bptt"},
    {"net=lstm", "net=lstm"},
};

static void test_canonical(void **state)
{
	(void)state;
	write_good(0, "", "\n");
	struct experiments x = load(folder);
	for (size_t i = 0; i < COUNT(canonical_texts); i++) {
		struct conditions c, again;
		struct error e = {0};
		char canonical[CANONICAL_MAX], second[CANONICAL_MAX];
		if (!resolve(&x.all[0], canonical_texts[i].changes, &c, canonical, &e))
			fail_msg("%s: %s", canonical_texts[i].changes, e.text);
		assert_string_equal(canonical, canonical_texts[i].canonical);
		assert_true(resolve(&x.all[0], canonical, &again, second, &e));
		assert_string_equal(second, canonical);
	}
	experiments_free(&x);
}

static const struct {
	const char *changes, *message;
} bad_changes[] = {
    {"reading=closer", "reading: 'closer' is unknown, expected literal or closest"},
    {"reading=closest", "row x-2 has no closest reading"},
    {"rate=x", "rate: 'x' is not a number, expected 0 to 1000"},
    {"rate=", "rate: '' is not a number, expected 0 to 1000"},
    {"rate=0,5", "rate: '0,5' is not a number (decimals are written with a point), expected 0 to 1000"},
    {"rate=0", "rate: 0 would change no weight, expected more than 0; decimals are written with a point: 0.5"},
    {"rate=-0", "rate: 0 would change no weight, expected more than 0; decimals are written with a point: 0.5"},
    {"rate=1e-400", "rate: '1e-400' is too small to be told from 0, expected 0 to 1000"},
    {"rate=1e400", "rate: '1e400' is too large to be held, expected 0 to 1000"},
    {"rate=0.5x", "rate: '0.5x' is not a number, expected 0 to 1000"},
    {"rate=05",
     "rate: '05' starts with a zero (decimals are written with a point, values of a sweep are separated by commas), expected 0 to 1000"},
    {"T=1e3", "T: '1e3' is not a whole number, expected 1 to 100000"},
    {"T=99999999999999999999", "T: 99999999999999999999 is out of range, expected 1 to 100000"},
    {"igb=-3:inf", "igb: 'inf' is not a number, expected -100 to 100"},
    {"milestones=a:a wrong_below=2:1", "milestones: 'a' is the name of two stops, expected different ones"},
    {"milestones=a:b:a wrong_below=3:2:1", "milestones: 'a' is the name of two stops, expected different ones"},
    {"milestones=" NAME_63 "x", "milestones: '" NAME_60 "...' is too long, expected at most 63 characters"},
    {"title=x", "title: unknown key, expected one of those that `lstm97 show ID` prints"},
    {"paper_weights=5", "paper_weights: unknown key, expected one of those that `lstm97 show ID` prints"},
    {"rate=1 T=200 rate=1", "rate: set twice"},
    {"reading=literal reading=literal", "reading: set twice"},
    {"blocks=3", "igb: 2 values for 3 blocks, expected one, or one per block"},
    {"milestones=a\tb", "milestones: a value with a blank or a character that is not ASCII, expected none"},
    {"rate=1\n2", "rate: a value with a blank or a character that is not ASCII, expected none"},
};

static void test_bad_changes(void **state)
{
	(void)state;
	write_good(0, "", "\n");
	struct experiments x = load(folder);
	for (size_t i = 0; i < COUNT(bad_changes); i++) {
		struct conditions c;
		struct error e = {0};
		char canonical[CANONICAL_MAX];
		assert_false(resolve(&x.all[1], bad_changes[i].changes, &c, canonical, &e));
		assert_string_equal(e.text, bad_changes[i].message);
		assert_int_equal(e.kind, ERROR_INPUT);
	}
	experiments_free(&x);
}

/* All rows x all keys: a key set to what it is changes nothing, in either reading. */
struct same {
	const struct experiment *x;
	const char *reading;
	int keys;
};

static void set_same(void *to, const struct parameter *o, const void *base)
{
	struct same *same = to;
	char value[2 * OPTION_TEXT_MAX], canonical[CANONICAL_MAX];
	option_print(o, base, value, sizeof value);
	const struct setting settings[] = {{o->key, value}, {"reading", same->reading}};
	struct conditions c;
	struct error e = {0};
	if (!experiment_resolve(same->x, settings, 2, &c, canonical, &e))
		fail_msg("%s: %s", same->x->id, e.text);
	assert_string_equal(canonical, strcmp(same->reading, "literal") ? "reading=closest" : "");
	same->keys++;
}

static void test_same(void **state)
{
	(void)state;
	struct experiments x = load("experiments");
	for (int i = 0; i < 2 * x.n; i++) {
		struct same same = {.x = &x.all[i / 2], .reading = i % 2 ? "closest" : "literal"};
		const struct setting reading = {"reading", same.reading};
		struct conditions c;
		struct error e = {0};
		char canonical[CANONICAL_MAX];
		if (i % 2 && !same.x->deviations)
			continue;
		assert_true(experiment_resolve(same.x, &reading, 1, &c, canonical, &e));
		conditions_each(&c, set_same, &same);
		assert_true(same.keys > 40);
	}
	experiments_free(&x);
}

/* More than fits into the canonical text is refused. */
static void test_too_many_changes(void **state)
{
	(void)state;
	char names[OPTION_TEXT_MAX] = "";
	for (int i = 0; i < LIST_MAX; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%028d", i ? ":" : "", i);
#define V    "1.2345678901234567"
#define LIST V ":" V ":" V ":" V ":" V ":" V ":" V ":" V
	const struct setting settings[] = {
	    {"milestones", names},  {"wrong_below", LIST}, {"error_below", LIST}, {"blocks", "8"},
	    {"igb", LIST},          {"ogb", LIST},         {"rate", V},           {"init", V},
	    {"tolerance", V},       {"gate_shift", V},     {"input_variance", V}, {"signal_variance", V},
	    {"target_variance", V},
	};
#undef LIST
#undef V
	struct experiments x = load("experiments");
	const struct experiment *row = experiments_find(&x, "4-1", &(struct error){0});
	struct conditions c;
	struct error e = {0};
	char canonical[CANONICAL_MAX];
	assert_true(experiment_resolve(row, settings, 6, &c, canonical, &e));
	assert_in_range(strlen(canonical), 850, CANONICAL_MAX - 1);
	assert_false(experiment_resolve(row, settings, COUNT(settings), &c, canonical, &e));
	assert_string_equal(e.text, "more changes than fit into 1023 characters");
	experiments_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table10),
	    cmocka_unit_test(test_published),
	    cmocka_unit_test(test_weights),
	    cmocka_unit_test(test_equal_terms),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_no_changes),
	    cmocka_unit_test(test_long_why),
	    cmocka_unit_test(test_line_ends),
	    cmocka_unit_test(test_closest_order),
	    cmocka_unit_test(test_many_changes),
	    cmocka_unit_test(test_bad_folder),
	    cmocka_unit_test(test_fuzz),
	    cmocka_unit_test(test_canonical),
	    cmocka_unit_test(test_bad_changes),
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_too_many_changes),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
