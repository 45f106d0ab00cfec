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
 * A summary can be saved, and others be added to it (sketch/frequent.h).  Then
 * counters that are not in use count as holding an item that was seen `floor`
 * times, so that all of the above goes on to hold, with the offset that the
 * merge left in place of the first total.
 *
 * With doubles in place of integers, sk_topk_add_real() takes any weights, and
 * sk_topk_scale() multiplies all counts: what is forgotten with time
 * (sketch/decay.h).  A summary has one kind or the other.
 *
 * The caller owns the struct, which may be moved.  No argument is kept, items
 * are copied.  Rows are views into the sketch, valid until the next call that
 * changes it.
 *
 * Memory: 120 bytes; for items, doubling from 2 on, up to 64 bytes a counter,
 * 10 more once counters are taken over, and for items over 15 bytes their
 * blocks of 32, 64, 128 ... bytes, at most counters * 4 * max_item in all (up
 * to twice that is reserved).  It grows with the distinct items seen; nothing
 * is allocated per event once they fit.
 *
 * Cost at 4096 counters, for items of up to 15 bytes in a batch: 6 to 8 ns each
 * where all have counters, 12 to 14 where each takes over another's, and 13 to
 * 15 where these come mixed, half and half.
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
#include "sketch/frequent.h"
#include "sketch/items.h"

#define SK_TOPK_COUNTERS 4096 /* the usual number */
#define SK_TOPK_COUNTERS_MAX (UINT32_C(1) << 24)

struct sk_topk_levels;

struct sk_topk {
	struct sk_items items;
	uint32_t counters;
	uint32_t group;  /* of the counter taken over last, */
	uint32_t due;    /* and which others of it may be taken over */
	uint64_t total;  /* the sum of all weights */
	uint64_t floor;  /* the count of a counter that is not in use */
	uint64_t *least; /* of groups of counters; NULL until all are in use */
	struct sk_topk_levels *levels;
};

/* counters from 1 to the maximum above, max_item likewise.  seed is that of
 * the table; 0: draw one.  It does not show in any result. */
void sk_topk_init(struct sk_topk *topk, uint32_t counters, uint32_t max_item,
    uint64_t seed);
void sk_topk_free(struct sk_topk *topk); /* a zeroed one too */

/*
 * Count an item, weight times.  An empty item or a weight of 0 is passed over.
 * SK_ELIMIT, and nothing changes, if the item is longer than max_item or the
 * total would exceed SK_ITEMS_TOTAL_MAX.
 */
int sk_topk_add(struct sk_topk *topk, struct sk_view item, uint64_t weight);

/* Count n items once each, with SK_PAD readable bytes behind each one.  Returns
 * how many were refused. */
size_t sk_topk_add_batch(
    struct sk_topk *topk, const struct sk_view *items, size_t n);

/* The same as sk_topk_add() with doubles: SK_ELIMIT for a weight below 0, and
 * if the total would exceed 2^1000. */
int sk_topk_add_real(struct sk_topk *topk, struct sk_view item,
    double weight);
/* Multiply the total, all counts and errors by 0 <= factor <= 1. */
void sk_topk_scale(struct sk_topk *topk, double factor);

/* The double of a count, an error or a total. */
static inline double
sk_topk_real(uint64_t bits)
{
	return sk_of_bits(bits);
}

/* No item without a row was seen more often: 0 while all is exact. */
uint64_t sk_topk_min(const struct sk_topk *topk);

/* Add the image of another to this one, which has `counters` from then on, not
 * less than now; and say what this one holds, for an image.  Both of integers.
 * SK_EDATA, and nothing changes, if the sum of the totals or an item is over
 * its limit. */
int sk_topk_fold(struct sk_topk *topk, const struct sk_frequent *frequent,
    uint32_t counters, struct sk_diag *diag);
void sk_topk_take(const struct sk_topk *topk, struct sk_frequent *frequent);

#endif
