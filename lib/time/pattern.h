/*
 * Times by a pattern as of strptime(3), independent of the locale: names are
 * English, in any case.
 *
 *	%Y year, up to 4 digits      %y 69-99 are 19yy, 00-68 20yy
 *	%m month  %b %B %h its name  %d %e day   %j day of the year
 *	%H %k hour  %I %l with %p    %M minute   %S second (60: the next 0)
 *	%f fraction, 1 to 9 digits and more   %z offset   %Z UTC, GMT or Z
 *	%s seconds since 1970, with a sign    %a %A weekday, not compared
 *	%F %Y-%m-%d  %T %H:%M:%S  %R %H:%M  %D %m/%d/%y  %n %t blank  %% itself
 *
 * Numbers may have fewer digits; a blank in the pattern is any number of
 * blanks, none too; every other byte is itself.  The text must end where the
 * pattern ends.  A pattern must say the day, or hold %s.  If it says no year
 * it needs one from elsewhere: see time/year.h.  Without %z, %Z and %s the
 * time is one of a zone.
 *
 *	%d/%b/%Y:%H:%M:%S %z     Apache, access log
 *	%a %b %d %H:%M:%S %Y     Apache, error log (%S.%f in 2.4)
 *	%Y-%m-%d %H:%M:%S,%f     log4j
 *	%Y/%m/%d %H:%M:%S        nginx, error log
 *	%y%m%d %H%M%S            Hadoop file system
 *	%m-%d %H:%M:%S.%f        Android
 */
#ifndef SK_TIME_PATTERN_H
#define SK_TIME_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "time/year.h"
#include "time/zone.h"

#define SK_PATTERN_MEMO 64

/* A pattern, and what the last text said: another one that differs from it in
 * the digits of %H, %M, %S and %f only is of the same day and offset.  Flat;
 * holds a view of the pattern. */
struct sk_pattern {
	struct sk_view text;
	bool needs_year;
	struct {
		size_t len; /* 0: nothing is kept */
		uint64_t bytes[SK_PATTERN_MEMO / 8];
		uint64_t mask[SK_PATTERN_MEMO / 8]; /* of what must be equal */
		size_t hour, minute, second; /* where they stand */
		size_t fraction, fraction_len;
		int64_t day_s;   /* its first second, less the offset */
		bool has_offset; /* else it is local */
		int32_t year, month;
	} memo;
};

/* SK_EUSAGE with words in `diag` if a conversion is unknown or the pattern
 * does not say the day. */
int sk_pattern_init(struct sk_pattern *pattern, struct sk_view text,
    struct sk_diag *diag);

/* zone may be NULL: UTC; use_year NULL: a time without a year is SK_EDATA.
 * SK_EDATA, SK_ELIMIT as in time/time.h. */
int sk_pattern_parse(struct sk_pattern *pattern, struct sk_view text,
    struct sk_zone *zone, struct sk_year *use_year, int64_t *out_ns);

#endif
