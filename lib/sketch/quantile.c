#include <inttypes.h>
#include <math.h>

#include "base/num.h"
#include "sketch/decimals.h"
#include "sketch/quantile.h"

#define AT_ONCE 256 /* numbers */

static struct sk_kll_plan
plan_of(const struct sk_quantile_conf *conf)
{
	return sk_kll_plan((unsigned)conf->size, conf->exact, conf->seed);
}

static bool
by_digest(const struct sk_quantile *state)
{
	return state->conf->method == SK_QUANTILE_TDIGEST;
}

void
sk_quantile_init(
    struct sk_quantile *state, const struct sk_quantile_conf *conf)
{
	struct sk_kll_plan plan = plan_of(conf);

	state->conf = conf;
	if (by_digest(state))
		sk_tdigest_init(&state->of.digest, (unsigned)conf->size);
	else
		sk_kll_init(&state->of.kll, &plan);
}

void
sk_quantile_free(struct sk_quantile *state)
{
	if (by_digest(state))
		sk_tdigest_free(&state->of.digest);
	else
		sk_kll_free(&state->of.kll);
}

static void
add_numbers(struct sk_quantile *state, const double *value, size_t n)
{
	if (!by_digest(state)) {
		sk_kll_add_batch(&state->of.kll, value, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		sk_tdigest_add(&state->of.digest, value[i]);
}

size_t
sk_quantile_add(
    struct sk_quantile *state, const struct sk_view *text, size_t n)
{
	double number[AT_ONCE];
	size_t i, m, good, bad = 0;

	for (i = 0; i < n; i += m) {
		m = n - i < AT_ONCE ? n - i : AT_ONCE;
		good = sk_decimals(text + i, m, number);
		add_numbers(state, number, good);
		bad += m - good;
	}
	return bad;
}

bool
sk_quantile_add_weighted(
    struct sk_quantile *state, double value, uint64_t weight)
{
	return by_digest(state) ?
	    sk_tdigest_add_weighted(&state->of.digest, value, weight) :
	    sk_kll_add_weighted(&state->of.kll, value, weight);
}

/* ---- images ---- */

#define FAMILY_AT 2
#define FAMILY_KLL 15

static int
method_of(struct sk_view image)
{
	return sk_tdigest_is(image) ? SK_QUANTILE_TDIGEST : SK_QUANTILE_KLL;
}

void
sk_quantile_adopt(struct sk_quantile *state, struct sk_quantile_conf *conf,
    struct sk_view image)
{
	if (conf->chosen)
		return;
	conf->chosen = true;
	sk_quantile_free(state);
	conf->method = method_of(image);
	sk_quantile_init(state, conf);
}

/* An image of the other method is told by its first bytes. */
static int
check_method(const struct sk_quantile_conf *conf, struct sk_view image,
    struct sk_diag *diag)
{
	int method = method_of(image);
	bool kll = image.len > FAMILY_AT && image.ptr[FAMILY_AT] == FAMILY_KLL;

	if (conf->method == SK_QUANTILE_KLL && method == SK_QUANTILE_TDIGEST)
		return sk_diag_set(diag, SK_EDATA,
		    "a t-digest (--method tdigest)");
	if (conf->method == SK_QUANTILE_TDIGEST && kll)
		return sk_diag_set(diag, SK_EDATA,
		    "a KLL sketch (--method kll)");
	return 0;
}

static int
load(struct sk_quantile *state, const struct sk_quantile_conf *conf,
    struct sk_view image, struct sk_diag *diag)
{
	struct sk_kll_plan plan = plan_of(conf);
	int err = check_method(conf, image, diag);

	state->conf = conf;
	if (err != 0)
		return err;
	return by_digest(state) ?
	    sk_tdigest_load(&state->of.digest, image, diag) :
	    sk_kll_load(&state->of.kll, &plan, image, diag);
}

static uint64_t
count(const struct sk_quantile *state)
{
	return by_digest(state) ? state->of.digest.n : state->of.kll.n;
}

static uint64_t
size(const struct sk_quantile *state)
{
	return by_digest(state) ? state->of.digest.k : state->of.kll.k;
}

int
sk_quantile_fold(struct sk_quantile *state, struct sk_view image,
    struct sk_diag *diag)
{
	struct sk_quantile from;
	int err = load(&from, state->conf, image, diag);
	bool fits;

	if (err != 0)
		return err;
	if (count(state) == 0 && (!state->conf->fixed ||
	    size(&from) == state->conf->size)) {
		sk_quantile_free(state);
		*state = from;
		return 0;
	}
	fits = by_digest(state) ?
	    sk_tdigest_merge(&state->of.digest, &from.of.digest) :
	    sk_kll_merge(&state->of.kll, &from.of.kll);
	sk_quantile_free(&from);
	return fits ? 0 : sk_diag_set(diag, SK_EDATA,
	    "over 2^60 numbers with those before");
}

void
sk_quantile_save(const struct sk_quantile *state, struct sk_buf *buf)
{
	if (by_digest(state))
		sk_tdigest_save(&state->of.digest, buf, false);
	else
		sk_kll_save(&state->of.kll, buf);
}

int
sk_quantile_about(struct sk_view image, const char **name, struct sk_buf *text,
    double *median, struct sk_diag *diag)
{
	const struct sk_quantile_conf conf = { .method = method_of(image),
		.size = SK_KLL_K, .seed = 1 };
	struct sk_quantile state;
	struct sk_quantile_view view;
	const struct sk_kll *kll = &state.of.kll;
	const struct sk_tdigest *digest = &state.of.digest;
	int err = load(&state, &conf, image, diag);

	if (err != 0)
		return err;
	*name = by_digest(&state) ? "tdigest" : "kll";
	if (by_digest(&state))
		sk_buf_fmt(text, "k=%u centroids=%" PRIu32 " waiting=%" PRIu32,
		    digest->k, digest->ncentroids, digest->nbuffer);
	else
		sk_buf_fmt(text, "k=%u min_k=%u levels=%u retained=%" PRIu32,
		    kll->k, kll->min_k, kll->levels, sk_kll_held(kll));
	sk_quantile_open(&state, &view);
	sk_buf_fmt(text, " n=%" PRIu64, view.n);
	if (view.n > 0) {
		sk_buf_str(text, " min=");
		sk_num_put_f64(text, view.min);
		sk_buf_str(text, " max=");
		sk_num_put_f64(text, view.max);
	}
	*median = sk_quantile_value(&view, 0.5);
	sk_quantile_close(&view);
	sk_quantile_free(&state);
	return 0;
}

/* ---- questions ---- */

void
sk_quantile_open(
    const struct sk_quantile *state, struct sk_quantile_view *view)
{
	const struct sk_kll *kll = &state->of.kll;

	*view = (struct sk_quantile_view){ .error = NAN };
	view->by_digest = by_digest(state);
	view->n = count(state);
	if (view->by_digest) {
		sk_tdigest_copy(&view->digest, &state->of.digest);
		sk_tdigest_compress(&view->digest);
		view->min = view->digest.min;
		view->max = view->digest.max;
	} else {
		sk_kll_ranks(kll, &view->ranks);
		view->min = kll->min;
		view->max = kll->max;
		view->error = sk_kll_exact(kll) ? 0 : sk_kll_error(kll);
	}
}

void
sk_quantile_close(struct sk_quantile_view *view)
{
	sk_tdigest_free(&view->digest);
	sk_ranks_free(&view->ranks);
}

/* The number of the value in order, from 1: a product that is a whole number
 * but for the error of two roundings is that number. */
static uint64_t
nearest_rank(double share, uint64_t n)
{
	double want = share * (double)n, whole = round(want);

	if (fabs(want - whole) > 4e-16 * want)
		whole = ceil(want);
	return whole < 1 ? 1 : whole >= (double)n ? n : (uint64_t)whole;
}

double
sk_quantile_value(const struct sk_quantile_view *view, double share)
{
	if (view->n == 0)
		return NAN;
	if (share <= 0)
		return view->min;
	if (share >= 1)
		return view->max;
	if (view->by_digest)
		return sk_tdigest_quantile(&view->digest, share);
	return sk_ranks_at(&view->ranks, nearest_rank(share, view->n));
}

/* How many numbers are at most x, or less than x, where min and max are on
 * either side: one of them at least, and not all. */
static double
inner(const struct sk_quantile_view *view, double count)
{
	return fmax(fmin(count, (double)(view->n - 1)), 1);
}

double
sk_quantile_upto(const struct sk_quantile_view *view, double x)
{
	if (view->n == 0 || x < view->min)
		return 0;
	if (x >= view->max)
		return (double)view->n;
	return inner(view, view->by_digest ?
	    sk_tdigest_rank(&view->digest, x) * (double)view->n :
	    (double)sk_ranks_weight(&view->ranks, x, true));
}

double
sk_quantile_below(const struct sk_quantile_view *view, double x)
{
	if (view->n == 0 || x <= view->min)
		return 0;
	if (x > view->max)
		return (double)view->n;
	return inner(view, view->by_digest ?
	    sk_tdigest_rank(&view->digest, nextafter(x, -INFINITY)) *
	    (double)view->n :
	    (double)sk_ranks_weight(&view->ranks, x, false));
}

struct sk_quantile_answer
sk_quantile_value_bounds(const struct sk_quantile_view *view, double share)
{
	struct sk_quantile_answer answer = {
		sk_quantile_value(view, share), NAN, NAN };

	if (!isnan(view->error) && (share <= 0 || share >= 1)) {
		answer.lower = answer.upper = answer.value;
	} else if (!isnan(view->error)) {
		answer.lower = sk_quantile_value(view, share - view->error);
		answer.upper = sk_quantile_value(view, share + view->error);
	}
	return answer;
}

struct sk_quantile_answer
sk_quantile_rank_bounds(const struct sk_quantile_view *view, double x)
{
	double n = (double)view->n, rank;
	struct sk_quantile_answer answer = { NAN, NAN, NAN };

	if (view->n == 0)
		return answer;
	answer.value = rank = sk_quantile_upto(view, x) / n;
	if (isnan(view->error))
		return answer;
	answer.lower = fmax(rank - view->error, x < view->min ? 0 : 1 / n);
	answer.upper = fmin(rank + view->error, 1);
	if (x >= view->max)
		answer.lower = 1;
	if (x < view->min)
		answer.upper = 0;
	return answer;
}

/* The second form cannot overflow, the first has shorter decimals. */
static double
edge(const struct sk_quantile_view *view, uint64_t i, uint64_t n)
{
	double part = (double)i / (double)n, width = view->max - view->min;

	if (i == 0)
		return view->min;
	if (i == n)
		return view->max;
	return isfinite(width) ? view->min + width * part :
	    view->min * (1 - part) + view->max * part;
}

struct sk_quantile_bin
sk_quantile_bin(const struct sk_quantile_view *view, uint64_t i, uint64_t n)
{
	struct sk_quantile_bin bin = { edge(view, i, n), edge(view, i + 1, n),
		0, 0 };
	uint64_t below = (uint64_t)sk_quantile_below(view, bin.lower);

	bin.count = (i + 1 == n ? view->n :
	    (uint64_t)sk_quantile_below(view, bin.upper)) - below;
	bin.share = (double)bin.count / (double)view->n;
	return bin;
}

struct sk_quantile_bin
sk_quantile_step(const struct sk_quantile_view *view, uint64_t i, uint64_t n)
{
	struct sk_quantile_bin step = { NAN, 0, 0, 0 };

	if (i > 0)
		step.lower = sk_quantile_value(view, (double)i / (double)n);
	step.upper = sk_quantile_value(view, (double)(i + 1) / (double)n);
	step.count = (uint64_t)sk_quantile_upto(view, step.upper);
	step.share = (double)step.count / (double)view->n;
	return step;
}
