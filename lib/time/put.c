#include <string.h>

#include "base/num.h"
#include "time/civil.h"
#include "time/time.h"

#define DATE_LEN 11 /* 2026-11-21T */
#define CLOCK_LEN 8
#define FIRST_DAY 719528 /* from 0000-01-01 to 1970-01-01 */
#define MOST_LEN 35 /* with nine digits of fraction and an offset */

/* The digits of 0 to 99. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
    "2526272829303132333435363738394041424344454647484950515253545556575859606"
    "1626364656667686970717273747576777879808182838485868788899091929394959697"
    "9899";

static inline void
put_two(char *out, uint32_t value)
{
	memcpy(out, pairs + 2 * value, 2);
}

static void
put_digits(char *out, uint32_t value, int n)
{
	for (; n > 1; value /= 100)
		put_two(out + (n -= 2), value % 100);
	if (n > 0)
		out[0] = (char)('0' + value);
}

/* A point and 3, 6 or 9 digits, nothing for 0; returns its end. */
static char *
put_fraction(char *out, uint32_t part)
{
	int digits = 9;

	if (part == 0)
		return out;
	for (; part % 1000 == 0; part /= 1000)
		digits -= 3;
	*out++ = '.';
	put_digits(out, part, digits);
	return out + digits;
}

/* 2026-11-21T of a day, from that of the year 0 on. */
static void
put_date(char *out, uint32_t day)
{
	struct sk_civil civil = sk_civil_from_days((int32_t)day - FIRST_DAY);

	memcpy(out, "0000-00-00T", DATE_LEN);
	put_two(out, (uint32_t)civil.year / 100);
	put_two(out + 2, (uint32_t)civil.year % 100);
	put_two(out + 5, (uint32_t)civil.month);
	put_two(out + 8, (uint32_t)civil.day);
}

/* The same by way of the zone, which keeps the last one. */
static void
put_zone_date(char *out, uint32_t day, struct sk_zone *zone)
{
	if (zone == NULL) {
		put_date(out, day);
		return;
	}
	if (SK_UNLIKELY(day != zone->day)) {
		put_date(zone->date, day);
		zone->day = day;
	}
	memcpy(out, zone->date, DATE_LEN);
}

static void
put_clock(char *out, uint32_t rest)
{
	uint32_t minute = rest / 60;

	memcpy(out, "00:00:00", CLOCK_LEN);
	put_two(out, minute / 60);
	put_two(out + 3, minute % 60);
	put_two(out + 6, rest % 60);
}

static char *
put_offset(char *out, int32_t minutes)
{
	uint32_t away = (uint32_t)(minutes < 0 ? -minutes : minutes);

	out[0] = minutes < 0 ? '-' : '+';
	put_two(out + 1, away / 60);
	out[3] = ':';
	put_two(out + 4, away % 60);
	return out + 6;
}

void
sk_time_put_zone(struct sk_buf *buf, int64_t ns, struct sk_zone *zone)
{
	int64_t part = ns % SK_CIVIL_NS, seconds = ns / SK_CIVIL_NS;
	int32_t minutes = 0;
	uint64_t since;
	char *out;

	if (part < 0) {
		part += SK_CIVIL_NS;
		seconds--;
	}
	if (zone != NULL)
		minutes = sk_zone_offset(zone, seconds) / 60;
	/* Since the year 0, so that a division rounds down. */
	since = (uint64_t)(seconds + minutes * 60 +
	    (int64_t)FIRST_DAY * SK_CIVIL_DAY_S);
	sk_buf_reserve(buf, MOST_LEN);
	out = buf->ptr + buf->len;
	put_zone_date(out, (uint32_t)(since / SK_CIVIL_DAY_S), zone);
	put_clock(out + DATE_LEN, (uint32_t)(since % SK_CIVIL_DAY_S));
	out = put_fraction(out + DATE_LEN + CLOCK_LEN, (uint32_t)part);
	if (zone != NULL && zone->named)
		out = put_offset(out, minutes);
	else
		*out++ = 'Z';
	buf->len = (size_t)(out - buf->ptr);
}

void
sk_time_put(struct sk_buf *buf, int64_t ns)
{
	sk_time_put_zone(buf, ns, NULL);
}

/* Digits of the decimal places of a unit of so many ns. */
static int
places(int64_t unit)
{
	int n = 0;

	for (; unit > 1; unit /= 10)
		n++;
	return n;
}

void
sk_time_put_as(struct sk_buf *buf, int64_t ns, enum sk_time_form seen,
    struct sk_zone *zone)
{
	static const int32_t units[] = { [SK_TIME_S] = SK_CIVIL_NS,
		[SK_TIME_MS] = 1000000, [SK_TIME_US] = 1000,
		[SK_TIME_NS] = 1 };
	uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	char text[10] = ".";
	uint32_t part;
	int digits;

	if (seen < SK_TIME_S || seen > SK_TIME_NS) {
		sk_time_put_zone(buf, ns, zone);
		return;
	}
	if (ns < 0)
		sk_buf_char(buf, '-');
	sk_num_put_u64(buf, magnitude / (uint64_t)units[seen]);
	part = (uint32_t)(magnitude % (uint64_t)units[seen]);
	if (part == 0)
		return;
	digits = places(units[seen]);
	for (; part % 10 == 0; part /= 10)
		digits--;
	put_digits(text + 1, part, digits);
	sk_buf_add(buf, text, (size_t)digits + 1);
}
