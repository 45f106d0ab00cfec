#include <string.h>

#include "base/err.h"
#include "time/civil.h"
#include "time/digits.h"
#include "time/rule.h"

#define HOUR_S 3600
#define TWO_O_CLOCK (2 * HOUR_S)

/* What POSIX leaves open and everybody takes: the rules of the United
 * States. */
static const struct sk_rule_day usual[2] = {
	{ SK_RULE_WEEKDAY, 0, 11, 1, TWO_O_CLOCK },
	{ SK_RULE_WEEKDAY, 0, 3, 2, TWO_O_CLOCK },
};

static bool
is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool
skip_name(struct sk_digits *scan)
{
	bool quoted = sk_digits_char(scan, '<');
	const char *begin = scan->at;

	while (scan->at < scan->end && (is_letter(*scan->at) || (quoted &&
	    (sk_digits_is(*scan->at) || *scan->at == '+' ||
	    *scan->at == '-'))))
		scan->at++;
	return scan->at - begin >= 3 && (!quoted || sk_digits_char(scan, '>'));
}

/* [+-]h[:mm[:ss]] */
static bool
clock_time(struct sk_digits *scan, int32_t most_hours, int32_t *seconds)
{
	int32_t hours, minutes = 0, rest = 0;
	bool minus = sk_digits_char(scan, '-');

	if (!minus)
		sk_digits_char(scan, '+');
	if (!sk_digits_number(scan, 3, &hours) || hours > most_hours)
		return false;
	if (sk_digits_char(scan, ':')) {
		if (!sk_digits_two(scan, &minutes) || minutes > 59)
			return false;
		if (sk_digits_char(scan, ':') &&
		    (!sk_digits_two(scan, &rest) || rest > 59))
			return false;
	}
	*seconds = hours * HOUR_S + minutes * 60 + rest;
	if (minus)
		*seconds = -*seconds;
	return true;
}

static bool
number(struct sk_digits *scan, int32_t low, int32_t high, int32_t *value)
{
	return sk_digits_number(scan, 3, value) && *value >= low &&
	    *value <= high;
}

static bool
day(struct sk_digits *scan, struct sk_rule_day *out)
{
	memset(out, 0, sizeof(*out));
	if (sk_digits_char(scan, 'M')) {
		out->kind = SK_RULE_WEEKDAY;
		if (!number(scan, 1, 12, &out->month) ||
		    !sk_digits_char(scan, '.') ||
		    !number(scan, 1, 5, &out->week) ||
		    !sk_digits_char(scan, '.') ||
		    !number(scan, 0, 6, &out->day))
			return false;
	} else if (sk_digits_char(scan, 'J')) {
		out->kind = SK_RULE_JULIAN;
		if (!number(scan, 1, 365, &out->day))
			return false;
	} else {
		out->kind = SK_RULE_DAY;
		if (!number(scan, 0, 365, &out->day))
			return false;
	}
	out->seconds = TWO_O_CLOCK;
	return !sk_digits_char(scan, '/') ||
	    clock_time(scan, 167, &out->seconds);
}

/* Written as what is to be added to local time to have UTC. */
static bool
offset(struct sk_digits *scan, int32_t *seconds)
{
	if (!clock_time(scan, 24, seconds))
		return false;
	*seconds = -*seconds;
	return true;
}

int
sk_rule_parse(struct sk_rule *rule, struct sk_view text)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };

	memset(rule, 0, sizeof(*rule));
	if (!skip_name(&scan) || !offset(&scan, &rule->offset_s[false]))
		return SK_EDATA;
	if (scan.at == scan.end)
		return 0;
	rule->has_summer = true;
	rule->offset_s[true] = rule->offset_s[false] + HOUR_S;
	if (!skip_name(&scan))
		return SK_EDATA;
	if (scan.at < scan.end && *scan.at != ',' &&
	    !offset(&scan, &rule->offset_s[true]))
		return SK_EDATA;
	if (scan.at == scan.end) {
		memcpy(rule->begin, usual, sizeof(usual));
		return 0;
	}
	if (!sk_digits_char(&scan, ',') || !day(&scan, &rule->begin[true]) ||
	    !sk_digits_char(&scan, ',') || !day(&scan, &rule->begin[false]))
		return SK_EDATA;
	return scan.at == scan.end ? 0 : SK_EDATA;
}

/* The days since 1970 of the wth weekday of a month. */
static int32_t
weekday_of(const struct sk_rule_day *when, int32_t year)
{
	struct sk_civil civil = { year, when->month, 1 };
	int32_t first = sk_civil_days(civil), days;

	/* 1970-01-01 was a Thursday; years before it are negative days. */
	days = (when->day - (first + 4) % 7 + 14) % 7 + 7 * (when->week - 1);
	civil.day = days + 1;
	if (!sk_civil_is_valid(civil))
		days -= 7;
	return first + days;
}

int64_t
sk_rule_begin(const struct sk_rule *rule, bool summer, int32_t year)
{
	const struct sk_rule_day *when = &rule->begin[summer];
	int32_t days;

	if (when->kind == SK_RULE_WEEKDAY) {
		days = weekday_of(when, year);
	} else {
		days = sk_civil_days((struct sk_civil){ year, 1, 1 }) +
		    when->day;
		if (when->kind == SK_RULE_JULIAN &&
		    !(sk_civil_is_leap(year) && when->day >= 60))
			days--;
	}
	/* The clock shows the other time until it is set. */
	return (int64_t)days * SK_CIVIL_DAY_S + when->seconds -
	    rule->offset_s[!summer];
}
