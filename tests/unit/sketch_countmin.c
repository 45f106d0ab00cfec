/*
 * Count-Min against images and figures that another implementation made
 * (../shared/vectors; skipped where that is absent), byte for byte, and against
 * exact counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "counted.h"
#include "sketch/countmin.h"

#define FOLDER "../shared/vectors/cms/"
#define MAX_ITEM 64

struct vector {
	const char *name;
	uint32_t rows, buckets;
	unsigned n;
	uint64_t total, counts[4]; /* of 1, 2, 3 and 7 */
};

static const struct vector vectors[] = {
	{ "cms_seq_h4_b64_n0.sk", 4, 64, 0, 0, { 0, 0, 0, 0 } },
	{ "cms_seq_h4_b64_n1000.sk", 4, 64, 1000, 3000, { 41, 54, 30, 38 } },
	{ "cms_seq_h3_b271_n5000.sk", 3, 271, 5000, 15000,
	    { 29, 53, 54, 44 } },
};

static bool
read_file(const char *name, struct sk_buf *buf)
{
	char path[200], bytes[65536];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	file = fopen(path, "rb");
	if (file == NULL)
		return false;
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		sk_buf_add(buf, bytes, n);
	fclose(file);
	return true;
}

static void
check_vector(const struct vector *v, const struct sk_buf *image)
{
	static const char *const items[] = { "1", "2", "3", "7" };
	struct sk_countmin cm, back;
	struct sk_buf got = { 0 };
	struct sk_diag diag;
	unsigned i;
	char text[16];

	sk_countmin_init(&cm, v->buckets, v->rows, 0, MAX_ITEM, 0);
	sk_countmin_init(&back, v->n > 0 ? 3 : v->buckets, v->n > 0 ? 1 :
	    v->rows, 0, MAX_ITEM, 0);
	for (i = 1; i <= v->n; i++) {
		snprintf(text, sizeof(text), "%u", i);
		sk_countmin_add(&cm, sk_view_str(text), 1 + i % 5);
	}
	sk_countmin_save(&cm, &got);
	assert_int_equal(got.len, image->len);
	assert_memory_equal(got.ptr, image->ptr, got.len);
	assert_int_equal(sk_countmin_fold(&back,
	    sk_view(image->ptr, image->len), &diag), 0);
	assert_int_equal(back.total, v->total);
	for (i = 0; i < 4; i++)
		assert_int_equal(sk_countmin_count(&back,
		    sk_view_str(items[i])), v->counts[i]);
	sk_buf_reset(&got);
	sk_countmin_save(&back, &got);
	assert_memory_equal(got.ptr, image->ptr, image->len);
	sk_countmin_free(&cm);
	sk_countmin_free(&back);
	sk_buf_free(&got);
}

static void
test_images_of_another_implementation(void **state)
{
	struct sk_buf image = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		sk_buf_reset(&image);
		if (!read_file(vectors[i].name, &image))
			skip();
		check_vector(&vectors[i], &image);
	}
	sk_buf_free(&image);
}

/* ---- against exact counts ---- */

static void
add(struct sk_countmin *cm, struct counted *s, uint32_t from, uint32_t to)
{
	for (; from < to; from++) {
		assert_int_equal(sk_countmin_add(cm,
		    counted_item(s, s->number[from]), s->weight[from]), 0);
		s->exact[s->number[from]] += s->weight[from];
	}
}

/* Counts are never below the truth.  Above it by more than the error are at
 * most e^-rows of the items on the average; here, over all streams of a test,
 * no more than that in total. */
struct tally {
	uint64_t items, beyond;
};

static void
check_counts(const struct sk_countmin *cm, const struct counted *s,
    struct tally *tally)
{
	uint64_t error = sk_countmin_error(cm);

	for (uint32_t i = 0; i < s->d; i++) {
		uint64_t count = sk_countmin_count(cm, counted_item(s, i));

		assert_true(count >= s->exact[i]);
		tally->items++;
		tally->beyond += count - s->exact[i] > error;
	}
}

/* Rows are the table's counts, in order, and those that were seen most. */
static void
check_rows(const struct sk_countmin *cm, const struct counted *s)
{
	struct sk_items_row *rows = sk_xalloc(cm->items.n + 1u,
	    sizeof(*rows));
	size_t n = sk_countmin_list(cm, rows), i;
	uint64_t floor = sk_countmin_floor(cm);
	const char *wrong;

	for (i = 0; i < n; i++) {
		/* The first of the heap is the least. */
		assert_true(cm->items.slots[i].count >= floor);
		assert_int_equal(rows[i].count,
		    sk_countmin_count(cm, rows[i].item));
		assert_true(rows[i].error <= rows[i].count);
		/* The bound of chance is check_counts's. */
		rows[i].error = rows[i].count;
	}
	wrong = counted_wrong(s, rows, n, floor);
	if (wrong != NULL)
		fail_msg("%u buckets: %s", cm->buckets, wrong);
	free(rows);
}

static void
test_bounds_hold_as_often_as_promised(void **state)
{
	static const double limit[] = { 0, 0.3679, 0.1354, 0.0498, 0.0184,
		0.0068 };

	(void)state;
	for (uint32_t rows = 1; rows <= 5; rows++) {
		struct tally tally = { 0, 0 };

		for (unsigned i = 0; i < 12; i++) {
			struct sk_countmin cm;
			struct counted s;

			counted_make(&s, i % COUNTED_KINDS, 10000, 3000,
			    1 + 50 * (i % 2), i + 1);
			sk_countmin_init(&cm, 40 + 30 * i, rows, 50,
			    MAX_ITEM, 0);
			add(&cm, &s, 0, s.n);
			check_counts(&cm, &s, &tally);
			check_rows(&cm, &s);
			sk_countmin_free(&cm);
			counted_free(&s);
		}
		assert_true((double)tally.beyond <=
		    limit[rows] * (double)tally.items);
	}
}

/* Few items in a large table: all is exact, and all are candidates. */
static void
test_the_most_frequent_are_found(void **state)
{
	struct sk_countmin cm;
	struct counted s;
	struct sk_items_row rows[100];

	(void)state;
	counted_make(&s, COUNTED_ZIPF, 30000, 5000, 1, 3);
	sk_countmin_init(&cm, 4096, 5, 100, MAX_ITEM, 0);
	add(&cm, &s, 0, s.n);
	assert_int_equal(sk_countmin_list(&cm, rows), 100);
	for (uint32_t i = 0; i < s.d; i++) {
		bool listed = false;

		for (int j = 0; j < 100; j++)
			listed |= sk_view_equal(rows[j].item,
			    counted_item(&s, i));
		assert_true(listed || s.exact[i] <= rows[50].count);
	}
	sk_countmin_free(&cm);
	counted_free(&s);
}

/* ---- images ---- */

static void
check_shards(struct counted *s, uint32_t shards)
{
	struct sk_countmin all, part, merged[2];
	struct sk_buf image[5] = { { 0 } }, got[3] = { { 0 } };
	struct sk_diag diag;
	struct tally tally = { 0, 0 };

	sk_countmin_init(&all, 300, 4, 64, MAX_ITEM, 0);
	for (uint32_t i = 0; i < 2; i++)
		sk_countmin_init(&merged[i], 3, 1, 64, MAX_ITEM, 0);
	for (uint32_t i = 0; i < shards; i++) {
		sk_countmin_init(&part, 300, 4, 64, MAX_ITEM, 0);
		add(&part, s, s->n / shards * i, s->n / shards * (i + 1));
		sk_countmin_save(&part, &image[i]);
		sk_countmin_free(&part);
	}
	for (uint32_t i = 0; i < s->n / shards * shards; i++)
		sk_countmin_add(&all, counted_item(s, s->number[i]),
		    s->weight[i]);
	for (uint32_t i = 0; i < shards; i++) {
		struct sk_buf *a = &image[i], *b = &image[shards - 1 - i];

		assert_int_equal(sk_countmin_fold(&merged[0],
		    sk_view(a->ptr, a->len), &diag), 0);
		assert_int_equal(sk_countmin_fold(&merged[1],
		    sk_view(b->ptr, b->len), &diag), 0);
	}
	check_counts(&merged[0], s, &tally);
	assert_int_equal(all.total, merged[0].total);
	/* Without the candidates, which may differ. */
	sk_countmin_save(&all, &got[0]);
	sk_countmin_save(&merged[0], &got[1]);
	sk_countmin_save(&merged[1], &got[2]);
	for (int i = 1; i < 3; i++)
		assert_memory_equal(got[0].ptr, got[i].ptr, 24 + 300 * 4 * 8);
	for (uint32_t i = 0; i < shards; i++)
		sk_buf_free(&image[i]);
	for (int i = 0; i < 3; i++)
		sk_buf_free(&got[i]);
	sk_countmin_free(&all);
	sk_countmin_free(&merged[0]);
	sk_countmin_free(&merged[1]);
}

static void
test_merges_are_exact_in_any_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		struct counted s;

		counted_make(&s, i % COUNTED_KINDS, 8000, 700, 1 + i, i + 1);
		check_shards(&s, 1 + i % 5);
		counted_free(&s);
	}
}

static void
test_candidates_come_back(void **state)
{
	struct sk_countmin cm, back;
	struct counted s;
	struct sk_buf image = { 0 }, again = { 0 };
	struct sk_items_row want[64], got[64];
	struct sk_diag diag;

	(void)state;
	counted_make(&s, COUNTED_ZIPF, 8000, 700, 1, 5);
	sk_countmin_init(&cm, 300, 4, 64, MAX_ITEM, 1);
	sk_countmin_init(&back, 300, 4, 64, MAX_ITEM, 2);
	add(&cm, &s, 0, s.n / 2);
	sk_countmin_save(&cm, &image);
	assert_int_equal(sk_countmin_fold(&back,
	    sk_view(image.ptr, image.len), &diag), 0);
	sk_countmin_save(&back, &again);
	assert_int_equal(image.len, again.len);
	assert_memory_equal(image.ptr, again.ptr, image.len);
	assert_int_equal(sk_countmin_list(&cm, want), 64);
	assert_int_equal(sk_countmin_list(&back, got), 64);
	for (int i = 0; i < 64; i++)
		assert_true(want[i].count == got[i].count &&
		    sk_view_equal(want[i].item, got[i].item));
	add(&back, &s, s.n / 2, s.n);
	check_rows(&back, &s);
	sk_countmin_free(&cm);
	sk_countmin_free(&back);
	sk_buf_free(&image);
	sk_buf_free(&again);
	counted_free(&s);
}

static void
refused(const struct sk_buf *image, size_t len, const char *text)
{
	char *copy = sk_xalloc(1, len + 1);
	struct sk_countmin cm;
	struct sk_diag diag = { "" };

	memcpy(copy, image->ptr, len);
	sk_countmin_init(&cm, 10, 2, 8, 8, 0);
	sk_countmin_add(&cm, sk_view_str("x"), 5);
	assert_true(sk_countmin_fold(&cm, sk_view(copy, len), &diag) < 0);
	if (text != NULL)
		assert_string_equal(diag.text, text);
	assert_int_equal(cm.total, 5);
	assert_int_equal(sk_countmin_count(&cm, sk_view_str("x")), 5);
	sk_countmin_free(&cm);
	free(copy);
}

static void
refused_with(struct sk_buf *image, size_t at, unsigned byte, const char *text)
{
	char was = image->ptr[at];

	image->ptr[at] = (char)byte;
	refused(image, image->len, text);
	image->ptr[at] = was;
}

static void
test_damaged_images_are_refused(void **state)
{
	const size_t end = 24 + 2 * 10 * 8;
	struct sk_buf image = { 0 };
	struct sk_countmin cm;
	size_t len;

	(void)state;
	sk_countmin_init(&cm, 10, 2, 8, 16, 0);
	sk_countmin_add(&cm, sk_view_str("aa"), 3);
	sk_countmin_add(&cm, sk_view_str("ab"), 3);
	sk_countmin_save(&cm, &image);
	assert_int_equal(image.len, end + 4 + 2 * 6);
	/* At its end, an image of another implementation ends. */
	for (len = 0; len < image.len; len++)
		if (len != end)
			refused(&image, len, NULL);
	refused_with(&image, 2, 10, "not a Count-Min sketch");
	refused_with(&image, 1, 2, "a Count-Min sketch of version 2");
	refused_with(&image, 0, 3, "a wrong preamble");
	refused_with(&image, 3, 1, "bytes behind the end");
	refused_with(&image, 13, 0, "a Count-Min sketch with another seed");
	refused_with(&image, 12, 0, "0 rows of 10 buckets");
	refused_with(&image, 12, 11, "11 rows of 10 buckets");
	refused_with(&image, 8, 2, "2 rows of 2 buckets");
	refused_with(&image, 16, 7, "a row that is not the total");
	refused_with(&image, 23, 0x80, "a row that is not the total");
	refused_with(&image, 24, 77, "a row that is not the total");
	refused_with(&image, end, 3, "cut short");
	refused_with(&image, end, 1, "bytes behind the end");
	refused_with(&image, end + 15, 'a', "an item twice");
	sk_buf_reset(&image);
	sk_countmin_add(&cm, sk_view_str("123456789"), 1);
	sk_countmin_save(&cm, &image);
	refused(&image, image.len, "an item of 9 bytes (--max-item)");
	sk_countmin_free(&cm);

	sk_buf_reset(&image);
	sk_countmin_init(&cm, 3, 1, 0, 16, 0);
	sk_countmin_save(&cm, &image);
	image.ptr[3] = 0; /* nothing was counted, but it has its cells */
	sk_buf_reserve(&image, 32);
	memset(image.ptr + image.len, 0, 32);
	image.len += 32;
	sk_countmin_free(&cm);
	sk_countmin_init(&cm, 11, 2, 0, 16, 0);
	assert_int_equal(sk_countmin_fold(&cm, sk_view(image.ptr, image.len),
	    NULL), 0);
	assert_int_equal(cm.buckets, 11);
	sk_countmin_free(&cm);

	sk_buf_reset(&image);
	sk_countmin_init(&cm, 11, 2, 0, 16, 0);
	sk_countmin_add(&cm, sk_view_str("aa"), 3);
	sk_countmin_save(&cm, &image);
	refused(&image, image.len,
	    "2 rows of 11 buckets do not merge with 2 of 10");
	sk_countmin_free(&cm);

	sk_buf_reset(&image);
	sk_countmin_init(&cm, 10, 2, 0, 16, 0);
	sk_countmin_add(&cm, sk_view_str("aa"), SK_ITEMS_TOTAL_MAX);
	sk_countmin_save(&cm, &image);
	refused(&image, image.len, "a total over 2^63");
	sk_countmin_free(&cm);
	sk_buf_free(&image);
}

/* The image with its numbers as doubles, which is how Python counts. */
static void
to_doubles(struct sk_buf *image)
{
	for (size_t at = 16; at < image->len; at += 8) {
		double v = (double)sk_get64(image->ptr + at);
		uint64_t bits;

		memcpy(&bits, &v, sizeof(bits));
		sk_put64(image->ptr + at, bits);
	}
}

static void
test_counts_in_doubles_are_read(void **state)
{
	struct sk_countmin cm, back;
	struct counted s;
	struct sk_buf image = { 0 };
	struct sk_diag diag;

	(void)state;
	counted_make(&s, COUNTED_ZIPF, 8000, 700, 1, 5);
	sk_countmin_init(&cm, 300, 4, 0, MAX_ITEM, 1);
	sk_countmin_init(&back, 3, 1, 64, MAX_ITEM, 2);
	add(&cm, &s, 0, s.n);
	sk_countmin_save(&cm, &image);
	to_doubles(&image);
	assert_int_equal(sk_countmin_fold(&back,
	    sk_view(image.ptr, image.len), &diag), 0);
	assert_int_equal(back.total, cm.total);
	assert_memory_equal(back.cells, cm.cells, 300 * 4 * 8);
	sk_countmin_free(&back);
	sk_countmin_free(&cm);
	counted_free(&s);

	sk_buf_reset(&image);
	sk_countmin_init(&cm, 10, 2, 0, 8, 0);
	sk_countmin_init(&back, 3, 1, 0, 8, 0);
	sk_countmin_add(&cm, sk_view_str("aa"), 1);
	sk_countmin_save(&cm, &image);
	to_doubles(&image);
	assert_int_equal(sk_countmin_fold(&back,
	    sk_view(image.ptr, image.len), &diag), 0);
	assert_int_equal(sk_countmin_count(&back, sk_view_str("aa")), 1);
	assert_int_equal(back.total, 1);
	image.ptr[22] ^= 8; /* a total of 1.5 */
	refused(&image, image.len, "a row that is not the total");
	sk_countmin_free(&back);
	sk_countmin_free(&cm);
	sk_buf_free(&image);
}

static void
test_limits(void **state)
{
	struct sk_countmin cm, zero = { 0 };

	(void)state;
	sk_countmin_init(&cm, 3, 1, 1, 2, 0);
	assert_int_equal(sk_countmin_count(&cm, sk_view_str("a")), 0);
	assert_int_equal(sk_countmin_add(&cm, sk_view_str("abc"), 1),
	    SK_ELIMIT);
	assert_int_equal(sk_countmin_add(&cm, sk_view_str(""), 1), 0);
	assert_int_equal(sk_countmin_add(&cm, sk_view_str("a"), 0), 0);
	assert_int_equal(cm.total, 0);
	assert_int_equal(sk_countmin_add(&cm, sk_view_str("a"),
	    SK_ITEMS_TOTAL_MAX), 0);
	assert_int_equal(sk_countmin_add(&cm, sk_view_str("a"), 1),
	    SK_ELIMIT);
	sk_countmin_free(&cm);
	sk_countmin_free(&zero);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images_of_another_implementation),
		cmocka_unit_test(test_bounds_hold_as_often_as_promised),
		cmocka_unit_test(test_the_most_frequent_are_found),
		cmocka_unit_test(test_merges_are_exact_in_any_order),
		cmocka_unit_test(test_candidates_come_back),
		cmocka_unit_test(test_damaged_images_are_refused),
		cmocka_unit_test(test_counts_in_doubles_are_read),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
