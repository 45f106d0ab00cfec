/*
 * VarOpt: a sample of k items, heavy ones with a higher probability, from
 * which the weight of any part of the stream can be estimated; and the images
 * of samples.
 *
 * An item is in the sample with probability min(1, weight / t), where t makes
 * these add up to k.  Items above t are kept with their own weight (the heavy
 * ones); each of the others stands for the weight t, so the weights of the
 * sample add up to that of the stream exactly, and sums over parts of it are
 * unbiased, with the least variance there can be for k items.
 *
 * Samples merge by adding the items of one to the other with the weights they
 * stand for.  One that has left items out gives no more than its k, so the
 * result has the smaller k of those; then its t is at least that of both.
 *
 * Ownership, numbers, memory and randomness are those of sketch/reservoir.h.
 * Cost of an addition: a comparison and one random number when the item is
 * light and goes by, else a copy and up to log2(k) comparisons.
 *
 * E. Cohen, N. Duffield, H. Kaplan, C. Lund, M. Thorup: Efficient stream
 * sampling for variance-optimal estimation of subset sums, SIAM J. Comput. 40,
 * 2011, section 4.
 */
#ifndef SK_SKETCH_VAROPT_H
#define SK_SKETCH_VAROPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "sketch/reservoir.h"

/* No weight is above this, so that sums stay finite. */
#define SK_VAROPT_WEIGHT_MAX 1e100

/* A zeroed one is empty. */
struct sk_varopt {
	uint32_t k;
	uint32_t heavy;   /* item[0] and on; a heap by weight once light > 0 */
	uint32_t light;   /* the items behind them */
	uint32_t cap;
	struct sk_sampled *item;
	uint64_t n;
	double light_weight; /* of all light items together */
};

void sk_varopt_init(struct sk_varopt *opt, uint32_t k);
void sk_varopt_free(struct sk_varopt *opt);

/* The weight is above 0 and at most SK_VAROPT_WEIGHT_MAX. */
void sk_varopt_add(struct sk_varopt *opt, struct sk_view item, double weight,
    uint64_t number, struct sk_rng *rng);

/* Add what `from` has seen; it is empty then. */
void sk_varopt_merge(struct sk_varopt *opt, struct sk_varopt *from,
    struct sk_rng *rng);

/* Keep no more than k items from now on. */
void sk_varopt_shrink(struct sk_varopt *opt, uint32_t k, struct sk_rng *rng);

/* Make the heavy items the heap that they are once there are light ones. */
void sk_varopt_order(struct sk_varopt *opt);

/* The weight of all items so far. */
double sk_varopt_weight(const struct sk_varopt *opt);

/* Are all items equally likely and of weight 1, so that it is a reservoir's?
 * Then the second moves it into one. */
bool sk_varopt_is_uniform(const struct sk_varopt *opt);
void sk_varopt_to_reservoir(struct sk_varopt *opt, struct sk_reservoir *res);
/* A reservoir with each item of weight 1; `res` is empty then. */
void sk_varopt_from_reservoir(struct sk_varopt *opt,
    struct sk_reservoir *res);

/*
 * Images are those of Apache DataSketches' VarOpt sketches of strings (C++,
 * Java, Python, Go); a reservoir is written as the VarOpt sketch that it is.
 * Little endian:
 *
 *	byte 0   preamble: 1 empty, 3 no light items, 4; and 0xc0
 *	     1   version 2
 *	     2   family 13
 *	     3   flags: 4 empty, 128 a union's with marks (read, not written)
 *	     4   u32 k
 *	     8   u64 n
 *	    16   u32 heavy, u32 light
 *	    24   f64 the light items' weight, if there are any
 *	         f64 the weight of each heavy item, one bit a mark of each
 *	         the heavy items, the light ones: u32 length, bytes
 *
 * Heavy items ascend by weight once there are light ones, else all are in the
 * order they came, as the light ones are.  Reservoirs of Java and Go are read
 * too: preamble 1 or 2, family 11, flags, k, n, then min(n, k) items at 16.
 */
void sk_varopt_save(const struct sk_varopt *opt, struct sk_buf *buf);
void sk_reservoir_save(const struct sk_reservoir *res, struct sk_buf *buf);

/* Read an image; its items get the numbers from `number` on.  SK_EDATA or
 * SK_EVERSION with the reason in diag: *opt is empty. */
int sk_varopt_load(struct sk_varopt *opt, struct sk_view image,
    uint64_t number, struct sk_diag *diag);

#endif
