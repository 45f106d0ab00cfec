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
#include "log/trail.h"
#include "log/verdict.h"

#define NONE SK_NO_OFFSET /* no segment */

enum { WHY_MAX = 512 };

int
sk_trail_fail(struct sk_trail *trail, int err, const char *fmt, ...)
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
		return sk_trail_fail(trail, SK_ESYS, "I/O error at %" PRIu64,
		    pos);
	return sk_diag_sys(trail->diag, "%s", trail->path);
}

uint64_t
sk_trail_above(const struct sk_trail *trail, uint64_t base)
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
	trail->at_start = true;
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
	trail->at_start = false;
	trail->done = false;
}

int
sk_trail_leave(struct sk_trail *trail, struct sk_chain end)
{
	uint64_t next = sk_trail_above(trail, trail->base);
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

void
sk_trail_leave_for(struct sk_trail *trail, uint64_t base)
{
	close_segment(trail);
	trail->has_end = false;
	trail->next_base = base;
	trail->skipped = true;
}

void
sk_trail_tell_index(struct sk_trail *trail)
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
		return sk_trail_fail(trail, SK_EDATA,
		    "does not belong here: %s", why);
	err = sk_trail_list(trail);
	if (err != 0)
		return err;
	next = sk_trail_above(trail, trail->base);
	sk_notify(trail->notify, "%s: does not belong here: %s; passed over",
	    trail->path, why);
	if (next == NONE) {
		trail->done = true;
		trail->skipped = true;
		return 0;
	}
	sk_trail_leave_for(trail, next);
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
		return sk_trail_leave(trail, chain);
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
			sk_trail_tell_index(trail);
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
	trail->at_start = false;
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
		return sk_trail_fail(trail, err, "needs a newer version");
	why = err == 0 ? foreign_head(trail, &s) : NULL;
	if (why != NULL)
		return foreign(trail, why);
	return begin(trail, &s, err == 0);
}

/* ---- the end, and gaps between segments ---- */

void
sk_trail_tell_end(struct sk_trail *trail, const char *subject)
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
	/* Who asked for no offset begins where the log begins now. */
	if (!removed || !trail->at_start) {
		if (!(removed ? trail->skip_removed : trail->skip_damaged))
			return sk_trail_fail(trail, SK_EDATA, "%s", text);
		sk_notify(trail->notify, "%s: %s", trail->topic, text);
	}
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
	next = sk_trail_above(trail, trail->next_base);
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
	sk_trail_tell_end(trail, last);
	free(last);
	return 0;
}

/* ---- walking ---- */

/* The file is shorter than what was walked.  If lines of that were given out
 * they no longer exist; else the segment is begun again. */
static int
shrunk(struct sk_trail *trail)
{
	uint64_t end = trail->last_pos + trail->last.len +
	    trail->last.u.b.comp_len;

	if (trail->has_last && end > trail->walk.size)
		return sk_verdict_rewritten(trail);
	trail->next_base = trail->base;
	close_segment(trail);
	return 1;
}

static int
failed_walk(struct sk_trail *trail, int err)
{
	if (err != SK_EVERSION)
		return sk_trail_fail_read(trail, trail->walk.pos);
	return sk_trail_fail(trail, err, "%s at %" PRIu64, trail->walk.why,
	    trail->walk.pos);
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
		got = sk_verdict(trail);
		return got == 1 ? 2 : got;
	}
	if (walk->frame.type == 'X') {
		got = sk_trail_leave(trail, walk->chain);
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
	return sk_verdict(trail);
}

uint64_t
sk_trail_offset(const struct sk_trail *trail)
{
	if (trail->fd < 0 || trail->walk.pos == 0)
		return trail->next_base;
	return trail->walk.chain.offset;
}
