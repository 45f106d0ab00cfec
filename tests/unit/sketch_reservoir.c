/*
 * Reservoirs: every set of k lines is equally likely, in one stream, however
 * it is cut, behind a load, and merged from shards of unequal sizes.  The rule
 * of the tests of chance is in chi.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "chi.h"
#include "sketch/reservoir.h"
#include "sketch/varopt.h"

/* Items are the letters from 'a' on. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

static void
add_letters(struct sk_reservoir *res, unsigned from, unsigned to,
    struct sk_rng *rng)
{
	struct sk_view item;

	for (; from < to; from++) {
		item = sk_view(letters + from, 1);
		sk_reservoir_add(res, &item, 1, from, rng);
	}
}

static unsigned
set_of(const struct sk_reservoir *res)
{
	unsigned set = 0;
	uint32_t i;

	for (i = 0; i < res->used; i++) {
		assert_int_equal(res->item[i].len, 1);
		set |= 1U << (res->item[i].ptr[0] - 'a');
	}
	return set;
}

static void
test_small(void **state)
{
	struct sk_reservoir res;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 1);
	sk_reservoir_init(&res, 5);
	add_letters(&res, 0, 5, &rng);
	assert_int_equal(res.used, 5);
	assert_int_equal(set_of(&res), 31);
	assert_false(sk_reservoir_sampling(&res));
	add_letters(&res, 5, 6, &rng);
	assert_int_equal(res.n, 6);
	assert_true(sk_reservoir_sampling(&res));
	sk_reservoir_free(&res);
}

/* All sets of 3 of 7 items. */
static void
test_sets(void **state)
{
	uint32_t count[256] = { 0 }, packed[256], runs = chi_runs(), run;
	struct sk_reservoir res;
	struct sk_rng rng;
	size_t n;

	(void)state;
	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_reservoir_init(&res, 3);
		add_letters(&res, 0, 7, &rng);
		count[set_of(&res)]++;
		sk_reservoir_free(&res);
	}
	n = chi_sets(count, 7, 3, packed);
	assert_int_equal(n, 35);
	assert_true(chi_even("3 of 7", packed, n));
}

/* Items by number, of a stream of n in batches of `batch`. */
static void
fill(struct sk_reservoir *res, uint64_t n, size_t batch, struct sk_rng *rng)
{
	struct sk_view *items = sk_xalloc(batch, sizeof(*items));
	uint64_t number;
	size_t i;

	for (i = 0; i < batch; i++)
		items[i] = sk_view(letters, 1);
	for (number = 0; number < n; number += batch)
		sk_reservoir_add(res, items, n - number < batch ?
		    (size_t)(n - number) : batch, number, rng);
	free(items);
}

static void
test_included(void **state)
{
	enum { N = 1000, K = 10 };
	uint32_t *count = sk_xcalloc(N, sizeof(*count));
	uint32_t runs = chi_runs(), run, i;
	struct sk_reservoir res;
	struct sk_rng rng;

	(void)state;
	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_reservoir_init(&res, K);
		fill(&res, N, N, &rng);
		assert_int_equal(res.used, K);
		for (i = 0; i < K; i++)
			count[res.item[i].number]++;
		sk_reservoir_free(&res);
	}
	assert_true(chi_included("10 of 1000", count, N, K, runs));
	free(count);
}

/* The same items, however they are cut into batches. */
static void
test_batches(void **state)
{
	static const size_t batches[] = { 1, 2, 7, 100, 2048, 100000 };
	struct sk_reservoir want, got;
	struct sk_rng rng;
	size_t b, i;

	(void)state;
	sk_rng_init(&rng, 5);
	sk_reservoir_init(&want, 50);
	fill(&want, 100000, 100000, &rng);
	for (b = 0; b < sizeof(batches) / sizeof(batches[0]); b++) {
		sk_rng_init(&rng, 5);
		sk_reservoir_init(&got, 50);
		fill(&got, 100000, batches[b], &rng);
		assert_int_equal(got.n, want.n);
		assert_int_equal(got.skip, want.skip);
		for (i = 0; i < 50; i++)
			assert_int_equal(got.item[i].number,
			    want.item[i].number);
		sk_reservoir_free(&got);
	}
	sk_reservoir_free(&want);
}

/* A sample that was saved and loaded goes on as fair as before. */
static void
test_loaded(void **state)
{
	uint32_t count[256] = { 0 }, packed[256], runs = chi_runs(), run;
	struct sk_reservoir res;
	struct sk_varopt opt;
	struct sk_diag diag;
	struct sk_rng rng;
	size_t n;

	(void)state;
	for (run = 0; run < runs; run++) {
		struct sk_buf image = { 0 };

		sk_rng_init(&rng, run);
		sk_reservoir_init(&res, 2);
		add_letters(&res, 0, 1 + run % 7, &rng);
		sk_reservoir_save(&res, &image);
		sk_reservoir_free(&res);
		assert_int_equal(sk_varopt_load(&opt, sk_view(image.ptr,
		    image.len), 0, &diag), 0);
		assert_true(sk_varopt_is_uniform(&opt));
		sk_varopt_to_reservoir(&opt, &res);
		add_letters(&res, 1 + run % 7, 8, &rng);
		count[set_of(&res)]++;
		sk_reservoir_free(&res);
		sk_buf_free(&image);
	}
	n = chi_sets(count, 8, 2, packed);
	assert_int_equal(n, 28);
	assert_true(chi_even("2 of 8, loaded", packed, n));
}

/* Shards of ka of na and kb of nb items, merged into k places, then `more`
 * items: sets of the result among all. */
static void
merge(const char *what, unsigned na, uint32_t ka, unsigned nb, uint32_t kb,
    unsigned more, unsigned want_k)
{
	uint32_t count[256] = { 0 }, packed[256], runs = chi_runs(), run;
	struct sk_reservoir a, b;
	struct sk_rng rng;
	size_t n;

	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_reservoir_init(&a, ka);
		sk_reservoir_init(&b, kb);
		add_letters(&a, 0, na, &rng);
		add_letters(&b, na, na + nb, &rng);
		sk_reservoir_merge(&a, &b, &rng);
		assert_int_equal(a.n, na + nb);
		assert_null(b.item);
		add_letters(&a, na + nb, na + nb + more, &rng);
		count[set_of(&a)]++;
		sk_reservoir_free(&a);
	}
	n = chi_sets(count, na + nb + more, want_k, packed);
	assert_true(n > 0);
	assert_true(n == 1 || chi_even(what, packed, n));
}

static void
test_merge(void **state)
{
	(void)state;
	merge("both sampled", 5, 2, 3, 2, 0, 2);
	merge("one sampled, one whole", 6, 3, 2, 3, 0, 3);
	merge("one whole, one sampled", 1, 3, 6, 3, 0, 3);
	merge("both whole, too many", 3, 3, 3, 3, 0, 3);
	merge("both whole, all fit", 3, 8, 3, 8, 0, 6);
	merge("places differ", 4, 3, 4, 2, 0, 2);
	merge("a whole one of few places", 6, 3, 2, 2, 0, 3);
	merge("nothing and a sample", 0, 4, 8, 2, 0, 2);
	merge("a sample and nothing", 8, 2, 0, 4, 0, 2);
	merge("and it goes on", 3, 2, 2, 2, 3, 2);
	merge("goes on behind whole ones", 1, 3, 1, 3, 5, 3);
}

/* As many from each side as if all had been one: hypergeometric. */
static void
test_merge_shares(void **state)
{
	enum { K = 20 };
	uint32_t runs = chi_runs() / 10, run, i;
	double p = 0.9, mean = 0, variance, limit;
	struct sk_reservoir a, b;
	struct sk_rng rng;

	(void)state;
	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_reservoir_init(&a, K);
		sk_reservoir_init(&b, K);
		fill(&a, 9000, 9000, &rng);
		fill(&b, 1000, 1000, &rng);
		for (i = 0; i < K; i++)
			b.item[i].number = UINT64_MAX;
		sk_reservoir_merge(&a, &b, &rng);
		assert_int_equal(a.used, K);
		for (i = 0; i < K; i++)
			mean += a.item[i].number != UINT64_MAX;
		sk_reservoir_free(&a);
	}
	variance = K * p * (1 - p) * (10000 - K) / 9999;
	limit = CHI_LIMIT * sqrt(variance / runs);
	assert_true(fabs(mean / runs - K * p) < limit);
}

/* Gaps of a Bernoulli sample are geometric. */
static void
test_skip(void **state)
{
	enum { BINS = 30 };
	uint32_t count[BINS + 1] = { 0 }, runs = 10 * chi_runs(), run;
	double p = 0.1, statistic = 0, share, left = 1;
	struct sk_rng rng;
	uint64_t skip;
	int i;

	(void)state;
	sk_rng_init(&rng, 3);
	for (run = 0; run < runs; run++) {
		skip = sk_sample_skip(&rng, p);
		count[skip < BINS ? skip : BINS]++;
	}
	for (i = 0; i <= BINS; i++) {
		share = i < BINS ? left * p : left;
		left -= share;
		statistic += pow(count[i] - runs * share, 2) / (runs * share);
	}
	assert_true(chi_holds("gaps", statistic, BINS));
	assert_int_equal(sk_sample_skip(&rng, 1), 0);
	assert_true(sk_sample_skip(&rng, 0) == UINT64_C(1) << 62);
}

static void
test_below(void **state)
{
	uint32_t count[7] = { 0 }, i;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 9);
	for (i = 0; i < 70000; i++)
		count[sk_sample_below(&rng, 7)]++;
	assert_true(chi_even("below 7", count, 7));
	for (i = 0; i < 1000; i++)
		assert_true(sk_sample_below(&rng, (UINT64_C(1) << 63) + 1) <=
		    UINT64_C(1) << 63);
}

/* A huge n costs no time and stays in range. */
static void
test_huge(void **state)
{
	struct sk_reservoir res, none;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 2);
	sk_reservoir_init(&res, 3);
	add_letters(&res, 0, 4, &rng);
	res.n = UINT64_C(1) << 47;
	sk_reservoir_init(&none, 3);
	sk_reservoir_merge(&res, &none, &rng);
	add_letters(&res, 4, 20, &rng);
	assert_int_equal(res.n, (UINT64_C(1) << 47) + 16);
	assert_true(res.skip > 1000);
	sk_reservoir_free(&res);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_included),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_loaded),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_shares),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
