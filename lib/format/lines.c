/*
 * 64 bytes become a mask with a bit for each separator, the bits become
 * offsets of ends, and these, some hundred at a time, views.  A loop over the
 * bits would be mispredicted about once a block, which costs more than its
 * work.  So two offsets are written for a block, and six if there are more,
 * without looking how many there are: those behind the last bit are rubbish
 * and are overwritten by the next block.  Of long lines most blocks have one
 * end or none, and no branch tells which.
 */
#include "base/compat.h"
#include "format/lines.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK ((size_t)64)
#define AT_ONCE 6
#define RUN 512 /* lines whose ends are found before they become views */
#define OFFSET_MAX ((size_t)1 << 30)

typedef uint64_t mask_fn(const char *p, char sep);
/* The place of the lowest bit; of no bit, anything. */
typedef size_t lowest_fn(uint64_t mask);
typedef size_t put_fn(const char *base, const char *line, const uint32_t *ends,
    size_t n, bool keep_empty, struct sk_view *out);

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

static inline size_t
lowest_portable(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask | UINT64_C(1) << 63);
}

/* The lowest bit as an offset behind its separator, and it goes. */
static inline __attribute__((always_inline)) void
put_end(uint64_t *mask, size_t behind, uint32_t *end, lowest_fn *lowest)
{
	*end = (uint32_t)(behind + lowest(*mask));
	*mask &= *mask - 1;
}

/* Where the lines that end in one block end; how many do. */
static inline __attribute__((always_inline)) size_t
put_ends(uint64_t mask, size_t behind, uint32_t *ends, lowest_fn *lowest)
{
	size_t n = (size_t)__builtin_popcountll(mask), i;

	put_end(&mask, behind, ends, lowest);
	put_end(&mask, behind, ends + 1, lowest);
	if (n <= 2)
		return n;
	put_end(&mask, behind, ends + 2, lowest);
	put_end(&mask, behind, ends + 3, lowest);
	put_end(&mask, behind, ends + 4, lowest);
	put_end(&mask, behind, ends + 5, lowest);
	for (i = AT_ONCE; i < n; i++)
		put_end(&mask, behind, ends + i, lowest);
	return n;
}

/* The ends in [*at, end), as offsets from *at: about `most` of them, as whole
 * blocks are taken. */
static inline __attribute__((always_inline)) size_t
find_ends(const char **at, const char *end, char sep, size_t most,
    uint32_t *ends, mask_fn *mask_of, lowest_fn *lowest)
{
	const char *base = *at;
	size_t len = (size_t)(end - base), n = 0, off, whole;

	if (len > OFFSET_MAX)
		len = OFFSET_MAX;
	whole = len & ~(BLOCK - 1);
	for (off = 0; off < whole && n < most; off += BLOCK)
		n += put_ends(mask_of(base + off, sep), off + 1, ends + n,
		    lowest);
	if (off < len && n < most) {
		n += put_ends(mask_of(base + off, sep) &
		    ((UINT64_C(1) << (len - off)) - 1), off + 1, ends + n,
		    lowest);
		off = len;
	}
	*at = base + off;
	return n;
}

/* Line by line, the first of which began at `line`; how many are left. */
static inline __attribute__((always_inline)) size_t
put_some(const char *base, const char *line, const uint32_t *ends, size_t n,
    bool keep_empty, struct sk_view *out)
{
	size_t kept = 0, i;

	for (i = 0; i < n; i++) {
		out[kept] = sk_view(line, (size_t)(base + ends[i] - line) - 1);
		kept += keep_empty || out[kept].len > 0;
		line = base + ends[i];
	}
	return kept;
}

static inline __attribute__((always_inline)) struct sk_lines
split(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap, mask_fn *mask_of, lowest_fn *lowest,
    put_fn *put)
{
	uint32_t ends[RUN + BLOCK + AT_ONCE];
	const char *line = buf, *at = buf, *end = buf + len, *base;
	struct sk_lines found = { 0, 0, 0 };
	size_t most, n;

	while (found.n < cap && at < end) {
		base = at;
		most = cap - found.n < RUN ? cap - found.n : RUN;
		n = find_ends(&at, end, sep, most, ends, mask_of, lowest);
		if (n == 0)
			continue;
		if (n > most) {
			n = most;
			at = base + ends[n - 1];
		}
		found.n += put(base, line, ends, n, keep_empty, out + found.n);
		found.nseps += n;
		line = base + ends[n - 1];
	}
	found.used = (size_t)(line - buf);
	return found;
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
	return split(buf, len, sep, keep_empty, out, cap, mask_portable,
	    lowest_portable, put_some);
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

SK_TARGET_AVX2 static inline size_t
lowest_avx2(uint64_t mask)
{
	return (size_t)_tzcnt_u64(mask);
}

SK_TARGET_AVX2 static inline __m256i
widen(const uint32_t *offsets)
{
	return _mm256_cvtepu32_epi64(
	    _mm_loadu_si128((const __m128i *)(const void *)offsets));
}

/* Four lines at a time. */
SK_TARGET_AVX2 static inline size_t
put_avx2(const char *base, const char *line, const uint32_t *ends, size_t n,
    bool keep_empty, struct sk_view *out)
{
	__m256i from = _mm256_set1_epi64x((int64_t)(uintptr_t)base);
	__m256i zero = _mm256_setzero_si256();
	size_t kept = put_some(base, line, ends, 1, keep_empty, out), i;

	for (i = 1; n - i >= 4; i += 4) {
		__m256i begin = widen(ends + i - 1);
		__m256i len = _mm256_add_epi64(_mm256_sub_epi64(
		    widen(ends + i), begin), _mm256_set1_epi64x(-1));
		__m256i even, odd;

		if (SK_UNLIKELY(!keep_empty && _mm256_movemask_epi8(
		    _mm256_cmpeq_epi64(len, zero)) != 0)) {
			kept += put_some(base, base + ends[i - 1], ends + i, 4,
			    false, out + kept);
			continue;
		}
		begin = _mm256_add_epi64(begin, from);
		even = _mm256_unpacklo_epi64(begin, len);
		odd = _mm256_unpackhi_epi64(begin, len);
		_mm256_storeu_si256((__m256i *)(void *)(out + kept),
		    _mm256_permute2x128_si256(even, odd, 0x20));
		_mm256_storeu_si256((__m256i *)(void *)(out + kept + 2),
		    _mm256_permute2x128_si256(even, odd, 0x31));
		kept += 4;
	}
	return kept + put_some(base, base + ends[i - 1], ends + i, n - i,
	    keep_empty, out + kept);
}

SK_TARGET_AVX2 static struct sk_lines
split_avx2(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap)
{
	return split(buf, len, sep, keep_empty, out, cap, mask_avx2,
	    lowest_avx2, put_avx2);
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
