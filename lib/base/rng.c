#include <sys/random.h>

#include <errno.h>

#include "base/err.h"
#include "base/rng.h"

uint64_t
sk_rng_draw(void)
{
	uint64_t value = 0;
	ssize_t n;

	/* Up to 256 bytes come whole once the pool is ready. */
	do
		n = getrandom(&value, sizeof(value), 0);
	while ((n < 0 && errno == EINTR) || (n == sizeof(value) && value == 0));
	sk_assert(n == sizeof(value));
	return value;
}
