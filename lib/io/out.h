/*
 * Buffered output that is checked.
 *
 * Bytes gather in a buffer of 64 KiB and leave in big writes; whoever waits
 * for input calls sk_out_flush() first, so that a slow source gives prompt
 * lines.  A larger run of bytes goes out without being copied.
 *
 * All return 0, SK_ESYS with errno, or SK_ECLOSED when the reader of a pipe
 * has gone (EPIPE; only seen where SIGPIPE is ignored).  After a failure the
 * buffer is dropped and every further call gives the same answer.
 * A non-blocking descriptor is waited for.  On a terminal, control bytes other
 * than newline and TAB are masked as `?`, so that no line of input can drive
 * it.
 */
#ifndef SK_IO_OUT_H
#define SK_IO_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_OUT_BYTES 65536

struct sk_out {
	int fd;
	int err;         /* the first failure, 0 while there is none */
	int err_errno;
	bool mask;       /* a terminal */
	uint64_t nbytes; /* taken by the descriptor so far */
	struct sk_buf buf;
};

void sk_out_init(struct sk_out *out, int fd);
int sk_out_write(struct sk_out *out, const void *bytes, size_t len);
/* Make room to append to out->buf by sk_buf_* calls, then sk_out_spill(): it
 * flushes when 64 KiB have gathered. */
int sk_out_spill(struct sk_out *out);
int sk_out_flush(struct sk_out *out);
/* Flush, close the descriptor with a check, release the buffer. */
int sk_out_close(struct sk_out *out);

#endif
