/* test_gradient.c: the network and its learning rule.
   Does: compare the weight changes with those of the authors' own later simulator, with central differences wherever
   the truncated gradient is exact, and with a plain scalar implementation that shares nothing with the program: forward
   traces, and truncated back-propagation through time. Mutated networks and gradients must fail. Initial weights,
   weight counts of Table 10.
   Does not: tasks, stopping rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trial/conditions.h"

enum { MAX = 20, MAX_IN = MAX, MAX_OUT = MAX, MAX_HIDDEN = MAX, MAX_STEPS = 80, MAX_WEIGHTS = 3000 };

#include "random_nets.h"

/* === A plain scalar implementation of paper sections 4 and A.1 === */

enum { FROM_BIAS, FROM_INPUT, FROM_HIDDEN, OUT_CELL, OUT_BIAS, OUT_INPUT, MATRICES };
static const char *const matrix_names[MATRICES] = {
    "hidden<-bias", "hidden<-input", "hidden<-hidden", "output<-cell", "output<-bias", "output<-input",
};

struct matrices {
	double m[MATRICES][MAX][MAX]; /* [matrix][source][receiver] */
};

struct plain {
	struct net_options o;
	struct rule_options r;
	int in, out, blocks, gates, cells, hidden;
	int block[MAX];
	int rows[MATRICES], cols[MATRICES]; /* rows 0: there is no such matrix */
	double grown;
	struct matrices w;
};

/* All that happens in one step. */
struct moment {
	double x[MAX], y_before[MAX], y[MAX];
	double g[MAX], g_slope[MAX], s[MAX], h[MAX], h_slope[MAX];
	double answer[MAX], e[MAX];
};

static double logistic(double x)
{
	return 1.0 / (1.0 + exp(-x));
}

static double squashed(int kind, double x, double *slope)
{
	const double f = logistic(x), f_slope = f * (1.0 - f);
	switch (kind) {
	case SQUASH_LOGISTIC: *slope = f_slope; return f;
	case SQUASH_H1: *slope = 2.0 * f_slope; return 2.0 * f - 1.0;
	case SQUASH_G2: *slope = 4.0 * f_slope; return 4.0 * f - 2.0;
	default: *slope = 1.0; return x;
	}
}

static struct plain *plain_create(const struct net_options *o, const struct rule_options *r, int in, int out)
{
	struct plain *p = memory_zeroed(1, sizeof *p);
	p->o = *o;
	p->r = *r;
	p->in = in;
	p->out = out;
	p->grown = 1.0;
	p->blocks = (int)o->blocks;
	p->gates = o->output_gates ? 2 * p->blocks : p->blocks;
	for (int j = 0; j < p->blocks; j++)
		for (int v = 0; v < (int)o->cells.v[o->cells.n == 1 ? 0 : j]; v++)
			p->block[p->cells++] = j;
	p->hidden = p->gates + p->cells;
	assert_true(p->hidden <= MAX && in <= MAX && out <= MAX);
	const bool recurrent = o->connectivity == CONNECT_F || o->connectivity == CONNECT_F_SHORTCUTS;
	const bool shortcuts = o->connectivity == CONNECT_B || o->connectivity == CONNECT_F_SHORTCUTS;
	const int rows[MATRICES] = {o->bias != BIAS_NONE, in, recurrent ? p->hidden : 0, p->cells, o->bias == BIAS_ALL, shortcuts ? in : 0};
	for (int i = 0; i < MATRICES; i++) {
		p->rows[i] = rows[i];
		p->cols[i] = i >= OUT_CELL ? out : p->hidden;
	}
	if (o->bias == BIAS_GATES)
		p->cols[FROM_BIAS] = p->gates;
	return p;
}

static double source(const struct plain *p, const struct moment *now, int matrix, int m)
{
	switch (matrix) {
	case FROM_INPUT:
	case OUT_INPUT: return now->x[m];
	case FROM_HIDDEN: return now->y_before[m];
	case OUT_CELL: return now->y[p->gates + m];
	default: return 1.0;
	}
}

static double net_input(const struct plain *p, const struct moment *now, int first, int last, int j)
{
	double sum = 0.0;
	for (int i = first; i <= last; i++)
		for (int m = 0; j < p->cols[i] && m < p->rows[i]; m++)
			sum += p->w.m[i][m][j] * source(p, now, i, m);
	return sum;
}

/* before: NULL at sequence start */
static void plain_forward(const struct plain *p, const struct moment *before, const double *x, struct moment *now)
{
	memset(now, 0, sizeof *now);
	memcpy(now->x, x, (size_t)p->in * sizeof *x);
	for (int j = 0; j < p->hidden; j++)
		now->y_before[j] = before ? before->y[j] : p->o.reset;
	for (int j = 0; j < p->gates; j++)
		now->y[j] = logistic(net_input(p, now, FROM_BIAS, FROM_HIDDEN, j));
	for (int v = 0; v < p->cells; v++) {
		const int b = p->block[v];
		now->g[v] = squashed(p->o.g, net_input(p, now, FROM_BIAS, FROM_HIDDEN, p->gates + v), &now->g_slope[v]);
		now->s[v] = (before ? before->s[v] : 0.0) + now->y[b] * now->g[v];
		now->h[v] = squashed(p->o.h, now->s[v], &now->h_slope[v]);
		now->y[p->gates + v] = p->grown * now->h[v] * (p->o.output_gates ? now->y[p->blocks + b] : 1.0);
	}
}

static void plain_answer(const struct plain *p, struct moment *now)
{
	for (int k = 0; k < p->out; k++) {
		const double net = net_input(p, now, OUT_CELL, OUT_INPUT, k);
		now->answer[k] = p->o.output == OUTPUT_LOGISTIC ? logistic(net) : net;
	}
}

/* a e_k (eq. 19), e_out (eq. 21), e_s (eq. 23) */
static void plain_errors(const struct plain *p, struct moment *now, const struct step *step, double *e_out, double *e_s)
{
	for (int k = 0; k < p->out; k++) {
		const double y = now->answer[k], slope = p->o.output == OUTPUT_LOGISTIC ? y * (1.0 - y) + p->r.slope_offset : 1.0;
		now->e[k] = p->r.rate * slope * ((k == step->line ? step->target : 0.0) - y);
	}
	for (int j = 0; j < p->blocks; j++)
		e_out[j] = 0.0;
	const bool silent = p->r.cell_errors && !step->last;
	for (int v = 0; v < p->cells; v++) {
		const int b = p->block[v];
		double back = 0.0;
		for (int k = 0; k < p->out; k++)
			back += p->w.m[OUT_CELL][v][k] * now->e[k];
		back *= silent ? 0.0 : p->grown;
		e_s[v] = back * now->h_slope[v] * (p->o.output_gates ? now->y[p->blocks + b] : 1.0);
		if (p->o.output_gates)
			e_out[b] += back * now->h[v] * now->y[p->blocks + b] * (1.0 - now->y[p->blocks + b]);
	}
}

/* Changes of the output layer and of the output gates (eq. 22), which need no past. */
static void change_now(const struct plain *p, const struct moment *now, const double *e_out, struct matrices *d)
{
	for (int i = OUT_CELL; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int k = 0; k < p->out; k++)
				d->m[i][m][k] += now->e[k] * source(p, now, i, m);
	for (int i = FROM_BIAS; p->o.output_gates && i <= FROM_HIDDEN; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->blocks; j++)
				d->m[i][m][p->blocks + j] += e_out[j] * source(p, now, i, m);
}

/* The weight changes of a sequence by truncated back-propagation through time: first all of the way forward, then back
   through the cells' states only. */
static void plain_backward(const struct plain *p, const struct step *steps, int n, struct matrices *d)
{
	static struct moment past[MAX_STEPS];
	assert_true(n <= MAX_STEPS);
	memset(d, 0, sizeof *d);
	for (int t = 0; t < n; t++) {
		plain_forward(p, t ? &past[t - 1] : NULL, steps[t].x, &past[t]);
		plain_answer(p, &past[t]);
	}
	double error[MAX] = {0}; /* at the states */
	for (int t = n - 1; t >= 0; t--) {
		struct moment *now = &past[t];
		if (steps[t].taught) {
			double e_out[MAX], e_s[MAX];
			plain_errors(p, now, &steps[t], e_out, e_s);
			change_now(p, now, e_out, d);
			for (int v = 0; v < p->cells; v++)
				error[v] += e_s[v];
		}
		for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
			for (int m = 0; m < p->rows[i]; m++)
				for (int v = 0; v < p->cells; v++) {
					const double y_in = now->y[p->block[v]], z = source(p, now, i, m);
					d->m[i][m][p->block[v]] += error[v] * now->g[v] * y_in * (1.0 - y_in) * z;
					if (p->gates + v < p->cols[i])
						d->m[i][m][p->gates + v] += error[v] * now->g_slope[v] * y_in * z;
				}
	}
}

static void matrices_add(const struct plain *p, struct matrices *to, const struct matrices *d)
{
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++)
				to->m[i][m][j] += d->m[i][m][j];
}

/* n steps of a script by forward traces, the weights moving as r.update says. */
static void plain_online(struct plain *p, const struct step *steps, int n)
{
	static struct matrices pending, zero;
	static double trace_in[3][MAX][MAX], trace_cell[3][MAX][MAX]; /* [matrix][source][cell] (eq. 25, 27) */
	struct moment now, before;
	bool fresh = true;
	pending = zero;
	for (int t = 0; t < n; t++) {
		if (fresh) {
			memset(trace_in, 0, sizeof trace_in);
			memset(trace_cell, 0, sizeof trace_cell);
		}
		plain_forward(p, fresh ? NULL : &before, steps[t].x, &now);
		for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
			for (int m = 0; m < p->rows[i]; m++)
				for (int v = 0; v < p->cells; v++) {
					const double y_in = now.y[p->block[v]], z = source(p, &now, i, m);
					trace_in[i][m][v] += now.g[v] * y_in * (1.0 - y_in) * z;
					trace_cell[i][m][v] += now.g_slope[v] * y_in * z;
				}
		/* late: made between the hidden units and the outputs of the next step */
		if (p->r.update == UPDATE_LATE) {
			matrices_add(p, &p->w, &pending);
			pending = zero;
		}
		plain_answer(p, &now);
		if (steps[t].taught) {
			double e_out[MAX], e_s[MAX];
			plain_errors(p, &now, &steps[t], e_out, e_s);
			change_now(p, &now, e_out, &pending);
			for (int i = FROM_BIAS; i <= FROM_HIDDEN; i++)
				for (int m = 0; m < p->rows[i]; m++)
					for (int v = 0; v < p->cells; v++) {
						pending.m[i][m][p->block[v]] += e_s[v] * trace_in[i][m][v];
						if (p->gates + v < p->cols[i])
							pending.m[i][m][p->gates + v] += e_s[v] * trace_cell[i][m][v];
					}
		}
		if (p->r.update == UPDATE_STEP || steps[t].last) {
			matrices_add(p, &p->w, &pending);
			pending = zero;
		}
		before = now;
		fresh = steps[t].last;
	}
}

/* === The program's learner, driven step by step === */

static struct setting lstm97_setting(void)
{
	return setting_defaults("lstm97", "truncated");
}

/* Bias words that go with o->bias. */
static void set_gate_biases(struct net_options *o)
{
	o->igb.n = o->bias == BIAS_NONE ? BIAS_ABSENT : BIAS_RANDOM;
	o->ogb.n = o->bias == BIAS_NONE || !o->output_gates ? BIAS_ABSENT : BIAS_RANDOM;
}

static int matrix_of(const struct connection *c)
{
	for (int i = 0; i < MATRICES; i++)
		if (!strcmp(c->name, matrix_names[i]))
			return i;
	fail_msg("connection %s", c->name);
	return -1;
}

static const struct connection *connection_of(const struct net *net, int matrix)
{
	for (int i = 0; i < net->to_hidden_n; i++)
		if (matrix_of(&net->to_hidden[i]) == matrix)
			return &net->to_hidden[i];
	for (int i = 0; i < net->to_output_n; i++)
		if (matrix_of(&net->to_output[i]) == matrix)
			return &net->to_output[i];
	return NULL;
}

/* Are the network's matrices those that the plain implementation expects? */
static void assert_matrices(const struct net *net, const struct plain *p)
{
	long weights = 0;
	for (int i = 0; i < MATRICES; i++) {
		const struct connection *c = connection_of(net, i);
		assert_int_equal(c != NULL, p->rows[i] > 0);
		if (!c)
			continue;
		assert_int_equal(c->rows, p->rows[i]);
		assert_int_equal(c->cols, p->cols[i]);
		weights += (long)c->rows * c->cols;
	}
	assert_int_equal(net->weights, weights);
	assert_int_equal(net->hidden, p->hidden);
	assert_int_equal(net->cells, p->cells);
}

static void matrices_read(const struct net *net, int l, struct matrices *w)
{
	memset(w, 0, sizeof *w);
	for (int i = 0; i < MATRICES; i++) {
		const struct connection *c = connection_of(net, i);
		for (int m = 0; c && m < c->rows; m++)
			for (int j = 0; j < c->cols; j++)
				w->m[i][m][j] = *net_weight(net, c, m, j, l);
	}
}

static void matrices_write(const struct net *net, int l, const struct matrices *w)
{
	for (int i = 0; i < MATRICES; i++) {
		const struct connection *c = connection_of(net, i);
		for (int m = 0; c && m < c->rows; m++)
			for (int j = 0; j < c->cols; j++)
				*net_weight(net, c, m, j, l) = w->m[i][m][j];
	}
}

/* All that there are. */
static void matrices_random(const struct plain *p, struct matrices *w, double size, struct rng *r)
{
	memset(w, 0, sizeof *w);
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++)
				w->m[i][m][j] = rng_between(r, -size, size);
}

/* The first n steps of all lanes' scripts. */
static struct frames script_frames(const struct setting *s, const struct crowd *c, int n)
{
	struct frames f = frames_create(s, n);
	for (int l = 0; l < LANES; l++)
		for (int t = 0; t < n && t < c->n[l]; t++)
			frames_write(&f, t, l, &c->step[l][t]);
	return f;
}

/* One script for all lanes. */
static void crowd_alike(const struct setting *s, struct crowd *c, int n, struct rng *r)
{
	crowd_draw(s, c, 1, n, n, r);
	for (int l = 1; l < LANES; l++)
		memcpy(c->step[l], c->step[0], sizeof c->step[0]);
}

/* --- comparing --- */

struct comparison {
	double relative, absolute; /* |a - b| <= relative |b| + absolute */
	double worst;              /* ratio of |a - b| to that */
	char where[160];
};

static bool matrices_agree(const struct plain *p, const struct matrices *a, const struct matrices *b, struct comparison *c)
{
	c->worst = 0.0;
	c->where[0] = '\0';
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++) {
				const double x = a->m[i][m][j], y = b->m[i][m][j];
				const double ratio = fabs(x - y) / (c->relative * fabs(y) + c->absolute);
				if (ratio <= c->worst)
					continue;
				c->worst = isnan(ratio) ? INFINITY : ratio;
				snprintf(c->where, sizeof c->where, "%s[%d][%d] %.17g, expected %.17g", matrix_names[i], m, j, x, y);
				if (isnan(ratio))
					return false;
			}
	return c->worst <= 1.0;
}

static void matrices_subtract(const struct matrices *a, const struct matrices *b, struct matrices *d)
{
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < MAX; m++)
			for (int j = 0; j < MAX; j++)
				d->m[i][m][j] = a->m[i][m][j] - b->m[i][m][j];
}

static double matrices_largest(const struct matrices *w)
{
	double largest = 0.0;
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < MAX; m++)
			for (int j = 0; j < MAX; j++)
				largest = fmax(largest, fabs(w->m[i][m][j]));
	return largest;
}

/* The comparison sees one weight's change with the other sign, and all changes 1 per cent too large. */
static void assert_mutations_fail(const struct plain *p, const struct matrices *a, const struct matrices *b, const struct comparison *how)
{
	static struct matrices mutant;
	struct comparison c = *how;
	int flipped = 0;
	mutant = *a;
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++) {
				if (fabs(a->m[i][m][j]) < 10.0 * c.absolute)
					continue;
				mutant.m[i][m][j] = -a->m[i][m][j];
				assert_false(matrices_agree(p, &mutant, b, &c));
				mutant.m[i][m][j] = a->m[i][m][j];
				flipped++;
			}
	assert_true(flipped > 0);
	memset(&mutant, 0, sizeof mutant);
	for (int i = 0; i < 101; i++)
		matrices_add(p, &mutant, a);
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < p->rows[i]; m++)
			for (int j = 0; j < p->cols[i]; j++)
				mutant.m[i][m][j] /= 100.0;
	assert_false(matrices_agree(p, &mutant, b, &c));
}

/* Calls visit for combinations of the options of an architecture: all of them, or one out of `every`. */
static void each_net(void (*visit)(const struct setting *s, int number), const struct setting *start, int every)
{
	static const struct {
		long blocks;
		struct list cells;
	} shapes[] = {{1, {1, {1}}}, {2, {1, {1}}}, {2, {2, {1, 2}}}, {3, {1, {2}}}};
	int number = 0;
	for (int g = 0; g < 4; g++)
		for (int h = 0; h < 4; h++)
			for (int output = 0; output < 2; output++)
				for (int bias = 0; bias < 4; bias++)
					for (int og = 0; og < 2; og++)
						for (int connectivity = 0; connectivity < 4; connectivity++)
							for (int coding = 0; coding < 2; coding++)
								for (int i = 0; i < 4; i++) {
									number++;
									if (number % every)
										continue;
									struct setting s = *start;
									s.net.g = g;
									s.net.h = h;
									s.net.output = output;
									s.net.bias = bias;
									s.net.output_gates = og;
									s.net.connectivity = connectivity;
									s.coding = coding ? INPUT_LOCAL : INPUT_REAL;
									s.net.blocks = shapes[i].blocks;
									s.net.cells = shapes[i].cells;
									set_gate_biases(&s.net);
									visit(&s, number);
								}
}

/* === The authors' simulator === */

enum { CASES = 3, CASE_STEPS = 12, CASE_WEIGHTS = 83 };

struct authors {
	int steps[CASES];
	double x[CASES][CASE_STEPS][3], target[CASES][CASE_STEPS][2];
	bool taught[CASES][CASE_STEPS];
	int n[CASES][2]; /* weights of (case, reset value) */
	struct {
		char to[8], from[8];
		double weight, change;
	} w[CASES][2][CASE_WEIGHTS];
};

static FILE *open_data(const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be opened; run from the repository's root", path);
	return f;
}

static void authors_read(struct authors *a)
{
	char line[300], t1[40], t2[40];
	memset(a, 0, sizeof *a);
	FILE *f = open_data("tests/data/authors-simulator-sequences.tsv");
	while (fgets(line, sizeof line, f)) {
		int c, t;
		double x[3];
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%d %d %lf %lf %lf %39s %39s", &c, &t, &x[0], &x[1], &x[2], t1, t2), 7);
		assert_true(c >= 1 && c <= CASES && t == a->steps[c - 1] + 1 && t <= CASE_STEPS);
		a->steps[c - 1] = t;
		memcpy(a->x[c - 1][t - 1], x, sizeof x);
		a->taught[c - 1][t - 1] = t1[0] != '-' || t1[1];
		a->target[c - 1][t - 1][0] = strtod(t1, NULL);
		a->target[c - 1][t - 1][1] = strtod(t2, NULL);
	}
	fclose(f);
	f = open_data("tests/data/authors-simulator.tsv");
	while (fgets(line, sizeof line, f)) {
		int c;
		double reset, weight, change;
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%d %lf %7s %7s %lf %lf", &c, &reset, t1, t2, &weight, &change), 6);
		assert_true(c >= 1 && c <= CASES && (reset == 0.0 || reset == 0.5));
		const int r = reset > 0.0, n = a->n[c - 1][r]++;
		assert_true(n < CASE_WEIGHTS);
		snprintf(a->w[c - 1][r][n].to, 8, "%.7s", t1);
		snprintf(a->w[c - 1][r][n].from, 8, "%.7s", t2);
		a->w[c - 1][r][n].weight = weight;
		a->w[c - 1][r][n].change = change;
	}
	fclose(f);
	for (int c = 0; c < CASES; c++)
		assert_true(a->n[c][0] == CASE_WEIGHTS && a->n[c][1] == CASE_WEIGHTS);
	assert_true(a->steps[0] == 4 && a->steps[1] == 7 && a->steps[2] == 12);
}

/* Where weight (to, from) of the simulator stands. */
static double *authors_place(struct matrices *w, const char *to, const char *from)
{
	static const char *const hidden[] = {"in1", "in2", "out1", "out2", "c1.1", "c2.1", "c2.2"};
	int j = -1, m = -1;
	for (int i = 0; i < 7; i++) {
		j = strcmp(to, hidden[i]) ? j : i;
		m = strcmp(from, hidden[i]) ? m : i;
	}
	if (to[0] == 'y') {
		assert_true(m >= 4);
		return &w->m[OUT_CELL][m - 4][to[1] - '1'];
	}
	assert_true(j >= 0);
	if (!strcmp(from, "bias"))
		return &w->m[FROM_BIAS][0][j];
	if (from[0] == 'x')
		return &w->m[FROM_INPUT][from[1] - '1'][j];
	assert_true(m >= 0);
	return &w->m[FROM_HIDDEN][m][j];
}

/* A whole sequence with two targets per step: the rule gets the errors of eq. 19 straight. */
static void authors_present(struct learner *learner, const struct setting *s, const struct authors *a, int c)
{
	struct net *net = learner->net;
	struct frames f = frames_create(s, a->steps[c]);
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, MAX_STEPS);
	for (int t = 0; t < a->steps[c]; t++)
		for (int i = 0; i < 3; i++)
			f.value[3 * t + i] = lane_set(a->x[c][t][i]);
	for (int t = 0; t < a->steps[c]; t++) {
		learner_advance(learner, &f, t, 1);
		learner_answer(learner, &f, t);
		if (!a->taught[c][t])
			continue;
		lane e[2];
		for (int k = 0; k < 2; k++) {
			const lane y = net->y_out[k];
			e[k] = s->rule.rate * (y * (1.0 - y) * (a->target[c][t][k] - y));
		}
		struct lesson lesson = {
		    .rate = lane_set(s->rule.rate), .learns = ilane_set(-1), .last = ilane_set(t == a->steps[c] - 1 ? -1 : 0)};
		const struct frame x = {.value = f.value + 3 * t};
		learner->rule->type->teach(learner->rule, &x, e, &lesson);
	}
	learner_finish(learner, ilane_set(-1));
	frames_free(&f);
}

static void test_authors_simulator(void **state)
{
	(void)state;
	static struct authors a;
	static struct matrices before, after, change, expected;
	authors_read(&a);
	struct setting s = lstm97_setting();
	s.net.cells = (struct list){2, {1, 2}};
	s.net.bias = BIAS_HIDDEN;
	set_gate_biases(&s.net);
	s.rule.rate = 0.5;
	s.rule.update = UPDATE_SEQUENCE;
	for (int reset = 0; reset < 2; reset++)
		for (int c = 0; c < CASES; c++) {
			s.net.reset = 0.5 * reset;
			struct learner *learner = learner_of(&s);
			struct plain *p = plain_create(&s.net, &s.rule, s.in, s.out);
			assert_matrices(learner->net, p);
			assert_int_equal(learner->net->weights, CASE_WEIGHTS);
			memset(&before, 0, sizeof before);
			memset(&expected, 0, sizeof expected);
			for (int i = 0; i < CASE_WEIGHTS; i++) {
				double *const place = authors_place(&before, a.w[c][reset][i].to, a.w[c][reset][i].from);
				assert_true(*place == 0.0); /* each weight once */
				*place = a.w[c][reset][i].weight;
				*authors_place(&expected, a.w[c][reset][i].to, a.w[c][reset][i].from) = a.w[c][reset][i].change;
			}
			for (int l = 0; l < LANES; l++)
				matrices_write(learner->net, l, &before);
			authors_present(learner, &s, &a, c);
			assert_true(matrices_largest(&expected) > 1e-3);
			struct comparison how = {.relative = 1e-10, .absolute = 1e-14};
			for (int l = 0; l < LANES; l++) {
				matrices_read(learner->net, l, &after);
				matrices_subtract(&after, &before, &change);
				if (!matrices_agree(p, &change, &expected, &how))
					fail_msg("case %d, reset %g, lane %d: %s", c + 1, s.net.reset, l, how.where);
			}
			assert_mutations_fail(p, &change, &expected, &how);
			free(p);
			learner_free(learner);
		}
}

/* === Finite differences === */

/* E = 1/2 sum (target - y)^2 over the taught steps of one sequence, for the weights in every lane. */
static lane loss(struct learner *learner, const struct frames *f, const struct step *steps, int n)
{
	lane sum = {0};
	for (int l = 0; l < LANES; l++)
		learner_reset(learner, l, MAX_STEPS);
	for (int t = 0; t < n; t++) {
		learner_advance(learner, f, t, 1);
		learner_answer(learner, f, t);
		for (int k = 0; steps[t].taught && k < learner->net->out; k++) {
			const lane d = (k == steps[t].line ? steps[t].target : 0.0) - learner->net->y_out[k];
			sum += 0.5 * d * d;
		}
	}
	return sum;
}

static const double DELTA = 0x1p-16;

/* -dE/dw by central differences, two lane-fulls of perturbed networks at a time. */
static void differences(struct learner *learner, const struct plain *p, const struct frames *f, const struct step *steps, int n,
			const struct matrices *w, struct matrices *d)
{
	struct {
		int i, m, j;
	} job[LANES];
	int jobs = 0;
	memset(d, 0, sizeof *d);
	for (int l = 0; l < LANES; l++)
		matrices_write(learner->net, l, w);
	for (int i = 0; i <= MATRICES; i++)
		for (int m = 0; m < (i < MATRICES ? p->rows[i] : 1); m++)
			for (int j = 0; j < (i < MATRICES ? p->cols[i] : 1); j++) {
				if (i < MATRICES) {
					job[jobs].i = i;
					job[jobs].m = m;
					job[jobs++].j = j;
				}
				if (jobs < LANES && i < MATRICES)
					continue;
				lane e[2];
				for (int side = 0; side < 2; side++) {
					for (int l = 0; l < jobs; l++)
						*net_weight(learner->net, connection_of(learner->net, job[l].i), job[l].m, job[l].j, l) =
						    w->m[job[l].i][job[l].m][job[l].j] + (side ? DELTA : -DELTA);
					e[side] = loss(learner, f, steps, n);
				}
				for (int l = 0; l < jobs; l++) {
					const double centre = w->m[job[l].i][job[l].m][job[l].j];
					*net_weight(learner->net, connection_of(learner->net, job[l].i), job[l].m, job[l].j, l) = centre;
					d->m[job[l].i][job[l].m][job[l].j] = (e[0][l] - e[1][l]) / (2.0 * DELTA);
				}
				jobs = 0;
			}
}

/* Where the truncated gradient is exact:
   ALL: all weights. Without recurrent connections; with recurrent weights that are zero, as then no activation reaches
        a later net input (their own changes are still y_m(t-1) e_j(t)); in sequences of one step.
   OUTPUTS: those of the output layer, always. */
enum exact { EXACT_ALL, EXACT_OUTPUTS };

static int compared, truncated_seen, strong; /* strong: comparisons of changes that are not near zero */

static void check_differences(const struct setting *s, int number, bool zero_recurrent, int n, enum exact exact)
{
	static struct matrices w, gradient, numeric, after;
	static struct crowd c;
	struct rng r = rng_stream((uint64_t)number, zero_recurrent ? "zero" : "full");
	struct learner *learner = learner_of(s);
	struct plain *p = plain_create(&s->net, &s->rule, s->in, s->out);
	assert_matrices(learner->net, p);
	matrices_random(p, &w, 0.8, &r);
	if (zero_recurrent)
		memset(w.m[FROM_HIDDEN], 0, sizeof w.m[FROM_HIDDEN]);
	struct setting taught = *s;
	taught.teaching = (enum teaching)(number % TEACHINGS);
	crowd_alike(&taught, &c, n, &r);

	const int lane_of = number % LANES;
	for (int l = 0; l < LANES; l++)
		matrices_write(learner->net, l, &w);
	play(learner, s, &c, GARBAGE_NONE);
	matrices_read(learner->net, lane_of, &after);
	matrices_subtract(&after, &w, &gradient);
	for (int i = 0; i < MATRICES; i++)
		for (int m = 0; m < MAX; m++)
			for (int j = 0; j < MAX; j++)
				gradient.m[i][m][j] /= s->rule.rate;

	struct frames f = script_frames(s, &c, n);
	differences(learner, p, &f, c.step[0], n, &w, &numeric);
	frames_free(&f);

	assert_true(matrices_largest(&gradient) > 1e-4);
	struct comparison how = {.relative = 1e-5, .absolute = 1e-8};
	char text[600];
	describe(s, text, sizeof text);
	if (exact == EXACT_OUTPUTS) {
		const int rows[3] = {p->rows[FROM_BIAS], p->rows[FROM_INPUT], p->rows[FROM_HIDDEN]};
		truncated_seen += !matrices_agree(p, &gradient, &numeric, &how);
		p->rows[FROM_BIAS] = p->rows[FROM_INPUT] = p->rows[FROM_HIDDEN] = 0;
		if (!matrices_agree(p, &gradient, &numeric, &how))
			fail_msg("%d steps, outputs, %s: %s", n, text, how.where);
		memcpy(p->rows, rows, sizeof rows);
	} else {
		if (!matrices_agree(p, &gradient, &numeric, &how))
			fail_msg("%d steps%s, %s: %s", n, zero_recurrent ? ", recurrent weights 0" : "", text, how.where);
		assert_mutations_fail(p, &gradient, &numeric, &how);
	}
	compared++;
	free(p);
	learner_free(learner);
}

static bool is_recurrent(const struct setting *s)
{
	return s->net.connectivity == CONNECT_F || s->net.connectivity == CONNECT_F_SHORTCUTS;
}

static void visit_exact(const struct setting *s, int number)
{
	check_differences(s, number, is_recurrent(s), 4, EXACT_ALL);
}

static void visit_one_step(const struct setting *s, int number)
{
	struct setting with_reset = *s;
	with_reset.net.reset = 0.5;
	check_differences(&with_reset, number, false, 1, EXACT_ALL);
}

static void visit_outputs(const struct setting *s, int number)
{
	if (is_recurrent(s))
		check_differences(s, number, false, 4, EXACT_OUTPUTS);
}

static struct setting differences_setting(void)
{
	struct setting s = lstm97_setting();
	s.in = 2;
	s.rule.update = UPDATE_SEQUENCE;
	s.rule.rate = 1.0;
	return s;
}

/* All combinations. */
static void test_differences_exact(void **state)
{
	(void)state;
	const struct setting s = differences_setting();
	compared = 0;
	each_net(visit_exact, &s, 1);
	assert_int_equal(compared, 4 * 4 * 2 * 4 * 2 * 4 * 2 * 4);
}

static void test_differences_one_step(void **state)
{
	(void)state;
	const struct setting s = differences_setting();
	each_net(visit_one_step, &s, 5);
}

static void test_differences_outputs(void **state)
{
	(void)state;
	const struct setting s = differences_setting();
	compared = truncated_seen = 0;
	each_net(visit_outputs, &s, 5);
	assert_true(compared > 500);
	assert_true(truncated_seen > compared * 9 / 10); /* with recurrent weights the rest is another gradient */
}

/* More inputs, outputs and steps than anywhere above: all branches of the inner loops. */
static void test_differences_sizes(void **state)
{
	(void)state;
	struct setting s = differences_setting();
	s.net.connectivity = CONNECT_F_SHORTCUTS;
	s.net.bias = BIAS_ALL;
	set_gate_biases(&s.net);
	for (int size = 1; size <= 18; size++)
		for (int coding = 0; coding < 2; coding++) {
			s.coding = coding ? INPUT_LOCAL : INPUT_REAL;
			s.in = size;
			s.out = 19 - size;
			s.net.blocks = 1 + size % 4;
			s.net.cells = (struct list){1, {1 + size % 3}};
			check_differences(&s, size, true, 9, EXACT_ALL);
		}
}

/* === The plain implementation === */

/* With a cell output that has no bounds, states can grow from step to step and saturate everything, where rounding errors
   are no longer small: such nets get smaller weights and learn in smaller steps. */
static bool is_bounded(const struct setting *s)
{
	return s->net.h != SQUASH_ID && s->net.output != OUTPUT_IDENTITY;
}

static void start_lanes(struct learner *learner, struct plain **plain, const struct setting *s, double size, struct rng *r)
{
	for (int l = 0; l < LANES; l++) {
		plain[l] = plain_create(&s->net, &s->rule, s->in, s->out);
		matrices_random(plain[l], &plain[l]->w, size, r);
		matrices_write(learner->net, l, &plain[l]->w);
	}
	assert_matrices(learner->net, plain[0]);
}

/* One sequence per lane, each of its own length: truncated back-propagation through time gives the changes. The
   rate is so large that the old weight does not round the change. */
static void visit_backward(const struct setting *s, int number)
{
	static struct crowd c;
	static struct matrices after, change, expected;
	struct plain *plain[LANES];
	struct rng r = rng_stream((uint64_t)number, "backward");
	struct setting large = *s;
	large.rule.rate = 0x1p20;
	large.net.reset = number % 2 ? 0.0 : 0.5;
	struct learner *learner = learner_of(&large);
	start_lanes(learner, plain, &large, is_bounded(s) ? 1.5 : 0.3, &r);
	large.teaching = number % 2 ? TAUGHT_ALWAYS : TAUGHT_LAST;
	crowd_draw(&large, &c, 1, 1, 24, &r);
	play(learner, &large, &c, GARBAGE_WILD);
	for (int l = 0; l < LANES; l++) {
		plain_backward(plain[l], c.step[l], c.n[l], &expected);
		matrices_read(learner->net, l, &after);
		matrices_subtract(&after, &plain[l]->w, &change);
		const double largest = matrices_largest(&expected);
		compared++;
		strong += largest > 1e-3 * large.rule.rate;
		struct comparison how = {.relative = 1e-12, .absolute = 1e-14 * largest};
		if (!matrices_agree(plain[l], &change, &expected, &how)) {
			char text[600];
			describe(&large, text, sizeof text);
			fail_msg("lane %d, %d steps, %s: %s", l, c.n[l], text, how.where);
		}
		if (number % 16 == 0 && largest > 0.0)
			assert_mutations_fail(plain[l], &change, &expected, &how);
		free(plain[l]);
	}
	learner_free(learner);
}

static void test_backward(void **state)
{
	(void)state;
	struct setting s = lstm97_setting();
	s.rule.update = UPDATE_SEQUENCE;
	compared = strong = 0;
	each_net(visit_backward, &s, 5);
	assert_true(strong > compared * 9 / 10);
}

/* Many sequences one after the other, lanes out of step, every kind of update. */
static void check_online(const struct setting *s, int number)
{
	static struct crowd c;
	static struct matrices after, moved, start;
	struct plain *plain[LANES];
	struct rng r = rng_stream((uint64_t)number, "online");
	struct learner *learner = learner_of(s);
	start_lanes(learner, plain, s, is_bounded(s) ? 0.8 : 0.3, &r);
	crowd_draw(s, &c, 5, 1, 15, &r);
	play(learner, s, &c, GARBAGE_WILD);
	for (int l = 0; l < LANES; l++) {
		start = plain[l]->w;
		plain_online(plain[l], c.step[l], c.n[l]);
		matrices_subtract(&plain[l]->w, &start, &moved);
		compared++;
		strong += matrices_largest(&moved) > 0.01;
		matrices_read(learner->net, l, &after);
		struct comparison how = {.relative = 1e-12, .absolute = 1e-12};
		if (!matrices_agree(plain[l], &after, &plain[l]->w, &how)) {
			char text[600];
			describe(s, text, sizeof text);
			fail_msg("lane %d, %s: %s", l, text, how.where);
		}
		free(plain[l]);
	}
	learner_free(learner);
}

static void visit_online(const struct setting *s, int number)
{
	struct setting varied = *s;
	varied.rule.rate = is_bounded(s) ? 0.3 : 0.03;
	varied.net.reset = number % 3 ? 0.0 : -0.3;
	varied.rule.slope_offset = number % 4 ? 0.0 : 0.05;
	varied.rule.cell_errors = number % 5 == 0;
	for (int update = 0; update < 3; update++)
		for (int teaching = 0; teaching <= TAUGHT_ANY; teaching++) {
			varied.rule.update = update;
			varied.teaching = (enum teaching)teaching;
			check_online(&varied, number);
		}
}

static void test_online(void **state)
{
	(void)state;
	struct setting s = lstm97_setting();
	compared = strong = 0;
	each_net(visit_online, &s, 31);
	assert_true(strong > compared * 9 / 10);
}

/* Two kinds of update differ; so do all the rule's options: each must be seen by the comparison above. */
static void test_options_matter(void **state)
{
	(void)state;
	static struct crowd c;
	static struct matrices first, other;
	enum { VARIANTS = 7 };
	for (int variant = 0; variant < VARIANTS; variant++) {
		struct setting s = lstm97_setting();
		s.rule.rate = 0.2;
		s.rule.update = variant == 1 ? UPDATE_SEQUENCE : variant == 2 ? UPDATE_LATE : UPDATE_STEP;
		s.rule.slope_offset = variant == 3 ? 0.05 : 0.0;
		s.rule.cell_errors = variant == 4;
		s.net.reset = variant == 5 ? 0.5 : 0.0;
		s.net.g = variant == 6 ? SQUASH_H1 : SQUASH_G2;
		struct rng r = rng_stream(1, "variant");
		struct learner *learner = learner_of(&s);
		struct plain *plain[LANES];
		start_lanes(learner, plain, &s, 0.8, &r);
		crowd_draw(&s, &c, 5, 1, 15, &r);
		play(learner, &s, &c, GARBAGE_NONE);
		matrices_read(learner->net, 0, variant ? &other : &first);
		struct comparison how = {.relative = 1e-6, .absolute = 1e-6};
		if (variant)
			assert_false(matrices_agree(plain[0], &other, &first, &how));
		for (int l = 0; l < LANES; l++)
			free(plain[l]);
		learner_free(learner);
	}
}

/* Weights without errors do not move, to the bit. */
static void test_untaught_weights_stay(void **state)
{
	(void)state;
	static struct crowd c;
	static struct matrices after;
	for (int update = 0; update < 3; update++)
		for (int coding = 0; coding < 2; coding++) {
			struct setting s = lstm97_setting();
			s.coding = coding ? INPUT_LOCAL : INPUT_REAL;
			s.rule.update = update;
			struct rng r = rng_stream(1, "untaught");
			struct learner *learner = learner_of(&s);
			struct plain *plain[LANES];
			start_lanes(learner, plain, &s, 0.8, &r);
			crowd_draw(&s, &c, 5, 1, 15, &r);
			for (int l = 0; l < LANES; l++)
				for (int t = 0; t < c.n[l]; t++)
					c.step[l][t].taught = l % 2;
			play(learner, &s, &c, GARBAGE_NONE);
			for (int l = 0; l < LANES; l++) {
				matrices_read(learner->net, l, &after);
				assert_int_equal(memcmp(&after, &plain[l]->w, sizeof after) != 0, l % 2);
				free(plain[l]);
			}
			learner_free(learner);
		}
}

/* === Mutated networks === */

static const struct net_type *unmutated;
static int mutation;

static void mutant_errors(const struct net *net, const lane *e_seen, lane *e_direct, lane *e_s)
{
	unmutated->errors(net, e_seen, e_direct, e_s);
	switch (mutation) {
	case 0: e_s[0] *= 1.001; break;
	case 1: e_s[net->cells - 1] = -e_s[net->cells - 1]; break;
	case 2: e_direct[0] *= 1.001; break;
	case 3: e_direct[net->direct_n - 1] = lane_set(0.0); break;
	default: break;
	}
}

static void mutant_run(struct net *net, const struct frames *frames, long at, long n)
{
	unmutated->run(net, frames, at, n);
	for (long i = 1; i <= n; i++) {
		lane *const factor = net_row(net, net->row + i) + net->factor_at;
		switch (mutation) {
		case 4: factor[0] *= 1.001; break;
		case 5: factor[net->cells] = -factor[net->cells]; break;
		case 6: factor[net->pairs - 1] = lane_set(0.0); break;
		default: break;
		}
	}
}

/* A wrong derivative anywhere in the network is seen, by the plain implementation and by the differences. */
static void test_mutants(void **state)
{
	(void)state;
	static struct crowd c;
	static struct matrices w, after, change, expected, numeric;
	enum { MUTATIONS = 8, STEPS = 12 }; /* the last one is none */
	struct setting s = lstm97_setting();
	s.net.cells = (struct list){2, {1, 2}};
	s.net.bias = BIAS_ALL;
	s.net.connectivity = CONNECT_F_FORWARD;
	set_gate_biases(&s.net);
	s.rule.update = UPDATE_SEQUENCE;
	s.rule.rate = 1.0;
	struct rng r = rng_stream(1, "mutants");
	struct plain *p = plain_create(&s.net, &s.rule, s.in, s.out);
	matrices_random(p, &w, 0.8, &r);
	p->w = w;
	crowd_alike(&s, &c, STEPS, &r);
	plain_backward(p, c.step[0], STEPS, &expected);
	for (mutation = 0; mutation < MUTATIONS; mutation++) {
		struct learner *learner = learner_of(&s);
		unmutated = learner->net->type;
		struct net_type mutant = *unmutated;
		mutant.errors = mutant_errors;
		mutant.run = mutant_run;
		learner->net->type = &mutant;
		for (int l = 0; l < LANES; l++)
			matrices_write(learner->net, l, &w);
		play(learner, &s, &c, GARBAGE_NONE);
		matrices_read(learner->net, LANES - 1, &after);
		matrices_subtract(&after, &w, &change);
		struct frames f = script_frames(&s, &c, STEPS);
		differences(learner, p, &f, c.step[0], STEPS, &w, &numeric);
		frames_free(&f);
		struct comparison exact = {.relative = 1e-12, .absolute = 1e-14}, near = {.relative = 1e-5, .absolute = 1e-8};
		const bool sound = mutation == MUTATIONS - 1;
		assert_int_equal(matrices_agree(p, &change, &expected, &exact), sound);
		assert_int_equal(matrices_agree(p, &change, &numeric, &near), sound);
		learner->net->type = unmutated;
		learner_free(learner);
	}
	free(p);
}

/* === Initial weights, reset, growth, counts === */

static void started(const struct setting *s, int l, struct matrices *w)
{
	struct learner *learner = learner_of(s);
	struct rng r = rng_stream(7, "weights"), fresh = r;
	learner_start(learner, l, &r);
	matrices_read(learner->net, l, w);
	for (long i = 0; i < learner->net->weights; i++)
		rng_bits(&fresh);
	assert_memory_equal(&r, &fresh, sizeof r); /* one draw per weight */
	for (int k = 0; k < LANES; k++) {
		static struct matrices other;
		matrices_read(learner->net, k, &other);
		assert_true(k == l || matrices_largest(&other) == 0.0);
	}
	learner_free(learner);
}

static void test_initial_weights(void **state)
{
	(void)state;
	static struct matrices drawn, given, both, shifted;
	for (int coding = 0; coding < 2; coding++)
		for (int og = 0; og < 2; og++) {
			struct setting s = lstm97_setting();
			s.coding = coding ? INPUT_LOCAL : INPUT_REAL;
			s.net.output_gates = og;
			s.net.cells = (struct list){2, {1, 2}};
			s.net.bias = BIAS_ALL;
			s.net.connectivity = CONNECT_F_SHORTCUTS;
			s.net.init = 0.2;
			set_gate_biases(&s.net);
			const int l = LANES - 1, b = 2, gates = og ? 2 * b : b;
			started(&s, l, &drawn);
			struct plain *p = plain_create(&s.net, &s.rule, s.in, s.out);
			double sum = 0.0, largest = 0.0;
			int n = 0;
			for (int i = 0; i < MATRICES; i++)
				for (int m = 0; m < p->rows[i]; m++)
					for (int j = 0; j < p->cols[i]; j++, n++) {
						sum += drawn.m[i][m][j];
						largest = fmax(largest, fabs(drawn.m[i][m][j]));
						assert_true(drawn.m[i][m][j] != 0.0);
					}
			assert_true(largest <= 0.2 && largest > 0.18 && fabs(sum / n) < 0.05);

			/* the same draws, whatever the options say of them */
			s.net.igb = (struct list){2, {-3, -6}};
			if (og)
				s.net.ogb = (struct list){2, {-1, -2.5}};
			const double bias[] = {-3.0, -6.0, -1.0, -2.5};
			started(&s, l, &given);
			s.net.bias_init = 1;
			started(&s, l, &both);
			s.net.gate_shift = 0.75;
			started(&s, l, &shifted);
			for (int i = 0; i < MATRICES; i++)
				for (int m = 0; m < p->rows[i]; m++)
					for (int j = 0; j < p->cols[i]; j++) {
						const bool gate_bias = i == FROM_BIAS && j < gates,
							   from_input = i == FROM_INPUT && j < gates;
						const double x = drawn.m[i][m][j];
						assert_true(given.m[i][m][j] == (gate_bias ? bias[j] : x));
						assert_true(both.m[i][m][j] == (gate_bias ? bias[j] + x : x));
						assert_true(shifted.m[i][m][j] == both.m[i][m][j] + (from_input ? 0.75 : 0.0));
					}
			free(p);
		}
}

static void test_reset(void **state)
{
	(void)state;
	static struct crowd c;
	for (int i = 0; i < 3; i++) {
		struct setting s = lstm97_setting();
		s.net.reset = 0.5 * (i - 1);
		struct learner *learner = learner_of(&s);
		struct rng r = rng_stream(1, "reset");
		struct plain *plain[LANES];
		start_lanes(learner, plain, &s, 0.8, &r);
		crowd_draw(&s, &c, 1, 10, 10, &r);
		play(learner, &s, &c, GARBAGE_NONE);
		lane before[MAX];
		memcpy(before, learner->net->y, (size_t)learner->net->hidden * sizeof *before);
		const lane state_before = learner->net->s[0];
		const int l = LANES / 2;
		learner_reset(learner, l, MAX_STEPS);
		for (int k = 0; k < LANES; k++) {
			for (int j = 0; j < learner->net->hidden; j++)
				assert_true(learner->net->y[j][k] == (k == l ? s.net.reset : before[j][k]));
			assert_true(learner->net->s[0][k] == (k == l ? 0.0 : state_before[k]));
			free(plain[k]);
		}
		learner_free(learner);
	}
}

/* A lane whose hidden layer is missing: only what leads from inputs and biases to outputs learns, and the answers do not
   depend on cells; other lanes as ever; once it is there, all learns. */
static void test_grown(void **state)
{
	(void)state;
	static struct crowd c;
	static struct matrices after, moved;
	for (int update = 0; update < 3; update++)
		for (int coding = 0; coding < 2; coding++)
			for (int og = 0; og < 2; og++) {
				struct setting s = lstm97_setting();
				s.coding = coding ? INPUT_LOCAL : INPUT_REAL;
				s.net.connectivity = og ? CONNECT_F_SHORTCUTS : CONNECT_B;
				s.net.output_gates = og;
				s.net.bias = BIAS_ALL;
				set_gate_biases(&s.net);
				s.rule.update = update;
				s.rule.rate = 0.5;
				struct rng r = rng_stream(1, "grown");
				struct learner *learner = learner_of(&s);
				struct plain *plain[LANES];
				start_lanes(learner, plain, &s, 0.8, &r);
				crowd_draw(&s, &c, 6, 1, 12, &r);
				for (int l = 0; l < LANES; l++)
					learner->net->grown[l] = plain[l]->grown = l % 2;
				play(learner, &s, &c, GARBAGE_WILD);
				for (int l = 0; l < LANES; l++) {
					const struct matrices start = plain[l]->w;
					plain_online(plain[l], c.step[l], c.n[l]);
					matrices_read(learner->net, l, &after);
					struct comparison how = {.relative = 1e-12, .absolute = 1e-12};
					if (!matrices_agree(plain[l], &after, &plain[l]->w, &how))
						fail_msg("lane %d: %s", l, how.where);
					matrices_subtract(&after, &start, &moved);
					for (int i = 0; i < MATRICES; i++)
						for (int m = 0; m < plain[l]->rows[i]; m++)
							for (int j = 0; j < plain[l]->cols[i]; j++)
								if (l % 2 == 0 && i <= OUT_CELL)
									assert_true(moved.m[i][m][j] == 0.0);
					for (int k = 0; k < s.out; k++)
						assert_true(moved.m[OUT_BIAS][0][k] != 0.0);
				}
				/* answers without cells: whatever the cells' weights */
				struct frames f = script_frames(&s, &c, 5);
				for (int l = 0; l < LANES; l++)
					learner_reset(learner, l, 5);
				learner_advance(learner, &f, 0, 5);
				learner_answer(learner, &f, 4);
				const lane y = learner->net->y_out[0];
				for (int l = 0; l < LANES; l++) {
					matrices_read(learner->net, l, &after);
					after.m[OUT_CELL][0][0] += 1.0;
					matrices_write(learner->net, l, &after);
				}
				learner_answer(learner, &f, 4);
				for (int l = 0; l < LANES; l++)
					assert_int_equal(learner->net->y_out[0][l] != y[l], l % 2);
				frames_free(&f);
				/* grown */
				for (int l = 0; l < LANES; l++) {
					learner->net->grown[l] = plain[l]->grown = 1.0;
					matrices_read(learner->net, l, &plain[l]->w);
				}
				play(learner, &s, &c, GARBAGE_WILD);
				for (int l = 0; l < LANES; l++) {
					const struct matrices start = plain[l]->w;
					plain_online(plain[l], c.step[l], c.n[l]);
					matrices_read(learner->net, l, &after);
					struct comparison how = {.relative = 1e-11, .absolute = 1e-11};
					if (!matrices_agree(plain[l], &after, &plain[l]->w, &how))
						fail_msg("lane %d, grown: %s", l, how.where);
					matrices_subtract(&after, &start, &moved);
					assert_true(fabs(moved.m[FROM_INPUT][0][0]) > 0.0 && fabs(moved.m[OUT_CELL][0][0]) > 0.0);
					free(plain[l]);
				}
				learner_free(learner);
			}
}

/* n steps at once, or one by one: the same. */
static void test_advance_in_parts(void **state)
{
	(void)state;
	for (int coding = 0; coding < 2; coding++) {
		static struct crowd c;
		struct setting s = lstm97_setting();
		s.coding = coding ? INPUT_LOCAL : INPUT_REAL;
		struct rng r = rng_stream(1, "parts");
		struct learner *learner = learner_of(&s);
		struct plain *plain[LANES];
		start_lanes(learner, plain, &s, 0.8, &r);
		crowd_draw(&s, &c, 1, MAX_STEPS, MAX_STEPS, &r);
		struct frames f = script_frames(&s, &c, MAX_STEPS);
		lane y[2], states[2];
		for (int part = 0; part < 2; part++) {
			for (int l = 0; l < LANES; l++)
				learner_reset(learner, l, MAX_STEPS);
			for (int t = 0, n; t < MAX_STEPS; t += n) {
				n = part ? 1 + t % 7 < MAX_STEPS - t ? 1 + t % 7 : MAX_STEPS - t : MAX_STEPS;
				learner_advance(learner, &f, t, n);
			}
			learner_answer(learner, &f, MAX_STEPS - 1);
			y[part] = learner->net->y_out[1];
			states[part] = learner->net->s[1];
		}
		for (int l = 0; l < LANES; l++) {
			assert_true(y[0][l] == y[1][l] && states[0][l] == states[1][l]);
			free(plain[l]);
		}
		frames_free(&f);
		learner_free(learner);
	}
}

/* Table 10, w. */
static void test_weight_counts(void **state)
{
	(void)state;
	static const struct {
		const char *row;
		long w;
		const char *settings;
	} rows[] = {
	    {"1-1", 264, "task=reber blocks=4 cells=1 bias=gates igb=r ogb=-1:-2:-3:-4"},
	    {"1-2", 276, "task=reber blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3"},
	    {"1-3", 276, "task=reber blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 rate=0.2"},
	    {"1-4", 264, "task=reber blocks=4 cells=1 bias=gates igb=r ogb=-1:-2:-3:-4 rate=0.5"},
	    {"1-5", 276, "task=reber blocks=3 cells=2 bias=gates igb=r ogb=-1:-2:-3 rate=0.5"},
	    {"2a", 10504, "task=long-lag T=100 blocks=1 cells=1 connectivity=B output_gates=no h=id g=g1"},
	    {"2b", 10504, "task=long-lag T=100 distractors=random blocks=1 cells=1 connectivity=B output_gates=no h=id g=g1"},
	    {"2c-1", 364, "task=distractors T=50 symbols=50 blocks=2 cells=1"},
	    {"2c-2", 664, "task=distractors T=100 symbols=100 blocks=2 cells=1"},
	    {"2c-3", 1264, "task=distractors T=200 symbols=200 blocks=2 cells=1"},
	    {"2c-4", 3064, "task=distractors T=500 symbols=500 blocks=2 cells=1"},
	    {"2c-5", 6064, "task=distractors T=1000 symbols=1000 blocks=2 cells=1"},
	    {"2c-6", 3064, "task=distractors T=1000 symbols=500 blocks=2 cells=1"},
	    {"2c-7", 1264, "task=distractors T=1000 symbols=200 blocks=2 cells=1"},
	    {"2c-8", 664, "task=distractors T=1000 symbols=100 blocks=2 cells=1"},
	    {"2c-9", 364, "task=distractors T=1000 symbols=50 blocks=2 cells=1"},
	    {"2c-1 without recurrence", 364 - 36, "task=distractors T=50 symbols=50 blocks=2 cells=1 connectivity=F-recurrence"},
	    {"3a, 3b", 102, "task=two-sequence blocks=3 cells=1 bias=hidden igb=-1:-3:-5 ogb=-2:-4:-6"},
	    {"3c", 102, "task=two-sequence blocks=3 cells=1 bias=hidden igb=-1:-3:-5 ogb=-2:-4:-6 targets=0.2:0.8"},
	    {"4", 93, "task=adding blocks=2 cells=2 bias=all igb=-3:-6 ogb=r"},
	    {"5", 93, "task=multiplication blocks=2 cells=2 bias=all igb=r ogb=r"},
	    {"6a", 156, "task=temporal-order relevant=2 blocks=2 cells=2 bias=all igb=-2:-4 ogb=r"},
	    {"6b", 308, "task=temporal-order relevant=3 blocks=3 cells=2 bias=all igb=-2:-4:-6 ogb=r"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conditions c = conditions_defaults();
		struct error e = {0};
		char copy[300], *rest = copy;
		snprintf(copy, sizeof copy, "%s", rows[i].settings);
		for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
			char *value = strchr(pair, '=');
			*value++ = '\0';
			if (!conditions_set(&c, pair, value, &e))
				fail_msg("%s: %s", rows[i].row, e.text);
		}
		long w = 0;
		if (!conditions_check(&c, &w, &e))
			fail_msg("%s: %s", rows[i].row, e.text);
		if (w != rows[i].w)
			fail_msg("%s: %ld weights, expected %ld", rows[i].row, w, rows[i].w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_authors_simulator),
	    cmocka_unit_test(test_differences_exact),
	    cmocka_unit_test(test_differences_one_step),
	    cmocka_unit_test(test_differences_outputs),
	    cmocka_unit_test(test_differences_sizes),
	    cmocka_unit_test(test_backward),
	    cmocka_unit_test(test_online),
	    cmocka_unit_test(test_options_matter),
	    cmocka_unit_test(test_untaught_weights_stay),
	    cmocka_unit_test(test_mutants),
	    cmocka_unit_test(test_initial_weights),
	    cmocka_unit_test(test_reset),
	    cmocka_unit_test(test_grown),
	    cmocka_unit_test(test_advance_in_parts),
	    cmocka_unit_test(test_weight_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
