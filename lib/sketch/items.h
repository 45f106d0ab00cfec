/*
 * A table of counted items: the memory under the summaries of frequent items
 * (topk, lossy, countmin), which differ in what leaves it.
 *
 * Items are numbered from 0 as they come; one that replaces another takes its
 * number.  A count is an upper bound, `count - error` a lower one.  A count
 * is 64 bits that are compared as a number: an integer, or a double that is
 * not negative, whose order is that of its bits.
 *
 * The owner is told in their headers; rows are views into the table, valid
 * until the next call that changes it.
 *
 * Memory: 32 bytes an item, its chains (32 bytes more; 8 for up to 16 items and
 * for over a million), 8 once it has errors, and for items over 15 bytes
 * blocks of 32, 64, 128 ... bytes.  Room doubles from 2 items on.
 */
#ifndef SK_SKETCH_ITEMS_H
#define SK_SKETCH_ITEMS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/hash.h"
#include "sketch/words.h"

#define SK_ITEMS_MAX_ITEM 1024 /* the usual bound, in bytes */
#define SK_ITEMS_MAX_ITEM_MAX (UINT32_C(1) << 24)
#define SK_ITEMS_MAX (UINT32_C(1) << 29)
#define SK_ITEMS_TOTAL_MAX (UINT64_MAX / 2)
#define SK_ITEMS_NEAR 15 /* bytes of an item in the slot itself */

/* In place of the length of a near item: the item is in a block. */
#define SK_ITEMS_FAR (UINT64_C(0xff) << 56)

/*
 * Half a cache line.  An item of up to 15 bytes stands in it, with its length
 * in the 16th: equal items are equal words.  For a longer one the words are
 * its hash and the number of a block, which holds length and bytes.  Words
 * stand in little-endian order, so that a near item is a view.
 */
struct sk_item {
	uint64_t word[2]; /* 15 bytes and the length; far: hash, FAR | block */
	uint64_t count;
	uint32_t hash;
	uint32_t next; /* in the chain: number of a slot + 1, or 0 */
};

struct sk_items_blocks;

struct sk_items {
	uint32_t n;        /* items */
	uint32_t cap;      /* slots that have memory */
	uint32_t mask;     /* the chain of a hash: hash & mask */
	uint32_t max_item;
	uint64_t seed[2];
	struct sk_item *slots;
	uint32_t *chains;  /* number of the first slot + 1; 0: empty */
	uint64_t *errors;  /* NULL: all are 0 */
	struct sk_items_blocks *far;
};

struct sk_items_row {
	uint64_t count;
	uint64_t error;
	struct sk_view item;
};

/* An item on its way: low and high are the words of a slot, but for the block
 * that it has not got. */
struct sk_probe {
	uint64_t low;
	uint64_t high;
	struct sk_view item;
	uint32_t hash;
};

/* No memory is taken yet.  seed: that of the table, not 0; it does not show in
 * any result. */
void sk_items_init(struct sk_items *items, uint32_t max_item, uint64_t seed);
void sk_items_free(struct sk_items *items); /* a zeroed one too */

/* Double the slots, up to `most`, which is at most SK_ITEMS_MAX; n is cap.
 * Behind `most`, zeroed ones stand up to a multiple of SK_ITEMS_ROUND, and
 * one more. */
#define SK_ITEMS_ROUND 8

void sk_items_grow(struct sk_items *items, uint32_t most);

/* Give every item an error, 0 unless it has one; room for errors follows the
 * slots from then on. */
void sk_items_need_errors(struct sk_items *items);

/* Bytes of blocks in use or free. */
uint64_t sk_items_far_bytes(const struct sk_items *items);

/* A new item in slot n, for which there is room.  end is where its chain ends,
 * or NULL. */
void sk_items_append(struct sk_items *items, const struct sk_probe *p,
    uint32_t *end, uint64_t count);

/* Drop all items whose count is at most `floor`; the others keep their order
 * and are numbered anew. */
void sk_items_drop(struct sk_items *items, uint64_t floor);

struct sk_items_row sk_items_row(const struct sk_items *items,
    uint32_t number);

/* The slot of an item, or NULL. */
struct sk_item *sk_items_get(const struct sk_items *items,
    struct sk_view item);

/* All rows, by count, the greatest first, then by item as bytes; rows has
 * room for items->n of them, which is returned. */
size_t sk_items_list(const struct sk_items *items, struct sk_items_row *rows);
void sk_items_sort(struct sk_items_row *rows, size_t n);

/* ---- what the hot loops are made of ---- */

static inline uint32_t *
sk_items_chain(const struct sk_items *items, uint32_t hash)
{
	return &items->chains[hash & items->mask];
}

static inline bool
sk_items_is_far(uint64_t high)
{
	return le64toh(high) >= SK_ITEMS_FAR;
}

/* The item of a block, from the high word. */
struct sk_view sk_items_far(const struct sk_items *items, uint64_t high);

/* The 128 bits of a product whose factors nobody outside knows, folded (the
 * mixing step of wyhash and XXH3). */
static inline uint32_t
sk_items_hash(const struct sk_items *items, struct sk_words w)
{
	__extension__ unsigned __int128 product =
	    (unsigned __int128)(w.low ^ items->seed[0]) *
	    (w.high ^ items->seed[1]);

	return (uint32_t)product ^ (uint32_t)(product >> 64);
}

/* A near item of len bytes; its bytes are not looked at again, and p->item is
 * left as it is. */
static inline void
sk_items_probe_near(const struct sk_items *items, struct sk_words w,
    size_t len, struct sk_probe *p)
{
	w.high |= (uint64_t)len << 56;
	p->low = htole64(w.low);
	p->high = htole64(w.high);
	p->hash = sk_items_hash(items, w);
}

static inline struct sk_probe
sk_items_probe_far(const struct sk_items *items, struct sk_view item)
{
	struct sk_probe p;

	p.low = sk_hash_table(item.ptr, item.len, items->seed[0]);
	p.high = htole64(SK_ITEMS_FAR);
	p.hash = (uint32_t)p.low;
	p.item = item;
	return p;
}

/* Any item; nothing is read behind it. */
static inline struct sk_probe
sk_items_probe(const struct sk_items *items, struct sk_view item)
{
	struct sk_probe p = { .item = item };

	if (item.len > SK_ITEMS_NEAR)
		return sk_items_probe_far(items, item);
	sk_items_probe_near(items, sk_words(item.ptr, item.len), item.len, &p);
	return p;
}

static inline bool
sk_items_holds(const struct sk_items *items, const struct sk_item *slot,
    const struct sk_probe *p)
{
	if (slot->word[0] != p->low)
		return false;
	if (SK_LIKELY(slot->word[1] == p->high))
		return true;
	return sk_items_is_far(p->high) && sk_items_is_far(slot->word[1]) &&
	    sk_view_equal(sk_items_far(items, slot->word[1]), p->item);
}

/* The slot of an item, or NULL and *end, the link that ends its chain.  There
 * are slots. */
static inline struct sk_item *
sk_items_find(const struct sk_items *items, const struct sk_probe *p,
    uint32_t **end)
{
	uint32_t *link = sk_items_chain(items, p->hash);

	while (*link != 0) {
		struct sk_item *slot = &items->slots[*link - 1];

		if (SK_LIKELY(sk_items_holds(items, slot, p)))
			return slot;
		link = &slot->next;
	}
	*end = link;
	return NULL;
}

static inline void
sk_items_unlink(struct sk_items *items, uint32_t number)
{
	uint32_t *link = sk_items_chain(items, items->slots[number].hash);

	while (SK_UNLIKELY(*link != number + 1))
		link = &items->slots[*link - 1].next;
	*link = items->slots[number].next;
}

/* The link that ends a chain; a block for a long item, as the high word of its
 * slot; and back to the free ones. */
uint32_t *sk_items_chain_end(const struct sk_items *items, uint32_t hash);
uint64_t sk_items_block_take(struct sk_items *items, struct sk_view item);
void sk_items_block_give(struct sk_items *items, uint64_t high);

static inline void
sk_items_place(struct sk_items *items, uint32_t number,
    const struct sk_probe *p, uint32_t *end, uint64_t count)
{
	uint64_t high = p->high;

	if (SK_UNLIKELY(end == NULL))
		end = sk_items_chain_end(items, p->hash);
	if (SK_UNLIKELY(sk_items_is_far(high)))
		high = sk_items_block_take(items, p->item);
	items->slots[number] = (struct sk_item){ { p->low, high }, count,
		p->hash, 0 };
	*end = number + 1;
}

/* A new item in place of that of slot `number`. */
static inline void
sk_items_replace(struct sk_items *items, uint32_t number,
    const struct sk_probe *p, uint32_t *end, uint64_t count)
{
	struct sk_item *slot = &items->slots[number];

	sk_items_unlink(items, number);
	if (SK_UNLIKELY(end == &slot->next))
		end = NULL;
	if (SK_UNLIKELY(sk_items_is_far(slot->word[1])))
		sk_items_block_give(items, slot->word[1]);
	sk_items_place(items, number, p, end, count);
}

#endif
