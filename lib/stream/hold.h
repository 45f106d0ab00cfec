/*
 * Events that are held back until those before them have come.
 *
 * They come out in the order of their times; equal times by rank (the input
 * they are of), then as they were added.
 *
 * Lines are copied into blocks of 16 KiB, one behind another as they come, and
 * a block is released when all of its lines have gone.  Since lines go roughly
 * in the order they came, no more is kept than what came in while the oldest
 * was held.  sk_hold_bytes() counts the blocks and 32 bytes an event, so it
 * follows from what was added and dropped alone, and a limit on it means the
 * same in every run.  The memory is that and up to 32 bytes an event more.
 *
 * A zeroed hold is an empty one.
 */
#ifndef SK_STREAM_HOLD_H
#define SK_STREAM_HOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/heap.h"

struct sk_hold_block;

struct sk_hold {
	struct sk_heap heap;
	struct sk_hold_block *block; /* that takes lines */
	uint64_t number;             /* of events added so far */
	size_t nbytes;               /* of blocks */
};

void sk_hold_add(struct sk_hold *hold, int64_t at_ns, uint32_t rank,
    struct sk_view line);

/* The first event: its time, rank and number; NULL: none is held. */
static inline const struct sk_heap_item *
sk_hold_first(const struct sk_hold *hold)
{
	return hold->heap.n > 0 ? &hold->heap.item[0] : NULL;
}

/* Its line, valid until it is dropped. */
struct sk_view sk_hold_line(const struct sk_hold *hold);

/* Let the first event go. */
void sk_hold_drop(struct sk_hold *hold);

size_t sk_hold_bytes(const struct sk_hold *hold);

/* Releases what is still held. */
void sk_hold_free(struct sk_hold *hold);

#endif
