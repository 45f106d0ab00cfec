/*
 * Where windows begin: time cut into units, numbered in order.
 *
 *	10s 1.5h      a duration, from 1970-01-01T00:00:00Z on
 *	1d 7d         days of the zone, from 1970-01-01 on
 *	1w 1w@sun     weeks that begin with a day, Monday by default
 *	1mo 3mo 1y    months and years of the zone, from 1970-01 on
 *
 * A day is 23 or 25 hours long when the clocks are set; one that has no
 * midnight begins when the clocks were set to.  All can be shifted by an
 * offset, which for days and more is one of local time.
 *
 * A start that is beyond the range of times (time/time.h) is its end.
 *
 * Cost: 1 ns while times fall into the unit of the last one, else up to 100.
 */
#ifndef SK_WINDOW_RULER_H
#define SK_WINDOW_RULER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "time/zone.h"

enum sk_ruler_unit { SK_RULER_NS, SK_RULER_DAY, SK_RULER_WEEK, SK_RULER_MONTH };

struct sk_ruler {
	enum sk_ruler_unit unit;
	int64_t n;             /* units, or ns */
	int32_t weekday;       /* of weeks: 0 is Monday */
	int64_t offset_ns;
	struct sk_zone *zone;  /* of days and more; NULL: UTC */
	int64_t from_ns, to_ns, index; /* of the last time */
};

/* SK_EUSAGE with words in diag.  offset_ns and zone are the caller's to
 * set. */
int sk_ruler_parse(struct sk_ruler *ruler, struct sk_view text,
    struct sk_diag *diag);

/* The number of the unit that holds this time, and the start of a unit. */
int64_t sk_ruler_index(struct sk_ruler *ruler, int64_t t_ns);
int64_t sk_ruler_start(const struct sk_ruler *ruler, int64_t index);

/* The bounds of the unit that holds this time. */
static inline int64_t
sk_ruler_span(struct sk_ruler *ruler, int64_t t_ns, int64_t *to_ns)
{
	sk_ruler_index(ruler, t_ns);
	*to_ns = ruler->to_ns;
	return ruler->from_ns;
}

#endif
