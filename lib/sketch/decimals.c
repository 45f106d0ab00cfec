/*
 * Four texts in the four lanes of a register, each as a word that has its first
 * character lowest:
 *
 *	text             12.5        .  - characters
 *	shifted up       000012.5    zeros in front, so that all end alike
 *	without a point  00000125    what stood below the point moves up
 *
 * These are 8 digits, added up in pairs, and then divided by the power of ten
 * of as many digits as stood behind the point.  Both are exact doubles, so the
 * quotient is rounded once.
 */
#include "base/compat.h"
#include "base/num.h"
#include "sketch/decimals.h"

static size_t
each(const struct sk_view *text, size_t n, double *out)
{
	size_t good = 0;

	for (size_t i = 0; i < n; i++)
		good += sk_num_f64_padded(text[i], &out[good]) == 0;
	return good;
}

#if SK_AVX2
#include <immintrin.h>

/* Two views: an address, a length, an address, a length. */
SK_TARGET_AVX2 static inline __m256i
load(const struct sk_view *text)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

/* The first 8 bytes of texts 0, 2, 1, 3, in the order that lengths have when
 * they are unpacked. */
SK_TARGET_AVX2 static inline __m256i
words(const struct sk_view *text)
{
	return _mm256_set_epi64x((int64_t)sk_get64(text[3].ptr),
	    (int64_t)sk_get64(text[1].ptr), (int64_t)sk_get64(text[2].ptr),
	    (int64_t)sk_get64(text[0].ptr));
}

/* 10 to the power of 0 to 7, exactly. */
SK_TARGET_AVX2 static inline __m256d
power_of_ten(__m256i places)
{
	__m256d one = _mm256_set1_pd(1);
	__m256d p1 = _mm256_blendv_pd(one, _mm256_set1_pd(1e1),
	    _mm256_castsi256_pd(_mm256_slli_epi64(places, 63)));
	__m256d p2 = _mm256_blendv_pd(one, _mm256_set1_pd(1e2),
	    _mm256_castsi256_pd(_mm256_slli_epi64(places, 62)));
	__m256d p4 = _mm256_blendv_pd(one, _mm256_set1_pd(1e4),
	    _mm256_castsi256_pd(_mm256_slli_epi64(places, 61)));

	return _mm256_mul_pd(_mm256_mul_pd(p1, p2), p4);
}

/* The number that 8 digits are, below 2^52. */
SK_TARGET_AVX2 static inline __m256d
add_up(__m256i digits)
{
	__m256i twos = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010a));
	__m256i fours = _mm256_madd_epi16(twos, _mm256_set1_epi32(0x10064));
	__m256i all = _mm256_add_epi64(_mm256_srli_epi64(fours, 32),
	    _mm256_mul_epu32(fours, _mm256_set1_epi64x(10000)));
	__m256d bias = _mm256_set1_pd(0x1p52);

	return _mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(all), bias),
	    bias);
}

/* Four numbers of up to 8 characters; false, nothing written, unless all four
 * are. */
SK_TARGET_AVX2 static inline bool
four(const struct sk_view *text, double *out)
{
	const __m256i zero = _mm256_setzero_si256();
	const __m256i eight = _mm256_set1_epi64x(8);
	const __m256i zeros = _mm256_set1_epi8('0');
	__m256i len = _mm256_unpackhi_epi64(load(text), load(text + 2));
	__m256i word = words(text);
	__m256i minus, shift, point, plain, below, above, moved, places, bad;
	__m256d value;

	minus = _mm256_cmpeq_epi64(_mm256_set1_epi64x('-'),
	    _mm256_and_si256(word, _mm256_set1_epi64x(0xff)));
	word = _mm256_srlv_epi64(word, _mm256_and_si256(minus, eight));
	len = _mm256_add_epi64(len, minus);
	shift = _mm256_slli_epi64(_mm256_sub_epi64(eight, len), 3);
	word = _mm256_or_si256(_mm256_sllv_epi64(word, shift),
	    _mm256_srlv_epi64(zeros,
	    _mm256_sub_epi64(_mm256_set1_epi64x(64), shift)));

	/* Without a point, `below` is the whole word. */
	point = _mm256_cmpeq_epi8(word, _mm256_set1_epi8('.'));
	plain = _mm256_cmpeq_epi64(point, zero);
	below = _mm256_add_epi64(_mm256_set1_epi64x(-1),
	    _mm256_and_si256(point, _mm256_sub_epi64(zero, point)));
	above = _mm256_andnot_si256(_mm256_or_si256(below, point),
	    _mm256_set1_epi64x(-1));
	moved = _mm256_or_si256(_mm256_set1_epi64x('0'),
	    _mm256_slli_epi64(_mm256_and_si256(word, below), 8));
	moved = _mm256_or_si256(moved, _mm256_and_si256(word, above));
	word = _mm256_xor_si256(zeros, _mm256_blendv_epi8(moved, word, plain));
	places = _mm256_sad_epu8(zero,
	    _mm256_and_si256(above, _mm256_set1_epi8(1)));

	/* A digit at least, and nothing else: a longer text was shifted out,
	 * or behind a sign has a byte of 0. */
	bad = _mm256_cmpgt_epi64(_mm256_sub_epi64(_mm256_set1_epi64x(2),
	    _mm256_and_si256(plain, _mm256_set1_epi64x(1))), len);
	bad = _mm256_or_si256(bad,
	    _mm256_subs_epu8(word, _mm256_set1_epi8(9)));
	if (!_mm256_testz_si256(bad, bad))
		return false;
	value = _mm256_div_pd(add_up(word), power_of_ten(places));
	value = _mm256_or_pd(value, _mm256_and_pd(_mm256_set1_pd(-0.0),
	    _mm256_castsi256_pd(minus)));
	_mm256_storeu_pd(out, _mm256_permute4x64_pd(value, 0xd8));
	return true;
}

SK_TARGET_AVX2 static size_t
each_avx2(const struct sk_view *text, size_t n, double *out)
{
	size_t good = 0, i;

	for (i = 0; n - i >= 4; i += 4)
		if (SK_LIKELY(four(text + i, out + good)))
			good += 4;
		else
			good += each(text + i, 4, out + good);
	return good + each(text + i, n - i, out + good);
}

#else

#define each_avx2 each

#endif

size_t
sk_decimals(const struct sk_view *text, size_t n, double *out)
{
	return sk_have_avx2() ? each_avx2(text, n, out) : each(text, n, out);
}
