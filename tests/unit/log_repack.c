/*
 * log/repack: larger blocks, the same lines, and every fact that must stay.
 * The segments are built here frame by frame, so that they hold what a writer
 * seldom writes.
 */
#include "topic.h"

#include "log/block.h"
#include "log/check.h"
#include "log/index.h"
#include "log/repack.h"
#include "log/source.h"
#include "log/walk.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

/* A segment under construction. */
static struct {
	struct sk_log_conf conf;
	struct sk_frame at; /* salt, incarnation, offset of the next frame */
	uint64_t base, prev_base, prev_salt;
	int64_t last_clock_ns;
	struct sk_index index;
	struct sk_buf bytes;
	struct sk_zstd zstd;
} made;

static void
frame(char type, unsigned flags, struct sk_buf *tlvs)
{
	struct sk_frame f = made.at;

	f.type = type;
	f.flags = (uint16_t)flags;
	f.durable_pos = type == 'E' || (type == 'P' && flags == SK_P_IDLE)
	    ? made.index.pos : made.at.durable_pos;
	made.at.durable_pos = f.durable_pos;
	made.last_clock_ns = f.clock_ns;
	if (type == 'S') {
		memcpy(f.u.s.uuid, made.conf.uuid, SK_UUID_LEN);
		f.u.s.partitions = 1;
		f.u.s.prev_base = made.prev_base;
		f.u.s.prev_salt = made.prev_salt;
	}
	if (tlvs != NULL)
		f.tlvs = sk_view(tlvs->ptr, tlvs->len);
	sk_frame_encode(&f, &made.bytes);
	sk_index_add_frame(&made.index, f.len);
	if (tlvs != NULL)
		sk_buf_free(tlvs);
}

static void
begin_segment(void)
{
	made.base = made.at.offset;
	made.at.salt += 1000;
	made.at.durable_pos = 0;
	sk_index_reset(&made.index);
	sk_buf_reset(&made.bytes);
	frame('S', 0, NULL);
}

/* A block of n lines. */
static void
block(uint64_t n, unsigned flags, int64_t event_min, int64_t event_max,
    struct sk_buf *tlvs)
{
	struct sk_frame b = made.at;
	struct sk_buf text = { 0 }, data = { 0 };
	uint32_t checksum;
	uint64_t i;

	for (i = 0; i < n; i++)
		topic_line(&text, made.at.offset + i);
	sk_block_pack(&made.zstd, 1, text.ptr, text.len, n, &b, &data,
	    &checksum);
	b.flags = (uint16_t)flags;
	b.u.b.event_min_ns = event_min;
	b.u.b.event_max_ns = event_max;
	if (tlvs != NULL)
		b.tlvs = sk_view(tlvs->ptr, tlvs->len);
	sk_frame_encode(&b, &made.bytes);
	sk_buf_add(&made.bytes, data.ptr, data.len);
	sk_index_add_block(&made.index, &b, checksum);
	made.at.offset += n;
	made.at.topic_seq++;
	made.last_clock_ns = b.clock_ns;
	made.at.clock_ns += 10;
	sk_buf_free(&text);
	sk_buf_free(&data);
	if (tlvs != NULL)
		sk_buf_free(tlvs);
}

static void
plain_block(uint64_t n)
{
	block(n, 0, SK_NO_TIME, SK_NO_TIME, NULL);
}

/* Another writer. */
static void
reopen(void)
{
	made.at.incarnation++;
	frame('P', SK_P_OPENED, NULL);
}

static void
store(void)
{
	char *path = topic_file("web", made.base);

	topic_store(path, made.bytes.ptr, made.bytes.len);
	free(path);
}

static void
seal(void)
{
	struct sk_frame x = made.at;

	x.clock_ns = made.last_clock_ns;
	x.u.x.first_offset = made.base;
	sk_index_seal(&made.index, &x, &made.bytes);
	store();
	made.prev_base = made.base;
	made.prev_salt = made.at.salt;
}

/* A newest segment behind the one that is repacked. */
static void
follow(void)
{
	begin_segment();
	frame('E', 0, NULL);
	store();
}

static int
begin(void **state)
{
	struct sk_log_policy policy;

	topic_begin(state);
	memset(&made, 0, sizeof(made));
	made.at.incarnation = 77;
	made.at.clock_ns = 1000000;
	made.prev_base = SK_NO_OFFSET;
	sk_log_policy_init(&policy);
	assert_int_equal(mkdir("web", 0777), 0);
	assert_int_equal(sk_log_conf_create(&made.conf, "web", &policy, NULL),
	    0);
	begin_segment();
	reopen();
	return 0;
}

static int
end(void **state)
{
	sk_index_free(&made.index);
	sk_buf_free(&made.bytes);
	sk_zstd_free(&made.zstd);
	return topic_end(state);
}

static void
is_ok(void *arg, const struct sk_log_finding *found)
{
	(void)arg;
	if (found->verdict != SK_CHECK_OK)
		fail_msg("%s: %s", found->file, found->reason);
}

/* Repack segment 0, and hold the result against what must not change. */
static void
repack(struct sk_log_repacked *done)
{
	struct sk_buf before = topic_read("web"), after;
	struct sk_diag diag;

	if (sk_log_repack_segment("web", 0, NULL, done, &diag) != 0)
		fail_msg("%s", diag.text);
	after = topic_read("web");
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.ptr, after.ptr, before.len);
	assert_int_equal(sk_log_check("web", is_ok, NULL, NULL, &diag), 0);
	assert_int_equal(access("web/.new-00000000000000000000", F_OK), -1);
	sk_buf_free(&before);
	sk_buf_free(&after);
}

/* The frames of segment 0, as letters (P with its reason). */
static void
frames_are(const char *want)
{
	char got[64] = "", *path = topic_file("web", 0);
	int fd = open(path, O_RDONLY);
	struct sk_walk walk;
	size_t n = 0;

	assert_true(fd >= 0);
	assert_int_equal(sk_walk_open(&walk, fd, SK_WALK_DEEP, NULL), 0);
	while (sk_walk_next(&walk) > 0) {
		got[n++] = walk.frame.type;
		if (walk.frame.type == 'P')
			got[n++] = (char)('0' + walk.frame.flags);
	}
	assert_int_equal(walk.stop, SK_WALK_END);
	assert_string_equal(got, want);
	sk_walk_close(&walk);
	close(fd);
	free(path);
}

/* The n-th block of segment 0.  Its TLVs are in *tlvs. */
static struct sk_frame
block_at(unsigned n, struct sk_buf *tlvs)
{
	char *path = topic_file("web", 0);
	int fd = open(path, O_RDONLY);
	struct sk_frame found = { 0 };
	struct sk_walk walk;

	assert_true(fd >= 0);
	assert_int_equal(sk_walk_open(&walk, fd, 0, NULL), 0);
	while (sk_walk_next(&walk) > 0)
		if (walk.frame.type == 'B' && n-- == 0) {
			found = walk.frame;
			sk_buf_view(tlvs, found.tlvs);
			break;
		}
	found.tlvs = sk_view(tlvs->ptr, tlvs->len);
	assert_int_equal(found.type, 'B');
	sk_walk_close(&walk);
	close(fd);
	free(path);
	return found;
}

static void
joins_blocks(void **state)
{
	struct sk_log_repacked done;
	struct sk_buf tlvs = { 0 };
	struct sk_frame b;
	unsigned i;

	(void)state;
	for (i = 0; i < 50; i++)
		plain_block(10);
	seal();
	follow();
	repack(&done);
	assert_true(done.done);
	assert_int_equal(done.blocks_before, 50);
	assert_int_equal(done.blocks_after, 1);
	assert_true(done.nbytes_after < done.nbytes_before);
	frames_are("SP1BX");
	b = block_at(0, &tlvs);
	assert_int_equal(b.offset, 0);
	assert_int_equal(b.topic_seq, 0);
	assert_int_equal(b.clock_ns, 1000000 + 49 * 10);
	assert_int_equal(b.u.b.records, 500);
	assert_int_equal(b.u.b.span, 500);
	assert_true(b.u.b.event_min_ns == SK_NO_TIME);

	repack(&done);
	assert_false(done.done);
}

static void
keeps_incarnations_apart(void **state)
{
	struct sk_log_repacked done;
	struct sk_buf tlvs = { 0 };

	(void)state;
	plain_block(10);
	plain_block(10);
	frame('P', SK_P_IDLE, NULL);
	frame('E', 0, NULL);
	reopen();
	plain_block(10);
	plain_block(10);
	plain_block(10);
	frame('P', SK_P_IDLE, NULL);
	seal();
	follow();
	repack(&done);
	assert_true(done.done);
	frames_are("SP1BP1BX");
	assert_int_equal(block_at(0, &tlvs).incarnation, 78);
	assert_int_equal(block_at(1, &tlvs).incarnation, 79);
	assert_int_equal(block_at(1, &tlvs).offset, 20);
	assert_int_equal(block_at(1, &tlvs).topic_seq, 2);
}

static void
keeps_the_span_of_event_times(void **state)
{
	struct sk_log_repacked done;
	struct sk_buf tlvs = { 0 };
	struct sk_frame b;

	(void)state;
	block(10, 0, 500, 600, NULL);
	block(10, 0, -7, 3, NULL);
	block(10, 0, 550, 9000, NULL);
	reopen();
	block(10, 0, 1, 2, NULL);
	block(10, 0, SK_NO_TIME, SK_NO_TIME, NULL);
	block(10, 0, 1, 2, NULL);
	seal();
	follow();
	repack(&done);
	frames_are("SP1BP1BX");
	b = block_at(0, &tlvs);
	assert_int_equal(b.u.b.event_min_ns, -7);
	assert_int_equal(b.u.b.event_max_ns, 9000);
	b = block_at(1, &tlvs);
	assert_true(b.u.b.event_min_ns == SK_NO_TIME);
	assert_true(b.u.b.event_max_ns == SK_NO_TIME);
}

static struct sk_buf *
source(struct sk_buf *buf, uint64_t id, uint64_t start, uint64_t stop)
{
	struct sk_source s = { .id = id, .start_pos = start, .end_pos = stop,
		.name = { "access.log", 10 } };

	sk_source_add(buf, &s);
	return buf;
}

static void
keeps_the_last_position_of_each_source(void **state)
{
	struct sk_log_repacked done;
	struct sk_buf tlvs = { 0 }, one = { 0 }, two = { 0 }, three = { 0 };
	struct sk_source s;
	struct sk_view rest;
	struct sk_tlv tlv;
	int i;

	(void)state;
	source(&one, 5, 0, 100);
	source(&one, 9, 7, 20);
	block(10, 0, SK_NO_TIME, SK_NO_TIME, &one);
	block(10, 0, SK_NO_TIME, SK_NO_TIME, source(&two, 5, 100, 300));
	frame('P', SK_P_MOVED, source(&three, 9, 40, 40));
	plain_block(10);
	seal();
	follow();
	repack(&done);
	frames_are("SP1BX");
	rest = block_at(0, &tlvs).tlvs;
	for (i = 0; i < 2; i++) {
		assert_int_equal(sk_tlv_next(&rest, &tlv), 1);
		assert_int_equal(sk_source_decode(tlv.value, &s), 0);
		assert_int_equal(s.id, i == 0 ? 5 : 9);
		assert_int_equal(s.start_pos, i == 0 ? 0 : 7);
		assert_int_equal(s.end_pos, i == 0 ? 300 : 40);
		assert_int_equal(s.name.len, 10);
	}
	assert_int_equal(sk_tlv_next(&rest, &tlv), 0);
	sk_buf_free(&tlvs);
}

static void
leaves_what_cannot_be_joined_alone(void **state)
{
	struct sk_log_repacked done;
	struct sk_buf tlvs = { 0 }, note = { 0 };
	struct sk_tlv tlv;

	(void)state;
	plain_block(10);
	block(10, SK_B_SYNTHETIC_NL, SK_NO_TIME, SK_NO_TIME, NULL);
	plain_block(10);
	plain_block(10);
	sk_tlv_add(&note, SK_TLV_NOTE, sk_view_str("kept"));
	block(10, 0, SK_NO_TIME, SK_NO_TIME, &note);
	plain_block(10);
	plain_block(10);
	seal();
	follow();
	repack(&done);
	assert_true(done.done);
	frames_are("SP1BBBBX");
	assert_int_equal(block_at(0, &tlvs).u.b.records, 20);
	assert_int_equal(block_at(0, &tlvs).flags, SK_B_SYNTHETIC_NL);
	assert_int_equal(block_at(1, &tlvs).flags, 0);
	sk_buf_reset(&tlvs);
	assert_true(sk_tlv_find(block_at(2, &tlvs).tlvs, SK_TLV_NOTE, &tlv));
	assert_int_equal(tlv.value.len, 4);
	assert_int_equal(block_at(3, &tlvs).u.b.records, 20);
	sk_buf_free(&tlvs);
}

static void
a_block_has_a_limit(void **state)
{
	struct sk_log_repack how = { 5000, 65536, 3 };
	struct sk_log_repacked done;
	struct sk_buf tlvs = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < 40; i++)
		plain_block(20);
	seal();
	follow();
	assert_int_equal(sk_log_repack_segment("web", 0, &how, &done, NULL),
	    0);
	assert_true(done.done);
	assert_true(done.blocks_after > 1 && done.blocks_after < 10);
	for (i = 0; i < done.blocks_after; i++)
		assert_true(block_at(i, &tlvs).u.b.raw_len <= 5000);
	topic_holds("web", 0, 800);
}

static void
the_newest_and_the_good_ones_stay(void **state)
{
	struct sk_log_repack how = { 1048576, 100, 3 };
	struct sk_log_repacked done;

	(void)state;
	plain_block(100);
	plain_block(100);
	seal();
	assert_int_equal(sk_log_repack_segment("web", 0, NULL, &done, NULL),
	    0);
	assert_false(done.done); /* no segment is behind it */
	follow();
	assert_int_equal(sk_log_repack_segment("web", 0, &how, &done, NULL),
	    0);
	assert_false(done.done); /* its blocks are larger than 100 bytes */
	assert_int_equal(sk_log_repack_segment("web", 200, NULL, &done, NULL),
	    0);
	assert_false(done.done);
	repack(&done);
	assert_true(done.done);
}

/* Whatever byte is changed: refused, or harmless, and nothing is left. */
static void
a_damaged_segment_is_left_as_it_is(void **state)
{
	struct sk_log_repacked done;
	struct sk_buf old, now, wrong;
	char *path = topic_file("web", 0);
	size_t i;

	(void)state;
	plain_block(10);
	plain_block(10);
	seal();
	follow();
	old = topic_load(path);
	for (i = 0; i < old.len; i++) {
		topic_flip(path, i, 0x10);
		wrong = topic_load(path);
		assert_int_not_equal(sk_log_repack_segment("web", 0, NULL,
		    &done, NULL), SK_ESYS);
		assert_false(done.done);
		assert_int_equal(
		    access("web/.new-00000000000000000000", F_OK), -1);
		now = topic_load(path);
		assert_int_equal(now.len, wrong.len);
		assert_memory_equal(now.ptr, wrong.ptr, now.len);
		sk_buf_free(&wrong);
		sk_buf_free(&now);
		topic_store(path, old.ptr, old.len);
	}
	repack(&done);
	assert_true(done.done);
	sk_buf_free(&old);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joins_blocks),
		TEST(keeps_incarnations_apart),
		TEST(keeps_the_span_of_event_times),
		TEST(keeps_the_last_position_of_each_source),
		TEST(leaves_what_cannot_be_joined_alone),
		TEST(a_block_has_a_limit),
		TEST(the_newest_and_the_good_ones_stay),
		TEST(a_damaged_segment_is_left_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
