/*
 * The writer's lock: TOPIC/.lock, one writer a topic.
 *
 * A lock of the open file description (F_OFD_SETLK): the kernel releases it
 * when the last copy of the descriptor is closed, at kill -9 as well.  What the
 * file says (pid, host, boot, start) is for the message only.  The file is
 * never removed, for that would make two locks.  Where there are no such locks
 * the topic is refused (SK_ESYS).
 */
#ifndef SK_LOG_LOCK_H
#define SK_LOG_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Take the lock of an existing folder: the descriptor to keep, at least 0;
 * SK_EBUSY with "TOPIC is being written by pid N since T" in diag; SK_ESYS. */
int sk_log_lock(const char *topic, struct sk_diag *diag);

void sk_log_unlock(int fd);

/* Does some process hold it?  1, 0, or SK_ESYS; takes nothing.  who (may be
 * NULL) becomes "pid N since T" as far as the file says so. */
int sk_log_locked(const char *topic, char *who, size_t cap);

#endif
