/*
 * Columns of raw lines: one pass over a line for all wanted fields, stopping
 * behind the last of them.
 *
 * Blanks (as awk): runs of spaces and TABs separate, blanks at the front and
 * the end of a line are no columns.  Delimiter (as cut): every one separates,
 * columns may be empty, and a line without one is its own column 1.  A CR at
 * the end belongs to the last column.
 *
 * A range is the text from its first to its last column with what stands
 * between; if the line ends earlier, to the line's last column.  A field
 * whose first column is missing has ptr NULL.
 *
 * Lines come out of padded buffers: SK_PAD bytes behind each must be readable
 * (any byte: the following lines will do).  The views point into the lines.
 * Cost: of an access log 7 ns a line for column 1, 12 ns for column 10, 23 ns
 * for four fields up to column 10.  The plan of n fields takes n log n
 * steps and 44 bytes a field.
 */
#ifndef SK_FIELD_COLUMNS_H
#define SK_FIELD_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "field/field.h"

#define SK_COLUMNS_MAX 16384 /* fields at once */
#define SK_COLUMNS_BLANKS (-1)

/* Owns its memory; a zeroed one takes no fields. */
struct sk_columns {
	int delimiter; /* a byte, or SK_COLUMNS_BLANKS */
	unsigned nfields, nedges;
	/* The edges looked for, in the order in which they are met. */
	struct sk_columns_edge {
		uint32_t column; /* from 0 */
		uint32_t end;    /* 0: where it begins, 1: where it ends */
	} *edge;
	/* Where a field begins and ends: indices of edges.  An end equal to
	 * nedges is the line's. */
	struct sk_columns_span {
		unsigned begin, end;
		bool line;
	} *field;
	size_t *place; /* of each edge in the line at hand */
};

/* Plan the extraction of n fields of kind COLUMNS or LINE (any order, also
 * overlapping).  SK_ELIMIT if n is over SK_COLUMNS_MAX, SK_EUSAGE if one is a
 * path: *columns is zeroed then. */
int sk_columns_init(struct sk_columns *columns, const struct sk_field *fields,
    size_t n, int delimiter);
void sk_columns_free(struct sk_columns *columns);

/* out[f][i] becomes field f of line i, for all n lines. */
void sk_columns_take(const struct sk_columns *columns,
    const struct sk_view *lines, size_t n, struct sk_view *const *out);

/* The same without AVX2, to be compared with. */
void sk_columns_take_portable(const struct sk_columns *columns,
    const struct sk_view *lines, size_t n, struct sk_view *const *out);

#endif
