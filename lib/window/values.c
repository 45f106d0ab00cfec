#include <stdlib.h>

#include "base/mem.h"
#include "format/json.h"
#include "window/values.h"

void
sk_kept_free(struct sk_kept *kept)
{
	if (kept->is_far)
		free(kept->bytes.far.ptr);
	*kept = (struct sk_kept){ 0 };
}

static char *
room(struct sk_kept *kept, size_t len)
{
	size_t cap;

	if (!kept->is_far && len <= SK_KEPT_NEAR)
		return kept->bytes.near;
	if (kept->is_far && len <= kept->bytes.far.cap)
		return kept->bytes.far.ptr;
	for (cap = 2 * SK_KEPT_NEAR; cap < len; cap *= 2)
		continue;
	if (kept->is_far)
		free(kept->bytes.far.ptr);
	kept->is_far = true;
	kept->bytes.far.cap = cap;
	return kept->bytes.far.ptr = sk_xalloc(cap, 1);
}

void
sk_kept_set(struct sk_kept *kept, int64_t at_ns,
    const struct sk_valued *value)
{
	kept->at_ns = at_ns;
	kept->kind = value->kind;
	kept->len = (uint32_t)value->text.len;
	if (kept->len > 0)
		memcpy(room(kept, kept->len), value->text.ptr, kept->len);
}

void
sk_kept_copy(struct sk_kept *to, const struct sk_kept *from)
{
	struct sk_valued value = sk_kept_get(from);

	if (!from->is_far) {
		*to = *from;
		return;
	}
	*to = (struct sk_kept){ 0 };
	sk_kept_set(to, from->at_ns, &value);
}

struct sk_valued
sk_kept_get(const struct sk_kept *kept)
{
	struct sk_valued value = { { NULL, 0 }, kept->kind };

	if (kept->kind != SK_KIND_NONE)
		value.text = sk_view(kept->is_far ? kept->bytes.far.ptr :
		    kept->bytes.near, kept->len);
	return value;
}

void
sk_kept_save(const struct sk_kept *kept, struct sk_buf *buf)
{
	struct sk_valued value = sk_kept_get(kept);

	sk_valued_save(&value, buf);
	if (kept->kind != SK_KIND_NONE)
		sk_pack_i64(buf, kept->at_ns);
}

void
sk_kept_load(struct sk_kept *kept, struct sk_unpack *from)
{
	struct sk_valued value = sk_valued_load(from);
	int64_t at_ns = value.kind == SK_KIND_NONE ? 0 :
	    sk_unpack_i64(from);

	*kept = (struct sk_kept){ 0 };
	if (!from->bad && value.kind != SK_KIND_NONE)
		sk_kept_set(kept, at_ns, &value);
}

/* ---- values ---- */

static bool
is_text(const struct sk_valued *value)
{
	return value->kind == SK_KIND_TEXT;
}

void
sk_valued_put(const struct sk_valued *value, struct sk_record *record)
{
	if (is_text(value))
		sk_record_text(record, value->text);
	else
		sk_record_json(record, value->text);
}

void
sk_valued_json(const struct sk_valued *value, struct sk_buf *buf)
{
	if (is_text(value))
		sk_record_put_json(buf, value->text);
	else
		sk_buf_view(buf, value->text);
}

void
sk_valued_save(const struct sk_valued *value, struct sk_buf *buf)
{
	sk_pack_u64(buf, value->kind);
	if (value->kind != SK_KIND_NONE)
		sk_pack_text(buf, value->text);
}

/* What goes out as JSON text has to be some. */
struct sk_valued
sk_valued_load(struct sk_unpack *from)
{
	struct sk_valued value = { { NULL, 0 }, SK_KIND_NONE };
	uint64_t kind = sk_unpack_upto(from, SK_KIND_JSON);
	struct sk_view text;

	if (kind == SK_KIND_NONE)
		return value;
	text = sk_unpack_text(from);
	if (text.len == 0 || text.len > UINT32_MAX ||
	    (kind != SK_KIND_TEXT && sk_json_check(text) != NULL))
		from->bad = true;
	if (!from->bad) {
		value.text = text;
		value.kind = (unsigned char)kind;
	}
	return value;
}
