/* t-digest against exact answers, and the images of its author's library. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "sketch/sort.h"
#include "sketch/tdigest.h"

static double *
lognormal(uint64_t seed, size_t n)
{
	double *value = sk_xalloc(n, sizeof(*value));
	struct sk_rng rng;

	sk_rng_init(&rng, seed);
	for (size_t i = 0; i < n; i++) {
		double sum = -6;

		for (int j = 0; j < 12; j++)
			sum += (double)(sk_rng_next(&rng) >> 11) / 0x1p53;
		value[i] = exp(1.5 * sum);
	}
	return value;
}

static double
rank_of(const double *sorted, size_t n, double x)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return (double)low / (double)n;
}

/* Within about thrice the errors that were measured of it; questions and their
 * answers agree, and rise. */
static void
check(const struct sk_tdigest *digest, const double *sorted, size_t n)
{
	static const double rank[] = { 0.0001, 0.001, 0.01, 0.5, 0.99, 0.999,
		0.9999 };
	double last = -INFINITY, value, off, most;

	assert_int_equal(digest->n, n);
	assert_true(digest->min == sorted[0] && digest->max == sorted[n - 1]);
	for (size_t i = 0; i < 7; i++) {
		value = sk_tdigest_quantile(digest, rank[i]);
		most = 0.01 * rank[i] * (1 - rank[i]) + 2.0 / (double)n;
		off = fabs(rank_of(sorted, n, value) - rank[i]);
		if (off > most)
			fail_msg("n %zu at %g: off by %g", n, rank[i], off);
		off = fabs(sk_tdigest_rank(digest, value) - rank[i]);
		if (off > 1.0 / (double)n)
			fail_msg("n %zu: %g is not at %g", n, value, rank[i]);
	}
	for (int i = 0; i <= 1000; i++) {
		value = sk_tdigest_quantile(digest, i / 1000.0);
		assert_true(value >= last);
		last = value;
	}
}

static void
test_error(void **state)
{
	static const size_t sizes[] = { 1, 2, 10, 300, 2000, 100000, 1000000 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		size_t n = sizes[s];
		double *value = lognormal(s + 1, n);
		struct sk_tdigest digest;

		sk_tdigest_init(&digest, SK_TDIGEST_K);
		for (size_t i = 0; i < n; i++)
			sk_tdigest_add(&digest, value[i]);
		sk_tdigest_compress(&digest);
		sk_sort_f64(value, n);
		check(&digest, value, n);
		assert_true(16 * digest.ncentroids <= 5120);
		sk_tdigest_free(&digest);
		free(value);
	}
}

/* In either order. */
static void
test_merge(void **state)
{
	enum { PARTS = 7, EACH = 30000, N = PARTS * EACH };
	double *value = lognormal(1, N);
	double *sorted = sk_xalloc(N, sizeof(*sorted));

	(void)state;
	memcpy(sorted, value, N * sizeof(*sorted));
	sk_sort_f64(sorted, N);
	for (int back = 0; back < 2; back++) {
		struct sk_tdigest part, all;

		sk_tdigest_init(&all, SK_TDIGEST_K);
		for (size_t p = 0; p < PARTS; p++) {
			size_t from = (back ? PARTS - 1 - p : p) * EACH;

			sk_tdigest_init(&part, SK_TDIGEST_K);
			for (size_t i = from; i < from + EACH; i++)
				sk_tdigest_add(&part, value[i]);
			assert_true(sk_tdigest_merge(&all, &part));
			sk_tdigest_free(&part);
		}
		sk_tdigest_compress(&all);
		check(&all, sorted, N);
		sk_tdigest_free(&all);
	}
	free(value);
	free(sorted);
}

static void
test_weights(void **state)
{
	struct sk_tdigest digest;

	(void)state;
	sk_tdigest_init(&digest, SK_TDIGEST_K);
	assert_true(isnan(sk_tdigest_quantile(&digest, 0.5)));
	sk_tdigest_add(&digest, NAN);
	sk_tdigest_add(&digest, INFINITY);
	assert_int_equal(digest.n, 0);
	assert_true(sk_tdigest_add_weighted(&digest, 1, 10));
	assert_true(sk_tdigest_add_weighted(&digest, 2, 0));
	assert_true(sk_tdigest_add_weighted(&digest, 3, 90));
	assert_int_equal(digest.n, 100);
	assert_true(sk_tdigest_quantile(&digest, 0.05) == 1);
	assert_true(sk_tdigest_quantile(&digest, 0.9) == 3);
	assert_false(sk_tdigest_add_weighted(&digest, 3, UINT64_C(1) << 60));
	assert_int_equal(digest.n, 100);
	sk_tdigest_free(&digest);
}

/* Numbers so far apart that their distance is no double. */
static void
test_far_apart(void **state)
{
	static const double value[4] = { -1.7e308, 0, 1.6e308, 1.7e308 };
	struct sk_tdigest digest, merged;
	double at, before = -INFINITY;

	(void)state;
	sk_tdigest_init(&digest, SK_TDIGEST_K);
	sk_tdigest_init(&merged, SK_TDIGEST_K_MIN);
	for (int i = 0; i < 40000; i++)
		sk_tdigest_add(&digest, value[i % 4]);
	sk_tdigest_compress(&digest);
	assert_true(sk_tdigest_merge(&merged, &digest));
	assert_true(sk_tdigest_merge(&merged, &digest));
	for (int i = 0; i <= 1000; i++) {
		at = sk_tdigest_quantile(&digest, i / 1000.0);
		assert_true(at >= before && at <= value[3]);
		before = at;
		at = sk_tdigest_quantile(&merged, i / 1000.0);
		assert_true(at >= value[0] && at <= value[3]);
	}
	for (int i = 0; i < 4; i++) {
		at = sk_tdigest_rank(&digest, value[i]);
		assert_true(fabs(at - (i + 1) / 4.0) < 0.02);
	}
	sk_tdigest_free(&digest);
	sk_tdigest_free(&merged);
}

/* A share of weights whose sum no double can hold is a share still. */
static void
test_great_weights(void **state)
{
	struct sk_centroid list[15];
	struct sk_tdigest digest = { .centroid = list, .ncentroids = 15,
		.k = SK_TDIGEST_K, .max = 15 };
	double last = 0, share;

	(void)state;
	for (int i = 0; i < 15; i++) {
		list[i].mean = i;
		list[i].weight = (UINT64_C(1) << 53) + 10;
		digest.n += list[i].weight;
	}
	for (int i = 1; i <= 1500; i++) {
		share = sk_tdigest_rank(&digest, nextafter(i / 100.0, 0));
		assert_true(share >= last && share <= 1);
		last = share;
	}
}

/* Two centroids of weights 1 and 2 at 2 and 5, k 100, with doubles and with
 * floats. */
static void
test_author(void **state)
{
	static const char wide[] = "\0\0\0\1\x40\0\0\0\0\0\0\0"
	    "\x40\x18\0\0\0\0\0\0\x40\x59\0\0\0\0\0\0\0\0\0\2"
	    "\x3f\xf0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0"
	    "\x40\0\0\0\0\0\0\0\x40\x14\0\0\0\0\0\0";
	static const char small[] = "\0\0\0\2\x40\0\0\0\0\0\0\0"
	    "\x40\x18\0\0\0\0\0\0\x42\xc8\0\0\0\x10\0\x20\0\2"
	    "\x3f\x80\0\0\x40\0\0\0\x40\0\0\0\x40\xa0\0\0";
	const struct sk_view image[2] = { { wide, sizeof(wide) - 1 },
		{ small, sizeof(small) - 1 } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sk_tdigest digest;
		struct sk_diag diag;

		if (sk_tdigest_load(&digest, image[i], &diag) != 0)
			fail_msg("form %d: %s", i, diag.text);
		assert_int_equal(digest.k, 100);
		assert_int_equal(digest.n, 3);
		assert_int_equal(digest.ncentroids, 2);
		assert_true(digest.min == 2 && digest.max == 6);
		assert_true(digest.centroid[1].mean == 5 &&
		    digest.centroid[1].weight == 2);
		sk_tdigest_free(&digest);
		for (size_t cut = 0; cut < image[i].len; cut++)
			assert_true(sk_tdigest_load(&digest,
			    sk_view(image[i].ptr, cut), NULL) < 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_far_apart),
		cmocka_unit_test(test_great_weights),
		cmocka_unit_test(test_author),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
