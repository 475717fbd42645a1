/* options.h: named, typed settings as tables.
   Does: parse and print one value of a plain struct by its table entry; the tables drive experiment files, --set,
   `lstm97 show` and the canonical text of conditions.
   Does not: know which options exist (each folder's header has its own table). */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/error.h"

#include <stddef.h>

enum { LIST_MAX = 8 };

/* A list-valued condition, written with colons: igb = -3:-6. A word of the option's `names` stands for a list
   without values: n = -1 - (index of the word). */
struct list {
	int n;
	double v[LIST_MAX];
};

enum option_type {
	OPTION_INT,  /* long */
	OPTION_REAL, /* double */
	OPTION_ENUM, /* int, index into names */
	OPTION_TYPE, /* int, argument of name_of: a registry */
	OPTION_LIST, /* struct list */
	OPTION_TEXT, /* char[OPTION_TEXT_MAX] */
};

enum { OPTION_TEXT_MAX = 240 };

/* One entry of a table. (Not "struct option": that is getopt's.) */
struct parameter {
	const char *key;
	enum option_type type;
	size_t offset;   /* of the value in its struct */
	double min, max; /* inclusive, of a number or of each value of a list */
	union {
		const char *const *names;      /* ENUM: its words, LIST: words that stand for a list; NULL-terminated */
		const char *(*name_of)(int i); /* TYPE: word i, NULL behind the last */
	};
	const char *help; /* one line */
};

/* The entry with this key in a table that ends with a NULL key, or NULL. */
const struct parameter *option_find(const struct parameter *table, const char *key);

/* Parses text into the struct at base. False and one line in e: what is wrong, what is expected. */
bool option_parse(const struct parameter *o, void *base, const char *text, struct error *e);

/* Prints the value so that option_parse gives it back exactly. */
void option_print(const struct parameter *o, const void *base, char *text, size_t size);

/* Do the structs at a and b have the same value here? */
bool option_equal(const struct parameter *o, const void *a, const void *b);

/* One word of a text of settings, "key=value key=value", whose values have no blanks. */
struct word {
	char key[40], value[OPTION_TEXT_MAX];
};

/* The next word of *text, which moves behind it; false: none is left. */
bool option_next_word(const char **text, struct word *word);

/* Shortest decimal text that reads back as x. */
void option_print_real(double x, char *text, size_t size);

#endif
