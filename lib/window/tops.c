#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "window/tops.h"
#include "window/values.h"

#define TOTAL_MAX (UINT64_MAX / 4) /* of a summary that is loaded */

void
sk_tops_free(struct sk_topk **tops)
{
	if (*tops != NULL)
		sk_topk_free(*tops);
	free(*tops);
	*tops = NULL;
}

static struct sk_topk *
made(struct sk_topk **tops, const struct sk_tops_plan *plan)
{
	if (*tops == NULL) {
		*tops = sk_xalloc(1, sizeof(**tops));
		sk_topk_init(*tops, plan->counters, 1 + SK_TOPS_ITEM,
		    plan->seed);
	}
	return *tops;
}

/* The next counter of one that is put together, in the order of their numbers;
 * false: it is none. */
static bool
append(struct sk_topk *tops, const struct sk_items_row *row)
{
	uint32_t n = tops->items.n;

	if (n == tops->counters || row->error > row->count ||
	    sk_topk_add(tops, row->item, row->count) != 0 ||
	    tops->items.n != n + 1)
		return false;
	if (row->error > 0 && tops->items.errors == NULL)
		sk_items_need_errors(&tops->items);
	if (tops->items.errors != NULL)
		tops->items.errors[n] = row->error;
	return true;
}

void
sk_tops_copy(struct sk_topk **to, const struct sk_topk *from,
    const struct sk_tops_plan *plan)
{
	struct sk_items_row row;
	struct sk_topk *tops;
	uint32_t i;

	*to = NULL;
	if (from == NULL)
		return;
	tops = made(to, plan);
	for (i = 0; i < from->items.n; i++) {
		row = sk_items_row(&from->items, i);
		append(tops, &row);
		tops->total = 0; /* counts may add up to more */
	}
	tops->total = from->total;
	tops->floor = from->floor;
	if (from->items.errors != NULL)
		sk_items_need_errors(&tops->items);
}

void
sk_tops_add(struct sk_topk **tops, struct sk_view item,
    const struct sk_tops_plan *plan)
{
	(void)sk_topk_add(made(tops, plan), item, 1);
}

void
sk_tops_merge(struct sk_topk **into, const struct sk_topk *from,
    const struct sk_tops_plan *plan)
{
	struct sk_frequent frequent;

	if (from == NULL)
		return;
	if (*into == NULL) {
		sk_tops_copy(into, from, plan);
		return;
	}
	sk_topk_take(from, &frequent);
	(void)sk_topk_fold(*into, &frequent, plan->counters, NULL);
	sk_frequent_free(&frequent);
}

void
sk_tops_put(const struct sk_topk *tops, uint32_t n, struct sk_record *record)
{
	struct sk_buf text = { 0 };
	struct sk_items_row *rows;
	struct sk_valued value;
	size_t nrows, i;

	if (tops == NULL || tops->items.n == 0) {
		sk_record_null(record);
		return;
	}
	rows = sk_xalloc(tops->items.n, sizeof(*rows));
	nrows = sk_items_list(&tops->items, rows);
	for (i = 0; i < nrows && i < n; i++) {
		value.kind = (unsigned char)rows[i].item.ptr[0];
		value.text = sk_view(rows[i].item.ptr + 1,
		    rows[i].item.len - 1);
		sk_buf_str(&text, i > 0 ? ",{\"item\":" : "[{\"item\":");
		sk_valued_json(&value, &text);
		sk_buf_str(&text, ",\"count\":");
		sk_num_put_u64(&text, rows[i].count);
		sk_buf_str(&text, ",\"error\":");
		sk_num_put_u64(&text, rows[i].error);
		sk_buf_char(&text, '}');
	}
	sk_buf_char(&text, ']');
	sk_record_json(record, sk_view(text.ptr, text.len));
	sk_buf_free(&text);
	free(rows);
}

void
sk_tops_save(const struct sk_topk *tops, struct sk_buf *buf)
{
	uint32_t n = tops == NULL ? 0 : tops->items.n, i;

	sk_pack_u64(buf, n);
	if (n == 0)
		return;
	sk_pack_u64(buf, tops->total);
	sk_pack_u64(buf, tops->floor);
	for (i = 0; i < n; i++) {
		struct sk_items_row row = sk_items_row(&tops->items, i);

		sk_pack_u64(buf, row.count);
		sk_pack_u64(buf, row.error);
		sk_pack_text(buf, row.item);
	}
}

/* A value as an item that could have been added. */
static bool
is_item(struct sk_view item)
{
	struct sk_unpack from = { { NULL, 0 }, false };
	struct sk_valued value;
	struct sk_buf buf = { 0 };

	if (item.len < 2)
		return false;
	value.kind = (unsigned char)item.ptr[0];
	value.text = sk_view(item.ptr + 1, item.len - 1);
	if (value.kind == SK_KIND_NONE || value.kind > SK_KIND_BOOL)
		return false;
	sk_valued_save(&value, &buf);
	from.bytes = sk_view(buf.ptr, buf.len);
	sk_valued_load(&from);
	sk_buf_free(&buf);
	return !from.bad;
}

void
sk_tops_load(struct sk_topk **tops, struct sk_unpack *from,
    const struct sk_tops_plan *plan)
{
	uint64_t n = sk_unpack_upto(from, plan->counters), i, total, floor;
	struct sk_items_row row;

	*tops = NULL;
	if (n == 0)
		return;
	total = sk_unpack_upto(from, TOTAL_MAX);
	floor = sk_unpack_upto(from, TOTAL_MAX);
	for (i = 0; i < n && !from->bad; i++) {
		row.count = sk_unpack_upto(from, TOTAL_MAX);
		row.error = sk_unpack_upto(from, row.count);
		row.item = sk_unpack_text(from);
		if (from->bad || !is_item(row.item) || row.count <= floor ||
		    !append(made(tops, plan), &row))
			from->bad = true;
		else
			(*tops)->total = 0;
	}
	if (from->bad) {
		sk_tops_free(tops);
		return;
	}
	(*tops)->total = total;
	(*tops)->floor = floor;
	if (floor > 0)
		sk_items_need_errors(&(*tops)->items);
}
