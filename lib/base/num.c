#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
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

/* ---- decimal numbers ---- */

#define DIGITS_MAX 19 /* digits that surely fit into 64 bits */
#define F64_TEXT 400  /* -DBL_MAX has 316 characters by %f */

/* What a double holds exactly. */
static const double powers_of_ten[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
	1e20, 1e21, 1e22 };

/* The digits of a number, its point left out: mantissa times 10^exponent, if
 * `exact`; otherwise digits were left out that a double may depend on. */
struct decimal {
	uint64_t mantissa;
	int64_t exponent;
	unsigned digits; /* in the mantissa, zeros in front not counted */
	bool exact;
};

/* The digits from *i on; false if there is none. */
static bool
take_digits(struct sk_view text, size_t *i, struct decimal *d, bool fraction)
{
	size_t from = *i;
	unsigned digit;

	for (; *i < text.len; ++*i) {
		digit = (unsigned char)text.ptr[*i] - (unsigned)'0';
		if (digit > 9)
			break;
		if (d->digits < DIGITS_MAX) {
			d->mantissa = 10 * d->mantissa + digit;
			d->digits += d->mantissa != 0;
			d->exponent -= fraction;
		} else {
			d->exact = d->exact && digit == 0;
			d->exponent += !fraction;
		}
	}
	return *i > from;
}

/* The exponent behind an `e`; false if it is none. */
static bool
take_exponent(struct sk_view text, size_t *i, int64_t *exponent)
{
	bool minus = false;
	int64_t value = 0;
	unsigned digit;
	size_t from;

	if (*i < text.len && (text.ptr[*i] == '+' || text.ptr[*i] == '-'))
		minus = text.ptr[(*i)++] == '-';
	for (from = *i; *i < text.len; ++*i) {
		digit = (unsigned char)text.ptr[*i] - (unsigned)'0';
		if (digit > 9)
			return false;
		if (value < 100000)
			value = 10 * value + digit;
	}
	*exponent += minus ? -value : value;
	return *i > from;
}

/* By the C library, which rounds correctly, if slowly. */
static int
slow_f64(struct sk_view text, double *out)
{
	char copy[F64_TEXT];
	double value;

	if (text.len >= sizeof(copy))
		return SK_EUSAGE;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	value = strtod(copy, NULL);
	if (!isfinite(value))
		return SK_EUSAGE;
	*out = value;
	return 0;
}

/*
 * A product or quotient of two numbers that a double holds exactly is rounded
 * once, so it is the nearest double: Clinger, How to Read Floating Point
 * Numbers Accurately (1990), section 3.
 */
int
sk_num_f64(struct sk_view text, double *out)
{
	struct decimal d = { 0, 0, 0, true };
	bool minus = text.len > 0 && text.ptr[0] == '-', whole, part = false;
	size_t i = minus || (text.len > 0 && text.ptr[0] == '+');
	double value;

	whole = take_digits(text, &i, &d, false);
	if (i < text.len && text.ptr[i] == '.') {
		i++;
		part = take_digits(text, &i, &d, true);
	}
	if (!whole && !part)
		return SK_EUSAGE;
	if (i < text.len && (text.ptr[i] | 0x20) == 'e') {
		i++;
		if (!take_exponent(text, &i, &d.exponent))
			return SK_EUSAGE;
	}
	if (i < text.len)
		return SK_EUSAGE;
	if (!d.exact || d.mantissa > UINT64_C(1) << 53 || d.exponent < -22 ||
	    d.exponent > 22)
		return slow_f64(text, out);
	value = (double)d.mantissa;
	value = d.exponent < 0 ? value / powers_of_ten[-d.exponent] :
	    value * powers_of_ten[d.exponent];
	*out = minus ? -value : value;
	return 0;
}

/* Up to 8 digits and a point, all in one word: the first character in the
 * lowest byte.  Shifted to the end it has zeros in front; with the point taken
 * out it is 8 digits, which are added up in pairs. */
static inline bool
short_f64(const char *at, size_t len, double *out)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word, dots, low;
	unsigned places = 0, shift = (unsigned)(8 - len) * 8;

	memcpy(&word, at, sizeof(word));
	word = word << shift | (ones * '0' & ((UINT64_C(1) << shift) - 1));
	dots = word ^ ones * '.';
	dots = (dots - ones) & ~dots & ones << 7;
	if (dots != 0) {
		unsigned bit = (unsigned)__builtin_ctzll(dots) - 7;

		if (len == 1)
			return false;
		places = 7 - bit / 8;
		low = word & ((UINT64_C(1) << bit) - 1);
		word = (word >> bit >> 8 << bit << 8) | low << 8 | '0';
	}
	word ^= ones * '0';
	if (((word | (word + ones * 6)) & ones * 0xf0) != 0)
		return false;
	word = word * 10 + (word >> 8);
	word = (((word & UINT64_C(0x000000ff000000ff)) *
	    UINT64_C(0x000f424000000064)) +
	    ((word >> 16 & UINT64_C(0x000000ff000000ff)) *
	    UINT64_C(0x0000271000000001))) >> 32;
	*out = (double)word / powers_of_ten[places];
	return true;
}

int
sk_num_f64_padded(struct sk_view text, double *out)
{
	bool minus = text.len > 0 && text.ptr[0] == '-';
	double value;

	if (SK_LIKELY(text.len - minus - 1 < 8 &&
	    SK_LITTLE_ENDIAN && short_f64(text.ptr + minus, text.len - minus,
	    &value))) {
		*out = minus ? -value : value;
		return 0;
	}
	return sk_num_f64(text, out);
}

/* The decimal point is moved in the text, so that equal shares are equal. */
int
sk_num_share(struct sk_view text, double *out)
{
	char copy[64];
	double value;

	if (text.len > 0 && text.ptr[text.len - 1] == '%') {
		if (text.len + 2 > sizeof(copy))
			return SK_EUSAGE;
		memcpy(copy, text.ptr, text.len - 1);
		memcpy(copy + text.len - 1, "e-2", 3);
		text = sk_view(copy, text.len + 2);
	}
	if (sk_num_f64(text, &value) != 0 || value < 0 || value > 1)
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

#define PLACES 6 /* behind the point, of what is written without printf */

/* A decimal of up to 15 digits, if that is what the number reads back from:
 * there is one at most, so it is the shortest. */
static bool
put_short_f64(struct sk_buf *buf, double value)
{
	double size = fabs(value), power = 1, scaled = size;
	char text[PLACES];
	uint64_t digits = 0;
	int places, i;

	for (places = 0; scaled < 1e15; places++) {
		digits = (uint64_t)(scaled + 0.5);
		if ((double)digits / power == size)
			break;
		if (places == PLACES || size < 1e-4)
			return false;
		power *= 10;
		scaled = size * power;
	}
	if (scaled >= 1e15)
		return false;
	if (value < 0)
		sk_buf_char(buf, '-');
	for (i = places; i > 0; digits /= 10)
		text[--i] = (char)('0' + digits % 10);
	sk_num_put_u64(buf, digits);
	if (places > 0) {
		sk_buf_char(buf, '.');
		sk_buf_add(buf, text, (size_t)places);
	}
	return true;
}

void
sk_num_put_f64(struct sk_buf *buf, double value)
{
	char text[40];
	int digits;

	if (!isfinite(value) || put_short_f64(buf, value))
		return;
	/* A subnormal number has fewer bits, so fewer digits may do. */
	for (digits = isnormal(value) ? 15 : 1; digits < 18; digits++) {
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
