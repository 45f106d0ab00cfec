/*
 * Small numbers and texts as bytes, and back.
 *
 * A number takes 7 bits a byte, the lowest first, the top bit set in all bytes
 * but the last; one with a sign is twice its size, less 1 if it is negative.
 * A text is its length and its bytes.
 *
 * What is read is untrusted: once the bytes do not suffice, `bad` is set, stays
 * set, and all that is read is 0 or empty.
 */
#ifndef SK_WINDOW_PACK_H
#define SK_WINDOW_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct sk_unpack {
	struct sk_view bytes; /* what is left */
	bool bad;
};

void sk_pack_u64(struct sk_buf *buf, uint64_t value);
void sk_pack_i64(struct sk_buf *buf, int64_t value);
void sk_pack_f64(struct sk_buf *buf, double value);
void sk_pack_text(struct sk_buf *buf, struct sk_view text);

uint64_t sk_unpack_u64(struct sk_unpack *from);
/* One that is at most `most`; else it is bad. */
uint64_t sk_unpack_upto(struct sk_unpack *from, uint64_t most);
int64_t sk_unpack_i64(struct sk_unpack *from);
/* Not NaN, nor an infinity. */
double sk_unpack_f64(struct sk_unpack *from);
/* A view into the bytes; ptr is never NULL. */
struct sk_view sk_unpack_text(struct sk_unpack *from);

#endif
