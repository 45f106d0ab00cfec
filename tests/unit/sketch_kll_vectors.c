/* The images and figures that other implementations made: a sketch that spares
 * nothing, with coins that take turns, has the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sketch/kll.h"
#include "vectors.h"

static unsigned
k_of(char **row)
{
	return vectors_param(row, "k=");
}

static struct sk_kll_plan
plain(unsigned k)
{
	struct sk_kll_plan plan = { .k = (uint16_t)k };

	return plan;
}

/* The numbers of a row, after those that the coin has seen. */
static void
build(struct sk_kll *kll, char **row)
{
	struct sk_kll_plan plan = plain(k_of(row));
	unsigned from = 1, to = 0, i;
	bool perm = strstr(row[INPUT], "perm1000003:") != NULL;
	const char *at = strstr(row[INPUT], perm ? "003:" : "int:");

	sk_kll_init(kll, &plan);
	if (at == NULL)
		assert_non_null(strstr(row[INPUT], "no items"));
	else
		assert_int_equal(sscanf(strchr(at, ':'), ":%u..%u", &from,
		    &to), 2);
	for (i = from; i <= to; i++)
		sk_kll_add(kll, perm ? (double)(7919 * (uint64_t)i % 1000003) :
		    (double)i);
}

static void
assert_figure(const struct sk_kll *kll, char **row, const char *name,
    double got)
{
	double want = vectors_figure(row, name);
	char text[40];

	(void)kll;
	snprintf(text, sizeof(text), "%.10g", got);
	if (got != want && strtod(text, NULL) != want)
		fail_msg("%s: %s is %.17g, not %.17g", row[FILE_NAME], name,
		    got, want);
}

static void
assert_figures(const struct sk_kll *kll, char **row)
{
	static const char *const rank[] = { "0", "0.001", "0.01", "0.05",
		"0.25", "0.5", "0.75", "0.9", "0.95", "0.99", "0.999", "1" };
	struct sk_ranks ranks;
	char name[16];

	assert_int_equal(kll->n, strtoull(row[TRUTH], NULL, 10));
	assert_int_equal(sk_kll_held(kll), vectors_param(row, "retained="));
	assert_figure(kll, row, "eps=", sk_kll_error(kll));
	assert_figure(kll, row, "eps_pmf=", sk_kll_error_pmf(kll));
	if (kll->n == 0)
		return;
	assert_figure(kll, row, "min=", kll->min);
	assert_figure(kll, row, "max=", kll->max);
	sk_kll_ranks(kll, &ranks);
	assert_true(ranks.total == kll->n);
	for (size_t i = 0; i < sizeof(rank) / sizeof(rank[0]); i++) {
		double r = strtod(rank[i], NULL);

		snprintf(name, sizeof(name), "qi%s=", rank[i]);
		assert_figure(kll, row, name,
		    sk_ranks_quantile(&ranks, r, true));
		snprintf(name, sizeof(name), "qe%s=", rank[i]);
		assert_figure(kll, row, name,
		    sk_ranks_quantile(&ranks, r, false));
	}
	sk_ranks_free(&ranks);
}

static void
assert_image(const struct sk_kll *kll, char **row, struct sk_view want)
{
	struct sk_buf got = { 0 };

	sk_kll_save(kll, &got);
	if (!sk_view_equal(sk_view(got.ptr, got.len), want))
		fail_msg("%s: another image", row[FILE_NAME]);
	sk_buf_free(&got);
}

/* What is made is what was made. */
static void
test_figures_and_images(void **state)
{
	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i++) {
		struct sk_buf image = { 0 };
		struct sk_kll kll;

		if (strstr(rows[i][FILE_NAME], "merge") != NULL)
			continue;
		vectors_read(rows[i], &image);
		build(&kll, rows[i]);
		assert_figures(&kll, rows[i]);
		assert_image(&kll, rows[i], sk_view(image.ptr, image.len));
		sk_kll_free(&kll);
		sk_buf_free(&image);
	}
}

/* What is read is what was written, and is written so again. */
static void
test_images_are_read(void **state)
{
	struct sk_kll_plan plan = plain(SK_KLL_K);

	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i++) {
		struct sk_buf image = { 0 };
		struct sk_kll kll;
		struct sk_diag diag;

		vectors_read(rows[i], &image);
		if (sk_kll_load(&kll, &plan, sk_view(image.ptr, image.len),
		    &diag) != 0)
			fail_msg("%s: %s", rows[i][FILE_NAME], diag.text);
		assert_int_equal(kll.k, k_of(rows[i]));
		assert_figures(&kll, rows[i]);
		assert_image(&kll, rows[i], sk_view(image.ptr, image.len));
		sk_kll_free(&kll);
		sk_buf_free(&image);
	}
}

/* One coin through two sketches and their merge. */
static void
test_merge(void **state)
{
	static const char *const names[] = { "kll_merge_in0", "kll_merge_in1",
		"kll_merge_out" };
	struct sk_kll kll[2];
	char **row = NULL;

	(void)state;
	vectors_need();
	for (size_t i = 0; i < 3; i++) {
		struct sk_buf image = { 0 };

		row = vectors_find(names[i]);
		vectors_read(row, &image);
		if (i == 0)
			build(&kll[0], row);
		else if (i == 1) {
			struct sk_kll_plan plan = plain(200);

			sk_kll_init(&kll[1], &plan);
			kll[1].coin = kll[0].coin;
			for (unsigned v = 10001; v <= 30000; v++)
				sk_kll_add(&kll[1], v);
		} else {
			kll[0].coin = kll[1].coin;
			assert_true(sk_kll_merge(&kll[0], &kll[1]));
			sk_kll_free(&kll[1]);
		}
		assert_figures(&kll[i & 1], row);
		assert_image(&kll[i & 1], row, sk_view(image.ptr, image.len));
		sk_buf_free(&image);
	}
	sk_kll_free(&kll[0]);
}

/* Cut anywhere, an image is refused; with any bit changed it is refused or is
 * a sketch that can be used (the sanitizers watch). */
static void
test_damaged_images(void **state)
{
	struct sk_kll_plan plan = sk_kll_plan(SK_KLL_K, 512, 1);
	struct sk_kll kll;
	struct sk_ranks ranks;
	size_t cut, at, step;

	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i += 3) {
		struct sk_buf image = { 0 };
		char *copy;

		vectors_read(rows[i], &image);
		step = 1 + image.len / 97;
		for (cut = 0; cut < image.len; cut += step) {
			copy = sk_xalloc(1, cut + (cut == 0));
			memcpy(copy, image.ptr, cut);
			assert_true(sk_kll_load(&kll, &plan,
			    sk_view(copy, cut), NULL) < 0);
			free(copy);
		}
		for (at = 0; at < image.len; at += at < 64 ? 1 : step)
			for (unsigned bit = 0; bit < 8; bit++) {
				image.ptr[at] ^= (char)(1u << bit);
				if (sk_kll_load(&kll, &plan,
				    sk_view(image.ptr, image.len), NULL) == 0) {
					for (int j = 0; j < 600; j++)
						sk_kll_add(&kll, j);
					sk_kll_ranks(&kll, &ranks);
					assert_true(ranks.total == kll.n);
					sk_ranks_free(&ranks);
					sk_kll_free(&kll);
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
		cmocka_unit_test(test_figures_and_images),
		cmocka_unit_test(test_images_are_read),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_damaged_images),
	};

	vectors_of = "kll_double";
	return cmocka_run_group_tests(tests, vectors_setup, vectors_teardown);
}
