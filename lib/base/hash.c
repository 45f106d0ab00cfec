#define XXH_STATIC_LINKING_ONLY /* the size of XXH64_state_t */
#include <xxhash.h>

#include "base/hash.h"

_Static_assert(sizeof(XXH64_state_t) <= sizeof(struct sk_hasher),
    "room for the state");

uint64_t
sk_hash_disk(const void *bytes, size_t len)
{
	return XXH64(bytes, len, 0);
}

uint64_t
sk_hash_table(const void *bytes, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, len, seed);
}

void
sk_hasher_init(struct sk_hasher *hasher)
{
	XXH64_reset((XXH64_state_t *)(void *)hasher->state, 0);
}

void
sk_hasher_add(struct sk_hasher *hasher, const void *bytes, size_t len)
{
	XXH64_update((XXH64_state_t *)(void *)hasher->state, bytes, len);
}

uint64_t
sk_hasher_value(const struct sk_hasher *hasher)
{
	return XXH64_digest((const XXH64_state_t *)(const void *)hasher->state);
}
