#include <math.h>

#include "base/err.h"
#include "window/agg_parts.h"
#include "window/sum.h"

static void
put_kept(const struct sk_kept *kept, struct sk_record *record)
{
	struct sk_valued value = sk_kept_get(kept);

	sk_valued_put(&value, record);
}

static int
put_sum(const struct sk_agg *agg, const struct sk_sum *sum,
    struct sk_record *record, struct sk_diag *diag)
{
	int err = sk_sum_put(sum, record);

	return err == 0 ? 0 : sk_diag_set(diag, err,
	    "%s: the sum is beyond 128 bits", agg->column);
}

int
sk_aggs_put(const struct sk_aggs *aggs, const void *state,
    int64_t length_ns, struct sk_record *record, struct sk_diag *diag)
{
	const struct sk_agg *agg = aggs->agg;
	const void *at;
	int err = 0;
	size_t i;

	(void)length_ns;
	for (i = 0; i < aggs->n && err == 0; i++, agg++) {
		at = sk_cell_in(&aggs->cell[agg->cell], state);
		switch (agg->kind) {
		case SK_AGG_COUNT:
		case SK_AGG_VALUES:
			sk_record_u64(record, *(const uint64_t *)at);
			break;
		case SK_AGG_SUM:
			err = put_sum(agg, at, record, diag);
			break;
		case SK_AGG_MEAN:
			sk_sum_put_mean(at, record);
			break;
		case SK_AGG_MIN:
		case SK_AGG_MAX:
			sk_decimal_put(at, record);
			break;
		case SK_AGG_FIRST:
		case SK_AGG_LAST:
			put_kept(at, record);
			break;
		default:
			break;
		}
	}
	return err;
}

void
sk_aggs_put_empty(const struct sk_aggs *aggs, bool zero,
    struct sk_record *record)
{
	for (size_t i = 0; i < aggs->n; i++) {
		enum sk_agg_kind kind = aggs->agg[i].kind;

		if (zero && (kind == SK_AGG_COUNT || kind == SK_AGG_VALUES ||
		    kind == SK_AGG_SUM))
			sk_record_u64(record, 0);
		else
			sk_record_null(record);
	}
}
