#include <stdlib.h>

#include "base/base64.h"
#include "base/mem.h"
#include "sketch/kll_parts.h"
#include "window/percentiles.h"

#define SEED 1 /* of the coins */

static const struct sk_quantile_conf conf = { .method = SK_QUANTILE_KLL,
	.size = SK_KLL_K, .exact = SK_PERCENTILES_EXACT, .seed = SEED };

void
sk_percentiles_free(struct sk_kll **kll)
{
	if (*kll != NULL)
		sk_kll_free(*kll);
	free(*kll);
	*kll = NULL;
}

static struct sk_kll *
made(struct sk_kll **kll)
{
	struct sk_kll_plan plan = sk_kll_plan(SK_KLL_K,
	    SK_PERCENTILES_EXACT, SEED);

	if (*kll == NULL) {
		*kll = sk_xalloc(1, sizeof(**kll));
		sk_kll_init(*kll, &plan);
	}
	return *kll;
}

void
sk_percentiles_copy(struct sk_kll **to, const struct sk_kll *from)
{
	*to = NULL;
	if (from == NULL)
		return;
	*to = sk_xalloc(1, sizeof(**to));
	sk_kll_copy(*to, from);
}

void
sk_percentiles_add(struct sk_kll **kll, double value)
{
	sk_kll_add(made(kll), value);
}

void
sk_percentiles_merge(struct sk_kll **into, const struct sk_kll *from)
{
	if (from != NULL)
		(void)sk_kll_merge(made(into), from);
}

void
sk_percentiles_open(const struct sk_kll *kll, struct sk_quantile_view *view)
{
	struct sk_quantile state;

	if (kll == NULL)
		sk_quantile_init(&state, &conf);
	else {
		state.conf = &conf;
		state.of.kll = *kll; /* is only looked at */
	}
	sk_quantile_open(&state, view);
	if (kll == NULL)
		sk_quantile_free(&state);
}

void
sk_percentiles_put(const struct sk_kll *kll, struct sk_record *record)
{
	struct sk_buf image = { 0 }, text = { 0 };

	if (kll == NULL) {
		sk_record_null(record);
		return;
	}
	sk_kll_save(kll, &image);
	sk_base64_put(&text, sk_view(image.ptr, image.len));
	sk_record_text(record, sk_view(text.ptr, text.len));
	sk_buf_free(&image);
	sk_buf_free(&text);
}

/* ---- bytes ---- */

void
sk_percentiles_save(const struct sk_kll *kll, struct sk_buf *buf)
{
	const uint32_t *start;
	uint32_t i;

	sk_pack_u64(buf, kll == NULL ? 0 : kll->levels);
	if (kll == NULL)
		return;
	start = sk_kll_starts(kll);
	sk_pack_u64(buf, kll->room);
	sk_pack_u64(buf, kll->full);
	sk_pack_u64(buf, kll->coin);
	sk_pack_u64(buf, kll->turn);
	sk_pack_u64(buf, kll->last);
	sk_pack_f64(buf, kll->min);
	sk_pack_f64(buf, kll->max);
	for (i = 0; i < kll->levels; i++)
		sk_pack_u64(buf, start[i + 1] - start[i]);
	for (i = start[0]; i < kll->room; i++)
		sk_pack_f64(buf, kll->item[i]);
}

/* The sizes of the levels become their starts; n is what they stand for. */
static bool
load_starts(struct sk_kll *kll, struct sk_unpack *from)
{
	uint32_t size[SK_KLL_LEVELS_MAX], at = kll->room;
	uint32_t *start = sk_kll_starts(kll);
	unsigned h;

	for (h = 0; h < kll->levels; h++)
		size[h] = (uint32_t)sk_unpack_upto(from, kll->room);
	for (h = kll->levels; h-- > 0;) {
		if (size[h] > at || size[h] > (SK_KLL_N_MAX - kll->n) >> h)
			return false;
		kll->n += (uint64_t)size[h] << h;
		start[h] = at -= size[h];
	}
	return kll->full <= at && kll->n > 0;
}

static bool
load_items(struct sk_kll *kll, struct sk_unpack *from)
{
	const uint32_t *start = sk_kll_starts(kll);
	uint32_t i;
	unsigned h;

	for (i = start[0]; i < kll->room && !from->bad; i++) {
		kll->item[i] = sk_unpack_f64(from);
		if (kll->item[i] < kll->min || kll->item[i] > kll->max)
			return false;
	}
	for (h = 1; h < kll->levels; h++)
		for (i = start[h] + 1; i < start[h + 1]; i++)
			if (kll->item[i - 1] > kll->item[i])
				return false;
	return kll->min <= kll->max;
}

/* A sketch waits to be compacted (full) only in room of the size that it has
 * then. */
static bool
load_room(struct sk_kll *kll, unsigned levels, struct sk_unpack *from)
{
	uint32_t usual = sk_kll_total(SK_KLL_K, levels) + SK_KLL_SPARE;
	uint32_t most = 2 * (usual + SK_PERCENTILES_EXACT);
	uint32_t room = (uint32_t)sk_unpack_upto(from, most);
	uint32_t full = (uint32_t)sk_unpack_upto(from, room);

	if (from->bad || room == 0 ||
	    (full > 0 && (room != usual || levels == 1)))
		return false;
	sk_kll_resize(kll, room, levels);
	kll->full = full;
	return true;
}

void
sk_percentiles_load(struct sk_kll **kll, struct sk_unpack *from)
{
	unsigned levels = (unsigned)sk_unpack_upto(from, SK_KLL_LEVELS_MAX);

	*kll = NULL;
	if (levels == 0)
		return;
	if (!load_room(made(kll), levels, from))
		from->bad = true;
	(*kll)->coin = sk_unpack_u64(from);
	(*kll)->turn = sk_unpack_u64(from);
	(*kll)->last = sk_unpack_u64(from);
	(*kll)->min = sk_unpack_f64(from);
	(*kll)->max = sk_unpack_f64(from);
	if (from->bad || !load_starts(*kll, from) ||
	    !load_items(*kll, from) || from->bad) {
		from->bad = true;
		sk_percentiles_free(kll);
	}
}
