/*
 * How long an event takes through a pipeline: write a line, wait for the line
 * that comes out, N times with a pause between them.
 *
 *	latency N COMMAND [ARG ...]
 *
 * The command must answer each line on its standard input with one line.
 * Prints the median, the 99th percentile and the maximum in microseconds.
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP = 20, PAUSE_NS = 2000000, GIVE_UP_MS = 10000 };

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Read up to the end of a line. */
static int
answer(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	do {
		if (poll(&ready, 1, GIVE_UP_MS) <= 0)
			return -1;
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return -1;
	} while (bytes[n - 1] != '\n');
	return 0;
}

int
main(int argc, char **argv)
{
	const struct timespec pause = { 0, PAUSE_NS };
	int in[2], out[2], i, n = argc > 2 ? atoi(argv[1]) : 0, status = 0;
	double *took;
	pid_t pid;

	if (n < 1) {
		fprintf(stderr, "usage: latency N COMMAND [ARG ...]\n");
		return 2;
	}
	took = calloc((size_t)n, sizeof(*took));
	if (took == NULL || pipe(in) != 0 || pipe(out) != 0) {
		perror("latency");
		return 3;
	}
	signal(SIGPIPE, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		setpgid(0, 0);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(3);
	}
	close(in[0]);
	close(out[1]);
	for (i = -WARM_UP; i < n; i++) {
		char line[64];
		int len = snprintf(line, sizeof(line), "event %d\n", i);
		double began = now_us();

		if (write(in[1], line, (size_t)len) != len ||
		    answer(out[0]) != 0) {
			fprintf(stderr, "latency: no answer to line %d\n", i);
			status = 3;
			break;
		}
		if (i >= 0)
			took[i] = now_us() - began;
		nanosleep(&pause, NULL);
	}
	close(in[1]);
	kill(-pid, SIGTERM);
	waitpid(pid, NULL, 0);
	if (status == 0) {
		qsort(took, (size_t)n, sizeof(*took), by_value);
		printf("%.0f\t%.0f\t%.0f\n", took[n / 2],
		    took[(n - 1) * 99 / 100], took[n - 1]);
	}
	free(took);
	return status;
}
