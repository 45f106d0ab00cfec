#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/sort.h"
#include "sketch/tdigest.h"

#define N_MAX ((UINT64_C(1) << 60) - 1)
#define BUFFERS 4    /* numbers that wait for each centroid there may be */
#define BUFFER_MIN 4

static uint32_t
buffer_max(const struct sk_tdigest *digest)
{
	return BUFFERS * (2u * digest->k + (digest->k < 30 ? 30 : 10));
}

void
sk_tdigest_init(struct sk_tdigest *digest, unsigned k)
{
	*digest = (struct sk_tdigest){ .k = (uint16_t)k };
}

void
sk_tdigest_free(struct sk_tdigest *digest)
{
	free(digest->centroid);
	free(digest->buffer);
	digest->centroid = NULL;
	digest->buffer = NULL;
}

void
sk_tdigest_copy(struct sk_tdigest *out, const struct sk_tdigest *digest)
{
	*out = *digest;
	out->centroid = NULL;
	out->buffer = NULL;
	out->cap = digest->nbuffer;
	if (digest->ncentroids > 0) {
		out->centroid = sk_xalloc(digest->ncentroids,
		    sizeof(*out->centroid));
		memcpy(out->centroid, digest->centroid,
		    digest->ncentroids * sizeof(*out->centroid));
	}
	if (digest->nbuffer > 0) {
		out->buffer = sk_xalloc(digest->nbuffer,
		    sizeof(*out->buffer));
		memcpy(out->buffer, digest->buffer,
		    digest->nbuffer * sizeof(*out->buffer));
	}
}

/* ---- compression ---- */

/* The lists have few or no neighbours out of order. */
static void
sort_centroids(struct sk_centroid *list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct sk_centroid x = list[i];
		size_t j = i;

		for (; j > 0 && list[j - 1].mean > x.mean; j--)
			list[j] = list[j - 1];
		list[j] = x;
	}
}

/* Merge the sorted list behind the sorted one in `out`, of equal means those
 * of out first; out has room for both. */
static void
merge_lists(struct sk_centroid *out, size_t nout,
    const struct sk_centroid *list, size_t n)
{
	size_t at = nout + n;

	while (n > 0) {
		if (nout > 0 && out[nout - 1].mean > list[n - 1].mean)
			out[--at] = out[--nout];
		else
			out[--at] = list[--n];
	}
}

static void
reverse(struct sk_centroid *list, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct sk_centroid x = list[i];

		list[i] = list[n - 1 - i];
		list[n - 1 - i] = x;
	}
}

/* The greatest share of a centroid at q: the scale function. */
static double
share(double q, double normal)
{
	return q * (1 - q) / normal;
}

/* Where `part` of the way from a to b is; the way may be longer than a double
 * can be. */
static double
way(double a, double b, double part)
{
	return isfinite(b - a) ? a + (b - a) * part : a * (1 - part) + b * part;
}

static void
join_one(struct sk_centroid *to, const struct sk_centroid *one)
{
	double weight = (double)one->weight, mean;

	to->weight += one->weight;
	mean = to->mean + (one->mean - to->mean) * weight / (double)to->weight;
	to->mean = isfinite(mean) ? mean : way(to->mean, one->mean,
	    weight / (double)to->weight);
}

/* Join neighbours as far as they may be; the number of those that are left. */
static size_t
join(struct sk_centroid *list, size_t n, uint64_t weight, unsigned k)
{
	double total = (double)weight, before = 0;
	double normal = 2.0 * k / (4 * log(total / (2.0 * k)) + 24);
	size_t last = 0, i;

	for (i = 1; i < n; i++) {
		struct sk_centroid *to = &list[last];
		double w = (double)to->weight, with = w +
		    (double)list[i].weight;
		double low = share(before / total, normal);
		double high = share((before + with) / total, normal);

		if (with <= total * (low < high ? low : high)) {
			join_one(to, &list[i]);
		} else {
			before += w;
			list[++last] = list[i];
		}
	}
	return n == 0 ? 0 : last + 1;
}

/* The buffer, then what is given, then the own centroids; of equal means in
 * this order. */
static void
compress_with(struct sk_tdigest *digest, const struct sk_centroid *more,
    size_t nmore)
{
	size_t n = digest->nbuffer, i;
	struct sk_centroid *list = sk_xalloc(n + nmore + digest->ncentroids + 1,
	    sizeof(*list));

	sk_sort_f64(digest->buffer, n);
	for (i = 0; i < n; i++) {
		list[i].mean = digest->buffer[i];
		list[i].weight = 1;
	}
	merge_lists(list, n, more, nmore);
	n += nmore;
	merge_lists(list, n, digest->centroid, digest->ncentroids);
	n += digest->ncentroids;
	if (digest->reverse)
		reverse(list, n);
	n = join(list, n, digest->n, digest->k);
	if (digest->reverse)
		reverse(list, n);
	sort_centroids(list, n);
	free(digest->centroid);
	digest->centroid = sk_xrealloc(list, n + 1, sizeof(*list));
	digest->ncentroids = (uint32_t)n;
	digest->nbuffer = 0;
	digest->reverse = !digest->reverse;
}

void
sk_tdigest_compress(struct sk_tdigest *digest)
{
	if (digest->nbuffer > 0)
		compress_with(digest, NULL, 0);
}

/* ---- adding ---- */

static void
stretch(struct sk_tdigest *digest, double min, double max)
{
	if (digest->n == 0 || min < digest->min)
		digest->min = min;
	if (digest->n == 0 || max > digest->max)
		digest->max = max;
}

static void
push(struct sk_tdigest *digest, double value)
{
	uint32_t most = buffer_max(digest), cap;

	if (digest->nbuffer == digest->cap && digest->cap < most) {
		cap = digest->cap < BUFFER_MIN ? BUFFER_MIN : 2 * digest->cap;
		digest->cap = cap < most ? cap : most;
		digest->buffer = sk_xrealloc(digest->buffer, digest->cap,
		    sizeof(*digest->buffer));
	}
	digest->buffer[digest->nbuffer++] = value;
}

void
sk_tdigest_add(struct sk_tdigest *digest, double value)
{
	if (!isfinite(value))
		return;
	if (digest->nbuffer >= buffer_max(digest))
		sk_tdigest_compress(digest);
	stretch(digest, value, value);
	push(digest, value);
	digest->n++;
}

bool
sk_tdigest_add_weighted(
    struct sk_tdigest *digest, double value, uint64_t weight)
{
	struct sk_centroid one = { value, weight };

	if (weight > N_MAX - digest->n)
		return false;
	if (!isfinite(value) || weight == 0)
		return true;
	if (weight == 1) {
		sk_tdigest_add(digest, value);
		return true;
	}
	stretch(digest, value, value);
	digest->n += weight;
	compress_with(digest, &one, 1);
	return true;
}

bool
sk_tdigest_merge(struct sk_tdigest *digest, const struct sk_tdigest *from)
{
	uint32_t n = digest->nbuffer + from->nbuffer;

	if (from->n > N_MAX - digest->n)
		return false;
	if (from->n == 0)
		return true;
	stretch(digest, from->min, from->max);
	digest->n += from->n;
	if (from->nbuffer > 0) {
		if (n > digest->cap) {
			digest->buffer = sk_xrealloc(digest->buffer, n,
			    sizeof(*digest->buffer));
			digest->cap = n;
		}
		memcpy(digest->buffer + digest->nbuffer, from->buffer,
		    from->nbuffer * sizeof(*from->buffer));
		digest->nbuffer = n;
	}
	compress_with(digest, from->centroid, from->ncentroids);
	return true;
}

/* ---- answers ---- */

/* Half the width in which a centroid is its mean: a single number is known. */
static double
half(const struct sk_centroid *centroid)
{
	return centroid->weight == 1 ? 0.5 : 0;
}

/* How far x is on the way from a to b, as a share. */
static double
part(double a, double b, double x)
{
	if (!isfinite(b - a)) {
		a /= 2;
		b /= 2;
		x /= 2;
	}
	return (x - a) / (b - a);
}

/* Between the value a at rank x and b at y. */
static double
between(double a, double x, double b, double y, double rank)
{
	double value = x < y ? way(a, b, part(x, y, rank)) : b;

	return value < a ? a : value > b ? b : value;
}

double
sk_tdigest_quantile(const struct sk_tdigest *digest, double rank)
{
	const struct sk_centroid *c = digest->centroid, *end;
	double want = rank * (double)digest->n, before = 0, edge = 0;
	double value = digest->min, middle;

	if (digest->n == 0)
		return NAN;
	for (end = c + digest->ncentroids; c < end; c++) {
		middle = before + (double)c->weight / 2;
		if (want <= middle - half(c))
			return between(value, edge, c->mean, middle - half(c),
			    want);
		if (want <= middle + half(c))
			return c->mean;
		before += (double)c->weight;
		edge = middle + half(c);
		value = c->mean;
	}
	return between(value, edge, digest->max, before, want);
}

double
sk_tdigest_rank(const struct sk_tdigest *digest, double x)
{
	const struct sk_centroid *c = digest->centroid, *end;
	double before = 0, edge = 0, value = digest->min, middle;
	double total = (double)digest->n, rank;

	if (digest->n == 0)
		return NAN;
	if (x < digest->min)
		return 0;
	if (x >= digest->max)
		return 1;
	for (end = c + digest->ncentroids; c < end && c->mean <= x; c++) {
		middle = before + (double)c->weight / 2;
		before += (double)c->weight;
		edge = middle + half(c);
		value = c->mean;
	}
	if (c < end)
		rank = between(edge, value, before + (double)c->weight / 2 -
		    half(c), c->mean, x);
	else
		rank = between(edge, value, before, digest->max, x);
	/* above 2^53 the sum of the weights is rounded more than once */
	return rank < total ? rank / total : 1;
}
