/*
 * What the tests of log/reader share: topics made frame by frame (mk_three:
 * three segments of 30 lines, two sealed), reading them with each line
 * checked, and the words that were said.
 */
#ifndef SK_TEST_READER_H
#define SK_TEST_READER_H

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

static inline void
mk_conf(const char *more)
{
	FILE *conf = fopen("topic.conf", "w");

	assert_non_null(conf);
	fprintf(conf, "format=1\nuuid=" UUID "\npartitions=1\n"
	    "hash=xxh64-mod\n%s", more);
	fclose(conf);
}

static inline void
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
static inline void
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

static inline void
mk_mark(char type, uint16_t flags)
{
	struct sk_frame frame = { .type = type, .flags = flags };

	if (flags == SK_P_OPENED)
		mk.at.incarnation++;
	mk_frame(&frame);
	sk_index_add_frame(&mk.index, frame.len);
}

static inline void
text_of(uint64_t offset, struct sk_buf *text)
{
	sk_buf_fmt(text, "line %" PRIu64 " of the log, %" PRIx64 "\n", offset,
	    offset * 2654435761u);
}

/* A block of n lines, a second after the one before. */
static inline void
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

static inline void
mk_block(unsigned n)
{
	mk_block_at(n, SK_NO_TIME, SK_NO_TIME);
}

static inline void
mk_seal(void)
{
	struct sk_frame x = { .salt = mk.at.salt,
		.incarnation = mk.at.incarnation, .offset = mk.at.offset,
		.topic_seq = mk.at.topic_seq, .clock_ns = mk.at.clock_ns };

	x.u.x.first_offset = mk.base;
	sk_index_seal(&mk.index, &x, &mk.file);
}

static inline void
put_bytes(uint64_t base, const void *bytes, size_t len)
{
	char *path = sk_segment_path(topic_dir, base);

	topic_store(path, bytes, len);
	free(path);
}

static inline void
mk_put(void)
{
	put_bytes(mk.base, mk.file.ptr, mk.file.len);
}

static inline void
get_bytes(uint64_t base, struct sk_buf *bytes)
{
	char *path = sk_segment_path(topic_dir, base);

	sk_buf_reset(bytes);
	assert_int_equal(sk_file_load(path, 1 << 24, bytes), 0);
	free(path);
}

static inline void
drop_segment(uint64_t base)
{
	char *path = sk_segment_path(topic_dir, base);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static inline int
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
static inline void
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

static inline struct sk_reader *
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
static inline int
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
static inline int
read_all(const struct sk_reader_opts *opts)
{
	struct sk_reader *reader = begin(opts);
	int err = drain(reader);

	sk_reader_close(reader);
	return err;
}

/* The words of notes or diag with the topic's folder taken out. */
static inline const char *
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

static inline int
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

/* Where the n-th frame of a type begins in the segment at hand. */
static inline size_t
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

#define T(fn) cmocka_unit_test_setup(fn, empty_topic)

#endif
