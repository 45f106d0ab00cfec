/* log/list: what is listed is what was stored, without reading data. */
#include "topic.h"

#include "log/list.h"
#include "log/lock.h"
#include "log/repack.h"

static const char *const rolling[] = { "segment_bytes", "1", NULL };

static void
tells_what_segments_hold(void **state)
{
	struct sk_log_list list;
	struct sk_diag diag;
	struct stat st;
	char *path;

	(void)state;
	topic_fill("web", rolling, 0, 20, 10);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1M", NULL },
	    20, 25, 5);
	assert_int_equal(sk_log_list_load(&list, "web", &diag), 0);
	assert_int_equal(list.n, 3);

	assert_int_equal(list.rows[0].first, 0);
	assert_int_equal(list.rows[0].next, 10);
	assert_int_equal(list.rows[0].lines, 10);
	assert_int_equal(list.rows[0].blocks, 1);
	assert_int_equal(list.rows[0].raw_nbytes, 10 * 19);
	assert_int_equal(list.rows[0].state, SK_LIST_SEALED);
	assert_string_equal(list.rows[0].file, "00000000000000000000.zst");
	path = topic_file("web", 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(list.rows[0].nbytes, st.st_size);
	free(path);

	assert_int_equal(list.rows[2].first, 20);
	assert_int_equal(list.rows[2].next, 25);
	assert_int_equal(list.rows[2].lines, 5);
	assert_int_equal(list.rows[2].raw_nbytes, 5 * 20);
	assert_int_equal(list.rows[2].state, SK_LIST_OPEN);
	assert_true(list.rows[0].from_ns <= list.rows[0].to_ns);
	assert_true(list.rows[0].to_ns <= list.rows[2].from_ns);
	assert_true(list.rows[0].from_ns > 0);
	sk_log_list_free(&list);
}

static void
an_empty_segment_has_no_times(void **state)
{
	struct sk_log_list list;

	(void)state;
	topic_fill("web", NULL, 0, 0, 1);
	assert_int_equal(sk_log_list_load(&list, "web", NULL), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.rows[0].lines, 0);
	assert_true(list.rows[0].from_ns == SK_NO_TIME);
	assert_true(list.rows[0].to_ns == SK_NO_TIME);
	sk_log_list_free(&list);
}

static void
knows_repacked_segments(void **state)
{
	struct sk_log_list list;
	struct sk_log_repacked done;

	(void)state;
	topic_fill("web", (const char *const[]){ "segment_bytes", "2K", NULL },
	    0, 200, 10);
	assert_int_equal(sk_log_repack_segment("web", 0, NULL, &done, NULL),
	    0);
	assert_int_equal(sk_log_list_load(&list, "web", NULL), 0);
	assert_true(list.n > 1);
	assert_int_equal(list.rows[0].state, SK_LIST_REPACKED);
	assert_int_equal(list.rows[0].next, list.rows[1].first);
	sk_log_list_free(&list);
}

static void
a_torn_end_is_open_only_while_a_writer_runs(void **state)
{
	struct sk_log_list list;
	struct stat st;
	char *path;
	int lock;

	(void)state;
	topic_fill("web", NULL, 0, 20, 10);
	path = topic_file("web", 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 10), 0);
	assert_int_equal(sk_log_list_load(&list, "web", NULL), 0);
	assert_int_equal(list.rows[0].state, SK_LIST_TORN);
	assert_int_equal(list.rows[0].lines, 20);
	sk_log_list_free(&list);

	lock = sk_log_lock("web", NULL);
	assert_true(lock >= 0);
	assert_int_equal(sk_log_list_load(&list, "web", NULL), 0);
	assert_int_equal(list.rows[0].state, SK_LIST_OPEN);
	sk_log_list_free(&list);
	sk_log_unlock(lock);
	free(path);
}

static void
an_older_segment_without_a_seal_is_damaged(void **state)
{
	struct sk_log_list list;
	struct stat st;
	char *path;

	(void)state;
	topic_fill("web", rolling, 0, 20, 10);
	path = topic_file("web", 0);
	assert_int_equal(stat(path, &st), 0);
	topic_flip(path, (size_t)st.st_size - 1, 1);
	assert_int_equal(sk_log_list_load(&list, "web", NULL), 0);
	assert_int_equal(list.rows[0].state, SK_LIST_DAMAGED);
	assert_int_equal(list.rows[0].next, 10);
	sk_log_list_free(&list);

	topic_flip(path, 20, 1); /* in S */
	assert_int_equal(sk_log_list_load(&list, "web", NULL), 0);
	assert_int_equal(list.rows[0].state, SK_LIST_DAMAGED);
	assert_int_equal(list.rows[0].lines, 0);
	assert_int_equal(list.rows[1].state, SK_LIST_SEALED);
	sk_log_list_free(&list);
	free(path);
}

static void
what_is_no_topic_is_refused(void **state)
{
	struct sk_log_list list;
	struct sk_diag diag;

	(void)state;
	assert_int_equal(sk_log_list_load(&list, "none", &diag), SK_ESYS);
	assert_string_equal(diag.text, "none: No such file or directory");
	assert_int_equal(list.n, 0);
	topic_fill("web", NULL, 0, 5, 5);
	assert_int_equal(unlink("web/topic.conf"), 0);
	assert_int_equal(sk_log_list_load(&list, "web", &diag), SK_EDATA);
	sk_log_list_free(&list);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, topic_begin, topic_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_what_segments_hold),
		TEST(an_empty_segment_has_no_times),
		TEST(knows_repacked_segments),
		TEST(a_torn_end_is_open_only_while_a_writer_runs),
		TEST(an_older_segment_without_a_seal_is_damaged),
		TEST(what_is_no_topic_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
