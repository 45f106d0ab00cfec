/* log/index: X and the seek table, byte for byte, and finding in them. */
#include "topic.h"

#include "log/index.h"

/* S of 112 bytes, B of 128 with 33 of data, E of 72; then this. */
static const char seal_hex[] =
    "532a4d1898000000534b4c4758010000887766554433221100ffeeddccbbaa99"
    "03000000000000000100000000000000590100000000000004402cbd1707ea18"
    "0000000000000000000000000000008000000000000000800100000038000000"
    "7000000000000000000000000000000001402cbd1707ea180000000000000080"
    "00000000000000800000000000000000800000002100000037751e6d4c7be83c"
    "5e2a4d1845000000700000000000000099e9d851800000000000000099e9d851"
    "210000001100000004030201480000000000000099e9d851a000000000000000"
    "99e9d8510500000080b1ea928f";

static int fd;

static struct sk_frame
block(uint64_t offset, uint32_t records, int64_t clock, int64_t min,
    int64_t max)
{
	struct sk_frame b = { 0 };

	b.type = 'B';
	b.len = 128;
	b.offset = offset;
	b.topic_seq = offset / 10;
	b.clock_ns = clock;
	b.u.b.event_min_ns = min;
	b.u.b.event_max_ns = max;
	b.u.b.records = b.u.b.span = records;
	b.u.b.raw_len = 17;
	b.u.b.comp_len = 33;
	return b;
}

static struct sk_buf
sealed_file(struct sk_index *index)
{
	struct sk_frame b = block(0, 3, INT64_C(1795255200000000001),
	    SK_NO_TIME, SK_NO_TIME);
	struct sk_buf out = { 0 };
	struct sk_frame x = { 0 };

	sk_index_reset(index);
	sk_index_add_frame(index, 112);
	sk_index_add_block(index, &b, 0x01020304);
	sk_index_add_frame(index, 72);
	assert_int_equal(index->pos, 345);
	x.salt = 0x1122334455667788;
	x.incarnation = 0x99aabbccddeeff00;
	x.offset = 3;
	x.topic_seq = 1;
	x.clock_ns = INT64_C(1795255200000000004);
	sk_buf_zero(&out, 345);
	sk_index_seal(index, &x, &out);
	return out;
}

static void
seals_to_the_bytes_of_the_format(void **state)
{
	struct sk_index index = { 0 };
	struct sk_buf out = sealed_file(&index), want = topic_unhex(seal_hex);

	(void)state;
	assert_int_equal(out.len, 345 + want.len);
	assert_memory_equal(out.ptr + 345, want.ptr, want.len);
	sk_buf_free(&out);
	sk_buf_free(&want);
	sk_index_free(&index);
}

static void
loads_what_it_sealed(void **state)
{
	struct sk_index index = { 0 }, loaded = { 0 };
	struct sk_buf out = sealed_file(&index);
	struct sk_frame x;

	(void)state;
	topic_rewrite(fd, out.ptr, out.len);
	assert_int_equal(sk_index_load(&loaded, fd, out.len, &x), 1);
	assert_int_equal(loaded.n, 1);
	assert_int_equal(loaded.n_frames, 4);
	assert_int_equal(loaded.pos, 345);
	assert_int_equal(loaded.raw_bytes, 17);
	assert_int_equal(x.offset, 3);
	assert_true(sk_index_agrees(&index, &x));
	assert_memory_equal(loaded.table.ptr, index.table.ptr,
	    index.table.len);
	assert_int_equal(sk_index_at(&loaded, 0).pos, 112);
	assert_int_equal(sk_index_at(&loaded, 0).len, 128);
	assert_int_equal(sk_index_at(&loaded, 0).comp_len, 33);
	sk_buf_free(&out);
	sk_index_free(&index);
	sk_index_free(&loaded);
}

/* A flip anywhere but in the checksum and length of the data frame's entry,
 * which only its data can contradict, is seen. */
static void
damage_is_seen(void **state)
{
	struct sk_index index = { 0 };
	struct sk_buf out = sealed_file(&index);
	size_t at, table = out.len - 9 - 5 * 12, len;
	struct sk_frame x;
	int got;

	(void)state;
	for (at = 345; at < out.len; at++) {
		if (at >= table + 2 * 12 + 4 && at < table + 3 * 12)
			continue;
		out.ptr[at] ^= 0x10;
		topic_rewrite(fd, out.ptr, out.len);
		got = sk_index_load(&index, fd, out.len, &x);
		assert_int_equal(got, at >= out.len - 4 ? 0 : SK_EDATA);
		out.ptr[at] ^= 0x10;
	}
	for (len = 0; len < out.len; len++) {
		topic_rewrite(fd, out.ptr, len);
		assert_int_equal(sk_index_load(&index, fd, len, &x), 0);
	}
	sk_buf_free(&out);
	sk_index_free(&index);
}

static void
finds_blocks(void **state)
{
	struct sk_index index = { 0 };
	struct sk_frame b;
	uint32_t i;

	(void)state;
	sk_index_reset(&index);
	assert_int_equal(sk_index_by_offset(&index, 5), 0);
	assert_int_equal(sk_index_by_clock(&index, 5), 0);
	for (i = 0; i < 10; i++) {
		b = block(100 + 10 * i, 10, 1000 + 5 * (i / 2),
		    i == 4 ? SK_NO_TIME : 50 * i,
		    i == 4 ? SK_NO_TIME : 50 * i + 60);
		sk_index_add_block(&index, &b, 0);
	}
	assert_int_equal(index.event_min_ns, SK_NO_TIME);
	assert_int_equal(sk_index_by_offset(&index, 99), 10);
	assert_int_equal(sk_index_by_offset(&index, 100), 0);
	assert_int_equal(sk_index_by_offset(&index, 119), 1);
	assert_int_equal(sk_index_by_offset(&index, 120), 2);
	assert_int_equal(sk_index_by_offset(&index, UINT64_MAX), 9);
	assert_int_equal(sk_index_by_clock(&index, 0), 0);
	assert_int_equal(sk_index_by_clock(&index, 1001), 2);
	assert_int_equal(sk_index_by_clock(&index, 1005), 2);
	assert_int_equal(sk_index_by_clock(&index, 1021), 10);
	assert_int_equal(sk_index_by_event(&index, 0, 60), 0);
	assert_int_equal(sk_index_by_event(&index, 0, 61), 1);
	assert_int_equal(sk_index_by_event(&index, 0, 300), 4);
	assert_int_equal(sk_index_by_event(&index, 5, 9999), 10);
	sk_index_free(&index);
}

static void
event_times_are_those_of_all_blocks(void **state)
{
	struct sk_index index = { 0 };
	struct sk_frame a = block(0, 1, 1, 50, 60), b = block(1, 1, 1, 20, 55);

	(void)state;
	sk_index_reset(&index);
	sk_index_add_block(&index, &a, 0);
	sk_index_add_block(&index, &b, 0);
	assert_int_equal(index.event_min_ns, 20);
	assert_int_equal(index.event_max_ns, 60);
	sk_index_free(&index);
}

static int
make_file(void **state)
{
	(void)state;
	fd = topic_nameless();
	return 0;
}

static int
drop_file(void **state)
{
	(void)state;
	return close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_to_the_bytes_of_the_format),
		cmocka_unit_test(loads_what_it_sealed),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(finds_blocks),
		cmocka_unit_test(event_times_are_those_of_all_blocks),
	};

	return cmocka_run_group_tests_name("log/index", tests, make_file,
	    drop_file);
}
