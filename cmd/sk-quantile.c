/*
 * sk-quantile: percentiles of the numbers in a stream; with -k for each key.
 *
 * A KLL sketch of 8 KiB (128 without -k) or t-digest for each key: lib/sketch/
 * quantile.  Keys, saved files and the loop are lib/stream/reduce.
 */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "sketch/quantile.h"
#include "stream/reduce.h"
#include "stream/stop.h"

#define EXACT 16384      /* numbers that are all kept, without -k */
#define EXACT_KEYED 512
#define COLUMNS 60       /* the most that are put side by side */

/* A column of percentiles or ranks: what is asked. */
struct question {
	double at;
	bool rank;
};

static struct {
	struct sk_shared shared;
	struct sk_quantile_conf conf;
	bool bounds, cdf, histogram, summary;
	uint64_t bins;
	struct sk_opt_list percentiles, ranks;
	const char *weight;
	struct question question[COLUMNS];
	const char *column[COLUMNS + 1];
	size_t nquestions, ncolumns;
} set = { .bins = 10, .conf = { .size = SK_KLL_K, .seed = 1 } };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_COUNT, .name = "bins", .arg = "N",
	    .value = &set.bins, .min = 1, .max = 1000000,
	    .help = "so many lines of --histogram and --cdf (10)" },
	{ .kind = SK_OPT_FLAG, .name = "bounds", .value = &set.bounds,
	    .help = "a lower and an upper bound beside each result" },
	{ .kind = SK_OPT_FLAG, .name = "cdf", .value = &set.cdf,
	    .help = "values, and the share that is at or below each" },
	{ .kind = SK_OPT_FLAG, .name = "histogram", .value = &set.histogram,
	    .help = "how many values there are in each of --bins ranges" },
	{ .kind = SK_OPT_CHOICE, .name = "method", .arg = "NAME",
	    .value = &set.conf.method, .choices = "kll|tdigest",
	    .given = &set.conf.chosen, .help = "the kind of sketch (kll)" },
	{ .kind = SK_OPT_LIST, .name = "percentiles", .arg = "P,...",
	    .value = &set.percentiles,
	    .help = "which, 0 to 100 (50,90,99,99.9)" },
	{ .kind = SK_OPT_LIST, .name = "rank", .arg = "X,...",
	    .value = &set.ranks,
	    .help = "the share of values at or below each X" },
	{ .kind = SK_OPT_COUNT, .letter = 's', .name = "seed", .arg = "N",
	    .value = &set.conf.seed, .min = 1,
	    .help = "of the coins that a KLL sketch tosses (1)" },
	{ .kind = SK_OPT_COUNT, .name = "size", .arg = "N",
	    .value = &set.conf.size, .min = SK_TDIGEST_K_MIN,
	    .max = SK_KLL_K_MAX, .given = &set.conf.fixed,
	    .help = "the k of the sketch: its size and error (200)" },
	{ .kind = SK_OPT_FLAG, .name = "summary", .value = &set.summary,
	    .help = "count, min and max, exact, before the results" },
	{ .kind = SK_OPT_TEXT, .name = "weight", .arg = "FIELD",
	    .value = &set.weight,
	    .help = "a value counts so many times, not once" },
	{ .kind = SK_OPT_END },
};

static void
init(void *state)
{
	sk_quantile_init(state, &set.conf);
}

static void
release(void *state)
{
	sk_quantile_free(state);
}

/* ---- events ---- */

static size_t
add(void *state, const struct sk_view *values, size_t n)
{
	return sk_quantile_add(state, values, n);
}

static const char *
refused(struct sk_view value)
{
	double number;

	return sk_num_f64(value, &number) == 0 || !sk_field_has_number(value) ?
	    NULL : "not a number";
}

static const char *
add_weighted(void *state, struct sk_view value, struct sk_view text)
{
	uint64_t weight;
	double number;

	if (sk_num_f64(value, &number) != 0)
		return "not a number";
	if (sk_num_u64(text, &weight) != 0)
		return "the weight is no whole number";
	return sk_quantile_add_weighted(state, number, weight) ? NULL :
	    "the sum of weights is over 2^60";
}

/* ---- results ---- */

/* --histogram and --cdf; a value that fills several steps is one line. */
static int
put_bins(const struct sk_quantile_view *view, struct sk_reduce_rows *rows)
{
	uint64_t n = view->n == 0 ? 0 : view->min == view->max ? 1 : set.bins;
	struct sk_quantile_bin bin;
	struct sk_record *record;
	uint64_t i;
	int err = 0;

	for (i = 0; i < n && err == 0; i++) {
		bin = set.cdf ? sk_quantile_step(view, i, n) :
		    sk_quantile_bin(view, i, n);
		if (set.cdf && bin.lower == bin.upper)
			continue;
		record = sk_reduce_begin(rows);
		if (set.histogram)
			sk_record_f64(record, bin.lower);
		sk_record_f64(record, bin.upper);
		if (set.histogram)
			sk_record_u64(record, bin.count);
		else
			sk_record_f64(record, bin.share);
		err = sk_reduce_end(rows);
	}
	return err;
}

static int
put_answers(const struct sk_quantile_view *view, struct sk_reduce_rows *rows)
{
	struct sk_record *record = sk_reduce_begin(rows);
	struct sk_quantile_answer answer;
	size_t i;

	if (set.summary) {
		sk_record_u64(record, view->n);
		sk_record_f64(record, view->n > 0 ? view->min : NAN);
		sk_record_f64(record, view->n > 0 ? view->max : NAN);
	}
	for (i = 0; i < set.nquestions; i++) {
		answer = set.question[i].rank ?
		    sk_quantile_rank_bounds(view, set.question[i].at) :
		    sk_quantile_value_bounds(view, set.question[i].at);
		sk_record_f64(record, answer.value);
		if (!set.bounds)
			continue;
		sk_record_f64(record, answer.lower);
		sk_record_f64(record, answer.upper);
	}
	return sk_reduce_end(rows);
}

static int
put(const void *state, struct sk_reduce_rows *rows)
{
	struct sk_quantile_view view;
	int err;

	sk_quantile_open(state, &view);
	err = (set.histogram || set.cdf ? put_bins : put_answers)(&view, rows);
	sk_quantile_close(&view);
	return err;
}

/* ---- saved sketches ---- */

static int
fold(void *state, struct sk_view bytes, struct sk_diag *diag)
{
	sk_quantile_adopt(state, &set.conf, bytes);
	return sk_quantile_fold(state, bytes, diag);
}

static void
image(const void *state, struct sk_buf *buf)
{
	sk_quantile_save(state, buf);
}

static int
about(struct sk_view bytes, struct sk_record *record, struct sk_diag *diag)
{
	struct sk_buf text = { 0 };
	const char *name;
	double median;
	int err = sk_quantile_about(bytes, &name, &text, &median, diag);

	if (err == 0) {
		sk_record_text(record, sk_view_str(name));
		sk_record_text(record, sk_view(text.ptr, text.len));
		sk_record_f64(record, median);
	}
	sk_buf_free(&text);
	return err;
}

/* ---- columns ---- */

static void
column(const struct sk_cmd *cmd, const char *name)
{
	set.column[set.ncolumns] = name;
	if (set.ncolumns++ == COLUMNS)
		sk_opt_fail(cmd, "more than %d columns", COLUMNS);
}

/* A question, with the columns of its answer: p99, p99_lower, p99_upper. */
static void
ask(const struct sk_cmd *cmd, const char *text, bool rank)
{
	static const char *const suffix[] = { "", "_lower", "_upper" };
	/* A percent is a hundredth: so it is rounded once. */
	char *share = sk_xasprintf("%s%s", text, rank ? "" : "e-2");
	struct question *q = &set.question[set.nquestions++ % COLUMNS];
	int i;

	q->rank = rank;
	if (sk_num_f64(sk_view_str(text), &q->at) != 0 ||
	    (!rank && (sk_num_f64(sk_view_str(share), &q->at) != 0 ||
	    q->at < 0 || q->at > 1)))
		sk_opt_fail(cmd, rank ? "--rank: %s: not a number" :
		    "--percentiles: %s: not a number from 0 to 100", text);
	free(share);
	for (i = 0; i < (set.bounds ? 3 : 1); i++)
		column(cmd, sk_xasprintf("%s%s%s", rank ? "rank_" : "p", text,
		    suffix[i]));
}

/* What does not go together, and the columns that are asked for. */
static void
settle(const struct sk_cmd *cmd)
{
	static const char *const usual[] = { "50", "90", "99", "99.9" };
	bool lines = set.histogram || set.cdf, asked = lines || set.summary ||
	    set.percentiles.n > 0 || set.ranks.n > 0;
	size_t i;

	if (lines && (set.bounds || set.summary || set.percentiles.n > 0 ||
	    set.ranks.n > 0 || (set.histogram && set.cdf)))
		sk_opt_fail(cmd, "--%s: only by itself",
		    set.histogram ? "histogram" : "cdf");
	if (set.bounds && set.conf.method == SK_QUANTILE_TDIGEST)
		sk_opt_fail(cmd, "--bounds: a t-digest has none");
	set.conf.exact = set.shared.key.n > 0 ? EXACT_KEYED : EXACT;
	if (set.histogram || set.summary) {
		column(cmd, set.histogram ? "lower" : "count");
		column(cmd, set.histogram ? "upper" : "min");
		column(cmd, set.histogram ? "count" : "max");
	}
	for (i = 0; set.cdf && i < 2; i++)
		column(cmd, i == 0 ? "value" : "share");
	for (i = 0; i < set.percentiles.n; i++)
		ask(cmd, set.percentiles.item[i], false);
	for (i = 0; i < set.ranks.n; i++)
		ask(cmd, set.ranks.item[i], true);
	for (i = 0; !asked && i < 4; i++)
		ask(cmd, usual[i], false);
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY |
		    SK_SHARED_STATE | SK_SHARED_SKETCH), NULL };
	const struct sk_cmd cmd = { "sk-quantile",
		"estimate percentiles of numbers",
		"[option ...] [INPUT ...]", tables };
	struct sk_reduce reduce = { .size = sizeof(struct sk_quantile),
		.init = init, .release = release, .add = add,
		.refused = refused, .put = put, .columns = set.column,
		.numbers = true, .add_weighted = add_weighted,
		.fold = fold, .image = image, .about = about };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	settle(&cmd);
	reduce.weight = set.weight;
	reduce.member = set.conf.method == SK_QUANTILE_KLL ? "kll" : "tdigest";
	sk_stop_exit(sk_reduce_run(&reduce, &cmd, &set.shared, argv + 1));
}
