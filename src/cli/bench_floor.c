/* bench_floor.c: see bench_floor.h. Equation numbers are those of the paper's appendix A.1. */
#include "cli/bench_floor.h"

#include "base/memory.h"

#include <gsl/gsl_statistics_double.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const struct net_type net_gru, net_irnn;
extern const struct rule_type rule_truncated, rule_bptt_window, rule_bptt_truncated, rule_elman, rule_rtrl, rule_guess;
extern const struct learner_type learner_cascade, learner_bidirectional;

/* ---- costs ---- */

enum { ROWS = 11, COLUMNS = 8, TURNS = 4000, REPEATS = 5 }; /* of experiment 4's net */

enum { LOGISTICS_MIN = 12, LOGISTICS_MAX = 240 };
enum { GROUPS = LANES < 8 ? 8 / LANES : 1 }; /* lanes side by side, so that at least 8 trials fill the time in which one waits */

static lane kernel_w[ROWS * COLUMNS], kernel_s[ROWS * COLUMNS], kernel_y[ROWS + COLUMNS], kernel_f[LOGISTICS_MAX];
static int kernel_logistics;                    /* of a step */
static double kernel_local[LANES * 16 * LANES]; /* 16 rows of LANES columns for each lane */

double bench_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void kernel_fill(void)
{
	for (int i = 0; i < ROWS * COLUMNS; i++)
		kernel_w[i] = lane_set(0.001 * i - 0.04);
	for (int m = 0; m < ROWS; m++)
		kernel_y[m] = lane_set(0.1 * m);
}

/* sum[j] += w_jm y_m, n sums in registers */
LANE_INLINE void sums(int first, const int n)
{
	lane sum[COLUMNS];
	LANE_UNROLL
	for (int j = 0; j < n; j++)
		sum[j] = lane_set(0.0);
	for (int m = 0; m < ROWS; m++) {
		const lane y = kernel_y[m];
		LANE_UNROLL
		for (int j = 0; j < n; j++)
			sum[j] = lane_fma(kernel_w[m * COLUMNS + first + j], y, sum[j]);
	}
	LANE_UNROLL
	for (int j = 0; j < n; j++)
		kernel_f[first + j] = sum[j];
}

static void sums_of_eight(void)
{
	sums(0, 8);
}

static void sums_of_four(void) /* where a lane is more than one register */
{
	sums(0, 4);
	sums(4, 4);
}

static void sums_of_two(void)
{
	for (int j = 0; j < COLUMNS; j += 2)
		sums(j, 2);
}

/* w_jm += e_j y_m, n errors in registers */
LANE_INLINE void outer(int first, const int n)
{
	lane e[COLUMNS];
	LANE_UNROLL
	for (int j = 0; j < n; j++)
		e[j] = kernel_y[first + j];
	for (int m = 0; m < ROWS; m++) {
		const lane y = kernel_y[m];
		LANE_UNROLL
		for (int j = 0; j < n; j++)
			kernel_s[m * COLUMNS + first + j] = lane_fma(e[j], y, kernel_s[m * COLUMNS + first + j]);
	}
}

static void outer_of_eight(void)
{
	outer(0, 8);
}

static void outer_of_two(void)
{
	for (int j = 0; j < COLUMNS; j += 2)
		outer(j, 2);
}

static void logistics_apart(void)
{
	lane_logistic(kernel_w, kernel_f, LOGISTICS_MIN);
}

/* y = f(net), then f(s), both before the next step: what a memory cell's step has. */
static void logistics_in_turn(void)
{
	const int second = kernel_logistics / 3, first = kernel_logistics - second;
	lane_logistic(kernel_f, kernel_f, first);
	for (int v = 0; v < second; v++)
		kernel_f[first + v] = kernel_f[v] + kernel_f[first - 1 - v];
	lane_logistic(kernel_f + first, kernel_f + first, second);
	for (int j = 0; j < first; j++)
		kernel_f[j] += kernel_f[first + j % second];
}

static ilane kernel_rows(void)
{
	return ilane_number() * (int64_t)(16 * LANES) + (ilane_number() & (int64_t)15) * (int64_t)LANES;
}

static void row_read(void)
{
	lane x[LANES];
	lane_load_rows(kernel_local, kernel_rows(), x, LANES);
	for (int i = 0; i < LANES; i++)
		kernel_s[i] = x[i];
}

static void row_changed(void)
{
	lane x[LANES];
	for (int i = 0; i < LANES; i++)
		x[i] = kernel_y[i];
	lane_add_rows(kernel_local, kernel_rows(), x, LANES, ilane_set(-1));
}

/* ns of one operation of one trial, where a turn is so many: the median of a few times. */
LANE_INLINE double cost(void (*const turn)(void), double operations)
{
	double ns[REPEATS];
	for (int i = 0; i < REPEATS; i++) {
		const double t = bench_now();
		for (int n = 0; n < TURNS; n++) {
			turn();
			LANE_STEP;
		}
		ns[i] = (bench_now() - t) / (TURNS * operations * LANES);
	}
	return gsl_stats_median(ns, 1, REPEATS);
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

struct operations bench_costs(int logistics)
{
	const int all = ROWS * COLUMNS;
	kernel_fill();
	kernel_logistics = GROUPS * (logistics < LOGISTICS_MIN ? LOGISTICS_MIN : logistics > LOGISTICS_MAX ? LOGISTICS_MAX : logistics);
	return (struct operations){
	    .multiply_adds = least(cost(sums_of_eight, all), least(cost(sums_of_four, all), cost(sums_of_two, all))),
	    .changes = least(cost(outer_of_eight, all), cost(outer_of_two, all)),
	    .logistics = cost(logistics_in_turn, kernel_logistics),
	    .outputs = cost(logistics_apart, LOGISTICS_MIN),
	    .rows_read = cost(row_read, 1),
	    .rows_changed = cost(row_changed, 1),
	};
}

/* The net of experiment 4: 8 hidden units with 11 sources each forward, as many traces, 12 logistic functions, and as in a step each part
   waiting for the one before. */
enum { CELLS = 4 };

static struct kernel {
	lane w[ROWS * COLUMNS], s[ROWS * COLUMNS], y[ROWS];
} kernel[GROUPS];

/* All of a step but for the logistic functions. */
LANE_INLINE void kernel_sums(struct kernel *k, lane *net)
{
	lane sum[COLUMNS] = {{0}};
	for (int m = 0; m < ROWS; m++)
		LANE_UNROLL
	for (int j = 0; j < COLUMNS; j++)
		sum[j] = lane_fma(k->w[m * COLUMNS + j], k->y[m], sum[j]);
	for (int m = 0; m < ROWS; m++)
		LANE_UNROLL
	for (int j = 0; j < COLUMNS; j++)
		k->s[m * COLUMNS + j] = lane_fma(sum[j], k->y[m], k->s[m * COLUMNS + j]);
	for (int j = 0; j < COLUMNS; j++)
		net[j] = sum[j];
}

static void kernel_step(void)
{
	lane y[GROUPS * COLUMNS], h[GROUPS * CELLS];
	for (int g = 0; g < GROUPS; g++)
		kernel_sums(&kernel[g], y + g * COLUMNS);
	lane_logistic(y, y, GROUPS * COLUMNS);
	for (int v = 0; v < GROUPS * CELLS; v++)
		h[v] = y[2 * v] + y[2 * v + 1];
	lane_logistic(h, h, GROUPS * CELLS);
	for (int g = 0; g < GROUPS; g++)
		for (int j = 0; j < COLUMNS; j++)
			kernel[g].y[j] = j < CELLS ? y[g * COLUMNS + j] : h[g * CELLS + j - CELLS];
}

double bench_kernel(void)
{
	kernel_fill();
	for (int g = 0; g < GROUPS; g++) {
		memcpy(kernel[g].w, kernel_w, sizeof kernel_w);
		memcpy(kernel[g].y, kernel_y, sizeof kernel[g].y);
	}
	return cost(kernel_step, GROUPS);
}

struct operations bench_kernel_counts(void)
{
	return (struct operations){.multiply_adds = 2 * ROWS * COLUMNS, .logistics = COLUMNS + CELLS};
}

double bench_ns(const struct operations *counts, const struct operations *costs)
{
	return counts->multiply_adds * costs->multiply_adds + counts->changes * costs->changes + counts->logistics * costs->logistics +
	       counts->outputs * costs->outputs + counts->rows_read * costs->rows_read + counts->rows_changed * costs->rows_changed;
}

/* ---- counts ---- */

/* What is the same for all counts of a row. */
struct counting {
	const struct operations *costs;
	double length, targets; /* of a sequence: steps, targets that are learned from */
	double touched;         /* different lines of local inputs that a sequence has had in the end, */
	double touched_mean;    /* and, in the mean of its steps, so far */
	struct operations sum;  /* per sequence */
};

static void add(struct counting *k, struct operations what, double times)
{
	k->sum.multiply_adds += times * what.multiply_adds;
	k->sum.changes += times * what.changes;
	k->sum.logistics += times * what.logistics;
	k->sum.outputs += times * what.outputs;
	k->sum.rows_read += times * what.rows_read;
	k->sum.rows_changed += times * what.rows_changed;
}

static void add_multiply_adds(struct counting *k, double n, double times)
{
	add(k, (struct operations){.multiply_adds = n}, times);
}

static void add_changes(struct counting *k, double n, double times)
{
	add(k, (struct operations){.changes = n}, times);
}

static double blocks(int cols)
{
	return (cols + LANES - 1) / LANES;
}

/* One row of a matrix of local inputs with `cols` columns is read, or, `change`, added to: by itself, or all rows times 0 or 1, whichever
   costs less here. */
static void add_row(struct counting *k, int rows, int cols, bool change, double times)
{
	const struct operations row = {.rows_read = change ? 0 : blocks(cols), .rows_changed = change ? blocks(cols) : 0};
	const struct operations dense = {.multiply_adds = (double)rows * cols};
	add(k, bench_ns(&row, k->costs) < bench_ns(&dense, k->costs) ? row : dense, times);
}

/* Weights of a connection. */
static double weights_of(const struct net *net, const struct connection *c)
{
	double n = (double)c->rows * c->cols;
	for (int m = 0; net->type->absent && m < c->rows; m++)
		for (int j = 0; j < c->cols; j++)
			n -= net->type->absent(net, c, m, j);
	return n;
}

/* Rows of a connection that may have a trace, a derivative or a change, if a sequence has had `touched` lines. */
static double rows_of(const struct connection *c, double touched)
{
	return c->local ? least(touched, c->rows) : c->rows;
}

/* net_j = sum_m w_jm y_m (eq. 1 to 3 and below) over a list of connections */
static void add_net_inputs(struct counting *k, const struct net *net, const struct connection *c, int n, double times)
{
	for (; n > 0; n--, c++)
		if (c->local)
			add_row(k, c->rows, c->cols, false, times);
		else
			add_multiply_adds(k, weights_of(net, c), times);
}

/* Logistic functions of a step: of every hidden unit but those that squash otherwise; of g in front of a state and h behind it. */
static int hidden_logistics(const struct net *net)
{
	if (net->type == &net_irnn || (!net->cells && net->o.activation == ACTIVATION_RELU))
		return 0;
	if (!net->cells || net->type == &net_gru)
		return net->hidden;
	return net->hidden - (net->o.g == SQUASH_ID ? net->cells : 0) + (net->o.h == SQUASH_ID ? 0 : net->cells);
}

static void add_forward(struct counting *k, const struct net *net, double times)
{
	add_net_inputs(k, net, net->to_hidden, net->to_hidden_n, times);
	add(k, (struct operations){.logistics = hidden_logistics(net)}, times);
}

/* y_k = f(sum_m w_km y_m) */
static void add_answer(struct counting *k, const struct net *net, double times)
{
	add_net_inputs(k, net, net->to_output, net->to_output_n, times);
	if (net->o.output == OUTPUT_LOGISTIC && !net->outputs_inside)
		add(k, (struct operations){.outputs = net->out}, times);
}

/* Dw_km = a e_k y_m (eq. 22), and sum_k w_km e_k (in eq. 21, 23) for the units that the outputs see */
static void add_output_lesson(struct counting *k, const struct net *net, double times)
{
	for (int i = 0; i < net->to_output_n; i++) {
		const struct connection *c = &net->to_output[i];
		if (c->local)
			add_row(k, c->rows, c->cols, true, times);
		else
			add_changes(k, weights_of(net, c), times);
		if (c->source == SOURCE_SEEN)
			add_multiply_adds(k, weights_of(net, c), times);
	}
}

/* Changes that were summed over a sequence are made. */
static void add_apply(struct counting *k, const struct net *net, double times)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		add_changes(k, rows_of(&net->to_hidden[i], k->touched) * net->to_hidden[i].cols, times);
	for (int i = 0; i < net->to_output_n; i++)
		add_changes(k, rows_of(&net->to_output[i], k->touched) * net->to_output[i].cols, times);
}

/* Lines touched, when there is a target: at every step, or at the end. */
static double touched_at_target(const struct counting *k)
{
	return k->targets > 1.0 ? k->touched_mean : k->touched;
}

/* Pairs of a unit that connection c leads to and a state. */
static int pairs_of(const struct net *net, const struct connection *c)
{
	int n = 0;
	for (int p = 0; p < net->pairs; p++)
		n += net->pair_unit[p] >= c->to && net->pair_unit[p] < c->to + c->cols;
	return n;
}

/* Per step dS_v[m] += ds_v/dnet_j y_m for every pair (j, v) (eq. 25, 27), times ds_v(t)/ds_v(t-1) where states decay; per target
   Dw_jm = e_s dS_v[m] (eq. 26, 28) and, of output gates, Dw_jm = e_j y_m (eq. 20) */
static void add_truncated(struct counting *k, const struct net *net, const struct rule_options *o)
{
	const double hidden_targets = o->cell_errors ? 1.0 : k->targets;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const int pairs = pairs_of(net, c);
		if (c->local)
			add_row(k, c->rows, pairs, true, k->length);
		else
			add_multiply_adds(k, (double)c->rows * pairs, k->length);
		if (net->decay_at)
			add_multiply_adds(k, rows_of(c, k->touched_mean) * pairs, k->length);
		add_changes(k, rows_of(c, touched_at_target(k)) * pairs, hidden_targets);
		if (!net->direct_n || net->direct_first < c->to || net->direct_first >= c->to + c->cols)
			continue;
		if (c->local)
			add_row(k, c->rows, net->direct_n, true, hidden_targets);
		else
			add_changes(k, (double)c->rows * net->direct_n, hidden_targets);
	}
	add_output_lesson(k, net, k->targets);
	if (o->update == UPDATE_SEQUENCE)
		add_apply(k, net, 1.0);
}

/* Per weight jm and step dnet_k = sum_l w_kl p^l_jm + [k = j] z_m and then the Jacobian of units and states: one product per unit, pair,
   and cell, and one per peephole; per weight and target Dw_jm += sum_k e_k p^k_jm */
static void add_rtrl(struct counting *k, const struct net *net, const struct rule_options *o)
{
	double per_weight = net->hidden + net->pairs + net->cells + 1.0, weights = 0.0, taught = 0.0;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		if (c->source == SOURCE_RECURRENT || c->own)
			per_weight += (double)c->rows * c->cols;
		weights += rows_of(c, k->touched_mean) * c->cols;
		taught += rows_of(c, touched_at_target(k)) * c->cols;
	}
	add_multiply_adds(k, per_weight * weights, k->length);
	add_multiply_adds(k, taught * net->seen_n, k->targets);
	add_changes(k, taught, k->targets);
	add_output_lesson(k, net, k->targets);
	if (o->update == UPDATE_SEQUENCE)
		add_apply(k, net, 1.0);
}

static bool has_recurrence(const struct net *net)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		if (net->to_hidden[i].source == SOURCE_RECURRENT)
			return true;
	return false;
}

/* How the rule goes back. */
struct way {
	bool recurrent; /* along the recurrent connections too */
	double ways;    /* ways back per sequence */
	double steps;   /* of one */
};

static struct way way_of(const struct counting *k, const struct net *net, const struct rule *rule)
{
	struct way way = {.recurrent = rule->type != &rule_bptt_truncated, .ways = 1.0, .steps = k->length};
	const bool window = rule->type == &rule_bptt_window;
	if (window) {
		way.ways = k->targets > (double)rule->o.stride ? k->targets / (double)rule->o.stride : 1.0;
		way.steps = least((double)rule->o.depth, k->length);
	}
	if (rule->type == &rule_elman || !(net->cells || (way.recurrent && has_recurrence(net)))) { /* no error goes further */
		way.ways = k->targets;
		way.steps = 1.0;
	}
	return way;
}

/* e_j(t) = f'_j eps_j(t), eps_k(t-1) = e_k(t-1) + sum_j w_jk e_j(t) (section 3.1), within a step too where a unit sees another of its own
   step; Dw_jm = sum_t e_j(t) y_m(t-1); then the changes are made */
static void add_bptt(struct counting *k, const struct net *net, const struct rule *rule)
{
	const struct way way = way_of(k, net, rule);
	const double steps = way.ways * way.steps;
	for (int i = 0; i < net->to_hidden_n; i++) {
		const struct connection *c = &net->to_hidden[i];
		const bool of_units = net->cells || c->first < net->hidden, cut = c->own && net->cut;
		if (c->source == SOURCE_RECURRENT && way.recurrent)
			add_multiply_adds(k, weights_of(net, c), steps - way.ways);
		if (c->source == SOURCE_NOW && of_units && !cut)
			add_multiply_adds(k, weights_of(net, c), steps);
		if (c->local)
			add_row(k, c->rows, c->cols, true, steps);
		else
			add_multiply_adds(k, weights_of(net, c), steps);
	}
	add_output_lesson(k, net, k->targets);
	add_apply(k, net, rule->o.update == UPDATE_STEP ? way.ways : 1.0);
}

static void add_lesson(struct counting *k, const struct net *net, const struct rule *rule)
{
	if (rule->type == &rule_truncated)
		add_truncated(k, net, &rule->o);
	else if (rule->type == &rule_rtrl)
		add_rtrl(k, net, &rule->o);
	else if (rule->type != &rule_guess)
		add_bptt(k, net, rule);
}

/* Cascade-correlation with all its units, whose outputs learn: unit j sees bias, input, the j units before it and itself; outputs see
   bias, input and all units. */
static void add_cascade(struct counting *k, const struct learner_options *o, int in, int out, double steps, double taught)
{
	const double units = (double)o->max_units, to_output = out * (1.0 + units);
	add_row(k, in, (int)units, false, steps);
	add_multiply_adds(k, units * (units + 3.0) / 2.0, steps);
	add_row(k, in, out, false, steps);
	add_multiply_adds(k, to_output, steps);
	add(k, (struct operations){.logistics = units, .outputs = out}, steps);
	add_changes(k, to_output, taught);
	add_row(k, in, out, true, taught);
}

/* The lines that a sequence of local inputs has, in the mean of some. */
static void count_touched(struct counting *k, const struct conditions *c, const struct task_shape *shape)
{
	enum { SEQUENCES = 32 };
	const struct task_type *task = task_types[c->task.task];
	struct rng r = conditions_stream(c, 1, "train");
	struct sequence s = {0};
	long steps = 0;
	void *data = task->data_size ? memory_zeroed(1, task->data_size(&c->task)) : NULL;
	int *seen = memory_zeroed((size_t)shape->in, sizeof *seen);
	if (data)
		task->data_draw(&c->task, conditions_data_seed(c, 1), data);
	for (int i = 1, n = 0; i <= SEQUENCES; i++, n = 0) {
		task->draw(&c->task, data, &r, -1, &s);
		for (long t = 0; t < s.length; t++) {
			n += seen[s.index[t]] != i;
			seen[s.index[t]] = i;
			k->touched_mean += n;
		}
		k->touched += (double)n / SEQUENCES;
		steps += s.length;
	}
	k->touched_mean /= (double)steps;
	sequence_free(&s);
	free(data);
	free(seen);
}

/* A net and its rule: forward and answers at all steps of a sequence and its share of tests, the lesson in training. Of a chunker that is
   the automatizer, who sees every step: the other net rests at all but the few that surprise, and counts nothing. */
static void add_net(struct counting *k, const struct net *net, const struct rule *rule, double steps, double answers)
{
	add_forward(k, net, steps);
	add_answer(k, net, answers);
	add_lesson(k, net, rule);
}

struct operations bench_counts(const struct conditions *c, const struct course *course, const struct operations *costs)
{
	struct error e = {0};
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	struct learner *learner = conditions_learner(c, &shape, &e);
	struct counting k = {.costs = costs, .length = course->length};
	const double steps = course->length / course->taught; /* with those of tests */
	const double answers = shape.every_step ? steps : 1.0 / course->taught;
	k.targets = shape.every_step && !c->rule.errors ? k.length : 1.0;
	if (shape.coding == INPUT_LOCAL)
		count_touched(&k, c, &shape);
	if (learner->type == &learner_cascade)
		add_cascade(&k, &learner->o, shape.in, shape.out, steps, k.length);
	else
		add_net(&k, learner->net, learner->rule, steps, answers);
	if (learner->type == &learner_bidirectional) {
		add_net(&k, learner->other, learner->rule, steps, answers);
		add(&k, (struct operations){.outputs = c->net.output == OUTPUT_LOGISTIC ? shape.out : 0}, answers);
	}
	learner_free(learner);
	struct counting per_step = {0};
	add(&per_step, k.sum, 1.0 / steps);
	return per_step.sum;
}

int bench_logistics(const struct conditions *c)
{
	struct error e = {0};
	const struct task_shape shape = task_types[c->task.task]->shape(&c->task);
	struct learner *learner = conditions_learner(c, &shape, &e);
	const int n = learner->net ? hidden_logistics(learner->net) : (int)learner->o.max_units;
	learner_free(learner);
	return n;
}
