/*
 * Retention: remove whole sealed segments from the front of a log.
 *
 * With cleanup=delete in topic.conf the oldest segment goes while the segments
 * together are larger than retention_bytes, or while the last block of the
 * oldest is older than retention_age.  With any other cleanup nothing is ever
 * removed.  The newest segment always stays, sealed or not: its end is the
 * next offset.  A prefix may go at any time without a marker: the log begins
 * at the base of its first segment.
 *
 * A job registers in TOPIC/.jobs/NAME the position it has committed, in the
 * form of log/cursor.h; a segment that holds records a registered job still
 * needs stays, and all behind it, with a notice, unless ignore_jobs.  A
 * registration that cannot be read keeps everything.
 *
 * Tails that recovery has cut off (BASE.torn-POS) go with cleanup=delete when
 * they are older than torn_keep.
 *
 * The caller holds the writer's lock.  Each removal is an unlink and a sync
 * of the folder.  Cost: one stat a segment, one read of the index of each
 * that may go.
 */
#ifndef SK_LOG_RETAIN_H
#define SK_LOG_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sk_log_policy;

struct sk_log_retained {
	uint64_t segments; /* removed */
	uint64_t records;
	uint64_t nbytes;
	uint64_t start; /* first offset that is left */
	uint64_t torn;  /* torn tails removed */
};

/*
 * Apply a policy (log/conf.h) to the topic in the folder `dir` at the wall
 * clock `now_ns`.  0 also when there was nothing to remove; *result says what
 * went, after a failure too.  SK_EDATA: a segment that should go is damaged;
 * it and all behind it stay.  SK_ESYS: errno stands.
 */
int sk_log_retain(const char *dir, const struct sk_log_policy *policy,
    bool ignore_jobs, int64_t now_ns, const struct sk_notify *notify,
    struct sk_log_retained *result, struct sk_diag *diag);

/*
 * Requests to a running writer: an empty file TOPIC/.request-NAME, which the
 * writer deletes when it has done it.  NAME is "repack" or "trim".
 */
#define SK_LOG_REQUEST_REPACK "repack"
#define SK_LOG_REQUEST_TRIM "trim"

/* Whether a request waits; the writer looks about once a second. */
bool sk_log_request_pending(const char *dir, const char *name);
/* Create it durably.  0 or SK_ESYS.  The one that is there counts. */
int sk_log_request_make(const char *dir, const char *name);
/* Delete it: done.  0 also when it is gone already, or SK_ESYS. */
int sk_log_request_done(const char *dir, const char *name);
/* Make it and wait: 1, the writer has done it; 0, there is no writer any more
 * and the request stands; SK_EBUSY, not done after timeout_ns; SK_ESYS. */
int sk_log_request_wait(const char *dir, const char *name,
    int64_t timeout_ns);

#endif
