/*
 * The simple models: each says what it expects, and how odd a value is.
 *
 *	ewma         exponentially weighted mean and variance; deviations
 *	mad          median and median absolute deviation of the last 288
 *	seasonal     a level and an offset for each phase of a season; scales
 *	poisson      a Gamma prior on the rate of a Poisson count, forgetting;
 *	             -log10 of the two-sided predictive tail
 *	changepoint  Bayesian online change points, runs of up to 300; -log10
 *	             of the chance that the run is longer than 8
 *
 * An oddity is 0 or more, in the model's own unit; a rank store and an alarm
 * (detect/rank.h, detect/alarm.h) make of it what can be compared.  Each
 * value is judged before it is learnt.
 *
 * Memory, a stream, and cost, a value: in each header.  Nothing is allocated
 * after the first value.
 */
#ifndef SK_DETECT_MODEL_H
#define SK_DETECT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum sk_model_kind {
	SK_MODEL_EWMA,
	SK_MODEL_MAD,
	SK_MODEL_SEASONAL,
	SK_MODEL_POISSON,
	SK_MODEL_CHANGEPOINT
};

#define SK_MODEL_PERIOD_MOST 65536

/* The season: of so many events, or of a span of local time; with neither, a
 * day where times are known, else the period is looked for in the values. */
struct sk_model_conf {
	enum sk_model_kind kind;
	uint32_t period;   /* events, at most SK_MODEL_PERIOD_MOST */
	int64_t period_ns;
};

/* How odd it is to differ from what was constant; nothing is odder. */
#define SK_MODEL_MOST 1e6

struct sk_model_value {
	double value;      /* finite */
	int64_t local_ns;  /* wall clock of the zone, ns since 1970 */
	bool timed;        /* that is known */
};

/* What was expected, before the value was seen.  NaN: the model cannot say
 * yet, or never does. */
struct sk_model_guess {
	double oddity;
	double expected, low, high;
};

struct sk_model;

struct sk_model *sk_model_new(const struct sk_model_conf *conf);
void sk_model_free(struct sk_model *model);

void sk_model_step(struct sk_model *model, const struct sk_model_value *value,
    struct sk_model_guess *guess);
/* What came is not next to what comes: what hangs on neighbours begins anew,
 * the rest stays. */
void sk_model_gap(struct sk_model *model);

/* What an alarm takes (sk_alarm_conf.theta). */
double sk_model_theta(enum sk_model_kind kind);

/* The oddity that this share of values (0 < share < 1) has at most, if all is
 * as the model says; 0: it does not say. */
double sk_model_usual(enum sk_model_kind kind, double share);

/* Whether guesses have expected, low and high. */
bool sk_model_expects(enum sk_model_kind kind);
/* Of detect/alarm.h, for the surprise of the oddity, smoothed by 0.2. */
double sk_model_theta(enum sk_model_kind kind);

/* Why a value was odd, in words: `5.2 deviations above the mean`. */
void sk_model_words(const struct sk_model *model,
    const struct sk_model_value *value, const struct sk_model_guess *guess,
    struct sk_buf *buf);

/* As bytes, and back into a newly made one of the same conf. */
void sk_model_save(const struct sk_model *model, struct sk_buf *buf);
bool sk_model_load(struct sk_model *model, struct sk_view *bytes);

#endif
