/*
 * Power cuts.  Each scenario is run once and recorded; then for every point of
 * the recording the disk is built as each model could have left it, and
 * recovered.  Models A, B and D are exhaustive at every point, of C every
 * choice of sectors where there are few, else and of E and F samples by the
 * seed.  Depth two: the recovery of sampled states is recorded and cut in turn.
 *
 *	torture_power [SEED [CASE TITLE]]    SK_LONG=1: a million states
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "libmemfs.h"
#include "librig.h"

struct state {
	size_t point;
	enum memfs_model model;
	uint64_t choice;
	uint64_t seed;
};

struct sweep {
	const struct rig_args *args;
	struct memfs_tape *tape;
	struct rig base; /* what was known when the tape began */
	struct state *state;
	size_t n, cap;
	struct sk_rng rng;
	unsigned samples;
};

static void
add_state(struct sweep *sweep, size_t point, enum memfs_model model,
    uint64_t choice, uint64_t seed)
{
	struct state *s;

	if (sweep->n == sweep->cap) {
		sweep->cap = sweep->cap ? sweep->cap * 2 : 1024;
		sweep->state = sk_xrealloc(sweep->state, sweep->cap,
		    sizeof *sweep->state);
	}
	s = &sweep->state[sweep->n++];
	s->point = point;
	s->model = model;
	s->choice = choice;
	s->seed = seed;
}

static void
add_point(struct sweep *sweep, size_t point)
{
	size_t loose = memfs_tape_loose(sweep->tape, point), i;
	size_t sectors = memfs_tape_sectors(sweep->tape, point);
	unsigned k;

	add_state(sweep, point, MEMFS_A, 0, 0);
	add_state(sweep, point, MEMFS_D, 0, 0);
	for (i = 1; i <= loose; i++)
		add_state(sweep, point, MEMFS_B, i, 0);
	for (i = 0; i < loose; i++)
		add_state(sweep, point, MEMFS_B, i,
		    sk_rng_next(&sweep->rng) | 1);
	if (sectors > 0 && sectors <= (sweep->args->large ? 8 : 4))
		for (i = 0; i < (size_t)1 << sectors; i++)
			add_state(sweep, point, MEMFS_C, i, 0);
	for (k = 0; k < sweep->samples && loose > 0; k++) {
		add_state(sweep, point, MEMFS_C, 0, sk_rng_next(&sweep->rng));
		add_state(sweep, point, MEMFS_E, 0, sk_rng_next(&sweep->rng));
		add_state(sweep, point, MEMFS_F, 0, sk_rng_next(&sweep->rng));
	}
}

static void
add_points(struct sweep *sweep)
{
	size_t point, end = memfs_tape_points(sweep->tape);

	for (point = 0; point <= end; point++) {
		point = memfs_tape_settled(sweep->tape, point);
		add_point(sweep, point);
	}
}

static void
enter_state(const struct sweep *sweep, const struct state *s)
{
	uint64_t acked = memfs_tape_note(sweep->tape, s->point, RIG_ACKED);
	uint64_t sent = memfs_tape_note(sweep->tape, s->point, RIG_SENT);

	rig = sweep->base;
	if (acked > rig.acked)
		rig.acked = acked;
	if (sent > rig.sent)
		rig.sent = sent;
	memfs_boot(sweep->tape, s->point, s->model, s->choice, s->seed);
}

static const char *
one_state(void *arg, uint64_t number)
{
	static char words[3600];
	const struct sweep *sweep = arg;
	const struct state *s = &sweep->state[number];
	unsigned how = RIG_TWICE;
	const char *wrong;

	enter_state(sweep, s);
	if (number % 8 == 0 || sweep->args->one)
		how |= RIG_GO_ON | RIG_READ;
	wrong = rig_verify(how);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words,
	    "point %zu, model %c, choice %llu, seed %llu: %s", s->point,
	    "ABCDEF"[s->model], (unsigned long long)s->choice,
	    (unsigned long long)s->seed, wrong);
	return words;
}

/* Build the states of a tape, unless they are there, and try each. */
static void
run_sweep(struct sweep *sweep, const char *title)
{
	uint64_t wrong;

	if (sweep->n == 0)
		add_points(sweep);
	wrong = rig_each(sweep->args, title, sweep->n, 20000, one_state, sweep);
	rig_result(title, sweep->n, wrong);
}

static void
begin_sweep(struct sweep *sweep, const struct rig_args *args, unsigned samples)
{
	memset(sweep, 0, sizeof *sweep);
	sweep->args = args;
	sweep->samples = samples;
	sk_rng_init(&sweep->rng, args->seed);
}

/* ---- depth two ---- */

static void
open_and_close(void *arg)
{
	struct rig_append how = { .sync = "block", .blocks = 0, .lines = 1,
		.segment_bytes = "100M", .resume = true };

	(void)arg;
	rig_run_append(&how);
}

/* Recover states of the first sweep under a new recording, and cut that. */
static void
run_depth_two(struct sweep *first, const char *title, size_t picks)
{
	struct sweep second;
	uint64_t wrong = 0, n = 0;
	size_t i;

	for (i = 0; i < picks; i++) {
		const struct state *s = &first->state[
		    sk_rng_next(&first->rng) % first->n];

		begin_sweep(&second, first->args, first->args->large ? 4 : 1);
		second.rng.state = sk_rng_next(&first->rng);
		enter_state(first, s);
		second.base = rig;
		open_and_close(NULL);
		second.tape = memfs_take();
		add_points(&second);
		wrong += rig_each(first->args, title, second.n, 20000,
		    one_state, &second);
		n += second.n;
		memfs_tape_free(second.tape);
		free(second.state);
	}
	rig_result(title, n, wrong);
}

/* ---- scenarios ---- */

struct scenario {
	const char *title;
	struct rig_append append;
	void (*then)(void *arg); /* recorded instead of append, behind it */
};

static const struct scenario scenarios[] = {
	{ .title = "power: append, sync=block",
	    .append = { .sync = "block", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "power: append, sync=interval",
	    .append = { .sync = "interval:1s", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "power: append, sync=none",
	    .append = { .sync = "none", .blocks = 20, .lines = 8,
		.segment_bytes = "4000" } },
	{ .title = "power: append, opened again",
	    .append = { .sync = "interval:600ms", .blocks = 20, .lines = 8,
		.segment_bytes = "6000", .reopen = 6 } },
	{ .title = "power: append, retention",
	    .append = { .sync = "block", .blocks = 40, .lines = 8,
		.segment_bytes = "3000", .retain = "9000" } },
	{ .title = "power: repack",
	    .append = { .sync = "block", .blocks = 30, .lines = 5,
		.segment_bytes = "3000", .reopen = 10 },
	    .then = rig_run_repack },
	{ .title = "power: retention",
	    .append = { .sync = "block", .blocks = 30, .lines = 5,
		.segment_bytes = "3000", .reopen = 10, .retain = "1G" },
	    .then = rig_run_retain }
};

/* Other lengths of the same scenario, by the seed. */
static void
vary(struct rig_append *append, uint64_t seed)
{
	static const char *const sizes[] = { "1500", "2500", "4000", "9000" };
	struct sk_rng rng;

	sk_rng_init(&rng, seed);
	append->blocks = 10 + (unsigned)(sk_rng_next(&rng) % 15);
	append->lines = 1 + (unsigned)(sk_rng_next(&rng) % 12);
	append->segment_bytes = sizes[sk_rng_next(&rng) % 4];
	append->reopen = (unsigned)(sk_rng_next(&rng) % 9);
}

static void
run_scenario(const struct rig_args *args, const struct scenario *scenario,
    unsigned round)
{
	struct rig_append append = scenario->append;
	struct sweep sweep;
	char title[100];

	if (round > 0)
		vary(&append, args->seed + round);
	snprintf(title, sizeof title, "%s, round %u", scenario->title, round);
	begin_sweep(&sweep, args, args->large ? 12 : 2);
	rig_forget();
	memfs_reset(args->seed + round);
	rig_run_append(&append);
	if (scenario->then != NULL) {
		memfs_tape_free(memfs_take());
		scenario->then(NULL);
		sweep.base = rig;
	}
	if (rig.err != 0) {
		rig_wrong(args, title, 0, rig.diag.text);
		rig_result(title, 0, 1);
		return;
	}
	sweep.base.start = rig.start;
	sweep.tape = memfs_take();
	run_sweep(&sweep, title);
	snprintf(title, sizeof title, "%s, round %u, twice", scenario->title,
	    round);
	run_depth_two(&sweep, title, args->large ? 60 : 12);
	memfs_tape_free(sweep.tape);
	free(sweep.state);
}

int
main(int argc, char **argv)
{
	struct rig_args args;
	unsigned round;
	size_t i;

	rig_args(&args, argc, argv);
	for (round = 0; round < (args.large ? 12 : 1); round++)
		for (i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
			run_scenario(&args, &scenarios[i], round);
	rig_done();
}
