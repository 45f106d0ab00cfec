/*
 * The rig in which the log is tortured: scenarios that use it as a tool would,
 * over libmemfs, and an oracle that stands outside.
 *
 * What was sent is a fixed text of numbered lines.  The driver keeps what it
 * sent and what was acknowledged in `rig`, which no kill and no power cut
 * touches, and as notes on the tape.  What the log holds is found by libzstd
 * alone, by decompressing all *.zst files one after another.
 *
 * A verdict is NULL for right, or words for wrong.
 */
#ifndef SK_TEST_RIG_H
#define SK_TEST_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "log/conf.h"
#include "log/writer.h"

#define RIG_TOPIC "topic"

enum rig_note { RIG_ACKED = 1, RIG_SENT = 2, RIG_START = 3 };

/* How a scenario went, and what the outside knows. */
struct rig {
	uint64_t sent;   /* lines handed to the writer */
	uint64_t acked;  /* next offset that was acknowledged */
	uint64_t start;  /* offsets below may have been removed by retention */
	int err;         /* the first error of a scenario */
	bool closed;     /* it came to its end without one */
	unsigned notices;
	struct sk_diag diag; /* of err */
	char said[2048];     /* the notices, one a line */
};

extern struct rig rig;

void rig_forget(void); /* a new run: nothing sent, nothing acknowledged */
void rig_hush(void);   /* forget the notices and the error */
const struct sk_notify *rig_notify(void);

/* A struct sk_log_ack.fn that keeps and notes it. */
void rig_acknowledge(void *arg, uint32_t partition, uint64_t next_offset);
/* A policy value; it must be right. */
void rig_set(struct sk_log_policy *policy, const char *name,
    const char *value);

/* Lines [from, to) of the text, at most RIG_LINES. */
enum { RIG_LINES = 4096 };
struct sk_view rig_text(uint64_t from, uint64_t to);

/* ---- scenarios: functions for memfs_run ---- */

struct rig_append {
	const char *sync;        /* block, interval:1s, none */
	unsigned blocks;
	unsigned lines;          /* of a block, at most; from 1 */
	const char *segment_bytes;
	unsigned reopen;         /* close and open again after so many blocks */
	const char *retain;      /* cleanup=delete, and retention_bytes */
	bool leave;              /* do not close: as if still running */
	bool roll;               /* roll before the close */
	bool resume;             /* send from where the log ends */
};

/* Open, add blocks (idle after every third), roll as they come, close. */
void rig_run_append(void *arg); /* struct rig_append */
/* The empty folder of the topic, durably. */
void rig_make_folder(void);

/* fn under the lock of the topic; its error becomes rig.err. */
void rig_under_lock(int (*fn)(const struct sk_log_conf *conf));
/* sk-log recover: lock, recover, unlock. */
void rig_run_recover(void *arg);
/* Repack every sealed segment under the lock. */
void rig_run_repack(void *arg);
/* Apply retention under the lock. */
void rig_run_retain(void *arg);

/* ---- the oracle ---- */

/* The raw content of all segments by libzstd; *base: of the first one.
 * NULL, or what is wrong with the files. */
const char *rig_content(struct sk_buf *raw, uint64_t *base);

/* The content is lines [rig.start or less, n) of the text, acked <= n <= sent;
 * *n (may be NULL) is set. */
const char *rig_compare(uint64_t *n);

/* The content is lines [0, sent) in any order, each once. */
const char *rig_compare_set(void);

enum rig_how {
	RIG_TWICE = 1,  /* recover twice: the second changes and says nothing */
	RIG_GO_ON = 2,  /* open, add lines, close, compare all */
	RIG_READ = 4,   /* read with log/reader.h */
	RIG_SET = 8     /* rig_compare_set instead of rig_compare */
};

/* After a kill or a power cut: recovery must not refuse, and the content must
 * be right. */
const char *rig_verify(unsigned how);

/* All blocks through log/reader.h: its result. */
struct sk_reader_opts;
int rig_read_all(struct sk_buf *raw, const struct sk_reader_opts *opts);
/* The reader gives what zstd gives. */
const char *rig_read(void);

/* ---- the drivers ---- */

/* SEED, CASE and TITLE of the command line, SK_LONG of the environment. */
struct rig_args {
	uint64_t seed;   /* 1 */
	bool one;        /* only this case: */
	uint64_t only;
	const char *title; /* of the sweeps of this title; NULL: all */
	bool large;
};

void rig_args(struct rig_args *args, int argc, char **argv);

/* One line of TAP; what (may be NULL: ok) is wrong, and the command that
 * repeats it. */
void rig_result(const char *title, uint64_t states, uint64_t wrong);
void rig_wrong(const struct rig_args *args, const char *title, uint64_t number,
    const char *what);
/* The plan line, and the end of the program: at once, for what was killed has
 * not released its memory, and that is no leak. */
void rig_done(void) SK_NORETURN;

/*
 * Run one(arg, number) for numbers [0, n) in child processes of `batch` cases
 * each, so that nothing leaks from a killed case and a crash is a verdict.
 * one returns NULL or what is wrong.  Returns how many were wrong.
 */
uint64_t rig_each(const struct rig_args *args, const char *title, uint64_t n,
    uint64_t batch, const char *(*one)(void *arg, uint64_t number), void *arg);

#endif
