/* task.c: the list of tasks and their options.
   Does: registry, defaults, memory of a sequence.
   Does not: draw anything (one file per family of sequences). */
#include "task/task.h"

#include "base/memory.h"

#include <stdlib.h>

/* One line each. */
#define TASKS(_)                                                                                                                           \
	_(task_reber)          /* 1 */                                                                                                     \
	_(task_long_lag)       /* 2a, 2b */                                                                                                \
	_(task_distractors)    /* 2c */                                                                                                    \
	_(task_two_sequence)   /* 3a, 3b, 3c */                                                                                            \
	_(task_adding)         /* 4 */                                                                                                     \
	_(task_multiplication) /* 5 */                                                                                                     \
	_(task_temporal_order) /* 6a, 6b */                                                                                                \
	_(task_delayed_xor)    /* beyond the paper's tables */                                                                             \
	_(task_reber_stream)   /* 1, strings joined (Gers et al. 2000) */

#define DECLARE(x) extern const struct task_type x;
TASKS(DECLARE)
#define ENTRY(x) &x,
const struct task_type *const task_types[] = {TASKS(ENTRY) NULL};

static const char *task_name(int i)
{
	return task_types[i] ? task_types[i]->name : NULL;
}

static const char *const distractor_names[] = {"fixed", "random", NULL};
static const char *const function_names[] = {"xor", "and", "or", "first", NULL};
static const char *const predict_names[] = {"next", "possible", NULL};
static const char *const first_pair_names[] = {"value", "marker", NULL};

#define AT(field) offsetof(struct task_options, field)
const struct parameter task_option_table[] = {
    /* key, type, place, min, max, words, help */
    {.key = "task", .type = OPTION_TYPE, .offset = AT(task), .help = "family of sequences", .name_of = task_name},
    {"T", OPTION_INT, AT(T), 1, 100000, {NULL}, "minimal length: p of 2a and 2b, q of 2c, T of 3-6"},
    {"symbols", OPTION_INT, AT(symbols), 1, 100000, {NULL}, "2c: number p of distractor symbols"},
    {"N", OPTION_INT, AT(N), 1, 1000, {NULL}, "3: elements that carry the class"},
    {"input_variance", OPTION_REAL, AT(input_variance), 0, 100, {NULL}, "3: variance of the noise after the first N elements"},
    {"signal_variance", OPTION_REAL, AT(signal_variance), 0, 100, {NULL}, "3: variance of the noise on the first N elements"},
    {"target_variance", OPTION_REAL, AT(target_variance), 0, 100, {NULL}, "3: variance of the noise on the target"},
    {"targets", OPTION_LIST, AT(targets), -10, 10, {NULL}, "3: target of class 1 and of class 2"},
    {"distractors", OPTION_ENUM, AT(distractors), 0, 0, {distractor_names}, "2a: fixed order, 2b: drawn at random"},
    {"relevant", OPTION_INT, AT(relevant), 2, 3, {NULL}, "6: number of relevant symbols"},
    {"first_pair",
     OPTION_ENUM,
     AT(first_pair),
     0,
     0,
     {first_pair_names},
     "4, 5: what changes when the first pair is marked: its input value too, or the target only (marker stays -1)"},
    {"function", OPTION_ENUM, AT(function), 0, 0, {function_names}, "delayed XOR: function of the two marked bits"},
    {"predict",
     OPTION_ENUM,
     AT(predict),
     0,
     0,
     {predict_names},
     "reber, continual-reber: the target is the symbol that comes next, or all symbols that may"},
    {"strings", OPTION_INT, AT(strings), 1, 100000, {NULL}, "1: training strings, and test strings"},
    {"trials_per_set", OPTION_INT, AT(trials_per_set), 1, 1000000, {NULL}, "1: successive seeds that share a pair of string sets"},
    {0}};
#undef AT

struct task_options task_defaults(void)
{
	return (struct task_options){
	    .T = 100,
	    .symbols = 100,
	    .N = 1,
	    .input_variance = 0.2,
	    .targets = {.n = 2, .v = {1.0, 0.0}},
	    .relevant = 2,
	    .strings = 256,
	    .trials_per_set = 10,
	};
}

bool task_check(const struct task_options *o, struct error *e)
{
	const struct task_type *type = task_types[o->task];
	return !type->check || type->check(o, e);
}

void sequence_reserve(struct sequence *out, long length, int in)
{
	if ((size_t)length > out->capacity) {
		sequence_free(out);
		out->capacity = (size_t)(length + length / 2 + 16);
		out->index = memory_zeroed(out->capacity, sizeof *out->index);
		out->target = memory_zeroed(out->capacity, sizeof *out->target);
		out->legal = memory_zeroed(out->capacity, sizeof *out->legal);
		out->value = in ? memory_zeroed(out->capacity * (size_t)in, sizeof *out->value) : NULL;
	}
	out->length = length;
}

void sequence_free(struct sequence *s)
{
	free(s->index);
	free(s->value);
	free(s->target);
	free(s->legal);
	*s = (struct sequence){0};
}
