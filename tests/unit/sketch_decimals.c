/*
 * Numbers from text, many at once: each is what sk_num_f64() gives, in every
 * place of a group, whatever stands behind it and beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/num.h"
#include "base/rng.h"
#include "sketch/decimals.h"

#define TEXTS 259
#define CELL (16 + SK_PAD)

struct texts {
	char bytes[TEXTS][CELL];
	struct sk_view view[TEXTS];
	size_t n;
};

/* Behind each text stand `behind`, digits or points for instance. */
static void
put(struct texts *texts, const char *text, size_t len, int behind)
{
	char *cell = texts->bytes[texts->n];

	assert_true(texts->n < TEXTS && len <= 16);
	memset(cell, behind, CELL);
	memcpy(cell, text, len);
	texts->view[texts->n++] = sk_view(cell, len);
}

static void
same_as_one_by_one(const struct texts *texts)
{
	double got[TEXTS], want;
	size_t n = sk_decimals(texts->view, texts->n, got), good = 0, i;

	for (i = 0; i < texts->n; i++) {
		if (sk_num_f64(texts->view[i], &want) != 0)
			continue;
		assert_true(good < n);
		assert_memory_equal(&got[good++], &want, sizeof(want));
	}
	assert_int_equal(good, n);
}

static void
test_forms(void **state)
{
	static const char *const form[] = { "0", "-0", "1", "-1", "12.5",
		"0.0001", "-0.00001", "12345678", "-1234567", "-12345678",
		"123456789", "1234567.", "-123456.", ".1234567", "-.123456",
		"1.", ".1", "-.1", "-1.", "0000.000", "9999999.", ".9999999",
		"-", ".", "-.", "", "1.2.3", "1..2", "..", "--1", "1-", "-1-2",
		"+1", "1e5", "1e-5", "-1e5", "1/2", "1:2", " 1", "1 ", "0x1",
		"nan", "inf", "1e400", "1234567890.5", "99999999" };
	static const char behind[] = { 0, '0', '9', '.', '-', '/', ':', -1 };
	size_t f, place, b;

	(void)state;
	for (f = 0; f < sizeof(form) / sizeof(form[0]); f++)
		for (b = 0; b < sizeof(behind); b++)
			for (place = 0; place < 4; place++) {
				struct texts texts = { .n = 0 };

				while (texts.n < 5)
					if (texts.n == place)
						put(&texts, form[f],
						    strlen(form[f]), behind[b]);
					else
						put(&texts, "3.25", 4, '7');
				same_as_one_by_one(&texts);
			}
}

/* Mostly numbers, so that most groups are of four. */
static void
test_random(void **state)
{
	static const char digit[] = "0123456789", any[] = "0123456789.-e/:+ ";
	struct texts texts;
	struct sk_rng rng;
	char text[16];
	size_t len, i;
	int round;

	(void)state;
	sk_rng_init(&rng, 7);
	for (round = 0; round < 2000; round++) {
		texts.n = 0;
		while (texts.n < TEXTS - (size_t)round % 5) {
			len = 1 + sk_rng_next(&rng) % 8;
			for (i = 0; i < len; i++)
				text[i] = digit[sk_rng_next(&rng) % 10];
			if (sk_rng_next(&rng) % 2 == 0)
				text[sk_rng_next(&rng) % len] = '.';
			if (sk_rng_next(&rng) % 4 == 0)
				text[0] = '-';
			if (sk_rng_next(&rng) % 64 == 0)
				text[sk_rng_next(&rng) % len] =
				    any[sk_rng_next(&rng) % (sizeof(any) - 1)];
			put(&texts, text, len, any[sk_rng_next(&rng) % 17]);
		}
		same_as_one_by_one(&texts);
	}
}

static void
test_none(void **state)
{
	struct sk_view text = sk_view("1", 1);
	double number;

	(void)state;
	assert_int_equal(sk_decimals(&text, 0, &number), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
