#include <inttypes.h>

#include "base/num.h"
#include "field/field.h"

#define COLUMN_MAX (UINT32_MAX - 1)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct sk_field
sk_field_line(void)
{
	struct sk_field field = { SK_FIELD_LINE, 0, 0, sk_view("", 0),
		sk_view_str("line") };

	return field;
}

static int
parse_column(struct sk_view digits, struct sk_view text, uint32_t *column,
    struct sk_diag *diag)
{
	uint64_t value;

	if (sk_num_u64(digits, &value) != 0 || value > COLUMN_MAX)
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: neither columns "
		    "(3, 2-4, 5-) nor a path (a key that begins with a digit "
		    "is /%.*s)", (int)text.len, text.ptr, (int)text.len,
		    text.ptr);
	if (value == 0)
		return sk_diag_set(diag, SK_EUSAGE,
		    "%.*s: columns count from 1", (int)text.len, text.ptr);
	*column = (uint32_t)value;
	return 0;
}

static int
parse_columns(struct sk_view text, struct sk_field *field,
    struct sk_diag *diag)
{
	const char *minus = memchr(text.ptr, '-', text.len);
	size_t left = minus == NULL ? text.len : (size_t)(minus - text.ptr);
	struct sk_view right;
	int err;

	err = parse_column(sk_view(text.ptr, left), text, &field->first, diag);
	if (err != 0)
		return err;
	field->kind = SK_FIELD_COLUMNS;
	field->last = field->first;
	if (minus == NULL)
		return 0;
	right = sk_view(minus + 1, text.len - left - 1);
	if (right.len == 0) {
		field->last = SK_FIELD_END;
		return 0;
	}
	err = parse_column(right, text, &field->last, diag);
	if (err != 0)
		return err;
	if (field->last < field->first)
		return sk_diag_set(diag, SK_EUSAGE,
		    "%.*s: the last column is before the first",
		    (int)text.len, text.ptr);
	return 0;
}

/* The last name of a path, without the indices behind it. */
static struct sk_view
last_name(struct sk_view path)
{
	bool pointer = path.ptr[0] == '/';
	size_t begin, end = path.len;

	while (!pointer && end > 0 && path.ptr[end - 1] == ']') {
		while (end > 0 && path.ptr[end - 1] != '[')
			end--;
		end -= end > 0;
	}
	for (begin = end; begin > 0; begin--)
		if (path.ptr[begin - 1] == (pointer ? '/' : '.'))
			break;
	return begin < end ? sk_view(path.ptr + begin, end - begin) : path;
}

/* `name=` in front is cut off; *name is left alone without one. */
static int
parse_name(struct sk_view *text, struct sk_view *name, struct sk_diag *diag)
{
	const char *equal = NULL;
	size_t len;

	if (text->len > 0 && text->ptr[0] != '/')
		equal = memchr(text->ptr, '=', text->len);
	if (equal != NULL) {
		len = (size_t)(equal - text->ptr);
		if (len == 0)
			return sk_diag_set(diag, SK_EUSAGE,
			    "%.*s: no name before =", (int)text->len,
			    text->ptr);
		*name = sk_view(text->ptr, len);
		*text = sk_view(equal + 1, text->len - len - 1);
	}
	if (text->len == 0)
		return sk_diag_set(diag, SK_EUSAGE, "a FIELD is missing");
	return 0;
}

int
sk_field_parse(struct sk_view text, struct sk_field *field,
    struct sk_diag *diag)
{
	struct sk_view name = { NULL, 0 };
	struct sk_field parsed = sk_field_line();
	int err;

	err = parse_name(&text, &name, diag);
	if (err != 0)
		return err;
	parsed.text = text;
	if (is_digit(text.ptr[0]) || text.ptr[0] == '-') {
		err = parse_columns(text, &parsed, diag);
		if (err != 0)
			return err;
		parsed.name = text;
	} else {
		parsed.kind = SK_FIELD_PATH;
		parsed.name = last_name(text);
	}
	if (name.ptr != NULL)
		parsed.name = name;
	*field = parsed;
	return 0;
}

int
sk_field_parse_list(struct sk_view text, struct sk_field *fields, size_t cap,
    size_t *n, struct sk_diag *diag)
{
	size_t count = *n;

	for (;;) {
		const char *comma = text.len == 0 ? NULL :
		    memchr(text.ptr, ',', text.len);
		size_t len = comma == NULL ? text.len :
		    (size_t)(comma - text.ptr);
		int err;

		if (count == cap)
			return sk_diag_set(diag, SK_EUSAGE,
			    "more than %zu fields", cap);
		err = sk_field_parse(sk_view(text.ptr, len), &fields[count],
		    diag);
		if (err != 0)
			return err;
		count++;
		if (comma == NULL)
			break;
		text = sk_view(comma + 1, text.len - len - 1);
	}
	*n = count;
	return 0;
}

int
sk_field_same_kind(const struct sk_field *fields, size_t n,
    enum sk_field_kind *kind, struct sk_diag *diag)
{
	enum sk_field_kind all = *kind;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct sk_view *text = &fields[i].text;

		if (fields[i].kind == SK_FIELD_LINE)
			continue;
		if (all == SK_FIELD_LINE)
			all = fields[i].kind;
		if (fields[i].kind != all)
			return sk_diag_set(diag, SK_EUSAGE, "%.*s: columns and "
			    "paths do not go together", (int)text->len,
			    text->ptr);
	}
	*kind = all;
	return 0;
}
