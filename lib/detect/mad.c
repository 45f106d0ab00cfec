/*
 * The values are kept in the order they came and sorted.  Their distances from
 * the median are sorted too, read outwards from it, downwards on one side and
 * upwards on the other: the median of the two is found by halving.
 */
#include <string.h>

#include "base/image.h"
#include "detect/mad.h"

#define WINDOW 288
#define MAD_TO_SD 1.4826  /* 1 / the third quartile of the normal */
#define MEAN_TO_SD 1.2533 /* the root of pi/2 */

struct mad {
	uint32_t n;
	uint32_t head; /* where the next value goes */
	double ring[WINDOW];
	double sorted[WINDOW];
};

static size_t
nbytes(const struct sk_model_conf *conf)
{
	(void)conf;
	return sizeof(struct mad);
}

static void
init(void *state, const struct sk_model_conf *conf)
{
	(void)state;
	(void)conf;
}

/* ---- the sorted values ---- */

/* How many of them are less. */
static uint32_t
rank_of(const double *sorted, uint32_t n, double value)
{
	const double *base = sorted;

	if (n == 0)
		return 0;
	while (n > 1) {
		uint32_t half = n / 2;

		base += half * (base[half - 1] < value); /* no branch */
		n -= half;
	}
	return (uint32_t)(base - sorted) + (*base < value);
}

static void
insert(struct mad *mad, double value)
{
	uint32_t at = rank_of(mad->sorted, mad->n, value);

	memmove(&mad->sorted[at + 1], &mad->sorted[at],
	    (mad->n - at) * sizeof(*mad->sorted));
	mad->sorted[at] = value;
	mad->n++;
}

/* One move does for the value that goes and the one that comes. */
static void
replace(struct mad *mad, double old, double value)
{
	uint32_t from = rank_of(mad->sorted, WINDOW, old);
	uint32_t to = rank_of(mad->sorted, WINDOW, value);

	if (to > from) {
		to--;
		memmove(&mad->sorted[from], &mad->sorted[from + 1],
		    (to - from) * sizeof(*mad->sorted));
	} else {
		memmove(&mad->sorted[to + 1], &mad->sorted[to],
		    (from - to) * sizeof(*mad->sorted));
	}
	mad->sorted[to] = value;
}

static void
add(struct mad *mad, double value)
{
	if (mad->n == WINDOW)
		replace(mad, mad->ring[mad->head], value);
	else
		insert(mad, value);
	mad->ring[mad->head] = value;
	mad->head = mad->head + 1 < WINDOW ? mad->head + 1 : 0;
}

/* ---- what they say ---- */

static double
median_of(const struct mad *mad)
{
	uint32_t n = mad->n;

	return (mad->sorted[(n - 1) / 2] + mad->sorted[n / 2]) / 2;
}

/* The median of the distances.  The k + 1 values next to the median are
 * sorted[i..i+k]: to leave out the value at i for the one at i + k + 1 is
 * better for all i up to the right one. */
static double
deviation_of(const struct mad *mad, double median)
{
	const double *lo = mad->sorted, *hi;
	uint32_t k = mad->n / 2, n = mad->n - k;
	double below, above;

	while (n > 1) {
		uint32_t half = n / 2;

		lo += half * (median - lo[half - 1] > lo[half + k] - median);
		n -= half;
	}
	hi = lo + k;
	below = median - *lo;
	above = *hi - median;
	if (mad->n % 2 == 1)
		return fmax(below, above);
	/* The farthest is one of the two in the middle, the next the other. */
	if (below > above)
		return (below + fmax(median - lo[1], above)) / 2;
	return (above + fmax(below, hi[-1] - median)) / 2;
}

/* When more than half of the values are the median, what the others are off. */
static double
mean_deviation(const struct mad *mad, double median)
{
	const double *sorted = mad->sorted;
	uint32_t below = rank_of(sorted, mad->n, median), i;
	double sum = 0;

	for (i = 0; i < below; i++)
		sum += median - sorted[i];
	for (i = mad->n; i > below && sorted[i - 1] > median; i--)
		sum += sorted[i - 1] - median;
	return sum / mad->n;
}

static void
judge(const struct mad *mad, double value, struct sk_model_guess *guess)
{
	double median = median_of(mad);
	double scale = MAD_TO_SD * deviation_of(mad, median);

	if (scale == 0)
		scale = MEAN_TO_SD * mean_deviation(mad, median);
	guess->oddity = sk_model_oddity(sk_model_off(value, median), scale);
	guess->expected = median;
	guess->low = median - 3 * scale;
	guess->high = median + 3 * scale;
}

static void
step(void *state, const struct sk_model_value *value,
    struct sk_model_guess *guess)
{
	struct mad *mad = state;

	if (mad->n >= SK_MODEL_YOUNG)
		judge(mad, value->value, guess);
	add(mad, value->value);
}

static void
words(const void *state, double value, const struct sk_model_guess *guess,
    struct sk_buf *buf)
{
	(void)state;
	sk_model_put_far(buf, "robust deviations", value, guess);
	sk_buf_str(buf, "the median");
}

/* ---- as bytes: the values, oldest first ---- */

static void
save(const void *state, struct sk_buf *buf)
{
	const struct mad *mad = state;
	uint32_t first = mad->n == WINDOW ? mad->head : 0, i;

	sk_image_put(buf, mad->n);
	for (i = 0; i < mad->n; i++)
		sk_image_put_f64(buf, mad->ring[(first + i) % WINDOW]);
}

static bool
load(void *state, struct sk_view *bytes)
{
	struct mad *mad = state;
	double value;
	uint32_t n, i;

	if (!sk_image_take_n(bytes, sizeof(value), &n) || n > WINDOW)
		return false;
	for (i = 0; i < n; i++) {
		if (!sk_image_take_f64(bytes, &value) ||
		    fabs(value) > SK_MODEL_FAR)
			return false;
		add(mad, value + 0.0);
	}
	return true;
}

const struct sk_model_ops sk_mad_ops = {
	.theta = -2.1,
	.expects = true,
	.usual = sk_model_normal,
	.nbytes = nbytes,
	.init = init,
	.step = step,
	.words = words,
	.save = save,
	.load = load,
};
