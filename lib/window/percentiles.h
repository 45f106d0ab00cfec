/*
 * Percentiles of numbers, by KLL (sketch/kll.h), exact to 1000 numbers, in a
 * form that can be saved so that it goes on exactly: its image leaves out how
 * coins fall next, and holds no more than a sketch may.
 *
 * A sketch is its pointer, NULL while it is empty.  Memory: 88 bytes, 8 to 16 a
 * number up to 1000, then 8 KiB.
 */
#ifndef SK_WINDOW_PERCENTILES_H
#define SK_WINDOW_PERCENTILES_H

#include "format/record.h"
#include "sketch/quantile.h"
#include "window/pack.h"

#define SK_PERCENTILES_EXACT 1000

void sk_percentiles_free(struct sk_kll **kll);
/* to is overwritten. */
void sk_percentiles_copy(struct sk_kll **to, const struct sk_kll *from);
void sk_percentiles_add(struct sk_kll **kll, double value);
void sk_percentiles_merge(struct sk_kll **into, const struct sk_kll *from);

/* For questions: sk_quantile_value(), sk_quantile_close(). */
void sk_percentiles_open(const struct sk_kll *kll,
    struct sk_quantile_view *view);

/* The image that sk-quantile --merge reads, in base64; null if it is empty. */
void sk_percentiles_put(const struct sk_kll *kll, struct sk_record *record);

void sk_percentiles_save(const struct sk_kll *kll, struct sk_buf *buf);
/* kll is overwritten, and empty if the bytes are none. */
void sk_percentiles_load(struct sk_kll **kll, struct sk_unpack *from);

#endif
