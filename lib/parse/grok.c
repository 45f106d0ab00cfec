#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/file.h"
#include "parse/grok.h"

#define DEPTH 32
#define LONGEST (1 << 20)

/* ---- the names ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
word_len(struct sk_view text)
{
	size_t len = 0;

	while (len < text.len && is_word(text.ptr[len]))
		len++;
	return len;
}

static struct sk_view
behind(struct sk_view text, size_t len)
{
	return sk_view(text.ptr + len, text.len - len);
}

/* The last of this name, or NULL. */
static const struct sk_grok_name *
find(const struct sk_grok *grok, struct sk_view name)
{
	size_t i = grok->n;

	while (i-- > 0)
		if (sk_view_equal(grok->name[i].name, name))
			return &grok->name[i];
	return NULL;
}

static void
add(struct sk_grok *grok, struct sk_grok_name name)
{
	if ((grok->n & (grok->n - 1)) == 0)
		grok->name = sk_xrealloc(grok->name,
		    grok->n > 0 ? grok->n * 2 : 1, sizeof(name));
	grok->name[grok->n++] = name;
}

static struct sk_view
next_line(struct sk_view *file)
{
	const char *end = memchr(file->ptr, '\n', file->len);
	size_t len = end != NULL ? (size_t)(end - file->ptr) : file->len;
	struct sk_view line = sk_view(file->ptr, len);

	*file = behind(*file, end != NULL ? len + 1 : len);
	while (line.len > 0 && (is_blank(line.ptr[line.len - 1]) ||
	    line.ptr[line.len - 1] == '\r'))
		line.len--;
	return line;
}

int
sk_grok_add(struct sk_grok *grok, struct sk_view file, struct sk_diag *diag)
{
	size_t number = 0;

	while (file.len > 0) {
		struct sk_view line = next_line(&file);
		struct sk_grok_name name;
		size_t len;

		number++;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		len = word_len(line);
		if (len == 0 || len == line.len || !is_blank(line.ptr[len]))
			return sk_diag_set(diag, SK_EUSAGE,
			    "%zu: not a NAME, a blank and a pattern", number);
		name.name = sk_view(line.ptr, len);
		while (is_blank(line.ptr[len]))
			len++;
		name.text = behind(line, len);
		add(grok, name);
	}
	return 0;
}

int
sk_grok_load(struct sk_grok *grok, const char *path, struct sk_diag *diag)
{
	struct sk_buf bytes = { 0 };
	struct sk_diag why;

	if (sk_file_load(path, LONGEST, &bytes) != 0) {
		sk_diag_sys(diag, "%s", path);
		sk_buf_free(&bytes);
		return SK_ESYS;
	}
	grok->file = sk_xrealloc(grok->file, grok->nfiles + 1,
	    sizeof(*grok->file));
	grok->file[grok->nfiles++] = bytes.ptr;
	if (sk_grok_add(grok, sk_view(bytes.ptr, bytes.len), &why) != 0)
		return sk_diag_set(diag, SK_EUSAGE, "%s:%s", path, why.text);
	return 0;
}

void
sk_grok_init(struct sk_grok *grok)
{
	memset(grok, 0, sizeof(*grok));
	sk_assert(sk_grok_add(grok, sk_view_str(sk_grok_names), NULL) == 0);
}

void
sk_grok_free(struct sk_grok *grok)
{
	while (grok->nfiles > 0)
		free(grok->file[--grok->nfiles]);
	free(grok->file);
	free(grok->name);
	memset(grok, 0, sizeof(*grok));
}

/* ---- expanding ---- */

/* The texts that are being read, each inside the one before. */
struct walk {
	const struct sk_grok *grok;
	struct sk_grok_expanded *out;
	struct sk_diag *diag;
	struct sk_view left[DEPTH];
	size_t depth;
};

/* Copy the first bytes of the innermost text. */
static void
copy(struct walk *walk, size_t len)
{
	struct sk_view *left = &walk->left[walk->depth - 1];

	if (len > left->len)
		len = left->len;
	sk_buf_add(&walk->out->regex, left->ptr, len);
	*left = behind(*left, len);
}

/* The bytes up to and with `end`, or all. */
static size_t
up_to(struct sk_view text, const char *end)
{
	const char *at = memmem(text.ptr, text.len, end, strlen(end));

	return at != NULL ? (size_t)(at - text.ptr) + strlen(end) : text.len;
}

/* A [class] at the beginning of a text. */
static size_t
class_len(struct sk_view text)
{
	size_t i = 1;

	if (i < text.len && text.ptr[i] == '^')
		i++;
	if (i < text.len && text.ptr[i] == ']')
		i++;
	while (i < text.len && text.ptr[i] != ']') {
		struct sk_view rest = behind(text, i);

		if (rest.ptr[0] == '\\')
			i += 2;
		else if (rest.len > 1 && rest.ptr[0] == '[' &&
		    rest.ptr[1] == ':')
			i += up_to(rest, ":]");
		else
			i++;
	}
	return i + 1;
}

/* Whether PCRE2 takes it as the name of a group. */
static bool
is_group(struct sk_view name)
{
	return name.len > 0 && name.len < sizeof(((struct sk_grok_field *)0)->
	    group) && word_len(name) == name.len &&
	    !is_digit(name.ptr[0]);
}

/* Write `(?<`, the name that the group gets and `>`. */
static int
open_group(struct walk *walk, struct sk_view name, struct sk_view type)
{
	struct sk_grok_expanded *out = walk->out;
	struct sk_grok_field *field;

	if (name.len == 0)
		return sk_diag_set(walk->diag, SK_EUSAGE,
		    "a group without a name");
	if (is_group(name) && type.len == 0) {
		sk_buf_fmt(&out->regex, "(?<%.*s>", (int)name.len, name.ptr);
		return 0;
	}
	if ((out->n & (out->n - 1)) == 0)
		out->field = sk_xrealloc(out->field,
		    out->n > 0 ? out->n * 2 : 1, sizeof(*field));
	field = &out->field[out->n++];
	field->name = name;
	field->type = type;
	if (is_group(name))
		snprintf(field->group, sizeof(field->group), "%.*s",
		    (int)name.len, name.ptr);
	else
		snprintf(field->group, sizeof(field->group), "_f%zu", out->n);
	sk_buf_fmt(&out->regex, "(?<%s>", field->group);
	return 0;
}

/* `name:type` into its two parts. */
static struct sk_view
part_type(struct sk_view *name)
{
	const char *colon = memchr(name->ptr, ':', name->len);
	struct sk_view type = sk_view(NULL, 0);

	if (colon == NULL)
		return type;
	type = sk_view(colon + 1, (size_t)(name->ptr + name->len - colon - 1));
	name->len = (size_t)(colon - name->ptr);
	return type;
}

/* `(?<name:type>` or `(?P<name:type>`: its length, 0 if it is none. */
static size_t
typed_group(struct sk_view text, struct sk_view *name)
{
	size_t lead = 3, len;

	if (text.len > 4 && !memcmp(text.ptr, "(?P<", 4))
		lead = 4;
	else if (text.len <= 4 || memcmp(text.ptr, "(?<", 3))
		return 0;
	len = lead + word_len(behind(text, lead));
	if (len == lead || len == text.len || text.ptr[len] != ':')
		return 0;
	len = up_to(text, ">");
	if (text.ptr[len - 1] != '>')
		return 0;
	*name = sk_view(text.ptr + lead, len - lead - 1);
	return len;
}

/* %{NAME...} at the beginning of the innermost text. */
static int
enter_name(struct walk *walk)
{
	struct sk_view *left = &walk->left[walk->depth - 1];
	size_t len = up_to(*left, "}");
	struct sk_view name = sk_view(left->ptr + 2, len - 3);
	struct sk_view field = part_type(&name), type = sk_view(NULL, 0);
	const struct sk_grok_name *known;
	int err = 0;

	if (left->ptr[len - 1] != '}')
		return sk_diag_set(walk->diag, SK_EUSAGE, "%.*s: no } behind "
		    "the name", (int)left->len, left->ptr);
	known = find(walk->grok, name);
	if (known == NULL)
		return sk_diag_set(walk->diag, SK_EUSAGE, "%%{%.*s}: no such "
		    "name; --list shows them", (int)name.len, name.ptr);
	if (walk->depth == DEPTH)
		return sk_diag_set(walk->diag, SK_EUSAGE, "%%{%.*s}: names in "
		    "names in names: more than %d", (int)name.len, name.ptr,
		    DEPTH);
	if (field.ptr != NULL) {
		type = part_type(&field);
		err = open_group(walk, field, type);
	} else
		sk_buf_str(&walk->out->regex, "(?:");
	*left = behind(*left, len);
	walk->left[walk->depth++] = known->text;
	return err;
}

/* The next piece of the innermost text. */
static int
step(struct walk *walk)
{
	struct sk_view left = walk->left[walk->depth - 1], name, type;
	size_t len;

	if (left.ptr[0] == '\\' && left.len > 1)
		copy(walk, left.ptr[1] == 'Q' ? up_to(left, "\\E") : 2);
	else if (left.ptr[0] == '[')
		copy(walk, class_len(left));
	else if (left.len > 2 && left.ptr[0] == '%' && left.ptr[1] == '{' &&
	    is_word(left.ptr[2]) && !is_digit(left.ptr[2]))
		return enter_name(walk);
	else if (left.ptr[0] == '(' && (len = typed_group(left, &name)) > 0) {
		walk->left[walk->depth - 1] = behind(left, len);
		type = part_type(&name);
		return open_group(walk, name, type);
	} else
		copy(walk, 1);
	return 0;
}

int
sk_grok_expand(const struct sk_grok *grok, struct sk_view pattern,
    struct sk_grok_expanded *out, struct sk_diag *diag)
{
	struct walk walk = { .grok = grok, .out = out, .diag = diag,
		.left = { pattern }, .depth = 1 };
	int err = 0;

	memset(out, 0, sizeof(*out));
	while (err == 0 && walk.depth > 0) {
		if (walk.left[walk.depth - 1].len > 0)
			err = step(&walk);
		else if (--walk.depth > 0)
			sk_buf_char(&out->regex, ')');
		if (err == 0 && out->regex.len > LONGEST)
			err = sk_diag_set(diag, SK_EUSAGE,
			    "the pattern is too long");
	}
	if (err != 0)
		sk_grok_expanded_free(out);
	return err;
}

void
sk_grok_expanded_free(struct sk_grok_expanded *expanded)
{
	sk_buf_free(&expanded->regex);
	free(expanded->field);
	memset(expanded, 0, sizeof(*expanded));
}
