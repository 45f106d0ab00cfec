#include <stdlib.h>

#include "base/err.h"
#include "window/agg_parts.h"
#include "window/sum.h"

size_t
sk_cell_size(enum sk_cell_kind kind)
{
	static const size_t size[] = {
		[SK_CELL_COUNT] = sizeof(uint64_t),
		[SK_CELL_VALUES] = sizeof(uint64_t),
		[SK_CELL_SUM] = sizeof(struct sk_sum),
		[SK_CELL_MIN] = sizeof(struct sk_decimal),
		[SK_CELL_MAX] = sizeof(struct sk_decimal),
		[SK_CELL_FIRST] = sizeof(struct sk_kept),
		[SK_CELL_LAST] = sizeof(struct sk_kept),
	};

	return size[kind];
}

/* ---- empty, and released ---- */

static void
new_cell(const struct sk_agg_cell *cell, void *at)
{
	struct sk_decimal *number = at;

	if (cell->kind == SK_CELL_MIN || cell->kind == SK_CELL_MAX)
		number->scale = SK_DECIMAL_NONE;
}

void
sk_aggs_new(const struct sk_aggs *aggs, void *state)
{
	size_t i;

	memset(state, 0, aggs->size);
	for (i = 0; i < aggs->ncells; i++)
		new_cell(&aggs->cell[i], sk_cell_of(&aggs->cell[i], state));
}

static void
free_cell(const struct sk_agg_cell *cell, void *at)
{
	switch (cell->kind) {
	case SK_CELL_SUM:
		sk_sum_free(at);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_free(at);
		break;
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
	case SK_CELL_MIN:
	case SK_CELL_MAX:
	default:
		break;
	}
}

void
sk_aggs_free(const struct sk_aggs *aggs, void *state)
{
	for (size_t i = 0; i < aggs->ncells; i++)
		free_cell(&aggs->cell[i], sk_cell_of(&aggs->cell[i], state));
}

/* ---- adding ---- */

static void
set_extreme(struct sk_decimal *to, const struct sk_decimal *number, int sign)
{
	if (sk_decimal_is_none(to) ||
	    sign * sk_decimal_compare(number, to) > 0)
		*to = *number;
}

static inline void
add_cell(const struct sk_aggs *aggs, const struct sk_agg_cell *cell, void *at)
{
	const struct sk_agg_taken *taken = &aggs->taken[cell->field[0]];
	struct sk_kept *kept = at;

	switch (cell->kind) {
	case SK_CELL_COUNT:
		++*(uint64_t *)at;
		break;
	case SK_CELL_VALUES:
		*(uint64_t *)at += taken->value.text.ptr != NULL;
		break;
	case SK_CELL_SUM:
		if (taken->has_number)
			sk_sum_add(at, &taken->number);
		break;
	case SK_CELL_MIN:
	case SK_CELL_MAX:
		if (taken->has_number)
			set_extreme(at, &taken->number,
			    cell->kind == SK_CELL_MAX ? 1 : -1);
		break;
	case SK_CELL_FIRST:
		if (taken->value.text.ptr != NULL &&
		    (kept->kind == SK_KIND_NONE || aggs->at_ns < kept->at_ns))
			sk_kept_set(kept, aggs->at_ns, &taken->value);
		break;
	case SK_CELL_LAST:
		if (taken->value.text.ptr != NULL &&
		    (kept->kind == SK_KIND_NONE || aggs->at_ns >= kept->at_ns))
			sk_kept_set(kept, aggs->at_ns, &taken->value);
		break;
	default:
		break;
	}
}

void
sk_aggs_add(const struct sk_aggs *aggs, void *state)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	for (i = 0; i < aggs->ncells; i++, cell++)
		add_cell(aggs, cell, sk_cell_of(cell, state));
}

/* ---- copies and merges ---- */

static void
copy_cell(const struct sk_agg_cell *cell, void *to, const void *from)
{
	switch (cell->kind) {
	case SK_CELL_SUM:
		sk_sum_copy(to, from);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_copy(to, from);
		break;
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
	case SK_CELL_MIN:
	case SK_CELL_MAX:
	default:
		break;
	}
}

void
sk_aggs_copy(const struct sk_aggs *aggs, void *to, const void *from)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	memcpy(to, from, aggs->size);
	for (i = 0; i < aggs->ncells; i++, cell++)
		copy_cell(cell, sk_cell_of(cell, to), sk_cell_in(cell, from));
}

static void
merge_kept(const struct sk_agg_cell *cell, struct sk_kept *into,
    const struct sk_kept *from)
{
	struct sk_valued value = sk_kept_get(from);
	bool later = from->at_ns >= into->at_ns;

	if (from->kind != SK_KIND_NONE && (into->kind == SK_KIND_NONE ||
	    later == (cell->kind == SK_CELL_LAST)))
		sk_kept_set(into, from->at_ns, &value);
}

static void
merge_cell(const struct sk_agg_cell *cell, void *into, const void *from)
{
	const struct sk_decimal *number = from;

	switch (cell->kind) {
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
		*(uint64_t *)into += *(const uint64_t *)from;
		break;
	case SK_CELL_SUM:
		sk_sum_merge(into, from);
		break;
	case SK_CELL_MIN:
	case SK_CELL_MAX:
		if (!sk_decimal_is_none(number))
			set_extreme(into, number,
			    cell->kind == SK_CELL_MAX ? 1 : -1);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		merge_kept(cell, into, from);
		break;
	default:
		break;
	}
}

void
sk_aggs_merge(const struct sk_aggs *aggs, void *into, const void *from)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	for (i = 0; i < aggs->ncells; i++, cell++)
		merge_cell(cell, sk_cell_of(cell, into),
		    sk_cell_in(cell, from));
}

/* ---- bytes ---- */

static void
save_cell(const struct sk_agg_cell *cell, const void *at, struct sk_buf *buf)
{
	switch (cell->kind) {
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
		sk_pack_u64(buf, *(const uint64_t *)at);
		break;
	case SK_CELL_SUM:
		sk_sum_save(at, buf);
		break;
	case SK_CELL_MIN:
	case SK_CELL_MAX:
		sk_decimal_save(at, buf);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_save(at, buf);
		break;
	default:
		break;
	}
}

void
sk_aggs_save(const struct sk_aggs *aggs, const void *state,
    struct sk_buf *buf)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	for (i = 0; i < aggs->ncells; i++, cell++)
		save_cell(cell, sk_cell_in(cell, state), buf);
}

static void
load_cell(const struct sk_agg_cell *cell, void *at, struct sk_unpack *from)
{
	switch (cell->kind) {
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
		*(uint64_t *)at = sk_unpack_u64(from);
		break;
	case SK_CELL_SUM:
		sk_sum_load(at, from);
		break;
	case SK_CELL_MIN:
	case SK_CELL_MAX:
		sk_decimal_load(at, from);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_load(at, from);
		break;
	default:
		break;
	}
}

int
sk_aggs_load(const struct sk_aggs *aggs, void *state, struct sk_view *bytes,
    struct sk_diag *diag)
{
	const struct sk_agg_cell *cell = aggs->cell;
	struct sk_unpack from = { *bytes, false };
	size_t i;

	sk_aggs_new(aggs, state);
	for (i = 0; i < aggs->ncells && !from.bad; i++, cell++)
		load_cell(cell, sk_cell_of(cell, state), &from);
	if (from.bad) {
		sk_aggs_free(aggs, state);
		sk_aggs_new(aggs, state);
		return sk_diag_set(diag, SK_EDATA,
		    "damaged state of aggregates");
	}
	*bytes = from.bytes;
	return 0;
}
