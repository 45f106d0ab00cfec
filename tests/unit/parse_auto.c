#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "parse/grok.h"
#include "parse/kinds.h"
#include "parse/parser.h"

static struct sk_grok grok;
static struct sk_zone zone;
static struct sk_year year = { .year = 2026 };
static const struct sk_parse_conf conf = { .zone = &zone, .year = &year,
	.delimiter = -1, .sep = '\n', .grok = &grok };

#define ACCESS "1.2.3.4 - - [17/May/2015:10:05:03 +0000] " \
	"\"GET / HTTP/1.1\" 200 5 \"-\" \"curl\"\n"
#define OBJECT "{\"a\":1}\n"
#define PAIRS "level=info msg=\"a b\" n=1\n"

static void
open(struct sk_parser *parser)
{
	assert_int_equal(sk_parser_open(parser, sk_view_str("auto"), &conf,
	    NULL), 0);
	assert_non_null(parser->cut.cut);
}

/* What it takes a text for: the name of a format, or NULL. */
static const char *
taken_for(const char *text)
{
	/* The cutter may read beyond the end. */
	char padded[16384] = { 0 };
	struct sk_view record[128];
	struct sk_parser parser;
	const char *name = NULL;
	size_t len = strlen(text);

	memcpy(padded, text, len);
	open(&parser);
	parser.cut.cut(parser.cut.self, padded, len, true, record, 128);
	if (sk_parse_auto_state(&parser, &name) != SK_AUTO_TAKEN)
		assert_null(name);
	sk_parser_close(&parser);
	return name;
}

static void
test_lines_of_each_kind_are_known(void **state)
{
	(void)state;
	assert_string_equal(taken_for(ACCESS), "combined");
	assert_string_equal(taken_for(OBJECT), "ndjson");
	assert_string_equal(taken_for("{\"a\":1}\r\n"), "ndjson");
	assert_string_equal(taken_for(PAIRS), "logfmt");
	assert_string_equal(taken_for("1.2.3.4 - - [17/May/2015:10:05:03 "
	    "+0000] \"GET / HTTP/1.1\" 200 5\n"), "clf");
	assert_null(taken_for("hello\n"));
	assert_null(taken_for("a b c\nx=1\n"));
}

static void
test_half_of_the_lines_must_fit(void **state)
{
	(void)state;
	assert_string_equal(taken_for("junk\n" OBJECT), "ndjson");
	assert_null(taken_for("junk\nmore\n" OBJECT));
	assert_string_equal(taken_for("\n\n\n" OBJECT), "ndjson");
	assert_string_equal(taken_for(OBJECT ACCESS ACCESS), "combined");
}

static void
test_it_waits_for_a_line_and_stays(void **state)
{
	static const char half[256 + SK_PAD] = ACCESS;
	char later[256 + SK_PAD] = "x\n" OBJECT;
	struct sk_view record[4];
	struct sk_parser parser;
	struct sk_parsed out;
	struct sk_lines found;
	const char *name;

	(void)state;
	sk_parsed_init(&out);
	open(&parser);
	found = parser.cut.cut(parser.cut.self, half, 20, false, record, 4);
	assert_int_equal(found.n, 0);
	assert_int_equal(sk_parse_auto_state(&parser, &name), SK_AUTO_OPEN);
	found = parser.cut.cut(parser.cut.self, half, strlen(half), false,
	    record, 4);
	assert_int_equal(found.n, 1);
	assert_int_equal(sk_parse_auto_state(&parser, &name), SK_AUTO_TAKEN);
	assert_string_equal(name, "combined");
	assert_non_null(parser.columns);
	assert_null(sk_parser_parse(&parser, record[0], &out));
	sk_parser_input(&parser);
	found = parser.cut.cut(parser.cut.self, later, strlen(later), true,
	    record, 4);
	assert_int_equal(found.n, 2);
	assert_non_null(sk_parser_parse(&parser, record[1], &out));
	sk_parser_close(&parser);
	sk_parsed_free(&out);
}

static void
test_a_line_alone_decides_too(void **state)
{
	static const char object[16 + SK_PAD] = "{\"a\":1}";
	static const char word[16 + SK_PAD] = "x";
	struct sk_parser parser;
	struct sk_parsed out;

	(void)state;
	sk_parsed_init(&out);
	open(&parser);
	assert_null(sk_parser_parse(&parser, sk_view_str(object), &out));
	assert_true(sk_view_equal(out.object, sk_view_str("{\"a\":1}")));
	sk_parser_close(&parser);
	open(&parser);
	assert_string_equal(sk_parser_parse(&parser, sk_view_str(word), &out),
	    "no built-in format fits");
	assert_non_null(sk_parser_parse(&parser, sk_view_str(object), &out));
	sk_parser_close(&parser);
	sk_parsed_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_each_kind_are_known),
		cmocka_unit_test(test_half_of_the_lines_must_fit),
		cmocka_unit_test(test_it_waits_for_a_line_and_stays),
		cmocka_unit_test(test_a_line_alone_decides_too),
	};

	sk_grok_init(&grok);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
