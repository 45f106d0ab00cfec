/*
 * Rank stores against one sorted array and the formula of the header.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "detect/rank.h"

#define NAIVE_MAX (SK_RANK_MAX + 1)

/* All that came, zeros of the belief first, and the last ones sorted. */
struct naive {
	float came[40000], sorted[NAIVE_MAX];
	uint32_t total, n;
};

static void
naive_add(struct naive *naive, float x)
{
	uint32_t i;

	naive->came[naive->total++] = x;
	if (naive->n == SK_RANK_MAX) {
		float old = naive->came[naive->total - 1 - SK_RANK_MAX];

		for (i = 0; naive->sorted[i] != old; i++)
			;
		memmove(naive->sorted + i, naive->sorted + i + 1,
		    (naive->n - i - 1) * sizeof(float));
		naive->n--;
	}
	for (i = naive->n; i > 0 && naive->sorted[i - 1] > x; i--)
		naive->sorted[i] = naive->sorted[i - 1];
	naive->sorted[i] = x;
	naive->n++;
}

static void
naive_init(struct naive *naive, uint32_t zeros)
{
	naive->total = naive->n = 0;
	for (uint32_t i = 0; i < zeros; i++)
		naive_add(naive, 0);
}

static double
naive_surprise(const struct naive *naive, float x)
{
	double n = naive->n, k = fmin(20, floor(n / 4)), base, mean = 0, u;
	uint32_t c = 0;

	if (n < 20)
		return 0;
	while (c < naive->n && naive->sorted[naive->n - 1 - c] >= x)
		c++;
	if (c >= 20)
		return -log10((c + 1) / (n + 1));
	base = naive->sorted[naive->n - (uint32_t)k];
	for (uint32_t i = naive->n - (uint32_t)k; i < naive->n; i++)
		mean += (naive->sorted[i] - base) / k;
	u = naive->sorted[naive->n - 1] - naive->sorted[0];
	if (mean < 1e-6 * u + 1e-12)
		mean = 0.01 * u + 1e-9;
	u = fmax(0, -log10((k + 1) / (n + 1)) + (x - base) / mean / log(10));
	if (c > 0)
		u = fmin(u, 0.3 - log10((c + 1) / (n + 1)));
	return fmin(u, 8);
}

enum kind { RANDOM, HEAVY, TIED, CONSTANT, RISING, FALLING, SAW, KINDS };

static float
draw(enum kind kind, uint32_t i, struct sk_rng *rng)
{
	float r = (float)(sk_rng_next(rng) >> 40) / (1 << 24);

	switch (kind) {
	case RANDOM:
		return r;
	case HEAVY:
		return 1 / (r + 1e-6f);
	case TIED:
		return floorf(8 * r);
	case CONSTANT:
		return 3;
	case RISING:
		return (float)i;
	case FALLING:
		return (float)(40000 - i);
	case SAW:
		return (float)(i % 301) + (i % 3 == 0 ? r : 0);
	case KINDS:
		break;
	}
	return 0;
}

static void
compare(enum kind kind, uint32_t zeros, uint32_t n)
{
	static struct naive naive;
	struct sk_rank rank;
	struct sk_rng rng = { kind };

	sk_rank_init(&rank, zeros);
	naive_init(&naive, zeros);
	for (uint32_t i = 0; i < n; i++) {
		float x = draw(kind, i, &rng);
		float asked = i % 5 == 0 ? draw(kind, i + 7, &rng) : x;

		assert_float_equal(sk_rank_surprise(&rank, asked),
		    naive_surprise(&naive, asked), 1e-9);
		sk_rank_add(&rank, x);
		naive_add(&naive, x);
		assert_int_equal(rank.n, naive.n);
	}
	sk_rank_free(&rank);
}

static void
is_as_one_sorted_array(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		compare(kind, 0, 19000);
		compare(kind, 600, 10000);
	}
	compare(RANDOM, SK_RANK_MAX, 9000);
}

static void
is_still_while_there_are_few(void **state)
{
	struct sk_rank rank = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_true(sk_rank_surprise(&rank, 1e9F) == 0);
		sk_rank_add(&rank, 0);
	}
	assert_true(sk_rank_surprise(&rank, 1e9F) == SK_RANK_TOP);
	assert_true(sk_rank_surprise(&rank, 0) == 0);
	sk_rank_free(&rank);
}

static void
takes_no_room_for_zeros(void **state)
{
	struct sk_rank rank;

	(void)state;
	sk_rank_init(&rank, 600);
	assert_null(rank.sorted);
	assert_true(sk_rank_surprise(&rank, 0) == 0);
	assert_true(sk_rank_surprise(&rank, 1) == SK_RANK_TOP);
	sk_rank_free(&rank);
}

/* A copy by way of bytes, which are all taken. */
static struct sk_rank
copy(const struct sk_rank *rank)
{
	struct sk_buf buf = { 0 };
	struct sk_rank out = { 0 };
	struct sk_view bytes;

	sk_rank_save(rank, &buf);
	bytes = sk_view(buf.ptr, buf.len);
	sk_rank_add(&out, 1);
	assert_true(sk_rank_load(&out, &bytes));
	assert_int_equal(bytes.len, 0);
	sk_buf_free(&buf);
	return out;
}

static void
goes_on_when_loaded(void **state)
{
	static const uint32_t cuts[] = { 0, 1, 19, 127, 128, 5000, 7592, 7593,
		8192, 8193, 12000 };

	(void)state;
	for (size_t c = 0; c < sizeof(cuts) / sizeof(*cuts); c++) {
		struct sk_rank rank, loaded = { 0 };
		struct sk_rng rng = { c };

		sk_rank_init(&rank, 600);
		for (uint32_t i = 0; i < 14000; i++) {
			float x = draw(i % 2 == 0 ? RANDOM : TIED, i, &rng);

			if (i == cuts[c])
				loaded = copy(&rank);
			if (i >= cuts[c]) {
				assert_true(sk_rank_surprise(&rank, x) ==
				    sk_rank_pass(&loaded, x));
			}
			sk_rank_add(&rank, x);
		}
		sk_rank_free(&rank);
		sk_rank_free(&loaded);
	}
}

static bool
loads(struct sk_rank *rank, const char *ptr, size_t len)
{
	struct sk_view bytes = sk_view(ptr, len);
	bool taken = sk_rank_load(rank, &bytes);

	assert_true(taken || (rank->n == 0 && rank->sorted == NULL));
	return taken;
}

/* What is said to be a number at `at`. */
static bool
loads_with(const struct sk_buf *image, size_t at, uint32_t word)
{
	struct sk_buf buf = { 0 };
	struct sk_rank rank = { 0 };
	bool taken;

	sk_buf_add(&buf, image->ptr, image->len);
	sk_put32(buf.ptr + at, word);
	taken = loads(&rank, buf.ptr, buf.len);
	sk_rank_free(&rank);
	sk_buf_free(&buf);
	return taken;
}

static void
refuses_what_is_damaged(void **state)
{
	struct sk_rank rank;
	struct sk_buf buf = { 0 };

	(void)state;
	sk_rank_init(&rank, 600);
	for (int i = 0; i < 300; i++)
		sk_rank_add(&rank, (float)i);
	sk_rank_save(&rank, &buf);
	assert_int_equal(buf.len, 16 + 300 * 4);
	for (size_t len = 0; len < buf.len; len++)
		assert_false(loads(&rank, buf.ptr, len));
	assert_true(loads_with(&buf, 16, 0x3f800000));
	assert_false(loads_with(&buf, 16, 0xbf800000)); /* -1 */
	assert_false(loads_with(&buf, 16, 0x80000000)); /* -0 */
	assert_false(loads_with(&buf, 16, 0x7fc00000)); /* NaN */
	assert_false(loads_with(&buf, 1212, 0x7f800000)); /* infinite */
	assert_true(loads_with(&buf, 0, SK_RANK_MAX - 300));
	assert_false(loads_with(&buf, 0, SK_RANK_MAX - 299));
	assert_false(loads_with(&buf, 4, 1));
	assert_false(loads_with(&buf, 8, 301));
	assert_false(loads_with(&buf, 12, 1));
	sk_buf_free(&buf);
	sk_rank_free(&rank);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_as_one_sorted_array),
		cmocka_unit_test(is_still_while_there_are_few),
		cmocka_unit_test(takes_no_room_for_zeros),
		cmocka_unit_test(goes_on_when_loaded),
		cmocka_unit_test(refuses_what_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
