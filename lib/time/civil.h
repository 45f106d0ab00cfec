/*
 * Dates of the Gregorian calendar, days since 1970-01-01 and nanoseconds; the
 * calendar is extended to before 1582 as ISO 8601 does.  Years 0 to 9999.
 */
#ifndef SK_TIME_CIVIL_H
#define SK_TIME_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define SK_CIVIL_DAY_S 86400
#define SK_CIVIL_NS INT64_C(1000000000) /* of a second */

struct sk_civil {
	int32_t year;
	int32_t month, day; /* from 1 */
};

bool sk_civil_is_leap(int32_t year);

/* Whether there is such a day. */
bool sk_civil_is_valid(struct sk_civil civil);

/* Of a valid day. */
int32_t sk_civil_days(struct sk_civil civil);

/* The other way round, for days in the years 0 to 9999. */
struct sk_civil sk_civil_from_days(int32_t days);

/* The month, 1 to 12, whose English name of three letters is at `name`, in
 * any case; 0 if none is. */
int32_t sk_civil_month(const char *name);

/* Nanoseconds of a second and a fraction below 1e9; false, *out_ns
 * untouched, beyond 64 bits. */
static inline bool
sk_civil_ns(int64_t seconds, int64_t fraction_ns, int64_t *out_ns)
{
	int64_t ns;

	/* The first second of all is cut by the range. */
	if (seconds < 0) {
		seconds++;
		fraction_ns -= SK_CIVIL_NS;
	}
	if (__builtin_mul_overflow(seconds, SK_CIVIL_NS, &ns) ||
	    __builtin_add_overflow(ns, fraction_ns, &ns))
		return false;
	*out_ns = ns;
	return true;
}

#endif
