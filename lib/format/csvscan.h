/*
 * Where CSV is divided: the ends of records in a stream, the delimiters of one
 * record.  The rules are those of format/csv.h.  A closing quote with text
 * behind it has closed all the same, so that a bad record ends with its line.
 *
 * SK_PAD bytes behind what is scanned must be readable.  Nothing is copied.
 * Cost: memory speed where there is no quote, a third of it where quotes stand
 * as they should.
 */
#ifndef SK_FORMAT_CSVSCAN_H
#define SK_FORMAT_CSVSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/lines.h"

/* What the bytes so far leave open. */
struct sk_csvscan_state {
	uint64_t inside; /* quotes: all ones, else 0 */
	uint64_t opens;  /* 1: a quote that comes now opens, or is doubled */
};

struct sk_csvscan {
	char comma, sep;
	bool at_first; /* a byte order mark may come */
	/* Of the record that is not complete yet: so many bytes were looked
	 * at and held so many separators. */
	size_t nbytes, nseps;
	struct sk_csvscan_state state;
};

/* comma: not a quote, a CR or sep. */
void sk_csvscan_init(struct sk_csvscan *scan, char comma, char sep);

/* Take complete records as sk_lines_split() takes lines; `nseps` counts all
 * separators, in quotes or not.  Empty records are dropped, those of a CR
 * alone too.  A byte order mark at the beginning, and behind an end, stays in
 * the record, but a quote behind it opens.
 *
 * What a call leaves, the next one must begin with: it goes on behind what was
 * looked at.  With `ended` nothing is remembered and all is taken, the first
 * line of what has a quote that is not closed as a record of its own; a call
 * with ended and len 0 makes it forget. */
struct sk_lines sk_csvscan_cut(struct sk_csvscan *scan, const char *bytes,
    size_t len, bool ended, struct sk_view *out, size_t cap);

struct sk_csvscan_cells {
	size_t n;        /* delimiters found */
	bool quoted;     /* there are quotes in the record */
	const char *why; /* it is bad; NULL: it is not */
};

/* Where in the record delimiter number which[i] stands, from 0, for as many of
 * the n as there are; `which` ascends. */
struct sk_csvscan_cells sk_csvscan_cells(char comma, struct sk_view record,
    const uint32_t *which, size_t n, size_t *place);

/* The same two without AVX2, to be compared with. */
struct sk_lines sk_csvscan_cut_portable(struct sk_csvscan *scan,
    const char *bytes, size_t len, bool ended, struct sk_view *out,
    size_t cap);
struct sk_csvscan_cells sk_csvscan_cells_portable(char comma,
    struct sk_view record, const uint32_t *which, size_t n, size_t *place);

#endif
