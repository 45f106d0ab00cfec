/*
 * Libraries against a search through all vectors, with and without AVX2.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "detect/library.h"

#define MAX 200

/* The last MAX vectors, each anywhere. */
struct naive {
	uint32_t dims, n;
	float vector[MAX][SK_LIBRARY_DIMS];
};

static float
naive_third(const struct naive *naive, const float *z, float weight,
    uint32_t places)
{
	float best[3] = { INFINITY, INFINITY, INFINITY };
	uint32_t n = naive->n < MAX ? naive->n : MAX;

	for (uint32_t i = 0; i < n; i++) {
		float sum = 0;

		for (uint32_t j = 0; j < naive->dims; j++) {
			float d = naive->vector[i][j] - z[j];

			sum += j < places ? weight * d * d : d * d;
		}
		for (int k = 0; k < 3; k++)
			if (sum < best[k]) {
				float worse = best[k];

				best[k] = sum;
				sum = worse;
			}
	}
	return best[2];
}

static float
uniform(struct sk_rng *rng)
{
	return (float)(sk_rng_next(rng) >> 40) / (1 << 24) - 0.5F;
}

/* Values that jump about, that walk, that repeat, and that are all alike. */
static void
draw(uint32_t how, uint32_t i, float *z, uint32_t dims, struct sk_rng *rng)
{
	for (uint32_t j = 0; j < dims; j++)
		switch (how) {
		case 0:
			z[j] = uniform(rng);
			break;
		case 1:
			z[j] += uniform(rng) / 8;
			break;
		case 2:
			z[j] = sinf((float)(i + j) / 7);
			break;
		default:
			z[j] = 0.25F;
		}
}

static void
compare(uint32_t lags, bool clock, uint32_t how)
{
	static struct naive naive;
	struct sk_library library, narrow;
	uint32_t places = clock ? 2 : 0;
	float z[SK_LIBRARY_DIMS] = { 0 };
	struct sk_rng rng = { lags + how };

	naive = (struct naive){ .dims = lags + places };
	sk_library_init(&library, lags, clock, MAX);
	sk_library_init(&narrow, lags, clock, MAX);
	narrow.avx2 = false;
	for (uint32_t i = 0; i < 3 * MAX; i++) {
		float weight = (float)(i % 7), third;

		draw(how, i, z, lags + places, &rng);
		third = naive_third(&naive, z, weight, places);
		assert_true(sk_library_third(&library, z, weight, true) ==
		    third);
		assert_true(sk_library_third(&narrow, z, weight, true) ==
		    third);
		if (i % 3 == 2)
			continue;
		memcpy(naive.vector[naive.n++ % MAX], z, sizeof(z));
		sk_library_add(&library, z);
		sk_library_add(&narrow, z);
	}
	assert_int_equal(library.n, MAX);
	sk_library_free(&library);
	sk_library_free(&narrow);
}

static void
finds_the_third_of_all(void **state)
{
	(void)state;
	for (uint32_t how = 0; how < 4; how++) {
		compare(4, true, how);
		compare(12, true, how);
		compare(6, true, how);
		compare(3, false, how);
		compare(12, false, how);
		compare(2, false, how);
	}
}

static void
knows_no_third_of_two(void **state)
{
	struct sk_library library;
	const float z[2] = { 1, 2 }, far[2] = { 4, 6 };

	(void)state;
	sk_library_init(&library, 2, false, 100);
	for (int i = 0; i < 3; i++) {
		assert_true(isinf(sk_library_third(&library, z, 1, true)));
		sk_library_add(&library, far);
	}
	assert_true(sk_library_third(&library, z, 1, true) == 25);
	sk_library_free(&library);
}

static void
leaves_out_places_that_are_alike(void **state)
{
	struct sk_library library;
	struct sk_rng rng = { 1 };
	float z[6] = { 0 };

	(void)state;
	sk_library_init(&library, 4, true, MAX);
	for (uint32_t i = 0; i < 300; i++) {
		draw(0, i, z + 2, 4, &rng);
		assert_true(sk_library_third(&library, z, 3, true) ==
		    sk_library_third(&library, z, 3, false));
		sk_library_add(&library, z);
	}
	sk_library_free(&library);
}

/* The largest numbers that are allowed still have a distance. */
static void
stays_finite(void **state)
{
	struct sk_library library;
	float z[14] = { 3.5F, 0 }, far[14] = { -3.5F, 0 };

	(void)state;
	for (int j = 2; j < 14; j++) {
		z[j] = SK_LIBRARY_LIMIT;
		far[j] = -SK_LIBRARY_LIMIT;
	}
	sk_library_init(&library, 12, true, 17);
	for (int i = 0; i < 17; i++)
		sk_library_add(&library, far);
	assert_true(isfinite(sk_library_third(&library, z, 4e36F, true)));
	assert_true(sk_library_third(&library, far, 0, true) == 0);
	sk_library_free(&library);
}

static void
fill(struct sk_library *library, uint32_t n)
{
	struct sk_rng rng = { 3 };
	float z[6] = { 0 };

	sk_library_init(library, 4, true, 40);
	for (uint32_t i = 0; i < n; i++) {
		draw(0, i, z, 6, &rng);
		sk_library_add(library, z);
	}
}

static void
goes_on_when_loaded(void **state)
{
	static const uint32_t cuts[] = { 0, 1, 15, 16, 39, 40, 41, 63 };

	(void)state;
	for (size_t c = 0; c < sizeof(cuts) / sizeof(*cuts); c++) {
		struct sk_library library, loaded;
		struct sk_rng rng = { c };
		struct sk_buf buf = { 0 };
		struct sk_view bytes;
		float z[6] = { 0 };

		fill(&library, cuts[c]);
		fill(&loaded, 20);
		sk_library_save(&library, &buf);
		bytes = sk_view(buf.ptr, buf.len);
		assert_true(sk_library_load(&loaded, &bytes));
		assert_int_equal(bytes.len, 0);
		for (uint32_t i = 0; i < 90; i++) {
			draw(0, i, z, 6, &rng);
			assert_true(sk_library_third(&library, z, 1, true) ==
			    sk_library_third(&loaded, z, 1, true));
			sk_library_add(&library, z);
			sk_library_add(&loaded, z);
		}
		sk_library_free(&library);
		sk_library_free(&loaded);
		sk_buf_free(&buf);
	}
}

static bool
loads(const char *ptr, size_t len)
{
	struct sk_library library;
	struct sk_view bytes = sk_view(ptr, len);
	bool taken;

	sk_library_init(&library, 4, true, 40);
	taken = sk_library_load(&library, &bytes);
	assert_true(taken || (library.n == 0 && library.max == 40));
	sk_library_free(&library);
	return taken;
}

static bool
loads_with(const struct sk_buf *image, size_t at, uint32_t word)
{
	struct sk_buf buf = { 0 };
	bool taken;

	sk_buf_add(&buf, image->ptr, image->len);
	sk_put32(buf.ptr + at, word);
	taken = loads(buf.ptr, buf.len);
	sk_buf_free(&buf);
	return taken;
}

static void
refuses_what_is_damaged(void **state)
{
	struct sk_library library;
	struct sk_buf buf = { 0 };

	(void)state;
	fill(&library, 20);
	sk_library_save(&library, &buf);
	assert_int_equal(buf.len, 16 + 20 * 6 * 4);
	for (size_t len = 0; len < buf.len; len++)
		assert_false(loads(buf.ptr, len));
	assert_true(loads(buf.ptr, buf.len));
	assert_false(loads_with(&buf, 0, 19));
	assert_false(loads_with(&buf, 0, 41));
	assert_false(loads_with(&buf, 4, 1));
	assert_false(loads_with(&buf, 8, 21));
	assert_false(loads_with(&buf, 12, 1));
	assert_true(loads_with(&buf, 16, 0x40800000));  /* a place: 4 */
	assert_false(loads_with(&buf, 16, 0x40a00000)); /* 5 */
	assert_true(loads_with(&buf, 24, 0x40a00000));  /* a lag */
	assert_false(loads_with(&buf, 24, 0x5f000000)); /* 9e18 */
	assert_false(loads_with(&buf, 24, 0x7fc00000)); /* NaN */
	sk_buf_reset(&buf);
	sk_library_free(&library);
	fill(&library, 57);
	sk_library_save(&library, &buf);
	assert_true(loads_with(&buf, 8, 39));
	assert_false(loads_with(&buf, 8, 40));
	sk_buf_free(&buf);
	sk_library_free(&library);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_third_of_all),
		cmocka_unit_test(knows_no_third_of_two),
		cmocka_unit_test(leaves_out_places_that_are_alike),
		cmocka_unit_test(stays_finite),
		cmocka_unit_test(goes_on_when_loaded),
		cmocka_unit_test(refuses_what_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
