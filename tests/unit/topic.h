/*
 * What the tests of lib/log share.  A folder for a test to work in; in it
 * topics, filled through log/writer.h and read through log/reader.h, and the
 * means to damage them; and the notices that the test hears.  A line of a
 * topic is `line N of the test`, N being its offset.
 */
#ifndef SK_TEST_TOPIC_H
#define SK_TEST_TOPIC_H

#include <sys/stat.h>

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/conf.h"
#include "log/reader.h"
#include "log/segment.h"
#include "log/writer.h"

static char topic_dir[64];
static struct sk_buf topic_notes;

static inline void
topic_hear(void *arg, const char *text)
{
	(void)arg;
	sk_buf_fmt(&topic_notes, "%s\n", text);
}

static const struct sk_notify topic_notify = { topic_hear, NULL };

/* The notices since topic_begin or topic_hush, a line each. */
static inline const char *
topic_said(void)
{
	return sk_buf_cstr(&topic_notes);
}

static inline void
topic_hush(void)
{
	sk_buf_reset(&topic_notes);
}

static inline void topic_shell(const char *fmt, ...) SK_PRINTF(1, 2);

static inline void
topic_shell(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

/* Work in a new folder, topic_dir: in memory if there is such a place, where a
 * sync costs nothing.  This and the two below are fixtures of cmocka's. */
static inline int
topic_begin(void **state)
{
	(void)state;
	strcpy(topic_dir, "/dev/shm/sk-topic-XXXXXX");
	if (mkdtemp(topic_dir) == NULL) {
		strcpy(topic_dir, "/tmp/sk-topic-XXXXXX");
		assert_non_null(mkdtemp(topic_dir));
	}
	assert_int_equal(chdir(topic_dir), 0);
	topic_hush();
	return 0;
}

/* Remove the folder with all that is in it. */
static inline int
topic_end(void **state)
{
	(void)state;
	sk_buf_free(&topic_notes);
	assert_int_equal(chdir("/"), 0);
	topic_shell("rm -rf '%s'", topic_dir);
	return 0;
}

/* Remove the folder, in which nothing may be left. */
static inline int
topic_end_empty(void **state)
{
	(void)state;
	sk_buf_free(&topic_notes);
	assert_int_equal(chdir("/"), 0);
	return rmdir(topic_dir);
}

/* Remove a topic without folders in it, if there is one. */
static inline void
topic_remove(const char *topic)
{
	char **names = NULL, *path;
	size_t i, n = 0;

	if (sk_sys_list(topic, &names, &n) != 0)
		return;
	for (i = 0; i < n; i++) {
		path = sk_topic_path(topic, names[i]);
		assert_int_equal(unlink(path), 0);
		free(path);
	}
	free(names);
	assert_int_equal(rmdir(topic), 0);
}

static inline void
topic_line(struct sk_buf *text, uint64_t number)
{
	sk_buf_fmt(text, "line %llu of the test\n",
	    (unsigned long long)number);
}

/*
 * Add lines [from, to) in blocks of `each`, as one writer.  `settings`
 * (NULL at the end, or NULL) are names and values: "segment_bytes", "1".
 */
static inline void
topic_fill(const char *topic, const char *const *settings, uint64_t from,
    uint64_t to, uint64_t each)
{
	struct sk_log_policy policy;
	struct sk_log_writer *writer;
	struct sk_log_run run = { 0 };
	struct sk_buf text = { 0 };
	struct sk_diag diag;
	uint64_t i;
	int err = 0;

	sk_log_policy_init(&policy);
	for (; settings != NULL && *settings != NULL; settings += 2)
		assert_int_equal(sk_log_policy_set(&policy, settings[0],
		    settings[1], NULL, 0), 0);
	writer = sk_log_writer_open(topic, &policy, NULL, NULL, &err, &diag);
	if (writer == NULL)
		fail_msg("%s", diag.text);
	while (from < to) {
		sk_buf_reset(&text);
		for (i = 0; i < each && from < to; i++)
			topic_line(&text, from++);
		run.bytes = text.ptr;
		run.len = text.len;
		assert_int_equal(sk_log_writer_add(writer, &run, &diag), 0);
		assert_int_equal(sk_log_writer_flush(writer, false, &diag), 0);
	}
	assert_int_equal(sk_log_writer_close(writer, &diag), 0);
	sk_buf_free(&text);
}

static inline char *
topic_file(const char *topic, uint64_t base)
{
	return sk_segment_path(topic, base);
}

static inline bool
topic_has(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The bytes of a file. */
static inline struct sk_buf
topic_load(const char *path)
{
	struct sk_buf bytes = { 0 };

	assert_int_equal(sk_file_load(path, 1 << 30, &bytes), 0);
	return bytes;
}

static inline void
topic_store(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	assert_true(fd >= 0);
	assert_int_equal(sk_file_write(fd, bytes, len, NULL), 0);
	assert_int_equal(close(fd), 0);
}

/* Change one byte of a file. */
static inline void
topic_flip(const char *path, size_t pos, int bits)
{
	int fd = open(path, O_RDWR);
	unsigned char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)pos), 1);
	byte ^= (unsigned char)bits;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)pos), 1);
	assert_int_equal(close(fd), 0);
}

/* A file without a name, to be closed by the caller. */
static inline int
topic_nameless(void)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	fd = dup(fileno(file));
	assert_true(fd >= 0);
	fclose(file);
	return fd;
}

/* Give an open file these bytes in place of its own. */
static inline void
topic_rewrite(int fd, const void *bytes, size_t len)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(sk_file_pwrite(fd, bytes, len, 0), 0);
}

/* The bytes of a hex text, built without an encoder. */
static inline struct sk_buf
topic_unhex(const char *hex)
{
	struct sk_buf bytes = { 0 };
	uint64_t byte;

	for (; *hex != '\0'; hex += 2) {
		assert_int_equal(sk_num_hex64(sk_view(hex, 2), &byte), 0);
		sk_buf_char(&bytes, (char)byte);
	}
	return bytes;
}

/* All lines as a reader gives them; fails unless all can be read. */
static inline struct sk_buf
topic_read(const char *topic)
{
	struct sk_buf text = { 0 };
	struct sk_reader_block block;
	struct sk_reader *reader;
	struct sk_diag diag;
	int got;

	if (sk_reader_open(&reader, topic, NULL, NULL, &diag) != 0)
		fail_msg("%s", diag.text);
	while ((got = sk_reader_next(reader, &block)) > 0)
		sk_buf_add(&text, block.bytes, block.nbytes);
	if (got != 0)
		fail_msg("%s", diag.text);
	sk_reader_close(reader);
	return text;
}

/* Does the topic hold exactly lines [from, to)? */
static inline void
topic_holds(const char *topic, uint64_t from, uint64_t to)
{
	struct sk_buf want = { 0 }, got = topic_read(topic);

	while (from < to)
		topic_line(&want, from++);
	assert_int_equal(got.len, want.len);
	if (want.len > 0)
		assert_memory_equal(got.ptr, want.ptr, want.len);
	sk_buf_free(&want);
	sk_buf_free(&got);
}

#endif
