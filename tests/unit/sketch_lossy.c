/* Lossy Counting against exact counts, saved and merged. */
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
#include "sketch/lossy.h"

#define MAX_ITEM 64
#define SHARDS 5

static void
add(struct sk_lossy *lossy, struct counted *s, uint32_t from, uint32_t to)
{
	for (; from < to; from++) {
		assert_int_equal(sk_lossy_add(lossy,
		    counted_item(s, s->number[from]), s->weight[from]), 0);
		s->exact[s->number[from]] += s->weight[from];
	}
}

/* w (2 + ln(total / w)) items, section 4.2; ln x <= log2 x. */
static uint64_t
most_items(const struct sk_lossy *lossy)
{
	uint64_t log2 = 0;

	while (lossy->total / lossy->width >> log2 != 0)
		log2++;
	return lossy->width * (2 + log2);
}

static void
assert_bounds(const struct sk_lossy *lossy, const struct counted *s)
{
	struct sk_items_row *rows = sk_xalloc(lossy->items.n + 1u,
	    sizeof(*rows));
	size_t n = sk_items_list(&lossy->items, rows);
	const char *wrong = counted_wrong(s, rows, n, lossy->floor);

	if (wrong != NULL)
		fail_msg("width %u: %s", lossy->width, wrong);
	assert_true(lossy->floor <= lossy->total / lossy->width);
	for (size_t i = 0; i < n; i++)
		assert_true(rows[i].error <= lossy->floor);
	free(rows);
}

static void
save(const struct sk_lossy *lossy, struct sk_buf *buf)
{
	struct sk_frequent frequent;

	sk_lossy_take(lossy, &frequent);
	sk_frequent_save(&frequent, buf);
	sk_frequent_free(&frequent);
}

static void
fold(struct sk_lossy *lossy, const struct sk_buf *image)
{
	struct sk_frequent frequent;
	struct sk_diag diag;

	assert_int_equal(sk_frequent_load(&frequent,
	    sk_view(image->ptr, image->len), &diag), 0);
	assert_int_equal(sk_lossy_fold(lossy, &frequent, &diag), 0);
	sk_frequent_free(&frequent);
}

static const uint32_t widths[] = { 1, 2, 10, 100, 500, 2000 };

static void
test_bounds_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(widths) / sizeof(widths[0]); i++)
		for (unsigned kind = 0; kind < COUNTED_KINDS; kind++) {
			struct sk_lossy lossy;
			struct counted s;
			uint32_t at;

			counted_make(&s, kind, 20000, 1500,
			    i % 2 == 0 ? 1 : 3000, i + kind + 1);
			sk_lossy_init(&lossy, widths[i / 2], MAX_ITEM, 0);
			for (at = 0; at < s.n; at += 1000) {
				add(&lossy, &s, at, at + 1000);
				assert_bounds(&lossy, &s);
				assert_true(lossy.items.n <=
				    most_items(&lossy));
			}
			if (widths[i / 2] > s.d)
				assert_int_equal(lossy.floor, 0);
			sk_lossy_free(&lossy);
			counted_free(&s);
		}
}

/* Something is forgotten where there is much to forget. */
static void
test_rare_items_are_forgotten(void **state)
{
	struct sk_lossy lossy;
	struct counted s;

	(void)state;
	counted_make(&s, COUNTED_ROUND, 50000, 50000, 1, 1);
	sk_lossy_init(&lossy, 100, MAX_ITEM, 0);
	add(&lossy, &s, 0, s.n);
	assert_true(lossy.items.n <= 100);
	sk_lossy_free(&lossy);
	counted_free(&s);
}

static void
test_rows_do_not_depend_on_the_seed(void **state)
{
	struct sk_buf first = { 0 }, other = { 0 };
	struct sk_lossy lossy;
	struct counted s;

	(void)state;
	counted_make(&s, COUNTED_ZIPF, 20000, 3000, 5, 8);
	for (uint64_t seed = 1; seed < 6; seed++) {
		sk_lossy_init(&lossy, 100, MAX_ITEM, seed);
		add(&lossy, &s, 0, s.n);
		sk_buf_reset(&other);
		save(&lossy, seed == 1 ? &first : &other);
		sk_lossy_free(&lossy);
		if (seed > 1) {
			assert_int_equal(first.len, other.len);
			assert_memory_equal(first.ptr, other.ptr, first.len);
		}
	}
	counted_free(&s);
	sk_buf_free(&first);
	sk_buf_free(&other);
}

static void
test_merges_keep_the_bounds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		struct sk_buf images[SHARDS] = { { 0 } };
		struct sk_lossy lossy;
		struct counted s;
		uint32_t step, j;

		counted_make(&s, i % COUNTED_KINDS, 10000, 900, 1 + 7 * (i / 8),
		    i + 1);
		step = s.n / (SHARDS + 1);
		for (j = 0; j < SHARDS; j++) {
			sk_lossy_init(&lossy, 100, MAX_ITEM, 0);
			add(&lossy, &s, step * j, step * (j + 1));
			save(&lossy, &images[j]);
			sk_lossy_free(&lossy);
		}
		sk_lossy_init(&lossy, 100, MAX_ITEM, 0);
		for (j = 0; j < SHARDS; j++)
			fold(&lossy, &images[(j * 3 + i) % SHARDS]);
		assert_bounds(&lossy, &s);
		add(&lossy, &s, step * SHARDS, s.n);
		assert_bounds(&lossy, &s);
		sk_lossy_free(&lossy);
		for (j = 0; j < SHARDS; j++)
			sk_buf_free(&images[j]);
		counted_free(&s);
	}
}

static void
test_limits(void **state)
{
	struct sk_lossy lossy, zero = { 0 };

	(void)state;
	sk_lossy_init(&lossy, 1, 2, 0);
	assert_int_equal(sk_lossy_add(&lossy, sk_view_str("abc"), 1),
	    SK_ELIMIT);
	assert_int_equal(sk_lossy_add(&lossy, sk_view_str(""), 1), 0);
	assert_int_equal(sk_lossy_add(&lossy, sk_view_str("a"), 0), 0);
	assert_int_equal(lossy.items.n, 0);
	assert_int_equal(sk_lossy_add(&lossy, sk_view_str("a"),
	    SK_ITEMS_TOTAL_MAX), 0);
	assert_int_equal(sk_lossy_add(&lossy, sk_view_str("a"), 1),
	    SK_ELIMIT);
	assert_int_equal(lossy.total, SK_ITEMS_TOTAL_MAX);
	sk_lossy_free(&lossy);
	sk_lossy_free(&zero);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds_hold),
		cmocka_unit_test(test_rare_items_are_forgotten),
		cmocka_unit_test(test_rows_do_not_depend_on_the_seed),
		cmocka_unit_test(test_merges_keep_the_bounds),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
