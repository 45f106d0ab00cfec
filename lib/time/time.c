#include "base/num.h"
#include "time/civil.h"
#include "time/digits.h"
#include "time/pattern.h"
#include "time/time.h"

#define DATE_LEN 10 /* 2026-11-21 */
#define CLF_DATE_LEN 11 /* 10/Oct/2000 */

/* Dates in the caches before any was met; a text of zero bytes must not be
 * found there. */
static const char first_date[] = "1970-01-01";
static const char first_clf[] = "01/Jan/1970";

static const struct {
	const char *name;
	enum sk_time_form form;
	const char *refusal;
} forms[] = {
	{ "", SK_TIME_AUTO, "not a time (rfc3339, epoch or clf)" },
	{ "rfc3339", SK_TIME_RFC3339, "not an RFC 3339 time" },
	{ "epoch", SK_TIME_EPOCH, "not a time since 1970" },
	{ "s", SK_TIME_S, "not seconds since 1970" },
	{ "ms", SK_TIME_MS, "not milliseconds since 1970" },
	{ "us", SK_TIME_US, "not microseconds since 1970" },
	{ "ns", SK_TIME_NS, "not nanoseconds since 1970" },
	{ "clf", SK_TIME_CLF, "not a time as [10/Oct/2000:13:55:36 -0700]" },
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
	time->seen = SK_TIME_RFC3339;
	for (i = 0; i < NFORMS; i++)
		if (sk_view_equal(format, sk_view_str(forms[i].name))) {
			time->form = forms[i].form;
			return 0;
		}
	if (memchr(format.ptr, '%', format.len) == NULL)
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: not a time format "
		    "(rfc3339, epoch, s, ms, us, ns, clf, %%...)",
		    (int)format.len, format.ptr);
	time->form = SK_TIME_PATTERN;
	time->pattern = format;
	return sk_pattern_check(format, diag);
}

/* HH:MM, and :SS if it follows. */
static bool
scan_clock(struct sk_digits *scan, bool need_seconds, int32_t *seconds,
    bool *has_seconds)
{
	int32_t hour, minute, second = 0;

	if (!sk_digits_two(scan, &hour) || !sk_digits_char(scan, ':') ||
	    !sk_digits_two(scan, &minute))
		return false;
	*has_seconds = sk_digits_char(scan, ':');
	if (*has_seconds ? !sk_digits_two(scan, &second) : need_seconds)
		return false;
	*seconds = hour * 3600 + minute * 60 + second;
	return hour < 24 && minute < 60 && second <= 60;
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

static int
parse_rfc3339(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	int32_t clock_s = 0, offset_s = 0;
	int64_t fraction_ns = 0;
	bool has_seconds;

	if (text.len < DATE_LEN)
		return SK_EDATA;
	if (memcmp(text.ptr, time->date, DATE_LEN) != 0 &&
	    !new_date(time, text.ptr))
		return SK_EDATA;
	scan.at += DATE_LEN;
	if (scan.at < scan.end) {
		if (!sk_digits_char(&scan, 'T') &&
		    !sk_digits_char(&scan, ' ') &&
		    !sk_digits_char(&scan, 't'))
			return SK_EDATA;
		if (!scan_clock(&scan, false, &clock_s, &has_seconds))
			return SK_EDATA;
		if (has_seconds && (sk_digits_char(&scan, '.') ||
		    sk_digits_char(&scan, ',')) &&
		    !sk_digits_fraction(&scan, &fraction_ns))
			return SK_EDATA;
		if (scan.at < scan.end) {
			sk_digits_char(&scan, ' ');
			if (!sk_digits_offset(&scan, &offset_s))
				return SK_EDATA;
		}
	}
	if (scan.at != scan.end)
		return SK_EDATA;
	if (!sk_civil_ns(time->date_s + clock_s - offset_s, fraction_ns,
	    out_ns))
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

static int
parse_clf(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	int32_t clock_s, offset_s;
	bool has_seconds;

	sk_digits_char(&scan, '[');
	if (scan.end - scan.at < CLF_DATE_LEN)
		return SK_EDATA;
	if (memcmp(scan.at, time->clf, CLF_DATE_LEN) != 0 &&
	    !new_clf(time, scan.at))
		return SK_EDATA;
	scan.at += CLF_DATE_LEN;
	if (!sk_digits_char(&scan, ':') ||
	    !scan_clock(&scan, true, &clock_s, &has_seconds) ||
	    !sk_digits_char(&scan, ' ') || !sk_digits_offset(&scan, &offset_s))
		return SK_EDATA;
	sk_digits_char(&scan, ']');
	if (scan.at != scan.end)
		return SK_EDATA;
	if (!sk_civil_ns(time->clf_s + clock_s - offset_s, 0, out_ns))
		return SK_ELIMIT;
	time->seen = SK_TIME_CLF;
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

/* `unit` is S to NS, or EPOCH: by magnitude. */
static int
parse_epoch(struct sk_time *time, struct sk_view text,
    enum sk_time_form unit, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	uint64_t value = 0, limit = INT64_MAX;
	bool minus = sk_digits_char(&scan, '-'), over = false;
	int64_t billionths = 0;
	const char *begin;

	if (!minus)
		sk_digits_char(&scan, '+');
	limit += minus;
	for (begin = scan.at; scan.at < scan.end &&
	    sk_digits_is(*scan.at); scan.at++) {
		over |= value > limit / 10;
		value = value * 10 + (uint64_t)(*scan.at - '0');
	}
	if (scan.at == begin || (sk_digits_char(&scan, '.') &&
	    !sk_digits_fraction(&scan, &billionths)) || scan.at != scan.end)
		return SK_EDATA;
	if (unit == SK_TIME_EPOCH)
		unit = unit_of(value);
	if (over || __builtin_mul_overflow(value, (uint64_t)unit_ns[unit],
	    &value))
		return SK_ELIMIT;
	/* Both are below 2^64 by far: a fraction is below 1e9 ns. */
	if (value > limit || (value += (uint64_t)billionths /
	    (uint64_t)(SK_CIVIL_NS / unit_ns[unit])) > limit)
		return SK_ELIMIT;
	*out_ns = minus ? (int64_t)(0 - value) : (int64_t)value;
	time->seen = unit;
	return 0;
}

static enum sk_time_form
form_of(struct sk_view text)
{
	if (text.len > 0 && text.ptr[0] == '[')
		return SK_TIME_CLF;
	if (text.len > 2 && text.ptr[2] == '/')
		return SK_TIME_CLF;
	if (text.len > 4 && text.ptr[4] == '-')
		return SK_TIME_RFC3339;
	return SK_TIME_EPOCH;
}

int
sk_time_parse(struct sk_time *time, struct sk_view text, int64_t *out_ns)
{
	enum sk_time_form form = time->form;
	int err;

	if (text.len == 0)
		return SK_EDATA;
	if (form == SK_TIME_AUTO)
		form = form_of(text);
	switch (form) {
	case SK_TIME_RFC3339:
		return parse_rfc3339(time, text, out_ns);
	case SK_TIME_CLF:
		return parse_clf(time, text, out_ns);
	case SK_TIME_PATTERN:
		err = sk_pattern_parse(time->pattern, text, out_ns);
		if (err == 0)
			time->seen = SK_TIME_PATTERN;
		return err;
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
	for (i = 0; i < NFORMS; i++)
		if (forms[i].form == time->form)
			return forms[i].refusal;
	return "not a time of that format";
}

/* ---- to text ---- */

static void
put_digits(char *out, int32_t value, int n)
{
	while (n-- > 0) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* A point and `part`, a fraction of so many digits, without its zeros at the
 * end, `step` of them at once; nothing for 0. */
static void
put_fraction(struct sk_buf *buf, int32_t part, int digits, int step)
{
	char text[10] = ".";
	int32_t unit = step == 3 ? 1000 : 10;

	if (part == 0)
		return;
	for (; part % unit == 0; part /= unit)
		digits -= step;
	put_digits(text + 1, part, digits);
	sk_buf_add(buf, text, (size_t)digits + 1);
}

void
sk_time_put(struct sk_buf *buf, int64_t ns)
{
	char text[] = "0000-00-00T00:00:00";
	int64_t part = ns % SK_CIVIL_NS, seconds = ns / SK_CIVIL_NS;
	struct sk_civil civil;
	int32_t rest;

	if (part < 0) {
		part += SK_CIVIL_NS;
		seconds--;
	}
	rest = (int32_t)(seconds % SK_CIVIL_DAY_S);
	if (rest < 0)
		rest += SK_CIVIL_DAY_S;
	civil = sk_civil_from_days((int32_t)((seconds - rest) /
	    SK_CIVIL_DAY_S));
	put_digits(text, civil.year, 4);
	put_digits(text + 5, civil.month, 2);
	put_digits(text + 8, civil.day, 2);
	put_digits(text + 11, rest / 3600, 2);
	put_digits(text + 14, rest / 60 % 60, 2);
	put_digits(text + 17, rest % 60, 2);
	sk_buf_add(buf, text, sizeof(text) - 1);
	put_fraction(buf, (int32_t)part, 9, 3);
	sk_buf_char(buf, 'Z');
}

void
sk_time_put_as(struct sk_buf *buf, int64_t ns, enum sk_time_form seen)
{
	uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	int digits = 0;
	int64_t unit;

	if (seen < SK_TIME_S || seen > SK_TIME_NS) {
		sk_time_put(buf, ns);
		return;
	}
	if (ns < 0)
		sk_buf_char(buf, '-');
	for (unit = unit_ns[seen]; unit > 1; unit /= 10)
		digits++;
	sk_num_put_u64(buf, magnitude / (uint64_t)unit_ns[seen]);
	put_fraction(buf, (int32_t)(magnitude % (uint64_t)unit_ns[seen]),
	    digits, 1);
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
