#include <math.h>

#include "base/err.h"
#include "window/arg.h"
#include "window/cells.h"
#include "window/distinct.h"
#include "window/hlls.h"
#include "window/moments.h"
#include "window/percentiles.h"
#include "window/span.h"
#include "window/sum.h"

#define SECOND 1000000000

/* What results of one state share: a sketch that is asked several times is
 * opened once. */
struct putting {
	const struct sk_aggs *aggs;
	const void *state;
	int64_t length_ns;
	struct sk_record *record;
	const struct sk_agg_cell *opened; /* whose view it is, or NULL */
	struct sk_quantile_view view;
};

static void
put_kept(const struct sk_kept *kept, struct sk_record *record)
{
	struct sk_valued value = sk_kept_get(kept);

	sk_valued_put(&value, record);
}

static void
put_mean(const struct sk_sum *sum, struct sk_record *record)
{
	if (sk_sum_n(sum) == 0)
		sk_record_null(record);
	else
		sk_record_f64(record, sk_sum_over(sum, 1, sk_sum_n(sum)));
}

static void
put_variance(const struct sk_agg *agg, const struct sk_moments *moments,
    struct sk_record *record)
{
	double variance = sk_moments_variance(moments);

	sk_record_f64(record, agg->kind == SK_AGG_VAR ? variance :
	    sqrt(variance));
}

static void
put_rate(const struct putting *put, uint64_t count)
{
	struct sk_sum sum = { .total = count };

	if (put->length_ns <= 0)
		sk_record_null(put->record);
	else
		sk_record_f64(put->record, sk_sum_over(&sum, SECOND,
		    (uint64_t)put->length_ns));
}

static void
put_percentile(struct putting *put, const struct sk_agg *agg,
    const struct sk_kll *kll)
{
	const struct sk_agg_cell *cell = &put->aggs->cell[agg->cell];

	if (put->opened != cell) {
		if (put->opened != NULL)
			sk_quantile_close(&put->view);
		sk_percentiles_open(kll, &put->view);
		put->opened = cell;
	}
	sk_record_f64(put->record, sk_quantile_value(&put->view, agg->share));
}

static int
put_one(struct putting *put, const struct sk_agg *agg)
{
	const void *at = (const char *)put->state +
	    put->aggs->cell[agg->cell].at;
	void *const *owned = at;
	struct sk_record *record = put->record;

	switch (agg->kind) {
	case SK_AGG_COUNT:
	case SK_AGG_VALUES:
		sk_record_u64(record, *(const uint64_t *)at);
		break;
	case SK_AGG_SUM:
		return sk_sum_put(at, record);
	case SK_AGG_MEAN:
		put_mean(at, record);
		break;
	case SK_AGG_MIN:
	case SK_AGG_MAX:
		sk_decimal_put(at, record);
		break;
	case SK_AGG_VAR:
	case SK_AGG_STDDEV:
		put_variance(agg, at, record);
		break;
	case SK_AGG_KEPT:
		put_kept(at, record);
		break;
	case SK_AGG_DELTA:
		return sk_span_put(at, record);
	case SK_AGG_RATE:
		put_rate(put, *(const uint64_t *)at);
		break;
	case SK_AGG_RATE_OF:
		sk_span_put_rate(at, record);
		break;
	case SK_AGG_DISTINCT:
		sk_record_u64(record, sk_distinct_value(*owned));
		sk_record_f64(record, sk_distinct_error(*owned));
		break;
	case SK_AGG_TOP:
		sk_tops_put(*owned, agg->top, record);
		break;
	case SK_AGG_ARG:
		sk_list_put(((const struct sk_arg *)at)->list, record);
		break;
	case SK_AGG_PERCENTILE:
		put_percentile(put, agg, *owned);
		break;
	case SK_AGG_LISTED:
		sk_list_put(*owned, record);
		break;
	case SK_AGG_HLL:
		sk_hlls_put(*owned, record);
		break;
	case SK_AGG_QUANTILE:
		sk_percentiles_put(*owned, record);
		break;
	default:
		break;
	}
	return 0;
}

int
sk_aggs_put(const struct sk_aggs *aggs, const void *state,
    int64_t length_ns, struct sk_record *record, struct sk_diag *diag)
{
	struct putting put = { .aggs = aggs, .state = state,
		.length_ns = length_ns, .record = record };
	size_t i;
	int err = 0;

	for (i = 0; i < aggs->n && err == 0; i++) {
		err = put_one(&put, &aggs->agg[i]);
		if (err != 0)
			sk_diag_set(diag, err, "%s: beyond 128 bits",
			    aggs->agg[i].column);
	}
	if (put.opened != NULL)
		sk_quantile_close(&put.view);
	return err;
}

void
sk_aggs_put_empty(const struct sk_aggs *aggs, bool zero,
    struct sk_record *record)
{
	const struct sk_agg *agg = aggs->agg;
	bool count;
	size_t i;
	int columns;

	for (i = 0; i < aggs->n; i++, agg++) {
		count = agg->kind == SK_AGG_COUNT ||
		    agg->kind == SK_AGG_VALUES || agg->kind == SK_AGG_SUM ||
		    agg->kind == SK_AGG_RATE || agg->kind == SK_AGG_DISTINCT;
		columns = agg->error_column != NULL ? 2 : 1;
		for (; columns > 0; columns--)
			if (zero && count)
				sk_record_u64(record, 0);
			else
				sk_record_null(record);
	}
}
