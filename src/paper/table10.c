/* table10.c: see table10.h. */
#include "paper/table10.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
	char *at;
	size_t size, capacity;
};

static void append(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(struct text *t, const char *format, ...)
{
	char piece[2 * OPTION_TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(piece, sizeof piece, format, args);
	va_end(args);
	const size_t n = strlen(piece);
	t->at = memory_grown(t->at, &t->capacity, t->size + n + 1, 1);
	memcpy(t->at + t->size, piece, n + 1);
	t->size += n;
}

/* A condition as `lstm97 show` prints it, but for what the paper prints otherwise: lists with commas, rates with a point. */
static void append_condition(struct text *t, struct conditions *c, const char *key)
{
	char value[2 * OPTION_TEXT_MAX];
	void *base;
	const struct parameter *o = conditions_option(c, key, &base);
	option_print(o, base, value, sizeof value);
	for (char *p = value; *p; p++)
		if (o->type == OPTION_LIST && *p == ':')
			*p = ',';
	append(t, "\t%s%s", value, o->type == OPTION_REAL && !strpbrk(value, ".e") ? ".0" : "");
}

static void append_row(struct text *t, const struct experiment *x)
{
	static const char *const bias[] = {[BIAS_NONE] = "none", [BIAS_GATES] = "ga", [BIAS_HIDDEN] = "b1", [BIAS_ALL] = "all"};
	struct conditions c = x->literal;
	const struct task_shape shape = task_types[c.task.task]->shape(&c.task);
	append(t, "%s\t%ld\t%ld", x->id, x->paper.length, x->paper.lag);
	append_condition(t, &c, "blocks");
	append_condition(t, &c, "cells");
	append(t, "\t%d\t%d\t%ld", shape.in, shape.out, x->weights);
	append_condition(t, &c, "connectivity");
	if (c.net.output_gates)
		append_condition(t, &c, "ogb");
	else
		append(t, "\tno og");
	append_condition(t, &c, "igb");
	append(t, "\t%s", bias[c.net.bias]);
	append_condition(t, &c, "h");
	append_condition(t, &c, "g");
	append_condition(t, &c, "rate");
	append(t, "\n");
}

char *experiments_table10(const struct experiments *x)
{
	struct text t = {0};
	append(&t, "row\tp\tlag\tb\ts\tin\tout\tw\tconn\togb\tigb\tbias\th\tg\tlearning rate\n");
	for (int i = 0; i < x->n; i++)
		if (x->all[i].paper.length) /* the others are not in Table 10 */
			append_row(&t, &x->all[i]);
	return t.at;
}
