/*
 * Space-Saving against a model that takes the paper's steps by searching, and
 * against exact counts.
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
#include "base/rng.h"
#include "sketch/topk.h"

#define TEXT_MAX 128
#define MAX_ITEM 100

/* A stream of n events over d distinct items; text[i] is item number i. */
struct stream {
	uint32_t n, d;
	char (*text)[TEXT_MAX + SK_PAD];
	struct sk_view *item;
	uint32_t *number; /* of the items, in their order */
	uint64_t *weight;
	struct sk_view *view; /* of the items, in their order */
};

/* Short items, items of 15 and 16 bytes, longer ones, bytes that are zero. */
static size_t
put_text(char *text, uint32_t number)
{
	switch (number % 5) {
	case 0:
		return (size_t)snprintf(text, TEXT_MAX, "%u", number);
	case 1:
		return (size_t)snprintf(text, TEXT_MAX, "%015u", number);
	case 2:
		return (size_t)snprintf(text, TEXT_MAX, "%016u", number);
	case 3:
		return (size_t)snprintf(text, TEXT_MAX, "/%0*u",
		    (int)(20 + number % 70), number);
	default:
		snprintf(text, TEXT_MAX, "%u", number - 4);
		return strlen(text) + 1 + number / 5 % 3;
	}
}

/* skew 0: equally frequent items; each further one makes small numbers more
 * frequent. */
static void
make_stream(struct stream *s, uint32_t n, uint32_t d, unsigned skew,
    uint64_t weight_max, uint64_t seed)
{
	struct sk_rng rng;

	sk_rng_init(&rng, seed);
	s->n = n;
	s->d = d;
	s->text = sk_xcalloc(d, sizeof(*s->text));
	s->item = sk_xalloc(d, sizeof(*s->item));
	s->number = sk_xalloc(n, sizeof(*s->number));
	s->weight = sk_xalloc(n, sizeof(*s->weight));
	s->view = sk_xalloc(n, sizeof(*s->view));
	for (uint32_t i = 0; i < d; i++)
		s->item[i] = sk_view(s->text[i], put_text(s->text[i], i));
	for (uint32_t i = 0; i < n; i++) {
		uint64_t number = sk_rng_next(&rng) % d;

		for (unsigned j = 0; j < skew; j++)
			number = sk_rng_next(&rng) % (number + 1);
		s->number[i] = (uint32_t)number;
		s->view[i] = s->item[number];
		s->weight[i] = 1 + sk_rng_next(&rng) % weight_max;
	}
}

static void
free_stream(struct stream *s)
{
	free(s->text);
	free(s->item);
	free(s->number);
	free(s->weight);
	free(s->view);
}

static struct sk_items_row *
list(const struct sk_topk *topk)
{
	struct sk_items_row *rows = sk_xalloc(topk->items.n + 1, sizeof(*rows));

	assert_int_equal(sk_items_list(&topk->items, rows), topk->items.n);
	return rows;
}

/* The same rows, in the same order. */
static void
assert_same(const struct sk_topk *a, const struct sk_topk *b)
{
	struct sk_items_row *x = list(a), *y = list(b);

	assert_int_equal(a->items.n, b->items.n);
	assert_int_equal(a->total, b->total);
	for (uint32_t i = 0; i < a->items.n; i++) {
		assert_int_equal(x[i].count, y[i].count);
		assert_int_equal(x[i].error, y[i].error);
		assert_true(sk_view_equal(x[i].item, y[i].item));
	}
	free(x);
	free(y);
}

static void
add_weighted(struct sk_topk *topk, const struct stream *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		assert_int_equal(
		    sk_topk_add(topk, s->view[i], s->weight[i]), 0);
}

/* In batches of up to `most` items. */
static void
add_batches(struct sk_topk *topk, const struct stream *s, uint32_t most)
{
	struct sk_rng rng;
	uint32_t i, m;

	sk_rng_init(&rng, most);
	for (i = 0; i < s->n; i += m) {
		m = 1 + (uint32_t)(sk_rng_next(&rng) % most);
		if (m > s->n - i)
			m = s->n - i;
		assert_int_equal(sk_topk_add_batch(topk, s->view + i, m), 0);
	}
}

/* ---- the model ---- */

struct counter {
	uint32_t number;
	uint64_t count, error;
};

static uint32_t
model(const struct stream *s, struct counter *c, uint32_t counters,
    bool weighted)
{
	uint32_t used = 0, j, least;

	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t weight = weighted ? s->weight[i] : 1;

		for (j = 0; j < used && c[j].number != s->number[i]; j++)
			;
		if (j < used) {
			c[j].count += weight;
		} else if (used < counters) {
			c[used].number = s->number[i];
			c[used].count = weight;
			c[used++].error = 0;
		} else {
			for (least = 0, j = 1; j < used; j++)
				if (c[j].count < c[least].count)
					least = j;
			c[least].number = s->number[i];
			c[least].error = c[least].count;
			c[least].count += weight;
		}
	}
	return used;
}

static void
assert_model(const struct sk_topk *topk, const struct stream *s, bool weighted)
{
	struct counter *c = sk_xalloc(topk->counters, sizeof(*c));
	uint32_t used = model(s, c, topk->counters, weighted);
	struct sk_items_row *rows = list(topk);

	assert_int_equal(topk->items.n, used);
	for (uint32_t i = 0; i < used; i++) {
		uint32_t j = 0;

		while (j < used &&
		    !sk_view_equal(s->item[c[j].number], rows[i].item))
			j++;
		assert_true(j < used);
		assert_int_equal(rows[i].count, c[j].count);
		assert_int_equal(rows[i].error, c[j].error);
	}
	free(rows);
	free(c);
}

static void
test_takes_the_steps_of_the_paper(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 150; seed++) {
		struct sk_rng rng;
		struct stream s;
		struct sk_topk topk;
		uint32_t counters, d;

		sk_rng_init(&rng, seed);
		counters = 1 + (uint32_t)(sk_rng_next(&rng) % 150);
		d = 1 + (uint32_t)(sk_rng_next(&rng) % (4 * counters));
		make_stream(&s, 3000, d, seed % 3, 1 + seed % 40, seed);
		sk_topk_init(&topk, counters, MAX_ITEM, seed + 1);
		add_weighted(&topk, &s);
		assert_model(&topk, &s, true);
		sk_topk_free(&topk);
		sk_topk_init(&topk, counters, MAX_ITEM, seed + 1);
		add_batches(&topk, &s, 200);
		assert_model(&topk, &s, false);
		sk_topk_free(&topk);
		free_stream(&s);
	}
}

static void
test_rows_do_not_depend_on_seed_or_batches(void **state)
{
	struct stream s;
	struct sk_topk want, got;

	(void)state;
	make_stream(&s, 60000, 20000, 2, 1, 5);
	sk_topk_init(&want, 512, MAX_ITEM, 1);
	add_batches(&want, &s, 1);
	for (uint64_t seed = 0; seed < 12; seed++) {
		sk_topk_init(&got, 512, MAX_ITEM, seed);
		add_batches(&got, &s, (uint32_t)(1 + 500 * seed));
		assert_same(&want, &got);
		sk_topk_free(&got);
	}
	sk_topk_free(&want);
	free_stream(&s);
}

/* The bounds of the paper: theorems 1 and 2, and lemma 3. */
static void
assert_bounds(const struct sk_topk *topk, const struct stream *s,
    bool weighted)
{
	uint64_t *exact = sk_xcalloc(s->d, sizeof(*exact));
	bool *listed = sk_xcalloc(s->d, sizeof(*listed));
	struct sk_items_row *rows = list(topk);
	uint64_t sum = 0, least = sk_topk_min(topk);

	for (uint32_t i = 0; i < s->n; i++)
		exact[s->number[i]] += weighted ? s->weight[i] : 1;
	assert_true(least <= topk->total / topk->counters);
	for (uint32_t i = 0; i < topk->items.n; i++) {
		uint32_t j = 0;

		while (!sk_view_equal(s->item[j], rows[i].item))
			j++;
		listed[j] = true;
		sum += rows[i].count;
		assert_true(rows[i].error <= least);
		assert_true(rows[i].count >= exact[j]);
		assert_true(rows[i].count - rows[i].error <= exact[j]);
		if (i > 0)
			assert_true(rows[i - 1].count > rows[i].count ||
			    (rows[i - 1].count == rows[i].count &&
			    sk_view_compare(rows[i - 1].item, rows[i].item) <
				0));
	}
	assert_int_equal(sum, topk->total);
	for (uint32_t j = 0; j < s->d; j++)
		if (!listed[j])
			assert_true(exact[j] <= least);
	free(rows);
	free(listed);
	free(exact);
}

static void
test_bounds_hold(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 7, 8, 9, 64, 65, 513, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (unsigned skew = 0; skew < 4; skew++) {
			struct stream s;
			struct sk_topk topk;

			make_stream(&s, 20000, 3000, skew, 1000, i + skew);
			sk_topk_init(&topk, sizes[i], MAX_ITEM, 0);
			add_weighted(&topk, &s);
			assert_bounds(&topk, &s, true);
			sk_topk_free(&topk);
			sk_topk_init(&topk, sizes[i], MAX_ITEM, 0);
			add_batches(&topk, &s, 4000);
			assert_bounds(&topk, &s, false);
			sk_topk_free(&topk);
			free_stream(&s);
		}
}

static void
test_exact_while_counters_suffice(void **state)
{
	struct stream s;
	struct sk_topk topk;
	struct sk_items_row *rows;

	(void)state;
	make_stream(&s, 30000, 1000, 1, 1, 9);
	sk_topk_init(&topk, 1001, MAX_ITEM, 0);
	add_batches(&topk, &s, 777);
	assert_int_equal(sk_topk_min(&topk), 0);
	assert_bounds(&topk, &s, false);
	rows = list(&topk);
	for (uint32_t i = 0; i < topk.items.n; i++)
		assert_int_equal(rows[i].error, 0);
	free(rows);
	sk_topk_free(&topk);
	free_stream(&s);
}

/* ---- limits ---- */

static void
test_refuses_what_is_too_long_or_too_much(void **state)
{
	char text[20 + SK_PAD] = "0123456789abcdefghij";
	struct sk_view items[] = { sk_view(text, 10), sk_view(text, 11),
		sk_view(text, 0), sk_view(NULL, 0), sk_view(text, 20) };
	struct sk_topk topk;

	(void)state;
	sk_topk_init(&topk, 4, 10, 0);
	assert_int_equal(sk_topk_add_batch(&topk, items, 5), 2);
	assert_int_equal(topk.items.n, 1);
	assert_int_equal(topk.total, 1);
	assert_int_equal(sk_topk_add(&topk, items[1], 1), SK_ELIMIT);
	assert_int_equal(sk_topk_add(&topk, items[3], 1), 0);
	assert_int_equal(sk_topk_add(&topk, items[0], 0), 0);
	assert_int_equal(topk.total, 1);
	assert_int_equal(
	    sk_topk_add(&topk, items[0], SK_ITEMS_TOTAL_MAX - 1), 0);
	assert_int_equal(sk_topk_add(&topk, items[0], 1), SK_ELIMIT);
	assert_int_equal(sk_topk_add(&topk, items[0], UINT64_MAX), SK_ELIMIT);
	assert_int_equal(sk_topk_add_batch(&topk, items, 2), 2);
	assert_int_equal(topk.total, SK_ITEMS_TOTAL_MAX);
	sk_topk_free(&topk);
}

/* A row that was written over is the memory of the next one: no amount of new
 * items makes it more than the bound in the header. */
static void
test_memory_is_bounded(void **state)
{
	enum { COUNTERS = 64, LONGEST = 1000 };
	char text[LONGEST + SK_PAD];
	struct sk_topk topk;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 4);
	sk_topk_init(&topk, COUNTERS, LONGEST, 0);
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 200000; i++) {
		size_t len = 20 + sk_rng_next(&rng) % (LONGEST - 19);

		sk_put64(text, sk_rng_next(&rng));
		assert_int_equal(sk_topk_add(&topk, sk_view(text, len), 1), 0);
	}
	assert_true(sk_items_far_bytes(&topk.items) <= COUNTERS * 4 * LONGEST);
	sk_topk_free(&topk);
}

static void
test_an_empty_one(void **state)
{
	struct sk_topk topk, zero = { 0 };

	(void)state;
	sk_topk_init(&topk, 1, 1, 0);
	assert_int_equal(sk_items_list(&topk.items, NULL), 0);
	assert_int_equal(sk_topk_min(&topk), 0);
	assert_int_equal(sk_topk_add_batch(&topk, NULL, 0), 0);
	sk_topk_free(&topk);
	sk_topk_free(&zero);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_the_steps_of_the_paper),
		cmocka_unit_test(test_rows_do_not_depend_on_seed_or_batches),
		cmocka_unit_test(test_bounds_hold),
		cmocka_unit_test(test_exact_while_counters_suffice),
		cmocka_unit_test(test_refuses_what_is_too_long_or_too_much),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
