/*
 * The first and the last number in time, for how far they are apart.  80 bytes.
 * Of equal times the one that was added first is the earlier.
 */
#ifndef SK_WINDOW_SPAN_H
#define SK_WINDOW_SPAN_H

#include "window/decimal.h"

struct sk_span {
	int64_t first_ns, last_ns;
	struct sk_decimal first, last; /* none: it is empty */
};

void sk_span_init(struct sk_span *span);
void sk_span_add(struct sk_span *span, int64_t at_ns,
    const struct sk_decimal *number);
/* Where times are equal, those of into are the earlier. */
void sk_span_merge(struct sk_span *into, const struct sk_span *from);

/* The last less the first, as sk_sum_put() has it; and the same a second of the
 * time between, null if there is none. */
int sk_span_put(const struct sk_span *span, struct sk_record *record);
void sk_span_put_rate(const struct sk_span *span, struct sk_record *record);

void sk_span_save(const struct sk_span *span, struct sk_buf *buf);
/* span is overwritten, and empty if the bytes are none. */
void sk_span_load(struct sk_span *span, struct sk_unpack *from);

#endif
