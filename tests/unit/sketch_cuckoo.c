/* sketch/cuckoo: nothing that was added is missing, the share of what is found
 * without having been added, generations, and images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sketch/cuckoo.h"

enum { N = 100000, PROBES = 2000000 };

static uint64_t
hash(uint64_t seed, uint64_t i)
{
	struct sk_rng rng;

	sk_rng_init(&rng, seed << 40 ^ i);
	return sk_rng_next(&rng);
}

static void
fill(struct sk_cuckoo *filter, uint64_t seed, uint64_t n, unsigned generation)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if (!sk_cuckoo_has(filter, hash(seed, i)))
			assert_true(sk_cuckoo_add(filter, hash(seed, i),
			    generation));
}

static uint64_t
count(const struct sk_cuckoo *filter, uint64_t seed, uint64_t n)
{
	uint64_t i, found = 0;

	for (i = 0; i < n; i++)
		found += sk_cuckoo_has(filter, hash(seed, i));
	return found;
}

static void
takes_its_capacity(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 7, 20, 1000, 65536, N };
	struct sk_cuckoo filter;
	uint64_t seed;
	size_t s;

	(void)state;
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (seed = 1; seed <= 5; seed++) {
			sk_cuckoo_init(&filter, sizes[s], seed % 2 == 0);
			fill(&filter, seed, sizes[s], 1);
			assert_int_equal(count(&filter, seed, sizes[s]),
			    sizes[s]);
			sk_cuckoo_free(&filter);
		}
}

/* A full filter errs with 8 x 0.95 / 2^13 = 0.0928 %: of two million probes
 * 1855, with a deviation of 43. */
static void
errs_as_stated(void **state)
{
	struct sk_cuckoo filter;
	uint64_t found;

	(void)state;
	sk_cuckoo_init(&filter, N, false);
	fill(&filter, 1, N, 1);
	found = count(&filter, 2, PROBES);
	print_message("error %.4f %%\n", 100.0 * (double)found / PROBES);
	assert_true(found > 1855 - 5 * 43);
	assert_true(found < 1855 + 5 * 43);
	assert_true((double)found / PROBES < SK_CUCKOO_ERROR * 1.05);
	sk_cuckoo_free(&filter);
	sk_cuckoo_init(&filter, N, true);
	fill(&filter, 1, N, 1);
	assert_true(count(&filter, 2, PROBES) <= 3);
	sk_cuckoo_free(&filter);
}

static void
forgets_generations(void **state)
{
	struct sk_cuckoo filter;
	unsigned round, tag;
	uint64_t left;

	(void)state;
	sk_cuckoo_init(&filter, N, true);
	for (round = 1; round < 40; round++) {
		tag = round % SK_CUCKOO_GENERATIONS + 1;
		left = sk_cuckoo_forget(&filter, 1U << tag);
		if (round > SK_CUCKOO_GENERATIONS)
			assert_true(left > 0);
		assert_int_equal(sk_cuckoo_forget(&filter, 1U << tag), 0);
		fill(&filter, round, round % 3 == 0 ? N / 8 : 50, tag);
		if (round <= 6)
			continue;
		left = round % 3 == 0 ? N / 8 : 50;
		assert_int_equal(count(&filter, round, left), left);
		left = (round - 6) % 3 == 0 ? N / 8 : 50;
		assert_int_equal(count(&filter, round - 6, left), left);
		if (round > 7)
			assert_true(count(&filter, round - 7, 50) <= 1);
	}
	assert_true(filter.n > 0);
	sk_cuckoo_forget(&filter, 0xfe);
	assert_int_equal(filter.n, 0);
	assert_int_equal(count(&filter, 39, N / 8), 0);
	sk_cuckoo_free(&filter);
}

static void
pushes_out_when_full(void **state)
{
	struct sk_cuckoo filter;
	uint64_t i, lost = 0, found;

	(void)state;
	sk_cuckoo_init(&filter, 1000, true);
	for (i = 0; i < 1500; i++)
		lost += !sk_cuckoo_add(&filter, hash(1, i), 1);
	found = count(&filter, 1, 1500);
	assert_true(lost > 300);
	assert_int_equal(found, 1500 - lost);
	assert_int_equal(filter.n, found);
	sk_cuckoo_free(&filter);
}

static void
goes_on_from_an_image(void **state)
{
	struct sk_cuckoo one, two;
	struct sk_buf a = { 0 }, b = { 0 };
	struct sk_diag diag;
	struct sk_view view;
	int wide;

	(void)state;
	for (wide = 0; wide < 2; wide++) {
		sk_cuckoo_init(&one, 5000, wide);
		sk_cuckoo_init(&two, 5000, wide);
		fill(&one, 1, 4000, 3);
		sk_buf_reset(&a);
		sk_cuckoo_save(&one, &a);
		view = sk_view(a.ptr, a.len - 1);
		assert_int_equal(sk_cuckoo_load(&two, &view, &diag), SK_EDATA);
		view = sk_view(a.ptr, a.len);
		assert_int_equal(sk_cuckoo_load(&two, &view, &diag), 0);
		assert_int_equal(view.len, 0);
		assert_int_equal(two.n, one.n);
		fill(&one, 2, 900, 4);
		fill(&two, 2, 900, 4);
		assert_int_equal(sk_cuckoo_forget(&one, 1 << 3),
		    sk_cuckoo_forget(&two, 1 << 3));
		sk_buf_reset(&a);
		sk_buf_reset(&b);
		sk_cuckoo_save(&one, &a);
		sk_cuckoo_save(&two, &b);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.ptr, b.ptr, a.len);
		sk_cuckoo_free(&one);
		sk_cuckoo_free(&two);
	}
	sk_buf_free(&a);
	sk_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_its_capacity),
		cmocka_unit_test(errs_as_stated),
		cmocka_unit_test(forgets_generations),
		cmocka_unit_test(pushes_out_when_full),
		cmocka_unit_test(goes_on_from_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
