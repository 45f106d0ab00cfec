/*
 * sk-topk: the most frequent lines, or values of a field, of a stream; with -k
 * for each key.
 *
 * One Space-Saving summary of --counters items (up to 90 bytes a counter, and
 * long items) for each key, whatever the length of the stream.  The summary is
 * lib/sketch/topk, the keys and the loop lib/stream/reduce.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sketch/topk.h"
#include "stream/reduce.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	uint64_t counters;
	uint64_t max_item;
	char too_long[64];
} set = { .counters = SK_TOPK_COUNTERS, .max_item = SK_ITEMS_MAX_ITEM };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_COUNT, .name = "counters", .arg = "N",
	    .value = &set.counters, .min = 1, .max = SK_TOPK_COUNTERS_MAX,
	    .help = "count N items: the size and the error (4096)" },
	{ .kind = SK_OPT_SIZE, .name = "max-item", .arg = "SIZE",
	    .value = &set.max_item, .min = 1, .max = SK_ITEMS_MAX_ITEM_MAX,
	    .help = "a longer item is a bad event (1K)" },
	{ .kind = SK_OPT_END },
};

static void
init(void *state)
{
	sk_topk_init(state, (uint32_t)set.counters, (uint32_t)set.max_item, 0);
}

static void
release(void *state)
{
	sk_topk_free(state);
}

static size_t
add(void *state, const struct sk_view *values, size_t n)
{
	return sk_topk_add_batch(state, values, n);
}

static const char *
refused(struct sk_view value)
{
	return value.len > set.max_item ? set.too_long : NULL;
}

static int
put(const void *state, struct sk_reduce_rows *rows)
{
	const struct sk_topk *topk = state;
	struct sk_items_row *row = sk_xalloc(topk->items.n + 1u, sizeof(*row));
	size_t n = sk_items_list(&topk->items, row), i;
	struct sk_record *record;
	int err = 0;

	for (i = 0; i < n && i < set.shared.number && err == 0; i++) {
		record = sk_reduce_begin(rows);
		sk_record_u64(record, row[i].count);
		sk_record_u64(record, row[i].error);
		if (set.shared.value == NULL)
			sk_record_line(record, row[i].item);
		else
			sk_record_text(record, row[i].item);
		err = sk_reduce_end(rows);
	}
	free(row);
	return err;
}

int
main(int argc, char **argv)
{
	static const char *const columns[] = { "count", "error", "item", NULL };
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY |
		    SK_SHARED_NUMBER), NULL };
	const struct sk_cmd cmd = { "sk-topk",
		"find the most frequent values",
		"[option ...] [INPUT ...]", tables };
	const struct sk_reduce reduce = { .size = sizeof(struct sk_topk),
		.init = init, .release = release, .add = add,
		.refused = refused, .put = put, .columns = columns };

	set.shared.number = 10;
	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	snprintf(set.too_long, sizeof(set.too_long),
	    "item longer than %" PRIu64 " bytes", set.max_item);
	sk_stop_exit(sk_reduce_run(&reduce, &cmd, &set.shared, argv + 1));
}
