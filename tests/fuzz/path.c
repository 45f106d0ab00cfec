/* Paths of any bytes: what is taken is written again, with the same steps. */
#include <string.h>

#include "base/err.h"
#include "format/path.h"
#include "libfuzz.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = { "user.geo.city", "/a~1b/0/m~0n",
		"items[0][12].sku", "/", "a.b[18446744073709551615]" };

	sk_buf_str(out, text[n % 5]);
}

/* As JSON Pointer, which can say every key. */
static void
put_pointer(const struct sk_path *path, struct sk_buf *out)
{
	size_t i, k;

	for (i = 0; i < path->n; i++) {
		const struct sk_path_step *step = &path->step[i];

		sk_buf_char(out, '/');
		if (!step->is_key)
			sk_buf_fmt(out, "%ju", (uintmax_t)step->index);
		for (k = 0; k < step->key.len; k++)
			if (step->key.ptr[k] == '~')
				sk_buf_str(out, "~0");
			else if (step->key.ptr[k] == '/')
				sk_buf_str(out, "~1");
			else
				sk_buf_char(out, step->key.ptr[k]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_view text = sk_view((const char *)data, size);
	struct sk_buf pointer = { NULL, 0, 0 };
	struct sk_path path, again;
	struct sk_diag diag;
	size_t i;
	int err;

	err = sk_path_parse(text, &path, &diag);
	fuzz_check(err == 0 || err == SK_EUSAGE, "another error");
	if (err != 0) {
		fuzz_check(path.step == NULL && path.n == 0, "not zeroed");
		return 0;
	}
	fuzz_check(path.n >= 1 && path.n <= 1024, "the number of steps");
	put_pointer(&path, &pointer);
	if (*text.ptr == '/')
		fuzz_check(sk_view_equal(text,
		    sk_view(pointer.ptr, pointer.len)), "another pointer");
	fuzz_check(sk_path_parse(sk_view(pointer.ptr, pointer.len), &again,
	    &diag) == 0 && again.n == path.n, "not taken again");
	for (i = 0; i < path.n; i++) {
		const struct sk_path_step *a = &path.step[i];
		const struct sk_path_step *b = &again.step[i];

		fuzz_check(a->is_key || a->is_index, "a step of no kind");
		fuzz_check(!a->is_key || sk_view_equal(a->key, b->key),
		    "another key");
		fuzz_check(!a->is_index || (b->is_index &&
		    a->index == b->index), "another index");
	}
	sk_path_free(&path);
	sk_path_free(&again);
	sk_buf_free(&pointer);
	return 0;
}
