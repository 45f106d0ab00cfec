#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/recent.h"

#define SLACK 64

void
sk_recent_free(struct sk_recent *recent)
{
	free(recent->item);
	sk_buf_free(&recent->bytes);
	memset(recent, 0, sizeof(*recent));
}

static int
by_time(const void *a, const void *b)
{
	const struct sk_recent_item *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int
by_number(const void *a, const void *b)
{
	const struct sk_recent_item *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* The k highest priorities so far, a heap with the lowest in front. */
struct best {
	uint64_t *priority;
	uint32_t n, k;
};

static bool
put(struct best *best, uint64_t priority)
{
	uint64_t *heap = best->priority;
	uint32_t i, child;

	if (best->n < best->k) {
		for (i = best->n++; i > 0 && heap[(i - 1) / 2] > priority;
		    i = (i - 1) / 2)
			heap[i] = heap[(i - 1) / 2];
		heap[i] = priority;
		return true;
	}
	if (priority <= heap[0])
		return false;
	for (i = 0; (child = 2 * i + 1) < best->n; i = child) {
		if (child + 1 < best->n && heap[child + 1] < heap[child])
			child++;
		if (priority <= heap[child])
			break;
		heap[i] = heap[child];
	}
	heap[i] = priority;
	return true;
}

/* Mark the items to keep, from the latest to the first; returns the lowest
 * priority of the sample. */
static uint64_t
mark(struct sk_recent *recent, uint32_t k, int64_t since_ns)
{
	uint32_t most = recent->n < k ? (uint32_t)recent->n : k;
	struct best best = { sk_xalloc(most, sizeof(uint64_t)), 0, most };
	uint64_t lowest = 0;
	size_t i;

	if (recent->unordered)
		qsort(recent->item, recent->n, sizeof(*recent->item), by_time);
	for (i = recent->n; i-- > 0; )
		recent->item[i].keep = recent->item[i].at_ns > since_ns &&
		    put(&best, recent->item[i].priority);
	if (recent->unordered)
		qsort(recent->item, recent->n, sizeof(*recent->item),
		    by_number);
	if (best.n > 0)
		lowest = best.priority[0];
	free(best.priority);
	return lowest;
}

/* Drop what is not marked. */
static void
compact(struct sk_recent *recent)
{
	size_t kept = 0, len = 0, i;

	for (i = 0; i < recent->n; i++) {
		struct sk_recent_item item = recent->item[i];

		if (!item.keep)
			continue;
		memmove(recent->bytes.ptr + len,
		    recent->bytes.ptr + item.start, item.len);
		item.start = len;
		len += item.len;
		recent->item[kept++] = item;
	}
	recent->n = kept;
	recent->bytes.len = len;
	recent->due = 2 * kept + SLACK;
}

static void
grow(struct sk_recent *recent)
{
	recent->cap = recent->cap > 0 ? 2 * recent->cap : 4;
	recent->item = sk_xrealloc(recent->item, recent->cap,
	    sizeof(*recent->item));
}

void
sk_recent_add(struct sk_recent *recent, uint32_t k, struct sk_view item,
    int64_t at_ns, uint64_t number, uint64_t priority, int64_t since_ns)
{
	struct sk_recent_item *fresh;

	if (recent->n >= recent->due && recent->n >= SLACK) {
		mark(recent, k, since_ns);
		compact(recent);
	}
	if (recent->n > 0 && at_ns < recent->item[recent->n - 1].at_ns)
		recent->unordered = true;
	if (recent->n == recent->cap)
		grow(recent);
	fresh = &recent->item[recent->n++];
	*fresh = (struct sk_recent_item){ at_ns, number, priority,
		recent->bytes.len, (uint32_t)item.len, true };
	sk_buf_reserve(&recent->bytes, item.len + 1);
	sk_buf_view(&recent->bytes, item);
}

size_t
sk_recent_sample(struct sk_recent *recent, uint32_t k, int64_t since_ns,
    const struct sk_recent_item **out)
{
	uint64_t lowest = mark(recent, k, since_ns);
	size_t n = 0, i;

	compact(recent);
	for (i = 0; i < recent->n && n < k; i++)
		if (recent->item[i].priority >= lowest)
			out[n++] = &recent->item[i];
	return n;
}
