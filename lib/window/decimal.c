#include <math.h>

#include "base/num.h"
#include "window/decimal.h"

#define EXPONENT_MAX 100000 /* beyond which it matters no more */
#define ONES UINT64_C(0x0101010101010101)

const uint64_t sk_decimal_power[SK_DECIMAL_PLACES + 1] = { 1, 10, 100, 1000,
	10000, 100000, 1000000, 10000000, 100000000, 1000000000,
	UINT64_C(10000000000), UINT64_C(100000000000),
	UINT64_C(1000000000000), UINT64_C(10000000000000),
	UINT64_C(100000000000000), UINT64_C(1000000000000000),
	UINT64_C(10000000000000000), UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000) };

/* ---- any number ---- */

struct reading {
	sk_u128 mantissa;  /* ends in no zero */
	int64_t exponent;  /* of ten */
	uint64_t zeros;    /* that were read behind it */
	bool exact, digits;
};

/* Digits join the mantissa with the zeros before them, while they fit. */
static void
take_digit(struct reading *r, unsigned digit)
{
	const sk_u128 most = ((sk_u128)1 << 127) - 1;

	r->digits = true;
	r->zeros++;
	if (digit == 0)
		return;
	for (; r->zeros > 0 && r->exact; r->zeros--) {
		if (r->mantissa > most / 10)
			r->exact = false;
		r->mantissa *= 10;
	}
	if (r->mantissa > most - digit)
		r->exact = false;
	r->mantissa += digit;
	r->zeros = 0;
}

static bool
take_exponent(struct sk_view text, size_t i, int64_t *exponent)
{
	bool minus = i < text.len && text.ptr[i] == '-';
	int64_t value = 0;
	size_t from;

	i += minus || (i < text.len && text.ptr[i] == '+');
	for (from = i; i < text.len; i++) {
		unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		if (value < EXPONENT_MAX)
			value = 10 * value + digit;
	}
	*exponent = minus ? -value : value;
	return i > from;
}

/* Give the mantissa its zeros back, or take a scale; false: it does not fit. */
static bool
settle(struct reading *r, struct sk_decimal *number)
{
	const sk_u128 most = ((sk_u128)1 << 127) - 1;

	if (r->mantissa == 0)
		r->exponent = 0;
	if (!r->exact || r->exponent < -SK_DECIMAL_PLACES || r->exponent > 40)
		return false;
	for (; r->exponent > 0; r->exponent--) {
		if (r->mantissa > most / 10)
			return false;
		r->mantissa *= 10;
	}
	number->scale = (uint8_t)-r->exponent;
	number->mantissa = (sk_i128)r->mantissa;
	return true;
}

/* The zeros behind 1.50 come back, as far as they fit. */
static void
keep_places(struct sk_decimal *number, int64_t places)
{
	const sk_i128 most = (sk_i128)(((sk_u128)1 << 127) - 1);

	while (number->scale < places && number->scale < SK_DECIMAL_PLACES &&
	    number->mantissa <= most / 10) {
		number->mantissa *= 10;
		number->scale++;
	}
}

static bool
parse_long(struct sk_decimal *number, struct sk_view text)
{
	struct reading r = { .exact = true };
	size_t i = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
	bool minus = i > 0 && text.ptr[0] == '-', point = false;
	int64_t places = 0, exponent = 0;

	for (; i < text.len; i++) {
		unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';

		if (digit <= 9) {
			take_digit(&r, digit);
			places += point;
		} else if (text.ptr[i] == '.' && !point)
			point = true;
		else
			break;
	}
	if (!r.digits || (i < text.len && ((text.ptr[i] | 0x20) != 'e' ||
	    !take_exponent(text, i + 1, &exponent))))
		return false;
	r.exponent = exponent - places + (int64_t)r.zeros;
	if (!settle(&r, number)) {
		number->scale = SK_DECIMAL_REAL;
		return sk_num_f64(text, &number->real) == 0;
	}
	if (exponent == 0)
		keep_places(number, places);
	if (minus)
		number->mantissa = -number->mantissa;
	return true;
}

/* ---- the usual ones: up to 16 characters, with few branches ---- */

/* Take a point out of a word; how many characters were behind it. */
static inline unsigned
take_point(uint64_t *word)
{
	uint64_t dots = *word ^ ONES * ('.' ^ '0'), low;
	unsigned bit;

	dots = (dots - ONES) & ~dots & ONES << 7;
	if (dots == 0)
		return 0;
	bit = (unsigned)__builtin_ctzll(dots) - 7;
	low = *word & ((UINT64_C(1) << bit) - 1);
	*word = (*word >> bit >> 8 << bit << 8) | low << 8;
	return 7 - bit / 8;
}

/* Up to 8 characters, with or without a point, or up to 16 digits. */
static inline bool
parse_short(const char *at, size_t len, uint64_t *mantissa, unsigned *scale)
{
	uint64_t word = sk_decimal_word(at, len <= 8 ? len : len - 8), low;

	*scale = 0;
	*mantissa = 0;
	if (len <= 8) {
		*scale = take_point(&word);
		if (len == 1 && *at == '.')
			return false;
	} else {
		low = sk_decimal_word(at + len - 8, 8);
		if (!sk_decimal_digits(low))
			return false;
		*mantissa = sk_decimal_value(low);
	}
	if (!sk_decimal_digits(word))
		return false;
	*mantissa = len <= 8 ? sk_decimal_value(word) :
	    *mantissa + 100000000 * sk_decimal_value(word);
	return true;
}

bool
sk_decimal_parse(struct sk_decimal *number, struct sk_view text)
{
	size_t minus = text.len > 0 && text.ptr[0] == '-';
	uint64_t mantissa;
	unsigned scale;

	if (SK_UNLIKELY(text.len - minus - 1 >= 16 || !parse_short(text.ptr +
	    minus, text.len - minus, &mantissa, &scale)))
		return parse_long(number, text);
	number->mantissa = minus ? -(int64_t)mantissa : (int64_t)mantissa;
	number->scale = (uint8_t)scale;
	return true;
}

/* ---- order ---- */

double
sk_decimal_f64(const struct sk_decimal *number)
{
	const sk_i128 whole = (sk_i128)1 << 53;
	struct sk_exact sum = { 0 };
	double value;

	if (!sk_decimal_is_exact(number))
		return number->real;
	/* A quotient of two doubles is rounded once. */
	if (number->mantissa <= whole && number->mantissa >= -whole)
		return (double)(int64_t)number->mantissa /
		    (double)sk_decimal_power[number->scale];
	sk_exact_add(&sum, number->mantissa < 0, number->mantissa < 0 ?
	    0 - (sk_u128)number->mantissa : (sk_u128)number->mantissa, 0);
	value = sk_exact_over(&sum, sk_decimal_power[number->scale]);
	sk_exact_free(&sum);
	return value;
}

/* a * 10^places and b; the product is compared in halves. */
static int
compare_scaled(sk_i128 a, unsigned places, sk_i128 b)
{
	uint64_t power = sk_decimal_power[places];
	bool minus = a < 0;
	sk_u128 size = minus ? 0 - (sk_u128)a : (sk_u128)a;
	sk_u128 low = (size & UINT64_MAX) * power;
	sk_u128 high = (size >> 64) * power + (low >> 64), other;

	if (minus != (b < 0))
		return minus ? -1 : 1;
	other = minus ? 0 - (sk_u128)b : (sk_u128)b;
	size = high << 64 | (low & UINT64_MAX);
	if (high >> 64 != 0 || size > other)
		return minus ? -1 : 1;
	return size == other ? 0 : minus ? 1 : -1;
}

static int
compare_exact(const struct sk_decimal *a, const struct sk_decimal *b)
{
	if (a->scale < b->scale)
		return compare_scaled(a->mantissa, b->scale - a->scale,
		    b->mantissa);
	if (a->scale > b->scale)
		return -compare_scaled(b->mantissa, a->scale - b->scale,
		    a->mantissa);
	return (a->mantissa > b->mantissa) - (a->mantissa < b->mantissa);
}

int
sk_decimal_compare(const struct sk_decimal *a, const struct sk_decimal *b)
{
	double x, y;

	if (sk_decimal_is_exact(a) && sk_decimal_is_exact(b))
		return compare_exact(a, b);
	x = sk_decimal_f64(a);
	y = sk_decimal_f64(b);
	if (x != y)
		return x < y ? -1 : 1;
	return (int)sk_decimal_is_exact(b) - (int)sk_decimal_is_exact(a);
}

/* ---- text ---- */

void
sk_decimal_text_i128(sk_i128 value, struct sk_buf *buf)
{
	sk_u128 size = value < 0 ? 0 - (sk_u128)value : (sk_u128)value;
	char text[40];
	size_t at = sizeof(text);
	uint64_t part;

	while (size > UINT64_MAX) {
		part = (uint64_t)(size % sk_decimal_power[18]);
		size /= sk_decimal_power[18];
		for (int i = 0; i < 18; i++, part /= 10)
			text[--at] = (char)('0' + part % 10);
	}
	part = (uint64_t)size;
	do
		text[--at] = (char)('0' + part % 10);
	while ((part /= 10) > 0);
	if (value < 0)
		sk_buf_char(buf, '-');
	sk_buf_add(buf, text + at, sizeof(text) - at);
}

/* With so many places, of those that it has. */
static void
put_places(const struct sk_decimal *number, unsigned places,
    struct sk_buf *buf)
{
	sk_i128 mantissa = number->mantissa, whole;
	unsigned scale = number->scale;
	uint64_t part;
	char text[SK_DECIMAL_PLACES];

	if (!sk_decimal_is_exact(number)) {
		sk_num_put_f64(buf, number->real);
		return;
	}
	whole = mantissa / (sk_i128)sk_decimal_power[scale];
	mantissa %= (sk_i128)sk_decimal_power[scale];
	part = (uint64_t)(mantissa < 0 ? -mantissa : mantissa);
	if (mantissa < 0 && whole == 0)
		sk_buf_char(buf, '-');
	sk_decimal_text_i128(whole, buf);
	for (; scale > places && part % 10 == 0; scale--)
		part /= 10;
	if (scale == 0)
		return;
	for (unsigned i = scale; i-- > 0; part /= 10)
		text[i] = (char)('0' + part % 10);
	sk_buf_char(buf, '.');
	sk_buf_add(buf, text, scale);
}

void
sk_decimal_text(const struct sk_decimal *number, struct sk_buf *buf)
{
	put_places(number, 0, buf);
}

void
sk_decimal_written(const struct sk_decimal *number, struct sk_buf *buf)
{
	put_places(number, number->scale, buf);
}

void
sk_decimal_put(const struct sk_decimal *number, struct sk_record *record)
{
	struct sk_buf text = { 0 };

	if (sk_decimal_is_none(number)) {
		sk_record_null(record);
		return;
	}
	if (number->scale == 0) {
		sk_decimal_put_i128(number->mantissa, record);
		return;
	}
	sk_decimal_written(number, &text);
	sk_record_json(record, sk_view(text.ptr, text.len));
	sk_buf_free(&text);
}

void
sk_decimal_put_i128(sk_i128 value, struct sk_record *record)
{
	struct sk_buf text = { 0 };

	if (value >= INT64_MIN && value <= INT64_MAX) {
		sk_record_i64(record, (int64_t)value);
		return;
	}
	sk_decimal_text_i128(value, &text);
	sk_record_json(record, sk_view(text.ptr, text.len));
	sk_buf_free(&text);
}

/* ---- bytes ---- */

void
sk_pack_i128(struct sk_buf *buf, sk_i128 value)
{
	char bytes[16];

	if (value > INT64_MIN && value < INT64_MAX) {
		sk_pack_i64(buf, (int64_t)value);
		return;
	}
	sk_pack_i64(buf, INT64_MIN);
	sk_put64(bytes, (uint64_t)value);
	sk_put64(bytes + 8, (uint64_t)((sk_u128)value >> 64));
	sk_pack_text(buf, sk_view(bytes, sizeof(bytes)));
}

sk_i128
sk_unpack_i128(struct sk_unpack *from)
{
	int64_t value = sk_unpack_i64(from);
	struct sk_view bytes;

	if (value != INT64_MIN)
		return value;
	bytes = sk_unpack_text(from);
	if (bytes.len == 16)
		return (sk_i128)((sk_u128)sk_get64(bytes.ptr + 8) << 64 |
		    sk_get64(bytes.ptr));
	from->bad = true;
	return 0;
}

void
sk_decimal_save(const struct sk_decimal *number, struct sk_buf *buf)
{
	sk_pack_u64(buf, number->scale);
	if (sk_decimal_is_exact(number))
		sk_pack_i128(buf, number->mantissa);
	else if (number->scale == SK_DECIMAL_REAL)
		sk_pack_f64(buf, number->real);
}

void
sk_decimal_load(struct sk_decimal *number, struct sk_unpack *from)
{
	uint64_t scale = sk_unpack_upto(from, SK_DECIMAL_NONE);

	*number = (struct sk_decimal){ .scale = (uint8_t)scale };
	if (scale == SK_DECIMAL_REAL)
		number->real = sk_unpack_f64(from);
	else if (scale <= SK_DECIMAL_PLACES)
		number->mantissa = sk_unpack_i128(from);
	else if (scale != SK_DECIMAL_NONE)
		from->bad = true;
	if (number->mantissa == (sk_i128)((sk_u128)1 << 127))
		from->bad = true;
	if (from->bad)
		*number = (struct sk_decimal){ .scale = SK_DECIMAL_NONE };
}
