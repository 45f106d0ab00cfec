/*
 * Records made of fields, as fast as they are read: what sk-cols does.
 *
 * The list of fields is `FIELD[:TYPE],...`.  A value goes out as it came, a
 * list or an object as its JSON text, but for the types:
 *
 *	int float bool  format/typed.h
 *	time[:FORMAT]   any form of time/time.h; RFC 3339 goes out
 *	text            text, where JSON would be a number or anything else
 *
 * A key that holds a colon has a type behind it: /a:b:text.
 *
 * Absent and null are no value, empty text with a default too; for a type so
 * is what its reader takes for none.  Then the default goes out, as its
 * column's type if it is of that type, else as text; without a default null,
 * or an empty cell.
 *
 * Fields come out of a batch; or, where one byte divides the columns of a line
 * and all are wanted in order, the line is cut here, which is twice as fast.
 *
 * Cost: 10 ns a record and 5 ns a value, and the copy of its bytes; half of
 * that for fields of NDJSON as TSV.  Memory: 300 bytes a field.
 */
#ifndef SK_STREAM_COLS_H
#define SK_STREAM_COLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "field/field.h"
#include "format/plain.h"
#include "stream/emit.h"
#include "stream/op.h"
#include "stream/opts.h"
#include "time/time.h"
#include "time/zone.h"

enum sk_cols_type {
	SK_COLS_ANY, /* as it came */
	SK_COLS_TEXT,
	SK_COLS_INT,
	SK_COLS_FLOAT,
	SK_COLS_BOOL,
	SK_COLS_TIME
};

struct sk_cols_field {
	struct sk_field field;
	enum sk_cols_type type;
	struct sk_time time;
	struct sk_year year;
};

struct sk_cols {
	struct sk_cols_field *field;
	size_t n;
	/* A batch has one field more than n: a value of it is a column that
	 * has no name, and its event is bad. */
	bool exact;
	/* The fields are all columns of the line, with this byte between
	 * them, and the batch has none; -1: they are those of the batch. */
	int delimiter;
	bool escaped;        /* they are written as jq's @tsv does */
	const char *missing; /* the default, or NULL */
	struct sk_zone zone;
	/* What stands before each value, and instead of one; padded. */
	struct sk_view *lead, *none;
	struct sk_buf parts;
	size_t room;         /* for a record beside its values as they came */
	bool json;
	bool as_is;          /* text needs no escaping */
	bool bare_numbers;   /* nor do numbers and truth values */
	bool bare_cells;     /* there is nothing but fields and TABs */
	struct sk_plain plain;
	struct sk_plain_cell *cell; /* of a line */
	struct sk_buf text;  /* a cell without escapes */
	struct sk_buf made;  /* a value that was made */
	struct sk_diag why;
};

/* The fields of a list, with --tz and --year.  SK_EUSAGE with words in diag;
 * sk_cols_free() is called in any case.  Names are views of the list. */
int sk_cols_init(struct sk_cols *cols, struct sk_view list,
    const struct sk_shared *shared, struct sk_diag *diag);
void sk_cols_free(struct sk_cols *cols);

/* A struct sk_op.batch with a struct sk_cols as self, for fields that are
 * wanted with `any` and not required. */
int sk_cols_batch(void *self, const struct sk_batch *batch,
    struct sk_emit *emit);

/* Whether there was a time without a year, and no --year either. */
bool sk_cols_year_open(const struct sk_cols *cols);

#endif
