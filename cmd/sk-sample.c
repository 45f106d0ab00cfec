/*
 * sk-sample: a fair sample of the lines of a stream, at any moment; or of each
 * key, of the last hour, by weight, or a share of all lines or users.
 *
 * Memory is the lines of the sample and 32 bytes each; in a window of time
 * some more.  The sketches are lib/sketch/reservoir, varopt and recent, the
 * rest lib/stream/sample.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/num.h"
#include "base/rng.h"
#include "sketch/reservoir.h"
#include "stream/sample.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	struct sk_sample sample;
	bool seeded;
} set;

static int
parse_share(const char *text, void *value, char *why, size_t cap)
{
	if (sk_num_share(sk_view_str(text), value) == 0)
		return 0;
	snprintf(why, cap, "not a share (1%%, 0.01)");
	return SK_EUSAGE;
}

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_TEXT, .name = "by", .arg = "FIELD",
	    .value = &set.sample.by,
	    .help = "--rate of the values of FIELD, with all their lines" },
	{ .kind = SK_OPT_PARSE, .name = "rate", .arg = "SHARE",
	    .value = &set.sample.rate, .parse = parse_share,
	    .given = &set.sample.passing,
	    .help = "pass each line with this probability (1%, 0.01)" },
	{ .kind = SK_OPT_COUNT, .letter = 's', .name = "seed", .arg = "N",
	    .value = &set.sample.seed, .given = &set.seeded,
	    .help = "the same seed and input: the same sample (drawn)" },
	{ .kind = SK_OPT_FLAG, .name = "shuffle", .value = &set.sample.shuffle,
	    .help = "in random order, not as they came" },
	{ .kind = SK_OPT_TEXT, .name = "weight", .arg = "FIELD",
	    .value = &set.sample.weight,
	    .help = "lines are as likely as FIELD is large" },
	{ .kind = SK_OPT_DURATION, .name = "within", .arg = "DUR",
	    .value = &set.sample.within_ns, .min = 1,
	    .help = "a sample of the last DUR, by the time of -t" },
	{ .kind = SK_OPT_END },
};

/* The first option that was given of those that ask for a result at the end,
 * or NULL. */
static const char *
result_option(void)
{
	const struct sk_shared *shared = &set.shared;

	return shared->number_given ? "-n" : shared->key.n > 0 ? "-k" :
	    set.sample.weight != NULL ? "--weight" :
	    set.sample.within_ns > 0 ? "--within" :
	    set.sample.shuffle ? "--shuffle" :
	    shared->every.n > 0 || shared->every.ns > 0 ? "--every" : NULL;
}

static const char *
saving_option(void)
{
	const struct sk_shared *shared = &set.shared;

	return shared->save != NULL ? "--save" :
	    shared->load.n > 0 ? "--load" :
	    shared->state != NULL ? "--state" : shared->merge ? "--merge" :
	    NULL;
}

static void
check(const struct sk_cmd *cmd)
{
	const struct sk_sample *sample = &set.sample;
	const struct sk_shared *shared = &set.shared;
	const char *other = saving_option();

	if (sample->passing && result_option() != NULL)
		sk_opt_fail(cmd, "--rate: not with %s", result_option());
	if (sample->passing && other != NULL)
		sk_opt_fail(cmd, "--rate: not with %s: nothing is kept",
		    other);
	if (sample->by != NULL && !sample->passing)
		sk_opt_fail(cmd, "--by: needs --rate");
	if (sample->within_ns > 0 && shared->time == NULL)
		sk_opt_fail(cmd, "--within: needs -t FIELD");
	if (sample->within_ns == 0 && shared->time != NULL)
		sk_opt_fail(cmd, "-t: only with --within");
	if (sample->within_ns > 0 && sample->weight != NULL)
		sk_opt_fail(cmd, "--within: not with --weight");
	if (sample->within_ns > 0 && other != NULL)
		sk_opt_fail(cmd, "--within: not with %s: a window is not "
		    "saved", other);
	if (shared->value != NULL && !shared->merge && !shared->info)
		sk_opt_fail(cmd, "--value: only with --merge and --info; "
		    "lines are sampled whole");
	if (shared->number_given &&
	    (shared->number < 1 || shared->number > SK_SAMPLE_K_MAX))
		sk_opt_fail(cmd, "-n: %" PRIu64 ": from 1 to %" PRIu32,
		    shared->number, SK_SAMPLE_K_MAX);
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_EVENT_TIME |
		    SK_SHARED_KEY | SK_SHARED_VALUE | SK_SHARED_NUMBER |
		    SK_SHARED_EVERY | SK_SHARED_EXIT_STATUS |
		    SK_SHARED_OUTPUT | SK_SHARED_BAD | SK_SHARED_MAX_LINE |
		    SK_SHARED_NULL | SK_SHARED_PROGRESS | SK_SHARED_QUIET |
		    SK_SHARED_STATE | SK_SHARED_SKETCH | SK_SHARED_FRAMES),
		NULL };
	const struct sk_cmd cmd = { "sk-sample", "take a fair sample of lines",
		"[option ...] [INPUT ...]", tables };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	check(&cmd);
	if (!set.seeded)
		set.sample.seed = sk_rng_draw();
	sk_info("seed %" PRIu64, set.sample.seed);
	set.sample.cmd = &cmd;
	set.sample.shared = &set.shared;
	set.sample.inputs = argv + 1;
	sk_stop_exit(sk_sample_run(&set.sample));
}
