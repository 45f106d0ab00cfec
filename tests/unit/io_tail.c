/* io/tail: every line once, whatever happens to the files. */
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

static void
hear_warn(void *arg, const char *text)
{
	(void)arg;
	n_warned++;
	sk_buf_fmt(&said, "%s\n", text);
}

static void
hear_fail(void *arg, const char *text)
{
	(void)arg;
	n_failed++;
	sk_buf_fmt(&said, "%s\n", text);
}

static struct sk_tail_conf
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

static void
write_to(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0666);

	assert_true(fd >= 0);
	assert_int_equal(sk_file_write(fd, text, strlen(text), NULL), 0);
	close(fd);
}

static void
put(const char *path, const char *text)
{
	write_to(path, O_TRUNC, text);
}

static void
add(const char *path, const char *text)
{
	write_to(path, O_APPEND, text);
}

static void
copy(const char *from, const char *to)
{
	struct sk_buf bytes = { 0 };

	assert_int_equal(sk_file_load(from, 1 << 24, &bytes), 0);
	put(to, sk_buf_cstr(&bytes));
	sk_buf_free(&bytes);
}

/* Pack a file as gzip does: beside it, and then without it. */
static void
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
static char *
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

static void
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

static void
take(void)
{
	struct sk_tail_chunk chunk;

	while (sk_tail_next(&tail, room, ROOM, &chunk) == 1)
		store(&chunk);
}

static void
look(void)
{
	sk_tail_look(&tail, SK_WATCH_NAMES | SK_WATCH_DATA, room, ROOM);
	take();
}

static void
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
static void
restart(const struct sk_tail_conf *c, const char *name, const char *name2)
{
	sk_tail_free(&tail);
	start(c, name, name2);
}

static void
has(const char *want)
{
	assert_string_equal(sk_buf_cstr(&lines), want);
}

static int
set_up(void **state)
{
	static char dir[] = "/tmp/sk-tail-XXXXXX";

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0;
}

static int
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

/* ---- all of it, at random ---- */

/* A program that writes to `log` and is rotated like by logrotate. */
struct program {
	struct sk_rng rng;
	int next;  /* number of the next line */
	int fd;
	bool watched; /* every file is seen under its name once */
	bool rotated; /* fd is the old file: without a wait, a look in the
	               * midst of a line would take what there is of it */
};

static uint64_t
below(struct program *p, uint64_t n)
{
	return sk_rng_next(&p->rng) % n;
}

static void
reopen(struct program *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0666);
	assert_true(p->fd >= 0);
}

static void
write_some(struct program *p)
{
	int n = (int)below(p, 40) + 1;
	char *text = numbered(p->next, n);
	size_t len = strlen(text), half = below(p, len + 1);

	p->next += n;
	assert_int_equal(sk_file_write(p->fd, text, half, NULL), 0);
	if (!p->rotated && below(p, 2) == 0)
		look();
	assert_int_equal(sk_file_write(p->fd, text + half, len - half, NULL),
	    0);
	free(text);
}

static void
shift_archives(void)
{
	char from[32], to[32];
	int i;

	for (i = 8; i >= 1; i--) {
		snprintf(from, sizeof(from), "log.%d.gz", i);
		snprintf(to, sizeof(to), "log.%d.gz", i + 1);
		rename(from, to);
		snprintf(from, sizeof(from), "log.%d", i);
		snprintf(to, sizeof(to), "log.%d", i + 1);
		rename(from, to);
	}
}

static void
rotate(struct program *p)
{
	shift_archives();
	if (below(p, 3) == 0) {
		copy("log", "log.1");
		/* What copytruncate loses, it loses to everybody; here the
		 * program does not write meanwhile. */
		assert_int_equal(ftruncate(p->fd, 0), 0);
	} else {
		assert_int_equal(rename("log", "log.1"), 0);
		p->rotated = true;
		if (below(p, 2) == 0)
			write_some(p);
		p->rotated = false;
		reopen(p);
	}
	if (p->watched) {
		write_some(p);
		look();
	}
	if (below(p, 2) == 0) {
		if (below(p, 2) == 0)
			look();
		if (access("log.2", F_OK) == 0)
			pack("log.2", "log.2.gz");
	}
}

static void
check_all_once(const struct program *p)
{
	char *seen = sk_xcalloc((size_t)p->next, 1);
	const char *line = sk_buf_cstr(&lines);
	int i;

	for (; *line != '\0'; line += LINE) {
		assert_int_equal(line[LINE - 1], '\n');
		i = atoi(line);
		assert_in_range(i, 0, p->next - 1);
		if (seen[i]++)
			fail_msg("line %d came twice", i);
	}
	for (i = 0; i < p->next; i++)
		if (!seen[i])
			fail_msg("line %d of %d is missing", i, p->next);
	free(seen);
}

static void
one_life(uint64_t seed, const char *name)
{
	struct sk_tail_conf c = conf();
	struct program p = { .fd = -1, .watched = strcmp(name, "log") == 0 };
	int step;

	c.rotate_wait_ns = 0;
	sk_rng_init(&p.rng, seed);
	reopen(&p);
	write_some(&p);
	start(&c, name, NULL);
	for (step = 0; step < 60; step++)
		switch (below(&p, 6)) {
		case 0:
			rotate(&p);
			break;
		case 1:
			restart(&c, name, NULL);
			break;
		case 2:
			look();
			break;
		default:
			write_some(&p);
		}
	restart(&c, name, NULL);
	look();
	close(p.fd);
	check_all_once(&p);
}

static void
every_line_comes_once(void **state)
{
	uint64_t seed;
	char text[32];

	for (seed = 1; seed <= 100; seed++) {
		snprintf(text, sizeof(text), "seed %d\n", (int)seed);
		if (getenv("SK_TEST_SEEDS") != NULL)
			fputs(text, stderr);
		one_life(seed, seed % 2 ? "log" : "log*");
		tear_down(state);
		set_up(state);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

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
		TEST(every_line_comes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
