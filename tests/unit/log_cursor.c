/* log/cursor: what is saved is loaded, edits are read, faults are named. */
#include "topic.h"

#include "log/cursor.h"

static char path[80];

static const struct sk_cursor sample = {
	{ 0x5f, 0x0c, 0x4e, 0x3a, 0x9b, 0x7d, 0x41, 0xd2, 0xa6, 0xc8, 0xe1,
	    0xf0, 0x9b, 0x3d, 0x7a, 0x54 },
	0, 10000, true, 9999, 0x0d21f00c6a5be913
};

static void
is_saved_as_text(void **state)
{
	struct sk_buf text = { 0 };

	(void)state;
	assert_int_equal(sk_cursor_save(path, &sample, "web", NULL), 0);
	assert_int_equal(sk_file_load(path, 1000, &text), 0);
	assert_string_equal(sk_buf_cstr(&text),
	    "# sk-replay --cursor; next= may be changed by hand\n"
	    "topic=web\n"
	    "uuid=5f0c4e3a9b7d41d2a6c8e1f09b3d7a54\n"
	    "partition=0\n"
	    "next=10000\n"
	    "record=9999\n"
	    "incarnation=0d21f00c6a5be913\n");
	sk_buf_free(&text);
}

static void
comes_back(void **state)
{
	struct sk_cursor got, first = sample;

	(void)state;
	assert_int_equal(sk_cursor_save(path, &sample, "a\nnext=1", NULL), 0);
	assert_int_equal(sk_cursor_load(path, &got, NULL), 1);
	assert_memory_equal(got.uuid, sample.uuid, 16);
	assert_int_equal(got.partition, 0);
	assert_int_equal(got.next, 10000);
	assert_true(got.has_record);
	assert_int_equal(got.record, 9999);
	assert_true(got.incarnation == sample.incarnation);
	first.has_record = false;
	first.next = UINT64_MAX;
	assert_int_equal(sk_cursor_save(path, &first, "web", NULL), 0);
	assert_int_equal(sk_cursor_load(path, &got, NULL), 1);
	assert_false(got.has_record);
	assert_true(got.next == UINT64_MAX);
}

static void
an_edited_file_is_read(void **state)
{
	static const char text[] = "next=7\r\n\n# my own\n"
	    "uuid=5F0c4e3a9b7d41d2a6c8e1f09b3d7a54\npartition=0";
	struct sk_cursor got;

	(void)state;
	topic_store(path, text, strlen(text));
	assert_int_equal(sk_cursor_load(path, &got, NULL), 1);
	assert_memory_equal(got.uuid, sample.uuid, 16);
	assert_int_equal(got.next, 7);
	assert_false(got.has_record);
}

static void
no_file_is_no_position(void **state)
{
	struct sk_cursor got;

	(void)state;
	unlink(path);
	assert_int_equal(sk_cursor_load(path, &got, NULL), 0);
	assert_int_equal(sk_cursor_load("/tmp/no/such/folder", &got, NULL), 0);
}

static void
faults_are_named(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", ": not a whole position: needs uuid=, partition=, next=,"
		    " and record= with incarnation= or neither" },
		{ "next=1\nnxt=5\n", ":2: not a key of a saved position" },
		{ "next=1x\n", ":1: wrong value" },
		{ "next=\n", ":1: wrong value" },
		{ "next=18446744073709551616\n", ":1: wrong value" },
		{ "partition=4294967296\n", ":1: wrong value" },
		{ "uuid=5f0c4e3a9b7d41d2a6c8e1f09b3d7a5\n", ":1: wrong value" },
		{ "uuid=5f0c4e3a9b7d41d2a6c8e1f09b3d7a5g\n",
		    ":1: wrong value" },
		{ "incarnation=x\n", ":1: wrong value" },
		{ "hello\n", ":1: not a line of the form key=value" },
		{ "uuid=5f0c4e3a9b7d41d2a6c8e1f09b3d7a54\npartition=0\n"
		    "next=1\nrecord=0\n", ": not a whole position: needs "
		    "uuid=, partition=, next=, and record= with incarnation= "
		    "or neither" },
	};
	struct sk_cursor got = sample;
	struct sk_diag diag;
	char want[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		topic_store(path, bad[i].text, strlen(bad[i].text));
		snprintf(want, sizeof(want), "%s%s", path, bad[i].why);
		assert_int_equal(sk_cursor_load(path, &got, &diag), SK_EDATA);
		assert_string_equal(diag.text, want);
		assert_int_equal(got.next, sample.next);
	}
}

static void
a_failed_save_is_told(void **state)
{
	struct sk_diag diag;

	(void)state;
	assert_int_equal(sk_cursor_save("no/such/folder", &sample, "web",
	    &diag), SK_ESYS);
	assert_non_null(strstr(diag.text, ": No such file or directory"));
}

static void
two_cannot_hold_it(void **state)
{
	struct sk_diag diag;
	char want[256];
	int a, b;

	(void)state;
	assert_int_equal(sk_cursor_lock(path, &a, &diag), 0);
	assert_int_equal(sk_cursor_lock(path, &b, &diag), SK_EBUSY);
	snprintf(want, sizeof(want), "%s: in use by another sk-replay", path);
	assert_string_equal(diag.text, want);
	assert_int_equal(b, -1);
	close(a);
	assert_int_equal(sk_cursor_lock(path, &b, &diag), 0);
	close(b);
	assert_int_equal(sk_cursor_lock("/no/such/x", &b, &diag), SK_ESYS);
	assert_string_equal(diag.text,
	    "/no/such/x.lock: No such file or directory");
}

static int
begin(void **state)
{
	topic_begin(state);
	snprintf(path, sizeof(path), "%s/c", topic_dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_saved_as_text),
		cmocka_unit_test(comes_back),
		cmocka_unit_test(an_edited_file_is_read),
		cmocka_unit_test(no_file_is_no_position),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(a_failed_save_is_told),
		cmocka_unit_test(two_cannot_hold_it),
	};

	return cmocka_run_group_tests(tests, begin, topic_end);
}
