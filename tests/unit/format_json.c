#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "format/json.h"
#include "format/jsonscan.h"

static void
good(const char *text)
{
	if (sk_json_check(sk_view_str(text)) != NULL)
		fail_msg("%s: %s", text, sk_json_check(sk_view_str(text)));
}

static void
bad(const char *text, const char *why)
{
	const char *got = sk_json_check(sk_view_str(text));

	if (got == NULL)
		fail_msg("%s is taken", text);
	assert_string_equal(got, why);
}

static void
test_good(void **state)
{
	(void)state;
	good("{}");
	good(" [ ] ");
	good("{\"a\":{\"b\":[1,-2.5e+10,\"x\",true,false,null,{}]},\"\":[]}");
	good("\t{\r\"a\" :\n1 , \"a\" : [ [ ] , { } ] }");
	good("0");
	good("-0.0E-0");
	good("1e400");
	good("123456789012345678901234567890");
	good("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD83d\\uDe00\"");
	good("\"\x7f\xc3\xa4\"");
}

static void
test_bad(void **state)
{
	(void)state;
	bad("", "JSON that ends too early");
	bad("  ", "JSON that ends too early");
	bad("{", "JSON that ends too early");
	bad("[1,", "JSON that ends too early");
	bad("{\"a\":", "JSON that ends too early");
	bad("{} {}", "text behind the JSON");
	bad("1]", "text behind the JSON");
	bad("1 2", "text behind the JSON");
	bad("01", "text behind the JSON");
	bad("[1}", "a comma or ] is missing");
	bad("{\"a\":1]", "a comma or } is missing");
	bad("[1 2]", "a comma or ] is missing");
	bad("[1,]", "not a JSON value");
	bad("[,1]", "not a JSON value");
	bad("{\"a\":1,}", "a key that is no string");
	bad("{,}", "a key that is no string");
	bad("{a:1}", "a key that is no string");
	bad("{\"a\"}", "a key without a colon");
	bad("{\"a\" 1}", "a key without a colon");
	bad("{\"a\":}", "not a JSON value");
	bad("nul", "not a JSON value");
	bad("tru", "not a JSON value");
	bad("True", "not a JSON value");
	bad("NaN", "not a JSON value");
	bad("'a'", "not a JSON value");
	bad("nullx", "text behind the JSON");
	bad("-", "not a JSON number");
	bad("1.", "not a JSON number");
	bad("1.e1", "not a JSON number");
	bad("1e", "not a JSON number");
	bad("1e+", "not a JSON number");
	bad("-x", "not a JSON number");
	bad("+1", "not a JSON value");
	bad(".5", "not a JSON value");
	bad("\"abc", "a string that does not end");
	bad("\"abc\\", "a string that does not end");
	bad("\"a\tb\"", "a control character in a string");
	bad("\"a\\x\"", "a backslash that escapes nothing");
	bad("\"\\u12\"", "a backslash that escapes nothing");
	bad("\"\\u12g4\"", "a backslash that escapes nothing");
	bad("\"\\uD800\"", "half of a surrogate pair");
	bad("\"\\uDC00\\uD800\"", "half of a surrogate pair");
	bad("\"\\uD800\\u0041\"", "half of a surrogate pair");
	bad("\"\\uD800\\n\"", "half of a surrogate pair");
	bad("\"\\uD800\\uE000\"", "half of a surrogate pair");
	bad("\"\\uDC00\\uDC00\"", "half of a surrogate pair");
	bad("\"\\uD800\\u12\"", "a backslash that escapes nothing");
}

/* 1024 levels of lists and objects are taken, 1025 are not, and a million
 * cost nothing. */
static void
test_deep(void **state)
{
	struct sk_buf text = { NULL, 0, 0 };
	size_t i, n;

	(void)state;
	for (n = 1023; n <= 1025; n++) {
		sk_buf_reset(&text);
		for (i = 0; i < n; i++)
			sk_buf_str(&text, i % 3 == 0 ? "[" : "{\"a\":");
		sk_buf_str(&text, "0");
		while (i-- > 0)
			sk_buf_str(&text, i % 3 == 0 ? "]" : "}");
		if (n <= 1024)
			good(sk_buf_cstr(&text));
		else
			bad(sk_buf_cstr(&text),
			    "JSON nested over 1024 levels");
	}
	sk_buf_reset(&text);
	for (i = 0; i < 1000000; i++)
		sk_buf_char(&text, '[');
	bad(sk_buf_cstr(&text), "JSON nested over 1024 levels");
	sk_buf_free(&text);
}

static void
unescaped(const char *raw, const char *want, size_t len)
{
	char out[64];
	size_t got;

	assert_null(sk_json_unescape(sk_view_str(raw), out, &got));
	assert_int_equal(got, len);
	assert_memory_equal(out, want, len);
}

static void
test_unescape(void **state)
{
	char out[64];
	size_t len;

	(void)state;
	unescaped("", "", 0);
	unescaped("abc", "abc", 3);
	unescaped("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8);
	unescaped("a\\u0000b", "a\0b", 3);
	unescaped("\\u0041\\u00e4\\u20AC", "A\xc3\xa4\xe2\x82\xac", 6);
	unescaped("\\uD83D\\uDE00", "\xf0\x9f\x98\x80", 4);
	unescaped("\\u07ff\\u0800\\uffff", "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf",
	    8);
	assert_string_equal(sk_json_unescape(sk_view_str("a\"b"), out, &len),
	    "text behind a string");
	assert_non_null(sk_json_unescape(sk_view_str("a\\"), out, &len));
	assert_non_null(sk_json_unescape(sk_view_str("\\u004"), out, &len));
	assert_non_null(sk_json_unescape(sk_view_str("\\udc00"), out, &len));
	assert_non_null(sk_json_unescape(sk_view_str("a\nb"), out, &len));
}

static void
test_scalars(void **state)
{
	(void)state;
	assert_true(sk_json_is_number(sk_view_str("-12.50e-3")));
	assert_false(sk_json_is_number(sk_view_str("-12.50e-3 ")));
	assert_false(sk_json_is_number(sk_view_str("")));
	assert_false(sk_json_is_number(sk_view_str("007")));
	assert_false(sk_json_is_number(sk_view_str("0x7")));
	assert_true(sk_json_is_word(sk_view_str("null")));
	assert_true(sk_json_is_word(sk_view_str("false")));
	assert_false(sk_json_is_word(sk_view_str("falsey")));
	assert_false(sk_json_is_word(sk_view_str("nul")));
}

/* ---- operators ---- */

/* The same, byte by byte: what each byte is, an operator ('o'), a quote ('q')
 * or nothing. */
static unsigned
naive_scan(const char *s, size_t len, char *is)
{
	bool inside = false, escaped = false;
	unsigned flags = 0;
	size_t i;

	memset(is, 0, len);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		bool control = c < 0x20;

		if (c > 127)
			flags |= SK_JSONSCAN_HIGH;
		if (c == '\\')
			flags |= SK_JSONSCAN_ESCAPE;
		if (control && inside)
			flags |= SK_JSONSCAN_CONTROL;
		if (c == '"' && !escaped) {
			inside = !inside;
			is[i] = 'q';
		} else if (!inside && c != '\0' &&
		    strchr("{}[],\x0c", c) != NULL)
			is[i] = 'o';
		escaped = c == '\\' && !escaped;
	}
	return flags | (inside ? SK_JSONSCAN_OPEN : 0);
}

static void
compare_scan(const struct sk_jsonscan *scan, const char *s, size_t len,
    const char *is)
{
	size_t i, begin = len / 3, end = len - len / 4;
	unsigned some = 0, more;

	for (i = 0; i < len; i++) {
		assert_int_equal(sk_jsonscan_bits(scan->op, i) & 1,
		    is[i] == 'o');
		assert_int_equal(sk_jsonscan_bits(scan->quote, i) & 1,
		    is[i] == 'q');
	}
	assert_int_equal(sk_jsonscan_bits(scan->op, len), 0);
	assert_int_equal(sk_jsonscan_bits(scan->quote, len), 0);
	for (i = begin / 64 * 64; i < len && i < (end + 63) / 64 * 64; i++) {
		some |= (unsigned char)s[i] > 127 ? SK_JSONSCAN_HIGH : 0;
		some |= s[i] == '\\' ? SK_JSONSCAN_ESCAPE : 0;
	}
	more = sk_jsonscan_flags(scan, begin, end);
	if (begin < end)
		assert_int_equal(more, some);
}

static void
compare_scans(const char *s, size_t len)
{
	struct sk_jsonscan fast = { 0 }, slow = { 0 };
	char *is = sk_xalloc(len + 1, 1);
	unsigned flags = naive_scan(s, len, is);

	assert_int_equal(sk_jsonscan_text(&fast, sk_view(s, len)), flags);
	assert_int_equal(sk_jsonscan_portable(&slow, sk_view(s, len)), flags);
	compare_scan(&fast, s, len, is);
	compare_scan(&slow, s, len, is);
	sk_jsonscan_free(&fast);
	sk_jsonscan_free(&slow);
	free(is);
}

/* Random bytes, most of them special, at all lengths; what stands behind the
 * line is the worst there is. */
static void
test_scan(void **state)
{
	static const char special[] = "\"\"\"\\\\\\{}[]:,,  \t\n\r\x1f\x0c\x1a"
	    "aZ09\x7f\x80\xff";
	char bytes[400 + SK_PAD];
	struct sk_rng rng;
	size_t round, len, i;

	(void)state;
	sk_rng_init(&rng, 7);
	for (round = 0; round < 20000; round++) {
		len = sk_rng_next(&rng) % 400;
		memset(bytes, "\"\\\x01\xff"[round % 4], sizeof(bytes));
		for (i = 0; i < len; i++)
			bytes[i] = round % 3 == 0 ?
			    special[sk_rng_next(&rng) % (sizeof(special) - 1)]
			    : "\\\"{ab"[sk_rng_next(&rng) % 5];
		compare_scans(bytes, len);
	}
	for (len = 0; len < 300; len++) {
		memset(bytes, '{', sizeof(bytes));
		compare_scans(bytes, len);
		memset(bytes, '\\', sizeof(bytes));
		bytes[0] = '"';
		compare_scans(bytes, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
