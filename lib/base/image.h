/*
 * Saved states are made of little-endian integers and counted bytes; what is
 * read is somebody else's file, so all of it is checked.
 */
#ifndef SK_BASE_IMAGE_H
#define SK_BASE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

void sk_image_put(struct sk_buf *buf, uint64_t value);
void sk_image_put_f64(struct sk_buf *buf, double value);
/* n single floats, without their number. */
void sk_image_put_f32s(struct sk_buf *buf, const float *value, size_t n);
void sk_image_put_view(struct sk_buf *buf, struct sk_view view);

/* Taken from the front of *bytes; false, 0 and nothing: it ends before. */
bool sk_image_take(struct sk_view *bytes, uint64_t *value);
bool sk_image_take_i64(struct sk_view *bytes, int64_t *value);
/* A count of things that take at least `size` bytes each. */
bool sk_image_take_n(struct sk_view *bytes, size_t size, uint32_t *n);
bool sk_image_take_view(struct sk_view *bytes, struct sk_view *view);
/* NaN and infinities are not taken. */
bool sk_image_take_f64(struct sk_view *bytes, double *value);
bool sk_image_take_f32s(struct sk_view *bytes, float *value, size_t n);

/* SK_EDATA: the words for all that is wrong with such bytes. */
int sk_image_bad(struct sk_diag *diag);

#endif
