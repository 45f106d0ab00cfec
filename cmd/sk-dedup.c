/*
 * sk-dedup: the first event of each key passes, or the last: of all, within a
 * horizon of time, or among the last N keys.
 *
 * Memory is the keys, exactly, or a filter of a fixed size.  They are
 * lib/window/dedup, latest and lib/sketch/cuckoo; the loop, time and the saved
 * state lib/stream/dedup.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/num.h"
#include "stream/dedup.h"
#include "stream/stop.h"
#include "window/dedup.h"

#define MAX_KEYS 10000000
#define MOST_KEYS 1000000000

static struct {
	struct sk_shared shared;
	struct sk_dedup_spec spec;
	double error;
	bool error_given;
	bool capacity_given;
} set = { .spec = { .capacity = MAX_KEYS } };

static int
parse_error(const char *text, void *value, char *why, size_t cap)
{
	double share;

	if (sk_num_share(sk_view_str(text), &share) != 0 ||
	    !(share >= SK_CUCKOO_ERROR_WIDE)) {
		snprintf(why, cap, "not a share from 0.0000015%% to 100%%");
		return SK_EUSAGE;
	}
	*(double *)value = share;
	return 0;
}

static const struct sk_opt opts[] = {
	{ SK_OPT_FLAG, .name = "approximate", .value = &set.spec.approximate,
	    .help = "a filter of fixed size: some events are lost" },
	{ SK_OPT_COUNT, .name = "capacity", .arg = "N", .min = 1,
	    .max = SK_DEDUP_CAPACITY_MAX, .value = &set.spec.capacity,
	    .given = &set.capacity_given,
	    .help = "with --approximate: so many keys (10000000)" },
	{ SK_OPT_DURATION, .name = "delay", .arg = "DUR",
	    .value = &set.spec.delay_ns, .given = &set.spec.delay_given,
	    .help = "events come at most so much out of order" },
	{ SK_OPT_PARSE, .name = "error", .arg = "RATE", .value = &set.error,
	    .given = &set.error_given, .parse = parse_error,
	    .help = "with --approximate: so many are lost at most (0.1%)" },
	{ SK_OPT_FLAG, .name = "final", .value = &set.spec.final,
	    .help = "with --save: what is held goes out at the end" },
	{ SK_OPT_CHOICE, .name = "keep", .arg = "NAME",
	    .value = &set.spec.keep, .choices = "first|last",
	    .help = "which event of a key passes (first)" },
	{ SK_OPT_COUNT, .name = "last", .arg = "N", .min = 1,
	    .max = MOST_KEYS, .value = &set.spec.last,
	    .help = "only the last N keys are remembered" },
	{ SK_OPT_TEXT, .name = "late", .arg = "FILE", .value = &set.spec.late,
	    .help = "add late events to FILE" },
	{ SK_OPT_DURATION, .name = "within", .arg = "DUR", .min = 1,
	    .value = &set.spec.within_ns,
	    .help = "a key is remembered for DUR, by the time of -t" },
	{ .kind = SK_OPT_END },
};

static void
check_horizon(const struct sk_cmd *cmd)
{
	const struct sk_dedup_spec *spec = &set.spec;
	bool timed = set.shared.time != NULL;

	if (spec->within_ns > 0 && spec->last > 0)
		sk_opt_fail(cmd, "--within: not with --last");
	if (timed && spec->within_ns == 0)
		sk_opt_fail(cmd, "-t: only with --within");
	if (spec->delay_given && !timed)
		sk_opt_fail(cmd, "--delay: needs -t FIELD");
	if (spec->late != NULL && !timed)
		sk_opt_fail(cmd, "--late: needs -t FIELD");
	if (set.shared.max_keys > MOST_KEYS)
		sk_opt_fail(cmd, "--max-keys: %" PRIu64 ": from 1 to %d",
		    set.shared.max_keys, MOST_KEYS);
}

static void
check(const struct sk_cmd *cmd)
{
	const struct sk_dedup_spec *spec = &set.spec;
	bool last = spec->keep == SK_DEDUP_KEEP_LAST;

	check_horizon(cmd);
	if (last && spec->within_ns > 0 && set.shared.time == NULL)
		sk_opt_fail(cmd, "--keep last: --within needs -t FIELD");
	if (last && spec->last > 0)
		sk_opt_fail(cmd, "--keep last: not with --last");
	if (last && spec->approximate)
		sk_opt_fail(cmd, "--keep last: not with --approximate");
	if (spec->approximate && spec->last > 0)
		sk_opt_fail(cmd, "--approximate: not with --last; --capacity "
		    "says how many");
	if (set.error_given && !spec->approximate)
		sk_opt_fail(cmd, "--error: needs --approximate");
	if (set.capacity_given && !spec->approximate)
		sk_opt_fail(cmd, "--capacity: needs --approximate");
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_EVENT_TIME |
		    SK_SHARED_KEY | SK_SHARED_EXIT_STATUS |
		    SK_SHARED_OUTPUT | SK_SHARED_BAD | SK_SHARED_MAX_LINE |
		    SK_SHARED_NULL | SK_SHARED_PROGRESS | SK_SHARED_QUIET |
		    SK_SHARED_STATE | SK_SHARED_FRAMES),
		NULL };
	const struct sk_cmd cmd = { "sk-dedup",
		"pass the first event of each key",
		"[option ...] [INPUT ...]", tables };

	set.shared.max_keys = MAX_KEYS;
	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	check(&cmd);
	set.spec.wide = set.error_given && set.error < SK_CUCKOO_ERROR;
	sk_stop_exit(sk_dedup_run(&set.spec, &cmd, &set.shared, argv + 1));
}
