/* The file system in memory does what it says. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/sys.h"
#include "libmemfs.h"

static int
make(const char *path, const char *text)
{
	int fd = sk_sys_open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);

	assert_true(fd >= 0);
	assert_int_equal(sk_file_write(fd, text, strlen(text), NULL), 0);
	return fd;
}

static const char *
text_of(const char *path)
{
	static char text[4096];
	struct sk_view v;

	if (!memfs_get(path, &v))
		return "(none)";
	if (v.len > 0)
		memcpy(text, v.ptr, v.len);
	text[v.len] = '\0';
	return text;
}

static void
files(void **state)
{
	char buf[32], **names;
	struct stat st;
	size_t n;
	int fd;

	(void)state;
	memfs_reset(1);
	assert_int_equal(sk_sys_mkdir("t", 0755), 0);
	assert_int_equal(sk_sys_mkdir("t/", 0755), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(sk_sys_open("t/none", O_RDONLY, 0), -1);
	assert_int_equal(errno, ENOENT);
	fd = make("t/b", "hello");
	/* As Linux: O_APPEND wins over the position. */
	assert_int_equal(sk_sys_pwrite(fd, "J", 1, 0), 1);
	assert_string_equal(text_of("t/b"), "helloJ");
	sk_sys_close(fd);
	fd = sk_sys_open("/t/b", O_RDWR, 0);
	assert_int_equal(sk_sys_pwrite(fd, "J", 1, 0), 1);
	assert_int_equal(sk_sys_read(fd, buf, 3), 3);
	assert_int_equal(sk_sys_read(fd, buf, 30), 3);
	assert_memory_equal(buf, "loJ", 3);
	assert_int_equal(sk_sys_read(fd, buf, 30), 0);
	assert_int_equal(sk_sys_pread(fd, buf, 30, 4), 2);
	assert_int_equal(sk_sys_ftruncate(fd, 8), 0);
	assert_int_equal(sk_sys_fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 8);
	sk_sys_close(make("t/a", ""));
	assert_int_equal(sk_sys_list("t", &names, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	free(names);
	assert_int_equal(sk_sys_rename("t/b", "t/a"), 0);
	assert_string_equal(text_of("t/b"), "(none)");
	assert_int_equal(sk_sys_unlink("t/a"), 0);
	assert_int_equal(sk_sys_pread(fd, buf, 1, 0), 1);
	sk_sys_close(fd);
	assert_int_equal(memfs_open_files(), 0);
}

static void
locks(void **state)
{
	int a, b;

	(void)state;
	memfs_reset(1);
	a = make("l", "");
	b = make("l", "");
	assert_int_equal(sk_sys_lock(a, true), 0);
	assert_int_equal(sk_sys_lock(b, false), -1);
	sk_sys_close(a);
	assert_int_equal(sk_sys_lock(b, true), 0);
	sk_sys_close(b);
}

static void
scenario(void *arg)
{
	int fd;

	(void)arg;
	fd = make("f", "one "); /* calls 1 and 2 */
	sk_file_write(fd, "two two ", 8, NULL);
	sk_sys_fsync(fd);
	sk_file_sync_dir(".");
}

static void
kills(void **state)
{
	static const char *const want[] = { "(none)", "", "", "one ", "one ",
		"one two two " };
	uint64_t n;

	(void)state;
	for (n = 1; n <= 3; n++) {
		memfs_reset(1);
		memfs_kill(n, MEMFS_BEFORE);
		assert_false(memfs_run(scenario, NULL));
		assert_string_equal(text_of("f"), want[2 * n - 2]);
		assert_int_equal(memfs_open_files(), 0);
		memfs_reset(1);
		memfs_kill(n, MEMFS_AFTER);
		assert_false(memfs_run(scenario, NULL));
		assert_string_equal(text_of("f"), want[2 * n - 1]);
	}
	memfs_reset(1);
	memfs_kill(3, MEMFS_MIDDLE);
	assert_false(memfs_run(scenario, NULL));
	assert_string_equal(text_of("f"), "one two ");
	memfs_reset(1);
	memfs_kill(99, MEMFS_AFTER);
	assert_true(memfs_run(scenario, NULL));
	assert_false(memfs_fault_hit());
}

static void
faults(void **state)
{
	int fd;

	(void)state;
	memfs_reset(1);
	memfs_fail(2, ENOSPC, 1U << MEMFS_WRITE, 1);
	fd = sk_sys_open("f", O_RDWR | O_CREAT, 0644);
	assert_int_equal(sk_sys_write(fd, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(sk_sys_write(fd, "x", 1), -1);
	assert_int_equal(sk_sys_write(fd, "x", 1), 1);
	memfs_no_faults();
	memfs_short(memfs_calls() + 1, true, 0);
	assert_int_equal(sk_sys_write(fd, "abcd", 4), 3);
	assert_int_equal(sk_sys_write(fd, "abcd", 4), 4);
	assert_string_equal(text_of("f"), "xabcabcd");
	sk_sys_close(fd);
}

static void
power(void **state)
{
	struct memfs_tape *tape;
	int fd;

	(void)state;
	memfs_reset(1);
	sk_sys_mkdir("t", 0755);
	sk_file_sync_dir(".");
	fd = make("t/.new", "first ");
	sk_sys_fsync(fd);
	sk_sys_rename("t/.new", "t/f");
	memfs_note(1, 5);
	sk_file_write(fd, "second ", 7, NULL);
	sk_file_write(fd, "third", 5, NULL);
	sk_sys_close(fd);
	tape = memfs_take();
	assert_int_equal(memfs_tape_points(tape), 9);
	assert_int_equal(memfs_tape_note(tape, 6, 1), 0);
	assert_int_equal(memfs_tape_note(tape, 9, 1), 5);
	/* The folder was not synced: neither name is there. */
	memfs_boot(tape, 9, MEMFS_A, 0, 0);
	assert_string_equal(text_of("t/f"), "(none)");
	assert_string_equal(text_of("t/.new"), "(none)");
	assert_int_equal(memfs_tape_loose(tape, 9), 4);
	memfs_boot(tape, 9, MEMFS_B, 1, 0);
	assert_string_equal(text_of("t/.new"), "first ");
	memfs_boot(tape, 9, MEMFS_B, 2, 0);
	assert_string_equal(text_of("t/f"), "first ");
	memfs_boot(tape, 9, MEMFS_B, 3, 0);
	assert_string_equal(text_of("t/f"), "first second ");
	memfs_boot(tape, 9, MEMFS_D, 0, 0);
	assert_memory_equal(text_of("t/f"), "first \0\0\0\0\0\0\0\0\0\0\0\0",
	    19);
	assert_int_equal(memfs_tape_sectors(tape, 9), 1);
	memfs_tape_free(tape);
}

static void
lost_sync(void **state)
{
	struct memfs_tape *tape;
	int fd;

	(void)state;
	memfs_reset(1);
	memfs_put("f", "a", 1);
	fd = sk_sys_open("f", O_WRONLY | O_APPEND, 0);
	sk_file_write(fd, "b", 1, NULL);
	memfs_fail(memfs_calls() + 1, EIO, 1U << MEMFS_SYNC, 0);
	assert_int_equal(sk_sys_fdatasync(fd), -1);
	assert_int_equal(sk_sys_fdatasync(fd), 0);
	assert_string_equal(text_of("f"), "ab");
	sk_sys_close(fd);
	tape = memfs_take();
	memfs_boot(tape, memfs_tape_points(tape), MEMFS_A, 0, 0);
	assert_string_equal(text_of("f"), "a");
	memfs_tape_free(tape);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(locks),
		cmocka_unit_test(kills),
		cmocka_unit_test(faults),
		cmocka_unit_test(power),
		cmocka_unit_test(lost_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
