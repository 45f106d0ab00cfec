#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "detect/detector.h"
#include "detect/rank.h"
#include "detect/shape.h"
#include "detect/step.h"

#define BELIEF 600 /* oddities that ranks begin with */
#define STRIDE 7919 /* through them: a prime */
#define SMOOTH 0.2
#define DAY_NS INT64_C(86400000000000)

struct sk_detector {
	struct sk_alarm alarm;
	struct sk_step step;
	bool begun;            /* there is a last value, for differences */
	double last;
	struct sk_shape *shape;
	/* Of a simple model. */
	struct sk_model *model;
	struct sk_rank rank;
	double surprise;       /* smoothed */
};

/* The past of which nothing was seen: as the model has it, in some order. */
static void
believe(struct sk_detector *detector, enum sk_model_kind kind)
{
	double share;
	uint32_t i;

	for (i = 0; i < BELIEF; i++) {
		share = (i * STRIDE % BELIEF + 0.5) / BELIEF;
		sk_rank_add(&detector->rank,
		    (float)sk_model_usual(kind, share));
	}
}

struct sk_detector *
sk_detector_new(const struct sk_detector_conf *conf)
{
	struct sk_detector *detector = sk_xcalloc(1, sizeof(*detector));

	if (conf->kind != SK_DETECTOR_SIMPLE) {
		detector->shape = sk_shape_new(conf->kind ==
		    SK_DETECTOR_LIGHT);
		return detector;
	}
	detector->model = sk_model_new(&conf->model);
	sk_rank_init(&detector->rank, 0);
	believe(detector, conf->model.kind);
	return detector;
}

void
sk_detector_free(struct sk_detector *detector)
{
	if (detector->shape != NULL) {
		sk_shape_free(detector->shape);
	} else {
		sk_model_free(detector->model);
		sk_rank_free(&detector->rank);
	}
	free(detector);
}

double
sk_detector_theta(const struct sk_detector_conf *conf)
{
	return conf->kind == SK_DETECTOR_SIMPLE ?
	    sk_model_theta(conf->model.kind) : SK_SHAPE_THETA;
}

/* ---- a value ---- */

static double
share_of_day(const struct sk_detector_value *value)
{
	int64_t rest = value->local_ns % DAY_NS;

	if (!value->timed)
		return -1;
	return (double)(rest < 0 ? rest + DAY_NS : rest) / (double)DAY_NS;
}

/* False: the first value has no difference. */
static bool
difference(struct sk_detector *detector, double *value)
{
	double last = detector->last;
	bool begun = detector->begun;

	detector->last = *value;
	detector->begun = true;
	if (begun && *value >= last)
		*value -= last;
	return begun;
}

static double
ask_shape(struct sk_detector *detector, const struct sk_detector_value *value,
    struct sk_detector_sign *sign)
{
	struct sk_shape_sign shape;

	sk_shape_step(detector->shape, value->value, share_of_day(value),
	    &shape);
	sign->view = shape.view;
	sign->surprise = shape.surprise;
	sign->oddity = shape.oddity;
	return shape.evidence;
}

static double
ask_model(struct sk_detector *detector, const struct sk_detector_value *value,
    struct sk_detector_sign *sign)
{
	const struct sk_model_value given = { value->value, value->local_ns,
		value->timed };
	float oddity;

	sk_model_step(detector->model, &given, &sign->guess);
	oddity = (float)sign->guess.oddity;
	detector->surprise += SMOOTH * (sk_rank_pass(&detector->rank,
	    oddity) - detector->surprise);
	sign->view = -1;
	sign->surprise = detector->surprise;
	sign->oddity = sign->guess.oddity;
	return detector->surprise;
}

static void
leave_gap(struct sk_detector *detector)
{
	if (detector->shape != NULL)
		sk_shape_gap(detector->shape);
	else
		sk_model_gap(detector->model);
}

void
sk_detector_step(struct sk_detector *detector,
    const struct sk_detector_conf *conf, const struct sk_detector_value *value,
    struct sk_detector_sign *sign)
{
	struct sk_detector_value taken = *value;
	double evidence;

	memset(sign, 0, sizeof(*sign));
	sign->view = -1;
	sign->guess.expected = sign->guess.low = sign->guess.high = NAN;
	if (value->timed && !conf->steady &&
	    sk_step_is_gap(&detector->step, value->t_ns))
		leave_gap(detector);
	if (conf->delta && !difference(detector, &taken.value))
		return;
	sign->value = taken.value;
	evidence = detector->shape != NULL ?
	    ask_shape(detector, &taken, sign) :
	    ask_model(detector, &taken, sign);
	sk_alarm_step(&detector->alarm, &conf->alarm, evidence, value->t_ns,
	    &sign->alarm);
}

void
sk_detector_words(const struct sk_detector *detector,
    const struct sk_detector_value *value, const struct sk_detector_sign *sign,
    struct sk_buf *buf)
{
	const struct sk_model_value given = { sign->value, value->local_ns,
		value->timed };

	if (detector->shape == NULL) {
		sk_model_words(detector->model, &given, &sign->guess, buf);
		return;
	}
	sk_buf_str(buf, "unlike ");
	sk_shape_view_words(sign->view, value->timed, buf);
}

/* ---- as bytes ---- */

void
sk_detector_save(const struct sk_detector *detector, struct sk_buf *buf)
{
	sk_alarm_save(&detector->alarm, buf);
	sk_step_save(&detector->step, buf);
	sk_image_put(buf, detector->begun);
	sk_image_put_f64(buf, detector->last);
	if (detector->shape != NULL) {
		sk_shape_save(detector->shape, buf);
		return;
	}
	sk_model_save(detector->model, buf);
	sk_rank_save(&detector->rank, buf);
	sk_image_put_f64(buf, detector->surprise);
}

bool
sk_detector_load(struct sk_detector *detector, struct sk_view *bytes)
{
	uint64_t begun;

	if (!sk_alarm_load(&detector->alarm, bytes) ||
	    !sk_step_load(&detector->step, bytes) ||
	    !sk_image_take(bytes, &begun) || begun > 1 ||
	    !sk_image_take_f64(bytes, &detector->last))
		return false;
	detector->begun = begun != 0;
	if (detector->shape != NULL)
		return sk_shape_load(detector->shape, bytes);
	return sk_model_load(detector->model, bytes) &&
	    sk_rank_load(&detector->rank, bytes) &&
	    sk_image_take_f64(bytes, &detector->surprise);
}
