#include <string.h>

#include "stream/unframe.h"

enum sk_unframe_mode
sk_unframe_mode(const struct sk_shared *shared)
{
	return shared->raw ? SK_UNFRAME_RAW :
	    shared->framed ? SK_UNFRAME_TAKE : SK_UNFRAME_REFUSE;
}

void
sk_unframe_begin(struct sk_unframe *u, enum sk_unframe_mode mode, bool piped)
{
	memset(u, 0, sizeof(*u));
	u->mode = mode;
	u->piped = piped;
	u->begun = mode == SK_UNFRAME_RAW;
}

/* ---- the first bytes ---- */

/* Of a stream without a header. */
static int
begin_raw(struct sk_unframe *u, struct sk_diag *diag)
{
	if (u->mode == SK_UNFRAME_TAKE && u->piped)
		return sk_diag_set(diag, SK_EDATA, "not a framed stream: is "
		    "there a command in between that took its header? (--raw: "
		    "the framed stream begins here)");
	u->begun = true;
	return 1;
}

/* It begins with DLE and is no header: a control line that lost the header in
 * front of it, or a line of data. */
static int
begin_odd(struct sk_unframe *u, struct sk_view bytes, bool ended,
    struct sk_diag *diag)
{
	const char *newline = memchr(bytes.ptr, '\n', bytes.len);
	struct sk_control control;
	struct sk_diag more;

	if (newline == NULL && !ended && bytes.len < SK_CONTROL_MAX)
		return 0;
	if (newline != NULL && sk_control_parse(sk_view(bytes.ptr,
	    (size_t)(newline - bytes.ptr)), &control, &more) == 0)
		return sk_diag_set(diag, SK_EDATA, "damaged framed stream: it "
		    "begins with a control line, %c, that is no header; was "
		    "it sorted?", control.type);
	return begin_raw(u, diag);
}

int
sk_unframe_first(struct sk_unframe *u, struct sk_view bytes, bool ended,
    struct sk_diag *diag)
{
	if (u->begun)
		return 1;
	if (bytes.len == 0)
		return ended ? begin_raw(u, diag) : 0;
	if (bytes.ptr[0] != SK_CONTROL_DLE)
		return begin_raw(u, diag);
	if (!sk_control_is_header(bytes))
		return begin_odd(u, bytes, ended, diag);
	if (u->mode == SK_UNFRAME_REFUSE)
		return sk_diag_set(diag, SK_EVERSION,
		    "framed stream: give --framed");
	u->begun = u->framed = true;
	return 1;
}

/* ---- data ---- */

static void
move(char **to, char **from, const char *end)
{
	size_t len = (size_t)(end - *from);

	if (*to != *from)
		memmove(*to, *from, len);
	*to += len;
	*from += len;
}

const char *
sk_unframe_find(const char *from, const char *end, bool inside)
{
	const char *at = from;

	while (at < end) {
		at = memchr(at, SK_CONTROL_DLE, (size_t)(end - at));
		if (at == NULL)
			return end;
		if (at == from ? !inside : at[-1] == '\n')
			return at;
		at = memchr(at, '\n', (size_t)(end - at));
		if (at == NULL)
			return end;
		at++;
	}
	return end;
}

int
sk_unframe_take(struct sk_unframe *u, char **to, char **from, const char *end,
    struct sk_diag *diag)
{
	const char *at, *begin;

	if (u->ended && *from < end)
		return sk_diag_set(diag, SK_EDATA, "damaged framed stream: "
		    "there are lines behind its end");
	while (*from < end) {
		begin = *from;
		at = sk_unframe_find(begin, end, u->inside);
		move(to, from, at);
		if (at > begin)
			u->inside = at[-1] != '\n';
		if (end - at < 2 || at[1] != SK_CONTROL_DLE)
			return 0;
		/* The second one is the first byte of data. */
		++*from;
		u->inside = true;
	}
	return 0;
}

/* ---- control lines ---- */

static int
take_header(struct sk_unframe *u, const struct sk_control *control,
    struct sk_diag *diag)
{
	struct sk_buf value = { 0 };
	int64_t version = 0, escaped = 0, marked = 0;
	bool of_job = sk_control_get(control, "job", &value);

	if (u->headed) {
		sk_buf_free(&value);
		return sk_diag_set(diag, SK_EDATA, "damaged framed stream: a "
		    "second header");
	}
	u->headed = true;
	sk_control_int(control, "v", &version);
	sk_control_int(control, "esc", &escaped);
	sk_control_int(control, "hop", &u->hop);
	sk_control_int(control, "w", &marked);
	u->marked = marked == 1;
	if (sk_control_get(control, "src", &value) &&
	    value.len < sizeof(u->src))
		memcpy(u->src, sk_buf_cstr(&value), value.len + 1);
	sk_buf_free(&value);
	if (version == 1 && escaped == 1 && !of_job)
		return 0;
	return sk_diag_set(diag, SK_EVERSION, of_job ? "framed stream of a "
	    "job: this version has none" : "framed stream of another version");
}

static int
take_mark(struct sk_unframe *u, const struct sk_control *control,
    struct sk_diag *diag)
{
	struct sk_view words = control->words;
	int64_t ns = 0, part;

	if (sk_control_int(control, "t", &ns) != 1)
		return sk_diag_set(diag, SK_EDATA, "damaged control line: a "
		    "watermark without a time");
	if (sk_control_int(control, "p", &part) != 0)
		return sk_diag_set(diag, SK_EVERSION, "watermark of a part of "
		    "the stream (%.*s): this version has none",
		    (int)words.len, words.ptr);
	if (!u->has_mark || ns > u->mark_ns)
		u->mark_ns = ns;
	u->has_mark = true;
	return 0;
}

static int
take_end(struct sk_unframe *u, const struct sk_control *control,
    struct sk_diag *diag)
{
	struct sk_buf value = { 0 };
	const char *reason;
	int err = 0;

	sk_control_get(control, "reason", &value);
	reason = sk_buf_cstr(&value);
	if (strcmp(reason, "end") == 0)
		u->reason = SK_REASON_END;
	else if (strcmp(reason, "stop") == 0)
		u->reason = SK_REASON_STOP;
	else if (strcmp(reason, "drain") == 0)
		u->reason = SK_REASON_DRAIN;
	else
		err = sk_diag_set(diag, SK_EVERSION, "the stream ended for an "
		    "unknown reason: %s", reason);
	u->ended = err == 0;
	sk_buf_free(&value);
	return err;
}

static int
take_control(struct sk_unframe *u, const struct sk_control *control,
    struct sk_diag *diag)
{
	if (u->ended)
		return sk_diag_set(diag, SK_EDATA, "damaged framed stream: "
		    "there are lines behind its end");
	if (control->type >= 'a')
		return 0;
	switch (control->type) {
	case 'H':
		return take_header(u, control, diag);
	case 'W':
		return take_mark(u, control, diag);
	case 'E':
		return take_end(u, control, diag);
	default:
		return sk_diag_set(diag, SK_EVERSION, "control line of the "
		    "type %c: this version does not know it", control->type);
	}
}

int
sk_unframe_control(struct sk_unframe *u, struct sk_view bytes,
    struct sk_control *control, size_t *used, struct sk_diag *diag)
{
	size_t window = bytes.len < SK_CONTROL_MAX ? bytes.len :
	    SK_CONTROL_MAX;
	const char *newline = memchr(bytes.ptr, '\n', window);
	int err;

	if (newline == NULL && window < SK_CONTROL_MAX)
		return 0;
	if (newline == NULL)
		return sk_diag_set(diag, SK_EDATA, "damaged control line: it "
		    "is longer than %d bytes", SK_CONTROL_MAX);
	*used = (size_t)(newline - bytes.ptr) + 1;
	err = sk_control_parse(sk_view(bytes.ptr, *used - 1), control, diag);
	if (err == 0)
		err = take_control(u, control, diag);
	return err == 0 ? 1 : err;
}

int
sk_unframe_end(const struct sk_unframe *u, struct sk_diag *diag)
{
	if (!u->framed || u->ended)
		return 0;
	return sk_diag_set(diag, SK_EDATA, "the framed stream was cut off: it "
	    "has no end");
}
