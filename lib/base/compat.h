/*
 * What differs between compilers and systems is settled here, so that no
 * function holds an #ifdef.
 */
#ifndef SK_BASE_COMPAT_H
#define SK_BASE_COMPAT_H

#define SK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SK_NORETURN __attribute__((noreturn))
#define SK_LIKELY(x) __builtin_expect(!!(x), 1)
#define SK_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Integers of 128 bits, for exact sums and for products in between. */
__extension__ typedef __int128 sk_i128;
__extension__ typedef unsigned __int128 sk_u128;

/* Whether a word that is loaded has its first byte lowest. */
#define SK_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Code for AVX2 is compiled where the target knows it, and run where
 * sk_have_avx2() says so. */
#if defined(__x86_64__)
#define SK_AVX2 1
#define SK_TARGET_AVX2 \
	__attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define sk_have_avx2() \
	(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && \
	__builtin_cpu_supports("pclmul"))
#else
#define SK_AVX2 0
#define SK_TARGET_AVX2
#define sk_have_avx2() 0
#endif

#endif
