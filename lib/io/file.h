/*
 * Whole reads and writes, and the one durable way to replace a file.
 *
 * EINTR is repeated and a short count continued here and nowhere else.  All
 * return 0 or SK_ESYS with errno standing.  Nothing is owned.
 */
#ifndef SK_IO_FILE_H
#define SK_IO_FILE_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Write all of it.  *done (may be NULL) is what went out, on failure too. */
int sk_file_write(int fd, const void *bytes, size_t len, size_t *done);
/* The same from several pieces with one writev as long as nothing interrupts;
 * iov is used up. */
int sk_file_writev(int fd, struct iovec *iov, int n, size_t *done);
int sk_file_pwrite(int fd, const void *bytes, size_t len, uint64_t pos);
/* Read up to len bytes at pos; fewer (*got) only at the end of the file. */
int sk_file_pread(int fd, void *bytes, size_t len, uint64_t pos, size_t *got);
/* One read, repeated at EINTR: 0 with *got == 0 is the end. */
int sk_file_read(int fd, void *bytes, size_t len, size_t *got);
/* Add a whole file of at most `max` bytes to buf; a larger one is EFBIG. */
int sk_file_load(const char *path, size_t max, struct sk_buf *buf);

/* fsync the folder, or the folder that holds `path`. */
int sk_file_sync_dir(const char *dir);
int sk_file_sync_parent(const char *path);

/* Rename durably: rename, then fsync of the folder of `to`.  The content of
 * `from` must have been synced. */
int sk_file_rename(const char *from, const char *to);

/*
 * A new file to be renamed to `path`: its descriptor, or SK_ESYS; *tmp is its
 * name, to be freed either way.  That is `path` + ".tmp", or another if there
 * is one already, be it somebody's or that of a run that was killed.  It has
 * the mode of the file that it will replace.
 */
int sk_file_tmp(const char *path, char **tmp);

/* Replace `path` by these bytes: write a new file, fsync, close, rename, fsync
 * the folder.  After a failure the old file is whole and the new one is
 * gone. */
int sk_file_replace(const char *path, const void *bytes, size_t len);

/* Whether it is there and no regular file, or one by its descriptor
 * (/dev/fd/3, /dev/stderr): such are written to, not replaced. */
bool sk_file_is_device(const char *path);
/* The same as sk_file_replace(), but write to a device. */
int sk_file_put(const char *path, const void *bytes, size_t len);

#endif
