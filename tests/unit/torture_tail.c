/*
 * Tail intake under kill -9, power cuts and failing calls.  Another process
 * writes a file, rotates it, copies and truncates it, at every wait of the
 * intake; the intake is killed at every call, or the power goes at every
 * point.  Then it runs once more, and every line of the files is in the log
 * exactly once; in order too, but after a failing call (a file that could not
 * be seen for a moment counts as rotated).
 *
 * A file that is renamed before a line of it was durable is nobody's after a
 * power cut: such states are only checked for a sound log.
 *
 *	torture_tail [SEED [CASE TITLE]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "io/sys.h"
#include "io/tail.h"
#include "libmemfs.h"
#include "librig.h"
#include "stream/collect.h"
#include "stream/intake.h"

#define LOG "logs/a.log"

enum { NOTE_NOBODYS = 10 };

static struct {
	const char *sync;
	unsigned step;
	size_t half; /* bytes of line rig.sent that are written */
	uint64_t first; /* line of the file that now has the name */
} driver;

/* ---- the other process ---- */

static void
write_lines(uint64_t n, bool half)
{
	struct sk_view lines = rig_text(rig.sent, rig.sent + n), next;
	struct sk_buf out = { 0 };

	sk_buf_add(&out, lines.ptr + driver.half, lines.len - driver.half);
	driver.half = 0;
	if (half) {
		next = rig_text(rig.sent + n, rig.sent + n + 1);
		driver.half = next.len / 2;
		sk_buf_add(&out, next.ptr, driver.half);
	}
	memfs_add(LOG, out.ptr, out.len);
	rig.sent += n;
	memfs_note(RIG_SENT, rig.sent);
	sk_buf_free(&out);
}

/* The file with the name becomes another one. */
static void
turn_over(void)
{
	if (rig.acked <= driver.first)
		memfs_note(NOTE_NOBODYS, 1);
	driver.first = rig.sent;
}

static void
copy_and_truncate(void)
{
	struct sk_buf copy = { 0 };
	struct sk_view all;

	turn_over();
	memfs_get(LOG, &all);
	sk_buf_view(&copy, all);
	memfs_put("logs/a.log.2", copy.ptr, copy.len);
	memfs_cut_file(LOG, 0);
	sk_buf_free(&copy);
}

/* Each wait of the intake is a step. */
static void
go_on(void *arg, int timeout_ms)
{
	(void)arg;
	(void)timeout_ms;
	switch (++driver.step) {
	case 1:
	case 5:
	case 9:
		write_lines(5, false);
		break;
	case 2:
		write_lines(3, true);
		break;
	case 3:
		write_lines(2, false);
		break;
	case 4:
		turn_over();
		memfs_move(LOG, "logs/a.log.1");
		write_lines(4, false);
		break;
	case 7:
		write_lines(30, false);
		break;
	case 8:
		write_lines(2, false);
		copy_and_truncate();
		write_lines(3, false);
		break;
	case 12:
		turn_over();
		memfs_move(LOG, "logs/a.log.3");
		break;
	case 13:
		memfs_delete("logs/a.log.1");
		break;
	case 14: /* its inode number is used again */
		write_lines(25, false);
		break;
	case 18:
		memfs_stop();
		break;
	default:
		break;
	}
}

/* ---- the intake ---- */

static void
run_intake(bool once)
{
	static const struct sk_log_ack ack = { rig_acknowledge, NULL };
	struct sk_intake_conf conf = { .max_line = 1 << 20 };
	struct sk_intake intake;
	struct sk_log_policy policy;
	struct sk_collect collect = { .topic = RIG_TOPIC, .intake = &intake,
		.ack_fd = -1, .once = once,
		.rotate_wait_ns = INT64_C(2000000000) };
	char name[] = LOG, *files[] = { name };

	sk_log_policy_init(&policy);
	rig_set(&policy, "sync", driver.sync);
	rig_set(&policy, "batch_bytes", "600");
	rig_set(&policy, "segment_bytes", "4000");
	rig.err = sk_intake_init(&intake, &conf, &rig.diag);
	if (rig.err != 0)
		return;
	collect.writer = sk_log_writer_open(RIG_TOPIC, &policy, &ack,
	    rig_notify(), &rig.err, &rig.diag);
	if (collect.writer != NULL) {
		sk_intake_begin(&intake, collect.writer);
		rig.err = sk_collect_files(&collect, files, 1);
		rig.closed = rig.err == 0;
	}
	sk_intake_close(&intake);
}

static void
follow(void *arg)
{
	(void)arg;
	run_intake(false);
}

static void
begin(const struct rig_args *args, const char *sync)
{
	rig_forget();
	memfs_reset(args->seed);
	sk_sys_mkdir("logs", 0755);
	memfs_solid("logs");
	memset(&driver, 0, sizeof driver);
	driver.sync = sync;
	memfs_reuse_inodes(true);
	memfs_add(LOG, "", 0);
	memfs_tape_free(memfs_take());
	write_lines(6, false);
	memfs_count_from_zero();
	memfs_on_poll(go_on, NULL);
}

/* Take the rest; then all is there. */
static const char *
take_rest(bool ordered)
{
	static char words[1200];
	struct sk_view file;
	const char *wrong;
	uint64_t n = 0;

	memfs_on_poll(NULL, NULL);
	memfs_no_faults();
	rig_hush();
	rig.closed = false;
	if (!memfs_get(LOG, &file))
		memfs_add(LOG, "", 0);
	run_intake(true);
	if (!rig.closed) {
		snprintf(words, sizeof words, "the second run fails: %s",
		    rig.diag.text);
		return words;
	}
	if (!ordered)
		return rig_compare_set();
	wrong = rig_compare(&n);
	if (wrong != NULL || n == rig.sent)
		return wrong;
	snprintf(words, sizeof words, "%llu lines written, %llu stored",
	    (unsigned long long)rig.sent, (unsigned long long)n);
	return words;
}

static const char *
judge(bool ordered)
{
	const char *wrong = take_rest(ordered);

	if (wrong == NULL)
		wrong = take_rest(ordered);
	if (wrong == NULL)
		wrong = rig_verify(RIG_TWICE | RIG_READ |
		    (ordered ? 0 : RIG_SET));
	return wrong;
}

/* ---- kills ---- */

struct kills {
	const struct rig_args *args;
	const char *sync;
};

static const char *
one_kill(void *arg, uint64_t number)
{
	static char words[1600];
	const struct kills *k = arg;
	const char *wrong, *call;

	begin(k->args, k->sync);
	memfs_kill(number / 3 + 1, (enum memfs_when)(number % 3));
	memfs_run(follow, NULL);
	call = memfs_fault_call();
	wrong = judge(true);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "killed %s call %llu, %s, step %u: %s",
	    number % 3 == 0 ? "before" : number % 3 == 1 ? "in" : "after",
	    (unsigned long long)(number / 3 + 1), call, driver.step, wrong);
	return words;
}

static void
run_kills(const struct rig_args *args, const char *sync)
{
	struct kills k = { args, sync };
	char title[100];
	uint64_t n;

	snprintf(title, sizeof title, "tail: kill, sync=%s", sync);
	begin(args, sync);
	memfs_run(follow, NULL);
	n = memfs_calls() * 3;
	rig_result(title, n, rig_each(args, title, n, 40, one_kill, &k));
}

/* ---- failing calls ---- */

static const char *
one_fault(void *arg, uint64_t number)
{
	static const struct {
		int err;
		unsigned mask;
	} kinds[] = {
		{ EIO, ~(1U << MEMFS_POLL) },
		{ ENOSPC, 1U << MEMFS_WRITE | 1U << MEMFS_SYNC },
		{ EMFILE, 1U << MEMFS_OPEN | 1U << MEMFS_INOTIFY |
		    1U << MEMFS_LIST },
		{ ENOENT, 1U << MEMFS_OPEN | 1U << MEMFS_STAT },
		{ EINTR, 1U << MEMFS_READ | 1U << MEMFS_WRITE |
		    1U << MEMFS_POLL }
	};
	static char words[1600];
	const struct kills *k = arg;
	uint64_t call = number / 5 + 1;
	const char *wrong, *name;

	begin(k->args, k->sync);
	memfs_fail(call, kinds[number % 5].err, kinds[number % 5].mask,
	    number % 3 == 0 ? 2 : 0);
	memfs_run(follow, NULL);
	memfs_close_all();
	name = memfs_fault_call();
	wrong = judge(false);
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "%s at call %llu, %s, step %u: %s",
	    strerror(kinds[number % 5].err), (unsigned long long)call, name,
	    driver.step, wrong);
	return words;
}

static void
run_faults(const struct rig_args *args, const char *sync)
{
	struct kills k = { args, sync };
	char title[100];
	uint64_t n;

	snprintf(title, sizeof title, "tail: failing calls, sync=%s", sync);
	begin(args, sync);
	memfs_run(follow, NULL);
	n = memfs_calls() * 5;
	rig_result(title, n, rig_each(args, title, n, 40, one_fault, &k));
}

/* ---- power cuts ---- */

struct cuts {
	const struct rig_args *args;
	struct memfs_tape *tape;
	unsigned each; /* states of a point */
};

static const char *
one_cut(void *arg, uint64_t number)
{
	static char words[1600];
	const struct cuts *c = arg;
	size_t point = (size_t)(number / c->each);
	unsigned k = (unsigned)(number % c->each);
	enum memfs_model model = k < 6 ? (enum memfs_model)k :
	    (enum memfs_model)(2 + k % 4);
	struct sk_rng rng;
	const char *wrong;
	uint64_t choice;

	point = memfs_tape_settled(c->tape, point);
	sk_rng_init(&rng, c->args->seed * 1000 + number);
	choice = sk_rng_next(&rng) % (memfs_tape_loose(c->tape, point) + 1);
	rig_forget();
	rig.sent = memfs_tape_note(c->tape, point, RIG_SENT);
	rig.acked = memfs_tape_note(c->tape, point, RIG_ACKED);
	memfs_boot(c->tape, point, model, choice, sk_rng_next(&rng));
	if (memfs_tape_note(c->tape, point, NOTE_NOBODYS) > 0) {
		take_rest(false);
		rig.sent = RIG_LINES;
		wrong = rig_read();
	} else {
		wrong = judge(true);
	}
	if (wrong == NULL)
		return NULL;
	snprintf(words, sizeof words, "point %zu, model %c: %s", point,
	    "ABCDEF"[model], wrong);
	return words;
}

static void
run_cuts(const struct rig_args *args, const char *sync)
{
	struct cuts c = { .args = args, .each = args->large ? 60 : 6 };
	char title[100];
	uint64_t n;

	snprintf(title, sizeof title, "tail: power, sync=%s", sync);
	begin(args, sync);
	memfs_run(follow, NULL);
	c.tape = memfs_take();
	n = memfs_tape_points(c.tape) * c.each;
	rig_result(title, n, rig_each(args, title, n, 500, one_cut, &c));
	memfs_tape_free(c.tape);
}

int
main(int argc, char **argv)
{
	static const char *const sync[] = { "block", "interval:1s", "none" };
	struct rig_args args;
	size_t i;

	rig_args(&args, argc, argv);
	sk_level_set(SK_QUIET);
	sk_prog_set("torture_tail");
	for (i = 0; i < 3; i++) {
		run_kills(&args, sync[i]);
		run_faults(&args, sync[i]);
		run_cuts(&args, sync[i]);
	}
	rig_done();
}
