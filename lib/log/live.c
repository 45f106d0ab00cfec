#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/trace.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/live.h"
#include "log/segment.h"

static int
fail(struct sk_live *live, int err, const struct sk_diag *why)
{
	live->failed = err;
	live->failed_errno = errno;
	live->why = *why;
	return err;
}

static int
again(const struct sk_live *live, struct sk_diag *diag)
{
	if (diag != NULL)
		*diag = live->why;
	errno = live->failed_errno;
	return live->failed;
}

/* A sync has failed: what it was to make durable is lost or not, and no later
 * sync will tell. */
static int
sync_failed(struct sk_live *live, struct sk_diag *diag)
{
	struct sk_diag why;

	sk_diag_sys(&why, "%s: not durable since offset %ju", live->path,
	    (uintmax_t)live->durable_offset);
	fail(live, SK_ESYS, &why);
	return again(live, diag);
}

int
sk_live_open(struct sk_live *live, const char *topic,
    const struct sk_log_conf *conf, struct sk_recovered *state,
    struct sk_diag *diag)
{
	memset(live, 0, sizeof(*live));
	live->topic = topic;
	live->conf = conf;
	live->incarnation = sk_sys_random();
	live->fd = -1;
	live->begun = state->n_segments > 0;
	live->chain = state->chain;
	live->index = state->index;
	memset(&state->index, 0, sizeof(state->index));
	live->first_clock_ns = state->first_clock_ns;
	live->durable_offset = state->chain.offset;
	live->marked = true;
	if (!live->begun || state->sealed)
		return 0;
	live->pos = state->size;
	live->durable_pos = state->size;
	live->path = sk_segment_path(topic, state->chain.base);
	live->fd = sk_sys_open(live->path, O_WRONLY | O_APPEND, 0);
	return live->fd < 0 ? sk_diag_sys(diag, "%s", live->path) : 0;
}

void
sk_live_free(struct sk_live *live)
{
	if (live->fd >= 0)
		sk_sys_close(live->fd);
	live->fd = -1;
	free(live->path);
	live->path = NULL;
	sk_index_free(&live->index);
	sk_buf_free(&live->head);
}

int
sk_live_begin(struct sk_live *live, const struct sk_sources *sources,
    struct sk_diag *diag)
{
	struct sk_buf tlvs = { 0 };
	struct sk_diag why = { { 0 } };
	struct sk_frame s;
	bool final = false;

	if (live->failed != 0)
		return again(live, diag);
	if (live->fd >= 0)
		return 0;
	sk_segment_follow(&s, live->conf, live->begun ? &live->chain : NULL);
	s.incarnation = live->incarnation;
	sk_sources_add(sources, &tlvs);
	s.tlvs = sk_view(tlvs.ptr, tlvs.len);
	free(live->path);
	live->path = sk_segment_path(live->topic, s.offset);
	live->fd = sk_segment_create(live->topic, &s, &final, &why);
	sk_buf_free(&tlvs);
	if (live->fd < 0) {
		live->fd = -1;
		if (final)
			fail(live, SK_ESYS, &why);
		if (diag != NULL)
			*diag = why;
		return SK_ESYS;
	}
	live->begun = true;
	sk_chain_add(&live->chain, &s, 0);
	sk_index_reset(&live->index);
	sk_index_add_frame(&live->index, s.len);
	live->first_clock_ns = s.clock_ns;
	live->pos = s.len;
	live->durable_pos = s.len;
	live->durable_offset = s.offset;
	live->dirty = false;
	live->marked = true;
	sk_trace("segment", "file=%s", live->path);
	return 0;
}

/* Cut a torn write off: what the file has behind pos is nobody's. */
static int
cut_back(struct sk_live *live)
{
	int keep = errno;

	live->uncut = sk_sys_ftruncate(live->fd, (off_t)live->pos) != 0;
	if (live->uncut)
		return SK_ESYS;
	errno = keep;
	return 0;
}

static int
check_size(struct sk_live *live, struct sk_diag *diag)
{
	struct sk_diag why;
	struct stat st;

	if (sk_sys_fstat(live->fd, &st) != 0)
		return sk_diag_sys(diag, "%s", live->path);
	if ((uint64_t)st.st_size == live->pos)
		return 0;
	sk_diag_set(&why, SK_EDATA, "%s: somebody else wrote to it: "
	    "%ju bytes where %ju were left", live->path,
	    (uintmax_t)st.st_size, (uintmax_t)live->pos);
	fail(live, SK_EDATA, &why);
	return again(live, diag);
}

/* Append the pieces with one writev, all or nothing. */
static int
append(struct sk_live *live, struct iovec *iov, int n, struct sk_diag *diag)
{
	size_t done = 0;
	int err;

	if (live->uncut && cut_back(live) != 0)
		return sk_diag_sys(diag, "%s", live->path);
	err = check_size(live, diag);
	if (err != 0)
		return err;
	err = sk_file_writev(live->fd, iov, n, &done);
	if (err != 0) {
		sk_diag_sys(diag, "%s", live->path);
		cut_back(live);
		return SK_ESYS;
	}
	live->pos += done;
	return 0;
}

/* Set the common header for a frame that is to stand at pos. */
static void
place(struct sk_live *live, struct sk_frame *frame, uint64_t durable_pos)
{
	frame->salt = live->chain.salt;
	frame->incarnation = live->incarnation;
	frame->offset = live->chain.offset;
	frame->topic_seq = live->chain.topic_seq;
	frame->durable_pos = durable_pos;
	frame->clock_ns = sk_sys_clock_ns();
	if (frame->clock_ns < live->chain.clock_ns)
		frame->clock_ns = live->chain.clock_ns;
}

int
sk_live_block(struct sk_live *live, struct sk_frame *b,
    const struct sk_buf *data, uint32_t checksum, struct sk_diag *diag)
{
	struct iovec iov[2];
	uint64_t at = live->pos;
	int err;

	if (live->failed != 0)
		return again(live, diag);
	place(live, b, live->durable_pos);
	sk_buf_reset(&live->head);
	sk_frame_encode(b, &live->head);
	iov[0].iov_base = live->head.ptr;
	iov[0].iov_len = live->head.len;
	iov[1].iov_base = data->ptr;
	iov[1].iov_len = data->len;
	err = append(live, iov, 2, diag);
	if (err != 0)
		return err;
	sk_assert(sk_chain_add(&live->chain, b, at) == NULL);
	sk_index_add_block(&live->index, b, checksum);
	live->dirty = true;
	live->marked = true;
	return 0;
}

int
sk_live_mark(struct sk_live *live, char type, uint16_t flags,
    struct sk_view tlvs, struct sk_diag *diag)
{
	struct sk_frame frame = { 0 };
	struct iovec iov;
	uint64_t at = live->pos;
	bool exact = type == 'E' || flags == SK_P_IDLE;
	int err;

	if (live->failed != 0)
		return again(live, diag);
	frame.type = type;
	frame.flags = flags;
	frame.tlvs = tlvs;
	place(live, &frame, exact ? live->pos : live->durable_pos);
	sk_buf_reset(&live->head);
	sk_frame_encode(&frame, &live->head);
	iov.iov_base = live->head.ptr;
	iov.iov_len = live->head.len;
	err = append(live, &iov, 1, diag);
	if (err != 0)
		return err;
	sk_assert(sk_chain_add(&live->chain, &frame, at) == NULL);
	sk_index_add_frame(&live->index, frame.len);
	if (!exact)
		live->dirty = true;
	live->marked = true;
	return 0;
}

int
sk_live_sync(struct sk_live *live, struct sk_diag *diag)
{
	if (live->failed != 0)
		return again(live, diag);
	if (sk_sys_fdatasync(live->fd) != 0)
		return sync_failed(live, diag);
	live->durable_pos = live->pos;
	live->durable_offset = live->chain.offset;
	live->marked = !live->dirty && live->marked;
	live->dirty = false;
	return 0;
}

static int
close_file(struct sk_live *live, struct sk_diag *diag)
{
	int fd = live->fd;

	live->fd = -1;
	return sk_sys_close(fd) != 0 ? sync_failed(live, diag) : 0;
}

int
sk_live_seal(struct sk_live *live, struct sk_diag *diag)
{
	struct sk_buf seal = { 0 };
	struct sk_frame x = { 0 };
	struct iovec iov;
	int err = sk_live_sync(live, diag);

	if (err != 0)
		return err;
	place(live, &x, live->pos);
	x.incarnation = live->chain.incarnation;
	x.clock_ns = live->chain.clock_ns;
	x.u.x.first_offset = live->chain.base;
	sk_index_seal(&live->index, &x, &seal);
	iov.iov_base = seal.ptr;
	iov.iov_len = seal.len;
	err = append(live, &iov, 1, diag);
	sk_buf_free(&seal);
	if (err != 0)
		return err;
	if (sk_sys_fdatasync(live->fd) != 0)
		return sync_failed(live, diag);
	sk_trace("seal", "file=%s", live->path);
	return close_file(live, diag);
}

int
sk_live_end(struct sk_live *live, struct sk_diag *diag)
{
	int err = sk_live_sync(live, diag);

	if (err == 0)
		err = sk_live_mark(live, 'E', 0, sk_view(NULL, 0), diag);
	if (err == 0 && sk_sys_fdatasync(live->fd) != 0)
		err = sync_failed(live, diag);
	return err == 0 ? close_file(live, diag) : err;
}
