/*
 * Items by the buffer.  Nearly every item changes nothing, so the work is to
 * hash it and to see that soon.
 *
 * A register r refuses a hash if the value, which is the leading zeros of h2
 * and one, is at most r: if h2 has a bit among its first r.  So no zeros are
 * counted, and the least register refuses most items without a look at theirs:
 * all but one in 2^cur_min.
 *
 * With AVX2 eight items are hashed side by side.  It has no product of 64 bits,
 * but three of 32 and some additions are still twice as fast as products one
 * after the other.
 */
#include "sketch/hll_parts.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define SHORT_MAX 15 /* bytes in a hash of one step */
#define BLOCK ((size_t)16)
#define CLASSES 64   /* of lengths, in blocks */
#define FEW 512      /* items hashed before they are added */

static inline bool
refuses(unsigned value, struct sk_murmur h)
{
	return (h.h2 >> 1) >> (63 - value) != 0;
}

static inline void
add_hash(struct sk_hll *hll, struct sk_murmur h)
{
	uint32_t slot = (uint32_t)h.h1 & (sk_hll_size(hll) - 1);

	if (SK_UNLIKELY(!refuses(hll->regs[slot], h)))
		sk_hll_add_coupon(hll, sk_hll_coupon(h));
}

/* Items until the sketch is in HLL mode; the count of them. */
static size_t
add_few(struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	size_t i;

	for (i = 0; i < n && hll->mode != SK_HLL_HLL; i++)
		if (items[i].len != 0)
			sk_hll_add_coupon(hll, sk_hll_coupon(sk_murmur_padded(
			    items[i].ptr, items[i].len, SK_HLL_SEED)));
	return i;
}

/* Items for a sketch in HLL mode. */
static void
add_many(struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (SK_LIKELY(items[i].len != 0))
			add_hash(hll, sk_murmur_padded(
			    items[i].ptr, items[i].len, SK_HLL_SEED));
}

void
sk_hll_add_batch_portable(
    struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	size_t few = add_few(hll, items, n);

	add_many(hll, items + few, n - few);
}

#if SK_AVX2

#define AT_ONCE 8

/* Eight lanes of 64 bits hold the items 0, 2, 1, 3 and 4, 6, 5, 7: the order
 * that unpacking two pairs gives.  Each step is done to both halves before the
 * next, as one half alone waits for its own products. */
struct lanes {
	__m256i low, high;
};

static const unsigned lane_of[AT_ONCE] = { 0, 2, 1, 3, 4, 6, 5, 7 };

SK_TARGET_AVX2 static inline __m256i
load(const void *p)
{
	return _mm256_loadu_si256(p);
}

SK_TARGET_AVX2 static inline __m256i
load_pair(const void *a, const void *b)
{
	return _mm256_inserti128_si256(
	    _mm256_castsi128_si256(_mm_loadu_si128(a)), _mm_loadu_si128(b), 1);
}

SK_TARGET_AVX2 static inline struct lanes
add(struct lanes x, struct lanes y)
{
	struct lanes sum = { _mm256_add_epi64(x.low, y.low),
		_mm256_add_epi64(x.high, y.high) };

	return sum;
}

SK_TARGET_AVX2 static inline struct lanes
xor(struct lanes x, struct lanes y)
{
	struct lanes both = { _mm256_xor_si256(x.low, y.low),
		_mm256_xor_si256(x.high, y.high) };

	return both;
}

SK_TARGET_AVX2 static inline struct lanes
unpack_low(struct lanes x, struct lanes y)
{
	struct lanes words = { _mm256_unpacklo_epi64(x.low, y.low),
		_mm256_unpacklo_epi64(x.high, y.high) };

	return words;
}

SK_TARGET_AVX2 static inline struct lanes
unpack_high(struct lanes x, struct lanes y)
{
	struct lanes words = { _mm256_unpackhi_epi64(x.low, y.low),
		_mm256_unpackhi_epi64(x.high, y.high) };

	return words;
}

SK_TARGET_AVX2 static inline struct lanes
product(struct lanes x, __m256i by)
{
	struct lanes of = { _mm256_mul_epu32(x.low, by),
		_mm256_mul_epu32(x.high, by) };

	return of;
}

SK_TARGET_AVX2 static inline struct lanes
left(struct lanes x, int n)
{
	struct lanes moved = { _mm256_slli_epi64(x.low, n),
		_mm256_slli_epi64(x.high, n) };

	return moved;
}

SK_TARGET_AVX2 static inline struct lanes
right(struct lanes x, int n)
{
	struct lanes moved = { _mm256_srli_epi64(x.low, n),
		_mm256_srli_epi64(x.high, n) };

	return moved;
}

/* The products mod 2^64: the low halves in full, the mixed ones shifted. */
SK_TARGET_AVX2 static inline struct lanes
times(struct lanes x, uint64_t by)
{
	__m256i low = _mm256_set1_epi64x((int64_t)by);
	__m256i high = _mm256_set1_epi64x((int64_t)(by >> 32));
	struct lanes mixed = add(product(right(x, 32), low), product(x, high));

	return add(product(x, low), left(mixed, 32));
}

SK_TARGET_AVX2 static inline struct lanes
rotl(struct lanes x, int r)
{
	return xor(left(x, r), right(x, 64 - r));
}

SK_TARGET_AVX2 static inline struct lanes
fold(struct lanes x)
{
	return xor(x, right(x, 33));
}

/* sk_murmur_final */
SK_TARGET_AVX2 static inline struct lanes
final(struct lanes k)
{
	k = times(fold(k), UINT64_C(0xff51afd7ed558ccd));
	return fold(times(fold(k), UINT64_C(0xc4ceb9fe1a85ec53)));
}

SK_TARGET_AVX2 static inline struct lanes
lengths(const struct sk_view *items)
{
	struct lanes len = {
		_mm256_unpackhi_epi64(load(items), load(items + 2)),
		_mm256_unpackhi_epi64(load(items + 4), load(items + 6)) };

	return len;
}

SK_TARGET_AVX2 static inline __m256i
not_short(__m256i len)
{
	__m256i less = _mm256_sub_epi64(len, _mm256_set1_epi64x(1));

	/* An empty item is -1 here: both kinds have the sign bit. */
	return _mm256_or_si256(less, _mm256_cmpgt_epi64(
	    less, _mm256_set1_epi64x(SHORT_MAX - 1)));
}

SK_TARGET_AVX2 static inline bool
all_short(struct lanes len)
{
	return _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_or_si256(
	    not_short(len.low), not_short(len.high)))) == 0;
}

/* The last bytes of two items, behind their whole blocks. */
SK_TARGET_AVX2 static inline __m256i
load_last(struct sk_view a, struct sk_view b, size_t from)
{
	return _mm256_and_si256(load_pair(a.ptr + from, b.ptr + from),
	    load_pair(sk_words_mask[a.len - from],
	    sk_words_mask[b.len - from]));
}

SK_TARGET_AVX2 static inline struct lanes
mix1(struct lanes k)
{
	return times(rotl(times(k, SK_MURMUR_C1), 31), SK_MURMUR_C2);
}

SK_TARGET_AVX2 static inline struct lanes
mix2(struct lanes k)
{
	return times(rotl(times(k, SK_MURMUR_C2), 33), SK_MURMUR_C1);
}

/* sk_murmur_end, of eight items that have `from` bytes of whole blocks. */
SK_TARGET_AVX2 static inline __attribute__((always_inline)) void
hash_end(const struct sk_view *items, size_t from, struct lanes *h1,
    struct lanes *h2)
{
	struct lanes len = lengths(items), k1, k2;
	struct lanes a = { load_last(items[0], items[1], from),
		load_last(items[4], items[5], from) };
	struct lanes b = { load_last(items[2], items[3], from),
		load_last(items[6], items[7], from) };

	k2 = xor(xor(*h2, len), mix2(unpack_high(a, b)));
	k1 = add(xor(xor(*h1, len), mix1(unpack_low(a, b))), k2);
	k2 = final(add(k2, k1));
	*h1 = add(final(k1), k2);
	*h2 = add(*h1, k2);
}

SK_TARGET_AVX2 static inline struct lanes
lanes_of(uint64_t value)
{
	__m256i all = _mm256_set1_epi64x((int64_t)value);
	struct lanes lanes = { all, all };

	return lanes;
}

/* Some hashes are not refused by the least register: ask theirs, in the order
 * of the items. */
SK_TARGET_AVX2 static __attribute__((noinline)) void
add_some(struct sk_hll *hll, const struct lanes *h1, const struct lanes *h2)
{
	uint64_t low[AT_ONCE], high[AT_ONCE];

	memcpy(low, h1, sizeof(low));
	memcpy(high, h2, sizeof(high));
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct sk_murmur h = { low[lane_of[i]], high[lane_of[i]] };

		add_hash(hll, h);
	}
}

SK_TARGET_AVX2 static inline __m256i
are_left(__m256i h2, __m128i places)
{
	return _mm256_cmpeq_epi64(_mm256_srl_epi64(_mm256_srli_epi64(h2, 1),
	    places), _mm256_setzero_si256());
}

/* ---- long items ---- */

static inline size_t
class_of(struct sk_view item)
{
	size_t blocks = item.len / BLOCK;

	return blocks < CLASSES ? blocks : CLASSES;
}

/* The items that are not empty, in the order of their numbers of whole blocks;
 * how many.  From `below` on they are too long for an order. */
static size_t
sort(const struct sk_view *items, size_t n, unsigned short *order,
    size_t *below)
{
	unsigned short at[CLASSES + 2] = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		if (SK_LIKELY(items[i].len != 0))
			at[class_of(items[i]) + 1]++;
	for (i = 1; i <= CLASSES; i++)
		at[i + 1] = (unsigned short)(at[i + 1] + at[i]);
	*below = at[CLASSES];
	for (i = 0; i < n; i++)
		if (SK_LIKELY(items[i].len != 0))
			order[at[class_of(items[i])]++] = (unsigned short)i;
	return at[CLASSES];
}

/* The next 16 bytes of all. */
SK_TARGET_AVX2 static inline __attribute__((always_inline)) void
hash_blocks(const struct sk_view *items, size_t from, struct lanes *h1,
    struct lanes *h2)
{
	struct lanes a = { load_pair(items[0].ptr + from, items[1].ptr + from),
		load_pair(items[4].ptr + from, items[5].ptr + from) };
	struct lanes b = { load_pair(items[2].ptr + from, items[3].ptr + from),
		load_pair(items[6].ptr + from, items[7].ptr + from) };

	*h1 = add(rotl(xor(*h1, mix1(unpack_low(a, b))), 27), *h2);
	*h1 = add(add(*h1, left(*h1, 2)), lanes_of(0x52dce729));
	*h2 = add(rotl(xor(*h2, mix2(unpack_high(a, b))), 31), *h1);
	*h2 = add(add(*h2, left(*h2, 2)), lanes_of(0x38495ab5));
}

/* Eight items, the first of which has the fewest whole blocks and the last the
 * most. */
SK_TARGET_AVX2 static inline __attribute__((always_inline)) void
hash_eight(const struct sk_view *items, struct sk_murmur *hashes)
{
	struct lanes h1 = lanes_of(SK_HLL_SEED), h2 = h1;
	size_t len = items[0].len & ~(BLOCK - 1), i;
	bool same = items[AT_ONCE - 1].len - len < BLOCK;
	uint64_t low[AT_ONCE], high[AT_ONCE];

	for (i = 0; i < len; i += BLOCK)
		hash_blocks(items, i, &h1, &h2);
	if (SK_LIKELY(same))
		hash_end(items, len, &h1, &h2);
	memcpy(low, &h1, sizeof(low));
	memcpy(high, &h2, sizeof(high));
	for (i = 0; i < AT_ONCE; i++) {
		struct sk_murmur h = { low[lane_of[i]], high[lane_of[i]] };

		hashes[i] = SK_LIKELY(same) ? h : sk_murmur_rest(h,
		    items[i].ptr, items[i].len, len);
	}
}

/*
 * Each block of an item waits for the one before it.  So eight items go side
 * by side, of one length as far as there are; they are added in their own
 * order.
 */
SK_TARGET_AVX2 static void
add_long(struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	struct sk_murmur hashes[FEW], of[AT_ONCE];
	struct sk_view at[AT_ONCE];
	unsigned short order[FEW];
	size_t below, left = sort(items, n, order, &below), i, k;

	for (i = 0; i + AT_ONCE <= below; i += AT_ONCE) {
		for (k = 0; k < AT_ONCE; k++)
			at[k] = items[order[i + k]];
		hash_eight(at, of);
		for (k = 0; k < AT_ONCE; k++)
			hashes[order[i + k]] = of[k];
	}
	for (; i < left; i++)
		hashes[order[i]] = sk_murmur_padded(items[order[i]].ptr,
		    items[order[i]].len, SK_HLL_SEED);
	for (i = 0; i < n; i++)
		if (SK_LIKELY(items[i].len != 0))
			add_hash(hll, hashes[i]);
}

/* ---- any items ---- */

/* How many items there are up to eight short ones, or FEW. */
SK_TARGET_AVX2 static inline size_t
count_long(const struct sk_view *items, size_t n)
{
	size_t i = AT_ONCE;

	n = n < FEW ? n : FEW;
	while (n - i >= AT_ONCE && !all_short(lengths(items + i)))
		i += AT_ONCE;
	return n - i >= AT_ONCE ? i : n;
}

SK_TARGET_AVX2 static void
add_many_avx2(struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	struct lanes h1, h2;
	size_t i = 0, some;

	while (n - i >= AT_ONCE) {
		if (SK_UNLIKELY(!all_short(lengths(items + i)))) {
			some = count_long(items + i, n - i);
			add_long(hll, items + i, some);
			i += some;
			continue;
		}
		h1 = h2 = lanes_of(SK_HLL_SEED);
		hash_end(items + i, 0, &h1, &h2);
		__m128i places = _mm_cvtsi32_si128(63 - hll->cur_min);

		if (_mm256_movemask_epi8(_mm256_or_si256(
		    are_left(h2.low, places), are_left(h2.high, places))) != 0)
			add_some(hll, &h1, &h2);
		i += AT_ONCE;
	}
	add_many(hll, items + i, n - i);
}

#else

#define add_many_avx2 add_many

#endif

void
sk_hll_add_batch(struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	size_t few = add_few(hll, items, n);

	if (sk_have_avx2())
		add_many_avx2(hll, items + few, n - few);
	else
		add_many(hll, items + few, n - few);
}
