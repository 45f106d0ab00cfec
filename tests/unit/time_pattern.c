#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <time.h>

#include "base/rng.h"
#include "time/pattern.h"

static void
expect(const char *pattern, const char *text, int64_t seconds, int64_t ns)
{
	/* -9223372037 s and a fraction are in range, but not without it. */
	int64_t out = -7, want = seconds >= 0 ? seconds * 1000000000 + ns :
	    (seconds + 1) * 1000000000 + (ns - 1000000000);

	struct sk_pattern p;

	assert_int_equal(sk_pattern_init(&p, sk_view_str(pattern), NULL), 0);
	assert_false(p.needs_year);
	if (sk_pattern_parse(&p, sk_view_str(text), NULL, NULL, &out) != 0 ||
	    out != want)
		fail_msg("%s: %s", pattern, text);
	out = -7;
	if (sk_pattern_parse(&p, sk_view_str(text), NULL, NULL, &out) != 0 ||
	    out != want)
		fail_msg("%s: %s, again", pattern, text);
}

static void
refuse(const char *pattern, const char *text, int err)
{
	int64_t out = -7;

	struct sk_pattern p;

	assert_int_equal(sk_pattern_init(&p, sk_view_str(pattern), NULL), 0);
	assert_false(p.needs_year);
	assert_int_equal(sk_pattern_parse(&p, sk_view_str(text), NULL, NULL,
	    &out), err);
	assert_int_equal(out, -7);
}

static void
test_conversions(void **state)
{
	const int64_t t = 1795255205; /* 2026-11-21T10:00:05Z, a Saturday */

	(void)state;
	expect("%Y-%m-%d %H:%M:%S", "2026-11-21 10:00:05", t, 0);
	expect("%FT%T", "2026-11-21T10:00:05", t, 0);
	expect("%F %R", "2026-11-21 10:00", t - 5, 0);
	expect("%D %T", "11/21/26 10:00:05", t, 0);
	expect("%d.%m.%Y", "21.11.2026", t - 36005, 0);
	expect("%Y%m%d%H%M%S", "20261121100005", t, 0);
	expect("%y%m%d", "261121", t - 36005, 0);
	expect("%y-%j", "69-001", -31536000, 0);
	expect("%y-%j", "68-366", 3124137600, 0);
	expect("%Y-%j", "2026-325", t - 36005, 0);
	expect("%a %b %e %H:%M:%S %Y", "Sat Nov 21 10:00:05 2026", t, 0);
	expect("%A, %d %B %Y", "saturday, 21 NOVEMBER 2026", t - 36005, 0);
	expect("%b %e %Y", "Nov  1 2026", 1793491200, 0);
	expect("%h%e %Y", "Nov 1 2026", 1793491200, 0);
	expect("%F %I:%M:%S %p", "2026-11-21 10:00:05 am", t, 0);
	expect("%F %l%p", "2026-11-21  1PM", t - 36005 + 46800, 0);
	expect("%F %I %p", "2026-11-21 12 AM", t - 36005, 0);
	expect("%F %I %p", "2026-11-21 12 PM", t - 36005 + 43200, 0);
	expect("%F %T.%f", "2026-11-21 10:00:05.25", t, 250000000);
	expect("%F %T,%f", "2026-11-21 10:00:05,1234567899", t, 123456789);
	expect("%F %T %z", "2026-11-21 10:00:05 +0130", t - 5400, 0);
	expect("%F %T%z", "2026-11-21 10:00:05-05:00", t + 18000, 0);
	expect("%F %T %Z", "2026-11-21 10:00:05 UTC", t, 0);
	expect("%s", "1795255205", t, 0);
	expect("%s.%f", "-1.5", -2, 500000000);
	expect("%s.%f", "-0.25", -1, 750000000);
	expect("[%s]%%", "[1795255205]%", t, 0);
	expect("%F%n%T", "2026-11-21 \t10:00:05", t, 0);
	expect("%F  %T", "2026-11-21 10:00:05", t, 0);
	expect("%F %T", "2026-12-31 23:59:60", 1798761600, 0);
	expect("%F %T", "2262-04-11 23:47:16", 9223372036, 0);
	expect("%F %T.%f", "1677-09-21 00:12:43.145224192", -9223372037,
	    145224192);
}

static void
test_refused(void **state)
{
	static const char *const texts[] = { "", "2026-11-2110:00:05x",
		"2026-11-21 10:00:0", "2026-11-21 10:00:61",
		"2026-11-21 10:60:00", "2026-11-21 24:00:00",
		"2026-02-29 10:00:00", "2026-13-01 10:00:00",
		"2026-00-01 10:00:00", "2026-01-00 10:00:00",
		"2026-11-21 10:00:05 ", " 2026-11-21 10:00:05",
		"20261-11-21 10:00:05", "-026-11-21 10:00:05" };
	size_t i;

	(void)state;
	/* The third text is a good one: numbers may be short. */
	expect("%F %T", texts[2], 1795255200, 0);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (i != 2)
			refuse("%F %T", texts[i], SK_EDATA);
	refuse("%Y-%j", "2026-366", SK_EDATA);
	refuse("%Y-%j", "2026-000", SK_EDATA);
	refuse("%b %e %Y", "Nox 1 2026", SK_EDATA);
	refuse("%F %I%p", "2026-11-21 13PM", SK_EDATA);
	refuse("%F %I%p", "2026-11-21 1XM", SK_EDATA);
	refuse("%F %Z", "2026-11-21 CET", SK_EDATA);
	refuse("%F %z", "2026-11-21 +2400", SK_EDATA);
	refuse("%F %z", "2026-11-21 +0160", SK_EDATA);
	refuse("%s", "99999999999999999999", SK_EDATA);
	refuse("%s", "9999999999999", SK_ELIMIT);
	refuse("%s", "-9223372036854775808", SK_ELIMIT);
	refuse("%s.%f", "-9223372036854775808.5", SK_EDATA);
	refuse("%F", "2262-04-12", SK_ELIMIT);
	refuse("%F", "1677-09-21", SK_ELIMIT);
	refuse("%F", "9999-12-31", SK_ELIMIT);
	refuse("%F", "0-1-1", SK_ELIMIT);
}

static void
test_patterns(void **state)
{
	static const char *const bad[] = { "%Q", "%F %", "%H:%M", "%Y-%m",
		"%Y-%d", "%b %T", "%e %T", "%j %T", "%Y %T", "%F %I", "100%",
		"%F%E" };
	static const char *const yearless[] = { "%b %e %T", "%m.%d %H:%M:%S",
		"%d/%h", "%m%d" };
	struct sk_pattern p;
	struct sk_diag diag;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sk_pattern_init(&p, sk_view_str(bad[i]),
		    &diag), SK_EUSAGE);
	for (i = 0; i < sizeof(yearless) / sizeof(yearless[0]); i++) {
		assert_int_equal(sk_pattern_init(&p, sk_view_str(yearless[i]),
		    &diag), 0);
		assert_true(p.needs_year);
	}
	sk_pattern_init(&p, sk_view_str("%F %Q"), &diag);
	assert_string_equal(diag.text, "%F %Q: unknown conversion %Q");
	sk_pattern_init(&p, sk_view_str("%Y-%m"), &diag);
	assert_string_equal(diag.text, "%Y-%m: does not say the day");
}

/* What users copy from the configuration of their servers. */
static void
test_usual(void **state)
{
	const int64_t t = 1795255205; /* 2026-11-21T10:00:05Z, a Saturday */

	(void)state;
	expect("%d/%b/%Y:%H:%M:%S %z", "21/Nov/2026:11:00:05 +0100", t, 0);
	expect("%Y-%m-%d %H:%M:%S,%f", "2026-11-21 10:00:05,250", t,
	    250000000);
	expect("%a %b %d %H:%M:%S %Y", "Sat Nov 21 10:00:05 2026", t, 0);
	expect("%a %b %d %H:%M:%S.%f %Y",
	    "Sat Nov 21 10:00:05.000001 2026", t, 1000);
	expect("%Y/%m/%d %H:%M:%S", "2026/11/21 10:00:05", t, 0);
	expect("%Y-%m-%d-%H.%M.%S.%f", "2026-11-21-10.00.05.675872", t,
	    675872000);
	expect("%y%m%d %H%M%S", "261121 100005", t, 0);
	expect("%y/%m/%d %H:%M:%S", "26/11/21 10:00:05", t, 0);
	expect("%Y%m%d-%H:%M:%S:%f", "20261121-10:0:5:606", t, 606000000);
	expect("%Y%m%d", "20261121", t - 36005, 0);
	expect("%s", "-1", -1, 0);
}

static int
parse_in(const char *pattern, const char *text, struct sk_zone *zone,
    struct sk_year *year, int64_t *seconds)
{
	struct sk_pattern p;
	int64_t ns = 0;
	int err;

	assert_int_equal(sk_pattern_init(&p, sk_view_str(pattern), NULL), 0);
	err = sk_pattern_parse(&p, sk_view_str(text), zone, year, &ns);
	*seconds = ns / 1000000000;
	return err;
}

static void
test_zone_and_year(void **state)
{
	const int64_t t = 1795255205;
	struct sk_year year = { .year = 2026 };
	struct sk_zone zone;
	int64_t s;

	(void)state;
	assert_int_equal(sk_zone_init(&zone, sk_view_str("+02:00"), NULL), 0);
	assert_int_equal(parse_in("%F %T", "2026-11-21 12:00:05", &zone, NULL,
	    &s), 0);
	assert_int_equal(s, t);
	assert_int_equal(parse_in("%F %T %z", "2026-11-21 11:00:05 +0100",
	    &zone, NULL, &s), 0);
	assert_int_equal(s, t);
	assert_int_equal(parse_in("%F %T %Z", "2026-11-21 10:00:05 GMT", &zone,
	    NULL, &s), 0);
	assert_int_equal(s, t);
	assert_int_equal(parse_in("%s", "1795255205", &zone, NULL, &s), 0);
	assert_int_equal(s, t);
	assert_int_equal(parse_in("%m.%d %T", "11.21 12:00:05", &zone, NULL,
	    &s), SK_EDATA);
	assert_int_equal(parse_in("%m.%d %T", "11.21 12:00:05", &zone, &year,
	    &s), 0);
	assert_int_equal(s, t);
	/* What is refused does not move the year. */
	assert_int_equal(parse_in("%m.%d %T", "01.32 12:00:05", &zone, &year,
	    &s), SK_EDATA);
	assert_int_equal(parse_in("%m.%d %T", "01.03 12:00:05 ", &zone, &year,
	    &s), SK_EDATA);
	assert_int_equal(year.now, 2026);
	assert_int_equal(year.month, 11);
	assert_int_equal(parse_in("%b%e %T", "Jan 1 02:00:00", &zone, &year,
	    &s), 0);
	assert_int_equal(s, 1798761600);
}

/* One pattern for texts that differ a little from one another, against one
 * that has kept nothing. */
static void
test_kept(void **state)
{
	static const struct {
		const char *pattern, *text;
	} cases[] = {
		{ "%F %T,%f", "2026-11-21 10:00:05,123" },
		{ "%b %e %T", "Nov 21 10:00:05" },
		{ "%T %d/%m/%Y", "10:00:05 21/11/2026" },
		{ "%F %T.%f %z", "2026-11-21 10:00:05.123456789 +0100" },
		{ "%Y%m%d%H%M%S%f", "20261121100005123456789123" },
		{ "%F %k:%M:%S", "2026-11-21  9:00:05" },
		{ "%F %I:%M:%S %p", "2026-11-21 10:00:05 AM" },
		{ "%F %T %I%p", "2026-11-21 10:00:05 11PM" },
		{ "%F %T %H", "2026-11-21 10:00:05 11" },
		{ "%s %F %T", "1795255205 2026-11-21 10:00:05" },
		{ "%y%m%d %H%M%S", "261121 100005" },
		{ "%F %R", "2026-11-21 10:00" },
		{ "[%F %T] and so on, for more than 64 bytes, .............",
		    "[2026-11-21 10:00:05] and so on, for more than 64 bytes, "
		    "............." },
	};
	static const char bytes[] = "0123456789 :,.\0Z+";
	struct sk_zone zone;
	struct sk_rng rng;
	size_t i;
	int j;

	(void)state;
	sk_rng_init(&rng, 12);
	sk_zone_init(&zone, sk_view_str("+02:00"), NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);
		struct sk_year year = { .year = 2026 }, anew = year;
		struct sk_pattern p, fresh;
		int nkept = 0;

		sk_pattern_init(&p, sk_view_str(cases[i].pattern), NULL);
		fresh = p;
		for (j = 0; j < 100000; j++) {
			char text[99];
			int64_t ns = 0, want = 0;
			size_t n = len - (sk_rng_next(&rng) % 40 == 0);
			uint64_t k;
			int err;

			memcpy(text, cases[i].text, len);
			for (k = sk_rng_next(&rng) % 4; k > 0; k--)
				text[sk_rng_next(&rng) % len] =
				    bytes[sk_rng_next(&rng) %
				    (k > 1 ? 10 : sizeof(bytes))];
			err = sk_pattern_parse(&fresh, sk_view(text, n), &zone,
			    &anew, &want);
			memset(&fresh.memo, 0, sizeof(fresh.memo));
			if (sk_pattern_parse(&p, sk_view(text, n), &zone,
			    &year, &ns) != err || ns != want)
				fail_msg("%s: %.*s", cases[i].pattern, (int)n,
				    text);
			nkept += p.memo.len > 0;
			assert_int_equal(year.now, anew.now);
			assert_int_equal(year.month, anew.month);
		}
		assert_int_equal(nkept > 0, i != 6 && i != 7 && i != 9 &&
		    i < 11);
	}
}

#define DASHED "%Y-%m-%d %H:%M:%S"
#define NAMED "%d %b %Y %T"
#define LONG "%a, %e %B %Y %I:%M:%S %p"
#define COUNTED "%Y %j %H:%M:%S"

/* Against gmtime and strftime, for times of the whole range. */
static void
test_libc(void **state)
{
	struct sk_rng rng;
	int i;

	(void)state;
	sk_rng_init(&rng, 5);
	for (i = 0; i < 50000; i++) {
		time_t t = (time_t)(sk_rng_next(&rng) % 18446744072) -
		    9223372036;
		char text[99];
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), DASHED, &tm);
		expect(DASHED, text, t, 0);
		strftime(text, sizeof(text), NAMED, &tm);
		expect(NAMED, text, t, 0);
		strftime(text, sizeof(text), LONG, &tm);
		expect(LONG, text, t, 0);
		strftime(text, sizeof(text), COUNTED, &tm);
		expect(COUNTED, text, t, 0);
		snprintf(text, sizeof(text), "%lld", (long long)t);
		expect("%s", text, t, 0);
	}
}

/* Any bytes as pattern and text, of their exact size in memory. */
static void
test_hostile(void **state)
{
	static const char bytes[] = "%%%%%%YymbBhdejHkIlpMSfzZsaAntFTRD"
	    "0123456789 -:/.+novTZamp\t\0\xff";
	struct sk_year year = { .year = 2026 };
	struct sk_zone zone;
	struct sk_pattern p;
	struct sk_rng rng;
	int i;

	(void)state;
	sk_zone_init(&zone, sk_view_str("+02:00"), NULL);
	sk_rng_init(&rng, 6);
	for (i = 0; i < 300000; i++) {
		size_t plen = sk_rng_next(&rng) % 12, len = plen * 2, j;
		char *pattern = malloc(plen + 1), *text = malloc(len + 1);
		int64_t out;

		pattern = realloc(pattern, plen > 0 ? plen : 1);
		text = realloc(text, len > 0 ? len : 1);
		for (j = 0; j < plen; j++)
			pattern[j] = bytes[sk_rng_next(&rng) % sizeof(bytes)];
		for (j = 0; j < len; j++)
			text[j] = bytes[30 + sk_rng_next(&rng) %
			    (sizeof(bytes) - 30)];
		sk_pattern_init(&p, sk_view(pattern, plen), NULL);
		sk_pattern_parse(&p, sk_view(text, sk_rng_next(&rng) %
		    (len + 1)), &zone, &year, &out);
		free(pattern);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversions),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_zone_and_year),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_libc),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
