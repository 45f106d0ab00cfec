/*
 * sk-log: the care of topics: what they hold, whether it is whole, recovery,
 * salvage, larger blocks, retention.
 *
 * Each verb is a module of lib/log; here are the options and what is printed.
 * Memory: the largest block twice and the index of one segment; ls keeps 120
 * bytes a segment.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "format/grid.h"
#include "log/care.h"
#include "log/check.h"
#include "log/list.h"
#include "log/salvage.h"
#include "log/show.h"
#include "stream/emit.h"
#include "stream/opts.h"
#include "stream/stop.h"

static struct {
	struct sk_shared shared;
	bool all;
	bool deep;
	bool ignore_jobs;
	int64_t wait_ns;
} set = { .wait_ns = INT64_C(60000000000) };

static const struct sk_opt opts[] = {
	{ .kind = SK_OPT_FLAG, .name = "all", .value = &set.all,
	    .help = "repack: also segments whose blocks are large" },
	{ .kind = SK_OPT_FLAG, .name = "deep", .value = &set.deep,
	    .help = "recover: also decompress the newest segment" },
	{ .kind = SK_OPT_FLAG, .name = "ignore-jobs",
	    .value = &set.ignore_jobs,
	    .help = "trim: also what registered jobs still need" },
	{ .kind = SK_OPT_DURATION, .name = "wait", .arg = "DUR",
	    .value = &set.wait_ns,
	    .help = "repack, trim: so long for a running writer (1m)" },
	{ .kind = SK_OPT_END },
};

/* What a verb works on; `several` topics get a column more. */
struct job {
	struct sk_emit emit;
	struct sk_grid grid;
	bool several;
	bool eyes; /* ls without --to */
	const char *topic;
	const char *column; /* the topic, if several */
	struct sk_diag diag;
};

static void
tell_note(void *arg, const char *text)
{
	(void)arg;
	sk_note("%s", text);
}

static void
tell_error(void *arg, const char *text)
{
	(void)arg;
	sk_error("%s", text);
}

static const struct sk_notify warn = { sk_notify_warn, NULL };
static const struct sk_notify note = { tell_note, NULL };
static const struct sk_notify tell = { tell_error, NULL };

/* Say why, and the status of it. */
static int
failed(struct job *job, int err)
{
	sk_error("%s", job->diag.text);
	return sk_err_status(err);
}

/* ---- verbs that print ---- */

static int
do_ls(struct job *job)
{
	struct sk_log_list list;
	size_t i;
	int err;

	err = sk_log_list_load(&list, job->topic, &job->diag);
	if (err != 0)
		return failed(job, err);
	if (job->eyes && job->grid.n == 0)
		sk_show_table(&job->grid, job->several);
	for (i = 0; i < list.n && err == 0; i++)
		if (job->eyes) {
			sk_show_table_row(&job->grid, job->column,
			    &list.rows[i]);
		} else {
			sk_show_row(sk_emit_begin(&job->emit), job->column,
			    &list.rows[i]);
			err = sk_emit_end(&job->emit);
		}
	sk_log_list_free(&list);
	return SK_DONE; /* what stdout has refused is said at the end */
}

static void
put_finding(void *arg, const struct sk_log_finding *finding)
{
	struct job *job = arg;

	sk_show_finding(sk_emit_begin(&job->emit), job->column, finding);
	sk_emit_end(&job->emit);
}

static int
do_check(struct job *job)
{
	int err = sk_log_check(job->topic, put_finding, job, &warn,
	    &job->diag);

	return err < 0 ? failed(job, err) : err > 0 ? SK_NO : SK_DONE;
}

/* ---- verbs that change a topic ---- */

static int
do_recover(struct job *job)
{
	int err = sk_care_recover(job->topic, set.deep, &note, &job->diag);

	return err == 0 ? SK_DONE : failed(job, err);
}

static int
do_repack(struct job *job)
{
	int err = sk_care_repack(job->topic, set.all, set.wait_ns, &note,
	    &job->diag);

	return err == 0 ? SK_DONE : failed(job, err);
}

static int
do_trim(struct job *job)
{
	int err = sk_care_trim(job->topic, set.ignore_jobs, set.wait_ns,
	    &note, &job->diag);

	return err == 0 ? SK_DONE : failed(job, err);
}

static int
salvage(struct job *job, const char *to)
{
	struct sk_log_salvaged done;
	int err = sk_log_salvage(job->topic, to, &tell, &done, &job->diag);

	if (err != 0)
		return failed(job, err);
	sk_note("%s: %" PRIu64 " record%s copied, %" PRIu64 " lost in %" PRIu64
	    " gap%s", to, done.records, sk_num_plural(done.records), done.lost,
	    done.gaps, sk_num_plural(done.gaps));
	return done.gaps > 0 || done.left_out > 0 ? SK_DATA : SK_DONE;
}

/* ---- main ---- */

enum { LS, CHECK, RECOVER, SALVAGE, REPACK, TRIM, VERBS };

static const struct verb {
	const char *name;
	int (*run)(struct job *job);
} verbs[VERBS] = {
	[LS] = { "ls", do_ls },
	[CHECK] = { "check", do_check },
	[RECOVER] = { "recover", do_recover },
	[SALVAGE] = { "salvage", NULL },
	[REPACK] = { "repack", do_repack },
	[TRIM] = { "trim", do_trim },
};

static int
open_output(struct job *job, const char *const *names)
{
	struct sk_view columns[16];
	size_t n = 0;

	for (names += job->several ? 0 : 1; *names != NULL; names++)
		columns[n++] = sk_view_str(*names);
	columns[n] = sk_view(NULL, 0);
	return sk_emit_open(&job->emit, &set.shared, SK_FORMAT_RAW,
	    job->eyes ? NULL : columns);
}

static int
close_output(struct job *job)
{
	struct sk_buf text = { 0 };

	if (job->grid.n > 0)
		sk_grid_put(&job->grid, &text);
	/* The emitter adds the newline of the last line. */
	if (text.len > 0)
		sk_emit_line(&job->emit, sk_view(text.ptr, text.len - 1));
	sk_grid_free(&job->grid);
	sk_buf_free(&text);
	return sk_err_status(sk_emit_close(&job->emit, true));
}

static int
run(struct job *job, const struct verb *verb, char **topics)
{
	bool prints = verb == &verbs[LS] || verb == &verbs[CHECK];
	int status = SK_DONE, got;

	job->eyes = verb == &verbs[LS] && set.shared.to == SK_TO_DEFAULT;
	if (prints && open_output(job, verb == &verbs[LS]
	    ? sk_show_row_columns : sk_show_finding_columns) != 0)
		return SK_SYSTEM;
	for (; *topics != NULL; topics++) {
		job->topic = *topics;
		job->column = job->several ? *topics : NULL;
		got = verb->run(job);
		status = got > status ? got : status;
	}
	if (prints) {
		got = close_output(job);
		status = got > status ? got : status;
	}
	return status;
}

int
main(int argc, char **argv)
{
	const struct sk_opt *const tables[] = { opts,
		sk_shared_init(&set.shared, SK_SHARED_TO |
		    SK_SHARED_HEADER | SK_SHARED_QUIET),
		NULL };
	const struct sk_cmd cmd = { "sk-log",
		"list, check, repair and trim logs",
		"[option ...] ls|check|recover|repack|trim TOPIC ...\n"
		"[option ...] salvage TOPIC NEW", tables };
	struct job job = { 0 };
	const struct verb *verb = verbs;
	int n;

	sk_prog_set(cmd.name);
	sk_stop_init_plain();
	n = sk_opt_parse(&cmd, argc, argv);
	sk_shared_apply(&set.shared);
	if (n < 2)
		sk_opt_fail(&cmd, n == 0 ? "no verb" : "no topic");
	while (verb < verbs + VERBS && strcmp(verb->name, argv[1]) != 0)
		verb++;
	if (verb == verbs + VERBS)
		sk_opt_fail(&cmd, "%s: unknown verb", argv[1]);
	job.several = n > 2;
	if (verb->run != NULL)
		return run(&job, verb, argv + 2);
	if (n != 3)
		sk_opt_fail(&cmd, "salvage: one topic and the new one");
	job.topic = argv[2];
	return salvage(&job, argv[3]);
}
