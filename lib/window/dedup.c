#include <string.h>

#include "base/hash.h"
#include "base/image.h"
#include "base/rng.h"
#include "window/dedup.h"

#define LIVE 6      /* generations, the newest among them */
#define SLICES (LIVE - 1)
#define ALL_TAGS ((1U << (SK_CUCKOO_GENERATIONS + 1)) - 2)
#define PARTED 16   /* bytes of an entry of a saved table, at least */

/* Beside a key: the event that was new, and its neighbours in the list. */
struct mark {
	int64_t at_ns;
	uint32_t before, behind;
};

static bool
is_listed(const struct sk_dedup *dedup)
{
	return dedup->conf.within_ns > 0 || dedup->conf.last > 0;
}

void
sk_dedup_init(struct sk_dedup *dedup, const struct sk_dedup_conf *conf)
{
	memset(dedup, 0, sizeof(*dedup));
	dedup->conf = *conf;
	dedup->now_ns = INT64_MIN;
	dedup->first = dedup->newest = SK_TABLE_NONE;
	if (!conf->approximate) {
		dedup->seed = sk_rng_draw();
		sk_table_init(&dedup->table, is_listed(dedup) ?
		    sizeof(struct mark) : 0);
		return;
	}
	dedup->span = conf->within_ns > 0 ? (conf->within_ns - 1) / SLICES + 1
	    : (int64_t)((conf->capacity - 1) / SLICES + 1);
	sk_cuckoo_init(&dedup->filter, ((conf->capacity - 1) / SLICES + 1) *
	    LIVE, conf->wide);
}

void
sk_dedup_free(struct sk_dedup *dedup)
{
	if (dedup->conf.approximate)
		sk_cuckoo_free(&dedup->filter);
	else
		sk_table_free(&dedup->table);
}

/* Whether a filter errs must not depend on the run: its hash has no seed. */
uint64_t
sk_dedup_hash(const struct sk_dedup *dedup, struct sk_view key)
{
	return dedup->conf.approximate ? sk_hash_disk(key.ptr, key.len) :
	    sk_table_hash(key, dedup->seed);
}

void
sk_dedup_prefetch(const struct sk_dedup *dedup, uint64_t hash)
{
	if (dedup->conf.approximate)
		sk_cuckoo_prefetch(&dedup->filter, hash);
	else
		sk_table_warm(&dedup->table, (uint32_t)hash);
}

void
sk_dedup_prefetch_entry(const struct sk_dedup *dedup, uint64_t hash)
{
	if (!dedup->conf.approximate)
		sk_table_warm_slot(&dedup->table, (uint32_t)hash);
}

/* ---- the list of keys ---- */

static struct mark *
mark_at(const struct sk_dedup *dedup, uint32_t slot)
{
	return sk_table_at(&dedup->table, slot);
}

void
sk_dedup_prefetch_oldest(const struct sk_dedup *dedup, size_t n)
{
	uint32_t slot = dedup->first;

	for (; n > 0 && slot != SK_TABLE_NONE; n--) {
		sk_table_warm(&dedup->table, sk_table_hash_of(&dedup->table,
		    slot));
		slot = mark_at(dedup, slot)->behind;
	}
}

static void
append(struct sk_dedup *dedup, uint32_t slot)
{
	struct mark *mark = mark_at(dedup, slot);

	mark->before = dedup->newest;
	mark->behind = SK_TABLE_NONE;
	if (dedup->newest != SK_TABLE_NONE)
		mark_at(dedup, dedup->newest)->behind = slot;
	else
		dedup->first = slot;
	dedup->newest = slot;
}

static void
unlink_slot(struct sk_dedup *dedup, uint32_t slot)
{
	const struct mark *mark = mark_at(dedup, slot);

	if (mark->before != SK_TABLE_NONE)
		mark_at(dedup, mark->before)->behind = mark->behind;
	else
		dedup->first = mark->behind;
	if (mark->behind != SK_TABLE_NONE)
		mark_at(dedup, mark->behind)->before = mark->before;
	else
		dedup->newest = mark->before;
}

static void
renew(struct sk_dedup *dedup, uint32_t slot)
{
	if (slot == dedup->newest)
		return;
	unlink_slot(dedup, slot);
	append(dedup, slot);
}

static void
drop_first(struct sk_dedup *dedup)
{
	uint32_t slot = dedup->first;

	unlink_slot(dedup, slot);
	sk_table_remove(&dedup->table, slot);
}

/* ---- time ---- */

bool
sk_dedup_is_past(const struct sk_dedup *dedup, int64_t t_ns)
{
	return t_ns < dedup->now_ns && (uint64_t)dedup->now_ns -
	    (uint64_t)t_ns >= (uint64_t)dedup->conf.within_ns;
}

static bool
is_near(const struct sk_dedup *dedup, int64_t at_ns, int64_t t_ns)
{
	uint64_t off = at_ns < t_ns ? (uint64_t)t_ns - (uint64_t)at_ns :
	    (uint64_t)at_ns - (uint64_t)t_ns;

	return off < (uint64_t)dedup->conf.within_ns &&
	    !sk_dedup_is_past(dedup, at_ns);
}

static int64_t
generation_of(const struct sk_dedup *dedup, int64_t t_ns)
{
	return t_ns / dedup->span - (t_ns % dedup->span < 0);
}

static unsigned
tag_of(int64_t generation)
{
	int64_t tag = generation % SK_CUCKOO_GENERATIONS;

	return (unsigned)(tag < 0 ? tag + SK_CUCKOO_GENERATIONS : tag) + 1;
}

/* The generation becomes the newest; how many keys are forgotten. */
static uint64_t
begin_generation(struct sk_dedup *dedup, int64_t generation)
{
	uint64_t steps = (uint64_t)generation - (uint64_t)dedup->generation;
	uint64_t first = (uint64_t)dedup->generation - (LIVE - 1), i;
	unsigned tags = steps >= LIVE ? ALL_TAGS : 0;

	for (i = 0; i < steps && steps < LIVE; i++)
		tags |= 1U << tag_of((int64_t)(first + i));
	dedup->generation = generation;
	return sk_cuckoo_forget(&dedup->filter, tags);
}

void
sk_dedup_advance(struct sk_dedup *dedup, int64_t now_ns)
{
	int64_t generation;

	if (now_ns <= dedup->now_ns || dedup->conf.within_ns == 0)
		return;
	dedup->now_ns = now_ns;
	if (!dedup->conf.approximate) {
		while (dedup->first != SK_TABLE_NONE && sk_dedup_is_past(dedup,
		    mark_at(dedup, dedup->first)->at_ns))
			drop_first(dedup);
		return;
	}
	generation = generation_of(dedup, now_ns);
	if (generation == dedup->generation)
		return;
	if (dedup->filter.n > 0)
		begin_generation(dedup, generation);
	dedup->generation = generation;
}

/* ---- keys ---- */

/* The list is in the order in which keys were new, or with `last` came. */
static bool
see_exactly(struct sk_dedup *dedup, struct sk_view key, uint32_t hash,
    int64_t t_ns)
{
	const struct sk_dedup_conf *conf = &dedup->conf;
	bool fresh;
	uint32_t slot;

	slot = sk_table_add(&dedup->table, key, hash, &fresh);
	if (!is_listed(dedup))
		return fresh;
	if (!fresh && conf->within_ns > 0 &&
	    is_near(dedup, mark_at(dedup, slot)->at_ns, t_ns))
		return false;
	if (fresh)
		append(dedup, slot);
	else
		renew(dedup, slot);
	mark_at(dedup, slot)->at_ns = t_ns;
	if (conf->last > 0 && dedup->table.n > conf->last)
		drop_first(dedup);
	return fresh || conf->within_ns > 0;
}

static bool
see_nearly(struct sk_dedup *dedup, uint64_t hash, int64_t t_ns)
{
	int64_t generation = dedup->generation;

	if (sk_cuckoo_has(&dedup->filter, hash))
		return false;
	if (dedup->conf.within_ns > 0)
		generation = generation_of(dedup, t_ns);
	if (!sk_cuckoo_add(&dedup->filter, hash, tag_of(generation)))
		dedup->nforgotten++;
	if (dedup->conf.within_ns == 0 &&
	    ++dedup->filled >= (uint64_t)dedup->span) {
		dedup->filled = 0;
		dedup->nforgotten += begin_generation(dedup, generation + 1);
	}
	return true;
}

bool
sk_dedup_is_new(struct sk_dedup *dedup, struct sk_view key, uint64_t hash,
    int64_t t_ns)
{
	return dedup->conf.approximate ? see_nearly(dedup, hash, t_ns) :
	    see_exactly(dedup, key, (uint32_t)hash, t_ns);
}

bool
sk_dedup_knows(const struct sk_dedup *dedup, struct sk_view key, uint64_t hash,
    int64_t t_ns)
{
	uint32_t slot;

	if (dedup->conf.approximate)
		return sk_cuckoo_has(&dedup->filter, hash);
	slot = sk_table_find(&dedup->table, key, (uint32_t)hash);
	return slot != SK_TABLE_NONE && (dedup->conf.within_ns == 0 ||
	    is_near(dedup, mark_at(dedup, slot)->at_ns, t_ns));
}

/* ---- saved ---- */

static void
save_entry(const struct sk_dedup *dedup, uint32_t slot, struct sk_buf *buf)
{
	sk_image_put(buf, is_listed(dedup) ?
	    (uint64_t)mark_at(dedup, slot)->at_ns : 0);
	sk_image_put_view(buf, sk_table_key(&dedup->table, slot));
}

void
sk_dedup_save(const struct sk_dedup *dedup, struct sk_buf *buf)
{
	size_t at = 0;
	uint32_t slot;

	sk_image_put(buf, (uint64_t)dedup->now_ns);
	if (dedup->conf.approximate) {
		sk_image_put(buf, (uint64_t)dedup->generation);
		sk_image_put(buf, dedup->filled);
		sk_cuckoo_save(&dedup->filter, buf);
		return;
	}
	sk_image_put(buf, dedup->table.n);
	if (!is_listed(dedup)) {
		while ((slot = sk_table_next(&dedup->table, &at)) !=
		    SK_TABLE_NONE)
			save_entry(dedup, slot, buf);
		return;
	}
	for (slot = dedup->first; slot != SK_TABLE_NONE;
	    slot = mark_at(dedup, slot)->behind)
		save_entry(dedup, slot, buf);
}

static int
bad(struct sk_diag *diag)
{
	return sk_image_bad(diag);
}

static int
load_filter(struct sk_dedup *dedup, struct sk_view *bytes,
    struct sk_diag *diag)
{
	bool timed = dedup->conf.within_ns > 0;
	int64_t generation;

	if (!sk_image_take_i64(bytes, &generation) ||
	    !sk_image_take(bytes, &dedup->filled))
		return bad(diag);
	if (timed ? generation != (dedup->now_ns == INT64_MIN ? 0 :
	    generation_of(dedup, dedup->now_ns)) : generation < 0 ||
	    generation == INT64_MAX ||
	    dedup->filled >= (uint64_t)dedup->span)
		return bad(diag);
	dedup->generation = generation;
	return sk_cuckoo_load(&dedup->filter, bytes, diag);
}

int
sk_dedup_load(struct sk_dedup *dedup, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct sk_view key;
	uint32_t n, slot;
	int64_t at_ns;
	bool fresh;

	if (!sk_image_take_i64(bytes, &dedup->now_ns))
		return bad(diag);
	if (dedup->conf.approximate)
		return load_filter(dedup, bytes, diag);
	if (!sk_image_take_n(bytes, PARTED, &n) ||
	    (dedup->conf.last > 0 && n > dedup->conf.last))
		return bad(diag);
	for (; n > 0; n--) {
		if (!sk_image_take_i64(bytes, &at_ns) ||
		    !sk_image_take_view(bytes, &key) || key.len > UINT32_MAX)
			return bad(diag);
		slot = sk_table_add(&dedup->table, key, sk_table_hash(key,
		    dedup->seed), &fresh);
		if (!fresh)
			return bad(diag);
		if (!is_listed(dedup))
			continue;
		mark_at(dedup, slot)->at_ns = at_ns;
		append(dedup, slot);
	}
	return 0;
}
