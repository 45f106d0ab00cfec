/*
 * Numbers from and to text.  Every parser takes the whole text or fails with
 * SK_EUSAGE, leaving *out untouched: no blanks, no sign where none is allowed,
 * no overflow.
 */
#ifndef SK_BASE_NUM_H
#define SK_BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

int sk_num_u64(struct sk_view text, uint64_t *out);
int sk_num_i64(struct sk_view text, int64_t *out);
int sk_num_hex64(struct sk_view text, uint64_t *out); /* 1 to 16 hex digits */
/* A decimal floating-point number, to the nearest double; refuses hex,
 * infinities and NaN, and what has 400 characters or more.  Up to 20 ns; some
 * 100 ns with over 15 digits or powers of ten beyond 22. */
int sk_num_f64(struct sk_view text, double *out);
/* The same of a text with SK_PAD readable bytes behind it: 5 ns for up to 8
 * characters. */
int sk_num_f64_padded(struct sk_view text, double *out);
/* A size: digits and an optional K, M, G (powers of 1024). */
int sk_num_size(struct sk_view text, uint64_t *out);
/* A share from 0 to 1: `0.01`, or `1%`, which is the same double. */
int sk_num_share(struct sk_view text, double *out);
/* A duration in nanoseconds: digits, an optional fraction, and one of
 * ns us ms s m h d.  `0` needs no unit. */
int sk_num_duration(struct sk_view text, int64_t *out_ns);

/* The shortest decimal text that reads back as the same double.  NaN and
 * infinities give an empty text. */
void sk_num_put_f64(struct sk_buf *buf, double value);
void sk_num_put_u64(struct sk_buf *buf, uint64_t value);
/* A duration for people: `12 s`, `59s`, `1m30s`: the form that
 * sk_num_duration reads, largest units first, no more than two of them. */
void sk_num_put_duration(struct sk_buf *buf, int64_t ns);
/* A size for people: `210 B`, `3.4 KiB`, `12 MiB`. */
void sk_num_put_size(struct sk_buf *buf, uint64_t nbytes);

/* The end of a noun behind this number: "" or "s". */
static inline const char *
sk_num_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

#endif
