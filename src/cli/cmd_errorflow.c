/* cmd_errorflow.c: lstm97 errorflow: how far back error flows, before and after training, as TSV (sections 3.1, A.2). */
#include "cli/cli.h"
#include "run/errorflow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MAX = 1000, SEQUENCES = 8 };

static void print_number(double x)
{
	if (isnan(x))
		printf("\t");
	else
		printf("\t%.6g", x);
}

/* q in steps of about a tenth: 1, 2 ... 10, 12, 13 ... */
static void print_flow(const char *when, const char *gradient, const struct flow *flow)
{
	for (int q = 1; q <= STEPS_MAX; q += 1 + q / 10) {
		if (isnan(flow[q].unit_mean))
			return; /* no sequence is that long */
		printf("%s\t%s\t%d", when, gradient, q);
		print_number(flow[q].unit_mean);
		print_number(flow[q].unit_largest);
		print_number(flow[q].state_mean);
		print_number(flow[q].state_largest);
		print_number(flow[q].bound);
		putchar('\n');
	}
}

static bool measure(const struct conditions *c, uint64_t seed, long budget, const char *when, struct error *e)
{
	static const char *const outcomes[] = {"solved", "unsolved", "diverged"};
	static struct flow flow[STEPS_MAX + 1];
	struct trained t;
	if (!trained_make(&t, c, seed, budget, e))
		return false;
	const bool good = (t.learner->net->type->offers & NET_BACK) ||
			  error_input(e, "errorflow: a %s cannot be gone back through (see lstm97 list rules)", t.learner->net->type->name);
	if (good && budget)
		fprintf(stderr, "lstm97: %s after %ld sequences\n", outcomes[t.outcome], t.sequences);
	if (good && !budget)
		puts("when\tgradient\tq\tunit_mean\tunit_largest\tstate_mean\tstate_largest\tbound");
	for (int truncated = 0; good && truncated < 2; truncated++) {
		errorflow_measure(t.learner, c, seed, SEQUENCES, truncated, STEPS_MAX, flow);
		print_flow(when, truncated ? "truncated" : "full", flow);
	}
	trained_free(&t);
	return good;
}

static int errorflow_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	struct plan plan = {0};
	long seed = 1;
	common_parse(&command_errorflow, TAKES_SET | TAKES_SEED | TAKES_BUDGET, 1, 1, argc, argv, &c);
	const struct request request = {c.words, 1, "1", c.sets, c.sets_n, c.budget};
	bool good = common_number("--seed", c.seed, 1, 1, INT64_MAX, &seed, &e) && common_experiments(&c, &x, &e) &&
		    plan_make(&plan, &x, &request, &e);
	if (good && plan.n != 1)
		good = error_input(&e, "errorflow: %d sets of conditions, expected one row and one value for each --set", plan.n);
	if (good) {
		const struct job *job = &plan.jobs[0];
		good = measure(&job->conditions, (uint64_t)seed, 0, "before", &e);
		if (good && c.budget)
			good = measure(&job->conditions, (uint64_t)seed, job->budget, "after", &e);
	}
	plan_free(&plan);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_errorflow = {"errorflow", "ID [--set key=value] [--budget N]",
					  "how error shrinks on its way back, before (and after) training", errorflow_main};
