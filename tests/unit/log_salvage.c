/* log/salvage: nothing that can be read is left behind, nothing else taken. */
#include "topic.h"

#include "log/check.h"
#include "log/salvage.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, topic_end)

enum { BLOCK = 5, LINES = 60 };

static struct sk_log_salvaged done;
static struct sk_diag diag;

/* Segments 0 and 10 of a block each, sealed; 20 of eight blocks by two
 * writers, with end marks. */
static int
begin(void **state)
{
	topic_begin(state);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1", NULL },
	    0, 20, 10);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1M", NULL },
	    20, 40, BLOCK);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1M", NULL },
	    40, LINES, BLOCK);
	return 0;
}

static int
salvage(void)
{
	topic_hush();
	topic_remove("new");
	return sk_log_salvage("web", "new", &topic_notify, &done, &diag);
}

static void
is_ok(void *arg, const struct sk_log_finding *found)
{
	(void)arg;
	if (found->verdict != SK_CHECK_OK || *found->reason != '\0')
		fail_msg("%s: %s", found->file, found->reason);
}

/* The new topic is whole and holds all lines but [from, to). */
static void
holds_all_but(uint64_t from, uint64_t to)
{
	struct sk_buf want = { 0 }, got;
	uint64_t i;

	assert_int_equal(sk_log_check("new", is_ok, NULL, NULL, NULL), 0);
	got = topic_read("new");
	for (i = 0; i < LINES; i++)
		if (i < from || i >= to)
			topic_line(&want, i);
	if (got.len != want.len || memcmp(got.ptr, want.ptr, got.len) != 0)
		fail_msg("not all but %d..%d", (int)from, (int)to - 1);
	sk_buf_free(&want);
	sk_buf_free(&got);
}

static void
a_whole_topic_is_copied(void **state)
{
	struct sk_log_conf old, conf;

	(void)state;
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.records, LINES);
	assert_int_equal(done.gaps, 0);
	assert_int_equal(done.lost, 0);
	assert_string_equal(topic_said(), "");
	holds_all_but(0, 0);
	assert_int_equal(sk_log_conf_load(&old, "web", NULL), 0);
	assert_int_equal(sk_log_conf_load(&conf, "new", NULL), 0);
	assert_memory_not_equal(old.uuid, conf.uuid, SK_UUID_LEN);
	assert_int_equal(conf.policy.segment_bytes, 1);
	topic_fill("new", NULL, LINES, LINES + 10, 10);
	topic_holds("new", 0, LINES + 10);
}

static void
append_times_stay(void **state)
{
	struct sk_reader *old, *new;
	struct sk_reader_block a, b;

	(void)state;
	assert_int_equal(salvage(), 0);
	assert_int_equal(sk_reader_open(&old, "web", NULL, NULL, NULL), 0);
	assert_int_equal(sk_reader_open(&new, "new", NULL, NULL, NULL), 0);
	while (sk_reader_next(old, &a) > 0) {
		assert_int_equal(sk_reader_next(new, &b), 1);
		assert_int_equal(a.clock_ns, b.clock_ns);
		assert_int_equal(a.first, b.first);
	}
	sk_reader_close(old);
	sk_reader_close(new);
}

static void
a_damaged_block_is_a_gap(void **state)
{
	char *path = topic_file("web", 20);
	struct sk_buf bytes = topic_load(path);
	const char *b = memmem(bytes.ptr, bytes.len, "SKLGB", 5);

	(void)state;
	b = memmem(b + 8, bytes.len - 200, "SKLGB", 5);
	topic_flip(path, (size_t)(b - bytes.ptr) + 140, 1);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.records, LINES - BLOCK);
	assert_int_equal(done.lost, BLOCK);
	assert_int_equal(done.gaps, 1);
	assert_string_equal(topic_said(), "web/00000000000000000020.zst: "
	    "records 25..29 lost, record 30 becomes 25\n");
	holds_all_but(25, 30);
	sk_buf_free(&bytes);
	free(path);
}

/* Damage one byte, anywhere: at most one block is lost, and it is said; none
 * if the byte is not of a block. */
static void
whatever_byte_is_damaged(uint64_t base)
{
	char *path = topic_file("web", base);
	struct sk_buf bytes = topic_load(path);
	const char *b = memmem(bytes.ptr, bytes.len, "SKLGB", 5);
	uint64_t from, to;
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		topic_flip(path, i, 1 << i % 8);
		assert_int_equal(salvage(), 0);
		from = to = 0;
		if (bytes.ptr + i < b - 8)
			assert_int_equal(done.gaps, 0);
		if (done.gaps > 0) {
			assert_int_equal(done.gaps, 1);
			assert_int_equal(sscanf(strstr(topic_said(), "records"),
			    "records %lu..%lu lost", &from, &to), 2);
			to++;
			assert_true(to - from == (base < 20 ? 10 : BLOCK));
		}
		assert_int_equal(done.lost, to - from);
		assert_int_equal(done.records, LINES - done.lost);
		holds_all_but(from, to);
		topic_flip(path, i, 1 << i % 8);
	}
	sk_buf_free(&bytes);
	free(path);
}

static void
a_damaged_byte_of_a_sealed_segment_costs_a_block(void **state)
{
	(void)state;
	whatever_byte_is_damaged(0);
}

static void
a_damaged_byte_of_the_newest_costs_a_block(void **state)
{
	struct sk_listing listing;

	(void)state;
	assert_int_equal(sk_listing_load(&listing, "web", NULL), 0);
	assert_int_equal(listing.bases[listing.n_segments - 1], 20);
	sk_listing_free(&listing);
	whatever_byte_is_damaged(20);
}

static void
a_torn_tail_is_told_and_is_no_gap(void **state)
{
	char *path = topic_file("web", 20);
	struct sk_buf bytes = topic_load(path);

	(void)state;
	topic_store(path, bytes.ptr, bytes.len - 80);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.gaps, 0);
	assert_int_equal(done.records, LINES - BLOCK);
	assert_non_null(strstr(topic_said(), "are not readable"));
	holds_all_but(LINES - BLOCK, LINES);
	sk_buf_free(&bytes);
	free(path);
}

static void
a_missing_segment_is_a_gap(void **state)
{
	(void)state;
	assert_int_equal(unlink("web/00000000000000000010.zst"), 0);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.gaps, 1);
	assert_int_equal(done.lost, 10);
	assert_string_equal(topic_said(), "web/00000000000000000020.zst: "
	    "records 10..19 lost, record 20 becomes 10\n");
	holds_all_but(10, 20);
}

static void
a_missing_beginning_is_a_gap_unless_removed(void **state)
{
	struct sk_buf conf = topic_load("web/topic.conf");

	(void)state;
	assert_int_equal(unlink("web/00000000000000000000.zst"), 0);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.gaps, 1);
	holds_all_but(0, 10);
	sk_buf_str(&conf, "cleanup=delete\n");
	topic_store("web/topic.conf", conf.ptr, conf.len);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.gaps, 0);
	assert_string_equal(topic_said(), "web/00000000000000000010.zst: "
	    "the log begins at 10, which becomes 0\n");
	holds_all_but(0, 10);
	sk_buf_free(&conf);
}

static void
a_lost_topic_conf_is_no_hindrance(void **state)
{
	(void)state;
	assert_int_equal(unlink("web/topic.conf"), 0);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.records, LINES);
	assert_string_equal(topic_said(), "web/topic.conf: cannot be read, the "
	    "new topic gets default settings\n");
	holds_all_but(0, 0);
}

static void
a_segment_of_another_topic_is_left_out(void **state)
{
	(void)state;
	topic_fill("two", (const char *const[]){ "segment_bytes", "1", NULL },
	    0, 20, 10);
	assert_int_equal(rename("two/00000000000000000010.zst",
	    "web/00000000000000000010.zst"), 0);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.left_out, 1);
	assert_int_equal(done.lost, 10);
	assert_non_null(strstr(topic_said(), "does not belong here, left out"));
	holds_all_but(10, 20);
}

/* What a power loss may bring back: a block of a writer whose tail was cut
 * when the next one began. */
static void
stale_blocks_are_not_taken(void **state)
{
	char *path = topic_file("web", 20);
	struct sk_buf bytes = topic_load(path);
	const char *b = memmem(bytes.ptr, bytes.len, "SKLGB", 5);
	struct sk_buf stale = { 0 };
	struct sk_frame frame;
	size_t at;

	(void)state;
	at = (size_t)(b - 8 - bytes.ptr);
	assert_int_equal(sk_frame_decode(b - 8, bytes.len - at, &frame), 0);
	frame.offset = LINES;
	sk_frame_encode(&frame, &stale);
	sk_buf_add(&stale, b - 8 + frame.len, frame.u.b.comp_len);
	sk_buf_add(&bytes, stale.ptr, stale.len);
	topic_store(path, bytes.ptr, bytes.len);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.records, LINES);
	holds_all_but(0, 0);
	sk_buf_free(&bytes);
	sk_buf_free(&stale);
	free(path);
}

static void
a_doubled_block_is_taken_once(void **state)
{
	char *path = topic_file("web", 20);
	struct sk_buf bytes = topic_load(path);
	const char *b = memmem(bytes.ptr, bytes.len, "SKLGB", 5);
	size_t at = (size_t)(b - 8 - bytes.ptr);
	size_t len = sk_frame_probe(b - 8) + sk_get32(b - 8 + 108);
	struct sk_buf twice = { 0 };

	(void)state;
	sk_buf_add(&twice, bytes.ptr, at + len);
	sk_buf_add(&twice, bytes.ptr + at, bytes.len - at);
	topic_store(path, twice.ptr, twice.len);
	assert_int_equal(salvage(), 0);
	assert_int_equal(done.records, LINES);
	holds_all_but(0, 0);
	sk_buf_free(&bytes);
	sk_buf_free(&twice);
	free(path);
}

static void
the_new_topic_must_not_be_there(void **state)
{
	(void)state;
	assert_int_equal(mkdir("new", 0777), 0);
	assert_int_equal(sk_log_salvage("web", "new", NULL, &done, &diag),
	    SK_ESYS);
	assert_string_equal(diag.text, "new: File exists");
	assert_int_equal(mkdir("void", 0777), 0);
	assert_int_equal(sk_log_salvage("void", "other", NULL, &done, &diag),
	    SK_EDATA);
	assert_int_equal(access("other", F_OK), -1);
	assert_int_equal(sk_log_salvage("none", "other", NULL, &done, &diag),
	    SK_ESYS);
	assert_int_equal(access("other", F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_topic_is_copied),
		TEST(append_times_stay),
		TEST(a_damaged_block_is_a_gap),
		TEST(a_damaged_byte_of_a_sealed_segment_costs_a_block),
		TEST(a_damaged_byte_of_the_newest_costs_a_block),
		TEST(a_torn_tail_is_told_and_is_no_gap),
		TEST(a_missing_segment_is_a_gap),
		TEST(a_missing_beginning_is_a_gap_unless_removed),
		TEST(a_lost_topic_conf_is_no_hindrance),
		TEST(a_segment_of_another_topic_is_left_out),
		TEST(stale_blocks_are_not_taken),
		TEST(a_doubled_block_is_taken_once),
		TEST(the_new_topic_must_not_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
