#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/sys.h"
#include "log/conf.h"
#include "log/cursor.h"
#include "log/index.h"
#include "log/lock.h"
#include "log/retain.h"
#include "log/segment.h"

enum { LOOK_MS = 20 }; /* how often a waiting request is looked at */

/* What the registered jobs still need: records from `next` on. */
struct need {
	uint64_t next; /* SK_NO_OFFSET: nothing */
	char job[64];  /* who, for the notice */
};

struct retention {
	const char *dir;
	const struct sk_log_policy *policy;
	int64_t now_ns;
	const struct sk_notify *notify;
	struct sk_log_retained *result;
	struct sk_diag *diag;
	struct sk_listing listing;
	struct sk_index index;
	uint64_t total; /* bytes of all segments that are left */
	struct need need;
};

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len >= tail && strcmp(name + len - tail, end) == 0;
}

static int
load_need(struct retention *r)
{
	char *jobs = sk_topic_path(r->dir, ".jobs"), *path, **names = NULL;
	struct sk_cursor at;
	size_t n = 0, i;
	int err = 0, got;

	if (sk_sys_list(jobs, &names, &n) != 0 && errno != ENOENT)
		err = sk_diag_sys(r->diag, "%s", jobs);
	for (i = 0; err == 0 && i < n; i++) {
		if (names[i][0] == '.' || ends_in(names[i], ".lock"))
			continue;
		path = sk_topic_path(jobs, names[i]);
		got = sk_cursor_load(path, &at, r->diag);
		free(path);
		if (got < 0)
			err = got;
		else if (got > 0 && at.next < r->need.next) {
			r->need.next = at.next;
			snprintf(r->need.job, sizeof(r->need.job), "%s",
			    names[i]);
		}
	}
	free(names);
	free(jobs);
	return err;
}

static int
file_size(struct retention *r, uint64_t base, uint64_t *size)
{
	char *path = sk_segment_path(r->dir, base);
	struct stat st;
	int err = 0;

	if (sk_sys_stat(path, &st) != 0)
		err = sk_diag_sys(r->diag, "%s", path);
	else
		*size = (uint64_t)st.st_size;
	free(path);
	return err;
}

/* The size of a sealed segment and the append time of its last block. */
static int
look(struct retention *r, const char *path, uint64_t *size, int64_t *last_ns)
{
	struct sk_frame x;
	struct stat st;
	int fd, err;

	fd = sk_sys_open(path, O_RDONLY, 0);
	if (fd < 0)
		return sk_diag_sys(r->diag, "%s", path);
	if (sk_sys_fstat(fd, &st) != 0) {
		err = sk_diag_sys(r->diag, "%s", path);
		goto out;
	}
	*size = (uint64_t)st.st_size;
	err = sk_index_load(&r->index, fd, *size, &x);
	if (err == SK_ESYS)
		sk_diag_sys(r->diag, "%s", path);
	else if (err == SK_EVERSION)
		sk_diag_set(r->diag, err, "%s: needs a newer version", path);
	else if (err != 1)
		err = sk_diag_set(r->diag, SK_EDATA,
		    "%s: index damaged, not removed", path);
	else {
		err = 0;
		*last_ns = r->index.n > 0
		    ? sk_index_at(&r->index, r->index.n - 1).clock_ns
		    : x.clock_ns;
	}
out:
	sk_sys_close(fd);
	return err;
}

static bool
due(const struct retention *r, int64_t last_ns)
{
	const struct sk_log_policy *policy = r->policy;

	if (policy->retention_bytes > 0 && r->total > policy->retention_bytes)
		return true;
	return policy->retention_age_ns > 0 &&
	    last_ns < r->now_ns - policy->retention_age_ns;
}

/* Unlinked and synced one by one: a power loss must not keep an older segment
 * of which a newer neighbour is gone. */
static int
drop(struct retention *r, const char *path)
{
	if (sk_sys_unlink(path) != 0)
		return sk_diag_sys(r->diag, "%s", path);
	if (sk_file_sync_dir(r->dir) != 0)
		return sk_diag_sys(r->diag, "%s", r->dir);
	return 0;
}

/* The oldest segment, `i` of the listing: 1 when it was removed, 0 when it
 * stays. */
static int
oldest(struct retention *r, size_t i)
{
	const uint64_t *bases = r->listing.bases;
	char *path = sk_segment_path(r->dir, bases[i]);
	uint64_t size = 0;
	int64_t last_ns = 0;
	int err;

	err = look(r, path, &size, &last_ns);
	if (err != 0 || !due(r, last_ns))
		goto out;
	if (r->need.next < bases[i + 1]) {
		sk_notify(r->notify, "%s: kept, job %s needs records from %"
		    PRIu64 " on (--ignore-jobs)", path, r->need.job,
		    r->need.next);
		goto out;
	}
	err = drop(r, path);
	if (err != 0)
		goto out;
	r->total -= size < r->total ? size : r->total;
	r->result->segments++;
	r->result->records += bases[i + 1] - bases[i];
	r->result->nbytes += size;
	r->result->start = bases[i + 1];
	err = 1;
out:
	free(path);
	return err;
}

static int
drop_torn(struct retention *r)
{
	int64_t before = r->now_ns - r->policy->torn_keep_ns;
	const struct sk_name *name;
	struct stat st;
	size_t i;
	char *path;
	int err = 0;

	for (i = 0; err == 0 && i < r->listing.n; i++) {
		name = &r->listing.names[i];
		if (name->kind != SK_NAME_TORN)
			continue;
		path = sk_topic_path(r->dir, name->name);
		if (sk_sys_stat(path, &st) != 0)
			err = sk_diag_sys(r->diag, "%s", path);
		else if (st.st_mtim.tv_sec < before / 1000000000) {
			err = drop(r, path);
			r->result->torn += err == 0;
		}
		free(path);
	}
	return err;
}

int
sk_log_retain(const char *dir, const struct sk_log_policy *policy,
    bool ignore_jobs, int64_t now_ns, const struct sk_notify *notify,
    struct sk_log_retained *result, struct sk_diag *diag)
{
	struct retention r = { .dir = dir, .policy = policy, .now_ns = now_ns,
		.notify = notify, .result = result, .diag = diag };
	uint64_t size = 0;
	size_t i;
	int err;

	memset(result, 0, sizeof(*result));
	err = sk_listing_load(&r.listing, dir, diag);
	if (err != 0)
		return err;
	if (r.listing.n_segments > 0)
		result->start = r.listing.bases[0];
	if (policy->cleanup != SK_CLEANUP_DELETE)
		goto out;
	r.need.next = SK_NO_OFFSET;
	if (!ignore_jobs)
		err = load_need(&r);
	for (i = 0; err == 0 && i < r.listing.n_segments; i++) {
		err = file_size(&r, r.listing.bases[i], &size);
		r.total += err == 0 ? size : 0;
	}
	/* The newest segment stays: its end is the next offset. */
	for (i = 0; err == 0 && i + 1 < r.listing.n_segments; i++) {
		err = oldest(&r, i);
		if (err <= 0)
			break;
		err = 0;
	}
	if (err == 0)
		err = drop_torn(&r);
out:
	sk_index_free(&r.index);
	sk_listing_free(&r.listing);
	return err;
}

static char *
request_path(const char *dir, const char *name)
{
	struct sk_buf file = { 0 };
	char *path;

	sk_buf_fmt(&file, ".request-%s", name);
	path = sk_topic_path(dir, sk_buf_cstr(&file));
	sk_buf_free(&file);
	return path;
}

bool
sk_log_request_pending(const char *dir, const char *name)
{
	char *path = request_path(dir, name);
	struct stat st;
	bool there = sk_sys_stat(path, &st) == 0;

	free(path);
	return there;
}

int
sk_log_request_make(const char *dir, const char *name)
{
	char *path = request_path(dir, name);
	int fd, err = 0;

	fd = sk_sys_open(path, O_WRONLY | O_CREAT, 0666);
	if (fd < 0 || sk_sys_close(fd) != 0 || sk_file_sync_dir(dir) != 0)
		err = SK_ESYS;
	free(path);
	return err;
}

int
sk_log_request_done(const char *dir, const char *name)
{
	char *path = request_path(dir, name);
	int err = sk_sys_unlink(path) != 0 && errno != ENOENT ? SK_ESYS : 0;

	free(path);
	return err;
}

int
sk_log_request_wait(const char *dir, const char *name, int64_t timeout_ns)
{
	int64_t until = sk_sys_mono_ns() + timeout_ns;
	int held;

	if (sk_log_request_make(dir, name) != 0)
		return SK_ESYS;
	while (sk_log_request_pending(dir, name)) {
		held = sk_log_locked(dir, NULL, 0);
		if (held <= 0)
			return held;
		if (sk_sys_mono_ns() >= until)
			return SK_EBUSY;
		if (sk_sys_poll(NULL, 0, LOOK_MS) < 0 && errno != EINTR)
			return SK_ESYS;
	}
	return 1;
}
