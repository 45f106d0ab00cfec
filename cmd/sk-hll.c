/*
 * sk-hll: how many distinct lines, or values of a field, a stream holds; with
 * -k for each key.
 *
 * One HyperLogLog sketch of 2^lgk bytes (4 KiB by default) for each key, less
 * while it has few values, whatever the length of the stream.  The sketch is
 * lib/sketch/hll, the keys, saved files and the loop lib/stream/reduce.
 */
#include <math.h>

#include "sketch/hll_overlap.h"
#include "stream/reduce.h"
#include "stream/run.h"
#include "stream/saved.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	bool bounds;
	uint64_t lgk;
	bool lgk_given;
	uint64_t sds;
	bool intersect, jaccard;
	int type; /* enum sk_hll_type */
	bool updatable;
} set = { .lgk = SK_HLL_LGK, .sds = 2, .type = SK_HLL_8 };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_FLAG, .name = "bounds", .value = &set.bounds,
	    .help = "estimate, lower and upper bound, not rounded" },
	{ .kind = SK_OPT_FLAG, .name = "intersect", .value = &set.intersect,
	    .help = "two saved sketches: how many values are in both" },
	{ .kind = SK_OPT_FLAG, .name = "jaccard", .value = &set.jaccard,
	    .help = "two saved sketches: the share of values in both" },
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
	sk_record_text(record, sk_view_str("hll"));
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

/* ---- two saved sketches ---- */

static int
fold_image(void *arg, const struct sk_saved_image *image)
{
	struct sk_diag diag;
	int err = fold(arg, image->bytes, &diag);

	if (err != 0)
		sk_error("%s: %s", image->where, diag.text);
	return err;
}

static int
put_overlap(const struct sk_hll *pair)
{
	const struct sk_view columns[] = {
		sk_view_str(set.jaccard ? "jaccard" : "distinct"),
		sk_view_str("lower"), sk_view_str("upper"), { NULL, 0 } };
	struct sk_hll_overlap overlap = sk_hll_overlap(&pair[0], &pair[1],
	    (unsigned)set.sds);
	struct sk_hll_share share = set.jaccard ? overlap.jaccard
	    : overlap.both;
	struct sk_record *record;
	struct sk_emit emit;
	int err = sk_emit_open(&emit, &set.shared, SK_FORMAT_RAW, columns);

	if (err != 0)
		return err;
	record = sk_emit_begin(&emit);
	sk_record_f64(record, share.estimate);
	sk_record_f64(record, share.bounds.lower);
	sk_record_f64(record, share.bounds.upper);
	err = sk_emit_end(&emit);
	return sk_emit_close(&emit, err == 0) != 0 ? SK_ESYS : err;
}

/* --intersect, --jaccard: the exit status. */
static int
overlap_files(const struct sk_cmd *cmd, char **inputs)
{
	const char *option = set.jaccard ? "--jaccard" : "--intersect";
	const struct sk_shared *shared = &set.shared;
	struct sk_want image;
	struct sk_hll pair[2];
	int i, err = 0;

	if (set.intersect && set.jaccard)
		sk_opt_fail(cmd, "--jaccard: not with --intersect");
	if (shared->key.n > 0 || shared->merge || shared->info ||
	    shared->save != NULL || shared->state != NULL ||
	    shared->load.n > 0)
		sk_opt_fail(cmd, "%s: not with keys, or with what saves, loads "
		    "or merges", option);
	if (inputs[0] == NULL || inputs[1] == NULL || inputs[2] != NULL)
		sk_opt_fail(cmd, "%s: takes two INPUTs", option);
	sk_shared_no_stream(cmd, shared, option);
	image = sk_run_want(cmd, shared, "--value",
	    shared->value != NULL ? shared->value : "/hll");
	init(&pair[0]);
	init(&pair[1]);
	for (i = 0; i < 2 && err == 0; i++)
		err = sk_saved_each(inputs[i], &image.field, NULL, 0,
		    fold_image, &pair[i]);
	if (err == 0)
		err = put_overlap(pair);
	sk_hll_free(&pair[0]);
	sk_hll_free(&pair[1]);
	return sk_err_status(err);
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
	if (set.intersect || set.jaccard)
		sk_stop_exit(overlap_files(&cmd, argv + 1));
	sk_stop_exit(sk_reduce_run(&reduce, &cmd, &set.shared, argv + 1));
}
