#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/sys.h"

int
sk_file_write(int fd, const void *bytes, size_t len, size_t *done)
{
	struct iovec iov = { (void *)(uintptr_t)bytes, len };

	return sk_file_writev(fd, &iov, 1, done);
}

int
sk_file_writev(int fd, struct iovec *iov, int n, size_t *done)
{
	size_t sum = 0, left;
	ssize_t put;
	int err = 0;

	while (n > 0) {
		put = sk_sys_writev(fd, iov, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			err = SK_ESYS;
			break;
		}
		sum += (size_t)put;
		for (left = (size_t)put; n > 0 && left >= iov->iov_len; n--)
			left -= iov++->iov_len;
		if (n > 0) {
			iov->iov_base = (char *)iov->iov_base + left;
			iov->iov_len -= left;
		}
	}
	if (done != NULL)
		*done = sum;
	return err;
}

int
sk_file_pwrite(int fd, const void *bytes, size_t len, uint64_t pos)
{
	const char *at = bytes;
	ssize_t put;

	while (len > 0) {
		put = sk_sys_pwrite(fd, at, len, (off_t)pos);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return SK_ESYS;
		at += put;
		len -= (size_t)put;
		pos += (uint64_t)put;
	}
	return 0;
}

int
sk_file_pread(int fd, void *bytes, size_t len, uint64_t pos, size_t *got)
{
	ssize_t n;

	*got = 0;
	while (*got < len) {
		n = sk_sys_pread(fd, (char *)bytes + *got, len - *got,
		    (off_t)(pos + *got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SK_ESYS;
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

int
sk_file_read(int fd, void *bytes, size_t len, size_t *got)
{
	ssize_t n;

	do
		n = sk_sys_read(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	*got = n < 0 ? 0 : (size_t)n;
	return n < 0 ? SK_ESYS : 0;
}

int
sk_file_load(const char *path, size_t max, struct sk_buf *buf)
{
	size_t start = buf->len, got;
	int fd, err;

	fd = sk_sys_open(path, O_RDONLY, 0);
	if (fd < 0)
		return SK_ESYS;
	do {
		sk_buf_reserve(buf, 65536);
		err = sk_file_read(fd, buf->ptr + buf->len, 65536, &got);
		buf->len += got;
		if (err == 0 && buf->len - start > max) {
			errno = EFBIG;
			err = SK_ESYS;
		}
	} while (err == 0 && got > 0);
	if (err != 0)
		buf->len = start;
	sk_sys_close(fd);
	return err;
}

int
sk_file_sync_dir(const char *dir)
{
	int fd = sk_sys_open(dir, O_RDONLY | O_DIRECTORY, 0);
	int keep;

	if (fd < 0)
		return SK_ESYS;
	if (sk_sys_fsync(fd) != 0) {
		keep = errno;
		sk_sys_close(fd);
		errno = keep;
		return SK_ESYS;
	}
	return sk_sys_close(fd) != 0 ? SK_ESYS : 0;
}

int
sk_file_sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int err;

	if (slash == NULL)
		return sk_file_sync_dir(".");
	dir = sk_xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	err = sk_file_sync_dir(dir);
	free(dir);
	return err;
}

int
sk_file_rename(const char *from, const char *to)
{
	if (sk_sys_rename(from, to) != 0)
		return SK_ESYS;
	return sk_file_sync_parent(to);
}

int
sk_file_tmp(const char *path, char **tmp)
{
	struct stat st;
	mode_t mode = sk_sys_stat(path, &st) == 0 && S_ISREG(st.st_mode) ?
	    st.st_mode & 0777 : 0666;
	int fd;

	*tmp = sk_xasprintf("%s.tmp", path);
	while ((fd = sk_sys_open(*tmp, O_WRONLY | O_CREAT | O_EXCL,
	    mode)) < 0 && errno == EEXIST) {
		free(*tmp);
		*tmp = sk_xasprintf("%s.%08" PRIx32 ".tmp", path,
		    (uint32_t)sk_sys_random());
	}
	return fd < 0 ? SK_ESYS : fd;
}

int
sk_file_replace(const char *path, const void *bytes, size_t len)
{
	char *tmp;
	int fd = sk_file_tmp(path, &tmp), keep, err;

	if (fd < 0) {
		free(tmp);
		return SK_ESYS;
	}
	err = sk_file_write(fd, bytes, len, NULL);
	if (err == 0 && sk_sys_fsync(fd) != 0)
		err = SK_ESYS;
	keep = errno;
	if (sk_sys_close(fd) != 0 && err == 0) {
		keep = errno;
		err = SK_ESYS;
	}
	errno = keep;
	if (err == 0)
		err = sk_file_rename(tmp, path);
	if (err != 0) {
		keep = errno;
		sk_sys_unlink(tmp);
		errno = keep;
	}
	free(tmp);
	return err;
}

bool
sk_file_is_device(const char *path)
{
	struct stat st;

	return strncmp(path, "/dev/fd/", 8) == 0 ||
	    strncmp(path, "/dev/std", 8) == 0 ||
	    (sk_sys_stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

int
sk_file_put(const char *path, const void *bytes, size_t len)
{
	int fd, keep, err;

	if (!sk_file_is_device(path))
		return sk_file_replace(path, bytes, len);
	fd = sk_sys_open(path, O_WRONLY, 0);
	if (fd < 0)
		return SK_ESYS;
	err = sk_file_write(fd, bytes, len, NULL);
	keep = errno;
	if (sk_sys_close(fd) != 0 && err == 0) {
		keep = errno;
		err = SK_ESYS;
	}
	errno = keep;
	return err;
}
