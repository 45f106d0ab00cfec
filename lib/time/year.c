#include "io/sys.h"
#include "time/year.h"

static int32_t
first_year(const struct sk_year *year, struct sk_civil civil)
{
	int64_t now_ns = year->present_ns != 0 ? year->present_ns :
	    sk_sys_clock_ns();
	int32_t today = (int32_t)(now_ns / SK_CIVIL_NS / SK_CIVIL_DAY_S);

	civil.year = sk_civil_from_days(today + 1).year;
	if (sk_civil_days(civil) > today + 1)
		civil.year--;
	return civil.year;
}

bool
sk_year_take(struct sk_year *year, struct sk_civil *civil)
{
	int32_t rise = civil->month - year->month;

	if (year->now != 0)
		civil->year = year->now + (rise < -6) - (rise >= 10);
	else if (year->year != 0)
		civil->year = year->year;
	else
		civil->year = first_year(year, *civil);
	if (!sk_civil_is_valid(*civil))
		return false;
	year->now = civil->year;
	year->month = civil->month;
	year->used = true;
	return true;
}
