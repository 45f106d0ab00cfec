/* io/watch: what happens in a folder ends a wait, with inotify and without. */
#include <sys/resource.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/sys.h"
#include "io/watch.h"

#define SOON INT64_C(5000000000)
#define MS INT64_C(1000000)

static char dir[] = "/tmp/sk-watch-XXXXXX";
static struct sk_watch watch;

static int
set_up(void **state)
{
	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "a", "b", "sub/a" };
	size_t i;

	(void)state;
	sk_watch_free(&watch);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rmdir("sub");
	return chdir("/") != 0 || rmdir(dir) != 0 ? -1 : 0;
}

static void
add(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

/* The reasons of a wait that must end before its limit. */
static unsigned
wait_soon(void)
{
	int64_t start = sk_sys_mono_ns();
	unsigned why;

	assert_int_equal(sk_watch_wait(&watch, NULL, 0, SOON, &why), 0);
	assert_true(sk_sys_mono_ns() - start < SOON);
	return why;
}

/* Whether a wait that takes only what is there gives a reason. */
static unsigned
wait_not(void)
{
	unsigned why;

	assert_int_equal(sk_watch_wait(&watch, NULL, 0, 0, &why), 0);
	return why;
}

static void
tells_of_bytes_and_names(void **state)
{
	(void)state;
	add("a");
	sk_watch_init(&watch);
	sk_watch_add(&watch, ".");
	assert_true(sk_watch_fd(&watch) >= 0);
	assert_int_equal(wait_not(), 0);
	add("a");
	assert_int_equal(wait_soon(), SK_WATCH_DATA);
	add("b");
	assert_int_equal(wait_soon(), SK_WATCH_DATA | SK_WATCH_NAMES);
	assert_int_equal(rename("a", "b"), 0);
	assert_int_equal(wait_soon(), SK_WATCH_DATA | SK_WATCH_NAMES);
	unlink("b");
	assert_int_equal(wait_soon(), SK_WATCH_DATA | SK_WATCH_NAMES);
	assert_int_equal(wait_not(), 0);
}

static void
tells_to_look_every_second(void **state)
{
	int64_t start = sk_sys_mono_ns();

	(void)state;
	sk_watch_init(&watch);
	sk_watch_add(&watch, ".");
	assert_int_equal(wait_soon(), SK_WATCH_DATA | SK_WATCH_NAMES);
	assert_in_range(sk_sys_mono_ns() - start, 990 * MS, 3000 * MS);
}

static void
keeps_the_limit_and_the_descriptors_of_the_caller(void **state)
{
	struct pollfd fds[2];
	int64_t start = sk_sys_mono_ns();
	unsigned why;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	sk_watch_init(&watch);
	sk_watch_add(&watch, ".");
	fds[0].fd = -1;
	fds[1].fd = pipes[0];
	fds[0].events = fds[1].events = POLLIN;
	assert_int_equal(sk_watch_wait(&watch, fds, 2, 20 * MS, &why), 0);
	assert_int_equal(why, 0);
	assert_true(sk_sys_mono_ns() - start >= 20 * MS);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(sk_watch_wait(&watch, fds, 2, SOON, &why), 0);
	assert_int_equal(why, SK_WATCH_READY);
	assert_int_equal(fds[0].revents, 0);
	assert_int_equal(fds[1].revents, POLLIN);
	close(pipes[0]);
	close(pipes[1]);
}

static void
finds_a_folder_that_comes_later(void **state)
{
	(void)state;
	sk_watch_init(&watch);
	sk_watch_add(&watch, "sub");
	assert_int_equal(watch.dir[0].wd, -1);
	assert_int_equal(mkdir("sub", 0777), 0);
	wait_soon();
	assert_true(watch.dir[0].wd >= 0);
	add("sub/a");
	assert_true(wait_soon() & SK_WATCH_NAMES);
	/* And one that takes its place. */
	unlink("sub/a");
	assert_int_equal(rmdir("sub"), 0);
	assert_true(wait_soon() & SK_WATCH_NAMES);
	assert_int_equal(watch.dir[0].wd, -1);
	assert_int_equal(mkdir("sub", 0777), 0);
	wait_soon();
	assert_true(watch.dir[0].wd >= 0);
}

static void
adds_a_folder_once(void **state)
{
	(void)state;
	sk_watch_init(&watch);
	sk_watch_add(&watch, ".");
	sk_watch_add(&watch, ".");
	assert_int_equal(watch.n, 1);
}

/* No descriptor left: 10 ms, doubling to 1 s, and 10 ms again when busy. */
static void
polls_without_inotify(void **state)
{
	struct rlimit limit, low;
	int64_t start, spent, due = 10 * MS;
	int fd = open("/dev/null", O_RDONLY), i;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = (rlim_t)fd;
	close(fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	sk_watch_init(&watch);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(sk_watch_fd(&watch), -1);
	sk_watch_add(&watch, ".");
	for (i = 0; i < 4; i++, due *= 2) {
		start = sk_sys_mono_ns();
		assert_int_equal(wait_soon(), SK_WATCH_DATA | SK_WATCH_NAMES);
		spent = sk_sys_mono_ns() - start;
		assert_in_range(spent, due - 2 * MS, due + 500 * MS);
	}
	assert_int_equal(watch.delay_ms, 160);
	sk_watch_busy(&watch);
	assert_int_equal(watch.delay_ms, 10);
	for (i = 0; i < 40 && watch.delay_ms < 1000; i++) {
		watch.look_ns = 0;
		wait_soon();
	}
	assert_int_equal(watch.delay_ms, 1000);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_of_bytes_and_names),
		TEST(tells_to_look_every_second),
		TEST(keeps_the_limit_and_the_descriptors_of_the_caller),
		TEST(finds_a_folder_that_comes_later),
		TEST(adds_a_folder_once),
		TEST(polls_without_inotify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
