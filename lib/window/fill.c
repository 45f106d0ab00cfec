#include <stdlib.h>

#include "base/image.h"
#include "base/mem.h"
#include "window/fill.h"

struct known {
	int64_t end_ns; /* of the last window with an event */
	bool has_state;
	_Alignas(SK_AGG_ALIGN) char state[]; /* of that window, for `last` */
};

static bool
keeps(const struct sk_window *window)
{
	return window->conf.fill == SK_WINDOW_FILL_LAST;
}

static void
prepare(struct sk_fill *fill, const struct sk_window *window)
{
	if (fill->keys.stride == 0)
		sk_table_init(&fill->keys, sizeof(struct known) +
		    (keeps(window) ? window->conf.aggs->size : 0));
}

static void
release(struct known *known, const struct sk_window *window)
{
	if (known->has_state)
		sk_aggs_free(window->conf.aggs, known->state);
	known->has_state = false;
}

void
sk_fill_free(struct sk_fill *fill, const struct sk_window *window)
{
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&fill->keys, &at)) != SK_TABLE_NONE)
		release(sk_table_at(&fill->keys, slot), window);
	if (fill->keys.stride > 0)
		sk_table_free(&fill->keys);
}

void
sk_fill_seen(struct sk_fill *fill, const struct sk_window *window,
    struct sk_view key, uint32_t hash, int64_t end_ns)
{
	struct known *known;
	bool fresh;

	prepare(fill, window);
	known = sk_table_at(&fill->keys, sk_table_add(&fill->keys, key, hash,
	    &fresh));
	known->end_ns = end_ns;
}

static void
keep(struct known *known, const struct sk_window *window, const void *state)
{
	release(known, window);
	sk_aggs_copy(window->conf.aggs, known->state, state);
	known->has_state = true;
}

/* A key that is not filled any more is forgotten. */
static bool
is_over(const struct known *known, const struct sk_window *window,
    int64_t start_ns)
{
	return window->conf.ttl_ns > 0 && start_ns >=
	    sk_window_later(known->end_ns, window->conf.ttl_ns);
}

static void
forget_old(struct sk_fill *fill, const struct sk_window *window,
    int64_t start_ns)
{
	const uint32_t *order;
	struct known *known;
	uint32_t *old, nold = 0, i;

	if (window->conf.ttl_ns == 0 || fill->keys.n == 0)
		return;
	order = sk_table_sorted(&fill->keys);
	old = sk_xalloc(fill->keys.n, sizeof(*old));
	for (i = 0; i < fill->keys.n; i++)
		if (is_over(sk_table_at(&fill->keys, order[i]), window,
		    start_ns))
			old[nold++] = order[i];
	for (i = 0; i < nold; i++) {
		known = sk_table_at(&fill->keys, old[i]);
		release(known, window);
		sk_table_remove(&fill->keys, old[i]);
	}
	free(old);
}

int
sk_fill_put(struct sk_fill *fill, const struct sk_window *window,
    int64_t start_ns, int64_t end_ns, const struct sk_fill_from *from)
{
	const uint32_t *order;
	struct known *known;
	const void *state;
	struct sk_view key;
	uint32_t i;
	int err = 0;

	prepare(fill, window);
	forget_old(fill, window, start_ns);
	order = sk_table_sorted(&fill->keys);
	for (i = 0; i < fill->keys.n && err == 0; i++) {
		known = sk_table_at(&fill->keys, order[i]);
		key = sk_table_key(&fill->keys, order[i]);
		state = from->get(from->arg, key,
		    sk_table_hash_of(&fill->keys, order[i]));
		if (state != NULL && keeps(window))
			keep(known, window, state);
		else if (state == NULL && known->has_state)
			state = known->state;
		err = sk_window_row(window, SK_WINDOW_FINAL, start_ns,
		    end_ns, key, state);
	}
	return err;
}

void
sk_fill_save(struct sk_fill *fill, const struct sk_window *window,
    struct sk_buf *buf)
{
	const uint32_t *order;
	const struct known *known;
	uint32_t i;

	prepare(fill, window);
	order = sk_table_sorted(&fill->keys);
	sk_image_put(buf, (uint64_t)fill->next_ns);
	sk_image_put(buf, fill->keys.n);
	for (i = 0; i < fill->keys.n; i++) {
		known = sk_table_at(&fill->keys, order[i]);
		sk_image_put_view(buf, sk_table_key(&fill->keys, order[i]));
		sk_image_put(buf, (uint64_t)known->end_ns);
		sk_image_put(buf, known->has_state);
		if (known->has_state)
			sk_aggs_save(window->conf.aggs, known->state, buf);
	}
}

static int
load_known(struct sk_fill *fill, const struct sk_window *window,
    struct sk_view *bytes, struct sk_diag *diag)
{
	struct known *known;
	struct sk_view key;
	uint64_t has_state;
	bool fresh;
	int err;

	if (!sk_image_take_view(bytes, &key))
		return sk_image_bad(diag);
	known = sk_table_at(&fill->keys, sk_table_add(&fill->keys, key,
	    sk_table_hash(key, window->seed), &fresh));
	if (!fresh || !sk_image_take_i64(bytes, &known->end_ns) ||
	    !sk_image_take(bytes, &has_state) ||
	    (has_state != 0 && !keeps(window)))
		return sk_image_bad(diag);
	if (has_state == 0)
		return 0;
	err = sk_aggs_load(window->conf.aggs, known->state, bytes, diag);
	known->has_state = err == 0;
	return err;
}

int
sk_fill_load(struct sk_fill *fill, const struct sk_window *window,
    struct sk_view *bytes, struct sk_diag *diag)
{
	uint32_t n, i;
	int err = 0;

	prepare(fill, window);
	if (!sk_image_take_i64(bytes, &fill->next_ns) ||
	    !sk_image_take_n(bytes, 24, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n && err == 0; i++)
		err = load_known(fill, window, bytes, diag);
	return err;
}
