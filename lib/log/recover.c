/*
 * Recovery looks first and changes afterwards: all segments are judged before
 * the first byte is written, so that a refused topic is as it was (but for
 * left-over .new- files).
 *
 * Only three things are ever changed, each in an order that leaves, at a crash,
 * a state that is judged the same way again: the index of a sealed segment is
 * cut off and written anew; the tail of the newest is copied to a file of its
 * own, then cut; a newest segment of which nothing but S is there and S is
 * damaged is copied, then replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/trace.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/recover.h"
#include "log/segment.h"
#include "log/torn.h"

enum { COPY = 262144 };

struct job {
	const char *topic;
	const struct sk_log_conf *conf;
	unsigned flags;
	const struct sk_notify *notify;
	struct sk_diag *diag;
	struct sk_recovered *state;
	struct sk_listing listing;
	struct sk_buf buf;

	/* the segment in hand */
	char *path;
	uint64_t base;
	int fd;

	/* what is to be done to the newest */
	bool lost_head;   /* nothing but S, and S is damaged */
	bool reseal;      /* its index is damaged */
	uint64_t cut;     /* P: where the first invalid thing begins */
	uint64_t durable; /* D */
	struct sk_beyond seen; /* what is behind P */
};

static int
read_failed(struct job *job, uint64_t pos)
{
	return sk_diag_sys(job->diag, "%s: I/O error at %ju", job->path,
	    (uintmax_t)pos);
}

static int
foreign(struct job *job, const char *why)
{
	return sk_diag_set(job->diag, SK_EDATA,
	    "%s: does not belong here: %s", job->path, why);
}

static int
missing(struct job *job, uint64_t from, uint64_t to)
{
	char name[SK_SEGMENT_NAME];

	sk_segment_name(from, name);
	return sk_diag_set(job->diag, SK_EDATA,
	    "%s/%s: records %ju..%ju missing (segment %s absent)", job->topic,
	    name, (uintmax_t)from, (uintmax_t)(to - 1), name);
}

static int
open_segment(struct job *job, uint64_t base, int flags)
{
	free(job->path);
	job->path = sk_segment_path(job->topic, base);
	job->base = base;
	job->fd = sk_sys_open(job->path, flags, 0);
	return job->fd < 0 ? sk_diag_sys(job->diag, "%s", job->path) : 0;
}

static void
close_segment(struct job *job)
{
	int keep = errno;

	if (job->fd >= 0)
		sk_sys_close(job->fd);
	job->fd = -1;
	errno = keep;
}

/* ---- judging ---- */

/* Is this S that of the segment in hand, and does it follow the chain? */
static int
check_head(struct job *job, const struct sk_frame *s,
    const struct sk_chain *before)
{
	const char *why = NULL;

	if (memcmp(s->u.s.uuid, job->conf->uuid, SK_UUID_LEN) != 0)
		return foreign(job, "another topic");
	if (s->u.s.partitions != 1)
		return sk_diag_set(job->diag, SK_EVERSION,
		    "%s: needs a newer version", job->path);
	if (s->offset != job->base)
		return foreign(job, "its name is not its first offset");
	if (before != NULL)
		why = sk_chain_follows(before, s);
	return why != NULL ? foreign(job, why) : 0;
}

/* Read the S of the segment in hand: SK_EDATA without words if damaged. */
static int
read_head(struct job *job, struct sk_frame *s)
{
	int err = sk_segment_head(job->fd, &job->buf, s);

	if (err == SK_ESYS)
		return read_failed(job, 0);
	if (err == SK_EVERSION)
		return sk_diag_set(job->diag, err,
		    "%s: needs a newer version", job->path);
	return err;
}

static int
damaged(struct job *job, const struct sk_walk *walk, uint64_t durable,
    uint64_t end)
{
	uint64_t next = walk->chain.offset;
	char records[96];

	if (end > next)
		snprintf(records, sizeof(records), "records %ju..%ju",
		    (uintmax_t)next, (uintmax_t)(end - 1));
	else
		snprintf(records, sizeof(records), "from offset %ju on",
		    (uintmax_t)next);
	return sk_diag_set(job->diag, SK_EDATA, "%s: acknowledged data "
	    "damaged at %ju, was durable to %ju: %s, %s", job->path,
	    (uintmax_t)walk->pos, (uintmax_t)durable,
	    walk->why != NULL ? walk->why : "cut", records);
}

/* A frame that brings what this version would lose at the next S. */
static bool
has_producer(const struct sk_frame *frame)
{
	struct sk_tlv tlv;

	return (frame->type == 'B' && frame->u.b.producer_id != 0) ||
	    ((frame->type == 'S' || frame->type == 'P') &&
	    (sk_tlv_find(frame->tlvs, SK_TLV_PRODUCER, &tlv) ||
	    sk_tlv_find(frame->tlvs, SK_TLV_JOB, &tlv)));
}

static int
take_frame(struct job *job, const struct sk_walk *walk,
    struct sk_sources *sources)
{
	int err;

	if (has_producer(&walk->frame))
		return sk_diag_set(job->diag, SK_EVERSION,
		    "%s: frame at %ju needs a newer version", job->path,
		    (uintmax_t)walk->frame_pos);
	if (sources == NULL)
		return 0;
	err = sk_sources_take(sources, walk->frame.tlvs);
	if (err != 0)
		return sk_diag_set(job->diag, err,
		    "%s: bad source table at %ju", job->path,
		    (uintmax_t)walk->frame_pos);
	return 0;
}

/* Walk to where it stops, gathering the sources: 0, or an error of its own. */
static int
walk_all(struct job *job, struct sk_walk *walk, struct sk_sources *sources)
{
	int got, err;

	while ((got = sk_walk_next(walk)) == 1) {
		if (walk->frame.type == 'S' && walk->frame_pos == 0)
			job->state->first_clock_ns = walk->frame.clock_ns;
		err = take_frame(job, walk, sources);
		if (err != 0)
			return err;
	}
	if (got == SK_ESYS)
		return read_failed(job, walk->pos);
	if (got == SK_EVERSION)
		return sk_diag_set(job->diag, got,
		    "%s: frame at %ju needs a newer version", job->path,
		    (uintmax_t)walk->pos);
	return 0;
}

/* D: the largest durable_pos, that of frames behind the damage as well. */
static int
find_durable(struct job *job, struct sk_walk *walk, struct sk_beyond *beyond)
{
	memset(beyond, 0, sizeof(*beyond));
	if (walk->stop != SK_WALK_END && sk_walk_beyond(walk, beyond) != 0)
		return read_failed(job, walk->pos);
	if (beyond->durable_pos < walk->chain.durable_pos)
		beyond->durable_pos = walk->chain.durable_pos;
	return 0;
}

static int
file_size(struct job *job, uint64_t *size)
{
	struct stat st;

	if (sk_sys_fstat(job->fd, &st) != 0)
		return sk_diag_sys(job->diag, "%s", job->path);
	*size = (uint64_t)st.st_size;
	return 0;
}

/*
 * The chain at the end of a sealed segment, from its S and its X: 1; 0 if the
 * seal is not there or damaged; or an error.
 */
static int
load_seal(struct job *job, const struct sk_frame *s, struct sk_chain *chain)
{
	struct sk_index index = { 0 };
	struct sk_frame x = { 0 };
	uint64_t size = 0;
	int got;

	if (file_size(job, &size) != 0)
		return SK_ESYS;
	got = sk_index_load(&index, job->fd, size, &x);
	sk_index_free(&index);
	if (got == SK_ESYS)
		return read_failed(job, size);
	if (got == SK_EVERSION && x.salt == s->salt)
		return sk_diag_set(job->diag, got,
		    "%s: index needs a newer version", job->path);
	if (got != 1 || x.salt != s->salt ||
	    x.u.x.first_offset != s->offset)
		return 0;
	chain->salt = x.salt;
	chain->incarnation = x.incarnation;
	chain->base = s->offset;
	chain->offset = x.offset;
	chain->topic_seq = x.topic_seq;
	chain->durable_pos = x.durable_pos;
	chain->clock_ns = x.clock_ns;
	chain->repacked = (s->flags & SK_S_REPACKED) != 0;
	return 1;
}

/* Seal the segment in hand at `pos`, as walked. */
static int
write_seal(struct job *job, uint64_t pos, const struct sk_index *index,
    const struct sk_chain *chain)
{
	struct sk_frame x = { 0 };
	struct sk_buf seal = { 0 };
	int err = 0;

	x.salt = chain->salt;
	x.incarnation = chain->incarnation;
	x.offset = chain->offset;
	x.topic_seq = chain->topic_seq;
	x.clock_ns = chain->clock_ns;
	x.u.x.first_offset = chain->base;
	sk_index_seal(index, &x, &seal);
	if (sk_sys_ftruncate(job->fd, (off_t)pos) != 0 ||
	    sk_sys_fdatasync(job->fd) != 0 ||
	    sk_file_pwrite(job->fd, seal.ptr, seal.len, pos) != 0 ||
	    sk_sys_fdatasync(job->fd) != 0)
		err = sk_diag_sys(job->diag, "%s", job->path);
	else
		sk_notify(job->notify, "%s: index damaged; sealed again",
		    job->path);
	sk_buf_free(&seal);
	return err;
}

/*
 * A segment that is not the newest and has no valid seal: its records must
 * end where the next begins.  With `apply` it is sealed again.
 */
static int
judge_unsealed(struct job *job, uint64_t next, struct sk_chain *chain,
    bool apply)
{
	struct sk_index index = { 0 };
	struct sk_beyond beyond = { 0 };
	struct sk_walk walk;
	int err;

	err = sk_walk_open(&walk, job->fd, SK_WALK_DATA, &index);
	if (err != 0)
		err = sk_diag_sys(job->diag, "%s", job->path);
	else
		err = walk_all(job, &walk, NULL);
	if (err == 0)
		err = find_durable(job, &walk, &beyond);
	if (err == 0 && walk.chain.offset != next) {
		if (walk.stop == SK_WALK_END && walk.chain.offset < next)
			err = missing(job, walk.chain.offset, next);
		else
			err = damaged(job, &walk, beyond.durable_pos, next);
	} else if (err == 0 && walk.pos < beyond.durable_pos) {
		err = damaged(job, &walk, beyond.durable_pos, next);
	}
	if (err == 0 && apply)
		err = write_seal(job, walk.pos, &index, &walk.chain);
	*chain = walk.chain;
	sk_walk_close(&walk);
	sk_index_free(&index);
	return err;
}

/* A segment that is not the newest: *chain, that of the one before, becomes
 * its own.  1 if it must be sealed again. */
static int
judge_older(struct job *job, size_t i, struct sk_chain *chain)
{
	uint64_t next = job->listing.bases[i + 1];
	struct sk_frame s;
	int got;

	got = open_segment(job, job->listing.bases[i], O_RDONLY);
	if (got == 0)
		got = read_head(job, &s);
	if (got == SK_EDATA)
		sk_diag_set(job->diag, got, "%s: segment header damaged",
		    job->path);
	if (got == 0)
		got = check_head(job, &s, i > 0 ? chain : NULL);
	if (got == 0)
		got = load_seal(job, &s, chain);
	if (got == 0) {
		got = judge_unsealed(job, next, chain, false);
		if (got == 0)
			got = 2;
	}
	close_segment(job);
	if (got > 0 && chain->offset < next)
		return missing(job, chain->offset, next);
	if (got > 0 && chain->offset > next)
		return sk_diag_set(job->diag, SK_EDATA, "%s: ends at %ju, "
		    "behind the beginning of the next segment", job->path,
		    (uintmax_t)chain->offset);
	return got < 0 ? got : got - 1;
}

/* Does the index begin at P?  Its own header says so, or the table's end. */
static bool
index_begins(struct job *job, const struct sk_walk *walk)
{
	char head[SK_FRAME_PROBE + 8], end[12 + SK_TABLE_FOOTER];
	uint64_t frames, table;
	size_t got;

	if (sk_file_pread(job->fd, head, sizeof(head), walk->pos, &got) == 0 &&
	    got == sizeof(head) && sk_frame_probe(head) != 0 &&
	    head[12] == 'X' &&
	    sk_get64(head + SK_FRAME_PROBE) == walk->chain.salt)
		return true;
	if (walk->size < walk->pos + sizeof(end) ||
	    sk_file_pread(job->fd, end, sizeof(end),
	    walk->size - sizeof(end), &got) != 0 || got < sizeof(end) ||
	    sk_get32(end + 12 + 5) != UINT32_C(0x8F92EAB1))
		return false;
	frames = sk_get32(end + 12);
	table = 8 + 12 * frames + SK_TABLE_FOOTER;
	return walk->pos + sk_get32(end) + table == walk->size;
}

/* What the walk over the newest segment has shown. */
static int
judge_tail(struct job *job, struct sk_walk *walk)
{
	struct sk_beyond beyond;
	int err = find_durable(job, walk, &beyond);

	if (err != 0)
		return err;
	if (walk->pos == 0) /* right by its hash, wrong by the rules */
		return sk_diag_set(job->diag, SK_EDATA,
		    "%s: segment header damaged", job->path);
	if (walk->pos < beyond.durable_pos)
		return damaged(job, walk, beyond.durable_pos,
		    beyond.end_offset);
	job->cut = walk->pos;
	job->durable = beyond.durable_pos;
	job->seen = beyond;
	job->reseal = walk->stop != SK_WALK_END && job->state->index.n > 0 &&
	    index_begins(job, walk);
	job->state->chain = walk->chain;
	job->state->size = walk->size;
	job->state->sealed = walk->sealed;
	job->state->clean = walk->ended && walk->stop == SK_WALK_END;
	return 0;
}

/* Walk the newest segment; sealed, its data frames need no look. */
static int
walk_newest(struct job *job, bool sealed)
{
	unsigned flags = job->flags & SK_RECOVER_DEEP ? SK_WALK_DEEP :
	    sealed ? 0 : SK_WALK_DATA;
	struct sk_walk walk;
	int err;

	err = sk_walk_open(&walk, job->fd, flags,
	    sealed ? NULL : &job->state->index);
	if (err != 0)
		err = sk_diag_sys(job->diag, "%s", job->path);
	else
		err = walk_all(job, &walk, &job->state->sources);
	if (err == 0 && sealed && walk.stop != SK_WALK_END) {
		/* The seal does not hold: look at everything. */
		sk_walk_close(&walk);
		return walk_newest(job, false);
	}
	if (err == 0)
		err = judge_tail(job, &walk);
	sk_walk_close(&walk);
	return err;
}

/*
 * The S of the newest segment does not verify.  It was durable before the file
 * had its name, so this is damage; only if nothing of ours follows in the file
 * is nothing but S lost.
 */
static int
judge_lost_head(struct job *job)
{
	struct sk_beyond beyond;
	struct sk_walk walk;
	int err;

	err = sk_walk_open(&walk, job->fd, 0, NULL);
	if (err == 0)
		err = sk_walk_beyond(&walk, &beyond);
	if (err != 0)
		err = read_failed(job, 0);
	else if (beyond.any || (job->listing.n_segments == 1 && job->base > 0))
		err = sk_diag_set(job->diag, SK_EDATA,
		    "%s: segment header damaged", job->path);
	job->lost_head = err == 0;
	job->state->size = walk.size;
	sk_walk_close(&walk);
	return err;
}

static int
judge_newest(struct job *job, struct sk_chain *before)
{
	size_t n = job->listing.n_segments;
	struct sk_chain chain;
	struct sk_frame s;
	int got;

	got = open_segment(job, job->listing.bases[n - 1], O_RDONLY);
	if (got == 0)
		got = read_head(job, &s);
	if (got == SK_EDATA)
		return judge_lost_head(job);
	if (got == 0)
		got = check_head(job, &s, n > 1 ? before : NULL);
	if (got == 0)
		got = load_seal(job, &s, &chain);
	return got < 0 ? got : walk_newest(job, got == 1);
}

/* ---- changing ---- */

static void
tell_cut(struct job *job, const char *kept)
{
	uint64_t nbytes = job->state->size - job->cut;

	if (job->seen.readable_end > 0)
		sk_notify(job->notify, "%s: cut %ju unacknowledged byte%s at "
		    "%ju (records %ju..%ju were readable); kept in %s",
		    job->path, (uintmax_t)nbytes, sk_num_plural(nbytes),
		    (uintmax_t)job->cut,
		    (uintmax_t)job->seen.readable_first,
		    (uintmax_t)(job->seen.readable_end - 1), kept);
	else
		sk_notify(job->notify, "%s: cut %ju unacknowledged byte%s at "
		    "%ju; kept in %s", job->path, (uintmax_t)nbytes,
		    sk_num_plural(nbytes), (uintmax_t)job->cut, kept);
}

static int
cut_tail(struct job *job)
{
	char *kept = NULL;
	int err;

	err = sk_torn_keep(job->topic, job->base, job->fd, job->cut,
	    job->state->size, &kept, job->diag);
	if (err == 0 && (sk_sys_ftruncate(job->fd, (off_t)job->cut) != 0 ||
	    sk_sys_fdatasync(job->fd) != 0 ||
	    sk_file_sync_dir(job->topic) != 0))
		err = sk_diag_sys(job->diag, "%s", job->path);
	if (err == 0) {
		tell_cut(job, kept);
		job->state->cut_bytes += job->state->size - job->cut;
		job->state->size = job->cut;
	}
	free(kept);
	return err;
}

/*
 * What is readable from D on may be in the page cache only, as clean pages
 * behind a failed sync.  Written again it is dirty, and the sync counts.
 */
static int
force_out(struct job *job)
{
	uint64_t pos = job->durable;
	size_t part, got;
	int err = 0;

	sk_buf_reset(&job->buf);
	sk_buf_reserve(&job->buf, COPY);
	while (err == 0 && pos < job->cut) {
		part = job->cut - pos < COPY ? (size_t)(job->cut - pos) : COPY;
		err = sk_file_pread(job->fd, job->buf.ptr, part, pos, &got);
		if (err == 0)
			err = sk_file_pwrite(job->fd, job->buf.ptr, got, pos);
		if (err == 0 && got < part)
			break;
		pos += part;
	}
	if (err == 0 && sk_sys_fdatasync(job->fd) != 0)
		err = SK_ESYS;
	return err != 0 ? sk_diag_sys(job->diag, "%s", job->path) : 0;
}

/* The sources at the end of the segment in hand, by its headers alone. */
static int
gather_sources(struct job *job)
{
	struct sk_walk walk;
	int err;

	err = sk_walk_open(&walk, job->fd, 0, NULL);
	if (err != 0)
		err = sk_diag_sys(job->diag, "%s", job->path);
	else
		err = walk_all(job, &walk, &job->state->sources);
	if (err == 0 && !walk.sealed)
		err = damaged(job, &walk, walk.size, 0);
	sk_walk_close(&walk);
	return err;
}

/* Make the S of the newest segment anew, with what the one before knows. */
static int
restore_head(struct job *job, const struct sk_chain *before)
{
	struct sk_buf tlvs = { 0 };
	size_t n = job->listing.n_segments;
	uint64_t base = job->listing.bases[n - 1];
	struct sk_frame s = { 0 };
	char *kept = NULL;
	int err = 0;

	close_segment(job);
	if (n > 1) {
		err = open_segment(job, job->listing.bases[n - 2], O_RDONLY);
		if (err == 0)
			err = gather_sources(job);
		close_segment(job);
	}
	if (err == 0)
		err = open_segment(job, base, O_RDWR);
	if (err == 0 && job->state->size > 0)
		err = sk_torn_keep(job->topic, base, job->fd, 0,
		    job->state->size, &kept, job->diag);
	close_segment(job);
	if (err == 0) {
		sk_segment_follow(&s, job->conf, n > 1 ? before : NULL);
		s.incarnation = sk_sys_random();
		sk_sources_add(&job->state->sources, &tlvs);
		s.tlvs = sk_view(tlvs.ptr, tlvs.len);
		job->fd = sk_segment_create(job->topic, &s, NULL, job->diag);
		err = job->fd < 0 ? SK_ESYS : 0;
		close_segment(job);
	}
	if (err == 0 && kept == NULL)
		sk_notify(job->notify, "%s: was emptied: lines from offset "
		    "%ju on are lost, if there were any; header made anew",
		    job->path, (uintmax_t)base);
	else if (err == 0)
		sk_notify(job->notify, "%s: segment header lost, made anew; "
		    "%ju byte%s kept in %s", job->path,
		    (uintmax_t)job->state->size,
		    sk_num_plural(job->state->size), kept);
	if (err == 0) {
		job->state->cut_bytes += job->state->size;
		sk_chain_add(&job->state->chain, &s, 0);
		sk_index_reset(&job->state->index);
		sk_index_add_frame(&job->state->index, s.len);
		job->state->size = s.len;
		job->state->first_clock_ns = s.clock_ns;
	}
	sk_buf_free(&tlvs);
	free(kept);
	return err;
}

static int
change_newest(struct job *job, const struct sk_chain *before)
{
	int err;

	if (job->lost_head)
		return restore_head(job, before);
	if (job->state->sealed)
		return 0;
	close_segment(job);
	err = open_segment(job, job->base, O_RDWR);
	if (err == 0 && job->cut < job->state->size && !job->reseal)
		err = cut_tail(job);
	if (err == 0)
		err = force_out(job);
	if (err == 0 && job->reseal) {
		err = write_seal(job, job->cut, &job->state->index,
		    &job->state->chain);
		job->state->sealed = err == 0;
		job->state->clean = err == 0;
	}
	return err;
}

static int
seal_older(struct job *job, size_t i)
{
	struct sk_chain chain;
	int err = open_segment(job, job->listing.bases[i], O_RDWR);

	if (err == 0)
		err = judge_unsealed(job, job->listing.bases[i + 1], &chain,
		    true);
	close_segment(job);
	return err;
}

/* ---- all of it ---- */

static int
drop_new(struct job *job)
{
	size_t i;
	char *path;
	int err = 0;

	for (i = 0; err == 0 && i < job->listing.n; i++) {
		if (job->listing.names[i].kind != SK_NAME_NEW)
			continue;
		path = sk_topic_path(job->topic, job->listing.names[i].name);
		if (sk_sys_unlink(path) != 0 && errno != ENOENT)
			err = sk_diag_sys(job->diag, "%s", path);
		free(path);
	}
	return err;
}

static int
recover_segments(struct job *job)
{
	size_t n = job->listing.n_segments, i;
	bool *reseal = sk_xcalloc(n, sizeof(*reseal));
	struct sk_chain chain = { 0 };
	int err = 0;

	for (i = 0; err >= 0 && i + 1 < n; i++) {
		err = judge_older(job, i, &chain);
		reseal[i] = err == 1;
	}
	if (err >= 0)
		err = judge_newest(job, &chain);
	for (i = 0; err == 0 && i + 1 < n; i++)
		if (reseal[i]) {
			close_segment(job);
			err = seal_older(job, i);
			job->base = job->listing.bases[n - 1];
		}
	if (err == 0)
		err = change_newest(job, &chain);
	free(reseal);
	return err;
}

int
sk_log_recover(struct sk_recovered *state, const char *topic,
    const struct sk_log_conf *conf, unsigned flags,
    const struct sk_notify *notify, struct sk_diag *diag)
{
	struct job job = { 0 };
	int err, keep;

	memset(state, 0, sizeof(*state));
	sk_index_reset(&state->index);
	job.topic = topic;
	job.conf = conf;
	job.flags = flags;
	job.notify = notify;
	job.diag = diag;
	job.state = state;
	job.fd = -1;
	err = sk_listing_load(&job.listing, topic, diag);
	if (err == 0)
		err = drop_new(&job);
	state->n_segments = job.listing.n_segments;
	if (err == 0 && state->n_segments > 0) {
		state->first_base = job.listing.bases[0];
		if (state->first_base > 0 &&
		    conf->policy.cleanup == SK_CLEANUP_NONE)
			err = missing(&job, 0, state->first_base);
		else
			err = recover_segments(&job);
	}
	/* A name that a killed writer gave may not be durable yet. */
	if (err == 0 && sk_file_sync_dir(topic) != 0)
		err = sk_diag_sys(diag, "%s", topic);
	sk_trace("recover", "topic=%s err=%d segments=%zu next=%ju cut=%ju",
	    topic, err, state->n_segments, (uintmax_t)state->chain.offset,
	    (uintmax_t)state->cut_bytes);
	keep = errno;
	close_segment(&job);
	free(job.path);
	sk_buf_free(&job.buf);
	sk_listing_free(&job.listing);
	if (err != 0)
		sk_recovered_free(state);
	errno = keep;
	return err;
}

void
sk_recovered_free(struct sk_recovered *state)
{
	sk_index_free(&state->index);
	sk_sources_free(&state->sources);
	memset(state, 0, sizeof(*state));
}
