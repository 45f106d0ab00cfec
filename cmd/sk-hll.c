/*
 * sk-hll: how many distinct lines, or values of a field, a stream holds; with
 * -k for each key.
 *
 * One HyperLogLog sketch of 2^lgk bytes (4 KiB by default) for each key, less
 * while it has few values, whatever the length of the stream.  The sketch is
 * lib/sketch/hll, the keys and the loop lib/stream/reduce.
 */
#include <math.h>

#include "sketch/hll.h"
#include "stream/reduce.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	bool bounds;
	uint64_t lgk;
	uint64_t sds;
} set = { .lgk = SK_HLL_LGK, .sds = 2 };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_FLAG, .name = "bounds", .value = &set.bounds,
	    .help = "estimate, lower and upper bound, not rounded" },
	{ .kind = SK_OPT_COUNT, .name = "lgk", .arg = "N", .value = &set.lgk,
	    .min = SK_HLL_LGK_MIN, .max = SK_HLL_LGK_MAX,
	    .help = "2^N registers: the size and the error (12)" },
	{ .kind = SK_OPT_COUNT, .name = "sd", .arg = "N", .value = &set.sds,
	    .min = 1, .max = 3,
	    .help = "--bounds at N standard deviations (2)" },
	{ .kind = SK_OPT_END },
};

static void
init(void *state)
{
	sk_hll_init(state, (unsigned)set.lgk, SK_HLL_8);
}

static void
release(void *state)
{
	sk_hll_free(state);
}

static size_t
add(void *state, const struct sk_view *values, size_t n)
{
	sk_hll_add_batch(state, values, n);
	return 0;
}

static int
put(const void *state, struct sk_reduce_rows *rows)
{
	struct sk_record *record = sk_reduce_begin(rows);
	double distinct = sk_hll_estimate(state);
	struct sk_hll_bounds bounds;

	if (set.bounds) {
		bounds = sk_hll_bounds(state, (unsigned)set.sds);
		sk_record_f64(record, distinct);
		sk_record_f64(record, bounds.lower);
		sk_record_f64(record, bounds.upper);
	} else
		sk_record_u64(record, (uint64_t)llround(distinct));
	return sk_reduce_end(rows);
}

int
main(int argc, char **argv)
{
	static const char *const plain[] = { "distinct", NULL };
	static const char *const bounded[] = { "distinct", "lower", "upper",
		NULL };
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY),
		NULL };
	const struct sk_cmd cmd = { "sk-hll",
		"estimate the number of distinct values",
		"[option ...] [INPUT ...]", tables };
	struct sk_reduce reduce = { .size = sizeof(struct sk_hll),
		.init = init, .release = release, .add = add, .put = put };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	reduce.columns = set.bounds ? bounded : plain;
	sk_stop_exit(sk_reduce_run(&reduce, &cmd, &set.shared, argv + 1));
}
