/*
 * Numbers out of text, as exact as they are written.
 *
 * A number of up to 18 decimal places whose digits fit into 127 bits is a
 * mantissa and a scale; any other is the nearest double.  The scale is that of
 * the text, an exponent is worked in: 1.50, 15e-1 and 1.5 are equal.
 *
 * The order is that of the numbers; a double that equals the nearest double of
 * an exact number stands behind it.  So it is total, and the least and the
 * greatest of some numbers do not depend on the order they come in.
 *
 * Source of the conversion of eight digits at once: Lemire: Number Parsing at a
 * Gigabyte per Second (2021), section 5.
 */
#ifndef SK_WINDOW_DECIMAL_H
#define SK_WINDOW_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/record.h"
#include "window/exact.h"

#define SK_DECIMAL_PLACES 18
#define SK_DECIMAL_REAL 254 /* a scale: the number is a double */
#define SK_DECIMAL_NONE 255 /* there is no number */

struct sk_decimal {
	sk_i128 mantissa; /* exact: the number times 10^scale */
	double real;      /* else: the number */
	uint8_t scale;    /* 0 to SK_DECIMAL_PLACES: exact; or one of these */
};

static inline bool
sk_decimal_is_exact(const struct sk_decimal *number)
{
	return number->scale <= SK_DECIMAL_PLACES;
}

static inline bool
sk_decimal_is_none(const struct sk_decimal *number)
{
	return number->scale == SK_DECIMAL_NONE;
}

extern const uint64_t sk_decimal_power[SK_DECIMAL_PLACES + 1];

/* The characters at a place, from 1 to 8, less '0' each, behind zeros: the
 * first one lowest. */
static inline uint64_t
sk_decimal_word(const char *at, size_t n)
{
	return (sk_get64(at) ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
}

/* Whether all of them are digits; and their value then. */
static inline bool
sk_decimal_digits(uint64_t word)
{
	return ((word | (word + UINT64_C(0x0606060606060606))) &
	    UINT64_C(0xf0f0f0f0f0f0f0f0)) == 0;
}

static inline uint64_t
sk_decimal_value(uint64_t word)
{
	word = word * 10 + (word >> 8);
	return (((word & UINT64_C(0x000000ff000000ff)) *
	    UINT64_C(0x000f424000000064)) +
	    ((word >> 16 & UINT64_C(0x000000ff000000ff)) *
	    UINT64_C(0x0000271000000001))) >> 32;
}

/* A text with SK_PAD readable bytes behind it; false, *number undefined, if it
 * is none or beyond all doubles.  5 ns for up to 8 characters or 16 digits. */
bool sk_decimal_parse(struct sk_decimal *number, struct sk_view text);

/* The same of up to 8 digits, and a sign; false for any other text. */
static inline bool
sk_decimal_parse_short(struct sk_decimal *number, struct sk_view text)
{
	size_t minus = text.len > 0 && text.ptr[0] == '-';
	uint64_t word;
	int64_t size;

	if (SK_UNLIKELY(text.len - minus - 1 >= 8))
		return false;
	word = sk_decimal_word(text.ptr + minus, text.len - minus);
	if (SK_UNLIKELY(!sk_decimal_digits(word)))
		return false;
	size = (int64_t)sk_decimal_value(word);
	number->mantissa = minus ? -size : size;
	number->scale = 0;
	return true;
}

/* <0, 0, >0 */
int sk_decimal_compare(const struct sk_decimal *a,
    const struct sk_decimal *b);

/* The greater of both, the less with sign -1, the shorter of equal ones; one
 * may be none. */
static inline void
sk_decimal_rise(struct sk_decimal *to, const struct sk_decimal *number,
    int sign)
{
	int order;

	if (sk_decimal_is_none(number))
		return;
	order = sk_decimal_is_none(to) ? 1 :
	    sign * sk_decimal_compare(number, to);
	if (order > 0 || (order == 0 && number->scale < to->scale))
		*to = *number;
}

double sk_decimal_f64(const struct sk_decimal *number);

/* All digits of an exact number, else the shortest text of the double: without
 * zeros behind the point, and with as many places as were written. */
void sk_decimal_text(const struct sk_decimal *number, struct sk_buf *buf);
void sk_decimal_written(const struct sk_decimal *number, struct sk_buf *buf);
/* As it was written; null for none. */
void sk_decimal_put(const struct sk_decimal *number,
    struct sk_record *record);
/* The same of an integer. */
void sk_decimal_text_i128(sk_i128 value, struct sk_buf *buf);
void sk_decimal_put_i128(sk_i128 value, struct sk_record *record);

/* Also of none. */
void sk_decimal_save(const struct sk_decimal *number, struct sk_buf *buf);
void sk_decimal_load(struct sk_decimal *number, struct sk_unpack *from);

/* 128 bits as sk_pack_i64 has 64. */
void sk_pack_i128(struct sk_buf *buf, sk_i128 value);
sk_i128 sk_unpack_i128(struct sk_unpack *from);

#endif
