/*
 * sk-replay: print the lines of a log, from any offset or time on, once or
 * for as long as lines come in, as fast as can be or at their own pace.
 *
 * One block of the log, packed and unpacked, is in memory at a time.  The log
 * is read by lib/log/reader, the rest is lib/stream/replay.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "stream/opts.h"
#include "stream/pace.h"
#include "stream/replay.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	struct sk_replay replay;
	uint64_t partition;
	bool partition_given;
	int follow; /* 1 after -f, 0 after --once */
	int on_gap; /* stop, skip */
} set;

static int
parse_last(const char *text, void *value, char *why, size_t cap)
{
	struct sk_replay_point *from = value;
	uint64_t n;

	if (sk_num_u64(sk_view_str(text), &n) != 0 || n > INT64_MAX) {
		snprintf(why, cap, "not a count");
		return SK_EUSAGE;
	}
	from->bound = SK_REPLAY_LAST;
	from->value = (int64_t)n;
	return 0;
}

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_TEXT, .name = "cursor", .arg = "FILE",
	    .value = &set.replay.cursor,
	    .help = "go on where FILE says, and keep it" },
	{ .kind = SK_OPT_SET, .letter = 'f', .name = "follow", .min = 1,
	    .value = &set.follow,
	    .help = "wait for more at the end of the log" },
	{ .kind = SK_OPT_PARSE, .name = "from", .arg = "WHEN",
	    .value = &set.replay.from, .parse = sk_replay_parse_point,
	    .help = "begin at an offset, a time or an age" },
	{ .kind = SK_OPT_PARSE, .name = "last", .arg = "N",
	    .value = &set.replay.from, .parse = parse_last,
	    .help = "begin at the last N lines" },
	{ .kind = SK_OPT_DURATION, .name = "max-gap", .arg = "DUR",
	    .value = &set.replay.max_gap_ns, .min = 1, .max = INT64_MAX,
	    .help = "with --speed: no pause is longer" },
	{ .kind = SK_OPT_CHOICE, .name = "on-gap", .arg = "NAME",
	    .value = &set.on_gap, .choices = "stop|skip",
	    .help = "where retention has removed lines (stop)" },
	{ .kind = SK_OPT_SET, .name = "once", .value = &set.follow,
	    .help = "end at the end of the log: undoes -f" },
	{ .kind = SK_OPT_COUNT, .name = "partition", .arg = "N",
	    .value = &set.partition, .given = &set.partition_given,
	    .help = "only this partition: 0" },
	{ .kind = SK_OPT_FLAG, .name = "skip-damaged",
	    .value = &set.replay.skip_damaged,
	    .help = "name what is damaged and go on; status 4" },
	{ .kind = SK_OPT_PARSE, .name = "speed", .arg = "X",
	    .value = &set.replay.speed, .parse = sk_pace_parse,
	    .help = "1, 10, max: times the speed it once had (max)" },
	{ .kind = SK_OPT_PARSE, .name = "until", .arg = "WHEN",
	    .value = &set.replay.until, .parse = sk_replay_parse_point,
	    .help = "end before an offset, a time or an age" },
	{ .kind = SK_OPT_FLAG, .name = "with-offset",
	    .value = &set.replay.with_offset,
	    .help = "partition and offset in front of each line" },
	{ .kind = SK_OPT_END },
};

static void
check_operands(const struct sk_cmd *cmd, int n)
{
	const char *alone = set.replay.cursor != NULL ? "--cursor" :
	    set.follow ? "--follow" :
	    set.partition_given ? "--partition" : NULL;

	if (n == 0)
		sk_opt_fail(cmd, "needs a TOPIC");
	if (n > 1 && alone != NULL)
		sk_opt_fail(cmd, "%s: takes one TOPIC", alone);
	if (set.partition != 0)
		sk_opt_fail(cmd, "--partition: %llu: out of range; there is "
		    "partition 0", (unsigned long long)set.partition);
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_EVENT_TIME |
		    SK_SHARED_BAD | SK_SHARED_EXIT_STATUS | SK_SHARED_NUMBER |
		    SK_SHARED_OUTPUT | SK_SHARED_PROGRESS | SK_SHARED_QUIET |
		    SK_SHARED_FRAMED), NULL };
	const struct sk_cmd cmd = { "sk-replay", "print the lines of a log",
		"[option ...] TOPIC ...", tables };
	struct sk_diag diag;
	int status;

	sk_prog_set(cmd.name);
	sk_stop_init();
	check_operands(&cmd, sk_opt_parse(&cmd, argc, argv));
	sk_shared_apply(&set.shared);
	set.replay.shared = &set.shared;
	set.replay.follow = set.follow != 0;
	set.replay.skip_removed = set.on_gap == 1;
	if (sk_stream_replay(&set.replay, argv + 1, &status, &diag) != 0)
		sk_opt_fail(&cmd, "%s", diag.text);
	sk_stop_exit(status);
}
