/*
 * Fields of NDJSON: each line is one JSON object (RFC 8259), fields are paths
 * into it.
 *
 *	string   its text, unescaped; \u0000 is a NUL byte.  A surrogate that
 *	         is not one of a pair makes the record bad where it is read
 *	number   as written, whatever its size
 *	boolean  true or false
 *	null     no value, as if the member were not there
 *	list, object  the JSON text as it stands in the line
 *
 * The first of several members with one name counts.  A path that leads
 * through what is no list or object has no value.  Nesting is limited to 1024
 * levels.  Blanks, TABs and a CR around the object are allowed, and a byte
 * order mark in front of it.
 *
 * A reader checks what it reads.  A line must be UTF-8, its strings must end
 * and have no control characters, and it must begin and end as an object; the
 * values wanted and the way to them must be JSON.  What is passed over is
 * looked at no closer than is needed to find its end.  sk_ndjson_check()
 * checks everything; what it accepts is never bad for a reader.
 *
 * SK_PAD bytes behind every line must be readable; a line is below 4 GiB.
 * Values point into the lines or into the reader's memory, and are valid until
 * its next call.  Nothing is allocated once the buffers have grown to the size
 * of a batch.  Memory: 20 bytes for each 64 of the longest line, 40 KiB for
 * what lines have in common, and the size of a batch when escaped strings are
 * wanted.
 *
 * Cost: 40 ns for one nested field of an event of 185 bytes, 90 for five, as
 * long as lines have the members of one before in its order; else 20 ns a
 * member more.
 */
#ifndef SK_FORMAT_NDJSON_H
#define SK_FORMAT_NDJSON_H

#include <stddef.h>

#include "base/buf.h"
#include "format/path.h"
#include "format/value.h"

struct sk_ndjson;

/* A reader of n fields, which may be 0; the paths must outlive it. */
struct sk_ndjson *sk_ndjson_open(const struct sk_path *paths, size_t n);
void sk_ndjson_close(struct sk_ndjson *ndjson); /* NULL is accepted */

/* The fields of n lines (format/value.h); returns how many are bad. */
size_t sk_ndjson_take(struct sk_ndjson *ndjson, const struct sk_view *lines,
    size_t n, const struct sk_values *out);

/* Whether the whole line is one JSON object: NULL, or why not. */
const char *sk_ndjson_check(struct sk_ndjson *ndjson, struct sk_view line);

#endif
