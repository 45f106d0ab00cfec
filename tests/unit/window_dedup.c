/* window/dedup: against all that came before, at the ends of time, and over
 * states that are saved and loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "window/dedup.h"

enum { EVENTS = 3000, KEYS = 40 };

static struct sk_view
key_of(unsigned number, char *text, size_t size)
{
	/* Some are too long for a slot. */
	snprintf(text, size, number % 3 == 0 ?
	    "a key that is longer than the table has room for: %u" : "k%u",
	    number);
	return sk_view_str(text);
}

static bool
is_new(struct sk_dedup *dedup, unsigned number, int64_t t_ns)
{
	char text[80];
	struct sk_view key = key_of(number, text, sizeof(text));
	uint64_t hash = sk_dedup_hash(dedup, key);
	bool known = sk_dedup_knows(dedup, key, hash, t_ns);
	bool fresh = sk_dedup_is_new(dedup, key, hash, t_ns);

	assert_int_equal(known, !fresh);
	return fresh;
}

static void
again(struct sk_dedup *dedup)
{
	struct sk_dedup back;
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_view bytes;
	struct sk_diag diag;

	sk_dedup_save(dedup, &one);
	bytes = sk_view(one.ptr, one.len);
	sk_dedup_init(&back, &dedup->conf);
	assert_int_equal(sk_dedup_load(&back, &bytes, &diag), 0);
	assert_int_equal(bytes.len, 0);
	sk_dedup_save(&back, &two);
	assert_int_equal(one.len, two.len);
	if (dedup->conf.approximate)
		assert_memory_equal(one.ptr, two.ptr, one.len);
	sk_dedup_free(dedup);
	*dedup = back;
	sk_buf_free(&one);
	sk_buf_free(&two);
}

/* One run: rising times with steps back, saved in between. */
static void
check_within(uint64_t seed, int64_t within_ns)
{
	const struct sk_dedup_conf conf = { .within_ns = within_ns };
	static int64_t passed[EVENTS];
	static unsigned by[EVENTS];
	struct sk_dedup dedup;
	struct sk_rng rng;
	int64_t now = -5000, t;
	size_t n = 0, i;
	unsigned key;
	bool seen;
	int e;

	sk_rng_init(&rng, seed);
	sk_dedup_init(&dedup, &conf);
	for (e = 0; e < EVENTS; e++) {
		now += (int64_t)(sk_rng_next(&rng) % 7);
		t = now - (int64_t)(sk_rng_next(&rng) % 20);
		key = (unsigned)(sk_rng_next(&rng) % KEYS);
		sk_dedup_advance(&dedup, now);
		assert_int_equal(sk_dedup_is_past(&dedup, t),
		    t <= now - within_ns);
		if (t <= now - within_ns)
			continue;
		for (seen = false, i = 0; i < n; i++)
			seen |= by[i] == key && passed[i] > now - within_ns &&
			    llabs(passed[i] - t) < within_ns;
		assert_int_equal(is_new(&dedup, key, t), !seen);
		if (!seen) {
			by[n] = key;
			passed[n++] = t;
		}
		if (e % 500 == 77)
			again(&dedup);
	}
	assert_true(n > 10);
	sk_dedup_free(&dedup);
}

static void
knows_a_horizon(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 20; seed++)
		check_within(seed, 1 + (int64_t)(seed * seed * 3));
}

static void
keeps_no_more_than_the_horizon(void **state)
{
	const struct sk_dedup_conf conf = { .within_ns = 100 };
	struct sk_dedup dedup;
	unsigned i;

	(void)state;
	sk_dedup_init(&dedup, &conf);
	for (i = 0; i < 100000; i++) {
		sk_dedup_advance(&dedup, i);
		assert_true(is_new(&dedup, i, i));
		assert_true(dedup.table.n <= 100);
	}
	sk_dedup_free(&dedup);
}

static void
stands_at_the_ends_of_time(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1,
		INT64_MAX - 1, INT64_MAX };
	struct sk_dedup_conf conf = { .capacity = 10, .wide = true };
	struct sk_dedup dedup;
	size_t i;
	int wide, a;

	(void)state;
	for (a = 0; a < 2; a++)
		for (wide = 0; wide < 2; wide++) {
			conf.approximate = a != 0;
			conf.within_ns = wide ? INT64_MAX : 1;
			sk_dedup_init(&dedup, &conf);
			for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
				sk_dedup_advance(&dedup, times[i]);
				assert_false(sk_dedup_is_past(&dedup,
				    times[i]));
				is_new(&dedup, 1, times[i]);
				assert_false(is_new(&dedup, 1, times[i]));
				again(&dedup);
			}
			sk_dedup_free(&dedup);
		}
}

static void
approximately_knows_a_horizon(void **state)
{
	const struct sk_dedup_conf conf = { .within_ns = 1000,
		.approximate = true, .wide = true, .capacity = 2000 };
	static int64_t passed[5000];
	struct sk_dedup dedup;
	struct sk_rng rng;
	unsigned key, early = 0;
	int64_t t = 0;
	int e;

	(void)state;
	memset(passed, 0x80, sizeof(passed));
	sk_rng_init(&rng, 5);
	sk_dedup_init(&dedup, &conf);
	for (e = 0; e < 200000; e++) {
		t += (int64_t)(sk_rng_next(&rng) % 4);
		if (e % 5000 == 0)
			t += e;
		key = (unsigned)(sk_rng_next(&rng) % 5000);
		sk_dedup_advance(&dedup, t);
		if (is_new(&dedup, key, t)) {
			assert_true(t - passed[key] >= 1000);
			passed[key] = t;
		} else {
			assert_true(t - passed[key] < 1200);
			early += t - passed[key] >= 1000;
		}
		if (e % 30000 == 77)
			again(&dedup);
	}
	assert_true(early > 0);
	assert_int_equal(dedup.nforgotten, 0);
	sk_dedup_free(&dedup);
}

static void
refuses_what_is_no_state(void **state)
{
	const struct sk_dedup_conf conf = { .within_ns = 50 };
	struct sk_dedup dedup;
	struct sk_buf image = { 0 };
	struct sk_view bytes;
	struct sk_diag diag;
	size_t len;

	(void)state;
	sk_dedup_init(&dedup, &conf);
	is_new(&dedup, 1, 3);
	is_new(&dedup, 3, 4);
	sk_dedup_save(&dedup, &image);
	sk_dedup_free(&dedup);
	for (len = 0; len < image.len; len++) {
		sk_dedup_init(&dedup, &conf);
		bytes = sk_view(image.ptr, len);
		assert_int_equal(sk_dedup_load(&dedup, &bytes, &diag),
		    SK_EDATA);
		sk_dedup_free(&dedup);
	}
	sk_buf_free(&image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_a_horizon),
		cmocka_unit_test(keeps_no_more_than_the_horizon),
		cmocka_unit_test(stands_at_the_ends_of_time),
		cmocka_unit_test(approximately_knows_a_horizon),
		cmocka_unit_test(refuses_what_is_no_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
