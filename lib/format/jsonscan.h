/*
 * Where the operators of JSON stand: a bit for each of the bytes { } [ ] ,
 * outside strings (and of 0x0c, which is no JSON there), and one for each quote
 * that is not escaped, found 64 bytes at a time, with AVX2 where the CPU has
 * it, else with eight words; the results are the same.
 *
 * The text is one line, or lines one after another with a control character
 * between them.  A string that goes on behind the end of a line is then one
 * with a control character in it; so without CONTROL and OPEN every line is as
 * it would be alone.
 *
 * SK_PAD bytes behind the text must be readable.  Cost: 0.1 ns a byte with
 * AVX2.  Memory: 20 bytes for each 64 of the longest text.
 * The method is stage 1 of simdjson, but for these alone:
 * Langdale and Lemire, Parsing Gigabytes of JSON per Second, 2019.
 */
#ifndef SK_FORMAT_JSONSCAN_H
#define SK_FORMAT_JSONSCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	SK_JSONSCAN_HIGH = 1,    /* bytes over 127 */
	SK_JSONSCAN_ESCAPE = 2,  /* backslashes */
	SK_JSONSCAN_CONTROL = 4, /* a control character in a string */
	SK_JSONSCAN_OPEN = 8     /* a string does not end */
};

/* How many blocks of 64 bytes in front of one have backslashes and bytes over
 * 127, modulo 2^16. */
struct sk_jsonscan_block {
	uint16_t nescape, nhigh;
};

struct sk_jsonscan { /* zeroed to begin with */
	/* Bits of a byte: the lowest is the first.  Behind the last are 0s. */
	unsigned char *op, *quote;
	struct sk_jsonscan_block *block; /* and one behind the last */
	size_t cap;                      /* in blocks */
};

/* Fill scan for a text below 4 GiB; the flags of what stands in it. */
unsigned sk_jsonscan_text(struct sk_jsonscan *scan, struct sk_view text);
unsigned sk_jsonscan_portable(struct sk_jsonscan *scan, struct sk_view text);
void sk_jsonscan_free(struct sk_jsonscan *scan);

/* The bits from the place `at` on: 57 at least, up to 64. */
static inline uint64_t
sk_jsonscan_bits(const unsigned char *bits, size_t at)
{
	return sk_get64(bits + at / 8) >> at % 8;
}

/* The place of the first bit from the place `at` on; there must be one. */
static inline size_t
sk_jsonscan_next(const unsigned char *bits, size_t at)
{
	uint64_t ahead = sk_jsonscan_bits(bits, at);

	for (; SK_UNLIKELY(ahead == 0); ahead = sk_jsonscan_bits(bits, at))
		at += 57;
	return at + (size_t)__builtin_ctzll(ahead);
}

/* Whether HIGH and ESCAPE hold for blocks that have some of these bytes, in a
 * text of less than 4 MiB. */
static inline unsigned
sk_jsonscan_flags(const struct sk_jsonscan *scan, size_t begin, size_t end)
{
	const struct sk_jsonscan_block *a = &scan->block[begin / 64];
	const struct sk_jsonscan_block *b = &scan->block[(end + 63) / 64];

	return (a->nhigh != b->nhigh ? SK_JSONSCAN_HIGH : 0u) |
	    (a->nescape != b->nescape ? SK_JSONSCAN_ESCAPE : 0u);
}

#endif
