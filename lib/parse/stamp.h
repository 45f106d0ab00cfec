/*
 * Times in front of log lines, in the shapes that programs print, as texts of
 * RFC 3339 for time/time.h.  Only the shape is looked at: whether there is
 * such a day is for the parser of times to say.
 *
 *	iso      2015-10-18 18:01:47,978   2019-03-05T10:57:51.112+01:00
 *	slashes  2023/10/10 13:55:36       15/10/18 18:01:47.5  (of 20yy)
 *	packed   081109 203615             (of 20yy)
 *	ctime    Sun Dec 04 04:47:44.123456 2005
 */
#ifndef SK_PARSE_STAMP_H
#define SK_PARSE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "parse/take.h"
#include "time/time.h"

struct sk_stamp {
	struct sk_view text; /* in the line, or in buf */
	char buf[48];
};

/* Take a time of that shape off the front; false, the rest untouched, if
 * there is none. */
bool sk_stamp_iso(struct sk_take *take, struct sk_stamp *stamp);
bool sk_stamp_slashes(struct sk_take *take, struct sk_stamp *stamp);
bool sk_stamp_packed(struct sk_take *take, struct sk_stamp *stamp);
bool sk_stamp_ctime(struct sk_take *take, struct sk_stamp *stamp);

/* Its instant: NULL, or why it is none, a static text. */
const char *sk_stamp_parse(struct sk_time *time, const struct sk_stamp *stamp,
    int64_t *out_ns);

/* The same, as the member `time` of a record. */
const char *sk_stamp_put(struct sk_time *time, const struct sk_stamp *stamp,
    struct sk_parsed *out);

#endif
