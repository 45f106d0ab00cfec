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

/* A new file beside the one that will be replaced. */
static int
open_tmp(struct sk_emit *emit)
{
	int fd = sk_sys_open(emit->tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (fd < 0) {
		sk_error_sys("%s", emit->tmp);
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
	struct stat st;

	emit->path = path;
	if (fd < 0 && (sk_sys_stat(path, &st) != 0 || S_ISREG(st.st_mode))) {
		emit->tmp = sk_xasprintf("%s.tmp", path);
		return open_tmp(emit);
	}
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
	err = open_output(emit, shared->output);
	if (err != 0) {
		free(emit->tmp);
		emit->tmp = NULL; /* sk_emit_close may still be called */
		sk_record_free(&emit->record);
	}
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
	return sk_out_spill(&emit->out);
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
	return sk_out_spill(&emit->out);
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
	return sk_out_spill(&emit->out);
}

int
sk_emit_text_ends(struct sk_emit *emit, size_t n)
{
	emit->nwritten += n;
	return sk_out_spill(&emit->out);
}

int
sk_emit_bad(struct sk_emit *emit, struct sk_view line, const char *reason)
{
	return emit->bad(emit->bad_arg, line, reason);
}

int
sk_emit_flush(struct sk_emit *emit)
{
	return sk_out_flush(&emit->out);
}

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
	int err = sk_out_flush(&emit->out), fd = emit->out.fd;

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
	else if (emit->tmp == NULL || commit)
		put_header(emit);
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
