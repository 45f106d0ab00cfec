#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "io/sys.h"
#include "stream/late.h"

int
sk_late_open(struct sk_late *late, const char *path, char sep)
{
	int fd;

	memset(late, 0, sizeof(*late));
	late->sep = sep;
	if (path == NULL)
		return 0;
	fd = sk_sys_open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
	if (fd < 0) {
		sk_error_sys("%s", path);
		return SK_ESYS;
	}
	sk_out_init(&late->out, fd);
	late->path = path;
	return 0;
}

static int
told(const struct sk_late *late, int err)
{
	if (err != 0)
		sk_error_sys("%s", late->path);
	return err;
}

int
sk_late_event(struct sk_late *late, struct sk_view line, uint64_t by_ns)
{
	int64_t by = by_ns < INT64_MAX ? (int64_t)by_ns : INT64_MAX;

	late->n++;
	if (by > late->most_ns)
		late->most_ns = by;
	if (late->path == NULL)
		return 0;
	sk_buf_view(&late->out.buf, line);
	sk_buf_char(&late->out.buf, late->sep);
	return told(late, sk_out_spill(&late->out));
}

int
sk_late_flush(struct sk_late *late)
{
	if (late->path == NULL)
		return 0;
	return told(late, sk_out_flush(&late->out));
}

/* Up to what sk_num_put_duration() shows: so much more of a delay is enough. */
static int64_t
round_up(int64_t ns)
{
	static const int64_t unit_ns[] = { INT64_C(86400000000000),
		INT64_C(3600000000000), INT64_C(60000000000), 1000000000,
		1000000, 1000, 1 };
	size_t i;

	for (i = 0; unit_ns[i] > 1; i++)
		if (ns >= unit_ns[i] && ns < INT64_MAX - unit_ns[i + 1])
			return (ns + unit_ns[i + 1] - 1) / unit_ns[i + 1] *
			    unit_ns[i + 1];
	return ns;
}

void
sk_late_say(const struct sk_late *late, uint64_t nevents, const char *option)
{
	struct sk_buf text = { 0 };

	if (late->n == 0)
		return;
	sk_num_put_duration(&text, round_up(late->most_ns));
	sk_note("%" PRIu64 " of %" PRIu64 " events late, by up to %s (%s)",
	    late->n, nevents, sk_buf_cstr(&text), option);
	sk_buf_free(&text);
}

int
sk_late_close(struct sk_late *late)
{
	bool failed;

	if (late->path == NULL)
		return SK_DONE;
	failed = late->out.err != 0; /* told already */
	if (sk_out_close(&late->out) == 0)
		return SK_DONE;
	if (!failed)
		sk_error_sys("%s", late->path);
	return SK_SYSTEM;
}
