/* lane.h: the same number of LANES trials, in one vector.
   Does: the few operations of the numeric core, each giving in every lane exactly the bits that the LANES=1
   build gives for one trial: multiply-adds that fuse are written as lane_fma (the build turns contraction off),
   and exp is our own, the same arithmetic for every width. Written out for the registers of 512 bits (8 trials, AVX-512),
   256 (4, AVX2 and FMA) and 128 (2, SSE2, with or without FMA, and NEON); any other number of lanes by plain loops.
   Does not: call libm, use estimates, or let one lane see another (lane_any aside). */
#ifndef BASE_LANE_H
#define BASE_LANE_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Which bits these are: whoever changes a bit of any result raises it. */
enum { NUMERICS = 1 };

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || defined(__ASSOCIATIVE_MATH__) ||                  \
    defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error "-ffast-math, -Ofast and their parts change results: build without them"
#endif
#if FLT_EVAL_METHOD != 0
#error "numbers with more bits than a double (x87) change results: build with -mfpmath=sse"
#endif

#ifndef LANES
#define LANES 8 /* trials that are computed at once; 1 is the scalar program */
#endif

typedef double lane __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t ilane __attribute__((vector_size(LANES * sizeof(int64_t)))); /* indices, and masks: 0 or -1 */

#if LANES == 8 && defined(__AVX512F__) && defined(__AVX512DQ__)
#define LANE_512 1
#elif LANES == 4 && defined(__AVX2__) && defined(__FMA__)
#define LANE_256 1
#elif LANES == 2 && defined(__SSE2__)
#define LANE_128 1
#elif LANES == 2 && defined(__ARM_NEON) && defined(__aarch64__)
#define LANE_NEON 1
#endif
#if !defined(__FMA__) && !defined(__ARM_FEATURE_FMA) && !defined(__FP_FAST_FMA)
#define LANE_FMA_SOFT 1 /* no instruction for it */
#endif

#define LANE_INLINE static inline __attribute__((always_inline))

/* In front of a loop of at most 8 turns whose number is known at compile time: keeps its array in registers. */
#if defined(__clang__)
#define LANE_UNROLL    _Pragma("clang loop unroll(full)")
#define LANE_UNROLL_16 LANE_UNROLL
#else
#define LANE_UNROLL    _Pragma("GCC unroll 8")
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
#elif LANES == 4
	return (ilane){0, 1, 2, 3};
#elif LANES == 2
	return (ilane){0, 1};
#else
	ilane number = {0};
	for (int l = 0; l < LANES; l++)
		number[l] = l;
	return number;
#endif
}

/* where mask is -1: a, where it is 0: b */
LANE_INLINE lane lane_select(ilane mask, lane a, lane b)
{
#if defined(LANE_256)
	return (lane)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)mask);
#elif defined(LANE_128) && defined(__SSE4_1__)
	return (lane)_mm_blendv_pd((__m128d)b, (__m128d)a, (__m128d)mask);
#elif defined(LANE_NEON)
	return (lane)vbslq_f64((uint64x2_t)mask, (float64x2_t)a, (float64x2_t)b);
#else
	return (lane)(((ilane)a & mask) | ((ilane)b & ~mask));
#endif
}

LANE_INLINE lane lane_abs(lane x)
{
	return (lane)((ilane)x & INT64_MAX);
}

/* a < b ? a : b in every lane, as the processor's min: b where either is not a number. */
LANE_INLINE lane lane_min(lane a, lane b)
{
#if defined(LANE_512)
	return (lane)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif defined(LANE_256)
	return (lane)_mm256_min_pd((__m256d)a, (__m256d)b);
#elif defined(LANE_128)
	return (lane)_mm_min_pd((__m128d)a, (__m128d)b);
#elif defined(LANE_NEON)
	return lane_select(a < b, a, b);
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
#elif defined(LANE_256)
	return (lane)_mm256_max_pd((__m256d)a, (__m256d)b);
#elif defined(LANE_128)
	return (lane)_mm_max_pd((__m128d)a, (__m128d)b);
#elif defined(LANE_NEON)
	return lane_select(a > b, a, b);
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = a[l] > b[l] ? a[l] : b[l];
	return r;
#endif
}

LANE_INLINE bool lane_any(ilane mask)
{
#if defined(LANE_512)
	return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(LANE_256)
	return _mm256_movemask_pd((__m256d)mask) != 0;
#elif defined(LANE_128)
	return _mm_movemask_pd((__m128d)mask) != 0;
#else
	int64_t any = 0;
	for (int l = 0; l < LANES; l++)
		any |= mask[l];
	return any != 0;
#endif
}

#include "base/lane_fma.h"

/* a b + c, rounded once. */
LANE_INLINE lane lane_fma(lane a, lane b, lane c)
{
#if defined(LANE_512)
	return (lane)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(LANE_256)
	return (lane)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(LANE_NEON)
	return (lane)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#elif defined(LANE_FMA_SOFT)
	return lane_fma_found(a, b, c);
#elif defined(LANE_128) && defined(__FMA__)
	return (lane)_mm_fmadd_pd((__m128d)a, (__m128d)b, (__m128d)c);
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
#elif defined(LANE_256)
	return (lane)_mm256_fnmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(LANE_NEON)
	return (lane)vfmsq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
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
	return lane_select(mask, lane_fma(a, b, c), c);
#endif
}

/* a b + c of single numbers, rounded once */
LANE_INLINE double number_fma(double a, double b, double c)
{
#if defined(LANE_FMA_SOFT)
	return lane_fma_found(lane_set(a), lane_set(b), lane_set(c))[0];
#else
	return __builtin_fma(a, b, c);
#endif
}

/* x, kept in a register: gcc otherwise loads it again as an operand of every instruction that uses it. */
LANE_INLINE lane lane_kept(lane x)
{
#if defined(LANE_512)
	__asm__("" : "+v"(x));
#elif defined(LANE_256) || defined(LANE_128)
	__asm__("" : "+x"(x));
#elif defined(LANE_NEON)
	__asm__("" : "+w"(x));
#endif
	return x;
}

/* x where mask is -1, +0 elsewhere (also where x is not a number) */
LANE_INLINE lane lane_masked(ilane mask, lane x)
{
	return (lane)((ilane)x & mask);
}

/* x, but 0 where |x| < 1e-280: what vanishes must not go on as subnormal numbers, with which processors are slow. */
LANE_INLINE lane lane_flushed(lane x)
{
	return lane_masked(~(lane_abs(x) < 1e-280), x);
}

/* The square root, rounded as IEEE 754 says. */
LANE_INLINE lane lane_sqrt(lane x)
{
#if defined(LANE_512)
	return (lane)_mm512_sqrt_pd((__m512d)x);
#elif defined(LANE_256)
	return (lane)_mm256_sqrt_pd((__m256d)x);
#elif defined(LANE_128)
	return (lane)_mm_sqrt_pd((__m128d)x);
#elif defined(LANE_NEON)
	return (lane)vsqrtq_f64((float64x2_t)x);
#else
	lane r = {0};
	for (int l = 0; l < LANES; l++)
		r[l] = __builtin_sqrt(x[l]);
	return r;
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
#elif LANES == 4
	const lane a0 = __builtin_shufflevector(x[0], x[1], 0, 4, 2, 6), a1 = __builtin_shufflevector(x[0], x[1], 1, 5, 3, 7),
		   a2 = __builtin_shufflevector(x[2], x[3], 0, 4, 2, 6), a3 = __builtin_shufflevector(x[2], x[3], 1, 5, 3, 7);
	x[0] = __builtin_shufflevector(a0, a2, 0, 1, 4, 5);
	x[1] = __builtin_shufflevector(a1, a3, 0, 1, 4, 5);
	x[2] = __builtin_shufflevector(a0, a2, 2, 3, 6, 7);
	x[3] = __builtin_shufflevector(a1, a3, 2, 3, 6, 7);
#elif LANES == 2
	const lane first = __builtin_shufflevector(x[0], x[1], 0, 2);
	x[1] = __builtin_shufflevector(x[0], x[1], 1, 3);
	x[0] = first;
#else
	for (int i = 1; i < LANES; i++)
		for (int l = 0; l < i; l++) {
			const double number = x[i][l];
			x[i][l] = x[l][i];
			x[l][i] = number;
		}
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

/* Whether this build, on this processor, as it is set now, computes as everything here is written: each operation rounded by itself,
   to nearest; sums in their order; subnormal numbers. The compiler must not know the numbers. */
static inline bool lane_exact(void)
{
	volatile double unknown[] = {1.0 + 0x1p-30, 1.0 + 0x1p-29, 1.0, 0x1p60, 0x1p-1074};
	const lane a = lane_set(unknown[0]), square = lane_set(unknown[1]), one = lane_set(unknown[2]), large = lane_set(unknown[3]),
		   least = lane_set(unknown[4]);
	const ilane right = (a * a - square == 0.0) & (lane_fma(a, a, -square) == 0x1p-60) & ((one + large) - large == 0.0) &
			    (one + 0x1.8p-53 == 1.0 + 0x1p-52) & (one + 0x1p-54 == 1.0) & (-one - 0x1p-54 == -1.0) &
			    (least * one + least == 0x1p-1073);
	return !lane_any(~right);
}

#endif
