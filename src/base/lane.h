/* lane.h: the same number of LANES trials, in one vector.
   Does: the few operations of the numeric core, each giving in every lane exactly the bits that the LANES=1
   build gives for one trial: multiply-adds that fuse are written as lane_fma (the build turns contraction off),
   and exp is our own, the same arithmetic for every width.
   Does not: call libm, use estimates, or let one lane see another (lane_any aside). */
#ifndef BASE_LANE_H
#define BASE_LANE_H

#include <stdbool.h>
#include <stdint.h>
#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__))
#include <immintrin.h>
#endif

/* Stored with every trial: raised by whoever changes a bit of any result, so that trials of both are never mixed. */
enum { NUMERICS = 1 };

#ifndef LANES
#define LANES 8 /* trials that are computed at once; 1 is the scalar program */
#endif

typedef double lane __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t ilane __attribute__((vector_size(LANES * sizeof(int64_t)))); /* indices, and masks: 0 or -1 */

#if LANES == 8 && defined(__AVX512F__)
#define LANE_512 1
#elif LANES == 8 && defined(__AVX2__) && defined(__FMA__)
#define LANE_256 1
#endif

#define LANE_INLINE static inline __attribute__((always_inline))

/* In front of a loop of at most 8 turns whose number is known at compile time: keeps its array in registers. */
#if defined(__clang__)
#define LANE_UNROLL _Pragma("clang loop unroll(full)")
#define LANE_UNROLL_16 LANE_UNROLL
#else
#define LANE_UNROLL _Pragma("GCC unroll 8")
#define LANE_UNROLL_16 _Pragma("GCC unroll 16")
#endif

/* p, of which the compiler knows nothing: gcc otherwise computes the address of every element before a loop and keeps them on the stack. */
#define LANE_BASE(p) __asm__("" : "+r"(p))

/* At the head of a loop over steps: what is in memory stays there. gcc otherwise moves all of a net to the stack and back. */
#define LANE_STEP __asm__("" ::: "memory")

LANE_INLINE lane lane_set(double x)
{
	return (lane){0} + x;
}

LANE_INLINE ilane ilane_set(int64_t i)
{
	return (ilane){0} + i;
}

/* 0, 1, 2 ...: the number of each lane */
LANE_INLINE ilane ilane_number(void)
{
#if LANES == 8
	return (ilane){0, 1, 2, 3, 4, 5, 6, 7};
#else
	ilane number = {0};
	for (int l = 0; l < LANES; l++)
		number[l] = l;
	return number;
#endif
}

/* a b + c, rounded once. */
LANE_INLINE lane lane_fma(lane a, lane b, lane c)
{
#if defined(LANE_512)
	return (lane)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(LANE_256)
	union {
		lane all;
		__m256d half[2];
	} x = {a}, y = {b}, z = {c};
	z.half[0] = _mm256_fmadd_pd(x.half[0], y.half[0], z.half[0]);
	z.half[1] = _mm256_fmadd_pd(x.half[1], y.half[1], z.half[1]);
	return z.all;
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = __builtin_fma(a[l], b[l], c[l]);
	return r;
#endif
}

/* c - a b, rounded once. */
LANE_INLINE lane lane_fnma(lane a, lane b, lane c)
{
#if defined(LANE_512)
	return (lane)_mm512_fnmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#else
	return lane_fma(-a, b, c);
#endif
}

/* a b + c, rounded once, where mask is -1; c where it is 0 */
LANE_INLINE lane lane_fma_where(ilane mask, lane a, lane b, lane c)
{
#if defined(LANE_512)
	return (lane)_mm512_mask3_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c, _mm512_movepi64_mask((__m512i)mask));
#else
	const lane sum = lane_fma(a, b, c);
	return (lane)(((ilane)sum & mask) | ((ilane)c & ~mask));
#endif
}

/* x, kept in a register: gcc otherwise loads it again as an operand of every instruction that uses it. */
LANE_INLINE lane lane_kept(lane x)
{
#if defined(LANE_512)
	__asm__("" : "+v"(x));
#endif
	return x;
}

/* where mask is -1: a, where it is 0: b */
LANE_INLINE lane lane_select(ilane mask, lane a, lane b)
{
	return (lane)(((ilane)a & mask) | ((ilane)b & ~mask));
}

/* x where mask is -1, +0 elsewhere (also where x is not a number) */
LANE_INLINE lane lane_masked(ilane mask, lane x)
{
	return (lane)((ilane)x & mask);
}

LANE_INLINE lane lane_abs(lane x)
{
	return (lane)((ilane)x & INT64_MAX);
}

/* x, but 0 where |x| < 1e-280: what vanishes must not go on as subnormal numbers, with which processors are slow. */
LANE_INLINE lane lane_flushed(lane x)
{
	return lane_masked(~(lane_abs(x) < 1e-280), x);
}

/* a < b ? a : b in every lane, as the processor's min: b where either is not a number. */
LANE_INLINE lane lane_min(lane a, lane b)
{
#if defined(LANE_512)
	return (lane)_mm512_min_pd((__m512d)a, (__m512d)b);
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = a[l] < b[l] ? a[l] : b[l];
	return r;
#endif
}

/* a > b ? a : b in every lane; b where either is not a number. */
LANE_INLINE lane lane_max(lane a, lane b)
{
#if defined(LANE_512)
	return (lane)_mm512_max_pd((__m512d)a, (__m512d)b);
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = a[l] > b[l] ? a[l] : b[l];
	return r;
#endif
}

/* The square root, rounded as IEEE 754 says. */
LANE_INLINE lane lane_sqrt(lane x)
{
#if defined(LANE_512)
	return (lane)_mm512_sqrt_pd((__m512d)x);
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = __builtin_sqrt(x[l]);
	return r;
#endif
}

LANE_INLINE bool lane_any(ilane mask)
{
#if defined(LANE_512)
	return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#else
	int64_t any = 0;
	for (int l = 0; l < LANES; l++)
		any |= mask[l];
	return any != 0;
#endif
}

/* Row i, lane l of x becomes row l, lane i: (LANES, LANES). */
LANE_INLINE void lane_transpose(lane x[LANES])
{
#if LANES == 8
	lane a[8], b[8];
	LANE_UNROLL
	for (int i = 0; i < 4; i++) { /* pairs of rows: single numbers, then pairs, then fours change places */
		a[2 * i] = __builtin_shufflevector(x[2 * i], x[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
		a[2 * i + 1] = __builtin_shufflevector(x[2 * i], x[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
	}
	LANE_UNROLL
	for (int i = 0; i < 4; i++) {
		const int k = (i & 1) + 4 * (i >> 1);
		b[k] = __builtin_shufflevector(a[k], a[k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
		b[k + 2] = __builtin_shufflevector(a[k], a[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
	}
	LANE_UNROLL
	for (int i = 0; i < 4; i++) {
		x[i] = __builtin_shufflevector(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		x[i + 4] = __builtin_shufflevector(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
#elif LANES > 1
	lane y[LANES];
	for (int i = 0; i < LANES; i++)
		for (int l = 0; l < LANES; l++)
			y[l][i] = x[i][l];
	for (int i = 0; i < LANES; i++)
		x[i] = y[i];
#else
	(void)x;
#endif
}

/* Numbers i < n of each lane's array from[l] to to[i], and back. */
LANE_INLINE void lane_interleave(const double *const from[LANES], long n, lane *to)
{
	long i = 0;
	for (; i + LANES <= n; i += LANES) {
		lane row[LANES];
		for (int l = 0; l < LANES; l++)
			__builtin_memcpy(&row[l], from[l] + i, sizeof *row);
		lane_transpose(row);
		for (int l = 0; l < LANES; l++)
			to[i + l] = row[l];
	}
	for (; i < n; i++)
		for (int l = 0; l < LANES; l++)
			to[i][l] = from[l][i];
}

LANE_INLINE void lane_separate(const lane *from, long n, double *const to[LANES])
{
	for (long i = 0; i < n; i++)
		for (int l = 0; l < LANES; l++)
			to[l][i] = from[i][l];
}

/* n <= LANES numbers from each lane's own place: x[i][l] = base[at[l] + i] for i < n. */
LANE_INLINE void lane_load_rows(const double *base, ilane at, lane x[LANES], const int n)
{
	for (int l = 0; l < LANES; l++) {
#if defined(LANE_512)
		x[l] = (lane)_mm512_maskz_loadu_pd((__mmask8)((1 << n) - 1), base + at[l]);
#else
		x[l] = lane_set(0.0);
		__builtin_memcpy(&x[l], base + at[l], (size_t)n * sizeof(double));
#endif
	}
	lane_transpose(x);
}

/* The way back, in the lanes of mask: base[at[l] + i] += x[i][l] for i < n; x is not kept. */
LANE_INLINE void lane_add_rows(double *base, ilane at, lane x[LANES], const int n, ilane mask)
{
	lane_transpose(x);
	for (int l = 0; l < LANES; l++) {
		if (!mask[l])
			continue;
		double *const to = base + at[l];
#if defined(LANE_512)
		const __mmask8 some = (__mmask8)((1 << n) - 1);
		_mm512_mask_storeu_pd(to, some, _mm512_add_pd(_mm512_maskz_loadu_pd(some, to), (__m512d)x[l]));
#else
		for (int i = 0; i < n; i++)
			to[i] += x[l][i];
#endif
	}
}

/* n numbers become 0. Short rows: a call of memset costs more than their stores. */
LANE_INLINE void row_clear(double *row, int n)
{
	int i = 0;
#if defined(LANE_512)
	for (; i + 8 <= n; i += 8)
		_mm512_storeu_pd(row + i, _mm512_setzero_pd());
	if (i < n)
		_mm512_mask_storeu_pd(row + i, (__mmask8)((1 << (n - i)) - 1), _mm512_setzero_pd());
#else
	for (; i < n; i++)
		row[i] = 0.0;
#endif
}

/* base[at[l]] for every lane l. */
LANE_INLINE lane lane_gather(const double *base, ilane at)
{
#if defined(LANE_512)
	return (lane)_mm512_i64gather_pd((__m512i)at, base, sizeof(double));
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = base[at[l]];
	return r;
#endif
}

/* base[at[l]] = x[l] for every lane l; the places must be distinct. */
LANE_INLINE void lane_scatter(double *base, ilane at, lane x)
{
#if defined(LANE_512)
	_mm512_i64scatter_pd(base, (__m512i)at, (__m512d)x, sizeof(double));
#else
	for (int l = 0; l < LANES; l++)
		base[at[l]] = x[l];
#endif
}

/* y[i] = e^x[i] for i < n <= 4, within 2.5 ulp; x is cut to [-708, 708]; not-a-number stays one.
   x = k ln 2 + r, |r| <= ln 2 / 2; e^r = 1 + (r + r^2 q(r)) by its series to r^12 / 12! (remainder 1.7e-16), q summed in
   pairs of pairs (Estrin); 2^k by the exponent bits. Several at once, step by step side by side: the steps of one wait
   for each other. */
LANE_INLINE void lane_exp_block(const lane *x, lane *y, const int n)
{
	const lane shift = lane_set(0x1.8p52); /* adding it leaves round(x / ln 2) in the low bits */
	lane cut[4], t[4], k[4], r[4], r2[4], r4[4], low[4], high[4];
#define EACH LANE_UNROLL for (int i = 0; i < n; i++)
	EACH cut[i] = lane_max(lane_set(-708.0), lane_min(lane_set(708.0), x[i]));
	EACH t[i] = lane_fma(cut[i], lane_set(0x1.71547652b82fep+0), shift);
	EACH k[i] = t[i] - shift;
	EACH r[i] = lane_fnma(k[i], lane_set(0x1.62e42fefa39efp-1), cut[i]);
	EACH r[i] = lane_fnma(k[i], lane_set(0x1.abc9e3b39803fp-56), r[i]);
	EACH r2[i] = r[i] * r[i];
	EACH r4[i] = r2[i] * r2[i];
	EACH low[i] = lane_fma(lane_set(1.0 / 120.0), r[i], lane_set(1.0 / 24.0));
	EACH low[i] = lane_fma(low[i], r2[i], lane_fma(lane_set(1.0 / 6.0), r[i], lane_set(0.5)));
	EACH high[i] = lane_fma(lane_set(1.0 / 39916800.0), r[i], lane_set(1.0 / 3628800.0));
	EACH high[i] = lane_fma(lane_set(1.0 / 479001600.0), r2[i], high[i]);
	EACH high[i] = lane_fma(high[i], r4[i], lane_fma(lane_set(1.0 / 5040.0), r[i], lane_set(1.0 / 720.0)));
	EACH high[i] = lane_fma(lane_fma(lane_set(1.0 / 362880.0), r[i], lane_set(1.0 / 40320.0)), r2[i], high[i]);
	EACH low[i] = lane_fma(high[i], r4[i], low[i]);
	EACH low[i] = 1.0 + lane_fma(low[i], r2[i], r[i]);
	EACH y[i] = (lane)((ilane)low[i] + ((ilane)t[i] << 52));
#undef EACH
}

LANE_INLINE lane lane_exp(lane x)
{
	lane y;
	lane_exp_block(&x, &y, 1);
	return y;
}

/* f[i] = f(x[i]) = 1 / (1 + e^-x[i]), i < n <= 4 */
LANE_INLINE void lane_logistic_block(const lane *x, lane *f, const int n)
{
	lane minus[4], e[4];
	LANE_UNROLL
	for (int i = 0; i < n; i++)
		minus[i] = -x[i];
	lane_exp_block(minus, e, n);
	LANE_UNROLL
	for (int i = 0; i < n; i++)
		f[i] = 1.0 / (1.0 + e[i]);
}

/* f[i] = f(x[i]) for i < n; f may be x */
LANE_INLINE void lane_logistic(const lane *x, lane *f, int n)
{
	int i = 0;
	for (; i + 3 <= n && n - i != 4; i += 3)
		lane_logistic_block(x + i, f + i, 3);
	if (n - i == 4) {
		lane_logistic_block(x + i, f + i, 2);
		lane_logistic_block(x + i + 2, f + i + 2, 2);
	} else if (n - i == 2)
		lane_logistic_block(x + i, f + i, 2);
	else if (n - i == 1)
		lane_logistic_block(x + i, f + i, 1);
}

#endif
