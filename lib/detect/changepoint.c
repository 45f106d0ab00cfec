/*
 * Runs are stepped two at a time, the longest ones first, each into the place
 * of the run that is longer by one: the last places are free by then.  The log
 * of beta' is the log of beta for the next value, so a run costs a log and an
 * exp.  Both are made of + - * / alone, to the 11 digits that matter, so the
 * bits are the same everywhere.
 */
#include "base/image.h"
#include "detect/changepoint.h"

#define RUNS 300
#define ROOM (RUNS + 2) /* the last two step over the end */
#define SHORT 8
#define FIRST 50        /* values that standardise */
#define HAZARD (1 / 250.0)
#define KAPPA 0.1
#define BETA 1.0
#define LEAST 1e-100    /* chance of a run */
#define CUT 1e6         /* deviations */
#define LN_2PI 1.8378770664093453
#define LOG2E 1.4426950408889634
#define LN2_HIGH 6.93147180369123816490e-01 /* 32 bits of it */
#define LN2_LOW 1.90821492927058770002e-10

typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));
typedef uint64_t pair_bits __attribute__((vector_size(16)));

struct changepoint {
	uint64_t n;
	double mean, m2; /* of all values until they are standardised by */
	double sd;       /* 0: they are not yet */
	double first[FIRST];
	uint32_t nruns;  /* that are followed */
	double w[ROOM];
	double mu[ROOM], beta[ROOM], log_beta[ROOM];
	/* Of a run length. */
	double scale[RUNS]; /* log of what pdf has besides beta */
	double share[RUNS]; /* 1 / (kappa + 1) */
};

static size_t
nbytes(const struct sk_model_conf *conf)
{
	(void)conf;
	return sizeof(struct changepoint);
}

/* A run of no values. */
static void
set_run(struct changepoint *change, uint32_t r, double w)
{
	change->w[r] = w;
	change->mu[r] = 0;
	change->beta[r] = BETA;
	change->log_beta[r] = 0;
}

static void
begin_run(struct changepoint *change)
{
	uint32_t r;

	for (r = 0; r < ROOM; r++)
		set_run(change, r, 0);
	change->nruns = 1;
	change->w[0] = 1;
}

static void
init(void *state, const struct sk_model_conf *conf)
{
	struct changepoint *change = state;
	/* log G(alpha + 1/2) / G(alpha): of 1, then by G(x + 1) = x G(x). */
	double gammas = log(sqrt(acos(-1)) / 2), kappa;
	uint32_t r;

	(void)conf;
	for (r = 0; r < RUNS; r++) {
		kappa = KAPPA + r;
		change->scale[r] = gammas -
		    (LN_2PI + log((kappa + 1) / kappa)) / 2;
		change->share[r] = 1 / (kappa + 1);
		gammas = log(1 + r / 2.0) - gammas;
	}
	begin_run(change);
}

static void
gap(void *state)
{
	begin_run(state);
}

/* ---- pairs ---- */

static inline pair
both(double x)
{
	return (pair){ x, x };
}

static inline pair
at(const double *x)
{
	return *(const pair *)x;
}

static inline pair
larger(pair a, pair b)
{
	pair_bits mask = (pair_bits)(a > b);

	return (pair)(((pair_bits)a & mask) | ((pair_bits)b & ~mask));
}

/* x is normal and above 0.  x = 2^e m, m between the roots of 1/2 and 2, and
 * log m = 2 (s + s^3/3 + s^5/5 ...) with s = (m - 1) / (m + 1), below 0.172:
 * what is left out is below 1e-14. */
static inline pair
log_of(pair x)
{
	const pair_bits one = (pair_bits)both(1);
	const pair_bits low = (pair_bits)both(0.7071067811865476);
	const pair_bits two52 = (pair_bits)both(4503599627370496.0);
	pair_bits bits = (pair_bits)x;
	pair_bits e = (bits + (one - low)) >> 52;
	pair m = (pair)(bits - (e << 52) + one);
	pair power = (pair)(e | two52) - (4503599627370496.0 + 1023);
	pair s = (m - 1) / (m + 1), t = s * s;
	pair sum = t * (1 / 15.0) + 1 / 13.0;

	sum = (sum * t + 1 / 11.0) * t + 1 / 9.0;
	sum = ((sum * t + 1 / 7.0) * t + 1 / 5.0) * t + 1 / 3.0;
	return power * LN2_HIGH + (2 * s + (2 * s * t * sum +
	    power * LN2_LOW));
}

/* x <= 0; below -700 as that.  x = k log 2 + r; what is added to round has its
 * last bit at 1.  What is left out is below 1e-12 of exp x. */
static inline pair
exp_of(pair x)
{
	const double round = 6755399441055744.0;
	pair shifted = (x = larger(x, both(-700))) * LOG2E + round;
	pair k = shifted - round, sum = both(1 / 3628800.0);
	pair r = x - k * LN2_HIGH - k * LN2_LOW;

	sum = (sum * r + 1 / 362880.0) * r + 1 / 40320.0;
	sum = (sum * r + 1 / 5040.0) * r + 1 / 720.0;
	sum = (sum * r + 1 / 120.0) * r + 1 / 24.0;
	sum = (sum * r + 1 / 6.0) * r + 1 / 2.0;
	sum = (sum * r + 1) * r + 1;
	return (pair)((pair_bits)sum + ((pair_bits)shifted << 52));
}

/* ---- a standardised value ---- */

/* All runs take z; the logs of what their pdfs were for it, and the largest. */
static double
take(struct changepoint *change, double z, uint32_t n, double *pdf)
{
	pair most = both(-INFINITY), d, beta, log_beta, mu, alpha, p;
	uint32_t r = n;

	while (r > 0) {
		r -= 2;
		d = z - at(&change->mu[r]);
		mu = at(&change->mu[r]) + d * at(&change->share[r]);
		beta = at(&change->beta[r]) +
		    (1 - at(&change->share[r])) * d * d / 2;
		log_beta = log_of(beta);
		alpha = (pair){ 1 + r / 2.0, 1.5 + r / 2.0 };
		p = at(&change->scale[r]) +
		    alpha * at(&change->log_beta[r]) -
		    (alpha + 0.5) * log_beta;
		most = larger(most, p);
		*(pair *)&pdf[r] = p;
		*(pair *)&change->mu[r + 1] = mu;
		*(pair *)&change->beta[r + 1] = beta;
		*(pair *)&change->log_beta[r + 1] = log_beta;
	}
	return fmax(most[0], most[1]);
}

static void
weigh(struct changepoint *change, uint32_t n, double *pdf, double most)
{
	pair sum = both(0), p;
	double all;
	uint32_t r;

	for (r = 0; r < n; r += 2) {
		p = at(&change->w[r]) * exp_of(at(&pdf[r]) - most);
		sum += p;
		*(pair *)&pdf[r] = p;
	}
	all = (1 - HAZARD) / (sum[0] + sum[1]);
	for (r = 0; r < n; r += 2)
		*(pair *)&change->w[r + 1] = at(&pdf[r]) * all + LEAST;
	set_run(change, 0, HAZARD);
}

/* The chance that the run is longer than SHORT. */
static double
chance_long(const struct changepoint *change)
{
	double sum = 0;
	uint32_t r;

	if (change->nruns <= SHORT + 1)
		return 1;
	for (r = SHORT + 1; r < change->nruns; r++)
		sum += change->w[r];
	return sum;
}

static void
add(struct changepoint *change, double value)
{
	double z = (value - change->mean) / change->sd, pdf[RUNS], most;
	/* The last of them may not be there yet: its chance is 0. */
	uint32_t n = (change->nruns + 1) / 2 * 2;

	z = fmin(fmax(z, -CUT), CUT);
	most = take(change, z, n, pdf);
	weigh(change, n, pdf, most);
	if (change->nruns < RUNS)
		change->nruns++;
	else
		change->w[RUNS - 1] += change->w[RUNS];
}

/* ---- values ---- */

/* The values before the stream can be standardised are learnt when it is. */
static void
collect(struct changepoint *change, double value)
{
	double off = sk_model_off(value, change->mean), sd;
	uint64_t i;

	change->first[change->n++ % FIRST] = value;
	change->mean += off / (double)change->n;
	change->m2 += off * (value - change->mean);
	if (change->n < FIRST)
		return;
	sd = sqrt(change->m2 / (double)change->n);
	if (sd == 0)
		return;
	change->sd = sd;
	for (i = change->n - FIRST; i < change->n; i++)
		add(change, change->first[i % FIRST]);
}

static void
step(void *state, const struct sk_model_value *value,
    struct sk_model_guess *guess)
{
	struct changepoint *change = state;
	double chance;

	if (change->sd > 0)
		add(change, value->value);
	else
		collect(change, value->value);
	chance = chance_long(change);
	guess->oddity = chance < 1 ? -log10(chance) : 0;
}

/* w[r]: the run has r values, the last one among them. */
static void
words(const void *state, double value, const struct sk_model_guess *guess,
    struct sk_buf *buf)
{
	const struct changepoint *change = state;
	uint32_t r, best = 1;

	(void)value;
	(void)guess;
	for (r = 2; r <= SHORT; r++)
		if (change->w[r] > change->w[best])
			best = r;
	if (chance_long(change) > 0.5)
		sk_buf_str(buf, "perhaps ");
	if (best == 1)
		sk_buf_str(buf, "a change with this value");
	else
		sk_buf_fmt(buf, "a change some %u value%s ago", best - 1,
		    best == 2 ? "" : "s");
}

/* ---- as bytes ---- */

static void
save_numbers(const double *x, uint32_t n, struct sk_buf *buf)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		sk_image_put_f64(buf, x[i]);
}

static void
save(const void *state, struct sk_buf *buf)
{
	const struct changepoint *change = state;

	sk_image_put(buf, change->n);
	save_numbers(&change->mean, 1, buf);
	save_numbers(&change->m2, 1, buf);
	save_numbers(&change->sd, 1, buf);
	if (change->sd == 0) {
		save_numbers(change->first, FIRST, buf);
		return;
	}
	sk_image_put(buf, change->nruns);
	save_numbers(change->w, change->nruns, buf);
	save_numbers(change->mu, change->nruns, buf);
	save_numbers(change->beta, change->nruns, buf);
}

static bool
load_numbers(double *x, uint32_t n, double least, double most,
    struct sk_view *bytes)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!sk_image_take_f64(bytes, &x[i]) || x[i] < least ||
		    x[i] > most)
			return false;
	return true;
}

static bool
load_runs(struct changepoint *change, struct sk_view *bytes)
{
	uint32_t n, r;
	pair beta;

	if (!sk_image_take_n(bytes, 24, &n) || n == 0 || n > RUNS ||
	    !load_numbers(change->w, n, LEAST / 2, 1.1, bytes) ||
	    !load_numbers(change->mu, n, -2 * CUT, 2 * CUT, bytes) ||
	    !load_numbers(change->beta, n, BETA, CUT * CUT * RUNS * 3, bytes))
		return false;
	change->nruns = n;
	for (r = 1; r < n; r++) {
		beta = log_of(both(change->beta[r]));
		change->log_beta[r] = beta[0];
	}
	return change->beta[0] == BETA;
}

static bool
load(void *state, struct sk_view *bytes)
{
	const double far = 2 * SK_MODEL_FAR;
	struct changepoint *change = state;

	if (!sk_image_take(bytes, &change->n) ||
	    !load_numbers(&change->mean, 1, -far, far, bytes) ||
	    !load_numbers(&change->m2, 1, 0, INFINITY, bytes) ||
	    !load_numbers(&change->sd, 1, 0, 2 * far, bytes))
		return false;
	if (change->sd == 0)
		return load_numbers(change->first, FIRST, -far, far, bytes);
	return load_runs(change, bytes);
}

const struct sk_model_ops sk_changepoint_ops = {
	.theta = -2.2,
	.nbytes = nbytes,
	.init = init,
	.gap = gap,
	.step = step,
	.words = words,
	.save = save,
	.load = load,
};
