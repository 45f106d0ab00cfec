/* Images of samples: what is read is written again as the same sample, takes
 * more items, merges with itself, and never has more than k. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "sketch/varopt.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_varopt opt;
	struct sk_rng rng;
	char text[4] = "abc";
	unsigned i;

	sk_rng_init(&rng, n);
	sk_varopt_init(&opt, 1 + n % 7);
	for (i = 0; i < n % 13; i++)
		sk_varopt_add(&opt, sk_view(text, i % 4), n % 2 == 0 ? 1 :
		    1 + (double)(i * i), i, &rng);
	sk_varopt_save(&opt, out);
	if (n % 5 == 0) { /* of Java: the same head, no weights */
		out->ptr[2] = 11;
		out->ptr[0] = (char)(n % 13 == 0 ? 0xc1 : 0xc2);
	}
	sk_varopt_free(&opt);
}

static void
check_sample(const struct sk_varopt *opt)
{
	fuzz_check(opt->heavy + opt->light <= opt->k, "more than k items");
	fuzz_check(opt->light == 0 || opt->heavy + opt->light == opt->k,
	    "light items, but not k");
	fuzz_check(sk_varopt_weight(opt) >= 0, "a negative weight");
}

/* Written and read once more it is the same. */
static void
again(const struct sk_varopt *opt)
{
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_varopt back;
	struct sk_diag diag;

	sk_varopt_save(opt, &one);
	fuzz_check(sk_varopt_load(&back, sk_view(one.ptr, one.len), 0,
	    &diag) == 0, "what was written is refused");
	sk_varopt_save(&back, &two);
	fuzz_check(one.len == two.len &&
	    memcmp(one.ptr, two.ptr, one.len) == 0, "other bytes");
	sk_varopt_free(&back);
	sk_buf_free(&one);
	sk_buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_view image = sk_view((const char *)data, size);
	struct sk_varopt opt, other;
	struct sk_reservoir res;
	struct sk_diag diag;
	struct sk_rng rng;
	int rc = sk_varopt_load(&opt, image, 0, &diag);

	fuzz_check(rc == 0 || rc == SK_EDATA || rc == SK_EVERSION,
	    "another error");
	if (rc != 0)
		return 0;
	check_sample(&opt);
	again(&opt);
	sk_rng_init(&rng, size);
	sk_varopt_load(&other, image, 1000, &diag);
	if (sk_varopt_is_uniform(&other)) {
		sk_varopt_to_reservoir(&other, &res);
		image.len = image.len < 9 ? image.len : 9;
		sk_reservoir_add(&res, &image, 1, 2000, &rng);
		fuzz_check(res.used <= res.k, "more than k items");
		sk_varopt_from_reservoir(&other, &res);
	}
	sk_varopt_merge(&opt, &other, &rng);
	check_sample(&opt);
	sk_varopt_add(&opt, sk_view("x", 1), 7, 3000, &rng);
	check_sample(&opt);
	sk_varopt_shrink(&opt, 3, &rng);
	check_sample(&opt);
	sk_varopt_free(&opt);
	return 0;
}
