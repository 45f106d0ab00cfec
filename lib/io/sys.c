#include <sys/inotify.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/sys.h"

int
sk_sys_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags | O_CLOEXEC, mode);
}

int
sk_sys_close(int fd)
{
	return close(fd);
}

ssize_t
sk_sys_read(int fd, void *buf, size_t len)
{
	return read(fd, buf, len);
}

ssize_t
sk_sys_pread(int fd, void *buf, size_t len, off_t pos)
{
	return pread(fd, buf, len, pos);
}

ssize_t
sk_sys_write(int fd, const void *buf, size_t len)
{
	return write(fd, buf, len);
}

ssize_t
sk_sys_writev(int fd, const struct iovec *iov, int n)
{
	return writev(fd, iov, n);
}

ssize_t
sk_sys_pwrite(int fd, const void *buf, size_t len, off_t pos)
{
	return pwrite(fd, buf, len, pos);
}

int
sk_sys_ftruncate(int fd, off_t len)
{
	return ftruncate(fd, len);
}

int
sk_sys_fsync(int fd)
{
	return fsync(fd);
}

int
sk_sys_fdatasync(int fd)
{
	return fdatasync(fd);
}

int
sk_sys_rename(const char *from, const char *to)
{
	return rename(from, to);
}

int
sk_sys_unlink(const char *path)
{
	return unlink(path);
}

int
sk_sys_mkdir(const char *path, mode_t mode)
{
	return mkdir(path, mode);
}

int
sk_sys_stat(const char *path, struct stat *st)
{
	return stat(path, st);
}

int
sk_sys_fstat(int fd, struct stat *st)
{
	return fstat(fd, st);
}

int
sk_sys_lock(int fd, bool exclusive)
{
	struct flock lock = { 0 };

	lock.l_type = exclusive ? F_WRLCK : F_RDLCK;
	lock.l_whence = SEEK_SET;
	return fcntl(fd, F_OFD_SETLK, &lock);
}

int
sk_sys_locked(int fd)
{
	struct flock lock = { 0 };

	lock.l_type = F_RDLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
		return -1;
	return lock.l_type != F_UNLCK;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One block: the array of pointers, then the names they point to. */
static char **
pack_names(const struct sk_buf *names, size_t n)
{
	size_t head = (n + 1) * sizeof(char *), i;
	char **list = sk_xalloc(head + names->len, 1);
	char *at = (char *)list + head;

	if (names->len > 0)
		memcpy(at, names->ptr, names->len);
	for (i = 0; i < n; i++) {
		list[i] = at;
		at += strlen(at) + 1;
	}
	list[n] = NULL;
	qsort(list, n, sizeof(char *), by_bytes);
	return list;
}

int
sk_sys_list(const char *path, char ***names, size_t *n)
{
	struct sk_buf found = { 0 };
	struct dirent *entry;
	DIR *dir;
	int keep;

	dir = opendir(path);
	if (dir == NULL)
		return -1;
	*n = 0;
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		sk_buf_add(&found, entry->d_name, strlen(entry->d_name) + 1);
		++*n;
	}
	keep = errno;
	closedir(dir);
	if (keep == 0)
		*names = pack_names(&found, *n);
	sk_buf_free(&found);
	errno = keep;
	return keep == 0 ? 0 : -1;
}

int
sk_sys_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	return poll(fds, n, timeout_ms);
}

int
sk_sys_inotify_init(void)
{
	return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

int
sk_sys_inotify_add(int fd, const char *path, uint32_t mask)
{
	return inotify_add_watch(fd, path, mask);
}

static int64_t
clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t
sk_sys_clock_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t
sk_sys_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t
sk_sys_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t
sk_sys_random(void)
{
	return sk_rng_draw();
}
