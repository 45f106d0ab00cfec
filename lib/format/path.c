#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "format/path.h"

/* As deep as JSON may be nested; a longer path would find nothing. */
#define STEP_MAX 1024

static int
refuse(struct sk_diag *diag, struct sk_view text, const char *why)
{
	return sk_diag_set(diag, SK_EUSAGE,
	    "%.*s: not a path (user.id, items[0].sku, /user/id): %s",
	    (int)text.len, text.ptr, why);
}

static struct sk_path_step *
add_step(struct sk_path *path)
{
	struct sk_path_step *step = &path->step[path->n++];

	memset(step, 0, sizeof(*step));
	step->key = sk_view("", 0);
	return step;
}

static void
add_key(struct sk_path *path, struct sk_view key)
{
	struct sk_path_step *step = add_step(path);

	step->is_key = true;
	step->key = sk_view(path->keys.ptr + path->keys.len, key.len);
	sk_buf_view(&path->keys, key);
}

/* An index as JSON Pointer has it: digits without zeros in front. */
static bool
read_index(struct sk_view text, uint64_t *index)
{
	return (text.len == 1 || (text.len > 1 && text.ptr[0] != '0')) &&
	    sk_num_u64(text, index) == 0;
}

/* The length up to one of the two bytes, or all. */
static size_t
span(const char *at, const char *end, char a, char b)
{
	const char *p = at;

	while (p < end && *p != a && *p != b)
		p++;
	return (size_t)(p - at);
}

static const char *
parse_indices(struct sk_path *path, const char **at, const char *end)
{
	struct sk_path_step *step;
	uint64_t index;
	size_t len;

	while (*at < end && **at == '[') {
		len = span(*at + 1, end, ']', ']');
		if (*at + 1 + len == end)
			return "a [ is not closed";
		if (!read_index(sk_view(*at + 1, len), &index))
			return "an index is a number from 0";
		if (path->n == STEP_MAX)
			return "over 1024 steps";
		step = add_step(path);
		step->is_index = true;
		step->index = index;
		*at += len + 2;
	}
	return NULL;
}

static const char *
parse_names(struct sk_path *path, const char *at, const char *end)
{
	const char *why;
	size_t len;

	for (;;) {
		len = span(at, end, '.', '[');
		if (len == 0)
			return "a name is missing";
		if (memchr(at, ']', len) != NULL)
			return "a ] without its [";
		if (path->n == STEP_MAX)
			return "over 1024 steps";
		add_key(path, sk_view(at, len));
		at += len;
		why = parse_indices(path, &at, end);
		if (why != NULL || at == end)
			return why;
		if (*at++ != '.')
			return "behind ] comes . or [";
	}
}

/* ~1 is `/` and ~0 is `~`, in this order of reading (RFC 6901 section 4). */
static const char *
parse_token(struct sk_path *path, struct sk_view token)
{
	struct sk_path_step *step = add_step(path);
	size_t i, start = path->keys.len;

	step->is_key = true;
	step->is_index = read_index(token, &step->index);
	for (i = 0; i < token.len; i++) {
		if (token.ptr[i] != '~') {
			sk_buf_char(&path->keys, token.ptr[i]);
			continue;
		}
		if (++i == token.len ||
		    (token.ptr[i] != '0' && token.ptr[i] != '1'))
			return "~ is written ~0";
		sk_buf_char(&path->keys, token.ptr[i] == '0' ? '~' : '/');
	}
	step->key = sk_view(path->keys.ptr + start, path->keys.len - start);
	return NULL;
}

static const char *
parse_pointer(struct sk_path *path, const char *at, const char *end)
{
	const char *why = NULL;
	size_t len;

	while (why == NULL && at < end) {
		len = span(at + 1, end, '/', '/');
		if (path->n == STEP_MAX)
			return "over 1024 steps";
		why = parse_token(path, sk_view(at + 1, len));
		at += len + 1;
	}
	return why;
}

int
sk_path_parse(struct sk_view text, struct sk_path *path, struct sk_diag *diag)
{
	size_t most = text.len < STEP_MAX ? text.len : STEP_MAX;
	const char *why;

	memset(path, 0, sizeof(*path));
	if (text.len == 0)
		return refuse(diag, text, "it is empty");
	path->step = sk_xcalloc(most, sizeof(*path->step));
	/* Steps point into keys, which therefore must not grow. */
	sk_buf_reserve(&path->keys, text.len + 1);
	if (text.ptr[0] == '/')
		why = parse_pointer(path, text.ptr, text.ptr + text.len);
	else
		why = parse_names(path, text.ptr, text.ptr + text.len);
	if (why == NULL)
		return 0;
	sk_path_free(path);
	return refuse(diag, text, why);
}

void
sk_path_free(struct sk_path *path)
{
	free(path->step);
	sk_buf_free(&path->keys);
	memset(path, 0, sizeof(*path));
}
