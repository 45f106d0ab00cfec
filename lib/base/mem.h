/*
 * Memory.  The sk_x functions end the program with status 3 and the message
 * "out of memory" when there is none; they never return NULL.  Sizes are
 * multiplied with an overflow check.  Everything is released by free().
 */
#ifndef SK_BASE_MEM_H
#define SK_BASE_MEM_H

#include <stddef.h>

#include "base/compat.h"

void *sk_xalloc(size_t n, size_t size);   /* contents undefined */
void *sk_xcalloc(size_t n, size_t size);  /* zeroed */
void *sk_xrealloc(void *old, size_t n, size_t size);
/* align: a power of two.  From 4 MiB on in large pages, where the system has
 * them: tables that are looked up all over cost a page walk less each time. */
void *sk_xaligned(size_t align, size_t nbytes);
char *sk_xstrdup(const char *s);
char *sk_xstrndup(const char *s, size_t len);
char *sk_xasprintf(const char *fmt, ...) SK_PRINTF(1, 2);

#endif
