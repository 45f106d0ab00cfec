#include "window/arg.h"
#include "window/cells.h"
#include "window/distinct.h"
#include "window/hlls.h"
#include "window/moments.h"
#include "window/percentiles.h"
#include "window/span.h"
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
		[SK_CELL_MOMENTS] = sizeof(struct sk_moments),
		[SK_CELL_FIRST] = sizeof(struct sk_kept),
		[SK_CELL_LAST] = sizeof(struct sk_kept),
		[SK_CELL_SPAN] = sizeof(struct sk_span),
		[SK_CELL_DISTINCT] = sizeof(struct sk_distinct *),
		[SK_CELL_TOPS] = sizeof(struct sk_topk *),
		[SK_CELL_ARGMAX] = sizeof(struct sk_arg),
		[SK_CELL_ARGMIN] = sizeof(struct sk_arg),
		[SK_CELL_KLL] = sizeof(struct sk_kll *),
		[SK_CELL_LIST] = sizeof(struct sk_list *),
		[SK_CELL_HLL] = sizeof(struct sk_hll *),
	};

	return size[kind];
}

void
sk_cell_init(const struct sk_agg_cell *cell, void *at)
{
	struct sk_decimal *number = at;

	if (cell->kind == SK_CELL_MIN || cell->kind == SK_CELL_MAX)
		number->scale = SK_DECIMAL_NONE;
	else if (cell->kind == SK_CELL_SPAN)
		sk_span_init(at);
	else if (cell->kind == SK_CELL_ARGMAX || cell->kind == SK_CELL_ARGMIN)
		sk_arg_init(at);
}

void
sk_cell_free(const struct sk_agg_cell *cell, void *at)
{
	switch (cell->kind) {
	case SK_CELL_SUM:
		sk_sum_free(at);
		break;
	case SK_CELL_MOMENTS:
		sk_moments_free(at);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_free(at);
		break;
	case SK_CELL_DISTINCT:
		sk_distinct_free(at);
		break;
	case SK_CELL_TOPS:
		sk_tops_free(at);
		break;
	case SK_CELL_ARGMAX:
	case SK_CELL_ARGMIN:
		sk_arg_free(at);
		break;
	case SK_CELL_KLL:
		sk_percentiles_free(at);
		break;
	case SK_CELL_LIST:
		sk_list_free(at);
		break;
	case SK_CELL_HLL:
		sk_hlls_free(at);
		break;
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
	case SK_CELL_MIN:
	case SK_CELL_MAX:
	case SK_CELL_SPAN:
	default:
		break;
	}
}

void
sk_cell_copy(const struct sk_agg_cell *cell, void *to, const void *from)
{
	/* Of the cells that are pointers: what they point to. */
	void *const *owned = from;

	switch (cell->kind) {
	case SK_CELL_SUM:
		sk_sum_copy(to, from);
		break;
	case SK_CELL_MOMENTS:
		sk_moments_copy(to, from);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_copy(to, from);
		break;
	case SK_CELL_DISTINCT:
		sk_distinct_copy(to, *owned);
		break;
	case SK_CELL_TOPS:
		sk_tops_copy(to, *owned, &cell->tops);
		break;
	case SK_CELL_ARGMAX:
	case SK_CELL_ARGMIN:
		sk_arg_copy(to, from);
		break;
	case SK_CELL_KLL:
		sk_percentiles_copy(to, *owned);
		break;
	case SK_CELL_LIST:
		sk_list_copy(to, *owned);
		break;
	case SK_CELL_HLL:
		sk_hlls_copy(to, *owned);
		break;
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
	case SK_CELL_MIN:
	case SK_CELL_MAX:
	case SK_CELL_SPAN:
	default:
		break;
	}
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

void
sk_cell_merge(const struct sk_aggs *aggs, const struct sk_agg_cell *cell,
    void *into, const void *from)
{
	void *const *owned = from;

	switch (cell->kind) {
	case SK_CELL_COUNT:
	case SK_CELL_VALUES:
		*(uint64_t *)into += *(const uint64_t *)from;
		break;
	case SK_CELL_SUM:
		sk_sum_merge(into, from);
		break;
	case SK_CELL_MIN:
		sk_decimal_rise(into, from, -1);
		break;
	case SK_CELL_MAX:
		sk_decimal_rise(into, from, 1);
		break;
	case SK_CELL_MOMENTS:
		sk_moments_merge(into, from);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		merge_kept(cell, into, from);
		break;
	case SK_CELL_SPAN:
		sk_span_merge(into, from);
		break;
	case SK_CELL_DISTINCT:
		sk_distinct_merge(into, *owned, aggs->seed);
		break;
	case SK_CELL_TOPS:
		sk_tops_merge(into, *owned, &cell->tops);
		break;
	case SK_CELL_ARGMAX:
		sk_arg_merge(into, 1, from, aggs->list_max);
		break;
	case SK_CELL_ARGMIN:
		sk_arg_merge(into, -1, from, aggs->list_max);
		break;
	case SK_CELL_KLL:
		sk_percentiles_merge(into, *owned);
		break;
	case SK_CELL_LIST:
		sk_list_merge(into, *owned, aggs->list_max);
		break;
	case SK_CELL_HLL:
		sk_hlls_merge(into, *owned);
		break;
	default:
		break;
	}
}

/* ---- bytes ---- */

void
sk_cell_save(const struct sk_agg_cell *cell, const void *at,
    struct sk_buf *buf)
{
	void *const *owned = at;

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
	case SK_CELL_MOMENTS:
		sk_moments_save(at, buf);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_save(at, buf);
		break;
	case SK_CELL_SPAN:
		sk_span_save(at, buf);
		break;
	case SK_CELL_DISTINCT:
		sk_distinct_save(*owned, buf);
		break;
	case SK_CELL_TOPS:
		sk_tops_save(*owned, buf);
		break;
	case SK_CELL_ARGMAX:
	case SK_CELL_ARGMIN:
		sk_arg_save(at, buf);
		break;
	case SK_CELL_KLL:
		sk_percentiles_save(*owned, buf);
		break;
	case SK_CELL_LIST:
		sk_list_save(*owned, buf);
		break;
	case SK_CELL_HLL:
		sk_hlls_save(*owned, buf);
		break;
	default:
		break;
	}
}

void
sk_cell_load(const struct sk_aggs *aggs, const struct sk_agg_cell *cell,
    void *at, struct sk_unpack *from)
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
	case SK_CELL_MOMENTS:
		sk_moments_load(at, from);
		break;
	case SK_CELL_FIRST:
	case SK_CELL_LAST:
		sk_kept_load(at, from);
		break;
	case SK_CELL_SPAN:
		sk_span_load(at, from);
		break;
	case SK_CELL_DISTINCT:
		sk_distinct_load(at, from, aggs->seed);
		break;
	case SK_CELL_TOPS:
		sk_tops_load(at, from, &cell->tops);
		break;
	case SK_CELL_ARGMAX:
	case SK_CELL_ARGMIN:
		sk_arg_load(at, from);
		break;
	case SK_CELL_KLL:
		sk_percentiles_load(at, from);
		break;
	case SK_CELL_LIST:
		sk_list_load(at, from);
		break;
	case SK_CELL_HLL:
		sk_hlls_load(at, from);
		break;
	default:
		break;
	}
}
