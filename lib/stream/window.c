#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/mem.h"
#include "stream/emit.h"
#include "stream/eventtime.h"
#include "stream/key.h"
#include "stream/late.h"
#include "stream/run.h"
#include "stream/statefile.h"
#include "stream/watermark.h"
#include "stream/window.h"
#include "stream/winrows.h"

#define BLOCK 256 /* events */
#define AHEAD 4   /* events between the steps of bringing a key near */

struct windows {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	struct sk_winspec *spec;
	struct sk_want *want;
	size_t nwant;
	bool timed;              /* want[0] is the time */
	size_t first;            /* the first field of the aggregates */
	struct sk_eventtime when;
	struct sk_aggs aggs;
	struct sk_key key;
	struct sk_window *window;
	struct sk_winrows rows;
	struct sk_late late;
	struct sk_view keys[BLOCK]; /* of a block of events */
	uint32_t hash[BLOCK];
	struct sk_buf texts;     /* of keys that are put together */
	struct sk_view *value;   /* of the event at hand */
	unsigned char *kind;

	struct sk_statefile file;
	struct sk_watermark mark;
	uint64_t nevents;        /* of this run */
	uint64_t nadded;         /* for --early=N, over all runs */
	int64_t early_ns;        /* --early=DUR: at this event time */
};

static int
put_row(void *arg, const struct sk_window_row *row)
{
	struct windows *all = arg;

	return sk_winrows_put(&all->rows, row);
}

/* ---- time ---- */

/* What is complete goes out, and how far the output has come. */
static int
advance(struct windows *all, int64_t watermark_ns, struct sk_emit *emit)
{
	bool due = watermark_ns >= sk_window_due(all->window);
	int err;

	all->mark.ns = watermark_ns;
	err = sk_window_advance(all->window, watermark_ns);
	if (err != 0 || !due)
		return err;
	if (watermark_ns < INT64_MAX && __builtin_sub_overflow(watermark_ns,
	    all->spec->lateness_ns, &watermark_ns))
		watermark_ns = INT64_MIN;
	sk_winrows_forget(&all->rows, watermark_ns);
	return emit->framed ? sk_emit_watermark(emit,
	    sk_window_oldest(all->window)) : 0;
}

static void
on_marked(void *self)
{
	struct windows *all = self;

	all->mark.marked = true;
}

static int
on_watermark(void *self, int64_t t_ns, struct sk_emit *emit)
{
	struct windows *all = self;

	all->rows.emit = emit;
	if (!sk_watermark_told(&all->mark, t_ns))
		return 0;
	return advance(all, t_ns, emit);
}

static int64_t
next_multiple(int64_t t_ns, int64_t step_ns)
{
	int64_t rest = t_ns % step_ns;

	return sk_window_later(t_ns, rest < 0 ? -rest : step_ns - rest);
}

/* --early: provisional rows, by the number of events or by their time. */
static int
show_early(struct windows *all)
{
	const struct sk_every *early = &all->spec->early;

	if (early->n > 0) {
		if (++all->nadded % early->n != 0)
			return 0;
	} else {
		if (all->mark.max_ns < all->early_ns)
			return 0;
		all->early_ns = next_multiple(all->mark.max_ns, early->ns);
	}
	return sk_window_show(all->window, true);
}

/* ---- events ---- */

static int
tell_late(struct windows *all, struct sk_view line, int64_t t_ns)
{
	return sk_late_event(&all->late, line,
	    sk_watermark_late_by(&all->mark, t_ns));
}

/* The time and the values of an event: NULL, or why it is bad. */
static const char *
take_event(struct windows *all, const struct sk_batch *batch, size_t i,
    int64_t *t_ns)
{
	struct sk_agg_event event = { .value = all->value };
	const char *why = NULL;
	size_t f;

	*t_ns = 0;
	if (all->timed)
		why = sk_eventtime_parse(&all->when, batch->field[0][i],
		    t_ns);
	if (why != NULL)
		return why;
	for (f = 0; f < all->aggs.nfields; f++)
		all->value[f] = batch->field[all->first + f][i];
	if (batch->kind != NULL) {
		for (f = 0; f < all->aggs.nfields; f++)
			all->kind[f] = batch->kind[all->first + f][i];
		event.kind = all->kind;
	}
	event.at_ns = *t_ns;
	return sk_aggs_take(&all->aggs, &event);
}

static int
add_event(struct windows *all, const struct sk_batch *batch, size_t i,
    size_t in_block, struct sk_emit *emit)
{
	int64_t t_ns, to_ns;
	const char *why = take_event(all, batch, i, &t_ns);
	int got;

	all->nevents++;
	if (why != NULL)
		return sk_emit_bad(emit, batch->line[i], why);
	got = all->timed && sk_watermark_event(&all->mark, t_ns, &to_ns) ?
	    advance(all, to_ns, emit) : 0;
	if (got != 0)
		return got;
	got = sk_window_add(all->window, t_ns, all->keys[in_block],
	    all->hash[in_block]);
	if (got == SK_WINDOW_LATE)
		return tell_late(all, batch->line[i], t_ns);
	if (got == SK_WINDOW_FULL)
		return sk_emit_bad(emit, batch->line[i], "too many keys");
	if (got == 0 && (all->spec->early.n > 0 || all->spec->early.ns > 0))
		got = show_early(all);
	return got;
}

/* Keys that are put together: their texts stay as long as the block. */
static void
put_keys(struct windows *all, const struct sk_batch *batch, size_t from,
    size_t n)
{
	size_t ends[BLOCK], i;

	sk_buf_reset(&all->texts);
	for (i = 0; i < n; i++) {
		all->keys[i] = sk_key_of(&all->key, batch, from + i,
		    all->key.first);
		sk_buf_view(&all->texts, all->keys[i]);
		ends[i] = all->texts.len;
	}
	for (i = 0; i < n; i++)
		all->keys[i].ptr = all->texts.ptr + ends[i] -
		    all->keys[i].len;
}

static void
take_keys(struct windows *all, const struct sk_batch *batch, size_t from,
    size_t n)
{
	uint64_t seed = sk_window_seed(all->window);
	size_t i;

	if (all->key.nfields == 1 && batch->kind == NULL)
		memcpy(all->keys, batch->field[all->key.first] + from,
		    n * sizeof(all->keys[0]));
	else if (all->key.nfields > 0)
		put_keys(all, batch, from, n);
	for (i = 0; i < n; i++)
		all->hash[i] = sk_table_hash(all->keys[i], seed);
}

static int
on_block(struct windows *all, const struct sk_batch *batch, size_t from,
    size_t n, struct sk_emit *emit)
{
	bool wide = sk_window_is_wide(all->window);
	size_t i;
	int err = 0, step;

	take_keys(all, batch, from, n);
	for (i = 0; i < n && err == 0; i++) {
		for (step = 0; wide && step < 3; step++)
			if (i + AHEAD * (3 - (size_t)step) < n)
				sk_window_warm(all->window, all->hash[i +
				    AHEAD * (3 - (size_t)step)], step);
		err = add_event(all, batch, from + i, i, emit);
	}
	return err;
}

static int
on_batch(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct windows *all = self;
	size_t from, n;
	int err = 0;

	all->rows.emit = emit;
	for (from = 0; from < batch->n && err == 0; from += n) {
		n = batch->n - from < BLOCK ? batch->n - from : BLOCK;
		err = on_block(all, batch, from, n, emit);
	}
	return err;
}

/* ---- the state in a file ---- */

/* The options that a state depends on. */
static void
gather_options(struct windows *all)
{
	static const char *const formats[] = { "raw", "ndjson", "csv", "tsv",
		"logfmt" };
	static const char *const emits[] = { "final", "upsert", "changelog" };
	static const char *const fills[] = { "none", "zero", "null", "last" };
	const struct sk_winspec *spec = all->spec;
	const struct sk_shared *shared = all->shared;
	struct sk_statefile *file = &all->file;

	sk_statefile_option(file, "tumble", spec->tumble);
	sk_statefile_option(file, "hop", spec->hop);
	sk_statefile_option(file, "cumulate", spec->cumulate);
	sk_statefile_option(file, "session", spec->session);
	sk_statefile_option(file, "slide", spec->slide);
	sk_statefile_option(file, "count", spec->count);
	sk_statefile_number(file, "global", spec->global);
	sk_statefile_option(file, "offset", spec->offset);
	sk_statefile_number(file, "max-length-ns", spec->max_length_ns);
	sk_statefile_option(file, "format", shared->format < 0 ? NULL :
	    formats[shared->format]);
	sk_statefile_option(file, "time", shared->time);
	sk_statefile_option(file, "tz", shared->tz);
	sk_statefile_list(file, "key", &shared->key);
	sk_statefile_list(file, "aggregate", &spec->aggs);
	sk_statefile_option(file, "emit", emits[spec->emit]);
	sk_statefile_option(file, "fill", fills[spec->fill]);
}

static void
put_state(void *arg, struct sk_buf *buf)
{
	struct windows *all = arg;

	sk_image_put(buf, (uint64_t)all->mark.max_ns);
	sk_image_put(buf, (uint64_t)all->mark.ns);
	sk_image_put(buf, (uint64_t)all->early_ns);
	sk_image_put(buf, all->nadded);
	sk_eventtime_save(&all->when, buf);
	sk_image_put(buf, all->key.typed);
	sk_window_save(all->window, buf);
	sk_winrows_save(&all->rows, buf);
}

static int
save(struct windows *all)
{
	return sk_statefile_put(&all->file, all->shared, put_state, all);
}

static int
take_state(void *arg, struct sk_view *state, struct sk_diag *diag)
{
	struct windows *all = arg;
	uint64_t typed;
	int err;

	if (!sk_image_take_i64(state, &all->mark.max_ns) ||
	    !sk_image_take_i64(state, &all->mark.ns) ||
	    !sk_image_take_i64(state, &all->early_ns) ||
	    !sk_image_take(state, &all->nadded) ||
	    !sk_eventtime_load(&all->when, state) ||
	    !sk_image_take(state, &typed))
		return sk_image_bad(diag);
	all->key.typed = typed != 0;
	err = sk_window_load(all->window, state, diag);
	if (err == 0)
		err = sk_winrows_load(&all->rows, state, diag);
	if (err == 0 && state->len > 0)
		err = sk_image_bad(diag);
	return err;
}

/* ---- waiting ---- */

/* --idle: time goes on with the clock while nothing comes. */
static int
on_idle(void *self, int64_t ns, struct sk_emit *emit)
{
	struct windows *all = self;
	int64_t watermark_ns = sk_watermark_at(&all->mark,
	    sk_window_later(all->mark.max_ns, ns));

	all->rows.emit = emit;
	if (sk_late_flush(&all->late) != 0)
		return SK_ESYS;
	if (all->spec->idle_ns == 0 || ns < all->spec->idle_ns ||
	    all->mark.max_ns == INT64_MIN || watermark_ns <= all->mark.ns)
		return 0;
	return advance(all, watermark_ns, emit);
}

/* ---- results ---- */

static int
on_tick(void *self, struct sk_emit *emit)
{
	struct windows *all = self;
	int err;

	all->rows.emit = emit;
	err = sk_window_show(all->window, false);
	if (err == 0)
		err = sk_emit_flush(emit);
	return err == 0 ? save(all) : err;
}

/* All windows go out; what comes in the next run is not late for that. */
static int
close_all(struct windows *all)
{
	int err = sk_window_finish(all->window);

	if (all->timed && all->rows.last_ns > all->mark.ns)
		all->mark.ns = all->rows.last_ns;
	sk_window_restart(all->window, all->mark.ns);
	return err;
}

/* The rows first: when they cannot be written the state stays as it was. */
static int
on_finish(void *self, struct sk_emit *emit)
{
	struct windows *all = self;
	int err = 0;

	all->rows.emit = emit;
	if (all->spec->global)
		err = sk_window_show(all->window, false);
	else if (!sk_statefile_wanted(all->shared) || all->spec->final)
		err = close_all(all);
	if (err == 0)
		err = sk_emit_flush(emit);
	if (err == 0 && sk_late_flush(&all->late) != 0)
		err = SK_ESYS;
	return err == 0 ? save(all) : err;
}

/* ---- plan ---- */

static void
plan_aggs(struct windows *all)
{
	struct sk_diag diag;
	size_t i;

	sk_aggs_init(&all->aggs);
	for (i = 0; i < all->spec->aggs.n; i++)
		if (sk_aggs_parse(&all->aggs, all->spec->aggs.item[i],
		    &diag) != 0)
			sk_opt_fail(all->cmd, "-a: %s", diag.text);
	if (sk_aggs_plan(&all->aggs, &diag) != 0)
		sk_opt_fail(all->cmd, "-a: %s", diag.text);
	all->value = sk_xcalloc(all->aggs.nfields + 1, sizeof(*all->value));
	all->kind = sk_xcalloc(all->aggs.nfields + 1, sizeof(*all->kind));
}

/* The wants: the time, the fields of the aggregates, the keys. */
static void
plan(struct windows *all)
{
	size_t f;

	plan_aggs(all);
	all->want = sk_xcalloc(all->aggs.nfields + SK_KEY_FIELDS_MAX + 1,
	    sizeof(*all->want));
	all->timed = sk_eventtime_want(&all->when, all->cmd, all->shared,
	    all->want, &all->nwant);
	all->first = all->nwant;
	for (f = 0; f < all->aggs.nfields; f++) {
		all->want[all->nwant].field = all->aggs.field[f];
		all->want[all->nwant++].any = all->aggs.any[f];
	}
	sk_key_init(&all->key, all->cmd, all->shared, all->want,
	    &all->nwant);
}

static void
open_window(struct windows *all)
{
	struct sk_window_conf conf;

	sk_winspec_conf(all->spec, all->cmd, all->shared,
	    all->shared->tz != NULL ? &all->when.zone : NULL, &conf);
	conf.aggs = &all->aggs;
	conf.row = put_row;
	conf.arg = all;
	all->window = sk_window_open(&conf);
	all->rows.aggs = &all->aggs;
	all->rows.key = &all->key;
	all->rows.mode = (enum sk_winspec_emit)all->spec->emit;
	all->rows.fill = conf.fill;
	all->rows.bounds = !all->spec->global;
	all->rows.timed = all->timed;
	all->rows.time = &all->when.time;
	sk_winrows_init(&all->rows, all->want);
}

static void
release(struct windows *all)
{
	sk_window_close(all->window);
	sk_winrows_free(&all->rows);
	sk_aggs_done(&all->aggs);
	sk_key_free(&all->key);
	free(all->want);
	free(all->value);
	free(all->kind);
	sk_buf_free(&all->file.options);
	sk_buf_free(&all->texts);
}

static int
run(struct windows *all, char **inputs)
{
	const struct sk_run run = { .cmd = all->cmd, .shared = all->shared,
		.op = { .self = all, .want = all->want, .nwant = all->nwant,
		    .batch = on_batch, .marked = on_marked,
		    .watermark = on_watermark,
		    .idle = on_idle, .idle_ns = all->spec->idle_ns,
		    .tick = all->spec->global ? on_tick : NULL,
		    .finish = on_finish },
		.columns = all->rows.column, .inputs = inputs };
	int status, late;

	if (sk_late_open(&all->late, all->spec->late,
	    sk_shared_separator(all->shared)) != 0)
		return SK_SYSTEM;
	status = sk_stream_run(&run);
	sk_late_say(&all->late, all->nevents, "--delay");
	if (all->rows.left_out > 0)
		sk_note("%" PRIu64 " values left out of lists of %" PRIu32,
		    all->rows.left_out, all->aggs.list_max);
	late = sk_late_close(&all->late);
	return late > status ? late : status;
}

int
sk_windows_run(struct sk_winspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs)
{
	struct windows all = { .cmd = cmd, .shared = shared, .spec = spec,
		.file = { .magic = "skwin", .tool = "sk-window" },
		.rows = { .last_ns = INT64_MIN },
		.early_ns = INT64_MIN };
	int status;

	plan(&all);
	open_window(&all);
	sk_watermark_init(&all.mark, spec->delay_ns, spec->delay_given);
	gather_options(&all);
	status = sk_err_status(sk_statefile_load(&all.file, cmd, shared,
	    take_state, &all));
	if (status == SK_DONE)
		status = run(&all, inputs);
	if (all.timed)
		sk_eventtime_close(&all.when);
	release(&all);
	return status;
}
