#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "window/distinct.h"

void
sk_distinct_free(struct sk_distinct **distinct)
{
	if (*distinct != NULL) {
		sk_set_free(&(*distinct)->set);
		if ((*distinct)->hll != NULL)
			sk_hll_free((*distinct)->hll);
		free((*distinct)->hll);
	}
	free(*distinct);
	*distinct = NULL;
}

static struct sk_distinct *
made(struct sk_distinct **distinct)
{
	if (*distinct == NULL)
		*distinct = sk_xcalloc(1, sizeof(**distinct));
	return *distinct;
}

void
sk_distinct_copy(struct sk_distinct **to, const struct sk_distinct *from)
{
	*to = NULL;
	if (from == NULL)
		return;
	sk_set_copy(&made(to)->set, &from->set);
	if (from->hll == NULL)
		return;
	(*to)->hll = sk_xalloc(1, sizeof(*from->hll));
	sk_hll_copy((*to)->hll, from->hll);
}

/* The texts of a set go into a sketch. */
static void
estimate(struct sk_distinct *distinct)
{
	uint32_t i;

	if (distinct->hll != NULL)
		return;
	distinct->hll = sk_xalloc(1, sizeof(*distinct->hll));
	sk_hll_init(distinct->hll, SK_HLL_LGK, SK_HLL_8);
	for (i = 0; i < distinct->set.n; i++)
		sk_hll_add(distinct->hll, sk_set_get(&distinct->set, i));
	sk_set_free(&distinct->set);
}

void
sk_distinct_add(struct sk_distinct **at, struct sk_view text, uint64_t seed)
{
	struct sk_distinct *distinct = made(at);

	if (distinct->hll == NULL) {
		if (text.len <= SK_DISTINCT_BYTES)
			sk_set_add(&distinct->set, text, seed);
		if (distinct->set.n <= SK_DISTINCT_EXACT &&
		    distinct->set.bytes.len <= SK_DISTINCT_BYTES &&
		    text.len <= SK_DISTINCT_BYTES)
			return;
		estimate(distinct);
	}
	sk_hll_add(distinct->hll, text);
}

void
sk_distinct_merge(struct sk_distinct **into, const struct sk_distinct *from,
    uint64_t seed)
{
	uint32_t i;

	if (from == NULL)
		return;
	for (i = 0; i < from->set.n; i++)
		sk_distinct_add(into, sk_set_get(&from->set, i), seed);
	if (from->hll == NULL)
		return;
	estimate(made(into));
	sk_hll_merge((*into)->hll, from->hll);
}

uint64_t
sk_distinct_value(const struct sk_distinct *distinct)
{
	if (distinct == NULL)
		return 0;
	if (distinct->hll == NULL)
		return distinct->set.n;
	return (uint64_t)llround(sk_hll_composite(distinct->hll));
}

double
sk_distinct_error(const struct sk_distinct *distinct)
{
	return distinct == NULL || distinct->hll == NULL ? 0 :
	    1.04 / sqrt((double)(1u << SK_HLL_LGK));
}

void
sk_distinct_save(const struct sk_distinct *distinct, struct sk_buf *buf)
{
	struct sk_buf image = { 0 };
	uint32_t i;

	if (distinct == NULL) {
		sk_pack_u64(buf, 0);
		return;
	}
	if (distinct->hll == NULL) {
		sk_pack_u64(buf, distinct->set.n);
		for (i = 0; i < distinct->set.n; i++)
			sk_pack_text(buf, sk_set_get(&distinct->set, i));
		return;
	}
	sk_pack_u64(buf, SK_DISTINCT_EXACT + 1);
	sk_hll_save(distinct->hll, &image, false);
	sk_pack_text(buf, sk_view(image.ptr, image.len));
	sk_buf_free(&image);
}

static void
load_hll(struct sk_distinct *distinct, struct sk_unpack *from)
{
	struct sk_hll *hll = sk_xalloc(1, sizeof(*hll));

	if (from->bad || sk_hll_load(hll, sk_unpack_text(from), NULL) != 0) {
		free(hll);
		from->bad = true;
		return;
	}
	distinct->hll = hll;
	if (hll->lgk != SK_HLL_LGK)
		from->bad = true;
	sk_hll_convert(hll, SK_HLL_8);
}

void
sk_distinct_load(struct sk_distinct **distinct, struct sk_unpack *from,
    uint64_t seed)
{
	uint64_t n = sk_unpack_upto(from, SK_DISTINCT_EXACT + 1), i;
	struct sk_view text;

	*distinct = NULL;
	if (n > SK_DISTINCT_EXACT)
		load_hll(made(distinct), from);
	for (i = 0; n <= SK_DISTINCT_EXACT && i < n && !from->bad; i++) {
		text = sk_unpack_text(from);
		if (text.len == 0)
			from->bad = true;
		else
			sk_distinct_add(distinct, text, seed);
	}
	if (from->bad)
		sk_distinct_free(distinct);
}
