/*
 * Absence: keys of which nothing has come for so long.
 *
 * Time is told from outside, the watermark.  A key is absent when the watermark
 * is for_ns or more past its last event; it is told once, in the order of that
 * moment, then of the keys' bytes.  It is back with its next event.
 *
 * A key that has been absent for ttl_ns longer is forgotten (0: never).
 *
 * Cost: some 50 ns an event.  Memory: base/table.h's, and 24 bytes a key.
 */
#ifndef SK_DETECT_ABSENCE_H
#define SK_DETECT_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/table.h"

struct sk_absence;

struct sk_absence_conf {
	int64_t for_ns;
	int64_t ttl_ns;
	uint32_t max_keys;
	/* A key is absent, or back (at_ns is the event it is back with); nevents
	 * came of it before. */
	int (*tell)(void *arg, struct sk_view key, int64_t last_ns,
	    int64_t at_ns, uint64_t nevents, bool back);
	void *arg;
};

#define SK_ABSENCE_FULL 1 /* of sk_absence_add(): too many keys */

struct sk_absence *sk_absence_new(const struct sk_absence_conf *conf);
void sk_absence_free(struct sk_absence *absence);

/* An event of a key: 0, SK_ABSENCE_FULL, or what tell() gave. */
int sk_absence_add(struct sk_absence *absence, struct sk_view key,
    int64_t t_ns);
/* Time has come so far: 0, or what tell() gave. */
int sk_absence_advance(struct sk_absence *absence, int64_t watermark_ns);

void sk_absence_save(struct sk_absence *absence, struct sk_buf *buf);
/* Into a newly made one. */
bool sk_absence_load(struct sk_absence *absence, struct sk_view *bytes);

#endif
