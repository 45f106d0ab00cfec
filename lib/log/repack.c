#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/zstd.h"
#include "log/block.h"
#include "log/frame.h"
#include "log/index.h"
#include "log/repack.h"
#include "log/segment.h"
#include "log/source.h"
#include "log/walk.h"

/*
 * The old segment is walked once.  Blocks gather in `lines` under one header
 * `b` until the next may not be joined; then they leave as one new block.
 * index.pos is the position in the new file: where the next frame goes.
 */
struct repack {
	const struct sk_log_repack *how;
	struct sk_log_repacked *result;
	struct sk_diag *diag;
	char *path, *tmp;
	int from, to;
	bool made; /* tmp is there */
	struct sk_zstd zstd;
	struct sk_index index; /* of the new file */
	bool gathering;
	struct sk_frame b;     /* of the block that gathers */
	bool closed;           /* ... and takes no more */
	struct sk_buf lines;
	struct sk_buf tlvs;
	struct sk_sources sources;
	struct sk_buf out, data, raw;
	struct sk_hasher hasher; /* of the old lines */
	struct sk_frame x;       /* of the old file */
	int64_t clock_ns;        /* of the last frame in the new one */
};

static int
failed(struct repack *r, int err, const char *path, uint64_t pos,
    const char *why)
{
	if (err == SK_ESYS)
		return sk_diag_sys(r->diag, "%s", path);
	if (err == SK_EVERSION)
		return sk_diag_set(r->diag, err, "%s: needs a newer version",
		    path);
	return sk_diag_set(r->diag, SK_EDATA, "%s: %s at %" PRIu64, path,
	    why != NULL ? why : "damaged", pos);
}

static int
put(struct repack *r)
{
	int err = sk_file_write(r->to, r->out.ptr, r->out.len, NULL);

	sk_buf_reset(&r->out);
	return err == 0 ? 0 : failed(r, err, r->tmp, 0, NULL);
}

/* A frame that stays as it is but for its position. */
static int
put_frame(struct repack *r, struct sk_frame *frame)
{
	frame->durable_pos = r->index.pos;
	r->clock_ns = frame->clock_ns;
	sk_frame_encode(frame, &r->out);
	sk_index_add_frame(&r->index, frame->len);
	return put(r);
}

static int
put_block(struct repack *r)
{
	uint32_t checksum;
	size_t i;

	if (!r->gathering)
		return 0;
	r->gathering = false;
	for (i = 0; i < r->sources.n; i++)
		sk_source_add(&r->tlvs, &r->sources.item[i]);
	sk_sources_free(&r->sources);
	sk_block_pack(&r->zstd, r->how->level, r->lines.ptr, r->lines.len,
	    r->b.u.b.records, &r->b, &r->data, &checksum);
	r->b.durable_pos = r->index.pos;
	r->clock_ns = r->b.clock_ns;
	r->b.tlvs = sk_view(r->tlvs.ptr, r->tlvs.len);
	sk_frame_encode(&r->b, &r->out);
	sk_buf_add(&r->out, r->data.ptr, r->data.len);
	sk_index_add_block(&r->index, &r->b, checksum);
	sk_buf_reset(&r->lines);
	sk_buf_reset(&r->tlvs);
	r->result->blocks_after++;
	return put(r);
}

/* Has the block facts that do not survive being joined? */
static bool
alone(const struct sk_frame *b)
{
	struct sk_view rest = b->tlvs;
	struct sk_tlv tlv;

	while (sk_tlv_next(&rest, &tlv) > 0)
		if (tlv.type != SK_TLV_SOURCE)
			return true;
	return false;
}

/* Incarnations are kept apart by the P between them. */
static bool
joins(const struct repack *r, const struct sk_frame *next)
{
	const struct sk_frame *b = &r->b;

	if (!r->gathering || r->closed || alone(next))
		return false;
	if (b->u.b.producer_id != next->u.b.producer_id)
		return false;
	if (b->u.b.producer_id != 0 && next->u.b.producer_seq !=
	    b->u.b.producer_seq + b->u.b.records)
		return false;
	if (r->lines.len + next->u.b.raw_len > r->how->block_bytes)
		return false;
	return b->u.b.records + next->u.b.records <= SK_BLOCK_RECORDS_MAX;
}

/* No event time in one of them is none in the whole: it could be any. */
static void
join_times(struct sk_frame *b, const struct sk_frame *next)
{
	if (b->u.b.event_min_ns == SK_NO_TIME ||
	    next->u.b.event_min_ns == SK_NO_TIME) {
		b->u.b.event_min_ns = SK_NO_TIME;
		b->u.b.event_max_ns = SK_NO_TIME;
		return;
	}
	if (next->u.b.event_min_ns < b->u.b.event_min_ns)
		b->u.b.event_min_ns = next->u.b.event_min_ns;
	if (next->u.b.event_max_ns > b->u.b.event_max_ns)
		b->u.b.event_max_ns = next->u.b.event_max_ns;
}

/* The last position of each source; it began where the first block says. */
static int
join_sources(struct repack *r, struct sk_view tlvs)
{
	struct sk_source source;
	const struct sk_source *known;
	uint64_t start;
	struct sk_tlv tlv;

	while (sk_tlv_next(&tlvs, &tlv) > 0) {
		if (tlv.type != SK_TLV_SOURCE)
			continue;
		if (sk_source_decode(tlv.value, &source) != 0)
			return SK_EDATA;
		known = sk_sources_find(&r->sources, source.id);
		start = known != NULL ? known->start_pos : source.start_pos;
		if (sk_sources_put(&r->sources, &source) != 0)
			return SK_EDATA;
		sk_sources_find(&r->sources, source.id)->start_pos = start;
	}
	return 0;
}

static int
take_block(struct repack *r, const struct sk_frame *b)
{
	int err;

	if (joins(r, b)) {
		join_times(&r->b, b);
		r->b.u.b.records += b->u.b.records;
		r->b.clock_ns = b->clock_ns;
	} else {
		err = put_block(r);
		if (err != 0)
			return err;
		r->b = *b;
		r->gathering = true;
		r->closed = alone(b);
	}
	r->b.flags |= b->flags;
	r->closed |= (b->flags & SK_B_SYNTHETIC_NL) != 0;
	sk_buf_add(&r->lines, r->raw.ptr, r->raw.len);
	if (!alone(b))
		return join_sources(r, b->tlvs);
	sk_buf_view(&r->tlvs, b->tlvs);
	return 0;
}

static int
take(struct repack *r, struct sk_walk *walk)
{
	struct sk_frame frame = walk->frame;
	struct sk_view data;
	const char *why = "damaged";
	int err;

	switch (frame.type) {
	case 'S':
		frame.flags |= SK_S_REPACKED;
		return put_frame(r, &frame);
	case 'B':
		err = sk_walk_data(walk, &data);
		if (err == 0)
			err = sk_block_unpack(&r->zstd, &frame, data.ptr,
			    data.len, &r->raw, &why);
		if (err != 0)
			return failed(r, err, r->path, walk->frame_pos, why);
		sk_hasher_add(&r->hasher, r->raw.ptr, r->raw.len);
		r->result->blocks_before++;
		return take_block(r, &frame);
	case 'P':
		/* A frame that goes leaves what it says of the sources to
		 * the block before it, or behind it. */
		if (frame.flags != SK_P_OPENED)
			return join_sources(r, frame.tlvs);
		err = put_block(r);
		return err != 0 ? err : put_frame(r, &frame);
	case 'X':
		r->x = frame;
		return put_block(r);
	default:
		return 0;
	}
}

static int
rewrite(struct repack *r)
{
	struct sk_index old = { 0 };
	struct sk_walk walk;
	int got, err;

	err = sk_walk_open(&walk, r->from, 0, &old);
	if (err != 0)
		return failed(r, err, r->path, 0, NULL);
	while (err == 0 && (got = sk_walk_next(&walk)) != 0)
		err = got < 0 ? failed(r, got, r->path, walk.pos, walk.why)
		    : take(r, &walk);
	if (err == 0 && !(walk.sealed && walk.stop == SK_WALK_END))
		err = failed(r, SK_EDATA, r->path, walk.pos, walk.why);
	sk_walk_close(&walk);
	sk_index_free(&old);
	if (err != 0)
		return err;
	r->x.clock_ns = r->clock_ns;
	sk_index_seal(&r->index, &r->x, &r->out);
	return put(r);
}

/* Read the new file back: frame by frame as any reader would, the same end,
 * and lines that hash to the same. */
static int
verify(struct repack *r)
{
	struct sk_index index = { 0 };
	struct sk_hasher hasher;
	struct sk_walk walk;
	struct sk_view data;
	int got = 0, err;

	sk_hasher_init(&hasher);
	err = sk_walk_open(&walk, r->to, 0, &index);
	while (err == 0 && (got = sk_walk_next(&walk)) > 0) {
		if (walk.frame.type != 'B')
			continue;
		err = sk_walk_data(&walk, &data);
		if (err == 0)
			err = sk_block_unpack(&r->zstd, &walk.frame, data.ptr,
			    data.len, &r->raw, NULL);
		if (err == 0)
			sk_hasher_add(&hasher, r->raw.ptr, r->raw.len);
	}
	if (err == 0)
		err = got;
	if (err == SK_ESYS)
		sk_diag_sys(r->diag, "%s", r->tmp);
	else if (err != 0 || !walk.sealed || walk.stop != SK_WALK_END ||
	    walk.chain.offset != r->x.offset ||
	    sk_hasher_value(&hasher) != sk_hasher_value(&r->hasher))
		err = sk_diag_set(r->diag, SK_EDATA,
		    "%s: does not hold the same lines, not used", r->tmp);
	r->result->nbytes_after = walk.size;
	sk_walk_close(&walk);
	sk_index_free(&index);
	return err;
}

static int
replace(struct repack *r)
{
	int fd = r->to;

	if (r->result->nbytes_after >= r->result->nbytes_before)
		return 0;
	if (sk_sys_fsync(fd) != 0)
		return failed(r, SK_ESYS, r->tmp, 0, NULL);
	r->to = -1;
	if (sk_sys_close(fd) != 0)
		return failed(r, SK_ESYS, r->tmp, 0, NULL);
	if (sk_file_rename(r->tmp, r->path) != 0)
		return failed(r, SK_ESYS, r->path, 0, NULL);
	r->made = false;
	r->result->done = true;
	return 0;
}

/* Is the segment sealed, not the newest, and worth it? */
static int
worth(struct repack *r, const char *dir, uint64_t base, bool *yes)
{
	struct sk_listing listing = { 0 };
	struct sk_frame x, s;
	struct stat st;
	uint64_t mean;
	int err;

	*yes = false;
	/* What a P in the newest segment says of the sources is nowhere else
	 * yet, and P frames go. */
	err = sk_listing_load(&listing, dir, r->diag);
	if (err != 0)
		return err;
	if (listing.n_segments == 0 ||
	    listing.bases[listing.n_segments - 1] == base)
		goto out;
	if (sk_sys_fstat(r->from, &st) != 0) {
		err = failed(r, SK_ESYS, r->path, 0, NULL);
		goto out;
	}
	r->result->nbytes_before = (uint64_t)st.st_size;
	err = sk_index_load(&r->index, r->from, (uint64_t)st.st_size, &x);
	if (err < 0) {
		err = failed(r, err, r->path, 0, "index damaged");
		goto out;
	}
	if (err == 0 || r->index.n < 2)
		goto out;
	err = sk_segment_head(r->from, &r->data, &s);
	if (err != 0) {
		err = failed(r, err, r->path, 0, "segment header damaged");
		goto out;
	}
	mean = r->index.raw_bytes / r->index.n;
	*yes = r->how->below_bytes == 0 || (mean < r->how->below_bytes &&
	    (s.flags & SK_S_REPACKED) == 0);
out:
	sk_index_reset(&r->index);
	sk_listing_free(&listing);
	return err < 0 ? err : 0;
}

static void
release(struct repack *r)
{
	int keep = errno;

	if (r->to >= 0)
		sk_sys_close(r->to);
	if (r->made)
		sk_sys_unlink(r->tmp);
	if (r->from >= 0)
		sk_sys_close(r->from);
	sk_zstd_free(&r->zstd);
	sk_index_free(&r->index);
	sk_sources_free(&r->sources);
	sk_buf_free(&r->lines);
	sk_buf_free(&r->tlvs);
	sk_buf_free(&r->out);
	sk_buf_free(&r->data);
	sk_buf_free(&r->raw);
	free(r->path);
	free(r->tmp);
	errno = keep;
}

static char *
new_path(const char *dir, uint64_t base)
{
	struct sk_buf name = { 0 };
	char *path;

	sk_buf_fmt(&name, ".new-%020" PRIu64, base);
	path = sk_topic_path(dir, sk_buf_cstr(&name));
	sk_buf_free(&name);
	return path;
}

int
sk_log_repack_segment(const char *dir, uint64_t base,
    const struct sk_log_repack *how, struct sk_log_repacked *result,
    struct sk_diag *diag)
{
	static const struct sk_log_repack usual = SK_LOG_REPACK_DEFAULT;
	struct repack r = { .how = how != NULL ? how : &usual,
		.result = result, .diag = diag, .from = -1, .to = -1 };
	bool yes;
	int err;

	memset(result, 0, sizeof(*result));
	r.path = sk_segment_path(dir, base);
	r.tmp = new_path(dir, base);
	sk_hasher_init(&r.hasher);
	r.from = sk_sys_open(r.path, O_RDONLY, 0);
	if (r.from < 0) {
		err = failed(&r, SK_ESYS, r.path, 0, NULL);
		goto out;
	}
	err = worth(&r, dir, base, &yes);
	if (err != 0 || !yes)
		goto out;
	r.to = sk_sys_open(r.tmp, O_RDWR | O_CREAT | O_TRUNC, 0666);
	if (r.to < 0) {
		err = failed(&r, SK_ESYS, r.tmp, 0, NULL);
		goto out;
	}
	r.made = true;
	err = rewrite(&r);
	if (err == 0)
		err = verify(&r);
	if (err == 0)
		err = replace(&r);
out:
	release(&r);
	return err;
}
