/*
 * Copy everything that can be read of a damaged topic into a new one.
 *
 * A block is copied if its header and its data verify, wherever it stands in
 * its segment; what lies between is a gap.  The data frames are taken over as
 * they are, with their append times, event times and the positions of tailed
 * files; headers, salts and the index are made anew.  The new topic is a
 * valid log of its own, with another uuid: its offsets begin at 0 and have no
 * holes, so behind a gap, or where the old log did not begin at 0, a record
 * has a smaller offset than before.  Each gap is told by a notice with the
 * offsets that are lost and the new one of the record behind them.
 *
 * The policy of topic.conf is copied; without a topic.conf (it may be what
 * was lost) it is the default one.  A segment that belongs to another topic is
 * left out and told.  Torn tails that recovery has cut off are not looked at:
 * no line in them was acknowledged.
 *
 * The old topic is only read, and no lock of it is taken.  The new folder
 * must not exist.  If the copy fails it is left as far as it came.
 *
 * Cost: reads and decompresses everything, writes the compressed bytes
 * again; memory of the largest block, twice, and the index of a segment.
 */
#ifndef SK_LOG_SALVAGE_H
#define SK_LOG_SALVAGE_H

#include <stdint.h>

#include "base/err.h"

struct sk_log_salvaged {
	uint64_t records;  /* copied */
	uint64_t blocks;
	uint64_t lost;     /* records of which the log says that they were */
	uint64_t gaps;     /* places where something is lost */
	uint64_t left_out; /* segments that belong elsewhere */
};

/*
 * Salvage the topic `from` into the new topic `to`.  0, also with gaps; the
 * result counts them.  SK_ESYS (the folder `to` exists: EEXIST), SK_EDATA
 * (nothing of a log in `from`), SK_EVERSION.
 */
int sk_log_salvage(const char *from, const char *to,
    const struct sk_notify *notify, struct sk_log_salvaged *result,
    struct sk_diag *diag);

#endif
