#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stream/winrows.h"

#define SWEEP_MIN 1024

/* The last row of a window and key. */
struct last {
	int64_t end_ns;
	uint64_t pane;
	char *text;  /* of its columns but _op and _pane */
	size_t len;
};

static bool
updates(const struct sk_winrows *rows)
{
	return rows->mode != SK_WINSPEC_FINAL;
}

static size_t
ncolumns(const struct sk_winrows *rows)
{
	size_t n = 0;

	while (rows->column[n].ptr != NULL)
		n++;
	return n;
}

void
sk_winrows_init(struct sk_winrows *rows, const struct sk_want *want)
{
	size_t n = 0, i;

	while (rows->aggs->column[n].ptr != NULL)
		n++;
	rows->column = sk_xcalloc(n + rows->key->nfields + 5,
	    sizeof(*rows->column));
	n = 0;
	if (rows->bounds) {
		rows->column[n++] = sk_view_str("start");
		rows->column[n++] = sk_view_str("end");
	}
	for (i = 0; i < rows->key->nfields; i++)
		rows->column[n++] = want[rows->key->first + i].field.name;
	for (i = 0; rows->aggs->column[i].ptr != NULL; i++)
		rows->column[n++] = rows->aggs->column[i];
	if (updates(rows)) {
		rows->column[n++] = sk_view_str("_op");
		rows->column[n++] = sk_view_str("_pane");
	}
	sk_table_init(&rows->last, sizeof(struct last));
	rows->seed = sk_rng_draw();
}

void
sk_winrows_free(struct sk_winrows *rows)
{
	size_t at = 0;
	uint32_t slot;
	struct last *last;

	while ((slot = sk_table_next(&rows->last, &at)) != SK_TABLE_NONE) {
		last = sk_table_at(&rows->last, slot);
		free(last->text);
	}
	if (rows->column != NULL)
		sk_table_free(&rows->last);
	free(rows->column);
	sk_buf_free(&rows->start);
	sk_buf_free(&rows->end);
	sk_buf_free(&rows->scratch);
	sk_buf_free(&rows->text);
}

/* ---- one row ---- */

static bool
is_epoch(const struct sk_winrows *rows)
{
	enum sk_time_form seen = rows->time->seen;

	return seen == SK_TIME_S || seen == SK_TIME_MS ||
	    seen == SK_TIME_US || seen == SK_TIME_NS;
}

/* The bounds as text; those of the last row nearly always do. */
static void
set_bounds(struct sk_winrows *rows, const struct sk_window_row *row)
{
	if (!rows->put || rows->start_ns != row->start_ns) {
		sk_buf_reset(&rows->start);
		sk_time_put_as(&rows->start, row->start_ns, rows->time->seen,
		    rows->time->zone);
	}
	if (!rows->put || rows->end_ns != row->end_ns) {
		sk_buf_reset(&rows->end);
		sk_time_put_as(&rows->end, row->end_ns, rows->time->seen,
		    rows->time->zone);
	}
	rows->start_ns = row->start_ns;
	rows->end_ns = row->end_ns;
	rows->put = true;
}

static void
put_bound(const struct sk_winrows *rows, struct sk_record *record,
    const struct sk_buf *text)
{
	if (is_epoch(rows))
		sk_record_json(record, sk_view(text->ptr, text->len));
	else
		sk_record_text(record, sk_view(text->ptr, text->len));
}

static void
put_bounds(struct sk_winrows *rows, struct sk_record *record,
    const struct sk_window_row *row)
{
	if (!rows->bounds)
		return;
	if (!rows->timed) {
		sk_record_i64(record, row->start_ns);
		sk_record_i64(record, row->end_ns);
		return;
	}
	set_bounds(rows, row);
	put_bound(rows, record, &rows->start);
	put_bound(rows, record, &rows->end);
}

static int
put_values(struct sk_winrows *rows, struct sk_record *record,
    const struct sk_window_row *row)
{
	struct sk_diag diag;
	int64_t length_ns = 0;
	int err = 0;

	if (rows->bounds && rows->timed && __builtin_sub_overflow(row->end_ns,
	    row->start_ns, &length_ns))
		length_ns = INT64_MAX;
	put_bounds(rows, record, row);
	if (rows->key->nfields > 0)
		sk_key_put(rows->key, row->key, record);
	if (row->state == NULL)
		sk_aggs_put_empty(rows->aggs,
		    rows->fill == SK_WINDOW_FILL_ZERO, record);
	else
		err = sk_aggs_put(rows->aggs, row->state, length_ns, record,
		    &diag);
	if (err != 0)
		sk_error("%s", diag.text);
	if (row->state != NULL && row->what != SK_WINDOW_EARLY)
		rows->left_out += sk_aggs_left_out(rows->aggs, row->state);
	return err;
}

/* ---- rows that may change ---- */

/* Start, end and key: what a row is of. */
static struct sk_view
name_of(struct sk_winrows *rows, const struct sk_window_row *row)
{
	struct sk_buf *buf = &rows->scratch;

	sk_buf_reset(buf);
	sk_image_put(buf, (uint64_t)row->start_ns);
	sk_image_put(buf, (uint64_t)row->end_ns);
	sk_buf_view(buf, row->key);
	return sk_view(buf->ptr, buf->len);
}

static void
remove_last(struct sk_winrows *rows, uint32_t slot)
{
	struct last *last = sk_table_at(&rows->last, slot);

	free(last->text);
	sk_table_remove(&rows->last, slot);
}

void
sk_winrows_forget(struct sk_winrows *rows, int64_t end_ns)
{
	const struct last *last;
	uint32_t *gone, slot, n = 0;
	size_t at = 0;

	if (!updates(rows) ||
	    rows->last.n < 2 * (uint64_t)rows->kept + SWEEP_MIN)
		return;
	gone = sk_xalloc((size_t)rows->last.n + 1, sizeof(*gone));
	while ((slot = sk_table_next(&rows->last, &at)) != SK_TABLE_NONE) {
		last = sk_table_at(&rows->last, slot);
		if (last->end_ns < end_ns)
			gone[n++] = slot;
	}
	while (n > 0)
		remove_last(rows, gone[--n]);
	rows->kept = rows->last.n;
	free(gone);
}

/* A row made of one that was written before. */
static int
put_text(struct sk_winrows *rows, struct sk_view text, const char *op,
    uint64_t pane)
{
	struct sk_record *record = sk_emit_begin(rows->emit);

	sk_record_raw(record, text, ncolumns(rows) - 2);
	sk_record_text(record, sk_view_str(op));
	sk_record_u64(record, pane);
	rows->n++;
	return sk_emit_end(rows->emit);
}

/* The row is in rows->text. */
static int
put_change(struct sk_winrows *rows, const struct sk_window_row *row)
{
	struct sk_view text = sk_view(rows->text.ptr, rows->text.len);
	struct sk_view name = name_of(rows, row);
	struct last *last;
	bool fresh;
	int err = 0;

	last = sk_table_at(&rows->last, sk_table_add(&rows->last, name,
	    sk_table_hash(name, rows->seed), &fresh));
	if (!fresh && sk_view_equal(text, sk_view(last->text, last->len)))
		return 0;
	if (!fresh && rows->mode == SK_WINSPEC_CHANGELOG)
		err = put_text(rows, sk_view(last->text, last->len), "-U",
		    last->pane);
	last->pane += !fresh;
	last->end_ns = row->end_ns;
	free(last->text);
	last->text = sk_xstrndup(text.ptr, text.len);
	last->len = text.len;
	if (err == 0)
		err = put_text(rows, text, fresh ? "+I" : "+U", last->pane);
	return err;
}

static int
put_undo(struct sk_winrows *rows, const struct sk_window_row *row)
{
	struct sk_view name = name_of(rows, row);
	uint32_t slot = sk_table_find(&rows->last, name,
	    sk_table_hash(name, rows->seed));
	const struct last *last;
	int err;

	if (slot == SK_TABLE_NONE)
		return 0;
	last = sk_table_at(&rows->last, slot);
	err = put_text(rows, sk_view(last->text, last->len), "-D",
	    last->pane);
	remove_last(rows, slot);
	return err;
}

int
sk_winrows_put(struct sk_winrows *rows, const struct sk_window_row *row)
{
	struct sk_record *record;
	size_t start;
	int err;

	if (row->what == SK_WINDOW_UNDO)
		return put_undo(rows, row);
	if (row->what == SK_WINDOW_FINAL && row->end_ns > rows->last_ns)
		rows->last_ns = row->end_ns;
	record = sk_emit_begin(rows->emit);
	start = record->start;
	err = put_values(rows, record, row);
	if (err != 0) {
		sk_emit_drop(rows->emit);
		return err;
	}
	if (!updates(rows)) {
		rows->n++;
		return sk_emit_end(rows->emit);
	}
	sk_buf_reset(&rows->text);
	sk_buf_add(&rows->text, record->out->ptr + start,
	    record->out->len - start);
	sk_emit_drop(rows->emit);
	return put_change(rows, row);
}

/* ---- saved ---- */

void
sk_winrows_save(struct sk_winrows *rows, struct sk_buf *buf)
{
	const uint32_t *order = sk_table_sorted(&rows->last);
	const struct last *last;
	uint32_t i;

	sk_image_put(buf, rows->last.n);
	for (i = 0; i < rows->last.n; i++) {
		last = sk_table_at(&rows->last, order[i]);
		sk_image_put_view(buf, sk_table_key(&rows->last, order[i]));
		sk_image_put(buf, (uint64_t)last->end_ns);
		sk_image_put(buf, last->pane);
		sk_image_put_view(buf, sk_view(last->text, last->len));
	}
}

int
sk_winrows_load(struct sk_winrows *rows, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct sk_view name, text;
	struct last *last;
	uint32_t n, i;
	bool fresh;

	if (!sk_image_take_n(bytes, 32, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n; i++) {
		if (!sk_image_take_view(bytes, &name))
			return sk_image_bad(diag);
		last = sk_table_at(&rows->last, sk_table_add(&rows->last,
		    name, sk_table_hash(name, rows->seed), &fresh));
		if (!fresh || !sk_image_take_i64(bytes, &last->end_ns) ||
		    !sk_image_take(bytes, &last->pane) ||
		    !sk_image_take_view(bytes, &text))
			return sk_image_bad(diag);
		last->text = sk_xstrndup(text.ptr, text.len);
		last->len = text.len;
	}
	return 0;
}
