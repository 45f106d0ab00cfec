#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/sys.h"
#include "log/batch.h"
#include "log/block.h"

void
sk_batch_init(struct sk_batch *batch, const struct sk_log_policy *policy)
{
	memset(batch, 0, sizeof(*batch));
	batch->batch_bytes = policy->batch_bytes;
	batch->level = policy->level;
}

static void
free_name(struct sk_source *source)
{
	free((void *)(uintptr_t)source->name.ptr);
}

void
sk_batch_free(struct sk_batch *batch)
{
	size_t i;

	for (i = 0; i < batch->cap_queue; i++) {
		sk_buf_free(&batch->queue[i].data);
		sk_buf_free(&batch->queue[i].tlvs);
		sk_sources_free(&batch->queue[i].sources);
	}
	for (i = 0; i < batch->n_sources; i++)
		free_name(&batch->sources[i]);
	free(batch->queue);
	free(batch->sources);
	sk_zstd_free(&batch->zstd);
	sk_buf_free(&batch->raw);
	memset(batch, 0, sizeof(*batch));
}

/* ---- packing ---- */

static struct sk_packed *
next_packed(struct sk_batch *batch)
{
	struct sk_packed *block;

	if (batch->n_queue == batch->cap_queue) {
		batch->queue = sk_xrealloc(batch->queue, batch->cap_queue + 1,
		    sizeof(*batch->queue));
		memset(&batch->queue[batch->cap_queue++], 0,
		    sizeof(*batch->queue));
	}
	block = &batch->queue[batch->n_queue++];
	memset(&block->b, 0, sizeof(block->b));
	return block;
}

static void
pack_sources(struct sk_batch *batch, struct sk_packed *block)
{
	struct sk_source *source;
	size_t i;

	for (i = 0; i < batch->n_sources; i++) {
		source = &batch->sources[i];
		sk_source_add(&block->tlvs, source);
		sk_sources_put(&block->sources, source);
		free_name(source);
	}
	batch->n_sources = 0;
}

/* Close the open block, whose lines are these: pack and queue it. */
static void
pack(struct sk_batch *batch, const char *lines, size_t len)
{
	struct sk_packed *block = next_packed(batch);

	sk_block_pack(&batch->zstd, batch->level, lines, len,
	    (size_t)batch->records, &block->b, &block->data,
	    &block->checksum);
	block->b.flags = batch->flags;
	block->b.u.b.event_min_ns = SK_NO_TIME;
	block->b.u.b.event_max_ns = SK_NO_TIME;
	if (batch->timed) {
		block->b.u.b.event_min_ns = batch->event_min_ns;
		block->b.u.b.event_max_ns = batch->event_max_ns;
	}
	pack_sources(batch, block);
	batch->queued_records += batch->records;
	batch->records = 0;
	batch->flags = 0;
	batch->timed = false;
	sk_buf_reset(&batch->raw);
}

void
sk_batch_close(struct sk_batch *batch)
{
	if (batch->records > 0)
		pack(batch, batch->raw.ptr, batch->raw.len);
}

/* ---- lines ---- */

/* A part of a run that goes into one block. */
struct part {
	size_t len;     /* 0: the open block has no room for the first line */
	uint64_t lines;
	bool full;      /* the block is closed behind it */
};

/* The first `lines` lines. */
static size_t
lines_len(const char *bytes, uint64_t lines)
{
	const char *at = bytes;

	for (; lines > 0; lines--)
		at = (const char *)rawmemchr(at, '\n') + 1;
	return (size_t)(at - bytes);
}

/*
 * How much of these lines the open block takes: up to the line with which it
 * has batch_bytes.  A line longer than that is a block of its own.
 */
static struct part
next_part(const struct sk_batch *batch, const char *bytes, size_t len)
{
	size_t have = batch->raw.len, need = (size_t)batch->batch_bytes - have;
	uint64_t room = SK_BLOCK_RECORDS_MAX - batch->records;
	struct part part = { len, 0, false };
	const char *start, *end;
	size_t line;

	if (len >= need) {
		end = (const char *)rawmemchr(bytes + need - 1, '\n') + 1;
		start = memrchr(bytes, '\n', need - 1);
		start = start == NULL ? bytes : start + 1;
		line = (size_t)(end - start);
		part.full = true;
		part.len = (size_t)(end - bytes);
		if ((line > batch->batch_bytes ||
		    have + part.len > SK_BLOCK_RAW_MAX) &&
		    (start > bytes || have > 0))
			part.len = (size_t)(start - bytes);
	}
	part.lines = sk_block_lines(bytes, part.len);
	if (part.lines >= room) {
		part.full = true;
		part.len = part.lines > room ? lines_len(bytes, room) :
		    part.len;
		part.lines = room;
	}
	return part;
}

static struct sk_source *
find_source(struct sk_batch *batch, uint64_t id)
{
	size_t i;

	for (i = batch->n_sources; i > 0; i--)
		if (batch->sources[i - 1].id == id)
			return &batch->sources[i - 1];
	return NULL;
}

static struct sk_source *
add_source(struct sk_batch *batch, const struct sk_source *source)
{
	struct sk_source *copy;
	size_t len = source->name.len;

	if (batch->n_sources == batch->cap_sources) {
		batch->cap_sources = 2 * batch->cap_sources + 4;
		batch->sources = sk_xrealloc(batch->sources,
		    batch->cap_sources, sizeof(*batch->sources));
	}
	if (len > SK_SOURCE_NAME_MAX)
		len = SK_SOURCE_NAME_MAX;
	copy = &batch->sources[batch->n_sources++];
	*copy = *source;
	copy->name = sk_view(sk_xstrndup(len > 0 ? source->name.ptr : "",
	    len), len);
	return copy;
}

static void
update_source(struct sk_source *known, const struct sk_source *source,
    uint64_t end, uint32_t day)
{
	known->dev = source->dev;
	known->ino = source->ino;
	known->fp_len = source->fp_len;
	known->fp_hash = source->fp_hash;
	known->last_day = day;
	known->end_pos = end;
}

/* The open block takes [from, to) of a run of a file. */
static void
note_source(struct sk_batch *batch, const struct sk_log_run *run, size_t from,
    size_t to, uint32_t day)
{
	uint64_t end = to == run->len ? run->source_end : run->source_pos + to;
	struct sk_source *known;

	if (run->source == NULL)
		return;
	known = find_source(batch, run->source->id);
	if (known == NULL) {
		known = add_source(batch, run->source);
		known->start_pos = run->source_pos + from;
	}
	update_source(known, run->source, end, day);
}

static void
note_times(struct sk_batch *batch, int64_t min, int64_t max)
{
	if (!batch->timed || min < batch->event_min_ns)
		batch->event_min_ns = min;
	if (!batch->timed || max > batch->event_max_ns)
		batch->event_max_ns = max;
	batch->timed = true;
}

static void
note_part(struct sk_batch *batch, const struct sk_log_run *run, size_t from,
    const struct part *part, uint32_t day)
{
	if (batch->records == 0)
		batch->begun_ns = sk_sys_mono_ns();
	batch->records += part->lines;
	if (from + part->len == run->len &&
	    (run->flags & SK_RUN_SYNTHETIC_NL) != 0)
		batch->flags |= SK_B_SYNTHETIC_NL;
	if (run->timed)
		note_times(batch, run->event_min_ns, run->event_max_ns);
	note_source(batch, run, from, from + part->len, day);
}

bool
sk_batch_add(struct sk_batch *batch, const struct sk_log_run *run, size_t *at,
    uint32_t day)
{
	const char *bytes;
	struct part part = { 0 };

	while (*at < run->len && !part.full) {
		bytes = run->bytes + *at;
		part = next_part(batch, bytes, run->len - *at);
		if (part.len > 0)
			note_part(batch, run, *at, &part, day);
		*at += part.len;
		if (part.full && batch->raw.len == 0) {
			pack(batch, bytes, part.len);
			continue;
		}
		if (part.len > 0)
			sk_buf_add(&batch->raw, bytes, part.len);
		if (part.full)
			sk_batch_close(batch);
	}
	return part.full;
}

bool
sk_batch_moved(struct sk_batch *batch, const struct sk_source *source,
    uint32_t day)
{
	struct sk_source *known = find_source(batch, source->id);

	if (known != NULL)
		update_source(known, source, source->end_pos, day);
	return known != NULL;
}

void
sk_batch_shift(struct sk_batch *batch)
{
	struct sk_packed first = batch->queue[0];

	batch->queued_records -= first.b.u.b.records;
	sk_sources_free(&first.sources);
	sk_buf_reset(&first.tlvs);
	memmove(batch->queue, batch->queue + 1,
	    --batch->n_queue * sizeof(*batch->queue));
	batch->queue[batch->n_queue] = first;
}
