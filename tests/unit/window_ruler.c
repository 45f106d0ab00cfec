/* Rulers: units of every kind cut time without gaps, in zones of every sort. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "window/ruler.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define DRAWS 3000

static const char *const zones[] = { "UTC", "Europe/Madrid",
	"America/Sao_Paulo", "America/St_Johns", "Australia/Lord_Howe",
	"Pacific/Apia", "America/Havana", "Asia/Kathmandu" };
static const char *const units[] = { "1s", "7s", "1h", "1d", "3d", "1w",
	"2w@sun", "1mo", "5mo", "1y", "2ns", "2562047h" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A time is in the unit that was found, and units touch. */
static void
check(struct sk_ruler *ruler, int64_t t_ns)
{
	int64_t index, from_ns, to_ns;

	from_ns = sk_ruler_span(ruler, t_ns, &to_ns);
	index = ruler->index;
	assert_true(from_ns <= t_ns);
	assert_true(t_ns < to_ns || to_ns == INT64_MAX);
	assert_int_equal(sk_ruler_start(ruler, index), from_ns);
	assert_int_equal(sk_ruler_start(ruler, index + 1), to_ns);
	assert_int_equal(sk_ruler_index(ruler, from_ns), index);
	if (to_ns == INT64_MAX)
		return;
	/* Far away and back, so that nothing is remembered. */
	sk_ruler_index(ruler, t_ns > 0 ? -HOUR : HOUR);
	assert_int_equal(sk_ruler_index(ruler, to_ns - 1), index);
	/* A day that a zone left out is an empty unit. */
	assert_true(sk_ruler_index(ruler, to_ns) > index);
	assert_int_equal(ruler->from_ns, to_ns);
}

static void
try_unit(const char *unit, struct sk_zone *zone, struct sk_rng *rng)
{
	struct sk_ruler ruler;
	struct sk_diag diag = { "" };
	int64_t t_ns;
	int i;

	for (i = 0; i < DRAWS; i++) {
		if (i % 100 == 0) {
			assert_int_equal(sk_ruler_parse(&ruler,
			    sk_view_str(unit), &diag), 0);
			ruler.zone = zone;
			ruler.offset_ns = i % 300 == 0 ? 0 : (int64_t)(
			    sk_rng_next(rng) % 96) * HOUR / 2 - 24 * HOUR;
		}
		t_ns = (int64_t)sk_rng_next(rng);
		if (i % 10 == 0)
			t_ns = t_ns / 256 + (t_ns > 0 ? INT64_MAX : INT64_MIN) /
			    256 * 255; /* near the ends of time */
		else /* 1970 to 2040 */
			t_ns = (int64_t)((uint64_t)t_ns % (UINT64_C(70) * 365 *
			    24 * 3600 * SECOND));
		check(&ruler, t_ns);
	}
}

static void
test_units(void **state)
{
	struct sk_zone zone;
	struct sk_diag diag = { "" };
	struct sk_rng rng;
	size_t z, u;

	(void)state;
	sk_rng_init(&rng, 5);
	for (z = 0; z < COUNT(zones); z++) {
		memset(&zone, 0, sizeof(zone));
		assert_int_equal(sk_zone_init(&zone, sk_view_str(zones[z]),
		    &diag), 0);
		for (u = 0; u < COUNT(units); u++)
			try_unit(units[u], &zone, &rng);
		sk_zone_free(&zone);
	}
}

static void
test_what_is_typed(void **state)
{
	static const char *const wrong[] = { "", "5", "0s", "-1s", "1", "w",
		"1w@", "1w@xyz", "1w@monday", "1d@mon", "1s@mon", "0mo", "1x",
		"99999999999d", "mo", "1mo1" };
	struct sk_ruler ruler;
	struct sk_diag diag;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(wrong); i++)
		if (sk_ruler_parse(&ruler, sk_view_str(wrong[i]), &diag) !=
		    SK_EUSAGE)
			fail_msg("%s", wrong[i]);
	for (i = 0; i < COUNT(units); i++)
		assert_int_equal(sk_ruler_parse(&ruler, sk_view_str(units[i]),
		    &diag), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_what_is_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
