/* reader.h: an experiment file as sections of entries (INI, by inih).
   Does: read a file's text, split it into sections, keys and values, say in which line something is wrong.
   Does not: know what the keys mean, but for `why`, which indented lines go on with. */
#ifndef PAPER_READER_H
#define PAPER_READER_H

#include "paper/row.h"

#include <stddef.h>

enum section_kind { SECTION_EXPERIMENT, SECTION_ROW, SECTION_CLOSEST };

struct entry {
	char *key, *value;
	int line;
};

struct section {
	enum section_kind kind;
	char id[ROW_ID_SIZE]; /* "" for [experiment] and [closest] */
	int line;
	size_t first, n; /* entries */
};

/* May a section of this kind have this key with this value? False and one line in e, without the place. */
typedef bool entry_check(enum section_kind kind, const char *key, const char *value, struct error *e);

struct file {
	const char *path;
	entry_check *check; /* of every entry where it stands, so that the first wrong line is the one reported */
	struct error *e;
	struct section *sections;
	size_t n_sections, sections_capacity;
	struct entry *entries;
	size_t n_entries, entries_capacity;

	/* while it is read */
	char *text;
	size_t size, at; /* at: of the next line */
	int line;        /* of the line that inih has now */
	bool indented;   /* it starts with a blank */
};

/* Of a file with path, check and e. False and one line "FILE:LINE: ..." in e. Free with file_free, also then. */
bool file_read(struct file *f);
void file_free(struct file *f);

/* "FILE:LINE: message" into f->e. Always false. */
bool file_wrong(const struct file *f, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* NULL: there is none. s may be NULL. */
const struct section *file_section(const struct file *f, enum section_kind kind, const char *id);
const struct entry *file_entry(const struct file *f, const struct section *s, const char *key);

#endif
