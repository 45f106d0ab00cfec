/*
 * Random numbers.  sk_rng is SplitMix64 (Steele, Lea, Flood: Fast Splittable
 * Pseudorandom Number Generators, 2014): one multiply-xorshift chain a number,
 * 64 bits of state, the same numbers for the same seed everywhere.
 * sk_rng_draw takes entropy from the system, for identifiers and seeds.
 */
#ifndef SK_BASE_RNG_H
#define SK_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct sk_rng {
	uint64_t state;
};

static inline void
sk_rng_init(struct sk_rng *rng, uint64_t seed)
{
	rng->state = seed;
}

static inline uint64_t
sk_rng_next(struct sk_rng *rng)
{
	uint64_t z = (rng->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 64 bits of entropy; never 0. */
uint64_t sk_rng_draw(void);

#endif
