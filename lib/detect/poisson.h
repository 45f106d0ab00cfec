/*
 * Counts at an unknown rate (Poisson), the rate by a Gamma prior: an oddity is
 * -log10 of the chance of a count at least as far out, on either side.
 *
 * With shape a and rate b the next count is negative binomial, p = b / (b + 1):
 *
 *	P(0) = p^a, P(j + 1) = P(j) (a + j) / (j + 1) (1 - p)
 *	oddity = -log10(min(1, 2 min(P(K >= k), P(K <= k))))
 *	a <- a0 + 0.99 (a - a0) + k, b <- b0 + 0.99 (b - b0) + 1
 *
 * with a0 = 0.5, b0 = 0.001: the last 100 counts or so are remembered.  Values
 * count as the nearest whole number, those below 0 as 0.
 *
 * Tails are summed where the count or the mean is below 100, to 1e-7 of
 * themselves; others are those of a Beta distribution to the third order: an
 * oddity is right to 1e-4 of it.
 *
 * Expected: the mean, a / b, and about the quantiles of 0.135 % and 99.865 %
 * (of the Gamma distribution with the same three moments).
 *
 * Papers: O. Barndorff-Nielsen, Modified signed log likelihood ratio, 1991;
 * E. Wilson, M. Hilferty, The distribution of chi-square, 1931.
 *
 * Memory, a stream: 24 bytes.  Cost, a value: 150 ns.
 */
#ifndef SK_DETECT_POISSON_H
#define SK_DETECT_POISSON_H

#include "detect/modelops.h"

extern const struct sk_model_ops sk_poisson_ops;

#endif
