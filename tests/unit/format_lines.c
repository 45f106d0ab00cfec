#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "format/lines.h"

#define MAX_LEN 300
#define SPACE (64 + MAX_LEN + SK_PAD)

typedef struct sk_lines split_fn(const char *, size_t, char, bool,
    struct sk_view *, size_t);
typedef size_t count_fn(const char *, size_t, char);

static split_fn *const splits[] = { sk_lines_split, sk_lines_split_portable };
static count_fn *const counts[] = { sk_lines_count, sk_lines_count_portable };

static size_t
below(struct sk_rng *rng, size_t limit)
{
	return (size_t)(sk_rng_next(rng) % limit);
}

static struct sk_lines
naive(const char *buf, size_t len, char sep, bool keep_empty,
    struct sk_view *out, size_t cap)
{
	struct sk_lines found = { 0, 0, 0 };
	size_t i;

	for (i = 0; i < len && found.n < cap; i++) {
		if (buf[i] != sep)
			continue;
		if (keep_empty || i > found.used)
			out[found.n++] = sk_view(buf + found.used,
			    i - found.used);
		found.used = i + 1;
		found.nseps++;
	}
	return found;
}

static void
check(const char *buf, size_t len, char sep, bool keep_empty, size_t cap)
{
	struct sk_view *want = calloc(cap + 1, sizeof(*want));
	struct sk_lines expect = naive(buf, len, sep, keep_empty, want, cap);
	size_t i, k;

	for (k = 0; k < 2; k++) {
		/* Of its exact size, so that a write behind it is seen. */
		struct sk_view *out = malloc(cap > 0 ? cap * sizeof(*out) : 1);
		struct sk_lines found = splits[k](buf, len, sep, keep_empty,
		    out, cap);

		assert_int_equal(found.n, expect.n);
		/* Trailing empty lines may be consumed or not when full. */
		if (found.n < cap) {
			assert_int_equal(found.used, expect.used);
			assert_int_equal(found.nseps, expect.nseps);
		}
		assert_int_equal(found.nseps, counts[k](buf, found.used, sep));
		for (i = 0; i < found.n; i++) {
			assert_ptr_equal(out[i].ptr, want[i].ptr);
			assert_int_equal(out[i].len, want[i].len);
		}
		free(out);
	}
	free(want);
}

/* Every length and alignment; separators rare, usual, frequent; what stands
 * behind the end is full of separators, which must not be seen. */
static void
test_random(void **state)
{
	static const unsigned share[] = { 2, 5, 14, 60, 400 };
	static const size_t caps[] = { 0, 1, 63, 69, 70, 71, 130, 500 };
	char *space = malloc(SPACE);
	struct sk_rng rng;
	size_t len, i, s;

	(void)state;
	sk_rng_init(&rng, 1);
	for (len = 0; len <= MAX_LEN; len++)
		for (s = 0; s < 5; s++) {
			char *buf = space + below(&rng, 64);
			char sep = s == 3 ? '\0' : '\n';

			memset(space, sep, SPACE);
			for (i = 0; i < len; i++)
				buf[i] = below(&rng, share[s]) == 0 ?
				    sep : (char)below(&rng, 256);
			for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
				check(buf, len, sep, true, caps[i]);
				check(buf, len, sep, false, caps[i]);
			}
		}
	free(space);
}

static void
test_alignments(void **state)
{
	char *space = malloc(SPACE);
	size_t at, len;

	(void)state;
	for (at = 0; at < 64; at++)
		for (len = 0; len <= 200; len++) {
			memset(space, '\n', SPACE);
			memset(space + at, 'a', len);
			check(space + at, len, '\n', false, 128);
			if (len > 0)
				space[at + len - 1] = '\n';
			space[at + len / 2] = '\n';
			check(space + at, len, '\n', false, 128);
			check(space + at, len, '\n', true, 128);
		}
	free(space);
}

/* Nothing but separators: as many lines as bytes, and room for a few more or
 * fewer than one block has. */
static void
test_empty(void **state)
{
	char *buf = malloc(256 + SK_PAD);
	size_t cap;

	(void)state;
	memset(buf, '\n', 256 + SK_PAD);
	for (cap = 0; cap < 260; cap++) {
		check(buf, 256, '\n', true, cap);
		check(buf, 256, '\n', false, cap);
	}
	free(buf);
}

/* More lines than are found at a time, short and long, some empty. */
static void
test_many(void **state)
{
	static const unsigned share[] = { 2, 3, 20, 300 };
	static const size_t caps[] = { 511, 512, 513, 600, 1024, 2000, 9000 };
	enum { LEN = 8000 };
	char *buf = malloc(LEN + SK_PAD);
	struct sk_rng rng;
	size_t s, i;

	(void)state;
	sk_rng_init(&rng, 3);
	for (s = 0; s < sizeof(share) / sizeof(share[0]); s++) {
		for (i = 0; i < LEN + SK_PAD; i++)
			buf[i] = below(&rng, share[s]) == 0 ? '\n' : 'x';
		for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
			size_t len = LEN - below(&rng, 200);

			check(buf, len, '\n', true, caps[i]);
			check(buf, len, '\n', false, caps[i]);
		}
	}
	free(buf);
}

/* Each value of a byte, beside each other value. */
static void
test_bytes(void **state)
{
	char *buf = calloc(1, 256 + SK_PAD);
	int sep, i;

	(void)state;
	for (i = 0; i < 256; i++)
		buf[i] = (char)i;
	for (sep = 0; sep < 256; sep++) {
		check(buf, 256, (char)sep, true, 200);
		assert_int_equal(sk_lines_count(buf, 256, (char)sep), 1);
		assert_int_equal(sk_lines_count_portable(buf, 256, (char)sep),
		    1);
	}
	free(buf);
}

/* Calls that go on where the last one stopped find every line once. */
static void
test_resume(void **state)
{
	char *buf = malloc(100000 + SK_PAD);
	size_t caps[] = { 1, 7, 70, 71, 100, 4096 };
	struct sk_view *out = calloc(4096, sizeof(*out));
	struct sk_rng rng;
	size_t i, c, k;

	(void)state;
	sk_rng_init(&rng, 2);
	for (i = 0; i < 100000 + SK_PAD; i++)
		buf[i] = below(&rng, 9) == 0 ? '\n' : 'x';
	for (c = 0; c < 6; c++)
		for (k = 0; k < 2; k++) {
			size_t used = 0, n = 0, seps = 0, bytes = 0;
			struct sk_lines l;

			do {
				l = splits[k](buf + used, 100000 - used, '\n',
				    false, out, caps[c]);
				used += l.used;
				n += l.n;
				seps += l.nseps;
				for (i = 0; i < l.n; i++)
					bytes += out[i].len;
			} while (l.n == caps[c]);
			assert_int_equal(seps, counts[k](buf, 100000, '\n'));
			assert_int_equal(bytes + seps, used);
			assert_true(n < seps);
		}
	free(out);
	free(buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_alignments),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
