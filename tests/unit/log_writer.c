/*
 * log/writer: what goes in comes out of zstd -dc, in frames that keep the
 * rules, and nothing is acknowledged before its time.
 */
#include "topic.h"

#include <sys/resource.h>

#include <signal.h>
#include <time.h>

#include "base/hash.h"
#include "log/lock.h"
#include "log/walk.h"

#define FIRST "web/00000000000000000000.zst"

static struct sk_diag diag;

static int
begin(void **state)
{
	diag.text[0] = '\0';
	return topic_begin(state);
}

static uint64_t acked;
static int acks;

static void
take_ack(void *arg, uint32_t partition, uint64_t next)
{
	(void)arg;
	assert_int_equal(partition, 0);
	assert_true(next > acked);
	acked = next;
	acks++;
}

/* Open with values, "name=value name=value". */
static struct sk_log_writer *
open_with(const char *values)
{
	const struct sk_log_ack ack = { take_ack, NULL };
	char copy[256], *rest = copy, *word, *eq;
	struct sk_log_policy policy;
	struct sk_log_writer *w;
	int err = 0;

	sk_log_policy_init(&policy);
	snprintf(copy, sizeof(copy), "%s", values);
	while ((word = strsep(&rest, " ")) != NULL) {
		eq = strchr(word, '=');
		if (eq == NULL)
			continue;
		*eq = '\0';
		assert_int_equal(sk_log_policy_set(&policy, word, eq + 1,
		    NULL, 0), 0);
	}
	acked = 0;
	acks = 0;
	w = sk_log_writer_open("web", &policy, &ack, &topic_notify, &err,
	    &diag);
	if (w == NULL)
		print_message("open: %s\n", diag.text);
	return w;
}

static int
add(struct sk_log_writer *w, const char *lines)
{
	struct sk_log_run run = { 0 };

	run.bytes = lines;
	run.len = strlen(lines);
	return sk_log_writer_add(w, &run, &diag);
}

/* The types of the frames of a segment, as a string; checks every rule. */
static char *
frames(uint64_t base)
{
	static char types[4096];
	struct sk_index index = { 0 };
	struct sk_walk walk;
	char *path = sk_segment_path("web", base);
	int fd = sk_sys_open(path, O_RDONLY, 0), n = 0;

	assert_true(fd >= 0);
	assert_int_equal(sk_walk_open(&walk, fd, SK_WALK_DEEP, &index), 0);
	while (sk_walk_next(&walk) == 1) {
		types[n++] = walk.frame.type == 'P' ?
		    (char)('0' + walk.frame.flags) : walk.frame.type;
		assert_true(n < 4000);
	}
	types[n] = '\0';
	assert_int_equal(walk.stop, SK_WALK_END);
	sk_walk_close(&walk);
	sk_index_free(&index);
	sk_sys_close(fd);
	free(path);
	return types;
}

static void
zstd_prints(const char *lines)
{
	if (system("command -v zstd >/dev/null") != 0)
		return;
	topic_shell("zstd -dc web/*.zst > out");
	topic_shell("test \"$(cat out; echo .)\" = \"$(printf '%s'; echo .)\"",
	    lines);
}

static void
stores_lines(void **state)
{
	struct sk_log_writer *w = open_with("");
	struct sk_log_writer_stat stat;

	(void)state;
	assert_non_null(w);
	assert_int_equal(add(w, "one\ntwo\n"), 0);
	assert_int_equal(add(w, "three\n"), 0);
	assert_int_equal(sk_log_writer_unstored(w), 3);
	sk_log_writer_stat(w, &stat);
	assert_int_equal(stat.next_offset, 3);
	assert_int_equal(stat.stored_offset, 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_int_equal(acked, 3);
	assert_string_equal(frames(0), "S1BE");
	zstd_prints("one\\ntwo\\nthree\\n");

	w = open_with("");
	sk_log_writer_stat(w, &stat);
	assert_int_equal(stat.next_offset, 3);
	assert_int_equal(add(w, "four\n"), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(frames(0), "S1BE1BE");
	zstd_prints("one\\ntwo\\nthree\\nfour\\n");
	assert_string_equal(topic_said(), "");
}

static void
block_syncs_when_there_is_no_more(void **state)
{
	struct sk_log_writer *w = open_with("sync=block batch_bytes=10");

	(void)state;
	assert_int_equal(add(w, "one\ntwo\n"), 0);
	assert_int_equal(acked, 0);
	assert_int_equal(add(w, "three\nfour\n"), 0);
	assert_int_equal(acked, 3); /* full: synced at once */
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	assert_int_equal(acked, 4);
	assert_string_equal(frames(0), "S1BB3");
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	assert_string_equal(frames(0), "S1BB3");
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(frames(0), "S1BB3E");
	assert_int_equal(acks, 2);
}

static void
wait_for(struct sk_log_writer *w)
{
	int64_t left = sk_log_writer_deadline(w) - sk_sys_mono_ns();
	struct timespec t = { 0, 0 };

	assert_true(left < 1100000000);
	if (left > 0) {
		t.tv_sec = left / 1000000000;
		t.tv_nsec = left % 1000000000;
		nanosleep(&t, NULL);
	}
	assert_int_equal(sk_log_writer_tick(w, &diag), 0);
}

static void
interval_syncs_at_its_time(void **state)
{
	struct sk_log_writer *w = open_with("sync=interval:50ms linger=10ms");
	struct sk_log_writer_stat stat;

	(void)state;
	assert_int_equal(add(w, "one\n"), 0);
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	sk_log_writer_stat(w, &stat);
	assert_int_equal(stat.stored_offset, 0);
	wait_for(w); /* linger */
	sk_log_writer_stat(w, &stat);
	assert_int_equal(stat.stored_offset, 1);
	assert_int_equal(acked, 0);
	wait_for(w); /* interval */
	assert_int_equal(acked, 1);
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	assert_string_equal(frames(0), "S13B3"); /* a mark before each sleep */
	assert_true(sk_log_writer_deadline(w) - sk_sys_mono_ns() > 200000000);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
}

static void
none_acknowledges_at_the_end(void **state)
{
	struct sk_log_writer *w = open_with("sync=none linger=0s");

	(void)state;
	assert_int_equal(add(w, "one\n"), 0);
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	assert_string_equal(frames(0), "S1B");
	assert_int_equal(acked, 0);
	assert_int_equal(sk_log_writer_flush(w, false, &diag), 0);
	assert_int_equal(acked, 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_int_equal(acked, 1);
}

static void
blocks_are_cut_at_lines(void **state)
{
	struct sk_log_writer *w = open_with("batch_bytes=8 sync=none");

	(void)state;
	/* 4 + 4 | a line longer than a block | 2 + 8 */
	assert_int_equal(add(w, "abc\ndef\nlonger than 8\nx\n1234567\n"),
	    0);
	assert_int_equal(add(w, "y\n"), 0);
	assert_int_equal(add(w, "again longer\nz\n"), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	/* abc def | longer | x 1234567 | y | again | z */
	assert_string_equal(frames(0), "S1BBBBBBE");
	zstd_prints("abc\\ndef\\nlonger than 8\\nx\\n1234567\\ny\\n"
	    "again longer\\nz\\n");
}

static void
a_block_has_no_more_than_2_20_records(void **state)
{
	struct sk_log_writer *w = open_with("batch_bytes=4M sync=none");
	size_t n = (1 << 20) + 5;
	struct sk_log_run run = { 0 };
	char *empty = malloc(n);

	(void)state;
	memset(empty, '\n', n);
	run.bytes = empty;
	run.len = n;
	assert_int_equal(sk_log_writer_add(w, &run, &diag), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(frames(0), "S1BBE");
	assert_int_equal(acked, n);
	free(empty);
}

static void
rolls_and_goes_on(void **state)
{
	struct sk_log_writer *w = open_with(
	    "batch_bytes=4 sync=none segment_bytes=500");
	struct sk_listing listing;
	char line[16];
	size_t i;

	(void)state;
	for (i = 0; i < 10; i++) {
		snprintf(line, sizeof(line), "%zu000\n", i);
		assert_int_equal(add(w, line), 0);
	}
	assert_int_equal(acked, 9);
	assert_int_equal(sk_log_writer_roll(w, &diag), 0);
	assert_int_equal(acked, 10);
	assert_int_equal(sk_log_writer_roll(w, &diag), 0); /* no records */
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_int_equal(sk_listing_load(&listing, "web", &diag), 0);
	assert_true(listing.n_segments >= 4);
	for (i = 1; i + 1 < listing.n_segments; i++) {
		char *types = frames(listing.bases[i]);

		assert_int_equal(types[0], 'S');
		assert_int_equal(types[1], 'B');
		assert_int_equal(types[strlen(types) - 1], 'X');
	}
	assert_string_equal(frames(listing.bases[listing.n_segments - 1]),
	    "SE");
	sk_listing_free(&listing);
	zstd_prints("0000\\n1000\\n2000\\n3000\\n4000\\n5000\\n6000\\n"
	    "7000\\n8000\\n9000\\n");
	w = open_with("");
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(topic_said(), "");
}

static struct sk_log_run
run_of(const char *lines, const struct sk_source *source, uint64_t pos)
{
	struct sk_log_run run = { 0 };

	run.bytes = lines;
	run.len = strlen(lines);
	run.source = source;
	run.source_pos = pos;
	run.source_end = pos + run.len;
	return run;
}

/* The SOURCE TLVs of the n-th frame of a type: "id:start-end ...". */
static const char *
sources_of(char type, int n)
{
	static char text[256];
	char *path = sk_segment_path("web", 0);
	int fd = sk_sys_open(path, O_RDONLY, 0);
	struct sk_source source;
	struct sk_view rest;
	struct sk_walk walk;
	struct sk_tlv tlv;

	text[0] = '\0';
	assert_int_equal(sk_walk_open(&walk, fd, 0, NULL), 0);
	while (sk_walk_next(&walk) == 1)
		if (walk.frame.type == type && n-- == 0)
			break;
	rest = walk.frame.tlvs;
	while (sk_tlv_next(&rest, &tlv) == 1) {
		assert_int_equal(sk_source_decode(tlv.value, &source), 0);
		assert_int_equal(source.last_day,
		    sk_sys_clock_ns() / 1000000000 / 86400);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%ju:%ju-%ju ", (uintmax_t)source.id,
		    (uintmax_t)source.start_pos, (uintmax_t)source.end_pos);
	}
	sk_walk_close(&walk);
	sk_sys_close(fd);
	free(path);
	return text;
}

static void
positions_are_stored_with_their_lines(void **state)
{
	struct sk_log_writer *w = open_with("sync=none batch_bytes=12");
	struct sk_source a = { .id = 5, .name = { "a.log", 5 } };
	struct sk_source b = { .id = 6, .name = { "b.log", 5 } };
	struct sk_log_run run;

	(void)state;
	run = run_of("one\n", &a, 100);
	assert_int_equal(sk_log_writer_add(w, &run, &diag), 0);
	b.end_pos = 3;
	assert_int_equal(sk_log_writer_moved(w, &b, &diag), 0);
	run = run_of("two\nthree\nfour\n", &b, 0);
	run.source_end = 14; /* the last newline is not in the file */
	run.flags = SK_RUN_SYNTHETIC_NL;
	assert_int_equal(sk_log_writer_add(w, &run, &diag), 0);
	a.end_pos = 999;
	assert_int_equal(sk_log_writer_moved(w, &a, &diag), 0);
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(frames(0), "S1B2BE");
	assert_string_equal(sources_of('B', 0), "5:100-104 6:0-10 ");
	assert_string_equal(sources_of('P', 1), "5:999-999 ");
	assert_string_equal(sources_of('B', 1), "6:10-14 ");

	w = open_with("");
	assert_int_equal(sk_log_writer_sources(w)->n, 2);
	assert_int_equal(sk_sources_find(sk_log_writer_sources(w), 5)->end_pos,
	    999);
	assert_int_equal(sk_sources_find(sk_log_writer_sources(w), 6)->end_pos,
	    14);
	assert_int_equal(sk_log_writer_roll(w, &diag), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	/* the next S has them all */
	topic_shell("rm " FIRST);
	topic_shell("sed -i s/cleanup=none/cleanup=delete/ web/topic.conf");
	w = open_with("");
	assert_non_null(w);
	assert_int_equal(sk_log_writer_sources(w)->n, 2);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
}

/* The log has seen a later time than the clock shows: it does not fall. */
static void
the_clock_of_the_log_does_not_fall(void **state)
{
	struct sk_log_writer *w = open_with("");
	int64_t late = sk_sys_clock_ns() + 3600 * INT64_C(1000000000);
	struct sk_buf bytes;
	char *e;

	(void)state;
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	bytes = topic_load(FIRST);
	e = bytes.ptr + bytes.len - 72;
	sk_put64(e + 56, (uint64_t)late);
	sk_put64(e + 64, sk_hash_disk(e, 64));
	topic_store(FIRST, bytes.ptr, bytes.len);
	w = open_with("");
	assert_int_equal(add(w, "one\n"), 0);
	assert_int_equal(sk_log_writer_roll(w, &diag), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(frames(0), "S1E1BX");
	w = open_with("");
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(topic_said(), "");
	sk_buf_free(&bytes);
}

static void
one_writer_at_a_time(void **state)
{
	struct sk_log_writer *w = open_with("sync=block");
	char who[128] = "";
	int err = 0;

	(void)state;
	assert_int_equal(sk_log_locked("web", who, sizeof(who)), 1);
	assert_non_null(strstr(who, "pid "));
	assert_null(sk_log_writer_open("web", NULL, NULL, NULL, &err, &diag));
	assert_int_equal(err, SK_EBUSY);
	assert_non_null(strstr(diag.text, "is being written by pid "));
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_int_equal(sk_log_locked("web", NULL, 0), 0);
}

static void
somebody_else_writes(void **state)
{
	struct sk_log_writer *w = open_with("sync=block");
	struct sk_buf before, after;

	(void)state;
	assert_int_equal(add(w, "one\n"), 0);
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	topic_shell("echo >> " FIRST);
	before = topic_load(FIRST);
	assert_int_equal(add(w, "two\n"), 0);
	assert_int_equal(sk_log_writer_idle(w, &diag), SK_EDATA);
	assert_non_null(strstr(diag.text, "somebody else wrote"));
	assert_true(sk_log_writer_failed(w));
	assert_int_equal(sk_log_writer_unstored(w), 1);
	diag.text[0] = '\0';
	assert_int_equal(sk_log_writer_close(w, &diag), SK_EDATA);
	assert_non_null(strstr(diag.text, "somebody else wrote"));
	assert_int_equal(acked, 1);
	after = topic_load(FIRST);
	assert_true(sk_view_equal(sk_view(before.ptr, before.len),
	    sk_view(after.ptr, after.len)));
	sk_buf_free(&before);
	sk_buf_free(&after);
}

static void
a_full_disk_is_waited_for(void **state)
{
	struct sk_log_writer *w = open_with("sync=none batch_bytes=100");
	struct rlimit limit, old;
	struct sk_buf before, after;
	char line[102];
	int i;

	(void)state;
	memset(line, 'x', 100);
	memcpy(line + 100, "\n", 2);
	assert_int_equal(add(w, line), 0);
	before = topic_load(FIRST);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = before.len + 130;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(add(w, line), SK_ESYS);
	assert_non_null(strstr(diag.text, "File too large"));
	assert_false(sk_log_writer_failed(w));
	assert_int_equal(sk_log_writer_unstored(w), 1);
	after = topic_load(FIRST);
	assert_int_equal(after.len, before.len);
	for (i = 0; i < 3; i++)
		assert_int_equal(add(w, line), 0); /* taken, tried later */
	assert_int_equal(sk_log_writer_unstored(w), 4);
	assert_int_equal(sk_log_writer_tick(w, &diag), 0);
	setrlimit(RLIMIT_FSIZE, &old);
	wait_for(w);
	assert_int_equal(sk_log_writer_unstored(w), 0);
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(frames(0), "S1BBBBBE");
	assert_int_equal(acked, 5);
	sk_buf_free(&before);
	sk_buf_free(&after);
}

static void
a_full_disk_at_the_end_is_told(void **state)
{
	struct sk_log_writer *w = open_with("sync=none");
	struct rlimit limit, old;
	struct sk_buf before;

	(void)state;
	assert_int_equal(add(w, "one\n"), 0);
	assert_int_equal(sk_log_writer_flush(w, false, &diag), 0);
	assert_int_equal(add(w, "two\n"), 0);
	before = topic_load(FIRST);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = before.len + 5;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(sk_log_writer_close(w, &diag), SK_ESYS);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(acked, 1); /* what was stored is durable */
	assert_string_equal(frames(0), "S1B");
	sk_buf_free(&before);
}

/* Who has been told that lines are not stored does not find them stored. */
static void
what_was_given_up_is_not_stored(void **state)
{
	struct sk_log_writer *w = open_with("sync=none");
	struct rlimit limit, old;

	(void)state;
	assert_int_equal(add(w, "one\n"), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 100;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(sk_log_writer_flush(w, false, &diag), SK_ESYS);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(sk_log_writer_unstored(w), 1);
	diag.text[0] = '\0';
	assert_int_equal(sk_log_writer_close(w, &diag), SK_ESYS);
	assert_non_null(strstr(diag.text, "File too large"));
	assert_string_equal(frames(0), "S1");
}

static void
requests_are_done(void **state)
{
	struct sk_log_writer *w = open_with("sync=none linger=1h");
	int i;

	(void)state;
	assert_int_equal(add(w, "one\n"), 0);
	topic_shell("cd web && touch .request-roll .request-trim "
	    ".request-repack");
	for (i = 0; i < 3 && topic_has("web/.request-roll"); i++)
		wait_for(w);
	assert_false(topic_has("web/.request-roll"));
	assert_false(topic_has("web/.request-trim"));
	assert_false(topic_has("web/.request-repack"));
	assert_true(topic_has("web/00000000000000000001.zst"));
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
}

static void
comes_of_age(void **state)
{
	struct sk_log_writer *w = open_with("segment_age=20ms linger=0s");

	(void)state;
	assert_int_equal(sk_log_writer_idle(w, &diag), 0);
	usleep(30000);
	assert_int_equal(sk_log_writer_tick(w, &diag), 0);
	assert_true(topic_has(FIRST)); /* no records: it stays */
	assert_int_equal(add(w, "one\n"), 0);
	assert_int_equal(sk_log_writer_tick(w, &diag), 0);
	assert_true(topic_has("web/00000000000000000001.zst"));
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
}

static void
small_blocks_are_repacked_at_the_roll(void **state)
{
	struct sk_log_writer *w = open_with("sync=none batch_bytes=100");
	char line[32];
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), "this is line %d\n", i);
		assert_int_equal(add(w, line), 0);
	}
	assert_int_equal(sk_log_writer_roll(w, &diag), 0);
	assert_string_equal(frames(0), "S1BX");
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	w = open_with("");
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_string_equal(topic_said(), "");
}

static void
a_folder_of_other_things_is_not_taken(void **state)
{
	(void)state;
	topic_shell("mkdir web && touch web/notes");
	assert_null(open_with(""));
	assert_non_null(strstr(diag.text, "not a log, and not empty"));
	assert_false(topic_has("web/.lock"));
	topic_shell("rm web/notes && touch " FIRST);
	assert_null(open_with(""));
	assert_non_null(strstr(diag.text, "missing beside segments"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, topic_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stores_lines),
		TEST(block_syncs_when_there_is_no_more),
		TEST(interval_syncs_at_its_time),
		TEST(none_acknowledges_at_the_end),
		TEST(blocks_are_cut_at_lines),
		TEST(a_block_has_no_more_than_2_20_records),
		TEST(rolls_and_goes_on),
		TEST(positions_are_stored_with_their_lines),
		TEST(the_clock_of_the_log_does_not_fall),
		TEST(one_writer_at_a_time),
		TEST(somebody_else_writes),
		TEST(a_full_disk_is_waited_for),
		TEST(a_full_disk_at_the_end_is_told),
		TEST(what_was_given_up_is_not_stored),
		TEST(requests_are_done),
		TEST(comes_of_age),
		TEST(small_blocks_are_repacked_at_the_roll),
		TEST(a_folder_of_other_things_is_not_taken),
	};

	return cmocka_run_group_tests_name("log/writer", tests, NULL, NULL);
}
