/* log/reader: what is given out, where it begins, and following. */
#include "reader.h"

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
		T(a_follower_waits_for_whole_blocks),
		T(a_follower_wakes_at_a_write),
		T(a_shortened_log_is_an_error),
		T(a_rewritten_log_is_an_error),
		T(a_topic_that_goes_away_is_an_error),
		T(parts_of_a_block),
	};

	return cmocka_run_group_tests(tests, topic_begin, remove_topic);
}
