/* identity.c: see identity.h. */
#include "run/identity.h"

#include "base/lane.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

/* Names of the experiments at hand, each once. */
struct names {
	const struct experiments *x;
	int n;
	size_t capacity;
	struct store_name *all; /* (n) conditions and set are owned */
};

static int by_name(const void *a, const void *b)
{
	const struct store_name *p = a, *q = b;
	const int experiment = strcmp(p->experiment, q->experiment);
	return experiment ? experiment : strcmp(p->conditions, q->conditions);
}

static void add_name(struct names *to, const struct experiment *x, const char *conditions, bool closest, const struct conditions *c)
{
	to->all = memory_grown(to->all, &to->capacity, (size_t)to->n + 1, sizeof *to->all);
	to->all[to->n++] = (struct store_name){.experiment = x->id,
					       .conditions = memory_text(conditions),
					       .reading = closest ? "closest" : "literal",
					       .set = conditions_text(c)};
}

/* A name in today's canonical form; one that means nothing any more is left out. */
static void read_name(struct names *to, const struct experiment *x, const char *conditions)
{
	struct conditions c;
	struct error ignored = {0};
	char canonical[CANONICAL_MAX];
	bool closest;
	if (experiment_without(x, conditions, NULL, canonical, &ignored) && experiment_read(x, canonical, &c, &closest, &ignored))
		add_name(to, x, canonical, closest, &c);
}

static void stored_name(void *to, const struct store_name *name)
{
	struct names *names = to;
	struct error ignored = {0};
	const struct experiment *x = experiments_find(names->x, name->experiment, &ignored);
	if (x)
		read_name(names, x, name->conditions);
}

static void free_name(const struct store_name *name)
{
	free((char *)name->conditions);
	free((char *)name->set);
}

static void sort_out(struct names *names)
{
	int kept = 0;
	qsort(names->all, (size_t)names->n, sizeof *names->all, by_name);
	for (int i = 0; i < names->n; i++)
		if (kept && !by_name(&names->all[kept - 1], &names->all[i]))
			free_name(&names->all[i]);
		else
			names->all[kept++] = names->all[i];
	names->n = kept;
}

struct defaults {
	char *text;
	size_t used, capacity;
};

static void add_default(void *to, const struct parameter *o, const void *base)
{
	struct defaults *d = to;
	char value[2 * OPTION_TEXT_MAX];
	option_print(o, base, value, sizeof value);
	const size_t more = strlen(o->key) + strlen(value) + 2;
	d->text = memory_grown(d->text, &d->capacity, d->used + more + 1, 1);
	d->used += (size_t)sprintf(d->text + d->used, "%s=%s ", o->key, value);
}

bool identity_resolve(const struct experiments *x, const struct plan *plan, struct store *store, bool *changed, struct error *e)
{
	struct names names = {.x = x};
	struct defaults defaults = {0};
	const struct conditions c = conditions_defaults();
	bool differed;
	conditions_each(&c, add_default, &defaults);
	for (int i = 0; i < x->n; i++) {
		read_name(&names, &x->all[i], "");
		if (x->all[i].deviations)
			read_name(&names, &x->all[i], "reading=closest");
	}
	for (int i = 0; plan && i < plan->n; i++)
		read_name(&names, plan->jobs[i].experiment, plan->jobs[i].canonical);
	bool good = store_names(store, stored_name, &names, e);
	sort_out(&names);
	good = good && store_resolve(store, names.all, names.n, defaults.text, changed ? changed : &differed, e);
	for (int i = 0; i < names.n; i++)
		free_name(&names.all[i]);
	free(names.all);
	free(defaults.text);
	return good;
}

/* ---- trials that count no more, in words ---- */

struct telling {
	const struct experiment *const *rows;
	int n;
	void (*line)(void *to, const char *text);
	void *to;
};

/* A line that is being written; too long a one is cut. */
struct words {
	char text[2000];
	size_t used;
};

static void add_words(struct words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_words(struct words *w, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const int n = vsnprintf(w->text + w->used, sizeof w->text - w->used, format, args);
	va_end(args);
	w->used = w->used + (size_t)n < sizeof w->text ? w->used + (size_t)n : sizeof w->text - 1;
}

struct difference {
	struct words *words;
	struct conditions *now;
	int n;
};

/* "rate = 0.5, now 0.3" */
static void add_difference(void *to, const struct parameter *o, const void *base)
{
	struct difference *d = to;
	char then[2 * OPTION_TEXT_MAX], now[2 * OPTION_TEXT_MAX];
	void *base_now;
	conditions_option(d->now, o->key, &base_now);
	option_print(o, base, then, sizeof then);
	option_print(o, base_now, now, sizeof now);
	add_words(d->words, "%s%s = %s, now %s", d->n++ ? "; " : "", o->key, then, now);
}

/* How the set of unused trials differs from what their name means now. */
static void add_differences(struct words *w, const struct experiment *x, const struct store_unused *u)
{
	struct conditions then = conditions_defaults(), now;
	struct difference d = {.words = w, .now = &now};
	struct error e = {0};
	bool closest;
	if (!experiment_read(x, u->conditions, &now, &closest, &e) || !conditions_set_all(&then, u->set, &e)) {
		add_words(w, "conditions that there are no more (%.200s)", e.text);
		return;
	}
	if (u->numerics != NUMERICS)
		add_words(w, "%sNUMERICS = %ld, now %d", d.n++ ? "; " : "", u->numerics, (int)NUMERICS);
	conditions_each_changed(&then, &now, add_difference, &d);
}

static void tell(void *to, const struct store_unused *u)
{
	const struct telling *t = to;
	const struct experiment *x = NULL;
	struct words w = {0};
	for (int i = 0; i < t->n && !x; i++)
		x = strcmp(t->rows[i]->id, u->experiment) ? NULL : t->rows[i];
	if (!x)
		return;
	add_words(&w, "%ld %s of %s%s%s ", u->trials, u->trials == 1 ? "trial" : "trials", u->experiment, u->conditions[0] ? " " : "",
		  u->conditions);
	add_words(&w, "%s computed with ", u->trials == 1 ? "was" : "were");
	add_differences(&w, x, u);
	add_words(&w, ": kept, not used");
	t->line(t->to, w.text);
}

bool identity_unused(const struct experiment *const *rows, int n, struct store *store, void (*line)(void *to, const char *text), void *to,
		     struct error *e)
{
	struct telling telling = {rows, n, line, to};
	return store_unused(store, tell, &telling, e);
}
