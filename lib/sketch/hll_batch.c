/*
 * Items by the buffer.  Nearly every item changes nothing, so the work is to
 * hash it and to see that soon.
 *
 * A register r refuses a hash if the value, which is the leading zeros of h2
 * and one, is at most r: if h2 has a bit among its first r.  So no zeros are
 * counted, and the least register refuses most items without a look at theirs:
 * all but one in 2^cur_min.
 *
 * With AVX2 four short items are hashed side by side.  It has no product of 64
 * bits, but three of 32 and some additions are still twice as fast as four
 * products one after the other.
 */
#include "sketch/hll_parts.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define SHORT_MAX 15 /* bytes in a hash of one step */

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

/* Four lanes of 64 bits hold the items 0, 2, 1, 3 of a group: the order that
 * unpacking two pairs gives. */
static const unsigned lane_of[4] = { 0, 2, 1, 3 };

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

/* The products mod 2^64: the low halves in full, the mixed ones shifted. */
SK_TARGET_AVX2 static inline __m256i
times(__m256i x, uint64_t by)
{
	__m256i low = _mm256_set1_epi64x((int64_t)by);
	__m256i high = _mm256_set1_epi64x((int64_t)(by >> 32));
	__m256i mixed = _mm256_add_epi64(
	    _mm256_mul_epu32(_mm256_srli_epi64(x, 32), low),
	    _mm256_mul_epu32(x, high));

	return _mm256_add_epi64(
	    _mm256_mul_epu32(x, low), _mm256_slli_epi64(mixed, 32));
}

SK_TARGET_AVX2 static inline __m256i
rotl(__m256i x, int r)
{
	return _mm256_or_si256(
	    _mm256_slli_epi64(x, r), _mm256_srli_epi64(x, 64 - r));
}

SK_TARGET_AVX2 static inline __m256i
fold(__m256i x)
{
	return _mm256_xor_si256(x, _mm256_srli_epi64(x, 33));
}

/* sk_murmur_final */
SK_TARGET_AVX2 static inline __m256i
final(__m256i k)
{
	k = times(fold(k), UINT64_C(0xff51afd7ed558ccd));
	return fold(times(fold(k), UINT64_C(0xc4ceb9fe1a85ec53)));
}

SK_TARGET_AVX2 static inline bool
all_short(__m256i len)
{
	__m256i less = _mm256_sub_epi64(len, _mm256_set1_epi64x(1));
	__m256i over = _mm256_cmpgt_epi64(
	    less, _mm256_set1_epi64x(SHORT_MAX - 1));

	/* An empty item is -1 here: both kinds have the sign bit. */
	return _mm256_movemask_pd(_mm256_castsi256_pd(
	    _mm256_or_si256(less, over))) == 0;
}

SK_TARGET_AVX2 static inline void
hash_short(const struct sk_view *items, __m256i len, __m256i *h1, __m256i *h2)
{
	__m256i a = _mm256_and_si256(load_pair(items[0].ptr, items[1].ptr),
	    load_pair(sk_words_mask[items[0].len],
	    sk_words_mask[items[1].len]));
	__m256i b = _mm256_and_si256(load_pair(items[2].ptr, items[3].ptr),
	    load_pair(sk_words_mask[items[2].len],
	    sk_words_mask[items[3].len]));
	__m256i k1 = _mm256_unpacklo_epi64(a, b);
	__m256i k2 = _mm256_unpackhi_epi64(a, b);
	__m256i h = _mm256_xor_si256(
	    len, _mm256_set1_epi64x((int64_t)SK_HLL_SEED));

	k1 = times(rotl(times(k1, SK_MURMUR_C1), 31), SK_MURMUR_C2);
	k2 = times(rotl(times(k2, SK_MURMUR_C2), 33), SK_MURMUR_C1);
	k2 = _mm256_xor_si256(h, k2);
	k1 = _mm256_add_epi64(_mm256_xor_si256(h, k1), k2);
	k2 = final(_mm256_add_epi64(k2, k1));
	*h1 = _mm256_add_epi64(final(k1), k2);
	*h2 = _mm256_add_epi64(*h1, k2);
}

/* Some of four hashes are not refused by the least register: ask theirs, in
 * the order of the items. */
SK_TARGET_AVX2 static inline void
add_four(struct sk_hll *hll, __m256i h1, __m256i h2)
{
	uint64_t low[4], high[4];

	_mm256_storeu_si256((__m256i *)(void *)low, h1);
	_mm256_storeu_si256((__m256i *)(void *)high, h2);
	for (size_t i = 0; i < 4; i++) {
		struct sk_murmur h = { low[lane_of[i]], high[lane_of[i]] };

		add_hash(hll, h);
	}
}

SK_TARGET_AVX2 static void
add_many_avx2(struct sk_hll *hll, const struct sk_view *items, size_t n)
{
	__m256i zero = _mm256_setzero_si256();
	__m256i h1, h2;
	size_t i;

	for (i = 0; n - i >= 4; i += 4) {
		__m256i len = _mm256_unpackhi_epi64(
		    load(items + i), load(items + i + 2));

		if (SK_UNLIKELY(!all_short(len))) {
			add_many(hll, items + i, 4);
			continue;
		}
		hash_short(items + i, len, &h1, &h2);
		__m256i first = _mm256_srl_epi64(_mm256_srli_epi64(h2, 1),
		    _mm_cvtsi32_si128(63 - hll->cur_min));

		if (_mm256_movemask_epi8(_mm256_cmpeq_epi64(first, zero)) != 0)
			add_four(hll, h1, h2);
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
