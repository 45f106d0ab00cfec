#include "base/image.h"
#include "detect/ewma.h"

#define SHARE 0.01

struct ewma {
	uint64_t n;
	double mean, var;
};

static size_t
nbytes(const struct sk_model_conf *conf)
{
	(void)conf;
	return sizeof(struct ewma);
}

static void
init(void *state, const struct sk_model_conf *conf)
{
	(void)state;
	(void)conf;
}

static void
step(void *state, const struct sk_model_value *value,
    struct sk_model_guess *guess)
{
	struct ewma *ewma = state;
	double w = sk_model_weight(ewma->n, SHARE);
	double d = sk_model_off(value->value, ewma->mean), sd;

	if (ewma->n >= SK_MODEL_YOUNG) {
		sd = fmax(sqrt(ewma->var), 1e-9 * fabs(ewma->mean) + 1e-12);
		guess->oddity = sk_model_oddity(d, sd);
		guess->expected = ewma->mean;
		guess->low = ewma->mean - 3 * sd;
		guess->high = ewma->mean + 3 * sd;
	}
	ewma->mean += w * d;
	ewma->var = (1 - w) * (ewma->var + w * d * d);
	ewma->n++;
}

static void
words(const void *state, double value, const struct sk_model_guess *guess,
    struct sk_buf *buf)
{
	(void)state;
	sk_model_put_far(buf, "deviations", value, guess);
	sk_buf_str(buf, "the mean");
}

static void
save(const void *state, struct sk_buf *buf)
{
	const struct ewma *ewma = state;

	sk_image_put(buf, ewma->n);
	sk_image_put_f64(buf, ewma->mean);
	sk_image_put_f64(buf, ewma->var);
}

static bool
load(void *state, struct sk_view *bytes)
{
	struct ewma *ewma = state;

	return sk_image_take(bytes, &ewma->n) &&
	    sk_image_take_f64(bytes, &ewma->mean) &&
	    sk_image_take_f64(bytes, &ewma->var) &&
	    fabs(ewma->mean) <= 2 * SK_MODEL_FAR && ewma->var >= 0 &&
	    ewma->var <= 8 * SK_MODEL_FAR * SK_MODEL_FAR;
}

const struct sk_model_ops sk_ewma_ops = {
	.theta = -2.2,
	.expects = true,
	.usual = sk_model_normal,
	.nbytes = nbytes,
	.init = init,
	.step = step,
	.words = words,
	.save = save,
	.load = load,
};
