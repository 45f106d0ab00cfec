/*
 * HLL sketches against images and figures that another implementation made:
 * ../shared/vectors; skipped where that is absent.  Each input is built again,
 * added, and compared to the last bit and byte.
 */
#include "sketch/hll.h"
#include "vectors.h"

static enum sk_hll_type
type_of(char **row)
{
	unsigned bits = vectors_param(row, "type=hll");

	return bits == 4 ? SK_HLL_4 : bits == 6 ? SK_HLL_6 : SK_HLL_8;
}

static bool
is_union(char **row)
{
	return !strncmp(row[INPUT], "union", 5);
}

/* The items of seq:a..b and path:a..b, a few at a time. */
static void
add_items(struct sk_hll *hll, const char *input)
{
	enum { AT_ONCE = 37 };
	static char text[AT_ONCE][48 + SK_PAD];
	struct sk_view items[AT_ONCE];
	unsigned from, to, n = 0;
	bool path = sscanf(input, "path:%u..%u", &from, &to) == 2;

	if (!path && sscanf(input, "seq:%u..%u", &from, &to) != 2) {
		assert_string_equal(input, "no items");
		return;
	}
	for (unsigned i = from; i <= to; i++) {
		if (path)
			snprintf(text[n], 48, "/srv/%u/img-%u.png", i % 97, i);
		else
			snprintf(text[n], 48, "%u", i);
		items[n] = sk_view_str(text[n]);
		if (++n < AT_ONCE && i < to)
			continue;
		sk_hll_add_batch(hll, items, n);
		n = 0;
	}
}

static char **
row_of_file(const char *name, size_t len)
{
	for (size_t i = 0; i < nrows; i++)
		if (strlen(rows[i][FILE_NAME]) == len + 4 &&
		    !strncmp(rows[i][FILE_NAME] + 4, name, len))
			return rows[i];
	fail_msg("%s is not in the index", name);
	return NULL;
}

static void
build(struct sk_hll *hll, char **row)
{
	unsigned lgk;
	char *at;
	struct sk_hll part;

	if (!is_union(row)) {
		sk_hll_init(hll, vectors_param(row, "lgk="), type_of(row));
		add_items(hll, row[INPUT]);
		return;
	}
	assert_int_equal(sscanf(row[INPUT], "union(lgMaxK=%u)", &lgk), 1);
	sk_hll_init(hll, lgk, SK_HLL_8);
	at = strstr(row[INPUT], " of ") + 3;
	while (*at == ' ') {
		size_t len = strcspn(++at, " ");

		build(&part, row_of_file(at, len));
		sk_hll_merge(hll, &part);
		sk_hll_free(&part);
		at += len;
	}
	sk_hll_convert(hll, type_of(row));
}

static void
assert_figures(const struct sk_hll *hll, char **row)
{
	double got[8] = { sk_hll_estimate(hll) };

	for (unsigned sds = 1; sds <= 3; sds++) {
		struct sk_hll_bounds b = sk_hll_bounds(hll, sds);

		got[2 * sds - 1] = b.lower;
		got[2 * sds] = b.upper;
	}
	got[7] = sk_hll_composite(hll);
	for (int i = 0; i < 8; i++)
		if (got[i] != strtod(row[ESTIMATE + i], NULL))
			fail_msg("%s: figure %d is %.17g, not %s",
			    row[FILE_NAME], i, got[i], row[ESTIMATE + i]);
}

static void
assert_image(const struct sk_hll *hll, char **row, struct sk_view want)
{
	struct sk_buf got = { 0 };

	sk_hll_save(hll, &got, strstr(row[PARAMS], "updatable") != NULL);
	if (!sk_view_equal(sk_view(got.ptr, got.len), want))
		fail_msg("%s: another image", row[FILE_NAME]);
	sk_buf_free(&got);
}

static void
test_figures_and_images(void **state)
{
	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i++) {
		struct sk_buf image = { 0 };
		struct sk_hll hll;

		vectors_read(rows[i], &image);
		build(&hll, rows[i]);
		assert_figures(&hll, rows[i]);
		assert_image(&hll, rows[i], sk_view(image.ptr, image.len));
		sk_hll_free(&hll);
		sk_buf_free(&image);
	}
}

/* What is read gives the same figures, and the same bytes when written; but
 * the cells of a compact SET go into a table in another order. */
static void
test_images_are_read(void **state)
{
	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i++) {
		struct sk_buf image = { 0 };
		struct sk_view bytes;
		struct sk_hll hll;
		struct sk_diag diag;

		vectors_read(rows[i], &image);
		bytes = sk_view(image.ptr, image.len);
		if (sk_hll_load(&hll, bytes, &diag) != 0)
			fail_msg("%s: %s", rows[i][FILE_NAME], diag.text);
		assert_figures(&hll, rows[i]);
		if (strstr(rows[i][PARAMS], "compact mode=SET") == NULL)
			assert_image(&hll, rows[i], bytes);
		sk_hll_free(&hll);
		sk_buf_free(&image);
	}
}

/* Cut anywhere, an image is refused; with any byte changed it is refused or is
 * a sketch that can be used (the sanitizers watch). */
static void
test_damaged_images(void **state)
{
	(void)state;
	vectors_need();
	for (size_t i = 0; i < nrows; i += 7) {
		struct sk_buf image = { 0 };
		char *copy;
		struct sk_hll hll;

		vectors_read(rows[i], &image);
		for (size_t cut = 0; cut < image.len;
		    cut += 1 + image.len / 97) {
			copy = sk_xalloc(1, cut + (cut == 0));
			memcpy(copy, image.ptr, cut);
			assert_true(sk_hll_load(&hll, sk_view(copy, cut),
			    NULL) < 0);
			free(copy);
		}
		for (size_t at = 0; at < image.len;
		    at += at < 64 ? 1 : 1 + image.len / 97)
			for (unsigned bit = 0; bit < 8; bit++) {
				image.ptr[at] ^= (char)(1u << bit);
				if (sk_hll_load(&hll,
				    sk_view(image.ptr, image.len), NULL) == 0) {
					sk_hll_add(&hll, sk_view_str("x"));
					assert_true(
					    sk_hll_bounds(&hll, 3).lower >= 0);
					sk_hll_free(&hll);
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
		cmocka_unit_test(test_damaged_images),
	};

	vectors_of = "hll";
	return cmocka_run_group_tests(tests, vectors_setup, vectors_teardown);
}
