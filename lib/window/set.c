#include <stdlib.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "window/set.h"

#define CAP_FIRST 4
#define CAP_PLAIN 16 /* so many are looked through one by one */

void
sk_set_free(struct sk_set *set)
{
	free(set->entry);
	free(set->cell);
	sk_buf_free(&set->bytes);
	*set = (struct sk_set){ 0 };
}

static void *
duplicate(const void *from, size_t n, size_t size)
{
	void *to = sk_xalloc(n, size);

	memcpy(to, from, n * size);
	return to;
}

void
sk_set_copy(struct sk_set *to, const struct sk_set *from)
{
	*to = (struct sk_set){ .n = from->n, .cap = from->cap };
	if (from->cap == 0)
		return;
	to->entry = duplicate(from->entry, from->cap, sizeof(*to->entry));
	if (from->cell != NULL)
		to->cell = duplicate(from->cell, 2 * (size_t)from->cap,
		    sizeof(*to->cell));
	sk_buf_add(&to->bytes, from->bytes.ptr, from->bytes.len);
}

struct sk_view
sk_set_get(const struct sk_set *set, uint32_t i)
{
	uint32_t begin = i > 0 ? set->entry[i - 1].end : 0;

	return sk_view(set->bytes.ptr + begin, set->entry[i].end - begin);
}

/* The first cell for a hash: its own, or a free one. */
static uint16_t *
first_cell(const struct sk_set *set, uint32_t hash)
{
	return &set->cell[hash & (2 * set->cap - 1)];
}

static uint16_t *
next_cell(const struct sk_set *set, uint16_t *cell)
{
	return ++cell == set->cell + 2 * set->cap ? set->cell : cell;
}

static void
grow(struct sk_set *set)
{
	uint16_t *cell;
	uint32_t i;

	set->cap = set->cap == 0 ? CAP_FIRST : 2 * set->cap;
	sk_assert(set->cap <= SK_SET_MAX);
	set->entry = sk_xrealloc(set->entry, set->cap, sizeof(*set->entry));
	if (set->cap <= CAP_PLAIN)
		return;
	free(set->cell);
	set->cell = sk_xcalloc(2 * (size_t)set->cap, sizeof(*set->cell));
	for (i = 0; i < set->n; i++) {
		cell = first_cell(set, set->entry[i].hash);
		while (*cell != 0)
			cell = next_cell(set, cell);
		*cell = (uint16_t)(i + 1);
	}
}

/* Where a text is: its number; else n, and its cell if there is a table. */
static uint32_t
find(const struct sk_set *set, uint32_t hash, struct sk_view text,
    uint16_t **cell)
{
	uint32_t i = 0;

	*cell = set->cell == NULL ? NULL : first_cell(set, hash);
	while (*cell == NULL ? i < set->n : **cell != 0) {
		if (*cell != NULL)
			i = **cell - 1u;
		if (set->entry[i].hash == hash &&
		    sk_view_equal(sk_set_get(set, i), text))
			return i;
		if (*cell != NULL)
			*cell = next_cell(set, *cell);
		else
			i++;
	}
	return set->n;
}

bool
sk_set_add(struct sk_set *set, struct sk_view text, uint64_t seed)
{
	uint32_t hash = (uint32_t)sk_hash_table(text.ptr, text.len, seed);
	uint16_t *cell;

	if (find(set, hash, text, &cell) < set->n)
		return false;
	if (set->n == set->cap) {
		grow(set);
		find(set, hash, text, &cell);
	}
	if (cell != NULL)
		*cell = (uint16_t)(set->n + 1);
	sk_buf_view(&set->bytes, text);
	set->entry[set->n++] = (struct sk_set_entry){ hash,
		(uint32_t)set->bytes.len };
	return true;
}
