/* cmd_errorflow.c: lstm97 errorflow: how far back error flows, before and after training, as TSV (sections 3.1, 3.2, A.2).
   factors: by which an error is scaled over q steps; share: of the gradient that comes from more than q steps back; drift: of
   the cells' states, in sequences of several lags; slope: of one unit and one weight, for which no row is needed. A line per
   measured number and seed. */
#include "base/memory.h"
#include "cli/cli.h"
#include "run/errorflow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 1000, SEQUENCES = 8, SHARE_SEQUENCES = 32 };

static void print_number(double x)
{
	if (isnan(x))
		printf("\t");
	else
		printf("\t%.6g", x);
}

/* A net that is measured. */
struct measured {
	struct learner *learner;
	const struct conditions *c;
	uint64_t seed;
	const char *when, *outcome; /* before or after training; what came of it */
};

static void end_line(const struct measured *of)
{
	printf("\t%ju\t%s\n", (uintmax_t)of->seed, of->outcome);
}

/* ---- what can be measured in a net: each prints its lines ---- */

/* q in steps of about a tenth: 1, 2 ... 10, 12, 13 ... */
static int next_q(int q)
{
	return q + 1 + q / 10;
}

static void factors(const struct measured *of)
{
	static struct flow flow[STEPS_MAX + 1];
	for (int truncated = 0; truncated < 2; truncated++) {
		errorflow_measure(of->learner, of->c, of->seed, SEQUENCES, truncated, STEPS_MAX, flow);
		for (int q = 1; q <= STEPS_MAX && !isnan(flow[q].unit_mean); q = next_q(q)) { /* no sequence is longer */
			printf("%s\t%s\t%d", of->when, truncated ? "truncated" : "full", q);
			print_number(flow[q].unit_mean);
			print_number(flow[q].unit_largest);
			print_number(flow[q].state_mean);
			print_number(flow[q].state_largest);
			print_number(flow[q].bound);
			end_line(of);
		}
	}
}

static void share(const struct measured *of)
{
	static double of_all[STEPS_MAX + 1];
	for (int truncated = 0; truncated < 2; truncated++) {
		errorflow_share(of->learner, of->c, of->seed, SHARE_SEQUENCES, truncated, STEPS_MAX, of_all);
		for (int q = 0; q <= STEPS_MAX && (!q || !isnan(of_all[q])); q = q ? next_q(q) : 1) { /* q = 0 also without a gradient */
			printf("%s\t%s\t%d", of->when, truncated ? "truncated" : "full", q);
			print_number(of_all[q]);
			end_line(of);
		}
	}
}

/* The same net in shorter and longer sequences. */
static void drift(const struct measured *of)
{
	static const long lengths[] = {10, 20, 50, 100, 200, 500, 1000};
	const struct task_type *task = task_types[of->c->task.task];
	long lag = 0;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct conditions longer = *of->c;
		struct error none = {0};
		struct drift d;
		longer.task.T = lengths[i];
		if (!task_check(&longer.task, &none) || task->shape(&longer.task).lag == lag)
			continue; /* not possible so short, or the task does not ask for T */
		lag = task->shape(&longer.task).lag;
		errorflow_drift(of->learner, &longer, of->seed, SEQUENCES, &d);
		printf("%s\t%ld", of->when, lag);
		print_number(d.mean);
		print_number(d.largest);
		print_number(d.entry);
		end_line(of);
	}
}

/* Has the net as many inputs at every T? */
static bool any_length(const struct conditions *c, const struct net *net, struct error *e)
{
	struct conditions longer = *c;
	longer.task.T++;
	return task_types[c->task.task]->shape(&longer.task).in == net->in ||
	       error_input(e, "errorflow drift: the number of inputs depends on T, so that a net knows one length only");
}

static const struct mode {
	const char *name, *header;
	void (*print)(const struct measured *of);
	enum errorflow what;
} modes[] = {
    {"factors", "when\tgradient\tq\tunit_mean\tunit_largest\tstate_mean\tstate_largest\tbound\tseed\toutcome", factors, ERRORFLOW_FACTORS},
    {"share", "when\tgradient\tq\tshare\tseed\toutcome", share, ERRORFLOW_SHARE},
    {"drift", "when\tlag\tmean\tlargest\tentry\tseed\toutcome", drift, ERRORFLOW_DRIFT},
};

static bool can_measure(const struct mode *mode, const struct conditions *c, const struct learner *learner, struct error *e)
{
	return errorflow_check(learner, mode->what, e) && (mode->what != ERRORFLOW_DRIFT || any_length(c, learner->net, e));
}

/* All seeds, after at most `budget` training sequences. */
static bool measure(const struct mode *mode, const struct conditions *c, const uint64_t *seeds, int n, long budget, struct error *e)
{
	static const char *const outcomes[] = {"solved", "unsolved", "diverged"};
	struct trained *t = memory_zeroed((size_t)n, sizeof *t);
	bool good = trained_make_all(t, c, seeds, n, budget, e);
	const int made = good ? n : 0;
	good = good && can_measure(mode, c, t->learner, e);
	if (good && !budget)
		puts(mode->header);
	for (int i = 0; good && i < n; i++) {
		const struct measured of = {t[i].learner, c, seeds[i], budget ? "after" : "before", budget ? outcomes[t[i].outcome] : ""};
		if (budget)
			fprintf(stderr, "lstm97: seed %ju: %s after %ld sequences\n", (uintmax_t)seeds[i], outcomes[t[i].outcome],
				t[i].sequences);
		mode->print(&of);
	}
	for (int i = 0; i < made; i++)
		trained_free(&t[i]);
	free(t);
	return good;
}

/* ---- one unit, one weight ---- */

/* Weights in steps of a fiftieth. constant_y: net = w y, y the activation of a constant source; fixed: the unit sees only itself. */
static void print_slopes(void)
{
	static const char *const names[] = {[ACTIVATION_LOGISTIC] = "logistic", [ACTIVATION_TANH] = "tanh"};
	static const double constant[] = {1.0, 0.5, 0.25, 0.125};
	puts("activation\tw\tlargest\tconstant_1\tconstant_0.5\tconstant_0.25\tconstant_0.125\tfixed");
	for (int a = 0; a < 2; a++)
		for (double w = 0.1; w < 110.0; w *= 1.02) {
			printf("%s\t%.6g", names[a], w);
			print_number(errorflow_slope((enum activation)a, 0.0, w));
			for (size_t i = 0; i < sizeof constant / sizeof *constant; i++)
				print_number(errorflow_slope((enum activation)a, w * constant[i], w));
			print_number(errorflow_slope((enum activation)a, errorflow_fixed_net((enum activation)a, w), w));
			putchar('\n');
		}
}

/* ---- the command ---- */

/* The mode that the first word names (and then takes), else factors. */
static const struct mode *take_mode(struct common *c)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (!strcmp(c->words[0], modes[i].name)) {
			memmove(c->words, c->words + 1, (size_t)--c->words_n * sizeof *c->words);
			return &modes[i];
		}
	return &modes[0];
}

static bool run(struct common *c, struct experiments *x, struct plan *plan, struct error *e)
{
	const struct mode *mode = take_mode(c);
	const struct request request = {c->words, 1, c->seeds ? c->seeds : c->seed ? c->seed : "1", c->sets, c->sets_n, c->budget, false};
	if (c->words_n != 1)
		return error_input(e, "errorflow: expected one row: errorflow [share|drift] ID, or errorflow slope");
	if (!common_experiments(c, x, e) || !plan_make(plan, x, &request, e))
		return false;
	if (plan->n != 1)
		return error_input(e, "errorflow: %d sets of conditions, expected one row and one value for each --set", plan->n);
	const struct job *job = &plan->jobs[0];
	return measure(mode, &job->conditions, job->seeds, job->seeds_n, 0, e) &&
	       (!c->budget || measure(mode, &job->conditions, job->seeds, job->seeds_n, job->budget, e));
}

static int errorflow_main(int argc, char **argv)
{
	struct common c;
	struct experiments x = {0};
	struct error e = {0};
	struct plan plan = {0};
	common_parse(&command_errorflow, TAKES_SET | TAKES_SEED | TAKES_SEEDS | TAKES_BUDGET, 1, 2, argc, argv, &c);
	const bool slope = c.words_n == 1 && !strcmp(c.words[0], "slope");
	if (slope)
		print_slopes();
	const bool good = slope || run(&c, &x, &plan, &e);
	plan_free(&plan);
	experiments_free(&x);
	return good ? EXIT_SUCCESS : common_failed(&e);
}

const struct command command_errorflow = {"errorflow", "[share|drift] ID [--budget N] | slope",
					  "how error shrinks on its way back, before (and after) training", errorflow_main};
