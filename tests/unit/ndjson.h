/*
 * A reader of NDJSON fields for tests, and what it gave, as text.
 */
#ifndef SK_TEST_NDJSON_H
#define SK_TEST_NDJSON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "format/ndjson.h"

#define FIELDS_MAX 40
#define LINES_MAX 100

static struct sk_path paths[FIELDS_MAX];
static size_t nfields;
static struct sk_ndjson *reader;
static struct sk_view cells[FIELDS_MAX][LINES_MAX];
static unsigned char kinds[FIELDS_MAX][LINES_MAX];
static const char *whys[LINES_MAX];

static void
drop_reader(void)
{
	sk_ndjson_close(reader);
	reader = NULL;
	while (nfields > 0)
		sk_path_free(&paths[--nfields]);
}

static void
add_field(struct sk_view text)
{
	assert_int_equal(sk_path_parse(text, &paths[nfields++], NULL), 0);
}

/* A reader of fields with blanks between them. */
static void
open_reader(const char *fields)
{
	size_t len;

	drop_reader();
	for (; *fields != '\0'; fields += len + (fields[len] == ' ')) {
		len = strcspn(fields, " ");
		add_field(sk_view(fields, len));
	}
	reader = sk_ndjson_open(paths, nfields);
}

static size_t
take(const struct sk_view *lines, size_t n)
{
	struct sk_view *value[FIELDS_MAX];
	unsigned char *kind[FIELDS_MAX];
	struct sk_values out = { value, kind, whys };
	size_t f;

	for (f = 0; f < nfields; f++) {
		value[f] = cells[f];
		kind[f] = kinds[f];
	}
	return sk_ndjson_take(reader, lines, n, &out);
}

/* A line in memory of its own, so that reading too far behind it is seen; in
 * the padding stands what would be taken for more of the object. */
static struct sk_view
padded(const char *line, size_t len)
{
	static const char pad[] = "}}]]\"\":,}{\"a\":1}";
	char *copy = sk_xalloc(len + SK_PAD, 1);
	size_t i;

	memcpy(copy, line, len);
	for (i = 0; i < SK_PAD; i++)
		copy[len + i] = pad[i % (sizeof(pad) - 1)];
	return sk_view(copy, len);
}

static void
drop(struct sk_view line)
{
	char *bytes;

	memcpy(&bytes, &line.ptr, sizeof(bytes));
	free(bytes);
}

/* The fields of record i: a letter for the kind, the text, `|`. */
static void
describe(size_t i, struct sk_buf *out)
{
	size_t f;

	sk_buf_reset(out);
	if (whys[i] != NULL) {
		sk_buf_fmt(out, "bad: %s", whys[i]);
		return;
	}
	for (f = 0; f < nfields; f++) {
		sk_buf_char(out, "-TNBJ"[kinds[f][i]]);
		if (kinds[f][i] == SK_KIND_NONE)
			assert_null(cells[f][i].ptr);
		else
			assert_non_null(cells[f][i].ptr);
		sk_buf_view(out, cells[f][i]);
		sk_buf_char(out, '|');
	}
}

static int
teardown(void **state)
{
	(void)state;
	drop_reader();
	return 0;
}

#endif
