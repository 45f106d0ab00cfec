/*
 * Updates.  Registers are bytes in memory whatever the type: the check that
 * refuses nearly every coupon is one load and one compare, and nibbles and
 * six-bit fields exist in images only.  HLL_4 must keep its map of exceptions
 * as it grew, because images hold its cells in table order.
 *
 * kxq0 and kxq1 are two sums so that each is exact in a double (terms from
 * 2^0 to 2^-31, and from 2^-32 to 2^-63, of at most 2^21 registers): they do
 * not depend on the order of updates.
 */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "sketch/hll_parts.h"

void
sk_hll_init(struct sk_hll *hll, unsigned lgk, enum sk_hll_type type)
{
	sk_assert(lgk >= SK_HLL_LGK_MIN && lgk <= SK_HLL_LGK_MAX);
	*hll = (struct sk_hll){ 0 };
	hll->lgk = (uint8_t)lgk;
	hll->type = (uint8_t)type;
}

/* Only in HLL mode there is a map: a LIST has its coupons there. */
static void
free_aux(struct sk_hll *hll)
{
	if (hll->mode == SK_HLL_HLL)
		free(hll->aux);
}

void
sk_hll_free(struct sk_hll *hll)
{
	free(hll->set);
	free_aux(hll);
	free(hll->regs);
	*hll = (struct sk_hll){ 0 };
}

void
sk_hll_reset(struct sk_hll *hll)
{
	unsigned lgk = hll->lgk;
	enum sk_hll_type type = (enum sk_hll_type)hll->type;

	sk_hll_free(hll);
	sk_hll_init(hll, lgk, type);
}

bool
sk_hll_empty(const struct sk_hll *hll)
{
	return hll->mode == SK_HLL_LIST && hll->n == 0;
}

static void *
duplicate(const void *bytes, size_t nbytes)
{
	void *copy = sk_xalloc(1, nbytes);

	memcpy(copy, bytes, nbytes);
	return copy;
}

void
sk_hll_copy(struct sk_hll *out, const struct sk_hll *hll)
{
	*out = *hll;
	if (hll->set != NULL)
		out->set = duplicate(hll->set,
		    sizeof(*hll->set) << hll->lg_set);
	if (hll->mode == SK_HLL_HLL && hll->aux != NULL)
		out->aux = duplicate(hll->aux,
		    sizeof(*hll->aux) << hll->lg_aux);
	if (hll->regs != NULL)
		out->regs = duplicate(hll->regs, sk_hll_size(hll));
}

/* ---- HLL_4: the map of exceptions ---- */

unsigned
sk_hll_aux_lg_min(unsigned lgk)
{
	static const uint8_t lg[] = { 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9,
		10, 11, 12, 13 };

	return lg[lgk - SK_HLL_LGK_MIN];
}

/* The cell of a slot: (value << 26) | slot, or the empty one for it. */
static uint32_t *
aux_find(const struct sk_hll *hll, uint32_t slot)
{
	uint32_t mask = (UINT32_C(1) << hll->lg_aux) - 1;
	uint32_t slots = sk_hll_size(hll) - 1;
	uint32_t stride = slot >> hll->lg_aux | 1;
	uint32_t at = slot & mask;

	while (hll->aux[at] != 0 && (hll->aux[at] & slots) != slot)
		at = (at + stride) & mask;
	return &hll->aux[at];
}

bool
sk_hll_aux_is_at(const struct sk_hll *hll, size_t at)
{
	uint32_t slot = hll->aux[at] & (sk_hll_size(hll) - 1);

	return aux_find(hll, slot) == &hll->aux[at];
}

static void
aux_alloc(struct sk_hll *hll, unsigned lg)
{
	hll->lg_aux = (uint8_t)lg;
	hll->aux = sk_xcalloc((size_t)1 << lg, sizeof(*hll->aux));
}

static void
aux_grow(struct sk_hll *hll)
{
	uint32_t *old = hll->aux;
	size_t n = (size_t)1 << hll->lg_aux;

	aux_alloc(hll, hll->lg_aux + 1u);
	for (size_t i = 0; i < n; i++)
		if (old[i] != 0)
			*aux_find(hll, old[i] & (sk_hll_size(hll) - 1)) =
			    old[i];
	free(old);
}

void
sk_hll_aux_put(struct sk_hll *hll, uint32_t slot, unsigned value)
{
	if (hll->aux == NULL)
		aux_alloc(hll, sk_hll_aux_lg_min(hll->lgk));
	uint32_t *cell = aux_find(hll, slot);
	bool fresh = *cell == 0;

	*cell = (uint32_t)value << 26 | slot;
	if (fresh && 4 * ++hll->aux_n > UINT32_C(3) << hll->lg_aux)
		aux_grow(hll);
}

/* cur_min has grown: an exception that fits a nibble now leaves the map, the
 * others go into a new one of the first size. */
static void
aux_rebuild(struct sk_hll *hll)
{
	uint32_t *old = hll->aux;
	size_t n = old == NULL ? 0 : (size_t)1 << hll->lg_aux;

	hll->aux = NULL;
	hll->aux_n = 0;
	hll->lg_aux = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned value = sk_hll_value(old[i]);

		if (old[i] != 0 && value - hll->cur_min > 14)
			sk_hll_aux_put(
			    hll, old[i] & (sk_hll_size(hll) - 1), value);
	}
	free(old);
}

/* ---- registers ---- */

/* No register is at cur_min: the step of a scan to the next one, of which
 * there are 63 in the life of a sketch. */
static void
raise_min(struct sk_hll *hll)
{
	hll->cur_min++;
	for (uint32_t i = 0; i < sk_hll_size(hll); i++)
		hll->at_min += hll->regs[i] == hll->cur_min;
	aux_rebuild(hll);
}

/* 2^-r, by its exponent: a large sketch spends its time here. */
static double
inverse_power(unsigned r)
{
	uint64_t bits = (uint64_t)(1023 - r) << 52;
	double power;

	memcpy(&power, &bits, sizeof(power));
	return power;
}

/* A register grows to `value`; called for a coupon in some thousands. */
static void
raise_register(struct sk_hll *hll, uint32_t slot, unsigned value)
{
	unsigned old = hll->regs[slot];

	if (!hll->out_of_order)
		hll->hip += sk_hll_size(hll) / (hll->kxq0 + hll->kxq1);
	if (old < 32)
		hll->kxq0 -= inverse_power(old);
	else
		hll->kxq1 -= inverse_power(old);
	if (value < 32)
		hll->kxq0 += inverse_power(value);
	else
		hll->kxq1 += inverse_power(value);
	hll->regs[slot] = (uint8_t)value;
	if (hll->type == SK_HLL_4 && value >= hll->cur_min + 15u)
		sk_hll_aux_put(hll, slot, value);
	if (old == hll->cur_min)
		hll->at_min--;
	while (hll->at_min == 0)
		raise_min(hll);
}

static void
add_register(struct sk_hll *hll, uint32_t coupon)
{
	uint32_t slot = coupon & (sk_hll_size(hll) - 1);
	unsigned value = sk_hll_value(coupon);

	if (value > hll->regs[slot])
		raise_register(hll, slot, value);
}

void
sk_hll_start(struct sk_hll *hll)
{
	free(hll->set);
	free_aux(hll);
	free(hll->regs);
	hll->set = NULL;
	hll->aux = NULL;
	hll->lg_set = 0;
	hll->lg_aux = 0;
	hll->aux_n = 0;
	hll->mode = SK_HLL_HLL;
	hll->out_of_order = false;
	hll->regs = sk_xcalloc(sk_hll_size(hll), 1);
	hll->hip = 0;
	hll->kxq0 = sk_hll_size(hll);
	hll->kxq1 = 0;
	hll->cur_min = 0;
	hll->at_min = sk_hll_size(hll);
}

void
sk_hll_recount(struct sk_hll *hll)
{
	uint32_t count[SK_HLL_VALUE_MAX + 1] = { 0 };

	for (uint32_t i = 0; i < sk_hll_size(hll); i++)
		count[hll->regs[i]]++;
	hll->kxq0 = 0;
	hll->kxq1 = 0;
	for (unsigned r = 0; r <= SK_HLL_VALUE_MAX; r++)
		*(r < 32 ? &hll->kxq0 : &hll->kxq1) +=
		    count[r] * inverse_power(r);
	hll->cur_min = 0;
	while (count[hll->cur_min] == 0)
		hll->cur_min++;
	hll->at_min = count[hll->cur_min];
}

/* ---- coupons ---- */

const uint32_t *
sk_hll_cells(const struct sk_hll *hll, size_t *n)
{
	*n = hll->mode == SK_HLL_LIST ? hll->n : (size_t)1 << hll->lg_set;
	return hll->mode == SK_HLL_LIST ? hll->list : hll->set;
}

static void
promote_to_hll(struct sk_hll *hll)
{
	struct sk_hll old = *hll; /* a LIST stands where sums will */
	size_t ncells;
	const uint32_t *cells = sk_hll_cells(&old, &ncells);

	hll->set = NULL; /* still read: freed below */
	sk_hll_start(hll);
	for (size_t i = 0; i < ncells; i++)
		if (cells[i] != 0)
			add_register(hll, cells[i]);
	hll->hip = sk_hll_coupon_estimate(old.n);
	free(old.set);
}

static void
promote_to_set(struct sk_hll *hll)
{
	hll->mode = SK_HLL_SET;
	hll->lg_set = SK_HLL_LG_SET_MIN;
	hll->set = sk_xcalloc((size_t)1 << hll->lg_set, sizeof(*hll->set));
	for (size_t i = 0; i < hll->n; i++)
		*sk_hll_set_find(hll->set, hll->lg_set, hll->list[i]) =
		    hll->list[i];
}

static void
grow_set(struct sk_hll *hll)
{
	size_t n = (size_t)1 << hll->lg_set;
	unsigned lg = hll->lg_set + 1u;
	uint32_t *set = sk_xcalloc((size_t)1 << lg, sizeof(*set));

	for (size_t i = 0; i < n; i++)
		if (hll->set[i] != 0)
			*sk_hll_set_find(set, lg, hll->set[i]) = hll->set[i];
	free(hll->set);
	hll->set = set;
	hll->lg_set = (uint8_t)lg;
}

static void
add_list(struct sk_hll *hll, uint32_t coupon)
{
	for (uint32_t i = 0; i < hll->n; i++)
		if (hll->list[i] == coupon)
			return;
	hll->list[hll->n++] = coupon;
	if (hll->n < SK_HLL_LIST_CAP)
		return;
	if (hll->lgk < SK_HLL_SET_LGK)
		promote_to_hll(hll);
	else
		promote_to_set(hll);
}

static void
add_set(struct sk_hll *hll, uint32_t coupon)
{
	uint32_t *cell = sk_hll_set_find(hll->set, hll->lg_set, coupon);

	if (*cell != 0)
		return;
	*cell = coupon;
	if (4 * ++hll->n <= UINT32_C(3) << hll->lg_set)
		return;
	if (hll->lg_set == hll->lgk - 3)
		promote_to_hll(hll);
	else
		grow_set(hll);
}

void
sk_hll_add_coupon(struct sk_hll *hll, uint32_t coupon)
{
	if (SK_LIKELY(hll->mode == SK_HLL_HLL))
		add_register(hll, coupon);
	else if (hll->mode == SK_HLL_SET)
		add_set(hll, coupon);
	else
		add_list(hll, coupon);
}

/* ---- items ---- */

void
sk_hll_add(struct sk_hll *hll, struct sk_view item)
{
	if (item.len != 0)
		sk_hll_add_coupon(hll,
		    sk_hll_coupon(sk_murmur(item.ptr, item.len, SK_HLL_SEED)));
}

void
sk_hll_add_i64(struct sk_hll *hll, int64_t value)
{
	char bytes[8];

	sk_put64(bytes, (uint64_t)value);
	sk_hll_add(hll, sk_view(bytes, sizeof(bytes)));
}

void
sk_hll_add_f64(struct sk_hll *hll, double value)
{
	uint64_t bits;

	if (value == 0)
		value = 0; /* -0.0 is 0.0 */
	bits = isnan(value) ? UINT64_C(0x7ff8000000000000) : sk_bits_of(value);
	sk_hll_add_i64(hll, (int64_t)bits);
}
