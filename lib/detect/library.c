/*
 * Vectors stand in blocks of 16, number by number:
 *
 *	block 0: x of 0..15 | y of 0..15 | lag 1 of 0..15 | lag 2 ... | block 1
 *
 * so 16 distances grow side by side, four or eight in a register.  Squares are
 * not negative and rounding keeps order, so a block is left as soon as all of
 * its sums have reached the third best; that loses nothing.  The blocks that
 * had the nearest last time come first, for streams go on as they did before,
 * and give a bound that most others do not get below.
 *
 * Each sum is made in the order of the numbers, without fused operations: then
 * it has the same bits in any width.  What is not in use is infinite.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/mem.h"
#include "detect/library.h"

#if SK_AVX2
#include <immintrin.h>
#endif

#define LANES 16
#define BEST 3
#define HALF 6 /* lags, behind which a block may be left */

typedef float fours __attribute__((vector_size(16)));
typedef int32_t int_fours __attribute__((vector_size(16)));

/* What is sought, and the nearest so far. */
struct search {
	const float *z;
	float weight;
	bool clock;      /* the places count */
	uint32_t places; /* numbers in front of the lags */
	uint32_t lags;
	float best[BEST];
	uint32_t block[BEST]; /* those that had one of the best, in turn */
	uint32_t nblocks;
};

void
sk_library_init(struct sk_library *library, uint32_t lags, bool clock,
    uint32_t max)
{
	sk_assert((lags >= 2 && lags <= 4) || lags == 6 || lags == 12);
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

/* Those sums of a block that `near` has a bit for; no branch depends on what
 * they are. */
static inline void
offer(struct search *search, uint32_t block, const float *sum, uint32_t near)
{
	float first = search->best[0], second = search->best[1];
	float third = search->best[2];

	for (; near != 0; near &= near - 1) {
		float x = sum[__builtin_ctz(near)], y = x > first ? x : first;

		first = x < first ? x : first;
		x = y > second ? y : second;
		second = y < second ? y : second;
		third = x < third ? x : third;
	}
	search->best[0] = first;
	search->best[1] = second;
	search->best[2] = third;
	search->block[search->nblocks++ % BEST] = block;
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
add_all(struct sums *sums, const float *p, const fours *z, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(sums, p + i * LANES, z[i]);
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

/* A bit for each sum that is below. */
static inline uint32_t
below(const struct sums *sums, float bound)
{
	const int_fours bit = { 1, 2, 4, 8 };
	fours than = { bound, bound, bound, bound };
	int_fours is = ((sums->a < than) & bit) |
	    ((sums->b < than) & (bit << 4)) |
	    ((sums->c < than) & (bit << 8)) |
	    ((sums->d < than) & (bit << 12));
	uint64_t half[2];

	memcpy(half, &is, sizeof(half));
	half[0] |= half[1];
	return (uint32_t)(half[0] | half[0] >> 32);
}

/* The sums of a block; false: none of them is below the bound. */
static inline bool
sum_by_fours(const struct search *search, const float *p, const fours *z,
    struct sums *sums)
{
	uint32_t lags = search->lags;
	float w = search->weight;

	*sums = (struct sums){ .a = { 0 } };
	if (search->clock) {
		add_weighed(sums, p, z[0], (fours){ w, w, w, w });
		add_weighed(sums, p + LANES, z[1], (fours){ w, w, w, w });
		if (below(sums, search->best[BEST - 1]) == 0)
			return false;
	}
	p += search->places * LANES;
	z += search->places;
	if (lags > HALF) {
		add_all(sums, p, z, HALF);
		if (below(sums, search->best[BEST - 1]) == 0)
			return false;
		p += HALF * LANES;
		z += HALF;
		lags -= HALF;
	}
	add_all(sums, p, z, lags);
	return true;
}

/* The blocks from `i` up to `end`. */
static void
scan_by_fours(const struct sk_library *library, struct search *search,
    uint32_t i, uint32_t end)
{
	uint32_t dims = library->dims, near;
	fours z[SK_LIBRARY_DIMS] = { { 0 } };
	float sum[LANES];
	struct sums sums;

	for (uint32_t j = 0; j < dims; j++) {
		float x = search->z[j];

		z[j] = (fours){ x, x, x, x };
	}
	for (; i < end; i++) {
		if (!sum_by_fours(search, library->vectors +
		    (size_t)i * LANES * dims, z, &sums))
			continue;
		near = below(&sums, search->best[BEST - 1]);
		if (near == 0)
			continue;
		memcpy(sum, &sums, sizeof(sum));
		offer(search, i, sum, near);
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
add_wide_six(struct wide *sums, const float *p, const float *z)
{
	add_wide(sums, p, z);
	add_wide(sums, p + LANES, z + 1);
	add_wide(sums, p + 2 * LANES, z + 2);
	add_wide(sums, p + 3 * LANES, z + 3);
	add_wide(sums, p + 4 * LANES, z + 4);
	add_wide(sums, p + 5 * LANES, z + 5);
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

SK_TARGET_AVX2 static inline uint32_t
below_wide(const struct wide *sums, __m256 bound)
{
	int a = _mm256_movemask_ps(_mm256_cmp_ps(sums->a, bound, _CMP_LT_OQ));
	int b = _mm256_movemask_ps(_mm256_cmp_ps(sums->b, bound, _CMP_LT_OQ));

	return (uint32_t)(a | b << 8);
}

SK_TARGET_AVX2 static inline bool
sum_by_eights(const struct search *search, const float *p, __m256 bound,
    struct wide *sums)
{
	const float *z = search->z;
	uint32_t lags = search->lags;

	sums->a = sums->b = _mm256_setzero_ps();
	if (search->clock) {
		__m256 weight = _mm256_set1_ps(search->weight);

		add_wide_weighed(sums, p, z, weight);
		add_wide_weighed(sums, p + LANES, z + 1, weight);
		if (below_wide(sums, bound) == 0)
			return false;
	}
	p += search->places * LANES;
	z += search->places;
	if (lags == 12) {
		add_wide_six(sums, p, z);
		if (below_wide(sums, bound) == 0)
			return false;
		p += 6 * LANES;
		z += 6;
	}
	if (lags >= 6) {
		add_wide_six(sums, p, z);
		return true;
	}
	add_wide(sums, p, z);
	add_wide(sums, p + LANES, z + 1);
	if (lags > 2)
		add_wide(sums, p + 2 * LANES, z + 2);
	if (lags > 3)
		add_wide(sums, p + 3 * LANES, z + 3);
	return true;
}

SK_TARGET_AVX2 static void
scan_by_eights(const struct sk_library *library, struct search *search,
    uint32_t i, uint32_t end)
{
	__m256 bound = _mm256_set1_ps(search->best[BEST - 1]);
	uint32_t near;
	float sum[LANES];
	struct wide sums;

	for (; i < end; i++) {
		if (!sum_by_eights(search, library->vectors +
		    (size_t)i * LANES * library->dims, bound, &sums))
			continue;
		near = below_wide(&sums, bound);
		if (near == 0)
			continue;
		_mm256_storeu_ps(sum, sums.a);
		_mm256_storeu_ps(sum + 8, sums.b);
		offer(search, i, sum, near);
		bound = _mm256_set1_ps(search->best[BEST - 1]);
	}
}

#else

static void
scan_by_eights(const struct sk_library *library, struct search *search,
    uint32_t i, uint32_t end)
{
	scan_by_fours(library, search, i, end);
}

#endif

/* ---- all ---- */

/* The blocks that had the nearest, in order, each once. */
static uint32_t
blocks_first(const struct sk_library *library, uint32_t *block)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < BEST; i++) {
		uint32_t b = library->near[i], k = n;

		while (k > 0 && block[k - 1] > b)
			k--;
		if (k > 0 && block[k - 1] == b)
			continue;
		memmove(block + k + 1, block + k, (n - k) * sizeof(*block));
		block[k] = b;
		n++;
	}
	return n;
}

static void
scan(const struct sk_library *library, struct search *search, uint32_t i,
    uint32_t end)
{
	if (library->avx2)
		scan_by_eights(library, search, i, end);
	else
		scan_by_fours(library, search, i, end);
}

float
sk_library_third(struct sk_library *library, const float *z, float weight,
    bool clock)
{
	uint32_t n = (library->n + LANES - 1) / LANES;
	uint32_t places = library->clock ? 2 : 0, at = 0, nfirst, first[BEST];
	struct search search = { .z = z, .weight = weight,
		.clock = clock && library->clock, .places = places,
		.lags = library->dims - places,
		.best = { INFINITY, INFINITY, INFINITY } };

	if (library->n < BEST)
		return INFINITY;
	nfirst = blocks_first(library, first);
	for (uint32_t i = 0; i < nfirst; i++)
		scan(library, &search, first[i], first[i] + 1);
	for (uint32_t i = 0; i < nfirst; i++) {
		scan(library, &search, at, first[i]);
		at = first[i] + 1;
	}
	scan(library, &search, at, n);
	memcpy(library->near, search.block, sizeof(library->near));
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
