/*
 * The state of sk-window in a file (--save, --load, --state): what is open, how
 * far time has come, and the options it was made with.
 *
 *	8 bytes   the magic `skwin` 1a 01 0a
 *	counted   the options, as text; another text is refused
 *	...       the state, little-endian (window/image.h)
 *	8 bytes   XXH64 of all before
 *
 * The file is replaced as a whole (io/file.h).
 */
#ifndef SK_STREAM_WINFILE_H
#define SK_STREAM_WINFILE_H

#include "base/buf.h"
#include "base/err.h"

void sk_winfile_begin(struct sk_buf *buf, struct sk_view options);
void sk_winfile_end(struct sk_buf *buf);

/* What stands between; into the bytes that were read.  SK_EDATA, SK_EVERSION
 * with words in diag. */
int sk_winfile_open(struct sk_view bytes, struct sk_view options,
    struct sk_view *state, struct sk_diag *diag);

#endif
