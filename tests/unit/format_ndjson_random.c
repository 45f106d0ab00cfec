/*
 * Fields of NDJSON: random documents against the tree they were written from,
 * batches against single lines, and the JSON test collection in
 * ../shared/data/json, skipped where that is absent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/rng.h"
#include "io/unpack.h"
#include "ndjson.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_collection),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
