/*
 * Space-Saving: the most frequent items of a stream, with a bound on each
 * count, in memory that does not grow.
 *
 * `counters` items are counted at a time.  An item that has none takes over
 * the counter of the least count m: its count goes on from m, and m is its
 * error.  So for every row
 *
 *	count - error <= true count <= count
 *
 * and an item without a row was seen at most sk_topk_min times, which is at
 * most total / counters.  While no more than `counters` distinct items were
 * seen, everything is exact.
 *
 * Counters are numbered in the order their first items came.  Of several with
 * the least count the one of the lowest number is taken over.  So the rows
 * follow from the order of the stream alone, not from the hash seed, nor from
 * how the stream is cut into batches.
 *
 * The caller owns the struct.  No argument is kept, items are copied.  Rows
 * are views into the sketch, valid until the next call that changes it.
 *
 * Memory: 75 bytes a counter (twice that for chains if counters is no power of
 * two), and for items over 15 bytes their blocks of 32, 64, 128 ... bytes, at
 * most counters * 4 * max_item in all (up to twice that is reserved).  It grows
 * with the distinct items seen; nothing is allocated per event once they fit.
 *
 * Cost: 7 ns for an item of up to 15 bytes that has a counter, 15 ns for one
 * that takes over another's, at 4096 counters.
 *
 * Source: Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and
 * Top-k Elements in Data Streams (ICDT 2005), without its linked buckets: see
 * topk.c.
 */
#ifndef SK_SKETCH_TOPK_H
#define SK_SKETCH_TOPK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SK_TOPK_COUNTERS 4096 /* the usual number */
#define SK_TOPK_COUNTERS_MAX (UINT32_C(1) << 24)
#define SK_TOPK_MAX_ITEM 1024 /* the usual bound, in bytes */
#define SK_TOPK_MAX_ITEM_MAX (UINT32_C(1) << 24)
#define SK_TOPK_TOTAL_MAX (UINT64_MAX / 2)

#define SK_TOPK_LEVELS 9
#define SK_TOPK_CLASSES 21

struct sk_topk_slot;

struct sk_topk {
	uint32_t counters;
	uint32_t max_item;
	uint32_t used;    /* counters that have an item */
	uint32_t cap;     /* counters that have memory */
	uint32_t at;      /* the counter taken over last */
	uint32_t mask;    /* the chain of a hash: hash & mask */
	uint32_t nlevels; /* of least; 0 until all counters are used */
	uint64_t seed[2];
	uint64_t total;   /* the sum of all weights, and of all counts */
	struct sk_topk_slot *slots;
	uint64_t *errors;
	uint32_t *chains; /* number of the first slot + 1; 0: empty */
	uint64_t *least[SK_TOPK_LEVELS];
	char *far;       /* blocks of longer items */
	uint64_t far_n, far_cap; /* in units of the smallest block */
	uint64_t far_free[SK_TOPK_CLASSES]; /* lists of free blocks, + 1 */
};

struct sk_topk_row {
	uint64_t count;
	uint64_t error;
	struct sk_view item;
};

/* counters and max_item from 1 to the maxima above.  seed is that of the
 * table; 0: draw one.  It does not show in any result. */
void sk_topk_init(struct sk_topk *topk, uint32_t counters, uint32_t max_item,
    uint64_t seed);
void sk_topk_free(struct sk_topk *topk); /* a zeroed one too */

/*
 * Count an item, weight times.  An empty item or a weight of 0 is passed over.
 * SK_ELIMIT, and nothing changes, if the item is longer than max_item or the
 * total would exceed SK_TOPK_TOTAL_MAX.
 */
int sk_topk_add(struct sk_topk *topk, struct sk_view item, uint64_t weight);

/* Count n items once each, with SK_PAD readable bytes behind each one.  Returns
 * how many were refused. */
size_t sk_topk_add_batch(
    struct sk_topk *topk, const struct sk_view *items, size_t n);

/* The least count, or 0 while there are unused counters: no item without a
 * row was seen more often. */
uint64_t sk_topk_min(const struct sk_topk *topk);

/* All rows, by count, the greatest first, then by item as bytes; rows has
 * room for topk->used of them, which is returned. */
size_t sk_topk_list(const struct sk_topk *topk, struct sk_topk_row *rows);

#endif
