/* plan.c: see plan.h. */
#include "run/plan.h"

#include "base/memory.h"
#include "base/number.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS_MAX = 1000000, SWEEP_MAX = 64, VALUES_MAX = 256, DEFAULT_FACTOR = 4 };
static const double BUDGET_MAX = 1e15; /* sequences */

/* ---- seeds ---- */

static bool seed_number(const char **text, uint64_t *seed)
{
	char *end;
	if (**text < '1' || **text > '9')
		return false;
	errno = 0;
	*seed = strtoull(*text, &end, 10);
	*text = end;
	return !errno && *seed <= INT64_MAX;
}

/* "7" or "1-10", at most `most` seeds; *text moves behind it. */
static bool seed_range(const char **text, uint64_t most, uint64_t *first, uint64_t *last)
{
	bool good = seed_number(text, first);
	*last = *first;
	if (good && **text == '-') {
		++*text;
		good = seed_number(text, last);
	}
	return good && *last >= *first && *last - *first < most && (!**text || **text == ',');
}

static int by_seed(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Ascending, each once. */
static int seeds_sort(uint64_t *seeds, int n)
{
	int kept = 1;
	qsort(seeds, (size_t)n, sizeof *seeds, by_seed);
	for (int i = 1; i < n; i++)
		if (seeds[i] != seeds[kept - 1])
			seeds[kept++] = seeds[i];
	return kept;
}

bool plan_seeds(const char *text, uint64_t **seeds, int *n, struct error *e)
{
	size_t capacity = 0;
	uint64_t first, last;
	*seeds = NULL;
	*n = 0;
	for (const char *p = text;; p++) {
		if (!seed_range(&p, (uint64_t)(SEEDS_MAX - *n), &first, &last)) {
			free(*seeds);
			*seeds = NULL;
			return error_input(e,
					   "--seeds: '%.60s' is not a list of seeds, expected numbers from 1 and ranges such as 1-10 or "
					   "1,4,7-9 (at most %d)",
					   text, SEEDS_MAX);
		}
		*seeds = memory_grown(*seeds, &capacity, (size_t)*n + (size_t)(last - first) + 1, sizeof **seeds);
		for (uint64_t s = first; s <= last; s++)
			(*seeds)[(*n)++] = s;
		if (!*p)
			break;
	}
	*n = seeds_sort(*seeds, *n);
	return true;
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

/* "20000" or, *times, "2x". */
static bool budget_parse(const char *text, double *value, bool *times, struct error *e)
{
	char number[40];
	const size_t n = strlen(text);
	*times = n && text[n - 1] == 'x';
	if (n < sizeof number) {
		snprintf(number, sizeof number, "%.*s", (int)(n - *times), text);
		if (number_real(number, value) == NUMBER_GOOD && *value > 0.0 && *value <= BUDGET_MAX &&
		    (*times || *value == floor(*value)))
			return true;
	}
	return error_input(e, "--budget: '%.60s' is neither a number of sequences nor a multiple of the paper's mean such as 2x", text);
}

static bool budget_of(const struct experiment *x, const struct conditions *c, const char *text, long *budget, struct error *e)
{
	double factor = DEFAULT_FACTOR, mean = published_mean(x);
	bool times = true;
	if (text && !budget_parse(text, &factor, &times, e))
		return false;
	if (!times || (!text && c->trial.limit)) {
		*budget = times ? c->trial.limit : (long)factor;
		return true;
	}
	if (mean <= 0.0)
		mean = (double)x->paper.unit;
	if (mean <= 0.0)
		return error_input(e, "--budget: %s has no published mean and no budget_unit; give a number of sequences", x->id);
	if (mean * factor > BUDGET_MAX)
		return error_input(e, "--budget: '%.60s' times the mean of %s, %g, is more than %g", text, x->id, mean, BUDGET_MAX);
	*budget = (long)ceil(mean * factor);
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

/* Could the comma between two values be a decimal one, behind a lone 0? list: one of them is a list with colons. */
static bool is_decimal(const char *before, const char *after, bool *list)
{
	const char *colon = strrchr(before, ':'), *last = colon ? colon + 1 : before;
	*list = colon || strchr(after, ':');
	return !strcmp(last + (*last == '-'), "0") && *after && strchr("0123456789", *after) &&
	       strspn(after, "0123456789:") == strlen(after);
}

/* "rate=0,5" is the values 0 and 5, and hardly what was meant. */
static bool check_commas(const struct sweep *s, struct error *e)
{
	struct conditions any = conditions_defaults();
	void *base;
	const struct parameter *o = conditions_option(&any, s->key, &base);
	for (int i = 1; o && (o->type == OPTION_REAL || o->type == OPTION_LIST) && i < s->n; i++) {
		const char *before = s->value[i - 1], *after = s->value[i];
		bool list;
		if (is_decimal(before, after, &list) && (s->n == 2 || list))
			return error_input(e,
					   "--set: %s=%.40s,%.40s is the two values %.40s and %.40s; decimals are written with a point "
					   "(%.40s.%.40s); for the two values give them the other way round",
					   s->key, before, after, before, after, before, after);
	}
	return true;
}

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
	return check_commas(s, e);
}

struct maker {
	struct plan *plan;
	size_t capacity;
	const struct request *request;
	struct sweep sweep[SWEEP_MAX];
	bool several; /* rows are asked for */
	struct error *e;
};

/* Those asked for, which all jobs share, or as many as the paper has trials. */
static bool add_seeds(const struct plan *plan, struct job *job, struct error *e)
{
	char range[40];
	job->seeds = plan->seeds;
	job->seeds_n = plan->seeds_n;
	if (!plan->seeds) {
		snprintf(range, sizeof range, "1-%ld", job->experiment->paper.trials ? job->experiment->paper.trials : 10);
		if (!plan_seeds(range, &job->seeds, &job->seeds_n, e))
			return false;
	}
	job->state = memory_zeroed((size_t)job->seeds_n, 1);
	job->pending = job->seeds_n;
	return true;
}

/* Conditions that do not combine: does the plan go on without them? */
static bool skip(struct maker *m, const struct experiment *x)
{
	if (!m->request->skipping || !m->several)
		return false;
	if (!m->plan->skipped++) {
		m->plan->first_skipped = *m->e;
		error_at(&m->plan->first_skipped, "%s", x->id);
	}
	*m->e = (struct error){0};
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
		return skip(m, x);
	if (!conditions_check(&job->conditions, &job->weights, m->e) ||
	    !budget_of(x, &job->conditions, m->request->budget, &job->budget, m->e) || !add_seeds(plan, job, m->e))
		return false;
	job->place = plan->n++;
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

/* ---- order ---- */

static int by_identity(const void *a, const void *b)
{
	const struct job *x = a, *y = b;
	const int id = strcmp(x->experiment->id, y->experiment->id), conditions = strcmp(x->canonical, y->canonical);
	return id ? id : conditions ? conditions : x->place - y->place;
}

/* Longest first. */
static int by_expected(const void *a, const void *b)
{
	const struct job *x = a, *y = b;
	return x->expected == y->expected ? x->place - y->place : x->expected < y->expected ? 1 : -1;
}

static void job_free(const struct plan *plan, struct job *job)
{
	free(job->set);
	if (job->seeds != plan->seeds)
		free(job->seeds);
	free(job->state);
}

/* Of jobs that were asked for twice the first stays. */
static void drop_repeated(struct plan *plan)
{
	int kept = 0;
	qsort(plan->jobs, (size_t)plan->n, sizeof *plan->jobs, by_identity);
	for (int i = 0; i < plan->n; i++) {
		const struct job *last = kept ? &plan->jobs[kept - 1] : NULL, *job = &plan->jobs[i];
		if (last && last->experiment == job->experiment && !strcmp(last->canonical, job->canonical))
			job_free(plan, &plan->jobs[i]);
		else
			plan->jobs[kept++] = *job;
	}
	plan->n = kept;
}

static bool has_seed(const struct job *job, uint64_t seed)
{
	return bsearch(&seed, job->seeds, (size_t)job->seeds_n, sizeof seed, by_seed) != NULL;
}

/* Leaves a job the trials that another one does not have. Seeds that are the plan's are the same in both. */
static void leave_to(struct job *job, const struct job *other)
{
	int kept = 0;
	if (job->seeds_n != other->seeds_n || memcmp(job->seeds, other->seeds, (size_t)job->seeds_n * sizeof *job->seeds))
		for (int i = 0; i < job->seeds_n; i++)
			if (!has_seed(other, job->seeds[i]))
				job->seeds[kept++] = job->seeds[i];
	job->seeds_n = job->pending = kept;
}

/* Jobs of the same conditions next to each other, in them the largest budget first. */
static int by_set(const void *a, const void *b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;
	const int set = strcmp(x->set, y->set);
	if (set || x->budget == y->budget)
		return set ? set : x->place - y->place;
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

/* A job among those whose trials may share groups with its own. */
struct kin {
	uint64_t hash;
	struct job *job;
};

static int by_hash(const void *a, const void *b)
{
	const struct kin *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->job > y->job) - (x->job < y->job);
}

static bool share_groups(const struct job *a, const struct job *b)
{
	return a->budget == b->budget && conditions_share_group(&a->conditions, &b->conditions);
}

/* Job i follows the last before it that it shares groups with. */
static void join(struct plan *plan, const struct kin *kin, int i)
{
	struct job *job = kin[i].job;
	int k = i - 1;
	while (k >= 0 && kin[k].hash == kin[i].hash && !share_groups(kin[k].job, job))
		k--;
	if (k >= 0 && kin[k].hash == kin[i].hash) {
		job->family = kin[k].job->family;
		kin[k].job->follower = job;
	} else {
		job->family = (int)(job - plan->jobs);
	}
}

static void find_families(struct plan *plan)
{
	struct kin *kin = memory_zeroed((size_t)plan->n, sizeof *kin);
	for (int i = 0; i < plan->n; i++)
		kin[i] = (struct kin){conditions_group_hash(&plan->jobs[i].conditions), &plan->jobs[i]};
	qsort(kin, (size_t)plan->n, sizeof *kin, by_hash);
	for (int i = 0; i < plan->n; i++)
		join(plan, kin, i);
	free(kin);
}

static void put_in_order(struct plan *plan)
{
	drop_repeated(plan);
	share_trials(plan);
	qsort(plan->jobs, (size_t)plan->n, sizeof *plan->jobs, by_expected);
	find_families(plan);
	for (int i = 0; i < plan->n; i++)
		for (int k = 0; k < LIST_MAX; k++)
			plan->jobs[i].name[k] = plan->jobs[i].names[k];
}

bool plan_make(struct plan *plan, const struct experiments *x, const struct request *r, struct error *e)
{
	struct maker *m = memory_zeroed(1, sizeof *m);
	*plan = (struct plan){0};
	m->plan = plan;
	m->request = r;
	m->e = e;
	bool good = (!r->seeds || plan_seeds(r->seeds, &plan->seeds, &plan->seeds_n, e)) && make(m, x);
	if (good && !plan->n && plan->skipped) {
		*e = plan->first_skipped;
		good = false;
	}
	for (int i = 0; i < SWEEP_MAX; i++)
		free(m->sweep[i].text);
	free(m);
	if (!good)
		plan_free(plan);
	else if (plan->n)
		put_in_order(plan);
	return good;
}

void plan_free(struct plan *plan)
{
	for (int i = 0; i < plan->n; i++)
		job_free(plan, &plan->jobs[i]);
	free(plan->jobs);
	free(plan->seeds);
	*plan = (struct plan){0};
}

int job_seed(const struct job *job, uint64_t seed)
{
	const uint64_t *place = bsearch(&seed, job->seeds, (size_t)job->seeds_n, sizeof seed, by_seed);
	assert(place);
	return (int)(place - job->seeds);
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
