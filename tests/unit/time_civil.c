#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "time/civil.h"

/* Every day of the years 0 to 9999, counted one by one. */
static void
test_days(void **state)
{
	struct sk_civil c = { 0, 1, 1 };
	int32_t days = sk_civil_days(c), next = days;

	(void)state;
	assert_int_equal(days, -719528);
	for (; c.year < 10000; c.year++)
		for (c.month = 1; c.month <= 12; c.month++)
			for (c.day = 1; sk_civil_is_valid(c); c.day++) {
				struct sk_civil back;

				days = sk_civil_days(c);
				if (days != next)
					assert_int_equal(days, next);
				next++;
				back = sk_civil_from_days(days);
				if (back.year != c.year ||
				    back.month != c.month || back.day != c.day)
					fail_msg("%d-%d-%d", c.year, c.month,
					    c.day);
			}
	assert_int_equal(next, 2932897);
}

/* Every day of 1900 to 2199 against the C library. */
static void
test_libc(void **state)
{
	time_t t = -2208988800;
	int32_t n = 0;

	(void)state;
	for (; t < 7258118400; t += SK_CIVIL_DAY_S, n++) {
		struct sk_civil c;
		struct tm tm;

		gmtime_r(&t, &tm);
		c.year = tm.tm_year + 1900;
		c.month = tm.tm_mon + 1;
		c.day = tm.tm_mday;
		assert_true(sk_civil_is_valid(c));
		assert_int_equal(sk_civil_days(c), t / SK_CIVIL_DAY_S);
		tm.tm_yday = tm.tm_wday = 0;
		assert_int_equal(timegm(&tm), t);
	}
	assert_int_equal(n, 109573);
}

static void
test_valid(void **state)
{
	static const struct sk_civil bad[] = { { 2023, 2, 29 },
		{ 1900, 2, 29 }, { 2024, 2, 30 }, { 2024, 4, 31 },
		{ 2024, 0, 1 }, { 2024, 13, 1 }, { 2024, 1, 0 },
		{ 2024, 1, 32 }, { 10000, 1, 1 }, { -1, 1, 1 } };
	static const struct sk_civil good[] = { { 2024, 2, 29 },
		{ 2000, 2, 29 }, { 0, 1, 1 }, { 9999, 12, 31 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(sk_civil_is_valid(bad[i]));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(sk_civil_is_valid(good[i]));
}

static void
test_ns(void **state)
{
	int64_t ns = 7;

	(void)state;
	assert_true(sk_civil_ns(0, 0, &ns));
	assert_int_equal(ns, 0);
	assert_true(sk_civil_ns(-1, 999999999, &ns));
	assert_int_equal(ns, -1);
	assert_true(sk_civil_ns(9223372036, 854775807, &ns));
	assert_true(ns == INT64_MAX);
	assert_true(sk_civil_ns(-9223372037, 145224192, &ns));
	assert_true(ns == INT64_MIN);
	ns = 7;
	assert_false(sk_civil_ns(9223372036, 854775808, &ns));
	assert_false(sk_civil_ns(-9223372037, 145224191, &ns));
	assert_false(sk_civil_ns(INT64_MAX, 0, &ns));
	assert_false(sk_civil_ns(INT64_MIN, 0, &ns));
	assert_int_equal(ns, 7);
}

static void
test_months(void **state)
{
	(void)state;
	assert_int_equal(sk_civil_month("Jan"), 1);
	assert_int_equal(sk_civil_month("may"), 5);
	assert_int_equal(sk_civil_month("DEC"), 12);
	assert_int_equal(sk_civil_month("Jam"), 0);
	assert_int_equal(sk_civil_month("\nan"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_libc),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_ns),
		cmocka_unit_test(test_months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
