/*
 * Failing system calls.  Each scenario is run once to count its calls; then
 * for each call and each kind of failure it is run again with that call
 * failing, once and from then on.  Whatever comes of it, nothing acknowledged
 * may be lost, neither from the page cache nor by a power cut behind it, the
 * writer must not end as if all were well unless all is, and the log must open
 * again.  EINTR, short reads and short writes must not be seen at all.
 *
 *	torture_fault [SEED [CASE TITLE]]
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libmemfs.h"
#include "librig.h"

#define BIT(call) (1U << MEMFS_##call)
#define ANY ((1U << MEMFS_CALLS) - 1)

enum special { NONE, ONE_BYTE, ALL_BUT_ONE, BACK, FORWARD, HALF_FULL };

struct kind {
	const char *name;
	int err;
	unsigned mask;
	bool invisible; /* the scenario must succeed all the same */
	enum special special;
};

static const struct kind kinds[] = {
	{ "EIO", EIO, BIT(OPEN) | BIT(READ) | BIT(WRITE) | BIT(TRUNCATE) |
	    BIT(SYNC) | BIT(CLOSE) | BIT(RENAME) | BIT(UNLINK) | BIT(LIST) |
	    BIT(STAT) | BIT(MKDIR), false, NONE },
	{ "EIO of sync", EIO, BIT(SYNC), false, NONE },
	{ "ENOSPC", ENOSPC, BIT(OPEN) | BIT(WRITE) | BIT(TRUNCATE) | BIT(SYNC) |
	    BIT(RENAME) | BIT(MKDIR) | BIT(CLOSE), false, NONE },
	{ "ENOSPC of write", ENOSPC, BIT(WRITE), false, NONE },
	{ "ENOSPC behind a short write", ENOSPC, BIT(WRITE), false, HALF_FULL },
	{ "EDQUOT", EDQUOT, BIT(WRITE) | BIT(SYNC), false, NONE },
	{ "EFBIG", EFBIG, BIT(WRITE), false, NONE },
	{ "EMFILE", EMFILE, BIT(OPEN) | BIT(LIST) | BIT(INOTIFY), false, NONE },
	{ "ENOMEM", ENOMEM, ANY & ~BIT(CLOSE), false, NONE },
	{ "EROFS", EROFS, BIT(OPEN) | BIT(WRITE) | BIT(TRUNCATE) | BIT(RENAME) |
	    BIT(UNLINK) | BIT(MKDIR), false, NONE },
	{ "EACCES", EACCES, BIT(OPEN) | BIT(RENAME) | BIT(UNLINK) | BIT(MKDIR) |
	    BIT(LIST) | BIT(STAT), false, NONE },
	{ "ESTALE", ESTALE, ANY, false, NONE },
	{ "ENOLCK", ENOLCK, BIT(LOCK), false, NONE },
	{ "EXDEV", EXDEV, BIT(RENAME), false, NONE },
	{ "EINTR", EINTR, BIT(READ) | BIT(WRITE) | BIT(POLL), true, NONE },
	{ "one byte", 0, 0, true, ONE_BYTE },
	{ "all but one byte", 0, 0, true, ALL_BUT_ONE },
	{ "the clock goes back an hour", 0, 0, true, BACK },
	{ "the clock goes forward ten years", 0, 0, true, FORWARD }
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct scenario {
	const char *title;
	struct rig_append append;
	void (*then)(void *arg);
	const struct rig_args *args;
};

static void
prepare(const struct scenario *s)
{
	rig_forget();
	memfs_reset(s->args->seed);
	if (s->then == NULL)
		return;
	rig_run_append((void *)(uintptr_t)&s->append);
	rig.closed = false;
	memfs_close_all();
	memfs_count_from_zero();
}

static bool
run(const struct scenario *s)
{
	if (s->then != NULL)
		return memfs_run(s->then, NULL);
	return memfs_run(rig_run_append, (void *)(uintptr_t)&s->append);
}

static void
plan(const struct kind *kind, uint64_t n, bool once)
{
	uint64_t more = once ? 0 : kind->err == EINTR ? 3 : UINT64_MAX / 2;
	int64_t hour = INT64_C(3600) * 1000000000;

	switch (kind->special) {
	case NONE:
		memfs_fail(n, kind->err, kind->mask, more);
		break;
	case ONE_BYTE:
	case ALL_BUT_ONE:
		memfs_short(n, kind->special == ALL_BUT_ONE, more);
		break;
	case HALF_FULL:
		memfs_short(n, true, 0);
		memfs_fail(n + 1, kind->err, kind->mask, once ? 0 : 2);
		break;
	case BACK:
		memfs_jump(n, -hour);
		break;
	case FORWARD:
		memfs_jump(n, 24 * 3652 * hour);
		break;
	}
}

/* The log after the fault: as the page cache has it, written on; then after a
 * power cut behind that; and after one that came at once. */
static const char *
all_views(const struct rig *known)
{
	size_t point = memfs_points();
	struct memfs_tape *tape;
	const char *wrong;

	wrong = rig_verify(RIG_TWICE | RIG_GO_ON | RIG_READ);
	tape = memfs_take();
	if (wrong == NULL) {
		memfs_boot(tape, memfs_tape_points(tape), MEMFS_A, 0, 0);
		wrong = rig_verify(0);
	}
	if (wrong == NULL) {
		rig = *known;
		memfs_boot(tape, point, MEMFS_A, 0, 0);
		wrong = rig_verify(RIG_GO_ON);
	}
	memfs_tape_free(tape);
	return wrong;
}

static const char *
one_fault(void *arg, uint64_t number)
{
	static char words[3600];
	const struct scenario *s = arg;
	const struct kind *kind = &kinds[number % KINDS];
	uint64_t n = number / KINDS / 2 + 1;
	bool once = number / KINDS % 2 == 0;
	const char *wrong = NULL;
	char call[32];
	struct rig known;

	prepare(s);
	plan(kind, n, once);
	if (!run(s))
		return "killed?";
	if (!memfs_fault_hit())
		return NULL;
	memfs_no_faults();
	snprintf(call, sizeof call, "%s", memfs_fault_call());
	known = rig;
	if (kind->invisible && (!rig.closed || rig.err != 0))
		wrong = "it was seen";
	else if (!rig.closed && rig.err == 0)
		wrong = "no error, and not closed";
	else if (!rig.closed && rig.diag.text[0] == '\0')
		wrong = "an error without words";
	else if (rig.err == 0 && rig.notices == 0 && kind->mask == BIT(SYNC))
		wrong = "a failed sync was not told";
	if (memfs_open_files() > 0)
		wrong = "a descriptor is left open";
	if (wrong == NULL)
		wrong = all_views(&known);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "%s at call %llu, %s, %s: %s (%d %s)",
	    kind->name, (unsigned long long)n, call,
	    once ? "once" : "from then on", wrong, known.err, known.diag.text);
	return words;
}

static const struct scenario scenarios[] = {
	{ .title = "fault: append, sync=block",
	    .append = { .sync = "block", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "fault: append, sync=interval",
	    .append = { .sync = "interval:1s", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "fault: append, sync=none",
	    .append = { .sync = "none", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "fault: append, opened again",
	    .append = { .sync = "interval:600ms", .blocks = 20, .lines = 8,
		.segment_bytes = "6000", .reopen = 6 } },
	{ .title = "fault: append, retention",
	    .append = { .sync = "block", .blocks = 40, .lines = 8,
		.segment_bytes = "3000", .retain = "9000" } },
	{ .title = "fault: recovery",
	    .append = { .sync = "block", .blocks = 10, .lines = 8,
		.segment_bytes = "3000", .leave = true },
	    .then = rig_run_recover },
	{ .title = "fault: repack",
	    .append = { .sync = "block", .blocks = 30, .lines = 5,
		.segment_bytes = "3000", .reopen = 10 },
	    .then = rig_run_repack },
	{ .title = "fault: retention",
	    .append = { .sync = "block", .blocks = 30, .lines = 5,
		.segment_bytes = "3000", .reopen = 10, .retain = "1G" },
	    .then = rig_run_retain }
};

static void
run_scenario(const struct rig_args *args, const struct scenario *base)
{
	struct scenario s = *base;
	uint64_t n;

	s.args = args;
	prepare(&s);
	run(&s);
	n = memfs_calls() * KINDS * 2;
	if (rig.err != 0 || n == 0) {
		rig_wrong(args, s.title, 0, rig.diag.text);
		rig_result(s.title, 0, 1);
		return;
	}
	rig_result(s.title, n, rig_each(args, s.title, n, 200, one_fault, &s));
}

int
main(int argc, char **argv)
{
	struct rig_args args;
	uint64_t round, rounds;
	size_t i;

	rig_args(&args, argc, argv);
	rounds = args.large ? 5 : 1;
	for (round = 0; round < rounds; round++, args.seed++)
		for (i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
			run_scenario(&args, &scenarios[i]);
	rig_done();
}
