#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "parse/grok.h"
#include "parse/regex.h"

static struct sk_grok grok;

static int
set_up(void **state)
{
	(void)state;
	sk_grok_init(&grok);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sk_grok_free(&grok);
	return 0;
}

static void
add(const char *file)
{
	assert_int_equal(sk_grok_add(&grok, sk_view_str(file), NULL), 0);
}

static void
expect(const char *pattern, const char *want)
{
	struct sk_grok_expanded out;
	struct sk_diag diag = { "" };

	if (sk_grok_expand(&grok, sk_view_str(pattern), &out, &diag) != 0)
		fail_msg("%s: %s", pattern, diag.text);
	assert_string_equal(sk_buf_cstr(&out.regex), want);
	sk_grok_expanded_free(&out);
}

static void
refuse(const char *pattern, const char *why)
{
	struct sk_grok_expanded out;
	struct sk_diag diag;

	assert_int_equal(sk_grok_expand(&grok, sk_view_str(pattern), &out,
	    &diag), SK_EUSAGE);
	assert_string_equal(diag.text, why);
	assert_null(out.regex.ptr);
}

static void
test_names_are_replaced_by_what_they_stand_for(void **state)
{
	(void)state;
	add("A a+\nB x%{A}y\nC_1 (%{B}|%{A:inner})\n");
	expect("%{A}", "(?:a+)");
	expect("-%{B}-", "-(?:x(?:a+)y)-");
	expect("%{A:f}", "(?<f>a+)");
	expect("%{C_1:outer}",
	    "(?<outer>((?:x(?:a+)y)|(?<inner>a+)))");
}

static void
test_what_is_no_name_stays(void **state)
{
	(void)state;
	add("A a+\n");
	expect("", "");
	expect("\\%{A}", "\\%{A}");
	expect("[%{A}]", "[%{A}]");
	expect("[]%{A}]%{A}", "[]%{A}](?:a+)");
	expect("[^]%{A}]", "[^]%{A}]");
	expect("[[:alpha:]%{A}]", "[[:alpha:]%{A}]");
	expect("[\\]%{A}]", "[\\]%{A}]");
	expect("[%{A}", "[%{A}");
	expect("\\Q%{A}\\E%{A}", "\\Q%{A}\\E(?:a+)");
	expect("\\Q%{A}", "\\Q%{A}");
	expect("%{2}%", "%{2}%");
	expect("a\\", "a\\");
	expect("(?<=x)(?<!y)(?<plain>z)(?<", "(?<=x)(?<!y)(?<plain>z)(?<");
}

static void
test_types_are_told(void **state)
{
	struct sk_grok_expanded out;

	(void)state;
	add("A a+\n");
	assert_int_equal(sk_grok_expand(&grok, sk_view_str(
	    "%{A:n:int}(?<m:float>x)(?P<w:time:%d/%m>y)%{A:@ts.x-y}%{A:k}"),
	    &out, NULL), 0);
	assert_string_equal(sk_buf_cstr(&out.regex),
	    "(?<n>a+)(?<m>x)(?<w>y)(?<_f4>a+)(?<k>a+)");
	assert_int_equal(out.n, 4);
	assert_true(sk_view_equal(out.field[0].type, sk_view_str("int")));
	assert_string_equal(out.field[1].group, "m");
	assert_true(sk_view_equal(out.field[1].type, sk_view_str("float")));
	assert_true(sk_view_equal(out.field[2].type,
	    sk_view_str("time:%d/%m")));
	assert_true(sk_view_equal(out.field[3].name, sk_view_str("@ts.x-y")));
	assert_string_equal(out.field[3].group, "_f4");
	sk_grok_expanded_free(&out);
}

static void
test_a_long_name_gets_one_that_pcre2_takes(void **state)
{
	(void)state;
	add("A a+\n");
	expect("%{A:a23456789b123456789c123456789d12}",
	    "(?<a23456789b123456789c123456789d12>a+)");
	expect("%{A:a23456789b123456789c123456789d123}", "(?<_f1>a+)");
	expect("%{A:1st}", "(?<_f1>a+)");
}

static void
test_wrong_patterns_are_refused(void **state)
{
	struct sk_buf deep = { 0 };
	int i;

	(void)state;
	add("LOOP x%{LOOP}\nA a+\n");
	refuse("%{NO_SUCH:x}", "%{NO_SUCH}: no such name; --list shows them");
	refuse("%{A:x", "%{A:x: no } behind the name");
	refuse("%{A:}", "a group without a name");
	refuse("%{LOOP}",
	    "%{LOOP}: names in names in names: more than 32");
	for (i = 0; i < 25; i++)
		sk_buf_fmt(&deep, "D%d %%{D%d}%%{D%d}\n", i, i + 1, i + 1);
	sk_buf_str(&deep, "D25 0123456789\n");
	assert_int_equal(sk_grok_add(&grok, sk_view(deep.ptr, deep.len),
	    NULL), 0);
	refuse("%{D0}", "the pattern is too long");
	sk_buf_free(&deep);
}

static void
test_files_have_comments_and_the_last_line_counts(void **state)
{
	struct sk_diag diag;

	(void)state;
	add("# comment\n\n  \nX one\r\nX \t two  \nY %{X}");
	expect("%{Y}", "(?:(?:two))");
	assert_int_equal(sk_grok_add(&grok, sk_view_str("A b\nnothing\n"),
	    &diag), SK_EUSAGE);
	assert_string_equal(diag.text,
	    "2: not a NAME, a blank and a pattern");
	assert_int_equal(sk_grok_add(&grok, sk_view_str("a-b c\n"), &diag),
	    SK_EUSAGE);
	assert_int_equal(sk_grok_add(&grok, sk_view_str("NAME \n"), &diag),
	    SK_EUSAGE);
}

/* ---- the names that are built in ---- */

static bool
matches(const char *name, const char *text, bool whole)
{
	struct sk_grok_expanded out;
	struct sk_regex regex;
	struct sk_diag diag = { "" };
	const char *why;
	char pattern[64];
	int found;

	snprintf(pattern, sizeof(pattern), whole ? "^%%{%s}$" : "%%{%s}",
	    name);
	assert_int_equal(sk_grok_expand(&grok, sk_view_str(pattern), &out,
	    &diag), 0);
	if (sk_regex_open(&regex, sk_view(out.regex.ptr, out.regex.len),
	    false, &diag) != 0)
		fail_msg("%s: %s", name, diag.text);
	found = sk_regex_match(&regex, sk_view_str(text), &why);
	sk_regex_close(&regex);
	sk_grok_expanded_free(&out);
	return found == 1;
}

static void
test_every_name_compiles(void **state)
{
	size_t i;

	(void)state;
	assert_true(grok.n >= 65);
	for (i = 0; i < grok.n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s",
		    (int)grok.name[i].name.len, grok.name[i].name.ptr);
		matches(name, "x", false);
	}
}

static void
test_names_match_what_they_are_called(void **state)
{
	static const char *const good[][2] = {
		{ "IP", "1.2.3.4" }, { "IP", "255.255.255.255" },
		{ "IP", "::" }, { "IP", "::1" }, { "IP", "fe80::1%eth0" },
		{ "IP", "2001:db8:0:0:0:0:2:1" }, { "IP", "2001:db8::2:1" },
		{ "IP", "::ffff:192.0.2.128" }, { "IP", "1:2:3:4:5:6:7::" },
		{ "IP", "1:2:3:4:5:6:1.2.3.4" }, { "IP", "::2:3:4:5:6:7:8" },
		{ "IPORHOST", "a.example.org" }, { "HOSTPORT", "a.b:80" },
		{ "HOSTPORT", "10.0.0.1:65535" },
		{ "INT", "-12" }, { "INT", "+0" }, { "NUMBER", "-1.5e-9" },
		{ "NUMBER", ".5" }, { "POSINT", "10" }, { "NONNEGINT", "0" },
		{ "BASE16NUM", "0xDEADbeef" }, { "WORD", "a_1" },
		{ "DATA", "" }, { "GREEDYDATA", "a\nb" },
		{ "QS", "\"a \\\" b\"" }, { "QS", "'it'" },
		{ "UUID", "123e4567-e89b-12d3-a456-426614174000" },
		{ "URI", "https://u:p@a.org:8080/x/y?q=1&r" },
		{ "URIPATHPARAM", "/x?y=1" }, { "UNIXPATH", "/a/b.c" },
		{ "PATH", "C:\\a\\b" }, { "EMAILADDRESS", "a.b+c@d.org" },
		{ "MAC", "00:1b:44:11:3a:b7" }, { "MAC", "001b.4411.3ab7" },
		{ "LOGLEVEL", "WARNING" }, { "LOGLEVEL", "err" },
		{ "TIMESTAMP_ISO8601", "2026-11-22T10:00:00.123+01:00" },
		{ "TIMESTAMP_ISO8601", "2026-11-22 10:00:00,123" },
		{ "HTTPDATE", "17/May/2015:10:05:03 +0000" },
		{ "SYSLOGTIMESTAMP", "Nov  2 10:00:00" },
		{ "MONTH", "September" }, { "DAY", "Tue" }, { "TIME", "10:00" },
		{ "TIME", "23:59:60.5" }, { "DATE_US", "12/31/2026" },
		{ "DATE_EU", "31.12.26" }, { "HTTPDUSER", "-" },
		{ "USERNAME", "a-b.c" }, { "HOSTNAME", "x" },
		{ "SYSLOGLINE", "Nov  2 10:00:00 h sshd[12]: hello" },
		{ "JAVACLASS", "org.a.B$C" }, { "URIPARAM", "?a=%20" },
	};
	static const char *const bad[][2] = {
		{ "IP", "256.1.1.1" }, { "IP", "1.2.3" }, { "IP", "1:2:3" },
		{ "IP", ":::" }, { "IP", "1::2::3" }, { "INT", "1.5" },
		{ "IP", "1:2:3:4:5:6:7:8:9" }, { "NUMBER", "1e" },
		{ "POSINT", "0" }, { "WORD", "a b" }, { "NOTSPACE", "a b" },
		{ "MONTH", "Foo" }, { "HTTPDATE", "32/May/2015:10:05:03 +0" },
		{ "TIME", "24:00:00" }, { "QS", "\"a" }, { "MAC", "00:1b:44" },
		{ "UUID", "123e4567" }, { "LOGLEVEL", "informant" },
		{ "TIMESTAMP_ISO8601", "2026-13-01 00:00" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!matches(good[i][0], good[i][1], true))
			fail_msg("%s is not %s", good[i][1], good[i][0]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (matches(bad[i][0], bad[i][1], true))
			fail_msg("%s is %s", bad[i][1], bad[i][0]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_names_are_replaced_by_what_they_stand_for),
		TEST(test_what_is_no_name_stays),
		TEST(test_types_are_told),
		TEST(test_a_long_name_gets_one_that_pcre2_takes),
		TEST(test_wrong_patterns_are_refused),
		TEST(test_files_have_comments_and_the_last_line_counts),
		TEST(test_every_name_compiles),
		TEST(test_names_match_what_they_are_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
