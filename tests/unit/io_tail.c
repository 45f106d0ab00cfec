/* io/tail: what happens to a file, case by case. */
#include "tails.h"

/* ---- plain use ---- */

static void
gives_whole_lines_only(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log", "a\n\nb\npart");
	start(&c, "log", NULL);
	has("a\n\nb\n");
	look();
	has("a\n\nb\n");
	add("log", "ial\r\n");
	look();
	has("a\n\nb\npartial\r\n");
	assert_int_equal(known[0].pos, 14);
	assert_int_equal(n_known, 1);
}

static void
goes_on_after_a_restart(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log", "a\n");
	start(&c, "log", NULL);
	add("log", "b\nc");
	restart(&c, "log", NULL);
	add("log", "\n");
	restart(&c, "log", NULL);
	look();
	has("a\nb\nc\n");
	assert_int_equal(n_known, 1);
	assert_int_equal(known[0].fp, sk_hash_disk("a\nb\nc\n", 6));
	assert_int_equal(known[0].fp_len, 6);
}

static void
waits_for_a_file_that_is_not_there(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	start(&c, "log", NULL);
	look();
	assert_int_equal(n_warned, 1);
	put("log", "a\n");
	look();
	has("a\n");
	assert_int_equal(n_warned, 1);
	assert_int_equal(n_failed, 0);
}

static void
once_misses_a_file_that_is_not_there(void **state)
{
	struct sk_tail_conf c = conf();

	(void)state;
	c.once = true;
	assert_int_equal(mkdir("folder", 0777), 0);
	start(&c, "log", "folder");
	assert_int_equal(n_failed, 2);
	assert_string_equal(sk_buf_cstr(&said),
	    "log: No such file or directory\nfolder: Is a directory\n");
}

static void
takes_a_file_once_under_two_names(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("a.log", "a\n");
	assert_int_equal(link("a.log", "b.log"), 0);
	assert_int_equal(symlink("a.log", "c.log"), 0);
	start(&c, "b.log", "*.log");
	has("a\n");
}

static void
takes_what_matches_a_pattern_later(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	assert_int_equal(mkdir("one", 0777), 0);
	put("one/app-1.log", "1\n");
	put("one/.app-0.log", "hidden\n");
	start(&c, "*/app-[0-9].log", NULL);
	has("1\n");
	put("one/app-2.log", "2\n");
	assert_int_equal(mkdir("two", 0777), 0);
	put("two/app-3.log", "3\n");
	put("two/app-x.log", "x\n");
	look();
	has("1\n2\n3\n");
	assert_int_equal(n_warned, 0);
}

static void
from_end_is_for_files_of_the_first_look(void **state)
{
	struct sk_tail_conf c = conf();

	(void)state;
	c.from_end = true;
	put("old.log", "a\nb");
	start(&c, "*.log", NULL);
	has("");
	assert_int_equal(known[0].pos, 2);
	put("new.log", "new\n");
	add("old.log", "c\n");
	look();
	assert_true(strcmp(sk_buf_cstr(&lines), "bc\nnew\n") == 0 ||
	    strcmp(sk_buf_cstr(&lines), "new\nbc\n") == 0);
	sk_buf_reset(&lines);
	add("old.log", "d\n");
	restart(&c, "*.log", NULL);
	has("d\n");
}

static void
cuts_a_long_line_at_the_same_places_after_a_restart(void **state)
{
	struct sk_tail_conf c = conf();
	char text[] = "0123456789abcdefghijklmnopqrst";

	(void)state;
	c.max_line = 8;
	put("log", "xyz\n");
	add("log", text);
	start(&c, "log", NULL);
	/* A multiple of seven with at least one more byte behind. */
	has("xyz\n0123456789abcdefghijklmnopqr\n");
	restart(&c, "log", NULL);
	add("log", "uv\nend\n");
	look();
	has("xyz\n0123456789abcdefghijklmnopqr\nstuv\nend\n");
}

/* ---- rotation ---- */

static void
reads_a_renamed_file_to_its_end(void **state)
{
	struct sk_tail_conf c = conf();

	(void)state;
	put("log", "a\n");
	start(&c, "log", NULL);
	add("log", "b\n");
	assert_int_equal(rename("log", "log.1"), 0);
	add("log.1", "c\nrest");
	put("log", "d\n");
	look();
	has("a\nb\nc\nd\n");
	add("log.1", " of it\n");
	look();
	has("a\nb\nc\nd\nrest of it\n");
}

static void
takes_the_rest_when_a_rotated_file_is_quiet(void **state)
{
	struct sk_tail_conf c = conf();

	(void)state;
	put("log", "a\nrest");
	start(&c, "log", NULL);
	assert_int_equal(rename("log", "log.1"), 0);
	put("log", "b\n");
	look();
	look();
	has("a\nb\n");
	assert_true(sk_tail_deadline(&tail) != INT64_MAX);
	tail.conf.rotate_wait_ns = 0;
	look();
	has("a\nb\nrest\n");
	look();
	has("a\nb\nrest\n");
	assert_int_equal(sk_tail_deadline(&tail), INT64_MAX);
	restart(&c, "log", NULL);
	has("a\nb\nrest\n");
}

static void
takes_the_rest_of_a_deleted_file(void **state)
{
	struct sk_tail_conf c = conf();

	(void)state;
	c.rotate_wait_ns = 0;
	put("log", "a\n");
	start(&c, "log", NULL);
	add("log", "b\nc");
	unlink("log");
	look();
	look();
	has("a\nb\nc\n");
	assert_int_equal(tail.n_files, 0);
}

static void
finds_a_renamed_file_at_start(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log", "a\n");
	start(&c, "log", NULL);
	sk_tail_free(&tail);
	add("log", "b\n");
	assert_int_equal(rename("log", "log-20261122"), 0);
	put("log", "c\n");
	start(&c, "log", NULL);
	has("a\nb\nc\n");
}

static void
set_time(const char *path, int age)
{
	struct timespec times[2] = { { time(NULL) - age, 0 },
		{ time(NULL) - age, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
takes_what_bore_the_name_meanwhile(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log.9", "older than us\n");
	set_time("log.9", 1000);
	put("log", "a\n");
	start(&c, "log", NULL);
	has("a\n");
	sk_tail_free(&tail);
	add("log", "b\n");
	assert_int_equal(rename("log", "log.3"), 0);
	set_time("log.3", 100);
	put("log.1", "d\n");
	set_time("log.1", 80);
	put("log.2", "c\n");
	pack("log.2", "log.2.gz");
	set_time("log.2.gz", 90);
	put("log.notes", "not ours\n");
	put("log", "e\n");
	start(&c, "log", NULL);
	has("a\nb\nc\nd\ne\n");
	restart(&c, "log", NULL);
	has("a\nb\nc\nd\ne\n");
}

static void
does_not_take_another_file_that_begins_the_same(void **state)
{
	const struct sk_tail_conf c = conf();
	char *text = numbered(0, 100);

	(void)state;
	put("log", text);
	start(&c, "log", NULL);
	sk_tail_free(&tail);
	assert_int_equal(rename("log", "log.1"), 0);
	put("all", text);
	add("all", "more\n");
	copy("all", "log.all");
	sk_buf_reset(&lines);
	start(&c, "log", NULL);
	has("");
	free(text);
}

static void
finds_a_packed_file_at_start(void **state)
{
	struct sk_tail_conf c = conf();
	char *text = numbered(0, 100), *more = numbered(100, 100);

	(void)state;
	c.rotate_wait_ns = 0;
	put("log", text);
	start(&c, "log", NULL);
	sk_tail_free(&tail);
	add("log", more);
	add("log", "rest");
	assert_int_equal(rename("log", "log.1"), 0);
	pack("log.1", "log.1.gz");
	put("log", "new\n");
	start(&c, "log", NULL);
	look();
	sk_buf_drop(&lines, strlen(text));
	assert_memory_equal(lines.ptr, more, strlen(more));
	sk_buf_drop(&lines, strlen(more));
	has("rest\nnew\n");
	free(text);
	free(more);
	restart(&c, "log", NULL);
	has("rest\nnew\n");
}

static void
finds_a_short_packed_file_by_its_name(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log", "a\n");
	start(&c, "log", NULL);
	sk_tail_free(&tail);
	add("log", "b\n");
	pack("log", "log.2.gz");
	put("other.gz", "");
	start(&c, "log", NULL);
	has("a\nb\n");
}

static void
does_not_take_an_archive_again(void **state)
{
	struct sk_tail_conf c = conf();
	char *text = numbered(0, 100);

	(void)state;
	c.rotate_wait_ns = 0;
	put("log", text);
	start(&c, "log*", NULL);
	assert_int_equal(rename("log", "log.1"), 0);
	put("log", "new\n");
	look();
	pack("log.1", "log.1.gz");
	look();
	look();
	sk_buf_drop(&lines, strlen(text));
	has("new\n");
	assert_int_equal(rename("log.1.gz", "log.2.gz"), 0);
	look();
	restart(&c, "log*", NULL);
	look();
	has("new\n");
	assert_int_equal(n_warned + n_failed, 0);
	free(text);
}

/* ---- which file is it ---- */

static void
begins_anew_when_a_file_is_truncated(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log", "old line\n");
	start(&c, "log", NULL);
	put("log", "new\n");
	look();
	has("old line\nnew\n");
	assert_int_equal(n_warned, 1);
	assert_int_equal(n_known, 2);
	/* Longer than before: only the content tells. */
	put("log", "another line\n");
	look();
	has("old line\nnew\nanother line\n");
	assert_int_equal(n_known, 3);
	restart(&c, "log", NULL);
	has("old line\nnew\nanother line\n");
}

static void
begins_anew_when_it_was_truncated_meanwhile(void **state)
{
	const struct sk_tail_conf c = conf();

	(void)state;
	put("log", "same\nold\n");
	start(&c, "log", NULL);
	sk_tail_free(&tail);
	put("log", "same\n");
	start(&c, "log", NULL);
	has("same\nold\nsame\n");
}

static void
a_reused_inode_is_another_file(void **state)
{
	const struct sk_tail_conf c = conf();
	struct stat st;

	(void)state;
	put("log", "new file\n");
	assert_int_equal(stat("log", &st), 0);
	known[n_known].id = 1;
	known[n_known].dev = (uint64_t)st.st_dev;
	known[n_known].ino = (uint64_t)st.st_ino;
	known[n_known].fp = sk_hash_disk("old file\n", 9);
	known[n_known].fp_len = 9;
	known[n_known].pos = 9;
	known[n_known++].name = sk_xstrdup("log");
	start(&c, "log", NULL);
	has("new file\n");
	assert_int_equal(n_known, 2);
}

static void
finds_the_copy_of_a_truncated_file(void **state)
{
	const struct sk_tail_conf c = conf();
	char *text = numbered(0, 100);

	(void)state;
	put("log", text);
	start(&c, "log", NULL);
	add("log", "last\n");
	copy("log", "log.1");
	put("log", "new\n");
	look();
	sk_buf_drop(&lines, strlen(text));
	has("last\nnew\n");
	restart(&c, "log", NULL);
	has("last\nnew\n");
	free(text);
}

static void
holds_a_copy_back_until_it_differs(void **state)
{
	const struct sk_tail_conf c = conf();
	char *text = numbered(0, 100);

	(void)state;
	put("log", text);
	copy("log", "log.copy");
	start(&c, "log", "log.copy");
	assert_int_equal(lines.len, strlen(text));
	add("log", "log\n");
	look();
	add("log.copy", "copy\n");
	sk_buf_reset(&lines);
	look();
	assert_int_equal(lines.len, strlen(text) + 5);
	restart(&c, "log", "log.copy");
	assert_int_equal(lines.len, strlen(text) + 5);
	free(text);
}

static void
goes_on_in_a_copy_when_the_file_is_gone(void **state)
{
	const struct sk_tail_conf c = conf();
	char *text = numbered(0, 100);

	(void)state;
	put("log", text);
	start(&c, "log", NULL);
	sk_tail_free(&tail);
	copy("log", "elsewhere");
	unlink("log");
	add("elsewhere", "more\n");
	start(&c, "elsewhere", NULL);
	sk_buf_drop(&lines, strlen(text));
	has("more\n");
	free(text);
}

static void
tells_of_a_packed_file_that_is_cut_off(void **state)
{
	struct sk_tail_conf c = conf();
	struct stat st;
	char *text = numbered(0, 20000);

	(void)state;
	c.rotate_wait_ns = 0;
	put("log", text);
	pack("log", "log.gz");
	assert_int_equal(stat("log.gz", &st), 0);
	assert_int_equal(truncate("log.gz", st.st_size / 2), 0);
	start(&c, "log.gz", NULL);
	look();
	assert_true(lines.len > 1000 && lines.len < strlen(text));
	assert_memory_equal(lines.ptr, text, lines.len);
	assert_int_equal(lines.ptr[lines.len - 1], '\n');
	assert_int_equal(n_failed, 1);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_whole_lines_only),
		TEST(goes_on_after_a_restart),
		TEST(waits_for_a_file_that_is_not_there),
		TEST(once_misses_a_file_that_is_not_there),
		TEST(takes_a_file_once_under_two_names),
		TEST(takes_what_matches_a_pattern_later),
		TEST(from_end_is_for_files_of_the_first_look),
		TEST(cuts_a_long_line_at_the_same_places_after_a_restart),
		TEST(reads_a_renamed_file_to_its_end),
		TEST(takes_the_rest_when_a_rotated_file_is_quiet),
		TEST(takes_the_rest_of_a_deleted_file),
		TEST(finds_a_renamed_file_at_start),
		TEST(takes_what_bore_the_name_meanwhile),
		TEST(does_not_take_another_file_that_begins_the_same),
		TEST(finds_a_packed_file_at_start),
		TEST(finds_a_short_packed_file_by_its_name),
		TEST(does_not_take_an_archive_again),
		TEST(begins_anew_when_a_file_is_truncated),
		TEST(begins_anew_when_it_was_truncated_meanwhile),
		TEST(a_reused_inode_is_another_file),
		TEST(finds_the_copy_of_a_truncated_file),
		TEST(holds_a_copy_back_until_it_differs),
		TEST(goes_on_in_a_copy_when_the_file_is_gone),
		TEST(tells_of_a_packed_file_that_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
