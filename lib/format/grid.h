/*
 * A table for eyes: cells gather row by row, and are written in columns that
 * are as wide as their widest cell, two blanks between them, no blanks at the
 * end of a line.
 *
 *	sk_grid_init(&grid, 2, 1 << 1);         column 1 to the right
 *	sk_grid_cell(&grid, "name"); sk_grid_cell(&grid, "size");
 *	sk_grid_cell(&grid, "%s", name); sk_grid_cell(&grid, "%d", size);
 *	sk_grid_put(&grid, buf);
 *
 * A cell is text without control bytes; its width is its number of bytes.  The
 * grid keeps all cells until it is freed.
 */
#ifndef SK_FORMAT_GRID_H
#define SK_FORMAT_GRID_H

#include <stddef.h>

#include "base/buf.h"

enum { SK_GRID_COLUMNS = 16 };

struct sk_grid {
	size_t ncols;
	unsigned right; /* bits of the columns that are set to the right */
	size_t width[SK_GRID_COLUMNS];
	size_t n;       /* cells */
	struct sk_buf text; /* each with a NUL behind */
};

void sk_grid_init(struct sk_grid *grid, size_t ncols, unsigned right);
void sk_grid_free(struct sk_grid *grid);
void sk_grid_cell(struct sk_grid *grid, const char *fmt, ...)
    SK_PRINTF(2, 3);
/* Add the rows that are complete to `out`, a line each. */
void sk_grid_put(const struct sk_grid *grid, struct sk_buf *out);

#endif
