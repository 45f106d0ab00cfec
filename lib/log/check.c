#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "io/sys.h"
#include "log/check.h"
#include "log/conf.h"
#include "log/index.h"
#include "log/lock.h"
#include "log/scan.h"
#include "log/segment.h"
#include "log/walk.h"

struct check {
	const char *dir;
	void (*fn)(void *arg, const struct sk_log_finding *finding);
	void *arg;
	const struct sk_notify *notify;
	struct sk_diag *diag;
	struct sk_log_conf conf;
	struct sk_listing listing;
	bool writer;         /* one is at work */
	bool bad, newer;

	/* of the segment before */
	bool has_end;
	struct sk_chain end;
	bool has_next;       /* its end is known, though it may be damaged */
	uint64_t next;

	/* of this segment */
	char *path;
	int fd;
	bool newest;
	struct sk_scan scan;
	struct sk_index index;
	struct sk_walk walk;
	char file[SK_SEGMENT_NAME];
	struct sk_log_finding found;
	struct sk_buf reason;
};

const char *
sk_log_verdict_name(enum sk_log_verdict verdict)
{
	static const char *const names[] = { "ok", "torn", "bad" };

	return names[verdict];
}

static void judge(struct check *c, enum sk_log_verdict verdict,
    const char *fmt, ...) SK_PRINTF(3, 4);

static void
judge(struct check *c, enum sk_log_verdict verdict, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sk_buf_reset(&c->reason);
	sk_buf_str(&c->reason, text);
	c->found.verdict = verdict;
}

static void
tell(struct check *c)
{
	c->found.reason = sk_buf_cstr(&c->reason);
	c->bad |= c->found.verdict == SK_CHECK_BAD;
	c->fn(c->arg, &c->found);
}

static void
begin(struct check *c, uint64_t base)
{
	sk_segment_name(base, c->file);
	sk_buf_reset(&c->reason);
	c->found.verdict = SK_CHECK_OK;
	c->found.partition = 0;
	c->found.file = c->file;
	c->found.first = base;
	c->found.next = base;
}

/* A hole between the segment before and the one that begins at `base`. */
static void
missing(struct check *c, uint64_t from, uint64_t base)
{
	begin(c, from);
	c->found.next = base;
	judge(c, SK_CHECK_BAD, "records %" PRIu64 "..%" PRIu64
	    " missing (segment %s absent)", from, base - 1, c->file);
	tell(c);
}

/* Is this S of this topic, of this name, and behind the one before? */
static bool
belongs(struct check *c, const struct sk_frame *s)
{
	const char *why = NULL;

	if (s->type != 'S')
		why = "does not begin with a segment header";
	else if (memcmp(s->u.s.uuid, c->conf.uuid, SK_UUID_LEN) != 0)
		why = "the uuid is of another topic";
	else if (s->u.s.partition != 0 ||
	    s->u.s.partitions != c->conf.partitions)
		why = "it is of another partition";
	else if (s->offset != c->found.first)
		why = "its first offset is not that of the name";
	else if (c->has_end)
		why = sk_chain_follows(&c->end, s);
	else if (s->offset == 0 && s->u.s.prev_base != SK_NO_OFFSET)
		why = "it names a segment before the first";
	if (why != NULL)
		judge(c, SK_CHECK_BAD, "does not belong here: %s", why);
	return why == NULL;
}

/* Is what stands behind the walk as long as X and the seek table would be
 * that seal it?  Then they are damaged, else the sealing was interrupted. */
static bool
has_seal(const struct check *c)
{
	uint64_t x = 96 + (uint64_t)SK_INDEX_ENTRY * c->index.n + 8;
	uint64_t table = 8 + 12 * (c->index.n_frames + 1) + SK_TABLE_FOOTER;

	return c->walk.size - c->walk.pos == x + table;
}

/* In words, what is damaged where the walk has stopped, behind `lead`. */
static int
describe(struct check *c, const char *lead)
{
	const struct sk_walk *w = &c->walk;
	struct sk_frame frame;
	int got = sk_scan_at(&c->scan, w->pos, &frame);

	if (got == SK_ESYS)
		return got;
	if (got > 0 && frame.type == 'B' && frame.salt == w->chain.salt &&
	    frame.offset == w->chain.offset)
		judge(c, SK_CHECK_BAD, "%sblock at %" PRIu64
		    " damaged: records %" PRIu64 "..%" PRIu64, lead, w->pos,
		    frame.offset, frame.offset + frame.u.b.span - 1);
	else
		judge(c, SK_CHECK_BAD, "%sblock header damaged at %" PRIu64
		    ", after offset %" PRIu64 ": %s", lead, w->pos,
		    w->chain.offset, w->why != NULL ? w->why : "cut off");
	return 0;
}

/* The newest segment does not end in something whole. */
static int
judge_tail(struct check *c, const struct sk_beyond *beyond)
{
	struct sk_walk *w = &c->walk;
	uint64_t durable = w->chain.durable_pos;
	char lead[128];

	if (beyond->durable_pos > durable)
		durable = beyond->durable_pos;
	if (w->pos < durable) {
		snprintf(lead, sizeof(lead), "acknowledged data damaged at %"
		    PRIu64 ", was durable to %" PRIu64 ": ", w->pos, durable);
		return describe(c, lead);
	}
	if (has_seal(c))
		judge(c, SK_CHECK_BAD,
		    "index damaged; the next writer seals it again");
	else if (c->writer)
		judge(c, SK_CHECK_OK, "being written");
	else
		judge(c, SK_CHECK_TORN, "%" PRIu64 " byte%s at %" PRIu64
		    " %s not whole, and not proven durable",
		    w->size - w->pos, sk_num_plural(w->size - w->pos), w->pos,
		    w->size - w->pos == 1 ? "is" : "are");
	return 0;
}

/* A segment before the newest that is not sealed, or not valid. */
static int
judge_inner(struct check *c, uint64_t next_base,
    const struct sk_beyond *beyond)
{
	struct sk_walk *w = &c->walk;

	if (w->chain.offset != next_base || beyond->durable_pos > w->pos)
		return describe(c, "");
	if (has_seal(c))
		judge(c, SK_CHECK_BAD,
		    "index damaged; the next writer seals it again");
	else
		judge(c, SK_CHECK_TORN,
		    "the seal is lost; the next writer seals it again");
	return 0;
}

static int
judge_walk(struct check *c, uint64_t next_base)
{
	struct sk_walk *w = &c->walk;
	struct sk_beyond beyond = { 0 };
	int err = 0;

	c->found.next = w->chain.offset;
	if (w->stop == SK_WALK_END && c->newest) {
		if (!c->writer && (w->sealed || !w->ended))
			judge(c, SK_CHECK_OK, "no end mark: the last writer "
			    "was killed, or the end is lost");
		return 0;
	}
	if (w->stop == SK_WALK_END && w->sealed)
		return 0;
	if (w->stop != SK_WALK_END)
		err = sk_walk_beyond(w, &beyond);
	if (err != 0)
		return err;
	return c->newest ? judge_tail(c, &beyond)
	    : judge_inner(c, next_base, &beyond);
}

/* Where a damaged segment should have ended, if its index can say it. */
static int
end_by_index(struct check *c)
{
	struct sk_frame x;
	int err = sk_index_load(&c->index, c->fd, c->scan.size, &x);

	c->has_next = err == 1 && x.u.x.first_offset == c->found.first;
	c->next = c->has_next ? x.offset : 0;
	return err == SK_ESYS ? err : 0;
}

static int
walk(struct check *c, uint64_t next_base)
{
	int err, got = 0;

	sk_index_reset(&c->index);
	err = sk_walk_open(&c->walk, c->fd, SK_WALK_DATA | SK_WALK_DEEP,
	    &c->index);
	while (err == 0 && (got = sk_walk_next(&c->walk)) > 0)
		continue;
	if (err == 0)
		err = got;
	if (err == 0)
		err = judge_walk(c, next_base);
	c->end = c->walk.chain;
	c->has_end = c->has_next = err == 0 && c->found.verdict != SK_CHECK_BAD;
	c->next = c->end.offset;
	sk_walk_close(&c->walk);
	return err;
}

static int
look_into(struct check *c, uint64_t next_base)
{
	struct sk_frame s;
	struct stat st;
	bool mine = false;
	int err;

	if (sk_sys_fstat(c->fd, &st) != 0)
		return SK_ESYS;
	c->scan.fd = c->fd;
	c->scan.size = (uint64_t)st.st_size;
	c->scan.win.len = 0;
	err = sk_scan_at(&c->scan, 0, &s);
	if (err == 0)
		judge(c, SK_CHECK_BAD, "segment header damaged");
	else if (err > 0)
		mine = belongs(c, &s);
	c->has_end = c->has_next = false;
	if (err >= 0 && mine)
		err = walk(c, next_base);
	if (err >= 0 && !c->has_next)
		err = end_by_index(c);
	return err < 0 ? err : 0;
}

static int
segment(struct check *c, size_t i)
{
	const struct sk_listing *l = &c->listing;
	uint64_t base = l->bases[i];
	int err;

	c->newest = i + 1 == l->n_segments;
	if (c->has_next && c->next < base)
		missing(c, c->next, base);
	c->has_end = c->has_end && c->next == base;
	begin(c, base);
	c->path = sk_segment_path(c->dir, base);
	c->fd = sk_sys_open(c->path, O_RDONLY, 0);
	if (c->fd < 0 && errno == ENOENT && c->writer) {
		/* Retention was faster. */
		c->has_end = c->has_next = false;
		free(c->path);
		return 0;
	}
	err = c->fd < 0 ? SK_ESYS
	    : look_into(c, c->newest ? 0 : l->bases[i + 1]);
	if (err == SK_ESYS)
		sk_diag_sys(c->diag, "%s", c->path);
	if (err == SK_EVERSION) {
		sk_diag_set(c->diag, err, "%s: needs a newer version",
		    c->path);
		judge(c, SK_CHECK_BAD, "needs a newer version");
		c->newer = true;
		c->has_end = c->has_next = false;
		err = 0;
	}
	if (err == 0)
		tell(c);
	if (c->fd >= 0)
		sk_sys_close(c->fd);
	free(c->path);
	return err;
}

int
sk_log_check(const char *dir,
    void (*fn)(void *arg, const struct sk_log_finding *finding), void *arg,
    const struct sk_notify *notify, struct sk_diag *diag)
{
	struct check c = { .dir = dir, .fn = fn, .arg = arg,
		.notify = notify, .diag = diag };
	size_t i;
	int err;

	err = sk_log_conf_load(&c.conf, dir, diag);
	if (err != 0)
		return err;
	c.writer = sk_log_locked(dir, NULL, 0) == 1;
	err = sk_listing_load(&c.listing, dir, diag);
	if (err != 0)
		return err;
	for (i = 0; i < c.listing.n; i++)
		if (c.listing.names[i].kind == SK_NAME_FOREIGN)
			sk_notify(notify, "%s/%s: not a file of a log, ignored",
			    dir, c.listing.names[i].name);
	/* A log from which nothing may be removed begins at 0. */
	c.has_next = c.conf.policy.cleanup != SK_CLEANUP_DELETE;
	for (i = 0; err == 0 && i < c.listing.n_segments; i++)
		err = segment(&c, i);
	sk_scan_free(&c.scan);
	sk_index_free(&c.index);
	sk_buf_free(&c.reason);
	sk_listing_free(&c.listing);
	if (err != 0)
		return err;
	return c.newer ? SK_EVERSION : c.bad ? 1 : 0;
}
