#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/lock.h"
#include "log/scan.h"
#include "log/verdict.h"

#define NONE SK_NO_OFFSET           /* no segment */
#define SLOW_NS INT64_C(1000000000) /* a follower stands still: 1 s */

enum { HEAD_READ = 4096, WHY_MAX = 512 };

/* ---- damage inside a segment ---- */

/* Read and verify the frame at `pos`: 0, or what sk_frame_decode says.  It
 * points into `buf`. */
static int
read_frame(const struct sk_trail *trail, uint64_t pos, struct sk_buf *buf,
    struct sk_frame *frame)
{
	size_t want = HEAD_READ, got;

	for (;;) {
		sk_buf_reset(buf);
		sk_buf_reserve(buf, want);
		if (sk_file_pread(trail->fd, buf->ptr, want, pos, &got) != 0)
			return SK_ESYS;
		if (got < SK_FRAME_PROBE)
			return SK_EDATA;
		if (sk_frame_probe(buf->ptr) <= want)
			return sk_frame_decode(buf->ptr, got, frame);
		if (want > HEAD_READ)
			return SK_EDATA;
		want = sk_frame_probe(buf->ptr);
	}
}

static void
after_offset(const struct sk_trail *trail, char *text, size_t cap)
{
	uint64_t next = sk_trail_offset(trail);

	if (next > 0)
		snprintf(text, cap, "after offset %" PRIu64, next - 1);
	else
		snprintf(text, cap, "before offset 0");
}

static void
describe(struct sk_trail *trail, char *text, size_t cap)
{
	uint64_t pos = trail->walk.pos, offset = sk_trail_offset(trail);
	struct sk_frame frame;
	char after[48], proof[96] = "";

	after_offset(trail, after, sizeof(after));
	if (trail->proven && trail->later == NONE)
		snprintf(proof, sizeof(proof), "acknowledged data damaged at "
		    "%" PRIu64 ", was durable to %" PRIu64 ": ", pos,
		    trail->durable_pos);
	if (trail->walk.stop == SK_WALK_END && trail->later != NONE)
		snprintf(text, cap, "records %" PRIu64 "..%" PRIu64
		    " missing, the file ends at %" PRIu64, offset,
		    trail->later - 1, pos);
	else if (read_frame(trail, pos, &trail->buf, &frame) == 0 &&
	    frame.type == 'B' && frame.salt == trail->walk.chain.salt &&
	    frame.offset == offset)
		snprintf(text, cap, "%sblock at %" PRIu64 " damaged: records %"
		    PRIu64 "..%" PRIu64, proof, pos, frame.offset,
		    frame.offset + frame.u.b.span - 1);
	else
		snprintf(text, cap, "%s%s header damaged at %" PRIu64 ", %s",
		    proof, pos == 0 ? "segment" : "block", pos, after);
}

/* Does this frame go on in the segment behind the damage? */
static bool
goes_on(const struct sk_trail *trail, const struct sk_frame *frame,
    uint64_t pos)
{
	const struct sk_chain *chain = &trail->walk.chain;

	if (frame->type == 'S' || frame->durable_pos > pos ||
	    frame->offset < trail->base)
		return false;
	if (trail->walk.pos == 0)
		return true; /* S is lost, and the salt with it */
	return frame->salt == chain->salt && frame->offset >= chain->offset &&
	    frame->clock_ns >= chain->clock_ns;
}

/* The next frame from *pos on that goes on: 1, 0, or SK_ESYS. */
static int
find_frame(struct sk_trail *trail, uint64_t *pos, struct sk_frame *frame)
{
	struct sk_scan scan = { .fd = trail->fd, .size = trail->walk.size };
	int got;

	for (;; ++*pos) {
		got = sk_scan_find(&scan, pos, frame);
		if (got != SK_EVERSION &&
		    (got != 1 || goes_on(trail, frame, *pos)))
			break;
	}
	sk_scan_free(&scan);
	return got;
}

static void
tell_gap(struct sk_trail *trail, const char *text, uint64_t next)
{
	uint64_t first = sk_trail_offset(trail);

	if (first >= next)
		sk_notify(trail->notify, "%s: %s; no record is lost",
		    trail->path, text);
	else
		sk_notify(trail->notify, "%s: %s; records %" PRIu64 "..%"
		    PRIu64 " passed over", trail->path, text, first, next - 1);
}

/* Go on behind the damage. */
static int
resync(struct sk_trail *trail, const char *text)
{
	struct sk_chain chain = { .base = trail->base };
	struct sk_frame frame;
	uint64_t pos = trail->walk.pos + 1;
	int found = find_frame(trail, &pos, &frame);

	trail->skipped = true;
	if (found < 0)
		return sk_trail_fail_read(trail, pos);
	if (found) {
		chain.salt = frame.salt;
		chain.offset = frame.offset;
		chain.topic_seq = frame.topic_seq;
		chain.clock_ns = frame.clock_ns;
		chain.repacked = trail->walk.chain.repacked;
		tell_gap(trail, text, frame.offset);
		sk_walk_close(&trail->walk);
		trail->has_last = false;
		if (sk_walk_open_at(&trail->walk, trail->fd, 0, pos, &chain) !=
		    0)
			return sk_trail_fail_read(trail, pos);
		return 1;
	}
	if (trail->later != NONE) {
		tell_gap(trail, text, trail->later);
		sk_trail_leave_for(trail, trail->later);
		return 1;
	}
	sk_notify(trail->notify, "%s: %s; nothing can be read behind it",
	    trail->path, text);
	trail->done = true;
	return 0;
}

static int
damaged(struct sk_trail *trail)
{
	char text[WHY_MAX];

	describe(trail, text, sizeof(text));
	if (!trail->skip_damaged)
		return sk_trail_fail(trail, SK_EDATA, "%s", text);
	return resync(trail, text);
}

/* ---- where a walk stands still ---- */

int
sk_verdict_rewritten(struct sk_trail *trail)
{
	return sk_trail_fail(trail, SK_EDATA, "log was rewritten behind "
	    "position %" PRIu64 ": lines that were read are gone",
	    trail->last.offset);
}

/* Is the last block that was given out still what stands there?  A tail that
 * was cut and grew again beyond our position shows only so. */
static bool
still_there(struct sk_trail *trail)
{
	struct sk_frame now;

	return !trail->has_last ||
	    (read_frame(trail, trail->last_pos, &trail->buf, &now) == 0 &&
	    now.type == 'B' && now.incarnation == trail->last.incarnation &&
	    now.offset == trail->last.offset &&
	    now.u.b.comp_hash == trail->last.u.b.comp_hash);
}

/* Another file has taken the name, or none has it.  0 or SK_ESYS. */
static int
look_at_name(struct sk_trail *trail)
{
	struct stat name, open;

	if (sk_sys_fstat(trail->fd, &open) != 0 ||
	    sk_sys_stat(trail->path, &name) != 0)
		return sk_diag_sys(trail->diag, "%s", trail->path);
	trail->replaced = name.st_dev != open.st_dev ||
	    name.st_ino != open.st_ino;
	return 0;
}

/* Gather what a verdict needs.  0, or an error. */
static int
gather(struct sk_trail *trail)
{
	struct sk_beyond beyond = { 0 };
	struct sk_walk *walk = &trail->walk;
	int err = sk_trail_list(trail);

	if (err != 0)
		return err;
	trail->later = sk_trail_above(trail, trail->base);
	trail->locked = trail->follow ? 1 :
	    sk_log_locked(trail->topic, NULL, 0);
	trail->replaced = false;
	if (trail->follow && trail->later == NONE)
		err = look_at_name(trail);
	if (err == 0 && walk->stop != SK_WALK_END &&
	    sk_walk_beyond(walk, &beyond) != 0)
		err = sk_trail_fail_read(trail, walk->pos);
	trail->durable_pos = walk->chain.durable_pos > beyond.durable_pos ?
	    walk->chain.durable_pos : beyond.durable_pos;
	trail->proven = trail->durable_pos > walk->pos ||
	    (walk->pos == 0 && beyond.any);
	trail->at_pos = walk->pos;
	trail->gathered = true;
	trail->slow_ns = sk_sys_mono_ns() + SLOW_NS;
	trail->slow_size = walk->size;
	return err;
}

/* Not followed, nothing later, nothing proven: the end. */
static void
finish(struct sk_trail *trail)
{
	const struct sk_walk *walk = &trail->walk;
	struct sk_frame x;
	char after[48];

	trail->done = true;
	if (trail->locked == 1)
		return;
	if (walk->stop == SK_WALK_END) {
		if (!walk->ended)
			sk_trail_tell_end(trail, trail->path);
		return;
	}
	if (sk_index_load(&trail->index, trail->fd, walk->size, &x) ==
	    SK_EDATA) {
		sk_trail_tell_index(trail);
		return;
	}
	after_offset(trail, after, sizeof(after));
	sk_notify(trail->notify, "%s: %" PRIu64 " bytes %s are not readable "
	    "yet and no writer is running", trail->path,
	    walk->size - walk->pos, after);
}

static int
verdict(struct sk_trail *trail)
{
	const struct sk_chain *chain = &trail->walk.chain;

	if (trail->later != NONE && trail->walk.pos > 0 &&
	    chain->offset >= trail->later) {
		sk_trail_tell_index(trail);
		return sk_trail_leave(trail, *chain);
	}
	if (trail->later != NONE)
		return damaged(trail);
	if (!still_there(trail))
		return sk_verdict_rewritten(trail);
	if (trail->replaced)
		return sk_trail_fail(trail, SK_EDATA,
		    "replaced while it was read");
	if (trail->proven)
		return damaged(trail);
	if (!trail->follow)
		finish(trail);
	return 0;
}

int
sk_verdict(struct sk_trail *trail)
{
	int err;

	if (trail->gathered && trail->at_pos == trail->walk.pos) {
		trail->gathered = false;
		return verdict(trail);
	}
	/* What is half written is cut short; what is invalid although the file
	 * has grown is looked at without delay. */
	if (trail->follow && sk_sys_mono_ns() < trail->slow_ns &&
	    (trail->walk.stop != SK_WALK_BAD ||
	    trail->walk.size == trail->slow_size))
		return 0;
	err = gather(trail);
	return err != 0 ? err : 1;
}
