/*
 * Signals, as every tool hears them.
 *
 * SIGINT, SIGTERM and SIGHUP end the input: the first is remembered, the tool
 * does what it does at the end of input and sk_stop_exit() then ends it by
 * that signal.  A second one ends the tool at once.  SIGUSR1 asks for a status
 * line.  SIGPIPE gets its default back, in case a parent ignored it.
 *
 * The handlers only set flags and write to a pipe, so a poll on sk_stop_fd()
 * beside the input never misses one; system calls are not restarted.
 */
#ifndef SK_STREAM_STOP_H
#define SK_STREAM_STOP_H

#include <stdbool.h>

/* Once, at the start of main.  A signal that the parent ignores (nohup) stays
 * ignored.  Closed standard descriptors are filled, so that no file gets their
 * numbers. */
void sk_stop_init(void);
/* For a tool that a signal may end anywhere: only SIGPIPE and the closed
 * descriptors. */
void sk_stop_init_plain(void);

int sk_stop_signal(void); /* the signal that ended the input, or 0 */
int sk_stop_fd(void);     /* readable when a signal has come; drained by the
                             two calls below */
bool sk_stop_usr1(void);  /* true once for each SIGUSR1 (or several) */

/* SIGPIPE: ignore it (writes give EPIPE), for a tool that has something to
 * commit first, and end by it later with sk_stop_raise(SIGPIPE). */
void sk_stop_catch_pipe(void);
void sk_stop_raise(int sig) __attribute__((noreturn));
void sk_stop_raise_pipe(void) __attribute__((noreturn)); /* by SIGPIPE */

/* End by the signal that came, else with this status. */
void sk_stop_exit(int status) __attribute__((noreturn));

#endif
