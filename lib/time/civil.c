/*
 * Years are counted from March, so that the leap day is the last of its year
 * and the days before a month are a straight line with rounding:
 * (153 * m + 2) / 5 for m = 0 (March) to 11.
 */
#include "time/civil.h"

#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */
#define DAYS_400 146097
#define DAYS_100 36524
#define DAYS_4 1461

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

struct sk_civil
sk_civil_from_days(int32_t days)
{
	int32_t day = days + EPOCH_DAYS + DAYS_400;
	int32_t era = day / DAYS_400, century, four, year, month;

	day %= DAYS_400;
	/* The last day of 400 years and of 4 is one more than regular. */
	century = day / DAYS_100 < 4 ? day / DAYS_100 : 3;
	day -= century * DAYS_100;
	four = day / DAYS_4;
	day -= four * DAYS_4;
	year = day / 365 < 4 ? day / 365 : 3;
	day -= year * 365;
	month = (5 * day + 2) / 153;
	year += 400 * (era - 1) + 100 * century + 4 * four;
	return (struct sk_civil){
		.year = year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day - (153 * month + 2) / 5 + 1,
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
