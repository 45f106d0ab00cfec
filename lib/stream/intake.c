#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "format/lines.h"
#include "io/file.h"
#include "io/sys.h"
#include "stream/intake.h"

#define AT_ONCE SK_EVENTTIME_BATCH /* lines that are looked at together */

static int
init_time(struct sk_intake *in, struct sk_diag *diag)
{
	const struct sk_field *field = &in->when.field;
	int err = sk_eventtime_open(&in->when, in->conf.shared, diag);

	if (err == 0 && in->conf.follows && in->when.fields.has_header &&
	    field->kind == SK_FIELD_PATH)
		err = sk_diag_set(diag, SK_EUSAGE, "-t: %.*s: a file that "
		    "is read on does not show its header line; give the "
		    "number of the column", (int)field->text.len,
		    field->text.ptr);
	in->timed = err == 0;
	return err;
}

int
sk_intake_init(struct sk_intake *in, const struct sk_intake_conf *conf,
    struct sk_diag *diag)
{
	int err = 0;

	memset(in, 0, sizeof(*in));
	in->conf = *conf;
	in->divert_fd = -1;
	if (conf->shared != NULL && conf->shared->time != NULL)
		err = init_time(in, diag);
	if (err == 0 && conf->overlong == SK_OVERLONG_DIVERT) {
		in->divert_fd = sk_sys_open(conf->divert,
		    O_WRONLY | O_CREAT | O_APPEND, 0666);
		if (in->divert_fd < 0)
			err = sk_diag_sys(diag, "%s", conf->divert);
	}
	if (err != 0)
		sk_eventtime_free(&in->when);
	return err;
}

void
sk_intake_begin(struct sk_intake *in, struct sk_log_writer *writer)
{
	struct sk_log_writer_stat stat;

	sk_log_writer_stat(writer, &stat);
	in->writer = writer;
	in->first_offset = stat.next_offset;
	if (in->conf.max_line == 0)
		in->conf.max_line = (size_t)
		    sk_log_writer_policy(writer)->max_line_bytes;
	if (in->conf.max_line < 2)
		in->conf.max_line = 2;
}

struct sk_source
sk_intake_source(const struct sk_tail_source *from)
{
	struct sk_source source = {
		.id = from->id,
		.dev = from->dev,
		.ino = from->ino,
		.fp_len = from->fp_len,
		.last_day = (uint32_t)(sk_sys_clock_ns() /
		    (INT64_C(86400) * 1000000000)),
		.fp_hash = from->fp,
		.start_pos = from->pos,
		.end_pos = from->pos,
		.name = sk_view_str(from->name),
	};

	return source;
}

/* A chunk on its way: the bytes before `kept` were given, those from there to
 * `at` need nothing. */
struct scan {
	struct sk_intake *in;
	const struct sk_intake_chunk *chunk;
	struct sk_diag *diag;
	size_t at, kept, len;
	bool diverted;
	int err;   /* the first lack of room, with its errno */
	int error;
};

/* ---- messages ---- */

/* Where in the input the byte at `at` of the chunk stands. */
static void
put_place(const struct scan *scan, size_t at, struct sk_buf *place)
{
	const struct sk_intake_chunk *chunk = scan->chunk;
	const struct sk_intake *in = scan->in;
	struct sk_log_writer_stat stat;

	if (chunk->source != NULL) {
		sk_buf_fmt(place, "%s: byte %" PRIu64, chunk->source->name,
		    chunk->start_pos + at);
		return;
	}
	sk_log_writer_stat(in->writer, &stat);
	sk_buf_fmt(place, "stdin:%" PRId64,
	    (int64_t)(stat.next_offset - in->first_offset) + in->shift + 1 +
	    (int64_t)sk_lines_count(chunk->bytes + scan->kept,
	    at - scan->kept, '\n'));
}

static const char *const what_becomes[] = {
	[SK_OVERLONG_SPLIT] = "split into pieces",
	[SK_OVERLONG_DIVERT] = "put aside",
};

static void
note_overlong(struct scan *scan)
{
	struct sk_intake *in = scan->in;

	if (in->overlong++ > 0)
		return;
	put_place(scan, scan->at, &in->first);
	if (in->conf.overlong != SK_OVERLONG_FAIL)
		sk_warn("%s: line longer than %zu bytes, %s",
		    sk_buf_cstr(&in->first), in->conf.max_line,
		    what_becomes[in->conf.overlong]);
}

/* `at` is where the line stands in the chunk. */
static void
note_timeless(struct scan *scan, size_t at, const char *why)
{
	struct sk_intake *in = scan->in;
	struct sk_buf place = { 0 };

	if (in->timeless++ > 0 || in->lost)
		return;
	put_place(scan, at, &place);
	sk_warn("%s: -t %s: %s", sk_buf_cstr(&place), in->conf.shared->time,
	    why);
	sk_buf_free(&place);
}

/* ---- to the writer ---- */

static int
store(struct scan *scan, struct sk_log_run *run)
{
	struct sk_source source;
	struct sk_diag more;
	int err;

	if (scan->chunk->source != NULL) {
		source = sk_intake_source(scan->chunk->source);
		source.start_pos = run->source_pos;
		source.end_pos = run->source_end;
		run->source = &source;
	}
	err = sk_log_writer_add(scan->in->writer, run,
	    scan->err == 0 ? scan->diag : &more);
	run->source = NULL;
	if (err != SK_ESYS || sk_log_writer_failed(scan->in->writer))
		return err;
	/* No room: the writer has taken these lines, and takes the next. */
	if (scan->err == 0) {
		scan->err = err;
		scan->error = errno;
	}
	return 0;
}

static void
note_time(int64_t ns, struct sk_log_run *run)
{
	if (!run->timed || ns < run->event_min_ns)
		run->event_min_ns = ns;
	if (!run->timed || ns > run->event_max_ns)
		run->event_max_ns = ns;
	run->timed = true;
}

/* `at`: where the first of these lines stands in the chunk. */
static void
take_times(struct scan *scan, const struct sk_view *lines, size_t n,
    size_t at, struct sk_log_run *run)
{
	struct sk_intake *in = scan->in;
	const char *why[AT_ONCE];
	int64_t ns[AT_ONCE];
	size_t i;

	if (in->lost)
		for (i = 0; i < n; i++)
			why[i] = lines[i].len > 0 ? "no such column" :
			    sk_eventtime_none;
	else
		sk_eventtime_take(&in->when, lines, n, ns, why);
	for (i = 0; i < n; i++) {
		if (why[i] == sk_eventtime_none)
			continue;
		in->timed_events++;
		if (why[i] == NULL)
			note_time(ns[i], run);
		else
			note_timeless(scan, at +
			    (size_t)(lines[i].ptr - lines[0].ptr), why[i]);
	}
}

/* Whether a line that stands at `at` in the chunk is the first of its
 * input. */
static bool
is_first(const struct scan *scan, size_t at)
{
	return scan->chunk->source == NULL ? !scan->in->begun :
	    scan->chunk->start_pos + at == 0 && !scan->chunk->inside;
}

/* The first line of an input: a header line, or an event with a byte order
 * mark. */
static void
take_first(struct scan *scan, struct sk_view line, size_t at,
    struct sk_log_run *run)
{
	struct sk_intake *in = scan->in;
	struct sk_fields *fields = &in->when.fields;
	struct sk_diag diag;

	in->begun = true;
	line = sk_fields_bare(fields, line);
	if (!fields->has_header) {
		take_times(scan, &line, 1, at, run);
		return;
	}
	if (in->when.field.kind == SK_FIELD_PATH &&
	    sk_fields_header(fields, line, &diag) != 0) {
		in->lost = true;
		sk_warn("stdin:1: -t: %s", diag.text);
	}
}

/* A line with the name in front: a run of its own, for the writer counts
 * bytes of the file by those of the run. */
static int
store_named(struct scan *scan, struct sk_view line, uint64_t pos,
    const struct sk_log_run *like, bool last)
{
	struct sk_intake *in = scan->in;
	struct sk_log_run run = *like;

	sk_buf_reset(&in->named);
	sk_buf_str(&in->named, scan->chunk->source->name);
	sk_buf_char(&in->named, '\t');
	sk_buf_add(&in->named, line.ptr, line.len + 1);
	run.bytes = in->named.ptr;
	run.len = in->named.len;
	run.source_pos = pos;
	if (!last) {
		run.source_end = pos + line.len + 1;
		run.flags = 0;
	}
	return store(scan, &run);
}

/* Look at the lines of a run one by one. */
static int
look_at_lines(struct scan *scan, struct sk_log_run *run, size_t from)
{
	struct sk_view lines[AT_ONCE];
	const char *end = run->bytes + run->len;
	struct sk_lines found;
	size_t at = 0, i, first;
	int err = 0;

	while (err == 0 && at < run->len) {
		found = sk_lines_split(run->bytes + at, run->len - at, '\n',
		    true, lines, AT_ONCE);
		first = scan->in->timed && is_first(scan, from + at);
		if (first > 0)
			take_first(scan, lines[0], from + at, run);
		if (scan->in->timed && found.n > first)
			take_times(scan, lines + first, found.n - first,
			    from + (size_t)(lines[first].ptr - run->bytes),
			    run);
		for (i = 0; scan->in->conf.with_source && err == 0 &&
		    i < found.n; i++)
			err = store_named(scan, lines[i], run->source_pos +
			    (uint64_t)(lines[i].ptr - run->bytes), run,
			    lines[i].ptr + lines[i].len + 1 == end);
		at += found.used;
	}
	if (err == 0 && !scan->in->conf.with_source)
		err = store(scan, run);
	return err;
}

/* Give bytes that stand for [from, to) of the chunk. */
static int
give(struct scan *scan, const char *bytes, size_t len, size_t from, size_t to)
{
	const struct sk_intake_chunk *chunk = scan->chunk;
	struct sk_log_run run = { .bytes = bytes, .len = len,
		.source_pos = chunk->start_pos + from,
		.source_end = chunk->start_pos + to };

	if (to > chunk->len) {
		run.flags = SK_RUN_SYNTHETIC_NL;
		run.source_end = chunk->end_pos;
	}
	if (scan->in->timed || scan->in->conf.with_source)
		return look_at_lines(scan, &run, from);
	return store(scan, &run);
}

/* What has been found to need nothing. */
static int
give_kept(struct scan *scan)
{
	size_t from = scan->kept;
	int err = 0;

	if (scan->at > from)
		err = give(scan, scan->chunk->bytes + from, scan->at - from,
		    from, scan->at);
	scan->kept = scan->at;
	return err;
}

/* The position behind the chunk, which no line that is stored tells. */
static int
move(struct scan *scan)
{
	struct sk_source source;

	source = sk_intake_source(scan->chunk->source);
	source.start_pos = source.end_pos = scan->chunk->end_pos;
	return sk_log_writer_moved(scan->in->writer, &source, scan->diag);
}

/* ---- lines that are too long ---- */

/* Put len bytes at scan->at aside.  Synced when they end a line, since the
 * position in the log will pass them then. */
static int
divert(struct scan *scan, size_t len, bool ends)
{
	struct sk_intake *in = scan->in;

	scan->diverted = true;
	in->shift += ends;
	if (sk_file_write(in->divert_fd, scan->chunk->bytes + scan->at, len,
	    NULL) == 0 && (!ends || sk_sys_fdatasync(in->divert_fd) == 0 ||
	    errno == EINVAL || errno == ENOTSUP))
		return 0;
	sk_diag_sys(scan->diag, "%s", in->conf.divert);
	return SK_ECLOSED;
}

/* Give the line at scan->at in pieces of max_line - 1 bytes, each with a
 * newline of its own. */
static int
split(struct scan *scan, size_t len, bool ends)
{
	struct sk_intake *in = scan->in;
	size_t piece = in->conf.max_line - 1;
	size_t from = scan->at, end = from + len, last = end - ends, n, to;
	int err = 0;

	for (in->shift += ends; from < last && err == 0; from = to) {
		n = last - from < piece ? last - from : piece;
		to = from + n == last ? end : from + n;
		sk_buf_reset(&in->cut);
		sk_buf_add(&in->cut, scan->chunk->bytes + from, n);
		sk_buf_char(&in->cut, '\n');
		sk_buf_reserve(&in->cut, SK_PAD);
		in->shift--;
		err = give(scan, in->cut.ptr, in->cut.len, from, to);
	}
	return err;
}

/* A line that is too long begins at scan->at. */
static int
take_overlong(struct scan *scan)
{
	struct sk_intake *in = scan->in;
	const char *line = scan->chunk->bytes + scan->at;
	size_t left = scan->len - scan->at;
	const char *newline = memchr(line, '\n', left);
	size_t len = newline != NULL ? (size_t)(newline - line) + 1 : left;
	int err = give_kept(scan);

	if (err != 0)
		return err;
	if (scan->at > 0 || !scan->chunk->inside)
		note_overlong(scan);
	switch (in->conf.overlong) {
	case SK_OVERLONG_SPLIT:
		err = split(scan, len, newline != NULL);
		break;
	case SK_OVERLONG_DIVERT:
		err = divert(scan, len, newline != NULL);
		break;
	case SK_OVERLONG_FAIL:
		return sk_diag_set(scan->diag, SK_ELIMIT,
		    "%s: line longer than %zu bytes",
		    sk_buf_cstr(&in->first), in->conf.max_line);
	}
	scan->at += len;
	scan->kept = scan->at;
	return err;
}

/*
 * Go through the chunk without looking at each line: while a newline stands
 * within max_line bytes, every line up to the last such newline is short
 * enough.
 */
static int
screen(struct scan *scan)
{
	size_t max = scan->in->conf.max_line, window;
	const char *at, *newline;
	int err = 0;

	while (err == 0 && scan->at < scan->len) {
		at = scan->chunk->bytes + scan->at;
		window = scan->len - scan->at < max ?
		    scan->len - scan->at : max;
		newline = memrchr(at, '\n', window);
		if (newline != NULL)
			scan->at += (size_t)(newline - at) + 1;
		else
			err = take_overlong(scan);
	}
	return err;
}

/* The rest of a line that was put aside stands in front. */
static int
skip_diverted(struct scan *scan)
{
	const char *bytes = scan->chunk->bytes;
	const char *newline = memchr(bytes, '\n', scan->len);
	size_t len = newline != NULL ? (size_t)(newline - bytes) + 1 :
	    scan->len;
	int err = divert(scan, len, newline != NULL);

	scan->at = scan->kept = len;
	return err;
}

/* ---- a chunk ---- */

static int
take_lines(struct scan *scan)
{
	const struct sk_intake_conf *conf = &scan->in->conf;
	int err = 0;

	if (scan->chunk->inside && conf->overlong == SK_OVERLONG_DIVERT)
		err = skip_diverted(scan);
	if (err != 0)
		return err;
	if (scan->len > conf->max_line || scan->chunk->end == SK_TAIL_PIECE)
		err = screen(scan);
	else
		scan->at = scan->len;
	return err == 0 ? give_kept(scan) : err;
}

int
sk_intake_add(struct sk_intake *in, const struct sk_intake_chunk *chunk,
    struct sk_diag *diag)
{
	struct scan scan = { .in = in, .chunk = chunk, .diag = diag,
		.len = chunk->len };
	int err;

	in->nbytes += chunk->len;
	if (chunk->end == SK_TAIL_REST)
		chunk->bytes[scan.len++] = '\n';
	err = take_lines(&scan);
	if (err == 0 && chunk->source != NULL && (chunk->len == 0 ||
	    (scan.diverted && chunk->end != SK_TAIL_PIECE)))
		err = move(&scan);
	/* The mark of an added newline is about the last line of a block. */
	if (err == 0 && scan.err == 0 && chunk->end == SK_TAIL_REST)
		err = sk_log_writer_flush(in->writer, false, diag);
	if (err == 0 && scan.err != 0) {
		errno = scan.error;
		err = scan.err;
	}
	return err;
}

void
sk_intake_close(struct sk_intake *in)
{
	if (in->overlong > 0 && in->conf.overlong != SK_OVERLONG_FAIL)
		sk_note("%" PRIu64 " line%s longer than %zu bytes %s %s, the "
		    "first at %s", in->overlong, sk_num_plural(in->overlong),
		    in->conf.max_line, in->overlong == 1 ? "was" : "were",
		    what_becomes[in->conf.overlong], sk_buf_cstr(&in->first));
	if (in->timeless > 0)
		sk_note("%" PRIu64 " of %" PRIu64 " event%s without a time",
		    in->timeless, in->timed_events,
		    sk_num_plural(in->timed_events));
	if (in->divert_fd >= 0)
		sk_sys_close(in->divert_fd);
	sk_eventtime_close(&in->when);
	sk_buf_free(&in->cut);
	sk_buf_free(&in->named);
	sk_buf_free(&in->first);
}
