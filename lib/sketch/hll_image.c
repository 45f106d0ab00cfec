/*
 * Images: the bytes that other programs read and write.
 *
 *	 0  preamble in 4-byte words: LIST 2, SET 3, HLL 10
 *	 1  serial version, 1
 *	 2  family, 7
 *	 3  lgK
 *	 4  LIST 3; SET lg of the cells; HLL lg of the aux cells, or 0
 *	 5  flags: 4 empty, 8 compact, 16 out of order, 32 rebuild
 *	 6  LIST the number of coupons; HLL the least register, with HLL_4
 *	 7  mode | type << 2
 *	LIST
 *	 8  u32 coupons: those held, or all 8 cells if updatable
 *	SET
 *	 8  u32 number of coupons
 *	12  u32 cells: those in use in ascending order, or all
 *	HLL
 *	 8  f64 hip   16  f64 kxq0   24  f64 kxq1
 *	32  u32 registers at the least   36  u32 aux cells in use
 *	40  registers: HLL_4 K/2, HLL_6 3K/4 + 1, HLL_8 K bytes
 *	    HLL_4: u32 aux cells (value << 26 | slot): those in use, or all
 *
 * A nibble of HLL_4 is the register less the least one, or 15 where it is 15
 * and more: then it stands in an aux cell.  Slot i of HLL_6 is the bits 6i to
 * 6i + 5 of the bytes as one little-endian number.  HLL_6 and HLL_8 have the
 * number of zero registers at 32.
 *
 * Images are untrusted: every size is compared with the length, every table
 * with what a sketch can hold, before it is used.  Sums and counts that can be
 * recomputed from the registers are, which heals images whose writers left
 * them stale.
 */
#include <math.h>

#include "base/mem.h"
#include "sketch/hll_parts.h"

#define SERIAL 1
#define FAMILY 7
#define PREAMBLE_LIST 2
#define PREAMBLE_SET 3
#define PREAMBLE_HLL 10
#define LIST_BEGIN 8
#define SET_BEGIN 12
#define HLL_BEGIN 40
#define LG_LIST 3
#define EMPTY 4
#define COMPACT 8
#define OUT_OF_ORDER 16
#define NIBBLE_AUX 15

static size_t
register_bytes(unsigned lgk, unsigned type)
{
	size_t k = (size_t)1 << lgk;

	if (type == SK_HLL_4)
		return k / 2;
	return type == SK_HLL_6 ? k / 4 * 3 + 1 : k;
}

/* ---- writing ---- */

/* The cells of a table: those in use, or all. */
static void
put_cells(struct sk_buf *buf, const uint32_t *cells, size_t n, bool all)
{
	for (size_t i = 0; i < n; i++)
		if (all || cells[i] != 0)
			sk_buf_put32(buf, cells[i]);
}

static void
put_nibbles(struct sk_buf *buf, const struct sk_hll *hll)
{
	for (uint32_t i = 0; i < sk_hll_size(hll); i += 2) {
		unsigned low = hll->regs[i] - hll->cur_min;
		unsigned high = hll->regs[i + 1] - hll->cur_min;

		low = low < NIBBLE_AUX ? low : NIBBLE_AUX;
		high = high < NIBBLE_AUX ? high : NIBBLE_AUX;
		sk_buf_char(buf, (char)(low | high << 4));
	}
}

static void
put_sixes(struct sk_buf *buf, const struct sk_hll *hll)
{
	for (uint32_t i = 0; i < sk_hll_size(hll); i += 4) {
		uint32_t bits = (uint32_t)hll->regs[i] |
		    (uint32_t)hll->regs[i + 1] << 6 |
		    (uint32_t)hll->regs[i + 2] << 12 |
		    (uint32_t)hll->regs[i + 3] << 18;

		sk_buf_char(buf, (char)bits);
		sk_buf_char(buf, (char)(bits >> 8));
		sk_buf_char(buf, (char)(bits >> 16));
	}
	sk_buf_char(buf, 0);
}

static void
save_hll(const struct sk_hll *hll, struct sk_buf *buf, bool updatable)
{
	bool four = hll->type == SK_HLL_4;

	sk_buf_put_f64(buf, hll->out_of_order ? 0 : hll->hip);
	sk_buf_put_f64(buf, hll->kxq0);
	sk_buf_put_f64(buf, hll->kxq1);
	sk_buf_put32(buf, four || hll->cur_min == 0 ? hll->at_min : 0);
	sk_buf_put32(buf, hll->aux_n);
	if (hll->type == SK_HLL_8)
		sk_buf_add(buf, hll->regs, sk_hll_size(hll));
	else if (hll->type == SK_HLL_6)
		put_sixes(buf, hll);
	else
		put_nibbles(buf, hll);
	if (hll->aux != NULL)
		put_cells(buf, hll->aux, (size_t)1 << hll->lg_aux, updatable);
	else if (four && updatable)
		sk_buf_zero(buf, sizeof(uint32_t)
				     << sk_hll_aux_lg_min(hll->lgk));
}

void
sk_hll_save(const struct sk_hll *hll, struct sk_buf *buf, bool updatable)
{
	unsigned char head[8] = { 0, SERIAL, FAMILY, hll->lgk };

	head[5] = (unsigned char)((sk_hll_empty(hll) ? EMPTY : 0) |
	    (updatable ? 0 : COMPACT) | (hll->out_of_order ? OUT_OF_ORDER : 0));
	head[7] = (unsigned char)(hll->mode | hll->type << 2);
	if (hll->mode == SK_HLL_LIST) {
		head[0] = PREAMBLE_LIST;
		head[4] = LG_LIST;
		head[6] = (unsigned char)hll->n;
		sk_buf_add(buf, head, sizeof(head));
		put_cells(buf, hll->list, SK_HLL_LIST_CAP, updatable);
	} else if (hll->mode == SK_HLL_SET) {
		head[0] = PREAMBLE_SET;
		head[4] = hll->lg_set;
		sk_buf_add(buf, head, sizeof(head));
		sk_buf_put32(buf, hll->n);
		put_cells(
		    buf, hll->set, (size_t)1 << hll->lg_set, updatable);
	} else {
		head[0] = PREAMBLE_HLL;
		head[4] = hll->lg_aux;
		head[6] = hll->type == SK_HLL_4 ? hll->cur_min : 0;
		sk_buf_add(buf, head, sizeof(head));
		save_hll(hll, buf, updatable);
	}
}

/* ---- reading ---- */

struct image {
	struct sk_view bytes;
	struct sk_diag *diag;
	bool compact;
};

static int
corrupt(const struct image *image, const char *what)
{
	return sk_diag_set(image->diag, SK_EDATA, "corrupt HLL sketch: %s",
	    what);
}

static uint32_t
get_u32(const struct image *image, size_t at)
{
	return sk_get32(image->bytes.ptr + at);
}

static double
get_f64(const struct image *image, size_t at)
{
	return sk_get_f64(image->bytes.ptr + at);
}

static int
load_list(struct sk_hll *hll, const struct image *image)
{
	uint32_t n = (unsigned char)image->bytes.ptr[6];
	uint32_t cells = image->compact ? n : SK_HLL_LIST_CAP;

	if (n >= SK_HLL_LIST_CAP)
		return corrupt(image, "too many coupons in a list");
	if (image->bytes.len < LIST_BEGIN + 4 * cells)
		return corrupt(image, "cut short");
	for (uint32_t i = 0; i < n; i++) {
		uint32_t coupon = get_u32(image, LIST_BEGIN + 4 * i);

		if (sk_hll_value(coupon) == 0)
			return corrupt(image, "a coupon without a value");
		sk_hll_add_coupon(hll, coupon);
	}
	if (hll->n != n)
		return corrupt(image, "a coupon twice");
	return 0;
}

/* The coupons one by one, as another reader takes them. */
static int
load_set_compact(struct sk_hll *hll, const struct image *image, uint32_t n)
{
	hll->mode = SK_HLL_SET;
	hll->lg_set = SK_HLL_LG_SET_MIN;
	hll->set = sk_xcalloc((size_t)1 << hll->lg_set, sizeof(*hll->set));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t coupon = get_u32(image, SET_BEGIN + 4 * (size_t)i);

		if (sk_hll_value(coupon) == 0)
			return corrupt(image, "a coupon without a value");
		sk_hll_add_coupon(hll, coupon);
	}
	if (hll->mode != SK_HLL_SET || hll->n != n)
		return corrupt(image, "a coupon twice");
	return 0;
}

/* The table as it stands, if each coupon is found where it stands. */
static int
load_set_table(struct sk_hll *hll, const struct image *image, uint32_t n)
{
	size_t cells = (size_t)1 << hll->lg_set;

	hll->mode = SK_HLL_SET;
	hll->set = sk_xalloc(cells, sizeof(*hll->set));
	for (size_t i = 0; i < cells; i++) {
		hll->set[i] = get_u32(image, SET_BEGIN + 4 * i);
		hll->n += hll->set[i] != 0;
		if (hll->set[i] != 0 && sk_hll_value(hll->set[i]) == 0)
			return corrupt(image, "a coupon without a value");
	}
	if (hll->n != n)
		return corrupt(image, "another number of coupons");
	for (size_t i = 0; i < cells; i++)
		if (hll->set[i] != 0 &&
		    sk_hll_set_find(hll->set, hll->lg_set, hll->set[i]) !=
			&hll->set[i])
			return corrupt(image, "a coupon in a wrong cell");
	return 0;
}

static int
load_set(struct sk_hll *hll, const struct image *image)
{
	unsigned lg = (unsigned char)image->bytes.ptr[4];
	unsigned lg_max = hll->lgk - 3u;
	uint32_t n;

	if (hll->lgk < SK_HLL_SET_LGK)
		return corrupt(image, "a set with so small an lgK");
	if (image->bytes.len < SET_BEGIN)
		return corrupt(image, "cut short");
	n = get_u32(image, LIST_BEGIN);
	if (!image->compact)
		lg_max = lg < lg_max ? lg : lg_max;
	if (n > (UINT32_C(3) << lg_max) / 4)
		return corrupt(image, "too many coupons in a set");
	if (image->compact) {
		if (image->bytes.len < SET_BEGIN + 4 * (size_t)n)
			return corrupt(image, "cut short");
		return load_set_compact(hll, image, n);
	}
	if (lg < SK_HLL_LG_SET_MIN || lg > lg_max)
		return corrupt(image, "a set of that size");
	if (image->bytes.len < SET_BEGIN + ((size_t)4 << lg))
		return corrupt(image, "cut short");
	hll->lg_set = (uint8_t)lg;
	return load_set_table(hll, image, n);
}

/* ---- HLL mode ---- */

static void
get_sixes(struct sk_hll *hll, const unsigned char *at)
{
	for (uint32_t i = 0; i < sk_hll_size(hll); i += 4, at += 3) {
		uint32_t bits = (uint32_t)at[0] | (uint32_t)at[1] << 8 |
		    (uint32_t)at[2] << 16;

		for (uint32_t j = 0; j < 4; j++)
			hll->regs[i + j] = bits >> (6 * j) & 63;
	}
}

/* The nibbles, with UINT8_MAX where a value must come from the map. */
static void
get_nibbles(struct sk_hll *hll, const unsigned char *at, unsigned cur_min)
{
	for (uint32_t i = 0; i < sk_hll_size(hll); i++) {
		unsigned nibble = at[i / 2] >> (i % 2 * 4) & 15;

		hll->regs[i] = nibble == NIBBLE_AUX ?
		    UINT8_MAX : (uint8_t)(cur_min + nibble);
	}
}

/* One cell of the map: its slot awaits a value that no nibble holds. */
static int
take_aux(struct sk_hll *hll, const struct image *image, uint32_t cell)
{
	uint32_t slot = cell & SK_HLL_ADDRESS;
	unsigned value = sk_hll_value(cell);

	if (slot >= sk_hll_size(hll) || hll->regs[slot] != UINT8_MAX ||
	    value < hll->cur_min + (unsigned)NIBBLE_AUX)
		return corrupt(image, "an exception that is none");
	hll->regs[slot] = (uint8_t)value;
	return 0;
}

/* n cells at `at`, in file order into a table that grows from the size that
 * holds them all: what other readers do. */
static int
load_aux_compact(struct sk_hll *hll, const struct image *image, size_t at,
    uint32_t n)
{
	unsigned lg = sk_hll_aux_lg_min(hll->lgk);
	int err = 0;

	if (n == 0)
		return 0;
	while (4 * (uint64_t)n > UINT64_C(3) << lg)
		lg++;
	hll->lg_aux = (uint8_t)lg;
	hll->aux = sk_xcalloc((size_t)1 << lg, sizeof(*hll->aux));
	for (uint32_t i = 0; i < n && err == 0; i++) {
		uint32_t cell = get_u32(image, at + 4 * (size_t)i);

		err = take_aux(hll, image, cell);
		if (err == 0)
			sk_hll_aux_put(hll, cell & SK_HLL_ADDRESS,
			    sk_hll_value(cell));
	}
	return err;
}

static int
load_aux_table(struct sk_hll *hll, const struct image *image, size_t at,
    uint32_t n, unsigned lg)
{
	size_t cells = (size_t)1 << lg;
	int err = 0;

	if (n == 0)
		return 0;
	hll->lg_aux = (uint8_t)lg;
	hll->aux = sk_xalloc(cells, sizeof(*hll->aux));
	for (size_t i = 0; i < cells && err == 0; i++) {
		hll->aux[i] = get_u32(image, at + 4 * i);
		if (hll->aux[i] != 0) {
			hll->aux_n++;
			err = take_aux(hll, image, hll->aux[i]);
		}
	}
	if (err == 0 && (hll->aux_n != n || 4 * (uint64_t)n > 3 * cells))
		err = corrupt(image, "another number of exceptions");
	for (size_t i = 0; i < cells && err == 0; i++)
		if (hll->aux[i] != 0 && !sk_hll_aux_is_at(hll, i))
			err = corrupt(image, "an exception in a wrong cell");
	return err;
}

static int
check_registers(const struct sk_hll *hll, const struct image *image)
{
	for (uint32_t i = 0; i < sk_hll_size(hll); i++)
		if (hll->regs[i] > SK_HLL_VALUE_MAX)
			return corrupt(image, "a register of that size");
	return 0;
}

static int
load_four(struct sk_hll *hll, const struct image *image)
{
	const unsigned char *head = (const unsigned char *)image->bytes.ptr;
	size_t at = HLL_BEGIN + register_bytes(hll->lgk, SK_HLL_4);
	uint32_t n = get_u32(image, 36), exceptions = 0;
	unsigned lg = head[4] != 0 ? head[4] : sk_hll_aux_lg_min(hll->lgk);
	uint64_t cells = image->compact ? n : UINT64_C(1) << (lg & 31);
	int err;

	if (head[6] > SK_HLL_VALUE_MAX)
		return corrupt(image, "a least register of that size");
	if (n > sk_hll_size(hll) || lg > hll->lgk + 1u ||
	    image->bytes.len < at + 4 * cells)
		return corrupt(image, "cut short");
	hll->cur_min = head[6];
	get_nibbles(hll, head + HLL_BEGIN, hll->cur_min);
	for (uint32_t i = 0; i < sk_hll_size(hll); i++)
		exceptions += hll->regs[i] == UINT8_MAX;
	if (exceptions != n)
		return corrupt(image, "another number of exceptions");
	err = image->compact ? load_aux_compact(hll, image, at, n) :
			       load_aux_table(hll, image, at, n, lg);
	if (err == 0)
		err = check_registers(hll, image);
	if (err != 0)
		return err;
	sk_hll_recount(hll);
	if (hll->cur_min != head[6])
		return corrupt(image, "another least register");
	return 0;
}

static int
load_registers(struct sk_hll *hll, const struct image *image)
{
	const unsigned char *regs =
	    (const unsigned char *)image->bytes.ptr + HLL_BEGIN;
	int err;

	if (hll->type == SK_HLL_4)
		return load_four(hll, image);
	if (hll->type == SK_HLL_6)
		get_sixes(hll, regs);
	else
		memcpy(hll->regs, regs, sk_hll_size(hll));
	err = check_registers(hll, image);
	if (err == 0)
		sk_hll_recount(hll);
	return err;
}

/* Each register that is not 0 has counted for one value or more; there are 2^64
 * hashes. */
static bool
is_count(const struct sk_hll *hll)
{
	double used = 0;

	for (uint32_t i = 0; i < sk_hll_size(hll); i++)
		used += hll->regs[i] != 0;
	return hll->hip >= used * (1 - 1e-9) && hll->hip <= 0x1p64;
}

static int
load_hll(struct sk_hll *hll, const struct image *image)
{
	int err;

	if (image->bytes.len <
	    HLL_BEGIN + register_bytes(hll->lgk, hll->type))
		return corrupt(image, "cut short");
	bool out_of_order = hll->out_of_order;

	sk_hll_start(hll);
	hll->out_of_order = out_of_order;
	err = load_registers(hll, image);
	if (err != 0)
		return err;
	if (out_of_order)
		return 0;
	hll->hip = get_f64(image, 8);
	if (!is_count(hll))
		return corrupt(image, "an estimate that is no count");
	return 0;
}

static int
load_mode(struct sk_hll *hll, const struct image *image)
{
	unsigned preamble = (unsigned char)image->bytes.ptr[0];

	if (hll->mode == SK_HLL_LIST && preamble == PREAMBLE_LIST)
		return load_list(hll, image);
	if (hll->mode == SK_HLL_SET && preamble == PREAMBLE_SET) {
		hll->mode = SK_HLL_LIST;
		return load_set(hll, image);
	}
	if (hll->mode == SK_HLL_HLL && preamble == PREAMBLE_HLL)
		return load_hll(hll, image);
	return corrupt(image, "another mode than its preamble");
}

static size_t
image_len(const struct sk_hll *hll, const struct image *image)
{
	unsigned lg = (unsigned char)image->bytes.ptr[4];
	size_t len = HLL_BEGIN;

	if (hll->mode == SK_HLL_LIST)
		return LIST_BEGIN + sizeof(uint32_t) *
		    (image->compact ? hll->n : SK_HLL_LIST_CAP);
	if (hll->mode == SK_HLL_SET)
		return SET_BEGIN + sizeof(uint32_t) *
		    (image->compact ? hll->n : (size_t)1 << hll->lg_set);
	len += register_bytes(hll->lgk, hll->type);
	if (hll->type != SK_HLL_4)
		return len;
	lg = lg != 0 ? lg : sk_hll_aux_lg_min(hll->lgk);
	return len + sizeof(uint32_t) *
	    (image->compact ? hll->aux_n : (size_t)1 << lg);
}

/* Zeros that pad an image are borne; two images one behind the other would
 * be half a count. */
static int
check_rest(const struct sk_hll *hll, const struct image *image)
{
	for (size_t i = image_len(hll, image); i < image->bytes.len; i++)
		if (image->bytes.ptr[i] != 0)
			return sk_diag_set(image->diag, SK_EDATA,
			    "more bytes than one HLL sketch");
	return 0;
}

int
sk_hll_load(struct sk_hll *hll, struct sk_view bytes, struct sk_diag *diag)
{
	const unsigned char *head = (const unsigned char *)bytes.ptr;
	struct image image = { bytes, diag, false };
	int err;

	*hll = (struct sk_hll){ 0 };
	if (bytes.len >= 4 && memcmp(bytes.ptr, "HYLL", 4) == 0)
		return sk_diag_set(diag, SK_EDATA, "a Redis HyperLogLog: "
		    "other hashes, only Redis (PFCOUNT) can count them");
	if (bytes.len < LIST_BEGIN || head[2] != FAMILY)
		return sk_diag_set(diag, SK_EDATA, "not an HLL sketch");
	if (head[1] != SERIAL)
		return sk_diag_set(diag, SK_EVERSION,
		    "HLL sketch of version %u", (unsigned)head[1]);
	if (head[3] < SK_HLL_LGK_MIN || head[3] > SK_HLL_LGK_MAX)
		return corrupt(&image, "an lgK that is not 4 to 21");
	if ((head[7] & 3) > SK_HLL_HLL || (head[7] >> 2 & 3) > SK_HLL_8)
		return corrupt(&image, "an unknown mode or type");
	hll->lgk = head[3];
	hll->mode = head[7] & 3;
	hll->type = head[7] >> 2 & 3;
	hll->out_of_order = hll->mode == SK_HLL_HLL &&
	    (head[5] & OUT_OF_ORDER) != 0;
	image.compact = (head[5] & COMPACT) != 0;
	err = load_mode(hll, &image);
	if (err == 0)
		err = check_rest(hll, &image);
	if (err != 0)
		sk_hll_free(hll);
	return err;
}
