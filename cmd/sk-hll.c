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
	bool lgk_given;
	uint64_t sds;
	int type; /* enum sk_hll_type */
	bool updatable;
} set = { .lgk = SK_HLL_LGK, .sds = 2, .type = SK_HLL_8 };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_FLAG, .name = "bounds", .value = &set.bounds,
	    .help = "estimate, lower and upper bound, not rounded" },
	{ .kind = SK_OPT_COUNT, .name = "lgk", .arg = "N", .value = &set.lgk,
	    .min = SK_HLL_LGK_MIN, .max = SK_HLL_LGK_MAX,
	    .given = &set.lgk_given,
	    .help = "2^N registers: the size and the error (12)" },
	{ .kind = SK_OPT_COUNT, .name = "sd", .arg = "N", .value = &set.sds,
	    .min = 1, .max = 3,
	    .help = "--bounds at N standard deviations (2)" },
	{ .kind = SK_OPT_CHOICE, .name = "type", .arg = "NAME",
	    .value = &set.type, .choices = "hll4|hll6|hll8",
	    .help = "bits of a register in saved sketches (hll8)" },
	{ .kind = SK_OPT_FLAG, .name = "updatable", .value = &set.updatable,
	    .help = "save the form that Spark writes" },
	{ .kind = SK_OPT_END },
};

static void
init(void *state)
{
	sk_hll_init(state, (unsigned)set.lgk, (enum sk_hll_type)set.type);
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
fold(void *state, struct sk_view image, struct sk_diag *diag)
{
	struct sk_hll from;
	int err = sk_hll_load(&from, image, diag);

	if (err == 0 && !set.lgk_given)
		sk_hll_widen(state, from.lgk);
	if (err == 0)
		sk_hll_merge(state, &from);
	sk_hll_free(&from);
	return err;
}

static void
image(const void *state, struct sk_buf *buf)
{
	const struct sk_hll *hll = state;
	struct sk_hll copy;

	if (hll->type == set.type) {
		sk_hll_save(hll, buf, set.updatable);
		return;
	}
	sk_hll_copy(&copy, hll);
	sk_hll_convert(&copy, (enum sk_hll_type)set.type);
	sk_hll_save(&copy, buf, set.updatable);
	sk_hll_free(&copy);
}

static int
about(struct sk_view bytes, struct sk_record *record, struct sk_diag *diag)
{
	static const char *const modes[] = { "LIST", "SET", "HLL" };
	static const char *const types[] = { "hll4", "hll6", "hll8" };
	struct sk_buf text = { 0 };
	struct sk_hll hll;
	int err = sk_hll_load(&hll, bytes, diag);

	if (err != 0)
		return err;
	sk_buf_fmt(&text, "lgk=%u type=%s mode=%s", hll.lgk, types[hll.type],
	    modes[hll.mode]);
	sk_record_text(record, sk_view(text.ptr, text.len));
	sk_record_u64(record, (uint64_t)llround(sk_hll_estimate(&hll)));
	sk_buf_free(&text);
	sk_hll_free(&hll);
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
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY |
		    SK_SHARED_STATE | SK_SHARED_SKETCH),
		NULL };
	const struct sk_cmd cmd = { "sk-hll",
		"estimate the number of distinct values",
		"[option ...] [INPUT ...]", tables };
	struct sk_reduce reduce = { .size = sizeof(struct sk_hll),
		.init = init, .release = release, .add = add, .put = put,
		.member = "hll", .fold = fold, .image = image,
		.about = about };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	reduce.columns = set.bounds ? bounded : plain;
	sk_stop_exit(sk_reduce_run(&reduce, &cmd, &set.shared, argv + 1));
}
