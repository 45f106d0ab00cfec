/*
 * A heap: of all items it holds, the one that comes first.
 *
 * Items are ordered by time, then by rank, then by number, so that equal times
 * come out in a defined order: rank says whose item it is, the number when it
 * was added.  What an item stands for is the caller's: `ref` and `len` are
 * kept and not looked at.
 *
 * A binary heap in an array (J. W. J. Williams, Algorithm 232: Heapsort, CACM
 * 7, 1964).  Cost: up to log2(n) comparisons to add, twice that to take out;
 * items that come in order are added by one comparison.  32 bytes an item.
 *
 * A zeroed heap is an empty one.  The first item is heap->item[0]; pointers to
 * items are valid until the next call that changes the heap.
 */
#ifndef SK_BASE_HEAP_H
#define SK_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_heap_item {
	int64_t at_ns;
	uint64_t number;
	uint32_t rank;
	uint32_t len;
	void *ref;
};

struct sk_heap {
	struct sk_heap_item *item;
	size_t n, cap;
};

static inline bool
sk_heap_before(const struct sk_heap_item *a, const struct sk_heap_item *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->number < b->number;
}

void sk_heap_add(struct sk_heap *heap, struct sk_heap_item item);

/* The caller has made the first item later: put it where it belongs now. */
void sk_heap_sink(struct sk_heap *heap);

/* Take the first item out; there is one. */
void sk_heap_drop(struct sk_heap *heap);

void sk_heap_free(struct sk_heap *heap);

#endif
