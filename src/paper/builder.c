/* builder.c: see builder.h. */
#include "paper/builder.h"

#include "paper/reading.h"

#include <stdio.h>
#include <string.h>

static const struct parameter weights_option = {
    .key = "weights",
    .type = OPTION_INT,
    .offset = offsetof(struct experiment, closest_weights),
    .min = 1,
    .max = 1000000000,
};

/* --- Keys --- */

/* One key into the experiment, into its literal conditions if it is one. why is handled where it is used. */
static bool apply(struct experiment *x, const char *key, const char *value, struct error *e)
{
	const struct parameter *o = option_find(published_option_table, key);
	if (o)
		return option_parse(o, &x->paper, value, e);
	if (!strcmp(key, weights_option.key))
		return option_parse(&weights_option, x, value, e);
	if (!strcmp(key, "title")) {
		snprintf(x->title, sizeof x->title, "%s", value);
		return x->title[0] || error_input(e, "title: empty");
	}
	if (!strcmp(key, "why"))
		return value[0] || error_input(e, "why: empty");
	return reading_set(&x->literal, key, value, e);
}

/* Is it a key that may stand in this section? */
static bool check_place(enum section_kind kind, const char *key, struct error *e)
{
	const bool closest = kind == SECTION_CLOSEST;
	if (!strcmp(key, "title") && kind != SECTION_EXPERIMENT)
		return error_input(e, "title: expected in [experiment] only");
	if ((!strcmp(key, "why") || !strcmp(key, "weights")) && !closest)
		return error_input(e, "%s: expected in [closest] and [closest ID] only", key);
	if (option_find(published_option_table, key) && closest)
		return error_input(e, "%s: a published number, expected in [experiment] or [row ID]", key);
	return true;
}

bool builder_check(enum section_kind kind, const char *key, const char *value, struct error *e)
{
	struct experiment scratch = {.literal = conditions_defaults()};
	return check_place(kind, key, e) && apply(&scratch, key, value, e);
}

/* --- The literal reading --- */

static bool check_weights(long built, long expected, const char *who, struct error *e)
{
	return built == expected || error_input(e, "built network has %ld weights, %s %ld", built, who, expected);
}

static bool check_list(const struct list *list, const char *key, int milestones, struct error *e)
{
	if (list->n > milestones)
		return error_input(e, "%s: %d values for %d milestones", key, list->n, milestones);
	return true;
}

static bool check_published(const struct experiment *x, struct error *e)
{
	const struct published *p = &x->paper;
	const int n = conditions_milestones(&x->literal);
	if (p->range.n && (p->range.n != 2 || p->range.v[0] > p->range.v[1]))
		return error_input(e, "paper_range: expected the lowest and the highest, as in 3800:24100");
	return check_list(&p->reached, "paper_reached", n - 1, e) && check_list(&p->sequences, "paper_sequences", n, e) &&
	       check_list(&p->wrong, "paper_wrong", n, e) && check_list(&p->fraction, "paper_fraction", n, e) &&
	       check_list(&p->error, "paper_error", n, e);
}

static bool check_literal(struct experiment *x, struct error *e)
{
	return conditions_check(&x->literal, &x->weights, e) &&
	       (!x->paper.weights || check_weights(x->weights, x->paper.weights, "the paper says", e)) && check_published(x, e);
}

static bool apply_section(const struct file *f, const struct section *s, struct experiment *x)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *entry = &f->entries[s->first + i];
		if (!apply(x, entry->key, entry->value, f->e))
			return error_at(f->e, "%s:%d", f->path, entry->line);
	}
	return true;
}

/* --- The closest reading --- */

static bool add_deviation(const struct file *f, const struct entry *entry, struct experiment *x)
{
	int i = 0;
	while (i < x->deviations && strcmp(x->deviation[i].key, entry->key))
		i++;
	if (i == DEVIATIONS_MAX)
		return file_wrong(f, entry->line, "%s: row %s already has %d changes, the most there can be", entry->key, x->id, i);
	struct deviation *d = &x->deviation[i];
	snprintf(d->key, sizeof d->key, "%s", entry->key);
	snprintf(d->value, sizeof d->value, "%s", entry->value);
	d->line = entry->line;
	if (i == x->deviations)
		x->deviations++;
	return true;
}

static bool add_why(const struct file *f, const struct entry *entry, struct experiment *x)
{
	const size_t used = strlen(x->why);
	const int n = snprintf(x->why + used, sizeof x->why - used, "%s%s", used ? " " : "", entry->value);
	if (used + (size_t)n >= sizeof x->why)
		return file_wrong(f, entry->line, "why: with that of [closest] longer than %d characters", (int)sizeof x->why - 1);
	return true;
}

static bool apply_closest(const struct file *f, const struct section *s, struct experiment *x)
{
	bool ok = true;
	for (size_t i = 0; s && i < s->n && ok; i++) {
		const struct entry *entry = &f->entries[s->first + i];
		if (!strcmp(entry->key, "why"))
			ok = add_why(f, entry, x);
		else if (!strcmp(entry->key, weights_option.key))
			ok = option_parse(&weights_option, x, entry->value, f->e);
		else
			ok = add_deviation(f, entry, x);
	}
	return ok;
}

static bool check_closest(const struct experiment *x, struct error *e)
{
	const struct conditions c = reading_closest(x);
	const bool own = x->closest_weights != 0;
	long weights;
	if (conditions_check(&c, &weights, e) &&
	    ((!own && !x->paper.weights) || check_weights(weights, own ? x->closest_weights : x->paper.weights,
							  own ? "its section says" : "no weights = N is given, and the paper says", e)))
		return true;
	return error_at(e, "row %s, closest reading", x->id);
}

/* The row's closest reading from [closest] and [closest ID]. */
static bool build_closest(const struct file *f, struct experiment *x)
{
	const struct section *common = file_section(f, SECTION_CLOSEST, ""), *own = file_section(f, SECTION_CLOSEST, x->id);
	const int line = own ? own->line : common ? common->line : 0;
	if (!apply_closest(f, common, x) || !apply_closest(f, own, x))
		return false;
	if (!x->deviations) {
		x->why[0] = '\0';
		x->closest_weights = 0;
		return !own || file_wrong(f, line, "[closest %s]: changes nothing", x->id);
	}
	if (!x->why[0])
		return file_wrong(f, line, "why: missing for row %s", x->id);
	return check_closest(x, f->e) || error_at(f->e, "%s:%d", f->path, line);
}

/* --- The row --- */

bool builder_row(const struct file *f, const struct section *row, struct experiment *x)
{
	const struct section *common = file_section(f, SECTION_EXPERIMENT, "");
	*x = (struct experiment){.line = row->line, .literal = conditions_defaults(), .paper = {.success = -1}};
	strcpy(x->id, row->id);
	snprintf(x->file, sizeof x->file, "%s", f->path);
	if (!apply_section(f, common, x) || !apply_section(f, row, x))
		return false;
	if (!file_entry(f, common, "task") && !file_entry(f, row, "task"))
		return file_wrong(f, row->line, "task: missing, expected in [experiment] or [row %s]", row->id);
	if (!check_literal(x, f->e))
		return error_at(f->e, "%s:%d", f->path, row->line);
	return build_closest(f, x);
}
