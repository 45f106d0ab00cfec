/*
 * Many numbers from text at once: each as sk_num_f64() has it.
 *
 * Cost: 3 ns for a number of up to 8 characters, sign and point counted in,
 * where the processor has AVX2 and the three beside it are as short; else that
 * of sk_num_f64_padded().
 */
#ifndef SK_SKETCH_DECIMALS_H
#define SK_SKETCH_DECIMALS_H

#include <stddef.h>

#include "base/buf.h"

/* The numbers of n texts, each with SK_PAD readable bytes behind it, in their
 * order; a text that is no number is left out.  Returns how many there are;
 * out has room for n. */
size_t sk_decimals(const struct sk_view *text, size_t n, double *out);

#endif
