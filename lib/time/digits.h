/*
 * Small pieces that all forms of a time share: digits, fraction, offset.
 * Digits are what is left of the text; each function moves them behind what
 * it took, or returns false, the position then undefined.
 *
 * Eight bytes at once are an integer whose lowest byte is the first one.
 */
#ifndef SK_TIME_DIGITS_H
#define SK_TIME_DIGITS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

struct sk_digits {
	const char *at, *end;
};

static inline bool
sk_digits_is(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

#define SK_DIGITS_ZEROS UINT64_C(0x3030303030303030)

static inline uint64_t
sk_digits_eight(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return le64toh(bytes);
}

/* Up to eight bytes from `at` on, zeros behind `end`: at least eight bytes of
 * the text must stand before `end`. */
static inline uint64_t
sk_digits_load(const char *at, const char *end)
{
	ptrdiff_t left = end - at;

	if (left >= 8)
		return sk_digits_eight(at);
	return left <= 0 ? 0 : sk_digits_eight(end - 8) >> 8 * (8 - left);
}

/* How many of eight bytes are digits before one is none. */
static inline int
sk_digits_count(uint64_t bytes)
{
	uint64_t values = bytes ^ SK_DIGITS_ZEROS;

	/* A byte of 10 or more has its high bit, or gets it with 0x76; what
	 * such a byte carries over reaches only those behind it. */
	values = (values | (values + UINT64_C(0x7676767676767676))) &
	    UINT64_C(0x8080808080808080);
	return values == 0 ? 8 : __builtin_ctzll(values) / 8;
}

/* The number in eight bytes of values 0 to 9. */
static inline uint32_t
sk_digits_value(uint64_t values)
{
	values = (values * 10 + (values >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	values = (values * 100 + (values >> 16)) &
	    UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(values * 10000 + (values >> 32));
}

/* The seconds of HH:MM:SS, 60 too, in eight bytes; -1 if they are none. */
static inline int32_t
sk_digits_clock(uint64_t bytes)
{
	uint64_t values = bytes ^ UINT64_C(0x30303a30303a3030), pairs;
	uint64_t wrong = values | (values + UINT64_C(0x76767f76767f7676));

	/* Bytes 0, 3 and 6 of the pairs are the numbers: below 24, 60, 61. */
	pairs = (values * 10 + (values >> 8)) & UINT64_C(0x00ff0000ff0000ff);
	wrong |= pairs + UINT64_C(0x0043000044000068);
	if ((wrong & UINT64_C(0x8080808080808080)) != 0)
		return -1;
	return (int32_t)((pairs & 0xff) * 3600 + (pairs >> 24 & 0xff) * 60 +
	    (pairs >> 48));
}

static inline bool
sk_digits_char(struct sk_digits *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* Exactly two digits. */
static inline bool
sk_digits_two(struct sk_digits *scan, int32_t *value)
{
	if (scan->end - scan->at < 2 || !sk_digits_is(scan->at[0]) ||
	    !sk_digits_is(scan->at[1]))
		return false;
	*value = (scan->at[0] - '0') * 10 + (scan->at[1] - '0');
	scan->at += 2;
	return true;
}

/* One to `most` digits, at most 9. */
static inline bool
sk_digits_number(struct sk_digits *scan, int most, int32_t *value)
{
	int32_t sum = 0;
	int n = 0;

	while (n < most && scan->at < scan->end &&
	    sk_digits_is(*scan->at)) {
		sum = sum * 10 + (*scan->at++ - '0');
		n++;
	}
	*value = sum;
	return n > 0;
}

/* The digits of a fraction as billionths; at least one, those behind the
 * ninth are passed over. */
static inline bool
sk_digits_fraction(struct sk_digits *scan, int64_t *billionths)
{
	const char *begin = scan->at;
	int64_t sum = 0;
	int n = 0;

	for (; scan->at < scan->end && sk_digits_is(*scan->at); scan->at++)
		if (n < 9) {
			sum = sum * 10 + (*scan->at - '0');
			n++;
		}
	for (; n < 9; n++)
		sum *= 10;
	*billionths = sum;
	return scan->at > begin;
}

/* The same where eight bytes of the text stand before its end. */
static inline bool
sk_digits_fraction_fast(struct sk_digits *scan, int64_t *billionths)
{
	uint64_t values = sk_digits_load(scan->at, scan->end) ^
	    SK_DIGITS_ZEROS;
	int n = sk_digits_count(values ^ SK_DIGITS_ZEROS);

	scan->at += n;
	if (n == 8) {
		*billionths = (int64_t)sk_digits_value(values) * 10;
		if (scan->at < scan->end && sk_digits_is(*scan->at))
			*billionths += *scan->at++ - '0';
		while (scan->at < scan->end && sk_digits_is(*scan->at))
			scan->at++;
		return true;
	}
	/* What is behind the digits becomes zeros of theirs. */
	values &= (UINT64_C(1) << 8 * n) - 1;
	*billionths = (int64_t)sk_digits_value(values) * 10;
	return n > 0;
}

/* Z, z, +hh, +hhmm, +hh:mm; at most 23:59. */
static inline bool
sk_digits_offset(struct sk_digits *scan, int32_t *seconds)
{
	int32_t hours, minutes = 0;
	bool minus;

	*seconds = 0;
	if (sk_digits_char(scan, 'Z') || sk_digits_char(scan, 'z'))
		return true;
	minus = sk_digits_char(scan, '-');
	if (!minus && !sk_digits_char(scan, '+'))
		return false;
	if (!sk_digits_two(scan, &hours) || hours > 23)
		return false;
	if (sk_digits_char(scan, ':')) {
		if (!sk_digits_two(scan, &minutes))
			return false;
	} else if (scan->at < scan->end && sk_digits_is(*scan->at)) {
		if (!sk_digits_two(scan, &minutes))
			return false;
	}
	if (minutes > 59)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
	return true;
}

#endif
