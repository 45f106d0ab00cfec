/* Saved states: what is put is taken, and nothing that is not there. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/image.h"

static void
what_is_put_is_taken(void **state)
{
	static const float singles[] = { 0, -1.5F, 3e38F };
	struct sk_buf buf = { 0 };
	struct sk_view bytes, text;
	float back[3];
	uint64_t number;
	int64_t less;
	double share;

	(void)state;
	sk_image_put(&buf, UINT64_MAX);
	sk_image_put(&buf, (uint64_t)INT64_MIN);
	sk_image_put_f64(&buf, -0.1);
	sk_image_put_f32s(&buf, singles, 3);
	sk_image_put_view(&buf, sk_view("a\0b", 3));
	assert_int_equal(buf.len, 8 + 8 + 8 + 12 + 8 + 3);
	bytes = sk_view(buf.ptr, buf.len);
	assert_true(sk_image_take(&bytes, &number));
	assert_true(number == UINT64_MAX);
	assert_true(sk_image_take_i64(&bytes, &less));
	assert_true(less == INT64_MIN);
	assert_true(sk_image_take_f64(&bytes, &share));
	assert_true(share == -0.1);
	assert_true(sk_image_take_f32s(&bytes, back, 3));
	assert_memory_equal(back, singles, sizeof(back));
	assert_true(sk_image_take_view(&bytes, &text));
	assert_true(sk_view_equal(text, sk_view("a\0b", 3)));
	assert_int_equal(bytes.len, 0);
	sk_buf_free(&buf);
}

/* The first bytes of a number are its low ones, on any machine. */
static void
numbers_are_little_endian(void **state)
{
	struct sk_buf buf = { 0 };

	(void)state;
	sk_image_put(&buf, 0x0102);
	assert_memory_equal(buf.ptr, "\2\1\0\0\0\0\0\0", 8);
	sk_buf_free(&buf);
}

static void
what_is_cut_off_is_refused(void **state)
{
	struct sk_view bytes = sk_view("1234567", 7), view;
	uint64_t number = 5;
	uint32_t n;
	double share;
	float single;

	(void)state;
	assert_false(sk_image_take(&bytes, &number));
	assert_true(number == 0);
	assert_false(sk_image_take_f64(&bytes, &share));
	assert_false(sk_image_take_view(&bytes, &view));
	bytes.len = 3;
	assert_false(sk_image_take_f32s(&bytes, &single, 1));
	bytes = sk_view("\11\0\0\0\0\0\0\0abcdefgh", 16);
	assert_false(sk_image_take_view(&bytes, &view));
	bytes = sk_view("\11\0\0\0\0\0\0\0abcdefgh", 16);
	assert_false(sk_image_take_n(&bytes, 1, &n));
}

static void
numbers_that_are_none_are_refused(void **state)
{
	static const double wrong[] = { INFINITY, -INFINITY, NAN };
	struct sk_buf buf = { 0 };
	struct sk_view bytes;
	float single;
	double share;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		sk_buf_reset(&buf);
		sk_image_put_f64(&buf, wrong[i]);
		bytes = sk_view(buf.ptr, buf.len);
		assert_false(sk_image_take_f64(&bytes, &share));
		assert_true(share == 0);
		single = (float)wrong[i];
		sk_buf_reset(&buf);
		sk_image_put_f32s(&buf, &single, 1);
		bytes = sk_view(buf.ptr, buf.len);
		assert_false(sk_image_take_f32s(&bytes, &single, 1));
	}
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_taken),
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(numbers_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
