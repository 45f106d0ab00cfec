/*
 * A table of byte strings, each with some bytes of the caller's beside it,
 * from which entries can be taken out again: the keys of what is open.
 * (base/keys.h, which only grows, is smaller.)
 *
 * An entry stands in a slot, which has a number and stays where it is in
 * memory until it is removed; the number is then given to another key.  The
 * caller's bytes are zeroed when the entry is made, and aligned to 16.
 *
 * Open addressing over 8-byte cells (32 bits of hash, 32 of slot) at most three
 * quarters full.  The hash is the caller's, of a seed that is drawn, so one
 * hash serves several tables.  Nothing depends on it but speed.
 *
 * Cost: about one cache miss for the cell and one for the slot.  Memory: 32
 * bytes and the caller's a slot, 11 to 22 for cells, and for keys of more than
 * 24 bytes their own.  An empty table has none.
 */
#ifndef SK_BASE_TABLE_H
#define SK_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"

#define SK_TABLE_NONE UINT32_MAX
#define SK_TABLE_CHUNKS 28
#define SK_TABLE_NEAR 24 /* bytes of a key in its slot */
#define SK_TABLE_ODD UINT64_C(0x9e3779b97f4a7c15)

struct sk_table {
	uint64_t *cells;  /* 0: empty; else hash bits and slot + 1 */
	size_t ncells;    /* a power of two, or 0 */
	char *chunk[SK_TABLE_CHUNKS]; /* of 4, 8, 16 ... slots */
	size_t stride;    /* of a slot */
	uint32_t n;       /* entries */
	uint32_t used;    /* slots that have been in use */
	uint32_t free;    /* the first slot to be used again + 1, or 0 */
	uint32_t *order;  /* of the last sk_table_sorted(), while it holds */
};

/* `size` bytes of the caller's an entry. */
void sk_table_init(struct sk_table *table, size_t size);
void sk_table_free(struct sk_table *table);

/* Of 1 to 16 bytes by one multiplication of all of them, each with its part of
 * the seed, as in wyhash (Wang Yi); others by XXH3. */
static inline uint32_t
sk_table_hash(struct sk_view key, uint64_t seed)
{
	const char *end = key.ptr + key.len;
	uint64_t low, high;
	sk_u128 product;

	if (key.len > 16 || key.len == 0)
		return (uint32_t)sk_hash_table(key.ptr, key.len, seed);
	if (key.len >= 8) {
		low = sk_get64(key.ptr);
		high = sk_get64(end - 8);
	} else if (key.len >= 4) {
		low = sk_get32(key.ptr);
		high = sk_get32(end - 4);
	} else {
		low = (unsigned char)key.ptr[0];
		high = (unsigned char)key.ptr[key.len / 2] |
		    (uint64_t)(unsigned char)end[-1] << 8;
	}
	product = (sk_u128)(low ^ seed) * (high ^ (seed * SK_TABLE_ODD +
	    key.len));
	return (uint32_t)(product >> 64) ^ (uint32_t)product;
}

/* The slot of a key, or SK_TABLE_NONE. */
uint32_t sk_table_find(const struct sk_table *table, struct sk_view key,
    uint32_t hash);
/* The same; a key that is not there is added, and *fresh set. */
uint32_t sk_table_add(struct sk_table *table, struct sk_view key,
    uint32_t hash, bool *fresh);
/* The same; the caller's bytes of the entry at once. */
void *sk_table_entry(struct sk_table *table, struct sk_view key,
    uint32_t hash, uint32_t *slot, bool *fresh);
void sk_table_remove(struct sk_table *table, uint32_t slot);

/* Bring what the look-up of a hash will need into the cache: the cell, and once
 * that has come, the slot, whose number is returned (or SK_TABLE_NONE). */
void sk_table_warm(const struct sk_table *table, uint32_t hash);
uint32_t sk_table_warm_slot(const struct sk_table *table, uint32_t hash);

/* The caller's bytes, and the key, valid until the entry is removed. */
void *sk_table_at(const struct sk_table *table, uint32_t slot);
struct sk_view sk_table_key(const struct sk_table *table, uint32_t slot);
uint32_t sk_table_hash_of(const struct sk_table *table, uint32_t slot);
/* The first 8 bytes of a key as a number that sorts as they do. */
uint64_t sk_table_prefix(const struct sk_table *table, uint32_t slot);

/* All entries, in no order: the next slot, from *at = 0 on, or
 * SK_TABLE_NONE.  Not while entries are added or removed. */
uint32_t sk_table_next(const struct sk_table *table, size_t *at);

/* The slots of all entries in the order of their keys' bytes, valid until an
 * entry is added or removed. */
const uint32_t *sk_table_sorted(struct sk_table *table);

#endif
