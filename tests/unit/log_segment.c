/* log/segment: names of a topic's folder, and the head of a segment. */
#include "topic.h"

static enum sk_name_kind
kind(const char *name)
{
	uint64_t base = 0;

	return sk_segment_kind(name, &base);
}

static void
names_are_told_apart(void **state)
{
	uint64_t base = 0;

	(void)state;
	assert_int_equal(sk_segment_kind("00000000000000213456.zst", &base),
	    SK_NAME_SEGMENT);
	assert_int_equal(base, 213456);
	assert_int_equal(sk_segment_kind("18446744073709551615.zst", &base),
	    SK_NAME_SEGMENT);
	assert_true(base == UINT64_MAX);
	assert_int_equal(kind("18446744073709551616.zst"), SK_NAME_FOREIGN);
	assert_int_equal(kind("0000000000000213456.zst"), SK_NAME_FOREIGN);
	assert_int_equal(kind("000000000000000213456.zst"), SK_NAME_FOREIGN);
	assert_int_equal(kind("00000000000000213456.zst.gz"),
	    SK_NAME_FOREIGN);
	assert_int_equal(kind("00000000000000213456"), SK_NAME_FOREIGN);
	assert_int_equal(kind("00000000000000213456.torn-8192"),
	    SK_NAME_TORN);
	assert_int_equal(kind("00000000000000213456.torn-8192.2"),
	    SK_NAME_TORN);
	assert_int_equal(kind("00000000000000213456.torn-"),
	    SK_NAME_FOREIGN);
	assert_int_equal(kind("00000000000000213456.torn-1.x"),
	    SK_NAME_FOREIGN);
	assert_int_equal(kind(".new-torn"), SK_NAME_NEW);
	assert_int_equal(kind(".request-trim"), SK_NAME_REQUEST);
	assert_int_equal(kind(".jobs"), SK_NAME_OWN);
	assert_int_equal(kind(".lock"), SK_NAME_OWN);
	assert_int_equal(kind("topic.conf"), SK_NAME_OWN);
	assert_int_equal(kind("topic.conf~"), SK_NAME_FOREIGN);
}

static void
names_are_made(void **state)
{
	char name[SK_SEGMENT_NAME], *path;

	(void)state;
	sk_segment_name(0, name);
	assert_string_equal(name, "00000000000000000000.zst");
	sk_segment_name(UINT64_MAX, name);
	assert_string_equal(name, "18446744073709551615.zst");
	path = sk_segment_path("a/b", 77);
	assert_string_equal(path, "a/b/00000000000000000077.zst");
	free(path);
}

static void
a_folder_is_listed_in_order(void **state)
{
	static const char *const names[] = {
		"00000000000000000100.zst", "00000000000000000000.zst",
		"00000000000000000020.torn-5", "notes",
	};
	struct sk_listing listing;
	struct sk_diag diag;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		topic_store(names[i], "", 0);
	assert_int_equal(sk_listing_load(&listing, topic_dir, &diag), 0);
	assert_int_equal(listing.n, 4);
	assert_int_equal(listing.n_segments, 2);
	assert_int_equal(listing.bases[0], 0);
	assert_int_equal(listing.bases[1], 100);
	assert_int_equal(listing.names[1].kind, SK_NAME_TORN);
	assert_int_equal(listing.names[1].base, 20);
	assert_int_equal(listing.names[3].kind, SK_NAME_FOREIGN);
	sk_listing_free(&listing);
	for (i = 0; i < 4; i++)
		assert_int_equal(unlink(names[i]), 0);
	assert_int_equal(sk_listing_load(&listing, "/nowhere", &diag),
	    SK_ESYS);
	assert_non_null(strstr(diag.text, "/nowhere: "));
}

static int
head_of(const void *bytes, size_t len, struct sk_frame *s, struct sk_buf *buf)
{
	int fd, err;

	topic_store("head", bytes, len);
	fd = open("head", O_RDONLY);
	err = sk_segment_head(fd, buf, s);
	close(fd);
	assert_int_equal(unlink("head"), 0);
	return err;
}

static void
a_head_of_any_size_is_read(void **state)
{
	struct sk_buf tlvs = { 0 }, bytes = { 0 }, buf = { 0 };
	struct sk_log_conf conf = { .partitions = 1 };
	struct sk_frame s, read;
	size_t notes;

	(void)state;
	for (notes = 0; notes < 200; notes += 66) {
		sk_segment_follow(&s, &conf, NULL);
		sk_buf_reset(&tlvs);
		sk_buf_reset(&bytes);
		while (tlvs.len / 56 < notes)
			sk_tlv_add(&tlvs, SK_TLV_NOTE,
			    sk_view("forty-eight bytes of a note, a little more"
			    "......", 48));
		s.tlvs = sk_view(tlvs.ptr, tlvs.len);
		sk_frame_encode(&s, &bytes);
		assert_int_equal(head_of(bytes.ptr, bytes.len, &read, &buf), 0);
		assert_true(read.salt == s.salt);
		assert_int_equal(read.tlvs.len, tlvs.len);
		assert_int_equal(head_of(bytes.ptr, bytes.len - 1, &read,
		    &buf), SK_EDATA);
		assert_int_equal(head_of(bytes.ptr, 0, &read, &buf),
		    SK_EDATA);
		bytes.ptr[bytes.len - 9] ^= 1;
		assert_int_equal(head_of(bytes.ptr, bytes.len, &read, &buf),
		    SK_EDATA);
	}
	sk_buf_free(&tlvs);
	sk_buf_free(&bytes);
	sk_buf_free(&buf);
}

static void
a_segment_follows_the_one_before(void **state)
{
	struct sk_log_conf conf = { .partitions = 1 };
	struct sk_chain end = { 0 };
	struct sk_frame s;
	struct sk_diag diag;
	bool final = true;
	char *path;
	int fd;

	(void)state;
	end.salt = 5;
	end.base = 100;
	end.offset = 300;
	end.topic_seq = 7;
	end.clock_ns = INT64_MAX / 2;
	conf.uuid[3] = 9;
	sk_segment_follow(&s, &conf, &end);
	s.incarnation = 1;
	assert_null(sk_chain_follows(&end, &s));
	assert_int_equal(s.clock_ns, end.clock_ns);
	assert_int_equal(s.u.s.uuid[3], 9);
	fd = sk_segment_create(topic_dir, &s, &final, &diag);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_APPEND, O_APPEND);
	close(fd);
	path = sk_segment_path(topic_dir, 300);
	assert_int_equal(access(path, F_OK), 0);
	free(path);
	assert_int_equal(unlink("00000000000000000300.zst"), 0);
	assert_int_equal(sk_segment_create("/nowhere", &s, &final, &diag),
	    SK_ESYS);
	assert_false(final);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_told_apart),
		cmocka_unit_test(names_are_made),
		cmocka_unit_test(a_folder_is_listed_in_order),
		cmocka_unit_test(a_head_of_any_size_is_read),
		cmocka_unit_test(a_segment_follows_the_one_before),
	};

	return cmocka_run_group_tests_name("log/segment", tests, topic_begin,
	    topic_end_empty);
}
