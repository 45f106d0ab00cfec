/*
 * Correlations are summed for LANES lags at once: each lag has its own sum, in
 * the order of the values, so vectors of any width give the same.
 */
#include <math.h>

#include "base/image.h"
#include "detect/period.h"

#define FIRST 256 /* values before the first look */
#define LANES 16
#define CUT 3.0   /* deviations that count */
#define CUTS 4
#define NEAR 0.9  /* of the highest peak */
#define MULTIPLES 8

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

struct series {
	uint32_t n;
	double var;
	/* Behind the values are zeros, for lags that do not count. */
	float x[SK_PERIOD_WINDOW + LANES];
};

/* ---- the series ---- */

/* The values that are kept, from the oldest on, less their mean; the farthest
 * becomes 1, so that floats hold them. */
static void
take(const struct sk_period *period, struct series *series)
{
	uint32_t n = period->n < SK_PERIOD_WINDOW ? (uint32_t)period->n :
	    SK_PERIOD_WINDOW, i;
	uint64_t first = period->n - n;
	double mean = 0, far = 0, off;

	for (i = 0; i < n; i++)
		mean += period->ring[i];
	mean /= n;
	for (i = 0; i < n; i++)
		if (fabs(period->ring[i] - mean) > far)
			far = fabs(period->ring[i] - mean);
	for (i = 0; i < n; i++) {
		off = period->ring[(first + i) % SK_PERIOD_WINDOW] - mean;
		series->x[i] = far == 0 ? 0 : (float)(off / far);
	}
	for (i = 0; i < LANES; i++)
		series->x[n + i] = 0;
	series->n = n;
}

/* Less the straight line of least squares. */
static void
straighten(struct series *series)
{
	double n = series->n, mid = (n - 1) / 2, mean = 0, slope = 0, sum = 0;
	uint32_t i;

	for (i = 0; i < series->n; i++) {
		mean += series->x[i];
		slope += series->x[i] * (i - mid);
	}
	mean /= n;
	slope /= n * (n * n - 1) / 12;
	for (i = 0; i < series->n; i++) {
		series->x[i] -= (float)(mean + slope * (i - mid));
		sum += (double)series->x[i] * series->x[i];
	}
	series->var = sum / n;
}

/* What is far out, and how far, is not to count: each cut leaves less of it in
 * the line and in the deviation that the next one goes by. */
static void
cut(struct series *series)
{
	float most;
	uint32_t i, round;

	straighten(series);
	for (round = 0; round < CUTS; round++) {
		most = (float)(CUT * sqrt(series->var));
		for (i = 0; i < series->n; i++)
			series->x[i] = series->x[i] > most ? most :
			    series->x[i] < -most ? -most : series->x[i];
		straighten(series);
	}
}

/* ---- correlations ---- */

static double
correlation(const struct series *series, uint32_t lag)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i + lag < series->n; i++)
		sum += (double)series->x[i] * series->x[i + lag];
	return sum / (series->n - lag) / series->var;
}

/* The sums of LANES lags from this one on. */
static void
sum_lags(const struct series *series, uint32_t lag, float *sum)
{
	four a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	const float *x = series->x, *y = x + lag, *end = x + series->n;

	for (; y < end; x++, y++) {
		a += *x * *(const four *)y;
		b += *x * *(const four *)(y + 4);
		c += *x * *(const four *)(y + 8);
		d += *x * *(const four *)(y + 12);
	}
	*(four *)sum = a;
	*(four *)(sum + 4) = b;
	*(four *)(sum + 8) = c;
	*(four *)(sum + 12) = d;
}

/* Those of lags 0..last. */
static void
correlate(const struct series *series, uint32_t last, float *out)
{
	uint32_t lag, i;

	for (lag = 0; lag <= last; lag += LANES) {
		sum_lags(series, lag, &out[lag]);
		for (i = lag; i < lag + LANES; i++)
			out[i] /= (float)((series->n - i) * series->var);
	}
}

static bool
is_peak(const float *r, uint32_t lag)
{
	return r[lag] >= SK_PERIOD_LEAST && r[lag] >= r[lag - 1] &&
	    r[lag] > r[lag + 1];
}

/* Noise moves a peak; at multiples of the lag it shows ever more clearly where
 * it is. */
static uint32_t
sharpen(const struct series *series, uint32_t lag)
{
	uint32_t most = series->n / 3, around = (lag + 5) / 10, best = lag;
	uint32_t to = lag + around < most ? lag + around : most, at, i;
	uint32_t multiples = 2 * most / to < MULTIPLES ? 2 * most / to :
	    MULTIPLES;
	double sum, highest = 0;

	for (at = lag - around; at <= to; at++) {
		sum = 0;
		for (i = 1; i <= multiples; i++)
			sum += correlation(series, i * at);
		if (sum > highest) {
			highest = sum;
			best = at;
		}
	}
	return best;
}

static uint32_t
find(const struct series *series)
{
	float r[SK_PERIOD_MOST + 2 + LANES], best = 0;
	uint32_t most = series->n / 3, from = 1, lag;

	correlate(series, most + 1, r);
	while (from <= most && r[from] >= 0)
		from++;
	for (lag = from + 1; lag <= most; lag++)
		if (is_peak(r, lag))
			best = fmaxf(best, r[lag]);
	for (lag = from + 1; lag <= most; lag++)
		if (is_peak(r, lag) && r[lag] >= (float)NEAR * best &&
		    correlation(series, 2 * lag) >= SK_PERIOD_LEAST)
			return sharpen(series, lag);
	return 0;
}

static uint32_t
look(const struct sk_period *period)
{
	struct series series;

	take(period, &series);
	cut(&series);
	if (!(series.var > 0))
		return 0;
	if (period->period != 0 &&
	    correlation(&series, period->period) >= SK_PERIOD_LEAST)
		return period->period;
	return find(&series);
}

/* ---- values ---- */

static bool
is_due(uint64_t n)
{
	return n % SK_PERIOD_WINDOW == 0 || n == FIRST || n == 2 * FIRST ||
	    n == 4 * FIRST;
}

bool
sk_period_add(struct sk_period *period, double value)
{
	uint32_t old = period->period;

	period->ring[period->n++ % SK_PERIOD_WINDOW] = value;
	if (!is_due(period->n))
		return false;
	period->period = look(period);
	return period->period != old;
}

/* ---- as bytes ---- */

void
sk_period_save(const struct sk_period *period, struct sk_buf *buf)
{
	uint64_t i, n = period->n < SK_PERIOD_WINDOW ? period->n :
	    SK_PERIOD_WINDOW;

	sk_image_put(buf, period->n);
	sk_image_put(buf, period->period);
	for (i = 0; i < n; i++)
		sk_image_put_f64(buf, period->ring[i]);
}

bool
sk_period_load(struct sk_period *period, struct sk_view *bytes)
{
	uint64_t found, n, i;

	if (!sk_image_take(bytes, &period->n) ||
	    !sk_image_take(bytes, &found) || found > SK_PERIOD_MOST ||
	    found == 1)
		return false;
	period->period = (uint32_t)found;
	n = period->n < SK_PERIOD_WINDOW ? period->n : SK_PERIOD_WINDOW;
	for (i = 0; i < n; i++)
		if (!sk_image_take_f64(bytes, &period->ring[i]) ||
		    fabs(period->ring[i]) > 1e150)
			return false;
	return true;
}
