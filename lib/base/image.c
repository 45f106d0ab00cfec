#include <math.h>
#include <string.h>

#include "base/image.h"

void
sk_image_put(struct sk_buf *buf, uint64_t value)
{
	sk_buf_put64(buf, value);
}

void
sk_image_put_view(struct sk_buf *buf, struct sk_view view)
{
	sk_image_put(buf, view.len);
	sk_buf_view(buf, view);
}

void
sk_image_put_f64(struct sk_buf *buf, double value)
{
	sk_buf_put_f64(buf, value);
}

void
sk_image_put_f32s(struct sk_buf *buf, const float *value, size_t n)
{
	uint32_t raw;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(&raw, &value[i], sizeof(raw));
		sk_buf_put32(buf, raw);
	}
}

bool
sk_image_take(struct sk_view *bytes, uint64_t *value)
{
	*value = 0;
	if (bytes->len < 8)
		return false;
	*value = sk_get64(bytes->ptr);
	bytes->ptr += 8;
	bytes->len -= 8;
	return true;
}

bool
sk_image_take_i64(struct sk_view *bytes, int64_t *value)
{
	uint64_t raw;
	bool taken = sk_image_take(bytes, &raw);

	*value = (int64_t)raw;
	return taken;
}

bool
sk_image_take_n(struct sk_view *bytes, size_t size, uint32_t *n)
{
	uint64_t raw;
	bool taken = sk_image_take(bytes, &raw) && raw < UINT32_MAX &&
	    raw <= bytes->len / size;

	*n = taken ? (uint32_t)raw : 0;
	return taken;
}

bool
sk_image_take_view(struct sk_view *bytes, struct sk_view *view)
{
	uint64_t len;

	*view = sk_view("", 0);
	if (!sk_image_take(bytes, &len) || len > bytes->len)
		return false;
	*view = sk_view(bytes->ptr, (size_t)len);
	bytes->ptr += len;
	bytes->len -= (size_t)len;
	return true;
}

bool
sk_image_take_f64(struct sk_view *bytes, double *value)
{
	uint64_t raw;
	bool taken = sk_image_take(bytes, &raw);

	*value = sk_of_bits(raw);
	if (taken && isfinite(*value))
		return true;
	*value = 0;
	return false;
}

bool
sk_image_take_f32s(struct sk_view *bytes, float *value, size_t n)
{
	uint32_t raw;
	size_t i;

	if (bytes->len / 4 < n)
		return false;
	for (i = 0; i < n; i++) {
		raw = sk_get32(bytes->ptr + 4 * i);
		memcpy(&value[i], &raw, sizeof(value[i]));
		if (!isfinite(value[i]))
			return false;
	}
	bytes->ptr += 4 * n;
	bytes->len -= 4 * n;
	return true;
}

int
sk_image_bad(struct sk_diag *diag)
{
	return sk_diag_set(diag, SK_EDATA, "damaged: not a saved state");
}
