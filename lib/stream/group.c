#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "format/record.h"
#include "format/value.h"
#include "stream/group.h"

/* The next state, empty. */
static void
add_state(struct sk_group *group)
{
	if (group->n == group->cap) {
		group->cap = group->cap > 0 ? 2 * group->cap : 1;
		group->states = sk_xrealloc(group->states, group->cap,
		    group->size);
	}
	group->init(group->states + group->n++ * group->size);
}

void
sk_group_init(struct sk_group *group, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant,
    size_t size, void (*init)(void *state))
{
	size_t i;

	memset(group, 0, sizeof(*group));
	sk_keys_init(&group->keys, shared->max_keys < SK_KEYS_NONE
	    ? (uint32_t)shared->max_keys : SK_KEYS_NONE);
	if (shared->key.n > SK_GROUP_FIELDS_MAX)
		sk_opt_fail(cmd, "-k: more than %d fields",
		    SK_GROUP_FIELDS_MAX);
	group->first = *nwant;
	for (i = 0; i < shared->key.n; i++)
		want[(*nwant)++] = sk_run_want(cmd, shared, "-k",
		    shared->key.item[i]);
	group->nfields = shared->key.n;
	group->size = size;
	group->init = init;
	if (group->nfields == 0)
		add_state(group);
}

void
sk_group_free(struct sk_group *group, void (*release)(void *state))
{
	uint32_t i;

	for (i = 0; i < group->n; i++)
		release(sk_group_get(group, i));
	free(group->states);
	sk_keys_free(&group->keys);
	sk_buf_free(&group->key);
}

void *
sk_group_get(const struct sk_group *group, uint32_t number)
{
	return group->states + number * group->size;
}

uint32_t *
sk_group_sorted(const struct sk_group *group)
{
	if (group->nfields == 0)
		return sk_xcalloc(1, sizeof(uint32_t));
	return sk_keys_sorted(&group->keys);
}

/* A value ends in 0 0; a 0 inside it is written 0 1: so no value is the
 * beginning of another, and keys sort as their values do, field by field. */
static void
add_value(struct sk_buf *key, struct sk_view value)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		sk_buf_char(key, value.ptr[i]);
		if (value.ptr[i] == 0)
			sk_buf_char(key, 1);
	}
	sk_buf_zero(key, 2);
}

/* One value of such a key, unescaped into `out`; returns the bytes used. */
static size_t
take_value(struct sk_view key, struct sk_buf *out)
{
	size_t i;

	for (i = 0; key.ptr[i] != 0 || key.ptr[i + 1] != 0; i++) {
		sk_buf_char(out, key.ptr[i]);
		if (key.ptr[i] == 0)
			i++;
	}
	return i + 2;
}

/* The key of an event: its own bytes if it is one field and all is text.  Out
 * of JSON the kind stands behind each value, so the number 1 and the string
 * "1" are two keys. */
static struct sk_view
key_of(struct sk_group *group, const struct sk_batch *batch, size_t i,
    size_t first)
{
	size_t f;

	group->typed = batch->kind != NULL;
	if (group->nfields == 1 && !group->typed)
		return batch->field[first][i];
	sk_buf_reset(&group->key);
	for (f = first; f < first + group->nfields; f++) {
		add_value(&group->key, batch->field[f][i]);
		if (group->typed)
			sk_buf_char(&group->key, (char)batch->kind[f][i]);
	}
	return sk_view(group->key.ptr, group->key.len);
}

void *
sk_group_state(struct sk_group *group, const struct sk_batch *batch, size_t i)
{
	return sk_group_keyed(group, batch, i, group->first);
}

void *
sk_group_keyed(struct sk_group *group, const struct sk_batch *batch, size_t i,
    size_t first)
{
	uint32_t number = 0;

	if (group->nfields > 0)
		number = sk_keys_find(&group->keys,
		    key_of(group, batch, i, first));
	if (number == SK_KEYS_NONE)
		return NULL;
	if (number == group->n)
		add_state(group);
	return sk_group_get(group, number);
}

void
sk_group_put(const struct sk_group *group, uint32_t number,
    struct sk_record *record)
{
	struct sk_buf buf = { 0 };
	struct sk_view key, value;
	size_t f, used;
	bool plain;

	if (group->nfields == 0)
		return;
	key = sk_keys_get(&group->keys, number);
	if (group->nfields == 1 && !group->typed) {
		sk_record_text(record, key);
		return;
	}
	for (f = 0; f < group->nfields; f++) {
		sk_buf_reset(&buf);
		used = take_value(key, &buf);
		sk_buf_reserve(&buf, 1);
		value = sk_view(buf.ptr, buf.len);
		plain = !group->typed || key.ptr[used] == SK_KIND_TEXT;
		if (plain)
			sk_record_text(record, value);
		else
			sk_record_json(record, value);
		used += group->typed;
		key = sk_view(key.ptr + used, key.len - used);
	}
	sk_buf_free(&buf);
}
