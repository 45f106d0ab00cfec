#include "base/base64.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
sk_base64_put(struct sk_buf *buf, struct sk_view bytes)
{
	size_t i, n;
	char *out;

	sk_buf_reserve(buf, (bytes.len + 2) / 3 * 4);
	out = buf->ptr + buf->len;
	for (i = 0; i < bytes.len; i += n) {
		const unsigned char *in =
		    (const unsigned char *)bytes.ptr + i;
		uint32_t v;

		n = bytes.len - i < 3 ? bytes.len - i : 3;
		v = (uint32_t)in[0] << 16 | (n > 1 ? in[1] : 0u) << 8 |
		    (n > 2 ? in[2] : 0u);
		*out++ = letters[v >> 18];
		*out++ = letters[v >> 12 & 63];
		*out++ = n > 1 ? letters[v >> 6 & 63] : '=';
		*out++ = n > 2 ? letters[v & 63] : '=';
	}
	buf->len += (bytes.len + 2) / 3 * 4;
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
sk_base64_get(struct sk_buf *buf, struct sk_view text)
{
	size_t start = buf->len, i;
	uint32_t v = 0;
	int bits = 0, one;

	for (i = 0; i < 2 && text.len > 0 && text.len % 4 == 0 &&
	    text.ptr[text.len - 1 - i] == '='; i++)
		continue;
	text.len -= i;
	if (text.len % 4 == 1)
		return SK_EDATA;
	sk_buf_reserve(buf, text.len / 4 * 3 + 3);
	for (i = 0; i < text.len; i++) {
		one = value_of(text.ptr[i]);
		if (one < 0) {
			buf->len = start;
			return SK_EDATA;
		}
		v = v << 6 | (uint32_t)one;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf->ptr[buf->len++] = (char)(v >> bits);
		}
	}
	return 0;
}
