#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "format/lines.h"
#include "io/file.h"
#include "io/sys.h"
#include "stream/collect.h"
#include "stream/stop.h"

#define GIVE_BYTES 262144 /* lines are handed over when so much is there */
#define GATHER_NS INT64_C(5000000)
#define SECOND_NS INT64_C(1000000000)

static void
worse(struct sk_collect *c, int status)
{
	if (status > c->status)
		c->status = status;
}

/* A file could not be read: the others are. */
static void
tell_fail(void *arg, const char *text)
{
	struct sk_collect *c = arg;

	sk_error("%s", text);
	worse(c, SK_SYSTEM);
}

void
sk_collect_ack(void *arg, uint32_t partition, uint64_t next_offset)
{
	struct sk_collect *c = arg;
	struct sk_buf line = { 0 };

	if (c->ack_fd < 0)
		return;
	sk_buf_fmt(&line, "A %" PRIu32 " %" PRIu64 "\n", partition,
	    next_offset);
	if (sk_file_write(c->ack_fd, line.ptr, line.len, NULL) != 0) {
		c->ack_lost = true;
		c->ack_pipe = errno == EPIPE;
		if (!c->ack_pipe)
			sk_error_sys("--ack %d", c->ack_fd);
		worse(c, SK_SYSTEM);
		c->ack_fd = -1;
	}
	sk_buf_free(&line);
}

/* ---- what is asked for while it runs ---- */

static void
tell(const struct sk_collect *c, bool all)
{
	struct sk_log_writer_stat stat;
	struct sk_buf text = { 0 };
	int64_t ns = sk_sys_mono_ns() - c->start_ns;
	uint64_t lines;

	sk_log_writer_stat(c->writer, &stat);
	lines = stat.next_offset - c->intake->first_offset;
	sk_buf_fmt(&text, "%s: %" PRIu64 " line%s, ", c->topic, lines,
	    sk_num_plural(lines));
	sk_num_put_size(&text, c->intake->nbytes);
	sk_buf_str(&text, ", ");
	if (all) {
		sk_buf_fmt(&text, "stored to offset %" PRIu64 ", durable to "
		    "%" PRIu64 ", ", stat.stored_offset, stat.durable_offset);
		sk_num_put_duration(&text, ns - ns % SECOND_NS);
	} else {
		sk_num_put_size(&text, ns > 0 ? (uint64_t)((double)
		    c->intake->nbytes * 1e9 / (double)ns) : 0);
		sk_buf_fmt(&text, "/s, offset %" PRIu64, stat.next_offset);
	}
	sk_tell("%s", sk_buf_cstr(&text));
	sk_buf_free(&text);
}

static bool
must_stop(const struct sk_collect *c)
{
	return sk_stop_signal() != 0 || c->ack_lost;
}

/* ---- what the writer answers ---- */

static bool
is_full(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

static void
pause_ns(int64_t ns)
{
	struct pollfd fd = { .fd = sk_stop_fd(), .events = POLLIN };

	sk_sys_poll(&fd, 1, (int)(ns / 1000000));
}

/* A write that found no room is tried again every second, if that is wanted.
 * 0, or the error that ends the run. */
static int
settle(struct sk_collect *c, int err, struct sk_diag *diag)
{
	if (err != SK_ESYS || !c->wait_full || !is_full(errno) ||
	    sk_log_writer_failed(c->writer))
		return err;
	sk_warn("%s; waiting for room", diag->text);
	while (err == SK_ESYS && is_full(errno) && sk_stop_signal() == 0) {
		pause_ns(SECOND_NS);
		if (sk_stop_usr1())
			tell(c, true);
		err = sk_log_writer_tick(c->writer, diag);
	}
	if (err == 0)
		sk_warn("%s: there is room again", c->topic);
	return err;
}

static int
add(struct sk_collect *c, const struct sk_intake_chunk *chunk,
    struct sk_diag *diag)
{
	return settle(c, sk_intake_add(c->intake, chunk, diag), diag);
}

/* What is due by the clock, and by SIGUSR1. */
static int
tick(struct sk_collect *c, struct sk_diag *diag)
{
	int64_t now = sk_sys_mono_ns();
	int err = 0;

	if (sk_stop_usr1()) {
		err = sk_log_writer_flush(c->writer, false, diag);
		tell(c, true);
	}
	if (c->progress && now >= c->progress_ns) {
		c->progress_ns = now + SECOND_NS;
		tell(c, false);
	}
	if (err == 0 && now >= sk_log_writer_deadline(c->writer))
		err = sk_log_writer_tick(c->writer, diag);
	return settle(c, err, diag);
}

static int
idle(struct sk_collect *c, struct sk_diag *diag)
{
	return settle(c, sk_log_writer_idle(c->writer, diag), diag);
}

/* How long a wait may last: -1 for ever. */
static int64_t
until_deadline(const struct sk_collect *c, int64_t other_ns)
{
	int64_t due = sk_log_writer_deadline(c->writer);
	int64_t now = sk_sys_mono_ns();

	if (other_ns < due)
		due = other_ns;
	if (c->progress && c->progress_ns < due)
		due = c->progress_ns;
	if (due == INT64_MAX)
		return -1;
	return due > now ? due - now : 0;
}

/* ---- stdin ---- */

struct stream {
	size_t len;  /* bytes in the buffer that were not given */
	bool inside; /* they begin in the midst of a long line */
	bool any;    /* something was read */
	bool file;   /* reading never blocks */
	size_t raw;  /* bytes behind these that may be control lines */
	struct sk_unframe unframe;
};

static void
warn_packed(struct sk_collect *c, struct stream *in)
{
	enum sk_unpack_kind kind = sk_unpack_magic(c->buf, in->len);

	if (!in->any && kind != SK_UNPACK_PLAIN)
		sk_warn("stdin: packed by %s, and stored as it is (unpack it "
		    "first: %s -dc)", kind == SK_UNPACK_ZSTD ? "zstd" : "gzip",
		    kind == SK_UNPACK_ZSTD ? "zstd" : "gzip");
	in->any = true;
}

/* Bytes of a framed stream: the data is moved together. */
static int
sift_framed(struct sk_collect *c, struct stream *in, struct sk_diag *diag)
{
	char *to = c->buf + in->len, *from = to, *end = from + in->raw;
	struct sk_control control;
	size_t used;
	int got;

	do {
		used = 0;
		got = sk_unframe_take(&in->unframe, &to, &from, end, diag);
		if (got == 0 && end - from > 1)
			got = sk_unframe_control(&in->unframe, sk_view(from,
			    (size_t)(end - from)), &control, &used, diag);
		from += used;
	} while (got == 1);
	in->len = (size_t)(to - c->buf);
	in->raw = (size_t)(end - from);
	memmove(to, from, in->raw);
	return got;
}

/* What was read; `ended`: nothing more comes.  False: the stream is damaged,
 * and what is at hand are its last whole lines. */
static bool
sift(struct sk_collect *c, struct stream *in, bool ended)
{
	struct sk_unframe *unframe = &in->unframe;
	const char *newline;
	struct sk_diag diag;
	int got = sk_unframe_first(unframe, sk_view(c->buf + in->len,
	    in->raw), ended, &diag);

	if (got == 1 && !unframe->framed) {
		in->len += in->raw;
		in->raw = 0;
	} else if (got == 1)
		got = ended ? sk_unframe_end(unframe, &diag) :
		    sift_framed(c, in, &diag);
	if (got >= 0)
		return true;
	sk_error("stdin: %s", diag.text);
	worse(c, SK_DATA);
	newline = in->len > 0 ? memrchr(c->buf, '\n', in->len) : NULL;
	in->len = newline != NULL ? (size_t)(newline - c->buf) + 1 : 0;
	return false;
}

/* Hand over the whole lines; `last`: what is behind them as well. */
static int
give(struct sk_collect *c, struct stream *in, bool last, struct sk_diag *diag)
{
	struct sk_intake_chunk chunk = { .bytes = c->buf,
		.inside = in->inside };
	size_t max = c->intake->conf.max_line;
	const char *newline = in->len == 0 ? NULL :
	    memrchr(c->buf, '\n', in->len);
	int err;

	if (newline != NULL) {
		chunk.len = (size_t)(newline - c->buf) + 1;
		chunk.end = SK_TAIL_LINES;
	} else if (in->len >= max) {
		chunk.len = in->len - 1 - (in->len - 1) % (max - 1);
		chunk.end = SK_TAIL_PIECE;
	} else if (last && in->len > 0) {
		chunk.len = in->len;
		chunk.end = SK_TAIL_REST;
	} else
		return 0;
	err = add(c, &chunk, diag);
	in->inside = chunk.end == SK_TAIL_PIECE;
	in->len -= chunk.len;
	memmove(c->buf, c->buf + chunk.len, in->len);
	return err;
}

/* Nothing can be read at once: hand over what there is, wait. */
static int
wait_for_input(struct sk_collect *c, struct stream *in, struct sk_diag *diag)
{
	struct pollfd fds[2] = { { .fd = 0, .events = POLLIN },
		{ .fd = sk_stop_fd(), .events = POLLIN } };
	int64_t wait_ns;
	int err;

	if (in->file || sk_sys_poll(fds, 1, 0) != 0)
		return 0;
	err = give(c, in, false, diag);
	if (err == 0)
		err = idle(c, diag);
	if (err != 0 || must_stop(c))
		return err != 0 ? err : SK_ESTOP;
	wait_ns = until_deadline(c, INT64_MAX);
	sk_sys_poll(fds, 2, wait_ns < 0 ? -1 :
	    (int)((wait_ns + 999999) / 1000000));
	return (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 ? 0 :
	    SK_ESTOP;
}

static int
run_stdin(struct sk_collect *c, struct sk_diag *diag)
{
	struct stream in = { .len = 0 };
	struct stat st;
	size_t got = 1, at;
	int err = 0;

	if (sk_sys_fstat(0, &st) != 0)
		st.st_mode = 0;
	in.file = S_ISREG(st.st_mode);
	sk_unframe_begin(&in.unframe, c->mode, S_ISFIFO(st.st_mode) ||
	    S_ISSOCK(st.st_mode));
	while (err == 0 && got > 0 && !must_stop(c)) {
		err = tick(c, diag);
		if (err == 0)
			err = wait_for_input(c, &in, diag);
		if (err == SK_ESTOP) {
			err = 0;
			continue;
		}
		at = in.len + in.raw;
		if (err == 0 && sk_file_read(0, c->buf + at,
		    c->cap - at - 1 - SK_PAD, &got) != 0)
			err = sk_diag_sys(diag, "stdin");
		if (err != 0)
			break;
		in.raw += got;
		if (!sift(c, &in, got == 0))
			break;
		warn_packed(c, &in);
		if (in.len >= GIVE_BYTES || in.len >= c->intake->conf.max_line)
			err = give(c, &in, false, diag);
	}
	/* The line that a signal cut off is no whole line, but taken: what
	 * has been read from a pipe can be read by nobody else. */
	while (err == 0 && in.len > 0)
		err = give(c, &in, true, diag);
	c->held = sk_lines_count(c->buf, in.len, '\n') +
	    (in.len > 0 && c->buf[in.len - 1] != '\n');
	return err;
}

/* ---- files ---- */

/* Lines that wait for their block anyway can gather in the file as well: a
 * program that writes line by line does not wake us for each. */
static void
let_gather(const struct sk_collect *c)
{
	const struct sk_log_policy *policy = sk_log_writer_policy(c->writer);

	if (policy->sync != SK_SYNC_BLOCK && policy->linger_ns >= 4 * GATHER_NS)
		pause_ns(GATHER_NS);
}

static int
take_chunks(struct sk_collect *c, bool *any, struct sk_diag *diag)
{
	struct sk_tail_chunk from;
	struct sk_intake_chunk chunk;
	int err = 0;

	*any = false;
	while (err == 0 && !must_stop(c) && sk_tail_next(c->tail, c->buf,
	    c->cap - 1 - SK_PAD, &from) == 1) {
		*any = true;
		chunk.bytes = c->buf;
		chunk.len = from.len;
		chunk.end = from.end;
		chunk.inside = from.inside;
		chunk.source = from.source;
		chunk.start_pos = from.start_pos;
		chunk.end_pos = from.end_pos;
		if (c->watch != NULL)
			sk_watch_busy(c->watch);
		err = add(c, &chunk, diag);
		if (err == 0)
			err = tick(c, diag);
	}
	return err;
}

static int
run_tail(struct sk_collect *c, struct sk_diag *diag)
{
	size_t room = c->cap - 1 - SK_PAD;
	struct pollfd stop = { .fd = sk_stop_fd(), .events = POLLIN };
	unsigned why;
	bool any;
	int err = 0;

	sk_tail_look(c->tail, SK_WATCH_NAMES, c->buf, room);
	err = take_chunks(c, &any, diag);
	while (err == 0 && !c->once && !must_stop(c)) {
		err = idle(c, diag);
		if (err == 0 && sk_watch_wait(c->watch, &stop, 1,
		    until_deadline(c, sk_tail_deadline(c->tail)), &why) != 0)
			err = sk_diag_sys(diag, "poll");
		if (err == 0)
			err = tick(c, diag);
		if (err != 0)
			break;
		sk_tail_look(c->tail, why, c->buf, room);
		err = take_chunks(c, &any, diag);
		if (any)
			let_gather(c);
	}
	return err;
}

/* ---- the end ---- */

static void
tell_unread(const struct sk_collect *c)
{
	uint64_t nbytes;
	const char *path;
	size_t n = sk_tail_unread(c->tail, &nbytes, &path);

	if (n == 1)
		sk_note("%s: %" PRIu64 " byte%s behind the last newline left "
		    "for the next run", path, nbytes, sk_num_plural(nbytes));
	else if (n > 1)
		sk_note("%" PRIu64 " bytes behind the last newlines of %zu "
		    "files left for the next run", nbytes, n);
}

/* Print why it ended, and what that means for the lines that were taken. */
static void
tell_failure(struct sk_collect *c, int err, const struct sk_diag *diag)
{
	uint64_t lost;

	worse(c, err == SK_ELIMIT ? SK_DATA : err == SK_ECLOSED ? SK_SYSTEM :
	    sk_err_status(err));
	sk_error("%s", diag->text);
	if (c->writer == NULL)
		return;
	lost = sk_log_writer_unstored(c->writer) + c->held;
	if (lost > 0 && err != SK_ELIMIT && err != SK_ECLOSED)
		sk_error("%s: %" PRIu64 " line%s taken but not stored",
		    c->topic, lost, sk_num_plural(lost));
}

/* Flush first, while the writer can still be asked what it could not store. */
static void
finish(struct sk_collect *c, int err, struct sk_diag *diag)
{
	struct sk_diag last;
	bool broken;

	if (err == 0 || err == SK_ELIMIT || err == SK_ECLOSED) {
		if (err != 0)
			tell_failure(c, err, diag);
		err = settle(c, sk_log_writer_flush(c->writer, true, diag),
		    diag);
	}
	if (err != 0)
		tell_failure(c, err, diag);
	broken = err != 0;
	err = sk_log_writer_close(c->writer, &last);
	c->writer = NULL;
	if (err != 0 && !broken)
		tell_failure(c, err, &last);
	/* The last try of the writer may have found room. */
	if (err == 0 && broken && c->held == 0)
		sk_note("%s: stored after all", c->topic);
}

static void
begin(struct sk_collect *c)
{
	c->start_ns = sk_sys_mono_ns();
	c->progress_ns = c->start_ns + SECOND_NS;
	c->cap = c->intake->conf.max_line;
	if (c->cap < GIVE_BYTES)
		c->cap = GIVE_BYTES;
	c->cap += GIVE_BYTES + 1 + SK_PAD;
	c->buf = sk_xalloc(c->cap, 1);
}

static int
end(struct sk_collect *c, int err, struct sk_diag *diag)
{
	finish(c, err, diag);
	free(c->buf);
	if (c->ack_pipe)
		sk_stop_raise(SIGPIPE);
	return c->status;
}

int
sk_collect_stdin(struct sk_collect *c)
{
	struct sk_diag diag;

	begin(c);
	return end(c, run_stdin(c, &diag), &diag);
}

static void
know(struct sk_tail *tail, const struct sk_source *from)
{
	struct sk_tail_source source = {
		.id = from->id,
		.dev = from->dev,
		.ino = from->ino,
		.fp = from->fp_hash,
		.fp_len = from->fp_len,
		.last_day = from->last_day,
		.pos = from->end_pos,
		.name = sk_xstrndup(from->name.ptr, from->name.len),
	};

	sk_tail_know(tail, &source);
	free(source.name);
}

static void
tell_info(void *arg, const char *text)
{
	(void)arg;
	sk_info("%s", text);
}

int
sk_collect_files(struct sk_collect *c, char **files, size_t n)
{
	const struct sk_sources *known = sk_log_writer_sources(c->writer);
	struct sk_watch watch;
	struct sk_tail tail;
	struct sk_tail_conf conf = {
		.max_line = c->intake->conf.max_line,
		.rotate_wait_ns = c->rotate_wait_ns,
		.from_end = c->from_end,
		.once = c->once,
		.watch = c->once ? NULL : &watch,
		.info = { tell_info, NULL },
		.warn = { sk_notify_warn, NULL },
		.fail = { tell_fail, c },
	};
	struct sk_diag diag;
	size_t i;
	int err;

	begin(c);
	if (!c->once)
		sk_watch_init(&watch);
	sk_tail_init(&tail, &conf);
	for (i = 0; i < known->n; i++)
		know(&tail, &known->item[i]);
	for (i = 0; i < n; i++)
		sk_tail_follow(&tail, files[i]);
	c->tail = &tail;
	c->watch = conf.watch;
	err = run_tail(c, &diag);
	if (err == 0 && c->once)
		tell_unread(c);
	sk_tail_free(&tail);
	if (!c->once)
		sk_watch_free(&watch);
	return end(c, err, &diag);
}
