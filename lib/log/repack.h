/*
 * Rewrite a sealed segment with fewer, larger blocks.
 *
 * Small live blocks compress poorly (a ratio of 1.6 at 1 KiB, 6.5 at 256 KiB);
 * a sealed segment does not change any more, so its lines can be put into
 * blocks of 1 MiB at a better level.  The lines, their offsets and the
 * incarnation of each stay what they were: `zstd -dc` prints the same bytes
 * before and after, and a saved position still fits.  Blocks are never joined
 * across incarnations, producers, a jump of producer_seq or a transaction.
 *
 * The new file is written beside the old one as .new-BASE, both are read back
 * and decompressed, and only when their lines hash to the same is it synced
 * and renamed over the old name.  A crash at any step leaves the old segment
 * or the new one, and perhaps a .new- file that the next writer deletes.
 *
 * The caller holds the writer's lock.  Nothing is owned, nothing printed.
 *
 * Errors: SK_ESYS (errno stands; the old segment is untouched unless the
 * rename was done and only the sync of the folder failed), SK_EDATA (the old
 * segment is damaged: left as it is), SK_EVERSION.
 *
 * Cost: one compression and two decompressions of the segment; memory of
 * block_bytes, or of the largest block, some four times.
 *
 * Format: sk-log(5), "Repacked segments".
 */
#ifndef SK_LOG_REPACK_H
#define SK_LOG_REPACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sk_log_repack {
	uint64_t block_bytes; /* raw bytes that a new block may reach */
	uint64_t below_bytes; /* only if the mean raw block is below; 0: any */
	int level;
};

/* What the format asks for: 1 MiB blocks, if the mean is below 64 KiB, at
 * level 3. */
#define SK_LOG_REPACK_DEFAULT { 1048576, 65536, 3 }

struct sk_log_repacked {
	bool done; /* false: nothing to gain, the file is as it was */
	uint64_t blocks_before, blocks_after;
	uint64_t nbytes_before, nbytes_after;
};

/*
 * Repack the segment BASE.zst of the folder `dir`.  A segment that is not
 * sealed, is repacked already (unless how->below_bytes is 0), has a large
 * mean block, or would not become smaller is left alone: 0 and !result->done.
 * `how` may be NULL for the default.
 */
int sk_log_repack_segment(const char *dir, uint64_t base,
    const struct sk_log_repack *how, struct sk_log_repacked *result,
    struct sk_diag *diag);

#endif
