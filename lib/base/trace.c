#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/trace.h"

void
sk_trace(const char *event, const char *fmt, ...)
{
	const char *where = getenv("SK_TRACE");
	int keep = errno, fd = STDERR_FILENO, n, m;
	char line[1024];
	va_list ap;

	if (where == NULL || where[0] == '\0')
		return;
	if (strcmp(where, "1") != 0)
		fd = open(where, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
		    0666);
	if (fd < 0)
		return;
	n = snprintf(line, sizeof(line) - 1, "%s %s ", sk_prog(), event);
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, fmt, ap);
	va_end(ap);
	n += m < (int)sizeof(line) - 2 - n ? m : (int)sizeof(line) - 2 - n;
	line[n++] = '\n';
	if (write(fd, line, (size_t)n) < 0)
		errno = keep; /* a trace that cannot be written is no error */
	if (fd != STDERR_FILENO)
		close(fd);
	errno = keep;
}
