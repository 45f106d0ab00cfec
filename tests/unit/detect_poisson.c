/* detect/poisson against sums of the negative binomial, term by term, and
 * against tails from an arbitrary-precision incomplete beta function. */
#include "models.h"

/* The shape and rate after values, by the formulas. */
struct belief {
	long double a, b;
};

static void
learn(struct belief *belief, double k)
{
	belief->a = 0.5L + 0.99L * (belief->a - 0.5L) + (long double)k;
	belief->b = 0.001L + 0.99L * (belief->b - 0.001L) + 1;
}

/* log P(K = j). */
static long double
naive_mass(const struct belief *belief, double j)
{
	long double a = belief->a, b = belief->b, k = j;

	return lgammal(a + k) - lgammal(a) - lgammal(k + 1) -
	    a * log1pl(1 / b) - k * log1pl(b);
}

/* In units of P(k), which may be too small for a long double. */
static double
naive_oddity(const struct belief *belief, double k)
{
	long double mass = naive_mass(belief, k), lower = 0, upper = 0, p, j;
	long double least;

	for (j = k; j >= 0; j--)
		lower += expl(naive_mass(belief, (double)j) - mass);
	for (j = k; j < k + 100000; j++) {
		p = expl(naive_mass(belief, (double)j) - mass);
		upper += p;
		if (p < 1e-14L * upper)
			break;
	}
	least = mass + logl(lower < upper ? lower : upper) + logl(2);
	return least >= 0 ? 0 : (double)(-least / logl(10));
}

static double
count(struct sk_rng *rng, double mean)
{
	double k = floor(mean + sqrt(mean) * models_normal(rng) + 0.5);

	/* Some that are far out, on either side. */
	if (sk_rng_next(rng) % 10 == 0)
		k = floor(k * 3 * models_uniform(rng));
	return k > 0 ? k : 0;
}

static void
follow(double mean, int n, double share)
{
	struct sk_model *model = models_new(SK_MODEL_POISSON);
	struct sk_rng rng = { (uint64_t)(mean * 100) };
	struct belief belief = { 0.5L, 0.001L };
	struct sk_model_guess guess;
	double k, want;
	int i;

	for (i = 0; i < n; i++) {
		k = count(&rng, mean);
		guess = models_step(model, k);
		want = naive_oddity(&belief, k);
		if (i >= 10 && fabs(guess.oddity - want) >
		    share * (want + 0.1))
			fail_msg("mean %g, count %g: %.10g is not %.10g",
			    mean, k, guess.oddity, want);
		if (i >= 10)
			models_assert_near(guess.expected,
			    (double)(belief.a / belief.b), 1e-9);
		learn(&belief, k);
	}
	sk_model_free(model);
}

static void
is_the_smaller_tail_twice(void **state)
{
	(void)state;
	follow(0.01, 400, 1e-6);
	follow(0.5, 400, 1e-6);
	follow(3, 400, 1e-6);
	follow(20, 400, 1e-6);
	follow(75, 300, 1e-4);
}

static void
is_near_it_for_large_counts(void **state)
{
	(void)state;
	follow(110, 200, 1e-4);
	follow(300, 150, 1e-4);
	follow(2000, 60, 1e-4);
}

/* A stream of the mean's counts, then one count; by mpmath 1.3, 60 digits. */
static void
is_right_where_nothing_can_be_summed(void **state)
{
	static const struct {
		double mean, k, oddity;
	} rows[] = {
		{ 5000, 5200, 2.20361790605 },
		{ 5000, 4700, 4.50167591284 },
		{ 5000, 9000, 526.394915935 },
		{ 1e+06, 1003000, 2.52960598107 },
		{ 1e+06, 990000, 21.5179855854 },
		{ 1e+09, 1000200000, 14.3750710985 },
		{ 1e+12, 999996000000, 535.407322943 },
	};
	struct sk_model *model;
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		model = models_new(SK_MODEL_POISSON);
		for (j = 0; j < 20; j++)
			models_step(model, rows[i].mean);
		models_assert_near(models_step(model, rows[i].k).oddity,
		    rows[i].oddity, 1e-4);
		sk_model_free(model);
	}
}

/* No step where sums end and shapes begin, nor where either tail does. */
static void
grows_with_the_distance(void **state)
{
	struct sk_model_guess guess;
	struct sk_model *model;
	double last, k;
	int mean, j;

	(void)state;
	for (mean = 60; mean < 200; mean += 20) {
		last = INFINITY;
		for (k = 0; k < 3 * mean; k++) {
			model = models_new(SK_MODEL_POISSON);
			for (j = 0; j < 30; j++)
				models_step(model, mean + j % 5);
			guess = models_step(model, k);
			if (k <= mean)
				assert_true(guess.oddity <= last);
			else if (k > mean + 5)
				assert_true(guess.oddity >= last);
			last = guess.oddity;
			sk_model_free(model);
		}
	}
}

/* low and high are at most one count from the quantiles, a hundredth for large
 * means. */
static void
expects_nearly_the_quantiles(void **state)
{
	static const double means[] = { 0.02, 0.7, 5, 40, 700 };
	struct sk_model_guess guess;
	struct sk_model *model;
	struct sk_rng rng = { 8 };
	struct belief belief;
	double k, sum, low, high;
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < sizeof(means) / sizeof(*means); i++) {
		model = models_new(SK_MODEL_POISSON);
		belief = (struct belief){ 0.5L, 0.001L };
		for (j = 0; j < 150; j++) {
			k = floor(means[i] + models_uniform(&rng));
			models_step(model, k);
			learn(&belief, k);
		}
		guess = models_step(model, 1);
		low = high = -1;
		for (k = 0, sum = 0; high < 0; k++) {
			sum += (double)expl(naive_mass(&belief, k));
			if (low < 0 && sum >= 0.00135)
				low = k;
			if (sum >= 0.99865)
				high = k;
		}
		assert_true(fabs(guess.low - low) <= 1 + means[i] / 100);
		assert_true(fabs(guess.high - high) <= 1 + means[i] / 100);
		sk_model_free(model);
	}
}

static void
counts_are_whole_and_not_below_zero(void **state)
{
	struct sk_model *a = models_new(SK_MODEL_POISSON);
	struct sk_model *b = models_new(SK_MODEL_POISSON);
	struct sk_model_guess x, y;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		x = models_step(a, i % 4 == 0 ? -7.5 : 3.4);
		y = models_step(b, i % 4 == 0 ? 0 : 3);
		assert_memory_equal(&x, &y, sizeof(x));
	}
	assert_true(models_step(a, 8.5).oddity == models_step(b, 9).oddity);
	sk_model_free(a);
	sk_model_free(b);
}

static void
says_what_was_expected(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_POISSON);
	int i;

	(void)state;
	for (i = 0; i < 600; i++)
		models_step(model, 12 + (i % 3 == 0));
	assert_string_equal(models_words(model, 25),
	    "more than the 12.3 expected");
	assert_string_equal(models_words(model, 90),
	    "far more than the 12.5 expected");
	assert_string_equal(models_words(model, 3),
	    "less than the 13.2 expected");
	sk_model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_the_smaller_tail_twice),
		cmocka_unit_test(is_near_it_for_large_counts),
		cmocka_unit_test(is_right_where_nothing_can_be_summed),
		cmocka_unit_test(grows_with_the_distance),
		cmocka_unit_test(expects_nearly_the_quantiles),
		cmocka_unit_test(counts_are_whole_and_not_below_zero),
		cmocka_unit_test(says_what_was_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
