/*
 * Images of frequent items: those that another implementation made
 * (../shared/vectors; skipped where that is absent), our own, damaged ones;
 * and merges of Space-Saving summaries against exact counts.
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
#include "sketch/frequent.h"
#include "sketch/topk.h"

#define FOLDER "../shared/vectors/fi/"
#define MAX_ITEM 64
#define SHARDS 6

/* ---- images of others ---- */

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

struct vector {
	const char *name;
	unsigned lg_max;
	size_t n;
	uint64_t total, offset;
};

/* As the index of the vectors has them. */
static const struct vector vectors[] = {
	{ "fi_zipf_lg3", 3, 3, 20000, 2806 },
	{ "fi_zipf_lg6", 6, 19, 20000, 286 },
	{ "fi_zipf_lg8", 8, 105, 20000, 51 },
	{ "fi_zipf_lg10", 10, 491, 20000, 7 },
	{ "fi_zipf_lg13", 13, 2035, 20000, 0 },
	{ "fi_empty_lg6", 6, 0, 0, 0 },
	{ "fi_exact_lg6", 6, 3, 10, 0 },
	{ "fi_merge_lg7", 7, 81, 20000, 122 },
};

/* Each line of the table beside an image: item, estimate, lower, upper, true
 * count. */
static size_t
assert_rows(const struct vector *v, const struct sk_items *items, char *text)
{
	char *line = strchr(text, '\n');
	size_t n = 0;

	for (; line != NULL && line[1] != '\0'; n++) {
		char *item = line + 1, *figures = strchr(item, '\t');
		unsigned long estimate, lower, upper;
		const struct sk_item *slot = sk_items_get(items,
		    sk_view(item, (size_t)(figures - item)));
		struct sk_items_row row;

		assert_int_equal(sscanf(figures, "%lu %lu %lu", &estimate,
		    &lower, &upper), 3);
		if (slot == NULL)
			fail_msg("%s: %.20s is missing", v->name, item);
		row = sk_items_row(items, (uint32_t)(slot - items->slots));
		assert_int_equal(row.count, estimate);
		assert_int_equal(row.count, upper);
		assert_int_equal(row.count - row.error, lower);
		line = strchr(figures, '\n');
	}
	return n;
}

static void
check_vector(const struct vector *v, struct sk_buf *image, char *rows)
{
	struct sk_frequent got, again;
	struct sk_buf written = { 0 };
	struct sk_topk topk;
	struct sk_diag diag;
	size_t i;

	assert_int_equal(sk_frequent_load(&got,
	    sk_view(image->ptr, image->len), &diag), 0);
	assert_int_equal(got.lg_max, v->lg_max);
	assert_int_equal(got.n, v->n);
	assert_int_equal(got.total, v->total);
	assert_int_equal(got.offset, v->offset);

	sk_topk_init(&topk, 4096, MAX_ITEM, 1);
	assert_int_equal(sk_topk_fold(&topk, &got, 4096, &diag), 0);
	assert_int_equal(topk.items.n, v->n);
	assert_int_equal(sk_topk_min(&topk), v->offset);
	assert_int_equal(topk.total, v->total);
	assert_int_equal(assert_rows(v, &topk.items, rows), v->n);

	/* Written again: the same contents in as many bytes, in our order. */
	sk_items_sort(got.rows, got.n);
	sk_frequent_save(&got, &written);
	assert_int_equal(written.len, image->len);
	assert_int_equal(sk_frequent_load(&again,
	    sk_view(written.ptr, written.len), &diag), 0);
	assert_int_equal(again.n, got.n);
	assert_int_equal(again.lg_max, got.lg_max);
	for (i = 0; i < got.n; i++) {
		assert_int_equal(again.rows[i].count, got.rows[i].count);
		assert_true(sk_view_equal(again.rows[i].item,
		    got.rows[i].item));
	}
	sk_frequent_free(&again);
	sk_buf_free(&written);
	sk_topk_free(&topk);
	sk_frequent_free(&got);
}

static void
test_images_of_another_implementation(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct sk_buf image = { 0 }, rows = { 0 };
		char name[100];

		snprintf(name, sizeof(name), "%s.sk", vectors[i].name);
		if (!read_file(name, &image))
			skip();
		snprintf(name, sizeof(name), "%s.rows.tsv", vectors[i].name);
		assert_true(read_file(name, &rows));
		sk_buf_cstr(&rows);
		check_vector(&vectors[i], &image, rows.ptr);
		sk_buf_free(&image);
		sk_buf_free(&rows);
	}
}

/* ---- our own ---- */

static void
save(const struct sk_topk *topk, struct sk_buf *buf)
{
	struct sk_frequent frequent;

	sk_topk_take(topk, &frequent);
	sk_frequent_save(&frequent, buf);
	sk_frequent_free(&frequent);
}

static void
fold(struct sk_topk *topk, const struct sk_buf *image)
{
	struct sk_frequent frequent;
	struct sk_diag diag;

	assert_int_equal(sk_frequent_load(&frequent,
	    sk_view(image->ptr, image->len), &diag), 0);
	assert_int_equal(sk_topk_fold(topk, &frequent, topk->counters,
	    &diag), 0);
	sk_frequent_free(&frequent);
}

/* Events from..to, counted also in s->exact. */
static void
add(struct sk_topk *topk, struct counted *s, uint32_t from, uint32_t to)
{
	for (; from < to; from++) {
		uint32_t number = s->number[from];

		assert_int_equal(sk_topk_add(topk, counted_item(s, number),
		    s->weight[from]), 0);
		s->exact[number] += s->weight[from];
	}
}

static void
assert_bounds(const struct sk_topk *topk, const struct counted *s)
{
	struct sk_items_row *rows = sk_xalloc(topk->items.n + 1u,
	    sizeof(*rows));
	size_t n = sk_items_list(&topk->items, rows);
	const char *wrong = counted_wrong(s, rows, n, sk_topk_min(topk));

	if (wrong != NULL)
		fail_msg("%u counters: %s", topk->counters, wrong);
	free(rows);
}

static void
assert_same(const struct sk_buf *a, const struct sk_buf *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->ptr, b->ptr, a->len);
}

/* What is read back promises the same counts, and goes on to keep them. */
static void
check_saved(struct counted *s, uint32_t counters)
{
	struct sk_buf image = { 0 }, again = { 0 };
	struct sk_topk topk, back;
	struct sk_items_row *x, *y;
	uint32_t half = s->n / 2, i;
	size_t n;

	sk_topk_init(&topk, counters, MAX_ITEM, 1);
	sk_topk_init(&back, counters, MAX_ITEM, 2);
	add(&topk, s, 0, half);
	save(&topk, &image);
	fold(&back, &image);
	save(&back, &again);
	assert_same(&image, &again);
	assert_bounds(&back, s);
	x = sk_xalloc(topk.items.n + 1u, sizeof(*x));
	y = sk_xalloc(back.items.n + 1u, sizeof(*y));
	sk_items_list(&topk.items, x);
	n = sk_items_list(&back.items, y);
	for (i = 0; i < n; i++)
		assert_true(x[i].count == y[i].count &&
		    sk_view_equal(x[i].item, y[i].item));
	for (; i < topk.items.n; i++)
		assert_int_equal(x[i].count, sk_topk_min(&topk));
	free(x);
	free(y);
	add(&back, s, half, s->n);
	assert_bounds(&back, s);
	assert_true(sk_topk_min(&back) <= back.total / counters);
	sk_topk_free(&topk);
	sk_topk_free(&back);
	sk_buf_free(&image);
	sk_buf_free(&again);
}

static void
test_what_is_read_back_goes_on(void **state)
{
	static const uint32_t counters[] = { 1, 2, 7, 8, 9, 100, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		for (unsigned kind = 0; kind < COUNTED_KINDS; kind++) {
			struct counted s;

			counted_make(&s, kind, 8000, 900, 1 + i * i, i + 1);
			check_saved(&s, counters[i]);
			counted_free(&s);
		}
}

/* Shards, merged one by one in this order; then those of each half first. */
static void
merge_shards(const struct sk_buf *images, uint32_t counters, unsigned from,
    unsigned step, bool halves, struct sk_topk *out)
{
	struct sk_buf part = { 0 };
	struct sk_topk half;
	unsigned i;

	sk_topk_init(out, counters, MAX_ITEM, 0);
	if (!halves) {
		for (i = 0; i < SHARDS; i++)
			fold(out, &images[(from + i * step) % SHARDS]);
		return;
	}
	for (unsigned h = 0; h < 2; h++) {
		sk_topk_init(&half, counters, MAX_ITEM, 0);
		for (i = h; i < SHARDS; i += 2)
			fold(&half, &images[i]);
		sk_buf_reset(&part);
		save(&half, &part);
		sk_topk_free(&half);
		fold(out, &part);
	}
	sk_buf_free(&part);
}

static void
check_shards(struct counted *s, uint32_t counters)
{
	struct sk_buf images[SHARDS] = { { 0 } }, first = { 0 }, other = { 0 };
	struct sk_topk topk;
	unsigned i;

	for (i = 0; i < SHARDS; i++) {
		sk_topk_init(&topk, counters, MAX_ITEM, 0);
		add(&topk, s, s->n / SHARDS * i, i + 1 == SHARDS ? s->n
		    : s->n / SHARDS * (i + 1));
		save(&topk, &images[i]);
		sk_topk_free(&topk);
	}
	for (i = 0; i < 8; i++) {
		merge_shards(images, counters, i, i % 2 == 0 ? 1 : SHARDS - 1,
		    i == 7, &topk);
		assert_bounds(&topk, s);
		assert_true(sk_topk_min(&topk) <= topk.total / counters);
		sk_buf_reset(&other);
		save(&topk, i == 0 ? &first : &other);
		if (i > 0 && counters > s->d)
			assert_same(&first, &other);
		sk_topk_free(&topk);
	}
	for (i = 0; i < SHARDS; i++)
		sk_buf_free(&images[i]);
	sk_buf_free(&first);
	sk_buf_free(&other);
}

static void
test_merges_keep_the_bounds_in_any_order(void **state)
{
	static const uint32_t counters[] = { 1, 3, 10, 64, 65, 500, 901 };

	(void)state;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		for (unsigned kind = 0; kind < COUNTED_KINDS; kind++) {
			struct counted s;

			counted_make(&s, kind, 12000, 900, 1 + 9 * (i % 2),
			    i + 1);
			check_shards(&s, counters[i]);
			counted_free(&s);
		}
}

/* A summary in memory knows more of its errors than its image says. */
static void
test_errors_that_are_known_stay(void **state)
{
	struct sk_topk topk, late;
	struct sk_buf image = { 0 };
	struct sk_items_row row[4];

	(void)state;
	sk_topk_init(&topk, 4, MAX_ITEM, 0);
	sk_topk_init(&late, 4, MAX_ITEM, 0);
	sk_topk_add(&topk, sk_view_str("a"), 10);
	for (unsigned i = 0; i < 9; i++)
		sk_topk_add(&topk, sk_view_str(&"bcdefghij"[i]), 1);
	assert_true(sk_topk_min(&topk) > 0);
	sk_topk_add(&late, sk_view_str("a"), 5);
	save(&late, &image);
	fold(&topk, &image);
	sk_items_list(&topk.items, row);
	assert_true(sk_view_equal(row[0].item, sk_view_str("a")));
	assert_int_equal(row[0].count, 15);
	assert_int_equal(row[0].error, 0);
	sk_topk_free(&topk);
	sk_topk_free(&late);
	sk_buf_free(&image);
}

/* Tables of 2^lg cells hold three quarters of that. */
static void
test_the_size_of_the_table(void **state)
{
	static const uint32_t counters[] = { 1, 7, 8, 3073, 3074, 4096, 6145,
		6146 };
	static const char lg_max[] = { 3, 3, 4, 12, 13, 13, 13, 14 };

	(void)state;
	for (size_t i = 0; i < sizeof(lg_max); i++) {
		struct sk_buf image = { 0 };
		struct sk_topk topk;

		sk_topk_init(&topk, counters[i], MAX_ITEM, 0);
		sk_topk_add(&topk, sk_view_str("a"), 1);
		save(&topk, &image);
		assert_int_equal(image.ptr[3], lg_max[i]);
		assert_int_equal(image.ptr[4], 3);
		sk_topk_free(&topk);
		sk_buf_free(&image);
	}
	assert_int_equal(sk_frequent_lg(6), 3);
	assert_int_equal(sk_frequent_lg(7), 4);
	assert_int_equal(sk_frequent_lg(3072), 12);
}

/* ---- damage ---- */

static void
refused(struct sk_buf *image, size_t len, int want, const char *text)
{
	char *copy = sk_xalloc(1, len + 1);
	struct sk_frequent frequent;
	struct sk_diag diag = { "" };

	memcpy(copy, image->ptr, len);
	assert_int_equal(sk_frequent_load(&frequent, sk_view(copy, len),
	    &diag), want);
	if (text != NULL)
		assert_string_equal(diag.text, text);
	free(copy);
}

static void
refused_with(struct sk_buf *image, size_t at, unsigned byte, int want,
    const char *text)
{
	char was = image->ptr[at];

	image->ptr[at] = (char)byte;
	refused(image, image->len, want, text);
	image->ptr[at] = was;
}

static void
test_damaged_images_are_refused(void **state)
{
	struct sk_buf image = { 0 };
	struct sk_topk topk;
	size_t len;

	(void)state;
	sk_topk_init(&topk, 6, MAX_ITEM, 0);
	sk_topk_add(&topk, sk_view_str("aa"), 3);
	sk_topk_add(&topk, sk_view_str("ab"), 2);
	save(&topk, &image);
	assert_int_equal(image.len, 32 + 2 * 8 + 2 * 6);
	for (len = 0; len < image.len; len++)
		refused(&image, len, SK_EDATA, "cut short");
	refused_with(&image, 2, 7, SK_EDATA,
	    "not a sketch of frequent items");
	refused_with(&image, 1, 2, SK_EVERSION,
	    "frequent items of version 2");
	refused_with(&image, 0, 3, SK_EDATA, "a wrong preamble");
	refused_with(&image, 0, 1, SK_EDATA, "wrong flags");
	refused_with(&image, 5, 4, SK_EDATA, "wrong flags");
	refused_with(&image, 3, 2, SK_EDATA, "a wrong size of table");
	refused_with(&image, 3, 27, SK_EDATA, "a wrong size of table");
	refused_with(&image, 4, 4, SK_EDATA, "a wrong size of table");
	refused_with(&image, 8, 7, SK_EDATA,
	    "more items than its table holds");
	refused_with(&image, 8, 1, SK_EDATA, NULL);
	refused_with(&image, 16, 4, SK_EDATA, "weights above the total");
	refused_with(&image, 16, 6, SK_EDATA, "exact weights below the total");
	refused_with(&image, 23, 0x80, SK_EDATA, "a total over 2^63");
	refused_with(&image, 24, 6, SK_EDATA, "an offset above the total");
	refused_with(&image, 24, 1, SK_EDATA, "weights above the total");
	refused_with(&image, 32, 4, SK_EDATA, "weights above the total");
	refused_with(&image, 48, 3, SK_EDATA, NULL);
	refused_with(&image, 59, 'a', SK_EDATA, "an item twice");
	sk_buf_char(&image, 0);
	refused(&image, image.len, SK_EDATA, "bytes behind the end");
	sk_topk_free(&topk);
	sk_buf_free(&image);
}

/* Java and C++ write different flags; an empty item is one as any other. */
static void
test_what_others_may_write(void **state)
{
	static const char empty[2][8] = { { 1, 1, 10, 6, 3, 5 },
		{ 1, 1, 10, 6, 3, 4 } };
	char image[32 + 8 + 4] = { 4, 1, 10, 3, 3, 0, 0, 0, 1 };
	struct sk_frequent frequent;
	struct sk_diag diag;
	struct sk_topk topk;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sk_frequent_load(&frequent,
		    sk_view(empty[i], 8), &diag), 0);
		assert_int_equal(frequent.n, 0);
		sk_frequent_free(&frequent);
	}
	image[16] = 9;
	image[32] = 9;
	assert_int_equal(sk_frequent_load(&frequent,
	    sk_view(image, sizeof(image)), &diag), 0);
	sk_topk_init(&topk, 4, 4, 0);
	assert_int_equal(sk_topk_fold(&topk, &frequent, 4, &diag), 0);
	assert_int_equal(sk_items_row(&topk.items, 0).item.len, 0);
	assert_int_equal(sk_items_row(&topk.items, 0).count, 9);
	frequent.rows[0].item = sk_view("abcde", 5);
	assert_int_equal(sk_topk_fold(&topk, &frequent, 4, &diag), SK_EDATA);
	assert_string_equal(diag.text, "an item of 5 bytes (--max-item)");
	frequent.rows[0].item = sk_view("abc", 3);
	frequent.total = SK_ITEMS_TOTAL_MAX;
	assert_int_equal(sk_topk_fold(&topk, &frequent, 4, &diag), SK_EDATA);
	assert_string_equal(diag.text, "a total over 2^63");
	assert_int_equal(topk.total, 9);
	sk_frequent_free(&frequent);
	sk_topk_free(&topk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images_of_another_implementation),
		cmocka_unit_test(test_what_is_read_back_goes_on),
		cmocka_unit_test(test_merges_keep_the_bounds_in_any_order),
		cmocka_unit_test(test_errors_that_are_known_stay),
		cmocka_unit_test(test_the_size_of_the_table),
		cmocka_unit_test(test_damaged_images_are_refused),
		cmocka_unit_test(test_what_others_may_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
