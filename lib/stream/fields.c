#include <inttypes.h>
#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "format/tsv.h"
#include "stream/fields.h"

/* ---- which format ---- */

static const char *const names[] = { "raw", "ndjson", "csv", "tsv", "logfmt" };

/* The format that the FIELDs ask for, unless -F names one. */
static int
pick_format(struct sk_fields *fields, int format, struct sk_diag *diag)
{
	enum sk_field_kind kind = SK_FIELD_LINE;
	int err;

	if (format >= SK_FORMAT_CSV) {
		fields->format = (enum sk_format)format;
		return 0;
	}
	err = sk_field_same_kind(fields->field, fields->n, &kind, diag);
	if (err != 0)
		return err;
	fields->format = kind == SK_FIELD_PATH
	    ? SK_FORMAT_NDJSON : SK_FORMAT_RAW;
	if (format < 0 || kind == SK_FIELD_LINE)
		fields->format = format < 0
		    ? fields->format : (enum sk_format)format;
	else if (fields->format != (enum sk_format)format)
		return sk_diag_set(diag, SK_EUSAGE, "-F %s takes %s",
		    names[format], format == SK_FORMAT_RAW
		    ? "columns (3, 2-4, 5-)"
		    : "paths (user.id; a key of digits is /3)");
	return 0;
}

void
sk_fields_name(struct sk_field *field, int format)
{
	bool own = field->name.ptr < field->text.ptr;

	if (format >= SK_FORMAT_CSV && field->kind == SK_FIELD_PATH && !own &&
	    field->text.ptr[0] != '/')
		field->name = field->text;
}

/* ---- one plan for each format ---- */

static int
plan_columns(struct sk_fields *fields, const struct sk_shared *shared,
    struct sk_diag *diag)
{
	if (sk_columns_init(&fields->columns, fields->field, fields->n,
	    shared->delimiter) == 0)
		return 0;
	return sk_diag_set(diag, SK_EUSAGE, "more than %d fields",
	    SK_COLUMNS_MAX);
}

static int
plan_ndjson(struct sk_fields *fields, struct sk_diag *diag)
{
	size_t f;
	int err;

	fields->path = sk_xcalloc(fields->n, sizeof(*fields->path));
	for (f = 0; f < fields->n; f++) {
		if (fields->field[f].kind == SK_FIELD_LINE)
			continue;
		err = sk_path_parse(fields->field[f].text,
		    &fields->path[fields->nread], diag);
		if (err != 0)
			return err;
		fields->read[fields->nread++] = f;
	}
	fields->ndjson = sk_ndjson_open(fields->path, fields->nread);
	return 0;
}

/* The name of a column or a key; one that looks like a number is written with
 * a slash in front. */
static struct sk_view
key_of(const struct sk_field *field)
{
	struct sk_view text = field->text;

	if (text.len > 1 && text.ptr[0] == '/')
		return sk_view(text.ptr + 1, text.len - 1);
	return text;
}

static int
plan_logfmt(struct sk_fields *fields, struct sk_diag *diag)
{
	size_t f;

	fields->key = sk_xcalloc(fields->n, sizeof(*fields->key));
	for (f = 0; f < fields->n; f++) {
		if (fields->field[f].kind == SK_FIELD_COLUMNS)
			return sk_diag_set(diag, SK_EUSAGE,
			    "%.*s: not a key of logfmt",
			    (int)fields->field[f].text.len,
			    fields->field[f].text.ptr);
		if (fields->field[f].kind == SK_FIELD_LINE)
			continue;
		fields->key[fields->nread] = key_of(&fields->field[f]);
		fields->read[fields->nread++] = f;
	}
	fields->logfmt = sk_logfmt_open(fields->key, fields->nread);
	return 0;
}

/* The cells of a header line by their names; of equal ones the first. */
struct header {
	const struct sk_view *cell;
	size_t n;
	struct sk_keys names;
	uint32_t *column; /* of each name, from 0 */
	uint32_t nnames;
};

static void
index_header(struct header *header, const struct sk_view *cell, size_t n)
{
	uint32_t name;
	size_t i;

	header->cell = cell;
	header->n = n;
	header->column = sk_xalloc(n, sizeof(*header->column));
	sk_keys_init(&header->names, (uint32_t)n);
	for (i = 0; i < n; i++) {
		name = sk_keys_find(&header->names, cell[i]);
		if (name == header->nnames)
			header->column[header->nnames++] = (uint32_t)i;
	}
}

static void
free_header(struct header *header)
{
	sk_keys_free(&header->names);
	free(header->column);
}

/* The first column of this name; UINT32_MAX: there is none. */
static uint32_t
column_of(struct header *header, struct sk_view text)
{
	uint32_t name = sk_keys_find(&header->names, text);

	return name < header->nnames ? header->column[name] : UINT32_MAX;
}

/* Where the column stands in a header line; number is from 0. */
static int
find_column(const struct sk_field *field, struct header *header,
    uint32_t *number, struct sk_diag *diag)
{
	struct sk_buf there = { 0 };
	uint32_t other;
	size_t i;

	*number = field->first - 1;
	if (field->kind != SK_FIELD_PATH)
		return 0;
	*number = column_of(header, field->text);
	other = column_of(header, key_of(field));
	if (other < *number)
		*number = other;
	if (*number != UINT32_MAX)
		return 0;
	for (i = 0; i < header->n && there.len < 200; i++)
		sk_buf_fmt(&there, "%s%.*s", i > 0 ? ", " : "",
		    (int)header->cell[i].len, header->cell[i].ptr);
	sk_diag_set(diag, SK_EDATA, "no column %.*s; there %s %s%s",
	    (int)field->text.len, field->text.ptr,
	    header->n == 1 ? "is" : "are", sk_buf_cstr(&there),
	    i < header->n ? ", ..." : "");
	sk_buf_free(&there);
	return SK_EDATA;
}

/* Take these columns, with the names found in the cells of a header line. */
static int
plan_cells(struct sk_fields *fields, const struct sk_view *cell, size_t n,
    struct sk_diag *diag)
{
	struct sk_field *found = sk_xcalloc(fields->n, sizeof(*found));
	uint32_t *number = sk_xcalloc(fields->n, sizeof(*number));
	struct header header = { 0 };
	size_t f;
	int err = 0;

	index_header(&header, cell, n);
	for (f = 0; f < fields->n && err == 0; f++) {
		found[f] = fields->field[f];
		err = find_column(&fields->field[f], &header, &number[f],
		    diag);
		if (found[f].kind == SK_FIELD_LINE) {
			number[f] = UINT32_MAX;
			continue;
		}
		found[f].kind = SK_FIELD_COLUMNS;
		found[f].first = found[f].last = number[f] + 1;
	}
	if (err == 0 && fields->csv != NULL)
		sk_csv_want(fields->csv, number, fields->n);
	else if (err == 0) {
		sk_columns_free(&fields->columns);
		err = sk_columns_init(&fields->columns, found, fields->n,
		    fields->delimiter);
	}
	free_header(&header);
	free(found);
	free(number);
	return err;
}

/* CSV and TSV: the columns of names are known with the header line. */
static int
plan_table(struct sk_fields *fields, struct sk_diag *diag)
{
	const struct sk_field *field;
	bool named = false;
	size_t f;

	for (f = 0; f < fields->n; f++) {
		field = &fields->field[f];
		named |= field->kind == SK_FIELD_PATH;
		if (field->kind == SK_FIELD_COLUMNS &&
		    field->first != field->last)
			return sk_diag_set(diag, SK_EUSAGE, "%.*s: a range; "
			    "-F %s takes single columns", (int)field->text.len,
			    field->text.ptr, names[fields->format]);
		if (field->kind == SK_FIELD_PATH && !fields->has_header)
			return sk_diag_set(diag, SK_EUSAGE, "%.*s: not a "
			    "number, and there is no header line",
			    (int)field->text.len, field->text.ptr);
	}
	return named ? 0 : plan_cells(fields, NULL, 0, diag);
}

static int
plan_csv(struct sk_fields *fields, const struct sk_shared *shared,
    struct sk_diag *diag)
{
	if (fields->delimiter < 0)
		fields->delimiter = ',';
	if (fields->delimiter == '"' || fields->delimiter == '\r' ||
	    fields->delimiter == '\n')
		return sk_diag_set(diag, SK_EUSAGE, "-d: a quote, a CR and a "
		    "newline separate no columns of CSV");
	fields->csv = sk_csv_open((char)fields->delimiter,
	    sk_shared_separator(shared));
	fields->cut = sk_csv_cut(fields->csv);
	return plan_table(fields, diag);
}

int
sk_fields_init(struct sk_fields *fields, const struct sk_shared *shared,
    const struct sk_field *field, size_t n, struct sk_diag *diag)
{
	size_t f;
	int err;

	memset(fields, 0, sizeof(*fields));
	fields->field = field;
	fields->n = n;
	fields->delimiter = shared->delimiter;
	err = pick_format(fields, shared->format, diag);
	if (err != 0)
		return err;
	fields->read = sk_xcalloc(n, sizeof(*fields->read));
	fields->value = sk_xcalloc(n, sizeof(*fields->value));
	fields->kind = sk_xcalloc(n, sizeof(*fields->kind));
	fields->plain = true;
	for (f = 0; f < n; f++)
		if (field[f].kind != SK_FIELD_LINE)
			fields->plain = false;
	fields->has_header = shared->header != 0 &&
	    (fields->format == SK_FORMAT_CSV ||
	    fields->format == SK_FORMAT_TSV);
	switch (fields->format) {
	case SK_FORMAT_NDJSON:
		return plan_ndjson(fields, diag);
	case SK_FORMAT_LOGFMT:
		return plan_logfmt(fields, diag);
	case SK_FORMAT_CSV:
		return plan_csv(fields, shared, diag);
	case SK_FORMAT_TSV:
		if (fields->delimiter < 0)
			fields->delimiter = '\t';
		return plan_table(fields, diag);
	case SK_FORMAT_DEFAULT:
	case SK_FORMAT_RAW:
		break;
	}
	return plan_columns(fields, shared, diag);
}

void
sk_fields_free(struct sk_fields *fields)
{
	size_t f;

	for (f = 0; fields->path != NULL && f < fields->nread; f++)
		sk_path_free(&fields->path[f]);
	free(fields->path);
	free(fields->read);
	free(fields->value);
	free(fields->kind);
	free(fields->key);
	sk_ndjson_close(fields->ndjson);
	sk_csv_close(fields->csv);
	sk_logfmt_close(fields->logfmt);
	sk_columns_free(&fields->columns);
	sk_buf_free(&fields->cells);
}

const struct sk_cut *
sk_fields_cut(const struct sk_fields *fields)
{
	return fields->csv != NULL ? &fields->cut : NULL;
}

/* ---- records ---- */

static struct sk_view
without_cr(struct sk_view line)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

size_t
sk_fields_events(const struct sk_fields *fields, struct sk_view *records,
    size_t n)
{
	size_t kept = 0, i;

	if (fields->format == SK_FORMAT_RAW)
		return n;
	while (kept < n && records[kept].len > 1)
		kept++;
	for (i = kept; i < n; i++)
		if (SK_LIKELY(records[i].len > 1) ||
		    without_cr(records[i]).len > 0)
			records[kept++] = records[i];
	return kept;
}

/* The cells of a TSV line, unescaped, for free(). */
static struct sk_view *
tsv_cells(struct sk_fields *fields, struct sk_view line, size_t *n)
{
	struct sk_view *cell = NULL;
	const char *end = line.ptr + line.len, *stop;

	sk_buf_reset(&fields->cells);
	sk_buf_reserve(&fields->cells, line.len + 1);
	for (*n = 0; ; line.ptr = stop + 1) {
		stop = memchr(line.ptr, fields->delimiter,
		    (size_t)(end - line.ptr));
		cell = sk_xrealloc(cell, *n + 1, sizeof(*cell));
		cell[(*n)++] = sk_tsv_unescape(sk_view(line.ptr,
		    (size_t)((stop != NULL ? stop : end) - line.ptr)),
		    &fields->cells);
		if (stop == NULL)
			return cell;
	}
}

int
sk_fields_header(struct sk_fields *fields, struct sk_view record,
    struct sk_diag *diag)
{
	const struct sk_view *cell;
	struct sk_view *own = NULL;
	const char *why = NULL;
	size_t n;
	int err;

	if (fields->csv != NULL)
		why = sk_csv_cells(fields->csv, record, &cell, &n);
	else
		cell = own = tsv_cells(fields, without_cr(record), &n);
	if (why != NULL)
		return sk_diag_set(diag, SK_EDATA, "%s", why);
	err = plan_cells(fields, cell, n, diag);
	free(own);
	return err;
}

/* TSV: the CR of CRLF is no part of the last column. */
static void
drop_cr(const struct sk_fields *fields, const struct sk_view *records,
    size_t n, const struct sk_values *out)
{
	struct sk_view *value;
	size_t i, f;

	for (f = 0; f < fields->n; f++) {
		if (fields->field[f].kind == SK_FIELD_LINE)
			continue;
		for (i = 0; i < n; i++) {
			value = &out->value[f][i];
			if (value->ptr != NULL && value->ptr + value->len ==
			    records[i].ptr + records[i].len)
				*value = without_cr(*value);
		}
	}
}

static bool
is_escaped(const struct sk_field *field, struct sk_view value)
{
	return field->kind != SK_FIELD_LINE && value.len > 0 &&
	    memchr(value.ptr, '\\', value.len) != NULL;
}

/* Cells of TSV are unescaped into memory that is reserved first, so that it
 * does not move. */
static void
unescape(struct sk_fields *fields, size_t n, const struct sk_values *out)
{
	size_t nbytes = 0, i, f;

	for (f = 0; f < fields->n; f++)
		for (i = 0; i < n; i++)
			if (is_escaped(&fields->field[f], out->value[f][i]))
				nbytes += out->value[f][i].len;
	if (nbytes == 0)
		return;
	sk_buf_reset(&fields->cells);
	sk_buf_reserve(&fields->cells, nbytes + SK_PAD);
	for (f = 0; f < fields->n; f++)
		for (i = 0; i < n; i++)
			if (is_escaped(&fields->field[f], out->value[f][i]))
				out->value[f][i] = sk_tsv_unescape(
				    out->value[f][i], &fields->cells);
}

size_t
sk_fields_take(struct sk_fields *fields, const struct sk_view *records,
    size_t n, const struct sk_values *out)
{
	const struct sk_values read = { fields->value, fields->kind,
		out->why };
	size_t nbad = 0, f;

	for (f = 0; f < fields->nread; f++) {
		fields->value[f] = out->value[fields->read[f]];
		fields->kind[f] = out->kind[fields->read[f]];
	}
	switch (fields->format) {
	case SK_FORMAT_NDJSON:
		nbad = sk_ndjson_take(fields->ndjson, records, n, &read);
		break;
	case SK_FORMAT_LOGFMT:
		nbad = sk_logfmt_take(fields->logfmt, records, n, &read);
		break;
	case SK_FORMAT_CSV:
		return sk_csv_take(fields->csv, records, n, out);
	case SK_FORMAT_TSV:
		sk_columns_take(&fields->columns, records, n, out->value);
		drop_cr(fields, records, n, out);
		unescape(fields, n, out);
		return 0;
	case SK_FORMAT_DEFAULT:
	case SK_FORMAT_RAW:
		sk_columns_take(&fields->columns, records, n, out->value);
		return 0;
	}
	for (f = 0; f < fields->n; f++)
		if (fields->field[f].kind == SK_FIELD_LINE)
			memcpy(out->value[f], records, n * sizeof(*records));
	return nbad;
}

struct sk_view
sk_fields_bare(const struct sk_fields *fields, struct sk_view record)
{
	return fields->format == SK_FORMAT_RAW ? record : sk_csv_bom(record);
}

const char *
sk_fields_hint(const struct sk_fields *fields, struct sk_view line)
{
	static const struct {
		char byte;
		const char *hint;
	} looks[] = { { '\t', "; -F tsv?" }, { ',', "; -F csv?" },
		{ '=', "; -F logfmt?" } };
	size_t i;

	if (fields->format != SK_FORMAT_NDJSON || line.len == 0 ||
	    memchr(line.ptr, '{', line.len) == line.ptr)
		return "";
	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (memchr(line.ptr, looks[i].byte, line.len) != NULL)
			return looks[i].hint;
	return "";
}
