/* Events are counted by lib/window: a window without events is a row of 0, so
 * silence is judged as all else is. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/num.h"
#include "base/table.h"
#include "detect/absence.h"
#include "io/sys.h"
#include "stream/alarmrow.h"
#include "stream/anomaly.h"
#include "stream/eventtime.h"
#include "stream/key.h"
#include "stream/late.h"
#include "stream/run.h"
#include "stream/statefile.h"
#include "stream/watermark.h"
#include "window/window.h"

#define SECOND INT64_C(1000000000)
#define EMPTY_MOST 1000 /* intervals without events that are judged in a row */

struct intervals {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	const struct sk_anomspec *spec;
	struct sk_want want[1 + SK_KEY_FIELDS_MAX];
	size_t nwant;
	bool timed;                  /* want[0] is the time */
	struct sk_eventtime when;
	struct sk_key key;
	struct sk_aggs aggs;
	struct sk_ruler ruler;
	struct sk_window *window;    /* of --per */
	struct sk_judge *judge;
	struct sk_absence *absence;  /* of absence */
	struct sk_alarmrow row;
	struct sk_view column[SK_ALARMROW_COLUMNS + SK_KEY_FIELDS_MAX + 4];
	struct sk_late late;
	struct sk_watermark mark;
	struct sk_statefile file;
	struct sk_emit *emit;        /* of the call at hand */
	struct sk_buf words;
	uint64_t nevents, nalarms;
};

/* ---- rows ---- */

static int
put_row(struct intervals *all, int64_t start_ns, int64_t end_ns,
    struct sk_view key, uint64_t count, const struct sk_verdict *verdict)
{
	struct sk_record *record = sk_emit_begin(all->emit);

	sk_eventtime_put(&all->when, start_ns, record);
	sk_eventtime_put(&all->when, end_ns, record);
	if (all->key.nfields > 0)
		sk_key_put(&all->key, key, record);
	sk_record_u64(record, count);
	sk_alarmrow_put(&all->row, record, verdict);
	return sk_emit_end(all->emit);
}

static int
put_verdict(struct intervals *all, const struct sk_window_row *row,
    uint64_t count, struct sk_verdict *verdict)
{
	all->nalarms += verdict->alarm;
	return sk_alarmrow_shows(&all->row, verdict) ? put_row(all,
	    row->start_ns, row->end_ns, row->key, count, verdict) : 0;
}

/* An interval is complete. */
static int
judge_interval(void *arg, const struct sk_window_row *row)
{
	struct intervals *all = arg;
	struct sk_judge_event event = { .key = row->key, .timed = true,
		.t_ns = row->start_ns };
	uint64_t count = row->state == NULL ? 0 :
	    sk_aggs_count(&all->aggs, row->state), by_ns;
	struct sk_verdict verdict[2];
	int n, i, err = 0;

	event.hash = sk_table_hash(row->key, sk_judge_seed(all->judge));
	event.value = (double)count;
	event.local_ns = sk_eventtime_local(&all->when, row->start_ns);
	n = sk_judge_event(all->judge, &event, verdict, &by_ns);
	for (i = 0; i < n && err == 0; i++)
		if (i == n - 1 || all->spec->end)
			err = put_verdict(all, row, count, &verdict[i]);
	return err;
}

/* A key is absent, or back. */
static int
tell_absence(void *arg, struct sk_view key, int64_t last_ns, int64_t at_ns,
    uint64_t nevents, bool back)
{
	struct intervals *all = arg;
	struct sk_verdict verdict = { .alarm = !back, .over = back,
		.score = back ? 0 : 1, .expected = NAN, .low = NAN,
		.high = NAN, .view = all->spec->name };
	int64_t ns;

	verdict.id = sk_judge_id(all->spec->name, key, (uint64_t)last_ns,
	    &all->words);
	all->nalarms += !back;
	if (back && !all->spec->end)
		return 0;
	sk_buf_reset(&all->words);
	sk_buf_str(&all->words, back ? "over after " : "no event for ");
	if (__builtin_sub_overflow(at_ns, last_ns, &ns))
		ns = INT64_MAX;
	sk_num_put_duration(&all->words, back ? ns : all->spec->for_ns);
	verdict.reason = sk_view(all->words.ptr, all->words.len);
	return put_row(all, last_ns, at_ns, key, nevents, &verdict);
}

/* ---- time ---- */

static int
advance(struct intervals *all, int64_t to_ns)
{
	int err;

	all->mark.ns = to_ns;
	err = all->window != NULL ? sk_window_advance(all->window, to_ns) :
	    sk_absence_advance(all->absence, to_ns);
	if (err != 0 || !all->emit->framed)
		return err;
	return sk_emit_watermark(all->emit, all->window != NULL ?
	    sk_window_oldest(all->window) : to_ns);
}

static void
on_marked(void *self)
{
	struct intervals *all = self;

	all->mark.marked = true;
}

static int
on_watermark(void *self, int64_t t_ns, struct sk_emit *emit)
{
	struct intervals *all = self;

	all->emit = emit;
	return all->timed && sk_watermark_told(&all->mark, t_ns) ?
	    advance(all, t_ns) : 0;
}

/* While nothing comes time goes on with the clock: that of arrival at once,
 * that of events with --idle. */
static int
on_idle(void *self, int64_t ns, struct sk_emit *emit)
{
	struct intervals *all = self;
	int64_t to_ns = sk_sys_clock_ns();

	all->emit = emit;
	if (sk_late_flush(&all->late) != 0)
		return SK_ESYS;
	if (all->timed) {
		if (all->spec->idle_ns == 0 || ns < all->spec->idle_ns)
			return 0;
		to_ns = sk_watermark_at(&all->mark,
		    sk_window_later(all->mark.max_ns, ns));
	}
	return all->mark.max_ns != INT64_MIN && to_ns > all->mark.ns ?
	    advance(all, to_ns) : 0;
}

/* ---- events ---- */

static int
add_event(struct intervals *all, const struct sk_batch *batch, size_t i,
    int64_t t_ns)
{
	struct sk_view key = sk_view("", 0);
	int got;

	if (all->key.nfields > 0)
		key = sk_key_of(&all->key, batch, i, all->key.first);
	if (all->window != NULL && !sk_judge_key(all->judge, key,
	    sk_table_hash(key, sk_judge_seed(all->judge))))
		got = SK_WINDOW_FULL;
	else if (all->window != NULL)
		got = sk_window_add(all->window, t_ns, key,
		    sk_table_hash(key, sk_window_seed(all->window)));
	else
		got = sk_absence_add(all->absence, key, t_ns);
	if (all->window != NULL && got == SK_WINDOW_LATE)
		return sk_late_event(&all->late, batch->line[i],
		    sk_watermark_late_by(&all->mark, t_ns));
	if (got == (all->window != NULL ? SK_WINDOW_FULL : SK_ABSENCE_FULL))
		return sk_emit_bad(all->emit, batch->line[i],
		    "too many keys");
	return got;
}

static int
take_event(struct intervals *all, const struct sk_batch *batch, size_t i,
    int64_t t_ns)
{
	const char *why = NULL;
	int64_t to_ns;
	int err = 0;

	all->nevents++;
	if (all->timed)
		why = sk_eventtime_parse(&all->when, batch->field[0][i],
		    &t_ns);
	if (why != NULL)
		return sk_emit_bad(all->emit, batch->line[i], why);
	if (sk_watermark_event(&all->mark, t_ns, &to_ns))
		err = advance(all, to_ns);
	return err == 0 ? add_event(all, batch, i, t_ns) : err;
}

static int
on_batch(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	const struct sk_agg_event event = { .at_ns = 0 };
	struct intervals *all = self;
	int64_t now_ns = 0;
	size_t i;
	int err = 0;

	all->emit = emit;
	sk_aggs_take(&all->aggs, &event);
	if (!all->timed) {
		now_ns = sk_sys_clock_ns();
		if (now_ns < all->mark.max_ns)
			now_ns = all->mark.max_ns;
		if (now_ns < all->mark.ns)
			now_ns = all->mark.ns;
	}
	for (i = 0; i < batch->n && err == 0; i++)
		err = take_event(all, batch, i, now_ns);
	return err;
}

/* ---- the state in a file ---- */

static int
take_state(void *arg, struct sk_view *state, struct sk_diag *diag)
{
	struct intervals *all = arg;
	int err = 0;

	if (!sk_image_take_i64(state, &all->mark.max_ns) ||
	    !sk_image_take_i64(state, &all->mark.ns) ||
	    !sk_eventtime_load(&all->when, state))
		return sk_image_bad(diag);
	if (all->absence != NULL && !sk_absence_load(all->absence, state))
		err = sk_image_bad(diag);
	if (all->window != NULL)
		err = sk_window_load(all->window, state, diag);
	if (err == 0 && all->window != NULL)
		err = sk_judge_load(all->judge, state, diag);
	if (err == 0 && state->len > 0)
		err = sk_image_bad(diag);
	return err;
}

static void
put_state(void *arg, struct sk_buf *buf)
{
	struct intervals *all = arg;

	sk_image_put(buf, (uint64_t)all->mark.max_ns);
	sk_image_put(buf, (uint64_t)all->mark.ns);
	sk_eventtime_save(&all->when, buf);
	if (all->absence != NULL) {
		sk_absence_save(all->absence, buf);
	} else {
		sk_window_save(all->window, buf);
		sk_judge_save(all->judge, buf);
	}
}

/* An interval that is still open is not judged: it is not complete. */
static int
on_finish(void *self, struct sk_emit *emit)
{
	struct intervals *all = self;
	int err = sk_emit_flush(emit);

	if (err == 0 && sk_late_flush(&all->late) != 0)
		err = SK_ESYS;
	return err == 0 ? sk_statefile_put(&all->file, all->shared, put_state,
	    all) : err;
}

/* ---- plan ---- */

static void
plan_fields(struct intervals *all)
{
	all->timed = sk_eventtime_want(&all->when, all->cmd, all->shared,
	    all->want, &all->nwant);
	sk_key_init(&all->key, all->cmd, all->shared, all->want, &all->nwant);
	/* Without fields lines are events all the same. */
	if (all->nwant == 0)
		all->want[all->nwant++].field = sk_field_line();
}

static void
plan_columns(struct intervals *all)
{
	size_t n = 0, i;

	all->column[n++] = sk_view_str("start");
	all->column[n++] = sk_view_str("end");
	for (i = 0; i < all->key.nfields; i++)
		all->column[n++] = all->want[all->key.first + i].field.name;
	all->column[n++] = sk_view_str("count");
	sk_alarmrow_columns(&all->row, &all->column[n]);
}

static void
open_window(struct intervals *all)
{
	struct sk_window_conf conf = { .kind = SK_WINDOW_TUMBLE,
		.aggs = &all->aggs, .timed = true,
		.fill = SK_WINDOW_FILL_ZERO, .row = judge_interval,
		.arg = all, .max_keys = (uint32_t)all->shared->max_keys };
	struct sk_diag diag;
	int64_t end_ns;

	if (sk_ruler_parse(&all->ruler, sk_view_str(all->spec->per),
	    &diag) != 0)
		sk_opt_fail(all->cmd, "--per: %s", diag.text);
	if (all->shared->tz != NULL)
		all->ruler.zone = &all->when.zone;
	if (sk_aggs_plan(&all->aggs, &diag) != 0)
		sk_opt_fail(all->cmd, "%s", diag.text);
	conf.pane = all->ruler;
	conf.ttl_ns = -sk_ruler_span(&all->ruler, 0, &end_ns);
	conf.ttl_ns += end_ns;
	if (__builtin_mul_overflow(conf.ttl_ns, EMPTY_MOST, &conf.ttl_ns))
		conf.ttl_ns = 0;
	all->window = sk_window_open(&conf);
	all->judge = sk_judge_open(&all->spec->judge);
}

static void
open_absence(struct intervals *all)
{
	const struct sk_absence_conf conf = { all->spec->for_ns,
		all->spec->ttl_ns, (uint32_t)all->shared->max_keys,
		tell_absence, all };

	all->absence = sk_absence_new(&conf);
}

static void
release(struct intervals *all)
{
	if (all->window != NULL)
		sk_window_close(all->window);
	sk_aggs_done(&all->aggs);
	sk_judge_close(all->judge);
	if (all->absence != NULL)
		sk_absence_free(all->absence);
	if (all->timed)
		sk_eventtime_close(&all->when);
	sk_alarmrow_free(&all->row);
	sk_key_free(&all->key);
	sk_buf_free(&all->file.options);
	sk_buf_free(&all->words);
}

static int
run(struct intervals *all, char **inputs)
{
	int64_t idle_ns = all->timed ? all->spec->idle_ns : SECOND / 10;
	const struct sk_run run = { .cmd = all->cmd, .shared = all->shared,
		.op = { .self = all, .want = all->want, .nwant = all->nwant,
		    .batch = on_batch, .marked = on_marked,
		    .watermark = on_watermark, .idle = on_idle,
		    .idle_ns = idle_ns, .finish = on_finish },
		.columns = all->column, .inputs = inputs,
		.found = &all->nalarms };
	int status, late;

	if (sk_late_open(&all->late, all->spec->late,
	    sk_shared_separator(all->shared)) != 0)
		return SK_SYSTEM;
	status = sk_stream_run(&run);
	sk_late_say(&all->late, all->nevents, "--delay");
	late = sk_late_close(&all->late);
	return late > status ? late : status;
}

int
sk_intervals_run(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs)
{
	struct intervals all = { .cmd = cmd, .shared = shared, .spec = spec,
		.file = { .magic = "skano", .tool = cmd->name } };
	int status;

	plan_fields(&all);
	sk_alarmrow_init(&all.row, spec);
	plan_columns(&all);
	sk_aggs_init(&all.aggs);
	if (spec->per != NULL)
		open_window(&all);
	else
		open_absence(&all);
	sk_watermark_init(&all.mark, spec->delay_ns, spec->delay_given);
	sk_anomspec_options(spec, shared, &all.file);
	status = sk_err_status(sk_statefile_load(&all.file, cmd, shared,
	    take_state, &all));
	if (status == SK_DONE)
		status = run(&all, inputs);
	release(&all);
	return status;
}
