/* experiment.c: see experiment.h. A file is read whole (reader.c), then its rows are put together (builder.c). */
#include "paper/experiment.h"

#include "base/memory.h"
#include "paper/builder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		if (s->id[0] && !file_section(f, SECTION_ROW, s->id))
			return file_wrong(f, s->line, "[closest %s]: there is no [row %s] in this file", s->id, s->id);
		if (!s->id[0] && !changed)
			return file_wrong(f, s->line, "[closest]: changes nothing");
	}
	return true;
}

static bool check_head(const struct file *f)
{
	const struct section *common = file_section(f, SECTION_EXPERIMENT, "");
	bool rows = false;
	for (size_t i = 0; i < f->n_sections; i++)
		rows = rows || f->sections[i].kind == SECTION_ROW;
	if (!rows)
		return file_wrong(f, 1, "no [row] in it");
	if (!common)
		return file_wrong(f, 1, "no [experiment] in it");
	return file_entry(f, common, "title") || file_wrong(f, common->line, "title: missing");
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
			return file_wrong(f, s->line, "[row %s]: there is one already, %s:%d", s->id, before->file, before->line);
		x->all = memory_grown(x->all, capacity, (size_t)x->n + 1, sizeof *x->all);
		if (!builder_row(f, s, &x->all[x->n]))
			return false;
		x->n++;
	}
	return check_sections(f, x, first);
}

static bool load_file(struct experiments *x, size_t *capacity, const char *folder, const char *name, struct error *e)
{
	char path[sizeof x->all->file];
	struct file f = {.path = path, .check = builder_check, .e = e};
	if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
		return error_input(e, "%.200s: path too long, expected at most %d characters", path, (int)sizeof path - 1);
	const bool ok = file_read(&f) && build_rows(&f, x, capacity);
	file_free(&f);
	return ok;
}

/* --- The folder --- */

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
