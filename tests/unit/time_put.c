#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "time/time.h"

#define T INT64_C(1795255205) /* 2026-11-21T10:00:05Z */
#define NS INT64_C(1000000000)

static void
expect_put(int64_t ns, enum sk_time_form seen, const char *want)
{
	struct sk_buf buf = { NULL, 0, 0 };

	sk_time_put_as(&buf, ns, seen, NULL);
	assert_string_equal(sk_buf_cstr(&buf), want);
	sk_buf_free(&buf);
}

static void
test_put(void **state)
{
	(void)state;
	expect_put(0, SK_TIME_RFC3339, "1970-01-01T00:00:00Z");
	expect_put(-1, SK_TIME_CLF, "1969-12-31T23:59:59.999999999Z");
	expect_put(T * NS, SK_TIME_PATTERN, "2026-11-21T10:00:05Z");
	expect_put(T * NS + 250000000, SK_TIME_AUTO,
	    "2026-11-21T10:00:05.250Z");
	expect_put(T * NS + 250, SK_TIME_RFC3339,
	    "2026-11-21T10:00:05.000000250Z");
	expect_put(T * NS + 25000, SK_TIME_RFC3339,
	    "2026-11-21T10:00:05.000025Z");
	expect_put(INT64_MAX, SK_TIME_RFC3339,
	    "2262-04-11T23:47:16.854775807Z");
	expect_put(INT64_MIN, SK_TIME_RFC3339,
	    "1677-09-21T00:12:43.145224192Z");
	expect_put(T * NS, SK_TIME_S, "1795255205");
	expect_put(T * NS, SK_TIME_MS, "1795255205000");
	expect_put(T * NS + 250000000, SK_TIME_S, "1795255205.25");
	expect_put(T * NS + 1, SK_TIME_S, "1795255205.000000001");
	expect_put(T * NS + 1, SK_TIME_US, "1795255205000000.001");
	expect_put(-1500000, SK_TIME_MS, "-1.5");
	expect_put(INT64_MIN, SK_TIME_NS, "-9223372036854775808");
	expect_put(INT64_MIN, SK_TIME_S, "-9223372036.854775808");
}

static void
expect_zone(int64_t ns, const char *name, const char *want)
{
	struct sk_buf buf = { NULL, 0, 0 };
	struct sk_zone zone;

	assert_int_equal(sk_zone_init(&zone, sk_view_str(name), NULL), 0);
	sk_time_put_zone(&buf, ns, &zone);
	assert_string_equal(sk_buf_cstr(&buf), want);
	sk_buf_reset(&buf);
	sk_time_put_as(&buf, ns, SK_TIME_CLF, &zone);
	assert_string_equal(sk_buf_cstr(&buf), want);
	sk_buf_reset(&buf);
	sk_time_put_as(&buf, 5000000, SK_TIME_MS, &zone);
	assert_string_equal(sk_buf_cstr(&buf), "5");
	sk_buf_free(&buf);
	sk_zone_free(&zone);
}

static void
test_put_zone(void **state)
{
	(void)state;
	expect_zone(T * NS, "UTC", "2026-11-21T10:00:05Z");
	expect_zone(T * NS, "+00:00", "2026-11-21T10:00:05+00:00");
	expect_zone(T * NS + 5000, "-03:30",
	    "2026-11-21T06:30:05.000005-03:30");
	expect_zone(-1, "+14", "1970-01-01T13:59:59.999999999+14:00");
	expect_zone(INT64_MAX, "+23:59", "2262-04-12T23:46:16.854775807+23:59");
	expect_zone(INT64_MIN, "-23:59", "1677-09-20T00:13:43.145224192-23:59");
	if (access("/usr/share/zoneinfo/Europe/Madrid", R_OK) != 0)
		return;
	expect_zone(T * NS, "Europe/Madrid", "2026-11-21T11:00:05+01:00");
	/* -00:14:44 */
	expect_zone(-5364662400 * NS, "Europe/Madrid",
	    "1799-12-31T23:46:00-00:14");
}

/* What was put reads back as the same, in every form. */
static void
test_round_trip(void **state)
{
	static const enum sk_time_form seen[] = { SK_TIME_RFC3339, SK_TIME_S,
		SK_TIME_MS, SK_TIME_US, SK_TIME_NS };
	static const char *const formats[] = { "rfc3339", "s", "ms", "us",
		"ns" };
	struct sk_buf buf = { NULL, 0, 0 };
	struct sk_time time;
	struct sk_rng rng;
	int i;

	(void)state;
	sk_rng_init(&rng, 9);
	for (i = 0; i < 500000; i++) {
		int64_t ns = (int64_t)sk_rng_next(&rng), back = 0;

		if (i % 7 == 0)
			ns -= ns % 1000000;
		sk_buf_reset(&buf);
		sk_time_put_as(&buf, ns, seen[i % 5], NULL);
		sk_time_init(&time, sk_view_str(formats[i % 5]), NULL);
		assert_int_equal(sk_time_parse(&time,
		    sk_view(buf.ptr, buf.len), &back), 0);
		assert_true(back == ns);
	}
	sk_buf_free(&buf);
}

/* One zone for times on few days in turn, against the C library. */
static void
test_days(void **state)
{
	struct sk_buf buf = { NULL, 0, 0 };
	struct sk_zone zone;
	struct sk_rng rng;
	int i;

	(void)state;
	sk_rng_init(&rng, 3);
	sk_zone_init(&zone, sk_view_str("-01:00"), NULL);
	for (i = 0; i < 200000; i++) {
		time_t t = (time_t)(sk_rng_next(&rng) % 18446744072) -
		    9223372036;
		char want[64];
		struct tm tm;

		if (i % 4 > 0)
			t = (time_t)(sk_rng_next(&rng) % 259200) - 86400;
		sk_buf_reset(&buf);
		sk_time_put_zone(&buf, t * NS, &zone);
		t -= 3600;
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S-01:00", &tm);
		assert_string_equal(sk_buf_cstr(&buf), want);
	}
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_put_zone),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
