/*
 * sk-merge: many inputs, each in the order of time or nearly so, as one in
 * the order of time.
 *
 * Memory is 92 KiB for each input, and what --delay makes it hold back, at
 * most --max-buffer (64 MiB).  The merge is lib/stream/merge.
 */
#include <sys/resource.h>

#include <string.h>

#include "base/err.h"
#include "stream/merge.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	struct sk_merge merge;
} set = { .merge = { .max_held = (uint64_t)64 << 20 } };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_DURATION, .name = "delay", .arg = "DUR",
	    .value = &set.merge.delay_ns,
	    .help = "an input is out of order by at most DUR (0s)" },
	{ .kind = SK_OPT_DURATION, .name = "idle", .arg = "DUR",
	    .value = &set.merge.idle_ns, .min = 1000000,
	    .help = "do not wait for an input that is silent for DUR" },
	{ .kind = SK_OPT_TEXT, .name = "late", .arg = "FILE",
	    .value = &set.merge.late,
	    .help = "add late events to FILE" },
	{ .kind = SK_OPT_SIZE, .name = "max-buffer", .arg = "SIZE",
	    .value = &set.merge.max_held, .min = 65536,
	    .help = "hold back at most SIZE of events (64M)" },
	{ .kind = SK_OPT_END },
};

/* All inputs are open at once: as many as the system allows. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Two readers of one stream would each get parts of it. */
static void
check_inputs(const struct sk_cmd *cmd, char **names)
{
	int n = 0;

	for (; *names != NULL; names++)
		if (strcmp(*names, "-") == 0 && n++ > 0)
			sk_opt_fail(cmd, "-: given twice");
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FORMAT |
		    SK_SHARED_DELIMITER | SK_SHARED_TIME | SK_SHARED_ZONE |
		    SK_SHARED_HEADER | SK_SHARED_EXIT_STATUS |
		    SK_SHARED_OUTPUT | SK_SHARED_BAD | SK_SHARED_MAX_LINE |
		    SK_SHARED_NULL | SK_SHARED_PROGRESS | SK_SHARED_QUIET |
		    SK_SHARED_FRAMES), NULL };
	const struct sk_cmd cmd = { "sk-merge",
		"merge inputs in the order of time",
		"-t FIELD[:FORMAT] [option ...] [INPUT ...]", tables };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	if (set.shared.time == NULL)
		sk_opt_fail(&cmd, "needs -t FIELD");
	check_inputs(&cmd, argv + 1);
	raise_limit();
	set.merge.cmd = &cmd;
	set.merge.shared = &set.shared;
	set.merge.inputs = argv + 1;
	sk_stop_exit(sk_merge_run(&set.merge));
}
