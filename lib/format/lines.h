/*
 * Lines of a buffer: separators are searched 64 bytes at a time, with AVX2
 * where the CPU has it, else with eight words; the results are the same.
 *
 * A call takes the complete lines of a buffer, each without its separator, as
 * views into it.  What stands behind the last separator is not taken: the
 * caller moves it to the front of the next buffer, and at the end of input
 * takes it as a last line that lacks its newline.  A CR before the newline
 * belongs to the line.
 *
 * Empty lines are dropped unless keep_empty: they are no events, but they
 * have line numbers, so `nseps` counts them.  The number of line i is needed
 * in messages only, and found then:
 *
 *	number = before + 1 + sk_lines_count(buf, out[i].ptr - buf, sep)
 *	before += found.nseps              behind each call
 *
 * SK_PAD bytes behind buf + len must be readable.  Cost: memory speed, and 1.5
 * ns a line.  Nothing is allocated, nothing is copied.
 */
#ifndef SK_FORMAT_LINES_H
#define SK_FORMAT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct sk_lines {
	size_t n;     /* views written */
	size_t used;  /* bytes consumed: all up to and with a separator */
	size_t nseps; /* separators in these bytes: empty lines count too */
};

/* Take complete lines, at most `cap`.  All were taken when n < cap; with
 * n == cap there may be more, so call again from buf + used.  The elements of
 * `out` behind n are undefined. */
struct sk_lines sk_lines_split(const char *buf, size_t len, char sep,
    bool keep_empty, struct sk_view *out, size_t cap);

/* How often `sep` stands in buf, at memory speed. */
size_t sk_lines_count(const char *buf, size_t len, char sep);

/* The same two without AVX2, to be compared with. */
struct sk_lines sk_lines_split_portable(const char *buf, size_t len, char sep,
    bool keep_empty, struct sk_view *out, size_t cap);
size_t sk_lines_count_portable(const char *buf, size_t len, char sep);

#endif
