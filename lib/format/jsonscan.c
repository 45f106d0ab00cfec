/*
 * A block of 64 bytes becomes masks: of quotes, of operators, and of control
 * characters.  A quote behind an odd number of backslashes is text; of the
 * others each turns the inside of a string on or off, so that the exclusive or
 * of all quotes up to a byte says whether it is inside.  Backslashes are rare,
 * and looked at closely only in a block that has some.
 *
 * Bit 5 of a byte is set before it is compared with the operators: that makes
 * { of [ and } of ], and also a comma of 0x0c, which is no JSON; the reader
 * that looks at the byte says so.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/compat.h"
#include "base/mem.h"
#include "format/jsonscan.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK 64
#define PAD_BLOCKS 2 /* of 0s */
#define LOW7 UINT64_C(0x7f7f7f7f7f7f7f7f)
#define EACH UINT64_C(0x0101010101010101)

struct masks {
	uint64_t quote, op, control;
	uint64_t escape; /* not 0: there are backslashes */
	uint64_t high;   /* not 0: there are bytes over 127 */
};

/* What one block hands to the next, and what the text has had. */
struct carry {
	uint64_t escaped; /* 1: the first byte stands behind a backslash */
	uint64_t inside;  /* all bits: the block begins in a string */
	uint64_t control; /* of control characters in strings */
	uint32_t nescape, nhigh; /* blocks that have some */
};

/* Bytes that are not `valid` do not belong to the text. */
typedef void masks_fn(const char *p, uint64_t valid, struct masks *masks);
typedef uint64_t xor_fn(uint64_t bits);

/* ---- masks of a block, eight words ---- */

/* The high bit of each byte of eight to a bit in the low byte. */
static inline uint64_t
gather(uint64_t high)
{
	return (high >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* The high bit of each byte of v that is c. */
static inline uint64_t
equals(uint64_t v, char c)
{
	uint64_t x = v ^ (unsigned char)c * EACH;

	return ~(((x & LOW7) + LOW7) | x | LOW7);
}

/* The high bit of each byte of v below 32: none of its upper three is set. */
static inline uint64_t
controls(uint64_t v)
{
	return equals(v & 0xe0 * EACH, 0);
}

static inline __attribute__((always_inline)) uint64_t
mask_of(const char *p, uint64_t (*high_bits)(uint64_t))
{
	uint64_t mask = 0;
	int i;

	for (i = 0; i < BLOCK; i += 8)
		mask |= gather(high_bits(sk_get64(p + i))) << i;
	return mask;
}

static inline uint64_t
backslashes(uint64_t v)
{
	return equals(v, '\\');
}

static inline uint64_t
quotes(uint64_t v)
{
	return equals(v, '"');
}

static inline uint64_t
operators(uint64_t v)
{
	uint64_t folded = v | 0x20 * EACH;

	return equals(folded, '{') | equals(folded, '}') |
	    equals(folded, ',');
}

static inline uint64_t
over_127(uint64_t v)
{
	return v & ~LOW7;
}

static inline void
masks_portable(const char *p, uint64_t valid, struct masks *masks)
{
	masks->quote = mask_of(p, quotes) & valid;
	masks->op = mask_of(p, operators) & valid;
	masks->control = mask_of(p, controls) & valid;
	masks->escape = mask_of(p, backslashes) & valid;
	masks->high = mask_of(p, over_127) & valid;
}

/* The exclusive or of all bits up to and with each. */
static inline uint64_t
xor_portable(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	bits ^= bits << 32;
	return bits;
}

/* ---- the text ---- */

struct escapes {
	uint64_t bytes; /* those behind an odd number of backslashes */
	uint64_t carry;
};

/* A run of backslashes that begins at an odd place is added to, so that the
 * carry ends it in the next byte; the place of that byte tells an odd run from
 * an even one. */
static __attribute__((noinline)) struct escapes
find_escaped(const char *p, uint64_t valid, uint64_t carry)
{
	const uint64_t even = UINT64_C(0x5555555555555555);
	uint64_t backslash = mask_of(p, backslashes) & valid & ~carry;
	uint64_t follows = backslash << 1 | carry;
	uint64_t odd_starts = backslash & ~even & ~follows, ends;
	struct escapes found;

	found.carry = __builtin_add_overflow(odd_starts, backslash, &ends);
	found.bytes = (even ^ ends << 1) & follows;
	return found;
}

/* Block i, of which the bytes in `valid` belong to the text. */
static inline __attribute__((always_inline)) void
scan_block(struct sk_jsonscan *scan, size_t i, const char *p, uint64_t valid,
    struct carry *carry, masks_fn *masks, xor_fn *prefix_xor)
{
	struct masks m;
	struct escapes escapes;
	uint64_t inside;

	masks(p, valid, &m);
	scan->block[i].nescape = (uint16_t)carry->nescape;
	scan->block[i].nhigh = (uint16_t)carry->nhigh;
	if (SK_UNLIKELY((m.escape | carry->escaped) != 0)) {
		escapes = find_escaped(p, valid, carry->escaped);
		carry->escaped = escapes.carry;
		carry->nescape += m.escape != 0;
		m.quote &= ~escapes.bytes;
	}
	inside = prefix_xor(m.quote) ^ carry->inside;
	carry->inside = (uint64_t)((int64_t)inside >> 63);
	carry->control |= m.control & inside;
	carry->nhigh += m.high != 0;
	sk_put64(scan->quote + 8 * i, m.quote);
	sk_put64(scan->op + 8 * i, m.op & ~inside);
}

static inline unsigned
flags_of(const struct carry *carry)
{
	unsigned flags = 0;

	flags |= carry->nhigh != 0 ? SK_JSONSCAN_HIGH : 0;
	flags |= carry->nescape != 0 ? SK_JSONSCAN_ESCAPE : 0;
	flags |= carry->control != 0 ? SK_JSONSCAN_CONTROL : 0;
	flags |= carry->inside != 0 ? SK_JSONSCAN_OPEN : 0;
	return flags;
}

static inline __attribute__((always_inline)) unsigned
scan_text(struct sk_jsonscan *to, struct sk_view text, masks_fn *masks,
    xor_fn *prefix_xor)
{
	struct sk_jsonscan scan = *to; /* does not change under the stores */
	struct carry carry = { 0, 0, 0, 0, 0 };
	size_t i, end = text.len / BLOCK, rest = text.len % BLOCK;

	for (i = 0; i < end; i++)
		scan_block(&scan, i, text.ptr + i * BLOCK, ~UINT64_C(0),
		    &carry, masks, prefix_xor);
	if (rest > 0) {
		scan_block(&scan, i, text.ptr + i * BLOCK,
		    (UINT64_C(1) << rest) - 1, &carry, masks, prefix_xor);
		i++;
	}
	memset(scan.quote + 8 * i, 0, 8 * PAD_BLOCKS);
	memset(scan.op + 8 * i, 0, 8 * PAD_BLOCKS);
	scan.block[i].nescape = (uint16_t)carry.nescape;
	scan.block[i].nhigh = (uint16_t)carry.nhigh;
	/* Behind the last byte the state of the last quote goes on. */
	return flags_of(&carry);
}

/* Memory that is not written to is not taken. */
static __attribute__((noinline)) void
grow(struct sk_jsonscan *scan, size_t nblocks)
{
	sk_jsonscan_free(scan);
	scan->cap = nblocks + nblocks / 2 + 256;
	scan->op = sk_xalloc(scan->cap, 8);
	scan->quote = sk_xalloc(scan->cap, 8);
	scan->block = sk_xalloc(scan->cap, sizeof(*scan->block));
}

static inline void
reserve(struct sk_jsonscan *scan, size_t len)
{
	size_t nblocks = len / BLOCK + 1 + PAD_BLOCKS;

	if (SK_UNLIKELY(nblocks > scan->cap))
		grow(scan, nblocks);
}

unsigned
sk_jsonscan_portable(struct sk_jsonscan *scan, struct sk_view text)
{
	reserve(scan, text.len);
	return scan_text(scan, text, masks_portable, xor_portable);
}

#if SK_AVX2

static inline SK_TARGET_AVX2 uint64_t
join(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

/* The table is looked up by the low four bits of a byte: one that finds itself
 * is an operator.  Bytes over 127 find 0. */
static inline SK_TARGET_AVX2 __m256i
operators_avx2(__m256i v)
{
	const __m256i table = _mm256_setr_epi8(
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{', ',', '}', 0, 0,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{', ',', '}', 0, 0);
	__m256i folded = _mm256_or_si256(v, _mm256_set1_epi8(0x20));

	return _mm256_cmpeq_epi8(folded, _mm256_shuffle_epi8(table, v));
}

static inline SK_TARGET_AVX2 __m256i
controls_avx2(__m256i v)
{
	const __m256i control = _mm256_set1_epi8(0x1f);

	return _mm256_cmpeq_epi8(_mm256_max_epu8(v, control), control);
}

/* Whether a valid byte has its high bit set. */
static inline SK_TARGET_AVX2 uint64_t
any(__m256i a, __m256i b, uint64_t valid)
{
	if (valid == ~UINT64_C(0)) /* known when it is compiled */
		return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(a, b));
	return join(a, b) & valid;
}

static inline SK_TARGET_AVX2 void
masks_avx2(const char *p, uint64_t valid, struct masks *masks)
{
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i backslash = _mm256_set1_epi8('\\');
	__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));

	masks->quote = join(_mm256_cmpeq_epi8(a, quote),
	    _mm256_cmpeq_epi8(b, quote)) & valid;
	masks->op = join(operators_avx2(a), operators_avx2(b)) & valid;
	masks->control = join(controls_avx2(a), controls_avx2(b)) & valid;
	masks->escape = any(_mm256_cmpeq_epi8(a, backslash),
	    _mm256_cmpeq_epi8(b, backslash), valid);
	masks->high = any(a, b, valid);
}

static inline SK_TARGET_AVX2 uint64_t
xor_avx2(uint64_t bits)
{
	/* Without carries, times -1 adds every bit to all above it. */
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
	    _mm_cvtsi64_si128((long long)bits), _mm_set1_epi8(-1), 0));
}

static SK_TARGET_AVX2 unsigned
scan_avx2(struct sk_jsonscan *scan, struct sk_view text)
{
	return scan_text(scan, text, masks_avx2, xor_avx2);
}

#else

#define scan_avx2 sk_jsonscan_portable

#endif

unsigned
sk_jsonscan_text(struct sk_jsonscan *scan, struct sk_view text)
{
	if (!sk_have_avx2())
		return sk_jsonscan_portable(scan, text);
	reserve(scan, text.len);
	return scan_avx2(scan, text);
}

void
sk_jsonscan_free(struct sk_jsonscan *scan)
{
	free(scan->op);
	free(scan->quote);
	free(scan->block);
	memset(scan, 0, sizeof(*scan));
}
