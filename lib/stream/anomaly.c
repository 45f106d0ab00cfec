#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "base/num.h"
#include "base/table.h"
#include "format/value.h"
#include "io/sys.h"
#include "stream/alarmrow.h"
#include "stream/anomaly.h"
#include "stream/eventtime.h"
#include "stream/headline.h"
#include "stream/key.h"
#include "stream/late.h"
#include "stream/run.h"
#include "stream/statefile.h"

struct anomalies {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	const struct sk_anomspec *spec;
	struct sk_want want[2 + SK_KEY_FIELDS_MAX];
	size_t nwant;
	bool timed;              /* want[0] is the time */
	bool clocked;            /* times are those of arrival */
	size_t value;            /* the want that is judged */
	struct sk_eventtime when;
	struct sk_key key;
	struct sk_judge *judge;
	struct sk_alarmrow row;
	struct sk_headline head;
	struct sk_late late;
	struct sk_statefile file;
	uint64_t nevents;
	uint64_t nmissing;       /* without a value */
	uint64_t nalarms;
};

/* ---- events ---- */

static int
pass(struct anomalies *all, struct sk_view line, struct sk_verdict *verdict,
    struct sk_emit *emit)
{
	all->nalarms += verdict->alarm;
	return sk_alarmrow_shows(&all->row, verdict) ?
	    sk_alarmrow_pass(&all->row, emit, line, verdict) : 0;
}

/* An event that nothing can be said of: with --all it passes. */
static int
pass_unjudged(struct anomalies *all, struct sk_view line, struct sk_emit *emit)
{
	const struct sk_verdict verdict = { .expected = NAN, .low = NAN,
		.high = NAN };

	return all->spec->all ? sk_alarmrow_pass(&all->row, emit, line,
	    &verdict) : 0;
}

static bool
is_missing(const struct anomalies *all, struct sk_view value)
{
	return value.len == 0 || (value.len == 1 && value.ptr[0] == '-' &&
	    all->spec->model != SK_ANOMALY_NOVELTY);
}

/* The value of an event: NULL, or why it is bad. */
static const char *
take_value(const struct anomalies *all, struct sk_view text, unsigned kind,
    struct sk_judge_event *event)
{
	event->text = text;
	if (kind == SK_KIND_JSON)
		return "a list or an object where a value is due";
	if (all->spec->model == SK_ANOMALY_NOVELTY)
		return NULL;
	return sk_num_f64_padded(text, &event->value) == 0 ? NULL :
	    "not a number";
}

static const char *
take_time(struct anomalies *all, struct sk_view text,
    struct sk_judge_event *event)
{
	const char *why;

	event->timed = all->timed;
	if (!all->timed)
		return NULL;
	why = sk_eventtime_parse(&all->when, text, &event->t_ns);
	if (why == NULL)
		event->local_ns = sk_eventtime_local(&all->when, event->t_ns);
	return why;
}

static int
tell_bad(struct anomalies *all, struct sk_view line, const char *why,
    struct sk_emit *emit)
{
	int err = sk_emit_bad(emit, line, why);

	return err == 0 ? pass_unjudged(all, line, emit) : err;
}

static int
judge_event(struct anomalies *all, struct sk_view line,
    const struct sk_judge_event *event, struct sk_emit *emit)
{
	struct sk_verdict verdict[2];
	uint64_t by_ns = 0;
	int n = sk_judge_event(all->judge, event, verdict, &by_ns), i, err = 0;

	if (n == SK_JUDGE_FULL)
		return tell_bad(all, line, "too many keys", emit);
	if (n == SK_JUDGE_LATE) {
		err = sk_late_event(&all->late, line, by_ns);
		return err == 0 ? pass_unjudged(all, line, emit) : err;
	}
	for (i = 0; i < n && err == 0; i++)
		if (i == n - 1 || all->spec->end)
			err = pass(all, line, &verdict[i], emit);
	return err;
}

static int
take_event(struct anomalies *all, const struct sk_batch *batch, size_t i,
    int64_t now_ns, struct sk_emit *emit)
{
	struct sk_judge_event event = { .t_ns = now_ns };
	struct sk_view value = batch->field[all->value][i];
	unsigned kind = batch->kind == NULL ? SK_KIND_TEXT :
	    batch->kind[all->value][i];
	const char *why;

	if (batch->kind == NULL)
		value = sk_headline_bare(value);
	all->nevents++;
	why = take_time(all, batch->field[0][i], &event);
	if (why == NULL && is_missing(all, value)) {
		all->nmissing++;
		return pass_unjudged(all, batch->line[i], emit);
	}
	if (why == NULL)
		why = take_value(all, value, kind, &event);
	if (why != NULL)
		return tell_bad(all, batch->line[i], why, emit);
	event.key = sk_view("", 0);
	if (all->key.nfields > 0)
		event.key = sk_key_of(&all->key, batch, i, all->key.first);
	event.hash = sk_table_hash(event.key, sk_judge_seed(all->judge));
	return judge_event(all, batch->line[i], &event, emit);
}

static int
on_batch(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct anomalies *all = self;
	int64_t now_ns = all->clocked ? sk_sys_clock_ns() : 0;
	size_t i;
	int err = 0;

	for (i = 0; i < batch->n && err == 0; i++)
		err = take_event(all, batch, i, now_ns, emit);
	return err;
}

static const char *
on_header(void *self, struct sk_view line, struct sk_emit *emit)
{
	struct anomalies *all = self;
	bool first;
	const char *why = sk_headline_take(&all->head, line, &first);

	if (first)
		sk_alarmrow_header(&all->row, emit, line);
	return why;
}

static int
on_idle(void *self, int64_t ns, struct sk_emit *emit)
{
	struct anomalies *all = self;

	(void)ns;
	(void)emit;
	return sk_late_flush(&all->late) != 0 ? SK_ESYS : 0;
}

/* ---- the state in a file ---- */

static int
take_state(void *arg, struct sk_view *state, struct sk_diag *diag)
{
	struct anomalies *all = arg;
	int err;

	if (!sk_eventtime_load(&all->when, state))
		return sk_image_bad(diag);
	err = sk_judge_load(all->judge, state, diag);
	if (err == 0 && state->len > 0)
		err = sk_image_bad(diag);
	return err;
}

static void
put_state(void *arg, struct sk_buf *buf)
{
	struct anomalies *all = arg;

	sk_eventtime_save(&all->when, buf);
	sk_judge_save(all->judge, buf);
}

/* The alarms first: when they cannot be written the state stays as it was. */
static int
on_finish(void *self, struct sk_emit *emit)
{
	struct anomalies *all = self;
	int err = sk_emit_flush(emit);

	if (err == 0 && sk_late_flush(&all->late) != 0)
		err = SK_ESYS;
	return err == 0 ? sk_statefile_put(&all->file, all->shared, put_state,
	    all) : err;
}

/* ---- plan ---- */

/* What lasts or is forgotten by time needs a clock. */
static bool
wants_clock(const struct sk_anomspec *spec)
{
	const struct sk_judge_conf *judge = &spec->judge;

	return judge->threshold.for_ns > 0 || judge->threshold.gap_ns > 0 ||
	    judge->novelty.half_ns > 0 || judge->detector.alarm.by_time;
}

static void
plan(struct anomalies *all)
{
	struct sk_want *value;

	all->timed = sk_eventtime_want(&all->when, all->cmd, all->shared,
	    all->want, &all->nwant);
	all->want[0].any = all->timed;
	all->clocked = !all->timed && wants_clock(all->spec);
	all->value = all->nwant;
	value = &all->want[all->nwant++];
	*value = sk_run_want(all->cmd, all->shared, "--value",
	    all->shared->value);
	value->required = false;
	value->any = true;
	sk_key_init(&all->key, all->cmd, all->shared, all->want, &all->nwant);
}

static int
run(struct anomalies *all, char **inputs)
{
	const struct sk_run run = { .cmd = all->cmd, .shared = all->shared,
		.op = { .self = all, .want = all->want, .nwant = all->nwant,
		    .header = on_header, .batch = on_batch, .idle = on_idle,
		    .finish = on_finish },
		.inputs = inputs, .found = &all->nalarms };
	const struct sk_view name = all->want[all->value].field.name;
	int status, late;

	if (sk_late_open(&all->late, all->spec->late,
	    sk_shared_separator(all->shared)) != 0)
		return SK_SYSTEM;
	status = sk_stream_run(&run);
	if (all->nmissing > 0)
		sk_note("%" PRIu64 " of %" PRIu64 " events without %.*s",
		    all->nmissing, all->nevents, (int)name.len, name.ptr);
	sk_late_say(&all->late, all->nevents, "sk-merge");
	late = sk_late_close(&all->late);
	return late > status ? late : status;
}

int
sk_anomaly_run(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs)
{
	struct anomalies all = { .cmd = cmd, .shared = shared, .spec = spec,
		.file = { .magic = "skano", .tool = cmd->name } };
	int status;

	plan(&all);
	sk_alarmrow_init(&all.row, spec);
	all.judge = sk_judge_open(&spec->judge);
	sk_anomspec_options(spec, shared, &all.file);
	status = sk_err_status(sk_statefile_load(&all.file, cmd, shared,
	    take_state, &all));
	if (status == SK_DONE)
		status = run(&all, inputs);
	if (all.timed)
		sk_eventtime_close(&all.when);
	sk_judge_close(all.judge);
	sk_alarmrow_free(&all.row);
	sk_headline_free(&all.head);
	sk_key_free(&all.key);
	sk_buf_free(&all.file.options);
	return status;
}
