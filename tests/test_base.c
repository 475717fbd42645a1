/* test_base.c: the arithmetic of lanes, random streams, options.
   Does: lane functions against libm and against each other; xoshiro256++ against its authors' numbers; every key of
   every option table there and back; impossible values and combinations.
   Does not: networks, tasks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lane.h"
#include "base/rng.h"
#include "crowd.h"

#include <fenv.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double P_MIN = 1e-4; /* of a statistical test; seeds are fixed, so that a test passes always or never */

/* --- lanes --- */

static uint64_t bits_of(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static double number_of(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

/* |x - exact| in units of the last place of exact. */
static double ulps(double x, long double exact)
{
	const double r = fabs((double)exact);
	return (double)(fabsl((long double)x - exact) / (long double)(nextafter(r, INFINITY) - r));
}

static lane random_lane(struct rng *r, double low, double high)
{
	lane x = {0};
	for (int l = 0; l < LANES; l++)
		x[l] = rng_between(r, low, high);
	return x;
}

static lane logistic(lane x)
{
	lane f;
	lane_logistic(&x, &f, 1);
	return f;
}

static void test_exp_near_libm(void **state)
{
	(void)state;
	static const double spans[] = {700.0, 40.0, 1.0, 1e-3, 1e-9, 1e-300};
	struct rng r = rng_stream(1, "exp");
	double worst_exp = 0.0, worst_logistic = 0.0;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
		for (int n = 0; n < 80000; n += LANES) {
			const lane x = random_lane(&r, -spans[i], spans[i]), e = lane_exp(x), f = logistic(x);
			for (int l = 0; l < LANES; l++) {
				worst_exp = fmax(worst_exp, ulps(e[l], expl((long double)x[l])));
				worst_logistic = fmax(worst_logistic, ulps(f[l], 1.0L / (1.0L + expl(-(long double)x[l]))));
			}
		}
	/* The logistic: where e^-x is just above a power of two and 1 / e^-x just below one, the same relative error is
	   twice as many units of the last place. */
	if (!(worst_exp <= 3.0) || !(worst_logistic <= 4.5))
		fail_msg("exp is off by %g ulp, logistic by %g", worst_exp, worst_logistic);
	assert_true(worst_exp > 0.25); /* 0 would mean that nothing was compared */
}

static void test_exp_extremes(void **state)
{
	(void)state;
	const double top = lane_exp(lane_set(708.0))[0], bottom = lane_exp(lane_set(-708.0))[0];
	assert_true(ulps(top, expl(708.0L)) <= 3.0 && ulps(bottom, expl(-708.0L)) <= 3.0);
	static const double large[] = {708.5, 709.0, 710.0, 1e4, 1e300, INFINITY};
	for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
		assert_true(lane_exp(lane_set(large[i]))[0] == top);
		assert_true(lane_exp(lane_set(-large[i]))[0] == bottom);
		assert_true(logistic(lane_set(large[i]))[0] == 1.0);
		const double f = logistic(lane_set(-large[i]))[0];
		assert_true(f > 0.0 && f < 1e-300);
	}
	assert_true(lane_exp(lane_set(0.0))[0] == 1.0 && lane_exp(lane_set(-0.0))[0] == 1.0);
	assert_true(lane_exp(lane_set(5e-324))[0] == 1.0 && lane_exp(lane_set(-5e-324))[0] == 1.0);
	assert_true(logistic(lane_set(0.0))[0] == 0.5 && logistic(lane_set(-0.0))[0] == 0.5);
	assert_true(isnan(lane_exp(lane_set(NAN))[0]) && isnan(lane_exp(lane_set(-NAN))[0]));
	assert_true(isnan(logistic(lane_set(NAN))[0]));
	/* never decreasing across the seams between powers of two */
	double before = 0.0;
	for (int n = -2000; n <= 2000; n++) {
		const double y = lane_exp(lane_set(n * 0.34657359027997264 + 1e-3 * (n % 3)))[0];
		assert_true(y > before || n * 0.3466 < -708.0 || n * 0.3466 > 707.0);
		before = y;
	}
}

static const double specials[] = {0.0,    -0.0,     1.0,       -1.0, 0.5,    700.0, -700.0, 709.0, -709.0, 1e300,
				  -1e300, INFINITY, -INFINITY, NAN,  5e-324, 1e-16, 36.7,   -36.7, -745.0, 0.6931471805599453};
enum { SPECIALS = sizeof specials / sizeof *specials };

/* The same bits, or both not a number. */
static bool same_bits(double a, double b)
{
	return (isnan(a) && isnan(b)) || bits_of(a) == bits_of(b);
}

static void test_lanes_do_not_see_each_other(void **state)
{
	(void)state;
	struct rng r = rng_stream(2, "neighbours");
	for (int i = 0; i < SPECIALS + 200; i++) {
		const double x = i < SPECIALS ? specials[i] : rng_between(&r, -60.0, 60.0);
		const double e = lane_exp(lane_set(x))[0], f = logistic(lane_set(x))[0];
		for (int l = 0; l < LANES; l++)
			for (int n = 0; n < 20; n++) {
				lane v = {0};
				for (int k = 0; k < LANES; k++)
					v[k] = n % 2 ? specials[rng_below(&r, SPECIALS)] : rng_between(&r, -800.0, 800.0);
				v[l] = x;
				assert_true(same_bits(lane_exp(v)[l], e));
				assert_true(same_bits(logistic(v)[l], f));
			}
	}
}

/* Many at once or one by one, in place or not: the same. */
static void test_logistic_of_many(void **state)
{
	(void)state;
	enum { MANY = 13 };
	struct rng r = rng_stream(7, "many");
	lane x[MANY], f[MANY];
	for (int n = 0; n <= MANY; n++) {
		for (int i = 0; i < MANY; i++) {
			x[i] = random_lane(&r, -30.0, 30.0);
			x[i][0] = specials[rng_below(&r, SPECIALS)];
			f[i] = lane_set(7.0);
		}
		lane_logistic(x, f, n);
		for (int i = 0; i < MANY; i++) {
			const lane one = i < n ? logistic(x[i]) : lane_set(7.0);
			for (int l = 0; l < LANES; l++)
				assert_true(same_bits(f[i][l], one[l]));
		}
		lane_logistic(x, x, n);
		for (int i = 0; i < n; i++)
			for (int l = 0; l < LANES; l++)
				assert_true(same_bits(x[i][l], f[i][l]));
	}
}

/* Each operation against the same in plain C, lane by lane. */
static void test_lane_operations(void **state)
{
	(void)state;
	struct rng r = rng_stream(3, "operations");
	for (int n = 0; n < 2000; n++) {
		lane a = random_lane(&r, -2.0, 2.0), b = random_lane(&r, -2.0, 2.0), c = random_lane(&r, -1e-9, 1e-9);
		ilane mask = {0};
		bool any = false;
		for (int l = 0; l < LANES; l++) {
			if (rng_below(&r, 4) == 0)
				a[l] = specials[rng_below(&r, SPECIALS)];
			if (rng_below(&r, 4) == 0)
				b[l] = specials[rng_below(&r, SPECIALS)];
			mask[l] = -(int64_t)(rng_below(&r, LANES + 1) == 0);
			any = any || mask[l];
		}
		assert_int_equal(lane_any(mask), any);
		const lane fma_abc = lane_fma(a, b, c), fnma_abc = lane_fnma(a, b, c), low = lane_min(a, b), high = lane_max(a, b),
			   chosen = lane_select(mask, a, b), masked = lane_masked(mask, a), magnitude = lane_abs(a);
		for (int l = 0; l < LANES; l++) {
			assert_true(same_bits(fma_abc[l], fma(a[l], b[l], c[l])));
			assert_true(same_bits(fnma_abc[l], fma(-a[l], b[l], c[l])));
			assert_true(same_bits(low[l], a[l] < b[l] ? a[l] : b[l]));
			assert_true(same_bits(high[l], a[l] > b[l] ? a[l] : b[l]));
			assert_true(same_bits(chosen[l], mask[l] ? a[l] : b[l]));
			assert_true(bits_of(masked[l]) == (mask[l] ? bits_of(a[l]) : 0));
			assert_true(same_bits(magnitude[l], fabs(a[l])));
		}
	}
	double *table = memory_zeroed(16 * LANES, sizeof *table);
	ilane at = {0};
	lane x = {0};
	for (int i = 0; i < 16 * LANES; i++)
		table[i] = i;
	for (int l = 0; l < LANES; l++) {
		at[l] = 16 * (LANES - 1 - l) + 3 * l % 16;
		x[l] = -1.0 - l;
	}
	const lane got = lane_gather(table, at);
	lane_scatter(table, at, x);
	int changed = 0;
	for (int i = 0; i < 16 * LANES; i++)
		changed += table[i] < 0.0;
	assert_int_equal(changed, LANES);
	for (int l = 0; l < LANES; l++) {
		assert_true(got[l] == (double)at[l]);
		assert_true(table[at[l]] == -1.0 - l);
	}
	free(table);
}

/* A build that contracts multiplications and additions, or flushes subnormal numbers, is found. */
static void test_exact(void **state)
{
	(void)state;
	assert_true(lane_exact());
	assert_int_equal(fesetround(FE_UPWARD), 0);
	const bool upward = lane_exact();
	fesetround(FE_TONEAREST);
	assert_false(upward);
}

/* A number of a random sign and exponent (spread: how far from 1, in powers of two), with a fraction of few ones, few zeros or any bits. */
static double random_number(struct rng *r, int spread)
{
	uint64_t fraction = rng_bits(r) >> 12;
	const int kind = rng_below(r, 4);
	if (kind < 2) {
		fraction = 0;
		for (int i = rng_below(r, 4); i > 0; i--)
			fraction ^= UINT64_C(1) << rng_below(r, 52);
	}
	if (kind == 1)
		fraction ^= (UINT64_C(1) << 52) - 1;
	const uint64_t sign = rng_bits(r) >> 63, exponent = (uint64_t)(1023 + rng_below(r, 2 * spread + 1) - spread);
	return number_of(sign << 63 | exponent << 52 | fraction);
}

/* A third operand that makes a b + c difficult: of any size, of about the size of a b or of its last bits, or almost -a b. */
static double random_addend(struct rng *r, double a, double b)
{
	const double product = a * b;
	switch (rng_below(r, 4)) {
	case 0: return random_number(r, 1023);
	case 1: return product * random_number(r, 3);
	case 2: return product * random_number(r, 3) * ldexp(1.0, rng_below(r, 2) ? -53 : -106 + rng_below(r, 212));
	default: return number_of(bits_of(-product) + (uint64_t)rng_below(r, 5) - 2);
	}
}

/* For processors without the instruction: as libm, and on processors that have it, as they. */
static void test_fma_soft_as_libm(void **state)
{
	(void)state;
	static const int spreads[] = {1023, 500, 60, 2};
	struct rng r = rng_stream(8, "fma");
	long tested = 0, ordinary = 0;
	for (int n = 0; n < 4000000; n += LANES) {
		lane a = {0}, b = {0}, c = {0};
		for (int l = 0; l < LANES; l++) {
			a[l] = rng_below(&r, 50) ? random_number(&r, spreads[n / LANES % 4]) : specials[rng_below(&r, SPECIALS)];
			b[l] = rng_below(&r, 50) ? random_number(&r, spreads[n / LANES % 4]) : specials[rng_below(&r, SPECIALS)];
			c[l] = rng_below(&r, 50) ? random_addend(&r, a[l], b[l]) : specials[rng_below(&r, SPECIALS)];
		}
		const lane soft = lane_fma_soft(a, b, c), own = lane_fma(a, b, c);
		for (int l = 0; l < LANES; l++) {
			const double exact = fma(a[l], b[l], c[l]);
			if (!same_bits(soft[l], exact) || !same_bits(own[l], exact))
				fail_msg("%a * %a + %a = %a, soft %a, lane_fma %a", a[l], b[l], c[l], exact, soft[l], own[l]);
			tested++;
			ordinary += isnormal(exact) && exact != c[l] && exact != a[l] * b[l] + c[l];
		}
	}
	assert_true(ordinary > tested / 50); /* cases where rounding twice would not do */
}

/* Rows of n numbers, the last of which ends where the table does: no number but theirs is read or written. */
static void test_lane_rows(void **state)
{
	(void)state;
	for (int n = 1; n <= LANES; n++) {
		const int size = n * (LANES + 2);
		double *table = memory_zeroed((size_t)size, sizeof *table), *before = memory_zeroed((size_t)size, sizeof *before);
		ilane at = {0}, mask = {0};
		lane x[LANES], add[LANES];
		for (int i = 0; i < size; i++)
			before[i] = table[i] = 1.0 + i;
		for (int l = 0; l < LANES; l++) {
			at[l] = size - n * (l + 1);
			mask[l] = l % 3 ? -1 : 0;
			for (int i = 0; i < LANES; i++)
				add[i][l] = 1000.0 * (l + 1) + i;
		}
		lane_load_rows(table, at, x, n);
		lane_add_rows(table, at, add, n, mask);
		for (int l = 0; l < LANES; l++)
			for (int i = 0; i < n; i++) {
				double *const number = &before[at[l] + i];
				assert_true(x[i][l] == *number);
				*number += mask[l] ? 1000.0 * (l + 1) + i : 0.0;
			}
		assert_memory_equal(table, before, (size_t)size * sizeof *table);
		free(table);
		free(before);
	}
}

/* --- random numbers --- */

/* The outputs for state {1, 2, 3, 4} that the reference implementation gives (Blackman & Vigna, xoshiro256plusplus.c;
   the same numbers are the test vector of Rust's rand_xoshiro). */
static void test_xoshiro_reference(void **state)
{
	(void)state;
	static const uint64_t expected[] = {
	    UINT64_C(41943041),
	    UINT64_C(58720359),
	    UINT64_C(3588806011781223),
	    UINT64_C(3591011842654386),
	    UINT64_C(9228616714210784205),
	    UINT64_C(9973669472204895162),
	    UINT64_C(14011001112246962877),
	    UINT64_C(12406186145184390807),
	    UINT64_C(15849039046786891736),
	    UINT64_C(10450023813501588000),
	};
	struct rng r = {{1, 2, 3, 4}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_true(rng_bits(&r) == expected[i]);
}

static double chi_square_p(const long *count, int bins, long draws)
{
	const double expected = (double)draws / bins;
	double x = 0.0;
	for (int i = 0; i < bins; i++)
		x += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
	return gsl_cdf_chisq_Q(x, bins - 1);
}

static void assert_uniform(const long *count, int bins, long draws)
{
	const double p = chi_square_p(count, bins, draws);
	if (!(p > P_MIN && p < 1.0 - P_MIN))
		fail_msg("chi-square of %d bins: p = %g", bins, p);
}

static void test_uniform(void **state)
{
	(void)state;
	enum { BINS = 128, DRAWS = 1000000 };
	long count[BINS] = {0}, low[BINS] = {0}, between[BINS] = {0}, pair[BINS] = {0};
	struct rng r = rng_stream(4, "uniform");
	double before = 0.0;
	for (int i = 0; i < DRAWS; i++) {
		const double x = rng_uniform(&r);
		assert_true(x >= 0.0 && x < 1.0);
		count[(int)(x * BINS)]++;
		low[(uint64_t)(x * 0x1p53) % BINS]++; /* the last of the 53 bits */
		pair[(int)(before * 8) * 16 + (int)(x * 16)]++;
		before = x;
		const double y = rng_between(&r, -3.0, 5.0);
		assert_true(y >= -3.0 && y < 5.0);
		between[(int)((y + 3.0) * BINS / 8.0)]++;
	}
	assert_uniform(count, BINS, DRAWS);
	assert_uniform(low, BINS, DRAWS);
	assert_uniform(between, BINS, DRAWS);
	assert_uniform(pair, BINS, DRAWS);

	static const int sizes[] = {2, 3, 7, 10, 11, 100, 128};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		memset(count, 0, sizeof count);
		for (int n = 0; n < 200000; n++) {
			const int x = rng_below(&r, sizes[i]);
			assert_in_range(x, 0, sizes[i] - 1);
			count[x]++;
		}
		assert_uniform(count, sizes[i], 200000);
	}
	assert_int_equal(rng_below(&r, 1), 0);
}

static int compare_bits(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void test_streams_are_distinct(void **state)
{
	(void)state;
	static const char *const names[] = {"weights", "train", "test", "strings"};
	enum { SEEDS = 5000, NAMES = 4, BINS = 64 };
	static uint64_t first[SEEDS * NAMES];
	long count[BINS] = {0}, across[BINS] = {0};
	int n = 0;
	for (uint64_t seed = 0; seed < SEEDS; seed++)
		for (int i = 0; i < NAMES; i++) {
			struct rng r = rng_stream(seed, names[i]), again = rng_stream(seed, names[i]);
			assert_memory_equal(&r, &again, sizeof r);
			assert_true(r.s[0] | r.s[1] | r.s[2] | r.s[3]);
			first[n] = rng_bits(&r);
			count[first[n] >> 58]++;
			if (n)
				across[(first[n] ^ first[n - 1]) >> 58]++;
			n++;
		}
	assert_uniform(count, BINS, n);
	assert_uniform(across, BINS, n - 1);
	qsort(first, (size_t)n, sizeof *first, compare_bits);
	for (int i = 1; i < n; i++)
		assert_true(first[i] != first[i - 1]);
}

static void test_gsl_draws_from_the_same_stream(void **state)
{
	(void)state;
	struct rng a = rng_stream(5, "gsl"), b = a;
	const gsl_rng g = rng_gsl(&a);
	for (int i = 0; i < 100; i++) {
		assert_true(gsl_rng_uniform(&g) == rng_uniform(&b));
		assert_true(gsl_rng_get(&g) == rng_bits(&b) >> 32);
		assert_memory_equal(&a, &b, sizeof a);
	}
	double sum = 0.0, square = 0.0;
	enum { DRAWS = 200000 };
	for (int i = 0; i < DRAWS; i++) {
		const double x = gsl_ran_gaussian_ziggurat(&g, 1.0);
		sum += x;
		square += x * x;
	}
	assert_true(fabs(sum / DRAWS) < 4.0 / sqrt(DRAWS));
	assert_true(fabs(square / DRAWS - 1.0) < 4.0 * sqrt(2.0 / DRAWS));
	assert_memory_not_equal(&a, &b, sizeof a);
}

/* --- options --- */

static void assert_one_line(const struct error *e, const char *mentions)
{
	assert_int_equal(e->kind, ERROR_INPUT);
	assert_true(strlen(e->text) > 10);
	if (strchr(e->text, '\n') || !strstr(e->text, mentions))
		fail_msg("not one line about %s: '%s'", mentions, e->text);
}

/* Sets the key to text, prints it, sets it to what was printed: the same value, the same text. */
static void there_and_back(const char *key, const char *text)
{
	struct conditions a = conditions_defaults(), b = a;
	struct error e = {0};
	if (!conditions_set(&a, key, text, &e))
		fail_msg("%s = %s: %s", key, text, e.text);
	void *base_a, *base_b;
	char printed[OPTION_TEXT_MAX], again[OPTION_TEXT_MAX];
	const struct parameter *o = conditions_option(&a, key, &base_a);
	assert_non_null(o);
	assert_ptr_equal(conditions_option(&b, key, &base_b), o);
	option_print(o, base_a, printed, sizeof printed);
	if (!conditions_set(&b, key, printed, &e))
		fail_msg("%s = %s, printed as %s: %s", key, text, printed, e.text);
	option_print(o, base_b, again, sizeof again);
	assert_string_equal(printed, again);
	const char *x = (const char *)base_a + o->offset, *y = (const char *)base_b + o->offset;
	switch (o->type) {
	case OPTION_INT: assert_memory_equal(x, y, sizeof(long)); break;
	case OPTION_REAL: assert_memory_equal(x, y, sizeof(double)); break;
	case OPTION_TYPE:
	case OPTION_ENUM:
		assert_memory_equal(x, y, sizeof(int));
		assert_string_equal(text, printed);
		break;
	case OPTION_LIST: assert_memory_equal(x, y, sizeof(struct list)); break;
	case OPTION_TEXT:
		assert_string_equal(x, text);
		assert_string_equal(x, y);
		break;
	}
}

static void refused(const char *key, const char *text)
{
	struct conditions c = conditions_defaults();
	struct error e = {0};
	if (conditions_set(&c, key, text, &e))
		fail_msg("%s = '%s' was accepted", key, text);
	assert_one_line(&e, key);
}

static void number_in_range(const struct parameter *o, struct rng *r, char *text, size_t size)
{
	const double low = fmax(o->min, -1e6), high = fmin(o->max, 1e6);
	const double x = rng_below(r, 2) ? rng_between(r, low, high)
					 : fmin(fmax(rng_between(r, -1.0, 1.0) * exp(rng_between(r, -30.0, 10.0)), low), high);
	snprintf(text, size, "%.17g", x);
}

static void visit_key(void *to, const struct parameter *o, const void *base)
{
	int *const keys = to;
	struct rng r = rng_stream((uint64_t)++ * keys, "options");
	char text[2 * OPTION_TEXT_MAX], item[40];
	assert_true(o->help && o->help[0] && !strchr(o->help, '\n'));
	option_print(o, base, text, sizeof text);
	there_and_back(o->key, text);
	switch (o->type) {
	case OPTION_INT:
		snprintf(text, sizeof text, "%.0f", o->min);
		there_and_back(o->key, text);
		snprintf(text, sizeof text, "%.0f", o->max);
		there_and_back(o->key, text);
		snprintf(text, sizeof text, "%.0f", o->min - 1.0);
		refused(o->key, text);
		snprintf(text, sizeof text, "%.0f", o->max + 1.0);
		refused(o->key, text);
		refused(o->key, "99999999999999999999");
		refused(o->key, "1.5");
		refused(o->key, "1e3");
		refused(o->key, "7 ");
		break;
	case OPTION_REAL:
		for (int i = 0; i < 300; i++) {
			number_in_range(o, &r, text, sizeof text);
			there_and_back(o->key, text);
		}
		snprintf(text, sizeof text, "%.17g", nextafter(o->max, INFINITY));
		refused(o->key, text);
		snprintf(text, sizeof text, "%.17g", nextafter(o->min, -INFINITY));
		refused(o->key, text);
		refused(o->key, "nan");
		refused(o->key, "inf");
		refused(o->key, "0.1x");
		refused(o->key, "0,1");
		break;
	case OPTION_TYPE:
		for (int i = 0; o->name_of(i); i++)
			there_and_back(o->key, o->name_of(i));
		refused(o->key, "0");
		break;
	case OPTION_ENUM:
		for (int i = 0; o->names[i]; i++)
			there_and_back(o->key, o->names[i]);
		refused(o->key, "0");
		break;
	case OPTION_LIST:
		for (int i = 0; o->names && o->names[i]; i++)
			there_and_back(o->key, o->names[i]);
		for (int i = 0; i < 100; i++) {
			size_t used = 0;
			for (int n = i % LIST_MAX; n >= 0; n--) {
				number_in_range(o, &r, item, sizeof item);
				used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ":" : "", item);
			}
			there_and_back(o->key, text);
		}
		snprintf(text, sizeof text, "%.17g", o->max * 2.0);
		refused(o->key, text);
		refused(o->key, "1:1:1:1:1:1:1:1:1");
		refused(o->key, "1:");
		refused(o->key, ":1");
		refused(o->key, "1::1");
		refused(o->key, "1,2");
		refused(o->key, "nan");
		memset(text, '1', sizeof text);
		text[sizeof text - 1] = '\0';
		refused(o->key, text);
		break;
	case OPTION_TEXT:
		there_and_back(o->key, "ST1:ST2");
		memset(text, 'a', OPTION_TEXT_MAX);
		text[OPTION_TEXT_MAX] = '\0';
		refused(o->key, text);
		text[OPTION_TEXT_MAX - 1] = '\0';
		there_and_back(o->key, text);
		return; /* no other text is impossible */
	}
	refused(o->key, "");
	refused(o->key, "perhaps");
	memset(text, 'z', sizeof text);
	text[sizeof text - 1] = '\0';
	refused(o->key, text);
}

static void test_words(void **state)
{
	static const struct word expected[] = {{"a", "1"}, {"long_key", "x=y:-2"}, {"bare", ""}, {"empty", ""}, {"", "v"}};
	const char *text = "  a=1 long_key=x=y:-2   bare empty= =v ";
	struct word word;
	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_true(option_next_word(&text, &word));
		assert_string_equal(word.key, expected[i].key);
		assert_string_equal(word.value, expected[i].value);
	}
	assert_false(option_next_word(&text, &word));
	assert_string_equal(text, "");
}

static void test_options_there_and_back(void **state)
{
	(void)state;
	const struct conditions c = conditions_defaults();
	int keys = 0, expected = 0;
	conditions_each(&c, visit_key, &keys);
	const struct parameter *const tables[] = {task_option_table, learner_option_table, net_option_table, rule_option_table,
						  trial_option_table};
	for (int i = 0; i < 5; i++)
		for (const struct parameter *o = tables[i]; o->key; o++) {
			expected++;
			for (int k = 0; k < i; k++) /* a key names one thing */
				assert_null(option_find(tables[k], o->key));
			assert_ptr_equal(option_find(tables[i], o->key), o);
		}
	assert_int_equal(keys, expected);
	assert_true(keys > 35);
	refused("no_such_key", "1");
	refused("", "1");
}

static void test_print_real(void **state)
{
	(void)state;
	static const struct {
		double x;
		const char *text;
	} known[] = {{0.1, "0.1"}, {0.0, "0"}, {-0.2, "-0.2"}, {1000.0, "1000"}, {1.0 / 3.0, "0.3333333333333333"}, {1e-7, "1e-07"}};
	char text[40];
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		option_print_real(known[i].x, text, sizeof text);
		assert_string_equal(text, known[i].text);
	}
	struct rng r = rng_stream(6, "print");
	for (int i = 0; i < 20000; i++) {
		const uint64_t bits = rng_bits(&r);
		double x;
		memcpy(&x, &bits, sizeof x);
		if (!isfinite(x))
			continue;
		option_print_real(x, text, sizeof text);
		assert_true(bits_of(strtod(text, NULL)) == bits);
	}
}

static void test_combinations(void **state)
{
	(void)state;
	static const struct {
		const char *mentions; /* NULL: possible */
		const char *settings;
	} cases[] = {
	    {NULL, "task=two-sequence"},
	    {NULL, "task=adding bias=all igb=-3:-6 ogb=r output=identity"},
	    {NULL, "task=two-sequence blocks=8 cells=1:2:3:4:5:6:7:8"},
	    {NULL, "task=reber judge=legal judged=every bias=gates igb=r ogb=-1:-2"},
	    {NULL, "task=long-lag connectivity=B output_gates=no blocks=1 grow=plateau"},
	    {NULL, "task=long-lag connectivity=F+shortcuts grow=plateau"},
	    {NULL, "task=long-lag connectivity=C+shortcuts grow=plateau"},
	    {"grow", "task=long-lag connectivity=C grow=plateau"},
	    {NULL, "task=two-sequence milestones=ST1:ST2 wrong_below=1:1 error_below=100:0.01"},
	    {"grow", "task=long-lag connectivity=F grow=plateau"},
	    {"grow", "task=long-lag connectivity=F-recurrence grow=plateau"}, /* as little to learn from before it grows */
	    {"cells", "task=two-sequence blocks=3 cells=1:2"},
	    {"cells", "task=two-sequence cells=1.5"},
	    {"igb", "task=two-sequence igb=-1:-2"},
	    {"igb", "task=two-sequence bias=hidden ogb=r"},
	    {"igb", "task=two-sequence bias=hidden igb=-1:-2:-3 ogb=r"},
	    {"igb", "task=two-sequence bias=hidden igb=-1:-2:-3 ogb=r"},
	    {"ogb", "task=two-sequence bias=hidden igb=r"},
	    {"ogb", "task=two-sequence bias=hidden igb=r ogb=-1:-2:-3"},
	    {"ogb", "task=two-sequence bias=hidden output_gates=no igb=r ogb=r"},
	    {"wrong_below", "task=two-sequence milestones=ST1:ST2"},
	    {"error_below", "task=two-sequence milestones=ST1:ST2 wrong_below=1:1 error_below=0.1"},
	    {"milestones", "task=two-sequence milestones=ST1: wrong_below=1:1"},
	    {"milestones", "task=two-sequence milestones=a:b:c:d:e:f:g:h:i wrong_below=1:1:1:1:1:1:1:1"},
	    {"judge", "task=two-sequence judge=legal"},
	    {"judge", "task=long-lag judge=top"},
	    {"judge", "task=reber judge=legal measure=recent"},
	    {"N", "task=two-sequence T=3 N=3"},
	    {"targets", "task=two-sequence targets=1"},
	    {"T", "task=adding T=3"},
	    {NULL, "task=reber net=rnn rule=rtrl connectivity=full forcing=yes"},
	    {NULL, "task=reber order=epoch"},
	    {"order", "task=adding order=epoch"},
	    {"forcing", "task=reber net=rnn rule=rtrl forcing=yes"},
	    {"forcing", "task=adding net=rnn rule=rtrl connectivity=full forcing=yes"},
	    {"forcing", "task=reber net=rnn rule=bptt update=sequence connectivity=full forcing=yes"},
	    {"rule", "task=adding net=rnn"},
	    {"rule", "task=adding net=sparse connectivity=full rule=rtrl"},
	    {"update", "task=reber net=rnn rule=bptt"},
	    {"depth", "task=adding net=rnn rule=bptt-window depth=3 stride=4"},
	    {"measure", "task=adding net=rnn rule=guess measure=test"},
	    {"connectivity", "task=adding connectivity=full"},
	    {"units", "task=adding net=rnn rule=rtrl units=0"},
	    {"bias", "task=adding net=rnn rule=rtrl bias=gates"},
	    {"slope_offset", "task=reber net=rnn rule=rtrl connectivity=full slope_offset=0.1"},
	    {"T", "task=temporal-order T=10"},
	    {"T", "task=long-lag T=1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct conditions c = conditions_of(cases[i].settings);
		struct error e = {0};
		long weights = 0;
		const bool possible = conditions_check(&c, &weights, &e);
		if (possible != !cases[i].mentions)
			fail_msg("%s: %s", cases[i].settings, possible ? "accepted" : e.text);
		if (possible)
			assert_true(weights > 0 && e.kind == ERROR_NONE);
		else
			assert_one_line(&e, cases[i].mentions);
	}
}

static void test_milestone_names(void **state)
{
	(void)state;
	const struct conditions c = conditions_of("milestones=ST1:second:3rd");
	static const char *const names[] = {"ST1", "second", "3rd"};
	assert_int_equal(conditions_milestones(&c), 3);
	for (int i = 0; i < 3; i++) {
		char name[OPTION_TEXT_MAX];
		conditions_milestone_name(&c, i, name, sizeof name);
		assert_string_equal(name, names[i]);
	}
}

static void test_errors(void **state)
{
	(void)state;
	struct error e = {0};
	assert_false(error_input(&e, "first %d", 1));
	assert_false(error_environment(&e, "second")); /* the first cause is kept */
	assert_int_equal(e.kind, ERROR_INPUT);
	assert_string_equal(e.text, "first 1");
	assert_false(error_at(&e, "%s:%d", "file.ini", 7));
	assert_string_equal(e.text, "file.ini:7: first 1");
	char large[2000];
	memset(large, 'x', sizeof large);
	large[sizeof large - 1] = '\0';
	struct error f = {0};
	assert_false(error_input(&f, "%s", large));
	assert_false(error_at(&f, "%s", large));
	assert_true(strlen(f.text) < sizeof f.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exp_near_libm),
	    cmocka_unit_test(test_exp_extremes),
	    cmocka_unit_test(test_lanes_do_not_see_each_other),
	    cmocka_unit_test(test_logistic_of_many),
	    cmocka_unit_test(test_lane_operations),
	    cmocka_unit_test(test_exact),
	    cmocka_unit_test(test_fma_soft_as_libm),
	    cmocka_unit_test(test_lane_rows),
	    cmocka_unit_test(test_xoshiro_reference),
	    cmocka_unit_test(test_uniform),
	    cmocka_unit_test(test_streams_are_distinct),
	    cmocka_unit_test(test_gsl_draws_from_the_same_stream),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_options_there_and_back),
	    cmocka_unit_test(test_print_real),
	    cmocka_unit_test(test_combinations),
	    cmocka_unit_test(test_milestone_names),
	    cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
