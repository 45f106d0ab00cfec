/* log/reader on logs that are damaged, cut, foreign or incomplete: what ends it
 * and with which words. */
#include "reader.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, topic_begin, remove_topic);
}
