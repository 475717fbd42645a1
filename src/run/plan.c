/* plan.c: see plan.h. */
#include "run/plan.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS_MAX = 1000000, SWEEP_MAX = 64, VALUES_MAX = 256, DEFAULT_FACTOR = 4 };

/* ---- seeds ---- */

static bool seed_number(const char **text, uint64_t *seed)
{
	char *end;
	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*seed = strtoull(*text, &end, 10);
	*text = end;
	return !errno && *seed >= 1 && *seed <= INT64_MAX;
}

bool plan_seeds(const char *text, uint64_t **seeds, int *n, struct error *e)
{
	size_t capacity = 0;
	const char *p = text;
	*seeds = NULL;
	*n = 0;
	for (;;) {
		uint64_t first, last;
		bool good = seed_number(&p, &first);
		last = first;
		if (good && *p == '-') {
			p++;
			good = seed_number(&p, &last);
		}
		if (!good || last < first || (*p && *p != ',') || last - first >= (uint64_t)(SEEDS_MAX - *n)) {
			free(*seeds);
			*seeds = NULL;
			return error_input(e,
					   "--seeds: '%.60s' is not a list of seeds, expected numbers from 1 and ranges such as 1-10 or "
					   "1,4,7-9 (at most %d)",
					   text, SEEDS_MAX);
		}
		for (uint64_t s = first; s <= last; s++) {
			*seeds = memory_grown(*seeds, &capacity, (size_t)*n + 1, sizeof **seeds);
			bool known = false;
			for (int i = 0; i < *n && last - first < 1000 && *n < 1000; i++)
				known |= (*seeds)[i] == s;
			if (!known)
				(*seeds)[(*n)++] = s;
		}
		if (!*p)
			return true;
		p++;
	}
}

/* ---- rows ---- */

bool plan_rows(const struct experiments *x, const char *id, const struct experiment **rows, int *n, struct error *e)
{
	const size_t length = strlen(id);
	*n = 0;
	struct error none = {0};
	const struct experiment *row = experiments_find(x, id, &none);
	if (row) {
		rows[(*n)++] = row;
		return true;
	}
	for (int i = 0; i < x->n; i++) {
		const char *name = x->all[i].id;
		const bool part = length && !strncmp(name, id, length) && name[length] == '-';
		if (part || !strcmp(id, "all"))
			rows[(*n)++] = &x->all[i];
	}
	if (!*n)
		experiments_find(x, id, e); /* for its message */
	return *n > 0;
}

/* ---- budgets ---- */

/* The paper's mean number of sequences to the last stop; 0: not published. */
static double published_mean(const struct experiment *x)
{
	double largest = 0.0;
	for (int i = 0; i < x->paper.sequences.n; i++)
		largest = fmax(largest, x->paper.sequences.v[i]);
	return largest;
}

static bool budget_of(const struct experiment *x, const struct conditions *c, const char *text, long *budget, struct error *e)
{
	char *end = NULL;
	double value = text ? strtod(text, &end) : 0.0;
	const bool times = text && end > text && !strcmp(end, "x");
	if (text && (end == text || (*end && !times) || !(value > 0.0) || !(value <= 1e15)))
		return error_input(e, "--budget: '%.60s' is neither a number of sequences nor a multiple of the paper's mean such as 2x",
				   text);
	if (text && !times) {
		*budget = (long)ceil(value);
		return true;
	}
	if (!text && c->trial.limit) {
		*budget = c->trial.limit;
		return true;
	}
	double mean = published_mean(x);
	if (mean <= 0.0)
		mean = (double)x->paper.unit;
	if (mean <= 0.0)
		return error_input(e, "--budget: %s has no published mean and no budget_unit; give a number of sequences", x->id);
	*budget = (long)ceil(mean * (text ? value : DEFAULT_FACTOR));
	return true;
}

/* ---- sweeps ---- */

/* key=v1,v2,...: split in place. */
struct sweep {
	char *text;
	const char *key;
	const char *value[VALUES_MAX];
	int n;
};

static bool sweep_parse(struct sweep *s, const char *text, struct error *e)
{
	s->text = memory_text(text);
	s->n = 0;
	char *value = strchr(s->text, '=');
	if (!value || value == s->text || !value[1])
		return error_input(e, "--set: '%.60s', expected key=value or key=value1,value2,...", text);
	*value++ = '\0';
	s->key = s->text;
	for (char *next; value; value = next) {
		next = strchr(value, ',');
		if (next)
			*next++ = '\0';
		if (s->n == VALUES_MAX)
			return error_input(e, "--set: more than %d values for %s", VALUES_MAX, s->key);
		s->value[s->n++] = value;
	}
	return true;
}

struct maker {
	struct plan *plan;
	size_t capacity;
	const struct request *request;
	struct sweep sweep[SWEEP_MAX];
	bool several; /* rows are asked for */
	struct error *e;
};

static bool add_seeds(struct job *job, const char *text, struct error *e)
{
	char range[40];
	if (!text) {
		snprintf(range, sizeof range, "1-%ld", job->experiment->paper.trials ? job->experiment->paper.trials : 10);
		text = range;
	}
	if (!plan_seeds(text, &job->seeds, &job->seeds_n, e))
		return false;
	job->state = memory_zeroed((size_t)job->seeds_n, 1);
	return true;
}

static bool add_job(struct maker *m, const struct experiment *x, struct setting *settings)
{
	struct plan *plan = m->plan;
	plan->jobs = memory_grown(plan->jobs, &m->capacity, (size_t)plan->n + 1, sizeof *plan->jobs);
	struct job *job = &plan->jobs[plan->n];
	*job = (struct job){.experiment = x, .reading = "literal"};
	const int n = m->request->sets_n;
	for (int i = 0; i < n; i++)
		if (!strcmp(settings[i].key, "reading") && !strcmp(settings[i].value, "closest")) {
			if (x->deviations)
				job->reading = "closest";
			else if (m->several || m->sweep[i].n > 1)
				settings[i].value = "literal"; /* as close as it gets */
		}
	if (!experiment_resolve(x, settings, n, &job->conditions, job->canonical, m->e))
		return false;
	for (int i = 0; i < plan->n; i++)
		if (plan->jobs[i].experiment == x && !strcmp(plan->jobs[i].canonical, job->canonical))
			return true; /* asked for twice */
	if (!conditions_check(&job->conditions, &job->weights, m->e) ||
	    !budget_of(x, &job->conditions, m->request->budget, &job->budget, m->e) || !add_seeds(job, m->request->seeds, m->e))
		return false;
	plan->n++;
	job->set = conditions_text(&job->conditions);
	const struct task_shape shape = task_types[job->conditions.task.task]->shape(&job->conditions.task);
	job->lag = shape.lag;
	job->length = shape.length;
	for (int i = 0; i < conditions_milestones(&job->conditions); i++)
		conditions_milestone_name(&job->conditions, i, job->names[i], sizeof job->names[i]);
	const double mean = published_mean(x);
	job->expected = fmin((double)job->budget, mean > 0.0 ? mean : (double)job->budget) * (double)shape.length;
	return true;
}

/* Cross product over all --set: counts like an odometer. */
static bool add_row(struct maker *m, const struct experiment *x)
{
	const int n = m->request->sets_n;
	int at[SWEEP_MAX] = {0};
	for (;;) {
		struct setting settings[SWEEP_MAX];
		for (int i = 0; i < n; i++)
			settings[i] = (struct setting){m->sweep[i].key, m->sweep[i].value[at[i]]};
		if (!add_job(m, x, settings))
			return false;
		int i = 0;
		while (i < n && ++at[i] == m->sweep[i].n)
			at[i++] = 0;
		if (i == n)
			return true;
	}
}

static int by_expected(const void *a, const void *b)
{
	const double x = ((const struct job *)a)->expected, y = ((const struct job *)b)->expected;
	return (x < y) - (x > y);
}

static bool share_groups(const struct job *a, const struct job *b)
{
	return a->budget == b->budget && conditions_share_group(&a->conditions, &b->conditions);
}

static bool has_seed(const struct job *job, uint64_t seed)
{
	for (int i = 0; i < job->seeds_n; i++)
		if (job->seeds[i] == seed)
			return true;
	return false;
}

/* Leaves a job the trials that another one does not have. */
static void leave_to(struct job *job, const struct job *other)
{
	int kept = 0;
	if (job->seeds_n != other->seeds_n || memcmp(job->seeds, other->seeds, (size_t)job->seeds_n * sizeof *job->seeds))
		for (int i = 0; i < job->seeds_n; i++)
			if (!has_seed(other, job->seeds[i]))
				job->seeds[kept++] = job->seeds[i];
	job->seeds_n = kept;
}

/* Jobs of the same conditions next to each other, in them the largest budget first. */
static int by_set(const void *a, const void *b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;
	const int set = strcmp(x->set, y->set);
	if (set || x->budget == y->budget)
		return set ? set : (x > y) - (x < y);
	return x->budget > y->budget ? -1 : 1;
}

/* Jobs of the same conditions by different names share their trials: the one of the largest budget has them. */
static void share_trials(struct plan *plan)
{
	struct job **jobs = memory_zeroed((size_t)plan->n, sizeof(struct job *));
	for (int i = 0; i < plan->n; i++)
		jobs[i] = &plan->jobs[i];
	qsort(jobs, (size_t)plan->n, sizeof(struct job *), by_set);
	for (int i = 0; i < plan->n; i++)
		for (int k = i - 1; k >= 0 && !strcmp(jobs[k]->set, jobs[i]->set); k--)
			leave_to(jobs[i], jobs[k]);
	free(jobs);
}

static bool make(struct maker *m, const struct experiments *x)
{
	const struct request *r = m->request;
	if (r->sets_n > SWEEP_MAX)
		return error_input(m->e, "--set: given more than %d times", SWEEP_MAX);
	for (int i = 0; i < r->sets_n; i++) {
		if (!sweep_parse(&m->sweep[i], r->sets[i], m->e))
			return false;
		for (int j = 0; j < i; j++)
			if (!strcmp(m->sweep[i].key, m->sweep[j].key))
				return error_input(m->e, "--set: %s is given twice; write %s=value1,value2", m->sweep[i].key,
						   m->sweep[i].key);
	}
	const struct experiment **rows = memory_zeroed((size_t)x->n, sizeof *rows);
	bool good = true;
	for (int i = 0; good && i < r->ids_n; i++) {
		int n;
		good = plan_rows(x, r->ids[i], rows, &n, m->e);
		m->several = r->ids_n > 1 || n > 1;
		for (int j = 0; good && j < n; j++)
			good = add_row(m, rows[j]);
	}
	free(rows);
	return good;
}

bool plan_make(struct plan *plan, const struct experiments *x, const struct request *r, struct error *e)
{
	struct maker *m = memory_zeroed(1, sizeof *m);
	*plan = (struct plan){0};
	m->plan = plan;
	m->request = r;
	m->e = e;
	const bool good = make(m, x);
	for (int i = 0; i < SWEEP_MAX; i++)
		free(m->sweep[i].text);
	free(m);
	if (!good) {
		plan_free(plan);
		return false;
	}
	share_trials(plan);
	if (plan->n)
		qsort(plan->jobs, (size_t)plan->n, sizeof *plan->jobs, by_expected);
	for (int i = 0; i < plan->n; i++) {
		struct job *job = &plan->jobs[i];
		for (int k = 0; k < LIST_MAX; k++)
			job->name[k] = job->names[k];
		while (job->family < i && !(plan->jobs[job->family].family == job->family && share_groups(&plan->jobs[job->family], job)))
			job->family++;
	}
	return true;
}

void plan_free(struct plan *plan)
{
	for (int i = 0; i < plan->n; i++) {
		free(plan->jobs[i].set);
		free(plan->jobs[i].seeds);
		free(plan->jobs[i].state);
	}
	free(plan->jobs);
	*plan = (struct plan){0};
}

struct store_conditions job_store_conditions(const struct job *job)
{
	const struct conditions *c = &job->conditions;
	return (struct store_conditions){
	    .experiment = job->experiment->id,
	    .conditions = job->canonical,
	    .reading = job->reading,
	    .set = job->set,
	    .task = task_types[c->task.task]->name,
	    .net = conditions_net_name(c),
	    .rule = conditions_rule_name(c),
	    .lag = job->lag,
	    .length = job->length,
	    .weights = job->weights,
	    .rate = c->rule.rate,
	    .milestone_names = job->name,
	};
}
