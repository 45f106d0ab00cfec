/* stream/control: lines as they are written, and what is no control line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "stream/control.h"

static struct sk_view
line_of(const struct sk_buf *buf)
{
	return sk_view(buf->ptr, buf->len - 1);
}

/* The bytes of the format itself. */
static void
test_written(void **state)
{
	struct sk_buf buf = { 0 };
	size_t start;

	(void)state;
	start = sk_control_begin(&buf, 'E');
	sk_control_put(&buf, "reason", sk_view_str("end"));
	sk_control_end(&buf, start);
	assert_string_equal(sk_buf_cstr(&buf),
	    "\020E reason=end c=513407af\n");
	sk_buf_free(&buf);
}

static void
test_back(void **state)
{
	static const char odd[] = "a b=%\n\0\377~.-_/:,@+";
	struct sk_buf buf = { 0 }, value = { 0 };
	struct sk_view text = sk_view(odd, sizeof(odd) - 1);
	struct sk_control control;
	int64_t n = 0;
	size_t start;

	(void)state;
	sk_buf_str(&buf, "in front\n");
	start = sk_control_begin(&buf, 'W');
	sk_control_put_int(&buf, "t", INT64_MIN);
	sk_control_put(&buf, "name", text);
	sk_control_put(&buf, "none", sk_view("", 0));
	sk_control_end(&buf, start);
	sk_buf_drop(&buf, start);
	assert_null(memchr(buf.ptr, '\n', buf.len - 1));
	assert_int_equal(sk_control_parse(line_of(&buf), &control, NULL), 0);
	assert_int_equal(control.type, 'W');
	assert_int_equal(sk_control_int(&control, "t", &n), 1);
	assert_true(n == INT64_MIN);
	assert_true(sk_control_get(&control, "name", &value));
	assert_true(sk_view_equal(sk_view(value.ptr, value.len), text));
	assert_true(sk_control_get(&control, "none", &value));
	assert_int_equal(value.len, 0);
	assert_false(sk_control_get(&control, "nam", &value));
	assert_false(sk_control_get(&control, "c", &value));
	assert_int_equal(sk_control_int(&control, "x", &n), 0);
	assert_int_equal(sk_control_int(&control, "name", &n), SK_EDATA);
	sk_buf_free(&buf);
	sk_buf_free(&value);
}

static void
test_no_words(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_control control;
	size_t start = sk_control_begin(&buf, 'k');

	(void)state;
	sk_control_end(&buf, start);
	assert_int_equal(sk_control_parse(line_of(&buf), &control, NULL), 0);
	assert_int_equal(control.type, 'k');
	assert_int_equal(control.words.len, 0);
	sk_buf_free(&buf);
}

/* Any one byte that is another makes the line another. */
static void
test_damaged(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_control control;
	size_t start = sk_control_begin(&buf, 'W'), i;
	int bit;

	(void)state;
	sk_control_put_int(&buf, "t", 1795255200000000000);
	sk_control_end(&buf, start);
	for (i = 0; i + 1 < buf.len; i++)
		for (bit = 0; bit < 8; bit++) {
			buf.ptr[i] = (char)(buf.ptr[i] ^ 1 << bit);
			/* The case of a hexadecimal digit is free. */
			if (!(bit == 5 && i >= buf.len - 9 &&
			    (buf.ptr[i] & 0x40)))
				assert_int_equal(sk_control_parse(line_of(
				    &buf), &control, NULL), SK_EDATA);
			buf.ptr[i] = (char)(buf.ptr[i] ^ 1 << bit);
		}
	for (i = 0; i + 1 < buf.len; i++)
		assert_int_equal(sk_control_parse(sk_view(buf.ptr, i),
		    &control, NULL), SK_EDATA);
	assert_int_equal(sk_control_parse(line_of(&buf), &control, NULL), 0);
	sk_buf_free(&buf);
}

/* The sum is right, the rest is not. */
static void
test_malformed(void **state)
{
	static const char *const words[] = { " ", " t", " t=1 ", "  t=1",
		" =1", " T=1", " t=%", " t=%1", " t=%1g", " t=a b", " t=a%20%",
		" t=\377", " t=(", "t=1" };
	struct sk_buf buf = { 0 };
	struct sk_control control;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		sk_buf_reset(&buf);
		sk_control_begin(&buf, 'W');
		sk_buf_str(&buf, words[i]);
		sk_control_end(&buf, 0);
		assert_int_equal(sk_control_parse(line_of(&buf), &control,
		    NULL), SK_EDATA);
	}
	sk_buf_reset(&buf);
	sk_control_begin(&buf, '1');
	sk_control_end(&buf, 0);
	assert_int_equal(sk_control_parse(line_of(&buf), &control, NULL),
	    SK_EDATA);
	sk_buf_free(&buf);
}

static void
test_header(void **state)
{
	(void)state;
	assert_true(sk_control_is_header(sk_view_str("\020H v=")));
	assert_true(sk_control_is_header(sk_view_str("\020H v=1 esc=1")));
	assert_false(sk_control_is_header(sk_view_str("\020H v")));
	assert_false(sk_control_is_header(sk_view_str("H v=1")));
	assert_false(sk_control_is_header(sk_view("", 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_no_words),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
