/* Images of HLL sketches: what is read can be asked, merged, and is written
 * as an image that gives the same. */
#include <math.h>
#include <stdio.h>

#include "libfuzz.h"
#include "sketch/hll_overlap.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const unsigned counts[] = { 0, 1, 7, 8, 30, 200, 3000, 20000 };
	static const enum sk_hll_type types[] = { SK_HLL_4, SK_HLL_6,
		SK_HLL_8 };
	struct sk_hll hll;
	char text[24];

	sk_hll_init(&hll, 4 + n / 8 % 9, types[n / 72 % 3]);
	for (unsigned i = 0; i < counts[n % 8]; i++) {
		snprintf(text, sizeof(text), "%u", i);
		sk_hll_add(&hll, sk_view_str(text));
	}
	sk_hll_save(&hll, out, n / 216 % 2 != 0);
	sk_hll_free(&hll);
}

static void
check_asked(const struct sk_hll *hll)
{
	for (unsigned sds = 1; sds <= 3; sds++) {
		struct sk_hll_bounds b = sk_hll_bounds(hll, sds);

		fuzz_check(!isnan(b.lower) && !isnan(b.upper),
		    "a bound that is no number");
	}
	fuzz_check(isfinite(sk_hll_estimate(hll)), "an endless estimate");
	fuzz_check(isfinite(sk_hll_composite(hll)), "an endless composite");
}

static void
check_written(const struct sk_hll *hll, bool updatable)
{
	struct sk_buf first = { 0 }, second = { 0 };
	struct sk_hll again;

	sk_hll_save(hll, &first, updatable);
	fuzz_check(sk_hll_load(&again, sk_view(first.ptr, first.len), NULL) ==
	    0, "its own image is refused");
	fuzz_check(sk_hll_estimate(&again) == sk_hll_estimate(hll),
	    "another estimate after a save");
	sk_hll_save(&again, &second, updatable);
	/* A compact image loses where coupons stood that fell together. */
	fuzz_check(!updatable || sk_view_equal(sk_view(first.ptr, first.len),
	    sk_view(second.ptr, second.len)), "another image after a save");
	fuzz_check(first.len == second.len, "an image of another size");
	sk_hll_free(&again);
	sk_buf_free(&first);
	sk_buf_free(&second);
}

static void
check_merged(const struct sk_hll *hll)
{
	struct sk_hll sum;
	struct sk_hll_overlap overlap;
	char text[24];

	for (unsigned lgk = SK_HLL_LGK_MIN; lgk <= 14; lgk += 5) {
		sk_hll_init(&sum, lgk, SK_HLL_4);
		for (unsigned i = 0; i < 3000 && lgk == 9; i++) {
			snprintf(text, sizeof(text), "%u", i);
			sk_hll_add(&sum, sk_view_str(text));
		}
		sk_hll_widen(&sum, hll->lgk);
		sk_hll_merge(&sum, hll);
		check_asked(&sum);
		sk_hll_convert(&sum, SK_HLL_4);
		check_written(&sum, true);
		sk_hll_free(&sum);
	}
	overlap = sk_hll_overlap(hll, hll, 2);
	fuzz_check(overlap.jaccard.estimate >= 0 &&
	    overlap.jaccard.estimate <= 1, "a share above 1");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_hll hll;
	struct sk_diag diag;
	int err = sk_hll_load(&hll, sk_view((const char *)data, size), &diag);

	fuzz_check(err == 0 || err == SK_EDATA || err == SK_EVERSION,
	    "another error");
	if (err != 0)
		return 0;
	check_asked(&hll);
	if (hll.lgk <= 14) { /* larger ones are only slow */
		check_written(&hll, false);
		check_written(&hll, true);
		check_merged(&hll);
	}
	sk_hll_free(&hll);
	return 0;
}
