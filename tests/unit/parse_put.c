#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/put.h"

static struct sk_zone zone;
static const char *const ab[] = { "a", "b\"", NULL };
static const char *const bc[] = { "b\"", "c", NULL };
static const struct sk_parser_kind kind = { .name = "kind", .columns = ab };
static const struct sk_parser_kind loose = { .name = "loose" };

/* A record of three types in two columns, then one of another parser. */
static void
put_two(struct sk_put *put, struct sk_buf *out)
{
	struct sk_view line = sk_view_str("li\tne");
	struct sk_parsed parsed;

	sk_parsed_init(&parsed);
	sk_parsed_reset(&parsed, 0);
	sk_parsed_text(&parsed, "a", sk_view_str("x,\"\n"));
	sk_parsed_time(&parsed, "b\"", 1500000000);
	assert_null(sk_put_record(put, 0, &parsed, line, out));
	sk_buf_char(out, '|');
	sk_parsed_reset(&parsed, 0);
	sk_parsed_number(&parsed, "b\"", sk_view_str("1.50"));
	sk_parsed_null(&parsed, "c");
	assert_null(sk_put_record(put, 1, &parsed, line, out));
	sk_parsed_free(&parsed);
}

static void
expect(struct sk_put_conf conf, const char *want)
{
	struct sk_parser parsers[2] = { { .kind = &kind, .columns = ab },
		{ .kind = &kind, .columns = bc } };
	struct sk_buf out = { 0 };
	struct sk_put put;
	struct sk_diag diag;

	conf.zone = &zone;
	conf.sep = ';';
	assert_int_equal(sk_put_init(&put, &conf, parsers, 2, &diag), 0);
	put_two(&put, &out);
	assert_string_equal(sk_buf_cstr(&out), want);
	sk_put_free(&put);
	sk_put_free(&put);
	sk_buf_free(&out);
}

static void
test_all_forms(void **state)
{
	static const char *const add[] = { "d=1", "e=\"=" };
	struct sk_put_conf conf = { .form = SK_RECORD_NDJSON };

	(void)state;
	expect(conf, "{\"a\":\"x,\\\"\\u000a\",\"b\\\"\":"
	    "\"1970-01-01T00:00:01.500Z\"}|{\"b\\\"\":1.50,\"c\":null}");
	conf.raw = "raw";
	conf.add = add;
	conf.nadd = 2;
	expect(conf, "{\"a\":\"x,\\\"\\u000a\",\"b\\\"\":"
	    "\"1970-01-01T00:00:01.500Z\",\"raw\":\"li\\u0009ne\",\"d\":\"1\","
	    "\"e\":\"\\\"=\"}|{\"b\\\"\":1.50,\"c\":null,"
	    "\"raw\":\"li\\u0009ne\",\"d\":\"1\",\"e\":\"\\\"=\"}");
	conf.form = SK_RECORD_TSV;
	expect(conf, "x,\"\\n\t1970-01-01T00:00:01.500Z\t\tli\\tne\t1\t\"=|"
	    "\t1.50\t\tli\\tne\t1\t\"=");
	conf.header = true;
	conf.nadd = 1;
	expect(conf, "a\tb\"\tc\traw\td;"
	    "x,\"\\n\t1970-01-01T00:00:01.500Z\t\tli\\tne\t1|"
	    "\t1.50\t\tli\\tne\t1");
	conf.form = SK_RECORD_CSV;
	conf.raw = NULL;
	conf.nadd = 0;
	expect(conf, "a,\"b\"\"\",c;\"x,\"\"\n\",1970-01-01T00:00:01.500Z,|"
	    ",1.50,");
}

static void
expect_object(struct sk_put *put, const char *object, const char *want)
{
	struct sk_buf out = { 0 };
	struct sk_parsed parsed;

	sk_parsed_init(&parsed);
	parsed.object = sk_view_str(object);
	assert_null(sk_put_record(put, 0, &parsed, parsed.object, &out));
	assert_string_equal(sk_buf_cstr(&out), want);
	sk_buf_free(&out);
}

static void
test_objects_pass_and_members_go_behind(void **state)
{
	static const char *const add[] = { "d=1" };
	struct sk_parser parser = { .kind = &loose };
	struct sk_put_conf conf = { .form = SK_RECORD_NDJSON, .zone = &zone };
	struct sk_put put;
	struct sk_parsed parsed;
	struct sk_buf out = { 0 };

	(void)state;
	sk_parsed_init(&parsed);
	assert_int_equal(sk_put_init(&put, &conf, &parser, 1, NULL), 0);
	expect_object(&put, "{ \"a\":1 }", "{ \"a\":1 }");
	assert_null(sk_put_record(&put, 0, &parsed, sk_view_str("x"), &out));
	assert_string_equal(sk_buf_cstr(&out), "{}");
	sk_put_free(&put);
	conf.add = add;
	conf.nadd = 1;
	assert_int_equal(sk_put_init(&put, &conf, &parser, 1, NULL), 0);
	expect_object(&put, "{ \"a\":{} \t}", "{ \"a\":{},\"d\":\"1\"}");
	expect_object(&put, "{}", "{\"d\":\"1\"}");
	expect_object(&put, "{ \t}", "{\"d\":\"1\"}");
	sk_put_free(&put);
	sk_buf_free(&out);
}

static void
test_columns_that_come_late(void **state)
{
	struct sk_parser parser = { .kind = &(const struct sk_parser_kind){
		.name = "csv", .names_columns = true } };
	struct sk_put_conf conf = { .form = SK_RECORD_TSV, .zone = &zone,
		.header = true, .sep = '\n' };
	static const char *const swapped[] = { "b\"", "a", NULL };
	static const char *const only[] = { "a", NULL };
	struct sk_buf out = { 0 };
	struct sk_parsed parsed;
	struct sk_put put;

	(void)state;
	sk_parsed_init(&parsed);
	sk_parsed_text(&parsed, "", sk_view_str("1"));
	sk_parsed_text(&parsed, "", sk_view_str("2"));
	assert_int_equal(sk_put_init(&put, &conf, &parser, 1, NULL), 0);
	parser.columns = ab;
	parser.layout = 1;
	sk_put_record(&put, 0, &parsed, sk_view_str(""), &out);
	parser.columns = swapped;
	parser.layout = 2;
	sk_put_record(&put, 0, &parsed, sk_view_str(""), &out);
	parser.columns = only;
	parser.layout = 3;
	parsed.n = 1;
	sk_put_record(&put, 0, &parsed, sk_view_str(""), &out);
	assert_string_equal(sk_buf_cstr(&out), "a\tb\"\n1\t22\t11\t");
	parser.columns = bc;
	parser.layout = 4;
	assert_string_equal(sk_put_record(&put, 0, &parsed, sk_view_str(""),
	    &out), "a column that the first header line does not have");
	sk_put_free(&put);
	sk_parsed_free(&parsed);
	sk_buf_free(&out);
}

/* The quick way for what stands in the line, against the other. */
static void
check_text_of_the_line(enum sk_record_form form)
{
	static const char *const one[] = {
		"a name that is longer than what is copied at once", NULL };
	struct sk_parser parser = { .kind = &kind, .columns = one };
	struct sk_put_conf conf = { .form = form, .zone = &zone };
	char *line = sk_xcalloc(1, 300 + SK_PAD);
	struct sk_buf quick = { 0 }, slow = { 0 };
	struct sk_parsed parsed;
	struct sk_put put;
	size_t len, at;

	sk_parsed_init(&parsed);
	assert_int_equal(sk_put_init(&put, &conf, &parser, 1, NULL), 0);
	for (len = 0; len < 300; len++)
		for (at = 0; at <= len; at += 1 + len / 7) {
			memset(line, 'x', 300 + SK_PAD);
			line[at] = "\"\xc3\t,\\"[at % 5];
			sk_parsed_reset(&parsed, 0);
			sk_parsed_text(&parsed, one[0], sk_view(line, len));
			sk_buf_reset(&quick);
			sk_put_record(&put, 0, &parsed, sk_view(line, len),
			    &quick);
			sk_buf_reset(&slow);
			sk_put_record(&put, 0, &parsed, sk_view_str(""),
			    &slow);
			assert_string_equal(sk_buf_cstr(&quick),
			    sk_buf_cstr(&slow));
		}
	sk_put_free(&put);
	sk_parsed_free(&parsed);
	sk_buf_free(&quick);
	sk_buf_free(&slow);
	free(line);
}

static void
test_text_of_the_line_is_as_other_text(void **state)
{
	(void)state;
	check_text_of_the_line(SK_RECORD_NDJSON);
	check_text_of_the_line(SK_RECORD_TSV);
	check_text_of_the_line(SK_RECORD_CSV);
}

static void
refuse(const char *add, const char *raw, const char *why)
{
	struct sk_parser parser = { .kind = &kind, .columns = ab };
	struct sk_put_conf conf = { .form = SK_RECORD_NDJSON, .zone = &zone,
		.raw = raw, .add = &add, .nadd = 1 };
	struct sk_diag diag;
	struct sk_put put;

	assert_int_equal(sk_put_init(&put, &conf, &parser, 1, &diag),
	    SK_EUSAGE);
	assert_string_equal(diag.text, why);
	sk_put_free(&put);
}

static void
test_names_are_there_once(void **state)
{
	(void)state;
	refuse("a=1", NULL, "two members are called a");
	refuse("raw=1", "raw", "two members are called raw");
	refuse("x=1", "a", "two members are called a");
	refuse("=1", NULL, "--add: =1: not NAME=VALUE");
	refuse("x", NULL, "--add: x: not NAME=VALUE");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_forms),
		cmocka_unit_test(test_objects_pass_and_members_go_behind),
		cmocka_unit_test(test_columns_that_come_late),
		cmocka_unit_test(test_text_of_the_line_is_as_other_text),
		cmocka_unit_test(test_names_are_there_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
