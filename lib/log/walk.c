#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/block.h"
#include "log/walk.h"

enum {
	AHEAD_HEADS = 4096,  /* holds nearly every header whole */
	AHEAD_DATA = 262144,
	AT_SALT = 16
};

/* ---- the rules ---- */

static const char *
chain_begin(struct sk_chain *chain, const struct sk_frame *s)
{
	if (s->durable_pos != 0)
		return "durable_pos of a segment header is not 0";
	chain->salt = s->salt;
	chain->incarnation = s->incarnation;
	chain->base = s->offset;
	chain->offset = s->offset;
	chain->topic_seq = s->topic_seq;
	chain->durable_pos = 0;
	chain->clock_ns = s->clock_ns;
	chain->repacked = (s->flags & SK_S_REPACKED) != 0;
	return NULL;
}

static const char *
check_durable(const struct sk_chain *chain, const struct sk_frame *frame,
    uint64_t pos)
{
	bool exact = chain->repacked || frame->type == 'E' ||
	    frame->type == 'X' ||
	    (frame->type == 'P' && frame->flags == SK_P_IDLE);

	if (frame->durable_pos < chain->durable_pos)
		return "durable_pos falls";
	if (frame->durable_pos > pos || (exact && frame->durable_pos != pos))
		return "durable_pos is not its own position";
	return NULL;
}

static const char *
check_x(const struct sk_chain *chain, const struct sk_frame *x)
{
	if (x->u.x.first_offset != chain->base)
		return "index of another segment";
	if (x->clock_ns != chain->clock_ns)
		return "clock of the index is wrong";
	return NULL;
}

static const char *
check_next(const struct sk_chain *chain, const struct sk_frame *frame,
    uint64_t pos)
{
	if (frame->type == 'S')
		return "a second segment header";
	if (frame->salt != chain->salt)
		return "salt of another segment";
	if (chain->incarnation != 0 &&
	    frame->incarnation != chain->incarnation &&
	    !(frame->type == 'P' && frame->flags == SK_P_OPENED))
		return "incarnation of another writer";
	if (frame->offset != chain->offset)
		return "offset is not the next";
	if (frame->topic_seq < chain->topic_seq ||
	    (!chain->repacked && frame->topic_seq != chain->topic_seq))
		return "topic_seq is not the next";
	if (frame->clock_ns < chain->clock_ns)
		return "clock falls";
	if (frame->type == 'X' && check_x(chain, frame) != NULL)
		return check_x(chain, frame);
	return check_durable(chain, frame, pos);
}

const char *
sk_chain_add(struct sk_chain *chain, const struct sk_frame *frame,
    uint64_t pos)
{
	const char *why;

	if (pos == 0)
		return frame->type == 'S' ? chain_begin(chain, frame) :
		    "no segment header";
	why = check_next(chain, frame, pos);
	if (why != NULL)
		return why;
	chain->incarnation = frame->incarnation;
	chain->topic_seq = frame->topic_seq;
	chain->durable_pos = frame->durable_pos;
	chain->clock_ns = frame->clock_ns;
	if (frame->type == 'B') {
		chain->offset += frame->u.b.span;
		chain->topic_seq++;
	}
	return NULL;
}

const char *
sk_chain_follows(const struct sk_chain *end, const struct sk_frame *s)
{
	if (s->offset != end->offset)
		return "records are missing between the segments";
	if (s->u.s.prev_base != end->base || s->u.s.prev_salt != end->salt)
		return "it follows another segment";
	if (s->topic_seq < end->topic_seq ||
	    (!end->repacked && s->topic_seq != end->topic_seq))
		return "topic_seq is not the next";
	if (s->clock_ns < end->clock_ns)
		return "clock falls";
	return NULL;
}

/* ---- reading ---- */

int
sk_walk_refresh(struct sk_walk *walk)
{
	struct stat st;

	if (sk_sys_fstat(walk->fd, &st) != 0)
		return SK_ESYS;
	walk->size = (uint64_t)st.st_size;
	walk->stop = SK_WALK_ON;
	sk_buf_reset(&walk->win);
	return 0;
}

int
sk_walk_open(struct sk_walk *walk, int fd, unsigned flags,
    struct sk_index *index)
{
	memset(walk, 0, sizeof(*walk));
	walk->fd = fd;
	walk->flags = flags;
	walk->index = index;
	if (index != NULL)
		sk_index_reset(index);
	return sk_walk_refresh(walk);
}

int
sk_walk_open_at(struct sk_walk *walk, int fd, unsigned flags, uint64_t pos,
    const struct sk_chain *chain)
{
	memset(walk, 0, sizeof(*walk));
	walk->fd = fd;
	walk->flags = flags;
	walk->pos = pos;
	walk->chain = *chain;
	return sk_walk_refresh(walk);
}

void
sk_walk_close(struct sk_walk *walk)
{
	free(walk->ended_inc);
	sk_buf_free(&walk->head);
	sk_buf_free(&walk->win);
	sk_buf_free(&walk->raw);
	sk_zstd_free(&walk->zstd);
	memset(walk, 0, sizeof(*walk));
	walk->fd = -1;
}

/*
 * Bring [pos, pos + need) into the window: 1 with *at pointing to it, 0 if the
 * file is shorter, SK_ESYS.
 */
static int
fill(struct sk_walk *walk, uint64_t pos, size_t need, const char **at)
{
	size_t ahead = walk->flags != 0 ? AHEAD_DATA : AHEAD_HEADS, len, got;
	int err;

	if (pos > walk->size || need > walk->size - pos)
		return 0;
	if (pos >= walk->win_pos && walk->win.len >= need &&
	    pos - walk->win_pos <= walk->win.len - need) {
		*at = walk->win.ptr + (pos - walk->win_pos);
		return 1;
	}
	len = need > ahead ? need : ahead;
	if (len > walk->size - pos)
		len = (size_t)(walk->size - pos);
	sk_buf_reset(&walk->win);
	sk_buf_reserve(&walk->win, len);
	walk->win_pos = pos;
	err = sk_file_pread(walk->fd, walk->win.ptr, len, pos, &got);
	if (err != 0)
		return err;
	walk->win.len = got;
	*at = walk->win.ptr;
	return got >= need;
}

/* Stop here; the bytes read may be others when the walk is taken up again. */
static int
stop(struct sk_walk *walk, enum sk_walk_stop how, const char *why)
{
	walk->stop = how;
	walk->why = why;
	sk_buf_reset(&walk->win);
	return 0;
}

/* Copy the frame at `pos` into head: 1, 0 (stopped), SK_ESYS. */
static int
take_head(struct sk_walk *walk)
{
	const char *at = NULL;
	size_t len;
	int got;

	if (walk->pos == walk->size)
		return stop(walk, SK_WALK_END, NULL);
	got = fill(walk, walk->pos, SK_FRAME_PROBE, &at);
	if (got <= 0)
		return got < 0 ? got :
		    stop(walk, SK_WALK_SHORT, "cut inside a header");
	len = sk_frame_probe(at);
	if (len == 0)
		return stop(walk, SK_WALK_BAD, "no frame begins here");
	got = fill(walk, walk->pos, len, &at);
	if (got <= 0)
		return got < 0 ? got :
		    stop(walk, SK_WALK_SHORT, "cut inside a header");
	sk_buf_reset(&walk->head);
	sk_buf_add(&walk->head, at, len);
	return 1;
}

/* What this version does not read, though it is valid. */
static bool
is_newer(const struct sk_frame *frame)
{
	struct sk_tlv tlv;

	switch (frame->type) {
	case 'S':
		return frame->u.s.partitions != 1;
	case 'B':
		return (frame->flags & SK_B_TXN) != 0 ||
		    sk_tlv_find(frame->tlvs, SK_TLV_DELTAS, &tlv) ||
		    sk_tlv_find(frame->tlvs, SK_TLV_SEQRUNS, &tlv);
	case 'C':
		return true;
	default:
		return false;
	}
}

/* Decode head: 1, 0 (stopped), SK_EVERSION. */
static int
decode(struct sk_walk *walk)
{
	int err = sk_frame_decode(walk->head.ptr, walk->head.len,
	    &walk->frame);

	if (err == SK_EDATA)
		return stop(walk, SK_WALK_BAD, "header damaged");
	if (walk->pos > 0 && walk->frame.salt != walk->chain.salt)
		return stop(walk, SK_WALK_BAD, "salt of another segment");
	if (err == SK_EVERSION || is_newer(&walk->frame)) {
		stop(walk, SK_WALK_BAD, "needs a newer version");
		return SK_EVERSION;
	}
	return 1;
}

/* ---- data frames ---- */

/* Is the data frame at pos what B says?  1 with *same, 0 if the file is too
 * short, SK_ESYS. */
static int
hash_data(struct sk_walk *walk, const struct sk_frame *b, uint64_t pos,
    bool *same)
{
	size_t left = b->u.b.comp_len, part;
	struct sk_hasher hasher;
	const char *at = NULL;
	int got;

	sk_hasher_init(&hasher);
	for (; left > 0; left -= part, pos += part) {
		part = left < AHEAD_DATA ? left : AHEAD_DATA;
		got = fill(walk, pos, part, &at);
		if (got <= 0)
			return got;
		sk_hasher_add(&hasher, at, part);
	}
	*same = sk_hasher_value(&hasher) == b->u.b.comp_hash;
	return 1;
}

static int
check_data(struct sk_walk *walk)
{
	bool same = false;
	int got = hash_data(walk, &walk->frame, walk->data_pos, &same);

	if (got < 0)
		return got;
	if (got == 0)
		return stop(walk, SK_WALK_SHORT, "cut inside a block");
	return same ? 1 : stop(walk, SK_WALK_BAD, "block damaged");
}

static int
unpack_data(struct sk_walk *walk)
{
	const char *at = NULL, *why = NULL;
	int got, err;

	got = fill(walk, walk->data_pos, walk->frame.u.b.comp_len, &at);
	if (got <= 0)
		return got < 0 ? got :
		    stop(walk, SK_WALK_SHORT, "cut inside a block");
	err = sk_block_unpack(&walk->zstd, &walk->frame, at,
	    walk->frame.u.b.comp_len, &walk->raw, &why);
	return err == 0 ? 1 : stop(walk, SK_WALK_BAD, why);
}

/* The block whose B is in walk->frame: 1, 0 (stopped), SK_ESYS. */
static int
check_block(struct sk_walk *walk)
{
	uint64_t end = walk->data_pos + walk->frame.u.b.comp_len;
	const char *at = NULL;
	int got = 1;

	if (end > walk->size)
		return stop(walk, SK_WALK_SHORT, "cut inside a block");
	if (walk->flags & SK_WALK_DEEP)
		got = unpack_data(walk);
	else if (walk->flags & SK_WALK_DATA)
		got = check_data(walk);
	if (got <= 0 || walk->index == NULL)
		return got;
	if (walk->frame.u.b.comp_len < 4)
		return stop(walk, SK_WALK_BAD, "block damaged");
	got = fill(walk, end - 4, 4, &at);
	if (got <= 0)
		return got < 0 ? got :
		    stop(walk, SK_WALK_SHORT, "cut inside a block");
	sk_index_add_block(walk->index, &walk->frame, sk_get32(at));
	return 1;
}

/* X counts only with a table that ends the file: 1, 0 (stopped), or error. */
static int
check_seal(struct sk_walk *walk)
{
	struct sk_index loaded = { 0 };
	struct sk_frame x;
	int got;

	got = sk_index_load(&loaded, walk->fd, walk->size, &x);
	if (got == 1 && loaded.pos != walk->pos)
		got = SK_EDATA;
	if (got == 1 && walk->index != NULL &&
	    (!sk_index_agrees(walk->index, &walk->frame) ||
	    !sk_view_equal(sk_view(loaded.table.ptr, loaded.table.len),
	    sk_view(walk->index->table.ptr, walk->index->table.len))))
		got = SK_EDATA;
	sk_index_free(&loaded);
	if (got == 0)
		return stop(walk, SK_WALK_SHORT, "cut inside the index");
	if (got == SK_EDATA)
		return stop(walk, SK_WALK_BAD, "index damaged");
	return got;
}

static void
note_ended(struct sk_walk *walk, uint64_t incarnation)
{
	if (incarnation == 0 || incarnation == walk->frame.incarnation)
		return;
	walk->ended_inc = sk_xrealloc(walk->ended_inc,
	    walk->n_ended_inc + 1, sizeof(*walk->ended_inc));
	walk->ended_inc[walk->n_ended_inc++] = incarnation;
}

/* Behind the header, by type: 1, 0 (stopped), or error. */
static int
check_rest(struct sk_walk *walk)
{
	if (walk->frame.type == 'B')
		return check_block(walk);
	if (walk->frame.type == 'X')
		return check_seal(walk);
	if (walk->index != NULL)
		sk_index_add_frame(walk->index, walk->frame.len);
	return 1;
}

int
sk_walk_next(struct sk_walk *walk)
{
	struct sk_chain chain = walk->chain;
	const char *why;
	int got;

	walk->stop = SK_WALK_ON;
	got = take_head(walk);
	if (got == 1)
		got = decode(walk);
	if (got <= 0)
		return got;
	why = sk_chain_add(&chain, &walk->frame, walk->pos);
	if (why != NULL)
		return stop(walk, SK_WALK_BAD, why);
	walk->data_pos = walk->pos + walk->frame.len;
	got = check_rest(walk);
	if (got <= 0)
		return got;

	note_ended(walk, walk->pos > 0 ? walk->chain.incarnation : 0);
	walk->chain = chain;
	walk->frame_pos = walk->pos;
	walk->pos += walk->frame.len;
	if (walk->frame.type == 'B')
		walk->pos += walk->frame.u.b.comp_len;
	if (walk->frame.type == 'X') {
		walk->sealed = true;
		walk->pos = walk->size;
	}
	walk->ended = walk->frame.type == 'E' || walk->frame.type == 'X';
	return 1;
}

int
sk_walk_data(struct sk_walk *walk, struct sk_view *data)
{
	const char *at = NULL;
	int got = fill(walk, walk->data_pos, walk->frame.u.b.comp_len, &at);

	if (got <= 0)
		return got < 0 ? got : SK_EDATA;
	*data = sk_view(at, walk->frame.u.b.comp_len);
	return 0;
}

/* ---- behind the first invalid thing ---- */

static bool
is_ended(const struct sk_walk *walk, uint64_t incarnation)
{
	size_t i;

	for (i = 0; i < walk->n_ended_inc; i++)
		if (walk->ended_inc[i] == incarnation)
			return true;
	return false;
}

/* A B behind the damage: its records count as readable if its data is whole.
 * 0 or SK_ESYS. */
static int
take_block(struct sk_walk *walk, const struct sk_frame *b, uint64_t pos,
    struct sk_beyond *beyond)
{
	uint64_t end = b->offset + b->u.b.span;
	bool whole = false;
	int got;

	if (end > beyond->end_offset)
		beyond->end_offset = end;
	got = hash_data(walk, b, pos + b->len, &whole);
	if (got < 0 || !whole)
		return got < 0 ? got : 0;
	if (beyond->readable_end == 0 || b->offset < beyond->readable_first)
		beyond->readable_first = b->offset;
	if (end > beyond->readable_end)
		beyond->readable_end = end;
	return 0;
}

/* Is there a frame at pos?  0 or SK_ESYS. */
static int
try_frame(struct sk_walk *walk, uint64_t pos, struct sk_beyond *beyond)
{
	struct sk_frame frame;
	const char *at = NULL;
	size_t len;
	int got;

	got = fill(walk, pos, SK_FRAME_MIN, &at);
	if (got <= 0)
		return got;
	len = sk_frame_probe(at);
	if (len == 0 || (walk->pos > 0 &&
	    sk_get64(at + AT_SALT) != walk->chain.salt))
		return 0;
	got = fill(walk, pos, len, &at);
	if (got <= 0)
		return got;
	got = sk_frame_decode(at, len, &frame);
	if (got == SK_EDATA)
		return 0;
	beyond->any = true;
	if (walk->pos == 0 || is_ended(walk, frame.incarnation))
		return 0;
	beyond->frames++;
	if (frame.durable_pos > beyond->durable_pos)
		beyond->durable_pos = frame.durable_pos;
	return got == 0 && frame.type == 'B' ?
	    take_block(walk, &frame, pos, beyond) : 0;
}

int
sk_walk_beyond(struct sk_walk *walk, struct sk_beyond *beyond)
{
	static const char magic[4] = { 'S', '*', 'M', '\x18' };
	uint64_t pos = walk->pos;
	const char *at = NULL, *hit;
	size_t part;
	int got;

	memset(beyond, 0, sizeof(*beyond));
	while (pos < walk->size && walk->size - pos >= SK_FRAME_MIN) {
		part = walk->size - pos < AHEAD_HEADS ?
		    (size_t)(walk->size - pos) : AHEAD_HEADS;
		got = fill(walk, pos, part, &at);
		if (got <= 0)
			return got;
		hit = memmem(at, part, magic, sizeof(magic));
		if (hit == NULL) {
			pos += part - (sizeof(magic) - 1);
			continue;
		}
		pos += (uint64_t)(hit - at);
		got = try_frame(walk, pos, beyond);
		if (got < 0)
			return got;
		pos++;
	}
	return 0;
}
