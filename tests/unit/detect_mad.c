/* detect/mad against a plain sort of the last 288 values. */
#include "models.h"

enum { WINDOW = 288, STREAM = 2000 };

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double
naive_median(const double *value, int n)
{
	double sorted[WINDOW];

	memcpy(sorted, value, (size_t)n * sizeof(*value));
	qsort(sorted, (size_t)n, sizeof(*sorted), ascending);
	return n % 2 == 1 ? sorted[n / 2] :
	    (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static double
naive_scale(const double *value, int n, double median)
{
	double off[WINDOW], mad, mean = 0;
	int i;

	for (i = 0; i < n; i++) {
		off[i] = fabs(value[i] - median);
		mean += off[i] / n;
	}
	mad = naive_median(off, n);
	return mad > 0 ? 1.4826 * mad : 1.2533 * mean;
}

static void
follow(const double *value)
{
	struct sk_model *model = models_new(SK_MODEL_MAD);
	double median, scale, odd;
	struct sk_model_guess guess;
	int i, n;

	for (i = 0; i < STREAM; i++) {
		guess = models_step(model, value[i]);
		if (i < 10)
			continue;
		n = i < WINDOW ? i : WINDOW;
		median = naive_median(value + i - n, n);
		scale = naive_scale(value + i - n, n, median);
		odd = value[i] == median ? 0 : scale == 0 ? 1e6 :
		    fabs(value[i] - median) / scale;
		models_assert_near(guess.expected, median, 1e-12);
		models_assert_near(guess.oddity, odd < 1e6 ? odd : 1e6, 1e-9);
		models_assert_near(guess.high - guess.low, 6 * scale, 1e-9);
	}
	sk_model_free(model);
}

static void
is_that_of_all_that_are_kept(void **state)
{
	static double value[STREAM];
	struct sk_rng rng = { 12 };
	int i;

	(void)state;
	for (i = 0; i < STREAM; i++)
		value[i] = models_normal(&rng) * 10 + (i > 900) * 50;
	follow(value);
	for (i = 0; i < STREAM; i++)
		value[i] = i % 1000;
	follow(value);
	for (i = 0; i < STREAM; i++)
		value[i] = -i;
	follow(value);
}

/* Few values, and few that differ: all kinds of ties. */
static void
bears_ties(void **state)
{
	static double value[STREAM];
	struct sk_rng rng = { 13 };
	int i, kinds;

	(void)state;
	for (kinds = 1; kinds < 8; kinds++) {
		for (i = 0; i < STREAM; i++)
			value[i] = (double)(sk_rng_next(&rng) % 8) * kinds /
			    8 * 3 - 5;
		follow(value);
		for (i = 0; i < STREAM; i++)
			value[i] = sk_rng_next(&rng) % 50 < (uint64_t)kinds ?
			    (double)(sk_rng_next(&rng) % 9) : 4;
		follow(value);
	}
}

static void
says_how_far(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_MAD);
	int i;

	(void)state;
	for (i = 0; i < 288; i++)
		models_step(model, 50 + i % 3);
	assert_string_equal(models_words(model, 30.5),
	    "13.8 robust deviations below the median");
	/* A burst does not widen the yardstick. */
	for (i = 0; i < 40; i++)
		models_step(model, 1e9);
	assert_string_equal(models_words(model, 71.5),
	    "13.8 robust deviations above the median");
	sk_model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_that_of_all_that_are_kept),
		cmocka_unit_test(bears_ties),
		cmocka_unit_test(says_how_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
