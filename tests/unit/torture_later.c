/*
 * Trouble, then a writer that goes on, then a power cut: what the first left
 * behind undone (a name that was not synced, bytes of a failed sync) must be
 * made good before the second acknowledges anything that stands on it.  The
 * first is killed or fails at each of its calls; the power is cut at points
 * of the second and behind it.
 *
 *	torture_later [SEED [CASE TITLE]]
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "libmemfs.h"
#include "librig.h"

struct scenario {
	const char *title;
	bool fail; /* else: kill */
	const struct rig_args *args;
};

enum { POINTS = 6 }; /* where the power is cut, for a case */

static struct rig_append first = { .sync = "block", .blocks = 6, .lines = 2,
	.segment_bytes = "700" };
static struct rig_append second = { .sync = "block", .blocks = 3, .lines = 2,
	.segment_bytes = "700", .leave = true, .resume = true };

static void
plan(const struct scenario *s, uint64_t number)
{
	uint64_t call = number / 3 + 1, how = number % 3;

	memfs_count_from_zero();
	if (!s->fail)
		memfs_kill(call, (enum memfs_when)how);
	else
		memfs_fail(call, how == 1 ? ENOSPC : EIO, how == 0 ?
		    1u << MEMFS_SYNC : 1u << MEMFS_SYNC | 1u << MEMFS_WRITE |
		    1u << MEMFS_TRUNCATE | 1u << MEMFS_RENAME,
		    how == 2 ? 3 : 0);
}

/* Cut the power at a point of the tape by some model, and look. */
static const char *
cut(const struct memfs_tape *tape, const struct rig *before, size_t point,
    struct sk_rng *rng)
{
	static char words[3600];
	enum memfs_model model = (enum memfs_model)(sk_rng_next(rng) % 6);
	uint64_t choice = model == MEMFS_B ? sk_rng_next(rng) %
	    (memfs_tape_loose(tape, point) + 1) : 0;
	const char *wrong;

	rig = *before;
	rig.acked = memfs_tape_note(tape, point, RIG_ACKED);
	rig.sent = memfs_tape_note(tape, point, RIG_SENT);
	memfs_boot(tape, point, model, choice, sk_rng_next(rng) | 1);
	wrong = rig_verify(RIG_TWICE | RIG_GO_ON);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "power cut at %zu, model %c: %s", point,
	    "ABCDEF"[model], wrong);
	return words;
}

static const char *
one_case(void *arg, uint64_t number)
{
	const struct scenario *s = arg;
	const char *wrong = NULL;
	struct memfs_tape *tape;
	struct sk_rng rng;
	struct rig before;
	size_t end;
	int i;

	sk_rng_init(&rng, s->args->seed + number);
	memfs_reset(s->args->seed);
	rig_forget();
	plan(s, number);
	memfs_run(rig_run_append, &first);
	memfs_no_faults();
	memfs_close_all();
	rig_hush();
	if (!memfs_run(rig_run_append, &second) || rig.err != 0)
		return "the second writer was refused";
	memfs_close_all();
	before = rig;
	rig_hush();
	tape = memfs_take();
	end = memfs_tape_points(tape);
	for (i = 0; wrong == NULL && i < POINTS; i++)
		wrong = cut(tape, &before, memfs_tape_settled(tape,
		    i == 0 ? end : end - sk_rng_next(&rng) % 20), &rng);
	memfs_tape_free(tape);
	return wrong;
}

static void
run_scenario(const struct scenario *s)
{
	uint64_t n;

	memfs_reset(s->args->seed);
	rig_forget();
	memfs_count_from_zero();
	memfs_run(rig_run_append, &first);
	n = memfs_calls() * 3;
	rig_result(s->title, n * POINTS,
	    rig_each(s->args, s->title, n, 60, one_case,
	    (void *)(uintptr_t)s));
}

int
main(int argc, char **argv)
{
	struct rig_args args;
	struct scenario s = { .args = &args };
	uint64_t round, rounds;

	rig_args(&args, argc, argv);
	rounds = args.large ? 20 : 1;
	for (round = 0; round < rounds; round++, args.seed++) {
		s.title = "later: killed, gone on, power cut";
		s.fail = false;
		run_scenario(&s);
		s.title = "later: failed, gone on, power cut";
		s.fail = true;
		run_scenario(&s);
	}
	rig_done();
}
