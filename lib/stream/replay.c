#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/trace.h"
#include "io/sys.h"
#include "log/cursor.h"
#include "log/reader.h"
#include "stream/bad.h"
#include "stream/control.h"
#include "stream/emit.h"
#include "stream/logtime.h"
#include "stream/pace.h"
#include "stream/replay.h"
#include "stream/stop.h"
#include "time/time.h"

#define SECOND INT64_C(1000000000)
#define BATCH 256 /* lines whose times are taken at once */

/* Not errors: why a replay of a topic ends before the end of the log. */
enum { FULL = 1, STOPPED = 2 };

struct loop {
	struct sk_replay asked;
	const struct sk_replay *replay; /* the same */
	const char *topic;
	struct sk_emit emit;
	struct sk_bad bad;
	struct sk_notify notify;
	struct sk_diag diag;
	struct sk_reader *reader;
	struct sk_pace pace;
	int status;

	bool by_line;      /* lines are looked at one by one */
	bool timed;        /* their event times are taken */
	bool filtered;     /* and decide what goes out */
	struct sk_logtime times;
	struct sk_buf header; /* that went out */
	uint64_t nlines;   /* considered */
	uint64_t ntimeless; /* went out without a time to pace by */

	int lock_fd;
	struct sk_cursor cursor;  /* what its file should say now */
	bool fresh;               /* there is no file yet */
	bool unsaved;
	int64_t saved_ns;
	struct sk_buf marks;      /* by_line: of each line of the block that
	                           * went out, see mark_line */

	int64_t started_ns;
	int64_t progress_ns;      /* when it is due */
};

int
sk_replay_parse_point(const char *text, void *point, char *why, size_t cap)
{
	struct sk_replay_point *out = point;
	enum sk_time_point_kind kind;
	int64_t value;

	if (sk_time_point(sk_view_str(text), sk_sys_clock_ns(), &kind,
	    &value) != 0) {
		snprintf(why, cap, "neither an offset (1000), a time "
		    "(2026-11-21, 2026-11-21T10:00:00Z, @1795255200) "
		    "nor an age (2h)");
		return SK_EUSAGE;
	}
	out->bound = kind == SK_TIME_POINT_OFFSET ? SK_REPLAY_OFFSET :
	    SK_REPLAY_TIME;
	out->value = value;
	out->text = text;
	return 0;
}

/* A day, or a time without an offset, is one of this zone. */
static void
point_in_zone(struct sk_replay_point *point, struct sk_zone *zone)
{
	struct sk_time time;

	if (point->bound != SK_REPLAY_TIME || point->text == NULL ||
	    strchr(point->text, '-') != point->text + 4)
		return;
	sk_time_init(&time, sk_view_str("rfc3339"), NULL);
	time.zone = zone;
	sk_time_parse(&time, sk_view_str(point->text), &point->value);
}

static void
raise_status(struct loop *loop, int status)
{
	if (status > loop->status)
		loop->status = status;
}

/* An error of the log or the cursor: told, and this topic ends. */
static int
told(struct loop *loop, int err)
{
	sk_error("%s", loop->diag.text);
	raise_status(loop, sk_err_status(err));
	return err;
}

/* ---- the cursor ---- */

static int
save_cursor(struct loop *loop)
{
	int err;

	if (!loop->unsaved)
		return 0;
	err = sk_cursor_save(loop->replay->cursor, &loop->cursor, loop->topic,
	    &loop->diag);
	if (err != 0)
		return told(loop, err);
	loop->unsaved = false;
	loop->fresh = false;
	loop->saved_ns = sk_sys_mono_ns();
	sk_trace("cursor", "next=%" PRIu64, loop->cursor.next);
	return 0;
}

/* Everything before `next` has been taken; the last line given out is in a
 * block of this incarnation. */
static void
move_cursor(struct loop *loop, const struct sk_reader_block *block,
    uint64_t next)
{
	struct sk_cursor *cursor = &loop->cursor;

	if (loop->replay->cursor == NULL || next == cursor->next)
		return;
	cursor->next = next;
	if (block != NULL && next > block->first) {
		cursor->has_record = true;
		cursor->record = next - 1;
		cursor->incarnation = block->incarnation;
	}
	loop->unsaved = true;
}

/* Lock and load: 1 a position, 0 none yet, or an error. */
static int
load_cursor(struct loop *loop)
{
	int got;

	got = sk_cursor_lock(loop->replay->cursor, &loop->lock_fd,
	    &loop->diag);
	if (got == 0)
		got = sk_cursor_load(loop->replay->cursor, &loop->cursor,
		    &loop->diag);
	if (got == 1) {
		int err = sk_cursor_check(&loop->cursor, loop->replay->cursor,
		    loop->reader, loop->topic, &loop->diag);

		return err != 0 ? err : 1;
	}
	if (got == 0)
		memcpy(loop->cursor.uuid, sk_reader_uuid(loop->reader),
		    sizeof(loop->cursor.uuid));
	return got;
}

/* ---- output ---- */

/* Of a line that went out, or was passed over. */
struct mark {
	uint64_t nbytes; /* of the block's output when it was behind */
	uint64_t next;
};

/* Flush what a block gave and move the cursor behind the lines of it that the
 * output has taken.  0 or the output's error, which is told when it is
 * closed. */
static int
take_block(struct loop *loop, const struct sk_reader_block *block,
    uint64_t nbytes_before)
{
	int err = sk_emit_flush(&loop->emit);
	uint64_t taken = loop->emit.out.nbytes - nbytes_before;
	struct sk_reader_block rest = *block;
	uint64_t next = block->first;
	struct mark mark;
	size_t i;

	if (!loop->by_line && taken == block->nbytes)
		next += block->count;
	else if (!loop->by_line)
		while (rest.count > 0) {
			sk_reader_drop(&rest, 1);
			if ((uint64_t)(rest.bytes - block->bytes) > taken)
				break;
			next = rest.first;
		}
	for (i = 0; i < loop->marks.len; i += sizeof(mark)) {
		memcpy(&mark, loop->marks.ptr + i, sizeof(mark));
		if (mark.nbytes > taken)
			break;
		next = mark.next;
	}
	move_cursor(loop, block, next);
	return err;
}

static uint64_t
queued(const struct loop *loop)
{
	return loop->emit.out.nbytes + loop->emit.out.buf.len;
}

static void
mark_line(struct loop *loop, uint64_t nbytes_before, uint64_t next)
{
	struct mark mark = { queued(loop) - nbytes_before, next };

	if (loop->replay->cursor != NULL)
		sk_buf_add(&loop->marks, &mark, sizeof(mark));
}

/* ---- waiting ---- */

static void
look_around(struct loop *loop)
{
	int64_t now_ns = sk_sys_mono_ns();
	double seconds = (double)(now_ns - loop->started_ns) / 1e9;
	struct sk_buf text = { 0 };

	if (sk_stop_usr1())
		sk_tell("%" PRIu64 " events, %" PRId64 " s",
		    loop->emit.nwritten, (now_ns - loop->started_ns) / SECOND);
	if (!loop->replay->shared->progress || now_ns < loop->progress_ns)
		return;
	loop->progress_ns = now_ns + SECOND;
	sk_num_put_size(&text, queued(loop));
	sk_tell("%s: at offset %" PRIu64 ", %" PRIu64 " events, %s, %.0f "
	    "events/s", loop->topic, sk_reader_next_offset(loop->reader),
	    loop->emit.nwritten, sk_buf_cstr(&text),
	    (double)loop->emit.nwritten / (seconds > 0.001 ? seconds : 0.001));
	sk_buf_free(&text);
}

/* Save about once a second what the output has taken. */
static int
save_by_clock(struct loop *loop)
{
	if (!loop->unsaved || sk_sys_mono_ns() - loop->saved_ns < SECOND ||
	    loop->emit.path != NULL)
		return 0;
	return save_cursor(loop);
}

/* Flush, and wait for the log (ns < 0) or for this long; a signal and a gone
 * reader of the output end both.  0, STOPPED, or an error. */
static int
wait_for(struct loop *loop, int64_t ns)
{
	struct pollfd fds[2] = {
		{ .fd = sk_stop_fd(), .events = POLLIN },
		{ .fd = loop->emit.path != NULL ? -1 : loop->emit.out.fd }
	};
	int64_t due_ns = sk_sys_mono_ns() + (ns < 0 ? 0 : ns), left;
	int err = sk_emit_flush(&loop->emit);

	if (err != 0)
		return loop->emit.out.err;
	do {
		err = save_by_clock(loop);
		if (err != 0)
			return err;
		look_around(loop);
		if (sk_stop_signal() != 0)
			return STOPPED;
		left = due_ns - sk_sys_mono_ns();
		if (ns >= 0 && left <= 0)
			return 0;
		/* Rounded up, and a second at most: to look around. */
		if (ns >= 0)
			sk_sys_poll(fds, 2, left > SECOND ? 1000 :
			    (int)(left / 1000000) + 1);
		else if (sk_reader_wait(loop->reader, fds, 2, 1000) != 0) {
			sk_diag_sys(&loop->diag, "%s", loop->topic);
			return told(loop, SK_ESYS);
		}
		if (fds[1].revents & POLLERR) {
			loop->emit.out.err = SK_ECLOSED;
			return loop->emit.out.err;
		}
	} while (ns >= 0);
	return 0;
}

static int
keep_pace(struct loop *loop, int64_t time_ns)
{
	int64_t ns = sk_pace_next(&loop->pace, time_ns, sk_sys_mono_ns());

	return ns > 0 ? wait_for(loop, ns) : 0;
}

/* ---- lines ---- */

static uint64_t
room(const struct loop *loop)
{
	const struct sk_shared *shared = loop->replay->shared;

	return shared->number_given ? shared->number - loop->emit.nwritten :
	    UINT64_MAX;
}

/* Whether a line goes out, by its event time, or by `why` it has none.  Waits
 * until it is due.  0, STOPPED, or an error. */
static int
in_time(struct loop *loop, int64_t ns, const char *why, struct sk_view line,
    uint64_t offset, bool *out)
{
	const struct sk_replay *replay = loop->replay;
	int err;

	*out = !loop->filtered;
	if (why == sk_eventtime_none) {
		*out &= line.len == 0 || line.ptr[0] == '\r';
		return 0;
	}
	loop->nlines++;
	if (why != NULL && !loop->filtered) {
		loop->ntimeless++;
		return 0;
	}
	if (why != NULL) {
		err = sk_bad_event(&loop->bad, loop->topic, offset, why, line);
		raise_status(loop, sk_err_status(err));
		return err;
	}
	if ((replay->from.bound == SK_REPLAY_TIME && ns < replay->from.value) ||
	    (replay->until.bound == SK_REPLAY_TIME &&
	    ns >= replay->until.value))
		return 0;
	*out = true;
	return replay->speed > 0 ? keep_pace(loop, ns) : 0;
}

/* One line with its newline: 0, or an error. */
static int
put_bytes(struct loop *loop, struct sk_view line, uint64_t offset)
{
	struct sk_buf *buf = &loop->emit.out.buf;

	if (loop->emit.framed && !loop->replay->with_offset &&
	    line.ptr[0] == SK_CONTROL_DLE)
		sk_buf_char(buf, SK_CONTROL_DLE);
	if (loop->replay->with_offset) {
		sk_buf_str(buf, "0\t");
		sk_num_put_u64(buf, offset);
		sk_buf_char(buf, '\t');
	}
	return sk_out_write(&loop->emit.out, line.ptr, line.len) != 0 ?
	    loop->emit.out.err : 0;
}

/* The same, or FULL. */
static int
put_line(struct loop *loop, struct sk_view line, uint64_t offset)
{
	int err = put_bytes(loop, line, offset);

	if (err != 0)
		return err;
	loop->emit.nwritten++;
	return room(loop) == 0 ? FULL : 0;
}

/* The header line goes out in front of all lines, once: it is no event.  0, or
 * an error. */
static int
put_header(struct loop *loop)
{
	struct sk_view header = sk_view(loop->times.header.ptr,
	    loop->times.header.len);

	if (!loop->times.known)
		return 0;
	if (loop->header.len == 0) {
		sk_buf_view(&loop->header, header);
		return put_bytes(loop, header, 0);
	}
	if (!sk_view_equal(header, sk_view(loop->header.ptr,
	    loop->header.len)))
		sk_warn("%s: its header line is another than the one in "
		    "front", loop->topic);
	return 0;
}

/* The next lines of a block, without their newlines; how many. */
static size_t
split(const char **at, const char *end, struct sk_view *line)
{
	const char *stop;
	size_t n;

	for (n = 0; n < BATCH && *at < end; n++) {
		stop = memchr(*at, '\n', (size_t)(end - *at));
		line[n] = sk_view(*at, (size_t)(stop - *at));
		*at = stop + 1;
	}
	return n;
}

/* The times of a batch; the header line of a log that was empty goes out. */
static int
take_times(struct loop *loop, const struct sk_view *line, size_t n,
    uint64_t offset, int64_t *ns, const char **why)
{
	bool known = loop->times.known;
	struct sk_diag diag;
	int err;

	if (!loop->timed)
		return 0;
	err = sk_logtime_take(&loop->times, line, n, offset, ns, why, &diag);
	if (err != 0) {
		sk_diag_set(&loop->diag, err, "%s: %s", loop->topic,
		    diag.text);
		return told(loop, err);
	}
	return known ? 0 : put_header(loop);
}

static int
give_lines(struct loop *loop, const struct sk_reader_block *block,
    uint64_t nbytes_before)
{
	const char *at = block->bytes, *end = at + block->nbytes;
	struct sk_view line[BATCH];
	const char *why[BATCH];
	uint64_t offset = block->first;
	int64_t ns[BATCH];
	size_t n, i;
	bool out = true;
	int err = 0;

	sk_buf_reset(&loop->marks);
	while (err == 0 && (n = split(&at, end, line)) > 0) {
		err = take_times(loop, line, n, offset, ns, why);
		for (i = 0; i < n && err == 0; i++, offset++) {
			if (loop->timed)
				err = in_time(loop, ns[i], why[i], line[i],
				    offset, &out);
			line[i].len++; /* its newline */
			if (err == 0 && out)
				err = put_line(loop, line[i], offset);
			if (err == 0 || err == FULL)
				mark_line(loop, nbytes_before, offset + 1);
		}
	}
	return err;
}

/* A whole block as it is. */
static int
give_bytes(struct loop *loop, const struct sk_reader_block *block)
{
	if (sk_out_write(&loop->emit.out, block->bytes, block->nbytes) != 0)
		return loop->emit.out.err;
	loop->emit.nwritten += block->count;
	return room(loop) == 0 ? FULL : 0;
}

/* The part of a block that is wanted goes out: 0, FULL, STOPPED, or an
 * error. */
static int
give_block(struct loop *loop, struct sk_reader_block *block)
{
	const struct sk_replay_point *until = &loop->replay->until;
	uint64_t before, left;
	bool last = false;
	int err = 0, failed = 0;

	if (until->bound == SK_REPLAY_OFFSET) {
		if (block->first >= (uint64_t)until->value)
			return FULL;
		left = (uint64_t)until->value - block->first;
		last = left <= block->count;
		sk_reader_keep(block, left);
	} else if (until->bound == SK_REPLAY_TIME && !loop->timed &&
	    block->clock_ns >= until->value)
		return FULL;
	if (!loop->filtered)
		sk_reader_keep(block, room(loop));
	if (!loop->timed && loop->replay->speed > 0)
		err = keep_pace(loop, block->clock_ns);
	if (err != 0)
		return err;
	before = queued(loop);
	err = loop->by_line ? give_lines(loop, block, before) :
	    give_bytes(loop, block);
	if (loop->replay->cursor != NULL)
		failed = take_block(loop, block, before);
	if (err == 0)
		err = failed;
	return err == 0 && last ? FULL : err;
}

/* ---- a topic ---- */

static int
seek_from(struct loop *loop)
{
	const struct sk_replay_point *from = &loop->replay->from;

	switch (from->bound) {
	case SK_REPLAY_OFFSET:
		return sk_reader_seek_offset(loop->reader,
		    (uint64_t)from->value);
	case SK_REPLAY_LAST:
		return sk_reader_seek_last(loop->reader,
		    (uint64_t)from->value);
	case SK_REPLAY_TIME:
		if (!loop->timed)
			return sk_reader_seek_time(loop->reader, from->value);
		break;
	case SK_REPLAY_NONE:
		break;
	}
	return 0;
}

static int
open_topic(struct loop *loop)
{
	const struct sk_replay *replay = loop->replay;
	const struct sk_replay_point *from = &replay->from;
	const struct sk_reader_opts opts = { replay->follow,
		replay->skip_damaged, replay->skip_removed };
	int err;

	err = sk_reader_open(&loop->reader, loop->topic, &opts, &loop->notify,
	    &loop->diag);
	if (err == 0 && replay->cursor != NULL)
		err = load_cursor(loop);
	if (err < 0)
		return told(loop, err);
	if (err == 1)
		err = sk_reader_seek_offset(loop->reader, loop->cursor.next);
	else {
		loop->fresh = replay->cursor != NULL;
		err = seek_from(loop);
	}
	if (err == 0 && loop->timed)
		err = sk_logtime_begin(&loop->times, loop->topic,
		    &loop->diag);
	if (err != 0)
		return told(loop, err);
	if (loop->filtered && !loop->times.in_order)
		sk_reader_prune(loop->reader,
		    from->bound == SK_REPLAY_TIME ? from->value : INT64_MIN,
		    replay->until.bound == SK_REPLAY_TIME ?
		    replay->until.value : INT64_MAX);
	sk_info("%s: from offset %" PRIu64, loop->topic,
	    sk_reader_next_offset(loop->reader));
	return loop->timed ? put_header(loop) : 0;
}

/* Nothing more now, and what may still come is not wanted. */
static bool
past_until(const struct loop *loop)
{
	const struct sk_replay_point *until = &loop->replay->until;

	if (until->bound == SK_REPLAY_OFFSET)
		return sk_reader_next_offset(loop->reader) >=
		    (uint64_t)until->value;
	/* A block that was begun before may come a little later. */
	return until->bound == SK_REPLAY_TIME && !loop->timed &&
	    sk_sys_clock_ns() - SECOND >= until->value;
}

/* Read to where it ends: 0, FULL, STOPPED, or an error that was told or is
 * the output's. */
static int
pump(struct loop *loop)
{
	struct sk_reader_block block;
	int got, err = 0;

	while (err == 0) {
		if (sk_stop_signal() != 0)
			return STOPPED;
		if (room(loop) == 0)
			return FULL;
		got = sk_reader_next(loop->reader, &block);
		if (got < 0)
			return told(loop, got);
		if (got > 0) {
			err = give_block(loop, &block);
			if (err == 0)
				err = save_by_clock(loop);
			look_around(loop);
			continue;
		}
		move_cursor(loop, NULL, sk_reader_next_offset(loop->reader));
		loop->unsaved |= loop->fresh;
		if (!loop->replay->follow || past_until(loop))
			return 0;
		err = wait_for(loop, -1);
	}
	return err;
}

static int
replay_topic(struct loop *loop, const char *topic)
{
	int err;

	loop->topic = topic;
	loop->reader = NULL;
	err = open_topic(loop);
	if (err == 0)
		err = pump(loop);
	if (loop->reader != NULL && sk_reader_skipped(loop->reader))
		raise_status(loop, SK_DATA);
	sk_reader_close(loop->reader);
	return err;
}

/* ---- begin and end ---- */

/* --from and --until of --tz: a day or a time without its offset.  They were
 * read as UTC when the options were. */
static int
set_zone(struct loop *loop, struct sk_diag *diag)
{
	struct sk_zone zone = { 0 };
	struct sk_diag more;

	if (loop->asked.shared->tz == NULL)
		return 0;
	if (sk_zone_init(&zone, sk_view_str(loop->asked.shared->tz),
	    &more) != 0)
		return sk_diag_set(diag, SK_EUSAGE, "--tz: %s", more.text);
	point_in_zone(&loop->asked.from, &zone);
	point_in_zone(&loop->asked.until, &zone);
	sk_zone_free(&zone);
	return 0;
}

static void
plan(struct loop *loop)
{
	const struct sk_replay *replay = loop->replay;
	bool bounded = replay->from.bound == SK_REPLAY_TIME ||
	    replay->until.bound == SK_REPLAY_TIME;

	loop->filtered = replay->shared->time != NULL && bounded;
	loop->timed = replay->shared->time != NULL &&
	    (bounded || replay->speed > 0);
	loop->by_line = loop->timed || replay->with_offset ||
	    replay->shared->framed;
	loop->notify.fn = sk_notify_warn;
	loop->lock_fd = -1;
	loop->started_ns = sk_sys_mono_ns();
	loop->saved_ns = loop->started_ns;
	loop->progress_ns = loop->started_ns + SECOND;
	sk_pace_init(&loop->pace, replay->speed, replay->max_gap_ns);
	if (replay->cursor != NULL)
		sk_stop_catch_pipe();
}

/* The output is closed first: only what it has taken may be saved. */
static void
finish(struct loop *loop, bool strict_stop)
{
	bool gone = loop->emit.out.err == SK_ECLOSED;
	bool taken = loop->emit.path == NULL;

	if (loop->status == SK_DONE && !strict_stop)
		sk_emit_finish(&loop->emit, sk_stop_signal() != 0 ?
		    SK_REASON_STOP : SK_REASON_END);
	if (!gone && sk_emit_close(&loop->emit, !strict_stop) != 0)
		raise_status(loop, SK_SYSTEM);
	else if (!strict_stop)
		taken = true;
	if (loop->unsaved && taken)
		save_cursor(loop);
	if (gone)
		sk_stop_raise_pipe();
	if (loop->bad.n > 0)
		sk_note("%" PRIu64 " of %" PRIu64 " events bad", loop->bad.n,
		    loop->nlines);
	if (loop->ntimeless > 0)
		sk_note("%" PRIu64 " of %" PRIu64 " events without a time",
		    loop->ntimeless, loop->nlines);
	raise_status(loop, sk_bad_close(&loop->bad));
	if (loop->lock_fd >= 0)
		sk_sys_close(loop->lock_fd);
	sk_logtime_close(&loop->times);
	sk_buf_free(&loop->header);
	sk_buf_free(&loop->marks);
}

/* Everything that can be wrong before a log is read. */
static int
open_all(struct loop *loop, struct sk_diag *diag)
{
	const struct sk_shared *shared = loop->replay->shared;
	int err = set_zone(loop, diag);

	if (err == 0 && shared->time != NULL)
		err = sk_logtime_open(&loop->times, shared, diag);
	if (err != 0) {
		sk_logtime_close(&loop->times);
		return err;
	}
	plan(loop);
	err = sk_bad_open(&loop->bad, shared);
	if (err != 0)
		return err;
	err = sk_emit_open(&loop->emit, shared, SK_FORMAT_RAW, NULL);
	if (err != 0) {
		sk_emit_close(&loop->emit, false);
		sk_bad_close(&loop->bad);
		raise_status(loop, sk_err_status(err));
		return SK_ESYS;
	}
	loop->emit.escapes = false; /* put_bytes does */
	sk_emit_start(&loop->emit, NULL, false);
	return 0;
}

int
sk_stream_replay(const struct sk_replay *replay, char **topics, int *status,
    struct sk_diag *diag)
{
	bool strict_stop = false;
	struct loop loop;
	int err;

	memset(&loop, 0, sizeof(loop));
	loop.asked = *replay;
	loop.replay = &loop.asked;
	err = open_all(&loop, diag);
	if (err != 0) {
		*status = loop.status != SK_DONE ? loop.status : SK_SYSTEM;
		return err == SK_EUSAGE ? err : 0;
	}
	for (; *topics != NULL && !strict_stop; topics++) {
		err = replay_topic(&loop, *topics);
		if (err == STOPPED || loop.emit.out.err != 0 ||
		    room(&loop) == 0)
			break;
		strict_stop = err == SK_EDATA && loop.bad.n > 0 &&
		    replay->shared->strictness == SK_STRICT;
	}
	finish(&loop, strict_stop);
	*status = loop.status;
	if (loop.status == SK_DONE && replay->shared->exit_status &&
	    loop.emit.nwritten == 0)
		*status = SK_NO;
	return 0;
}
