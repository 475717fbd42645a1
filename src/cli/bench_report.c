/* bench_report.c: see bench_report.h. */
#include "cli/bench_report.h"

#include "base/memory.h"

#include <gsl/gsl_statistics_double.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char bench_columns[] = "row\trule\tnet\tweights\tns\tfloor\tover_floor\tmultiply_adds\tlogistics\trows";

enum { BUILD, ROW, RULE, NET, WEIGHTS, NS, FLOOR, OVER_FLOOR, FIELDS_MAX = 11 };
enum { LINE = 512 };

/* Lines of tab-separated fields. */
struct line {
	char text[LINE];
	char *field[FIELDS_MAX];
};

struct table {
	int n;
	size_t capacity;
	struct line *line; /* (n) */
};

static void read_lines(FILE *f, struct table *t)
{
	char text[LINE];
	while (fgets(text, sizeof text, f)) {
		if (text[0] == '#')
			continue;
		t->line = memory_grown(t->line, &t->capacity, (size_t)t->n + 1, sizeof *t->line);
		text[strcspn(text, "\n")] = '\0';
		memcpy(t->line[t->n++].text, text, sizeof text);
	}
}

static int split(struct line *line)
{
	int n = 0;
	for (char *rest = line->text; rest && n < FIELDS_MAX;)
		line->field[n++] = strsep(&rest, "\t");
	return n;
}

/* All lines of all files, each of so many fields. */
static bool table_read(struct table *t, const char *const *files, int n, int fields, struct error *e)
{
	for (int i = 0; i < n; i++) {
		FILE *f = fopen(files[i], "r");
		if (!f)
			return error_input(e, "%s: cannot be read", files[i]);
		read_lines(f, t);
		fclose(f);
	}
	for (int i = 0; i < t->n; i++)
		if (split(&t->line[i]) != fields)
			return error_input(e, "'%.60s': expected lines of %d fields", t->line[i].text, fields);
	return t->n > 0 || error_input(e, "nothing measured: expected files that scripts/bench has written");
}

static bool same(const struct table *t, int i, int k, int field)
{
	return !strcmp(t->line[i].field[field], t->line[k].field[field]);
}

/* Is line i the first with its value of `field`? */
static bool is_first(const struct table *t, int i, int field)
{
	int k = 0;
	while (!same(t, i, k, field))
		k++;
	return k == i;
}

/* The numbers of `field` in all lines with the build of line `build` and the row of line `row`; the caller frees *x. */
static size_t collect(const struct table *t, int build, int row, int field, double **x)
{
	size_t n = 0;
	*x = memory_zeroed((size_t)t->n, sizeof **x);
	for (int i = 0; i < t->n; i++)
		if (same(t, i, build, BUILD) && same(t, i, row, ROW))
			(*x)[n++] = strtod(t->line[i].field[field], NULL);
	return n;
}

static void print_median(const struct table *t, int build, int row, int field)
{
	double *x;
	const size_t n = collect(t, build, row, field, &x);
	if (n)
		printf("\t%.2f", gsl_stats_median(x, 1, n));
	else
		printf("\t-");
	free(x);
}

bool bench_report(const char *const *files, int n, struct error *e)
{
	struct table t = {0};
	const bool good = table_read(&t, files, n, FIELDS_MAX, e);
	for (int i = 0; good && i < t.n; i++) {
		if (i == 0)
			printf("row\trule\tnet\tweights");
		for (int b = 0; i == 0 && b < t.n; b++)
			if (is_first(&t, b, BUILD))
				printf("\tns_%s\tover_floor_%s", t.line[b].field[BUILD], t.line[b].field[BUILD]);
		if (i == 0)
			puts("");
		if (!is_first(&t, i, ROW))
			continue;
		printf("%s\t%s\t%s\t%s", t.line[i].field[ROW], t.line[i].field[RULE], t.line[i].field[NET], t.line[i].field[WEIGHTS]);
		for (int b = 0; b < t.n; b++)
			if (is_first(&t, b, BUILD)) {
				print_median(&t, b, i, NS);
				print_median(&t, b, i, OVER_FLOOR);
			}
		puts("");
	}
	free(t.line);
	return good;
}

/* ---- pairs ---- */

enum { NAME, BEFORE, AFTER, PAIR_FIELDS };

/* before, after and their ratio in all lines of the name of line i, each (t->n) */
struct pairs {
	size_t n;
	double *before, *after, *ratio;
};

static struct pairs pairs_of(const struct table *t, int i)
{
	const size_t most = (size_t)t->n;
	struct pairs p = {0, memory_zeroed(most, sizeof(double)), memory_zeroed(most, sizeof(double)), memory_zeroed(most, sizeof(double))};
	for (int k = 0; k < t->n; k++)
		if (same(t, i, k, NAME)) {
			p.before[p.n] = strtod(t->line[k].field[BEFORE], NULL);
			p.after[p.n] = strtod(t->line[k].field[AFTER], NULL);
			p.ratio[p.n] = p.after[p.n] / p.before[p.n];
			p.n++;
		}
	return p;
}

/* Prints one name's line; true: it became slower. */
static bool print_pairs(const char *name, const struct pairs *p)
{
	const double ratio = gsl_stats_median(p->ratio, 1, p->n), least = gsl_stats_min(p->ratio, 1, p->n),
		     most = gsl_stats_max(p->ratio, 1, p->n);
	const bool slower = ratio > 1.02 && least > 1.0, faster = ratio < 1.0 / 1.02 && most < 1.0;
	printf("%s\t%.2f\t%.2f\t%.3f\t%.3f\t%.3f\t%zu\t%s\n", name, gsl_stats_median(p->before, 1, p->n),
	       gsl_stats_median(p->after, 1, p->n), ratio, least, most, p->n,
	       slower   ? "slower"
	       : faster ? "faster"
			: "same");
	return slower;
}

bool bench_pairs(const char *const *files, int n, bool *slower, struct error *e)
{
	struct table t = {0};
	const bool good = table_read(&t, files, n, PAIR_FIELDS, e);
	if (good)
		puts("row\tbefore\tafter\tratio\tleast\tlargest\tpairs\tverdict");
	for (int i = 0; good && i < t.n; i++) {
		if (!is_first(&t, i, NAME))
			continue;
		const struct pairs p = pairs_of(&t, i);
		*slower |= print_pairs(t.line[i].field[NAME], &p);
		free(p.before);
		free(p.after);
		free(p.ratio);
	}
	free(t.line);
	return good;
}
