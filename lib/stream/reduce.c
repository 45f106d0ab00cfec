#include <stdlib.h>

#include "base/err.h"
#include "stream/group.h"
#include "stream/reduce.h"
#include "stream/run.h"
#include "stream/saved.h"

#define COLUMNS_MAX 64

struct reduction {
	const struct sk_reduce *how;
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	struct sk_group group;
	struct sk_saved saved;
	struct sk_want want[3 + SK_KEY_FIELDS_MAX];
	size_t nwant;
	struct sk_field key[SK_KEY_FIELDS_MAX]; /* the members of a file */
	struct sk_buf paths;                      /* their paths */
	bool weighted;                            /* want[1] is the weight */
	size_t time;                              /* its want; 0: none */
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

/* One event. */
static int
take_one(struct reduction *all, const struct sk_batch *events, size_t i,
    struct sk_emit *emit)
{
	const struct sk_reduce *how = all->how;
	const char *why = NULL;
	void *state;

	if (all->time != 0)
		why = how->at(events->field[all->time][i]);
	if (why != NULL)
		return sk_emit_bad(emit, events->line[i], why);
	state = sk_group_state(&all->group, events, i);
	if (state == NULL)
		return sk_emit_bad(emit, events->line[i], "too many keys");
	if (!all->weighted)
		return how->add(state, &events->field[0][i], 1) == 0 ? 0 :
		    tell_refused(how, events, i, 1, emit);
	why = how->add_weighted(state, events->field[0][i],
	    events->field[1][i]);
	return why == NULL ? 0 : sk_emit_bad(emit, events->line[i], why);
}

static int
take(void *self, const struct sk_batch *events, struct sk_emit *emit)
{
	struct reduction *all = self;
	const struct sk_reduce *how = all->how;
	size_t i;
	int err = 0;

	if (all->group.key.nfields == 0 && !all->weighted && all->time == 0) {
		if (how->add(sk_group_get(&all->group, 0), events->field[0],
		    events->n) == 0)
			return 0;
		return tell_refused(how, events, 0, events->n, emit);
	}
	for (i = 0; i < events->n && err == 0; i++)
		err = take_one(all, events, i, emit);
	return err;
}

static int
put_results(struct reduction *all, struct sk_emit *emit)
{
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

/* The result first: when it cannot be written the state stays as it was. */
static int
result(void *self, struct sk_emit *emit)
{
	struct reduction *all = self;
	int err = put_results(all, emit);

	if (err == 0)
		err = sk_emit_flush(emit);
	return err == 0 ? sk_saved_save(&all->saved, all->shared, all->key) :
	    err;
}

/* ---- saved states ---- */

static int
fold(void *arg, void *state, struct sk_view image, struct sk_diag *diag)
{
	const struct sk_reduce *how = arg;

	return how->fold(state, image, diag);
}

static void
image(void *arg, const void *state, struct sk_buf *buf)
{
	const struct sk_reduce *how = arg;

	how->image(state, buf);
}

static struct sk_field
image_field(const struct reduction *all)
{
	struct sk_field field = { .kind = SK_FIELD_PATH,
		.text = sk_view_str(all->how->member),
		.name = sk_view_str(all->how->member) };

	return field;
}

static int
load(struct reduction *all)
{
	struct sk_field field = image_field(all);

	return sk_saved_restore(&all->saved, all->shared, &field, all->key);
}

/* ---- the three ways to run ---- */

/* Whether the events are NDJSON, so that keys have kinds. */
static bool
reads_json(const struct reduction *all)
{
	size_t f;

	if (all->shared->format >= 0)
		return all->shared->format == SK_FORMAT_NDJSON;
	for (f = 0; f < all->nwant; f++)
		if (all->want[f].field.kind == SK_FIELD_PATH)
			return true;
	return false;
}

static int
run_events(struct reduction *all, const struct sk_view *columns,
    char **inputs)
{
	struct sk_run run = { .cmd = all->cmd, .shared = all->shared,
		.op = { .self = all, .want = all->want, .nwant = all->nwant,
		    .batch = take, .tick = result, .finish = result },
		.columns = columns, .inputs = inputs };

	return sk_stream_run(&run);
}

/* --merge: the inputs are saved files. */
static int
run_merge(struct reduction *all, const struct sk_view *columns, char **inputs)
{
	char name[] = "-", *only_stdin[] = { name, NULL };
	struct sk_field field = all->want[0].field;
	struct sk_emit emit;
	int err, unread;

	if (inputs[0] == NULL)
		inputs = only_stdin;
	if (all->shared->value == NULL)
		field = image_field(all);
	err = sk_saved_merge(&all->saved, (const char *const *)inputs, &field,
	    all->key, &unread);
	if (err != 0)
		return sk_err_status(err);
	err = sk_emit_open(&emit, all->shared, all->group.key.nfields > 0
	    ? SK_FORMAT_NDJSON : SK_FORMAT_RAW, columns);
	if (err == 0)
		err = result(all, &emit);
	if (sk_emit_close(&emit, err == 0) != 0)
		err = SK_ESYS;
	return sk_err_status(err != 0 ? err : unread);
}

struct telling {
	struct reduction *all;
	struct sk_emit emit;
	int status; /* of images that were reported */
	int broken; /* the error of an output that takes no more */
};

/* The worst that happened. */
static int
highest(int status, int other)
{
	return other > status ? other : status;
}

static int
tell_image(void *arg, const struct sk_saved_image *image)
{
	struct telling *telling = arg;
	const struct sk_reduce *how = telling->all->how;
	struct sk_record *record = sk_emit_begin(&telling->emit);
	struct sk_diag diag;
	int err;

	sk_record_text(record, sk_view_str(image->where));
	err = how->about(image->bytes, record, &diag);
	if (err != 0) {
		sk_emit_drop(&telling->emit);
		sk_error("%s: %s", image->where, diag.text);
		telling->status = highest(telling->status,
		    sk_err_status(err));
		return 0;
	}
	return telling->broken = sk_emit_end(&telling->emit);
}

/* --info: what the inputs are; one that is no sketch is reported. */
static int
run_info(struct reduction *all, char **inputs)
{
	char stdin_name[] = "-";
	const struct sk_view columns[] = { sk_view_str("file"),
		sk_view_str("sketch"), sk_view_str("parameters"),
		sk_view_str("estimate"), { NULL, 0 } };
	char *only_stdin[] = { stdin_name, NULL };
	struct telling telling = { .all = all };
	struct sk_field field = all->want[0].field;
	int err;

	if (inputs[0] == NULL)
		inputs = only_stdin;
	if (all->shared->value == NULL)
		field = image_field(all);
	telling.broken = sk_emit_open(&telling.emit, all->shared,
	    SK_FORMAT_RAW, columns);
	telling.status = sk_err_status(telling.broken);
	for (; *inputs != NULL && telling.broken == 0; inputs++) {
		err = sk_saved_each(*inputs, &field, NULL, 0, tell_image,
		    &telling);
		telling.status = highest(telling.status, sk_err_status(err));
	}
	if (sk_emit_close(&telling.emit, telling.broken == 0) != 0)
		telling.status = highest(telling.status, SK_SYSTEM);
	return telling.status;
}

static int
run(struct reduction *all, const struct sk_view *columns, char **inputs)
{
	int err;

	if (all->shared->info || all->shared->merge)
		sk_shared_no_stream(all->cmd, all->shared,
		    "--merge and --info");
	if (all->shared->info)
		return run_info(all, inputs);
	if (all->how->member != NULL)
		sk_key_saved(&all->group.key, all->cmd, all->shared,
		    all->want, all->how->member);
	err = all->how->member == NULL ? 0 : load(all);
	if (err != 0)
		return sk_err_status(err);
	if (all->shared->merge)
		return run_merge(all, columns, inputs);
	return run_events(all, columns, inputs);
}

/* The wants: the value, its weight, the keys. */
static void
plan(struct reduction *all)
{
	const struct sk_shared *shared = all->shared;
	const struct sk_reduce *how = all->how;

	all->want[all->nwant] = sk_run_want(all->cmd, shared, "--value",
	    shared->value);
	all->want[all->nwant++].number = how->numbers;
	if (how->weight != NULL) {
		all->weighted = true;
		all->want[all->nwant] = sk_run_want(all->cmd, shared,
		    "--weight", how->weight);
		all->want[all->nwant++].number = true;
	}
	if (how->time != NULL) {
		all->time = all->nwant;
		all->want[all->nwant++] = (struct sk_want){
			.field = *how->time };
	}
	sk_group_init(&all->group, all->cmd, shared, all->want, &all->nwant,
	    how->size, how->init);
	sk_saved_keys(&all->group, all->want, all->key, &all->paths);
	all->saved.member = how->member;
	all->saved.group = &all->group;
	all->saved.typed = shared->merge || reads_json(all);
	all->saved.fold = fold;
	all->saved.image = image;
	all->saved.arg = (void *)(uintptr_t)how;
}

static void
name_columns(const struct reduction *all, struct sk_view *columns)
{
	const char *const *name = all->how->columns;
	size_t n, i;

	for (n = 0; n < all->group.key.nfields; n++)
		columns[n] = all->key[n].name;
	for (i = 0; name[i] != NULL; i++) {
		sk_assert(i < COLUMNS_MAX);
		columns[n++] = sk_view_str(name[i]);
	}
	columns[n] = sk_view(NULL, 0);
}

int
sk_reduce_run(const struct sk_reduce *reduce, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs)
{
	struct sk_view columns[SK_KEY_FIELDS_MAX + COLUMNS_MAX + 1];
	struct reduction all = { .how = reduce, .cmd = cmd,
		.shared = shared };
	int status;

	plan(&all);
	name_columns(&all, columns);
	status = run(&all, columns, inputs);
	sk_group_free(&all.group, reduce->release);
	sk_buf_free(&all.paths);
	return status;
}

int
sk_reduce_query(const struct sk_reduce *reduce, const struct sk_cmd *cmd,
    const struct sk_shared *shared, const char *file, char **operands,
    int (*ask)(const void *state, struct sk_view operand,
	struct sk_reduce_rows *rows))
{
	struct sk_view columns[SK_KEY_FIELDS_MAX + COLUMNS_MAX + 1];
	struct reduction all = { .how = reduce, .cmd = cmd,
		.shared = shared };
	struct sk_field field = image_field(&all);
	struct sk_emit emit;
	struct sk_reduce_rows rows = { &all.group, &emit, 0 };
	int err;

	if (operands[0] == NULL)
		sk_opt_fail(cmd, "no operand to ask for");
	if (shared->key.n > 0)
		sk_opt_fail(cmd, "-k: a query is over all keys");
	sk_shared_no_stream(cmd, shared, "a query");
	plan(&all);
	name_columns(&all, columns);
	err = sk_saved_load(&all.saved, file, &field, all.key);
	if (err == 0 && (err = sk_emit_open(&emit, shared, SK_FORMAT_RAW,
	    columns)) == 0) {
		for (; *operands != NULL && err == 0; operands++)
			err = ask(sk_group_get(&all.group, 0),
			    sk_view_str(*operands), &rows);
		if (sk_emit_close(&emit, err == 0) != 0)
			err = SK_ESYS;
	}
	sk_group_free(&all.group, reduce->release);
	sk_buf_free(&all.paths);
	return sk_err_status(err);
}
