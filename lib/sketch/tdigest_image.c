/*
 * Images: the bytes that other programs read and write.
 *
 *	 0  preamble in 8-byte words: 1 if n is at most 1, else 2
 *	 1  version, 1
 *	 2  family, 20
 *	 3  u16 k
 *	 5  flags: 1 empty, 2 a single number, 4 reverse
 *	 6  u16 0
 *	n = 1
 *	 8  f64 the number
 *	n > 1
 *	 8  u32 number of centroids, u32 of numbers that wait
 *	16  f64 min, max
 *	32  centroids: f64 mean, u64 weight; then the numbers that wait
 *
 * The two forms of the author's library are big-endian:
 *
 *	 0  u32 1                            0  u32 2
 *	 4  f64 min, max, compression        4  f64 min, max; f32 compression
 *	28  u32 number of centroids         24  u16, u16; u16 centroids
 *	32  f64 weight, f64 mean            30  f32 weight, f32 mean
 *
 * Images are untrusted: sizes are compared with the length before they are
 * used, and the numbers with what they claim to be.
 */
#include <math.h>

#include "base/mem.h"
#include "sketch/tdigest.h"

#define FAMILY 20
#define VERSION 1
#define EMPTY 1
#define SINGLE 2
#define REVERSE 4
#define PREAMBLE_SHORT 1
#define PREAMBLE_LONG 2
#define BEGIN 32
#define N_MAX ((UINT64_C(1) << 60) - 1)

/* ---- writing ---- */

static void
save_lists(const struct sk_tdigest *digest, struct sk_buf *buf)
{
	sk_buf_put64(buf, digest->ncentroids | (uint64_t)digest->nbuffer << 32);
	sk_buf_put_f64(buf, digest->min);
	sk_buf_put_f64(buf, digest->max);
	for (uint32_t i = 0; i < digest->ncentroids; i++) {
		sk_buf_put_f64(buf, digest->centroid[i].mean);
		sk_buf_put64(buf, digest->centroid[i].weight);
	}
	for (uint32_t i = 0; i < digest->nbuffer; i++)
		sk_buf_put_f64(buf, digest->buffer[i]);
}

void
sk_tdigest_save(const struct sk_tdigest *digest, struct sk_buf *buf,
    bool with_buffer)
{
	unsigned char head[8] = { PREAMBLE_LONG, VERSION, FAMILY };
	struct sk_tdigest less;

	if (!with_buffer && digest->nbuffer > 0) {
		sk_tdigest_copy(&less, digest);
		sk_tdigest_compress(&less);
		sk_tdigest_save(&less, buf, true);
		sk_tdigest_free(&less);
		return;
	}
	sk_put16(head + 3, digest->k);
	if (digest->n <= 1) {
		head[0] = PREAMBLE_SHORT;
		head[5] = digest->n == 0 ? EMPTY : SINGLE;
	}
	head[5] |= digest->reverse ? REVERSE : 0;
	sk_buf_add(buf, head, sizeof(head));
	if (digest->n == 1)
		sk_buf_put_f64(buf, digest->min);
	else if (digest->n > 1)
		save_lists(digest, buf);
}

/* ---- reading ---- */

struct image {
	struct sk_view bytes;
	struct sk_diag *diag;
};

static int
corrupt(const struct image *image, const char *what)
{
	return sk_diag_set(image->diag, SK_EDATA, "corrupt t-digest: %s",
	    what);
}

static double
get_f64(const struct image *image, size_t at)
{
	return sk_get_f64(image->bytes.ptr + at);
}

static uint64_t
get_big(const struct image *image, size_t at, unsigned nbytes)
{
	const unsigned char *p =
	    (const unsigned char *)image->bytes.ptr + at;
	uint64_t v = 0;

	while (nbytes-- > 0)
		v = v << 8 | *p++;
	return v;
}

static double
get_big_f64(const struct image *image, size_t at)
{
	return sk_of_bits(get_big(image, at, 8));
}

static double
get_big_f32(const struct image *image, size_t at)
{
	uint32_t bits = (uint32_t)get_big(image, at, 4);
	float v;

	memcpy(&v, &bits, sizeof(v));
	return (double)v;
}

static int
take_ends(struct sk_tdigest *digest, const struct image *image, double min,
    double max)
{
	if (!isfinite(min) || !isfinite(max) || min > max)
		return corrupt(image, "no minimum and maximum");
	digest->min = min;
	digest->max = max;
	return 0;
}

/* A further centroid. */
static int
take_centroid(struct sk_tdigest *digest, const struct image *image,
    double mean, uint64_t weight)
{
	struct sk_centroid *list = digest->centroid;
	uint32_t n = digest->ncentroids;

	if (weight == 0 || weight > N_MAX - digest->n)
		return corrupt(image, "a weight of that size");
	if (!(mean >= digest->min && mean <= digest->max))
		return corrupt(image,
		    "a mean that is not between the two ends");
	if (n > 0 && mean < list[n - 1].mean)
		return corrupt(image, "means out of order");
	list[n].mean = mean;
	list[n].weight = weight;
	digest->ncentroids++;
	digest->n += weight;
	return 0;
}

static int
load_lists(struct sk_tdigest *digest, const struct image *image)
{
	uint32_t centroids, waiting, i;
	size_t at = BEGIN;
	double value;
	int err;

	if (image->bytes.len < BEGIN)
		return corrupt(image, "cut short");
	centroids = sk_get32(image->bytes.ptr + 8);
	waiting = sk_get32(image->bytes.ptr + 12);
	if ((image->bytes.len - BEGIN) / 8 < 2 * (uint64_t)centroids + waiting)
		return corrupt(image, "cut short");
	err = take_ends(digest, image, get_f64(image, 16), get_f64(image, 24));
	digest->centroid = sk_xalloc(centroids + (size_t)1,
	    sizeof(*digest->centroid));
	for (i = 0; i < centroids && err == 0; i++, at += 16)
		err = take_centroid(digest, image, get_f64(image, at),
		    sk_get64(image->bytes.ptr + at + 8));
	if (err != 0)
		return err;
	if (waiting > N_MAX - digest->n)
		return corrupt(image, "too many numbers");
	digest->buffer = sk_xalloc(waiting + (size_t)1,
	    sizeof(*digest->buffer));
	digest->cap = waiting + 1;
	for (i = 0; i < waiting; i++, at += 8) {
		value = get_f64(image, at);
		if (!(value >= digest->min && value <= digest->max))
			return corrupt(image,
			    "a number that is not between the two ends");
		digest->buffer[digest->nbuffer++] = value;
	}
	digest->n += waiting;
	return 0;
}

static int
load_ours(struct sk_tdigest *digest, const struct image *image)
{
	const unsigned char *head = (const unsigned char *)image->bytes.ptr;
	bool few = (head[5] & (EMPTY | SINGLE)) != 0;

	if (head[0] != (few ? PREAMBLE_SHORT : PREAMBLE_LONG))
		return corrupt(image, "another length of its preamble");
	if (sk_get16(head + 3) < SK_TDIGEST_K_MIN)
		return corrupt(image, "a k under 10");
	sk_tdigest_init(digest, sk_get16(head + 3));
	digest->reverse = (head[5] & REVERSE) != 0;
	if ((head[5] & EMPTY) != 0)
		return 0;
	if (!few)
		return load_lists(digest, image);
	if (image->bytes.len < 16)
		return corrupt(image, "cut short");
	digest->centroid = sk_xalloc(1, sizeof(*digest->centroid));
	if (take_ends(digest, image, get_f64(image, 8), get_f64(image, 8)) != 0)
		return SK_EDATA;
	return take_centroid(digest, image, digest->min, 1);
}

/* The author's two forms: with doubles, and with floats. */
static int
load_author(struct sk_tdigest *digest, const struct image *image, bool small)
{
	size_t begin = small ? 30 : 32, each = small ? 8 : 16, at = begin, n;
	double k, weight, mean;
	int err;

	if (image->bytes.len < begin)
		return corrupt(image, "cut short");
	k = small ? get_big_f32(image, 20) : get_big_f64(image, 20);
	n = (size_t)get_big(image, 28, small ? 2 : 4);
	if (!(k >= SK_TDIGEST_K_MIN && k <= SK_TDIGEST_K_MAX))
		return corrupt(image, "a compression of that size");
	sk_tdigest_init(digest, (unsigned)k);
	if ((image->bytes.len - begin) / each < n)
		return corrupt(image, "cut short");
	if (n == 0)
		return 0;
	err = take_ends(digest, image, get_big_f64(image, 4),
	    get_big_f64(image, 12));
	digest->centroid = sk_xalloc(n + 1, sizeof(*digest->centroid));
	for (; at < begin + n * each && err == 0; at += each) {
		weight = small ? get_big_f32(image, at) :
		    get_big_f64(image, at);
		mean = small ? get_big_f32(image, at + 4) :
		    get_big_f64(image, at + 8);
		if (!(weight >= 1 && weight < 1e18))
			return corrupt(image, "a weight of that size");
		/* A float may lie just outside of the ends. */
		if (small && mean < digest->min)
			mean = digest->min;
		if (small && mean > digest->max)
			mean = digest->max;
		err = take_centroid(digest, image, mean,
		    (uint64_t)llround(weight));
	}
	return err;
}

/* The author's form: 1 with doubles, 2 with floats, 0 if it is not his. */
static unsigned
form_of(struct sk_view bytes)
{
	struct image image = { bytes, NULL };
	uint64_t form = bytes.len < 8 ? 0 : get_big(&image, 0, 4);

	return form == 1 || form == 2 ? (unsigned)form : 0;
}

bool
sk_tdigest_is(struct sk_view image)
{
	return image.len >= 8 && (form_of(image) != 0 ||
	    image.ptr[2] == FAMILY);
}

int
sk_tdigest_load(struct sk_tdigest *digest, struct sk_view bytes,
    struct sk_diag *diag)
{
	const unsigned char *head = (const unsigned char *)bytes.ptr;
	struct image image = { bytes, diag };
	unsigned form = form_of(bytes);
	int err;

	*digest = (struct sk_tdigest){ 0 };
	if (!sk_tdigest_is(bytes))
		return sk_diag_set(diag, SK_EDATA, "not a t-digest");
	if (form != 0)
		err = load_author(digest, &image, form == 2);
	else if (head[1] != VERSION)
		return sk_diag_set(diag, SK_EVERSION,
		    "t-digest of version %u", (unsigned)head[1]);
	else
		err = load_ours(digest, &image);
	if (err != 0) {
		sk_tdigest_free(digest);
		*digest = (struct sk_tdigest){ 0 };
	}
	return err;
}
