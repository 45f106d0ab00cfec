/*
 * The paper keeps counters in linked lists of equal count, so that the least
 * is at hand and an increment moves a counter to the next list.  Here counters
 * stand in an array and an increment is an addition; the least is searched when
 * it is wanted:
 *
 *	least[1]  [ 3  4 ]                       one bound for 8 below
 *	least[0]  [ 3  5  3 ... ] [ 4 ... ]      a lower bound of their counts
 *	counts    [ 7 3 9 3 ... ] [ 5 ... ] ...
 *
 * Counts only grow, so a bound that was true stays true.  The search goes down
 * to the first least entry of a group, and where a group's least turns out to
 * be above its bound, raises the bound and goes up again.  It ends at a counter
 * whose count equals every bound above it: the least, and of several the first.
 * It starts where the last one ended, because every bound on that path is still
 * the first least of its group.  With weights of 1 the counter to take over is
 * mostly the next in the array; with any weights the work is logarithmic.
 *
 * A slot is half a cache line and holds an item of up to 15 bytes itself, with
 * its length in the 16th: equal items are equal words.  For a longer one the
 * words are its hash and the number of a block, which holds length and bytes;
 * blocks are 32, 64, 128 ... bytes, with a list of free ones of each class.
 *
 * The table is chains of slots: removal, as frequent as insertion here, shifts
 * nothing and leaves no marks.  New ones go to the end, where a search in vain
 * has just been; so the oldest, which are taken over, stand at the front.
 */
#include <endian.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "sketch/topk.h"
#include "sketch/words.h"

#define FANOUT 8       /* counters or bounds below one bound */
#define CAP_MIN 16     /* the first number of counters with memory */
#define TABLE_FACTOR 8 /* chains for one counter */
#define BLOCK_BYTES 32 /* the smallest block */
#define BATCH 64       /* items hashed before they are counted */
#define NEAR_MAX 15    /* bytes of an item in the slot itself */

/* In place of the length of a near item: the item is in a block. */
#define FAR (UINT64_C(0xff) << 56)

/* Words stand in little-endian order, so that a near item is a view. */
struct sk_topk_slot {
	uint64_t word[2]; /* 15 bytes and the length; far: hash, FAR | block */
	uint64_t count;
	uint32_t hash;
	uint32_t next; /* in the chain: number of a slot + 1, or 0 */
};

/* An item on its way: low and high are the words of a slot, but for the block
 * that it has not got. */
struct probe {
	uint64_t low;
	uint64_t high;
	struct sk_view item;
	uint32_t hash;
};

void
sk_topk_init(struct sk_topk *topk, uint32_t counters, uint32_t max_item,
    uint64_t seed)
{
	struct sk_rng rng;

	sk_assert(counters >= 1 && counters <= SK_TOPK_COUNTERS_MAX);
	sk_assert(max_item >= 1 && max_item <= SK_TOPK_MAX_ITEM_MAX);
	*topk = (struct sk_topk){ 0 };
	topk->counters = counters;
	topk->max_item = max_item;
	sk_rng_init(&rng, seed != 0 ? seed : sk_rng_draw());
	topk->seed[0] = sk_rng_next(&rng);
	topk->seed[1] = sk_rng_next(&rng);
}

void
sk_topk_free(struct sk_topk *topk)
{
	free(topk->slots);
	free(topk->errors);
	free(topk->chains);
	for (size_t i = 0; i < SK_TOPK_LEVELS; i++)
		free(topk->least[i]);
	free(topk->far);
	*topk = (struct sk_topk){ 0 };
}

/* ---- chains ---- */

static inline uint32_t *
chain_of(const struct sk_topk *topk, uint32_t hash)
{
	return &topk->chains[hash & topk->mask];
}

/* The link that ends a chain. */
static uint32_t *
chain_end(const struct sk_topk *topk, uint32_t hash)
{
	uint32_t *link = chain_of(topk, hash);

	while (*link != 0)
		link = &topk->slots[*link - 1].next;
	return link;
}

static inline void
chain_remove(struct sk_topk *topk, uint32_t number)
{
	uint32_t *link = chain_of(topk, topk->slots[number].hash);

	while (SK_UNLIKELY(*link != number + 1))
		link = &topk->slots[*link - 1].next;
	*link = topk->slots[number].next;
}

static uint32_t
round_up(uint32_t n)
{
	return (n + FANOUT - 1) / FANOUT * FANOUT;
}

/* Room for more counters: twice as many, up to all of them. */
static void
grow(struct sk_topk *topk)
{
	uint32_t cap = topk->cap == 0 ? CAP_MIN : 2 * topk->cap;
	uint32_t nchains = TABLE_FACTOR;
	struct sk_topk_slot *slots;
	size_t nbytes;

	if (cap > topk->counters)
		cap = topk->counters;
	while (nchains / TABLE_FACTOR < cap)
		nchains *= 2;
	/* One more, so that the one behind the last can be looked at. */
	nbytes = ((size_t)round_up(cap) + 1) * sizeof(*slots);
	slots = sk_xaligned(64, nbytes);
	memset(slots, 0, nbytes);
	if (topk->used != 0)
		memcpy(slots, topk->slots, topk->used * sizeof(*slots));
	free(topk->slots);
	free(topk->chains);
	topk->cap = cap;
	topk->mask = nchains - 1;
	topk->slots = slots;
	topk->chains = sk_xcalloc(nchains, sizeof(*topk->chains));
	topk->errors = sk_xrealloc(topk->errors, cap, sizeof(*topk->errors));
	for (uint32_t i = 0; i < topk->used; i++) {
		slots[i].next = 0;
		*chain_end(topk, slots[i].hash) = i + 1;
	}
}

/* ---- blocks: numbered from 1, so that FAR | block differs from FAR ---- */

static inline bool
is_far(uint64_t high)
{
	return le64toh(high) >= FAR;
}

static char *
block_bytes(const struct sk_topk *topk, uint64_t block)
{
	return topk->far + (block - 1) * BLOCK_BYTES;
}

static struct sk_view
far_item(const struct sk_topk *topk, uint64_t high)
{
	const char *bytes = block_bytes(topk, le64toh(high) & ~FAR);

	return sk_view(bytes + sizeof(uint32_t), sk_get32(bytes));
}

/* The class of the block for an item with its length in front. */
static unsigned
block_class(size_t len)
{
	unsigned class = 0;

	while (((size_t)BLOCK_BYTES << class) < len + sizeof(uint32_t))
		class++;
	return class;
}

/* Put an item into a block; the high word of its slot. */
static uint64_t
block_take(struct sk_topk *topk, struct sk_view item)
{
	unsigned class = block_class(item.len);
	uint64_t units = UINT64_C(1) << class;
	uint64_t block = topk->far_free[class];

	if (block != 0) {
		topk->far_free[class] = sk_get64(block_bytes(topk, block));
	} else {
		if (topk->far_cap - topk->far_n < units) {
			topk->far_cap = 2 * (topk->far_cap + units);
			topk->far = sk_xrealloc(
			    topk->far, topk->far_cap, BLOCK_BYTES);
		}
		block = topk->far_n + 1;
		topk->far_n += units;
	}
	char *bytes = block_bytes(topk, block);

	sk_put32(bytes, (uint32_t)item.len);
	memcpy(bytes + sizeof(uint32_t), item.ptr, item.len);
	return htole64(FAR | block);
}

static void
block_give(struct sk_topk *topk, uint64_t high)
{
	unsigned class = block_class(far_item(topk, high).len);
	uint64_t block = le64toh(high) & ~FAR;

	sk_put64(block_bytes(topk, block), topk->far_free[class]);
	topk->far_free[class] = block;
}

/* ---- the least count ---- */

/* All counters are in use from now on. */
static void
build_levels(struct sk_topk *topk)
{
	uint32_t n = round_up(topk->counters);

	for (uint32_t i = topk->counters; i < n; i++)
		topk->slots[i].count = UINT64_MAX;
	do {
		uint32_t above = n / FANOUT;
		uint64_t *bounds;

		n = above == 1 ? 1 : round_up(above);
		bounds = sk_xcalloc(n, sizeof(*bounds));
		for (uint32_t i = above; i < n; i++)
			bounds[i] = UINT64_MAX;
		topk->least[topk->nlevels++] = bounds;
	} while (n > 1);
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

/* The search, from a group of a level. */
static uint32_t
find_least(struct sk_topk *topk, uint32_t node, uint32_t level)
{
	size_t stride = sizeof(*topk->slots) / sizeof(uint64_t);
	uint32_t first;
	uint64_t least;

	for (;;) {
		if (level == 0)
			first = first_least(
			    &topk->slots[node * FANOUT].count, stride, &least);
		else
			first = first_least(
			    topk->least[level - 1] + node * FANOUT, 1, &least);
		if (least > topk->least[level][node]) {
			topk->least[level][node] = least;
			if (level + 1 < topk->nlevels) {
				node /= FANOUT;
				level++;
				continue;
			}
		}
		node = node * FANOUT + first;
		if (level == 0)
			return topk->at = node;
		level--;
	}
}

/*
 * The number of the counter to take over; all are in use.  The counters of the
 * group up to `at` are above the least, so it goes on behind, and into the
 * following group if that has the same bound.
 */
static inline uint32_t
take_least(struct sk_topk *topk)
{
	uint32_t at = topk->at, node = at / FANOUT;
	uint64_t *bounds = topk->least[0];
	uint64_t least = bounds[node];

	for (;;) {
		if (++at % FANOUT == 0) {
			if (topk->nlevels == 1)
				return find_least(topk, 0, 0);
			bounds[node++] = least + 1;
			if (node % FANOUT == 0 || bounds[node] != least)
				return find_least(topk, (node - 1) / FANOUT, 1);
		}
		if (topk->slots[at].count == least)
			return topk->at = at;
	}
}

/* ---- items ---- */

/* The 128 bits of a product whose factors nobody outside knows, folded (the
 * mixing step of wyhash and XXH3). */
static inline uint32_t
hash_words(const struct sk_topk *topk, struct sk_words w)
{
	__extension__ unsigned __int128 product =
	    (unsigned __int128)(w.low ^ topk->seed[0]) *
	    (w.high ^ topk->seed[1]);

	return (uint32_t)product ^ (uint32_t)(product >> 64);
}

static inline struct probe
probe_near(const struct sk_topk *topk, struct sk_words w, struct sk_view item)
{
	struct probe p;

	w.high |= (uint64_t)item.len << 56;
	p.low = htole64(w.low);
	p.high = htole64(w.high);
	p.hash = hash_words(topk, w);
	p.item = item;
	return p;
}

static struct probe
probe_far(const struct sk_topk *topk, struct sk_view item)
{
	struct probe p;

	p.low = sk_hash_table(item.ptr, item.len, topk->seed[0]);
	p.high = htole64(FAR);
	p.hash = (uint32_t)p.low;
	p.item = item;
	return p;
}

/* Take over the counter of the least count: its number, with its item gone.
 * *end, where the chain of the new item ends, is NULL if it was in there. */
static inline uint32_t
take_over(struct sk_topk *topk, uint32_t **end)
{
	uint32_t number = take_least(topk);
	struct sk_topk_slot *slot = &topk->slots[number];

	chain_remove(topk, number);
	if (SK_UNLIKELY(*end == &slot->next))
		*end = NULL;
	if (SK_UNLIKELY(is_far(slot->word[1])))
		block_give(topk, slot->word[1]);
	/* Likely the next one to be removed. */
	__builtin_prefetch(chain_of(topk, slot[1].hash));
	return number;
}

/* An item that has no counter gets one; end is where its chain ends. */
static void
add_new(struct sk_topk *topk, const struct probe *p, uint32_t *end,
    uint64_t weight)
{
	uint64_t high = p->high;
	uint64_t least = 0;
	uint32_t number;

	if (SK_LIKELY(topk->nlevels != 0)) {
		number = take_over(topk, &end);
		least = topk->slots[number].count;
	} else {
		if (topk->used == topk->cap) {
			grow(topk);
			end = NULL;
		}
		number = topk->used++;
	}
	if (SK_UNLIKELY(end == NULL))
		end = chain_end(topk, p->hash);
	if (SK_UNLIKELY(is_far(high)))
		high = block_take(topk, p->item);
	topk->slots[number] = (struct sk_topk_slot){ { p->low, high },
		least + weight, p->hash, 0 };
	topk->errors[number] = least;
	*end = number + 1;
	if (SK_UNLIKELY(topk->nlevels == 0 && topk->used == topk->counters))
		build_levels(topk);
}

static inline bool
holds(const struct sk_topk *topk, const struct sk_topk_slot *slot,
    const struct probe *p)
{
	if (slot->word[0] != p->low)
		return false;
	if (SK_LIKELY(slot->word[1] == p->high))
		return true;
	return is_far(p->high) && is_far(slot->word[1]) &&
	    sk_view_equal(far_item(topk, slot->word[1]), p->item);
}

static inline void
add_probe(struct sk_topk *topk, const struct probe *p, uint64_t weight)
{
	uint32_t *link = chain_of(topk, p->hash);

	while (*link != 0) {
		struct sk_topk_slot *slot = &topk->slots[*link - 1];

		if (SK_LIKELY(holds(topk, slot, p))) {
			slot->count += weight;
			return;
		}
		link = &slot->next;
	}
	add_new(topk, p, link, weight);
}

int
sk_topk_add(struct sk_topk *topk, struct sk_view item, uint64_t weight)
{
	struct probe p;

	if (item.len == 0 || weight == 0)
		return 0;
	if (item.len > topk->max_item || weight > SK_TOPK_TOTAL_MAX ||
	    topk->total > SK_TOPK_TOTAL_MAX - weight)
		return SK_ELIMIT;
	if (topk->cap == 0)
		grow(topk);
	if (item.len <= NEAR_MAX)
		p = probe_near(topk, sk_words(item.ptr, item.len), item);
	else
		p = probe_far(topk, item);
	topk->total += weight;
	add_probe(topk, &p, weight);
	return 0;
}

/* Hash items up to one that needs a further look; how many. */
static inline size_t
hash_plain(const struct sk_topk *topk, struct probe *probes,
    const struct sk_view *items, size_t n)
{
	size_t near = topk->max_item < NEAR_MAX ? topk->max_item : NEAR_MAX;
	size_t i;

	for (i = 0; i < n; i++) {
		struct sk_view item = items[i];

		/* An empty item is longer than any here. */
		if (SK_LIKELY(item.len - 1 < near))
			probes[i] = probe_near(topk,
			    sk_words_padded(item.ptr, item.len), item);
		else if (item.len - 1 < topk->max_item)
			probes[i] = probe_far(topk, item);
		else
			break;
		__builtin_prefetch(chain_of(topk, probes[i].hash));
	}
	return i;
}

size_t
sk_topk_add_batch(struct sk_topk *topk, const struct sk_view *items, size_t n)
{
	struct probe probes[BATCH];
	size_t refused = 0, i = 0;

	if (topk->cap == 0)
		grow(topk);
	while (i < n && topk->total <= SK_TOPK_TOTAL_MAX - BATCH) {
		size_t want = n - i < BATCH ? n - i : BATCH;
		size_t m = hash_plain(topk, probes, items + i, want);

		for (size_t j = 0; j < m; j++)
			add_probe(topk, &probes[j], 1);
		topk->total += m;
		i += m;
		if (m < want)
			refused += sk_topk_add(topk, items[i++], 1) != 0;
	}
	for (; i < n; i++)
		refused += sk_topk_add(topk, items[i], 1) != 0;
	return refused;
}

/* ---- results ---- */

uint64_t
sk_topk_min(const struct sk_topk *topk)
{
	uint64_t least = UINT64_MAX;

	if (topk->used < topk->counters)
		return 0;
	for (uint32_t i = 0; i < topk->used; i++)
		if (topk->slots[i].count < least)
			least = topk->slots[i].count;
	return least;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct sk_topk_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return sk_view_compare(x->item, y->item);
}

size_t
sk_topk_list(const struct sk_topk *topk, struct sk_topk_row *rows)
{
	for (uint32_t i = 0; i < topk->used; i++) {
		const struct sk_topk_slot *slot = &topk->slots[i];
		const char *near = (const char *)slot->word;

		rows[i].count = slot->count;
		rows[i].error = topk->errors[i];
		rows[i].item = is_far(slot->word[1]) ?
		    far_item(topk, slot->word[1]) :
		    sk_view(near, (size_t)(le64toh(slot->word[1]) >> 56));
	}
	if (topk->used > 1)
		qsort(rows, topk->used, sizeof(*rows), compare_rows);
	return topk->used;
}
