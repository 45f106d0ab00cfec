/* Numbers, sums and variances against exact arithmetic that is done here, digit
 * by digit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/num.h"
#include "base/rng.h"
#include "window/moments.h"
#include "window/sum.h"

/* ---- a reference: integers of 2048 bits, in words of 16 ---- */

#define WORDS 128

struct big {
	uint16_t word[WORDS]; /* two's complement, the lowest first */
};

static struct big
big_of(int64_t value)
{
	struct big b;

	for (size_t i = 0; i < WORDS; i++)
		b.word[i] = i < 4 ? (uint16_t)(value >> 16 * i) :
		    value < 0 ? 0xffff : 0;
	return b;
}

static struct big
big_plus(struct big a, struct big b)
{
	uint32_t carry = 0;

	for (size_t i = 0; i < WORDS; i++) {
		carry += (uint32_t)a.word[i] + b.word[i];
		a.word[i] = (uint16_t)carry;
		carry >>= 16;
	}
	return a;
}

static struct big
big_times(struct big a, struct big b)
{
	struct big sum = big_of(0);
	uint64_t carry;
	size_t i, j;

	for (i = 0; i < WORDS; i++)
		for (carry = j = 0; i + j < WORDS; j++) {
			carry += sum.word[i + j] +
			    (uint64_t)a.word[i] * b.word[j];
			sum.word[i + j] = (uint16_t)carry;
			carry >>= 16;
		}
	return sum;
}

static bool
big_is_minus(struct big a)
{
	return a.word[WORDS - 1] >> 15 != 0;
}

static struct big
big_minus(struct big a, struct big b)
{
	for (size_t i = 0; i < WORDS; i++)
		b.word[i] = (uint16_t)~b.word[i];
	return big_plus(big_plus(a, b), big_of(1));
}

static struct big
big_bit(unsigned n)
{
	struct big b = big_of(0);

	b.word[n / 16] = (uint16_t)(1u << n % 16);
	return b;
}

/* 10^exponent, which is up to 18. */
static struct big
big_ten(unsigned exponent)
{
	return big_of((int64_t)sk_decimal_power[exponent]);
}

/* How far x is from above / below, times below * 2^600; all are positive. */
static struct big
distance(struct big above, struct big below, double x)
{
	int exponent;
	int64_t mantissa = (int64_t)ldexp(frexp(x, &exponent), 53);
	struct big left = big_times(above, big_bit(600));
	struct big right = big_times(big_times(below, big_of(mantissa)),
	    big_bit((unsigned)(600 + exponent - 53)));

	left = big_minus(left, right);
	return big_is_minus(left) ? big_minus(big_of(0), left) : left;
}

/* x is a nearest double of above / below: no neighbour is nearer. */
static void
assert_nearest(struct big above, struct big below, double x)
{
	struct big here, up, down;

	if (big_is_minus(above)) {
		above = big_minus(big_of(0), above);
		x = -x;
	}
	if (x == 0) {
		assert_true(big_is_minus(big_plus(above, big_of(-1))));
		return;
	}
	assert_true(x > 0 && x < 0x1p500);
	here = distance(above, below, x);
	up = distance(above, below, nextafter(x, INFINITY));
	down = distance(above, below, nextafter(x, 0));
	assert_false(big_is_minus(big_minus(up, here)));
	assert_false(big_is_minus(big_minus(down, here)));
}

/* ---- numbers ---- */

/* A text, with other digits behind it. */
static bool
parse(struct sk_decimal *number, const char *text)
{
	char padded[512 + SK_PAD];
	size_t len = strlen(text);

	memset(padded, '8', sizeof(padded));
	memcpy(padded, text, len);
	return sk_decimal_parse(number, sk_view(padded, len));
}

static void
reads(const char *text, const char *want)
{
	struct sk_decimal number;
	struct sk_buf buf = { 0 };

	assert_true(parse(&number, text));
	sk_decimal_text(&number, &buf);
	assert_string_equal(sk_buf_cstr(&buf), want);
	sk_buf_free(&buf);
}

static void
test_text(void **unused)
{
	static const char *const none[] = { "", "-", "+", ".", "-.", "1.2.3",
		"1e", "e5", "1e+", "0x10", "nan", "inf", " 1", "1 ", "1,5",
		"--1", "12345678x", "1234567890123456x", "x", "1_000", "+-1",
		"1e400", "-1e309", "/", ":", "12:34", "1/2", "1e5.5" };
	char digits[500];
	struct sk_decimal number;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (parse(&number, none[i]))
			fail_msg("%s is a number", none[i]);
	memset(digits, '9', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	assert_false(parse(&number, digits));
	reads("0", "0");
	reads("-0", "0");
	reads("-0.0", "0");
	reads("007", "7");
	reads("+12", "12");
	reads("5.", "5");
	reads(".5", "0.5");
	reads("-.5", "-0.5");
	reads("-0.05", "-0.05");
	reads("1.50", "1.5");
	reads("12345.67", "12345.67");
	reads("-12345678901234.5", "-12345678901234.5");
	reads("1234567890123456", "1234567890123456");
	reads("99999999999999999999", "99999999999999999999");
	reads("170141183460469231731687303715884105727",
	    "170141183460469231731687303715884105727");
	reads("-170141183460469231731687303715884105727",
	    "-170141183460469231731687303715884105727");
	reads("170141183460469231731687303715884105728",
	    "1.7014118346046923e+38");
	reads("0.000000000000000001", "0.000000000000000001");
	reads("0.0000000000000000010000", "0.000000000000000001");
	reads("0.0000000000000000001", "1e-19");
	reads("1e3", "1000");
	reads("-1.5E+3", "-1500");
	reads("1500e-3", "1.5");
	reads("1e38", "100000000000000000000000000000000000000");
	reads("1e39", "1e+39");
	reads("0e999999999999", "0");
	reads("1e-999999999999", "0");
	reads("123e-20", "1.23e-18");
	reads("1230000e-22", "0.000000000000000123");
	reads("12300000000000000000000000000000000000000e-24",
	    "12300000000000000");
}

/* Any text of a few characters is what sk_num_f64 says it is. */
static void
test_any_text(void **unused)
{
	static const char letters[] = "0123456789..--+e5/:";
	struct sk_rng rng;
	char text[24];
	struct sk_decimal number;
	unsigned seed, i, len;
	double want;

	(void)unused;
	sk_rng_init(&rng, 1);
	for (seed = 0; seed < 300000; seed++) {
		len = (unsigned)(sk_rng_next(&rng) % 22);
		for (i = 0; i < len; i++)
			text[i] = letters[sk_rng_next(&rng) % (seed % 2 == 0 ?
			    11 : sizeof(letters) - 1)];
		text[len] = '\0';
		bool good = sk_num_f64(sk_view(text, len), &want) == 0;

		if (parse(&number, text) != good)
			fail_msg("%s", text);
		if (good && sk_decimal_f64(&number) != want)
			fail_msg("%s: %.17g", text, want);
	}
}

static void
test_order(void **unused)
{
	static const char *const rising[] = { "-1e300", "-1e39",
		"-170141183460469231731687303715884105727",
		"-17014118346046923173.168730371588410572", "-1.5", "-1.25",
		"-1e-18", "-1e-30", "0", "1e-200", "0.000000000000000001",
		"0.1", "0.1000000000000000055511151231257827", "0.2", "1",
		"1.000000000000000001", "9007199254740993",
		"9007199254740993.5", "9007199254740994",
		"9007199254740994.0000000000000000001",
		"100000000000000000000000000000000000000",
		"170141183460469231731687303715884105727", "1e39", "1e300" };
	struct sk_decimal a, b;
	size_t n = sizeof(rising) / sizeof(rising[0]), i, j;

	(void)unused;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			assert_true(parse(&a, rising[i]));
			assert_true(parse(&b, rising[j]));
			if ((sk_decimal_compare(&a, &b) > 0) != (i > j) ||
			    (sk_decimal_compare(&a, &b) < 0) != (i < j))
				fail_msg("%s and %s", rising[i], rising[j]);
		}
	assert_true(parse(&a, "1.50") && parse(&b, "15e-1"));
	assert_int_equal(sk_decimal_compare(&a, &b), 0);
}

/* ---- sums ---- */

enum kind { INTEGERS, CENTS, LONG, MIXED, REALS, NKINDS };

/* A number as text, and what it is times 10^18 * 2^400. */
static struct big
draw(struct sk_rng *rng, enum kind kind, char *text)
{
	int64_t value = (int64_t)sk_rng_next(rng) >> sk_rng_next(rng) % 60;
	unsigned places = 0, shift;

	if (kind == MIXED)
		kind = (enum kind)(sk_rng_next(rng) % 3);
	if (kind == REALS && sk_rng_next(rng) % 4 != 0) {
		/* More digits than are exact, of a double. */
		shift = (unsigned)(sk_rng_next(rng) % 200);
		value >>= 11;
		sprintf(text, "%.60e", ldexp((double)value, -(int)shift));
		return big_times(big_of(value), big_times(big_ten(18),
		    big_bit(400 - shift)));
	}
	if (kind == CENTS)
		places = 2;
	else if (kind != INTEGERS)
		places = (unsigned)(sk_rng_next(rng) % 19);
	sprintf(text, "%llde-%u", (long long)value, places);
	if (kind == CENTS && value > -100000 && value < 100000)
		sprintf(text, "%s%lld.%02lld", value < 0 ? "-" : "",
		    llabs((long long)value) / 100,
		    llabs((long long)value) % 100);
	return big_times(big_of(value), big_times(big_ten(18 - places),
	    big_bit(400)));
}

#define NUMBERS 60

/* All numbers, in a random order, by way of sums that are merged, copied, saved
 * and loaded. */
static struct sk_sum
sum_of(struct sk_rng *rng, const struct sk_decimal *number, size_t n)
{
	struct sk_sum sum[3] = { { 0 }, { 0 }, { 0 } }, other;
	struct sk_unpack from = { { NULL, 0 }, false };
	struct sk_buf buf = { 0 };
	size_t order[NUMBERS], i, j;

	for (i = 0; i < n; i++) {
		j = sk_rng_next(rng) % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < n; i++) {
		j = sk_rng_next(rng) % 3;
		sk_sum_add(&sum[j], &number[order[i]]);
		if (sk_rng_next(rng) % 5 == 0) {
			sk_sum_merge(&sum[j], &sum[(j + 1) % 3]);
			sk_sum_free(&sum[(j + 1) % 3]);
		}
		if (sk_rng_next(rng) % 5 == 0) {
			sk_sum_copy(&other, &sum[j]);
			sk_sum_free(&sum[j]);
			sk_buf_reset(&buf);
			sk_sum_save(&other, &buf);
			from.bytes = sk_view(buf.ptr, buf.len);
			sk_sum_load(&sum[j], &from);
			assert_false(from.bad);
			assert_int_equal(from.bytes.len, 0);
			sk_sum_free(&other);
		}
	}
	sk_sum_merge(&sum[0], &sum[1]);
	sk_sum_merge(&sum[0], &sum[2]);
	sk_sum_free(&sum[1]);
	sk_sum_free(&sum[2]);
	sk_buf_free(&buf);
	return sum[0];
}

static void
test_sums(void **unused)
{
	struct sk_decimal number[NUMBERS];
	struct big total, unit = big_times(big_ten(18), big_bit(400));
	struct sk_rng rng;
	struct sk_sum sum;
	unsigned seed, n, i;
	char text[128];

	(void)unused;
	sk_rng_init(&rng, 7);
	for (seed = 0; seed < 300; seed++) {
		total = big_of(0);
		n = 1 + (unsigned)(sk_rng_next(&rng) % NUMBERS);
		for (i = 0; i < n; i++) {
			total = big_plus(total, draw(&rng,
			    (enum kind)(seed % NKINDS), text));
			if (!parse(&number[i], text))
				fail_msg("%s", text);
		}
		for (i = 0; i < 3; i++) {
			sum = sum_of(&rng, number, n);
			assert_int_equal(sk_sum_n(&sum), n);
			assert_nearest(total, unit, sk_sum_over(&sum, 1, 1));
			assert_nearest(total, big_times(unit, big_of(n)),
			    sk_sum_over(&sum, 1, n));
			assert_nearest(big_times(total, big_of(1000000000)),
			    big_times(unit, big_of(977)),
			    sk_sum_over(&sum, 1000000000, 977));
			sk_sum_free(&sum);
		}
	}
}

static void
says(const char *want, int err, const char *const *texts)
{
	struct sk_decimal number[NUMBERS];
	struct sk_record record;
	struct sk_buf out = { 0 };
	struct sk_rng rng;
	struct sk_sum sum;
	size_t n;
	int i;

	sk_record_init(&record, SK_RECORD_TSV);
	sk_record_column(&record, sk_view_str("sum"));
	for (n = 0; texts[n] != NULL; n++)
		assert_true(parse(&number[n], texts[n]));
	for (i = 0; i < 20; i++) {
		sk_rng_init(&rng, (uint64_t)i);
		sum = sum_of(&rng, number, n);
		sk_buf_reset(&out);
		sk_record_begin(&record, &out);
		assert_int_equal(sk_sum_put(&sum, &record), err);
		assert_string_equal(sk_buf_cstr(&out), want);
		sk_sum_free(&sum);
	}
	sk_record_free(&record);
	sk_buf_free(&out);
}

#define SAYS(want, err, ...) do { \
	static const char *const texts_[] = { __VA_ARGS__, NULL }; \
	says(want, err, texts_); \
} while (0)

static void
test_forms(void **unused)
{
	(void)unused;
	SAYS("0.3", 0, "0.1", "0.2");
	SAYS("0.6", 0, "0.1", "0.2", "0.3");
	SAYS("3", 0, "1.5", "1.50");
	SAYS("18446744073709551617", 0, "18446744073709551616.5", "0.50");
	SAYS("1.0000000000000002e+20", 0, "100000000000000016384", "0.5");
	SAYS("170141183460469231731687303715884105727", 0,
	    "170141183460469231731687303715884105727",
	    "170141183460469231731687303715884105727",
	    "170141183460469231731687303715884105727",
	    "-170141183460469231731687303715884105727",
	    "-170141183460469231731687303715884105727");
	SAYS("-170141183460469231731687303715884105728", 0,
	    "-170141183460469231731687303715884105727", "-1");
	SAYS("", SK_ELIMIT, "-170141183460469231731687303715884105727", "-2");
	SAYS("", SK_ELIMIT, "170141183460469231731687303715884105727", "1");
	SAYS("1.7014118346046923e+38", 0,
	    "170141183460469231731687303715884105727", "0.000000000000000001");
	SAYS("1", 0, "1e300", "1", "-1e300");
	SAYS("", SK_ELIMIT, "1e308", "1e308");
	SAYS("1e+308", 0, "1e308", "1e308", "-1e308");
	SAYS("0", 0, "1e-300", "-1e-300");
	SAYS("1e-300", 0, "1e-300", "0");
}

/* ---- variances ---- */

static struct sk_moments
moments_of(struct sk_rng *rng, const double *value, size_t n)
{
	struct sk_moments moments[2] = { { 0 }, { 0 } }, other;
	struct sk_unpack from = { { NULL, 0 }, false };
	struct sk_buf buf = { 0 };
	size_t first = sk_rng_next(rng) % n, i;

	for (i = 0; i < n; i++) {
		sk_moments_add(&moments[sk_rng_next(rng) % 2],
		    value[(first + i * 61) % n]);
		if (sk_rng_next(rng) % 7 != 0)
			continue;
		sk_moments_copy(&other, &moments[1]);
		sk_moments_free(&moments[1]);
		sk_buf_reset(&buf);
		sk_moments_save(&other, &buf);
		from.bytes = sk_view(buf.ptr, buf.len);
		sk_moments_load(&moments[1], &from);
		assert_false(from.bad);
		sk_moments_free(&other);
	}
	sk_moments_merge(&moments[0], &moments[1]);
	sk_moments_free(&moments[1]);
	sk_buf_free(&buf);
	return moments[0];
}

static void
test_variance(void **unused)
{
	double value[NUMBERS];
	struct big sum, squares, one, factor;
	struct sk_moments moments;
	struct sk_rng rng;
	unsigned seed, n, i, shift;
	int64_t mantissa;

	(void)unused;
	sk_rng_init(&rng, 3);
	for (seed = 0; seed < 300; seed++) {
		sum = squares = big_of(0);
		do
			n = 2 + (unsigned)(sk_rng_next(&rng) % (NUMBERS - 2));
		while (n % 61 == 0);
		for (i = 0; i < n; i++) {
			mantissa = (int64_t)sk_rng_next(&rng) >> 11;
			shift = (unsigned)(sk_rng_next(&rng) % 100);
			if (seed % 3 == 0) { /* near each other */
				mantissa = (INT64_C(1) << 52) + mantissa % 9;
				shift = 52;
			}
			if (seed % 30 == 0)
				mantissa = INT64_C(0x1999999999999a);
			value[i] = ldexp((double)mantissa, -(int)shift);
			one = big_times(big_of(mantissa),
			    big_bit(100 - shift));
			sum = big_plus(sum, one);
			squares = big_plus(squares, big_times(one, one));
		}
		factor = big_times(big_of(n), big_of(n - 1));
		squares = big_minus(big_times(squares, big_of(n)),
		    big_times(sum, sum));
		for (i = 0; i < 3; i++) {
			moments = moments_of(&rng, value, n);
			assert_int_equal(moments.n, n);
			assert_nearest(squares, big_times(factor,
			    big_bit(200)), sk_moments_variance(&moments));
			sk_moments_free(&moments);
		}
	}
}

/* The ends of the doubles. */
static void
test_ends(void **unused)
{
	const double tiny = 0x1p-1074, great = 0x1.fffffffffffffp1023;
	struct sk_exact sum = { 0 };
	struct sk_moments moments = { 0 };

	(void)unused;
	sk_exact_add_f64(&sum, great);
	sk_exact_add_f64(&sum, tiny);
	sk_exact_add_f64(&sum, great);
	assert_true(isinf(sk_exact_over(&sum, 1)));
	assert_true(sk_exact_over(&sum, 2) == great);
	sk_exact_add_f64(&sum, -great);
	sk_exact_add_f64(&sum, -great);
	assert_true(sk_exact_over(&sum, 1) == tiny);
	assert_true(sk_exact_over(&sum, 2) == 0);
	sk_exact_add_f64(&sum, 2 * tiny);
	assert_true(sk_exact_over(&sum, 2) == 2 * tiny);
	sk_exact_add_f64(&sum, -6 * tiny);
	assert_true(sk_exact_over(&sum, 2) == -2 * tiny);
	sk_exact_free(&sum);
	assert_true(sk_exact_over(&sum, 3) == 0);
	sk_moments_add(&moments, great);
	sk_moments_add(&moments, -great);
	assert_true(isinf(sk_moments_variance(&moments)));
	sk_moments_add(&moments, tiny);
	sk_moments_free(&moments);
	sk_moments_add(&moments, tiny);
	sk_moments_add(&moments, 0);
	assert_true(sk_moments_variance(&moments) == 0);
	sk_moments_free(&moments);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_any_text),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_variance),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
