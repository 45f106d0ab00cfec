/*
 * Tests of chance, with the rule fixed before they are run: a statistic fails
 * if one as far from what is expected, to either side, has a probability below
 * 2e-4 (3.72 standard deviations).  Seeds are fixed, so a test that passes
 * once passes always.  Counts are those of 10^5 runs with SK_LONG=1, else of
 * 2000.
 */
#ifndef SK_TEST_CHI_H
#define SK_TEST_CHI_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHI_LIMIT 3.72

static inline uint32_t
chi_runs(void)
{
	const char *is_long = getenv("SK_LONG");

	return is_long != NULL && strcmp(is_long, "1") == 0 ? 100000 : 2000;
}

/* How many standard deviations a chi-square statistic is off: the cube root of
 * it is nearly normal (Wilson and Hilferty 1931). */
static inline double
chi_deviation(double statistic, double freedom)
{
	double v = 2 / (9 * freedom);

	return (cbrt(statistic / freedom) - (1 - v)) / sqrt(v);
}

static inline bool
chi_holds(const char *what, double statistic, double freedom)
{
	double deviation = chi_deviation(statistic, freedom);

	if (fabs(deviation) <= CHI_LIMIT)
		return true;
	printf("# %s: chi-square %.1f of %.0f degrees: %.2f deviations\n",
	    what, statistic, freedom, deviation);
	return false;
}

/* n outcomes of the same probability. */
static inline bool
chi_even(const char *what, const uint32_t *count, size_t n)
{
	double sum = 0, statistic = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += count[i];
	for (i = 0; i < n; i++)
		statistic += pow(count[i] - sum / (double)n, 2);
	return chi_holds(what, statistic * (double)n / sum, (double)(n - 1));
}

/* How often each of n items was among the k of a run: these counts are bound
 * by their sum, and vary by p (1 - p) for p = k / n. */
static inline bool
chi_included(const char *what, const uint32_t *count, size_t n, size_t k,
    uint32_t runs)
{
	double p = (double)k / (double)n, statistic = 0;
	size_t i;

	for (i = 0; i < n; i++)
		statistic += pow(count[i] - runs * p, 2);
	return chi_holds(what, statistic / (runs * p * (1 - p)) *
	    (double)(n - 1) / (double)n, (double)(n - 1));
}

/* The sets of up to 8 of items 0 to 7 as a number below 256; their counts, of
 * those that have k items of the first n, are packed for chi_even(). */
static inline size_t
chi_sets(const uint32_t *count, unsigned n, unsigned k, uint32_t *packed)
{
	size_t nsets = 0;
	unsigned set;

	for (set = 0; set < 256; set++) {
		if (__builtin_popcount(set) != (int)k || set >> n != 0) {
			if (count[set] != 0)
				return 0;
			continue;
		}
		packed[nsets++] = count[set];
	}
	return nsets;
}

#endif
