/* base/heap: what comes out is sorted, whatever went in and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/rng.h"

enum { ITEMS_MAX = 400 };

static int
compare(const void *a, const void *b)
{
	return sk_heap_before(a, b) ? -1 : sk_heap_before(b, a);
}

static struct sk_heap_item
item(int64_t at_ns, uint32_t rank, uint64_t number)
{
	struct sk_heap_item made = { .at_ns = at_ns, .rank = rank,
		.number = number };

	return made;
}

static void
orders_by_time_then_rank_then_number(void **state)
{
	struct sk_heap_item early = item(-1, 9, 9), low = item(0, 1, 9),
	    first = item(0, 2, 0), second = item(0, 2, 1);

	(void)state;
	assert_true(sk_heap_before(&early, &low));
	assert_true(sk_heap_before(&low, &first));
	assert_true(sk_heap_before(&first, &second));
	assert_false(sk_heap_before(&second, &first));
	assert_false(sk_heap_before(&first, &first));
}

static void
same_item(const struct sk_heap_item *a, const struct sk_heap_item *b)
{
	assert_int_equal(a->at_ns, b->at_ns);
	assert_int_equal(a->rank, b->rank);
	assert_int_equal(a->number, b->number);
}

/* Items in any order, few of them different. */
static void
gives_items_in_order(void **state)
{
	struct sk_heap_item all[ITEMS_MAX];
	struct sk_heap heap = { 0 };
	struct sk_rng rng;
	uint64_t seed;
	size_t n, i;

	(void)state;
	for (seed = 0; seed < 300; seed++) {
		sk_rng_init(&rng, seed);
		n = sk_rng_next(&rng) % ITEMS_MAX;
		for (i = 0; i < n; i++) {
			all[i] = item((int64_t)(sk_rng_next(&rng) % 20) - 10,
			    (uint32_t)(sk_rng_next(&rng) % 3), i);
			sk_heap_add(&heap, all[i]);
		}
		qsort(all, n, sizeof(all[0]), compare);
		for (i = 0; i < n; i++) {
			same_item(&heap.item[0], &all[i]);
			sk_heap_drop(&heap);
		}
		assert_int_equal(heap.n, 0);
	}
	sk_heap_free(&heap);
}

/* The way a merge uses it: the first item becomes a later one. */
static void
sinks_the_first_item(void **state)
{
	struct sk_heap heap = { 0 };
	struct sk_heap_item last = item(INT64_MIN, 0, 0);
	struct sk_rng rng;
	uint32_t rank;
	int i;

	(void)state;
	sk_rng_init(&rng, 1);
	for (rank = 0; rank < 37; rank++)
		sk_heap_add(&heap, item(0, rank, 0));
	for (i = 0; i < 20000; i++) {
		assert_false(sk_heap_before(&heap.item[0], &last));
		last = heap.item[0];
		heap.item[0].at_ns += (int64_t)(sk_rng_next(&rng) % 4);
		heap.item[0].number++;
		sk_heap_sink(&heap);
	}
	assert_int_equal(heap.n, 37);
	sk_heap_free(&heap);
	sk_heap_free(&heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_by_time_then_rank_then_number),
		cmocka_unit_test(gives_items_in_order),
		cmocka_unit_test(sinks_the_first_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
