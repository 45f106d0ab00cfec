/*
 * Images: the bytes that other programs read and write.
 *
 *	 0  preamble in 4-byte words: 2 if n is at most 1, else 5
 *	 1  version: 1, 2 for a single number, 3 updatable (read only)
 *	 2  family, 15
 *	 3  flags: 1 empty, 2 level 0 is ascending, 4 a single number
 *	 4  u16 k
 *	 6  m, always 8
 *	 7  0
 *	n = 1
 *	 8  f64 the number
 *	n > 1
 *	 8  u64 n
 *	16  u16 the least k that was merged
 *	18  u8 the number of levels, and 0
 *	20  u32 the starts of the levels in an array of as many numbers as fit
 *	    (sk_kll_total); version 3: and its size
 *	    f64 min, max
 *	    f64 the numbers from the first start on; version 3: all the array
 *
 * Images are untrusted: sizes are compared with the length before they are
 * used, and the numbers with what they claim to be.
 */
#include <math.h>

#include "base/mem.h"
#include "sketch/kll_parts.h"

#define FAMILY 15
#define EMPTY 1
#define SINGLE 4
#define PREAMBLE_SHORT 2
#define PREAMBLE_LONG 5
#define VERSION 1
#define VERSION_SINGLE 2
#define VERSION_UPDATABLE 3
#define STARTS 20

/* ---- writing ---- */

static void
save_levels(const struct sk_kll *kll, struct sk_buf *buf)
{
	const uint32_t *start = sk_kll_starts(kll);
	uint32_t total = sk_kll_total(kll->k, kll->levels), i;
	unsigned char head[12] = { 0 };

	sk_put64(head, kll->n);
	sk_put16(head + 8, kll->min_k);
	head[10] = kll->levels;
	sk_buf_add(buf, head, sizeof(head));
	for (i = 0; i < kll->levels; i++)
		sk_buf_put32(buf, total - (kll->room - start[i]));
	sk_buf_put_f64(buf, kll->min);
	sk_buf_put_f64(buf, kll->max);
	for (i = start[0]; i < kll->room; i++)
		sk_buf_put_f64(buf, kll->item[i]);
}

void
sk_kll_save(const struct sk_kll *kll, struct sk_buf *buf)
{
	unsigned char head[8] = { PREAMBLE_LONG, VERSION, FAMILY, 0, 0, 0,
		SK_KLL_M, 0 };
	struct sk_kll less;

	if (sk_kll_held(kll) > sk_kll_total(kll->k, kll->levels)) {
		sk_kll_copy(&less, kll);
		sk_kll_compress(&less);
		sk_kll_save(&less, buf);
		sk_kll_free(&less);
		return;
	}
	if (kll->n <= 1) {
		head[0] = PREAMBLE_SHORT;
		head[1] = kll->n == 0 ? VERSION : VERSION_SINGLE;
		head[3] = kll->n == 0 ? EMPTY : SINGLE;
	}
	sk_put16(head + 4, kll->k);
	sk_buf_add(buf, head, sizeof(head));
	if (kll->n == 1)
		sk_buf_put_f64(buf, kll->item[kll->room - 1]);
	else if (kll->n > 1)
		save_levels(kll, buf);
}

/* ---- reading ---- */

struct image {
	struct sk_view bytes;
	struct sk_diag *diag;
	bool updatable;
};

static int
corrupt(const struct image *image, const char *what)
{
	return sk_diag_set(image->diag, SK_EDATA, "corrupt KLL sketch: %s",
	    what);
}

static double
get_f64(const struct image *image, size_t at)
{
	return sk_get_f64(image->bytes.ptr + at);
}

/* The starts rise to the end of the array, and the weights sum up to n. */
static int
load_starts(struct sk_kll *kll, const struct image *image, unsigned levels,
    uint32_t total, uint32_t *held)
{
	uint64_t n = 0;
	uint32_t next = total, at;
	unsigned h;

	for (h = levels; h-- > 0; next = at) {
		at = sk_get32(image->bytes.ptr + STARTS + 4 * (size_t)h);
		if (at > next)
			return corrupt(image, "levels that overlap");
		if (next - at > (SK_KLL_N_MAX >> h) ||
		    n + ((uint64_t)(next - at) << h) > SK_KLL_N_MAX)
			return corrupt(image, "too many numbers");
		n += (uint64_t)(next - at) << h;
	}
	*held = total - next;
	if (n != kll->n)
		return corrupt(image, "another number of numbers");
	return 0;
}

static int
check_numbers(const struct sk_kll *kll, const struct image *image)
{
	const uint32_t *start = sk_kll_starts(kll);
	unsigned h;
	uint32_t i;

	if (!(kll->min <= kll->max))
		return corrupt(image, "a minimum over the maximum");
	for (i = start[0]; i < kll->room; i++)
		if (!(kll->item[i] >= kll->min && kll->item[i] <= kll->max))
			return corrupt(image,
			    "a number that is not between the two ends");
	for (h = 1; h < kll->levels; h++)
		for (i = start[h] + 1; i < start[h + 1]; i++)
			if (kll->item[i - 1] > kll->item[i])
				return corrupt(image, "numbers out of order");
	return 0;
}

static int
load_levels(struct sk_kll *kll, const struct image *image)
{
	const char *bytes = image->bytes.ptr;
	unsigned levels, h;
	uint32_t total, held = 0, *start, i;
	size_t at, more;
	int err;

	if (image->bytes.len < STARTS)
		return corrupt(image, "cut short");
	kll->n = sk_get64(bytes + 8);
	kll->min_k = sk_get16(bytes + 16);
	levels = (unsigned char)bytes[18];
	if (levels == 0 || levels > SK_KLL_LEVELS_MAX)
		return corrupt(image, "so many levels");
	if (kll->min_k < SK_KLL_M || kll->min_k > kll->k)
		return corrupt(image, "a least k of that size");
	at = STARTS + 4 * (size_t)(levels + image->updatable);
	if (image->bytes.len < at + 16)
		return corrupt(image, "cut short");
	total = image->updatable ? sk_get32(bytes + at - 4) :
	    sk_kll_total(kll->k, levels);
	err = load_starts(kll, image, levels, total, &held);
	if (err != 0)
		return err;
	more = image->updatable ? total : held;
	if ((image->bytes.len - at - 16) / 8 < more)
		return corrupt(image, "cut short");
	kll->min = get_f64(image, at);
	kll->max = get_f64(image, at + 8);
	at += 16 + 8 * (more - held);
	sk_kll_resize(kll, held, levels);
	start = sk_kll_starts(kll);
	for (h = 0; h < levels; h++)
		start[h] = held -
		    (total - sk_get32(bytes + STARTS + 4 * (size_t)h));
	for (i = 0; i < held; i++)
		kll->item[i] = get_f64(image, at + 8 * (size_t)i);
	return held == 0 ? 0 : check_numbers(kll, image);
}

static int
load_any(struct sk_kll *kll, const struct image *image)
{
	const unsigned char *head = (const unsigned char *)image->bytes.ptr;
	unsigned preamble = head[1] == VERSION_UPDATABLE ? PREAMBLE_LONG :
	    (head[3] & (EMPTY | SINGLE)) != 0 ? PREAMBLE_SHORT : PREAMBLE_LONG;

	if (head[0] != preamble)
		return corrupt(image, "another length of its preamble");
	if (head[6] != SK_KLL_M)
		return corrupt(image, "an m that is not 8");
	if (kll->k < SK_KLL_M)
		return corrupt(image, "a k under 8");
	if (preamble == PREAMBLE_LONG &&
	    !(image->updatable && (head[3] & EMPTY) != 0))
		return load_levels(kll, image);
	if ((head[3] & EMPTY) != 0)
		return 0;
	if (image->bytes.len < 16)
		return corrupt(image, "cut short");
	if (isnan(get_f64(image, 8)))
		return corrupt(image, "a number that is none");
	sk_kll_add(kll, get_f64(image, 8));
	return 0;
}

int
sk_kll_load(struct sk_kll *kll, const struct sk_kll_plan *plan,
    struct sk_view bytes, struct sk_diag *diag)
{
	const unsigned char *head = (const unsigned char *)bytes.ptr;
	struct image image = { bytes, diag, false };
	struct sk_kll_plan as = *plan;
	int err;

	*kll = (struct sk_kll){ 0 };
	if (bytes.len < 8 || head[2] != FAMILY)
		return sk_diag_set(diag, SK_EDATA, "not a KLL sketch");
	if (head[1] < VERSION || head[1] > VERSION_UPDATABLE)
		return sk_diag_set(diag, SK_EVERSION,
		    "KLL sketch of version %u", (unsigned)head[1]);
	as.k = sk_get16(head + 4);
	if (as.k != plan->k)
		as.protect = as.protect == 0 ? 0 : (uint16_t)(as.k / 12);
	image.updatable = head[1] == VERSION_UPDATABLE;
	sk_kll_init(kll, &as);
	err = load_any(kll, &image);
	if (err != 0) {
		sk_kll_free(kll);
		*kll = (struct sk_kll){ 0 };
	}
	return err;
}
