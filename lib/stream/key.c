#include "base/err.h"
#include "format/value.h"
#include "stream/key.h"

void
sk_key_init(struct sk_key *key, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant)
{
	size_t i;

	memset(key, 0, sizeof(*key));
	if (shared->key.n > SK_KEY_FIELDS_MAX)
		sk_opt_fail(cmd, "-k: more than %d fields",
		    SK_KEY_FIELDS_MAX);
	key->first = *nwant;
	for (i = 0; i < shared->key.n; i++)
		want[(*nwant)++] = sk_run_want(cmd, shared, "-k",
		    shared->key.item[i]);
	key->nfields = shared->key.n;
}

void
sk_key_free(struct sk_key *key)
{
	sk_buf_free(&key->buf);
}

/* Whether a saved file is read or written that has the image under its own
 * name; --value gives that of the inputs of --merge. */
static bool
saves(const struct sk_shared *shared)
{
	return shared->save != NULL || shared->state != NULL ||
	    shared->load.n > 0 || (shared->merge && shared->value == NULL);
}

void
sk_key_saved(const struct sk_key *key, const struct sk_cmd *cmd,
    const struct sk_shared *shared, const struct sk_want *want,
    const char *member)
{
	struct sk_view name[SK_KEY_FIELDS_MAX + 1];
	size_t i, j;

	if (!saves(shared))
		return;
	for (i = 0; i < key->nfields; i++)
		name[i] = want[key->first + i].field.name;
	name[key->nfields] = sk_view_str(member);
	for (i = 1; i <= key->nfields; i++)
		for (j = 0; j < i; j++)
			if (sk_view_equal(name[i], name[j]))
				sk_opt_fail(cmd, "two members of a saved "
				    "state are called %.*s; name=FIELD gives "
				    "another name", (int)name[i].len,
				    name[i].ptr);
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

struct sk_view
sk_key_of(struct sk_key *key, const struct sk_batch *batch, size_t i,
    size_t first)
{
	size_t f;

	key->typed = batch->kind != NULL;
	if (key->nfields == 1 && !key->typed)
		return batch->field[first][i];
	sk_buf_reset(&key->buf);
	for (f = first; f < first + key->nfields; f++) {
		add_value(&key->buf, batch->field[f][i]);
		if (key->typed)
			sk_buf_char(&key->buf, (char)batch->kind[f][i]);
	}
	return sk_view(key->buf.ptr, key->buf.len);
}

void
sk_key_put(const struct sk_key *key, struct sk_view text,
    struct sk_record *record)
{
	struct sk_buf buf = { 0 };
	struct sk_view value;
	size_t f, used;

	if (key->nfields == 1 && !key->typed) {
		sk_record_text(record, text);
		return;
	}
	for (f = 0; f < key->nfields; f++) {
		sk_buf_reset(&buf);
		used = take_value(text, &buf);
		sk_buf_reserve(&buf, 1);
		value = sk_view(buf.ptr, buf.len);
		if (!key->typed || text.ptr[used] == SK_KIND_TEXT)
			sk_record_text(record, value);
		else
			sk_record_json(record, value);
		used += key->typed;
		text = sk_view(text.ptr + used, text.len - used);
	}
	sk_buf_free(&buf);
}
