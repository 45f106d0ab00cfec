#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "log/frame.h"

/* Where the fields of the header stand, and how long the bodies are. */
enum {
	AT_MARK = 8,
	AT_TYPE = 12,
	AT_VERSION = 13,
	AT_FLAGS = 14,
	HASH_LEN = 8,
	S_BODY = 40,
	B_BODY = 56,
	C_BODY = 32,
	X_BODY = 32,
	COMP_MAX = SK_BLOCK_RAW_MAX + (SK_BLOCK_RAW_MAX >> 8) + 1024
};

static const char mark[4] = { 'S', 'K', 'L', 'G' };

size_t
sk_frame_probe(const void *bytes)
{
	const char *at = bytes;
	uint32_t size;

	if (sk_get32(at) != SK_FRAME_MAGIC ||
	    memcmp(at + AT_MARK, mark, sizeof(mark)) != 0)
		return 0;
	size = sk_get32(at + 4);
	if (size % 8 != 0 || size < SK_FRAME_MIN - 8 ||
	    size > SK_FRAME_MAX - 8)
		return 0;
	return (size_t)size + 8;
}

/* The length of the fixed part of a body, or -1 for an unknown type. */
static int
body_len(char type)
{
	switch (type) {
	case 'S':
		return S_BODY;
	case 'B':
		return B_BODY;
	case 'C':
		return C_BODY;
	case 'X':
		return X_BODY;
	case 'P':
	case 'E':
		return 0;
	default:
		return -1;
	}
}

static bool
flags_known(const struct sk_frame *frame)
{
	switch (frame->type) {
	case 'S':
		return (frame->flags & ~SK_S_REPACKED) == 0;
	case 'B':
		return (frame->flags & ~(SK_B_TXN | SK_B_SYNTHETIC_NL)) == 0;
	case 'P':
		return frame->flags >= SK_P_OPENED &&
		    frame->flags <= SK_P_IDLE;
	default:
		return frame->flags == 0;
	}
}

int
sk_tlv_next(struct sk_view *rest, struct sk_tlv *tlv)
{
	size_t len, padded, i;

	if (rest->len == 0)
		return 0;
	if (rest->len < 8 || sk_get16(rest->ptr + 2) != 0)
		return SK_EDATA;
	len = sk_get32(rest->ptr + 4);
	padded = (len + 15) / 8 * 8;
	if (padded > rest->len)
		return SK_EDATA;
	for (i = 8 + len; i < padded; i++)
		if (rest->ptr[i] != 0)
			return SK_EDATA;
	tlv->type = sk_get16(rest->ptr);
	tlv->value = sk_view(rest->ptr + 8, len);
	rest->ptr += padded;
	rest->len -= padded;
	return 1;
}

bool
sk_tlv_find(struct sk_view tlvs, enum sk_tlv_type type, struct sk_tlv *tlv)
{
	while (sk_tlv_next(&tlvs, tlv) == 1)
		if (tlv->type == type)
			return true;
	return false;
}

void
sk_tlv_add(struct sk_buf *buf, enum sk_tlv_type type, struct sk_view value)
{
	char head[8] = { 0 };

	sk_assert(value.len <= SK_FRAME_MAX);
	sk_put16(head, (uint16_t)type);
	sk_put32(head + 4, (uint32_t)value.len);
	sk_buf_add(buf, head, sizeof(head));
	sk_buf_view(buf, value);
	sk_buf_zero(buf, (8 - value.len % 8) % 8);
}

/* 0, SK_EDATA, or SK_EVERSION for a critical one that is not known. */
static int
check_tlvs(struct sk_view tlvs)
{
	struct sk_tlv tlv;
	int got, err = 0;

	while ((got = sk_tlv_next(&tlvs, &tlv)) == 1)
		if ((tlv.type & SK_TLV_CRITICAL) != 0 &&
		    tlv.type != SK_TLV_DELTAS && tlv.type != SK_TLV_SEQRUNS &&
		    tlv.type != SK_TLV_ENDS)
			err = SK_EVERSION;
	return got < 0 ? got : err;
}

static int
decode_s(const char *body, struct sk_frame *frame)
{
	memcpy(frame->u.s.uuid, body, SK_UUID_LEN);
	frame->u.s.partition = sk_get32(body + 16);
	frame->u.s.partitions = sk_get32(body + 20);
	frame->u.s.prev_base = sk_get64(body + 24);
	frame->u.s.prev_salt = sk_get64(body + 32);
	return frame->u.s.partition < frame->u.s.partitions ? 0 : SK_EDATA;
}

static bool
times_agree(int64_t min, int64_t max)
{
	return (min == SK_NO_TIME) == (max == SK_NO_TIME) && min <= max;
}

static int
decode_b(const char *body, struct sk_frame *frame)
{
	struct sk_tlv tlv;
	bool ok;

	frame->u.b.event_min_ns = (int64_t)sk_get64(body);
	frame->u.b.event_max_ns = (int64_t)sk_get64(body + 8);
	frame->u.b.producer_id = sk_get64(body + 16);
	frame->u.b.producer_seq = sk_get64(body + 24);
	frame->u.b.records = sk_get32(body + 32);
	frame->u.b.span = sk_get32(body + 36);
	frame->u.b.raw_len = sk_get32(body + 40);
	frame->u.b.comp_len = sk_get32(body + 44);
	frame->u.b.comp_hash = sk_get64(body + 48);

	ok = times_agree(frame->u.b.event_min_ns, frame->u.b.event_max_ns) &&
	    frame->u.b.raw_len <= SK_BLOCK_RAW_MAX &&
	    frame->u.b.comp_len > 0 && frame->u.b.comp_len <= COMP_MAX &&
	    frame->u.b.raw_len >= frame->u.b.records;
	if (!sk_tlv_find(frame->tlvs, SK_TLV_DELTAS, &tlv))
		ok = ok && frame->u.b.records >= 1 &&
		    frame->u.b.records <= SK_BLOCK_RECORDS_MAX &&
		    frame->u.b.span == frame->u.b.records;
	return ok && frame->offset + frame->u.b.span >= frame->offset ? 0 :
	    SK_EDATA;
}

static int
decode_c(const char *body, struct sk_frame *frame)
{
	frame->u.c.producer_id = sk_get64(body);
	frame->u.c.epoch = sk_get64(body + 8);
	frame->u.c.first_offset = sk_get64(body + 16);
	frame->u.c.lines_hash = sk_get64(body + 24);
	return 0;
}

/* The entries stand between the fixed body and the TLVs. */
static int
decode_x(const char *body, struct sk_frame *frame)
{
	size_t nbytes;

	frame->u.x.first_offset = (uint64_t)sk_get64(body);
	frame->u.x.event_min_ns = (int64_t)sk_get64(body + 8);
	frame->u.x.event_max_ns = (int64_t)sk_get64(body + 16);
	frame->u.x.n = sk_get32(body + 24);
	if (sk_get32(body + 28) != SK_INDEX_ENTRY)
		return SK_EVERSION;
	nbytes = (size_t)frame->u.x.n * SK_INDEX_ENTRY;
	if (nbytes > frame->tlvs.len ||
	    !times_agree(frame->u.x.event_min_ns, frame->u.x.event_max_ns) ||
	    frame->u.x.first_offset > frame->offset)
		return SK_EDATA;
	frame->u.x.entries = sk_view(frame->tlvs.ptr, nbytes);
	frame->tlvs.ptr += nbytes;
	frame->tlvs.len -= nbytes;
	return check_tlvs(frame->tlvs);
}

static int
decode_body(const char *body, struct sk_frame *frame)
{
	int err = frame->type == 'X' ? 0 : check_tlvs(frame->tlvs);

	if (err != 0)
		return err;
	switch (frame->type) {
	case 'S':
		return decode_s(body, frame);
	case 'B':
		return decode_b(body, frame);
	case 'C':
		return decode_c(body, frame);
	case 'X':
		return decode_x(body, frame);
	default:
		return 0;
	}
}

static void
decode_head(const char *at, size_t len, struct sk_frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	frame->type = at[AT_TYPE];
	frame->version = (unsigned char)at[AT_VERSION];
	frame->flags = sk_get16(at + AT_FLAGS);
	frame->salt = sk_get64(at + 16);
	frame->incarnation = sk_get64(at + 24);
	frame->offset = sk_get64(at + 32);
	frame->topic_seq = sk_get64(at + 40);
	frame->durable_pos = sk_get64(at + 48);
	frame->clock_ns = (int64_t)sk_get64(at + 56);
	frame->len = len;
}

int
sk_frame_decode(const void *bytes, size_t len, struct sk_frame *frame)
{
	const char *at = bytes;
	size_t total;
	int body;

	total = len < SK_FRAME_PROBE ? 0 : sk_frame_probe(at);
	if (total == 0 || total > len)
		return SK_EDATA;
	if (sk_hash_disk(at, total - HASH_LEN) !=
	    sk_get64(at + total - HASH_LEN))
		return SK_EDATA;
	decode_head(at, total, frame);
	body = body_len(frame->type);
	if (frame->version != SK_FRAME_VERSION || body < 0 ||
	    !flags_known(frame))
		return SK_EVERSION;
	if (total < (size_t)(SK_FRAME_HEAD + body + HASH_LEN))
		return SK_EDATA;
	frame->tlvs = sk_view(at + SK_FRAME_HEAD + body,
	    total - (size_t)(SK_FRAME_HEAD + body + HASH_LEN));
	return decode_body(at + SK_FRAME_HEAD, frame);
}

static void
encode_s(const struct sk_frame *frame, char *body)
{
	memcpy(body, frame->u.s.uuid, SK_UUID_LEN);
	sk_put32(body + 16, frame->u.s.partition);
	sk_put32(body + 20, frame->u.s.partitions);
	sk_put64(body + 24, frame->u.s.prev_base);
	sk_put64(body + 32, frame->u.s.prev_salt);
}

static void
encode_b(const struct sk_frame *frame, char *body)
{
	sk_put64(body, (uint64_t)frame->u.b.event_min_ns);
	sk_put64(body + 8, (uint64_t)frame->u.b.event_max_ns);
	sk_put64(body + 16, frame->u.b.producer_id);
	sk_put64(body + 24, frame->u.b.producer_seq);
	sk_put32(body + 32, frame->u.b.records);
	sk_put32(body + 36, frame->u.b.span);
	sk_put32(body + 40, frame->u.b.raw_len);
	sk_put32(body + 44, frame->u.b.comp_len);
	sk_put64(body + 48, frame->u.b.comp_hash);
}

static void
encode_body(const struct sk_frame *frame, char *body)
{
	switch (frame->type) {
	case 'S':
		encode_s(frame, body);
		break;
	case 'B':
		encode_b(frame, body);
		break;
	case 'C':
		sk_put64(body, frame->u.c.producer_id);
		sk_put64(body + 8, frame->u.c.epoch);
		sk_put64(body + 16, frame->u.c.first_offset);
		sk_put64(body + 24, frame->u.c.lines_hash);
		break;
	case 'X':
		sk_put64(body, frame->u.x.first_offset);
		sk_put64(body + 8, (uint64_t)frame->u.x.event_min_ns);
		sk_put64(body + 16, (uint64_t)frame->u.x.event_max_ns);
		sk_put32(body + 24, frame->u.x.n);
		sk_put32(body + 28, SK_INDEX_ENTRY);
		break;
	default:
		break;
	}
}

void
sk_frame_encode(struct sk_frame *frame, struct sk_buf *buf)
{
	char head[SK_FRAME_HEAD + B_BODY] = { 0 }, hash[HASH_LEN];
	size_t start = buf->len;
	size_t fixed = (size_t)(SK_FRAME_HEAD + body_len(frame->type));
	size_t entries = frame->type == 'X' ? frame->u.x.entries.len : 0;

	frame->version = SK_FRAME_VERSION;
	frame->len = fixed + entries + frame->tlvs.len + HASH_LEN;
	sk_assert(frame->len % 8 == 0 && frame->len <= SK_FRAME_MAX);
	sk_put32(head, SK_FRAME_MAGIC);
	sk_put32(head + 4, (uint32_t)(frame->len - 8));
	memcpy(head + AT_MARK, mark, sizeof(mark));
	head[AT_TYPE] = frame->type;
	head[AT_VERSION] = SK_FRAME_VERSION;
	sk_put16(head + AT_FLAGS, frame->flags);
	sk_put64(head + 16, frame->salt);
	sk_put64(head + 24, frame->incarnation);
	sk_put64(head + 32, frame->offset);
	sk_put64(head + 40, frame->topic_seq);
	sk_put64(head + 48, frame->durable_pos);
	sk_put64(head + 56, (uint64_t)frame->clock_ns);
	encode_body(frame, head + SK_FRAME_HEAD);

	sk_buf_reserve(buf, frame->len);
	sk_buf_add(buf, head, fixed);
	if (entries > 0)
		sk_buf_view(buf, frame->u.x.entries);
	sk_buf_view(buf, frame->tlvs);
	sk_put64(hash, sk_hash_disk(buf->ptr + start, buf->len - start));
	sk_buf_add(buf, hash, sizeof(hash));
}
