#include <stdint.h>

#include "base/compat.h"
#include "base/err.h"
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

void
sk_plain_add(struct sk_plain *plain, char c)
{
	unsigned char byte = (unsigned char)c, used = 0, bit;
	size_t i;

	for (i = 0; i < 16; i++)
		used |= plain->high[i];
	bit = (unsigned char)(~used & (used + 1)); /* the lowest one free */
	sk_assert(bit != 0);
	plain->low[byte & 15] |= bit;
	plain->high[byte >> 4] |= bit;
}

struct sk_plain
sk_plain_csv(char comma)
{
	/* Bit 0: LF and CR; bit 1: `"`. */
	struct sk_plain plain = {
		.low = { [0xa] = 1, [0xd] = 1, [0x2] = 2 },
		.high = { [0x0] = 1, [0x2] = 2 },
	};

	sk_plain_add(&plain, comma);
	return plain;
}

static inline bool
is_plain(const struct sk_plain *plain, char c)
{
	unsigned char byte = (unsigned char)c;

	return (plain->low[byte & 15] & plain->high[byte >> 4]) == 0;
}

size_t
sk_plain_copy_portable(const struct sk_plain *plain, char *to,
    const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && is_plain(plain, text[i]); i++)
		to[i] = text[i];
	return i;
}

size_t
sk_plain_cells_portable(const struct sk_plain *plain, char delimiter,
    struct sk_view line, struct sk_plain_cell *cells, size_t cap)
{
	size_t n, i, begin = 0;

	for (n = 0; n < cap; n++) {
		bool all = true;

		for (i = begin; i < line.len && line.ptr[i] != delimiter; i++)
			all = all && is_plain(plain, line.ptr[i]);
		cells[n].text = sk_view(line.ptr + begin, i - begin);
		cells[n].plain = all;
		if (i == line.len)
			return n + 1;
		begin = i + 1;
	}
	return n;
}

#if SK_AVX2

SK_TARGET_AVX2 static inline __m256i
load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* The bits of the bytes of a block that are not plain. */
SK_TARGET_AVX2 static inline uint32_t
mask_avx2(__m256i v, __m256i low, __m256i high)
{
	__m256i nibble = _mm256_set1_epi8(15);
	__m256i found = _mm256_and_si256(
	    _mm256_shuffle_epi8(low, _mm256_and_si256(v, nibble)),
	    _mm256_shuffle_epi8(high, _mm256_and_si256(
	    _mm256_srli_epi16(v, 4), nibble)));

	return ~(uint32_t)_mm256_movemask_epi8(
	    _mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
}

SK_TARGET_AVX2 static inline __m256i
table(const unsigned char *row)
{
	return _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)(const void *)row));
}

SK_TARGET_AVX2 static size_t
copy_avx2(const struct sk_plain *plain, char *to, const char *text,
    size_t len)
{
	__m256i low = table(plain->low), high = table(plain->high);
	size_t base;

	for (base = 0; base < len; base += BLOCK) {
		__m256i v = load(text + base);
		uint32_t care = mask_avx2(v, low, high);

		_mm256_storeu_si256((__m256i *)(void *)(to + base), v);
		if (care != 0) {
			base += (size_t)__builtin_ctz(care);
			return base < len ? base : len;
		}
	}
	return len;
}

SK_TARGET_AVX2 static size_t
cells_avx2(const struct sk_plain *plain, char delimiter, struct sk_view line,
    struct sk_plain_cell *cells, size_t cap)
{
	__m256i low = table(plain->low), high = table(plain->high);
	__m256i pattern = _mm256_set1_epi8(delimiter);
	size_t n = 0, begin = 0, base;
	uint32_t open = 0; /* the cell is not plain, from earlier blocks */

	for (base = 0; base < line.len; base += BLOCK) {
		__m256i v = load(line.ptr + base);
		uint32_t care = mask_avx2(v, low, high);
		uint32_t ends = (uint32_t)_mm256_movemask_epi8(
		    _mm256_cmpeq_epi8(v, pattern));

		if (line.len - base < BLOCK) {
			uint32_t valid = (UINT32_C(1) << (line.len - base)) - 1;

			ends &= valid;
			care &= valid;
		}
		care &= ~ends;
		for (; ends != 0 && n < cap; ends &= ends - 1) {
			/* The bits in front of the lowest end. */
			uint32_t front = (ends & (0 - ends)) - 1;
			size_t end = base + (size_t)__builtin_ctz(ends);

			cells[n].text = sk_view(line.ptr + begin, end - begin);
			cells[n++].plain = ((care & front) | open) == 0;
			care &= ~front;
			open = 0;
			begin = end + 1;
		}
		if (n == cap)
			return n;
		open |= care;
	}
	if (n == cap)
		return n;
	cells[n].text = sk_view(line.ptr + begin, line.len - begin);
	cells[n].plain = open == 0;
	return n + 1;
}

#else

#define copy_avx2 sk_plain_copy_portable
#define cells_avx2 sk_plain_cells_portable

#endif

size_t
sk_plain_copy(const struct sk_plain *plain, char *to, const char *text,
    size_t len)
{
	return sk_have_avx2() ? copy_avx2(plain, to, text, len) :
	    sk_plain_copy_portable(plain, to, text, len);
}

size_t
sk_plain_cells(const struct sk_plain *plain, char delimiter,
    struct sk_view line, struct sk_plain_cell *cells, size_t cap)
{
	return sk_have_avx2() ?
	    cells_avx2(plain, delimiter, line, cells, cap) :
	    sk_plain_cells_portable(plain, delimiter, line, cells, cap);
}
