/*
 * 64 bytes become masks of quotes, delimiters and separators.  While every
 * quote either opens a cell or closes one, a byte is inside when the number of
 * quotes up to it is odd, which six shifts tell for all 64; a doubled quote
 * closes and opens again.  (The idea is that of G. Langdale and D. Lemire,
 * "Parsing Gigabytes of JSON per Second", 2019, section 3.1.1.)  Then each
 * quote that makes the number odd stands at the beginning of a cell or behind
 * a quote that closed.  If one does not, there is a quote that is text, and
 * the block is gone through quote by quote.
 *
 *	bytes    a , " x , " " y " , b " c \n
 *	inside   0 0 1 1 1 0 1 1 0 0 0 0 0 0      the state behind each byte
 *	closes   0 0 0 0 0 1 0 0 1 0 0 0 0 0
 */
#include "base/compat.h"
#include "format/csv.h"
#include "format/csvscan.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define BLOCK 64
#define ONES UINT64_C(0x0101010101010101)

/* Bits of the bytes of a block that are c. */
typedef uint64_t mask_fn(const char *p, char c);
/* The place of bit number n, from 0; there are more than n. */
typedef size_t select_fn(uint64_t mask, size_t n);

struct quotes {
	uint64_t inside, closes;
};

static const struct sk_csvscan_state fresh = { 0, 1 };

/* ---- quotes ---- */

/* Bit i becomes the parity of bits 0 to i. */
static inline uint64_t
parity(uint64_t v)
{
	v ^= v << 1;
	v ^= v << 2;
	v ^= v << 4;
	v ^= v << 8;
	v ^= v << 16;
	return v ^ v << 32;
}

/* Quote by quote; `edges` are delimiters and separators. */
static struct quotes
walk_quotes(const struct sk_csvscan_state *state, uint64_t quotes,
    uint64_t edges)
{
	struct quotes found = { state->inside, 0 };
	uint64_t begins = edges << 1 | state->opens, left = quotes;

	/* `inside` is always right up to the quote at hand, and tells of all
	 * behind it what they are if no further quote counts. */
	for (; left != 0; left &= left - 1) {
		uint64_t bit = left & -left;

		if ((found.inside & bit) != 0) {
			found.closes |= bit;
			begins |= bit << 1;
		} else if ((begins & bit) == 0)
			continue;
		found.inside ^= -bit;
	}
	return found;
}

/* The quotes of a block; *state goes on to its end. */
static inline struct quotes
find_quotes(struct sk_csvscan_state *state, uint64_t quotes, uint64_t edges)
{
	struct quotes found;
	uint64_t begins;

	found.inside = parity(quotes) ^ state->inside;
	found.closes = quotes & ~found.inside;
	begins = (edges | found.closes) << 1 | state->opens;
	if (SK_UNLIKELY((quotes & found.inside & ~begins) != 0))
		found = walk_quotes(state, quotes, edges);
	state->opens = ((edges & ~found.inside) | found.closes) >> 63;
	state->inside = 0 - (found.inside >> 63);
	return found;
}

/* The bits of a block of which only `left` bytes may be there. */
static inline uint64_t
valid_bits(size_t left)
{
	return left < BLOCK ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0);
}

/* ---- records ---- */

void
sk_csvscan_init(struct sk_csvscan *scan, char comma, char sep)
{
	memset(scan, 0, sizeof(*scan));
	scan->comma = comma;
	scan->sep = sep;
	scan->at_first = true;
	scan->state = fresh;
}

static void
forget(struct sk_csvscan *scan)
{
	scan->nbytes = scan->nseps = 0;
	scan->state = fresh;
}

static inline bool
is_empty(const struct sk_csvscan *scan, struct sk_view record)
{
	return record.len == 0 || (record.len == 1 &&
	    record.ptr[0] == '\r' && scan->sep == '\n');
}

/* The separators of the block at p that are outside quotes. */
static inline __attribute__((always_inline)) uint64_t
find_ends(const struct sk_csvscan *scan, const char *p, uint64_t seps,
    uint64_t valid, struct sk_csvscan_state *state, mask_fn *mask_of)
{
	uint64_t quotes = mask_of(p, '"') & valid;

	if (SK_LIKELY((quotes | state->inside) == 0)) {
		state->opens = p[BLOCK - 1] == scan->comma ||
		    p[BLOCK - 1] == scan->sep;
		return seps;
	}
	return seps & ~find_quotes(state, quotes,
	    seps | (mask_of(p, scan->comma) & valid)).inside;
}

/* One pass over bytes whose begin is remembered or forgotten. */
static inline __attribute__((always_inline)) struct sk_lines
pass(struct sk_csvscan *scan, const char *bytes, size_t len,
    struct sk_view *out, size_t cap, mask_fn *mask_of)
{
	struct sk_csvscan_state state = scan->state;
	struct sk_lines found = { 0, 0, 0 };
	size_t at = scan->nbytes, nseps = scan->nseps;

	while (at < len && found.n < cap) {
		uint64_t valid = valid_bits(len - at);
		uint64_t seps = mask_of(bytes + at, scan->sep) & valid;
		uint64_t ends = find_ends(scan, bytes + at, seps, valid,
		    &state, mask_of);

		for (; ends != 0 && found.n < cap; ends &= ends - 1) {
			uint64_t upto = ends ^ (ends - 1);
			size_t end = at + (size_t)__builtin_ctzll(ends);
			struct sk_view record = sk_view(bytes + found.used,
			    end - found.used);

			out[found.n] = record;
			found.n += is_empty(scan, record) ? 0 : 1;
			found.used = end + 1;
			found.nseps = nseps +
			    (size_t)__builtin_popcountll(seps & upto);
		}
		/* The state is that of whole blocks. */
		if (ends != 0 || len - at < BLOCK)
			break;
		nseps += (size_t)__builtin_popcountll(seps);
		at += BLOCK;
		scan->state = state;
	}
	if (at > found.used && found.n < cap) {
		scan->nbytes = at - found.used;
		scan->nseps = nseps - found.nseps;
	} else
		forget(scan);
	return found;
}

static inline __attribute__((always_inline)) struct sk_lines
cut(struct sk_csvscan *scan, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap, mask_fn *mask_of)
{
	struct sk_lines found;

	if (ended || len < scan->nbytes)
		forget(scan);
	if (scan->at_first && scan->nbytes == 0 && len >= 3 &&
	    !memcmp(bytes, "\xef\xbb\xbf", 3))
		scan->nbytes = 3;
	found = pass(scan, bytes, len, out, cap, mask_of);
	while (ended && found.used < len && found.n < cap) {
		const char *line = bytes + found.used;
		const char *end = memchr(line, scan->sep, len - found.used);
		struct sk_lines more;

		if (end == NULL)
			end = bytes + len;
		else
			found.nseps++;
		out[found.n++] = sk_view(line, (size_t)(end - line));
		found.used = end < bytes + len ? (size_t)(end + 1 - bytes) :
		    len;
		forget(scan);
		more = pass(scan, bytes + found.used, len - found.used,
		    out + found.n, cap - found.n, mask_of);
		found.n += more.n;
		found.used += more.used;
		found.nseps += more.nseps;
	}
	if (ended)
		forget(scan);
	if (found.used > 0)
		scan->at_first = false;
	if (ended && found.used == len)
		scan->at_first = true;
	return found;
}

/* ---- cells ---- */

static inline __attribute__((always_inline)) struct sk_csvscan_cells
cells(char comma, struct sk_view record, const uint32_t *which, size_t n,
    size_t *place, mask_fn *mask_of, select_fn *select_bit)
{
	struct sk_csvscan_cells found = { 0, false, NULL };
	struct sk_csvscan_state state = fresh;
	uint64_t closed = 0, wrong = 0;
	size_t at, ncommas = 0;

	for (at = 0; at < record.len; at += BLOCK) {
		uint64_t valid = valid_bits(record.len - at);
		uint64_t commas = mask_of(record.ptr + at, comma) & valid;
		uint64_t quotes = mask_of(record.ptr + at, '"') & valid;
		size_t more;

		if (SK_UNLIKELY((quotes | state.inside | closed) != 0)) {
			struct quotes q = find_quotes(&state, quotes, commas);

			found.quoted = true;
			wrong |= (q.closes << 1 | closed) &
			    ~(quotes | commas) & valid;
			closed = q.closes >> 63;
			commas &= ~q.inside;
		} else
			state.opens = commas >> 63;
		more = (size_t)__builtin_popcountll(commas);
		for (; found.n < n && which[found.n] - ncommas < more;
		    found.n++)
			place[found.n] = at + select_bit(commas,
			    which[found.n] - ncommas);
		ncommas += more;
	}
	if (state.inside != 0)
		found.why = SK_CSV_UNCLOSED;
	else if (wrong != 0)
		found.why = "text behind a closing quote";
	return found;
}

/* ---- the two kinds of machine ---- */

static inline uint64_t
mask_portable(const char *p, char c)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t pattern = (unsigned char)c * ONES, mask = 0;
	int i;

	for (i = 0; i < BLOCK / 8; i++) {
		uint64_t v = sk_get64(p + 8 * i) ^ pattern;

		/* The high bit of each byte that is zero, gathered in the top
		 * byte. */
		v = ~(((v & low) + low) | v | low);
		mask |= ((v >> 7) * UINT64_C(0x0102040810204080) >> 56)
		    << 8 * i;
	}
	return mask;
}

static inline size_t
select_portable(uint64_t mask, size_t n)
{
	while (n-- > 0)
		mask &= mask - 1;
	return (size_t)__builtin_ctzll(mask);
}

struct sk_lines
sk_csvscan_cut_portable(struct sk_csvscan *scan, const char *bytes, size_t len,
    bool ended, struct sk_view *out, size_t cap)
{
	return cut(scan, bytes, len, ended, out, cap, mask_portable);
}

struct sk_csvscan_cells
sk_csvscan_cells_portable(char comma, struct sk_view record,
    const uint32_t *which, size_t n, size_t *place)
{
	return cells(comma, record, which, n, place, mask_portable,
	    select_portable);
}

#if SK_AVX2

SK_TARGET_AVX2 static inline uint64_t
mask_avx2(const char *p, char c)
{
	__m256i pattern = _mm256_set1_epi8(c);
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i high = _mm256_loadu_si256(
	    (const __m256i *)(const void *)(p + 32));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(
	    _mm256_cmpeq_epi8(high, pattern)) << 32;
}

SK_TARGET_AVX2 static inline size_t
select_avx2(uint64_t mask, size_t n)
{
	return (size_t)__builtin_ctzll(_pdep_u64(UINT64_C(1) << n, mask));
}

SK_TARGET_AVX2 static struct sk_lines
cut_avx2(struct sk_csvscan *scan, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap)
{
	return cut(scan, bytes, len, ended, out, cap, mask_avx2);
}

SK_TARGET_AVX2 static struct sk_csvscan_cells
cells_avx2(char comma, struct sk_view record, const uint32_t *which, size_t n,
    size_t *place)
{
	return cells(comma, record, which, n, place, mask_avx2, select_avx2);
}

#else

#define cut_avx2 sk_csvscan_cut_portable
#define cells_avx2 sk_csvscan_cells_portable

#endif

struct sk_lines
sk_csvscan_cut(struct sk_csvscan *scan, const char *bytes, size_t len,
    bool ended, struct sk_view *out, size_t cap)
{
	if (sk_have_avx2())
		return cut_avx2(scan, bytes, len, ended, out, cap);
	return sk_csvscan_cut_portable(scan, bytes, len, ended, out, cap);
}

struct sk_csvscan_cells
sk_csvscan_cells(char comma, struct sk_view record, const uint32_t *which,
    size_t n, size_t *place)
{
	if (sk_have_avx2())
		return cells_avx2(comma, record, which, n, place);
	return sk_csvscan_cells_portable(comma, record, which, n, place);
}
