/*
 * sk-append: store lines in a log, from stdin or from files that are followed
 * by name.
 *
 * Memory: some 4 MiB: lines that wait for their block, the block before and
 * after compression; more only for longer lines, larger blocks and packed
 * files.  The log is lib/log/writer, the files are followed by lib/io/tail,
 * what is done to lines is lib/stream/intake, the loop lib/stream/collect.
 */
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "io/sys.h"
#include "log/writer.h"
#include "stream/collect.h"
#include "stream/intake.h"
#include "stream/opts.h"
#include "stream/stop.h"

/* --overlong=split|fail|divert=FILE */
struct overlong {
	enum sk_overlong what;
	const char *file;
};

static struct {
	struct sk_shared shared;
	struct sk_log_policy policy;
	enum sk_log_key key[SK_KEY_N]; /* which value an option sets */
	struct overlong overlong;
	int ack; /* -1: none */
	int on_full; /* index of wait */
	int64_t rotate_wait_ns;
	int64_t wait_ns;
	bool from_end;
	bool once;
	bool tail;
	bool with_source;
} set = { .ack = -1, .rotate_wait_ns = INT64_C(5000000000) };

static int
parse_descriptor(const char *text, void *value, char *why, size_t cap)
{
	uint64_t fd;

	if (sk_num_u64(sk_view_str(text), &fd) != 0 || fd > INT_MAX) {
		snprintf(why, cap, "not a descriptor");
		return SK_EUSAGE;
	}
	*(int *)value = (int)fd;
	return 0;
}

static int
parse_overlong(const char *text, void *value, char *why, size_t cap)
{
	struct overlong *out = value;

	if (strcmp(text, "split") == 0)
		*out = (struct overlong){ SK_OVERLONG_SPLIT, NULL };
	else if (strcmp(text, "fail") == 0)
		*out = (struct overlong){ SK_OVERLONG_FAIL, NULL };
	else if (strncmp(text, "divert=", 7) == 0 && text[7] != '\0')
		*out = (struct overlong){ SK_OVERLONG_DIVERT, text + 7 };
	else {
		snprintf(why, cap, "not split, fail or divert=FILE");
		return SK_EUSAGE;
	}
	return 0;
}

/* Values of topic.conf. */
static int
parse_policy(const char *text, void *value, char *why, size_t cap)
{
	const enum sk_log_key *key = value;

	return sk_log_policy_set(&set.policy, sk_log_key_name(*key), text,
	    why, cap);
}

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_PARSE, .name = "ack", .arg = "FD", .value = &set.ack,
	    .parse = parse_descriptor,
	    .help = "tell descriptor FD what is durable: `A 0 OFFSET`" },
	{ .kind = SK_OPT_PARSE, .name = "batch-bytes", .arg = "SIZE",
	    .value = &set.key[SK_KEY_BATCH_BYTES], .parse = parse_policy,
	    .help = "bytes of lines that make a block (256K)" },
	{ .kind = SK_OPT_PARSE, .name = "cleanup", .arg = "NAME",
	    .value = &set.key[SK_KEY_CLEANUP], .parse = parse_policy,
	    .choices = "none|delete",
	    .help = "whether old segments may be removed (none)" },
	{ .kind = SK_OPT_FLAG, .name = "from-end", .value = &set.from_end,
	    .help = "with --tail: of files not known yet only what is new" },
	{ .kind = SK_OPT_PARSE, .name = "level", .arg = "N",
	    .value = &set.key[SK_KEY_LEVEL], .parse = parse_policy,
	    .help = "level of compression, 1 to 19 (1)" },
	{ .kind = SK_OPT_PARSE, .name = "linger", .arg = "DUR",
	    .value = &set.key[SK_KEY_LINGER], .parse = parse_policy,
	    .help = "how long a line waits for its block to fill (200ms)" },
	{ .kind = SK_OPT_PARSE, .name = "max-line", .arg = "SIZE",
	    .value = &set.key[SK_KEY_MAX_LINE], .parse = parse_policy,
	    .help = "bytes of the longest line, with its newline (1M)" },
	{ .kind = SK_OPT_CHOICE, .name = "on-full", .arg = "NAME",
	    .value = &set.on_full, .choices = "fail|wait",
	    .help = "when the disk is full: end, or hold the input (fail)" },
	{ .kind = SK_OPT_FLAG, .name = "once", .value = &set.once,
	    .help = "with --tail: take what is there now and end" },
	{ .kind = SK_OPT_PARSE, .name = "overlong", .arg = "NAME",
	    .value = &set.overlong, .parse = parse_overlong,
	    .choices = "split|fail|divert=",
	    .help = "what becomes of a line over --max-line (split)" },
	{ .kind = SK_OPT_PARSE, .name = "retention-age", .arg = "DUR",
	    .value = &set.key[SK_KEY_RETENTION_AGE], .parse = parse_policy,
	    .help = "with --cleanup=delete: remove what is older" },
	{ .kind = SK_OPT_PARSE, .name = "retention-bytes", .arg = "SIZE",
	    .value = &set.key[SK_KEY_RETENTION_BYTES], .parse = parse_policy,
	    .help = "with --cleanup=delete: remove the oldest beyond SIZE" },
	{ .kind = SK_OPT_DURATION, .name = "rotate-wait", .arg = "DUR",
	    .value = &set.rotate_wait_ns, .help = "with --tail: a "
	    "rotated file so quiet is over (5s)" },
	{ .kind = SK_OPT_PARSE, .name = "segment-age", .arg = "DUR",
	    .value = &set.key[SK_KEY_SEGMENT_AGE], .parse = parse_policy,
	    .help = "begin a new segment after DUR (24h)" },
	{ .kind = SK_OPT_PARSE, .name = "segment-bytes", .arg = "SIZE",
	    .value = &set.key[SK_KEY_SEGMENT_BYTES], .parse = parse_policy,
	    .help = "begin a new segment after SIZE bytes (256M)" },
	{ .kind = SK_OPT_PARSE, .name = "source-age", .arg = "DUR",
	    .value = &set.key[SK_KEY_SOURCE_AGE], .parse = parse_policy,
	    .help = "forget a file that gave nothing for DUR (30d)" },
	{ .kind = SK_OPT_PARSE, .name = "sync", .arg = "NAME",
	    .value = &set.key[SK_KEY_SYNC], .parse = parse_policy,
	    .choices = "block|interval|none|interval:",
	    .help = "when lines become durable (interval:1s)" },
	{ .kind = SK_OPT_FLAG, .name = "tail", .value = &set.tail,
	    .help = "follow the files in front of TOPIC" },
	{ .kind = SK_OPT_PARSE, .name = "torn-keep", .arg = "DUR",
	    .value = &set.key[SK_KEY_TORN_KEEP], .parse = parse_policy,
	    .help = "how long a cut-off tail is kept (7d)" },
	{ .kind = SK_OPT_DURATION, .name = "wait", .arg = "DUR",
	    .value = &set.wait_ns,
	    .help = "wait so long for another writer of TOPIC to end (0)" },
	{ .kind = SK_OPT_FLAG, .name = "with-source",
	    .value = &set.with_source,
	    .help = "with --tail: put the file's name and a TAB in front" },
	{ .kind = SK_OPT_END },
};

/* Known before anything is made of TOPIC. */
static bool
can_read_stdin(void)
{
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
}

static void
check_usage(const struct sk_cmd *cmd, char **operands, int n)
{
	int i;

	if (n == 0)
		sk_opt_fail(cmd, "TOPIC is missing");
	if (set.tail && n == 1)
		sk_opt_fail(cmd, "--tail: FILE is missing");
	for (i = 0; set.tail && i < n - 1; i++)
		if (strcmp(operands[i], "-") == 0)
			sk_opt_fail(cmd, "--tail: - has no name to follow");
	if (!set.tail && n > 1)
		sk_opt_fail(cmd, "one TOPIC; files in front of it need --tail");
	if (set.tail && (set.shared.framed || set.shared.raw))
		sk_opt_fail(cmd, "--%s: of the standard input, not with "
		    "--tail", set.shared.framed ? "framed" : "raw");
	if (!set.tail && (set.from_end || set.once || set.with_source))
		sk_opt_fail(cmd, "--%s needs --tail", set.from_end ?
		    "from-end" : set.once ? "once" : "with-source");
}

static struct sk_log_writer *
open_writer(const char *topic, struct sk_collect *collect, int *err,
    struct sk_diag *diag)
{
	const struct sk_log_ack ack = { sk_collect_ack, collect };
	const struct sk_notify notify = { sk_notify_warn, NULL };
	struct pollfd stop = { .fd = sk_stop_fd(), .events = POLLIN };
	int64_t end = sk_sys_mono_ns() + set.wait_ns;
	struct sk_log_writer *writer;

	do {
		writer = sk_log_writer_open(topic, &set.policy, &ack, &notify,
		    err, diag);
		if (writer != NULL || *err != SK_EBUSY || set.wait_ns == 0)
			break;
		poll(&stop, 1, 50);
		sk_stop_usr1();
	} while (sk_sys_mono_ns() < end && sk_stop_signal() == 0);
	return writer;
}

/* A descriptor for each followed file: as many as we may have. */
static void
raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static int
run(const struct sk_cmd *cmd, const char *topic, char **files, size_t n)
{
	struct sk_intake intake;
	struct sk_collect collect = { .topic = topic, .intake = &intake,
		.wait_full = set.on_full == 1, .once = set.once,
		.from_end = set.from_end, .progress = set.shared.progress,
		.rotate_wait_ns = set.rotate_wait_ns,
		.ack_fd = set.ack, .mode = sk_unframe_mode(&set.shared) };
	struct sk_intake_conf conf = { .overlong = set.overlong.what,
		.divert = set.overlong.file, .with_source = set.with_source,
		.shared = &set.shared, .follows = n > 0 };
	struct sk_diag diag;
	int err, status;

	err = sk_intake_init(&intake, &conf, &diag);
	if (err == SK_EUSAGE)
		sk_opt_fail(cmd, "%s", diag.text);
	if (err == 0)
		collect.writer = open_writer(topic, &collect, &err, &diag);
	if (collect.writer == NULL) {
		sk_error("%s", diag.text);
		sk_intake_close(&intake);
		return sk_err_status(err);
	}
	sk_intake_begin(&intake, collect.writer);
	status = n > 0 ? sk_collect_files(&collect, files, n) :
	    sk_collect_stdin(&collect);
	sk_intake_close(&intake);
	return status;
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_EVENT_TIME |
		    SK_SHARED_PROGRESS | SK_SHARED_QUIET | SK_SHARED_FRAMES),
		NULL };
	const struct sk_cmd cmd = { "sk-append",
		"store lines in a log",
		"[option ...] TOPIC\n"
		"--tail [option ...] FILE ... TOPIC", tables };
	int i, n, status;

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_log_policy_init(&set.policy);
	for (i = 0; i < SK_KEY_N; i++)
		set.key[i] = (enum sk_log_key)i;
	n = sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	check_usage(&cmd, argv + 1, n);
	if (!set.tail && !can_read_stdin()) {
		sk_error("stdin: %s", strerror(EBADF));
		sk_stop_exit(SK_SYSTEM);
	}
	if (set.ack >= 0 && fcntl(set.ack, F_GETFD) < 0) {
		sk_error_sys("--ack %d", set.ack);
		sk_stop_exit(SK_SYSTEM);
	}
	sk_stop_catch_pipe();
	raise_limit();
	status = run(&cmd, argv[n], argv + 1,
	    set.tail ? (size_t)n - 1 : 0);
	sk_stop_exit(status);
}
