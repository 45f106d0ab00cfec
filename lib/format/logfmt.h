/*
 * logfmt: `key=value` pairs with blanks between them.
 *
 *	level=info msg="a \"b\"\n" took=12ms ok
 *
 * A key is any bytes but blanks, `=` and `"`; a value is a word, or a string
 * in quotes with the escapes of JSON strings.  `key=` is an empty value; a key
 * alone is `true`.  The first of several pairs with one key counts.  A quote
 * that is not closed, a word that begins with `=` or a quote, and text right
 * behind a closing quote make the line bad.  The CR of CRLF is dropped.
 *
 * Values point into the lines or into the reader's memory, and are valid until
 * its next call.
 */
#ifndef SK_FORMAT_LOGFMT_H
#define SK_FORMAT_LOGFMT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "format/value.h"

struct sk_logfmt_pair {
	struct sk_view key;
	struct sk_view value;
	bool alone; /* a key without `=`: the value is `true` */
};

struct sk_logfmt;

/* A reader of n keys, which may be 0; the keys must outlive it. */
struct sk_logfmt *sk_logfmt_open(const struct sk_view *keys, size_t n);
void sk_logfmt_close(struct sk_logfmt *logfmt); /* NULL is accepted */

/* The values of the keys in n lines (format/value.h); returns how many lines
 * are bad.  Kinds are not touched. */
size_t sk_logfmt_take(struct sk_logfmt *logfmt, const struct sk_view *lines,
    size_t n, const struct sk_values *out);

/* All pairs of one line, those of a repeated key too: *pairs and *n, or why
 * it is bad. */
const char *sk_logfmt_pairs(struct sk_logfmt *logfmt, struct sk_view line,
    const struct sk_logfmt_pair **pairs, size_t *n);

#endif
