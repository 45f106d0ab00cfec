/* An image of any bytes: what loads saves and loads the same, and can be added
 * to, asked and merged. */
#include <math.h>

#include "base/err.h"
#include "libfuzz.h"
#include "../unit/librig.h"
#include "sketch/tdigest.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char author[] = "\0\0\0\1\0\0\0\0\0\0\0\0"
	    "\x40\0\0\0\0\0\0\0\x40\x59\0\0\0\0\0\0\0\0\0\1"
	    "\x3f\xf0\0\0\0\0\0\0\x3f\xf0\0\0\0\0\0\0";
	struct sk_tdigest digest;

	if (n % 8 == 7) {
		sk_buf_add(out, author, sizeof(author) - 1);
		return;
	}
	sk_tdigest_init(&digest, 10 + n % 50);
	for (unsigned i = 0; i < n % 7 * (n % 300); i++)
		sk_tdigest_add(&digest, ((double)(i * 7919 % 1009) - 500) *
		    (n % 5 == 4 ? 3e305 : 1));
	sk_tdigest_save(&digest, out, n % 2 == 0);
	sk_tdigest_free(&digest);
}

static void
ask(const struct sk_tdigest *digest)
{
	struct sk_tdigest copy;
	double r, x;

	sk_tdigest_copy(&copy, digest);
	sk_tdigest_compress(&copy);
	for (r = 0; r <= 1 && copy.n > 0; r += 0.125) {
		x = sk_tdigest_quantile(&copy, r);
		fuzz_check(x >= copy.min && x <= copy.max, "out of its ends");
		x = sk_tdigest_rank(&copy, x);
		fuzz_check(x >= 0 && x <= 1, "no share");
	}
	sk_tdigest_free(&copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_tdigest digest, again;
	struct sk_buf image = { 0 };
	uint64_t n;
	int err = sk_tdigest_load(&digest, sk_view((const char *)data, size),
	    &rig.diag);

	fuzz_check(err == 0 || err == SK_EDATA || err == SK_EVERSION,
	    "another error");
	if (err != 0)
		return 0;
	ask(&digest);
	sk_tdigest_save(&digest, &image, true);
	fuzz_check(sk_tdigest_load(&again, sk_view(image.ptr, image.len),
	    &rig.diag) == 0, "cannot load what was saved");
	fuzz_check(again.n == digest.n, "it is another digest");
	n = digest.n;
	for (int i = 0; i < 700; i++)
		sk_tdigest_add(&again, i);
	if (sk_tdigest_merge(&digest, &again))
		fuzz_check(digest.n == 2 * n + 700, "numbers are lost");
	ask(&digest);
	sk_tdigest_free(&digest);
	sk_tdigest_free(&again);
	sk_buf_free(&image);
	return 0;
}
