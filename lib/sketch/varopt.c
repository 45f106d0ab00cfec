/*
 * item[0..heavy) are the heavy items; when there are light ones they are a
 * heap, the lightest in front.  Then come items that an addition has made
 * light but that still have weights of their own, then the light ones, which
 * have one weight in common.  All but the first and the last group exist only
 * inside a step.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/varopt.h"

void
sk_varopt_init(struct sk_varopt *opt, uint32_t k)
{
	memset(opt, 0, sizeof(*opt));
	opt->k = k;
}

void
sk_varopt_free(struct sk_varopt *opt)
{
	uint32_t i;

	for (i = 0; i < opt->heavy + opt->light; i++)
		free(opt->item[i].ptr);
	free(opt->item);
	memset(opt, 0, sizeof(*opt));
}

double
sk_varopt_weight(const struct sk_varopt *opt)
{
	double sum = opt->light_weight;
	uint32_t i;

	for (i = 0; i < opt->heavy; i++)
		sum += opt->item[i].weight;
	return sum;
}

/* ---- the heap ---- */

static void
swap(struct sk_sampled *a, struct sk_sampled *b)
{
	struct sk_sampled c = *a;

	*a = *b;
	*b = c;
}

static void
sift_up(struct sk_sampled *item, uint32_t i)
{
	for (; i > 0 && item[i].weight < item[(i - 1) / 2].weight;
	    i = (i - 1) / 2)
		swap(&item[i], &item[(i - 1) / 2]);
}

static void
sift_down(struct sk_sampled *item, uint32_t n, uint32_t i)
{
	uint32_t least;

	for (; i < n / 2; i = least) {
		least = 2 * i + 1;
		if (least + 1 < n &&
		    item[least + 1].weight < item[least].weight)
			least++;
		if (item[i].weight <= item[least].weight)
			return;
		swap(&item[i], &item[least]);
	}
}

void
sk_varopt_order(struct sk_varopt *opt)
{
	uint32_t i;

	for (i = opt->heavy / 2; i-- > 0; )
		sift_down(opt->item, opt->heavy, i);
}

/* ---- one item less ---- */

/* Whether the lightest heavy item is below the threshold t = weight / (n - 1)
 * that n light items of this weight would have: then it is one of them. */
static bool
sinks(const struct sk_varopt *opt, uint32_t n, double weight)
{
	return opt->heavy > 0 && (n < 2 ||
	    opt->item[0].weight * (double)(n - 1) <= weight);
}

/* Leave one item out.  `own` items behind the heavy ones are light but have
 * their own weight yet.  Each light item goes with probability 1 - weight / t,
 * which add up to 1.  Returns its memory. */
static struct sk_sampled
evict(struct sk_varopt *opt, uint32_t own, struct sk_rng *rng)
{
	uint32_t n = own + opt->light, i;
	double weight = opt->light_weight, unit;
	struct sk_sampled gone;

	for (i = 0; i < own; i++)
		weight += opt->item[opt->heavy + i].weight;
	for (; sinks(opt, n, weight); n++, own++) {
		swap(&opt->item[0], &opt->item[--opt->heavy]);
		sift_down(opt->item, opt->heavy, 0);
		weight += opt->item[opt->heavy].weight;
	}
	unit = sk_sample_unit(rng);
	for (i = 0; i < own; i++) {
		unit -= 1 - opt->item[opt->heavy + i].weight * (n - 1) / weight;
		if (unit < 0)
			break;
	}
	if (i == own)
		i = own < n ? own + (uint32_t)sk_sample_below(rng, n - own) :
		    n - 1;
	gone = opt->item[opt->heavy + i];
	opt->item[opt->heavy + i] = opt->item[opt->heavy + n - 1];
	opt->light = n - 1;
	opt->light_weight = weight;
	return gone;
}

/* Put an item where it belongs, without leaving one out: 1 if it is light with
 * its own weight. */
static uint32_t
insert(struct sk_varopt *opt, struct sk_sampled item)
{
	uint32_t at = opt->heavy;

	opt->item = sk_sampled_reserve(opt->item, &opt->cap,
	    opt->heavy + opt->light + 1);
	if (opt->light > 0)
		opt->item[at + opt->light] = opt->item[at];
	opt->item[at] = item;
	if (opt->light > 0 &&
	    item.weight * opt->light <= opt->light_weight)
		return 1;
	opt->heavy++;
	if (opt->light > 0)
		sift_up(opt->item, at);
	return 0;
}

/* The same, leaving one out if there is no place. */
static void
put(struct sk_varopt *opt, struct sk_sampled item, struct sk_rng *rng)
{
	bool full = opt->heavy + opt->light == opt->k;
	struct sk_sampled gone;
	uint32_t own;

	if (full && opt->light == 0)
		sk_varopt_order(opt);
	own = insert(opt, item);
	if (!full)
		return;
	if (opt->light == 0)
		sift_up(opt->item, opt->heavy - 1);
	gone = evict(opt, own, rng);
	free(gone.ptr);
}

/* ---- additions ---- */

/* Of a light item that sinks no heavy one: it goes by, or takes the place of
 * another light one. */
static bool
pass(struct sk_varopt *opt, struct sk_view item, double weight,
    uint64_t number, struct sk_rng *rng)
{
	double sum = opt->light_weight + weight;
	struct sk_sampled *place;

	if (opt->light == 0 || weight * opt->light > opt->light_weight ||
	    sinks(opt, opt->light + 1, sum))
		return false;
	opt->light_weight = sum;
	if (sk_sample_unit(rng) < weight * opt->light / sum) {
		place = &opt->item[opt->heavy +
		    (uint32_t)sk_sample_below(rng, opt->light)];
		sk_sampled_set(place, item, number);
	}
	return true;
}

void
sk_varopt_add(struct sk_varopt *opt, struct sk_view item, double weight,
    uint64_t number, struct sk_rng *rng)
{
	struct sk_sampled fresh = { .weight = weight };

	opt->n++;
	if (pass(opt, item, weight, number, rng))
		return;
	sk_sampled_set(&fresh, item, number);
	put(opt, fresh, rng);
}

void
sk_varopt_shrink(struct sk_varopt *opt, uint32_t k, struct sk_rng *rng)
{
	struct sk_sampled gone;

	if (k >= opt->k)
		return;
	opt->k = k;
	if (opt->light == 0)
		sk_varopt_order(opt);
	while (opt->heavy + opt->light > k) {
		gone = evict(opt, 0, rng);
		free(gone.ptr);
	}
}

void
sk_varopt_merge(struct sk_varopt *opt, struct sk_varopt *from,
    struct sk_rng *rng)
{
	uint32_t nitems = from->heavy + from->light, k = opt->k, i;
	double light = from->light > 0 ? from->light_weight / from->light : 0;
	struct sk_sampled item;

	if (from->light > 0)
		k = from->k;
	if (opt->n == 0) {
		k = k < opt->k ? k : opt->k;
		sk_varopt_free(opt);
		*opt = *from;
		memset(from, 0, sizeof(*from));
		sk_varopt_shrink(opt, k, rng);
		opt->k = k;
		return;
	}
	sk_varopt_shrink(opt, k, rng);
	for (i = 0; i < nitems; i++) {
		item = from->item[i];
		if (i >= from->heavy)
			item.weight = light;
		put(opt, item, rng);
	}
	opt->n += from->n;
	free(from->item);
	memset(from, 0, sizeof(*from));
}

/* ---- reservoirs ---- */

bool
sk_varopt_is_uniform(const struct sk_varopt *opt)
{
	uint32_t i;

	if (opt->light > 0)
		return opt->heavy == 0 && opt->light_weight == (double)opt->n;
	for (i = 0; i < opt->heavy; i++)
		if (opt->item[i].weight != 1)
			return false;
	return true;
}

void
sk_varopt_to_reservoir(struct sk_varopt *opt, struct sk_reservoir *res)
{
	sk_reservoir_init(res, opt->k);
	res->item = opt->item;
	res->cap = opt->cap;
	res->used = opt->heavy + opt->light;
	res->n = opt->n;
	memset(opt, 0, sizeof(*opt));
}

void
sk_varopt_from_reservoir(struct sk_varopt *opt, struct sk_reservoir *res)
{
	uint32_t i;

	sk_varopt_init(opt, res->k);
	opt->item = res->item;
	opt->cap = res->cap;
	opt->n = res->n;
	if (sk_reservoir_sampling(res)) {
		opt->light = res->used;
		opt->light_weight = (double)res->n;
	} else
		opt->heavy = res->used;
	for (i = 0; i < res->used; i++)
		opt->item[i].weight = 1;
	memset(res, 0, sizeof(*res));
}
