/*
 * Rules of summer time as the TZ variable of POSIX has them and the last line
 * of TZif files: CET-1CEST,M3.5.0,M10.5.0/3.
 *
 * With the extensions of RFC 8536, section 3.3.1: names in <>, and hours of
 * -167 to 167 at which the clock is set.
 */
#ifndef SK_TIME_RULE_H
#define SK_TIME_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* A day of a year and a local time of it. */
struct sk_rule_day {
	enum {
		SK_RULE_JULIAN, /* J1 to J365: 29 February is never counted */
		SK_RULE_DAY,    /* 0 to 365 */
		SK_RULE_WEEKDAY /* Mm.w.d: weekday d, the wth of month m, or the
		                 * last of it for w 5 */
	} kind;
	int32_t day;            /* of the year, or of the week: 0 is Sunday */
	int32_t month, week;
	int32_t seconds;
};

struct sk_rule {
	int32_t offset_s[2];         /* east of UTC: winter, summer */
	bool has_summer;
	struct sk_rule_day begin[2]; /* of winter, of summer */
};

/* SK_EDATA if it is no such rule, *rule undefined. */
int sk_rule_parse(struct sk_rule *rule, struct sk_view text);

/* When summer (or else winter) begins in this year, in UTC seconds.  With
 * has_summer. */
int64_t sk_rule_begin(const struct sk_rule *rule, bool summer, int32_t year);

#endif
