/*
 * The most frequent values, by Space-Saving (sketch/topk.h), in a form that can
 * be copied, and saved so that it goes on exactly.
 *
 * A summary is its pointer, NULL while it is empty; it grows with the distinct
 * values it sees.  An item is the kind of a value and its text.
 */
#ifndef SK_WINDOW_TOPS_H
#define SK_WINDOW_TOPS_H

#include "format/record.h"
#include "sketch/topk.h"
#include "window/pack.h"

#define SK_TOPS_ITEM SK_ITEMS_MAX_ITEM /* bytes of a value, at most */

/* What all summaries that meet have in common. */
struct sk_tops_plan {
	uint32_t counters;
	uint64_t seed; /* of tables, not 0 */
};

void sk_tops_free(struct sk_topk **tops);
/* to is overwritten. */
void sk_tops_copy(struct sk_topk **to, const struct sk_topk *from,
    const struct sk_tops_plan *plan);
void sk_tops_add(struct sk_topk **tops, struct sk_view item,
    const struct sk_tops_plan *plan);
void sk_tops_merge(struct sk_topk **into, const struct sk_topk *from,
    const struct sk_tops_plan *plan);

/* The n greatest as JSON, `[{"item":"/x","count":12,"error":0}]`, by count and
 * then by kind and text; null if it is empty. */
void sk_tops_put(const struct sk_topk *tops, uint32_t n,
    struct sk_record *record);

void sk_tops_save(const struct sk_topk *tops, struct sk_buf *buf);
/* tops is overwritten, and empty if the bytes are none. */
void sk_tops_load(struct sk_topk **tops, struct sk_unpack *from,
    const struct sk_tops_plan *plan);

#endif
