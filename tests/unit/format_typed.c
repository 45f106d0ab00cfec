/* What becomes a number or a truth value, and in what form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/rng.h"
#include "format/typed.h"

struct row {
	const char *text;
	const char *want_int, *want_float; /* NULL: it is none; "": no value */
};

static const struct row rows[] = {
	{ "0", "0", "0" },
	{ "42", "42", "42" },
	{ "-0", "-0", "-0" },
	{ "-17", "-17", "-17" },
	{ "+5", "5", "5" },
	{ "007", "7", "7" },
	{ "-007", "-7", "-7" },
	{ "000", "0", "0" },
	{ "123456789012345678901234567890", "123456789012345678901234567890",
	    "123456789012345678901234567890" },
	{ "1.5", NULL, "1.5" },
	{ "1.50", NULL, "1.50" },
	{ ".5", NULL, "0.5" },
	{ "-.5", NULL, "-0.5" },
	{ "5.", NULL, "5" },
	{ "05.e3", NULL, "5e3" },
	{ "1e5", NULL, "1e5" },
	{ "1E+05", NULL, "1E+05" },
	{ ".5e-3", NULL, "0.5e-3" },
	{ "1e999", NULL, "1e999" },
	{ "", "", "" },
	{ "-", "", "" },
	{ "nan", NULL, "" },
	{ "NaN", NULL, "" },
	{ "-inf", NULL, "" },
	{ "+Infinity", NULL, "" },
	{ "+", NULL, NULL },
	{ ".", NULL, NULL },
	{ "-.", NULL, NULL },
	{ "e5", NULL, NULL },
	{ ".e5", NULL, NULL },
	{ "1e", NULL, NULL },
	{ "1e+", NULL, NULL },
	{ "--1", NULL, NULL },
	{ "+-1", NULL, NULL },
	{ "1 ", NULL, NULL },
	{ " 1", NULL, NULL },
	{ "0x10", NULL, NULL },
	{ "1,5", NULL, NULL },
	{ "1.5.1", NULL, NULL },
	{ "1_000", NULL, NULL },
	{ "infinite", NULL, NULL },
	{ "nano", NULL, NULL },
	{ "x", NULL, NULL },
};

static void
check(const char *want, bool took, struct sk_view out, const char *text)
{
	struct sk_view wanted;

	if (took != (want != NULL))
		fail_msg("%s: taken: %d", text, took);
	if (want == NULL)
		return;
	wanted = sk_view_str(want);
	assert_int_equal(out.ptr == NULL, *want == '\0');
	if (!sk_view_equal(out, wanted))
		fail_msg("%s: %.*s, not %s", text, (int)out.len, out.ptr,
		    want);
}

static void
test_rows(void **state)
{
	struct sk_buf room = { 0 };
	struct sk_view out;
	bool took;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sk_view text = sk_view_str(rows[i].text);

		took = sk_typed_int(text, &out, &room);
		check(rows[i].want_int, took, out, rows[i].text);
		took = sk_typed_float(text, &out, &room);
		check(rows[i].want_float, took, out, rows[i].text);
	}
	sk_buf_free(&room);
}

static void
test_nul_is_no_digit(void **state)
{
	struct sk_buf room = { 0 };
	struct sk_view out;

	(void)state;
	assert_false(sk_typed_int(sk_view("1\0", 2), &out, &room));
	assert_false(sk_typed_float(sk_view("nan\0", 4), &out, &room));
	assert_false(sk_typed_bool(sk_view("1\0", 2), &out));
}

/* Whatever is taken reads as the same number, and is JSON: a digit in front of
 * and behind the point, no plus, no zero in front of a digit. */
static void
test_random(void **state)
{
	static const char letters[] = "0015.-+e9";
	struct sk_buf room = { 0 };
	struct sk_rng rng;
	struct sk_view out;
	char text[12];
	double a, b;
	size_t n, i, len, taken = 0;

	(void)state;
	sk_rng_init(&rng, 11);
	for (n = 0; n < 300000; n++) {
		len = 1 + sk_rng_next(&rng) % 7;
		for (i = 0; i < len; i++)
			text[i] = letters[sk_rng_next(&rng) % 9];
		if (!sk_typed_float(sk_view(text, len), &out, &room)) {
			assert_int_not_equal(sk_num_f64(sk_view(text, len),
			    &a), 0);
			continue;
		}
		if (out.ptr == NULL)
			continue;
		taken++;
		if (sk_num_f64(sk_view(text, len), &a) == 0) {
			assert_int_equal(sk_num_f64(out, &b), 0);
			assert_true(a == b);
		}
		i = out.ptr[0] == '-';
		assert_in_range(out.ptr[i], '0', '9');
		if (out.ptr[i] == '0' && out.len > i + 1)
			assert_true(out.ptr[i + 1] == '.' ||
			    out.ptr[i + 1] == 'e');
		for (; i + 1 < out.len; i++)
			if (out.ptr[i] == '.')
				assert_in_range(out.ptr[i + 1], '0', '9');
	}
	assert_true(taken > 10000);
	sk_buf_free(&room);
}

static void
test_bool(void **state)
{
	static const char *const yes[] = { "true", "TRUE", "True", "1", "yes",
		"on" };
	static const char *const no[] = { "false", "False", "0", "No",
		"OFF" };
	static const char *const none[] = { "t", "2", "truely", "01", "null" };
	struct sk_view out;
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		assert_true(sk_typed_bool(sk_view_str(yes[i]), &out));
		assert_true(sk_view_equal(out, sk_view_str("true")));
	}
	for (i = 0; i < 5; i++) {
		assert_true(sk_typed_bool(sk_view_str(no[i]), &out));
		assert_true(sk_view_equal(out, sk_view_str("false")));
	}
	for (i = 0; i < 5; i++)
		assert_false(sk_typed_bool(sk_view_str(none[i]), &out));
	assert_true(sk_typed_bool(sk_view("", 0), &out));
	assert_null(out.ptr);
	assert_true(sk_typed_bool(sk_view("-", 1), &out));
	assert_null(out.ptr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nul_is_no_digit),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_bool),
	};

	return cmocka_run_group_tests_name("format/typed", tests, NULL, NULL);
}
