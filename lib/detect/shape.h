/*
 * Shape novelty: an event is odd when the last few values, at this time of
 * day, look like nothing that is remembered.
 *
 * Six views, three in the light form, each keep a library of vectors: so many
 * values at lags of a step, those with a clock also where on the face of a
 * 24-hour clock it was; the last view the slow mean and deviation.
 *
 *	view  lags  step  library (light)  every  clock
 *	A        4     1     2000   1000       2  yes
 *	B       12     1     1000    500       3  yes
 *	C        6     4     1000      -       3  yes
 *	D        3     1     2000      -       1  no
 *	E       12     4     1000    500       3  no
 *	F   slow mean, deviation 1000  -       3  no
 *
 * The oddity of a view is the Euclidean distance to the third nearest vector
 * of its library: what has been seen three times is usual.  It becomes a rank
 * surprise (detect/rank.h), is smoothed by e += 0.2 (u - e), and the views are
 * joined as the root of the mean of squares, J, and the surprise of J:
 *
 *	evidence = 0.4 * surprise(J) + 0.6 * J
 *
 * Distances are found with all vectors, exactly (detect/library.h).
 *
 * Units: values as they come, less the first one; the clock is weighed by the
 * variance of the values; differences from the first one stop at 1e18.
 * Distances below 1e-9 of a value are rounding, so 0.  Memory, a stream: grows
 * with it, to 670 KiB, light 340.  Cost: see the page of sk-anomaly.  The same
 * bytes come out with and without AVX2.
 */
#ifndef SK_DETECT_SHAPE_H
#define SK_DETECT_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_SHAPE_THETA (-2.38)

struct sk_shape;

/* What a step found. */
struct sk_shape_sign {
	double evidence;
	int view;        /* that spoke loudest, or -1: none yet */
	double surprise; /* its, smoothed */
	double oddity;   /* its distance */
};

struct sk_shape *sk_shape_new(bool light);
void sk_shape_free(struct sk_shape *shape);

/* The next value; `day` is the time of day as a share of it, 0 <= day < 1, or
 * negative: not known. */
void sk_shape_step(struct sk_shape *shape, double value, double day,
    struct sk_shape_sign *sign);
/* What came is not next to what comes: lags begin anew, so a view waits until
 * it has its values again; libraries, ranks and slow means stay. */
void sk_shape_gap(struct sk_shape *shape);

/* "A", and what it looks at, in words: `any 12 values remembered at this hour`
 * (without the hour when day was never known). */
const char *sk_shape_view_name(int view);
void sk_shape_view_words(int view, bool clock, struct sk_buf *buf);

/* As bytes, and back into a newly made one of the same form; false: they are
 * none, and all that it is good for is to be freed. */
void sk_shape_save(const struct sk_shape *shape, struct sk_buf *buf);
bool sk_shape_load(struct sk_shape *shape, struct sk_view *bytes);

#endif
