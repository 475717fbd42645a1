/* reber.c: task 1, the embedded Reber grammar (paper, section 5.1), and its continual form (Gers, Schmidhuber and Cummins 2000,
   "Learning to forget").
   Does: draw the two sets of strings of a trial, present one string symbol by symbol with the symbols that may follow. Continual:
   draw strings without end, each a part of a stream: after the last symbol of one, E, comes the first of the next, B.
   Does not: decide how often success is tested, which of the legal symbols a net must predict, or where a stream ends.

   A string is stored as the choices made on its way through the graph, one bit each, lowest first, zeros above. That is
   unique, because no string is the beginning of another. Strings with more than CHOICES_MAX choices (68 symbols) are
   drawn again; fewer than one in 10^8 strings is that long.
   The lag is counted as in the other tasks of predicting symbols: the shortest string has 9 symbols, its 2nd decides the
   8th, 6 steps later. (Table 10 prints 9, the length, in this place.) */
#include "task/task.h"

#include <assert.h>
#include <stdlib.h>

enum { B, T, P, S, X, V, E, LETTERS };

/* Nodes of the Reber graph, and those that follow it in the embedded string. */
enum { OPEN, FORK, LOOP_S, LOOP_T, AFTER_X, AFTER_V, CLOSE, REPEAT, LAST, NODES };

/* The graph is there twice, once for each letter that has to be remembered; the outer first B leads to OUTER. */
enum { OUTER, INNER_T, INNER_P = INNER_T + NODES, END = INNER_P + NODES };

enum {
	CHOICES_MAX = 63,
	FORCED = 5,      /* symbols without a choice: B, B, E, the repeated letter, E */
	CHOICES_MIN = 4, /* BT BTXSE TE and its like */
	STRING_MIN = CHOICES_MIN + FORCED,
	STRING_MAX = CHOICES_MAX + FORCED,
};

/* One of the two arcs out of a node. Where there is no choice, both are the same. */
struct arc {
	int symbol, next;
};

#define INNER(at, letter)                                                                                                                  \
	[(at) + OPEN] = {{B, (at) + FORK}, {B, (at) + FORK}}, [(at) + FORK] = {{T, (at) + LOOP_S}, {P, (at) + LOOP_T}},                    \
		[(at) + LOOP_S] = {{S, (at) + LOOP_S}, {X, (at) + AFTER_X}}, [(at) + LOOP_T] = {{T, (at) + LOOP_T}, {V, (at) + AFTER_V}},  \
		[(at) + AFTER_X] = {{X, (at) + LOOP_T}, {S, (at) + CLOSE}}, [(at) + AFTER_V] = {{P, (at) + AFTER_X}, {V, (at) + CLOSE}},   \
		[(at) + CLOSE] = {{E, (at) + REPEAT}, {E, (at) + REPEAT}},                                                                 \
		[(at) + REPEAT] = {{letter, (at) + LAST}, {letter, (at) + LAST}}, [(at) + LAST] = {{E, END}, {E, END}}

static const struct arc graph[END][2] = {
    [OUTER] = {{T, INNER_T + OPEN}, {P, INNER_P + OPEN}},
    INNER(INNER_T, T),
    INNER(INNER_P, P),
};
#undef INNER

/* 1 where the node has a choice, 0 where it has none. */
static inline int is_choice(const struct arc node[2])
{
	return node[0].symbol != node[1].symbol;
}

/* The number of choices that lead to the end; CHOICES_MAX + 1 if that is not reached before. */
static int count_choices(uint64_t choices)
{
	int n = 0;
	for (int at = OUTER; at != END && n <= CHOICES_MAX;) {
		const struct arc *node = graph[at];
		at = node[choices >> n & 1].next;
		n += is_choice(node);
	}
	return n;
}

static uint64_t draw_string(struct rng *r)
{
	for (;;) {
		const uint64_t choices = rng_bits(r);
		const int n = count_choices(choices);
		if (n <= CHOICES_MAX)
			return choices & ((UINT64_C(1) << n) - 1);
	}
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* The training set, then the test set. */
static size_t data_size(const struct task_options *o)
{
	return 2 * (size_t)o->strings * sizeof(uint64_t);
}

/* Strings may be repeated within each set, but no test string is in the training set; as strings have no largest
   length, such strings are always found. The training set is sorted for looking them up: its order has no meaning. */
static void data_draw(const struct task_options *o, uint64_t seed, void *data)
{
	const size_t n = (size_t)o->strings;
	uint64_t *const train = data, *const test = train + n;
	struct rng r = rng_stream((seed - 1) / (uint64_t)o->trials_per_set, "strings");
	for (size_t i = 0; i < n; i++)
		train[i] = draw_string(&r);
	qsort(train, n, sizeof *train, compare);
	for (size_t i = 0; i < n; i++)
		do
			test[i] = draw_string(&r);
		while (bsearch(&test[i], train, n, sizeof *train, compare));
}

static void present(uint64_t choices, struct sequence *out)
{
	sequence_reserve(out, STRING_MAX, 0);
	int symbol = B;
	long n = 0;
	for (int at = OUTER; at != END; n++) {
		const struct arc *node = graph[at], *arc = &node[choices & 1];
		out->index[n] = symbol;
		out->legal[n] = 1u << node[0].symbol | 1u << node[1].symbol;
		out->target[n] = symbol = arc->symbol;
		choices >>= is_choice(node);
		at = arc->next;
	}
	out->length = n;
	out->target_value = out->ideal = 1.0;
}

static void draw(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	const uint64_t *strings = data;
	present(strings[test < 0 ? rng_below(r, (int)o->strings) : test % (2 * o->strings)], out);
}

static void draw_part(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out)
{
	(void)o;
	(void)data;
	(void)test;
	present(draw_string(r), out);
	const long last = out->length++;
	out->index[last] = E;
	out->target[last] = B;
	out->legal[last] = 1u << B;
}

static struct task_shape shape(const struct task_options *o)
{
	return (struct task_shape){
	    .coding = INPUT_LOCAL,
	    .in = LETTERS,
	    .out = LETTERS,
	    .every_step = true,
	    .classes = true,
	    .grammar = true,
	    .possible = o->predict == PREDICT_POSSIBLE,
	    .lag = STRING_MIN - 1 - 2,
	    .length = STRING_MIN,
	    .test_set = 2 * o->strings,
	    .train_set = o->strings,
	};
}

static struct task_shape continual_shape(const struct task_options *o)
{
	struct task_shape s = shape(o);
	s.stream = true;
	s.test_set = s.train_set = 0;
	return s;
}

static const char *symbol(const struct task_options *o, int i, char buffer[16])
{
	(void)o;
	assert(i >= 0 && i < LETTERS);
	buffer[0] = "BTPSXVE"[i];
	buffer[1] = '\0';
	return buffer;
}

const struct task_type task_reber = {
    .name = "reber",
    .summary = "1: embedded Reber grammar, predict the next symbol (5.1)",
    .shape = shape,
    .data_size = data_size,
    .data_draw = data_draw,
    .draw = draw,
    .symbol = symbol,
};

const struct task_type task_reber_stream = {
    .name = "continual-reber",
    .summary = "embedded Reber strings joined into streams, predict the next symbol (Gers et al. 2000)",
    .shape = continual_shape,
    .draw = draw_part,
    .symbol = symbol,
};
