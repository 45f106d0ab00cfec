/*
 * kill -9 of the real tools, over and over.
 *
 *	kill BIN block|interval|none|tail KILLS [SEED [DIR]]
 *
 * Without a SEED, or an empty one, a random one is taken.
 *
 * Starts BIN/sk-append, feeds it, kills it after 0 to 40 ms, looks where the
 * log ends, and starts it again.  After every CYCLE kills, and at the end, the
 * log is read with sk-replay and with `zstd -dc`, and checked with sk-log
 * check; then a new topic begins.
 *
 * stdin: numbered lines; what `--ack` told is kept here, the log must hold at
 * least that and nothing but what was sent, in order.  tail: a file that is
 * written, rotated, copied and truncated, and compressed, also while no writer
 * runs; every line must be in the log exactly once, those of a file in order.
 *
 * Prints figures, and for a wrong verdict the words, the stderr of the tools
 * and the seed; the folder is left then.  Status 0, 1 wrong, 3 trouble.  The
 * moments of the kills are not repeatable, all else follows from the seed.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"

enum { CYCLE = 50, GENERATIONS = 4096 };

static struct {
	const char *bin;
	const char *mode;
	char dir[200];
	struct sk_rng rng;
	unsigned cycle;      /* of the topic */
	pid_t pid;           /* the running sk-append */
	int in, ack;         /* its stdin and what it acknowledges; -1 */
	struct sk_buf acks;  /* read and not yet understood */
	uint64_t sent, acked;
	uint64_t end;        /* of the log, when last looked */
	/* tail: the file by generations, a new one at each rotation */
	unsigned generation;
	uint64_t written[GENERATIONS];
	char half[200];      /* the rest of a line that is half written */
	uint64_t kills, lines, acknowledged, rotations, bytes;
} k;

static void wrong(const char *fmt, ...) SK_PRINTF(1, 2) SK_NORETURN;

static void
wrong(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "wrong: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nmode %s, topic %s/t%u, kill %llu; said last:\n",
	    k.mode, k.dir, k.cycle, (unsigned long long)k.kills);
	fflush(stderr);
	if (k.pid > 0)
		kill(k.pid, SIGKILL);
	snprintf(k.half, sizeof k.half, "tail -n 5 %.150s/stderr >&2", k.dir);
	if (system(k.half) != 0)
		fprintf(stderr, "(nothing)\n");
	exit(1);
}

static void
trouble(const char *what)
{
	perror(what);
	exit(3);
}

static uint64_t
below(uint64_t n)
{
	return sk_rng_next(&k.rng) % n;
}

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- lines ---- */

/* Line i of generation g; at most 199 bytes, with its newline. */
static size_t
make_line(char *out, unsigned g, uint64_t i)
{
	size_t len = (size_t)snprintf(out, 60, "%u %llu ", g,
	    (unsigned long long)i), end;
	struct sk_rng rng;

	sk_rng_init(&rng, (uint64_t)g << 40 | i);
	end = len + (size_t)(sk_rng_next(&rng) % 120);
	while (len < end)
		out[len++] = "abcdefgh 0123456"[sk_rng_next(&rng) >> 60];
	out[len++] = '\n';
	return len;
}

/* ---- processes ---- */

static void
in_child(const char *const *argv, int in, int out, int ack)
{
	char path[300];
	int err;

	snprintf(path, sizeof path, "%s/stderr", k.dir);
	err = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	dup2(in >= 0 ? in : open("/dev/null", O_RDONLY), 0);
	dup2(out >= 0 ? out : open("/dev/null", O_WRONLY), 1);
	dup2(err, 2);
	if (ack >= 0)
		dup2(ack, 3);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static pid_t
start(const char *const *argv, int in, int out, int ack)
{
	pid_t pid = fork();

	if (pid < 0)
		trouble("fork");
	if (pid == 0)
		in_child(argv, in, out, ack);
	return pid;
}

static int
finish(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			trouble("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static const char *
path_of(const char *name)
{
	static char path[4][320];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof path[0], "%s/%s%u", k.dir, name, k.cycle);
	return p;
}

static const char *
tool(const char *name)
{
	static char path[4][320];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof path[0], "%s/%s", k.bin, name);
	return p;
}

/* Run to the end and hand each piece of its output to fn. */
static int
run(const char *const *argv, void (*fn)(const char *bytes, size_t len))
{
	static char buf[65536];
	int pipes[2];
	ssize_t got;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		trouble("pipe");
	pid = start(argv, -1, pipes[1], -1);
	close(pipes[1]);
	while ((got = read(pipes[0], buf, sizeof buf)) > 0)
		fn(buf, (size_t)got);
	close(pipes[0]);
	return finish(pid);
}

/* ---- reading the log ---- */

static struct {
	uint64_t next[GENERATIONS]; /* line expected of a generation */
	struct sk_buf rest;         /* the beginning of a line */
	uint64_t n;                 /* lines */
	bool zstd;
} seen;

static void
see_line(const char *line, size_t len)
{
	char want[200], *end;
	unsigned long g = strtoul(line, &end, 10);

	if (g >= GENERATIONS)
		wrong("a line of no file: %.60s", line);
	if (make_line(want, (unsigned)g, seen.next[g]) != len ||
	    memcmp(want, line, len) != 0)
		wrong("line %llu of the log: wanted %.40s..., found %.40s...",
		    (unsigned long long)seen.n, want, line);
	seen.next[g]++;
	seen.n++;
}

static void
see(const char *bytes, size_t len)
{
	size_t from = 0;
	char *nl;

	sk_buf_add(&seen.rest, bytes, len);
	while ((nl = memchr(seen.rest.ptr + from, '\n',
	    seen.rest.len - from)) != NULL) {
		size_t to = (size_t)(nl - seen.rest.ptr) + 1;

		see_line(seen.rest.ptr + from, to - from);
		from = to;
	}
	sk_buf_drop(&seen.rest, from);
}

static void
read_log(const char *const *argv, const char *name)
{
	int status;

	memset(seen.next, 0, sizeof seen.next);
	seen.rest.len = 0;
	seen.n = 0;
	status = run(argv, see);
	if (status != 0)
		wrong("%s: status %d", name, status);
	if (seen.rest.len > 0)
		wrong("%s: half a line at the end", name);
}

static struct sk_buf heard;

static void
hear(const char *bytes, size_t len)
{
	sk_buf_add(&heard, bytes, len);
}

/* Where the log ends, as a reader sees it without a writer. */
static uint64_t
log_end(void)
{
	const char *argv[] = { tool("sk-replay"), "--last", "1",
		"--with-offset", "-q", path_of("t"), NULL };
	char want[200], conf[220], *tab;
	uint64_t offset;
	size_t len;
	int status;

	heard.len = 0;
	status = run(argv, hear);
	snprintf(conf, sizeof conf, "%.200s/topic.conf", argv[5]);
	if (status != 0 && access(conf, F_OK) == 0)
		wrong("sk-replay --last 1: status %d", status);
	if (status != 0)
		return UINT64_MAX;
	if (heard.len == 0)
		return 0;
	tab = strchr(sk_buf_cstr(&heard), '\t');
	if (tab == NULL)
		wrong("--with-offset without a TAB: %s", heard.ptr);
	offset = strtoull(tab + 1, &tab, 10);
	len = make_line(want, 0, offset);
	if (heard.ptr + heard.len != tab + 1 + len ||
	    memcmp(tab + 1, want, len) != 0)
		wrong("the last line of the log is not what was sent there");
	return offset + 1;
}

static void
check_log(void)
{
	char zstd[700];
	const char *replay[] = { tool("sk-replay"), "-q", path_of("t"), NULL };
	const char *shell[] = { "sh", "-c", zstd, NULL };
	const char *check[] = { tool("sk-log"), "check", path_of("t"), NULL };
	uint64_t lines;
	int status;

	read_log(replay, "sk-replay");
	lines = seen.n;
	snprintf(zstd, sizeof zstd, "cat '%s'/*.zst | zstd -dcq", replay[2]);
	read_log(shell, "zstd -dc");
	if (seen.n != lines)
		wrong("sk-replay gives %llu lines, zstd -dc %llu",
		    (unsigned long long)lines, (unsigned long long)seen.n);
	heard.len = 0;
	status = run(check, hear);
	if (status != 0 || strstr(sk_buf_cstr(&heard), "bad") != NULL)
		wrong("sk-log check: status %d: %.300s", status, heard.ptr);
	k.lines += lines;
}

/* ---- the writer ---- */

static const char *
pick(const char *const *list, size_t n)
{
	return list[below(n)];
}

static void
start_writer(void)
{
	static const char *const batch[] = { "300", "4K", "64K", "256K" };
	static const char *const linger[] = { "0s", "1ms", "5ms", "200ms" };
	static const char *const segment[] = { "8K", "40K", "1M" };
	static const char *const sync[] = { "interval:1ms", "interval:7ms",
		"interval:1s" };
	const char *argv[24];
	bool tail = strcmp(k.mode, "tail") == 0;
	int in[2], ack[2], n = 0;

	argv[n++] = tool("sk-append");
	argv[n++] = "--sync";
	if (strcmp(k.mode, "interval") == 0 || tail)
		argv[n++] = pick(sync, 3);
	else
		argv[n++] = k.mode;
	argv[n++] = "--batch-bytes";
	argv[n++] = pick(batch, 4);
	argv[n++] = "--linger";
	argv[n++] = pick(linger, 4);
	argv[n++] = "--segment-bytes";
	argv[n++] = pick(segment, 3);
	if (tail) {
		argv[n++] = "--rotate-wait";
		argv[n++] = "10ms";
		argv[n++] = "--tail";
		argv[n++] = path_of("log");
	} else {
		argv[n++] = "--ack";
		argv[n++] = "3";
	}
	argv[n++] = path_of("t");
	argv[n] = NULL;
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(ack, O_CLOEXEC) != 0)
		trouble("pipe");
	k.pid = start(argv, in[0], -1, ack[1]);
	close(in[0]);
	close(ack[1]);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(ack[0], F_SETFL, O_NONBLOCK);
	k.in = in[1];
	k.ack = ack[0];
	k.acks.len = 0;
}

static void
read_acks(void)
{
	char buf[4096], *nl, *end;
	uint64_t next;
	ssize_t got;

	while ((got = read(k.ack, buf, sizeof buf)) > 0)
		sk_buf_add(&k.acks, buf, (size_t)got);
	while (k.acks.len > 0 &&
	    (nl = memchr(k.acks.ptr, '\n', k.acks.len)) != NULL) {
		if (strncmp(k.acks.ptr, "A 0 ", 4) != 0)
			wrong("an acknowledgement reads %.30s", k.acks.ptr);
		next = strtoull(k.acks.ptr + 4, &end, 10);
		if (end != nl)
			wrong("an acknowledgement reads %.30s", k.acks.ptr);
		if (next > k.sent)
			wrong("acknowledged %llu of %llu sent",
			    (unsigned long long)next,
			    (unsigned long long)k.sent);
		if (next > k.acked)
			k.acked = next;
		sk_buf_drop(&k.acks, (size_t)(nl - k.acks.ptr) + 1);
	}
}

static void
end_writer(void)
{
	int status;

	kill(k.pid, SIGKILL);
	status = finish(k.pid);
	if (status != 128 + SIGKILL)
		wrong("sk-append ended by itself with status %d", status);
	k.pid = 0;
	close(k.in);
	if (strcmp(k.mode, "tail") != 0)
		read_acks();
	close(k.ack);
	k.kills++;
}

/* ---- feeding a pipe ---- */

/* Some lines; the pipe may take only a part of the last. */
static void
feed_pipe(struct sk_buf *out)
{
	char line[200];
	ssize_t put;
	uint64_t n;

	if (out->len == 0)
		for (n = 1 + below(1 + below(60)); n > 0; n--)
			sk_buf_add(out, line, make_line(line, 0, k.sent++));
	put = write(k.in, out->ptr, out->len);
	if (put > 0)
		sk_buf_drop(out, (size_t)put);
}

static void
round_of_pipe(void)
{
	static struct sk_buf out;
	int64_t until;
	uint64_t pauses = 1 + below(4), began = k.acked;

	out.len = 0;
	start_writer();
	until = now_us() + (int64_t)below(40000);
	while (now_us() < until) {
		feed_pipe(&out);
		read_acks();
		if (below(pauses) == 0)
			usleep((useconds_t)below(3000));
	}
	end_writer();
	k.end = log_end();
	if (k.end == UINT64_MAX) {
		if (k.acked > 0)
			wrong("acknowledged %llu, and no topic",
			    (unsigned long long)k.acked);
		k.end = 0;
	}
	if (k.end < k.acked)
		wrong("acknowledged to %llu, the log ends at %llu",
		    (unsigned long long)k.acked, (unsigned long long)k.end);
	if (k.end > k.sent)
		wrong("sent %llu, the log ends at %llu",
		    (unsigned long long)k.sent, (unsigned long long)k.end);
	k.acknowledged += k.acked - began;
	k.sent = k.end;
	k.acked = k.end;
}

/* ---- a file that is followed ---- */

static void
write_file(void)
{
	char line[200];
	int fd = open(path_of("log"), O_WRONLY | O_CREAT | O_APPEND, 0644);
	size_t len, part;
	uint64_t n;

	if (fd < 0)
		trouble("log");
	if (k.half[0] != '\0') {
		len = strlen(k.half);
		if (write(fd, k.half, len) != (ssize_t)len)
			trouble("log");
		k.half[0] = '\0';
	}
	for (n = 1 + below(1 + below(80)); n > 0; n--) {
		len = make_line(line, k.generation,
		    k.written[k.generation]++);
		part = n == 1 && below(4) == 0 ? 1 + below(len - 1) : len;
		if (write(fd, line, part) != (ssize_t)part)
			trouble("log");
		memcpy(k.half, line + part, len - part);
		k.half[len - part] = '\0';
	}
	close(fd);
}

static void shell(const char *fmt, ...) SK_PRINTF(1, 2);

static void
shell(const char *fmt, ...)
{
	char cmd[900];
	va_list args;

	va_start(args, fmt);
	vsnprintf(cmd, sizeof cmd, fmt, args);
	va_end(args);
	if (system(cmd) != 0)
		trouble(cmd);
}

/* Does the log know the file of this generation?  One that is rotated before
 * a line of it was stored is nobody's. */
static bool
is_known(void)
{
	const char *argv[] = { tool("sk-replay"), "--last", "1", "-q",
		path_of("t"), NULL };

	heard.len = 0;
	return run(argv, hear) == 0 && heard.len > 0 &&
	    strtoul(sk_buf_cstr(&heard), NULL, 10) == k.generation;
}

/* The file goes and a new generation begins, if the line is whole. */
static void
rotate(void)
{
	const char *log = path_of("log");
	char old[400];
	struct stat st;

	if (k.half[0] != '\0' || k.generation + 1 >= GENERATIONS ||
	    stat(log, &st) != 0 || st.st_size < 1024 || !is_known())
		return;
	snprintf(old, sizeof old, "%s.%u", log, k.generation);
	if (below(4) == 0) { /* copytruncate: nothing is written in between */
		shell("cp %s %s", log, old);
		if (truncate(log, 0) != 0)
			trouble("truncate");
	} else if (rename(log, old) != 0) {
		trouble("rename");
	}
	if (below(4) == 0)
		shell("gzip %s", old);
	k.generation++;
	k.rotations++;
}

static void
round_of_tail(void)
{
	int64_t until;

	if (below(3) == 0)
		write_file();
	if (below(12) == 0)
		rotate();
	start_writer();
	until = now_us() + (int64_t)below(40000);
	while (now_us() < until) {
		if (below(3) == 0)
			write_file();
		if (below(40) == 0)
			rotate();
		usleep((useconds_t)below(4000));
	}
	end_writer();
}

static void
nothing(const char *bytes, size_t len)
{
	(void)bytes;
	(void)len;
}

/* Take what is left, and see that every line is there once. */
static void
end_of_tail(void)
{
	const char *argv[] = { NULL, "--once", "--tail", NULL, NULL, NULL };
	unsigned g;
	int status;

	write_file(); /* it may just have been rotated */
	while (k.half[0] != '\0')
		write_file();
	argv[0] = tool("sk-append");
	argv[3] = path_of("log");
	argv[4] = path_of("t");
	status = run(argv, nothing);
	if (status != 0)
		wrong("sk-append --once: status %d", status);
	check_log();
	for (g = 0; g <= k.generation; g++)
		if (seen.next[g] != k.written[g])
			wrong("file %u has %llu lines, the log %llu of them", g,
			    (unsigned long long)k.written[g],
			    (unsigned long long)seen.next[g]);
}

static void
end_of_pipe(void)
{
	check_log();
	if (seen.n != k.end)
		wrong("the log ended at %llu and now at %llu",
		    (unsigned long long)k.end, (unsigned long long)seen.n);
}

/* ---- the loop ---- */

static void
one_cycle(uint64_t kills)
{
	bool tail = strcmp(k.mode, "tail") == 0;

	k.sent = k.acked = k.end = 0;
	k.generation = 0;
	memset(k.written, 0, sizeof k.written);
	k.half[0] = '\0';
	if (tail)
		write_file();
	while (kills-- > 0)
		if (tail)
			round_of_tail();
		else
			round_of_pipe();
	if (tail)
		end_of_tail();
	else if (k.end > 0)
		end_of_pipe();
	shell("rm -rf %s %s*", path_of("t"), path_of("log"));
	k.cycle++;
}

static void
parse(int argc, char **argv, uint64_t *kills, uint64_t *seed)
{
	if (argc < 4) {
		fprintf(stderr, "usage: kill BIN block|interval|none|tail "
		    "KILLS [SEED [DIR]]\n");
		exit(2);
	}
	k.bin = argv[1];
	k.mode = argv[2];
	*kills = strtoull(argv[3], NULL, 10);
	*seed = argc > 4 && argv[4][0] != '\0' ?
	    strtoull(argv[4], NULL, 10) : sk_rng_draw() >> 32;
	snprintf(k.dir, sizeof k.dir, "%s/sk-kill-XXXXXX",
	    argc > 5 ? argv[5] : "/tmp");
	if (mkdtemp(k.dir) == NULL)
		trouble(k.dir);
	sk_rng_init(&k.rng, *seed);
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	uint64_t kills, seed, part;

	parse(argc, argv, &kills, &seed);
	printf("# seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (; kills > 0; kills -= part) {
		part = kills < CYCLE ? kills : CYCLE;
		one_cycle(part);
	}
	shell("rm -rf %s", k.dir);
	printf("%s: %llu kills, %llu lines, %llu acknowledged, %llu "
	    "rotations, 0 wrong\n", k.mode, (unsigned long long)k.kills,
	    (unsigned long long)k.lines, (unsigned long long)k.acknowledged,
	    (unsigned long long)k.rotations);
	return 0;
}
