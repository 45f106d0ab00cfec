/*
 * Verify a topic: every hash, every rule, every copy of a fact.
 *
 * Each segment is walked from its S with all rules of the chain; every data
 * frame is hashed, decompressed and its lines counted; S is compared with the
 * name, with topic.conf and with the segment before; X and the seek table
 * with the frames that they index.  One finding a segment, in the order of
 * offsets, and one for each segment that is missing between two.
 *
 *	ok    all of it is valid.  The reason may still say something: "no end
 *	      mark" (the last writer was killed, or the end is lost), or that
 *	      a writer is at work.
 *	torn  the next writer repairs it without losing an acknowledged line: a
 *	      tail that was not proven durable, or a seal that got lost
 *	bad   a record is damaged or missing, the segment belongs elsewhere, or
 *	      its index is damaged
 *
 * No lock is taken and nothing is changed.  Files that are not of a log are
 * told by notices.
 *
 * Cost: reads and decompresses everything; memory of the largest block, twice,
 * and the index of a segment.
 */
#ifndef SK_LOG_CHECK_H
#define SK_LOG_CHECK_H

#include <stdint.h>

#include "base/err.h"

enum sk_log_verdict { SK_CHECK_OK, SK_CHECK_TORN, SK_CHECK_BAD };

struct sk_log_finding {
	enum sk_log_verdict verdict;
	uint32_t partition;
	const char *file;
	uint64_t first; /* offset */
	uint64_t next;  /* behind the last line that can be read from here */
	const char *reason; /* empty if there is nothing to say */
};

/*
 * Check the topic in the folder `dir` and call fn for each finding.  0: none
 * is bad; 1: one is; SK_ESYS, SK_EDATA (no topic.conf), SK_EVERSION (after
 * the findings; what a newer version wrote is not judged) with words in diag.
 */
int sk_log_check(const char *dir,
    void (*fn)(void *arg, const struct sk_log_finding *finding), void *arg,
    const struct sk_notify *notify, struct sk_diag *diag);

/* `ok`, `torn`, `bad`. */
const char *sk_log_verdict_name(enum sk_log_verdict verdict);

#endif
