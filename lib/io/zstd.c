#include <zstd.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/zstd.h"

/* The byte behind the magic says what the header of a frame holds: bit 2 is
 * the checksum flag (RFC 8878, section 3.1.1.1.1). */
enum { DESCRIPTOR = 4, DESCRIPTOR_CHECKSUM = 4, FRAME_MIN = 4 + 2 + 3 + 4 };

static void *
made(void *context)
{
	if (context == NULL)
		sk_xalloc(SIZE_MAX, 1);
	return context;
}

void
sk_zstd_free(struct sk_zstd *zstd)
{
	ZSTD_freeCCtx(zstd->pack);
	ZSTD_freeDCtx(zstd->unpack);
	zstd->pack = NULL;
	zstd->unpack = NULL;
	zstd->level = 0;
}

void
sk_zstd_pack(struct sk_zstd *zstd, int level, const void *bytes, size_t len,
    struct sk_buf *out)
{
	size_t bound = ZSTD_compressBound(len), put;

	if (zstd->pack == NULL) {
		zstd->pack = made(ZSTD_createCCtx());
		ZSTD_CCtx_setParameter(zstd->pack, ZSTD_c_checksumFlag, 1);
	}
	if (zstd->level != level) {
		ZSTD_CCtx_setParameter(zstd->pack, ZSTD_c_compressionLevel,
		    level);
		zstd->level = level;
	}
	sk_buf_reserve(out, bound);
	put = ZSTD_compress2(zstd->pack, out->ptr + out->len, bound, bytes,
	    len);
	if (ZSTD_isError(put))
		sk_xalloc(SIZE_MAX, 1);
	out->len += put;
}

int
sk_zstd_frame(const void *frame, size_t len, uint64_t *content_len)
{
	unsigned long long content;

	if (len < FRAME_MIN || sk_get32(frame) != ZSTD_MAGICNUMBER)
		return SK_EDATA;
	if (!(((const unsigned char *)frame)[DESCRIPTOR] &
	    DESCRIPTOR_CHECKSUM))
		return SK_EDATA;
	if (ZSTD_getDictID_fromFrame(frame, len) != 0)
		return SK_EDATA;
	content = ZSTD_getFrameContentSize(frame, len);
	if (content == ZSTD_CONTENTSIZE_UNKNOWN ||
	    content == ZSTD_CONTENTSIZE_ERROR)
		return SK_EDATA;
	if (ZSTD_findFrameCompressedSize(frame, len) != len)
		return SK_EDATA;
	*content_len = content;
	return 0;
}

uint32_t
sk_zstd_checksum(const void *frame, size_t len)
{
	return sk_get32((const char *)frame + len - 4);
}

int
sk_zstd_unpack(struct sk_zstd *zstd, const void *frame, size_t frame_len,
    void *dst, size_t len)
{
	size_t got;

	if (zstd->unpack == NULL)
		zstd->unpack = made(ZSTD_createDCtx());
	got = ZSTD_decompressDCtx(zstd->unpack, dst, len, frame, frame_len);
	return got == len ? 0 : SK_EDATA;
}
