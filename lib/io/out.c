#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "io/file.h"
#include "io/out.h"
#include "io/sys.h"

void
sk_out_init(struct sk_out *out, int fd)
{
	memset(out, 0, sizeof(*out));
	out->fd = fd;
	out->mask = isatty(fd) == 1;
	sk_buf_reserve(&out->buf, SK_OUT_BYTES);
}

static int
failed(struct sk_out *out)
{
	if (out->err != 0)
		errno = out->err_errno;
	return out->err;
}

static int
fail(struct sk_out *out)
{
	out->err_errno = errno;
	out->err = errno == EPIPE ? SK_ECLOSED : SK_ESYS;
	sk_buf_reset(&out->buf);
	return out->err;
}

static int
put_all(struct sk_out *out, const char *bytes, size_t len)
{
	struct pollfd ready = { out->fd, POLLOUT, 0 };
	size_t done;

	while (sk_file_write(out->fd, bytes, len, &done) != 0) {
		out->nbytes += done;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return fail(out);
		if (sk_sys_poll(&ready, 1, -1) < 0 && errno != EINTR)
			return fail(out);
		bytes += done;
		len -= done;
	}
	out->nbytes += done;
	return 0;
}

/* C0 and DEL, and C1 as UTF-8 writes it (C2 80 to C2 9F). */
static int
put(struct sk_out *out, const char *bytes, size_t len)
{
	unsigned char piece[4096], last = 0;
	size_t n = 0, i;

	if (!out->mask)
		return put_all(out, bytes, len);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ||
		    (last == 0xc2 && c >= 0x80 && c <= 0x9f))
			piece[n++] = '?';
		else
			piece[n++] = c;
		last = c;
		if (n == sizeof(piece) || i + 1 == len) {
			if (put_all(out, (const char *)piece, n) != 0)
				return out->err;
			n = 0;
		}
	}
	return 0;
}

int
sk_out_flush(struct sk_out *out)
{
	size_t len = out->buf.len;

	if (out->err != 0)
		return failed(out);
	sk_buf_reset(&out->buf);
	return len > 0 ? put(out, out->buf.ptr, len) : 0;
}

int
sk_out_spill(struct sk_out *out)
{
	if (out->buf.len >= SK_OUT_BYTES)
		return sk_out_flush(out);
	return failed(out);
}

int
sk_out_write(struct sk_out *out, const void *bytes, size_t len)
{
	int err;

	if (out->err != 0)
		return failed(out);
	if (len < SK_OUT_BYTES) {
		sk_buf_add(&out->buf, bytes, len);
		return sk_out_spill(out);
	}
	err = sk_out_flush(out);
	return err != 0 ? err : put(out, bytes, len);
}

int
sk_out_close(struct sk_out *out)
{
	int err = sk_out_flush(out);

	if (sk_sys_close(out->fd) != 0 && err == 0)
		err = fail(out);
	sk_buf_free(&out->buf);
	return err != 0 ? failed(out) : 0;
}
