/*
 * What batch.c has packed goes out through live.c; here is decided when.  A
 * block waits in the queue as a rule no longer than the call that packed it;
 * when the disk is full the queue holds what the last add has brought.  Header
 * fields that say where a block stands are set when it is written, so a block
 * that is tried again is a new one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/trace.h"
#include "io/file.h"
#include "io/sys.h"
#include "log/batch.h"
#include "log/live.h"
#include "log/lock.h"
#include "log/recover.h"
#include "log/repack.h"
#include "log/retain.h"
#include "log/segment.h"
#include "log/writer.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)
#define REPACK_BELOW 65536 /* mean raw bytes of a block */
#define REQUEST_ROLL "roll"

struct sk_log_writer {
	char *topic;
	struct sk_log_conf conf;     /* as topic.conf has it */
	struct sk_log_policy given;  /* for this run */
	struct sk_log_policy policy; /* what holds: the one over the other */
	struct sk_log_ack ack;
	struct sk_notify notify;
	int lock;
	struct sk_live live;
	struct sk_sources sources;   /* as the log has them */
	struct sk_sources moved;     /* to be stored by a P */
	struct sk_batch batch;
	bool want_roll;

	/* times of sk_sys_mono_ns; INT64_MAX: none */
	int64_t sync_due;
	int64_t roll_due;
	int64_t retry_due;
	int64_t request_due;
	struct sk_diag full; /* why retry_due is set, and errno of it */
	int full_errno;

	uint64_t n_blocks;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
};

static int64_t
later(int64_t from, int64_t by)
{
	return by > INT64_MAX - from ? INT64_MAX : from + by;
}

static uint32_t
today(void)
{
	int64_t now = sk_sys_clock_ns();

	return now < 0 ? 0 : (uint32_t)(now / DAY);
}

/* ---- segments ---- */

/* When the live segment comes of age. */
static void
set_roll_due(struct sk_log_writer *w)
{
	int64_t age = sk_sys_clock_ns() - w->live.first_clock_ns;
	int64_t left = age < 0 ? w->policy.segment_age_ns :
	    w->policy.segment_age_ns - age;

	w->roll_due = later(sk_sys_mono_ns(), left > 0 ? left : 0);
}

static int
begin_segment(struct sk_log_writer *w, struct sk_diag *diag)
{
	int64_t days = w->policy.source_age_ns / DAY;
	uint32_t now = today();
	int err;

	if (w->live.fd >= 0)
		return 0;
	if (days < now)
		sk_sources_drop(&w->sources, now - (uint32_t)days);
	err = sk_live_begin(&w->live, &w->sources, diag);
	if (err == 0)
		set_roll_due(w);
	return err;
}

/* Care for what has been sealed; it fails without harm. */
static void
care(struct sk_log_writer *w, uint64_t base, bool repack)
{
	struct sk_log_repacked packed = { 0 };
	struct sk_log_retained kept = { 0 };
	struct sk_diag diag = { { 0 } };

	if (repack && sk_log_repack_segment(w->topic, base, NULL, &packed,
	    &diag) != 0)
		sk_notify(&w->notify, "not repacked: %s", diag.text);
	if (w->policy.cleanup == SK_CLEANUP_DELETE &&
	    sk_log_retain(w->topic, &w->policy, false, sk_sys_clock_ns(),
	    &w->notify, &kept, &diag) != 0)
		sk_notify(&w->notify, "retention: %s", diag.text);
}

static void
acknowledge(struct sk_log_writer *w, uint64_t before)
{
	if (w->live.durable_offset > before && w->ack.fn != NULL)
		w->ack.fn(w->ack.arg, 0, w->live.durable_offset);
}

static int
sync_now(struct sk_log_writer *w, struct sk_diag *diag)
{
	uint64_t before = w->live.durable_offset;
	int err = sk_live_sync(&w->live, diag);

	if (err != 0)
		return err;
	w->sync_due = INT64_MAX;
	acknowledge(w, before);
	return 0;
}

/* Something was appended that is not durable yet. */
static int
settle_sync(struct sk_log_writer *w, struct sk_diag *diag)
{
	if (w->policy.sync == SK_SYNC_BLOCK)
		return sync_now(w, diag);
	if (w->policy.sync == SK_SYNC_INTERVAL && w->sync_due == INT64_MAX)
		w->sync_due = later(sk_sys_mono_ns(), w->policy.sync_ns);
	return 0;
}

static int
roll(struct sk_log_writer *w, struct sk_diag *diag)
{
	uint64_t base = w->live.chain.base, n = w->live.index.n;
	bool repack = n > 0 && w->live.index.raw_bytes / n < REPACK_BELOW;
	int err;

	if (n == 0)
		return 0;
	err = sync_now(w, diag);
	if (err == 0)
		err = sk_live_seal(&w->live, diag);
	if (err == 0)
		err = begin_segment(w, diag);
	if (err == 0)
		care(w, base, repack);
	return err;
}

static bool
is_full(const struct sk_log_writer *w)
{
	return w->live.fd >= 0 && w->live.index.n > 0 &&
	    (w->live.pos >= w->policy.segment_bytes ||
	    w->live.index.n >= SK_SEGMENT_BLOCKS_MAX);
}

/* ---- blocks ---- */

static int
store_moved(struct sk_log_writer *w, struct sk_diag *diag)
{
	struct sk_buf tlvs = { 0 };
	size_t i;
	int err;

	if (w->moved.n == 0)
		return 0;
	err = begin_segment(w, diag);
	if (err != 0)
		return err;
	sk_sources_add(&w->moved, &tlvs);
	err = sk_live_mark(&w->live, 'P', SK_P_MOVED,
	    sk_view(tlvs.ptr, tlvs.len), diag);
	sk_buf_free(&tlvs);
	if (err != 0)
		return err;
	for (i = 0; i < w->moved.n; i++)
		sk_sources_put(&w->sources, &w->moved.item[i]);
	sk_sources_free(&w->moved);
	return settle_sync(w, diag);
}

static int
store_block(struct sk_log_writer *w, struct sk_packed *block,
    struct sk_diag *diag)
{
	uint64_t before;
	size_t i;
	int err = begin_segment(w, diag);

	if (err != 0)
		return err;
	before = w->live.pos;
	block->b.tlvs = sk_view(block->tlvs.ptr, block->tlvs.len);
	err = sk_live_block(&w->live, &block->b, &block->data,
	    block->checksum, diag);
	if (err != 0)
		return err;
	for (i = 0; i < block->sources.n; i++)
		sk_sources_put(&w->sources, &block->sources.item[i]);
	w->n_blocks++;
	w->raw_bytes += block->b.u.b.raw_len;
	w->stored_bytes += w->live.pos - before;
	return 0;
}

static int
roll_if_due(struct sk_log_writer *w, struct sk_diag *diag)
{
	int err = begin_segment(w, diag);

	if (err == 0 && (w->want_roll || is_full(w)))
		err = roll(w, diag);
	if (err == 0)
		w->want_roll = false;
	return err;
}

/* Write what is packed and what has moved, and roll where it is time.  After a
 * failure what is left is tried again in a second. */
static int
drain(struct sk_log_writer *w, struct sk_diag *diag)
{
	int err = 0;

	while (err == 0 && w->batch.n_queue > 0) {
		err = store_block(w, &w->batch.queue[0], diag);
		if (err != 0)
			break;
		sk_batch_shift(&w->batch);
		err = settle_sync(w, diag);
		if (err == 0)
			err = roll_if_due(w, diag);
	}
	if (err == 0)
		err = store_moved(w, diag);
	if (err == 0)
		err = roll_if_due(w, diag);
	w->retry_due = INT64_MAX;
	if (err != 0) {
		w->full_errno = errno;
		if (diag != NULL)
			w->full = *diag;
		w->retry_due = later(sk_sys_mono_ns(), SECOND);
		errno = w->full_errno;
	}
	return err;
}

/* ---- lines ---- */

static void
drop_moved(struct sk_log_writer *w, uint64_t id)
{
	struct sk_source *moved = sk_sources_find(&w->moved, id);

	if (moved != NULL)
		sk_sources_remove(&w->moved, moved);
}

static int
check_source(struct sk_log_writer *w, const struct sk_source *source,
    struct sk_diag *diag)
{
	if (source == NULL || w->sources.n < SK_SOURCES_MAX ||
	    sk_sources_find(&w->sources, source->id) != NULL)
		return 0;
	return sk_diag_set(diag, SK_ELIMIT, "%s: more than %d sources",
	    w->topic, SK_SOURCES_MAX);
}

int
sk_log_writer_add(struct sk_log_writer *w, const struct sk_log_run *run,
    struct sk_diag *diag)
{
	uint32_t day = today();
	size_t at = 0;
	int err = check_source(w, run->source, diag);

	if (err != 0 || run->len == 0)
		return err;
	sk_assert(run->bytes[run->len - 1] == '\n');
	if (run->source != NULL)
		drop_moved(w, run->source->id);
	while (sk_batch_add(&w->batch, run, &at, day))
		if (err == 0 && w->retry_due == INT64_MAX)
			err = drain(w, diag);
	if (err == 0 && sk_sys_mono_ns() >= sk_log_writer_deadline(w))
		err = sk_log_writer_tick(w, diag);
	return err;
}

int
sk_log_writer_moved(struct sk_log_writer *w, const struct sk_source *source,
    struct sk_diag *diag)
{
	struct sk_source copy = *source;
	int err = check_source(w, source, diag);

	if (err != 0 || sk_batch_moved(&w->batch, source, today()))
		return err;
	copy.last_day = today();
	return sk_sources_put(&w->moved, &copy);
}

/* ---- time ---- */

int64_t
sk_log_writer_deadline(const struct sk_log_writer *w)
{
	int64_t due = w->request_due, linger;

	if (w->retry_due != INT64_MAX)
		return w->retry_due;
	if (w->sync_due < due)
		due = w->sync_due;
	if (w->roll_due < due && w->live.index.n > 0)
		due = w->roll_due;
	if (w->batch.records > 0) {
		linger = later(w->batch.begun_ns, w->policy.linger_ns);
		if (linger < due)
			due = linger;
	}
	return due;
}

int
sk_log_writer_flush(struct sk_log_writer *w, bool sync, struct sk_diag *diag)
{
	int err;

	sk_batch_close(&w->batch);
	err = drain(w, diag);
	return err == 0 && sync ? sync_now(w, diag) : err;
}

int
sk_log_writer_roll(struct sk_log_writer *w, struct sk_diag *diag)
{
	sk_batch_close(&w->batch);
	w->want_roll = true;
	return drain(w, diag);
}

int
sk_log_writer_idle(struct sk_log_writer *w, struct sk_diag *diag)
{
	int err = 0;

	if (w->policy.sync == SK_SYNC_BLOCK || w->policy.linger_ns == 0)
		sk_batch_close(&w->batch);
	if (w->retry_due != INT64_MAX)
		return 0;
	if (w->batch.n_queue > 0 || w->moved.n > 0)
		err = drain(w, diag);
	if (err != 0 || w->live.dirty || w->live.marked)
		return err;
	/* A mark that finds no room is no loss. */
	w->live.marked = true;
	err = sk_live_mark(&w->live, 'P', SK_P_IDLE, sk_view(NULL, 0), diag);
	return w->live.failed != 0 ? err : 0;
}

static int
do_repack(struct sk_log_writer *w, struct sk_diag *diag)
{
	struct sk_log_repacked done;
	struct sk_listing listing;
	size_t i;
	int err;

	err = sk_listing_load(&listing, w->topic, diag);
	for (i = 0; err == 0 && i < listing.n_segments; i++)
		if (listing.bases[i] != w->live.chain.base)
			err = sk_log_repack_segment(w->topic,
			    listing.bases[i], NULL, &done, diag);
	sk_listing_free(&listing);
	return err;
}

/* Trim by what topic.conf says now: whoever asks may just have edited it. */
static int
do_trim(struct sk_log_writer *w, struct sk_diag *diag)
{
	struct sk_log_retained kept = { 0 };
	struct sk_log_conf conf;
	int err = sk_log_conf_load(&conf, w->topic, diag);

	if (err != 0)
		return err;
	sk_log_policy_over(&conf.policy, &w->given);
	w->policy.cleanup = conf.policy.cleanup;
	w->policy.retention_bytes = conf.policy.retention_bytes;
	w->policy.retention_age_ns = conf.policy.retention_age_ns;
	return sk_log_retain(w->topic, &w->policy, false, sk_sys_clock_ns(),
	    &w->notify, &kept, diag);
}

/* What `sk-log` asks for while we hold the lock.  A request that fails is done
 * as well: its failure is told. */
static int
do_requests(struct sk_log_writer *w, struct sk_diag *diag)
{
	struct sk_diag why = { { 0 } };
	int err = 0;

	if (sk_log_request_pending(w->topic, REQUEST_ROLL)) {
		err = sk_log_writer_roll(w, diag);
		if (err == 0)
			sk_log_request_done(w->topic, REQUEST_ROLL);
	}
	if (err == 0 &&
	    sk_log_request_pending(w->topic, SK_LOG_REQUEST_REPACK)) {
		if (do_repack(w, &why) != 0)
			sk_notify(&w->notify, "not repacked: %s", why.text);
		sk_log_request_done(w->topic, SK_LOG_REQUEST_REPACK);
	}
	if (err == 0 &&
	    sk_log_request_pending(w->topic, SK_LOG_REQUEST_TRIM)) {
		if (do_trim(w, &why) != 0)
			sk_notify(&w->notify, "not trimmed: %s", why.text);
		sk_log_request_done(w->topic, SK_LOG_REQUEST_TRIM);
	}
	return err;
}

int
sk_log_writer_tick(struct sk_log_writer *w, struct sk_diag *diag)
{
	int64_t now = sk_sys_mono_ns();
	int err = 0;

	if (now < w->retry_due && w->retry_due != INT64_MAX)
		return 0;
	if (w->batch.records > 0 &&
	    now >= later(w->batch.begun_ns, w->policy.linger_ns))
		sk_batch_close(&w->batch);
	if (now >= w->roll_due && w->live.index.n > 0)
		w->want_roll = true;
	if (w->batch.n_queue > 0 || w->want_roll || w->retry_due != INT64_MAX)
		err = drain(w, diag);
	if (err == 0 && now >= w->sync_due)
		err = sync_now(w, diag);
	if (err == 0 && now >= w->request_due) {
		w->request_due = later(now, SECOND);
		err = do_requests(w, diag);
	}
	return err;
}

/* ---- opening and closing ---- */

static int
check_empty(const char *topic, struct sk_diag *diag)
{
	struct sk_listing listing;
	size_t i;
	int err = sk_listing_load(&listing, topic, diag);

	if (err != 0)
		return err;
	for (i = 0; err == 0 && i < listing.n; i++)
		if (listing.names[i].kind == SK_NAME_FOREIGN) {
			errno = EEXIST;
			err = sk_diag_set(diag, SK_ESYS,
			    "%s: not a log, and not empty", topic);
		}
	sk_listing_free(&listing);
	return err;
}

/*
 * The folder, made if it is not there.  One that holds other things than a
 * log's is not taken.  As long as there is no topic.conf the folder's own name
 * may not be durable, whoever has made it.
 */
static int
make_folder(const char *topic, struct sk_diag *diag)
{
	int err = 0;

	if (sk_log_conf_there(topic))
		return 0;
	if (sk_sys_mkdir(topic, 0777) != 0)
		err = errno == EEXIST ? check_empty(topic, diag) :
		    sk_diag_sys(diag, "%s", topic);
	if (err == 0 && sk_file_sync_parent(topic) != 0)
		err = sk_diag_sys(diag, "%s", topic);
	return err;
}

/* Without the slashes a shell puts behind the name of a folder. */
static char *
clean_path(const char *topic)
{
	size_t len = strlen(topic);

	while (len > 1 && topic[len - 1] == '/')
		len--;
	return sk_xstrndup(topic, len);
}

static int
load_conf(struct sk_log_writer *w, const struct sk_log_policy *policy,
    struct sk_diag *diag)
{
	int err = sk_log_conf_load(&w->conf, w->topic, diag);

	if (policy != NULL)
		w->given = *policy;
	if (err == SK_ESYS && errno == ENOENT)
		err = sk_log_conf_create(&w->conf, w->topic, policy, diag);
	w->policy = w->conf.policy;
	if (err == 0)
		sk_log_policy_over(&w->policy, &w->given);
	return err;
}

/* Recover, begin or go on with a segment, and say in it that we are here. */
static int
begin(struct sk_log_writer *w, struct sk_diag *diag)
{
	struct sk_recovered state;
	int err;

	err = sk_log_recover(&state, w->topic, &w->conf, 0, &w->notify, diag);
	if (err != 0)
		return err;
	w->sources = state.sources;
	memset(&state.sources, 0, sizeof(state.sources));
	err = sk_live_open(&w->live, w->topic, &w->conf, &state, diag);
	sk_recovered_free(&state);
	if (err == 0)
		err = begin_segment(w, diag);
	if (err == 0)
		err = sk_live_mark(&w->live, 'P', SK_P_OPENED,
		    sk_view(NULL, 0), diag);
	if (err == 0)
		err = sk_live_sync(&w->live, diag);
	if (err == 0)
		set_roll_due(w);
	return err == 0 ? roll_if_due(w, diag) : err;
}

static void
free_writer(struct sk_log_writer *w)
{
	int keep = errno;

	sk_live_free(&w->live);
	if (w->lock >= 0)
		sk_log_unlock(w->lock);
	sk_sources_free(&w->sources);
	sk_sources_free(&w->moved);
	sk_batch_free(&w->batch);
	free(w->topic);
	free(w);
	errno = keep;
}

struct sk_log_writer *
sk_log_writer_open(const char *topic, const struct sk_log_policy *policy,
    const struct sk_log_ack *ack, const struct sk_notify *notify, int *err,
    struct sk_diag *diag)
{
	struct sk_log_writer *w = sk_xcalloc(1, sizeof(*w));

	w->topic = clean_path(topic);
	w->lock = -1;
	w->live.fd = -1;
	w->sync_due = INT64_MAX;
	w->roll_due = INT64_MAX;
	w->retry_due = INT64_MAX;
	w->request_due = later(sk_sys_mono_ns(), SECOND);
	if (ack != NULL)
		w->ack = *ack;
	if (notify != NULL)
		w->notify = *notify;
	*err = make_folder(w->topic, diag);
	if (*err == 0) {
		w->lock = sk_log_lock(w->topic, diag);
		*err = w->lock < 0 ? w->lock : 0;
	}
	if (*err == 0)
		*err = load_conf(w, policy, diag);
	sk_batch_init(&w->batch, &w->policy);
	if (*err == 0)
		*err = begin(w, diag);
	if (*err != 0) {
		free_writer(w);
		return NULL;
	}
	sk_trace("open", "topic=%s next=%ju", topic,
	    (uintmax_t)w->live.chain.offset);
	return w;
}

/* What can still be made durable is, and told. */
static void
save_rest(struct sk_log_writer *w)
{
	if (w->live.failed == 0 && w->live.fd >= 0 && w->live.dirty)
		sync_now(w, NULL);
}

/* Store what is left and put E; but what could not be stored when it was last
 * tried stays so, since the caller may have said it. */
static int
end_log(struct sk_log_writer *w, struct sk_diag *diag)
{
	int err;

	if (w->retry_due != INT64_MAX && w->live.failed == 0) {
		if (diag != NULL)
			*diag = w->full;
		errno = w->full_errno;
		return SK_ESYS;
	}
	err = sk_log_writer_flush(w, true, diag);
	return err == 0 ? sk_live_end(&w->live, diag) : err;
}

int
sk_log_writer_close(struct sk_log_writer *w, struct sk_diag *diag)
{
	int err = end_log(w, diag), keep = errno;

	if (err != 0)
		save_rest(w);
	sk_trace("close", "topic=%s err=%d", w->topic, err);
	errno = keep;
	free_writer(w);
	return err;
}

uint64_t
sk_log_writer_unstored(const struct sk_log_writer *w)
{
	return w->batch.queued_records + w->batch.records;
}

bool
sk_log_writer_failed(const struct sk_log_writer *w)
{
	return w->live.failed != 0;
}

void
sk_log_writer_stat(const struct sk_log_writer *w,
    struct sk_log_writer_stat *stat)
{
	stat->stored_offset = w->live.chain.offset;
	stat->next_offset = stat->stored_offset + sk_log_writer_unstored(w);
	stat->durable_offset = w->live.durable_offset;
	stat->segment_base = w->live.chain.base;
	stat->blocks = w->n_blocks;
	stat->raw_bytes = w->raw_bytes;
	stat->stored_bytes = w->stored_bytes;
}

const struct sk_sources *
sk_log_writer_sources(const struct sk_log_writer *w)
{
	return &w->sources;
}

const struct sk_log_policy *
sk_log_writer_policy(const struct sk_log_writer *w)
{
	return &w->policy;
}
