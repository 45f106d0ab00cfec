/*
 * log/recover: torn tails are kept and cut, damage in acknowledged data is
 * refused and nothing is changed, and a second run changes no byte.
 */
#include "topic.h"

#include "base/hash.h"
#include "base/num.h"
#include "log/recover.h"

#define FIRST "web/00000000000000000000.zst"

static struct sk_diag diag;

static int
begin(void **state)
{
	diag.text[0] = '\0';
	return topic_begin(state);
}

static struct sk_log_writer *
writer(const char *sync)
{
	struct sk_log_policy policy;
	struct sk_log_writer *w;
	int err;

	sk_log_policy_init(&policy);
	sk_log_policy_set(&policy, "batch_bytes", "1", NULL, 0);
	sk_log_policy_set(&policy, "sync", sync, NULL, 0);
	w = sk_log_writer_open("web", &policy, NULL, NULL, &err, &diag);
	assert_non_null(w);
	return w;
}

static void
add(struct sk_log_writer *w, const char *line)
{
	struct sk_log_run run = { 0 };

	run.bytes = line;
	run.len = strlen(line);
	assert_int_equal(sk_log_writer_add(w, &run, &diag), 0);
}

/* Keep a copy of the topic as it stands, as a kill would leave it, and put it
 * back in place of the topic. */
static void
snapshot(void)
{
	topic_shell("rm -rf copy && cp -r web copy");
}

static void
restore(void)
{
	topic_shell("rm -rf web && cp -r copy web");
}

/* A topic of these lines, a block each; `killed`: without E. */
static void
make(const char *sync, const char *const *lines, bool killed)
{
	struct sk_log_writer *w = writer(sync);

	for (; *lines != NULL; lines++)
		if (strcmp(*lines, "roll") == 0)
			assert_int_equal(sk_log_writer_roll(w, &diag), 0);
		else
			add(w, *lines);
	if (killed)
		snapshot();
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	if (!killed)
		snapshot();
	restore();
}

static int
recover(struct sk_recovered *state)
{
	struct sk_log_conf conf;

	topic_hush();
	assert_int_equal(sk_log_conf_load(&conf, "web", &diag), 0);
	return sk_log_recover(state, "web", &conf, 0, &topic_notify, &diag);
}

/* Recover: the offset where the log ends, or the error. */
static int
recovered(void)
{
	struct sk_recovered state;
	int err = recover(&state), end = (int)state.chain.offset;

	if (err == 0)
		sk_recovered_free(&state);
	return err == 0 ? end : err;
}

/* As the folder lists its files, with all their bytes. */
static uint64_t
digest(void)
{
	struct sk_listing listing;
	struct sk_hasher hasher;
	struct sk_buf bytes;
	char *path;
	size_t i;

	sk_hasher_init(&hasher);
	assert_int_equal(sk_listing_load(&listing, "web", &diag), 0);
	for (i = 0; i < listing.n; i++) {
		path = sk_topic_path("web", listing.names[i].name);
		bytes = topic_load(path);
		free(path);
		sk_hasher_add(&hasher, listing.names[i].name,
		    strlen(listing.names[i].name));
		if (bytes.len > 0)
			sk_hasher_add(&hasher, bytes.ptr, bytes.len);
		sk_buf_free(&bytes);
	}
	sk_listing_free(&listing);
	return sk_hasher_value(&hasher);
}

/* Where the n-th frame of a type begins in a file. */
static size_t
frame_at(const char *path, char type, int n)
{
	int fd = sk_sys_open(path, O_RDONLY, 0);
	struct sk_walk walk;
	uint64_t pos;

	assert_int_equal(sk_walk_open(&walk, fd, 0, NULL), 0);
	do
		assert_int_equal(sk_walk_next(&walk), 1);
	while (walk.frame.type != type || n-- > 0);
	pos = walk.frame_pos;
	sk_walk_close(&walk);
	sk_sys_close(fd);
	return (size_t)pos;
}

static const char *const three[] = { "one\n", "two\n", "three\n", NULL };
static const char *const rolled[] = { "one\n", "roll", "two\n", "roll",
	"three\n", NULL };

static void
a_clean_log_stays(void **state)
{
	uint64_t before;

	(void)state;
	make("block", three, false);
	before = digest();
	assert_int_equal(recovered(), 3);
	assert_true(digest() == before);
	assert_string_equal(topic_said(), "");
	make("none", three, true);
	before = digest();
	assert_int_equal(recovered(), 6);
	assert_true(digest() == before);
	assert_string_equal(topic_said(), "");
}

/* Cut anywhere: the whole blocks in front stay, unless a frame proves that
 * there was more. */
static void
a_cut_tail_is_kept_and_cut(void **state)
{
	size_t second, third, len;
	struct sk_buf all, kept;
	char name[64], want[256];
	uint64_t after;
	int end;

	(void)state;
	make("none", three, true);
	all = topic_load(FIRST);
	second = frame_at(FIRST, 'B', 1);
	third = frame_at(FIRST, 'B', 2);
	for (len = second + 1; len < all.len; len += 13) {
		restore();
		topic_store(FIRST, all.ptr, len);
		end = recovered();
		assert_int_equal(end, len < third ? 1 : 2);
		if (len == third)
			continue;
		snprintf(name, sizeof(name),
		    "web/00000000000000000000.torn-%zu",
		    len < third ? second : third);
		kept = topic_load(name);
		assert_int_equal(kept.len, len - (len < third ? second :
		    third));
		assert_memory_equal(kept.ptr, all.ptr + (len < third ? second :
		    third), kept.len);
		snprintf(want, sizeof(want), FIRST ": cut %zu "
		    "unacknowledged byte%s at %zu; kept in %s\n", kept.len,
		    sk_num_plural(kept.len), len < third ? second : third,
		    name + strlen("web/"));
		assert_string_equal(topic_said(), want);
		sk_buf_free(&kept);
		after = digest();
		assert_int_equal(recovered(), end);
		assert_true(digest() == after);
		assert_string_equal(topic_said(), "");
	}
	sk_buf_free(&all);
}

static void
a_hole_in_unacknowledged_data_is_a_tear(void **state)
{
	char want[256];
	size_t second;

	(void)state;
	make("none", three, true);
	second = frame_at(FIRST, 'B', 1);
	topic_flip(FIRST, second + 140, 4);
	assert_int_equal(recovered(), 1);
	snprintf(want, sizeof(want), "bytes at %zu (records 2..2 were "
	    "readable); kept in 00000000000000000000.torn-%zu\n", second,
	    second);
	assert_non_null(strstr(topic_said(), want));
}

static void
damage_in_acknowledged_data_is_refused(void **state)
{
	const char *const sync[] = { "block", "none" };
	uint64_t before;
	size_t at, end;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		/* block, killed: each B proves those before it; none: E does */
		make(sync[i], three, i == 0);
		end = frame_at(FIRST, i == 0 ? 'B' : 'E', i == 0 ? 2 : 0);
		snapshot();
		for (at = 0; at < end; at += 29) {
			restore();
			topic_flip(FIRST, at, 4);
			before = digest();
			assert_int_equal(recovered(), SK_EDATA);
			assert_true(digest() == before);
			if (at >= 112)
				assert_non_null(strstr(diag.text,
				    "acknowledged data damaged at"));
			else
				assert_non_null(strstr(diag.text,
				    "segment header damaged"));
		}
		topic_shell("rm -r web");
	}
}

static void
a_second_tear_has_a_name_of_its_own(void **state)
{
	struct sk_buf all;
	size_t third;

	(void)state;
	make("none", three, true);
	all = topic_load(FIRST);
	third = frame_at(FIRST, 'B', 2);
	topic_store(FIRST, all.ptr, third + 10);
	assert_int_equal(recovered(), 2);
	topic_store(FIRST, all.ptr, third + 11);
	assert_int_equal(recovered(), 2);
	topic_store(FIRST, all.ptr, third + 11);
	assert_int_equal(recovered(), 2);
	topic_shell("test $(ls web | grep -c torn) = 2");
	topic_shell("test -s web/00000000000000000000.torn-%zu.2", third);
	sk_buf_free(&all);
}

static void
a_damaged_index_is_sealed_again(void **state)
{
	struct sk_buf before, after;
	size_t x, at, data;
	int seg;

	(void)state;
	make("block", rolled, false);
	for (seg = 0; seg < 2; seg++) {
		const char *name = seg == 0 ? FIRST :
		    "web/00000000000000000001.zst";

		restore();
		if (seg == 1) {
			topic_shell("rm web/00000000000000000002.zst");
			snapshot();
		}
		before = topic_load(name);
		x = frame_at(name, 'X', 0);
		/* length and checksum of the data frame, which only its data
		 * can contradict: the last but one entry of the table */
		data = before.len - 9 - 2 * 12 + 4;
		for (at = x; at < before.len; at += 7) {
			if (at >= data && at < data + 8)
				continue;
			restore();
			topic_flip(name, at, 4);
			assert_int_equal(recovered(), seg == 0 ? 3 : 2);
			assert_non_null(strstr(topic_said(), "index damaged"));
			after = topic_load(name);
			assert_true(sk_view_equal(sk_view(before.ptr,
			    before.len), sk_view(after.ptr, after.len)));
			sk_buf_free(&after);
			/* cut short, and with something behind */
			topic_store(name, before.ptr, at);
			assert_int_equal(recovered(), seg == 0 ? 3 : 2);
			assert_int_equal(recovered(), seg == 0 ? 3 : 2);
		}
		sk_buf_free(&before);
	}
}

static void
older_segments_must_be_whole(void **state)
{
	struct sk_buf all;
	size_t x;

	(void)state;
	make("block", rolled, false);
	x = frame_at(FIRST, 'X', 0);
	all = topic_load(FIRST);
	/* an index that is damaged, and the data as well */
	topic_flip(FIRST, x + 20, 4);
	topic_flip(FIRST, x - 90, 4);
	assert_int_equal(recovered(), SK_EDATA);
	assert_non_null(strstr(diag.text, "acknowledged data damaged at"));
	assert_non_null(strstr(diag.text, "records 0..0"));
	topic_store(FIRST, all.ptr, x - 80);
	assert_int_equal(recovered(), SK_EDATA);
	sk_buf_free(&all);

	restore();
	topic_shell("rm web/00000000000000000001.zst");
	assert_int_equal(recovered(), SK_EDATA);
	assert_non_null(strstr(diag.text, "records 1..1 missing (segment "
	    "00000000000000000001.zst absent)"));
	restore();
	topic_shell("rm " FIRST);
	assert_int_equal(recovered(), SK_EDATA);
	assert_non_null(strstr(diag.text, "records 0..0 missing"));
	restore();
	topic_shell("mv web/00000000000000000002.zst "
	    "web/00000000000000000003.zst");
	assert_int_equal(recovered(), SK_EDATA);
	restore();
	topic_shell("cp " FIRST " web/00000000000000000001.zst");
	assert_int_equal(recovered(), SK_EDATA);
	assert_non_null(strstr(diag.text, "does not belong here"));
	restore();
	topic_shell("sed -i 's/uuid=....../uuid=abcdef/' web/topic.conf");
	assert_int_equal(recovered(), SK_EDATA);
	assert_non_null(strstr(diag.text, "does not belong here"));
}

static void
a_lost_head_is_made_anew(void **state)
{
	const char *const lines[] = { "one\n", "roll", NULL };
	const char *newest = "web/00000000000000000001.zst";
	struct sk_log_writer *w;
	uint64_t after;
	size_t size;

	(void)state;
	make("block", lines, true);
	size = frame_at(newest, 'S', 0) + 112;
	topic_shell("truncate -s %zu %s", size, newest);
	snapshot();
	topic_flip(newest, 40, 4);
	assert_int_equal(recovered(), 1);
	assert_non_null(strstr(topic_said(), "segment header lost, made "
	    "anew; 112 bytes kept in 00000000000000000001.torn-0"));
	after = digest();
	assert_int_equal(recovered(), 1);
	assert_true(digest() == after);
	w = writer("block");
	add(w, "two\n");
	assert_int_equal(sk_log_writer_close(w, &diag), 0);
	assert_int_equal(recovered(), 2);

	restore();
	topic_shell(": > %s", newest);
	assert_int_equal(recovered(), 1);
	/* but not if anything of ours follows it */
	make("block", three, false);
	topic_flip(newest, 40, 4);
	assert_int_equal(recovered(), SK_EDATA);
	assert_non_null(strstr(diag.text, "segment header damaged"));
}

static void
what_is_newer_is_not_cut(void **state)
{
	struct sk_buf bytes;
	uint64_t before;
	size_t e;

	(void)state;
	make("block", three, false);
	bytes = topic_load(FIRST);
	e = frame_at(FIRST, 'E', 0);
	bytes.ptr[e + 13] = 2;
	sk_put64(bytes.ptr + e + 64, sk_hash_disk(bytes.ptr + e, 64));
	topic_store(FIRST, bytes.ptr, bytes.len);
	before = digest();
	assert_int_equal(recovered(), SK_EVERSION);
	assert_non_null(strstr(diag.text, "needs a newer version"));
	assert_true(digest() == before);
	sk_buf_free(&bytes);
}

static void
leftovers_go_and_strangers_stay(void **state)
{
	(void)state;
	make("block", three, false);
	topic_shell("touch web/.new-torn "
	    "web/.new-00000000000000000009 web/notes");
	assert_int_equal(recovered(), 3);
	assert_false(topic_has("web/.new-torn"));
	assert_false(topic_has("web/.new-00000000000000000009"));
	assert_true(topic_has("web/notes"));
}

static void
the_state_is_that_of_the_end(void **state)
{
	struct sk_recovered found;
	struct sk_buf bytes;

	(void)state;
	make("block", rolled, true);
	assert_int_equal(recover(&found), 0);
	assert_int_equal(found.n_segments, 3);
	assert_int_equal(found.first_base, 0);
	assert_false(found.sealed);
	assert_false(found.clean);
	assert_int_equal(found.chain.offset, 3);
	assert_int_equal(found.chain.base, 2);
	assert_int_equal(found.chain.topic_seq, 3);
	assert_int_equal(found.index.n, 1);
	bytes = topic_load("web/00000000000000000002.zst");
	assert_int_equal(found.size, bytes.len);
	assert_int_equal(found.index.pos, bytes.len);
	sk_buf_free(&bytes);
	sk_recovered_free(&found);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, topic_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clean_log_stays),
		TEST(a_cut_tail_is_kept_and_cut),
		TEST(a_hole_in_unacknowledged_data_is_a_tear),
		TEST(damage_in_acknowledged_data_is_refused),
		TEST(a_second_tear_has_a_name_of_its_own),
		TEST(a_damaged_index_is_sealed_again),
		TEST(older_segments_must_be_whole),
		TEST(a_lost_head_is_made_anew),
		TEST(what_is_newer_is_not_cut),
		TEST(leftovers_go_and_strangers_stay),
		TEST(the_state_is_that_of_the_end),
	};

	return cmocka_run_group_tests_name("log/recover", tests, NULL, NULL);
}
