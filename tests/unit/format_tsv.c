#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "format/record.h"
#include "format/tsv.h"

static void
expect(const char *cell, const char *want)
{
	struct sk_buf out = { 0 };
	struct sk_view view = sk_view_str(cell), text;
	char space[40];

	/* What stands behind the cell is not looked at. */
	memset(space, 't', sizeof(space));
	memcpy(space, view.ptr, view.len);
	view.ptr = space;
	sk_buf_str(&out, "before");
	text = sk_tsv_unescape(view, &out);
	assert_int_equal(text.len, strlen(want));
	assert_memory_equal(text.ptr, want, text.len);
	if (strchr(cell, '\\') == NULL) {
		assert_ptr_equal(text.ptr, space);
		assert_int_equal(out.len, 6);
	} else {
		assert_ptr_equal(text.ptr, out.ptr + 6);
		assert_int_equal(out.len, 6 + text.len);
	}
	sk_buf_free(&out);
}

static void
test_examples(void **state)
{
	struct sk_buf out = { 0 };

	(void)state;
	expect("", "");
	expect("plain", "plain");
	expect("a\\tb\\nc\\rd\\\\e", "a\tb\nc\rd\\e");
	expect("\\\\t", "\\t");
	expect("\\\\\\t", "\\\t");
	expect("\\", "\\");
	expect("a\\", "a\\");
	expect("\\x\\u0041\\N\\\\", "\\x\\u0041\\N\\");
	assert_null(sk_tsv_unescape(sk_view(NULL, 0), &out).ptr);
	sk_buf_free(&out);
}

/* What a record writes comes back; with room reserved views stay. */
static void
test_back(void **state)
{
	struct sk_buf cell = { 0 }, out = { 0 };
	struct sk_rng rng;
	size_t round, i;
	char text[40];

	(void)state;
	sk_rng_init(&rng, 8);
	for (round = 0; round < 20000; round++) {
		size_t len = (size_t)(sk_rng_next(&rng) % sizeof(text));
		struct sk_view back;
		char *before;

		for (i = 0; i < len; i++)
			text[i] = "\\\\tnr\t\n\ra\0\xff"[sk_rng_next(&rng) %
			    11];
		sk_buf_reset(&cell);
		sk_record_put_tsv(&cell, sk_view(text, len));
		sk_buf_reset(&out);
		sk_buf_reserve(&out, cell.len + 1);
		before = out.ptr;
		back = sk_tsv_unescape(sk_view(cell.ptr, cell.len), &out);
		assert_ptr_equal(out.ptr, before);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.ptr, text, len);
	}
	sk_buf_free(&cell);
	sk_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
