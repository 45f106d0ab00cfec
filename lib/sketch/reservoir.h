/*
 * Reservoirs: a uniform sample of k of n items, without replacement, of a
 * stream whose length nobody knows.
 *
 * At any moment each set of k of the items so far is the sample with the same
 * probability.  Algorithm L draws how many items pass by before the next is
 * taken, so a batch without one costs a subtraction; of n items k (1 + ln n/k)
 * are taken and copied.
 *
 * Two reservoirs merge into one of the items of both: how many come from each
 * side is hypergeometric, as if the k had been drawn from all.  A reservoir
 * that is full and has passed items by cannot give more places than it has, so
 * the result has the smaller k of those.
 *
 * An item is a copy of its bytes with a number, by which the caller knows the
 * order they came in.  Memory: 32 bytes a place that is taken, and the items.
 *
 * Randomness is the caller's generator: the same numbers give the same sample,
 * however the items are cut into batches.
 *
 * K.-H. Li, Reservoir-Sampling Algorithms of Time Complexity O(n(1 +
 * log(N/n))), ACM TOMS 20, 1994, Algorithm L.  Images are sketch/varopt.h's.
 */
#ifndef SK_SKETCH_RESERVOIR_H
#define SK_SKETCH_RESERVOIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rng.h"

#define SK_SAMPLE_K_MAX ((UINT32_C(1) << 31) - 2)

/* An item of a sample. */
struct sk_sampled {
	char *ptr;
	uint32_t len, cap;
	uint64_t number;
	double weight; /* in sketch/varopt.h */
};

/* A zeroed one is empty; it grows with what it is given. */
struct sk_reservoir {
	uint32_t k;     /* places */
	uint32_t used;  /* places that are taken */
	uint32_t cap;   /* of item */
	bool drawn;     /* least and skip are those of n */
	struct sk_sampled *item;
	uint64_t n;     /* items so far */
	double least;   /* W of the paper */
	uint64_t skip;  /* items that pass by before the next is taken */
};

/* k from 1 to SK_SAMPLE_K_MAX.  Allocates nothing. */
void sk_reservoir_init(struct sk_reservoir *res, uint32_t k);
void sk_reservoir_free(struct sk_reservoir *res);

/* Add n items; they get the numbers from `number` on. */
void sk_reservoir_add(struct sk_reservoir *res, const struct sk_view *items,
    size_t n, uint64_t number, struct sk_rng *rng);

/* Add the items that `from` has seen; it is empty then. */
void sk_reservoir_merge(struct sk_reservoir *res, struct sk_reservoir *from,
    struct sk_rng *rng);

/* Have items passed by? */
static inline bool
sk_reservoir_sampling(const struct sk_reservoir *res)
{
	return res->n > res->used;
}

/* ---- what samples are made of ---- */

/* Make *item a copy of these bytes, in its memory if they fit. */
void sk_sampled_set(struct sk_sampled *item, struct sk_view bytes,
    uint64_t number);

/* Room for so many items; `cap` is what there is. */
struct sk_sampled *sk_sampled_reserve(struct sk_sampled *item, uint32_t *cap,
    uint32_t n);

/* n of them in the order of their numbers, for free(). */
const struct sk_sampled **sk_sampled_sorted(const struct sk_sampled *item,
    uint32_t n);

static inline struct sk_view
sk_sampled_view(const struct sk_sampled *item)
{
	return sk_view(item->ptr, item->len);
}

/* A number above 0 and below 1. */
static inline double
sk_sample_unit(struct sk_rng *rng)
{
	return ((double)(sk_rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

/* A whole number below n, each with the same probability. */
static inline uint64_t
sk_sample_below(struct sk_rng *rng, uint64_t n)
{
	uint64_t odd = (0 - n) % n, x;

	do
		x = sk_rng_next(rng);
	while (x < odd);
	return x % n;
}

/* How many trials of probability p fail before the next succeeds; p from 0 to
 * 1.  Numbers over 2^62 are 2^62. */
uint64_t sk_sample_skip(struct sk_rng *rng, double p);

#endif
