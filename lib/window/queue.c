#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/mem.h"
#include "window/queue.h"

#define CAP_FIRST 2

static void *
raw_at(const struct sk_queue *queue, const struct sk_aggs *aggs, uint32_t i)
{
	return queue->raw + (size_t)i * aggs->size;
}

static void *
sum_at(const struct sk_queue *queue, const struct sk_aggs *aggs, uint32_t i)
{
	return queue->sum + (size_t)i * aggs->size;
}

static char *
resize(char *states, uint32_t n, uint32_t cap, size_t size)
{
	char *to = sk_xaligned(SK_AGG_ALIGN, (size_t)cap * size);

	if (n > 0)
		memcpy(to, states, (size_t)n * size);
	free(states);
	return to;
}

static void
grow(struct sk_queue *queue, const struct sk_aggs *aggs)
{
	uint32_t cap = queue->cap > 0 ? 2 * queue->cap : CAP_FIRST;

	if (queue->n < queue->cap)
		return;
	queue->id = sk_xrealloc(queue->id, cap, sizeof(*queue->id));
	queue->raw = resize(queue->raw, queue->n, cap, aggs->size);
	if (queue->sum != NULL)
		queue->sum = resize(queue->sum, queue->n, cap, aggs->size);
	queue->cap = cap;
}

/* Forget what was summed up. */
static void
forget(struct sk_queue *queue, const struct sk_aggs *aggs)
{
	uint32_t i;

	if (!queue->turned)
		return;
	for (i = queue->from; i < queue->mid; i++)
		sk_aggs_free(aggs, sum_at(queue, aggs, i));
	if (queue->mid < queue->n)
		sk_aggs_free(aggs, queue->back);
	queue->turned = false;
}

static void
set_back(struct sk_queue *queue, const struct sk_aggs *aggs, const void *state)
{
	if (queue->back == NULL)
		queue->back = sk_xaligned(SK_AGG_ALIGN, aggs->size);
	sk_aggs_copy(aggs, queue->back, state);
}

/* Sum up: the entries from..mid backwards, then the ones behind. */
static void
turn(struct sk_queue *queue, const struct sk_aggs *aggs, uint32_t mid)
{
	uint32_t i;

	sk_assert(!queue->turned);
	if (queue->sum == NULL && mid > queue->from)
		queue->sum = sk_xaligned(SK_AGG_ALIGN,
		    (size_t)queue->cap * aggs->size);
	for (i = mid; i-- > queue->from; ) {
		sk_aggs_copy(aggs, sum_at(queue, aggs, i),
		    raw_at(queue, aggs, i));
		if (i + 1 < mid)
			sk_aggs_merge(aggs, sum_at(queue, aggs, i),
			    sum_at(queue, aggs, i + 1));
	}
	for (i = mid; i < queue->n; i++)
		if (i == mid)
			set_back(queue, aggs, raw_at(queue, aggs, i));
		else
			sk_aggs_merge(aggs, queue->back,
			    raw_at(queue, aggs, i));
	queue->mid = mid;
	queue->turned = true;
}

void
sk_queue_free(struct sk_queue *queue, const struct sk_aggs *aggs)
{
	uint32_t i;

	forget(queue, aggs);
	for (i = 0; i < queue->n; i++)
		sk_aggs_free(aggs, raw_at(queue, aggs, i));
	free(queue->id);
	free(queue->raw);
	free(queue->sum);
	free(queue->back);
	memset(queue, 0, sizeof(*queue));
}

/* The first entry that is not below id. */
static uint32_t
find(const struct sk_queue *queue, int64_t id)
{
	uint32_t low = 0, high = queue->n, half;

	while (low < high) {
		half = low + (high - low) / 2;
		if (queue->id[half] < id)
			low = half + 1;
		else
			high = half;
	}
	return low;
}

static void
insert(struct sk_queue *queue, const struct sk_aggs *aggs, uint32_t at,
    int64_t id)
{
	uint32_t behind = queue->n - at;

	grow(queue, aggs);
	memmove(queue->id + at + 1, queue->id + at,
	    behind * sizeof(*queue->id));
	memmove(raw_at(queue, aggs, at + 1), raw_at(queue, aggs, at),
	    behind * aggs->size);
	queue->id[at] = id;
	queue->n++;
	if (id < queue->from_id)
		queue->from++;
}

void
sk_queue_push(struct sk_queue *queue, const struct sk_aggs *aggs, int64_t id,
    void *state)
{
	uint32_t at = queue->n;

	if (at > 0 && queue->id[at - 1] >= id) {
		sk_aggs_merge(aggs, sk_queue_late(queue, aggs, id), state);
		sk_aggs_free(aggs, state);
		return;
	}
	grow(queue, aggs);
	queue->id[at] = id;
	memcpy(raw_at(queue, aggs, at), state, aggs->size);
	queue->n++;
	if (!queue->turned)
		return;
	if (queue->mid == at)
		set_back(queue, aggs, raw_at(queue, aggs, at));
	else
		sk_aggs_merge(aggs, queue->back, raw_at(queue, aggs, at));
}

void *
sk_queue_late(struct sk_queue *queue, const struct sk_aggs *aggs, int64_t id)
{
	uint32_t at = find(queue, id);

	forget(queue, aggs);
	if (at == queue->n || queue->id[at] != id) {
		insert(queue, aggs, at, id);
		sk_aggs_new(aggs, raw_at(queue, aggs, at));
	}
	return raw_at(queue, aggs, at);
}

void
sk_queue_slide(struct sk_queue *queue, const struct sk_aggs *aggs, int64_t id)
{
	uint32_t to = queue->from;

	queue->from_id = id;
	while (to < queue->n && queue->id[to] < id)
		to++;
	if (queue->turned && to <= queue->mid) {
		for (; queue->from < to; queue->from++)
			sk_aggs_free(aggs, sum_at(queue, aggs, queue->from));
		return;
	}
	forget(queue, aggs);
	queue->from = to;
}

void
sk_queue_drop(struct sk_queue *queue, const struct sk_aggs *aggs, int64_t id)
{
	uint32_t to = find(queue, id), left, i;

	to = to < queue->from ? to : queue->from;
	/* Moving what is left costs as much as it frees. */
	if (to == 0 || to < queue->n - to)
		return;
	left = queue->n - to;
	for (i = 0; i < to; i++)
		sk_aggs_free(aggs, raw_at(queue, aggs, i));
	memmove(queue->id, queue->id + to, left * sizeof(*queue->id));
	memmove(queue->raw, raw_at(queue, aggs, to), left * aggs->size);
	if (queue->turned && queue->mid > queue->from)
		memmove(sum_at(queue, aggs, queue->from - to),
		    sum_at(queue, aggs, queue->from),
		    (queue->mid - queue->from) * aggs->size);
	queue->n = left;
	queue->from -= to;
	queue->mid = queue->mid > to ? queue->mid - to : 0;
}

const void *
sk_queue_get(struct sk_queue *queue, const struct sk_aggs *aggs, void *spare)
{
	if (queue->from == queue->n)
		return NULL;
	if (!queue->turned)
		turn(queue, aggs, queue->n);
	if (queue->mid == queue->n)
		return sum_at(queue, aggs, queue->from);
	if (queue->from == queue->mid)
		return queue->back;
	sk_aggs_copy(aggs, spare, sum_at(queue, aggs, queue->from));
	sk_aggs_merge(aggs, spare, queue->back);
	return spare;
}

bool
sk_queue_range(const struct sk_queue *queue, const struct sk_aggs *aggs,
    int64_t from, int64_t to, void *into)
{
	uint32_t i = find(queue, from);
	bool some = false;

	for (; i < queue->n && queue->id[i] < to; i++, some = true)
		sk_aggs_merge(aggs, into, raw_at(queue, aggs, i));
	return some;
}

void
sk_queue_save(const struct sk_queue *queue, const struct sk_aggs *aggs,
    struct sk_buf *buf)
{
	uint32_t i;

	sk_image_put(buf, queue->n);
	for (i = 0; i < queue->n; i++) {
		sk_image_put(buf, (uint64_t)queue->id[i]);
		sk_aggs_save(aggs, raw_at(queue, aggs, i), buf);
	}
	sk_image_put(buf, queue->from);
	sk_image_put(buf, queue->turned ? queue->mid : UINT64_MAX);
	sk_image_put(buf, (uint64_t)queue->from_id);
}

int
sk_queue_load(struct sk_queue *queue, const struct sk_aggs *aggs,
    struct sk_view *bytes, struct sk_diag *diag)
{
	uint64_t from, mid;
	uint32_t n, i;
	int64_t id;
	int err;

	memset(queue, 0, sizeof(*queue));
	if (!sk_image_take_n(bytes, 8, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n; i++) {
		if (!sk_image_take_i64(bytes, &id) ||
		    (i > 0 && id <= queue->id[i - 1]))
			return sk_image_bad(diag);
		grow(queue, aggs);
		err = sk_aggs_load(aggs, raw_at(queue, aggs, i), bytes, diag);
		if (err != 0)
			return err;
		queue->id[queue->n++] = id;
	}
	if (!sk_image_take(bytes, &from) || !sk_image_take(bytes, &mid) ||
	    !sk_image_take_i64(bytes, &queue->from_id) || from > n ||
	    from != find(queue, queue->from_id) ||
	    (mid != UINT64_MAX && (mid < from || mid > n)))
		return sk_image_bad(diag);
	queue->from = (uint32_t)from;
	if (mid != UINT64_MAX)
		turn(queue, aggs, (uint32_t)mid);
	return 0;
}
