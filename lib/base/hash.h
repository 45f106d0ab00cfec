/*
 * Hashes of bytes.  XXH64 (seed 0) is what the log and every file of ours is
 * checked with: the value is part of the format.  XXH3 is for tables in
 * memory, never stored.  Both cost well under a nanosecond a byte.
 */
#ifndef SK_BASE_HASH_H
#define SK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t sk_hash_disk(const void *bytes, size_t len);            /* XXH64 */
uint64_t sk_hash_table(const void *bytes, size_t len, uint64_t seed); /* XXH3 */

/* XXH64 in pieces. */
struct sk_hasher {
	_Alignas(16) unsigned char state[96];
};

void sk_hasher_init(struct sk_hasher *hasher);
void sk_hasher_add(struct sk_hasher *hasher, const void *bytes, size_t len);
uint64_t sk_hasher_value(const struct sk_hasher *hasher);

#endif
