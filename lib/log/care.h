/*
 * What changes a topic as a whole, from outside of a writer: the lock, the
 * work of log/recover.h, log/repack.h and log/retain.h over all segments, and
 * the words for it.
 *
 * Each takes the writer's lock.  While a writer runs, repack and trim ask it
 * by a request file and wait; what an option asks for (all, ignore_jobs) it
 * cannot be asked for.  What was done is told by notices.
 *
 * Errors: SK_EBUSY a writer holds the topic, or has not done it in time (the
 * request stays); SK_EUSAGE trim where nothing may be removed; else those of
 * the modules.  diag says why.
 */
#ifndef SK_LOG_CARE_H
#define SK_LOG_CARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* `deep`: the newest segment is decompressed, too. */
int sk_care_recover(const char *topic, bool deep,
    const struct sk_notify *notify, struct sk_diag *diag);

/* `all`: segments whose blocks are large, too, or that were repacked. */
int sk_care_repack(const char *topic, bool all, int64_t wait_ns,
    const struct sk_notify *notify, struct sk_diag *diag);

/* By the policy of topic.conf. */
int sk_care_trim(const char *topic, bool ignore_jobs, int64_t wait_ns,
    const struct sk_notify *notify, struct sk_diag *diag);

#endif
