#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "field/field.h"

static void
expect_columns(const char *text, uint32_t first, uint32_t last,
    const char *name)
{
	struct sk_field field;

	assert_int_equal(sk_field_parse(sk_view_str(text), &field, NULL), 0);
	assert_int_equal(field.kind, SK_FIELD_COLUMNS);
	assert_int_equal(field.first, first);
	assert_int_equal(field.last, last);
	assert_true(sk_view_equal(field.name, sk_view_str(name)));
}

static void
expect_path(const char *text, const char *path, const char *name)
{
	struct sk_field field;

	assert_int_equal(sk_field_parse(sk_view_str(text), &field, NULL), 0);
	assert_int_equal(field.kind, SK_FIELD_PATH);
	assert_true(sk_view_equal(field.text, sk_view_str(path)));
	assert_true(sk_view_equal(field.name, sk_view_str(name)));
}

static void
expect_error(const char *text, const char *message)
{
	struct sk_field field = sk_field_line();
	struct sk_diag diag;

	assert_int_equal(sk_field_parse(sk_view_str(text), &field, &diag),
	    SK_EUSAGE);
	assert_string_equal(diag.text, message);
	assert_int_equal(field.kind, SK_FIELD_LINE);
}

static void
test_columns(void **state)
{
	(void)state;
	expect_columns("1", 1, 1, "1");
	expect_columns("2-4", 2, 4, "2-4");
	expect_columns("3-3", 3, 3, "3-3");
	expect_columns("5-", 5, SK_FIELD_END, "5-");
	expect_columns("host=1", 1, 1, "host");
	expect_columns("a.b=2-4", 2, 4, "a.b");
	expect_columns("4294967294", 4294967294, 4294967294, "4294967294");
}

static void
test_paths(void **state)
{
	(void)state;
	expect_path("user", "user", "user");
	expect_path("user.id", "user.id", "id");
	expect_path("/user/id", "/user/id", "id");
	expect_path("/a.b", "/a.b", "a.b");
	expect_path("/a=b", "/a=b", "a=b");
	expect_path("items[0].sku", "items[0].sku", "sku");
	expect_path("items[0]", "items[0]", "items");
	expect_path("a.items[0][12]", "a.items[0][12]", "items");
	expect_path("u=user.id", "user.id", "u");
	expect_path("u=a=b", "a=b", "u");
	expect_path("/3d", "/3d", "3d");
	expect_path("[0]", "[0]", "[0]");
	expect_path("]", "]", "]");
	expect_path("a.", "a.", "a.");
	expect_path("/", "/", "/");
}

static void
test_errors(void **state)
{
	static const char neither[] = ": neither columns (3, 2-4, 5-) nor a "
	    "path (a key that begins with a digit is /";
	static const char *const bad[] = { "3d", "-3", "-", "1-2-3", "1-x",
		"4294967295", "99999999999999999999", "1 " };
	char message[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(message, sizeof(message), "%s%s%s)", bad[i], neither,
		    bad[i]);
		expect_error(bad[i], message);
	}
	expect_error("0", "0: columns count from 1");
	expect_error("0-3", "0-3: columns count from 1");
	expect_error("4-2", "4-2: the last column is before the first");
	expect_error("", "a FIELD is missing");
	expect_error("name=", "a FIELD is missing");
	expect_error("=3", "=3: no name before =");
}

static void
test_list(void **state)
{
	struct sk_field fields[4];
	size_t n = 0;

	(void)state;
	assert_int_equal(sk_field_parse_list(sk_view_str("1,x=3-,2"), fields, 4,
	    &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_int_equal(fields[1].first, 3);
	assert_true(sk_view_equal(fields[1].name, sk_view_str("x")));
	assert_int_equal(sk_field_parse_list(sk_view_str("7,8"), fields, 4, &n,
	    NULL), SK_EUSAGE);
	assert_int_equal(n, 3);
	assert_int_equal(sk_field_parse_list(sk_view_str("7"), fields, 4, &n,
	    NULL), 0);
	assert_int_equal(n, 4);
	n = 0;
	assert_int_equal(sk_field_parse_list(sk_view_str("1,,2"), fields, 4, &n,
	    NULL), SK_EUSAGE);
	assert_int_equal(sk_field_parse_list(sk_view_str("1,"), fields, 4, &n,
	    NULL), SK_EUSAGE);
	assert_int_equal(sk_field_parse_list(sk_view("", 0), fields, 4, &n,
	    NULL), SK_EUSAGE);
	assert_int_equal(n, 0);
}

static void
test_kinds(void **state)
{
	enum sk_field_kind kind = SK_FIELD_LINE;
	struct sk_field fields[3];
	size_t n = 1;

	(void)state;
	fields[0] = sk_field_line();
	assert_int_equal(sk_field_same_kind(fields, 1, &kind, NULL), 0);
	assert_int_equal(kind, SK_FIELD_LINE);
	assert_int_equal(sk_field_parse_list(sk_view_str("1,2"), fields, 3, &n,
	    NULL), 0);
	assert_int_equal(sk_field_same_kind(fields, 3, &kind, NULL), 0);
	assert_int_equal(kind, SK_FIELD_COLUMNS);
	n = 0;
	assert_int_equal(sk_field_parse_list(sk_view_str("a.b"), fields, 3, &n,
	    NULL), 0);
	assert_int_equal(sk_field_same_kind(fields, 1, &kind, NULL), SK_EUSAGE);
	assert_int_equal(kind, SK_FIELD_COLUMNS);
}

static void
test_values(void **state)
{
	(void)state;
	assert_false(sk_field_has_value(sk_view(NULL, 0)));
	assert_false(sk_field_has_value(sk_view("", 0)));
	assert_true(sk_field_has_value(sk_view("-", 1)));
	assert_false(sk_field_has_number(sk_view("-", 1)));
	assert_true(sk_field_has_number(sk_view("-1", 2)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
