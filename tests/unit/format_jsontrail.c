/*
 * What lines of NDJSON have in common: a reader that has seen a line judges
 * the next ones as a reader that has seen none, and gives the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/jsontrail.h"
#include "format/ndjson.h"

#define FIELDS_MAX 80
#define LINES_MAX 64

static struct sk_path path[FIELDS_MAX];
static size_t nfields;

/* What a reader gave of some lines. */
static struct set {
	struct sk_ndjson *reader;
	struct sk_view value[FIELDS_MAX][LINES_MAX];
	unsigned char kind[FIELDS_MAX][LINES_MAX];
	const char *why[LINES_MAX];
} old, new;

static void
drop_fields(void)
{
	while (nfields > 0)
		sk_path_free(&path[--nfields]);
}

static void
set_fields(const char *const *text)
{
	for (drop_fields(); *text != NULL; text++)
		assert_int_equal(sk_path_parse(sk_view_str(*text),
		    &path[nfields++], NULL), 0);
}

static size_t
take(struct set *set, const struct sk_view *lines, size_t n)
{
	struct sk_view *value[FIELDS_MAX];
	unsigned char *kind[FIELDS_MAX];
	struct sk_values out = { value, kind, set->why };
	size_t f;

	for (f = 0; f < nfields; f++) {
		value[f] = set->value[f];
		kind[f] = set->kind[f];
	}
	return sk_ndjson_take(set->reader, lines, n, &out);
}

/* Line i of those that were taken, by a reader that has seen none. */
static void
check_line(struct sk_view line, size_t i)
{
	struct sk_view a, b;
	size_t f;

	new.reader = sk_ndjson_open(path, nfields);
	take(&new, &line, 1);
	if (old.why[i] != new.why[0])
		fail_msg("%.*s: %s, not %s", (int)line.len, line.ptr,
		    old.why[i] != NULL ? old.why[i] : "good",
		    new.why[0] != NULL ? new.why[0] : "good");
	for (f = 0; new.why[0] == NULL && f < nfields; f++) {
		a = old.value[f][i];
		b = new.value[f][0];
		if (old.kind[f][i] != new.kind[f][0] ||
		    (a.ptr == NULL) != (b.ptr == NULL) ||
		    !sk_view_equal(a, b))
			fail_msg("%.*s: field %zu is %.*s, not %.*s",
			    (int)line.len, line.ptr, f, (int)a.len, a.ptr,
			    (int)b.len, b.ptr);
	}
	sk_ndjson_close(new.reader);
}

/* Lines of text, after `n` times `first` was seen. */
static void
check_text(struct sk_view first, size_t n, const char *text, size_t len)
{
	char *copy = sk_xcalloc(len + SK_PAD, 1), *at = copy, *end;
	struct sk_view lines[LINES_MAX];
	size_t nlines = 0, i;

	memcpy(copy, text, len);
	for (; (end = strchr(at, '\n')) != NULL; at = end + 1)
		lines[nlines++] = sk_view(at, (size_t)(end - at));
	old.reader = sk_ndjson_open(path, nfields);
	for (i = 0; i < n; i++)
		take(&old, &first, 1);
	take(&old, lines, nlines);
	for (i = 0; i < nlines; i++)
		check_line(lines[i], i);
	sk_ndjson_close(old.reader);
	free(copy);
}

/* Every byte of the line changed, dropped or doubled. */
static void
check_changes(const char *line)
{
	static const char bytes[] = "{}[],:\"\\ \tax10-.n\f\x01\x80";
	size_t len = strlen(line), i, k, n;
	struct sk_buf text = { 0 };
	char first[400 + SK_PAD];

	memcpy(first, line, len + 1);
	for (i = 0; i < len; i++) {
		sk_buf_reset(&text);
		for (k = 0; k < sizeof(bytes) + 1; k++) {
			sk_buf_str(&text, line);
			sk_buf_char(&text, '\n');
			n = text.len - len - 1;
			if (k < sizeof(bytes) - 1)
				text.ptr[n + i] = bytes[k];
			sk_buf_add(&text, line, i);
			if (k == sizeof(bytes))
				sk_buf_add(&text, line + i, 1);
			sk_buf_add(&text, line + i + (k < sizeof(bytes)),
			    len - i - (k < sizeof(bytes)));
			sk_buf_char(&text, '\n');
		}
		check_text(sk_view(first, len), 1 + i % 2 * 200, text.ptr,
		    text.len);
	}
	sk_buf_free(&text);
}

static void
test_changes(void **state)
{
	static const char *const fields[] = { "user.geo.city", "ip", "ms",
		"tags", "user", "user.id", "a_name_of_seventeen", NULL };
	static const char *const few[] = { "user.geo.city", "ip", "ms", "tags",
		"no", "user.geo.no", "a_name_of_seventeen", NULL };
	static const char *const lines[] = {
		"{\"ts\":\"2026\",\"user\":{\"id\":9,\"geo\":{\"city\":\"Rome\""
		",\"land\":\"IT\"}},\"ip\":\"1.2\",\"ms\":15.4,\"tags\":[1]}",
		"{\"a_name_of_seventeem\":1,\"a_name_of_seventeen\":-2e1, "
		"\"l\": [ {},[2]] ,\"user\":{\"geo\":{},\"x\":{\"a\":[]}}}",
		"{\"ip\":\"a\\\"b\",\"k\\n\":\"\\\\\",\"user\":{\"geo\":{"
		"\"land\":null,\"no\":true}},\"ms\":null,\"tags\":{\"a\":0}}",
		"{\"user\":{\"geo\":{\"a\":1}},\"k\\n\":5,\"ms\":1,\"tags\":2}",
		" {\"user\":7,\"user\":{\"id\":1},\"tags\":\"\",\"ms\":00} ",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		set_fields(fields);
		check_changes(lines[i]);
		set_fields(few);
		check_changes(lines[i]);
	}
}

/* More kinds of lines than are written down, over and over. */
static void
test_many(void **state)
{
	static const char *const fields[] = { "a", "b.c", "d", NULL };
	struct sk_buf text = { 0 };
	unsigned i, k;

	(void)state;
	set_fields(fields);
	for (i = 0; i < 400; i++) {
		sk_buf_reset(&text);
		for (k = 0; k < 30; k++)
			sk_buf_fmt(&text, "{\"x%u\":%u,\"b\":{\"k%u\":0,\"c\":"
			    "\"%u\"},\"y%u\":[],\"d\":[%u],\"a\":%u}\n",
			    i * k % 97, i, k, i + k, k % 7, k, i * k);
		check_text(sk_view(text.ptr, strcspn(text.ptr, "\n")), i % 3,
		    text.ptr, text.len);
	}
	sk_buf_free(&text);
}

/* Fields beyond those that a step can tell missing. */
static void
test_fields(void **state)
{
	static const char text[] = "{\"f3\":1,\"f70\":2}\n"
	    "{\"f3\":3,\"f70\":4}\n{\"f70\":5,\"f3\":6}\n"
	    "{\"f63\":7}\n{}\n{\"f3\":8}\n";
	char name[8];
	size_t n;

	(void)state;
	for (n = 0; n <= 72; n += n < 62 ? 31 : 1) {
		drop_fields();
		while (nfields < n) {
			snprintf(name, sizeof(name), "f%zu", nfields);
			assert_int_equal(sk_path_parse(sk_view_str(name),
			    &path[nfields++], NULL), 0);
		}
		check_text(sk_view(text, 0), 0, text, sizeof(text) - 1);
	}
}

/* Steps are a tree, and have their limits. */
static void
test_notes(void **state)
{
	struct sk_jsontrail trail = { 0 };
	struct sk_jsontrail_fact fact;
	size_t n;

	(void)state;
	memset(&fact, 0, sizeof(fact));
	sk_jsontrail_set_key(&fact, sk_view_str("\"a_name_of_seventeen\":"));
	sk_jsontrail_begin(&trail);
	assert_true(sk_jsontrail_note(&trail, &fact));
	fact.follow = ',';
	assert_true(sk_jsontrail_note(&trail, &fact));
	sk_jsontrail_begin(&trail);
	assert_true(sk_jsontrail_note(&trail, &fact));
	assert_int_equal(trail.n, 3);
	assert_ptr_equal(trail.root->other, &trail.step[2]);
	sk_jsontrail_begin(&trail);
	assert_true(sk_jsontrail_note(&trail, &fact));
	assert_int_equal(trail.n, 3);
	for (n = 2; n < 8; n++) {
		sk_jsontrail_begin(&trail);
		fact.follow = (char)n;
		assert_true(sk_jsontrail_note(&trail, &fact));
	}
	sk_jsontrail_begin(&trail);
	fact.follow = '}';
	assert_false(sk_jsontrail_note(&trail, &fact));
	sk_jsontrail_reset(&trail);
	sk_jsontrail_begin(&trail);
	for (n = 0; sk_jsontrail_note(&trail, &fact); n++)
		;
	assert_int_equal(n, 400);
	sk_jsontrail_free(&trail);
}

static int
teardown(void **state)
{
	(void)state;
	drop_fields();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
