#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/mem.h"

void
sk_heap_add(struct sk_heap *heap, struct sk_heap_item item)
{
	size_t at = heap->n, up;

	if (heap->n == heap->cap) {
		heap->cap = heap->cap > 0 ? heap->cap * 2 : 16;
		heap->item = sk_xrealloc(heap->item, heap->cap,
		    sizeof(*heap->item));
	}
	heap->n++;
	for (; at > 0; at = up) {
		up = (at - 1) / 2;
		if (!sk_heap_before(&item, &heap->item[up]))
			break;
		heap->item[at] = heap->item[up];
	}
	heap->item[at] = item;
}

void
sk_heap_sink(struct sk_heap *heap)
{
	struct sk_heap_item *all = heap->item, item = all[0];
	size_t at = 0, down;

	while ((down = 2 * at + 1) < heap->n) {
		if (down + 1 < heap->n &&
		    sk_heap_before(&all[down + 1], &all[down]))
			down++;
		if (!sk_heap_before(&all[down], &item))
			break;
		all[at] = all[down];
		at = down;
	}
	all[at] = item;
}

void
sk_heap_drop(struct sk_heap *heap)
{
	heap->n--;
	if (heap->n == 0)
		return;
	heap->item[0] = heap->item[heap->n];
	sk_heap_sink(heap);
}

void
sk_heap_free(struct sk_heap *heap)
{
	free(heap->item);
	memset(heap, 0, sizeof(*heap));
}
