#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/trace.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/lock.h"
#include "log/scan.h"
#include "log/trail.h"

#define NONE UINT64_MAX                     /* no segment, no position */
#define SLOW_NS INT64_C(1000000000)         /* a follower stands still: 1 s */

enum { HEAD_READ = 4096, WHY_MAX = 512 };

static int fail(struct sk_trail *trail, int err, const char *fmt, ...)
    SK_PRINTF(3, 4);

/* "TOPIC/FILE: ..." into diag, or "TOPIC: ..." where no segment is open. */
static int
fail(struct sk_trail *trail, int err, const char *fmt, ...)
{
	char text[WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return sk_diag_set(trail->diag, err, "%s: %s",
	    trail->path != NULL ? trail->path : trail->topic, text);
}

int
sk_trail_fail_read(struct sk_trail *trail, uint64_t pos)
{
	if (errno == EIO)
		return fail(trail, SK_ESYS, "I/O error at %" PRIu64, pos);
	return sk_diag_sys(trail->diag, "%s", trail->path);
}

/* The smallest base above `base`, or NONE. */
static uint64_t
base_above(const struct sk_trail *trail, uint64_t base)
{
	size_t i;

	for (i = 0; i < trail->listing.n_segments; i++)
		if (trail->listing.bases[i] > base)
			return trail->listing.bases[i];
	return NONE;
}

int
sk_trail_list(struct sk_trail *trail)
{
	sk_listing_free(&trail->listing);
	return sk_listing_load(&trail->listing, trail->topic, trail->diag);
}

int
sk_trail_open(struct sk_trail *trail, const char *topic, struct sk_diag *diag)
{
	const struct sk_trail_aim any = { 0, INT64_MIN, INT64_MIN };
	size_t len = strlen(topic);
	int err;

	while (len > 1 && topic[len - 1] == '/')
		len--;
	memset(trail, 0, sizeof(*trail));
	trail->topic = sk_xstrndup(topic, len);
	trail->diag = diag;
	trail->fd = -1;
	err = sk_log_conf_load(&trail->conf, trail->topic, diag);
	if (err == 0)
		err = sk_trail_list(trail);
	if (err != 0) {
		sk_trail_close(trail);
		return err;
	}
	/* A log that never loses its beginning begins at 0. */
	sk_trail_seek(trail, trail->listing.n_segments > 0 &&
	    trail->conf.policy.cleanup != SK_CLEANUP_NONE ?
	    trail->listing.bases[0] : 0, &any);
	return 0;
}

static void
close_segment(struct sk_trail *trail)
{
	if (trail->fd >= 0) {
		sk_walk_close(&trail->walk);
		sk_sys_close(trail->fd);
	}
	free(trail->path);
	trail->path = NULL;
	trail->fd = -1;
	trail->has_last = false;
	trail->gathered = false;
}

void
sk_trail_close(struct sk_trail *trail)
{
	if (trail->topic == NULL)
		return;
	close_segment(trail);
	sk_listing_free(&trail->listing);
	sk_index_free(&trail->index);
	sk_buf_free(&trail->buf);
	free(trail->topic);
	trail->topic = NULL;
}

void
sk_trail_seek(struct sk_trail *trail, uint64_t base,
    const struct sk_trail_aim *aim)
{
	close_segment(trail);
	trail->aim = *aim;
	trail->next_base = base;
	trail->has_end = false;
	trail->done = false;
}

/* The open segment is finished; its end is known.  A file named by an offset
 * inside it is not of this log.  1, or SK_EDATA. */
static int
leave(struct sk_trail *trail, struct sk_chain end)
{
	uint64_t next = base_above(trail, trail->base);
	char *path;

	if (next < end.offset) {
		path = sk_segment_path(trail->topic, next);
		if (!trail->skip_damaged) {
			sk_diag_set(trail->diag, SK_EDATA, "%s: does not "
			    "belong here: records %" PRIu64 "..%" PRIu64
			    " are in another segment", path, next,
			    end.offset - 1);
			free(path);
			return SK_EDATA;
		}
		sk_notify(trail->notify, "%s: does not belong here; passed "
		    "over", path);
		free(path);
		trail->skipped = true;
	}
	trail->end = end;
	trail->has_end = true;
	trail->next_base = end.offset;
	close_segment(trail);
	return 1;
}

/* Passed over: the next segment cannot be checked against what was lost. */
static void
leave_for(struct sk_trail *trail, uint64_t base)
{
	close_segment(trail);
	trail->has_end = false;
	trail->next_base = base;
	trail->skipped = true;
}

static void
tell_index(struct sk_trail *trail)
{
	if (!trail->told_index)
		sk_notify(trail->notify,
		    "%s: index damaged; reading by headers", trail->path);
	trail->told_index = true;
}

/* ---- beginning a segment ---- */

/* What is wrong with a valid S in this place, or NULL. */
static const char *
foreign_head(const struct sk_trail *trail, const struct sk_frame *s)
{
	if (memcmp(s->u.s.uuid, trail->conf.uuid, SK_UUID_LEN) != 0)
		return "of another topic";
	if (s->u.s.partition != 0 ||
	    s->u.s.partitions != trail->conf.partitions)
		return "of another partition";
	if (s->offset != trail->base)
		return "the name is not its first offset";
	return trail->has_end ? sk_chain_follows(&trail->end, s) : NULL;
}

static int
foreign(struct sk_trail *trail, const char *why)
{
	uint64_t next;
	int err;

	if (!trail->skip_damaged)
		return fail(trail, SK_EDATA, "does not belong here: %s", why);
	err = sk_trail_list(trail);
	if (err != 0)
		return err;
	next = base_above(trail, trail->base);
	sk_notify(trail->notify, "%s: does not belong here: %s; passed over",
	    trail->path, why);
	if (next == NONE) {
		trail->done = true;
		trail->skipped = true;
		return 0;
	}
	leave_for(trail, next);
	return 1;
}

/* The first block of the index that is not before the aim; n if none. */
static uint32_t
aimed_entry(const struct sk_trail *trail, const struct sk_frame *x)
{
	const struct sk_index *index = &trail->index;
	const struct sk_trail_aim *aim = &trail->aim;
	uint32_t first = 0, i;

	if (aim->offset >= x->offset)
		return index->n;
	if (aim->offset > trail->base)
		first = sk_index_by_offset(index, aim->offset);
	if (first == index->n)
		first = 0;
	if (aim->clock_ns != INT64_MIN) {
		i = sk_index_by_clock(index, aim->clock_ns);
		first = i > first ? i : first;
	}
	if (aim->event_ns != INT64_MIN)
		first = sk_index_by_event(index, first, aim->event_ns);
	return first;
}

/* Begin the walk in the middle of a sealed segment, or leave it at once when
 * all of it is before the aim.  1, or as sk_trail_next. */
static int
jump(struct sk_trail *trail, const struct sk_frame *x, bool repacked)
{
	uint32_t i = aimed_entry(trail, x);
	struct sk_chain chain = { .salt = x->salt, .base = trail->base,
		.repacked = repacked };
	struct sk_index_entry entry;

	if (i == trail->index.n) {
		chain.incarnation = x->incarnation;
		chain.offset = x->offset;
		chain.topic_seq = x->topic_seq;
		chain.durable_pos = x->durable_pos;
		chain.clock_ns = x->clock_ns;
		return leave(trail, chain);
	}
	entry = sk_index_at(&trail->index, i);
	chain.offset = entry.offset;
	chain.topic_seq = entry.topic_seq;
	chain.clock_ns = entry.clock_ns;
	if (sk_walk_open_at(&trail->walk, trail->fd, 0, entry.pos, &chain) !=
	    0)
		return sk_trail_fail_read(trail, entry.pos);
	return 1;
}

static bool
aims(const struct sk_trail *trail, const struct sk_frame *s)
{
	return trail->aim.offset > trail->base ||
	    trail->aim.clock_ns > s->clock_ns ||
	    trail->aim.event_ns != INT64_MIN;
}

/* Walk the open segment, from where the aim allows it. */
static int
begin(struct sk_trail *trail, const struct sk_frame *s, bool valid)
{
	struct sk_frame x;
	struct stat st;
	int got = 0;

	if (valid && aims(trail, s)) {
		if (sk_sys_fstat(trail->fd, &st) != 0)
			return sk_trail_fail_read(trail, 0);
		got = sk_index_load(&trail->index, trail->fd,
		    (uint64_t)st.st_size, &x);
		if (got == 1 && (x.salt != s->salt ||
		    x.u.x.first_offset != trail->base))
			got = SK_EDATA;
		if (got == SK_ESYS)
			return sk_trail_fail_read(trail, (uint64_t)st.st_size);
		if (got == SK_EDATA)
			tell_index(trail);
	}
	if (got == 1)
		return jump(trail, &x, (s->flags & SK_S_REPACKED) != 0);
	if (sk_walk_open(&trail->walk, trail->fd, 0, NULL) != 0)
		return sk_trail_fail_read(trail, 0);
	return 1;
}

/* next_base names no file: a gap, or the end. */
static int absent(struct sk_trail *trail);

/* Open the segment next_base: 1 (it is open, or go on elsewhere), 0, or an
 * error. */
static int
enter(struct sk_trail *trail)
{
	struct sk_frame s;
	const char *why;
	int err;

	free(trail->path);
	trail->path = sk_segment_path(trail->topic, trail->next_base);
	trail->fd = sk_sys_open(trail->path, O_RDONLY, 0);
	if (trail->fd < 0 && errno == ENOENT)
		return absent(trail);
	if (trail->fd < 0)
		return sk_diag_sys(trail->diag, "%s", trail->path);
	trail->base = trail->next_base;
	trail->told_index = false;
	trail->has_last = false;
	trail->gathered = false;
	trail->slow_ns = 0;
	memset(&trail->walk, 0, sizeof(trail->walk));
	sk_trace("reader-open", "file=%s", trail->path);
	err = sk_segment_head(trail->fd, &trail->buf, &s);
	if (err == SK_ESYS)
		return sk_trail_fail_read(trail, 0);
	if (err == SK_EVERSION)
		return fail(trail, err, "needs a newer version");
	why = err == 0 ? foreign_head(trail, &s) : NULL;
	if (why != NULL)
		return foreign(trail, why);
	return begin(trail, &s, err == 0);
}

/* ---- the end, and gaps between segments ---- */

static void
told_end(struct sk_trail *trail, const char *subject)
{
	sk_notify(trail->notify, "%s: no end mark: the last writer was "
	    "killed, or the end is lost", subject);
	trail->done = true;
}

/* Records next_base to `next` - 1 are not there, a later segment is. */
static int
gap(struct sk_trail *trail, uint64_t next)
{
	uint64_t first = trail->next_base;
	bool earlier = trail->listing.bases[0] < first;
	bool removed = !earlier &&
	    trail->conf.policy.cleanup != SK_CLEANUP_NONE;
	char file[SK_SEGMENT_NAME], text[WHY_MAX];

	free(trail->path);
	trail->path = NULL;
	/* At the front it is the file of offset 0 that should be there. */
	sk_segment_name(earlier ? first : 0, file);
	if (removed)
		snprintf(text, sizeof(text), "records %" PRIu64 "..%" PRIu64
		    " removed by retention", first, next - 1);
	else
		snprintf(text, sizeof(text), "records %" PRIu64 "..%" PRIu64
		    " missing (segment %s absent)", first, next - 1, file);
	if (!(removed ? trail->skip_removed : trail->skip_damaged))
		return fail(trail, SK_EDATA, "%s", text);
	sk_notify(trail->notify, "%s: %s", trail->topic, text);
	trail->has_end = false;
	trail->next_base = next;
	if (!removed)
		trail->skipped = true;
	return 1;
}

static int
absent(struct sk_trail *trail)
{
	char *last;
	uint64_t next;
	int err = sk_trail_list(trail);

	if (err != 0)
		return err;
	next = base_above(trail, trail->next_base);
	if (next != NONE)
		return gap(trail, next);
	if (trail->follow)
		return 0;
	/* A writer may make the file and end between two looks: the lock is
	 * looked at first, then for the file again. */
	if (!trail->gathered) {
		trail->locked = sk_log_locked(trail->topic, NULL, 0);
		trail->gathered = true;
		return 1;
	}
	trail->done = true;
	if (trail->locked == 1)
		return 0;
	last = trail->listing.n_segments == 0 ? sk_xstrdup(trail->topic) :
	    sk_segment_path(trail->topic,
	    trail->listing.bases[trail->listing.n_segments - 1]);
	told_end(trail, last);
	free(last);
	return 0;
}

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
	if (trail->proven)
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
		leave_for(trail, trail->later);
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
		return fail(trail, SK_EDATA, "%s", text);
	return resync(trail, text);
}

/* ---- where a walk stands still ---- */

static int
rewritten(struct sk_trail *trail, uint64_t offset)
{
	return fail(trail, SK_EDATA, "log was rewritten behind position %"
	    PRIu64 ": lines that were read are gone", offset);
}

/* The file is shorter than what was walked.  If lines of that were given out
 * they no longer exist; else the segment is begun again. */
static int
shrunk(struct sk_trail *trail)
{
	uint64_t end = trail->last_pos + trail->last.len +
	    trail->last.u.b.comp_len;

	if (trail->has_last && end > trail->walk.size)
		return rewritten(trail, trail->last.offset);
	trail->next_base = trail->base;
	close_segment(trail);
	return 1;
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
	trail->later = base_above(trail, trail->base);
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
			told_end(trail, trail->path);
		return;
	}
	if (sk_index_load(&trail->index, trail->fd, walk->size, &x) ==
	    SK_EDATA) {
		tell_index(trail);
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
		tell_index(trail);
		return leave(trail, *chain);
	}
	if (trail->later != NONE)
		return damaged(trail);
	if (!still_there(trail))
		return rewritten(trail, trail->last.offset);
	if (trail->replaced)
		return fail(trail, SK_EDATA, "replaced while it was read");
	if (trail->proven)
		return damaged(trail);
	if (!trail->follow)
		finish(trail);
	return 0;
}

/* The walk has stopped: 1 try again (or elsewhere), 0 nothing more now. */
static int
stands(struct sk_trail *trail)
{
	int err;

	if (trail->gathered && trail->at_pos == trail->walk.pos) {
		trail->gathered = false;
		return verdict(trail);
	}
	if (trail->follow && sk_sys_mono_ns() < trail->slow_ns)
		return 0;
	err = gather(trail);
	return err != 0 ? err : 1;
}

static int
failed_walk(struct sk_trail *trail, int err)
{
	if (err != SK_EVERSION)
		return sk_trail_fail_read(trail, trail->walk.pos);
	return fail(trail, err, "needs a newer version: %s at %" PRIu64,
	    trail->walk.why, trail->walk.pos);
}

/* One step of the walk: 1 a block, 2 something else, or as sk_trail_next. */
static int
walk_on(struct sk_trail *trail)
{
	struct sk_walk *walk = &trail->walk;
	int got;

	if (walk->stop != SK_WALK_ON) {
		if (sk_walk_refresh(walk) != 0)
			return sk_trail_fail_read(trail, walk->pos);
		if (walk->size < walk->pos) {
			got = shrunk(trail);
			return got == 1 ? 2 : got;
		}
	}
	trail->before = walk->chain;
	trail->before_ended = walk->ended;
	got = sk_walk_next(walk);
	if (got < 0)
		return failed_walk(trail, got);
	if (got == 0) {
		got = stands(trail);
		return got == 1 ? 2 : got;
	}
	if (walk->frame.type == 'X') {
		got = leave(trail, walk->chain);
		return got == 1 ? 2 : got;
	}
	return walk->frame.type == 'B' ? 1 : 2;
}

int
sk_trail_next(struct sk_trail *trail)
{
	int got = 2;

	while (got == 2) {
		if (trail->done)
			return 0;
		if (trail->fd < 0) {
			got = enter(trail);
			got = got == 1 ? 2 : got;
		} else
			got = walk_on(trail);
	}
	return got;
}

void
sk_trail_taken(struct sk_trail *trail)
{
	trail->last = trail->walk.frame;
	trail->last_pos = trail->walk.frame_pos;
	trail->has_last = true;
}

void
sk_trail_back(struct sk_trail *trail)
{
	struct sk_walk *walk = &trail->walk;

	walk->pos = walk->frame_pos;
	walk->chain = trail->before;
	walk->ended = trail->before_ended;
	walk->stop = SK_WALK_BAD;
}

int
sk_trail_bad_data(struct sk_trail *trail)
{
	sk_trail_back(trail);
	return stands(trail);
}

uint64_t
sk_trail_offset(const struct sk_trail *trail)
{
	if (trail->fd < 0 || trail->walk.pos == 0)
		return trail->next_base;
	return trail->walk.chain.offset;
}
