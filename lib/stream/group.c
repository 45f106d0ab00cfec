#include "base/err.h"
#include "format/record.h"
#include "stream/group.h"

void
sk_group_init(struct sk_group *group, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant)
{
	size_t i;

	memset(group, 0, sizeof(*group));
	sk_keys_init(&group->keys, shared->max_keys < SK_KEYS_NONE
	    ? (uint32_t)shared->max_keys : SK_KEYS_NONE);
	if (shared->key.n > SK_GROUP_FIELDS_MAX)
		sk_opt_fail(cmd, "-k: more than %d fields",
		    SK_GROUP_FIELDS_MAX);
	for (i = 0; i < shared->key.n; i++)
		want[(*nwant)++] = sk_run_want(cmd, "-k",
		    shared->key.item[i]);
	group->nfields = shared->key.n;
}

void
sk_group_free(struct sk_group *group)
{
	sk_keys_free(&group->keys);
	sk_buf_free(&group->key);
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

uint32_t
sk_group_find(struct sk_group *group, const struct sk_batch *batch,
    size_t first, size_t i)
{
	size_t f;

	if (group->nfields == 1)
		return sk_keys_find(&group->keys, batch->field[first][i]);
	sk_buf_reset(&group->key);
	for (f = 0; f < group->nfields; f++)
		add_value(&group->key, batch->field[first + f][i]);
	return sk_keys_find(&group->keys,
	    sk_view(group->key.ptr, group->key.len));
}

void
sk_group_put(const struct sk_group *group, uint32_t number,
    struct sk_record *record)
{
	struct sk_view key = sk_keys_get(&group->keys, number);
	struct sk_buf value = { 0 };
	size_t f, used;

	if (group->nfields == 1) {
		sk_record_text(record, key);
		return;
	}
	for (f = 0; f < group->nfields; f++) {
		sk_buf_reset(&value);
		used = take_value(key, &value);
		sk_buf_reserve(&value, 1);
		sk_record_text(record, sk_view(value.ptr, value.len));
		key = sk_view(key.ptr + used, key.len - used);
	}
	sk_buf_free(&value);
}
