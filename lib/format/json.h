/*
 * JSON text (RFC 8259): whether it is, and what a string of it says.
 *
 * The text is checked byte by byte to its end, without recursion, nesting
 * limited to SK_JSON_DEPTH levels; numbers may have any size.  That it is
 * UTF-8 is not looked at (format/utf8.h).  Reasons are static texts.
 */
#ifndef SK_FORMAT_JSON_H
#define SK_FORMAT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SK_JSON_DEPTH 1024

/* Space, TAB, LF and CR. */
static inline bool
sk_json_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* NULL if the text is one value with blanks around it, else why not. */
const char *sk_json_check(struct sk_view text);

/* Whether the whole text is one number, or true, false or null. */
bool sk_json_is_number(struct sk_view text);
bool sk_json_is_word(struct sk_view text);

/* The string whose raw text, without its quotes, is `raw`: written to `out`,
 * which has room for raw.len bytes.  NULL and *len, or why it is none; a
 * surrogate that is not one of a pair is none. */
const char *sk_json_unescape(struct sk_view raw, char *out, size_t *len);

#endif
