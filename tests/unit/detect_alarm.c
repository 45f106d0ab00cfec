/* Alarms against the formulae, line by line, over random evidence; thresholds,
 * quiet periods, incidents and saved states. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "detect/alarm.h"

enum { EVENTS = 30000 };

static const struct sk_alarm_conf plain = { .theta = -2.38, .threshold = 0.5,
	.warmup = SK_ALARM_WARMUP };

static double
unit(struct sk_rng *rng)
{
	return (double)(sk_rng_next(rng) >> 11) * 0x1p-53;
}

/* Quiet, with an odd stretch now and then. */
static double
evidence(struct sk_rng *rng, int *left)
{
	if (*left == 0 && sk_rng_next(rng) % 400 == 0)
		*left = (int)(sk_rng_next(rng) % 200);
	if (*left == 0)
		return 1.2 * unit(rng);
	--*left;
	return 1 + 4 * unit(rng);
}

struct naive {
	double quiet_until, bump, last;
	int64_t quiet_until_ns;
	double score, y;
	bool alarm;
};

static void
naive_step(struct naive *s, const struct sk_alarm_conf *conf, double e,
    double i, int64_t t_ns)
{
	double p = conf->threshold, x, lift, age;
	bool quiet;

	s->alarm = false;
	s->score = 0;
	age = fmin(i, 25000);
	x = e - 1 * log10(fmin(i, 8192) + 1) - conf->theta;
	lift = s->bump * exp(-(i - s->last) / (0.4 * age + 20));
	s->y = x - lift;
	if (i < 50)
		return;
	s->score = 1 / (1 + exp(-3 * s->y));
	quiet = conf->by_time ? s->bump > 0 && t_ns < s->quiet_until_ns :
	    i < s->quiet_until;
	if (quiet)
		s->score = fmin(s->score, p - 0.001);
	else if (s->y >= log(p / (1 - p)) / 3) {
		s->alarm = true;
		s->quiet_until = i + (conf->by_events ? (double)conf->quiet :
		    30 + 0.01 * age);
		s->quiet_until_ns = t_ns + conf->quiet_ns;
		s->bump = lift + 0.3;
		s->last = i;
	}
	if (i < (double)conf->warmup) {
		s->alarm = false;
		s->score = fmin(s->score, p - 0.001);
	}
	s->score = fmax(s->score, 0);
}

static int
check_run(const struct sk_alarm_conf *conf, uint64_t seed)
{
	struct naive naive = { 0 };
	struct sk_alarm alarm = { 0 };
	struct sk_alarm_sign sign;
	struct sk_rng rng;
	int64_t t = -1000;
	int i, left = 0, nalarms = 0;
	double e;

	sk_rng_init(&rng, seed);
	for (i = 0; i < EVENTS; i++) {
		e = evidence(&rng, &left);
		t += (int64_t)(sk_rng_next(&rng) % 3);
		naive_step(&naive, conf, e, i, t);
		sk_alarm_step(&alarm, conf, e, t, &sign);
		assert_int_equal(sign.alarm, naive.alarm);
		assert_true(fabs(sign.score - naive.score) < 1.1e-6);
		assert_int_equal(sign.alarm, sign.score >= conf->threshold);
		assert_true(sign.score == (double)lround(sign.score * 1e6) /
		    1e6);
		assert_true(sign.score >= 0 && sign.score <= 1);
		nalarms += sign.alarm;
	}
	return nalarms;
}

static void
follows_the_formulae(void **state)
{
	static const double thresholds[] = { 0.5, 0.000001, 0.3, 0.1234567,
		0.9, 0.99, 0.9999 };
	struct sk_alarm_conf conf = plain;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(thresholds) / sizeof(thresholds[0]); k++) {
		conf.threshold = thresholds[k];
		assert_true(check_run(&conf, k) > 0);
	}
}

static void
keeps_the_quiet_that_it_is_told(void **state)
{
	struct sk_alarm_conf conf = plain;
	int usual = check_run(&conf, 7);

	(void)state;
	conf.by_events = true;
	conf.quiet = 0;
	assert_true(check_run(&conf, 7) > usual);
	conf.quiet = 5;
	assert_true(check_run(&conf, 7) > usual);
	conf.quiet = UINT64_MAX;
	assert_int_equal(check_run(&conf, 7), 0); /* muted by warm-up */
	conf.warmup = 0;
	assert_int_equal(check_run(&conf, 7), 1);
	conf = plain;
	conf.by_time = true;
	conf.quiet_ns = 5;
	assert_true(check_run(&conf, 7) > usual);
	conf.quiet_ns = 5000;
	assert_true(check_run(&conf, 7) < usual);
}

/* All thresholds of 6 decimals: the score reaches them in alarms alone, and
 * there is none without evidence. */
static void
reaches_any_threshold_only_in_alarms(void **state)
{
	static const double steps[] = { -1, -1e-9, 0, 1e-9, 1 };
	struct sk_alarm_conf conf = plain;
	struct sk_alarm_sign sign;
	double limit, evidence;
	size_t k;
	int m;

	(void)state;
	for (m = 1; m < 1000000; m += 37) {
		conf.threshold = m / 1e6;
		limit = log(conf.threshold / (1 - conf.threshold)) / 3;
		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			struct sk_alarm alarm = { .i = 10000 };

			evidence = limit + steps[k] + log10(8193) +
			    conf.theta;
			sk_alarm_step(&alarm, &conf, evidence, 0, &sign);
			assert_int_equal(sign.alarm, sign.score >=
			    conf.threshold);
			if (steps[k] != 0)
				assert_int_equal(sign.alarm, steps[k] > 0 &&
				    evidence > 0);
		}
	}
}

static void
step(struct sk_alarm *alarm, double y, struct sk_alarm_sign *sign)
{
	const struct sk_alarm_conf conf = { .threshold = 0.5, .by_events = true,
		.quiet = 20 };
	double seen = alarm->i < 8192 ? (double)alarm->i : 8192;
	double lift = alarm->bump * exp(-(double)(alarm->i - alarm->last) /
	    (0.4 * fmin((double)alarm->i, 25000) + 20));

	sk_alarm_step(alarm, &conf, y + lift + log10(seen + 1), 0, sign);
}

static void
an_incident_ends_after_ten_calm_events(void **state)
{
	struct sk_alarm alarm = { .i = 1000 };
	struct sk_alarm_sign sign;
	int i;

	(void)state;
	step(&alarm, -0.1, &sign);
	assert_int_equal(sign.nevents, 0);
	step(&alarm, 0.1, &sign);
	assert_true(sign.alarm);
	assert_int_equal(sign.nevents, 1);
	assert_int_equal(alarm.opened, 1001);
	step(&alarm, 1, &sign); /* quiet, and yet the peak */
	assert_false(sign.alarm);
	assert_true(sign.score == 0.499);
	assert_true(sign.peak == 0.952574);
	for (i = 0; i < 9; i++)
		step(&alarm, -0.31, &sign);
	assert_false(sign.over);
	step(&alarm, -0.29, &sign);
	for (i = 0; i < 9; i++)
		step(&alarm, -0.31, &sign);
	assert_false(sign.over);
	step(&alarm, 0.1, &sign); /* again, of the same */
	assert_true(sign.alarm);
	assert_int_equal(sign.nevents, 22);
	assert_int_equal(alarm.opened, 1001);
	for (i = 0; i < 10; i++) {
		assert_false(sign.over);
		step(&alarm, -0.31, &sign);
	}
	assert_true(sign.over);
	assert_int_equal(sign.nevents, 32);
	assert_true(sign.peak == 0.952574);
	step(&alarm, -0.31, &sign);
	assert_false(sign.over);
	assert_int_equal(sign.nevents, 0);
	for (i = 0; i < 10; i++)
		step(&alarm, -1, &sign);
	step(&alarm, 0.2, &sign);
	assert_true(sign.alarm);
	assert_int_equal(sign.nevents, 1);
	assert_int_equal(alarm.opened, 1044);
	assert_true(sign.peak == 0.645656);
}

static void
warm_up_begins_no_incident(void **state)
{
	struct sk_alarm alarm = { 0 };
	struct sk_alarm_sign sign;
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		sk_alarm_step(&alarm, &plain, 9, 0, &sign);
		assert_false(sign.alarm || sign.over || alarm.open);
		assert_true(sign.score == (i < 50 ? 0 : 0.499));
	}
	assert_true(alarm.bump > 0.3);
	for (; i < 300 && !sign.alarm; i++)
		sk_alarm_step(&alarm, &plain, 9, 0, &sign);
	assert_true(sign.alarm && alarm.open);
}

static void
again(struct sk_alarm *alarm)
{
	struct sk_buf buf = { 0 };
	struct sk_view bytes;

	sk_alarm_save(alarm, &buf);
	memset(alarm, 0xa5, sizeof(*alarm));
	bytes = sk_view(buf.ptr, buf.len);
	assert_true(sk_alarm_load(alarm, &bytes));
	assert_int_equal(bytes.len, 0);
	sk_buf_free(&buf);
}

static void
goes_on_from_a_saved_state(void **state)
{
	struct sk_alarm one = { 0 }, two = { 0 };
	struct sk_alarm_sign a, b;
	struct sk_rng rng;
	int i, left = 0, nover = 0;
	double e;

	(void)state;
	sk_rng_init(&rng, 3);
	for (i = 0; i < 5000; i++) {
		e = evidence(&rng, &left);
		sk_alarm_step(&one, &plain, e, i, &a);
		sk_alarm_step(&two, &plain, e, i, &b);
		assert_true(a.score == b.score && a.peak == b.peak);
		assert_int_equal(a.alarm, b.alarm);
		assert_int_equal(a.over, b.over);
		assert_int_equal(a.nevents, b.nevents);
		nover += a.over;
		again(&two);
	}
	assert_true(nover > 0);
}

static bool
loads(const char *ptr, size_t len)
{
	struct sk_view bytes = sk_view(ptr, len);
	struct sk_alarm alarm;
	char *copy = malloc(len + 1); /* its end is guarded */
	bool loaded;

	memcpy(copy, ptr, len);
	bytes.ptr = copy;
	loaded = sk_alarm_load(&alarm, &bytes);
	free(copy);
	return loaded;
}

static void
refuses_what_is_no_state(void **state)
{
	static const struct sk_alarm wrong[] = {
		{ .i = 3, .last = 4 }, { .i = 3, .opened = 4 },
		{ .bump = -1 }, { .bump = NAN }, { .quiet_until = INFINITY },
		{ .calm = 10 }, { .peak = 1.5 }, { .peak = -0.5 },
	};
	const struct sk_alarm right = { .i = 3, .open = true, .calm = 9 };
	struct sk_buf buf = { 0 };
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
		sk_buf_reset(&buf);
		sk_alarm_save(&wrong[k], &buf);
		assert_false(loads(buf.ptr, buf.len));
	}
	sk_buf_reset(&buf);
	sk_alarm_save(&right, &buf);
	assert_true(loads(buf.ptr, buf.len));
	for (k = 0; k < buf.len; k++)
		assert_false(loads(buf.ptr, k));
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_formulae),
		cmocka_unit_test(keeps_the_quiet_that_it_is_told),
		cmocka_unit_test(reaches_any_threshold_only_in_alarms),
		cmocka_unit_test(an_incident_ends_after_ten_calm_events),
		cmocka_unit_test(warm_up_begins_no_incident),
		cmocka_unit_test(goes_on_from_a_saved_state),
		cmocka_unit_test(refuses_what_is_no_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
