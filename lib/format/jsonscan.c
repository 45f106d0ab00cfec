/*
 * A block of 64 bytes becomes masks: of quotes, and of operators.  A quote
 * behind an odd number of backslashes is text; of the others each turns the
 * inside of a string on or off, so that the exclusive or of all quotes up to a
 * byte says whether it is inside.  Backslashes and control characters are
 * rare, and looked at closely only in a block that has some.
 *
 * Bit 5 of a byte is set before it is compared with the operators: that makes
 * { of [ and } of ], and also a comma of 0x0c, which is no JSON; the reader
 * that looks at the byte says so.
 *
 * Bits become places several at a time without looking how many there are: a
 * loop over the bits would be mispredicted about once a block.  Those behind
 * the last bit are rubbish and are overwritten by the next block.
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
#define AT_ONCE 8
#define LOW7 UINT64_C(0x7f7f7f7f7f7f7f7f)
#define EACH UINT64_C(0x0101010101010101)

struct masks {
	uint64_t quote, op;
	uint64_t rare; /* not 0: there are backslashes or control characters */
	uint64_t high; /* not 0: there are bytes over 127 */
};

/* What one block hands to the next, and what the line has had. */
struct carry {
	uint64_t escaped; /* 1: the first byte stands behind a backslash */
	uint64_t inside;  /* all bits: the block begins in a string */
	uint64_t rare, high, control;
};

/* Bytes that are not `valid` do not belong to the line. */
typedef void masks_fn(const char *p, uint64_t valid, struct masks *masks);
typedef uint64_t xor_fn(uint64_t bits);
typedef uint32_t ctz_fn(uint64_t bits);

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
rarities(uint64_t v)
{
	return controls(v) | backslashes(v);
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
	masks->rare = mask_of(p, rarities) & valid;
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

/* The or keeps the result defined when no bit is left. */
static inline uint32_t
ctz_portable(uint64_t bits)
{
	return (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

/* ---- the line ---- */

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

static __attribute__((noinline)) uint64_t
find_controls(const char *p)
{
	return mask_of(p, controls);
}

/* The empty asm keeps gcc from collecting places in vectors, which takes more
 * instructions than to store each. */
static inline __attribute__((always_inline)) void
put_place(uint32_t *op, uint32_t base, uint64_t *bits, ctz_fn *ctz)
{
	uint32_t place = base + ctz(*bits);

	__asm__("" : "+r" (place));
	*op = place;
	*bits &= *bits - 1;
}

static inline __attribute__((always_inline)) void
put_four(uint32_t *op, uint32_t base, uint64_t *bits, ctz_fn *ctz)
{
	put_place(op, base, bits, ctz);
	put_place(op + 1, base, bits, ctz);
	put_place(op + 2, base, bits, ctz);
	put_place(op + 3, base, bits, ctz);
}

static inline __attribute__((always_inline)) uint32_t *
put_places(uint32_t *op, uint32_t base, uint64_t bits, ctz_fn *ctz)
{
	uint32_t *end = op + __builtin_popcountll(bits);

	put_four(op, base, &bits, ctz);
	put_four(op + 4, base, &bits, ctz);
	for (op += AT_ONCE; op < end; op += 4)
		put_four(op, base, &bits, ctz);
	return end;
}

/* The operators of a block of which the bytes in `valid` belong to the line. */
static inline __attribute__((always_inline)) uint64_t
scan_block(const char *p, uint64_t valid, struct carry *carry,
    masks_fn *masks, xor_fn *prefix_xor)
{
	struct masks m;
	struct escapes escapes;
	uint64_t inside, rare;

	masks(p, valid, &m);
	rare = m.rare | carry->escaped;
	if (SK_UNLIKELY(rare != 0)) {
		escapes = find_escaped(p, valid, carry->escaped);
		carry->escaped = escapes.carry;
		m.quote &= ~escapes.bytes;
	}
	inside = prefix_xor(m.quote) ^ carry->inside;
	carry->inside = (uint64_t)((int64_t)inside >> 63);
	if (SK_UNLIKELY(rare != 0)) {
		carry->control |= find_controls(p) & inside & valid;
		carry->rare = 1;
	}
	carry->high |= m.high;
	return m.op & ~inside;
}

static inline unsigned
flags_of(const struct carry *carry)
{
	unsigned flags = 0;

	flags |= carry->high != 0 ? SK_JSONSCAN_HIGH : 0;
	flags |= carry->rare != 0 ? SK_JSONSCAN_RARE : 0;
	flags |= carry->control != 0 ? SK_JSONSCAN_CONTROL : 0;
	flags |= carry->inside != 0 ? SK_JSONSCAN_OPEN : 0;
	return flags;
}

static inline __attribute__((always_inline)) unsigned
scan_line(struct sk_jsonscan *scan, struct sk_view line, masks_fn *masks,
    xor_fn *prefix_xor, ctz_fn *ctz)
{
	struct carry carry = { 0, 0, 0, 0, 0 };
	size_t at, end = line.len & ~(size_t)(BLOCK - 1);
	uint32_t *op = scan->op;
	uint64_t bits;

	for (at = 0; at < end; at += BLOCK) {
		bits = scan_block(line.ptr + at, ~UINT64_C(0), &carry, masks,
		    prefix_xor);
		op = put_places(op, (uint32_t)at, bits, ctz);
	}
	if (at < line.len) {
		bits = scan_block(line.ptr + at,
		    (UINT64_C(1) << (line.len - at)) - 1, &carry, masks,
		    prefix_xor);
		op = put_places(op, (uint32_t)at, bits, ctz);
	}
	scan->n = (size_t)(op - scan->op);
	/* Behind the last byte the state of the last quote goes on. */
	return flags_of(&carry);
}

static __attribute__((noinline)) void
grow(struct sk_jsonscan *scan, size_t most)
{
	scan->cap = most < 2048 ? 2048 : most + most / 2;
	free(scan->op);
	scan->op = sk_xalloc(scan->cap, sizeof(*scan->op));
}

/* Room for as many places as there are bytes; memory that is not written to
 * is not taken. */
static inline void
reserve(struct sk_jsonscan *scan, size_t len)
{
	if (SK_UNLIKELY(len + AT_ONCE > scan->cap))
		grow(scan, len + AT_ONCE);
}

unsigned
sk_jsonscan_portable(struct sk_jsonscan *scan, struct sk_view line)
{
	reserve(scan, line.len);
	return scan_line(scan, line, masks_portable, xor_portable,
	    ctz_portable);
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
rare_avx2(__m256i v)
{
	const __m256i control = _mm256_set1_epi8(0x1f);

	return _mm256_or_si256(
	    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')),
	    _mm256_cmpeq_epi8(_mm256_max_epu8(v, control), control));
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
	__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));

	masks->quote = join(_mm256_cmpeq_epi8(a, quote),
	    _mm256_cmpeq_epi8(b, quote)) & valid;
	masks->op = join(operators_avx2(a), operators_avx2(b)) & valid;
	masks->rare = any(rare_avx2(a), rare_avx2(b), valid);
	masks->high = any(a, b, valid);
}

static inline SK_TARGET_AVX2 uint64_t
xor_avx2(uint64_t bits)
{
	/* Without carries, times -1 adds every bit to all above it. */
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
	    _mm_cvtsi64_si128((long long)bits), _mm_set1_epi8(-1), 0));
}

static inline SK_TARGET_AVX2 uint32_t
ctz_avx2(uint64_t bits)
{
	return (uint32_t)_tzcnt_u64(bits);
}

static SK_TARGET_AVX2 unsigned
scan_avx2(struct sk_jsonscan *scan, struct sk_view line)
{
	return scan_line(scan, line, masks_avx2, xor_avx2, ctz_avx2);
}

#else

#define scan_avx2 sk_jsonscan_portable

#endif

unsigned
sk_jsonscan_line(struct sk_jsonscan *scan, struct sk_view line)
{
	if (!sk_have_avx2())
		return sk_jsonscan_portable(scan, line);
	reserve(scan, line.len);
	return scan_avx2(scan, line);
}

void
sk_jsonscan_free(struct sk_jsonscan *scan)
{
	free(scan->op);
	scan->op = NULL;
	scan->n = scan->cap = 0;
}
