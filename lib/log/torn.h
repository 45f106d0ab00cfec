/*
 * Quarantine: what recovery cuts off a segment is kept in a file of its own,
 * BASE.torn-POS, and BASE.torn-POS.2, .3 ... where an earlier tear has the name
 * and is not the same bytes.
 */
#ifndef SK_LOG_TORN_H
#define SK_LOG_TORN_H

#include <stdint.h>

#include "base/err.h"

/*
 * Copy the bytes [pos, end) of the open segment BASE durably to such a file:
 * .new-torn, fsync, rename, fsync of the folder.  A file that holds the same
 * bytes already (a crash came before the cut) counts.  *name is the file's
 * name, which free() releases, NULL after a failure.  0 or SK_ESYS.
 */
int sk_torn_keep(const char *topic, uint64_t base, int fd, uint64_t pos,
    uint64_t end, char **name, struct sk_diag *diag);

#endif
