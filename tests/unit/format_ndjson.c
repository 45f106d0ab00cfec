/* Fields of NDJSON: known lines. */
#include <string.h>

#include "ndjson.h"

static void
expect_bytes(const char *fields, struct sk_view line, const char *want)
{
	struct sk_buf got = { NULL, 0, 0 };
	size_t nbad;

	open_reader(fields);
	nbad = take(&line, 1);
	describe(0, &got);
	if (strcmp(sk_buf_cstr(&got), want) != 0 || nbad != (want[0] == 'b'))
		fail_msg("%.*s: %s\n  not %s", (int)line.len, line.ptr,
		    got.ptr, want);
	sk_buf_free(&got);
}

static void
expect(const char *fields, const char *text, const char *want)
{
	struct sk_view line = padded(text, strlen(text));

	expect_bytes(fields, line, want);
	if (want[0] != 'b')
		assert_null(sk_ndjson_check(reader, line));
	drop(line);
}

/* Not JSON, but nothing that is read. */
static void
unseen(const char *fields, const char *text, const char *want)
{
	struct sk_view line = padded(text, strlen(text));

	expect_bytes(fields, line, want);
	assert_non_null(sk_ndjson_check(reader, line));
	drop(line);
}

static void
test_kinds(void **state)
{
	(void)state;
	expect("a", "{\"a\":\"x\"}", "Tx|");
	expect("a", "{\"a\":\"\"}", "T|");
	expect("a", "{\"a\":-1.50e+7}", "N-1.50e+7|");
	expect("a", "{\"a\":1e400}", "N1e400|");
	expect("a", "{\"a\":123456789012345678901234567890}",
	    "N123456789012345678901234567890|");
	expect("a b", "{\"a\":true,\"b\":false}", "Btrue|Bfalse|");
	expect("a b", "{\"a\":null}", "-|-|");
	expect("a", "{}", "-|");
	expect("a", "{ \t}", "-|");
	expect("a b", "{\"a\":[1, {\"x\":\"]\"}],\"b\":{\"c\" : [ ]}}",
	    "J[1, {\"x\":\"]\"}]|J{\"c\" : [ ]}|");
	expect("a b", "{\"a\":[],\"b\":{}}", "J[]|J{}|");
	expect("", "{\"a\":1}", "");
}

static void
test_blanks(void **state)
{
	(void)state;
	expect("a b", " \t{ \"a\" : 1 , \"b\" : \"x y\" } \r", "N1|Tx y|");
	expect("a b.c", "{\"a\": [ 1 ] ,\n\"b\": { \"c\": 2 }\r}\n",
	    "J[ 1 ]|N2|");
	expect("a", "\xef\xbb\xbf{\"a\":1}", "N1|");
	expect("a[1]", "{\"a\":[\t0\t,\t1\t]}", "N1|");
}

static void
test_paths(void **state)
{
	static const char event[] = "{\"user\":{\"name\":\"Ann\",\"id\":7},"
	    "\"items\":[{\"sku\":\"x\"},{\"sku\":\"y\"}],\"id.orig_h\":1,"
	    "\"0\":{\"1\":[5,6]},\"\":2,\"a/b\":3,\"m~n\":4,\"q\\\"q\":5}";

	(void)state;
	expect("user.id user.name", event, "N7|TAnn|");
	expect("user.name user.id id", event, "TAnn|N7|-|");
	expect("items[1].sku items[0] items[2] items[0].sku", event,
	    "Ty|J{\"sku\":\"x\"}|-|Tx|");
	expect("/items/1/sku items[1].sku items", event,
	    "Ty|Ty|J[{\"sku\":\"x\"},{\"sku\":\"y\"}]|");
	expect("/id.orig_h id.orig_h", event, "N1|-|");
	expect("0.1 /0/1 0.1[1] /0/1/1 0.1.1", event, "J[5,6]|J[5,6]|N6|N6|-|");
	expect("/ /a~1b /m~0n /q\"q", event, "N2|N3|N4|N5|");
	/* Through what is no list or object there is nothing. */
	expect("user.id.x user.name[0] items.sku user[0]", event, "-|-|-|-|");
	expect("user user.id", event,
	    "J{\"name\":\"Ann\",\"id\":7}|N7|");
	expect("a.b a", "{\"a\":null}", "-|-|");
	expect("a.b c", "{\"a\":{},\"c\":1}", "-|N1|");
	expect("a[0] c", "{\"a\":[],\"c\":1}", "-|N1|");
	/* One field several times. */
	expect("user.id user.id", event, "N7|N7|");
}

static void
test_names(void **state)
{
	struct sk_buf name = { NULL, 0, 0 };
	size_t i;

	(void)state;
	/* The first of several counts, whatever it is. */
	expect("a", "{\"a\":1,\"a\":2}", "N1|");
	expect("a b", "{\"a\":null,\"a\":2,\"b\":3}", "-|N3|");
	expect("a.b", "{\"a\":{\"c\":1},\"a\":{\"b\":2}}", "-|");
	expect("a.b c", "{\"a\":1,\"a\":{\"b\":2},\"c\":3}", "-|N3|");
	expect("a.b", "{\"a\":{\"b\":1,\"b\":2}}", "N1|");
	/* Escapes in names. */
	expect("user", "{\"us\\u0065r\":1}", "N1|");
	expect("user x", "{\"us\\u0065r\":1,\"user\":2,\"x\":3}", "N1|N3|");
	expect("/a\"b /c\\d", "{\"a\\\"b\":1,\"c\\\\d\":2}", "N1|N2|");
	expect("a\xc3\xa4", "{\"a\\u00e4\":1}", "N1|");
	/* A name within another, before and behind. */
	expect("user", "{\"xuser\":1,\"userx\":2,\"use\":3,\"user\":4}",
	    "N4|");
	/* Alike in the first eight bytes, and in length. */
	expect("abcdefgh1 abcdefgh2 abcdefg",
	    "{\"abcdefgh2\":2,\"abcdefgh3\":3,\"abcdefg\":4,"
	    "\"abcdefgh1\":1}", "N1|N2|N4|");
	expect("abcdefg", "{\"abcdefgh:x\":1,\"abcdefg1\":2}", "-|");
	for (i = 0; i < 500; i++)
		sk_buf_char(&name, 'a');
	expect(sk_buf_cstr(&name), "{\"aaaaaaaa\":1,\"b\":2}", "-|");
	sk_buf_free(&name);
}

static void
test_many(void **state)
{
	struct sk_buf fields = { NULL, 0, 0 }, text = { NULL, 0, 0 };
	struct sk_buf want = { NULL, 0, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FIELDS_MAX; i++) {
		sk_buf_fmt(&fields, "%sa_long_name_%zu", i == 0 ? "" : " ", i);
		if (i % 5 == 3)
			sk_buf_str(&want, "-|");
		else
			sk_buf_fmt(&want, "N%zu|", i * i);
	}
	sk_buf_str(&text, "{\"x\":[{}]");
	for (i = 2 * FIELDS_MAX; i-- > 0;)
		if (i % 5 != 3)
			sk_buf_fmt(&text, ",\"a_long_name_%zu\":%zu", i,
			    i * i);
	sk_buf_str(&text, ",\"a_long_name_0\":1}");
	expect(sk_buf_cstr(&fields), sk_buf_cstr(&text), sk_buf_cstr(&want));
	sk_buf_free(&fields);
	sk_buf_free(&text);
	sk_buf_free(&want);
}

static void
test_strings(void **state)
{
	static const char nul[] = "{\"a\":\"x\\u0000y\"}";
	struct sk_view line = padded(nul, sizeof(nul) - 1);

	(void)state;
	expect("a b",
	    "{\"a\":\"\\\"\\\\\\/\\n\",\"b\":\"\\u00e4\\ud83d\\ude00\"}",
	    "T\"\\/\n|T\xc3\xa4\xf0\x9f\x98\x80|");
	expect("a b", "{\"a\":\"{}[]:,\",\"b\":\"\\\"}\"}", "T{}[]:,|T\"}|");
	open_reader("a");
	assert_int_equal(take(&line, 1), 0);
	assert_int_equal(cells[0][0].len, 3);
	assert_memory_equal(cells[0][0].ptr, "x\0y", 3);
	drop(line);
}

static void
test_bad(void **state)
{
	(void)state;
	expect("a", "", "bad: not a JSON object");
	expect("a", "  ", "bad: not a JSON object");
	expect("a", "x", "bad: not a JSON object");
	expect("a", "[1]", "bad: not a JSON object");
	expect("a", "\"a\"", "bad: not a JSON object");
	expect("a", "127.0.0.1 - \"GET", "bad: not a JSON object");
	expect("a", "{", "bad: JSON that ends too early");
	expect("a", "{\"a\":1", "bad: JSON that ends too early");
	expect("a", "{\"a\":1,\"b\":\"x", "bad: a string that does not end");
	expect("a", "{\"a\":1} x", "bad: text behind the JSON");
	expect("b", "{\"a\":1}}", "bad: text behind the JSON");
	expect("b", "{\"a\":1} {\"b\":2}", "bad: text behind the JSON");
	expect("a", "{\"a\":1,\"b\":\"\xff\"}", "bad: not UTF-8");
	expect("a", "{\"a\":1,\"b\":\"\xed\xa0\x80\"}", "bad: not UTF-8");
	expect("a", "{\"a\":1,\"b\":\"\x01\"}",
	    "bad: a control character in a string");
	expect("a", "{\"a\":01}", "bad: a comma or } is missing");
	expect("a", "{\"a\":1.}", "bad: not a JSON number");
	expect("a", "{\"a\":tru}", "bad: not a JSON value");
	expect("a", "{\"a\":1\"b\"}", "bad: a comma or } is missing");
	expect("a", "{\"a\":\"b\"c}", "bad: a comma or } is missing");
	expect("a", "{\"a\":\"b\" \"c\"}", "bad: a comma or } is missing");
	expect("a b", "{\"a\":\"x\"{\"b\":1}}",
	    "bad: a comma or } is missing");
	expect("a b", "{\"a\":[1]x,\"b\":2}", "bad: a comma or } is missing");
	expect("b", "{\"a\":[1] x,\"b\":2}", "bad: a comma or } is missing");
	expect("a b", "{\"a\":1[\"b\"]}", "bad: a comma or } is missing");
	expect("a", "{\"a\":}", "bad: not a JSON value");
	expect("a", "{\"a\":,\"b\":1}", "bad: not a JSON value");
	expect("a", "{\"a\" 1}", "bad: a key without a colon");
	expect("b", "{\"a\":1,}", "bad: a key that is no string");
	expect("a", "{a:1}", "bad: a key that is no string");
	expect("a", "{\"a\":[1,]}", "bad: not a JSON value");
	expect("a", "{\"a\":[1}}", "bad: a comma or ] is missing");
	expect("a", "{\"a\":{\"b\":1]}", "bad: a comma or } is missing");
	expect("a.b", "{\"a\":{\"b\":1", "bad: JSON that ends too early");
	expect("a", "{\"a\":\"\\ud800\"}", "bad: half of a surrogate pair");
	expect("a", "{\"a\":\"\\x\"}", "bad: a backslash that escapes nothing");
	expect("a", "{\"a\":{\"b\":\"\\udc00\"}}",
	    "bad: half of a surrogate pair");
	expect("/x\"\"y", "{\"x\"\"y\":1}", "bad: a key without a colon");
}

/* Unescaped texts stay where they are while others are added. */
static void
test_room(void **state)
{
	struct sk_buf text = { NULL, 0, 0 };
	struct sk_view lines[3];
	size_t i, k;

	(void)state;
	sk_buf_str(&text, "{\"a\":\"");
	for (i = 0; i < 20000; i++)
		sk_buf_str(&text, i % 2 == 0 ? "x" : "\\n");
	sk_buf_str(&text, "\",\"b\":\"\\t\"}");
	lines[0] = padded("{\"a\":\"\\\\\"}", 10);
	lines[1] = lines[2] = padded(text.ptr, text.len);
	open_reader("b a");
	assert_int_equal(take(lines, 3), 0);
	assert_int_equal(cells[1][0].ptr[0], '\\');
	for (i = 1; i < 3; i++) {
		assert_int_equal(cells[0][i].ptr[0], '\t');
		assert_int_equal(cells[1][i].len, 20000);
		for (k = 0; k < 20000; k++)
			assert_int_equal(cells[1][i].ptr[k],
			    k % 2 == 0 ? 'x' : '\n');
	}
	drop(lines[0]);
	drop(lines[1]);
	sk_buf_free(&text);
}

/* A line that lacks its end is not read into what stands behind it, where
 * the line before had more. */
static void
test_ends(void **state)
{
	static const char text[] = "{\"a\":{\"b\":1,\"b\":1,\"b\":1,\"b\":1,"
	    "\"b\":1,\"b\":1},\"c\":2}";
	struct sk_view lines[2];

	(void)state;
	lines[0] = padded(text, sizeof(text) - 1);
	lines[1] = sk_view(lines[0].ptr, strlen(text) - strlen(",\"c\":2}"));
	open_reader("c");
	assert_int_equal(take(lines, 2), 1);
	assert_null(whys[0]);
	assert_non_null(whys[1]);
	open_reader("a.x c");
	assert_int_equal(take(lines, 2), 1);
	assert_non_null(whys[1]);
	drop(lines[0]);
}

/* Lists in lists, which are passed over, entered or taken, and left. */
static void
test_deep(void **state)
{
	struct sk_buf text = { NULL, 0, 0 };
	struct sk_view line;
	size_t i, n;

	(void)state;
	for (n = 1022; n <= 1024; n++) {
		sk_buf_reset(&text);
		sk_buf_str(&text, "{\"a\":[0,");
		for (i = 1; i < n; i++)
			sk_buf_char(&text, '[');
		for (i = 0; i < n; i++)
			sk_buf_char(&text, ']');
		sk_buf_str(&text, ",\"b\":1}");
		line = padded(text.ptr, text.len);
		expect_bytes("b", line, n < 1024 ? "N1|" :
		    "bad: JSON nested over 1024 levels");
		expect_bytes("a[0] b", line, n < 1024 ? "N0|N1|" :
		    "bad: JSON nested over 1024 levels");
		expect_bytes("a[2] b", line, n < 1024 ? "-|N1|" :
		    "bad: JSON nested over 1024 levels");
		drop(line);
	}
	sk_buf_free(&text);
}

static void
test_unseen(void **state)
{
	(void)state;
	unseen("a", "{\"a\":1,\"b\":tru}", "N1|");
	unseen("b", "{\"a\":tru,\"b\":1}", "N1|");
	unseen("b", "{\"a\":\"\\ud800\",\"b\":1}", "N1|");
	unseen("a", "{\"a\":1,,}", "N1|");
	unseen("a", "{\"b\"\"c\":1,\"a\":2}", "N2|");
	unseen("/x\"\"y z", "{ \"x\"\"y\" :1,\"z\":2}", "-|N2|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
