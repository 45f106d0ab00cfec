#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

int
sk_view_compare(struct sk_view a, struct sk_view b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

void
sk_buf_reserve(struct sk_buf *buf, size_t more)
{
	size_t cap = buf->cap > 0 ? buf->cap : 256;

	if (more <= buf->cap - buf->len)
		return;
	while (cap - buf->len < more)
		cap = cap < SIZE_MAX / 2 ? cap * 2 : SIZE_MAX;
	buf->ptr = sk_xrealloc(buf->ptr, cap, 1);
	buf->cap = cap;
}

void
sk_buf_add(struct sk_buf *buf, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	sk_buf_reserve(buf, len);
	memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
}

void
sk_buf_str(struct sk_buf *buf, const char *s)
{
	sk_buf_add(buf, s, strlen(s));
}

void
sk_buf_view(struct sk_buf *buf, struct sk_view view)
{
	sk_buf_add(buf, view.ptr, view.len);
}

void
sk_buf_char(struct sk_buf *buf, char c)
{
	sk_buf_add(buf, &c, 1);
}

void
sk_buf_put32(struct sk_buf *buf, uint32_t v)
{
	char bytes[4];

	sk_put32(bytes, v);
	sk_buf_add(buf, bytes, sizeof(bytes));
}

void
sk_buf_put64(struct sk_buf *buf, uint64_t v)
{
	char bytes[8];

	sk_put64(bytes, v);
	sk_buf_add(buf, bytes, sizeof(bytes));
}

void
sk_buf_put_f64(struct sk_buf *buf, double v)
{
	sk_buf_put64(buf, sk_bits_of(v));
}

void
sk_buf_zero(struct sk_buf *buf, size_t len)
{
	if (len == 0)
		return;
	sk_buf_reserve(buf, len);
	memset(buf->ptr + buf->len, 0, len);
	buf->len += len;
}

void
sk_buf_fmt(struct sk_buf *buf, const char *fmt, ...)
{
	va_list ap, again;
	size_t room;
	int len;

	sk_buf_reserve(buf, 64);
	room = buf->cap - buf->len;
	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(buf->ptr + buf->len, room, fmt, ap);
	va_end(ap);
	sk_assert(len >= 0);
	if ((size_t)len >= room) {
		sk_buf_reserve(buf, (size_t)len + 1);
		vsnprintf(buf->ptr + buf->len, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	buf->len += (size_t)len;
}

const char *
sk_buf_cstr(struct sk_buf *buf)
{
	sk_buf_reserve(buf, 1);
	buf->ptr[buf->len] = '\0';
	return buf->ptr;
}

void
sk_buf_drop(struct sk_buf *buf, size_t len)
{
	sk_assert(len <= buf->len);
	buf->len -= len;
	if (buf->len > 0)
		memmove(buf->ptr, buf->ptr + len, buf->len);
}

void
sk_buf_reset(struct sk_buf *buf)
{
	buf->len = 0;
}

void
sk_buf_free(struct sk_buf *buf)
{
	free(buf->ptr);
	memset(buf, 0, sizeof(*buf));
}
