/*
 * t-digest: the quantiles of a stream of numbers by clusters of them, which
 * are small at both ends.
 *
 * The sketch of Apache DataSketches for doubles, read also by BigQuery; and
 * the images of its author's library, in both of its forms, are read.  The
 * numbers are kept in the order of their means as centroids: a mean, and how
 * many numbers it stands for.  No random numbers: the same numbers in the same
 * order give the same bytes everywhere.
 *
 * Observed errors of ranks are some tenths of a percent in the middle and a
 * hundredth of that at p99.9, but nothing is proven, and clustered numbers can
 * break it; what KLL says (sketch/kll.h) holds for any numbers.
 *
 * The caller owns the struct; a copy is sk_tdigest_copy, not an assignment.
 * Memory: the struct, 16 bytes a centroid, of which there are at most 2 k + 40,
 * and 8 bytes a number that waits, of which there are at most 8 k + 160.
 *
 * Cost: 40 ns a number.
 *
 * Source: Dunning, Ertl: Computing Extremely Accurate Quantiles Using t-Digests
 * (2019), section 3: the merging digest, with the scale function k_2.
 */
#ifndef SK_SKETCH_TDIGEST_H
#define SK_SKETCH_TDIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SK_TDIGEST_K_MIN 10
#define SK_TDIGEST_K_MAX 65535
#define SK_TDIGEST_K 200

struct sk_centroid {
	double mean;
	uint64_t weight;
};

struct sk_tdigest {
	uint64_t n;
	double min, max; /* if n > 0 */
	struct sk_centroid *centroid;
	double *buffer;  /* numbers that wait, as they came */
	uint32_t ncentroids, nbuffer, cap; /* cap: of the buffer */
	uint16_t k;
	bool reverse;    /* the next compression goes downwards */
};

void sk_tdigest_init(struct sk_tdigest *digest, unsigned k);
void sk_tdigest_free(struct sk_tdigest *digest); /* a zeroed one too */
/* out is overwritten: it holds nothing that would need a free. */
void sk_tdigest_copy(
    struct sk_tdigest *out, const struct sk_tdigest *digest);

/* Add a number; NaN and infinities are none. */
void sk_tdigest_add(struct sk_tdigest *digest, double value);
/* Add a number as often as `weight` says; false, nothing done, if that makes
 * 2^60 or more numbers.  Takes time with the centroids. */
bool sk_tdigest_add_weighted(
    struct sk_tdigest *digest, double value, uint64_t weight);

/* Merge from into digest, which keeps its k; false, nothing done, if that makes
 * 2^60 or more numbers.  from is not changed; it is not digest. */
bool sk_tdigest_merge(
    struct sk_tdigest *digest, const struct sk_tdigest *from);

/* Empty the buffer into the centroids. */
void sk_tdigest_compress(struct sk_tdigest *digest);

/* Of a digest that is compressed: the value at a rank (a share, 0 to 1) and
 * the share of values at most x; NaN if it is empty. */
double sk_tdigest_quantile(const struct sk_tdigest *digest, double rank);
double sk_tdigest_rank(const struct sk_tdigest *digest, double x);

/* Add the image to buf, compressed, or with the buffer as it is. */
void sk_tdigest_save(const struct sk_tdigest *digest, struct sk_buf *buf,
    bool with_buffer);

/* Whether the bytes begin as an image of a t-digest, of any kind. */
bool sk_tdigest_is(struct sk_view image);

/*
 * Read an image of any kind into digest, which is overwritten (it holds nothing
 * that would need a free).  SK_EDATA with the reason in diag if it is not one
 * that this or another writer can have made, SK_EVERSION if it is newer; digest
 * is zeroed then.
 */
int sk_tdigest_load(struct sk_tdigest *digest, struct sk_view image,
    struct sk_diag *diag);

#endif
