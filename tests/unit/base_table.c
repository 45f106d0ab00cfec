/* The table with removal against a plain array, over random adds and removes,
 * with hashes that are good, few and all one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/table.h"

#define NAMES 700 /* keys there may be */
#define STEPS 20000

/* What should be there: of each name its slot, or NONE, and its number. */
struct naive {
	uint32_t slot[NAMES];
	uint64_t number[NAMES];
	uint32_t n;
};

/* Of 0 to about 40 bytes, some with zeroes and high ones. */
static struct sk_view
name_of(unsigned i, char *text)
{
	int len;

	if (i == 0)
		return sk_view("", 0);
	if (i == 1)
		return sk_view("\0\0", 2);
	len = snprintf(text, 64, "%c%u%.*s", (int)(i % 251), i, (int)(i % 37),
	    "-a-longer-name-than-what-is-near-the-slot-");
	return sk_view(text, (size_t)len);
}

static uint32_t
hash_of(struct sk_view name, uint32_t mask)
{
	return sk_table_hash(name, 7) & mask;
}

static void
add(struct sk_table *table, struct naive *naive, unsigned i, uint32_t mask,
    uint64_t number)
{
	char text[64];
	struct sk_view name = name_of(i, text);
	bool fresh;
	uint32_t slot = sk_table_add(table, name, hash_of(name, mask), &fresh);
	uint64_t *mine = sk_table_at(table, slot);

	assert_int_equal(fresh, naive->slot[i] == SK_TABLE_NONE);
	assert_true((uintptr_t)mine % 16 == 0);
	if (fresh) {
		assert_true(mine[0] == 0 && mine[1] == 0);
		mine[0] = mine[1] = naive->number[i] = number;
		naive->slot[i] = slot;
		naive->n++;
	}
	assert_int_equal(slot, naive->slot[i]);
}

static void
take_out(struct sk_table *table, struct naive *naive, unsigned i)
{
	if (naive->slot[i] == SK_TABLE_NONE)
		return;
	sk_table_remove(table, naive->slot[i]);
	naive->slot[i] = SK_TABLE_NONE;
	naive->n--;
}

/* All that is there is found, where it was; it is all there is, and in
 * order. */
static void
check(struct sk_table *table, const struct naive *naive, uint32_t mask)
{
	const uint32_t *order = sk_table_sorted(table);
	char text[64];
	uint32_t n = 0, i, slot;
	size_t at = 0;

	assert_int_equal(table->n, naive->n);
	for (i = 0; i < NAMES; i++) {
		struct sk_view name = name_of(i, text);

		slot = sk_table_find(table, name, hash_of(name, mask));
		assert_int_equal(slot, naive->slot[i]);
		if (slot == SK_TABLE_NONE)
			continue;
		assert_true(sk_view_equal(sk_table_key(table, slot), name));
		assert_true(memcmp(sk_table_at(table, slot),
		    &naive->number[i], 8) == 0);
		assert_int_equal(sk_table_hash_of(table, slot),
		    hash_of(name, mask));
	}
	while ((slot = sk_table_next(table, &at)) != SK_TABLE_NONE)
		n++;
	assert_int_equal(n, naive->n);
	for (i = 1; i < n; i++)
		assert_true(sk_view_compare(sk_table_key(table, order[i - 1]),
		    sk_table_key(table, order[i])) < 0);
}

static void
try_mask(uint32_t mask, uint64_t seed)
{
	struct naive *naive = sk_xcalloc(1, sizeof(*naive));
	struct sk_table table;
	struct sk_rng rng;
	uint64_t pick;
	uint32_t i, few = NAMES;

	memset(naive->slot, 0xff, sizeof(naive->slot));
	sk_table_init(&table, 16);
	sk_rng_init(&rng, seed);
	for (i = 0; i < STEPS; i++) {
		pick = sk_rng_next(&rng);
		/* Now it grows, now it shrinks to nothing. */
		if (i % 2000 == 0)
			few = i % 4000 == 0 ? NAMES : 3;
		if (pick % 100 < (few == NAMES ? 70 : 20))
			add(&table, naive, (unsigned)(pick >> 32) % NAMES,
			    mask, i);
		else
			take_out(&table, naive,
			    (unsigned)(pick >> 32) % NAMES);
		if (i % 97 == 0 || naive->n < 3)
			check(&table, naive, mask);
	}
	check(&table, naive, mask);
	sk_table_free(&table);
	assert_int_equal(table.n, 0);
	free(naive);
}

static void
test_good_hashes(void **state)
{
	(void)state;
	try_mask(UINT32_MAX, 1);
}

static void
test_colliding_hashes(void **state)
{
	(void)state;
	try_mask(UINT32_C(0x1f), 2);
	try_mask(UINT32_C(0xe0000003), 3);
}

/* Hashes that all go to the last cell, so that runs go around the end. */
static void
test_one_hash(void **state)
{
	(void)state;
	try_mask(0, 4);
}

static void
test_empty(void **state)
{
	struct sk_table table;
	size_t at = 0;

	(void)state;
	sk_table_init(&table, 0);
	assert_int_equal(sk_table_find(&table, sk_view_str("x"), 1),
	    SK_TABLE_NONE);
	assert_int_equal(sk_table_next(&table, &at), SK_TABLE_NONE);
	assert_non_null(sk_table_sorted(&table));
	sk_table_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_hashes),
		cmocka_unit_test(test_colliding_hashes),
		cmocka_unit_test(test_one_hash),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
