/* log/block and io/zstd: lines to one data frame and back, or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "io/zstd.h"
#include "log/block.h"

static struct sk_zstd zstd;

static struct sk_frame
pack(const char *lines, size_t len, struct sk_buf *data)
{
	struct sk_frame b = { 0 };
	uint32_t checksum = 0;

	sk_block_pack(&zstd, 1, lines, len, sk_block_lines(lines, len), &b,
	    data, &checksum);
	assert_int_equal(checksum, (uint32_t)sk_hash_disk(lines, len));
	assert_int_equal(b.u.b.comp_len, data->len);
	assert_int_equal(b.u.b.raw_len, len);
	return b;
}

static void
lines_come_back(void **state)
{
	struct sk_buf lines = { 0 }, data = { 0 }, raw = { 0 };
	struct sk_frame b;
	const char *why = NULL;
	int i;

	(void)state;
	sk_buf_add(&lines, "a\0b\n\n\xff\n", 7);
	b = pack(lines.ptr, lines.len, &data);
	assert_int_equal(b.u.b.records, 3);
	assert_int_equal(sk_block_unpack(&zstd, &b, data.ptr, data.len, &raw,
	    &why), 0);
	assert_int_equal(raw.len, 7);
	assert_memory_equal(raw.ptr, lines.ptr, 7);
	for (i = 0; i < 100000; i++)
		sk_buf_fmt(&lines, "line %d\n", i * 7);
	b = pack(lines.ptr, lines.len, &data);
	assert_int_equal(b.u.b.records, 100003);
	assert_int_equal(b.u.b.span, 100003);
	assert_int_equal(sk_block_unpack(&zstd, &b, data.ptr, data.len, &raw,
	    NULL), 0);
	assert_true(sk_view_equal(sk_view(raw.ptr, raw.len),
	    sk_view(lines.ptr, lines.len)));
	sk_buf_free(&lines);
	sk_buf_free(&data);
	sk_buf_free(&raw);
}

static int
unpack(struct sk_frame *b, const struct sk_buf *data)
{
	struct sk_buf raw = { 0 };
	const char *why = NULL;
	int err;

	b->u.b.comp_len = (uint32_t)data->len;
	b->u.b.comp_hash = sk_hash_disk(data->ptr, data->len);
	err = sk_block_unpack(&zstd, b, data->ptr, data->len, &raw, &why);
	assert_true((err == 0) == (why == NULL));
	sk_buf_free(&raw);
	return err;
}

static void
any_flip_is_refused(void **state)
{
	struct sk_buf data = { 0 }, raw = { 0 };
	struct sk_frame b = pack("hello\nworld\n", 12, &data), bad;
	const char *why;
	size_t bit;

	(void)state;
	for (bit = 0; bit < 8 * data.len; bit++) {
		data.ptr[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(sk_block_unpack(&zstd, &b, data.ptr,
		    data.len, &raw, &why), SK_EDATA);
		data.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_int_equal(sk_block_unpack(&zstd, &b, data.ptr, data.len - 1,
	    &raw, &why), SK_EDATA);
	/* B's own hash is right, but what it says of the lines is not */
	bad = b;
	bad.u.b.records = 3;
	assert_int_equal(unpack(&bad, &data), SK_EDATA);
	bad = b;
	bad.u.b.raw_len = 13;
	assert_int_equal(unpack(&bad, &data), SK_EDATA);
	bad = b;
	assert_int_equal(unpack(&bad, &data), 0);
	sk_buf_free(&data);
	sk_buf_free(&raw);
}

static void
frames_of_other_makes_are_refused(void **state)
{
	struct sk_buf data = { 0 }, two = { 0 };
	struct sk_frame b = pack("hello\n", 6, &data);
	/* no checksum flag: the same frame without its last 4 bytes */
	struct sk_buf bare = { 0 };

	(void)state;
	sk_buf_add(&bare, data.ptr, data.len - 4);
	bare.ptr[4] &= ~4;
	assert_int_equal(unpack(&b, &bare), SK_EDATA);
	sk_buf_add(&two, data.ptr, data.len);
	sk_buf_add(&two, data.ptr, data.len);
	assert_int_equal(unpack(&b, &two), SK_EDATA);
	sk_buf_reset(&two);
	b = pack("hello\nwo", 8, &two);
	assert_int_equal(unpack(&b, &two), SK_EDATA);
	sk_buf_free(&data);
	sk_buf_free(&bare);
	sk_buf_free(&two);
}

static int
drop_zstd(void **state)
{
	(void)state;
	sk_zstd_free(&zstd);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_back),
		cmocka_unit_test(any_flip_is_refused),
		cmocka_unit_test(frames_of_other_makes_are_refused),
	};

	return cmocka_run_group_tests_name("log/block", tests, NULL,
	    drop_zstd);
}
