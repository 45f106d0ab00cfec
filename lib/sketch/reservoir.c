#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/reservoir.h"

#define PLACES_FIRST 1
#define SKIP_MAX (UINT64_C(1) << 62)

void
sk_sampled_set(struct sk_sampled *item, struct sk_view bytes, uint64_t number)
{
	uint32_t len = (uint32_t)bytes.len;

	/* A long line does not keep its memory for a short one. */
	if (len > item->cap || item->cap / 4 > len) {
		item->ptr = sk_xrealloc(item->ptr, (size_t)len + (len == 0),
		    1);
		item->cap = len;
	}
	if (len > 0)
		memcpy(item->ptr, bytes.ptr, len);
	item->len = len;
	item->number = number;
}

struct sk_sampled *
sk_sampled_reserve(struct sk_sampled *item, uint32_t *cap, uint32_t n)
{
	uint32_t more = *cap > 0 ? 2 * *cap : PLACES_FIRST;

	if (n <= *cap)
		return item;
	if (more < n || *cap > UINT32_MAX / 2)
		more = n;
	*cap = more;
	return sk_xrealloc(item, more, sizeof(*item));
}

static int
by_number(const void *a, const void *b)
{
	const struct sk_sampled *const *x = a, *const *y = b;

	return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

const struct sk_sampled **
sk_sampled_sorted(const struct sk_sampled *item, uint32_t n)
{
	const struct sk_sampled **order = sk_xalloc(n, sizeof(*order));
	uint32_t i;

	for (i = 0; i < n; i++)
		order[i] = &item[i];
	qsort(order, n, sizeof(*order), by_number);
	return order;
}

/* The number of failures is geometric: floor(ln u / ln(1 - p)). */
uint64_t
sk_sample_skip(struct sk_rng *rng, double p)
{
	double skip = floor(log(sk_sample_unit(rng)) / log1p(-p));

	return skip < (double)SKIP_MAX ? (uint64_t)skip : SKIP_MAX;
}

void
sk_reservoir_init(struct sk_reservoir *res, uint32_t k)
{
	memset(res, 0, sizeof(*res));
	res->k = k;
}

void
sk_reservoir_free(struct sk_reservoir *res)
{
	uint32_t i;

	for (i = 0; i < res->used; i++)
		free(res->item[i].ptr);
	free(res->item);
	memset(res, 0, sizeof(*res));
}

/* W falls as the largest of k uniform numbers does, and the next item below it
 * is taken. */
static void
draw(struct sk_reservoir *res, struct sk_rng *rng)
{
	res->least *= exp(log(sk_sample_unit(rng)) / res->k);
	res->skip = sk_sample_skip(rng, res->least);
}

/* Draw W and the skip for a full reservoir of n items: the steps from its k-th
 * item on, which do not depend on what the items are. */
static void
settle(struct sk_reservoir *res, struct sk_rng *rng)
{
	uint64_t at = res->k;

	res->least = 1;
	for (draw(res, rng); res->skip < res->n - at; draw(res, rng))
		at += res->skip + 1;
	res->skip -= res->n - at;
	res->drawn = true;
}

void
sk_reservoir_add(struct sk_reservoir *res, const struct sk_view *items,
    size_t n, uint64_t number, struct sk_rng *rng)
{
	size_t i = 0;

	for (; i < n && res->used < res->k; i++) {
		res->item = sk_sampled_reserve(res->item, &res->cap,
		    res->used + 1);
		memset(&res->item[res->used], 0, sizeof(*res->item));
		sk_sampled_set(&res->item[res->used++], items[i], number + i);
		res->n++;
	}
	if (i == n)
		return;
	if (!res->drawn)
		settle(res, rng);
	while (res->skip < n - i) {
		i += (size_t)res->skip;
		res->n += res->skip + 1;
		sk_sampled_set(&res->item[sk_sample_below(rng, res->k)],
		    items[i], number + i);
		i++;
		draw(res, rng);
	}
	res->skip -= n - i;
	res->n += n - i;
}

/* Take one of the items, each with the same probability. */
static struct sk_sampled
pick(struct sk_reservoir *res, struct sk_rng *rng)
{
	uint32_t i = (uint32_t)sk_sample_below(rng, res->used);
	struct sk_sampled item = res->item[i];

	res->item[i] = res->item[--res->used];
	return item;
}

void
sk_reservoir_merge(struct sk_reservoir *res, struct sk_reservoir *from,
    struct sk_rng *rng)
{
	uint64_t n = res->n, m = from->n;
	struct sk_reservoir all;
	uint32_t k = res->k;

	if (sk_reservoir_sampling(from) && from->used < k)
		k = from->used;
	sk_reservoir_init(&all, k);
	all.n = n + m;
	if (all.n < k)
		k = (uint32_t)all.n;
	all.item = sk_sampled_reserve(NULL, &all.cap, k);
	while (all.used < k) {
		struct sk_reservoir *side = from;

		/* One of the items that have not been drawn yet. */
		if (sk_sample_below(rng, n + m) < n) {
			side = res;
			n--;
		} else
			m--;
		all.item[all.used++] = pick(side, rng);
	}
	sk_reservoir_free(from);
	sk_reservoir_free(res);
	*res = all;
}
