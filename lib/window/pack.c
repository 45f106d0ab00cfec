#include <math.h>

#include "window/pack.h"

void
sk_pack_u64(struct sk_buf *buf, uint64_t value)
{
	char bytes[10];
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (char)(value | 0x80);
	bytes[n++] = (char)value;
	sk_buf_add(buf, bytes, n);
}

void
sk_pack_i64(struct sk_buf *buf, int64_t value)
{
	sk_pack_u64(buf, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void
sk_pack_f64(struct sk_buf *buf, double value)
{
	sk_buf_put_f64(buf, value);
}

void
sk_pack_text(struct sk_buf *buf, struct sk_view text)
{
	sk_pack_u64(buf, text.len);
	sk_buf_view(buf, text);
}

static const char *
take(struct sk_unpack *from, uint64_t len)
{
	const char *at = from->bytes.ptr;

	if (from->bad || len > from->bytes.len) {
		from->bad = true;
		return NULL;
	}
	from->bytes.ptr += len;
	from->bytes.len -= (size_t)len;
	return at;
}

uint64_t
sk_unpack_u64(struct sk_unpack *from)
{
	uint64_t value = 0;
	const char *at;
	unsigned shift, bits;

	for (shift = 0; shift < 64; shift += 7) {
		at = take(from, 1);
		if (at == NULL)
			return 0;
		bits = (unsigned char)*at;
		if (shift == 63 && bits > 1)
			break;
		value |= (uint64_t)(bits & 0x7f) << shift;
		if (bits < 0x80)
			return value;
	}
	from->bad = true;
	return 0;
}

uint64_t
sk_unpack_upto(struct sk_unpack *from, uint64_t most)
{
	uint64_t value = sk_unpack_u64(from);

	if (value <= most)
		return value;
	from->bad = true;
	return 0;
}

int64_t
sk_unpack_i64(struct sk_unpack *from)
{
	uint64_t value = sk_unpack_u64(from);

	return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

double
sk_unpack_f64(struct sk_unpack *from)
{
	const char *at = take(from, 8);
	double value;

	if (at == NULL)
		return 0;
	value = sk_get_f64(at);
	if (isfinite(value))
		return value;
	from->bad = true;
	return 0;
}

struct sk_view
sk_unpack_text(struct sk_unpack *from)
{
	uint64_t len = sk_unpack_u64(from);
	const char *at = take(from, len);

	return at == NULL ? sk_view("", 0) : sk_view(at, (size_t)len);
}
