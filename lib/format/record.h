/*
 * Result records: one description writes TSV, CSV or NDJSON.
 *
 * The columns are named once, in order; then each record is begun, gets one
 * value per column in that order, and is ended.  Too many or too few values
 * are a bug of the caller.  TSV columns are the values of the NDJSON members
 * in the same order.
 *
 *	sk_record_init(&r, SK_RECORD_TSV);
 *	sk_record_column(&r, sk_view_str("count"));
 *	sk_record_column(&r, sk_view_str("item"));
 *	sk_record_header(&r, out);              if a header line is wanted
 *	sk_record_begin(&r, out);
 *	sk_record_u64(&r, 482);
 *	sk_record_line(&r, line);
 *	sk_record_end(&r);
 *
 * Values:
 *	numbers  integers as such, others the shortest text that reads back the
 *	         same; NaN and infinities as null
 *	null     null; in TSV and CSV an empty cell
 *	text     NDJSON: a string, control bytes as \u00XX, bytes that are no
 *	         UTF-8 as U+FFFD, one each.  TSV: raw, for values that came
 *	         out of columns; with `escape` the backslash, TAB, LF and CR
 *	         are written \\ \t \n \r as jq's @tsv does, for values that
 *	         came out of JSON or CSV.  CSV: in quotes where needed
 *	json     a number, list or object that is JSON text already: NDJSON as
 *	         it is, else a cell of that text
 *	line     a whole line: TSV as it is, so it is the last column, unless
 *	         it holds the end of a record: then as with `escape`, a NUL as
 *	         \0.  CSV: in quotes where needed; NDJSON: as text
 *
 * A CSV record of one empty cell is written `""`, since an empty line would
 * be no record.  Bytes go into the buffer given to begin and header; the
 * record owns its names and is released by sk_record_free.
 */
#ifndef SK_FORMAT_RECORD_H
#define SK_FORMAT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum sk_record_form { SK_RECORD_TSV, SK_RECORD_CSV, SK_RECORD_NDJSON };

struct sk_record {
	enum sk_record_form form;
	bool escape; /* TSV: escape text and JSON cells */
	char comma;  /* CSV: the delimiter */
	char end;    /* of a record: '\n', with -z '\0' */

	struct sk_buf *out;
	size_t start;       /* of this record in out */
	size_t n, at;       /* columns, and the one that comes next */
	uint64_t *hashes;   /* of each name */
	size_t *ends;       /* of each name in `names` */
	struct sk_buf names;
	size_t *key_ends;   /* of each `"name":` in `keys` */
	struct sk_buf keys;
};

/* No columns yet, no escaping, `,` and a newline. */
void sk_record_init(struct sk_record *record, enum sk_record_form form);
void sk_record_free(struct sk_record *record);

/* Add a column; the name is copied.  SK_EUSAGE if one has that name.  Takes
 * time with the number of columns: 5000 of them 10 ms. */
int sk_record_column(struct sk_record *record, struct sk_view name);

/* Append the header line of TSV or CSV; nothing for NDJSON. */
void sk_record_header(const struct sk_record *record, struct sk_buf *out);

void sk_record_begin(struct sk_record *record, struct sk_buf *out);
void sk_record_u64(struct sk_record *record, uint64_t value);
void sk_record_i64(struct sk_record *record, int64_t value);
void sk_record_f64(struct sk_record *record, double value);
/* With so many decimals, for values that are stated so (scores). */
void sk_record_fixed(struct sk_record *record, double value, int decimals);
void sk_record_bool(struct sk_record *record, bool value);
void sk_record_null(struct sk_record *record);
/* A view with ptr NULL is null. */
void sk_record_text(struct sk_record *record, struct sk_view text);
void sk_record_json(struct sk_record *record, struct sk_view json);
void sk_record_line(struct sk_record *record, struct sk_view line);
/* n columns as they were written before, with all that is between them and in
 * front: into a record in which those are the next. */
void sk_record_raw(struct sk_record *record, struct sk_view text, size_t n);
void sk_record_end(struct sk_record *record);

/* Text as a JSON string with its quotes, as a cell of CSV, as jq's @tsv. */
void sk_record_put_json(struct sk_buf *buf, struct sk_view text);
void sk_record_put_csv(struct sk_buf *buf, struct sk_view text, char comma);
void sk_record_put_tsv(struct sk_buf *buf, struct sk_view text);

#endif
