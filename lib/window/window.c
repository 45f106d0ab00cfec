#include "base/image.h"
#include "base/rng.h"
#include "window/kinds.h"

#define WIDE 4096 /* keys that a cache does not hold */

static const struct sk_window_kind_ops *const kinds[] = {
	[SK_WINDOW_TUMBLE] = &sk_window_panes,
	[SK_WINDOW_HOP] = &sk_window_hops,
	[SK_WINDOW_CUMULATE] = &sk_window_hops,
	[SK_WINDOW_SESSION] = &sk_window_sessions,
	[SK_WINDOW_SLIDE] = &sk_window_runs,
	[SK_WINDOW_COUNT] = &sk_window_runs,
	[SK_WINDOW_GLOBAL] = &sk_window_panes,
};

struct sk_window *
sk_window_open(const struct sk_window_conf *conf)
{
	struct sk_window *window = kinds[conf->kind]->open();

	window->ops = kinds[conf->kind];
	window->conf = *conf;
	window->seed = sk_rng_draw();
	window->watermark_ns = INT64_MIN;
	window->due_ns = INT64_MAX;
	return window;
}

void
sk_window_close(struct sk_window *window)
{
	if (window != NULL)
		window->ops->close(window);
}

uint64_t
sk_window_seed(const struct sk_window *window)
{
	return window->seed;
}

int
sk_window_add(struct sk_window *window, int64_t t_ns, struct sk_view key,
    uint32_t hash)
{
	return window->ops->add(window, t_ns, key, hash);
}

bool
sk_window_is_wide(const struct sk_window *window)
{
	const struct sk_table *table = window->ops->table(window);

	return table != NULL && table->n >= WIDE;
}

void
sk_window_warm(struct sk_window *window, uint32_t hash, int step)
{
	const struct sk_table *table = window->ops->table(window);
	uint32_t slot;

	if (step == 0)
		sk_table_warm(table, hash);
	else {
		slot = sk_table_warm_slot(table, hash);
		if (step == 2 && slot != SK_TABLE_NONE &&
		    window->ops->warm != NULL)
			window->ops->warm(window, slot);
	}
}

int
sk_window_advance(struct sk_window *window, int64_t watermark_ns)
{
	if (watermark_ns <= window->watermark_ns)
		return 0;
	window->watermark_ns = watermark_ns;
	if (watermark_ns < window->due_ns)
		return 0;
	return window->ops->advance(window);
}

int64_t
sk_window_due(const struct sk_window *window)
{
	return window->due_ns;
}

int
sk_window_finish(struct sk_window *window)
{
	window->watermark_ns = INT64_MAX;
	return window->ops->advance(window);
}

void
sk_window_restart(struct sk_window *window, int64_t watermark_ns)
{
	window->watermark_ns = watermark_ns;
	window->due_ns = INT64_MAX;
}

int
sk_window_show(struct sk_window *window, bool changed)
{
	return window->ops->show(window, changed);
}

int64_t
sk_window_oldest(struct sk_window *window)
{
	return window->ops->oldest(window);
}

void
sk_window_save(struct sk_window *window, struct sk_buf *buf)
{
	sk_image_put(buf, (uint64_t)window->watermark_ns);
	sk_image_put(buf, (uint64_t)window->due_ns);
	window->ops->save(window, buf);
}

int
sk_window_load(struct sk_window *window, struct sk_view *bytes,
    struct sk_diag *diag)
{
	if (!sk_image_take_i64(bytes, &window->watermark_ns) ||
	    !sk_image_take_i64(bytes, &window->due_ns))
		return sk_image_bad(diag);
	return window->ops->load(window, bytes, diag);
}

/* ---- cells ---- */

struct sk_window_cell *
sk_window_cell_add(const struct sk_window *window, struct sk_table *table,
    struct sk_view key, uint32_t hash)
{
	const struct sk_aggs *aggs = window->conf.aggs;
	struct sk_window_cell *cell;
	uint32_t slot;
	bool fresh;

	cell = sk_table_entry(table, key, hash, &slot, &fresh);
	if (fresh && table->n > window->conf.max_keys) {
		sk_table_remove(table, slot);
		return NULL;
	}
	if (fresh)
		sk_aggs_new(aggs, cell->state);
	sk_aggs_add(aggs, cell->state);
	cell->changed = cell->some = true;
	return cell;
}

void
sk_window_cells_merge(struct sk_table *into, const struct sk_table *from,
    const struct sk_aggs *aggs)
{
	const struct sk_window_cell *cell;
	struct sk_window_cell *to;
	size_t at = 0;
	uint32_t slot;
	bool fresh;

	while ((slot = sk_table_next(from, &at)) != SK_TABLE_NONE) {
		cell = sk_table_at(from, slot);
		to = sk_table_at(into, sk_table_add(into,
		    sk_table_key(from, slot), sk_table_hash_of(from, slot),
		    &fresh));
		if (fresh)
			sk_aggs_copy(aggs, to->state, cell->state);
		else
			sk_aggs_merge(aggs, to->state, cell->state);
		to->changed = to->changed || cell->changed;
		to->some = true;
	}
}

void
sk_window_cells_seen(struct sk_table *table)
{
	struct sk_window_cell *cell;
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(table, &at)) != SK_TABLE_NONE) {
		cell = sk_table_at(table, slot);
		cell->changed = false;
	}
}

void
sk_window_cells_free(struct sk_table *table, const struct sk_aggs *aggs)
{
	struct sk_window_cell *cell;
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(table, &at)) != SK_TABLE_NONE) {
		cell = sk_table_at(table, slot);
		sk_aggs_free(aggs, cell->state);
	}
	sk_table_free(table);
}

void
sk_window_cells_save(struct sk_table *table, const struct sk_aggs *aggs,
    struct sk_buf *buf)
{
	const uint32_t *order = sk_table_sorted(table);
	const struct sk_window_cell *cell;
	uint32_t i;

	sk_image_put(buf, table->n);
	for (i = 0; i < table->n; i++) {
		cell = sk_table_at(table, order[i]);
		sk_image_put_view(buf, sk_table_key(table, order[i]));
		sk_image_put(buf, cell->changed);
		sk_aggs_save(aggs, cell->state, buf);
	}
}

int
sk_window_cells_load(const struct sk_window *window, struct sk_table *table,
    struct sk_view *bytes, struct sk_diag *diag)
{
	struct sk_window_cell *cell;
	struct sk_view key;
	uint64_t changed;
	uint32_t n, i;
	bool fresh;
	int err;

	if (!sk_image_take_n(bytes, 16, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n; i++) {
		if (!sk_image_take_view(bytes, &key) ||
		    !sk_image_take(bytes, &changed))
			return sk_image_bad(diag);
		cell = sk_table_at(table, sk_table_add(table, key,
		    sk_table_hash(key, window->seed), &fresh));
		if (!fresh)
			return sk_image_bad(diag);
		cell->changed = changed != 0;
		cell->some = true;
		err = sk_aggs_load(window->conf.aggs, cell->state, bytes,
		    diag);
		if (err != 0)
			return err;
	}
	return 0;
}
