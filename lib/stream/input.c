#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io/sys.h"
#include "stream/input.h"

static char stdin_name[] = "-";

void
sk_input_init(struct sk_input *in, char **names)
{
	static char *const only_stdin[] = { stdin_name, NULL };

	memset(in, 0, sizeof(*in));
	in->names = names[0] != NULL ? names : (char **)(uintptr_t)only_stdin;
	in->fd = -1;
	in->notify.fn = sk_notify_warn;
}

static void
met(struct sk_input *in, int err)
{
	int status = sk_err_status(err);

	if (status > in->status)
		in->status = status;
}

static void
trouble(struct sk_input *in, int err)
{
	if (err == SK_ESYS)
		sk_error_sys("%s", in->name);
	else
		sk_error("%s: %s", in->name, sk_err_text(err));
	met(in, err);
}

/* The log's reader words its own failures. */
static void
log_trouble(struct sk_input *in, int err)
{
	sk_error("%s", in->diag.text);
	met(in, err);
}

static int
open_log(struct sk_input *in)
{
	int err = sk_reader_open(&in->log, in->name, NULL, &in->notify,
	    &in->diag);

	if (err != 0) {
		log_trouble(in, err);
		return err;
	}
	memset(&in->block, 0, sizeof(in->block));
	in->block_pos = 0;
	in->waits = in->piped = false;
	return 0;
}

static int
open_file(struct sk_input *in, bool is_stdin)
{
	struct stat st;
	int err = 0;

	in->fd = is_stdin ? STDIN_FILENO : sk_sys_open(in->name,
	    O_RDONLY | (in->nowait ? O_NONBLOCK : 0), 0);
	if (in->fd < 0 || sk_sys_fstat(in->fd, &st) != 0)
		err = SK_ESYS;
	else if (is_stdin && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		err = SK_ESYS;
	} else if (S_ISDIR(st.st_mode)) {
		sk_sys_close(in->fd);
		in->fd = -1;
		return open_log(in);
	} else {
		in->waits = !S_ISREG(st.st_mode);
		in->piped = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
		sk_unpack_open(&in->unpack, in->fd, !is_stdin);
	}
	if (err == 0)
		return 0;
	trouble(in, err);
	if (in->fd >= 0 && !is_stdin)
		sk_sys_close(in->fd);
	in->fd = -1;
	return err;
}

int
sk_input_next(struct sk_input *in)
{
	sk_input_close(in);
	while (*in->names != NULL) {
		bool is_stdin;

		in->name = *in->names++;
		is_stdin = strcmp(in->name, "-") == 0;
		if (is_stdin)
			in->name = "stdin";
		if (open_file(in, is_stdin) == 0) {
			in->open = true;
			in->first = true;
			return 1;
		}
	}
	return 0;
}

bool
sk_input_blocks(const struct sk_input *in)
{
	struct pollfd fd = { in->fd, POLLIN, 0 };

	if (!in->open || !in->waits || sk_unpack_ready(&in->unpack))
		return false;
	return sk_sys_poll(&fd, 1, 0) == 0;
}

void
sk_input_wait(const struct sk_input *in, int stop_fd, int timeout_ms)
{
	struct pollfd fds[2] = { { in->fd, POLLIN, 0 },
		{ stop_fd, POLLIN, 0 } };

	sk_sys_poll(fds, 2, timeout_ms);
}

static int
read_log(struct sk_input *in, char *bytes, size_t cap, size_t *got)
{
	size_t left = in->block.nbytes - in->block_pos;
	int more;

	if (left == 0) {
		more = sk_reader_next(in->log, &in->block);
		if (more < 0) {
			log_trouble(in, more);
			return more;
		}
		if (more == 0)
			return 0;
		in->block_pos = 0;
		left = in->block.nbytes;
	}
	*got = left < cap ? left : cap;
	memcpy(bytes, in->block.bytes + in->block_pos, *got);
	in->block_pos += *got;
	return 0;
}

void
sk_input_read(struct sk_input *in, char *bytes, size_t cap, size_t *got)
{
	int err;

	*got = 0;
	if (in->log != NULL)
		err = read_log(in, bytes, cap, got);
	else {
		err = sk_unpack_read(&in->unpack, bytes, cap, got);
		if (err != 0)
			trouble(in, err);
	}
	if (in->first && in->fd == STDIN_FILENO &&
	    sk_unpack_magic(bytes, *got) != SK_UNPACK_PLAIN)
		sk_warn("stdin: looks packed; stdin is taken as it is "
		    "(zstd -dc, gzip -dc)");
	in->first = false;
	in->nbytes += *got;
	if (err != 0 || *got == 0)
		sk_input_close(in);
}

void
sk_input_close(struct sk_input *in)
{
	if (!in->open)
		return;
	if (in->log != NULL)
		sk_reader_close(in->log);
	else
		sk_unpack_close(&in->unpack);
	if (in->fd > STDIN_FILENO)
		sk_sys_close(in->fd);
	in->log = NULL;
	in->fd = -1;
	in->open = false;
}
