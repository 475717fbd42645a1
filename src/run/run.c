/* run.c: see run.h. */
#include "run/run.h"

#include "base/memory.h"
#include "run/identity.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum seed_state { SEED_PENDING, SEED_RUNNING, SEED_DONE, SEED_ELSEWHERE };

struct run {
	struct plan *plan;
	struct store *store;
	const struct run_calls *calls;
	pthread_mutex_t lock; /* guards everything below but the atomics */
	pthread_cond_t idle;  /* a worker has ended */
	int workers;          /* still running */
	atomic_bool stop;
	atomic_long steps;
	struct progress progress;
	double ended; /* trial-steps of the trials that have ended */
	struct error error;
};

/* One group's view of the run. */
struct assignment {
	struct run *run;
	int family;
	int asked; /* how often it has asked for a trial: at first once for every lane */
	struct job *job[LANES];
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(struct run *run)
{
	atomic_store(&run->stop, true);
}

/* Claims a trial of the job; false: it has none left, or the store failed. The lock is held. */
static bool claim(struct run *run, struct job *job, uint64_t *seed)
{
	const struct store_conditions c = job_store_conditions(job);
	bool taken = false;
	while (job->next < job->seeds_n && !taken && !atomic_load(&run->stop)) {
		const int i = job->next;
		if (job->state[i] != SEED_PENDING) {
			job->next++;
			continue;
		}
		if (!store_claim(run->store, &c, job->seeds[i], job->budget, &taken, &run->error)) {
			fail(run);
			break;
		}
		job->state[i] = taken ? SEED_RUNNING : SEED_ELSEWHERE;
		job->pending--;
		job->running += taken;
		*seed = job->seeds[i];
	}
	return taken;
}

/* A lane asks for its next trial. */
static bool take(void *to, int l, uint64_t *seed, double *rate)
{
	struct assignment *a = to;
	struct run *run = a->run;
	bool taken = false;
	pthread_mutex_lock(&run->lock);
	if (++a->asked == LANES)
		run->plan->jobs[a->family].filling--;
	for (struct job *job = &run->plan->jobs[a->family]; job && !taken; job = job->follower) {
		if (!claim(run, job, seed))
			continue;
		a->job[l] = job;
		*rate = job->conditions.rule.rate;
		taken = true;
	}
	pthread_mutex_unlock(&run->lock);
	return taken;
}

static void done(void *to, const struct result *result)
{
	const struct assignment *a = to;
	struct run *run = a->run;
	struct job *job = a->job[result->lane];
	const struct store_conditions c = job_store_conditions(job);
	pthread_mutex_lock(&run->lock);
	if (run->error.kind == ERROR_NONE && !store_trial(run->store, &c, result, &run->error))
		fail(run);
	job->state[job_seed(job, result->seed)] = SEED_DONE;
	job->running--;
	run->ended += (double)result->steps;
	run->progress.done++;
	run->progress.solved += result->outcome == OUTCOME_SOLVED;
	run->progress.experiment = job->experiment->id;
	pthread_mutex_unlock(&run->lock);
}

static int pending(const struct job *first)
{
	int n = 0;
	for (const struct job *job = first; job; job = job->follower)
		n += job->pending;
	return n;
}

/* The next job whose family has trials that no group has, nor is about to take: two half-filled groups cost as much as two full
   ones. */
static struct job *next_job(struct run *run)
{
	struct job *found = NULL;
	pthread_mutex_lock(&run->lock);
	for (int i = 0; i < run->plan->n && !found && !atomic_load(&run->stop); i++)
		if (run->plan->jobs[i].family == i && pending(&run->plan->jobs[i]) > run->plan->jobs[i].filling * LANES)
			found = &run->plan->jobs[i];
	if (found) {
		found->filling++;
		run->progress.groups++;
	}
	pthread_mutex_unlock(&run->lock);
	return found;
}

static void *worker(void *to)
{
	struct run *run = to;
	struct job *job;
	while ((job = next_job(run))) {
		struct assignment a = {.run = run, .family = job->family};
		const struct group_calls calls = {.to = &a, .take = take, .done = done, .steps = &run->steps, .stop = &run->stop};
		group_run(&job->conditions, job->budget, &calls);
	}
	pthread_mutex_lock(&run->lock);
	run->workers--;
	pthread_cond_signal(&run->idle);
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* Marks what the database already has; returns the number of missing trials (-1: stopped, or the store failed). */
static long find_missing(struct run *run)
{
	long missing = 0;
	run->progress.elsewhere = 0;
	for (int i = 0; i < run->plan->n; i++) {
		struct job *job = &run->plan->jobs[i];
		const struct store_conditions c = job_store_conditions(job);
		job->next = job->pending = job->running = 0;
		for (int k = 0; k < job->seeds_n; k++) {
			bool is_missing;
			if (atomic_load(run->calls->stop))
				return -1;
			if (!store_is_missing(run->store, &c, job->seeds[k], job->budget, &is_missing, &run->error))
				return -1;
			run->progress.elsewhere += is_missing && job->state[k] == SEED_ELSEWHERE;
			job->state[k] = is_missing ? SEED_PENDING : SEED_DONE;
			job->pending += is_missing;
		}
		missing += job->pending;
	}
	return missing;
}

struct left run_left(const struct plan *plan, double running)
{
	struct left left = {0};
	for (int i = 0; i < plan->n; i++) {
		const struct job *job = &plan->jobs[i];
		const int n = job->pending + job->running;
		left.expected += n * job->expected;
		left.most += n * (double)job->budget * (double)job->length;
	}
	left.expected = fmax(left.expected - running, 0.0);
	left.most = fmax(left.most - running, 0.0);
	return left;
}

/* Tells progress and keeps claims alive until all workers have ended. The lock is held. */
static void watch(struct run *run)
{
	double before = now(), heartbeat = before;
	long steps_before = atomic_load(&run->steps);
	while (run->workers) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 500000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&run->idle, &run->lock, &until);
		if (atomic_load(run->calls->stop))
			atomic_store(&run->stop, true);
		const double t = now();
		if (t - before < 0.4)
			continue;
		if (t - heartbeat > STORE_CLAIM_SECONDS / 4.0) {
			if (run->error.kind == ERROR_NONE && !store_heartbeat(run->store, &run->error))
				fail(run);
			heartbeat = t;
		}
		const long steps = atomic_load(&run->steps);
		struct progress *p = &run->progress;
		p->steps_per_second = (double)(steps - steps_before) / (t - before);
		const struct left left = run_left(run->plan, (double)steps - run->ended);
		p->seconds_left = p->steps_per_second > 0.0 ? left.expected / p->steps_per_second : -1.0;
		p->seconds_most = p->steps_per_second > 0.0 ? left.most / p->steps_per_second : -1.0;
		before = t;
		steps_before = steps;
		run->calls->progress(run->calls->to, p);
	}
}

/* One round over everything that is pending. */
static void run_round(struct run *run, int threads)
{
	pthread_t *thread = memory_zeroed((size_t)threads, sizeof *thread);
	int started = 0;
	pthread_mutex_lock(&run->lock);
	while (started < threads && pthread_create(&thread[started], NULL, worker, run) == 0)
		started++;
	run->workers = started;
	if (!started) {
		error_environment(&run->error, "cannot start a thread; run with a smaller --jobs");
		fail(run);
	}
	watch(run);
	pthread_mutex_unlock(&run->lock);
	for (int i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	free(thread);
}

/* Waits for other processes' trials: a second or two between looks. */
static void wait_elsewhere(struct run *run)
{
	for (int i = 0; i < 4 && !atomic_load(run->calls->stop); i++) {
		const struct timespec half = {.tv_nsec = 500000000};
		nanosleep(&half, NULL);
		run->calls->progress(run->calls->to, &run->progress);
	}
	if (atomic_load(run->calls->stop))
		atomic_store(&run->stop, true);
}

/* Are all trials there? missing: when they were last counted. */
static bool is_complete(const struct run *run, long missing)
{
	for (int i = 0; missing > 0 && i < run->plan->n; i++) {
		const struct job *job = &run->plan->jobs[i];
		for (int k = 0; k < job->seeds_n; k++)
			if (job->state[k] != SEED_DONE)
				return false;
	}
	return missing >= 0;
}

/* Of the plan's rows, each once. */
static bool tell_unused(struct run *run)
{
	const struct plan *plan = run->plan;
	const struct experiment **rows = memory_zeroed((size_t)plan->n, sizeof *rows);
	int n = 0;
	for (int i = 0; i < plan->n; i++) {
		int k = 0;
		while (k < n && rows[k] != plan->jobs[i].experiment)
			k++;
		rows[k] = plan->jobs[i].experiment;
		n += k == n;
	}
	const bool good = !run->calls->unused || identity_unused(rows, n, run->store, run->calls->unused, run->calls->to, &run->error);
	free(rows);
	return good;
}

bool run_plan(struct plan *plan, const struct experiments *x, struct store *store, int threads, const struct run_calls *calls,
	      bool *stopped, struct error *e)
{
	struct run run = {
	    .plan = plan, .store = store, .calls = calls, .lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};
	run.progress.seconds_left = run.progress.seconds_most = -1.0;
	bool good = run_describe(x, plan, store, &run.error) && tell_unused(&run);
	long missing = good ? find_missing(&run) : -1;
	run.progress.trials = missing > 0 ? missing : 0;
	while (missing > 0 && !atomic_load(&run.stop) && run.error.kind == ERROR_NONE) {
		run_round(&run, threads);
		if (atomic_load(&run.stop) || run.error.kind != ERROR_NONE)
			break;
		missing = find_missing(&run);
		if (missing > 0)
			wait_elsewhere(&run);
	}
	struct error ignored = {0};
	store_release(store, &ignored);
	*stopped = atomic_load(calls->stop) && !is_complete(&run, missing);
	run.progress.last = true;
	if (missing >= 0)
		calls->progress(calls->to, &run.progress);
	*e = run.error;
	return run.error.kind == ERROR_NONE;
}

/* ---- what the database says of each experiment ---- */

struct described {
	struct store_published *all;
	size_t capacity;
	int n;
	char names[LIST_MAX][MILESTONE_MAX];
	int milestones;
};

static void describe(struct described *d, const char *milestone, const char *quantity, double value)
{
	d->all = memory_grown(d->all, &d->capacity, (size_t)d->n + 1, sizeof *d->all);
	d->all[d->n++] = (struct store_published){.milestone = milestone, .quantity = quantity, .value = value};
}

static void describe_list(struct described *d, const char *quantity, const struct list *list)
{
	for (int i = 0; i < list->n; i++)
		describe(d, d->names[published_milestone(i, list->n, d->milestones)], quantity, list->v[i]);
}

static bool describe_row(const struct experiment *row, struct store *store, struct error *e)
{
	const struct conditions *c = &row->literal;
	const struct published *p = &row->paper;
	struct described d = {.milestones = conditions_milestones(c)};
	for (int i = 0; i < d.milestones; i++)
		conditions_milestone_name(c, i, d.names[i], sizeof d.names[i]);
	if (p->trials)
		describe(&d, "", "trials", (double)p->trials);
	if (p->success >= 0.0)
		describe(&d, "", "success", p->success);
	for (int i = 0; i < p->reached.n; i++)
		describe(&d, d.names[published_milestone(i, p->reached.n, d.milestones - 1)], "success", p->reached.v[i]);
	if (p->quoted)
		describe(&d, "", "quoted", 1.0);
	if (p->range.n == 2) {
		describe(&d, "", "range_low", p->range.v[0]);
		describe(&d, "", "range_high", p->range.v[1]);
	}
	describe_list(&d, "sequences", &p->sequences);
	describe_list(&d, "wrong", &p->wrong);
	describe_list(&d, "fraction", &p->fraction);
	describe_list(&d, "error", &p->error);
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	const struct store_experiment x = {
	    .id = row->id,
	    .title = row->title,
	    .paper_table = p->table,
	    .task = task_types[c->task.task]->name,
	    .net = conditions_net_name(c),
	    .rule = conditions_rule_name(c),
	    .weights = row->weights,
	    .lag = shape.lag,
	    .length = shape.length,
	    .published = d.all,
	    .published_n = d.n,
	};
	const bool good = store_experiment(store, &x, e);
	free(d.all);
	return good;
}

bool run_describe(const struct experiments *x, const struct plan *plan, struct store *store, struct error *e)
{
	for (int i = 0; i < x->n; i++)
		if (!describe_row(&x->all[i], store, e))
			return false;
	return identity_resolve(x, plan, store, NULL, e);
}
