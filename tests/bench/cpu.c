/*
 * What a command costs: run it N times and print the medians.
 *
 *	cpu [-n N] [-i FILE] [-p COMMAND] -- COMMAND [ARG ...]
 *
 * Standard input is FILE (/dev/null), standard output is dropped; the shell
 * command of -p runs before each run and is not counted.  One line comes out:
 *
 *	user+sys ms TAB wall ms TAB largest resident set of a process, KiB
 *
 * A command that is a pipeline goes through `sh -c`; its parts are counted
 * together, as the shell waits for them.
 */
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 101 };

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double
time_ms(struct timeval tv)
{
	return (double)tv.tv_sec * 1e3 + (double)tv.tv_usec / 1e3;
}

static void
child(const char *input, char **argv)
{
	int in = open(input, O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0) {
		fprintf(stderr, "cpu: %s: %s\n", input, strerror(errno));
		_exit(3);
	}
	close(in);
	close(out);
	execvp(argv[0], argv);
	fprintf(stderr, "cpu: %s: %s\n", argv[0], strerror(errno));
	_exit(3);
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), by_value);
	return values[n / 2];
}

int
main(int argc, char **argv)
{
	static double cpu[RUNS_MAX], wall[RUNS_MAX], rss[RUNS_MAX];
	const char *input = "/dev/null", *prepare = NULL;
	int n = 5, i, opt, status;

	while ((opt = getopt(argc, argv, "+n:i:p:")) != -1) {
		if (opt == 'n')
			n = (int)strtol(optarg, NULL, 10);
		else if (opt == 'i')
			input = optarg;
		else if (opt == 'p')
			prepare = optarg;
		else
			return 2;
	}
	if (optind == argc || n < 1 || n > RUNS_MAX) {
		fprintf(stderr, "usage: cpu [-n N] [-i FILE] [-p COMMAND] -- "
		    "COMMAND [ARG ...]\n");
		return 2;
	}
	for (i = 0; i < n; i++) {
		struct rusage used;
		double began;
		pid_t pid;

		if (prepare != NULL && system(prepare) != 0) {
			fprintf(stderr, "cpu: failed: %s\n", prepare);
			return 3;
		}
		began = now_ms();
		pid = fork();
		if (pid == 0)
			child(input, argv + optind);
		if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
			perror("cpu");
			return 3;
		}
		if (status != 0) {
			fprintf(stderr, "cpu: %s: ended with %#x\n",
			    argv[optind], (unsigned)status);
			return 3;
		}
		wall[i] = now_ms() - began;
		cpu[i] = time_ms(used.ru_utime) + time_ms(used.ru_stime);
		rss[i] = (double)used.ru_maxrss;
	}
	printf("%.2f\t%.2f\t%.0f\n", median(cpu, n), median(wall, n),
	    median(rss, n));
	return 0;
}
