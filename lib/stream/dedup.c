#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/image.h"
#include "io/sys.h"
#include "stream/dedup.h"
#include "stream/emit.h"
#include "stream/eventtime.h"
#include "stream/headline.h"
#include "stream/hold.h"
#include "stream/key.h"
#include "stream/late.h"
#include "stream/run.h"
#include "stream/statefile.h"
#include "stream/watermark.h"
#include "window/dedup.h"
#include "window/latest.h"

#define BLOCK 64 /* events whose keys are brought near together */
#define KEY_IS_LINE UINT64_MAX

struct dedup {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	const struct sk_dedup_spec *spec;
	struct sk_want want[1 + SK_KEY_FIELDS_MAX];
	size_t nwant;
	bool timed;              /* want[0] is the time */
	struct sk_eventtime when;
	struct sk_key key;
	struct sk_dedup seen;    /* --keep first */
	struct sk_latest latest; /* --keep last */
	struct sk_hold hold;
	struct sk_late late;
	struct sk_emit *emit;
	struct sk_statefile file;
	struct sk_headline head;

	/* Of a block. */
	struct sk_view keys[BLOCK];
	uint64_t hash[BLOCK];
	struct sk_buf texts;     /* of keys that are put together */
	struct sk_buf held;      /* an event on its way into the hold */

	struct sk_watermark mark;
	uint64_t nevents;
};

/* An event whose time and key are known. */
struct event {
	struct sk_view line;
	struct sk_view key;
	uint64_t hash;
	int64_t t_ns;
};

static bool
keeps_last(const struct dedup *all)
{
	return all->spec->keep == SK_DEDUP_KEEP_LAST;
}

/* Whether events wait for the watermark. */
static bool
holds(const struct dedup *all)
{
	return all->timed && (all->mark.delay_given || all->mark.marked);
}

/* ---- one event ---- */

static int
tell_late(struct dedup *all, const struct event *event)
{
	return sk_late_event(&all->late, event->line,
	    sk_watermark_late_by(&all->mark, event->t_ns));
}

/* It is behind the watermark: a duplicate all the same, or late. */
static int
decide_late(struct dedup *all, const struct event *event)
{
	if (!keeps_last(all))
		return sk_dedup_knows(&all->seen, event->key, event->hash,
		    event->t_ns) ? 0 : tell_late(all, event);
	if (!sk_latest_knows(&all->latest, event->key, event->t_ns))
		return tell_late(all, event);
	sk_latest_add(&all->latest, event->key, event->t_ns, event->line);
	return 0;
}

static int
decide_last(struct dedup *all, const struct event *event)
{
	int err = 0;

	if (all->timed)
		err = sk_latest_advance(&all->latest, event->t_ns);
	if (err != 0)
		return err;
	if (sk_latest_is_past(&all->latest, event->t_ns))
		return decide_late(all, event);
	sk_latest_add(&all->latest, event->key, event->t_ns, event->line);
	return 0;
}

static int
decide(struct dedup *all, const struct event *event)
{
	if (keeps_last(all))
		return decide_last(all, event);
	if (all->spec->within_ns > 0) {
		sk_dedup_advance(&all->seen, event->t_ns);
		if (sk_dedup_is_past(&all->seen, event->t_ns))
			return decide_late(all, event);
	}
	return sk_dedup_is_new(&all->seen, event->key, event->hash,
	    event->t_ns) ? sk_emit_line(all->emit, event->line) : 0;
}

/* ---- events that are held ---- */

/* The length of the key, the key, the line; a key that is the whole line is not
 * there twice. */
static void
hold_event(struct dedup *all, const struct event *event)
{
	bool whole = all->key.nfields == 0;

	sk_buf_reset(&all->held);
	sk_image_put(&all->held, whole ? KEY_IS_LINE : event->key.len);
	if (!whole)
		sk_buf_view(&all->held, event->key);
	sk_buf_view(&all->held, event->line);
	sk_hold_add(&all->hold, event->t_ns, 0,
	    sk_view(all->held.ptr, all->held.len));
}

/* False: these bytes are no event. */
static bool
take_held(const struct dedup *all, struct sk_view bytes, struct event *event)
{
	uint64_t len;

	if (!sk_image_take(&bytes, &len) ||
	    (len == KEY_IS_LINE) != (all->key.nfields == 0) ||
	    (len != KEY_IS_LINE && len > bytes.len))
		return false;
	event->key = event->line = bytes;
	if (len == KEY_IS_LINE)
		return true;
	event->key.len = (size_t)len;
	event->line = sk_view(bytes.ptr + len, bytes.len - (size_t)len);
	return true;
}

/* Those up to this time are decided. */
static int
release_held(struct dedup *all, int64_t until_ns)
{
	const struct sk_heap_item *first;
	struct event event;
	int err = 0;

	while (err == 0 && (first = sk_hold_first(&all->hold)) != NULL &&
	    first->at_ns <= until_ns) {
		event.t_ns = first->at_ns;
		take_held(all, sk_hold_line(&all->hold), &event);
		if (!keeps_last(all))
			event.hash = sk_dedup_hash(&all->seen, event.key);
		err = decide(all, &event);
		sk_hold_drop(&all->hold);
	}
	return err;
}

static int
advance(struct dedup *all, int64_t watermark_ns)
{
	int err = release_held(all, watermark_ns);

	all->mark.ns = watermark_ns;
	if (err != 0)
		return err;
	if (keeps_last(all))
		return sk_latest_advance(&all->latest, watermark_ns);
	sk_dedup_advance(&all->seen, watermark_ns);
	return 0;
}

/* What has not gone out has no time before this. */
static int
tell_watermark(struct dedup *all)
{
	int64_t oldest_ns, t_ns = all->mark.ns;

	if (!all->emit->framed || !all->timed || t_ns == INT64_MIN)
		return 0;
	if (!holds(all) && __builtin_sub_overflow(t_ns,
	    all->spec->within_ns - 1, &t_ns))
		return 0;
	if (keeps_last(all)) {
		oldest_ns = sk_latest_oldest(&all->latest);
		t_ns = oldest_ns < t_ns ? oldest_ns : t_ns;
	}
	return sk_emit_watermark(all->emit, t_ns);
}

static void
on_marked(void *self)
{
	struct dedup *all = self;

	all->mark.marked = true;
}

/* Without times, what is kept for the end lets none pass. */
static int
on_watermark(void *self, int64_t t_ns, struct sk_emit *emit)
{
	struct dedup *all = self;
	int err;

	all->emit = emit;
	if (!all->timed || !sk_watermark_told(&all->mark, t_ns))
		return 0;
	err = advance(all, t_ns);
	return err == 0 ? tell_watermark(all) : err;
}

/* ---- batches ---- */

/* Is there no room for the key?  Events that are held count as keys, for each
 * may be one. */
static bool
is_full(const struct dedup *all, const struct event *event)
{
	uint64_t n = all->hold.heap.n;

	if (keeps_last(all))
		return n + all->latest.table.n >= all->shared->max_keys &&
		    !sk_latest_knows(&all->latest, event->key, event->t_ns);
	return n + all->seen.table.n >= all->shared->max_keys &&
	    all->spec->last == 0 && !sk_dedup_knows(&all->seen, event->key,
	    event->hash, event->t_ns);
}

static int
take_event(struct dedup *all, const struct sk_batch *batch, size_t i,
    struct event *event)
{
	const char *why = NULL;
	int64_t to_ns;
	int err = 0;

	all->nevents++;
	if (all->timed)
		why = sk_eventtime_parse(&all->when, batch->field[0][i],
		    &event->t_ns);
	if (why != NULL)
		return sk_emit_bad(all->emit, event->line, why);
	if (all->timed && sk_watermark_event(&all->mark, event->t_ns, &to_ns))
		err = advance(all, to_ns);
	if (err != 0)
		return err;
	if (holds(all) && event->t_ns < all->mark.ns)
		return decide_late(all, event);
	if (is_full(all, event))
		return sk_emit_bad(all->emit, event->line, "too many keys");
	if (!holds(all) || (event->t_ns == all->mark.ns &&
	    all->hold.heap.n == 0))
		return decide(all, event);
	hold_event(all, event);
	return 0;
}

/* The keys of n events, whose texts stay as long as the block. */
static void
take_keys(struct dedup *all, const struct sk_batch *batch, size_t from,
    size_t n)
{
	bool copied = all->key.nfields > 1 || batch->kind != NULL;
	struct sk_view key;
	size_t i, at = 0;

	sk_buf_reset(&all->texts);
	for (i = 0; i < n; i++) {
		key = batch->line[from + i];
		if (all->key.nfields > 0)
			key = sk_key_of(&all->key, batch, from + i,
			    all->key.first);
		if (all->key.nfields > 0 && copied)
			sk_buf_view(&all->texts, key);
		all->keys[i] = key;
	}
	if (all->key.nfields == 0 || !copied)
		return;
	for (i = 0; i < n; i++) {
		all->keys[i].ptr = all->texts.ptr + at;
		at += all->keys[i].len;
	}
}

static void
hash_keys(struct dedup *all, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		all->hash[i] = sk_dedup_hash(&all->seen, all->keys[i]);
		sk_dedup_prefetch(&all->seen, all->hash[i]);
	}
	for (i = 0; i < n; i++)
		sk_dedup_prefetch_entry(&all->seen, all->hash[i]);
	if (all->spec->within_ns > 0)
		sk_dedup_prefetch_oldest(&all->seen, n);
}

static int
take_block(struct dedup *all, const struct sk_batch *batch, size_t from,
    size_t n, int64_t now_ns)
{
	struct event event;
	int err = 0;
	size_t i;

	take_keys(all, batch, from, n);
	if (!keeps_last(all))
		hash_keys(all, n);
	for (i = 0; i < n && err == 0; i++) {
		event.line = batch->line[from + i];
		event.key = all->keys[i];
		event.hash = all->hash[i];
		event.t_ns = now_ns;
		err = take_event(all, batch, from + i, &event);
	}
	return err;
}

static int
on_batch(void *self, const struct sk_batch *batch, struct sk_emit *emit)
{
	struct dedup *all = self;
	int64_t now_ns = 0;
	size_t from, n;
	int err = 0;

	all->emit = emit;
	if (all->spec->within_ns > 0 && !all->timed) {
		now_ns = sk_sys_clock_ns();
		now_ns = now_ns > all->seen.now_ns ? now_ns :
		    all->seen.now_ns;
	}
	for (from = 0; from < batch->n && err == 0; from += n) {
		n = batch->n - from < BLOCK ? batch->n - from : BLOCK;
		err = take_block(all, batch, from, n, now_ns);
	}
	return err == 0 ? tell_watermark(all) : err;
}

/* ---- header lines ---- */

/* That of the first input is that of the output. */
static const char *
on_header(void *self, struct sk_view line, struct sk_emit *emit)
{
	struct dedup *all = self;
	struct sk_buf *out;
	bool first;
	const char *why = sk_headline_take(&all->head, line, &first);

	if (!first)
		return why;
	out = sk_emit_text(emit);
	sk_buf_view(out, line);
	sk_buf_char(out, emit->sep);
	sk_emit_text_ends(emit, 0);
	return NULL;
}

/* ---- the state in a file ---- */

static void
gather_options(struct dedup *all)
{
	const struct sk_dedup_spec *spec = all->spec;
	struct sk_statefile *file = &all->file;

	sk_statefile_list(file, "key", &all->shared->key);
	sk_statefile_number(file, "within-ns", spec->within_ns);
	sk_statefile_number(file, "last", (int64_t)spec->last);
	sk_statefile_option(file, "time", all->shared->time);
	sk_statefile_option(file, "tz", all->shared->tz);
	if (keeps_last(all))
		sk_statefile_option(file, "keep", "last");
	if (spec->approximate)
		sk_statefile_option(file, "approximate", spec->wide ? "wide" :
		    "narrow");
	if (spec->approximate)
		sk_statefile_number(file, "capacity", (int64_t)spec->capacity);
}

/* What is held is gone afterwards. */
static void
put_held(struct dedup *all, struct sk_buf *buf)
{
	sk_image_put(buf, all->hold.heap.n);
	while (sk_hold_first(&all->hold) != NULL) {
		sk_image_put(buf, (uint64_t)sk_hold_first(&all->hold)->at_ns);
		sk_image_put_view(buf, sk_hold_line(&all->hold));
		sk_hold_drop(&all->hold);
	}
}

static void
put_state(struct dedup *all, struct sk_buf *buf)
{
	sk_statefile_begin(buf, all->file.magic, sk_view(all->file.options.ptr,
	    all->file.options.len));
	sk_image_put(buf, (uint64_t)all->mark.max_ns);
	sk_image_put(buf, (uint64_t)all->mark.ns);
	sk_eventtime_save(&all->when, buf);
	if (keeps_last(all))
		sk_latest_save(&all->latest, buf);
	else
		sk_dedup_save(&all->seen, buf);
	put_held(all, buf);
	sk_statefile_end(buf);
}

static int
take_state(void *arg, struct sk_view *state, struct sk_diag *diag)
{
	struct dedup *all = arg;
	struct sk_view bytes;
	struct event event;
	int64_t at_ns;
	uint32_t n;
	int err;

	if (!sk_image_take_i64(state, &all->mark.max_ns) ||
	    !sk_image_take_i64(state, &all->mark.ns) ||
	    !sk_eventtime_load(&all->when, state))
		return sk_image_bad(diag);
	err = keeps_last(all) ? sk_latest_load(&all->latest, state, diag) :
	    sk_dedup_load(&all->seen, state, diag);
	if (err != 0)
		return err;
	if (!sk_image_take_n(state, 16, &n))
		return sk_image_bad(diag);
	for (; n > 0; n--) {
		if (!sk_image_take_i64(state, &at_ns) ||
		    !sk_image_take_view(state, &bytes) ||
		    bytes.len > UINT32_MAX || !take_held(all, bytes, &event))
			return sk_image_bad(diag);
		sk_hold_add(&all->hold, at_ns, 0, bytes);
	}
	return state->len > 0 ? sk_image_bad(diag) : 0;
}

/* ---- the end ---- */

/* All that is held and kept. */
static int
let_go(struct dedup *all)
{
	int err = release_held(all, INT64_MAX);

	return err == 0 && keeps_last(all) ?
	    sk_latest_finish(&all->latest) : err;
}

/* What is to come of open horizons comes in the next run, or now; what is kept
 * of all time, in both.  The state is written last: when the output cannot be
 * written it stays as it was. */
static int
on_finish(void *self, struct sk_emit *emit)
{
	struct dedup *all = self;
	bool open = sk_statefile_wanted(all->shared) && !all->spec->final;
	struct sk_buf state = { 0 };
	int err = 0;

	all->emit = emit;
	if (!open)
		err = let_go(all);
	if (err == 0 && sk_statefile_wanted(all->shared))
		put_state(all, &state);
	if (err == 0 && open && keeps_last(all) && !all->timed)
		err = let_go(all);
	if (err == 0)
		err = sk_emit_flush(emit);
	if (err == 0 && sk_late_flush(&all->late) != 0)
		err = SK_ESYS;
	if (err == 0 && sk_statefile_wanted(all->shared))
		err = sk_statefile_save(all->shared, &state);
	sk_buf_free(&state);
	return err;
}

/* ---- plan ---- */

static void
plan(struct dedup *all)
{
	all->timed = sk_eventtime_want(&all->when, all->cmd, all->shared,
	    all->want, &all->nwant);
	sk_key_init(&all->key, all->cmd, all->shared, all->want, &all->nwant);
}

static int
put_kept(void *arg, struct sk_view line)
{
	struct dedup *all = arg;

	return sk_emit_line(all->emit, line);
}

static void
open_memory(struct dedup *all)
{
	const struct sk_dedup_spec *spec = all->spec;
	const struct sk_dedup_conf conf = { .within_ns = spec->within_ns,
		.last = (uint32_t)spec->last,
		.approximate = spec->approximate, .wide = spec->wide,
		.capacity = spec->capacity };

	if (!keeps_last(all)) {
		sk_dedup_init(&all->seen, &conf);
		return;
	}
	sk_latest_init(&all->latest, spec->within_ns);
	all->latest.put = put_kept;
	all->latest.arg = all;
}

static void
release(struct dedup *all)
{
	if (all->timed)
		sk_eventtime_close(&all->when);
	if (keeps_last(all))
		sk_latest_free(&all->latest);
	else
		sk_dedup_free(&all->seen);
	sk_hold_free(&all->hold);
	sk_key_free(&all->key);
	sk_buf_free(&all->file.options);
	sk_headline_free(&all->head);
	sk_buf_free(&all->texts);
	sk_buf_free(&all->held);
}

static int
run(struct dedup *all, char **inputs)
{
	const struct sk_run run = { .cmd = all->cmd, .shared = all->shared,
		.op = { .self = all, .want = all->want, .nwant = all->nwant,
		    .header = on_header, .batch = on_batch,
		    .marked = on_marked, .watermark = all->timed ||
		    keeps_last(all) ? on_watermark : NULL,
		    .finish = on_finish },
		.inputs = inputs };
	int status, late;

	if (sk_late_open(&all->late, all->spec->late,
	    sk_shared_separator(all->shared)) != 0)
		return SK_SYSTEM;
	status = sk_stream_run(&run);
	sk_late_say(&all->late, all->nevents, "--delay");
	if (all->seen.nforgotten > 0)
		sk_note("%" PRIu64 " keys forgotten early (--capacity)",
		    all->seen.nforgotten);
	late = sk_late_close(&all->late);
	return late > status ? late : status;
}

int
sk_dedup_run(const struct sk_dedup_spec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs)
{
	struct dedup all = { .cmd = cmd, .shared = shared, .spec = spec,
		.file = { .magic = "skdup", .tool = cmd->name } };
	int status;

	sk_watermark_init(&all.mark, spec->delay_ns, spec->delay_given);
	plan(&all);
	open_memory(&all);
	gather_options(&all);
	status = sk_err_status(sk_statefile_load(&all.file, cmd, shared,
	    take_state, &all));
	if (status == SK_DONE)
		status = run(&all, inputs);
	release(&all);
	return status;
}
