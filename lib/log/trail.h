/*
 * The blocks of a topic from segment to segment, as a reader meets them: what
 * is behind the end of a segment, what may stop a reader and what only makes
 * it wait.  log/reader.h stands on it and unpacks the blocks.
 *
 * A trail walks the frames of one segment (log/walk.h), goes on in the file
 * that is named by the end of the segment, and where something is not valid
 * gives the verdict of sk-log(5), "Readers":
 *
 *	not yet there   in the newest segment, unsealed, nothing proves that it
 *	                was durable: wait, or end there with a notice
 *	damaged         a frame says that it was durable, or a later segment
 *	                exists: SK_EDATA, or with skip_damaged a notice, and on
 *	                at the next frame that verifies
 *	missing,        the file that follows is not there but a later one is:
 *	removed         SK_EDATA, or with skip_damaged or skip_removed a notice
 *
 * Before any verdict the facts are gathered (later segments, the writer's
 * lock, later frames) and the same place is tried again: only what is still
 * invalid then was not merely being written.
 *
 * The trail owns what it opens; topic, notify and diag are the caller's.
 * After an error it can only be closed.
 */
#ifndef SK_LOG_TRAIL_H
#define SK_LOG_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "log/conf.h"
#include "log/index.h"
#include "log/segment.h"
#include "log/walk.h"

/* What is looked for, so that indexes can be used: blocks before all of these
 * may be left out. */
struct sk_trail_aim {
	uint64_t offset;   /* 0: any */
	int64_t clock_ns;  /* INT64_MIN: any */
	int64_t event_ns;  /* INT64_MIN: any */
};

struct sk_trail {
	char *topic; /* without a slash at the end */
	struct sk_log_conf conf;
	bool follow;
	bool skip_damaged;
	bool skip_removed;
	const struct sk_notify *notify;
	struct sk_diag *diag;
	struct sk_listing listing; /* as last read */

	struct sk_trail_aim aim;
	uint64_t next_base; /* of the segment to open when none is */
	bool at_start;      /* nothing was read, and no offset asked for */
	bool done;          /* the end was found, and told */
	bool skipped;       /* something damaged or removed was passed over */

	/* the open segment */
	int fd;             /* -1: none */
	char *path;         /* TOPIC/FILE, for messages */
	uint64_t base;
	struct sk_walk walk;
	struct sk_chain before;   /* the walk before its last frame */
	bool before_ended;
	bool told_index;    /* "index damaged" was said of it */
	bool has_last;
	struct sk_frame last;     /* the last B that was given out */
	uint64_t last_pos;

	struct sk_chain end;      /* of the segment before */
	bool has_end;
	struct sk_index index;
	struct sk_buf buf;

	/* where the walk stands still */
	bool gathered;      /* the facts below are of this place */
	uint64_t at_pos;
	uint64_t later;     /* a segment behind the open one; SK_NO_OFFSET */
	int locked;         /* as sk_log_locked */
	bool proven;        /* a frame says that this place was durable */
	uint64_t durable_pos;
	bool replaced;      /* the name leads to another file now */
	int64_t slow_ns;    /* follow: when to look at all this again, */
	uint64_t slow_size; /* and the size of the file at the last look */
};

/* Load the configuration and the list of segments: at the first segment. */
int sk_trail_open(struct sk_trail *trail, const char *topic,
    struct sk_diag *diag);
void sk_trail_close(struct sk_trail *trail); /* a zeroed one is accepted */

/* Read the list of segments again. */
int sk_trail_list(struct sk_trail *trail);

/* Go on at the segment `base` (it need not exist), aiming at `aim`. */
void sk_trail_seek(struct sk_trail *trail, uint64_t base,
    const struct sk_trail_aim *aim);

/* The next block: 1 and trail->walk.frame, a B, its data not yet read; 0 at
 * the end of what is there. */
int sk_trail_next(struct sk_trail *trail);

/* The lines of that B were given out: if they cease to exist, say so. */
void sk_trail_taken(struct sk_trail *trail);

/* Step back before that B; sk_trail_next finds it again. */
void sk_trail_back(struct sk_trail *trail);

/* The data frame of that B does not verify.  1: call sk_trail_next again,
 * else as there. */
int sk_trail_bad_data(struct sk_trail *trail);

/* The offset of the record that the next block begins with. */
uint64_t sk_trail_offset(const struct sk_trail *trail);

/* ---- for log/verdict.h and log/reader.h ---- */

/* "TOPIC/FILE: ..." into diag, or "TOPIC: ..." where no segment is open. */
int sk_trail_fail(struct sk_trail *trail, int err, const char *fmt, ...)
    SK_PRINTF(3, 4);
/* A read of the open segment failed: the words for errno.  SK_ESYS. */
int sk_trail_fail_read(struct sk_trail *trail, uint64_t pos);

/* The smallest base above `base` in the list, or SK_NO_OFFSET. */
uint64_t sk_trail_above(const struct sk_trail *trail, uint64_t base);

/* The open segment is finished, its end is known.  A file named by an offset
 * inside it is not of this log.  1, or SK_EDATA. */
int sk_trail_leave(struct sk_trail *trail, struct sk_chain end);
/* It is passed over: the segment `base` comes next, and cannot be checked
 * against what was lost. */
void sk_trail_leave_for(struct sk_trail *trail, uint64_t base);

void sk_trail_tell_index(struct sk_trail *trail);
void sk_trail_tell_end(struct sk_trail *trail, const char *subject);

#endif
