/*
 * The last event of each key within a horizon of time, or of all time.
 *
 * The first event of a key opens a group, which holds the events of its key
 * from then to less than `within_ns` later.  Of them the one with the latest
 * time is kept, of those the one that came last.  The group goes out when the
 * watermark has come to its end (sk_latest_advance), so a key has one at most.
 * Without a horizon groups go out at the end.
 *
 * They go out in the order of their ends, then of the times of what they keep,
 * then as that came.
 *
 * An event that comes when its group's end has passed opens one of its own, if
 * that is not over, too; the caller sees to it (sk_latest_is_past).
 *
 * Memory: a table entry (base/table.h) of 80 bytes and 11 to 22 more, a heap
 * item of 32 bytes, and one line a key; keys of more than 24 bytes themselves.
 */
#ifndef SK_WINDOW_LATEST_H
#define SK_WINDOW_LATEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/table.h"

struct sk_latest {
	int64_t within_ns;   /* 0: of all time */
	int64_t now_ns;      /* the watermark */
	struct sk_table table;
	uint64_t seed;
	struct sk_heap ends; /* of groups; without a horizon empty */
	uint64_t number;     /* of events so far */
	/* What goes out is given to this: 0, or what ends the run. */
	int (*put)(void *arg, struct sk_view line);
	void *arg;
};

void sk_latest_init(struct sk_latest *latest, int64_t within_ns);
void sk_latest_free(struct sk_latest *latest);

/* Would the group that an event of this time opens be over? */
bool sk_latest_is_past(const struct sk_latest *latest, int64_t t_ns);
/* Is there a group that an event of this key and time belongs to, or belonged
 * to if it began as much earlier? */
bool sk_latest_knows(const struct sk_latest *latest, struct sk_view key,
    int64_t t_ns);

/* An event that is not past, or is known; the line is copied. */
void sk_latest_add(struct sk_latest *latest, struct sk_view key, int64_t t_ns,
    struct sk_view line);

/* The watermark has come so far: groups that are over go out.  0, or what
 * put() gave. */
int sk_latest_advance(struct sk_latest *latest, int64_t now_ns);
/* All groups go out. */
int sk_latest_finish(struct sk_latest *latest);

/* No event of a group that is open has a time before this; INT64_MAX: none is
 * open. */
int64_t sk_latest_oldest(const struct sk_latest *latest);

/* The open groups as bytes, and back into a new one of the same horizon.
 * SK_EDATA with words in diag. */
void sk_latest_save(struct sk_latest *latest, struct sk_buf *buf);
int sk_latest_load(struct sk_latest *latest, struct sk_view *bytes,
    struct sk_diag *diag);

#endif
