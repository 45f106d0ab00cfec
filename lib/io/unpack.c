#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/unpack.h"

#define IN_BYTES 131072
#define HEAD_BYTES 4096 /* read to see what it is */

enum sk_unpack_kind
sk_unpack_magic(const void *bytes, size_t len)
{
	const unsigned char *b = bytes;
	uint32_t magic;

	if (len >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8)
		return SK_UNPACK_GZIP;
	if (len < 4)
		return SK_UNPACK_PLAIN;
	magic = sk_get32(b);
	if (magic == ZSTD_MAGICNUMBER ||
	    (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
		return SK_UNPACK_ZSTD;
	return SK_UNPACK_PLAIN;
}

/* Whether more bytes can still make a magic of these few: a slow pipe's first
 * line must not wait for bytes that nobody needs. */
static bool
undecided(const unsigned char *b, size_t len)
{
	static const unsigned char gzip[] = { 0x1f, 0x8b, 8 };
	static const unsigned char zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	static const unsigned char skip[] = { 0x50, 0x2a, 0x4d, 0x18 };

	if (len == 0 || len >= sizeof(zstd))
		return len == 0;
	return ((b[0] & 0xf0) == 0x50 &&
	    memcmp(b + 1, skip + 1, len - 1) == 0) ||
	    (len < sizeof(gzip) && memcmp(b, gzip, len) == 0) ||
	    memcmp(b, zstd, len) == 0;
}

/* One read, which waits on a descriptor that does not block. */
static int
read_some(int fd, void *bytes, size_t cap, size_t *got)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	int err;

	while ((err = sk_file_read(fd, bytes, cap, got)) == SK_ESYS &&
	    errno == EAGAIN)
		sk_sys_poll(&wait, 1, -1);
	return err;
}

/* Fill the input buffer behind what it holds; in_pos is 0 when it is full. */
static int
fill(struct sk_unpack *u)
{
	size_t got;
	int err;

	if (u->in_pos == u->in_len)
		u->in_pos = u->in_len = 0;
	err = read_some(u->fd, u->in + u->in_len, u->in_cap - u->in_len,
	    &got);
	u->in_len += got;
	if (err == 0 && got == 0)
		u->ended = 1;
	return err;
}

static int
open_codec(struct sk_unpack *u)
{
	z_stream *gz;

	switch (u->kind) {
	case SK_UNPACK_PLAIN:
		break;
	case SK_UNPACK_ZSTD:
		u->codec = ZSTD_createDStream();
		if (u->codec == NULL) {
			errno = ENOMEM;
			return SK_ESYS;
		}
		break;
	case SK_UNPACK_GZIP:
		gz = sk_xcalloc(1, sizeof(*gz));
		if (inflateInit2(gz, 15 + 16) != Z_OK) {
			free(gz);
			errno = ENOMEM;
			return SK_ESYS;
		}
		u->codec = gz;
		break;
	}
	return 0;
}

void
sk_unpack_open(struct sk_unpack *u, int fd, int detect)
{
	memset(u, 0, sizeof(*u));
	u->fd = fd;
	u->kind = SK_UNPACK_PLAIN;
	u->detect = detect;
	u->whole = 1;
}

/* The first bytes decide the kind. */
static int
decide(struct sk_unpack *u)
{
	int err = 0;

	u->in_cap = HEAD_BYTES;
	u->in = sk_xalloc(u->in_cap, 1);
	while (err == 0 && !u->ended && undecided(u->in, u->in_len))
		err = fill(u);
	if (err != 0)
		return err;
	u->detect = 0;
	u->kind = sk_unpack_magic(u->in, u->in_len);
	if (u->kind == SK_UNPACK_PLAIN)
		return 0;
	u->in_cap = IN_BYTES;
	u->in = sk_xrealloc(u->in, u->in_cap, 1);
	return open_codec(u);
}

static int
read_plain(struct sk_unpack *u, void *bytes, size_t cap, size_t *got)
{
	size_t have = u->in_len - u->in_pos;

	if (have == 0) {
		free(u->in);
		u->in = NULL;
		return u->ended ? 0 : read_some(u->fd, bytes, cap, got);
	}
	*got = have < cap ? have : cap;
	memcpy(bytes, u->in + u->in_pos, *got);
	u->in_pos += *got;
	return 0;
}

static int
step_zstd(struct sk_unpack *u, void *bytes, size_t cap, size_t *got)
{
	ZSTD_outBuffer out = { bytes, cap, 0 };
	ZSTD_inBuffer in = { u->in, u->in_len, u->in_pos };
	size_t left = ZSTD_decompressStream(u->codec, &out, &in);

	if (ZSTD_isError(left))
		return SK_EDATA;
	u->in_pos = in.pos;
	u->whole = left == 0;
	*got = out.pos;
	return 0;
}

static int
step_gzip(struct sk_unpack *u, void *bytes, size_t cap, size_t *got)
{
	z_stream *gz = u->codec;
	int result;

	/* Behind a member comes another one, or padding with zeros. */
	if (u->whole && u->in[u->in_pos] == 0) {
		u->in_pos++;
		return 0;
	}
	gz->next_in = u->in + u->in_pos;
	gz->avail_in = (uInt)(u->in_len - u->in_pos);
	gz->next_out = bytes;
	gz->avail_out = (uInt)(cap < UINT32_MAX ? cap : UINT32_MAX);
	result = inflate(gz, Z_NO_FLUSH);
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		return SK_EDATA;
	*got = (size_t)((char *)gz->next_out - (char *)bytes);
	u->in_pos = u->in_len - gz->avail_in;
	u->whole = result == Z_STREAM_END;
	if (u->whole)
		inflateReset(gz);
	return 0;
}

int
sk_unpack_read(struct sk_unpack *u, void *bytes, size_t cap, size_t *got)
{
	int err = 0;

	*got = 0;
	if (u->detect)
		err = decide(u);
	if (err != 0)
		return err;
	if (u->kind == SK_UNPACK_PLAIN)
		return read_plain(u, bytes, cap, got);
	while (err == 0 && *got == 0) {
		if (u->in_pos == u->in_len && !u->ended)
			err = fill(u);
		if (err != 0)
			break;
		if (u->in_pos == u->in_len && u->whole)
			return 0;
		err = u->kind == SK_UNPACK_ZSTD
		    ? step_zstd(u, bytes, cap, got)
		    : step_gzip(u, bytes, cap, got);
		/* No input left, nothing came out, in the middle of a frame:
		 * it was cut off. */
		if (err == 0 && *got == 0 && u->ended &&
		    u->in_pos == u->in_len && !u->whole)
			err = SK_EDATA;
	}
	return err;
}

int
sk_unpack_ready(const struct sk_unpack *u)
{
	return u->in_pos < u->in_len || u->ended;
}

void
sk_unpack_close(struct sk_unpack *u)
{
	if (u->kind == SK_UNPACK_ZSTD)
		ZSTD_freeDStream(u->codec);
	else if (u->kind == SK_UNPACK_GZIP && u->codec != NULL) {
		inflateEnd(u->codec);
		free(u->codec);
	}
	free(u->in);
	memset(u, 0, sizeof(*u));
}
