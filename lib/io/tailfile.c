#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/tailfile.h"

#define SAME_BYTES 65536 /* compared to tell a copy from a namesake */

int64_t
sk_tailfile_mtime(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Unpack up to the first SK_TAIL_HEAD bytes; damage ends them. */
static int
unpack_head(int fd, struct sk_tail_head *head)
{
	struct sk_unpack unpack;
	size_t got = 1;
	int err = 0;

	head->len = 0;
	sk_unpack_open(&unpack, fd, 1);
	while (err == 0 && got > 0 && head->len < SK_TAIL_HEAD) {
		err = sk_unpack_read(&unpack, head->bytes + head->len,
		    SK_TAIL_HEAD - head->len, &got);
		head->len += got;
	}
	sk_unpack_close(&unpack);
	head->whole = err == 0;
	return err == SK_EDATA ? 0 : err;
}

static int
check_kind(int fd, struct stat *st)
{
	if (sk_sys_fstat(fd, st) != 0)
		return SK_ESYS;
	if (S_ISREG(st->st_mode))
		return 0;
	errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
	return SK_ESYS;
}

static int
read_head(int fd, struct sk_tail_head *head)
{
	int err;

	head->packed = false;
	head->whole = true;
	err = sk_file_pread(fd, head->bytes, SK_TAIL_HEAD, 0, &head->len);
	if (err == 0 &&
	    sk_unpack_magic(head->bytes, head->len) != SK_UNPACK_PLAIN) {
		head->packed = true;
		err = unpack_head(fd, head);
	}
	return err;
}

static void
close_fd(struct sk_tailfile *f)
{
	if (f->fd >= 0)
		sk_sys_close(f->fd);
	f->fd = -1;
}

int
sk_tailfile_open(struct sk_tailfile *f, const char *path,
    struct sk_tail_head *head)
{
	struct stat st;
	int err, keep;

	memset(f, 0, sizeof(*f));
	/* O_NONBLOCK: a FIFO without a writer must not hold us. */
	f->fd = sk_sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (f->fd < 0)
		return SK_ESYS;
	err = check_kind(f->fd, &st);
	if (err == 0)
		err = read_head(f->fd, head);
	if (err != 0) {
		keep = errno;
		close_fd(f);
		errno = keep;
		return err;
	}
	f->path = sk_xstrdup(path);
	f->dev = (uint64_t)st.st_dev;
	f->ino = (uint64_t)st.st_ino;
	f->size = (uint64_t)st.st_size;
	f->mtime_ns = sk_tailfile_mtime(&st);
	f->grown_ns = sk_sys_mono_ns();
	f->packed = head->packed;
	f->ready = true;
	if (f->packed)
		close_fd(f);
	return 0;
}

int
sk_tailfile_head(struct sk_tailfile *f, struct sk_tail_head *head)
{
	struct sk_tailfile again;
	int err = sk_tailfile_open(&again, f->path, head);

	if (err != 0)
		return err;
	if (again.dev != f->dev || again.ino != f->ino) {
		/* The name has gone to another file; what is open stays. */
		sk_tailfile_close(&again);
		errno = ENOENT;
		return f->fd < 0 ? SK_ESYS : read_head(f->fd, head);
	}
	f->packed = head->packed;
	if (f->packed)
		close_fd(f);
	sk_tailfile_close(&again);
	return 0;
}

bool
sk_tailfile_undecided(const struct sk_tail_head *head)
{
	static const char magic[][4] = { "\x1f\x8b\x08", "\x28\xb5\x2f\xfd" };
	const char *b = head->bytes;

	if (head->packed || head->len == 0 || head->len > 3)
		return false;
	return memcmp(b, magic[0], head->len) == 0 ||
	    memcmp(b, magic[1], head->len) == 0 ||
	    ((b[0] & 0xf0) == 0x50 &&
	    memcmp(b + 1, "\x2a\x4d", head->len - 1) == 0);
}

bool
sk_tailfile_matches(const struct sk_tail_source *source,
    const struct sk_tail_head *head)
{
	return source->fp_len <= head->len &&
	    (source->fp_len == 0 ||
	    sk_hash_disk(head->bytes, source->fp_len) == source->fp);
}

void
sk_tailfile_stamp(struct sk_tail_source *source,
    const struct sk_tail_head *head)
{
	source->fp_len = (uint32_t)head->len;
	source->fp = sk_hash_disk(head->bytes, head->len);
}

/* Is it still the file the source was taken from?  Renews a fingerprint that
 * was shorter than it can be. */
static int
same_still(struct sk_tail_source *source, const struct sk_tail_head *head)
{
	if (!sk_tailfile_matches(source, head))
		return SK_EDATA;
	if (source->fp_len < head->len)
		sk_tailfile_stamp(source, head);
	return 0;
}

static void
stop_unpacking(struct sk_tailfile *f)
{
	if (f->unpacking)
		sk_unpack_close(&f->unpack);
	f->unpacking = false;
	sk_buf_free(&f->held);
	if (f->packed)
		close_fd(f);
}

int
sk_tailfile_look(struct sk_tailfile *f, int64_t now_ns)
{
	const struct sk_tail_source *source = f->source;
	struct stat st;
	int got;

	got = f->fd >= 0 ? sk_sys_fstat(f->fd, &st) :
	    sk_sys_stat(f->path, &st);
	if (got != 0)
		return SK_ESYS;
	if (f->fd < 0 && ((uint64_t)st.st_dev != f->dev ||
	    (uint64_t)st.st_ino != f->ino)) {
		errno = ENOENT;
		return SK_ESYS;
	}
	f->deleted = st.st_nlink == 0;
	if ((uint64_t)st.st_size == f->size &&
	    sk_tailfile_mtime(&st) == f->mtime_ns)
		return 0;
	f->size = (uint64_t)st.st_size;
	f->mtime_ns = sk_tailfile_mtime(&st);
	f->grown_ns = now_ns;
	f->ready = true;
	f->settled = false;
	if (f->packed)
		stop_unpacking(f);
	else if (source != NULL &&
	    (f->size < source->pos || f->size < source->fp_len))
		return SK_EDATA;
	return 0;
}

/* ---- plain files ---- */

int
sk_tailfile_check(const struct sk_tailfile *f)
{
	struct sk_tail_head head;
	struct stat st;
	int err;

	if (f->packed || f->source == NULL)
		return 0;
	if (sk_sys_fstat(f->fd, &st) != 0)
		return SK_ESYS;
	if ((uint64_t)st.st_size < f->source->pos)
		return SK_EDATA;
	err = sk_file_pread(f->fd, head.bytes, SK_TAIL_HEAD, 0, &head.len);
	return err != 0 ? err : same_still(f->source, &head);
}

/* What of `got` bytes can be given out: the kind of end, 0 for none. */
static int
find_end(const char *buf, size_t got, size_t max_line, bool rest, size_t *len)
{
	const char *newline = got == 0 ? NULL : memrchr(buf, '\n', got);

	if (newline != NULL) {
		*len = (size_t)(newline - buf) + 1;
		return SK_TAIL_LINES;
	}
	if (got >= max_line) {
		*len = got - 1 - (got - 1) % (max_line - 1);
		return SK_TAIL_PIECE;
	}
	*len = rest ? got : 0;
	return *len > 0 ? SK_TAIL_REST : 0;
}

static int
read_plain(struct sk_tailfile *f, char *buf, size_t max_line, bool rest,
    size_t *len)
{
	size_t want = SK_TAIL_READ, got;
	int err, end;

	for (;;) {
		err = sk_file_pread(f->fd, buf, want, f->source->pos, &got);
		if (err == 0 && got > 0)
			err = sk_tailfile_check(f);
		if (err != 0)
			return err;
		/* What has come since the last look may go on. */
		end = find_end(buf, got, max_line, rest && got < want &&
		    f->source->pos + got == f->size, len);
		if (end != 0 || got < want || want >= max_line)
			break;
		want = max_line;
	}
	/* At the end of the file only a rest is left to read. */
	f->partial = got - *len;
	f->ready = end == SK_TAIL_PIECE || got == want ||
	    f->partial >= max_line || (end != 0 && rest && f->partial > 0);
	return end;
}

/* ---- packed files ---- */

static int
open_again(struct sk_tailfile *f)
{
	struct stat st;

	f->fd = sk_sys_open(f->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (f->fd < 0)
		return SK_ESYS;
	if (sk_sys_fstat(f->fd, &st) != 0)
		return SK_ESYS;
	if ((uint64_t)st.st_dev == f->dev && (uint64_t)st.st_ino == f->ino)
		return 0;
	errno = ENOENT;
	return SK_ESYS;
}

/* Take bytes of the front: into the head, and what is behind the position
 * into `held`. */
static void
take_front(struct sk_tailfile *f, struct sk_tail_head *head, const char *bytes,
    size_t got)
{
	size_t n = SK_TAIL_HEAD - head->len, skip = 0;

	if (n > got)
		n = got;
	memcpy(head->bytes + head->len, bytes, n);
	head->len += n;
	if (f->unpacked < f->source->pos)
		skip = (size_t)(f->source->pos - f->unpacked);
	if (skip < got)
		sk_buf_add(&f->held, bytes + skip, got - skip);
	f->unpacked += got;
}

/* Unpack up to the position and check on the way who it is. */
static int
start_unpacking(struct sk_tailfile *f)
{
	struct sk_tail_head head = { .len = 0 };
	char bytes[16384];
	size_t got = 1;
	int err;

	err = open_again(f);
	if (err != 0) {
		close_fd(f);
		return err;
	}
	sk_unpack_open(&f->unpack, f->fd, 1);
	f->unpacking = true;
	f->damaged = false;
	f->unpacked = 0;
	while (err == 0 && got > 0 && (f->unpacked < f->source->pos ||
	    head.len < SK_TAIL_HEAD)) {
		err = sk_unpack_read(&f->unpack, bytes, sizeof(bytes), &got);
		take_front(f, &head, bytes, got);
	}
	f->damaged = err == SK_EDATA;
	if (err == SK_EDATA || err == 0)
		err = same_still(f->source, &head);
	if (err == 0 && f->unpacked < f->source->pos && !f->damaged)
		err = SK_EDATA;
	if (err != 0)
		stop_unpacking(f);
	return err;
}

/* Fill buf: first what is held, then new bytes. */
static int
fill(struct sk_tailfile *f, char *buf, size_t want, size_t *got)
{
	size_t n;
	int err = 0;

	*got = f->held.len < want ? f->held.len : want;
	if (*got > 0)
		memcpy(buf, f->held.ptr, *got);
	sk_buf_drop(&f->held, *got);
	while (err == 0 && *got < want && !f->damaged) {
		err = sk_unpack_read(&f->unpack, buf + *got, want - *got, &n);
		*got += n;
		f->unpacked += n;
		if (err == SK_EDATA) {
			f->damaged = true;
			err = 0;
		}
		if (n == 0)
			break;
	}
	return err;
}

/* Put bytes back in front of those that are held. */
static void
hold(struct sk_tailfile *f, const char *bytes, size_t len)
{
	struct sk_buf all = { 0 };

	if (len == 0)
		return;
	sk_buf_add(&all, bytes, len);
	sk_buf_add(&all, f->held.ptr, f->held.len);
	sk_buf_free(&f->held);
	f->held = all;
}

static int
read_packed(struct sk_tailfile *f, char *buf, size_t max_line, bool rest,
    size_t *len)
{
	size_t want = max_line > SK_TAIL_READ ? max_line : SK_TAIL_READ, got;
	int err = 0, end;

	if (!f->unpacking)
		err = start_unpacking(f);
	if (err == 0)
		err = fill(f, buf, want, &got);
	if (err != 0)
		return err;
	end = find_end(buf, got, max_line, rest && got < want && !f->damaged,
	    len);
	hold(f, buf + *len, got - *len);
	f->ready = end != 0;
	f->partial = got - *len;
	if (end == 0)
		stop_unpacking(f);
	return end;
}

int
sk_tailfile_read(struct sk_tailfile *f, char *buf, size_t cap,
    size_t max_line, bool rest, size_t *len)
{
	int end;

	sk_assert(cap >= max_line && max_line >= 2 && cap >= SK_TAIL_READ);
	*len = 0;
	if (f->packed)
		end = read_packed(f, buf, max_line, rest, len);
	else
		end = read_plain(f, buf, max_line, rest, len);
	if (end > 0) {
		f->source->pos += *len;
		f->inside = end == SK_TAIL_PIECE;
	}
	return end;
}

/* ---- where to begin, and whose bytes these are ---- */

/* Go back from the end of a plain file to the newline before it. */
static int
skip_plain(struct sk_tailfile *f, char *buf, size_t cap)
{
	uint64_t end = f->size, start;
	const char *newline;
	size_t got;
	int err;

	while (end > 0) {
		start = end > cap ? end - cap : 0;
		err = sk_file_pread(f->fd, buf, (size_t)(end - start), start,
		    &got);
		if (err != 0)
			return err;
		newline = got == 0 ? NULL : memrchr(buf, '\n', got);
		if (newline != NULL) {
			f->source->pos = start +
			    (uint64_t)(newline - buf) + 1;
			return 0;
		}
		end = start;
	}
	return 0;
}

int
sk_tailfile_skip(struct sk_tailfile *f, char *buf, size_t cap,
    size_t max_line)
{
	size_t len;
	int end;

	if (!f->packed)
		return skip_plain(f, buf, cap);
	do
		end = sk_tailfile_read(f, buf, cap, max_line, true, &len);
	while (end > 0);
	return end;
}

static int
read_before(const struct sk_tailfile *f, uint64_t end, char *buf, size_t *len)
{
	uint64_t start = end > *len ? end - *len : 0;

	return sk_file_pread(f->fd, buf, (size_t)(end - start), start, len);
}

bool
sk_tailfile_same_bytes(const struct sk_tailfile *a,
    const struct sk_tailfile *b)
{
	uint64_t end = a->size < b->size ? a->size : b->size;
	size_t a_len = SAME_BYTES, b_len = SAME_BYTES;
	char *bytes;
	bool same;

	if (a->packed || b->packed || a->fd < 0 || b->fd < 0)
		return true;
	bytes = sk_xalloc(2, SAME_BYTES);
	same = read_before(a, end, bytes, &a_len) == 0 &&
	    read_before(b, end, bytes + SAME_BYTES, &b_len) == 0 &&
	    a_len == b_len && memcmp(bytes, bytes + SAME_BYTES, a_len) == 0;
	free(bytes);
	return same;
}

void
sk_tailfile_close(struct sk_tailfile *f)
{
	stop_unpacking(f);
	close_fd(f);
	free(f->path);
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}
