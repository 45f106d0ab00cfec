/*
 * Years are counted from March, so that the leap day is the last of its year
 * and the days before a month are a straight line with rounding:
 * (153 * m + 2) / 5 for m = 0 (March) to 11.
 */
#include "time/civil.h"

#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */
#define DAYS_400 146097

bool
sk_civil_is_leap(int32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool
sk_civil_is_valid(struct sk_civil civil)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	if (civil.year < 0 || civil.year > 9999 || civil.month < 1 ||
	    civil.month > 12 || civil.day < 1)
		return false;
	return civil.day <= days[civil.month - 1] +
	    (civil.month == 2 && sk_civil_is_leap(civil.year));
}

int32_t
sk_civil_days(struct sk_civil civil)
{
	bool early = civil.month < 3;
	int32_t month = civil.month - 3 + (early ? 12 : 0);
	/* 400 years more keep the division away from negative numbers. */
	int32_t year = civil.year - (early ? 1 : 0) + 400;

	return year * 365 + year / 4 - year / 100 + year / 400 +
	    (153 * month + 2) / 5 + civil.day - 1 - DAYS_400 - EPOCH_DAYS;
}

/*
 * Neri and Schneider, Euclidean affine functions and their application to
 * calendar algorithms, Software: Practice and Experience 53 (2023), section 5:
 * each step is a multiplication, its high part the quotient and its low part
 * the remainder.  2939745 is 2^32 / 1461 rounded up, 2141 and 197913 are a
 * straight line through the days before a month, times 2^16.
 */
struct sk_civil
sk_civil_from_days(int32_t days)
{
	uint32_t day = 4 * (uint32_t)(days + EPOCH_DAYS + DAYS_400) + 3;
	uint32_t century = day / DAYS_400, year, month, line;
	uint64_t quarters;

	day = (day % DAYS_400) | 3;
	quarters = (uint64_t)2939745 * day;
	year = 100 * century + (uint32_t)(quarters >> 32);
	day = (uint32_t)quarters / 2939745 / 4; /* from March 1 */
	line = 2141 * day + 197913;
	month = line >> 16;
	return (struct sk_civil){
		.year = (int32_t)year - 400 + (day >= 306),
		.month = (int32_t)(day >= 306 ? month - 12 : month),
		.day = (int32_t)((line & 0xffff) / 2141 + 1),
	};
}

int32_t
sk_civil_month(const char *name)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	int32_t month;

	for (month = 0; month < 12; month++)
		if ((name[0] | 0x20) == names[3 * month] &&
		    (name[1] | 0x20) == names[3 * month + 1] &&
		    (name[2] | 0x20) == names[3 * month + 2])
			return month + 1;
	return 0;
}
