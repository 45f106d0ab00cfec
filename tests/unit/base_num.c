/* Numbers from and to text: every parser takes the whole text or fails. */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
test_shares(void **state)
{
	static const struct {
		const char *text;
		double value;
	} cases[] = { { "1%", 0.01 }, { "0.01", 0.01 }, { "29%", 0.29 },
		{ "0.1%", 0.001 }, { "100%", 1 }, { "0", 0 }, { "0%", 0 } };
	static const char *const wrong[] = { "", "%", "101%", "1.1", "-1%",
		"1e1%", "x", "1%%", "nan" };
	double value = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(sk_num_share(sk_view_str(wrong[i]), &value),
		    SK_EUSAGE);
		assert_true(value == 7);
	}
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(sk_num_share(sk_view_str(cases[i].text),
		    &value), 0);
		assert_true(value == cases[i].value);
	}
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
		{ INFINITY, "" }, { 5e-324, "5e-324" }, { -1e-310, "-1e-310" },
		{ 2.225e-308, "2.225e-308" },
		{ 0x1p-1022, "2.2250738585072014e-308" },
		{ 0x1p-1022 - 0x1p-1074, "2.225073858507201e-308" } };
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

/* What has few digits is written as printf would write it. */
static void
test_put_f64_short(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_rng rng;
	char want[40];
	size_t n;

	(void)state;
	sk_rng_init(&rng, 2);
	for (n = 0; n < 300000; n++) {
		uint64_t r = sk_rng_next(&rng);
		double value = (double)(r >> r % 64) /
		    pow(10, (double)(r >> 32 & 7));
		int digits;

		if (n % 3 == 0)
			value = nextafter(value, n % 2 == 0 ? 0 : INFINITY);
		if (n % 5 == 0 && value != 0)
			value = -value;
		for (digits = isnormal(value) ? 15 : 1; digits < 18;
		    digits++) {
			snprintf(want, sizeof(want), "%.*g", digits, value);
			if (strtod(want, NULL) == value)
				break;
		}
		sk_buf_reset(&buf);
		sk_num_put_f64(&buf, value);
		if (fabs(value) < 1e15)
			assert_string_equal(sk_buf_cstr(&buf), want);
		else
			assert_true(strtod(sk_buf_cstr(&buf), NULL) == value);
	}
	sk_buf_free(&buf);
}

/* Both parsers agree with the C library, to the last bit. */
static void
check_f64(const char *text)
{
	char padded[512 + SK_PAD] = "";
	double want = strtod(text, NULL), got[2] = { 7, 7 };
	int i, err[2];

	snprintf(padded, 512, "%s", text);
	memset(padded + strlen(text), '9', SK_PAD); /* not to be looked at */
	err[0] = sk_num_f64(sk_view_str(text), &got[0]);
	err[1] = sk_num_f64_padded(sk_view(padded, strlen(text)), &got[1]);
	for (i = 0; i < 2; i++)
		if (isinf(want)) {
			if (err[i] != SK_EUSAGE || got[i] != 7)
				fail_msg("%s was taken", text);
		} else if (err[i] != 0 ||
		    memcmp(&got[i], &want, sizeof(want)) != 0)
			fail_msg("%s: %d, %.17g", text, err[i], got[i]);
}

static void
test_f64(void **state)
{
	static const char *const good[] = { "0", "-0", "00", "0.0", ".5", "5.",
		"-.5", "+1", "+.5e+1", "1e5", "1E-5", "12345678", "1234567.",
		".1234567", "1.234567", "123.4567", "-12345678", "-1.23456",
		"123456789", "1234567.8", "99999999", "00000001", "0.000001",
		"9007199254740991", "9007199254740992", "9007199254740993",
		"9007199254740995", "9007199254740993.0", "1e22", "1e23",
		"9007199254740993e22", "8.5e22", "1e-22", "3e-23",
		"9007199254740991e22", "123456789012345678",
		"1234567890123456789", "12345678901234567890",
		"123456789012345678901234567890", "10000000000000000000000",
		"0.1000000000000000055511151231257827", "100000000000000000.00",
		"0.30000000000000004", "2.2250738585072011e-308",
		"2.2250738585072014e-308", "4.9e-324", "2.47e-324",
		"2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400",
		"1.7976931348623157e308", "1.7976931348623158e308",
		"1.7976931348623159e308", "1e309", "-1e999", "0e999",
		"0e-999999999999999999999", "1e99999999999999999999",
		"7.2057594037927933e16", "3.0e0000000000000000000000000000005",
		"0.00000000000000000000000000000000000000000000000000000001",
		"6929495644600919.5", "8.988465674311579538646525953945e307" };
	static const char *const bad[] = { "", "-", "+", ".", "-.", "e5", ".e5",
		"1e", "1e+", "1e5.", "1.2.3", "1..2", "..", "--1", "+-1", "1-",
		"1_0", "1,5", " 1", "1 ", "1\r", "0x10", "inf", "nan", "NaN",
		"Infinity", "1/2", "1:2", "12345 78", "1234567a", "a2345678",
		"1.23456e", "\xb1", "\xb1\xb2", "1f", "/", ":", "0/", "9:" };
	char text[512 + SK_PAD];
	double value = 7;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(good) / sizeof(good[0]); n++)
		check_f64(good[n]);
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		memset(text, '1', sizeof(text));
		memcpy(text, bad[n], strlen(bad[n]));
		if (sk_num_f64(sk_view_str(bad[n]), &value) != SK_EUSAGE ||
		    sk_num_f64_padded(sk_view(text, strlen(bad[n])),
		    &value) != SK_EUSAGE)
			fail_msg("%s was taken", bad[n]);
	}
	assert_int_equal(sk_num_f64(sk_view("1\0", 2), &value), SK_EUSAGE);
	memset(text, '1', sizeof(text));
	assert_int_equal(sk_num_f64(sk_view(text, 309), &value), 0);
	assert_int_equal(sk_num_f64(sk_view(text, 310), &value), SK_EUSAGE);
	memset(text, '0', 500);
	assert_int_equal(sk_num_f64(sk_view(text, 398), &value), 0);
	assert_true(value == 0);
}

/* Every byte in every place of a short text. */
static void
test_f64_bytes(void **state)
{
	char text[9] = "", *end;
	double value;
	size_t len, at;
	int c;

	(void)state;
	for (len = 1; len <= 8; len++)
		for (at = 0; at < len; at++)
			for (c = 1; c < 256; c++) {
				snprintf(text, sizeof(text), "%.*s", (int)len,
				    "31415926");
				text[at] = (char)c;
				strtod(text, &end);
				if (*end == '\0' && !isspace(c) &&
				    c != 'x' && c != 'X')
					check_f64(text);
				else
					assert_int_equal(sk_num_f64_padded(
					    sk_view(text, len), &value),
					    SK_EUSAGE);
			}
}

/* Digits, a point and an exponent of all lengths. */
static void
test_f64_random(void **state)
{
	char text[64];
	struct sk_rng rng;
	uint64_t r;
	size_t n, len, point, i, at;

	(void)state;
	sk_rng_init(&rng, 3);
	for (n = 0; n < 300000; n++) {
		r = sk_rng_next(&rng);
		len = 1 + r % (n % 2 ? 8 : 24);
		point = r / 24 % (len + 1);
		at = 0;
		if (r >> 32 & 1)
			text[at++] = '-';
		for (i = 0; i < len; i++) {
			if (i == point)
				text[at++] = '.';
			text[at++] = (char)('0' + sk_rng_next(&rng) % 10);
		}
		text[at] = '\0';
		if (r >> 33 & 1)
			snprintf(text + at, sizeof(text) - at, "e%d",
			    (int)(r >> 34) % (r >> 63 ? 700 : 50) -
			    (r >> 63 ? 350 : 25));
		check_f64(text);
	}
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
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_put_f64),
		cmocka_unit_test(test_put_f64_short),
		cmocka_unit_test(test_f64),
		cmocka_unit_test(test_f64_bytes),
		cmocka_unit_test(test_f64_random),
		cmocka_unit_test(test_put_size),
		cmocka_unit_test(test_plural),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
