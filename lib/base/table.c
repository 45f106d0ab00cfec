#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/table.h"

#define CELLS_FIRST 8
#define CHUNK_FIRST 4 /* slots */
#define FEW 64        /* entries that are sorted by comparisons */

struct slot {
	uint32_t hash;
	uint32_t len; /* of the key; while free: the next free slot + 1 */
	union {
		char near[SK_TABLE_NEAR];
		char *far;
	} key;
};

void
sk_table_init(struct sk_table *table, size_t size)
{
	memset(table, 0, sizeof(*table));
	table->stride = sizeof(struct slot) + ((size + 15) & ~(size_t)15);
}

/* Chunk c begins with slot 4 * (2^c - 1). */
static struct slot *
slot_at(const struct sk_table *table, uint32_t number)
{
	uint32_t group = number / CHUNK_FIRST + 1;
	unsigned c = 31 - (unsigned)__builtin_clz(group);
	size_t first = (size_t)CHUNK_FIRST * ((UINT32_C(1) << c) - 1);

	return (struct slot *)(void *)(table->chunk[c] +
	    (number - first) * table->stride);
}

static const char *
key_bytes(const struct slot *slot)
{
	return slot->len <= SK_TABLE_NEAR ? slot->key.near : slot->key.far;
}

void *
sk_table_at(const struct sk_table *table, uint32_t number)
{
	return slot_at(table, number) + 1;
}

struct sk_view
sk_table_key(const struct sk_table *table, uint32_t number)
{
	const struct slot *slot = slot_at(table, number);

	return sk_view(key_bytes(slot), slot->len);
}

uint32_t
sk_table_hash_of(const struct sk_table *table, uint32_t number)
{
	return slot_at(table, number)->hash;
}

static uint64_t
cell_of(uint32_t hash, uint32_t number)
{
	return (uint64_t)hash << 32 | (number + 1);
}

static void
put_cell(uint64_t *cells, size_t ncells, uint64_t cell)
{
	size_t at = (cell >> 32) & (ncells - 1);

	while (cells[at] != 0)
		at = (at + 1) & (ncells - 1);
	cells[at] = cell;
}

static void
grow(struct sk_table *table)
{
	size_t ncells = table->ncells > 0 ? 2 * table->ncells : CELLS_FIRST;
	uint64_t *cells = sk_xaligned(64, ncells * sizeof(*cells));
	size_t i;

	memset(cells, 0, ncells * sizeof(*cells));
	for (i = 0; i < table->ncells; i++)
		if (table->cells[i] != 0)
			put_cell(cells, ncells, table->cells[i]);
	free(table->cells);
	table->cells = cells;
	table->ncells = ncells;
}

/* The cell of a key, and its slot; or the empty cell where it would be, and
 * NULL. */
static inline struct slot *
seek(const struct sk_table *table, struct sk_view key, uint32_t hash,
    size_t *at)
{
	size_t mask = table->ncells - 1;
	struct slot *slot;
	uint64_t cell;

	for (*at = hash & mask; (cell = table->cells[*at]) != 0;
	    *at = (*at + 1) & mask) {
		if (cell >> 32 != hash)
			continue;
		slot = slot_at(table, (uint32_t)cell - 1);
		if (slot->len == key.len && sk_bytes_equal(key_bytes(slot),
		    key.ptr, key.len))
			return slot;
	}
	return NULL;
}

uint32_t
sk_table_find(const struct sk_table *table, struct sk_view key, uint32_t hash)
{
	size_t at;

	if (table->n == 0 || seek(table, key, hash, &at) == NULL)
		return SK_TABLE_NONE;
	return (uint32_t)table->cells[at] - 1;
}

void
sk_table_warm(const struct sk_table *table, uint32_t hash)
{
	if (table->ncells > 0)
		__builtin_prefetch(&table->cells[hash & (table->ncells - 1)]);
}

uint32_t
sk_table_warm_slot(const struct sk_table *table, uint32_t hash)
{
	uint64_t cell = 0;
	const struct slot *slot;

	if (table->ncells > 0)
		cell = table->cells[hash & (table->ncells - 1)];
	if (cell == 0)
		return SK_TABLE_NONE;
	slot = slot_at(table, (uint32_t)cell - 1);
	__builtin_prefetch(slot);
	__builtin_prefetch((const char *)slot + 64);
	return (uint32_t)cell - 1;
}

static uint32_t
take_slot(struct sk_table *table)
{
	uint32_t number = table->used, group;
	unsigned c;

	if (table->free > 0) {
		number = table->free - 1;
		table->free = slot_at(table, number)->len;
		return number;
	}
	group = number / CHUNK_FIRST + 1;
	c = 31 - (unsigned)__builtin_clz(group);
	sk_assert(c < SK_TABLE_CHUNKS);
	if (table->chunk[c] == NULL)
		table->chunk[c] = sk_xaligned(16,
		    ((size_t)CHUNK_FIRST << c) * table->stride);
	table->used++;
	return number;
}

static void
forget_order(struct sk_table *table)
{
	free(table->order);
	table->order = NULL;
}

static uint32_t
add_slot(struct sk_table *table, struct sk_view key, uint32_t hash)
{
	uint32_t number = take_slot(table);
	struct slot *slot = slot_at(table, number);
	char *bytes = slot->key.near;

	memset(slot, 0, table->stride);
	slot->hash = hash;
	slot->len = (uint32_t)key.len;
	if (key.len > SK_TABLE_NEAR)
		bytes = slot->key.far = sk_xalloc(1, key.len);
	if (key.len > 0)
		memcpy(bytes, key.ptr, key.len);
	table->n++;
	forget_order(table);
	return number;
}

void *
sk_table_entry(struct sk_table *table, struct sk_view key, uint32_t hash,
    uint32_t *number, bool *fresh)
{
	struct slot *slot;
	size_t at;

	if ((uint64_t)table->n * 4 >= (uint64_t)table->ncells * 3)
		grow(table);
	slot = seek(table, key, hash, &at);
	*fresh = slot == NULL;
	if (slot == NULL) {
		*number = add_slot(table, key, hash);
		table->cells[at] = cell_of(hash, *number);
		return slot_at(table, *number) + 1;
	}
	*number = (uint32_t)table->cells[at] - 1;
	return slot + 1;
}

uint32_t
sk_table_add(struct sk_table *table, struct sk_view key, uint32_t hash,
    bool *fresh)
{
	uint32_t number;

	sk_table_entry(table, key, hash, &number, fresh);
	return number;
}

/* Empty a cell; those behind it that would not be found any more move up
 * (Knuth, The Art of Computer Programming, 6.4, algorithm R). */
static void
empty_cell(struct sk_table *table, size_t at)
{
	size_t mask = table->ncells - 1, next = at, home;

	for (;;) {
		next = (next + 1) & mask;
		if (table->cells[next] == 0)
			break;
		home = (table->cells[next] >> 32) & mask;
		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		table->cells[at] = table->cells[next];
		at = next;
	}
	table->cells[at] = 0;
}

void
sk_table_remove(struct sk_table *table, uint32_t number)
{
	struct slot *slot = slot_at(table, number);
	size_t at = slot->hash & (table->ncells - 1);

	while ((uint32_t)table->cells[at] != number + 1)
		at = (at + 1) & (table->ncells - 1);
	empty_cell(table, at);
	if (slot->len > SK_TABLE_NEAR)
		free(slot->key.far);
	slot->len = table->free;
	table->free = number + 1;
	table->n--;
	forget_order(table);
}

void
sk_table_free(struct sk_table *table)
{
	size_t i;
	struct slot *slot;

	for (i = 0; i < table->ncells; i++) {
		if (table->cells[i] == 0)
			continue;
		slot = slot_at(table, (uint32_t)table->cells[i] - 1);
		if (slot->len > SK_TABLE_NEAR)
			free(slot->key.far);
	}
	for (i = 0; i < SK_TABLE_CHUNKS; i++)
		free(table->chunk[i]);
	free(table->cells);
	forget_order(table);
	sk_table_init(table, table->stride - sizeof(struct slot));
}

uint32_t
sk_table_next(const struct sk_table *table, size_t *at)
{
	/* Slots stand in order in memory, cells do not. */
	if (table->free == 0)
		return *at < table->used ? (uint32_t)(*at)++ : SK_TABLE_NONE;
	while (*at < table->ncells && table->cells[*at] == 0)
		++*at;
	return *at < table->ncells ? (uint32_t)table->cells[(*at)++] - 1 :
	    SK_TABLE_NONE;
}

/* ---- in order ---- */

/* A key's slot, and its first 8 bytes as a number that sorts as they do. */
struct ranked {
	uint64_t start;
	uint32_t number;
};

static uint64_t
start_of(const struct slot *slot)
{
	const unsigned char *bytes = (const unsigned char *)key_bytes(slot);
	uint64_t start = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		start = start << 8 | (i < slot->len ? bytes[i] : 0);
	return start;
}

uint64_t
sk_table_prefix(const struct sk_table *table, uint32_t number)
{
	return start_of(slot_at(table, number));
}

static int
by_bytes(const void *a, const void *b, void *arg)
{
	const struct ranked *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return sk_view_compare(sk_table_key(arg, x->number),
	    sk_table_key(arg, y->number));
}

/* By the byte at `shift` of their starts, keeping their order otherwise;
 * false, nothing done, if it is the same in all. */
static bool
sort_byte(const struct ranked *from, struct ranked *to, size_t n, int shift)
{
	size_t count[256] = { 0 }, at = 0, here, i;

	for (i = 0; i < n; i++)
		count[from[i].start >> shift & 255]++;
	if (count[from[0].start >> shift & 255] == n)
		return false;
	for (i = 0; i < 256; i++) {
		here = count[i];
		count[i] = at;
		at += here;
	}
	for (i = 0; i < n; i++)
		to[count[from[i].start >> shift & 255]++] = from[i];
	return true;
}

/* Runs of one start are sorted by the rest of their keys. */
static void
sort_runs(struct sk_table *table, struct ranked *ranked, size_t n)
{
	size_t from, to;

	for (from = 0; from < n; from = to) {
		for (to = from + 1; to < n &&
		    ranked[to].start == ranked[from].start; to++)
			;
		if (to - from > 1)
			qsort_r(ranked + from, to - from, sizeof(*ranked),
			    by_bytes, table);
	}
}

/* A radix sort by the starts, lowest byte first; the sorted half of 2 n. */
static struct ranked *
sort_many(struct sk_table *table, struct ranked *ranked, size_t n)
{
	struct ranked *from = ranked, *to = ranked + n, *swap;
	int shift;

	for (shift = 0; shift < 64; shift += 8)
		if (sort_byte(from, to, n, shift)) {
			swap = from;
			from = to;
			to = swap;
		}
	sort_runs(table, from, n);
	return from;
}

const uint32_t *
sk_table_sorted(struct sk_table *table)
{
	struct ranked *ranked, *sorted;
	size_t at = 0, n = 0, i;
	uint32_t slot;

	if (table->order != NULL)
		return table->order;
	ranked = sk_xalloc(2 * (size_t)table->n + 1, sizeof(*ranked));
	while ((slot = sk_table_next(table, &at)) != SK_TABLE_NONE) {
		ranked[n].number = slot;
		ranked[n++].start = start_of(slot_at(table, slot));
	}
	sorted = ranked;
	if (n > FEW)
		sorted = sort_many(table, ranked, n);
	else
		qsort_r(ranked, n, sizeof(*ranked), by_bytes, table);
	table->order = sk_xalloc(n + 1, sizeof(*table->order));
	for (i = 0; i < n; i++)
		table->order[i] = sorted[i].number;
	free(ranked);
	return table->order;
}
