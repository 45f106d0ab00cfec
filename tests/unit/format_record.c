#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "format/record.h"

static void
expect(struct sk_buf *buf, const char *want, size_t len)
{
	assert_int_equal(buf->len, len);
	if (len > 0)
		assert_memory_equal(buf->ptr, want, len);
	sk_buf_reset(buf);
}

#define EXPECT(buf, literal) expect(buf, literal, sizeof(literal) - 1)

static void
columns(struct sk_record *record, enum sk_record_form form, size_t n)
{
	static const char *const names[] = { "at", "count", "a b", "q\"c\td" };
	size_t i;

	sk_record_init(record, form);
	for (i = 0; i < n; i++)
		assert_int_equal(sk_record_column(record,
		    sk_view_str(names[i])), 0);
}

static void
put_four(struct sk_record *record, struct sk_buf *out)
{
	static const char nul[] = "a\0b";

	sk_record_header(record, out);
	sk_record_begin(record, out);
	sk_record_u64(record, UINT64_MAX);
	sk_record_i64(record, INT64_MIN);
	sk_record_text(record, sk_view_str("x\ty,\"z\"\\ \r\n"));
	sk_record_line(record, sk_view_str("the, \"line\"\t!"));
	sk_record_end(record);
	sk_record_begin(record, out);
	sk_record_f64(record, 0.1);
	sk_record_f64(record, NAN);
	sk_record_json(record, sk_view_str("[1,\"a\"]"));
	sk_record_bool(record, true);
	sk_record_end(record);
	sk_record_begin(record, out);
	sk_record_fixed(record, 2.0 / 3, 6);
	sk_record_fixed(record, -INFINITY, 6);
	sk_record_text(record, sk_view(NULL, 0));
	sk_record_text(record, sk_view(nul, 3));
	sk_record_end(record);
}

static void
test_tsv(void **state)
{
	struct sk_record record;
	struct sk_buf out = { NULL, 0, 0 };

	(void)state;
	columns(&record, SK_RECORD_TSV, 4);
	put_four(&record, &out);
	EXPECT(&out, "at\tcount\ta b\tq\"c\td\n"
	    "18446744073709551615\t-9223372036854775808\tx\ty,\"z\"\\ \r\n\t"
	    "the, \"line\"\t!\n"
	    "0.1\t\t[1,\"a\"]\ttrue\n"
	    "0.666667\t\t\ta\0b\n");
	record.escape = true;
	record.end = '\0';
	put_four(&record, &out);
	EXPECT(&out, "at\tcount\ta b\tq\"c\\td\0"
	    "18446744073709551615\t-9223372036854775808\t"
	    "x\\ty,\"z\"\\\\ \\r\\n\tthe, \"line\"\t!\0"
	    "0.1\t\t[1,\"a\"]\ttrue\0"
	    "0.666667\t\t\ta\0b\0");
	sk_record_free(&record);
	sk_buf_free(&out);
}

/* A line in each form and with both ends of records. */
static void
put_line(struct sk_buf *out, const char *line, size_t len)
{
	struct sk_record record;
	unsigned i;

	for (i = 0; i < 6; i++) {
		columns(&record, (enum sk_record_form)(i / 2), 1);
		record.end = i % 2 == 0 ? '\n' : '\0';
		sk_record_begin(&record, out);
		sk_record_line(&record, sk_view(line, len));
		sk_record_end(&record);
		sk_record_free(&record);
	}
}

static void
test_line(void **state)
{
	static const char nul[] = "a\t,\\\0";
	struct sk_buf out = { NULL, 0, 0 };

	(void)state;
	put_line(&out, "a\t\\", 3);
	EXPECT(&out, "a\t\\\n" "a\t\\\0" "a\t\\\n" "a\t\\\0"
	    "{\"at\":\"a\\u0009\\\\\"}\n" "{\"at\":\"a\\u0009\\\\\"}\0");
	put_line(&out, "\t\\\n,", 4);
	EXPECT(&out, "\\t\\\\\\n,\n" "\t\\\n,\0"
	    "\"\t\\\n,\"\n" "\"\t\\\n,\"\0"
	    "{\"at\":\"\\u0009\\\\\\u000a,\"}\n"
	    "{\"at\":\"\\u0009\\\\\\u000a,\"}\0");
	put_line(&out, nul, 5);
	EXPECT(&out, "a\t,\\\0\n" "a\\t,\\\\\\0\0"
	    "\"a\t,\\\0\"\n" "\"a\\t,\\\\\\0\"\0"
	    "{\"at\":\"a\\u0009,\\\\\\u0000\"}\n"
	    "{\"at\":\"a\\u0009,\\\\\\u0000\"}\0");
	put_line(&out, NULL, 0);
	EXPECT(&out, "\n" "\0" "\"\"\n" "\"\"\0"
	    "{\"at\":\"\"}\n" "{\"at\":\"\"}\0");
	sk_buf_free(&out);
}

static void
test_csv(void **state)
{
	struct sk_record record;
	struct sk_buf out = { NULL, 0, 0 };

	(void)state;
	columns(&record, SK_RECORD_CSV, 4);
	put_four(&record, &out);
	EXPECT(&out, "at,count,a b,\"q\"\"c\td\"\n"
	    "18446744073709551615,-9223372036854775808,"
	    "\"x\ty,\"\"z\"\"\\ \r\n\",\"the, \"\"line\"\"\t!\"\n"
	    "0.1,,\"[1,\"\"a\"\"]\",true\n"
	    "0.666667,,,a\0b\n");
	record.comma = ';';
	sk_record_begin(&record, &out);
	sk_record_text(&record, sk_view_str("1,5"));
	sk_record_text(&record, sk_view_str("1;5"));
	sk_record_null(&record);
	sk_record_null(&record);
	sk_record_end(&record);
	EXPECT(&out, "1,5;\"1;5\";;\n");
	sk_record_begin(&record, &out);
	sk_record_text(&record, sk_view_str("a\nb"));
	sk_record_text(&record, sk_view_str("\r"));
	sk_record_text(&record, sk_view_str("\""));
	sk_record_text(&record, sk_view_str(" "));
	sk_record_end(&record);
	EXPECT(&out, "\"a\nb\";\"\r\";\"\"\"\"; \n");
	sk_record_free(&record);

	columns(&record, SK_RECORD_CSV, 1);
	sk_record_begin(&record, &out);
	sk_record_null(&record);
	sk_record_end(&record);
	EXPECT(&out, "\"\"\n");
	sk_record_free(&record);
	sk_buf_free(&out);
}

static void
test_ndjson(void **state)
{
	struct sk_record record;
	struct sk_buf out = { NULL, 0, 0 };

	(void)state;
	columns(&record, SK_RECORD_NDJSON, 4);
	put_four(&record, &out);
	EXPECT(&out, "{\"at\":18446744073709551615,"
	    "\"count\":-9223372036854775808,"
	    "\"a b\":\"x\\u0009y,\\\"z\\\"\\\\ \\u000d\\u000a\","
	    "\"q\\\"c\\u0009d\":\"the, \\\"line\\\"\\u0009!\"}\n"
	    "{\"at\":0.1,\"count\":null,\"a b\":[1,\"a\"],"
	    "\"q\\\"c\\u0009d\":true}\n"
	    "{\"at\":0.666667,\"count\":null,\"a b\":null,"
	    "\"q\\\"c\\u0009d\":\"a\\u0000b\"}\n");
	sk_record_free(&record);
	sk_record_init(&record, SK_RECORD_NDJSON);
	sk_record_begin(&record, &out);
	sk_record_end(&record);
	EXPECT(&out, "{}\n");
	sk_record_free(&record);
	sk_buf_free(&out);
}

static void
test_names(void **state)
{
	struct sk_record record;

	(void)state;
	columns(&record, SK_RECORD_TSV, 3);
	assert_int_equal(sk_record_column(&record, sk_view_str("count")),
	    SK_EUSAGE);
	assert_int_equal(record.n, 3);
	assert_int_equal(sk_record_column(&record, sk_view_str("coun")), 0);
	sk_record_free(&record);
}

/* Put one UTF-8 sequence of a code point, whether it may be or not. */
static size_t
encode(uint32_t c, size_t len, char *out)
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(len == 1 ? c : first[len] | c);
	return len;
}

/* Every code point in every length that holds it: kept if it is the shortest
 * and no surrogate, else each byte is U+FFFD. */
static void
test_utf8(void **state)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const uint32_t most[] = { 0, 0x7f, 0x7ff, 0xffff, 0x1fffff };
	struct sk_buf out = { NULL, 0, 0 };
	size_t len, i;
	uint32_t c;

	(void)state;
	for (len = 2; len <= 4; len++)
		for (c = 0; c <= most[len]; c += len == 4 && c > 0x20000 &&
		    c < 0x10ff00 ? 251 : 1) {
			char text[5];
			bool good = c >= least[len] && c <= 0x10ffff &&
			    (c < 0xd800 || c > 0xdfff);

			encode(c, len, text);
			sk_record_put_json(&out, sk_view(text, len));
			if (good) {
				assert_int_equal(out.len, len + 2);
				assert_memory_equal(out.ptr + 1, text, len);
			} else {
				assert_int_equal(out.len, 3 * len + 2);
				for (i = 0; i < len; i++)
					assert_memory_equal(out.ptr + 1 + 3 * i,
					    "\xef\xbf\xbd", 3);
			}
			sk_buf_reset(&out);
		}
	sk_record_put_json(&out, sk_view_str("\xe2\x82" "a\xc3\xf8\x80"));
	EXPECT(&out, "\"\xef\xbf\xbd\xef\xbf\xbd" "a\xef\xbf\xbd\xef\xbf\xbd"
	    "\xef\xbf\xbd\"");
	sk_record_put_json(&out, sk_view_str("\x7f\x1f"));
	EXPECT(&out, "\"\x7f\\u001f\"");
	sk_buf_free(&out);
}

/* Every byte at every place of texts of every short length, and nothing read
 * beyond them. */
static void
test_json_of_any_byte_anywhere(void **state)
{
	struct sk_buf out = { 0 };
	size_t len, at;
	int c;

	(void)state;
	for (len = 1; len <= 40; len++) {
		char *text = malloc(len);

		assert_non_null(text);
		for (at = 0; at < len; at++) {
			memset(text, 'x', len);
			for (c = 0; c < 256; c++) {
				char want[128], one[8];

				text[at] = (char)c;
				snprintf(one, sizeof(one), c == '"' ||
				    c == '\\' ? "\\%c" : c < 0x20 ?
				    "\\u%04x" : c < 0x80 ? "%c" :
				    "\xef\xbf\xbd", c);
				snprintf(want, sizeof(want), "\"%.*s%s%.*s\"",
				    (int)at, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				    "xxxxxxxxxx", one, (int)(len - at - 1),
				    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
				sk_record_put_json(&out, sk_view(text, len));
				expect(&out, want, strlen(want));
			}
		}
		free(text);
	}
	sk_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tsv),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_ndjson),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_json_of_any_byte_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
