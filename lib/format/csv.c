/*
 * csvscan says where the cells of a record are.  One without a quote in front
 * is a view of the record, and so is a quoted one that holds no quote; where
 * quotes are doubled libcsv takes them out.
 *
 * libcsv gets one cell at a time, with its quotes, and its entry buffer is
 * copied to the arena, which has room for all that is left of the batch
 * before the first cell goes there: a cell loses bytes only.
 */
#include <csv.h>
#include <stdlib.h>

#include "base/mem.h"
#include "format/csv.h"
#include "format/csvscan.h"

#define QUOTE '"'
#define ENTRY_BYTES ((size_t)32 << 10) /* libcsv's buffer grows so */

/* A wanted column: indices of `comma` in front of it and behind it. */
struct column {
	uint32_t number, begin, end;
};

#define AT_FRONT UINT32_MAX
#define WHOLE UINT32_MAX

struct sk_csv {
	struct sk_csvscan scan;
	struct csv_parser parser;
	struct sk_buf arena;

	/* The wanted columns, each once, ascending; the delimiters around
	 * them, so too, and where these stand in the record at hand. */
	struct column *column;
	uint32_t *comma;
	size_t *place;
	struct sk_view *value; /* of each column */
	size_t ncolumns, ncommas;
	uint32_t *slot;        /* of each field: its column, or WHOLE */
	size_t nfields;

	/* sk_csv_cells: 0, 1, 2 ..., their places, and the cells between. */
	uint32_t *every;
	size_t *every_place;
	struct sk_view *cell;
	size_t cap;
};

/* ---- open and close ---- */

static void *
grow(void *bytes, size_t n)
{
	return sk_xrealloc(bytes, n, 1);
}

struct sk_csv *
sk_csv_open(char comma, char sep)
{
	struct sk_csv *csv = sk_xcalloc(1, sizeof(*csv));

	sk_csvscan_init(&csv->scan, comma, sep);
	csv_init(&csv->parser, 0);
	csv_set_realloc_func(&csv->parser, grow);
	csv_set_blk_size(&csv->parser, ENTRY_BYTES);
	return csv;
}

static void
forget_wants(struct sk_csv *csv)
{
	free(csv->slot);
	free(csv->value);
	free(csv->place);
	free(csv->comma);
	free(csv->column);
}

void
sk_csv_close(struct sk_csv *csv)
{
	if (csv == NULL)
		return;
	free(csv->cell);
	free(csv->every_place);
	free(csv->every);
	forget_wants(csv);
	sk_buf_free(&csv->arena);
	csv_free(&csv->parser);
	free(csv);
}

static struct sk_lines
cut(void *self, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap)
{
	struct sk_csv *csv = self;

	return sk_csvscan_cut(&csv->scan, bytes, len, ended, out, cap);
}

struct sk_cut
sk_csv_cut(struct sk_csv *csv)
{
	struct sk_cut out = { csv, cut, SK_CSV_UNCLOSED, 0 };

	return out;
}

/* ---- one cell ---- */

static void
add_cell(void *text, size_t len, void *arena)
{
	sk_buf_add(arena, text, len);
}

/* A cell as it stands in the record, without its quotes. */
static inline struct sk_view
unquote(struct sk_csv *csv, struct sk_view cell)
{
	struct sk_view text;

	if (cell.len == 0 || cell.ptr[0] != QUOTE)
		return cell;
	text = sk_view(cell.ptr + 1, cell.len - 2);
	if (memchr(text.ptr, QUOTE, text.len) == NULL)
		return text;
	text.ptr = csv->arena.ptr + csv->arena.len;
	csv_parse(&csv->parser, cell.ptr, cell.len, add_cell, NULL,
	    &csv->arena);
	csv_fini(&csv->parser, add_cell, NULL, &csv->arena);
	text.len = (size_t)(csv->arena.ptr + csv->arena.len - text.ptr);
	return text;
}

static inline struct sk_view
without_cr(const struct sk_csv *csv, struct sk_view record)
{
	if (record.len > 0 && record.ptr[record.len - 1] == '\r' &&
	    csv->scan.sep == '\n')
		record.len--;
	return record;
}

/* ---- all cells ---- */

static void
make_room(struct sk_csv *csv)
{
	size_t i = csv->cap;

	csv->cap = csv->cap == 0 ? 64 : 2 * csv->cap;
	csv->every = sk_xrealloc(csv->every, csv->cap, sizeof(*csv->every));
	csv->every_place = sk_xrealloc(csv->every_place, csv->cap,
	    sizeof(*csv->every_place));
	csv->cell = sk_xrealloc(csv->cell, csv->cap + 1, sizeof(*csv->cell));
	for (; i < csv->cap; i++)
		csv->every[i] = (uint32_t)i;
}

const char *
sk_csv_cells(struct sk_csv *csv, struct sk_view record,
    const struct sk_view **cells, size_t *n)
{
	struct sk_csvscan_cells found = { 0, false, NULL };
	size_t begin = 0, i;

	record = without_cr(csv, record);
	do {
		if (found.n == csv->cap)
			make_room(csv);
		found = sk_csvscan_cells(csv->scan.comma, record, csv->every,
		    csv->cap, csv->every_place);
	} while (found.n == csv->cap && found.why == NULL);
	if (found.why != NULL)
		return found.why;
	sk_buf_reset(&csv->arena);
	if (found.quoted)
		sk_buf_reserve(&csv->arena, record.len);
	csv->every_place[found.n] = record.len;
	for (i = 0; i <= found.n; i++) {
		struct sk_view cell = sk_view(record.ptr + begin,
		    csv->every_place[i] - begin);

		csv->cell[i] = found.quoted ? unquote(csv, cell) : cell;
		begin = csv->every_place[i] + 1;
	}
	*cells = csv->cell;
	*n = found.n + 1;
	return NULL;
}

/* ---- wanted cells ---- */

static int
compare_u32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Each number once, ascending; how many there are. */
static size_t
sort_once(uint32_t *number, size_t n)
{
	size_t i, kept = 0;

	qsort(number, n, sizeof(*number), compare_u32);
	for (i = 0; i < n; i++)
		if (kept == 0 || number[kept - 1] != number[i])
			number[kept++] = number[i];
	return kept;
}

static uint32_t
find_u32(const uint32_t *numbers, size_t n, uint32_t number)
{
	const uint32_t *at = bsearch(&number, numbers, n, sizeof(number),
	    compare_u32);

	return (uint32_t)(at - numbers);
}

/* The delimiters around the columns, whose numbers are known. */
static void
plan_commas(struct sk_csv *csv)
{
	size_t i, n = 0;

	csv->comma = sk_xalloc(2 * csv->ncolumns, sizeof(*csv->comma));
	for (i = 0; i < csv->ncolumns; i++) {
		if (csv->column[i].number > 0)
			csv->comma[n++] = csv->column[i].number - 1;
		csv->comma[n++] = csv->column[i].number;
	}
	csv->ncommas = sort_once(csv->comma, n);
	csv->place = sk_xalloc(csv->ncommas, sizeof(*csv->place));
	for (i = 0; i < csv->ncolumns; i++) {
		struct column *column = &csv->column[i];

		column->begin = column->number == 0 ? AT_FRONT :
		    find_u32(csv->comma, csv->ncommas, column->number - 1);
		column->end = find_u32(csv->comma, csv->ncommas,
		    column->number);
	}
}

void
sk_csv_want(struct sk_csv *csv, const uint32_t *column, size_t n)
{
	uint32_t *number = sk_xalloc(n, sizeof(*number));
	size_t i, ncolumns = 0;

	forget_wants(csv);
	csv->slot = sk_xalloc(n, sizeof(*csv->slot));
	csv->nfields = n;
	for (i = 0; i < n; i++)
		if (column[i] != WHOLE)
			number[ncolumns++] = column[i];
	ncolumns = sort_once(number, ncolumns);
	csv->ncolumns = ncolumns;
	csv->column = sk_xcalloc(ncolumns, sizeof(*csv->column));
	csv->value = sk_xalloc(ncolumns, sizeof(*csv->value));
	for (i = 0; i < ncolumns; i++)
		csv->column[i].number = number[i];
	for (i = 0; i < n; i++)
		csv->slot[i] = column[i] == WHOLE ? WHOLE :
		    find_u32(number, ncolumns, column[i]);
	plan_commas(csv);
	free(number);
}

/* The columns of a good record, of which so many delimiters were found. */
static void
find_values(struct sk_csv *csv, struct sk_view record,
    const struct sk_csvscan_cells *found)
{
	size_t i;

	for (i = 0; i < csv->ncolumns; i++) {
		const struct column *column = &csv->column[i];
		size_t begin = 0, end = record.len;

		if (column->begin != AT_FRONT && column->begin >= found->n) {
			csv->value[i] = sk_view(NULL, 0);
			continue;
		}
		if (column->begin != AT_FRONT)
			begin = csv->place[column->begin] + 1;
		if (column->end < found->n)
			end = csv->place[column->end];
		csv->value[i] = sk_view(record.ptr + begin, end - begin);
		if (found->quoted)
			csv->value[i] = unquote(csv, csv->value[i]);
	}
}

/* Room for all cells of these records. */
static void
reserve(struct sk_csv *csv, const struct sk_view *records, size_t n)
{
	size_t i, nbytes = 0;

	for (i = 0; i < n; i++)
		nbytes += records[i].len;
	sk_buf_reserve(&csv->arena, nbytes);
}

size_t
sk_csv_take(struct sk_csv *csv, const struct sk_view *records, size_t n,
    const struct sk_values *out)
{
	size_t i, f, nbad = 0;
	bool reserved = false;

	sk_buf_reset(&csv->arena);
	for (i = 0; i < n; i++) {
		struct sk_view record = without_cr(csv, records[i]);
		struct sk_csvscan_cells found = sk_csvscan_cells(
		    csv->scan.comma, record, csv->comma, csv->ncommas,
		    csv->place);

		out->why[i] = found.why;
		if (found.why != NULL) {
			nbad++;
			continue;
		}
		if (found.quoted && !reserved) {
			reserve(csv, records + i, n - i);
			reserved = true;
		}
		find_values(csv, record, &found);
		for (f = 0; f < csv->nfields; f++)
			out->value[f][i] = csv->slot[f] == WHOLE ? record :
			    csv->value[csv->slot[f]];
	}
	return nbad;
}

struct sk_view
sk_csv_bom(struct sk_view record)
{
	if (record.len >= 3 && !memcmp(record.ptr, "\xef\xbb\xbf", 3))
		record = sk_view(record.ptr + 3, record.len - 3);
	return record;
}
