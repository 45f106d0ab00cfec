/*
 * The verdict on a place where a trail cannot go on: not yet there, the end,
 * damage, an index to be done without, a log that was rewritten.  The rules
 * are those of log/trail.h, of which this is the second half.
 *
 * A verdict takes two calls.  The first gathers the facts: is there a later
 * segment, does a writer hold the lock, does a frame behind the place say that
 * it was durable.  Then the walk tries the place again, and only what still
 * stops it is judged: it was not merely being written.
 */
#ifndef SK_LOG_VERDICT_H
#define SK_LOG_VERDICT_H

#include "log/trail.h"

/* The walk has stopped: 1, go on (the same place, behind the damage, or in
 * another segment); 0, nothing more now (trail->done: ever); or an error. */
int sk_verdict(struct sk_trail *trail);

/* Lines that were given out are not there any more: SK_EDATA. */
int sk_verdict_rewritten(struct sk_trail *trail);

#endif
