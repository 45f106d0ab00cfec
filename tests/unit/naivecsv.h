/*
 * CSV as format/csv.h has it, one byte at a time: what the readers' work is
 * compared with.
 */
#ifndef SK_TEST_NAIVECSV_H
#define SK_TEST_NAIVECSV_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The record at p: where its separator stands, or, if a quote is not closed,
 * its first line's. */
static inline size_t
naive_record(const char *p, size_t len, char comma, char sep)
{
	bool inside = false, begins = true;
	const char *first;
	size_t i;

	for (i = 0; i < len; i++) {
		if (inside) {
			if (p[i] != '"')
				continue;
			if (i + 1 < len && p[i + 1] == '"')
				i++;
			else
				inside = begins = false;
		} else if (p[i] == sep) {
			return i;
		} else {
			inside = begins && p[i] == '"';
			begins = p[i] == comma;
		}
	}
	first = memchr(p, sep, len);
	return first != NULL ? (size_t)(first - p) : len;
}

struct naive_cells {
	struct sk_buf text;
	size_t end[4096]; /* of each cell in text */
	size_t n;
	bool unclosed, behind; /* text behind a closing quote */
};

static inline struct sk_view
naive_cell(const struct naive_cells *cells, size_t i)
{
	size_t begin = i > 0 ? cells->end[i - 1] : 0;

	return sk_view(cells->text.ptr + begin, cells->end[i] - begin);
}

/* The cells of a record, which must have few. */
static inline void
naive_cells(struct naive_cells *cells, struct sk_view record, char comma,
    char sep)
{
	bool inside = false, begins = true, closed = false;
	size_t i, len = record.len;

	if (sep == '\n' && len > 0 && record.ptr[len - 1] == '\r')
		len--;
	sk_buf_reset(&cells->text);
	sk_buf_reserve(&cells->text, 1);
	cells->n = 0;
	cells->behind = false;
	for (i = 0; i < len; i++) {
		char c = record.ptr[i];

		if (inside && c == '"') {
			if (i + 1 < len && record.ptr[i + 1] == '"') {
				sk_buf_char(&cells->text, '"');
				i++;
				continue;
			}
			inside = false;
			closed = true;
		} else if (!inside && c == comma) {
			cells->end[cells->n++] = cells->text.len;
			begins = true;
			closed = false;
			continue;
		} else if (begins && c == '"') {
			inside = true;
		} else {
			cells->behind = cells->behind || closed;
			sk_buf_char(&cells->text, c);
		}
		begins = false;
	}
	cells->end[cells->n++] = cells->text.len;
	cells->unclosed = inside;
}

/* A heap copy with SK_PAD bytes behind it, full of what would mislead. */
static inline char *
naive_copy(const char *bytes, size_t len)
{
	char *copy = malloc(len + SK_PAD);
	size_t i;

	if (len > 0)
		memcpy(copy, bytes, len);
	for (i = 0; i < SK_PAD; i++)
		copy[len + i] = "\"\n,\n\"\"x"[i % 7];
	return copy;
}

#endif
