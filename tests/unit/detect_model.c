/* detect/model: what all models owe, and the mean and deviation of ewma. */
#include "models.h"

static const enum sk_model_kind kinds[] = { SK_MODEL_EWMA, SK_MODEL_MAD,
	SK_MODEL_SEASONAL, SK_MODEL_POISSON, SK_MODEL_CHANGEPOINT };

enum { KINDS = sizeof(kinds) / sizeof(*kinds), STREAM = 2600 };

/* Numbers of three levels, some of them far out, the last part constant. */
static void
fill(struct sk_model_value *value, bool timed)
{
	struct sk_rng rng = { 77 };
	double level;
	int i;

	for (i = 0; i < STREAM; i++) {
		level = i < 400 ? 20 : i < 1200 ? 4000 : 50;
		value[i].value = i >= 2400 ? 3 : level + 4 *
		    models_normal(&rng) + 10 * sin(i * 0.2);
		if (sk_rng_next(&rng) % 97 == 0)
			value[i].value *= 1000;
		value[i].timed = timed;
		value[i].local_ns = i * MODELS_HOUR_NS / 2 -
		    500 * MODELS_HOUR_NS;
	}
}

static void
go_on_where_they_were_cut(void **state)
{
	static struct sk_model_value value[STREAM];
	struct sk_model_conf conf = { 0 };
	int i, timed;

	(void)state;
	for (timed = 0; timed < 2; timed++)
		for (i = 0; i < KINDS; i++) {
			conf.kind = kinds[i];
			fill(value, timed);
			models_resume(&conf, value, 330, 1);
			models_resume(&conf, value, STREAM, 97);
		}
}

static void
refuse_damaged_states(void **state)
{
	static struct sk_model_value value[STREAM];
	struct sk_model_conf conf = { 0 };
	int i;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		conf.kind = kinds[i];
		fill(value, i % 2 == 0);
		models_damage(&conf, value, 30);
		models_damage(&conf, value, 700);
	}
}

static void
refuse_the_states_of_others(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_model *model;
	struct sk_view bytes;
	int i, j;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		sk_buf_reset(&buf);
		model = models_new(kinds[i]);
		models_step(model, 5);
		sk_model_save(model, &buf);
		sk_model_free(model);
		for (j = 0; j < KINDS; j++) {
			model = models_new(kinds[j]);
			bytes = sk_view(buf.ptr, buf.len);
			assert_int_equal(sk_model_load(model, &bytes), i == j);
			sk_model_free(model);
		}
	}
	sk_buf_free(&buf);
}

/* Nothing constant is odd, with noise in its last digits or without; what is
 * the first to differ is, and can be told. */
static void
find_nothing_in_what_is_constant(void **state)
{
	static const double levels[] = { 0, 7, 1e9, 1e150, 1e300 };
	struct sk_model_guess guess;
	struct sk_model *model;
	size_t i, k;
	int j;

	(void)state;
	for (i = 0; i < KINDS; i++)
		for (k = 0; k < sizeof(levels) / sizeof(*levels); k++) {
			model = models_new(kinds[i]);
			for (j = 0; j < 700; j++) {
				guess = models_step(model, levels[k] *
				    (1 + (j % 3) * 1e-14));
				assert_true(guess.oddity == 0);
			}
			guess = models_step(model, levels[k] == 0 ? 300 :
			    -levels[k]);
			assert_true(guess.oddity > 1);
			assert_true((float)guess.oddity <= 1e6F);
			sk_model_free(model);
		}
}

static void
live_through_the_largest_numbers(void **state)
{
	static const double ends[] = { 1.7e308, -1.7e308, 4e-320, -0.0, 1e150,
		-1e150, 3, 1e-150 };
	struct sk_rng rng = { 3 };
	struct sk_model_guess guess;
	struct sk_model *model;
	int i, j;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		model = models_new(kinds[i]);
		for (j = 0; j < 3000; j++) {
			guess = models_step(model, ends[sk_rng_next(&rng) %
			    8]);
			assert_true(isfinite(guess.oddity));
			assert_true(isinf(guess.expected) == 0);
			assert_true(!isinf(guess.low) && !isinf(guess.high));
		}
		sk_model_free(model);
	}
}

static void
say_nothing_before_ten_values(void **state)
{
	struct sk_model_guess guess;
	struct sk_model *model;
	int i, j;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		model = models_new(kinds[i]);
		for (j = 0; j < 10; j++) {
			guess = models_step(model, 5 + 90 * (j % 2));
			assert_true(guess.oddity == 0);
			assert_true(isnan(guess.expected));
			assert_true(isnan(guess.low) && isnan(guess.high));
		}
		guess = models_step(model, 95);
		assert_int_equal(isnan(guess.expected),
		    !sk_model_expects(kinds[i]));
		assert_int_equal(isnan(guess.low),
		    !sk_model_expects(kinds[i]));
		sk_model_free(model);
	}
	assert_false(sk_model_expects(SK_MODEL_CHANGEPOINT));
}

/* ---- ewma ---- */

/* A plain mean and variance of the first 100, then a share of 0.01. */
static void
ewma_is_the_weighted_mean_and_variance(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_EWMA);
	struct sk_rng rng = { 1 };
	double value[500], weight[500], mean, var, all;
	struct sk_model_guess guess;
	int i, j;

	(void)state;
	for (i = 0; i < 500; i++) {
		value[i] = 100 + 5 * models_normal(&rng);
		guess = models_step(model, value[i]);
		/* The weights that all values had before this one. */
		mean = var = all = 0;
		for (j = 0; j < i; j++)
			all += weight[j];
		for (j = 0; j < i; j++)
			mean += weight[j] * value[j] / all;
		for (j = 0; j < i; j++)
			var += weight[j] * pow(value[j] - mean, 2) / all;
		if (i >= 10) {
			models_assert_near(guess.expected, mean, 1e-9);
			models_assert_near(guess.oddity,
			    fabs(value[i] - mean) / sqrt(var), 1e-9);
			models_assert_near(guess.low, mean - 3 * sqrt(var),
			    1e-9);
			models_assert_near(guess.high, mean + 3 * sqrt(var),
			    1e-9);
		}
		weight[i] = i < 100 ? 1.0 / (i + 1) : 0.01;
		for (j = 0; j < i; j++)
			weight[j] *= 1 - weight[i];
	}
	sk_model_free(model);
}

static void
ewma_says_how_far(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_EWMA);
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		models_step(model, 100 + (i % 2) * 2 - 1);
	assert_string_equal(models_words(model, 105.21),
	    "5.21 deviations above the mean");
	for (i = 0; i < 5000; i++)
		models_step(model, 100 + (i % 2) * 2 - 1);
	assert_string_equal(models_words(model, -12345),
	    "12445 deviations below the mean");
	for (i = 0; i < 50000; i++)
		models_step(model, 7);
	assert_string_equal(models_words(model, 8),
	    "over a million deviations above the mean");
	sk_model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(go_on_where_they_were_cut),
		cmocka_unit_test(refuse_damaged_states),
		cmocka_unit_test(refuse_the_states_of_others),
		cmocka_unit_test(find_nothing_in_what_is_constant),
		cmocka_unit_test(live_through_the_largest_numbers),
		cmocka_unit_test(say_nothing_before_ten_values),
		cmocka_unit_test(ewma_is_the_weighted_mean_and_variance),
		cmocka_unit_test(ewma_says_how_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
