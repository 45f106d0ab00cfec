#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/sys.h"
#include "stream/bad.h"
#include "stream/emit.h"
#include "stream/eventtime.h"
#include "stream/feed.h"
#include "stream/hold.h"
#include "stream/input.h"
#include "stream/late.h"
#include "stream/merge.h"
#include "stream/stop.h"

#define BATCH SK_EVENTTIME_BATCH
#define FEEDS_BYTES ((size_t)4 << 20) /* of all inputs, but each has */
#define FEED_MIN ((size_t)16 << 10)
#define FEED_MAX ((size_t)64 << 10)
#define SECOND INT64_C(1000000000)
#define MARK_EVERY 1024 /* events, with --framed */

/* An event that is at hand. */
struct item {
	struct sk_view line;
	int64_t ns;
	const char *why; /* it is bad; NULL: it has a time */
};

/* An input, and the events that are at hand: those from `next` to `n`. */
struct lane {
	struct loop *loop;
	char *names[2];
	struct sk_input input;
	struct sk_feed feed;
	struct sk_eventtime when;
	bool begun;        /* its first line was seen */
	bool dated;        /* an event with a time was taken */
	int64_t latest_ns; /* of those */
	int64_t read_ns;   /* when it was last read, monotonic; with idle_ns */
	size_t n, next;
	struct item item[BATCH];
};

struct loop {
	const struct sk_merge *set;
	struct lane *lane;
	size_t nlanes;
	/* The inputs that are waited for, by (watermark, input), and those
	 * that are left out. */
	struct sk_heap open;
	struct lane **idle;
	size_t nidle;
	struct pollfd *fds; /* [nlanes + 2] */
	struct sk_hold hold;
	int64_t floor_ns;   /* no watermark is below it */
	int64_t out_ns;     /* of the last event that went out */
	int64_t said_ns;    /* the watermark that went out */
	uint64_t say_at;    /* events written when the next one is due */
	struct sk_emit emit;
	struct sk_bad bad;
	struct sk_late late;
	struct sk_buf header;
	const char *header_of; /* the input that gave it */
	/* Of the lines that are looked at. */
	struct sk_view line[BATCH];
	int64_t ns[BATCH];
	const char *why[BATCH];

	uint64_t nevents;   /* taken */
	uint64_t nwritten;
	uint64_t nearly;    /* went out for want of room */
	const struct lane *waits_for;
	int64_t started_ns; /* monotonic */
	int64_t next_progress_ns;
	bool stopped;       /* no input is read any more */
	int err;
};

static int
highest(int a, int b)
{
	return a > b ? a : b;
}

static inline int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t
less(int64_t ns, int64_t span_ns)
{
	return ns < INT64_MIN + span_ns ? INT64_MIN : ns - span_ns;
}

/* ---- watermarks ---- */

static inline int64_t
watermark(const struct lane *lane)
{
	const struct loop *loop = lane->loop;
	const struct sk_unframe *told = &lane->feed.unframe;

	if (told->marked)
		return told->has_mark ? later(loop->floor_ns, told->mark_ns) :
		    loop->floor_ns;
	if (!lane->dated)
		return loop->floor_ns;
	return later(loop->floor_ns,
	    less(lane->latest_ns, loop->set->delay_ns));
}

/* What the watermark will be when the next event has been taken: whatever it
 * is, it comes no earlier than that.  While the next event is not known, or is
 * bad, the watermark as it is. */
static inline int64_t
reach(const struct lane *lane)
{
	const struct item *item = &lane->item[lane->next];
	int64_t mark = watermark(lane);

	if (lane->next == lane->n || item->why != NULL ||
	    lane->feed.unframe.marked)
		return mark;
	return later(mark, less(item->ns, lane->loop->set->delay_ns));
}

/* Tell how far the output is. */
static void
say(struct loop *loop)
{
	const struct sk_heap_item *first = sk_hold_first(&loop->hold);
	int64_t ns = INT64_MIN;

	loop->say_at = loop->nwritten + MARK_EVERY;
	if (loop->open.n > 0) {
		ns = loop->open.item[0].at_ns;
		if (first != NULL && first->at_ns < ns)
			ns = first->at_ns;
	}
	ns = later(ns, loop->out_ns);
	if (ns <= loop->said_ns || loop->err != 0)
		return;
	loop->said_ns = ns;
	loop->err = sk_emit_watermark(&loop->emit, ns);
}

/* With many inputs their lines do not fit into the caches. */
static inline void
fetch(const struct item *item)
{
	__builtin_prefetch(item->line.ptr);
	__builtin_prefetch(item->line.ptr + 64);
	__builtin_prefetch(item->line.ptr + 128);
	__builtin_prefetch(item + 1);
}

/* The first of the open inputs has moved on. */
static inline void
move_on(struct loop *loop, const struct lane *lane)
{
	if (lane->next < lane->n)
		fetch(&lane->item[lane->next]);
	loop->open.item[0].at_ns = reach(lane);
	sk_heap_sink(&loop->open);
}

static void
join(struct loop *loop, struct lane *lane)
{
	struct sk_heap_item item = { .at_ns = reach(lane), .ref = lane,
		.rank = (uint32_t)(lane - loop->lane) };

	sk_heap_add(&loop->open, item);
}

/* ---- events ---- */

static inline void
put(struct loop *loop, struct sk_view line, int64_t ns)
{
	loop->err = sk_emit_line(&loop->emit, line);
	loop->out_ns = ns;
	loop->nwritten++;
}

/* The first of the held events goes out. */
static void
release(struct loop *loop)
{
	put(loop, sk_hold_line(&loop->hold), sk_hold_first(&loop->hold)->at_ns);
	sk_hold_drop(&loop->hold);
}

static void
release_early(struct loop *loop)
{
	struct sk_buf size = { 0 };

	if (loop->nearly++ == 0) {
		sk_num_put_size(&size, loop->set->max_held);
		sk_warn("%s are held (--max-buffer): the first events go out "
		    "before --delay is over", sk_buf_cstr(&size));
		sk_buf_free(&size);
	}
	loop->floor_ns = later(loop->floor_ns,
	    sk_hold_first(&loop->hold)->at_ns);
	release(loop);
}

static void
hold(struct loop *loop, const struct lane *lane, struct sk_view line,
    int64_t ns)
{
	sk_hold_add(&loop->hold, ns, (uint32_t)(lane - loop->lane), line);
	while (sk_hold_bytes(&loop->hold) > loop->set->max_held &&
	    sk_hold_first(&loop->hold) != NULL && loop->err == 0)
		release_early(loop);
}

static void
tell_bad(struct lane *lane, const struct item *item)
{
	struct loop *loop = lane->loop;
	const char *hint = "";
	char reason[128];

	if (loop->nevents == 1)
		hint = sk_fields_hint(&lane->when.fields, item->line);
	snprintf(reason, sizeof(reason), "%s%s", item->why, hint);
	loop->err = sk_bad_event(&loop->bad, lane->input.name,
	    sk_feed_number(&lane->feed, item->line), reason, item->line);
}

/* Take the next event of the first open input.  No event is held that comes
 * before what its watermark will be then. */
static inline void
take(struct loop *loop, struct lane *lane)
{
	const struct item *item = &lane->item[lane->next++];
	int64_t ns = item->ns, mark;

	loop->nevents++;
	if (item->why != NULL)
		tell_bad(lane, item);
	else if (ns < (mark = watermark(lane)))
		loop->err = sk_late_event(&loop->late, item->line,
		    (uint64_t)mark - (uint64_t)ns);
	else {
		if (!lane->dated || ns > lane->latest_ns)
			lane->latest_ns = ns;
		lane->dated = true;
		if (ns == watermark(lane))
			put(loop, item->line, ns);
		else
			hold(loop, lane, item->line, ns);
	}
	move_on(loop, lane);
}

/* ---- reading ---- */

static void
on_overlong(void *arg, struct sk_view start, uint64_t number)
{
	struct lane *lane = arg;
	struct loop *loop = lane->loop;
	char reason[64];
	int err;

	snprintf(reason, sizeof(reason), "line longer than %" PRIu64 " bytes",
	    loop->set->shared->max_line);
	loop->nevents++;
	err = sk_bad_event(&loop->bad, lane->input.name, number, reason,
	    start);
	if (loop->err == 0)
		loop->err = err;
}

/* The input is left out from here on: its first line does not do. */
static void
refuse(struct lane *lane, const char *reason)
{
	sk_error("%s:1: %s", lane->input.name, reason);
	lane->input.status = highest(lane->input.status, SK_DATA);
	sk_feed_skip(&lane->feed);
}

static struct sk_view
without_cr(struct sk_view line)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The header line of the first input goes out once; the others have the same
 * one. */
static bool
take_header(struct lane *lane, struct sk_view line)
{
	struct loop *loop = lane->loop;
	struct sk_view names = without_cr(line);
	struct sk_diag diag;
	struct sk_buf *out;

	if (sk_fields_header(&lane->when.fields, line, &diag) != 0) {
		refuse(lane, diag.text);
		return false;
	}
	if (loop->header_of != NULL) {
		if (sk_view_equal(names, sk_view(loop->header.ptr,
		    loop->header.len)))
			return true;
		sk_diag_set(&diag, SK_EDATA,
		    "its header line differs from that of %s",
		    loop->header_of);
		refuse(lane, diag.text);
		return false;
	}
	loop->header_of = lane->input.name;
	sk_buf_view(&loop->header, names);
	out = sk_emit_text(&loop->emit);
	sk_buf_view(out, line);
	loop->err = sk_emit_text_end(&loop->emit);
	return true;
}

/* The first lines of an input are at hand: how many are left when its header
 * line has gone. */
static size_t
begin(struct lane *lane, size_t n)
{
	struct loop *loop = lane->loop;
	struct sk_view *line = loop->line;

	lane->begun = true;
	line[0] = sk_fields_bare(&lane->when.fields, line[0]);
	if (!lane->when.fields.has_header)
		return n;
	if (!take_header(lane, line[0]))
		return 0;
	memmove(line, line + 1, (n - 1) * sizeof(*line));
	return n - 1;
}

/* The control lines that are next; false: there was none. */
static bool
take_control(struct lane *lane)
{
	struct loop *loop = lane->loop;
	struct sk_control control;
	bool any = false;
	int got;

	while ((got = sk_feed_control(&lane->feed, &control)) > 0 &&
	    loop->err == 0) {
		any = true;
		if (control.type >= 'a')
			loop->err = sk_emit_control(&loop->emit, control.line);
	}
	if (got < 0)
		loop->err = got;
	return any;
}

/* Events or watermarks out of the feed; false: it is to be filled first. */
static bool
scan(struct lane *lane)
{
	struct loop *loop = lane->loop;
	size_t n = sk_feed_lines(&lane->feed, loop->line, BATCH), i;

	lane->n = lane->next = 0;
	if (n == 0)
		return take_control(lane);
	if (!lane->begun)
		n = begin(lane, n);
	if (n > 0)
		sk_eventtime_take(&lane->when, loop->line, n, loop->ns,
		    loop->why);
	for (i = 0; i < n; i++)
		lane->item[i] = (struct item){ loop->line[i], loop->ns[i],
			loop->why[i] };
	lane->n = n;
	return true;
}

/* The first open input has ended. */
static void
end(struct loop *loop, struct lane *lane)
{
	sk_heap_drop(&loop->open);
	sk_input_close(&lane->input);
	sk_feed_free(&lane->feed);
	memset(&lane->feed, 0, sizeof(lane->feed));
}

static void
tell_status(const struct loop *loop)
{
	struct sk_buf text = { 0 };

	if (loop->waits_for != NULL)
		sk_buf_fmt(&text, "waiting for %s, ",
		    loop->waits_for->input.name);
	sk_tell("%" PRIu64 " events, %" PRIu64 " bad, %" PRIu64 " late, "
	    "%zu held, %s%" PRId64 " s", loop->nevents, loop->bad.n,
	    loop->late.n, loop->hold.heap.n, sk_buf_cstr(&text),
	    (sk_sys_mono_ns() - loop->started_ns) / SECOND);
	sk_buf_free(&text);
}

static void
tell_progress(struct loop *loop)
{
	int64_t now_ns = sk_sys_mono_ns();
	struct sk_buf text = { 0 };
	uint64_t nbytes = 0;
	double seconds;
	size_t i;

	if (now_ns < loop->next_progress_ns)
		return;
	loop->next_progress_ns = now_ns + SECOND;
	for (i = 0; i < loop->nlanes; i++)
		nbytes += loop->lane[i].input.nbytes;
	seconds = (double)(now_ns - loop->started_ns) / 1e9;
	sk_num_put_size(&text, nbytes);
	sk_buf_fmt(&text, ", %.0f events/s",
	    (double)loop->nevents / (seconds > 0.001 ? seconds : 0.001));
	if (loop->waits_for != NULL)
		sk_buf_fmt(&text, ", waiting for %s",
		    loop->waits_for->input.name);
	sk_tell("%" PRIu64 " events, %s", loop->nevents, sk_buf_cstr(&text));
	sk_buf_free(&text);
}

static void
look_around(struct loop *loop)
{
	if (loop->set->shared->progress)
		tell_progress(loop);
	if (sk_stop_usr1())
		tell_status(loop);
	if (sk_stop_signal() != 0)
		loop->stopped = true;
}

/* ---- waiting ---- */

/* Until an input that is left out, or `lane`, can be read, for so long at
 * most; whether `lane` can. */
static bool
poll_inputs(struct loop *loop, const struct lane *lane, int timeout_ms)
{
	struct pollfd *fds = loop->fds;
	size_t n = loop->nidle, i;

	for (i = 0; i < n; i++)
		fds[i] = (struct pollfd){ loop->idle[i]->input.fd, POLLIN, 0 };
	fds[n] = (struct pollfd){ sk_stop_fd(), POLLIN, 0 };
	fds[n + 1] = (struct pollfd){ lane != NULL ? lane->input.fd : -1,
		POLLIN, 0 };
	if (sk_sys_poll(fds, n + 2, timeout_ms) <= 0)
		return false;
	for (i = n; i-- > 0; ) {
		if (fds[i].revents == 0)
			continue;
		/* What went out meanwhile stays in front. */
		loop->floor_ns = later(loop->floor_ns,
		    later(loop->out_ns, loop->said_ns));
		join(loop, loop->idle[i]);
		loop->idle[i] = loop->idle[--loop->nidle];
	}
	return fds[n + 1].revents != 0;
}

static bool
waits_too_long(const struct loop *loop, const struct lane *lane)
{
	return loop->set->idle_ns > 0 &&
	    sk_sys_mono_ns() - lane->read_ns >= loop->set->idle_ns;
}

/* Milliseconds until something is due, -1: nothing is. */
static int
due_ms(const struct loop *loop, const struct lane *lane)
{
	int64_t now_ns = sk_sys_mono_ns(), due_ns = INT64_MAX;

	if (loop->set->shared->progress)
		due_ns = loop->next_progress_ns - now_ns;
	if (lane != NULL && loop->set->idle_ns > 0 &&
	    loop->set->idle_ns - (now_ns - lane->read_ns) < due_ns)
		due_ns = loop->set->idle_ns - (now_ns - lane->read_ns);
	if (due_ns == INT64_MAX)
		return -1;
	if (due_ns <= 0)
		return 0;
	return due_ns < SECOND ? (int)(due_ns / 1000000) + 1 : 1000;
}

/* Nothing can be done before `lane` (the first open input) or one that is left
 * out has more. */
static void
wait_for(struct loop *loop, struct lane *lane)
{
	bool ready;

	if (loop->emit.framed)
		say(loop);
	if (loop->err == 0)
		loop->err = sk_emit_flush(&loop->emit);
	if (loop->err == 0)
		loop->err = sk_late_flush(&loop->late);
	if (loop->err != 0)
		return;
	loop->waits_for = lane;
	ready = poll_inputs(loop, lane, due_ms(loop, lane));
	look_around(loop);
	loop->waits_for = NULL;
	if (ready || lane == NULL || loop->open.item[0].ref != lane ||
	    !waits_too_long(loop, lane))
		return;
	sk_info("%s: idle, left out", lane->input.name);
	sk_heap_drop(&loop->open);
	loop->idle[loop->nidle++] = lane;
}

/* The first open input has no event at hand: get some. */
static void
refill(struct loop *loop, struct lane *lane)
{
	bool strict = loop->set->shared->strictness == SK_STRICT;
	int got;

	if (scan(lane)) {
		move_on(loop, lane);
		return;
	}
	if (loop->err != 0)
		return;
	if (!loop->stopped && sk_feed_blocks(&lane->feed)) {
		wait_for(loop, lane);
		return;
	}
	got = loop->stopped ? 0 : sk_feed_fill(&lane->feed);
	if (got < 0)
		loop->err = got;
	else if (got == 0)
		end(loop, lane);
	if (got <= 0)
		return;
	if (loop->set->idle_ns > 0)
		lane->read_ns = sk_sys_mono_ns();
	if (strict && lane->input.status != 0)
		loop->stopped = true;
	look_around(loop);
	if (loop->nidle > 0)
		poll_inputs(loop, NULL, 0);
}

/* ---- the loop ---- */

static void
step(struct loop *loop)
{
	const struct sk_heap_item *top = &loop->open.item[0];
	const struct sk_heap_item *first = sk_hold_first(&loop->hold);
	struct lane *lane = top->ref;

	/* The floor was raised meanwhile. */
	if (top->at_ns < loop->floor_ns)
		move_on(loop, lane);
	else if (first != NULL && (first->at_ns < top->at_ns ||
	    (first->at_ns == top->at_ns && first->rank <= top->rank)))
		release(loop);
	else if (lane->next == lane->n)
		refill(loop, lane);
	else
		take(loop, lane);
}

static void
merge_all(struct loop *loop)
{
	while (loop->err == 0) {
		if (loop->emit.framed && loop->nwritten >= loop->say_at)
			say(loop);
		if (loop->open.n > 0)
			step(loop);
		else if (sk_hold_first(&loop->hold) != NULL)
			release(loop);
		else if (loop->nidle > 0 && !loop->stopped)
			wait_for(loop, NULL);
		else
			return;
	}
}

/* ---- begin and end ---- */

static void
init_lane(struct loop *loop, struct lane *lane, char *name)
{
	const struct sk_shared *shared = loop->set->shared;
	struct sk_diag diag;

	lane->loop = loop;
	lane->names[0] = name;
	sk_input_init(&lane->input, lane->names);
	lane->input.nowait = true;
	sk_feed_init(&lane->feed, &lane->input, sk_shared_separator(shared),
	    (size_t)shared->max_line);
	lane->feed.bytes = FEEDS_BYTES / loop->nlanes;
	if (lane->feed.bytes > FEED_MAX)
		lane->feed.bytes = FEED_MAX;
	if (lane->feed.bytes < FEED_MIN)
		lane->feed.bytes = FEED_MIN;
	lane->feed.mode = sk_unframe_mode(shared);
	lane->feed.overlong = on_overlong;
	lane->feed.arg = lane;
	if (sk_eventtime_open(&lane->when, shared, &diag) != 0)
		sk_opt_fail(loop->set->cmd, "%s", diag.text);
	lane->feed.cut = sk_fields_cut(&lane->when.fields);
}

static void
init_loop(struct loop *loop, const struct sk_merge *set)
{
	char *none[] = { NULL };
	char **names = set->inputs;
	size_t i;

	memset(loop, 0, sizeof(*loop));
	loop->set = set;
	while (names[loop->nlanes] != NULL)
		loop->nlanes++;
	if (loop->nlanes == 0) {
		names = none;
		loop->nlanes = 1;
	}
	loop->lane = sk_xcalloc(loop->nlanes, sizeof(*loop->lane));
	loop->idle = sk_xalloc(loop->nlanes, sizeof(*loop->idle));
	loop->fds = sk_xalloc(loop->nlanes + 2, sizeof(*loop->fds));
	for (i = 0; i < loop->nlanes; i++)
		init_lane(loop, &loop->lane[i], names[i]);
	loop->floor_ns = loop->out_ns = loop->said_ns = INT64_MIN;
	loop->say_at = MARK_EVERY;
	loop->started_ns = sk_sys_mono_ns();
	loop->next_progress_ns = loop->started_ns + SECOND;
}

static int
open_output(struct loop *loop)
{
	const struct sk_shared *shared = loop->set->shared;
	int err = sk_bad_open(&loop->bad, shared);

	if (err == 0)
		err = sk_late_open(&loop->late, loop->set->late,
		    sk_shared_separator(shared));
	if (err == 0)
		err = sk_emit_open(&loop->emit, shared,
		    loop->lane[0].when.fields.format, NULL);
	if (err == 0)
		sk_emit_start(&loop->emit, NULL, true);
	return err;
}

/* All of them, before anything is read: whoever writes into several FIFOs may
 * open them in any order. */
static void
open_inputs(struct loop *loop)
{
	struct lane *lane;
	size_t i;

	for (i = 0; i < loop->nlanes && !loop->stopped; i++) {
		lane = &loop->lane[i];
		lane->read_ns = loop->started_ns;
		if (sk_input_next(&lane->input) != 0)
			join(loop, lane);
		else if (loop->set->shared->strictness == SK_STRICT)
			loop->stopped = true;
	}
}

static void
say_counts(const struct loop *loop)
{
	if (loop->bad.n > 0 && loop->bad.strictness != SK_STRICT)
		sk_note("%" PRIu64 " of %" PRIu64 " events bad", loop->bad.n,
		    loop->nevents);
	sk_late_say(&loop->late, loop->nevents,
	    loop->nearly > 0 ? "--max-buffer" : "--delay");
	if (loop->nearly > 0)
		sk_note("%" PRIu64 " of %" PRIu64 " events went out early "
		    "(--max-buffer)", loop->nearly, loop->nevents);
}

static int
status_of(struct loop *loop)
{
	int status = sk_err_status(loop->err);
	size_t i;

	for (i = 0; i < loop->nlanes; i++)
		status = highest(status, loop->lane[i].input.status);
	if (status == SK_DONE)
		sk_emit_finish(&loop->emit, sk_stop_signal() != 0 ?
		    SK_REASON_STOP : SK_REASON_END);
	if (sk_emit_close(&loop->emit, loop->err == 0) != 0)
		status = highest(status, SK_SYSTEM);
	status = highest(status, sk_bad_close(&loop->bad));
	status = highest(status, sk_late_close(&loop->late));
	if (status == SK_DONE && loop->set->shared->exit_status &&
	    loop->nwritten == 0)
		status = SK_NO;
	return status;
}

static void
free_loop(struct loop *loop)
{
	struct lane *lane;
	bool told = false;
	size_t i;

	for (i = 0; i < loop->nlanes; i++) {
		lane = &loop->lane[i];
		sk_input_close(&lane->input);
		sk_feed_free(&lane->feed);
		if (lane->when.year.used && !told)
			sk_eventtime_close(&lane->when);
		else
			sk_eventtime_free(&lane->when);
		told = told || lane->when.year.used;
	}
	sk_hold_free(&loop->hold);
	sk_heap_free(&loop->open);
	sk_buf_free(&loop->header);
	free(loop->lane);
	free(loop->idle);
	free(loop->fds);
}

int
sk_merge_run(const struct sk_merge *set)
{
	struct loop loop;
	int status;

	init_loop(&loop, set);
	status = open_output(&loop);
	if (status != 0) {
		sk_emit_close(&loop.emit, false);
		sk_bad_close(&loop.bad);
		sk_late_close(&loop.late);
		free_loop(&loop);
		return status == SK_EUSAGE ? SK_USAGE : SK_SYSTEM;
	}
	open_inputs(&loop);
	merge_all(&loop);
	if (loop.err == 0) /* what is said of events stands behind them */
		loop.err = sk_emit_flush(&loop.emit);
	say_counts(&loop);
	status = status_of(&loop);
	free_loop(&loop);
	return status;
}
