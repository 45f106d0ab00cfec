/*
 * From a framed stream to its data: control lines are told apart, the escaping
 * of data lines is undone.
 *
 * It works on the bytes as they come, in place and in any pieces.  Only the
 * first byte of a line matters, and lines are not looked at: DLE is searched
 * at memory speed.  A stream that is not framed costs nothing.
 *
 * What the first bytes of an input are depends on what was asked for:
 *	--raw       every line is data, whatever it looks like
 *	neither     raw; a header is refused, and so is a control line in front
 *	--framed    framed, if it begins with a header.  Else it is raw and the
 *	            framed stream begins here; not so in a pipe or a socket,
 *	            where a missing header means that a command in between took
 *	            it away.  --raw in addition says that a pipe is raw.
 *
 * A framed stream is whole when its E line has come.  What is behind it, an
 * end without it, a damaged control line, and one of an unknown type in a
 * capital letter end the run.  Errors are SK_EDATA and SK_EVERSION, with words
 * in diag that go behind the name of the input.
 *
 * The calls, for each input:
 *	sk_unframe_begin
 *	sk_unframe_first    with the first bytes until it is 1; if `framed`:
 *	sk_unframe_take     data up to the next control line, and
 *	sk_unframe_control  that line, in turns
 *	sk_unframe_end      at the end of the input
 */
#ifndef SK_STREAM_UNFRAME_H
#define SK_STREAM_UNFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/control.h"
#include "stream/opts.h"

enum sk_unframe_mode {
	SK_UNFRAME_RAW,    /* --raw, alone or with --framed */
	SK_UNFRAME_REFUSE, /* without either */
	SK_UNFRAME_TAKE,   /* --framed */
	SK_UNFRAME_ANY     /* framed or raw, a pipe too */
};

/* Why a stream ended, as E says. */
enum sk_unframe_reason { SK_REASON_END, SK_REASON_STOP, SK_REASON_DRAIN };

struct sk_unframe {
	enum sk_unframe_mode mode;
	bool piped;    /* the input is a pipe or a socket */
	bool begun;    /* it is known whether it is framed */
	bool framed;
	bool inside;   /* the next byte stands inside a line */
	bool headed;   /* the header has come */
	bool ended;    /* E has come */
	/* Of the header: */
	int64_t hop;
	char src[64];
	bool marked;   /* W lines will come */
	/* Of the others: */
	bool has_mark; /* a W line has come */
	int64_t mark_ns; /* the largest of them */
	enum sk_unframe_reason reason;
};

enum sk_unframe_mode sk_unframe_mode(const struct sk_shared *shared);

/* A further input. */
void sk_unframe_begin(struct sk_unframe *unframe, enum sk_unframe_mode mode,
    bool piped);

/* The bytes from the first on; `ended`: there are no more.  1: it is known what
 * they are, 0: ask again with more, or an error. */
int sk_unframe_first(struct sk_unframe *unframe, struct sk_view bytes,
    bool ended, struct sk_diag *diag);

/* Move data from *from, up to `end` or a control line, to *to, which is not
 * behind *from; both move on.  What is left begins with DLE: of a control line,
 * or, if it is one byte, of either.  0, or an error. */
int sk_unframe_take(struct sk_unframe *unframe, char **to, char **from,
    const char *end, struct sk_diag *diag);

/* The control line at the front of what sk_unframe_take left: 1 and its bytes
 * in *used, 0 if it has not come to its end, or an error.  Only types of small
 * letters, H, W and E are given. */
int sk_unframe_control(struct sk_unframe *unframe, struct sk_view bytes,
    struct sk_control *control, size_t *used, struct sk_diag *diag);

/* The first DLE that begins a line, or `end`; `inside`: the bytes begin inside
 * a line. */
const char *sk_unframe_find(const char *from, const char *end, bool inside);

/* At the end of the input: 0, or SK_EDATA if it was cut off. */
int sk_unframe_end(const struct sk_unframe *unframe, struct sk_diag *diag);

#endif
