#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "stream/stop.h"

/* What a handler may touch has to live in static storage. */
static volatile sig_atomic_t stop_signal;
static volatile sig_atomic_t usr1_came;
static int wake[2] = { -1, -1 };

static void
poke(void)
{
	int keep = errno;

	if (write(wake[1], "", 1) < 0)
		errno = keep; /* the pipe is full: it is readable already */
	errno = keep;
}

static void
on_stop(int sig)
{
	if (stop_signal != 0) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	stop_signal = sig;
	poke();
}

static void
on_usr1(int sig)
{
	(void)sig;
	usr1_came = 1;
	poke();
}

static void
handle(int sig, void (*fn)(int))
{
	struct sigaction act, old;

	memset(&act, 0, sizeof(act));
	act.sa_handler = fn;
	sigemptyset(&act.sa_mask);
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		return;
	sigaction(sig, &act, NULL);
}

/* A descriptor that the parent closed must not become that of a file: input
 * would come from it, or messages go into it.  /dev/null the wrong way round
 * takes its place, so that a read or a write fails as it did. */
static void
fill_closed(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null",
		    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			exit(SK_SYSTEM);
}

void
sk_stop_init_plain(void)
{
	fill_closed();
	signal(SIGPIPE, SIG_DFL);
	/* A file at its size limit fails the write (EFBIG), as a full disk
	 * does. */
	signal(SIGXFSZ, SIG_IGN);
}

void
sk_stop_init(void)
{
	sk_stop_init_plain();
	if (pipe2(wake, O_NONBLOCK | O_CLOEXEC) != 0) {
		sk_error_sys("pipe");
		exit(SK_SYSTEM);
	}
	handle(SIGINT, on_stop);
	handle(SIGTERM, on_stop);
	handle(SIGHUP, on_stop);
	handle(SIGUSR1, on_usr1);
}

static void
drain(void)
{
	char bytes[64];

	while (read(wake[0], bytes, sizeof(bytes)) > 0)
		;
}

int
sk_stop_signal(void)
{
	return stop_signal;
}

int
sk_stop_fd(void)
{
	return wake[0];
}

bool
sk_stop_usr1(void)
{
	if (!usr1_came)
		return false;
	drain();
	usr1_came = 0;
	return true;
}

void
sk_stop_catch_pipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}

void
sk_stop_raise(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	_exit(128 + sig);
}

void
sk_stop_raise_pipe(void)
{
	sk_stop_raise(SIGPIPE);
}

void
sk_stop_exit(int status)
{
	if (stop_signal != 0)
		sk_stop_raise(stop_signal);
	exit(status);
}
