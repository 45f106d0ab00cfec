/*
 * sk-anomaly: alarms for what is odd: numbers, how often something happens,
 * categories, silence.
 *
 * What is odd is lib/detect; the loop, time and the output are
 * lib/stream/anomaly and lib/stream/intervals.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/num.h"
#include "stream/anomaly.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	struct sk_anomspec spec;
} set;

static int
parse_number(const char *text, void *value, char *why, size_t cap)
{
	if (sk_num_f64(sk_view_str(text), value) == 0)
		return 0;
	snprintf(why, cap, "not a number");
	return SK_EUSAGE;
}

static int
parse_share(const char *text, void *value, char *why, size_t cap)
{
	double share;

	if (sk_num_share(sk_view_str(text), &share) != 0 ||
	    !(share >= 0.000001 && share <= 0.999999)) {
		snprintf(why, cap, "not a share from 0.000001 to 0.999999");
		return SK_EUSAGE;
	}
	*(double *)value = share;
	return 0;
}

static const struct sk_opt opts[] = {
	{ SK_OPT_FLAG, .name = "all", .value = &set.spec.all,
	    .help = "pass every event, with its score" },
	{ SK_OPT_DURATION, .name = "delay", .arg = "DUR",
	    .value = &set.spec.delay_ns, .given = &set.spec.delay_given,
	    .help = "events come at most so much out of order" },
	{ SK_OPT_FLAG, .name = "delta",
	    .value = &set.spec.delta,
	    .help = "judge differences: of a counter that only rises" },
	{ SK_OPT_FLAG, .name = "end", .value = &set.spec.end,
	    .help = "also say when an incident is over" },
	{ SK_OPT_FLAG, .name = "explain", .value = &set.spec.explain,
	    .help = "say which part spoke loudest, and how much" },
	{ SK_OPT_DURATION, .name = "for", .arg = "DUR",
	    .value = &set.spec.for_ns,
	    .help = "only when it has lasted so long" },
	{ SK_OPT_DURATION, .name = "gap", .arg = "DUR", .min = 1,
	    .value = &set.spec.gap_ns,
	    .help = "a longer pause ends what lasts" },
	{ SK_OPT_PARSE, .name = "half-life", .arg = "N|DUR",
	    .value = &set.spec.half_life, .parse = sk_every_parse,
	    .help = "novelty: what was seen counts half after so long" },
	{ SK_OPT_PARSE, .name = "high", .arg = "X", .value = &set.spec.high,
	    .given = &set.spec.high_given, .parse = parse_number,
	    .help = "alarm at X and above, until --low" },
	{ SK_OPT_DURATION, .name = "idle", .arg = "DUR", .min = 1000000,
	    .value = &set.spec.idle_ns,
	    .help = "time goes on when nothing has come for DUR" },
	{ SK_OPT_TEXT, .name = "late", .arg = "FILE", .value = &set.spec.late,
	    .help = "add late events to FILE" },
	{ SK_OPT_PARSE, .name = "low", .arg = "Y", .value = &set.spec.low,
	    .given = &set.spec.low_given, .parse = parse_number,
	    .help = "the alarm is over at Y and below (--high)" },
	{ SK_OPT_PARSE, .name = "max", .arg = "X", .value = &set.spec.max,
	    .given = &set.spec.max_given, .parse = parse_number,
	    .help = "alarm above X" },
	{ SK_OPT_PARSE, .name = "min", .arg = "X", .value = &set.spec.min,
	    .given = &set.spec.min_given, .parse = parse_number,
	    .help = "alarm below X" },
	{ SK_OPT_CHOICE, .name = "model", .arg = "NAME",
	    .value = &set.spec.model, .given = &set.spec.model_given,
	    .choices = SK_ANOMALY_MODELS,
	    .help = "what finds odd events (shape)" },
	{ SK_OPT_TEXT, .name = "per", .arg = "DUR", .value = &set.spec.per,
	    .help = "judge the number of events in each DUR" },
	{ SK_OPT_PARSE, .name = "period", .arg = "N|DUR",
	    .value = &set.spec.period, .parse = sk_every_parse,
	    .help = "seasonal: the season (a day; found, without -t)" },
	{ SK_OPT_PARSE, .name = "rare", .arg = "SHARE",
	    .value = &set.spec.rare, .parse = parse_share,
	    .help = "novelty: also what is rarer than this" },
	{ SK_OPT_PARSE, .name = "refractory", .arg = "N|DUR",
	    .value = &set.spec.refractory, .parse = sk_every_parse,
	    .help = "quiet after an alarm (30 and 1 % of all events)" },
	{ SK_OPT_COUNT, .name = "remember", .arg = "N", .min = 1,
	    .max = 1 << 24, .value = &set.spec.remember,
	    .given = &set.spec.remember_given,
	    .help = "novelty: so many values of a key (1000)" },
	{ SK_OPT_PARSE, .name = "threshold", .arg = "P",
	    .value = &set.spec.threshold,
	    .given = &set.spec.threshold_given, .parse = parse_share,
	    .help = "alarm at this score (0.5)" },
	{ SK_OPT_DURATION, .name = "ttl", .arg = "DUR", .min = 1,
	    .value = &set.spec.ttl_ns,
	    .help = "absence: keys are forgotten so long after (never)" },
	{ SK_OPT_COUNT, .name = "warmup", .arg = "N", .value = &set.spec.warmup,
	    .given = &set.spec.warmup_given,
	    .help = "no alarm for the first N events of a key (200)" },
	{ .kind = SK_OPT_END },
};

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_EVENT_TIME |
		    SK_SHARED_KEY | SK_SHARED_VALUE | SK_SHARED_TO |
		    SK_SHARED_EXIT_STATUS | SK_SHARED_OUTPUT | SK_SHARED_BAD |
		    SK_SHARED_MAX_LINE | SK_SHARED_NULL | SK_SHARED_PROGRESS |
		    SK_SHARED_QUIET | SK_SHARED_STATE | SK_SHARED_FRAMES),
		NULL };
	const struct sk_cmd cmd = { "sk-anomaly",
		"say which events are odd",
		"[option ...] [INPUT ...]", tables };

	sk_prog_set(cmd.name);
	sk_stop_init();
	set.spec = sk_anomspec_none;
	set.shared.max_keys = 0;
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	sk_anomspec_settle(&set.spec, &cmd, &set.shared);
	sk_stop_exit(set.spec.intervals ?
	    sk_intervals_run(&set.spec, &cmd, &set.shared, argv + 1) :
	    sk_anomaly_run(&set.spec, &cmd, &set.shared, argv + 1));
}
