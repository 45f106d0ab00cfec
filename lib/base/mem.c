#include <sys/mman.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define LARGE_PAGE ((size_t)2 << 20)

static void *
checked(void *p)
{
	if (p == NULL) {
		sk_error("out of memory");
		exit(SK_SYSTEM);
	}
	return p;
}

static size_t
product(size_t n, size_t size)
{
	size_t nbytes;

	if (__builtin_mul_overflow(n, size, &nbytes))
		checked(NULL);
	return nbytes > 0 ? nbytes : 1;
}

void *
sk_xalloc(size_t n, size_t size)
{
	return checked(malloc(product(n, size)));
}

void *
sk_xcalloc(size_t n, size_t size)
{
	return checked(calloc(1, product(n, size)));
}

void *
sk_xrealloc(void *old, size_t n, size_t size)
{
	return checked(realloc(old, product(n, size)));
}

void *
sk_xaligned(size_t align, size_t nbytes)
{
	bool large = nbytes >= 2 * LARGE_PAGE;
	void *p = NULL;

	if (posix_memalign(&p, large ? LARGE_PAGE : align,
	    product(nbytes, 1)) != 0)
		p = NULL;
	/* Only advice: it does not matter whether it is taken. */
	if (p != NULL && large)
		(void)madvise(p, nbytes & ~(LARGE_PAGE - 1), MADV_HUGEPAGE);
	return checked(p);
}

char *
sk_xstrndup(const char *s, size_t len)
{
	char *copy = sk_xalloc(len + 1, 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
sk_xstrdup(const char *s)
{
	return sk_xstrndup(s, strlen(s));
}

char *
sk_xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	return checked(len < 0 ? NULL : s);
}
