/*
 * simdjson's On-Demand front end walks over a list of the places of operators
 * and of scalars as well.  For one nested field of events that have 50 of them
 * in 180 bytes it takes 142 ns, 68 of them for the list; finding operators and
 * walking here took 77 (each the least of 40 runs on one machine), before walks
 * were written down.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/json.h"
#include "format/jsonwalk.h"

/* So many walks are written down at once, then one in so many, and all anew
 * after so many lines that none of them fits. */
#define LEARN_FIRST 128
#define LEARN_EACH 1024
#define LEARN_ANEW 65536

static inline size_t
see_op(const struct sk_jsonwalk *walk)
{
	return sk_jsonscan_next(walk->scan.op, walk->at);
}

static inline size_t
next_op(struct sk_jsonwalk *walk)
{
	size_t op = see_op(walk);

	walk->at = op + 1;
	return op;
}

static inline size_t
skip_blanks(const struct sk_jsonwalk *walk, size_t at)
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
leave(struct sk_jsonwalk *walk, size_t outside, size_t *at)
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
next_behind(struct sk_jsonwalk *walk, size_t *at)
{
	size_t behind = *at + 1;

	if (*at == walk->last)
		return false;
	*at = next_op(walk);
	return *at == behind || *at == skip_blanks(walk, behind);
}

/* Pass over a value that is not wanted, to the operator behind it. */
static inline bool
skip_value(struct sk_jsonwalk *walk, size_t begin, size_t *at)
{
	*at = next_op(walk);
	if (SK_LIKELY(*at > begin))
		return true;
	return (walk->s[begin] | 0x20) == '{' &&
	    leave(walk, walk->depth, at) && next_behind(walk, at);
}

static void
set(struct sk_jsonwalk *walk, const struct sk_pathtree_node *node,
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
reserve_text(struct sk_jsonwalk *walk)
{
	size_t i, room = SK_PAD;

	if (walk->has_room)
		return;
	for (i = 0; i < walk->n; i++)
		room += walk->lines[i].len;
	sk_buf_reserve(&walk->text, room);
	walk->has_room = true;
}

/* What the raw text of a string, in which no quote ends it, says: itself, or
 * bytes at the end of `text`, which are not counted yet. */
static bool
read_string(struct sk_jsonwalk *walk, struct sk_view raw, struct sk_view *text)
{
	struct sk_buf *buf = &walk->text;

	*text = raw;
	if (!walk->escape || memchr(raw.ptr, '\\', raw.len) == NULL)
		return true;
	reserve_text(walk);
	text->ptr = buf->ptr + buf->len;
	return sk_json_unescape(raw, buf->ptr + buf->len, &text->len) == NULL;
}

static bool
take_string(struct sk_jsonwalk *walk, const struct sk_pathtree_node *node,
    size_t begin, size_t end)
{
	struct sk_view raw = sk_view(walk->s + begin + 1, end - begin - 2);
	struct sk_view text;

	if (end - begin < 2 || sk_jsonwalk_string_end(walk, begin) != end - 1 ||
	    !read_string(walk, raw, &text))
		return false;
	if (text.ptr != raw.ptr)
		walk->text.len += text.len;
	set(walk, node, text, SK_KIND_TEXT);
	return true;
}

bool
sk_jsonwalk_scalar(struct sk_jsonwalk *walk,
    const struct sk_pathtree_node *node, size_t begin, size_t end)
{
	struct sk_view text;

	while (sk_json_is_blank(walk->s[end - 1]))
		end--;
	text = sk_view(walk->s + begin, end - begin);
	if (*text.ptr == '"')
		return take_string(walk, node, begin, end);
	if (!sk_jsonwalk_is_short_number(text.ptr, text.len) &&
	    sk_json_is_word(text)) {
		if (*text.ptr != 'n')
			set(walk, node, text, SK_KIND_BOOL);
		return true;
	}
	set(walk, node, text, SK_KIND_NUMBER);
	return sk_jsonwalk_is_short_number(text.ptr, text.len) ||
	    sk_json_is_number(text);
}

/* ---- lists and objects ---- */

/* A list or object as text: it must be JSON, and is not left. */
static bool
take_json(struct sk_jsonwalk *walk, const struct sk_pathtree_node *node,
    size_t begin)
{
	struct sk_view text;
	size_t at = walk->at, end;

	if (!leave(walk, walk->depth, &end))
		return false;
	walk->at = at;
	text = sk_view(walk->s + begin, end - begin + 1);
	set(walk, node, text, SK_KIND_JSON);
	return sk_json_check(text) == NULL;
}

static void
enter(struct sk_jsonwalk *walk, const struct sk_pathtree_node *node,
    bool object)
{
	struct sk_jsonwalk_frame *frame = &walk->frame[walk->depth++];

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
take_value(struct sk_jsonwalk *walk, const struct sk_pathtree_node *node,
    size_t begin, size_t *at)
{
	bool object = walk->s[begin] == '{';

	*at = next_op(walk);
	if (*at > begin)
		return node->nfields == 0 ||
		    sk_jsonwalk_scalar(walk, node, begin, *at);
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

/* ---- writing it down ---- */

/* The walk goes on, but what follows cannot be written down. */
static void
give_up(struct sk_jsonwalk *walk)
{
	walk->learns = false;
}

static void
note(struct sk_jsonwalk *walk, struct sk_jsontrail_fact *fact)
{
	fact->ends = walk->wanted == 0;
	fact->missing = fact->ends ? walk->missing : 0;
	walk->learns = sk_jsontrail_note(&walk->trail, fact);
}

static void
note_end(struct sk_jsonwalk *walk, enum sk_jsontrail_kind kind)
{
	struct sk_jsontrail_fact fact;

	memset(&fact, 0, sizeof(fact));
	fact.kind = (uint8_t)kind;
	fact.depth = (uint16_t)walk->depth;
	fact.follow = kind == SK_JSONTRAIL_COMMA ||
	    kind == SK_JSONTRAIL_LEAVE ? ',' : '}';
	fact.brackets = kind != SK_JSONTRAIL_COMMA;
	walk->open = kind != SK_JSONTRAIL_COMMA;
	note(walk, &fact);
}

/* The key is what stands between an operator and a value. */
static void
note_key(struct sk_jsonwalk *walk, struct sk_jsontrail_fact *fact, size_t op,
    size_t value)
{
	memset(fact, 0, sizeof(*fact));
	fact->depth = (uint16_t)walk->depth;
	if (value - op > SK_JSONTRAIL_KEY_MAX)
		give_up(walk);
	else
		sk_jsontrail_set_key(fact, sk_view(walk->s + op + 1,
		    value - op - 1));
}

/* A member that was passed over, taken or entered: `op` is the first operator
 * of it or behind it. */
static void
note_member(struct sk_jsonwalk *walk, struct sk_jsontrail_fact *fact,
    const struct sk_pathtree_edge *edge, bool nested, size_t op)
{
	bool entered = walk->depth > fact->depth;
	bool leaf = edge != NULL && edge->leaf != SK_PATHTREE_NONE;

	if (edge != NULL && !leaf && (edge->child->nfields > 0 ||
	    (entered && walk->s[op] != '{'))) {
		give_up(walk);
		return;
	}
	fact->kind = SK_JSONTRAIL_SKIP;
	if (leaf) {
		fact->kind = SK_JSONTRAIL_TAKE;
		fact->edge = edge;
		fact->leaf = edge->leaf;
		walk->missing &= ~(UINT64_C(1) << edge->leaf);
	}
	if (entered)
		fact->kind = SK_JSONTRAIL_ENTER;
	else if (nested)
		fact->kind = SK_JSONTRAIL_NEST;
	fact->brackets = fact->kind == SK_JSONTRAIL_NEST;
	walk->open = nested;
	fact->follow = walk->s[op];
	note(walk, fact);
}

/* ---- the walk ---- */

/* The member whose key begins at `begin`: its edge, if it has one, and where
 * its value begins. */
static inline bool
take_key(struct sk_jsonwalk *walk, const struct sk_jsonwalk_frame *frame,
    size_t begin, const struct sk_pathtree_edge **edge, size_t *value)
{
	struct sk_view key;
	size_t end;

	if (walk->s[begin] != '"')
		return false;
	end = sk_jsonwalk_string_end(walk, begin);
	if (!read_string(walk, sk_view(walk->s + begin + 1, end - begin - 1),
	    &key))
		return false;
	*edge = sk_pathtree_key(frame->node, key);
	end = skip_blanks(walk, end + 1);
	*value = skip_blanks(walk, end + 1);
	return walk->s[end] == ':';
}

static inline const struct sk_pathtree_edge *
take_index(struct sk_jsonwalk_frame *frame)
{
	const struct sk_pathtree_node *node = frame->node;
	uint64_t index = frame->index++;

	if (frame->next == node->nindices ||
	    node->index[frame->next].index != index)
		return NULL;
	return &node->index[frame->next++];
}

/* The edge of the key in quotes from `key` on, where few lead on; it may still
 * be that of another key. */
static inline const struct sk_pathtree_edge *
find_edge(const struct sk_pathtree_node *node, const char *key)
{
	uint64_t word;
	uint32_t i;

	memcpy(&word, key, sizeof(word));
	for (i = 0; i < node->nkeys; i++)
		if ((word & node->key[i].mask) == node->key[i].word)
			return &node->key[i];
	return NULL;
}

/* Whether the key in quotes is that of the edge, and the colon follows. */
static inline bool
is_key(const struct sk_pathtree_edge *edge, const char *key, const char *end)
{
	size_t len = edge->key.len;

	return (size_t)(end - key) > len + 2 && key[len + 1] == '"' &&
	    key[len + 2] == ':' && (len <= 6 ||
	    memcmp(key + 1, edge->key.ptr, len) == 0);
}

/* The value of an edge. */
static inline bool
take_edge(struct sk_jsonwalk *walk, const struct sk_pathtree_edge *edge,
    size_t begin, size_t *at)
{
	uint64_t *seen = &walk->seen[edge->child->number];

	if (*seen == walk->serial) {
		give_up(walk);
		return skip_value(walk, begin, at);
	}
	*seen = walk->serial;
	walk->frame[walk->depth - 1].left--;
	walk->wanted--;
	return take_value(walk, edge->child, begin, at);
}

/* A member: its edge and where its value begins, or that it is not looked at
 * any closer, as its key is none of a few and there is no doubt that it ends
 * at the next operator.  False: it is none. */
static inline bool
find_member(struct sk_jsonwalk *walk, const struct sk_jsonwalk_frame *frame,
    size_t op, const struct sk_pathtree_edge **edge, size_t *begin,
    bool *passed_over)
{
	const char *key = walk->s + *begin, *end = walk->s + op;

	if (frame->node->mask == 0 && *key == '"') {
		*edge = find_edge(frame->node, key);
		*passed_over = *edge == NULL && *end == ',' &&
		    (!walk->escape ||
		    memchr(key, '\\', (size_t)(end - key)) == NULL);
		if (*passed_over && !walk->learns)
			return true;
		if (*edge != NULL && is_key(*edge, key, end)) {
			*begin = skip_blanks(walk,
			    *begin + (*edge)->key.len + 3);
			return true;
		}
	}
	if (take_key(walk, frame, *begin, edge, begin))
		return true;
	give_up(walk);
	return *passed_over;
}

/* The member or element behind *at, and whether there is one. */
static inline bool
take_member(struct sk_jsonwalk *walk, struct sk_jsonwalk_frame *frame,
    size_t *at)
{
	const struct sk_pathtree_edge *edge = NULL;
	size_t op = see_op(walk), begin = skip_blanks(walk, *at + 1);
	struct sk_jsontrail_fact fact;
	bool passed_over = false, good;

	if (!frame->object) {
		edge = take_index(frame);
		give_up(walk);
	} else if (!find_member(walk, frame, op, &edge, &begin,
	    &passed_over)) {
		return false;
	}
	if (passed_over && !walk->learns) {
		*at = op;
		walk->at = op + 1;
		return true;
	}
	if (walk->learns)
		note_key(walk, &fact, *at, begin);
	good = edge == NULL ? skip_value(walk, begin, at) :
	    take_edge(walk, edge, begin, at);
	if (!good)
		give_up(walk);
	if (walk->learns) {
		fact.strict = !passed_over;
		note_member(walk, &fact, edge, op == begin, op);
	}
	return good || passed_over;
}

/* From the operator behind a value to the comma before the next one that may
 * be wanted, through the ends of levels. */
static inline bool
go_on(struct sk_jsonwalk *walk, size_t *at)
{
	enum sk_jsontrail_kind kind;
	const struct sk_jsonwalk_frame *frame;
	char c;

	for (;;) {
		frame = &walk->frame[walk->depth - 1];
		c = walk->s[*at];
		kind = SK_JSONTRAIL_POP;
		if (c == ',' && frame->left > 0) {
			if (walk->learns && walk->open)
				note_end(walk, SK_JSONTRAIL_COMMA);
			return true;
		}
		if (c == ',') {
			kind = SK_JSONTRAIL_LEAVE;
			if (!leave(walk, walk->depth - 1, at))
				return false;
		} else if (c != (frame->object ? '}' : ']')) {
			return false;
		}
		walk->wanted -= frame->left;
		if (--walk->depth == 0 && *at != walk->last)
			return false;
		if (walk->learns)
			note_end(walk, walk->depth == 0 ?
			    SK_JSONTRAIL_END : kind);
		if (walk->wanted == 0)
			return true;
		if (!next_behind(walk, at))
			return false;
	}
}

/* Whether nothing stands between an opening bracket at *at and the closing
 * one, which is gone to. */
static inline bool
is_empty(struct sk_jsonwalk *walk, size_t *at)
{
	size_t next;

	if (walk->s[*at] == ',')
		return false;
	next = skip_blanks(walk, *at + 1);
	if (walk->s[next] != '}' && walk->s[next] != ']')
		return false;
	*at = next_op(walk);
	return true;
}

static bool
walk_line(struct sk_jsonwalk *walk)
{
	size_t depth, at = next_op(walk);
	struct sk_jsonwalk_frame *frame;

	walk->depth = walk->wanted = 0;
	enter(walk, &walk->tree.node[0], true);
	while (walk->wanted > 0) {
		depth = walk->depth;
		frame = &walk->frame[depth - 1];
		if (is_empty(walk, &at))
			give_up(walk);
		else if (!take_member(walk, frame, &at))
			return false;
		if (walk->depth == depth && walk->wanted > 0 &&
		    !go_on(walk, &at))
			return false;
	}
	return true;
}

/* Whether this walk is one to be written down. */
static bool
is_to_learn(struct sk_jsonwalk *walk)
{
	uint64_t n = walk->serial % LEARN_ANEW;

	if (walk->nfields == 0 || walk->nfields > 64)
		return false;
	if (n == 0)
		sk_jsontrail_reset(&walk->trail);
	return n < LEARN_FIRST || n % LEARN_EACH == 0;
}

bool
sk_jsonwalk_line(struct sk_jsonwalk *walk, size_t begin)
{
	size_t f;

	for (f = 0; f < walk->nfields; f++) {
		walk->out->value[f][walk->i] = sk_view(NULL, 0);
		walk->out->kind[f][walk->i] = SK_KIND_NONE;
	}
	walk->at = begin;
	walk->open = false;
	walk->learns = is_to_learn(walk);
	if (walk->learns) {
		walk->missing = UINT64_MAX >> (64 - walk->nfields);
		sk_jsontrail_begin(&walk->trail);
	}
	walk->serial++;
	return walk_line(walk);
}

/* ---- steps that were written down ---- */

bool
sk_jsonwalk_brackets(struct sk_jsonwalk *walk,
    const struct sk_jsontrail_fact *fact, size_t *at)
{
	if (fact->kind == SK_JSONTRAIL_END)
		return *at == walk->last;
	walk->at = *at + 1;
	walk->depth = fact->depth;
	if (fact->edge != NULL && !take_json(walk, fact->edge->child, *at))
		return false;
	if (fact->kind != SK_JSONTRAIL_POP && !leave(walk, walk->depth, at))
		return false;
	return (fact->ends && fact->kind != SK_JSONTRAIL_NEST) ||
	    next_behind(walk, at);
}

/* ---- begin and end ---- */

void
sk_jsonwalk_init(struct sk_jsonwalk *walk, const struct sk_path *paths,
    size_t n)
{
	memset(walk, 0, sizeof(*walk));
	sk_pathtree_init(&walk->tree, paths, n);
	walk->nfields = n;
	walk->serial = LEARN_ANEW;
	walk->frame = sk_xcalloc(walk->tree.depth + 1, sizeof(*walk->frame));
	walk->seen = sk_xcalloc(walk->tree.nnodes, sizeof(*walk->seen));
}

void
sk_jsonwalk_free(struct sk_jsonwalk *walk)
{
	sk_pathtree_free(&walk->tree);
	sk_jsonscan_free(&walk->scan);
	sk_jsontrail_free(&walk->trail);
	free(walk->frame);
	free(walk->seen);
	sk_buf_free(&walk->text);
}
