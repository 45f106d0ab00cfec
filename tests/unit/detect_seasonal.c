/* detect/seasonal against its formulas with phases told by hand, and the
 * periods that detect/period finds. */
#include "detect/period.h"
#include "models.h"

enum { STREAM = 3000, PHASES = 8784 };

struct naive {
	double level, scale, offset[PHASES];
	int n, count[PHASES];
};

static double
naive_step(struct naive *naive, double value, uint32_t phase,
    double *expected)
{
	double r, w, odd;

	if (naive->n == 0)
		naive->level = value;
	*expected = naive->level + naive->offset[phase];
	r = value - *expected;
	odd = fabs(r) / naive->scale;
	naive->level += 0.02 * r;
	w = 1.0 / ++naive->count[phase];
	naive->offset[phase] += (w > 0.02 ? w : 0.02) * r;
	w = 1.0 / ++naive->n;
	naive->scale += (w > 0.005 ? w : 0.005) * (fabs(r) - naive->scale);
	return odd;
}

/* Values every half hour from the year -200 of local time on; phase_ns is a
 * phase's, 0: one phase a value. */
static void
follow(struct sk_model_conf conf, uint32_t phases, int64_t phase_ns)
{
	static struct naive naive;
	struct sk_model *model = sk_model_new(&conf);
	struct sk_rng rng = { 4 };
	struct sk_model_value value = { .timed = phase_ns != 0 };
	struct sk_model_guess guess;
	int64_t n = phase_ns == 0 ? phases : phases * phase_ns;
	double want, expected;
	int i;

	memset(&naive, 0, sizeof(naive));
	for (i = 0; i < STREAM; i++) {
		int64_t at = i;

		value.local_ns = (i - 600) * MODELS_HOUR_NS / 2;
		value.value = 100 + 20 * sin(i * 0.13) + models_normal(&rng);
		if (phase_ns != 0)
			at = (value.local_ns % n + n) / phase_ns;
		want = naive_step(&naive, value.value,
		    (uint32_t)(at % phases), &expected);
		sk_model_step(model, &value, &guess);
		if (i < 10)
			continue;
		models_assert_near(guess.expected, expected, 1e-12);
		models_assert_near(guess.oddity, want, 1e-9);
		models_assert_near(guess.high - guess.expected,
		    guess.expected - guess.low, 1e-9);
	}
	sk_model_free(model);
}

static struct sk_model_conf
season(uint32_t period, int64_t period_ns)
{
	struct sk_model_conf conf = { .kind = SK_MODEL_SEASONAL,
		.period = period, .period_ns = period_ns };

	return conf;
}

static void
learns_each_phase(void **state)
{
	const int64_t hour = MODELS_HOUR_NS;

	(void)state;
	follow(season(48, 0), 48, 0);
	follow(season(1, 0), 1, 0);
	follow(season(0, 0), 24, hour);
	follow(season(0, 24 * hour), 24, hour);
	follow(season(0, 7 * 24 * hour), 168, hour);
	follow(season(0, 12 * hour), 24, hour / 2);
	follow(season(0, 2000 * 24 * hour), 8784, 2000 * 24 * hour / 8784 + 1);
}

/* ---- the period ---- */

static uint32_t
found(double (*value)(int i, struct sk_rng *rng), int n, uint64_t seed)
{
	struct sk_period *period = calloc(1, sizeof(*period));
	struct sk_rng rng = { seed };
	uint32_t is;
	int i;

	assert_non_null(period);
	for (i = 0; i < n; i++) {
		uint32_t was = period->period;
		bool other = sk_period_add(period, value(i, &rng));

		assert_int_equal(other, period->period != was);
	}
	is = period->period;
	free(period);
	return is;
}

static double
noise(int i, struct sk_rng *rng)
{
	(void)i;
	return models_normal(rng);
}

static double
wander(int i, struct sk_rng *rng)
{
	static double at;

	at = i == 0 ? 0 : 0.95 * at + models_normal(rng);
	return at;
}

static double
waves(int i, struct sk_rng *rng)
{
	return sin(i * 2 * acos(-1) / 50) + 0.4 * models_normal(rng);
}

/* With a straight line, and now and then what is far out. */
static double
steep_waves(int i, struct sk_rng *rng)
{
	double far = sk_rng_next(rng) % 200 == 0 ? 1e4 : 0;

	return 3e6 + i + 30 * sin(i * 2 * acos(-1) / 288) + far +
	    5 * models_normal(rng);
}

static double
weekdays(int i, struct sk_rng *rng)
{
	return (i % 7 < 5 ? 100 : 20) + 8 * models_normal(rng);
}

static double
turns(int i, struct sk_rng *rng)
{
	(void)rng;
	return i % 2;
}

static double
flat(int i, struct sk_rng *rng)
{
	(void)i;
	(void)rng;
	return 1e150;
}

static void
finds_the_period(void **state)
{
	(void)state;
	assert_int_equal(found(waves, 255, 1), 0);
	assert_int_equal(found(waves, 256, 1), 50);
	assert_int_equal(found(waves, 4096, 2), 50);
	assert_int_equal(found(steep_waves, 512, 3), 0);
	assert_int_equal(found(steep_waves, 1024, 3), 288);
	assert_int_equal(found(weekdays, 256, 4), 7);
	assert_int_equal(found(turns, 256, 5), 2);
}

static void
finds_none_where_there_is_none(void **state)
{
	uint64_t seed;
	int n;

	(void)state;
	for (n = 256; n <= 2048; n *= 2) {
		for (seed = 0; seed < 20; seed++)
			assert_int_equal(found(noise, n, seed), 0);
		assert_int_equal(found(flat, n, 0), 0);
	}
	for (seed = 0; seed < 20; seed++)
		assert_int_equal(found(wander, 2048, seed), 0);
}

/* ---- a season that was found ---- */

static double
usual_error(struct sk_model *model, int from, int n)
{
	struct sk_model_guess guess;
	struct sk_rng rng = { (uint64_t)from };
	double sum = 0, value;
	int i;

	for (i = from; i < from + n; i++) {
		value = 50 * sin(i * 2 * acos(-1) / 40) + models_normal(&rng);
		guess = models_step(model, value);
		sum += fabs(value - guess.expected) / n;
	}
	return sum;
}

static void
learns_with_what_it_found(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_SEASONAL);

	(void)state;
	usual_error(model, 0, 20);
	assert_true(usual_error(model, 20, 200) > 20);
	assert_string_equal(models_words(model, 1000) + 5,
	    "times the usual error above the level");
	usual_error(model, 221, 100);
	assert_true(usual_error(model, 321, 200) < 20);
	usual_error(model, 521, 2000);
	assert_true(usual_error(model, 2521, 400) < 1.5);
	assert_string_equal(strstr(models_words(model, -1000), "below"),
	    "below what is usual at this point of 40");
	/* No phase is known behind a gap. */
	sk_model_gap(model);
	assert_true(models_step(model, 1e9).oddity == 0);
	sk_model_free(model);
}

/* A level alone, and phases of time, go on behind a gap. */
static void
keeps_what_does_not_hang_on_neighbours(void **state)
{
	struct sk_model_value value = { .value = 1, .timed = true };
	struct sk_rng rng = { 7 };
	struct sk_model *model;
	struct sk_model_guess guess;
	int i, timed;

	(void)state;
	for (timed = 0; timed < 2; timed++) {
		model = models_new(SK_MODEL_SEASONAL);
		value.timed = timed;
		for (i = 0; i < 300; i++) {
			value.value = models_normal(&rng);
			sk_model_step(model, &value, &guess);
		}
		sk_model_gap(model);
		value.value = 1000;
		sk_model_step(model, &value, &guess);
		assert_true(guess.oddity > 100);
		sk_model_free(model);
	}
}

static void
says_when_it_is_unusual(void **state)
{
	struct sk_model_conf conf[] = { season(0, 0),
		season(0, MODELS_HOUR_NS), season(12, 0) };
	const char *words[] = { "this hour", "this time", "this point of 12" };
	struct sk_model_value value = { .timed = true };
	struct sk_model_guess guess;
	struct sk_buf buf = { 0 };
	struct sk_model *model;
	int i, k;

	(void)state;
	for (k = 0; k < 3; k++) {
		model = sk_model_new(&conf[k]);
		for (i = 0; i < 480; i++) {
			value.local_ns = i * MODELS_HOUR_NS;
			value.value = i % 2 + i / 480 * 30;
			sk_model_step(model, &value, &guess);
		}
		value.value = 300;
		sk_model_step(model, &value, &guess);
		sk_buf_reset(&buf);
		sk_model_words(model, &value, &guess, &buf);
		assert_string_equal(strstr(sk_buf_cstr(&buf), "this"),
		    words[k]);
		assert_non_null(strstr(buf.ptr,
		    " times the usual error above what is usual at "));
		sk_model_free(model);
	}
	sk_buf_free(&buf);
}

static void
goes_on_where_it_was_cut(void **state)
{
	static struct sk_model_value value[STREAM];
	struct sk_model_conf conf[] = { season(0, 0), season(30, 0),
		season(0, MODELS_HOUR_NS * 90), season(0, 0) };
	struct sk_rng rng = { 6 };
	int i, k;

	(void)state;
	for (k = 0; k < 4; k++) {
		for (i = 0; i < STREAM; i++) {
			value[i].timed = k == 3;
			value[i].local_ns = i * MODELS_HOUR_NS / 3;
			/* A period that is found, then lost. */
			value[i].value = i > 1500 ? models_normal(&rng) :
			    waves(i, &rng);
		}
		models_resume(&conf[k], value, STREAM, 61);
		models_damage(&conf[k], value, 600);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learns_each_phase),
		cmocka_unit_test(finds_the_period),
		cmocka_unit_test(finds_none_where_there_is_none),
		cmocka_unit_test(learns_with_what_it_found),
		cmocka_unit_test(keeps_what_does_not_hang_on_neighbours),
		cmocka_unit_test(says_when_it_is_unusual),
		cmocka_unit_test(goes_on_where_it_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
