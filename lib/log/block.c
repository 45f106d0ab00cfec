#include "base/err.h"
#include "base/hash.h"
#include "format/lines.h"
#include "log/block.h"

size_t
sk_block_lines(const char *bytes, size_t len)
{
	return sk_lines_count(bytes, len, '\n');
}

void
sk_block_pack(struct sk_zstd *zstd, int level, const char *lines, size_t len,
    size_t records, struct sk_frame *b, struct sk_buf *data,
    uint32_t *checksum)
{
	sk_assert(records > 0 && records <= SK_BLOCK_RECORDS_MAX);
	sk_assert(len >= records && len <= SK_BLOCK_RAW_MAX);
	sk_buf_reset(data);
	sk_zstd_pack(zstd, level, lines, len, data);
	b->type = 'B';
	b->u.b.records = (uint32_t)records;
	b->u.b.span = (uint32_t)records;
	b->u.b.raw_len = (uint32_t)len;
	b->u.b.comp_len = (uint32_t)data->len;
	b->u.b.comp_hash = sk_hash_disk(data->ptr, data->len);
	*checksum = sk_zstd_checksum(data->ptr, data->len);
}

int
sk_block_check(const struct sk_frame *b, const void *data, size_t len)
{
	return len == b->u.b.comp_len &&
	    sk_hash_disk(data, len) == b->u.b.comp_hash ? 0 : SK_EDATA;
}

static int
bad(const char **why, const char *text)
{
	if (why != NULL)
		*why = text;
	return SK_EDATA;
}

int
sk_block_unpack(struct sk_zstd *zstd, const struct sk_frame *b,
    const void *data, size_t len, struct sk_buf *raw, const char **why)
{
	uint64_t content;
	struct sk_tlv tlv;

	sk_buf_reset(raw);
	if (sk_block_check(b, data, len) != 0)
		return bad(why, "data hash is wrong");
	if (sk_tlv_find(b->tlvs, SK_TLV_DELTAS, &tlv)) {
		bad(why, "compacted");
		return SK_EVERSION;
	}
	if (sk_zstd_frame(data, len, &content) != 0 ||
	    content != b->u.b.raw_len)
		return bad(why, "not one zstd frame of this length");
	sk_buf_reserve(raw, b->u.b.raw_len);
	if (sk_zstd_unpack(zstd, data, len, raw->ptr, b->u.b.raw_len) != 0)
		return bad(why, "content does not decompress");
	raw->len = b->u.b.raw_len;
	if (raw->ptr[raw->len - 1] != '\n' ||
	    sk_block_lines(raw->ptr, raw->len) != b->u.b.records)
		return bad(why, "number of lines is wrong");
	return 0;
}
