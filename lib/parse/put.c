#include <stdlib.h>

#include "base/mem.h"
#include "parse/put.h"

#define NO_MEMBER SIZE_MAX
#define MOST_TIME 48 /* bytes of a time, and what stands around a value */
#define KEY_PAD 32

struct sk_put_source {
	bool known;       /* what follows is of `layout` */
	uint32_t layout;
	/* NDJSON: what stands in front of each value, `{"a":` and `,"b":`. */
	struct sk_buf keys;
	size_t *ends;
	size_t n;
	/* TSV and CSV: the member of each column, or NO_MEMBER. */
	size_t *member;
	const char *why;  /* a member has no column */
};

/* ---- columns ---- */

static size_t
count(const char *const *names)
{
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	return n;
}

/* The columns of all parsers. */
static void
settle(struct sk_put *put)
{
	size_t p;

	sk_keys_init(&put->columns, UINT32_MAX - 2);
	for (p = 0; p < put->nparsers; p++) {
		const char *const *names = put->parsers[p].columns;

		for (; *names != NULL; names++)
			sk_keys_find(&put->columns, sk_view_str(*names));
	}
	put->columns.max = put->columns.n;
	put->settled = true;
}

static void
render_keys(struct sk_put_source *source, const char *const *names)
{
	size_t i;

	sk_buf_reset(&source->keys);
	source->n = count(names);
	source->ends = sk_xrealloc(source->ends, source->n + 1,
	    sizeof(*source->ends));
	for (i = 0; i < source->n; i++) {
		sk_buf_char(&source->keys, i > 0 ? ',' : '{');
		sk_record_put_json(&source->keys, sk_view_str(names[i]));
		sk_buf_char(&source->keys, ':');
		source->ends[i] = source->keys.len;
	}
	sk_buf_reserve(&source->keys, KEY_PAD);
}

static void
map_members(struct sk_put *put, struct sk_put_source *source,
    const char *const *names)
{
	uint32_t column;
	size_t i;

	source->why = NULL;
	source->member = sk_xrealloc(source->member, put->columns.n + 1,
	    sizeof(*source->member));
	for (i = 0; i < put->columns.n; i++)
		source->member[i] = NO_MEMBER;
	for (i = 0; names[i] != NULL; i++) {
		column = sk_keys_find(&put->columns, sk_view_str(names[i]));
		if (column != SK_KEYS_NONE)
			source->member[column] = i;
		else
			source->why = "a column that the first header line "
			    "does not have";
	}
}

/* Look at the columns of a parser again if they have changed. */
static void
know(struct sk_put *put, size_t p)
{
	struct sk_put_source *source = &put->source[p];
	const struct sk_parser *parser = &put->parsers[p];

	if (source->known && source->layout == parser->layout)
		return;
	source->known = true;
	source->layout = parser->layout;
	if (put->conf.form == SK_RECORD_NDJSON) {
		if (parser->columns != NULL)
			render_keys(source, parser->columns);
		return;
	}
	if (!put->settled)
		settle(put);
	map_members(put, source, parser->columns);
}

/* ---- opening ---- */

static bool
is_column(const struct sk_parser *parser, struct sk_view name)
{
	const char *const *names = parser->columns;

	for (; names != NULL && *names != NULL; names++)
		if (sk_view_equal(sk_view_str(*names), name))
			return true;
	return false;
}

/* Of the line or a constant member: whether the name is taken before it. */
static int
check_name(const struct sk_put *put, struct sk_view name, size_t nadd,
    bool is_raw, struct sk_diag *diag)
{
	const struct sk_put_conf *conf = &put->conf;
	bool taken = !is_raw && conf->raw != NULL &&
	    sk_view_equal(sk_view_str(conf->raw), name);
	size_t i;

	for (i = 0; i < put->nparsers; i++)
		taken |= is_column(&put->parsers[i], name);
	for (i = 0; i < nadd; i++)
		taken |= sk_view_equal(put->add[i].name, name);
	return taken ? sk_diag_set(diag, SK_EUSAGE, "two members are called "
	    "%.*s", (int)name.len, name.ptr) : 0;
}

static int
check_names(const struct sk_put *put, struct sk_diag *diag)
{
	const struct sk_put_conf *conf = &put->conf;
	size_t i;
	int err = 0;

	if (conf->raw != NULL)
		err = check_name(put, sk_view_str(conf->raw), 0, true, diag);
	for (i = 0; i < conf->nadd && err == 0; i++)
		err = check_name(put, put->add[i].name, i, false, diag);
	return err;
}

static int
part_added(struct sk_put *put, struct sk_diag *diag)
{
	const struct sk_put_conf *conf = &put->conf;
	size_t i;

	put->add = sk_xcalloc(conf->nadd, sizeof(*put->add));
	for (i = 0; i < conf->nadd; i++) {
		const char *text = conf->add[i];
		const char *equals = strchr(text, '=');

		if (equals == NULL || equals == text)
			return sk_diag_set(diag, SK_EUSAGE, "--add: %s: not "
			    "NAME=VALUE", text);
		put->add[i].name = sk_view(text, (size_t)(equals - text));
		put->add[i].value = sk_view_str(equals + 1);
	}
	return 0;
}

/* The members behind those of the record: their text is always the same. */
static void
render_tail(struct sk_put *put)
{
	const struct sk_put_conf *conf = &put->conf;
	size_t i;

	for (i = 0; i < conf->nadd; i++) {
		sk_buf_char(&put->tail, ',');
		sk_record_put_json(&put->tail, put->add[i].name);
		sk_buf_char(&put->tail, ':');
		sk_record_put_json(&put->tail, put->add[i].value);
	}
	if (conf->raw != NULL) {
		sk_buf_char(&put->raw_key, ',');
		sk_record_put_json(&put->raw_key, sk_view_str(conf->raw));
		sk_buf_char(&put->raw_key, ':');
	}
}

int
sk_put_init(struct sk_put *put, const struct sk_put_conf *conf,
    const struct sk_parser *parsers, size_t nparsers, struct sk_diag *diag)
{
	size_t p;
	int err;

	memset(put, 0, sizeof(*put));
	put->conf = *conf;
	put->parsers = parsers;
	put->nparsers = nparsers;
	put->plain = conf->form == SK_RECORD_CSV ? sk_plain_csv(',') :
	    sk_plain_tsv;
	for (p = 0; p < nparsers && conf->form != SK_RECORD_NDJSON; p++)
		if (parsers[p].columns == NULL &&
		    !parsers[p].kind->names_columns)
			return sk_diag_set(diag, SK_EUSAGE, "--to: the members "
			    "of %s differ from line to line; write NDJSON and "
			    "pick columns of it with sk-cols",
			    parsers[p].kind->name);
	err = part_added(put, diag);
	if (err == 0)
		err = check_names(put, diag);
	if (err != 0) {
		sk_put_free(put);
		return err;
	}
	put->source = sk_xcalloc(nparsers, sizeof(*put->source));
	render_tail(put);
	return 0;
}

void
sk_put_free(struct sk_put *put)
{
	size_t i;

	for (i = 0; put->source != NULL && i < put->nparsers; i++) {
		sk_buf_free(&put->source[i].keys);
		free(put->source[i].ends);
		free(put->source[i].member);
	}
	free(put->source);
	free(put->add);
	if (put->settled)
		sk_keys_free(&put->columns);
	sk_buf_free(&put->tail);
	sk_buf_free(&put->raw_key);
	sk_buf_free(&put->last);
	memset(put, 0, sizeof(*put));
}

/* ---- values ---- */

/* Lines of one second have one time. */
static struct sk_view
time_text(struct sk_put *put, int64_t ns)
{
	if (put->last.len == 0 || put->last_ns != ns) {
		sk_buf_reset(&put->last);
		sk_time_put_zone(&put->last, ns, put->conf.zone);
		put->last_ns = ns;
	}
	return sk_view(put->last.ptr, put->last.len);
}

static void
put_json(struct sk_put *put, const struct sk_member *member,
    struct sk_buf *out)
{
	switch (member->type) {
	case SK_TYPE_NULL:
		sk_buf_add(out, "null", 4);
		break;
	case SK_TYPE_TEXT:
		sk_record_put_json(out, member->text);
		break;
	case SK_TYPE_NUMBER:
	case SK_TYPE_BOOL:
	case SK_TYPE_JSON:
		sk_buf_view(out, member->text);
		break;
	case SK_TYPE_TIME:
		sk_buf_char(out, '"');
		sk_buf_view(out, time_text(put, member->ns));
		sk_buf_char(out, '"');
		break;
	}
}

static void
put_text(const struct sk_put *put, struct sk_view text, struct sk_buf *out)
{
	if (put->conf.form == SK_RECORD_CSV)
		sk_record_put_csv(out, text, ',');
	else
		sk_record_put_tsv(out, text);
}

/* Of the line, so that it is padded. */
static inline bool
is_inside(struct sk_view text, struct sk_view line)
{
	return (uintptr_t)text.ptr - (uintptr_t)line.ptr <= line.len;
}

static void
put_cell(struct sk_put *put, const struct sk_member *member,
    struct sk_view line, struct sk_buf *out)
{
	struct sk_view text = member->type == SK_TYPE_TIME ?
	    time_text(put, member->ns) : member->text;

	if (member->type == SK_TYPE_NULL)
		return;
	if (is_inside(text, line)) {
		sk_buf_reserve(out, text.len + SK_PAD);
		if (sk_plain_copy(&put->plain, out->ptr + out->len, text.ptr,
		    text.len) == text.len) {
			out->len += text.len;
			return;
		}
	}
	put_text(put, text, out);
}

/* ---- records ---- */

/* A comma behind other members, a brace in front of the first. */
static void
put_behind(struct sk_buf *out, size_t begin, const struct sk_buf *members)
{
	size_t at = out->len;

	sk_buf_add(out, members->ptr, members->len);
	if (at == begin)
		out->ptr[at] = '{';
}

static void
put_tail(struct sk_put *put, struct sk_view line, struct sk_buf *out,
    size_t begin)
{
	if (put->conf.raw != NULL) {
		put_behind(out, begin, &put->raw_key);
		sk_record_put_json(out, line);
	}
	if (put->tail.len > 0)
		put_behind(out, begin, &put->tail);
	sk_buf_str(out, out->len > begin ? "}" : "{}");
}

/* An object that came as it goes out, but for what is put behind. */
static void
put_object(struct sk_put *put, struct sk_view object, struct sk_view line,
    struct sk_buf *out)
{
	size_t begin = out->len, len = object.len;

	if (put->conf.raw == NULL && put->tail.len == 0) {
		sk_buf_view(out, object);
		return;
	}
	do
		len--; /* the brace, and blanks before it */
	while (object.ptr[len - 1] == ' ' || object.ptr[len - 1] == '\t' ||
	    object.ptr[len - 1] == '\r' || object.ptr[len - 1] == '\n');
	if (len > 1)
		sk_buf_add(out, object.ptr, len);
	put_tail(put, line, out, begin);
}

/* Room for a record whose text needs no escaping. */
static size_t
room_for(const struct sk_put_source *source, const struct sk_parsed *parsed)
{
	size_t room = source->keys.len + 2 * SK_PAD, i;

	for (i = 0; i < parsed->n; i++)
		room += parsed->member[i].name.len +
		    parsed->member[i].text.len + MOST_TIME;
	return room;
}

/* Bytes that are few, mostly: KEY_PAD may be read and written behind them. */
static inline char *
copy_short(char *to, const char *from, size_t len)
{
	if (SK_LIKELY(len <= KEY_PAD))
		memcpy(to, from, KEY_PAD);
	else
		memcpy(to, from, len);
	return to + len;
}

/* Text of the line if it needs no escaping; else NULL. */
static inline char *
copy_text(char *to, struct sk_view text)
{
	*to++ = '"';
	if (sk_plain_copy(&sk_plain_json, to, text.ptr, text.len) != text.len)
		return NULL;
	to += text.len;
	*to++ = '"';
	return to;
}

/* Nearly all values are text of the line without a byte to escape, or null:
 * they are written into the room that was made for the whole record. */
static inline void
put_value(struct sk_put *put, const struct sk_member *member,
    struct sk_view line, size_t room, struct sk_buf *out)
{
	char *to = out->ptr + out->len, *end = NULL;

	if (member->type == SK_TYPE_NULL) {
		memcpy(to, "null", 4);
		end = to + 4;
	} else if (is_inside(member->text, line)) {
		if (member->type == SK_TYPE_TEXT)
			end = copy_text(to, member->text);
		else if (member->type == SK_TYPE_NUMBER)
			end = copy_short(to, member->text.ptr,
			    member->text.len);
	}
	if (SK_LIKELY(end != NULL)) {
		out->len = (size_t)(end - out->ptr);
		return;
	}
	put_json(put, member, out);
	sk_buf_reserve(out, room);
}

static void
put_members(struct sk_put *put, const struct sk_put_source *source,
    const struct sk_parsed *parsed, struct sk_view line, struct sk_buf *out)
{
	size_t room = room_for(source, parsed), i, begin = 0, len;

	sk_assert(parsed->n <= source->n);
	sk_buf_reserve(out, room);
	for (i = 0; i < parsed->n; i++) {
		len = source->ends[i] - begin;
		copy_short(out->ptr + out->len, source->keys.ptr + begin, len);
		out->len += len;
		begin = source->ends[i];
		put_value(put, &parsed->member[i], line, room, out);
	}
}

static void
put_named_members(struct sk_put *put, const struct sk_put_source *source,
    const struct sk_parsed *parsed, struct sk_view line, struct sk_buf *out)
{
	size_t room = room_for(source, parsed), i;
	struct sk_member name = { .type = SK_TYPE_TEXT };

	sk_buf_reserve(out, room);
	for (i = 0; i < parsed->n; i++) {
		out->ptr[out->len++] = i > 0 ? ',' : '{';
		name.text = parsed->member[i].name;
		put_value(put, &name, line, room, out);
		out->ptr[out->len++] = ':';
		put_value(put, &parsed->member[i], line, room, out);
	}
}

/* The text of the next cell; the first one has nothing in front. */
static void
next_cell(const struct sk_put *put, struct sk_buf *out, size_t i)
{
	if (i > 0)
		sk_buf_char(out, put->conf.form == SK_RECORD_CSV ? ',' : '\t');
}

static void
put_header(struct sk_put *put, struct sk_buf *out)
{
	const struct sk_put_conf *conf = &put->conf;
	size_t n = 0, i;

	for (i = 0; i < put->columns.n; i++) {
		next_cell(put, out, n++);
		put_text(put, sk_keys_get(&put->columns, (uint32_t)i), out);
	}
	if (conf->raw != NULL) {
		next_cell(put, out, n++);
		put_text(put, sk_view_str(conf->raw), out);
	}
	for (i = 0; i < conf->nadd; i++) {
		next_cell(put, out, n++);
		put_text(put, put->add[i].name, out);
	}
	sk_buf_char(out, conf->sep);
}

static void
put_cells(struct sk_put *put, const struct sk_put_source *source,
    const struct sk_parsed *parsed, struct sk_view line, struct sk_buf *out)
{
	const struct sk_put_conf *conf = &put->conf;
	size_t n = 0, begin, i;

	if (conf->header && !put->begun)
		put_header(put, out);
	begin = out->len;
	for (i = 0; i < put->columns.n; i++) {
		next_cell(put, out, n++);
		if (source->member[i] < parsed->n)
			put_cell(put, &parsed->member[source->member[i]],
			    line, out);
	}
	if (conf->raw != NULL) {
		next_cell(put, out, n++);
		put_text(put, line, out);
	}
	for (i = 0; i < conf->nadd; i++) {
		next_cell(put, out, n++);
		put_text(put, put->add[i].value, out);
	}
	if (conf->form == SK_RECORD_CSV && out->len == begin)
		sk_buf_str(out, "\"\"");
}

const char *
sk_put_record(struct sk_put *put, size_t p, const struct sk_parsed *parsed,
    struct sk_view line, struct sk_buf *out)
{
	const struct sk_put_source *source = &put->source[p];
	size_t begin = out->len;

	know(put, p);
	if (source->why != NULL)
		return source->why;
	if (put->conf.form != SK_RECORD_NDJSON) {
		put_cells(put, source, parsed, line, out);
	} else if (parsed->object.ptr != NULL) {
		put_object(put, parsed->object, line, out);
	} else {
		if (put->parsers[p].columns != NULL)
			put_members(put, source, parsed, line, out);
		else
			put_named_members(put, source, parsed, line, out);
		put_tail(put, line, out, begin);
	}
	put->begun = true;
	return NULL;
}
