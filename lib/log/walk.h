/*
 * Walking the frames of one segment, with every rule that binds a frame to the
 * one before it.
 *
 * From frame to frame the salt stays; the incarnation changes only at a P
 * with reason 1; the offset is exactly the expected one; topic_seq has no gap
 * (in a repacked segment: does not fall); durable_pos and clock never fall;
 * durable_pos <= the frame's own position, and equal to it in X, E, an idle
 * mark and all of a repacked segment, 0 in S.  B and its data frame are one
 * thing; so are X and a table that ends the file.
 *
 * A walk stops at the first thing that is not valid, and may be taken up again
 * there when the file has grown.  Memory: one frame of ours (at most 32 MiB,
 * as a rule 4 KiB), or 256 KiB when data frames are read as well.
 */
#ifndef SK_LOG_WALK_H
#define SK_LOG_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/zstd.h"
#include "log/frame.h"
#include "log/index.h"

/* What the frames so far have established. */
struct sk_chain {
	uint64_t salt;
	uint64_t incarnation; /* 0: not known, the next frame says it */
	uint64_t base;        /* first offset of the segment */
	uint64_t offset;      /* of the next record */
	uint64_t topic_seq;   /* of the next block */
	uint64_t durable_pos; /* the largest so far */
	int64_t clock_ns;
	bool repacked;
};

/* Check a decoded frame that stands at `pos` and take it into the chain; S at
 * 0 sets the chain anew.  NULL, or half a sentence that says which rule is
 * broken, with the chain untouched. */
const char *sk_chain_add(struct sk_chain *chain, const struct sk_frame *frame,
    uint64_t pos);

/* Does this S follow a segment that ended so?  NULL or what is wrong. */
const char *sk_chain_follows(const struct sk_chain *end,
    const struct sk_frame *s);

enum sk_walk_flag {
	SK_WALK_DATA = 1, /* check comp_hash of every data frame */
	SK_WALK_DEEP = 2  /* and decompress it */
};

enum sk_walk_stop {
	SK_WALK_ON,     /* not stopped */
	SK_WALK_END,    /* at the end of the file, all of it valid */
	SK_WALK_SHORT,  /* the file ends inside a frame */
	SK_WALK_BAD     /* something invalid begins at pos: see why */
};

struct sk_walk {
	int fd;             /* the caller's */
	unsigned flags;
	struct sk_index *index; /* gathers, checks X and the table; or NULL */
	uint64_t size;      /* of the file, when last looked */
	uint64_t pos;       /* where the next frame begins: P of recovery */
	struct sk_chain chain;
	bool sealed;        /* X and the table have been passed */
	bool ended;         /* the last frame is E or X */
	enum sk_walk_stop stop;
	const char *why;    /* of SK_WALK_BAD and of SK_EVERSION */

	/* the frame that the last sk_walk_next returned */
	struct sk_frame frame; /* points into `head` */
	uint64_t frame_pos;
	uint64_t data_pos;     /* of B: of its data frame */

	uint64_t *ended_inc;   /* incarnations that a P with reason 1 ended */
	size_t n_ended_inc;
	struct sk_buf head;    /* the bytes of `frame` */
	struct sk_buf win;     /* bytes of the file from win_pos on */
	uint64_t win_pos;
	struct sk_buf raw;     /* SK_WALK_DEEP */
	struct sk_zstd zstd;
};

/* Begin at the S of an open file.  0 or SK_ESYS. */
int sk_walk_open(struct sk_walk *walk, int fd, unsigned flags,
    struct sk_index *index);

/* Begin in the middle, at a frame, with what is known of the chain there
 * (incarnation 0: unknown).  No index is gathered. */
int sk_walk_open_at(struct sk_walk *walk, int fd, unsigned flags,
    uint64_t pos, const struct sk_chain *chain);

void sk_walk_close(struct sk_walk *walk); /* the descriptor stays open */

/*
 * The next frame: 1 and walk->frame (S B P E X; an X only when the whole seal
 * verifies); 0 when stopped, walk->stop says how and a later call tries the
 * same place again; SK_ESYS; SK_EVERSION for a frame with right hash and salt
 * that is not read by this version (C and TXN blocks, DELTAS, SEQRUNS too).
 */
int sk_walk_next(struct sk_walk *walk);

/* Look at the size of the file again.  0 or SK_ESYS. */
int sk_walk_refresh(struct sk_walk *walk);

/* The data frame of the B that sk_walk_next returned: comp_len bytes, valid
 * until the next call; walk->frame stays valid.  0, SK_ESYS, or SK_EDATA if
 * the file ends in it. */
int sk_walk_data(struct sk_walk *walk, struct sk_view *data);

/* What is behind walk->pos: recovery's step 4. */
struct sk_beyond {
	uint64_t durable_pos; /* the largest that a frame claims; 0: none */
	uint64_t frames;      /* of this salt with a right hash */
	uint64_t end_offset;  /* behind the last record a B names; 0: none */
	uint64_t readable_first; /* records of the blocks whose data is whole */
	uint64_t readable_end;   /* 0: there are none */
	bool any;             /* a frame with a right hash, of any salt */
};

/* Search at every byte from walk->pos to the end for frames of this segment
 * with a right hash, leaving out those of ended incarnations.  0 or SK_ESYS. */
int sk_walk_beyond(struct sk_walk *walk, struct sk_beyond *beyond);

#endif
