/*
 * kill -9 at every system call.  Each scenario is run once to count its calls;
 * then for each call it is run again and killed before it, in the midst of it
 * (a write has taken half of its bytes) and after it, recovered and checked:
 * what the page cache held is still there, the locks are gone.  Then the same
 * with a second kill during the recovery.
 *
 *	torture_kill [SEED [CASE TITLE]]
 */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "libmemfs.h"
#include "librig.h"

struct scenario {
	const char *title;
	struct rig_append append;
	void (*then)(void *arg); /* killed instead of append, which ran first */
	bool torn; /* before it, the newest segment is cut inside a block */
	bool again; /* kill the recovery too */
	const struct rig_args *args;
};

static void
open_and_add(void *arg)
{
	struct rig_append how = { .sync = "interval:1s", .blocks = 2,
		.lines = 3, .segment_bytes = "100M", .resume = true };

	(void)arg;
	rig_run_append(&how);
}

/* Lose the last half of the last file, as a power cut may. */
static void
tear(void)
{
	char **names, path[300];
	struct sk_view file;
	size_t n, i;

	names = memfs_names(RIG_TOPIC, &n);
	for (i = n; i-- > 0 && strstr(names[i], ".zst") == NULL;)
		;
	snprintf(path, sizeof path, RIG_TOPIC "/%s", names[i]);
	memfs_get(path, &file);
	memfs_cut_file(path, file.len - 37);
}

/* What a scenario needs, and then the scenario, to be killed by the plan. */
static void
prepare(const struct scenario *s)
{
	rig_forget();
	memfs_reset(s->args->seed);
	if (s->then == NULL)
		return;
	rig_run_append((void *)(uintptr_t)&s->append);
	if (s->torn) {
		tear();
		rig.acked = 0;
	}
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

static const char *
one_kill(void *arg, uint64_t number)
{
	static char words[3600];
	const struct scenario *s = arg;
	const char *wrong, *call;
	struct sk_rng rng;

	prepare(s);
	memfs_kill(number / 3 + 1, (enum memfs_when)(number % 3));
	if (run(s))
		return "the scenario came to its end";
	call = memfs_fault_call();
	if (s->again) {
		sk_rng_init(&rng, s->args->seed + number);
		memfs_count_from_zero();
		memfs_kill(1 + sk_rng_next(&rng) % 40,
		    (enum memfs_when)(sk_rng_next(&rng) % 3));
		memfs_run(open_and_add, NULL);
	}
	wrong = rig_verify(RIG_TWICE | RIG_GO_ON | RIG_READ);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "killed %s call %llu, %s: %s",
	    number % 3 == 0 ? "before" : number % 3 == 1 ? "in" : "after",
	    (unsigned long long)(number / 3 + 1), call, wrong);
	return words;
}

static uint64_t
count_calls(const struct scenario *s)
{
	prepare(s);
	run(s);
	return memfs_calls();
}

static const struct scenario scenarios[] = {
	{ .title = "kill: append, sync=block",
	    .append = { .sync = "block", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "kill: append, sync=interval",
	    .append = { .sync = "interval:1s", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "kill: append, sync=none",
	    .append = { .sync = "none", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "kill: append, opened again",
	    .append = { .sync = "interval:600ms", .blocks = 20, .lines = 8,
		.segment_bytes = "6000", .reopen = 6 } },
	{ .title = "kill: append, retention",
	    .append = { .sync = "block", .blocks = 40, .lines = 8,
		.segment_bytes = "3000", .retain = "9000" } },
	{ .title = "kill: recovery of a clean log",
	    .append = { .sync = "block", .blocks = 10, .lines = 8,
		.segment_bytes = "3000" }, .then = open_and_add },
	{ .title = "kill: recovery of a torn tail",
	    .append = { .sync = "block", .blocks = 10, .lines = 8,
		.segment_bytes = "100K", .leave = true },
	    .then = open_and_add, .torn = true },
	{ .title = "kill: repack",
	    .append = { .sync = "block", .blocks = 30, .lines = 5,
		.segment_bytes = "3000", .reopen = 10 },
	    .then = rig_run_repack },
	{ .title = "kill: retention",
	    .append = { .sync = "block", .blocks = 30, .lines = 5,
		.segment_bytes = "3000", .reopen = 10, .retain = "1G" },
	    .then = rig_run_retain }
};

static void
run_scenario(const struct rig_args *args, const struct scenario *base,
    bool again)
{
	struct scenario s = *base;
	char title[100];
	uint64_t n;

	s.args = args;
	s.again = again;
	snprintf(title, sizeof title, "%s%s", s.title,
	    again ? ", killed again in recovery" : "");
	n = count_calls(&s) * 3;
	if (rig.err != 0 || n == 0) {
		rig_wrong(args, title, 0, rig.diag.text);
		rig_result(title, 0, 1);
		return;
	}
	rig_result(title, n, rig_each(args, title, n, 60, one_kill, &s));
}

int
main(int argc, char **argv)
{
	struct rig_args args;
	uint64_t round, rounds;
	size_t i;

	rig_args(&args, argc, argv);
	rounds = args.large ? 20 : 1;
	for (round = 0; round < rounds; round++, args.seed++)
		for (i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
			if (round == 0)
				run_scenario(&args, &scenarios[i], false);
			run_scenario(&args, &scenarios[i], true);
		}
	rig_done();
}
