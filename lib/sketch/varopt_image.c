#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/varopt.h"

#define VERSION 2
#define FAMILY_RESERVOIR 11
#define FAMILY_VAROPT 13
#define GROWTH 0xc0       /* the resize factor that the libraries write */
#define FLAG_EMPTY 4
#define FLAG_MARKS 128
#define N_MAX (UINT64_C(1) << 48)
#define LOADED_WEIGHT_MAX 1e200 /* of what was merged */

/* ---- writing ---- */

static void
put_head(struct sk_buf *buf, uint32_t k, uint64_t n, uint32_t heavy,
    uint32_t light)
{
	int longs = n == 0 ? 1 : light == 0 ? 3 : 4;

	sk_buf_char(buf, (char)(longs | GROWTH));
	sk_buf_char(buf, VERSION);
	sk_buf_char(buf, FAMILY_VAROPT);
	sk_buf_char(buf, n == 0 ? FLAG_EMPTY : 0);
	sk_buf_put32(buf, k);
	if (n == 0)
		return;
	sk_buf_put64(buf, n);
	sk_buf_put32(buf, heavy);
	sk_buf_put32(buf, light);
}

static void
put_items(struct sk_buf *buf, const struct sk_sampled *const *item, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		sk_buf_put32(buf, item[i]->len);
		sk_buf_add(buf, item[i]->ptr, item[i]->len);
	}
}

static int
by_weight(const void *a, const void *b)
{
	const struct sk_sampled *x = *(const struct sk_sampled *const *)a;
	const struct sk_sampled *y = *(const struct sk_sampled *const *)b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

void
sk_varopt_save(const struct sk_varopt *opt, struct sk_buf *buf)
{
	const struct sk_sampled **heavy, **light;
	uint32_t i;

	heavy = sk_sampled_sorted(opt->item, opt->heavy);
	light = sk_sampled_sorted(opt->light > 0 ? opt->item + opt->heavy :
	    NULL, opt->light);
	if (opt->light > 0)
		qsort(heavy, opt->heavy, sizeof(*heavy), by_weight);
	put_head(buf, opt->k, opt->n, opt->heavy, opt->light);
	if (opt->light > 0)
		sk_buf_put_f64(buf, opt->light_weight);
	for (i = 0; i < opt->heavy; i++)
		sk_buf_put_f64(buf, heavy[i]->weight);
	put_items(buf, heavy, opt->heavy);
	put_items(buf, light, opt->light);
	free(heavy);
	free(light);
}

void
sk_reservoir_save(const struct sk_reservoir *res, struct sk_buf *buf)
{
	const struct sk_sampled **item = sk_sampled_sorted(res->item,
	    res->used);
	bool sampling = sk_reservoir_sampling(res);
	uint32_t i;

	put_head(buf, res->k, res->n, sampling ? 0 : res->used,
	    sampling ? res->used : 0);
	if (sampling)
		sk_buf_put_f64(buf, (double)res->n);
	for (i = 0; i < res->used && !sampling; i++)
		sk_buf_put_f64(buf, 1);
	put_items(buf, item, res->used);
	free(item);
}

/* ---- reading ---- */

struct reading {
	struct sk_view rest;
	struct sk_diag *diag;
};

static int
refuse(struct reading *in, const char *reason)
{
	return sk_diag_set(in->diag, SK_EDATA, "%s", reason);
}

static int
short_of(struct reading *in)
{
	return refuse(in, "a sample that is cut short");
}

/* The next bytes; NULL: there are fewer. */
static const char *
take(struct reading *in, uint64_t len)
{
	const char *ptr = in->rest.ptr;

	if (len > in->rest.len)
		return NULL;
	in->rest = sk_view(ptr + len, in->rest.len - (size_t)len);
	return ptr;
}

static bool
is_weight(double weight)
{
	return weight > 0 && weight <= LOADED_WEIGHT_MAX;
}

/* n items behind those that are there. */
static int
get_items(struct reading *in, struct sk_sampled *item, uint32_t n,
    uint64_t number)
{
	const char *bytes;
	uint32_t i, len;

	for (i = 0; i < n; i++) {
		bytes = take(in, 4);
		if (bytes == NULL)
			return short_of(in);
		len = sk_get32(bytes);
		bytes = take(in, len);
		if (bytes == NULL)
			return short_of(in);
		sk_sampled_set(&item[i], sk_view(bytes, len), number + i);
	}
	if (in->rest.len > 0)
		return refuse(in, "bytes behind the sample");
	return 0;
}

/* The items and the weights that the head promises. */
static int
get_sample(struct reading *in, struct sk_varopt *opt, bool marks,
    bool weighted, uint64_t number)
{
	uint32_t n = opt->heavy + opt->light, i;
	const char *weights = NULL;

	if (weighted)
		weights = take(in, (uint64_t)opt->heavy * 8);
	if ((weighted && weights == NULL) ||
	    (marks && take(in, ((uint64_t)opt->heavy + 7) / 8) == NULL) ||
	    in->rest.len < (uint64_t)n * 4)
		return short_of(in);
	opt->item = sk_xcalloc(n, sizeof(*opt->item));
	opt->cap = n;
	for (i = 0; i < opt->heavy; i++) {
		opt->item[i].weight = weighted ? sk_get_f64(weights + 8 * i) :
		    1;
		if (!is_weight(opt->item[i].weight))
			return refuse(in, "a sample with a wrong weight");
	}
	return get_items(in, opt->item, n, number);
}

static int
get_varopt(struct reading *in, struct sk_varopt *opt, int longs,
    uint64_t number, bool marks)
{
	const char *bytes = take(in, 16);

	if (bytes == NULL)
		return short_of(in);
	opt->n = sk_get64(bytes);
	opt->heavy = sk_get32(bytes + 8);
	opt->light = sk_get32(bytes + 12);
	if (opt->light > opt->k || opt->heavy > opt->k ||
	    longs != (opt->light > 0 ? 4 : 3) || opt->n > N_MAX ||
	    opt->heavy + opt->light == 0 ||
	    (opt->light > 0 ? opt->heavy + opt->light != opt->k ||
	    opt->n < opt->k : opt->n != opt->heavy))
		return refuse(in, "a sample whose counts do not fit");
	if (opt->light > 0) {
		bytes = take(in, 8);
		opt->light_weight = bytes != NULL ? sk_get_f64(bytes) : 1;
		if (bytes == NULL || !is_weight(opt->light_weight))
			return refuse(in, "a sample with a wrong weight");
	}
	return get_sample(in, opt, marks, true, number);
}

static int
get_reservoir(struct reading *in, struct sk_varopt *opt, int longs,
    uint64_t number)
{
	const char *bytes = take(in, 8);

	if (bytes == NULL)
		return short_of(in);
	opt->n = sk_get64(bytes);
	if (longs != 2 || opt->n > N_MAX || opt->n == 0)
		return refuse(in, "a sample whose counts do not fit");
	if (opt->n > opt->k) {
		opt->light = opt->k;
		opt->light_weight = (double)opt->n;
	} else
		opt->heavy = (uint32_t)opt->n;
	return get_sample(in, opt, false, false, number);
}

/* Behind a failure no item stands for one that was not read. */
static int
get(struct reading *in, struct sk_varopt *opt, uint64_t number)
{
	const char *head = take(in, 8);
	int longs, version, family, flags;

	if (head == NULL)
		return refuse(in, "no sample: shorter than 8 bytes");
	longs = head[0] & 0x3f;
	version = (unsigned char)head[1];
	family = (unsigned char)head[2];
	flags = (unsigned char)head[3];
	if (family != FAMILY_VAROPT && family != FAMILY_RESERVOIR)
		return sk_diag_set(in->diag, SK_EDATA, "no sample: a sketch "
		    "of family %d", family);
	if (version != VERSION)
		return sk_diag_set(in->diag, version > VERSION ? SK_EVERSION :
		    SK_EDATA, "a sample of version %d, not %d", version,
		    VERSION);
	opt->k = sk_get32(head + 4);
	if (opt->k < 1 || opt->k > SK_SAMPLE_K_MAX)
		return sk_diag_set(in->diag, SK_EDATA, "a sample of %" PRIu32
		    " places", opt->k);
	if ((flags & FLAG_EMPTY) != 0)
		return longs == 1 && in->rest.len == 0 ? 0 :
		    refuse(in, "a sample whose counts do not fit");
	if (family == FAMILY_RESERVOIR)
		return get_reservoir(in, opt, longs, number);
	return get_varopt(in, opt, longs, number, (flags & FLAG_MARKS) != 0);
}

int
sk_varopt_load(struct sk_varopt *opt, struct sk_view image, uint64_t number,
    struct sk_diag *diag)
{
	struct reading in = { image, diag };
	int err;

	memset(opt, 0, sizeof(*opt));
	err = get(&in, opt, number);
	if (err != 0) {
		if (opt->item == NULL)
			opt->heavy = opt->light = 0;
		sk_varopt_free(opt);
	} else if (opt->light > 0)
		sk_varopt_order(opt);
	return err;
}
