#include <errno.h>
#include <inttypes.h>

#include "base/num.h"
#include "io/sys.h"
#include "log/care.h"
#include "log/conf.h"
#include "log/lock.h"
#include "log/recover.h"
#include "log/repack.h"
#include "log/retain.h"
#include "log/segment.h"

int
sk_care_recover(const char *topic, bool deep, const struct sk_notify *notify,
    struct sk_diag *diag)
{
	struct sk_recovered state = { 0 };
	struct sk_log_conf conf;
	int err, lock;

	err = sk_log_conf_load(&conf, topic, diag);
	if (err != 0)
		return err;
	lock = sk_log_lock(topic, diag);
	if (lock < 0)
		return lock;
	err = sk_log_recover(&state, topic, &conf,
	    deep ? SK_RECOVER_DEEP : 0, notify, diag);
	if (err == 0)
		sk_notify(notify, "%s: can be written, the next offset is "
		    "%" PRIu64, topic, state.chain.offset);
	sk_recovered_free(&state);
	sk_log_unlock(lock);
	return err;
}

/* 0 and the lock of the topic; 1, the running writer has done it; or an
 * error. */
static int
lock_or_ask(const char *topic, const char *request, bool can_ask,
    int64_t wait_ns, int *lock, struct sk_diag *diag)
{
	int got;

	for (;;) {
		*lock = sk_log_lock(topic, diag);
		if (*lock >= 0)
			return 0;
		if (*lock != SK_EBUSY || !can_ask)
			return *lock;
		got = sk_log_request_wait(topic, request, wait_ns);
		if (got == SK_EBUSY)
			return sk_diag_set(diag, got, "%s: the running writer "
			    "has not done it yet; the request stays", topic);
		if (got < 0)
			return sk_diag_sys(diag, "%s", topic);
		if (got > 0)
			return got;
	}
}

static void
tell_repacked(const char *topic, uint64_t base,
    const struct sk_log_repacked *done, const struct sk_notify *notify)
{
	char name[SK_SEGMENT_NAME];
	struct sk_buf sizes = { 0 };

	sk_segment_name(base, name);
	sk_num_put_size(&sizes, done->nbytes_before);
	sk_buf_str(&sizes, " to ");
	sk_num_put_size(&sizes, done->nbytes_after);
	sk_notify(notify, "%s/%s: %" PRIu64 " block%s to %" PRIu64 ", %s",
	    topic, name, done->blocks_before,
	    sk_num_plural(done->blocks_before), done->blocks_after,
	    sk_buf_cstr(&sizes));
	sk_buf_free(&sizes);
}

static int
repack_all(const char *topic, const struct sk_log_repack *how,
    const struct sk_notify *notify, struct sk_diag *diag)
{
	struct sk_listing listing = { 0 };
	struct sk_log_repacked done;
	uint64_t n = 0;
	size_t i;
	int err;

	err = sk_listing_load(&listing, topic, diag);
	for (i = 0; err == 0 && i < listing.n_segments; i++) {
		err = sk_log_repack_segment(topic, listing.bases[i], how,
		    &done, diag);
		if (err == 0 && done.done) {
			tell_repacked(topic, listing.bases[i], &done, notify);
			n++;
		}
	}
	sk_listing_free(&listing);
	if (err == 0 && n == 0)
		sk_notify(notify, "%s: nothing to repack", topic);
	return err;
}

/* Done under the lock, so that no writer has taken up a request meanwhile. */
static int
request_done(const char *topic, const char *request, int err,
    struct sk_diag *diag)
{
	if (sk_log_request_done(topic, request) != 0 && err == 0)
		return sk_diag_sys(diag, "%s/.request-%s", topic, request);
	return err;
}

int
sk_care_repack(const char *topic, bool all, int64_t wait_ns,
    const struct sk_notify *notify, struct sk_diag *diag)
{
	struct sk_log_repack how = SK_LOG_REPACK_DEFAULT;
	struct sk_log_conf conf;
	int err, lock;

	err = sk_log_conf_load(&conf, topic, diag);
	if (err == 0)
		err = lock_or_ask(topic, SK_LOG_REQUEST_REPACK, !all, wait_ns,
		    &lock, diag);
	if (err > 0)
		sk_notify(notify, "%s: repacked by the running writer", topic);
	if (err != 0)
		return err < 0 ? err : 0;
	if (all)
		how.below_bytes = 0;
	err = repack_all(topic, &how, notify, diag);
	err = request_done(topic, SK_LOG_REQUEST_REPACK, err, diag);
	sk_log_unlock(lock);
	return err;
}

static void
tell_retained(const char *topic, const struct sk_log_retained *done,
    const struct sk_notify *notify)
{
	struct sk_buf size = { 0 };

	sk_num_put_size(&size, done->nbytes);
	if (done->segments == 0)
		sk_notify(notify, "%s: nothing to remove", topic);
	else
		sk_notify(notify, "%s: removed %" PRIu64 " record%s in %" PRIu64
		    " segment%s (%s), the log begins at %" PRIu64, topic,
		    done->records, sk_num_plural(done->records),
		    done->segments, sk_num_plural(done->segments),
		    sk_buf_cstr(&size), done->start);
	if (done->torn > 0)
		sk_notify(notify, "%s: removed %" PRIu64 " torn tail%s", topic,
		    done->torn, sk_num_plural(done->torn));
	sk_buf_free(&size);
}

/* May anything be removed?  0, or SK_EUSAGE and how to set it. */
static int
may_trim(const char *topic, const struct sk_log_policy *policy,
    struct sk_diag *diag)
{
	if (policy->cleanup != SK_CLEANUP_DELETE)
		return sk_diag_set(diag, SK_EUSAGE, "%s: nothing may be "
		    "removed; to allow it put cleanup=delete and "
		    "retention_bytes=SIZE or retention_age=DUR into "
		    "%s/topic.conf", topic, topic);
	if (policy->retention_bytes == 0 && policy->retention_age_ns == 0)
		return sk_diag_set(diag, SK_EUSAGE, "%s: no limit is set; put "
		    "retention_bytes=SIZE or retention_age=DUR into "
		    "%s/topic.conf", topic, topic);
	return 0;
}

int
sk_care_trim(const char *topic, bool ignore_jobs, int64_t wait_ns,
    const struct sk_notify *notify, struct sk_diag *diag)
{
	struct sk_log_retained done;
	struct sk_log_conf conf;
	int err, lock;

	err = sk_log_conf_load(&conf, topic, diag);
	if (err == 0)
		err = may_trim(topic, &conf.policy, diag);
	if (err == 0)
		err = lock_or_ask(topic, SK_LOG_REQUEST_TRIM, !ignore_jobs,
		    wait_ns, &lock, diag);
	if (err > 0)
		sk_notify(notify, "%s: trimmed by the running writer", topic);
	if (err != 0)
		return err < 0 ? err : 0;
	err = sk_log_retain(topic, &conf.policy, ignore_jobs,
	    sk_sys_clock_ns(), notify, &done, diag);
	tell_retained(topic, &done, notify);
	err = request_done(topic, SK_LOG_REQUEST_TRIM, err, diag);
	sk_log_unlock(lock);
	return err;
}
