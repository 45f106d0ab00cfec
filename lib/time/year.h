/*
 * The year of times that do not say it (syslog), for events in order.
 *
 * The first event has the year that was given, or else the latest one that
 * does not put it more than a day into the future.  The others follow the
 * months: one that falls by more than six, as from December to January, is of
 * the next year; one that rises by ten or eleven, as from January to December,
 * is of an event a little late, and of the year before.  All else stays in the
 * year: events out of order by some months, and a silence of some.  A silence
 * of more than half a year can be taken for less.
 */
#ifndef SK_TIME_YEAR_H
#define SK_TIME_YEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "time/civil.h"

/* Flat, zeroed: nothing is given.  Shared by the parsers of one stream. */
struct sk_year {
	int32_t year;  /* of the first event; 0: from the present time */
	int64_t present_ns; /* the present time; 0: the clock says it, once */
	int32_t now;   /* of the last event; 0: none yet */
	int32_t month; /* of the last event */
	bool used;     /* a time without a year was read: with year 0 a caller
	                * says that the present makes it not replayable */
};

/* Fill in the year of an event of this month and day.  False, nothing
 * changed, if that year has no such day: 29 February. */
bool sk_year_take(struct sk_year *year, struct sk_civil *civil);

#endif
