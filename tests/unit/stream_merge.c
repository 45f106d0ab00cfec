/*
 * stream/merge against its definition, over generated inputs: an event that is
 * before its own input's watermark is late, all others come out sorted by
 * (time, input, place).  The same bytes from files and from FIFOs, whatever the
 * sizes of writes and whoever writes first.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/file.h"
#include "stream/merge.h"

enum { INPUTS_MAX = 20, EVENTS_MAX = 300 };

enum fate { OUT, LATE, BAD };

struct event {
	int64_t key;    /* of its place in the order */
	size_t input, place;
	enum fate fate;
	size_t at, len; /* of its line */
};

/* Inputs, and what is to come out of them. */
struct plan {
	struct sk_rng rng;
	size_t ninputs, n;
	int64_t delay;
	struct event event[INPUTS_MAX * EVENTS_MAX];
	struct sk_buf bytes[INPUTS_MAX];
};

static size_t
below(struct plan *plan, size_t n)
{
	return (size_t)(sk_rng_next(&plan->rng) % n);
}

/* One line in thirty is bad, one in fifty long. */
static void
make_line(struct plan *plan, struct event *event, int64_t ns)
{
	struct sk_buf *buf = &plan->bytes[event->input];
	size_t pad = below(plan, 50) == 0 ? 20000 : below(plan, 60), i;

	event->at = buf->len;
	if (event->fate == BAD)
		sk_buf_fmt(buf, "bad %zu %zu", event->input, event->place);
	else
		sk_buf_fmt(buf, "%" PRId64 " %zu %zu ", ns, event->input,
		    event->place);
	for (i = 0; i < pad; i++)
		sk_buf_char(buf, (char)('a' + below(plan, 26)));
	event->len = buf->len - event->at;
	sk_buf_char(buf, '\n');
}

/* Times that step on by up to `step` and go back by up to `disorder`. */
static void
make_input(struct plan *plan, size_t input, int64_t step, int64_t disorder)
{
	int64_t now = (int64_t)below(plan, 100), latest = INT64_MIN, ns;
	size_t n = below(plan, EVENTS_MAX), place;
	struct event *event;

	sk_buf_reset(&plan->bytes[input]);
	for (place = 0; place < n; place++) {
		event = &plan->event[plan->n++];
		now += (int64_t)below(plan, (size_t)step + 1);
		ns = now - (int64_t)below(plan, (size_t)disorder + 1);
		event->input = input;
		event->place = place;
		event->fate = OUT;
		event->key = latest == INT64_MIN ? INT64_MIN
		    : latest - plan->delay;
		if (below(plan, 30) == 0)
			event->fate = BAD;
		else if (latest != INT64_MIN && ns < latest - plan->delay)
			event->fate = LATE;
		else
			event->key = ns;
		if (event->fate == OUT && ns > latest)
			latest = ns;
		make_line(plan, event, ns);
	}
}

static void
make_plan(struct plan *plan, uint64_t seed)
{
	static const int64_t delays[] = { 0, 0, 1, 10, 200, 5000 };
	static const int64_t steps[] = { 0, 1, 3, 50 };
	int64_t disorder;
	size_t i;

	sk_rng_init(&plan->rng, seed);
	plan->ninputs = 1 + below(plan, INPUTS_MAX);
	plan->delay = delays[below(plan, 6)];
	disorder = plan->delay;
	if (below(plan, 2) == 0)
		disorder += delays[below(plan, 6)];
	plan->n = 0;
	for (i = 0; i < plan->ninputs; i++)
		make_input(plan, i, steps[below(plan, 4)], disorder);
}

static int
compare(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->input != y->input)
		return x->input < y->input ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

/* The lines of one fate in their order. */
static void
expect(struct plan *plan, enum fate fate, struct sk_buf *want)
{
	const struct event *event;
	size_t i;

	qsort(plan->event, plan->n, sizeof(plan->event[0]), compare);
	sk_buf_reset(want);
	for (i = 0; i < plan->n; i++) {
		event = &plan->event[i];
		if (event->fate != fate)
			continue;
		if (fate == BAD)
			sk_buf_fmt(want, "%zu:%zu\tnot nanoseconds since "
			    "1970\t", event->input, event->place + 1);
		sk_buf_add(want, plan->bytes[event->input].ptr + event->at,
		    event->len);
		sk_buf_char(want, '\n');
	}
}

static void
same_file(const char *path, const struct sk_buf *want, uint64_t seed)
{
	struct sk_buf got = { 0 };

	assert_int_equal(sk_file_load(path, (size_t)1 << 30, &got), 0);
	if (got.len != want->len || (got.len > 0 &&
	    memcmp(got.ptr, want->ptr, got.len) != 0))
		fail_msg("%s differs, seed %" PRIu64, path, seed);
	sk_buf_free(&got);
}

/* A writer of input i in pieces, in a process of its own. */
static void
write_slowly(const struct plan *plan, size_t i, const char *name)
{
	const struct sk_buf *buf = &plan->bytes[i];
	struct sk_rng rng;
	size_t at = 0, len, most;
	int fd;

	if (fork() != 0)
		return;
	sk_rng_init(&rng, plan->rng.state + i);
	for (at = sk_rng_next(&rng) % 20; at > 0; at--)
		sched_yield();
	fd = open(name, O_WRONLY);
	most = 1 + sk_rng_next(&rng) % 3000;
	for (at = 0; at < buf->len; at += len) {
		len = 1 + sk_rng_next(&rng) % most;
		if (len > buf->len - at)
			len = buf->len - at;
		if (write(fd, buf->ptr + at, len) != (ssize_t)len)
			_exit(1);
		if (sk_rng_next(&rng) % 4 == 0)
			sched_yield();
	}
	_exit(0);
}

static void
put_inputs(const struct plan *plan, char (*name)[24], bool fifos)
{
	size_t i;
	int fd;

	for (i = 0; i < plan->ninputs; i++) {
		snprintf(name[i], sizeof(name[i]), "%zu", i);
		unlink(name[i]);
		if (fifos) {
			assert_int_equal(mkfifo(name[i], 0600), 0);
			write_slowly(plan, i, name[i]);
			continue;
		}
		fd = open(name[i], O_WRONLY | O_CREAT, 0600);
		assert_true(fd >= 0);
		assert_int_equal(sk_file_write(fd, plan->bytes[i].ptr,
		    plan->bytes[i].len, NULL), 0);
		close(fd);
	}
}

static void
run(const struct plan *plan, bool fifos, uint64_t max_held)
{
	char name[INPUTS_MAX][24], time[] = "1:ns";
	char *inputs[INPUTS_MAX + 1] = { NULL };
	struct sk_shared shared;
	struct sk_merge merge = { .shared = &shared, .late = "late",
		.delay_ns = plan->delay, .max_held = max_held,
		.inputs = inputs };
	int status;
	size_t i;

	put_inputs(plan, name, fifos);
	for (i = 0; i < plan->ninputs; i++)
		inputs[i] = name[i];
	sk_shared_init(&shared, 0);
	shared.time = time;
	shared.output = "out";
	shared.bad = "bad";
	unlink("late");
	unlink("bad");
	assert_int_equal(sk_merge_run(&merge), SK_DONE);
	while (fifos && wait(&status) > 0)
		assert_int_equal(status, 0);
}

static void
follows_its_definition(void **state)
{
	struct plan *plan = sk_xcalloc(1, sizeof(*plan));
	struct sk_buf want = { 0 };
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = 0; seed < 150; seed++) {
		make_plan(plan, seed);
		run(plan, seed % 4 == 3, (uint64_t)1 << 30);
		expect(plan, OUT, &want);
		same_file("out", &want, seed);
		expect(plan, LATE, &want);
		same_file("late", &want, seed);
		expect(plan, BAD, &want);
		same_file("bad", &want, seed);
	}
	for (i = 0; i < INPUTS_MAX; i++)
		sk_buf_free(&plan->bytes[i]);
	sk_buf_free(&want);
	free(plan);
}

/* The first number of each line does not fall; returns the lines. */
static size_t
in_order(const struct sk_buf *lines)
{
	const char *at = lines->ptr, *end = lines->ptr + lines->len;
	int64_t last = INT64_MIN, now;
	size_t n = 0;

	for (; at < end; n++) {
		now = strtoll(at, NULL, 10);
		assert_true(now >= last);
		last = now;
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	}
	return n;
}

static size_t
lines_of(const struct sk_buf *lines)
{
	size_t n = 0, i;

	for (i = 0; i < lines->len; i++)
		n += lines->ptr[i] == '\n';
	return n;
}

/* Too small a buffer: nothing is lost, the output is in order, and a second
 * run gives the same bytes. */
static void
a_full_buffer_is_the_same_every_time(void **state)
{
	struct plan *plan = sk_xcalloc(1, sizeof(*plan));
	struct sk_buf out = { 0 }, late = { 0 }, bad = { 0 }, want = { 0 };
	size_t early = 0, i;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 25; seed++) {
		make_plan(plan, seed + 1000);
		run(plan, false, 65536);
		sk_buf_reset(&out);
		sk_buf_reset(&late);
		sk_buf_reset(&bad);
		assert_int_equal(sk_file_load("out", 1 << 30, &out), 0);
		assert_int_equal(sk_file_load("late", 1 << 30, &late), 0);
		assert_int_equal(sk_file_load("bad", 1 << 30, &bad), 0);
		assert_int_equal(in_order(&out) + lines_of(&late) +
		    lines_of(&bad), plan->n);
		expect(plan, LATE, &want);
		early += late.len > want.len;
		run(plan, true, 65536);
		same_file("out", &out, seed);
		same_file("late", &late, seed);
		same_file("bad", &bad, seed);
	}
	assert_true(early > 5); /* the limit was met */
	for (i = 0; i < INPUTS_MAX; i++)
		sk_buf_free(&plan->bytes[i]);
	sk_buf_free(&out);
	sk_buf_free(&late);
	sk_buf_free(&bad);
	sk_buf_free(&want);
	free(plan);
}

static int
enter(void **state)
{
	static char dir[] = "/tmp/sk-merge-XXXXXX";

	*state = dir;
	sk_level_set(SK_QUIET);
	return mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0;
}

static int
leave(void **state)
{
	static const char *const made[] = { "out", "late", "bad" };
	char name[24];
	size_t i;

	for (i = 0; i < 3; i++)
		unlink(made[i]);
	for (i = 0; i < INPUTS_MAX; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		unlink(name);
	}
	return chdir("/") != 0 || rmdir(*state) != 0 ? -1 : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_its_definition),
		cmocka_unit_test(a_full_buffer_is_the_same_every_time),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
