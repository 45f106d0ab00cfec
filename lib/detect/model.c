/*
 * The table of the models, and what they have in common.  A state of a model
 * is behind its head, in one allocation.
 */
#include <math.h>
#include <stdlib.h>

#include "base/image.h"
#include "base/mem.h"
#include "detect/changepoint.h"
#include "detect/ewma.h"
#include "detect/mad.h"
#include "detect/model.h"
#include "detect/modelops.h"
#include "detect/poisson.h"
#include "detect/seasonal.h"

struct sk_model {
	const struct sk_model_ops *ops;
	enum sk_model_kind kind;
	_Alignas(max_align_t) unsigned char state[];
};

static const struct sk_model_ops *const table[] = {
	[SK_MODEL_EWMA] = &sk_ewma_ops,
	[SK_MODEL_MAD] = &sk_mad_ops,
	[SK_MODEL_SEASONAL] = &sk_seasonal_ops,
	[SK_MODEL_POISSON] = &sk_poisson_ops,
	[SK_MODEL_CHANGEPOINT] = &sk_changepoint_ops,
};

struct sk_model *
sk_model_new(const struct sk_model_conf *conf)
{
	const struct sk_model_ops *ops = table[conf->kind];
	struct sk_model *model = sk_xcalloc(1,
	    sizeof(*model) + ops->nbytes(conf));

	model->ops = ops;
	model->kind = conf->kind;
	ops->init(model->state, conf);
	return model;
}

void
sk_model_free(struct sk_model *model)
{
	if (model != NULL && model->ops->free != NULL)
		model->ops->free(model->state);
	free(model);
}

/* Squares and differences of what is nearer than SK_MODEL_FAR are finite, and
 * 0 is one number, not two. */
static double
tame(double value)
{
	return fmin(fmax(value, -SK_MODEL_FAR), SK_MODEL_FAR) + 0.0;
}

void
sk_model_step(struct sk_model *model, const struct sk_model_value *value,
    struct sk_model_guess *guess)
{
	struct sk_model_value tamed = *value;

	tamed.value = tame(value->value);
	*guess = (struct sk_model_guess){ 0, NAN, NAN, NAN };
	model->ops->step(model->state, &tamed, guess);
}

void
sk_model_gap(struct sk_model *model)
{
	if (model->ops->gap != NULL)
		model->ops->gap(model->state);
}

bool
sk_model_expects(enum sk_model_kind kind)
{
	return table[kind]->expects;
}

double
sk_model_theta(enum sk_model_kind kind)
{
	return table[kind]->theta;
}

double
sk_model_usual(enum sk_model_kind kind, double share)
{
	return table[kind]->usual != NULL ? table[kind]->usual(share) : 0;
}

void
sk_model_put_number(struct sk_buf *buf, double number)
{
	if (fabs(number) >= 99.95 && fabs(number) < 1e9)
		sk_buf_fmt(buf, "%.0f", number);
	else
		sk_buf_fmt(buf, "%.3g", number);
}

void
sk_model_put_far(struct sk_buf *buf, const char *unit, double value,
    const struct sk_model_guess *guess)
{
	if (guess->oddity >= SK_MODEL_MOST) {
		sk_buf_str(buf, "over a million ");
	} else {
		sk_model_put_number(buf, guess->oddity);
		sk_buf_char(buf, ' ');
	}
	sk_buf_str(buf, unit);
	sk_buf_str(buf, value < guess->expected ? " below " : " above ");
}

void
sk_model_words(const struct sk_model *model,
    const struct sk_model_value *value, const struct sk_model_guess *guess,
    struct sk_buf *buf)
{
	model->ops->words(model->state, tame(value->value), guess, buf);
}

void
sk_model_save(const struct sk_model *model, struct sk_buf *buf)
{
	sk_image_put(buf, (uint64_t)model->kind);
	model->ops->save(model->state, buf);
}

bool
sk_model_load(struct sk_model *model, struct sk_view *bytes)
{
	uint64_t kind;

	return sk_image_take(bytes, &kind) && kind == (uint64_t)model->kind &&
	    model->ops->load(model->state, bytes);
}
