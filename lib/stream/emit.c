#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/file.h"
#include "io/sys.h"
#include "stream/control.h"
#include "stream/emit.h"
#include "time/time.h"

/* /dev/fd/N is that very descriptor: opening it anew would give a file of its
 * own position. */
static int
descriptor(const char *path)
{
	uint64_t fd;

	if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strncmp(path, "/dev/fd/", 8) == 0 &&
	    sk_num_u64(sk_view_str(path + 8), &fd) == 0 && fd < 1 << 20)
		return (int)fd;
	return -1;
}

/* ---- the output ---- */

/* A new file beside the one that will be replaced. */
static int
open_tmp(struct sk_emit *emit)
{
	int fd;

	free(emit->tmp);
	fd = sk_file_tmp(emit->path, &emit->tmp);
	if (fd < 0) {
		sk_error_sys("%s", emit->tmp);
		free(emit->tmp);
		emit->tmp = NULL; /* it is not ours to remove */
		return SK_ESYS;
	}
	sk_out_init(&emit->out, fd);
	emit->open = true;
	emit->header = emit->wants_header;
	return 0;
}

static int
open_output(struct sk_emit *emit, const char *path)
{
	int fd = path == NULL ? STDOUT_FILENO : descriptor(path);

	emit->path = path;
	if (fd < 0 && !sk_file_is_device(path))
		return open_tmp(emit);
	if (fd < 0)
		fd = sk_sys_open(path, O_WRONLY, 0);
	if (fd < 0) {
		sk_error_sys("%s", path);
		return SK_ESYS;
	}
	sk_out_init(&emit->out, fd);
	emit->open = true;
	return 0;
}

/* NDJSON in, NDJSON out; CSV in, CSV out; all else TSV. */
static enum sk_record_form
form_of(const struct sk_shared *shared, enum sk_format format)
{
	if (shared->to != SK_TO_DEFAULT)
		return (enum sk_record_form)shared->to;
	return format == SK_FORMAT_NDJSON ? SK_RECORD_NDJSON :
	    format == SK_FORMAT_CSV ? SK_RECORD_CSV : SK_RECORD_TSV;
}

/* What --framed cannot go with. */
static int
check_framed(const struct sk_emit *emit, const struct sk_shared *shared)
{
	const char *why = NULL;

	if (!emit->framed)
		return 0;
	if (shared->null)
		why = "not with -z: control lines end in a newline";
	else if (shared->output != NULL && emit->with_at)
		why = "not with -o and --every: a stream is no result";
	else if (shared->output == NULL && shared->framed != SK_FRAMED_FORCE &&
	    isatty(STDOUT_FILENO) == 1)
		why = "stdout is a terminal, and control lines are not for "
		    "eyes (--framed=force)";
	if (why != NULL)
		sk_error("--framed: %s", why);
	return why == NULL ? 0 : SK_EUSAGE;
}

int
sk_emit_open(struct sk_emit *emit, const struct sk_shared *shared,
    enum sk_format format, const struct sk_view *columns)
{
	enum sk_record_form form = form_of(shared, format);
	int err;

	memset(emit, 0, sizeof(*emit));
	emit->sep = sk_shared_separator(shared);
	sk_record_init(&emit->record, form);
	emit->record.end = emit->sep;
	emit->record.escape = format != SK_FORMAT_RAW;
	if (format == SK_FORMAT_CSV && shared->delimiter >= 0)
		emit->record.comma = (char)shared->delimiter;
	emit->with_at = shared->every.n > 0 || shared->every.ns > 0;
	if (columns != NULL && emit->with_at)
		sk_record_column(&emit->record, sk_view_str("at"));
	for (; columns != NULL && columns->ptr != NULL; columns++)
		if (sk_record_column(&emit->record, *columns) != 0) {
			sk_error("two columns are called %.*s; name=FIELD "
			    "gives another name", (int)columns->len,
			    columns->ptr);
			sk_record_free(&emit->record);
			return SK_EUSAGE;
		}
	emit->wants_header = shared->header < 0
	    ? form == SK_RECORD_CSV ||
	    (form == SK_RECORD_TSV && format == SK_FORMAT_TSV)
	    : shared->header > 0;
	if (columns == NULL)
		emit->wants_header = false;
	emit->header = emit->wants_header;
	emit->framed = emit->escapes = shared->framed != SK_UNFRAMED;
	err = check_framed(emit, shared);
	if (err == 0)
		err = open_output(emit, shared->output);
	if (err != 0)
		sk_record_free(&emit->record);
	return err;
}

void
sk_emit_at_count(struct sk_emit *emit, uint64_t nevents)
{
	sk_buf_reset(&emit->at);
	sk_num_put_u64(&emit->at, nevents);
	emit->at_number = true;
}

void
sk_emit_at_time(struct sk_emit *emit, int64_t now_ns, int64_t every_ns)
{
	int64_t unit = every_ns % 1000000000 == 0 ? 1000000000 : 1000000;

	sk_buf_reset(&emit->at);
	sk_time_put(&emit->at, now_ns - now_ns % unit);
	emit->at_number = false;
}

/* ---- from the buffer to the output ---- */

/* Lines that begin with DLE get one more.  What is in the buffer begins and
 * ends at the ends of lines. */
static void
escape(struct sk_emit *emit)
{
	struct sk_buf *buf = &emit->out.buf, rest = { 0 };
	size_t from = emit->clean, to = buf->len;
	const char *line, *next, *end;

	if (!emit->escapes || from == to)
		return;
	emit->clean = to;
	end = buf->ptr + to;
	line = sk_unframe_find(buf->ptr + from, end, false);
	if (line == end)
		return;
	buf->len = (size_t)(line - buf->ptr);
	sk_buf_add(&rest, line, (size_t)(end - line));
	end = rest.ptr + rest.len;
	for (line = rest.ptr; line < end; line = next) {
		next = sk_unframe_find(line, end, true);
		sk_buf_char(buf, SK_CONTROL_DLE);
		sk_buf_add(buf, line, (size_t)(next - line));
	}
	emit->clean = buf->len;
	sk_buf_free(&rest);
}

static int
flush(struct sk_emit *emit)
{
	if (emit->framed) {
		escape(emit);
		emit->clean = emit->mark_from = emit->mark_to = 0;
	}
	return sk_out_flush(&emit->out);
}

static inline int
spill(struct sk_emit *emit)
{
	if (emit->framed && emit->out.buf.len >= SK_OUT_BYTES)
		return flush(emit);
	return sk_out_spill(&emit->out);
}

static void
put_header(struct sk_emit *emit)
{
	if (emit->header)
		sk_record_header(&emit->record, &emit->out.buf);
	emit->header = false;
}

struct sk_record *
sk_emit_begin(struct sk_emit *emit)
{
	struct sk_view at = sk_view(emit->at.ptr, emit->at.len);

	put_header(emit);
	sk_record_begin(&emit->record, &emit->out.buf);
	if (emit->with_at && emit->at_number)
		sk_record_json(&emit->record, at);
	else if (emit->with_at)
		sk_record_text(&emit->record, at);
	return &emit->record;
}

int
sk_emit_end(struct sk_emit *emit)
{
	sk_record_end(&emit->record);
	emit->nwritten++;
	return spill(emit);
}

void
sk_emit_drop(struct sk_emit *emit)
{
	emit->out.buf.len = emit->record.start;
	emit->record.out = NULL;
}

int
sk_emit_line(struct sk_emit *emit, struct sk_view line)
{
	sk_buf_view(&emit->out.buf, line);
	sk_buf_char(&emit->out.buf, emit->sep);
	emit->nwritten++;
	return spill(emit);
}

struct sk_buf *
sk_emit_text(struct sk_emit *emit)
{
	put_header(emit);
	return &emit->out.buf;
}

int
sk_emit_text_end(struct sk_emit *emit)
{
	sk_buf_char(&emit->out.buf, emit->sep);
	emit->nwritten++;
	return spill(emit);
}

int
sk_emit_text_ends(struct sk_emit *emit, size_t n)
{
	emit->nwritten += n;
	return spill(emit);
}

int
sk_emit_bad(struct sk_emit *emit, struct sk_view line, const char *reason)
{
	return emit->bad(emit->bad_arg, line, reason);
}

int
sk_emit_flush(struct sk_emit *emit)
{
	return flush(emit);
}

/* ---- control lines ---- */

int
sk_emit_start(struct sk_emit *emit, const struct sk_unframe *from, bool marked)
{
	bool goes_on = from != NULL && from->headed;
	int64_t hop = goes_on && from->hop > 0 && from->hop < INT32_MAX ?
	    from->hop : 0;
	struct sk_buf *buf = &emit->out.buf;
	size_t start;

	if (!emit->framed || emit->started)
		return emit->out.err;
	emit->started = true;
	start = sk_control_begin(buf, 'H');
	sk_control_put_int(buf, "v", 1);
	sk_control_put_int(buf, "esc", 1);
	sk_control_put_int(buf, "hop", hop + 1);
	sk_control_put(buf, "src", sk_view_str(goes_on ? from->src :
	    sk_prog()));
	if (marked || (goes_on && from->marked))
		sk_control_put_int(buf, "w", 1);
	sk_control_end(buf, start);
	emit->clean = buf->len;
	return spill(emit);
}

int
sk_emit_watermark(struct sk_emit *emit, int64_t t_ns)
{
	struct sk_buf *buf = &emit->out.buf;

	if (!emit->framed || (emit->marked && t_ns <= emit->mark_ns))
		return emit->out.err;
	escape(emit);
	if (emit->mark_from < emit->mark_to && buf->len == emit->mark_to)
		buf->len = emit->mark_from;
	emit->mark_from = sk_control_begin(buf, 'W');
	sk_control_put_int(buf, "t", t_ns);
	sk_control_end(buf, emit->mark_from);
	emit->mark_to = emit->clean = buf->len;
	emit->mark_ns = t_ns;
	emit->marked = true;
	return spill(emit);
}

int
sk_emit_control(struct sk_emit *emit, struct sk_view line)
{
	if (!emit->framed)
		return emit->out.err;
	escape(emit);
	sk_buf_view(&emit->out.buf, line);
	sk_buf_char(&emit->out.buf, '\n');
	emit->clean = emit->out.buf.len;
	return spill(emit);
}

int
sk_emit_finish(struct sk_emit *emit, enum sk_unframe_reason reason)
{
	static const char *const words[] = {
		[SK_REASON_END] = "end",
		[SK_REASON_STOP] = "stop",
		[SK_REASON_DRAIN] = "drain",
	};
	struct sk_buf *buf = &emit->out.buf;
	size_t start;

	if (!emit->framed)
		return emit->out.err;
	sk_emit_start(emit, NULL, false);
	put_header(emit);
	escape(emit);
	start = sk_control_begin(buf, 'E');
	sk_control_put(buf, "reason", sk_view_str(words[reason]));
	sk_control_end(buf, start);
	emit->clean = buf->len;
	return spill(emit);
}

/* ---- the end ---- */

static int
out_trouble(const struct sk_emit *emit, int err)
{
	sk_error_sys("%s", emit->tmp != NULL ? emit->tmp :
	    emit->path != NULL ? emit->path : "stdout");
	return err;
}

/* Flush, sync, close, rename: the file is whole or as it was. */
static int
commit_tmp(struct sk_emit *emit)
{
	int err = flush(emit), fd = emit->out.fd;

	emit->open = false;
	if (err == 0 && sk_sys_fsync(fd) != 0)
		err = SK_ESYS;
	if (err != 0) {
		err = out_trouble(emit, err);
		sk_out_close(&emit->out);
	} else if (sk_out_close(&emit->out) != 0)
		err = out_trouble(emit, SK_ESYS);
	if (err == 0 && sk_file_rename(emit->tmp, emit->path) != 0) {
		sk_error_sys("%s", emit->path);
		err = SK_ESYS;
	}
	if (err != 0)
		sk_sys_unlink(emit->tmp);
	return err;
}

int
sk_emit_block(struct sk_emit *emit)
{
	int err;

	if (emit->tmp == NULL)
		return emit->out.err;
	err = commit_tmp(emit);
	return err != 0 ? err : open_tmp(emit);
}

int
sk_emit_close(struct sk_emit *emit, bool commit)
{
	int err = 0;

	if (!emit->open)
		commit = false;
	else if (emit->tmp == NULL || commit) {
		put_header(emit);
		escape(emit);
	}
	if (emit->tmp != NULL && commit)
		err = commit_tmp(emit);
	else if (emit->open && sk_out_close(&emit->out) != 0 &&
	    emit->tmp == NULL)
		err = out_trouble(emit, emit->out.err);
	if (emit->tmp != NULL && !commit)
		sk_sys_unlink(emit->tmp);
	free(emit->tmp);
	sk_buf_free(&emit->at);
	sk_record_free(&emit->record);
	return err;
}
