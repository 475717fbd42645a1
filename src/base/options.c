/* options.c: see options.h. */
#include "base/options.h"

#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct parameter *option_find(const struct parameter *table, const char *key)
{
	for (; table->key; table++)
		if (!strcmp(table->key, key))
			return table;
	return NULL;
}

static const char *word(const struct parameter *o, int i)
{
	if (o->type == OPTION_TYPE)
		return o->name_of(i);
	return o->names ? o->names[i] : NULL;
}

static int word_index(const struct parameter *o, const char *text)
{
	const char *w;
	for (int i = 0; (w = word(o, i)); i++)
		if (!strcmp(w, text))
			return i;
	return -1;
}

/* "one of a, b, c" for an error message. */
static const char *words(const struct parameter *o, char *buffer, size_t size)
{
	size_t used = (size_t)snprintf(buffer, size, "one of ");
	const char *w;
	for (int i = 0; (w = word(o, i)) && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? ", " : "", w);
	return buffer;
}

/* What is wrong with a text that is no number, for an error message. */
static const char *fault(enum number kind, const char *text, const char *of)
{
	if (kind == NUMBER_ZEROS)
		return "starts with a zero (decimals are written with a point, values of a sweep are separated by commas)";
	if (kind == NUMBER_LARGE)
		return "is too large to be held";
	if (kind == NUMBER_SMALL)
		return "is too small to be told from 0";
	return strchr(text, ',') ? "is not a number (decimals are written with a point)" : of;
}

static bool parse_real(const struct parameter *o, const char *text, double *x, struct error *e)
{
	const enum number kind = number_real(text, x);
	if (kind != NUMBER_GOOD)
		return error_input(e, "%s: '%.60s' %s, expected %g to %g", o->key, text, fault(kind, text, "is not a number"), o->min,
				   o->max);
	if (*x < o->min || *x > o->max)
		return error_input(e, "%s: %.60s is out of range, expected %g to %g", o->key, text, o->min, o->max);
	return true;
}

static bool parse_int(const struct parameter *o, const char *text, long *x, struct error *e)
{
	const enum number kind = number_whole(text, x);
	if (kind == NUMBER_LARGE || (kind == NUMBER_GOOD && ((double)*x < o->min || (double)*x > o->max)))
		return error_input(e, "%s: %.60s is out of range, expected %.0f to %.0f", o->key, text, o->min, o->max);
	if (kind != NUMBER_GOOD)
		return error_input(e, "%s: '%.60s' %s, expected %.0f to %.0f", o->key, text, fault(kind, text, "is not a whole number"),
				   o->min, o->max);
	return true;
}

static bool parse_list(const struct parameter *o, const char *text, struct list *list, struct error *e)
{
	char copy[OPTION_TEXT_MAX];
	const int index = word_index(o, text);
	*list = (struct list){.n = index >= 0 ? -1 - index : 0};
	if (index >= 0)
		return true;
	if (strlen(text) >= sizeof copy)
		return error_input(e, "%s: too long, at most %d values", o->key, LIST_MAX);
	strcpy(copy, text);
	for (char *item = copy, *next; item; item = next) {
		next = strchr(item, ':');
		if (next)
			*next++ = '\0';
		if (list->n == LIST_MAX)
			return error_input(e, "%s: at most %d values, separated by ':'", o->key, LIST_MAX);
		if (!parse_real(o, item, &list->v[list->n++], e))
			return false;
	}
	return true;
}

bool option_parse(const struct parameter *o, void *base, const char *text, struct error *e)
{
	void *value = (char *)base + o->offset;
	char expected[200];
	int index;
	switch (o->type) {
	case OPTION_INT: return parse_int(o, text, value, e);
	case OPTION_REAL: return parse_real(o, text, value, e);
	case OPTION_LIST: return parse_list(o, text, value, e);
	case OPTION_ENUM:
	case OPTION_TYPE:
		index = word_index(o, text);
		if (index < 0)
			return error_input(e, "%s: '%.60s' is unknown, expected %s", o->key, text, words(o, expected, sizeof expected));
		*(int *)value = index;
		return true;
	case OPTION_TEXT:
		if (strlen(text) >= OPTION_TEXT_MAX)
			return error_input(e, "%s: text longer than %d characters", o->key, OPTION_TEXT_MAX - 1);
		strcpy(value, text);
		return true;
	}
	return false;
}

bool option_next_word(const char **text, struct word *word)
{
	*text += strspn(*text, " ");
	const int key = (int)strcspn(*text, "= "), length = (int)strcspn(*text, " ");
	snprintf(word->key, sizeof word->key, "%.*s", key, *text);
	snprintf(word->value, sizeof word->value, "%.*s", length > key ? length - key - 1 : 0, *text + key + (length > key));
	*text += length;
	return length > 0;
}

void option_print_real(double x, char *text, size_t size)
{
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, x);
		if (strtod(text, NULL) == x)
			return;
	}
}

void option_print(const struct parameter *o, const void *base, char *text, size_t size)
{
	const void *value = (const char *)base + o->offset;
	const struct list *list = value;
	size_t used = 0;
	switch (o->type) {
	case OPTION_INT: snprintf(text, size, "%ld", *(const long *)value); return;
	case OPTION_REAL: option_print_real(*(const double *)value, text, size); return;
	case OPTION_TYPE:
	case OPTION_ENUM: snprintf(text, size, "%s", word(o, *(const int *)value)); return;
	case OPTION_TEXT: snprintf(text, size, "%s", (const char *)value); return;
	case OPTION_LIST:
		if (list->n < 0) {
			snprintf(text, size, "%s", word(o, -1 - list->n));
			return;
		}
		text[0] = '\0';
		for (int i = 0; i < list->n && used < size; i++) {
			char item[32];
			option_print_real(list->v[i], item, sizeof item);
			used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ":" : "", item);
		}
		return;
	}
}

bool option_equal(const struct parameter *o, const void *a, const void *b)
{
	const void *x = (const char *)a + o->offset, *y = (const char *)b + o->offset;
	const struct list *p = x, *q = y;
	bool equal = true;
	switch (o->type) {
	case OPTION_INT: return *(const long *)x == *(const long *)y;
	case OPTION_REAL: return *(const double *)x == *(const double *)y;
	case OPTION_TYPE:
	case OPTION_ENUM: return *(const int *)x == *(const int *)y;
	case OPTION_TEXT: return !strcmp(x, y);
	case OPTION_LIST:
		for (int i = 0; i < p->n && p->n == q->n; i++)
			equal &= p->v[i] == q->v[i];
		return equal && p->n == q->n;
	}
	return false;
}
