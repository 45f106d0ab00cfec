/* The images that other implementations made: the same numbers in the same
 * order give the same bytes.  (Their quantiles were interpolated with the two
 * weights swapped; only the ends are compared.) */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sketch/tdigest.h"
#include "vectors.h"

static bool
with_buffer(char **row)
{
	return strstr(row[PARAMS], "with_buffer") != NULL;
}

static double
value_of(char **row, uint32_t i)
{
	uint32_t h = UINT32_C(2654435761) * i + 12345;

	if (strstr(row[INPUT], "lat:") == NULL)
		return i;
	return 1 / (1 - (double)h / 4294967296.0);
}

static void
build(struct sk_tdigest *digest, char **row)
{
	const char *at = strchr(row[INPUT], ':');
	uint32_t from = 1, to = 0, i;

	sk_tdigest_init(digest, vectors_param(row, "k="));
	if (at != NULL)
		assert_int_equal(sscanf(at, ":%u..%u", &from, &to), 2);
	for (i = from; i <= to; i++)
		sk_tdigest_add(digest, value_of(row, i));
}

static void
assert_digest(const struct sk_tdigest *digest, char **row, struct sk_view want)
{
	struct sk_buf got = { 0 };

	assert_int_equal(digest->n, strtoull(row[TRUTH], NULL, 10));
	if (digest->n > 0 && strstr(row[FIGURES], "min=") != NULL) {
		assert_true(digest->min == vectors_figure(row, "min="));
		assert_true(digest->max == vectors_figure(row, "max="));
	}
	sk_tdigest_save(digest, &got, with_buffer(row));
	if (!sk_view_equal(sk_view(got.ptr, got.len), want))
		fail_msg("%s: another image", row[FILE_NAME]);
	sk_buf_free(&got);
}

/* What is made is what was made, and what is read is written again. */
static void
test_images(void **state)
{
	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i++) {
		struct sk_buf image = { 0 };
		struct sk_view bytes;
		struct sk_tdigest digest;
		struct sk_diag diag;

		vectors_read(rows[i], &image);
		bytes = sk_view(image.ptr, image.len);
		build(&digest, rows[i]);
		assert_digest(&digest, rows[i], bytes);
		sk_tdigest_free(&digest);
		if (sk_tdigest_load(&digest, bytes, &diag) != 0)
			fail_msg("%s: %s", rows[i][FILE_NAME], diag.text);
		assert_int_equal(digest.k, vectors_param(rows[i], "k="));
		assert_digest(&digest, rows[i], bytes);
		sk_tdigest_free(&digest);
		sk_buf_free(&image);
	}
}

/* An image with its buffer is the compressed one before it is compressed; but
 * a single number is read as one that was. */
static void
test_pairs(void **state)
{
	(void)state;
	vectors_need();
	for (size_t i = 0; i + 1 < nrows; i++) {
		struct sk_buf image = { 0 }, next = { 0 };
		struct sk_tdigest digest;

		if (!with_buffer(rows[i]) || !strcmp(rows[i][TRUTH], "1"))
			continue;
		vectors_read(rows[i], &image);
		vectors_read(rows[i + 1], &next);
		assert_int_equal(sk_tdigest_load(&digest,
		    sk_view(image.ptr, image.len), NULL), 0);
		assert_digest(&digest, rows[i + 1],
		    sk_view(next.ptr, next.len));
		sk_tdigest_free(&digest);
		sk_buf_free(&image);
		sk_buf_free(&next);
	}
}

/* Cut anywhere, an image is refused; with any bit changed it is refused or is
 * a digest that can be used (the sanitizers watch). */
static void
test_damaged_images(void **state)
{
	struct sk_tdigest digest;
	size_t cut, at, step;

	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i++) {
		struct sk_buf image = { 0 };
		char *copy;

		vectors_read(rows[i], &image);
		step = 1 + image.len / 97;
		for (cut = 0; cut < image.len; cut += step) {
			copy = sk_xalloc(1, cut + (cut == 0));
			memcpy(copy, image.ptr, cut);
			assert_true(sk_tdigest_load(&digest,
			    sk_view(copy, cut), NULL) < 0);
			free(copy);
		}
		for (at = 0; at < image.len; at += at < 64 ? 1 : step)
			for (unsigned bit = 0; bit < 8; bit++) {
				image.ptr[at] ^= (char)(1u << bit);
				if (sk_tdigest_load(&digest,
				    sk_view(image.ptr, image.len), NULL) == 0) {
					sk_tdigest_add(&digest, 3);
					sk_tdigest_compress(&digest);
					assert_true(sk_tdigest_quantile(
					    &digest, 0.5) <= digest.max);
					sk_tdigest_free(&digest);
				}
				image.ptr[at] ^= (char)(1u << bit);
			}
		sk_buf_free(&image);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_damaged_images),
	};

	vectors_of = "tdigest_double";
	return cmocka_run_group_tests(tests, vectors_setup, vectors_teardown);
}
