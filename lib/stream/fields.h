/*
 * From records to fields, in any format: the one place that knows them all.
 *
 * The kind of FIELD picks the format unless -F does: a path is NDJSON, columns
 * are raw lines (blanks, or -d).  With csv and tsv a FIELD names a column of
 * the header line of each input, or is its number; with logfmt it is a key.
 * Whole lines go with any format.
 *
 * Values are what format/value.h says; empty records never come here.  The CR
 * of CRLF is dropped but from raw lines and columns.
 */
#ifndef SK_STREAM_FIELDS_H
#define SK_STREAM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "field/columns.h"
#include "field/field.h"
#include "format/csv.h"
#include "format/cut.h"
#include "format/logfmt.h"
#include "format/ndjson.h"
#include "format/value.h"
#include "stream/opts.h"

/* What fields are taken from. */
struct sk_fields {
	enum sk_format format;      /* RAW: lines and columns */
	const struct sk_field *field; /* the caller's */
	size_t n;
	bool plain;                 /* whole lines only: values are lines */
	bool has_header;            /* a header line is due in each input */
	int delimiter;
	struct sk_columns columns;  /* RAW, TSV */
	struct sk_path *path;       /* NDJSON */
	struct sk_ndjson *ndjson;
	struct sk_csv *csv;
	struct sk_view *key;        /* LOGFMT */
	struct sk_logfmt *logfmt;
	/* NDJSON, LOGFMT: the fields that the reader gives, and where. */
	size_t *read, nread;
	struct sk_view **value;
	unsigned char **kind;
	struct sk_buf cells;        /* TSV: what was unescaped */
	struct sk_cut cut;          /* of CSV */
};

/* Plan to take n fields, which must outlive this; sk_fields_free() is called
 * in any case.  SK_EUSAGE with words in
 * diag: the FIELDs are not of one kind, or none of this format. */
int sk_fields_init(struct sk_fields *fields, const struct sk_shared *shared,
    const struct sk_field *field, size_t n, struct sk_diag *diag);
void sk_fields_free(struct sk_fields *fields);

/* How the stream is cut into records; NULL: into lines. */
const struct sk_cut *sk_fields_cut(const struct sk_fields *fields);

/* Lines that are empty but for the CR of CRLF are no events, unless they are
 * raw: how many of n are left, in their order. */
size_t sk_fields_events(const struct sk_fields *fields,
    struct sk_view *records, size_t n);

/* The header line of an input, when has_header: finds the columns in it.
 * SK_EDATA with words in diag (`no column user; there are id, name`). */
int sk_fields_header(struct sk_fields *fields, struct sk_view record,
    struct sk_diag *diag);

/* The fields of n records, valid until the next call; returns how many are
 * bad, for which out->why is set.  With `plain` the caller need not call. */
size_t sk_fields_take(struct sk_fields *fields, const struct sk_view *records,
    size_t n, const struct sk_values *out);

/* The first record of an input without a byte order mark in front. */
struct sk_view sk_fields_bare(const struct sk_fields *fields,
    struct sk_view record);

/* What a line that is no JSON object looks like, to be put behind the reason:
 * `; -F csv?`, or nothing. */
const char *sk_fields_hint(const struct sk_fields *fields,
    struct sk_view line);

/* The output name of a field that was parsed for this -F: the name of a
 * column is taken whole, dots and all. */
void sk_fields_name(struct sk_field *field, int format);

#endif
