/*
 * HyperLogLog sketches whose images are results: those of sk-hll
 * (sketch/hll.h).  A sketch is its pointer, NULL while it is empty.
 */
#ifndef SK_WINDOW_HLLS_H
#define SK_WINDOW_HLLS_H

#include "format/record.h"
#include "sketch/hll.h"
#include "window/pack.h"

void sk_hlls_free(struct sk_hll **hll);
/* to is overwritten. */
void sk_hlls_copy(struct sk_hll **to, const struct sk_hll *from);
void sk_hlls_add(struct sk_hll **hll, struct sk_view text);
void sk_hlls_merge(struct sk_hll **into, const struct sk_hll *from);
/* The image that sk-hll --merge reads, in base64; null if it is empty. */
void sk_hlls_put(const struct sk_hll *hll, struct sk_record *record);
void sk_hlls_save(const struct sk_hll *hll, struct sk_buf *buf);
/* hll is overwritten, and empty if the bytes are none. */
void sk_hlls_load(struct sk_hll **hll, struct sk_unpack *from);

#endif
