/*
 * A vector has its clock first, then its lags by steps of five around: numbers
 * next to each other in time say nearly the same, so a vector that is far off
 * is known to be after a few of them.
 */
#include <math.h>
#include <stdlib.h>

#include "base/image.h"
#include "base/mem.h"
#include "detect/library.h"
#include "detect/rank.h"
#include "detect/shape.h"

#define VIEWS 6
#define PAST 64          /* values, a power of two above the longest lag */
#define BELIEF 600       /* zeros that ranks begin with */
#define FEW 50           /* vectors, with fewer there is no judging */
#define SETTLED 20       /* values until the slow ones mean something */
#define JOINT_AFTER 60   /* values until joint surprises are ranked */
#define FORGET 0.0005    /* of the variance */
#define FORGET_SLOW 0.05
#define SMOOTH 0.2
#define SHARE 0.4        /* of the surprise of J in the evidence */
#define NOISE 1e-9       /* of a value: distances below are rounding */
#define TAU 6.283185307179586

struct kind {
	const char *name;
	uint32_t lags, step;     /* step 0: the slow mean and deviation */
	uint32_t max, light_max; /* vectors; 0: not in the light form */
	uint32_t every;
	bool clock;
};

static const struct kind kinds[VIEWS] = {
	{ "A", 4, 1, 2000, 1000, 2, true },
	{ "B", 12, 1, 1000, 500, 3, true },
	{ "C", 6, 4, 1000, 0, 3, true },
	{ "D", 3, 1, 2000, 0, 1, false },
	{ "E", 12, 4, 1000, 500, 3, false },
	{ "F", 2, 0, 1000, 0, 3, false },
};

struct view {
	int kind;
	struct sk_library known;
	struct sk_rank rank;
	double surprise; /* smoothed */
	float oddity;    /* of this event */
};

struct sk_shape {
	bool light;
	bool clock;      /* the time of day was ever known */
	uint64_t n;      /* values so far */
	uint64_t since;  /* values since the gap */
	double origin;
	double mean, var, slow, slow_var;
	double past[PAST];
	uint32_t nviews;
	struct view view[VIEWS];
	struct sk_rank joint;
};

struct sk_shape *
sk_shape_new(bool light)
{
	struct sk_shape *shape = sk_xcalloc(1, sizeof(*shape));

	shape->light = light;
	for (int i = 0; i < VIEWS; i++) {
		const struct kind *kind = &kinds[i];
		uint32_t max = light ? kind->light_max : kind->max;
		struct view *view = &shape->view[shape->nviews];

		if (max == 0)
			continue;
		view->kind = i;
		sk_library_init(&view->known, kind->lags, kind->clock, max);
		sk_rank_init(&view->rank, BELIEF);
		shape->nviews++;
	}
	return shape;
}

void
sk_shape_free(struct sk_shape *shape)
{
	if (shape == NULL)
		return;
	for (uint32_t i = 0; i < shape->nviews; i++) {
		sk_library_free(&shape->view[i].known);
		sk_rank_free(&shape->view[i].rank);
	}
	sk_rank_free(&shape->joint);
	free(shape);
}

void
sk_shape_gap(struct sk_shape *shape)
{
	shape->since = 0;
}

/* A plain average first, then one that forgets. */
static void
learn(double *mean, double *var, uint64_t n, double forget, double value)
{
	double w = fmax(1.0 / ((double)n + 1.0), forget), d = value - *mean;

	*mean += w * d;
	*var = (1 - w) * (*var + w * d * d);
}

/* The vector of now; false: there are too few values yet. */
static bool
look(const struct sk_shape *shape, const struct kind *kind,
    const double *place, float *z)
{
	uint32_t lags = kind->lags;
	double radius = sqrt(lags);

	if (kind->step == 0) {
		*z++ = (float)shape->slow;
		*z = (float)sqrt(shape->slow_var);
		return shape->n >= SETTLED;
	}
	if (shape->since < (uint64_t)(lags - 1) * kind->step)
		return false;
	if (kind->clock) {
		*z++ = (float)(radius * place[0]);
		*z++ = (float)(radius * place[1]);
	}
	for (uint32_t j = 0; j < lags; j++)
		*z++ = (float)shape->past[(shape->n -
		    (uint64_t)(5 * j % lags) * kind->step) % PAST];
	return true;
}

/* How surprising the vector is among those remembered; it joins them. */
static double
judge(const struct sk_shape *shape, struct view *view, const float *z,
    float noise)
{
	double surprise = 0;

	if (view->known.n >= FEW) {
		view->oddity = sqrtf(sk_library_third(&view->known, z,
		    (float)shape->var, shape->clock));
		if (view->oddity < noise)
			view->oddity = 0;
		surprise = sk_rank_pass(&view->rank, view->oddity);
	}
	if (shape->n % kinds[view->kind].every == 0)
		sk_library_add(&view->known, z);
	return surprise;
}

static double
join(struct sk_shape *shape, double squares)
{
	float all = (float)sqrt(squares / shape->nviews);
	double joint = sqrt(squares / shape->nviews), surprise;

	if (shape->n > JOINT_AFTER)
		surprise = sk_rank_pass(&shape->joint, all);
	else
		surprise = sk_rank_surprise(&shape->joint, all);
	return SHARE * surprise + (1 - SHARE) * joint;
}

static double
within(double value)
{
	return fmin(fmax(value, (double)-SK_LIBRARY_LIMIT),
	    (double)SK_LIBRARY_LIMIT);
}

void
sk_shape_step(struct sk_shape *shape, double value, double day,
    struct sk_shape_sign *sign)
{
	double noise = NOISE * (fabs(value) + 1), squares = 0;
	double place[2] = { 0, 0 };
	float z[SK_LIBRARY_DIMS];

	*sign = (struct sk_shape_sign){ .view = -1 };
	if (day >= 0) {
		shape->clock = true;
		place[0] = cos(TAU * day);
		place[1] = sin(TAU * day);
	}
	if (shape->n == 0)
		shape->origin = value;
	value = within(value - shape->origin);
	learn(&shape->mean, &shape->var, shape->n, FORGET, value);
	learn(&shape->slow, &shape->slow_var, shape->n, FORGET_SLOW, value);
	shape->past[shape->n % PAST] = value;
	for (uint32_t i = 0; i < shape->nviews; i++) {
		struct view *view = &shape->view[i];
		double surprise = 0;

		view->oddity = 0;
		if (look(shape, &kinds[view->kind], place, z))
			surprise = judge(shape, view, z,
			    (float)fmin(noise, (double)SK_LIBRARY_LIMIT));
		view->surprise += SMOOTH * (surprise - view->surprise);
		squares += view->surprise * view->surprise;
		if (view->surprise > sign->surprise)
			*sign = (struct sk_shape_sign){ .view = view->kind,
				.surprise = view->surprise,
				.oddity = (double)view->oddity };
	}
	sign->evidence = join(shape, squares);
	shape->n++;
	shape->since++;
}

const char *
sk_shape_view_name(int view)
{
	return kinds[view].name;
}

void
sk_shape_view_words(int view, bool clock, struct sk_buf *buf)
{
	const struct kind *kind = &kinds[view];

	if (kind->step == 0)
		sk_buf_str(buf, "any level and spread remembered");
	else if (kind->step == 1)
		sk_buf_fmt(buf, "any %u values remembered", kind->lags);
	else
		sk_buf_fmt(buf, "any %u values, %u apart, remembered",
		    kind->lags, kind->step);
	if (clock && kind->clock)
		sk_buf_str(buf, " at this hour");
}

void
sk_shape_save(const struct sk_shape *shape, struct sk_buf *buf)
{
	sk_image_put(buf, shape->light);
	sk_image_put(buf, shape->clock);
	sk_image_put(buf, shape->n);
	sk_image_put(buf, shape->since);
	sk_image_put_f64(buf, shape->origin);
	sk_image_put_f64(buf, shape->mean);
	sk_image_put_f64(buf, shape->var);
	sk_image_put_f64(buf, shape->slow);
	sk_image_put_f64(buf, shape->slow_var);
	for (uint32_t i = 0; i < PAST; i++)
		sk_image_put_f64(buf, shape->past[i]);
	for (uint32_t i = 0; i < shape->nviews; i++) {
		const struct view *view = &shape->view[i];

		sk_image_put_f64(buf, view->surprise);
		sk_library_save(&view->known, buf);
		sk_rank_save(&view->rank, buf);
	}
	sk_rank_save(&shape->joint, buf);
}

/* Numbers between bounds. */
static bool
take(struct sk_view *bytes, double min, double max, double *value)
{
	return sk_image_take_f64(bytes, value) && *value >= min &&
	    *value <= max;
}

static bool
take_level(struct sk_view *bytes, double *value)
{
	double limit = (double)SK_LIBRARY_LIMIT;

	return take(bytes, -limit, limit, value);
}

static bool
take_square(struct sk_view *bytes, double *value)
{
	double limit = 2 * (double)SK_LIBRARY_LIMIT;

	return take(bytes, 0, limit * limit, value);
}

static bool
load_values(struct sk_shape *shape, struct sk_view *bytes)
{
	uint64_t light, clock;

	if (!sk_image_take(bytes, &light) || light != shape->light ||
	    !sk_image_take(bytes, &clock) || clock > 1 ||
	    !sk_image_take(bytes, &shape->n) ||
	    !sk_image_take(bytes, &shape->since) ||
	    shape->since > shape->n ||
	    !sk_image_take_f64(bytes, &shape->origin) ||
	    !take_level(bytes, &shape->mean) ||
	    !take_square(bytes, &shape->var) ||
	    !take_level(bytes, &shape->slow) ||
	    !take_square(bytes, &shape->slow_var))
		return false;
	shape->clock = clock != 0;
	for (uint32_t i = 0; i < PAST; i++)
		if (!take_level(bytes, &shape->past[i]))
			return false;
	return true;
}

bool
sk_shape_load(struct sk_shape *shape, struct sk_view *bytes)
{
	if (!load_values(shape, bytes))
		return false;
	for (uint32_t i = 0; i < shape->nviews; i++) {
		struct view *view = &shape->view[i];

		if (!take(bytes, 0, SK_RANK_TOP, &view->surprise) ||
		    !sk_library_load(&view->known, bytes) ||
		    !sk_rank_load(&view->rank, bytes))
			return false;
	}
	return sk_rank_load(&shape->joint, bytes);
}
