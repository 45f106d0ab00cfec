/*
 * Text that is meant as a number or as true or false, as JSON has it.
 *
 *	int    digits with an optional sign
 *	float  a decimal number: also 5. .5 1e3; no hexadecimal
 *	bool   true false yes no on off 1 0, in any case
 *
 * Numbers are as written, of any size and precision, but for what JSON does
 * not take: a plus, zeros in front, a point without a digit on either side.
 * Nothing, `-`, and for a float nan, inf and infinity are no value.
 */
#ifndef SK_FORMAT_TYPED_H
#define SK_FORMAT_TYPED_H

#include <stdbool.h>

#include "base/buf.h"

/* Whether the text is such a number.  Then *out is it in the form of JSON:
 * the text itself, or bytes of *room, which is overwritten and padded; ptr
 * NULL for no value. */
bool sk_typed_int(struct sk_view text, struct sk_view *out,
    struct sk_buf *room);
bool sk_typed_float(struct sk_view text, struct sk_view *out,
    struct sk_buf *room);

/* Whether the text is one of the words; *out becomes `true` or `false`, 64
 * bytes of which may be read, or ptr NULL. */
bool sk_typed_bool(struct sk_view text, struct sk_view *out);

#endif
