/* An image of any bytes: what loads saves and loads the same, and can be added
 * to, asked and merged. */
#include <math.h>

#include "base/err.h"
#include "libfuzz.h"
#include "../unit/librig.h"
#include "sketch/kll.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_kll_plan plan = sk_kll_plan(8 + n % 50, 64, 1);
	struct sk_kll kll;

	if (n % 3 == 0)
		plan.protect = 0;
	sk_kll_init(&kll, &plan);
	for (unsigned i = 0; i < n % 7 * (n % 300); i++)
		sk_kll_add(&kll, (double)(i * 7919 % 1009) - 500);
	sk_kll_save(&kll, out);
	sk_kll_free(&kll);
}

static void
ask(const struct sk_kll *kll)
{
	struct sk_ranks ranks;

	sk_kll_ranks(kll, &ranks);
	fuzz_check(ranks.total == kll->n, "another sum of weights");
	for (double r = 0; r <= 1 && kll->n > 0; r += 0.125) {
		double x = sk_ranks_quantile(&ranks, r, true);

		fuzz_check(x >= kll->min && x <= kll->max, "out of its ends");
		fuzz_check(sk_ranks_weight(&ranks, x, true) > 0, "no rank");
	}
	sk_ranks_free(&ranks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_kll_plan plan = sk_kll_plan(SK_KLL_K, 512, 1);
	struct sk_kll kll, again;
	struct sk_buf image = { 0 };
	uint64_t n;
	int err = sk_kll_load(&kll, &plan,
	    sk_view((const char *)data, size), &rig.diag);

	fuzz_check(err == 0 || err == SK_EDATA || err == SK_EVERSION,
	    "another error");
	if (err != 0)
		return 0;
	ask(&kll);
	sk_kll_save(&kll, &image);
	fuzz_check(sk_kll_load(&again, &plan, sk_view(image.ptr, image.len),
	    &rig.diag) == 0, "cannot load what was saved");
	fuzz_check(again.n == kll.n && again.min_k == kll.min_k,
	    "it is another sketch");
	n = kll.n;
	for (int i = 0; i < 700; i++)
		sk_kll_add(&again, i);
	if (sk_kll_merge(&kll, &again))
		fuzz_check(kll.n == 2 * n + 700, "numbers are lost");
	ask(&kll);
	sk_kll_free(&kll);
	sk_kll_free(&again);
	sk_buf_free(&image);
	return 0;
}
