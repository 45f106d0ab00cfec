#include "base/num.h"
#include "time/civil.h"
#include "time/digits.h"
#include "time/pattern.h"

/* What the conversions found. */
struct parts {
	struct sk_civil civil;
	int32_t year_day, hour, hour12, minute, second, offset_s;
	int64_t fraction_ns, epoch_s;
	bool has_epoch, epoch_minus, has_year, has_year_day, has_hour12, is_pm;
	bool has_offset;
	/* Where two digits of the clock and those of %f were; NULL: not so. */
	const char *at_hour, *at_minute, *at_second;
	const char *at_fraction, *end_fraction;
};

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
skip_blanks(struct sk_digits *scan)
{
	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
}

static bool
number(struct sk_digits *scan, int most, int32_t low, int32_t high,
    int32_t *value)
{
	return sk_digits_number(scan, most, value) && *value >= low &&
	    *value <= high;
}

/* A number of the clock. */
static bool
clock_number(struct sk_digits *scan, int32_t high, int32_t *value,
    const char **at)
{
	const char *begin = scan->at;

	if (!number(scan, 2, 0, high, value))
		return false;
	*at = scan->at - begin == 2 ? begin : NULL;
	return true;
}

static bool
fraction(struct sk_digits *scan, struct parts *parts)
{
	parts->at_fraction = scan->at;
	if (!sk_digits_fraction(scan, &parts->fraction_ns))
		return false;
	parts->end_fraction = scan->at;
	return true;
}

/* If one of n names stands here, of three letters or in full, its index. */
static bool
name(struct sk_digits *scan, const char *const *names, int32_t n,
    int32_t *index)
{
	int32_t i;

	for (i = 0; i < n; i++) {
		size_t left = (size_t)(scan->end - scan->at), len = 0;

		while (len < left && names[i][len] != '\0' &&
		    (scan->at[len] | 0x20) == (names[i][len] | 0x20))
			len++;
		if (len < 3)
			continue;
		scan->at += names[i][len] == '\0' ? len : 3;
		*index = i;
		return true;
	}
	return false;
}

static bool
month_name(struct sk_digits *scan, int32_t *month)
{
	static const char *const months[] = { "january", "february", "march",
		"april", "may", "june", "july", "august", "september",
		"october", "november", "december" };

	if (!name(scan, months, 12, month))
		return false;
	++*month;
	return true;
}

static bool
weekday_name(struct sk_digits *scan)
{
	static const char *const days[] = { "monday", "tuesday", "wednesday",
		"thursday", "friday", "saturday", "sunday" };
	int32_t day;

	return name(scan, days, 7, &day);
}

static bool
noon(struct sk_digits *scan, bool *is_pm)
{
	char letter;

	if (scan->end - scan->at < 2 || (scan->at[1] | 0x20) != 'm')
		return false;
	letter = (char)(scan->at[0] | 0x20);
	*is_pm = letter == 'p';
	scan->at += 2;
	return letter == 'a' || letter == 'p';
}

static bool
epoch(struct sk_digits *scan, struct parts *parts)
{
	const char *begin = scan->at;

	parts->epoch_minus = sk_digits_char(scan, '-');
	while (scan->at < scan->end && sk_digits_is(*scan->at))
		scan->at++;
	parts->has_epoch = true;
	return sk_num_i64(sk_view(begin, (size_t)(scan->at - begin)),
	    &parts->epoch_s) == 0;
}

static bool
zone_name(struct sk_digits *scan)
{
	size_t left = (size_t)(scan->end - scan->at);

	if (left >= 3 && (!memcmp(scan->at, "UTC", 3) ||
	    !memcmp(scan->at, "GMT", 3))) {
		scan->at += 3;
		return true;
	}
	return sk_digits_char(scan, 'Z');
}

static bool
short_year(struct sk_digits *scan, int32_t *year)
{
	if (!number(scan, 2, 0, 99, year))
		return false;
	*year += *year < 69 ? 2000 : 1900;
	return true;
}

/* One conversion that is not made of others. */
static bool
convert(struct sk_digits *scan, char letter, struct parts *parts)
{
	switch (letter) {
	case 'Y':
		parts->has_year = true;
		return number(scan, 4, 0, 9999, &parts->civil.year);
	case 'y':
		parts->has_year = true;
		return short_year(scan, &parts->civil.year);
	case 'm':
		return number(scan, 2, 1, 12, &parts->civil.month);
	case 'b':
	case 'B':
	case 'h':
		return month_name(scan, &parts->civil.month);
	case 'e':
		skip_blanks(scan);
		return number(scan, 2, 1, 31, &parts->civil.day);
	case 'd':
		return number(scan, 2, 1, 31, &parts->civil.day);
	case 'j':
		parts->has_year_day = true;
		return number(scan, 3, 1, 366, &parts->year_day);
	case 'k':
		skip_blanks(scan);
		return clock_number(scan, 23, &parts->hour, &parts->at_hour);
	case 'H':
		return clock_number(scan, 23, &parts->hour, &parts->at_hour);
	case 'l':
		skip_blanks(scan);
		parts->has_hour12 = true;
		return number(scan, 2, 1, 12, &parts->hour12);
	case 'I':
		parts->has_hour12 = true;
		return number(scan, 2, 1, 12, &parts->hour12);
	case 'p':
		return noon(scan, &parts->is_pm);
	case 'M':
		return clock_number(scan, 59, &parts->minute,
		    &parts->at_minute);
	case 'S':
		return clock_number(scan, 60, &parts->second,
		    &parts->at_second);
	case 'f':
		return fraction(scan, parts);
	case 'z':
		parts->has_offset = true;
		return sk_digits_offset(scan, &parts->offset_s);
	case 'Z':
		parts->has_offset = true;
		return zone_name(scan);
	case 's':
		return epoch(scan, parts);
	case 'a':
	case 'A':
		return weekday_name(scan);
	case 'n':
	case 't':
		skip_blanks(scan);
		return true;
	default:
		return sk_digits_char(scan, letter);
	}
}

/* What a conversion is made of: letters are conversions, all else itself.
 * NULL if it is not made of others. */
static const char *
composite(char letter)
{
	switch (letter) {
	case 'F':
		return "Y-m-d";
	case 'T':
		return "H:M:S";
	case 'R':
		return "H:M";
	case 'D':
		return "m/d/y";
	default:
		return NULL;
	}
}

static bool
is_conversion(char letter)
{
	static const char letters[] = "YymbBhdejHkIlpMSfzZsaAntFTRD%";

	return memchr(letters, letter, sizeof(letters) - 1) != NULL;
}

static bool
has(const bool *given, const char *letters)
{
	for (; *letters != '\0'; letters++)
		if (given[(unsigned char)*letters])
			return true;
	return false;
}

int
sk_pattern_init(struct sk_pattern *pattern, struct sk_view text,
    struct sk_diag *diag)
{
	bool given[256] = { false };
	size_t i;

	memset(pattern, 0, sizeof(*pattern));
	pattern->text = text;
	for (i = 0; i < text.len; i++) {
		const char *letters;

		if (text.ptr[i] != '%')
			continue;
		if (++i == text.len || !is_conversion(text.ptr[i]))
			return sk_diag_set(diag, SK_EUSAGE,
			    "%.*s: unknown conversion %%%.*s", (int)text.len,
			    text.ptr, i < text.len, text.ptr + i);
		given[(unsigned char)text.ptr[i]] = true;
		letters = composite(text.ptr[i]);
		for (; letters != NULL && *letters != '\0'; letters++)
			given[(unsigned char)*letters] = true;
	}
	pattern->needs_year = !has(given, "Yys");
	if (!has(given, "s") && !(has(given, "j") && has(given, "Yy")) &&
	    !(has(given, "mbBh") && has(given, "de")))
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: does not say the "
		    "day", (int)text.len, text.ptr);
	if (has(given, "Il") && !has(given, "p"))
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: %%I without %%p",
		    (int)text.len, text.ptr);
	return 0;
}

static bool
match(struct sk_view pattern, struct sk_digits *scan, struct parts *parts)
{
	size_t i;

	for (i = 0; i < pattern.len; i++) {
		const char *letters;
		bool good;

		if (is_blank(pattern.ptr[i])) {
			skip_blanks(scan);
			continue;
		}
		if (pattern.ptr[i] != '%') {
			good = sk_digits_char(scan, pattern.ptr[i]);
		} else if (++i == pattern.len) {
			good = false;
		} else if ((letters = composite(pattern.ptr[i])) == NULL) {
			good = convert(scan, pattern.ptr[i], parts);
		} else {
			good = true;
			for (; good && *letters != '\0'; letters++)
				good = convert(scan, *letters, parts);
		}
		if (!good)
			return false;
	}
	return scan->at == scan->end;
}

/* The seconds of %s; the fraction of -1.5 is negative too. */
static bool
epoch_seconds(struct parts *parts, int64_t *seconds)
{
	*seconds = parts->epoch_s;
	if (!parts->epoch_minus || parts->fraction_ns == 0)
		return true;
	parts->fraction_ns = SK_CIVIL_NS - parts->fraction_ns;
	return !__builtin_sub_overflow(*seconds, 1, seconds);
}

/* The first second of the day, without regard to zones. */
static bool
find_day(struct parts *parts, struct sk_year *use_year, int64_t *day_s)
{
	int32_t days;

	if (parts->has_year_day)
		parts->civil.month = parts->civil.day = 1;
	if (!parts->has_year && (use_year == NULL ||
	    !sk_year_take(use_year, &parts->civil)))
		return false;
	if (!sk_civil_is_valid(parts->civil) || (parts->year_day == 366 &&
	    !sk_civil_is_leap(parts->civil.year)))
		return false;
	days = sk_civil_days(parts->civil);
	if (parts->has_year_day)
		days += parts->year_day - 1;
	*day_s = (int64_t)days * SK_CIVIL_DAY_S;
	return true;
}

/* Let bytes of the text differ from those that are kept. */
static size_t
unmask(struct sk_pattern *pattern, struct sk_view text, const char *at,
    size_t len)
{
	size_t begin = (size_t)(at - text.ptr), i;

	for (i = begin; i < begin + len; i++)
		pattern->memo.mask[i / 8] &= ~(UINT64_C(0xff) << 8 * (i % 8));
	return begin;
}

static void
keep(struct sk_pattern *pattern, struct sk_view text,
    const struct parts *parts, int64_t day_s)
{
	size_t i;

	if (text.len < 8 || text.len > SK_PATTERN_MEMO || parts->has_hour12 ||
	    parts->at_hour == NULL || parts->at_minute == NULL ||
	    parts->at_second == NULL)
		return;
	for (i = 0; i < text.len; i += 8)
		pattern->memo.bytes[i / 8] = sk_digits_load(text.ptr + i,
		    text.ptr + text.len);
	memset(pattern->memo.mask, 0xff, sizeof(pattern->memo.mask));
	pattern->memo.hour = unmask(pattern, text, parts->at_hour, 2);
	pattern->memo.minute = unmask(pattern, text, parts->at_minute, 2);
	pattern->memo.second = unmask(pattern, text, parts->at_second, 2);
	pattern->memo.fraction_len = 0;
	if (parts->at_fraction != NULL) {
		pattern->memo.fraction_len = (size_t)(parts->end_fraction -
		    parts->at_fraction);
		pattern->memo.fraction = unmask(pattern, text,
		    parts->at_fraction, pattern->memo.fraction_len);
	}
	pattern->memo.len = text.len;
	pattern->memo.day_s = day_s - parts->offset_s;
	pattern->memo.has_offset = parts->has_offset;
	pattern->memo.year = parts->civil.year;
	pattern->memo.month = parts->civil.month;
}

/* A large number if they are none. */
static inline int32_t
two_digits(const char *at)
{
	uint32_t high = (unsigned char)(at[0] - '0');
	uint32_t low = (unsigned char)(at[1] - '0');

	return high > 9 || low > 9 ? INT32_MAX : (int32_t)(high * 10 + low);
}

/* Whether the text is the one that is kept but for its clock. */
static bool
recall(const struct sk_pattern *pattern, struct sk_view text,
    const struct sk_year *use_year, int64_t *seconds, int64_t *fraction_ns)
{
	struct sk_digits scan = { text.ptr + pattern->memo.fraction,
		text.ptr + text.len };
	uint64_t differs = 0;
	int32_t hour, minute, second;
	size_t i;

	if (text.len != pattern->memo.len)
		return false;
	if (pattern->needs_year && (use_year == NULL ||
	    use_year->now != pattern->memo.year ||
	    use_year->month != pattern->memo.month))
		return false;
	for (i = 0; i < text.len; i += 8)
		differs |= (sk_digits_load(text.ptr + i, scan.end) ^
		    pattern->memo.bytes[i / 8]) & pattern->memo.mask[i / 8];
	hour = two_digits(text.ptr + pattern->memo.hour);
	minute = two_digits(text.ptr + pattern->memo.minute);
	second = two_digits(text.ptr + pattern->memo.second);
	if (differs != 0 || hour > 23 || minute > 59 || second > 60)
		return false;
	if (pattern->memo.fraction_len > 0 &&
	    (!sk_digits_fraction_fast(&scan, fraction_ns) ||
	    scan.at != text.ptr + pattern->memo.fraction +
	    pattern->memo.fraction_len))
		return false;
	*seconds = pattern->memo.day_s + hour * 3600 + minute * 60 + second;
	return true;
}

/* As long as nothing of the like is kept. */
static int
parse_anew(struct sk_pattern *pattern, struct sk_view text,
    struct sk_zone *zone, struct sk_year *use_year, int64_t *out_ns)
{
	struct sk_digits scan = { text.ptr, text.ptr + text.len };
	struct parts parts;
	int64_t seconds, day_s;

	memset(&parts, 0, sizeof(parts));
	if (!match(pattern->text, &scan, &parts))
		return SK_EDATA;
	if (parts.has_epoch) {
		if (!epoch_seconds(&parts, &seconds))
			return SK_EDATA;
	} else {
		if (!find_day(&parts, use_year, &day_s))
			return SK_EDATA;
		keep(pattern, text, &parts, day_s);
		if (parts.has_hour12)
			parts.hour = parts.hour12 % 12 +
			    (parts.is_pm ? 12 : 0);
		seconds = day_s + parts.hour * 3600 + parts.minute * 60 +
		    parts.second - parts.offset_s;
		if (zone != NULL && !parts.has_offset)
			seconds = sk_zone_utc(zone, seconds);
	}
	return sk_civil_ns(seconds, parts.fraction_ns, out_ns) ? 0 :
	    SK_ELIMIT;
}

int
sk_pattern_parse(struct sk_pattern *pattern, struct sk_view text,
    struct sk_zone *zone, struct sk_year *use_year, int64_t *out_ns)
{
	int64_t seconds, fraction_ns = 0;

	if (text.len == 0 ||
	    !recall(pattern, text, use_year, &seconds, &fraction_ns))
		return parse_anew(pattern, text, zone, use_year, out_ns);
	if (zone != NULL && !pattern->memo.has_offset)
		seconds = sk_zone_utc(zone, seconds);
	return sk_civil_ns(seconds, fraction_ns, out_ns) ? 0 : SK_ELIMIT;
}
