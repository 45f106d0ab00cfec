/*
 * HLL sketches of synthetic hashes, which cannot repeat: the root mean square
 * of their errors against theory, bounds against what they promise, and what
 * two sketches have in common.
 *
 * SK_LONG=1 takes 10000 streams for each size, which know the rms to 0.7 %.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sketch/hll_overlap.h"
#include "sketch/hll_parts.h"

static bool
is_long(void)
{
	return getenv("SK_LONG") != NULL;
}

static uint32_t
draw(struct sk_rng *rng)
{
	struct sk_murmur h = { sk_rng_next(rng), 0 };

	h.h2 = sk_rng_next(rng);
	return sk_hll_coupon(h);
}

static void
add_drawn(struct sk_hll *hll, struct sk_rng *rng, uint64_t n)
{
	for (; n > 0 && hll->mode != SK_HLL_HLL; n--)
		sk_hll_add_coupon(hll, draw(rng));
	for (; n > 0; n--) {
		uint32_t coupon = draw(rng);

		if (sk_hll_value(coupon) >
		    hll->regs[coupon & (sk_hll_size(hll) - 1)])
			sk_hll_add_coupon(hll, coupon);
	}
}

/* ---- errors against theory ---- */

/* The chance that the next item changes a sketch of n: registers are taken as
 * independent, with n/K items each. */
static double
chance(double n, double k)
{
	double sum = exp(-n / k);

	for (int r = 1; r < 60; r++)
		sum += ldexp(exp(-ldexp(n / k, -r)) -
		    exp(-ldexp(n / k, 1 - r)), -r);
	return sum;
}

/* The relative standard error of the HIP estimate of n: items up to the first
 * register are counted exactly, each later one adds 1/chance - 1 to the
 * variance (Ting 2014, theorem 1).  It nears sqrt(ln 2 / K). */
static double
theory(double n, unsigned lgk)
{
	double k = ldexp(1, (int)lgk), at = 3 * k / 32, var = 0, step;

	for (; at < n; at += step) {
		step = fmax(1, at / 1000);
		step = fmin(step, n - at);
		var += step * (1 / chance(at + step / 2, k) - 1);
	}
	return sqrt(var) / n;
}

struct figures {
	double hip, composite; /* rms of the relative error */
	int outside[4];        /* by standard deviations */
	int merged_outside[4];
};

static void
measure(struct figures *f, uint64_t n, unsigned lgk, int streams)
{
	struct sk_rng rng;
	struct sk_hll hll;
	double truth = (double)n;

	*f = (struct figures){ 0 };
	sk_rng_init(&rng, n + lgk);
	for (int i = 0; i < streams; i++) {
		sk_hll_init(&hll, lgk, SK_HLL_8);
		add_drawn(&hll, &rng, n);
		f->hip += pow(sk_hll_estimate(&hll) / truth - 1, 2);
		f->composite += pow(sk_hll_composite(&hll) / truth - 1, 2);
		for (unsigned sds = 1; sds <= 3; sds++) {
			struct sk_hll_bounds b = sk_hll_bounds(&hll, sds), c;

			hll.out_of_order = true;
			c = sk_hll_bounds(&hll, sds);
			hll.out_of_order = false;
			f->outside[sds] += truth < b.lower || truth > b.upper;
			f->merged_outside[sds] += truth < c.lower ||
			    truth > c.upper;
		}
		sk_hll_free(&hll);
	}
	f->hip = sqrt(f->hip / streams);
	f->composite = sqrt(f->composite / streams);
}

/* Four deviations above what s standard deviations of a normal law leave. */
static void
assert_outside(const int *outside, int streams)
{
	for (int sds = 1; sds <= 3; sds++) {
		double p = erfc(sds / sqrt(2)), n = streams;

		assert_true(outside[sds] <=
		    p * n + 4 * sqrt(p * (1 - p) * n) + 1);
	}
}

static void
check_size(uint64_t n, unsigned lgk, int streams, double tolerance)
{
	struct figures f;
	double want = theory((double)n, lgk), root = ldexp(1, (int)lgk / 2);

	assert_int_equal(lgk % 2, 0);
	measure(&f, n, lgk, streams);
	print_message("lgK %u, n %llu, %d streams: rms %.3f %% in order, "
	    "%.3f of theory; %.3f %% merged; outside %d %d %d, %d %d %d\n",
	    lgk, (unsigned long long)n, streams, 100 * f.hip, f.hip / want,
	    100 * f.composite, f.outside[1], f.outside[2], f.outside[3],
	    f.merged_outside[1], f.merged_outside[2], f.merged_outside[3]);
	assert_true(fabs(f.hip / want - 1) < tolerance);
	assert_true(f.composite < 1.03896 / root * (1 + tolerance));
	assert_outside(f.outside, streams);
	assert_outside(f.merged_outside, streams);
}

/* The rms of 300 streams is known to 4 %: 16 % are four deviations. */
static void
test_errors_are_those_of_theory(void **state)
{
	(void)state;
	check_size(10000, 12, is_long() ? 10000 : 300, is_long() ? 0.03 : 0.16);
	check_size(100000, 12, is_long() ? 10000 : 300,
	    is_long() ? 0.03 : 0.16);
	check_size(10000, 8, is_long() ? 10000 : 300, is_long() ? 0.03 : 0.16);
	if (!is_long())
		return;
	check_size(1000000, 12, 10000, 0.03);
	check_size(10000000, 12, 1000, 0.1);
	check_size(1000000000, 12, 10, 0.9);
}

/* Below the first register: an error in n^2 / 2^28 streams, of one. */
static void
test_coupons_are_exact(void **state)
{
	static const unsigned counts[] = { 1, 7, 8, 100, 384 };
	int streams = is_long() ? 20000 : 1000;
	struct sk_rng rng;
	struct sk_hll hll;

	(void)state;
	sk_rng_init(&rng, 3);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		double n = counts[i], expected = streams * n * n / (1 << 28);
		int wrong = 0, outside = 0;

		for (int s = 0; s < streams; s++) {
			sk_hll_init(&hll, 12, SK_HLL_8);
			add_drawn(&hll, &rng, counts[i]);
			wrong += llround(sk_hll_estimate(&hll)) != counts[i];
			outside += n < sk_hll_bounds(&hll, 1).lower ||
			    n > sk_hll_bounds(&hll, 1).upper;
			assert_true(fabs(sk_hll_estimate(&hll) - n) < 2.1);
			sk_hll_free(&hll);
		}
		assert_true(wrong <= expected + 4 * sqrt(expected) + 2);
		assert_true(outside <= wrong);
	}
}

/* ---- two sketches ---- */

struct sets {
	unsigned lgk, lgk_other;
	uint64_t only_a, only_b, both;
};

static void
fill(const struct sets *sets, struct sk_hll *a, struct sk_hll *b,
    struct sk_rng *rng)
{
	sk_hll_init(a, sets->lgk, SK_HLL_8);
	sk_hll_init(b, sets->lgk_other, SK_HLL_8);
	for (uint64_t i = 0; i < sets->both; i++) {
		uint32_t coupon = draw(rng);

		sk_hll_add_coupon(a, coupon);
		sk_hll_add_coupon(b, coupon);
	}
	add_drawn(a, rng, sets->only_a);
	add_drawn(b, rng, sets->only_b);
}

static void
test_overlaps_are_within_their_bounds(void **state)
{
	static const struct sets cases[] = {
		{ 12, 12, 20000, 20000, 0 }, { 12, 12, 15000, 15000, 5000 },
		{ 12, 12, 1000, 1000, 19000 }, { 10, 10, 0, 0, 20000 },
		{ 10, 10, 27500, 2700, 300 }, { 10, 10, 29700, 9700, 300 },
		{ 10, 10, 20000, 0, 2000 }, { 12, 12, 20000, 150, 150 },
		{ 12, 12, 200, 200, 100 }, { 14, 10, 18000, 18000, 2000 },
		{ 8, 8, 9000, 9000, 1000 }, { 4, 4, 250, 250, 250 },
	};
	int streams = is_long() ? 4000 : 100;
	struct sk_hll_overlap overlap;
	struct sk_hll a, b;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 8);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sets *sets = &cases[i];
		double both = (double)sets->both, share = both /
		    (both + (double)(sets->only_a + sets->only_b));
		int out[4] = { 0 }, out_share[4] = { 0 };

		for (int s = 0; s < streams; s++) {
			fill(sets, &a, &b, &rng);
			for (unsigned sds = 1; sds <= 3; sds++) {
				overlap = sk_hll_overlap(&a, &b, sds);
				out[sds] += both < overlap.both.bounds.lower ||
				    both > overlap.both.bounds.upper;
				out_share[sds] +=
				    share < overlap.jaccard.bounds.lower ||
				    share > overlap.jaccard.bounds.upper;
			}
			sk_hll_free(&a);
			sk_hll_free(&b);
		}
		print_message("lgK %u %u, %llu only in A, %llu in B, %llu in "
		    "both: outside %d %d %d, %d %d %d of %d\n", sets->lgk,
		    sets->lgk_other, (unsigned long long)sets->only_a,
		    (unsigned long long)sets->only_b,
		    (unsigned long long)sets->both, out[1], out[2], out[3],
		    out_share[1], out_share[2], out_share[3], streams);
		assert_outside(out, streams);
		assert_outside(out_share, streams);
	}
}

static void
test_overlaps_of_few_are_exact(void **state)
{
	static const struct sets small = { 12, 9, 150, 10, 20 };
	static const struct sets none = { 12, 12, 0, 0, 0 };
	struct sk_hll_overlap overlap;
	struct sk_hll a, b;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 1);
	fill(&small, &a, &b, &rng);
	overlap = sk_hll_overlap(&a, &b, 2);
	assert_true(fabs(overlap.both.estimate - 20) < 0.001);
	assert_true(fabs(overlap.jaccard.estimate - 20 / 180.0) < 0.0001);
	assert_true(overlap.both.bounds.upper < 20.1);
	assert_true(overlap.both.bounds.lower > 19.9);
	sk_hll_free(&a);
	sk_hll_free(&b);
	fill(&none, &a, &b, &rng);
	overlap = sk_hll_overlap(&a, &b, 2);
	assert_true(overlap.both.estimate == 0);
	assert_true(overlap.jaccard.bounds.upper == 0);
	sk_hll_free(&a);
	sk_hll_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_are_those_of_theory),
		cmocka_unit_test(test_coupons_are_exact),
		cmocka_unit_test(test_overlaps_are_within_their_bounds),
		cmocka_unit_test(test_overlaps_of_few_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
