/* Thresholds: runs of known lengths with odd values and gaps among them, and
 * hysteresis and ranges against plain rules over random values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "detect/threshold.h"

#define SEC INT64_C(1000000000)

/* Heart rates: outside of 45 to 120 for 30 s, a gap of more than 5 s ends. */
static const struct sk_threshold_conf heart = { .high = NAN, .low = NAN,
	.min = 45, .max = 120, .for_ns = 30 * SEC, .gap_ns = 5 * SEC };
static const struct sk_threshold_conf wind = { .high = 90, .low = 80,
	.min = NAN, .max = NAN };

struct feed {
	struct sk_threshold run;
	const struct sk_threshold_conf *conf;
	int64_t t_ns;     /* of the next value */
	int nalarms, nover;
	int64_t alarm_ns; /* of the last */
	struct sk_threshold was;
};

/* n values, one a second. */
static void
feed(struct feed *feed, int n, double value)
{
	struct sk_threshold_sign sign;

	for (; n > 0; n--) {
		sk_threshold_step(&feed->run, feed->conf, value, feed->t_ns,
		    &sign);
		if (sign.alarm)
			feed->alarm_ns = feed->t_ns;
		if (sign.over)
			feed->was = sign.was;
		feed->nalarms += sign.alarm;
		feed->nover += sign.over;
		feed->t_ns += SEC;
	}
}

static void
alarms_when_it_has_lasted(void **state)
{
	int len, kind;

	(void)state;
	for (len = 28; len <= 40; len++)
		for (kind = 0; kind < 2; kind++) {
			struct feed f = { .conf = &heart, .t_ns = 100 * SEC };

			feed(&f, len, kind == 0 ? 150 : 40);
			assert_int_equal(f.nalarms, len >= 31);
			if (len >= 31)
				assert_int_equal(f.alarm_ns, 130 * SEC);
			feed(&f, 3, 70);
			assert_int_equal(f.nover, len >= 31);
			if (len < 31)
				continue;
			assert_int_equal(f.was.side, kind == 0 ?
			    SK_THRESHOLD_ABOVE : SK_THRESHOLD_BELOW);
			assert_int_equal(f.was.n, len);
			assert_int_equal(f.was.since_ns, 100 * SEC);
			assert_int_equal(f.was.last_ns, (99 + len) * SEC);
			assert_true(f.was.peak == (kind == 0 ? 150 : 40));
		}
}

static void
single_values_do_not_alarm_but_end_a_run(void **state)
{
	static const double odd[] = { 0, 180, 220 };
	struct feed f = { .conf = &heart };
	size_t k;

	(void)state;
	for (k = 0; k < 300; k++) {
		feed(&f, 1, odd[k % 3]);
		feed(&f, 1, 70);
	}
	feed(&f, 30, 130);
	feed(&f, 1, 70);
	feed(&f, 30, 130);
	feed(&f, 1, 30); /* the other kind */
	feed(&f, 30, 130);
	assert_int_equal(f.nalarms, 0);
	feed(&f, 1, 125);
	assert_int_equal(f.nalarms, 1);
	feed(&f, 1, 30);
	assert_int_equal(f.nover, 1);
	assert_int_equal(f.was.n, 31);
	assert_int_equal(f.run.side, SK_THRESHOLD_BELOW);
	assert_int_equal(f.run.n, 1);
}

static void
the_bounds_of_a_range_are_inside(void **state)
{
	struct sk_threshold_conf conf = heart;
	struct feed f = { .conf = &conf };

	(void)state;
	conf.for_ns = 0;
	feed(&f, 5, 45);
	feed(&f, 5, 120);
	assert_int_equal(f.nalarms, 0);
	feed(&f, 1, 44.999);
	feed(&f, 1, 120.001);
	assert_int_equal(f.nalarms, 2);
	assert_int_equal(f.nover, 1);
	conf.min = NAN;
	feed(&f, 1, -1000);
	assert_int_equal(f.nalarms, 2);
	assert_int_equal(f.nover, 2);
}

static void
a_longer_gap_ends_a_run(void **state)
{
	int gap;

	(void)state;
	for (gap = 4; gap <= 7; gap++) {
		struct feed f = { .conf = &heart };

		feed(&f, 20, 130);
		f.t_ns += (gap - 1) * SEC;
		feed(&f, 20, 130);
		assert_int_equal(f.nalarms, gap <= 5);
		f.t_ns += 1; /* behind an alarm: a nanosecond too late */
		feed(&f, 11, 130);
		assert_int_equal(f.nalarms, 1);
		f.t_ns += 4 * SEC + 1;
		feed(&f, 31, 130);
		assert_int_equal(f.nover, 1);
		assert_int_equal(f.nalarms, 2);
	}
}

static void
may_end_and_begin_a_run_at_once(void **state)
{
	struct sk_threshold_conf conf = wind;
	struct feed f = { .conf = &conf };

	(void)state;
	conf.gap_ns = 1;
	feed(&f, 2, 95);
	assert_int_equal(f.nalarms, 2);
	assert_int_equal(f.nover, 1);
	assert_int_equal(f.was.n, 1);
}

static void
follows_hysteresis(void **state)
{
	struct feed f = { .conf = &wind };
	struct sk_rng rng;
	double value, peak = 0;
	bool on = false;
	int i, nalarms = 0, nover = 0, n = 0;

	(void)state;
	sk_rng_init(&rng, 1);
	for (i = 0; i < 20000; i++) {
		value = 78 + (double)(sk_rng_next(&rng) % 53) / 4;
		if (!on && value >= 90) {
			on = true;
			nalarms++;
			peak = n = 0;
		} else if (on && value <= 80) {
			on = false;
			nover++;
		}
		if (on) {
			n++;
			peak = fmax(peak, value);
		}
		feed(&f, 1, value);
		assert_int_equal(f.nalarms, nalarms);
		assert_int_equal(f.nover, nover);
		if (nover > 0 && !on) {
			assert_int_equal(f.was.n, n);
			assert_true(f.was.peak == peak);
		}
	}
	assert_true(nalarms > 100);
}

static void
one_bound_is_both(void **state)
{
	struct sk_threshold_conf conf = wind;
	int k;

	(void)state;
	for (k = 0; k < 3; k++) {
		struct feed f = { .conf = &conf };

		conf.high = k == 0 ? NAN : 90;
		conf.low = k == 1 ? NAN : 90;
		feed(&f, 1, 89.9);
		assert_int_equal(f.nalarms, 0);
		feed(&f, 3, 90);
		assert_int_equal(f.nalarms, 1);
		assert_int_equal(f.nover, 0);
		feed(&f, 1, 89.9);
		assert_int_equal(f.nover, 1);
	}
}

static void
stands_at_the_ends_of_time(void **state)
{
	struct sk_threshold_conf conf = heart;
	struct sk_threshold run = { 0 };
	struct sk_threshold_sign sign;

	(void)state;
	conf.for_ns = INT64_MAX;
	conf.gap_ns = INT64_MAX;
	sk_threshold_step(&run, &conf, 130, INT64_MIN, &sign);
	assert_false(sign.alarm);
	sk_threshold_step(&run, &conf, 130, -2, &sign);
	assert_false(sign.alarm);
	sk_threshold_step(&run, &conf, 130, -1, &sign);
	assert_true(sign.alarm);
	sk_threshold_step(&run, &conf, 130, INT64_MAX, &sign);
	assert_true(sign.over);
	assert_int_equal(sign.was.n, 3);
	sk_threshold_step(&run, &conf, 130, INT64_MIN, &sign);
	assert_false(sign.alarm || sign.over);
	assert_true(run.since_ns == INT64_MIN && run.last_ns == INT64_MIN);
}

static void
goes_on_from_a_saved_state(void **state)
{
	struct feed one = { .conf = &heart }, two = { .conf = &heart };
	struct sk_buf buf = { 0 };
	struct sk_view bytes;
	struct sk_rng rng;
	double value;
	int i, n;

	(void)state;
	sk_rng_init(&rng, 2);
	for (i = 0; i < 2000; i++) {
		value = (double)(sk_rng_next(&rng) % 3) * 80;
		for (n = (int)(sk_rng_next(&rng) % 70); n > 0; n--) {
			feed(&one, 1, value);
			feed(&two, 1, value);
			assert_int_equal(one.nalarms, two.nalarms);
			assert_int_equal(one.nover, two.nover);
			assert_int_equal(one.was.n, two.was.n);
			sk_buf_reset(&buf);
			sk_threshold_save(&two.run, &buf);
			memset(&two.run, 0xa5, sizeof(two.run));
			bytes = sk_view(buf.ptr, buf.len);
			assert_true(sk_threshold_load(&two.run, &bytes));
			assert_int_equal(bytes.len, 0);
		}
	}
	assert_true(one.nover > 100);
	sk_buf_free(&buf);
}

static bool
loads(const struct sk_threshold *run, size_t cut)
{
	struct sk_threshold back;
	struct sk_buf buf = { 0 };
	struct sk_view bytes;
	char *copy;
	bool loaded;

	sk_threshold_save(run, &buf);
	bytes.len = buf.len - cut;
	bytes.ptr = copy = malloc(buf.len);
	memcpy(copy, buf.ptr, buf.len);
	loaded = sk_threshold_load(&back, &bytes);
	free(copy);
	sk_buf_free(&buf);
	return loaded;
}

static void
refuses_what_is_no_state(void **state)
{
	static const struct sk_threshold wrong[] = {
		{ .side = (enum sk_threshold_side)3, .n = 1 },
		{ .side = SK_THRESHOLD_ABOVE },
		{ .alarmed = true }, { .n = 1 },
		{ .side = SK_THRESHOLD_BELOW, .n = 1, .since_ns = 1 },
		{ .side = SK_THRESHOLD_BELOW, .n = 1, .peak = NAN },
	};
	const struct sk_threshold right = { .side = SK_THRESHOLD_BELOW,
		.n = 1, .peak = 3 };
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++)
		assert_false(loads(&wrong[k], 0));
	assert_true(loads(&right, 0));
	for (k = 1; k <= 48; k++)
		assert_false(loads(&right, k));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_when_it_has_lasted),
		cmocka_unit_test(single_values_do_not_alarm_but_end_a_run),
		cmocka_unit_test(the_bounds_of_a_range_are_inside),
		cmocka_unit_test(a_longer_gap_ends_a_run),
		cmocka_unit_test(may_end_and_begin_a_run_at_once),
		cmocka_unit_test(follows_hysteresis),
		cmocka_unit_test(one_bound_is_both),
		cmocka_unit_test(stands_at_the_ends_of_time),
		cmocka_unit_test(goes_on_from_a_saved_state),
		cmocka_unit_test(refuses_what_is_no_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
