/*
 * log/reader on topics made frame by frame: what is given out, where it
 * begins, what ends it and with which words.
 */
#include "topic.h"

#include <inttypes.h>

#include "io/zstd.h"
#include "log/block.h"
#include "log/frame.h"
#include "log/index.h"

#define S INT64_C(1000000000)
#define UUID "000102030405060708090a0b0c0d0e0f"

/* ---- making a topic ---- */

static struct {
	struct sk_buf file;
	struct sk_index index;
	struct sk_zstd zstd;
	uint64_t base, prev_base, prev_salt;
	struct sk_frame at; /* the common fields as they stand */
	uint64_t nblocks;
} mk;

static void
mk_conf(const char *more)
{
	FILE *conf = fopen("topic.conf", "w");

	assert_non_null(conf);
	fprintf(conf, "format=1\nuuid=" UUID "\npartitions=1\n"
	    "hash=xxh64-mod\n%s", more);
	fclose(conf);
}

static void
mk_frame(struct sk_frame *frame)
{
	size_t before = mk.file.len;

	frame->version = 1;
	frame->salt = mk.at.salt;
	frame->incarnation = mk.at.incarnation;
	frame->offset = mk.at.offset;
	frame->topic_seq = mk.at.topic_seq;
	frame->clock_ns = mk.at.clock_ns;
	frame->durable_pos = mk.at.durable_pos;
	if (frame->type == 'E' ||
	    (frame->type == 'P' && frame->flags == SK_P_IDLE))
		frame->durable_pos = mk.at.durable_pos = before;
	if (frame->type == 'S')
		frame->durable_pos = 0;
	sk_frame_encode(frame, &mk.file);
}

/* A segment that follows the one before; the first begins at 0. */
static void
mk_segment(void)
{
	struct sk_frame s = { .type = 'S' };
	int i;

	if (mk.file.len == 0 && mk.at.offset == 0) {
		mk.prev_base = SK_NO_OFFSET;
		mk.prev_salt = 0;
		mk.at.incarnation = 77;
		mk.at.clock_ns = 1000 * S;
	} else {
		mk.prev_base = mk.base;
		mk.prev_salt = mk.at.salt;
	}
	sk_buf_reset(&mk.file);
	sk_index_reset(&mk.index);
	mk.nblocks = 0;
	mk.base = mk.at.offset;
	mk.at.salt = 0xabcd0000 + mk.base;
	mk.at.durable_pos = 0;
	for (i = 0; i < 16; i++)
		s.u.s.uuid[i] = (unsigned char)i;
	s.u.s.partitions = 1;
	s.u.s.prev_base = mk.prev_base;
	s.u.s.prev_salt = mk.prev_salt;
	mk_frame(&s);
	sk_index_add_frame(&mk.index, s.len);
}

static void
mk_mark(char type, uint16_t flags)
{
	struct sk_frame frame = { .type = type, .flags = flags };

	if (flags == SK_P_OPENED)
		mk.at.incarnation++;
	mk_frame(&frame);
	sk_index_add_frame(&mk.index, frame.len);
}

static void
text_of(uint64_t offset, struct sk_buf *text)
{
	sk_buf_fmt(text, "line %" PRIu64 " of the log, %" PRIx64 "\n", offset,
	    offset * 2654435761u);
}

/* A block of n lines, a second after the one before. */
static void
mk_block_at(unsigned n, int64_t event_min_ns, int64_t event_max_ns)
{
	struct sk_frame b = { .type = 'B' };
	struct sk_buf lines = { 0 }, data = { 0 };
	uint32_t checksum;
	unsigned i;

	for (i = 0; i < n; i++)
		text_of(mk.at.offset + i, &lines);
	sk_block_pack(&mk.zstd, 1, lines.ptr, lines.len, n, &b, &data,
	    &checksum);
	b.u.b.event_min_ns = event_min_ns;
	b.u.b.event_max_ns = event_max_ns;
	mk.at.clock_ns += S;
	mk_frame(&b);
	sk_buf_add(&mk.file, data.ptr, data.len);
	sk_index_add_block(&mk.index, &b, checksum);
	mk.at.offset += n;
	mk.at.topic_seq++;
	mk.nblocks++;
	sk_buf_free(&lines);
	sk_buf_free(&data);
}

static void
mk_block(unsigned n)
{
	mk_block_at(n, SK_NO_TIME, SK_NO_TIME);
}

static void
mk_seal(void)
{
	struct sk_frame x = { .salt = mk.at.salt,
		.incarnation = mk.at.incarnation, .offset = mk.at.offset,
		.topic_seq = mk.at.topic_seq, .clock_ns = mk.at.clock_ns };

	x.u.x.first_offset = mk.base;
	sk_index_seal(&mk.index, &x, &mk.file);
}

static void
put_bytes(uint64_t base, const void *bytes, size_t len)
{
	char *path = sk_segment_path(topic_dir, base);

	topic_store(path, bytes, len);
	free(path);
}

static void
mk_put(void)
{
	put_bytes(mk.base, mk.file.ptr, mk.file.len);
}

static void
get_bytes(uint64_t base, struct sk_buf *bytes)
{
	char *path = sk_segment_path(topic_dir, base);

	sk_buf_reset(bytes);
	assert_int_equal(sk_file_load(path, 1 << 24, bytes), 0);
	free(path);
}

static void
drop_segment(uint64_t base)
{
	char *path = sk_segment_path(topic_dir, base);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static int
empty_topic(void **state)
{
	char **names, *path;
	size_t n, i;

	(void)state;
	assert_int_equal(sk_sys_list(topic_dir, &names, &n), 0);
	for (i = 0; i < n; i++) {
		path = sk_topic_path(topic_dir, names[i]);
		unlink(path);
		free(path);
	}
	free(names);
	memset(&mk.at, 0, sizeof(mk.at));
	sk_buf_reset(&mk.file);
	sk_index_reset(&mk.index);
	mk_conf("");
	return 0;
}

/* Sealed: 0..29 in three blocks, sealed: 30..59, open: 60..84 and E. */
static void
mk_three(void)
{
	int segment;

	for (segment = 0; segment < 2; segment++) {
		mk_segment();
		mk_mark('P', SK_P_OPENED);
		mk_block(10);
		mk_mark('P', SK_P_IDLE);
		mk_block(5);
		mk_block(15);
		mk_seal();
		mk_put();
	}
	mk_segment();
	mk_mark('P', SK_P_OPENED);
	mk_block(10);
	mk_mark('P', SK_P_IDLE);
	mk_block(15);
	mk_mark('E', 0);
	mk_put();
}

/* ---- reading it ---- */

static struct {
	struct sk_buf lines;
	struct sk_diag diag;
	uint64_t first, next;
	unsigned nblocks;
} got;

static struct sk_reader *
begin(const struct sk_reader_opts *opts)
{
	struct sk_reader *reader;

	topic_hush();
	sk_buf_reset(&got.lines);
	got.nblocks = 0;
	got.first = UINT64_MAX;
	got.diag.text[0] = '\0';
	assert_int_equal(sk_reader_open(&reader, topic_dir, opts, &topic_notify,
	    &got.diag), 0);
	return reader;
}

/* Take blocks to the end of what is there, checking each line. */
static int
drain(struct sk_reader *reader)
{
	struct sk_reader_block block;
	struct sk_buf want = { 0 };
	uint64_t i;
	int err;

	while ((err = sk_reader_next(reader, &block)) > 0) {
		if (got.first == UINT64_MAX)
			got.first = block.first;
		sk_buf_reset(&want);
		for (i = 0; i < block.count; i++)
			text_of(block.first + i, &want);
		assert_true(block.count > 0);
		assert_int_equal(block.nbytes, want.len);
		assert_memory_equal(block.bytes, want.ptr, want.len);
		sk_buf_add(&got.lines, block.bytes, block.nbytes);
		got.next = block.first + block.count;
		assert_true(sk_reader_next_offset(reader) == got.next);
		got.nblocks++;
	}
	sk_buf_free(&want);
	return err;
}

/* Read all: the result, with lines, notes and diag in `got`. */
static int
read_all(const struct sk_reader_opts *opts)
{
	struct sk_reader *reader = begin(opts);
	int err = drain(reader);

	sk_reader_close(reader);
	return err;
}

/* The words of notes or diag with the topic's folder taken out. */
static const char *
words(const char *text)
{
	static char plain[4096];
	size_t len = strlen(topic_dir), n = 0;

	while (*text != '\0' && n < sizeof(plain) - 1) {
		if (strncmp(text, topic_dir, len) == 0) {
			plain[n++] = 'T';
			text += len;
		} else
			plain[n++] = *text++;
	}
	plain[n] = '\0';
	return plain;
}

#define assert_notes(want) \
	assert_string_equal(words(topic_said()), want)
#define assert_diag(want) assert_string_equal(words(got.diag.text), want)
#define F0 "T/00000000000000000000.zst: "
#define F30 "T/00000000000000000030.zst: "
#define F60 "T/00000000000000000060.zst: "
#define NO_END "no end mark: the last writer was killed, or the end is lost\n"

static void
all_lines_in_order(void **state)
{
	(void)state;
	mk_three();
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.first == 0 && got.next == 85);
	assert_int_equal(got.nblocks, 8);
	assert_notes("");
}

static void
a_topic_without_segments_is_empty(void **state)
{
	struct sk_reader *reader;
	uint64_t end = 1;

	(void)state;
	assert_int_equal(read_all(NULL), 0);
	assert_notes("T: " NO_END);
	reader = begin(NULL);
	assert_int_equal(sk_reader_end(reader, &end), 0);
	assert_int_equal(end, 0);
	assert_int_equal(sk_reader_seek_last(reader, 5), 0);
	assert_int_equal(drain(reader), 0);
	sk_reader_close(reader);
}

static void
what_is_no_topic_is_refused(void **state)
{
	struct sk_reader *reader;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/none", topic_dir);
	assert_int_equal(sk_reader_open(&reader, path, NULL, NULL, &got.diag),
	    SK_ESYS);
	assert_diag("T/none: No such file or directory");
	assert_null(reader);
	unlink("topic.conf");
	assert_int_equal(sk_reader_open(&reader, topic_dir, NULL, NULL,
	    &got.diag), SK_ESYS);
	assert_diag("T: not a log");
	mk_three();
	assert_int_equal(sk_reader_open(&reader, topic_dir, NULL, NULL,
	    &got.diag), SK_EDATA);
	sk_reader_close(NULL);
}

static void
any_offset_is_found(void **state)
{
	struct sk_reader *reader;
	uint64_t offset;

	(void)state;
	mk_three();
	for (offset = 0; offset <= 90; offset++) {
		reader = begin(NULL);
		assert_int_equal(sk_reader_seek_offset(reader, offset), 0);
		assert_int_equal(drain(reader), 0);
		assert_notes("");
		if (offset < 85)
			assert_true(got.first == offset && got.next == 85);
		else
			assert_int_equal(got.lines.len, 0);
		sk_reader_close(reader);
	}
}

static void
the_last_lines_are_found(void **state)
{
	struct sk_reader *reader;
	uint64_t n;

	(void)state;
	mk_three();
	for (n = 1; n <= 90; n++) {
		reader = begin(NULL);
		assert_int_equal(sk_reader_seek_last(reader, n), 0);
		assert_int_equal(drain(reader), 0);
		assert_true(got.first == (n < 85 ? 85 - n : 0));
		assert_true(got.next == 85);
		sk_reader_close(reader);
	}
}

/* Blocks are a second apart, from 1001 s on: 10 5 15, 10 5 15, 10 15. */
static void
an_append_time_is_found(void **state)
{
	static const uint64_t first[] = { 0, 0, 10, 15, 30, 40, 45, 60, 70 };
	struct sk_reader *reader;
	int64_t t;

	(void)state;
	mk_three();
	for (t = 0; t <= 9; t++) {
		reader = begin(NULL);
		assert_int_equal(sk_reader_seek_time(reader,
		    (1000 + t) * S), 0);
		assert_int_equal(drain(reader), 0);
		if (t < 9)
			assert_true(got.first == first[t] && got.next == 85);
		else
			assert_int_equal(got.lines.len, 0);
		assert_true(sk_reader_next_offset(reader) == 85);
		sk_reader_close(reader);
	}
	reader = begin(NULL);
	assert_int_equal(sk_reader_seek_time(reader, 1002 * S + 1), 0);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 15);
	sk_reader_close(reader);
}

static void
event_times_prune_blocks(void **state)
{
	struct sk_reader *reader;

	(void)state;
	mk_segment();
	mk_mark('P', SK_P_OPENED);
	mk_block_at(10, 10 * S, 20 * S);
	mk_block_at(10, 5 * S, 15 * S);
	mk_block_at(10, 20 * S, 30 * S);
	mk_block(10);
	mk_block_at(10, 30 * S, 40 * S);
	mk_seal();
	mk_put();
	mk_segment();
	mk_mark('P', SK_P_OPENED);
	mk_block_at(10, 10 * S, 50 * S);
	mk_mark('E', 0);
	mk_put();
	reader = begin(NULL);
	sk_reader_prune(reader, 16 * S, 30 * S);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 0 && got.next == 60);
	assert_int_equal(got.nblocks, 4);
	sk_reader_close(reader);
	reader = begin(NULL);
	assert_int_equal(sk_reader_seek_offset(reader, 12), 0);
	sk_reader_prune(reader, 21 * S, 25 * S);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 20 && got.next == 60);
	assert_int_equal(got.nblocks, 3);
	sk_reader_close(reader);
}

static void
the_end_is_what_is_completely_there(void **state)
{
	struct sk_reader *reader;
	uint64_t end;
	size_t whole;

	(void)state;
	mk_three();
	reader = begin(NULL);
	assert_int_equal(sk_reader_end(reader, &end), 0);
	assert_int_equal(end, 85);
	whole = mk.file.len;
	mk_block(5);
	mk.file.ptr[mk.file.len - 6] ^= 1;
	mk_put();
	assert_int_equal(sk_reader_end(reader, &end), 0);
	assert_int_equal(end, 85);
	mk.file.ptr[mk.file.len - 6] ^= 1;
	mk_put();
	assert_int_equal(sk_reader_end(reader, &end), 0);
	assert_int_equal(end, 90);
	mk.file.len = whole + 50;
	mk_put();
	assert_int_equal(sk_reader_end(reader, &end), 0);
	assert_int_equal(end, 85);
	assert_notes("");
	sk_reader_close(reader);
}

static void
incarnations_are_told(void **state)
{
	struct sk_reader *reader;
	uint64_t incarnation;

	(void)state;
	mk_three();
	reader = begin(NULL);
	assert_int_equal(sk_reader_incarnation(reader, 0, &incarnation), 1);
	assert_int_equal(incarnation, 78);
	assert_int_equal(sk_reader_incarnation(reader, 59, &incarnation), 1);
	assert_int_equal(incarnation, 79);
	assert_int_equal(sk_reader_incarnation(reader, 84, &incarnation), 1);
	assert_int_equal(incarnation, 80);
	assert_int_equal(sk_reader_incarnation(reader, 85, &incarnation), 0);
	mk_conf("cleanup=delete\n");
	drop_segment(0);
	assert_int_equal(sk_reader_incarnation(reader, 29, &incarnation), 0);
	assert_int_equal(sk_reader_incarnation(reader, 30, &incarnation), 1);
	sk_reader_close(reader);
}

/* ---- what is not there ---- */

static void
a_missing_segment_is_named(void **state)
{
	const struct sk_reader_opts skip = { .skip_damaged = true };
	struct sk_reader *reader;

	(void)state;
	mk_three();
	drop_segment(30);
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_true(got.next == 30);
	assert_diag("T: records 30..59 missing (segment "
	    "00000000000000000030.zst absent)");
	reader = begin(&skip);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 0 && got.next == 85 && got.nblocks == 5);
	assert_notes("T: records 30..59 missing (segment "
	    "00000000000000000030.zst absent)\n");
	assert_true(sk_reader_skipped(reader));
	sk_reader_close(reader);
}

static void
a_log_that_keeps_all_begins_at_0(void **state)
{
	struct sk_reader *reader;

	(void)state;
	mk_three();
	drop_segment(0);
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_diag("T: records 0..29 missing (segment "
	    "00000000000000000000.zst absent)");
	assert_int_equal(got.lines.len, 0);
	reader = begin(NULL);
	assert_int_equal(sk_reader_seek_offset(reader, 12), 0);
	assert_int_equal(drain(reader), SK_EDATA);
	assert_diag("T: records 12..29 missing (segment "
	    "00000000000000000000.zst absent)");
	sk_reader_close(reader);
}

static void
retention_is_told(void **state)
{
	const struct sk_reader_opts skip = { .skip_removed = true };
	struct sk_reader *reader;

	(void)state;
	mk_conf("cleanup=delete\n");
	mk_three();
	drop_segment(0);
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.first == 30 && got.next == 85);
	assert_notes("");
	reader = begin(NULL);
	drop_segment(30);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 60 && got.next == 85);
	assert_notes("");
	sk_reader_close(reader);
	reader = begin(NULL);
	assert_true(sk_reader_start(reader) == 60);
	assert_int_equal(sk_reader_seek_offset(reader, 12), 0);
	assert_int_equal(drain(reader), SK_EDATA);
	assert_diag("T: records 12..59 removed by retention");
	sk_reader_close(reader);
	reader = begin(&skip);
	assert_int_equal(sk_reader_seek_offset(reader, 12), 0);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 60 && got.next == 85);
	assert_notes("T: records 12..59 removed by retention\n");
	assert_false(sk_reader_skipped(reader));
	sk_reader_close(reader);
}

static void
a_foreign_segment_is_refused(void **state)
{
	const struct sk_reader_opts skip = { .skip_damaged = true };
	struct sk_buf one = { 0 };

	(void)state;
	mk_three();
	get_bytes(0, &one);
	put_bytes(30, one.ptr, one.len);
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_diag(F30 "does not belong here: the name is not its first "
	    "offset");
	assert_true(got.next == 30);
	assert_int_equal(read_all(&skip), 0);
	assert_true(got.next == 85 && got.nblocks == 5);

	empty_topic(NULL);
	mk_three();
	put_bytes(15, one.ptr, one.len);
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_diag("T/00000000000000000015.zst: does not belong here: "
	    "records 15..29 are in another segment");

	empty_topic(NULL);
	mk_conf("uuid=ff0102030405060708090a0b0c0d0e0f\n");
	mk_three();
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_diag(F0 "does not belong here: of another topic");

	empty_topic(NULL);
	mk_three();
	mk.at.offset = 30;
	mk.base = 0;
	mk.at.salt = 1;
	mk_segment();
	mk_mark('P', SK_P_OPENED);
	mk_block(30);
	mk_seal();
	mk_put();
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_diag(F30 "does not belong here: it follows another segment");
	sk_buf_free(&one);
}

/* ---- damage ---- */

/* Flip a bit of a segment. */
static void
flip(uint64_t base, size_t pos)
{
	char *path = sk_segment_path(topic_dir, base);

	topic_flip(path, pos, 4);
	free(path);
}

/* Read all with a bit flipped at `pos`. */
static int
read_flipped(uint64_t base, size_t pos, const struct sk_reader_opts *opts)
{
	int err;

	flip(base, pos);
	err = read_all(opts);
	flip(base, pos);
	return err;
}

/* Where the n-th frame of a type begins in the segment at hand. */
static size_t
find(const struct sk_buf *bytes, char type, unsigned n)
{
	struct sk_frame frame;
	size_t pos;

	for (pos = 0; pos + SK_FRAME_MIN <= bytes->len; pos++)
		if (sk_frame_probe(bytes->ptr + pos) != 0 &&
		    sk_frame_decode(bytes->ptr + pos, bytes->len - pos,
		    &frame) == 0 && frame.type == type && n-- == 0)
			return pos;
	fail();
	return 0;
}

static void
damage_is_named(void **state)
{
	const struct sk_reader_opts skip = { .skip_damaged = true };
	struct sk_buf bytes = { 0 };
	char want[256];
	size_t b;

	(void)state;
	mk_three();
	get_bytes(0, &bytes);
	b = find(&bytes, 'B', 1);
	assert_int_equal(read_flipped(0, b + 70, NULL), SK_EDATA);
	snprintf(want, sizeof(want), F0 "block header damaged at %zu, after "
	    "offset 9", b);
	assert_diag(want);
	assert_true(got.next == 10);
	assert_int_equal(read_flipped(0, b + 150, NULL), SK_EDATA);
	snprintf(want, sizeof(want), F0 "block at %zu damaged: records "
	    "10..14", b);
	assert_diag(want);
	assert_true(got.next == 10);

	assert_int_equal(read_flipped(0, b + 150, &skip), 0);
	assert_true(got.next == 85 && got.nblocks == 7);
	snprintf(want, sizeof(want), F0 "block at %zu damaged: records "
	    "10..14; records 10..14 passed over\n", b);
	assert_notes(want);
	assert_int_equal(read_flipped(0, 3, &skip), 0);
	assert_true(got.first == 0 && got.next == 85 && got.nblocks == 8);
	assert_notes(F0 "segment header damaged at 0, before offset 0; no "
	    "record is lost\n");
	assert_int_equal(read_flipped(30, 3, NULL), SK_EDATA);
	assert_diag(F30 "segment header damaged at 0, after offset 29");
	sk_buf_free(&bytes);
}

/* Behind a damaged header: a frame of ours that is no part of this segment, or
 * of its past, is not where to go on. */
static void
stale_frames_are_not_gone_on_at(void **state)
{
	const struct sk_reader_opts skip = { .skip_damaged = true };
	struct sk_frame stale = { .type = 'P', .flags = SK_P_MOVED,
		.incarnation = 78, .topic_seq = 2, .clock_ns = 1003 * S };
	struct sk_buf bytes = { 0 }, frame = { 0 };
	size_t b;
	int i;

	(void)state;
	mk_three();
	get_bytes(0, &bytes);
	b = find(&bytes, 'B', 1);
	for (i = 0; i < 2; i++) {
		stale.salt = i == 0 ? 1 : 0xabcd0000;
		stale.offset = i == 0 ? 20 : 3;
		sk_buf_reset(&frame);
		sk_frame_encode(&stale, &frame);
		memcpy(bytes.ptr + b + 40, frame.ptr, frame.len);
		put_bytes(0, bytes.ptr, bytes.len);
		assert_int_equal(read_all(&skip), 0);
		assert_true(got.next == 85);
		assert_int_equal(got.nblocks, 7);
		assert_non_null(strstr(topic_said(),
		    "; records 10..14 passed over\n"));
	}
	sk_buf_free(&frame);
	sk_buf_free(&bytes);
}

static void
acknowledged_data_is_proven(void **state)
{
	struct sk_buf bytes = { 0 };
	char want[256];
	size_t b, e;

	(void)state;
	mk_three();
	get_bytes(60, &bytes);
	b = find(&bytes, 'B', 1);
	e = find(&bytes, 'E', 0);
	assert_int_equal(read_flipped(60, b + 150, NULL), SK_EDATA);
	snprintf(want, sizeof(want), F60 "acknowledged data damaged at %zu, "
	    "was durable to %zu: block at %zu damaged: records 70..84", b, e,
	    b);
	assert_diag(want);
	assert_int_equal(read_flipped(60, b + 40, NULL), SK_EDATA);
	snprintf(want, sizeof(want), F60 "acknowledged data damaged at %zu, "
	    "was durable to %zu: block header damaged at %zu, after offset 69",
	    b, e, b);
	assert_diag(want);
	sk_buf_free(&bytes);
}

static void
a_damaged_index_is_done_without(void **state)
{
	struct sk_buf bytes = { 0 };
	struct sk_reader *reader;
	size_t x;

	(void)state;
	mk_three();
	get_bytes(0, &bytes);
	x = find(&bytes, 'X', 0);
	assert_int_equal(read_flipped(0, x + 110, NULL), 0);
	assert_true(got.next == 85 && got.nblocks == 8);
	assert_notes(F0 "index damaged; reading by headers\n");
	assert_int_equal(read_flipped(0, bytes.len - 15, NULL), 0);
	assert_notes(F0 "index damaged; reading by headers\n");
	bytes.ptr[x + 110] ^= 1;
	put_bytes(0, bytes.ptr, bytes.len);
	reader = begin(NULL);
	assert_int_equal(sk_reader_seek_offset(reader, 12), 0);
	assert_int_equal(drain(reader), 0);
	assert_true(got.first == 12 && got.next == 85);
	assert_notes(F0 "index damaged; reading by headers\n");
	sk_reader_close(reader);
	drop_segment(30);
	drop_segment(60);
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.next == 30);
	assert_notes(F0 "index damaged; reading by headers\n");
	sk_buf_free(&bytes);
}

static void
a_lost_seal_is_told(void **state)
{
	struct sk_buf bytes = { 0 };

	(void)state;
	mk_three();
	get_bytes(30, &bytes);
	put_bytes(30, bytes.ptr, find(&bytes, 'X', 0));
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.next == 85 && got.nblocks == 8);
	assert_notes(F30 "index damaged; reading by headers\n");
	put_bytes(30, bytes.ptr, find(&bytes, 'B', 2));
	assert_int_equal(read_all(NULL), SK_EDATA);
	assert_true(got.next == 45);
	assert_non_null(strstr(got.diag.text, ": records 45..59 missing, the "
	    "file ends at "));
	sk_buf_free(&bytes);
}

/* No flip anywhere gives a wrong line, and none of a record goes unseen. */
static void
no_flip_gives_a_wrong_line(void **state)
{
	static const uint64_t bases[] = { 0, 30, 60 };
	struct sk_buf bytes = { 0 };
	size_t i, pos, table;
	int err;

	(void)state;
	mk_three();
	for (i = 0; i < 3; i++) {
		get_bytes(bases[i], &bytes);
		/* Of the seek table a reader uses the sizes, and their sum is
		 * what it checks; the rest is for sk-log check. */
		table = bytes.len;
		if (i < 2) {
			table = find(&bytes, 'X', 0);
			table += sk_frame_probe(bytes.ptr + table);
		}
		for (pos = 0; pos < bytes.len; pos++) {
			err = read_flipped(bases[i], pos, NULL);
			if (err == 0) {
				assert_true(got.next == 85);
				assert_int_equal(got.nblocks, 8);
				assert_true(topic_notes.len > 0 ||
				    pos >= table);
			} else
				assert_int_equal(err, SK_EDATA);
		}
	}
	sk_buf_free(&bytes);
}

/* Cut anywhere, the newest segment is a prefix, and said to be one. */
static void
every_cut_of_the_newest_is_a_prefix(void **state)
{
	struct sk_buf bytes = { 0 };
	char want[256];
	size_t len;

	(void)state;
	mk_three();
	get_bytes(60, &bytes);
	for (len = 0; len < bytes.len; len++) {
		put_bytes(60, bytes.ptr, len);
		assert_int_equal(read_all(NULL), 0);
		assert_true(got.next == 60 || got.next == 70 ||
		    got.next == 85);
		assert_true(topic_notes.len > 0);
	}
	put_bytes(60, bytes.ptr, find(&bytes, 'E', 0));
	assert_int_equal(read_all(NULL), 0);
	assert_notes(F60 NO_END);
	len = find(&bytes, 'B', 1);
	put_bytes(60, bytes.ptr, len + 100);
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.next == 70);
	snprintf(want, sizeof(want), F60 "100 bytes after offset 69 are not "
	    "readable yet and no writer is running\n");
	assert_notes(want);
	sk_buf_free(&bytes);
}

static void
a_writer_that_runs_is_not_warned_of(void **state)
{
	char *path = sk_topic_path(topic_dir, ".lock");
	int fd = open(path, O_RDWR | O_CREAT, 0666);

	(void)state;
	mk_three();
	mk.file.len -= 100;
	mk_put();
	assert_int_equal(sk_sys_lock(fd, true), 0);
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.next == 85 || got.next == 70);
	assert_notes("");
	drop_segment(60);
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.next == 60);
	assert_notes("");
	close(fd);
	free(path);
}

static void
a_sealed_end_lacks_its_successor(void **state)
{
	(void)state;
	mk_three();
	drop_segment(60);
	assert_int_equal(read_all(NULL), 0);
	assert_true(got.next == 60);
	assert_notes(F30 NO_END);
}

static void
a_newer_version_is_refused(void **state)
{
	struct sk_frame c = { .type = 'C' };

	(void)state;
	mk_segment();
	mk_mark('P', SK_P_OPENED);
	mk_block(10);
	mk_frame(&c);
	mk_put();
	assert_int_equal(read_all(NULL), SK_EVERSION);
	assert_true(got.next == 10);
	assert_non_null(strstr(got.diag.text, "needs a newer version"));
}

/* ---- following ---- */

static const struct sk_reader_opts follow = { .follow = true };

static void
a_follower_waits_for_whole_blocks(void **state)
{
	struct sk_reader *reader;
	size_t before, whole, len;

	(void)state;
	mk_three();
	reader = begin(&follow);
	assert_int_equal(drain(reader), 0);
	assert_true(got.next == 85);
	before = mk.file.len;
	mk_mark('P', SK_P_OPENED);
	mk_block(5);
	whole = mk.file.len;
	for (len = before; len < whole; len++) {
		put_bytes(60, mk.file.ptr, len);
		assert_int_equal(drain(reader), 0);
		assert_true(got.next == 85);
	}
	mk_put();
	assert_int_equal(drain(reader), 0);
	assert_true(got.next == 90);
	mk_seal();
	mk_put();
	assert_int_equal(drain(reader), 0);
	mk_segment();
	mk_mark('P', SK_P_OPENED);
	mk_block(3);
	mk_put();
	assert_int_equal(drain(reader), 0);
	assert_true(got.next == 93);
	assert_int_equal(got.nblocks, 10);
	assert_notes("");
	sk_reader_close(reader);
}

static void
a_follower_wakes_at_a_write(void **state)
{
	struct sk_reader *reader;
	int64_t start_ns;

	(void)state;
	mk_three();
	reader = begin(&follow);
	assert_int_equal(drain(reader), 0);
	while (sk_reader_wait(reader, NULL, 0, 0) != 0)
		;
	mk_block(1);
	mk_put();
	start_ns = sk_sys_mono_ns();
	assert_int_equal(sk_reader_wait(reader, NULL, 0, 10000), 0);
	assert_true(sk_sys_mono_ns() - start_ns < 2 * S);
	assert_int_equal(drain(reader), 0);
	assert_true(got.next == 86);
	sk_reader_close(reader);
}

/* Lines that were given out and are cut off again. */
static void
a_shortened_log_is_an_error(void **state)
{
	struct sk_reader *reader;
	struct sk_buf bytes = { 0 };

	(void)state;
	mk_three();
	get_bytes(60, &bytes);
	reader = begin(&follow);
	assert_int_equal(drain(reader), 0);
	put_bytes(60, bytes.ptr, find(&bytes, 'B', 1));
	assert_int_equal(drain(reader), SK_EDATA);
	assert_diag(F60 "log was rewritten behind position 70: lines that were "
	    "read are gone");
	sk_reader_close(reader);
	sk_buf_free(&bytes);
}

/* The same, but the file has grown beyond our position again. */
static void
a_rewritten_log_is_an_error(void **state)
{
	struct sk_reader *reader;
	struct sk_buf bytes = { 0 };

	(void)state;
	mk_three();
	get_bytes(60, &bytes);
	reader = begin(&follow);
	assert_int_equal(drain(reader), 0);
	sk_buf_reset(&mk.file);
	sk_buf_add(&mk.file, bytes.ptr, find(&bytes, 'B', 1));
	mk.at.offset = 70;
	mk.at.topic_seq--;
	mk.at.durable_pos = 0;
	mk_mark('P', SK_P_OPENED);
	mk_block(7);
	mk_block(300);
	mk_put();
	assert_int_equal(drain(reader), SK_EDATA);
	assert_diag(F60 "log was rewritten behind position 70: lines that were "
	    "read are gone");
	sk_reader_close(reader);
	sk_buf_free(&bytes);
}

static void
a_topic_that_goes_away_is_an_error(void **state)
{
	struct sk_reader *reader;
	int err;

	(void)state;
	mk_three();
	reader = begin(&follow);
	assert_int_equal(sk_reader_seek_offset(reader, 85), 0);
	drop_segment(60);
	assert_int_equal(drain(reader), 0);
	mk_put();
	assert_int_equal(drain(reader), 0);
	drop_segment(60);
	while ((err = drain(reader)) == 0)
		assert_int_equal(sk_reader_wait(reader, NULL, 0, -1), 0);
	assert_int_equal(err, SK_ESYS);
	assert_diag(F60 "No such file or directory");
	sk_reader_close(reader);
}

static void
parts_of_a_block(void **state)
{
	struct sk_reader_block block = { .bytes = "a\n\nccc\n", .nbytes = 7,
		.first = 40, .count = 3 };

	(void)state;
	sk_reader_keep(&block, 3);
	assert_int_equal(block.nbytes, 7);
	sk_reader_keep(&block, 2);
	assert_int_equal(block.nbytes, 3);
	sk_reader_drop(&block, 1);
	assert_int_equal(block.first, 41);
	assert_int_equal(block.count, 1);
	assert_string_equal(block.bytes, "\nccc\n");
	assert_int_equal(block.nbytes, 1);
	sk_reader_drop(&block, 1);
	assert_int_equal(block.nbytes, 0);
}

static int
remove_topic(void **state)
{
	empty_topic(state);
	unlink("topic.conf");
	sk_buf_free(&got.lines);
	sk_buf_free(&mk.file);
	sk_index_free(&mk.index);
	sk_zstd_free(&mk.zstd);
	return topic_end_empty(state);
}

#define T(fn) cmocka_unit_test_setup(fn, empty_topic)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_lines_in_order),
		T(a_topic_without_segments_is_empty),
		T(what_is_no_topic_is_refused),
		T(any_offset_is_found),
		T(the_last_lines_are_found),
		T(an_append_time_is_found),
		T(event_times_prune_blocks),
		T(the_end_is_what_is_completely_there),
		T(incarnations_are_told),
		T(a_missing_segment_is_named),
		T(a_log_that_keeps_all_begins_at_0),
		T(retention_is_told),
		T(a_foreign_segment_is_refused),
		T(damage_is_named),
		T(stale_frames_are_not_gone_on_at),
		T(acknowledged_data_is_proven),
		T(a_damaged_index_is_done_without),
		T(a_lost_seal_is_told),
		T(no_flip_gives_a_wrong_line),
		T(every_cut_of_the_newest_is_a_prefix),
		T(a_writer_that_runs_is_not_warned_of),
		T(a_sealed_end_lacks_its_successor),
		T(a_newer_version_is_refused),
		T(a_follower_waits_for_whole_blocks),
		T(a_follower_wakes_at_a_write),
		T(a_shortened_log_is_an_error),
		T(a_rewritten_log_is_an_error),
		T(a_topic_that_goes_away_is_an_error),
		T(parts_of_a_block),
	};

	return cmocka_run_group_tests(tests, topic_begin, remove_topic);
}
