#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/lock.h"
#include "log/segment.h"

enum { NOTE_MAX = 4096 };

/* Only for the message: whatever goes wrong here does no harm. */
static void
leave_note(int fd)
{
	struct sk_buf note = { 0 }, boot = { 0 };
	int64_t now = sk_sys_clock_ns();
	time_t seconds = (time_t)(now / 1000000000);
	char host[256] = "", start[32] = "";
	struct tm tm;

	gethostname(host, sizeof(host) - 1);
	if (gmtime_r(&seconds, &tm) != NULL)
		strftime(start, sizeof(start), "%Y-%m-%dT%H:%M:%SZ", &tm);
	sk_file_load("/proc/sys/kernel/random/boot_id", NOTE_MAX, &boot);
	while (boot.len > 0 && boot.ptr[boot.len - 1] == '\n')
		boot.len--;
	sk_buf_fmt(&note, "pid=%ld\nhost=%s\nboot=%.*s\nstart=%s\n",
	    (long)getpid(), host, (int)boot.len,
	    boot.len > 0 ? boot.ptr : "", start);
	if (sk_sys_ftruncate(fd, 0) == 0)
		sk_file_pwrite(fd, note.ptr, note.len, 0);
	sk_buf_free(&note);
	sk_buf_free(&boot);
}

/* The value of `key` in the note, up to its line's end. */
static struct sk_view
value_of(const char *note, const char *key)
{
	const char *at = strstr(note, key);

	if (at == NULL)
		return sk_view("?", 1);
	at += strlen(key);
	return sk_view(at, strcspn(at, "\n"));
}

static void
read_note(int fd, char *who, size_t cap)
{
	char note[NOTE_MAX];
	struct sk_view pid, start;
	size_t got;

	if (sk_file_pread(fd, note, sizeof(note) - 1, 0, &got) != 0)
		got = 0;
	note[got] = '\0';
	pid = value_of(note, "pid=");
	start = value_of(note, "start=");
	snprintf(who, cap, "pid %.*s since %.*s", (int)pid.len, pid.ptr,
	    (int)start.len, start.ptr);
}

static int
lock_failed(int fd, const char *topic, struct sk_diag *diag)
{
	char who[256];
	int keep = errno, err;

	if (keep == EAGAIN || keep == EACCES) {
		read_note(fd, who, sizeof(who));
		err = sk_diag_set(diag, SK_EBUSY,
		    "%s/.lock: topic %s is being written by %s",
		    topic, topic, who);
	} else {
		err = sk_diag_sys(diag, "%s/.lock: cannot lock", topic);
	}
	sk_sys_close(fd);
	errno = keep;
	return err;
}

int
sk_log_lock(const char *topic, struct sk_diag *diag)
{
	char *path = sk_topic_path(topic, ".lock");
	int fd;

	fd = sk_sys_open(path, O_RDWR | O_CREAT, 0666);
	if (fd < 0) {
		sk_diag_sys(diag, "%s", path);
		free(path);
		return SK_ESYS;
	}
	free(path);
	if (sk_sys_lock(fd, true) != 0)
		return lock_failed(fd, topic, diag);
	leave_note(fd);
	return fd;
}

void
sk_log_unlock(int fd)
{
	sk_sys_close(fd);
}

int
sk_log_locked(const char *topic, char *who, size_t cap)
{
	char *path = sk_topic_path(topic, ".lock");
	int fd, held, keep;

	fd = sk_sys_open(path, O_RDONLY, 0);
	free(path);
	if (fd < 0)
		return errno == ENOENT ? 0 : SK_ESYS;
	held = sk_sys_locked(fd);
	keep = errno;
	if (held > 0 && who != NULL)
		read_note(fd, who, cap);
	sk_sys_close(fd);
	errno = keep;
	return held < 0 ? SK_ESYS : held;
}
