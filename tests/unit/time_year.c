#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/sys.h"
#include "time/year.h"

#define NS INT64_C(1000000000)

static void
expect(struct sk_year *year, int32_t month, int32_t day, int32_t want)
{
	struct sk_civil civil = { -1, month, day };
	int32_t now = year->now;

	if (sk_year_take(year, &civil) != (want != 0))
		fail_msg("%d-%d", month, day);
	if (want != 0 && civil.year != want)
		fail_msg("%d-%d: %d", month, day, civil.year);
	assert_int_equal(year->now, want != 0 ? want : now);
}

static void
test_given(void **state)
{
	struct sk_year year = { .year = 2026 };

	(void)state;
	expect(&year, 11, 30, 2026);
	assert_true(year.used);
	expect(&year, 12, 31, 2026);
	expect(&year, 1, 1, 2027);
	/* A little late. */
	expect(&year, 12, 31, 2026);
	expect(&year, 1, 1, 2027);
	expect(&year, 2, 28, 2027);
	expect(&year, 2, 29, 0);
	expect(&year, 12, 1, 2026);
	expect(&year, 1, 1, 2027);
	/* A silence of eight months, and one over the new year. */
	expect(&year, 9, 1, 2027);
	expect(&year, 2, 28, 2028);
	expect(&year, 2, 29, 2028);
	/* Files in the wrong order. */
	expect(&year, 8, 1, 2028);
	expect(&year, 6, 1, 2028);
	expect(&year, 7, 1, 2028);
	assert_int_equal(year.year, 2026);
}

/* A day each, for a century; and the same with each third one a month late. */
static void
test_days(void **state)
{
	struct sk_year year = { .year = 1950 };
	int32_t days = sk_civil_days((struct sk_civil){ 1950, 1, 31 }), i;

	(void)state;
	for (i = 0; i < 36500; i++) {
		struct sk_civil civil = sk_civil_from_days(days + i -
		    (i % 3 == 0 ? 30 : 0));

		expect(&year, civil.month, civil.day, civil.year);
	}
}

static void
test_present(void **state)
{
	/* 2026-11-22T10:00:00Z */
	const struct sk_year present = { .present_ns = 1795341600 * NS };
	struct sk_year year = present;

	(void)state;
	expect(&year, 11, 22, 2026);
	year = present;
	expect(&year, 11, 23, 2026);
	year = present;
	expect(&year, 11, 24, 2025);
	expect(&year, 12, 1, 2025);
	expect(&year, 1, 1, 2026);
	year = present;
	expect(&year, 1, 1, 2026);
	year = present;
	expect(&year, 2, 29, 0);
	assert_false(year.used);
	/* The new year of another zone has come. */
	year = (struct sk_year){ .present_ns = 1798761599 * NS };
	expect(&year, 1, 1, 2027);
	year = (struct sk_year){ .present_ns = 1798761599 * NS };
	expect(&year, 1, 2, 2026);
	year = (struct sk_year){ .present_ns = 1798761599 * NS };
	expect(&year, 12, 31, 2026);
}

static void
test_clock(void **state)
{
	int32_t days = (int32_t)(sk_sys_clock_ns() / NS / SK_CIVIL_DAY_S);
	struct sk_civil civil = sk_civil_from_days(days);
	struct sk_year year = { .year = 0 };

	(void)state;
	if (civil.month == 2 && civil.day == 29)
		skip();
	expect(&year, civil.month, civil.day, civil.year);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_present),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
