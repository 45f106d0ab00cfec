/*
 * sk-unframe: the end of a pipe of framed streams: its data lines, without
 * what tools told one another between them.
 *
 * Memory is 256 KiB of input and 64 KiB of output.  Control lines are told
 * apart by lib/stream/unframe.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "stream/emit.h"
#include "stream/input.h"
#include "stream/stop.h"
#include "stream/unframe.h"

#define BYTES ((size_t)256 << 10) /* more than a control line has */

static struct {
	struct sk_shared shared;
} set;

struct pass {
	struct sk_input input;
	struct sk_unframe unframe;
	struct sk_emit emit;
	struct sk_diag diag;
	char *buf;
	size_t n; /* bytes of it that were not given */
	int err;  /* of a framed stream; its words are in diag */
};

/* All that is at hand: data goes out, control lines do not. */
static int
give(struct pass *pass)
{
	char *from = pass->buf, *to, *end = pass->buf + pass->n;
	struct sk_control control;
	const char *data;
	size_t used;
	int got;

	do {
		data = to = from;
		got = sk_unframe_take(&pass->unframe, &to, &from, end,
		    &pass->diag);
		if (got == 0)
			sk_out_write(&pass->emit.out, data,
			    (size_t)(to - data));
		used = 0;
		if (got == 0 && end - from > 1)
			got = sk_unframe_control(&pass->unframe, sk_view(from,
			    (size_t)(end - from)), &control, &used,
			    &pass->diag);
		from += used;
	} while (got == 1);
	pass->n = (size_t)(end - from);
	memmove(pass->buf, from, pass->n);
	return got;
}

/* What was read; `ended`: no more comes of this input. */
static int
take(struct pass *pass, bool ended)
{
	int got = sk_unframe_first(&pass->unframe, sk_view(pass->buf, pass->n),
	    ended, &pass->diag);

	if (got == 1 && pass->unframe.framed)
		got = ended ? sk_unframe_end(&pass->unframe, &pass->diag) :
		    give(pass);
	else if (got == 1) {
		got = 0;
		sk_out_write(&pass->emit.out, pass->buf, pass->n);
		pass->n = 0;
	}
	return got;
}

static void
wait_for_input(struct pass *pass)
{
	while (sk_stop_signal() == 0 && pass->emit.out.err == 0 &&
	    sk_input_blocks(&pass->input)) {
		sk_out_flush(&pass->emit.out);
		sk_input_wait(&pass->input, sk_stop_fd(), -1);
		if (sk_stop_usr1())
			sk_tell("%" PRIu64 " bytes", pass->input.nbytes);
	}
}

static void
pass_input(struct pass *pass)
{
	size_t got = 1;

	sk_unframe_begin(&pass->unframe, SK_UNFRAME_ANY, pass->input.piped);
	pass->n = 0;
	while (got > 0 && pass->err == 0) {
		wait_for_input(pass);
		if (sk_stop_signal() != 0 || pass->emit.out.err != 0)
			return;
		sk_input_read(&pass->input, pass->buf + pass->n,
		    BYTES - pass->n, &got);
		pass->n += got;
		pass->err = take(pass, got == 0);
	}
	if (pass->err != 0)
		sk_error("%s: %s", pass->input.name, pass->diag.text);
}

static int
run(char **inputs)
{
	struct pass pass;
	int status;

	memset(&pass, 0, sizeof(pass));
	sk_input_init(&pass.input, inputs);
	status = sk_emit_open(&pass.emit, &set.shared, SK_FORMAT_RAW, NULL);
	if (status != 0) {
		sk_emit_close(&pass.emit, false);
		return sk_err_status(status);
	}
	pass.buf = sk_xalloc(BYTES, 1);
	while (pass.err == 0 && pass.emit.out.err == 0 &&
	    sk_stop_signal() == 0 && sk_input_next(&pass.input) != 0)
		pass_input(&pass);
	status = pass.input.status;
	if (sk_err_status(pass.err) > status)
		status = sk_err_status(pass.err);
	if (sk_emit_close(&pass.emit, pass.err == 0) != 0 &&
	    status < SK_SYSTEM)
		status = SK_SYSTEM;
	sk_input_close(&pass.input);
	free(pass.buf);
	return status;
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = {
		sk_shared_init(&set.shared,
		    SK_SHARED_OUTPUT | SK_SHARED_QUIET), NULL };
	const struct sk_cmd cmd = { "sk-unframe",
		"take the data lines out of a framed stream",
		"[option ...] [INPUT ...]", tables };

	sk_prog_set(cmd.name);
	sk_stop_init();
	sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	sk_stop_exit(run(argv + 1));
}
