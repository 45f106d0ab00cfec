#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "detect/period.h"
#include "detect/seasonal.h"

#define LEVEL_SHARE 0.02
#define PHASE_SHARE 0.02
#define SCALE_SHARE 0.005
#define ERROR_TO_SD 1.2533 /* the root of pi/2 */
#define LOADED_MOST 1e200 /* sums and products by 4 of it are finite */
#define HOUR_NS INT64_C(3600000000000)
#define HOURS_OF_DAY 24
#define HOURS_MOST (366 * HOURS_OF_DAY)

enum mode {
	BY_EVENTS,
	BY_TIME,
	BY_FOUND, /* the period that was found */
	UNDECIDED /* a day or what is found: the first value says */
};

struct phase {
	double offset;
	uint64_t n;
};

struct found {
	struct sk_period period;
	struct phase phase[SK_PERIOD_MOST];
};

struct seasonal {
	enum mode mode;
	uint64_t n;
	double level, scale;
	int64_t span_ns;     /* by time: of the season */
	int64_t width_ns;    /* and of a phase */
	struct found *found; /* by what is found */
	uint32_t nphases;    /* of those that follow */
	struct phase phase[];
};

/* ---- the season ---- */

static int64_t
span_of(const struct sk_model_conf *conf)
{
	return conf->period_ns > 0 ? conf->period_ns :
	    HOURS_OF_DAY * HOUR_NS;
}

static uint32_t
nphases_of(const struct sk_model_conf *conf)
{
	int64_t hours = span_of(conf) / HOUR_NS;

	if (conf->period > 0)
		return conf->period < SK_MODEL_PERIOD_MOST ? conf->period :
		    SK_MODEL_PERIOD_MOST;
	if (hours > HOURS_MOST)
		return HOURS_MOST;
	return hours < HOURS_OF_DAY ? HOURS_OF_DAY : (uint32_t)hours;
}

static size_t
nbytes(const struct sk_model_conf *conf)
{
	return sizeof(struct seasonal) +
	    nphases_of(conf) * sizeof(struct phase);
}

static void
init(void *state, const struct sk_model_conf *conf)
{
	struct seasonal *season = state;

	season->nphases = nphases_of(conf);
	season->span_ns = span_of(conf);
	/* Rounded up: what is left of the span is the last phase's. */
	season->width_ns = (season->span_ns - 1) / season->nphases + 1;
	season->mode = conf->period > 0 ? BY_EVENTS :
	    conf->period_ns > 0 ? BY_TIME : UNDECIDED;
}

static void
release(void *state)
{
	struct seasonal *season = state;

	free(season->found);
}

static void
decide(struct seasonal *season, bool timed)
{
	season->mode = timed ? BY_TIME : BY_FOUND;
	if (!timed)
		season->found = sk_xcalloc(1, sizeof(*season->found));
}

static uint32_t
phase_of_time(const struct seasonal *season,
    const struct sk_model_value *value)
{
	int64_t rest = value->local_ns % season->span_ns;

	if (!value->timed)
		return 0;
	if (rest < 0)
		rest += season->span_ns;
	return (uint32_t)(rest / season->width_ns);
}

static struct phase *
found_phase(struct found *found, uint64_t i)
{
	uint32_t period = found->period.period;

	return &found->phase[period == 0 ? 0 : i % period];
}

static struct phase *
phase_of(struct seasonal *season, const struct sk_model_value *value)
{
	if (season->mode == BY_FOUND)
		return found_phase(season->found, season->found->period.n);
	if (season->mode == BY_EVENTS)
		return &season->phase[season->n % season->nphases];
	return &season->phase[phase_of_time(season, value)];
}

/* ---- values ---- */

static void
learn(struct seasonal *season, struct phase *phase, double r)
{
	season->level += LEVEL_SHARE * r;
	phase->offset += sk_model_weight(phase->n, PHASE_SHARE) * r;
	phase->n++;
	season->scale += sk_model_weight(season->n, SCALE_SHARE) *
	    (fabs(r) - season->scale);
	season->n++;
}

/* The period is another one: the values that are kept are learnt with it. */
static void
learn_anew(struct seasonal *season)
{
	struct found *found = season->found;
	uint64_t n = found->period.n, i;
	struct phase *phase;
	double value;

	memset(found->phase, 0, sizeof(found->phase));
	for (i = n < SK_PERIOD_WINDOW ? 0 : n - SK_PERIOD_WINDOW; i < n; i++) {
		phase = found_phase(found, i);
		value = found->period.ring[i % SK_PERIOD_WINDOW];
		learn(season, phase, value - season->level - phase->offset);
	}
}

static void
step(void *state, const struct sk_model_value *value,
    struct sk_model_guess *guess)
{
	struct seasonal *season = state;
	struct phase *phase;
	double r, expected;

	if (season->mode == UNDECIDED)
		decide(season, value->timed);
	if (season->n == 0)
		season->level = value->value;
	phase = phase_of(season, value);
	expected = season->level + phase->offset;
	r = sk_model_off(value->value, expected);
	if (season->n >= SK_MODEL_YOUNG) {
		guess->oddity = sk_model_oddity(r, season->scale);
		guess->expected = expected;
		guess->low = expected - 3 * ERROR_TO_SD * season->scale;
		guess->high = expected + 3 * ERROR_TO_SD * season->scale;
	}
	learn(season, phase, r);
	if (season->mode == BY_FOUND &&
	    sk_period_add(&season->found->period, value->value))
		learn_anew(season);
}

/* A level without a period stays; a phase of a period is not known. */
static void
gap(void *state)
{
	struct seasonal *season = state;

	if (season->mode != BY_FOUND)
		return;
	if (season->found->period.period != 0) {
		memset(season->found, 0, sizeof(*season->found));
		season->n = 0;
		season->scale = 0;
	}
	season->found->period.n = 0;
}

static void
words(const void *state, double value, const struct sk_model_guess *guess,
    struct sk_buf *buf)
{
	const struct seasonal *season = state;
	uint32_t period = season->mode == BY_EVENTS ? season->nphases :
	    season->mode == BY_FOUND ? season->found->period.period : 0;

	sk_model_put_far(buf, "times the usual error", value, guess);
	if (season->mode == BY_FOUND && period == 0)
		sk_buf_str(buf, "the level");
	else if (period != 0)
		sk_buf_fmt(buf, "what is usual at this point of %u", period);
	else
		sk_buf_fmt(buf, "what is usual at this %s",
		    season->width_ns == HOUR_NS ? "hour" : "time");
}

/* ---- as bytes ---- */

static void
save_phases(const struct phase *phase, uint32_t n, struct sk_buf *buf)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		sk_image_put_f64(buf, phase[i].offset);
		sk_image_put(buf, phase[i].n);
	}
}

static void
save(const void *state, struct sk_buf *buf)
{
	const struct seasonal *season = state;

	sk_image_put(buf, (uint64_t)season->mode);
	sk_image_put(buf, season->n);
	sk_image_put_f64(buf, season->level);
	sk_image_put_f64(buf, season->scale);
	if (season->mode != BY_FOUND) {
		sk_image_put(buf, season->nphases);
		save_phases(season->phase, season->nphases, buf);
		return;
	}
	sk_period_save(&season->found->period, buf);
	save_phases(season->found->phase, SK_PERIOD_MOST, buf);
}

static bool
load_phases(struct phase *phase, uint32_t n, struct sk_view *bytes)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!sk_image_take_f64(bytes, &phase[i].offset) ||
		    !sk_image_take(bytes, &phase[i].n) ||
		    fabs(phase[i].offset) > LOADED_MOST)
			return false;
	return true;
}

/* A stream without a season yet may have become one of either. */
static bool
load_mode(struct seasonal *season, struct sk_view *bytes)
{
	uint64_t mode;

	if (!sk_image_take(bytes, &mode) || mode > UNDECIDED)
		return false;
	if (season->mode == UNDECIDED && mode != BY_EVENTS &&
	    mode != UNDECIDED)
		decide(season, mode == BY_TIME);
	return mode == (uint64_t)season->mode;
}

static bool
load(void *state, struct sk_view *bytes)
{
	struct seasonal *season = state;
	uint32_t n;

	if (!load_mode(season, bytes) || !sk_image_take(bytes, &season->n) ||
	    !sk_image_take_f64(bytes, &season->level) ||
	    !sk_image_take_f64(bytes, &season->scale) ||
	    fabs(season->level) > LOADED_MOST || season->scale < 0 ||
	    season->scale > LOADED_MOST)
		return false;
	if (season->mode == BY_FOUND)
		return sk_period_load(&season->found->period, bytes) &&
		    load_phases(season->found->phase, SK_PERIOD_MOST, bytes);
	return sk_image_take_n(bytes, 16, &n) && n == season->nphases &&
	    load_phases(season->phase, n, bytes);
}

/* The scale is a mean deviation, which is 0.8 standard ones. */
static double
usual(double share)
{
	return 1.2533 * sk_model_normal(share);
}

const struct sk_model_ops sk_seasonal_ops = {
	.theta = -2.2,
	.expects = true,
	.usual = usual,
	.nbytes = nbytes,
	.init = init,
	.free = release,
	.gap = gap,
	.step = step,
	.words = words,
	.save = save,
	.load = load,
};
