#include <sys/inotify.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/sys.h"
#include "io/watch.h"

#define POLL_MIN_MS 10
#define LOOK_MS 1000 /* with inotify, and the longest poll */

#define EVENTS (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE)

static bool
polls(const struct sk_watch *w)
{
	return w->fd < 0 || w->starved;
}

static void
set_look(struct sk_watch *w, int64_t now)
{
	w->look_ns = now +
	    (int64_t)(polls(w) ? w->delay_ms : LOOK_MS) * 1000000;
}

void
sk_watch_init(struct sk_watch *w)
{
	memset(w, 0, sizeof *w);
	w->fd = sk_sys_inotify_init();
	w->delay_ms = POLL_MIN_MS;
	set_look(w, sk_sys_mono_ns());
}

static void
try_watch(struct sk_watch *w, struct sk_watch_dir *dir)
{
	if (w->fd < 0)
		return;
	dir->wd = sk_sys_inotify_add(w->fd, dir->path, EVENTS);
	if (dir->wd < 0 && (errno == ENOSPC || errno == EMFILE ||
	    errno == ENOMEM))
		w->starved = true;
}

void
sk_watch_add(struct sk_watch *w, const char *dir)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->dir[i].path, dir) == 0)
			return;
	w->dir = sk_xrealloc(w->dir, w->n + 1, sizeof *w->dir);
	w->dir[w->n].path = sk_xstrdup(dir);
	w->dir[w->n].wd = -1;
	try_watch(w, &w->dir[w->n++]);
}

void
sk_watch_busy(struct sk_watch *w)
{
	w->delay_ms = POLL_MIN_MS;
	if (polls(w))
		set_look(w, sk_sys_mono_ns());
}

int
sk_watch_fd(const struct sk_watch *w)
{
	return w->fd;
}

/* A folder was removed, or another one stands where it was: its watch is
 * gone, and looked for again by name. */
static void
lose_watch(struct sk_watch *w, int wd)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->dir[i].wd == wd)
			w->dir[i].wd = -1;
}

static unsigned
reasons_of(struct sk_watch *w, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return SK_WATCH_DATA | SK_WATCH_NAMES;
	if (event->mask & IN_IGNORED) {
		lose_watch(w, event->wd);
		return SK_WATCH_DATA | SK_WATCH_NAMES;
	}
	return event->mask & IN_MODIFY ? SK_WATCH_DATA :
	    SK_WATCH_DATA | SK_WATCH_NAMES;
}

/* Take all that waits in the queue: one wake-up for any number of events. */
static unsigned
drain(struct sk_watch *w)
{
	_Alignas(struct inotify_event) char room[4096];
	const struct inotify_event *event;
	unsigned why = 0;
	ssize_t got, at;

	while ((got = sk_sys_read(w->fd, room, sizeof room)) > 0)
		for (at = 0; at < got;
		    at += (ssize_t)(sizeof *event + event->len)) {
			event = (const void *)(room + at);
			why |= reasons_of(w, event);
		}
	return why;
}

/* The time is over: look in any case, and try again what is not watched. */
static unsigned
look_anyway(struct sk_watch *w, int64_t now)
{
	size_t i;

	w->starved = false;
	for (i = 0; i < w->n; i++)
		if (w->dir[i].wd < 0)
			try_watch(w, &w->dir[i]);
	w->delay_ms = w->delay_ms < LOOK_MS / 2 ? w->delay_ms * 2 : LOOK_MS;
	set_look(w, now);
	return SK_WATCH_DATA | SK_WATCH_NAMES;
}

static int
poll_all(struct sk_watch *w, struct pollfd *fds, size_t n, int64_t wait_ns)
{
	struct pollfd all[SK_WATCH_FDS_MAX + 1];
	int got;
	size_t i;

	for (i = 0; i < n; i++)
		all[i] = fds[i];
	all[n].fd = w->fd;
	all[n].events = POLLIN;
	all[n].revents = 0;
	/* Rounded up: a deadline that is not reached would wake us at once,
	 * again and again, within its last millisecond. */
	got = sk_sys_poll(all, (nfds_t)n + 1,
	    (int)((wait_ns + 999999) / 1000000));
	for (i = 0; i < n; i++)
		fds[i].revents = got > 0 ? all[i].revents : 0;
	return got;
}

int
sk_watch_wait(struct sk_watch *w, struct pollfd *fds, size_t n,
    int64_t timeout_ns, unsigned *why)
{
	int64_t now = sk_sys_mono_ns();
	int64_t wait_ns = w->look_ns > now ? w->look_ns - now : 0;
	int got;
	size_t i;

	sk_assert(n <= SK_WATCH_FDS_MAX);
	*why = 0;
	if (timeout_ns >= 0 && timeout_ns < wait_ns)
		wait_ns = timeout_ns;
	got = poll_all(w, fds, n, wait_ns);
	if (got < 0 && errno != EINTR)
		return SK_ESYS;
	if (got < 0)
		*why |= SK_WATCH_SIGNAL;
	for (i = 0; i < n; i++)
		if (fds[i].revents != 0)
			*why |= SK_WATCH_READY;
	if (w->fd >= 0)
		*why |= drain(w);
	now = sk_sys_mono_ns();
	if (now >= w->look_ns)
		*why |= look_anyway(w, now);
	return 0;
}

void
sk_watch_free(struct sk_watch *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		free(w->dir[i].path);
	free(w->dir);
	if (w->fd > 0)
		sk_sys_close(w->fd);
	memset(w, 0, sizeof *w);
	w->fd = -1;
}
