/*
 * Fields of NDJSON: known lines, random documents against the tree they were
 * written from, and the JSON test collection in ../shared/data/json, skipped
 * where that is absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"
#include "format/ndjson.h"
#include "io/unpack.h"

#define FIELDS_MAX 40
#define LINES_MAX 100

static struct sk_path paths[FIELDS_MAX];
static size_t nfields;
static struct sk_ndjson *reader;
static struct sk_view cells[FIELDS_MAX][LINES_MAX];
static unsigned char kinds[FIELDS_MAX][LINES_MAX];
static const char *whys[LINES_MAX];

static void
drop_reader(void)
{
	sk_ndjson_close(reader);
	reader = NULL;
	while (nfields > 0)
		sk_path_free(&paths[--nfields]);
}

static void
add_field(struct sk_view text)
{
	assert_int_equal(sk_path_parse(text, &paths[nfields++], NULL), 0);
}

/* A reader of fields with blanks between them. */
static void
open_reader(const char *fields)
{
	size_t len;

	drop_reader();
	for (; *fields != '\0'; fields += len + (fields[len] == ' ')) {
		len = strcspn(fields, " ");
		add_field(sk_view(fields, len));
	}
	reader = sk_ndjson_open(paths, nfields);
}

static size_t
take(const struct sk_view *lines, size_t n)
{
	struct sk_view *value[FIELDS_MAX];
	unsigned char *kind[FIELDS_MAX];
	struct sk_values out = { value, kind, whys };
	size_t f;

	for (f = 0; f < nfields; f++) {
		value[f] = cells[f];
		kind[f] = kinds[f];
	}
	return sk_ndjson_take(reader, lines, n, &out);
}

/* A line in memory of its own, so that reading too far behind it is seen; in
 * the padding stands what would be taken for more of the object. */
static struct sk_view
padded(const char *line, size_t len)
{
	static const char pad[] = "}}]]\"\":,}{\"a\":1}";
	char *copy = sk_xalloc(len + SK_PAD, 1);
	size_t i;

	memcpy(copy, line, len);
	for (i = 0; i < SK_PAD; i++)
		copy[len + i] = pad[i % (sizeof(pad) - 1)];
	return sk_view(copy, len);
}

static void
drop(struct sk_view line)
{
	char *bytes;

	memcpy(&bytes, &line.ptr, sizeof(bytes));
	free(bytes);
}

/* The fields of record i: a letter for the kind, the text, `|`. */
static void
describe(size_t i, struct sk_buf *out)
{
	size_t f;

	sk_buf_reset(out);
	if (whys[i] != NULL) {
		sk_buf_fmt(out, "bad: %s", whys[i]);
		return;
	}
	for (f = 0; f < nfields; f++) {
		sk_buf_char(out, "-TNBJ"[kinds[f][i]]);
		if (kinds[f][i] == SK_KIND_NONE)
			assert_null(cells[f][i].ptr);
		else
			assert_non_null(cells[f][i].ptr);
		sk_buf_view(out, cells[f][i]);
		sk_buf_char(out, '|');
	}
}

static void
expect_bytes(const char *fields, struct sk_view line, const char *want)
{
	struct sk_buf got = { NULL, 0, 0 };
	size_t nbad;

	open_reader(fields);
	nbad = take(&line, 1);
	describe(0, &got);
	if (strcmp(sk_buf_cstr(&got), want) != 0 || nbad != (want[0] == 'b'))
		fail_msg("%.*s: %s\n  not %s", (int)line.len, line.ptr,
		    got.ptr, want);
	sk_buf_free(&got);
}

static void
expect(const char *fields, const char *text, const char *want)
{
	struct sk_view line = padded(text, strlen(text));

	expect_bytes(fields, line, want);
	if (want[0] != 'b')
		assert_null(sk_ndjson_check(reader, line));
	drop(line);
}

/* Not JSON, but nothing that is read. */
static void
unseen(const char *fields, const char *text, const char *want)
{
	struct sk_view line = padded(text, strlen(text));

	expect_bytes(fields, line, want);
	assert_non_null(sk_ndjson_check(reader, line));
	drop(line);
}

static void
test_kinds(void **state)
{
	(void)state;
	expect("a", "{\"a\":\"x\"}", "Tx|");
	expect("a", "{\"a\":\"\"}", "T|");
	expect("a", "{\"a\":-1.50e+7}", "N-1.50e+7|");
	expect("a", "{\"a\":1e400}", "N1e400|");
	expect("a", "{\"a\":123456789012345678901234567890}",
	    "N123456789012345678901234567890|");
	expect("a b", "{\"a\":true,\"b\":false}", "Btrue|Bfalse|");
	expect("a b", "{\"a\":null}", "-|-|");
	expect("a", "{}", "-|");
	expect("a", "{ \t}", "-|");
	expect("a b", "{\"a\":[1, {\"x\":\"]\"}],\"b\":{\"c\" : [ ]}}",
	    "J[1, {\"x\":\"]\"}]|J{\"c\" : [ ]}|");
	expect("a b", "{\"a\":[],\"b\":{}}", "J[]|J{}|");
	expect("", "{\"a\":1}", "");
}

static void
test_blanks(void **state)
{
	(void)state;
	expect("a b", " \t{ \"a\" : 1 , \"b\" : \"x y\" } \r", "N1|Tx y|");
	expect("a b.c", "{\"a\": [ 1 ] ,\n\"b\": { \"c\": 2 }\r}\n",
	    "J[ 1 ]|N2|");
	expect("a", "\xef\xbb\xbf{\"a\":1}", "N1|");
	expect("a[1]", "{\"a\":[\t0\t,\t1\t]}", "N1|");
}

static void
test_paths(void **state)
{
	static const char event[] = "{\"user\":{\"name\":\"Ann\",\"id\":7},"
	    "\"items\":[{\"sku\":\"x\"},{\"sku\":\"y\"}],\"id.orig_h\":1,"
	    "\"0\":{\"1\":[5,6]},\"\":2,\"a/b\":3,\"m~n\":4,\"q\\\"q\":5}";

	(void)state;
	expect("user.id user.name", event, "N7|TAnn|");
	expect("user.name user.id id", event, "TAnn|N7|-|");
	expect("items[1].sku items[0] items[2] items[0].sku", event,
	    "Ty|J{\"sku\":\"x\"}|-|Tx|");
	expect("/items/1/sku items[1].sku items", event,
	    "Ty|Ty|J[{\"sku\":\"x\"},{\"sku\":\"y\"}]|");
	expect("/id.orig_h id.orig_h", event, "N1|-|");
	expect("0.1 /0/1 0.1[1] /0/1/1 0.1.1", event, "J[5,6]|J[5,6]|N6|N6|-|");
	expect("/ /a~1b /m~0n /q\"q", event, "N2|N3|N4|N5|");
	/* Through what is no list or object there is nothing. */
	expect("user.id.x user.name[0] items.sku user[0]", event, "-|-|-|-|");
	expect("user user.id", event,
	    "J{\"name\":\"Ann\",\"id\":7}|N7|");
	expect("a.b a", "{\"a\":null}", "-|-|");
	expect("a.b c", "{\"a\":{},\"c\":1}", "-|N1|");
	expect("a[0] c", "{\"a\":[],\"c\":1}", "-|N1|");
	/* One field several times. */
	expect("user.id user.id", event, "N7|N7|");
}

static void
test_names(void **state)
{
	struct sk_buf name = { NULL, 0, 0 };
	size_t i;

	(void)state;
	/* The first of several counts, whatever it is. */
	expect("a", "{\"a\":1,\"a\":2}", "N1|");
	expect("a b", "{\"a\":null,\"a\":2,\"b\":3}", "-|N3|");
	expect("a.b", "{\"a\":{\"c\":1},\"a\":{\"b\":2}}", "-|");
	expect("a.b c", "{\"a\":1,\"a\":{\"b\":2},\"c\":3}", "-|N3|");
	expect("a.b", "{\"a\":{\"b\":1,\"b\":2}}", "N1|");
	/* Escapes in names. */
	expect("user", "{\"us\\u0065r\":1}", "N1|");
	expect("user x", "{\"us\\u0065r\":1,\"user\":2,\"x\":3}", "N1|N3|");
	expect("/a\"b /c\\d", "{\"a\\\"b\":1,\"c\\\\d\":2}", "N1|N2|");
	expect("a\xc3\xa4", "{\"a\\u00e4\":1}", "N1|");
	/* A name within another, before and behind. */
	expect("user", "{\"xuser\":1,\"userx\":2,\"use\":3,\"user\":4}",
	    "N4|");
	/* Alike in the first eight bytes, and in length. */
	expect("abcdefgh1 abcdefgh2 abcdefg",
	    "{\"abcdefgh2\":2,\"abcdefgh3\":3,\"abcdefg\":4,"
	    "\"abcdefgh1\":1}", "N1|N2|N4|");
	expect("abcdefg", "{\"abcdefgh:x\":1,\"abcdefg1\":2}", "-|");
	for (i = 0; i < 500; i++)
		sk_buf_char(&name, 'a');
	expect(sk_buf_cstr(&name), "{\"aaaaaaaa\":1,\"b\":2}", "-|");
	sk_buf_free(&name);
}

static void
test_many(void **state)
{
	struct sk_buf fields = { NULL, 0, 0 }, text = { NULL, 0, 0 };
	struct sk_buf want = { NULL, 0, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FIELDS_MAX; i++) {
		sk_buf_fmt(&fields, "%sa_long_name_%zu", i == 0 ? "" : " ", i);
		if (i % 5 == 3)
			sk_buf_str(&want, "-|");
		else
			sk_buf_fmt(&want, "N%zu|", i * i);
	}
	sk_buf_str(&text, "{\"x\":[{}]");
	for (i = 2 * FIELDS_MAX; i-- > 0;)
		if (i % 5 != 3)
			sk_buf_fmt(&text, ",\"a_long_name_%zu\":%zu", i,
			    i * i);
	sk_buf_str(&text, ",\"a_long_name_0\":1}");
	expect(sk_buf_cstr(&fields), sk_buf_cstr(&text), sk_buf_cstr(&want));
	sk_buf_free(&fields);
	sk_buf_free(&text);
	sk_buf_free(&want);
}

static void
test_strings(void **state)
{
	static const char nul[] = "{\"a\":\"x\\u0000y\"}";
	struct sk_view line = padded(nul, sizeof(nul) - 1);

	(void)state;
	expect("a b",
	    "{\"a\":\"\\\"\\\\\\/\\n\",\"b\":\"\\u00e4\\ud83d\\ude00\"}",
	    "T\"\\/\n|T\xc3\xa4\xf0\x9f\x98\x80|");
	expect("a b", "{\"a\":\"{}[]:,\",\"b\":\"\\\"}\"}", "T{}[]:,|T\"}|");
	open_reader("a");
	assert_int_equal(take(&line, 1), 0);
	assert_int_equal(cells[0][0].len, 3);
	assert_memory_equal(cells[0][0].ptr, "x\0y", 3);
	drop(line);
}

static void
test_bad(void **state)
{
	(void)state;
	expect("a", "", "bad: not a JSON object");
	expect("a", "  ", "bad: not a JSON object");
	expect("a", "x", "bad: not a JSON object");
	expect("a", "[1]", "bad: not a JSON object");
	expect("a", "\"a\"", "bad: not a JSON object");
	expect("a", "127.0.0.1 - \"GET", "bad: not a JSON object");
	expect("a", "{", "bad: JSON that ends too early");
	expect("a", "{\"a\":1", "bad: JSON that ends too early");
	expect("a", "{\"a\":1,\"b\":\"x", "bad: a string that does not end");
	expect("a", "{\"a\":1} x", "bad: text behind the JSON");
	expect("b", "{\"a\":1}}", "bad: text behind the JSON");
	expect("b", "{\"a\":1} {\"b\":2}", "bad: text behind the JSON");
	expect("a", "{\"a\":1,\"b\":\"\xff\"}", "bad: not UTF-8");
	expect("a", "{\"a\":1,\"b\":\"\xed\xa0\x80\"}", "bad: not UTF-8");
	expect("a", "{\"a\":1,\"b\":\"\x01\"}",
	    "bad: a control character in a string");
	expect("a", "{\"a\":01}", "bad: a comma or } is missing");
	expect("a", "{\"a\":1.}", "bad: not a JSON number");
	expect("a", "{\"a\":tru}", "bad: not a JSON value");
	expect("a", "{\"a\":1\"b\"}", "bad: a comma or } is missing");
	expect("a", "{\"a\":\"b\"c}", "bad: a comma or } is missing");
	expect("a", "{\"a\":\"b\" \"c\"}", "bad: a comma or } is missing");
	expect("a b", "{\"a\":\"x\"{\"b\":1}}",
	    "bad: a comma or } is missing");
	expect("a b", "{\"a\":[1]x,\"b\":2}", "bad: a comma or } is missing");
	expect("b", "{\"a\":[1] x,\"b\":2}", "bad: a comma or } is missing");
	expect("a b", "{\"a\":1[\"b\"]}", "bad: a comma or } is missing");
	expect("a", "{\"a\":}", "bad: not a JSON value");
	expect("a", "{\"a\":,\"b\":1}", "bad: not a JSON value");
	expect("a", "{\"a\" 1}", "bad: a key without a colon");
	expect("b", "{\"a\":1,}", "bad: a key that is no string");
	expect("a", "{a:1}", "bad: a key that is no string");
	expect("a", "{\"a\":[1,]}", "bad: not a JSON value");
	expect("a", "{\"a\":[1}}", "bad: a comma or ] is missing");
	expect("a", "{\"a\":{\"b\":1]}", "bad: a comma or } is missing");
	expect("a.b", "{\"a\":{\"b\":1", "bad: JSON that ends too early");
	expect("a", "{\"a\":\"\\ud800\"}", "bad: half of a surrogate pair");
	expect("a", "{\"a\":\"\\x\"}", "bad: a backslash that escapes nothing");
	expect("a", "{\"a\":{\"b\":\"\\udc00\"}}",
	    "bad: half of a surrogate pair");
	expect("/x\"\"y", "{\"x\"\"y\":1}", "bad: a key without a colon");
}

/* Unescaped texts stay where they are while others are added. */
static void
test_room(void **state)
{
	struct sk_buf text = { NULL, 0, 0 };
	struct sk_view lines[3];
	size_t i, k;

	(void)state;
	sk_buf_str(&text, "{\"a\":\"");
	for (i = 0; i < 20000; i++)
		sk_buf_str(&text, i % 2 == 0 ? "x" : "\\n");
	sk_buf_str(&text, "\",\"b\":\"\\t\"}");
	lines[0] = padded("{\"a\":\"\\\\\"}", 10);
	lines[1] = lines[2] = padded(text.ptr, text.len);
	open_reader("b a");
	assert_int_equal(take(lines, 3), 0);
	assert_int_equal(cells[1][0].ptr[0], '\\');
	for (i = 1; i < 3; i++) {
		assert_int_equal(cells[0][i].ptr[0], '\t');
		assert_int_equal(cells[1][i].len, 20000);
		for (k = 0; k < 20000; k++)
			assert_int_equal(cells[1][i].ptr[k],
			    k % 2 == 0 ? 'x' : '\n');
	}
	drop(lines[0]);
	drop(lines[1]);
	sk_buf_free(&text);
}

/* A line that lacks its end is not read into what stands behind it, where
 * the line before had more. */
static void
test_ends(void **state)
{
	static const char text[] = "{\"a\":{\"b\":1,\"b\":1,\"b\":1,\"b\":1,"
	    "\"b\":1,\"b\":1},\"c\":2}";
	struct sk_view lines[2];

	(void)state;
	lines[0] = padded(text, sizeof(text) - 1);
	lines[1] = sk_view(lines[0].ptr, strlen(text) - strlen(",\"c\":2}"));
	open_reader("c");
	assert_int_equal(take(lines, 2), 1);
	assert_null(whys[0]);
	assert_non_null(whys[1]);
	open_reader("a.x c");
	assert_int_equal(take(lines, 2), 1);
	assert_non_null(whys[1]);
	drop(lines[0]);
}

/* Lists in lists, which are passed over, entered or taken, and left. */
static void
test_deep(void **state)
{
	struct sk_buf text = { NULL, 0, 0 };
	struct sk_view line;
	size_t i, n;

	(void)state;
	for (n = 1022; n <= 1024; n++) {
		sk_buf_reset(&text);
		sk_buf_str(&text, "{\"a\":[0,");
		for (i = 1; i < n; i++)
			sk_buf_char(&text, '[');
		for (i = 0; i < n; i++)
			sk_buf_char(&text, ']');
		sk_buf_str(&text, ",\"b\":1}");
		line = padded(text.ptr, text.len);
		expect_bytes("b", line, n < 1024 ? "N1|" :
		    "bad: JSON nested over 1024 levels");
		expect_bytes("a[0] b", line, n < 1024 ? "N0|N1|" :
		    "bad: JSON nested over 1024 levels");
		expect_bytes("a[2] b", line, n < 1024 ? "-|N1|" :
		    "bad: JSON nested over 1024 levels");
		drop(line);
	}
	sk_buf_free(&text);
}

static void
test_unseen(void **state)
{
	(void)state;
	unseen("a", "{\"a\":1,\"b\":tru}", "N1|");
	unseen("b", "{\"a\":tru,\"b\":1}", "N1|");
	unseen("b", "{\"a\":\"\\ud800\",\"b\":1}", "N1|");
	unseen("a", "{\"a\":1,,}", "N1|");
	unseen("a", "{\"b\"\"c\":1,\"a\":2}", "N2|");
	unseen("/x\"\"y z", "{ \"x\"\"y\" :1,\"z\":2}", "-|N2|");
}

/* ---- random documents ---- */

#define NODES_MAX 400

enum type { WORD, NUMBER, STRING, LIST, OBJECT };

struct node {
	enum type type;
	size_t parent;
	uint64_t place;      /* among the children of its parent */
	char key[24];        /* of a member */
	char text[24];       /* what a scalar says */
	size_t begin, end;   /* the raw text */
};

static struct node node[NODES_MAX];
static size_t nnodes;
static struct sk_rng rng;

static const char *const names[] = { "a", "b", "0", "1", "10", "", "user",
	"user.id", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghj", "q\"q",
	"b\\s", "a/b", "\xc3\xa4", "k[0]" };

#define NNAMES (sizeof(names) / sizeof(names[0]))

static size_t
draw(size_t n)
{
	return sk_rng_next(&rng) % n;
}

static void
put_blank(struct sk_buf *out, bool neat)
{
	if (!neat && draw(3) == 0)
		sk_buf_char(out, " \t\r\n"[draw(4)]);
}

/* A string, some of its characters escaped without need. */
static void
put_string(struct sk_buf *out, const char *text, bool neat)
{
	sk_buf_char(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			sk_buf_fmt(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 ||
		    (!neat && (unsigned char)*text < 0x7f && draw(4) == 0))
			sk_buf_fmt(out, "\\u%04x", (unsigned)*text);
		else
			sk_buf_char(out, *text);
	}
	sk_buf_char(out, '"');
}

static void
put_scalar(struct sk_buf *out, struct node *scalar, bool neat)
{
	static const char *const words[] = { "true", "false", "null" };
	static const char *const numbers[] = { "0", "-1", "12.50", "1e400",
		"-0.0E-7", "99999999999999999999999" };
	static const char *const strings[] = { "", "x", "a \"b\" c",
		"\xe2\x82\xac{}", "tab\there", "back\\slash", "}],:" };
	const char *text;

	if (scalar->type == STRING) {
		text = strings[draw(7)];
		put_string(out, text, neat);
	} else {
		text = scalar->type == WORD ? words[draw(3)] :
		    numbers[draw(6)];
		sk_buf_str(out, text);
	}
	snprintf(scalar->text, sizeof(scalar->text), "%s", text);
}

static size_t
put_value(struct sk_buf *out, size_t parent, size_t depth, bool neat)
{
	size_t self = nnodes++, n = 0, i, child;
	struct node *value = &node[self];
	bool object;

	value->parent = parent;
	value->begin = out->len;
	value->type = depth == 0 ? OBJECT : (enum type)draw(5);
	if (nnodes > NODES_MAX - 60 || depth > 6)
		value->type = (enum type)draw(3);
	object = value->type == OBJECT;
	if (value->type != LIST && !object) {
		put_scalar(out, value, neat);
	} else {
		sk_buf_char(out, object ? '{' : '[');
		n = draw(8);
		for (i = 0; i < n; i++) {
			const char *key = names[draw(NNAMES)];

			if (i > 0)
				sk_buf_char(out, ',');
			put_blank(out, neat);
			if (object) {
				put_string(out, key, neat);
				put_blank(out, neat);
				sk_buf_char(out, ':');
				put_blank(out, neat);
			}
			child = put_value(out, self, depth + 1, neat);
			node[child].place = i;
			snprintf(node[child].key, sizeof(node[child].key),
			    "%s", key);
			put_blank(out, neat);
		}
		if (n == 0)
			put_blank(out, neat);
		sk_buf_char(out, object ? '}' : ']');
	}
	value->end = out->len;
	return self;
}

/* The node that a path leads to, or nnodes. */
static size_t
resolve(const struct sk_path *path)
{
	size_t i, step, at = 0;

	for (step = 0; step < path->n; step++) {
		const struct sk_path_step *s = &path->step[step];
		enum type type = node[at].type;

		for (i = 1; i < nnodes; i++)
			if (node[i].parent == at &&
			    ((type == OBJECT && s->is_key &&
			    sk_view_equal(s->key, sk_view_str(node[i].key))) ||
			    (type == LIST && s->is_index &&
			    s->index == node[i].place)))
				break;
		if (i == nnodes || (type != OBJECT && type != LIST))
			return nnodes;
		at = i;
	}
	return at;
}

static void
want_fields(const struct sk_buf *line, struct sk_buf *out)
{
	size_t f, at;

	sk_buf_reset(out);
	for (f = 0; f < nfields; f++) {
		at = resolve(&paths[f]);
		if (at == nnodes || (node[at].type == WORD &&
		    node[at].text[0] == 'n')) {
			sk_buf_char(out, '-');
		} else {
			sk_buf_char(out, "BNTJJ"[node[at].type]);
			if (node[at].type >= LIST)
				sk_buf_add(out, line->ptr + node[at].begin,
				    node[at].end - node[at].begin);
			else
				sk_buf_str(out, node[at].text);
		}
		sk_buf_char(out, '|');
	}
}

/* Paths of one to four steps, in either form. */
static void
open_random(void)
{
	struct sk_buf text = { NULL, 0, 0 };
	size_t n = draw(12), steps;
	const char *c;
	bool pointer;

	drop_reader();
	while (n-- > 0) {
		sk_buf_reset(&text);
		pointer = draw(2) == 0;
		for (steps = 1 + draw(4); steps > 0; steps--) {
			if (!pointer && text.len > 0 && draw(3) == 0) {
				sk_buf_fmt(&text, "[%zu]", draw(3));
				continue;
			}
			if (!pointer) {
				sk_buf_str(&text, text.len > 0 ? "." : "");
				sk_buf_str(&text, names[draw(5)]);
				continue;
			}
			sk_buf_char(&text, '/');
			for (c = names[draw(NNAMES)]; *c != '\0'; c++)
				if (*c == '/')
					sk_buf_str(&text, "~1");
				else
					sk_buf_char(&text, *c);
		}
		add_field(sk_view(text.ptr, text.len));
	}
	sk_buf_free(&text);
	reader = sk_ndjson_open(paths, nfields);
}

static void
test_random(void **state)
{
	struct sk_buf line = { NULL, 0, 0 }, want = { NULL, 0, 0 };
	struct sk_buf got = { NULL, 0, 0 };
	struct sk_view view;
	size_t round;

	(void)state;
	sk_rng_init(&rng, 11);
	for (round = 0; round < 20000; round++) {
		if (round % 10 == 0)
			open_random();
		nnodes = 0;
		sk_buf_reset(&line);
		put_value(&line, 0, 0, draw(2) == 0);
		view = padded(line.ptr, line.len);
		want_fields(&line, &want);
		assert_null(sk_ndjson_check(reader, view));
		assert_int_equal(take(&view, 1), 0);
		describe(0, &got);
		if (got.len != want.len ||
		    memcmp(got.ptr, want.ptr, got.len) != 0)
			fail_msg("round %zu: %s\n got %s\nwant %s", round,
			    sk_buf_cstr(&line), sk_buf_cstr(&got),
			    sk_buf_cstr(&want));
		drop(view);
	}
	sk_buf_free(&line);
	sk_buf_free(&want);
	sk_buf_free(&got);
}

/* Lines one behind the other, some of them damaged, give what each gives
 * alone; and no reader calls bad what check accepts. */
static void
test_batches(void **state)
{
	struct sk_buf text = { NULL, 0, 0 }, line = { NULL, 0, 0 };
	struct sk_buf got[LINES_MAX], alone = { NULL, 0, 0 };
	struct sk_view lines[LINES_MAX];
	size_t ends[LINES_MAX], round, n, i, nbad, bad, hits = 0;

	(void)state;
	memset(got, 0, sizeof(got));
	sk_rng_init(&rng, 12);
	for (round = 0; round < 300; round++) {
		open_random();
		sk_buf_reset(&text);
		n = 1 + draw(LINES_MAX);
		for (i = 0; i < n; i++) {
			nnodes = 0;
			sk_buf_reset(&line);
			put_value(&line, 0, 0, true);
			if (draw(3) == 0)
				line.ptr[draw(line.len)] = "{}[]\",:\\x1\t\xff"
				    [draw(12)];
			if (draw(20) == 0)
				line.len -= draw(line.len);
			sk_buf_add(&text, line.ptr, line.len);
			ends[i] = text.len;
			sk_buf_char(&text, '\n');
		}
		sk_buf_reserve(&text, SK_PAD);
		for (i = 0; i < n; i++) {
			size_t begin = i == 0 ? 0 : ends[i - 1] + 1;

			lines[i] = sk_view(text.ptr + begin, ends[i] - begin);
		}
		nbad = take(lines, n);
		for (i = 0; i < n; i++)
			describe(i, &got[i]);
		for (i = bad = 0; i < n; i++) {
			bad += take(&lines[i], 1);
			describe(0, &alone);
			assert_int_equal(alone.len, got[i].len);
			assert_memory_equal(alone.ptr, got[i].ptr, alone.len);
			hits += whys[0] == NULL && alone.len > 2 * nfields;
			if (whys[0] != NULL)
				assert_ptr_equal(whys[0],
				    sk_ndjson_check(reader, lines[i]));
		}
		assert_int_equal(bad, nbad);
	}
	assert_true(hits > 1000);
	for (i = 0; i < LINES_MAX; i++)
		sk_buf_free(&got[i]);
	sk_buf_free(&text);
	sk_buf_free(&line);
	sk_buf_free(&alone);
}

/* ---- the collection ---- */

static bool
read_packed(const char *name, struct sk_buf *out)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct sk_unpack unpack;
	size_t got = 1;

	if (fd < 0)
		return false;
	sk_unpack_open(&unpack, fd, 1);
	while (got > 0) {
		sk_buf_reserve(out, 65536);
		assert_int_equal(sk_unpack_read(&unpack, out->ptr + out->len,
		    65536, &got), 0);
		out->len += got;
	}
	sk_unpack_close(&unpack);
	close(fd);
	return true;
}

/* Each text is the value of a member.  What n_ must be refused is wrong in
 * that value, or behind it, where only check looks. */
static void
judge(const char *name, struct sk_view text)
{
	struct sk_buf buf = { NULL, 0, 0 };
	struct sk_view line;
	bool good, taken;

	sk_buf_str(&buf, "{\"v\":");
	sk_buf_view(&buf, text);
	sk_buf_str(&buf, "}");
	line = padded(buf.ptr, buf.len);
	good = sk_ndjson_check(reader, line) == NULL;
	taken = take(&line, 1) == 0;
	if (good != (name[0] == 'y') && name[0] != 'i')
		fail_msg("%s is %s", name, good ? "taken" : "refused");
	if (good && !taken)
		fail_msg("%s is refused by the reader", name);
	drop(line);
	sk_buf_free(&buf);
}

static void
test_collection(void **state)
{
	struct sk_buf tar = { NULL, 0, 0 };
	size_t at, len, seen[3] = { 0, 0, 0 };
	const char *name;

	(void)state;
	if (!read_packed("../shared/data/json/jsontestsuite_parsing.tar.zst",
	    &tar))
		skip();
	open_reader("v");
	/* A header of 512 bytes, the size at 124 in octal, the kind at 156;
	 * contents in blocks of 512. */
	for (at = 0; at + 512 <= tar.len && tar.ptr[at] != '\0';
	    at += 512 + (len + 511) / 512 * 512) {
		len = strtoul(tar.ptr + at + 124, NULL, 8);
		name = strrchr(tar.ptr + at, '/');
		if (tar.ptr[at + 156] != '0' || name == NULL ||
		    strstr(name, ".json") == NULL)
			continue;
		assert_true(at + 512 + len <= tar.len);
		judge(name + 1, sk_view(tar.ptr + at + 512, len));
		seen[name[1] == 'y' ? 0 : name[1] == 'n' ? 1 : 2]++;
	}
	assert_int_equal(seen[0], 95);
	assert_int_equal(seen[1], 188);
	assert_int_equal(seen[2], 35);
	sk_buf_free(&tar);
}

static int
teardown(void **state)
{
	(void)state;
	drop_reader();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_collection),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
