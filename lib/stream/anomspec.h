/*
 * What a user asks of sk-anomaly, and what that is in lib/detect.
 */
#ifndef SK_STREAM_ANOMSPEC_H
#define SK_STREAM_ANOMSPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "detect/judge.h"
#include "stream/opts.h"
#include "stream/statefile.h"

/* In the order of the choices of --model. */
enum sk_anomaly_model {
	SK_ANOMALY_SHAPE,
	SK_ANOMALY_LIGHT,
	SK_ANOMALY_EWMA,
	SK_ANOMALY_MAD,
	SK_ANOMALY_SEASONAL,
	SK_ANOMALY_POISSON,
	SK_ANOMALY_CHANGEPOINT,
	SK_ANOMALY_THRESHOLD,
	SK_ANOMALY_NOVELTY,
	SK_ANOMALY_ABSENCE
};

#define SK_ANOMALY_MODELS "shape|light|ewma|mad|seasonal|poisson|" \
	"changepoint|threshold|novelty|absence"

/* Options as they were typed; `x_given` and 0, NULL, NaN: not given. */
struct sk_anomspec {
	int model;              /* enum sk_anomaly_model */
	bool model_given;
	const char *per;        /* an interval, or NULL */
	bool delta;
	double threshold;       /* of scores */
	bool threshold_given;
	uint64_t warmup;
	bool warmup_given;
	struct sk_every refractory, period, half_life;
	double high, low, min, max;
	bool high_given, low_given, min_given, max_given;
	int64_t for_ns, gap_ns, ttl_ns;
	double rare;
	uint64_t remember;
	bool remember_given;
	int64_t delay_ns;
	bool delay_given;
	int64_t idle_ns;
	const char *late;       /* a file for late events, or NULL */
	bool all, end, explain; /* also what is quiet; what is over; why */

	/* Settled from those. */
	const char *name;       /* of the model */
	bool intervals;         /* --per, or absence: what comes is counted */
	struct sk_judge_conf judge;
};

/* Nothing is given. */
extern const struct sk_anomspec sk_anomspec_none;

/* What is settled; what does not go together ends the program with status
 * 2. */
void sk_anomspec_settle(struct sk_anomspec *spec, const struct sk_cmd *cmd,
    struct sk_shared *shared);

/* The options that a state depends on. */
void sk_anomspec_options(const struct sk_anomspec *spec,
    const struct sk_shared *shared, struct sk_statefile *file);

#endif
