/*
 * Base64 (RFC 4648, section 4) with padding, as JSON carries bytes.
 */
#ifndef SK_BASE_BASE64_H
#define SK_BASE_BASE64_H

#include "base/buf.h"
#include "base/err.h"

/* Add the text of these bytes to buf: 4 characters for each 3 of them. */
void sk_base64_put(struct sk_buf *buf, struct sk_view bytes);

/* Add the bytes of a text to buf.  Padding may be left out; SK_EDATA, buf
 * untouched, for any other character or length. */
int sk_base64_get(struct sk_buf *buf, struct sk_view text);

#endif
