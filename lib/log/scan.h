/*
 * Frames of ours anywhere in a file, by their own hash alone: what care of a
 * damaged segment needs where a walk has stopped.
 *
 * A frame found so proves only that it was written once: it may be stale, or
 * lie inside the lines of a log that was stored in a log.  Its salt, its
 * incarnation and its offset say more; they are for the caller to judge.
 *
 * Memory: 64 KiB, or the largest frame.  Finding costs one search over the
 * bytes passed.
 */
#ifndef SK_LOG_SCAN_H
#define SK_LOG_SCAN_H

#include <stdint.h>

#include "base/buf.h"
#include "log/frame.h"

/* Zeroed but for the descriptor, which stays the caller's, and the size up to
 * which it is read. */
struct sk_scan {
	int fd;
	uint64_t size;
	struct sk_buf win; /* the bytes from win_pos on */
	uint64_t win_pos;
};

void sk_scan_free(struct sk_scan *scan);

/* The frame that stands at `pos`: 1; 0 if none with a right hash does;
 * SK_EVERSION (as sk_frame_decode); SK_ESYS.  *frame points into the scan,
 * until the next call. */
int sk_scan_at(struct sk_scan *scan, uint64_t pos, struct sk_frame *frame);

/* The first frame at or behind *pos: 1, *pos and *frame; 0 if there is none;
 * SK_EVERSION with *pos; SK_ESYS. */
int sk_scan_find(struct sk_scan *scan, uint64_t *pos, struct sk_frame *frame);

/* `len` bytes at `pos`, as long as sk_scan_at's.  0; SK_EDATA if the file
 * ends before; SK_ESYS. */
int sk_scan_bytes(struct sk_scan *scan, uint64_t pos, size_t len,
    struct sk_view *bytes);

#endif
