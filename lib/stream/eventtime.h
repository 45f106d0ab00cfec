/*
 * Event times of records: -t FIELD[:FORMAT] with --tz and --year, in any
 * format.
 *
 * For tools that want nothing else of a record; in an operator the time is one
 * of the wants, and sk_eventtime_parse() makes it a time.
 */
#ifndef SK_STREAM_EVENTTIME_H
#define SK_STREAM_EVENTTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/record.h"
#include "stream/fields.h"
#include "time/time.h"
#include "time/zone.h"

#define SK_EVENTTIME_BATCH 512

struct sk_eventtime {
	struct sk_field field;
	struct sk_zone zone;
	struct sk_year year;
	struct sk_time time;
	struct sk_fields fields;
	char text[32];          /* the last time, which often comes again */
	size_t len;
	int64_t ns;
	struct sk_view *value;  /* of a batch */
	unsigned char *kind;
};

struct sk_want;

extern const char sk_eventtime_none[];

/* The FIELD and the parser alone, without a reader of fields; it stays where
 * it is in memory.  SK_EUSAGE with words in diag, as `-t: x: not a time format
 * ...`; sk_eventtime_free() is called in any case. */
int sk_eventtime_init(struct sk_eventtime *when,
    const struct sk_shared *shared, struct sk_diag *diag);
/* The time as the next of an operator's wants, if there is -t: whether there
 * is.  What is wrong ends the program with status 2. */
bool sk_eventtime_want(struct sk_eventtime *when, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant);
/* With a reader, for sk_eventtime_take(). */
int sk_eventtime_open(struct sk_eventtime *when,
    const struct sk_shared *shared, struct sk_diag *diag);
void sk_eventtime_free(struct sk_eventtime *when);

/* The same at the end of a run, with a warning if times did not say their year
 * and --year did not either. */
void sk_eventtime_close(struct sk_eventtime *when);
void sk_eventtime_warn_year(void);

/* What it has learnt of the times, which the next run goes on with. */
void sk_eventtime_save(const struct sk_eventtime *when, struct sk_buf *buf);
bool sk_eventtime_load(struct sk_eventtime *when, struct sk_view *bytes);

/* NULL and *ns, or why the value is no time. */
const char *sk_eventtime_parse(struct sk_eventtime *when,
    struct sk_view value, int64_t *ns);

/* What the clock on the wall shows, as if it were UTC. */
int64_t sk_eventtime_local(struct sk_eventtime *when, int64_t ns);
/* A time as a cell, in the form of those that came; RFC 3339 if none did. */
void sk_eventtime_put(struct sk_eventtime *when, int64_t ns,
    struct sk_record *record);

/* The times of n records, at most SK_EVENTTIME_BATCH: ns[i], or why[i] is set;
 * returns how many are bad.  Those that are empty, but for the CR of CRLF if
 * they are not raw, are no events: why[i] is sk_eventtime_none.  Header lines
 * are the caller's: sk_fields_header(&when->fields, ...). */
size_t sk_eventtime_take(struct sk_eventtime *when,
    const struct sk_view *records, size_t n, int64_t *ns, const char **why);

#endif
