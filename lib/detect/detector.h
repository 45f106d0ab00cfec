/*
 * A detector of one stream of numbers: a model, and the tail that all models
 * share.
 *
 *	value -> model -> oddity -> rank surprise -> smoothing -> alarm
 *
 * (shape novelty has ranks and smoothing in each of its views, and joins them.)
 * The ranks of a simple model begin with 600 oddities as they would be if all
 * were as the model says, so that a young stream is not odd for being young.
 * The score of a value depends on that value and those before it: no length, no
 * range, no second look.
 *
 * Times, where they are known, tell the phase of the day, and gaps: an interval
 * of more than 10 usual steps (the median of the last 31) is one, and what
 * hangs on neighbours begins anew behind it.
 *
 * Memory, a stream: 72 KiB and the model's, which for shape novelty has it all
 * (detect/shape.h).  Nothing is allocated for a value once the stores are full.
 *
 * The figures in the tail were chosen on one half of the Numenta Anomaly
 * Benchmark.
 */
#ifndef SK_DETECT_DETECTOR_H
#define SK_DETECT_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "detect/alarm.h"
#include "detect/model.h"

/* Those of detect/model.h come behind. */
enum sk_detector_kind {
	SK_DETECTOR_SHAPE,
	SK_DETECTOR_LIGHT,
	SK_DETECTOR_SIMPLE
};

struct sk_detector_conf {
	enum sk_detector_kind kind;
	struct sk_model_conf model; /* of a simple one */
	struct sk_alarm_conf alarm;
	bool delta;                 /* differences are judged; less than 0 is
	                             * a reset, and counts from 0 */
	bool steady;                /* times are those of intervals: no gaps */
};

struct sk_detector_value {
	double value;      /* finite */
	bool timed;
	int64_t t_ns;
	int64_t local_ns;  /* the same on the clock of the zone */
};

struct sk_detector_sign {
	struct sk_alarm_sign alarm;
	double value;                /* that was judged: perhaps a difference */
	struct sk_model_guess guess; /* of a simple model */
	int view;                    /* of shape novelty, or -1 */
	double surprise;             /* of the model or the view, smoothed */
	double oddity;
};

struct sk_detector;

struct sk_detector *sk_detector_new(const struct sk_detector_conf *conf);
void sk_detector_free(struct sk_detector *detector);

/* The next value; conf is that of sk_detector_new(). */
void sk_detector_step(struct sk_detector *detector,
    const struct sk_detector_conf *conf, const struct sk_detector_value *value,
    struct sk_detector_sign *sign);

/* Why it was odd, in words. */
void sk_detector_words(const struct sk_detector *detector,
    const struct sk_detector_value *value, const struct sk_detector_sign *sign,
    struct sk_buf *buf);

/* Evidence that an alarm of this model needs (sk_alarm_conf.theta). */
double sk_detector_theta(const struct sk_detector_conf *conf);

void sk_detector_save(const struct sk_detector *detector, struct sk_buf *buf);
/* Into a newly made one of the same conf. */
bool sk_detector_load(struct sk_detector *detector, struct sk_view *bytes);

#endif
