#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/sys.h"
#include "stream/bad.h"
#include "stream/control.h"
#include "stream/emit.h"
#include "stream/feed.h"
#include "stream/fields.h"
#include "stream/input.h"
#include "stream/run.h"
#include "stream/stop.h"

#define BATCH_MAX 2048
#define BATCH_MIN 16
#define BATCH_VALUES 65536 /* of all fields */
#define SECOND INT64_C(1000000000)
#define IDLE_AGAIN_NS (SECOND / 10)

struct loop {
	const struct sk_run *run;
	struct sk_input input;
	struct sk_feed feed;
	struct sk_emit emit;
	struct sk_bad bad;
	struct sk_field *wanted;
	struct sk_fields fields;
	size_t cap;              /* of a batch */
	struct sk_view *line;
	struct sk_view **field;  /* [nwant] of [cap] */
	unsigned char **kind;    /* the same */
	const char **why;        /* [cap]: the event is bad */
	size_t last;             /* that ends the run, --strict; or cap */
	uint64_t ninputs;        /* begun */

	uint64_t nevents;        /* given to the operator or passed over */
	uint64_t *nmissing;      /* passed over: no value of want[f] */
	uint64_t at_result;      /* nevents at the last result */
	bool resulted;           /* there was one */
	int64_t next_tick_ns;    /* wall clock, with --every=DUR */
	int64_t started_ns;      /* monotonic */
	int64_t next_progress_ns;
	bool mark_due;           /* a watermark came since the last event */
	int64_t read_ns;         /* of the last fill, for what waits */
	int err;                 /* an operator's, or of --bad */
};

struct sk_want
sk_run_want(const struct sk_cmd *cmd, const struct sk_shared *shared,
    const char *option, const char *text)
{
	struct sk_want want = { .field = sk_field_line(), .required = true };
	struct sk_diag diag;

	if (text == NULL)
		return want;
	if (sk_field_parse(sk_view_str(text), &want.field, &diag) != 0)
		sk_opt_fail(cmd, "%s: %s", option, diag.text);
	sk_fields_name(&want.field, shared->format);
	return want;
}

static int
highest(int a, int b)
{
	return a > b ? a : b;
}

/* ---- framed streams ---- */

/* Before anything is written: what comes in is known by then. */
static inline void
start(struct loop *loop)
{
	sk_emit_start(&loop->emit, &loop->feed.unframe,
	    loop->run->op.watermark != NULL);
}

/* The watermark that came last stands before what comes now. */
static void
give_mark(struct loop *loop)
{
	const struct sk_op *op = &loop->run->op;
	int64_t ns = loop->feed.unframe.mark_ns;

	if (!loop->mark_due || loop->err != 0)
		return;
	loop->mark_due = false;
	loop->err = op->watermark != NULL ?
	    op->watermark(op->self, ns, &loop->emit) :
	    sk_emit_watermark(&loop->emit, ns);
}

/* The control line that is next; false: there is none at hand.  What one of
 * several inputs says of time does not hold for those behind it, so only the
 * last one is asked. */
static bool
take_control(struct loop *loop)
{
	const struct sk_op *op = &loop->run->op;
	bool last = loop->input.names[0] == NULL;
	struct sk_control control;
	int got = sk_feed_control(&loop->feed, &control);

	if (got < 0 && loop->err == 0)
		loop->err = got;
	if (got <= 0 || loop->err != 0)
		return false;
	start(loop);
	if (control.type == 'H' && last && loop->feed.unframe.marked &&
	    op->marked != NULL)
		op->marked(op->self);
	if (control.type == 'W')
		loop->mark_due = last;
	else
		give_mark(loop);
	if (loop->err == 0 && control.type >= 'a')
		loop->err = sk_emit_control(&loop->emit, control.line);
	return true;
}

/* ---- results ---- */

static int64_t
next_multiple(int64_t now_ns, int64_t every_ns)
{
	return now_ns - now_ns % every_ns + every_ns;
}

static void
set_at(struct loop *loop, int64_t now_ns)
{
	const struct sk_every *every = &loop->run->shared->every;

	if (every->n > 0)
		sk_emit_at_count(&loop->emit, loop->nevents);
	else if (every->ns > 0)
		sk_emit_at_time(&loop->emit, now_ns, every->ns);
}

static void
tick(struct loop *loop, int64_t at_ns)
{
	const struct sk_op *op = &loop->run->op;

	if (loop->err != 0 || loop->nevents == loop->at_result ||
	    op->tick == NULL)
		return;
	start(loop);
	set_at(loop, at_ns);
	loop->err = op->tick(op->self, &loop->emit);
	loop->at_result = loop->nevents;
	loop->resulted = true;
	if (loop->err == 0)
		loop->err = sk_emit_block(&loop->emit);
}

/* --every=DUR: results at the multiples of DUR on the wall clock. */
static void
tick_by_clock(struct loop *loop)
{
	int64_t every_ns = loop->run->shared->every.ns, now_ns;

	if (every_ns == 0)
		return;
	now_ns = sk_sys_clock_ns();
	if (now_ns >= loop->next_tick_ns) {
		tick(loop, now_ns - now_ns % every_ns);
		loop->next_tick_ns = next_multiple(now_ns, every_ns);
	} else if (loop->next_tick_ns - now_ns > every_ns) /* set back */
		loop->next_tick_ns = next_multiple(now_ns, every_ns);
}

/* Everything that came is given.  The end is told only where all of it was
 * read. */
static void
end_stream(struct loop *loop)
{
	if (loop->input.status == 0)
		sk_emit_finish(&loop->emit, sk_stop_signal() != 0 ?
		    SK_REASON_STOP : loop->feed.unframe.reason);
}

/* Whether the last result of --every is that of all events. */
static bool
has_result(const struct loop *loop)
{
	return loop->resulted && loop->at_result == loop->nevents;
}

/* The result at the end, unless the last one of --every was just that. */
static void
finish(struct loop *loop)
{
	const struct sk_op *op = &loop->run->op;

	start(loop);
	if (has_result(loop))
		return;
	set_at(loop, sk_sys_clock_ns());
	if (op->finish != NULL)
		loop->err = op->finish(op->self, &loop->emit);
}

/* ---- events ---- */

static void
on_overlong(void *arg, struct sk_view start, uint64_t number)
{
	struct loop *loop = arg;
	char reason[64];
	int err;

	snprintf(reason, sizeof(reason), "line longer than %" PRIu64 " bytes",
	    loop->run->shared->max_line);
	loop->nevents++;
	err = sk_bad_event(&loop->bad, loop->input.name, number, reason,
	    start);
	if (loop->err == 0)
		loop->err = err;
}

/* An event of the batch at hand is bad. */
static int
on_bad(void *arg, struct sk_view line, const char *reason)
{
	struct loop *loop = arg;

	return sk_bad_event(&loop->bad, loop->input.name,
	    sk_feed_number(&loop->feed, line), reason, line);
}

/* The first event of all says what its line looks like, if that helps. */
static int
tell_bad(struct loop *loop, size_t i)
{
	const char *hint = "";
	char reason[128];

	if (loop->feed.at_first && i == 0)
		hint = sk_fields_hint(&loop->fields, loop->line[i]);
	snprintf(reason, sizeof(reason), "%s%s", loop->why[i], hint);
	return on_bad(loop, loop->line[i], reason);
}

/* A list or an object is no value to most; how many events are bad by that. */
static size_t
refuse_lists(struct loop *loop, size_t n)
{
	const struct sk_op *op = &loop->run->op;
	size_t f, i, nbad = 0;

	for (f = 0; f < op->nwant; f++)
		for (i = 0; i < n && !op->want[f].any; i++)
			if (loop->kind[f][i] == SK_KIND_JSON &&
			    loop->why[i] == NULL) {
				loop->why[i] =
				    "a list or an object where a value is due";
				nbad++;
			}
	return nbad;
}

/* Event i becomes event `to` of the batch. */
static inline void
keep(struct loop *loop, size_t to, size_t i)
{
	size_t f;

	if (to == i)
		return;
	loop->line[to] = loop->line[i];
	for (f = 0; f < loop->run->op.nwant; f++) {
		loop->field[f][to] = loop->field[f][i];
		loop->kind[f][to] = loop->kind[f][i];
	}
}

/* Bad events are told and leave the batch.  With --strict the first one ends
 * it; it is told when those before it, which may be bad to the operator, are
 * given. */
static size_t
keep_good(struct loop *loop, size_t n)
{
	bool strict = loop->run->shared->strictness == SK_STRICT;
	size_t kept = 0, i;

	for (i = 0; i < n && loop->err == 0; i++) {
		if (loop->why[i] == NULL) {
			keep(loop, kept++, i);
			continue;
		}
		if (strict) {
			loop->last = i;
			break;
		}
		loop->err = tell_bad(loop, i);
	}
	return kept;
}

static bool
has_required(const struct sk_op *op)
{
	size_t f = 0;

	while (f < op->nwant && !op->want[f].required)
		f++;
	return f < op->nwant;
}

/* Events whose required fields have no value leave the batch. */
static size_t
keep_valued(struct loop *loop, size_t n)
{
	const struct sk_op *op = &loop->run->op;
	size_t kept = 0, i, f;

	for (i = 0; i < n; i++) {
		for (f = 0; f < op->nwant; f++)
			if (op->want[f].required &&
			    !(op->want[f].number ?
			    sk_field_has_number(loop->field[f][i]) :
			    sk_field_has_value(loop->field[f][i])))
				break;
		if (f < op->nwant) {
			loop->nmissing[f]++;
			continue;
		}
		keep(loop, kept++, i);
	}
	return kept;
}

/* Take the fields of n events; how many of them go on. */
static size_t
take_fields(struct loop *loop, size_t n)
{
	const struct sk_values out = { loop->field, loop->kind, loop->why };
	bool typed = loop->fields.format == SK_FORMAT_NDJSON;
	size_t nbad;

	memset(loop->why, 0, n * sizeof(*loop->why));
	loop->last = loop->cap;
	nbad = sk_fields_take(&loop->fields, loop->line, n, &out);
	if (typed)
		nbad += refuse_lists(loop, n);
	if (nbad > 0)
		n = keep_good(loop, n);
	return has_required(&loop->run->op) ? keep_valued(loop, n) : n;
}

static void
give(struct loop *loop, size_t n)
{
	const struct sk_op *op = &loop->run->op;
	struct sk_batch batch = { n, loop->line,
		(const struct sk_view *const *)loop->field,
		loop->fields.format == SK_FORMAT_NDJSON ? loop->kind : NULL };
	struct sk_event event;
	struct sk_view *field;
	size_t i, f;

	if (op->batch != NULL) {
		loop->err = op->batch(op->self, &batch, &loop->emit);
		return;
	}
	field = sk_xcalloc(op->nwant, sizeof(*field));
	for (i = 0; i < n && loop->err == 0; i++) {
		for (f = 0; f < op->nwant; f++)
			field[f] = loop->field[f][i];
		event.line = loop->line[i];
		event.field = field;
		loop->err = op->event(op->self, &event, &loop->emit);
	}
	free(field);
}

/* The fields of n lines, then the events that have them. */
static void
take_events(struct loop *loop, size_t n)
{
	if (!loop->fields.plain)
		n = take_fields(loop, n);
	if (n > 0 && loop->err == 0)
		give(loop, n);
	if (loop->last < loop->cap && loop->err == 0)
		loop->err = tell_bad(loop, loop->last);
	loop->feed.at_first = false;
}

/* The most lines that may go in one batch: --every=N cuts it. */
static size_t
room(const struct loop *loop)
{
	uint64_t every = loop->run->shared->every.n, left;

	if (every == 0)
		return loop->cap;
	left = every - loop->nevents % every;
	return left < loop->cap ? (size_t)left : loop->cap;
}

/* Why an input of this header line cannot be taken; NULL: it can. */
static const char *
take_header(struct loop *loop, struct sk_diag *diag)
{
	const struct sk_op *op = &loop->run->op;

	if (sk_fields_header(&loop->fields, loop->line[0], diag) != 0)
		return diag->text;
	return op->header == NULL ? NULL :
	    op->header(op->self, loop->line[0], &loop->emit);
}

/* The first records of an input are at hand; how many are left when its header
 * line has gone.  An input whose header lacks a column is left out. */
static size_t
begin_input(struct loop *loop, size_t n)
{
	const struct sk_op *op = &loop->run->op;
	struct sk_diag diag;
	const char *why;

	loop->ninputs = loop->feed.ninputs;
	start(loop);
	if (op->input != NULL)
		op->input(op->self);
	loop->line[0] = sk_fields_bare(&loop->fields, loop->line[0]);
	if (!loop->fields.has_header)
		return n;
	why = take_header(loop, &diag);
	if (why != NULL) {
		sk_error("%s:1: %s", loop->input.name, why);
		loop->input.status = highest(loop->input.status, SK_DATA);
		sk_feed_skip(&loop->feed);
		return 0;
	}
	memmove(loop->line, loop->line + 1, (n - 1) * sizeof(*loop->line));
	return n - 1;
}

/* All complete records of the buffer. */
static void
take_lines(struct loop *loop)
{
	uint64_t every = loop->run->shared->every.n;
	size_t n;

	while (loop->err == 0 && (n = sk_feed_lines(&loop->feed, loop->line,
	    room(loop))) > 0) {
		/* --strict: the lines around a bad one are not given. */
		if (loop->err != 0)
			return;
		give_mark(loop);
		n = sk_fields_events(&loop->fields, loop->line, n);
		if (n == 0)
			continue;
		if (loop->ninputs != loop->feed.ninputs)
			n = begin_input(loop, n);
		if (loop->err != 0)
			return;
		loop->nevents += n;
		take_events(loop, n);
		if (loop->err == 0 && every > 0 && loop->nevents % every == 0)
			tick(loop, 0);
	}
}

/* All of the buffer. */
static void
take_all(struct loop *loop)
{
	do
		take_lines(loop);
	while (loop->err == 0 && take_control(loop));
	give_mark(loop);
}

/* ---- waiting, signals, progress ---- */

static void
tell_status(const struct loop *loop)
{
	sk_tell("%" PRIu64 " events, %" PRIu64 " bad, %" PRId64 " s",
	    loop->nevents, loop->bad.n,
	    (sk_sys_mono_ns() - loop->started_ns) / SECOND);
}

static void
tell_progress(struct loop *loop)
{
	int64_t now_ns = sk_sys_mono_ns();
	struct sk_buf text = { 0 };
	double seconds;

	if (now_ns < loop->next_progress_ns)
		return;
	loop->next_progress_ns = now_ns + SECOND;
	seconds = (double)(now_ns - loop->started_ns) / 1e9;
	sk_num_put_size(&text, loop->input.nbytes);
	sk_tell("%s: %" PRIu64 " events, %s, %.0f events/s",
	    loop->input.name != NULL ? loop->input.name : "stdin",
	    loop->nevents, sk_buf_cstr(&text),
	    (double)loop->nevents / (seconds > 0.001 ? seconds : 0.001));
	sk_buf_free(&text);
}

/* A cutter holds lines back until more comes, or for its time. */
static bool
holds(const struct loop *loop)
{
	return loop->feed.cut != NULL && loop->feed.cut->wait_ns > 0 &&
	    sk_feed_holds(&loop->feed);
}

static void
release_held(struct loop *loop)
{
	if (!holds(loop) || sk_sys_mono_ns() <
	    loop->read_ns + loop->feed.cut->wait_ns)
		return;
	sk_feed_release(&loop->feed);
	take_all(loop);
}

/* Milliseconds until something is due, -1: nothing is. */
static int
due_ms(const struct loop *loop)
{
	int64_t due_ns = INT64_MAX, left;

	if (loop->run->shared->every.ns > 0 &&
	    loop->nevents != loop->at_result)
		due_ns = loop->next_tick_ns - sk_sys_clock_ns();
	if (loop->run->shared->progress) {
		left = loop->next_progress_ns - sk_sys_mono_ns();
		due_ns = left < due_ns ? left : due_ns;
	}
	if (holds(loop)) {
		left = loop->read_ns + loop->feed.cut->wait_ns -
		    sk_sys_mono_ns();
		due_ns = left < due_ns ? left : due_ns;
	}
	if (loop->run->op.idle_ns > 0) {
		left = loop->read_ns + loop->run->op.idle_ns -
		    sk_sys_mono_ns();
		left = left > 0 ? left : IDLE_AGAIN_NS;
		due_ns = left < due_ns ? left : due_ns;
	}
	if (due_ns == INT64_MAX)
		return -1;
	if (due_ns <= 0)
		return 0;
	left = due_ns / 1000000 + 1;
	return left < 1000 ? (int)left : 1000;
}

static void
look_around(struct loop *loop)
{
	tick_by_clock(loop);
	if (loop->run->shared->progress)
		tell_progress(loop);
	if (sk_stop_usr1())
		tell_status(loop);
}

static void
tell_idle(struct loop *loop)
{
	const struct sk_op *op = &loop->run->op;

	if (op->idle != NULL && loop->err == 0)
		loop->err = op->idle(op->self,
		    sk_sys_mono_ns() - loop->read_ns, &loop->emit);
}

/* Flush and wait until the next read does not block, or a signal came. */
static void
wait_for_input(struct loop *loop)
{
	while (loop->err == 0 && sk_stop_signal() == 0 &&
	    sk_feed_blocks(&loop->feed)) {
		tell_idle(loop);
		if (loop->err == 0)
			loop->err = sk_emit_flush(&loop->emit);
		if (loop->err != 0)
			return;
		sk_input_wait(&loop->input, sk_stop_fd(), due_ms(loop));
		if (sk_feed_blocks(&loop->feed))
			release_held(loop);
		look_around(loop);
	}
}

static void
read_all(struct loop *loop)
{
	bool strict = loop->run->shared->strictness == SK_STRICT;
	int got;

	for (;;) {
		wait_for_input(loop);
		if (loop->err != 0 || sk_stop_signal() != 0)
			return;
		got = sk_feed_fill(&loop->feed);
		if (got < 0)
			loop->err = got;
		if (got <= 0)
			return;
		if (loop->feed.cut != NULL || loop->run->op.idle_ns > 0)
			loop->read_ns = sk_sys_mono_ns();
		take_all(loop);
		if (strict && loop->err == 0 && loop->input.status != 0)
			return;
		look_around(loop);
	}
}

/* ---- begin and end ---- */

/* Whole lines are the lines: a plain batch has no memory of its own. */
static void
make_batch(struct loop *loop)
{
	size_t nwant = loop->run->op.nwant, f;

	loop->cap = BATCH_VALUES / (nwant > 0 ? nwant : 1);
	if (loop->cap > BATCH_MAX)
		loop->cap = BATCH_MAX;
	if (loop->cap < BATCH_MIN)
		loop->cap = BATCH_MIN;
	loop->last = loop->cap;
	loop->line = sk_xalloc(loop->cap, sizeof(*loop->line));
	loop->field = sk_xcalloc(nwant, sizeof(*loop->field));
	loop->kind = sk_xcalloc(nwant, sizeof(*loop->kind));
	loop->why = sk_xalloc(loop->cap, sizeof(*loop->why));
	for (f = 0; f < nwant; f++) {
		loop->field[f] = loop->line;
		loop->kind[f] = sk_xalloc(loop->cap, sizeof(**loop->kind));
		memset(loop->kind[f], SK_KIND_TEXT, loop->cap);
		if (!loop->fields.plain)
			loop->field[f] = sk_xalloc(loop->cap,
			    sizeof(**loop->field));
	}
}

static void
prepare(struct loop *loop)
{
	const struct sk_op *op = &loop->run->op;
	struct sk_diag diag;
	size_t f;

	loop->wanted = sk_xcalloc(op->nwant, sizeof(*loop->wanted));
	loop->nmissing = sk_xcalloc(op->nwant, sizeof(*loop->nmissing));
	for (f = 0; f < op->nwant; f++)
		loop->wanted[f] = op->want[f].field;
	if (sk_fields_init(&loop->fields, loop->run->shared, loop->wanted,
	    op->nwant, &diag) != 0)
		sk_opt_fail(loop->run->cmd, "%s", diag.text);
	make_batch(loop);
	if (loop->run->shared->every.ns > 0)
		loop->next_tick_ns = next_multiple(sk_sys_clock_ns(),
		    loop->run->shared->every.ns);
	loop->started_ns = sk_sys_mono_ns();
	loop->next_progress_ns = loop->started_ns + SECOND;
}

static void
begin_feed(struct loop *loop)
{
	const struct sk_run *run = loop->run;

	sk_input_init(&loop->input, run->inputs);
	sk_feed_init(&loop->feed, &loop->input,
	    sk_shared_separator(run->shared), (size_t)run->shared->max_line);
	loop->feed.cut = run->cut != NULL ? run->cut :
	    sk_fields_cut(&loop->fields);
	loop->feed.mode = sk_unframe_mode(run->shared);
	loop->feed.overlong = on_overlong;
	loop->feed.arg = loop;
}

static void
release(struct loop *loop)
{
	size_t f;

	for (f = 0; f < loop->run->op.nwant; f++) {
		if (loop->field[f] != loop->line)
			free(loop->field[f]);
		free(loop->kind[f]);
	}
	free(loop->nmissing);
	free(loop->field);
	free(loop->kind);
	free(loop->why);
	free(loop->line);
	sk_fields_free(&loop->fields);
	free(loop->wanted);
	sk_feed_free(&loop->feed);
	sk_input_close(&loop->input);
}

static void
say_counts(const struct loop *loop)
{
	const struct sk_op *op = &loop->run->op;
	size_t f;

	if (loop->bad.n > 0 && loop->bad.strictness != SK_STRICT)
		sk_note("%" PRIu64 " of %" PRIu64 " events bad", loop->bad.n,
		    loop->nevents);
	for (f = 0; f < op->nwant; f++)
		if (loop->nmissing[f] > 0)
			sk_note("%" PRIu64 " of %" PRIu64 " events without "
			    "%.*s", loop->nmissing[f], loop->nevents,
			    (int)op->want[f].field.name.len,
			    op->want[f].field.name.ptr);
}

/* What an operator or the emitter failed with was told by whoever met it, but
 * for the output's own state, which is told when it is closed. */
static int
status_of(struct loop *loop)
{
	/* After the last result of --every a file of --output is begun anew. */
	bool whole = loop->err == 0 && !has_result(loop);
	const uint64_t *found = loop->run->found;
	uint64_t nfound = found != NULL ? *found : loop->emit.nwritten;
	int status = highest(loop->input.status, sk_err_status(loop->err));

	if (sk_emit_close(&loop->emit, whole) != 0)
		status = highest(status, SK_SYSTEM);
	status = highest(status, sk_bad_close(&loop->bad));
	if (status == SK_DONE && loop->run->shared->exit_status &&
	    nfound == 0)
		status = SK_NO;
	return status;
}

int
sk_stream_run(const struct sk_run *run)
{
	struct loop loop;
	int status;

	memset(&loop, 0, sizeof(loop));
	loop.run = run;
	prepare(&loop);
	begin_feed(&loop);
	status = sk_bad_open(&loop.bad, run->shared);
	if (status == 0)
		status = sk_emit_open(&loop.emit, run->shared,
		    loop.fields.format, run->columns);
	if (status != 0) {
		sk_emit_close(&loop.emit, false);
		sk_bad_close(&loop.bad);
		release(&loop);
		return sk_err_status(status);
	}
	loop.emit.bad = on_bad;
	loop.emit.bad_arg = &loop;
	read_all(&loop);
	if (loop.err == 0)
		finish(&loop);
	if (loop.err == 0)
		end_stream(&loop);
	say_counts(&loop);
	status = status_of(&loop);
	release(&loop);
	return status;
}
