#include <stdlib.h>

#include "base/mem.h"
#include "window/list.h"

#define CAP_FIRST 4
#define UNUSED_MIN 4096 /* bytes, from which on they are squeezed out */

void
sk_list_free(struct sk_list **list)
{
	if (*list != NULL) {
		free((*list)->item);
		sk_buf_free(&(*list)->bytes);
	}
	free(*list);
	*list = NULL;
}

void
sk_list_reset(struct sk_list *list)
{
	if (list == NULL)
		return;
	list->n = 0;
	list->left_out = 0;
	list->unused = 0;
	sk_buf_reset(&list->bytes);
}

struct sk_valued
sk_list_get(const struct sk_list *list, uint32_t i)
{
	const struct sk_listed *item = &list->item[i];

	return (struct sk_valued){ sk_view(list->bytes.ptr + item->begin,
		item->len), item->kind };
}

/* Only the bytes of what is there. */
static void
squeeze(struct sk_list *list)
{
	struct sk_buf bytes = { 0 };
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		struct sk_view text = sk_list_get(list, i).text;

		list->item[i].begin = bytes.len;
		sk_buf_view(&bytes, text);
	}
	sk_buf_free(&list->bytes);
	list->bytes = bytes;
	list->unused = 0;
}

static void
drop_last(struct sk_list *list)
{
	list->unused += list->item[--list->n].len;
	if (list->unused > UNUSED_MIN &&
	    list->unused > list->bytes.len / 2)
		squeeze(list);
}

/* How many values are at this time or before it. */
static uint32_t
upto(const struct sk_list *list, int64_t at_ns)
{
	uint32_t low = 0, high = list->n, middle;

	if (high > 0 && at_ns >= list->item[high - 1].at_ns)
		return high;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (list->item[middle].at_ns <= at_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
sk_list_add(struct sk_list **at, int64_t at_ns,
    const struct sk_valued *value, uint32_t max)
{
	struct sk_list *list = *at;
	uint32_t place;

	if (list == NULL)
		list = *at = sk_xcalloc(1, sizeof(*list));
	place = upto(list, at_ns);
	if (list->n >= max) {
		list->left_out++;
		if (place >= list->n)
			return;
		drop_last(list);
	}
	if (list->n == list->cap) {
		list->cap = list->cap == 0 ? CAP_FIRST : 2 * list->cap;
		list->item = sk_xrealloc(list->item, list->cap,
		    sizeof(*list->item));
	}
	memmove(list->item + place + 1, list->item + place,
	    (list->n - place) * sizeof(*list->item));
	list->item[place] = (struct sk_listed){ at_ns, list->bytes.len,
		(uint32_t)value->text.len, value->kind };
	sk_buf_view(&list->bytes, value->text);
	list->n++;
}

void
sk_list_copy(struct sk_list **to, const struct sk_list *from)
{
	*to = NULL;
	sk_list_merge(to, from, UINT32_MAX);
}

void
sk_list_merge(struct sk_list **into, const struct sk_list *from,
    uint32_t max)
{
	struct sk_valued value;
	uint32_t i;

	if (from == NULL)
		return;
	for (i = 0; i < from->n; i++) {
		value = sk_list_get(from, i);
		sk_list_add(into, from->item[i].at_ns, &value, max);
	}
	if (from->n > 0)
		(*into)->left_out += from->left_out;
}

void
sk_list_put(const struct sk_list *list, struct sk_record *record)
{
	struct sk_buf text = { 0 };
	struct sk_valued value;
	uint32_t i;

	if (list == NULL || list->n == 0) {
		sk_record_null(record);
		return;
	}
	for (i = 0; i < list->n; i++) {
		value = sk_list_get(list, i);
		sk_buf_char(&text, i > 0 ? ',' : '[');
		sk_valued_json(&value, &text);
	}
	sk_buf_char(&text, ']');
	sk_record_json(record, sk_view(text.ptr, text.len));
	sk_buf_free(&text);
}

void
sk_list_save(const struct sk_list *list, struct sk_buf *buf)
{
	struct sk_valued value;
	uint32_t i;

	sk_pack_u64(buf, list == NULL ? 0 : list->n);
	if (list == NULL || list->n == 0)
		return;
	sk_pack_u64(buf, list->left_out);
	for (i = 0; i < list->n; i++) {
		value = sk_list_get(list, i);
		sk_pack_i64(buf, list->item[i].at_ns);
		sk_valued_save(&value, buf);
	}
}

void
sk_list_load(struct sk_list **list, struct sk_unpack *from)
{
	uint64_t n = sk_unpack_upto(from, UINT32_MAX), i, left_out;
	struct sk_valued value;
	int64_t at_ns;

	*list = NULL;
	if (n == 0)
		return;
	left_out = sk_unpack_u64(from);
	for (i = 0; i < n && !from->bad; i++) {
		at_ns = sk_unpack_i64(from);
		value = sk_valued_load(from);
		if (value.kind == SK_KIND_NONE ||
		    (i > 0 && at_ns < (*list)->item[i - 1].at_ns))
			from->bad = true;
		else
			sk_list_add(list, at_ns, &value, UINT32_MAX);
	}
	if (from->bad)
		sk_list_free(list);
	else
		(*list)->left_out = left_out;
}
