/*
 * Recent samples: k of the items of a sliding window of time, uniform and
 * without replacement, at any moment.
 *
 * Priority sampling: each item has a random priority, and the sample is the k
 * items of the window whose priority is highest.  An item that has k later
 * ones of higher priority will never be in it, and is dropped; of N items in
 * the window k (1 + ln(N/k)) are left.  They are looked for when twice as many
 * have gathered, so an item costs a copy and about log2(k) comparisons.
 *
 * Items may come in any order.  Those of one time are ordered by number.
 * What is the sample depends on the items, priorities and times alone.
 *
 * Memory: up to 2k (1 + ln(N/k)) + 64 items, 40 bytes and their own each.
 *
 * B. Babcock, M. Datar, R. Motwani: Sampling from a moving window over
 * streaming data, SODA 2002, section 3.2, with k priorities in place of one as
 * in R. Gemulla, W. Lehner: Sampling time-based sliding windows in bounded
 * space, SIGMOD 2008, section 3.
 */
#ifndef SK_SKETCH_RECENT_H
#define SK_SKETCH_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct sk_recent_item {
	int64_t at_ns;
	uint64_t number;
	uint64_t priority;
	size_t start;  /* in bytes */
	uint32_t len;
	bool keep;
};

/* A zeroed one is empty. */
struct sk_recent {
	struct sk_recent_item *item; /* as they came, as in bytes */
	size_t n, cap;
	size_t due;       /* so many items are looked through */
	struct sk_buf bytes;
	bool unordered;   /* times have gone back */
};

void sk_recent_free(struct sk_recent *recent);

/* Add an item, of a number above all before; those up to since_ns may go. */
void sk_recent_add(struct sk_recent *recent, uint32_t k, struct sk_view item,
    int64_t at_ns, uint64_t number, uint64_t priority, int64_t since_ns);

/* Leave only the sample of the items behind since_ns, at most k; valid until
 * the next call.  The items that may be in a later one are kept. */
size_t sk_recent_sample(struct sk_recent *recent, uint32_t k,
    int64_t since_ns, const struct sk_recent_item **out);

static inline struct sk_view
sk_recent_view(const struct sk_recent *recent,
    const struct sk_recent_item *item)
{
	return sk_view(recent->bytes.ptr + item->start, item->len);
}

#endif
