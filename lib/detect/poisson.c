#include "base/image.h"
#include "detect/poisson.h"

#define SHAPE 0.5 /* of the prior */
#define RATE 0.001
#define KEEP 0.99
#define SUMMED 100.0  /* below it tails are summed */
#define ENOUGH 1e-9   /* of the sum: what a last term may be */
#define LN10 2.302585092994046
#define LN2 0.6931471805599453
#define LN_ROOT_2PI 0.9189385332046727
#define ROOT_HALF 0.7071067811865476
#define Z 3.0 /* of the quantiles */

struct poisson {
	uint64_t n;
	double a, b;
};

/* Logs of the two tails of k: P(K <= k) and P(K >= k). */
struct tails {
	double lower, upper;
};

static size_t
nbytes(const struct sk_model_conf *conf)
{
	(void)conf;
	return sizeof(struct poisson);
}

static void
init(void *state, const struct sk_model_conf *conf)
{
	struct poisson *poisson = state;

	(void)conf;
	poisson->a = SHAPE;
	poisson->b = RATE;
}

/* ---- tails by sums ---- */

/* Stirling's series, for x > 0; lgamma() has a global sign. */
static double
log_gamma(double x)
{
	double product = 1, s;

	for (; x < 8; x++)
		product *= x;
	s = 1 / (x * x);
	s = (1 / 12.0 - s * (1 / 360.0 - s * (1 / 1260.0 - s / 1680))) / x;
	s += (x - 0.5) * log(x) - x + LN_ROOT_2PI;
	return product == 1 ? s : s - log(product);
}

/* P(k) + P(k - 1) + ... in units of P(k). */
static double
sum_down(double a, double q, double k)
{
	double term = 1, sum = 1, j;

	for (j = k; j > 0 && term > ENOUGH * sum; j--) {
		term *= j / ((a + j - 1) * q);
		sum += term;
	}
	return sum;
}

/* P(k) + P(k + 1) + ... in units of P(k). */
static double
sum_up(double a, double q, double k)
{
	double term = 1, sum = 1, j;

	for (j = k; term > ENOUGH * sum; j++) {
		term *= (a + j) * q / (j + 1);
		sum += term;
	}
	return sum;
}

/* The log of one tail is as good as its sum; the other one is the rest. */
static void
sum_tails(double a, double b, double k, struct tails *tails)
{
	double q = 1 / (b + 1), log_q = -log(b + 1);
	double mass = log_gamma(a + k) - log_gamma(a) - log_gamma(k + 1) +
	    a * (log(b) + log_q) + k * log_q;
	bool down = k * b < a;
	double tail = mass + log(down ? sum_down(a, q, k) : sum_up(a, q, k));
	double rest = tail < -1 ? 0 : log(fmax(1 + exp(mass) - exp(tail),
	    0.25));

	tails->lower = down ? tail : rest;
	tails->upper = down ? rest : tail;
}

/* ---- tails by their shape ---- */

/* log P(N <= z) of the normal. */
static double
log_normal(double z)
{
	double s = 1 / (z * z);

	if (z > -20)
		return log(erfc(-z * ROOT_HALF) / 2);
	return -z * z / 2 - LN_ROOT_2PI - log(-z) +
	    log1p(-s * (1 - s * (3 - 15 * s)));
}

/* log P(X <= x) of Beta(a, b), where off = (a + b) x - a. */
static double
log_beta(double a, double b, double off)
{
	double root = sqrt(a / (a + b) * b), v = off / root, r;
	double far = -a * log1p(off / a) - b * log1p(-off / b);

	if (fabs(v) < 1e-3)
		return log_normal(v + (b - a) / (a + b) / (3 * root));
	r = copysign(sqrt(2 * far), v);
	return log_normal(r + log(v / r) / r);
}

/* The nearer tail matters in the middle only. */
static void
shape_tails(double a, double b, double k, struct tails *tails)
{
	double below = ((k + 1) * b - a) / (b + 1);
	double above = (a - k * b) / (b + 1);

	tails->lower = tails->upper = 0;
	if (k * b < a) {
		tails->lower = log_beta(a, k + 1, below);
		if (tails->lower > -1)
			tails->upper = log_beta(k, a, above);
	} else {
		tails->upper = log_beta(k, a, above);
		if (tails->upper > -1)
			tails->lower = log_beta(a, k + 1, below);
	}
}

/* ---- counts ---- */

static double
oddity_of(double a, double b, double k)
{
	struct tails tails;
	double least;

	/* The prior would make a constant of 1e10 odd. */
	if (sk_model_off(k, (a - SHAPE) / (b - RATE)) == 0)
		return 0;
	if (k < SUMMED || a < SUMMED * b)
		sum_tails(a, b, k, &tails);
	else
		shape_tails(a, b, k, &tails);
	least = (fmin(tails.lower, tails.upper) + LN2) / LN10;
	return least >= 0 ? 0 : fmin(-least, SK_MODEL_MOST);
}

static void
expect(double a, double b, struct sk_model_guess *guess)
{
	double mean = a / b, sd = sqrt(mean * (1 + 1 / b));
	double shape = 4 * a * (b + 1) / ((b + 2) * (b + 2));
	double root = sqrt(shape), mid = 1 - 1 / (9 * shape);
	double down = fmax(mid - Z / (3 * root), 0);
	double up = fmax(mid + Z / (3 * root), 0);

	guess->expected = mean;
	guess->low = floor(fmax(mean +
	    sd * root * (down * down * down - 1), 0));
	guess->high = ceil(mean + sd * root * (up * up * up - 1));
}

static void
step(void *state, const struct sk_model_value *value,
    struct sk_model_guess *guess)
{
	struct poisson *poisson = state;
	double k = value->value > 0 ? floor(value->value + 0.5) : 0;

	if (poisson->n >= SK_MODEL_YOUNG) {
		guess->oddity = oddity_of(poisson->a, poisson->b, k);
		expect(poisson->a, poisson->b, guess);
	}
	poisson->a = SHAPE + KEEP * (poisson->a - SHAPE) + k;
	poisson->b = RATE + KEEP * (poisson->b - RATE) + 1;
	poisson->n++;
}

static void
words(const void *state, double value, const struct sk_model_guess *guess,
    struct sk_buf *buf)
{
	(void)state;
	if (guess->oddity > 6)
		sk_buf_str(buf, "far ");
	sk_buf_str(buf, value < guess->expected ? "less" : "more");
	sk_buf_str(buf, " than the ");
	sk_model_put_number(buf, guess->expected);
	sk_buf_str(buf, " expected");
}

/* ---- as bytes ---- */

static void
save(const void *state, struct sk_buf *buf)
{
	const struct poisson *poisson = state;

	sk_image_put(buf, poisson->n);
	sk_image_put_f64(buf, poisson->a);
	sk_image_put_f64(buf, poisson->b);
}

static bool
load(void *state, struct sk_view *bytes)
{
	struct poisson *poisson = state;

	return sk_image_take(bytes, &poisson->n) &&
	    sk_image_take_f64(bytes, &poisson->a) &&
	    sk_image_take_f64(bytes, &poisson->b) &&
	    poisson->a >= SHAPE && poisson->a <= 101 * SK_MODEL_FAR &&
	    poisson->b >= RATE && poisson->b <= 101 &&
	    (poisson->n == 0 || poisson->b >= 1);
}

/* Tails of what follows the model are spread evenly. */
static double
usual(double share)
{
	return -log10(1 - share);
}

const struct sk_model_ops sk_poisson_ops = {
	.theta = -2.2,
	.expects = true,
	.usual = usual,
	.nbytes = nbytes,
	.init = init,
	.step = step,
	.words = words,
	.save = save,
	.load = load,
};
