#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/rng.h"

/* RFC 4648, section 10. */
static const struct {
	const char *bytes, *text;
} known[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
	{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" } };

#define NKNOWN (sizeof(known) / sizeof(known[0]))

static void
known_texts(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NKNOWN; i++) {
		struct sk_buf text = { 0 }, bytes = { 0 };

		sk_base64_put(&text, sk_view_str(known[i].bytes));
		assert_string_equal(sk_buf_cstr(&text), known[i].text);
		assert_int_equal(sk_base64_get(&bytes,
		    sk_view(text.ptr, text.len)), 0);
		assert_string_equal(sk_buf_cstr(&bytes), known[i].bytes);
		sk_buf_free(&text);
		sk_buf_free(&bytes);
	}
}

static void
any_bytes_come_back(void **state)
{
	struct sk_rng rng;
	size_t len, i;

	(void)state;
	sk_rng_init(&rng, 1);
	for (len = 0; len < 300; len++) {
		struct sk_buf in = { 0 }, text = { 0 }, out = { 0 };

		for (i = 0; i < len; i++)
			sk_buf_char(&in, (char)sk_rng_next(&rng));
		sk_base64_put(&text, sk_view(in.ptr, in.len));
		while (len % 2 == 0 && text.len > 0 &&
		    text.ptr[text.len - 1] == '=')
			text.len--;
		assert_int_equal(sk_base64_get(&out,
		    sk_view(text.ptr, text.len)), 0);
		assert_true(sk_view_equal(sk_view(in.ptr, in.len),
		    sk_view(out.ptr, out.len)));
		sk_buf_free(&in);
		sk_buf_free(&text);
		sk_buf_free(&out);
	}
}

static void
other_texts_are_refused(void **state)
{
	static const char *const bad[] = { "A", "AAAAA", "Zm9v YmFy", "Zg=a",
		"=", "====", "Zm9*", "Zg=", "-_-_" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sk_buf out = { 0 };

		sk_buf_char(&out, 'x');
		assert_int_equal(sk_base64_get(&out, sk_view_str(bad[i])),
		    SK_EDATA);
		assert_int_equal(out.len, 1);
		sk_buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts),
		cmocka_unit_test(any_bytes_come_back),
		cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
