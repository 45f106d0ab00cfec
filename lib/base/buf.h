/*
 * Views and growing buffers of bytes.
 *
 * A view is somebody else's bytes: no NUL is assumed, nothing is owned.
 * A buffer owns its bytes; ptr moves when it grows, so a view into it is
 * valid until the next call that adds.  A zeroed buffer is an empty one.
 */
#ifndef SK_BASE_BUF_H
#define SK_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compat.h"

/* Input buffers are padded: so many readable bytes, of any value, stand
 * behind the last one, so that parsers may read over a view's end. */
#define SK_PAD 64

struct sk_view {
	const char *ptr; /* NULL: no value at all (absent) */
	size_t len;
};

static inline struct sk_view
sk_view(const char *ptr, size_t len)
{
	struct sk_view v = { ptr, len };

	return v;
}

static inline struct sk_view
sk_view_str(const char *s)
{
	return sk_view(s, strlen(s));
}

static inline bool
sk_view_equal(struct sk_view a, struct sk_view b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

/* Order as bytes, the shorter first: <0, 0, >0. */
int sk_view_compare(struct sk_view a, struct sk_view b);

struct sk_buf {
	char *ptr;
	size_t len;
	size_t cap;
};

void sk_buf_reserve(struct sk_buf *buf, size_t more); /* room for `more` */
void sk_buf_add(struct sk_buf *buf, const void *bytes, size_t len);
void sk_buf_str(struct sk_buf *buf, const char *s);
void sk_buf_view(struct sk_buf *buf, struct sk_view view);
void sk_buf_char(struct sk_buf *buf, char c);
void sk_buf_zero(struct sk_buf *buf, size_t len); /* add zero bytes */
/* Add a number as little-endian bytes. */
void sk_buf_put32(struct sk_buf *buf, uint32_t v);
void sk_buf_put64(struct sk_buf *buf, uint64_t v);
void sk_buf_put_f64(struct sk_buf *buf, double v);
void sk_buf_fmt(struct sk_buf *buf, const char *fmt, ...) SK_PRINTF(2, 3);
const char *sk_buf_cstr(struct sk_buf *buf); /* ends it in a NUL, not counted */
void sk_buf_drop(struct sk_buf *buf, size_t len); /* drop the first bytes */
void sk_buf_reset(struct sk_buf *buf); /* empty, memory kept */
void sk_buf_free(struct sk_buf *buf);

/* Little-endian integers at any address: the only way bytes on disk are read
 * and written. */
static inline uint16_t
sk_get16(const void *p)
{
	const unsigned char *b = p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t
sk_get32(const void *p)
{
	const unsigned char *b = p;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
}

static inline uint64_t
sk_get64(const void *p)
{
	const unsigned char *b = p;

	return (uint64_t)sk_get32(b) | (uint64_t)sk_get32(b + 4) << 32;
}

/* Whether so many bytes are the same: texts of up to 16 bytes, which keys and
 * times are, without a call. */
static inline bool
sk_bytes_equal(const char *a, const char *b, size_t len)
{
	if (len >= 8)
		return len > 16 ? memcmp(a, b, len) == 0 :
		    sk_get64(a) == sk_get64(b) &&
		    sk_get64(a + len - 8) == sk_get64(b + len - 8);
	if (len >= 4)
		return sk_get32(a) == sk_get32(b) &&
		    sk_get32(a + len - 4) == sk_get32(b + len - 4);
	return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] &&
	    a[len - 1] == b[len - 1]);
}

static inline void
sk_put16(void *p, uint16_t v)
{
	unsigned char *b = p;

	b[0] = (unsigned char)v;
	b[1] = (unsigned char)(v >> 8);
}

static inline void
sk_put32(void *p, uint32_t v)
{
	sk_put16(p, (uint16_t)v);
	sk_put16((char *)p + 2, (uint16_t)(v >> 16));
}

static inline void
sk_put64(void *p, uint64_t v)
{
	sk_put32(p, (uint32_t)v);
	sk_put32((char *)p + 4, (uint32_t)(v >> 32));
}

/* A double and its 64 bits. */
static inline uint64_t
sk_bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static inline double
sk_of_bits(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static inline double
sk_get_f64(const void *p)
{
	return sk_of_bits(sk_get64(p));
}

#endif
