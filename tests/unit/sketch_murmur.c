#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sketch/murmur.h"

static const struct {
	const char *text;
	uint64_t h1, h2;
} known[] = {
	{ "1", 0x13864298760fa6aa, 0xa417b5af5ea93d4b },
	{ "a", 0xf6020f0aa43b822f, 0xc51f4ded6e1eb0fe },
	{ "hello", 0x21b77bd4a835c1aa, 0xc3001500fe032ef2 },
	{ "1000000", 0x6317a8357edcd477, 0xd696957d0d174efe },
	{ "10.20.30.40", 0x9d46ec0a7f987efb, 0x01a179e33b5aceb5 },
	{ "The quick brown fox jumps over the lazy dog", 0x2f67dcdbc56dbf23,
	    0x8a0a2fafd6b2155c },
	{ "", 0x1e70a32266491bb9, 0x609736b252406b94 },
};

static void
test_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct sk_murmur h =
		    sk_murmur(known[i].text, strlen(known[i].text), 9001);

		assert_int_equal(h.h1, known[i].h1);
		assert_int_equal(h.h2, known[i].h2);
	}
}

/* MurmurHash3's own verification value: hash keys 0, 01, 0102, ... of lengths
 * 0 to 255 with seed 256 - length, then hash the 256 results. */
static void
test_published_verification_value(void **state)
{
	unsigned char key[256], results[256 * 16], last[16];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		key[i] = (unsigned char)i;
		struct sk_murmur h = sk_murmur(key, i, 256 - i);

		sk_put64(results + 16 * i, h.h1);
		sk_put64(results + 16 * i + 8, h.h2);
	}
	struct sk_murmur h = sk_murmur(results, sizeof(results), 0);

	sk_put64(last, h.h1);
	assert_int_equal(sk_get32(last), 0x6384BA69);
}

static void
test_padded_ignores_what_follows(void **state)
{
	char bytes[200 + SK_PAD];
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 7);
	for (size_t len = 0; len <= 200; len++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (char)sk_rng_next(&rng);
		struct sk_murmur want = sk_murmur(bytes, len, 9001);
		struct sk_murmur got = sk_murmur_padded(bytes, len, 9001);

		assert_int_equal(got.h1, want.h1);
		assert_int_equal(got.h2, want.h2);
	}
}

/* Under the address sanitizer this fails if a byte behind is read. */
static void
test_reads_no_byte_too_many(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 64; len++) {
		char *bytes = malloc(len + (len == 0));
		struct sk_murmur h;

		assert_non_null(bytes);
		memset(bytes, 'x', len);
		h = sk_murmur(bytes, len, 1);
		assert_true(h.h1 != h.h2);
		free(bytes);
	}
	assert_int_equal(sk_murmur(NULL, 0, 9001).h1, known[6].h1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_published_verification_value),
		cmocka_unit_test(test_padded_ignores_what_follows),
		cmocka_unit_test(test_reads_no_byte_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
