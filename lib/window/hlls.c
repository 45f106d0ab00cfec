#include <stdlib.h>

#include "base/base64.h"
#include "base/mem.h"
#include "window/hlls.h"

void
sk_hlls_free(struct sk_hll **hll)
{
	if (*hll != NULL)
		sk_hll_free(*hll);
	free(*hll);
	*hll = NULL;
}

static struct sk_hll *
made(struct sk_hll **hll)
{
	if (*hll == NULL) {
		*hll = sk_xalloc(1, sizeof(**hll));
		sk_hll_init(*hll, SK_HLL_LGK, SK_HLL_8);
	}
	return *hll;
}

void
sk_hlls_copy(struct sk_hll **to, const struct sk_hll *from)
{
	*to = NULL;
	if (from == NULL)
		return;
	*to = sk_xalloc(1, sizeof(**to));
	sk_hll_copy(*to, from);
}

void
sk_hlls_add(struct sk_hll **hll, struct sk_view text)
{
	sk_hll_add(made(hll), text);
}

void
sk_hlls_merge(struct sk_hll **into, const struct sk_hll *from)
{
	if (from != NULL)
		sk_hll_merge(made(into), from);
}

void
sk_hlls_put(const struct sk_hll *hll, struct sk_record *record)
{
	struct sk_buf image = { 0 }, text = { 0 };

	if (hll == NULL) {
		sk_record_null(record);
		return;
	}
	sk_hll_save(hll, &image, false);
	sk_base64_put(&text, sk_view(image.ptr, image.len));
	sk_record_text(record, sk_view(text.ptr, text.len));
	sk_buf_free(&image);
	sk_buf_free(&text);
}

/* The updatable image keeps the places in which coupons stand, and so the
 * order in which the other one will list them. */
void
sk_hlls_save(const struct sk_hll *hll, struct sk_buf *buf)
{
	struct sk_buf image = { 0 };

	if (hll != NULL)
		sk_hll_save(hll, &image, true);
	sk_pack_text(buf, sk_view(image.ptr, image.len));
	sk_buf_free(&image);
}

void
sk_hlls_load(struct sk_hll **hll, struct sk_unpack *from)
{
	struct sk_view image = sk_unpack_text(from);

	*hll = NULL;
	if (image.len == 0)
		return;
	*hll = sk_xalloc(1, sizeof(**hll));
	if (sk_hll_load(*hll, image, NULL) != 0 || sk_hll_empty(*hll) ||
	    (*hll)->lgk != SK_HLL_LGK || (*hll)->type != SK_HLL_8) {
		from->bad = true;
		sk_hlls_free(hll);
	}
}
