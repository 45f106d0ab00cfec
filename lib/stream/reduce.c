#include <stdlib.h>

#include "base/err.h"
#include "stream/group.h"
#include "stream/reduce.h"
#include "stream/run.h"

#define COLUMNS_MAX 16

struct reduction {
	const struct sk_reduce *how;
	struct sk_group group;
};

struct sk_reduce_rows {
	const struct sk_group *group;
	struct sk_emit *emit;
	uint32_t number; /* of the state at hand */
};

struct sk_record *
sk_reduce_begin(struct sk_reduce_rows *rows)
{
	struct sk_record *record = sk_emit_begin(rows->emit);

	sk_group_put(rows->group, rows->number, record);
	return record;
}

int
sk_reduce_end(struct sk_reduce_rows *rows)
{
	return sk_emit_end(rows->emit);
}

/* Tell those of n values that were refused. */
static int
tell_refused(const struct sk_reduce *how, const struct sk_batch *events,
    size_t from, size_t n, struct sk_emit *emit)
{
	const char *reason;
	size_t i;
	int err = 0;

	for (i = from; i < from + n && err == 0; i++) {
		reason = how->refused(events->field[0][i]);
		if (reason != NULL)
			err = sk_emit_bad(emit, events->line[i], reason);
	}
	return err;
}

static int
take(void *self, const struct sk_batch *events, struct sk_emit *emit)
{
	struct reduction *all = self;
	const struct sk_reduce *how = all->how;
	const struct sk_view *values = events->field[0];
	void *state;
	size_t i;
	int err = 0;

	if (all->group.nfields == 0) {
		state = sk_group_get(&all->group, 0);
		if (how->add(state, values, events->n) == 0)
			return 0;
		return tell_refused(how, events, 0, events->n, emit);
	}
	for (i = 0; i < events->n && err == 0; i++) {
		state = sk_group_state(&all->group, events, i);
		if (state == NULL)
			err = sk_emit_bad(emit, events->line[i],
			    "too many keys");
		else if (how->add(state, &values[i], 1) > 0)
			err = tell_refused(how, events, i, 1, emit);
	}
	return err;
}

static int
result(void *self, struct sk_emit *emit)
{
	struct reduction *all = self;
	struct sk_reduce_rows rows = { &all->group, emit, 0 };
	uint32_t *order = sk_group_sorted(&all->group), i;
	int err = 0;

	for (i = 0; i < all->group.n && err == 0; i++) {
		rows.number = order[i];
		err = all->how->put(sk_group_get(&all->group, order[i]),
		    &rows);
	}
	free(order);
	return err;
}

int
sk_reduce_run(const struct sk_reduce *reduce, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs)
{
	struct sk_want want[1 + SK_GROUP_FIELDS_MAX];
	struct sk_view columns[SK_GROUP_FIELDS_MAX + COLUMNS_MAX + 1];
	struct reduction all = { .how = reduce };
	struct sk_run run = { .cmd = cmd, .shared = shared,
		.op = { .self = &all, .want = want, .nwant = 1,
		    .batch = take, .tick = result, .finish = result },
		.columns = columns, .inputs = inputs };
	size_t n, i;
	int status;

	want[0] = sk_run_want(cmd, shared, "--value", shared->value);
	sk_group_init(&all.group, cmd, shared, want, &run.op.nwant,
	    reduce->size, reduce->init);
	for (n = 1; n < run.op.nwant; n++)
		columns[n - 1] = want[n].field.name;
	for (n--, i = 0; reduce->columns[i] != NULL; i++) {
		sk_assert(i < COLUMNS_MAX);
		columns[n++] = sk_view_str(reduce->columns[i]);
	}
	columns[n] = sk_view(NULL, 0);
	status = sk_stream_run(&run);
	sk_group_free(&all.group, reduce->release);
	return status;
}
