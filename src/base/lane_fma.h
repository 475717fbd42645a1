/* lane_fma.h: a b + c, rounded once, where the processor has no instruction for it. Included by lane.h only.
   Does: the algorithm of Boldo and Melquiond (2008), Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to
   odd, IEEE Transactions on Computers 57(4):462-471: product and sums without error, the two low parts added with rounding to odd, which
   spoils no later rounding. Where products or sums of a trial could leave the range of a double, libm computes.
   Does not: know other roundings than to nearest. */
#ifndef BASE_LANE_FMA_H
#define BASE_LANE_FMA_H

typedef uint64_t ulane __attribute__((vector_size(LANES * sizeof(uint64_t))));

/* a + b = *high + *low, *high = a + b rounded (Knuth) */
LANE_INLINE void lane_two_sum(lane a, lane b, lane *high, lane *low)
{
	*high = a + b;
	const lane b_high = *high - a, a_high = *high - b_high;
	*low = (a - a_high) + (b - b_high);
}

/* a b = *high + *low, *high = a b rounded (Dekker; halves of 26 bits by rounding the bits of the numbers) */
LANE_INLINE void lane_two_product(lane a, lane b, lane *high, lane *low)
{
	const lane a_high = (lane)(((ilane)a + 0x4000000) & -0x8000000), b_high = (lane)(((ilane)b + 0x4000000) & -0x8000000);
	const lane a_low = a - a_high, b_low = b - b_high;
	*high = a * b;
	*low = (((a_high * b_high - *high) + a_high * b_low) + a_low * b_high) + a_low * b_low;
}

/* a + b; where that is not a double, the neighbour whose last bit is 1 */
LANE_INLINE lane lane_sum_to_odd(lane a, lane b)
{
	lane sum, rest;
	lane_two_sum(a, b, &sum, &rest);
	const ulane inexact = (ulane)(rest != 0.0), outward = ((ulane)sum ^ (ulane)rest) >> 63;
	return (lane)(((ulane)sum - (outward & inexact)) | (inexact >> 63));
}

static __attribute__((noinline, cold, unused)) lane lane_fma_libm(lane a, lane b, lane c)
{
	for (int l = 0; l < LANES; l++)
		c[l] = __builtin_fma(a[l], b[l], c[l]);
	return c;
}

/* Not inlined: as long as a page, at every multiply-add. */
static __attribute__((noinline, unused)) lane lane_fma_soft(lane a, lane b, lane c)
{
	lane product, product_low, sum, sum_low, high, low;
	lane_two_product(a, b, &product, &product_low);
	lane_two_sum(c, product_low, &sum, &sum_low);
	lane_two_sum(product, sum, &high, &low);
	const lane r = high + lane_sum_to_odd(sum_low, low);
	/* a product of 0 needs no more than a sum, and this knows the sign of a 0 */
	const ilane zero = lane_min(lane_abs(a), lane_abs(b)) == 0.0;
	const lane exact = lane_select(zero, product + c, r);
	/* what overflows on the way, if only in a part of the product, ends as infinite or not a number */
	const lane size = lane_select(zero, lane_set(1.0), lane_abs(product)) + (exact - exact);
	return __builtin_expect(lane_any(~(size >= 0x1p-900)), 0) ? lane_fma_libm(a, b, c) : exact;
}

#if defined(LANE_FMA_SOFT)
/* The instruction where the processor turns out to have it, though the program was built for all. */
LANE_INLINE lane lane_fma_found(lane a, lane b, lane c)
{
#if defined(LANE_128)
	if (__builtin_cpu_supports("fma")) {
		__asm__("vfmadd231pd %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
		return c;
	}
#endif
	return lane_fma_soft(a, b, c);
}
#endif

#endif
