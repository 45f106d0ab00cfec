/*
 * CSV (RFC 4180): records, and their cells.
 *
 * A record ends at a newline outside quotes; the CR of CRLF goes with it.  A
 * quote opens a quoted cell at the beginning of a cell only, inside it two
 * quotes are one and newlines, CRs and delimiters are text.  Anywhere else a
 * quote is text.  What stands behind a closing quote other than a delimiter or
 * the end makes the record bad.  Blanks belong to the cell.  A quote that is
 * never closed makes its line bad, and reading goes on with the next line.
 * The BOM in front of a stream is known to the cutter, and left to the caller
 * to drop (sk_csv_bom).
 *
 * Only cells in which quotes are doubled are copied, by libcsv; all others are
 * views of their record.  SK_PAD bytes behind every record must be readable.
 * Cells are valid until the reader's next call.
 *
 * Memory: as much as the bytes of a batch, if any of it is copied, and the
 * longest cell once more.
 */
#ifndef SK_FORMAT_CSV_H
#define SK_FORMAT_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/cut.h"
#include "format/value.h"

/* Why a record is bad, if not for text behind a closing quote. */
#define SK_CSV_UNCLOSED "a quote that is not closed"

struct sk_csv;

/* `sep` ends records: '\n', or '\0' with -z, when newlines are text and a CR
 * at the end is too.  `comma` is not a quote, a CR or sep. */
struct sk_csv *sk_csv_open(char comma, char sep);
void sk_csv_close(struct sk_csv *csv); /* NULL is accepted */

/* The cutter of this reader's records; valid while it is open.  It remembers
 * how far it has looked into the record that a call leaves: the next call must
 * begin with that one's bytes, unless it has `ended`; with len 0 that makes it
 * forget (format/csvscan.h). */
struct sk_cut sk_csv_cut(struct sk_csv *csv);

/* All cells of one record: *cells and *n, or why it is bad. */
const char *sk_csv_cells(struct sk_csv *csv, struct sk_view record,
    const struct sk_view **cells, size_t *n);

/* Which cells sk_csv_take() gives: numbers from 0; UINT32_MAX is the whole
 * record. */
void sk_csv_want(struct sk_csv *csv, const uint32_t *column, size_t n);

/* The wanted cells of n records (format/value.h), absent where a record is
 * shorter; returns how many are bad.  Kinds are not touched. */
size_t sk_csv_take(struct sk_csv *csv, const struct sk_view *records,
    size_t n, const struct sk_values *out);

/* The record without a byte order mark in front. */
struct sk_view sk_csv_bom(struct sk_view record);

#endif
