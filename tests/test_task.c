/* test_task.c: properties of the drawn sequences, measured from the sequences themselves.
   Does: check every task under several options; an independent acceptor for the Reber grammar; predictors that must fail.
   Does not: share tables or constants with src/task. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "task/task.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 20000, CLASSES = 8 };

static const double P_MIN = 1e-4; /* of a statistical test; seeds are fixed, so that a test passes always or never */

/* --- Tasks and settings: the double loop --- */

static const struct task_type *task_named(const char *name, int *i)
{
	for (*i = 0; task_types[*i]; ++*i)
		if (!strcmp(task_types[*i]->name, name))
			return task_types[*i];
	fail_msg("no task %s", name);
	return NULL;
}

static struct task_options options_of(const char *name)
{
	struct task_options o = task_defaults();
	task_named(name, &o.task);
	return o;
}

/* A setting of a task: what is changed, and how exact an answer must be. rare: too many places or lengths for each to
   be seen in DRAWS draws. */
struct setting {
	const char *task;
	double tolerance;
	bool rare;
	struct task_options o;
};

#define PAIR(a, b)                                                                                                                         \
	{                                                                                                                                  \
		.n = 2, .v = { a, b }                                                                                                      \
	}
static const struct setting settings[] = {
    {"reber", 0, false, {.strings = 256, .trials_per_set = 10}},
    {"reber", 0, false, {.strings = 1, .trials_per_set = 1}},
    {"reber", 0, false, {.strings = 5000, .trials_per_set = 3}},
    {"long-lag", 0.25, false, {.T = 2}},
    {"long-lag", 0.25, false, {.T = 10}},
    {"long-lag", 0.25, false, {.T = 100}},
    {"long-lag", 0.25, false, {.T = 2, .distractors = TASK_RANDOM}},
    {"long-lag", 0.25, false, {.T = 10, .distractors = TASK_RANDOM}},
    {"long-lag", 0.25, false, {.T = 100, .distractors = TASK_RANDOM}},
    {"distractors", 0.2, false, {.T = 50, .symbols = 50}},
    {"distractors", 0.2, false, {.T = 1, .symbols = 1}},
    {"distractors", 0.2, false, {.T = 20, .symbols = 1000}},
    {"two-sequence", 0.2, false, {.T = 100, .N = 1, .input_variance = 0.2, .targets = PAIR(1, 0)}},
    {"two-sequence", 0.2, false, {.T = 100, .N = 3, .input_variance = 0.2, .signal_variance = 0.2, .targets = PAIR(1, 0)}},
    {"two-sequence",
     0.1,
     false,
     {.T = 20, .N = 19, .input_variance = 2.0, .signal_variance = 0.2, .target_variance = 0.1, .targets = PAIR(0.2, 0.8)}},
    {"two-sequence", 0.1, false, {.T = 2, .N = 1, .input_variance = 0.0, .targets = PAIR(0.2, 0.8)}},
    {"adding", 0.04, false, {.T = 22}},
    {"adding", 0.04, false, {.T = 4}},
    {"multiplication", 0.04, false, {.T = 11}},
    {"adding", 0.04, false, {.T = 100}},
    {"adding", 0.04, false, {.T = 101, .first_pair = FIRST_PAIR_MARKER}},
    {"adding", 0.04, true, {.T = 1000}},
    {"multiplication", 0.04, false, {.T = 22, .first_pair = FIRST_PAIR_MARKER}},
    {"multiplication", 0.04, false, {.T = 100}},
    {"delayed-xor", 0.3, false, {.T = 4}},
    {"delayed-xor", 0.3, false, {.T = 100}},
    {"delayed-xor", 0.3, false, {.T = 50, .function = FUNCTION_AND}},
    {"delayed-xor", 0.3, false, {.T = 50, .function = FUNCTION_OR, .first_pair = FIRST_PAIR_MARKER}},
    {"delayed-xor", 0.3, false, {.T = 50, .function = FUNCTION_FIRST}},
    {"temporal-order", 0.3, false, {.T = 100, .relevant = 2}},
    {"temporal-order", 0.3, false, {.T = 100, .relevant = 3}},
    {"temporal-order", 0.3, false, {.T = 20, .relevant = 2}},
    {"temporal-order", 0.3, false, {.T = 20, .relevant = 3}},
    {"temporal-order", 0.3, false, {.T = 57, .relevant = 3}},
    {"temporal-order", 0.3, true, {.T = 500, .relevant = 2}},
    {"continual-reber", 0, false, {.predict = PREDICT_NEXT}},
    {"continual-reber", 0, false, {.predict = PREDICT_POSSIBLE}},
};
#undef PAIR
enum { SETTINGS_ALL = sizeof settings / sizeof *settings };

/* A task with its options, data and streams, as a trial has them. */
struct source {
	struct setting set;
	const struct task_type *type;
	struct task_shape shape;
	void *data;
	struct rng train;
	struct sequence s;
};

static void *new_data(const struct task_type *type, const struct task_options *o, uint64_t seed)
{
	if (!type->data_size)
		return NULL;
	void *data = memory_zeroed(1, type->data_size(o));
	type->data_draw(o, seed, data);
	return data;
}

static struct source source_open(const struct setting *set, uint64_t seed)
{
	struct source x = {.set = *set, .train = rng_stream(seed, "train")};
	struct error e = {0};
	x.type = task_named(set->task, &x.set.o.task);
	if (!task_check(&x.set.o, &e))
		fail_msg("%s: %s", set->task, e.text);
	x.shape = x.type->shape(&x.set.o);
	x.data = new_data(x.type, &x.set.o, seed);
	return x;
}

static void source_draw(struct source *x)
{
	x->type->draw(&x->set.o, x->data, &x->train, -1, &x->s);
}

static void source_close(struct source *x)
{
	free(x->data);
	sequence_free(&x->s);
}

static bool is(const struct source *x, const char *name)
{
	return !strcmp(x->set.task, name);
}

/* --- An acceptor for embedded Reber strings, written from the description of the graph --- */

/* MORE: the beginning of a string, but not all of it. */
enum verdict { WRONG, MORE, ACCEPTED };

/* Only `rest` may be left. */
static enum verdict exactly(const char *s, const char *rest)
{
	const size_t n = strlen(s);
	if (n < strlen(rest))
		return strncmp(s, rest, n) ? WRONG : MORE;
	return strcmp(s, rest) ? WRONG : ACCEPTED;
}

static enum verdict after_v(const char *s, const char *rest);

static enum verdict t_loop(const char *s, const char *rest)
{
	s += strspn(s, "T");
	return !*s ? MORE : *s == 'V' ? after_v(s + 1, rest) : WRONG;
}

static enum verdict after_x(const char *s, const char *rest)
{
	if (*s == 'X')
		return t_loop(s + 1, rest);
	return !*s ? MORE : *s == 'S' ? exactly(s + 1, rest) : WRONG;
}

static enum verdict after_v(const char *s, const char *rest)
{
	if (*s == 'P')
		return after_x(s + 1, rest);
	return !*s ? MORE : *s == 'V' ? exactly(s + 1, rest) : WRONG;
}

static enum verdict s_loop(const char *s, const char *rest)
{
	s += strspn(s, "S");
	return !*s ? MORE : *s == 'X' ? after_x(s + 1, rest) : WRONG;
}

static enum verdict reber(const char *s)
{
	const size_t n = strlen(s);
	if (n > 0 && s[0] != 'B')
		return WRONG;
	if (n > 1 && s[1] != 'T' && s[1] != 'P')
		return WRONG;
	if (n > 2 && s[2] != 'B')
		return WRONG;
	if (n > 3 && s[3] != 'T' && s[3] != 'P')
		return WRONG;
	if (n < 4)
		return MORE;
	const char *rest = s[1] == 'T' ? "ETE" : "EPE";
	return s[3] == 'T' ? s_loop(s + 4, rest) : t_loop(s + 4, rest);
}

static void test_acceptor(void **state)
{
	(void)state;
	const char *const good[] = {"BTBTXSETE", "BPBTXSEPE", "BTBPVVETE", "BPBPVVEPE", "BTBTSSXXTVPXVVETE", "BPBPTTVPSEPE"};
	const char *const bad[] = {"BTBTXSEPE", "BPBTXSETE", "BTBTXSETEE", "BBTXSETE", "BTBTXVETE", "BTBPVPVETE", "TBTXSETE"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(reber(good[i]), ACCEPTED);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(reber(bad[i]), WRONG);
	assert_int_equal(reber(""), MORE);
	assert_int_equal(reber("BTBTXSET"), MORE);
}

enum { TEXT = 256 };

/* The string that a sequence presents: its inputs and the last target. */
static long reber_text(const struct sequence *s, char text[TEXT])
{
	assert_true(s->length < TEXT - 1);
	for (long t = 0; t < s->length; t++)
		text[t] = "BTPSXVE"[s->index[t]];
	text[s->length] = "BTPSXVE"[s->target[s->length - 1]];
	text[s->length + 1] = '\0';
	return s->length + 1;
}

/* What may follow the first n symbols, found by trying all of them. */
static uint32_t reber_successors(const char *text, long n)
{
	char trial[TEXT];
	uint32_t set = 0;
	memcpy(trial, text, (size_t)n);
	trial[n + 1] = '\0';
	for (int k = 0; k < 7; k++) {
		trial[n] = "BTPSXVE"[k];
		if (reber(trial) != WRONG)
			set |= 1u << k;
	}
	return set;
}

static void check_reber(const struct sequence *s)
{
	char text[TEXT];
	const long n = reber_text(s, text);
	assert_int_equal(reber(text), ACCEPTED);
	assert_true(n >= 9);
	assert_int_equal(text[1], text[n - 2]);
	assert_true(s->legal[n - 3] == 1u << s->index[1]); /* the symbol that has to be remembered, and no other */
	for (long t = 0; t < n - 1; t++) {
		if (t + 1 < n - 1)
			assert_int_equal(s->target[t], s->index[t + 1]);
		assert_true(s->legal[t] == reber_successors(text, t + 1));
		assert_true(s->legal[t] >> s->target[t] & 1);
	}
}

static void test_reber_strings(void **state)
{
	(void)state;
	const long n = 100000;
	struct source x = source_open(&(struct setting){.task = "reber", .o = {.strings = n, .trials_per_set = 1}}, 1);
	double symbols = 0, start_t = 0;
	long shortest = 1000;
	for (long k = 0; k < n; k++) { /* the training set: no string was rejected */
		x.type->draw(&x.set.o, x.data, NULL, k, &x.s);
		check_reber(&x.s);
		symbols += (double)x.s.length + 1;
		start_t += x.s.index[1] == 1;
		if (x.s.length + 1 < shortest)
			shortest = x.s.length + 1;
	}
	assert_true(fabs(symbols / (double)n - 12.0) < 0.05);
	assert_int_equal(shortest, 9);
	assert_true(fabs(start_t / (double)n - 0.5) < 0.01);
	source_close(&x);
}

/* A long stream, read symbol by symbol without a word on where its parts end: strings are found by the acceptor alone. */
static void test_reber_stream(void **state)
{
	(void)state;
	enum { SYMBOLS = 100000 };
	static char stream[SYMBOLS + TEXT];
	static uint32_t legal[SYMBOLS + TEXT];
	static int target[SYMBOLS + TEXT];
	struct source x = source_open(&(struct setting){.task = "continual-reber"}, 1);
	long n = 0, parts = 0;
	assert_true(x.shape.stream && x.shape.grammar && x.shape.every_step && !x.shape.test_set && !x.shape.train_set);
	for (; n < SYMBOLS; parts++) {
		source_draw(&x);
		assert_in_range(x.s.length, 9, TEXT - 1);
		for (long t = 0; t < x.s.length; t++, n++) {
			stream[n] = "BTPSXVE"[x.s.index[t]];
			target[n] = x.s.target[t];
			legal[n] = x.s.legal[t];
		}
	}
	long strings = 0, start = 0, forks = 0, first = 0;
	char text[TEXT];
	for (long t = 0; t < n; t++) {
		const long length = t + 1 - start;
		assert_true(length < TEXT - 1);
		memcpy(text, stream + start, (size_t)length);
		text[length] = '\0';
		const enum verdict v = reber(text);
		assert_true(v != WRONG);
		assert_true(legal[t] == (v == ACCEPTED ? 1u : reber_successors(text, length)));
		assert_true(legal[t] >> target[t] & 1);
		if (t + 1 < n)
			assert_int_equal("BTPSXVE"[target[t]], stream[t + 1]);
		if (legal[t] & (legal[t] - 1)) {
			forks++;
			first += legal[t] & ((1u << target[t]) - 1) ? 1 : 0;
		}
		if (v == ACCEPTED) {
			strings++;
			start = t + 1;
		}
	}
	assert_int_equal(start, n); /* the last string is whole */
	assert_int_equal(strings, parts);
	assert_true(fabs((double)n / (double)strings - 12.0) < 0.2);
	assert_true(fabs((double)first / (double)forks - 0.5) < 0.01); /* of two arcs each is taken as often */
	source_close(&x);
}

/* All strings of training and test set as text. */
static void reber_sets(struct source *x, char (*text)[TEXT])
{
	for (long k = 0; k < 2 * x->set.o.strings; k++) {
		x->type->draw(&x->set.o, x->data, NULL, k, &x->s);
		reber_text(&x->s, text[k]);
	}
}

static void test_reber_sets(void **state)
{
	(void)state;
	enum { N = 256 };
	static char first[2 * N][TEXT], text[2 * N][TEXT];
	double all = 0;
	for (uint64_t seed = 1; seed <= 31; seed += seed == 1 ? 9 : 1) {
		struct source x = source_open(&settings[0], seed);
		reber_sets(&x, text);
		if (seed == 1)
			memcpy(first, text, sizeof first);
		assert_int_equal(!memcmp(first, text, sizeof first), seed <= 10);
		int distinct = 0;
		for (int i = 0; i < N; i++) {
			int earlier = 0;
			while (strcmp(text[earlier], text[i]))
				earlier++;
			distinct += earlier == i;
			for (int k = N; k < 2 * N; k++)
				assert_string_not_equal(text[i], text[k]);
		}
		assert_in_range(distinct, 60, 140);
		all += distinct;
		source_close(&x);
	}
	assert_true(fabs(all / 23 - 100) < 20);
}

/* Every trial of a set trains on its strings alone, on each of them, and on none of the test set. */
static void test_reber_training(void **state)
{
	(void)state;
	enum { N = 20 };
	static char text[2 * N][TEXT];
	struct source x = source_open(&(struct setting){.task = "reber", .o = {.strings = N, .trials_per_set = 1}}, 4);
	double expected[N] = {0}, seen[N] = {0}, chi2 = 0;
	int distinct = 0;
	char drawn[TEXT];
	reber_sets(&x, text);
	for (int i = 0; i < DRAWS; i++) {
		int k = 0;
		source_draw(&x);
		reber_text(&x.s, drawn);
		while (k < N && strcmp(text[k], drawn))
			k++;
		assert_true(k < N);
		seen[k]++;
	}
	for (int i = 0; i < N; i++) {
		int k = 0;
		while (strcmp(text[k], text[i]))
			k++;
		expected[k] += (double)DRAWS / N;
	}
	for (int i = 0; i < N; i++)
		if (expected[i] > 0) {
			chi2 += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
			distinct++;
		}
	assert_true(gsl_cdf_chisq_Q(chi2, distinct - 1) > P_MIN);
	source_close(&x);
}

/* --- What each sequence must look like. Each check gives the class and the lag, both read from the sequence --- */

struct reading {
	int class;   /* 0 ... CLASSES-1, or -1 where there are no classes */
	long lag;    /* from the relevant input to the symbol or value to be predicted */
	long length; /* as struct task_shape counts it: symbols or steps */
};

static struct reading read_reber(const struct source *x)
{
	check_reber(&x->s);
	const long symbols = x->s.length + 1;
	/* the 2nd symbol decides the last but one */
	return (struct reading){.class = -1, .lag = symbols - 1 - 2, .length = symbols};
}

/* A whole string, its last symbol E among the inputs, and then the first B of the next. */
static struct reading read_reber_part(const struct source *x)
{
	struct sequence s = x->s;
	const long last = --s.length; /* without the last step it is a string as it is alone */
	assert_true(x->s.index[last] == 6 && x->s.target[last] == 0 && x->s.legal[last] == 1u);
	check_reber(&s);
	assert_int_equal(x->shape.possible, x->set.o.predict == PREDICT_POSSIBLE);
	return (struct reading){.class = -1, .lag = last + 1 - 1 - 2, .length = last + 1};
}

static struct reading read_long_lag(const struct source *x)
{
	const struct sequence *s = &x->s;
	const long p = x->set.o.T;
	assert_int_equal(s->length, p);
	assert_in_range(s->index[0], p - 1, p);
	assert_int_equal(s->target[p - 1], s->index[0]);
	for (long t = 1; t < p; t++) {
		assert_in_range(s->index[t], 0, p - 2);
		assert_int_equal(s->target[t - 1], s->index[t]);
		if (x->set.o.distractors == TASK_FIXED)
			assert_int_equal(s->index[t], t - 1);
	}
	return (struct reading){.class = s->index[0] == p, .lag = s->length, .length = s->length + 1};
}

static struct reading read_distractors(const struct source *x)
{
	const struct sequence *s = &x->s;
	const int p = (int)x->set.o.symbols, e = p, b = p + 1, letter_x = p + 2, letter_y = p + 3;
	const long last = s->length - 1;
	long relevant = -1;
	assert_int_equal(s->index[0], b);
	assert_int_equal(s->index[last], e);
	for (long t = 1; t < last; t++)
		if (s->index[t] == letter_x || s->index[t] == letter_y) {
			assert_int_equal(relevant, -1);
			relevant = t;
		} else {
			assert_in_range(s->index[t], 0, p - 1);
		}
	assert_int_equal(relevant, 1);
	assert_int_equal(s->target[last], s->index[1] == letter_y);
	return (struct reading){.class = s->target[last], .lag = last - relevant, .length = s->length};
}

static struct reading read_two_sequence(const struct source *x)
{
	const struct task_options *o = &x->set.o;
	const struct sequence *s = &x->s;
	const int class = s->ideal != o->targets.v[0];
	assert_true(s->ideal == o->targets.v[class]);
	if (o->target_variance <= 0)
		assert_true(s->target_value == s->ideal);
	long informative = 0; /* elements of exactly +1 or -1; with noise these are not to be told from the others */
	if (o->signal_variance <= 0) {
		while (s->value[informative] == (class ? -1.0 : 1.0))
			informative++;
		assert_int_equal(informative, o->N);
	}
	return (struct reading){.class = class, .lag = s->length - o->N, .length = s->length};
}

static struct reading read_pairs(const struct source *x, double low, double neutral, bool product)
{
	const struct sequence *s = &x->s;
	const long T = x->set.o.T, last = s->length - 1;
	const bool first_silent = x->set.o.first_pair == FIRST_PAIR_MARKER;
	long at[3] = {-1, -1, -1}, marked = 0;
	for (long t = 0; t <= last; t++) {
		const double value = s->value[2 * t], marker = s->value[2 * t + 1];
		assert_true(value >= low && value < 1.0 + (t == 0 && neutral >= 1.0 ? 1e-9 : 0));
		if (marker == 1.0 && marked < 2)
			at[marked++] = t;
		else
			assert_true(marker == (t == 0 || t == last ? -1.0 : 0.0));
	}
	double a = neutral, b;
	if (marked == 1) { /* the other is the first pair, which does not show it */
		assert_true(first_silent);
		at[1] = at[0];
		at[0] = 0;
	} else {
		assert_int_equal(marked, 2);
		assert_true(at[0] > 0 || !first_silent);
		a = s->value[2 * at[0]];
	}
	b = s->value[2 * at[1]];
	if (at[0] == 0)
		assert_true(a == neutral);
	if (s->value[1] == -1.0) /* not shown as marked: any value */
		assert_true(s->value[0] != neutral);
	assert_true(at[0] < at[1] && at[0] < 10 && at[1] < T / 2);
	assert_true(fabs(s->target_value - (product ? a * b : 0.5 + (a + b) / 4)) < 1e-15);
	assert_true(s->target_value >= 0 && s->target_value <= 1);
	assert_true(s->target_value == s->ideal);
	return (struct reading){.class = -1, .lag = last - at[1], .length = s->length};
}

/* Two marked bits; the first pair may be marked without showing it. */
static struct reading read_bits(const struct source *x)
{
	const struct sequence *s = &x->s;
	const struct task_options *o = &x->set.o;
	const long last = s->length - 1;
	long at[2] = {0, 0}, marked = 0;
	for (long t = 0; t <= last; t++) {
		const double value = s->value[2 * t], marker = s->value[2 * t + 1];
		assert_true(value == 1.0 || value == -1.0);
		if (marker == 1.0) {
			assert_true(marked < 2);
			at[marked++] = t;
		} else {
			assert_true(marker == (t == 0 || t == last ? -1.0 : 0.0));
		}
	}
	if (marked == 1) {
		assert_true(o->first_pair == FIRST_PAIR_MARKER);
		at[1] = at[0];
		at[0] = 0;
	} else {
		assert_int_equal(marked, 2);
		assert_true(at[0] > 0 || o->first_pair == FIRST_PAIR_VALUE);
	}
	assert_true(at[0] < at[1] && at[0] < 10 && at[1] < o->T / 2);
	const int bits = (s->value[2 * at[0]] > 0) + 2 * (s->value[2 * at[1]] > 0);
	static const int truth[4][4] = {{0, 1, 1, 0}, {0, 0, 0, 1}, {0, 1, 1, 1}, {0, 1, 0, 1}}; /* [function][bits] */
	assert_true(s->target_value == truth[o->function][bits] && s->ideal == s->target_value);
	const bool even = o->function == FUNCTION_XOR || o->function == FUNCTION_FIRST;
	return (struct reading){.class = even ? truth[o->function][bits] : -1, .lag = last - at[1], .length = s->length};
}

static struct reading read_temporal_order(const struct source *x)
{
	enum { LETTER_X = 6, LETTER_Y = 7 };
	const struct task_options *o = &x->set.o;
	const struct sequence *s = &x->s;
	const long T = o->T, last = s->length - 1;
	const long low[2][3] = {{T / 10, T / 2}, {T / 10, T * 33 / 100, T * 66 / 100}};
	const long high[2][3] = {{T / 5, T * 6 / 10}, {T / 5, T * 43 / 100, T * 76 / 100}};
	long relevant = 0, latest = 0;
	int class = 0;
	assert_int_equal(s->index[0], 0);
	assert_int_equal(s->index[last], 1);
	for (long t = 1; t < last; t++) {
		if (s->index[t] < LETTER_X) {
			assert_in_range(s->index[t], 2, 5);
			continue;
		}
		assert_true(relevant < o->relevant);
		assert_in_range(t + 1, low[o->relevant - 2][relevant], high[o->relevant - 2][relevant]);
		class += (s->index[t] == LETTER_Y) << (o->relevant - 1 - relevant++);
		latest = t;
	}
	assert_int_equal(relevant, o->relevant);
	assert_int_equal(s->target[last], class);
	return (struct reading){.class = class, .lag = last - latest, .length = s->length};
}

static struct reading read_sequence(const struct source *x)
{
	if (is(x, "reber"))
		return read_reber(x);
	if (is(x, "continual-reber"))
		return read_reber_part(x);
	if (is(x, "long-lag"))
		return read_long_lag(x);
	if (is(x, "distractors"))
		return read_distractors(x);
	if (is(x, "two-sequence"))
		return read_two_sequence(x);
	if (is(x, "adding"))
		return read_pairs(x, -1.0, 0.0, false);
	if (is(x, "multiplication"))
		return read_pairs(x, 0.0, 1.0, true);
	if (is(x, "delayed-xor"))
		return read_bits(x);
	assert_true(is(x, "temporal-order"));
	return read_temporal_order(x);
}

/* What holds for all tasks: every index and target is one of the lines. */
static void check_lines(const struct source *x)
{
	const struct sequence *s = &x->s;
	assert_true(s->length > 0 && (size_t)s->length <= s->capacity);
	for (long t = 0; x->shape.coding == INPUT_LOCAL && t < s->length; t++)
		assert_in_range(s->index[t], 0, x->shape.in - 1);
	for (long t = x->shape.every_step ? 0 : s->length - 1; t < s->length; t++)
		assert_in_range(s->target[t], 0, x->shape.out - 1);
	if (x->shape.classes)
		assert_true(s->target_value == 1.0 && s->ideal == 1.0);
}

/* The longest sequence, as struct task_shape counts; 0: there is none. */
static long longest(const struct source *x)
{
	if (is(x, "reber") || is(x, "continual-reber") || is(x, "distractors"))
		return 0;
	return is(x, "long-lag") ? x->shape.length : x->set.o.T + x->set.o.T / 10;
}

static void check_class_balance(const long count[CLASSES], int classes)
{
	double chi2 = 0, expected = (double)DRAWS / classes;
	long sum = 0;
	for (int k = 0; k < classes; k++) {
		chi2 += ((double)count[k] - expected) * ((double)count[k] - expected) / expected;
		sum += count[k];
	}
	if (!sum)
		return;
	assert_int_equal(sum, DRAWS);
	assert_true(gsl_cdf_chisq_Q(chi2, classes - 1) > P_MIN);
}

static void test_sequences(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS_ALL; i++) {
		struct source x = source_open(&settings[i], 1);
		long min_length = 1L << 40, max_length = 0, min_lag = 1L << 40, count[CLASSES] = {0};
		for (int k = 0; k < DRAWS; k++) {
			source_draw(&x);
			check_lines(&x);
			const struct reading now = read_sequence(&x);
			min_length = now.length < min_length ? now.length : min_length;
			max_length = now.length > max_length ? now.length : max_length;
			min_lag = now.lag < min_lag ? now.lag : min_lag;
			if (now.class >= 0)
				count[now.class]++;
		}
		const bool few = is(&x, "reber") && x.set.o.strings < 10; /* strings */
		assert_true(min_length >= x.shape.length && min_lag >= x.shape.lag);
		if (!few)
			assert_int_equal(min_length, x.shape.length);
		if (!few && !x.set.rare)
			assert_int_equal(min_lag, x.shape.lag);
		if (longest(&x))
			assert_int_equal(max_length, longest(&x));
		check_class_balance(count, is(&x, "temporal-order") ? 1 << x.set.o.relevant : 2);
		source_close(&x);
	}
}

/* The lags and shapes that the paper prints. */
static void test_published_shapes(void **state)
{
	(void)state;
	const struct {
		const char *task;
		struct task_options o;
		long in, out, lag;
	} row[] = {
	    {"long-lag", {.T = 100}, 101, 101, 100},
	    {"distractors", {.T = 1000, .symbols = 50}, 54, 2, 1001},
	    {"two-sequence", {.T = 100, .N = 1, .targets = {.n = 2}}, 1, 1, 99},
	    {"adding", {.T = 100}, 2, 1, 50},
	    {"adding", {.T = 500}, 2, 1, 250},
	    {"adding", {.T = 1000}, 2, 1, 500},
	    {"multiplication", {.T = 100}, 2, 1, 50},
	    {"temporal-order", {.T = 100, .relevant = 2}, 8, 4, 40},
	    {"temporal-order", {.T = 100, .relevant = 3}, 8, 8, 24},
	    {"reber", {.strings = 256}, 7, 7, 6},
	    {"continual-reber", {.strings = 256}, 7, 7, 6},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int k;
		const struct task_shape s = task_named(row[i].task, &k)->shape(&row[i].o);
		assert_int_equal(s.in, row[i].in);
		assert_int_equal(s.out, row[i].out);
		assert_int_equal(s.lag, row[i].lag);
	}
}

/* --- Distributions --- */

struct moments {
	double n, sum, square;
};

static void moments_add(struct moments *m, double x)
{
	m->n++;
	m->sum += x;
	m->square += x * x;
}

/* n independent Gaussian numbers of mean 0 and this variance? */
static void check_gaussian(const struct moments *m, double variance)
{
	const double chi2 = m->square / variance, z = m->sum / sqrt(m->n * variance);
	assert_true(m->n > 1000);
	assert_true(gsl_cdf_chisq_Q(chi2, m->n) > P_MIN && gsl_cdf_chisq_P(chi2, m->n) > P_MIN);
	assert_true(gsl_cdf_chisq_Q(z * z, 1) > P_MIN);
}

static void test_gaussian_noise(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS_ALL; i++) {
		if (strcmp(settings[i].task, "two-sequence"))
			continue;
		struct source x = source_open(&settings[i], 2);
		const struct task_options *o = &x.set.o;
		struct moments input = {0}, signal = {0}, target = {0};
		for (int k = 0; k < DRAWS; k++) {
			source_draw(&x);
			const double sign = x.s.ideal == o->targets.v[0] ? 1.0 : -1.0;
			for (long t = 0; t < x.s.length; t++)
				moments_add(t < o->N ? &signal : &input, x.s.value[t] - (t < o->N ? sign : 0));
			moments_add(&target, x.s.target_value - x.s.ideal);
		}
		const struct {
			const struct moments *m;
			double variance;
		} part[] = {{&input, o->input_variance}, {&signal, o->signal_variance}, {&target, o->target_variance}};
		for (int k = 0; k < 3; k++)
			if (part[k].variance > 0)
				check_gaussian(part[k].m, part[k].variance);
			else
				assert_true(part[k].m->square == 0);
		source_close(&x);
	}
}

/* count[0 ... cells-1]: all equally likely? */
static void check_uniform(const long *count, int cells)
{
	double chi2 = 0, n = 0;
	for (int k = 0; k < cells; k++)
		n += (double)count[k];
	for (int k = 0; k < cells; k++) {
		const double d = (double)count[k] - n / cells;
		chi2 += d * d * cells / n;
	}
	assert_true(n > 20.0 * cells);
	assert_true(gsl_cdf_chisq_Q(chi2, cells - 1) > P_MIN);
}

/* 2c: the number of distractors after the first q is geometric, mean 9; all distractors are equally likely. */
static void test_distractor_count(void **state)
{
	(void)state;
	enum { P = 7, Q = 3, BINS = 40 };
	struct source x = source_open(&(struct setting){.task = "distractors", .o = {.T = Q, .symbols = P}}, 3);
	double chi2 = 0, steps = 0, left = 1;
	long extra[BINS + 1] = {0}, symbol[P] = {0};
	for (int k = 0; k < DRAWS; k++) {
		source_draw(&x);
		const long more = x.s.length - 3 - Q;
		extra[more < BINS ? more : BINS]++;
		steps += (double)x.s.length;
		for (long t = 2; t < x.s.length - 1; t++)
			symbol[x.s.index[t]]++;
	}
	for (int k = 0; k <= BINS; k++) {
		const double expected = DRAWS * (k < BINS ? left / 10 : left);
		chi2 += ((double)extra[k] - expected) * ((double)extra[k] - expected) / expected;
		left *= 0.9;
	}
	assert_true(gsl_cdf_chisq_Q(chi2, BINS) > P_MIN);
	assert_true(fabs(steps / DRAWS - (Q + 12)) < 0.3);
	check_uniform(symbol, P);
	source_close(&x);
}

/* 2b: all symbols equally likely, at the first place and at the last. */
static void test_random_symbols(void **state)
{
	(void)state;
	enum { P = 10 };
	struct source x = source_open(&(struct setting){.task = "long-lag", .o = {.T = P, .distractors = TASK_RANDOM}}, 3);
	long first[P - 1] = {0}, last[P - 1] = {0};
	for (int k = 0; k < DRAWS; k++) {
		source_draw(&x);
		first[x.s.index[1]]++;
		last[x.s.index[P - 1]]++;
	}
	check_uniform(first, P - 1);
	check_uniform(last, P - 1);
	source_close(&x);
}

/* 6: each place of a window equally often, and so all four fillers. */
static void test_order_places(void **state)
{
	(void)state;
	struct source x = source_open(&(struct setting){.task = "temporal-order", .o = {.T = 100, .relevant = 3}}, 3);
	const long low[3] = {10, 33, 66};
	long place[3][11] = {{0}}, filler[4] = {0};
	for (int k = 0; k < DRAWS; k++) {
		int relevant = 0;
		source_draw(&x);
		for (long t = 1; t < x.s.length - 1; t++)
			if (x.s.index[t] >= 6) {
				place[relevant][t + 1 - low[relevant]]++;
				relevant++;
			} else {
				filler[x.s.index[t] - 2]++;
			}
	}
	for (int k = 0; k < 3; k++)
		check_uniform(place[k], 11);
	check_uniform(filler, 4);
	source_close(&x);
}

/* 4: when just one of the marked pairs is among the first ten it is X1, and the other X2. The first pair is marked as
   often with either reading, though one does not show it. */
static void test_marked_places(void **state)
{
	(void)state;
	for (int reading = FIRST_PAIR_VALUE; reading <= FIRST_PAIR_MARKER; reading++) {
		struct source x = source_open(&(struct setting){.task = "adding", .o = {.T = 100, .first_pair = reading}}, 3);
		long x1[10] = {0}, x2[40] = {0}, both = 0, first = 0;
		struct moments value = {0};
		for (int k = 0; k < DRAWS; k++) {
			long at[2] = {0}, n = 0;
			source_draw(&x);
			for (long t = x.s.length - 1; t >= 0; t--)
				if (x.s.value[2 * t + 1] == 1.0)
					at[n++] = t; /* the later one comes first; a first pair that is not shown stays 0 */
			first += at[1] == 0;
			both += at[0] < 10;
			if (at[0] >= 10) {
				x1[at[1]]++;
				x2[at[0] - 10]++;
			}
			moments_add(&value, x.s.value[2 * 50]);
		}
		check_uniform(x1, 10);
		check_uniform(x2, 40);
		assert_true(fabs((double)both / DRAWS - 9.0 / 49) < 0.01);
		assert_true(fabs((double)first / DRAWS - (1.0 / 10 + 9.0 / 10 / 49)) < 0.01);
		assert_true(fabs(value.sum / value.n) < 0.02 && fabs(value.square / value.n - 1.0 / 3) < 0.01);
		source_close(&x);
	}
}

/* --- Streams --- */

static bool same_sequence(const struct source *x, const struct sequence *a, const struct sequence *b)
{
	if (a->length != b->length || a->target_value != b->target_value || a->ideal != b->ideal)
		return false;
	for (long t = 0; t < a->length; t++) {
		if (x->shape.coding == INPUT_LOCAL && a->index[t] != b->index[t])
			return false;
		for (long i = t * x->shape.in; x->shape.coding == INPUT_REAL && i < (t + 1) * x->shape.in; i++)
			if (a->value[i] != b->value[i])
				return false;
		if ((x->shape.every_step || t == a->length - 1) && a->target[t] != b->target[t])
			return false;
	}
	return true;
}

/* The same stream gives the same sequences, whatever was drawn into the arrays before; another seed gives others. */
static void test_same_stream(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS_ALL; i++) {
		struct source a = source_open(&settings[i], 5), b = source_open(&settings[i], 5), c = source_open(&settings[i], 50);
		int differ = 0;
		b.train = rng_stream(99, "train");
		for (int k = 0; k < 20; k++)
			source_draw(&b);
		b.train = rng_stream(5, "train");
		for (int k = 0; k < 50; k++) {
			source_draw(&a);
			source_draw(&b);
			source_draw(&c);
			assert_true(same_sequence(&a, &a.s, &b.s));
			differ += !same_sequence(&a, &a.s, &c.s);
		}
		assert_true(differ > 10);
		source_close(&a);
		source_close(&b);
		source_close(&c);
	}
}

/* A fixed test set is read without a draw, and from its start again at its end; other test sequences are drawn like
   those for training. */
static void test_test_sequences(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS_ALL; i++) {
		struct source x = source_open(&settings[i], 6);
		struct sequence again = {0};
		struct rng before = x.train, copy = x.train;
		if (x.shape.test_set) {
			assert_int_equal(x.shape.test_set, 2 * x.set.o.strings);
			for (long k = 0; k < x.shape.test_set; k++) {
				x.type->draw(&x.set.o, x.data, &x.train, k, &x.s);
				x.type->draw(&x.set.o, x.data, NULL, k + x.shape.test_set, &again);
				assert_true(same_sequence(&x, &x.s, &again));
			}
			assert_memory_equal(&x.train, &before, sizeof before);
		} else {
			source_draw(&x);
			x.type->draw(&x.set.o, x.data, &copy, 7, &again);
			assert_true(same_sequence(&x, &x.s, &again));
			assert_memory_equal(&x.train, &copy, sizeof copy);
			assert_memory_not_equal(&x.train, &before, sizeof before);
		}
		sequence_free(&again);
		source_close(&x);
	}
}

/* --- Predictors that must fail: each makes the best of what it sees, and is not right on 95 % of the sequences --- */

enum { BINS = 64 };
static double ideals[BINS][DRAWS]; /* answers wanted, by what the predictor saw */
static int seen[BINS];

static int compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* As many of the n answers as any single number comes near enough to. */
static int most_within(double *answer, int n, double tolerance)
{
	int best = 0;
	qsort(answer, (size_t)n, sizeof *answer, compare_doubles);
	for (int low = 0, high = 0; high < n; high++) {
		while (answer[high] - answer[low] > 2 * tolerance)
			low++;
		if (high - low + 1 > best)
			best = high - low + 1;
	}
	return best;
}

/* The step whose answer depends on the relevant input. */
static long decision(const struct source *x)
{
	return is(x, "reber") ? x->s.length - 2 : is(x, "continual-reber") ? x->s.length - 3 : x->s.length - 1;
}

/* What the predictor of the last input sees, in no more than BINS kinds. (Of two real values the first counts: the
   other is the marker, which is the same at the end of all sequences.) */
static int last_input(const struct source *x)
{
	const long t = decision(x);
	if (x->shape.coding == INPUT_LOCAL)
		return x->s.index[t] % BINS;
	const double v = x->s.value[t * x->shape.in];
	return v < -1.6 ? 0 : v >= 1.6 ? BINS - 1 : (int)((v + 1.6) / 3.2 * (BINS - 1));
}

static double wanted(const struct source *x)
{
	return x->shape.classes ? x->s.target[decision(x)] : x->s.ideal;
}

/* A class counts as correct if it is the one class that is answered: classes are 1 apart. */
static double tolerance_of(const struct source *x)
{
	return x->shape.classes ? 0.1 : x->set.tolerance;
}

static void test_last_input_fails(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS_ALL; i++) {
		struct source x = source_open(&settings[i], 7);
		int correct = 0;
		memset(seen, 0, sizeof seen);
		for (int k = 0; k < DRAWS; k++) {
			source_draw(&x);
			const int bin = last_input(&x);
			ideals[bin][seen[bin]++] = wanted(&x);
		}
		for (int bin = 0; bin < BINS; bin++)
			correct += most_within(ideals[bin], seen[bin], tolerance_of(&x));
		if (!is(&x, "reber") || x.set.o.strings > 1) /* one string can be learned without its first symbols */
			assert_true(correct < 0.95 * DRAWS);
		source_close(&x);
	}
}

/* The mean target, line by line; correct if each line is near enough. */
static void test_mean_fails(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS_ALL; i++) {
		struct source x = source_open(&settings[i], 8);
		double mean[CLASSES] = {0};
		int correct = 0;
		if (x.shape.every_step) {
			source_close(&x);
			continue;
		}
		for (int k = 0; k < DRAWS; k++) {
			source_draw(&x);
			mean[x.s.target[x.s.length - 1]] += x.s.target_value / DRAWS;
		}
		x.train = rng_stream(8, "test");
		for (int k = 0; k < DRAWS; k++) {
			bool near = true;
			source_draw(&x);
			for (int line = 0; line < x.shape.out; line++) {
				const double target = line == x.s.target[x.s.length - 1] ? x.s.ideal : 0.0;
				near = near && fabs(mean[line] - target) < x.set.tolerance;
			}
			correct += near;
		}
		assert_true(correct < 0.95 * DRAWS);
		source_close(&x);
	}
}

/* --- Golden sequences: a change of any draw shows here --- */

static void print_sequence(const struct source *x, char *text, size_t size)
{
	const struct sequence *s = &x->s;
	char name[16];
	size_t n = 0;
	for (long t = 0; t < s->length; t++)
		if (x->shape.coding == INPUT_LOCAL)
			n += (size_t)snprintf(text + n, size - n, "%s ", x->type->symbol(&x->set.o, s->index[t], name));
		else
			for (int i = 0; i < x->shape.in; i++)
				n += (size_t)snprintf(text + n, size - n, i ? "(%g) " : "%.4f ", s->value[t * x->shape.in + i]);
	snprintf(text + n, size - n, "-> %d %.6f %.6f", s->target[s->length - 1], s->target_value, s->ideal);
}

static void test_golden(void **state)
{
	(void)state;
	const struct {
		struct setting set;
		const char *text;
	} golden[] = {
	    {{"reber", 0, false, {.strings = 256, .trials_per_set = 10}}, "B T B P V V E T -> 6 1.000000 1.000000"},
	    {{"continual-reber", 0, false, {0}}, "B P B P T T V V E P E -> 0 1.000000 1.000000"},
	    {{"long-lag", 0, false, {.T = 4}}, "x a1 a2 a3 -> 3 1.000000 1.000000"},
	    {{"long-lag", 0, false, {.T = 10, .distractors = TASK_RANDOM}}, "x a4 a2 a2 a7 a2 a3 a7 a9 a4 -> 9 1.000000 1.000000"},
	    {{"distractors", 0, false, {.T = 5, .symbols = 5}}, "b x a4 a3 a2 a4 a1 a1 a5 a5 a2 a3 a1 a2 a2 e -> 0 1.000000 1.000000"},
	    {{"two-sequence",
	      0,
	      false,
	      {.T = 6,
	       .N = 3,
	       .input_variance = 0.2,
	       .signal_variance = 0.2,
	       .target_variance = 0.1,
	       .targets = {.n = 2, .v = {0.2, 0.8}}}},
	     "0.8663 1.1024 1.6103 -0.0547 0.1396 0.5294 -> 0 0.812009 0.200000"},
	    {{"adding", 0, false, {.T = 22}},
	     "-0.6021 (-1) 0.5117 (0) -0.7322 (1) -0.5493 (1) 0.4404 (0) 0.8586 (0) -0.2324 (0) 0.2723 (0) "
	     "-0.0039 (0) -0.4386 (0) 0.4620 (0) -0.8885 (0) -0.8383 (0) 0.6125 (0) 0.9629 (0) -0.5419 (0) 0.0334 "
	     "(0) -0.9428 (0) -0.5969 (0) -0.2163 (0) 0.0008 (0) -0.9023 (-1) -> 0 0.179630 0.179630"},
	    {{"multiplication", 0, false, {.T = 22}},
	     "0.1990 (-1) 0.7559 (0) 0.1339 (1) 0.2254 (1) 0.7202 (0) 0.9293 (0) 0.3838 (0) 0.6362 (0) 0.4980 (0) "
	     "0.2807 (0) 0.7310 (0) 0.0557 (0) 0.0808 (0) 0.8062 (0) 0.9814 (0) 0.2291 (0) 0.5167 (0) 0.0286 (0) "
	     "0.2015 (0) 0.3919 (0) 0.5004 (0) 0.0489 (-1) -> 0 0.030176 0.030176"},
	    {{"temporal-order", 0, false, {.T = 30, .relevant = 2}},
	     "E b a a Y a a c d b c b b c a a X d a c a a b c a d c b c B -> 2 1.000000 1.000000"},
	    {{"temporal-order", 0, false, {.T = 30, .relevant = 3}},
	     "E b a a Y a a c d b X b b c a a d d a c a X b c a d c b c B -> 4 1.000000 1.000000"},
	};
	for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
		char text[2000];
		struct source x = source_open(&golden[i].set, 1);
		source_draw(&x);
		print_sequence(&x, text, sizeof text);
		assert_string_equal(text, golden[i].text);
		source_close(&x);
	}
}

/* --- Names and refusals --- */

static void test_symbols(void **state)
{
	(void)state;
	const struct {
		const char *task, *names; /* of all lines */
		struct task_options o;
	} row[] = {
	    {"reber", "B T P S X V E ", {.strings = 1}},
	    {"continual-reber", "B T P S X V E ", {0}},
	    {"long-lag", "a1 a2 a3 x y ", {.T = 4}},
	    {"distractors", "a1 a2 e b x y ", {.T = 4, .symbols = 2}},
	    {"temporal-order", "E B a b c d X Y ", {.T = 100, .relevant = 2}},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int index;
		char names[200] = "", buffer[16];
		const struct task_type *type = task_named(row[i].task, &index);
		for (int k = 0; k < type->shape(&row[i].o).in; k++) {
			strcat(names, type->symbol(&row[i].o, k, buffer));
			strcat(names, " ");
		}
		assert_string_equal(names, row[i].names);
	}
	for (int k = 0; task_types[k]; k++) {
		struct task_options o = task_defaults();
		assert_int_equal(!task_types[k]->symbol, task_types[k]->shape(&o).coding == INPUT_REAL);
	}
}

static void expect_refusal(struct task_options o, const char *text)
{
	struct error e = {0};
	assert_false(task_check(&o, &e));
	assert_int_equal(e.kind, ERROR_INPUT);
	assert_string_equal(e.text, text);
}

/* The smallest value that is possible, and the next below, which is refused. */
static void expect_minimum(struct task_options o, long minimum, const char *text)
{
	struct error e = {0};
	o.T = minimum;
	assert_true(task_check(&o, &e));
	assert_int_equal(e.kind, ERROR_NONE);
	o.T = minimum - 1;
	expect_refusal(o, text);
}

static void test_refusals(void **state)
{
	(void)state;
	struct task_options o = options_of("adding");
	expect_minimum(o, 4, "T: 3 is too small for the adding problem, expected at least 4");
	o.T = 3;
	expect_refusal(o, "T: 3 is too small for the adding problem, expected at least 4");
	expect_minimum(options_of("multiplication"), 4, "T: 3 is too small for the multiplication problem, expected at least 4");
	expect_minimum(options_of("long-lag"), 2, "T: 1 is too small for the long-lag task, expected at least 2");
	expect_minimum(options_of("temporal-order"), 20, "T: 19 is too small for the temporal-order task, expected at least 20");
	o = options_of("two-sequence");
	o.T = o.N = 10;
	expect_refusal(o, "N: 10 is too large for the two-sequence task with T = 10, expected at most 9");
	o.T = 11;
	o.targets.n = 1;
	expect_refusal(o, "targets: expected 2 values, of class 1 and of class 2, as in 1:0");
}

static void test_defaults(void **state)
{
	(void)state;
	for (int k = 0; task_types[k]; k++) {
		struct task_options o = task_defaults();
		struct error e = {0};
		o.task = k;
		assert_true(task_check(&o, &e));
		assert_non_null(task_types[k]->summary);
		assert_int_equal(!task_types[k]->data_size, !task_types[k]->data_draw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_acceptor),         cmocka_unit_test(test_reber_strings),  cmocka_unit_test(test_reber_sets),
	    cmocka_unit_test(test_reber_stream),     cmocka_unit_test(test_reber_training), cmocka_unit_test(test_sequences),
	    cmocka_unit_test(test_published_shapes), cmocka_unit_test(test_gaussian_noise), cmocka_unit_test(test_distractor_count),
	    cmocka_unit_test(test_random_symbols),   cmocka_unit_test(test_order_places),   cmocka_unit_test(test_marked_places),
	    cmocka_unit_test(test_same_stream),      cmocka_unit_test(test_test_sequences), cmocka_unit_test(test_last_input_fails),
	    cmocka_unit_test(test_mean_fails),       cmocka_unit_test(test_golden),         cmocka_unit_test(test_symbols),
	    cmocka_unit_test(test_refusals),         cmocka_unit_test(test_defaults),
	};
	return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
