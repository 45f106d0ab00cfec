#include <string.h>

#include "base/num.h"
#include "time/civil.h"
#include "time/time.h"

#define CLOCK_END 19 /* of 2026-11-21T10:00:00 */
#define MOST_LEN 35 /* with nine digits of fraction and an offset */

static void
put_two(char *out, int32_t value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

static void
put_digits(char *out, int32_t value, int n)
{
	while (n-- > 0) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* A point and 3, 6 or 9 digits, nothing for 0; returns its end. */
static char *
put_fraction(char *out, int32_t part)
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

/* 2026-11-21T10:00:00 */
static void
put_clock(char *out, int64_t seconds)
{
	/* From the year 0 on, so that a division never rounds up. */
	uint64_t positive = (uint64_t)(seconds + INT64_C(719528) *
	    SK_CIVIL_DAY_S);
	int32_t days = (int32_t)(positive / SK_CIVIL_DAY_S);
	int32_t rest = (int32_t)(positive % SK_CIVIL_DAY_S);
	struct sk_civil civil = sk_civil_from_days(days - 719528);

	memcpy(out, "0000-00-00T00:00:00", CLOCK_END);
	put_two(out, civil.year / 100);
	put_two(out + 2, civil.year % 100);
	put_two(out + 5, civil.month);
	put_two(out + 8, civil.day);
	put_two(out + 11, rest / 3600);
	put_two(out + 14, rest / 60 % 60);
	put_two(out + 17, rest % 60);
}

static char *
put_offset(char *out, int32_t minutes)
{
	*out++ = minutes < 0 ? '-' : '+';
	if (minutes < 0)
		minutes = -minutes;
	put_two(out, minutes / 60);
	out[2] = ':';
	put_two(out + 3, minutes % 60);
	return out + 5;
}

void
sk_time_put_zone(struct sk_buf *buf, int64_t ns, struct sk_zone *zone)
{
	int64_t part = ns % SK_CIVIL_NS, seconds = ns / SK_CIVIL_NS;
	int32_t minutes = 0;
	char *out;

	if (part < 0) {
		part += SK_CIVIL_NS;
		seconds--;
	}
	if (zone != NULL)
		minutes = sk_zone_offset(zone, seconds) / 60;
	sk_buf_reserve(buf, MOST_LEN);
	out = buf->ptr + buf->len;
	put_clock(out, seconds + minutes * 60);
	out = put_fraction(out + CLOCK_END, (int32_t)part);
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
sk_time_put_as(struct sk_buf *buf, int64_t ns, enum sk_time_form seen)
{
	static const int32_t units[] = { [SK_TIME_S] = SK_CIVIL_NS,
		[SK_TIME_MS] = 1000000, [SK_TIME_US] = 1000,
		[SK_TIME_NS] = 1 };
	uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	char text[10] = ".";
	int32_t part;
	int digits;

	if (seen < SK_TIME_S || seen > SK_TIME_NS) {
		sk_time_put(buf, ns);
		return;
	}
	if (ns < 0)
		sk_buf_char(buf, '-');
	sk_num_put_u64(buf, magnitude / (uint64_t)units[seen]);
	part = (int32_t)(magnitude % (uint64_t)units[seen]);
	if (part == 0)
		return;
	digits = places(units[seen]);
	for (; part % 10 == 0; part /= 10)
		digits--;
	put_digits(text + 1, part, digits);
	sk_buf_add(buf, text, (size_t)digits + 1);
}
