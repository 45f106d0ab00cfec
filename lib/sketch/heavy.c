#include <inttypes.h>
#include <math.h>

#include "base/mem.h"
#include "sketch/heavy.h"

#define CANDIDATES_MIN 64
#define BUCKETS_PER_CANDIDATE 4

/* Half-lives after which t0 is moved on: sums stay far from the largest
 * double, 2^1024, whatever comes at the latest time. */
#define SPAN 512

void
sk_heavy_init(struct sk_heavy *heavy, const struct sk_heavy_conf *conf)
{
	uint32_t counters = (uint32_t)conf->counters, candidates;
	uint32_t max_item = (uint32_t)conf->max_item;

	heavy->conf = conf;
	heavy->since_ns = INT64_MIN;
	if (conf->method == SK_HEAVY_COUNT_MIN) {
		candidates = counters / BUCKETS_PER_CANDIDATE;
		if (candidates < CANDIDATES_MIN)
			candidates = CANDIDATES_MIN;
		if (counters < SK_COUNTMIN_BUCKETS_MIN)
			counters = SK_COUNTMIN_BUCKETS_MIN;
		sk_countmin_init(&heavy->of.cm, counters,
		    (uint32_t)conf->rows, candidates, max_item, conf->seed);
	} else if (conf->method == SK_HEAVY_LOSSY_COUNTING)
		sk_lossy_init(&heavy->of.lossy, counters, max_item,
		    conf->seed);
	else
		sk_topk_init(&heavy->of.topk, counters, max_item, conf->seed);
}

void
sk_heavy_free(struct sk_heavy *heavy)
{
	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		sk_countmin_free(&heavy->of.cm);
	else if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		sk_lossy_free(&heavy->of.lossy);
	else
		sk_topk_free(&heavy->of.topk);
}

/* ---- events ---- */

static double
half_lives(const struct sk_heavy *heavy, int64_t from_ns, int64_t to_ns)
{
	int64_t age_ns;

	/* Doubles know the times themselves to 256 ns. */
	if (__builtin_sub_overflow(to_ns, from_ns, &age_ns))
		return ((double)to_ns - (double)from_ns) /
		    (double)heavy->conf->half_life_ns;
	return (double)age_ns / (double)heavy->conf->half_life_ns;
}

static int
add_decaying(struct sk_heavy *heavy, struct sk_view item, uint64_t weight,
    int64_t at_ns)
{
	double age;

	if (heavy->since_ns == INT64_MIN)
		heavy->since_ns = at_ns;
	age = half_lives(heavy, heavy->since_ns, at_ns);
	if (age > SPAN) {
		sk_topk_scale(&heavy->of.topk, exp2(-age));
		heavy->since_ns = at_ns;
		age = 0;
	}
	return sk_topk_add_real(&heavy->of.topk, item,
	    (double)weight * exp2(age));
}

int
sk_heavy_add(struct sk_heavy *heavy, struct sk_view item, uint64_t weight,
    int64_t at_ns)
{
	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		return sk_countmin_add(&heavy->of.cm, item, weight);
	if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		return sk_lossy_add(&heavy->of.lossy, item, weight);
	if (heavy->conf->half_life_ns != 0)
		return add_decaying(heavy, item, weight, at_ns);
	return sk_topk_add(&heavy->of.topk, item, weight);
}

size_t
sk_heavy_add_batch(struct sk_heavy *heavy, const struct sk_view *items,
    size_t n, int64_t at_ns)
{
	size_t refused = 0, i;

	if (heavy->conf->method == SK_HEAVY_SPACE_SAVING &&
	    heavy->conf->half_life_ns == 0)
		return sk_topk_add_batch(&heavy->of.topk, items, n);
	for (i = 0; i < n; i++)
		refused += sk_heavy_add(heavy, items[i], 1, at_ns) != 0;
	return refused;
}

/* ---- results ---- */

double
sk_heavy_factor(const struct sk_heavy *heavy, int64_t now_ns)
{
	if (heavy->conf->half_life_ns == 0)
		return 1;
	return exp2(half_lives(heavy, now_ns, heavy->since_ns));
}

static const struct sk_items *
items_of(const struct sk_heavy *heavy)
{
	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		return &heavy->of.cm.items;
	if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		return &heavy->of.lossy.items;
	return &heavy->of.topk.items;
}

size_t
sk_heavy_rows(const struct sk_heavy *heavy)
{
	return items_of(heavy)->n;
}

size_t
sk_heavy_list(const struct sk_heavy *heavy, struct sk_items_row *rows)
{
	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		return sk_countmin_list(&heavy->of.cm, rows);
	return sk_items_list(items_of(heavy), rows);
}

uint64_t
sk_heavy_total(const struct sk_heavy *heavy)
{
	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		return heavy->of.cm.total;
	if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		return heavy->of.lossy.total;
	return heavy->of.topk.total;
}

uint64_t
sk_heavy_floor(const struct sk_heavy *heavy)
{
	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		return sk_countmin_floor(&heavy->of.cm);
	if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		return heavy->of.lossy.floor;
	return sk_topk_min(&heavy->of.topk);
}

struct sk_items_row
sk_heavy_ask(const struct sk_heavy *heavy, struct sk_view item)
{
	struct sk_items_row row = { .item = item };
	const struct sk_items *items = items_of(heavy);
	const struct sk_item *slot;

	if (heavy->conf->method == SK_HEAVY_COUNT_MIN) {
		row.count = sk_countmin_count(&heavy->of.cm, item);
		row.error = sk_countmin_error(&heavy->of.cm);
		if (row.error > row.count)
			row.error = row.count;
		return row;
	}
	slot = sk_items_get(items, item);
	if (slot != NULL)
		return sk_items_row(items, (uint32_t)(slot - items->slots));
	row.count = row.error = sk_heavy_floor(heavy);
	return row;
}

/* ---- images ---- */

/* The method that reads an image, as far as its first bytes say. */
static enum sk_heavy_method
method_of(struct sk_view image)
{
	return image.len > 2 && image.ptr[2] == SK_COUNTMIN_FAMILY
	    ? SK_HEAVY_COUNT_MIN : SK_HEAVY_SPACE_SAVING;
}

void
sk_heavy_adopt(struct sk_heavy *heavy, struct sk_heavy_conf *conf,
    struct sk_view image)
{
	if (conf->chosen)
		return;
	conf->chosen = true;
	sk_heavy_free(heavy);
	conf->method = (int)method_of(image);
	sk_heavy_init(heavy, conf);
}

void
sk_heavy_save(const struct sk_heavy *heavy, struct sk_buf *buf)
{
	struct sk_frequent frequent;

	if (heavy->conf->method == SK_HEAVY_COUNT_MIN) {
		sk_countmin_save(&heavy->of.cm, buf);
		return;
	}
	if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		sk_lossy_take(&heavy->of.lossy, &frequent);
	else
		sk_topk_take(&heavy->of.topk, &frequent);
	sk_frequent_save(&frequent, buf);
	sk_frequent_free(&frequent);
}

static int
fold_topk(struct sk_heavy *heavy, const struct sk_frequent *frequent,
    struct sk_diag *diag)
{
	uint32_t counters = heavy->of.topk.counters;

	if (!heavy->conf->fixed && frequent->n >= counters)
		counters = frequent->n < SK_TOPK_COUNTERS_MAX
		    ? (uint32_t)frequent->n + 1 : SK_TOPK_COUNTERS_MAX;
	return sk_topk_fold(&heavy->of.topk, frequent, counters, diag);
}

int
sk_heavy_fold(struct sk_heavy *heavy, struct sk_view image,
    struct sk_diag *diag)
{
	bool counted = method_of(image) == SK_HEAVY_COUNT_MIN;
	struct sk_frequent frequent;
	int err;

	if (heavy->conf->method == SK_HEAVY_COUNT_MIN)
		return sk_countmin_fold(&heavy->of.cm, image, diag);
	if (counted)
		return sk_diag_set(diag, SK_EDATA,
		    "a Count-Min sketch (--method count-min)");
	err = sk_frequent_load(&frequent, image, diag);
	if (err != 0)
		return err;
	if (heavy->conf->method == SK_HEAVY_LOSSY_COUNTING)
		err = sk_lossy_fold(&heavy->of.lossy, &frequent, diag);
	else
		err = fold_topk(heavy, &frequent, diag);
	sk_frequent_free(&frequent);
	return err;
}

static int
about_countmin(struct sk_view image, struct sk_buf *buf, uint64_t *total,
    struct sk_diag *diag)
{
	struct sk_countmin cm;
	int err;

	sk_countmin_init(&cm, SK_COUNTMIN_BUCKETS_MIN, 1,
	    SK_COUNTMIN_BUCKETS_MAX, SK_ITEMS_MAX_ITEM_MAX, 1);
	err = sk_countmin_fold(&cm, image, diag);
	if (err == 0) {
		/* An empty image leaves the sketch as it was. */
		sk_buf_fmt(buf, "type=count-min rows=%u buckets=%" PRIu32
		    " candidates=%" PRIu32 " error=%" PRIu64,
		    (unsigned char)image.ptr[12], sk_get32(image.ptr + 8),
		    cm.items.n, sk_countmin_error(&cm));
		*total = cm.total;
	}
	sk_countmin_free(&cm);
	return err;
}

int
sk_heavy_about(struct sk_view image, struct sk_buf *buf, uint64_t *total,
    struct sk_diag *diag)
{
	struct sk_frequent frequent;
	int err;

	if (method_of(image) == SK_HEAVY_COUNT_MIN)
		return about_countmin(image, buf, total, diag);
	err = sk_frequent_load(&frequent, image, diag);
	if (err != 0)
		return err;
	sk_buf_fmt(buf, "type=frequent lgmax=%u items=%zu error=%" PRIu64,
	    frequent.lg_max, frequent.n, frequent.offset);
	*total = frequent.total;
	sk_frequent_free(&frequent);
	return 0;
}
