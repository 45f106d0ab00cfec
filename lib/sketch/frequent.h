/*
 * Summaries of frequent items as other programs read and write them: the
 * frequent-items sketch of Apache DataSketches, with strings.
 *
 * An image has items with weights, the total of the stream and one offset:
 *
 *	weight <= true count <= weight + offset
 *
 * and an item that is not in it was seen at most `offset` times.  Our own
 * summaries (sketch/items.h) have a count and an error for each item.  Written
 * down, a weight is the count less the least count, which becomes the offset;
 * read back, the count is the same and every error is the offset.  So a saved
 * summary keeps its counts and all that it promises, while errors that were
 * known to be less are lost.
 *
 * Merging adds weights, offsets and totals; if more items remain than there
 * are counters for, the weight of the last one that has none is taken from all
 * and added to the offset.  Of summaries with c counters the offset stays at
 * most total / c, in any order and grouping; while no offset is above 0, the
 * result is the same in any order and grouping.
 *
 * sk_frequent_load() takes memory for the rows, which are views into the image
 * as long as that stands; sk_frequent_free() releases it.
 *
 * Source: Agarwal, Cormode, Huang, Phillips, Wei, Yi: Mergeable Summaries
 * (PODS 2012), section 3.
 */
#ifndef SK_SKETCH_FREQUENT_H
#define SK_SKETCH_FREQUENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sketch/items.h"

#define SK_FREQUENT_FAMILY 10
#define SK_FREQUENT_LG_MIN 3
#define SK_FREQUENT_LG_MAX 26

struct sk_frequent {
	uint64_t total;
	uint64_t offset;
	unsigned lg_max;           /* room for 0.75 * 2^lg_max items */
	size_t n;
	struct sk_items_row *rows; /* count is the weight, error is 0 */
};

void sk_frequent_free(struct sk_frequent *frequent); /* a zeroed one too */

/* The least lg_max with room for n items. */
unsigned sk_frequent_lg(uint64_t n);

/* Read an image.  SK_EDATA with the reason in diag if it is damaged or
 * foreign, SK_EVERSION if it is of a newer version; nothing is to be freed
 * then. */
int sk_frequent_load(struct sk_frequent *frequent, struct sk_view image,
    struct sk_diag *diag);

/* Add the image to buf: by descending weight, then by item.  Weights are
 * above 0, items distinct, n has room, offset <= total < 2^63; rows are
 * sorted. */
void sk_frequent_save(const struct sk_frequent *frequent,
    struct sk_buf *buf);

/* What a table says whose items without a row were seen at most `offset`
 * times; for `counters` of them.  Release it before the table changes. */
void sk_frequent_take(struct sk_frequent *frequent,
    const struct sk_items *items, uint64_t offset, uint64_t total,
    uint32_t counters);

/*
 * Add an image to such a table, whose total the caller keeps, and keep less
 * than `counters` rows, or as many if all is exact.  *offset is that of both
 * then.  SK_EDATA, and nothing changes, for an item over items->max_item.
 */
int sk_frequent_fold(const struct sk_frequent *frequent,
    struct sk_items *items, uint64_t *offset, uint32_t counters,
    struct sk_diag *diag);

#endif
