/*
 * One-shot zstd frames: a block of bytes in, one frame out, and back.
 *
 * A frame made here has its content size and a content checksum (the low 32
 * bits of XXH64 of the content are its last 4 bytes), no dictionary, and a
 * window of at most 8 MiB, so that every decoder takes it.  A context is made
 * at the first use and kept: about 1.3 MB at level 1, 0.1 MB to unpack.
 *
 * Errors: SK_EDATA, the bytes are not one such frame; compression does not
 * fail but for want of memory, which ends the program.
 *
 * RFC 8878, Zstandard Compression and the 'application/zstd' Media Type.
 */
#ifndef SK_IO_ZSTD_H
#define SK_IO_ZSTD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { SK_ZSTD_LEVEL_MIN = 1, SK_ZSTD_LEVEL_MAX = 19 };

/* A zeroed one is ready to use; not for two threads at once. */
struct sk_zstd {
	void *pack;
	void *unpack;
	int level; /* of pack */
};

void sk_zstd_free(struct sk_zstd *zstd);

/* Add one frame with these bytes to `out`. */
void sk_zstd_pack(struct sk_zstd *zstd, int level, const void *bytes,
    size_t len, struct sk_buf *out);

/* What the header of a frame says: SK_EDATA unless the bytes are exactly one
 * frame with a content size, a checksum and no dictionary. */
int sk_zstd_frame(const void *frame, size_t len, uint64_t *content_len);

/* The content checksum in the last 4 bytes of such a frame. */
uint32_t sk_zstd_checksum(const void *frame, size_t len);

/* Unpack one frame into `dst`, which has exactly `len` bytes of content to
 * take.  SK_EDATA if the frame is damaged or holds another number of bytes;
 * `dst` is then undefined. */
int sk_zstd_unpack(struct sk_zstd *zstd, const void *frame, size_t frame_len,
    void *dst, size_t len);

#endif
