/* Bytes that are not plain are found, whatever stands around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "format/plain.h"

#define LEN_MAX 150

typedef size_t copy_fn(const struct sk_plain *plain, char *to,
    const char *text, size_t len);

static copy_fn *const copies[] = { sk_plain_copy, sk_plain_copy_portable };

static int
in_json(int c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

static int
in_tsv(int c)
{
	return c == '\t' || c == '\n' || c == '\r' || c == '\\';
}

/* Every byte alone, at every place of texts of every length. */
static void
check_set(const struct sk_plain *plain, int comma, int (*in)(int c))
{
	char text[LEN_MAX + SK_PAD], to[LEN_MAX + SK_PAD];
	size_t len, at, f;
	int c;

	for (c = 0; c < 256; c++) {
		int care = in != NULL ? in(c) : c == comma || c == '"' ||
		    c == '\n' || c == '\r';

		for (f = 0; f < 2; f++)
			for (len = 1; len < LEN_MAX; len += 1 + len / 8)
				for (at = 0; at <= len; at++) {
					memset(text, 'x', sizeof(text));
					text[at] = (char)c;
					assert_int_equal(copies[f](plain, to,
					    text, len), care ? at : len);
					assert_memory_equal(to, text,
					    care ? at : len);
				}
	}
}

static void
test_json(void **state)
{
	(void)state;
	check_set(&sk_plain_json, 0, in_json);
}

static void
test_tsv(void **state)
{
	(void)state;
	check_set(&sk_plain_tsv, 0, in_tsv);
}

static void
test_csv(void **state)
{
	static const char commas[] = ",;\t|\xa7\x02\"";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(commas); i++) {
		struct sk_plain plain = sk_plain_csv(commas[i]);

		check_set(&plain, (unsigned char)commas[i], NULL);
	}
}

static void
test_first_of_several(void **state)
{
	char text[LEN_MAX + SK_PAD], to[LEN_MAX + SK_PAD];
	struct sk_rng rng;
	size_t i, n, len, want;

	(void)state;
	sk_rng_init(&rng, 5);
	for (n = 0; n < 20000; n++) {
		len = sk_rng_next(&rng) % LEN_MAX;
		for (i = 0; i < sizeof(text); i++)
			text[i] = sk_rng_next(&rng) % 40 == 0 ? '\t' : 'a';
		for (want = 0; want < len && text[want] == 'a'; want++)
			;
		assert_int_equal(sk_plain_copy(&sk_plain_tsv, to, text, len),
		    want);
		assert_int_equal(sk_plain_copy_portable(&sk_plain_tsv, to,
		    text, len), want);
	}
}

/* Lines of few letters, cut at TABs by hand and by both. */
static void
test_cells(void **state)
{
	static const char letters[] = "aaaaaa\t\t\\\"\n";
	struct sk_plain plain = sk_plain_json;
	struct sk_plain_cell got[3][200];
	char text[LEN_MAX + SK_PAD];
	size_t n, i, len, cap, want, begin;
	struct sk_rng rng;
	bool all;

	(void)state;
	sk_rng_init(&rng, 6);
	for (n = 0; n < 20000; n++) {
		size_t nletters = 3 + sk_rng_next(&rng) % 9;

		len = sk_rng_next(&rng) % LEN_MAX;
		cap = 1 + sk_rng_next(&rng) % 20;
		for (i = 0; i < sizeof(text); i++)
			text[i] = letters[sk_rng_next(&rng) % nletters];
		want = begin = 0;
		all = true;
		for (i = 0; i <= len && want < cap; i++)
			if (i == len || text[i] == '\t') {
				got[2][want].text = sk_view(text + begin,
				    i - begin);
				got[2][want++].plain = all;
				begin = i + 1;
				all = true;
			} else if (in_json(text[i]))
				all = false;
		assert_int_equal(sk_plain_cells(&plain, '\t',
		    sk_view(text, len), got[0], cap), want);
		assert_int_equal(sk_plain_cells_portable(&plain, '\t',
		    sk_view(text, len), got[1], cap), want);
		for (i = 0; i < 2 * want; i++) {
			struct sk_plain_cell *a = &got[i % 2][i / 2];
			struct sk_plain_cell *b = &got[2][i / 2];

			assert_ptr_equal(a->text.ptr, b->text.ptr);
			assert_int_equal(a->text.len, b->text.len);
			assert_int_equal(a->plain, b->plain);
		}
	}
}

static void
test_added(void **state)
{
	struct sk_plain plain = sk_plain_csv(';');
	char text[3 + SK_PAD] = "a\\b", to[3 + SK_PAD];

	(void)state;
	assert_int_equal(sk_plain_copy(&plain, to, text, 3), 3);
	sk_plain_add(&plain, '\\');
	assert_int_equal(sk_plain_copy(&plain, to, text, 3), 1);
	text[1] = ';';
	assert_int_equal(sk_plain_copy(&plain, to, text, 3), 1);
	text[1] = ',';
	assert_int_equal(sk_plain_copy(&plain, to, text, 3), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_tsv),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_first_of_several),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_added),
	};

	return cmocka_run_group_tests_name("format/plain", tests, NULL, NULL);
}
