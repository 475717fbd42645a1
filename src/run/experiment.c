/* experiment.c: see experiment.h.

   A file is read in two passes. inih splits its lines; every key is checked where it stands, so that the first wrong line is
   the one reported. Then each row is put together from [experiment], [row ID], [closest] and [closest ID].
   inih neither hands on line numbers nor sections without keys, and silently cuts long lines: the reader that feeds it
   line by line (next_line) sees to these. */
#include "run/experiment.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 1 << 20, LINE_CHARS_MAX = 190 };

static const char *const no_yes[] = {"no", "yes", NULL};

#define AT(field) offsetof(struct published, field)
const struct parameter published_option_table[] = {
    /* key, type, place, min, max, words, help */
    {"paper_table", OPTION_TEXT, AT(table), 0, 0, {NULL}, "table of the paper that has the row's results, or text"},
    {"paper_trials", OPTION_INT, AT(trials), 1, 1000000, {NULL}, "number of trials"},
    {"paper_source", OPTION_TEXT, AT(source), 0, 0, {NULL}, "the paper that has the row's results, if not that of 1997"},
    {"paper_success", OPTION_REAL, AT(success), 0, 100, {NULL}, "percent of the trials that succeeded"},
    {"paper_reached", OPTION_LIST, AT(reached), 0, 100, {NULL}, "percent of the trials that reached each stop before the last"},
    {"paper_sequences", OPTION_LIST, AT(sequences), 1, 1e15, {NULL}, "mean training sequences to each stop"},
    {"paper_range", OPTION_LIST, AT(range), 1, 1e15, {NULL}, "lowest and highest of them, at the last stop"},
    {"paper_wrong", OPTION_LIST, AT(wrong), 0, 2560, {NULL}, "wrong ones of 2560 test sequences"},
    {"paper_fraction", OPTION_LIST, AT(fraction), 0, 1, {NULL}, "fraction of 2560 test sequences that is wrong"},
    {"paper_error", OPTION_LIST, AT(error), 0, 100, {NULL}, "error of the test sequences, as printed"},
    {"paper_weights", OPTION_INT, AT(weights), 1, 1000000000, {NULL}, "number of weights"},
    {"paper_lag", OPTION_INT, AT(lag), 1, 1000000, {NULL}, "lag of Table 10"},
    {"paper_length", OPTION_INT, AT(length), 1, 1000000, {NULL}, "minimal sequence length p of Table 10"},
    {"paper_quoted", OPTION_ENUM, AT(quoted), 0, 0, {no_yes}, "the paper quotes these numbers from the literature"},
    {"budget_unit", OPTION_INT, AT(unit), 1, 1e15, {NULL}, "sequences of --budget 1x where no mean is published"},
    {0}};
#undef AT

static const struct parameter weights_option = {
    .key = "weights",
    .type = OPTION_INT,
    .offset = offsetof(struct experiment, closest_weights),
    .min = 1,
    .max = 1000000000,
};

/* --- First pass: a file into sections of checked entries --- */

enum section_kind { SECTION_EXPERIMENT, SECTION_ROW, SECTION_CLOSEST };

struct entry {
	char *key, *value;
	int line;
};

struct section {
	enum section_kind kind;
	char id[sizeof((struct experiment *)0)->id]; /* "" for [experiment] and [closest] */
	int line;
	size_t first, n; /* entries */
};

struct file {
	const char *path;
	char *text;
	size_t size, at; /* at: of the next line */
	int line;        /* of the line that inih has now */
	bool indented;   /* it starts with a blank */
	struct section *sections;
	size_t n_sections, sections_capacity;
	struct entry *entries;
	size_t n_entries, entries_capacity;
	struct error *e;
};

static bool failed(const struct file *f)
{
	return f->e->kind != ERROR_NONE;
}

/* "FILE:LINE: message". Always false. */
static bool wrong(const struct file *f, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool wrong(const struct file *f, int line, const char *format, ...)
{
	char text[sizeof f->e->text];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_input(f->e, "%s", text);
	return error_at(f->e, "%s:%d", f->path, line);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const struct section *find_section(const struct file *f, enum section_kind kind, const char *id)
{
	for (size_t i = 0; i < f->n_sections; i++)
		if (f->sections[i].kind == kind && !strcmp(f->sections[i].id, id))
			return &f->sections[i];
	return NULL;
}

static const struct entry *find_entry(const struct file *f, const struct section *s, const char *key)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (!strcmp(f->entries[s->first + i].key, key))
			return &f->entries[s->first + i];
	return NULL;
}

static bool is_id(const char *id)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	return id[0] && id[0] != '-' && id[strspn(id, letters)] == '\0';
}

/* What stands between '[' and ']' into kind and id. */
static bool parse_section(const struct file *f, const char *text, struct section *s)
{
	char word[32] = "", id[LINE_CHARS_MAX + 1] = "", more[2] = "";
	const int n = sscanf(text, "%31s %190s %1s", word, id, more);
	const bool row = !strcmp(word, "row"), closest = !strcmp(word, "closest");
	if (n == 1 && !strcmp(word, "experiment"))
		s->kind = SECTION_EXPERIMENT;
	else if (n == 1 && closest)
		s->kind = SECTION_CLOSEST;
	else if (n == 2 && (row || closest))
		s->kind = row ? SECTION_ROW : SECTION_CLOSEST;
	else
		return wrong(f, f->line, "[%.60s]: unknown section, expected [experiment], [row ID], [closest] or [closest ID]", text);
	if (n == 2 && (!is_id(id) || strlen(id) >= sizeof s->id))
		return wrong(f, f->line, "[%.60s]: not an ID, expected at most %d letters, digits, '-', '_' and '.'", text,
			     (int)sizeof s->id - 1);
	strcpy(s->id, id);
	return true;
}

/* A line that starts with '['. */
static bool open_section(struct file *f, const char *line, size_t length)
{
	struct section s = {.line = f->line, .first = f->n_entries};
	const char *end = memchr(line, ']', length);
	if (!end)
		return wrong(f, f->line, "a section without ']'");
	const char *rest = end + 1;
	while (rest < line + length && is_blank(*rest))
		rest++;
	if (rest < line + length && *rest != ';' && *rest != '#')
		return wrong(f, f->line, "text after ']', expected a new line");
	char text[LINE_CHARS_MAX + 1];
	snprintf(text, sizeof text, "%.*s", (int)(end - line - 1), line + 1);
	if (!parse_section(f, text, &s))
		return false;
	const struct section *before = find_section(f, s.kind, s.id);
	if (before)
		return wrong(f, f->line, "[%.60s]: the same section as in line %d", text, before->line);
	f->sections = memory_grown(f->sections, &f->sections_capacity, f->n_sections + 1, sizeof s);
	f->sections[f->n_sections++] = s;
	return true;
}

static bool check_line(struct file *f, const char *line, size_t length, int most)
{
	for (size_t i = 0; i < length; i++)
		if ((line[i] < ' ' && line[i] != '\t') || line[i] > '~')
			return wrong(f, f->line, "byte 0x%02x, expected plain ASCII text", (unsigned char)line[i]);
	if (length > (size_t)most)
		return wrong(f, f->line, "line too long: %zu characters, expected at most %d", length, most);
	f->indented = length && is_blank(line[0]);
	const char *start = line;
	while (start < line + length && is_blank(*start))
		start++;
	if (start == line + length || *start != '[')
		return true;
	return f->indented ? wrong(f, f->line, "a section must start without blanks before '['") : open_section(f, line, length);
}

/* Where inih gets its lines from: an fgets that counts and checks. */
static char *next_line(char *to, int size, void *file)
{
	struct file *f = file;
	if (failed(f) || f->at == f->size)
		return NULL;
	const char *line = f->text + f->at, *end = memchr(line, '\n', f->size - f->at);
	size_t length = end ? (size_t)(end - line) : f->size - f->at;
	f->at += length + (end ? 1 : 0);
	f->line++;
	if (length && line[length - 1] == '\r')
		length--;
	/* "3 more than the longest line", says ini.h */
	if (!check_line(f, line, length, size - 3 < LINE_CHARS_MAX ? size - 3 : LINE_CHARS_MAX))
		return NULL;
	memcpy(to, line, length);
	strcpy(to + length, "\n");
	return to;
}

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

/* conditions_set, with values that can stand in a canonical text. */
static bool set_condition(struct conditions *c, const char *key, const char *value, struct error *e)
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

/* Is it a key that may stand in this section? */
static bool check_place(const struct file *f, enum section_kind kind, const char *key)
{
	const bool closest = kind == SECTION_CLOSEST;
	if (!strcmp(key, "title") && kind != SECTION_EXPERIMENT)
		return wrong(f, f->line, "title: expected in [experiment] only");
	if ((!strcmp(key, "why") || !strcmp(key, "weights")) && !closest)
		return wrong(f, f->line, "%s: expected in [closest] and [closest ID] only", key);
	if (option_find(published_option_table, key) && closest)
		return wrong(f, f->line, "%s: a published number, expected in [experiment] or [row ID]", key);
	return true;
}

/* One key into the experiment and conditions that it belongs to. why is handled where it is used. */
static bool apply(struct experiment *x, struct conditions *c, const char *key, const char *value, struct error *e)
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
	return set_condition(c, key, value, e);
}

static bool check_entry(struct file *f, enum section_kind kind, const char *key, const char *value)
{
	struct experiment scratch = {.literal = conditions_defaults()};
	if (!check_place(f, kind, key))
		return false;
	return apply(&scratch, &scratch.literal, key, value, f->e) || error_at(f->e, "%s:%d", f->path, f->line);
}

/* An indented line goes on with the `why` before it. */
static bool continue_entry(struct file *f, const char *value)
{
	struct entry *last = &f->entries[f->n_entries - 1];
	if (strcmp(last->key, "why"))
		return wrong(f, f->line, "an indented line continues %s, expected for why only", last->key);
	const size_t size = strlen(last->value) + strlen(value) + 2;
	if (size > sizeof((struct experiment *)0)->why)
		return wrong(f, f->line, "why: longer than %d characters", (int)sizeof((struct experiment *)0)->why - 1);
	char *joined = memory_zeroed(size, 1);
	snprintf(joined, size, "%s %s", last->value, value);
	free(last->value);
	last->value = joined;
	return true;
}

static bool take_entry(struct file *f, const char *key, const char *value)
{
	if (!f->n_sections)
		return wrong(f, f->line, "%.60s: before any section, expected [experiment] first", key);
	struct section *s = &f->sections[f->n_sections - 1];
	if (f->indented && s->n)
		return continue_entry(f, value);
	if (!key[0])
		return wrong(f, f->line, "expected [section], key = value or a comment");
	const struct entry *before = find_entry(f, s, key);
	if (before)
		return wrong(f, f->line, "%.60s: already set in line %d", key, before->line);
	if (!check_entry(f, s->kind, key, value))
		return false;
	f->entries = memory_grown(f->entries, &f->entries_capacity, f->n_entries + 1, sizeof *f->entries);
	f->entries[f->n_entries++] = (struct entry){memory_text(key), memory_text(value), f->line};
	s->n++;
	return true;
}

/* inih's handler: nonzero where the line is right. */
static int take_line(void *file, const char *section, const char *key, const char *value)
{
	struct file *f = file;
	(void)section; /* known from next_line */
	return !failed(f) && take_entry(f, key, value ? value : "");
}

static bool parse_file(struct file *f)
{
	const int line = ini_parse_stream(next_line, f, take_line, f);
	if (line < 0) {
		error_environment(f->e, "%s: inih has no memory", f->path);
	} else if (line > 0 && (!failed(f) || line < f->line)) {
		*f->e = (struct error){0}; /* inih goes on after a line it does not understand, but that one comes first */
		wrong(f, line, "expected [section], key = value or a comment");
	}
	return !failed(f);
}

/* --- Second pass: rows --- */

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

/* The closest reading's conditions; they are known to be possible one by one. */
static struct conditions closest_conditions(const struct experiment *x)
{
	struct conditions c = x->literal;
	struct error none = {0};
	for (int i = 0; i < x->deviations; i++)
		set_condition(&c, x->deviation[i].key, x->deviation[i].value, &none);
	return c;
}

static bool check_closest(const struct experiment *x, struct error *e)
{
	const struct conditions c = closest_conditions(x);
	const bool own = x->closest_weights != 0;
	long weights;
	if (conditions_check(&c, &weights, e) &&
	    ((!own && !x->paper.weights) || check_weights(weights, own ? x->closest_weights : x->paper.weights,
							  own ? "its section says" : "no weights = N is given, and the paper says", e)))
		return true;
	return error_at(e, "row %s, closest reading", x->id);
}

static bool apply_section(const struct file *f, const struct section *s, struct experiment *x)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *entry = &f->entries[s->first + i];
		if (!apply(x, &x->literal, entry->key, entry->value, f->e))
			return error_at(f->e, "%s:%d", f->path, entry->line);
	}
	return true;
}

static bool add_deviation(const struct file *f, const struct entry *entry, struct experiment *x)
{
	int i = 0;
	while (i < x->deviations && strcmp(x->deviation[i].key, entry->key))
		i++;
	if (i == DEVIATIONS_MAX)
		return wrong(f, entry->line, "%s: row %s already has %d changes, the most there can be", entry->key, x->id, i);
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
		return wrong(f, entry->line, "why: with that of [closest] longer than %d characters", (int)sizeof x->why - 1);
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

/* The row's closest reading from [closest] and [closest ID]. */
static bool build_closest(const struct file *f, struct experiment *x)
{
	const struct section *common = find_section(f, SECTION_CLOSEST, ""), *own = find_section(f, SECTION_CLOSEST, x->id);
	const int line = own ? own->line : common ? common->line : 0;
	if (!apply_closest(f, common, x) || !apply_closest(f, own, x))
		return false;
	if (!x->deviations) {
		x->why[0] = '\0';
		x->closest_weights = 0;
		return !own || wrong(f, line, "[closest %s]: changes nothing", x->id);
	}
	if (!x->why[0])
		return wrong(f, line, "why: missing for row %s", x->id);
	return check_closest(x, f->e) || error_at(f->e, "%s:%d", f->path, line);
}

static bool build_row(const struct file *f, const struct section *row, struct experiment *x)
{
	const struct section *common = find_section(f, SECTION_EXPERIMENT, "");
	*x = (struct experiment){.line = row->line, .literal = conditions_defaults(), .paper = {.success = -1}};
	strcpy(x->id, row->id);
	snprintf(x->file, sizeof x->file, "%s", f->path);
	if (!apply_section(f, common, x) || !apply_section(f, row, x))
		return false;
	if (!find_entry(f, common, "task") && !find_entry(f, row, "task"))
		return wrong(f, row->line, "task: missing, expected in [experiment] or [row %s]", row->id);
	if (!check_literal(x, f->e))
		return error_at(f->e, "%s:%d", f->path, row->line);
	return build_closest(f, x);
}

static const struct experiment *find_row(const struct experiments *x, const char *id)
{
	for (int i = 0; i < x->n; i++)
		if (!strcmp(x->all[i].id, id))
			return &x->all[i];
	return NULL;
}

/* After the rows: has every closest section had an effect? */
static bool check_sections(const struct file *f, const struct experiments *x, int first)
{
	int changed = 0;
	for (int i = first; i < x->n; i++)
		changed += x->all[i].deviations > 0;
	for (size_t i = 0; i < f->n_sections; i++) {
		const struct section *s = &f->sections[i];
		if (s->kind != SECTION_CLOSEST)
			continue;
		if (s->id[0] && !find_section(f, SECTION_ROW, s->id))
			return wrong(f, s->line, "[closest %s]: there is no [row %s] in this file", s->id, s->id);
		if (!s->id[0] && !changed)
			return wrong(f, s->line, "[closest]: changes nothing");
	}
	return true;
}

static bool check_head(const struct file *f)
{
	const struct section *common = find_section(f, SECTION_EXPERIMENT, "");
	bool rows = false;
	for (size_t i = 0; i < f->n_sections; i++)
		rows = rows || f->sections[i].kind == SECTION_ROW;
	if (!rows)
		return wrong(f, 1, "no [row] in it");
	if (!common)
		return wrong(f, 1, "no [experiment] in it");
	return find_entry(f, common, "title") || wrong(f, common->line, "title: missing");
}

static bool build_rows(const struct file *f, struct experiments *x, size_t *capacity)
{
	const int first = x->n;
	if (!check_head(f))
		return false;
	for (size_t i = 0; i < f->n_sections; i++) {
		const struct section *s = &f->sections[i];
		if (s->kind != SECTION_ROW)
			continue;
		const struct experiment *before = find_row(x, s->id);
		if (before)
			return wrong(f, s->line, "[row %s]: there is one already, %s:%d", s->id, before->file, before->line);
		x->all = memory_grown(x->all, capacity, (size_t)x->n + 1, sizeof *x->all);
		if (!build_row(f, s, &x->all[x->n]))
			return false;
		x->n++;
	}
	return check_sections(f, x, first);
}

/* --- Files and folder --- */

static bool read_bytes(struct file *f)
{
	struct stat status;
	if (stat(f->path, &status))
		return error_input(f->e, "%s: cannot be read: %s", f->path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_input(f->e, "%s: not a regular file", f->path);
	FILE *stream = fopen(f->path, "rb");
	if (!stream)
		return error_input(f->e, "%s: cannot be read: %s", f->path, strerror(errno));
	f->text = memory_zeroed(FILE_BYTES_MAX + 1, 1);
	f->size = fread(f->text, 1, FILE_BYTES_MAX + 1, stream);
	if (ferror(stream))
		error_input(f->e, "%s: cannot be read: %s", f->path, strerror(errno));
	else if (f->size > FILE_BYTES_MAX)
		error_input(f->e, "%s: larger than 1 MiB, expected an experiment file", f->path);
	fclose(stream);
	return !failed(f);
}

static void free_file(struct file *f)
{
	for (size_t i = 0; i < f->n_entries; i++) {
		free(f->entries[i].key);
		free(f->entries[i].value);
	}
	free(f->entries);
	free(f->sections);
	free(f->text);
}

static bool load_file(struct experiments *x, size_t *capacity, const char *folder, const char *name, struct error *e)
{
	char path[sizeof x->all->file];
	struct file f = {.path = path, .e = e};
	if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
		return error_input(e, "%.200s: path too long, expected at most %d characters", path, (int)sizeof path - 1);
	const bool ok = read_bytes(&f) && parse_file(&f) && build_rows(&f, x, capacity);
	free_file(&f);
	return ok;
}

static int is_ini(const struct dirent *entry)
{
	const size_t n = strlen(entry->d_name);
	return entry->d_name[0] != '.' && n > 4 && !strcmp(entry->d_name + n - 4, ".ini");
}

bool experiments_load(struct experiments *x, const char *folder, struct error *e)
{
	struct dirent **names;
	size_t capacity = 0;
	*x = (struct experiments){0};
	const int n = scandir(folder, &names, is_ini, alphasort);
	if (n < 0)
		return error_input(e, "%.200s: %s, expected the folder with the experiment files (lstm97 runs in its root folder)", folder,
				   strerror(errno));
	bool ok = n > 0 || error_input(e, "%.200s: no *.ini file in it", folder);
	for (int i = 0; i < n; i++) {
		ok = ok && load_file(x, &capacity, folder, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	if (!ok)
		experiments_free(x);
	return ok;
}

void experiments_free(struct experiments *x)
{
	free(x->all);
	*x = (struct experiments){0};
}

const struct experiment *experiments_find(const struct experiments *x, const char *id, struct error *e)
{
	const struct experiment *found = find_row(x, id);
	if (found)
		return found;
	error_input(e, "row '%.40s' is unknown, expected one of those that `lstm97 list` prints, or all", id);
	return NULL;
}

int published_milestone(int i, int n, int m)
{
	return m - n + i;
}

/* --- A row with changes --- */

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

/* Every key once, so that the order does not matter. */
static bool check_settings(const struct setting *settings, int n, struct error *e)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			if (!strcmp(settings[i].key, settings[j].key))
				return error_input(e, "%.60s: set twice", settings[i].key);
	return true;
}

/* The conditions of the reading that the settings name. */
static bool choose_reading(const struct experiment *x, const struct setting *settings, int n, struct conditions *out, bool *closest,
			   struct error *e)
{
	*closest = false;
	for (int i = 0; i < n; i++) {
		const char *value = settings[i].value;
		if (strcmp(settings[i].key, "reading"))
			continue;
		*closest = !strcmp(value, "closest");
		if (!*closest && strcmp(value, "literal"))
			return error_input(e, "reading: '%.60s' is unknown, expected literal or closest", value);
	}
	if (*closest && !x->deviations)
		return error_input(e, "row %s has no closest reading", x->id);
	*out = *closest ? closest_conditions(x) : x->literal;
	return true;
}

/* Another net than the reading's gets as many hidden units as bring its weights nearest to the reading's, where units are what it
   consists of: nets are compared at equal size. False and one line in e where it cannot be built. */
static bool match_units(const struct conditions *reading, struct conditions *c, struct error *e)
{
	long wanted, fewer, more;
	if (!conditions_check(reading, &wanted, e))
		return false;
	c->net.units = 2;
	if (!conditions_check(c, &more, e))
		return false;
	c->net.units = 1;
	if (!conditions_check(c, &fewer, e))
		return false;
	if (more == fewer) { /* it has none */
		c->net.units = reading->net.units;
		return true;
	}
	for (more = fewer; more < wanted && c->net.units < UNITS_MAX;) {
		fewer = more;
		c->net.units++;
		if (!conditions_check(c, &more, e))
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
	if (!check_settings(settings, n, e) || !choose_reading(x, settings, n, &reading, &closest, e))
		return false;
	*out = reading;
	for (int i = 0; i < n; i++)
		if (strcmp(settings[i].key, "reading") && !set_condition(out, settings[i].key, settings[i].value, e))
			return false;
	bool units_given = false;
	for (int i = 0; i < n; i++)
		units_given |= !strcmp(settings[i].key, "units");
	if (out->net.net != reading.net.net && !units_given && !match_units(&reading, out, e))
		return false;
	return conditions_check(out, NULL, e) && write_canonical(&reading, closest, out, canonical, e);
}

/* The reading, and the conditions that a stored text makes of it. */
static bool read_canonical(const struct experiment *x, const char *text, struct conditions *reading, struct conditions *out, bool *closest,
			   struct error *e)
{
	struct word word = {0};
	struct setting settings[1];
	int n = 0;
	const char *rest = text;
	if (option_next_word(&rest, &word) && !strcmp(word.key, "reading"))
		settings[n++] = (struct setting){word.key, word.value};
	else
		rest = text;
	if (!choose_reading(x, settings, n, reading, closest, e))
		return false;
	*out = *reading;
	while (option_next_word(&rest, &word))
		if (!set_condition(out, word.key, word.value, e))
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

/* --- Table 10 --- */

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
