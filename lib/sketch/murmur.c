#include "sketch/murmur.h"

struct sk_murmur
sk_murmur(const void *bytes, size_t len, uint64_t seed)
{
	struct sk_murmur h = { seed, seed };
	const char *at = bytes;
	size_t left;

	for (left = len; left >= 16; left -= 16, at += 16)
		h = sk_murmur_block(h, sk_get64(at), sk_get64(at + 8));
	return sk_murmur_end(h, sk_words(at, left), len);
}
