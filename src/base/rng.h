/* rng.h: random streams, xoshiro256++ (Blackman & Vigna 2019).
   Does: one stream per (seed, name), inlined uniform draws of a few ns, the same stream as a gsl_rng for every
   distribution of GSL.
   Does not: share state between streams or trials. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

/* The stream `name` of trial `seed`. Names in use: "weights", "train", "test", "strings". */
struct rng rng_stream(uint64_t seed, const char *name);

/* *r seen by GSL; valid as long as r is. Draws advance *r. */
gsl_rng rng_gsl(struct rng *r);

static inline uint64_t rng_rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/* The next 64 random bits. */
static inline uint64_t rng_bits(struct rng *r)
{
	uint64_t *s = r->s;
	const uint64_t result = rng_rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng_rotl(s[3], 45);
	return result;
}

/* Uniform in [0, 1), 53 bits. */
static inline double rng_uniform(struct rng *r)
{
	return (double)(rng_bits(r) >> 11) * 0x1p-53;
}

/* Uniform in [low, high). */
static inline double rng_between(struct rng *r, double low, double high)
{
	return low + (high - low) * rng_uniform(r);
}

/* Uniform in 0 ... n-1, n <= 2^31 (the bias is below n / 2^32 and not seen by any test here). */
static inline int rng_below(struct rng *r, int n)
{
	return (int)((rng_bits(r) >> 32) * (uint64_t)n >> 32);
}

#endif
