/*
 * The paper keeps counters in linked lists of equal count, so that the least
 * is at hand and an increment moves a counter to the next list.  Here counters
 * stand in an array and an increment is an addition; the least is searched when
 * it is wanted:
 *
 *	level[1]  [ 3  4 ]                       one bound for 8 below
 *	level[0]  [ 3  5  3 ... ] [ 4 ... ]      a lower bound of their counts
 *	counts    [ 7 3 9 3 ... ] [ 5 ... ] ...
 *
 * Counts only grow, so a bound that was true stays true.  The search goes down
 * to the first least entry of a group, and where a group's least turns out to
 * be above its bound, raises the bound and goes up again.  It ends at a counter
 * whose count equals every bound above it: the least, and of several the first.
 * It starts where the last one ended, because every bound on that path is still
 * the first least of its group.  The others of the group with the same count
 * are remembered as due, a bit each, for the next ones; so with weights of 1
 * the search is needed once in many times.  With any weights the work is
 * logarithmic.
 *
 * The search compares counts and takes the next number after one.  So it does
 * not matter to it whether the 64 bits are an integer or a double that is not
 * negative: their bits have the same order, and the next number is the next.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "sketch/topk.h"

#define FANOUT SK_ITEMS_ROUND /* counters or bounds below one bound */
#define LEVELS_MAX 9
#define BATCH 32 /* items hashed before they are counted */
#define REAL_MAX 0x1p1000

struct sk_topk_levels {
	uint32_t n;
	uint64_t *level[LEVELS_MAX];
};

void
sk_topk_init(struct sk_topk *topk, uint32_t counters, uint32_t max_item,
    uint64_t seed)
{
	sk_assert(counters >= 1 && counters <= SK_TOPK_COUNTERS_MAX);
	*topk = (struct sk_topk){ .counters = counters };
	sk_items_init(&topk->items, max_item,
	    seed != 0 ? seed : sk_rng_draw());
}

static void
free_levels(struct sk_topk *topk)
{
	if (topk->levels != NULL)
		for (uint32_t i = 0; i < topk->levels->n; i++)
			free(topk->levels->level[i]);
	free(topk->levels);
	topk->levels = NULL;
	topk->least = NULL;
	topk->group = topk->due = 0;
}

void
sk_topk_free(struct sk_topk *topk)
{
	free_levels(topk);
	sk_items_free(&topk->items);
	*topk = (struct sk_topk){ 0 };
}

/* ---- the least count ---- */

/* All counters are in use from now on. */
static void
build_levels(struct sk_topk *topk)
{
	struct sk_topk_levels *levels = sk_xcalloc(1, sizeof(*levels));
	uint32_t n = (topk->counters + FANOUT - 1) / FANOUT * FANOUT;

	for (uint32_t i = topk->counters; i < n; i++)
		topk->items.slots[i].count = UINT64_MAX;
	do {
		uint32_t above = n / FANOUT;
		uint64_t *bounds;

		n = above == 1 ? 1 : (above + FANOUT - 1) / FANOUT * FANOUT;
		bounds = sk_xcalloc(n, sizeof(*bounds));
		for (uint32_t i = above; i < n; i++)
			bounds[i] = UINT64_MAX;
		levels->level[levels->n++] = bounds;
	} while (n > 1);
	topk->levels = levels;
	topk->least = levels->level[0];
}

/* The first least of eight numbers that are `stride` words apart. */
static inline uint32_t
first_least(const uint64_t *at, size_t stride, uint64_t *least)
{
	uint32_t first = 0;

	*least = at[0];
	for (uint32_t i = 1; i < FANOUT; i++) {
		uint64_t count = at[i * stride];

		first = count < *least ? i : first;
		*least = count < *least ? count : *least;
	}
	return first;
}

/* Which of the counters of a group have this least count, a bit for each. */
static inline uint32_t
which_least(const struct sk_topk *topk, uint32_t node, uint64_t least)
{
	const struct sk_item *slot = &topk->items.slots[node * FANOUT];
	uint32_t bits = 0;

	for (uint32_t i = 0; i < FANOUT; i++)
		bits |= (uint32_t)(slot[i].count == least) << i;
	return bits;
}

/* The search, from a group of a level. */
static void
find_least(struct sk_topk *topk, uint32_t node, uint32_t level)
{
	const struct sk_topk_levels *levels = topk->levels;
	size_t stride = sizeof(*topk->items.slots) / sizeof(uint64_t);
	uint32_t first;
	uint64_t least;

	for (;;) {
		if (level == 0)
			first = first_least(
			    &topk->items.slots[node * FANOUT].count, stride,
			    &least);
		else
			first = first_least(
			    levels->level[level - 1] + node * FANOUT, 1,
			    &least);
		if (least > levels->level[level][node]) {
			levels->level[level][node] = least;
			if (level + 1 < levels->n) {
				node /= FANOUT;
				level++;
				continue;
			}
		}
		if (level == 0)
			break;
		node = node * FANOUT + first;
		level--;
	}
	topk->group = node;
	topk->due = which_least(topk, node, least);
}

/* No counter of the group is left that is due: go on with the following one if
 * that has the same bound. */
static __attribute__((noinline)) void
next_group(struct sk_topk *topk)
{
	uint32_t node = topk->group;
	uint64_t *bounds = topk->least, least = bounds[node];

	if (topk->levels->n == 1) {
		find_least(topk, 0, 0);
		return;
	}
	do {
		bounds[node++] = least + 1;
		if (node % FANOUT == 0 || bounds[node] != least) {
			find_least(topk, (node - 1) / FANOUT, 1);
			return;
		}
		topk->group = node;
		topk->due = which_least(topk, node, least);
	} while (topk->due == 0);
}

/*
 * The number of the counter to take over; all are in use.  Those of the group
 * that are due had its bound as their count when it was come to; a count may
 * have grown since, and then is not the least any more.
 */
static inline uint32_t
take_least(struct sk_topk *topk)
{
	uint32_t at;

	do {
		if (topk->due == 0)
			next_group(topk);
		at = topk->group * FANOUT +
		    (uint32_t)__builtin_ctz(topk->due);
		topk->due &= topk->due - 1;
	} while (SK_UNLIKELY(topk->items.slots[at].count !=
	    topk->least[topk->group]));
	return at;
}

/* ---- items ---- */

/* A weight is an integer or the bits of a double, as a count is. */
static inline uint64_t
sum(uint64_t count, uint64_t weight, bool real)
{
	if (real)
		return sk_bits_of(sk_topk_real(count) + sk_topk_real(weight));
	return count + weight;
}

/* An item gets a counter that is not in use. */
static __attribute__((noinline)) void
add_first(struct sk_topk *topk, const struct sk_probe *p, uint32_t *end,
    uint64_t weight, bool real)
{
	struct sk_items *items = &topk->items;

	if (items->n == items->cap) {
		sk_items_grow(items, topk->counters);
		end = NULL;
	}
	sk_items_append(items, p, end, sum(topk->floor, weight, real));
	if (items->errors != NULL)
		items->errors[items->n - 1] = topk->floor;
	if (items->n == topk->counters)
		build_levels(topk);
}

/* An item that has no counter gets one; end is where its chain ends. */
static inline __attribute__((always_inline)) void
add_new(struct sk_topk *topk, const struct sk_probe *p, uint32_t *end,
    uint64_t weight, bool real)
{
	struct sk_items *items = &topk->items;
	uint64_t least;
	uint32_t number;

	if (SK_UNLIKELY(topk->least == NULL)) {
		add_first(topk, p, end, weight, real);
		return;
	}
	number = take_least(topk);
	least = items->slots[number].count;
	sk_items_replace(items, number, p, end, sum(least, weight, real));
	/* Likely the next one to be removed. */
	__builtin_prefetch(sk_items_chain(
	    items, items->slots[number + 1].hash));
	if (SK_UNLIKELY(items->errors == NULL))
		sk_items_need_errors(items);
	items->errors[number] = least;
}

static inline __attribute__((always_inline)) void
add_probe(struct sk_topk *topk, const struct sk_probe *p, uint64_t weight,
    bool real)
{
	uint32_t *end;
	struct sk_item *slot = sk_items_find(&topk->items, p, &end);

	if (SK_LIKELY(slot != NULL))
		slot->count = sum(slot->count, weight, real);
	else
		add_new(topk, p, end, weight, real);
}

int
sk_topk_add(struct sk_topk *topk, struct sk_view item, uint64_t weight)
{
	struct sk_probe p;

	if (item.len == 0 || weight == 0)
		return 0;
	if (item.len > topk->items.max_item || weight > SK_ITEMS_TOTAL_MAX ||
	    topk->total > SK_ITEMS_TOTAL_MAX - weight)
		return SK_ELIMIT;
	if (topk->items.cap == 0)
		sk_items_grow(&topk->items, topk->counters);
	p = sk_items_probe(&topk->items, item);
	topk->total += weight;
	add_probe(topk, &p, weight, false);
	return 0;
}

/* Hash items up to one that needs a further look; how many. */
static inline size_t
hash_plain(const struct sk_items *table, struct sk_probe *probes,
    const struct sk_view *items, size_t n)
{
	size_t most = table->max_item;
	size_t near = most < SK_ITEMS_NEAR ? most : SK_ITEMS_NEAR;
	size_t i;

	for (i = 0; i < n; i++) {
		struct sk_view item = items[i];

		/* An empty item is longer than any here. */
		if (SK_LIKELY(item.len - 1 < near))
			sk_items_probe_near(table,
			    sk_words_padded(item.ptr, item.len), item.len,
			    &probes[i]);
		else if (item.len - 1 < most)
			probes[i] = sk_items_probe_far(table, item);
		else
			break;
		__builtin_prefetch(sk_items_chain(table, probes[i].hash));
	}
	return i;
}

size_t
sk_topk_add_batch(struct sk_topk *topk, const struct sk_view *items, size_t n)
{
	struct sk_probe probes[BATCH];
	size_t refused = 0, i = 0;

	if (topk->items.cap == 0)
		sk_items_grow(&topk->items, topk->counters);
	while (i < n && topk->total <= SK_ITEMS_TOTAL_MAX - BATCH) {
		size_t want = n - i < BATCH ? n - i : BATCH;
		size_t m = hash_plain(&topk->items, probes, items + i, want);

		for (size_t j = 0; j < m; j++)
			add_probe(topk, &probes[j], 1, false);
		topk->total += m;
		i += m;
		if (m < want)
			refused += sk_topk_add(topk, items[i++], 1) != 0;
	}
	for (; i < n; i++)
		refused += sk_topk_add(topk, items[i], 1) != 0;
	return refused;
}

/* ---- doubles ---- */

int
sk_topk_add_real(struct sk_topk *topk, struct sk_view item, double weight)
{
	double total = sk_topk_real(topk->total);
	struct sk_probe p;

	if (item.len == 0 || weight == 0)
		return 0;
	if (item.len > topk->items.max_item || !(weight > 0) ||
	    !(weight <= REAL_MAX - total))
		return SK_ELIMIT;
	if (topk->items.cap == 0)
		sk_items_grow(&topk->items, topk->counters);
	p = sk_items_probe(&topk->items, item);
	topk->total = sk_bits_of(total + weight);
	add_probe(topk, &p, sk_bits_of(weight), true);
	return 0;
}

void
sk_topk_scale(struct sk_topk *topk, double factor)
{
	struct sk_items *items = &topk->items;

	for (uint32_t i = 0; i < items->n; i++) {
		uint64_t *count = &items->slots[i].count;

		*count = sk_bits_of(sk_topk_real(*count) * factor);
		if (items->errors != NULL)
			items->errors[i] = sk_bits_of(
			    sk_topk_real(items->errors[i]) * factor);
	}
	topk->total = sk_bits_of(sk_topk_real(topk->total) * factor);
	topk->floor = sk_bits_of(sk_topk_real(topk->floor) * factor);
	/* Bounds are of the counts as they were. */
	if (topk->levels != NULL) {
		free_levels(topk);
		build_levels(topk);
	}
}

/* ---- results ---- */

uint64_t
sk_topk_min(const struct sk_topk *topk)
{
	uint64_t least = UINT64_MAX;

	if (topk->items.n < topk->counters || topk->items.errors == NULL)
		return topk->floor;
	for (uint32_t i = 0; i < topk->items.n; i++)
		if (topk->items.slots[i].count < least)
			least = topk->items.slots[i].count;
	return least;
}

int
sk_topk_fold(struct sk_topk *topk, const struct sk_frequent *frequent,
    uint32_t counters, struct sk_diag *diag)
{
	uint64_t floor = sk_topk_min(topk);
	int err;

	if (frequent->total > SK_ITEMS_TOTAL_MAX - topk->total)
		return sk_diag_set(diag, SK_EDATA, "a total over 2^63");
	sk_assert(counters >= topk->counters &&
	    counters <= SK_TOPK_COUNTERS_MAX);
	err = sk_frequent_fold(frequent, &topk->items, &floor, counters,
	    diag);
	if (err != 0)
		return err;
	free_levels(topk);
	topk->counters = counters;
	topk->total += frequent->total;
	topk->floor = floor;
	if (floor > 0)
		sk_items_need_errors(&topk->items);
	if (topk->items.n == topk->counters)
		build_levels(topk);
	return 0;
}

void
sk_topk_take(const struct sk_topk *topk, struct sk_frequent *frequent)
{
	sk_frequent_take(frequent, &topk->items, sk_topk_min(topk),
	    topk->total, topk->counters);
}
