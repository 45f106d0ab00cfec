/* The saved state of aggregates, of any bytes: what loads saves and loads the
 * same, and can be added to, copied, merged and told, as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "libfuzz.h"
#include "../unit/librig.h"
#include "window/agg.h"

static const char *const lists[] = {
	"count,sum:x,mean:x,min:x,max:x,var:x,rate",
	"first:x,last:x,list:x,argmax:x:y,argmin:y:x,count:y",
	"delta:x,rate:x,distinct:x",
	"top3:x,distinct:y",
	"p0:x,p50:x,p99.9:x,p100:x,quantile:x",
	"hll:x,count",
};

#define NLISTS (sizeof(lists) / sizeof(lists[0]))

struct plan {
	struct sk_aggs aggs;
	struct sk_record record;
	struct sk_buf out;
};

static void
plan_open(struct plan *plan, unsigned n)
{
	int err;

	memset(plan, 0, sizeof(*plan));
	sk_aggs_init(&plan->aggs);
	err = sk_aggs_parse(&plan->aggs, lists[n % NLISTS], &rig.diag);
	fuzz_check(err == 0 && sk_aggs_plan(&plan->aggs, &rig.diag) == 0,
	    "no plan");
	sk_record_init(&plan->record, SK_RECORD_NDJSON);
	for (size_t i = 0; plan->aggs.column[i].ptr != NULL; i++)
		sk_record_column(&plan->record, plan->aggs.column[i]);
}

static void
plan_close(struct plan *plan)
{
	sk_aggs_done(&plan->aggs);
	sk_record_free(&plan->record);
	sk_buf_free(&plan->out);
}

static void
add(struct plan *plan, void *state, unsigned n, unsigned events)
{
	char text[2][64 + SK_PAD];
	struct sk_view value[2];
	unsigned char kind[2] = { SK_KIND_NUMBER, SK_KIND_NUMBER };
	struct sk_agg_event event = { 0, value, kind };
	unsigned i, f;

	for (i = 0; i < events; i++) {
		for (f = 0; f < 2; f++, n = n * 1103515245 + 12345) {
			snprintf(text[f], 64, n >> 20 & 1 ? "%u" : "%u.25e-%u",
			    n >> 16 & 8191, n >> 21 & 31);
			value[f] = sk_view(text[f], strlen(text[f]));
			if ((n >> 24 & 7) == 0)
				value[f] = sk_view(NULL, 0);
		}
		event.at_ns = n >> 8 & 1023;
		fuzz_check(sk_aggs_take(&plan->aggs, &event) == NULL,
		    "a number is none");
		sk_aggs_add(&plan->aggs, state);
	}
}

static void
tell(struct plan *plan, const void *state)
{
	int err;

	sk_buf_reset(&plan->out);
	sk_record_begin(&plan->record, &plan->out);
	err = sk_aggs_put(&plan->aggs, state, 1000000007, &plan->record,
	    &rig.diag);
	fuzz_check(err == 0 || err == SK_ELIMIT, "another error");
	if (err != 0)
		return;
	sk_record_end(&plan->record);
	fuzz_check(sk_json_check(sk_view(plan->out.ptr, plan->out.len)) ==
	    NULL, "no JSON");
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct plan plan;
	void *state;

	sk_buf_char(out, (char)(n % NLISTS));
	plan_open(&plan, n);
	state = sk_xaligned(SK_AGG_ALIGN, plan.aggs.size);
	sk_aggs_new(&plan.aggs, state);
	add(&plan, state, n, n % 5 * (n % 400));
	sk_aggs_save(&plan.aggs, state, out);
	sk_aggs_free(&plan.aggs, state);
	free(state);
	plan_close(&plan);
}

static void
check(struct plan *plan, void *state, void *other)
{
	struct sk_buf once = { 0 }, twice = { 0 };
	struct sk_view again;

	sk_aggs_save(&plan->aggs, state, &once);
	again = sk_view(once.ptr, once.len);
	fuzz_check(sk_aggs_load(&plan->aggs, other, &again, &rig.diag) == 0,
	    "cannot load what was saved");
	fuzz_check(again.len == 0, "bytes are left");
	sk_aggs_save(&plan->aggs, other, &twice);
	fuzz_check(sk_view_equal(sk_view(once.ptr, once.len),
	    sk_view(twice.ptr, twice.len)), "it is another state");
	tell(plan, state);
	add(plan, state, 1, 1200);
	tell(plan, state);
	sk_aggs_merge(&plan->aggs, state, other);
	sk_aggs_merge(&plan->aggs, other, state);
	tell(plan, other);
	sk_aggs_free(&plan->aggs, state);
	sk_aggs_copy(&plan->aggs, state, other);
	add(plan, state, 2, 100);
	tell(plan, state);
	sk_aggs_free(&plan->aggs, other);
	sk_buf_free(&once);
	sk_buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan plan;
	struct sk_view bytes;
	void *state, *other;
	int err;

	if (size == 0)
		return 0;
	plan_open(&plan, data[0]);
	state = sk_xaligned(SK_AGG_ALIGN, plan.aggs.size);
	other = sk_xaligned(SK_AGG_ALIGN, plan.aggs.size);
	bytes = sk_view((const char *)data + 1, size - 1);
	err = sk_aggs_load(&plan.aggs, state, &bytes, &rig.diag);
	fuzz_check(err == 0 || err == SK_EDATA, "another error");
	if (err == 0)
		check(&plan, state, other);
	sk_aggs_free(&plan.aggs, state);
	free(state);
	free(other);
	plan_close(&plan);
	return 0;
}
