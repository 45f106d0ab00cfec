#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/sys.h"
#include "parse/grok.h"
#include "parse/parser.h"

static struct sk_grok grok;
static struct sk_zone zone;
static struct sk_year year = { .year = 2026 };
static struct sk_parse_conf conf = { .zone = &zone, .year = &year,
	.delimiter = -1, .sep = '\n', .grok = &grok };

/* Members as `name=text` with a blank between, typed ones with a letter; or
 * `!why`. */
static const char *
parse(struct sk_parser *parser, struct sk_view line)
{
	static struct sk_buf text;
	struct sk_parsed out;
	const char *why;
	size_t i;

	sk_buf_reset(&text);
	sk_parsed_init(&out);
	why = sk_parser_parse(parser, line, &out);
	if (why != NULL)
		sk_buf_fmt(&text, "!%s", why);
	for (i = 0; why == NULL && i < out.n; i++) {
		const struct sk_member *member = &out.member[i];

		sk_buf_fmt(&text, "%s%.*s%c", i > 0 ? " " : "",
		    (int)member->name.len, member->name.ptr,
		    "?=#&{@"[member->type]);
		if (member->type == SK_TYPE_TIME)
			sk_time_put(&text, member->ns);
		else if (member->type != SK_TYPE_NULL)
			sk_buf_view(&text, member->text);
	}
	sk_parsed_free(&out);
	return sk_buf_cstr(&text);
}

static void
expect(const char *pattern, const char *line, const char *want)
{
	struct sk_parser parser;
	struct sk_diag diag = { "" };

	if (sk_parser_open(&parser, sk_view_str(pattern), &conf, &diag) != 0)
		fail_msg("%s: %s", pattern, diag.text);
	assert_string_equal(parse(&parser, sk_view_str(line)), want);
	sk_parser_close(&parser);
}

static void
refuse(const char *pattern, const char *why)
{
	struct sk_parser parser;
	struct sk_diag diag;

	assert_int_equal(sk_parser_open(&parser, sk_view_str(pattern), &conf,
	    &diag), SK_EUSAGE);
	assert_string_equal(diag.text, why);
	sk_parser_close(&parser);
}

static void
test_named_groups_are_members(void **state)
{
	(void)state;
	expect("(?<a>\\d+)-(?<b>\\w*)", "x 12-y z", "a=12 b=y");
	expect("(\\d)(?<a>\\d)", "12", "a=2");
	expect("(?<a>x)|(?<b>y)", "y", "a? b=y");
	expect("(?<a>x*)", "y", "a=");
	expect("^(?<a>b)", "ab", "!the pattern does not match");
	expect("(?<a>x)\r?$", "x\r", "a=x");
	expect("(?<a>.)$", "x\r", "a=x");
	expect("(?<b>x)(?<a>y)(?<c>z)", "xyz", "b=x a=y c=z");
}

static void
test_groups_of_one_name_are_one_member(void **state)
{
	(void)state;
	expect("(?<a>x)|(?<a>y)", "y", "a=y");
	expect("(?<a>x)?(?<a>y)", "xy", "a=x");
	expect("%{INT:n:int}|n=%{WORD:n}", "n=x", "!n: not an integer");
	expect("(?:(?<b>1)|(?<a>2))(?<b>3)?", "2", "b? a=2");
}

static void
test_types(void **state)
{
	(void)state;
	expect("(?<n:int>.*)", "12", "n#12");
	expect("(?<n:int>.*)", "-007", "n#-7");
	expect("(?<n:int>.*)", "123456789012345678901234567890",
	    "n#123456789012345678901234567890");
	expect("(?<n:int>.*)", "", "n?");
	expect("(?<n:int>.*)", "-", "n?");
	expect("(?<n:int>.*)", "1.5", "!n: not an integer");
	expect("(?<n:int>x)?", "y", "n?");
	expect("(?<n:float>.*)", ".5", "n#0.5");
	expect("(?<n:float>.*)", "1e3", "n#1e3");
	expect("(?<n:float>.*)", "nan", "n?");
	expect("(?<n:float>.*)", "0x1", "!n: not a number");
	expect("(?<n:bool>.*)", "Yes", "n&true");
	expect("(?<n:bool>.*)", "0", "n&false");
	expect("(?<n:bool>.*)", "2", "!n: not true or false");
	expect("(?<n:text>.*)", "-", "n=-");
	expect("%{NUMBER:a:float},%{INT:b.c:int}", "+1.0,+2",
	    "a#1.0 b.c#2");
	expect("(?<a:int>\\S+) (?<b:int>\\S+)", "+1 02", "a#1 b#2");
}

static void
test_times(void **state)
{
	(void)state;
	expect("(?<t:time>.*)", "2026-11-22T10:00:00+01:00",
	    "t@2026-11-22T09:00:00Z");
	expect("\\[%{HTTPDATE:t:time}\\]", "[17/May/2015:10:05:03 +0000]",
	    "t@2015-05-17T10:05:03Z");
	expect("%{SYSLOGTIMESTAMP:t:time} x", "Nov  2 10:00:00 x",
	    "t@2026-11-02T10:00:00Z");
	expect("(?<t:time:%d.%m.%Y %H>.*)", "03.02.2001 04",
	    "t@2001-02-03T04:00:00Z");
	expect("%{DATA:t:time:%Y%m%d}$", "20010203",
	    "t@2001-02-03T00:00:00Z");
	expect("(?<t:time:ms>.*)", "1500", "t@1970-01-01T00:00:01.500Z");
	expect("(?<t:time>.*)", "-", "t?");
	expect("(?<t:time>.*)", "soon", "!t: not a time");
}

static void
test_wrong_patterns_are_refused(void **state)
{
	(void)state;
	refuse("(?<a>x", "missing closing parenthesis at byte 7, behind "
	    "(?<a>x");
	refuse("a.*b", "a.*b: no named group, as (?<name>\\S+) or "
	    "%{WORD:name}, so there are no fields");
	refuse("(?<a:number>x)", "a:number: no such type; there are int, "
	    "float, bool, time and text");
	refuse("(*UTF)(?<a>x)", "using UTF is disabled by the application "
	    "at byte 7, behind (*UTF)");
	refuse("(?<t:time:%Q>x)", "%Q: unknown conversion %Q");
	refuse("", "an empty FORMAT");
}

static void
test_bytes_or_characters(void **state)
{
	(void)state;
	expect("^(?<a>.)", "\xc3\xa9x", "a=\xc3");
	conf.utf = true;
	expect("^(?<a>.)", "\xc3\xa9x", "a=\xc3\xa9");
	expect("(?<a>x)", "\xff\xfe\xc3x", "a=x");
	expect("^(?<a>..)", "\xffx", "!the pattern does not match");
	conf.utf = false;
}

/* `n` bytes a and a b, padded. */
static struct sk_view
many(char *line, char a, char b, size_t n)
{
	memset(line, a, n);
	line[n] = b;
	return sk_view(line, n + 1);
}

static void
test_no_line_keeps_a_pattern_busy(void **state)
{
	static const char *const patterns[] = { "(?<x>(a+)+)$",
		"(?<x>(a|a)*)[0-9]", "(?<x>(\\d|a)++[0-9])",
		"^(?<x>(.*)(.*)(.*)(.*)[0-9])", "(?<x>(?:a|[^b])+[0-9])",
		"(?<x>\\w+)\\s[x-z]", "(?<x>(?=(a+))\\2c)" };
	static const size_t sizes[] = { 100, 5000, 100000, 1 << 20 };
	const struct sk_view last = sk_view_str("a1 x");
	char *line = malloc((1 << 20) + 1 + SK_PAD);
	struct sk_parser parser;
	size_t i, k;
	char *before;

	(void)state;
	assert_non_null(line);
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		assert_int_equal(sk_parser_open(&parser,
		    sk_view_str(patterns[i]), &conf, NULL), 0);
		before = sk_xstrdup(parse(&parser, last));

		for (k = 0; k < 4; k++) {
			int64_t begin = sk_sys_mono_ns();
			const char *text = parse(&parser, many(line, 'a', 'b',
			    sizes[k]));

			if (text[0] != '!')
				fail_msg("%s takes it", patterns[i]);
			/* The limit and what a slow machine adds to it. */
			assert_in_range(sk_sys_mono_ns() - begin, 0,
			    INT64_C(10000000000));
			assert_string_equal(parse(&parser, last), before);
		}
		free(before);
		sk_parser_close(&parser);
	}
	expect("(?<x>(a+)+)$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	    "!the pattern took too long");
	free(line);
}

/* In pieces or not, the first place where it matches is found. */
static void
test_long_lines_are_searched_to_their_end(void **state)
{
	char *line = malloc((1 << 20) + 64 + SK_PAD);
	struct sk_parser parser;
	size_t n;

	(void)state;
	assert_non_null(line);
	assert_int_equal(sk_parser_open(&parser, sk_view_str(
	    "(?<=[ay])(?<x>[bz])(?<y>\\d)?"), &conf, NULL), 0);
	for (n = 1; n < 1 << 20; n = n * 3 + 1) {
		struct sk_view view = many(line, 'a', 'b', n);

		assert_string_equal(parse(&parser, view), "x=b y?");
		memcpy(line + n + 1, "9yz", 3);
		view.len += 3;
		assert_string_equal(parse(&parser, view), "x=b y=9");
		view = many(line, 'a', 'c', n);
		assert_string_equal(parse(&parser, view),
		    "!the pattern does not match");
	}
	/* Wherever a piece may end. */
	for (n = 1; n < 5000; n++) {
		memset(line, 'a', 5000);
		line[n] = 'b';
		assert_string_equal(parse(&parser, sk_view(line, 5000)),
		    "x=b y?");
	}
	sk_parser_close(&parser);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_groups_are_members),
		cmocka_unit_test(test_groups_of_one_name_are_one_member),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_wrong_patterns_are_refused),
		cmocka_unit_test(test_bytes_or_characters),
		cmocka_unit_test(test_no_line_keeps_a_pattern_busy),
		cmocka_unit_test(test_long_lines_are_searched_to_their_end),
	};

	sk_grok_init(&grok);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
