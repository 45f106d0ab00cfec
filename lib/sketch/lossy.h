/*
 * Lossy Counting: the most frequent items of a stream.  The error is bounded
 * as that of Space-Saving is; what is bounded less is the memory.
 *
 * With a width w, items that cannot have come more often than total / w are
 * forgotten from time to time.  So for every row
 *
 *	count - error <= true count <= count
 *
 * errors are at most total / w, and an item without a row was seen at most
 * `floor` times, which is at most total / w.
 *
 * The paper forgets after each w events.  Here it is after w new items: the
 * bounds are the same, events without new items forget nothing, and weights
 * cost no more than ones.
 *
 * The caller owns the struct, which may be moved.  No argument is kept, items
 * are copied.  Results follow from the order of the stream alone.
 *
 * Memory: at most w * (2 + ln(total / w)) items, in practice some w to 2 w of
 * them, at 64 to 130 bytes each (room doubles) and long items as in topk.h.
 *
 * Cost: some 40 ns for an item of up to 15 bytes.
 *
 * Source: Manku, Motwani: Approximate Frequency Counts over Data Streams (VLDB
 * 2002), section 4.2.
 */
#ifndef SK_SKETCH_LOSSY_H
#define SK_SKETCH_LOSSY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sketch/frequent.h"
#include "sketch/items.h"

#define SK_LOSSY_WIDTH_MAX (UINT32_C(1) << 24)

struct sk_lossy {
	struct sk_items items;
	uint32_t width;
	uint32_t fresh; /* items that came since some were forgotten */
	uint64_t total;
	uint64_t floor;
};

/* seed is that of the table; 0: draw one.  It does not show in any result. */
void sk_lossy_init(struct sk_lossy *lossy, uint32_t width, uint32_t max_item,
    uint64_t seed);
void sk_lossy_free(struct sk_lossy *lossy); /* a zeroed one too */

/* As sk_topk_add() and sk_topk_add_batch(), which see. */
int sk_lossy_add(struct sk_lossy *lossy, struct sk_view item,
    uint64_t weight);

/* As sk_topk_fold() and sk_topk_take(). */
int sk_lossy_fold(struct sk_lossy *lossy, const struct sk_frequent *frequent,
    struct sk_diag *diag);
void sk_lossy_take(const struct sk_lossy *lossy,
    struct sk_frequent *frequent);

#endif
