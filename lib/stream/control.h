/*
 * Control lines: what a framed stream carries between its lines of data.
 *
 *	DLE TYPE SP key=value SP key=value ... SP c=XXXXXXXX LF
 *
 * DLE is the byte 0x10, TYPE a letter, a key of lower-case letters, digits and
 * `_`; values are percent-encoded (all but A-Z a-z 0-9 . _ - / : , @ +), and c
 * is the low half of the XXH64 of the line before ` c=`, in hex.  A line has
 * 64 KiB at most.
 *
 *	H  v esc hop src w   the header, the first line: version 1; data is
 *	                     escaped; the tools it went through; the tool it
 *	                     began in; w=1: W lines will come
 *	W  t                 watermark: no event with a time before t (ns) comes
 *	                     any more
 *	E  reason            the end: end, stop (by a signal) or drain
 *
 * A type in a small letter that a tool does not know passes it as it is, one
 * in a capital letter ends it.  A line of data that begins with DLE is sent
 * with one more in front (stream/unframe.h, stream/emit.h).
 *
 * A line is parsed at memory speed, nothing is allocated but in `buf`.
 */
#ifndef SK_STREAM_CONTROL_H
#define SK_STREAM_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SK_CONTROL_DLE 0x10
#define SK_CONTROL_MAX 65536 /* bytes of a line, with its newline */

/* Views into the line that was parsed. */
struct sk_control {
	char type;
	struct sk_view line;  /* whole, without its newline */
	struct sk_view words; /* ` key=value ...`, without ` c=` */
};

/* Whether a stream that begins with these bytes is framed, or would be, since
 * they are the start of a header. */
bool sk_control_is_header(struct sk_view bytes);

/* A line without its newline.  SK_EDATA, with words in diag, if it is not a
 * control line or is damaged. */
int sk_control_parse(struct sk_view line, struct sk_control *control,
    struct sk_diag *diag);

/* The value of a key, decoded, replaces what is in buf; false: there is no
 * such key, and buf is empty. */
bool sk_control_get(const struct sk_control *control, const char *key,
    struct sk_buf *buf);

/* The same of an integer: 1, 0 without the key, or SK_EDATA if it is none. */
int sk_control_int(const struct sk_control *control, const char *key,
    int64_t *out);

/* Append a line to buf: begin says where it starts, which end wants. */
size_t sk_control_begin(struct sk_buf *buf, char type);
void sk_control_put(struct sk_buf *buf, const char *key, struct sk_view value);
void sk_control_put_int(struct sk_buf *buf, const char *key, int64_t value);
void sk_control_end(struct sk_buf *buf, size_t start);

#endif
