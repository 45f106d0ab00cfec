#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

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
	void *p = NULL;

	if (posix_memalign(&p, align, product(nbytes, 1)) != 0)
		p = NULL;
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
