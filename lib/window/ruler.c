#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "time/civil.h"
#include "window/ruler.h"

#define DAY_NS (SK_CIVIL_DAY_S * SK_CIVIL_NS)
#define THURSDAY 3     /* 1970-01-01, from Monday */
#define YEARS_MAX 100

static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t quotient = a / b;

	return quotient - (a % b < 0);
}

/* ---- what a user types ---- */

static int
wrong(struct sk_diag *diag, struct sk_view text)
{
	return sk_diag_set(diag, SK_EUSAGE, "%.*s: not a duration or a unit of "
	    "the calendar, as 10s, 1h, 1d, 1w@mon, 1mo", (int)text.len,
	    text.ptr);
}

static bool
take_weekday(struct sk_view name, int32_t *weekday)
{
	static const char names[] = "montuewedthufrisatsun";
	int32_t i;

	for (i = 0; name.len == 3 && i < 7; i++)
		if (memcmp(name.ptr, names + 3 * i, 3) == 0) {
			*weekday = i;
			return true;
		}
	return false;
}

/* The digits in front of a unit of the calendar; 0: there is none. */
static int64_t
count_of(struct sk_view text, size_t unit_len)
{
	uint64_t n;

	if (text.len <= unit_len || sk_num_u64(sk_view(text.ptr,
	    text.len - unit_len), &n) != 0 || n > YEARS_MAX * 365)
		return 0;
	return (int64_t)n;
}

static bool
ends_in(struct sk_view text, const char *unit)
{
	size_t len = strlen(unit);

	return text.len > len &&
	    memcmp(text.ptr + text.len - len, unit, len) == 0;
}

static int
parse_calendar(struct sk_ruler *ruler, struct sk_view text)
{
	static const int64_t most[] = {
		[SK_RULER_DAY] = YEARS_MAX * 365,
		[SK_RULER_WEEK] = YEARS_MAX * 52,
		[SK_RULER_MONTH] = YEARS_MAX * 12,
	};
	const char *at = memchr(text.ptr, '@', text.len);
	size_t len = at != NULL ? (size_t)(at - text.ptr) : text.len;
	struct sk_view name = sk_view(text.ptr + len, text.len - len);

	text.len = len;
	if (ends_in(text, "w")) {
		ruler->unit = SK_RULER_WEEK;
		ruler->n = count_of(text, 1);
		if (at != NULL && !take_weekday(sk_view(name.ptr + 1,
		    name.len - 1), &ruler->weekday))
			return SK_EUSAGE;
	} else if (at != NULL)
		return SK_EUSAGE;
	else if (ends_in(text, "mo") || ends_in(text, "y")) {
		ruler->unit = SK_RULER_MONTH;
		ruler->n = ends_in(text, "mo") ? count_of(text, 2) :
		    12 * count_of(text, 1);
	} else {
		ruler->unit = SK_RULER_DAY;
		ruler->n = ends_in(text, "d") ? count_of(text, 1) : 0;
	}
	return ruler->n > 0 && ruler->n <= most[ruler->unit] ? 0 : SK_EUSAGE;
}

int
sk_ruler_parse(struct sk_ruler *ruler, struct sk_view text,
    struct sk_diag *diag)
{
	memset(ruler, 0, sizeof(*ruler));
	if (parse_calendar(ruler, text) == 0)
		return 0;
	memset(ruler, 0, sizeof(*ruler));
	if (sk_num_duration(text, &ruler->n) != 0 || ruler->n <= 0)
		return wrong(diag, text);
	return 0;
}

/* ---- units ---- */

static int64_t
month_of(int64_t day)
{
	struct sk_civil civil = sk_civil_from_days((int32_t)day);

	return (civil.year - 1970) * 12 + civil.month - 1;
}

static int64_t
day_of_month(int64_t month)
{
	int64_t year = floor_div(month, 12);
	struct sk_civil civil = { (int32_t)year + 1970,
		(int32_t)(month - 12 * year) + 1, 1 };

	return sk_civil_days(civil);
}

static int64_t
unit_of_day(const struct sk_ruler *ruler, int64_t day)
{
	if (ruler->unit == SK_RULER_MONTH)
		return floor_div(month_of(day), ruler->n);
	if (ruler->unit == SK_RULER_WEEK)
		return floor_div(day + THURSDAY - ruler->weekday, 7 * ruler->n);
	return floor_div(day, ruler->n);
}

static int64_t
day_of_unit(const struct sk_ruler *ruler, int64_t index)
{
	if (ruler->unit == SK_RULER_MONTH)
		return day_of_month(index * ruler->n);
	if (ruler->unit == SK_RULER_WEEK)
		return index * 7 * ruler->n - THURSDAY + ruler->weekday;
	return index * ruler->n;
}

static int64_t
zone_offset(const struct sk_ruler *ruler, int64_t utc_s)
{
	return ruler->zone == NULL ? 0 : sk_zone_offset(ruler->zone, utc_s);
}

static int64_t
clamp(sk_i128 ns)
{
	return ns > INT64_MAX ? INT64_MAX : ns < INT64_MIN ? INT64_MIN :
	    (int64_t)ns;
}

static int64_t
find_index(const struct sk_ruler *ruler, int64_t t_ns)
{
	sk_i128 local_ns = (sk_i128)t_ns - ruler->offset_ns;
	int64_t day;

	if (ruler->unit == SK_RULER_NS)
		return clamp(local_ns / ruler->n - (local_ns % ruler->n < 0));
	local_ns += SK_CIVIL_NS * zone_offset(ruler,
	    floor_div(t_ns, SK_CIVIL_NS));
	day = (int64_t)(local_ns / DAY_NS) - (local_ns % DAY_NS < 0);
	return unit_of_day(ruler, day);
}

int64_t
sk_ruler_start(const struct sk_ruler *ruler, int64_t index)
{
	sk_i128 local_ns;
	int64_t local_s, rest_ns;

	if (ruler->unit == SK_RULER_NS)
		return clamp((sk_i128)index * ruler->n + ruler->offset_ns);
	local_ns = (sk_i128)day_of_unit(ruler, index) * DAY_NS +
	    ruler->offset_ns;
	if (ruler->zone == NULL || clamp(local_ns) != local_ns)
		return clamp(local_ns);
	local_s = floor_div((int64_t)local_ns, SK_CIVIL_NS);
	rest_ns = (int64_t)local_ns - local_s * SK_CIVIL_NS;
	return clamp((sk_i128)sk_zone_utc(ruler->zone, local_s) *
	    SK_CIVIL_NS + rest_ns);
}

int64_t
sk_ruler_index(struct sk_ruler *ruler, int64_t t_ns)
{
	if (t_ns >= ruler->from_ns && t_ns < ruler->to_ns)
		return ruler->index;
	ruler->index = find_index(ruler, t_ns);
	ruler->from_ns = sk_ruler_start(ruler, ruler->index);
	/* Clocks that are set back over a start go through it twice: it is the
	 * first time. */
	if (t_ns < ruler->from_ns)
		ruler->from_ns = sk_ruler_start(ruler, --ruler->index);
	ruler->to_ns = sk_ruler_start(ruler, ruler->index + 1);
	if (t_ns >= ruler->to_ns && ruler->to_ns < INT64_MAX) {
		ruler->from_ns = ruler->to_ns;
		ruler->to_ns = sk_ruler_start(ruler, ++ruler->index + 1);
	}
	return ruler->index;
}
