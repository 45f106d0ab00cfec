/*
 * How many distinct texts: exact up to SK_DISTINCT_EXACT of them (of no more
 * than SK_DISTINCT_BYTES together), then estimated by HyperLogLog
 * (sketch/hll.h), by what does not depend on the order of texts and merges.
 *
 * A count is its pointer, NULL while it is empty.  Memory: 64 bytes and those
 * of the set (window/set.h), then 4 KiB.
 */
#ifndef SK_WINDOW_DISTINCT_H
#define SK_WINDOW_DISTINCT_H

#include "sketch/hll.h"
#include "window/pack.h"
#include "window/set.h"

#define SK_DISTINCT_EXACT 1000
#define SK_DISTINCT_BYTES (UINT32_C(1) << 20)

struct sk_distinct {
	struct sk_set set;
	struct sk_hll *hll; /* NULL: exact */
};

void sk_distinct_free(struct sk_distinct **distinct);
/* to is overwritten. */
void sk_distinct_copy(struct sk_distinct **to,
    const struct sk_distinct *from);
/* The text is not empty.  All calls for counts that meet have one seed. */
void sk_distinct_add(struct sk_distinct **distinct, struct sk_view text,
    uint64_t seed);
void sk_distinct_merge(struct sk_distinct **into,
    const struct sk_distinct *from, uint64_t seed);

uint64_t sk_distinct_value(const struct sk_distinct *distinct);
/* The relative standard error: 0 while it is exact. */
double sk_distinct_error(const struct sk_distinct *distinct);

void sk_distinct_save(const struct sk_distinct *distinct,
    struct sk_buf *buf);
/* distinct is overwritten, and empty if the bytes are none. */
void sk_distinct_load(struct sk_distinct **distinct, struct sk_unpack *from,
    uint64_t seed);

#endif
