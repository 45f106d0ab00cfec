/*
 * Shapes against the pipeline of the header in plain loops.
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
#include "detect/rank.h"
#include "detect/shape.h"

#define VALUES 6000

/* ---- the pipeline ---- */

struct plain_view {
	int view, lags, step, max, every;
	bool clock;
};

static const struct plain_view full[] = {
	{ 0, 4, 1, 2000, 2, true }, { 1, 12, 1, 1000, 3, true },
	{ 2, 6, 4, 1000, 3, true }, { 3, 3, 1, 2000, 1, false },
	{ 4, 12, 4, 1000, 3, false }, { 5, 2, 0, 1000, 3, false },
	{ .max = 0 }
};

static const struct plain_view light[] = {
	{ 0, 4, 1, 1000, 2, true }, { 1, 12, 1, 500, 3, true },
	{ 4, 12, 4, 500, 3, false }, { .max = 0 }
};

struct plain {
	const struct plain_view *views;
	int n, since;
	double value[VALUES], mean, var, slow, slow_var;
	double vector[6][2000][14], e[6];
	int stored[6];
	struct sk_rank rank[6], joint;
};

static struct plain plain;

static void
plain_init(const struct plain_view *views)
{
	for (int k = 0; k < 6; k++)
		sk_rank_free(&plain.rank[k]);
	sk_rank_free(&plain.joint);
	memset(&plain, 0, sizeof(plain));
	plain.views = views;
	for (int k = 0; k < 6; k++)
		sk_rank_init(&plain.rank[k], 600);
}

static double
plain_third(int k, const double *z)
{
	const struct plain_view *view = &plain.views[k];
	int n = plain.stored[k] < view->max ? plain.stored[k] : view->max;
	double best[3] = { HUGE_VAL, HUGE_VAL, HUGE_VAL };

	for (int i = 0; i < n; i++) {
		double sum = 0;

		for (int j = 0; j < view->lags + 2; j++) {
			double d = (double)(float)plain.vector[k][i][j] -
			    (double)(float)z[j];

			sum += j < view->lags ? d * d : plain.var * d * d;
		}
		for (int b = 0; b < 3; b++)
			if (sum < best[b]) {
				double worse = best[b];

				best[b] = sum;
				sum = worse;
			}
	}
	return sqrt(best[2]);
}

static double
plain_view(int k, double day)
{
	const struct plain_view *view = &plain.views[k];
	int i = plain.n, wait = (view->lags - 1) * view->step;
	double z[14] = { plain.slow, sqrt(plain.slow_var) }, u = 0;

	if (view->step == 0 ? i < 20 : i < wait || plain.since < wait)
		return 0;
	for (int j = 0; j < view->lags && view->step > 0; j++)
		z[j] = plain.value[i - j * view->step];
	if (view->clock && day >= 0) {
		z[view->lags] = sqrt(view->lags) * cos(2 * M_PI * day);
		z[view->lags + 1] = sqrt(view->lags) * sin(2 * M_PI * day);
	}
	if (plain.stored[k] >= 50)
		u = sk_rank_pass(&plain.rank[k], (float)plain_third(k, z));
	if (i % view->every == 0)
		memcpy(plain.vector[k][plain.stored[k]++ % view->max], z,
		    sizeof(z));
	return u;
}

static void
plain_average(double value, double floor, double *mean, double *var)
{
	double w = fmax(1.0 / (plain.n + 1), floor), d = value - *mean;

	*mean += w * d;
	*var = (1 - w) * (*var + w * d * d);
}

static double
plain_step(double value, double day)
{
	static double first;
	double squares = 0, joint, s;
	int k = 0;

	if (plain.n == 0)
		first = value;
	value -= first;
	plain.value[plain.n] = value;
	plain_average(value, 0.0005, &plain.mean, &plain.var);
	plain_average(value, 0.05, &plain.slow, &plain.slow_var);
	for (; plain.views[k].max > 0; k++) {
		plain.e[k] += 0.2 * (plain_view(k, day) - plain.e[k]);
		squares += plain.e[k] * plain.e[k];
	}
	joint = sqrt(squares / k);
	s = sk_rank_surprise(&plain.joint, (float)joint);
	if (plain.n > 60)
		sk_rank_add(&plain.joint, (float)joint);
	plain.n++;
	plain.since++;
	return 0.4 * s + 0.6 * joint;
}

/* ---- the streams ---- */

static double
draw(struct sk_rng *rng, int i)
{
	double r = 0;

	for (int k = 0; k < 4; k++)
		r += (double)(sk_rng_next(rng) >> 11) / 9007199254740992.0;
	if (i % 1700 > 1690)
		r += 3;
	return 5000 + 4 * sin(2 * M_PI * i / 288) + r;
}

static double
day_of(int i)
{
	return fmod(i / 288.0, 1);
}

/* Distances in single precision now and then change places in a rank. */
static void
compare(const struct plain_view *views, bool is_light, bool clock, int gap)
{
	struct sk_shape *shape = sk_shape_new(is_light);
	struct sk_shape_sign sign;
	struct sk_rng rng = { 5 };
	double apart = 0;

	plain_init(views);
	for (int i = 0; i < VALUES; i++) {
		double value = draw(&rng, i);
		double day = clock ? day_of(i) : -1, want;
		int loudest = 0;

		if (gap > 0 && i % gap == gap - 1) {
			sk_shape_gap(shape);
			plain.since = 0;
		}
		want = plain_step(value, day);
		sk_shape_step(shape, value, day, &sign);
		assert_float_equal(sign.evidence, want, 0.01);
		apart += fabs(sign.evidence - want);
		for (int k = 1; views[k].max > 0; k++)
			if (plain.e[k] > plain.e[loudest])
				loudest = k;
		if (plain.e[loudest] > 0)
			assert_float_equal(sign.surprise, plain.e[loudest],
			    0.01);
		else
			assert_int_equal(sign.view, -1);
	}
	assert_true(sign.view >= 0);
	assert_true(apart / VALUES < 1e-5);
	sk_shape_free(shape);
}

static void
gives_the_evidence_of_the_formula(void **state)
{
	(void)state;
	compare(full, false, true, 0);
	compare(full, false, false, 0);
	compare(light, true, true, 0);
}

static void
begins_lags_anew_behind_a_gap(void **state)
{
	(void)state;
	compare(full, false, true, 700);
	compare(light, true, false, 60);
}

static void
names_the_view_that_spoke(void **state)
{
	struct sk_shape *shape = sk_shape_new(false);
	struct sk_shape_sign sign;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		sk_shape_step(shape, i % 20, -1, &sign);
		assert_true(sign.view >= -1 && sign.view < 6);
	}
	assert_true(sign.evidence < 0.1);
	sk_shape_step(shape, 500, -1, &sign);
	assert_true(sign.evidence > 1);
	assert_true(sign.view >= 0);
	assert_true(sign.surprise > 1 && sign.surprise <= SK_RANK_TOP);
	assert_true(sign.oddity > 40);
	sk_shape_free(shape);
}

/* One bit of the last place is not news; a value that is 1e-6 off is. */
static void
takes_rounding_for_the_same(void **state)
{
	struct sk_shape *shape = sk_shape_new(false);
	struct sk_shape_sign sign;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		double value = 0.1 * (1 + i % 2 * 1e-12 * (i % 17));

		sk_shape_step(shape, i > 2000 ? value : 0.1, 0.5, &sign);
		assert_true(sign.evidence == 0);
	}
	sk_shape_step(shape, 0.1001, 0.5, &sign);
	assert_true(sign.evidence > 1);
	sk_shape_free(shape);
}

static void
stays_finite(void **state)
{
	static const double values[] = { 1e308, -1e308, 0, 5e-324, 1, -1e18,
		1e300, 3e38 };
	struct sk_shape *shape = sk_shape_new(false);
	struct sk_shape_sign sign;
	struct sk_rng rng = { 2 };

	(void)state;
	for (int i = 0; i < 9000; i++) {
		uint64_t r = sk_rng_next(&rng);

		sk_shape_step(shape, values[r % 8], (double)(r % 1000) / 1000,
		    &sign);
		assert_true(sign.evidence >= 0 &&
		    sign.evidence <= SK_RANK_TOP);
		assert_true(isfinite(sign.oddity));
	}
	sk_shape_free(shape);
}

/* ---- bytes ---- */

static struct sk_shape *
copy(const struct sk_shape *shape, bool is_light, struct sk_buf *buf)
{
	struct sk_shape *out = sk_shape_new(is_light);
	struct sk_view bytes;

	sk_buf_reset(buf);
	sk_shape_save(shape, buf);
	bytes = sk_view(buf->ptr, buf->len);
	assert_true(sk_shape_load(out, &bytes));
	assert_int_equal(bytes.len, 0);
	return out;
}

/* A copy takes the stream over every so often, beside one that never stops. */
static void
go_on(bool is_light, int every)
{
	struct sk_shape *shape = sk_shape_new(is_light);
	struct sk_shape *cut = sk_shape_new(is_light), *old;
	struct sk_shape_sign a, b;
	struct sk_rng rng = { 11 };
	struct sk_buf buf = { 0 };

	for (int i = 0; i < VALUES; i++) {
		double value = draw(&rng, i);
		double day = i < 1000 ? -1 : day_of(i);

		if (i % 997 == 996) {
			sk_shape_gap(shape);
			sk_shape_gap(cut);
		}
		if (i < 100 || i % every == 0) {
			old = cut;
			cut = copy(old, is_light, &buf);
			sk_shape_free(old);
		}
		sk_shape_step(shape, value, day, &a);
		sk_shape_step(cut, value, day, &b);
		assert_true(a.evidence == b.evidence && a.view == b.view &&
		    a.surprise == b.surprise && a.oddity == b.oddity);
	}
	sk_shape_free(shape);
	sk_shape_free(cut);
	sk_buf_free(&buf);
}

static void
goes_on_when_loaded(void **state)
{
	(void)state;
	go_on(false, 331);
	go_on(true, 89);
}

static bool
loads(const char *ptr, size_t len, bool is_light)
{
	struct sk_shape *shape = sk_shape_new(is_light);
	struct sk_view bytes = sk_view(ptr, len);
	bool taken = sk_shape_load(shape, &bytes);

	sk_shape_free(shape);
	return taken;
}

static bool
loads_with(const struct sk_buf *image, size_t word, double value)
{
	struct sk_buf buf = { 0 };
	uint64_t raw;
	bool taken;

	memcpy(&raw, &value, sizeof(raw));
	sk_buf_add(&buf, image->ptr, image->len);
	sk_put64(buf.ptr + 8 * word, raw);
	taken = loads(buf.ptr, buf.len, false);
	sk_buf_free(&buf);
	return taken;
}

static void
refuses_what_is_damaged(void **state)
{
	struct sk_shape *shape = sk_shape_new(false);
	struct sk_shape_sign sign;
	struct sk_buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 120; i++)
		sk_shape_step(shape, i % 9, day_of(i), &sign);
	sk_shape_save(shape, &buf);
	assert_true(loads(buf.ptr, buf.len, false));
	assert_false(loads(buf.ptr, buf.len, true));
	for (size_t len = 0; len < buf.len; len += 1 + len / 97)
		assert_false(loads(buf.ptr, len, false));
	assert_false(loads_with(&buf, 0, 1));    /* the form */
	assert_false(loads_with(&buf, 1, 1));    /* clock or not */
	assert_false(loads_with(&buf, 3, 1));    /* values since a gap */
	assert_true(loads_with(&buf, 4, -1e300)); /* the first value */
	assert_false(loads_with(&buf, 5, 1e19)); /* the mean */
	assert_false(loads_with(&buf, 6, -1));   /* the variance */
	assert_false(loads_with(&buf, 6, 1e40));
	assert_true(loads_with(&buf, 6, 1e36));
	assert_false(loads_with(&buf, 7, -1e19));
	assert_false(loads_with(&buf, 8, (double)NAN));
	assert_false(loads_with(&buf, 72, 1e19)); /* the last of the past */
	assert_false(loads_with(&buf, 73, 9));    /* a surprise */
	sk_buf_free(&buf);
	sk_shape_free(shape);
}

static void
says_what_a_view_looks_at(void **state)
{
	static const char *const words[] = {
		"any 4 values remembered at this hour",
		"any 12 values remembered at this hour",
		"any 6 values, 4 apart, remembered at this hour",
		"any 3 values remembered",
		"any 12 values, 4 apart, remembered",
		"any level and spread remembered",
	};
	struct sk_buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++) {
		const char name[] = { (char)('A' + i), '\0' };

		assert_string_equal(sk_shape_view_name(i), name);
		sk_buf_reset(&buf);
		sk_shape_view_words(i, true, &buf);
		assert_string_equal(sk_buf_cstr(&buf), words[i]);
	}
	sk_buf_reset(&buf);
	sk_shape_view_words(1, false, &buf);
	assert_string_equal(sk_buf_cstr(&buf), "any 12 values remembered");
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_evidence_of_the_formula),
		cmocka_unit_test(begins_lags_anew_behind_a_gap),
		cmocka_unit_test(names_the_view_that_spoke),
		cmocka_unit_test(takes_rounding_for_the_same),
		cmocka_unit_test(stays_finite),
		cmocka_unit_test(goes_on_when_loaded),
		cmocka_unit_test(refuses_what_is_damaged),
		cmocka_unit_test(says_what_a_view_looks_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
