/*
 * A set of byte strings, numbered 0, 1, 2 ... in the order they came: the
 * table under every "state per key".  The state itself is the caller's array,
 * indexed by these numbers.
 *
 * Open addressing over 8-byte cells (32 bits of hash, 32 of number), at most
 * three quarters full, under a seed that is drawn and never shows: numbers
 * depend on the order of arrival only.  Keys are never removed.
 *
 * Cost: one hash and about one cell of cache miss a look-up.  Memory: the
 * bytes of the keys, and 16 to 27 bytes a key.
 */
#ifndef SK_BASE_KEYS_H
#define SK_BASE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_KEYS_NONE UINT32_MAX

struct sk_keys {
	uint64_t seed;
	uint64_t *cells;     /* 0: empty; else hash bits and number + 1 */
	size_t ncells;       /* a power of two, or 0 */
	struct sk_buf bytes; /* of all keys, one behind the other */
	uint64_t *ends;      /* where each ends in bytes */
	size_t cap;          /* of ends */
	uint32_t n, max;
};

/* At most `max` keys (up to 2^32 - 2). */
void sk_keys_init(struct sk_keys *keys, uint32_t max);
void sk_keys_free(struct sk_keys *keys);

/* The number of a key, which is added if it is new: then it equals the n from
 * before.  SK_KEYS_NONE: it is new and there are `max` of them already. */
uint32_t sk_keys_find(struct sk_keys *keys, struct sk_view key);

/* The bytes of a key, valid until the next one is added. */
struct sk_view sk_keys_get(const struct sk_keys *keys, uint32_t number);

/* All numbers in the order of the keys' bytes; n of them, for free().  Takes
 * 32 bytes a key until it returns. */
uint32_t *sk_keys_sorted(const struct sk_keys *keys);

#endif
