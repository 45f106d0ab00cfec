#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stream/alarmrow.h"
#include "stream/headline.h"

void
sk_alarmrow_init(struct sk_alarmrow *row, const struct sk_anomspec *spec)
{
	const struct sk_judge_conf *judge = &spec->judge;

	memset(row, 0, sizeof(*row));
	row->model = spec->name;
	row->explain = spec->explain;
	row->all = spec->all;
	row->end = spec->end;
	row->expects = judge->kind == SK_JUDGE_NUMBERS &&
	    judge->detector.kind == SK_DETECTOR_SIMPLE &&
	    sk_model_expects(judge->detector.model.kind);
}

bool
sk_alarmrow_shows(const struct sk_alarmrow *row, struct sk_verdict *verdict)
{
	if (verdict->over && !verdict->alarm && !row->end) {
		verdict->over = false;
		verdict->reason = sk_view(NULL, 0);
	}
	return verdict->alarm || verdict->over || row->all;
}

size_t
sk_alarmrow_columns(const struct sk_alarmrow *row, struct sk_view *column)
{
	size_t n = 0;

	column[n++] = sk_view_str("alarm");
	column[n++] = sk_view_str("model");
	if (row->expects) {
		column[n++] = sk_view_str("expected");
		column[n++] = sk_view_str("low");
		column[n++] = sk_view_str("high");
	}
	column[n++] = sk_view_str("reason");
	if (row->explain) {
		column[n++] = sk_view_str("view");
		column[n++] = sk_view_str("surprise");
		column[n++] = sk_view_str("oddity");
	}
	column[n++] = sk_view_str("score");
	return n;
}

/* ---- cells ---- */

/* digits / 10^decimals, without zeros at the end. */
static void
put_decimal(struct sk_record *record, uint64_t digits, int decimals, bool less)
{
	char text[32], *end = text + sizeof(text), *at = end;

	for (; decimals > 0 && digits % 10 == 0; decimals--)
		digits /= 10;
	for (; decimals > 0; decimals--, digits /= 10)
		*--at = (char)('0' + digits % 10);
	if (at < end)
		*--at = '.';
	do
		*--at = (char)('0' + digits % 10);
	while ((digits /= 10) > 0);
	if (less)
		*--at = '-';
	sk_record_json(record, sk_view(at, (size_t)(end - at)));
}

/* To six digits: what is estimated is not known better. */
static void
put_number(struct sk_record *record, double value)
{
	static const double scale[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8 };
	double size = fabs(value);
	char text[32];
	int decimals = 8;

	if (size >= 1e-3 && size < 999999) {
		while (size * scale[decimals] >= 999999.5)
			decimals--;
		put_decimal(record, (uint64_t)llround(size * scale[decimals]),
		    decimals, value < 0);
	} else if (isfinite(value)) {
		snprintf(text, sizeof(text), "%.6g", value == 0 ? 0 : value);
		sk_record_json(record, sk_view_str(text));
	} else {
		sk_record_null(record);
	}
}

/* `0.512858` without the cost of printf. */
static void
put_score(struct sk_record *record, double score)
{
	char text[] = "0.000000";
	long rest = lround(score * 1e6);
	size_t i;

	text[0] = (char)('0' + rest / 1000000);
	for (i = sizeof(text) - 2; i > 1; i--, rest /= 10)
		text[i] = (char)('0' + rest % 10);
	sk_record_json(record, sk_view(text, sizeof(text) - 1));
}

static void
put_id(struct sk_record *record, const struct sk_verdict *verdict)
{
	char text[16];

	if (!verdict->alarm && !verdict->over) {
		sk_record_null(record);
		return;
	}
	snprintf(text, sizeof(text), "%08x", (unsigned)verdict->id);
	sk_record_text(record, sk_view_str(text));
}

void
sk_alarmrow_put(const struct sk_alarmrow *row, struct sk_record *record,
    const struct sk_verdict *verdict)
{
	put_id(record, verdict);
	sk_record_text(record, sk_view_str(row->model));
	if (row->expects) {
		put_number(record, verdict->expected);
		put_number(record, verdict->low);
		put_number(record, verdict->high);
	}
	sk_record_text(record, verdict->reason);
	if (row->explain) {
		sk_record_text(record, verdict->view == NULL ? sk_view(NULL, 0)
		    : sk_view_str(verdict->view));
		put_number(record, verdict->surprise);
		put_number(record, verdict->oddity);
	}
	put_score(record, verdict->score);
}

/* ---- behind an event ---- */

static void
make_ready(struct sk_alarmrow *row, const struct sk_emit *emit)
{
	struct sk_view column[SK_ALARMROW_COLUMNS];
	size_t n = sk_alarmrow_columns(row, column), i;

	if (row->ready)
		return;
	row->ready = true;
	sk_record_init(&row->record, emit->record.form);
	row->record.comma = emit->record.comma;
	for (i = 0; i < n; i++)
		sk_record_column(&row->record, column[i]);
}

void
sk_alarmrow_free(struct sk_alarmrow *row)
{
	if (row->ready)
		sk_record_free(&row->record);
	sk_buf_free(&row->text);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The members at the end of an object: `{"a":1}` and `{"b":2}`. */
static void
put_members(struct sk_buf *out, struct sk_view line, struct sk_view members)
{
	size_t len = line.len;

	while (len > 0 && line.ptr[len - 1] != '}')
		len--;
	len -= len > 0;
	while (len > 0 && is_blank(line.ptr[len - 1]))
		len--;
	sk_buf_add(out, line.ptr, len);
	if (len > 0 && line.ptr[len - 1] != '{')
		sk_buf_char(out, ',');
	sk_buf_add(out, members.ptr + 1, members.len - 1);
}

/* The cells behind a line. */
static int
put_behind(struct sk_alarmrow *row, struct sk_emit *emit, struct sk_view line)
{
	struct sk_view bare = sk_headline_bare(line);
	struct sk_view cells = sk_view(row->text.ptr, row->text.len - 1);
	struct sk_buf *out = sk_emit_text(emit);

	if (row->record.form == SK_RECORD_NDJSON) {
		put_members(out, bare, cells);
	} else {
		sk_buf_view(out, bare);
		sk_buf_char(out, row->record.form == SK_RECORD_CSV ?
		    row->record.comma : '\t');
		sk_buf_view(out, cells);
	}
	if (bare.len < line.len)
		sk_buf_char(out, '\r');
	return sk_emit_text_end(emit);
}

int
sk_alarmrow_pass(struct sk_alarmrow *row, struct sk_emit *emit,
    struct sk_view line, const struct sk_verdict *verdict)
{
	make_ready(row, emit);
	sk_buf_reset(&row->text);
	sk_record_begin(&row->record, &row->text);
	sk_alarmrow_put(row, &row->record, verdict);
	sk_record_end(&row->record);
	return put_behind(row, emit, line);
}

int
sk_alarmrow_header(struct sk_alarmrow *row, struct sk_emit *emit,
    struct sk_view line)
{
	struct sk_view bare = sk_headline_bare(line);
	struct sk_buf *out;

	make_ready(row, emit);
	out = sk_emit_text(emit);
	sk_buf_reset(&row->text);
	sk_record_header(&row->record, &row->text);
	sk_buf_view(out, bare);
	sk_buf_char(out, row->record.form == SK_RECORD_CSV ?
	    row->record.comma : '\t');
	sk_buf_add(out, row->text.ptr, row->text.len - 1);
	if (bare.len < line.len)
		sk_buf_char(out, '\r');
	sk_buf_char(out, emit->sep);
	return sk_emit_text_ends(emit, 0);
}
