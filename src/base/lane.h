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
#else
#define LANE_UNROLL _Pragma("GCC unroll 8")
#endif

LANE_INLINE lane lane_set(double x)
{
	return (lane){0} + x;
}

LANE_INLINE ilane ilane_set(int64_t i)
{
	return (ilane){0} + i;
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
	lane r;
	for (int l = 0; l < LANES; l++)
		r[l] = __builtin_fma(a[l], b[l], c[l]);
	return r;
#endif
}

/* c - a b, rounded once. */
LANE_INLINE lane lane_fnma(lane a, lane b, lane c)
{
	return lane_fma(-a, b, c);
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

/* a < b ? a : b in every lane, as the processor's min: b where either is not a number. */
LANE_INLINE lane lane_min(lane a, lane b)
{
#if defined(LANE_512)
	return (lane)_mm512_min_pd((__m512d)a, (__m512d)b);
#else
	lane r;
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
	lane r;
	for (int l = 0; l < LANES; l++)
		r[l] = a[l] > b[l] ? a[l] : b[l];
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

/* base[at[l]] for every lane l. */
LANE_INLINE lane lane_gather(const double *base, ilane at)
{
#if defined(LANE_512)
	return (lane)_mm512_i64gather_pd((__m512i)at, base, sizeof(double));
#else
	lane r;
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

/* e^x within 1 ulp or so; x is cut to [-708, 708]; not-a-number stays one.
   x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its series to r^12 / 12! (remainder 1.7e-16); 2^n by the exponent bits. */
LANE_INLINE lane lane_exp(lane x)
{
	const lane shift = lane_set(0x1.8p52); /* adding it leaves round(x / ln 2) in the low bits */
	x = lane_min(lane_set(708.0), x);
	x = lane_max(lane_set(-708.0), x);
	const lane t = lane_fma(x, lane_set(0x1.71547652b82fep+0), shift);
	const lane n = t - shift;
	lane r = lane_fnma(n, lane_set(0x1.62e42fefa39efp-1), x);
	r = lane_fnma(n, lane_set(0x1.abc9e3b39803fp-56), r);
	/* Estrin's scheme: pairs of terms, then pairs of pairs, so that little waits for the term before */
	const lane r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
	const lane p0 = 1.0 + r;
	const lane p2 = lane_fma(lane_set(1.0 / 6.0), r, lane_set(0.5));
	const lane p4 = lane_fma(lane_set(1.0 / 120.0), r, lane_set(1.0 / 24.0));
	const lane p6 = lane_fma(lane_set(1.0 / 5040.0), r, lane_set(1.0 / 720.0));
	const lane p8 = lane_fma(lane_set(1.0 / 362880.0), r, lane_set(1.0 / 40320.0));
	const lane p10 = lane_fma(lane_set(1.0 / 39916800.0), r, lane_set(1.0 / 3628800.0));
	const lane low = lane_fma(p2, r2, p0), middle = lane_fma(p6, r2, p4), high = lane_fma(p10, r2, p8);
	const lane top = lane_fma(lane_set(1.0 / 479001600.0), r4, high);
	const lane p = lane_fma(top, r8, lane_fma(middle, r4, low));
	return (lane)((ilane)p + ((ilane)t << 52));
}

/* f(x) = 1 / (1 + e^-x) */
LANE_INLINE lane lane_logistic(lane x)
{
	return 1.0 / (1.0 + lane_exp(-x));
}

#endif
