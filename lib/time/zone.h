/*
 * Time zones: from local times to UTC and back, by the rules of the system's
 * zone data (TZif files, RFC 8536), for any year.
 *
 * A local time that is ambiguous (the hour that comes twice when summer time
 * ends) is the first of the two; one that is missing (the hour that is skipped
 * when it begins) is moved on by the gap, as if the clock had not been set: so
 * 02:30 becomes 03:30.  Both as in RFC 5545, section 3.3.5.
 *
 *	UTC Z                 no file is read
 *	Europe/Madrid         a file of the zone data; no `..` and no `/` in front
 *	+01:00 -0330 +05      a fixed offset
 *
 * A zone owns the bytes of its file; sk_zone_free() accepts a zeroed one,
 * which is UTC.
 */
#ifndef SK_TIME_ZONE_H
#define SK_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct sk_zone_rule;

struct sk_zone {
	bool utc_only;       /* set by init: UTC itself */
	int32_t offset_s;    /* of a fixed offset, without transitions */
	struct sk_zone_span *span; /* in order of time; NULL: fixed */
	size_t nspans;
	struct sk_zone_rule *rule; /* behind the last span; NULL: none */
	/* The last answers: [from_s, to_s) of UTC seconds with one offset. */
	int64_t from_s, to_s;
	int32_t seen_offset_s;
};

/* SK_EUSAGE with words in diag (`Mars/Base: no such time zone (is the package
 * tzdata installed?)`), *zone zeroed. */
int sk_zone_init(struct sk_zone *zone, struct sk_view name,
    struct sk_diag *diag);
void sk_zone_free(struct sk_zone *zone);

/* Seconds east of UTC at this time. */
int32_t sk_zone_offset(struct sk_zone *zone, int64_t utc_s);

/* Local seconds (as if they were UTC) to UTC seconds. */
int64_t sk_zone_utc(struct sk_zone *zone, int64_t local_s);

#endif
