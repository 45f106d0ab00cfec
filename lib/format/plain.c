#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/compat.h"
#include "format/plain.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK 32

/* Bit 0: the rows 0, 1 and 8 to 15 as a whole; bit 1: `"`; bit 2: `\`. */
const struct sk_plain sk_plain_json = {
	.low = { 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 1, 1, 1 },
	.high = { 1, 1, 2, 0, 0, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 },
};

/* Bit 0: TAB, LF and CR; bit 1: `\`. */
const struct sk_plain sk_plain_tsv = {
	.low = { [0x9] = 1, [0xa] = 1, [0xd] = 1, [0xc] = 2 },
	.high = { [0x0] = 1, [0x5] = 2 },
};

struct sk_plain
sk_plain_csv(char comma)
{
	unsigned char c = (unsigned char)comma;
	/* Bit 0: LF and CR; bit 1: `"`; bit 2: the comma. */
	struct sk_plain plain = {
		.low = { [0xa] = 1, [0xd] = 1, [0x2] = 2 },
		.high = { [0x0] = 1, [0x2] = 2 },
	};

	plain.low[c & 15] |= 4;
	plain.high[c >> 4] |= 4;
	return plain;
}

size_t
sk_plain_copy_portable(const struct sk_plain *plain, char *to,
    const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((plain->low[c & 15] & plain->high[c >> 4]) != 0)
			break;
		to[i] = text[i];
	}
	return i;
}

#if SK_AVX2

SK_TARGET_AVX2 static size_t
copy_avx2(const struct sk_plain *plain, char *to, const char *text,
    size_t len)
{
	__m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(
	    (const __m128i *)(const void *)plain->low));
	__m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(
	    (const __m128i *)(const void *)plain->high));
	__m256i nibble = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
	size_t base;

	for (base = 0; base < len; base += BLOCK) {
		__m256i v = _mm256_loadu_si256(
		    (const __m256i *)(const void *)(text + base));
		__m256i found = _mm256_and_si256(
		    _mm256_shuffle_epi8(low, _mm256_and_si256(v, nibble)),
		    _mm256_shuffle_epi8(high, _mm256_and_si256(
		    _mm256_srli_epi16(v, 4), nibble)));
		uint32_t care = ~(uint32_t)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(found, zero));

		_mm256_storeu_si256((__m256i *)(void *)(to + base), v);
		if (care != 0) {
			base += (size_t)__builtin_ctz(care);
			return base < len ? base : len;
		}
	}
	return len;
}

#else

#define copy_avx2 sk_plain_copy_portable

#endif

size_t
sk_plain_copy(const struct sk_plain *plain, char *to, const char *text,
    size_t len)
{
	return sk_have_avx2() ? copy_avx2(plain, to, text, len) :
	    sk_plain_copy_portable(plain, to, text, len);
}
