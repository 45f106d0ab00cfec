/*
 * Recovery: what a writer does to a topic before it writes, and what
 * `sk-log recover` does.
 *
 * Damage in acknowledged data (a valid frame claims to be durable beyond the
 * first invalid one) is refused and nothing is changed.  A torn tail is copied
 * to BASE.torn-POS and cut.  Bytes that are readable but not proven durable
 * are written again and synced.  A segment whose seal is damaged is sealed
 * again, an S that is lost alone is made anew.  Run twice, the second run
 * changes no byte; a crash at any step is harmless.
 *
 * The caller holds the lock.  Errors: SK_EDATA (damage, foreign files: texts in
 * diag), SK_EVERSION, SK_ESYS.  What is done is told by notices.
 */
#ifndef SK_LOG_RECOVER_H
#define SK_LOG_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "log/conf.h"
#include "log/index.h"
#include "log/source.h"
#include "log/walk.h"

/* The state of a recovered topic. */
struct sk_recovered {
	size_t n_segments;
	uint64_t first_base;  /* where the log begins */
	bool sealed;          /* the last segment is */
	bool clean;           /* it ends in E or is sealed */
	uint64_t size;        /* of the last file, all of it durable */
	int64_t first_clock_ns; /* of its S */
	uint64_t cut_bytes;   /* that this run has quarantined */
	struct sk_chain chain; /* after the last frame of the topic */
	struct sk_index index; /* of the last segment; empty when sealed */
	struct sk_sources sources;
};

enum sk_recover_flag {
	SK_RECOVER_DEEP = 1 /* decompress every block of the last segment */
};

int sk_log_recover(struct sk_recovered *state, const char *topic,
    const struct sk_log_conf *conf, unsigned flags,
    const struct sk_notify *notify, struct sk_diag *diag);

void sk_recovered_free(struct sk_recovered *state);

#endif
