#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

static const char *prog = "sk";
static enum sk_level level_now = SK_NORMAL;

int
sk_err_status(int err)
{
	switch ((enum sk_err)err) {
	case SK_OK:
	case SK_ESTOP:
		return SK_DONE;
	case SK_EDATA:
	case SK_EVERSION:
	case SK_ELIMIT:
		return SK_DATA;
	case SK_EUSAGE:
		return SK_USAGE;
	case SK_ESYS:
	case SK_EBUSY:
	case SK_ECLOSED:
		return SK_SYSTEM;
	}
	return err > 0 ? SK_DONE : SK_SYSTEM;
}

const char *
sk_err_text(int err)
{
	switch ((enum sk_err)err) {
	case SK_OK:
		return "no error";
	case SK_ESYS:
		return strerror(errno);
	case SK_EDATA:
		return "damaged data";
	case SK_EVERSION:
		return "needs a newer version";
	case SK_EBUSY:
		return "in use by another process";
	case SK_EUSAGE:
		return "wrong usage";
	case SK_ELIMIT:
		return "limit reached";
	case SK_ECLOSED:
		return "output closed";
	case SK_ESTOP:
		return "stopped";
	}
	return "unknown error";
}

int
sk_diag_set(struct sk_diag *diag, int err, const char *fmt, ...)
{
	int keep = errno;
	va_list ap;

	if (diag != NULL) {
		va_start(ap, fmt);
		vsnprintf(diag->text, sizeof(diag->text), fmt, ap);
		va_end(ap);
	}
	errno = keep;
	return err;
}

int
sk_diag_sys(struct sk_diag *diag, const char *fmt, ...)
{
	int keep = errno;
	va_list ap;
	size_t len;

	if (diag != NULL) {
		va_start(ap, fmt);
		vsnprintf(diag->text, sizeof(diag->text), fmt, ap);
		va_end(ap);
		len = strlen(diag->text);
		snprintf(diag->text + len, sizeof(diag->text) - len, ": %s",
		    strerror(keep));
	}
	errno = keep;
	return SK_ESYS;
}

void
sk_notify(const struct sk_notify *notify, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (notify == NULL || notify->fn == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	notify->fn(notify->arg, text);
}

void
sk_notify_warn(void *arg, const char *text)
{
	(void)arg;
	sk_warn("%s", text);
}

void
sk_prog_set(const char *name)
{
	const char *slash = strrchr(name, '/');

	prog = slash != NULL ? slash + 1 : name;
}

const char *
sk_prog(void)
{
	return prog;
}

void
sk_level_set(enum sk_level level)
{
	level_now = level;
}

static void message(const char *mark, const char *fmt, va_list ap, int sys)
    SK_PRINTF(2, 0);

/* Build the whole line in memory, mask what could drive a terminal, and send
 * it in one write so that the lines of a pipeline's tools do not mix. */
static void
message(const char *mark, const char *fmt, va_list ap, int sys)
{
	char line[2048];
	size_t len, i;
	ssize_t put;

	snprintf(line, sizeof(line) - 1, "%s: %s", prog, mark);
	len = strlen(line);
	vsnprintf(line + len, sizeof(line) - 1 - len, fmt, ap);
	len += strlen(line + len);
	if (sys != 0)
		snprintf(line + len, sizeof(line) - 1 - len, ": %s",
		    strerror(sys));
	len += strlen(line + len);
	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	do
		put = write(STDERR_FILENO, line, len);
	while (put < 0 && errno == EINTR);
}

#define MESSAGE(mark, sys)                     \
	do {                                   \
		int keep = errno;              \
		va_list ap;                    \
		va_start(ap, fmt);             \
		message(mark, fmt, ap, (sys)); \
		va_end(ap);                    \
		errno = keep;                  \
	} while (0)

void
sk_error(const char *fmt, ...)
{
	MESSAGE("", 0);
}

void
sk_error_sys(const char *fmt, ...)
{
	MESSAGE("", keep);
}

void
sk_warn(const char *fmt, ...)
{
	if (level_now >= SK_NORMAL)
		MESSAGE("warning: ", 0);
}

void
sk_note(const char *fmt, ...)
{
	if (level_now >= SK_NORMAL)
		MESSAGE("", 0);
}

void
sk_info(const char *fmt, ...)
{
	if (level_now >= SK_VERBOSE)
		MESSAGE("", 0);
}

void
sk_tell(const char *fmt, ...)
{
	MESSAGE("", 0);
}

void
sk_bug_at(const char *file, int line)
{
	sk_error("bug: %s:%d", file, line);
	abort();
}
