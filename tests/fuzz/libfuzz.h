/*
 * What the fuzz targets share: a mutator that repairs the hashes of our frames
 * in seven of eight inputs, for behind a wrong hash nothing is reached, and
 * samples to begin with, made by the writer itself.
 *
 * A target defines fuzz_sample() and LLVMFuzzerTestOneInput(), which aborts
 * where a promise is broken.
 */
#ifndef SK_TEST_FUZZ_H
#define SK_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Add a valid input; `n` is any number and picks one. */
void fuzz_sample(unsigned n, struct sk_buf *out);

#define FUZZ_DIR "topic"
#define FUZZ_FILE "topic/00000000000000000000.zst"

/* An empty world with a topic in it whose uuid is that of fuzz_segment. */
void fuzz_world(void);

/* Add a small segment of a topic: n % 4 picks unsealed, ended, sealed or
 * repacked; it is the same each time. */
void fuzz_segment(unsigned n, struct sk_buf *out);

void fuzz_check(int ok, const char *what); /* abort if not */

#endif
