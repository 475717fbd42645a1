/* task.h: what there is to learn, without a word on how.
   Does: describe a family of sequences (struct task_type), draw one sequence, say which answer is correct.
   Does not: know networks, learning or stopping rules.

   Every task of the paper has inputs of one of two codings and targets with at most one line that is not zero, and
   both are stored as just that. */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "base/error.h"
#include "base/options.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

/* The conditions of all tasks; each task reads some and checks them. Table: task_option_table. */
struct task_options {
	int task;               /* index into task_types */
	long T;                 /* minimal length as the paper's tables give it: p of 2a/2b, q of 2c, T of 3-6 */
	long symbols;           /* 2c: number p of distractor symbols */
	long N;                 /* 3: elements that carry the class */
	double input_variance;  /* 3: of the noise after the first N elements */
	double signal_variance; /* 3b: of the noise on the first N elements */
	double target_variance; /* 3c: of the noise on the target */
	struct list targets;    /* 3: target of class 1 and class 2 */
	int distractors;        /* 2a: TASK_FIXED, 2b: TASK_RANDOM */
	long relevant;          /* 6: relevant symbols, 2 (6a) or 3 (6b) */
	int first_pair;         /* 4, 5: enum task_first_pair */
	int function;           /* delayed XOR: enum task_function */
	int predict;            /* 1 and its continual form: enum task_predict */
	long strings;           /* 1: number of training strings, and of test strings */
	long trials_per_set;    /* 1: trials (successive seeds) that share a pair of string sets */
};

enum { TASK_FIXED, TASK_RANDOM };

/* Delayed XOR: of the two marked bits; FIRST: the earlier one. */
enum task_function { FUNCTION_XOR, FUNCTION_AND, FUNCTION_OR, FUNCTION_FIRST };

/* Grammars: what the targets are. */
enum task_predict {
	PREDICT_NEXT,     /* the symbol that comes next */
	PREDICT_POSSIBLE, /* every symbol that may come next */
};

/* 4, 5, when the first pair is the one marked as X1 (paper, section 5.4: "we set X1 to zero"). */
enum task_first_pair {
	FIRST_PAIR_VALUE,  /* the input value becomes 0 (5: 1), its marker 1 */
	FIRST_PAIR_MARKER, /* the marker stays -1; X1 = 0 (5: 1) in the target only */
};

extern const struct parameter task_option_table[];

enum input_coding {
	INPUT_REAL,  /* every input line carries a value in every step; few lines */
	INPUT_LOCAL, /* one line is 1, the others 0: only its index is stored */
};

struct task_shape {
	enum input_coding coding;
	int in, out;     /* lines */
	bool every_step; /* there is a target at every step; otherwise at the last step only */
	bool classes;    /* the target line has value 1 (local coding); otherwise the one output has a real target */
	bool grammar;    /* sequence.legal is set: one or two possible next symbols */
	bool possible;   /* each of these is a target line; otherwise only the one that does come next */
	bool stream;     /* sequences are parts of streams: one goes on where the one before ended; every step has a target */
	long lag;        /* shortest number of steps between the relevant input and the symbol or value to be predicted */
	long length;     /* steps of the shortest sequence (for 1, 2a, 2b: symbols) */
	long test_set;   /* number of fixed test sequences, 0: test sequences are drawn afresh without end */
	long train_set;  /* the first so many of these are the training set; 0: training sequences are drawn afresh */
};

/* One sequence, or part of a stream. Owned by whoever calls draw; arrays grow as needed (sequence_reserve, sequence_free). */
struct sequence {
	long length;         /* steps */
	size_t capacity;     /* steps that the arrays hold */
	int *index;          /* (capacity) LOCAL: the active line of each step */
	double *value;       /* (capacity, in) REAL: the input values */
	int *target;         /* (capacity) output line whose target is target_value, all others 0; with targets at the
	                      last step only, just the last entry is set */
	uint32_t *legal;     /* (capacity) bit k: output k is a possible next symbol; only set by grammars */
	double target_value; /* 1 for classes; else the (noisy) target of the one output at the last step */
	double ideal;        /* target_value without noise, against which the answer is judged */
};

struct task_type {
	const char *name;
	const char *summary; /* one line, with the paper's section */
	/* Are the options possible for this task? One line in e where not. NULL: all values in the ranges of the table are. */
	bool (*check)(const struct task_options *o, struct error *e);
	struct task_shape (*shape)(const struct task_options *o);
	/* Data of one trial that outlives a sequence (1: the string sets): bytes, and how they are drawn. May be 0, NULL. */
	size_t (*data_size)(const struct task_options *o);
	void (*data_draw)(const struct task_options *o, uint64_t seed, void *data);
	/* Draws a sequence. test < 0: for training; otherwise test sequence number `test` (0, 1, ...; tasks with a fixed
	   test set give sequence test % test_set without touching r). */
	void (*draw)(const struct task_options *o, const void *data, struct rng *r, long test, struct sequence *out);
	/* Name of input line i, or NULL where inputs are real values. */
	const char *(*symbol)(const struct task_options *o, int i, char buffer[16]);
};

/* All tasks; NULL-terminated. Adding one: a file and a line here. */
extern const struct task_type *const task_types[];

/* Room for `length` steps with `in` real values each (0 for local coding); sets out->length. */
void sequence_reserve(struct sequence *out, long length, int in);
void sequence_free(struct sequence *s);

/* The options every task starts from (defaults), and the check of task and options together. */
struct task_options task_defaults(void);
bool task_check(const struct task_options *o, struct error *e);

#endif
