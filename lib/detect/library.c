/*
 * Vectors stand in blocks of 16, number by number:
 *
 *	block 0: x of 0..15 | y of 0..15 | lag 1 of 0..15 | lag 2 ... | block 1
 *
 * so 16 distances grow side by side, four or eight in a register.  Squares are
 * not negative and rounding keeps order, so a block is left as soon as all of
 * its sums have reached the third best; that loses nothing.  A first bound for
 * this comes from the vectors that were nearest last time and those behind
 * them: streams go on as they did before.
 *
 * Each sum is made in the order of the numbers, without fused operations: then
 * it has the same bits in any width.  What is not in use is infinite.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "detect/library.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define LANES 16
#define BEST 3

typedef float fours __attribute__((vector_size(16)));
typedef int32_t int_fours __attribute__((vector_size(16)));

/* What is sought, and the nearest so far. */
struct search {
	const float *z;
	float weight;
	bool clock;
	float bound; /* only what is below this counts */
	float best[BEST];
	uint32_t place[BEST];
};

void
sk_library_init(struct sk_library *library, uint32_t lags, bool clock,
    uint32_t max)
{
	*library = (struct sk_library){ .dims = lags + (clock ? 2 : 0),
		.max = max, .clock = clock, .avx2 = sk_have_avx2() };
}

void
sk_library_free(struct sk_library *library)
{
	free(library->vectors);
	*library = (struct sk_library){ 0 };
}

/* Room for so many. */
static void
reserve(struct sk_library *library, uint32_t n)
{
	uint32_t most = (library->max + LANES - 1) / LANES;
	uint32_t cap = library->cap;
	size_t size = LANES * library->dims;
	float *vectors;

	if (n <= cap * LANES)
		return;
	while (n > cap * LANES)
		cap = cap == 0 ? 1 : 2 * cap;
	if (cap > most)
		cap = most;
	vectors = sk_xaligned(64, cap * size * sizeof(float));
	if (library->cap > 0)
		memcpy(vectors, library->vectors,
		    library->cap * size * sizeof(float));
	for (size_t i = library->cap * size; i < cap * size; i++)
		vectors[i] = INFINITY;
	free(library->vectors);
	library->vectors = vectors;
	library->cap = cap;
}

/* The first number of a vector; the others follow LANES apart. */
static float *
vector(const struct sk_library *library, uint32_t place)
{
	return library->vectors + (size_t)(place / LANES) * LANES *
	    library->dims + place % LANES;
}

static float
distance(const struct sk_library *library, const struct search *search,
    uint32_t place)
{
	const float *p = vector(library, place);
	float sum = 0, d;
	uint32_t j = 0;

	for (; library->clock && j < 2; j++) {
		d = p[j * LANES] - search->z[j];
		if (search->clock)
			sum += search->weight * d * d;
	}
	for (; j < library->dims; j++) {
		d = p[j * LANES] - search->z[j];
		sum += d * d;
	}
	return sum;
}

/* What is at a place is that near. */
static void
offer(struct search *search, float sum, uint32_t place)
{
	uint32_t i = BEST - 1;

	if (!(sum < search->best[i]))
		return;
	for (; i > 0 && search->best[i - 1] > sum; i--) {
		search->best[i] = search->best[i - 1];
		search->place[i] = search->place[i - 1];
	}
	search->best[i] = sum;
	search->place[i] = place;
}

static void
offer_block(struct search *search, const float *sum, uint32_t block)
{
	for (uint32_t i = 0; i < LANES; i++)
		if (sum[i] < search->bound)
			offer(search, sum[i], block * LANES + i);
	search->bound = fminf(search->bound, search->best[BEST - 1]);
}

/* ---- by fours ---- */

struct sums {
	fours a, b, c, d;
};

static inline fours
load(const float *p)
{
	fours v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void
add(struct sums *sums, const float *p, fours z)
{
	fours a = load(p) - z, b = load(p + 4) - z;
	fours c = load(p + 8) - z, d = load(p + 12) - z;

	sums->a += a * a;
	sums->b += b * b;
	sums->c += c * c;
	sums->d += d * d;
}

static inline void
add_weighed(struct sums *sums, const float *p, fours z, fours weight)
{
	fours a = load(p) - z, b = load(p + 4) - z;
	fours c = load(p + 8) - z, d = load(p + 12) - z;

	sums->a += weight * a * a;
	sums->b += weight * b * b;
	sums->c += weight * c * c;
	sums->d += weight * d * d;
}

static inline bool
any_below(const struct sums *sums, float bound)
{
	fours than = { bound, bound, bound, bound };
	int_fours is = (sums->a < than) | (sums->b < than) |
	    (sums->c < than) | (sums->d < than);
	uint64_t half[2];

	memcpy(half, &is, sizeof(half));
	return (half[0] | half[1]) != 0;
}

/* Whether one of a block is below the bound. */
static inline bool
block_by_fours(const struct search *search, const float *p, const fours *z,
    const fours *end, bool places, bool odd, struct sums *sums)
{
	float w = search->weight;
	fours weight = { w, w, w, w };

	*sums = (struct sums){ .a = { 0 } };
	if (places) {
		if (search->clock) {
			add_weighed(sums, p, z[0], weight);
			add_weighed(sums, p + LANES, z[1], weight);
			if (!any_below(sums, search->bound))
				return false;
		}
		p += 2 * LANES;
		z += 2;
	}
	if (odd) {
		add(sums, p, *z++);
		p += LANES;
	}
	for (; z < end; z += 2, p += 2 * LANES) {
		add(sums, p, z[0]);
		add(sums, p + LANES, z[1]);
		if (!any_below(sums, search->bound))
			return false;
	}
	return true;
}

static void
scan_by_fours(const struct sk_library *library, struct search *search)
{
	uint32_t dims = library->dims, n = (library->n + LANES - 1) / LANES;
	fours z[SK_LIBRARY_DIMS];
	struct sums sums;

	for (uint32_t j = 0; j < dims; j++) {
		float x = search->z[j];

		z[j] = (fours){ x, x, x, x };
	}
	for (uint32_t i = 0; i < n; i++)
		if (block_by_fours(search,
		    library->vectors + (size_t)i * LANES * dims, z, z + dims,
		    library->clock, dims % 2 != 0, &sums)) {
			float sum[LANES];

			memcpy(sum, &sums, sizeof(sum));
			offer_block(search, sum, i);
		}
}

/* ---- by eights ---- */

#if SK_AVX2

struct wide {
	__m256 a, b;
};

SK_TARGET_AVX2 static inline void
add_wide(struct wide *sums, const float *p, const float *number)
{
	__m256 z = _mm256_broadcast_ss(number);
	__m256 a = _mm256_sub_ps(_mm256_load_ps(p), z);
	__m256 b = _mm256_sub_ps(_mm256_load_ps(p + 8), z);

	sums->a = _mm256_add_ps(sums->a, _mm256_mul_ps(a, a));
	sums->b = _mm256_add_ps(sums->b, _mm256_mul_ps(b, b));
}

SK_TARGET_AVX2 static inline void
add_wide_weighed(struct wide *sums, const float *p, const float *number,
    __m256 weight)
{
	__m256 z = _mm256_broadcast_ss(number);
	__m256 a = _mm256_sub_ps(_mm256_load_ps(p), z);
	__m256 b = _mm256_sub_ps(_mm256_load_ps(p + 8), z);

	a = _mm256_mul_ps(_mm256_mul_ps(weight, a), a);
	b = _mm256_mul_ps(_mm256_mul_ps(weight, b), b);
	sums->a = _mm256_add_ps(sums->a, a);
	sums->b = _mm256_add_ps(sums->b, b);
}

SK_TARGET_AVX2 static inline bool
any_wide_below(const struct wide *sums, __m256 bound)
{
	return _mm256_movemask_ps(_mm256_or_ps(
	    _mm256_cmp_ps(sums->a, bound, _CMP_LT_OQ),
	    _mm256_cmp_ps(sums->b, bound, _CMP_LT_OQ))) != 0;
}

SK_TARGET_AVX2 static inline bool
block_by_eights(const struct search *search, const float *p, const float *z,
    const float *end, bool places, bool odd, struct wide *sums)
{
	__m256 bound = _mm256_set1_ps(search->bound);
	__m256 weight = _mm256_set1_ps(search->weight);

	sums->a = sums->b = _mm256_setzero_ps();
	if (places) {
		if (search->clock) {
			add_wide_weighed(sums, p, z, weight);
			add_wide_weighed(sums, p + LANES, z + 1, weight);
			if (!any_wide_below(sums, bound))
				return false;
		}
		p += 2 * LANES;
		z += 2;
	}
	if (odd) {
		add_wide(sums, p, z++);
		p += LANES;
	}
	for (; z < end; z += 2, p += 2 * LANES) {
		add_wide(sums, p, z);
		add_wide(sums, p + LANES, z + 1);
		if (!any_wide_below(sums, bound))
			return false;
	}
	return true;
}

SK_TARGET_AVX2 static void
scan_by_eights(const struct sk_library *library, struct search *search)
{
	uint32_t dims = library->dims, n = (library->n + LANES - 1) / LANES;
	struct wide sums;

	for (uint32_t i = 0; i < n; i++)
		if (block_by_eights(search,
		    library->vectors + (size_t)i * LANES * dims, search->z,
		    search->z + dims, library->clock, dims % 2 != 0, &sums)) {
			float sum[LANES];

			_mm256_storeu_ps(sum, sums.a);
			_mm256_storeu_ps(sum + 8, sums.b);
			offer_block(search, sum, i);
		}
}

#else

static void
scan_by_eights(const struct sk_library *library, struct search *search)
{
	scan_by_fours(library, search);
}

#endif

/* ---- all ---- */

/* A bound that three are below, from those that may well be near. */
static float
guess(const struct sk_library *library, struct search *search)
{
	uint32_t place[2 * BEST + 1], n = 0;
	float bound;

	for (uint32_t i = 0; i < 2 * BEST + 1; i++) {
		uint32_t p = i == 2 * BEST ? library->next + library->max - 1 :
		    library->near[i / 2] + i % 2, k = 0;

		p %= library->max;
		while (k < n && place[k] != p)
			k++;
		if (k < n || p >= library->n)
			continue;
		place[n++] = p;
		offer(search, distance(library, search, p), p);
	}
	bound = nextafterf(search->best[BEST - 1], INFINITY);
	for (uint32_t i = 0; i < BEST; i++)
		search->best[i] = INFINITY;
	return bound;
}

float
sk_library_third(struct sk_library *library, const float *z, float weight,
    bool clock)
{
	struct search search = { .z = z, .weight = weight, .clock = clock,
		.best = { INFINITY, INFINITY, INFINITY } };

	if (library->n < BEST)
		return INFINITY;
	search.bound = guess(library, &search);
	if (library->avx2)
		scan_by_eights(library, &search);
	else
		scan_by_fours(library, &search);
	memcpy(library->near, search.place, sizeof(library->near));
	return search.best[BEST - 1];
}

void
sk_library_add(struct sk_library *library, const float *z)
{
	float *p;

	if (library->n < library->max)
		reserve(library, ++library->n);
	p = vector(library, library->next);
	for (uint32_t j = 0; j < library->dims; j++)
		p[j * LANES] = z[j];
	library->next = (library->next + 1) % library->max;
}

void
sk_library_save(const struct sk_library *library, struct sk_buf *buf)
{
	sk_image_put(buf, library->n);
	sk_image_put(buf, library->next);
	for (uint32_t i = 0; i < library->n; i++) {
		const float *p = vector(library, i);

		for (uint32_t j = 0; j < library->dims; j++)
			sk_image_put_f32s(buf, p + j * LANES, 1);
	}
}

static bool
load_vectors(struct sk_library *library, struct sk_view *bytes)
{
	uint32_t n, places = library->clock ? 2 : 0;
	uint64_t next;
	float z[SK_LIBRARY_DIMS];

	if (!sk_image_take_n(bytes, sizeof(float), &n) || n > library->max ||
	    !sk_image_take(bytes, &next) || next >= library->max ||
	    (n < library->max && next != n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!sk_image_take_f32s(bytes, z, library->dims))
			return false;
		for (uint32_t j = 0; j < library->dims; j++)
			if (fabsf(z[j]) > (j < places ? 4 : SK_LIBRARY_LIMIT))
				return false;
		sk_library_add(library, z);
	}
	library->next = (uint32_t)next;
	return true;
}

bool
sk_library_load(struct sk_library *library, struct sk_view *bytes)
{
	uint32_t lags = library->dims - (library->clock ? 2 : 0);
	uint32_t max = library->max;
	bool clock = library->clock;

	sk_library_free(library);
	sk_library_init(library, lags, clock, max);
	if (load_vectors(library, bytes))
		return true;
	sk_library_free(library);
	sk_library_init(library, lags, clock, max);
	return false;
}
