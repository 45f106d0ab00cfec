#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/trace.h"
#include "io/sys.h"
#include "io/watch.h"
#include "io/zstd.h"
#include "log/block.h"
#include "log/index.h"
#include "log/reader.h"
#include "log/segment.h"
#include "log/trail.h"

struct sk_reader {
	struct sk_trail trail;
	bool watched;
	struct sk_watch watch;
	struct sk_zstd zstd;
	struct sk_buf raw;

	/* what is wanted of the blocks that the trail passes */
	uint64_t want;      /* the first offset */
	int64_t clock_ns;   /* the least append time; INT64_MIN: any */
	bool pruning;
	int64_t event_from_ns, event_until_ns;
};

static const struct sk_reader_opts no_opts;

int
sk_reader_open(struct sk_reader **reader, const char *path,
    const struct sk_reader_opts *opts, const struct sk_notify *notify,
    struct sk_diag *diag)
{
	struct sk_reader *r = sk_xcalloc(1, sizeof(*r));
	int err;

	*reader = NULL;
	if (opts == NULL)
		opts = &no_opts;
	/* Before the first look: what happens behind it is then not missed. */
	if (opts->follow) {
		sk_watch_init(&r->watch);
		sk_watch_add(&r->watch, path);
		r->watched = true;
	}
	err = sk_trail_open(&r->trail, path, diag);
	if (err != 0) {
		sk_reader_close(r);
		return err;
	}
	r->trail.follow = opts->follow;
	r->trail.skip_damaged = opts->skip_damaged;
	r->trail.skip_removed = opts->skip_removed;
	r->trail.notify = notify;
	r->want = r->trail.next_base;
	r->clock_ns = INT64_MIN;
	*reader = r;
	return 0;
}

void
sk_reader_close(struct sk_reader *reader)
{
	if (reader == NULL)
		return;
	sk_trail_close(&reader->trail);
	if (reader->watched)
		sk_watch_free(&reader->watch);
	sk_zstd_free(&reader->zstd);
	sk_buf_free(&reader->raw);
	free(reader);
}

const unsigned char *
sk_reader_uuid(const struct sk_reader *reader)
{
	return reader->trail.conf.uuid;
}

uint64_t
sk_reader_start(const struct sk_reader *reader)
{
	const struct sk_listing *listing = &reader->trail.listing;

	return listing->n_segments > 0 ? listing->bases[0] : 0;
}

uint64_t
sk_reader_next_offset(const struct sk_reader *reader)
{
	return reader->want;
}

bool
sk_reader_skipped(const struct sk_reader *reader)
{
	return reader->trail.skipped;
}

/* ---- where to begin ---- */

static void
aim(struct sk_reader *reader, uint64_t base)
{
	struct sk_trail_aim at = { reader->want, reader->clock_ns,
		reader->pruning ? reader->event_from_ns : INT64_MIN };

	sk_trail_seek(&reader->trail, base, &at);
}

/* The segment that holds the offset, or where it is missing. */
static uint64_t
base_for(const struct sk_reader *reader, uint64_t offset)
{
	const struct sk_listing *listing = &reader->trail.listing;
	uint64_t base = offset;
	size_t i;

	if (listing->n_segments == 0)
		return 0;
	for (i = 0; i < listing->n_segments && listing->bases[i] <= offset;
	    i++)
		base = listing->bases[i];
	return base;
}

int
sk_reader_seek_offset(struct sk_reader *reader, uint64_t offset)
{
	int err = sk_trail_list(&reader->trail);

	if (err != 0)
		return err;
	reader->want = offset;
	reader->clock_ns = INT64_MIN;
	aim(reader, base_for(reader, offset));
	return 0;
}

/* The append time of a segment's S: 1; 0 if it is damaged or gone. */
static int
head_clock(struct sk_reader *reader, uint64_t base, int64_t *clock_ns)
{
	char *path = sk_segment_path(reader->trail.topic, base);
	int fd = sk_sys_open(path, O_RDONLY, 0);
	struct sk_frame s;
	int got = 0;

	if (fd >= 0) {
		got = sk_segment_head(fd, &reader->raw, &s) == 0;
		sk_sys_close(fd);
	}
	if (got)
		*clock_ns = s.clock_ns;
	free(path);
	return got;
}

/* Clocks never fall from segment to segment: the last one that began before
 * the time holds the first block that is not before it, or the next does.
 * What cannot be read counts as later, and is met by reading. */
int
sk_reader_seek_time(struct sk_reader *reader, int64_t ns)
{
	const struct sk_listing *listing = &reader->trail.listing;
	size_t low = 0, high, mid;
	int64_t clock_ns = 0;
	int err = sk_trail_list(&reader->trail);

	if (err != 0)
		return err;
	high = listing->n_segments;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (head_clock(reader, listing->bases[mid], &clock_ns) &&
		    clock_ns < ns)
			low = mid + 1;
		else
			high = mid;
	}
	reader->want = 0;
	if (listing->n_segments > 0)
		reader->want = listing->bases[low > 0 ? low - 1 : 0];
	if (low == 0 && reader->trail.conf.policy.cleanup == SK_CLEANUP_NONE)
		reader->want = 0;
	reader->clock_ns = ns;
	aim(reader, reader->want);
	return 0;
}

int
sk_reader_seek_last(struct sk_reader *reader, uint64_t n)
{
	uint64_t end = 0, start;
	int err = sk_reader_end(reader, &end);

	/* Damage is told by reading up to it. */
	if (err != 0 && err != SK_EDATA)
		return err;
	start = sk_reader_start(reader);
	if (end < start || end - start < n)
		return sk_reader_seek_offset(reader, start);
	return sk_reader_seek_offset(reader, end - n);
}

void
sk_reader_prune(struct sk_reader *reader, int64_t from_ns, int64_t until_ns)
{
	reader->pruning = true;
	reader->event_from_ns = from_ns;
	reader->event_until_ns = until_ns;
	aim(reader, reader->trail.next_base);
}

/* ---- blocks ---- */

/* Is the block that the trail stands at wanted, by its header? */
static bool
wanted(const struct sk_reader *reader, const struct sk_frame *b)
{
	if (b->offset + b->u.b.span <= reader->want)
		return false;
	if (b->clock_ns < reader->clock_ns)
		return false;
	if (!reader->pruning || b->u.b.event_max_ns == SK_NO_TIME)
		return true;
	return b->u.b.event_max_ns >= reader->event_from_ns &&
	    b->u.b.event_min_ns < reader->event_until_ns;
}

/* Read, verify and unpack the data of the block that the trail stands at.
 * 0, SK_EDATA if it does not verify, SK_ESYS. */
static int
unpack(struct sk_reader *reader)
{
	struct sk_trail *trail = &reader->trail;
	const struct sk_frame *b = &trail->walk.frame;
	struct sk_view data;
	int err = sk_walk_data(&trail->walk, &data);

	if (err == SK_ESYS)
		return sk_trail_fail_read(trail, trail->walk.data_pos);
	if (err != 0)
		return err;
	sk_buf_reset(&reader->raw);
	sk_buf_reserve(&reader->raw, (size_t)b->u.b.raw_len + SK_PAD);
	return sk_block_unpack(&reader->zstd, b, data.ptr, data.len,
	    &reader->raw, NULL);
}

static void
fill(struct sk_reader *reader, struct sk_reader_block *block)
{
	const struct sk_frame *b = &reader->trail.walk.frame;

	block->bytes = reader->raw.ptr;
	block->nbytes = reader->raw.len;
	block->first = b->offset;
	block->count = b->u.b.records;
	block->clock_ns = b->clock_ns;
	block->event_min_ns = b->u.b.event_min_ns;
	block->event_max_ns = b->u.b.event_max_ns;
	block->incarnation = b->incarnation;
	if (block->first < reader->want)
		sk_reader_drop(block, reader->want - block->first);
}

int
sk_reader_next(struct sk_reader *reader, struct sk_reader_block *block)
{
	struct sk_trail *trail = &reader->trail;
	const struct sk_frame *b = &trail->walk.frame;
	uint64_t end;
	int got;

	while ((got = sk_trail_next(trail)) > 0) {
		end = b->offset + b->u.b.span;
		if (!wanted(reader, b)) {
			if (end > reader->want)
				reader->want = end;
			continue;
		}
		got = unpack(reader);
		if (got == SK_EDATA) {
			got = sk_trail_bad_data(trail);
			if (got > 0)
				continue;
			break;
		}
		if (got < 0)
			break;
		fill(reader, block);
		reader->want = end;
		sk_trail_taken(trail);
		return 1;
	}
	if (got == 0 && sk_trail_offset(trail) > reader->want)
		reader->want = sk_trail_offset(trail);
	return got;
}

int
sk_reader_wait(struct sk_reader *reader, struct pollfd *fds, size_t n,
    int timeout_ms)
{
	unsigned why;

	sk_trace("reader-wait", "next=%" PRIu64, reader->want);
	return sk_watch_wait(&reader->watch, fds, n, timeout_ms < 0 ? -1 :
	    (int64_t)timeout_ms * 1000000, &why);
}

/* ---- looking elsewhere ---- */

/* A second reader of the same log that tells nothing. */
static int
open_probe(const struct sk_reader *reader, struct sk_reader **probe)
{
	const struct sk_reader_opts opts = {
		.skip_damaged = reader->trail.skip_damaged,
		.skip_removed = true
	};

	return sk_reader_open(probe, reader->trail.topic, &opts, NULL,
	    reader->trail.diag);
}

/* Is the newest segment sealed?  1 and its end; 0. */
static int
sealed_end(struct sk_reader *probe, uint64_t base, uint64_t *next)
{
	char *path = sk_segment_path(probe->trail.topic, base);
	int fd = sk_sys_open(path, O_RDONLY, 0);
	struct sk_frame x;
	struct stat st;
	int got = 0;

	if (fd >= 0) {
		if (sk_sys_fstat(fd, &st) == 0)
			got = sk_index_load(&probe->trail.index, fd,
			    (uint64_t)st.st_size, &x) == 1 &&
			    x.u.x.first_offset == base;
		sk_sys_close(fd);
	}
	if (got)
		*next = x.offset;
	free(path);
	return got;
}

/* Walk the headers to the end; the data of the last block may be in the
 * making. */
static int
walked_end(struct sk_reader *probe, uint64_t *next)
{
	struct sk_trail *trail = &probe->trail;
	struct sk_walk *walk = &trail->walk;
	struct sk_chain before = { 0 };
	uint64_t last_pos = 0;
	int got;

	while ((got = sk_trail_next(trail)) > 0) {
		before = trail->before;
		last_pos = walk->frame_pos;
	}
	*next = sk_trail_offset(trail);
	if (got < 0 || last_pos == 0 || trail->fd < 0)
		return got;
	walk->frame_pos = last_pos;
	trail->before = before;
	sk_trail_back(trail);
	trail->done = false;
	got = sk_trail_next(trail);
	if (got <= 0)
		return got;
	got = unpack(probe);
	if (got == SK_EDATA) {
		*next = walk->frame.offset;
		got = 0;
	}
	return got;
}

int
sk_reader_end(struct sk_reader *reader, uint64_t *next)
{
	const struct sk_listing *listing;
	struct sk_reader *probe;
	uint64_t base;
	int err = open_probe(reader, &probe);

	*next = 0;
	if (err != 0)
		return err;
	listing = &probe->trail.listing;
	if (listing->n_segments > 0) {
		base = listing->bases[listing->n_segments - 1];
		probe->want = base;
		if (!sealed_end(probe, base, next)) {
			aim(probe, base);
			err = walked_end(probe, next);
		}
	}
	sk_reader_close(probe);
	return err;
}

int
sk_reader_incarnation(struct sk_reader *reader, uint64_t offset,
    uint64_t *incarnation)
{
	struct sk_reader *probe;
	const struct sk_frame *b;
	int got = open_probe(reader, &probe);

	if (got != 0)
		return got;
	b = &probe->trail.walk.frame;
	got = sk_reader_seek_offset(probe, offset);
	if (got == 0)
		do
			got = sk_trail_next(&probe->trail);
		while (got > 0 && b->offset + b->u.b.span <= offset);
	if (got > 0) {
		got = b->offset <= offset;
		*incarnation = b->incarnation;
	}
	sk_reader_close(probe);
	return got;
}

/* ---- parts of a block ---- */

/* The length of the first n lines. */
static size_t
lines_len(const struct sk_reader_block *block, uint64_t n)
{
	const char *at = block->bytes, *end = block->bytes + block->nbytes;

	for (; n > 0 && at < end; n--) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at == NULL ? end : at + 1;
	}
	return (size_t)(at - block->bytes);
}

void
sk_reader_drop(struct sk_reader_block *block, uint64_t n)
{
	size_t len = lines_len(block, n);

	block->bytes += len;
	block->nbytes -= len;
	block->first += n;
	block->count -= n;
}

void
sk_reader_keep(struct sk_reader_block *block, uint64_t n)
{
	if (n >= block->count)
		return;
	block->nbytes = lines_len(block, n);
	block->count = n;
}
