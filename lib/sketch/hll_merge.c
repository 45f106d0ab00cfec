/*
 * Merge and conversion, in the steps that give other writers' bytes: which
 * sketch is copied, which coupons are replayed, and in what order.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "sketch/hll_parts.h"

/* Keep the greatest of all registers that fall together in 2^lgk. */
static void
fold(struct sk_hll *hll, unsigned lgk)
{
	uint32_t k = sk_hll_size(hll), folded = UINT32_C(1) << lgk;

	for (uint32_t i = folded; i < k; i++)
		if (hll->regs[i] > hll->regs[i & (folded - 1)])
			hll->regs[i & (folded - 1)] = hll->regs[i];
	hll->lgk = (uint8_t)lgk;
	hll->regs = sk_xrealloc(hll->regs, folded, 1);
	sk_hll_recount(hll);
}

static void
drop_aux(struct sk_hll *hll)
{
	free(hll->aux);
	hll->aux = NULL;
	hll->aux_n = 0;
	hll->lg_aux = 0;
}

/* hll, in LIST or SET mode, becomes a copy of from, folded to its own lgk, and
 * takes its own coupons again. */
static void
adopt(struct sk_hll *hll, const struct sk_hll *from)
{
	struct sk_hll old = *hll;
	size_t n;
	const uint32_t *cells;

	sk_hll_copy(hll, from);
	hll->type = SK_HLL_8;
	drop_aux(hll);
	sk_hll_recount(hll);
	if (hll->lgk > old.lgk)
		fold(hll, old.lgk);
	cells = sk_hll_cells(&old, &n);
	for (size_t i = 0; i < n; i++)
		if (cells[i] != 0)
			sk_hll_add_coupon(hll, cells[i]);
	sk_hll_free(&old);
}

/* Both in HLL mode. */
static void
merge_registers(struct sk_hll *hll, const struct sk_hll *from)
{
	if (from->lgk < hll->lgk)
		fold(hll, from->lgk);
	uint32_t mask = sk_hll_size(hll) - 1;

	for (uint32_t i = 0; i < sk_hll_size(from); i++)
		if (from->regs[i] > hll->regs[i & mask])
			hll->regs[i & mask] = from->regs[i];
	hll->out_of_order = true;
	hll->hip = 0;
	sk_hll_recount(hll);
}

static void
merge_coupons(struct sk_hll *hll, const struct sk_hll *from)
{
	size_t n;
	const uint32_t *cells;

	if (sk_hll_empty(hll) && hll->lgk == from->lgk) {
		sk_hll_free(hll);
		sk_hll_copy(hll, from);
		hll->type = SK_HLL_8;
		return;
	}
	cells = sk_hll_cells(from, &n);
	for (size_t i = 0; i < n; i++)
		if (cells[i] != 0)
			sk_hll_add_coupon(hll, cells[i]);
}

void
sk_hll_merge(struct sk_hll *hll, const struct sk_hll *from)
{
	sk_hll_convert(hll, SK_HLL_8);
	if (from->mode != SK_HLL_HLL)
		merge_coupons(hll, from);
	else if (hll->mode != SK_HLL_HLL)
		adopt(hll, from);
	else
		merge_registers(hll, from);
}

/* Coupons have 26 bits of address: they suit any lgK. */
void
sk_hll_widen(struct sk_hll *hll, unsigned lgk)
{
	sk_assert(lgk >= SK_HLL_LGK_MIN && lgk <= SK_HLL_LGK_MAX);
	if (sk_hll_empty(hll) ||
	    (hll->mode != SK_HLL_HLL && lgk > hll->lgk))
		hll->lgk = (uint8_t)lgk;
}

/* The map of HLL_4 is laid out by the order of updates: registers in theirs,
 * on a sketch that starts empty. */
static void
replay(struct sk_hll *hll)
{
	struct sk_hll old = *hll;
	uint32_t k = sk_hll_size(&old);

	hll->regs = NULL;
	hll->aux = NULL;
	sk_hll_start(hll);
	hll->out_of_order = true; /* keeps hip still */
	for (uint32_t i = 0; i < k; i++)
		if (old.regs[i] != 0)
			sk_hll_add_coupon(hll, (uint32_t)old.regs[i] << 26 | i);
	hll->hip = old.hip;
	hll->out_of_order = old.out_of_order;
	free(old.regs);
	free(old.aux);
}

void
sk_hll_convert(struct sk_hll *hll, enum sk_hll_type type)
{
	enum sk_hll_type old = (enum sk_hll_type)hll->type;

	hll->type = (uint8_t)type;
	if (hll->mode != SK_HLL_HLL || old == type)
		return;
	if (type == SK_HLL_4)
		replay(hll);
	else
		drop_aux(hll);
}
