/* reader.c: see reader.h.

   inih neither hands on line numbers nor sections without keys, and silently cuts long lines: the reader that feeds it
   line by line (next_line) sees to these. */
#include "paper/reader.h"

#include "base/memory.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 1 << 20, LINE_CHARS_MAX = 190 };

static bool failed(const struct file *f)
{
	return f->e->kind != ERROR_NONE;
}

bool file_wrong(const struct file *f, int line, const char *format, ...)
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

const struct section *file_section(const struct file *f, enum section_kind kind, const char *id)
{
	for (size_t i = 0; i < f->n_sections; i++)
		if (f->sections[i].kind == kind && !strcmp(f->sections[i].id, id))
			return &f->sections[i];
	return NULL;
}

const struct entry *file_entry(const struct file *f, const struct section *s, const char *key)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (!strcmp(f->entries[s->first + i].key, key))
			return &f->entries[s->first + i];
	return NULL;
}

/* --- Sections --- */

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
		return file_wrong(f, f->line, "[%.60s]: unknown section, expected [experiment], [row ID], [closest] or [closest ID]", text);
	if (n == 2 && (!is_id(id) || strlen(id) >= sizeof s->id))
		return file_wrong(f, f->line, "[%.60s]: not an ID, expected at most %d letters, digits, '-', '_' and '.'", text,
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
		return file_wrong(f, f->line, "a section without ']'");
	const char *rest = end + 1;
	while (rest < line + length && is_blank(*rest))
		rest++;
	if (rest < line + length && *rest != ';' && *rest != '#')
		return file_wrong(f, f->line, "text after ']', expected a new line");
	char text[LINE_CHARS_MAX + 1];
	snprintf(text, sizeof text, "%.*s", (int)(end - line - 1), line + 1);
	if (!parse_section(f, text, &s))
		return false;
	const struct section *before = file_section(f, s.kind, s.id);
	if (before)
		return file_wrong(f, f->line, "[%.60s]: the same section as in line %d", text, before->line);
	f->sections = memory_grown(f->sections, &f->sections_capacity, f->n_sections + 1, sizeof s);
	f->sections[f->n_sections++] = s;
	return true;
}

/* --- Lines --- */

static bool check_line(struct file *f, const char *line, size_t length, int most)
{
	for (size_t i = 0; i < length; i++)
		if ((line[i] < ' ' && line[i] != '\t') || line[i] > '~')
			return file_wrong(f, f->line, "byte 0x%02x, expected plain ASCII text", (unsigned char)line[i]);
	if (length > (size_t)most)
		return file_wrong(f, f->line, "line too long: %zu characters, expected at most %d", length, most);
	f->indented = length && is_blank(line[0]);
	const char *start = line;
	while (start < line + length && is_blank(*start))
		start++;
	if (start == line + length || *start != '[')
		return true;
	return f->indented ? file_wrong(f, f->line, "a section must start without blanks before '['") : open_section(f, line, length);
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

/* --- Entries --- */

/* An indented line goes on with the `why` before it. */
static bool continue_entry(struct file *f, const char *value)
{
	struct entry *last = &f->entries[f->n_entries - 1];
	if (strcmp(last->key, "why"))
		return file_wrong(f, f->line, "an indented line continues %s, expected for why only", last->key);
	const size_t size = strlen(last->value) + strlen(value) + 2;
	if (size > WHY_SIZE)
		return file_wrong(f, f->line, "why: longer than %d characters", WHY_SIZE - 1);
	char *joined = memory_zeroed(size, 1);
	snprintf(joined, size, "%s %s", last->value, value);
	free(last->value);
	last->value = joined;
	return true;
}

static bool take_entry(struct file *f, const char *key, const char *value)
{
	if (!f->n_sections)
		return file_wrong(f, f->line, "%.60s: before any section, expected [experiment] first", key);
	struct section *s = &f->sections[f->n_sections - 1];
	if (f->indented && s->n)
		return continue_entry(f, value);
	if (!key[0])
		return file_wrong(f, f->line, "expected [section], key = value or a comment");
	const struct entry *before = file_entry(f, s, key);
	if (before)
		return file_wrong(f, f->line, "%.60s: already set in line %d", key, before->line);
	if (!f->check(s->kind, key, value, f->e))
		return error_at(f->e, "%s:%d", f->path, f->line);
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

/* --- The file --- */

static bool parse_file(struct file *f)
{
	const int line = ini_parse_stream(next_line, f, take_line, f);
	if (line < 0) {
		error_environment(f->e, "%s: inih has no memory", f->path);
	} else if (line > 0 && (!failed(f) || line < f->line)) {
		*f->e = (struct error){0}; /* inih goes on after a line it does not understand, but that one comes first */
		file_wrong(f, line, "expected [section], key = value or a comment");
	}
	return !failed(f);
}

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
	const size_t room = status.st_size < FILE_BYTES_MAX ? (size_t)status.st_size + 1 : FILE_BYTES_MAX + 1;
	f->text = memory_zeroed(room, 1);
	f->size = fread(f->text, 1, room, stream);
	if (ferror(stream))
		error_input(f->e, "%s: cannot be read: %s", f->path, strerror(errno));
	else if (f->size > FILE_BYTES_MAX)
		error_input(f->e, "%s: larger than 1 MiB, expected an experiment file", f->path);
	else if (f->size == room)
		error_input(f->e, "%s: grows while it is read", f->path);
	fclose(stream);
	return !failed(f);
}

bool file_read(struct file *f)
{
	return read_bytes(f) && parse_file(f);
}

void file_free(struct file *f)
{
	for (size_t i = 0; i < f->n_entries; i++) {
		free(f->entries[i].key);
		free(f->entries[i].value);
	}
	free(f->entries);
	free(f->sections);
	free(f->text);
}
