/*
 * An item of up to 16 bytes as two little-endian words, zero padded: what
 * short items are hashed and compared as.
 */
#ifndef SK_SKETCH_WORDS_H
#define SK_SKETCH_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define SK_WORDS_BYTES 16

struct sk_words {
	uint64_t low;
	uint64_t high;
};

/* Row r keeps the first r of 16 bytes. */
extern const uint64_t sk_words_mask[SK_WORDS_BYTES + 1][2];

/* Reads 16 bytes whatever len is (at most 16): the rest is padding. */
static inline struct sk_words
sk_words_padded(const char *bytes, size_t len)
{
	struct sk_words w = { sk_get64(bytes) & sk_words_mask[len][0],
		sk_get64(bytes + 8) & sk_words_mask[len][1] };

	return w;
}

/* Reads len bytes, at most 16. */
static inline struct sk_words
sk_words(const char *bytes, size_t len)
{
	char copy[SK_WORDS_BYTES] = { 0 };

	if (len != 0)
		memcpy(copy, bytes, len);
	struct sk_words w = { sk_get64(copy), sk_get64(copy + 8) };

	return w;
}

#endif
