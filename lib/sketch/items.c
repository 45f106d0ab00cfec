/*
 * The table is chains of slots: removal, as frequent as insertion under
 * Space-Saving, shifts nothing and leaves no marks.  New ones go to the end,
 * where a search in vain has just been; so the oldest, which leave first,
 * stand at the front.
 *
 * Blocks are 32, 64, 128 ... bytes, with a list of free ones of each class.
 * They are numbered from 1, so that FAR | block differs from FAR.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "sketch/items.h"

#define CAP_MIN 2       /* the first number of slots */
#define CAP_SMALL 16    /* up to so many, chains are few, */
#define CAP_LARGE (UINT32_C(1) << 20) /* and above so many */
#define FACTOR 8        /* chains for one slot */
#define FACTOR_FEW 2
#define BLOCK_BYTES 32  /* the smallest block */
#define CLASSES 21

struct sk_items_blocks {
	char *bytes;
	uint64_t n, cap;         /* in units of the smallest block */
	uint64_t empty[CLASSES]; /* lists of free blocks; 0: none */
};

void
sk_items_init(struct sk_items *items, uint32_t max_item, uint64_t seed)
{
	struct sk_rng rng;

	sk_assert(max_item >= 1 && max_item <= SK_ITEMS_MAX_ITEM_MAX);
	*items = (struct sk_items){ .max_item = max_item };
	sk_rng_init(&rng, seed);
	items->seed[0] = sk_rng_next(&rng);
	items->seed[1] = sk_rng_next(&rng);
}

static void
free_blocks(struct sk_items *items)
{
	if (items->far != NULL)
		free(items->far->bytes);
	free(items->far);
	items->far = NULL;
}

void
sk_items_free(struct sk_items *items)
{
	free(items->slots);
	free(items->chains);
	free(items->errors);
	free_blocks(items);
	*items = (struct sk_items){ 0 };
}

/* ---- chains ---- */

uint32_t *
sk_items_chain_end(const struct sk_items *items, uint32_t hash)
{
	uint32_t *link = sk_items_chain(items, hash);

	while (*link != 0)
		link = &items->slots[*link - 1].next;
	return link;
}

static void
chain_all(struct sk_items *items)
{
	uint32_t i;

	memset(items->chains, 0,
	    ((size_t)items->mask + 1) * sizeof(*items->chains));
	for (i = 0; i < items->n; i++) {
		items->slots[i].next = 0;
		*sk_items_chain_end(items, items->slots[i].hash) = i + 1;
	}
}

void
sk_items_grow(struct sk_items *items, uint32_t most)
{
	uint32_t cap = items->cap == 0 ? CAP_MIN : 2 * items->cap;
	uint32_t nchains, factor;
	struct sk_item *slots;
	size_t nslots;

	if (cap > most)
		cap = most;
	sk_assert(cap > items->cap && cap <= SK_ITEMS_MAX);
	factor = cap <= CAP_SMALL || cap > CAP_LARGE ? FACTOR_FEW : FACTOR;
	for (nchains = factor; nchains / factor < cap;)
		nchains *= 2;
	nslots = cap;
	if (cap == most)
		nslots = (nslots + SK_ITEMS_ROUND - 1) / SK_ITEMS_ROUND *
		    SK_ITEMS_ROUND + 1;
	slots = cap <= CAP_SMALL ? sk_xalloc(nslots, sizeof(*slots)) :
	    sk_xaligned(64, nslots * sizeof(*slots));
	memset(slots, 0, nslots * sizeof(*slots));
	if (items->n != 0)
		memcpy(slots, items->slots, items->n * sizeof(*slots));
	free(items->slots);
	free(items->chains);
	items->cap = cap;
	items->mask = nchains - 1;
	items->slots = slots;
	items->chains = sk_xalloc(nchains, sizeof(*items->chains));
	if (items->errors != NULL)
		items->errors = sk_xrealloc(items->errors, cap,
		    sizeof(*items->errors));
	chain_all(items);
}

void
sk_items_need_errors(struct sk_items *items)
{
	if (items->errors == NULL)
		items->errors = sk_xcalloc(items->cap > 0 ? items->cap : 1,
		    sizeof(*items->errors));
}

/* ---- blocks ---- */

static char *
block_bytes(const struct sk_items *items, uint64_t block)
{
	return items->far->bytes + (block - 1) * BLOCK_BYTES;
}

struct sk_view
sk_items_far(const struct sk_items *items, uint64_t high)
{
	const char *bytes = block_bytes(items, le64toh(high) & ~SK_ITEMS_FAR);

	return sk_view(bytes + sizeof(uint32_t), sk_get32(bytes));
}

uint64_t
sk_items_far_bytes(const struct sk_items *items)
{
	return items->far == NULL ? 0 : items->far->n * BLOCK_BYTES;
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

uint64_t
sk_items_block_take(struct sk_items *items, struct sk_view item)
{
	unsigned class = block_class(item.len);
	uint64_t units = UINT64_C(1) << class;
	struct sk_items_blocks *far = items->far;
	uint64_t block;

	if (far == NULL)
		far = items->far = sk_xcalloc(1, sizeof(*far));
	block = far->empty[class];
	if (block != 0) {
		far->empty[class] = sk_get64(block_bytes(items, block));
	} else {
		if (far->cap - far->n < units) {
			far->cap = 2 * far->cap + units;
			far->bytes = sk_xrealloc(
			    far->bytes, far->cap, BLOCK_BYTES);
		}
		block = far->n + 1;
		far->n += units;
	}
	char *bytes = block_bytes(items, block);

	sk_put32(bytes, (uint32_t)item.len);
	memcpy(bytes + sizeof(uint32_t), item.ptr, item.len);
	return htole64(SK_ITEMS_FAR | block);
}

void
sk_items_block_give(struct sk_items *items, uint64_t high)
{
	unsigned class = block_class(sk_items_far(items, high).len);
	uint64_t block = le64toh(high) & ~SK_ITEMS_FAR;

	sk_put64(block_bytes(items, block), items->far->empty[class]);
	items->far->empty[class] = block;
}

/* ---- items ---- */

void
sk_items_append(struct sk_items *items, const struct sk_probe *p,
    uint32_t *end, uint64_t count)
{
	if (items->errors != NULL)
		items->errors[items->n] = 0;
	sk_items_place(items, items->n, p, end, count);
	items->n++;
}

void
sk_items_drop(struct sk_items *items, uint64_t floor)
{
	uint32_t n = 0, i;

	for (i = 0; i < items->n; i++) {
		struct sk_item *slot = &items->slots[i];

		if (slot->count > floor) {
			if (items->errors != NULL)
				items->errors[n] = items->errors[i];
			items->slots[n++] = *slot;
		} else if (sk_items_is_far(slot->word[1]))
			sk_items_block_give(items, slot->word[1]);
	}
	if (n == items->n)
		return;
	items->n = n;
	chain_all(items);
}

/* ---- results ---- */

struct sk_items_row
sk_items_row(const struct sk_items *items, uint32_t number)
{
	const struct sk_item *slot = &items->slots[number];
	struct sk_items_row row = { .count = slot->count,
		.error = items->errors != NULL ? items->errors[number] : 0 };

	if (sk_items_is_far(slot->word[1]))
		row.item = sk_items_far(items, slot->word[1]);
	else
		row.item = sk_view((const char *)slot->word,
		    (size_t)(le64toh(slot->word[1]) >> 56));
	return row;
}

struct sk_item *
sk_items_get(const struct sk_items *items, struct sk_view item)
{
	struct sk_probe p = sk_items_probe(items, item);
	uint32_t *end;

	return items->n == 0 ? NULL : sk_items_find(items, &p, &end);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct sk_items_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return sk_view_compare(x->item, y->item);
}

void
sk_items_sort(struct sk_items_row *rows, size_t n)
{
	if (n > 1)
		qsort(rows, n, sizeof(*rows), compare_rows);
}

size_t
sk_items_list(const struct sk_items *items, struct sk_items_row *rows)
{
	uint32_t i;

	for (i = 0; i < items->n; i++)
		rows[i] = sk_items_row(items, i);
	sk_items_sort(rows, items->n);
	return items->n;
}
