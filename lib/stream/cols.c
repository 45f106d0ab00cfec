#include <stdlib.h>

#include "base/mem.h"
#include "format/tsv.h"
#include "format/typed.h"
#include "format/value.h"
#include "stream/cols.h"
#include "stream/fields.h"

#define BLOCK 32      /* bytes at once; less than SK_PAD */
#define VALUE_ROOM 64 /* more than a value can grow: quotes, 1795255200 as a
                       * time with its offset */

/* ---- the list ---- */

static const struct {
	const char *name, *noun;
} types[] = {
	[SK_COLS_ANY] = { NULL, NULL },
	[SK_COLS_TEXT] = { "text", "text" },
	[SK_COLS_INT] = { "int", "an integer" },
	[SK_COLS_FLOAT] = { "float", "a number" },
	[SK_COLS_BOOL] = { "bool", "true or false" },
	[SK_COLS_TIME] = { "time", "a time" },
};

#define NTYPES (sizeof(types) / sizeof(types[0]))

static bool
parse_type(struct sk_view text, enum sk_cols_type *type,
    struct sk_view *format)
{
	size_t i;

	*format = sk_view("", 0);
	if (text.len > 5 && memcmp(text.ptr, "time:", 5) == 0) {
		*format = sk_view(text.ptr + 5, text.len - 5);
		text.len = 4;
	}
	for (i = SK_COLS_TEXT; i < NTYPES; i++)
		if (sk_view_equal(text, sk_view_str(types[i].name))) {
			*type = (enum sk_cols_type)i;
			return true;
		}
	return false;
}

/* Cut the type off the end: behind the first colon that has one. */
static int
split_type(struct sk_view *text, enum sk_cols_type *type,
    struct sk_view *format, struct sk_diag *diag)
{
	const char *end = text->ptr + text->len, *colon = text->ptr;

	*type = SK_COLS_ANY;
	while ((colon = memchr(colon, ':', (size_t)(end - colon))) != NULL) {
		colon++;
		if (parse_type(sk_view(colon, (size_t)(end - colon)), type,
		    format)) {
			text->len = (size_t)(colon - 1 - text->ptr);
			return 0;
		}
	}
	if ((colon = memrchr(text->ptr, ':', text->len)) == NULL)
		return 0;
	return sk_diag_set(diag, SK_EUSAGE, "%.*s: no such type; there are "
	    "int, float, bool, time and text", (int)text->len, text->ptr);
}

static int
add_field(struct sk_cols *cols, struct sk_view text,
    const struct sk_shared *shared, struct sk_diag *diag)
{
	struct sk_cols_field *field;
	struct sk_view format;
	int err;

	cols->field = sk_xrealloc(cols->field, cols->n + 1, sizeof(*field));
	field = &cols->field[cols->n];
	memset(field, 0, sizeof(*field));
	err = text.len == 0 ? 0 : split_type(&text, &field->type, &format,
	    diag);
	if (err == 0)
		err = sk_field_parse(text, &field->field, diag);
	if (err == 0 && field->type == SK_COLS_TIME)
		err = sk_time_init(&field->time, format, diag);
	if (err != 0)
		return err;
	sk_fields_name(&field->field, shared->format);
	field->year.year = (int32_t)shared->year;
	cols->n++;
	return 0;
}

int
sk_cols_init(struct sk_cols *cols, struct sk_view list,
    const struct sk_shared *shared, struct sk_diag *diag)
{
	const char *end = list.ptr + list.len, *comma;
	struct sk_diag more;
	size_t f;
	int err = 0;

	memset(cols, 0, sizeof(*cols));
	cols->delimiter = -1;
	do {
		comma = memchr(list.ptr, ',', (size_t)(end - list.ptr));
		list.len = (size_t)((comma != NULL ? comma : end) - list.ptr);
		err = add_field(cols, list, shared, diag);
		list.ptr += list.len + 1;
	} while (err == 0 && comma != NULL);
	if (err == 0 && shared->tz != NULL &&
	    sk_zone_init(&cols->zone, sk_view_str(shared->tz), &more) != 0)
		err = sk_diag_set(diag, SK_EUSAGE, "--tz: %s", more.text);
	for (f = 0; f < cols->n; f++) {
		cols->field[f].time.zone = &cols->zone;
		cols->field[f].time.use_year = &cols->field[f].year;
	}
	return err;
}

void
sk_cols_free(struct sk_cols *cols)
{
	free(cols->field);
	free(cols->lead);
	free(cols->none);
	free(cols->cell);
	sk_zone_free(&cols->zone);
	sk_buf_free(&cols->parts);
	sk_buf_free(&cols->text);
	sk_buf_free(&cols->made);
	memset(cols, 0, sizeof(*cols));
}

bool
sk_cols_year_open(const struct sk_cols *cols)
{
	size_t f;

	for (f = 0; f < cols->n; f++)
		if (cols->field[f].year.used && cols->field[f].year.year == 0)
			return true;
	return false;
}

/* ---- types ---- */

static const char *
refuse(struct sk_cols *cols, const struct sk_cols_field *field,
    const char *reason)
{
	sk_diag_set(&cols->why, SK_EDATA, "%.*s: %s%s",
	    (int)field->field.name.len, field->field.name.ptr,
	    reason != NULL ? reason : "not ",
	    reason != NULL ? "" : types[field->type].noun);
	return cols->why.text;
}

static const char *
make_time(struct sk_cols *cols, struct sk_cols_field *field,
    struct sk_view *value)
{
	struct sk_view text = *value;
	int64_t ns;
	int err;

	*value = sk_view(NULL, 0);
	if (!sk_field_has_number(text))
		return NULL;
	err = sk_time_parse(&field->time, text, &ns);
	if (err != 0)
		return refuse(cols, field,
		    sk_time_why(&field->time, text, err));
	sk_buf_reset(&cols->made);
	sk_time_put_zone(&cols->made, ns, &cols->zone);
	sk_buf_reserve(&cols->made, SK_PAD);
	*value = sk_view(cols->made.ptr, cols->made.len);
	return NULL;
}

/* A value and its kind become what the type says: NULL, or why not. */
static const char *
make_typed(struct sk_cols *cols, struct sk_cols_field *field,
    struct sk_view *value, unsigned char *kind)
{
	bool text = *kind == SK_KIND_TEXT || *kind == SK_KIND_NUMBER;
	bool good = false;

	if (value->ptr == NULL)
		return NULL;
	switch (field->type) {
	case SK_COLS_ANY:
		return NULL;
	case SK_COLS_TEXT:
		*kind = SK_KIND_TEXT;
		return NULL;
	case SK_COLS_INT:
		good = text && sk_typed_int(*value, value, &cols->made);
		*kind = SK_KIND_NUMBER;
		break;
	case SK_COLS_FLOAT:
		good = text && sk_typed_float(*value, value, &cols->made);
		*kind = SK_KIND_NUMBER;
		break;
	case SK_COLS_BOOL:
		good = *kind == SK_KIND_BOOL ||
		    (text && sk_typed_bool(*value, value));
		*kind = SK_KIND_BOOL;
		break;
	case SK_COLS_TIME:
		*kind = SK_KIND_TEXT;
		if (text)
			return make_time(cols, field, value);
		break;
	}
	return good ? NULL : refuse(cols, field, NULL);
}

/* ---- what stands between values ---- */

static void
put_text(const struct sk_record *record, struct sk_buf *buf,
    struct sk_view text)
{
	if (record->form == SK_RECORD_NDJSON)
		sk_record_put_json(buf, text);
	else if (record->form == SK_RECORD_CSV)
		sk_record_put_csv(buf, text, record->comma);
	else if (record->escape)
		sk_record_put_tsv(buf, text);
	else
		sk_buf_view(buf, text);
}

/* What stands for a value of this field that is none. */
static void
put_none(struct sk_cols *cols, const struct sk_record *record,
    const struct sk_cols_field *field)
{
	/* A copy: the default's year is not that of an event. */
	struct sk_cols_field typed = *field;
	unsigned char kind = SK_KIND_TEXT;
	struct sk_view value;

	if (cols->missing == NULL) {
		sk_buf_str(&cols->parts, cols->json ? "null" : "");
		return;
	}
	value = sk_view_str(cols->missing);
	typed.time.use_year = &typed.year;
	if (make_typed(cols, &typed, &value, &kind) != NULL ||
	    value.ptr == NULL) {
		value = sk_view_str(cols->missing);
		kind = SK_KIND_TEXT;
	}
	if (cols->json && kind != SK_KIND_TEXT)
		sk_buf_view(&cols->parts, value);
	else
		put_text(record, &cols->parts, value);
}

static void
put_lead(struct sk_cols *cols, const struct sk_record *record, size_t f)
{
	size_t begin = f > 0 ? record->key_ends[f - 1] : 0;

	if (cols->json)
		sk_buf_add(&cols->parts, record->keys.ptr + begin,
		    record->key_ends[f] - begin);
	else if (f > 0)
		sk_buf_char(&cols->parts, record->form == SK_RECORD_CSV ?
		    record->comma : '\t');
}

/* Parts i = 0, 1, 2 ... end there; they are known now and do not move. */
static struct sk_view
part(const struct sk_cols *cols, const size_t *ends, size_t i)
{
	size_t begin = i > 0 ? ends[i - 1] : 0;

	return sk_view(cols->parts.ptr + begin, ends[i] - begin);
}

static void
make_parts(struct sk_cols *cols, const struct sk_record *record)
{
	size_t *ends = sk_xalloc(2 * cols->n, sizeof(*ends)), f;

	for (f = 0; f < cols->n; f++) {
		put_lead(cols, record, f);
		ends[2 * f] = cols->parts.len;
		put_none(cols, record, &cols->field[f]);
		ends[2 * f + 1] = cols->parts.len;
		cols->room += VALUE_ROOM;
	}
	cols->room += cols->parts.len;
	sk_buf_reserve(&cols->parts, SK_PAD);
	cols->lead = sk_xalloc(cols->n, sizeof(*cols->lead));
	cols->none = sk_xalloc(cols->n, sizeof(*cols->none));
	for (f = 0; f < cols->n; f++) {
		cols->lead[f] = part(cols, ends, 2 * f);
		cols->none[f] = part(cols, ends, 2 * f + 1);
	}
	free(ends);
}

/* The form of the output is known when the first events come. */
static void
prepare(struct sk_cols *cols, const struct sk_record *record)
{
	size_t f;

	cols->json = record->form == SK_RECORD_NDJSON;
	cols->as_is = record->form == SK_RECORD_TSV && !record->escape;
	/* A comma may be a digit. */
	cols->bare_numbers = record->form == SK_RECORD_TSV;
	cols->plain = cols->json ? sk_plain_json :
	    record->form == SK_RECORD_TSV ? sk_plain_tsv :
	    sk_plain_csv(record->comma);
	if (cols->escaped)
		sk_plain_add(&cols->plain, '\\');
	cols->cell = sk_xcalloc(cols->n + 1, sizeof(*cols->cell));
	cols->bare_cells = record->form == SK_RECORD_TSV &&
	    cols->missing == NULL && cols->delimiter < 0 && !cols->exact;
	for (f = 0; f < cols->n; f++)
		if (cols->field[f].type != SK_COLS_ANY ||
		    cols->field[f].field.kind == SK_FIELD_LINE)
			cols->bare_cells = false;
	make_parts(cols, record);
}

/* ---- records ---- */

/* Copy what is short as a rule; a block may be read and written. */
static inline char *
copy(char *at, const char *from, size_t len)
{
	memcpy(at, from, BLOCK);
	if (SK_UNLIKELY(len > BLOCK))
		memcpy(at + BLOCK, from + BLOCK, len - BLOCK);
	return at + len;
}

/*
 * A record is written behind `at` without a look at the buffer: `nbytes`, of
 * its values as they came, are what is left to be written, and there is room
 * for them and all beside them.  Only text that needs escaping outgrows it.
 */
struct writing {
	struct sk_cols *cols;
	const struct sk_record *record;
	struct sk_buf *buf;
	char *at;
	size_t nbytes;
	const char *why; /* the record is bad */
};

static inline void
make_room(struct writing *to)
{
	struct sk_buf *buf = to->buf;
	size_t nbytes = to->nbytes + to->cols->room + SK_PAD;

	if (SK_UNLIKELY(buf->cap - buf->len < nbytes))
		sk_buf_reserve(buf, nbytes);
	to->at = buf->ptr + buf->len;
}

static void
escape(struct writing *to, char *at, struct sk_view text)
{
	to->buf->len = (size_t)(at - to->buf->ptr);
	put_text(to->record, to->buf, text);
	make_room(to);
}

static inline void
copy_text(struct writing *to, struct sk_view text, bool plain)
{
	const struct sk_cols *cols = to->cols;
	char *begin = to->at, *at = begin;

	if (cols->json)
		*at++ = '"';
	if (plain || cols->as_is)
		at = copy(at, text.ptr, text.len);
	else if (SK_LIKELY(sk_plain_copy(&cols->plain, at, text.ptr,
	    text.len) == text.len))
		at += text.len;
	else {
		escape(to, begin, text);
		return;
	}
	if (cols->json)
		*at++ = '"';
	to->at = at;
}

/* One value and what stands before it.  `plain`: if it is text, it is known to
 * need no escaping. */
static inline __attribute__((always_inline)) bool
put_value(struct writing *to, size_t f, struct sk_view value,
    unsigned char kind, bool plain)
{
	struct sk_cols *cols = to->cols;
	struct sk_view lead = cols->lead[f], none = cols->none[f];

	if (cols->field[f].type != SK_COLS_ANY) {
		to->why = make_typed(cols, &cols->field[f], &value, &kind);
		if (to->why != NULL)
			return false;
	}
	to->at = copy(to->at, lead.ptr, lead.len);
	if (value.ptr == NULL || (value.len == 0 && cols->missing != NULL))
		to->at = copy(to->at, none.ptr, none.len);
	else if (cols->json && kind != SK_KIND_TEXT)
		to->at = copy(to->at, value.ptr, value.len);
	else
		copy_text(to, value, plain || (cols->bare_numbers &&
		    (kind == SK_KIND_NUMBER || kind == SK_KIND_BOOL)));
	return true;
}

/* Record i of a batch of fields. */
static void
put_fields(struct writing *to, const struct sk_batch *batch, size_t i)
{
	const struct sk_cols *cols = to->cols;
	size_t n = cols->n, f;

	if (cols->exact && batch->field[n][i].ptr != NULL) {
		to->why = "more columns than names";
		return;
	}
	for (f = 0; f < n; f++)
		to->nbytes += batch->field[f][i].len;
	make_room(to);
	for (f = 0; f < n; f++)
		if (!put_value(to, f, batch->field[f][i], batch->kind != NULL ?
		    batch->kind[f][i] : SK_KIND_TEXT, false))
			return;
}

/* The same of a line that is cut here. */
static void
put_line(struct writing *to, struct sk_view line)
{
	struct sk_cols *cols = to->cols;
	const struct sk_plain_cell *cell = cols->cell;
	size_t n, f;

	if (cols->escaped && line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	n = sk_plain_cells(&cols->plain, (char)cols->delimiter, line,
	    cols->cell, cols->n + 1);
	if (n > cols->n) {
		to->why = "more columns than names";
		return;
	}
	to->nbytes = line.len;
	make_room(to);
	for (f = 0; f < cols->n; f++) {
		struct sk_view value = f < n ? cell[f].text : sk_view(NULL, 0);
		bool plain = f >= n || cell[f].plain;

		if (SK_UNLIKELY(!plain) && cols->escaped) {
			sk_buf_reset(&cols->text);
			sk_buf_reserve(&cols->text, value.len + SK_PAD);
			value = sk_tsv_unescape(value, &cols->text);
		}
		if (!put_value(to, f, value, SK_KIND_TEXT, plain))
			return;
	}
}

/* Record i of the batch: NULL, or why it is bad. */
static const char *
put_record(struct sk_cols *cols, const struct sk_batch *batch, size_t i,
    const struct sk_record *record, struct sk_buf *buf)
{
	struct writing to = { .cols = cols, .record = record, .buf = buf };
	size_t start = buf->len;

	if (cols->delimiter >= 0)
		put_line(&to, batch->line[i]);
	else
		put_fields(&to, batch, i);
	if (to.why != NULL) {
		buf->len = start;
		return to.why;
	}
	/* An empty line would be no record of CSV. */
	if (to.at == buf->ptr + start && record->form == SK_RECORD_CSV) {
		*to.at++ = '"';
		*to.at++ = '"';
	}
	if (cols->json)
		*to.at++ = '}';
	*to.at++ = record->end;
	buf->len = (size_t)(to.at - buf->ptr);
	return NULL;
}

/* Record i of NDJSON as TSV, without types and defaults.  A value that is part
 * of the line is a string without escapes or another scalar, and has nothing in
 * it that TSV escapes.  False, nothing done: there is another, or no room. */
static inline bool
put_cells(const struct sk_cols *cols, const struct sk_batch *batch, size_t i,
    char end, struct sk_buf *buf)
{
	struct sk_view line = batch->line[i], value;
	size_t left = buf->cap - buf->len, n = cols->n, f;
	char *at = buf->ptr + buf->len;

	for (f = 0; f < n; f++) {
		value = batch->field[f][i];
		if (left < value.len + n + SK_PAD)
			return false;
		left -= value.len + 1;
		if (value.ptr != NULL) {
			if ((size_t)(value.ptr - line.ptr) >= line.len ||
			    batch->kind[f][i] == SK_KIND_JSON)
				return false;
			at = copy(at, value.ptr, value.len);
		}
		*at++ = '\t';
	}
	at[-1] = end;
	buf->len = (size_t)(at - buf->ptr);
	return true;
}

/* Names for the columns of what are objects: probably its members were meant.
 * It is no more than a word, as nothing is guessed from the data. */
static void
warn_object(const struct sk_cols *cols, struct sk_view line)
{
	if (cols->delimiter >= 0 && cols->json && line.len > 2 &&
	    memcmp(line.ptr, "{\"", 2) == 0 && line.ptr[line.len - 1] == '}')
		sk_warn("the first line looks like a JSON object, but is taken "
		    "as columns; -F ndjson?");
}

int
sk_cols_batch(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct sk_buf *buf = sk_emit_text(emit);
	struct sk_cols *cols = self;
	const char *why;
	size_t i, n = 0;
	bool bare;
	int err = 0;

	if (cols->lead == NULL) {
		prepare(cols, &emit->record);
		warn_object(cols, batch->line[0]);
	}
	bare = cols->bare_cells && batch->kind != NULL;
	for (i = 0; i < batch->n && err == 0; i++) {
		why = NULL;
		if (!bare || !put_cells(cols, batch, i, emit->record.end, buf))
			why = put_record(cols, batch, i, &emit->record, buf);
		n += why == NULL;
		if (why == NULL && buf->len < SK_OUT_BYTES)
			continue;
		err = sk_emit_text_ends(emit, n);
		n = 0;
		if (why != NULL && err == 0)
			err = sk_emit_bad(emit, batch->line[i], why);
	}
	return err != 0 ? err : sk_emit_text_ends(emit, n);
}
