#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <time.h>

#include "base/rng.h"
#include "time/civil.h"
#include "time/time.h"

#define T INT64_C(1795255205) /* 2026-11-21T10:00:05Z */
#define NS INT64_C(1000000000)

static int
parse(const char *format, const char *text, int64_t *ns,
    enum sk_time_form *seen)
{
	struct sk_year year = { .year = 2026 };
	struct sk_time time;
	int err;

	assert_int_equal(sk_time_init(&time, sk_view_str(format), NULL), 0);
	time.use_year = &year;
	err = sk_time_parse(&time, sk_view_str(text), ns);
	if (seen != NULL)
		*seen = time.seen;
	return err;
}

static void
expect(const char *format, const char *text, int64_t want,
    enum sk_time_form seen)
{
	enum sk_time_form form;
	int64_t ns = -7;

	if (parse(format, text, &ns, &form) != 0 || ns != want ||
	    form != seen)
		fail_msg("%s: %s: %lld", format, text, (long long)ns);
}

static void
refuse(const char *format, const char *text, int err)
{
	int64_t ns = -7;

	if (parse(format, text, &ns, NULL) != err || ns != -7)
		fail_msg("%s: %s: %lld", format, text, (long long)ns);
}

static void
test_rfc3339(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "2026-11-21T10:00:05Z", T * NS },
		{ "2026-11-21t10:00:05z", T * NS },
		{ "2026-11-21 10:00:05", T * NS },
		{ "2026-11-21 10:00", (T - 5) * NS },
		{ "2026-11-21T10:00Z", (T - 5) * NS },
		{ "2026-11-21", (T - 36005) * NS },
		{ "2026-11-21T10:00:05.25Z", T * NS + 250000000 },
		{ "2026-11-21 10:00:05,123", T * NS + 123000000 },
		{ "2026-11-21T10:00:05.123456789999Z", T * NS + 123456789 },
		{ "2026-11-21T11:30:05+01:30", T * NS },
		{ "2026-11-21T05:00:05-0500", T * NS },
		{ "2026-11-21T12:00:05+02", T * NS },
		{ "2026-11-21 12:00:05 +0200", T * NS },
		{ "2026-12-31T23:59:60Z", 1798761600 * NS },
		{ "1969-12-31T23:59:59.999999999Z", -1 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2262-04-11T23:47:16.854775807Z", INT64_MAX },
		{ "1677-09-21T00:12:43.145224192Z", INT64_MIN },
	};
	static const char *const bad[] = { "2026-11-2", "2026-11-21T",
		"2026-11-21T10", "2026-11-21T10:0", "2026-11-21T10:00:",
		"2026-11-21T10:00:5", "2026-11-21T10:00:05.",
		"2026-11-21T10:00:05.Z", "2026-11-21T10:00.5",
		"2026-11-21T10:00:05+", "2026-11-21T10:00:05+1",
		"2026-11-21T10:00:05+100", "2026-11-21T10:00:05+01:0",
		"2026-11-21T10:00:05+24:00", "2026-11-21T10:00:05+01:60",
		"2026-11-21T10:00:05 ", "2026-11-21T10:00:05Zx",
		"2026-11-21T10:00:05ZZ", "2026-11-21T24:00:00",
		"2026-11-21T10:60:00", "2026-11-21T10:00:61",
		"2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
		"2026-11-21x10:00", "2026-11-21T-1:00", "202--11-21",
		"2026-1-021", "x026-11-21", "202-11-21x" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		expect("", good[i].text, good[i].ns, SK_TIME_RFC3339);
		expect("rfc3339", good[i].text, good[i].ns, SK_TIME_RFC3339);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse("", bad[i], SK_EDATA);
		refuse("rfc3339", bad[i], SK_EDATA);
	}
	refuse("rfc3339", "", SK_EDATA);
	refuse("rfc3339", "1795255205", SK_EDATA);
	refuse("", "2262-04-11T23:47:16.854775808Z", SK_ELIMIT);
	refuse("", "1677-09-21T00:12:43.145224191Z", SK_ELIMIT);
	refuse("", "2262-04-12", SK_ELIMIT);
	refuse("", "9999-12-31", SK_ELIMIT);
	refuse("", "0000-01-01T00:00:00+23:59", SK_ELIMIT);
}

static void
test_epoch(void **state)
{
	(void)state;
	expect("", "0", 0, SK_TIME_S);
	expect("", "-1", -NS, SK_TIME_S);
	expect("", "+1", NS, SK_TIME_S);
	expect("", "1795255205", T * NS, SK_TIME_S);
	expect("", "1795255205.5", T * NS + 500000000, SK_TIME_S);
	expect("", "-0.000000001", -1, SK_TIME_S);
	expect("", "1795255205.1234567899", T * NS + 123456789, SK_TIME_S);
	expect("", "1795255205123", T * NS + 123000000, SK_TIME_MS);
	expect("", "1795255205123.25", T * NS + 123250000, SK_TIME_MS);
	expect("", "1795255205123456", T * NS + 123456000, SK_TIME_US);
	expect("", "1795255205123456.999999", T * NS + 123456999, SK_TIME_US);
	expect("", "1795255205123456789", T * NS + 123456789, SK_TIME_NS);
	expect("", "1795255205123456789.9", T * NS + 123456789, SK_TIME_NS);
	expect("epoch", "00001795255205", T * NS, SK_TIME_S);
	expect("", "100000000000", 100000000 * NS, SK_TIME_MS);
	expect("", "9223372036854", INT64_C(9223372036854) * 1000000,
	    SK_TIME_MS);
	expect("", "100000000000000", 100000000 * NS, SK_TIME_US);
	expect("", "100000000000000000", 100000000 * NS, SK_TIME_NS);
	refuse("", "99999999999", SK_ELIMIT);
	refuse("", "99999999999999", SK_ELIMIT);
	refuse("", "99999999999999999", SK_ELIMIT);
}

static void
test_units(void **state)
{
	(void)state;
	expect("s", "1795255205", T * NS, SK_TIME_S);
	expect("ms", "5", 5000000, SK_TIME_MS);
	expect("us", "5.5", 5500, SK_TIME_US);
	expect("ns", "5", 5, SK_TIME_NS);
	expect("ns", "9223372036854775807", INT64_MAX, SK_TIME_NS);
	expect("ns", "-9223372036854775808", INT64_MIN, SK_TIME_NS);
	expect("s", "9223372036.854775807", INT64_MAX, SK_TIME_S);
	expect("s", "-9223372036.854775808", INT64_MIN, SK_TIME_S);
	refuse("s", "9223372036.854775808", SK_ELIMIT);
	refuse("s", "-9223372036.854775809", SK_ELIMIT);
	refuse("ns", "9223372036854775808", SK_ELIMIT);
	refuse("ns", "-9223372036854775809", SK_ELIMIT);
	refuse("ns", "99999999999999999999999999", SK_ELIMIT);
	refuse("s", "18446744073.709551616", SK_ELIMIT);
	refuse("s", "18446744073709551616", SK_ELIMIT);
	refuse("s", "1795255205123", SK_ELIMIT);
	refuse("ms", "9223372036855", SK_ELIMIT);
	refuse("", "-", SK_EDATA);
	refuse("", "+-1", SK_EDATA);
	refuse("", ".5", SK_EDATA);
	refuse("", "5.", SK_EDATA);
	refuse("", "5.5.", SK_EDATA);
	refuse("", "1e9", SK_EDATA);
	refuse("", " 5", SK_EDATA);
	refuse("", "5 ", SK_EDATA);
	refuse("s", "2026-11-21", SK_EDATA);
}

static void
test_clf(void **state)
{
	static const char *const bad[] = { "[10/Oct/2000:13:55:36",
		"[10/Oct/2000:13:55 -0700]", "[10/Okt/2000:13:55:36 -0700]",
		"[32/Oct/2000:13:55:36 -0700]", "[10/Oct/2000:13:55:36-0700]",
		"[10/Oct/2000:13:55:36 -0700]]", "[[10/Oct/2000:13:55:36 Z]",
		"[10/Oct/2000:24:55:36 -0700]", "[10/Oct/200:13:55:36 -0700]",
		"[10/Oct/2000 13:55:36 -0700]", "[", "[]", "10/", "1//" };
	size_t i;

	(void)state;
	expect("", "[10/Oct/2000:13:55:36 -0700]", 971211336 * NS, SK_TIME_CLF);
	expect("", "10/Oct/2000:13:55:36 -0700", 971211336 * NS, SK_TIME_CLF);
	expect("clf", "[20/May/2015:21:05:00 +0000]", 1432155900 * NS,
	    SK_TIME_CLF);
	expect("clf", "29/Feb/2024:23:59:60 +0000", 1709251200 * NS,
	    SK_TIME_CLF);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse("", bad[i], SK_EDATA);
		refuse("clf", bad[i], SK_EDATA);
	}
	refuse("clf", "29/Feb/2023:00:00:00 +0000", SK_EDATA);
	refuse("clf", "01/Jan/2300:00:00:00 +0000", SK_ELIMIT);
}

static void
test_syslog(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "Nov 21 10:00:05", T * NS },
		{ "nov 21 10:00:05", T * NS },
		{ "Nov  1 10:00:05", (T - 20 * 86400) * NS },
		{ "Nov 1 10:00:05", (T - 20 * 86400) * NS },
		{ "Nov 01 10:00:05", (T - 20 * 86400) * NS },
		{ "Nov 21 10:00:05.25", T * NS + 250000000 },
		{ "Nov 21 10:00:05,123456789", T * NS + 123456789 },
		{ "Nov 21 2026 10:00:05", T * NS },
		{ "Nov  1 2026 10:00:05.5", (T - 20 * 86400) * NS + 500000000 },
		{ "Nov 21 10:00:05 2026", T * NS },
		{ "Nov 20 23:59:60", (T - 36005) * NS },
	};
	static const char *const bad[] = { "Nov 21 10:00:0", "Nov 21 10:00",
		"Nov 21", "Nov 21 ", "Nov", "Nov 32 10:00:05",
		"Nov 31 10:00:05", "Nov 0 10:00:05", "Nov 00 10:00:05",
		"Nov  21 10:00:05", "Nov 21  10:00:05", "Nov   1 10:00:05",
		"Nov 1  10:00:05", "Nov 21 24:00:05", "Nov 21 10:60:05",
		"Nov 21 10:00:61", "Nov 21 10:00:05.", "Nov 21 10:00:05 ",
		"Nov 21 10:00:05Z", "Nov 21 10:00:05 26", "Nov-21 10:00:05",
		"Nov 21 2026 10:00:05 2026", "Nov 21 026 10:00:05",
		"Nov 21 20260 10:00:05", "Nov	21 10:00:05",
		"November 21 10:00:05", "Nov 121 10:00:05" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		expect("", good[i].text, good[i].ns, SK_TIME_SYSLOG);
		expect("syslog", good[i].text, good[i].ns, SK_TIME_SYSLOG);
	}
	expect("syslog", "2026 Nov 21 10:00:05", T * NS, SK_TIME_SYSLOG);
	expect("syslog", "2026-11-21T11:00:05.25+01:00", T * NS + 250000000,
	    SK_TIME_RFC3339);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse("", bad[i], SK_EDATA);
		refuse("syslog", bad[i], SK_EDATA);
	}
	refuse("", "", SK_EDATA);
	refuse("syslog", "1795255205", SK_EDATA);
	refuse("syslog", "2026 2026 Nov 21 10:00:05", SK_EDATA);
	refuse("syslog", "2026 Nov 21 2026 10:00:05", SK_EDATA);
	refuse("syslog", "Nov 21 9999 10:00:05", SK_ELIMIT);
	refuse("syslog", "Feb 29 10:00:05", SK_EDATA);
	refuse("syslog", "Feb 29 2026 10:00:05", SK_EDATA);
}

/* Days without a year one after another, by parsers that share the year:
 * what one has kept is not true for the other for ever. */
static void
test_years(void **state)
{
	struct sk_year year = { .year = 1999 };
	struct sk_time time[3];
	struct sk_rng rng;
	time_t t;

	(void)state;
	sk_rng_init(&rng, 4);
	sk_time_init(&time[0], sk_view_str("syslog"), NULL);
	sk_time_init(&time[1], sk_view_str(""), NULL);
	sk_time_init(&time[2], sk_view_str("%b %e %T"), NULL);
	time[0].use_year = time[1].use_year = time[2].use_year = &year;
	for (t = 915148800; t < 2208988800; t += 60 * (time_t)
	    (sk_rng_next(&rng) % 60000)) {
		char text[64];
		int64_t ns = 0;
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%b %e %H:%M:%S", &tm);
		assert_int_equal(sk_time_parse(&time[sk_rng_next(&rng) % 3],
		    sk_view_str(text), &ns), 0);
		assert_true(ns == t * NS);
		assert_int_equal(year.now, tm.tm_year + 1900);
		assert_int_equal(year.month, tm.tm_mon + 1);
	}
	assert_true(year.used);
	/* Without a parser's year, nothing is taken from what was kept. */
	time[0].use_year = NULL;
	assert_int_equal(sk_time_parse(&time[0], sk_view_str("Dec 31 1:00:00"),
	    &(int64_t){ 0 }), SK_EDATA);
	sk_time_init(&time[0], sk_view_str("syslog"), NULL);
	time[0].use_year = &(struct sk_year){ .year = 0 };
	assert_int_equal(sk_time_parse(&time[0],
	    sk_view("\0\0\0\0\0\0 10:00:05", 15), &(int64_t){ 0 }),
	    SK_EDATA);
	time[0].use_year->year = 2026;
	assert_int_equal(sk_time_parse(&time[0],
	    sk_view_str("Feb 29 10:00:05"), &(int64_t){ 0 }), SK_EDATA);
	assert_string_equal(sk_time_why(&time[0],
	    sk_view_str("Feb 29 10:00:05"), SK_EDATA),
	    "29 February of a year that has none");
	assert_int_equal(time[0].use_year->now, 0);
}

/* A day that a parser has kept, when another one has gone on. */
static void
test_shared_year(void **state)
{
	static const char *const formats[] = { "syslog", "%b %e %T" };
	static const struct {
		int parser;
		const char *text;
		int32_t year, month;
	} steps[] = {
		{ 0, "Nov 30 10:00:05", 2026, 11 },
		{ 1, "Dec  1 10:00:05", 2026, 12 },
		{ 0, "Nov 30 10:00:05", 2026, 11 },
		{ 1, "Dec  1 10:00:05", 2026, 12 },
		{ 1, "Jan  1 10:00:05", 2027, 1 },
		{ 1, "Nov 30 10:00:05", 2026, 11 },
		{ 1, "Jan 30 10:00:05", 2027, 1 },
		{ 1, "May 30 10:00:05", 2027, 5 },
		{ 1, "Nov 30 10:00:05", 2027, 11 },
		{ 0, "Nov 30 10:00:05", 2027, 11 },
	};
	size_t i, j;

	(void)state;
	for (j = 0; j < 2; j++) {
		struct sk_year year = { .year = 2026 };
		struct sk_time time[2];

		for (i = 0; i < 2; i++) {
			sk_time_init(&time[i], sk_view_str(formats[j]), NULL);
			time[i].use_year = &year;
		}
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			int64_t ns = 0, days = sk_civil_days((struct sk_civil){
				steps[i].year, steps[i].month,
				steps[i].text[4] == '3' ? 30 : 1 });

			assert_int_equal(sk_time_parse(&time[steps[i].parser],
			    sk_view_str(steps[i].text), &ns), 0);
			assert_true(ns == (days * 86400 + 36005) * NS);
			assert_int_equal(year.now, steps[i].year);
			assert_int_equal(year.month, steps[i].month);
		}
	}
}

/* A day of one digit is kept where it stands under the others only. */
static void
test_short_day(void **state)
{
	static const char *const good[] = { "Nov 1 10:00:05",
		"Nov  1 10:00:05", "Nov 01 10:00:05" };
	static const char *const bad[] = { "Nov 1  10:00:05",
		"Nov  11 10:00:05", "Nov 011 10:00:05", "Nov 1 0:00:05" };
	struct sk_year year = { .year = 2026 };
	struct sk_time time;
	size_t i;
	int j;

	(void)state;
	sk_time_init(&time, sk_view_str(""), NULL);
	time.use_year = &year;
	for (j = 0; j < 3; j++)
		for (i = 0; i < 12; i++) {
			int64_t ns = 0;

			assert_int_equal(sk_time_parse(&time,
			    sk_view_str(good[i / 4]), &ns), 0);
			assert_true(ns == (T - 20 * 86400) * NS);
			assert_int_equal(sk_time_parse(&time,
			    sk_view_str(bad[i % 4]), &ns), SK_EDATA);
		}
}

/* Times without an offset are of the zone, all others are not. */
static void
test_zone(void **state)
{
	static const struct {
		const char *format, *text;
	} cases[] = {
		{ "", "2026-11-21T12:00:05" },
		{ "", "2026-11-21 12:00:05.000" },
		{ "", "2026-11-21T10:00:05Z" },
		{ "", "2026-11-21T11:00:05+01:00" },
		{ "", "1795255205" },
		{ "", "Nov 21 12:00:05" },
		{ "syslog", "Nov 21 12:00:05.0 2026" },
		{ "", "[21/Nov/2026:11:00:05 +0100]" },
		{ "%F %T", "2026-11-21 12:00:05" },
		{ "%F %T %z", "2026-11-21 11:00:05 +0100" },
	};
	struct sk_zone zone;
	size_t i;

	(void)state;
	sk_zone_init(&zone, sk_view_str("+02:00"), NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sk_year year = { .year = 2026 };
		struct sk_time time;
		int64_t ns = 0;
		int again;

		sk_time_init(&time, sk_view_str(cases[i].format), NULL);
		time.zone = &zone;
		time.use_year = &year;
		for (again = 0; again < 2; again++)
			if (sk_time_parse(&time, sk_view_str(cases[i].text),
			    &ns) != 0 || ns != T * NS)
				fail_msg("%s", cases[i].text);
	}
}

/* Behind each offset another or none: that of before must not show, nor be
 * taken for a text that is longer or shorter. */
static void
test_tails(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		int32_t offset_s; /* -1: refused */
	} tails[] = {
		{ "Z", 1, 0 }, { "Z\0", 2, -1 }, { "+01:00", 6, 3600 },
		{ "+01:00\0", 7, -1 }, { " +01:00", 7, 3600 },
		{ " +01:00 ", 8, -1 }, { "", 0, 0 }, { "-0100", 5, -3600 },
		{ "+01", 3, 3600 }, { "  +01:00", 8, -1 }, { "\0", 1, -1 },
		{ "+01:00]", 7, -1 }, { " +0000]", 7, -1 },
		{ "\0\0\0\0\0\0\0\0", 8, -1 },
	};
	static const struct {
		const char *text;
		size_t len;
		int32_t offset_s;
	} clf[] = {
		{ " +0100]", 7, 3600 }, { " +01:00]", 8, 3600 },
		{ " +0100", 6, 3600 }, { " +0100\0", 7, -1 },
		{ " +01:00]]", 9, -1 }, { " +01:00U", 8, -1 },
		{ "+0100", 5, -1 }, { " Z]", 3, 0 },
		{ " -0100]", 7, -3600 }, { "", 0, -1 }, { " +0100]\0", 8, -1 },
		{ "\0\0\0\0\0\0\0\0", 8, -1 },
	};
	struct sk_time time;
	struct sk_rng rng;
	int i;

	(void)state;
	sk_rng_init(&rng, 2);
	sk_time_init(&time, sk_view_str(""), NULL);
	for (i = 0; i < 20000; i++) {
		size_t j = sk_rng_next(&rng) % 14, k = sk_rng_next(&rng) % 12;
		char text[64] = "2026-11-21T10:00:05";
		int64_t ns = 0;
		int err;

		memcpy(text + 19, tails[j].text, tails[j].len);
		err = sk_time_parse(&time, sk_view(text, 19 + tails[j].len),
		    &ns);
		if ((err == 0) != (tails[j].offset_s != -1) ||
		    (err == 0 && ns != (T - tails[j].offset_s) * NS))
			fail_msg("%s %d", tails[j].text, err);
		memcpy(text, "[21/Nov/2026:10:00:05", 21);
		memcpy(text + 21, clf[k].text, clf[k].len);
		err = sk_time_parse(&time, sk_view(text, 21 + clf[k].len),
		    &ns);
		if ((err == 0) != (clf[k].offset_s != -1) ||
		    (err == 0 && ns != (T - clf[k].offset_s) * NS))
			fail_msg("%s %d", clf[k].text, err);
	}
}

/* Every clock, and every byte in place of each of its own. */
static void
test_clocks(void **state)
{
	struct sk_time time;
	char text[] = "2026-11-21T00:00:00.123456789Z";
	int i, j, byte;

	(void)state;
	sk_time_init(&time, sk_view_str("rfc3339"), NULL);
	for (i = 0; i < 1000000; i++) {
		int hour = i / 10000, minute = i / 100 % 100, second = i % 100;
		int64_t ns = 0;
		int err;

		text[11] = (char)('0' + hour / 10);
		text[12] = (char)('0' + hour % 10);
		text[14] = (char)('0' + minute / 10);
		text[15] = (char)('0' + minute % 10);
		text[17] = (char)('0' + second / 10);
		text[18] = (char)('0' + second % 10);
		err = sk_time_parse(&time, sk_view(text, 30), &ns);
		if (hour > 23 || minute > 59 || second > 60)
			assert_int_equal(err, SK_EDATA);
		else if (err != 0 || ns != (T - 36005 + hour * 3600 +
		    minute * 60 + second) * NS + 123456789)
			fail_msg("%s", text);
	}
	memcpy(text + 11, "10:00:05", 8);
	for (i = 0; i < 30; i++)
		for (byte = 0; byte < 256; byte++) {
			char was = text[i];
			int64_t ns = 0;
			bool is_digit = byte >= '0' && byte <= '9';

			text[i] = (char)byte;
			j = sk_time_parse(&time, sk_view(text, 30), &ns);
			text[i] = was;
			if (i >= 11 && i < 19 && i != 13 && i != 16 &&
			    !is_digit)
				assert_int_equal(j, SK_EDATA);
			if ((i == 13 || i == 16) && byte != ':')
				assert_int_equal(j, SK_EDATA);
			if (i == 19 && byte != '.' && byte != ',')
				assert_int_equal(j, SK_EDATA);
			if (i >= 20 && i < 29)
				assert_int_equal(j, is_digit || (i == 28 &&
				    byte == ' ') ? 0 : SK_EDATA);
		}
}

/* Fractions of 1 to 12 digits. */
static void
test_fractions(void **state)
{
	static const char digits[] = "987654321987";
	int64_t want = 0, unit = 100000000;
	int n;

	(void)state;
	for (n = 1; n <= 12; n++, unit /= 10) {
		char text[64];

		want += unit * (digits[n - 1] - '0');
		snprintf(text, sizeof(text), "2026-11-21T10:00:05.%.*sZ", n,
		    digits);
		expect("", text, T * NS + want, SK_TIME_RFC3339);
		snprintf(text, sizeof(text), "2026-11-21 10:00:05,%.*s", n,
		    digits);
		expect("", text, T * NS + want, SK_TIME_RFC3339);
		snprintf(text, sizeof(text), "1795255205.%.*s", n, digits);
		expect("", text, T * NS + want, SK_TIME_S);
		snprintf(text, sizeof(text), "5.%.*s", n, digits);
		expect("s", text, 5 * NS + want, SK_TIME_S);
	}
}

/* One parser for many dates, good and bad ones between: the date kept from
 * before must not show. */
static void
test_cache(void **state)
{
	struct sk_time time;
	struct sk_rng rng;
	int i;

	(void)state;
	assert_int_equal(sk_time_init(&time, sk_view_str(""), NULL), 0);
	sk_rng_init(&rng, 7);
	for (i = 0; i < 200000; i++) {
		time_t t = (time_t)(sk_rng_next(&rng) % 18446744072) -
		    9223372036;
		int64_t ns = 0;
		char text[64];
		struct tm tm;

		if (i % 3 == 0)
			t %= 86400 * 2;
		gmtime_r(&t, &tm);
		if (i % 2 == 0)
			strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		else
			strftime(text, sizeof(text), "%d/%b/%Y:%H:%M:%S +0000",
			    &tm);
		assert_int_equal(sk_time_parse(&time, sk_view_str(text), &ns),
		    0);
		assert_true(ns == (int64_t)t * NS);
		text[sk_rng_next(&rng) % 10] = 'x';
		assert_int_equal(sk_time_parse(&time, sk_view_str(text), &ns),
		    SK_EDATA);
	}
	assert_int_equal(sk_time_init(&time, sk_view_str("rfc3339"), NULL), 0);
	assert_int_equal(sk_time_parse(&time, sk_view("\0\0\0\0\0\0\0\0\0\0",
	    10), &(int64_t){ 0 }), SK_EDATA);
}

/* Bytes of any kind, in memory of their exact size. */
static void
test_hostile(void **state)
{
	static const char *const seeds[] = { "2026-11-21T10:00:05.25+01:00",
		"[10/Oct/2000:13:55:36 -0700]", "1795255205.123456789",
		"Oct 10 13:55:36.123456 2026" };
	static const char *const formats[] = { "", "rfc3339", "clf", "epoch",
		"s", "ns", "syslog", "%F %T" };
	struct sk_year year = { .year = 2026 };
	struct sk_time time;
	struct sk_rng rng;
	int i, n;

	(void)state;
	sk_rng_init(&rng, 8);
	for (i = 0; i < 300000; i++) {
		const char *seed = seeds[sk_rng_next(&rng) % 4];
		size_t len = sk_rng_next(&rng) % (strlen(seed) + 1);
		char *text = malloc(len > 0 ? len : 1);
		int64_t ns;

		memcpy(text, seed, len);
		for (n = (int)(sk_rng_next(&rng) % 3); n > 0 && len > 0; n--)
			text[sk_rng_next(&rng) % len] =
			    (char)sk_rng_next(&rng);
		sk_time_init(&time, sk_view_str(formats[i % 8]), NULL);
		time.use_year = i % 3 == 0 ? NULL : &year;
		n = sk_time_parse(&time, sk_view(text, len), &ns);
		if (n != 0)
			assert_non_null(sk_time_why(&time, sk_view(text, len),
			    n));
		free(text);
	}
}

static void
test_formats(void **state)
{
	struct sk_view field, format;
	struct sk_time time;
	struct sk_diag diag;

	(void)state;
	sk_time_split(sk_view_str("4-5"), &field, &format);
	assert_true(sk_view_equal(field, sk_view_str("4-5")));
	assert_int_equal(format.len, 0);
	sk_time_split(sk_view_str("t=user.time:%H:%M"), &field, &format);
	assert_true(sk_view_equal(field, sk_view_str("t=user.time")));
	assert_true(sk_view_equal(format, sk_view_str("%H:%M")));
	sk_time_split(sk_view_str("1:"), &field, &format);
	assert_true(sk_view_equal(field, sk_view_str("1")));
	assert_int_equal(format.len, 0);

	assert_int_equal(sk_time_init(&time, sk_view_str("iso"), &diag),
	    SK_EUSAGE);
	assert_string_equal(diag.text, "iso: not a time format (rfc3339, "
	    "epoch, s, ms, us, ns, clf, syslog, %...)");
	assert_int_equal(sk_time_init(&time, sk_view_str("%H:%M"), &diag),
	    SK_EUSAGE);
	sk_time_init(&time, sk_view_str(""), &diag);
	assert_false(sk_time_needs_year(&time));
	assert_null(time.zone);
	assert_null(time.use_year);
	sk_time_init(&time, sk_view_str("%F"), &diag);
	assert_false(sk_time_needs_year(&time));
	sk_time_init(&time, sk_view_str("%b %e"), &diag);
	assert_true(sk_time_needs_year(&time));
	sk_time_init(&time, sk_view_str("syslog"), &diag);
	assert_true(sk_time_needs_year(&time));
	expect("%d.%m.%Y %H:%M:%S", "21.11.2026 10:00:05", T * NS,
	    SK_TIME_PATTERN);
}

static void
test_why(void **state)
{
	static const struct {
		const char *format, *text, *why;
		int err;
	} cases[] = {
		{ "", "yesterday", "not a time (rfc3339, epoch, clf or "
		    "syslog)", SK_EDATA },
		{ "", "", "no time", SK_EDATA },
		{ "", "[10/Oct/2000:13:55:36",
		    "a time without its offset; the columns 4-5?", SK_EDATA },
		{ "clf", "x", "not a time as [10/Oct/2000:13:55:36 -0700]",
		    SK_EDATA },
		{ "ms", "x", "not milliseconds since 1970", SK_EDATA },
		{ "%F", "x", "not a time of that format", SK_EDATA },
		{ "", "Oct 10 13:55:36", "a time without its year", SK_EDATA },
		{ "%d %b", "10 Oct", "a time without its year", SK_EDATA },
		{ "%d %b", "10 Okt", "not a time of that format", SK_EDATA },
		{ "syslog", "Oct 32 13:55:36", "not a time as Oct  9 13:55:36",
		    SK_EDATA },
		{ "", "3000-01-01", "a time beyond 1677-09-21 to 2262-04-11",
		    SK_ELIMIT },
	};
	struct sk_time time;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sk_time_init(&time, sk_view_str(cases[i].format), NULL);
		assert_string_equal(sk_time_why(&time,
		    sk_view_str(cases[i].text), cases[i].err), cases[i].why);
	}
}

static void
expect_point(const char *text, enum sk_time_point_kind want, int64_t value)
{
	enum sk_time_point_kind kind;
	int64_t out;

	if (sk_time_point(sk_view_str(text), T * NS, &kind, &out) != 0 ||
	    kind != want || out != value)
		fail_msg("%s", text);
}

static void
test_points(void **state)
{
	static const char *const bad[] = { "", "-1", "@", "@x", "2h3", "2 ",
		"2026-11", "2026-13-01", "-2h", "1w", "now", "+5",
		"@99999999999", "9223372036854775808", "200000d" };
	size_t i;

	(void)state;
	expect_point("0", SK_TIME_POINT_OFFSET, 0);
	expect_point("2026", SK_TIME_POINT_OFFSET, 2026);
	expect_point("1000", SK_TIME_POINT_OFFSET, 1000);
	expect_point("9223372036854775807", SK_TIME_POINT_OFFSET, INT64_MAX);
	expect_point("2026-11-21", SK_TIME_POINT_TIME, (T - 36005) * NS);
	expect_point("2026-11-21T10:00:00Z", SK_TIME_POINT_TIME, (T - 5) * NS);
	expect_point("@1795255200", SK_TIME_POINT_TIME, (T - 5) * NS);
	expect_point("@1795255200.5", SK_TIME_POINT_TIME,
	    (T - 5) * NS + 500000000);
	expect_point("2h", SK_TIME_POINT_TIME, (T - 7200) * NS);
	expect_point("1d", SK_TIME_POINT_TIME, (T - 86400) * NS);
	expect_point("1.5s", SK_TIME_POINT_TIME, T * NS - 1500000000);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum sk_time_point_kind kind;
		int64_t out = -7;
		int err = sk_time_point(sk_view_str(bad[i]), T * NS, &kind,
		    &out);

		if (err != SK_EUSAGE || out != -7)
			fail_msg("%s", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_epoch),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_clf),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_years),
		cmocka_unit_test(test_shared_year),
		cmocka_unit_test(test_short_day),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_fractions),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
