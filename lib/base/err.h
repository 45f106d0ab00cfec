/*
 * Error numbers, exit statuses and messages.
 *
 * A library function returns 0 (or a count) or a negative enum sk_err; with
 * SK_ESYS errno stands.  Where a number is not enough the function fills a
 * struct sk_diag, or tells a notice by a struct sk_notify; it does not print.
 * Tools and lib/stream print through sk_error() and its kin below.
 *
 * A message is `tool: subject: reason`, one line, sent in one write, control
 * bytes masked as `?`.
 */
#ifndef SK_BASE_ERR_H
#define SK_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"

enum sk_err {
	SK_OK = 0,
	SK_ESYS = -1,     /* a system call failed: errno stands */
	SK_EDATA = -2,    /* malformed, corrupt or foreign data */
	SK_EVERSION = -3, /* written by a newer version */
	SK_EBUSY = -4,    /* another process holds it */
	SK_EUSAGE = -5,   /* an option, operand or expression is wrong */
	SK_ELIMIT = -6,   /* a stated limit is reached */
	SK_ECLOSED = -7,  /* the reader of our output has gone */
	SK_ESTOP = -8     /* not an error: stop reading, finish in order */
};

/* Exit statuses: the same five in every tool. */
enum sk_status {
	SK_DONE = 0,
	SK_NO = 1,     /* the answer is no: only where it was asked for */
	SK_USAGE = 2,  /* nothing read, nothing written */
	SK_SYSTEM = 3, /* open, read, write, lock, memory */
	SK_DATA = 4    /* malformed events, corrupt or foreign files */
};

/* The exit status that belongs to an error number (0 for 0 and SK_ESTOP). */
int sk_err_status(int err);

/* Words for an error number: strerror(errno) for SK_ESYS. */
const char *sk_err_text(int err);

/* Why a library call failed, in the words of the message: "FILE: reason". */
struct sk_diag {
	char text[1024];
};

/* Format into `diag` (may be NULL) and return `err`, keeping errno. */
int sk_diag_set(struct sk_diag *diag, int err, const char *fmt, ...)
    SK_PRINTF(3, 4);

/* The same, with ": " and strerror(errno) behind; returns SK_ESYS. */
int sk_diag_sys(struct sk_diag *diag, const char *fmt, ...) SK_PRINTF(2, 3);

/* How a library tells a notice that is not an error ("cut 12 bytes ...").
 * fn may be NULL: the notice is dropped. */
struct sk_notify {
	void (*fn)(void *arg, const char *text);
	void *arg;
};

void sk_notify(const struct sk_notify *notify, const char *fmt, ...)
    SK_PRINTF(2, 3);

/* A sk_notify.fn that prints the text as a warning. */
void sk_notify_warn(void *arg, const char *text);

/* ---- printing: tools and lib/stream only ---- */

enum sk_level { SK_QUIET = -1, SK_NORMAL = 0, SK_VERBOSE = 1 };

/* The program name in front of every message; argv[0] without its folder. */
void sk_prog_set(const char *name);
const char *sk_prog(void);
void sk_level_set(enum sk_level level);

void sk_error(const char *fmt, ...) SK_PRINTF(1, 2);
/* With ": " and strerror(errno) behind. */
void sk_error_sys(const char *fmt, ...) SK_PRINTF(1, 2);
/* "tool: warning: ...": the tool goes on.  Not with --quiet. */
void sk_warn(const char *fmt, ...) SK_PRINTF(1, 2);
/* "tool: ..." for a count or a summary at the end.  Not with --quiet. */
void sk_note(const char *fmt, ...) SK_PRINTF(1, 2);
/* Only with --verbose. */
void sk_info(const char *fmt, ...) SK_PRINTF(1, 2);
/* A status line that was asked for (SIGUSR1, --progress): always. */
void sk_tell(const char *fmt, ...) SK_PRINTF(1, 2);

/* A broken invariant of ours: prints "bug: file:line" and aborts. */
void sk_bug_at(const char *file, int line) SK_NORETURN;
#define sk_bug() sk_bug_at(__FILE__, __LINE__)
#define sk_assert(x) (SK_LIKELY(x) ? (void)0 : sk_bug_at(__FILE__, __LINE__))

#endif
