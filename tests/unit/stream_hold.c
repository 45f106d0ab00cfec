/* stream/hold: the order events come out in, their bytes, and the memory. */
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
#include "stream/hold.h"

enum { BLOCK = 16384, ITEM = 32 };

static void
add(struct sk_hold *hold, int64_t at_ns, uint32_t rank, const char *line)
{
	sk_hold_add(hold, at_ns, rank, sk_view_str(line));
}

static void
gives(struct sk_hold *hold, const char *line)
{
	struct sk_view first;

	assert_non_null(sk_hold_first(hold));
	first = sk_hold_line(hold);
	assert_int_equal(first.len, strlen(line));
	assert_memory_equal(first.ptr, line, first.len);
	sk_hold_drop(hold);
}

static void
orders_by_time_input_and_place(void **state)
{
	struct sk_hold hold = { 0 };

	(void)state;
	assert_null(sk_hold_first(&hold));
	add(&hold, 5, 1, "d");
	add(&hold, 5, 0, "b");
	add(&hold, -3, 7, "a");
	add(&hold, 5, 1, "e");
	add(&hold, 5, 0, "c");
	add(&hold, 6, 0, "");
	gives(&hold, "a");
	gives(&hold, "b");
	gives(&hold, "c");
	gives(&hold, "d");
	gives(&hold, "e");
	gives(&hold, "");
	assert_null(sk_hold_first(&hold));
	sk_hold_free(&hold);
}

static void
keeps_a_line_of_any_length(void **state)
{
	struct sk_hold hold = { 0 };
	size_t len = 0, i, n = 0;
	char *bytes = sk_xalloc(300000, 1);
	struct sk_view line;

	(void)state;
	memset(bytes, 'x', 300000);
	for (len = 0; len < 300000; len = len * 2 + 1, n++)
		sk_hold_add(&hold, (int64_t)len, 0, sk_view(bytes, len));
	for (i = 0, len = 0; i < n; i++, len = len * 2 + 1) {
		line = sk_hold_line(&hold);
		assert_int_equal(line.len, len);
		assert_memory_equal(line.ptr, bytes, len);
		sk_hold_drop(&hold);
	}
	free(bytes);
	sk_hold_free(&hold);
}

/* In order: the window is what is kept, however long the stream. */
static void
memory_is_that_of_the_window(void **state)
{
	struct sk_hold hold = { 0 };
	char line[101];
	int i;

	(void)state;
	memset(line, 'x', 100);
	line[100] = '\0';
	for (i = 0; i < 100000; i++) {
		add(&hold, i, 0, line);
		if (i >= 1000)
			sk_hold_drop(&hold);
		/* A line has 112 bytes in a block. */
		assert_true(sk_hold_bytes(&hold) <=
		    1001 * (112 + ITEM) + 2 * BLOCK);
	}
	assert_true(sk_hold_bytes(&hold) >= 1000 * (100 + ITEM));
	while (sk_hold_first(&hold) != NULL)
		sk_hold_drop(&hold);
	assert_true(sk_hold_bytes(&hold) <= BLOCK);
	sk_hold_free(&hold);
}

static void
a_long_line_leaves_no_memory(void **state)
{
	struct sk_hold hold = { 0 };
	char *bytes = sk_xcalloc(1 << 20, 1);
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		sk_hold_add(&hold, i, 0, sk_view(bytes, 1 << 20));
		add(&hold, i, 1, "short");
		sk_hold_drop(&hold);
		assert_true(sk_hold_bytes(&hold) <= BLOCK + ITEM);
		sk_hold_drop(&hold);
	}
	free(bytes);
	sk_hold_free(&hold);
}

/* Random times: every event comes out once, in order, with its bytes. */
static void
events_keep_their_bytes(void **state)
{
	struct sk_hold hold = { 0 };
	struct sk_heap_item last, first;
	struct sk_rng rng;
	char line[64];
	int64_t base = 0;
	uint64_t n = 0, out = 0;
	int i;

	(void)state;
	sk_rng_init(&rng, 7);
	for (i = 0; i < 50000; i++) {
		int64_t at_ns = base + (int64_t)(sk_rng_next(&rng) % 500);

		if (sk_rng_next(&rng) % 2 == 0 || n < 100) {
			snprintf(line, sizeof(line), "%d %0*d", (int)at_ns,
			    (int)(sk_rng_next(&rng) % 40), 0);
			add(&hold, at_ns,
			    (uint32_t)(sk_rng_next(&rng) % 5), line);
			n++;
			continue;
		}
		first = *sk_hold_first(&hold);
		if (out > 0 && first.at_ns < base)
			fail_msg("%d is behind %d", (int)first.at_ns,
			    (int)base);
		if (out > 0 && last.at_ns == first.at_ns &&
		    last.rank == first.rank)
			assert_true(last.number < first.number);
		assert_int_equal(strtol(sk_hold_line(&hold).ptr, NULL, 10),
		    first.at_ns);
		sk_hold_drop(&hold);
		last = first;
		base = first.at_ns;
		out++;
		n--;
	}
	assert_int_equal(hold.heap.n, n);
	sk_hold_free(&hold);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_by_time_input_and_place),
		cmocka_unit_test(keeps_a_line_of_any_length),
		cmocka_unit_test(memory_is_that_of_the_window),
		cmocka_unit_test(a_long_line_leaves_no_memory),
		cmocka_unit_test(events_keep_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
