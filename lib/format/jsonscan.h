/*
 * Where the brackets and commas of a line of JSON stand: the places of the
 * bytes { } [ ] , outside strings (and of 0x0c, which is no JSON there), found
 * 64 bytes at a time, with AVX2 where the CPU has it, else with eight words;
 * the results are the same.
 *
 * SK_PAD bytes behind the line must be readable.  Cost: 0.2 ns a byte with
 * AVX2.  Memory: 4 bytes for each place of the longest line.
 * The method is stage 1 of simdjson, but for these alone and line by line:
 * Langdale and Lemire, Parsing Gigabytes of JSON per Second, 2019.
 */
#ifndef SK_FORMAT_JSONSCAN_H
#define SK_FORMAT_JSONSCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	SK_JSONSCAN_HIGH = 1,    /* bytes over 127 */
	SK_JSONSCAN_RARE = 2,    /* backslashes or control characters */
	SK_JSONSCAN_CONTROL = 4, /* a control character in a string */
	SK_JSONSCAN_OPEN = 8     /* a string does not end */
};

struct sk_jsonscan { /* zeroed to begin with */
	uint32_t *op;
	size_t n;    /* of the last line */
	size_t cap;
};

/* Fill scan->op for a line below 4 GiB; the flags of what stands in it. */
unsigned sk_jsonscan_line(struct sk_jsonscan *scan, struct sk_view line);
unsigned sk_jsonscan_portable(struct sk_jsonscan *scan, struct sk_view line);
void sk_jsonscan_free(struct sk_jsonscan *scan);

#endif
