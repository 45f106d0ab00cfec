#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/segment.h"

enum { DIGITS = 20, HEAD_READ = 4096 };

static bool
begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* torn-8192, and torn-8192.2 for a further tear at the same place. */
static bool
is_torn(const char *rest)
{
	uint64_t pos;
	const char *dot;

	if (!begins(rest, "torn-"))
		return false;
	rest += strlen("torn-");
	dot = strchr(rest, '.');
	if (dot == NULL)
		return sk_num_u64(sk_view_str(rest), &pos) == 0;
	return sk_num_u64(sk_view(rest, (size_t)(dot - rest)), &pos) == 0 &&
	    sk_num_u64(sk_view_str(dot + 1), &pos) == 0;
}

enum sk_name_kind
sk_segment_kind(const char *name, uint64_t *base)
{
	if (begins(name, ".new-"))
		return SK_NAME_NEW;
	if (begins(name, ".request-"))
		return SK_NAME_REQUEST;
	if (strcmp(name, "topic.conf") == 0 || strcmp(name, ".lock") == 0 ||
	    strcmp(name, ".jobs") == 0)
		return SK_NAME_OWN;
	if (strspn(name, "0123456789") != DIGITS || name[DIGITS] != '.' ||
	    sk_num_u64(sk_view(name, DIGITS), base) != 0)
		return SK_NAME_FOREIGN;
	if (strcmp(name + DIGITS, ".zst") == 0)
		return SK_NAME_SEGMENT;
	return is_torn(name + DIGITS + 1) ? SK_NAME_TORN : SK_NAME_FOREIGN;
}

void
sk_segment_name(uint64_t base, char name[SK_SEGMENT_NAME])
{
	int i;

	for (i = DIGITS - 1; i >= 0; i--) {
		name[i] = (char)('0' + base % 10);
		base /= 10;
	}
	memcpy(name + DIGITS, ".zst", 5);
}

char *
sk_topic_path(const char *topic, const char *name)
{
	return sk_xasprintf("%s/%s", topic, name);
}

char *
sk_segment_path(const char *topic, uint64_t base)
{
	char name[SK_SEGMENT_NAME];

	sk_segment_name(base, name);
	return sk_topic_path(topic, name);
}

int
sk_listing_load(struct sk_listing *listing, const char *topic,
    struct sk_diag *diag)
{
	size_t i;

	memset(listing, 0, sizeof(*listing));
	if (sk_sys_list(topic, &listing->owned, &listing->n) != 0)
		return sk_diag_sys(diag, "%s", topic);
	listing->names = sk_xcalloc(listing->n + 1, sizeof(*listing->names));
	listing->bases = sk_xcalloc(listing->n + 1, sizeof(*listing->bases));
	for (i = 0; i < listing->n; i++) {
		struct sk_name *name = &listing->names[i];

		name->name = listing->owned[i];
		name->kind = sk_segment_kind(name->name, &name->base);
		if (name->kind == SK_NAME_SEGMENT)
			listing->bases[listing->n_segments++] = name->base;
	}
	return 0;
}

void
sk_listing_free(struct sk_listing *listing)
{
	free(listing->names);
	free(listing->bases);
	free(listing->owned);
	memset(listing, 0, sizeof(*listing));
}

int
sk_segment_head(int fd, struct sk_buf *buf, struct sk_frame *s)
{
	size_t want = HEAD_READ, got;
	int err;

	for (;;) {
		sk_buf_reset(buf);
		sk_buf_reserve(buf, want);
		err = sk_file_pread(fd, buf->ptr, want, 0, &got);
		if (err != 0)
			return err;
		buf->len = got;
		if (got < SK_FRAME_PROBE)
			return SK_EDATA;
		want = sk_frame_probe(buf->ptr);
		if (want == 0)
			return SK_EDATA;
		if (want <= got)
			break;
		if (got < HEAD_READ || buf->len > HEAD_READ)
			return SK_EDATA;
	}
	err = sk_frame_decode(buf->ptr, buf->len, s);
	if (err == 0 && s->type != 'S')
		err = SK_EDATA;
	return err;
}

void
sk_segment_follow(struct sk_frame *s, const struct sk_log_conf *conf,
    const struct sk_chain *end)
{
	int64_t now = sk_sys_clock_ns();

	memset(s, 0, sizeof(*s));
	s->type = 'S';
	s->salt = sk_sys_random();
	s->clock_ns = now;
	memcpy(s->u.s.uuid, conf->uuid, SK_UUID_LEN);
	s->u.s.partitions = conf->partitions;
	s->u.s.prev_base = SK_NO_OFFSET;
	if (end == NULL)
		return;
	s->offset = end->offset;
	s->topic_seq = end->topic_seq;
	if (s->clock_ns < end->clock_ns)
		s->clock_ns = end->clock_ns;
	s->u.s.prev_base = end->base;
	s->u.s.prev_salt = end->salt;
}

static int
write_head(int fd, struct sk_frame *s, bool *synced)
{
	struct sk_buf bytes = { 0 };
	int err;

	sk_frame_encode(s, &bytes);
	err = sk_file_write(fd, bytes.ptr, bytes.len, NULL);
	if (err == 0 && sk_sys_fsync(fd) != 0) {
		*synced = false;
		err = SK_ESYS;
	}
	sk_buf_free(&bytes);
	return err;
}

int
sk_segment_create(const char *topic, struct sk_frame *s, bool *final,
    struct sk_diag *diag)
{
	char *path = sk_segment_path(topic, s->offset);
	char *fresh = sk_xasprintf("%s/.new-%020ju", topic,
	    (uintmax_t)s->offset);
	bool synced = true;
	int fd, keep, err;

	fd = sk_sys_open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
	err = fd < 0 ? SK_ESYS : write_head(fd, s, &synced);
	if (err == 0 && sk_sys_rename(fresh, path) != 0)
		err = SK_ESYS;
	if (err == 0 && sk_file_sync_dir(topic) != 0) {
		synced = false;
		err = SK_ESYS;
	}
	if (err != 0) {
		sk_diag_sys(diag, "%s", path);
		keep = errno;
		if (fd >= 0)
			sk_sys_close(fd);
		fd = SK_ESYS;
		errno = keep;
	}
	if (final != NULL)
		*final = !synced;
	free(fresh);
	free(path);
	return fd;
}
