#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "format/grid.h"

void
sk_grid_init(struct sk_grid *grid, size_t ncols, unsigned right)
{
	sk_assert(ncols > 0 && ncols <= SK_GRID_COLUMNS);
	memset(grid, 0, sizeof(*grid));
	grid->ncols = ncols;
	grid->right = right;
}

void
sk_grid_free(struct sk_grid *grid)
{
	sk_buf_free(&grid->text);
}

void
sk_grid_cell(struct sk_grid *grid, const char *fmt, ...)
{
	size_t *width = &grid->width[grid->n++ % grid->ncols];
	char cell[256];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cell, sizeof(cell), fmt, ap);
	va_end(ap);
	len = strlen(cell);
	if (len > *width)
		*width = len;
	sk_buf_add(&grid->text, cell, len + 1);
}

static void
blanks(struct sk_buf *out, size_t n)
{
	while (n-- > 0)
		sk_buf_char(out, ' ');
}

void
sk_grid_put(const struct sk_grid *grid, struct sk_buf *out)
{
	const char *cell = grid->text.ptr;
	size_t i, col, len, pad, due = 0; /* blanks, before the next text */
	bool right;

	for (i = 0; i < grid->n - grid->n % grid->ncols; i++) {
		col = i % grid->ncols;
		len = strlen(cell);
		pad = grid->width[col] - len;
		right = (grid->right >> col & 1) != 0;
		due += right ? pad : 0;
		if (len > 0) {
			blanks(out, due);
			sk_buf_add(out, cell, len);
			due = 0;
		}
		due += (right ? 0 : pad) + 2;
		cell += len + 1;
		if (col + 1 == grid->ncols) {
			sk_buf_char(out, '\n');
			due = 0;
		}
	}
}
