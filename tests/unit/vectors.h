/*
 * The index of the images that other implementations made, for the tests of
 * sketches: one row a file, in columns.  Without the folder the tests
 * are skipped.
 */
#ifndef SK_TEST_VECTORS_H
#define SK_TEST_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

#define VECTORS "../shared/vectors/"
#define COLUMNS 14
#define ROWS_MAX 1000

enum { FILE_NAME, SKETCH, PARAMS, INPUT, TRUTH, NBYTES, ESTIMATE,
	FIGURES = 13 };

static const char *vectors_of; /* the sketch that is tested */
static char *index_text;
static char *rows[ROWS_MAX][COLUMNS];
static size_t nrows;

static inline bool
vectors_file(const char *name, struct sk_buf *buf)
{
	FILE *file = fopen(name, "rb");
	char bytes[65536];
	size_t n;

	if (file == NULL)
		return false;
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		sk_buf_add(buf, bytes, n);
	fclose(file);
	return true;
}

static inline int
vectors_setup(void **state)
{
	struct sk_buf buf = { 0 };
	char *line, *rest;

	(void)state;
	if (!vectors_file(VECTORS "index.tsv", &buf))
		return 0;
	index_text = sk_xstrdup(sk_buf_cstr(&buf));
	sk_buf_free(&buf);
	for (line = index_text; *line != '\0' && nrows < ROWS_MAX;
	    line = rest) {
		char **row = rows[nrows];
		size_t n = 0;

		rest = line + strcspn(line, "\n");
		if (*rest != '\0')
			*rest++ = '\0';
		for (char *at = line; at != NULL && n < COLUMNS; n++) {
			row[n] = at;
			at = strchr(at, '\t');
			if (at != NULL)
				*at++ = '\0';
		}
		nrows += n == COLUMNS && !strcmp(row[SKETCH], vectors_of);
	}
	return 0;
}

static inline int
vectors_teardown(void **state)
{
	(void)state;
	free(index_text);
	return 0;
}

static inline void
vectors_need(void)
{
	if (nrows == 0)
		skip();
}

static inline void
vectors_read(char **row, struct sk_buf *image)
{
	char name[256];

	snprintf(name, sizeof(name), VECTORS "%s", row[FILE_NAME]);
	assert_true(vectors_file(name, image));
	assert_int_equal(image->len, strtoul(row[NBYTES], NULL, 10));
}

static inline char **
vectors_find(const char *name)
{
	for (size_t i = 0; i < nrows; i++)
		if (strstr(rows[i][FILE_NAME], name) != NULL)
			return rows[i];
	fail_msg("%s is not in the index", name);
	return NULL;
}

static inline unsigned
vectors_param(char **row, const char *name)
{
	const char *at = strstr(row[PARAMS], name);

	assert_non_null(at);
	return (unsigned)strtoul(at + strlen(name), NULL, 10);
}

/* A figure behind `name=`, which begins a word. */
static inline double
vectors_figure(char **row, const char *name)
{
	const char *at = row[FIGURES] - 1;

	while (at != NULL && strncmp(at + 1, name, strlen(name)) != 0)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		fail_msg("%s has no %s", row[FILE_NAME], name);
	return strtod(at + 1 + strlen(name), NULL);
}

#endif
