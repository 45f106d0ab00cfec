/*
 * Whether bytes are UTF-8 (RFC 3629): no surrogates, no overlong forms.
 * Wraps simdjson; Keiser and Lemire, Validating UTF-8 in Less Than One
 * Instruction per Byte, 2021.  Cost: 0.1 ns a byte.
 */
#ifndef SK_FORMAT_UTF8_H
#define SK_FORMAT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

bool sk_utf8_is(const char *bytes, size_t len);

#ifdef __cplusplus
}
#endif

#endif
