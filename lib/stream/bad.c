#include <fcntl.h>
#include <inttypes.h>

#include "base/err.h"
#include "io/file.h"
#include "io/sys.h"
#include "stream/bad.h"

int
sk_bad_open(struct sk_bad *bad, const struct sk_shared *shared)
{
	memset(bad, 0, sizeof(*bad));
	bad->strictness = shared->strictness;
	bad->path = shared->bad;
	bad->fd = -1;
	if (bad->path == NULL)
		return 0;
	bad->fd = sk_sys_open(bad->path, O_WRONLY | O_APPEND | O_CREAT, 0666);
	if (bad->fd >= 0)
		return 0;
	sk_error_sys("%s", bad->path);
	return SK_ESYS;
}

int
sk_bad_event(struct sk_bad *bad, const char *input, uint64_t number,
    const char *reason, struct sk_view line)
{
	struct sk_buf row = { 0 };
	int err = 0;

	if (bad->n++ == 0) {
		/* Trouble is told even with --quiet; what the user has asked
		 * to be counted or kept is a note. */
		if (bad->path == NULL && bad->strictness != SK_LENIENT)
			sk_error("%s:%" PRIu64 ": %s", input, number, reason);
		else
			sk_note("%s:%" PRIu64 ": %s", input, number, reason);
	}
	if (bad->fd >= 0) {
		/* Written at once: a run that is killed has kept them. */
		sk_buf_fmt(&row, "%s:%" PRIu64 "\t%s\t", input, number,
		    reason);
		sk_buf_view(&row, line);
		sk_buf_char(&row, '\n');
		err = sk_file_write(bad->fd, row.ptr, row.len, NULL);
		if (err != 0)
			sk_error_sys("%s", bad->path);
		sk_buf_free(&row);
	}
	if (err == 0 && bad->strictness == SK_STRICT)
		err = SK_EDATA;
	return err;
}

int
sk_bad_close(struct sk_bad *bad)
{
	int status = SK_DONE;

	if (bad->n > 0 && bad->path == NULL && bad->strictness != SK_LENIENT)
		status = SK_DATA;
	if (bad->fd >= 0 && sk_sys_close(bad->fd) != 0) {
		sk_error_sys("%s", bad->path);
		status = SK_SYSTEM;
	}
	bad->fd = -1;
	return status;
}
