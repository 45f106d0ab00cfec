/*
 * The index of a segment: frame X and the seek table that end a sealed file.
 *
 *   X: header, first offset, event_min, event_max, n, 56, n entries
 *   5E 2A 4D 18 | u32 size | entries of 12 | u32 frames | 80 | B1 EA 92 8F
 *
 * X has an entry a block, a copy of what its B says.  The seek table (zstd
 * seekable format v0.1.0) has an entry for every frame of the file, skippable
 * ones included, so that other tools find their way; its compressed sizes add
 * up to its own position.  All of it can be rebuilt from the frames.
 *
 * An index is gathered while a segment is written or walked, or loaded from a
 * sealed file.  56 bytes a block and 12 a frame, at most about 5 MB.
 */
#ifndef SK_LOG_INDEX_H
#define SK_LOG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "log/frame.h"

enum { SK_SEGMENT_BLOCKS_MAX = 65536, SK_TABLE_FOOTER = 9 };

struct sk_index_entry {
	uint64_t pos;    /* of B in the file */
	uint64_t offset; /* of its first record */
	int64_t clock_ns;
	int64_t event_min_ns;
	int64_t event_max_ns;
	uint64_t topic_seq;
	uint32_t len;      /* of B: the data frame is at pos + len */
	uint32_t comp_len; /* of the data frame */
};

/* A zeroed one is empty. */
struct sk_index {
	struct sk_buf entries; /* as in X */
	struct sk_buf table;   /* as in the seek table, without X */
	uint32_t n;            /* blocks */
	uint64_t n_frames;
	uint64_t pos;          /* where the next frame begins */
	uint64_t raw_bytes;    /* of all blocks */
	int64_t event_min_ns;  /* SK_NO_TIME: none, or a block's is */
	int64_t event_max_ns;
};

void sk_index_reset(struct sk_index *index); /* memory is kept */
void sk_index_free(struct sk_index *index);

/* The next frame of the file is one of ours, `len` bytes (S P C E). */
void sk_index_add_frame(struct sk_index *index, size_t len);

/* The next two are this B (frame->len set) and its data frame, whose content
 * checksum is `checksum`. */
void sk_index_add_block(struct sk_index *index, const struct sk_frame *b,
    uint32_t checksum);

/* Add X and the seek table to out.  `x` brings salt, incarnation, offset,
 * topic_seq, clock_ns and u.x.first_offset; the rest is set here. */
void sk_index_seal(const struct sk_index *index, struct sk_frame *x,
    struct sk_buf *out);

/* Is what is gathered exactly what this X says (entries, event times)? */
bool sk_index_agrees(const struct sk_index *index, const struct sk_frame *x);

/*
 * Load the index of a sealed file of `size` bytes.
 *   1         sealed: X and the table verify.  The index is filled; *x is the
 *             frame X, its entries in index->entries, without TLVs
 *   0         not sealed: no footer there
 *   SK_EDATA  a footer, but table or X do not verify
 *   SK_ESYS, SK_EVERSION
 * Three reads.  Whether the X is this segment's is for the caller to check by
 * its salt and first offset.
 */
int sk_index_load(struct sk_index *index, int fd, uint64_t size,
    struct sk_frame *x);

struct sk_index_entry sk_index_at(const struct sk_index *index, uint32_t i);

/* The block that holds the offset, the last block with an offset <= it: its
 * number, or index->n if there is none. */
uint32_t sk_index_by_offset(const struct sk_index *index, uint64_t offset);
/* The first block with clock_ns >= t, or index->n. */
uint32_t sk_index_by_clock(const struct sk_index *index, int64_t t);
/* The first block from `from` on that may hold event times >= t (unknown
 * times may), or index->n. */
uint32_t sk_index_by_event(const struct sk_index *index, uint32_t from,
    int64_t t);

#endif
