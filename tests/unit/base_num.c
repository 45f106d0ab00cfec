/* Numbers from and to text: every parser takes the whole text or fails. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/num.h"
#include "base/rng.h"

static void
test_integers(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1a",
		"18446744073709551616", "99999999999999999999" };
	uint64_t u = 7;
	int64_t i = 7;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		assert_int_equal(sk_num_u64(sk_view_str(bad[n]), &u),
		    SK_EUSAGE);
		assert_int_equal(sk_num_i64(sk_view_str(bad[n]), &i),
		    SK_EUSAGE);
	}
	assert_true(u == 7 && i == 7);
	assert_int_equal(sk_num_u64(sk_view_str("18446744073709551615"), &u),
	    0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(sk_num_i64(sk_view_str("-9223372036854775808"), &i),
	    0);
	assert_true(i == INT64_MIN);
	assert_int_equal(sk_num_i64(sk_view_str("9223372036854775808"), &i),
	    SK_EUSAGE);
	assert_int_equal(sk_num_hex64(sk_view_str("00deadBEEF"), &u), 0);
	assert_true(u == 0xdeadbeef);
	assert_int_equal(sk_num_hex64(sk_view_str("12345678901234567"), &u),
	    SK_EUSAGE);
	assert_int_equal(sk_num_hex64(sk_view_str("g"), &u), SK_EUSAGE);
}

static void
test_sizes(void **state)
{
	uint64_t u;

	(void)state;
	assert_int_equal(sk_num_size(sk_view_str("64K"), &u), 0);
	assert_true(u == 65536);
	assert_int_equal(sk_num_size(sk_view_str("2G"), &u), 0);
	assert_true(u == UINT64_C(2) << 30);
	assert_int_equal(sk_num_size(sk_view_str("10"), &u), 0);
	assert_true(u == 10);
	assert_int_equal(sk_num_size(sk_view_str("K"), &u), SK_EUSAGE);
	assert_int_equal(sk_num_size(sk_view_str("1k"), &u), SK_EUSAGE);
	assert_int_equal(sk_num_size(sk_view_str("17179869184G"), &u),
	    SK_EUSAGE);
}

static void
test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = { { "0", 0 }, { "1ns", 1 }, { "2us", 2000 },
		{ "200ms", 200000000 }, { "1.5s", 1500000000 },
		{ "1m30s", 90000000000 }, { "1h", 3600000000000 },
		{ "106751d", INT64_C(106751) * 86400000000000 } };
	static const char *const bad[] = { "", "1", "s", "1x", "1.s1", ".5s",
		"-1s", "106752d", "1 s", "1sec" };
	struct sk_buf buf = { 0 };
	int64_t ns;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(good) / sizeof(good[0]); n++) {
		assert_int_equal(sk_num_duration(sk_view_str(good[n].text),
		    &ns), 0);
		assert_true(ns == good[n].ns);
	}
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		if (sk_num_duration(sk_view_str(bad[n]), &ns) != SK_EUSAGE)
			fail_msg("%s was taken", bad[n]);
	sk_num_put_duration(&buf, 90000000000);
	sk_buf_char(&buf, ' ');
	sk_num_put_duration(&buf, 0);
	sk_buf_char(&buf, ' ');
	sk_num_put_duration(&buf, 3600000000000 + 5);
	assert_string_equal(sk_buf_cstr(&buf), "1m30s 0s 1h");
	sk_buf_free(&buf);
}

static void
test_put_f64(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = { { 0, "0" }, { -0.0, "0" }, { 0.1, "0.1" },
		{ 1.0 / 3, "0.3333333333333333" }, { 1e300, "1e+300" },
		{ 1752, "1752" }, { -2.5, "-2.5" }, { NAN, "" },
		{ INFINITY, "" } };
	struct sk_buf buf = { 0 };
	struct sk_rng rng;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		sk_buf_reset(&buf);
		sk_num_put_f64(&buf, cases[n].value);
		assert_string_equal(sk_buf_cstr(&buf), cases[n].text);
	}
	sk_rng_init(&rng, 1);
	for (n = 0; n < 100000; n++) {
		union {
			uint64_t bits;
			double value;
		} any = { sk_rng_next(&rng) };

		if (!isfinite(any.value))
			continue;
		sk_buf_reset(&buf);
		sk_num_put_f64(&buf, any.value);
		assert_true(strtod(sk_buf_cstr(&buf), NULL) == any.value);
	}
	sk_buf_free(&buf);
}

static void
test_put_size(void **state)
{
	struct sk_buf buf = { 0 };

	(void)state;
	sk_num_put_size(&buf, 1023);
	sk_buf_char(&buf, ';');
	sk_num_put_size(&buf, 3482);
	sk_buf_char(&buf, ';');
	sk_num_put_size(&buf, UINT64_C(1) << 40);
	assert_string_equal(sk_buf_cstr(&buf), "1023 B;3.4 KiB;1.0 TiB");
	sk_buf_free(&buf);
}

static void
test_plural(void **state)
{
	(void)state;
	assert_string_equal(sk_num_plural(0), "s");
	assert_string_equal(sk_num_plural(1), "");
	assert_string_equal(sk_num_plural(2), "s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_put_f64),
		cmocka_unit_test(test_put_size),
		cmocka_unit_test(test_plural),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
