/*
 * All three counts come from sketches of one size and from the composite
 * estimate: their errors are then of the same sign, because the registers of
 * the union are theirs, and largely cancel.  HIP estimates are better each by
 * itself, but worse in the difference.  Only where one sketch still has its
 * coupons the union is in order and HIP goes on from the other one's.
 */
#include <math.h>

#include "base/err.h"
#include "sketch/hll_overlap.h"

/* The lgK at which nothing is lost that both can give. */
static unsigned
common_lgk(const struct sk_hll *a, const struct sk_hll *b)
{
	unsigned lgk = SK_HLL_LGK_MAX;

	if (a->mode == SK_HLL_HLL && a->lgk < lgk)
		lgk = a->lgk;
	if (b->mode == SK_HLL_HLL && b->lgk < lgk)
		lgk = b->lgk;
	return lgk;
}

/* One standard error of the estimate; the upper side is the wider one. */
static double
error_of(const struct sk_hll *hll, unsigned sds)
{
	return sk_hll_bounds(hll, sds).upper - sk_hll_estimate(hll);
}

static struct sk_hll_share
share(double estimate, double error, double most)
{
	struct sk_hll_share s;

	s.estimate = fmin(fmax(estimate, 0), most);
	s.bounds.lower = fmin(fmax(estimate - error, 0), most);
	s.bounds.upper = fmin(fmax(estimate + error, 0), most);
	return s;
}

/*
 * The variance of the intersection in units of that of the union, from the
 * shares that are in A only, in B only and in both: an envelope of simulated
 * ones.  It is 1 for equal sets and 1/2 for two halves.
 */
static double
variance(double na, double nb, double both, double n)
{
	double p = (na - both) / n, q = (nb - both) / n, r = both / n;

	return fmax(fmin(na, nb) / n, 2 * p * q + (r + r * r) / 2);
}

static struct sk_hll_overlap
compare(const struct sk_hll *a, const struct sk_hll *b,
    const struct sk_hll *sum, unsigned sds)
{
	struct sk_hll_overlap overlap = { 0 };
	double na = sk_hll_estimate(a), nb = sk_hll_estimate(b);
	double both, least = fmin(na, nb), n, error, relative, v;

	n = sk_hll_estimate(sum);
	if (n <= 0)
		return overlap;
	both = na + nb - n;
	relative = error_of(sum, sds) / n;
	v = variance(na, nb, fmin(fmax(both, 0), least), n);
	error = relative * n * (sum->mode == SK_HLL_HLL ? sqrt(v) : sqrt(2));
	overlap.both = share(both, error, least + error_of(na < nb ? a : b,
	    sds));
	overlap.jaccard = share(both / n,
	    hypot(error / n, both / n * relative), 1);
	return overlap;
}

struct sk_hll_overlap
sk_hll_overlap(const struct sk_hll *a, const struct sk_hll *b, unsigned sds)
{
	struct sk_hll x, y, sum;
	struct sk_hll_overlap overlap;
	unsigned lgk = common_lgk(a, b);

	sk_assert(sds >= 1 && sds <= 3);
	sk_hll_init(&x, lgk, SK_HLL_8);
	sk_hll_init(&y, lgk, SK_HLL_8);
	sk_hll_init(&sum, lgk, SK_HLL_8);
	sk_hll_merge(&x, a);
	sk_hll_merge(&y, b);
	sk_hll_merge(&sum, &x);
	sk_hll_merge(&sum, &y);
	if (x.mode == SK_HLL_HLL && y.mode == SK_HLL_HLL)
		x.out_of_order = y.out_of_order = true;
	overlap = compare(&x, &y, &sum, sds);
	sk_hll_free(&x);
	sk_hll_free(&y);
	sk_hll_free(&sum);
	return overlap;
}
