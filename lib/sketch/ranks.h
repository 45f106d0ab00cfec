/*
 * Numbers in ascending order with their weights, as a sketch of quantiles
 * gives them: what questions are asked of.
 *
 * The quantile of rank r (a share of the weight, 0 to 1) is the least number
 * at which the weight from below reaches r of the whole; exclusive: exceeds
 * it.  These are the rules of Apache DataSketches, and the inclusive one is the
 * nearest rank.  Beyond the last number is the last number.
 */
#ifndef SK_SKETCH_RANKS_H
#define SK_SKETCH_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_ranks {
	double *value;
	uint64_t *upto; /* the weight of this one and all before it */
	size_t n;
	uint64_t total;
};

void sk_ranks_init(struct sk_ranks *ranks, size_t n);
void sk_ranks_free(struct sk_ranks *ranks);

/* NaN if there are no numbers. */
double sk_ranks_quantile(const struct sk_ranks *ranks, double rank,
    bool inclusive);

/* The least number at which the weight from below reaches this one. */
double sk_ranks_at(const struct sk_ranks *ranks, uint64_t weight);

/* The weight of what is at most x; not inclusive: less than x. */
uint64_t sk_ranks_weight(const struct sk_ranks *ranks, double x,
    bool inclusive);

#endif
