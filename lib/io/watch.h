/*
 * Wait until something happens in a folder: a file written, made, moved in or
 * deleted.
 *
 * inotify tells most of it at once.  It is silent on network file systems,
 * its queue can overflow and its descriptors are scarce, so every wait also
 * ends after a second with "look again", and where inotify cannot be had the
 * waits are a poll from 10 ms, doubling to 1 s.  A caller therefore treats an
 * answer as a reason to look, never as news: look with stat, then wait again.
 *
 *	sk_watch_init(&w);
 *	sk_watch_add(&w, "web");
 *	for (;;) {
 *		if (look())             found something
 *			sk_watch_busy(&w);
 *		else
 *			sk_watch_wait(&w, &stop, 1, -1, &why);
 *	}
 *
 * What happens between a look and the wait behind it is not lost: inotify
 * keeps it.  Add the folder before the first look.
 *
 * The struct owns its descriptor and the names; sk_watch_free releases both
 * and accepts a zeroed object (which has no descriptor).
 */
#ifndef SK_IO_WATCH_H
#define SK_IO_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_WATCH_FDS_MAX 8 /* of the caller's, in one wait */

enum {
	SK_WATCH_DATA = 1,  /* a file in a folder may have been written */
	SK_WATCH_NAMES = 2, /* a name may have come or gone */
	SK_WATCH_READY = 4, /* a descriptor of the caller's: see its revents */
	SK_WATCH_SIGNAL = 8 /* a signal handler ran */
};

struct sk_watch_dir {
	char *path;
	int wd; /* -1: not watched now, tried again every second */
};

struct sk_watch {
	int fd;          /* inotify; -1: it cannot be had */
	bool starved;    /* no room to watch some folder: poll */
	int delay_ms;    /* from one poll to the next */
	int64_t look_ns; /* when the caller is told to look in any case */
	struct sk_watch_dir *dir;
	size_t n;
};

/* Never fails: without inotify it polls. */
void sk_watch_init(struct sk_watch *w);

/* Watch the files of this folder; a second time is no change.  A folder that
 * does not exist yet is watched as soon as it does. */
void sk_watch_add(struct sk_watch *w, const char *dir);

/* The caller has found something to do: polls start from 10 ms again. */
void sk_watch_busy(struct sk_watch *w);

/* The descriptor that is readable when something happened, -1 if there is
 * none: for a poll of the caller's own, which must then not wait longer than
 * 10 ms to 1 s.  Reading it is left to sk_watch_wait. */
int sk_watch_fd(const struct sk_watch *w);

/*
 * Wait for a change, for one of n (at most SK_WATCH_FDS_MAX) descriptors of
 * the caller's (negative ones are passed over), or for timeout_ns (negative:
 * no limit); 0 takes what is there.  *why gets the reasons, none at a
 * timeout.  0, or SK_ESYS.
 */
int sk_watch_wait(struct sk_watch *w, struct pollfd *fds, size_t n,
    int64_t timeout_ns, unsigned *why);

void sk_watch_free(struct sk_watch *w);

#endif
