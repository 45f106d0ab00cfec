#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"
#include "parse/chain.h"
#include "parse/grok.h"
#include "parse/kinds.h"
#include "parse/parser.h"

static struct sk_grok grok;
static struct sk_zone zone;
static struct sk_year year = { .year = 2026 };
static struct sk_parse_conf conf = { .zone = &zone, .year = &year,
	.delimiter = -1, .sep = '\n', .grok = &grok };

/* A line with the padding that parsers may read. */
static struct sk_view
padded(const char *text)
{
	static char line[4096 + SK_PAD];
	size_t len = strlen(text);

	assert_true(len < 4096);
	memset(line, 0xff, sizeof(line));
	memcpy(line, text, len);
	return sk_view(line, len);
}

static void
open(struct sk_parser *parser, const char *format)
{
	struct sk_diag diag = { "" };

	if (sk_parser_open(parser, sk_view_str(format), &conf, &diag) != 0)
		fail_msg("%s: %s", format, diag.text);
}

static void
test_kinds_are_in_order_and_complete(void **state)
{
	const struct sk_parser_kind *const *kind;
	struct sk_parser parser;
	size_t i, k;

	(void)state;
	for (kind = sk_parser_kinds; *kind != NULL; kind++) {
		if (kind > sk_parser_kinds)
			assert_true(strcmp(kind[-1]->name,
			    kind[0]->name) < 0);
		assert_non_null((*kind)->help);
		assert_true(strlen((*kind)->name) < 13);
		assert_true(strlen((*kind)->help) < 64);
		open(&parser, (*kind)->name);
		assert_ptr_equal(parser.kind, *kind);
		for (i = 0; parser.columns != NULL &&
		    parser.columns[i] != NULL; i++)
			for (k = 0; k < i; k++)
				assert_string_not_equal(parser.columns[i],
				    parser.columns[k]);
		sk_parser_input(&parser);
		sk_parser_close(&parser);
	}
}

static void
test_no_kind_takes_nothing_or_noise(void **state)
{
	static const char *const noise[] = { "", " ", "\"", "{", "[", "<1>",
		"\xff\xfe", "a=\"", "- - - [", "[]", "::", "2026-13-45" };
	const struct sk_parser_kind *const *kind;
	struct sk_parser parser;
	struct sk_parsed out;
	size_t i;

	(void)state;
	sk_parsed_init(&out);
	for (kind = sk_parser_kinds; *kind != NULL; kind++)
		for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
			struct sk_view line = padded(noise[i]);

			open(&parser, (*kind)->name);
			sk_parser_parse(&parser, line, &out);
			if ((*kind)->guess != NULL)
				assert_in_range((*kind)->guess(line), 0, 100);
			sk_parser_close(&parser);
		}
	sk_parsed_free(&out);
}

static void
test_a_format_is_a_name_or_a_pattern(void **state)
{
	struct sk_parser parser;
	struct sk_diag diag;

	(void)state;
	open(&parser, "(?<a>x)");
	assert_ptr_equal(parser.kind, &sk_parse_pattern);
	assert_string_equal(parser.columns[0], "a");
	assert_null(parser.columns[1]);
	sk_parser_close(&parser);
	sk_parser_close(&parser);
	assert_int_equal(sk_parser_open(&parser, sk_view_str("no-such1"),
	    &conf, &diag), SK_EUSAGE);
	assert_true(!strncmp(diag.text, "no-such1: no such format; there are "
	    "apache-error, auto, clf, ", 60));
	sk_parser_close(&parser);
}

static void
test_records_grow(void **state)
{
	struct sk_parsed out;
	const char *ptr;
	int i;

	(void)state;
	sk_parsed_init(&out);
	sk_parsed_reset(&out, 1000);
	ptr = out.text.ptr;
	for (i = 0; i < 1000; i++) {
		sk_parsed_text(&out, "n", sk_view_str("v"));
		sk_buf_char(&out.text, 'x');
	}
	assert_int_equal(out.n, 1000);
	assert_ptr_equal(out.text.ptr, ptr);
	assert_true(sk_view_equal(out.member[999].text, sk_view_str("v")));
	sk_parsed_time(&out, "t", 7);
	assert_int_equal(out.member[1000].ns, 7);
	sk_parsed_reset(&out, 0);
	assert_int_equal(out.n, 0);
	sk_parsed_free(&out);
}

static void
expect_csv(struct sk_parser *parser, const char *record, const char *why,
    size_t n)
{
	struct sk_parsed out;
	const char *got;

	sk_parsed_init(&out);
	got = sk_parser_parse(parser, padded(record), &out);
	if (why == NULL)
		assert_null(got);
	else
		assert_string_equal(got, why);
	if (why == NULL)
		assert_int_equal(out.none ? SIZE_MAX : out.n, n);
	sk_parsed_free(&out);
}

static void
test_csv_takes_its_columns_from_each_input(void **state)
{
	struct sk_parser parser;

	(void)state;
	open(&parser, "csv");
	assert_null(parser.columns);
	expect_csv(&parser, "a,b", NULL, SIZE_MAX);
	assert_string_equal(parser.columns[1], "b");
	assert_int_equal(parser.layout, 1);
	expect_csv(&parser, "1,2\r", NULL, 2);
	expect_csv(&parser, "1", "fewer cells than columns", 0);
	sk_parser_input(&parser);
	expect_csv(&parser, "\xef\xbb\xbf" "c", NULL, SIZE_MAX);
	assert_string_equal(parser.columns[0], "c");
	assert_int_equal(parser.layout, 2);
	sk_parser_close(&parser);
	conf.no_header = true;
	conf.delimiter = '\t';
	open(&parser, "csv");
	expect_csv(&parser, "a\tb,c\t", NULL, 3);
	assert_string_equal(parser.columns[2], "3");
	conf.no_header = false;
	conf.delimiter = -1;
	sk_parser_close(&parser);
}

static void
test_formats_are_tried_in_order(void **state)
{
	static const char *const more[] = { "(?<b>\\d+)", "logfmt" };
	struct sk_opt_list others = { NULL, 0 };
	struct sk_chain chain = { NULL, NULL, 0 };
	struct sk_parsed out;
	struct sk_diag diag;
	size_t by = 9;

	(void)state;
	sk_parsed_init(&out);
	sk_opt_list_add(&others, more[0]);
	sk_opt_list_add(&others, more[1]);
	assert_int_equal(sk_chain_open(&chain, "ndjson", &others, &conf,
	    &diag), 0);
	assert_null(sk_chain_cut(&chain));
	assert_null(sk_chain_parse(&chain, padded("{}"), &out, &by));
	assert_int_equal(by, 0);
	assert_null(sk_chain_parse(&chain, padded("12"), &out, &by));
	assert_int_equal(by, 1);
	assert_null(sk_chain_parse(&chain, padded("a=b"), &out, &by));
	assert_int_equal(by, 2);
	assert_string_equal(sk_chain_parse(&chain, padded("\""), &out, &by),
	    "none of the formats fits");
	assert_int_equal(chain.taken[0] + chain.taken[1] + chain.taken[2], 3);
	sk_chain_close(&chain);
	assert_int_equal(sk_chain_open(&chain, "csv", &others, &conf, &diag),
	    SK_EUSAGE);
	others.n = 0;
	assert_int_equal(sk_chain_open(&chain, "csv", &others, &conf, &diag),
	    0);
	assert_non_null(sk_chain_cut(&chain));
	sk_chain_close(&chain);
	sk_chain_close(&chain);
	sk_parsed_free(&out);
	free(others.item);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_are_in_order_and_complete),
		cmocka_unit_test(test_no_kind_takes_nothing_or_noise),
		cmocka_unit_test(test_a_format_is_a_name_or_a_pattern),
		cmocka_unit_test(test_records_grow),
		cmocka_unit_test(test_csv_takes_its_columns_from_each_input),
		cmocka_unit_test(test_formats_are_tried_in_order),
	};

	sk_grok_init(&grok);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
