/* log/scan: every frame is found wherever it stands, and nothing else is. */
#include "topic.h"

#include "log/scan.h"

static int
file_of(const struct sk_buf *bytes)
{
	int fd = topic_nameless();

	topic_rewrite(fd, bytes->ptr, bytes->len);
	return fd;
}

static void
add(struct sk_buf *bytes, uint64_t offset, size_t note)
{
	struct sk_frame frame = { .type = 'P', .flags = SK_P_IDLE,
		.offset = offset };
	struct sk_buf tlvs = { 0 }, text = { 0 };

	if (note > 0) {
		sk_buf_zero(&text, note);
		sk_tlv_add(&tlvs, SK_TLV_NOTE, sk_view(text.ptr, text.len));
		frame.tlvs = sk_view(tlvs.ptr, tlvs.len);
	}
	sk_frame_encode(&frame, bytes);
	sk_buf_free(&tlvs);
	sk_buf_free(&text);
}

/* Frames 0, 1, 2 ... with `gap` bytes in front of each, false starts if they
 * are few. */
static void
finds_all(size_t gap, unsigned n, size_t note)
{
	static const char lure[] = "S*M\x18" "SKLG";
	struct sk_buf bytes = { 0 };
	struct sk_scan scan = { 0 };
	struct sk_frame frame;
	uint64_t pos = 0, at[64];
	unsigned i;
	size_t j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < gap; j++)
			sk_buf_char(&bytes, gap > 1000 ? 'x'
			    : lure[j % (sizeof(lure) - 1)]);
		at[i] = bytes.len;
		add(&bytes, i, note);
	}
	scan.fd = file_of(&bytes);
	scan.size = bytes.len;
	for (i = 0; i < n; i++) {
		assert_int_equal(sk_scan_find(&scan, &pos, &frame), 1);
		assert_int_equal(pos, at[i]);
		assert_int_equal(frame.offset, i);
		pos += frame.len;
	}
	assert_int_equal(sk_scan_find(&scan, &pos, &frame), 0);
	close(scan.fd);
	sk_scan_free(&scan);
	sk_buf_free(&bytes);
}

static void
frames_are_found_behind_anything(void **state)
{
	size_t gap;

	(void)state;
	for (gap = 0; gap < 100; gap++)
		finds_all(gap, 5, 0);
}

/* Marks across the ends of what is read at once, 64 KiB. */
static void
frames_are_found_across_reads(void **state)
{
	size_t gap;

	(void)state;
	for (gap = 65536 - 90; gap < 65536 + 10; gap++)
		finds_all(gap, 2, 0);
	finds_all(10, 4, 200000);
}

static void
a_damaged_frame_is_none(void **state)
{
	struct sk_buf bytes = { 0 };
	struct sk_scan scan = { 0 };
	struct sk_frame frame;
	uint64_t pos;
	size_t i;

	(void)state;
	add(&bytes, 7, 0);
	for (i = 0; i < bytes.len; i++) {
		bytes.ptr[i] ^= 0x20;
		scan.fd = file_of(&bytes);
		scan.size = bytes.len;
		pos = 0;
		assert_int_equal(sk_scan_at(&scan, 0, &frame), 0);
		assert_int_equal(sk_scan_find(&scan, &pos, &frame), 0);
		bytes.ptr[i] ^= 0x20;
		sk_scan_free(&scan);
		close(scan.fd);
	}
	scan.fd = file_of(&bytes);
	assert_int_equal(sk_scan_at(&scan, 0, &frame), 1);
	assert_int_equal(sk_scan_at(&scan, bytes.len, &frame), 0);
	assert_int_equal(sk_scan_at(&scan, UINT64_MAX / 2, &frame), 0);
	scan.size = bytes.len - 1;
	sk_scan_free(&scan);
	assert_int_equal(sk_scan_at(&scan, 0, &frame), 0);
	close(scan.fd);
	sk_scan_free(&scan);
	sk_buf_free(&bytes);
}

static void
bytes_end_with_the_file(void **state)
{
	struct sk_buf bytes = { 0 };
	struct sk_scan scan = { 0 };
	struct sk_view got;

	(void)state;
	sk_buf_str(&bytes, "0123456789");
	scan.fd = file_of(&bytes);
	scan.size = bytes.len;
	assert_int_equal(sk_scan_bytes(&scan, 3, 4, &got), 0);
	assert_memory_equal(got.ptr, "3456", 4);
	assert_int_equal(sk_scan_bytes(&scan, 0, 10, &got), 0);
	assert_int_equal(sk_scan_bytes(&scan, 3, 8, &got), SK_EDATA);
	assert_int_equal(sk_scan_bytes(&scan, 10, 1, &got), SK_EDATA);
	close(scan.fd);
	sk_scan_free(&scan);
	sk_buf_free(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_found_behind_anything),
		cmocka_unit_test(frames_are_found_across_reads),
		cmocka_unit_test(a_damaged_frame_is_none),
		cmocka_unit_test(bytes_end_with_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
