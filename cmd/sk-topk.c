/*
 * sk-topk: the most frequent lines, or values of a field, of a stream; with -k
 * for each key.
 *
 * One Space-Saving summary of --counters items (up to 90 bytes a counter, and
 * long items) for each key, whatever the length of the stream.  The summary is
 * lib/sketch/topk, the keys lib/stream/group, the loop lib/stream/run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "sketch/topk.h"
#include "stream/emit.h"
#include "stream/group.h"
#include "stream/run.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	uint64_t counters;
	uint64_t max_item;
} set = { .counters = SK_TOPK_COUNTERS, .max_item = SK_TOPK_MAX_ITEM };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_COUNT, .name = "counters", .arg = "N",
	    .value = &set.counters, .min = 1, .max = SK_TOPK_COUNTERS_MAX,
	    .help = "count N items: the size and the error (4096)" },
	{ .kind = SK_OPT_SIZE, .name = "max-item", .arg = "SIZE",
	    .value = &set.max_item, .min = 1, .max = SK_TOPK_MAX_ITEM_MAX,
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

static int
refuse(struct sk_emit *emit, struct sk_view line)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "item longer than %llu bytes",
	    (unsigned long long)set.max_item);
	return sk_emit_bad(emit, line, reason);
}

/* Without keys: the batch as a whole; what was refused was too long. */
static int
all_in_one(struct sk_topk *topk, const struct sk_batch *events,
    struct sk_emit *emit)
{
	size_t i;
	int err = 0;

	if (sk_topk_add_batch(topk, events->field[0], events->n) == 0)
		return 0;
	for (i = 0; i < events->n && err == 0; i++)
		if (events->field[0][i].len > set.max_item)
			err = refuse(emit, events->line[i]);
	return err;
}

static int
batch(void *self, const struct sk_batch *events, struct sk_emit *emit)
{
	struct sk_group *group = self;
	struct sk_topk *topk;
	size_t i;
	int err = 0;

	if (group->nfields == 0)
		return all_in_one(sk_group_get(group, 0), events, emit);
	for (i = 0; i < events->n && err == 0; i++) {
		topk = sk_group_state(group, events, i);
		if (topk == NULL)
			err = sk_emit_bad(emit, events->line[i],
			    "too many keys");
		else if (sk_topk_add(topk, events->field[0][i], 1) != 0)
			err = refuse(emit, events->line[i]);
	}
	return err;
}

static int
put_rows(const struct sk_group *group, uint32_t number, struct sk_emit *emit)
{
	const struct sk_topk *topk = sk_group_get(group, number);
	struct sk_topk_row *rows = sk_xalloc(topk->used, sizeof(*rows));
	size_t n = sk_topk_list(topk, rows), i;
	struct sk_record *record;
	int err = 0;

	for (i = 0; i < n && i < set.shared.number && err == 0; i++) {
		record = sk_emit_begin(emit);
		sk_group_put(group, number, record);
		sk_record_u64(record, rows[i].count);
		sk_record_u64(record, rows[i].error);
		if (set.shared.value == NULL)
			sk_record_line(record, rows[i].item);
		else
			sk_record_text(record, rows[i].item);
		err = sk_emit_end(emit);
	}
	free(rows);
	return err;
}

static int
result(void *self, struct sk_emit *emit)
{
	const struct sk_group *group = self;
	uint32_t *order = sk_group_sorted(group), i;
	int err = 0;

	for (i = 0; i < group->n && err == 0; i++)
		err = put_rows(group, order[i], emit);
	free(order);
	return err;
}

/* The columns of a record: keys, then count, error and item. */
static void
name_columns(struct sk_view *columns, const struct sk_want *want, size_t nwant)
{
	size_t i;

	for (i = 1; i < nwant; i++)
		*columns++ = want[i].field.name;
	*columns++ = sk_view_str("count");
	*columns++ = sk_view_str("error");
	*columns++ = sk_view_str("item");
	*columns = sk_view(NULL, 0);
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_FILTER | SK_SHARED_KEY |
		    SK_SHARED_NUMBER), NULL };
	const struct sk_cmd cmd = { "sk-topk",
		"find the most frequent values",
		"[option ...] [INPUT ...]", tables };
	struct sk_want want[1 + SK_GROUP_FIELDS_MAX];
	struct sk_view columns[SK_GROUP_FIELDS_MAX + 4];
	struct sk_group group;
	struct sk_run run = { .cmd = &cmd, .shared = &set.shared,
		.op = { .self = &group, .want = want, .nwant = 1,
		    .batch = batch, .tick = result, .finish = result },
		.columns = columns, .inputs = argv + 1 };
	int status;

	set.shared.number = 10;
	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	want[0] = sk_run_want(&cmd, "--value", set.shared.value);
	sk_group_init(&group, &cmd, &set.shared, want, &run.op.nwant,
	    sizeof(struct sk_topk), init);
	name_columns(columns, want, run.op.nwant);
	status = sk_stream_run(&run);
	sk_group_free(&group, release);
	sk_stop_exit(status);
}
