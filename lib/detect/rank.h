/*
 * Rank surprise: how odd a number is among the last ones of its kind.
 *
 * A rank store keeps the last SK_RANK_MAX numbers, in the order they came and
 * sorted.  The surprise of x is -log10 of the chance of a number at least that
 * large: the share of those kept that are, and beyond the largest ones an
 * exponential tail fitted to the mean excess of the 20 largest.  It needs no
 * unit, scale or distribution of what it ranks.
 *
 *	u = -log10((c + 1) / (n + 1))   n are kept, c of them at least x
 *
 * from 20 of them on, at most SK_RANK_TOP, 0 while there are fewer than 20.
 *
 * A store may begin with so many zeros, a belief that the past was quiet;
 * they take no room.  Ties (a stream that is constant) give c = n, 0.
 *
 * Units: numbers are finite, not negative.  Cost: some 50 ns to ask, 150 to
 * pass.  Memory: grows with the numbers that come, in powers of two, to 65 KiB.
 */
#ifndef SK_DETECT_RANK_H
#define SK_DETECT_RANK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_RANK_MAX 8192
#define SK_RANK_TOP 8.0
#define SK_RANK_BLOCK 128 /* private, as all of the struct */

struct sk_rank {
	uint32_t zeros;  /* of the belief that are left; they go first */
	uint32_t n;      /* kept, with those */
	uint32_t cap;    /* of those that came */
	uint32_t oldest; /* where that is, when full */
	float *arrival;
	float *sorted;
	float least[SK_RANK_MAX / SK_RANK_BLOCK];    /* of each block */
	uint32_t first[SK_RANK_MAX / SK_RANK_BLOCK]; /* where that is */
};

/* A zeroed one is an empty store. */
void sk_rank_init(struct sk_rank *rank, uint32_t zeros);
void sk_rank_free(struct sk_rank *rank);

double sk_rank_surprise(const struct sk_rank *rank, float x);
/* The oldest goes when it is full. */
void sk_rank_add(struct sk_rank *rank, float x);
/* Both, the surprise first: cheaper than the two. */
double sk_rank_pass(struct sk_rank *rank, float x);

/* As bytes, and back into a store that is then as the one that was saved;
 * false, the store empty: they are none. */
void sk_rank_save(const struct sk_rank *rank, struct sk_buf *buf);
bool sk_rank_load(struct sk_rank *rank, struct sk_view *bytes);

#endif
