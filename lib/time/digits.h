/*
 * Small pieces that all forms of a time share: digits, fraction, offset.
 * Digits are what is left of the text; each function moves them behind what
 * it took, or returns false, the position then undefined.
 */
#ifndef SK_TIME_DIGITS_H
#define SK_TIME_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct sk_digits {
	const char *at, *end;
};

static inline bool
sk_digits_is(char c)
{
	return (unsigned char)(c - '0') <= 9;
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
