/* log/check: what is whole is ok, and no damage of one place is. */
#include "topic.h"

#include "log/check.h"
#include "log/lock.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

/* The findings of the last check, a line each. */
static struct sk_buf found;

/* Segments 0 and 10, sealed, and 20 with an end mark. */
static int
begin(void **state)
{
	topic_begin(state);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1", NULL },
	    0, 20, 10);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1M", NULL },
	    20, 30, 5);
	return 0;
}

static int
end(void **state)
{
	sk_buf_free(&found);
	return topic_end(state);
}

static void
note(void *arg, const struct sk_log_finding *f)
{
	(void)arg;
	assert_int_equal(f->partition, 0);
	sk_buf_fmt(&found, "%s %.20s %llu %llu %s\n",
	    sk_log_verdict_name(f->verdict), f->file,
	    (unsigned long long)f->first, (unsigned long long)f->next,
	    f->reason);
}

static int
check(void)
{
	struct sk_diag diag = { "" };
	int got;

	sk_buf_reset(&found);
	got = sk_log_check("web", note, NULL, &topic_notify, &diag);
	sk_buf_cstr(&found);
	return got;
}

/* The verdict on the n-th finding. */
static int
verdict(unsigned n)
{
	const char *at = found.ptr;

	while (n-- > 0)
		at = strchr(at, '\n') + 1;
	return *at;
}

static void
a_whole_topic_is_ok(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	assert_string_equal(found.ptr,
	    "ok 00000000000000000000 0 10 \n"
	    "ok 00000000000000000010 10 20 \n"
	    "ok 00000000000000000020 20 30 \n");
	assert_string_equal(topic_said(), "");
}

/* Flip a bit at every byte of a segment and count the verdicts on it. */
static void
flip_all(unsigned n, unsigned verdicts[128])
{
	char *path = topic_file("web", 10 * n);
	struct sk_buf bytes = topic_load(path);
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		topic_flip(path, i, 1 << i % 8);
		assert_in_range(check(), 0, 1);
		verdicts[verdict(n)]++;
		topic_flip(path, i, 1 << i % 8);
	}
	assert_int_equal(check(), 0);
	sk_buf_free(&bytes);
	free(path);
}

static void
every_flipped_byte_of_a_sealed_segment_is_bad(void **state)
{
	unsigned verdicts[128] = { 0 };

	(void)state;
	flip_all(0, verdicts);
	flip_all(1, verdicts);
	assert_int_equal(verdicts['o'], 0);
	assert_int_equal(verdicts['t'], 0);
	assert_true(verdicts['b'] > 1000);
}

/* E alone may be torn off: nothing speaks of what is behind it. */
static void
every_flipped_byte_of_the_newest_is_seen(void **state)
{
	unsigned verdicts[128] = { 0 };

	(void)state;
	flip_all(2, verdicts);
	assert_int_equal(verdicts['o'], 0);
	assert_int_equal(verdicts['t'], 72);
	assert_true(verdicts['b'] > 500);
}

static void
a_cut_segment_is_seen(void **state)
{
	char *path = topic_file("web", 0);
	struct sk_buf bytes = topic_load(path);
	unsigned verdicts[128] = { 0 };
	size_t len, seal = 0;

	(void)state;
	for (len = 0; len < bytes.len; len++) {
		topic_store(path, bytes.ptr, len);
		assert_in_range(check(), 0, 1);
		verdicts[verdict(0)]++;
		if (verdict(0) == 't' && seal == 0)
			seal = len;
	}
	/* A seal that is cut can be made again; records cannot. */
	assert_int_equal(verdicts['o'], 0);
	assert_int_equal(verdicts['t'], bytes.len - seal);
	assert_int_equal(verdicts['b'], seal);
	assert_int_equal(memcmp(bytes.ptr + seal + 8, "SKLGX", 5), 0);
	sk_buf_free(&bytes);
	free(path);
}

static void
a_cut_newest_is_torn_or_without_an_end_mark(void **state)
{
	char *path = topic_file("web", 20);
	struct sk_buf bytes = topic_load(path);
	size_t len;

	(void)state;
	for (len = bytes.len - 1; len > bytes.len - 200; len--) {
		topic_store(path, bytes.ptr, len);
		assert_int_equal(check(), 0);
		if (verdict(2) == 'o')
			assert_non_null(strstr(found.ptr, "30 no end mark: "
			    "the last writer was killed, or the end is lost"));
		else
			assert_non_null(strstr(found.ptr,
			    "not whole, and not proven durable"));
	}
	sk_buf_free(&bytes);
	free(path);
}

static void
a_writer_at_work_explains_the_end(void **state)
{
	char *path = topic_file("web", 20);
	struct sk_buf bytes = topic_load(path);
	int lock = sk_log_lock("web", NULL);

	(void)state;
	assert_true(lock >= 0);
	topic_store(path, bytes.ptr, bytes.len - 72);
	assert_int_equal(check(), 0);
	assert_non_null(strstr(found.ptr, "ok 00000000000000000020 20 30 \n"));
	topic_store(path, bytes.ptr, bytes.len - 80);
	assert_int_equal(check(), 0);
	assert_non_null(strstr(found.ptr,
	    "ok 00000000000000000020 20 25 being written\n"));
	sk_log_unlock(lock);
	sk_buf_free(&bytes);
	free(path);
}

static void
names_the_records_of_a_damaged_block(void **state)
{
	char *path = topic_file("web", 10);
	struct sk_buf bytes = topic_load(path);
	const char *b = memmem(bytes.ptr, bytes.len, "SKLGB", 5);
	char want[128];

	(void)state;
	assert_non_null(b);
	topic_flip(path, (size_t)(b - bytes.ptr) + 130, 4);
	assert_int_equal(check(), 1);
	snprintf(want, sizeof(want), "bad 00000000000000000010 10 10 "
	    "block at %d damaged: records 10..19\n", (int)(b - bytes.ptr - 8));
	assert_non_null(strstr(found.ptr, want));
	sk_buf_free(&bytes);
	free(path);
}

static void
a_missing_segment_is_named(void **state)
{
	(void)state;
	assert_int_equal(unlink("web/00000000000000000010.zst"), 0);
	assert_int_equal(check(), 1);
	assert_string_equal(found.ptr,
	    "ok 00000000000000000000 0 10 \n"
	    "bad 00000000000000000010 10 20 records 10..19 missing "
	    "(segment 00000000000000000010.zst absent)\n"
	    "ok 00000000000000000020 20 30 \n");
}

static void
the_beginning_may_go_only_by_retention(void **state)
{
	struct sk_buf conf = topic_load("web/topic.conf");

	(void)state;
	assert_int_equal(unlink("web/00000000000000000000.zst"), 0);
	assert_int_equal(check(), 1);
	assert_int_equal(verdict(0), 'b');
	assert_non_null(strstr(found.ptr, "records 0..9 missing"));
	sk_buf_str(&conf, "cleanup=delete\n");
	topic_store("web/topic.conf", conf.ptr, conf.len);
	assert_int_equal(check(), 0);
	assert_int_equal(verdict(0), 'o');
	sk_buf_free(&conf);
}

static void
a_segment_of_another_topic_is_bad(void **state)
{
	(void)state;
	topic_fill("two", (const char *const[]){ "segment_bytes", "1", NULL },
	    0, 20, 10);
	assert_int_equal(rename("two/00000000000000000010.zst",
	    "web/00000000000000000010.zst"), 0);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(found.ptr, "bad 00000000000000000010 10 10 "
	    "does not belong here: the uuid is of another topic\n"));
}

static void
swapped_and_doubled_segments_are_bad(void **state)
{
	struct sk_buf one = topic_load("web/00000000000000000000.zst");
	struct sk_buf two = topic_load("web/00000000000000000010.zst");

	(void)state;
	topic_store("web/00000000000000000000.zst", two.ptr, two.len);
	topic_store("web/00000000000000000010.zst", one.ptr, one.len);
	assert_int_equal(check(), 1);
	assert_int_equal(verdict(0), 'b');
	assert_int_equal(verdict(1), 'b');
	topic_store("web/00000000000000000000.zst", one.ptr, one.len);
	topic_store("web/00000000000000000010.zst", two.ptr, two.len);
	assert_int_equal(check(), 0);
	topic_store("web/00000000000000000015.zst", one.ptr, one.len);
	assert_int_equal(check(), 1);
	assert_int_equal(verdict(2), 'b');
	sk_buf_free(&one);
	sk_buf_free(&two);
}

/* A chain of an old copy: right by itself, but of another past. */
static void
a_segment_must_follow_the_one_before(void **state)
{
	struct sk_buf conf = topic_load("web/topic.conf"), other;

	(void)state;
	assert_int_equal(mkdir("two", 0777), 0);
	topic_store("two/topic.conf", conf.ptr, conf.len);
	topic_fill("two", (const char *const[]){ "segment_bytes", "1", NULL },
	    0, 20, 10);
	other = topic_load("two/00000000000000000010.zst");
	topic_store("web/00000000000000000010.zst", other.ptr, other.len);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(found.ptr, "bad 00000000000000000010 10 10 "
	    "does not belong here: it follows another segment\n"));
	sk_buf_free(&conf);
	sk_buf_free(&other);
}

static void
foreign_files_are_named(void **state)
{
	(void)state;
	topic_store("web/notes.txt", "x", 1);
	topic_store("web/00000000000000000000.torn-99", "x", 1);
	assert_int_equal(check(), 0);
	assert_string_equal(topic_said(),
	    "web/notes.txt: not a file of a log, ignored\n");
}

static void
what_a_newer_version_wrote_is_not_judged(void **state)
{
	struct sk_buf bytes = topic_load("web/00000000000000000020.zst");
	struct sk_buf tlvs = { 0 }, out = { 0 };
	struct sk_frame s;

	(void)state;
	assert_int_equal(sk_frame_decode(bytes.ptr, bytes.len, &s), 0);
	sk_tlv_add(&tlvs, (enum sk_tlv_type)0x8123, sk_view_str("new"));
	s.tlvs = sk_view(tlvs.ptr, tlvs.len);
	sk_frame_encode(&s, &out);
	topic_store("web/00000000000000000020.zst", out.ptr, out.len);
	assert_int_equal(check(), SK_EVERSION);
	assert_non_null(strstr(found.ptr, "needs a newer version"));
	sk_buf_free(&bytes);
	sk_buf_free(&tlvs);
	sk_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_topic_is_ok),
		TEST(every_flipped_byte_of_a_sealed_segment_is_bad),
		TEST(every_flipped_byte_of_the_newest_is_seen),
		TEST(a_cut_segment_is_seen),
		TEST(a_cut_newest_is_torn_or_without_an_end_mark),
		TEST(a_writer_at_work_explains_the_end),
		TEST(names_the_records_of_a_damaged_block),
		TEST(a_missing_segment_is_named),
		TEST(the_beginning_may_go_only_by_retention),
		TEST(a_segment_of_another_topic_is_bad),
		TEST(swapped_and_doubled_segments_are_bad),
		TEST(a_segment_must_follow_the_one_before),
		TEST(foreign_files_are_named),
		TEST(what_a_newer_version_wrote_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
