#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ftw.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "io/file.h"
#include "time/civil.h"
#include "time/rule.h"
#include "time/zone.h"

#define FOLDER "/usr/share/zoneinfo"
#define DAY INT64_C(86400)

/* Seconds of a local time as if it were UTC. */
static int64_t
at(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute)
{
	return sk_civil_days((struct sk_civil){ year, month, day }) * DAY +
	    hour * 3600 + minute * 60;
}

static void
need_tzdata(void)
{
	if (access(FOLDER "/Europe/Madrid", R_OK) != 0)
		skip();
}

static struct sk_zone
open_zone(const char *name)
{
	struct sk_zone zone;
	struct sk_diag diag;

	if (sk_zone_init(&zone, sk_view_str(name), &diag) != 0)
		fail_msg("%s", diag.text);
	return zone;
}

static void
expect_offset(const char *name, int64_t utc_s, int32_t want)
{
	struct sk_zone zone = open_zone(name);

	if (sk_zone_offset(&zone, utc_s) != want)
		fail_msg("%s at %lld: %d", name, (long long)utc_s,
		    sk_zone_offset(&zone, utc_s));
	sk_zone_free(&zone);
}

static void
expect_utc(const char *name, int64_t local_s, int64_t want)
{
	struct sk_zone zone = open_zone(name);
	int64_t utc_s = sk_zone_utc(&zone, local_s);

	if (utc_s != want)
		fail_msg("%s: %lld: %lld, not %lld", name, (long long)local_s,
		    (long long)utc_s, (long long)want);
	sk_zone_free(&zone);
}

static void
test_fixed(void **state)
{
	static const char *const bad[] = { "+", "+1", "+24", "+01:60",
		"+01:00x", "-0", "", "/etc/passwd", "../zoneinfo/UTC",
		"Europe/../UTC", "Europe/Mad\nrid", "Europe/Mad\xc3\xa9" };
	struct sk_zone zone;
	struct sk_diag diag;
	size_t i;

	(void)state;
	memset(&zone, 0, sizeof(zone));
	assert_int_equal(sk_zone_offset(&zone, 5), 0);
	assert_int_equal(sk_zone_utc(&zone, INT64_C(1) << 37),
	    INT64_C(1) << 37);
	sk_zone_free(&zone);
	expect_offset("UTC", 0, 0);
	expect_offset("Z", INT64_MAX, 0);
	expect_offset("+01:00", INT64_MIN, 3600);
	expect_offset("-0330", 0, -12600);
	expect_offset("+05", -1, 18000);
	expect_utc("+01:00", 3600, 0);
	expect_utc("-0330", 0, 12600);
	zone = open_zone("UTC");
	assert_false(zone.named);
	zone = open_zone("+00:00");
	assert_true(zone.named);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&zone, 1, sizeof(zone));
		assert_int_equal(sk_zone_init(&zone, sk_view_str(bad[i]),
		    &diag), SK_EUSAGE);
		assert_null(zone.span);
		assert_int_equal(zone.offset_s, 0);
	}
	sk_zone_init(&zone, sk_view_str("+1"), &diag);
	assert_string_equal(diag.text, "+1: not an offset as +01:00");
	sk_zone_init(&zone, sk_view_str("../x"), &diag);
	assert_string_equal(diag.text, "../x: not the name of a time zone");
	sk_zone_init(&zone, sk_view_str("Mars/Base"), &diag);
	assert_string_equal(diag.text, "Mars/Base: no such time zone (is the "
	    "package tzdata installed?)");
}

static void
test_files(void **state)
{
	struct sk_zone zone;
	struct sk_diag diag;

	(void)state;
	need_tzdata();
	assert_int_equal(sk_zone_init(&zone, sk_view_str("Europe"), &diag),
	    SK_EUSAGE);
	assert_string_equal(diag.text, "Europe: no such time zone (is the "
	    "package tzdata installed?)");
	assert_int_equal(sk_zone_init(&zone, sk_view_str("UTC/x"), &diag),
	    SK_EUSAGE);
	assert_int_equal(sk_zone_init(&zone, sk_view_str("zone.tab"), &diag),
	    SK_EUSAGE);
	assert_string_equal(diag.text, "zone.tab: not time zone data");
	if (access(FOLDER "/right/UTC", R_OK) != 0)
		return;
	assert_int_equal(sk_zone_init(&zone, sk_view_str("right/UTC"), &diag),
	    SK_EUSAGE);
	assert_string_equal(diag.text, "right/UTC: counts leap seconds");
}

/* Clocks set forward and back, by hand from the calendars. */
static void
test_known(void **state)
{
	(void)state;
	need_tzdata();
	/* Forward at 02:00 of 2026-03-29, back at 03:00 of 2026-10-25. */
	expect_utc("Europe/Madrid", at(2026, 3, 29, 1, 59),
	    at(2026, 3, 29, 0, 59));
	expect_utc("Europe/Madrid", at(2026, 3, 29, 2, 0),
	    at(2026, 3, 29, 1, 0));
	expect_utc("Europe/Madrid", at(2026, 3, 29, 2, 30),
	    at(2026, 3, 29, 1, 30));
	expect_utc("Europe/Madrid", at(2026, 3, 29, 3, 0),
	    at(2026, 3, 29, 1, 0));
	expect_utc("Europe/Madrid", at(2026, 10, 25, 1, 59),
	    at(2026, 10, 24, 23, 59));
	expect_utc("Europe/Madrid", at(2026, 10, 25, 2, 30),
	    at(2026, 10, 25, 0, 30));
	expect_utc("Europe/Madrid", at(2026, 10, 25, 3, 0),
	    at(2026, 10, 25, 2, 0));
	expect_offset("Europe/Madrid", at(2026, 10, 25, 0, 59), 7200);
	expect_offset("Europe/Madrid", at(2026, 10, 25, 1, 0), 3600);
	expect_utc("America/New_York", at(2026, 3, 8, 2, 30),
	    at(2026, 3, 8, 7, 30));
	expect_utc("America/New_York", at(2026, 11, 1, 1, 30),
	    at(2026, 11, 1, 5, 30));
	/* Half an hour, in the southern summer. */
	expect_utc("Australia/Lord_Howe", at(2026, 4, 5, 1, 45),
	    at(2026, 4, 4, 14, 45));
	expect_utc("Australia/Lord_Howe", at(2026, 4, 5, 2, 0),
	    at(2026, 4, 4, 15, 30));
	expect_utc("Australia/Lord_Howe", at(2026, 10, 4, 2, 15),
	    at(2026, 10, 3, 15, 45));
	/* Set back for Ramadan. */
	expect_offset("Africa/Casablanca", at(2026, 2, 15, 1, 0), 3600);
	expect_offset("Africa/Casablanca", at(2026, 2, 16, 0, 0), 0);
	expect_offset("Europe/Dublin", at(2026, 7, 1, 0, 0), 3600);
	expect_offset("Asia/Kathmandu", at(2026, 7, 1, 0, 0), 20700);
	expect_offset("America/Sao_Paulo", at(2018, 12, 1, 0, 0), -7200);
	expect_offset("America/Sao_Paulo", at(2026, 12, 1, 0, 0), -10800);
	/* Two hours. */
	expect_offset("Antarctica/Troll", at(2026, 7, 1, 0, 0), 7200);
	expect_offset("Antarctica/Troll", at(2026, 12, 1, 0, 0), 0);
	/* A day that was not: it is moved on by 24 hours. */
	expect_utc("Pacific/Apia", at(2011, 12, 29, 23, 59),
	    at(2011, 12, 30, 9, 59));
	expect_utc("Pacific/Apia", at(2011, 12, 30, 12, 0),
	    at(2011, 12, 30, 22, 0));
	expect_utc("Pacific/Apia", at(2011, 12, 31, 0, 0),
	    at(2011, 12, 30, 10, 0));
	/* Local mean time, with seconds; and by the rule, far behind. */
	expect_offset("Europe/Madrid", at(1800, 1, 1, 0, 0), -884);
	expect_offset("Europe/Madrid", at(2262, 4, 1, 0, 0), 7200);
}

/* The offset of the C library. */
static int64_t
libc_offset(int64_t utc_s)
{
	time_t t = (time_t)utc_s;
	struct tm tm;

	localtime_r(&t, &tm);
	return tm.tm_gmtoff;
}

/* The first second that a clock shows as this local time, from the offsets a
 * day around; none: as the clock went before. */
static int64_t
libc_utc(int64_t local_s)
{
	int64_t before = libc_offset(local_s - 2 * DAY), best = INT64_MAX, u;

	for (u = local_s - 2 * DAY; u <= local_s + 2 * DAY; u += 1800) {
		int64_t try = local_s - libc_offset(u);

		if (try < best && try + libc_offset(try) == local_s)
			best = try;
	}
	return best < INT64_MAX ? best : local_s - before;
}

static void
compare(const char *name, struct sk_rng *rng, int n)
{
	struct sk_zone zone = open_zone(name);
	int64_t low = at(1900, 1, 1, 0, 0);
	uint64_t width = (uint64_t)(at(2200, 1, 1, 0, 0) - low);
	int i;

	setenv("TZ", name, 1);
	tzset();
	for (i = 0; i < n; i++) {
		int64_t t = low + (int64_t)(sk_rng_next(rng) % width);
		int32_t offset_s = sk_zone_offset(&zone, t);

		if (offset_s != libc_offset(t))
			fail_msg("%s at %lld: %d, not %lld", name,
			    (long long)t, offset_s,
			    (long long)libc_offset(t));
	}
	/* Where the offset of ours changes, the C library's must; random
	 * times have found what we have missed. */
	for (i = 0; i < n; i++) {
		int64_t t = low + (int64_t)(sk_rng_next(rng) % width), j;

		sk_zone_offset(&zone, t);
		t = zone.to_s;
		if (t > low + (int64_t)width)
			continue;
		for (j = -1; j <= 0; j++)
			if (sk_zone_offset(&zone, t + j) != libc_offset(t + j))
				fail_msg("%s near %lld", name, (long long)t);
		t += sk_zone_offset(&zone, t) +
		    (int64_t)(sk_rng_next(rng) % 14400) - 7200;
		if (sk_zone_utc(&zone, t) != libc_utc(t))
			fail_msg("%s, local %lld: %lld, not %lld", name,
			    (long long)t, (long long)sk_zone_utc(&zone, t),
			    (long long)libc_utc(t));
	}
	sk_zone_free(&zone);
}

static struct sk_rng libc_rng;
static int nzones;

static int
visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + sizeof(FOLDER);
	struct sk_zone zone;
	char magic[4] = "";
	size_t got;
	FILE *file;

	(void)st;
	(void)ftw;
	if (type != FTW_F || strncmp(name, "right/", 6) == 0 ||
	    strncmp(name, "posix/", 6) == 0)
		return 0;
	file = fopen(path, "r");
	assert_non_null(file);
	got = fread(magic, 1, 4, file);
	fclose(file);
	if (got < 4 || memcmp(magic, "TZif", 4) != 0) {
		assert_int_equal(sk_zone_init(&zone, sk_view_str(name), NULL),
		    SK_EUSAGE);
		return 0;
	}
	compare(name, &libc_rng, 30);
	nzones++;
	return 0;
}

static void
test_libc(void **state)
{
	(void)state;
	need_tzdata();
	sk_rng_init(&libc_rng, 3);
	assert_int_equal(nftw(FOLDER, visit, 20, 0), 0);
	assert_true(nzones > 200);
	unsetenv("TZ");
}

/* A file of version 2 with these transitions and this rule. */
static struct sk_buf
make_file(const int64_t *times, size_t n, const char *offsets,
    const char *rule)
{
	struct sk_buf buf = { NULL, 0, 0 };
	size_t ntypes = strlen(offsets), i, j;

	sk_buf_add(&buf, "TZif2", 5);
	sk_buf_zero(&buf, 15);
	sk_buf_zero(&buf, 16);
	sk_buf_add(&buf, "\0\0\0\1\0\0\0\0\0\0\0\0\0\0", 14);
	sk_buf_add(&buf, "TZif2", 5);
	sk_buf_zero(&buf, 15);
	sk_buf_zero(&buf, 12);
	sk_buf_add(&buf, (char[]){ 0, 0, 0, (char)n, 0, 0, 0, (char)ntypes, 0,
	    0, 0, 0 }, 12);
	for (i = 0; i < n; i++)
		for (j = 8; j-- > 0;)
			sk_buf_char(&buf, (char)((uint64_t)times[i] >> 8 * j));
	for (i = 0; i < n; i++)
		sk_buf_char(&buf, (char)((i + 1) % ntypes));
	/* Offsets are letters: `a` is 0, each further one 256 s more. */
	for (i = 0; i < ntypes; i++)
		sk_buf_add(&buf, (char[]){ 0, 0, (char)(offsets[i] - 'a'), 0,
		    0, 0 }, 6);
	sk_buf_char(&buf, '\n');
	sk_buf_str(&buf, rule);
	sk_buf_char(&buf, '\n');
	return buf;
}

static void
test_made(void **state)
{
	static const int64_t times[] = { -5, 1000, 2000 };
	static const int64_t bang[] = { -(INT64_C(1) << 60) - 5, 1000, 2000 };
	struct sk_buf file = make_file(times, 3, "abc", "");
	struct sk_diag diag;
	struct sk_zone zone;
	size_t len;

	(void)state;
	assert_int_equal(sk_zone_load(&zone, sk_view(file.ptr, file.len),
	    &diag), 0);
	assert_int_equal(sk_zone_offset(&zone, INT64_MIN), 0);
	assert_int_equal(sk_zone_offset(&zone, -6), 0);
	assert_int_equal(sk_zone_offset(&zone, -5), 256);
	assert_int_equal(sk_zone_offset(&zone, 1000), 512);
	assert_int_equal(sk_zone_offset(&zone, 2000), 0);
	assert_int_equal(sk_zone_offset(&zone, INT64_MAX), 0);
	assert_int_equal(sk_zone_utc(&zone, 2000), 2000 - 512);
	assert_int_equal(sk_zone_utc(&zone, 2511), 1999);
	assert_int_equal(sk_zone_utc(&zone, 2512), 2512);
	sk_zone_free(&zone);
	/* Without its last byte, and so on, it is none. */
	for (len = 0; len < file.len; len++) {
		char *part = malloc(len > 0 ? len : 1);

		memcpy(part, file.ptr, len);
		assert_int_equal(sk_zone_load(&zone, sk_view(part, len),
		    &diag), SK_EDATA);
		assert_null(zone.span);
		free(part);
	}
	sk_buf_free(&file);
	file = make_file(bang, 3, "abc", "<+00>0");
	assert_int_equal(sk_zone_load(&zone, sk_view(file.ptr, file.len),
	    &diag), 0);
	assert_int_equal(sk_zone_offset(&zone, -6), 256);
	sk_zone_free(&zone);
	sk_buf_free(&file);
	/* Transitions that go back. */
	file = make_file((const int64_t[]){ 5, 5 }, 2, "ab", "");
	assert_int_equal(sk_zone_load(&zone, sk_view(file.ptr, file.len),
	    &diag), SK_EDATA);
	assert_string_equal(diag.text, "damaged time zone data");
	sk_buf_free(&file);
}

static void
expect_rule(const char *text, int64_t winter, int64_t summer)
{
	struct sk_rule rule;

	if (sk_rule_parse(&rule, sk_view_str(text)) != 0)
		fail_msg("%s", text);
	assert_true(rule.has_summer);
	if (sk_rule_begin(&rule, false, 2026) != winter ||
	    sk_rule_begin(&rule, true, 2026) != summer)
		fail_msg("%s: %lld %lld", text,
		    (long long)sk_rule_begin(&rule, false, 2026),
		    (long long)sk_rule_begin(&rule, true, 2026));
}

static void
test_rules(void **state)
{
	static const char *const bad[] = { "", "CE-1", "CET", "CET25",
		"CET-1CE", "CET-1CEST,", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M3.5.0,M10.5.0x",
		"CET-1CEST,J0,J365", "CET-1CEST,J1,J366", "CET-1CEST,0,366",
		"<CET-1", "<>1", "CET-1:60", "CET-1:0", "CET-", "CET-1CEST;" };
	struct sk_rule rule;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sk_rule_parse(&rule, sk_view_str(bad[i])) != SK_EDATA)
			fail_msg("%s", bad[i]);
	assert_int_equal(sk_rule_parse(&rule, sk_view_str("<-03>3:30:15")), 0);
	assert_false(rule.has_summer);
	assert_int_equal(rule.offset_s[0], -12615);
	expect_rule("CET-1CEST,M3.5.0,M10.5.0/3", at(2026, 10, 25, 1, 0),
	    at(2026, 3, 29, 1, 0));
	expect_rule("EST5EDT", at(2026, 11, 1, 6, 0), at(2026, 3, 8, 7, 0));
	expect_rule("<-02>2<-01>,M3.4.0/-1,M10.5.0/0", at(2026, 10, 25, 1, 0),
	    at(2026, 3, 22, 1, 0));
	expect_rule("AAA0BBB,J60/0,J365/24", at(2026, 12, 31, 23, 0),
	    at(2026, 3, 1, 0, 0));
	expect_rule("AAA0BBB,59/0,364/24", at(2026, 12, 31, 23, 0),
	    at(2026, 3, 1, 0, 0));
	expect_rule("AAA0BBB-3,0/-167,0/+167:59:59",
	    at(2026, 1, 7, 20, 59) + 59, at(2025, 12, 25, 1, 0));
	sk_rule_parse(&rule, sk_view_str("AAA0BBB,J60/0,59/0"));
	assert_int_equal(sk_rule_begin(&rule, true, 2028),
	    at(2028, 3, 1, 0, 0));
	assert_int_equal(sk_rule_begin(&rule, false, 2028),
	    at(2028, 2, 28, 23, 0));
}

/* Summer time all the year, as RFC 8536 writes it: its winter has no
 * duration. */
static void
test_all_year(void **state)
{
	struct sk_buf file = make_file(NULL, 0, "a", "XXX3EDT4,0/0,J365/23");
	struct sk_zone zone;
	int32_t year;

	(void)state;
	assert_int_equal(sk_zone_load(&zone, sk_view(file.ptr, file.len),
	    NULL), 0);
	for (year = 1678; year < 2262; year++) {
		assert_int_equal(sk_zone_offset(&zone, at(year, 1, 1, 4, 0)),
		    -4 * 3600);
		assert_int_equal(sk_zone_utc(&zone, at(year, 1, 1, 0, 0)),
		    at(year, 1, 1, 4, 0));
	}
	sk_zone_free(&zone);
	sk_buf_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_all_year),
		cmocka_unit_test(test_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
