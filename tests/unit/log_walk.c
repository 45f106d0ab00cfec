/*
 * log/walk: a good segment is walked to its end; at the first frame that breaks
 * a rule, with a right hash or not, the walk stops.
 */
#include "topic.h"

#include "base/hash.h"
#include "io/zstd.h"
#include "log/block.h"
#include "log/walk.h"

static int fd;
static struct sk_zstd zstd;

/* A segment under construction: what the next frame says. */
struct segment {
	struct sk_buf bytes;
	struct sk_frame next;
	struct sk_index index;
	size_t frame[32]; /* where each begins */
	size_t n;
};

static void
put(struct segment *s, char type, uint16_t flags)
{
	s->frame[s->n++] = s->bytes.len;
	s->next.type = type;
	s->next.flags = flags;
	if (type == 'E' || (type == 'P' && flags == SK_P_IDLE))
		s->next.durable_pos = s->bytes.len;
	sk_frame_encode(&s->next, &s->bytes);
	sk_index_add_frame(&s->index, s->next.len);
	s->next.clock_ns++;
}

static void
put_block(struct segment *s, const char *lines)
{
	struct sk_buf data = { 0 };
	uint32_t checksum;

	s->frame[s->n++] = s->bytes.len;
	s->next.flags = 0;
	s->next.u.b.event_min_ns = SK_NO_TIME;
	s->next.u.b.event_max_ns = SK_NO_TIME;
	s->next.u.b.producer_id = 0;
	s->next.u.b.producer_seq = 0;
	sk_block_pack(&zstd, 1, lines, strlen(lines),
	    sk_block_lines(lines, strlen(lines)), &s->next, &data, &checksum);
	sk_frame_encode(&s->next, &s->bytes);
	sk_buf_add(&s->bytes, data.ptr, data.len);
	sk_index_add_block(&s->index, &s->next, checksum);
	s->next.offset += s->next.u.b.span;
	s->next.topic_seq++;
	s->next.clock_ns++;
	sk_buf_free(&data);
}

static void
begin(struct segment *s)
{
	memset(s, 0, sizeof(*s));
	sk_index_reset(&s->index);
	s->next.salt = 0x5a5a5a5a5a5a5a5a;
	s->next.incarnation = 11;
	s->next.offset = 100;
	s->next.topic_seq = 40;
	s->next.clock_ns = 1000;
	s->next.u.s.partitions = 1;
	s->next.u.s.prev_base = SK_NO_OFFSET;
	put(s, 'S', 0);
	put(s, 'P', SK_P_OPENED);
}

/* S P B B P(idle) E P(opened, another writer) B */
static void
fill_up(struct segment *s)
{
	begin(s);
	put_block(s, "one\ntwo\n");
	s->next.durable_pos = s->frame[2];
	put_block(s, "three\n");
	put(s, 'P', SK_P_IDLE);
	put(s, 'E', 0);
	s->next.incarnation = 12;
	put(s, 'P', SK_P_OPENED);
	put_block(s, "four\nfive\nsix\n");
}

static void
seal(struct segment *s)
{
	struct sk_frame x = s->next;

	s->frame[s->n++] = s->bytes.len;
	x.clock_ns--;
	x.u.x.first_offset = 100;
	sk_index_seal(&s->index, &x, &s->bytes);
}

static void
drop(struct segment *s)
{
	sk_buf_free(&s->bytes);
	sk_index_free(&s->index);
}

/* Walk the bytes: the number of frames passed, *walk as it stopped. */
static int
walk_bytes(const void *bytes, size_t len, unsigned flags,
    struct sk_index *index, struct sk_walk *walk)
{
	int n = 0, got;

	topic_rewrite(fd, bytes, len);
	assert_int_equal(sk_walk_open(walk, fd, flags, index), 0);
	while ((got = sk_walk_next(walk)) == 1)
		n++;
	return got < 0 ? got : n;
}

static void
a_good_segment_is_walked(void **state)
{
	struct sk_index index = { 0 };
	struct segment s;
	struct sk_walk walk;
	unsigned flags;

	(void)state;
	for (flags = 0; flags <= 2; flags++) {
		fill_up(&s);
		assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, flags,
		    &index, &walk), 8);
		assert_int_equal(walk.stop, SK_WALK_END);
		assert_int_equal(walk.pos, s.bytes.len);
		assert_int_equal(walk.chain.offset, 106);
		assert_int_equal(walk.chain.topic_seq, 43);
		assert_int_equal(walk.chain.durable_pos, s.frame[5]);
		assert_int_equal(walk.chain.incarnation, 12);
		assert_int_equal(walk.n_ended_inc, 1);
		assert_int_equal(walk.ended_inc[0], 11);
		assert_false(walk.ended);
		assert_int_equal(index.n, 3);
		assert_int_equal(index.table.len, s.index.table.len);
		assert_memory_equal(index.table.ptr, s.index.table.ptr,
		    index.table.len);
		sk_walk_close(&walk);
		seal(&s);
		assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, flags,
		    flags == 1 ? NULL : &index, &walk), 9);
		assert_int_equal(walk.stop, SK_WALK_END);
		assert_true(walk.sealed);
		assert_true(walk.ended);
		sk_walk_close(&walk);
		drop(&s);
	}
	sk_index_free(&index);
}

/* Which thing a byte belongs to: X and the table are one, so are B and its
 * data. */
static size_t
frame_of(const struct segment *s, size_t at)
{
	size_t i = s->n;

	while (s->frame[i - 1] > at)
		i--;
	return i - 1;
}

static void
a_flip_stops_the_walk(void **state)
{
	struct sk_index index = { 0 };
	struct segment s;
	struct sk_walk walk;
	size_t at, hit;

	(void)state;
	fill_up(&s);
	seal(&s);
	for (at = 0; at < s.bytes.len; at++) {
		s.bytes.ptr[at] ^= (char)(1 << at % 8);
		hit = frame_of(&s, at);
		assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len,
		    SK_WALK_DATA, &index, &walk), hit);
		assert_int_not_equal(walk.stop, SK_WALK_END);
		assert_int_equal(walk.pos, s.frame[hit]);
		sk_walk_close(&walk);
		s.bytes.ptr[at] ^= (char)(1 << at % 8);
	}
	drop(&s);
	sk_index_free(&index);
}

static void
a_cut_stops_the_walk(void **state)
{
	struct segment s;
	struct sk_walk walk;
	size_t len, hit;

	(void)state;
	fill_up(&s);
	seal(&s);
	for (len = 0; len < s.bytes.len; len++) {
		hit = frame_of(&s, len);
		assert_int_equal(walk_bytes(s.bytes.ptr, len, 0, NULL, &walk),
		    hit);
		assert_int_equal(walk.stop, len == s.frame[hit] ?
		    SK_WALK_END : SK_WALK_SHORT);
		assert_int_equal(walk.pos, s.frame[hit]);
		sk_walk_close(&walk);
	}
	drop(&s);
}

/* Set 8 bytes of frame i and mend its hash. */
static void
forge(struct segment *s, size_t i, size_t at, uint64_t value)
{
	char *frame = s->bytes.ptr + s->frame[i];
	size_t len = sk_frame_probe(frame);

	sk_put64(frame + at, value);
	sk_put64(frame + len - 8, sk_hash_disk(frame, len - 8));
}

static void
breaks(size_t i, size_t at, uint64_t value, const char *why)
{
	struct segment s;
	struct sk_walk walk;

	fill_up(&s);
	forge(&s, i, at, value);
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, SK_WALK_DATA,
	    NULL, &walk), i);
	assert_int_equal(walk.stop, SK_WALK_BAD);
	assert_string_equal(walk.why, why);
	sk_walk_close(&walk);
	drop(&s);
}

static void
each_rule_of_the_chain_binds(void **state)
{
	(void)state;
	breaks(0, 48, 8, "durable_pos of a segment header is not 0");
	breaks(3, 16, 5, "salt of another segment");
	breaks(3, 24, 12, "incarnation of another writer");
	breaks(4, 24, 12, "incarnation of another writer");
	breaks(3, 32, 103, "offset is not the next");
	breaks(4, 32, 102, "offset is not the next");
	breaks(3, 40, 42, "topic_seq is not the next");
	breaks(3, 40, 40, "topic_seq is not the next");
	breaks(6, 40, 43, "topic_seq is not the next");
	breaks(3, 56, 1001, "clock falls");
	breaks(3, 48, 100000, "durable_pos is not its own position");
	breaks(4, 48, 184, "durable_pos is not its own position");
	breaks(5, 48, 184, "durable_pos falls");
	breaks(7, 48, 184, "durable_pos falls");
	breaks(7, 112, 5, "block damaged");
}

static void
what_this_version_does_not_read_is_refused(void **state)
{
	struct segment s;
	struct sk_walk walk;

	(void)state;
	begin(&s);
	put(&s, 'C', 0);
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk),
	    SK_EVERSION);
	sk_walk_close(&walk);
	/* but not a stranger's */
	forge(&s, 2, 16, 5);
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk),
	    2);
	sk_walk_close(&walk);
	drop(&s);

	begin(&s);
	put_block(&s, "x\n");
	forge(&s, 2, 8, UINT64_C(0x00010142474c4b53)); /* TXN */
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk),
	    SK_EVERSION);
	sk_walk_close(&walk);
	drop(&s);

	begin(&s);
	forge(&s, 0, 80, UINT64_C(2) << 32); /* two partitions */
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk),
	    SK_EVERSION);
	sk_walk_close(&walk);
	drop(&s);
}

static void
a_repacked_segment_may_step_in_topic_seq(void **state)
{
	struct segment s;
	struct sk_walk walk;

	(void)state;
	memset(&s, 0, sizeof(s));
	sk_index_reset(&s.index);
	s.next.incarnation = 1;
	s.next.salt = 2;
	s.next.u.s.partitions = 1;
	put(&s, 'S', SK_S_REPACKED);
	s.next.durable_pos = s.bytes.len;
	put_block(&s, "a\n");
	s.next.topic_seq = 17;
	s.next.durable_pos = s.bytes.len;
	put_block(&s, "b\n");
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk),
	    3);
	assert_int_equal(walk.chain.topic_seq, 18);
	sk_walk_close(&walk);
	forge(&s, 2, 48, s.frame[1]);
	assert_int_equal(walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk),
	    2);
	sk_walk_close(&walk);
	drop(&s);
}

static void
goes_on_where_the_file_has_grown(void **state)
{
	struct segment s;
	struct sk_walk walk;
	struct sk_view data;

	(void)state;
	fill_up(&s);
	assert_int_equal(walk_bytes(s.bytes.ptr, s.frame[3] + 130, 0, NULL,
	    &walk), 3);
	assert_int_equal(walk.stop, SK_WALK_SHORT);
	assert_int_equal(sk_walk_next(&walk), 0);
	/* what was torn there may be other bytes when it comes again */
	assert_int_equal(sk_file_pwrite(fd, s.bytes.ptr, s.bytes.len, 0), 0);
	assert_int_equal(sk_walk_refresh(&walk), 0);
	assert_int_equal(sk_walk_next(&walk), 1);
	assert_int_equal(walk.frame.type, 'B');
	assert_int_equal(sk_walk_data(&walk, &data), 0);
	assert_int_equal(sk_block_check(&walk.frame, data.ptr, data.len), 0);
	assert_int_equal(walk.frame.u.b.records, 1);
	while (sk_walk_next(&walk) == 1)
		;
	assert_int_equal(walk.stop, SK_WALK_END);
	sk_walk_close(&walk);
	drop(&s);
}

static void
begins_in_the_middle(void **state)
{
	struct sk_chain chain = { 0 };
	struct segment s;
	struct sk_walk walk;

	(void)state;
	fill_up(&s);
	walk_bytes(s.bytes.ptr, s.bytes.len, 0, NULL, &walk);
	sk_walk_close(&walk);
	chain.salt = 0x5a5a5a5a5a5a5a5a;
	chain.base = 100;
	chain.offset = 102;
	chain.topic_seq = 41;
	assert_int_equal(sk_walk_open_at(&walk, fd, 0, s.frame[3], &chain),
	    0);
	assert_int_equal(sk_walk_next(&walk), 1);
	assert_int_equal(walk.frame.offset, 102);
	assert_int_equal(walk.chain.incarnation, 11);
	while (sk_walk_next(&walk) == 1)
		;
	assert_int_equal(walk.stop, SK_WALK_END);
	sk_walk_close(&walk);
	drop(&s);
}

static void
looks_beyond_the_damage(void **state)
{
	struct sk_beyond beyond;
	struct segment s;
	struct sk_walk walk;

	(void)state;
	fill_up(&s);
	/* damage in the first block: everything behind it is found */
	s.bytes.ptr[s.frame[2] + 130] ^= 1;
	walk_bytes(s.bytes.ptr, s.bytes.len, SK_WALK_DATA, NULL, &walk);
	assert_int_equal(sk_walk_beyond(&walk, &beyond), 0);
	assert_int_equal(beyond.frames, 6);
	assert_int_equal(beyond.durable_pos, s.frame[5]);
	assert_int_equal(beyond.end_offset, 106);
	assert_int_equal(beyond.readable_first, 102);
	assert_int_equal(beyond.readable_end, 106);
	assert_true(beyond.any);
	sk_walk_close(&walk);

	/* a frame that is damaged as well says nothing */
	s.bytes.ptr[s.frame[4] + 50] ^= 1;
	s.bytes.ptr[s.frame[5] + 50] ^= 1;
	s.bytes.ptr[s.frame[6] + 50] ^= 1;
	s.bytes.ptr[s.frame[7] + 50] ^= 1;
	walk_bytes(s.bytes.ptr, s.bytes.len, SK_WALK_DATA, NULL, &walk);
	assert_int_equal(sk_walk_beyond(&walk, &beyond), 0);
	assert_int_equal(beyond.frames, 2);
	assert_int_equal(beyond.durable_pos, s.frame[2]);
	sk_walk_close(&walk);
	drop(&s);
}

/* Frames of a writer whose end a later P has told are stale. */
static void
stale_frames_are_not_believed(void **state)
{
	struct sk_beyond beyond;
	struct segment s;
	struct sk_walk walk;

	(void)state;
	fill_up(&s);
	sk_buf_str(&s.bytes, "garbage");
	s.next.incarnation = 11;
	s.next.offset = 9000;
	s.next.durable_pos = 100000;
	put(&s, 'P', SK_P_MOVED);
	walk_bytes(s.bytes.ptr, s.bytes.len, SK_WALK_DATA, NULL, &walk);
	assert_int_equal(walk.stop, SK_WALK_BAD);
	assert_int_equal(sk_walk_beyond(&walk, &beyond), 0);
	assert_int_equal(beyond.durable_pos, 0);
	assert_int_equal(beyond.frames, 0);
	assert_true(beyond.any);
	sk_walk_close(&walk);
	forge(&s, 8, 24, 12);
	walk_bytes(s.bytes.ptr, s.bytes.len, SK_WALK_DATA, NULL, &walk);
	assert_int_equal(sk_walk_beyond(&walk, &beyond), 0);
	assert_int_equal(beyond.durable_pos, 100000);
	sk_walk_close(&walk);
	drop(&s);
}

static int
make_file(void **state)
{
	(void)state;
	fd = topic_nameless();
	return 0;
}

static int
drop_file(void **state)
{
	(void)state;
	sk_zstd_free(&zstd);
	return close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_segment_is_walked),
		cmocka_unit_test(a_flip_stops_the_walk),
		cmocka_unit_test(a_cut_stops_the_walk),
		cmocka_unit_test(each_rule_of_the_chain_binds),
		cmocka_unit_test(what_this_version_does_not_read_is_refused),
		cmocka_unit_test(a_repacked_segment_may_step_in_topic_seq),
		cmocka_unit_test(goes_on_where_the_file_has_grown),
		cmocka_unit_test(begins_in_the_middle),
		cmocka_unit_test(looks_beyond_the_damage),
		cmocka_unit_test(stale_frames_are_not_believed),
	};

	return cmocka_run_group_tests_name("log/walk", tests, make_file,
	    drop_file);
}
