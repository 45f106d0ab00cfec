/*
 * sk-hll: how many distinct lines, or values of a field, a stream holds; with
 * -k for each key.
 *
 * One HyperLogLog sketch of 2^lgk bytes (4 KiB by default) for each key, less
 * while it has few values, whatever the length of the stream.  The sketch is
 * lib/sketch/hll, the keys lib/stream/group, the loop lib/stream/run.
 */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "sketch/hll.h"
#include "stream/emit.h"
#include "stream/group.h"
#include "stream/run.h"
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

static int
batch(void *self, const struct sk_batch *events, struct sk_emit *emit)
{
	struct sk_group *group = self;
	struct sk_hll *hll;
	size_t i;
	int err = 0;

	if (group->nfields == 0) {
		sk_hll_add_batch(sk_group_get(group, 0), events->field[0],
		    events->n);
		return 0;
	}
	for (i = 0; i < events->n && err == 0; i++) {
		hll = sk_group_state(group, events, i);
		if (hll != NULL)
			sk_hll_add(hll, events->field[0][i]);
		else
			err = sk_emit_bad(emit, events->line[i],
			    "too many keys");
	}
	return err;
}

static void
put_estimate(struct sk_record *record, const struct sk_hll *hll)
{
	double distinct = sk_hll_estimate(hll);
	struct sk_hll_bounds bounds;

	if (!set.bounds) {
		sk_record_u64(record, (uint64_t)llround(distinct));
		return;
	}
	bounds = sk_hll_bounds(hll, (unsigned)set.sds);
	sk_record_f64(record, distinct);
	sk_record_f64(record, bounds.lower);
	sk_record_f64(record, bounds.upper);
}

static int
result(void *self, struct sk_emit *emit)
{
	const struct sk_group *group = self;
	uint32_t *order = sk_group_sorted(group), i;
	struct sk_record *record;
	int err = 0;

	for (i = 0; i < group->n && err == 0; i++) {
		record = sk_emit_begin(emit);
		sk_group_put(group, order[i], record);
		put_estimate(record, sk_group_get(group, order[i]));
		err = sk_emit_end(emit);
	}
	free(order);
	return err;
}

/* The columns of a record: keys, then the estimate. */
static void
name_columns(struct sk_view *columns, const struct sk_want *want, size_t nwant)
{
	size_t i;

	for (i = 1; i < nwant; i++)
		*columns++ = want[i].field.name;
	*columns++ = sk_view_str("distinct");
	if (set.bounds) {
		*columns++ = sk_view_str("lower");
		*columns++ = sk_view_str("upper");
	}
	*columns = sk_view(NULL, 0);
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY),
		NULL };
	const struct sk_cmd cmd = { "sk-hll",
		"estimate the number of distinct values",
		"[option ...] [INPUT ...]", tables };
	struct sk_want want[1 + SK_GROUP_FIELDS_MAX];
	struct sk_view columns[SK_GROUP_FIELDS_MAX + 4];
	struct sk_group group;
	struct sk_run run = { .cmd = &cmd, .shared = &set.shared,
		.op = { .self = &group, .want = want, .nwant = 1,
		    .batch = batch, .tick = result, .finish = result },
		.columns = columns, .inputs = argv + 1 };
	int status;

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	want[0] = sk_run_want(&cmd, "--value", set.shared.value);
	sk_group_init(&group, &cmd, &set.shared, want, &run.op.nwant,
	    sizeof(struct sk_hll), init);
	name_columns(columns, want, run.op.nwant);
	status = sk_stream_run(&run);
	sk_group_free(&group, release);
	sk_stop_exit(status);
}
