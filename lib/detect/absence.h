/*
 * Absence: keys of which nothing has come for so long.
 *
 * Time is told from outside, the watermark.  A key is absent when the watermark
 * is for_ns or more past its last event; it is told once, in the order of that
 * moment, then of the keys' bytes.  It is back with its next event that is
 * later than its last one was.  In how many steps the watermark comes changes
 * nothing.
 *
 * A key that has been absent for ttl_ns longer is forgotten (0: never): its
 * next event is a first one, and is not told.
 *
 * Cost: 30 ns an event, some 100 with 10,000 keys, cache misses beside.
 * Memory: base/table.h's of 32 bytes a key, 32 to 64 more, and the same again
 * for those that are to be forgotten.
 */
#ifndef SK_DETECT_ABSENCE_H
#define SK_DETECT_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/table.h"

struct sk_absence;

struct sk_absence_conf {
	int64_t for_ns; /* 0 or more, as the next */
	int64_t ttl_ns;
	uint32_t max_keys;
	/* A key is absent, since at_ns, or back with an event of at_ns;
	 * last_ns is the last event before that, nevents came up to it.  The
	 * key is valid in the call; the struct is not to be called from it. */
	int (*tell)(void *arg, struct sk_view key, int64_t last_ns,
	    int64_t at_ns, uint64_t nevents, bool back);
	void *arg;
};

#define SK_ABSENCE_FULL 1 /* of sk_absence_add(): too many keys */

struct sk_absence *sk_absence_new(const struct sk_absence_conf *conf);
void sk_absence_free(struct sk_absence *absence);

/* An event of a key: 0, SK_ABSENCE_FULL (nothing is changed), or what tell()
 * gave. */
int sk_absence_add(struct sk_absence *absence, struct sk_view key,
    int64_t t_ns);
/* Time has come so far: 0, or what tell() gave; what it was not asked for
 * then is told the next time. */
int sk_absence_advance(struct sk_absence *absence, int64_t watermark_ns);

/* As bytes, the same for the same keys. */
void sk_absence_save(struct sk_absence *absence, struct sk_buf *buf);
/* Into a newly made one, of any conf; false: they are none, and all that can be
 * done with *absence is to free it. */
bool sk_absence_load(struct sk_absence *absence, struct sk_view *bytes);

#endif
