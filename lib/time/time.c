#include "base/num.h"
#include "time/civil.h"
#include "time/digits.h"
#include "time/pattern.h"
#include "time/time.h"

#define DATE_LEN 10 /* 2026-11-21 */
#define CLF_DATE_LEN 11 /* 10/Oct/2000 */
#define MONTH_DAY_LEN 6 /* Oct  9 */
#define CLOCK_LEN 8
#define MINUTES_LEN 5

/* Dates in the caches before any was met; a text of zero bytes must not be
 * found there. */
static const char first_date[] = "1970-01-01";
static const char first_clf[] = "01/Jan/1970";

#define NO_TAIL UINT64_MAX

static const struct {
	const char *name;
	enum sk_time_form form;
	const char *refusal;
} forms[] = {
	{ "", SK_TIME_AUTO, "not a time (rfc3339, epoch, clf or "
	    "syslog)" },
	{ "rfc3339", SK_TIME_RFC3339, "not an RFC 3339 time" },
	{ "epoch", SK_TIME_EPOCH, "not a time since 1970" },
	{ "s", SK_TIME_S, "not seconds since 1970" },
	{ "ms", SK_TIME_MS, "not milliseconds since 1970" },
	{ "us", SK_TIME_US, "not microseconds since 1970" },
	{ "ns", SK_TIME_NS, "not nanoseconds since 1970" },
	{ "clf", SK_TIME_CLF, "not a time as [10/Oct/2000:13:55:36 -0700]" },
	{ "syslog", SK_TIME_SYSLOG, "not a time as Oct  9 13:55:36" },
};

#define NFORMS (sizeof(forms) / sizeof(forms[0]))

void
sk_time_split(struct sk_view text, struct sk_view *field,
    struct sk_view *format)
{
	const char *colon = text.len == 0 ? NULL :
	    memchr(text.ptr, ':', text.len);
	size_t len = colon == NULL ? text.len : (size_t)(colon - text.ptr);

	*format = colon == NULL ? sk_view("", 0) :
	    sk_view(colon + 1, text.len - len - 1);
	*field = sk_view(text.ptr, len);
}

int
sk_time_init(struct sk_time *time, struct sk_view format,
    struct sk_diag *diag)
{
	size_t i;

	memset(time, 0, sizeof(*time));
	memcpy(time->date, first_date, DATE_LEN);
	memcpy(time->clf, first_clf, CLF_DATE_LEN);
	time->date_tail = time->clf_tail = NO_TAIL;
	time->month_day_year = -1;
	time->seen = SK_TIME_RFC3339;
	for (i = 0; i < NFORMS; i++)
		if (sk_view_equal(format, sk_view_str(forms[i].name))) {
			time->form = forms[i].form;
			return 0;
		}
	if (memchr(format.ptr, '%', format.len) == NULL)
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: not a time format "
		    "(rfc3339, epoch, s, ms, us, ns, clf, syslog, %%...)",
		    (int)format.len, format.ptr);
	time->form = SK_TIME_PATTERN;
	return sk_pattern_init(&time->pattern, format, diag);
}

bool
sk_time_needs_year(const struct sk_time *time)
{
	return time->pattern.needs_year || time->form == SK_TIME_SYSLOG;
}

/* The first second of a new date of RFC 3339, into the cache. */
static bool
new_date(struct sk_time *time, const char *date)
{
	struct sk_digits scan = { date, date + DATE_LEN };
	struct sk_civil civil;

	if (!sk_digits_number(&scan, 4, &civil.year) ||
	    !sk_digits_char(&scan, '-') ||
	    !sk_digits_two(&scan, &civil.month) ||
	    !sk_digits_char(&scan, '-') || !sk_digits_two(&scan, &civil.day) ||
	    scan.at != scan.end || !sk_civil_is_valid(civil))
		return false;
	memcpy(time->date, date, DATE_LEN);
	time->date_s = (int64_t)sk_civil_days(civil) * SK_CIVIL_DAY_S;
	return true;
}

/* The seconds of HH:MM, which may end the text, or -1. */
static int32_t
minutes(struct sk_digits scan)
{
	int32_t hour, minute;

	if (!sk_digits_two(&scan, &hour) || !sk_digits_char(&scan, ':') ||
	    !sk_digits_two(&scan, &minute) || hour > 23 || minute > 59)
		return -1;
	return hour * 3600 + minute * 60;
}

/* HH:MM:SS, of which eight bytes are there. */
static inline bool
scan_clock(struct sk_digits *scan, int32_t *clock_s)
{
	*clock_s = sk_digits_clock(sk_digits_eight(scan->at));
	scan->at += CLOCK_LEN;
	return *clock_s >= 0;
}

/* What is left of a text, to be compared with the one of before: 0 if it is
 * long.  Its length tells bytes of zero from none. */
static inline uint64_t
tail_of(struct sk_digits scan)
{
	uint64_t left = (uint64_t)(scan.end - scan.at);

	return left > 7 ? 0 : sk_digits_load(scan.at, scan.end) | left << 56;
}

/* A point or comma and digits, if they follow. */
static inline bool
scan_fraction(struct sk_digits *scan, int64_t *fraction_ns)
{
	if (scan->at == scan->end || (*scan->at != '.' && *scan->at != ','))
		return true;
	scan->at++;
	return sk_digits_fraction_fast(scan, fraction_ns);
}

/* An offset that ends the text, a blank before it allowed. */
static bool
scan_date_tail(struct sk_time *time, struct sk_digits scan, uint64_t tail)
{
	int32_t offset_s;

	sk_digits_char(&scan, ' ');
	if (!sk_digits_offset(&scan, &offset_s) || scan.at != scan.end)
		return false;
	time->date_tail = tail != 0 ? tail : NO_TAIL;
	time->date_offset_s = offset_s;
	return true;
}

static inline int64_t
to_utc(struct sk_time *time, int64_t local_s)
{
	return time->zone == NULL ? local_s : sk_zone_utc(time->zone, local_s);
}

static int
parse_rfc3339(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	int64_t fraction_ns = 0, seconds;
	int32_t clock_s = 0;
	uint64_t tail;

	if (text.len < DATE_LEN)
		return SK_EDATA;
	if (memcmp(text.ptr, time->date, DATE_LEN) != 0 &&
	    !new_date(time, text.ptr))
		return SK_EDATA;
	scan.at += DATE_LEN;
	if (scan.at < scan.end) {
		if (*scan.at != 'T' && *scan.at != ' ' && *scan.at != 't')
			return SK_EDATA;
		scan.at++;
		if (scan.end - scan.at < CLOCK_LEN || scan.at[5] != ':') {
			clock_s = minutes(scan);
			if (clock_s < 0)
				return SK_EDATA;
			scan.at += MINUTES_LEN;
		} else if (!scan_clock(&scan, &clock_s) ||
		    !scan_fraction(&scan, &fraction_ns)) {
			return SK_EDATA;
		}
	}
	seconds = time->date_s + clock_s;
	if (scan.at == scan.end) {
		seconds = to_utc(time, seconds);
	} else {
		tail = tail_of(scan);
		if (SK_UNLIKELY(tail != time->date_tail) &&
		    !scan_date_tail(time, scan, tail))
			return SK_EDATA;
		seconds -= time->date_offset_s;
	}
	if (!sk_civil_ns(seconds, fraction_ns, out_ns))
		return SK_ELIMIT;
	time->seen = SK_TIME_RFC3339;
	return 0;
}

static bool
new_clf(struct sk_time *time, const char *date)
{
	struct sk_digits scan = { date, date + CLF_DATE_LEN };
	struct sk_civil civil;

	if (!sk_digits_two(&scan, &civil.day) || !sk_digits_char(&scan, '/'))
		return false;
	civil.month = sk_civil_month(scan.at);
	scan.at += 3;
	if (!sk_digits_char(&scan, '/') ||
	    !sk_digits_number(&scan, 4, &civil.year) || scan.at != scan.end ||
	    !sk_civil_is_valid(civil))
		return false;
	memcpy(time->clf, date, CLF_DATE_LEN);
	time->clf_s = (int64_t)sk_civil_days(civil) * SK_CIVIL_DAY_S;
	return true;
}

/* A blank, the offset and perhaps a bracket. */
static bool
scan_clf_tail(struct sk_time *time, struct sk_digits scan, uint64_t tail)
{
	int32_t offset_s;

	if (!sk_digits_char(&scan, ' ') || !sk_digits_offset(&scan, &offset_s))
		return false;
	sk_digits_char(&scan, ']');
	if (scan.at != scan.end)
		return false;
	time->clf_tail = tail != 0 ? tail : NO_TAIL;
	time->clf_offset_s = offset_s;
	return true;
}

static int
parse_clf(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	int32_t clock_s;
	uint64_t tail;

	sk_digits_char(&scan, '[');
	if (scan.end - scan.at <= CLF_DATE_LEN + 1 + CLOCK_LEN)
		return SK_EDATA;
	if (memcmp(scan.at, time->clf, CLF_DATE_LEN) != 0 &&
	    !new_clf(time, scan.at))
		return SK_EDATA;
	scan.at += CLF_DATE_LEN;
	if (*scan.at++ != ':' || !scan_clock(&scan, &clock_s))
		return SK_EDATA;
	tail = tail_of(scan);
	if (SK_UNLIKELY(tail != time->clf_tail) &&
	    !scan_clf_tail(time, scan, tail))
		return SK_EDATA;
	if (!sk_civil_ns(time->clf_s + clock_s - time->clf_offset_s, 0,
	    out_ns))
		return SK_ELIMIT;
	time->seen = SK_TIME_CLF;
	return 0;
}

/* Four digits. */
static bool
scan_year(struct sk_digits *scan, int32_t *year)
{
	const char *begin = scan->at;

	return sk_digits_number(scan, 4, year) && scan->at - begin == 4;
}

/* `Oct  9 `, `Oct 9 ` or `Oct 09 `. */
static bool
scan_month_day(struct sk_digits *scan, struct sk_civil *civil)
{
	if (scan->end - scan->at < MONTH_DAY_LEN)
		return false;
	civil->month = sk_civil_month(scan->at);
	scan->at += 3;
	if (civil->month == 0 || !sk_digits_char(scan, ' '))
		return false;
	return sk_digits_number(scan, sk_digits_char(scan, ' ') ? 1 : 2,
	    &civil->day) && sk_digits_char(scan, ' ');
}

/* The year of a date without one, kept with it; all else was right. */
static bool
take_year(struct sk_time *time, const char *date, struct sk_civil *civil)
{
	if (time->use_year == NULL || !sk_year_take(time->use_year, civil))
		return false;
	/* `Oct 9` is shorter than what is compared. */
	if (sk_digits_is(date[MONTH_DAY_LEN - 1])) {
		memcpy(time->month_day, date, MONTH_DAY_LEN);
		time->month_day_s = (int64_t)sk_civil_days(*civil) *
		    SK_CIVIL_DAY_S;
		time->month_day_year = civil->year;
		time->month_day_month = civil->month;
	}
	return true;
}

/* Any syslog time with its month in front or a year before it. */
static bool
scan_syslog(struct sk_time *time, struct sk_digits *scan, int64_t *seconds,
    int64_t *fraction_ns)
{
	struct sk_civil civil = { -1, 0, 0 };
	const char *date;
	int32_t clock_s;

	if (sk_digits_is(*scan->at) && (!scan_year(scan, &civil.year) ||
	    !sk_digits_char(scan, ' ')))
		return false;
	date = scan->at;
	if (!scan_month_day(scan, &civil))
		return false;
	if (civil.year < 0 && scan->end - scan->at > 4 && scan->at[4] == ' ' &&
	    (!scan_year(scan, &civil.year) || !sk_digits_char(scan, ' ')))
		return false;
	if (scan->end - scan->at < CLOCK_LEN || !scan_clock(scan, &clock_s) ||
	    !scan_fraction(scan, fraction_ns))
		return false;
	if (civil.year < 0 && sk_digits_char(scan, ' ') &&
	    !scan_year(scan, &civil.year))
		return false;
	if (scan->at != scan->end)
		return false;
	if (civil.year < 0) {
		if (!take_year(time, date, &civil))
			return false;
	} else if (!sk_civil_is_valid(civil)) {
		return false;
	}
	*seconds = (int64_t)sk_civil_days(civil) * SK_CIVIL_DAY_S + clock_s;
	return true;
}

/* `Oct 10 13:55:36` alone, on the day of the last one, from which the year has
 * nothing to learn. */
static bool
scan_same_day(const struct sk_time *time, struct sk_view text,
    int64_t *seconds)
{
	const struct sk_year *year = time->use_year;
	int32_t clock_s;

	if (year == NULL || year->now != time->month_day_year ||
	    year->month != time->month_day_month)
		return false;
	if (text.len != MONTH_DAY_LEN + 1 + CLOCK_LEN ||
	    memcmp(text.ptr, time->month_day, MONTH_DAY_LEN) != 0 ||
	    text.ptr[MONTH_DAY_LEN] != ' ')
		return false;
	clock_s = sk_digits_clock(sk_digits_eight(text.ptr + MONTH_DAY_LEN +
	    1));
	*seconds = time->month_day_s + clock_s;
	return clock_s >= 0;
}

static int
parse_syslog(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	int64_t fraction_ns = 0, seconds;

	if (text.len > 4 && text.ptr[4] == '-')
		return parse_rfc3339(time, text, out_ns);
	if (!scan_same_day(time, text, &seconds) &&
	    !scan_syslog(time, &scan, &seconds, &fraction_ns))
		return SK_EDATA;
	if (!sk_civil_ns(to_utc(time, seconds), fraction_ns, out_ns))
		return SK_ELIMIT;
	time->seen = SK_TIME_SYSLOG;
	return 0;
}

static const int64_t unit_ns[] = { [SK_TIME_S] = SK_CIVIL_NS,
	[SK_TIME_MS] = 1000000, [SK_TIME_US] = 1000, [SK_TIME_NS] = 1 };

static enum sk_time_form
unit_of(uint64_t magnitude)
{
	if (magnitude < UINT64_C(100000000000))
		return SK_TIME_S;
	if (magnitude < UINT64_C(100000000000000))
		return SK_TIME_MS;
	if (magnitude < UINT64_C(100000000000000000))
		return SK_TIME_US;
	return SK_TIME_NS;
}

/* A number of digits; *over if it is beyond `limit`, or far beyond. */
static bool
scan_whole(struct sk_digits *scan, uint64_t limit, uint64_t *value, bool *over)
{
	const char *begin = scan->at;

	*value = 0;
	*over = false;
	if (scan->end - scan->at >= 8 &&
	    sk_digits_count(sk_digits_eight(scan->at)) == 8) {
		*value = sk_digits_value(sk_digits_eight(scan->at) ^
		    SK_DIGITS_ZEROS);
		scan->at += 8;
	}
	for (; scan->at < scan->end && sk_digits_is(*scan->at); scan->at++) {
		*over |= *value > limit / 10;
		*value = *value * 10 + (uint64_t)(*scan->at - '0');
	}
	return scan->at > begin;
}

/* `unit` is S to NS, or EPOCH: by magnitude. */
static int
parse_epoch(struct sk_time *time, struct sk_view text,
    enum sk_time_form unit, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	uint64_t value, limit = INT64_MAX;
	bool minus = sk_digits_char(&scan, '-'), over;
	int64_t billionths = 0;

	if (!minus)
		sk_digits_char(&scan, '+');
	limit += minus;
	if (!scan_whole(&scan, limit, &value, &over))
		return SK_EDATA;
	if (sk_digits_char(&scan, '.') && !(text.len >= 8 ?
	    sk_digits_fraction_fast(&scan, &billionths) :
	    sk_digits_fraction(&scan, &billionths)))
		return SK_EDATA;
	if (scan.at != scan.end)
		return SK_EDATA;
	if (unit == SK_TIME_EPOCH)
		unit = unit_of(value);
	if (over || __builtin_mul_overflow(value, (uint64_t)unit_ns[unit],
	    &value))
		return SK_ELIMIT;
	/* Both are below 2^64 by far: a fraction is below 1e9 ns. */
	if (unit != SK_TIME_S && billionths > 0)
		billionths /= SK_CIVIL_NS / unit_ns[unit];
	if (value > limit || (value += (uint64_t)billionths) > limit)
		return SK_ELIMIT;
	*out_ns = minus ? (int64_t)(0 - value) : (int64_t)value;
	time->seen = unit;
	return 0;
}

static inline enum sk_time_form
form_of(struct sk_view text)
{
	if (text.len > 0 && text.ptr[0] == '[')
		return SK_TIME_CLF;
	if (text.len > 2 && text.ptr[2] == '/')
		return SK_TIME_CLF;
	if (text.len > 4 && text.ptr[4] == '-')
		return SK_TIME_RFC3339;
	if (text.len > 2 && (unsigned char)text.ptr[0] >= 'A' &&
	    sk_civil_month(text.ptr) != 0)
		return SK_TIME_SYSLOG;
	return SK_TIME_EPOCH;
}

static int
parse_pattern(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	int err = sk_pattern_parse(&time->pattern, text, time->zone,
	    time->use_year, out_ns);

	if (err == 0)
		time->seen = SK_TIME_PATTERN;
	return err;
}

int
sk_time_parse(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	enum sk_time_form form = time->form;

	if (text.len == 0)
		return SK_EDATA;
	if (form == SK_TIME_AUTO)
		form = form_of(text);
	switch (form) {
	case SK_TIME_RFC3339:
		return parse_rfc3339(time, text, out_ns);
	case SK_TIME_CLF:
		return parse_clf(time, text, out_ns);
	case SK_TIME_SYSLOG:
		return parse_syslog(time, text, out_ns);
	case SK_TIME_PATTERN:
		return parse_pattern(time, text, out_ns);
	case SK_TIME_AUTO:
	case SK_TIME_EPOCH:
	case SK_TIME_S:
	case SK_TIME_MS:
	case SK_TIME_US:
	case SK_TIME_NS:
		break;
	}
	return parse_epoch(time, text, form, out_ns);
}

/* Whether only the year is wrong with a text; 2000 has every day. */
static bool
lacks_year(const struct sk_time *time, struct sk_view text)
{
	struct sk_year year = { .year = 2000 };
	struct sk_time probe = *time;
	int64_t ns;

	probe.use_year = &year;
	return sk_time_parse(&probe, text, &ns) == 0 && year.used;
}

const char *
sk_time_why(const struct sk_time *time, struct sk_view text, int err)
{
	size_t i;

	if (err == SK_ELIMIT)
		return "a time beyond 1677-09-21 to 2262-04-11";
	if (text.len == 0)
		return "no time";
	if ((time->form == SK_TIME_AUTO || time->form == SK_TIME_CLF) &&
	    form_of(text) == SK_TIME_CLF &&
	    memchr(text.ptr, ' ', text.len) == NULL)
		return "a time without its offset; the columns 4-5?";
	if (lacks_year(time, text))
		return time->use_year == NULL ? "a time without its year" :
		    "29 February of a year that has none";
	for (i = 0; i < NFORMS; i++)
		if (forms[i].form == time->form)
			return forms[i].refusal;
	return "not a time of that format";
}

int
sk_time_point(struct sk_view text, int64_t now_ns,
    enum sk_time_point_kind *kind, int64_t *value)
{
	struct sk_time time;
	int64_t ns, age;
	int err;

	if (sk_num_i64(text, &ns) == 0 && ns >= 0 && text.ptr[0] != '-') {
		*kind = SK_TIME_POINT_OFFSET;
		*value = ns;
		return 0;
	}
	if (text.len > 0 && text.ptr[0] == '@') {
		sk_time_init(&time, sk_view_str("s"), NULL);
		err = sk_time_parse(&time, sk_view(text.ptr + 1, text.len - 1),
		    &ns);
	} else if (text.len > 4 && text.ptr[4] == '-') {
		sk_time_init(&time, sk_view_str("rfc3339"), NULL);
		err = sk_time_parse(&time, text, &ns);
	} else {
		err = sk_num_duration(text, &age);
		if (err == 0 && __builtin_sub_overflow(now_ns, age, &ns))
			err = SK_ELIMIT;
	}
	if (err != 0)
		return SK_EUSAGE;
	*kind = SK_TIME_POINT_TIME;
	*value = ns;
	return 0;
}
