/*
 * Salvage that is killed, and salvage while system calls fail: at each call,
 * before, in and after it, with each kind of failure, once and from then on.
 * The old topic stays as it is; the new one, as far as it came, is a log that
 * check finds nothing wrong with and that holds the first lines; and when
 * salvage says that all was copied, all of it is there, behind a power cut,
 * too.
 *
 *	torture_salvage [SEED [CASE TITLE]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libmemfs.h"
#include "librig.h"
#include "log/check.h"
#include "log/reader.h"
#include "log/salvage.h"

#define NEW "new"

enum { KILLS = 3 };

static const int errors[] = { EIO, ENOSPC, ENOMEM, EACCES, EINTR };

enum { ERRORS = sizeof errors / sizeof errors[0] };

/* A case is a kill of three kinds, or an error once or from then on. */
enum { CASES = KILLS + 2 * ERRORS };

static const struct rig_append made = { .sync = "block", .blocks = 20,
	.lines = 8, .segment_bytes = "3000", .reopen = 7 };

static struct sk_log_salvaged done;
static int result;
static uint64_t lines; /* in the old topic */

static void
salvage(void *arg)
{
	(void)arg;
	result = 1;
	result = sk_log_salvage(RIG_TOPIC, NEW, rig_notify(), &done,
	    &rig.diag);
}

static void
prepare(const struct rig_args *args)
{
	rig_forget();
	memfs_reset(args->seed);
	rig_run_append((void *)(uintptr_t)&made);
	lines = rig.sent;
	memfs_close_all();
	rig_hush();
	memfs_count_from_zero();
}

static void
look(void *arg, const struct sk_log_finding *found)
{
	bool *bad = arg;

	*bad |= found->verdict != SK_CHECK_OK;
}

/* The new topic holds the first *n lines: NULL, or what is wrong. */
static const char *
first_lines(uint64_t *n)
{
	struct sk_reader *reader;
	struct sk_reader_block block;
	struct sk_view want;
	const char *wrong = NULL;
	int got;

	*n = 0;
	if (sk_reader_open(&reader, NEW, NULL, NULL, NULL) != 0)
		return "the new topic cannot be opened";
	while (wrong == NULL && (got = sk_reader_next(reader, &block)) > 0) {
		want = rig_text(*n, *n + block.count);
		if (want.len != block.nbytes ||
		    memcmp(want.ptr, block.bytes, want.len) != 0)
			wrong = "other lines";
		*n += block.count;
	}
	if (wrong == NULL && got < 0)
		wrong = "the new topic cannot be read";
	sk_reader_close(reader);
	return wrong;
}

/* What is there of the new topic, if anything.  Behind a gap it does not hold
 * the first lines. */
static const char *
judge_new(bool all)
{
	struct sk_view conf;
	uint64_t n = 0;
	bool bad = false;
	const char *wrong;
	struct sk_diag diag;

	if (!memfs_get(NEW "/topic.conf", &conf))
		return all ? "no new topic" : NULL;
	if (sk_log_check(NEW, look, &bad, NULL, &diag) != 0 || (bad && all))
		return "check finds the new topic bad";
	if (done.gaps > 0)
		return NULL;
	wrong = first_lines(&n);
	if (wrong == NULL && all && n != lines)
		wrong = "lines are missing";
	return wrong;
}

static void
plan(uint64_t number)
{
	static const enum memfs_when when[KILLS] = { MEMFS_BEFORE,
		MEMFS_MIDDLE, MEMFS_AFTER };
	uint64_t n = number / CASES + 1, kind = number % CASES;
	unsigned mask = (1U << MEMFS_CALLS) - 1;

	if (kind < KILLS) {
		memfs_kill(n, when[kind]);
		return;
	}
	kind -= KILLS;
	if (errors[kind / 2] == EINTR)
		mask = 1U << MEMFS_READ | 1U << MEMFS_WRITE;
	memfs_fail(n, errors[kind / 2], mask,
	    kind % 2 == 0 ? 0 : errors[kind / 2] == EINTR ? 3 : UINT64_MAX / 2);
}

static const char *
one(void *arg, uint64_t number)
{
	static char words[1600];
	const struct rig_args *args = arg;
	struct memfs_tape *tape;
	uint64_t before;
	const char *wrong = NULL;
	bool killed, all;

	prepare(args);
	before = memfs_digest(RIG_TOPIC);
	plan(number);
	killed = !memfs_run(salvage, NULL);
	memfs_no_faults();
	all = !killed && result == 0 && done.gaps == 0;
	if (!killed && memfs_open_files() > 0)
		wrong = "a descriptor is left open";
	else if (!killed && result < 0 && rig.diag.text[0] == '\0')
		wrong = "an error without words";
	else if (!killed && result == 0 && done.records + done.lost != lines &&
	    done.gaps == 0)
		wrong = "what is lost was not counted";
	else if (memfs_digest(RIG_TOPIC) != before)
		wrong = "the old topic was changed";
	if (wrong == NULL)
		wrong = judge_new(all);
	tape = memfs_take();
	if (wrong == NULL && all) {
		memfs_boot(tape, memfs_tape_points(tape), MEMFS_A, 0, 0);
		wrong = judge_new(true);
	}
	memfs_tape_free(tape);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "%s: %d, %s", wrong, result,
	    rig.diag.text);
	return words;
}

int
main(int argc, char **argv)
{
	static const char title[] = "salvage: kills and failing calls";
	struct rig_args args;
	uint64_t n;

	rig_args(&args, argc, argv);
	prepare(&args);
	memfs_run(salvage, NULL);
	n = memfs_calls() * CASES;
	if (result != 0 || done.records != lines)
		rig_wrong(&args, title, 0, rig.diag.text);
	rig_result(title, n, rig_each(&args, title, n, 200, one, &args));
	rig_done();
}
