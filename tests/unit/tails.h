/*
 * What the tests of io/tail share: a folder with files that are written,
 * rotated and packed, and a log that keeps what a tail gives out.
 */
#ifndef SK_TEST_TAILS_H
#define SK_TEST_TAILS_H

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/tail.h"

#define LONG_WAIT INT64_C(3600000000000)
#define LINE 43 /* bytes of a numbered line */
#define ROOM (SK_TAIL_READ + 4096)

/* What a log would keep: the lines, and the sources with their positions. */
static struct sk_buf lines;
static struct sk_tail_source known[256];
static size_t n_known;
static struct sk_buf said; /* warnings and failures */
static size_t n_warned, n_failed;

static struct sk_tail tail;
static char room[ROOM];

static inline void
hear_warn(void *arg, const char *text)
{
	(void)arg;
	n_warned++;
	sk_buf_fmt(&said, "%s\n", text);
}

static inline void
hear_fail(void *arg, const char *text)
{
	(void)arg;
	n_failed++;
	sk_buf_fmt(&said, "%s\n", text);
}

static inline struct sk_tail_conf
conf(void)
{
	struct sk_tail_conf c = {
		.max_line = 1024,
		.rotate_wait_ns = LONG_WAIT,
		.warn = { hear_warn, NULL },
		.fail = { hear_fail, NULL },
	};

	return c;
}

/* ---- files ---- */

static inline void
write_to(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0666);

	assert_true(fd >= 0);
	assert_int_equal(sk_file_write(fd, text, strlen(text), NULL), 0);
	close(fd);
}

static inline void
put(const char *path, const char *text)
{
	write_to(path, O_TRUNC, text);
}

static inline void
add(const char *path, const char *text)
{
	write_to(path, O_APPEND, text);
}

static inline void
copy(const char *from, const char *to)
{
	struct sk_buf bytes = { 0 };

	assert_int_equal(sk_file_load(from, 1 << 24, &bytes), 0);
	put(to, sk_buf_cstr(&bytes));
	sk_buf_free(&bytes);
}

/* Pack a file as gzip does: beside it, and then without it. */
static inline void
pack(const char *from, const char *to)
{
	struct sk_buf bytes = { 0 };
	gzFile gz = gzopen(to, "wb");

	assert_int_equal(sk_file_load(from, 1 << 24, &bytes), 0);
	assert_int_equal(gzwrite(gz, bytes.ptr, (unsigned)bytes.len),
	    bytes.len);
	gzclose(gz);
	sk_buf_free(&bytes);
	unlink(from);
}

/* `n` lines of LINE bytes, numbered from `first`. */
static inline char *
numbered(int first, int n)
{
	struct sk_buf text = { 0 };

	while (n-- > 0)
		sk_buf_fmt(&text, "%06d lines of forty-three bytes as it is\n",
		    first++);
	sk_buf_char(&text, '\0');
	return text.ptr;
}

/* ---- the tail and the log ---- */

static inline void
store(const struct sk_tail_chunk *chunk)
{
	size_t i;
	char *name;

	for (i = 0; i < n_known && known[i].id != chunk->source->id; i++)
		;
	if (i == n_known) {
		assert_true(n_known < 256);
		known[n_known++].name = sk_xstrdup(chunk->source->name);
	} else if (chunk->len > 0)
		assert_int_equal(known[i].pos, chunk->start_pos);
	name = known[i].name;
	known[i] = *chunk->source;
	known[i].name = name;
	assert_int_equal(known[i].pos, chunk->end_pos);
	sk_buf_add(&lines, room, chunk->len);
	if (chunk->len > 0 && chunk->end != SK_TAIL_LINES)
		sk_buf_char(&lines, '\n');
}

static inline void
take(void)
{
	struct sk_tail_chunk chunk;

	while (sk_tail_next(&tail, room, ROOM, &chunk) == 1)
		store(&chunk);
}

static inline void
look(void)
{
	sk_tail_look(&tail, SK_WATCH_NAMES | SK_WATCH_DATA, room, ROOM);
	take();
}

static inline void
start(const struct sk_tail_conf *c, const char *name, const char *name2)
{
	size_t i;

	sk_tail_init(&tail, c);
	for (i = 0; i < n_known; i++)
		sk_tail_know(&tail, &known[i]);
	sk_tail_follow(&tail, name);
	if (name2 != NULL)
		sk_tail_follow(&tail, name2);
	look();
}

/* As by kill -9: what was taken is stored, the rest is forgotten. */
static inline void
restart(const struct sk_tail_conf *c, const char *name, const char *name2)
{
	sk_tail_free(&tail);
	start(c, name, name2);
}

static inline void
has(const char *want)
{
	assert_string_equal(sk_buf_cstr(&lines), want);
}

static inline int
set_up(void **state)
{
	static char dir[] = "/tmp/sk-tail-XXXXXX";

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0;
}

static inline int
tear_down(void **state)
{
	char dir[64];
	size_t i;

	(void)state;
	sk_tail_free(&tail);
	for (i = 0; i < n_known; i++)
		free(known[i].name);
	n_known = n_warned = n_failed = 0;
	sk_buf_free(&lines);
	sk_buf_free(&said);
	if (getcwd(dir, sizeof(dir)) != NULL && chdir("/") == 0) {
		char *command = sk_xasprintf("rm -r %s", dir);
		int got = system(command);

		free(command);
		return got;
	}
	return -1;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

#endif
