/*
 * Time zones: from local times to UTC and back, by the rules of the system's
 * zone data (TZif files, RFC 8536), for the range of times of time/time.h.
 *
 * A local time that is ambiguous (the hour that comes twice when summer time
 * ends) is the first of the two; one that is missing (the hour that is skipped
 * when it begins) is moved on by the gap, as if the clock had not been set: so
 * 02:30 becomes 03:30.  Both as in RFC 5545, section 3.3.5.
 *
 *	UTC Z                 no file is read
 *	Europe/Madrid         a file of the zone data, without `..` in its name
 *	+01:00 -0330 +05      a fixed offset
 *
 * A zone owns its table, some 15 KB; sk_zone_free() accepts a zeroed one,
 * which is UTC.
 * Cost: 2 ns a time while the offset stays what it was for the last one, else
 * a search of the table, 40 ns; 50 us to open one.
 */
#ifndef SK_TIME_ZONE_H
#define SK_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct sk_zone {
	/* In order of time, the first from the beginning of time; NULL: an
	 * offset for ever. */
	struct sk_zone_span *span;
	size_t nspans;
	/* The last answer, and the UTC and local seconds that share it. */
	int32_t offset_s;
	int64_t from_s, to_s, local_from_s, local_to_s;
	bool named; /* not UTC: offsets are written as +00:00, not as Z */
	/* For time/put.c: the last local day that was written, in days since
	 * 0000-01-01 (0: none), and its text. */
	uint32_t day;
	char date[12];
};

/* SK_EUSAGE with words in diag (`Mars/Base: no such time zone (is the package
 * tzdata installed?)`), *zone zeroed. */
int sk_zone_init(struct sk_zone *zone, struct sk_view name,
    struct sk_diag *diag);

/* The same from the bytes of a TZif file, which are not kept.  SK_EDATA with
 * words in diag, *zone zeroed. */
int sk_zone_load(struct sk_zone *zone, struct sk_view tzif,
    struct sk_diag *diag);

void sk_zone_free(struct sk_zone *zone);

/* Seconds east of UTC at this time. */
int32_t sk_zone_offset(struct sk_zone *zone, int64_t utc_s);

/* Local seconds (as if they were UTC), of the years 0 to 9999, to UTC
 * seconds. */
int64_t sk_zone_utc(struct sk_zone *zone, int64_t local_s);

#endif
