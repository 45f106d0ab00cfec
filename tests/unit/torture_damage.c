/*
 * Damage.  Of a small log every bit is flipped, every byte deleted and
 * doubled, the file cut at every byte, ranges zeroed, blocks swapped, removed
 * and doubled, segments swapped, renamed and exchanged with another topic's,
 * and some bytes overwritten at random.  Each time the log is read, read with
 * skip_damaged, read from the middle, checked, and recovered:
 *
 *   never a wrong line; what is read is a prefix of the truth
 *   where a record is concerned the reader and recovery refuse (SK_EDATA), if
 *   an end mark or an idle mark stands behind; recovery then changes nothing
 *   sk-log check never says that all is well
 *   a newest segment cut anywhere keeps exactly the whole blocks before
 *
 *	torture_damage [SEED [CASE TITLE]]    SK_LONG=1: all of it, and more
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "libmemfs.h"
#include "librig.h"
#include "log/check.h"
#include "log/reader.h"

enum { FRAMES = 400 };

struct piece {
	char type; /* S B P E X, D a data frame, T the seek table */
	size_t pos, len;
	uint64_t records; /* of B */
};

struct world {
	const struct rig_args *args;
	const char *title;
	struct memfs_tape *tape;
	char path[64];      /* of the damaged segment */
	struct sk_buf file; /* its bytes */
	struct piece piece[FRAMES];
	size_t n_pieces;
	uint64_t first;     /* offset of its first record */
	uint64_t lines;     /* of the whole log */
	bool newest;
	bool sealed;
	bool marked;        /* an E or P at its end, or a seal, says so */
	bool cut;           /* the damage is a cut at pos */
	bool proven;        /* marked, and the mark was not hit */
	bool concerned;     /* a record was hit */
	uint64_t step;      /* every how many-th damage is tried */
	/* Put the damaged bytes together; *pos is where it begins. */
	void (*damage)(const struct world *world, uint64_t number,
	    struct sk_buf *bytes, size_t *pos);
};

/* ---- the pieces of the file, found from outside ---- */

static void
take_apart(struct world *w)
{
	const char *bytes = w->file.ptr;
	size_t pos = 0, data = 0;

	while (pos < w->file.len) {
		struct piece *p = &w->piece[w->n_pieces++];

		sk_assert(w->n_pieces < FRAMES);
		p->pos = pos;
		p->records = 0;
		if (data > 0) {
			p->type = 'D';
			p->len = data;
			data = 0;
		} else if (sk_get32(bytes + pos) == 0x184D2A5E) {
			p->type = 'T';
			p->len = 8 + sk_get32(bytes + pos + 4);
		} else {
			sk_assert(sk_get32(bytes + pos) == 0x184D2A53);
			p->type = bytes[pos + 12];
			p->len = 8 + sk_get32(bytes + pos + 4);
			if (p->type == 'B') {
				p->records = sk_get32(bytes + pos + 96);
				data = sk_get32(bytes + pos + 108);
			}
		}
		pos += p->len;
	}
}

static const struct piece *
piece_at(const struct world *w, size_t pos)
{
	size_t i;

	for (i = 0; i + 1 < w->n_pieces; i++)
		if (pos < w->piece[i + 1].pos)
			break;
	return &w->piece[i];
}

static bool
is_record(const struct world *w, const struct piece *p)
{
	return p->type == 'B' || p->type == 'D' ||
	    (p->type == 'S' && w->newest);
}

/* Is a byte of a record another one than it was, or elsewhere? */
static bool
hit_record(const struct world *w, const struct sk_buf *bytes, size_t pos)
{
	const struct piece *p;
	size_t i;

	for (i = 0; i < w->n_pieces; i++) {
		p = &w->piece[i];
		if (!is_record(w, p) || p->pos + p->len <= pos)
			continue;
		if (bytes->len != w->file.len || memcmp(bytes->ptr + p->pos,
		    w->file.ptr + p->pos, p->len) != 0)
			return true;
	}
	return false;
}

/* Lines of the log in whole blocks that end at or before a position. */
static uint64_t
lines_before(const struct world *w, size_t pos)
{
	uint64_t n = w->first;
	size_t i;

	for (i = 0; i + 1 < w->n_pieces; i++)
		if (w->piece[i].type == 'B' &&
		    w->piece[i + 1].pos + w->piece[i + 1].len <= pos)
			n += w->piece[i].records;
	return n;
}

/* ---- verdicts ---- */

static bool
is_prefix(const struct sk_buf *raw, uint64_t from, uint64_t to)
{
	struct sk_view want = rig_text(from, to);

	return raw->len <= want.len &&
	    (raw->len == 0 || memcmp(raw->ptr, want.ptr, raw->len) == 0) &&
	    (raw->len == 0 || raw->ptr[raw->len - 1] == '\n');
}

static const char *
judge_reader(const struct world *w, size_t pos)
{
	static struct sk_buf raw;
	uint64_t whole;
	int err;

	rig_hush();
	err = rig_read_all(&raw, NULL);
	if (!is_prefix(&raw, 0, w->lines))
		return "the reader gives a wrong line";
	if (err != 0 && err != SK_EDATA)
		return "the reader refuses with another error";
	if (err != 0)
		return rig.diag.text[0] ? NULL : "the reader has no words";
	whole = w->cut && w->newest ? lines_before(w, pos) : w->lines;
	if (w->cut && w->newest && pos < w->piece[0].len)
		whole = w->first;
	if (raw.len != rig_text(0, whole).len && (w->proven || w->cut))
		return "the reader gives another number of lines";
	if (raw.len != rig_text(0, w->lines).len && rig.notices == 0 &&
	    !(w->cut && pos > 0 && piece_at(w, pos - 1)->type == 'E' &&
	    piece_at(w, pos)->pos == pos))
		return "the reader says nothing";
	if (w->proven && !w->cut && w->concerned)
		return "the reader does not refuse";
	return NULL;
}

static const char *
judge_skipping(const struct world *w)
{
	static const struct sk_reader_opts opts = { .skip_damaged = true };
	struct sk_reader_block block;
	struct sk_reader *reader;
	struct sk_view want;
	uint64_t next = 0;
	int err;

	rig_hush();
	err = sk_reader_open(&reader, RIG_TOPIC, &opts, rig_notify(),
	    &rig.diag);
	if (err != 0)
		return err == SK_EDATA ? NULL : "no reader for skipping";
	while ((err = sk_reader_next(reader, &block)) > 0) {
		if (block.first < next || block.first + block.count > w->lines)
			err = -100;
		if (err > 0) {
			want = rig_text(block.first, block.first + block.count);
			next = block.first + block.count;
			if (want.len != block.nbytes ||
			    memcmp(want.ptr, block.bytes, want.len) != 0)
				err = -100;
		}
		if (err < 0)
			break;
	}
	sk_reader_close(reader);
	if (err == -100)
		return "skipping gives a wrong line";
	return err == 0 || err == SK_EDATA ? NULL : "skipping fails";
}

static const char *
judge_middle(const struct world *w)
{
	uint64_t from = (w->first + w->lines) / 2;
	static struct sk_buf raw;
	struct sk_reader_block block;
	struct sk_reader *reader;
	int err;

	rig_hush();
	raw.len = 0;
	err = sk_reader_open(&reader, RIG_TOPIC, NULL, rig_notify(), &rig.diag);
	if (err != 0)
		return err == SK_EDATA ? NULL : "no reader for the middle";
	err = sk_reader_seek_offset(reader, from);
	while (err >= 0 && (err = sk_reader_next(reader, &block)) > 0) {
		if (block.first < from)
			sk_reader_drop(&block, from - block.first);
		sk_buf_add(&raw, block.bytes, block.nbytes);
	}
	sk_reader_close(reader);
	if (err != 0 && err != SK_EDATA)
		return "reading from the middle fails";
	return is_prefix(&raw, from, w->lines) ? NULL :
	    "the middle gives a wrong line";
}

static void
note_finding(void *arg, const struct sk_log_finding *finding)
{
	bool *well = arg;

	if (finding->verdict != SK_CHECK_OK || finding->reason[0] != '\0')
		*well = false;
}

static const char *
judge_check(const struct world *w, size_t pos)
{
	bool well = true;
	int err;

	rig_hush();
	err = sk_log_check(RIG_TOPIC, note_finding, &well, rig_notify(),
	    &rig.diag);
	if (err != 0 && err != 1 && err != SK_EDATA)
		return "check fails";
	if (w->cut && w->newest && pos > 0 &&
	    piece_at(w, pos - 1)->type == 'E' && piece_at(w, pos)->pos == pos)
		return NULL;
	return err == 0 && well ? "check says that all is well" : NULL;
}

static const char *
judge_recovery(const struct world *w, size_t pos)
{
	uint64_t before = memfs_digest(RIG_TOPIC), n = 0, whole;
	const char *wrong;

	rig_hush();
	rig_run_recover(NULL);
	if (rig.err != 0 && rig.err != SK_EDATA)
		return "recovery refuses with another error";
	if (rig.err != 0 && memfs_digest(RIG_TOPIC) != before)
		return "recovery refuses, but changes something";
	if (rig.err != 0)
		return w->cut && w->newest && pos >= w->piece[0].len ?
		    "recovery refuses a cut" : NULL;
	rig.sent = w->lines;
	rig.acked = 0;
	/* Of a sealed segment only the footer is looked at. */
	if (w->sealed && pos < w->piece[w->n_pieces - 2].pos &&
	    !(w->cut && w->newest))
		return NULL;
	wrong = rig_compare(&n);
	if (wrong != NULL)
		return wrong;
	whole = w->cut && w->newest ? lines_before(w, pos) : w->lines;
	if (n != whole && (w->proven || w->cut))
		return "recovery leaves another number of lines";
	if (n != w->lines && rig.notices == 0 && piece_at(w, pos)->pos != pos)
		return "recovery says nothing";
	if (w->proven && !w->cut && w->concerned)
		return "recovery does not refuse";
	return NULL;
}

/* Is the last frame, or in a sealed segment X and the table, another one? */
static bool
hit_mark(const struct world *w, const struct sk_buf *bytes)
{
	size_t len = w->piece[w->n_pieces - 1].len;

	if (w->sealed)
		len += w->piece[w->n_pieces - 2].len;
	return bytes->len < len || memcmp(bytes->ptr + bytes->len - len,
	    w->file.ptr + w->file.len - len, len) != 0;
}

static const char *
one_damage(void *arg, uint64_t number)
{
	static struct sk_buf bytes;
	static char words[1400];
	struct world *w = arg;
	const char *wrong;
	size_t pos = 0;

	rig_forget();
	memfs_boot(w->tape, memfs_tape_points(w->tape), MEMFS_A, 0, 0);
	bytes.len = 0;
	w->damage(w, number * w->step, &bytes, &pos);
	if (bytes.len == w->file.len &&
	    memcmp(bytes.ptr, w->file.ptr, bytes.len) == 0)
		return NULL;
	memfs_put(w->path, bytes.ptr, bytes.len);
	w->concerned = hit_record(w, &bytes, pos);
	w->proven = w->marked && !hit_mark(w, &bytes);
	wrong = judge_reader(w, pos);
	if (wrong == NULL && (number % 4 == 0 || w->args->large))
		wrong = judge_skipping(w);
	if (wrong == NULL && (number % 4 == 1 || w->args->large))
		wrong = judge_middle(w);
	if (wrong == NULL)
		wrong = judge_check(w, pos);
	if (wrong == NULL)
		wrong = judge_recovery(w, pos);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "at %zu of %zu in %c: %s (%s; %.300s)",
	    pos, w->file.len, piece_at(w, pos)->type, wrong, rig.diag.text,
	    rig.said);
	return words;
}

/* ---- kinds of damage ---- */

static void
flip(const struct world *w, uint64_t number, struct sk_buf *bytes, size_t *pos)
{
	*pos = (size_t)(number / 8);
	sk_buf_add(bytes, w->file.ptr, w->file.len);
	bytes->ptr[*pos] = (char)(bytes->ptr[*pos] ^ 1 << number % 8);
}

static void
cut(const struct world *w, uint64_t number, struct sk_buf *bytes, size_t *pos)
{
	*pos = (size_t)number;
	sk_buf_add(bytes, w->file.ptr, *pos);
}

/* Even: without this byte.  Odd: twice this byte. */
static void
shift(const struct world *w, uint64_t number, struct sk_buf *bytes, size_t *pos)
{
	*pos = (size_t)(number / 2);
	sk_buf_add(bytes, w->file.ptr, *pos + number % 2);
	sk_buf_add(bytes, w->file.ptr + *pos + 1 - number % 2,
	    w->file.len - *pos - 1 + number % 2);
	/* Where the files differ: behind a row of equal bytes. */
	while (*pos + 1 < w->file.len && *pos < bytes->len &&
	    w->file.ptr[*pos] == bytes->ptr[*pos])
		++*pos;
}

static void
zero(const struct world *w, uint64_t number, struct sk_buf *bytes, size_t *pos)
{
	size_t len = number % 2 ? 4096 : 512;

	sk_buf_add(bytes, w->file.ptr, w->file.len);
	*pos = (size_t)(number / 2) * 512;
	if (len > bytes->len - *pos)
		len = bytes->len - *pos;
	memset(bytes->ptr + *pos, 0, len);
	while (*pos < w->file.len && bytes->ptr[*pos] == w->file.ptr[*pos])
		++*pos;
}

static void
overwrite(const struct world *w, uint64_t number, struct sk_buf *bytes,
    size_t *pos)
{
	struct sk_rng rng;
	size_t at, len, i, n;

	sk_rng_init(&rng, w->args->seed * 1000003 + number);
	sk_buf_add(bytes, w->file.ptr, w->file.len);
	for (n = 1 + sk_rng_next(&rng) % 3; n > 0; n--) {
		at = (size_t)(sk_rng_next(&rng) % bytes->len);
		len = 1 + (size_t)(sk_rng_next(&rng) % 40);
		for (i = at; i < at + len && i < bytes->len; i++)
			bytes->ptr[i] = (char)sk_rng_next(&rng);
	}
	for (*pos = 0; *pos + 1 < w->file.len; ++*pos)
		if (bytes->ptr[*pos] != w->file.ptr[*pos])
			break;
}

/* The number-th B of the file, and its whole length. */
static size_t
block_at(const struct world *w, uint64_t number, size_t *len)
{
	size_t i;

	for (i = 0; i < w->n_pieces; i++)
		if (w->piece[i].type == 'B' && number-- == 0)
			break;
	sk_assert(i + 1 < w->n_pieces);
	*len = w->piece[i].len + w->piece[i + 1].len;
	return w->piece[i].pos;
}

static uint64_t
count_blocks(const struct world *w)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < w->n_pieces; i++)
		n += w->piece[i].type == 'B';
	return n;
}

/* Block a in place of b and the other way; a == b: removed; a > b: b doubled
 * behind a. */
static void
blocks(const struct world *w, uint64_t number, struct sk_buf *bytes,
    size_t *pos)
{
	uint64_t n = count_blocks(w), a = number / n, b = number % n;
	size_t a_len, b_len, a_pos, b_pos;
	const char *from = w->file.ptr;

	a_pos = block_at(w, a, &a_len);
	b_pos = block_at(w, b, &b_len);
	*pos = a_pos;
	sk_buf_add(bytes, from, a_pos);
	if (a == b) {
		sk_buf_add(bytes, from + a_pos + a_len,
		    w->file.len - a_pos - a_len);
	} else if (a > b) {
		sk_buf_add(bytes, from + b_pos, b_len);
		sk_buf_add(bytes, from + a_pos, w->file.len - a_pos);
	} else {
		sk_buf_add(bytes, from + b_pos, b_len);
		sk_buf_add(bytes, from + a_pos + a_len,
		    b_pos - a_pos - a_len);
		sk_buf_add(bytes, from + a_pos, a_len);
		sk_buf_add(bytes, from + b_pos + b_len,
		    w->file.len - b_pos - b_len);
	}
}

/* ---- worlds ---- */

struct shape {
	const char *title;
	struct rig_append append;
	uint64_t victim; /* which segment */
	bool newest, sealed, marked;
	bool alone; /* the segment behind it, without records, is gone */
	bool share; /* one flip in nine, unless SK_LONG */
};

static const struct shape shapes[] = {
	{ .title = "damage: unsealed, ended",
	    .append = { .sync = "interval:1s", .blocks = 42, .lines = 8,
		.segment_bytes = "100M", .reopen = 15 },
	    .newest = true, .marked = true },
	{ .title = "damage: unsealed, idle mark",
	    .append = { .sync = "block", .blocks = 42, .lines = 8,
		.segment_bytes = "100M", .leave = true },
	    .newest = true, .marked = true, .share = true },
	{ .title = "damage: sealed",
	    .append = { .sync = "interval:1s", .blocks = 62, .lines = 8,
		.segment_bytes = "20000", .reopen = 2 },
	    .sealed = true, .marked = true },
	{ .title = "damage: sealed, the newest",
	    .append = { .sync = "block", .blocks = 9, .lines = 8,
		.segment_bytes = "5000", .reopen = 2, .roll = true },
	    .newest = true, .sealed = true, .alone = true },
	{ .title = "damage: unsealed, killed",
	    .append = { .sync = "none", .blocks = 41, .lines = 8,
		.segment_bytes = "100M", .leave = true },
	    .newest = true, .share = true }
};

static void
drop_newest(void)
{
	char **names, path[64];
	size_t n;

	names = memfs_names(RIG_TOPIC, &n);
	while (n-- > 0 && strstr(names[n], ".zst") == NULL)
		;
	snprintf(path, sizeof path, RIG_TOPIC "/%s", names[n]);
	memfs_delete(path);
	free(names);
}

static void
make_world(struct world *w, const struct shape *shape,
    const struct rig_args *args)
{
	struct sk_view file;
	char **names;
	size_t n, i;
	uint64_t k = 0;

	memset(w, 0, sizeof *w);
	w->args = args;
	rig_forget();
	memfs_reset(args->seed);
	rig_run_append((void *)(uintptr_t)&shape->append);
	sk_assert(rig.err == 0);
	memfs_close_all();
	if (shape->alone)
		drop_newest();
	w->lines = rig.sent;
	w->newest = shape->newest;
	w->sealed = shape->sealed;
	w->marked = shape->marked;
	names = memfs_names(RIG_TOPIC, &n);
	for (i = 0; i < n; i++)
		if (strstr(names[i], ".zst") != NULL && k++ == shape->victim)
			break;
	sk_assert(i < n);
	snprintf(w->path, sizeof w->path, RIG_TOPIC "/%s", names[i]);
	w->first = strtoull(names[i], NULL, 10);
	free(names);
	memfs_get(w->path, &file);
	sk_buf_add(&w->file, file.ptr, file.len);
	take_apart(w);
	memfs_tape_free(memfs_take());
	w->tape = memfs_take();
}

static void
try(struct world *w, const char *shape, const char *how, uint64_t n,
    void (*damage)(const struct world *world, uint64_t number,
    struct sk_buf *bytes, size_t *pos))
{
	char title[100];

	snprintf(title, sizeof title, "%s, %s", shape, how);
	n /= w->step;
	w->damage = damage;
	w->cut = damage == cut;
	rig_result(title, n, rig_each(w->args, title, n, 20000, one_damage, w));
}

static void
run_shape(const struct shape *shape, const struct rig_args *args)
{
	struct world w;
	uint64_t n;

	make_world(&w, shape, args);
	printf("# %s: %zu bytes, %zu frames\n", shape->title, w.file.len,
	    w.n_pieces);
	n = count_blocks(&w);
	/* Of some shapes a share: 9 and 8, 3 and 2 have no common divisor. */
	w.step = shape->share && !args->large ? 9 : 1;
	try(&w, shape->title, "a bit flipped", w.file.len * 8, flip);
	w.step = shape->share && !args->large ? 3 : 1;
	try(&w, shape->title, "a byte lost or doubled", w.file.len * 2, shift);
	w.step = 1;
	try(&w, shape->title, "cut", w.file.len, cut);
	try(&w, shape->title, "zeros", w.file.len / 512 * 2, zero);
	try(&w, shape->title, "blocks swapped, lost, doubled", n * n, blocks);
	try(&w, shape->title, "bytes overwritten", args->large ? 200000 : 5000,
	    overwrite);
	sk_buf_free(&w.file);
	memfs_tape_free(w.tape);
}

int
main(int argc, char **argv)
{
	struct rig_args args;
	size_t i;

	rig_args(&args, argc, argv);
	for (i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		run_shape(&shapes[i], &args);
	rig_done();
}
