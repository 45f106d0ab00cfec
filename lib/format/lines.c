/*
 * 64 bytes become a mask with a bit for each separator; the bits become
 * views.  A loop over the bits would be mispredicted about once a block, which
 * costs more than its work.  So in a block without empty lines two views are
 * written, and six if there are more, without looking how many there are:
 * those behind the last bit are rubbish and are overwritten by the next block.
 * Of long lines most blocks have one end or none, and no branch tells which.
 * That is why a block is taken only while SLACK views are free; the rest goes
 * line by line.
 */
#include "base/compat.h"
#include "format/lines.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK ((size_t)64)
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
	size_t i;

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

/* Where the line in progress begins behind a block, with no branch. */
static inline const char *
last_begin(const char *block, uint64_t mask, const char *line)
{
	const char *behind = block + BLOCK - __builtin_clzll(mask | 1);
	size_t some = 0 - (size_t)(mask != 0);

	return line + ((size_t)(behind - line) & some);
}

/* Line by line, as some are empty. */
static __attribute__((noinline)) size_t
take_some(const char *block, uint64_t mask, const char *begin,
    struct sk_view *out)
{
	const char *end;
	size_t n = 0;

	for (; mask != 0; mask &= mask - 1) {
		end = block + __builtin_ctzll(mask);
		if (end > begin)
			out[n++] = sk_view(begin, (size_t)(end - begin));
		begin = end + 1;
	}
	return n;
}

/* The lines that end in one block, of which the first began at `begin`; that
 * many views are right. */
static inline __attribute__((always_inline)) void
take_all(const char *block, uint64_t mask, size_t n, const char *begin,
    struct sk_view *out)
{
	size_t i;

	take_line(block, &mask, &begin, out);
	take_line(block, &mask, &begin, out + 1);
	if (n <= 2)
		return;
	take_line(block, &mask, &begin, out + 2);
	take_line(block, &mask, &begin, out + 3);
	take_line(block, &mask, &begin, out + 4);
	take_line(block, &mask, &begin, out + 5);
	for (i = AT_ONCE; i < n; i++)
		take_line(block, &mask, &begin, out + i);
}

/* Line by line, for the last few views and bytes. */
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
	const char *line = buf, *at = buf, *end = buf + (len & ~(BLOCK - 1));
	size_t n = 0, nempty = 0, nseps, some;
	struct sk_lines found;
	uint64_t mask, behind;

	for (; at < end && cap - n >= SLACK; at += BLOCK) {
		mask = mask_of(at, sep);
		nseps = (size_t)__builtin_popcountll(mask);
		behind = mask << 1 | (line == at ? 1 : 0);
		if (SK_UNLIKELY(!keep_empty && (mask & behind) != 0)) {
			some = take_some(at, mask, line, out + n);
			nempty += nseps - some;
			nseps = some;
		} else {
			take_all(at, mask, nseps, line, out + n);
		}
		n += nseps;
		line = last_begin(at, mask, line);
	}
	found.n = n;
	found.nseps = n + nempty;
	found.used = (size_t)(line - buf);
	return split_slow(buf, at, buf + len, sep, keep_empty, out, cap,
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
