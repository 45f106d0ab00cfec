#include "sketch/murmur.h"

#define ALL UINT64_MAX
#define LOW(n) (ALL >> (64 - 8 * (n)))

const uint64_t sk_murmur_mask[16][2] = {
	{ 0, 0 }, { LOW(1), 0 }, { LOW(2), 0 }, { LOW(3), 0 }, { LOW(4), 0 },
	{ LOW(5), 0 }, { LOW(6), 0 }, { LOW(7), 0 }, { ALL, 0 },
	{ ALL, LOW(1) }, { ALL, LOW(2) }, { ALL, LOW(3) }, { ALL, LOW(4) },
	{ ALL, LOW(5) }, { ALL, LOW(6) }, { ALL, LOW(7) },
};

struct sk_murmur
sk_murmur(const void *bytes, size_t len, uint64_t seed)
{
	struct sk_murmur h = { seed, seed };
	unsigned char tail[16] = { 0 };
	const char *at = bytes;
	size_t i;

	for (i = 0; i + 16 <= len; i += 16)
		h = sk_murmur_block(h, sk_get64(at + i), sk_get64(at + i + 8));
	if (len > i)
		memcpy(tail, at + i, len - i);
	return sk_murmur_end(h, sk_get64(tail), sk_get64(tail + 8), len);
}
