/* What the two methods answer hangs together, whatever the numbers are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sketch/quantile.h"

static double
any_number(struct sk_rng *rng, unsigned form)
{
	uint64_t dice = sk_rng_next(rng);

	switch (form % 3) {
	case 0:
		return (double)(dice % 7);
	case 1:
		return (double)(dice >> 11) / 0x1p53 - 0.5;
	default:
		return exp((double)(dice >> 11) / 0x1p53 * 1000 - 500);
	}
}

static void
assert_between(struct sk_quantile_answer answer)
{
	assert_true(isnan(answer.lower) || answer.lower <= answer.value);
	assert_true(isnan(answer.upper) || answer.value <= answer.upper);
}

static void
assert_rank(const struct sk_quantile_view *view, double x)
{
	double n = (double)view->n, upto = sk_quantile_upto(view, x);
	double below = sk_quantile_below(view, x);

	assert_true(x < view->min ? upto == 0 : upto >= 1);
	assert_true(x >= view->max ? upto == n : upto <= n - 1);
	assert_true(x <= view->min ? below == 0 : below >= 1);
	assert_true(x > view->max ? below == n : below <= n - 1);
	assert_between(sk_quantile_rank_bounds(view, x));
}

static void
assert_whole(const struct sk_quantile_view *view, struct sk_rng *rng,
    unsigned form)
{
	struct sk_quantile_answer end;
	int i;

	for (i = 0; i <= 2; i += 2) {
		double x = i == 0 ? view->min : view->max;

		end = sk_quantile_value_bounds(view, i / 2.0);
		assert_true(end.value == x);
		if (!view->by_digest)
			assert_true(end.lower == x && end.upper == x);
		assert_rank(view, x);
		assert_rank(view, nextafter(x, -INFINITY));
		assert_rank(view, nextafter(x, INFINITY));
	}
	for (i = 0; i < 200; i++) {
		assert_between(sk_quantile_value_bounds(view, i / 199.0));
		assert_rank(view, any_number(rng, form));
	}
}

static void
test_bounds(void **state)
{
	static const unsigned counts[] = { 1, 2, 3, 100, 5000, 60000 };
	struct sk_quantile_conf conf = { .size = 20, .exact = 64, .seed = 1 };
	struct sk_quantile sketch;
	struct sk_quantile_view view;
	struct sk_rng rng;
	unsigned i, j;

	(void)state;
	sk_rng_init(&rng, 5);
	for (i = 0; i < 36; i++) {
		conf.method = i % 2 == 0 ? SK_QUANTILE_KLL :
		    SK_QUANTILE_TDIGEST;
		sk_quantile_init(&sketch, &conf);
		for (j = 0; j < counts[i / 6]; j++)
			assert_true(sk_quantile_add_weighted(&sketch,
			    any_number(&rng, i / 2), 1));
		sk_quantile_open(&sketch, &view);
		assert_whole(&view, &rng, i / 2);
		sk_quantile_close(&view);
		sk_quantile_free(&sketch);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
