#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/file.h"
#include "io/sys.h"
#include "librig.h"
#include "log/conf.h"
#include "log/lock.h"
#include "log/recover.h"
#include "log/segment.h"
#include "libmemfs.h"

struct rig rig;

/* ---- what is sent ---- */

static struct {
	struct sk_buf bytes;
	size_t end[RIG_LINES + 1];
} text;

/* Lines of 8 to 130 bytes: a number, then words and noise; some hold a NUL. */
static void
make_text(void)
{
	struct sk_rng rng;
	size_t i, k, len;

	sk_rng_init(&rng, 20260101);
	for (i = 0; i < RIG_LINES; i++) {
		text.end[i] = text.bytes.len;
		sk_buf_fmt(&text.bytes, "%06zu ", i);
		len = (size_t)(sk_rng_next(&rng) % 60);
		for (k = 0; k < len; k++)
			sk_buf_char(&text.bytes,
			    "the same words again"[sk_rng_next(&rng) % 21]);
		len = (size_t)(sk_rng_next(&rng) % 64);
		for (k = 0; k < len; k++) {
			char c = (char)sk_rng_next(&rng);

			sk_buf_char(&text.bytes, c == '\n' ? ' ' : c);
		}
		sk_buf_char(&text.bytes, '\n');
	}
	text.end[RIG_LINES] = text.bytes.len;
}

struct sk_view
rig_text(uint64_t from, uint64_t to)
{
	if (text.bytes.len == 0)
		make_text();
	sk_assert(from <= to && to <= RIG_LINES);
	return sk_view(text.bytes.ptr + text.end[from],
	    text.end[to] - text.end[from]);
}

/* ---- what is known ---- */

void
rig_forget(void)
{
	memset(&rig, 0, sizeof rig);
}

void
rig_hush(void)
{
	rig.err = 0;
	rig.notices = 0;
	rig.said[0] = '\0';
	rig.diag.text[0] = '\0';
}

static void
hear(void *arg, const char *what)
{
	size_t len = strlen(rig.said);

	(void)arg;
	rig.notices++;
	snprintf(rig.said + len, sizeof rig.said - len, "%s\n", what);
}

const struct sk_notify *
rig_notify(void)
{
	static const struct sk_notify notify = { hear, NULL };

	return &notify;
}

void
rig_acknowledge(void *arg, uint32_t partition, uint64_t next_offset)
{
	(void)arg;
	(void)partition;
	rig.acked = next_offset;
	memfs_note(RIG_ACKED, next_offset);
}

/* ---- scenarios ---- */

void
rig_set(struct sk_log_policy *policy, const char *name, const char *value)
{
	char why[200];

	if (sk_log_policy_set(policy, name, value, why, sizeof why) != 0) {
		fprintf(stderr, "rig: %s=%s: %s\n", name, value, why);
		abort();
	}
}

static struct sk_log_writer *
open_writer(const struct rig_append *how)
{
	static const struct sk_log_ack ack = { rig_acknowledge, NULL };
	struct sk_log_writer_stat stat;
	struct sk_log_policy policy;
	struct sk_log_writer *writer;

	sk_log_policy_init(&policy);
	rig_set(&policy, "sync", how->sync);
	rig_set(&policy, "batch_bytes", "600");
	rig_set(&policy, "segment_bytes", how->segment_bytes);
	if (how->retain != NULL) {
		rig_set(&policy, "cleanup", "delete");
		rig_set(&policy, "retention_bytes", how->retain);
	}
	writer = sk_log_writer_open(RIG_TOPIC, &policy, &ack, rig_notify(),
	    &rig.err, &rig.diag);
	if (writer != NULL && how->resume) {
		sk_log_writer_stat(writer, &stat);
		rig.sent = stat.next_offset;
	}
	return writer;
}

/* A failure that may pass is tried again, as --on-full=wait does. */
static bool
settle(struct sk_log_writer *writer, int err)
{
	struct sk_diag diag;
	int tries;

	if (err == 0)
		return true;
	if (rig.err == 0)
		rig.err = err;
	for (tries = 0; tries < 3 && !sk_log_writer_failed(writer); tries++) {
		memfs_clock_add(INT64_C(1000000000));
		if (sk_log_writer_tick(writer, &diag) == 0)
			return true;
	}
	return false;
}

/* One batch, and now and then a pause.  False: the writer has failed. */
static bool
add_block(struct sk_log_writer *writer, const struct rig_append *how,
    unsigned i)
{
	struct sk_log_run run = { 0 };
	unsigned k, n = 1 + (i * 7 + 3) % how->lines;
	struct sk_view lines;
	int err;

	for (k = 0; k < n; k++) {
		lines = rig_text(rig.sent, rig.sent + 1);
		run.bytes = lines.ptr;
		run.len = lines.len;
		memfs_note(RIG_SENT, ++rig.sent);
		err = sk_log_writer_add(writer, &run, &rig.diag);
		if (!settle(writer, err))
			return false;
	}
	memfs_clock_add(INT64_C(250000000));
	err = sk_log_writer_tick(writer, &rig.diag);
	if (!settle(writer, err))
		return false;
	if (i % 3 == 2) {
		err = sk_log_writer_idle(writer, &rig.diag);
		if (!settle(writer, err))
			return false;
	}
	return true;
}

static void
close_writer(struct sk_log_writer *writer)
{
	struct sk_diag diag;
	int err = sk_log_writer_close(writer, &diag);

	if (err == 0) {
		rig.closed = true;
		rig.acked = rig.sent;
		memfs_note(RIG_ACKED, rig.sent);
	} else if (rig.err == 0) {
		rig.err = err;
		rig.diag = diag;
	}
}

void
rig_run_append(void *arg)
{
	const struct rig_append *how = arg;
	struct sk_log_writer *writer = open_writer(how);
	unsigned i;

	if (how->retain != NULL)
		rig.start = UINT64_MAX;
	for (i = 0; writer != NULL && i < how->blocks; i++) {
		if (how->reopen > 0 && i > 0 && i % how->reopen == 0) {
			close_writer(writer);
			if (!rig.closed)
				return;
			rig.closed = false;
			writer = open_writer(how);
			if (writer == NULL)
				return;
		}
		if (!add_block(writer, how, i))
			break;
	}
	if (writer != NULL && how->roll)
		settle(writer, sk_log_writer_roll(writer, &rig.diag));
	if (writer != NULL && !how->leave)
		close_writer(writer);
}

void
rig_make_folder(void)
{
	if (sk_sys_mkdir(RIG_TOPIC, 0755) != 0 || sk_file_sync_dir(".") != 0)
		abort();
}

void
rig_under_lock(int (*fn)(const struct sk_log_conf *conf))
{
	struct sk_log_conf conf;
	int fd = sk_log_lock(RIG_TOPIC, &rig.diag);

	if (fd < 0) {
		rig.err = fd;
		return;
	}
	rig.err = sk_log_conf_load(&conf, RIG_TOPIC, &rig.diag);
	if (rig.err == 0)
		rig.err = fn(&conf);
	rig.closed = rig.err == 0;
	sk_log_unlock(fd);
}

static int
recover(const struct sk_log_conf *conf)
{
	struct sk_recovered state = { 0 };
	int err = sk_log_recover(&state, RIG_TOPIC, conf, 0, rig_notify(),
	    &rig.diag);

	sk_recovered_free(&state);
	return err;
}

void
rig_run_recover(void *arg)
{
	(void)arg;
	rig_under_lock(recover);
}

/* ---- the oracle ---- */

static bool
is_segment(const char *name)
{
	return strlen(name) == 24 && strcmp(name + 20, ".zst") == 0;
}

static const char *
add_segment(struct sk_buf *raw, const char *name, struct sk_view file)
{
	static ZSTD_DCtx *dctx;
	static char out[65536];
	ZSTD_inBuffer in = { file.ptr, file.len, 0 };
	size_t left = 0;

	if (dctx == NULL)
		dctx = ZSTD_createDCtx();
	ZSTD_DCtx_reset(dctx, ZSTD_reset_session_only);
	if (file.len == 0)
		return "an empty segment";
	(void)name;
	while (in.pos < in.size) {
		ZSTD_outBuffer o = { out, sizeof out, 0 };

		left = ZSTD_decompressStream(dctx, &o, &in);
		if (ZSTD_isError(left))
			return "zstd -dc fails on a segment";
		sk_buf_add(raw, out, o.pos);
		if (left == 0 && in.pos < in.size)
			ZSTD_DCtx_reset(dctx, ZSTD_reset_session_only);
	}
	return left == 0 ? NULL : "zstd -dc finds a cut frame";
}

const char *
rig_content(struct sk_buf *raw, uint64_t *base)
{
	const char *wrong = NULL;
	char **names, path[300];
	struct sk_view file;
	bool any = false;
	size_t n, i;

	raw->len = 0;
	*base = 0;
	names = memfs_names(RIG_TOPIC, &n);
	for (i = 0; i < n && wrong == NULL; i++) {
		if (!is_segment(names[i]))
			continue;
		if (!any)
			*base = strtoull(names[i], NULL, 10);
		any = true;
		snprintf(path, sizeof path, RIG_TOPIC "/%s", names[i]);
		if (memfs_get(path, &file))
			wrong = add_segment(raw, names[i], file);
	}
	free(names);
	return wrong;
}

const char *
rig_compare(uint64_t *n)
{
	static struct sk_buf raw;
	static char words[200];
	const char *wrong;
	struct sk_view want;
	uint64_t base, end;

	wrong = rig_content(&raw, &base);
	if (wrong != NULL)
		return wrong;
	if (base > rig.start)
		return "lines are missing at the beginning";
	if (base > rig.sent)
		return "the log begins behind what was sent";
	want = rig_text(base, rig.sent);
	if (raw.len > want.len ||
	    (raw.len > 0 && memcmp(raw.ptr, want.ptr, raw.len) != 0))
		return "the log holds what was not sent so";
	if (raw.len > 0 && raw.ptr[raw.len - 1] != '\n')
		return "the log ends in half a line";
	for (end = base; rig_text(base, end).len < raw.len; end++)
		;
	if (end < rig.acked) {
		snprintf(words, sizeof words,
		    "acknowledged to %llu, the log ends at %llu",
		    (unsigned long long)rig.acked, (unsigned long long)end);
		return words;
	}
	if (n != NULL)
		*n = end;
	return NULL;
}

const char *
rig_compare_set(void)
{
	static struct sk_buf raw;
	static char words[200], seen[RIG_LINES];
	struct sk_view line;
	const char *wrong;
	uint64_t base, i, n = 0;
	size_t at;

	memset(seen, 0, sizeof seen);
	wrong = rig_content(&raw, &base);
	for (at = 0; wrong == NULL && at < raw.len; at += line.len) {
		i = strtoull(raw.ptr + at, NULL, 10);
		if (i >= rig.sent)
			return "a line that was not sent";
		line = rig_text(i, i + 1);
		if (line.len > raw.len - at ||
		    memcmp(line.ptr, raw.ptr + at, line.len) != 0)
			return "the log holds what was not sent so";
		if (seen[i]++)
			return "a line is there twice";
		n++;
	}
	if (wrong != NULL || n == rig.sent)
		return wrong;
	snprintf(words, sizeof words, "%llu lines sent, %llu stored",
	    (unsigned long long)rig.sent, (unsigned long long)n);
	return words;
}

static const char *
said(const char *what)
{
	static char words[3400];

	snprintf(words, sizeof words, "%s: %s%s%s", what, rig.diag.text,
	    rig.said[0] ? "; said: " : "", rig.said);
	words[strcspn(words, "\n")] = '\0';
	return words;
}

static const char *
recover_twice(void)
{
	uint64_t before = memfs_digest(RIG_TOPIC);

	rig_hush();
	rig_run_recover(NULL);
	if (rig.err != 0)
		return said("the second recovery refuses");
	if (rig.notices > 0)
		return said("the second recovery has something to say");
	if (memfs_digest(RIG_TOPIC) != before)
		return "the second recovery changes something";
	return NULL;
}

static const char *
go_on(uint64_t n)
{
	struct rig_append how = { .sync = "block", .blocks = 2, .lines = 3,
		.segment_bytes = "100M" };
	uint64_t want;

	rig_hush();
	rig.sent = n;
	rig.closed = false;
	rig_run_append(&how);
	if (!rig.closed)
		return said("cannot go on after recovery");
	want = rig.sent;
	rig.acked = want;
	return rig_compare(NULL);
}

/* Copy the newest segment as it is; false: there is none. */
static bool
copy_newest(struct sk_buf *bytes, char *path, size_t cap)
{
	struct sk_view file = { NULL, 0 };
	bool any = false;
	char **names;
	size_t n;

	bytes->len = 0;
	names = memfs_names(RIG_TOPIC, &n);
	while (!any && n-- > 0)
		any = is_segment(names[n]);
	if (any) {
		snprintf(path, cap, RIG_TOPIC "/%s", names[n]);
		memfs_get(path, &file);
		sk_buf_view(bytes, file);
	}
	free(names);
	return any;
}

/* Is a file of these bytes there as a torn tail? */
static bool
is_kept(const char *bytes, size_t len)
{
	struct sk_view file;
	char **names, path[300];
	bool found = false;
	size_t n, i;

	names = memfs_names(RIG_TOPIC, &n);
	for (i = 0; i < n && !found; i++) {
		snprintf(path, sizeof path, RIG_TOPIC "/%s", names[i]);
		found = strstr(names[i], ".torn-") != NULL &&
		    memfs_get(path, &file) && file.len == len &&
		    memcmp(file.ptr, bytes, len) == 0;
	}
	free(names);
	return found;
}

/* A reader that comes before any writer: it may see less, never refuse. */
static const char *
read_before(void)
{
	static struct sk_buf raw;
	uint64_t base = 0;
	char **names;
	size_t n, i;
	bool any = false;

	names = memfs_names(RIG_TOPIC, &n);
	for (i = n; i-- > 0;)
		if (is_segment(names[i])) {
			any = true;
			base = strtoull(names[i], NULL, 10);
		}
	free(names);
	if (!any)
		return NULL;
	rig_hush();
	if (rig_read_all(&raw, NULL) != 0)
		return said("a reader before recovery refuses");
	if (base > rig.sent || raw.len > rig_text(base, rig.sent).len ||
	    (raw.len > 0 && memcmp(raw.ptr, rig_text(base, rig.sent).ptr,
	    raw.len) != 0))
		return "a reader before recovery gives what was not sent";
	if (base < rig.acked && raw.len < rig_text(base, rig.acked).len)
		return "a reader before recovery misses acknowledged lines";
	return NULL;
}

/* Recover; what is cut off must be kept in a file. */
static const char *
recover_keeping(void)
{
	static struct sk_buf before;
	struct sk_view now;
	char path[300];

	rig_hush();
	if (!copy_newest(&before, path, sizeof path))
		rig_run_recover(NULL);
	else {
		rig_run_recover(NULL);
		if (rig.err == 0 && memfs_get(path, &now) &&
		    now.len < before.len &&
		    memcmp(now.ptr, before.ptr, now.len) == 0 &&
		    !is_kept(before.ptr + now.len, before.len - now.len))
			return "bytes were cut and not kept";
	}
	return rig.err != 0 ? said("recovery refuses") : NULL;
}

const char *
rig_verify(unsigned how)
{
	const char *wrong;
	uint64_t n;

	memfs_no_faults();
	if (memfs_open_files() > 0)
		return "descriptors are left open";
	if (!sk_log_conf_there(RIG_TOPIC)) {
		if (rig.acked > 0)
			return "acknowledged lines, and no topic";
		return how & RIG_GO_ON ? go_on(0) : NULL;
	}
	wrong = how & RIG_SET ? NULL : read_before();
	if (wrong == NULL)
		wrong = recover_keeping();
	if (wrong == NULL)
		wrong = how & RIG_SET ? rig_compare_set() :
		    rig_compare(&n);
	if (wrong == NULL && (how & RIG_TWICE))
		wrong = recover_twice();
	if (wrong == NULL && (how & RIG_GO_ON))
		wrong = go_on(n);
	if (wrong == NULL && (how & RIG_READ))
		wrong = rig_read();
	return wrong;
}

/* ---- the drivers ---- */

static struct {
	unsigned tests;
	bool failed;
	const char *name;
	const char *title; /* of rig_args */
} tap;

void
rig_args(struct rig_args *args, int argc, char **argv)
{
	memset(args, 0, sizeof *args);
	tap.name = argv[0];
	args->seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	args->one = argc > 2;
	args->only = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	args->title = tap.title = argc > 3 ? argv[3] : NULL;
	args->large = getenv("SK_LONG") != NULL;
	printf("# seed %llu\n", (unsigned long long)args->seed);
}

void
rig_result(const char *title, uint64_t states, uint64_t wrong)
{
	if (tap.title != NULL && strcmp(tap.title, title) != 0)
		return;
	printf("%s %u - %s (%llu states, %llu wrong)\n",
	    wrong ? "not ok" : "ok", ++tap.tests, title,
	    (unsigned long long)states, (unsigned long long)wrong);
	tap.failed |= wrong > 0;
	fflush(stdout);
}

void
rig_wrong(const struct rig_args *args, const char *title, uint64_t number,
    const char *what)
{
	printf("# wrong: %s, case %llu: %s\n", title,
	    (unsigned long long)number, what);
	printf("# repeat: %s %llu %llu '%s'\n", tap.name,
	    (unsigned long long)args->seed, (unsigned long long)number, title);
	fflush(stdout);
}

void
rig_done(void)
{
	printf("1..%u\n", tap.tests);
	fflush(stdout);
	_exit(tap.failed ? 1 : 0);
}

struct shared {
	uint64_t at;
	uint64_t wrong;
};

static void
child(const struct rig_args *args, const char *title, uint64_t end,
    const char *(*one)(void *arg, uint64_t number), void *arg,
    struct shared *shared)
{
	const char *wrong;

	for (; shared->at < end; shared->at++) {
		wrong = one(arg, shared->at);
		if (wrong != NULL && shared->wrong++ < 10)
			rig_wrong(args, title, shared->at, wrong);
		if (wrong != NULL && getenv("SK_FIRST") != NULL)
			_exit(9);
	}
	fflush(stdout);
	_exit(0);
}

uint64_t
rig_each(const struct rig_args *args, const char *title, uint64_t n,
    uint64_t batch, const char *(*one)(void *arg, uint64_t number), void *arg)
{
	struct shared *shared = mmap(NULL, sizeof *shared,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t end, wrong;
	int status;
	pid_t pid;

	sk_assert(shared != MAP_FAILED);
	if (args->title != NULL && strcmp(args->title, title) != 0)
		n = 0;
	shared->at = args->one ? args->only : 0;
	if (args->one)
		n = args->only < n ? args->only + 1 : 0;
	while (shared->at < n) {
		end = shared->at + batch < n ? shared->at + batch : n;
		fflush(stdout);
		pid = fork();
		sk_assert(pid >= 0);
		if (pid == 0)
			child(args, title, end, one, arg, shared);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (getenv("SK_FIRST") != NULL && status != 0)
			exit(1); /* seen: enough for a seeded bug */
		if (status != 0) {
			rig_wrong(args, title, shared->at, "the program died");
			shared->wrong++;
			shared->at++;
		}
	}
	wrong = shared->wrong;
	munmap(shared, sizeof *shared);
	return wrong;
}
