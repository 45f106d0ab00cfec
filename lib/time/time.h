/*
 * Times from and to text.  A time is int64_t nanoseconds since 1970 UTC, so
 * from 1677-09-21 to 2262-04-11; what is beyond is refused, never wrapped.
 * Minutes have 60 seconds and days 86400: a leap second `:60` is accepted and
 * is the following second's 0.
 *
 * Forms (FORMAT of `--time=FIELD[:FORMAT]`):
 *	rfc3339  2026-11-21T10:00:00.25+01:00; a blank or t for T, comma for
 *	         point, offset +01:00 +0100 +01 Z z, a blank before it; also
 *	         2026-11-21 10:00 and 2026-11-21.  No offset is UTC.
 *	epoch    seconds, ms, us or ns since 1970 by their magnitude: below 1e11
 *	         seconds, below 1e14 ms, below 1e17 us, else ns.  A sign and a
 *	         fraction are allowed.
 *	s ms us ns   that unit, whatever the magnitude
 *	clf      [10/Oct/2000:13:55:36 -0700], the brackets optional.  Between
 *	         blanks this is the column range 4-5; without its offset it is
 *	         refused.
 *	%...     a text that holds a %: strptime conversions, see time/pattern.h
 *	none     rfc3339, epoch or clf by the first bytes: clf if it begins with
 *	         `[` or its third byte is `/`; rfc3339 if its fifth byte is `-`;
 *	         else epoch
 * Digits of a fraction beyond nanoseconds are dropped.
 *
 * Errors: SK_EDATA the text is no time of that form, SK_ELIMIT it is beyond
 * the range; the output is untouched then.
 * Cost: about 20 ns a time, since the day of the last date is kept in the
 * parser; 60 to 120 ns with a pattern.
 * Sources: RFC 3339; Apache httpd, Log Files, Common Log Format.
 */
#ifndef SK_TIME_TIME_H
#define SK_TIME_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
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
	SK_TIME_PATTERN
};

/*
 * The year of times that do not say it (syslog), for events in order: that of
 * the first event, one more whenever the month falls from December to January
 * (by more than six months, so that events a little late do not count), one
 * less when it rises so.  Shared by the parsers of one stream.
 */
struct sk_year {
	int32_t year;  /* of the first event; 0: the present year */
	int32_t now;   /* of the last event; 0: none yet */
	int32_t month; /* of the last event */
	bool used;     /* a time without a year was read: a caller says that
	                * the present year makes it not replayable */
};

/* Flat; holds a view of the pattern and no other memory. */
struct sk_time {
	enum sk_time_form form;
	struct sk_zone *zone;    /* of times without offset; NULL: UTC */
	struct sk_year *use_year; /* NULL: a time without a year is refused */
	enum sk_time_form seen; /* of the last time: never AUTO or EPOCH */
	struct sk_view pattern;
	/* The last date of each form as written, and its first second. */
	char date[16], clf[16];
	int64_t date_s, clf_s;
};

/* Split `FIELD[:FORMAT]` at its first colon; FORMAT is empty without one. */
void sk_time_split(struct sk_view text, struct sk_view *field,
    struct sk_view *format);

/* A parser for FORMAT, empty for automatic, with zone and use_year NULL:
 * callers set them.  SK_EUSAGE with words in `diag`
 * if there is no such form, a conversion is unknown, or a pattern does not
 * say the day. */
int sk_time_init(struct sk_time *time, struct sk_view format,
    struct sk_diag *diag);

int sk_time_parse(struct sk_time *time, struct sk_view text, int64_t *out_ns);

/* Why a text was refused, for the message of a bad event: a static text such
 * as `not a time`. */
const char *sk_time_why(const struct sk_time *time, struct sk_view text,
    int err);

/* RFC 3339 in UTC: 2026-11-21T10:00:00Z, with 3, 6 or 9 digits of fraction
 * as needed. */
void sk_time_put(struct sk_buf *buf, int64_t ns);

/* As a time that was written in form `seen`: epoch in its unit (a fraction if
 * needed), all else RFC 3339. */
void sk_time_put_as(struct sk_buf *buf, int64_t ns, enum sk_time_form seen);

/* A point of `--from` and `--until`: an offset `1000`; a time `2026-11-21`,
 * `2026-11-21T10:00:00Z`, `@1795255200` (seconds, a fraction allowed); or an
 * age `2h`, that is so long before now.  SK_EUSAGE for all else, the outputs
 * untouched. */
enum sk_time_point_kind { SK_TIME_POINT_OFFSET, SK_TIME_POINT_TIME };

int sk_time_point(struct sk_view text, int64_t now_ns,
    enum sk_time_point_kind *kind, int64_t *value);

#endif
