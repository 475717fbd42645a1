/* reading.c: see reading.h. */
#include "paper/reading.h"

#include <stdio.h>
#include <string.h>

/* Minus zero would be another value with the same meaning. */
static void without_minus_zero(const struct parameter *o, void *base)
{
	void *value = (char *)base + o->offset;
	struct list *list = value;
	if (o->type == OPTION_REAL)
		*(double *)value += 0.0;
	for (int i = 0; o->type == OPTION_LIST && i < list->n; i++)
		list->v[i] += 0.0;
}

bool reading_set(struct conditions *c, const char *key, const char *value, struct error *e)
{
	for (const char *p = value; *p; p++)
		if (*p <= ' ' || *p > '~')
			return error_input(e, "%.60s: a value with a blank or a character that is not ASCII, expected none", key);
	void *base;
	const struct parameter *o = conditions_option(c, key, &base);
	if (!conditions_set(c, key, value, e))
		return false;
	without_minus_zero(o, base);
	return true;
}

struct conditions reading_closest(const struct experiment *x)
{
	struct conditions c = x->literal;
	struct error none = {0};
	for (int i = 0; i < x->deviations; i++)
		reading_set(&c, x->deviation[i].key, x->deviation[i].value, &none);
	return c;
}

/* --- Canonical texts --- */

struct canonical {
	char *text;
	size_t used;
};

static void add_text(struct canonical *to, const char *key, const char *value)
{
	if (to->used < CANONICAL_MAX)
		to->used += (size_t)snprintf(to->text + to->used, CANONICAL_MAX - to->used, "%s%s=%s", to->used ? " " : "", key, value);
}

static void add_value(void *canonical, const struct parameter *o, const void *base)
{
	char value[2 * OPTION_TEXT_MAX];
	option_print(o, base, value, sizeof value);
	add_text(canonical, o->key, value);
}

/* The canonical text of conditions c of a reading. */
static bool write_canonical(const struct conditions *reading, bool closest, const struct conditions *c, char text[CANONICAL_MAX],
			    struct error *e)
{
	struct canonical to = {.text = text};
	text[0] = '\0';
	if (closest)
		add_text(&to, "reading", "closest");
	conditions_each_changed(c, reading, add_value, &to);
	return to.used < CANONICAL_MAX || error_input(e, "more changes than fit into %d characters", CANONICAL_MAX - 1);
}

/* --- A row with changes --- */

/* Every key once, so that the order does not matter. */
static bool check_settings(const struct setting *settings, int n, struct error *e)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			if (!strcmp(settings[i].key, settings[j].key))
				return error_input(e, "%.60s: set twice", settings[i].key);
	return true;
}

/* NULL: not set. */
static const char *setting_of(const struct setting *settings, int n, const char *key)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(settings[i].key, key))
			return settings[i].value;
	return NULL;
}

/* The conditions of a reading by its name, NULL the literal one. */
static bool choose_reading(const struct experiment *x, const char *name, struct conditions *out, bool *closest, struct error *e)
{
	*closest = name && !strcmp(name, "closest");
	if (name && !*closest && strcmp(name, "literal"))
		return error_input(e, "reading: '%.60s' is unknown, expected literal or closest", name);
	if (*closest && !x->deviations)
		return error_input(e, "row %s has no closest reading", x->id);
	*out = *closest ? reading_closest(x) : x->literal;
	return true;
}

static bool count_weights(struct conditions *c, long units, long *weights, struct error *e)
{
	c->net.units = units;
	return conditions_check(c, weights, e);
}

/* Another net than the reading's gets as many hidden units as bring its weights nearest to the reading's, where units are what it
   consists of: nets are compared at equal size. False and one line in e where it cannot be built. */
static bool match_units(const struct conditions *reading, struct conditions *c, struct error *e)
{
	long wanted, fewer, more;
	if (!conditions_check(reading, &wanted, e) || !count_weights(c, 2, &more, e) || !count_weights(c, 1, &fewer, e))
		return false;
	if (more == fewer) { /* it has none */
		c->net.units = reading->net.units;
		return true;
	}
	for (more = fewer; more < wanted && c->net.units < UNITS_MAX;) {
		fewer = more;
		if (!count_weights(c, c->net.units + 1, &more, e))
			return false;
	}
	c->net.units -= c->net.units > 1 && wanted - fewer < more - wanted;
	return true;
}

bool experiment_resolve(const struct experiment *x, const struct setting *settings, int n, struct conditions *out,
			char canonical[CANONICAL_MAX], struct error *e)
{
	struct conditions reading;
	bool closest;
	canonical[0] = '\0';
	if (!check_settings(settings, n, e) || !choose_reading(x, setting_of(settings, n, "reading"), &reading, &closest, e))
		return false;
	*out = reading;
	for (int i = 0; i < n; i++)
		if (strcmp(settings[i].key, "reading") && !reading_set(out, settings[i].key, settings[i].value, e))
			return false;
	if (out->net.net != reading.net.net && !setting_of(settings, n, "units") && !match_units(&reading, out, e))
		return false;
	return conditions_check(out, NULL, e) && write_canonical(&reading, closest, out, canonical, e);
}

/* The reading, and the conditions that a stored text makes of it. */
static bool read_canonical(const struct experiment *x, const char *text, struct conditions *reading, struct conditions *out, bool *closest,
			   struct error *e)
{
	struct word word = {0};
	const char *rest = text;
	const bool named = option_next_word(&rest, &word) && !strcmp(word.key, "reading");
	if (!choose_reading(x, named ? word.value : NULL, reading, closest, e))
		return false;
	if (!named)
		rest = text;
	*out = *reading;
	while (option_next_word(&rest, &word))
		if (!reading_set(out, word.key, word.value, e))
			return false;
	return true;
}

bool experiment_read(const struct experiment *x, const char *canonical, struct conditions *out, bool *closest, struct error *e)
{
	struct conditions reading;
	return read_canonical(x, canonical, &reading, out, closest, e);
}

bool experiment_without(const struct experiment *x, const char *canonical, const char *key, char rest[CANONICAL_MAX], struct error *e)
{
	struct conditions reading, c;
	bool closest;
	void *to, *from;
	if (!read_canonical(x, canonical, &reading, &c, &closest, e))
		return false;
	const struct parameter *o = key ? conditions_option(&c, key, &to) : NULL;
	if (o) {
		char value[2 * OPTION_TEXT_MAX];
		conditions_option(&reading, key, &from);
		option_print(o, from, value, sizeof value);
		if (!option_parse(o, to, value, e))
			return false;
	}
	return write_canonical(&reading, closest, &c, rest, e);
}
