#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/segment.h"
#include "log/torn.h"

enum { PIECE = 65536 };

/* The part of an open segment that goes. */
struct tail {
	int fd;
	uint64_t pos;
	uint64_t end;
};

/* Read the piece of the tail at `at`; fewer bytes only at its end. */
static int
read_tail(const struct tail *tail, uint64_t at, char *bytes, size_t *got)
{
	uint64_t left = tail->end - tail->pos - at;

	return sk_file_pread(tail->fd, bytes,
	    left < PIECE ? (size_t)left : PIECE, tail->pos + at, got);
}

static int
same_bytes(const struct tail *tail, const char *path, bool *same)
{
	char *a = sk_xalloc(PIECE, 2), *b = a + PIECE;
	size_t got_a = 0, got_b = 0;
	uint64_t at = 0;
	int fd, err;

	*same = false;
	fd = sk_sys_open(path, O_RDONLY, 0);
	err = fd < 0 ? SK_ESYS : 0;
	if (err == 0)
		do {
			err = sk_file_pread(fd, a, PIECE, at, &got_a);
			if (err == 0)
				err = read_tail(tail, at, b, &got_b);
			*same = err == 0 && got_a == got_b &&
			    memcmp(a, b, got_a) == 0;
			at += PIECE;
		} while (*same && got_a == PIECE);
	if (fd >= 0)
		sk_sys_close(fd);
	free(a);
	return err;
}

/* The first name that is free, or that holds these bytes: then *there. */
static int
choose_name(const char *topic, uint64_t base, const struct tail *tail,
    char **name, bool *there)
{
	struct stat st;
	char *path;
	unsigned i;
	int err;

	*there = false;
	for (i = 1;; i++) {
		*name = i == 1 ?
		    sk_xasprintf("%020ju.torn-%ju", (uintmax_t)base,
		    (uintmax_t)tail->pos) :
		    sk_xasprintf("%020ju.torn-%ju.%u", (uintmax_t)base,
		    (uintmax_t)tail->pos, i);
		path = sk_topic_path(topic, *name);
		err = sk_sys_stat(path, &st) != 0 ? SK_ESYS :
		    same_bytes(tail, path, there);
		free(path);
		if (err != 0)
			return errno == ENOENT ? 0 : err;
		if (*there)
			return 0;
		free(*name);
	}
}

static int
copy_tail(const struct tail *tail, int to)
{
	char *piece = sk_xalloc(PIECE, 1);
	uint64_t at = 0;
	size_t got;
	int err;

	do {
		err = read_tail(tail, at, piece, &got);
		if (err == 0)
			err = sk_file_write(to, piece, got, NULL);
		at += got;
	} while (err == 0 && got > 0 && at < tail->end - tail->pos);
	if (err == 0 && sk_sys_fsync(to) != 0)
		err = SK_ESYS;
	free(piece);
	return err;
}

static int
write_copy(const char *fresh, const struct tail *tail)
{
	int fd, keep, err;

	fd = sk_sys_open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		return SK_ESYS;
	err = copy_tail(tail, fd);
	keep = errno;
	if (sk_sys_close(fd) != 0 && err == 0) {
		keep = errno;
		err = SK_ESYS;
	}
	errno = keep;
	return err;
}

int
sk_torn_keep(const char *topic, uint64_t base, int fd, uint64_t pos,
    uint64_t end, char **name, struct sk_diag *diag)
{
	char *fresh = sk_topic_path(topic, ".new-torn"), *path;
	const struct tail tail = { fd, pos, end };
	bool there;
	int err;

	err = choose_name(topic, base, &tail, name, &there);
	path = sk_topic_path(topic, *name);
	if (err == 0 && there)
		err = sk_file_sync_dir(topic);
	else if (err == 0)
		err = write_copy(fresh, &tail);
	if (err == 0 && !there)
		err = sk_file_rename(fresh, path);
	if (err != 0) {
		err = sk_diag_sys(diag, "%s: cannot keep the tail", path);
		free(*name);
		*name = NULL;
	}
	free(path);
	free(fresh);
	return err;
}
