/* The numbered set of keys against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/keys.h"
#include "base/rng.h"

#define N 20000

static void
test_numbers(void **state)
{
	struct sk_keys keys;
	struct sk_rng rng;
	char text[32];
	uint32_t seen[N], n = 0, i, number;
	uint64_t pick;

	(void)state;
	memset(seen, 0xff, sizeof(seen));
	sk_keys_init(&keys, N);
	sk_rng_init(&rng, 3);
	for (i = 0; i < 5 * N; i++) {
		pick = sk_rng_next(&rng) % N;
		snprintf(text, sizeof(text), "%u", (unsigned)pick);
		number = sk_keys_find(&keys, sk_view_str(text));
		if (seen[pick] == UINT32_MAX)
			seen[pick] = n++;
		assert_int_equal(number, seen[pick]);
		assert_true(sk_view_equal(sk_keys_get(&keys, number),
		    sk_view_str(text)));
	}
	assert_int_equal(keys.n, n);
	sk_keys_free(&keys);
}

static void
test_limit_and_empty_key(void **state)
{
	struct sk_keys keys;

	(void)state;
	sk_keys_init(&keys, 2);
	assert_int_equal(sk_keys_find(&keys, sk_view("", 0)), 0);
	assert_int_equal(sk_keys_find(&keys, sk_view("\0", 1)), 1);
	assert_int_equal(sk_keys_find(&keys, sk_view_str("x")), SK_KEYS_NONE);
	assert_int_equal(sk_keys_find(&keys, sk_view("\0", 1)), 1);
	assert_int_equal(sk_keys_find(&keys, sk_view("", 0)), 0);
	sk_keys_free(&keys);
}

static void
test_order(void **state)
{
	static const char *const words[] = { "b", "a", "", "ab", "\xff", "B" };
	static const uint32_t want[] = { 2, 5, 1, 3, 0, 4 };
	struct sk_keys keys;
	uint32_t *order;
	size_t i;

	(void)state;
	sk_keys_init(&keys, 100);
	for (i = 0; i < 6; i++)
		sk_keys_find(&keys, sk_view_str(words[i]));
	order = sk_keys_sorted(&keys);
	for (i = 0; i < 6; i++)
		assert_int_equal(order[i], want[i]);
	free(order);
	sk_keys_free(&keys);
}

/* Keys that begin alike, one of them with a NUL where another ends. */
static void
test_order_of_long_keys(void **state)
{
	static const struct sk_view key[] = { { "abcdefghz", 9 },
		{ "abcdefgh", 8 }, { "abc\0", 4 }, { "abc", 3 },
		{ "abcdefgha", 9 }, { "abc\0\0\0\0\0", 8 } };
	static const uint32_t want[] = { 3, 2, 5, 1, 4, 0 };
	struct sk_keys keys;
	uint32_t *order;
	size_t i;

	(void)state;
	sk_keys_init(&keys, 100);
	for (i = 0; i < 6; i++)
		sk_keys_find(&keys, key[i]);
	order = sk_keys_sorted(&keys);
	for (i = 0; i < 6; i++)
		assert_int_equal(order[i], want[i]);
	free(order);
	sk_keys_free(&keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_limit_and_empty_key),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_of_long_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
