#include <inttypes.h>
#include <math.h>

#include "stream/anomspec.h"

#define MOST_KEYS 1000000000

static const char *const names[] = { "shape", "light", "ewma", "mad",
	"seasonal", "poisson", "changepoint", "threshold", "novelty",
	"absence" };

/* So that detectors take about a gigabyte at most. */
static const uint64_t max_keys[] = { 1000, 4000, 10000, 10000, 10000, 10000,
	10000, 1000000, 1000000, 1000000 };

const struct sk_anomspec sk_anomspec_none = { .model = SK_ANOMALY_SHAPE,
	.threshold = 0.5, .high = NAN, .low = NAN, .min = NAN, .max = NAN,
	.remember = SK_NOVELTY_MOST };

/* ---- what goes together ---- */

static void
only_with(const struct sk_cmd *cmd, bool given, const char *option, bool with,
    const char *what)
{
	if (given && !with)
		sk_opt_fail(cmd, "%s: only with %s", option, what);
}

static void
check_bounds(const struct sk_anomspec *spec, const struct sk_cmd *cmd)
{
	bool hysteresis = spec->high_given || spec->low_given;
	bool range = spec->min_given || spec->max_given;
	bool threshold = spec->model == SK_ANOMALY_THRESHOLD;

	only_with(cmd, hysteresis || range, spec->high_given ? "--high" :
	    spec->low_given ? "--low" : spec->min_given ? "--min" : "--max",
	    threshold, "--model threshold");
	only_with(cmd, spec->gap_ns > 0, "--gap", threshold,
	    "--model threshold");
	only_with(cmd, spec->for_ns > 0, "--for", threshold ||
	    spec->model == SK_ANOMALY_ABSENCE,
	    "--model threshold or absence");
	if (!threshold)
		return;
	if (hysteresis && range)
		sk_opt_fail(cmd, "--high, --low: not with --min, --max");
	if (!hysteresis && !range)
		sk_opt_fail(cmd, "--model threshold: needs --high, --min or "
		    "--max");
	only_with(cmd, spec->low_given, "--low", spec->high_given, "--high");
	if (spec->low_given && !(spec->low <= spec->high))
		sk_opt_fail(cmd, "--low: above --high");
	if (spec->min_given && spec->max_given && !(spec->min <= spec->max))
		sk_opt_fail(cmd, "--min: above --max");
}

static void
check_season(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared)
{
	if (spec->period.ns > 0 && shared->time == NULL && spec->per == NULL)
		sk_opt_fail(cmd, "--period: a span of time needs -t FIELD; a "
		    "number is one of events");
	if (spec->period.n == 1 || spec->period.n > 1 << 16)
		sk_opt_fail(cmd, "--period: %" PRIu64 ": from 2 to 65536",
		    spec->period.n);
}

static void
check_time(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared)
{
	bool timed = shared->time != NULL, intervals = spec->intervals;

	only_with(cmd, shared->tz != NULL, "--tz", timed, "-t FIELD");
	only_with(cmd, spec->late != NULL, "--late", timed, "-t FIELD");
	only_with(cmd, spec->delay_given, "--delay", timed && intervals,
	    "-t FIELD and --per or --model absence");
	only_with(cmd, spec->idle_ns > 0, "--idle", timed && intervals,
	    "-t FIELD and --per or --model absence");
	only_with(cmd, shared->to != SK_TO_DEFAULT, "--to", intervals,
	    "--per or --model absence: events pass as they came");
	if (shared->load.n > 1)
		sk_opt_fail(cmd, "--load: only one state");
}

static void
check(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared)
{
	int model = spec->model;
	bool novelty = model == SK_ANOMALY_NOVELTY;
	bool absence = model == SK_ANOMALY_ABSENCE;
	bool numbers = model < SK_ANOMALY_THRESHOLD;

	check_bounds(spec, cmd);
	check_season(spec, cmd, shared);
	check_time(spec, cmd, shared);
	only_with(cmd, spec->period.n > 0 || spec->period.ns > 0, "--period",
	    model == SK_ANOMALY_SEASONAL, "--model seasonal");
	only_with(cmd, spec->rare > 0, "--rare", novelty, "--model novelty");
	only_with(cmd, spec->half_life.n > 0 || spec->half_life.ns > 0,
	    "--half-life", novelty, "--model novelty");
	only_with(cmd, spec->remember_given, "--remember", novelty,
	    "--model novelty");
	only_with(cmd, spec->delta, "--delta", numbers,
	    "models that learn numbers");
	only_with(cmd, spec->threshold_given, "--threshold", numbers,
	    "models that learn numbers");
	only_with(cmd, spec->refractory.n > 0 || spec->refractory.ns > 0,
	    "--refractory", numbers, "models that learn numbers");
	only_with(cmd, spec->warmup_given, "--warmup", numbers || novelty,
	    "models that learn");
	only_with(cmd, spec->ttl_ns > 0, "--ttl", absence, "--model absence");
	if (shared->value != NULL && (absence || spec->per != NULL))
		sk_opt_fail(cmd, "--value: not with %s", absence ?
		    "--model absence" : "--per, which counts events");
	if (spec->per != NULL && (novelty || absence))
		sk_opt_fail(cmd, "--per: not with --model %s", names[model]);
	if (absence && spec->for_ns == 0)
		sk_opt_fail(cmd, "--model absence: needs --for DUR");
	if (absence && spec->all)
		sk_opt_fail(cmd, "--all: not with --model absence");
}

/* ---- from options to what judges ---- */

static void
settle_detector(struct sk_anomspec *spec)
{
	struct sk_detector_conf *detector = &spec->judge.detector;
	bool simple = spec->model >= SK_ANOMALY_EWMA;

	detector->kind = simple ? SK_DETECTOR_SIMPLE :
	    spec->model == SK_ANOMALY_SHAPE ? SK_DETECTOR_SHAPE :
	    SK_DETECTOR_LIGHT;
	if (simple)
		detector->model.kind = (enum sk_model_kind)(spec->model -
		    SK_ANOMALY_EWMA);
	detector->model.period = (uint32_t)spec->period.n;
	detector->model.period_ns = spec->period.ns;
	detector->delta = spec->delta;
	detector->steady = spec->per != NULL;
	detector->alarm = (struct sk_alarm_conf){
		sk_detector_theta(detector), spec->threshold,
		spec->warmup_given ? spec->warmup : SK_ALARM_WARMUP,
		spec->refractory.n, spec->refractory.ns,
		spec->refractory.n > 0, spec->refractory.ns > 0 };
}

static void
settle(struct sk_anomspec *spec, const struct sk_shared *shared)
{
	struct sk_judge_conf *judge = &spec->judge;

	judge->model = spec->name;
	judge->max_keys = (uint32_t)shared->max_keys;
	if (spec->model == SK_ANOMALY_THRESHOLD) {
		judge->kind = SK_JUDGE_THRESHOLD;
		judge->threshold = (struct sk_threshold_conf){ spec->high,
			spec->low, spec->min, spec->max, spec->for_ns,
			spec->gap_ns };
	} else if (spec->model == SK_ANOMALY_NOVELTY) {
		judge->kind = SK_JUDGE_NOVELTY;
		judge->novelty = (struct sk_novelty_conf){
			(uint32_t)spec->remember,
			spec->warmup_given ? spec->warmup : 1, spec->rare,
			spec->half_life.n, spec->half_life.ns };
	} else if (spec->model != SK_ANOMALY_ABSENCE) {
		judge->kind = SK_JUDGE_NUMBERS;
		settle_detector(spec);
	}
}

void
sk_anomspec_settle(struct sk_anomspec *spec, const struct sk_cmd *cmd,
    struct sk_shared *shared)
{
	if (!spec->model_given && (spec->high_given || spec->min_given ||
	    spec->max_given))
		spec->model = SK_ANOMALY_THRESHOLD;
	if (shared->max_keys == 0)
		shared->max_keys = max_keys[spec->model];
	if (shared->max_keys > MOST_KEYS)
		sk_opt_fail(cmd, "--max-keys: %" PRIu64 ": from 1 to %d",
		    shared->max_keys, MOST_KEYS);
	spec->name = names[spec->model];
	spec->intervals = spec->per != NULL ||
	    spec->model == SK_ANOMALY_ABSENCE;
	check(spec, cmd, shared);
	settle(spec, shared);
}

void
sk_anomspec_options(const struct sk_anomspec *spec,
    const struct sk_shared *shared, struct sk_statefile *file)
{
	sk_statefile_option(file, "model", spec->name);
	sk_statefile_option(file, "value", shared->value);
	sk_statefile_list(file, "key", &shared->key);
	sk_statefile_option(file, "time", shared->time);
	sk_statefile_option(file, "tz", shared->tz);
	sk_statefile_option(file, "per", spec->per);
	sk_statefile_number(file, "period", (int64_t)spec->period.n);
	sk_statefile_number(file, "period-ns", spec->period.ns);
	sk_statefile_number(file, "delta", spec->delta);
	sk_statefile_number(file, "for-ns", spec->model == SK_ANOMALY_ABSENCE ?
	    spec->for_ns : 0);
}
