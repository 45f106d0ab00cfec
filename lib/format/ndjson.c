/*
 * A line is looked at twice: format/jsonscan.h finds the operators, which are
 * brackets and commas outside strings, then a walk goes from one operator to
 * the next along the tree of the paths.  A member that is not wanted costs a
 * look at its key, whatever its length, and lists and objects that are not
 * wanted are left by counting brackets.  The walk ends with the last value
 * that is wanted.
 *
 * The walk never leaves the line: `last` is a closing bracket outside strings,
 * so behind every other operator there is one more, and behind it nothing is
 * taken.
 *
 * simdjson's On-Demand front end walks over a list of the places of operators
 * and of scalars as well.  For one nested field of events that have 50 of them
 * in 180 bytes it takes 142 ns, 68 of them for the list; both steps here take
 * 77 (each the least of 40 runs on one machine).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/json.h"
#include "format/jsonscan.h"
#include "format/ndjson.h"
#include "format/pathtree.h"
#include "format/utf8.h"

/* An object or a list that the walk is in. */
struct frame {
	const struct sk_pathtree_node *node;
	uint64_t index; /* list: of this element */
	uint32_t next;  /* list: the first edge ahead */
	uint32_t left;  /* edges not yet taken */
	bool object;
};

struct sk_ndjson {
	struct sk_pathtree tree;
	size_t nfields;
	struct sk_jsonscan scan;
	struct frame *frame; /* one for each step of the longest path */
	uint64_t *seen;      /* by node: the line that took it */
	uint64_t serial;     /* of this line */
	struct sk_buf text;  /* what was unescaped in this batch */
};

/* The walk over one line. */
struct walk {
	struct sk_ndjson *ndjson;
	const char *s;
	size_t last;         /* the closing bracket of the line */
	const uint32_t *op;  /* the operators ahead */
	size_t depth;        /* frames */
	size_t wanted;       /* edges not yet taken, of all frames */
	bool escape;         /* there may be backslashes */
	bool has_room;       /* for all that can be unescaped in this batch */
	const struct sk_view *lines;
	size_t n, i;         /* lines, and the present one */
	const struct sk_values *out;
};

static const char no_object[] = "not a JSON object";

static inline size_t
next_op(struct walk *walk)
{
	return *walk->op++;
}

static inline size_t
skip_blanks(const struct walk *walk, size_t at)
{
	/* Most often there are none, or one. */
	at += walk->s[at] == ' ';
	if (SK_UNLIKELY((unsigned char)walk->s[at] <= ' '))
		while (sk_json_is_blank(walk->s[at]))
			at++;
	return at;
}

/* From inside a list or object to its closing bracket; `outside` it are so
 * many levels. */
static inline bool
leave(struct walk *walk, size_t outside, size_t *at)
{
	size_t depth = 1;
	char c;

	for (;;) {
		*at = next_op(walk);
		c = walk->s[*at] | 0x20;
		depth += c == '{';
		depth -= c == '}';
		if (depth == 0)
			return true;
		if (SK_UNLIKELY(*at == walk->last ||
		    depth > SK_JSON_DEPTH - outside))
			return false;
	}
}

/* The operator behind a value that ended at a closing bracket, which must be
 * the next thing there is. */
static inline bool
next_behind(struct walk *walk, size_t *at)
{
	size_t behind = *at + 1;

	if (*at == walk->last)
		return false;
	*at = next_op(walk);
	return *at == behind || *at == skip_blanks(walk, behind);
}

/* Pass over a value that is not wanted, to the operator behind it. */
static inline bool
skip_value(struct walk *walk, size_t begin, size_t *at)
{
	*at = next_op(walk);
	if (SK_LIKELY(*at > begin))
		return true;
	return (walk->s[begin] | 0x20) == '{' &&
	    leave(walk, walk->depth, at) && next_behind(walk, at);
}

static void
set(struct walk *walk, const struct sk_pathtree_node *node,
    struct sk_view value, enum sk_kind kind)
{
	uint32_t i, field;

	for (i = 0; i < node->nfields; i++) {
		field = node->field[i];
		walk->out->value[field][walk->i] = value;
		walk->out->kind[field][walk->i] = (unsigned char)kind;
	}
}

/* ---- strings and other scalars ---- */

/* Unescaped texts of a batch are parts of its lines made shorter, so room for
 * all lines is enough, and `text` does not move under earlier values. */
static void
reserve_text(struct walk *walk)
{
	size_t i, room = SK_PAD;

	if (walk->has_room)
		return;
	for (i = 0; i < walk->n; i++)
		room += walk->lines[i].len;
	sk_buf_reserve(&walk->ndjson->text, room);
	walk->has_room = true;
}

/* What the raw text of a string says: itself, or bytes at the end of `text`,
 * which are not counted yet. */
static bool
read_string(struct walk *walk, struct sk_view raw, struct sk_view *text)
{
	struct sk_buf *buf = &walk->ndjson->text;

	*text = raw;
	if (!walk->escape || memchr(raw.ptr, '\\', raw.len) == NULL)
		return memchr(raw.ptr, '"', raw.len) == NULL;
	reserve_text(walk);
	text->ptr = buf->ptr + buf->len;
	return sk_json_unescape(raw, buf->ptr + buf->len, &text->len) == NULL;
}

static bool
take_string(struct walk *walk, const struct sk_pathtree_node *node,
    struct sk_view quoted)
{
	struct sk_view text;

	if (quoted.len < 2 || quoted.ptr[quoted.len - 1] != '"' ||
	    !read_string(walk, sk_view(quoted.ptr + 1, quoted.len - 2), &text))
		return false;
	if (text.ptr != quoted.ptr + 1)
		walk->ndjson->text.len += text.len;
	set(walk, node, text, SK_KIND_TEXT);
	return true;
}

static bool
take_scalar(struct walk *walk, const struct sk_pathtree_node *node,
    size_t begin, size_t end)
{
	struct sk_view text;

	while (sk_json_is_blank(walk->s[end - 1]))
		end--;
	text = sk_view(walk->s + begin, end - begin);
	if (*text.ptr == '"')
		return take_string(walk, node, text);
	if (sk_json_is_word(text)) {
		if (*text.ptr != 'n')
			set(walk, node, text, SK_KIND_BOOL);
		return true;
	}
	set(walk, node, text, SK_KIND_NUMBER);
	return sk_json_is_number(text);
}

/* ---- lists and objects ---- */

/* A list or object as text: it must be JSON, and is not left. */
static bool
take_json(struct walk *walk, const struct sk_pathtree_node *node,
    size_t begin)
{
	struct walk ahead = *walk;
	struct sk_view text;
	size_t end;

	if (!leave(&ahead, walk->depth, &end))
		return false;
	text = sk_view(walk->s + begin, end - begin + 1);
	set(walk, node, text, SK_KIND_JSON);
	return sk_json_check(text) == NULL;
}

static void
enter(struct walk *walk, const struct sk_pathtree_node *node, bool object)
{
	struct frame *frame = &walk->ndjson->frame[walk->depth++];

	frame->node = node;
	frame->index = 0;
	frame->next = 0;
	frame->left = object ? node->nkeys : node->nindices;
	frame->object = object;
	walk->wanted += frame->left;
}

/* The value at `begin` is that of a node.  It is entered when more is wanted
 * from inside, else *at is the operator behind it. */
static bool
take_value(struct walk *walk, const struct sk_pathtree_node *node,
    size_t begin, size_t *at)
{
	bool object = walk->s[begin] == '{';

	*at = next_op(walk);
	if (*at > begin)
		return node->nfields == 0 ||
		    take_scalar(walk, node, begin, *at);
	if (!object && walk->s[begin] != '[')
		return false;
	if (node->nfields > 0 && !take_json(walk, node, begin))
		return false;
	if ((object ? node->nkeys : node->nindices) > 0) {
		enter(walk, node, object);
		return true;
	}
	return leave(walk, walk->depth, at) && next_behind(walk, at);
}

/* ---- the walk ---- */

/* The last quote of the string that begins at `at`.  It has one, since the
 * strings of the line end. */
static inline size_t
string_end(const struct walk *walk, size_t at)
{
	while (walk->s[++at] != '"')
		at += walk->s[at] == '\\';
	return at;
}

/* The member whose key begins at `begin`: its edge, if it has one, and where
 * its value begins. */
static inline bool
take_key(struct walk *walk, const struct frame *frame, size_t begin,
    const struct sk_pathtree_edge **edge, size_t *value)
{
	struct sk_view key;
	size_t end;

	if (walk->s[begin] != '"')
		return false;
	end = string_end(walk, begin);
	if (!read_string(walk, sk_view(walk->s + begin + 1, end - begin - 1),
	    &key))
		return false;
	*edge = sk_pathtree_key(frame->node, key);
	end = skip_blanks(walk, end + 1);
	*value = skip_blanks(walk, end + 1);
	return walk->s[end] == ':';
}

static inline const struct sk_pathtree_edge *
take_index(struct frame *frame)
{
	const struct sk_pathtree_node *node = frame->node;
	uint64_t index = frame->index++;

	if (frame->next == node->nindices ||
	    node->index[frame->next].index != index)
		return NULL;
	return &node->index[frame->next++];
}

/* The member or element behind *at, and whether there is one. */
static inline bool
take_member(struct walk *walk, struct frame *frame, size_t *at)
{
	const struct sk_pathtree_edge *edge = NULL;
	uint64_t *seen;
	size_t begin;

	begin = skip_blanks(walk, *at + 1);
	if (!frame->object)
		edge = take_index(frame);
	else if (!take_key(walk, frame, begin, &edge, &begin))
		return false;
	if (edge == NULL)
		return skip_value(walk, begin, at);
	seen = &walk->ndjson->seen[edge->child->number];
	if (*seen == walk->ndjson->serial)
		return skip_value(walk, begin, at);
	*seen = walk->ndjson->serial;
	frame->left--;
	walk->wanted--;
	return take_value(walk, edge->child, begin, at);
}

/* From the operator behind a value to the comma before the next one that may
 * be wanted, through the ends of levels. */
static inline bool
go_on(struct walk *walk, size_t *at)
{
	const struct frame *frame;
	char c;

	for (;;) {
		frame = &walk->ndjson->frame[walk->depth - 1];
		c = walk->s[*at];
		if (c == ',') {
			if (frame->left > 0)
				return true;
			if (!leave(walk, walk->depth - 1, at))
				return false;
		} else if (c != (frame->object ? '}' : ']')) {
			return false;
		}
		walk->wanted -= frame->left;
		if (--walk->depth == 0)
			return *at == walk->last;
		if (walk->wanted == 0)
			return true;
		if (!next_behind(walk, at))
			return false;
	}
}

/* ---- the same, faster ---- */

/* The edge of the key in quotes from `key` on, of n that lead on; it may still
 * be that of another key. */
static inline const struct sk_pathtree_edge *
find_edge(const struct sk_pathtree_edge *edge, uint32_t n, const char *key)
{
	uint64_t word;
	uint32_t i;

	memcpy(&word, key, sizeof(word));
	for (i = 0; i < n; i++)
		if ((word & edge[i].mask) == edge[i].word)
			return &edge[i];
	return NULL;
}

/* The colon if the edge is that of the key and the colon follows, or NULL. */
static inline const char *
find_colon(const struct sk_pathtree_edge *edge, const char *key,
    const char *end)
{
	size_t len = edge->key.len;

	if ((size_t)(end - key) < len + 3 || key[len + 1] != '"' ||
	    key[len + 2] != ':' || (len > 6 &&
	    memcmp(key + 1, edge->key.ptr, len) != 0))
		return NULL;
	return key + len + 2;
}

static inline bool
is_integer(const char *p, const char *end)
{
	if (*p == '0' && end - p > 1)
		return false;
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p == end;
}

/* A wanted scalar between two operators, without blanks behind it and without
 * escapes; false: look closer. */
static inline bool
take_plain(struct walk *walk, uint32_t field, const char *begin,
    const char *end)
{
	size_t len = (size_t)(end - begin);
	bool quoted = *begin == '"';

	if (quoted && (end[-1] != '"' || len < 2 ||
	    memchr(begin + 1, '"', len - 2) != NULL ||
	    (walk->escape && memchr(begin + 1, '\\', len - 2) != NULL)))
		return false;
	if (!quoted && !is_integer(begin, end) &&
	    !sk_json_is_number(sk_view(begin, len)))
		return false;
	walk->out->value[field][walk->i] =
	    sk_view(begin + quoted, len - 2 * quoted);
	walk->out->kind[field][walk->i] =
	    quoted ? SK_KIND_TEXT : SK_KIND_NUMBER;
	return true;
}

/* The member between two operators, if it is wanted as a plain scalar or as an
 * object to be entered; false, nothing done, if not. */
static inline bool
take_edge(struct walk *walk, const struct sk_pathtree_edge *edge,
    const char *key, const char *end)
{
	struct sk_ndjson *ndjson = walk->ndjson;
	struct frame *frame = &ndjson->frame[walk->depth - 1];
	const char *colon = find_colon(edge, key, end), *value;
	const struct sk_pathtree_node *child = edge->child;

	if (colon == NULL || ndjson->seen[child->number] == ndjson->serial)
		return false;
	value = colon + 1;
	value += *value == ' ';
	if (edge->leaf != SK_PATHTREE_NONE) {
		if (value == end || (*end != ',' && *end != '}') ||
		    !take_plain(walk, edge->leaf, value, end))
			return false;
	} else {
		if (value < end || *value != '{' || value[1] != '"' ||
		    child->nkeys == 0 || child->nfields > 0)
			return false;
		enter(walk, child, true);
	}
	ndjson->seen[child->number] = ndjson->serial;
	frame->left--;
	walk->wanted--;
	return true;
}

/* Where the walk stands. */
enum stand {
	BEFORE, /* a member or element */
	BEHIND, /* a value */
	DONE    /* all that is wanted is there */
};

/* Members of the object that the walk is in, as long as they are laid out as
 * programs do it, with no blanks but one behind an operator, and are scalars,
 * or objects that are entered.  The walk goes on with take_member(), which
 * could have done all of it. */
static enum stand
take_members(struct walk *walk, const struct sk_pathtree_node *node,
    size_t *at)
{
	const struct sk_pathtree_edge *edge;
	const uint32_t *op = walk->op;
	const char *s = walk->s, *key, *next = s + *at;
	uint32_t n = node->mask == 0 ? node->nkeys : 0;
	enum stand stand = BEFORE;

	while (n > 0) {
		key = next + 1;
		key += *key == ' ';
		if (*key != '"' || (SK_UNLIKELY(walk->escape) && memchr(key,
		    '\\', (size_t)(s + *op - key)) != NULL))
			break;
		edge = find_edge(node->key, n, key);
		if (edge == NULL ? s[*op] != ',' :
		    !take_edge(walk, edge, key, s + *op))
			break;
		next = s + *op++;
		if (edge == NULL)
			continue;
		if (*next == '{') {
			node = edge->child;
			n = node->mask == 0 ? node->nkeys : 0;
			continue;
		}
		stand = walk->wanted == 0 ? DONE : BEHIND;
		if (stand == DONE || *next != ',' ||
		    walk->ndjson->frame[walk->depth - 1].left == 0)
			break;
		stand = BEFORE;
	}
	walk->op = op;
	*at = (size_t)(next - s);
	return stand;
}

/* Whether nothing stands between an opening bracket at *at and the closing
 * one, which is gone to. */
static inline bool
is_empty(struct walk *walk, size_t *at)
{
	size_t next = skip_blanks(walk, *at + 1);

	if (walk->s[*at] == ',' ||
	    (walk->s[next] != '}' && walk->s[next] != ']'))
		return false;
	*at = next_op(walk);
	return true;
}

static bool
walk_line(struct walk *walk)
{
	size_t depth, at = next_op(walk);
	const struct frame *frame;
	enum stand stand;

	walk->depth = walk->wanted = 0;
	enter(walk, &walk->ndjson->tree.node[0], true);
	while (walk->wanted > 0) {
		frame = &walk->ndjson->frame[walk->depth - 1];
		stand = BEFORE;
		if (frame->object)
			stand = take_members(walk, frame->node, &at);
		depth = walk->depth;
		if (stand == BEFORE && !is_empty(walk, &at) &&
		    !take_member(walk, &walk->ndjson->frame[depth - 1], &at))
			return false;
		if (walk->depth == depth && walk->wanted > 0 &&
		    !go_on(walk, &at))
			return false;
	}
	return true;
}

/* The line without a byte order mark and blanks around it. */
static inline struct sk_view
trim(struct sk_view line)
{
	if (SK_LIKELY(line.len > 1 && line.ptr[0] == '{' &&
	    line.ptr[line.len - 1] == '}'))
		return line;
	if (line.len >= 3 && memcmp(line.ptr, "\xef\xbb\xbf", 3) == 0)
		line = sk_view(line.ptr + 3, line.len - 3);
	while (line.len > 0 && sk_json_is_blank(*line.ptr))
		line = sk_view(line.ptr + 1, line.len - 1);
	while (line.len > 0 && sk_json_is_blank(line.ptr[line.len - 1]))
		line.len--;
	return line;
}

static bool
take_line(struct walk *walk, struct sk_view line)
{
	struct sk_ndjson *ndjson = walk->ndjson;
	unsigned flags;
	size_t f;

	line = trim(line);
	if (line.len < 2 || line.ptr[0] != '{' ||
	    line.ptr[line.len - 1] != '}')
		return false;
	flags = sk_jsonscan_line(&ndjson->scan, line);
	if (SK_UNLIKELY((flags & SK_JSONSCAN_HIGH) != 0) &&
	    !sk_utf8_is(line.ptr, line.len))
		return false;
	if (SK_UNLIKELY((flags &
	    (SK_JSONSCAN_CONTROL | SK_JSONSCAN_OPEN)) != 0))
		return false;
	for (f = 0; f < ndjson->nfields; f++) {
		walk->out->value[f][walk->i] = sk_view(NULL, 0);
		walk->out->kind[f][walk->i] = SK_KIND_NONE;
	}
	ndjson->serial++;
	walk->s = line.ptr;
	walk->last = line.len - 1;
	walk->op = ndjson->scan.op;
	walk->escape = (flags & SK_JSONSCAN_RARE) != 0;
	return walk_line(walk);
}

size_t
sk_ndjson_take(struct sk_ndjson *ndjson, const struct sk_view *lines,
    size_t n, const struct sk_values *out)
{
	struct walk walk = { .ndjson = ndjson, .lines = lines, .n = n,
		.out = out };
	const char *why;
	size_t bad = 0;

	sk_buf_reset(&ndjson->text);
	for (walk.i = 0; walk.i < n; walk.i++) {
		out->why[walk.i] = NULL;
		if (SK_LIKELY(take_line(&walk, lines[walk.i])))
			continue;
		why = sk_ndjson_check(ndjson, lines[walk.i]);
		out->why[walk.i] = why != NULL ? why : no_object;
		bad++;
	}
	return bad;
}

const char *
sk_ndjson_check(struct sk_ndjson *ndjson, struct sk_view line)
{
	(void)ndjson;
	line = trim(line);
	if (line.len == 0 || *line.ptr != '{')
		return no_object;
	if (!sk_utf8_is(line.ptr, line.len))
		return "not UTF-8";
	return sk_json_check(line);
}

struct sk_ndjson *
sk_ndjson_open(const struct sk_path *paths, size_t n)
{
	struct sk_ndjson *ndjson = sk_xcalloc(1, sizeof(*ndjson));

	sk_pathtree_init(&ndjson->tree, paths, n);
	ndjson->nfields = n;
	ndjson->frame = sk_xcalloc(ndjson->tree.depth + 1,
	    sizeof(*ndjson->frame));
	ndjson->seen = sk_xcalloc(ndjson->tree.nnodes, sizeof(*ndjson->seen));
	return ndjson;
}

void
sk_ndjson_close(struct sk_ndjson *ndjson)
{
	if (ndjson == NULL)
		return;
	sk_pathtree_free(&ndjson->tree);
	sk_jsonscan_free(&ndjson->scan);
	free(ndjson->frame);
	free(ndjson->seen);
	sk_buf_free(&ndjson->text);
	free(ndjson);
}
