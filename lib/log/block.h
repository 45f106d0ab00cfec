/*
 * Blocks: lines to a B frame and its data frame, and back.
 *
 * A data frame holds whole lines, content size and checksum, no dictionary.
 * raw_len <= 64 MiB, records <= 2^20.
 */
#ifndef SK_LOG_BLOCK_H
#define SK_LOG_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/zstd.h"
#include "log/frame.h"

/* The number of newlines. */
size_t sk_block_lines(const char *bytes, size_t len);

/* Compress lines into `data` (emptied first) and set what the B says of them:
 * type, records, span, raw_len, comp_len, comp_hash.  *checksum is the content
 * checksum, for the seek table.  The rest of *b is the caller's. */
void sk_block_pack(struct sk_zstd *zstd, int level, const char *lines,
    size_t len, size_t records, struct sk_frame *b, struct sk_buf *data,
    uint32_t *checksum);

/* Are these the bytes that B describes?  comp_len and hash: 0 or SK_EDATA. */
int sk_block_check(const struct sk_frame *b, const void *data, size_t len);

/*
 * Verify (hash, frame, checksum, length, number of lines, last newline) and
 * decompress into `raw` (emptied first): 0, SK_EDATA with *why (may be NULL)
 * half a sentence, SK_EVERSION for a block with DELTAS.
 */
int sk_block_unpack(struct sk_zstd *zstd, const struct sk_frame *b,
    const void *data, size_t len, struct sk_buf *raw, const char **why);

#endif
