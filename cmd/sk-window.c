/*
 * sk-window: counts, sums and other aggregates of events in windows of time.
 *
 * What is complete goes out when the watermark has passed it, so old data gives
 * the same rows as live data.  The windows are lib/window, the loop, the
 * watermark and the rows lib/stream/window.
 */
#include "stream/stop.h"
#include "stream/window.h"

static struct {
	struct sk_shared shared;
	struct sk_winspec spec;
} set = { .spec = { .emit = SK_WINSPEC_DEFAULT } };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_WORDS, .letter = 'a', .name = "aggregate",
	    .arg = "AGG,...",
	    .value = &set.spec.aggs,
	    .help = "what is said of each window, as sum:bytes (count)" },
	{ .kind = SK_OPT_TEXT, .name = "count", .arg = "N[/N]",
	    .value = &set.spec.count,
	    .help = "the last N events, at every Nth one" },
	{ .kind = SK_OPT_TEXT, .name = "cumulate", .arg = "DUR/DUR",
	    .value = &set.spec.cumulate,
	    .help = "windows of the second, so far, at every first" },
	{ .kind = SK_OPT_DURATION, .name = "delay", .arg = "DUR",
	    .value = &set.spec.delay_ns, .given = &set.spec.delay_given,
	    .help = "events come at most so much out of order (0s)" },
	{ .kind = SK_OPT_PARSE, .name = "early", .arg = "N|DUR",
	    .value = &set.spec.early, .parse = sk_every_parse,
	    .help = "also rows of open windows, every N events or DUR" },
	{ .kind = SK_OPT_CHOICE, .name = "emit", .arg = "NAME",
	    .value = &set.spec.emit, .choices = "final|upsert|changelog",
	    .help = "how windows that change go out" },
	{ .kind = SK_OPT_CHOICE, .name = "fill", .arg = "NAME",
	    .value = &set.spec.fill, .choices = "none|zero|null|last",
	    .help = "rows of keys in windows without an event of theirs" },
	{ .kind = SK_OPT_FLAG, .name = "final", .value = &set.spec.final,
	    .help = "with --save: the end of input closes all windows" },
	{ .kind = SK_OPT_FLAG, .name = "global", .value = &set.spec.global,
	    .help = "one window for all time" },
	{ .kind = SK_OPT_TEXT, .name = "hop", .arg = "DUR/DUR",
	    .value = &set.spec.hop,
	    .help = "windows of the first, one every second" },
	{ .kind = SK_OPT_DURATION, .name = "idle", .arg = "DUR", .min = 1000000,
	    .value = &set.spec.idle_ns,
	    .help = "time goes on when nothing has come for DUR" },
	{ .kind = SK_OPT_TEXT, .name = "late", .arg = "FILE",
	    .value = &set.spec.late, .help = "add late events to FILE" },
	{ .kind = SK_OPT_DURATION, .name = "lateness", .arg = "DUR",
	    .value = &set.spec.lateness_ns,
	    .help = "late events change windows for so long (0s)" },
	{ .kind = SK_OPT_DURATION, .name = "max-length", .arg = "DUR", .min = 1,
	    .value = &set.spec.max_length_ns,
	    .help = "a longer session is cut" },
	{ .kind = SK_OPT_TEXT, .name = "offset", .arg = "DUR",
	    .value = &set.spec.offset,
	    .help = "windows begin so much later, or earlier (-DUR)" },
	{ .kind = SK_OPT_TEXT, .name = "session", .arg = "DUR",
	    .value = &set.spec.session,
	    .help = "events of a key with gaps of at most DUR" },
	{ .kind = SK_OPT_TEXT, .name = "slide", .arg = "DUR",
	    .value = &set.spec.slide,
	    .help = "for each event, the DUR up to it" },
	{ .kind = SK_OPT_DURATION, .name = "ttl", .arg = "DUR", .min = 1,
	    .value = &set.spec.ttl_ns,
	    .help = "keys are filled for so long (for ever)" },
	{ .kind = SK_OPT_TEXT, .name = "tumble", .arg = "DUR",
	    .value = &set.spec.tumble,
	    .help = "windows of DUR, one after another" },
	{ .kind = SK_OPT_END },
};

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, (SK_SHARED_FILTER &
		    ~(unsigned)SK_SHARED_VALUE) | SK_SHARED_KEY |
		    SK_SHARED_EVENT_TIME | SK_SHARED_STATE),
		NULL };
	const struct sk_cmd cmd = { "sk-window",
		"aggregate events in windows of time",
		"[option ...] [INPUT ...]", tables };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	sk_stop_exit(sk_windows_run(&set.spec, &cmd, &set.shared, argv + 1));
}
