#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/num.h"

int
sk_num_u64(struct sk_view text, uint64_t *out)
{
	uint64_t value = 0;
	size_t i;

	if (text.len == 0)
		return SK_EUSAGE;
	for (i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(unsigned char)text.ptr[i] - '0';

		if (digit > 9 ||
		    __builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return SK_EUSAGE;
	}
	*out = value;
	return 0;
}

int
sk_num_i64(struct sk_view text, int64_t *out)
{
	bool minus = text.len > 0 && text.ptr[0] == '-';
	uint64_t value;

	if (minus)
		text = sk_view(text.ptr + 1, text.len - 1);
	if (sk_num_u64(text, &value) != 0 ||
	    value > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return SK_EUSAGE;
	*out = minus ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

int
sk_num_hex64(struct sk_view text, uint64_t *out)
{
	uint64_t value = 0;
	size_t i;

	if (text.len == 0 || text.len > 16)
		return SK_EUSAGE;
	for (i = 0; i < text.len; i++) {
		unsigned c = (unsigned char)text.ptr[i];

		if (c - '0' <= 9)
			c -= '0';
		else if ((c | 0x20) - 'a' <= 5)
			c = (c | 0x20) - 'a' + 10;
		else
			return SK_EUSAGE;
		value = value << 4 | c;
	}
	*out = value;
	return 0;
}

int
sk_num_f64(struct sk_view text, double *out)
{
	char copy[64], *end;
	double value;
	size_t i;

	if (text.len == 0 || text.len >= sizeof(copy))
		return SK_EUSAGE;
	for (i = 0; i < text.len; i++)
		if (strchr("0123456789+-.eE", text.ptr[i]) == NULL ||
		    text.ptr[i] == '\0')
			return SK_EUSAGE;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	value = strtod(copy, &end);
	if (*end != '\0' || !isfinite(value))
		return SK_EUSAGE;
	*out = value;
	return 0;
}

int
sk_num_size(struct sk_view text, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit;
	uint64_t value;
	unsigned shift = 0;

	if (text.len > 0 && text.ptr[text.len - 1] != '\0' &&
	    (unit = strchr(units, text.ptr[text.len - 1])) != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		text.len--;
	}
	if (sk_num_u64(text, &value) != 0 || value > UINT64_MAX >> shift)
		return SK_EUSAGE;
	*out = value << shift;
	return 0;
}

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{ "d", INT64_C(86400000000000) },
	{ "h", INT64_C(3600000000000) },
	{ "m", INT64_C(60000000000) },
	{ "s", INT64_C(1000000000) },
	{ "ms", INT64_C(1000000) },
	{ "us", INT64_C(1000) },
	{ "ns", INT64_C(1) },
};

#define NUNITS (sizeof(units) / sizeof(units[0]))

/* One `12`, `1.5` and its unit; moves *text behind it. */
static int
duration_part(struct sk_view *text, int64_t *out_ns)
{
	size_t digits = 0, unit = 0, i, u;
	double value;

	while (digits < text->len && (text->ptr[digits] == '.' ||
	    (unsigned char)(text->ptr[digits] - '0') <= 9))
		digits++;
	while (digits + unit < text->len &&
	    (unsigned char)(text->ptr[digits + unit] - 'a') <= 25)
		unit++;
	for (u = 0; u < NUNITS; u++)
		if (strlen(units[u].name) == unit &&
		    !memcmp(units[u].name, text->ptr + digits, unit))
			break;
	if (u == NUNITS || digits == 0 || text->ptr[0] == '.')
		return SK_EUSAGE;
	for (i = 0; i < digits; i++)
		if (text->ptr[i] == '.')
			break;
	if (i == digits) {
		uint64_t whole;

		if (sk_num_u64(sk_view(text->ptr, digits), &whole) != 0 ||
		    whole > (uint64_t)(INT64_MAX / units[u].ns))
			return SK_EUSAGE;
		*out_ns = (int64_t)whole * units[u].ns;
	} else {
		if (sk_num_f64(sk_view(text->ptr, digits), &value) != 0 ||
		    value * (double)units[u].ns > 9e18)
			return SK_EUSAGE;
		*out_ns = llround(value * (double)units[u].ns);
	}
	*text = sk_view(text->ptr + digits + unit, text->len - digits - unit);
	return 0;
}

int
sk_num_duration(struct sk_view text, int64_t *out_ns)
{
	int64_t sum = 0, part;

	if (text.len == 1 && text.ptr[0] == '0') {
		*out_ns = 0;
		return 0;
	}
	if (text.len == 0)
		return SK_EUSAGE;
	while (text.len > 0)
		if (duration_part(&text, &part) != 0 ||
		    __builtin_add_overflow(sum, part, &sum))
			return SK_EUSAGE;
	*out_ns = sum;
	return 0;
}

void
sk_num_put_f64(struct sk_buf *buf, double value)
{
	char text[40];
	int digits;

	if (!isfinite(value))
		return;
	if (value == 0) /* no `-0` */
		value = 0;
	if (fabs(value) < 1e15 && value == floor(value)) {
		sk_buf_fmt(buf, "%.0f", value);
		return;
	}
	for (digits = 15; digits < 18; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	sk_buf_str(buf, text);
}

void
sk_num_put_u64(struct sk_buf *buf, uint64_t value)
{
	char text[20];
	size_t at = sizeof(text);

	do
		text[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	sk_buf_add(buf, text + at, sizeof(text) - at);
}

void
sk_num_put_duration(struct sk_buf *buf, int64_t ns)
{
	size_t u, given = 0;

	if (ns < 0) {
		sk_buf_char(buf, '-');
		ns = ns == INT64_MIN ? INT64_MAX : -ns;
	}
	if (ns == 0)
		sk_buf_str(buf, "0s");
	for (u = 0; u < NUNITS && ns > 0 && given < 2; u++) {
		if (ns < units[u].ns) {
			given += given > 0;
			continue;
		}
		sk_buf_fmt(buf, "%" PRId64 "%s", ns / units[u].ns,
		    units[u].name);
		ns %= units[u].ns;
		given++;
	}
}

void
sk_num_put_size(struct sk_buf *buf, uint64_t nbytes)
{
	static const char *const names[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)nbytes / 1024;
	size_t u = 0;

	if (nbytes < 1024) {
		sk_buf_fmt(buf, "%" PRIu64 " B", nbytes);
		return;
	}
	while (value >= 1023.95 && u < 3) {
		value /= 1024;
		u++;
	}
	sk_buf_fmt(buf, value < 99.95 ? "%.1f %s" : "%.0f %s", value, names[u]);
}
