#include "base/err.h"
#include "window/arg.h"
#include "window/cells.h"
#include "window/distinct.h"
#include "window/hlls.h"
#include "window/moments.h"
#include "window/percentiles.h"
#include "window/span.h"
#include "window/sum.h"

static inline void *
part(const struct sk_agg_cell *cell, void *state)
{
	return (char *)state + cell->at;
}

static inline const void *
const_part(const struct sk_agg_cell *cell, const void *state)
{
	return (const char *)state + cell->at;
}

/* The cells of a plain plan. */
static inline uint64_t *
plain_count(const struct sk_aggs *aggs, void *state)
{
	return (void *)((char *)state + aggs->count_at);
}

static inline struct sk_sum *
plain_sum(const struct sk_aggs *aggs, void *state)
{
	return (void *)((char *)state + aggs->sum_at);
}

static inline const struct sk_sum *
const_sum(const struct sk_aggs *aggs, const void *state)
{
	return (const void *)((const char *)state + aggs->sum_at);
}

uint64_t
sk_aggs_count(const struct sk_aggs *aggs, const void *state)
{
	return *(const uint64_t *)(const void *)((const char *)state +
	    aggs->count_at);
}

void
sk_aggs_new(const struct sk_aggs *aggs, void *state)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	memset(state, 0, aggs->size);
	if (aggs->plain)
		return;
	for (i = 0; i < aggs->ncells; i++, cell++)
		sk_cell_init(cell, part(cell, state));
}

void
sk_aggs_free(const struct sk_aggs *aggs, void *state)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	if (aggs->plain && (!aggs->sums ||
	    const_sum(aggs, state)->more == NULL))
		return;
	for (i = 0; i < aggs->ncells; i++, cell++)
		sk_cell_free(cell, part(cell, state));
}

void
sk_aggs_copy(const struct sk_aggs *aggs, void *to, const void *from)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	memcpy(to, from, aggs->size);
	if (aggs->plain && (!aggs->sums ||
	    const_sum(aggs, from)->more == NULL))
		return;
	for (i = 0; i < aggs->ncells; i++, cell++)
		sk_cell_copy(cell, part(cell, to), const_part(cell, from));
}

void
sk_aggs_merge(const struct sk_aggs *aggs, void *into, const void *from)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	if (aggs->plain) {
		*plain_count(aggs, into) += *(const uint64_t *)(const void *)
		    ((const char *)from + aggs->count_at);
		if (aggs->sums)
			sk_sum_merge(plain_sum(aggs, into),
			    const_sum(aggs, from));
		return;
	}
	for (i = 0; i < aggs->ncells; i++, cell++)
		sk_cell_merge(aggs, cell, part(cell, into),
		    const_part(cell, from));
}

void
sk_aggs_save(const struct sk_aggs *aggs, const void *state,
    struct sk_buf *buf)
{
	const struct sk_agg_cell *cell = aggs->cell;
	size_t i;

	for (i = 0; i < aggs->ncells; i++, cell++)
		sk_cell_save(cell, const_part(cell, state), buf);
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
		sk_cell_load(aggs, cell, part(cell, state), &from);
	if (from.bad) {
		sk_aggs_free(aggs, state);
		sk_aggs_new(aggs, state);
		return sk_diag_set(diag, SK_EDATA,
		    "damaged state of aggregates");
	}
	*bytes = from.bytes;
	return 0;
}

uint64_t
sk_aggs_left_out(const struct sk_aggs *aggs, const void *state)
{
	const struct sk_agg_cell *cell = aggs->cell;
	struct sk_list *const *list;
	const struct sk_arg *arg;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < aggs->ncells; i++, cell++) {
		arg = const_part(cell, state);
		list = const_part(cell, state);
		if (cell->kind == SK_CELL_ARGMAX ||
		    cell->kind == SK_CELL_ARGMIN)
			list = &arg->list;
		else if (cell->kind != SK_CELL_LIST)
			continue;
		if (*list != NULL)
			n += (*list)->left_out;
	}
	return n;
}

/* ---- an event ---- */

static inline void
add_number(const struct sk_aggs *aggs, const struct sk_agg_cell *cell,
    const struct sk_agg_taken *taken, void *at)
{
	const struct sk_valued *beside = &aggs->taken[cell->field[1]].value;
	const struct sk_decimal *number = &taken->number;

	switch (cell->kind) {
	case SK_CELL_SUM:
		sk_sum_add(at, number);
		break;
	case SK_CELL_MIN:
		sk_decimal_rise(at, number, -1);
		break;
	case SK_CELL_MAX:
		sk_decimal_rise(at, number, 1);
		break;
	case SK_CELL_MOMENTS:
		sk_moments_add(at, sk_decimal_f64(number));
		break;
	case SK_CELL_SPAN:
		sk_span_add(at, aggs->at_ns, number);
		break;
	case SK_CELL_KLL:
		sk_percentiles_add(at, sk_decimal_f64(number));
		break;
	case SK_CELL_ARGMAX:
	case SK_CELL_ARGMIN:
		if (beside->text.ptr != NULL)
			sk_arg_add(at, cell->kind == SK_CELL_ARGMAX ? 1 : -1,
			    aggs->at_ns, number, beside, aggs->list_max);
		break;
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
	case SK_CELL_DISTINCT:
	case SK_CELL_TOPS:
	case SK_CELL_LIST:
	case SK_CELL_HLL:
	default:
		break;
	}
}

static void
add_value(const struct sk_aggs *aggs, const struct sk_agg_cell *cell,
    const struct sk_agg_taken *taken, void *at)
{
	struct sk_view item = sk_view(taken->item.ptr, taken->item.len);
	struct sk_kept *kept = at;

	switch (cell->kind) {
	case SK_CELL_VALUES:
		++*(uint64_t *)at;
		break;
	case SK_CELL_FIRST:
		if (kept->kind == SK_KIND_NONE || aggs->at_ns < kept->at_ns)
			sk_kept_set(kept, aggs->at_ns, &taken->value);
		break;
	case SK_CELL_LAST:
		if (kept->kind == SK_KIND_NONE || aggs->at_ns >= kept->at_ns)
			sk_kept_set(kept, aggs->at_ns, &taken->value);
		break;
	case SK_CELL_DISTINCT:
		sk_distinct_add(at, item, aggs->seed);
		break;
	case SK_CELL_TOPS:
		sk_tops_add(at, item, &cell->tops);
		break;
	case SK_CELL_LIST:
		sk_list_add(at, aggs->at_ns, &taken->value, aggs->list_max);
		break;
	case SK_CELL_HLL:
		sk_hlls_add(at, taken->value.text);
		break;
	case SK_CELL_COUNT:
	case SK_CELL_SUM:
	case SK_CELL_MIN:
	case SK_CELL_MAX:
	case SK_CELL_MOMENTS:
	case SK_CELL_SPAN:
	case SK_CELL_ARGMAX:
	case SK_CELL_ARGMIN:
	case SK_CELL_KLL:
	default:
		break;
	}
}

static void
add_all(const struct sk_aggs *aggs, void *state)
{
	const struct sk_agg_cell *cell = aggs->cell;
	const struct sk_agg_cell *end = cell + aggs->ncells;

	for (; cell < end; cell++) {
		const struct sk_agg_taken *taken =
		    &aggs->taken[cell->field[0]];
		void *at = part(cell, state);

		if (cell->kind == SK_CELL_COUNT)
			++*(uint64_t *)at;
		else if (cell->number) {
			if (taken->has_number)
				add_number(aggs, cell, taken, at);
		} else if (taken->value.text.ptr != NULL)
			add_value(aggs, cell, taken, at);
	}
}

/* The usual plans have a way of their own, twice as fast. */
void
sk_aggs_add(const struct sk_aggs *aggs, void *state)
{
	if (!aggs->plain) {
		add_all(aggs, state);
		return;
	}
	++*plain_count(aggs, state);
	if (aggs->sums && aggs->taken->has_number)
		sk_sum_add(plain_sum(aggs, state), &aggs->taken->number);
}
