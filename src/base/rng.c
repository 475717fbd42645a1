/* rng.c: see rng.h. */
#include "base/rng.h"

/* splitmix64: spreads any 64 bits over a whole state (the initialisation that xoshiro's authors recommend). */
static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct rng rng_stream(uint64_t seed, const char *name)
{
	uint64_t x = 0xcbf29ce484222325u; /* FNV-1a of the name */
	for (const char *c = name; *c; c++)
		x = (x ^ (uint64_t)(unsigned char)*c) * 0x100000001b3u;
	x ^= splitmix64(&seed);
	struct rng r;
	for (int i = 0; i < 4; i++)
		r.s[i] = splitmix64(&x);
	return r;
}

static void gsl_set(void *state, unsigned long seed)
{
	*(struct rng *)state = rng_stream(seed, "gsl");
}

static unsigned long gsl_get(void *state)
{
	return (unsigned long)(rng_bits(state) >> 32);
}

static double gsl_get_double(void *state)
{
	return rng_uniform(state);
}

static const gsl_rng_type xoshiro256 = {
    .name = "xoshiro256++",
    .max = 0xffffffffu,
    .min = 0,
    .size = sizeof(struct rng),
    .set = gsl_set,
    .get = gsl_get,
    .get_double = gsl_get_double,
};

gsl_rng rng_gsl(struct rng *r)
{
	return (gsl_rng){.type = &xoshiro256, .state = r};
}
