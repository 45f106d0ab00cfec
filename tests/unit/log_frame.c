/* log/frame: the bytes are those of the format, whatever the encoder says. */
#include "topic.h"

#include "base/hash.h"
#include "log/frame.h"
#include "log/source.h"

/* One frame of each type, made by a program that knows only the format. */
static const char s_hex[] =
    "532a4d18b8000000534b4c4753010100887766554433221100ffeeddccbbaa99"
    "d0410300000000004d00000000000000000000000000000000402cbd1707ea18"
    "000102030405060708090a0b0c0d0e0f00000000010000005034030000000000"
    "0df0fecaefbeadde010000004600000005000000000000000108000000000000"
    "7b00000000000000000400002b510000efcdab00000000000010000000000000"
    "00100000000000002f7661722f6c6f672f612e6c6f670000b3ee6fffa6c9d695";

static const char b_hex[] =
    "532a4d1878000000534b4c4742010200887766554433221100ffeeddccbbaa99"
    "d0410300000000004d00000000000000400000000000000001402cbd1707ea18"
    "f73f2cbd1707ea18ff3f2cbd1707ea1800000000000000000000000000000000"
    "03000000030000001100000021000000efcdab8967452301788d0a81ae553dde";

static const char p_hex[] =
    "532a4d1880000000534b4c4750010200887766554433221100ffeeddccbbaa99"
    "d3410300000000004e00000000000000c80000000000000002402cbd1707ea18"
    "0100000038000000060000000000000001000000000000000200000000000000"
    "0300000004000000050000000000000006000000000000000600000000000000"
    "4481640230fd2cfb";

static const char c_hex[] =
    "532a4d1870000000534b4c4743010000887766554433221100ffeeddccbbaa99"
    "d3410300000000004e00000000000000c80000000000000003402cbd1707ea18"
    "08000000000000000900000000000000d0410300000000000a00000000000000"
    "0780000008000000d3410300000000008a8ccb0e98d8f4a9";

static const char e_hex[] =
    "532a4d1850000000534b4c4745010000887766554433221100ffeeddccbbaa99"
    "d3410300000000004e000000000000002c0100000000000004402cbd1707ea18"
    "04000000030000006279650000000000500e82d3f630d061";

static const char x_hex[] =
    "532a4d1898000000534b4c4758010000887766554433221100ffeeddccbbaa99"
    "d3410300000000004e00000000000000580200000000000004402cbd1707ea18"
    "d041030000000000f73f2cbd1707ea18ff3f2cbd1707ea180100000038000000"
    "b800000000000000d04103000000000001402cbd1707ea18f73f2cbd1707ea18"
    "ff3f2cbd1707ea184d0000000000000080000000210000002c2504864dc717b5";

enum { CLOCK = 4 };

static const int64_t noon = INT64_C(1795255200000000000);

static struct sk_frame
decoded(const struct sk_buf *bytes)
{
	struct sk_frame frame;

	assert_int_equal(sk_frame_probe(bytes->ptr), bytes->len);
	assert_int_equal(sk_frame_decode(bytes->ptr, bytes->len, &frame), 0);
	assert_int_equal(frame.len, bytes->len);
	assert_int_equal(frame.version, 1);
	assert_true(frame.salt == 0x1122334455667788);
	assert_true(frame.incarnation == 0x99aabbccddeeff00);
	return frame;
}

static void
encodes_to(struct sk_frame *frame, const struct sk_buf *bytes)
{
	struct sk_buf out = { 0 };

	sk_buf_str(&out, "x");
	frame->len = 0;
	frame->version = 0;
	sk_frame_encode(frame, &out);
	assert_int_equal(frame->len, bytes->len);
	assert_int_equal(out.len, bytes->len + 1);
	assert_memory_equal(out.ptr + 1, bytes->ptr, bytes->len);
	sk_buf_free(&out);
}

static void
reads_and_writes_s(void **state)
{
	struct sk_buf bytes = topic_unhex(s_hex);
	struct sk_frame s = decoded(&bytes);
	struct sk_source source;
	struct sk_tlv tlv;

	(void)state;
	assert_int_equal(s.type, 'S');
	assert_int_equal(s.flags, SK_S_REPACKED);
	assert_int_equal(s.offset, 213456);
	assert_int_equal(s.topic_seq, 77);
	assert_int_equal(s.durable_pos, 0);
	assert_int_equal(s.clock_ns, noon);
	assert_int_equal(s.u.s.uuid[15], 15);
	assert_int_equal(s.u.s.partition, 0);
	assert_int_equal(s.u.s.partitions, 1);
	assert_int_equal(s.u.s.prev_base, 210000);
	assert_true(s.u.s.prev_salt == 0xdeadbeefcafef00d);
	assert_true(sk_tlv_find(s.tlvs, SK_TLV_SOURCE, &tlv));
	assert_int_equal(sk_source_decode(tlv.value, &source), 0);
	assert_int_equal(source.id, 5);
	assert_int_equal(source.dev, 2049);
	assert_int_equal(source.ino, 123);
	assert_int_equal(source.fp_len, 1024);
	assert_int_equal(source.last_day, 20779);
	assert_int_equal(source.fp_hash, 0xabcdef);
	assert_int_equal(source.end_pos, 4096);
	assert_true(sk_view_equal(source.name,
	    sk_view_str("/var/log/a.log")));
	encodes_to(&s, &bytes);
	sk_buf_free(&bytes);
}

static void
reads_and_writes_b(void **state)
{
	struct sk_buf bytes = topic_unhex(b_hex);
	struct sk_frame b = decoded(&bytes);

	(void)state;
	assert_int_equal(bytes.len, 128);
	assert_int_equal(b.type, 'B');
	assert_int_equal(b.flags, SK_B_SYNTHETIC_NL);
	assert_int_equal(b.durable_pos, 64);
	assert_int_equal(b.u.b.event_min_ns, noon - 9);
	assert_int_equal(b.u.b.event_max_ns, noon - 1);
	assert_int_equal(b.u.b.records, 3);
	assert_int_equal(b.u.b.span, 3);
	assert_int_equal(b.u.b.raw_len, 17);
	assert_int_equal(b.u.b.comp_len, 33);
	assert_true(b.u.b.comp_hash == 0x0123456789abcdef);
	assert_int_equal(b.tlvs.len, 0);
	encodes_to(&b, &bytes);
	sk_buf_free(&bytes);
}

static void
reads_and_writes_the_others(void **state)
{
	struct sk_buf p = topic_unhex(p_hex), c = topic_unhex(c_hex);
	struct sk_buf e = topic_unhex(e_hex), x = topic_unhex(x_hex);
	struct sk_frame frame;

	(void)state;
	frame = decoded(&p);
	assert_int_equal(frame.type, 'P');
	assert_int_equal(frame.flags, SK_P_MOVED);
	encodes_to(&frame, &p);
	frame = decoded(&c);
	assert_int_equal(frame.type, 'C');
	assert_int_equal(frame.u.c.producer_id, 8);
	assert_int_equal(frame.u.c.epoch, 9);
	assert_int_equal(frame.u.c.first_offset, 213456);
	assert_int_equal(frame.u.c.lines_hash, 10);
	encodes_to(&frame, &c);
	frame = decoded(&e);
	assert_int_equal(frame.type, 'E');
	assert_int_equal(e.len, 72 + 16);
	encodes_to(&frame, &e);
	frame = decoded(&x);
	assert_int_equal(frame.type, 'X');
	assert_int_equal(x.len, 104 + 56);
	assert_int_equal(frame.u.x.first_offset, 213456);
	assert_int_equal(frame.u.x.n, 1);
	assert_int_equal(frame.u.x.event_max_ns, noon - 1);
	assert_int_equal(sk_get64(frame.u.x.entries.ptr), 184);
	encodes_to(&frame, &x);
	sk_buf_free(&p);
	sk_buf_free(&c);
	sk_buf_free(&e);
	sk_buf_free(&x);
}

/* No byte can be changed, and no byte be missing. */
static void
every_flip_and_cut_is_seen(void **state)
{
	const char *const all[] = { s_hex, b_hex, p_hex, c_hex, e_hex, x_hex };
	struct sk_frame frame;
	size_t i, bit, len;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct sk_buf bytes = topic_unhex(all[i]);

		for (bit = 0; bit < 8 * bytes.len; bit++) {
			bytes.ptr[bit / 8] ^= (char)(1 << bit % 8);
			assert_int_equal(sk_frame_decode(bytes.ptr, bytes.len,
			    &frame), SK_EDATA);
			bytes.ptr[bit / 8] ^= (char)(1 << bit % 8);
		}
		for (len = 0; len < bytes.len; len++)
			assert_int_equal(sk_frame_decode(bytes.ptr, len,
			    &frame), SK_EDATA);
		sk_buf_free(&bytes);
	}
}

/* Change a field and mend the hash. */
static int
forged(const char *hex, size_t at, unsigned char byte)
{
	struct sk_buf bytes = topic_unhex(hex);
	struct sk_frame frame;
	int err;

	bytes.ptr[at] = (char)byte;
	sk_put64(bytes.ptr + bytes.len - 8,
	    sk_hash_disk(bytes.ptr, bytes.len - 8));
	err = sk_frame_decode(bytes.ptr, bytes.len, &frame);
	if (err == SK_EVERSION)
		assert_true(frame.salt == 0x1122334455667788 || at == 16);
	sk_buf_free(&bytes);
	return err;
}

static void
what_is_newer_is_told_from_damage(void **state)
{
	(void)state;
	assert_int_equal(forged(b_hex, 13, 2), SK_EVERSION);
	assert_int_equal(forged(b_hex, 12, 'Q'), SK_EVERSION);
	assert_int_equal(forged(b_hex, 14, 4), SK_EVERSION);
	assert_int_equal(forged(b_hex, 14, SK_B_TXN), 0);
	assert_int_equal(forged(s_hex, 14, 2), SK_EVERSION);
	assert_int_equal(forged(p_hex, 14, 0), SK_EVERSION);
	assert_int_equal(forged(p_hex, 14, 4), SK_EVERSION);
	assert_int_equal(forged(e_hex, 14, 1), SK_EVERSION);
	assert_int_equal(forged(x_hex, 92, 64), SK_EVERSION);
	/* the NOTE of E: a type not known, and one that is critical */
	assert_int_equal(forged(e_hex, 64, 99), 0);
	assert_int_equal(forged(e_hex, 65, 0x80), SK_EVERSION);
}

static void
a_body_that_contradicts_itself_is_damage(void **state)
{
	(void)state;
	assert_int_equal(forged(b_hex, 96, 0), SK_EDATA);   /* no records */
	assert_int_equal(forged(b_hex, 100, 4), SK_EDATA);  /* another span */
	assert_int_equal(forged(b_hex, 107, 0x80), SK_EDATA); /* raw_len */
	assert_int_equal(forged(b_hex, 108, 0), SK_EDATA);  /* comp_len */
	assert_int_equal(forged(b_hex, 71, 0x7f), SK_EDATA); /* min > max */
	assert_int_equal(forged(s_hex, 80, 1), SK_EDATA);   /* partition */
	assert_int_equal(forged(x_hex, 88, 2), SK_EDATA);   /* entries */
	assert_int_equal(forged(e_hex, 68, 9), SK_EDATA);   /* TLV too long */
	assert_int_equal(forged(e_hex, 66, 1), SK_EDATA);   /* not 0 */
	assert_int_equal(forged(e_hex, 75, 1), SK_EDATA);   /* padding */
}

static void
tlvs_are_padded_and_walked(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_view rest;
	struct sk_tlv tlv;
	size_t len;

	(void)state;
	for (len = 0; len <= 17; len++)
		sk_tlv_add(&buf, SK_TLV_NOTE,
		    sk_view("seventeen letters", len));
	rest = sk_view(buf.ptr, buf.len);
	for (len = 0; len <= 17; len++) {
		assert_int_equal(sk_tlv_next(&rest, &tlv), 1);
		assert_int_equal(tlv.type, SK_TLV_NOTE);
		assert_int_equal(tlv.value.len, len);
		assert_int_equal(rest.len % 8, 0);
	}
	assert_int_equal(sk_tlv_next(&rest, &tlv), 0);
	rest = sk_view(buf.ptr, 7);
	assert_int_equal(sk_tlv_next(&rest, &tlv), SK_EDATA);
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_s),
		cmocka_unit_test(reads_and_writes_b),
		cmocka_unit_test(reads_and_writes_the_others),
		cmocka_unit_test(every_flip_and_cut_is_seen),
		cmocka_unit_test(what_is_newer_is_told_from_damage),
		cmocka_unit_test(a_body_that_contradicts_itself_is_damage),
		cmocka_unit_test(tlvs_are_padded_and_walked),
	};

	return cmocka_run_group_tests_name("log/frame", tests, NULL, NULL);
}
