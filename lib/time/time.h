/*
 * Times from and to text.  A time is int64_t nanoseconds since 1970 UTC, so
 * from 1677-09-21 to 2262-04-11; what is beyond is refused, never wrapped.
 * Minutes have 60 seconds and days 86400: a leap second `:60` is accepted and
 * is the following second's 0.
 *
 * Forms (FORMAT of `--time=FIELD[:FORMAT]`):
 *	rfc3339  2026-11-21T10:00:00.25+01:00; a blank or t for T, comma for
 *	         point, offset +01:00 +0100 +01 Z z, a blank before it; also
 *	         2026-11-21 10:00 and 2026-11-21.  No offset is that of a zone.
 *	epoch    seconds, ms, us or ns since 1970 by their magnitude: below 1e11
 *	         seconds, below 1e14 ms, below 1e17 us, else ns.  A sign and a
 *	         fraction are allowed.
 *	s ms us ns   that unit, whatever the magnitude
 *	clf      [10/Oct/2000:13:55:36 -0700], the brackets optional.  Between
 *	         blanks this is the column range 4-5; without its offset it is
 *	         refused.
 *	syslog   Oct  9 13:55:36, with a fraction if there is one, and with a
 *	         year before, in front of the clock or behind all: RFC 3164 and
 *	         what its senders add.  Between blanks this is the column range
 *	         1-3.  A time of a zone.  Also rfc3339, as rsyslog writes.
 *	%...     a text that holds a %: strptime conversions, see time/pattern.h
 *	none     rfc3339, epoch, clf or syslog by the first bytes: clf if it
 *	         begins with `[` or its third byte is `/`; rfc3339 if its fifth
 *	         byte is `-`; syslog if it begins with the name of a month; else
 *	         epoch
 * Digits of a fraction beyond nanoseconds are dropped.
 *
 * Errors: SK_EDATA the text is no time of that form, SK_ELIMIT it is beyond
 * the range; the output is untouched then.
 * Cost: 10 ns a time, since the day and the offset of the last one are
 * kept in the parser; with a pattern 15, and 50 to 100 for what cannot be
 * kept (%I, %s, hours of one digit).  Nothing is read beyond the
 * text.
 * Sources: RFC 3339; RFC 3164, section 4.1.2; Apache httpd, Log Files, Common
 * Log Format.
 */
#ifndef SK_TIME_TIME_H
#define SK_TIME_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "time/pattern.h"
#include "time/year.h"
#include "time/zone.h"

enum sk_time_form {
	SK_TIME_AUTO,
	SK_TIME_RFC3339,
	SK_TIME_EPOCH,
	SK_TIME_S,
	SK_TIME_MS,
	SK_TIME_US,
	SK_TIME_NS,
	SK_TIME_CLF,
	SK_TIME_SYSLOG,
	SK_TIME_PATTERN
};

/* Flat; holds a view of the pattern and no other memory. */
struct sk_time {
	enum sk_time_form form;
	struct sk_zone *zone;    /* of times without offset; NULL: UTC */
	struct sk_year *use_year; /* NULL: a time without a year is refused */
	enum sk_time_form seen; /* of the last time: never AUTO or EPOCH */
	struct sk_pattern pattern;
	/* The last date of each form as written, and its first second. */
	char date[16], clf[16], month_day[8];
	int64_t date_s, clf_s, month_day_s;
	int32_t month_day_year, month_day_month;
	/* What stood behind the last clock of each form, and its offset. */
	uint64_t date_tail, clf_tail;
	int32_t date_offset_s, clf_offset_s;
};

/* Split `FIELD[:FORMAT]` at its first colon; FORMAT is empty without one. */
void sk_time_split(struct sk_view text, struct sk_view *field,
    struct sk_view *format);

/* A parser for FORMAT, empty for automatic, with zone and use_year NULL:
 * callers set them.  SK_EUSAGE with words in `diag` if there is no such form,
 * a conversion is unknown, or a pattern does not say the day. */
int sk_time_init(struct sk_time *time, struct sk_view format,
    struct sk_diag *diag);

/* Whether the form that was asked for leaves the year open, so that a caller
 * sets use_year or refuses it: syslog, and a pattern without a year. */
bool sk_time_needs_year(const struct sk_time *time);

int sk_time_parse(struct sk_time *time, struct sk_view text, int64_t *out_ns);

/* Why a text was refused, for the message of a bad event: a static text such
 * as `not a time`. */
const char *sk_time_why(const struct sk_time *time, struct sk_view text,
    int err);

/* RFC 3339 in UTC: 2026-11-21T10:00:00Z, with 3, 6 or 9 digits of fraction
 * as needed. */
void sk_time_put(struct sk_buf *buf, int64_t ns);

/* The same in local time with its offset: 2026-11-21T11:00:00+01:00; NULL and
 * UTC itself are Z.  An offset with seconds (before zones were agreed upon)
 * is written, and meant, without them.  A zone, UTC too, keeps the date for
 * the next time: 10 ns instead of 20. */
void sk_time_put_zone(struct sk_buf *buf, int64_t ns, struct sk_zone *zone);

/* As a time that was written in form `seen`: epoch in its unit (a fraction if
 * needed), all else as sk_time_put_zone() has it. */
void sk_time_put_as(struct sk_buf *buf, int64_t ns, enum sk_time_form seen,
    struct sk_zone *zone);

/* A point of `--from` and `--until`: an offset `1000`; a time `2026-11-21`,
 * `2026-11-21T10:00:00Z`, `@1795255200` (seconds, a fraction allowed); or an
 * age `2h`, that is so long before now.  SK_EUSAGE for all else, the outputs
 * untouched. */
enum sk_time_point_kind { SK_TIME_POINT_OFFSET, SK_TIME_POINT_TIME };

int sk_time_point(struct sk_view text, int64_t now_ns,
    enum sk_time_point_kind *kind, int64_t *value);

#endif
