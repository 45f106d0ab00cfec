/*
 * The system calls that matter, each a plain call with the system's own
 * result and errno.  Everything in lib that touches files, locks, clocks or
 * waiting goes through here, so that a test program can link other
 * definitions of these functions in front of the library (tests/unit/memfs.c:
 * files in memory, failing calls, power cuts) and the code under test cannot
 * tell.
 *
 * Paths are given whole.  Descriptors are opened close-on-exec.
 */
#ifndef SK_IO_SYS_H
#define SK_IO_SYS_H

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int sk_sys_open(const char *path, int flags, mode_t mode); /* | O_CLOEXEC */
int sk_sys_close(int fd);
ssize_t sk_sys_read(int fd, void *buf, size_t len);
ssize_t sk_sys_pread(int fd, void *buf, size_t len, off_t pos);
ssize_t sk_sys_write(int fd, const void *buf, size_t len);
ssize_t sk_sys_writev(int fd, const struct iovec *iov, int n);
ssize_t sk_sys_pwrite(int fd, const void *buf, size_t len, off_t pos);
int sk_sys_ftruncate(int fd, off_t len);
int sk_sys_fsync(int fd);
int sk_sys_fdatasync(int fd);
int sk_sys_rename(const char *from, const char *to);
int sk_sys_unlink(const char *path);
int sk_sys_mkdir(const char *path, mode_t mode);
int sk_sys_stat(const char *path, struct stat *st);
int sk_sys_fstat(int fd, struct stat *st);

/* Take (exclusive or shared) or fail at once, on the open file description:
 * F_OFD_SETLK.  -1 with EAGAIN or EACCES: another holds it. */
int sk_sys_lock(int fd, bool exclusive);

/* Is an exclusive lock held by another description?  1, 0, -1 and errno; takes
 * nothing (F_OFD_GETLK). */
int sk_sys_locked(int fd);

/* The names in a folder, without `.` and `..`, sorted as bytes, in one
 * allocation that free() releases: names[n] is NULL.  -1 and errno. */
int sk_sys_list(const char *path, char ***names, size_t *n);

int sk_sys_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int sk_sys_inotify_init(void); /* IN_NONBLOCK */
int sk_sys_inotify_add(int fd, const char *path, uint32_t mask);

int64_t sk_sys_clock_ns(void); /* the wall clock: since 1970 UTC */
int64_t sk_sys_mono_ns(void);  /* never goes back: for waiting */
int64_t sk_sys_cpu_ns(void);   /* spent by this process */
uint64_t sk_sys_random(void);  /* 64 bits of entropy, never 0 */

#endif
