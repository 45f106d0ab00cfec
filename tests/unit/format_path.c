#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "format/path.h"

/* A path as text: `k:` before a key, `i:` before an index, both, and a `,`
 * between steps. */
static void
describe(const struct sk_path *path, struct sk_buf *out)
{
	size_t i;

	sk_buf_reset(out);
	for (i = 0; i < path->n; i++) {
		if (i > 0)
			sk_buf_char(out, ',');
		if (path->step[i].is_key) {
			sk_buf_str(out, "k:");
			sk_buf_view(out, path->step[i].key);
		}
		if (path->step[i].is_index)
			sk_buf_fmt(out, "i:%ju",
			    (uintmax_t)path->step[i].index);
	}
}

static void
expect(const char *text, const char *steps)
{
	struct sk_buf out = { NULL, 0, 0 };
	struct sk_path path;

	assert_int_equal(sk_path_parse(sk_view_str(text), &path, NULL), 0);
	describe(&path, &out);
	assert_string_equal(sk_buf_cstr(&out), steps);
	sk_path_free(&path);
	sk_buf_free(&out);
}

static void
refused(const char *text, const char *why)
{
	struct sk_path path;
	struct sk_diag diag;
	char want[256];

	memset(&path, 0xff, sizeof(path));
	assert_int_equal(sk_path_parse(sk_view_str(text), &path, &diag),
	    SK_EUSAGE);
	snprintf(want, sizeof(want),
	    "%s: not a path (user.id, items[0].sku, /user/id): %s", text, why);
	assert_string_equal(diag.text, want);
	assert_null(path.step);
	assert_int_equal(path.n, 0);
	sk_path_free(&path);
}

static void
test_names(void **state)
{
	(void)state;
	expect("user", "k:user");
	expect("user.id", "k:user,k:id");
	expect("items[0].sku", "k:items,i:0,k:sku");
	expect("a[1][20].b[18446744073709551615]",
	    "k:a,i:1,i:20,k:b,i:18446744073709551615");
	expect("a b.c~/\"d", "k:a b,k:c~/\"d");
	expect("0.1", "k:0,k:1");
	expect("\xc3\xa4.\xff", "k:\xc3\xa4,k:\xff");
}

static void
test_pointer(void **state)
{
	(void)state;
	expect("/user/id", "k:user,k:id");
	expect("/items/0/sku", "k:items,k:0i:0,k:sku");
	expect("/id.orig_h", "k:id.orig_h");
	expect("/a[0]", "k:a[0]");
	expect("/a~1b~0c~01", "k:a/b~c~1");
	expect("/", "k:");
	expect("//", "k:,k:");
	expect("/a/", "k:a,k:");
	/* RFC 6901 section 4: no zeros in front; `-` is no element. */
	expect("/01", "k:01");
	expect("/00", "k:00");
	expect("/-", "k:-");
	expect("/10", "k:10i:10");
	expect("/18446744073709551616", "k:18446744073709551616");
}

static void
test_refused(void **state)
{
	(void)state;
	refused("", "it is empty");
	refused("[0]", "a name is missing");
	refused(".a", "a name is missing");
	refused("a.", "a name is missing");
	refused("a..b", "a name is missing");
	refused("a[0].", "a name is missing");
	refused("a.[0]", "a name is missing");
	refused("a[x]", "an index is a number from 0");
	refused("a[]", "an index is a number from 0");
	refused("a[-1]", "an index is a number from 0");
	refused("a[01]", "an index is a number from 0");
	refused("a[18446744073709551616]", "an index is a number from 0");
	refused("a[0", "a [ is not closed");
	refused("a[", "a [ is not closed");
	refused("a]", "a ] without its [");
	refused("a[0]]", "behind ] comes . or [");
	refused("a[0]b", "behind ] comes . or [");
	refused("/a~", "~ is written ~0");
	refused("/a~2", "~ is written ~0");
	refused("/~/a", "~ is written ~0");
}

static void
test_long(void **state)
{
	struct sk_buf text = { NULL, 0, 0 }, keys = { NULL, 0, 0 };
	struct sk_path path;
	struct sk_diag diag;
	size_t i;

	(void)state;
	for (i = 0; i < 1024; i++)
		sk_buf_fmt(&text, "/%zu", i);
	assert_int_equal(sk_path_parse(sk_view(text.ptr, text.len), &path,
	    &diag), 0);
	assert_int_equal(path.n, 1024);
	for (i = 0; i < 1024; i++) {
		assert_int_equal(path.step[i].index, i);
		sk_buf_view(&keys, path.step[i].key);
	}
	assert_int_equal(keys.len, 10 + 180 + 2700 + 4 * 24);
	sk_path_free(&path);
	sk_buf_str(&text, "/x");
	assert_int_equal(sk_path_parse(sk_view(text.ptr, text.len), &path,
	    &diag), SK_EUSAGE);
	sk_buf_reset(&text);
	for (i = 0; i < 1024; i++)
		sk_buf_str(&text, i == 0 ? "a" : ".a");
	assert_int_equal(sk_path_parse(sk_view(text.ptr, text.len), &path,
	    &diag), 0);
	sk_path_free(&path);
	sk_buf_str(&text, "[0]");
	assert_int_equal(sk_path_parse(sk_view(text.ptr, text.len), &path,
	    &diag), SK_EUSAGE);
	sk_buf_free(&text);
	sk_buf_free(&keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
