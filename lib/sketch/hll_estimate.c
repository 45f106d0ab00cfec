/*
 * Estimates and bounds.  Sums and products are in the one order that gives
 * the same last digit as the other writers of the format; the file is compiled
 * without contraction to fused operations.
 */
#include <math.h>

#include "base/err.h"
#include "sketch/hll_parts.h"

#define EULER 0.577215664901532860606512090082

/* Which row of rel_err; the names are those of the bound. */
enum { HIP_LOWER, HIP_UPPER, MERGED_LOWER, MERGED_UPPER };

/* Lagrange's polynomial through four points, at x. */
static double
cubic(const double *xs, const double *ys, double x)
{
	double sum = 0;

	for (int i = 0; i < 4; i++) {
		double num = 1, den = 1;

		for (int j = 0; j < 4; j++) {
			if (j == i)
				continue;
			num *= x - xs[j];
			den *= xs[i] - xs[j];
		}
		sum += ys[i] * num / den;
	}
	return sum;
}

/* The j with xs[j] <= x < xs[j + 1]; xs[0] <= x < xs[n - 1]. */
static size_t
interval(const double *xs, size_t n, double x)
{
	size_t low = 0, high = n - 1;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (xs[mid] <= x)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* The first of the four points for the interval j of n points. */
static size_t
window(size_t j, size_t n)
{
	if (j == 0)
		return 0;
	return j == n - 2 ? n - 4 : j - 1;
}

/* The coupon estimate before the number of coupons bounds it from below. */
static double
coupon_estimate(uint32_t n)
{
	const double *xs = sk_hll_coupon_x;
	double x = n;

	if (x >= xs[SK_HLL_COUPONS - 1])
		return sk_hll_coupon_y[SK_HLL_COUPONS - 1];
	size_t o = window(interval(xs, SK_HLL_COUPONS, x), SK_HLL_COUPONS);

	return cubic(xs + o, sk_hll_coupon_y + o, x);
}

double
sk_hll_coupon_estimate(uint32_t n)
{
	return fmax(coupon_estimate(n), n);
}

/* 1 + 1/2 + ... + 1/n; beyond the table by its asymptotic series. */
static double
harmonic(uint32_t n)
{
	if (n < SK_HLL_HARMONIC)
		return sk_hll_harmonic[n];
	double x = n;
	double inv_sq = 1.0 / (x * x);
	double sum = log(x) + EULER + 1.0 / (2.0 * x);
	double power = inv_sq;

	sum -= power * (1.0 / 12.0);
	power *= inv_sq;
	sum += power * (1.0 / 120.0);
	power *= inv_sq;
	sum -= power * (1.0 / 252.0);
	power *= inv_sq;
	sum += power * (1.0 / 240.0);
	return sum;
}

/* Linear counting: the items that leave so many registers at zero (the mean
 * of the coupon collector's time, not its usual logarithm). */
static double
linear(double k, uint32_t zeros)
{
	if (zeros == 0)
		return k * log(k / 0.5);
	return k * (harmonic((uint32_t)k) - harmonic(zeros));
}

/* The estimate of Flajolet and others, their equation (3). */
static double
raw_estimate(const struct sk_hll *hll)
{
	static const double alpha[] = { 0.673, 0.697, 0.709 };
	double k = sk_hll_size(hll);
	double a = hll->lgk <= 6 ? alpha[hll->lgk - 4] :
				   0.7213 / (1.0 + 1.079 / k);

	return a * k * k / (hll->kxq0 + hll->kxq1);
}

/* raw, freed of its bias: interpolated in the table of its means. */
static double
adjust(const struct sk_hll *hll, double raw)
{
	const double *xs = hll->lgk <= SK_HLL_LGK_LOW ?
	    sk_hll_raw_low[hll->lgk - SK_HLL_LGK_MIN] :
	    sk_hll_raw_high[hll->lgk - SK_HLL_LGK_LOW - 1];
	double stride = sk_hll_stride[hll->lgk - SK_HLL_LGK_MIN];
	double ys[4];

	if (raw < xs[0])
		return 0;
	if (raw > xs[SK_HLL_RAW - 1])
		return raw * (stride * (SK_HLL_RAW - 1) / xs[SK_HLL_RAW - 1]);
	if (raw == xs[SK_HLL_RAW - 1])
		return stride * (SK_HLL_RAW - 1);
	size_t o = window(interval(xs, SK_HLL_RAW, raw), SK_HLL_RAW);

	for (size_t i = 0; i < 4; i++)
		ys[i] = stride * (double)(o + i);
	return cubic(xs + o, ys, raw);
}

double
sk_hll_composite(const struct sk_hll *hll)
{
	if (hll->mode != SK_HLL_HLL)
		return sk_hll_coupon_estimate(hll->n);
	double k = sk_hll_size(hll);
	double adj = adjust(hll, raw_estimate(hll));

	if (adj > 3.0 * k)
		return adj;
	double lin = linear(k, hll->cur_min == 0 ? hll->at_min : 0);
	double cross = hll->lgk == 4 ? 0.718 : hll->lgk == 5 ? 0.672 : 0.64;

	return (adj + lin) / 2.0 > cross * k ? adj : lin;
}

double
sk_hll_estimate(const struct sk_hll *hll)
{
	if (hll->mode == SK_HLL_HLL && !hll->out_of_order)
		return hll->hip;
	return sk_hll_composite(hll);
}

static struct sk_hll_bounds
coupon_bounds(uint32_t n, unsigned sds)
{
	double e = coupon_estimate(n);
	double r = sds * (0.409 / 8192); /* 2^26 addresses: 0.409/2^13 */
	struct sk_hll_bounds b = { fmax(e / (1.0 + r), n),
		fmax(e / (1.0 - r), n) };

	return b;
}

static double
relative_error(const struct sk_hll *hll, int bound, unsigned sds)
{
	if (hll->lgk <= SK_HLL_LGK_TABLE)
		return sk_hll_rel_err[bound][hll->lgk - SK_HLL_LGK_MIN]
		    [sds - 1];
	/* sqrt(ln 2) and sqrt(3 ln 2 - 1) */
	double f = hll->out_of_order ? 1.03896 : 0.8325546;
	double q = sds * f / sqrt(sk_hll_size(hll));

	return bound == HIP_UPPER || bound == MERGED_UPPER ? -q : q;
}

struct sk_hll_bounds
sk_hll_bounds(const struct sk_hll *hll, unsigned sds)
{
	sk_assert(sds >= 1 && sds <= 3);
	if (hll->mode != SK_HLL_HLL)
		return coupon_bounds(hll->n, sds);
	int row = hll->out_of_order ? MERGED_LOWER : HIP_LOWER;
	double e = sk_hll_estimate(hll);
	uint32_t k = sk_hll_size(hll);
	double seen = hll->cur_min > 0 ? k : k - hll->at_min;
	struct sk_hll_bounds b = {
		fmax(e / (1.0 + relative_error(hll, row, sds)), seen),
		e / (1.0 + relative_error(hll, row + 1, sds))
	};

	return b;
}
