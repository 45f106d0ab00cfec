/* Absence against a walk over all keys at every nanosecond of time, over random
 * keys, times and watermarks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "detect/absence.h"

enum { KEYS = 40 };

static int
tell(void *arg, struct sk_view key, int64_t last_ns, int64_t at_ns,
    uint64_t nevents, bool back)
{
	sk_buf_fmt(arg, "%.*s %lld %lld %llu %d\n", (int)key.len, key.ptr,
	    (long long)last_ns, (long long)at_ns, (unsigned long long)nevents,
	    back);
	return 0;
}

/* Ordered as their numbers; some differ only beyond 8 bytes, some are too long
 * for a slot. */
static struct sk_view
key_of(int number, char *text, size_t size)
{
	snprintf(text, size, number % 3 == 0 ? "the key %02d" :
	    number % 3 == 1 ? "the key %02d of more bytes than a slot has" :
	    "the key %02d, long", number);
	return sk_view_str(text);
}

struct naive {
	struct sk_absence_conf conf;
	bool known[KEYS], absent[KEYS];
	int64_t last_ns[KEYS];
	uint64_t nevents[KEYS];
	int64_t at_ns; /* the watermark */
	uint32_t n;
};

static void
naive_tell(struct naive *s, int key, int64_t last_ns, int64_t at_ns, bool back)
{
	char text[80];

	tell(s->conf.arg, key_of(key, text, sizeof(text)), last_ns, at_ns,
	    s->nevents[key], back);
}

static int
naive_add(struct naive *s, int key, int64_t t_ns)
{
	if (!s->known[key]) {
		if (s->n == s->conf.max_keys)
			return SK_ABSENCE_FULL;
		s->n++;
		s->known[key] = true;
		s->absent[key] = false;
		s->nevents[key] = 0;
		s->last_ns[key] = t_ns;
	} else if (s->absent[key] && t_ns > s->last_ns[key]) {
		naive_tell(s, key, s->last_ns[key], t_ns, true);
		s->absent[key] = false;
	}
	s->nevents[key]++;
	if (t_ns > s->last_ns[key])
		s->last_ns[key] = t_ns;
	return 0;
}

static void
naive_advance(struct naive *s, int64_t to_ns)
{
	const struct sk_absence_conf *conf = &s->conf;
	int64_t t;
	int key;

	/* From long before: late events are told late. */
	for (t = s->at_ns - 1000; t <= to_ns; t++)
		for (key = 0; key < KEYS; key++)
			if (s->known[key] && !s->absent[key] &&
			    s->last_ns[key] + conf->for_ns == t) {
				s->absent[key] = true;
				naive_tell(s, key, s->last_ns[key], t, false);
			}
	for (key = 0; key < KEYS; key++)
		if (s->known[key] && conf->ttl_ns > 0 && to_ns >=
		    s->last_ns[key] + conf->for_ns + conf->ttl_ns) {
			s->known[key] = false;
			s->n--;
		}
	s->at_ns = to_ns;
}

static struct sk_absence *
again(struct sk_absence *absence, const struct sk_absence_conf *conf)
{
	struct sk_absence *back = sk_absence_new(conf);
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_view bytes;

	sk_absence_save(absence, &one);
	bytes = sk_view(one.ptr, one.len);
	assert_true(sk_absence_load(back, &bytes));
	assert_int_equal(bytes.len, 0);
	sk_absence_save(back, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.ptr, two.ptr, one.len);
	sk_absence_free(absence);
	sk_buf_free(&one);
	sk_buf_free(&two);
	return back;
}

/* In pieces, as any. */
static void
advance(struct sk_absence *absence, int64_t from, int64_t to,
    struct sk_rng *rng)
{
	while (from < to) {
		from += 1 + (int64_t)(sk_rng_next(rng) % (uint64_t)(to -
		    from));
		assert_int_equal(sk_absence_advance(absence, from), 0);
	}
}

static void
check_run(const struct sk_absence_conf *like, uint64_t seed)
{
	struct sk_buf is = { 0 }, was = { 0 };
	struct sk_absence_conf conf = *like;
	struct naive naive = { .conf = *like };
	struct sk_absence *absence;
	struct sk_rng rng;
	char text[80];
	int64_t now = -500, t;
	int i, key, full = 0;

	conf.tell = tell;
	conf.arg = &is;
	naive.conf.arg = &was;
	naive.at_ns = now;
	absence = sk_absence_new(&conf);
	sk_rng_init(&rng, seed);
	for (i = 0; i < 3000; i++) {
		t = now + 10 - (int64_t)(sk_rng_next(&rng) % 60);
		key = (int)(sk_rng_next(&rng) % (1 + sk_rng_next(&rng) %
		    KEYS));
		full += naive_add(&naive, key, t);
		full -= sk_absence_add(absence, key_of(key, text,
		    sizeof(text)), t);
		assert_int_equal(full, 0);
		if (sk_rng_next(&rng) % 4 == 0) {
			t = now + (int64_t)(sk_rng_next(&rng) % 20);
			t += sk_rng_next(&rng) % 50 == 0 ? 200 : 0;
			advance(absence, now, t, &rng);
			if (t > now)
				naive_advance(&naive, t);
			now = t;
			assert_int_equal(is.len, was.len);
			assert_memory_equal(sk_buf_cstr(&is),
			    sk_buf_cstr(&was), is.len);
		}
		if (i % 50 == 7)
			absence = again(absence, &conf);
	}
	assert_true(is.len > 1000);
	sk_absence_free(absence);
	sk_buf_free(&is);
	sk_buf_free(&was);
}

static void
follows_the_rule(void **state)
{
	struct sk_absence_conf conf;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 24; seed++) {
		conf = (struct sk_absence_conf){ .max_keys = seed % 4 == 3 ?
		    10 : KEYS, .for_ns = (int64_t)(1 + seed * 3),
		    .ttl_ns = seed % 3 == 0 ? 0 : (int64_t)(seed * 5) };
		check_run(&conf, seed);
	}
}

static int
tell_thrice(void *arg, struct sk_view key, int64_t last_ns, int64_t at_ns,
    uint64_t nevents, bool back)
{
	int *left = arg;

	(void)key;
	(void)last_ns;
	(void)at_ns;
	(void)nevents;
	(void)back;
	return --*left == 0 ? -7 : 0;
}

static void
tells_the_rest_the_next_time(void **state)
{
	int left = 3, i;
	const struct sk_absence_conf conf = { .for_ns = 5, .max_keys = KEYS,
		.tell = tell_thrice, .arg = &left };
	struct sk_absence *absence = sk_absence_new(&conf);
	char text[80];

	(void)state;
	for (i = 0; i < 10; i++)
		sk_absence_add(absence, key_of(i, text, sizeof(text)), i / 9);
	assert_int_equal(sk_absence_advance(absence, 4), 0);
	assert_int_equal(left, 3);
	assert_int_equal(sk_absence_advance(absence, 6), -7);
	left = 100;
	assert_int_equal(sk_absence_advance(absence, 6), 0);
	assert_int_equal(left, 93);
	left = 1;
	assert_int_equal(sk_absence_add(absence, key_of(1, text,
	    sizeof(text)), 9), -7);
	sk_absence_free(absence);
}

static void
stands_at_the_ends_of_time(void **state)
{
	struct sk_buf out = { 0 };
	const struct sk_absence_conf conf = { .for_ns = INT64_MAX,
		.ttl_ns = INT64_MAX, .max_keys = 9, .tell = tell,
		.arg = &out };
	struct sk_absence *absence = sk_absence_new(&conf);

	(void)state;
	sk_absence_add(absence, sk_view("", 0), INT64_MAX);
	sk_absence_add(absence, sk_view_str("first"), INT64_MIN);
	assert_int_equal(sk_absence_advance(absence, -2), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(sk_absence_advance(absence, -1), 0);
	assert_string_equal(sk_buf_cstr(&out),
	    "first -9223372036854775808 -1 1 0\n");
	sk_absence_add(absence, sk_view_str("first"), 0);
	sk_buf_reset(&out);
	assert_int_equal(sk_absence_advance(absence, INT64_MAX), 0);
	assert_string_equal(sk_buf_cstr(&out),
	    " 9223372036854775807 9223372036854775807 1 0\n"
	    "first 0 9223372036854775807 2 0\n");
	sk_absence_free(absence);
	sk_buf_free(&out);
}

static bool
loads(const char *ptr, size_t len)
{
	struct sk_buf out = { 0 };
	const struct sk_absence_conf conf = { .for_ns = 3, .ttl_ns = 4,
		.max_keys = 3, .tell = tell, .arg = &out };
	struct sk_absence *absence = sk_absence_new(&conf);
	struct sk_view bytes;
	char *copy = sk_xalloc(len + 1, 1);
	bool loaded;

	memcpy(copy, ptr, len);
	bytes = sk_view(copy, len);
	loaded = sk_absence_load(absence, &bytes);
	free(copy);
	if (loaded) {
		sk_absence_add(absence, sk_view_str("the key 03"), 5);
		assert_int_equal(sk_absence_advance(absence, 100), 0);
	}
	sk_absence_free(absence);
	sk_buf_free(&out);
	return loaded;
}

static void
refuses_what_is_no_state(void **state)
{
	struct sk_buf out = { 0 }, buf = { 0 };
	const struct sk_absence_conf conf = { .for_ns = 3, .max_keys = 9,
		.tell = tell, .arg = &out };
	struct sk_absence *absence = sk_absence_new(&conf);
	char text[80];
	size_t at;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		sk_absence_add(absence, key_of(3 * i, text, sizeof(text)), i);
	sk_absence_advance(absence, 5);
	assert_true(out.len > 0);
	sk_absence_save(absence, &buf);
	sk_absence_free(absence);
	assert_true(loads(buf.ptr, buf.len));
	for (at = 0; at < buf.len; at++)
		assert_false(loads(buf.ptr, at));
	for (at = 0; at < buf.len; at++)
		for (i = 1; i < 256; i += 2) {
			buf.ptr[at] = (char)(buf.ptr[at] ^ i);
			loads(buf.ptr, buf.len);
			buf.ptr[at] = (char)(buf.ptr[at] ^ i);
		}
	/* The second key is made the first, of the same length. */
	memcpy(buf.ptr + 8 + 42 + 32, buf.ptr + 8 + 32, 10);
	assert_false(loads(buf.ptr, buf.len));
	sk_buf_free(&buf);
	sk_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rule),
		cmocka_unit_test(tells_the_rest_the_next_time),
		cmocka_unit_test(stands_at_the_ends_of_time),
		cmocka_unit_test(refuses_what_is_no_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
