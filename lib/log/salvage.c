#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/zstd.h"
#include "log/block.h"
#include "log/conf.h"
#include "log/index.h"
#include "log/lock.h"
#include "log/recover.h"
#include "log/salvage.h"
#include "log/scan.h"
#include "log/segment.h"
#include "log/source.h"
#include "log/walk.h"

enum { SECTOR = 512 };

/*
 * The new topic.  Its segments are written in place: nobody knows it yet, and
 * whatever is there when a copy is interrupted is a valid log.  Nothing but X
 * and E claims to be durable, for nothing is acknowledged before the end.
 */
struct target {
	const char *dir;
	struct sk_log_conf conf;
	int lock;
	int fd;                /* of the newest segment; -1: none yet */
	struct sk_chain chain; /* behind the last frame */
	uint64_t prev_base, prev_salt;
	struct sk_index index;
	struct sk_sources sources;
	struct sk_buf out;
	bool failed;           /* could not be written */
};

struct salvage {
	const char *from;
	const struct sk_notify *notify;
	struct sk_log_salvaged *result;
	struct sk_diag *diag;
	struct sk_log_conf conf;
	bool has_uuid;
	struct sk_listing listing;
	struct target to;
	struct sk_zstd zstd;
	struct sk_buf raw;
	struct sk_buf tlvs;
	uint64_t expect; /* the old offset that comes next */

	/* of this segment */
	char *path;
	struct sk_scan scan;
	bool has_salt;
	uint64_t salt;
	uint64_t incarnation;  /* of the last frame taken */
	uint64_t *ended;       /* incarnations that are over */
	size_t n_ended;
	uint64_t good;         /* behind the last frame taken */
};

/* ---- the new topic ---- */

static int
target_failed(struct salvage *v)
{
	v->to.failed = true;
	return sk_diag_sys(v->diag, "%s", v->to.dir);
}

static int
target_put(struct salvage *v)
{
	struct target *t = &v->to;
	int err = sk_file_write(t->fd, t->out.ptr, t->out.len, NULL);

	sk_buf_reset(&t->out);
	return err == 0 ? 0 : target_failed(v);
}

/* The header of the next frame. */
static struct sk_frame
target_frame(const struct target *t, char type, uint64_t durable_pos)
{
	struct sk_frame frame = { .type = type };

	frame.salt = t->chain.salt;
	frame.incarnation = t->chain.incarnation;
	frame.offset = t->chain.offset;
	frame.topic_seq = t->chain.topic_seq;
	frame.clock_ns = t->chain.clock_ns;
	frame.durable_pos = durable_pos;
	return frame;
}

static int
target_sync(struct salvage *v)
{
	return sk_sys_fdatasync(v->to.fd) == 0 ? 0 : target_failed(v);
}

static int
target_close(struct salvage *v)
{
	int fd = v->to.fd;

	v->to.fd = -1;
	return sk_sys_close(fd) == 0 ? 0 : target_failed(v);
}

/* Begin a segment; the first also gets the P that every writer begins with. */
static int
target_begin(struct salvage *v, int64_t clock_ns)
{
	struct target *t = &v->to;
	bool first = t->prev_base == SK_NO_OFFSET, final;
	struct sk_buf tlvs = { 0 };
	struct sk_frame frame;

	t->chain.salt = sk_sys_random();
	t->chain.base = t->chain.offset;
	if (clock_ns > t->chain.clock_ns)
		t->chain.clock_ns = clock_ns;
	sk_sources_add(&t->sources, &tlvs);
	frame = target_frame(t, 'S', 0);
	memcpy(frame.u.s.uuid, t->conf.uuid, SK_UUID_LEN);
	frame.u.s.partitions = 1;
	frame.u.s.prev_base = t->prev_base;
	frame.u.s.prev_salt = t->prev_salt;
	frame.tlvs = sk_view(tlvs.ptr, tlvs.len);
	t->fd = sk_segment_create(t->dir, &frame, &final, v->diag);
	sk_buf_free(&tlvs);
	if (t->fd < 0) {
		t->failed = true;
		return t->fd;
	}
	sk_index_reset(&t->index);
	sk_index_add_frame(&t->index, frame.len);
	if (!first)
		return 0;
	frame = target_frame(t, 'P', 0);
	frame.flags = SK_P_OPENED;
	sk_frame_encode(&frame, &t->out);
	sk_index_add_frame(&t->index, frame.len);
	return target_put(v);
}

static int
target_seal(struct salvage *v)
{
	struct target *t = &v->to;
	struct sk_frame x = target_frame(t, 'X', 0);
	int err;

	x.u.x.first_offset = t->chain.base;
	err = target_sync(v);
	if (err != 0)
		return err;
	sk_index_seal(&t->index, &x, &t->out);
	err = target_put(v);
	if (err == 0)
		err = target_sync(v);
	t->prev_base = t->chain.base;
	t->prev_salt = t->chain.salt;
	return err == 0 ? target_close(v) : err;
}

static int
target_end(struct salvage *v)
{
	struct target *t = &v->to;
	struct sk_frame e;
	int64_t now = sk_sys_clock_ns();
	int err = 0;

	if (t->fd < 0)
		err = target_begin(v, now);
	if (err == 0)
		err = target_sync(v);
	if (err != 0)
		return err;
	if (now > t->chain.clock_ns)
		t->chain.clock_ns = now;
	e = target_frame(t, 'E', t->index.pos);
	sk_frame_encode(&e, &t->out);
	err = target_put(v);
	if (err == 0)
		err = target_sync(v);
	return err == 0 ? target_close(v) : err;
}

static int
target_block(struct salvage *v, const struct sk_frame *b, struct sk_view data)
{
	struct target *t = &v->to;
	struct sk_frame frame;
	int err = 0;

	if (t->fd >= 0 && t->index.n == SK_SEGMENT_BLOCKS_MAX)
		err = target_seal(v);
	if (err == 0 && t->fd < 0)
		err = target_begin(v, b->clock_ns);
	if (err != 0)
		return err;
	if (b->clock_ns > t->chain.clock_ns)
		t->chain.clock_ns = b->clock_ns;
	frame = target_frame(t, 'B', 0);
	frame.flags = b->flags;
	frame.u.b = b->u.b;
	frame.tlvs = b->tlvs;
	sk_frame_encode(&frame, &t->out);
	sk_buf_view(&t->out, data);
	sk_index_add_block(&t->index, &frame,
	    sk_zstd_checksum(data.ptr, data.len));
	t->chain.offset += frame.u.b.span;
	t->chain.topic_seq++;
	return target_put(v);
}

/* ---- the old one ---- */

static void
gap(struct salvage *v, uint64_t until)
{
	if (until <= v->expect)
		return;
	sk_notify(v->notify, "%s: records %" PRIu64 "..%" PRIu64
	    " lost, record %" PRIu64 " becomes %" PRIu64, v->path, v->expect,
	    until - 1, until, v->to.chain.offset);
	v->result->lost += until - v->expect;
	v->result->gaps++;
	v->expect = until;
}

static bool
is_ended(const struct salvage *v, uint64_t incarnation)
{
	size_t i;

	for (i = 0; i < v->n_ended; i++)
		if (v->ended[i] == incarnation)
			return true;
	return false;
}

/* Another writer's frame: what the one before left is over, and a frame of it
 * that still turns up is stale. */
static void
note_incarnation(struct salvage *v, uint64_t incarnation)
{
	if (v->incarnation != 0 && v->incarnation != incarnation) {
		v->ended = sk_xrealloc(v->ended, v->n_ended + 1,
		    sizeof(*v->ended));
		v->ended[v->n_ended++] = v->incarnation;
	}
	v->incarnation = incarnation;
}

/* Is a frame found in the file one of this segment? */
static bool
is_mine(struct salvage *v, const struct sk_frame *frame)
{
	if (!v->has_salt) {
		v->has_salt = true;
		v->salt = frame->salt;
	}
	return frame->salt == v->salt && !is_ended(v, frame->incarnation);
}

/* A B at `pos`: 1 if its data was good, with *end behind it; 0 if not. */
static int
take_block(struct salvage *v, struct sk_frame b, uint64_t pos, uint64_t *end)
{
	struct sk_view data;
	int err;

	sk_buf_reset(&v->tlvs);
	sk_buf_view(&v->tlvs, b.tlvs);
	b.tlvs = sk_view(v->tlvs.ptr, v->tlvs.len);
	err = sk_scan_bytes(&v->scan, pos + b.len, b.u.b.comp_len, &data);
	if (err == 0)
		err = sk_block_unpack(&v->zstd, &b, data.ptr, data.len,
		    &v->raw, NULL);
	if (err != 0)
		return err == SK_EDATA ? 0 : err;
	*end = pos + b.len + b.u.b.comp_len;
	note_incarnation(v, b.incarnation);
	if (b.offset < v->expect)
		return 1;
	gap(v, b.offset);
	err = target_block(v, &b, data);
	if (err != 0)
		return err;
	sk_sources_take(&v->to.sources, b.tlvs);
	v->expect = b.offset + b.u.b.span;
	v->result->records += b.u.b.records;
	v->result->blocks++;
	return 1;
}

static bool
is_newer(const struct sk_frame *frame)
{
	return frame->type == 'C' ||
	    (frame->type == 'B' && (frame->flags & SK_B_TXN) != 0);
}

/* Take the frame at `pos`: 1 with *end behind it, 0 if it is of no use. */
static int
take(struct salvage *v, const struct sk_frame *frame, uint64_t pos,
    uint64_t *end)
{
	if (!is_mine(v, frame))
		return 0;
	if (is_newer(frame))
		return SK_EVERSION;
	if (frame->type == 'B')
		return take_block(v, *frame, pos, end);
	note_incarnation(v, frame->incarnation);
	if (frame->type == 'S' || frame->type == 'P')
		sk_sources_take(&v->to.sources, frame->tlvs);
	gap(v, frame->offset);
	*end = frame->type == 'X' ? v->scan.size : pos + frame->len;
	return 1;
}

/* A bad place of the old disk: what is behind it may be readable. */
static bool
is_unreadable(const struct salvage *v, int err)
{
	return err == SK_ESYS && errno == EIO && !v->to.failed;
}

static int
in_words(struct salvage *v, int err)
{
	if (err == SK_EVERSION)
		return sk_diag_set(v->diag, err, "%s: needs a newer version",
		    v->path);
	if (err == SK_ESYS && !v->to.failed)
		return sk_diag_sys(v->diag, "%s", v->path);
	return err;
}

/* Every frame of the segment that verifies, wherever it is. */
static int
take_all(struct salvage *v)
{
	struct sk_frame frame;
	uint64_t pos = 0, end = 0;
	int err;

	while (pos < v->scan.size) {
		err = sk_scan_find(&v->scan, &pos, &frame);
		if (err == 0)
			break;
		if (err == SK_EVERSION && !is_mine(v, &frame))
			err = 0;
		else if (err > 0)
			err = take(v, &frame, pos, &end);
		if (err < 0 && !is_unreadable(v, err))
			return in_words(v, err);
		if (err > 0)
			v->good = pos = end;
		else if (err == 0)
			pos++;
		else
			pos = (pos / SECTOR + 1) * SECTOR;
	}
	return 0;
}

/* The salt of a segment whose S is damaged is named by the next one. */
static void
salt_from_next(struct salvage *v, size_t i)
{
	struct sk_buf buf = { 0 };
	struct sk_frame s;
	char *path;
	int fd;

	if (i + 1 >= v->listing.n_segments)
		return;
	path = sk_segment_path(v->from, v->listing.bases[i + 1]);
	fd = sk_sys_open(path, O_RDONLY, 0);
	free(path);
	if (fd < 0)
		return;
	if (sk_segment_head(fd, &buf, &s) == 0 &&
	    s.u.s.prev_base == v->listing.bases[i]) {
		v->has_salt = true;
		v->salt = s.u.s.prev_salt;
	}
	sk_buf_free(&buf);
	sk_sys_close(fd);
}

/* 1: go on with it; 0: leave it out. */
static int
look_at_head(struct salvage *v, size_t i)
{
	struct sk_frame s;
	int got = sk_scan_at(&v->scan, 0, &s);

	if (got < 0 && !is_unreadable(v, got))
		return in_words(v, got);
	if (got <= 0) {
		sk_notify(v->notify, "%s: segment header damaged", v->path);
		salt_from_next(v, i);
		return 1;
	}
	if (s.type != 'S' || s.offset != v->listing.bases[i] ||
	    (v->has_uuid &&
	    memcmp(s.u.s.uuid, v->conf.uuid, SK_UUID_LEN) != 0)) {
		sk_notify(v->notify, "%s: does not belong here, left out",
		    v->path);
		v->result->left_out++;
		return 0;
	}
	memcpy(v->conf.uuid, s.u.s.uuid, SK_UUID_LEN);
	v->has_uuid = true;
	v->has_salt = true;
	v->salt = s.salt;
	return 1;
}

static void
begin_at(struct salvage *v, uint64_t base)
{
	bool removed = v->result->blocks == 0 && v->result->gaps == 0 &&
	    v->conf.policy.cleanup == SK_CLEANUP_DELETE;

	if (removed && base > v->expect) {
		sk_notify(v->notify, "%s: the log begins at %" PRIu64
		    ", which becomes 0", v->path, base);
		v->expect = base;
	}
	gap(v, base);
}

static int
read_segment(struct salvage *v, size_t i)
{
	struct stat st;
	int err;

	if (sk_sys_fstat(v->scan.fd, &st) != 0)
		return sk_diag_sys(v->diag, "%s", v->path);
	v->scan.size = (uint64_t)st.st_size;
	v->has_salt = false;
	v->incarnation = 0;
	v->n_ended = 0;
	v->good = 0;
	err = look_at_head(v, i);
	if (err <= 0)
		return err;
	begin_at(v, v->listing.bases[i]);
	err = take_all(v);
	if (err == 0 && v->good < v->scan.size)
		sk_notify(v->notify, "%s: %" PRIu64 " byte%s at %" PRIu64
		    " %s not readable, with nothing behind", v->path,
		    v->scan.size - v->good,
		    sk_num_plural(v->scan.size - v->good), v->good,
		    v->scan.size - v->good == 1 ? "is" : "are");
	/* A segment of the old log becomes one of the new. */
	if (err == 0 && v->to.fd >= 0 && v->to.index.n > 0 &&
	    i + 1 < v->listing.n_segments)
		err = target_seal(v);
	return err;
}

static int
segment(struct salvage *v, size_t i)
{
	int err = 0;

	v->path = sk_segment_path(v->from, v->listing.bases[i]);
	sk_scan_free(&v->scan);
	v->scan.win_pos = 0;
	v->scan.fd = sk_sys_open(v->path, O_RDONLY, 0);
	if (v->scan.fd < 0 && errno != EIO && errno != ENOENT) {
		err = sk_diag_sys(v->diag, "%s", v->path);
	} else if (v->scan.fd < 0) {
		sk_notify(v->notify, "%s: %s", v->path, strerror(errno));
		/* What it held is known only if a later one says so. */
		v->result->gaps += i + 1 == v->listing.n_segments;
	} else {
		err = read_segment(v, i);
		sk_sys_close(v->scan.fd);
	}
	free(v->path);
	v->path = NULL;
	return err;
}

static int
load(struct salvage *v)
{
	int err;

	err = sk_listing_load(&v->listing, v->from, v->diag);
	if (err != 0)
		return err;
	if (v->listing.n_segments == 0)
		return sk_diag_set(v->diag, SK_EDATA, "%s: not a log",
		    v->from);
	err = sk_log_conf_load(&v->conf, v->from, v->diag);
	if (err == SK_EVERSION)
		return err;
	v->has_uuid = err == 0;
	if (err != 0) {
		sk_notify(v->notify, "%s/topic.conf: cannot be read, the new "
		    "topic gets default settings", v->from);
		sk_log_policy_init(&v->conf.policy);
	}
	return 0;
}

/* What a salvage that failed at its beginning leaves, and nothing else. */
static bool
is_left_over(const char *dir)
{
	struct sk_listing listing;
	bool yes = sk_listing_load(&listing, dir, NULL) == 0;
	size_t i;

	if (!yes)
		return false;
	yes = listing.n > 0;
	for (i = 0; i < listing.n; i++)
		if (listing.names[i].kind != SK_NAME_NEW &&
		    strcmp(listing.names[i].name, ".lock") != 0)
			yes = false;
	sk_listing_free(&listing);
	return yes;
}

static int
create(struct salvage *v)
{
	struct target *t = &v->to;
	int why;

	if (sk_sys_mkdir(t->dir, 0777) != 0) {
		why = errno;
		if (why != EEXIST || !is_left_over(t->dir)) {
			errno = why;
			return sk_diag_sys(v->diag, "%s", t->dir);
		}
	}
	if (sk_file_sync_parent(t->dir) != 0)
		return sk_diag_sys(v->diag, "%s", t->dir);
	t->lock = sk_log_lock(t->dir, v->diag);
	if (t->lock < 0)
		return t->lock;
	t->chain.incarnation = sk_sys_random();
	t->chain.clock_ns = INT64_MIN;
	t->prev_base = SK_NO_OFFSET;
	return sk_log_conf_create(&t->conf, t->dir, &v->conf.policy, v->diag);
}

int
sk_log_salvage(const char *from, const char *to,
    const struct sk_notify *notify, struct sk_log_salvaged *result,
    struct sk_diag *diag)
{
	struct salvage v = { .from = from, .notify = notify,
		.result = result, .diag = diag };
	size_t i;
	int err;

	memset(result, 0, sizeof(*result));
	v.to.dir = to;
	v.to.fd = v.to.lock = -1;
	err = load(&v);
	if (err == 0)
		err = create(&v);
	for (i = 0; err == 0 && i < v.listing.n_segments; i++)
		err = segment(&v, i);
	if (err == 0)
		err = target_end(&v);
	if (v.to.fd >= 0)
		sk_sys_close(v.to.fd);
	if (v.to.lock >= 0)
		sk_log_unlock(v.to.lock);
	sk_index_free(&v.to.index);
	sk_sources_free(&v.to.sources);
	sk_buf_free(&v.to.out);
	sk_buf_free(&v.raw);
	sk_buf_free(&v.tlvs);
	sk_zstd_free(&v.zstd);
	sk_scan_free(&v.scan);
	free(v.ended);
	sk_listing_free(&v.listing);
	return err;
}
