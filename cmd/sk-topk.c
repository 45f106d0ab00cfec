/*
 * sk-topk: the most frequent lines, or values of a field, of a stream; with -k
 * for each key.
 *
 * A summary of --counters items (up to 74 bytes each, and long items) for each
 * key, whatever the length of the stream: lib/sketch/heavy.  Keys, saved files
 * and the loop are lib/stream/reduce.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "io/sys.h"
#include "sketch/heavy.h"
#include "stream/eventtime.h"
#include "stream/reduce.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	struct sk_heavy_conf conf;
	double threshold; /* a share of the total; below 0: none */
	const char *weight, *query;
	struct sk_eventtime when;
	int64_t at_ns; /* the time of the event that comes */
	int64_t latest_ns;
	char too_long[64];
} set = { .conf = { .counters = SK_TOPK_COUNTERS,
	.max_item = SK_ITEMS_MAX_ITEM, .rows = SK_COUNTMIN_ROWS },
	.threshold = -1, .latest_ns = INT64_MIN };

static int
parse_share(const char *text, void *value, char *why, size_t cap)
{
	if (sk_num_share(sk_view_str(text), value) == 0)
		return 0;
	snprintf(why, cap, "not a share (1%%, 0.01)");
	return SK_EUSAGE;
}

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_COUNT, .name = "counters", .arg = "N",
	    .value = &set.conf.counters, .min = 1, .max = SK_TOPK_COUNTERS_MAX,
	    .given = &set.conf.fixed,
	    .help = "count N items: the size and the error (4096)" },
	{ .kind = SK_OPT_DURATION, .name = "decay", .arg = "DUR",
	    .value = &set.conf.half_life_ns, .min = 1,
	    .help = "after each DUR an event counts half: what is hot now" },
	{ .kind = SK_OPT_SIZE, .name = "max-item", .arg = "SIZE",
	    .value = &set.conf.max_item, .min = 1, .max = SK_ITEMS_MAX_ITEM_MAX,
	    .help = "a longer item is a bad event (1K)" },
	{ .kind = SK_OPT_CHOICE, .name = "method", .arg = "NAME",
	    .value = &set.conf.method, .given = &set.conf.chosen,
	    .choices = "space-saving|lossy-counting|count-min",
	    .help = "how to count (space-saving)" },
	{ .kind = SK_OPT_TEXT, .name = "query", .arg = "FILE",
	    .value = &set.query,
	    .help = "the operands are items: their counts in a saved FILE" },
	{ .kind = SK_OPT_COUNT, .name = "rows", .arg = "N",
	    .value = &set.conf.rows, .min = 1, .max = SK_COUNTMIN_ROWS_MAX,
	    .help = "rows of count-min: how likely its errors hold (5)" },
	{ .kind = SK_OPT_PARSE, .name = "threshold", .arg = "SHARE",
	    .value = &set.threshold, .parse = parse_share,
	    .help = "all items above this share of the total (1%, 0.01)" },
	{ .kind = SK_OPT_TEXT, .name = "weight", .arg = "FIELD",
	    .value = &set.weight,
	    .help = "an event counts so many times, not once" },
	{ .kind = SK_OPT_END },
};

static void
init(void *state)
{
	sk_heavy_init(state, &set.conf);
}

static void
release(void *state)
{
	sk_heavy_free(state);
}

static const char *
refused(struct sk_view value)
{
	return value.len > set.conf.max_item ? set.too_long : NULL;
}

/* ---- events ---- */

/* The time of the event that is added next. */
static const char *
at(struct sk_view time)
{
	const char *why = sk_eventtime_parse(&set.when, time, &set.at_ns);

	if (why == NULL && set.at_ns > set.latest_ns)
		set.latest_ns = set.at_ns;
	return why;
}

/* Read only where it matters. */
static int64_t
clock_ns(void)
{
	return set.conf.half_life_ns != 0 ? sk_sys_clock_ns() : 0;
}

static size_t
add(void *state, const struct sk_view *values, size_t n)
{
	if (set.shared.time == NULL)
		set.at_ns = clock_ns();
	return sk_heavy_add_batch(state, values, n, set.at_ns);
}

static const char *
add_weighted(void *state, struct sk_view value, struct sk_view text)
{
	uint64_t weight;

	if (sk_num_u64(text, &weight) != 0)
		return "the weight is no whole number";
	if (set.shared.time == NULL)
		set.at_ns = clock_ns();
	if (sk_heavy_add(state, value, weight, set.at_ns) == 0)
		return NULL;
	return value.len > set.conf.max_item ? set.too_long :
	    "the sum of weights is over 2^63";
}

/* ---- results ---- */

static double
number(uint64_t count)
{
	return set.conf.half_life_ns != 0 ? sk_topk_real(count) : (double)count;
}

/* An item that came out of a file may hold the end of a record. */
static int
put_row(struct sk_reduce_rows *rows, const struct sk_items_row *row,
    double factor)
{
	struct sk_record *record = sk_reduce_begin(rows);
	bool ends = row->item.len > 0 &&
	    memchr(row->item.ptr, record->end, row->item.len) != NULL;

	if (set.conf.half_life_ns != 0) {
		sk_record_f64(record, number(row->count) * factor);
		sk_record_f64(record, number(row->error) * factor);
	} else {
		sk_record_u64(record, row->count);
		sk_record_u64(record, row->error);
	}
	if (set.shared.value == NULL || !record->escape || ends)
		sk_record_line(record, row->item);
	else
		sk_record_text(record, row->item);
	return sk_reduce_end(rows);
}

/* Counts are compared as shares of the total: a quotient that was written down
 * as a share is the same double. */
static bool
above(uint64_t count, double total)
{
	return set.threshold < 0 || number(count) / total > set.threshold;
}

static int
put(const void *state, struct sk_reduce_rows *rows)
{
	struct sk_items_row *row = sk_xalloc(sk_heavy_rows(state) + 1,
	    sizeof(*row));
	size_t n = sk_heavy_list(state, row), i;
	double total = number(sk_heavy_total(state)), factor;
	int err = 0;

	factor = sk_heavy_factor(state, set.shared.time != NULL
	    ? set.latest_ns : clock_ns());
	for (i = 0; i < n && i < set.shared.number && err == 0; i++) {
		if (row[i].count == 0 || !above(row[i].count, total))
			break;
		err = put_row(rows, &row[i], factor);
	}
	free(row);
	if (set.threshold >= 0 && above(sk_heavy_floor(state), total))
		sk_warn("--threshold: for so small a share, more --counters "
		    "are needed");
	return err;
}

/* ---- saved summaries ---- */

static int
fold(void *state, struct sk_view bytes, struct sk_diag *diag)
{
	sk_heavy_adopt(state, &set.conf, bytes);
	return sk_heavy_fold(state, bytes, diag);
}

static void
image(const void *state, struct sk_buf *buf)
{
	sk_heavy_save(state, buf);
}

static int
about(struct sk_view bytes, struct sk_record *record, struct sk_diag *diag)
{
	struct sk_buf text = { 0 };
	uint64_t total = 0;
	int err = sk_heavy_about(bytes, &text, &total, diag);

	if (err == 0) {
		sk_record_text(record, sk_view_str("topk"));
		sk_record_text(record, sk_view(text.ptr, text.len));
		sk_record_u64(record, total);
	}
	sk_buf_free(&text);
	return err;
}

/* --query: the row of an operand. */
static int
ask(const void *state, struct sk_view item, struct sk_reduce_rows *rows)
{
	struct sk_items_row row = sk_heavy_ask(state, item);

	return put_row(rows, &row, 1);
}

/* What does not go together, and what follows from other options. */
static void
settle(const struct sk_cmd *cmd)
{
	const struct sk_shared *shared = &set.shared;
	struct sk_diag diag;

	if (shared->time != NULL && set.conf.half_life_ns == 0)
		sk_opt_fail(cmd, "-t: only with --decay");
	if (set.conf.half_life_ns != 0 &&
	    set.conf.method != SK_HEAVY_SPACE_SAVING)
		sk_opt_fail(cmd, "--decay: only with --method space-saving");
	if (set.conf.half_life_ns != 0 && (shared->save != NULL ||
	    shared->load.n > 0 || shared->state != NULL || shared->merge ||
	    set.query != NULL))
		sk_opt_fail(cmd, "--decay: such counts are not saved");
	if (shared->time != NULL &&
	    sk_eventtime_init(&set.when, shared, &diag) != 0)
		sk_opt_fail(cmd, "%s", diag.text);
	if (set.threshold >= 0 && !shared->number_given)
		set.shared.number = UINT64_MAX;
	set.conf.seed = sk_rng_draw();
	snprintf(set.too_long, sizeof(set.too_long),
	    "item longer than %" PRIu64 " bytes", set.conf.max_item);
}

int
main(int argc, char **argv)
{
	static const char *const columns[] = { "count", "error", "item", NULL };
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY |
		    SK_SHARED_NUMBER | SK_SHARED_STATE | SK_SHARED_SKETCH |
		    SK_SHARED_EVENT_TIME), NULL };
	const struct sk_cmd cmd = { "sk-topk",
		"find the most frequent values",
		"[option ...] [INPUT ...]\n"
		"--query=FILE [option ...] ITEM ...", tables };
	struct sk_reduce reduce = { .size = sizeof(struct sk_heavy),
		.init = init, .release = release, .add = add,
		.add_weighted = add_weighted, .refused = refused, .put = put,
		.columns = columns, .member = "topk", .fold = fold,
		.image = image, .about = about };
	int status;

	set.shared.number = 10;
	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	settle(&cmd);
	reduce.weight = set.weight;
	reduce.at = at;
	reduce.time = set.shared.time != NULL ? &set.when.field : NULL;
	if (set.query != NULL)
		status = sk_reduce_query(&reduce, &cmd, &set.shared,
		    set.query, argv + 1, ask);
	else
		status = sk_reduce_run(&reduce, &cmd, &set.shared, argv + 1);
	if (set.shared.time != NULL)
		sk_eventtime_close(&set.when);
	sk_stop_exit(status);
}
