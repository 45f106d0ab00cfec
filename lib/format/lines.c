/*
 * 64 bytes become a mask with a bit for each separator; the bits become
 * views.  A loop over the bits would be mispredicted about once a block, which
 * costs more than its work.  So in a block without empty lines views are
 * written six at a time without looking how many there are: those behind the
 * last bit are rubbish and are overwritten by the next block.  That is why a
 * block is taken only while SLACK views are free; the rest goes line by line.
 */
#include "base/compat.h"
#include "format/lines.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK 64
#define AT_ONCE 6
#define SLACK (BLOCK + AT_ONCE)

typedef uint64_t mask_fn(const char *p, char sep);

/* A bit for each byte of `sep` in eight bytes. */
static inline uint64_t
mask8(const char *p, uint64_t pattern)
{
	uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t v = sk_get64(p) ^ pattern;

	/* The high bit of each byte that is zero; exact, no borrow. */
	v = ~(((v & low) + low) | v | low);
	/* Gather the high bits into the top byte. */
	return (v >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t
mask_portable(const char *p, char sep)
{
	uint64_t pattern = (unsigned char)sep * UINT64_C(0x0101010101010101);
	uint64_t mask = 0;
	int i;

	for (i = 0; i < BLOCK / 8; i++)
		mask |= mask8(p + 8 * i, pattern) << 8 * i;
	return mask;
}

/* One view, and the next line begins behind it.  The or keeps ctz defined
 * when no bit is left. */
static inline void
take_line(const char *block, uint64_t *mask, const char **line,
    struct sk_view *out)
{
	const char *end = block + __builtin_ctzll(*mask | UINT64_C(1) << 63);

	*out = sk_view(*line, (size_t)(end - *line));
	*line = end + 1;
	*mask &= *mask - 1;
}

/* The lines that end in one block, whose line in progress began at `line`;
 * the count of views written.  *line moves behind the last separator. */
static inline __attribute__((always_inline)) size_t
take_block(const char *block, uint64_t mask, bool keep_empty,
    const char **line, struct sk_view *out)
{
	const char *begin = *line;
	uint64_t behind = mask << 1 | (begin == block ? 1 : 0);
	size_t n = 0, nseps;

	*line = block + BLOCK - __builtin_clzll(mask);
	if (SK_UNLIKELY(!keep_empty && (mask & behind) != 0)) {
		for (; mask != 0; mask &= mask - 1) {
			const char *end = block + __builtin_ctzll(mask);

			if (end > begin)
				out[n++] = sk_view(begin,
				    (size_t)(end - begin));
			begin = end + 1;
		}
		return n;
	}
	nseps = (size_t)__builtin_popcountll(mask);
	for (n = 0; n < nseps; n += AT_ONCE) {
		take_line(block, &mask, &begin, out + n);
		take_line(block, &mask, &begin, out + n + 1);
		take_line(block, &mask, &begin, out + n + 2);
		take_line(block, &mask, &begin, out + n + 3);
		take_line(block, &mask, &begin, out + n + 4);
		take_line(block, &mask, &begin, out + n + 5);
	}
	return nseps;
}

/* Line by line, for the last few views. */
static struct sk_lines
split_slow(const char *buf, const char *at, const char *limit, char sep,
    bool keep_empty, struct sk_view *out, size_t cap, struct sk_lines found)
{
	const char *line = buf + found.used, *end;

	while (found.n < cap && at < limit &&
	    (end = memchr(at, sep, (size_t)(limit - at))) != NULL) {
		if (keep_empty || end > line)
			out[found.n++] = sk_view(line, (size_t)(end - line));
		found.nseps++;
		at = line = end + 1;
	}
	found.used = (size_t)(line - buf);
	return found;
}

static inline __attribute__((always_inline)) struct sk_lines
split(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap, mask_fn *mask_of)
{
	struct sk_lines found = { 0, 0, 0 };
	const char *line = buf;
	size_t at;

	for (at = 0; at < len && cap - found.n >= SLACK; at += BLOCK) {
		uint64_t mask = mask_of(buf + at, sep);

		if (len - at < BLOCK)
			mask &= (UINT64_C(1) << (len - at)) - 1;
		if (mask == 0)
			continue;
		found.nseps += (size_t)__builtin_popcountll(mask);
		found.n += take_block(buf + at, mask, keep_empty, &line,
		    out + found.n);
	}
	found.used = (size_t)(line - buf);
	if (at >= len)
		return found;
	return split_slow(buf, buf + at, buf + len, sep, keep_empty, out, cap,
	    found);
}

static inline __attribute__((always_inline)) size_t
count(const char *buf, size_t len, char sep, mask_fn *mask_of)
{
	size_t n = 0, at = 0;

	for (; len - at >= BLOCK; at += BLOCK)
		n += (size_t)__builtin_popcountll(mask_of(buf + at, sep));
	for (; at < len; at++)
		n += buf[at] == sep;
	return n;
}

struct sk_lines
sk_lines_split_portable(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap)
{
	return split(buf, len, sep, keep_empty, out, cap, mask_portable);
}

size_t
sk_lines_count_portable(const char *buf, size_t len, char sep)
{
	return count(buf, len, sep, mask_portable);
}

#if SK_AVX2

SK_TARGET_AVX2 static inline uint64_t
mask_avx2(const char *p, char sep)
{
	__m256i pattern = _mm256_set1_epi8(sep);
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i high = _mm256_loadu_si256(
	    (const __m256i *)(const void *)(p + 32));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(
	    _mm256_cmpeq_epi8(high, pattern)) << 32;
}

SK_TARGET_AVX2 static struct sk_lines
split_avx2(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap)
{
	return split(buf, len, sep, keep_empty, out, cap, mask_avx2);
}

SK_TARGET_AVX2 static size_t
count_avx2(const char *buf, size_t len, char sep)
{
	return count(buf, len, sep, mask_avx2);
}

#else

#define split_avx2 sk_lines_split_portable
#define count_avx2 sk_lines_count_portable

#endif

struct sk_lines
sk_lines_split(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap)
{
	if (sk_have_avx2())
		return split_avx2(buf, len, sep, keep_empty, out, cap);
	return sk_lines_split_portable(buf, len, sep, keep_empty, out, cap);
}

size_t
sk_lines_count(const char *buf, size_t len, char sep)
{
	return sk_have_avx2() ? count_avx2(buf, len, sep) :
	    sk_lines_count_portable(buf, len, sep);
}
