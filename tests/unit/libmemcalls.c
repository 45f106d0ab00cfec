#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/rng.h"
#include "io/sys.h"
#include "libmemfs.h"
#include "libmemtree.h"

/* ---- descriptors ---- */

static struct memfs_file *
file_of(int fd)
{
	struct memfs_file *f;

	if (fd < MEMFS_FD_FIRST || fd >= MEMFS_FD_FIRST + MEMFS_FD_MAX) {
		errno = EBADF;
		return NULL;
	}
	f = &memfs.file[fd - MEMFS_FD_FIRST];
	if (!f->used)
		memfs_broken("descriptor is not open", "use after close");
	return f;
}

static int
new_file(size_t node, int flags)
{
	int i;

	for (i = 0; i < MEMFS_FD_MAX; i++) {
		if (memfs.file[i].used)
			continue;
		memset(&memfs.file[i], 0, sizeof memfs.file[i]);
		memfs.file[i].used = true;
		memfs.file[i].node = node;
		memfs.file[i].flags = flags;
		return MEMFS_FD_FIRST + i;
	}
	memfs_broken("too many descriptors", "a leak");
	return -1;
}

static int
open_node(const char *path, int flags)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	size_t node = memfs_lookup(path);

	if (node == MEMFS_NONE) {
		if (!(flags & O_CREAT) || errno != ENOENT)
			return -1;
		node = memfs_create(path, false);
		if (node == MEMFS_NONE)
			return -1;
	} else if ((flags & O_CREAT) && (flags & O_EXCL)) {
		errno = EEXIST;
		return -1;
	}
	if (memfs.tree.node[node].dir && writes) {
		errno = EISDIR;
		return -1;
	}
	if (!memfs.tree.node[node].dir && (flags & O_DIRECTORY)) {
		errno = ENOTDIR;
		return -1;
	}
	if ((flags & O_TRUNC) && memfs.tree.node[node].data.len > 0)
		memfs_do(CHANGE_LENGTH, node, 0, 0, 0, NULL, 0, NULL);
	return new_file(node, flags);
}

int
sk_sys_open(const char *path, int flags, mode_t mode)
{
	int fd;

	(void)mode;
	if (memfs_enter(MEMFS_OPEN, "open"))
		return -1;
	fd = open_node(path, flags);
	memfs_leave();
	return fd;
}

int
sk_sys_close(int fd)
{
	bool fails = memfs_enter(MEMFS_CLOSE, "close");
	struct memfs_file *f = file_of(fd);
	int err = errno;

	if (f == NULL)
		return -1;
	f->used = false;
	if (!f->watch)
		memfs_forget(f->node);
	memfs_leave();
	errno = err;
	return fails ? -1 : 0;
}

static ssize_t
read_at(int fd, void *buf, size_t len, size_t pos, const char *name)
{
	const struct memfs_file *f = file_of(fd);
	const struct sk_buf *data;

	if (f == NULL)
		return -1;
	if (f->watch) {
		errno = EAGAIN;
		return -1;
	}
	data = &memfs.tree.node[f->node].data;
	if (pos >= data->len)
		return 0;
	if (len > data->len - pos)
		len = data->len - pos;
	len = memfs_shortened(len, name);
	memcpy(buf, data->ptr + pos, len);
	return (ssize_t)len;
}

ssize_t
sk_sys_read(int fd, void *buf, size_t len)
{
	struct memfs_file *f;
	ssize_t got;

	if (memfs_enter(MEMFS_READ, "read"))
		return -1;
	f = file_of(fd);
	got = read_at(fd, buf, len, f ? f->pos : 0, "read");
	if (got > 0)
		f->pos += (size_t)got;
	memfs_leave();
	return got;
}

ssize_t
sk_sys_pread(int fd, void *buf, size_t len, off_t pos)
{
	ssize_t got;

	if (memfs_enter(MEMFS_READ, "pread"))
		return -1;
	got = read_at(fd, buf, len, (size_t)pos, "pread");
	memfs_leave();
	return got;
}

/* Linux appends to an O_APPEND file whatever position is given. */
static ssize_t
write_at(struct memfs_file *f, const void *buf, size_t len, size_t pos,
    const char *name)
{
	if (f == NULL)
		return -1;
	if ((f->flags & O_ACCMODE) == O_RDONLY) {
		errno = EBADF;
		return -1;
	}
	if (f->flags & O_APPEND)
		pos = memfs.tree.node[f->node].data.len;
	len = memfs_shortened(len, name);
	if (memfs_dies_now(MEMFS_MIDDLE))
		len /= 2;
	if (len > 0)
		memfs_do(CHANGE_WRITE, f->node, 0, pos, len, buf, len, NULL);
	return (ssize_t)len;
}

ssize_t
sk_sys_write(int fd, const void *buf, size_t len)
{
	struct memfs_file *f;
	ssize_t put;

	if (memfs_enter(MEMFS_WRITE, "write"))
		return -1;
	f = file_of(fd);
	put = write_at(f, buf, len, f ? f->pos : 0, "write");
	if (put > 0)
		f->pos += (size_t)put;
	memfs_leave();
	return put;
}

ssize_t
sk_sys_writev(int fd, const struct iovec *iov, int n)
{
	struct sk_buf all = { 0 };
	struct memfs_file *f;
	ssize_t put;
	int i;

	if (memfs_enter(MEMFS_WRITE, "writev"))
		return -1;
	for (i = 0; i < n; i++)
		sk_buf_add(&all, iov[i].iov_base, iov[i].iov_len);
	f = file_of(fd);
	put = write_at(f, all.ptr, all.len, f ? f->pos : 0, "writev");
	sk_buf_free(&all);
	if (put > 0)
		f->pos += (size_t)put;
	memfs_leave();
	return put;
}

ssize_t
sk_sys_pwrite(int fd, const void *buf, size_t len, off_t pos)
{
	ssize_t put;

	if (memfs_enter(MEMFS_WRITE, "pwrite"))
		return -1;
	put = write_at(file_of(fd), buf, len, (size_t)pos, "pwrite");
	memfs_leave();
	return put;
}

int
sk_sys_ftruncate(int fd, off_t len)
{
	struct memfs_file *f;

	if (memfs_enter(MEMFS_TRUNCATE, "ftruncate"))
		return -1;
	f = file_of(fd);
	if (f == NULL || (f->flags & O_ACCMODE) == O_RDONLY) {
		errno = EINVAL;
		return -1;
	}
	memfs_do(CHANGE_LENGTH, f->node, 0, (uint64_t)len, 0, NULL, 0, NULL);
	memfs_leave();
	return 0;
}

static int
sync_file(int fd, const char *name)
{
	bool fails = memfs_enter(MEMFS_SYNC, name);
	struct memfs_file *f = file_of(fd);
	int err = errno;

	if (f == NULL)
		return -1;
	if (!fails)
		memfs_do(CHANGE_SYNC, f->node, 0, 0, 0, NULL, 0, NULL);
	else if (!memfs.tree.node[f->node].dir)
		memfs_do(CHANGE_SYNC_FAILED, f->node, 0, 0, 0, NULL, 0, NULL);
	memfs_leave();
	errno = err;
	return fails ? -1 : 0;
}

int
sk_sys_fsync(int fd)
{
	return sync_file(fd, "fsync");
}

int
sk_sys_fdatasync(int fd)
{
	return sync_file(fd, "fdatasync");
}

/* ---- names ---- */

int
sk_sys_rename(const char *from, const char *to)
{
	int rc;

	if (memfs_enter(MEMFS_RENAME, "rename"))
		return -1;
	rc = memfs_rename(from, to);
	memfs_leave();
	return rc;
}

int
sk_sys_unlink(const char *path)
{
	int rc;

	if (memfs_enter(MEMFS_UNLINK, "unlink"))
		return -1;
	rc = memfs_unlink(path);
	memfs_leave();
	return rc;
}

int
sk_sys_mkdir(const char *path, mode_t mode)
{
	int rc = -1;

	(void)mode;
	if (memfs_enter(MEMFS_MKDIR, "mkdir"))
		return -1;
	if (memfs_lookup(path) != MEMFS_NONE)
		errno = EEXIST;
	else if (memfs_create(path, true) != MEMFS_NONE)
		rc = 0;
	memfs_leave();
	return rc;
}

static void
fill_stat(size_t node, struct stat *st)
{
	const struct memfs_node *f = &memfs.tree.node[node];

	memset(st, 0, sizeof *st);
	st->st_dev = 7;
	st->st_ino = f->ino;
	st->st_mode = f->dir ? S_IFDIR | 0755 : S_IFREG | 0644;
	st->st_nlink = f->links;
	st->st_size = (off_t)f->data.len;
	st->st_blksize = 4096;
	st->st_mtim.tv_sec = f->mtime_ns / 1000000000;
	st->st_mtim.tv_nsec = f->mtime_ns % 1000000000;
}

int
sk_sys_stat(const char *path, struct stat *st)
{
	size_t node;

	if (memfs_enter(MEMFS_STAT, "stat"))
		return -1;
	node = memfs_lookup(path);
	if (node != MEMFS_NONE)
		fill_stat(node, st);
	memfs_leave();
	return node == MEMFS_NONE ? -1 : 0;
}

int
sk_sys_fstat(int fd, struct stat *st)
{
	const struct memfs_file *f;

	if (memfs_enter(MEMFS_STAT, "fstat"))
		return -1;
	f = file_of(fd);
	if (f == NULL)
		return -1;
	fill_stat(f->node, st);
	memfs_leave();
	return 0;
}

int
sk_sys_list(const char *path, char ***names, size_t *n)
{
	size_t node;

	if (memfs_enter(MEMFS_LIST, "list"))
		return -1;
	node = memfs_lookup(path);
	if (node != MEMFS_NONE && !memfs.tree.node[node].dir) {
		errno = ENOTDIR;
		node = MEMFS_NONE;
	}
	if (node != MEMFS_NONE)
		*names = memfs_list(node, n);
	memfs_leave();
	return node == MEMFS_NONE ? -1 : 0;
}

/* Does another description hold a lock that is in the way? */
static bool
is_held(const struct memfs_file *f, bool exclusive)
{
	size_t i;

	for (i = 0; i < MEMFS_FD_MAX; i++) {
		const struct memfs_file *other = &memfs.file[i];

		if (other->used && other != f && other->node == f->node &&
		    (other->lock == 2 || (exclusive && other->lock == 1)))
			return true;
	}
	return false;
}

int
sk_sys_lock(int fd, bool exclusive)
{
	struct memfs_file *f;
	bool held;

	if (memfs_enter(MEMFS_LOCK, "lock"))
		return -1;
	f = file_of(fd);
	if (f == NULL)
		return -1;
	held = is_held(f, exclusive);
	if (!held)
		f->lock = exclusive ? 2 : 1;
	memfs_leave();
	errno = EAGAIN;
	return held ? -1 : 0;
}

int
sk_sys_locked(int fd)
{
	const struct memfs_file *f;
	bool held;

	if (memfs_enter(MEMFS_LOCK, "locked"))
		return -1;
	f = file_of(fd);
	if (f == NULL)
		return -1;
	held = is_held(f, true);
	memfs_leave();
	return held;
}

/* ---- waiting and time ---- */

int
sk_sys_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	nfds_t i;
	int ready = 0;

	if (memfs_enter(MEMFS_POLL, "poll"))
		return -1;
	for (i = 0; i < n; i++) {
		const struct memfs_file *f;

		fds[i].revents = 0;
		if (fds[i].fd < MEMFS_FD_FIRST) /* a real one: never ready */
			continue;
		f = file_of(fds[i].fd);
		if (f != NULL && !f->watch) {
			fds[i].revents = fds[i].events & (POLLIN | POLLOUT);
			ready += fds[i].revents != 0;
		}
	}
	if (memfs.poll_fn != NULL)
		memfs.poll_fn(memfs.poll_arg, timeout_ms);
	else if (ready == 0 && timeout_ms < 0)
		memfs_broken("waits for ever", "poll");
	if (ready == 0 && timeout_ms > 0)
		memfs_clock_add((int64_t)timeout_ms * 1000000);
	memfs_leave();
	return ready;
}

int
sk_sys_inotify_init(void)
{
	int fd;

	if (memfs_enter(MEMFS_INOTIFY, "inotify_init"))
		return -1;
	fd = new_file(0, O_RDONLY);
	memfs.file[fd - MEMFS_FD_FIRST].watch = true;
	memfs_leave();
	return fd;
}

int
sk_sys_inotify_add(int fd, const char *path, uint32_t mask)
{
	(void)mask;
	if (memfs_enter(MEMFS_INOTIFY, "inotify_add"))
		return -1;
	if (file_of(fd) == NULL || memfs_lookup(path) == MEMFS_NONE)
		return -1;
	return 1;
}

int64_t
sk_sys_clock_ns(void)
{
	memfs.clock_ns += 1000;
	return memfs.clock_ns;
}

int64_t
sk_sys_mono_ns(void)
{
	memfs.mono_ns += 1000;
	return memfs.mono_ns;
}

int64_t
sk_sys_cpu_ns(void)
{
	return sk_sys_mono_ns();
}

uint64_t
sk_sys_random(void)
{
	uint64_t x;

	do
		x = sk_rng_next(&memfs.rng);
	while (x == 0);
	return x;
}
