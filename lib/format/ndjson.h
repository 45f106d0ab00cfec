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
 * through what is no list or object has no value.  A reader checks what it
 * reads: a line must be UTF-8 and begin as an object, and be well-formed up to
 * the values wanted; sk_ndjson_check() checks all of it.  Nesting is limited
 * to 1024 levels.  A CR, blanks and TABs around the object are allowed.
 *
 * SK_PAD bytes behind every line must be readable.  Values point into the
 * lines or into the reader's memory, and are valid until its next call.
 * Cost: memory speed over the lines (see README), nothing is allocated once
 * the buffers have grown to the size of a batch.
 * Wraps simdjson's On-Demand parser; Keiser and Lemire, On-Demand JSON: A
 * Better Way to Parse Documents? 2023.
 */
#ifndef SK_FORMAT_NDJSON_H
#define SK_FORMAT_NDJSON_H

#include <stddef.h>

#include "base/buf.h"
#include "format/path.h"
#include "format/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sk_ndjson;

/* A reader of n fields, which may be 0; the paths must outlive it. */
struct sk_ndjson *sk_ndjson_open(const struct sk_path *paths, size_t n);
void sk_ndjson_close(struct sk_ndjson *ndjson); /* NULL is accepted */

/* The fields of n lines (format/value.h); returns how many are bad. */
size_t sk_ndjson_take(struct sk_ndjson *ndjson, const struct sk_view *lines,
    size_t n, const struct sk_values *out);

/* Whether the whole line is one JSON object: NULL, or why not. */
const char *sk_ndjson_check(struct sk_ndjson *ndjson, struct sk_view line);

#ifdef __cplusplus
}
#endif

#endif
