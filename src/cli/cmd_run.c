/* cmd_run.c: lstm97 run: computes what is missing.
   Does: options, progress on stderr (a live line on a terminal, plain lines otherwise), Ctrl-C. */
#include "base/memory.h"
#include "cli/cli.h"
#include "run/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_bool interrupted;

static void on_signal(int number)
{
	(void)number;
	atomic_store(&interrupted, true);
}

struct show {
	bool terminal;
	long calls;
};

static void print_time(char *text, size_t size, double seconds)
{
	if (seconds < 0.0)
		snprintf(text, size, "?");
	else if (seconds < 90.0)
		snprintf(text, size, "%.0f s", seconds);
	else if (seconds < 5400.0)
		snprintf(text, size, "%.0f min", seconds / 60.0);
	else
		snprintf(text, size, "%.1f h", seconds / 3600.0);
}

/* "about 3 min, at most 40 min left" */
static void print_left(const struct progress *p)
{
	char about[32], most[32];
	print_time(about, sizeof about, p->seconds_left);
	print_time(most, sizeof most, p->seconds_most);
	const bool known = p->seconds_left > 0.0 || p->seconds_most <= 0.0,
		   alike = p->seconds_left < 0.0 || p->seconds_most <= 1.1 * p->seconds_left;
	if (known)
		fprintf(stderr, "about %s%s", about, alike ? "" : ", ");
	if (!known || !alike)
		fprintf(stderr, "at most %s", most);
	fputs(" left", stderr);
}

static void print_end(const struct progress *p)
{
	if (p->trials)
		fprintf(stderr, "lstm97: %ld of %ld missing trials computed, %ld solved\n", p->done, p->trials, p->solved);
	else
		fputs("lstm97: nothing is missing\n", stderr);
}

static void progress(void *to, const struct progress *p)
{
	struct show *show = to;
	const long every = show->terminal ? 1 : 120; /* calls come twice a second */
	if (show->terminal)
		fputs("\r\033[K", stderr);
	if (p->last)
		print_end(p);
	if (p->last || show->calls++ % every != 0)
		return;
	fprintf(stderr, "%s%ld of %ld trials, %ld solved, %.1f million steps/s, ", show->terminal ? "" : "lstm97: ", p->done, p->trials,
		p->solved, p->steps_per_second / 1e6);
	print_left(p);
	if (p->elsewhere)
		fprintf(stderr, ", %ld in another process", p->elsewhere);
	if (p->experiment)
		fprintf(stderr, " (%s)", p->experiment);
	if (!show->terminal)
		fputc('\n', stderr);
	fflush(stderr);
}

static int run(const struct common *c, struct experiments *x, struct plan *plan, struct error *e)
{
	const struct request request = {c->words, c->words_n, c->seeds, c->sets, c->sets_n, c->budget, false};
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	long threads;
	memory_advise("run with a smaller --jobs or close other programs");
	if (!common_number("--jobs", c->jobs, cores > 0 ? cores : 1, 1, 1024, &threads, e) || !common_experiments(c, x, e) ||
	    !plan_make(plan, x, &request, e))
		return common_failed(e);
	struct store *store = store_open(c->db, STORE_WRITE, e);
	if (!store)
		return common_failed(e);
	struct show show = {.terminal = isatty(STDERR_FILENO)};
	const struct run_calls calls = {&show, progress, &interrupted, common_unused};
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* a second Ctrl-C ends at once */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	bool stopped;
	const bool good = run_plan(plan, x, store, (int)threads, &calls, &stopped, e);
	store_close(store);
	if (!good)
		return common_failed(e);
	if (stopped) {
		fputs("lstm97: interrupted; finished trials are stored, the same command goes on from there\n", stderr);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static int run_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct plan plan = {0};
	struct error e = {0};
	common_parse(&command_run, TAKES_DB | TAKES_SEEDS | TAKES_SET | TAKES_BUDGET | TAKES_JOBS, 1, 256, argc, argv, &c);
	const int code = run(&c, &x, &plan, &e);
	plan_free(&plan);
	experiments_free(&x);
	return code;
}

const struct command command_run = {"run", "ID... [--seeds 1-10] [--set key=v1,v2]...", "compute the trials that are missing", run_main};
