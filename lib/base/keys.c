#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/keys.h"
#include "base/mem.h"
#include "base/rng.h"

#define CELLS_FIRST 64

void
sk_keys_init(struct sk_keys *keys, uint32_t max)
{
	memset(keys, 0, sizeof(*keys));
	keys->seed = sk_rng_draw();
	keys->max = max < SK_KEYS_NONE - 1 ? max : SK_KEYS_NONE - 1;
}

void
sk_keys_free(struct sk_keys *keys)
{
	free(keys->cells);
	free(keys->ends);
	sk_buf_free(&keys->bytes);
	memset(keys, 0, sizeof(*keys));
}

struct sk_view
sk_keys_get(const struct sk_keys *keys, uint32_t number)
{
	uint64_t start = number > 0 ? keys->ends[number - 1] : 0;

	sk_assert(number < keys->n);
	return sk_view(keys->bytes.ptr + start,
	    (size_t)(keys->ends[number] - start));
}

/* The upper half of a cell tells keys apart without looking at their bytes. */
static uint64_t
cell_of(uint64_t hash, uint32_t number)
{
	return (hash & ~(uint64_t)UINT32_MAX) | (number + 1);
}

static void
grow(struct sk_keys *keys)
{
	size_t ncells = keys->ncells > 0 ? 2 * keys->ncells : CELLS_FIRST;
	size_t at;
	uint32_t i;

	free(keys->cells);
	keys->cells = sk_xcalloc(ncells, sizeof(*keys->cells));
	keys->ncells = ncells;
	for (i = 0; i < keys->n; i++) {
		struct sk_view key = sk_keys_get(keys, i);
		uint64_t hash = sk_hash_table(key.ptr, key.len, keys->seed);

		at = hash & (ncells - 1);
		while (keys->cells[at] != 0)
			at = (at + 1) & (ncells - 1);
		keys->cells[at] = cell_of(hash, i);
	}
}

static void
append(struct sk_keys *keys, struct sk_view key)
{
	if (keys->n == keys->cap) {
		keys->cap = keys->cap > 0 ? 2 * keys->cap : CELLS_FIRST;
		keys->ends = sk_xrealloc(keys->ends, keys->cap,
		    sizeof(*keys->ends));
	}
	/* The empty key has a place too. */
	sk_buf_reserve(&keys->bytes, key.len + 1);
	sk_buf_view(&keys->bytes, key);
	keys->ends[keys->n++] = keys->bytes.len;
}

uint32_t
sk_keys_find(struct sk_keys *keys, struct sk_view key)
{
	uint64_t hash = sk_hash_table(key.ptr, key.len, keys->seed), cell;
	size_t at;

	if ((uint64_t)keys->n * 4 >= (uint64_t)keys->ncells * 3)
		grow(keys);
	at = hash & (keys->ncells - 1);
	while ((cell = keys->cells[at]) != 0) {
		uint32_t number = (uint32_t)cell - 1;

		if (cell == cell_of(hash, number) &&
		    sk_view_equal(sk_keys_get(keys, number), key))
			return number;
		at = (at + 1) & (keys->ncells - 1);
	}
	if (keys->n >= keys->max)
		return SK_KEYS_NONE;
	keys->cells[at] = cell_of(hash, keys->n);
	append(keys, key);
	return keys->n - 1;
}

/* A key's number, and its first 8 bytes as a number that sorts as they do:
 * nearly every comparison ends there, without a look at two places in memory
 * that no cache holds. */
struct ranked {
	uint64_t start;
	uint32_t number;
};

static uint64_t
start_of(struct sk_view key)
{
	uint64_t start = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		start = start << 8 |
		    (i < key.len ? (unsigned char)key.ptr[i] : 0);
	return start;
}

static int
by_bytes(const void *a, const void *b, void *arg)
{
	const struct ranked *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return sk_view_compare(sk_keys_get(arg, x->number),
	    sk_keys_get(arg, y->number));
}

uint32_t *
sk_keys_sorted(const struct sk_keys *keys)
{
	struct ranked *ranked = sk_xalloc(keys->n, sizeof(*ranked));
	uint32_t *order = sk_xalloc(keys->n, sizeof(*order)), i;

	for (i = 0; i < keys->n; i++) {
		ranked[i].start = start_of(sk_keys_get(keys, i));
		ranked[i].number = i;
	}
	qsort_r(ranked, keys->n, sizeof(*ranked), by_bytes,
	    (void *)(uintptr_t)keys);
	for (i = 0; i < keys->n; i++)
		order[i] = ranked[i].number;
	free(ranked);
	return order;
}
