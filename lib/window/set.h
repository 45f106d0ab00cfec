/*
 * A small set of texts.
 *
 * A zeroed set is empty.  Memory: 8 bytes a text and the bytes of all, and from
 * 17 texts on a table of 2 bytes a cell, in which a quarter to a half is used;
 * up to twice that while it grows.
 */
#ifndef SK_WINDOW_SET_H
#define SK_WINDOW_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_SET_MAX 16384 /* texts */

struct sk_set_entry {
	uint32_t hash;
	uint32_t end; /* of the text in bytes */
};

struct sk_set {
	struct sk_set_entry *entry; /* in the order they came */
	uint16_t *cell;             /* number + 1; 2 * cap of them, or NULL */
	struct sk_buf bytes;        /* of all texts: up to 2^32 - 1 */
	uint32_t n, cap;
};

void sk_set_free(struct sk_set *set);
/* to is overwritten: it holds nothing that would need a free. */
void sk_set_copy(struct sk_set *to, const struct sk_set *from);
/* Whether it was not there before.  All calls for a set have one seed. */
bool sk_set_add(struct sk_set *set, struct sk_view text, uint64_t seed);
struct sk_view sk_set_get(const struct sk_set *set, uint32_t i);

#endif
