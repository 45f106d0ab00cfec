/* stream/pace: due times against the rule of its header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "stream/pace.h"

#define S INT64_C(1000000000)

static void
follows_the_times(void **state)
{
	struct sk_pace pace;

	(void)state;
	sk_pace_init(&pace, 1, 0);
	assert_int_equal(sk_pace_next(&pace, 100 * S, 7 * S), 0);
	assert_int_equal(sk_pace_next(&pace, 103 * S, 7 * S), 3 * S);
	assert_int_equal(sk_pace_next(&pace, 103 * S, 10 * S), 0);
	assert_int_equal(sk_pace_next(&pace, 104 * S, 10 * S), S);
}

static void
divides_by_the_speed(void **state)
{
	struct sk_pace pace;

	(void)state;
	sk_pace_init(&pace, 10, 0);
	assert_int_equal(sk_pace_next(&pace, 0, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 20 * S, 0), 2 * S);
	sk_pace_init(&pace, 0.5, 0);
	assert_int_equal(sk_pace_next(&pace, 0, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 20 * S, 0), 40 * S);
}

static void
max_speed_never_waits(void **state)
{
	struct sk_pace pace;

	(void)state;
	sk_pace_init(&pace, 0, 0);
	assert_int_equal(sk_pace_next(&pace, 0, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 20 * S, 0), 0);
}

static void
caps_a_pause(void **state)
{
	struct sk_pace pace;

	(void)state;
	sk_pace_init(&pace, 1, 5 * S);
	assert_int_equal(sk_pace_next(&pace, 0, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 1000 * S, 0), 5 * S);
	assert_int_equal(sk_pace_next(&pace, 1001 * S, 5 * S), S);
	/* The cap is on the pause as it is waited, not as it was. */
	sk_pace_init(&pace, 100, 5 * S);
	assert_int_equal(sk_pace_next(&pace, 0, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 100 * S, 0), S);
}

static void
catches_up_when_late(void **state)
{
	struct sk_pace pace;

	(void)state;
	sk_pace_init(&pace, 1, 0);
	assert_int_equal(sk_pace_next(&pace, 0, 0), 0);
	assert_int_equal(sk_pace_next(&pace, S, 10 * S), 0);
	assert_int_equal(sk_pace_next(&pace, 9 * S, 10 * S), 0);
	assert_int_equal(sk_pace_next(&pace, 12 * S, 10 * S), 2 * S);
}

static void
a_step_back_is_due_at_once(void **state)
{
	struct sk_pace pace;

	(void)state;
	sk_pace_init(&pace, 1, 0);
	assert_int_equal(sk_pace_next(&pace, 50 * S, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 20 * S, 0), 0);
	assert_int_equal(sk_pace_next(&pace, 51 * S, 0), S);
}

static void
extreme_times_do_not_overflow(void **state)
{
	struct sk_pace pace;
	int64_t wait;
	int i;

	(void)state;
	sk_pace_init(&pace, 1e-6, 0);
	assert_int_equal(sk_pace_next(&pace, INT64_MIN, 0), 0);
	wait = sk_pace_next(&pace, INT64_MAX, 0);
	assert_true(wait > 90 * INT64_C(365) * 86400 * S);
	sk_pace_init(&pace, 1e-6, 0);
	for (i = 0; i < 1000; i++)
		assert_true(sk_pace_next(&pace,
		    i * (INT64_MAX / 1000), 0) >= 0);
	assert_int_equal(pace.due_ns, INT64_MAX);
}

static void
parses_a_speed(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "1x", "fast", "1e10",
		"inf", "nan", "0x10" };
	double speed = -1;
	char why[64];
	size_t i;

	(void)state;
	assert_int_equal(sk_pace_parse("10", &speed, why, sizeof(why)), 0);
	assert_true(speed == 10);
	assert_int_equal(sk_pace_parse("0.5", &speed, why, sizeof(why)), 0);
	assert_true(speed == 0.5);
	assert_int_equal(sk_pace_parse("max", &speed, why, sizeof(why)), 0);
	assert_true(speed == 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		speed = 3;
		assert_int_equal(sk_pace_parse(bad[i], &speed, why,
		    sizeof(why)), SK_EUSAGE);
		assert_true(speed == 3);
		assert_string_equal(why, "not a speed (1, 10, 0.5, max)");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_times),
		cmocka_unit_test(divides_by_the_speed),
		cmocka_unit_test(max_speed_never_waits),
		cmocka_unit_test(caps_a_pause),
		cmocka_unit_test(catches_up_when_late),
		cmocka_unit_test(a_step_back_is_due_at_once),
		cmocka_unit_test(extreme_times_do_not_overflow),
		cmocka_unit_test(parses_a_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
